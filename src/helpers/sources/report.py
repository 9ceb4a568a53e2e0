"""Writes what a check found, as text and as a page: file, column, rule, rows and remedy, and never
a value."""

from __future__ import annotations

import html
import textwrap
from pathlib import Path

import pandas as pd

from helpers.labels import format_number
from helpers.sources.checking import Validation
from helpers.sources.problems import Problem

WIDTH = 120
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
        f"{len(validation.rows)} tables, {format_number(sum(validation.rows.values()), 'en')} rows"
    )
    if not validation.is_readable:
        return f"{errors} problems keep the extract from being read as it is; {rows} were read."
    return (
        f"{rows}: {errors} errors and {warnings} warnings."
        if validation.problems
        else f"{rows}: nothing is wrong."
    )


def format_report(validation: Validation) -> str:
    """The report as text: one problem a paragraph, at most WIDTH signs a line."""
    lines = [summarise(validation)]
    for problem in validation.problems:
        kind = "warning" if problem.is_warning else "error"
        head = f"{kind}  {problem.file}{f', column {problem.column}' if problem.column else ''}: {problem.rule}{_describe_rows(problem)}"
        lines += [
            "",
            *textwrap.wrap(head, WIDTH, subsequent_indent="         ", break_on_hyphens=False),
        ]
        lines += textwrap.wrap(
            f"-> {problem.remedy}",
            WIDTH,
            initial_indent="         ",
            subsequent_indent="            ",
            break_on_hyphens=False,
        )
    return "\n".join(lines)


def _describe_rows(problem: Problem) -> str:
    if not problem.rows:
        return ""
    more = ", ..." if problem.n_rows > len(problem.rows) else ""
    shown = ", ".join(map(str, problem.rows))
    return f" ({format_number(problem.n_rows, 'en')} {'row' if problem.n_rows == 1 else 'rows'}: {shown}{more})"


def write_report(validation: Validation, path: Path) -> None:
    """The report as one page that needs nothing else: the problems, and how complete each column is
    by year."""
    rows = [
        (
            "warning" if problem.is_warning else "error",
            problem.file,
            problem.column,
            problem.rule,
            str(problem.n_rows or ""),
            ", ".join(map(str, problem.rows)),
            problem.remedy,
        )
        for problem in validation.problems
    ]
    parts = [_write_table("Problems", HEADS, rows)] if rows else []
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
    """A line a column and a column a year, with the share of its cells that are missing."""
    shares = (part["n_missing"] / part["n"]).map(lambda share: f"{100 * share:.1f}%")
    wide = (
        part.assign(share=shares)
        .pivot(index="column", columns="year", values="share")
        .fillna("")
        .loc[list(dict.fromkeys(part["column"]))]
    )
    heads = ("column", *(str(year) if year else "all years" for year in wide.columns))
    return heads, [(name, *cells) for name, cells in zip(wide.index, wide.to_numpy().tolist())]


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
