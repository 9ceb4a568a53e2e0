"""The capture table: one row a combination of lists, with the number of victims who were on exactly
those."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pandas as pd

from helpers.edition import BadInput
from helpers.sources import COUNT, list_names


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


def count_lists(captures: pd.DataFrame) -> pd.DataFrame:
    """Victims on each list, in the table's order of lists: columns category (the list), n, alone
    (of these, on no other list)."""
    lists = list_names(captures)
    alone = captures[lists].sum(axis=1) == 1
    rows = [
        (name, captures.loc[on, COUNT].sum(), captures.loc[on & alone, COUNT].sum())
        for name, on in ((name, captures[name] == 1) for name in lists)
    ]
    return pd.DataFrame(rows, columns=["category", COUNT, "alone"])


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
