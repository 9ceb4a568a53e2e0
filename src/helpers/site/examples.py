"""A book without worked examples: no made-up number on a page, in a picture or in a file."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from urllib.parse import unquote

import pandas as pd
from bs4 import BeautifulSoup, Tag
from bs4.element import AttributeValueList

from helpers.labels import text
from helpers.site.reading import FRAME, find_unframed
from helpers.site.soups import read_soup, write_soup
from helpers.site.tabs import MADE_UP_PART, PICTURES
from helpers.wording import MADE_UP

_TABLE_FILE = re.compile(r"tables/([a-z0-9_]+)\.csv$")


def list_kept(bundle: Path, tables: Mapping[str, str]) -> dict[str, str]:
    """The tables of a bundle in which nothing is made up, with their checksums."""
    marks = {
        name: pd.read_csv(bundle / f"{name}.csv", dtype=str, encoding="utf-8", usecols=["mark"])
        for name in tables
    }
    return {name: tables[name] for name in tables if not set(marks[name]["mark"]) & set(MADE_UP)}


def leave_out_examples(
    site: Path, pages: list[Path], language: str, *, kept: Collection[str]
) -> None:
    """Take everything framed as made up out of the pages and the folder of pictures, and what led
    to it: contents, and links to tables that are not `kept`; links from other pages lead to the top
    of the chapter."""
    for page in pages:
        soup = read_soup(page)
        article = soup.find("article")
        if not isinstance(article, Tag):
            continue
        _strip_page(article, language, soup)
        left = {str(tag["id"]) for tag in soup.select("[id]")}
        for link in soup.select('a[href^="#"]'):
            if link["href"] != "#" and str(link["href"])[1:] not in left:
                entry = link.find_parent("li")
                entry.decompose() if entry is not None else link.unwrap()
        for link in article.select("a[href]"):
            named = _TABLE_FILE.search(str(link["href"]))
            if named and named[1] not in kept:
                link.unwrap()
        write_soup(page, soup)
    _lead_to_tops(pages)
    for drawing in (site / PICTURES).glob(f"*{MADE_UP_PART}.svg"):
        drawing.unlink()


def _lead_to_tops(pages: list[Path]) -> None:
    """Links to what is no longer on another page lead to that page."""
    left = {
        page.resolve(): {str(tag["id"]) for tag in read_soup(page).select("[id]")} for page in pages
    }
    for page in pages:
        soup = read_soup(page)
        for link in soup.select('article a[href*="#"]'):
            address, _, place = str(link["href"]).partition("#")
            there = left.get((page.parent / address).resolve()) if address else None
            if there is not None and unquote(place) not in there:
                link["href"] = address
        write_soup(page, soup)


def _strip_page(article: Tag, language: str, soup: BeautifulSoup) -> None:
    for part in article.select("section.made-up-part"):
        for child in list(part.find_all(recursive=False)):
            if child.name not in ("h2", "h3"):
                child.decompose()
        part.append(_say_left_out(language, soup))
        # Neither a frame nor a button that would show the sentence alone.
        part["class"] = AttributeValueList(
            name for name in part.get_attribute_list("class") if name not in (FRAME, "made-up-part")
        )
    for number in article.select(f".number.{FRAME}"):
        number.replace_with(text("made_up_left_out", language))
    for framed in article.select(f".{FRAME}"):
        if framed.decomposed:
            continue
        holder = framed.find_parent(class_="figure-block") or framed
        section = holder.find_parent("section")
        if section is not None and section.find(class_="left-out") is None:
            holder.insert_before(_say_left_out(language, soup))
        holder.decompose()


def _say_left_out(language: str, soup: BeautifulSoup) -> Tag:
    """What stands in place of a table or picture of made-up numbers, once in a section."""
    said = soup.new_tag("p", attrs={"class": "left-out"})
    said.string = text("left_out_example", language)
    return said


def find_made_up(site: Path, pages: list[Path]) -> list[str]:
    """What is made up in a site that is to hold nothing of the kind: elements, tables and files."""
    faults = []
    for page in pages:
        soup = read_soup(page)
        name = page.relative_to(site).as_posix()
        marked = [
            element
            for element in soup.select("[data-provenance]")
            if set(str(element["data-provenance"]).split()) & set(MADE_UP)
        ]
        faults += [f"{name}: a made-up number stands in {element.name}" for element in marked]
        faults += [f"{name}: {fault}" for fault in find_unframed(soup)]
    for path in sorted(site.rglob(f"*{MADE_UP_PART}.*")):
        faults.append(f"{path.relative_to(site).as_posix()}: a file of made-up numbers")
    for path in sorted((site / "tables").glob("*.csv")):
        words = pd.read_csv(path, dtype=str, encoding="utf-8", keep_default_na=False)
        if "mark" in words and set(words["mark"]) & set(MADE_UP):
            faults.append(f"tables/{path.name}: made-up numbers")
    return faults
