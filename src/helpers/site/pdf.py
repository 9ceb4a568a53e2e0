"""The whole book as one PDF, tagged and with bookmarks: Chromium prints what was built (`make
pdf`)."""

from __future__ import annotations

import posixpath
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag

from helpers.edition import BUILD
from helpers.site.build import SITE

TARGET = BUILD / "book.pdf"
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer",
    "--export-tagged-pdf",
    "--generate-pdf-document-outline",
)
_UNPRINTED = (
    "script, nav, form, .headerlink, details.hide, .cell_input, .released-link, .code-switch"
)


def join_pages(site: Path) -> str:
    """Every page of the contents as one HTML page, in the order of the book; links between pages
    lead within it."""
    front = BeautifulSoup((site / "book" / "index.html").read_text(encoding="utf-8"), "html.parser")
    names = ["book/index.html"]
    for link in front.select("nav.bd-docs-nav a[href]"):
        address = urlsplit(str(link["href"]))
        name = posixpath.normpath(posixpath.join("book", address.path))
        if not address.netloc and name not in names and (site / name).is_file():
            names.append(name)
    articles = "\n".join(_read_article(site / name, name, names) for name in names)
    style = (site / "_static" / "site.css").as_uri()
    title = front.title.get_text() if front.title else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{front.html.get("lang", "en") if front.html else "en"}" data-theme="light"><head>'
        f'<meta charset="utf-8"><title>{title}</title><link rel="stylesheet" href="{style}">'
        "<style>article{break-before:page} body{font-size:11pt} h1,h2,h3,h4{white-space:pre-wrap}</style></head>"
        f"<body>{articles}</body></html>"
    )


def _read_article(page: Path, name: str, names: list[str]) -> str:
    """The article of a page, its identifiers made its own."""
    article = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").find("article")
    if not isinstance(article, Tag):
        return ""
    for part in article.select(_UNPRINTED):
        part.decompose()
    # A bookmark is made of a heading's lines, and would lose the space at which one ends: spaces are
    # kept (see the style), so that what is only the source's own line end must be one.
    for words in article.select("h1, h2, h3, h4"):
        for piece in list(words.find_all(string=True)):
            piece.replace_with(" ".join(f"|{piece}|".split())[1:-1])
    article["id"] = _slug(name)
    for element in article.find_all(True):
        for key in ("id", "aria-labelledby"):
            if element is not article and element.get(key):
                element[key] = f"{_slug(name)}--{element[key]}"
        for key in ("href", "xlink:href"):
            if element.get(key):
                element[key] = _lead_within(str(element[key]), name, names)
        for key in ("clip-path", "style"):
            if "url(#" in str(element.get(key, "")):
                element[key] = str(element[key]).replace("url(#", f"url(#{_slug(name)}--")
    return str(article)


def _slug(name: str) -> str:
    return name.removesuffix(".html").replace("/", "-")


def _lead_within(address: str, name: str, names: list[str]) -> str:
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return address
    target = (
        posixpath.normpath(posixpath.join(posixpath.dirname(name), parts.path))
        if parts.path
        else name
    )
    if target not in names:
        return address
    return f"#{_slug(target)}--{parts.fragment}" if parts.fragment else f"#{_slug(target)}"


def main() -> int:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None or not (SITE / "index.html").exists():
        missing = (
            "Chromium (on Debian: apt-get install chromium)"
            if chromium is None
            else "the site (make book)"
        )
        print(f"no PDF without {missing}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "book.html"
        page.write_text(join_pages(SITE), encoding="utf-8", newline="\n")
        command = [
            chromium,
            *_FLAGS,
            f"--user-data-dir={folder}/profile",
            f"--print-to-pdf={TARGET}",
            page.as_uri(),
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode or not TARGET.exists():
        print(done.stderr[-2000:], file=sys.stderr)
        return 1
    print(f"{TARGET.stat().st_size / 1e6:.1f} MB: {TARGET.relative_to(BUILD.parent)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
