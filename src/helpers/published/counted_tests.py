"""Printed chi-square tests of two groups by yes and no, held against whole numbers of people.

The range of a statistic (`chi_square`) is wide where a share is barely printed, and yet most statistics
in it are those of no people at all. Here every count that would be printed as the source prints it is
tried, and the verdict alone is told: never which counts, nor how many, give the statistic.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers.edition import PUBLISHED, BadInput
from helpers.published.chi_square import HALF_A_DIGIT, bound, find_chi_square, list_counts
from helpers.published.printed import read_table

COLUMNS = ["test", "events", "within", "other_events", "persons", "others", "together", "each"]
# A statistic is held against something where counts give at most this part of the statistics, to
# three decimals, that lie within NEAR of it: a misprint is then found more often than not.
FEW, NEAR = 0.2, 0.1
POSSIBLE, NOT_POSSIBLE, NOT_DECIDABLE = "possible", "not_possible", "not_decidable"


class Groups(NamedTuple):
    """How many people two groups can be, and the least and the most with the event of each."""

    persons: int
    others: int
    least: int
    most: int
    other_least: int
    other_most: int


def read_counted_tests() -> pd.DataFrame:
    """Of each printed test the numbers that are printed of its groups (columns COLUMNS, ids of the
    catalogue; "" for none): the events as a count or a share, or the count that they are `within`; the
    size of each group and of both together, and how many others there are to `each` person."""
    return read_table(PUBLISHED / "counted_tests.csv", COLUMNS)


def judge_counted_tests(printed: Mapping[str, pd.Series]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Of each test of `read_counted_tests` the verdict, and the numbers that it was held against;
    `printed` by id has value, unit and precision. Raises BadInput for an id that nobody printed."""
    found = {}
    for place, row in enumerate(read_counted_tests().to_dict("records"), start=2):
        unknown = [name for name in row.values() if name and name not in printed]
        if unknown:
            raise BadInput(
                f"data/published/counted_tests.csv, row {place}: nobody printed {unknown[0]}; mend it"
            )
        known = {column: printed[name] for column, name in row.items() if name}
        verdict = judge_counts(float(known.pop("test")["value"]), list_groups(known))
        found[row["test"]] = verdict, tuple(dict.fromkeys(row[column] for column in known))
    return found


def list_groups(known: Mapping[str, pd.Series]) -> tuple[Groups, ...]:
    """Every two sizes that can belong together, with the events that each can have."""
    groups = []
    for persons in list_counts(known["persons"]):
        for others in list_counts(known["others"]):
            if "together" in known and persons + others not in list_counts(known["together"]):
                continue
            if "each" in known and others != float(known["each"]["value"]) * persons:
                continue
            own = _list_events(known.get("events"), persons)
            if "within" in known:
                own = own[0], min(own[1], list_counts(known["within"])[-1])
            groups.append(
                Groups(persons, others, *own, *_list_events(known.get("other_events"), others))
            )
    return tuple(groups)


def _list_events(row: pd.Series | None, persons: int) -> tuple[int, int]:
    """The least and the most of these people with the event, all of them where nothing is printed."""
    if row is None:
        return 0, persons
    if row["unit"] != "percent":
        counts = list_counts(row)
        return counts[0], min(counts[-1], persons)
    low, high = bound(row)
    return math.ceil(low / 100 * persons), math.floor(high / 100 * persons)


@cache
def judge_counts(value: float, groups: tuple[Groups, ...]) -> str:
    """`not_possible` where no counts give the statistic as it is printed, `possible` where some do and
    few other statistics of about its size could be had; else `not_decidable`."""
    low, high = value * (1 - NEAR), value * (1 + NEAR)
    steps = 2 * HALF_A_DIGIT
    is_had = np.zeros(math.ceil((high - low) / steps) + 1, bool)
    is_possible = False
    for one in groups:
        others = np.arange(one.other_least, one.other_most + 1) / one.others
        for events in range(one.least, one.most + 1):
            share = np.full_like(others, events / one.persons)
            with np.errstate(divide="ignore", invalid="ignore"):  # nobody or everybody
                found = find_chi_square(share, one.persons, others, one.others)
            near = found[(found >= low) & (found <= high)]
            is_possible |= bool((np.abs(near - value) <= HALF_A_DIGIT).any())
            is_had[np.round((near - low) / steps).astype(int)] = True
    if not is_possible:
        return NOT_POSSIBLE
    return POSSIBLE if is_had.mean() <= FEW else NOT_DECIDABLE
