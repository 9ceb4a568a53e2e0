"""The capture table: one row a combination of lists, with the number of victims who were on exactly
those."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pandas as pd

from helpers.edition import BadInput

COUNT = "n"
FEWEST_LISTS = 3


def list_names(captures: pd.DataFrame) -> list[str]:
    """Names of the lists: every column but the count."""
    return [column for column in captures.columns if column != COUNT]


def check_captures(captures: pd.DataFrame) -> None:
    """Raise BadInput, naming the rule, where `captures` is no table that an estimate can rest
    on."""
    lists = list_names(captures)
    if COUNT not in captures or len(lists) < FEWEST_LISTS:
        raise BadInput(
            f"captures have {len(lists)} lists; {FEWEST_LISTS} at the least, since with two their dependence cannot be told from those on neither"
        )
    if not captures[lists].isin([0, 1]).all(axis=None):
        raise BadInput("a list column holds something else than 0 (not on the list) and 1 (on it)")
    counts = pd.to_numeric(captures[COUNT], errors="coerce")
    if counts.isna().any() or (counts < 0).any() or (counts % 1 != 0).any():
        raise BadInput(
            f"column {COUNT}: {int((counts.isna() | (counts < 0) | (counts % 1 != 0)).sum())} rows hold no whole number from 0 up"
        )
    if captures[lists].duplicated().any():
        raise BadInput(
            f"{int(captures[lists].duplicated().sum())} patterns of lists stand twice; add their counts into one row each"
        )
    if (captures[lists].sum(axis=1) == 0).any():
        raise BadInput(
            "a row counts victims who were on no list; that number is what is estimated, take the row out"
        )
    empty = [name for name in lists if captures.loc[captures[name] == 1, COUNT].sum() == 0]
    if empty:
        raise BadInput(f"list {', '.join(empty)} holds nobody; leave it out")
    if captures.loc[captures[lists].sum(axis=1) > 1, COUNT].sum() == 0:
        raise BadInput("no victim was on two lists; without overlap nothing can be estimated")


def merge_lists(captures: pd.DataFrame, names: list[str], *, into: str) -> pd.DataFrame:
    """The capture table with several lists taken as one: on it is whoever was on any of them."""
    lists = list_names(captures)
    missing = [name for name in names if name not in lists]
    if missing:
        raise BadInput(f"no list {', '.join(missing)}; there are {', '.join(lists)}")
    merged = captures.assign(**{into: captures[names].max(axis=1)})
    kept = [into, *(name for name in lists if name not in names)]
    return merged.groupby(kept, as_index=False)[COUNT].sum()


def leave_out_list(captures: pd.DataFrame, name: str) -> pd.DataFrame:
    """The capture table as it would be without one list: who was on that list alone is no longer
    seen."""
    kept = [other for other in list_names(captures) if other != name]
    rest = captures.groupby(kept, as_index=False)[COUNT].sum()
    return rest[rest[kept].sum(axis=1) > 0].reset_index(drop=True)


def count_overlaps(captures: pd.DataFrame) -> pd.DataFrame:
    """Victims on both lists of each pair, whatever other lists they were on: columns first, second,
    n."""
    rows = [
        (
            first,
            second,
            int(captures.loc[(captures[first] == 1) & (captures[second] == 1), COUNT].sum()),
        )
        for first, second in combinations(list_names(captures), 2)
    ]
    return pd.DataFrame(rows, columns=["first", "second", COUNT])


def fill_patterns(captures: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Every combination of lists but the empty one (a row of 0 and 1 each), and its count, 0 where
    none was observed."""
    lists = list_names(captures)
    patterns = np.array([pattern for pattern in product((0, 1), repeat=len(lists)) if any(pattern)])
    known = {
        tuple(row[:-1]): row[-1]
        for row in captures[[*lists, COUNT]].astype(int).itertuples(index=False)
    }
    return patterns, np.array([known.get(tuple(pattern), 0) for pattern in patterns], dtype=float)
