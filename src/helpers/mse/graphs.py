"""Bayesian averaging over decomposable graphs of lists (Madigan and York 1997, Biometrika 84,
19-31).

Two lists without an edge are independent given the others. For a decomposable graph the probability
of the data is a product over its cliques, divided by one over its separators, so that every graph
and every number of unseen victims is summed exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.special import gammaln, logsumexp

from helpers.mse.loglinear import Design, NoEstimate
from helpers.sources import check_captures

MOST_LISTS = 6
MOST_UNSEEN_TIMES = 30
GRID = 1000

Lists = frozenset[int]


@dataclass(frozen=True)
class Posterior:
    """The posterior of all victims on a grid: `n` (seen and unseen) and `weight`, summing to
    one."""

    n: np.ndarray
    weight: np.ndarray

    def quantile(self, level: float) -> float:
        """The first number of the grid with more than `level` of the weight at or below it."""
        return float(self.n[np.searchsorted(np.cumsum(self.weight), level, side="right")])


@cache
def list_decomposable_graphs(
    n_lists: int,
) -> tuple[tuple[tuple[Lists, ...], tuple[Lists, ...]], ...]:
    """Every decomposable graph on so many lists, as its cliques and its separators (empty ones left
    out): 8, 61, 822, 18154 for 3 to 6."""
    edges = list(combinations(range(n_lists), 2))
    found = []
    for number in range(2 ** len(edges)):
        neighbours: list[set[int]] = [set() for _ in range(n_lists)]
        for place, (first, second) in enumerate(edges):
            if number >> place & 1:
                neighbours[first].add(second)
                neighbours[second].add(first)
        if (parts := _find_cliques(neighbours)) is not None:
            found.append(parts)
    return tuple(found)


def _find_cliques(neighbours: list[set[int]]) -> tuple[tuple[Lists, ...], tuple[Lists, ...]] | None:
    """Cliques and separators by maximum cardinality search (Blair and Peyton 1993), or None where
    the graph is not decomposable."""
    numbered: list[int] = []
    cliques: list[set[int]] = []
    separators: list[Lists] = []
    last = -1
    while len(numbered) < len(neighbours):
        place = max(
            set(range(len(neighbours))) - set(numbered),
            key=lambda v: (len(neighbours[v] & set(numbered)), -v),
        )
        before = neighbours[place] & set(numbered)
        if any(second not in neighbours[first] for first, second in combinations(before, 2)):
            return None
        if len(before) > last and cliques:
            cliques[-1].add(place)
        else:
            if cliques and before:
                separators.append(frozenset(before))
            cliques.append(before | {place})
        last = len(before)
        numbered.append(place)
    return tuple(frozenset(clique) for clique in cliques), tuple(separators)


@cache
def _count_margins(n_lists: int) -> tuple[tuple[Lists, ...], np.ndarray]:
    """Every set of lists, and how often each graph (a row) has it as a clique less as a
    separator."""
    margins = tuple(
        frozenset(lists)
        for size in range(1, n_lists + 1)
        for lists in combinations(range(n_lists), size)
    )
    place = {lists: number for number, lists in enumerate(margins)}
    graphs = list_decomposable_graphs(n_lists)
    shares = np.zeros((len(graphs), len(margins)))
    for row, (cliques, separators) in zip(shares, graphs, strict=True):
        np.add.at(row, [place[lists] for lists in cliques], 1)
        np.add.at(row, [place[lists] for lists in separators], -1)
    return margins, shares


def average_graphs(captures: pd.DataFrame) -> Posterior:
    """The posterior of all victims, averaged over every decomposable graph of the lists.

    As `dga` in MSETools: hyper-Dirichlet prior counts of 2^-(number of lists), every graph equally
    likely, a prior of 1/N on the number of victims, and up to thirty times as many unseen as seen
    on a grid of a thousand. Raises NoEstimate for more than six lists.
    """
    check_captures(captures)
    design = Design.of(captures)
    n_lists, seen = len(design.names), design.counts.sum()
    if n_lists > MOST_LISTS:
        raise NoEstimate(f"{n_lists} lists have too many decomposable graphs; merge lists")
    unseen = np.unique(np.round(np.linspace(1, MOST_UNSEEN_TIMES * seen, GRID)))
    margins, shares = _count_margins(n_lists)
    graphs = shares @ np.array([_score_margin(design, lists, unseen) for lists in margins])
    log_weight = (
        logsumexp(graphs, axis=0)
        + gammaln(seen + unseen + 1)
        - gammaln(unseen + 1)
        - np.log(seen + unseen)
    )
    return Posterior(n=seen + unseen, weight=np.exp(log_weight - logsumexp(log_weight)))


def _score_margin(design: Design, lists: Lists, unseen: np.ndarray) -> np.ndarray:
    """The log probability of the table of some lists under its Dirichlet prior, one a number of
    unseen victims."""
    places = sorted(lists)
    cells = design.patterns[:, places] @ (2 ** np.arange(len(places)))
    counts = np.bincount(cells, weights=design.counts, minlength=2 ** len(places))
    prior = 2.0 ** -len(
        places
    )  # the table has 2^lists cells of 2^-lists each; a margin collects what it sums over
    on_none = gammaln(prior + counts[0] + unseen) - gammaln(prior)
    others = np.sum(gammaln(prior + counts[1:]) - gammaln(prior))
    return on_none + others + gammaln(1.0) - gammaln(design.counts.sum() + unseen + 1.0)
