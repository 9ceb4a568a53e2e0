"""Gives raw pieces of a table the types of the contract; what does not fit is named by row, and its
value is never repeated."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from helpers.schema import NOT_RECORDED, SEPARATOR, UNKNOWN, Column
from helpers.sources.extract import Extract, Mapping
from helpers.sources.limits import LONGEST_CELL, MOST_CODES_A_CELL
from helpers.sources.problems import SHOWN_ROWS, Problem, UnreadableExtract
from helpers.sources.reading import read_chunks
from helpers.sources.text import (
    ACTIVE,
    ERRORS,
    ESCAPED,
    LAST_TOTALS,
    LONGEST_WHOLE,
    LOST,
    MISSING_WORDS,
    ODD_BLANK,
    PADDED,
    QUOTED,
    SPOILED,
    TOTALS,
    UNSEEN,
    as_text,
    find_clock_of_elsewhere,
    is_compatible,
    is_day,
    is_digit_form,
    is_garbled,
    is_longer,
    is_mixed,
    is_number,
    is_padded_number,
    is_rounded,
    is_stand_in,
    is_written_twice,
    matches,
    select_odd,
)
from helpers.sources.workbooks import ERROR, FORMULA

SUSPICIOUS = "|".join((ACTIVE, PADDED, UNSEEN, ERRORS, ESCAPED))
SERIAL_DATE = r"^[1-6]\d{4}$"
PLAIN_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,9})?")
# Two digits or more that stand for an unknown age, where nearly nobody is so old.
AGE_UNKNOWN = re.compile(r"[89]{2,}")
LARGEST_NUMBER = 2.0**53
LATE_YEAR = r"(?:22[6-9]|2[3-9]\d|[3-9]\d\d)\d"
MOST_LATE = 10_000
TOO_LONG = "(too long)"
# Of dates in workbooks: the year of their day zero; the number of months; so few cells show nothing.
ZERO_YEAR, MONTHS, FEWEST_OF_A_KIND = 1900, 12, 3
Found = Callable[[str, pd.Series, str], None]


def type_chunk(
    path: Path, raw: pd.DataFrame, mapping: Mapping
) -> tuple[pd.DataFrame, list[Problem]]:
    """The piece with the contract's types under the same row numbers, and what did not fit (such a
    cell becomes missing).

    Dates are datetime64[s], numbers Int64 or float64, truth values boolean, codes category, several
    codes and identifiers string.
    """
    problems: list[Problem] = []
    typed: dict[str, pd.Series] = {}
    for column in mapping.table.columns:

        def found(rule: str, wrong: pd.Series, remedy: str, name: str = column.name) -> None:
            hit = (wrong if wrong.dtype == bool else wrong.fillna(False)).to_numpy(dtype=bool)
            if hit.any():
                rows = tuple(int(row) for row in wrong.index[hit][:SHOWN_ROWS])
                problems.append(Problem(path.name, name, rule, int(hit.sum()), rows, remedy))

        parts = [f"{column.name}/{part}" for part in ("year", "month", "day")]
        if parts[0] in raw:
            typed[column.name] = _join_parts([raw[part] for part in parts], column, mapping, found)
        elif column.name in raw:
            typed[column.name] = _TYPED[column.kind](raw[column.name], column, mapping, found)
    whole = pd.DataFrame(typed, index=raw.index)
    _check_words(path, raw, whole, mapping, problems)
    return whole, problems


def _check_words(
    path: Path, raw: pd.DataFrame, typed: pd.DataFrame, mapping: Mapping, problems: list[Problem]
) -> None:
    """What only several columns of a row show: notes below a table, and words that mean unknown in
    one column and are numbers in another."""

    def name_rows(column: str, rule: str, rows: pd.Index, remedy: str) -> None:
        if len(rows):
            first = tuple(int(row) for row in rows[:SHOWN_ROWS])
            problems.append(Problem(path.name, column, rule, len(rows), first, remedy))

    key = mapping.table.key[0]
    if mapping.table.column(key).kind == "id":
        odd = select_odd(typed[key])
        odd = odd[matches(odd, r"\S\s+\S")]
        notes = typed.loc[odd.index].drop(columns=key)
        is_bare = notes.isna() | notes.isin([UNKNOWN, NOT_RECORDED, "", False])
        name_rows(
            key,
            "words and nothing else in a row, as notes below a table are",
            notes.index[is_bare.all(axis=1)],
            "take the row out",
        )
    declared = {*mapping.unknown, *mapping.not_recorded}
    words = {word for word in declared if PLAIN_NUMBER.fullmatch(word)}
    if not words:
        return
    columns = [column for column in mapping.table.columns if column.name in raw]
    coded = {
        word
        for column in columns
        if column.kind in ("code", "codes", "bool")
        for word in as_text(pd.Series(raw[column.name].unique())).dropna()
    }
    for column in columns:
        upper = np.inf if column.upper is None else column.upper
        both = [
            word
            for word in words & coded
            if column.lower is not None and column.lower <= float(word) <= upper
            if not (column.kind == "age" and AGE_UNKNOWN.fullmatch(word))
        ]
        if both:
            name_rows(
                column.name,
                "a number that is declared to mean unknown, stands for it in coded columns, and can be a number here",
                raw.index[as_text(raw[column.name]).isin(both).fillna(False)],
                f"name it under tables.{mapping.table.name}.codes, for the columns in which it means that",
            )


def read_table(extract: Extract, name: str) -> pd.DataFrame:
    """A whole table with the contract's types. Raises UnreadableExtract where cells do not fit;
    `monitor validate` says more."""
    mapping = extract.mappings[name]
    pieces, problems = [], []
    for path, raw in read_chunks(extract, name):
        typed, found = type_chunk(path, raw, mapping)
        pieces.append(typed)
        problems += found
    if problems:
        raise UnreadableExtract(problems)
    if not pieces:
        raw = pd.DataFrame({column: pd.Series(dtype=object) for column in mapping.table.names})
        pieces.append(type_chunk(mapping.files[0], raw, mapping)[0])
    coded = [
        column.name
        for column in mapping.table.columns
        if column.kind == "code" and column.name in pieces[0]
    ]
    whole = pd.concat(
        [piece.astype(dict.fromkeys(coded, "string[pyarrow]")) for piece in pieces],
        ignore_index=True,
    )
    return whole.astype(dict.fromkeys(coded, "category"))


def _is_missing(text: pd.Series, mapping: Mapping) -> pd.Series:
    return text.isna() | text.isin(["", *mapping.unknown, *mapping.not_recorded]).fillna(False)


def _read_words(values: pd.Series, found: Found) -> pd.Series:
    """Cells as words of bounded length, "" where there is none."""
    text = as_text(values).fillna("")
    long = is_longer(text, LONGEST_CELL)
    if long.any():
        found(
            f"a cell of more than {LONGEST_CELL:,} signs",
            long,
            "a cell holds one word, code or identifier; mend the quotes or the export",
        )
        text = text.mask(long, TOO_LONG)
    return text


def check_text(words: pd.Series, found: Found) -> None:
    """Tell `found` of blanks around words, signs that nobody sees, formulas and error cells."""
    text = select_odd(words)
    if not matches(text, SUSPICIOUS).any():  # one pass where nothing is wrong
        return
    is_formula = text == FORMULA
    found("a formula", is_formula, "put its value in place of the formula")
    found("blanks before or after the text", matches(text, PADDED), "take the blanks away")
    found(
        "a sign that nobody sees, such as a space without width",
        matches(text, UNSEEN) & ~matches(text, PADDED),
        "take it away, or write the word anew",
    )
    found(
        "a sign that nobody sees, written as _x and its number",
        matches(text, ESCAPED),
        "take it away, or write the word anew",
    )
    found(
        "text that a spreadsheet would run or a browser would draw",
        matches(text, ACTIVE) & ~is_formula,
        "take the formula or the HTML away",
    )
    found(
        "an error cell such as #N/A",
        matches(text, ERRORS),
        "mend the formula or the look-up that it comes from, and export anew",
    )


def _type_id(values: pd.Series, column: Column, mapping: Mapping, found: Found) -> pd.Series:
    text = read_identifiers(values, found)
    found(
        "the row of names stands again",
        text.isin([column.name, mapping.columns[column.name]]),
        "take it out; files that were joined keep one",
    )
    return text


def read_identifiers(values: pd.Series, found: Found) -> pd.Series:
    """Identifiers as words in one Unicode form; `found` is told what no register gives out."""
    text = _read_words(values, found)
    check_text(text, found)
    _check_shapes(values, text, found)
    found("empty", text == "", "every row names its identifier; fill it, or take the row out")
    return text


def _check_shapes(values: pd.Series, text: pd.Series, found: Found) -> None:
    """Identifiers that are no longer what the register gave out."""
    remedy = "format the column as text before it is filled, and export it anew"
    odd = select_odd(text)
    found(
        "an identifier that a spreadsheet or an export turned into a number or a date",
        matches(odd, SPOILED).reindex(text.index, fill_value=False) | _is_no_identifier(values),
        remedy,
    )
    _check_meaning(text, found)
    if len(odd):
        _check_signs(odd, found)
    found(
        "a number of more than 15 digits that ends in zeros, as a spreadsheet writes it",
        is_rounded(text),
        remedy,
    )
    found(
        "zeros or nines in many rows, as where an identifier is missing",
        is_stand_in(text),
        "every row names its identifier; name rows without one under leave_out in extract.yml",
    )
    found(
        "the same number with zeros before it and without, or with a sign between letters and digits and without",
        is_padded_number(text),
        remedy,
    )
    found(
        "the same identifier in capitals and in small letters, or with marks for thousands and without",
        is_written_twice(text),
        "write each identifier in one way",
    )
    found(
        "Greek or Cyrillic letters beside Latin ones, which they look like",
        is_mixed(text),
        "write identifiers in one alphabet",
    )
    if values.dtype == object:
        numbers = values.map(is_number).astype(bool)
        if numbers.any() and (~numbers & (text != "")).any():
            found("numbers beside texts in a column of identifiers", numbers, remedy)


def _check_meaning(text: pd.Series, found: Found) -> None:
    """Words that name nobody."""
    words = text[matches(text, f"{MISSING_WORDS}|{TOTALS}")]
    found(
        "a word that stands for a missing one, such as NULL, TRUE or dashes",
        matches(words, MISSING_WORDS),
        "every row names its identifier; name rows without one under leave_out in extract.yml",
    )
    is_sum = matches(words, TOTALS) | matches(text.iloc[-1:], LAST_TOTALS).reindex(
        words.index, fill_value=False
    )
    found("a row of totals", is_sum, "take the row of totals out")


def _check_signs(odd: pd.Series, found: Found) -> None:
    """Signs that a spreadsheet, an encoding or a browser left in words with more than letters A to
    Z and digits."""
    found(
        "an apostrophe before an identifier, or a quote in an identifier",
        matches(odd, QUOTED),
        "an apostrophe marks text in a spreadsheet, and quotes are doubled within quotes: take them away",
    )
    found(
        "a blank, a dash, a digit or a letter in a form that looks like another",
        is_compatible(odd) | (matches(odd, ODD_BLANK) & ~matches(odd, PADDED)),
        "write identifiers in one form, in plain letters, digits and signs",
    )
    found(
        "a sign in place of a letter that was lost, such as ?, or a letter written for a browser, such as &amp;",
        matches(odd, LOST) & ~matches(odd, MISSING_WORDS),
        "export anew in UTF-8",
    )
    found(
        "letters in a wrong encoding, such as \u00c3\u00a9 for \u00e9",
        is_garbled(odd),
        "mend the encoding in extract.yml, or export anew",
    )


def _is_no_identifier(values: pd.Series) -> pd.Series:
    """Cells that are dates, truth values, or numbers with decimals or more digits than a
    spreadsheet holds."""
    kind = values.dtype.kind
    if kind == "f":
        kept = getattr(values.dtype, "numpy_dtype", values.dtype)
        most = min(LONGEST_WHOLE, 2 ** (np.finfo(kept).nmant + 1))
        numbers = values.astype("Float64").astype("float64")
        return (numbers % 1 != 0) & numbers.notna() | (numbers.abs() >= most)
    if values.dtype != object:
        wrong = kind in "bM" or "timestamp" in str(values.dtype) or "date" in str(values.dtype)
        return pd.Series(wrong, index=values.index)
    return values.map(
        lambda cell: (
            is_day(cell)
            or isinstance(cell, bool)
            or (is_number(cell) and cell == cell and (cell % 1 != 0 or abs(cell) >= LONGEST_WHOLE))
        )
    ).astype(bool)


def _type_code(values: pd.Series, column: Column, mapping: Mapping, found: Found) -> pd.Series:
    """An empty cell takes the code that "" is declared to mean."""
    text = _read_words(values, found).astype("category")
    kinds = pd.Series(text.cat.categories, dtype="string[pyarrow]")
    known = mapping.known_words(column.name)
    if matches(kinds[~kinds.isin(known)], SUSPICIOUS).any():
        check_text(text.astype("string[pyarrow]").where(~text.isin(known)), found)
    found("empty", (text == "") & ("" not in known), _name_empty(mapping))
    words = [known.get(word) or _complete(word, column) for word in kinds]
    codes = list(dict.fromkeys(word for word in words if word))
    place = {code: number for number, code in enumerate(codes)}
    turned = np.array([place.get(word, -1) for word in words], dtype=np.int64)
    return pd.Series(
        pd.Categorical.from_codes(turned[text.cat.codes.to_numpy()], codes), index=values.index
    )


def _complete(word: str, column: Column) -> str:
    """A code whose letters, or zeros, an export left out."""
    if column.prefix and re.fullmatch(r"\d{1,4}", word):
        return column.prefix + word.zfill(4)
    return word


def _name_empty(mapping: Mapping) -> str:
    return f"write {NOT_RECORDED} or {UNKNOWN}, or name '' under tables.{mapping.table.name}.{NOT_RECORDED} in extract.yml"


def _type_codes(values: pd.Series, column: Column, mapping: Mapping, found: Found) -> pd.Series:
    """Several codes a cell, each once: those of each distinct cell are translated together."""
    known = mapping.known_words(column.name)
    text = _read_words(values, found)
    check_text(text.where(~text.isin(known).fillna(False)), found)
    found("empty", (text == "") & ("" not in known), _name_empty(mapping))
    many = text.str.count(re.escape(SEPARATOR)) >= MOST_CODES_A_CELL
    found(f"more than {MOST_CODES_A_CELL} codes in a cell", many, "write each code once")
    text = text.mask(many, TOO_LONG)
    turned = {
        word: known.get(
            word,
            SEPARATOR.join(
                dict.fromkeys(
                    known.get(part, part) if part else "" for part in word.split(SEPARATOR)
                )
            ),
        )
        for word in text.unique()
    }
    return text.map(turned).replace("", pd.NA).astype("string[pyarrow]")


def _type_bool(values: pd.Series, column: Column, mapping: Mapping, found: Found) -> pd.Series:
    if values.dtype.kind == "b":
        typed = values.astype("boolean")
        found("empty", typed.isna() & (not column.nullable), "write true or false")
        return typed
    text = _read_words(values, found)
    missing = _is_missing(text, mapping)
    words = dict.fromkeys(mapping.true, True) | dict.fromkeys(mapping.false, False)
    typed = text.where(~missing).map(words).astype("boolean")
    found(
        "neither true nor false",
        typed.isna() & ~missing,
        f"write true or false, or name the words under tables.{mapping.table.name}.true and .false in extract.yml",
    )
    found("empty", missing & (not column.nullable), "write true or false")
    return typed


def _type_number(values: pd.Series, column: Column, mapping: Mapping, found: Found) -> pd.Series:
    whole = column.kind != "eur"
    if values.dtype.kind in "iuf" or "decimal" in str(values.dtype):
        numbers = values.astype(
            "float64[pyarrow]" if isinstance(values.dtype, pd.ArrowDtype) else "float64"
        )
        numbers = numbers.astype("Float64").astype("float64")
        missing = values.isna() | numbers.isin(_list_numbers(mapping))
        numbers = numbers.where(~missing)
        wrong = numbers.abs() > LARGEST_NUMBER
    else:
        numbers, missing, wrong = _read_numbers(values, mapping, found, whole=whole)
    found("no number", wrong, _describe_notation(mapping, whole=whole))
    numbers = numbers.mask(wrong)
    if whole:
        found("no whole number", numbers.notna() & (numbers % 1 != 0), "write whole numbers")
    found("empty", missing & (not column.nullable), "fill it, or take the row out")
    return numbers.where(numbers % 1 == 0).astype("Int64") if whole else numbers


def _list_numbers(mapping: Mapping) -> list[float]:
    """Declared words for what is missing that a column of numbers can hold."""
    words = [*mapping.unknown, *mapping.not_recorded]
    return [float(word) for word in words if PLAIN_NUMBER.fullmatch(word)]


def _describe_notation(mapping: Mapping, *, whole: bool) -> str:
    comma = (
        f"; a decimal comma is declared under tables.{mapping.table.name}.decimal in extract.yml"
    )
    return f"write digits without marks for thousands{'' if whole else comma}"


def _read_numbers(
    values: pd.Series, mapping: Mapping, found: Found, *, whole: bool
) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Numbers of words in the one notation that is declared, where they are missing, and where a
    word is no such number. Three digits after the only mark could be thousands: refused."""
    text = _read_words(values, found)
    missing = _is_missing(text, mapping)
    is_formula = text == FORMULA
    found("a formula", is_formula, "put its value in place of the formula")
    if values.dtype == object:
        found(
            "a number stored as text",
            values.map(lambda cell: isinstance(cell, str))
            & ~missing
            & ~is_formula
            & (text != ERROR),
            "turn the cells into numbers (in Excel: Data, Text to Columns)",
        )
        is_read = values.map(is_number).astype(bool)
    else:
        is_read = pd.Series(False, index=values.index)
    is_number_word = matches(text, rf"^-?\d{{1,15}}(\{mapping.decimal}\d{{1,9}})?$")
    is_double = matches(text, r"^-?[1-9]\d{0,2}([.,]\d{3})+$") & ~is_read & ~missing
    found(
        "a number that can be read two ways: three digits after its mark",
        is_double & is_number_word,
        _describe_notation(mapping, whole=whole),
    )
    point = text.str.replace(mapping.decimal, ".", regex=False)
    readable = (is_number_word & ~is_double) | is_read
    numbers = pd.to_numeric(
        point.where(readable & ~missing).astype(object), errors="coerce"
    ).astype("float64")
    # 99.0, as an export of numbers with empty cells writes a declared 99, is no other number.
    is_declared = numbers.isin(_list_numbers(mapping))
    numbers, missing = numbers.mask(is_declared), missing | is_declared
    wrong = (numbers.isna() & ~missing & ~is_formula & ~(is_double & is_number_word)) | (
        numbers.abs() > LARGEST_NUMBER
    )
    return numbers, missing, wrong


def _type_date(values: pd.Series, column: Column, mapping: Mapping, found: Found) -> pd.Series:
    kind = str(values.dtype)
    if values.dtype.kind == "M" or "date32" in kind or "date64" in kind or "timestamp" in kind:
        dates, missing = _turn_dates(values, found), values.isna()
    elif values.dtype == object:
        dates, missing = _read_mixed_dates(values, mapping, found)
    else:
        text = _read_words(values, found)
        missing = _is_missing(text, mapping)
        if values.dtype.kind in "iuf" and is_digit_form(mapping.date_format):
            text = text.where(missing, text.str.zfill(8))
        dates = _parse_dates(text.where(~missing), mapping, found)
    declared = _read_days(
        pd.Series([*mapping.unknown, *mapping.not_recorded], dtype=object), mapping.date_format
    )
    is_declared = dates.isin(declared[~np.isnat(declared)])
    dates, missing = dates.mask(is_declared), missing | is_declared
    found("empty", missing & (not column.nullable), "fill it, or take the row out")
    return dates


def _take_days(stamps: np.ndarray, index: pd.Index, found: Found) -> pd.Series:
    """The days of moments (datetime64[s]), by the clock on the wall of the file; whole columns of
    late hours are no such clock."""
    found(
        "times of day that are all midnight or 21, 22 or 23 o'clock, as midnights of another time zone are",
        pd.Series(find_clock_of_elsewhere(stamps), index=index),
        "write the local day, without a time of day",
    )
    return pd.Series(stamps.astype("datetime64[D]").astype("datetime64[s]"), index=index)


def _turn_dates(values: pd.Series, found: Found) -> pd.Series:
    """Dates that the file holds as dates."""
    if not isinstance(values.dtype, pd.ArrowDtype):
        return _take_days(values.to_numpy("datetime64[s]"), values.index, found)
    array = pa.array(values)
    if getattr(array.type, "tz", None):
        array = pc.local_timestamp(array)
        clock = pc.not_equal(array, pc.floor_temporal(array, unit="day"))
        found(
            "a time of day with a time zone",
            pd.Series(
                pc.fill_null(clock, False).to_numpy(zero_copy_only=False), index=values.index
            ),
            "it may be midnight elsewhere: write the local day, without time and zone",
        )
    seconds = array.cast(pa.timestamp("s"), safe=False).to_numpy(zero_copy_only=False)
    return _take_days(seconds.astype("datetime64[s]"), values.index, found)


def _parse_dates(text: pd.Series, mapping: Mapping, found: Found) -> pd.Series:
    """Days of words; each distinct word is read once."""
    kinds = pd.Series(text.dropna().unique(), dtype=object)
    days = dict(zip(kinds, _read_days(kinds, mapping.date_format), strict=True))
    nothing = np.datetime64("NaT", "s")
    found_days = [days.get(word, nothing) for word in text.astype(object)]
    dates = _take_days(np.array(found_days, dtype="datetime64[s]"), text.index, found)
    wrong = dates.isna() & text.notna()
    serial = wrong & matches(text, SERIAL_DATE)
    found(
        "a serial number in place of a date",
        serial,
        "format the column as a date in the spreadsheet, and export it anew",
    )
    remedy = f"write dates as {mapping.date_format}, or name their form under tables.{mapping.table.name}.date_format in extract.yml"
    found(f"no date of the form {mapping.date_format}", wrong & ~serial, remedy)
    return dates


def _read_days(kinds: pd.Series, form: str) -> np.ndarray:
    """The moment of each word, or no time. pandas reads years to 2262; later ones, such as an end
    that is open, are read one by one."""
    if is_digit_form(form):
        kinds = kinds.where(kinds.str.len() == 8)
    read = pd.to_datetime(kinds, format=form, errors="coerce", exact=True)
    days = read.to_numpy().astype("datetime64[s]")
    late = np.flatnonzero(read.isna() & kinds.str.contains(LATE_YEAR, regex=True, na=False))
    for place in late[:MOST_LATE]:
        try:
            days[place] = np.datetime64(datetime.datetime.strptime(kinds[place], form), "s")
        except ValueError:
            continue
    return days


def _read_mixed_dates(
    values: pd.Series, mapping: Mapping, found: Found
) -> tuple[pd.Series, pd.Series]:
    """Dates of a workbook or an SPSS file: real dates, words, and numbers that should be dates. A
    number is a date only where the declared form has digits alone."""
    is_date = values.map(is_day).astype(bool)
    has_digits = is_digit_form(mapping.date_format)
    number = values.map(is_number).astype(bool) & values.notna()
    text = _read_words(values.where(~is_date), found)
    missing = _is_missing(text, mapping) & ~is_date
    if has_digits:
        text = text.where(~number, text.str.zfill(8))
    number &= not has_digits
    is_formula = text == FORMULA
    found("a formula", is_formula, "put its value in place of the formula")
    found(
        "a serial number in place of a date",
        number & ~missing,
        "format the column as a date in the spreadsheet, or name its form under date_format",
    )
    dates = _parse_dates(text.where(~missing & ~is_formula & ~is_date & ~number), mapping, found)
    _check_calendar(values[is_date], dates.dropna(), mapping, found)
    real = [
        np.datetime64(cell.replace(tzinfo=None) if hasattr(cell, "tzinfo") else cell, "s")
        if flag
        else np.datetime64("NaT", "s")
        for cell, flag in zip(values, is_date, strict=True)
    ]
    days = _take_days(np.array(real, dtype="datetime64[s]"), values.index, found)
    return dates.where(~is_date, days), missing


def _check_calendar(real: pd.Series, words: pd.Series, mapping: Mapping, found: Found) -> None:
    """Days of a workbook that are none: lengths of time, and those of which a spreadsheet took the
    day for the month. It leaves the others, whose day is above 12, as words."""
    found(
        "a date of 1900, as a number or a length of time is shown",
        real.map(lambda cell: cell.year == ZERO_YEAR).astype(bool),
        "format the cell as a date, or leave it empty where the date is not known",
    )
    early = [cell.day <= MONTHS for cell in real]
    if (
        min(len(real), len(words)) >= FEWEST_OF_A_KIND
        and not mapping.date_format.startswith("%Y")
        and all(early)
        and (words.dt.day > MONTHS).all()
    ):
        found(
            "days up to the 12th as dates, and later ones as words: a spreadsheet took the day for the month",
            pd.Series(True, index=real.index),
            "import the column as text, or as dates of the right order, and export it anew",
        )


def _join_parts(
    parts: list[pd.Series], column: Column, mapping: Mapping, found: Found
) -> pd.Series:
    """The date of a year, a month and a day column; empty where all three are, or where one holds
    a word that is declared to mean unknown."""
    words = [_read_words(part, found) for part in parts]
    declared = [*mapping.unknown, *mapping.not_recorded]
    is_unknown = pd.concat([word.isin(declared) & (word != "") for word in words], axis=1).any(
        axis=1
    )
    missing = is_unknown | pd.concat([word == "" for word in words], axis=1).all(axis=1)
    digits = [
        pd.to_numeric(word.where(matches(word, r"^\d{1,4}$")).astype(object), errors="coerce")
        for word in words
    ]
    frame = pd.DataFrame(dict(zip(("year", "month", "day"), digits, strict=True))).astype("float64")
    dates = pd.to_datetime(frame.where(~missing), errors="coerce").astype("datetime64[s]")
    found(
        "year, month and day make no date",
        dates.isna() & ~missing,
        "mend the parts, or leave all three empty",
    )
    found("empty", missing & (not column.nullable), "fill it, or take the row out")
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
