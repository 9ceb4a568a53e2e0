"""A page made for reading: pictures in it, captions once, made-up numbers in frames, numbers that
lead to their source."""

from __future__ import annotations

import html
import re
from collections.abc import Collection
from pathlib import Path

from bs4 import BeautifulSoup, Tag
from bs4.element import AttributeValueList

from helpers.labels import text
from helpers.site.gaps import fold_absent, join_open, leave_out_open, mark_tables, say_gaps
from helpers.site.pictures import find_provenance, find_table, inline_picture
from helpers.site.plain import name_sources
from helpers.site.provenance import REFERENCE, name_rows
from helpers.site.soups import is_classed, list_tags
from helpers.site.tabs import MADE_UP_PART, Citation, keep_drawing, lift_lead, make_tabs
from helpers.wording import COMPUTED_LETTER, MADE_UP, MARK_LETTERS

FRAME = "made-up"
FRONT = Path("book/index.html")
_LETTERS = {letter: mark for mark, letter in MARK_LETTERS.items()} | {COMPUTED_LETTER: "computed"}
_PLAIN_QUOTES = str.maketrans("\u2018\u2019\u201c\u201d", "''\"\"")
_HEADS = ("h1", "h2", "h3")
_YEARS = re.compile(r"(\d{4}–\d{4})")
_DATE = re.compile(r"(\b\d{4}-\d{2}(?:-\d{2})?\b)")
_NUMBER = re.compile(
    rf"((?:€ ?)?\d[\d.,]*(?:[\u00a0 ]?%)?)([{''.join(_LETTERS)}])(?:{REFERENCE.pattern})?"
)


def finish_reading(
    content: str,
    page: Path,
    site: Path,
    language: str,
    catalogued: Collection[str],
    citation: Citation,
) -> str:
    """The page's HTML with its pictures inside and in tabs with their tables, each caption once,
    and sources that are links."""
    soup = BeautifulSoup(content, "html.parser")
    article = soup.find("article")
    if not isinstance(article, Tag):
        return content
    for printed in soup.find_all(id="jb-print-docs-body"):
        printed.decompose()
    say_gaps(article, language)
    mark_tables(article)
    if page == site / FRONT:
        leave_out_open(article, language)
    join_open(article, language)
    frame_examples(article, language)
    drawings = _place_pictures(article, page, site, language)
    _say_captions_once(article, language)
    _separate_identifiers(article)
    name_rows(soup)
    lead = "../" * (len(page.relative_to(site).parts) - 1)
    link_sources(article, catalogued, f"{lead}book/catalogue.html", soup)
    name_sources(article, language)
    frame_numbers(article, language, soup)
    address = page.relative_to(site).as_posix()
    make_tabs(article, language, page=address, lead=lead, citation=citation, soup=soup)
    if "/chapters/" in address:
        lift_lead(article, soup)
    fold_absent(article, language, soup)
    keep_years(article, soup)
    finished = str(soup)
    for place, drawing in drawings.items():
        finished = finished.replace(place, drawing)
    # No line ends between a sign of money and its amount.
    return REFERENCE.sub("", finished).replace("€ ", "€\u00a0")


def keep_years(article: Tag, soup: BeautifulSoup) -> None:
    """The years of a title, and the dates of a table, stay on one line: a line would break behind
    the dash."""
    titles = [
        one for one in list_tags(article) if one.name in _HEADS or is_classed(one, "lead-title")
    ]
    for kept, places in ((_YEARS, titles), (_DATE, list_tags(article, "td"))):
        for words in [
            one
            for place in places
            if kept.search(place.get_text("\n"))
            for one in place.find_all(string=kept)
        ]:
            pieces: list[Tag | str] = []
            for piece in kept.split(words):
                years = soup.new_tag("span", attrs={"class": "years"})
                years.string = piece
                pieces += [years] if kept.fullmatch(piece) else [piece] if piece else []
            words.replace_with(*pieces)


def frame_examples(article: Tag, language: str) -> None:
    """A section titled as a worked example on made-up registers is one frame."""
    title = text("worked_example", language).lower()
    for heading in article.find_all(["h2", "h3"]):
        if heading.get_text(" ").strip().lower().startswith(title) and heading.parent:
            _add_classes(heading.parent, FRAME, "made-up-part")


def _add_classes(tag: Tag, *names: str) -> None:
    tag["class"] = AttributeValueList([*tag.get_attribute_list("class"), *names])


def _place_pictures(article: Tag, page: Path, site: Path, language: str) -> dict[str, str]:
    """Put a mark in the place of each drawing, and return the drawings by their marks."""
    drawings = {}
    for number, image in enumerate(_list_drawn(article)):
        source = (page.parent / str(image["src"])).resolve()
        drawing = source.read_text(encoding="utf-8")
        marks, alt = find_provenance(drawing), str(image.get("alt", ""))
        place = f"@picture-{number}@"
        drawings[place] = inline_picture(drawing, name=f"p{number}", alt=alt)
        figure = image.find_parent("figure")
        if figure is not None and marks:
            figure["data-provenance"] = " ".join(marks)
            figure["data-table"] = find_table(drawing)
            keep_drawing(figure, drawing, site)
            if set(marks) & set(MADE_UP):
                _add_classes(figure, FRAME)
                caption = figure.select_one(".caption-text")
                if caption is not None:
                    _insert_badge(caption, language)
        image.replace_with(place)
    return drawings


def _list_drawn(article: Tag) -> list[Tag]:
    images = list_tags(article, "img", attribute="src")
    return [image for image in images if str(image["src"]).endswith(".svg")]


def _insert_badge(caption: Tag, language: str) -> None:
    badge = BeautifulSoup("", "html.parser").new_tag("strong", attrs={"class": "badge-made-up"})
    badge.string = text("made_up", language)
    caption.insert(0, badge)
    badge.insert_after(" ")


def _say_captions_once(article: Tag, language: str) -> None:
    """A table below its picture does not print the same caption again."""
    said: set[str] = set()
    for caption in list_tags(article, classed="caption-text"):
        if caption.find_parent(["figcaption", "caption"]) is None:
            continue
        extra = caption.select(".letters, .constant, .badge-made-up")
        words = _squeeze(caption, extra)
        if caption.find_parent("caption") is not None and words in said:
            kept = [part.extract() for part in extra]
            caption.clear()
            caption.append(text("numbers_of_figure", language))
            for part in kept:
                is_badge = "badge-made-up" in part.get_attribute_list("class")
                caption.insert(0, part) if is_badge else caption.append(part)
                part.insert_after(" ") if is_badge else part.insert_before(" ")
        said.add(words)


def _squeeze(caption: Tag, without: list[Tag]) -> str:
    """The words of a caption but those of its badge and its notes; quotes are plain, which Sphinx
    curls in one of two captions."""
    left_out = {id(part) for part in without}
    words = [
        str(piece)
        for piece in caption.find_all(string=True)
        if not any(id(parent) in left_out for parent in piece.parents)
    ]
    return " ".join("".join(words).translate(_PLAIN_QUOTES).split())


def _separate_identifiers(article: Tag) -> None:
    """A table that stands twice on a page has two captions with names of their own."""
    seen: set[str] = set()
    for caption in list_tags(article, "caption", attribute="id"):
        name, number = str(caption["id"]), 2
        while caption["id"] in seen:
            caption["id"] = f"{name}-{number}"
            number += 1
        seen.add(str(caption["id"]))
        if caption.parent is not None:
            caption.parent["aria-labelledby"] = caption["id"]


def link_sources(
    article: Tag, catalogued: Collection[str], address: str, soup: BeautifulSoup
) -> None:
    """The names of printed numbers in tables lead to their entries in the catalogue."""
    for span in list_tags(article, classed="source", within="released"):
        name = span.get_text().strip().split("–")[0]
        if name in catalogued:
            link = soup.new_tag("a", href=f"{address}#{name}")
            link.extend(list(span.contents))
            span.append(link)


def frame_numbers(article: Tag, language: str, soup: BeautifulSoup) -> None:
    """Each number with a mark in a sentence carries its provenance; a made-up one its frame and its
    word too."""
    for words in list(article.find_all(string=_NUMBER)):
        if words.find_parent(["code", "pre", "script", "svg", "title", "a"]):
            continue
        pieces: list[Tag | str] = []
        at = 0
        for found in _NUMBER.finditer(words):
            mark = _LETTERS[found[2]]
            number = soup.new_tag("span", attrs={"class": "number", "data-provenance": mark})
            number.append(found[1] + found[2])
            if found[3]:
                number["data-row"] = found[3]
            if mark in MADE_UP:
                _add_classes(number, FRAME)
                hidden = soup.new_tag("span", attrs={"class": "visually-hidden"})
                hidden.string = f" ({text('made_up', language)})"
                number.append(hidden)
            pieces += [words[at : found.start()], number]
            at = found.end()
        words.replace_with(*[piece for piece in [*pieces, words[at:]] if piece])


def find_unframed(page: Tag) -> list[str]:
    """The made-up numbers of a page that stand outside a frame, judged by the provenance that each
    carries, not by its value."""
    faults = []
    for element in list_tags(page, attribute="data-provenance"):
        marks = set(str(element["data-provenance"]).split())
        inside = [element, *element.parents]
        if marks & set(MADE_UP) and not any(FRAME in (part.get("class") or []) for part in inside):
            faults.append(
                f"made-up number outside a frame: {element.get_text(' ', strip=True)[:60]}"
            )
    return faults


def link_downloads(content: str, downloads: dict[str, list[str]], language: str) -> str:
    """Beside each table's own bytes, the files that are made from them with labels."""

    def add(found: re.Match[str]) -> str:
        files = downloads.get(found[3], [])
        is_made_up = any(MADE_UP_PART in file for file in files)
        own = _name_made_up(found[1], found[3], language) if is_made_up else found[1]
        links = "".join(
            f' <a href="{found[2]}{file}" download="{file}">{html.escape(text(code, language))}</a>'
            for file, code in zip(files, ("labelled_csv", "labelled_xlsx"), strict=False)
        )
        return own + links

    for name, files in downloads.items():
        if any(MADE_UP_PART in file for file in files):
            content = content.replace(
                f'download="{name}.csv"', f'download="{name}{MADE_UP_PART}.csv"'
            )
    pattern = r'(<a download="[^"]+" href="((?:\.\./)+tables/)([a-z0-9_]+)\.csv">[^<]*</a>)'
    return re.sub(pattern, add, content)


def _name_made_up(link: str, name: str, language: str) -> str:
    """The link to the bundle's bytes, which are saved under a name that says made-up and whose
    words say it too."""
    told = f"{name}{MADE_UP_PART}.csv"
    words = html.escape(text("download_made_up", language, name=told))
    named = re.sub(r'download="[^"]+"', f'download="{told}"', link)
    return re.sub(r">[^<]*</a>", f">{words}</a>", named)
