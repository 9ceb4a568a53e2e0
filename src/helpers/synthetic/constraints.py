"""What the synthetic registers must say: the published numbers that constrain them.

`data/codes/calibration_*.csv` joins a published number to the measure that counts it in the
registers. The printed value and its precision are read from the catalogue or the public facts; they
are typed nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

import numpy as np
import pandas as pd

from helpers import published
from helpers.edition import CODES, BadInput
from helpers.published.chi_square import HALF_A_DIGIT
from helpers.published.precision import FIVE, reach_widely

# hard: must be met. soft: printed for another cohort, or in loose words; shown, not enforced.
# excluded: cannot hold together with a hard constraint; `why_en` and `why_nl` name the arithmetic
# or the contradiction.
STANDINGS = ("hard", "soft", "excluded")
COLUMNS = [
    "chapter",
    "number",
    "key",
    "standing",
    "why_en",
    "why_nl",
    "line",
    "published",
    "unit",
    "precision",
]
HOLDS = "1"
# Words without a number, in percent: "nearly always" and "almost all" are more than nine in ten, "by far
# the most" is more than two in three, "practically the same" within two points.
ALMOST_ALL, BY_FAR, SAME_POINTS = 90, Decimal("66.7"), 2


@dataclass(frozen=True)
class Limits:
    """Where a number lies that is what was printed: limits included, or left out where `is_open`;
    None where there is none."""

    low: Decimal | None
    high: Decimal | None
    is_open: bool = False

    def hold(self, value: Decimal) -> bool:
        """True where the value lies within them."""
        if self.is_open:
            return (self.low is None or value > self.low) and (
                self.high is None or value < self.high
            )
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


def find_limits(printed: str, precision: str, unit: str = "") -> Limits:
    """The limits of a printed number by its precision. A change printed with a sign ("-25", more
    than) has the limits of its size; shares are percentages. Raises BadInput for an unknown
    precision."""
    value = abs(Decimal(printed))
    digit = Decimal(1).scaleb(int(value.as_tuple().exponent)) / 2
    if unit in ("statistic", "p_value"):
        digit = Decimal(str(HALF_A_DIGIT))
    half = {
        "exact": digit,
        "rounded_percent": digit,
        "rounded5": Decimal(FIVE) / 2,
        "about": max(reach_widely(value, is_percent=unit == "percent"), digit),
    }
    if precision in half:
        return Limits(value - half[precision], value + half[precision])
    bounds = {
        "more_than": Limits(value, None, True),
        "less_than": Limits(None, value, True),
        "at_least": Limits(value, None),
        "at_most": Limits(None, value),
    }
    if precision not in bounds:
        raise BadInput(f"precision {precision!r} is not known; use one of the catalogue's")
    return bounds[precision]


def read_constraints() -> pd.DataFrame:
    """One row a constraint (columns COLUMNS, all text), with its printed value, unit and precision.

    A statement of order has no number; its printed value is 1 ("it holds"). Raises BadInput naming
    file, row and remedy.
    """
    parts = [
        pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8").assign(
            chapter=path.stem.removeprefix("calibration_"), row=lambda part: part.index + 2
        )
        for path in sorted(CODES.glob("calibration_*.csv"))
    ]
    constraints = pd.concat(parts, ignore_index=True).fillna("")
    joined = constraints.merge(list_printable(), on="number", how="left").fillna("")
    _check_constraints(joined)
    is_order = joined["number"] == ""
    joined.loc[is_order, ["published", "unit", "precision"]] = [HOLDS, "order", "exact"]
    return joined[COLUMNS]


def list_printable() -> pd.DataFrame:
    """Value, unit and precision of every printed number that can be a constraint, by its id."""
    columns = ["id", "value", "unit", "precision"]
    facts = published.read_facts("public_statistics", "subject_statistics")
    is_share = facts["unit"].str.startswith("percent")
    facts = facts.assign(
        precision=published.find_precision(facts["unit"]),
        unit=facts["unit"].mask(is_share, "percent"),
    )
    both = pd.concat([published.read_numbers()[columns], facts[columns]], ignore_index=True)
    numbers = pd.to_numeric(both["value"], errors="coerce")
    values = [np.format_float_positional(float(value), trim="-") for value in numbers]
    return both.assign(published=values).rename(columns={"id": "number"}).drop(columns="value")


def _check_constraints(constraints: pd.DataFrame) -> None:
    faults = {
        "names no number of the catalogue or the facts": (constraints["number"] != "")
        & (constraints["published"] == ""),
        "has neither a number nor a line": (constraints["number"] == "")
        & (constraints["line"] == ""),
        f"has a standing other than {', '.join(STANDINGS)}": ~constraints["standing"].isin(
            STANDINGS
        ),
        "says not why, in both languages": (
            (constraints["standing"] != "hard") | (constraints["number"] == "")
        )
        & (constraints[["why_en", "why_nl"]].eq("").any(axis=1)),
        "names no measure": constraints["key"] == "",
        "constrains the same number by the same measure twice": constraints.duplicated(
            ["number", "key"]
        ),
    }
    for fault, wrong in faults.items():
        if wrong.any():
            first = constraints[wrong].iloc[0]
            raise BadInput(
                f"data/codes/calibration_{first['chapter']}.csv, row {first['row']}: {fault}; mend the row, or take it out"
            )


@cache
def list_enforced(standing: str = "hard") -> frozenset[str]:
    """The ids of the printed numbers that the made-up registers have to agree with, or of those
    with another standing; a statement of order has no number, and stands by its key."""
    constraints = read_constraints()
    names = constraints["number"].mask(constraints["number"] == "", constraints["key"])
    return frozenset(names[constraints["standing"] == standing])


@dataclass(frozen=True)
class Printed:
    """A printed number that must hold: its id, the value as printed, and its limits; `point` are
    those of its last digit, however loosely it was printed; `is_monitor` is False for a public
    statistic."""

    number: str
    value: Decimal
    limits: Limits
    point: Limits
    is_monitor: bool = True


@cache
def read_printed(chapter: str) -> dict[str, tuple[Printed, ...]]:
    """By measure, the printed numbers of a chapter that must hold."""
    rows = read_constraints()
    rows = rows[(rows["chapter"] == chapter) & (rows["standing"] == "hard")]
    catalogue = set(published.read_numbers()["id"])
    printed: dict[str, tuple[Printed, ...]] = {}
    for row in rows[rows["number"] != ""].itertuples():
        limits = find_limits(row.published, row.precision, row.unit)
        loose = row.precision == "about"
        point = find_limits(row.published, "exact") if loose else limits
        value, is_monitor = abs(Decimal(row.published)), row.number in catalogue
        one = Printed(row.number, value, limits, point, is_monitor)
        printed[row.key] = (*printed.get(row.key, ()), one)
    return printed
