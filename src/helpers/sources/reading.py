"""Reads the files of an extract in pieces of bounded size, under the contract's column names;
nothing is typed yet.

The index of every piece is the row number that a person sees: in csv and xlsx the header counts, in
parquet and sav it does not.
"""

from __future__ import annotations

import errno
import warnings
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from helpers.schema import SEPARATOR
from helpers.sources.delimited import read_csv
from helpers.sources.extract import Extract, Mapping
from helpers.sources.headers import Tally, make_fault
from helpers.sources.parquets import read_parquet
from helpers.sources.problems import Problem, UnreadableExtract
from helpers.sources.spss import read_sav
from helpers.sources.text import as_text
from helpers.sources.workbooks import read_xlsx

CHUNK_ROWS = 500_000
# The rows of a sheet today, and before 2007; header and data.
SHEET_ROWS = (1_048_576, 65_536)
_READERS = {".csv": read_csv, ".parquet": read_parquet, ".xlsx": read_xlsx, ".sav": read_sav}
_DAMAGED = {
    ".csv": ("no whole csv file", "copy or export it anew"),
    ".parquet": ("no whole Parquet file; it may be cut short", "copy or export it anew"),
    ".xlsx": ("no whole Excel workbook", "save it anew as .xlsx"),
    ".sav": (
        "no whole SPSS file, or letters that are not in its encoding",
        "save it anew as .sav, in Unicode; an old file may need encoding: cp1252 in extract.yml",
    ),
}


def read_chunks(
    extract: Extract, name: str, *, size: int = CHUNK_ROWS, tally: Tally | None = None
) -> Iterator[tuple[Path, pd.DataFrame]]:
    """Pieces of a table, each with its file: at most `size` rows, raw values, the contract's names
    for the columns that are there. What was read is counted in `tally`.

    Raises UnreadableExtract for a file that cannot be read or that lacks a column; whatever a
    reader raises becomes such a problem.
    """
    mapping = extract.mappings[name]
    tally = Tally() if tally is None else tally
    for path in mapping.files:
        tally.files.append(path.name)
        before = tally.n_lines
        for piece in _guard(path, mapping, size, tally):
            kept = _leave_out(piece, mapping, tally)
            if len(kept):
                tally.rows += len(kept)
                yield path, _name_columns(kept, mapping)
        if tally.n_lines - before + mapping.header_row in SHEET_ROWS:
            tally.full.append(path.name)


def _guard(path: Path, mapping: Mapping, size: int, tally: Tally) -> Iterator[pd.DataFrame]:
    pieces = _READERS[path.suffix.lower()](path, mapping, size, tally)
    while True:
        try:
            with warnings.catch_warnings():  # of libraries: they repeat values of cells
                warnings.simplefilter("ignore")
                piece = next(pieces, None)
        except UnreadableExtract:
            raise
        except Exception as error:
            raise UnreadableExtract([explain_failure(path, error)]) from None
        if piece is None:
            return
        yield piece


def explain_failure(path: Path, error: Exception) -> Problem:
    """What kept a file from being read, without the words of the library: they may repeat cells."""
    number = getattr(error, "errno", None)
    if isinstance(error, PermissionError):
        return make_fault(path, "it may not be read", "give yourself the right to read it")
    if isinstance(error, MemoryError):
        return make_fault(
            path, "it needs more memory than there is", "save it as Parquet, in smaller row groups"
        )
    if number in (errno.ENOSPC, errno.EDQUOT):
        return make_fault(path, "no room for temporary files", "free some disk, and run again")
    if number in (errno.EIO, errno.ENOENT, errno.ESTALE):
        return make_fault(path, "it is gone, or its disk does not answer", "copy it anew")
    return make_fault(path, *_DAMAGED[path.suffix.lower()])


def _leave_out(piece: pd.DataFrame, mapping: Mapping, tally: Tally) -> pd.DataFrame:
    """The piece without the rows that the mapping names; they are counted."""
    for column, words in mapping.leave_out.items():
        is_out = as_text(piece[column]).fillna("").isin(words).to_numpy(dtype=bool)
        tally.n_left_out += int(is_out.sum())
        tally.left_out[column] += int(is_out.sum())
        piece = piece[~is_out]
    return piece


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


def split_codes(values: pd.Series) -> pd.Series:
    """Each code of a column that holds several, one a row, under the row numbers of its cell."""
    return values.str.split(SEPARATOR).explode()
