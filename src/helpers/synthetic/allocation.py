"""Deals fixed numbers of codes to people in random order: what is fixed comes out whole, who gets
it is chance.

Only permutations and whole numbers are drawn, so that a seed gives the same on any machine.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import pandas as pd

from helpers.edition import CODES, BadInput

# Orders in which weights are tried until they make a total.
TRIES = 50
Plan = Mapping[tuple[int, str], Mapping[str, int]]


@cache
def read_plan(name: str) -> Plan:
    """By year (0: all years) and group, how many of what: `data/codes/plan_<name>.csv`."""
    plan: dict[tuple[int, str], dict[str, int]] = defaultdict(dict)
    for row in pd.read_csv(CODES / f"plan_{name}.csv", encoding="utf-8").itertuples():
        plan[row.year, row.group][row.what] = row.n
    return dict(plan)


def deal(
    rng: np.random.Generator, n: int, quotas: Mapping[str, int], *, rest: str | Sequence[str]
) -> np.ndarray:
    """`n` codes in random order: each code of `quotas` so many times, the others `rest` (several in
    turn).

    Raises BadInput where the quotas exceed `n`: the plan contradicts itself.
    """
    dealt = [code for code, count in quotas.items() for _ in range(count)]
    if len(dealt) > n:
        raise BadInput(
            f"the plan deals {len(dealt)} of {', '.join(quotas)} to {n}; mend data/codes/plan_*.csv"
        )
    others = [rest] if isinstance(rest, str) else list(rest)
    dealt += [others[place % len(others)] for place in range(n - len(dealt))]
    return np.array(dealt, dtype=object)[rng.permutation(n)]


def spread(rng: np.random.Generator, n: int, values: Sequence[int] | np.ndarray) -> np.ndarray:
    """`n` values that stand for the whole of `values` evenly, in random order: their mean hardly
    depends on `n`."""
    places = (2 * np.arange(n) + 1) * len(values) // (2 * max(n, 1))
    return np.asarray(values, dtype=np.int64)[places][rng.permutation(n)]


def share_out(total: int, weights: Sequence[int]) -> list[int]:
    """`total` as whole parts in proportion to `weights`, the largest remainders rounded up
    (Hamilton), earlier ones first."""
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    order = sorted(
        range(len(weights)), key=lambda place: (-(total * weights[place] % whole), place)
    )
    for place in order[: total - sum(parts)]:
        parts[place] += 1
    return parts


def make_ids(rng: np.random.Generator, n: int, letter: str) -> np.ndarray:
    """`n` identifiers without meaning: a letter and a number in random order."""
    width = max(len(str(n)), 4)
    return np.array([f"{letter}{number:0{width}d}" for number in rng.permutation(n)], dtype=object)


def pick(rng: np.random.Generator, candidates: np.ndarray, n: int) -> np.ndarray:
    """`n` of the candidates, drawn without replacement. Raises BadInput where there are fewer."""
    if n > len(candidates):
        raise BadInput(f"the plan asks for {n} of {len(candidates)}; mend data/codes/plan_*.csv")
    return candidates[rng.permutation(len(candidates))[:n]]


def pick_to_total(rng: np.random.Generator, weights: np.ndarray, total: int) -> np.ndarray:
    """Places, drawn without replacement, whose weights add up to `total` exactly. Raises BadInput
    where none are found."""
    for _ in range(TRIES):
        order = rng.permutation(np.flatnonzero(weights > 0))
        sums = np.cumsum(weights[order])
        n = int(np.searchsorted(sums, total, side="right"))
        chosen, left = list(order[:n]), total - (int(sums[n - 1]) if n else 0)
        for place in order[n:]:
            if left and weights[place] <= left:
                chosen.append(place)
                left -= int(weights[place])
        if not left:
            return np.array(chosen, dtype=np.int64)
    raise BadInput(
        f"the plan asks for a total of {total} that {int((weights > 0).sum())} weights do not make; mend data/codes/plan_*.csv"
    )


def deal_round(order: np.ndarray, quotas: Mapping[str, int]) -> list[list[str]]:
    """For each person one or more different codes, each code of `quotas` so many times in all:
    dealt round and round in this order.

    Traits that share an order go together: who has two of one has two of another. Raises BadInput
    where the codes do not reach everybody, or one has more than there are persons.
    """
    n, dealt = len(order), [code for code, count in quotas.items() for _ in range(count)]
    if len(dealt) < n or max(quotas.values()) > n:
        raise BadInput(
            f"the plan deals {len(dealt)} of {', '.join(quotas)} round {n}; mend data/codes/plan_*.csv"
        )
    hands: list[list[str]] = [[] for _ in range(n)]
    for place, code in enumerate(dealt):
        hands[order[place % n]].append(code)
    return hands
