"""That what is made up says so wherever it stands: pictures, captions, search, descriptions and
files, each judged by the provenance that it carries."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from helpers.edition import read_rows
from helpers.labels import text
from helpers.site.search import DATA
from helpers.site.soups import list_tags
from helpers.site.tabs import MADE_UP_PART
from helpers.wording import MADE_UP, TABLE_LETTERS

_LETTERED = re.compile(
    rf"\d[\d.,]*(?:[\u00a0 ]?%)?[{''.join(TABLE_LETTERS[mark] for mark in MADE_UP)}]"
)
_NAMING = re.compile(r"<(?:meta|a)\b[^>]*(?:content|download)=[^>]*>")


def find_untold(
    soup: BeautifulSoup, finished: str, made_up: Collection[str], language: str
) -> list[str]:
    """What on a page is made up and does not say so, one line a fault: in its parts, by their tree,
    and in its descriptions and downloads, by the words that readers get. `made_up` are the tables
    with such rows."""
    tags = BeautifulSoup("".join(_NAMING.findall(finished)), "html.parser")
    return [*_find_in_parts(soup, language), *_find_in_names(tags, made_up)]


def find_untold_files(site: Path) -> list[str]:
    """The same of the files beside the pages."""
    faults = _find_in_tables(site)
    data = site / DATA
    if data.exists() and _LETTERED.search(data.read_text(encoding="utf-8")):
        faults.append(f"{DATA}: the search holds a made-up number")
    return faults


def list_made_up(site: Path) -> set[str]:
    """The tables with made-up rows, by the names of the files made from them."""
    return {path.name.split(".")[0] for path in (site / "tables").glob(f"*{MADE_UP_PART}.*")}


def _find_in_parts(soup: BeautifulSoup, language: str) -> list[str]:
    faults = []
    for figure in list_tags(soup, "figure", attribute="data-provenance"):
        if not _is_made_up(figure):
            continue
        picture = figure.select_one("svg.picture")
        alt = str(picture.get("aria-label", "")) if picture is not None else ""
        if text("made_up", language) not in alt.lower():
            faults.append(f"the alt text of {figure.get('id')} does not say made-up")
        if figure.select_one(".badge-made-up") is None:
            faults.append(f"the caption of {figure.get('id')} does not say made-up")
    for table in list_tags(soup, classed="released"):
        is_made_up = any(
            _is_made_up(cell) for cell in list_tags(table, attribute="data-provenance")
        )
        if is_made_up and table.select_one("caption .badge-made-up") is None:
            faults.append(f"the caption of {table.get('data-table')} does not say made-up")
    return faults


def _is_made_up(element: Tag) -> bool:
    return bool(set(str(element["data-provenance"]).split()) & set(MADE_UP))


def _find_in_names(tags: BeautifulSoup, made_up: Collection[str]) -> list[str]:
    """Descriptions with a made-up number, and links that would save a made-up table under a name
    that does not say so."""
    described = [
        f"the description holds a made-up number: {meta['content']}"
        for meta in tags.select("meta[content]")
        if _LETTERED.search(str(meta["content"]))
    ]
    return described + [
        f"the download {link['download']} does not say made-up"
        for link in tags.select("a[download]")
        if str(link["href"]).rsplit("/", 1)[-1].split(".")[0] in made_up
        and "/pictures/" not in str(link["href"])
        and MADE_UP_PART not in str(link["download"])
    ]


def _find_in_tables(site: Path) -> list[str]:
    """Labelled tables with made-up rows whose name or rows do not say so; the bundle's own bytes
    carry a mark in each row."""
    faults = []
    for path in sorted((site / "tables").glob("*.labelled.csv")):
        marks = {row["mark"] for row in read_rows(path)}
        if marks & set(MADE_UP) and MADE_UP_PART not in path.name:
            faults.append(f"tables/{path.name}: made-up numbers under a name that does not say so")
    return faults
