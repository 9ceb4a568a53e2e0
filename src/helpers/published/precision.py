"""How far a printed number reaches where its source rounded it or spoke loosely."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeVar

Number = TypeVar("Number", float, Decimal)

# The statistics office rounds counts to the nearest five.
FIVE = 5
# No source says how far its "about" reaches. What could have been printed so is read widely: a tenth
# of the value, or five points of a percentage. What a sentence says with it is read closely, a
# twentieth: read widely, "about half" would never be more than 45%.
_WIDE_SHARE, _WIDE_POINTS = Decimal("0.1"), Decimal(5)
_CLOSE_SHARE = Decimal("0.05")


def reach_widely(value: Number, *, is_percent: bool) -> Number:
    """How far "about" this value may reach on each side, at the most."""
    kind = type(value)
    return kind(_WIDE_POINTS) if is_percent else kind(_WIDE_SHARE) * abs(value)


def reach_closely(value: Number) -> Number:
    """How far "about" this value reaches on each side, as a reader takes it."""
    return type(value)(_CLOSE_SHARE) * abs(value)
