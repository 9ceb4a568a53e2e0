"""Jupyter Book's own pages, before anything is done to them: a clean build, or the last clean one
with the pages of changed sources written anew.

Sphinx alone would let a page stand that shows something of another which changed (a glued number, a
title), and would forget a warning when it is asked again. So the last build is gone on with only
where it had no warning, where settings, contents and code are the same, and where afterwards every
page says the same of itself to the others as before; otherwise the build is clean.
"""

from __future__ import annotations

import calendar
import datetime
import errno
import hashlib
import json
import os
import re
import shutil
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from helpers.edition import CHAPTERS, ROOT, BadInput, SiteFailed, read_json, read_yaml
from helpers.execute import choose_context, watch_parent
from helpers.published.files import hash_file
from helpers.site.soups import list_pages

RELEASE_DATE_FILE = ROOT / "CITATION.cff"
_RECORD = "record.json"
_CITED = re.compile(r"\{cite[^`]*`[^`]*`")
_NUMBERED = re.compile(r'class="caption-number">([^<]*)<')
# What the first build of a folder does not find yet, and so names otherwise.
_FIRST_ONLY = "mystnb.*.css"


def make_raw(source: Path, out: Path, folder: Path | None, signed: str) -> None:
    """Jupyter Book's pages of `source` under `out`. In `folder` the build is kept for the next one
    (`source` then is moved there); `signed` stands for everything else that it comes from.

    Raises SiteFailed where Sphinx warns.
    """
    if folder is None:
        run_jupyter_book(source, out)
        return
    record = _read_record(folder)
    now: dict[str, Any] = {"signed": _sign(signed, str(folder)), "files": _sign_files(source)}
    (folder / _RECORD).unlink(missing_ok=True)
    if not (
        record.get("signed") == now["signed"]
        and _follow(source, folder, record["files"], now["files"])
    ):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        shutil.move(source, folder / "source")
        run_jupyter_book(folder / "source", folder / "out")
    shutil.copytree(_find_site(folder), out / "_build" / "html")
    content = json.dumps(now, indent=1, sort_keys=True)
    (folder / _RECORD).write_text(content, encoding="utf-8", newline="\n")


def _find_site(folder: Path) -> Path:
    return folder / "out" / "_build" / "html"


def _sign(*signed: str) -> str:
    told = [*signed, read_release_epoch(), str(sys.version_info)]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _sign_files(source: Path) -> dict[str, str]:
    return {
        path.relative_to(source).as_posix(): hash_file(path)
        for path in sorted(source.rglob("*"))
        if path.is_file()
    }


def _read_record(folder: Path) -> dict[str, Any]:
    try:
        return read_json(folder / _RECORD, "signed", "files")
    except (BadInput, FileNotFoundError):
        return {}


def _follow(source: Path, folder: Path, known: object, now: dict[str, str]) -> bool:
    """Go on with the kept build, whose sources had the checksums `known` and have them `now`, where
    only documents differ. False where it has to be made anew."""
    if not isinstance(known, dict) or known.keys() != now.keys():
        return False
    changed = [name for name in now if now[name] != known[name]]
    if not all(map(_is_document, changed)):
        return False
    if not changed:
        return True
    kept = folder / "source"
    if any(_list_cited(source / name) != _list_cited(kept / name) for name in changed):
        return False
    before = _tell_others(_find_site(folder))
    for name in changed:
        shutil.copyfile(source / name, kept / name)
    for path in _list_glued(kept, changed):
        path.touch()
    for path in (_find_site(folder) / "_static").glob(_FIRST_ONLY):
        path.unlink()
    try:
        run_jupyter_book(kept, folder / "out", anew=False)
    except SiteFailed:
        return False  # the clean build says what is wrong
    return _tell_others(_find_site(folder)) == before


def _is_document(name: str) -> bool:
    folder, _, file = name.rpartition("/")
    return folder in ("book", f"book/{CHAPTERS.name}") and file.endswith((".md", ".ipynb"))


def _list_cited(document: Path) -> list[str]:
    return _CITED.findall(document.read_text(encoding="utf-8"))


def _list_glued(source: Path, changed: Iterable[str]) -> list[Path]:
    """The documents that glue something of these."""
    stems = [Path(name).stem for name in changed]
    found = []
    for path in sorted(source.rglob("*")):
        if not _is_document(path.relative_to(source).as_posix()):
            continue
        content = path.read_text(encoding="utf-8")
        if "glue" in content and any(stem in content for stem in stems):
            found.append(path)
    return found


def _tell_others(site: Path) -> dict[str, object]:
    """What pages take from each other: titles, names of sections, figures and terms, as Sphinx
    lists them, and the numbers of figures."""
    numbers = {
        path.relative_to(site).as_posix(): _NUMBERED.findall(path.read_text(encoding="utf-8"))
        for path in list_pages(site)
    }
    return {"numbers": numbers, "named": (site / "objects.inv").read_bytes()}


def run_jupyter_book(source: Path, out: Path, *, anew: bool = True) -> None:
    """Build `source` in `out`, or write the pages of changed sources `anew=False`. Raises
    SiteFailed with the warnings of Sphinx, OSError where the disk is full."""
    command = [
        "build",
        str(source),
        "--path-output",
        str(out),
        *(["--all"] if anew else []),
        "-n",
        "-W",
        "--keep-going",
    ]
    code, said = _run_apart(command, out.with_name(f"{out.name}.log"))
    if code:
        printed = re.sub(r"\x1b\[[0-9;]*m", "", said)
        if f"[Errno {errno.ENOSPC}]" in printed:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(out))
        lines = [
            line.replace(f"{source}/", "")
            for line in printed.splitlines()
            if "WARNING" in line or "ERROR" in line or "rror:" in line
        ]
        raise SiteFailed(
            "\n".join(dict.fromkeys(lines)) or printed[-2000:] or f"it ended with {code}"
        )


def _run_apart(command: list[str], told: Path) -> tuple[int | None, str]:
    """Run Jupyter Book in a process of its own: its exit code, and what it said."""
    told.touch()
    # Of a process that is no copy the seed is set before it begins.
    os.environ.setdefault("PYTHONHASHSEED", "0")
    process = choose_context().Process(target=_run, args=(command, told))  # type: ignore[attr-defined]
    process.start()
    process.join()
    return process.exitcode, told.read_text(encoding="utf-8", errors="replace")


def _run(command: list[str], told: Path) -> None:
    watch_parent()
    os.environ |= {"SOURCE_DATE_EPOCH": str(read_release_epoch()), "TZ": "UTC"}
    if hasattr(time, "tzset"):  # not on Windows
        time.tzset()
    stream = told.open("w", encoding="utf-8", errors="replace")
    for number in (1, 2):
        os.dup2(stream.fileno(), number)
    sys.stdout = sys.stderr = stream
    from jupyter_book.cli.main import main

    main(command)


def read_release_epoch() -> int:
    """The release date of CITATION.cff in seconds: the only clock that the site sees."""
    released = read_yaml(RELEASE_DATE_FILE)["date-released"]
    day = (
        released
        if isinstance(released, datetime.date)
        else datetime.date.fromisoformat(str(released))
    )
    return calendar.timegm(day.timetuple())
