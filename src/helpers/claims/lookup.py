"""Where a claim finds its numbers: the released tables of an edition, the catalogue, the printed
tables and the public facts. Made-up numbers are never found."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import pandas as pd

from helpers.claims.values import COUNT, NUMBER, SHARE, Undecided, Value, define_value
from helpers.edition import BadInput, Edition, find_bundle_folder
from helpers.products import read_columns, read_products
from helpers.published import read_cells, read_contradictions, read_facts, read_numbers
from helpers.published.catalogue import COUNTED, NOT_RECONCILABLE
from helpers.published.facts import FACT_COLUMNS, SUPPRESSED_BY_SOURCE
from helpers.release import Released, read_manifest, read_released
from helpers.wording import count_decimals

REAL = ("published", "register")
Where = dict[str, str]


@dataclass
class Numbers:
    """The numbers of one edition. `folder` is its bundle; without it, that of the run."""

    edition: Edition
    folder: Path | None = None
    _tables: dict[str, Released | None] = field(default_factory=dict)

    def read_table(self, name: str) -> Released | None:
        """The released table, or None where this bundle does not have it."""
        if name not in self._tables:
            folder = self.folder or find_bundle_folder(self.edition.edition)
            self._tables[name] = (
                read_released(name, edition=self.edition, folder=folder)
                if name in read_manifest(folder)["tables"]
                else None
            )
        return self._tables[name]

    def find_cell(self, names: str, column: str, where: Where) -> Value:
        """The number of one row, of the first of the tables (joined by "|") that has it and is
        real.

        Raises Undecided where none has, and BadInput where several rows fit.
        """
        hidden, is_made_up = [], False
        for name in names.split("|"):
            table = self.read_table(name)
            if table is None:
                continue
            rows = select_rows(table.table, where)
            if len(rows) > 1:
                raise BadInput(f"{len(rows)} rows of {name} have {where}; name more columns")
            for _, row in rows.iterrows():
                if row["status"] == "suppressed":
                    hidden.append(f"{name}, {_name_row(where)}")
                elif row["mark"] not in REAL:
                    is_made_up = True
                elif row.get(column, "") != "":
                    return read_cell(row, column, table)
        raise _explain(hidden, is_made_up=is_made_up)

    def find_rows(self, names: str, column: str, where: Where) -> list[tuple[pd.Series, Value]]:
        """The rows that fit, with their numbers, of the first of the tables where any is real."""
        hidden, is_made_up = [], False
        for name in names.split("|"):
            table = self.read_table(name)
            rows = pd.DataFrame() if table is None else select_rows(table.table, where)
            if table is None or rows.empty:
                continue
            real = rows[rows["mark"].isin(REAL)]
            if real.empty:
                is_made_up = True
                continue
            if (real["status"] == "suppressed").any():
                hidden.append(f"{name}, {_name_row(where)}")
                continue
            return [
                (row, read_cell(row, column, table))
                for _, row in real.iterrows()
                if row.get(column, "") != ""
            ]
        raise _explain(hidden, is_made_up=is_made_up)


def _explain(hidden: list[str], *, is_made_up: bool) -> Undecided:
    """Why a chain of tables has no number; a hidden one weighs most, since it must be accepted."""
    if hidden:
        return Undecided("undecided_hidden", tuple(hidden))
    return Undecided("undecided_made_up" if is_made_up else "undecided_no_number")


def _name_row(where: Where) -> str:
    return ", ".join(f"{column} {word}" for column, word in where.items())


def select_rows(table: pd.DataFrame, where: Where) -> pd.DataFrame:
    """The rows that have these words; a column that the table lacks is passed over, since the next
    table of a chain may have it."""
    for column, word in where.items():
        if column in table:
            table = table[table[column] == word]
    return table


def read_cell(row: pd.Series, column: str, table: Released) -> Value:
    """The number of a released row, as wide as its precision or its rounding says."""
    kind = table.product.find_kind(column)
    shown = float(row[column])
    unit = COUNT if kind in ("count", "size") else SHARE if column == "share" else NUMBER
    is_computed = row["mark"] == "published" and column in table.product.computed
    value = define_value(
        shown,
        unit=unit,
        precision=row.get("precision", "exact") or "exact",
        origin="computed" if is_computed else row["mark"],
        step=_find_step(row[column]) if unit == SHARE else 0.0,
        place=name_row(table, row),
    )
    if row["status"] == "rounded" and kind == "count":
        low, high = table.find_range(row[column])
        value = replace(value, low=low, high=high)
    return value


def name_row(released: Released, row: pd.Series | None = None) -> str:
    """Where a number stands: chapter, table, row and the first of its sources, parted by "/"; of
    the whole table without a row."""
    place = "" if row is None else str(row.name)
    source = "" if row is None else str(row.get("source", "")).split("|")[0]
    return f"{released.product.chapter}/{released.name}/{place}/{source}"


def _find_step(printed: str) -> float:
    """The last digit of a printed percentage, whose share this is."""
    return 10.0 ** -max(count_decimals(float(printed), 3), 2)


@cache
def _read_catalogue() -> pd.DataFrame:
    return read_numbers().set_index("id")


@cache
def _read_facts() -> pd.DataFrame:
    return pd.concat([read_facts(name) for name in FACT_COLUMNS]).set_index("id")


@cache
def _read_entries() -> pd.DataFrame:
    return read_cells().set_index("id")


def find_row(identifier: str) -> pd.Series:
    """The row of a printed number, or of a public fact. Raises BadInput for an unknown id."""
    for rows in (_read_catalogue(), _read_facts(), _read_entries()):
        if identifier in rows.index:
            return rows.loc[identifier]
    raise BadInput(f"no printed number and no public fact is called {identifier!r}")


@cache
def _read_verdicts() -> dict[str, str]:
    return dict(read_contradictions().set_index("id")["verdict"])


def is_disputed(identifier: str) -> bool:
    """True where the kept contradiction of this id cannot be reconciled. Raises BadInput for an
    unknown id."""
    if identifier not in _read_verdicts():
        raise BadInput(f"no contradiction is called {identifier!r}")
    return _read_verdicts()[identifier] == NOT_RECONCILABLE


def find_printed_value(identifier: str, period: str | None = None) -> Value:
    """A number of the catalogue or of the public facts; percentages as shares.

    With `period` it is Undecided where the number is of another one, as in another edition.
    """
    row = find_row(identifier)
    if period is not None and row["period"] != period:
        raise Undecided("undecided_no_number")
    if row["value"] == SUPPRESSED_BY_SOURCE:
        raise Undecided("undecided_hidden_by_source")
    number, unit = float(row["value"]), str(row["unit"])
    is_share = unit.startswith("percent")
    known = str(row.get("precision", ""))
    return define_value(
        number / 100 if is_share else number,
        unit=SHARE if is_share else COUNT if unit in COUNTED else unit,
        precision=known or ("rounded_percent" if is_share else "exact"),
        origin="published",
        step=10.0 ** -(count_decimals(number, 2) + 2) if is_share else 0.0,
        place=f"///{identifier}",
    )


def find_period(identifier: str) -> str:
    """The period of a printed number, as the catalogue writes it."""
    return str(find_row(identifier)["period"])


def check_names(names: str, columns: list[str]) -> None:
    """Raise BadInput for a table that nobody declared, or a column that none may have."""
    for name in names.split("|"):
        if name not in read_products():
            raise BadInput(f"unknown table {name!r}")
    for column in columns:
        if column not in read_columns():
            raise BadInput(f"unknown column {column!r}")
