"""What sources say of counts without a number: against sentences and counts by hand."""

from __future__ import annotations

import itertools
from math import inf

import pytest

from helpers.disclosure.audit import find_ranges
from helpers.disclosure.cells import SOMEBODY, Cell, parse_terms
from helpers.disclosure.sentences import (
    add_ranges,
    is_sentence,
    parse_signed,
    read_sentences,
)

X, Y, Z = (parse_terms(f"a[k={code}]")[0] for code in "xyz")
W, V = (parse_terms(f"b[k={code}]")[0] for code in "wv")


def read(words: str, **values: str) -> list:
    return list(read_sentences("order:t", words, values))


def attack(words: str, ranges: dict, wanted: Cell, known=(X, Y, Z, W, V)) -> tuple[float, float]:
    """The range of a cell by what is said and by these ranges."""
    said = [one for own in read(words) for one in own.expand(known)]
    own = dict(ranges)
    laws = [law for one in said if not one.narrow(own) for law in one.write_laws("t", ranges)]
    return find_ranges(laws, {**own, SOMEBODY: (1, 1)}, [wanted])[wanted]


# (what is said, of which three counts with these ranges, as a test of the counts)
RANGES = {X: (0, 9), Y: (2, 5), Z: (1, 3)}
SAID = {
    "a[k=x] > a[k=y]": lambda x, y, z: x > y,
    "a[k=y] >= a[k=x] + a[k=z]": lambda x, y, z: y >= x + z,
    "a[k=x] = 2": lambda x, y, z: x == 2,
    "7 >= a[k=x]": lambda x, y, z: x <= 7,
    "a[k=x] > 2 a[k=y] + 1": lambda x, y, z: x > 2 * y + 1,
    "a[k=x] - a[k=z] = a[k=y]": lambda x, y, z: x - z == y,
    "a[k=x] > a[k=y] | a[k=z]": lambda x, y, z: x > y and x > z,
    "a[k=y] | a[k=z] >= a[k=x]": lambda x, y, z: y >= x and z >= x,
    "a[k=x] > a[k=*!x]": lambda x, y, z: x > y and x > z,
    "a[k=x] >= a[k=*]": lambda x, y, z: x >= y and x >= z,
    "a[k=**] = 6": lambda x, y, z: x + y + z == 6,
}


@pytest.mark.parametrize("words", SAID)
def test_what_is_said_leaves_what_brute_force_leaves(words):
    lists = [range(low, high + 1) for low, high in RANGES.values()]
    fits = [x for x, *rest in itertools.product(*lists) if SAID[words](x, *rest)]
    assert attack(words, RANGES, X) == (min(fits), max(fits))


@pytest.mark.parametrize("wholes", [(20, 20, 50, 50), (20, 24, 50, 55)])
def test_a_comparison_of_shares_keeps_each_count_that_is_possible(wholes):
    """x of w is more than y of v: with both wholes known exactly what brute force leaves, with wide
    ones no less."""
    ranges = {X: (0, 9), Y: (8, 12), W: wholes[:2], V: wholes[2:]}
    lists = [range(low, high + 1) for low, high in ranges.values()]
    fits = [x for x, y, w, v in itertools.product(*lists) if x * v > y * w]
    low, high = attack("a[k=x] / b[k=w] > a[k=y] / b[k=v]", ranges, X)
    assert high == 9 and low == min(fits)


def test_a_printed_number_stands_by_its_key():
    (one,) = read("a[k=x] = F1 + F2", F1="3", F2="4")
    ranges: dict = {}
    assert one.narrow(ranges) and ranges == {X: (7, 7)}


def test_a_code_for_each_is_the_same_on_both_sides():
    """Every code falls: x and y from 2019 to 2020, and no code is compared with another."""
    cells = [parse_terms(f"a[k={k}, period={y}]")[0] for k in "xy" for y in (2019, 2020)]
    (own,) = read("a[k=*, period=2019] > a[k=*, period=2020]")
    pairs = {frozenset(one.cells) for one in own.expand(cells)}
    assert pairs == {frozenset(cells[:2]), frozenset(cells[2:])}


def test_what_is_shown_can_belie_a_sentence():
    (own,) = read("a[k=x] > a[k=y]")
    assert own.can_be_true({X: (0, inf), Y: (3, 3)})
    assert not own.can_be_true({X: (3, 3), Y: (3, 3)})
    (same,) = read("a[k=x] = 2")
    assert same.can_be_true({}) and not same.can_be_true({X: (3, 9)})


def test_the_cells_of_a_number_can_be_taken_off_each_other():
    assert parse_signed("a[k=x] + a[k=y] - a[k=z]") == ((X, Y), (Z,))
    assert parse_signed("a[k=x] - a[k=z] + a[k=y]") == ((X, Y), (Z,))
    assert not is_sentence("a[k=x] - a[k=z]") and is_sentence("a[k=x] > a[k=z]")


def test_a_sum_of_nothing_is_nothing():
    assert add_ranges([(X, 0)], {}) == (0, 0)
    assert add_ranges([(X, 2), (Y, -1), (SOMEBODY, 3)], {X: (1, 2), Y: (0, 4)}) == (1, 7)
