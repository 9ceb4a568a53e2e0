"""A number as a claim sees it: with how far its rounding lets it reach, and where it comes from."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from helpers.edition import BadInput
from helpers.published.precision import FIVE, reach_closely

# Units in which a number is shown; an unknown unit of the catalogue is shown as a plain number.
COUNT, SHARE, NUMBER = "count", "share", "number"


class Undecided(Exception):
    """A test that no number decides. The code is the reason, as `data/codes/texts.csv` words it;
    `hidden` names the suppressed cells that were asked for."""

    def __init__(self, code: str, hidden: tuple[str, ...] = ()) -> None:
        super().__init__(code)
        self.code, self.hidden = code, hidden


@dataclass(frozen=True)
class Value:
    """A number between `low` and `high`, shown as `shown`; shares are 0 to 1.

    `origin` is published, register or computed, or "" for a number that nobody counted, such as a
    year. `precision` is that of the catalogue. `place` is where the number stands, as `name_row`
    writes it; of one that was computed, the first that it was computed from.
    """

    shown: float
    low: float
    high: float
    unit: str = NUMBER
    origin: str = ""
    precision: str = "exact"
    place: str = ""


def define_value(
    shown: float,
    *,
    unit: str = NUMBER,
    precision: str = "exact",
    origin: str = "",
    step: float = 0.0,
    place: str = "",
) -> Value:
    """A value that is as wide as its precision says; `step` is the unit of its last digit."""
    low, high = _find_limits(shown, precision, step)
    return Value(shown, low, high, unit, origin, precision, place)


def _find_limits(shown: float, precision: str, step: float) -> tuple[float, float]:
    if shown < 0:  # "fell by more than a quarter" is a change below minus a quarter
        low, high = _find_limits(-shown, precision, step)
        return -high, -low
    limits = {
        "rounded5": (shown - FIVE / 2, shown + FIVE / 2),
        "rounded_percent": (shown - step / 2, shown + step / 2),
        "about": (shown - reach_closely(shown), shown + reach_closely(shown)),
        "at_least": (shown, math.inf),
        "more_than": (math.nextafter(shown, math.inf), math.inf),
        "at_most": (-math.inf, shown),
        "less_than": (-math.inf, math.nextafter(shown, -math.inf)),
    }
    return limits.get(precision, (shown, shown))


def combine(left: Value, right: Value, operate: Callable[[float, float], float]) -> Value:
    """What an arithmetic operation makes of two values: a number computed here, unless both came
    from the register.

    Raises Undecided where it divides by zero.
    """
    try:
        ends = [operate(a, b) for a in (left.low, left.high) for b in (right.low, right.high)]
        shown = operate(left.shown, right.shown)
    except ZeroDivisionError:
        raise Undecided("undecided_zero") from None
    ends = [end for end in ends if not math.isnan(end)] or [-math.inf, math.inf]
    origins = {left.origin, right.origin} - {""}
    origin = "" if not origins else "register" if origins == {"register"} else "computed"
    unit = left.unit if left.unit == right.unit else NUMBER
    return Value(shown, min(ends), max(ends), unit, origin, place=left.place or right.place)


def is_less(left: Value, right: Value, *, or_equal: bool = False) -> bool | None:
    """Whether `left` is less than `right`; None where their rounding leaves it open."""
    if or_equal:
        opposite = is_less(right, left)
        return None if opposite is None else not opposite
    if left.high < right.low:
        return True
    return False if left.low >= right.high else None


def is_equal(left: Value, right: Value) -> bool | None:
    """Whether both are the same number; None where their rounding leaves it open."""
    if left.high < right.low or right.high < left.low:
        return False
    return True if left.low == left.high == right.low == right.high else None


def as_value(something: object) -> Value:
    """The number as a value. Raises BadInput for a word or a list where a number belongs."""
    if isinstance(something, Value):
        return something
    if isinstance(something, (int, float)) and not isinstance(something, bool):
        return define_value(float(something))
    raise BadInput(f"{something!r} stands where a number belongs")
