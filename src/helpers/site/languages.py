"""The book in several languages as one site: the first at its root, each other in a folder of its
name, page for page and section for section under the same addresses."""

from __future__ import annotations

import html
import json
import os
import posixpath
import re
import shutil
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml

from helpers.edition import LANGUAGES, SiteFailed, read_yaml
from helpers.labels import read_dutch, text, translate
from helpers.site.search import DATA
from helpers.translations import translate_page

# What changed is written for whoever works on the book, in English alone.
ENGLISH_PAGE = "book/changelog.html"
_PLACE = '<div class="article-header-buttons">'
_ARTICLE = re.compile(r"(<article\b.*?</article>)", re.DOTALL)
_TEXT = re.compile(r"(>\s*)([^<>]*?[^<>\s])(\s*<)")
_LABEL = re.compile(r'(\b(?:title|aria-label|placeholder)=")([^"]+)(")')
_SECTION = re.compile(r'<section\b[^>]*?\bid="([^"]+)"')
_ADDRESS = re.compile(r'\b(href|src|action)="([^"#?:]+)((?:[#?][^"]*)?)"')
# Each starts with its own letters, so that a page is passed over quickly.
_ID = re.compile(r'id="(?<=\sid=")([^"]+)"')
_LINK = re.compile(r'href="(?<!\whref=")([^"#?:]*)#([^"]+)"')


def translate_source(source: Path, language: str) -> None:
    """Put the pages, the contents and the words of the configuration into `language`, in the folder
    that Jupyter Book reads."""
    if language == LANGUAGES[0]:
        return
    for page in sorted((source / "book").glob("*.md")):
        page.write_text(translate_page(page.stem), encoding="utf-8", newline="\n")
    contents = read_yaml(source / "_toc.yml")
    for part in contents["parts"]:
        part["caption"] = translate(part["caption"], language)
    dump_yaml(source / "_toc.yml", contents)


def translate_config(config: dict[str, Any], language: str) -> None:
    """The configuration's words, the language of the theme and how figures are called."""
    if language == LANGUAGES[0]:
        return
    own = config["sphinx"]["config"]
    own["language"] = language
    own["numfig_format"] = {"figure": text("numbered_figure", language)}
    for name in ("title", "author"):
        config[name] = translate(config[name], language)
    options = own["html_theme_options"]
    options["extra_footer"] = translate(" ".join(options["extra_footer"].split()), language)


def dump_yaml(path: Path, content: Any) -> None:
    """Write a mapping as it stands, in its own order."""
    path.write_text(
        yaml.safe_dump(content, allow_unicode=True, sort_keys=False),
        encoding="utf-8",
        newline="\n",
    )


def translate_theme(content: str, page: str, language: str) -> str:
    """The page with the theme's own words in `language`: its buttons, menus and labels, but nothing
    that stands in the article as text. The changes stand in English on every such page."""
    if language == LANGUAGES[0]:
        return content
    known = read_dutch()

    def say(found: re.Match[str]) -> str:
        words = html.unescape(" ".join(found[2].split()))
        return found[1] + html.escape(known[words]) + found[3] if words in known else found[0]

    if page == ENGLISH_PAGE:
        head, first, rest = content.partition("<section ")
        content = head + first + rest.replace("<section ", '<section lang="en" ')
    parts = _ARTICLE.split(content)
    parts[::2] = [_TEXT.sub(say, part) for part in parts[::2]]
    return _LABEL.sub(say, "".join(parts))


def join_sites(sites: dict[str, Path]) -> Path:
    """Put the sites of all languages into that of the first, and lead from each page to the same
    one in the others.

    Raises SiteFailed where a page has not the same sections in two languages.
    """
    (first, root), *others = sites.items()
    if not others:
        return root
    names = _list_pages(root)
    for language, site in others:
        _name_sections(root, site, names)
        shutil.move(site, root / language)
        _share_files(root, root / language)
    for name in names:
        pages = {one: root / ("" if one == first else one) / name for one in sites}
        for language, page in pages.items():
            page.write_text(_add_switch(page, language, pages), encoding="utf-8", newline="\n")
    return root


def _list_pages(site: Path) -> list[str]:
    found = (path.relative_to(site) for path in site.rglob("*.html"))
    return sorted(path.as_posix() for path in found if path.parts[0] != "_static")


def _name_sections(root: Path, site: Path, names: list[str]) -> None:
    """Give the sections of a translated site the names that they have in the first language."""
    renamed, faults = {}, []
    for name in names:
        one, other = (
            _SECTION.findall((folder / name).read_text(encoding="utf-8")) for folder in (root, site)
        )
        renamed[name] = dict(zip(other, one, strict=False))
        if len(one) != len(other):
            faults.append(f"{name}: {len(one)} sections, and {len(other)} in the translation")
    if faults:
        raise SiteFailed("\n".join(faults))
    for name in names:
        page = site / name
        content = page.read_text(encoding="utf-8")
        content = _ID.sub(lambda id_: f'id="{renamed[name].get(id_[1], id_[1])}"', content)  # noqa: B023

        def lead(link: re.Match[str], name: str = name) -> str:
            goal = posixpath.normpath(posixpath.join(posixpath.dirname(name), link[1]))
            anchors = renamed.get(goal if link[1] else name, {})
            return f'href="{link[1]}#{anchors.get(link[2], link[2])}"'

        page.write_text(_LINK.sub(lead, content), encoding="utf-8", newline="\n")
    _rename_found(site / DATA, renamed)


def _rename_found(path: Path, renamed: dict[str, dict[str, str]]) -> None:
    """The same in what the search finds: [address, anchor, ...]."""
    if not path.exists():
        return
    head, _, content = path.read_text(encoding="utf-8").partition(" = ")
    data = json.loads(content.rstrip().removesuffix(";"))
    for section in data["sections"]:
        section[1] = renamed.get(section[0], {}).get(section[1], section[1])
    words = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    path.write_text(f"{head} = {words};\n", encoding="utf-8", newline="\n")


def _share_files(root: Path, folder: Path) -> None:
    """Take out of a translated site what stands at the root byte for byte, and lead there."""
    for path in sorted(folder.rglob("*")):
        same = root / path.relative_to(folder)
        is_file = path.is_file() and path.suffix != ".html" and same.is_file()
        if is_file and path.read_bytes() == same.read_bytes():
            path.unlink()
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()

    @cache  # most links of a page stand on many others
    def is_shared(place: Path, address: str) -> bool:
        target = place / unquote(html.unescape(address))
        return not target.exists() and (place / ".." / address).resolve().exists()

    for page in folder.rglob("*.html"):

        def lead(found: re.Match[str], page: Path = page) -> str:
            attribute, address, rest = found.groups()
            up = "../" if is_shared(page.parent, address) else ""
            return f'{attribute}="{up}{address}{rest}"'

        content = page.read_text(encoding="utf-8")
        page.write_text(_ADDRESS.sub(lead, content), encoding="utf-8", newline="\n")


def _add_switch(page: Path, language: str, pages: dict[str, Path]) -> str:
    """The page with a link to itself in each other language, for readers and for machines."""
    content = page.read_text(encoding="utf-8")
    for other, target in pages.items():
        if other == language:
            continue
        address = os.path.relpath(target, page.parent).replace(os.sep, "/")
        told = f'rel="alternate" hreflang="{other}" href="{address}"'
        words = html.escape(text("own_name", other))
        link = f'<a class="btn btn-sm language-switch" lang="{other}" {told}>{words}</a>'
        content = content.replace("</head>", f"<link {told}>\n</head>", 1)
        content = content.replace(_PLACE, _PLACE + link, 1)
    return content
