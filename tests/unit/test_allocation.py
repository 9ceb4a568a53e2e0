"""Whole numbers dealt to people: what is fixed comes out whole, whoever gets it."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from helpers.edition import BadInput
from helpers.synthetic.allocation import (
    deal,
    deal_round,
    make_ids,
    pick,
    pick_to_total,
    share_out,
    spread,
)


@pytest.fixture
def rng():
    return np.random.Generator(np.random.PCG64(4))


def test_quotas_are_dealt_whole_and_the_rest_in_turn(rng):
    assert Counter(deal(rng, 10, {"a": 3, "b": 2}, rest=["c", "d"])) == {
        "a": 3,
        "b": 2,
        "c": 3,
        "d": 2,
    }
    with pytest.raises(BadInput, match="deals 3 of a to 2; mend data/codes/plan"):
        deal(rng, 2, {"a": 3}, rest="b")


def test_spread_stands_for_the_whole_range_whatever_its_size(rng):
    assert (
        sorted(spread(rng, 4, range(10, 20))) == [11, 13, 16, 18]
        and list(spread(rng, 0, range(3))) == []
    )
    assert abs(spread(rng, 1000, range(18, 23)).mean() - 20) < 0.01


def test_parts_add_up_with_the_largest_remainders_rounded_up():
    """Hamilton: 10 by 1, 1, 1 is 3.33 each; the first gets the one that is left. 7 by 5, 3, 1 is
    3.89, 2.33, 0.78."""
    assert share_out(10, [1, 1, 1]) == [4, 3, 3] and share_out(7, [5, 3, 1]) == [4, 2, 1]


def test_weights_are_picked_to_an_exact_total(rng):
    weights = np.array([3, 0, 5, 4, 4, 6, 1])
    for total in (1, 8, 11, 23):
        places = pick_to_total(rng, weights, total)
        assert (
            weights[places].sum() == total
            and len(set(places)) == len(places)
            and (weights[places] > 0).all()
        )
    with pytest.raises(BadInput, match="a total of 24"):
        pick_to_total(rng, weights, 24)


def test_codes_go_round_until_everybody_has_one(rng):
    hands = deal_round(rng.permutation(4), {"a": 3, "b": 3})
    assert sorted(len(hand) for hand in hands) == [1, 1, 2, 2] and Counter(
        code for hand in hands for code in hand
    ) == {"a": 3, "b": 3}
    assert all(len(set(hand)) == len(hand) for hand in hands)
    with pytest.raises(BadInput, match="deals 3 of a, b round 4"):
        deal_round(rng.permutation(4), {"a": 2, "b": 1})


def test_more_than_there_are_cannot_be_picked_and_identifiers_differ(rng):
    with pytest.raises(BadInput, match="asks for 3 of 2"):
        pick(rng, np.arange(2), 3)
    assert len(set(make_ids(rng, 500, "p"))) == 500
