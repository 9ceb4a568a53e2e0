"""The registers of a run: a real extract, or the made-up ones of a seed, and what the numbers
counted from them are called."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from helpers import sources, synthetic
from helpers.definitions import MISSING
from helpers.edition import ROOT, find_registers_folder, has_no_registers
from helpers.schema import find_table

REGISTER, SYNTHETIC = "register", "synthetic"
# The types of columns as `read_table` gives them, for a table that is not there.
EMPTY_TYPES = {
    "id": "string[pyarrow]",
    "code": "category",
    "codes": "string[pyarrow]",
    "date": "datetime64[s]",
    "bool": "boolean",
    "age": "Int64",
    "year": "Int64",
    "count": "Int64",
    "eur": "float64",
}


@dataclass(frozen=True)
class Registers:
    """An extract that was checked, and the mark of what is computed from it: register, or
    synthetic.

    `is_part`: only some of the people are looked at, as where an edition is about a few police
    units; nothing was printed about them, and they are few.
    """

    extract: sources.Extract
    mark: str
    is_part: bool = False

    @property
    def source(self) -> str:
        """The words that stand as the source of a number: who delivered the extract and, where it
        begins or ends within a year, from when to when it is complete."""
        since, until = self.extract.start_date, self.extract.reference_date
        words = [
            *([f"from {since}"] if since and (since.month, since.day) != (1, 1) else []),
            *([f"until {until}"] if until and (until.month, until.day) != (12, 31) else []),
        ]
        told = f"; complete {' '.join(words)}, years in part are left out" if words else ""
        return f"{self.extract.source}{told}"

    def look_closely(self) -> Registers:
        """The same registers as the source of tables of few people each: their rules are those of a
        small population."""
        return replace(self, is_part=True)

    def select_whole(self, years: range) -> range:
        """Those of the years through which the extract is complete; empty where there are none."""
        since, until = self.extract.start_date, self.extract.reference_date
        first, last = years.start, years.stop - 1
        if since is not None:
            first = max(first, since.year + ((since.month, since.day) != (1, 1)))
        if until is not None:
            last = min(last, until.year - ((until.month, until.day) != (12, 31)))
        return range(first, max(first, last + 1))

    def find_last_year(self, year: int) -> int:
        """The last year up to `year` through which the extract is complete."""
        until = self.extract.reference_date
        if until is None:
            return year
        return min(year, until.year - ((until.month, until.day) != (12, 31)))

    def read(self, name: str) -> pd.DataFrame:
        """A table of the contract, typed; without rows where the extract does not have it. Raises
        UnreadableExtract."""
        if name in self.extract.mappings:
            return sources.read_table(self.extract, name)
        return pd.DataFrame(
            {
                column.name: pd.Series(dtype=EMPTY_TYPES[column.kind])
                for column in find_table(name).columns
            }
        )

    def list_absent(self, tables: tuple[str, ...]) -> list[str]:
        """Those of the tables that the extract does not have."""
        return [name for name in tables if name not in self.extract.mappings]

    def groups(self, table: str, column: str) -> dict[str, str]:
        """The codes that a column may hold, each with its group: the contract's and the extract's
        own."""
        return self.extract.codes(find_table(table).column(column))

    def known_codes(self, table: str, column: str) -> list[str]:
        """The codes of a column that say something, those that the extract adds among them."""
        return [code for code in self.groups(table, column) if code not in MISSING]

    def printed(self, numbers: pd.DataFrame) -> pd.DataFrame:
        """The printed numbers (rows of the catalogue or of the public facts) that what is counted
        here may be held against.

        Of a real extract all of them; of made-up registers those that they had to agree with; of a
        part of the people none.
        """
        if self.is_part:
            return numbers.iloc[:0]
        if self.mark == REGISTER:
            return numbers
        return numbers[numbers["id"].isin(synthetic.list_enforced())]


def is_made_up() -> bool:
    """True where a run counts from made-up registers: it was given no extract, and its edition is not
    on public numbers alone."""
    return find_registers_folder() is None and not has_no_registers()


def draw_made_up(seed: int) -> None:
    """Draw the made-up registers of this seed, where they are not kept yet."""
    synthetic.find_registers(seed)


def open_registers(seed: int, *, units: tuple[str, ...] = ()) -> Registers:
    """The registers of this run: the extract that it was given, or else the made-up ones of this
    seed; without any table in an edition on public numbers alone. `units`: the police units that
    alone are looked at (none named: all of them)."""
    given = find_registers_folder()
    if given is None and has_no_registers():
        return Registers(sources.Extract(ROOT, "", {}), REGISTER, bool(units))
    if given is not None and (given / "extract.yml").exists():
        return Registers(sources.read_extract(given), REGISTER, bool(units))
    return Registers(sources.read_extract(synthetic.find_registers(seed)), SYNTHETIC, bool(units))


def list_enforced() -> frozenset[str]:
    """The printed numbers to which the made-up people were fitted, by key of the catalogue."""
    return synthetic.list_enforced()


def list_printable() -> pd.DataFrame:
    """Value, unit and precision of every printed number that can be a constraint, by its id."""
    return synthetic.list_printable()


def find_limits(printed: str, precision: str, unit: str = "") -> synthetic.Limits:
    """What a printed number leaves open, as made-up people are held to it."""
    return synthetic.find_limits(printed, precision, unit)


def list_left_out() -> frozenset[str]:
    """The printed numbers to which they were not fitted, each with its reason, by key of the
    catalogue."""
    return synthetic.list_enforced("excluded")
