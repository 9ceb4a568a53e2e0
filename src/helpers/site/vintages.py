"""What the pages on revisions and provenance are filled with: printed vintages, the editions of
this book beside each other, and what this edition came from."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from helpers.edition import Edition, list_editions, read_edition, read_rows
from helpers.editions import (
    RAP,
    SIGNED,
    find_run,
    find_seconds,
    tabulate_headline,
    tabulate_provenance,
    tabulate_revisions,
)
from helpers.labels import format_date, format_number, format_years, label, text
from helpers.prose import MARK_LETTERS
from helpers.published import read_vintages
from helpers.release import MANIFEST
from helpers.site.plain import name_source, write_code

REVISIONS, PROVENANCE = '<div id="revisions"></div>', '<div id="provenance"></div>'


def fill_vintages(content: str, edition: Edition, bundle: Path) -> str:
    """The page with these tables in their places; a page without such a place stays as it is."""
    if REVISIONS in content:
        content = content.replace(REVISIONS, _write_revisions(edition.language))
    if PROVENANCE in content:
        content = content.replace(PROVENANCE, _write_provenance(edition, bundle))
    return content


def _write_revisions(language: str) -> str:
    table = tabulate_revisions(read_vintages())
    letter = MARK_LETTERS["published"]
    rows = [
        (
            row["period"],
            _name(row, language),
            format_number(row["n"], language) + _percent(row["unit"]) + letter,
            format_date(row["published"], language).replace(" ", "\u00a0"),
            label(str(row["standing"]), language, kind="standing"),
            ", ".join(
                dict.fromkeys(name_source(one, language) for one in str(row["source"]).split("|"))
            ),
        )
        for _, row in table.sort_values(["period", "population"], kind="stable").iterrows()
    ]
    return "\n".join(
        [
            write_table(
                "vintages", ("year", "what", "n", "printed", "standing", "source"), rows, language
            ),
            _write_editions(language),
        ]
    )


def _percent(unit: str) -> str:
    return "%" if unit.startswith("percent") else ""


def _name(row: pd.Series, language: str) -> str:
    """Who is counted, and which part of them."""
    words = label(str(row["population"]), language, kind="population")
    if row["breakdown"] == "total":
        return words
    kind = "reporter" if row["breakdown"] == "reporter" else "category"
    return f"{label(str(row['category']), language, kind=kind)}; {words}"


def _write_editions(language: str) -> str:
    """The headline number of each year in every edition of this book, in both ways of counting."""
    found = {}
    for name in list_editions():
        own = tabulate_headline(read_edition(name)).itertuples(index=False, name=None)
        found[name] = {
            (period, population): format_number(float(n), language) + MARK_LETTERS[mark]
            for population, period, n, mark in own
        }
    missing = text("not_in_edition", language)
    rows = [
        (
            year,
            label(population, language, kind="population"),
            *(cells.get((year, population), missing) for cells in found.values()),
        )
        for year, population in sorted(set().union(*found.values()))
    ]
    heads = (
        "year",
        "what",
        *(format_years(one.period_start, one.period_end) for one in map(read_edition, found)),
    )
    return write_table("editions", heads, rows, language)


def _write_provenance(edition: Edition, bundle: Path) -> str:
    language = edition.language
    none = text("nobody_yet", language)
    told = tabulate_provenance(edition, bundle)
    parts = [
        write_table(
            "origin",
            ("item", "value"),
            [(text(f"provenance_{key}", language), value or none) for key, value in told.items()],
            language,
        )
    ]
    inputs = sorted(find_run(edition.edition).get("inputs", {}).items())
    parts.append(write_table("inputs", ("table", "fingerprint"), inputs, language))
    seconds = [
        (name, format_number(round(value, 1), language))
        for name, value in find_seconds(edition.edition).items()
    ]
    parts.append(write_table("seconds", ("chapter", "seconds"), seconds, language))
    signed = [
        (
            row[f"definition_{language}"],
            row["paragraph"],
            label(row["keeper"], language, kind="keeper"),
            row["signed_by"] or none,
            row["signed_on"] or none,
        )
        for row in read_rows(SIGNED)
    ]
    heads = ("definition", "paragraph", "keeper", "signed_by", "signed_on")
    parts.append(write_table("signed", heads, signed, language))
    levels = [
        (
            label(row["level"], language, kind="rap_level"),
            row[f"criterion_{language}"],
            label(row["met"], language, kind="rap_met"),
            row[f"evidence_{language}"],
        )
        for row in read_rows(RAP)
    ]
    parts.append(write_table("rap", ("level", "criterion", "met", "evidence"), levels, language))
    parts.append(f'<p><a href="../tables/{MANIFEST}">{MANIFEST}</a></p>')
    return "\n".join(parts)


def write_table(
    name: str, heads: Sequence[str], rows: Iterable[Sequence[str]], language: str
) -> str:
    """A table with its heading; a sentence where it has no row. Heads that have no words of their
    own stand as they are."""
    title = html.escape(text(f"vintages_{name}", language))
    listed = list(rows)
    anchor = f'<h2 id="vintages-{name}">{title}</h2>'
    if not listed:
        return f"{anchor}\n<p>{html.escape(text(f'vintages_{name}_none', language))}</p>"
    words = [_head(head, language) for head in heads]
    head = "".join(f'<th scope="col">{html.escape(word)}</th>' for word in words)
    body = "\n".join(
        "<tr>" + "".join(f"<td>{write_code(str(cell))}</td>" for cell in row) + "</tr>"
        for row in listed
    )
    return (
        f'{anchor}\n<div class="pst-scrollable-table-container"><table class="table vintages">'
        f'<caption class="visually-hidden">{title}</caption>'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
    )


def _head(name: str, language: str) -> str:
    return name if name[:1].isdigit() else text(f"head_{name}", language)
