"""The catalogue page: every published number to search and filter, without a server.

The page carries its numbers in itself; `_static/catalogue.js` draws those that are asked for, fifty
at a time. Without JavaScript the page names the files instead.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import pandas as pd

from helpers import published
from helpers.edition import LANGUAGES
from helpers.labels import (
    capitalise,
    count_unit,
    format_number,
    format_share,
    label,
    text,
    translate,
)
from helpers.published.catalogue import VAGUE
from helpers.published.facts import FACT_COLUMNS
from helpers.site.plain import name_source
from helpers.wording import count_decimals

PLACE = '<div id="catalogue"></div>'
CONTRADICTIONS_PLACE = '<div id="contradictions"></div>'
# A number of one to four people stands in its table and its file as printed; nobody can search for
# it here.
PEOPLE = (
    "victims",
    "persons",
    "suspects",
    "children",
    "prostitutes",
    "clients",
    "girls",
    "offenders",
    "convicts",
    "controls",
)
FEWEST_SEARCHABLE = 5


def fill_catalogue(
    content: str, language: str, *, uses: Mapping[str, list[list[str]]] | None = None
) -> str:
    """The page with the catalogue and the contradictions in their places; a page without such
    places stays as it is."""
    if PLACE in content:
        content = content.replace(PLACE, write_catalogue(list_all(language), language, uses or {}))
    if CONTRADICTIONS_PLACE in content:
        content = content.replace(CONTRADICTIONS_PLACE, write_contradictions(language))
    return content


def list_entries(language: str) -> list[dict[str, Any]]:
    """A row of short words for each number that may be searched: the value as printed, what it
    counts, and where it stands.

    `shy` is 1 where the line holds a number of few people too, so that its quote is shown and not
    searched.
    """
    cells = published.read_cells()
    cells = cells[
        cells["value"] > 0
    ]  # a dash is no number to look for, and would tell which cells are hidden
    numbers = pd.concat([published.read_catalogue(), _add_contradictions(cells)], ignore_index=True)
    few = hides_few(numbers)
    beside_few = set(zip(numbers.loc[few, "source"], numbers.loc[few, "line"], strict=True))
    numbers = numbers[~few]
    titles = published.read_documents().set_index("source")[f"document_{language}"]
    rows = numbers.to_dict("records")
    return [
        {
            **_describe(row, titles[row["source"]], language),
            "shy": int((row["source"], row["line"]) in beside_few),
        }
        for row in rows
    ]


def list_all(language: str) -> list[dict[str, str]]:
    """The printed numbers, and then the public statistics."""
    return [*list_entries(language), *list_facts(language)]


@cache
def list_ids() -> frozenset[str]:
    """The names of all of them, which are the same in every language."""
    return frozenset(entry["id"] for entry in list_all(LANGUAGES[0]))


def list_facts(language: str) -> list[dict[str, str]]:
    """A row of short words for each number of a public statistic; its line is that of a table that
    others keep, so it has a publisher and a date in place of a section."""
    facts = published.read_facts(*FACT_COLUMNS).fillna("")
    facts = facts[facts["unit"] != "flag"]
    numbers = facts.assign(value=pd.to_numeric(facts["value"], errors="coerce")).dropna(
        subset="value"
    )
    rows = numbers[~hides_few(numbers) & (numbers["value"] > 0)].to_dict("records")
    return [_describe_fact(row, language) for row in rows]


# How a public statistic writes its unit: "percent (about)", "victims per year (more than)".
_UNIT = re.compile(
    r"(?P<unit>[^(]*?)(?: per year)?(?:,? (?:of|six-year) [^(]*)?(?: \((?P<loose>[^)]*)\))?"
)
_LOOSE = {
    "about": "about",
    "about half": "about",
    "a quarter": "about",
    "more than": "more_than",
    "over": "more_than",
    "less than": "less_than",
    "at most": "at_most",
    "at least": "at_least",
}


def _split_unit(unit: str) -> dict[str, str]:
    """The unit of a public statistic and how loosely its number is printed."""
    found = _UNIT.fullmatch(unit)
    assert found is not None
    return {"unit": found["unit"], "precision": _LOOSE.get(found["loose"] or "", "")}


def _describe_fact(row: dict, language: str) -> dict[str, str]:
    of = "reporter" if row["breakdown"] == "reporter" else "category"
    kinds = (("population", "population"), ("category", of))
    words = [
        label(row[column], language, kind=kind) for column, kind in kinds if row[column] != "all"
    ]
    parts = (row.get("source_publisher", ""), str(row.get("published", "")))
    return {
        "id": row["id"],
        "value": format_printed(row | _split_unit(row["unit"]), language),
        "what": "; ".join(dict.fromkeys(words)),
        "period": label(row["period"], language),
        "document": row.get("source_title", "") or text("glotip", language),
        "section": ", ".join(part for part in parts if part),
        "line": str(row.get("source_row", "")),
        "quote": row["category_printed"],
        "kind": _find_kind(row | _split_unit(row["unit"])),
        "but": "",
        "address": row.get("source_url", ""),
        "shy": "0",
    }


def hides_few(numbers: pd.DataFrame) -> pd.Series:
    """True where a row counts one to four people: no finding aid leads to them."""
    return numbers["unit"].isin(PEOPLE) & numbers["value"].astype(float).between(
        1, FEWEST_SEARCHABLE - 1
    )


def _add_contradictions(cells: pd.DataFrame) -> pd.DataFrame:
    named = (
        published.read_contradictions()
        .assign(cell=lambda rows: rows["numbers"].str.split("|"))
        .explode("cell")
    )
    joined = named.groupby("cell")["id"].agg("|".join)
    return cells.assign(contradiction=cells["id"].map(joined).fillna(""))


def _describe(row: dict, title: str, language: str) -> dict[str, str]:
    group = "" if row["category"] == "all" else label(row["category"], language)
    measure, unit = (
        label(row["measure"], language, kind="measure"),
        label(row["unit"], language, kind="unit"),
    )
    what = [
        "" if measure == unit else measure,
        label(row["population"], language, kind="population"),
        group,
    ]
    return {
        "id": row["id"],
        "value": format_printed(row, language),
        "what": "; ".join(part for part in what if part),
        "period": "" if row["period"] == "not_stated" else label(row["period"], language),
        "document": title,
        "section": name_section(row["section"], row["figure"], language),
        "line": str(row["line"]),
        "quote": row["quote"],
        "kind": _find_kind(row),
        "but": row["contradiction"],
    }


DURATIONS = ("years", "months", "weeks", "days", "working_days", "day_parts", "hours")


def _find_kind(row: dict) -> str:
    return (
        "share"
        if row["unit"] == "percent"
        else "count"
        if float(row["value"]).is_integer() and row["unit"] not in (*DURATIONS, "eur")
        else "other"
    )


def format_printed(row: dict, language: str) -> str:
    """The value with its unit, and how loosely it is printed."""
    value = float(row["value"])
    if row["unit"] == "percent":
        words = format_share(abs(value) / 100, language, decimals=count_decimals(value, 1))
        if row["measure"].startswith("change_in_"):
            words = text("more_by" if value > 0 else "less_by", language, value=words)
    elif row["unit"] == "eur":
        words = "€ " + format_number(value, language, decimals=count_decimals(value, 2))
    else:
        number = format_number(value, language, decimals=count_decimals(value))
        words = f"{number} {count_unit(value, row['unit'], language)}"
    return text(row["precision"], language, value=words) if row["precision"] in VAGUE else words


def name_section(section: str, figure: str, language: str) -> str:
    """The section in words, with the figure or table that the number belongs to."""
    words = (
        text("section", language, section=section)
        if section[:1].isdigit() or section[1:2].isdigit()
        else label(section, language, kind="section")
    )
    return words if not figure else f"{words}, {text('figure_or_table', language, figure=figure)}"


def write_catalogue(
    entries: list[dict[str, Any]],
    language: str,
    uses: Mapping[str, list[list[str]]] | None = None,
) -> str:
    """The search form, the place of the results, and the numbers as data of the page itself."""
    documents = list(dict.fromkeys(entry["document"] for entry in entries))
    words = {
        name: text(f"catalogue_{name}", language)
        for name in ("found", "none", "line", "but", "used")
    }
    data = json.dumps(
        {"entries": entries, "words": words, **_number_uses(entries, uses or {})},
        ensure_ascii=False,
        separators=(",", ":"),
    ).replace("</", "<\\/")
    options = "".join(f"<option>{html.escape(title)}</option>" for title in documents)
    kinds = "".join(
        f'<option value="{kind}">{html.escape(text(f"catalogue_kind_{kind}", language))}</option>'
        for kind in ("count", "share", "other")
    )

    standings = list(dict.fromkeys(e["standing"] for e in entries if "standing" in e))

    def say(name: str) -> str:
        return html.escape(text(f"catalogue_{name}", language))

    return (
        '<form id="catalogue" class="catalogue" role="search" autocomplete="off">'
        f'<p><label for="catalogue-words">{say("words")}</label><input id="catalogue-words" type="search"></p>'
        f'<p><label for="catalogue-document">{say("document")}</label><select id="catalogue-document"><option value="">{say("all_documents")}</option>{options}</select></p>'
        f'<p><label for="catalogue-kind">{say("kind")}</label><select id="catalogue-kind"><option value="">{say("all_kinds")}</option>{kinds}</select></p>'
        f'<p><label for="catalogue-year">{say("year")}</label><input id="catalogue-year" inputmode="numeric" maxlength="4" size="6"></p>'
        f"{_write_choice(standings, say)}"
        f'<p class="wide"><input id="catalogue-but" type="checkbox"> <label for="catalogue-but">{say("only_but")}</label></p></form>'
        '<p id="catalogue-count" role="status" aria-live="polite"></p><ol id="catalogue-list" class="catalogue-list"></ol>'
        f'<p><button id="catalogue-more" type="button" hidden>{say("more")}</button></p>'
        f'<noscript><p>{say("noscript")}</p>{_write_plain(entries, language)}</noscript><script type="application/json" id="catalogue-data">{data}</script>'
    )


def _number_uses(
    entries: list[dict[str, Any]], uses: Mapping[str, list[list[str]]]
) -> dict[str, Any]:
    """The tables that use printed numbers, each once, and the places of an entry's in that list."""
    tables: dict[tuple[str, ...], int] = {}
    placed = {
        entry["id"]: [tables.setdefault(tuple(use), len(tables)) for use in uses[entry["id"]]]
        for entry in entries
        if entry["id"] in uses
    }
    return {"tables": [list(table) for table in tables], "uses": placed}


def _write_choice(standings: list[str], say: Callable[[str], str]) -> str:
    """The choice of a standing, on the page that has them."""
    if not standings:
        return ""
    options = "".join(f"<option>{html.escape(words)}</option>" for words in standings)
    return (
        f'<p><label for="catalogue-standing">{say("standing")}</label>'
        f'<select id="catalogue-standing"><option value="">{say("all_standings")}</option>{options}</select></p>'
    )


def _write_plain(entries: list[dict[str, Any]], language: str) -> str:
    """Every entry one below the other, each under its id, where nothing can filter them."""
    line = text("catalogue_line", language)
    items = "\n".join(
        f'<li id="{html.escape(entry["id"])}"><strong>{html.escape(entry["value"])}</strong> '
        f"{html.escape(entry['what'])} {html.escape(entry['period'])}. "
        f"{html.escape(_place_entry(entry, line))}</li>"
        for entry in entries
    )
    return f'<ol class="catalogue-list">{items}</ol>'


def _place_entry(entry: dict[str, str], line: str) -> str:
    """Document, section and line, as far as the entry has them."""
    place = (entry["document"], entry["section"], entry["line"] and f"{line} {entry['line']}")
    return ", ".join(part for part in place if part)


def write_contradictions(language: str) -> str:
    """Every contradiction with its document, its lines, how it is read and the arithmetic, one
    below the other; a cell of few people is not named."""
    titles = published.read_documents().set_index("source")[f"document_{language}"]
    cells = published.read_cells()
    few = {
        name: text("a_cell_of", language, table=name.split(":")[0])
        for name in cells.loc[hides_few(cells), "id"]
    }
    parts = []
    for source, rows in published.read_contradictions().groupby("source", sort=False):
        parts.append(f"<h3>{html.escape(titles[source])}</h3>")
        for row in rows.itertuples():
            lines, names = (
                html.escape(row.lines.replace("|", ", ")),
                html.escape(
                    ", ".join(
                        dict.fromkeys(
                            few.get(name) or name_source(name, language)
                            for name in row.numbers.split("|")
                        )
                    )
                ),
            )
            place = text("catalogue_lines", language, lines=lines)
            parts.append(
                f'<div class="contradiction" id="{row.id}"><p><strong>{row.id}</strong> ({place})</p><p>{html.escape(translate(row.stated_reading, language))}</p>'
                f'<p>{html.escape(translate(row.arithmetic, language))} <em>{html.escape(capitalise(translate(row.verdict, language)))}.</em></p><p class="released-link">{names}</p></div>'
            )
    return "".join(parts)
