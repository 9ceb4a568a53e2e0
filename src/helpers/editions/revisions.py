"""Headline numbers by vintage: what each source printed for a year, in the order of printing."""

from __future__ import annotations

import pandas as pd

from helpers import published, signalling
from helpers.edition import BUNDLES, Edition

# The number that stands first in every edition, in both ways of counting.
HEADLINE = "known_victims"
# Where a register is real, its own numbers take the place of the printed ones.
OWN = "signalling_victims"


def tabulate_revisions(facts: pd.DataFrame) -> pd.DataFrame:
    """Every year for which sources printed different values, one row a printed value and day.

    Takes the public facts (`published` is the day of printing). Columns population, breakdown,
    category, period, published, n, unit, standing, status, mark, source (the ids that print the
    value).
    """
    listed = (
        signalling.select_revised(facts)
        .groupby([*signalling.COUNTED, "unit", "value", "standing"])
        .agg(published=("published", "min"), source=("id", "|".join))
        .reset_index()
    )
    listed = listed.assign(n=listed["value"].astype(float), status="released", mark="published")
    listed = listed.sort_values([*signalling.COUNTED, "published", "n"], kind="stable")
    columns = [
        *signalling.COUNTED,
        "published",
        "n",
        "unit",
        "standing",
        "status",
        "mark",
        "source",
    ]
    return listed[columns].reset_index(drop=True)


def tabulate_headline(edition: Edition) -> pd.DataFrame:
    """Presumed victims by year, with and without those whom the KMar alone reported: population,
    period, n, mark; of a real register as it counts them, else as they are printed.

    From the committed bundle. An edition on public numbers alone keeps none, since its tables
    follow from what is committed already; any other without one has no row.
    """
    columns = ["population", "period", "n", "mark"]
    paths = [BUNDLES / edition.edition / f"{name}.csv" for name in (OWN, HEADLINE)]
    if paths[-1].exists():
        counted, printed = (
            pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8") for path in paths
        )
        own = counted[counted["mark"] == "register"]
        table = pd.concat([own, printed]).drop_duplicates(["population", "period"])
    elif edition.has_registers:
        return pd.DataFrame(columns=columns)
    else:
        table = signalling.find_printed_totals(
            published.read_facts("public_statistics"),
            published.find_printed(
                published.read_catalogue("sm20"),
                years=edition.years,
                measure="victims",
                population="comensha_victims",
                category="all",
            ),
            years=edition.years,
        )
    is_year = table["period"].str.fullmatch(r"\d{4}") & (table["status"] == "released")
    return table.loc[is_year, columns].reset_index(drop=True)
