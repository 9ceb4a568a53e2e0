"""Reads the files of an extract in pieces of bounded size, under the contract's column names;
nothing is typed yet.

The index of every piece is the row number that a person sees: in csv and xlsx the header counts, in
parquet and sav it does not.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pyreadstat

from helpers.schema import SEPARATOR
from helpers.sources.extract import Extract, Mapping
from helpers.sources.problems import SHOWN_ROWS, Problem, UnreadableExtract

CHUNK_ROWS = 500_000
BLOCK_BYTES = 1 << 24
MOST_FAULTS = 1000
FORMULA = "=formula"


def read_chunks(
    extract: Extract, name: str, *, size: int = CHUNK_ROWS
) -> Iterator[tuple[Path, pd.DataFrame]]:
    """Pieces of a table, each with its file: at most `size` rows, raw values, the contract's names
    for the columns that are there.

    Raises UnreadableExtract for a file that cannot be read, that lacks a column, or that is empty.
    """
    mapping = extract.mappings[name]
    for path in mapping.files:
        rows = 0
        for chunk in _READERS[path.suffix.lower()](path, mapping, size):
            if len(chunk):
                rows += len(chunk)
                yield path, chunk
        if rows == 0:
            raise UnreadableExtract(
                [
                    _fault(
                        path,
                        "the file has no rows",
                        "fill it, or take it out of the folder and of extract.yml",
                    )
                ]
            )


def _fault(
    path: Path, rule: str, remedy: str, *, column: str = "", rows: list[int] | None = None
) -> Problem:
    rows = rows or []
    return Problem(path.name, column, rule, max(len(rows), 1), tuple(rows[:SHOWN_ROWS]), remedy)


def _check_header(path: Path, mapping: Mapping, header: list[str], *, row: int | None) -> None:
    """Raise where the header is merged, double, or lacks a column that the mapping needs."""
    where, faults = ([row] if row else None), []
    if any(not str(name).strip() for name in header) or any(
        header.count(name) > 1 for name in header
    ):
        twice = sorted(
            {str(name) for name in header if header.count(name) > 1 and str(name).strip()}
        )
        what = (
            f"column {', '.join(twice)} stands twice"
            if twice
            else "a column without a name (merged header cells?)"
        )
        faults.append(
            _fault(
                path,
                what,
                f"name every column once; extract.yml, tables.{mapping.table.name}.header_row says which row names them",
                rows=where,
            )
        )
    optional = mapping.table.optional
    for name, source in mapping.columns.items():
        missing = [
            part
            for part in (source.values() if isinstance(source, dict) else [source])
            if part not in header
        ]
        if missing and not (name in optional and source == name):
            shown = f"{', '.join(missing)} (for {name})" if missing != [name] else name
            faults.append(
                _fault(
                    path,
                    f"column {shown} is missing",
                    f"add it, or name its source under tables.{mapping.table.name}.columns in extract.yml",
                    column=name,
                    rows=where,
                )
            )
    if faults:
        raise UnreadableExtract(faults)


def _name_columns(frame: pd.DataFrame, mapping: Mapping) -> pd.DataFrame:
    """The frame under the contract's names; the parts of a date stand as `name/year`, `name/month`
    and `name/day`."""
    named: dict[str, pd.Series] = {}
    for name, source in mapping.columns.items():
        if isinstance(source, dict):
            named |= {f"{name}/{part}": frame[column] for part, column in source.items()}
        elif source in frame:
            named[name] = frame[source]
    return pd.DataFrame(named, index=frame.index)


# csv


def _read_csv(path: Path, mapping: Mapping, size: int) -> Iterator[pd.DataFrame]:
    _check_bytes(path, mapping)
    header = _read_csv_header(path, mapping)
    _check_header(path, mapping, header, row=mapping.header_row)
    faults: list[Problem] = []

    def refuse(row: Any) -> str:
        number = row.number + mapping.header_row - 1 if row.number is not None else 0
        if len(faults) < MOST_FAULTS:
            faults.append(
                _fault(
                    path,
                    f"{row.actual_columns} cells where {row.expected_columns} belong",
                    "quote cells that hold the delimiter",
                    rows=[number],
                )
            )
        return "skip"

    first = mapping.header_row + 1
    try:
        reader = pa.csv.open_csv(
            path,
            pa.csv.ReadOptions(
                use_threads=False,
                block_size=BLOCK_BYTES,
                skip_rows=mapping.header_row - 1,
                encoding=mapping.encoding.removesuffix("-sig"),
            ),
            pa.csv.ParseOptions(
                delimiter=mapping.delimiter, newlines_in_values=True, invalid_row_handler=refuse
            ),
            pa.csv.ConvertOptions(
                column_types={name: pa.string() for name in [*header, _drop_mark(header[0])]},
                strings_can_be_null=False,
                include_columns=[name for name in header if name in mapping.sources],
            ),
        )
        for batch in reader:
            for start in range(0, batch.num_rows, size):
                piece = batch.slice(start, size)
                frame = piece.to_pandas(types_mapper=pd.ArrowDtype)
                frame.index = pd.RangeIndex(first, first + len(frame))
                first += len(frame)
                yield _name_columns(frame, mapping)
    except pa.ArrowInvalid:
        raise UnreadableExtract(
            faults
            or [
                _fault(
                    path,
                    "a quote is opened and never closed, or a cell spans the whole file",
                    "close the quote",
                )
            ]
        ) from None
    if faults:
        raise UnreadableExtract(_join_ragged(path, faults))


def _drop_mark(name: str) -> str:
    return name.removeprefix("\ufeff")


def _join_ragged(path: Path, faults: list[Problem]) -> list[Problem]:
    """One problem for all rows of one wrong width."""
    by_rule: dict[str, list[int]] = {}
    for fault in faults:
        by_rule.setdefault(fault.rule, []).extend(fault.rows)
    return [
        _fault(
            path,
            rule,
            "quote cells that hold the delimiter, and write every cell of a row",
            rows=rows,
        )
        for rule, rows in by_rule.items()
    ]


def _check_bytes(path: Path, mapping: Mapping) -> None:
    """Raise where the file is empty, holds NUL bytes, or is not in the encoding that the mapping
    names; named by row."""
    decoder, row = codecs.getincrementaldecoder(mapping.encoding.removesuffix("-sig"))(), 1
    if path.stat().st_size == 0:
        raise UnreadableExtract(
            [_fault(path, "the file is empty", "fill it, or take it out of the folder")]
        )
    with path.open("rb") as stream:
        while block := stream.read(BLOCK_BYTES):
            if (place := block.find(b"\0")) >= 0:
                raise UnreadableExtract(
                    [
                        _fault(
                            path,
                            "a NUL byte; the file is damaged, or is UTF-16",
                            "export it anew as UTF-8",
                            rows=[row + block[:place].count(b"\n")],
                        )
                    ]
                )
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                place = row + block[: error.start].count(b"\n")
                other = "cp1252" if mapping.encoding.startswith("utf-8") else "utf-8"
                remedy = f"save it as UTF-8, or name its encoding in extract.yml (tables.{mapping.table.name}.encoding: {other}); if only some rows are wrong, it mixes encodings"
                raise UnreadableExtract(
                    [_fault(path, f"not in the encoding {mapping.encoding}", remedy, rows=[place])]
                ) from None
            row += block.count(b"\n")


def _read_csv_header(path: Path, mapping: Mapping) -> list[str]:
    with path.open(encoding=mapping.encoding, newline="") as stream:
        rows = csv.reader(stream, delimiter=mapping.delimiter)
        header = next(
            (row for number, row in enumerate(rows, start=1) if number == mapping.header_row), None
        )
    if header is None:
        raise UnreadableExtract(
            [
                _fault(
                    path, f"there is no row {mapping.header_row}", "mend header_row in extract.yml"
                )
            ]
        )
    if len(header) == 1 and len(mapping.sources) > 1:
        found = [sign for sign in (";", "\t", ",", "|") if sign in header[0]]
        hint = (
            f'name the delimiter in extract.yml (tables.{mapping.table.name}.delimiter: "{found[0]}")'.replace(
                "\t", "\\t"
            )
            if found
            else "separate the columns"
        )
        raise UnreadableExtract(
            [
                _fault(
                    path,
                    "one column only: the delimiter is another one",
                    hint,
                    rows=[mapping.header_row],
                )
            ]
        )
    return [_drop_mark(name) for name in header]


# The other formats


def _read_parquet(path: Path, mapping: Mapping, size: int) -> Iterator[pd.DataFrame]:
    try:
        file = pq.ParquetFile(path)
        _check_header(path, mapping, file.schema_arrow.names, row=None)
        first = 1
        for batch in file.iter_batches(
            batch_size=size,
            columns=[name for name in file.schema_arrow.names if name in mapping.sources],
        ):
            frame = batch.to_pandas(types_mapper=pd.ArrowDtype)
            frame.index = pd.RangeIndex(first, first + len(frame))
            first += len(frame)
            yield _name_columns(frame, mapping)
    except (pa.ArrowInvalid, OSError):
        raise UnreadableExtract(
            [_fault(path, "no whole Parquet file; it may be cut short", "copy or export it anew")]
        ) from None


def _read_xlsx(path: Path, mapping: Mapping, size: int) -> Iterator[pd.DataFrame]:
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=False)
    except Exception:  # the library raises many kinds for a damaged file
        raise UnreadableExtract(
            [_fault(path, "no whole Excel workbook", "save it anew as .xlsx")]
        ) from None
    if mapping.sheet and mapping.sheet not in book.sheetnames:
        raise UnreadableExtract(
            [
                _fault(
                    path,
                    f"there is no sheet {mapping.sheet}",
                    f"mend tables.{mapping.table.name}.sheet in extract.yml: it has {', '.join(book.sheetnames)}",
                )
            ]
        )
    sheet = book[mapping.sheet or book.sheetnames[0]]
    rows = sheet.iter_rows(min_row=mapping.header_row)
    header = ["" if cell.value is None else str(cell.value) for cell in next(rows, ())]
    while header and header[-1] == "":
        header.pop()
    if not header:
        raise UnreadableExtract(
            [_fault(path, "the sheet is empty", "fill it, or name another sheet in extract.yml")]
        )
    _check_header(path, mapping, header, row=mapping.header_row)
    held: list[list[Any]] = []
    first = mapping.header_row + 1
    for row in rows:
        held.append(
            [FORMULA if cell.data_type == "f" else cell.value for cell in row[: len(header)]]
        )
        if len(held) == size:
            yield _name_rows(held, header, first, mapping)
            first, held = first + len(held), []
    while held and all(value is None for value in held[-1]):
        held.pop()
    yield _name_rows(held, header, first, mapping)
    book.close()


def _name_rows(
    rows: list[list[Any]], header: list[str], first: int, mapping: Mapping
) -> pd.DataFrame:
    padded = [row + [None] * (len(header) - len(row)) for row in rows]
    return _name_columns(
        pd.DataFrame(
            padded, columns=header, index=pd.RangeIndex(first, first + len(rows)), dtype=object
        ),
        mapping,
    )


def _read_sav(path: Path, mapping: Mapping, size: int) -> Iterator[pd.DataFrame]:
    try:
        _, meta = pyreadstat.read_sav(str(path), metadataonly=True)
    except Exception:  # as above
        raise UnreadableExtract(
            [_fault(path, "no whole SPSS file", "save it anew as .sav")]
        ) from None
    _check_header(path, mapping, list(meta.column_names), row=None)
    first, options = (
        1,
        {
            "usecols": mapping.sources,
            "apply_value_formats": mapping.labels,
            "formats_as_category": False,
        },
    )
    while True:
        frame, _ = pyreadstat.read_sav(str(path), row_offset=first - 1, row_limit=size, **options)
        if frame.empty:
            return
        frame = frame.astype(object).where(frame.notna() & (frame != ""), None)
        frame.index = pd.RangeIndex(first, first + len(frame))
        first += len(frame)
        yield _name_columns(frame, mapping)


_READERS = {".csv": _read_csv, ".parquet": _read_parquet, ".xlsx": _read_xlsx, ".sav": _read_sav}


def split_codes(values: pd.Series) -> pd.Series:
    """Each code of a column that holds several, one a row, under the row numbers of its cell."""
    return values.str.split(SEPARATOR).explode()
