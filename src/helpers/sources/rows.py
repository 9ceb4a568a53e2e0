"""Checks what one row can tell: allowed codes, ranges, and the order of dates. pandera evaluates
what the contract declares."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from helpers.definitions import MISSING
from helpers.schema import Column, Rule, Table
from helpers.sources.extract import Extract
from helpers.sources.problems import SHOWN_ROWS, Problem
from helpers.sources.reading import split_codes

EARLIEST = pd.Timestamp("1900-01-01")
# An unknown code is repeated only where so many rows hold it: fewer could lead to somebody.
FEWEST_TO_NAME = 10


def check_rows(path: Path, typed: pd.DataFrame, extract: Extract, table: Table) -> list[Problem]:
    """What is wrong with single rows of a typed piece."""
    problems = _check_declared(path, typed, extract, table)
    for column in table.columns:
        if column.kind == "code" and column.name in typed:
            problems += _check_codes(path, column, extract, typed[column.name])
        if column.kind == "codes" and column.name in typed:
            problems += _check_codes(path, column, extract, split_codes(typed[column.name]))
    for rule in table.rules:
        if set(rule.columns) <= set(typed):
            wrong = _RULES[rule.kind](typed, rule).fillna(False).astype(bool)
            problems += _name_rows(
                path,
                " and ".join(rule.columns),
                _RULE_WORDS[rule.kind],
                wrong,
                rule.remedy,
                is_warning=rule.is_warning,
            )
    return problems


def _name_rows(
    path: Path, column: str, what: str, wrong: pd.Series, remedy: str, *, is_warning: bool = False
) -> list[Problem]:
    rows = wrong.index[wrong.to_numpy()]
    return (
        [
            Problem(
                path.name,
                column,
                what,
                len(rows),
                tuple(int(row) for row in rows[:SHOWN_ROWS]),
                remedy,
                is_warning,
            )
        ]
        if len(rows)
        else []
    )


# Ranges and dates, declared to pandera


def _check_declared(
    path: Path, typed: pd.DataFrame, extract: Extract, table: Table
) -> list[Problem]:
    known = extract.extraction_date or extract.reference_date
    schema = _define_schema(table, None if known is None else pd.Timestamp(known))
    try:
        schema.validate(typed[[name for name in schema.columns if name in typed]], lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases
        return [
            problem
            for (column, check), part in cases.groupby(["column", "check"], sort=False)
            for problem in [
                Problem(
                    path.name,
                    column,
                    check,
                    part["index"].nunique(),
                    tuple(int(row) for row in sorted(part["index"].unique())[:SHOWN_ROWS]),
                    _REMEDIES[check.split(" ")[0]],
                )
            ]
        ]
    return []


_REMEDIES = {
    "outside": "mend the number, or leave the cell empty where it is not known",
    "before": "mend the date; dates that stand for a missing one are left empty",
    "after": "mend the date, or the extraction_date in extract.yml",
}


@lru_cache
def _define_schema(table: Table, latest: pd.Timestamp | None) -> pa.DataFrameSchema:
    """Ranges of numbers and dates as pandera checks; `required` is false, since the reader has seen
    to missing columns."""
    columns = {}
    for column in table.columns:
        checks = []
        if column.lower is not None:
            upper = np.inf if column.upper is None else column.upper
            words = (
                f"outside {column.lower:g} to {upper:,.0f}"
                if upper != np.inf
                else f"outside {column.lower:g} and more"
            )
            checks.append(pa.Check.in_range(column.lower, upper, error=words))
        if column.kind == "date":
            checks.append(pa.Check.ge(EARLIEST, error="before 1900"))
            if latest is not None:
                checks.append(pa.Check.le(latest, error="after the extract was made"))
        if checks:
            columns[column.name] = pa.Column(None, checks, nullable=True, required=False)
    return pa.DataFrameSchema(columns)


# Codes


def _check_codes(path: Path, column: Column, extract: Extract, values: pd.Series) -> list[Problem]:
    allowed = set(extract.codes(column))
    kinds = values.cat.categories if values.dtype == "category" else values.dropna().unique()
    strange = [code for code in kinds if code not in allowed]
    problems = []
    few = pd.Series(False, index=values.index)
    for code in strange:
        wrong = (values == code).fillna(False).astype(bool)
        if int(wrong.sum()) >= FEWEST_TO_NAME:
            problems += _name_rows(
                path,
                column.name,
                f"code {code!r} is not in the list {column.codes}",
                wrong,
                _remedy_codes(column),
            )
        else:
            few |= wrong
    return problems + _name_rows(
        path,
        column.name,
        f"codes that are not in the list {column.codes}",
        few,
        _remedy_codes(column),
    )


def _remedy_codes(column: Column) -> str:
    if column.codes == "offence":
        return "give its crime group under offence_groups in extract.yml"
    return f"map it under codes.{column.name} in extract.yml, or mend it" + (
        ", or add it under added_codes" if column.codes in ("police_unit", "nationality") else ""
    )


# Rules between columns

_RULE_WORDS = {
    "not_before": "the first lies before the second",
    "needs": "empty where it must be known",
    "one_of": "none of them is true",
    "only_with": "known where it cannot be",
}


def _break_order(typed: pd.DataFrame, rule: Rule) -> pd.Series:
    return typed[rule.columns[0]] < typed[rule.columns[1]]


def _break_need(typed: pd.DataFrame, rule: Rule) -> pd.Series:
    return (typed[rule.columns[1]] == rule.code) & (
        typed[rule.columns[0]].isna() | typed[rule.columns[0]].isin(MISSING)
    )


def _break_one_of(typed: pd.DataFrame, rule: Rule) -> pd.Series:
    return ~typed[list(rule.columns)].fillna(False).any(axis=1)


def _break_only_with(typed: pd.DataFrame, rule: Rule) -> pd.Series:
    return (
        typed[rule.columns[0]].notna()
        & ~typed[rule.columns[0]].isin(MISSING)
        & ~typed[rule.columns[1]].fillna(False)
    )


_RULES: dict[str, Callable[[pd.DataFrame, Rule], pd.Series]] = {
    "not_before": _break_order,
    "needs": _break_need,
    "one_of": _break_one_of,
    "only_with": _break_only_with,
}
