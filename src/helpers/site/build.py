"""Assembles the book: strictly, as from clean, and in place of the last site only when the new one
is whole."""

from __future__ import annotations

import hashlib
import html
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import nbformat

from helpers.claims import Judged, judge
from helpers.disclosure import Audit
from helpers.edition import (
    BOOK,
    BUILD,
    CHAPTERS,
    CODES,
    DEFAULT_EDITION,
    FACTS,
    PUBLISHED,
    ROOT,
    Edition,
    SiteFailed,
    place_language,
    read_yaml,
)
from helpers.execute import (
    do_side_by_side,
    hash_shared,
    put_prose,
    restore_folder,
    swap_folder,
)
from helpers.labels import format_date, format_years, text
from helpers.published import read_documents
from helpers.release import check_bundle, prepare_scan
from helpers.site.around import (
    PREVIEW,
    find_address,
    read_contact,
    write_not_found,
    write_sitemap,
)
from helpers.site.audited import attack, describe_audit
from helpers.site.downloads import write_downloads
from helpers.site.examples import find_made_up, leave_out_examples, list_kept
from helpers.site.further import put_further
from helpers.site.kept import Keep, sign_inputs
from helpers.site.languages import (
    dump_yaml,
    join_sites,
    translate_config,
    translate_source,
)
from helpers.site.pages import Part, check_page, complete_pages, finish_pages
from helpers.site.provenance import point_numbers
from helpers.site.raw import RELEASE_DATE_FILE, make_raw, read_release_epoch
from helpers.site.search import add_words, write_search
from helpers.site.shelf import find_place, keep_others, write_record, write_shelf
from helpers.site.soups import keep_soups, list_pages, read_soup
from helpers.site.told import find_untold_files
from helpers.site.weight import join_assets
from helpers.translations import FOLDER

SITE = BUILD / "html"
CONFIG = ROOT / "_config.yml"
TOC = ROOT / "_toc.yml"
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
    audit: Audit | None = None,
    judged: Mapping[str, Judged] | None = None,
) -> list[str]:
    """Build the site from the executed chapters and the bundle, check it, and put it at its place
    under `root`; other editions there stay as they are. Without examples no number in it is made
    up. The first of these languages (or the edition's) stands at that place, each other in a folder
    of its name. `audit` is that of the bundle and `judged` are its findings, where they were just made.

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
        site = _make_site(
            Path(folder),
            edition,
            bundle,
            languages,
            with_examples=with_examples,
            audit=audit or attack(bundle, edition),
            judged=judged or judge(edition, folder=bundle),
        )
        names = [path.relative_to(site).as_posix() for path in list_pages(site)]
        _surround_site(site, names, edition, bundle, languages)
        faults = _look_through(site)
        if not with_examples:
            faults += find_made_up(site, list_pages(site))
        if faults:
            raise SiteFailed("\n".join(faults))
        keep_others(target, site)
        if target == root:  # where a kill follows, the site that is there has its list
            write_shelf(site, edition.language)
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
    audit: Audit,
    judged: Mapping[str, Judged],
) -> Path:
    """The folder of the built pages in all languages, whose links nobody has followed yet."""
    tables, shared = check_bundle(bundle), hash_shared()
    signed = sign_inputs(edition, bundle, shared)
    parts = []
    for language in languages:
        own = edition.model_copy(update={"language": language})
        parts.append(
            Part(
                own,
                bundle,
                tables if with_examples else list_kept(bundle, tables),
                staging / language,
                place_language(language, languages),
                with_examples,
                audit,
                {name: replace(one, edition=own) for name, one in judged.items()},
                shared,
                signed,
            )
        )
    _build_parts(parts)
    return join_sites({part.edition.language: part.site for part in parts})


def _build_parts(parts: list[Part]) -> None:
    """Build them side by side, since each takes one processor."""
    if len(parts) == 1:
        _build_part(parts[0])
    elif faults := [fault for fault in do_side_by_side(_try_part, parts) if fault]:
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
    keep = Keep(part.own and part.own / "pages")
    make_raw(source, part.folder / "out", part.own and part.own / "raw", part.shared)
    finish_pages(part, keep)
    if not part.with_examples:
        leave_out_examples(site, list_pages(site), language, kept=part.tables)
    join_assets(site, list_pages(site))
    _copy_tables(bundle, part.tables, site)
    downloads = write_downloads(
        part.edition, bundle, site / "tables", only=part.tables, keep=keep, shared=part.shared
    )
    sections, faults = complete_pages(part, keep, downloads)
    write_search(site, add_words(sections, language), language)
    if faults := [*faults, *find_untold_files(site)]:
        raise SiteFailed("\n".join(faults))
    keep.forget_rest()


def _look_through(site: Path) -> list[str]:
    """Links that lead nowhere, and what of the machine or of a person stands in the bytes of the
    site; the days that were printed elsewhere may."""
    scan = partial(prepare_scan(), site)
    pages = set(site.rglob("*.html"))
    files = set(site.rglob("*")) - pages
    work = [partial(check_links, site), partial(scan, paths=pages), partial(scan, paths=files)]
    return [fault for found in do_side_by_side(_call, work) for fault in found]


def _call(work: Callable[[], list[str]]) -> list[str]:
    return work()


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
        notebook = nbformat.read(copied, as_version=4)
        put_further(notebook, chapter.stem, part.judged, language)
        point_numbers(notebook)
        nbformat.write(notebook, copied)
    if (ROOT / "_static").exists():
        shutil.copytree(ROOT / "_static", source / "_static")
    for page in (TOC, ROOT / "CHANGELOG.md"):
        shutil.copyfile(page, source / page.name)
    translate_source(source, language)
    _fill_gaps(source, part.edition)
    write_config(source, part.edition, describe_audit(part.audit, language))
    return source


def write_config(source: Path, edition: Edition, further: Mapping[str, Any] | None = None) -> None:
    """The book's configuration in the edition's language, with its parameters and `further` words
    as substitutions."""
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
    published_on = read_documents().set_index("prefix")["published"]
    return values | {
        "period": format_years(edition.period_start, edition.period_end),
        "monitor_published": format_date(published_on["sm20"], edition.language),
    }


def _surround_site(
    site: Path, names: list[str], edition: Edition, bundle: Path, languages: tuple[str, ...]
) -> None:
    """The page for a wrong address in every language, what other sites show, the sitemap, and what
    the edition says of itself to the others. A server knows one page for wrong addresses, at its
    root, where the default edition stands."""
    address = find_address(read_contact())
    write_sitemap(site, names, address, read_release_epoch())
    if edition.edition == DEFAULT_EDITION:
        write_not_found(site, languages, address)
    if address:
        shutil.copyfile(ROOT / "_static" / PREVIEW, site / "_static" / PREVIEW)
    build = hashlib.sha256((bundle / "manifest.json").read_bytes()).hexdigest()[:8]
    write_record(site, edition, build=build, names=names)


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
    whole = site.resolve()

    @cache  # for this site as it now stands: most links of a page stand on many others
    def leads(folder: Path, address: str) -> bool:
        target = (folder / address).resolve()
        if target.is_dir():
            target /= "index.html"
        return target.exists() and target.is_relative_to(whole)

    for path in list_pages(site):
        found = [
            fault
            for tag in _LINKING.finditer(path.read_text(encoding="utf-8"))
            for fault in _check_link(tag, path, leads)
        ]
        faults += [
            f"{path.relative_to(site).as_posix()}: {fault}" for fault in dict.fromkeys(found)
        ]
    return faults


def _check_link(tag: re.Match[str], path: Path, leads: Callable[[Path, str], bool]) -> list[str]:
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
    parts = urlsplit(address)
    if not parts.path or parts.scheme == "data" or leads(path.parent, unquote(parts.path)):
        return []
    return [f"link {address} leads nowhere"]


def _check_pages(site: Path) -> list[str]:
    """What is wrong with the pages but for their links."""
    return [
        f"{path.relative_to(site).as_posix()}: {fault}"
        for path in list_pages(site)
        for fault in dict.fromkeys(check_page(read_soup(path)))
    ]


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
