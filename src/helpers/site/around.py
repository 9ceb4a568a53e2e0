"""What stands around every page: who helps, which edition this is, and what other sites are
told."""

from __future__ import annotations

import hashlib
import html
import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from bs4 import BeautifulSoup, Tag

from helpers.edition import CODES, Edition, place_language, read_rows
from helpers.labels import capitalise, format_date, text, translate
from helpers.release import read_manifest
from helpers.site.reading import FRAME

CONTACT = CODES / "contact.csv"
# What other sites show beside a link: words only, drawn once from preview.svg.
PREVIEW = "preview.png"
LONGEST_DESCRIPTION = 155
HELP_PLACE = '<div id="help-lines"></div>'


def read_contact(path: Path = CONTACT) -> list[dict[str, str]]:
    """The rows of the dated file of help lines and addresses; a row without a value is not shown.

    Raises ValueError for a row with a value and without its source or the month it was read.
    """
    rows = read_rows(path)
    for line, row in enumerate(rows, start=2):
        if row["value"] and not (row["source"] and re.fullmatch(r"\d{4}-\d{2}", row["read"])):
            raise ValueError(f"{path.name}, row {line}: name the source and the month (YYYY-MM)")
    return [row for row in rows if row["value"]]


def write_footer(
    edition: Edition, bundle: Path, released: int, contact: list[dict[str, str]]
) -> str:
    """Help lines with their source and date, the feedback address where there is one, and edition,
    release date and build."""
    language = edition.language
    day = format_date(datetime.fromtimestamp(released, tz=UTC).date().isoformat(), language)
    build = hashlib.sha256((bundle / "manifest.json").read_bytes()).hexdigest()[:8]
    built = text("built_from", language, edition=edition.edition, date=day, build=build)
    delivery = read_manifest(bundle).get("delivery")
    if delivery:
        day = delivery.get("extracted")
        made = format_date(day, language) if day else text("no_day", language)
        built += " " + text("delivered", language, source=delivery["source"], date=made)
    parts = [_write_help(contact, language, lead=text("help_lead", language))]
    for row in contact:
        if row["kind"] == "feedback":
            words = html.escape(row[f"words_{language}"])
            parts.append(f'<p><a href="{html.escape(row["value"], quote=True)}">{words}</a></p>')
    return "".join([*parts, f'<p class="built-from">{html.escape(built)}</p>'])


def _write_help(contact: list[dict[str, str]], language: str, *, lead: str = "") -> str:
    """The help lines, a row each that a thumb can hit, with who says so; "" where there are
    none."""
    lines = [row for row in contact if row["kind"] == "help"]
    items = "".join(
        f'<li><a href="tel:{row["value"].replace(" ", "")}">'
        f"{html.escape(capitalise(row[f'words_{language}']))}: "
        f"<strong>{html.escape(row['value'])}</strong></a></li>"
        for row in lines
    )
    before = f"<p>{html.escape(lead)}</p>" if lead else ""
    after = f"<p>{_name_sources(lines, language)}.</p>"
    return f'<div class="help-lines">{before}<ul>{items}</ul>{after}</div>' if lines else ""


def _name_sources(lines: list[dict[str, str]], language: str) -> str:
    """Who says so, and when it was read, each once."""
    said = dict.fromkeys(
        f"{translate(row['source'], language)}, {format_date(row['read'], language)}"
        for row in lines
    )
    return html.escape("; ".join(said))


def fill_help(content: str, contact: list[dict[str, str]], language: str) -> str:
    """The page with the help lines as a list in their place; a page without it stays as it is."""
    return content.replace(HELP_PLACE, _write_help(contact, language))


def find_address(contact: list[dict[str, str]]) -> str:
    """Where the book will stand, with a slash at its end; "" where nobody said."""
    found = [row["value"].rstrip("/") + "/" for row in contact if row["kind"] == "address"]
    return found[0] if found else ""


def complete_page(
    content: str,
    soup: BeautifulSoup,
    name: str,
    *,
    footer: str,
    address: str,
    preview: str,
    language: str,
) -> str:
    """The page, whose tree is `soup`, with its description, what other sites show of it, its words
    for scripts, and the footer. `address` is where the site of this language stands, `preview`
    where the picture does."""
    title = soup.title.get_text() if soup.title else ""
    words = describe(soup)
    told = {
        "description": words,
        "og:title": title,
        "og:description": words,
        "og:type": "article",
        "twitter:card": "summary",
    }
    if address:
        told |= {"og:url": address + name, "og:image": f"{preview}_static/{PREVIEW}"}
    metas = "".join(
        f'<meta {"property" if key.startswith("og:") else "name"}="{key}" '
        f'content="{html.escape(value, quote=True)}">\n'
        for key, value in told.items()
        if value
    )
    content = re.sub(
        r'(<meta[^>]*name="viewport"[^>]*>)(?=.*<meta[^>]*name="viewport")',
        "",
        content,
        flags=re.DOTALL,
    )
    # Before anything is drawn, so that tabs do not open and close again.
    scripted = '<script>document.documentElement.classList.add("scripted")</script>'
    content = content.replace("</head>", f"{metas}{scripted}</head>", 1)
    data = " ".join(
        f'data-{key}="{html.escape(text(code, language), quote=True)}"'
        for key, code in (
            ("show-code", "show_code"),
            ("hide-code", "hide_code"),
            ("table", "wide_table"),
            ("all-rows", "all_rows"),
            ("show-example", "show_example"),
            ("hide-example", "hide_example"),
        )
    )
    content = content.replace("<body ", f"<body {data} ", 1)
    return content.replace('<div class="extra_footer">', f'<div class="extra_footer">{footer}', 1)


def describe(soup: BeautifulSoup) -> str:
    """The first sentences of a page, as far as they fit; nothing made up."""
    article = soup.find("article")
    if not isinstance(article, Tag):
        return ""
    for paragraph in article.find_all("p"):
        framed = paragraph.select_one(f".{FRAME}") or paragraph.find_parent(class_=FRAME)
        if paragraph.find_parent(["details", "figure", "nav", "table", "form"]) or framed:
            continue
        words = " ".join(paragraph.get_text(" ").split())
        if len(words) > 40:
            cut = words[: LONGEST_DESCRIPTION + 1]
            return words if len(words) <= LONGEST_DESCRIPTION else cut[: cut.rfind(" ")] + " …"
    return ""


def write_not_found(site: Path, languages: tuple[str, ...], address: str) -> None:
    """404.html: shown by a server at any depth, so it brings its own style; who looks for help
    finds it there too."""
    said, contact = [], read_contact()
    for language in languages:
        title, words, home = (
            html.escape(text(f"not_found_{part}", language)) for part in ("title", "words", "home")
        )
        front = f"{address}{place_language(language, languages)}".rstrip("/") + "/index.html"
        said.append(
            f'<div lang="{language}"><h1>{title}</h1><p>{words} '
            f'<a href="{front.removeprefix("/")}">{home}</a></p>'
            f"{_write_help(contact, language, lead=text('help_lead', language))}</div>"
        )
    title = html.escape(text("not_found_title", languages[0]))
    (site / "404.html").write_text(
        f'<!DOCTYPE html>\n<html lang="{languages[0]}"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex"><link rel="icon" href="data:,">'
        "<style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:4rem auto;padding:0 1rem}"
        ".help-lines ul{list-style:none;padding:0}.help-lines a{display:block;min-height:44px;padding:.5rem 0}.help-lines strong{white-space:nowrap}"
        "@media(prefers-color-scheme:dark){body{background:#121212;color:#eee}a{color:#8cf}}</style></head>"
        f"<body><main>{''.join(said)}</main></body></html>\n",
        encoding="utf-8",
        newline="\n",
    )


def write_front(site: Path, language: str) -> None:
    """index.html: leads to the front page, with a link for whom it does not lead by itself."""
    home = html.escape(text("not_found_home", language))
    front = "book/index.html"
    (site / "index.html").write_text(
        f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{home}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="icon" href="data:,"><meta http-equiv="refresh" content="0; url={front}"></head>'
        f'<body><main><h1><a href="{front}">{home}</a></h1></main></body></html>\n',
        encoding="utf-8",
        newline="\n",
    )


def write_sitemap(site: Path, names: list[str], address: str, released: int) -> None:
    """sitemap.xml, where the address of the book is known."""
    if not address:
        return
    day = datetime.fromtimestamp(released, tz=UTC).date().isoformat()
    entries = "".join(
        f"<url><loc>{html.escape(address + quote(name))}</loc><lastmod>{day}</lastmod></url>\n"
        for name in names
    )
    (site / "sitemap.xml").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{entries}</urlset>\n',
        encoding="utf-8",
        newline="\n",
    )
