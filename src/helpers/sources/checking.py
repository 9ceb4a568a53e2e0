"""Checks an extract against the contract: every problem at once, in bounded memory, and never a
value of a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.schema import TABLES
from helpers.sources.captures import find_fault_of_captures
from helpers.sources.extract import Extract, read_extract
from helpers.sources.linked import Links
from helpers.sources.problems import SHOWN_ROWS, Problem, UnreadableExtract
from helpers.sources.reading import CHUNK_ROWS, read_chunks
from helpers.sources.rows import check_rows
from helpers.sources.typed import type_chunk

DONE, FINDINGS, BAD = 0, 1, 2
MISSING = ("unknown", "not_recorded")


@dataclass
class Validation:
    """What was found: problems sorted by file and column, rows by table, and completeness (table,
    column, year, n, n_missing)."""

    problems: list[Problem]
    rows: dict[str, int] = field(default_factory=dict)
    completeness: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=["table", "column", "year", "n", "n_missing"])
    )
    is_readable: bool = True

    @property
    def exit_code(self) -> int:
        """0 where there are warnings at most, 1 for errors in a readable extract, 2 where it could
        not be read."""
        if not self.is_readable:
            return BAD
        return FINDINGS if any(not problem.is_warning for problem in self.problems) else DONE


def validate_extract(folder: Path, *, size: int = CHUNK_ROWS) -> Validation:
    """Check every table of a folder; `size` rows are in memory at a time, and eight bytes or so of
    every row after that.

    A table that cannot be read does not keep the others from being checked.
    """
    try:
        extract = read_extract(folder)
    except UnreadableExtract as error:
        return Validation(_sort_problems(error.problems), is_readable=False)
    found, rows, counts, links, unreadable = list(extract.warnings), {}, [], Links(), False
    for name in TABLES:  # persons stand before what refers to them
        if name not in extract.mappings:
            continue
        try:
            rows[name] = _check_table(extract, name, size, found, counts, links)
        except UnreadableExtract as error:
            found, unreadable = found + error.problems, True
    if (fault := find_fault_of_captures(folder)) is not None:
        found, unreadable = [*found, fault], True
    completeness = _sum_completeness(counts)
    found += links.find_problems() + _find_gaps(extract, completeness)
    return Validation(
        _sort_problems(_join_problems(found)), rows, completeness, is_readable=not unreadable
    )


def _check_table(
    extract: Extract,
    name: str,
    size: int,
    found: list[Problem],
    counts: list[pd.DataFrame],
    links: Links,
) -> int:
    rows = 0
    for path, raw in read_chunks(extract, name, size=size):
        typed, problems = type_chunk(path, raw, extract, extract.mappings[name])
        found += problems + check_rows(path, typed, extract, TABLES[name])
        links.add(path, typed, TABLES[name])
        counts.append(_count_missing(typed, name))
        rows += len(typed)
    return rows


def _join_problems(problems: list[Problem]) -> list[Problem]:
    """The same rule broken in several pieces of a file is one problem."""
    joined: dict[tuple[str, str, str, str], Problem] = {}
    for problem in problems:
        key = (problem.file, problem.column, problem.rule, problem.remedy)
        before = joined.get(key)
        n_rows = problem.n_rows + (before.n_rows if before else 0)
        rows = (*(before.rows if before else ()), *problem.rows)[:SHOWN_ROWS]
        joined[key] = Problem(
            problem.file,
            problem.column,
            problem.rule,
            n_rows,
            rows,
            problem.remedy,
            problem.is_warning,
        )
    return list(joined.values())


def _sort_problems(problems: list[Problem]) -> list[Problem]:
    return sorted(
        problems,
        key=lambda problem: (problem.is_warning, problem.file, problem.column, problem.rule),
    )


def _count_missing(typed: pd.DataFrame, name: str) -> pd.DataFrame:
    """Rows and missing cells of each column by year; a table without a date has the year 0."""
    by = TABLES[name].year_of
    years = np.zeros(len(typed), dtype=int)
    if by:
        values = typed[by].dt.year if typed[by].dtype.kind == "M" else typed[by]
        years = values.fillna(0).to_numpy(dtype=int)
    kinds, place = np.unique(years, return_inverse=True)
    n = np.bincount(place)
    parts = []
    for column in typed.columns:
        missing = typed[column].isna().to_numpy() | (
            typed[column].isin(MISSING).to_numpy(dtype=bool)
            if typed[column].dtype == "category"
            else False
        )
        parts.append(
            pd.DataFrame(
                {
                    "table": name,
                    "column": column,
                    "year": kinds,
                    "n": n,
                    "n_missing": np.bincount(place, weights=missing).astype(int),
                }
            )
        )
    return pd.concat(parts)


def _sum_completeness(counts: list[pd.DataFrame]) -> pd.DataFrame:
    if not counts:
        return Validation([]).completeness
    return (
        pd.concat(counts)
        .groupby(["table", "column", "year"], sort=False, as_index=False)[["n", "n_missing"]]
        .sum()
    )


def _find_gaps(extract: Extract, completeness: pd.DataFrame) -> list[Problem]:
    """A year without a row between the first and the last year of a table."""
    gaps = []
    for name, part in completeness[completeness["year"] > 0].groupby("table", sort=False):
        years = set(part["year"])
        missing = [str(year) for year in range(min(years), max(years) + 1) if year not in years]
        if missing:
            file = extract.mappings[name].files[0].name
            gaps.append(
                Problem(
                    file,
                    TABLES[name].year_of,
                    f"no row of {', '.join(missing)}",
                    0,
                    (),
                    "say so if the register had none; add the rows if they are missing",
                    is_warning=True,
                )
            )
    return gaps
