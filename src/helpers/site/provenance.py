"""From a number to its source: a mark leads to the row of its table, and the row to the
catalogue."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection
from pathlib import Path

from bs4 import BeautifulSoup, Tag
from nbformat import NotebookNode

from helpers.edition import read_rows
from helpers.products import read_products
from helpers.site.soups import find_holder, list_tags
from helpers.wording import COMPUTED_LETTER, MARK_LETTERS

# What the site writes behind a glued number until it is a link, and what it then takes away.
REFERENCE = re.compile(
    r"\N{MATHEMATICAL LEFT WHITE SQUARE BRACKET}([^<>]*?)\N{MATHEMATICAL RIGHT WHITE SQUARE BRACKET}"
)
_SIGNS = "\N{MATHEMATICAL LEFT WHITE SQUARE BRACKET}", "\N{MATHEMATICAL RIGHT WHITE SQUARE BRACKET}"
_LETTER = re.compile(f"[{''.join(MARK_LETTERS.values())}{COMPUTED_LETTER}]")
_PLAIN = "application/papermill.record/text/plain"


def point_numbers(notebook: NotebookNode) -> None:
    """Write behind each glued number of an executed chapter which row it stands for, as its
    metadata say."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            at = output.get("metadata", {}).pop("row", "")
            if at and _PLAIN in output.get("data", {}):
                output["data"][_PLAIN] = _point(output["data"][_PLAIN], at.split("\n"))


def _point(words: str, places: list[str]) -> str:
    """The glued words, in quotation marks, with each place behind the letter of its number; words
    whose numbers are not those of the places stay as they are."""
    letters = list(_LETTER.finditer(words))
    if len(places) == 1 and not letters:  # a number without a letter: the place stands at its end
        return f"{words[:-1]}{_SIGNS[0]}{places[0]}{_SIGNS[1]}{words[-1]}"
    if len(letters) != len(places):
        return words
    for letter, place in reversed(list(zip(letters, places, strict=True))):
        at = f"{_SIGNS[0]}{place}{_SIGNS[1]}" if place else ""
        words = words[: letter.end()] + at + words[letter.end() :]
    return words


def name_rows(article: BeautifulSoup) -> None:
    """Give each line of a released table an id by the first row that it shows."""
    seen: set[str] = set()
    for line in list_tags(article, "tr", attribute="data-rows"):
        holder = find_holder(line, "released")
        if holder is None:
            continue
        name = f"row-{holder['data-table']}-{str(line['data-rows']).split()[0]}"
        if name not in seen:
            line["id"] = name
            seen.add(name)


def index_page(soup: BeautifulSoup) -> dict[str, list[list[str]]]:
    """Of a page, [table, row, id] of each row of its tables, [table, id] of their captions, and
    [place] of each number of a sentence, in the order of the page."""
    rows, tables = [], []
    for part in list_tags(soup, "tr", "caption", attribute="id"):
        holder = find_holder(part, "released")
        if holder is None:
            continue
        name, own = str(holder["data-table"]), str(part["id"])
        if part.name == "caption":
            tables.append([name, own])
        else:
            rows += [[name, row, own] for row in str(part["data-rows"]).split()]
    places = [[str(number["data-row"])] for number in _list_numbers(soup)]
    return {"rows": rows, "tables": tables, "places": places}


def find_links(
    indexes: dict[str, dict[str, list[list[str]]]], catalogued: Collection[str]
) -> dict[str, list[str]]:
    """Where each number of each page leads, from the indexes of all pages by their names: to its
    row, in the first page that shows it; where its table is shown nowhere, to its source in the
    catalogue; "" where it keeps leading to the legend."""
    rows: dict[tuple[str, str], tuple[str, str]] = {}
    tables: dict[str, tuple[str, str]] = {}
    for page, index in indexes.items():
        for table, row, name in index["rows"]:
            rows.setdefault((table, row), (page, name))
        for table, name in index["tables"]:
            tables.setdefault(table, (page, name))
    links = {}
    for page, index in indexes.items():
        found = [_find_place(place, rows, tables, catalogued) for [place] in index["places"]]
        links[page] = [_lead(page, *goal) if goal else "" for goal in found]
    return links


def _lead(page: str, target: str, anchor: str) -> str:
    relative = posixpath.relpath(target, posixpath.dirname(page) or ".")
    return f"#{anchor}" if target == page else f"{relative}#{anchor}"


def _find_place(
    reference: str,
    rows: dict[tuple[str, str], tuple[str, str]],
    tables: dict[str, tuple[str, str]],
    catalogued: Collection[str],
) -> tuple[str, str] | None:
    _, table, row, source = reference.split("/", 3)
    if (table, row) in rows:
        return rows[table, row]
    if source in catalogued:
        return "book/catalogue.html", source
    return tables.get(table)


def lead_marks(soup: BeautifulSoup, links: list[str]) -> bool:
    """Make the mark behind each number of a sentence lead where `links` says, in their order. False
    where there is none."""
    numbers = _list_numbers(soup)
    for number, address in zip(numbers, links, strict=True):
        link = number.select_one("a.number-mark")
        del number["data-row"]
        if link is not None and address:
            link["href"] = address
    return bool(numbers)


def _list_numbers(soup: BeautifulSoup) -> list[Tag]:
    return list_tags(soup, classed="number", attribute="data-row")


def list_uses(bundle: Path, language: str, *, only: Collection[str]) -> dict[str, list[list[str]]]:
    """Where each printed number is used: [chapter, table, title of the table] of these released
    tables, whose rows name it as their source."""
    products = read_products()
    uses: dict[str, list[list[str]]] = {}
    for name in only:
        rows = read_rows(bundle / f"{name}.csv")
        if not rows or "source" not in rows[0] or name not in products:
            continue
        told = [products[name].chapter, name, products[name].title[language]]
        for source in dict.fromkeys("|".join(row["source"] for row in rows).split("|")):
            uses.setdefault(source, []).append(told)
    return uses
