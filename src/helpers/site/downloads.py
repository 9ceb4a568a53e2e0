"""Files with labels beside the codes, made from the released tables; made-up ones say so in their
names and in each row."""

from __future__ import annotations

import base64
import csv
import io
import zipfile
from collections.abc import Collection
from pathlib import Path

import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.writer.excel import ExcelWriter

from helpers.edition import Edition
from helpers.labels import text
from helpers.products import name_column
from helpers.release import read_manifest
from helpers.site.kept import Keep
from helpers.site.tabs import MADE_UP_PART
from helpers.wording import MADE_UP, format_entry

_DAY = (1980, 1, 1, 0, 0, 0)


def write_downloads(
    edition: Edition,
    bundle: Path,
    folder: Path,
    *,
    only: Collection[str],
    keep: Keep,
    shared: str,
) -> dict[str, list[str]]:
    """Write a labelled CSV and a workbook for each of these tables of the bundle; their names, by
    table. `shared` stands for the code and the data that they come from beside the bundle."""
    tables = read_manifest(bundle)["tables"]
    written = {}
    for name, record in tables.items():
        if name not in only:
            continue
        content = (bundle / f"{name}.csv").read_bytes()

        def make(name: str = name, by: list[str] = record["by"]) -> dict[str, str]:
            return _make_files(bundle / f"{name}.csv", by, edition)

        told = [edition.language, edition.parameters, name, record["by"]]
        made = keep.take(make, "files", shared, told, content)
        stem = name + made["part"]
        (folder / f"{stem}.labelled.csv").write_text(made["csv"], encoding="utf-8", newline="")
        (folder / f"{stem}.xlsx").write_bytes(base64.b64decode(made["xlsx"]))
        written[name] = [f"{stem}.labelled.csv", f"{stem}.xlsx"]
    return written


def _make_files(path: Path, by: list[str], edition: Edition) -> dict[str, str]:
    """The labelled CSV and the workbook of a table, as text, and what their names say of it."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    rows = label_rows(table, by, edition)
    return {
        "part": MADE_UP_PART if set(table["mark"]) & set(MADE_UP) else "",
        "csv": _write_csv(rows),
        "xlsx": base64.b64encode(_write_workbook(rows, path.stem)).decode(),
    }


def label_rows(table: pd.DataFrame, by: list[str], edition: Edition) -> list[list[str]]:
    """The table with a column of labels after each column of codes; where numbers are made up, a
    first column says so in each row."""
    language = edition.language
    heads, cells = [], []
    if set(table["mark"]) & set(MADE_UP):
        word = text("made_up", language)
        heads.append(word)
        cells.append([word if mark in MADE_UP else "" for mark in table["mark"]])
    columns = [(name, list(table[name])) for name in table.columns]
    records = table.to_dict("records")
    for name, words in columns:
        heads.append(name)
        cells.append(words)
        if name not in by or name == "period":
            continue
        labelled = [format_entry(row, name, edition) for row in records]
        if labelled != words:
            heads.append(name_column(name, language))
            cells.append(labelled)
    return [heads, *[list(row) for row in zip(*cells, strict=True)]]


def _write_csv(rows: list[list[str]]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue()


def _write_workbook(rows: list[list[str]], title: str) -> bytes:
    """One sheet with a fixed head; the same bytes in every build."""
    book = Workbook()
    sheet = book.active
    sheet.title = title[:31]
    for row in rows:
        sheet.append([_as_number(word) for word in row])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    stream, fixed = io.BytesIO(), io.BytesIO()
    # Its parts are packed below.
    ExcelWriter(book, zipfile.ZipFile(stream, "w")).save()
    with zipfile.ZipFile(stream) as made, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as kept:
        for name in made.namelist():
            if name != "docProps/core.xml":
                kept.writestr(zipfile.ZipInfo(name, _DAY), made.read(name), zipfile.ZIP_DEFLATED)
        kept.writestr(zipfile.ZipInfo("docProps/core.xml", _DAY), _CORE, zipfile.ZIP_DEFLATED)
    return fixed.getvalue()


_CORE = (
    '<?xml version="1.0" encoding="UTF-8"?><cp:coreProperties '
    'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>'
)


def _as_number(word: str) -> str | float | int:
    """A number as a number, so that it can be summed; a year or a code of digits is one too."""
    try:
        value = float(word)
    except ValueError:
        return word
    return int(value) if value.is_integer() and "." not in word else value
