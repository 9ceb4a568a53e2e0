"""Headline numbers by vintage: what each source printed for a year, in the order of printing."""

from __future__ import annotations

import pandas as pd

SERIES = ["population", "breakdown", "category", "period"]


def tabulate_revisions(facts: pd.DataFrame) -> pd.DataFrame:
    """Every year for which sources printed different values, one row a printed value and day.

    Takes the public facts (`published` is the day of printing). Columns population, breakdown,
    category, period, published, n, standing, status, mark, source (the ids that print the value). A
    row that holds several values under one heading ("ambiguous") is no revision.
    """
    is_year = facts["period"].str.fullmatch(r"\d{4}") & (facts["standing"] != "ambiguous")
    yearly = facts[is_year]
    differing = yearly[yearly.groupby(SERIES)["value"].transform("nunique") > 1]
    listed = (
        differing.groupby([*SERIES, "value", "standing"])
        .agg(published=("published", "min"), source=("id", "|".join))
        .reset_index()
    )
    listed = listed.assign(n=listed["value"].astype(float), status="released", mark="published")
    listed = listed.sort_values([*SERIES, "published", "n"], kind="stable")
    columns = [*SERIES, "published", "n", "standing", "status", "mark", "source"]
    return listed[columns].reset_index(drop=True)
