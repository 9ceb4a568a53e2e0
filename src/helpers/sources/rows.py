"""Checks what one row can tell: allowed codes, ranges, and the order of dates, as the contract
declares them."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.definitions import MISSING
from helpers.edition import LAST_YEAR
from helpers.schema import SEPARATOR, Column, Rule, Table
from helpers.sources.extract import Extract
from helpers.sources.limits import MOST_CODES
from helpers.sources.problems import FEWEST_TO_NAME, SHOWN_ROWS, Problem, may_name_code
from helpers.sources.reading import split_codes

EARLIEST, LATEST = pd.Timestamp("1900-01-01"), pd.Timestamp(LAST_YEAR, 12, 31)
OPEN_END = pd.Timestamp("2099-12-31")
# The first days of the calendars of spreadsheets, statistical packages and operating systems.
ZERO_DAYS = [pd.Timestamp(year, 1, 1) for year in (1901, 1904, 1960, 1970)]
# So large a share of the dates of a column is no coincidence.
ZERO_SHARE = 0.05
# So many times as often as any number near it is a number where it stands for none.
STAND_IN_TIMES = 5
# One in 365 is born on 1 January, and of people from abroad some in a hundred are registered so.
NEW_YEAR_SHARE = 0.2


def check_rows(path: Path, typed: pd.DataFrame, extract: Extract, table: Table) -> list[Problem]:
    """What is wrong with single rows of a typed piece."""
    problems = _check_declared(path, typed, extract, table)
    for column in table.columns:
        if column.kind == "code" and column.name in typed:
            problems += _check_codes(path, column, extract, typed[column.name])
        if column.kind == "codes" and column.name in typed:
            cells = _select_wrong(column, extract, typed[column.name])
            problems += _check_codes(path, column, extract, split_codes(cells))
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


# Ranges and dates


def _check_declared(
    path: Path, typed: pd.DataFrame, extract: Extract, table: Table
) -> list[Problem]:
    """Numbers outside their range, and dates that no register of today holds."""
    problems: list[Problem] = []
    known = extract.extraction_date or extract.reference_date
    for column in table.columns:
        if column.name not in typed:
            continue
        values = typed[column.name]
        if column.lower is not None:
            upper = np.inf if column.upper is None else column.upper
            wrong = (values < column.lower) | (values > upper)
            rule, remedy = _describe_range(column)
            problems += _name_rows(path, column.name, rule, _fill(wrong), remedy)
            problems += _check_stand_ins(path, column, values)
        if column.kind == "date":
            problems += _check_dates(path, column, values, known)
    return problems


def _check_stand_ins(path: Path, column: Column, values: pd.Series) -> list[Problem]:
    """Numbers of eights or nines, and ages of 0, that stand for a missing one: in many rows, and
    more than numbers beside them."""
    counts = values.value_counts()
    is_age = column.kind == "age"
    wrong = []
    for number, n in counts[counts >= FEWEST_TO_NAME].items():
        digits = f"{number:.0f}"
        odd = (is_age and digits == "0") or (len(set(digits)) == 1 and digits[0] in "89")
        fewest = 2 if is_age else 3
        if not odd or (digits != "0" and len(digits) < fewest) or number % 1:
            continue
        near = counts[(counts.index - number).to_series().abs().between(1, 10).to_numpy()]
        if n >= STAND_IN_TIMES * max(near.max() if len(near) else 0, 1):
            wrong.append(number)
    return _name_rows(
        path,
        column.name,
        "a number that stands for a missing one in many systems (0, 99, 999 and the like), far more often than those beside it",
        _fill(values.isin(wrong)),
        "name it under unknown in extract.yml, or leave the cell empty, if it means that",
        is_warning=True,
    )


def _describe_range(column: Column) -> tuple[str, str]:
    mark = "" if column.kind == "year" else ","
    upper = "and more" if column.upper is None else f"to {column.upper:{mark}.0f}"
    return (
        f"outside {column.lower:g} {upper}",
        "mend the number, or leave the cell empty where it is not known",
    )


def _check_dates(
    path: Path, column: Column, values: pd.Series, known: datetime.date | None
) -> list[Problem]:
    problems = _name_rows(
        path,
        column.name,
        "before 1900",
        values < EARLIEST,
        "mend the date; dates that stand for a missing one are left empty",
    )
    problems += _name_rows(
        path,
        column.name,
        "on the first day of 1900, which stands for a missing date in many systems",
        values == EARLIEST,
        "leave the cell empty where the date is not known",
        is_warning=True,
    )
    is_zero = values.isin(ZERO_DAYS)
    if is_zero.sum() >= max(FEWEST_TO_NAME, ZERO_SHARE * values.notna().sum()):
        problems += _name_rows(
            path,
            column.name,
            "on a day that stands for a missing date in many systems (1 January of 1901, 1904, 1960 or 1970), more often than by chance",
            is_zero,
            "leave the cell empty where the date is not known",
            is_warning=True,
        )
    if column.name == "birth_date":
        problems += _check_birthdays(path, column, values)
    if known is None:
        problems += _name_rows(
            path,
            column.name,
            f"after {LAST_YEAR} or on 31 December 2099, as days are that stand for an open end",
            (values > LATEST) | (values == OPEN_END),
            "leave the cell empty, or name the day under unknown in extract.yml",
            is_warning=True,
        )
        today = pd.Timestamp(datetime.date.today())
        problems += _name_rows(
            path,
            column.name,
            "after today, as where a year of two digits was taken for one of this century",
            (values > today) & (values <= LATEST) & (values != OPEN_END),
            "mend the date, and write extraction_date in extract.yml",
            is_warning=True,
        )
    else:
        problems += _name_rows(
            path,
            column.name,
            "after the extract was made",
            values > pd.Timestamp(known),
            "mend the date, or the extraction_date in extract.yml",
        )
    return problems


def _check_birthdays(path: Path, column: Column, values: pd.Series) -> list[Problem]:
    is_new_year = (values.dt.month == 1) & (values.dt.day == 1)
    if is_new_year.sum() < max(FEWEST_TO_NAME, NEW_YEAR_SHARE * values.notna().sum()):
        return []
    return _name_rows(
        path,
        column.name,
        "on 1 January, as where only the year is known, more often than by chance",
        is_new_year,
        "leave the cell empty where the day is not known, or take ages from it with care",
        is_warning=True,
    )


def _fill(wrong: pd.Series) -> pd.Series:
    return wrong.fillna(False).astype(bool)


# Codes


def _check_codes(path: Path, column: Column, extract: Extract, values: pd.Series) -> list[Problem]:
    """Codes that are not in their list. A code is named only where `may_name_code` allows it, and
    none where so many differ that the column must hold something else."""
    kinds = values.cat.categories if values.dtype == "category" else values.dropna().unique()
    unknown = extract.find_unknown(column, kinds)
    if not unknown:
        return []
    rows = values[values.isin(list(unknown))].astype(object)
    pairs = rows[~pd.MultiIndex.from_arrays([rows.index, rows]).duplicated()]
    counts = pairs.value_counts()
    named = [code for code, n in counts.items() if may_name_code(code, n)]
    if len(counts) > MOST_CODES:
        named = []
    problems = []
    for code in named:
        problems += _name_rows(
            path,
            column.name,
            f"code {code!r} is not in the list {column.codes}",
            pairs == code,
            _remedy_codes(column),
        )
    few = pairs[~pairs.isin(named)]
    return problems + _name_rows(
        path,
        column.name,
        f"codes that are not in the list {column.codes}",
        pd.Series(True, index=few.index.unique()),
        _remedy_codes(column)
        + ("; are two columns exchanged?" if len(counts) > MOST_CODES else ""),
    )


def _select_wrong(column: Column, extract: Extract, cells: pd.Series) -> pd.Series:
    """The cells of several codes that hold one which may not stand there; each distinct cell is
    taken apart once."""
    kinds = [str(word) for word in cells.dropna().unique()]
    parts = [word.split(SEPARATOR) for word in kinds]
    unknown = extract.find_unknown(column, {part for several in parts for part in several})
    wrong = [
        word for word, several in zip(kinds, parts, strict=True) if not unknown.isdisjoint(several)
    ]
    return cells[cells.isin(wrong).fillna(False)]


def _remedy_codes(column: Column) -> str:
    if column.shape:
        return (
            f"write {column.prefix} and four digits; map what means unknown under tables in extract.yml, "
            f"or name the code under added_codes.{column.codes}"
        )
    if column.codes == "offence":
        return "give its crime group under offence_groups in extract.yml"
    return f"map it under codes.{column.name} in extract.yml, mend it, or add it under added_codes"


# Rules between columns

_RULE_WORDS = {
    "not_before": "the first lies before the second",
    "needs": "empty where it must be known",
    "one_of": "none of them is true",
    "only_with": "known where it cannot be",
    "not_with": "known where it cannot be",
}


def _break_order(typed: pd.DataFrame, rule: Rule) -> pd.Series:
    return typed[rule.columns[0]] < typed[rule.columns[1]]


def _break_need(typed: pd.DataFrame, rule: Rule) -> pd.Series:
    return (typed[rule.columns[1]] == rule.code) & (
        typed[rule.columns[0]].isna() | typed[rule.columns[0]].isin(MISSING)
    )


def _break_one_of(typed: pd.DataFrame, rule: Rule) -> pd.Series:
    return ~typed[list(rule.columns)].fillna(False).any(axis=1)


def _is_known(values: pd.Series) -> pd.Series:
    return values.notna() & ~values.isin(MISSING)


def _break_only_with(typed: pd.DataFrame, rule: Rule) -> pd.Series:
    """Where the second is not known, nothing is said against the first."""
    second = typed[rule.columns[1]]
    if rule.code:
        allows = second.isin(rule.code.split(SEPARATOR)) | ~_is_known(second)
    else:
        allows = second.fillna(False).astype(bool)
    return _is_known(typed[rule.columns[0]]) & ~allows


def _break_not_with(typed: pd.DataFrame, rule: Rule) -> pd.Series:
    return _is_known(typed[rule.columns[0]]) & (typed[rule.columns[1]] == rule.code)


_RULES: dict[str, Callable[[pd.DataFrame, Rule], pd.Series]] = {
    "not_before": _break_order,
    "needs": _break_need,
    "one_of": _break_one_of,
    "only_with": _break_only_with,
    "not_with": _break_not_with,
}
