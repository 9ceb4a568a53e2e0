"""What the tests of contradictions share: a case read by hand in a document, and the check of its
arithmetic."""

from __future__ import annotations

import re
from typing import NamedTuple


class Case(NamedTuple):
    """What the lines print, whether the stated reading holds, and the numbers that its arithmetic
    may name."""

    printed: dict[int, tuple[str, ...]]
    holds: bool
    figures: set[float]


def share(part: float, whole: float, decimals: int = 1) -> float:
    return round(100 * part / whole, decimals)


def rounds_to(value: float, printed: float) -> bool:
    """True where the value, rounded to a whole number, is the printed one."""
    return abs(value - printed) <= 0.5


def list_numbers(text: str) -> set[float]:
    """Every number in an English text: 1,247 is 1247, 5.7 is 5.7."""
    return {
        float(found.replace(",", "")) for found in re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", text)
    }


def check_case(case: Case, arithmetic: str) -> None:
    if case.holds:
        raise AssertionError("the stated reading holds: no contradiction")
    wrong = list_numbers(arithmetic) ^ case.figures
    if wrong:
        raise AssertionError(
            f"figures that do not follow from the printed numbers, or are not named: {sorted(wrong)}"
        )
