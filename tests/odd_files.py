"""Builders of odd files: each writes a small extract into a folder."""

from __future__ import annotations

import datetime
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
from extracts import CLEAN
from openpyxl.chart import BarChart, Reference
from openpyxl.utils.datetime import CALENDAR_MAC_1904

Builder = Callable[[Path], Any]
PERSONS, REPORTS, COSTS = CLEAN["persons"], CLEAN["reports"], CLEAN["care_costs"]
DAY = datetime.date(2000, 2, 29)
HEAD = PERSONS.splitlines()[0].split(",")
MEANT = {
    "person_id": ["P1", "P2", "P3"],
    "sex": ["female", "male", "female"],
    "birth_date": [DAY, datetime.date(1990, 7, 1), datetime.date(2000, 5, 5)],
    "nationality": ["NLD", "POL", "NLD"],
    "death_date": [None, datetime.date(2020, 1, 15), None],
}


def csv(content: str | bytes, *, name: str = "persons.csv", entries: str = "") -> Builder:
    data = content if isinstance(content, bytes) else content.encode()

    def build(folder: Path) -> None:
        (folder / name).write_bytes(data)
        (folder / "extract.yml").write_text(f"source: a test\n{entries}", encoding="utf-8")

    return build


def change(old: str, new: str, *, content: str = PERSONS, name: str = "persons.csv") -> Builder:
    assert old in content
    return csv(content.replace(old, new), name=name)


def options(entry: str, content: str | bytes) -> Builder:
    return csv(content, entries=f"tables: {{persons: {{{entry}}}}}\n")


def identify(*words: str) -> Builder:
    """Reports whose victims are called so, one each."""
    line = REPORTS.splitlines()[1]
    rows = [
        line.replace("R1", f"R{n}").replace("V1", word) for n, word in enumerate(words, start=10)
    ]
    return csv("\n".join([REPORTS.splitlines()[0], *rows]) + "\n", name="reports.csv")


def cost(word: str, *, decimal_mark: str = ".") -> Builder:
    return csv(
        f'{COSTS.splitlines()[0]}\nP1,2017,"{word}",0,1\n',
        name="care_costs.csv",
        entries=f'tables: {{care_costs: {{decimal: "{decimal_mark}"}}}}\n',
    )


def sheet(fill: Callable[[Any, Any], None] = lambda book, page: None, **cells: Any) -> Builder:
    """Persons as a workbook; `fill` changes it, and `cells` are put into single cells."""

    def build(folder: Path) -> None:
        csv(b"")(folder)
        (folder / "persons.csv").unlink()
        book = openpyxl.Workbook()
        if fill is use_mac_dates:
            fill(book, book.active)
        rows = zip(*MEANT.values(), strict=True)
        for row in [HEAD, *rows]:
            book.active.append(row)
        if fill is not use_mac_dates:
            fill(book, book.active)
        for place, value in cells.items():
            book.active[place] = value
        book.save(folder / "persons.xlsx")

    return build


def rewrite_sheet(change_rows: Callable[[list[bytes]], list[bytes]]) -> Builder:
    """Persons as a workbook whose sheet has its rows so, as no spreadsheet but a program writes
    them."""

    def build(folder: Path) -> None:
        sheet()(folder)
        path = folder / "persons.xlsx"
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        text = parts["xl/worksheets/sheet1.xml"]
        rows = re.findall(rb"<row .*?</row>", text)
        changed = text.replace(b"".join(rows), b"".join(change_rows(rows)))
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in (parts | {"xl/worksheets/sheet1.xml": changed}).items():
                archive.writestr(name, content)

    return build


def turn_cells(rows: list[bytes]) -> list[bytes]:
    cells = re.findall(rb"<c .*?(?:</c>|/>)", rows[1])
    return [rows[0], rows[1].replace(b"".join(cells), b"".join(reversed(cells))), *rows[2:]]


def midnights(hours: int) -> list[datetime.datetime]:
    """The meant days, so many hours before their midnight."""
    start = [datetime.datetime.combine(day, datetime.time()) for day in MEANT["birth_date"]]
    return [moment - datetime.timedelta(hours=hours) for moment in start]


def mapping(text: str) -> Builder:
    """Persons under an extract.yml of these words and no others."""

    def build(folder: Path) -> None:
        csv(PERSONS)(folder)
        (folder / "extract.yml").write_text(text, encoding="utf-8")

    return build


def entries(builder: Builder, text: str) -> Builder:
    """The same files with these entries."""

    def build(folder: Path) -> None:
        builder(folder)
        (folder / "extract.yml").write_text(f"source: a test\n{text}", encoding="utf-8")

    return build


def spark(folder: Path) -> None:
    """A folder of parts and a mark that all were written."""
    csv(b"")(folder)
    (folder / "persons.csv").unlink()
    table = pa.table({name: pa.array(values) for name, values in MEANT.items()})
    (folder / "persons.parquet").mkdir()
    for number, part in enumerate((table.slice(0, 2), table.slice(2))):
        pq.write_table(part, folder / "persons.parquet" / f"part-{number:05d}.snappy.parquet")
    (folder / "persons.parquet" / "_SUCCESS").touch()


def old_timestamps(folder: Path) -> None:
    """Moments of 96 bits, as Spark and Impala write them, of an end that is open."""
    parquet()(folder)
    ends = pa.array([None, datetime.datetime(9999, 12, 31), None], pa.timestamp("us"))
    table = pa.table(
        {name: pa.array(values) for name, values in MEANT.items()} | {"death_date": ends}
    )
    pq.write_table(table, folder / "persons.parquet", use_deprecated_int96_timestamps=True)


def use_mac_dates(book: Any, _page: Any) -> None:
    book.epoch = CALENDAR_MAC_1904


def hide_row(_book: Any, page: Any) -> None:
    page.row_dimensions[3].hidden = True


def add_link(_book: Any, page: Any) -> None:
    page["A2"].hyperlink = "https://example.org"


def add_title(_book: Any, page: Any) -> None:
    page.insert_rows(1)
    page["A1"] = "Personen"
    page.merge_cells("A1:E1")


def add_chart_sheet(book: Any, page: Any) -> None:
    chart = BarChart()
    chart.add_data(Reference(page, 1, 1, 1, 1))
    book.create_chartsheet("grafiek").add_chart(chart)


def parquet(**columns: Any) -> Builder:
    """Persons as Parquet, with these columns in place of their own."""

    def build(folder: Path) -> None:
        csv(b"")(folder)
        (folder / "persons.csv").unlink()
        table = {name: pa.array(values) for name, values in MEANT.items()} | columns
        pq.write_table(pa.table(table), folder / "persons.parquet")

    return build


def days(kind: pa.DataType) -> pa.Array:
    return pa.array(MEANT["birth_date"], pa.date32()).cast(pa.timestamp("s")).cast(kind)


def sav(frame: dict[str, list] | None = None, **given: Any) -> Builder:
    def build(folder: Path) -> None:
        csv(b"")(folder)
        (folder / "persons.csv").unlink()
        whole = pd.DataFrame(MEANT | (frame or {}))
        pyreadstat.write_sav(whole, str(folder / "persons.sav"), **given)

    return build
