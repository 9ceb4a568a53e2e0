"""Any table that the contract allows comes back from every format as it was written."""

from __future__ import annotations

import datetime
import re
import tempfile
import unicodedata
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.schema import SEPARATOR, TABLES, Column, list_codes
from helpers.sources import read_extract, read_table

# What may stand in an identifier: any letter of any script in its plain form, plain digits, and
# signs; not what a spreadsheet makes of numbers, nor what stands for a missing one.
_IDS = (
    st.text(
        st.characters(categories=("L",), include_characters="0123456789-_./ '#;,"),
        min_size=1,
        max_size=12,
    )
    .map(lambda word: unicodedata.normalize("NFKC", f"x{word}"))
    .filter(
        lambda word: (
            word == word.strip()
            and not any(unicodedata.category(sign)[0] == "C" for sign in word)
            # Greek and Cyrillic beside the Latin x are refused: they look like Latin ones.
            and not re.search(
                "[\u0370-\u052f\u1c80-\u1c8f\u1d26-\u1d2b\u1f00-\u1fff\u2de0-\u2dff\ua640-\ua69f]",
                word,
            )
        )
    )
)
_DATES = st.dates(datetime.date(1901, 1, 1), datetime.date(2100, 12, 31))


def draw_cell(column: Column) -> st.SearchStrategy:
    cells = {
        "id": _IDS,
        "date": _DATES,
        "bool": st.booleans(),
        "year": st.integers(2000, 2100),
        "age": st.integers(0, 120),
        "count": st.integers(0, 10**6),
        "eur": st.integers(0, 10**9).map(lambda cents: cents / 100),
    }
    if column.kind == "code":
        cell = st.sampled_from(list_codes(column))
    elif column.kind == "codes":
        cell = st.lists(
            st.sampled_from(list_codes(column)), min_size=1, max_size=3, unique=True
        ).map(SEPARATOR.join)
    else:
        cell = cells[column.kind]
    return st.none() | cell if column.nullable else cell


def draw_rows(name: str) -> st.SearchStrategy:
    return st.lists(
        st.tuples(*(draw_cell(column) for column in TABLES[name].columns)), min_size=1, max_size=6
    )


def write_csv(folder: Path, name: str, frame: pd.DataFrame) -> None:
    frame.map(lambda cell: str(cell).lower() if isinstance(cell, bool) else cell).to_csv(
        folder / f"{name}.csv", index=False, encoding="utf-8"
    )


def write_parquet(folder: Path, name: str, frame: pd.DataFrame) -> None:
    pq.write_table(
        pa.Table.from_pydict({column: frame[column].tolist() for column in frame}),
        folder / f"{name}.parquet",
    )


def write_xlsx(folder: Path, name: str, frame: pd.DataFrame) -> None:
    book = openpyxl.Workbook()
    for row in [list(frame), *frame.to_numpy().tolist()]:
        book.active.append(row)
    book.save(folder / f"{name}.xlsx")


def write_sav(folder: Path, name: str, frame: pd.DataFrame) -> None:
    columns = {
        column.name: frame[column.name].map(
            lambda cell: str(cell).lower() if isinstance(cell, bool) else cell
        )
        for column in TABLES[name].columns
    }
    typed = {
        key: pd.to_numeric(values)
        if TABLES[name].column(key).kind in ("year", "age", "count", "eur")
        else values
        for key, values in columns.items()
    }
    pyreadstat.write_sav(pd.DataFrame(typed), str(folder / f"{name}.sav"))


def normalise(cell: object) -> object:
    if cell is None or pd.isna(cell):
        return None
    return cell.date() if isinstance(cell, datetime.datetime) else cell


@pytest.mark.parametrize(
    "write",
    [write_csv, write_parquet, write_xlsx, write_sav],
    ids=lambda write: write.__name__.removeprefix("write_"),
)
@pytest.mark.parametrize("name", TABLES)
def test_a_table_survives_a_round_trip(name, write):
    @given(draw_rows(name))
    def check(rows: list[tuple]) -> None:
        frame = pd.DataFrame(rows, columns=list(TABLES[name].names), dtype=object)
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            (folder / "extract.yml").write_text("source: a test\n", encoding="utf-8")
            write(folder, name, frame)
            read = read_table(read_extract(folder), name)
        assert list(read) == list(TABLES[name].names)
        back = [
            tuple(normalise(cell) for cell in row)
            for row in read.astype(object).itertuples(index=False, name=None)
        ]
        assert back == [tuple(row) for row in rows]

    check()
