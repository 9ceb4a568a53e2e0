"""Identifiers that are written in two ways in different pieces of a table, such as files of two
years: each piece is right by itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from helpers.schema import Table
from helpers.sources.extract import Extract
from helpers.sources.headers import Tally
from helpers.sources.problems import SHOWN_ROWS, Problem
from helpers.sources.reading import read_chunks
from helpers.sources.text import as_text, is_mixed, is_padded_number, is_written_twice

WRITTEN_TWICE = "an identifier that another part of the table writes otherwise: with zeros before it, in capitals, with marks for thousands, or in another alphabet"


@dataclass
class _Signs:
    """What the identifiers of a column hold, over all pieces."""

    n_pieces: int = 0
    lengths: set[int] = field(default_factory=set)
    bytes: np.ndarray = field(default_factory=lambda: np.zeros(256, dtype=bool))
    has_zeros: bool = False

    def add(self, words: pd.Series) -> None:
        text = pa.chunked_array(pa.array(words), type=pa.large_string()).combine_chunks()
        found = pc.min_max(pc.binary_length(text))
        self.n_pieces += 1
        self.lengths |= {found["min"].as_py() or 0, found["max"].as_py() or 0}
        self.has_zeros |= bool(pc.any(pc.starts_with(text, "0")).as_py())
        offsets = np.frombuffer(text.buffers()[1], dtype=np.int64)[text.offset :]
        letters = np.frombuffer(text.buffers()[2] or b"", dtype=np.uint8)
        self.bytes |= np.bincount(letters[offsets[0] : offsets[len(text)]], minlength=256) > 0

    def may_differ(self) -> bool:
        """Whether one identifier can stand in two ways of writing; within a piece it is refused."""
        has_capitals, has_small = self.bytes[ord("A") : ord("Z") + 1], self.bytes[ord("a") : 123]
        return self.n_pieces > 1 and bool(
            (self.has_zeros and len(self.lengths) > 1)
            or (has_capitals.any() and has_small.any())
            or self.bytes[[ord("."), ord(",")]].any()
            or self.bytes[128:].any()
        )


class Spellings:
    """Keeps a few numbers of each column of identifiers; only where they can differ is the table
    read again."""

    def __init__(self) -> None:
        self._signs: dict[str, _Signs] = defaultdict(_Signs)

    def add(self, typed: pd.DataFrame, table: Table) -> None:
        for column in table.columns:
            if column.kind == "id" and column.name in typed and len(typed):
                self._signs[column.name].add(typed[column.name])

    def find_problems(self, extract: Extract, name: str) -> Iterator[Problem]:
        for column, signs in self._signs.items():
            if signs.may_differ():
                yield from _compare(extract, name, column)


def _compare(extract: Extract, name: str, column: str) -> Iterator[Problem]:
    """Read the column again, all pieces together, and name the rows of what is written twice."""
    kinds = pd.Series(dtype="string[pyarrow]")
    for _, words in _read(extract, name, column):
        kinds = pd.concat([kinds, words]).drop_duplicates()
    kinds = kinds.reset_index(drop=True)
    wrong = set(kinds[is_padded_number(kinds) | is_written_twice(kinds) | is_mixed(kinds)])
    for path, words in _read(extract, name, column) if wrong else ():
        rows = words.index[words.isin(list(wrong)).fillna(False)]
        if len(rows):
            first = tuple(int(row) for row in rows[:SHOWN_ROWS])
            remedy = "write each identifier in one way, in every file"
            yield Problem(path.name, column, WRITTEN_TWICE, len(rows), first, remedy)


def _read(extract: Extract, name: str, column: str) -> Iterator[tuple[Path, pd.Series]]:
    for path, raw in read_chunks(extract, name, tally=Tally()):
        yield path, as_text(raw[column]).fillna("")
