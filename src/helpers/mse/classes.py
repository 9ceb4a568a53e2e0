"""Two hidden classes of victims, within which lists are independent (Goodman 1974)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import expit, logit, xlogy
from scipy.stats import chi2

from helpers.mse.loglinear import LEVEL, Design, NoEstimate
from helpers.sources import check_captures

STARTS = 40
EDGE = 16.0
# How far out, in the log of the number on no list, the likelihood must have fallen.
REACH = 4.0
MOST_STEPS = 100
LONGEST_STEP = 2.0
MOST_HALVINGS = 12
FLATTEST = 1e-9
SETTLED = 1e-8
SMALLEST_CHANCE = 1e-5
# Starts whose log-likelihoods differ by less have found the same height; the first of them counts,
# so that the last digit of a machine decides nothing.
SAME_HEIGHT = 1e-6


@dataclass(frozen=True)
class TwoClasses:
    """Two hidden classes of victims, within which lists are independent: `share` of each class
    among all, `chances` (classes x lists), and the estimate with the limits of its profile
    likelihood."""

    share: np.ndarray
    chances: np.ndarray
    n_seen: int
    estimate: float
    ci_lower: float
    ci_upper: float
    log_likelihood: float


def fit_two_classes(captures: pd.DataFrame, *, seed: int, starts: int = STARTS) -> TwoClasses:
    """The two-class model of greatest likelihood among the victims who were seen (Goodman 1974),
    from many random starts.

    All victims are those seen, divided by the chance of being seen at all. Raises NoEstimate with
    fewer than four lists, and where the likelihood rises towards a class that is on no list: then
    the data do not bound the number of victims.
    """
    check_captures(captures)
    design = Design.of(captures)
    n_lists = len(design.names)
    if n_lists < 4:
        raise NoEstimate(
            f"two hidden classes have {2 * n_lists + 1} parameters, more than {n_lists} lists can tell; take four lists or more"
        )
    drawn = np.random.default_rng(seed).random((starts, 2 * n_lists + 1)) * 8 - 6
    found, heights = _climb(design, drawn, None)
    place = int(np.argmax(heights > heights.max() - SAME_HEIGHT))
    best, height = found[place], float(heights[place])
    share, chances = _unpack(best[None, :], n_lists)
    if (1 - np.prod(1 - chances[0], axis=1)).min() < SMALLEST_CHANCE:
        raise NoEstimate(
            "two hidden classes: the likelihood rises towards a class that is on no list, so that these lists do not bound the number of victims"
        )
    n_seen = int(design.counts.sum())
    limits = [n_seen / (1 - _find_limit(design, best, height, side)) for side in (-1, 1)]
    return TwoClasses(
        share[0],
        chances[0],
        n_seen,
        n_seen / (1 - _find_unseen(best, n_lists)),
        limits[0],
        limits[1],
        height,
    )


def _find_limit(design: Design, best: np.ndarray, height: float, side: int) -> float:
    """The chance of being on no list where the profile likelihood has fallen by half the chi-square
    quantile.

    The likelihood with that chance held is greatest where the whole table, with some number of
    people on no list written into it, has its greatest likelihood; so the profile is a curve over
    that number. It is looked at far out first, from the best solution and from one that puts nearly
    all who are on no list into a class that is hardly seen: where it has not fallen there, it is
    flat.
    """
    n_lists, total = len(design.names), design.counts.sum()
    lowest = height - chi2.ppf(LEVEL, 1) / 2
    unseen = _find_unseen(best, n_lists)
    centre = np.log(total * unseen / (1 - unseen))

    def fall(place: float, tried: np.ndarray) -> tuple[float, np.ndarray]:
        solutions, _ = _climb(design, tried, np.exp(place))
        heights = _find_height(design, solutions, None)
        highest = int(np.argmax(heights > heights.max() - SAME_HEIGHT))
        return lowest - float(heights[highest]), solutions[highest]

    far = centre + side * REACH
    excess, beyond = fall(far, np.vstack([best, _hide_most(design, centre, far)]))
    if excess <= 0:
        raise NoEstimate(
            "two hidden classes: the profile likelihood stays flat, so that these lists do not "
            "bound the number of victims"
        )
    tried = np.vstack([best, beyond])
    place = brentq(lambda at: fall(at, tried)[0], *sorted((centre, far)), xtol=1e-5)
    return _find_unseen(fall(place, tried)[1], n_lists)


def _hide_most(design: Design, centre: float, far: float) -> np.ndarray:
    """A place where one class is as large and as often seen as all victims of the best solution,
    and the other, with the rest of those on no list, a hundredth as often."""
    total = design.counts.sum()
    everybody = total + np.exp(centre)
    chances = design.counts @ design.patterns / everybody
    share = np.clip(everybody / (total + np.exp(far)), 1e-6, 1 - 1e-6)
    return logit(np.concatenate([[share], chances, chances / 100]))


def _unpack(parameters: np.ndarray, n_lists: int) -> tuple[np.ndarray, np.ndarray]:
    """Shares (rows x classes) and chances (rows x classes x lists) of rows of parameters."""
    share = expit(parameters[:, 0])
    return np.stack([share, 1 - share], axis=1), expit(parameters[:, 1:].reshape(-1, 2, n_lists))


def _find_unseen(parameters: np.ndarray, n_lists: int) -> float:
    share, chances = _unpack(parameters[None, :], n_lists)
    return float(share[0] @ np.prod(1 - chances[0], axis=1))


def _climb(
    design: Design, starts: np.ndarray, unseen: float | None
) -> tuple[np.ndarray, np.ndarray]:
    """Newton's method from every start at once: where each ends, and how high.

    Where the surface is not concave, a direction is taken by the size of its curvature, so that
    every step rises; what has reached an edge and would go on is held there.
    """
    places, running = starts.copy(), np.arange(len(starts))
    heights = np.full(len(starts), -np.inf)
    for _ in range(MOST_STEPS):
        here = places[running]
        height, gradient, curvature = _measure(design, here, unseen)
        heights[running] = height
        step = _choose_step(here, gradient, curvature)
        moving = np.sum(step * gradient, axis=1) > SETTLED
        running, here = running[moving], here[moving]
        there = _rise(design, here, step[moving], height[moving], unseen)
        places[running] = there
        running = running[(there != here).any(axis=1)]
        if not len(running):
            break
    return places, heights


def _choose_step(here: np.ndarray, gradient: np.ndarray, curvature: np.ndarray) -> np.ndarray:
    """A step upwards from each place, no longer than LONGEST_STEP and within the edges."""
    held = (np.abs(here) >= EDGE) & (gradient * here > 0)
    curvature = np.where(held[:, :, None] | held[:, None, :], 0.0, curvature)
    sizes, directions = np.linalg.eigh(curvature)
    sizes = np.maximum(np.abs(sizes), FLATTEST)
    along = np.swapaxes(directions, 1, 2) @ np.where(held, 0.0, gradient)[:, :, None]
    step = (directions @ (along / sizes[:, :, None]))[:, :, 0]
    step[held | ((np.abs(here) >= EDGE) & (step * here > 0))] = 0.0
    longest = np.maximum(np.abs(step).max(axis=1), np.finfo(float).tiny)
    room = np.where(step == 0, np.inf, (np.sign(step) * EDGE - here) / np.where(step == 0, 1, step))
    return step * np.minimum(np.minimum(1, LONGEST_STEP / longest), room.min(axis=1))[:, None]


def _rise(
    design: Design, here: np.ndarray, step: np.ndarray, height: np.ndarray, unseen: float | None
) -> np.ndarray:
    """The places after a step, halved until it rises; the place itself where it does not."""
    there, falls = np.clip(here + step, -EDGE, EDGE), np.arange(len(here))
    for _ in range(MOST_HALVINGS):
        falls = falls[_find_height(design, there[falls], unseen) < height[falls]]
        if not len(falls):
            return there
        there[falls] = (here[falls] + there[falls]) / 2
    there[falls] = here[falls]
    return there


def _find_height(design: Design, places: np.ndarray, unseen: float | None) -> np.ndarray:
    """The log-likelihood given that a victim was seen, or, with so many `unseen`, of the whole
    table."""
    within, none = _find_cells(design, places)
    missing = none.sum(axis=1)
    rest = -design.counts.sum() * np.log1p(-missing) if unseen is None else unseen * np.log(missing)
    return xlogy(design.counts, within.sum(axis=1)).sum(axis=1) + rest


def _find_cells(design: Design, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The share of all victims in each class and cell (rows x classes x cells), and in each class
    and on no list."""
    share, chances = _unpack(places, len(design.names))
    on, off = np.log(chances), np.log1p(-chances)
    within = share[:, :, None] * np.exp(
        off.sum(axis=2)[:, :, None] + (on - off) @ design.patterns.T
    )
    return within, share * np.exp(off.sum(axis=2))


def _measure(
    design: Design, places: np.ndarray, unseen: float | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The log-likelihood, its gradient, and minus its second derivatives, a row a place.

    The cell of no list stands last; where nobody is counted in it, it holds what the model expects.
    """
    n_lists, total = len(design.names), design.counts.sum()
    share, chances = _unpack(places, n_lists)
    within, none = _find_cells(design, places)
    missing = none.sum(axis=1)
    odds = missing / (1 - missing)
    on_none = total * odds if unseen is None else np.full(len(places), unseen)
    counts = np.column_stack([np.tile(design.counts, (len(places), 1)), on_none])
    cells = np.concatenate([within, none[:, :, None]], axis=2)
    people = cells / cells.sum(axis=1, keepdims=True) * counts[:, None, :]
    patterns = np.vstack([design.patterns, np.zeros(n_lists)])
    scores = np.zeros((*people.shape, places.shape[1]))
    for number, lists in enumerate((slice(1, 1 + n_lists), slice(1 + n_lists, None))):
        scores[:, number, :, 0] = (1 - number - share[:, 0])[:, None]
        scores[:, number, :, lists] = patterns - chances[:, number, None, :]
    weighted = people[:, :, :, None] * scores
    sums = weighted.sum(axis=1)
    mean = sums / np.maximum(counts, 1e-300)[:, :, None]
    curvature = np.swapaxes(mean, 1, 2) @ sums - sum(
        np.swapaxes(scores[:, number], 1, 2) @ weighted[:, number] for number in (0, 1)
    )
    spread = np.concatenate(
        [
            (share.prod(axis=1) * counts.sum(axis=1))[:, None],
            (chances * (1 - chances) * people.sum(axis=2)[:, :, None]).reshape(len(places), -1),
        ],
        axis=1,
    )
    np.einsum("bpp->bp", curvature)[:] += spread
    if unseen is None:
        last = mean[:, -1]
        curvature -= (on_none * (1 + odds))[:, None, None] * last[:, :, None] * last[:, None, :]
    return _find_height(design, places, unseen), sums.sum(axis=1), curvature
