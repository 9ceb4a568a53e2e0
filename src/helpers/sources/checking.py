"""Checks an extract against the contract: every problem at once, in bounded memory, and never a
value of a person."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.definitions import MISSING
from helpers.edition import LAST_YEAR
from helpers.schema import TABLES
from helpers.sources.captures import describe_captures
from helpers.sources.extract import EXTRACT, Extract, read_extract
from helpers.sources.headers import Tally
from helpers.sources.limits import MOST_YEARS
from helpers.sources.linked import Links
from helpers.sources.problems import (
    FEWEST_TO_NAME,
    SHOWN_ROWS,
    Problem,
    UnreadableExtract,
    join_names,
)
from helpers.sources.reading import CHUNK_ROWS, explain_failure, read_chunks
from helpers.sources.rows import check_rows
from helpers.sources.spellings import Spellings
from helpers.sources.typed import type_chunk

DONE, FINDINGS, BAD = 0, 1, 2
EARLIEST_YEAR = 1900
# So many rows would lie in the months that have none, if a year went on as it is.
MISSED_ROWS = 20


@dataclass
class Validation:
    """What was found: problems sorted by file and column, rows by table, what was read of each
    table, completeness (table, column, year, n, n_missing), and what was read of captures."""

    problems: list[Problem]
    rows: dict[str, int] = field(default_factory=dict)
    completeness: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=["table", "column", "year", "n", "n_missing"])
    )
    is_readable: bool = True
    tallies: dict[str, Tally] = field(default_factory=dict)
    captures: str = ""

    @property
    def exit_code(self) -> int:
        """0 where there are warnings at most, 1 for errors in a readable extract, 2 where it could
        not be read."""
        if not self.is_readable:
            return BAD
        return FINDINGS if any(not problem.is_warning for problem in self.problems) else DONE


def validate_extract(folder: Path, *, size: int = CHUNK_ROWS) -> Validation:
    """Check every table of a folder, and its captures; `size` rows are in memory at a time, and
    eight bytes or so of every row after that.

    A table that cannot be read does not keep the others from being checked. A capture table that no
    estimate can rest on is a problem too.
    """
    try:
        extract = read_extract(folder)
    except UnreadableExtract as error:
        return Validation(_sort_problems(error.problems), is_readable=False)
    except OSError as error:
        return Validation([_explain_folder(error)], is_readable=False)
    found, links, unreadable = list(extract.warnings), Links(), False
    rows: dict[str, int] = {}
    counts: list[pd.DataFrame] = []
    tallies: dict[str, Tally] = {}
    for name in TABLES:  # persons stand before what refers to them
        if name not in extract.mappings:
            continue
        tallies[name] = Tally()
        try:
            rows[name] = _check_table(extract, name, size, found, counts, links, tallies[name])
        except UnreadableExtract as error:
            found, unreadable = found + error.problems, True
    fault, words = describe_captures(folder)
    captures = [] if fault is None else [fault]
    completeness = _sum_completeness(counts)
    found += links.find_problems() + _find_gaps(extract, completeness) + captures
    found += _find_parts(extract, tallies)
    found += _find_needs(extract, rows)
    if rows and not any(rows.values()):
        found = [replace(problem, is_warning=False) for problem in found]
    return Validation(
        _sort_problems(_join_problems(found)),
        rows,
        completeness,
        not unreadable and not captures,
        tallies,
        words,
    )


def _explain_check(path: Path, error: Exception) -> Problem:
    if isinstance(error, (OSError, MemoryError)):
        return explain_failure(path, error)
    return Problem(
        path.name,
        "",
        f"it holds cells that cannot be checked ({type(error).__name__})",
        1,
        (),
        "write the columns of the contract as text, numbers, dates or truth values",
    )


def _explain_folder(error: OSError) -> Problem:
    reason = "may not be read" if isinstance(error, PermissionError) else "cannot be read"
    return Problem(EXTRACT, "", f"it or its folder {reason}", 1, (), "mend the rights or the disk")


def _check_table(
    extract: Extract,
    name: str,
    size: int,
    found: list[Problem],
    counts: list[pd.DataFrame],
    links: Links,
    tally: Tally,
) -> int:
    mapping, spellings = extract.mappings[name], Spellings()
    for path, raw in read_chunks(extract, name, size=size, tally=tally):
        try:
            typed, problems = type_chunk(path, raw, mapping)
            found += problems + check_rows(path, typed, extract, TABLES[name])
            links.add(path, typed, TABLES[name])
            counts.append(_count_missing(typed, name))
            _count_months(typed, name, tally)
            spellings.add(typed, TABLES[name])
        except Exception as error:  # cells of kinds that no register holds
            raise UnreadableExtract([_explain_check(path, error)]) from None
    found += spellings.find_problems(extract, name)
    found += _describe_table(mapping.files[0].name, tally)
    found += [
        Problem(
            mapping.files[0].name,
            "",
            f"leave_out leaves out no row by {join_names([column])}",
            0,
            (),
            f"mend its words under tables.{name}.leave_out in extract.yml, or take them out",
            is_warning=True,
        )
        for column in mapping.leave_out
        if tally.rows and not tally.left_out[column]
    ]
    return tally.rows


def _describe_table(file: str, tally: Tally) -> list[Problem]:
    """What the file as a whole shows: columns that nothing uses, no rows, or as many as a
    spreadsheet can hold."""
    found = []
    if tally.unused:
        found.append(
            Problem(
                file,
                "",
                f"columns that nothing uses: {join_names(tally.unused)}",
                0,
                (),
                "take them out of the file, above all names and addresses; or mend the mapping",
                is_warning=True,
            )
        )
    if not tally.rows:
        found.append(
            Problem(
                file,
                "",
                "the file has no rows",
                1,
                (),
                "fill it, or take it out of the folder and of extract.yml",
                is_warning=True,
            )
        )
    found += [
        Problem(
            one,
            "",
            "as many rows as a spreadsheet can hold; the others may be lost",
            1,
            (),
            "count the rows of the source, and export it as csv or Parquet without a spreadsheet",
            is_warning=True,
        )
        for one in tally.full
    ]
    return found + list(tally.notes.values())


def _find_needs(extract: Extract, rows: dict[str, int]) -> list[Problem]:
    """What tables need beside them; without it a chapter would be empty, or count otherwise under
    the same words."""
    has = {name for name, n in rows.items() if n}
    problems = []
    if {"incidents", "persons"} <= has and "residence_spells" not in has:
        problems.append(
            Problem(
                EXTRACT,
                "",
                "incidents and persons stand without residence_spells: nobody can be followed",
                1,
                (),
                "add the table residence_spells, or take incidents out",
            )
        )
    for option, given, tables in (
        ("control_year", extract.control_year, {"youth_care", "shelter"} & has),
        ("cost_years", extract.cost_years, {"care_costs"} & has),
    ):
        if "matches" in has and tables and not given:
            problems.append(
                Problem(
                    EXTRACT,
                    "",
                    f"{option} is missing: {' and '.join(sorted(tables))} of controls cannot be counted",
                    1,
                    (),
                    f"write {option}: {'2019' if option == 'control_year' else '[2016, 2017, 2018]'}",
                )
            )
    if has and "persons" in rows and "persons" not in has:
        users = sorted(
            name
            for name in has
            if any(reference.to_table == "persons" for reference in TABLES[name].references)
        )
        if users:
            file = extract.mappings["persons"].files[0].name
            rule = f"persons has no rows, and {', '.join(users)} refer to it"
            problems.append(Problem(file, "", rule, 1, (), "fill it"))
    return problems


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
    if by in typed:
        values = typed[by].dt.year if typed[by].dtype.kind == "M" else typed[by]
        known = values.fillna(0).to_numpy(dtype=np.int64)
        years = np.where((known >= EARLIEST_YEAR) & (known <= LAST_YEAR), known, 0)
    kinds, place = np.unique(years, return_inverse=True)
    n = np.bincount(place)
    n_missing = []
    for column in typed.columns:
        missing = typed[column].isna().to_numpy() | (
            typed[column].isin(MISSING).to_numpy(dtype=bool)
            if TABLES[name].column(str(column)).codes
            else False
        )
        n_missing.append(np.bincount(place, weights=missing).astype(int))
    return pd.DataFrame(
        {
            "table": name,
            "column": np.repeat(typed.columns.to_numpy(), len(kinds)),
            "year": np.tile(kinds, len(typed.columns)),
            "n": np.tile(n, len(typed.columns)),
            "n_missing": np.concatenate(n_missing),
        }
    )


def _sum_completeness(counts: list[pd.DataFrame]) -> pd.DataFrame:
    if not counts:
        return Validation([]).completeness
    return (
        pd.concat(counts)
        .groupby(["table", "column", "year"], sort=False, as_index=False)[["n", "n_missing"]]
        .sum()
    )


def _find_gaps(extract: Extract, completeness: pd.DataFrame) -> list[Problem]:
    """Years without a row between the first and the last of a table. Where some years have few
    rows, those of few and of none between the years of ten or more are told alike: else they would
    tell the year of a lone row."""
    gaps = []
    for name, part in completeness[completeness["year"] > 0].groupby("table", sort=False):
        years = set(part["year"])
        full = set(part.loc[part["n"] >= FEWEST_TO_NAME, "year"])
        known = full or years
        missing = [year for year in range(min(known), max(known) + 1) if year not in known]
        if not missing:
            continue
        few = "no row" if known == years else f"no row, or fewer than {FEWEST_TO_NAME},"
        words = (
            ", ".join(map(str, missing))
            if full and len(missing) <= MOST_YEARS
            else f"{len(missing)} {'year' if len(missing) == 1 else 'years'} between the first and the last"
        )
        gaps.append(
            Problem(
                extract.mappings[name].files[0].name,
                TABLES[name].year_of,
                f"{few} of {words}",
                0,
                (),
                "say so if the register had none; add the rows if they are missing",
                is_warning=True,
            )
        )
    return gaps


def _count_months(typed: pd.DataFrame, name: str, tally: Tally) -> None:
    by = TABLES[name].year_of
    if by in typed and typed[by].dtype.kind == "M":
        dates = typed[by].dropna().to_numpy()
        kinds, n = np.unique(dates.astype("datetime64[M]").astype(np.int64), return_counts=True)
        tally.months.update(dict(zip((kinds + 1970 * 12).tolist(), n.tolist(), strict=True)))


def _is_declared(extract: Extract, which: str, year: int, empty: int) -> bool:
    """Whether the extract says that it begins after, or ends before, the empty months of a year."""
    day = extract.start_date if which == "first" else extract.reference_date
    if day is None:
        return False
    month = (day.year, day.month)
    return month >= (year, empty) if which == "first" else month <= (year, 13 - empty)


def _find_parts(extract: Extract, tallies: dict[str, Tally]) -> list[Problem]:
    """First and last years that the rows fill only in part, where the extract does not say so: they
    would be counted as years."""
    found = []
    for name, tally in tallies.items():
        n = Counter[int]()
        for month, rows in tally.months.items():
            n[month // 12] += rows
        full = sorted(year for year in n if n[year] >= FEWEST_TO_NAME)
        if not full:
            continue
        for which, year, option in (
            ("first", full[0], "start_date"),
            ("last", full[-1], "reference_date"),
        ):
            months = [month % 12 for month in tally.months if month // 12 == year]
            empty = min(months) if which == "first" else 11 - max(months)
            missed = n[year] / (12 - empty) * empty
            if missed >= MISSED_ROWS and not _is_declared(extract, which, year, empty):
                found.append(
                    Problem(
                        extract.mappings[name].files[0].name,
                        TABLES[name].year_of,
                        f"the {which} year has no row in {empty} of its months at the {'beginning' if which == 'first' else 'end'}",
                        0,
                        (),
                        f"write {option} in extract.yml, so that a year in part is left out; or add the rows",
                        is_warning=True,
                    )
                )
    return found
