"""Several editions in one folder: the default at its root, the others under their names.

Building one never touches the files of another. What links them is two files at the root,
`editions.js` and `editions.html`, which are written anew after every build from the record that
each edition keeps of itself.
"""

from __future__ import annotations

import html
import json
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

from helpers.edition import DEFAULT_EDITION, BadInput, Edition, read_json
from helpers.labels import format_years, text

RECORD = "edition.json"
LIST, PAGE = "editions.js", "editions.html"
FRONT = "book/index.html"
# What a site of the root holds; an edition of such a name would lie in its way.
TAKEN = ("book", "data", "tables", "nl", "en", "_static", "_images", "_sources")
_PLACE = '<div class="article-header-buttons">'


def find_place(root: Path, edition: str) -> Path:
    """Where the site of an edition stands. Raises BadInput for a name that the root needs."""
    if edition in TAKEN:
        raise BadInput(
            f"an edition cannot be called {edition!r}: the default edition keeps a folder of that "
            "name at the root of the site; choose another name"
        )
    return root if edition == DEFAULT_EDITION else root / edition


def write_record(site: Path, edition: Edition, *, build: str, names: list[str]) -> None:
    """What an edition says of itself to the others: its years and its pages."""
    record = {
        "edition": edition.edition,
        "period": format_years(edition.period_start, edition.period_end),
        "build": build,
        "pages": sorted(names),
    }
    content = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
    (site / RECORD).write_text(content, encoding="utf-8", newline="\n")


def keep_others(old: Path, new: Path) -> None:
    """Bring the editions that stand under the old site into the new one, byte for byte."""
    for record in list_records(old):
        folder = record.parent
        if not (new / folder.name).exists():
            shutil.copytree(folder, new / folder.name, copy_function=_link)


def list_records(root: Path) -> list[Path]:
    """Records of the editions under the root; what a swap that was cut off left behind is none."""
    found = sorted(root.glob(f"*/{RECORD}"))
    return [record for record in found if not record.parent.name.startswith(".")]


def _link(source: str, target: str) -> None:
    """The same file under a second name; a copy where the disk knows no such thing."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def list_shelf(root: Path) -> list[dict[str, Any]]:
    """The editions under `root`, the default first, then the newest; each with its folder ("" for
    the root)."""
    found = []
    for record in [root / RECORD, *list_records(root)]:
        if record.exists():
            folder = record.parent.relative_to(root).as_posix()
            folder = "" if folder == "." else folder
            found.append(_read_record(record, folder or DEFAULT_EDITION) | {"folder": folder})
    found.sort(key=lambda one: one["edition"], reverse=True)
    return sorted(found, key=lambda one: one["folder"] != "")


def _read_record(path: Path, name: str) -> dict[str, Any]:
    """What an edition says of itself; one that an older version built may say less, and is listed
    by this name."""
    told: dict[str, Any] = {}
    with suppress(BadInput):
        told = read_json(path)
    return {"edition": name, "period": name.replace("-", "–"), "pages": [], **told}


def write_shelf(root: Path, language: str) -> None:
    """The list of editions for the switcher, as a page for who has no JavaScript, and a front page
    where the default edition was not built."""
    found = list_shelf(root)
    listed = [{key: one[key] for key in ("edition", "period", "folder", "pages")} for one in found]
    content = f"window.MONITOR_EDITIONS = {json.dumps(listed, ensure_ascii=False)};\n"
    _write_whole(root / LIST, content)
    page = _write_page(found, language)
    _write_whole(root / PAGE, page)
    if not (root / RECORD).exists():
        _write_whole(root / "index.html", page)


def _write_whole(path: Path, content: str) -> None:
    """Nobody reads half of it, and a second name of the old file keeps the old content."""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(content, encoding="utf-8", newline="\n")
    partial.replace(path)


def _write_page(found: list[dict[str, Any]], language: str) -> str:
    title = html.escape(text("editions_title", language))
    items = "".join(
        f'<li><a href="{html.escape(one["folder"] + "/" if one["folder"] else "", quote=True)}{FRONT}">'
        f"{html.escape(one['period'])}</a></li>"
        for one in found
    )
    return (
        f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="data:,">'
        "<style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:4rem auto;padding:0 1rem}"
        "@media(prefers-color-scheme:dark){body{background:#121212;color:#eee}a{color:#8cf}}</style></head>"
        f"<body><main><h1>{title}</h1><ul>{items}</ul></main></body></html>\n"
    )


def add_switcher(content: str, name: str, edition: Edition) -> str:
    """The page with the menu of editions; `switcher.js` fills it with this page of each.

    Links that lead out of the edition's own folder carry `data-shelf`.
    """
    up = name.count("/") + (edition.edition != DEFAULT_EDITION)
    lead, said = "../" * up, html.escape(text("editions_title", edition.language))
    period = format_years(edition.period_start, edition.period_end)
    own = html.escape(text("edition_of", edition.language, period=period))
    menu = (
        f'<details class="edition-switch" data-edition="{edition.edition}" data-page="{name}" '
        f'data-lead="{lead}"><summary>{own}</summary>'
        f'<ul><li><a data-shelf href="{lead}{PAGE}">{said}</a></li></ul></details>'
    )
    script = f'<script data-shelf src="{lead}{LIST}"></script>\n'
    content = content.replace(_PLACE, _PLACE + menu, 1)
    return content.replace("</body>", f"{script}</body>", 1)
