"""The book's own search: words and numbers of each section, without code and without anything made
up."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

from bs4 import BeautifulSoup, CData, NavigableString, Tag

from helpers.edition import CODES, read_rows
from helpers.labels import text
from helpers.site.reading import FRAME

DATA = "searchdata.js"
# What readers ask for in other words than those of the part that answers, by page and anchor; without an
# anchor the page's beginning.
WORDS = CODES / "search_words.csv"
# Chapters on a subject come first; those from 50 on, about the made-up registers and the documents, last.
_LAST = -4  # even a heading there comes after a whole word in the text elsewhere
_SUBJECT, _BEHIND = r"(^|/)chapters/(?![5-9]\d_)", r"(^|/)chapters/[5-9]\d_"
_UNREAD = {"pre", "code", "script", "style", "svg", "nav"}
# Links to files and what a citation repeats are no words of a page.
_UNREAD_CLASSES = {"headerlink", "visually-hidden", "cell_input", "released-link", "cite", FRAME}


def write_search(site: Path, sections: list[list[str | int]], language: str) -> None:
    """Write the sections of all pages for `search.js`."""
    words = {name: text(f"search_{name}", language) for name in ("found", "none")}
    data = json.dumps(
        {"sections": sections, "words": words}, ensure_ascii=False, separators=(",", ":")
    )
    (site / DATA).write_text(f"window.SEARCH_DATA = {data};\n", encoding="utf-8", newline="\n")


def put_form(soup: BeautifulSoup, language: str) -> None:
    """Put the form into the search page."""
    place = soup.select_one(".bd-search-container") or soup.select_one(".bd-article-container")
    if place is not None:
        place.clear()
        place.append(BeautifulSoup(_write_form(language), "html.parser"))


def list_sections(soup: BeautifulSoup, address: str) -> list[list[str | int]]:
    """[address, anchor, title of the page, heading, 1 for a chapter on a subject and less than 0
    for one behind the numbers, words] of each section, without the sections in it, which have
    entries of their own. A section that holds nothing but others is none, unless it is the page."""
    article = soup.find("article")
    title = article.find(_is_title) if isinstance(article, Tag) else None
    if not isinstance(article, Tag) or not isinstance(title, Tag):
        return []
    rank = 1 if re.search(_SUBJECT, address) else _LAST if re.search(_BEHIND, address) else 0
    entries: list[list[str | int]] = []
    for section in article.find_all("section"):
        if any(_is_unread(holder) for holder in (section, *section.parents)):
            continue
        heading, words = _read(section.find(_is_heading)), _read(section, parts=False)
        if words != heading or heading == _read(title):
            entries.append([address, _name(section), _read(title), heading, rank, words])
    return entries


def _name(section: Tag) -> str:
    """The target that was written for a section, the same in every language; else what Sphinx calls
    it."""
    target = section.find("span", id=True, recursive=False)
    return str((target if isinstance(target, Tag) else section).get("id", ""))


def add_words(
    sections: list[list[str | int]], language: str, rows: list[dict[str, str]] | None = None
) -> list[list[str | int]]:
    """The sections, with the words that readers use for them behind those that have any; a row of a
    part that this book does not have is passed over."""
    found = [list(section) for section in sections]
    for row in read_rows(WORDS) if rows is None else rows:
        parts = [one for one in found if one[0] == f"book/{row['page']}.html"]
        part = next((one for one in parts if row["anchor"] in ("", one[1])), None)
        if part is not None:
            part.append(row[f"words_{language}"])
    return found


def _is_title(tag: Tag) -> bool:
    return tag.name == "h1" and not any(_is_unread(holder) for holder in tag.parents)


def _is_heading(tag: Tag) -> bool:
    return tag.name in ("h1", "h2", "h3", "h4") and not any(map(_is_unread, tag.parents))


def _is_unread(tag: Tag) -> bool:
    classes = tag.get_attribute_list("class")
    return (
        tag.name in _UNREAD
        or not _UNREAD_CLASSES.isdisjoint(classes)
        or (tag.name == "details" and "hide" in classes)
    )


def _read(element: object, *, parts: bool = True) -> str:
    """The words of an element, cells and lines parted by a space; without those of code and of
    anything made up, nor, without `parts`, of the sections in it."""
    return " ".join(_list_words(element, parts=parts)) if isinstance(element, Tag) else ""


def _list_words(element: Tag, *, parts: bool) -> Iterator[str]:
    for child in element.children:
        if isinstance(child, Tag):
            if not _is_unread(child) and (parts or child.name != "section"):
                yield from _list_words(child, parts=parts)
        elif type(child) in (NavigableString, CData):
            yield from str(child).split()


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
