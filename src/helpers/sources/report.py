"""Writes what a check found and what was read, as text and as a page: file, column, rule, rows and
remedy, and never a value, nor a year of fewer than ten rows."""

from __future__ import annotations

import html
import textwrap
from pathlib import Path

import pandas as pd

from helpers.edition import Edition
from helpers.labels import format_number
from helpers.sources.checking import Validation
from helpers.sources.headers import Tally
from helpers.sources.limits import MOST_PROBLEMS
from helpers.sources.problems import FEWEST_TO_NAME, Problem, join_names

WIDTH = 120
FEW = f"fewer than {FEWEST_TO_NAME}"
READ_HEADS = ("table", "files", "rows", "years", "columns", "missing cells")
HEADS = ("", "file", "column", "rule", "rows", "first rows", "remedy")
_STYLE = (
    "body{font:1rem/1.5 'DejaVu Sans',Verdana,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}"
    "table{border-collapse:collapse;width:100%;margin:1rem 0}caption{text-align:left;font-weight:bold;padding:.3rem 0}"
    "th,td{border:1px solid #767676;padding:.3rem .5rem;text-align:left;vertical-align:top}.scroll{overflow-x:auto}"
)


def summarise(validation: Validation) -> str:
    """One sentence: how much was read, and what was found."""
    errors = sum(not problem.is_warning for problem in validation.problems)
    warnings = len(validation.problems) - errors
    rows = (
        f"{_count(len(validation.rows), 'table')}, {_count(sum(validation.rows.values()), 'row')}"
    )
    if not validation.is_readable:
        keep = "keeps" if errors == 1 else "keep"
        problems = _count(errors, "problem")
        return f"{problems} {keep} the extract from being read as it is; {rows} read."
    return (
        f"{rows}: {_count(errors, 'error')} and {_count(warnings, 'warning')}."
        if validation.problems
        else f"{rows}: nothing is wrong."
    )


def _count(n: int, what: str) -> str:
    return f"{format_number(n, 'en')} {what}{'' if n == 1 else 's'}"


def format_report(validation: Validation, edition: Edition | None = None) -> str:
    """The report as text, at most WIDTH signs a line: one problem a paragraph, and then what was
    read of each table, against the edition's period where one is given."""
    lines = [summarise(validation)]
    for problem in validation.problems[:MOST_PROBLEMS]:
        kind = "warning" if problem.is_warning else "error"
        head = f"{kind}  {problem.file}{f', column {problem.column}' if problem.column else ''}: {problem.rule}{_describe_rows(problem)}"
        lines += ["", *_wrap(head, "", "         ")]
        lines += _wrap(f"-> {problem.remedy}", "         ", "            ")
    rest = len(validation.problems) - MOST_PROBLEMS
    if rest > 0:
        lines += ["", f"and {rest} more; mend these first"]
    for name, *parts in _list_read(validation, edition):
        lines += [
            "",
            *_wrap(f"read  {name}: {'; '.join(part for part in parts if part)}", "", "      "),
        ]
    if validation.captures:
        lines += ["", *_wrap(f"read  {validation.captures}", "", "      ")]
    return "\n".join(lines)


def _wrap(text: str, first: str, others: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=others, break_on_hyphens=False
    )


def _list_read(validation: Validation, edition: Edition | None) -> list[tuple[str, ...]]:
    """Of each table: files, rows, years, columns and shares of missing cells, in words."""
    listed: list[tuple[str, ...]] = []
    for name, tally in validation.tallies.items():
        part = validation.completeness[validation.completeness["table"] == name]
        listed.append(
            (
                name,
                join_names(tally.files),
                _describe_count(tally),
                _describe_years(part, edition),
                _describe_columns(tally),
                _describe_missing(part),
            )
        )
    return listed


def _describe_count(tally: Tally) -> str:
    words = [f"{format_number(tally.rows, 'en')} rows"]
    if tally.n_left_out:
        words.append(f"{format_number(tally.n_left_out, 'en')} left out as extract.yml says")
    if tally.n_empty:
        words.append(f"{format_number(tally.n_empty, 'en')} empty ones passed over")
    return ", ".join(words)


def _describe_columns(tally: Tally) -> str:
    used = f"{len(tally.used)} columns used"
    return f"{used}, not used: {join_names(tally.unused)}" if tally.unused else f"{used}, all"


def _describe_missing(part: pd.DataFrame) -> str:
    """The share of missing cells of each column; of a few rows of other years nothing, since beside
    the years that are told they would say which cells of theirs are missing."""
    is_named = _find_named(part)
    others = part.loc[~is_named].groupby("column")["n"].sum()
    is_few = bool(is_named.any() and (others < FEWEST_TO_NAME).all())
    told = part[is_named] if is_few else part
    whole = told.groupby("column", sort=False)[["n", "n_missing"]].sum()
    missing = [
        f"{column} {_describe_share(n, n_missing)}"
        for column, n, n_missing in whole.itertuples()
        if n_missing
    ]
    where = " of these years" if is_few and not others.empty else ""
    if not missing:
        return f"no cell{where} is missing"
    return f"missing cells{where}: {', '.join(missing)}"


def _find_named(part: pd.DataFrame) -> pd.Series:
    """Which rows are of a year that may be named."""
    return (part["year"] > 0) & (part["n"] >= FEWEST_TO_NAME)


def _describe_years(part: pd.DataFrame, edition: Edition | None) -> str:
    """The years that ten rows or more have, and how many of their rows lie outside the edition's
    period. Where the other rows lie is not told: a period less the years that are named would be
    the year of a lone row."""
    if part.empty or not (part["year"] > 0).any():
        return ""
    n = part.groupby("column", sort=False).get_group(part["column"].iloc[0]).set_index("year")["n"]
    named = n.index[(n >= FEWEST_TO_NAME) & (n.index > 0)]
    words = [
        f"years {named.min()} to {named.max()}"
        if len(named)
        else f"no year of {FEWEST_TO_NAME} rows"
    ]
    others = int(n.drop(named).sum())
    if others and len(named):
        words.append(f"{_describe_few(others)} rows of other years or none")
    if edition is not None and len(named):
        outside = int(n[named.difference(edition.years)].sum())
        count = format_number(outside, "en") if outside else "none"
        of = " of the named years" if others else ""
        words.append(f"{count}{of} outside {edition.period} (edition {edition.edition})")
    return ", ".join(words)


def _describe_few(n: int) -> str:
    return FEW if 0 < n < FEWEST_TO_NAME else format_number(n, "en")


def _describe_share(n: int, n_missing: int) -> str:
    if 0 < n_missing < FEWEST_TO_NAME:
        return f"in {FEW} rows"
    return f"{100 * n_missing / n:.0f}%"


def _describe_rows(problem: Problem) -> str:
    if not problem.rows:
        return ""
    more = ", ..." if problem.n_rows > len(problem.rows) else ""
    shown = ", ".join(map(str, problem.rows))
    return f" ({format_number(problem.n_rows, 'en')} {'row' if problem.n_rows == 1 else 'rows'}: {shown}{more})"


def write_report(validation: Validation, path: Path, edition: Edition | None = None) -> None:
    """The report as one page that needs nothing else: the problems, what was read, and how complete
    each column is by year."""
    rows: list[tuple[str, ...]] = [
        (
            "warning" if problem.is_warning else "error",
            problem.file,
            problem.column,
            problem.rule,
            str(problem.n_rows or ""),
            ", ".join(map(str, problem.rows)),
            problem.remedy,
        )
        for problem in validation.problems[:MOST_PROBLEMS]
    ]
    parts = [_write_table("Problems", HEADS, rows)] if rows else []
    read = _list_read(validation, edition)
    parts += [_write_table("What was read", READ_HEADS, read)] if read else []
    if validation.captures:
        parts.append(f"<p>{html.escape(validation.captures)}</p>")
    parts += [
        _write_table(f"Missing cells of {name}, by year", *_pivot_missing(part))
        for name, part in validation.completeness.groupby("table", sort=False)
    ]
    body = "\n".join(
        [f"<h1>Check of an extract</h1><p>{html.escape(summarise(validation))}</p>", *parts]
    )
    page = f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Check of an extract</title><style>{_STYLE}</style></head>\n<body><main>{body}</main></body></html>\n'
    path.write_text(page, encoding="utf-8", newline="\n")


def _pivot_missing(part: pd.DataFrame) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """A line a column and a column a year, with the share of its cells that are missing; years of
    fewer than ten rows are one column, of which nothing is told where it has fewer than ten,
    too."""
    is_named = _find_named(part)
    other = "other years" if is_named.any() else "all years"
    folded = part.assign(year=part["year"].astype(str).where(is_named, other))
    sums = folded.groupby(["column", "year"], sort=False, as_index=False)[["n", "n_missing"]].sum()
    shares = [
        f"{FEW} rows"
        if n < FEWEST_TO_NAME and year != "all years"
        else _describe_share(n, n_missing)
        for year, n, n_missing in sums[["year", "n", "n_missing"]].itertuples(index=False)
    ]
    wide = (
        sums.assign(share=shares)
        .pivot(index="column", columns="year", values="share")
        .fillna("")
        .loc[list(dict.fromkeys(part["column"]))]
    )
    return ("column", *wide.columns), [
        (name, *cells) for name, cells in zip(wide.index, wide.to_numpy().tolist(), strict=True)
    ]


def _write_table(caption: str, heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    head = "".join(
        f'<th scope="col">{html.escape(word)}</th>' if word else "<td></td>" for word in heads
    )
    body = "".join(
        f'<tr><th scope="row">{html.escape(row[0])}</th>'
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    return f'<div class="scroll" role="region" tabindex="0" aria-label="{html.escape(caption)}"><table><caption>{html.escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
