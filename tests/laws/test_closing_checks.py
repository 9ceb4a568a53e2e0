"""What a chapter checks at its end holds whatever is hidden: a check that fails on a protected
table would leave a real edition without its book."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import nbformat
import pandas as pd
import pytest

from helpers.disclosure import HIDDEN
from helpers.edition import BUNDLES, DEFAULT_EDITION, NOTEBOOKS
from helpers.execute import PARAMETERS_TAG
from helpers.products import read_products
from helpers.release import Released
from helpers.schema import TABLES

# The one on a place checks what it shows of the place that is asked for, and no whole table.
COUNTING = sorted(
    {one.chapter for one in read_products().values() if {*one.tables} & {*TABLES}}
    - {"29_one_place"}
)


def read_chapter(name: str) -> tuple[dict[str, Any], str]:
    """The names of a chapter after its set-up, with every table that it reads; and its closing
    checks."""
    cells = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    place = [PARAMETERS_TAG in cell.metadata.get("tags", []) for cell in code].index(True)
    space: dict[str, Any] = {}
    lines = [line for cell in code[place + 2 :] for line in cell.source.splitlines()]
    read = [line for line in lines if " = read_released(" in line]
    exec("\n".join([cell.source for cell in code[place : place + 2]] + read), space)
    return space, code[-1].source


def hide(table: pd.DataFrame, rows: pd.Series) -> pd.DataFrame:
    """The table as it is released where these rows are hidden, cell and share."""
    hidden = table.astype(object)
    for column in {"n", "n_events", "n_known", "n_first", "n_last"} & set(table):
        hidden.loc[rows, column] = HIDDEN
    for column in {"share", "value", "ci_lower", "ci_upper"} & set(table):
        hidden.loc[rows, column] = ""
    hidden.loc[rows, "status"] = "suppressed"
    return hidden


def vary(table: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Each row hidden; each code of a column hidden; each share left out beside its count; all of
    it."""
    for place in table.index:
        yield hide(table, pd.Series(table.index == place, table.index))
        if "share" in table:
            yield table.astype(object).mask(
                (table.index == place)[:, None] & (table.columns == "share"), ""
            )
    for column in {"category", "population", "period", "side"} & set(table):
        for code in set(table[column]):
            yield hide(table, table[column] == code)
    yield hide(table, pd.Series(True, table.index))
    yield table.iloc[:0]


@pytest.mark.parametrize("name", COUNTING)
def test_the_closing_checks_hold_whatever_is_hidden(name, monkeypatch):
    """The parts of a change were added up without those that were hidden, and the chapter of a real
    register failed in its last cell."""
    monkeypatch.setenv("MONITOR_BUNDLE", str(BUNDLES / DEFAULT_EDITION))
    space, checks = read_chapter(name)
    used = {node.id for node in ast.walk(ast.parse(checks)) if isinstance(node, ast.Name)}
    tables = {key: one for key, one in space.items() if isinstance(one, Released) and key in used}
    exec(checks, dict(space))
    for key, one in tables.items():
        if not one.product.tables:
            continue
        for changed in vary(one.table):
            exec(checks, space | {key: replace(one, table=changed)})
