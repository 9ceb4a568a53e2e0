"""Offenders and victims of the same year beside each other, as ratios."""

from __future__ import annotations

import pandas as pd

from helpers import published

PER = 100


def compare_with_victims(offenders: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    """For each hundred presumed victims of a year, how many people a stage of criminal justice had
    in that year: category, population (the way of counting victims), period, n, n_reported, value,
    unit, source, status, mark.

    `offenders` are rows of `tabulate_chosen`, `facts` public statistics of the register. Years
    without both have no row. It is no rate of success: victims, suspects and convictions of a year
    are not of the same cases. The source is that of the offenders, then that of the victims.
    """
    victims = facts[(facts["breakdown"] == "total") & (facts["category"] == "all")]
    victims = published.select_current(victims[victims["measure"] == "victims"])
    victims = victims[victims["period"].str.fullmatch(r"\d{4}")]
    victims = victims.assign(n_reported=pd.to_numeric(victims["value"], errors="coerce")).dropna(
        subset="n_reported"
    )
    beside = offenders[["category", "period", "n", "source"]].dropna(subset="n")
    joined = beside.merge(victims[["population", "period", "n_reported", "id"]], on="period")
    table = joined.assign(
        value=PER * joined["n"] / joined["n_reported"],
        unit="per_100_victims",
        source=joined["source"] + "|" + joined["id"],
    )
    columns = ["category", "population", "period", "n", "n_reported", "value", "unit", "source"]
    return published.mark_published(
        table.sort_values(["category", "population", "period"], kind="stable")[columns]
    ).reset_index(drop=True)
