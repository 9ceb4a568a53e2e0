"""Assembles the book: strictly, always from clean, and in place of the last site only when the new
one is whole."""

from __future__ import annotations

import calendar
import datetime
import hashlib
import html
import os
import posixpath
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag

from helpers.claims import judge
from helpers.disclosure import Audit
from helpers.edition import (
    BOOK,
    BUILD,
    CHAPTERS,
    CODES,
    FACTS,
    PUBLISHED,
    ROOT,
    Edition,
    SiteFailed,
    place_language,
    read_yaml,
)
from helpers.execute import (
    CAN_COPY,
    FOLLOW_PARENT,
    put_prose,
    read_libraries,
    restore_folder,
    swap_folder,
    watch_parent,
)
from helpers.labels import format_years, text
from helpers.prose import COMPUTED_LETTER, MARK_LETTERS
from helpers.release import check_bundle, list_private, list_published_days, scan_folder
from helpers.site.agreement import fill_agreement
from helpers.site.around import (
    PREVIEW,
    complete_page,
    fill_help,
    find_address,
    read_contact,
    write_footer,
    write_front,
    write_not_found,
    write_sitemap,
)
from helpers.site.audited import attack, describe_audit
from helpers.site.catalogue import fill_catalogue, list_all
from helpers.site.contract import fill_contract
from helpers.site.dictionary import fill_dictionary
from helpers.site.downloads import write_downloads
from helpers.site.examples import find_made_up, leave_out_examples, list_kept
from helpers.site.findings import fill_findings
from helpers.site.languages import (
    dump_yaml,
    join_sites,
    translate_config,
    translate_source,
    translate_theme,
)
from helpers.site.left_out import fill_left_out
from helpers.site.provenance import lead_marks, list_uses, point_numbers
from helpers.site.reading import find_unframed, finish_reading, link_downloads
from helpers.site.recommendations import fill_recommendations
from helpers.site.reproduction import fill_reproduction
from helpers.site.search import write_search
from helpers.site.shelf import add_switcher, find_place, keep_others, write_record, write_shelf
from helpers.site.soups import keep_soups, read_soup
from helpers.site.tabs import read_citation
from helpers.site.told import find_untold
from helpers.site.vintages import fill_vintages
from helpers.site.weight import join_assets
from helpers.translations import FOLDER

SITE = BUILD / "html"
CONFIG = ROOT / "_config.yml"
TOC = ROOT / "_toc.yml"
RELEASE_DATE_FILE = ROOT / "CITATION.cff"
_LINKING = re.compile(r"<(a|script|link|img|iframe|source|video)\b[^>]*>")
_ADDRESS = re.compile(r"""\s(?:href|src)=(["'])(.*?)\1""")


@keep_soups()
def build_site(
    edition: Edition,
    bundle: Path,
    *,
    root: Path = SITE,
    with_examples: bool = True,
    languages: tuple[str, ...] = (),
) -> list[str]:
    """Build the site from the executed chapters and the bundle, check it, and put it at its place
    under `root`; other editions there stay as they are. Without examples no number in it is made up.
    The first of these languages (or the edition's) stands at that place, each other in a folder of
    its name.

    Returns the names of its pages. Raises SiteFailed (the last site then stays) where Sphinx warns,
    a link leads nowhere, a page asks something of another host, or a number is missing from a
    sentence.
    """
    target = find_place(root, edition.edition)
    restore_folder(target)
    languages = languages or (edition.language,)
    BUILD.mkdir(exist_ok=True)
    for left_behind in BUILD.glob(".staging-*"):
        shutil.rmtree(left_behind, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=BUILD, prefix=".staging-") as folder:
        site = _make_site(Path(folder), edition, bundle, languages, with_examples=with_examples)
        names = [path.relative_to(site).as_posix() for path in list_pages(site)]
        _surround_site(site, names, edition, bundle, languages)
        faults = [*check_links(site), *_scan_site(site)]
        if not with_examples:
            faults += find_made_up(site, list_pages(site))
        if faults:
            raise SiteFailed("\n".join(faults))
        keep_others(target, site)
        swap_folder(site, target)
    write_shelf(root, edition.language)
    return names


def _make_site(
    staging: Path,
    edition: Edition,
    bundle: Path,
    languages: tuple[str, ...],
    *,
    with_examples: bool,
) -> Path:
    """The folder of the built pages in all languages, whose links nobody has followed yet."""
    tables, audit = check_bundle(bundle), attack(bundle, edition)
    parts = [
        Part(
            edition.model_copy(update={"language": language}),
            bundle,
            tables if with_examples else list_kept(bundle, tables),
            staging / language,
            place_language(language, languages),
            with_examples,
            audit,
        )
        for language in languages
    ]
    _build_parts(parts)
    return join_sites({part.edition.language: part.site for part in parts})


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

    @property
    def site(self) -> Path:
        return self.folder / "out" / "_build" / "html"


def _build_parts(parts: list[Part]) -> None:
    """Build them side by side, since each takes one processor, in copies of a process that has read
    the libraries."""
    if len(parts) == 1:
        _build_part(parts[0])
        return
    read_libraries()
    with ProcessPoolExecutor(
        max_workers=len(parts),
        mp_context=get_context("forkserver" if CAN_COPY else "spawn"),
        initializer=watch_parent,
    ) as pool:
        faults = [fault for fault in pool.map(_try_part, parts) if fault]
    if faults:
        raise SiteFailed("\n".join(faults))


def _try_part(part: Part) -> str:
    """What is wrong with a part, in words, which leave a process as they are."""
    try:
        _build_part(part)
    except SiteFailed as error:
        return f"in {part.edition.language}: {error}"
    return ""


@keep_soups()
def _build_part(part: Part) -> None:
    bundle, site, language = part.bundle, part.site, part.edition.language
    part.folder.mkdir()
    source = _stage_source(part)
    run_jupyter_book(source, part.folder / "out")
    _finish_pages(part)
    if not part.with_examples:
        leave_out_examples(site, list_pages(site), language, kept=part.tables)
    join_assets(site, list_pages(site))
    lead_marks(site, list_pages(site), {entry["id"] for entry in list_all(language)})
    write_search(site, list_pages(site), language)
    _copy_tables(bundle, part.tables, site)
    _surround_pages(part)
    faults = [*find_untold(site, list_pages(site), language), *_check_pages(site)]
    if faults:
        raise SiteFailed("\n".join(faults))


def _scan_site(site: Path) -> list[str]:
    """What of the machine or of a person stands in the bytes of the site; the days that were
    printed elsewhere may."""
    days = list_published_days((PUBLISHED, FACTS, BOOK))
    return scan_folder(site, list_private(), allowed_days=days)


def _stage_source(part: Part) -> Path:
    """A clean copy of what Jupyter Book reads, with the edition's parameters as substitutions in
    its configuration, in the part's language."""
    source, language = part.folder / "source", part.edition.language
    source.mkdir()
    shutil.copytree(BOOK, source / "book", ignore=shutil.ignore_patterns("chapters", FOLDER, ".*"))
    (source / "book" / "chapters").mkdir()
    for chapter in sorted((CHAPTERS / part.place).glob("*.ipynb")):
        copied = source / "book" / "chapters" / chapter.name
        shutil.copyfile(chapter, copied)
        put_prose(copied, language)
        point_numbers(copied)
    if (ROOT / "_static").exists():
        shutil.copytree(ROOT / "_static", source / "_static")
    for page in (TOC, ROOT / "CHANGELOG.md"):
        shutil.copyfile(page, source / page.name)
    translate_source(source, language)
    _fill_gaps(source, part.edition)
    write_config(source, part.edition, describe_audit(part.audit, language))
    return source


def write_config(source: Path, edition: Edition, further: Mapping[str, Any] | None = None) -> None:
    """The book's configuration in the edition's language, with its parameters and `further` words as
    substitutions."""
    config = read_yaml(CONFIG)
    substitutions = {**_list_substitutions(edition), **(further or {})}
    config.setdefault("parse", {})["myst_substitutions"] = substitutions
    translate_config(config, edition.language)
    dump_yaml(source / CONFIG.name, config)


def _fill_gaps(source: Path, edition: Edition) -> None:
    """In place of a chapter that this edition does not have stands a page that says so, under the
    same address."""
    contents = read_yaml(source / TOC.name)
    listed = [entry["file"] for part in contents["parts"] for entry in part["chapters"]]
    chapters = [name for name in listed if Path(name).parent.name == CHAPTERS.name]
    missing = [name for name in chapters if not (source / f"{name}.ipynb").exists()]
    words = [text(name, edition.language) for name in ("chapter_absent", "chapter_absent_said")]
    for name in missing:
        page = "# {}\n\n{}\n".format(*words)
        (source / f"{name}.md").write_text(page, encoding="utf-8", newline="\n")
    for path in [*(source / "book").rglob("*.md"), *(source / "book").rglob("*.ipynb")]:
        content = path.read_text(encoding="utf-8")
        turned = content
        for name in missing:
            turned = turned.replace(f"{Path(name).name}.ipynb", f"{Path(name).name}.md")
        if turned != content:
            path.write_text(turned, encoding="utf-8", newline="\n")


def _list_substitutions(edition: Edition) -> dict[str, Any]:
    """The edition's parameters as pages and chapters name them: {{ period_start }}, {{ series_end
    }}, {{ period }}."""
    values = {
        name: value for name, value in edition.parameters.items() if isinstance(value, (str, int))
    }
    values |= {
        "series_start": edition.extra.get("series_start", edition.period_start),
        "series_end": edition.extra.get("series_end", edition.period_end),
    }
    return values | {"period": format_years(edition.period_start, edition.period_end)}


def run_jupyter_book(source: Path, out: Path) -> None:
    environment = {
        **os.environ,
        "SOURCE_DATE_EPOCH": str(read_release_epoch()),
        "PYTHONHASHSEED": "0",
        "TZ": "UTC",
    }
    command = [
        sys.executable,
        "-c",
        f"{FOLLOW_PARENT}from jupyter_book.cli.main import main; main()",
        "build",
        str(source),
        "--path-output",
        str(out),
        "--all",
        "-n",
        "-W",
        "--keep-going",
    ]
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        env=environment,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        printed = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
        lines = [
            line.replace(f"{source}/", "")
            for line in printed.splitlines()
            if "WARNING" in line or "ERROR" in line or "rror:" in line
        ]
        raise SiteFailed("\n".join(dict.fromkeys(lines)) or printed[-2000:])


def read_release_epoch() -> int:
    """The release date of CITATION.cff in seconds: the only clock that the site sees."""
    released = read_yaml(RELEASE_DATE_FILE)["date-released"]
    day = (
        released
        if isinstance(released, datetime.date)
        else datetime.date.fromisoformat(str(released))
    )
    return calendar.timegm(day.timetuple())


def list_pages(site: Path) -> list[Path]:
    """The pages of a built site, without the theme's own templates."""
    return sorted(path for path in site.rglob("*.html") if "_static" not in path.parts)


def _finish_pages(part: Part) -> None:
    """What the theme leaves to do: marks that explain themselves, and buttons named as they
    read."""
    edition, bundle, site = part.edition, part.bundle, part.site
    legend = site / "book" / "index.html"
    catalogued = {entry["id"] for entry in list_all(edition.language)}
    judged = list(judge(edition, folder=bundle).values())
    uses = list_uses(bundle, edition.language, only=part.tables)
    citation = read_citation(RELEASE_DATE_FILE, edition, _find_address(part))
    for page in list_pages(site):
        content = mend_labels(page.read_text(encoding="utf-8"))
        name = page.relative_to(site).as_posix()
        content = translate_theme(content, name, edition.language)
        content = finish_reading(content, page, site, edition.language, catalogued, citation)
        content = fill_catalogue(content, edition.language, uses=uses)
        content = fill_agreement(content, bundle, edition.language)
        content = fill_contract(content, edition.language)
        content = fill_dictionary(content, edition.language, part.tables)
        content = fill_findings(content, judged, edition.language)
        content = fill_recommendations(content, judged, edition.language)
        content = fill_reproduction(content, edition.edition, edition.language)
        content = fill_left_out(content, uses, judged, edition.edition, edition.language)
        content = fill_vintages(content, edition, bundle)
        address = (
            os.path.relpath(legend, page.parent).replace(os.sep, "/") + "#how-to-read-the-marks"
        )
        page.write_text(
            explain_marks(content, edition.language, legend=address),
            encoding="utf-8",
            newline="\n",
        )
    shutil.rmtree(site / "_images", ignore_errors=True)


def _find_address(part: Part) -> str:
    """Where this part of the book will stand, "" where nobody said."""
    address = find_address(read_contact())
    return f"{address}{part.place}/" if address and part.place else address


def _surround_pages(part: Part) -> None:
    """Footer and descriptions of every page, what leads to the front page, and the page for a wrong
    address."""
    edition, site, contact = part.edition, part.site, read_contact()
    footer = write_footer(edition, part.bundle, read_release_epoch(), contact)
    downloads = write_downloads(edition, part.bundle, site / "tables", only=part.tables)
    for page in list_pages(site):
        soup = read_soup(page)
        content = link_downloads(page.read_text(encoding="utf-8"), downloads, edition.language)
        content = fill_help(content, contact, edition.language)
        name = page.relative_to(site).as_posix()
        content = add_switcher(content, posixpath.join(part.place, name), edition)
        content = complete_page(
            content,
            soup,
            name,
            footer=footer,
            address=_find_address(part),
            preview=find_address(contact),
            language=edition.language,
        )
        page.write_text(content, encoding="utf-8", newline="\n")
    write_front(site, edition.language)
    write_not_found(site, (edition.language,), _find_address(part))


def _surround_site(
    site: Path, names: list[str], edition: Edition, bundle: Path, languages: tuple[str, ...]
) -> None:
    """The page for a wrong address in every language, what other sites show, the sitemap, and what
    the edition says of itself to the others."""
    address = find_address(read_contact())
    write_sitemap(
        site,
        [name for name in names if not name.endswith("404.html")],
        address,
        read_release_epoch(),
    )
    write_not_found(site, languages, address)
    if address:
        shutil.copyfile(ROOT / "_static" / PREVIEW, site / "_static" / PREVIEW)
    build = hashlib.sha256((bundle / "manifest.json").read_bytes()).hexdigest()[:8]
    write_record(site, edition, build=build, names=names)


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


def _copy_tables(bundle: Path, tables: dict[str, str], site: Path) -> None:
    """The released tables, the catalogue and the public facts, byte for byte, where the pages'
    links expect them."""
    (site / "tables").mkdir()
    for name in [*(f"{name}.csv" for name in tables), "manifest.json"]:
        shutil.copyfile(bundle / name, site / "tables" / name)
    for folder in (PUBLISHED, FACTS):
        shutil.copytree(folder, site / "data" / folder.name)
    (site / "data" / "codes").mkdir()
    shutil.copyfile(CODES / "registers.csv", site / "data" / "codes" / "registers.csv")
    shutil.copytree(CODES / "layouts", site / "data" / "codes" / "layouts")
    shutil.copyfile(RELEASE_DATE_FILE, site / RELEASE_DATE_FILE.name)


def check_site(site: Path) -> list[str]:
    """What is wrong with a built site, one line a fault; an empty list where it is whole."""
    return [*check_links(site), *_check_pages(site)]


def check_links(site: Path) -> list[str]:
    """The links of a built site that lead nowhere or to another host, read from the bytes of its
    pages, and whether it has a first page."""
    faults = [] if (site / "index.html").exists() else ["index.html is missing"]
    for path in list_pages(site):
        found = [
            fault
            for tag in _LINKING.finditer(path.read_text(encoding="utf-8"))
            for fault in _check_link(tag, path, site)
        ]
        faults += [
            f"{path.relative_to(site).as_posix()}: {fault}" for fault in dict.fromkeys(found)
        ]
    return faults


def _check_link(tag: re.Match[str], path: Path, site: Path) -> list[str]:
    named = _ADDRESS.search(tag[0])
    # What links the editions of a shelf lies outside their folders.
    if named is None or " data-shelf" in tag[0]:
        return []
    address = html.unescape(named[2])
    if _is_foreign(address):
        is_asked = tag[1] != "a" and not (tag[1] == "link" and _is_only_named(tag[0]))
        return [f"asks {address} of another host"] if is_asked else []
    if not address or address.startswith(("mailto:", "tel:", "javascript:")):
        return []
    return _check_address(address, path, site)


def _check_pages(site: Path) -> list[str]:
    """What is wrong with the pages but for their links."""
    return [
        f"{path.relative_to(site).as_posix()}: {fault}"
        for path in list_pages(site)
        for fault in dict.fromkeys(_check_page(read_soup(path)))
    ]


def _check_page(page: BeautifulSoup) -> list[str]:
    images = [(str(image.get("src")), str(image.get("alt", ""))) for image in page.find_all("img")]
    untold = [source for source, alt in images if alt == "" or alt.endswith((".png", ".svg"))]
    faults = [f"picture {source} has no alt text" for source in untold]
    if any(not picture.get("aria-label") for picture in page.find_all("svg", class_="picture")):
        faults.append("a picture has no alt text")
    faults += find_unframed(page)
    article = page.find("article")
    return [*faults, *_check_words(article)] if article else faults


def _is_foreign(address: str) -> bool:
    return address.startswith(("http://", "https://", "//"))


def _is_only_named(tag: str) -> bool:
    """A link that names another place without loading it, such as the canonical address."""
    kinds = re.search(r'\srel="([^"]*)"', tag)
    return kinds is not None and set(kinds[1].split()) <= {
        "canonical",
        "license",
        "author",
        "next",
        "prev",
    }


def _check_address(address: str, path: Path, site: Path) -> list[str]:
    parts = urlsplit(address)
    if not parts.path or parts.scheme == "data":
        return []
    target = (path.parent / unquote(parts.path)).resolve()
    if target.is_dir():
        target /= "index.html"
    return (
        []
        if target.exists() and target.is_relative_to(site.resolve())
        else [f"link {address} leads nowhere"]
    )


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
