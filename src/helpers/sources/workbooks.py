"""Reads Excel workbooks, by openpyxl: its cells say which are formulas and which are errors."""

from __future__ import annotations

import itertools
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from helpers.sources.extract import Mapping
from helpers.sources.headers import Tally, check_header, clean_heading, refuse
from helpers.sources.limits import (
    LARGEST_PART,
    LARGEST_WORKBOOK,
    MOST_PARTS,
    MOST_SHEET_COLUMNS,
    MOST_SHEET_ROWS,
)
from helpers.sources.problems import join_names

if TYPE_CHECKING:
    import openpyxl

FORMULA = "=formula"
ERROR = "#error"
STRICT = b"purl.oclc.org/ooxml"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
STEP_ROWS = 1000
HIDDEN = re.compile(rb"<(?:\w+:)?row\s[^>]*?hidden=[\"'](?:1|true)[\"']")
# The last row of merged cells, and the place that a row or cell of a sheet says it has.
MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"'](?:[A-Z]+\d+:)?[A-Z]+(\d{1,9})[\"']")
PLACE = re.compile(rb"<(?:\w+:)?(?:row|c)\s(?:[^>]*?\s)?r=[\"']([A-Z]{0,3})(\d{1,9})[\"']")


def read_xlsx(path: Path, mapping: Mapping, size: int, tally: Tally) -> Iterator[pd.DataFrame]:
    import openpyxl  # here, so that an extract without one does not wait for the library

    _check_archive(path)
    book = openpyxl.load_workbook(path, read_only=True, data_only=False)
    sheet = _choose_sheet(path, mapping, book)
    _check_order(path, sheet._worksheet_path, mapping.header_row, tally)
    try:
        yield from _read_sheet(path, mapping, size, tally, sheet)
    finally:
        book.close()


def _check_archive(path: Path) -> None:
    """Raise for what is no workbook of today, or unpacks to more than a workbook may hold."""
    with path.open("rb") as stream:
        if stream.read(4) == OLD_EXCEL:
            raise refuse(
                path, "an old workbook (.xls), or one with a password", "save it as .xlsx, without"
            )
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        texts = [part for part in parts if not part.filename.startswith("xl/worksheets/")]
        if (
            len(parts) > MOST_PARTS
            or sum(part.file_size for part in parts) > LARGEST_WORKBOOK
            or sum(part.file_size for part in texts) > LARGEST_PART
        ):
            raise refuse(
                path,
                f"the workbook unpacks to more than {LARGEST_WORKBOOK >> 30} GB, or has more than {MOST_PARTS:,} parts",
                "save the table alone, or as csv or Parquet",
            )
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                with archive.open(part) as stream:
                    head = stream.read(1 << 16).replace(b"\0", b"")
                if b"<!DOCTYPE" in head or b"<!ENTITY" in head or _hides_prolog(head):
                    raise refuse(
                        path, "a part that defines entities, as no workbook does", "save it anew"
                    )
                if part.filename == "xl/workbook.xml" and STRICT in head:
                    raise refuse(
                        path,
                        "a Strict Open XML workbook",
                        'save it as "Excel Workbook (.xlsx)", not as Strict',
                    )


def _hides_prolog(head: bytes) -> bool:
    """Whether a part has no element so far, so that entities may be defined further on."""
    plain = re.sub(rb"<!--.*?(-->|$)", b"", head, flags=re.DOTALL)
    return len(head) == 1 << 16 and not re.search(rb"<[^!?]", plain)


def _check_order(path: Path, part: str, header_row: int, tally: Tally) -> None:
    """Raise where rows or cells stand twice or out of order, which the library would pass over, and
    where cells are merged below the names: all but the first are empty. Hidden rows are noted."""
    row, column, hidden = 0, (0, b""), 0
    rest = b""
    with zipfile.ZipFile(path) as archive, archive.open(part) as stream:
        while block := stream.read(1 << 20):
            whole, bracket, rest = (rest + block).rpartition(b"<")
            rest = (bracket + rest)[: 1 << 16]  # a tag, whatever text comes after it
            if any(int(last) > header_row for last in MERGED.findall(whole)):
                raise refuse(
                    path,
                    "merged cells among the rows",
                    "split them, and fill every cell of its own",
                )
            for letters, digits in PLACE.findall(whole):
                number, place = int(digits), (len(letters), letters)
                if not letters:
                    is_after, row, column = number > row, number, (0, b"")
                else:
                    if number > row:  # of a row that does not say its number
                        row, column = number, (0, b"")
                    is_after, column = number == row and place > column, place
                if not is_after:
                    raise refuse(
                        path,
                        "rows or cells of the sheet stand twice or out of order",
                        "save it anew",
                    )
            hidden += len(HIDDEN.findall(whole))
    if hidden:
        tally.note(
            path,
            "rows that a filter or a user hides, and that are read",
            "take them out, or name them under leave_out in extract.yml, if they are none of the table",
            n=hidden,
        )


def _choose_sheet(path: Path, mapping: Mapping, book: openpyxl.Workbook) -> Any:
    names = [sheet.title for sheet in book.worksheets]
    option = f"tables.{mapping.table.name}.sheet"
    if mapping.sheet:
        if mapping.sheet not in names:
            raise refuse(
                path,
                f"there is no sheet {mapping.sheet}",
                f"mend {option} in extract.yml: it has {join_names(names)}",
            )
        return book[mapping.sheet]
    filled = [sheet for sheet in book.worksheets if _has_cells(sheet)]
    if len(filled) > 1:
        hidden = sum(sheet.sheet_state != "visible" for sheet in filled)
        raise refuse(
            path,
            f"{len(filled)} sheets hold cells ({hidden} of them hidden)",
            f"name the one to read under {option} in extract.yml: it has {join_names(names)}",
        )
    if not filled:
        raise refuse(path, "the sheet is empty", "fill it, or name another sheet in extract.yml")
    return filled[0]


def _has_cells(sheet: Any) -> bool:
    sheet.reset_dimensions()
    rows = itertools.islice(sheet.iter_rows(), STEP_ROWS)
    return any(cell.value is not None for row in rows for cell in row)


def _read_sheet(
    path: Path, mapping: Mapping, size: int, tally: Tally, sheet: Any
) -> Iterator[pd.DataFrame]:
    """All rows that stand in the sheet, whatever it says of its size."""
    sheet.reset_dimensions()
    rows = enumerate(sheet.iter_rows(), start=1)
    header: list[str] = []
    held: list[list[Any]] = []
    numbers: list[int] = []
    while step := list(itertools.islice(rows, STEP_ROWS)):
        for number, row in step:
            if number > MOST_SHEET_ROWS or len(row) > MOST_SHEET_COLUMNS:
                raise refuse(path, "more rows or columns than a sheet can have", "save it anew")
            if number == mapping.header_row:
                header = _read_header(path, mapping, row, tally)
            elif number > mapping.header_row and _is_filled(row):
                if _is_filled(row[len(header) :]):
                    raise refuse(
                        path,
                        "a cell to the right of the last name",
                        "name its column, move the cells back under their names, or take it out",
                        rows=[number],
                    )
                held.append(_read_cells(row, len(header)))
                numbers.append(number)
            elif number > mapping.header_row:
                tally.n_empty += 1
            if len(held) == size:
                yield _frame(held, header, numbers)
                held, numbers = [], []
    if not header:
        raise refuse(
            path, f"there is no row {mapping.header_row}", "mend header_row in extract.yml"
        )
    if held:
        yield _frame(held, header, numbers)


def _read_header(path: Path, mapping: Mapping, row: tuple, tally: Tally) -> list[str]:
    header = ["" if cell.value is None else clean_heading(cell.value) for cell in row]
    while header and header[-1] == "":
        header.pop()
    if not header:
        raise refuse(
            path,
            "the row of names is empty",
            f"name the columns there, or mend tables.{mapping.table.name}.header_row",
            rows=[mapping.header_row],
        )
    check_header(path, mapping, header, tally, row=mapping.header_row)
    return header


def _is_filled(row: tuple) -> bool:
    return any(cell.value not in (None, "") for cell in row)


def _read_cells(row: tuple, width: int) -> list[Any]:
    cells = [_read_cell(cell) for cell in row[:width]]
    return cells + [None] * (width - len(cells))


def _read_cell(cell: Any) -> Any:
    if cell.data_type == "f":
        return FORMULA
    return ERROR if cell.data_type == "e" else cell.value


def _frame(rows: list[list[Any]], header: list[str], numbers: list[int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=header, index=pd.Index(numbers), dtype=object)
