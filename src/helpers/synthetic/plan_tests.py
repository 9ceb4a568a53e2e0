"""Counts that give a printed chi-square, where so many do that a plan may take some of them.

A statistic to three decimals beside the sizes of two groups leaves few counts; where no share is
printed too, tens of them. A plan takes the pair nearest to a plain share: one of many, and no
reason to think that it is the real one. That holds of the pairs that could be the real one: those in
the direction that the source states, and of as many people with the event and without it as the
statistics office shows at least. Where fewer than FEWEST_PAIRS are left, they would tell of real
people what the office rounds; such a test is refused here, and a plan holds to its direction alone.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from helpers.edition import BadInput
from helpers.published import find_chi_square
from helpers.synthetic.constraints import Printed

# A shown count has so many people at least (data/codes/disclosure.yml, statistics_office), and as many
# pairs are asked for.
LEAST_SHOWN = FEWEST_PAIRS = 10


@cache
def _find_statistics(size: int, others: int) -> np.ndarray:
    """Pearson's statistic, without correction, by the number with the event of `size` persons
    (rows) and of `others` (columns); NaN where nobody or everybody has it."""
    share, other_share = np.arange(size + 1) / size, np.arange(others + 1) / others
    with np.errstate(divide="ignore", invalid="ignore"):
        return find_chi_square(share[:, None], size, other_share[None, :], others)


def list_pairs(test: Printed, size: int, others: int) -> np.ndarray:
    """The pairs of counts with the event, of `size` persons and of `others`, that give the printed
    statistic: one row a pair."""
    low, high = (float(limit) for limit in (test.limits.low, test.limits.high) if limit is not None)
    values = _find_statistics(size, others)
    return np.argwhere((values >= low) & (values <= high))


def choose_pair(
    test: Printed, size: int, others: int, *, percent: int, is_less: bool | None
) -> tuple[int, int]:
    """The pair of counts nearest to so many percent of both groups (the least sum of squares, in
    parts of the groups); `is_less` says whether the first group has the event less often, None that
    it may have either.

    Raises BadInput, which tells no count, where fewer than FEWEST_PAIRS of those that could be real
    give the statistic.
    """
    pairs = list_pairs(test, size, others)
    apart = pairs[:, 0] / size - pairs[:, 1] / others
    if is_less is not None:
        pairs = pairs[apart < 0 if is_less else apart > 0]
    without = [size, others] - pairs
    is_shown = (np.minimum(pairs, without) >= LEAST_SHOWN).all(axis=1)
    if len(set(pairs[is_shown, 0])) < FEWEST_PAIRS:
        raise BadInput(
            f"{test.number}: fewer than {FEWEST_PAIRS} pairs of counts give this statistic, so that a made-up "
            "one would tell a real one; take its row in data/codes/calibration_*.csv to the excluded ones"
        )
    distance = ((pairs / [size, others] - percent / 100) ** 2).sum(axis=1)
    first, second = pairs[int(distance.argmin())]
    return int(first), int(second)
