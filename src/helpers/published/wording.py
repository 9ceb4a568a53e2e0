"""How a Dutch or English text prints a number: is this value what that quote says?"""

from __future__ import annotations

import re
from functools import cache

_UNITS = {
    "nul": 0,
    "een": 1,
    "één": 1,
    "eén": 1,
    "éen": 1,
    "twee": 2,
    "drie": 3,
    "vier": 4,
    "vijf": 5,
    "zes": 6,
    "zeven": 7,
    "acht": 8,
    "negen": 9,
}
_TENS = {
    "twintig": 20,
    "dertig": 30,
    "veertig": 40,
    "vijftig": 50,
    "zestig": 60,
    "zeventig": 70,
    "tachtig": 80,
    "negentig": 90,
}
_CARDINALS: dict[str, float] = {
    **_UNITS,
    "tien": 10,
    "elf": 11,
    "twaalf": 12,
    "dertien": 13,
    "veertien": 14,
    "vijftien": 15,
    "zestien": 16,
    "zeventien": 17,
    "achttien": 18,
    "negentien": 19,
    **_TENS,
    "honderd": 100,
    "duizend": 1000,
    "anderhalf": 1.5,
    "anderhalve": 1.5,
    "half": 0.5,
    "halve": 0.5,
    **{
        f"{unit}{join}{ten}": value + units
        for ten, value in _TENS.items()
        for unit, units in _UNITS.items()
        if units
        for join in ("en", "ën")
    },
    **{
        f"{unit}{hundred}": units * value
        for hundred, value in (("honderd", 100), ("duizend", 1000))
        for unit, units in _UNITS.items()
        if units > 1
    },
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
}
_PARTS = {
    "derde": 3,
    "derden": 3,
    "kwart": 4,
    "vierde": 4,
    "vijfde": 5,
    "zesde": 6,
    "zevende": 7,
    "achtste": 8,
    "negende": 9,
    "tiende": 10,
    "third": 3,
    "thirds": 3,
    "quarter": 4,
    "quarters": 4,
    "fifth": 5,
    "fifths": 5,
}
_MULTIPLES = {
    "duizend": 1e3,
    "thousand": 1e3,
    "miljoen": 1e6,
    "million": 1e6,
    "miljard": 1e9,
    "billion": 1e9,
}
_TIMES = ("dag", "dagdeel", "week", "maand", "jaar", "uur")
# Words that are no number of their own; the value is what the catalogue holds for them, in the
# row's unit.
_WORDS: dict[str, tuple[float, ...]] = {
    "de helft": (50,),
    "helft": (50,),
    "half of": (50,),
    "gehalveerd": (-50,),
    "halvering": (-50,),
    "een kwart": (25,),
    "kwart": (25, -25),
    "driekwart": (75,),
    "verdubbeld": (2,),
    "verdubbeling": (2,),
    "verdrievoudigd": (3,),
    "verdriedubbeld": (3,),
    "verdriedubbeling": (3,),
    "verviervoudigd": (4,),
    "vertienvoudigd": (10,),
    "naar een": (1,),
    "een jaar en vier maanden": (16,),
    "derde jaar op rij": (3,),
    "tweede plaats": (2,),
    "tweede en derde plaats": (2, 3),
    "dozijn": (12,),
    "geen": (0,),
    "geen enkel": (0,),
    "geen enkele": (0,),
    "geen van": (0,),
    "niemand": (0,),
}
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_WORD = re.compile(r"[^\W\d_]+")


@cache
def list_printed_values(quote: str) -> frozenset[float]:
    """Every value that the quote can stand for: its digits under both decimal marks, its number
    words, and its fractions ("twee derde", "een op de vijf") as percentages."""
    values: set[float] = set()
    lowered = quote.lower()
    for found in _NUMBER.finditer(lowered):
        printed = _read_digits(found.group())
        values |= printed | _multiply(printed, lowered[found.end() :])
    words = [(found.group().removesuffix("tal"), found.end()) for found in _WORD.finditer(lowered)]
    if words and lowered.endswith("-"):
        words[-1:] = [(whole, len(lowered)) for whole in _complete(words[-1][0])]
    for place, (word, end) in enumerate(words):
        if word in _CARDINALS:
            values |= _multiply({_CARDINALS[word]}, lowered[end:])
            following = words[place + 1][0] if place + 1 < len(words) else ""
            if word != "een" or following in _TIMES:  # "een" is most often the article
                values.add(_CARDINALS[word])
            if place + 1 < len(words) and words[place + 1][0] in _PARTS:
                values.add(round(100 * _CARDINALS[word] / _PARTS[words[place + 1][0]], 1))
        elif word in _PARTS:
            values.add(round(100 / _PARTS[word], 1))
    values |= _read_odds(lowered)
    for phrase, meant in _WORDS.items():
        if re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", lowered):
            values |= set(meant)
    return frozenset(values)


def _complete(start: str) -> list[str]:
    """The number words that a word cut at the end of a line ("een der-") can be; the word itself
    where there are none."""
    return [word for word in (*_CARDINALS, *_PARTS) if word.startswith(start)] or [start]


def _read_digits(printed: str) -> set[float]:
    dutch = printed.replace(".", "").replace(",", ".")
    english = printed.replace(",", "")
    return {float(text) for text in (dutch, english) if re.fullmatch(r"\d+(\.\d+)?", text)}


def _multiply(values: set[float], rest: str) -> set[float]:
    """The values times a "miljoen" or the like that follows them."""
    following = _WORD.match(rest.lstrip(" -"))
    factor = _MULTIPLES.get(following.group()) if following else None
    return {round(value * factor, 6) for value in values} if factor else set()


def _read_odds(lowered: str) -> set[float]:
    """Phrases such as "een op de vijf" and "1 op 10", as percentages."""
    found = re.findall(r"(\w+) (?:op de|op|van de|in|out of) (\w+)", lowered)
    pairs = [(_read_count(part), _read_count(whole)) for part, whole in found]
    return {round(100 * part / whole, 1) for part, whole in pairs if part is not None and whole}


def _read_count(word: str) -> float | None:
    return float(word) if word.isdecimal() else _CARDINALS.get(word)


def is_printed(value: float, quote: str) -> bool:
    """True where the quote prints the value; a decrease may be printed without its sign."""
    printed = list_printed_values(quote)
    return any(
        abs(candidate - value) < 1e-9 or abs(candidate + value) < 1e-9 for candidate in printed
    )
