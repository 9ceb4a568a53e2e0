"""What is wrong with an extract, in a form that can be printed without giving away a person: the
one place that decides what may be printed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from helpers.sources.limits import MOST_NAMES

SHOWN_ROWS = 5
# An unknown code is repeated, and a year named, only where so many rows hold it: fewer could lead
# to somebody.
FEWEST_TO_NAME = 10
LONGEST_NAME = 60
LONGEST_TEXT = 600
# Shaped like a date, a number of a person or a pseudonym: four digits or more, or a word that mixes
# letters with two digits or more, or an address.
_TELLING = re.compile(r"(\D*\d){4}|(?=\S*[^\W\d_])(?=(?:\D*\d){2})\S{6,}|@")
# A heading or a sheet may hold a year.
_DATED = re.compile(r"(\D*\d){5}|@")

# A list of captures has a name.
_NUMBERED = re.compile(r"\d{2}|@")


def may_name_code(code: str, n_rows: int) -> bool:
    """Whether a code that is not in its list may be repeated: ten rows or more hold it, and it is
    shaped like a code. Only columns that are declared as code lists may ask."""
    return n_rows >= FEWEST_TO_NAME and _is_plain(code, _TELLING)


def _is_plain(name: str, telling: re.Pattern) -> bool:
    """Whether a word that stands in a file is short and shaped neither like a date nor like an
    identifier."""
    return 0 < len(name) <= LONGEST_NAME and not telling.search(name) and name == clean_text(name)


def clean_text(text: str) -> str:
    """Text without signs that a console obeys or that nobody sees, and of bounded length."""
    seen = "".join("?" if unicodedata.category(sign)[0] == "C" else sign for sign in text)
    return seen if len(seen) <= LONGEST_TEXT else f"{seen[:LONGEST_TEXT]}..."


def mask_name(name: str) -> str:
    """The name of a file that nothing reads; one that is shaped like a date or an identifier is
    told by its ending alone."""
    ending = re.search(r"\.[A-Za-z]{1,8}$", name)
    return name if _is_plain(name, _DATED) else f"(a file{f' {ending[0]}' if ending else ''})"


def join_lists(names: Iterable[str]) -> str:
    """Names of lists, which may stand in cells, in one phrase; those with a number of two digits or
    more are counted instead."""
    return join_names(names, telling=_NUMBERED)


def join_names(names: Iterable[str], *, telling: re.Pattern = _DATED) -> str:
    """Names in one phrase; those that are shaped like a value, or too many, are counted instead."""
    listed = list(names)
    plain = [name for name in listed if _is_plain(name, telling)][:MOST_NAMES]
    others = len(listed) - len(plain)
    return ", ".join([*plain, *([f"{others} {'others' if plain else 'names'}"] if others else [])])


@dataclass(frozen=True)
class Problem:
    """One rule that one column of one file breaks.

    `rows` are the first row numbers as a person sees them in the file (csv, xlsx: the header is row
    1; parquet, sav: the first record is row 1). `n_rows` counts all. Values never stand here. A
    warning does not stop a run.
    """

    file: str
    column: str
    rule: str
    n_rows: int
    rows: tuple[int, ...]
    remedy: str
    is_warning: bool = False

    def __post_init__(self) -> None:
        for name in ("file", "column", "rule", "remedy"):
            object.__setattr__(self, name, clean_text(getattr(self, name)))


class UnreadableExtract(Exception):
    """A file that cannot be read, or a mapping that does not fit it (exit 2). Carries every such
    problem that was found."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__(
            "\n".join(f"{problem.file}: {problem.rule}; {problem.remedy}" for problem in problems)
        )
