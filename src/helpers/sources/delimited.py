"""Reads csv files, by pyarrow: every cell is text."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from helpers.sources.extract import Mapping
from helpers.sources.headers import Tally, check_header, clean_heading, make_fault, refuse
from helpers.sources.limits import LARGEST_HEADER
from helpers.sources.problems import Problem, UnreadableExtract

BLOCK_BYTES = 1 << 24
MOST_FAULTS = 1000
# How files of other kinds begin.
OTHERS = {
    b"PK\x03\x04": "a workbook or an archive",
    b"PAR1": "a Parquet file",
    b"$FL2": "an SPSS file",
    b"$FL3": "an SPSS file",
    b"\xd0\xcf\x11\xe0": "an old workbook",
    b"\x1f\x8b": "a packed file",
}


def read_csv(path: Path, mapping: Mapping, size: int, tally: Tally) -> Iterator[pd.DataFrame]:
    n_lines = _check_bytes(path, mapping, tally)
    header, lines = _read_header(path, mapping)
    check_header(path, mapping, header, tally, row=mapping.header_row)
    ragged = _Ragged(path, offset=mapping.header_row - lines)
    first, n_read = mapping.header_row + 1, 0
    empty: set[int] = set()
    try:
        for batch in _read_batches(path, mapping, header, lines, ragged):
            n_read += batch.num_rows
            for start in range(0, batch.num_rows, size):
                frame = batch.slice(start, size).to_pandas(types_mapper=pd.ArrowDtype)
                frame.index = ragged.number_rows(first, len(frame))
                if len(frame):
                    first = int(frame.index[-1]) + 1
                yield _pass_over_empty(frame, empty)
    except pa.ArrowInvalid:
        raise UnreadableExtract(
            ragged.join()
            or [
                make_fault(
                    path,
                    "a quote is opened and never closed, or a cell spans the whole file",
                    "close the quote",
                )
            ]
        ) from None
    if ragged.faults:
        raise UnreadableExtract(ragged.join())
    if empty and not set(header) <= set(mapping.sources):
        _check_empty_rows(path, mapping, empty)
    tally.n_empty += len(empty)
    if n_read < n_lines - lines:
        _check_long_cells(path, mapping, len(header))


def _read_batches(
    path: Path, mapping: Mapping, header: list[str], lines: int, ragged: _Ragged
) -> Iterator[pa.RecordBatch]:
    # Opened here: pyarrow takes every name for UTF-8, and a locale such as cp1252 has others.
    with path.open("rb") as stream:
        yield from _open(stream, mapping, header, lines, ragged)


def _open(
    stream: BinaryIO, mapping: Mapping, header: list[str], lines: int, ragged: _Ragged
) -> Iterator[pa.RecordBatch]:
    return pa.csv.open_csv(
        stream,
        pa.csv.ReadOptions(
            use_threads=False,
            block_size=BLOCK_BYTES,
            skip_rows=lines,
            column_names=header,
            encoding=mapping.encoding.removesuffix("-sig"),
        ),
        pa.csv.ParseOptions(
            delimiter=mapping.delimiter,
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=ragged,
        ),
        pa.csv.ConvertOptions(
            column_types={name: pa.string() for name in header},
            strings_can_be_null=False,
            include_columns=[name for name in header if name in mapping.sources],
        ),
    )


class _Ragged:
    """Rows of a wrong width, by width; they are skipped, and then the file is refused."""

    def __init__(self, path: Path, *, offset: int) -> None:
        self.path, self.offset = path, offset
        self.faults: dict[str, list[int]] = {}
        self.skipped: list[int] = []

    def __call__(self, row: Any) -> str:
        number = (row.number or 0) + self.offset
        if len(self.skipped) < MOST_FAULTS:
            rule = f"{row.actual_columns} cells where {row.expected_columns} belong"
            self.faults.setdefault(rule, []).append(number)
        self.skipped.append(number)
        return "skip"

    def number_rows(self, first: int, n: int) -> pd.Index:
        """The numbers that a person sees, from `first` on, without the skipped rows."""
        skipped = [number for number in self.skipped if number >= first]
        if not skipped:
            return pd.RangeIndex(first, first + n)
        rows = np.arange(first, first + n + len(skipped))
        return pd.Index(rows[~np.isin(rows, skipped)][:n])

    def join(self) -> list[Problem]:
        """One problem for all rows of one wrong width."""
        return [
            make_fault(
                self.path,
                rule,
                "quote cells that hold the delimiter, and write every cell of a row",
                rows=rows,
            )
            for rule, rows in self.faults.items()
        ]


def _pass_over_empty(frame: pd.DataFrame, rows: set[int]) -> pd.DataFrame:
    """The frame without rows that have no cell, such as blank lines; `rows` gets their numbers."""
    if not len(frame.columns):
        return frame
    empty = (frame.iloc[:, 0] == "").to_numpy(dtype=bool)
    if not empty.any():
        return frame
    empty[empty] = (frame[empty] == "").all(axis=1).to_numpy(dtype=bool)
    rows |= set(frame.index[empty])
    return frame[~empty]


def _read_rows(path: Path, mapping: Mapping, *, strict: bool = False) -> Any:
    """The rows of the file as the csv library reads them; far slower, and it tells more."""
    encoding = "utf-8-sig" if mapping.encoding.startswith("utf-8") else mapping.encoding
    with path.open(encoding=encoding, newline="") as stream:
        yield from csv.reader(stream, delimiter=mapping.delimiter, strict=strict)


def _check_empty_rows(path: Path, mapping: Mapping, empty: set[int]) -> None:
    """Raise where a row without a cell of the contract has one that nothing uses."""
    bad = [
        number
        for number, row in enumerate(_read_rows(path, mapping), start=1)
        if number in empty and any(row)
    ]
    if bad:
        raise refuse(
            path,
            "a row that has cells only where nothing reads them",
            "mend its cells, or take the row out",
            rows=bad,
        )


def _check_quotes(path: Path, mapping: Mapping) -> None:
    """Raise where a text goes on after its closing quote, which libraries read in different ways;
    called where a quote stands between two other signs."""
    number = 0
    try:
        for _ in _read_rows(path, mapping, strict=True):
            number += 1
    except csv.Error as error:
        if "expected after" in str(error):
            raise refuse(
                path,
                "a text that goes on after its closing quote",
                "double quotes that stand within a cell",
                rows=[number + 1],
            ) from None


def _check_long_cells(path: Path, mapping: Mapping, width: int) -> None:
    """Raise where a cell of several lines holds whole rows, as where a quote is opened in a row and
    the next one stands in a later row; called where a file has more lines than rows."""
    bad: list[int] = []
    encoding = "utf-8-sig" if mapping.encoding.startswith("utf-8") else mapping.encoding
    with path.open(encoding=encoding, newline="") as stream:
        rows = csv.reader(stream, delimiter=mapping.delimiter)
        line = 0
        for number, row in enumerate(rows, start=1):
            if rows.line_num > line + 1 and number > mapping.header_row:
                places = enumerate(row)
                bad += [number for place, cell in places if _holds_row(cell, place, mapping, width)]
            line = rows.line_num
    if bad:
        raise refuse(
            path,
            "a cell that holds whole rows: a quote is opened in one row, and the next one stands in a later row",
            "close the quote, or double quotes that stand within a cell",
            rows=bad,
        )


def _holds_row(cell: str, place: int, mapping: Mapping, width: int) -> bool:
    """Whether the cell at this place has the rest of a row, and the beginning of another."""
    lines = cell.splitlines()
    counts = [line.count(mapping.delimiter) for line in lines]
    return len(lines) > 1 and counts[0] == width - 1 - place and counts[-1] == place


def _check_bytes(path: Path, mapping: Mapping, tally: Tally) -> int:
    """The number of lines of the file. Raises where it is empty or of another kind, holds NUL
    bytes, or is not in the encoding that the mapping names; named by row."""
    decoder, row = codecs.getincrementaldecoder(mapping.encoding.removesuffix("-sig"))(), 1
    last, rest, is_quoted = b"", b"", False
    sign = re.escape(mapping.delimiter.encode(mapping.encoding.removesuffix("-sig")))
    inner = re.compile(rb"[^" + sign + rb"\r\n\"]\"[^" + sign + rb"\r\n\"]")
    if path.stat().st_size == 0:
        raise refuse(path, "the file is empty", "fill it, or take it out of the folder")
    with path.open("rb") as stream:
        _check_kind(path, stream.read(4))
        stream.seek(0)
        while True:
            block = stream.read(BLOCK_BYTES)
            if (place := block.find(b"\0")) >= 0:
                raise refuse(
                    path,
                    "a NUL byte; the file is damaged, or is UTF-16",
                    "export it anew as UTF-8",
                    rows=[row + block[:place].count(b"\n")],
                )
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                other = "cp1252" if mapping.encoding.startswith("utf-8") else "utf-8"
                raise refuse(
                    path,
                    f"not in the encoding {mapping.encoding}",
                    f"save it as UTF-8, or name its encoding in extract.yml (tables.{mapping.table.name}.encoding: {other}); if only some rows are wrong, it mixes encodings or is cut short",
                    rows=[row + block[: error.start].count(b"\n")],
                ) from None
            if not block:
                break
            is_quoted |= b'"' in block and inner.search(rest + block) is not None
            row, last, rest = row + block.count(b"\n"), block[-1:], block[-2:]
    if is_quoted:
        _check_quotes(path, mapping)
    if last not in (b"\n", b"\r"):
        tally.note(
            path,
            "the last line has no end, as where a file is cut short",
            "see whether its last row is whole",
        )
    return row - 1 + (last != b"\n")


def _check_kind(path: Path, begin: bytes) -> None:
    for sign, kind in OTHERS.items():
        if begin.startswith(sign):
            raise refuse(
                path,
                f"{kind} under the name of a csv file",
                "give it its own ending, or export the table as csv",
            )


def _read_header(path: Path, mapping: Mapping) -> tuple[list[str], int]:
    """The names of the columns, and how many lines of the file end with them."""
    with path.open("rb") as stream:
        block = stream.read(LARGEST_HEADER)
    encoding = "utf-8-sig" if mapping.encoding.startswith("utf-8") else mapping.encoding
    text = block.decode(encoding, errors="ignore")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=mapping.delimiter)
    header: list[str] | None = None
    try:
        header = next(
            (row for number, row in enumerate(rows, start=1) if number == mapping.header_row), None
        )
        lines = rows.line_num
    except csv.Error:
        text = ""
    if not text or (len(block) == LARGEST_HEADER and next(rows, None) is None):
        raise refuse(
            path,
            f"a quote is opened in the header and never closed, or the header takes more than {LARGEST_HEADER >> 20} MB",
            "close the quote, or mend delimiter and header_row",
            rows=[mapping.header_row],
        )
    if header is None:
        raise refuse(
            path, f"there is no row {mapping.header_row}", "mend header_row in extract.yml"
        )
    if len(header) == 1 and len(mapping.sources) > 1:
        found = [sign for sign in (";", "\t", ",", "|") if sign in header[0]]
        hint = f'name the delimiter in extract.yml (tables.{mapping.table.name}.delimiter: "{found[0] if found else ""}")'
        raise refuse(
            path,
            "one column only: the delimiter is another one",
            hint.replace("\t", "\\t") if found else "separate the columns",
            rows=[mapping.header_row],
        )
    return [clean_heading(name) for name in header], lines
