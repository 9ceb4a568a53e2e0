"""The pages of one language from Jupyter Book's own to those that readers get.

Each step of a page is kept for the next build by the checksum of what it was given, and taken from
there as long as that, the code and the data are the same (`kept`).
"""

from __future__ import annotations

import html
import posixpath
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, Tag

from helpers.claims import Judged
from helpers.disclosure import Audit
from helpers.edition import DEFAULT_EDITION, Edition
from helpers.labels import text
from helpers.prose import COMPUTED_LETTER, MARK_LETTERS
from helpers.release import holds_register
from helpers.site.agreement import fill_agreement
from helpers.site.around import (
    complete_page,
    fill_help,
    find_address,
    read_contact,
    write_footer,
    write_front,
)
from helpers.site.catalogue import fill_catalogue, list_ids
from helpers.site.contract import fill_contract
from helpers.site.dictionary import fill_dictionary
from helpers.site.findings import fill_findings
from helpers.site.kept import FOLDER, Keep
from helpers.site.languages import translate_theme
from helpers.site.left_out import fill_left_out
from helpers.site.provenance import find_links, index_page, lead_marks, list_uses
from helpers.site.raw import RELEASE_DATE_FILE, read_release_epoch
from helpers.site.reading import find_unframed, finish_reading, link_downloads
from helpers.site.recommendations import fill_recommendations
from helpers.site.reproduction import fill_reproduction
from helpers.site.search import list_sections, put_form
from helpers.site.shelf import add_switcher
from helpers.site.soups import list_pages, read_soup
from helpers.site.tabs import PICTURES, read_citation
from helpers.site.told import find_untold, list_made_up
from helpers.site.vintages import PROVENANCE, fill_vintages

_SEARCH = "search.html"
_DRAWN = re.compile(r'data-file="([^"]+)"')
_SHOWN = re.compile(r'_images/([^"/?#]+)"')


@dataclass(frozen=True)
class Part:
    """The book in one language: what it is made from, and the folder of the site that it will be
    put in, "" for the root."""

    edition: Edition
    bundle: Path
    tables: dict[str, str]
    folder: Path
    place: str
    with_examples: bool
    audit: Audit
    judged: dict[str, Judged]
    # Checksums of all that every page comes from: without and with bundles, verdicts and parameters.
    shared: str
    signed: str

    @property
    def site(self) -> Path:
        return self.folder / "out" / "_build" / "html"

    @property
    def own(self) -> Path | None:
        """Where this language keeps what may serve the next build; nowhere without examples, since
        the pages are then taken apart."""
        folder = FOLDER / self.edition.edition / self.edition.language
        return folder if self.with_examples else None


def finish_pages(part: Part, keep: Keep) -> None:
    """What the theme leaves to do: marks that explain themselves, buttons named as they read, and
    what is filled in."""
    edition, site = part.edition, part.site
    citation = read_citation(RELEASE_DATE_FILE, edition, find_own_address(part))
    fill = _choose_filling(part, keep)
    for page in list_pages(site):
        raw, name = page.read_text(encoding="utf-8"), page.relative_to(site).as_posix()

        def read(page: Path = page, raw: str = raw, name: str = name) -> dict[str, Any]:
            content = translate_theme(mend_labels(raw), name, edition.language)
            content = finish_reading(content, page, site, edition.language, list_ids(), citation)
            drawn = {
                one: (site / PICTURES / one).read_text(encoding="utf-8")
                for one in sorted(set(_DRAWN.findall(content)))
            }
            return {"content": content, "drawn": drawn}

        pictures = [site / "_images" / one for one in sorted(set(_SHOWN.findall(raw)))]
        shown = [path.read_bytes() for path in pictures if path.exists()]
        told = edition.language, str(citation), name, raw
        made = keep.take(read, "read", part.shared, *told, *shown)
        for one, drawing in made["drawn"].items():
            (site / PICTURES).mkdir(exist_ok=True)
            (site / PICTURES / one).write_text(drawing, encoding="utf-8", newline="\n")
        page.write_text(fill(name, made["content"]), encoding="utf-8", newline="\n")
    shutil.rmtree(site / "_images", ignore_errors=True)


def _choose_filling(part: Part, keep: Keep) -> Callable[[str, str], str]:
    """What fills a page, given its name and content. The bundle is read when it is first needed.
    What a page tells of the commit and of the last run is put in each time."""
    edition, bundle, language = part.edition, part.bundle, part.edition.language

    @cache
    def read() -> tuple[list[Judged], dict[str, list[list[str]]], set[str]]:
        judged = list(part.judged.values())
        examples = [path.stem for path in bundle.glob("*.csv") if path.stem not in part.tables]
        made_up = set(list_uses(bundle, language, only=examples))
        return judged, list_uses(bundle, language, only=part.tables), made_up

    def fill(content: str) -> str:
        judged, uses, made_up = read()
        content = fill_catalogue(content, language, uses=uses)
        content = fill_agreement(content, bundle, language)
        content = fill_contract(content, language)
        content = fill_dictionary(content, language, part.tables)
        content = fill_findings(content, judged, language)
        content = fill_recommendations(content, judged, language)
        content = fill_reproduction(content, edition.edition, language)
        whole = edition.edition == DEFAULT_EDITION and not holds_register(bundle)
        return fill_left_out(
            content, uses, judged, edition.edition, language, made_up=made_up, is_whole=whole
        )

    def explain(name: str, content: str) -> str:
        content = fill_vintages(content, edition, bundle)
        legend = posixpath.relpath("book/index.html", posixpath.dirname(name) or ".")
        return explain_marks(content, language, legend=f"{legend}#how-to-read-the-marks")

    def fill_kept(name: str, content: str) -> str:
        filled = str(keep.take(lambda: fill(content), "fill", part.signed, name, content))
        if PROVENANCE in filled:
            return explain(name, filled)
        kept = keep.take(lambda: explain(name, filled), "explain", part.signed, name, filled)
        return str(kept)

    return fill_kept


def complete_pages(
    part: Part, keep: Keep, downloads: dict[str, list[str]]
) -> tuple[list[list[str | int]], list[str]]:
    """Marks that lead to their rows, footer and descriptions of every page. Returns the sections of
    all pages for the search, and what is wrong."""
    site, language, contact = part.site, part.edition.language, read_contact()
    pages = {page.relative_to(site).as_posix(): page for page in list_pages(site)}
    indexes = {
        name: keep.take(
            lambda page=page: index_page(read_soup(page)),  # type: ignore[misc]
            "index",
            part.shared,
            page.read_text(encoding="utf-8"),
        )
        for name, page in pages.items()
    }
    links = find_links(indexes, list_ids())
    around = {
        "footer": write_footer(part.edition, part.bundle, read_release_epoch(), contact),
        "address": find_own_address(part),
        "preview": find_address(contact),
    }
    made_up = sorted(list_made_up(site))
    sections, faults = [], []
    for name, page in pages.items():
        made = keep.take(
            lambda page=page, name=name: _complete_page(  # type: ignore[misc]
                part, page, links[name], downloads, made_up, around
            ),
            "complete",
            part.signed,
            part.place,
            name,
            page.read_text(encoding="utf-8"),
            [links[name], downloads, made_up, around],
            keeps=lambda made: not made["faults"],
        )
        page.write_text(made["content"], encoding="utf-8", newline="\n")
        sections += made["sections"]
        faults += [f"{name}: {fault}" for fault in made["faults"]]
    write_front(site, language)
    return sections, faults


def _complete_page(
    part: Part,
    page: Path,
    links: list[str],
    downloads: dict[str, list[str]],
    made_up: list[str],
    around: dict[str, str],
) -> dict[str, Any]:
    """The content of a page as readers get it, its sections for the search, and what is wrong."""
    edition, language, soup = part.edition, part.edition.language, read_soup(page)
    name = page.relative_to(part.site).as_posix()
    is_changed = lead_marks(soup, links) or name == _SEARCH
    sections = list_sections(soup, name)
    if name == _SEARCH:
        put_form(soup, language)
    content = str(soup) if is_changed else page.read_text(encoding="utf-8")
    content = link_downloads(content, downloads, language)
    content = fill_help(content, read_contact(), language)
    content = add_switcher(content, posixpath.join(part.place, name), edition)
    content = complete_page(content, soup, name, language=language, **around)
    wrong = [*find_untold(soup, content, made_up, language), *check_page(soup)]
    return {"content": content, "sections": sections, "faults": list(dict.fromkeys(wrong))}


def find_own_address(part: Part) -> str:
    """Where this part of the book will stand, "" where nobody said."""
    address = find_address(read_contact())
    return f"{address}{part.place}/" if address and part.place else address


def explain_marks(content: str, language: str, *, legend: str) -> str:
    """The page with each mark after a number as a link to the legend that says what it means;
    attributes stay as they are."""
    head, body, rest = content.partition("<body")
    for mark, letter in {**MARK_LETTERS, "computed": COMPUTED_LETTER}.items():
        if letter in rest:
            explained = html.escape(text(f"mark_{mark}", language), quote=True)
            link = f'<a class="number-mark" href="{legend}" title="{explained}" aria-label="{explained}">{letter}</a>'
            rest = re.sub(rf"(?<=[0-9%]){letter}(?=[^<>]*<)", link, rest)
    return head + body + rest


# The theme names buttons otherwise than they read, which voice control cannot follow (WCAG 2.5.3),
# and gives the entries of a list a role that lists may not hold.
_RENAMED = (
    (
        re.compile(r'(<button[^>]*class="[^"]*search-button-field[^"]*"[^>]*) aria-label="[^"]*"'),
        r"\1",
    ),
    (re.compile(r'(<button[^>]*theme-switch-button[^>]*) aria-label="Color mode"'), r"\1"),
    (re.compile(r'(<summary[^>]*) aria-label="Toggle hidden content"'), r"\1"),
    (re.compile(r'role="doc-biblioentry"'), 'role="listitem"'),
    (
        re.compile(r'(<div id="pst-primary-sidebar")'),
        r'\1 role="complementary" aria-label="Book"',
    ),
)


def mend_labels(content: str) -> str:
    """The page without labels that contradict what a button shows, and without roles that do not
    fit."""
    for pattern, replacement in _RENAMED:
        content = pattern.sub(replacement, content)
    return content


def check_page(page: BeautifulSoup) -> list[str]:
    images = [(str(image.get("src")), str(image.get("alt", ""))) for image in page.find_all("img")]
    untold = [source for source, alt in images if alt == "" or alt.endswith((".png", ".svg"))]
    faults = [f"picture {source} has no alt text" for source in untold]
    if any(not picture.get("aria-label") for picture in page.find_all("svg", class_="picture")):
        faults.append("a picture has no alt text")
    faults += find_unframed(page)
    article = page.find("article")
    return [*faults, *_check_words(article)] if article else faults


def _check_words(article: Tag) -> list[str]:
    for code in article.find_all(["pre", "code"]):
        code.extract()
    words = article.get_text(" ")
    signs = {
        "{glue": "a glue role was not read",
        "{{": "a substitution was not filled in",
        "np.float64": "a raw number type is printed",
        "nan": "a missing number is printed",
    }
    return [
        f"{meaning} ({sign})"
        for sign, meaning in signs.items()
        if re.search(rf"(?<!\w){re.escape(sign)}(?!\w)", words)
    ]
