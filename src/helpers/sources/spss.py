"""Reads SPSS files, by pyreadstat; dates and declared missing values are turned here, since the
library drops what it cannot turn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from helpers.sources.extract import Mapping
from helpers.sources.headers import Tally, check_header, clean_heading, refuse
from helpers.sources.limits import LARGEST_PIECE
from helpers.sources.text import as_word

# SPSS counts seconds from the first day of the Gregorian calendar.
DAY_ZERO = np.datetime64("1582-10-14", "s")
DATE_FORMS = ("DATE", "ADATE", "EDATE", "JDATE", "SDATE", "DATETIME", "YMDHMS")
# The column that SPSS makes where some rows are chosen.
FILTER = "filter_$"
LATEST_SECOND = 10**12


def read_sav(path: Path, mapping: Mapping, size: int, tally: Tally) -> Iterator[pd.DataFrame]:
    import pyreadstat  # here, so that an extract without one does not wait for the library

    encoding = "CP1252" if mapping.encoding == "cp1252" else None
    _, meta = pyreadstat.read_sav(
        str(path), metadataonly=True, user_missing=True, encoding=encoding
    )
    header = [_read_name(name, meta.column_names) for name in meta.column_names]
    check_header(path, mapping, header, tally, row=None)
    if FILTER in tally.unused:
        tally.note(
            path,
            f"{FILTER} says which rows SPSS leaves out, and all are read",
            f'write leave_out: {{{FILTER}: ["0"]}} in extract.yml, or take the column out',
        )
    names = dict(zip(header, meta.column_names, strict=True))
    sources = {name: names[name] for name in mapping.sources if name in names}
    widths = [max(meta.variable_storage_width.get(name, 8), 8) for name in sources.values()]
    size = max(1, min(size, LARGEST_PIECE // sum(widths)))
    first = 1
    while True:
        frame, _ = pyreadstat.read_sav(
            str(path),
            encoding=encoding,
            usecols=list(sources.values()),
            row_offset=first - 1,
            row_limit=size,
            user_missing=True,
            disable_datetime_conversion=True,
        )
        if frame.empty:
            break
        turned = {
            name: _turn(frame[source], source, _find_words(mapping, name), meta, mapping)
            for name, source in sources.items()
        }
        piece = pd.DataFrame(turned)
        piece.index = pd.RangeIndex(first, first + len(frame))
        first += len(frame)
        yield piece
    if meta.number_rows not in (None, -1, first - 1):
        raise refuse(
            path,
            f"{first - 1:,} rows could be read where the file says that it has {meta.number_rows:,}",
            "copy or export it anew",
        )


def _read_name(name: str | None, names: list[str]) -> str:
    """The name of a variable as it stands in the file: the library renames the second of two."""
    plain = re.sub(r"_duplicated\d+$", "", name or "")
    return clean_heading(plain if plain in names else name)


def _find_words(mapping: Mapping, source: str) -> set[str] | None:
    """The words of a source column that mean something; None for one that is no coded column."""
    for name, given in mapping.columns.items():
        if given == source and mapping.table.column(name).codes:
            return set(mapping.known_words(name))
    return None


def _turn(
    values: pd.Series, source: str, words: set[str] | None, meta: Any, mapping: Mapping
) -> pd.Series:
    """Dates as dates, empty texts and declared missing values as missing; but a declared missing
    value that the mapping names stays what it is."""
    is_missing = values.isna() | (values == "") | _is_declared_missing(values, source, meta)
    labels = meta.variable_value_labels.get(source, {})
    if values.dtype.kind == "f" and meta.original_variable_types.get(source, "").startswith(
        DATE_FORMS
    ):
        return _turn_dates(values.mask(is_missing))
    shown = values.map(lambda cell: labels.get(cell, cell)) if mapping.labels and labels else values
    shown = shown.astype(object)
    if words is not None and is_missing.any():
        is_missing &= ~shown.map(as_word).isin(words) | values.isna()
    elif is_missing.any():
        given = {*mapping.unknown, *mapping.not_recorded}
        is_missing &= ~shown.map(as_word).isin(given) | values.isna()
    return shown.where(~is_missing, None)


def _is_declared_missing(values: pd.Series, source: str, meta: Any) -> pd.Series:
    declared = pd.Series(False, index=values.index)
    for part in meta.missing_ranges.get(source, []):
        low, high = (part["lo"], part["hi"]) if isinstance(part, dict) else (part, part)
        if isinstance(low, str) or values.dtype == object:
            declared |= values == low
        else:
            declared |= values.between(low, high)
    return declared


def _turn_dates(seconds: pd.Series) -> pd.Series:
    """Moments as datetime64[s]; a number that is no day of the calendar becomes the day before all
    registers, which is then named."""
    known = seconds.notna().to_numpy()
    inside = seconds.where(seconds.abs() < LATEST_SECOND, 0.0).to_numpy()
    days = DAY_ZERO + inside.astype("timedelta64[s]")
    return pd.Series(np.where(known, days, np.datetime64("NaT", "s")), index=seconds.index)
