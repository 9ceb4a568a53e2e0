"""Words and numbers in the edition's language: labels of codes, caption and alt texts, number
format."""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from helpers.edition import CODES, LANGUAGES, BadInput, read_rows

# In coded columns: known to nobody, and not written down.
UNKNOWN, NOT_RECORDED = "unknown", "not_recorded"
MISSING = (UNKNOWN, NOT_RECORDED)

# Kinds whose codes a re-runner's extract may bring: lists of victims, changes to them, regions,
# police units, nationalities. A code without a row is its own name.
OPEN_KINDS = ("lists", "list_meaning", "list_short", "change", "region")
# The kind of columns whose sentences are declared in English and put into Dutch by `translate`.
SENTENCE = "sentence"
_CHANGES = ("without_", "merged_")
_SEPARATORS = {"en": (",", "."), "nl": (".", ",")}


@cache
def _read_words(file: str, language: str) -> dict[tuple[str, ...], str]:
    if language not in LANGUAGES:
        raise BadInput(f"language {language!r}: choose one of {', '.join(LANGUAGES)}")
    rows = read_rows(CODES / file)
    words: dict[tuple[str, ...], str] = {}
    for number, row in enumerate(rows, start=2):
        key = tuple(value for column, value in row.items() if column not in LANGUAGES)
        if key in words:
            raise BadInput(
                f"data/codes/{file}, row {number}: {'.'.join(key)} stands twice; keep one"
            )
        if not row[language]:
            raise BadInput(
                f"data/codes/{file}, row {number}: column {language} is empty; give the words"
            )
        words[key] = row[language]
    return words


def label(code: str, language: str, *, kind: str = "category") -> str:
    """The label of a code of this kind (measure, population, breakdown, category, unit, ...) in
    `data/codes/labels.csv`, or of a code of this list in `data/codes/registers.csv`.

    A crossed code `a:b`, or several as `a+b`, gives the labels of its parts; years and periods are
    their own. Raises BadInput for a code without a label.
    """
    if kind == SENTENCE:
        return translate(code, language)
    words = _read_words("labels.csv", language)
    if kind == "locality":  # a municipality, or else a police unit
        is_known = code in read_municipalities() or ("municipality", code) in words
        kind = "municipality" if is_known else "police_unit"
    if (kind, code) in words:
        return words[kind, code]
    if (kind, code) in _read_register_words(language):
        return _read_register_words(language)[kind, code]
    if kind == "municipality" and code in read_municipalities():
        return read_municipalities()[code].name
    if code.replace("-", "").replace(" to ", "").isdigit():
        return code.replace("-", "–").replace(" to ", f" {text('to', language)} ")
    if kind == "change" and code.startswith(_CHANGES):
        what, _, names = code.partition("_")
        return text(f"change_{what}", language, lists=label(names, language, kind="list_short"))
    if "+" in code:
        return " + ".join(label(part, language, kind=kind) for part in code.split("+"))
    if ":" in code:
        return ", ".join(label(part, language, kind=kind) for part in code.split(":"))
    if kind in OPEN_KINDS or kind in read_lists():
        return code
    raise BadInput(
        f"{kind} {code!r} has no row in data/codes/labels.csv; add its English and Dutch label"
    )


def count_unit(value: float, unit: str, language: str) -> str:
    """The label of a unit behind this number: of one, the word for one."""
    is_one = value == 1 and unit in list_labelled("unit_one")
    return label(unit, language, kind="unit_one" if is_one else "unit")


def list_labelled(kind: str) -> list[str]:
    """The codes of a kind that `data/codes/labels.csv` names; of municipalities the made-up
    ones."""
    return [key[1] for key in _read_words("labels.csv", LANGUAGES[0]) if key[0] == kind]


def list_known(name: str) -> list[str]:
    """The codes of a list that say something: without those of MISSING."""
    return [code for code in read_codes(name) if code not in MISSING]


@cache
def read_codes(name: str) -> dict[str, str]:
    """The codes of a list of `data/codes/registers.csv`, in its order, each with its group (""
    where it has none).

    `group` is the region of a nationality, the crime group (and form) of an offence code, the kind
    of a sector or of care. Raises BadInput for an unknown list.
    """
    rows = read_rows(CODES / "registers.csv")
    codes = {row["code"]: row["group"] for row in rows if row["list"] == name}
    if not codes:
        raise BadInput(f"no code list {name!r} in data/codes/registers.csv")
    return codes


@dataclass(frozen=True)
class Municipality:
    """A row of `data/codes/municipalities.csv`: what it is called (and `also` called), since when
    and until when (the day after its last one), and into which it went."""

    code: str
    name: str
    since: datetime.date | None
    until: datetime.date | None
    into: tuple[str, ...]
    also: tuple[str, ...]


@cache
def read_municipalities() -> dict[str, Municipality]:
    """The Dutch municipalities since 2015 by code; their source stands in
    `municipalities.source.yml`."""

    def read_day(day: str) -> datetime.date | None:
        return datetime.date.fromisoformat(day) if day else None

    return {
        row["code"]: Municipality(
            row["code"],
            row["name"],
            read_day(row["from_date"]),
            read_day(row["to_date"]),
            tuple(row["into"].split("|")) if row["into"] else (),
            tuple(row["also"].split("|")) if row["also"] else (),
        )
        for row in read_rows(CODES / "municipalities.csv")
    }


@cache
def read_lists() -> frozenset[str]:
    """The names of the code lists of `data/codes/registers.csv`; a column of a table that is named
    so holds codes of that list."""
    return frozenset(row["list"] for row in read_rows(CODES / "registers.csv"))


@cache
def _read_register_words(language: str) -> dict[tuple[str, str], str]:
    rows = read_rows(CODES / "registers.csv")
    return {(row["list"], row["code"]): row[language] for row in rows}


def text(code: str, language: str, **values: object) -> str:
    """The sentence `code` of `data/codes/texts.csv`, with its {places} filled in."""
    words = _read_words("texts.csv", language)
    if (code,) not in words:
        raise BadInput(
            f"text {code!r} has no row in data/codes/texts.csv; add it in English and Dutch"
        )
    try:
        return words[code,].format(**values)
    except KeyError as error:
        raise BadInput(
            f"text {code!r} in data/codes/texts.csv has a place {error} that nothing fills"
        ) from error


def translate(words: str, language: str) -> str:
    """Words that are declared once, in English, such as the menu or what a column means, in
    `language`: `data/codes/dutch.csv`. Raises BadInput where they have no row."""
    if language == LANGUAGES[0]:
        return words
    known = read_dutch()
    if words not in known:
        raise BadInput(f"data/codes/dutch.csv has no row for {words!r}; add its Dutch")
    return known[words]


@cache
def read_dutch() -> dict[str, str]:
    """The Dutch of words whose English is declared elsewhere, by the English."""
    rows = read_rows(CODES / "dutch.csv")
    words = {row["english"]: row["dutch"] for row in rows if row["dutch"]}
    if len(words) != len(rows):
        raise BadInput("data/codes/dutch.csv: a row stands twice or has no Dutch; mend it")
    return words


def format_date(date: str, language: str) -> str:
    """A day (2026-11-30), a month (2026-11) or a year as one reads it: 30 November 2026."""
    year, *rest = date.split("-")
    named = [label(f"month_{int(month)}", language, kind="month") for month in rest[:1]]
    return " ".join([*(str(int(day)) for day in rest[1:]), *named, year])


def format_number(value: float, language: str, *, decimals: int = 0) -> str:
    """`value` with the language's thousands and decimal marks: 1,234.5 in English, 1.234,5 in
    Dutch. A half is rounded away from zero, as readers do: 12.5% is 13% and not 12%."""
    thousands, decimal = _SEPARATORS[language]
    if math.isfinite(value):
        exact = Decimal(f"{float(value):.12g}")  # 28.499999999999996 is 28.5
        rounded = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
        return f"{rounded:,f}".translate(str.maketrans(",.", thousands + decimal))
    return f"{value:,.{decimals}f}"


def mark_decimals(words: str, language: str) -> str:
    """Words that are a number with a decimal point ("<0.001"), with the language's mark."""
    return words.replace(".", _SEPARATORS[language][1])


def format_share(share: float, language: str, *, decimals: int = 0) -> str:
    """A share between 0 and 1 as a percentage."""
    return format_number(100 * share, language, decimals=decimals) + "%"


def capitalise(words: str) -> str:
    """The words as a sentence begins: the first letter large, the others as they are."""
    return words[:1].upper() + words[1:]


def format_years(first: int, last: int) -> str:
    """Years from the first to the last as sentences name them; one year alone by itself."""
    return f"{first}–{last}" if last > first else str(last)


def format_list(words: list[str], language: str) -> str:
    """Words in one phrase: "a, b and c"."""
    if len(words) < 2:
        return "".join(words)
    return ", ".join(words[:-1]) + f" {text('and', language)} " + words[-1]
