"""The book's own search: words and numbers of each section, without code and without anything made
up."""

from __future__ import annotations

import copy
import html
import json
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from helpers.labels import text
from helpers.site.reading import FRAME

DATA = "searchdata.js"
_UNREAD = f"pre, code, script, style, svg, .headerlink, .visually-hidden, .cell_input, details.hide, .{FRAME}, nav"


def write_search(site: Path, pages: list[Path], language: str) -> None:
    """Write the sections of all pages for `search.js`, and the form into the search page."""
    sections = [section for page in pages for section in list_sections(page, site)]
    words = {name: text(f"search_{name}", language) for name in ("found", "none")}
    data = json.dumps(
        {"sections": sections, "words": words}, ensure_ascii=False, separators=(",", ":")
    )
    (site / DATA).write_text(f"window.SEARCH_DATA = {data};\n", encoding="utf-8", newline="\n")
    page = site / "search.html"
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    place = soup.select_one(".bd-search-container") or soup.select_one(".bd-article-container")
    if place is not None:
        place.clear()
        place.append(BeautifulSoup(_write_form(language), "html.parser"))
    page.write_text(str(soup), encoding="utf-8", newline="\n")


def list_sections(page: Path, site: Path) -> list[list[str | int]]:
    """[address, anchor, title of the page, heading, 1 for a chapter, words] of each section."""
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    article = soup.find("article")
    title = article.find("h1") if article else None
    if article is None or title is None:
        return []
    address = page.relative_to(site).as_posix()
    for unread in article.select(_UNREAD):
        unread.decompose()
    return [
        [
            address,
            str(section.get("id", "")),
            _read(title),
            _read(section.find(["h1", "h2", "h3", "h4"])),
            int("/chapters/" in f"/{address}"),
            _read(_without_parts(section)),
        ]
        for section in article.find_all("section")
    ]


def _without_parts(section: Tag) -> Tag:
    """The section without the sections in it, which have entries of their own."""
    own = copy.copy(section)
    for part in own.find_all("section"):
        part.decompose()
    return own


def _read(element: Tag | None) -> str:
    """The words of an element, cells and lines parted by a space."""
    return " ".join(element.get_text(" ").split()) if element is not None else ""


def _write_form(language: str) -> str:
    def say(name: str) -> str:
        return html.escape(text(f"search_{name}", language))

    return (
        f'<article class="bd-article"><h1>{say("button")}</h1>'
        f'<form id="book-search" class="catalogue" role="search" action="search.html">'
        f'<p class="wide"><label for="search-words">{say("label")}</label>'
        f'<input id="search-words" name="q" type="search" autocomplete="off"></p></form>'
        f'<p id="search-count" role="status" aria-live="polite"></p>'
        f'<p><a id="search-catalogue" href="book/catalogue.html" hidden>{say("in_catalogue")}</a></p>'
        f'<ol id="search-list" class="catalogue-list"></ol>'
        f"<noscript><p>{say('noscript')}</p></noscript>"
        f'<script src="{DATA}"></script></article>'
    )
