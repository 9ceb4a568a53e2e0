"""Gives raw pieces of a table the types of the contract; what does not fit is named by row, and its
value is never repeated."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from helpers.schema import NOT_RECORDED, SEPARATOR, UNKNOWN, Column
from helpers.sources.extract import Extract, Mapping
from helpers.sources.problems import SHOWN_ROWS, Problem, UnreadableExtract
from helpers.sources.reading import FORMULA, read_chunks

# What a spreadsheet would run, or a browser would draw.
ACTIVE = r"^[=@]|^[+][^\d]|<[A-Za-z/!]"
SUSPICIOUS = rf"{ACTIVE}|^\s|\s$"
TOTALS = ("total", "totaal", "grand total", "eindtotaal", "sum", "som")
SERIAL_DATE = r"^[1-6]\d{4}$"
Found = Callable[[str, pd.Series, str], None]


def type_chunk(
    path: Path, raw: pd.DataFrame, extract: Extract, mapping: Mapping
) -> tuple[pd.DataFrame, list[Problem]]:
    """The piece with the contract's types under the same row numbers, and what did not fit (such a
    cell becomes missing).

    Dates are datetime64[s], numbers Int32 or float64, truth values boolean, codes category, several
    codes and identifiers string.
    """
    problems: list[Problem] = []
    typed: dict[str, pd.Series] = {}
    for column in mapping.table.columns:

        def found(rule: str, wrong: pd.Series, remedy: str, name: str = column.name) -> None:
            wrong = wrong.fillna(False).astype(bool)
            if wrong.any():
                rows = tuple(int(row) for row in wrong.index[wrong][:SHOWN_ROWS])
                problems.append(Problem(path.name, name, rule, int(wrong.sum()), rows, remedy))

        parts = [f"{column.name}/{part}" for part in ("year", "month", "day")]
        if parts[0] in raw:
            typed[column.name] = _join_parts([raw[part] for part in parts], found)
        elif column.name in raw:
            typed[column.name] = _TYPED[column.kind](
                raw[column.name], column, mapping, extract, found
            )
    return pd.DataFrame(typed, index=raw.index), problems


def read_table(extract: Extract, name: str) -> pd.DataFrame:
    """A whole table with the contract's types. Raises UnreadableExtract where cells do not fit;
    `monitor validate` says more."""
    pieces, problems = [], []
    for path, raw in read_chunks(extract, name):
        typed, found = type_chunk(path, raw, extract, extract.mappings[name])
        pieces.append(typed)
        problems += found
    if problems:
        raise UnreadableExtract(problems)
    coded = [
        column.name
        for column in extract.mappings[name].table.columns
        if column.kind == "code" and column.name in pieces[0]
    ]
    whole = pd.concat(
        [piece.astype(dict.fromkeys(coded, "string[pyarrow]")) for piece in pieces],
        ignore_index=True,
    )
    return whole.astype(dict.fromkeys(coded, "category"))


def _as_text(values: pd.Series) -> pd.Series:
    """Cells as words; whole numbers without a decimal point, as a workbook or an SPSS file holds
    codes."""
    if isinstance(values.dtype, pd.ArrowDtype) and values.dtype.kind == "O":
        return values.astype("string[pyarrow]")
    if values.dtype == object:
        return pd.Series(
            [_word(cell) for cell in values], index=values.index, dtype="string[pyarrow]"
        )
    return values.astype("string[pyarrow]")


def _word(cell: object) -> str | None:
    if cell is None or cell != cell:  # NaN is no word
        return None
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _is_missing(text: pd.Series, mapping: Mapping) -> pd.Series:
    return (
        text.isna() | (text == "") | text.isin([*mapping.unknown, *mapping.not_recorded])
    ).fillna(True)


def _check_text(text: pd.Series, found: Found) -> None:
    if not text.str.contains(SUSPICIOUS, regex=True).any():  # one pass where nothing is wrong
        return
    found("a formula", text == FORMULA, "put its value in place of the formula")
    found("blanks before or after the text", text.str.match(r"^\s|.*\s$"), "take the blanks away")
    found(
        "text that a spreadsheet would run or a browser would draw",
        text.str.contains(ACTIVE, regex=True) & (text != FORMULA),
        "take the formula or the HTML away",
    )


def _type_id(
    values: pd.Series, column: Column, mapping: Mapping, extract: Extract, found: Found
) -> pd.Series:
    text = _as_text(values)
    _check_text(text, found)
    found(
        "empty",
        text.isna() | (text == ""),
        "every row names its identifier; fill it, or take the row out",
    )
    found(
        "a row of totals",
        text.iloc[-1:].str.strip().str.lower().isin(TOTALS),
        "take the row of totals out",
    )
    return text


def _type_code(
    values: pd.Series, column: Column, mapping: Mapping, extract: Extract, found: Found
) -> pd.Series:
    text = _as_text(values).astype("category")
    kinds = pd.Series(text.cat.categories, index=text.cat.categories, dtype="string")
    known = (
        dict.fromkeys(mapping.unknown, UNKNOWN)
        | dict.fromkeys(mapping.not_recorded, NOT_RECORDED)
        | mapping.codes.get(column.name, {})
    )
    codes = kinds.map(lambda word: known.get(word, word))
    if kinds.str.contains(SUSPICIOUS, regex=True).any():
        _check_text(text.astype("string[pyarrow]"), found)
    empty = text.isna() | (text == "").fillna(False)
    found(
        "empty",
        empty & ("" not in known),
        f"write {NOT_RECORDED} or {UNKNOWN}, or name '' under tables.{mapping.table.name}.{NOT_RECORDED} in extract.yml",
    )
    return (
        pd.Series(
            pd.Categorical.from_codes(text.cat.codes, text.cat.categories), index=values.index
        )
        .map(dict(codes))
        .astype("category")
    )


def _type_codes(
    values: pd.Series, column: Column, mapping: Mapping, extract: Extract, found: Found
) -> pd.Series:
    """Several codes a cell: the codes of each distinct cell are translated once."""
    known = (
        dict.fromkeys(mapping.unknown, UNKNOWN)
        | dict.fromkeys(mapping.not_recorded, NOT_RECORDED)
        | mapping.codes.get(column.name, {})
    )
    text = _as_text(values)
    _check_text(text, found)
    found(
        "empty",
        text.isna() | ((text == "") & ("" not in known)),
        f"write {NOT_RECORDED} or {UNKNOWN}",
    )
    kinds = {
        word: SEPARATOR.join(known.get(part, part) for part in word.split(SEPARATOR))
        for word in text.dropna().unique()
    }
    return text.map(kinds).astype("string[pyarrow]")


def _type_bool(
    values: pd.Series, column: Column, mapping: Mapping, extract: Extract, found: Found
) -> pd.Series:
    if values.dtype.kind == "b":
        typed = values.astype("boolean")
        found("empty", typed.isna() & (not column.nullable), "write true or false")
        return typed
    text = _as_text(values)
    missing = _is_missing(text, mapping)
    typed = text.map(
        dict.fromkeys(mapping.true, True) | dict.fromkeys(mapping.false, False)
    ).astype("boolean")
    found(
        "neither true nor false",
        typed.isna() & ~missing,
        f"write true or false, or name the words under tables.{mapping.table.name}.true and .false in extract.yml",
    )
    found("empty", missing & (not column.nullable), "write true or false")
    return typed


def _type_number(
    values: pd.Series, column: Column, mapping: Mapping, extract: Extract, found: Found
) -> pd.Series:
    whole = column.kind != "eur"
    if values.dtype.kind in "iuf":
        numbers, missing = values.astype("Float64").astype("float64"), values.isna()
    else:
        text = _as_text(values)
        missing = _is_missing(text, mapping)
        if values.dtype == object:
            found(
                "a number stored as text",
                values.map(lambda cell: isinstance(cell, str)) & ~missing & (text != FORMULA),
                "turn the cells into numbers (in Excel: Data, Text to Columns)",
            )
        point = text.str.replace(",", ".", regex=False) if mapping.decimal == "," else text
        numbers = pd.to_numeric(point.where(~missing).astype(object), errors="coerce").astype(
            "float64"
        )
        comma = (
            f"; a decimal comma is declared under tables.{mapping.table.name}.decimal in extract.yml"
            if not whole
            else ""
        )
        found("a formula", text == FORMULA, "put its value in place of the formula")
        found(
            "no number",
            numbers.isna() & ~missing & (text != FORMULA),
            f"write digits without marks for thousands{comma}",
        )
    if whole:
        found("no whole number", numbers.notna() & (numbers % 1 != 0), "write whole numbers")
    found("empty", missing & (not column.nullable), "fill it, or take the row out")
    return numbers.where(numbers % 1 == 0).astype("Int64") if whole else numbers


def _type_date(
    values: pd.Series, column: Column, mapping: Mapping, extract: Extract, found: Found
) -> pd.Series:
    kind = str(values.dtype)
    if values.dtype.kind == "M" or "date32" in kind or "timestamp" in kind:
        dates, missing = _turn_dates(values), values.isna()
    elif values.dtype == object:
        dates, missing = _read_mixed_dates(values, mapping, found)
    else:
        text = _as_text(values)
        missing = _is_missing(text, mapping)
        dates = _parse_dates(text.where(~missing), mapping, found)
    found("empty", missing & (not column.nullable), "fill it, or take the row out")
    return dates


def _turn_dates(values: pd.Series) -> pd.Series:
    """Dates that the file holds as dates, to the second."""
    if not isinstance(values.dtype, pd.ArrowDtype):
        return values.astype("datetime64[s]")
    seconds = pa.array(values).cast(
        pa.timestamp("s"), safe=False
    )  # the hours of a time stamp do not count
    return (
        pd.Series(seconds.to_numpy(zero_copy_only=False), index=values.index)
        .dt.floor("D")
        .astype("datetime64[s]")
    )


def _parse_dates(text: pd.Series, mapping: Mapping, found: Found) -> pd.Series:
    """Dates of words; each distinct word is read once."""
    kinds = pd.Series(text.dropna().unique(), dtype=object)
    read = pd.to_datetime(kinds, format=mapping.date_format, errors="coerce", exact=True)
    dates = (
        text.map(dict(zip(kinds, read))).astype("datetime64[s]")
        if len(kinds)
        else pd.Series(pd.NaT, index=text.index, dtype="datetime64[s]")
    )
    wrong = dates.isna() & text.notna()
    serial = wrong & text.str.match(SERIAL_DATE).fillna(False).astype(bool)
    found(
        "a serial number in place of a date",
        serial,
        "format the column as a date in the spreadsheet, and export it anew",
    )
    remedy = f"write dates as {mapping.date_format}, or name their form under tables.{mapping.table.name}.date_format in extract.yml"
    found(f"no date of the form {mapping.date_format}", wrong & ~serial, remedy)
    return dates


def _read_mixed_dates(
    values: pd.Series, mapping: Mapping, found: Found
) -> tuple[pd.Series, pd.Series]:
    """Dates of a workbook or an SPSS file: real dates, words, and numbers that should be dates."""
    is_date = values.map(lambda cell: isinstance(cell, datetime.date))
    is_number = values.map(
        lambda cell: isinstance(cell, (int, float)) and not isinstance(cell, bool)
    )
    text = _as_text(values.where(~is_date & ~is_number))
    missing = (values.isna() | (_is_missing(text, mapping) & ~is_date & ~is_number)).astype(bool)
    found("a formula", text == FORMULA, "put its value in place of the formula")
    found(
        "a serial number in place of a date",
        is_number,
        "format the column as a date in the spreadsheet",
    )
    dates = _parse_dates(text.where(~missing & (text != FORMULA)), mapping, found)
    real = pd.Series(
        [
            np.datetime64(cell.isoformat()[:19], "s") if flag else np.datetime64("NaT", "s")
            for cell, flag in zip(values, is_date)
        ],
        index=values.index,
        dtype="datetime64[s]",
    )
    return dates.where(~is_date, real), missing


def _join_parts(parts: list[pd.Series], found: Found) -> pd.Series:
    """The date of a year, a month and a day column."""
    numbers = [pd.to_numeric(_as_text(part).astype(object), errors="coerce") for part in parts]
    missing = pd.concat([_as_text(part).replace("", pd.NA).isna() for part in parts], axis=1)
    frame = pd.DataFrame(dict(zip(("year", "month", "day"), numbers)))
    dates = pd.to_datetime(frame, errors="coerce").astype("datetime64[s]")
    found(
        "year, month and day make no date",
        dates.isna() & ~missing.all(axis=1),
        "mend the parts, or leave all three empty",
    )
    return dates


_TYPED = {
    "id": _type_id,
    "code": _type_code,
    "codes": _type_codes,
    "bool": _type_bool,
    "date": _type_date,
    "year": _type_number,
    "count": _type_number,
    "age": _type_number,
    "eur": _type_number,
}
