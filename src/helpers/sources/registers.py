"""The registers of a run: an extract, and what its numbers are called."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers.schema import find_table
from helpers.sources.extract import Extract
from helpers.sources.typed import read_table


@dataclass(frozen=True)
class Registers:
    """An extract that was checked, and the mark of what is computed from it: register, or
    synthetic."""

    extract: Extract
    mark: str

    @property
    def source(self) -> str:
        """The words that stand as the source of a number: who delivered the extract, and until
        when."""
        return self.extract.source

    def read(self, name: str) -> pd.DataFrame:
        """A table of the contract, typed; without rows where the extract does not have it. Raises
        UnreadableExtract."""
        if name in self.extract.mappings:
            return read_table(self.extract, name)
        columns = find_table(name).columns
        kinds = {
            "date": "datetime64[s]",
            "bool": "boolean",
            "age": "Int32",
            "year": "Int32",
            "count": "Int32",
            "eur": "float64",
        }
        return pd.DataFrame(
            {column.name: pd.Series(dtype=kinds.get(column.kind, object)) for column in columns}
        )

    def groups(self, table: str, column: str) -> dict[str, str]:
        """The codes that a column may hold, each with its group: the contract's and the extract's
        own."""
        return self.extract.codes(find_table(table).column(column))
