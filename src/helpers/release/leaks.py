"""The leak scan: every byte of a folder that leaves (site, bundle, export, failed copies), against
what may never leave: identifiers and days of persons, paths, hosts and user names, addresses,
errors.

Each file is read as `readings` gives it: decoded, unpacked, whole words. What was found is told by
file and kind, never by value.

What it cannot tell: a true count from any other number, wherever it stands; a picture of words; an
identifier cut into parts, or a day by a count of days or with a year of two digits.
"""

from __future__ import annotations

import getpass
import itertools
import re
import socket
import tempfile
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property, partial
from pathlib import Path

from helpers.disclosure import DisclosureError
from helpers.edition import BOOK, FACTS, NOTEBOOKS, PUBLISHED, ROOT, find_registers_folder
from helpers.registers import Registers
from helpers.release.readings import MOST_LAYERS, Reading, UnreadableError, cut_pieces
from helpers.schema import TABLES
from helpers.sources import read_extract

# What a file of each ending begins with; nothing is said of text, which has to be UTF-8.
_TEXTS = (
    "cff",
    "css",
    "csv",
    "html",
    "ipynb",
    "js",
    "json",
    "md",
    "rels",
    "svg",
    "txt",
    "xml",
    "yml",
)
_BEGINNINGS = {
    **dict.fromkeys(_TEXTS, b""),
    **{"pdf": b"%PDF", "png": b"\x89PNG", "woff": b"wOFF", "woff2": b"wOF2"},
    **{"xlsx": b"PK", "zip": b"PK"},
}
_PATH = "a path, host or user name of a machine"
_TRACE = "a stack trace"
_IDENTIFIER = "an identifier of the registers"
_DAY = "a day of the registers"
_UNREADABLE = "something packed that cannot be opened"
# Each starts with what is rare, so that a page is passed over quickly.
_SIGNS = (
    (_TRACE, re.compile(rb"Traceback \(most recent call last\)")),
    (_TRACE, re.compile(rb"site-packages/")),
    (_TRACE, re.compile(rb"rror: (?<=[a-z]Error: )")),
    (_TRACE, re.compile(rb"xception: (?<=[a-z]Exception: )")),
    (_TRACE, re.compile(rb"arning: (?<=[a-z]Warning: )")),
    # A drive and a folder; a server and its share; where people and projects live on a server.
    (_PATH, re.compile(rb":(?<!\w\w:)(?:\\(?<=[A-Za-z]..)\\?|/(?<=[A-Z]..))[\w.$ -]+[\\/]")),
    (_PATH, re.compile(rb"\\\\\w[\w.-]+\\+[\w$.-]+\\")),
    (_PATH, re.compile(rb"/(?<![\w.:/~-]/)(?:home|[Uu]sers|mnt|media|root|srv|opt|tmp|var)/\w")),
)
_AT = re.compile(rb"@(?<=\w@)\w")
_ADDRESS = re.compile(rb"[\w.+-]+@[A-Za-z\d-]{2,}(?:\.[A-Za-z\d-]+)*\.[A-Za-z]{2,}")
_TIMES = (b"iopub.status", b'"start_time"', b"papermill/", b'"execution": {')
_COMMENT = re.compile(rb"<!--(.*?)-->", re.DOTALL)
# A name that is part of ordinary words or of markup names nobody.
_ORDINARY = {b"root", b"user", b"main", b"runner", b"localhost", b"admin", b"ubuntu"}
_SHORTEST = 4
_SHORTEST_IDENTIFIER = 5

_YEAR_FIRST = re.compile(rb"([12][09]\d\d)(?<![\d/]....)([-/._])(\d\d?)\2(\d\d?)(?!\d)")
_YEAR_LAST = re.compile(rb"(\d\d?)([-/._])(\d\d?)\2([12][09]\d\d)(?!\d)")
_COMPACT = re.compile(rb"([12][09]\d\d)([01]\d)([0-3]\d)(?<![\d.].{8})(?![\d.])")
_SPELLED_YEAR = re.compile(rb" ([12][09]\d\d)(?!\d)")
_DAY_AND_MONTH = re.compile(
    rb"(?<!\d)(?:(\d\d?)(?:st|nd|rd|th|e)?[.,]? +(?:of |de )?([a-z]{3,9})|([a-z]{3,9})\.? +(\d\d?)(?:st|nd|rd|th)?)[.,]* *$"
)
_LONGEST = len("30th of september, ")
# A midnight in milliseconds is so many days, and ends in five noughts.
_MILLISECONDS = re.compile(rb"(?<![\d.])-?\d{6,8}00000(?![\d.])")
_A_DAY, _EPOCH = 86_400_000, date(1970, 1, 1)
# What the project says of itself.
_DECLARING = (ROOT / "CITATION.cff", ROOT / "CHANGELOG.md", NOTEBOOKS)
_MONTHS = {
    name[:length]: number
    for number, names in enumerate(
        (
            (b"january", b"januari"),
            (b"february", b"februari"),
            (b"march", b"maart", b"mrt"),
            (b"april",),
            (b"may", b"mei"),
            (b"june", b"juni"),
            (b"july", b"juli"),
            (b"august", b"augustus"),
            (b"september",),
            (b"october", b"oktober"),
            (b"november",),
            (b"december",),
        ),
        start=1,
    )
    for name in names
    for length in (3, 4, len(name))
}

# Where in a content something was found (nothing: in itself), and what.
Found = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Private:
    """What may not stand in a file: words of the machine, and identifiers and days (ISO) of
    persons. An identifier is kept as the pieces that a text is cut into."""

    words: frozenset[bytes] = frozenset()
    identifiers: frozenset[bytes] = frozenset()
    days: frozenset[bytes] = frozenset()

    def __post_init__(self) -> None:
        kept = (b" ".join(cut_pieces(one)) for one in self.identifiers)
        long = frozenset(one for one in kept if len(one) >= _SHORTEST_IDENTIFIER)
        object.__setattr__(self, "identifiers", long)
        object.__setattr__(self, "words", frozenset(word.lower() for word in self.words))

    @cached_property
    def lengths(self) -> frozenset[int]:
        """Of how many pieces an identifier is made."""
        return frozenset(one.count(b" ") + 1 for one in self.identifiers)


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
    if given is None:
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
    return Private(frozenset(words), frozenset(identifiers), frozenset(days))


def _find_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def check_leaks(*folders: Path) -> None:
    """Raise DisclosureError with a line for each file of these folders that holds what may not
    leave; a folder that is not there holds nothing. What was printed elsewhere may."""
    scan = prepare_scan()
    found = [
        f"{folder.name}/{line}" for folder in folders if folder.exists() for line in scan(folder)
    ]
    if found:
        raise DisclosureError("what may not leave was found:\n" + "\n".join(found))


def prepare_scan(*, also: Set[bytes] = frozenset()) -> Callable[..., list[str]]:
    """`scan_folder` for what is private in this run; what was printed elsewhere may stand there, and
    these (`also`) may. Days that were printed are looked up only where days are private."""
    private = list_private()
    printed = list_printed(days=bool(private.days))
    return partial(scan_folder, private=private, printed=printed | also)


def holds_people(path: Path) -> bool:
    """True where a file holds an identifier or a day of the registers of this run, or cannot be
    read."""
    whole = list_private()
    people = Private(identifiers=whole.identifiers, days=whole.days)
    found = _make_search(people, list_printed())("", path.read_bytes(), MOST_LAYERS)
    return any(kind in (_IDENTIFIER, _DAY, _UNREADABLE) for _, kind in found)


def scan_folder(
    folder: Path,
    private: Private,
    *,
    printed: Set[bytes] = frozenset(),
    paths: Iterable[Path] | None = None,
) -> list[str]:
    """A line for each file (or each of these `paths`) of a folder and kind of thing that may not
    leave; empty where nothing does. What is `printed` elsewhere (days and addresses, as
    `list_printed` gives them) may."""
    search, faults = _make_search(private, printed), []
    for path in sorted(folder.rglob("*") if paths is None else paths):
        name = path.relative_to(folder).as_posix()
        found = search("", name.encode(), MOST_LAYERS)
        if path.is_file():
            found += search(_find_ending(name), path.read_bytes(), MOST_LAYERS)
        faults += [f"{name}{inner}: {kind}" for inner, kind in dict.fromkeys(found)]
    return faults


def _find_ending(name: str) -> str:
    """What stands behind the last dot; of a name without one the whole of it."""
    return name.rpartition("/")[2].rpartition(".")[2]


def _make_search(private: Private, printed: Set[bytes]) -> Callable[[str, bytes, int], Found]:
    """What finds in a content, and in what is packed in it, whatever may not leave. A content
    without ending is no file of its own."""

    # Every word is looked at only for people: it takes as long as all the rest.
    is_of_people = bool(private.identifiers or private.days)

    @cache  # most members of workbooks are the same in each
    def search(ending: str, content: bytes, layers: int) -> Found:
        reading = Reading(content)
        found = [("", kind) for kind in _scan(ending, reading, private, printed)]
        try:
            for inner, packed in reading.unpack(encoded=is_of_people):
                if layers == 0:
                    raise UnreadableError
                named = f":{inner}" if inner else ""
                further = search(_find_ending(inner), packed, layers - 1)
                found += [(f"{named}{name}", kind) for name, kind in further]
        except UnreadableError:
            found.append(("", _UNREADABLE))
        return tuple(dict.fromkeys(found))

    return search


def _scan(ending: str, reading: Reading, private: Private, printed: Set[bytes]) -> Iterator[str]:
    if ending and ending not in _BEGINNINGS:
        yield "a file of a kind that nothing here needs"
    elif ending and not reading.begins(_BEGINNINGS[ending]):
        yield "a file that is not of the kind that its name says"
    lower = reading.text.lower()
    if any(word in lower for word in private.words):
        yield _PATH
    yield from (kind for kind, sign in _SIGNS if sign.search(reading.text))
    if not _find_addresses(reading) <= printed:
        yield "an address of e-mail"
    if ending == "ipynb" and any(word in reading.content for word in _TIMES):
        yield "times or paths of a run in a notebook"
    if private.identifiers and _holds_identifier(reading.words, private):
        yield _IDENTIFIER
    if private.days and not private.days.isdisjoint(_find_days(reading) - printed):
        yield _DAY
    if ending in ("html", "svg"):
        yield from _scan_comments(_COMMENT.findall(reading.content))


def _holds_identifier(words: bytes, private: Private) -> bool:
    """True where pieces of a word, one or as many as an identifier has, are one."""
    for length in private.lengths:
        pieces = cut_pieces(words) if length == 1 else _join_pieces(words, length)
        if not private.identifiers.isdisjoint(pieces):
            return True
    return False


def _join_pieces(words: bytes, length: int) -> Iterator[bytes]:
    for pieces in map(cut_pieces, words.split(b"\n")):
        for first in range(len(pieces) - length + 1):
            yield b" ".join(pieces[first : first + length])


def _scan_comments(comments: Iterable[bytes]) -> Iterator[str]:
    """Comments hold no number of five digits and no path."""
    for comment in comments:
        if re.search(rb"\d{5}|(?:^|\s)/[a-z]+/", comment):
            yield "a comment with a number or a path"


def list_printed(
    places: Iterable[Path] = (PUBLISHED, FACTS, BOOK, *_DECLARING), *, days: bool = True
) -> frozenset[bytes]:
    """The days and the addresses of e-mail in what was printed elsewhere: the public sources, the
    pages, and what the project says of itself. The `days` are asked for where those of persons are
    looked for, since finding them takes long."""
    files = (path for place in places for path in (place, *place.rglob("*")) if path.is_file())
    found = set[bytes]()
    for path in files:
        reading = Reading(path.read_bytes())
        found |= _find_addresses(reading)
        if days:
            found |= _find_days(reading)
    return frozenset(found)


def _find_addresses(reading: Reading) -> set[bytes]:
    found = _ADDRESS.findall(reading.text) if _AT.search(reading.text) else []
    return {address.lower() for address in found}


def _find_days(reading: Reading) -> set[bytes]:
    """Each day in a text, however it is written, as ISO."""
    words, found = reading.words.lower(), list[tuple[int, int, int]]()
    for year, _, month, day in _YEAR_FIRST.findall(words):
        found.append((int(year), int(month), int(day)))
    for year, month, day in _COMPACT.findall(words):
        found.append((int(year), int(month), int(day)))
    for first, _, second, year in _YEAR_LAST.findall(words):
        # Nobody can tell 3/4/2016 from 4/3/2016: the day first, as in Dutch.
        day, month = (first, second) if int(second) <= 12 else (second, first)
        found.append((int(year), int(month), int(day)))
    days = {day for day in itertools.starmap(_write_day, [*found, *_find_spelled(reading)]) if day}
    return days | _find_milliseconds(words)


def _find_spelled(reading: Reading) -> Iterator[tuple[int, int, int]]:
    """18 December 1986, or December 18, 1986, in both languages."""
    text = reading.text.lower().replace(b"\n", b" ")
    for year in _SPELLED_YEAR.finditer(text):
        before = _DAY_AND_MONTH.search(text, max(0, year.start() - _LONGEST), year.start())
        if before:
            day, month = before[1] or before[4], before[2] or before[3]
            yield int(year[1]), _MONTHS.get(month, 0), int(day)


def _write_day(year: int, month: int, day: int) -> bytes:
    try:
        return date(year, month, day).isoformat().encode()
    except ValueError:
        return b""


def _find_milliseconds(words: bytes) -> set[bytes]:
    """Midnights as pandas writes them into JSON: milliseconds since 1970."""
    numbers = _MILLISECONDS.findall(words) if b"00000" in words else []
    counted = (divmod(int(number), _A_DAY) for number in numbers)
    return {(_EPOCH + timedelta(days)).isoformat().encode() for days, rest in counted if rest == 0}
