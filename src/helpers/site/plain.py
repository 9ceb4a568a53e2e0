"""Words for readers in place of the codes of files and tables; what is a code stands as one."""

from __future__ import annotations

import copy
import html
import re

from bs4 import NavigableString, Tag

from helpers.labels import label, list_labelled, text
from helpers.site.soups import list_tags

# A code in running words: small letters and digits joined by underscores; no file name, no address.
_RAW = re.compile(r"(?<![\w./#@-])[a-z][a-z0-9]*(?:_[a-z0-9]+)+(?![\w/@(]|\.[a-z])")
_CELL = re.compile(r"(?P<table>[\w.]+):[^:]+:(?P<period>[\d-]+)")
_NAMES = ("alt", "aria-label", "title")
_UNREAD = ["pre", "code", "script", "style", "template"]


def find_raw_codes(page: Tag) -> list[str]:
    """The codes that a reader of the page meets outside code, in its words, in what pictures and
    buttons are called, and in its descriptions; each once."""
    page = copy.copy(page)
    for part in page.find_all(_UNREAD):
        part.decompose()
    words = [page.get_text(" ")]
    words += [str(part.get(name, "")) for part in page.find_all(True) for name in _NAMES]
    words += [str(part["content"]) for part in page.select("meta[name=description]")]
    return list(dict.fromkeys(code for one in words for code in _RAW.findall(one)))


def mark_codes(words: str) -> str:
    """Words, already safe in HTML, with each code in them as code."""
    return _RAW.sub(r"<code>\g<0></code>", words)


def name_source(source: str, language: str) -> str:
    """A source in words: a cell of a printed table by its table and period, a file by what it
    holds; numbers of catalogue and statistics are their own names."""
    found = _CELL.fullmatch(source)
    if found:
        table = text("table_of", language, section=found["table"])
        return f"{table}, {label(found['period'], language)}"
    is_file = source in list_labelled("facts_file")
    return label(source, language, kind="facts_file") if is_file else source


def name_sources(article: Tag, language: str) -> None:
    """Say the sources of tables in words; neighbours that then say the same are said once."""
    for span in list_tags(article, classed="source", within="released"):
        words = span.get_text()
        named = name_source(words.strip(), language)
        before = span.previous_sibling
        if named == words.strip():
            continue
        holder = span.find("a")
        (holder if isinstance(holder, Tag) else span).string = named
        last = before.previous_sibling if isinstance(before, NavigableString) else None
        if isinstance(last, Tag) and last.get_text() == named:
            before.extract()  # type: ignore[union-attr]
            span.decompose()


def write_code(words: str) -> str:
    """A cell of words as HTML; as code where it holds a code."""
    escaped = html.escape(words)
    return f"<code>{escaped}</code>" if _RAW.search(words) else escaped


def write_plain_table(caption: str, heads: list[str], lines: list[list[str]]) -> str:
    """A plain table; the cells are HTML already. The first of a row is its heading, unless it is
    empty."""
    head = "".join(f'<th scope="col">{html.escape(word)}</th>' for word in heads)
    rows = "".join(
        "<tr>"
        + (f'<th scope="row">{first}</th>' if first else "<td></td>")
        + "".join(f"<td>{cell}</td>" for cell in rest)
        + "</tr>"
        for first, *rest in lines
    )
    return (
        f'<div class="table-holder pst-scrollable-table-container"><table class="table"><caption><span class="caption-text">{html.escape(caption)}</span></caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
