"""How a Dutch or English text prints a number: is this value what that quote says?"""

from __future__ import annotations

import re

# Number words of the sources; the value is what the catalogue holds for them, in the row's unit.
_WORDS: dict[str, tuple[float, ...]] = {
    "de helft": (50,), "helft": (50,), "gehalveerd": (-50,), "halvering": (-50,),
    "een derde": (33.3,), "twee derde": (66.7,), "een kwart": (25,), "kwart": (25, -25), "driekwart": (75,),
    "verdubbeld": (2,), "verdriedubbeld": (3,), "verdriedubbeling": (3,), "anderhalf": (1.5,),
    "naar een": (1,), "een dagdeel": (1,), "meer dan een jaar": (1,), "een jaar en vier maanden": (16,),
    "twee": (2,), "drie": (3,), "derde jaar op rij": (3,), "vier": (4,), "vijf": (5,), "zes": (6,), "tien": (10,), "achttien": (18,),
}
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def list_printed_values(quote: str) -> set[float]:
    """Every value that the quote can stand for: its digits under both decimal marks, and its number words."""
    values: set[float] = set()
    for printed in _NUMBER.findall(quote):
        values |= _read_digits(printed)
    lowered = quote.lower()
    for words, meant in _WORDS.items():
        if re.search(rf"(?<!\w){re.escape(words)}(?!\w)", lowered):
            values |= set(meant)
    return values


def _read_digits(printed: str) -> set[float]:
    dutch = printed.replace(".", "").replace(",", ".")
    english = printed.replace(",", "")
    values = {float(text) for text in (dutch, english) if re.fullmatch(r"\d+(\.\d+)?", text)}
    return values


def is_printed(value: float, quote: str) -> bool:
    """True where the quote prints the value; a decrease may be printed without its sign."""
    printed = list_printed_values(quote)
    return any(abs(candidate - value) < 1e-9 or abs(candidate + value) < 1e-9 for candidate in printed)
