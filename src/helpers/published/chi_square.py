"""The chi-square tests that the monitor prints, worked out again from the numbers that it prints
beside them.

Printed numbers are rounded, so a statistic is not one value but a range. Whether the printed one
lies in it is all that is said here. The audit of `disclosure` does look for the counts that would
give it, to find what must stay hidden, and tells none.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import scipy

from helpers.edition import PUBLISHED, BadInput
from helpers.published.precision import FIVE, reach_widely
from helpers.published.printed import read_table

COLUMNS = ["test", "persons", "events", "first", "second", "first_persons", "second_persons"]
FREEDOMS = range(1, 7)
_GRID = 201
# A range whose end is more than so many times its beginning, or that begins at 0, tells nothing.
WIDEST = 10.0
# Statistics and p-values are printed to three decimals, though the catalogue's numbers drop noughts
# at the end (20,600 is 20.6): half of the last digit.
HALF_A_DIGIT = 0.0005
Share = TypeVar("Share", float, np.ndarray)


def read_printed_tests() -> pd.DataFrame:
    """Which printed numbers belong to which printed test (columns COLUMNS, ids of the catalogue; ""
    for none): the size of both groups together and how many of them have the event; for each of two
    groups a share or a count, and its size."""
    return read_table(PUBLISHED / "printed_tests.csv", COLUMNS)


def check_printed_tests(
    numbers: pd.DataFrame, plan: pd.DataFrame, *, figures: str, years: range
) -> pd.DataFrame:
    """Every chi-square that the catalogue (`numbers`) has for figures that begin so, within
    `years`, one row each: category, period, value (the statistic), unit, p_value (as text),
    degrees_of_freedom (as text, "" where none is printed), freedom, ci_lower and ci_upper (the
    range), verdict, status, mark, source.

    `freedom` says which degrees of freedom give the printed p-value, or that the printed ones
    cannot be (a table of two groups by yes and no has one). `verdict`: possible, not_possible, or
    not_decidable where too little is printed. Raises BadInput for an unknown id.
    """
    by_id = numbers.set_index("id")
    unknown = sorted((set(plan.to_numpy().ravel()) - {""}) - set(by_id.index))
    if unknown:
        raise BadInput(
            f"data/published/printed_tests.csv names {len(unknown)} numbers that the catalogue lacks, such as {unknown[0]}; mend the row"
        )
    planned = plan.set_index("test")
    rows = []
    for test in numbers[
        (numbers["measure"] == "chi_square") & numbers["figure"].str.startswith(figures)
    ].itertuples():
        if not {int(test.period[:4]), int(test.period[-4:])} <= set(years):
            continue
        beside = (
            numbers[(numbers["line"] == test.line) & (numbers["category"] == test.category)]
            .drop_duplicates("measure")
            .set_index("measure")
        )
        p_value, freedom = (
            beside.loc["chi_square_p"],
            float(beside["value"].get("chi_square_df", np.nan)),
        )
        lowest, highest = (
            _find_range(by_id, planned.loc[test.id])
            if test.id in planned.index
            else (np.nan, np.nan)
        )
        rows.append(
            {
                "category": _name_test(test),
                "period": test.period,
                "value": f"{test.value:.10g}",  # as it is printed, in all its digits
                "ci_lower": lowest,
                "ci_upper": highest,
                "unit": "statistic",
                "p_value": ("<" if p_value["precision"] == "less_than" else "")
                + f"{p_value['value']:.3f}",
                "degrees_of_freedom": "" if np.isnan(freedom) else f"{freedom:.0f}",
                "freedom": _judge_freedom(test, p_value, freedom),
                "verdict": _judge_range(test.value, lowest, highest),
                "source": test.id,
            }
        )
    return pd.DataFrame(
        rows,
        columns=[
            "category",
            "period",
            "value",
            "ci_lower",
            "ci_upper",
            "unit",
            "p_value",
            "degrees_of_freedom",
            "freedom",
            "verdict",
            "source",
        ],
    ).assign(status="released", mark="published")


def _judge_range(value: float, lowest: float, highest: float) -> str:
    """A statistic outside its range cannot be; inside one so wide that it tells nothing, as inside
    none, too little is printed."""
    if np.isnan(lowest):
        return "not_decidable"
    if not lowest <= value <= highest:
        return "not_possible"
    return "possible" if highest <= WIDEST * lowest else "not_decidable"


def _name_test(test) -> str:
    """The figure for a test that names no group of its own, else the group."""
    return (
        f"test_figure_{test.figure.replace('.', '_')}"
        if test.category.endswith(":all")
        else f"test_{test.category}"
    )


def _judge_freedom(test, p_value: pd.Series, printed: float) -> str:
    if not np.isnan(printed):
        return (
            "as_printed"
            if printed == 1 or not test.population.endswith("_vs_controls")
            else "not_two_by_two"
        )
    fitting = [
        number
        for number in FREEDOMS
        if _agrees(float(scipy.special.chdtrc(number, test.value)), p_value)
    ]
    return (
        "none_fits" if not fitting else f"fits_{fitting[0]}" if len(fitting) == 1 else "several_fit"
    )


def _agrees(computed: float, printed: pd.Series) -> bool:
    return (
        computed < printed["value"]
        if printed["precision"] == "less_than"
        else abs(computed - printed["value"]) <= HALF_A_DIGIT
    )


def bound(row: pd.Series | Mapping[Any, Any]) -> tuple[float, float]:
    """The lowest and highest number that would be printed so."""
    value, precision = float(row["value"]), row["precision"]
    if precision in ("more_than", "at_least"):
        return value, 100.0 if row["unit"] == "percent" else np.inf
    if precision in ("less_than", "at_most"):
        return 0.0, value
    about = reach_widely(value, is_percent=row["unit"] == "percent")
    decimals = 0 if value == round(value) else len(f"{value:.10g}".partition(".")[2])
    half = {"rounded5": FIVE / 2, "about": about, "rounded_percent": 0.5 * 10.0**-decimals}.get(
        precision, 0.0
    )
    return value - half, value + half


def _find_range(by_id: pd.DataFrame, plan: pd.Series) -> tuple[float, float]:
    first, second = by_id.loc[plan["first"]], by_id.loc[plan["second"]]
    if plan["first_persons"]:
        return _range_of_groups(
            *(
                _bound_part(part, by_id.loc[plan[size]])
                for part, size in ((first, "first_persons"), (second, "second_persons"))
            )
        )
    return _range_of_shares(
        bound(by_id.loc[plan["persons"]]),
        bound(by_id.loc[plan["events"]]),
        bound(first),
        bound(second),
    )


def _bound_part(part: pd.Series, persons: pd.Series) -> list[tuple[float, float]]:
    """The least and the most share with the event that whole people can make, by each size that
    would be printed so: (share, size)."""
    found = []
    for size in list_counts(persons):
        if part["unit"] == "percent":
            low, high = bound(part)
            events = (np.ceil(low / 100 * size), np.floor(high / 100 * size))
        else:
            events = (list_counts(part)[0], list_counts(part)[-1])
        found += [(float(event) / size, float(size)) for event in events if event <= size]
    return found


def list_counts(row: pd.Series) -> range:
    """The whole numbers that would be printed so; 143 to 147 are printed as 145."""
    low, high = bound(row)
    return (
        range(math.floor(low) + 1, math.ceil(high)) if low < high else range(int(low), int(low) + 1)
    )


def _range_of_groups(
    first: list[tuple[float, float]], second: list[tuple[float, float]]
) -> tuple[float, float]:
    """The statistic rises with the distance of the shares, so the extremes lie where each group
    has the least or the most events that belong to its size; or it is 0 where the shares can be
    equal."""
    values = [find_chi_square(*one, *other) for one, other in itertools.product(first, second)]
    overlap = min(first)[0] <= max(second)[0] and min(second)[0] <= max(first)[0]
    return 0.0 if overlap else min(values), max(values)


def find_chi_square(share: Share, persons: float, other_share: Share, others: float) -> Share:
    """Pearson's statistic of two shares, or of arrays of them, without continuity correction."""
    whole = (share * persons + other_share * others) / (persons + others)
    return (share - other_share) ** 2 / (whole * (1 - whole) * (1 / persons + 1 / others))


def _range_of_shares(
    persons: tuple, events: tuple, first: tuple, second: tuple
) -> tuple[float, float]:
    """Where only both groups together have a printed size: n (p - q)(r - p) / (p (1 - p)), with p
    the share of all and q and r those of the groups, which lie on either side of it."""
    share = np.linspace(events[0] / persons[1], events[1] / persons[0], _GRID)
    upper, lower = (np.array(part) / 100 for part in (max(first, second), min(first, second)))
    values = [
        n * np.clip(share - q, 0, None) * np.clip(r - share, 0, None) / (share * (1 - share))
        for n, q, r in itertools.product(persons, lower, upper)
    ]
    return float(np.min(values)), float(np.max(values))
