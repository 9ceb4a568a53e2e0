"""The change between two years, by category."""

from __future__ import annotations

import pandas as pd


def decompose_change(counts: pd.DataFrame, *, by: str, first: int, last: int) -> pd.DataFrame:
    """The change from one year to another by category, one row a category.

    `counts` has the column `by`, period and n, one category for each thing counted, so that nobody
    is in two, and the parts add up to the whole. Columns `by`, period ("2019 to 2020"), n_first,
    n_last, value (n_last - n_first), unit. Empty where one of the years is not there. Categories of
    few people are joined, and the row for all of them added, where the table is protected.
    """
    columns = [by, "period", "n_first", "n_last", "value", "unit"]
    years = [str(first), str(last)]
    if not set(years) <= set(counts["period"]):
        return pd.DataFrame(columns=columns)
    wide = (
        counts[counts["period"].isin(years)]
        .pivot(index=by, columns="period", values="n")[years]
        .astype(int)
    )
    wide = wide.loc[list(dict.fromkeys(counts[by]))]
    table = wide.set_axis(["n_first", "n_last"], axis=1).rename_axis(by).reset_index()
    return table.assign(
        period=f"{first} to {last}", value=table["n_last"] - table["n_first"], unit="change"
    )[columns]
