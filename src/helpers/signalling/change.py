"""What the change between two years is made of: parts that add up to it exactly."""

from __future__ import annotations

import pandas as pd

OTHERS = "others"


def decompose_change(
    counts: pd.DataFrame, *, by: str, first: int, last: int, minimum: int = 1
) -> pd.DataFrame:
    """The change from one year to another by category, one row a category and one for all of them;
    the parts add up to the whole.

    `counts` has the column `by`, period and n, one category for each thing counted, so that nobody
    is in two. Categories with fewer than `minimum` in one of the years are joined into "others",
    with the smallest of the rest while these are too few too. Columns `by`, period ("2019 to
    2020"), n_first, n_last, value (n_last - n_first), unit. Empty where one of the years is not
    there, or has too few in all.
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
    if ((wide.sum() > 0) & (wide.sum() < minimum)).any():
        return pd.DataFrame(columns=columns)
    wide = _join_small(wide, minimum)
    wide.loc["all"] = wide.sum()
    table = wide.set_axis(["n_first", "n_last"], axis=1).rename_axis(by).reset_index()
    return table.assign(
        period=f"{first} to {last}", value=table["n_last"] - table["n_first"], unit="change"
    )[columns]


def _join_small(wide: pd.DataFrame, minimum: int) -> pd.DataFrame:
    is_small = ((wide > 0) & (wide < minimum)).any(axis=1)
    if not is_small.any():
        return wide
    small = list(wide.index[is_small])
    for category in wide[~is_small].sum(axis=1).sort_values(kind="stable").index:
        joined = wide.loc[small].sum()
        if not ((joined > 0) & (joined < minimum)).any():
            break
        small.append(category)
    rest = wide.drop(index=small)
    rest.loc[OTHERS] = wide.loc[small].sum()
    return rest
