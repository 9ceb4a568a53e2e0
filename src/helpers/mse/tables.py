"""What a capture table shows and what takes no time, as tidy tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.edition import BadInput
from helpers.mse.captures import count_lists
from helpers.mse.latent import estimate_sample_coverage, fit_penalised
from helpers.mse.settings import round_counts
from helpers.sources import COUNT, check_captures, list_names

FEWEST_TWICE = 10


def tabulate_lists(captures: pd.DataFrame) -> pd.DataFrame:
    """The lists, largest first: columns category (the list), n (victims on it), share (of these, on
    no other list)."""
    check_captures(captures)
    table = count_lists(captures)
    table = table.assign(share=table["alone"] / table[COUNT]).drop(columns="alone")
    return table.sort_values(COUNT, ascending=False, kind="stable", ignore_index=True)


def tabulate_patterns(captures: pd.DataFrame) -> pd.DataFrame:
    """Victims by the combination of lists, most first: columns category ("P", "P+Z", ...), n."""
    lists = list_names(captures)
    names = ["+".join(name for name in lists if row[name]) for _, row in captures[lists].iterrows()]
    table = pd.DataFrame({"category": names, "n": captures[COUNT]})
    return table.sort_values("n", ascending=False, kind="stable", ignore_index=True)


def add_shares(estimates: pd.DataFrame, settings: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """`tabulate_settings` with share, behind n: what part of all was seen; and n_behind, how many
    that are."""
    seen = estimates["population"].map(
        {name: table[COUNT].sum() for name, table in settings.items()}
    )
    shared = estimates.assign(n_behind=seen)
    # What is rounded may pass the whole.
    shared.insert(3, "share", (seen / estimates["n"]).clip(upper=1))
    return shared


def tabulate_sample_coverage(captures: pd.DataFrame) -> pd.DataFrame:
    """The sample coverage of the lists as a table of one row: columns category, share."""
    return pd.DataFrame(
        {"category": ["sample_coverage"], "share": [estimate_sample_coverage(captures)]}
    )


def tabulate_yearly(estimates: pd.DataFrame, *, years: int) -> pd.DataFrame:
    """The lowest and highest estimate over several years as numbers a year, under the two extremes
    of how long a victim is one.

    Columns population (one_year_each, every_year), category (lowest, highest), n.
    """
    ends = (("lowest", estimates["n"].min()), ("highest", estimates["n"].max()))
    rows = [
        (name, end, total / length)
        for name, length in (("one_year_each", years), ("every_year", 1))
        for end, total in ends
    ]
    return round_counts(pd.DataFrame(rows, columns=["population", "category", "n"]))


def tabulate_regions(by_region: pd.DataFrame | None) -> pd.DataFrame:
    """The penalised estimate (the method that claims least) of each region, or why there is none;
    no rows without regions.

    A region needs FEWEST_TWICE victims on two lists or more, or no estimate is worth its name.
    Columns category (the region), n, ci_lower, ci_upper, reason, n_behind (people on its lists).
    """
    rows = []
    for name, part in [] if by_region is None else by_region.groupby("region"):
        captures, seen = part.drop(columns="region").reset_index(drop=True), int(part[COUNT].sum())
        captures = captures[
            [
                column
                for column in captures
                if column == COUNT or captures.loc[captures[column] == 1, COUNT].sum() > 0
            ]
        ]
        rows.append((name, *_estimate_region(captures), seen))
    return round_counts(
        pd.DataFrame(rows, columns=["category", "n", "ci_lower", "ci_upper", "reason", "n_behind"])
    )


def _estimate_region(captures: pd.DataFrame) -> tuple[float, float, float, str]:
    """The estimate with its limits, or the code of why there is none, which holds no number of
    these lists: what an estimator says of its data does not leave."""
    nothing = (np.nan, np.nan, np.nan)
    try:
        check_captures(captures)
        is_twice = captures[list_names(captures)].sum(axis=1) > 1
        if captures.loc[is_twice, COUNT].sum() < FEWEST_TWICE:
            return (*nothing, "few_on_two_lists")
        fit = fit_penalised(captures)
    except BadInput:
        return (*nothing, "from_no_lists")
    return fit.estimate, fit.ci_lower, fit.ci_upper, ""
