"""From a number to its source: a mark leads to the row of its table, and the row to the catalogue."""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from pathlib import Path

import nbformat
import pandas as pd
from bs4 import BeautifulSoup

from helpers.products import read_products
from helpers.site.soups import read_soup, write_soup
from helpers.wording import COMPUTED_LETTER, MARK_LETTERS

# What the site writes behind a glued number until it is a link, and what it then takes away.
REFERENCE = re.compile(
    r"\N{MATHEMATICAL LEFT WHITE SQUARE BRACKET}([^<>]*?)\N{MATHEMATICAL RIGHT WHITE SQUARE BRACKET}"
)
_SIGNS = "\N{MATHEMATICAL LEFT WHITE SQUARE BRACKET}", "\N{MATHEMATICAL RIGHT WHITE SQUARE BRACKET}"
_LETTER = re.compile(f"[{''.join(MARK_LETTERS.values())}{COMPUTED_LETTER}]")
_PLAIN = "application/papermill.record/text/plain"


def point_numbers(notebook: Path) -> None:
    """Write behind each glued number of an executed chapter which row it stands for, as its
    metadata say."""
    content = nbformat.read(notebook, as_version=4)
    for cell in content.cells:
        for output in cell.get("outputs", []):
            at = output.get("metadata", {}).pop("row", "")
            if at and _PLAIN in output.get("data", {}):
                output["data"][_PLAIN] = _point(output["data"][_PLAIN], at.split("\n"))
    nbformat.write(content, notebook)


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
    for line in article.select(".released tr[data-rows]"):
        holder = line.find_parent(class_="released")
        assert holder is not None
        name = f"row-{holder['data-table']}-{str(line['data-rows']).split()[0]}"
        if name not in seen:
            line["id"] = name
            seen.add(name)


def lead_marks(site: Path, pages: list[Path], catalogued: Collection[str]) -> None:
    """Make the mark behind each number of a sentence lead to its row; where its table is shown
    nowhere, to its source in the catalogue. Other marks keep leading to the legend."""
    soups = {page: read_soup(page) for page in pages}
    rows, tables = _list_rows(soups)
    for page, soup in soups.items():
        numbers = soup.select(".number[data-row]")
        for number in numbers:
            link = number.select_one("a.number-mark")
            place = _find_place(str(number["data-row"]), rows, tables, site, catalogued)
            del number["data-row"]
            if link is not None and place is not None:
                target, anchor = place
                relative = os.path.relpath(target, page.parent).replace(os.sep, "/")
                link["href"] = f"#{anchor}" if target == page else f"{relative}#{anchor}"
        if numbers:
            write_soup(page, soup)


def _list_rows(
    soups: dict[Path, BeautifulSoup],
) -> tuple[dict[tuple[str, str], tuple[Path, str]], dict[str, tuple[Path, str]]]:
    """Page and id of each row of each table, and of each table's caption; the first that shows
    it."""
    rows: dict[tuple[str, str], tuple[Path, str]] = {}
    tables: dict[str, tuple[Path, str]] = {}
    for page, soup in soups.items():
        for line in soup.select(".released tr[id]"):
            name = str(line.find_parent(class_="released")["data-table"])  # type: ignore[index]
            for row in str(line["data-rows"]).split():
                rows.setdefault((name, row), (page, str(line["id"])))
        for caption in soup.select(".released caption[id]"):
            name = str(caption.find_parent(class_="released")["data-table"])  # type: ignore[index]
            tables.setdefault(name, (page, str(caption["id"])))
    return rows, tables


def _find_place(
    reference: str,
    rows: dict[tuple[str, str], tuple[Path, str]],
    tables: dict[str, tuple[Path, str]],
    site: Path,
    catalogued: Collection[str],
) -> tuple[Path, str] | None:
    _, table, row, source = reference.split("/", 3)
    if (table, row) in rows:
        return rows[table, row]
    if source in catalogued:
        return site / "book" / "catalogue.html", source
    return tables.get(table)


def list_uses(bundle: Path, language: str, *, only: Collection[str]) -> dict[str, list[list[str]]]:
    """Where each printed number is used: [chapter, table, title of the table] of these released
    tables, whose rows name it as their source."""
    products = read_products()
    uses: dict[str, list[list[str]]] = {}
    for name in only:
        table = pd.read_csv(
            bundle / f"{name}.csv", dtype=str, keep_default_na=False, encoding="utf-8"
        )
        if "source" not in table or name not in products:
            continue
        told = [products[name].chapter, name, products[name].title[language]]
        for source in dict.fromkeys("|".join(table["source"]).split("|")):
            uses.setdefault(source, []).append(told)
    return uses
