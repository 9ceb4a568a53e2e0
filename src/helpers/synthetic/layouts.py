"""Writes tables as a register's owner might deliver them: the mapping that reads such files, turned
round.

`data/codes/layouts/<name>.yml` holds the mapping. It is written into the folder's `extract.yml` as
it stands, so that what is written here is read back there.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from helpers.edition import CODES
from helpers.schema import NOT_RECORDED, SEPARATOR, TABLES, UNKNOWN, Column

LAYOUT_FILES = CODES / "layouts"
LAYOUTS = tuple(sorted(path.stem for path in LAYOUT_FILES.glob("*.yml")))
Options = Mapping[str, Any]


def read_layout(name: str) -> str:
    """The mapping of a layout as text, comments and all."""
    return (LAYOUT_FILES / f"{name}.yml").read_text(encoding="utf-8")


def write_layout(folder: Path, name: str, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write the files of a layout, with its own names, words and formats, into the folder."""
    for table, options in yaml.safe_load(read_layout(name))["tables"].items():
        _write_file(folder / options["file"], _rename(tables[table], table, options), options)


def _rename(rows: pd.DataFrame, table: str, options: Options) -> pd.DataFrame:
    """The table in the words of the source: each column under its source name, dates whole or in
    parts."""
    named: dict[str, pd.Series] = {}
    for column in (one for one in TABLES[table].columns if one.name in rows):
        source = options.get("columns", {}).get(column.name, column.name)
        if isinstance(source, dict):
            dates = rows[column.name].dt
            named |= {
                source[part]: getattr(dates, part).astype("Int64")
                for part in ("year", "month", "day")
            }
        else:
            named[source] = _say(rows[column.name], column, options)
    return pd.DataFrame(named)


def _say(values: pd.Series, column: Column, options: Options) -> pd.Series:
    if column.kind == "date":
        return values.dt.strftime(options.get("date_format", "%Y-%m-%d"))
    if column.kind == "bool":
        said = {True: options.get("true", ["true"])[0], False: options.get("false", ["false"])[0]}
        return values.astype(object).map(said)
    if not column.codes:
        return values
    given = options.get("codes", {}).get(column.name, {})
    words: dict[str, str] = {
        code: source[0] if isinstance(source, list) else source for code, source in given.items()
    }
    words |= {
        code: options[key][0]
        for code, key in ((UNKNOWN, "unknown"), (NOT_RECORDED, "not_recorded"))
        if key in options and code not in words
    }
    unique = {
        code: SEPARATOR.join(words.get(part, part) for part in str(code).split(SEPARATOR))
        for code in values.unique()
    }
    return values.map(unique)


def _write_file(path: Path, rows: pd.DataFrame, options: Options) -> None:
    if path.suffix == ".csv":
        encoding = options.get("encoding", "utf-8")
        rows.to_csv(
            path,
            index=False,
            sep=options.get("delimiter", ","),
            decimal=options.get("decimal", "."),
            encoding=encoding,
            lineterminator="\n",
        )
    elif path.suffix == ".sav":
        import pyreadstat  # here, so that a layout without one does not wait for the library

        numbers = rows.select_dtypes("number").columns
        text = rows.drop(columns=numbers).fillna("").astype(str)
        pyreadstat.write_sav(
            pd.concat([rows[numbers].astype(float), text], axis=1)[list(rows)], str(path)
        )
    else:
        _write_sheet(path, rows, options)


def _write_sheet(path: Path, rows: pd.DataFrame, options: Options) -> None:
    import openpyxl  # here, so that a layout without one does not wait for the library

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(options["sheet"])
    for line in range(1, options.get("header_row", 1)):
        sheet.append(["Synthetische registers" if line == 1 else None])
    for row in [list(rows), *rows.astype(object).to_numpy().tolist()]:
        sheet.append([cell.item() if isinstance(cell, np.generic) else cell for cell in row])
    book.save(path)
