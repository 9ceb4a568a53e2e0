"""The leak scan: every byte of a folder that leaves (site, bundle, export, failed copies), against
what may never leave: identifiers and days of persons, paths, hosts and user names, stack traces.

Archives (workbooks) are opened. What was found is told by file and kind, never by value.
"""

from __future__ import annotations

import getpass
import io
import re
import socket
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from pathlib import Path

from helpers.disclosure import DisclosureError
from helpers.edition import BOOK, FACTS, PUBLISHED, ROOT, find_registers_folder
from helpers.registers import Registers
from helpers.schema import TABLES
from helpers.sources import read_extract

_TOKEN = re.compile(rb"[0-9A-Za-z_-]{5,}")
_DAY = re.compile(rb"\b(?:19|20)\d\d-[01]\d-[0-3]\d\b")
_TRACES = (b"Traceback (most recent call last)", b"site-packages/")
_TIMES = (b"iopub.status", b'"start_time"', b"papermill/", b'"execution": {')
_COMMENT = re.compile(rb"<!--(.*?)-->", re.DOTALL)
# A name that is part of ordinary words or of markup names nobody.
_ORDINARY = {b"root", b"user", b"main", b"runner", b"localhost", b"admin", b"ubuntu"}
_SHORTEST = 4


@dataclass(frozen=True)
class Private:
    """What may not stand in a file: words of the machine, and identifiers and days of persons."""

    words: frozenset[bytes] = frozenset()
    identifiers: frozenset[bytes] = frozenset()
    days: frozenset[bytes] = frozenset()


def list_private() -> Private:
    """The paths, host and user of this machine, and what identifies a person in the registers that
    this run was given (of made-up ones nothing). The days of the delivery itself, which every page
    names, identify nobody, though something may have happened to somebody on them."""
    names = {socket.gethostname(), _find_user()}
    paths = {str(ROOT), str(Path.home()), str(Path(tempfile.gettempdir()) / "")}
    given = find_registers_folder()
    if given is not None:
        paths.add(str(given))
    words = {name.encode() for name in names | {p for p in paths if p.count("/") > 1}}
    words = {w for w in words if len(w) >= _SHORTEST and w not in _ORDINARY}
    if given is None or not (given / "extract.yml").exists():
        return Private(frozenset(words))
    registers = Registers(read_extract(given), "register")
    told = {registers.extract.extraction_date, registers.extract.reference_date}
    identifiers, days = set(), set()
    for table in TABLES.values():
        if table.name not in registers.extract.mappings:
            continue
        frame = registers.read(table.name)
        for column in table.columns:
            if column.name not in frame:
                continue
            values = frame[column.name].dropna()
            if column.kind == "id":
                identifiers |= {str(value).encode() for value in values.unique()}
            elif column.kind == "date":
                days |= {day.encode() for day in values.dt.strftime("%Y-%m-%d").unique()}
    days -= {str(day).encode() for day in told}
    long = {one for one in identifiers if _TOKEN.fullmatch(one)}
    return Private(frozenset(words), frozenset(long), frozenset(days))


def _find_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def check_leaks(*folders: Path) -> None:
    """Raise DisclosureError with a line for each file of these folders that holds what may not leave;
    a folder that is not there holds nothing. The days that were printed elsewhere may."""
    days, private = list_published_days((PUBLISHED, FACTS, BOOK)), list_private()
    found = [
        f"{folder.name}/{line}"
        for folder in folders
        if folder.exists()
        for line in scan_folder(folder, private, allowed_days=days)
    ]
    if found:
        raise DisclosureError("what may not leave was found:\n" + "\n".join(found))


def holds_people(path: Path) -> bool:
    """True where a file holds an identifier or a day of the registers of this run."""
    private = list_private()
    people = Private(identifiers=private.identifiers, days=private.days)
    days = list_published_days((PUBLISHED, FACTS, BOOK))
    return any(
        list(_scan_people(content, people, days))
        for _, content in _open(path.name, path.read_bytes())
    )


def scan_folder(
    folder: Path, private: Private, *, allowed_days: Set[bytes] = frozenset()
) -> list[str]:
    """A line for each file and kind of thing that may not leave; empty where nothing does.

    `allowed_days` are those that a published source prints.
    """
    faults = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = path.relative_to(folder).as_posix()
            for inner, content in _open(name, path.read_bytes()):
                kinds = _scan(inner, content, private, allowed_days)
                faults += [f"{inner}: {kind}" for kind in sorted(set(kinds))]
    return faults


def _open(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """A file, and where it is an archive each file in it; its name counts as content."""
    yield name, name.encode() + b"\n" + content
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.namelist():
                yield f"{name}:{member}", archive.read(member)


def _scan(name: str, content: bytes, private: Private, allowed_days: Set[bytes]) -> Iterator[str]:
    if any(word in content for word in private.words):
        yield "a path, host or user name of the machine"
    if any(trace in content for trace in _TRACES):
        yield "a stack trace"
    if name.endswith(".ipynb") and any(word in content for word in _TIMES):
        yield "times or paths of a run in a notebook"
    yield from _scan_people(content, private, allowed_days)
    if name.endswith((".html", ".svg")):
        yield from _scan_comments(_COMMENT.findall(content))


def _scan_people(content: bytes, private: Private, allowed_days: Set[bytes]) -> Iterator[str]:
    if private.identifiers and not private.identifiers.isdisjoint(_TOKEN.findall(content)):
        yield "an identifier of the registers"
    days = private.days & set(_DAY.findall(content))
    if days - allowed_days:
        yield "a day of the registers"


def _scan_comments(comments: Iterable[bytes]) -> Iterator[str]:
    """Comments hold no number of five digits and no path."""
    for comment in comments:
        if re.search(rb"\d{5}|(?:^|\s)/[a-z]+/", comment):
            yield "a comment with a number or a path"


def list_published_days(folders: Iterable[Path]) -> frozenset[bytes]:
    """The days that stand in what was printed elsewhere: the public sources and the pages."""
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return frozenset(day for path in files for day in _DAY.findall(path.read_bytes()))
