"""The register seen closely: victims by the municipality where they were exploited, and by the police
unit that reported them. Counts here are not yet safe to show: the gate protects them, all places
together and with the rest of the book, so that a page more tells nothing that the others hide.

A place is counted under the code that the register gives it, or that into which the extract says it
went. Those with few victims, and those of whom the place is not recorded, are one: `others`.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from helpers import signalling
from helpers.definitions import ANYBODY, MISSING, OTHERS, count_rows
from helpers.edition import name_period
from helpers.labels import NOT_RECORDED

POLICE = "police"
MUNICIPALITY, UNIT = "municipality", "police_unit"
VICTIM = ["victim_id", "year"]
# What a page tells of the victims of a place: columns of `signalling.derive_victims`.
TRAITS = {"form_leading": "form", "sex": "sex", "age_group": "age_group"}
PLACE = ["reporter", "place_kind", "locality"]


def place_victims(
    reports: pd.DataFrame,
    victims: pd.DataFrame,
    *,
    groups: Mapping[str, str],
    least: int,
    years: range,
) -> pd.DataFrame:
    """The counted victims with `municipality`: the first that a report of the year knows, of all
    `reports`, also where the victims are those of some police units: no two editions place somebody
    differently.

    `groups` gives for a code that into which the municipality went ("" for none). Places of fewer
    than `least` victims over the years are `others`. Without rows where the register has no
    municipality.
    """
    counted = signalling.select_counted(victims)
    if MUNICIPALITY not in reports:
        return counted.iloc[:0].assign(municipality=pd.Series(dtype=object))
    codes = reports[MUNICIPALITY].astype(object)
    known = pd.DataFrame(
        {
            "victim_id": reports["victim_id"].astype(object),
            "year": reports["report_date"].dt.year,
            "day": reports["report_date"],
            "report": reports["report_id"].astype(object),
            MUNICIPALITY: codes.map(lambda code: groups.get(code) or code).mask(
                codes.isin(MISSING)
            ),
        }
    ).sort_values(["day", "report"], kind="stable")
    first = known.groupby(VICTIM, as_index=False)[MUNICIPALITY].first()
    placed = counted.merge(first, on=VICTIM, how="left")
    placed[MUNICIPALITY] = placed[MUNICIPALITY].fillna(NOT_RECORDED)
    sizes = placed.loc[placed["year"].isin(years), MUNICIPALITY].value_counts()
    own = sizes.index[(sizes >= least) & (sizes.index != NOT_RECORDED)]
    placed[MUNICIPALITY] = placed[MUNICIPALITY].where(placed[MUNICIPALITY].isin(own), OTHERS)
    return placed


def pair_places(reports: pd.DataFrame, placed: pd.DataFrame) -> pd.DataFrame:
    """A row a counted victim and police unit of a year, with what is known of the victim; without
    the place where the register has none."""
    pairs = signalling.pair_units(reports, placed)[[*VICTIM, UNIT]]
    return pairs.merge(placed[[*VICTIM, *TRAITS.values(), MUNICIPALITY]], on=VICTIM)


def count_places(placed: pd.DataFrame, pairs: pd.DataFrame, *, years: range) -> pd.DataFrame:
    """Victims by place and year, and over the period: reporter (anybody; police), place_kind
    (municipality; police_unit), locality, period, n. A municipality has those whom the police reported
    as well."""
    by_police = placed.merge(pairs[VICTIM].drop_duplicates(), on=VICTIM)
    parts = [
        _count(placed, MUNICIPALITY, ANYBODY, years),
        _count(by_police, MUNICIPALITY, POLICE, years),
        _count(pairs, UNIT, POLICE, years),
    ]
    return pd.concat(parts, ignore_index=True)[[*PLACE, "period", "n"]]


def _count(rows: pd.DataFrame, kind: str, reporter: str, years: range) -> pd.DataFrame:
    codes = _order(rows[rows["year"].isin(years)], kind)
    table = count_rows(rows, [kind], years=years if codes else range(0), codes=codes)
    return table.rename(columns={kind: "locality"}).assign(reporter=reporter, place_kind=kind)


def _order(rows: pd.DataFrame, kind: str) -> list[str]:
    """The places by their code, the others last."""
    return sorted(rows[kind].unique(), key=lambda code: (code == OTHERS, code))


def describe_places(placed: pd.DataFrame, pairs: pd.DataFrame, *, years: range) -> pd.DataFrame:
    """Victims of a place over the period by leading form, sex and age group: reporter, place_kind,
    locality, breakdown, category, period, n."""
    parts = [pd.DataFrame(columns=[*PLACE, "breakdown", "category", "n"])]
    for rows, kind, reporter in ((placed, MUNICIPALITY, ANYBODY), (pairs, UNIT, POLICE)):
        inside = rows[rows["year"].isin(years)]
        if inside.empty:
            continue
        for breakdown, column in TRAITS.items():
            wide = pd.crosstab(inside[kind], inside[column]).reindex(_order(inside, kind))
            long = wide.rename_axis(index="locality", columns="category").stack().rename("n")
            parts.append(
                long.reset_index().assign(reporter=reporter, place_kind=kind, breakdown=breakdown)
            )
    table = pd.concat(parts, ignore_index=True).assign(period=name_period(years))
    return table[[*PLACE, "breakdown", "category", "period", "n"]]


def cross_places(pairs: pd.DataFrame, *, years: range) -> pd.DataFrame:
    """Victims whom a police unit reported over the period, by municipality: police_unit,
    municipality, period, n. Every pair of the two has a row, also of nobody."""
    inside = pairs[pairs["year"].isin(years)]
    if inside.empty:
        return pd.DataFrame(columns=[UNIT, MUNICIPALITY, "period", "n"])
    wide = pd.crosstab(inside[UNIT], inside[MUNICIPALITY])
    wide = wide.reindex(columns=_order(inside, MUNICIPALITY))
    long = wide.rename_axis(index=UNIT, columns=MUNICIPALITY).stack().rename("n").reset_index()
    return long.assign(period=name_period(years))[[UNIT, MUNICIPALITY, "period", "n"]]
