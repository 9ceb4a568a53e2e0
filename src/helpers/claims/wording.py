"""How a claim reads: its numbers in the edition's language, and words such as "a quarter" or "for
the third year in a row" by the rules that stand here and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from helpers.claims.values import COUNT, SHARE, Value, as_value
from helpers.edition import BadInput
from helpers.labels import capitalise, format_list, format_number, format_share, label, text
from helpers.published.catalogue import VAGUE
from helpers.wording import COMPUTED_LETTER, MARK_LETTERS, count_decimals

PLACE = re.compile(r"\{(\w+)(?::(\w+))?\}")
# Behind it stands the letter: Dutch goes on after it ("met 70% gedaald").
LAST_NUMBER = re.compile(r"\d%?(?!.*\d)")
FRACTIONS = {
    "tenth": 1 / 10,
    "fifth": 1 / 5,
    "quarter": 1 / 4,
    "third": 1 / 3,
    "half": 1 / 2,
    "two_thirds": 2 / 3,
    "three_quarters": 3 / 4,
}
# A share this near to a fraction is the fraction; up to the second it is nearly or more than it.
ON_FRACTION, NEAR_FRACTION = 0.005, 0.03
# A number that went up or down by less than this share stayed about the same.
STEADY = 0.02
# Up to this much short of twice (three times) it nearly doubled, up to this much over it more than did.
NEAR_MULTIPLE, OVER_MULTIPLE = 0.2, 0.5
ON_MULTIPLE = 0.05
SPELLED = 12


def fill(
    words: str,
    values: dict[str, Any],
    language: str,
    *,
    letters: bool = True,
    only: Collection[str] | None = None,
) -> str:
    """The sentence with its {places} filled in; with `letters` every number has the letter that
    says where it comes from. Where `only` some are asked, dots stand in the others."""

    def write(place: re.Match[str]) -> str:
        if only is not None and place[1] not in only:
            return "…"
        return write_value(values[place[1]], place[2] or "plain", language, letters=letters)

    return capitalise(PLACE.sub(write, words))


def write_value(value: Any, form: str, language: str, *, letters: bool = True) -> str:
    """One value in words. Raises BadInput for a form that there is not."""
    if form not in FORMS:
        raise BadInput(f"no form {form!r}; there are {', '.join(FORMS)}")
    words = FORMS[form](value, language)
    if not (letters and isinstance(value, Value) and value.origin):
        return words
    letter = COMPUTED_LETTER if value.origin == "computed" else MARK_LETTERS[value.origin]
    return LAST_NUMBER.sub(lambda found: found[0] + letter, words)


def _plain(value: Any, language: str) -> str:
    """As its unit says; codes by their label, years as they are."""
    if isinstance(value, list):
        return format_list([_plain(part, language) for part in value], language)
    if isinstance(value, str):
        return label(value, language)
    if isinstance(value, int):
        return str(value)
    number = as_value(value)
    if number.unit == SHARE:
        decimals = 0 if number.origin == "computed" else count_decimals(100 * number.shown, 1)
        return format_share(number.shown, language, decimals=decimals)
    decimals = 0 if number.unit == COUNT else count_decimals(number.shown, 1)
    words = format_number(number.shown, language, decimals=decimals)
    return f"€ {words}" if number.unit == "eur" else words


def _one_decimal(value: Any, language: str) -> str:
    return _write_by_unit(as_value(value), language, decimals=1)


def _write_by_unit(number: Value, language: str, *, decimals: int = 0) -> str:
    form = format_share if number.unit == SHARE else format_number
    return form(number.shown, language, decimals=decimals)


def _fraction(value: Any, language: str) -> str:
    """A fraction where the share is near to one, else the percentage."""
    precision = as_value(value).precision
    words = _name_fraction(abs(as_value(value).shown), language)
    return text(precision, language, value=words) if precision in VAGUE else words


def _name_fraction(share: float, language: str) -> str:
    name, fraction = min(FRACTIONS.items(), key=lambda pair: abs(pair[1] - share))
    if abs(share - fraction) > NEAR_FRACTION:
        return format_share(share, language)
    words = text(f"fraction_{name}", language)
    if abs(share - fraction) <= ON_FRACTION:
        return words
    return text("fraction_over" if share > fraction else "fraction_nearly", language, value=words)


def _times(value: Any, language: str) -> str:
    """What became of a number that is so many times what it was: doubled, nearly tripled, rose or
    fell by a percentage."""
    ratio = as_value(value).shown
    for multiple, name in ((2, "doubled"), (3, "tripled"), (0.5, "halved")):
        words, far = text(name, language), ratio / multiple - 1
        if abs(far) <= ON_MULTIPLE:
            return words
        if -NEAR_MULTIPLE / 2 <= far < 0 and multiple > 1:
            return text("fraction_nearly", language, value=words)
        if 0 < far <= OVER_MULTIPLE / 2 and multiple > 1:
            return text("multiple_over", language, value=words)
    by = format_share(abs(ratio - 1), language)
    return text("rose_by" if ratio > 1 else "fell_by", language, value=by)


def _direction(form: str) -> Callable[[Any, str], str]:
    def words(value: Any, language: str) -> str:
        change = as_value(value).shown
        way = "steady" if abs(change) < STEADY else "up" if change > 0 else "down"
        return text(f"{form}_{way}", language)

    return words


def _streak(value: Any, language: str) -> str:
    """For the third year in a row; nothing for a single year."""
    length = abs(int(as_value(value).shown))
    return text("streak", language, ordinal=text(f"ordinal_{length}", language))


def _spelled(value: Any, language: str) -> str:
    number = as_value(value).shown
    if number == int(number) and 0 < number <= SPELLED:
        return text(f"number_{int(number)}", language)
    return format_number(number, language)


def _size(value: Any, language: str) -> str:
    number = as_value(value)
    return _write_by_unit(replace(number, shown=abs(number.shown)), language)


def _qualified(value: Any, language: str) -> str:
    """As printed: "more than" and "about" where the source says so."""
    words = _plain(value, language)
    precision = as_value(value).precision
    return text(precision, language, value=words) if precision in VAGUE else words


def _rounded(value: Any, language: str) -> str:
    return format_number(as_value(value).shown, language)


FORMS: dict[str, Callable[[Any, str], str]] = {
    "plain": _plain,
    "one": _one_decimal,
    "fraction": _fraction,
    "times": _times,
    "went": _direction("went"),
    "went_many": _direction("went_many"),
    "streak": _streak,
    "spelled": _spelled,
    "size": _size,
    "rounded": _rounded,
    "qualified": _qualified,
}
