"""Pages as trees. One that several steps read one after the other is parsed once."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bs4 import BeautifulSoup, Tag

_parsed: dict[Path, tuple[str, BeautifulSoup]] = {}


def list_pages(site: Path) -> list[Path]:
    """The pages of a built site, without the theme's own templates."""
    return sorted(path for path in site.rglob("*.html") if "_static" not in path.parts)


def read_soup(page: Path) -> BeautifulSoup:
    """The tree of a page as it stands. Whoever changes it hands it to `write_soup`."""
    content = page.read_text(encoding="utf-8")
    known = _parsed.get(page)
    if known is None or known[0] != content:
        known = _parsed[page] = content, BeautifulSoup(content, "html.parser")
    return known[1]


def list_tags(
    root: Tag, *names: str, attribute: str = "", classed: str = "", within: str = ""
) -> list[Tag]:
    """The tags below another, in their order: of these names, with an attribute, of a class, and
    somewhere within a tag of the class `within`. A tenth of the time of `select`, which matters
    where a whole page is looked through."""
    found = [
        one
        for one in root.descendants
        if isinstance(one, Tag)
        and (not names or one.name in names)
        and (not attribute or attribute in one.attrs)
        and (not classed or is_classed(one, classed))
    ]
    return [one for one in found if not within or find_holder(one, within) is not None]


def is_classed(tag: Tag, name: str) -> bool:
    return name in (tag.attrs.get("class") or ())


def find_holder(tag: Tag, classed: str) -> Tag | None:
    """The nearest tag of a class around this one."""
    return next((one for one in tag.parents if is_classed(one, classed)), None)


def write_soup(page: Path, soup: BeautifulSoup) -> None:
    """Write a page that was changed as a tree."""
    content = str(soup)
    page.write_text(content, encoding="utf-8", newline="\n")
    _parsed[page] = content, soup


@contextmanager
def keep_soups() -> Iterator[None]:
    """While many pages are read. Trees hold millions of small objects, and looking through all of
    them for what nobody needs would take as long as parsing them, so it is done seldom."""
    before = gc.get_threshold()
    gc.set_threshold(200_000, 20, 1000)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        _parsed.clear()
