"""Reading a comma-separated file of published numbers, with errors that name file, row, column and
remedy."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from helpers.edition import BadInput, name_file


def read_table(path: Path, columns: Iterable[str]) -> pd.DataFrame:
    """All cells as text, an empty cell as "". The frame's index is the row number in the file
    (header = 1).

    Raises BadInput where the file is missing, is not UTF-8, lacks a column or has a ragged row.
    """
    columns = list(columns)
    try:
        content = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BadInput(
            f"{name_file(path)} is missing; restore it with: git checkout -- {name_file(path)}"
        ) from None
    except UnicodeDecodeError as error:
        raise BadInput(
            f"{name_file(path)} is not UTF-8 (byte {error.start}); save it as UTF-8"
        ) from None
    rows = list(csv.reader(content.splitlines()))
    if not rows or rows[0] != columns:
        found = rows[0] if rows else []
        wrong = (
            [c for c in columns if c not in found]
            or [c for c in found if c not in columns]
            or ["their order"]
        )
        raise BadInput(
            f"{name_file(path)}, row 1: the columns must be {', '.join(columns)}; look at {', '.join(wrong)}"
        )
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(columns):
            raise BadInput(
                f"{name_file(path)}, row {number}: {len(row)} cells where {len(columns)} belong; quote cells that hold a comma"
            )
    return pd.DataFrame(rows[1:], columns=columns, index=range(2, len(rows) + 1), dtype=str)


def check_unique(table: pd.DataFrame, column: str, path: Path) -> None:
    """Raise BadInput where a value of `column` stands in two rows."""
    twice = table.index[table[column].duplicated()]
    if len(twice):
        raise BadInput(
            f"{name_file(path)}, row {twice[0]}, column {column}: {table.at[twice[0], column]!r} stands twice; give the later row a new one"
        )


def check_filled(table: pd.DataFrame, columns: Iterable[str], path: Path, *, remedy: str) -> None:
    """Raise BadInput where one of these columns is empty."""
    for column in columns:
        empty = table.index[table[column] == ""]
        if len(empty):
            raise BadInput(f"{name_file(path)}, row {empty[0]}, column {column}: {remedy}")


def check_allowed(table: pd.DataFrame, column: str, allowed: Iterable[str], path: Path) -> None:
    """Raise BadInput where `column` holds something else than the allowed words."""
    allowed = sorted(allowed)
    wrong = table.index[~table[column].isin(allowed)]
    if len(wrong):
        raise BadInput(
            f"{name_file(path)}, row {wrong[0]}, column {column}: {table.at[wrong[0], column]!r}; use one of {', '.join(allowed)}"
        )


def check_number(
    table: pd.DataFrame, column: str, path: Path, *, allow: tuple[str, ...] = ()
) -> None:
    """Raise BadInput where `column` holds no plain number (decimal point, no thousands mark)."""
    plain = table[column].str.fullmatch(r"-?\d+(\.\d+)?") | table[column].isin(allow)
    wrong = table.index[~plain]
    if len(wrong):
        raise BadInput(
            f"{name_file(path)}, row {wrong[0]}, column {column}: {table.at[wrong[0], column]!r} is no number; "
            "write it with a decimal point and without thousands marks"
        )


def hash_file(path: Path) -> str:
    """SHA-256 of the file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def sign_files(paths: Iterable[Path], folder: Path) -> bytes:
    """The place in `folder` and the SHA-256 of each of these files, for a checksum of them all."""
    return b"".join(
        path.relative_to(folder).as_posix().encode() + bytes.fromhex(hash_file(path))
        for path in paths
    )


def hash_line(line: str) -> str:
    """SHA-256 of one line of a source, without its line end."""
    return hashlib.sha256(line.rstrip("\r\n").encode("utf-8")).hexdigest()
