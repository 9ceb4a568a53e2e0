"""Printed chi-square tests against whole numbers of people, by arithmetic of the four counts."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest

from helpers.edition import BadInput
from helpers.published import counted_tests, judge_counted_tests, read_numbers
from helpers.published.counted_tests import (
    FEW,
    NEAR,
    Groups,
    judge_counts,
    list_groups,
    read_counted_tests,
)


def print_number(value: float, precision: str = "rounded5", unit: str = "victims") -> pd.Series:
    return pd.Series({"value": value, "unit": unit, "precision": precision})


def read_printed() -> dict[str, pd.Series]:
    return {row["id"]: row for _, row in read_numbers().iterrows()}


def find_statistic(a: int, n: int, b: int, m: int) -> float:
    """Pearson's, of a of n and b of m: (n + m) (a (m - b) - b (n - a))^2 over the four sums."""
    difference = a * (m - b) - b * (n - a)
    return (n + m) * difference**2 / ((a + b) * (n + m - a - b) * n * m)


def test_sizes_that_belong_together():
    """145 and 24,990 are 143 to 147 and 24,988 to 24,992; together 25,140, which is 25,138 to
    25,142, so that only the largest of both can be."""
    known = {
        "persons": print_number(145),
        "others": print_number(24990),
        "together": print_number(25140),
        "events": print_number(38, "rounded_percent", "percent"),
    }
    groups = list_groups(known)
    assert all(one.persons + one.others >= 25138 for one in groups) and len(groups) == 3
    # 38 percent of 146 is 54.75 to 56.21 people, of 147 55.125 to 56.595; of the others, anybody.
    assert {one[2:4] for one in groups} == {(55, 56), (56, 56)}
    assert all((one.other_least, one.other_most) == (0, one.others) for one in groups)


def test_so_many_others_to_each_person():
    """1,630 and 1,630,000, with 1,000 to each: 1,629 would be 1,629,000."""
    known = {
        "persons": print_number(1630),
        "others": print_number(1630000),
        "each": print_number(1000, "exact", "controls"),
        "within": print_number(95),
        "other_events": print_number(1, "less_than", "percent"),
    }
    assert list_groups(known) == (Groups(1630, 1630000, 0, 97, 0, 16300),)


SMALL = Groups(40, 200, 11, 13, 20, 40)


def test_a_verdict_is_that_of_every_count_tried_by_hand():
    """Eleven to thirteen of 40 against 20 to 40 of 200: 63 statistics, of which few lie near each."""
    every = [
        find_statistic(a, 40, b, 200) for a, b in itertools.product(range(11, 14), range(20, 41))
    ]
    value = round(every[5], 3)
    near = [one for one in every if abs(one - value) <= NEAR * value]
    assert 0 < len(near) / (2 * NEAR * value / 0.001) < FEW
    assert judge_counts(value, (SMALL,)) == "possible"
    between = next(
        value + step / 1000
        for step in range(1, 100)
        if not any(abs(one - value - step / 1000) <= 0.0006 for one in every)
    )
    assert judge_counts(between, (SMALL,)) == "not_possible"


def test_where_nearly_every_statistic_can_be_had_nothing_is_told():
    """Any of 300 against any of 30,000, at 5.000: the counts are so many that each thousandth is hit."""
    assert judge_counts(5.0, (Groups(300, 30000, 0, 300, 0, 30000),)) == "not_decidable"


def test_three_of_eight_tests_are_held_against_something():
    verdicts = {name: found[0] for name, found in judge_counted_tests(read_printed()).items()}
    assert set(verdicts) == set(read_counted_tests()["test"])
    assert {name for name, verdict in verdicts.items() if verdict == "possible"} == {
        "sm20-260",
        "sm20-321",
        "sm20-341",
    }
    assert set(verdicts.values()) == {"possible", "not_decidable"}


@pytest.mark.parametrize("name", ["sm20-260", "sm20-321", "sm20-341"])
def test_a_tampered_statistic_is_found(name):
    """Forty misprints of each, in its last digits: of those that whole people cannot give there are
    at least four fifths."""
    printed = read_printed()
    true, found = printed[name], []
    for step in [*range(-20, 0), *range(1, 21)]:
        printed[name] = true.copy()
        printed[name]["value"] = float(true["value"]) + 0.037 * step
        found.append(judge_counted_tests(printed)[name][0])
    assert found.count("not_possible") >= (1 - FEW) * len(found)


def test_the_statistic_that_contradicts_its_share_is_found_too(monkeypatch):
    """sm20-c34: no counts of 41 percent give 1,340.326."""
    row = {"test": "sm20-256", "events": "sm20-230", "persons": "sm20-228"}
    row |= {"others": "sm20-229", "together": "sm20-258"}
    table = pd.DataFrame([row]).reindex(columns=counted_tests.COLUMNS).fillna("")
    monkeypatch.setattr(counted_tests, "read_counted_tests", lambda: table)
    assert judge_counted_tests(read_printed())["sm20-256"][0] == "not_possible"


def test_a_number_that_nobody_printed_is_refused(monkeypatch):
    table = read_counted_tests()
    table.loc[2, "persons"] = "sm20-999"
    monkeypatch.setattr(counted_tests, "read_counted_tests", lambda: table)
    with pytest.raises(BadInput, match=r"counted_tests\.csv, row \d+: nobody printed sm20-999"):
        judge_counted_tests(read_printed())
