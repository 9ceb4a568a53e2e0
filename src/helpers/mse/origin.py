"""Where a capture table comes from: the run's registers, or the public table of 2010-2015."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers import published, sources
from helpers.edition import find_registers_folder
from helpers.mse.captures import COUNT

PUBLIC_PERIOD = "2010-2015"
PUBLIC_SOURCE = "mse_ned"


@dataclass(frozen=True)
class Captures:
    """A capture table (list columns of 0 and 1, `n`), the region of each of its rows or None, and
    where it comes from.

    `by_region` is the same table split by region. `mark` (published or register) and `source` are
    what its numbers carry.
    """

    table: pd.DataFrame
    by_region: pd.DataFrame | None
    period: str
    source: str
    mark: str
    is_part: bool = False

    @property
    def years(self) -> int:
        """How many calendar years the table covers, both ends included."""
        first, last = self.period.split("-")[0], self.period.split("-")[-1]
        return int(last) - int(first) + 1

    @property
    def is_public(self) -> bool:
        return self.mark == "published"

    def sign(self, table: pd.DataFrame) -> pd.DataFrame:
        """`table` with the period and the source of these captures."""
        return table.assign(period=self.period, source=self.source)

    @property
    def n_seen(self) -> int:
        """How many people are on a list."""
        return int(self.table[COUNT].sum())


def read_captures() -> Captures:
    """The captures of the run's registers where these hold some, or else the public table."""
    folder = find_registers_folder()
    found = None if folder is None else sources.read_captures(folder)
    if found is None:
        return Captures(published.read_captures(), None, PUBLIC_PERIOD, PUBLIC_SOURCE, "published")
    table, period, source = found
    by_region = table if "region" in table else None
    whole = sources.sum_regions(table)
    return Captures(whole, by_region, period, source, "register")
