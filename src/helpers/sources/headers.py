"""What the readers of all formats share: the names of columns, and what is counted while a file is
read."""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from helpers.sources.extract import Mapping
from helpers.sources.limits import LONGEST_CELL, MOST_COLUMNS
from helpers.sources.problems import SHOWN_ROWS, Problem, UnreadableExtract, join_names

_UNSEEN = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060\u00ad"))


@dataclass
class Tally:
    """Rows of a table as they are read: those with data, empty ones that are passed over, those
    that the mapping leaves out, in all and by column; those of each month, counted from the year 0;
    its files that have as many rows as a spreadsheet can hold; the columns that are used, and that
    nothing uses; and what else a reader has to say of a file, by file and rule."""

    files: list[str] = field(default_factory=list)
    rows: int = 0
    n_empty: int = 0
    n_left_out: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    months: Counter[int] = field(default_factory=Counter)
    full: list[str] = field(default_factory=list)
    used: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    notes: dict[tuple[str, str], Problem] = field(default_factory=dict)

    def note(self, path: Path, rule: str, remedy: str, *, n: int = 0) -> None:
        """A warning of a file."""
        self.notes[path.name, rule] = Problem(path.name, "", rule, n, (), remedy, is_warning=True)

    @property
    def n_lines(self) -> int:
        return self.rows + self.n_empty + self.n_left_out


def make_fault(
    path: Path, rule: str, remedy: str, *, column: str = "", rows: list[int] | None = None
) -> Problem:
    rows = rows or []
    return Problem(path.name, column, rule, max(len(rows), 1), tuple(rows[:SHOWN_ROWS]), remedy)


def refuse(
    path: Path, rule: str, remedy: str, *, rows: list[int] | None = None
) -> UnreadableExtract:
    return UnreadableExtract([make_fault(path, rule, remedy, rows=rows)])


def clean_heading(name: object) -> str:
    """The name of a column in one Unicode form, without blanks around it and signs that nobody
    sees."""
    words = "" if name is None else str(name)
    return unicodedata.normalize("NFC", words).translate(_UNSEEN).strip()


def check_header(
    path: Path, mapping: Mapping, header: list[str], tally: Tally, *, row: int | None
) -> None:
    """Raise where the header is merged, double, too large, or lacks a column that the mapping
    needs. A name is repeated only where the mapping has it too: a file without a header has data in
    this place."""
    where = [row] if row else None
    if len(header) > MOST_COLUMNS or any(len(name) > LONGEST_CELL for name in header):
        raise refuse(
            path,
            f"a header of more than {MOST_COLUMNS:,} columns, or a name of more than {LONGEST_CELL:,} signs",
            "export the columns of the contract only, or mend delimiter and header_row",
            rows=where,
        )
    faults = [
        *_find_doubles(path, mapping, header, where),
        *_find_missing(path, mapping, header, where),
    ]
    if faults:
        raise UnreadableExtract(faults)
    named = set(mapping.sources)
    others = named & (set(tally.used) ^ set(header)) if tally.used else set()
    if others:
        raise refuse(
            path,
            f"column {', '.join(sorted(others))} stands in one file of the table and not in another",
            "give every file the same columns",
            rows=where,
        )
    tally.used = list(dict.fromkeys([*tally.used, *(name for name in header if name in named)]))
    tally.unused = list(
        dict.fromkeys([*tally.unused, *(name for name in header if name not in named)])
    )


def _find_doubles(
    path: Path, mapping: Mapping, header: list[str], where: list[int] | None
) -> list[Problem]:
    names = set(header)
    if "" not in names and len(names) == len(header):
        return []
    twice = sorted({name for name in names if name and header.count(name) > 1})
    shown = [name for name in twice if name in mapping.sources]
    places = [number for number, name in enumerate(header, start=1) if name in twice]
    if shown:
        what = f"column {', '.join(shown)} stands twice"
    elif twice:
        what = (
            f"one name stands over columns {places[0]} and {places[1]} (a file without a header?)"
        )
    else:
        what = "a column without a name (merged header cells?)"
    return [
        make_fault(
            path,
            what,
            f"name every column once; extract.yml, tables.{mapping.table.name}.header_row says which row names them",
            rows=where,
        )
    ]


def _find_missing(
    path: Path, mapping: Mapping, header: list[str], where: list[int] | None
) -> list[Problem]:
    faults, names, optional = [], set(header), mapping.table.optional
    for name, source in mapping.columns.items():
        parts = list(source.values()) if isinstance(source, dict) else [source]
        missing = [part for part in parts if part not in names]
        if missing and not (name in optional and source == name):
            shown = f"{', '.join(missing)} (for {name})" if missing != [name] else name
            faults.append(
                make_fault(
                    path,
                    f"column {shown} is missing",
                    f"add it, or name its source under tables.{mapping.table.name}.columns in extract.yml",
                    column=name,
                    rows=where,
                )
            )
    missing = [name for name in mapping.leave_out if name not in names]
    if missing:
        faults.append(
            make_fault(
                path,
                f"column {join_names(missing)} of leave_out is missing",
                f"mend tables.{mapping.table.name}.leave_out in extract.yml",
                rows=where,
            )
        )
    return faults
