"""Other ways to let lists depend and victims differ: hidden classes, penalised two-list terms, and
the sample coverage of the lists."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import brentq, minimize, minimize_scalar
from scipy.special import expit, logit, xlogy
from scipy.stats import chi2, norm

from helpers.mse.captures import COUNT, check_captures, list_names
from helpers.mse.loglinear import LEVEL, MOST_STEPS, Design, NoEstimate, log_likelihood

STARTS = 40
EDGE = 16.0
STEP = 0.1
MOST_PROFILE_STEPS = 40
SMALLEST_CHANCE = 1e-5
SPREADS = (0.02, 20.0)
ENOUGH_COVERAGE = 0.55


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
    fewer than four lists, and where
    the likelihood rises towards a class that is on no list: then the data do not bound the number
    of victims.
    """
    check_captures(captures)
    design = Design.of(captures)
    n_lists = len(design.names)
    if n_lists < 4:
        raise NoEstimate(
            f"two hidden classes have {2 * n_lists + 1} parameters, more than {n_lists} lists can tell; take four lists or more"
        )
    drawn = np.random.default_rng(seed).random((starts, 2 * n_lists + 1)) * 8 - 6
    best = min((_minimise(design, start) for start in drawn), key=lambda fit: fit.fun)
    share, chances = _unpack(best.x, n_lists)
    if (1 - np.prod(1 - chances, axis=1)).min() < SMALLEST_CHANCE:
        raise NoEstimate(
            "two hidden classes: the likelihood rises towards a class that is on no list, so that these lists do not bound the number of victims"
        )
    n_seen = int(design.counts.sum())
    limits = [n_seen / expit(_find_limit(design, best, side)) for side in (1, -1)]
    return TwoClasses(
        share,
        chances,
        n_seen,
        n_seen / _find_chance_of_being_seen(best.x, n_lists),
        limits[0],
        limits[1],
        -float(best.fun),
    )


def _minimise(design: Design, start: np.ndarray, **constraint):
    bounds = [(-EDGE, EDGE)] * len(start)
    if constraint:
        return minimize(
            _lose,
            start,
            args=(design,),
            jac=True,
            method="SLSQP",
            bounds=bounds,
            options={"maxiter": 2000, "ftol": 1e-12},
            **constraint,
        )
    return minimize(
        _lose,
        start,
        args=(design,),
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxiter": 5000, "ftol": 1e-15, "gtol": 1e-8},
    )


def _find_limit(design: Design, best, side: int) -> float:
    """Where the profile likelihood of the chance of being seen (as a logit) has fallen by half the
    chi-square quantile."""
    n_lists = len(design.names)
    centre = logit(_find_chance_of_being_seen(best.x, n_lists))
    drop = chi2.ppf(LEVEL, 1) / 2

    def lose(place: float, start: np.ndarray) -> tuple[float, np.ndarray]:
        held = {
            "type": "eq",
            "fun": lambda x: logit(_find_chance_of_being_seen(x, n_lists)) - place,
        }
        found = _minimise(design, start, constraints=[held])
        return found.fun - best.fun - drop, found.x

    inner, start = centre, best.x
    for number in range(1, MOST_PROFILE_STEPS + 1):
        outer = centre + side * number * STEP
        excess, solution = lose(outer, start)
        if excess > 0:
            if lose(inner, start)[0] >= 0:
                return inner
            # Every value is found from the same start, so that the root is between.
            return brentq(lambda place: lose(place, start)[0], inner, outer, xtol=1e-4)
        inner, start = outer, solution
    raise NoEstimate(
        "two hidden classes: the profile likelihood stays flat, so that these lists do not bound the number of victims"
    )


def _unpack(parameters: np.ndarray, n_lists: int) -> tuple[np.ndarray, np.ndarray]:
    share = expit(parameters[0])
    return np.array([share, 1 - share]), expit(parameters[1:].reshape(2, n_lists))


def _find_chance_of_being_seen(parameters: np.ndarray, n_lists: int) -> float:
    share, chances = _unpack(parameters, n_lists)
    return 1 - float(share @ np.prod(1 - chances, axis=1))


def _lose(parameters: np.ndarray, design: Design) -> tuple[float, np.ndarray]:
    """Minus the log-likelihood given that a victim was seen, and its gradient."""
    n_lists, total = len(design.names), design.counts.sum()
    share, chances = _unpack(parameters, n_lists)
    on = design.patterns
    within = np.prod(np.where(on == 1, chances[:, None, :], 1 - chances[:, None, :]), axis=2)
    unseen = np.prod(1 - chances, axis=1)
    cells, seen = share @ within, 1 - share @ unseen
    weights = share[:, None] * within / cells * design.counts  # victims of each cell by class
    missing = total * share * unseen / seen  # and those unseen, as many as the model expects
    all_of_class = weights.sum(axis=1) + missing
    gradient = np.concatenate(
        [
            [all_of_class[0] - share[0] * all_of_class.sum()],
            (weights @ on - all_of_class[:, None] * chances).ravel(),
        ]
    )
    return float(-xlogy(design.counts, cells / seen).sum()), -gradient


@dataclass(frozen=True)
class PenalisedFit:
    """A model with every two-list term, each drawn towards zero by a normal prior of standard
    deviation `spread`."""

    spread: float
    coefficients: pd.Series
    estimate: float
    ci_lower: float
    ci_upper: float


def fit_penalised(captures: pd.DataFrame, *, spread: float | None = None) -> PenalisedFit:
    """All two-list terms with a normal prior around zero, whose spread the data choose (the
    greatest Laplace marginal likelihood).

    A pair without overlap keeps a finite term, so that an estimate always exists. The limits are
    those of the normal approximation of the log of the unseen, given the spread. `spread` holds it
    at a value instead.
    """
    check_captures(captures)
    design = Design.of(captures)
    matrix = np.column_stack(
        [np.ones(len(design.patterns)), design.patterns, design.pair_columns]
    ).astype(float)
    penalised = np.append(np.zeros(1 + len(design.names)), np.ones(len(design.pairs)))
    if spread is None:
        chosen = minimize_scalar(
            lambda log: -_fit_with_prior(matrix, design.counts, penalised, np.exp(log))[2],
            bounds=np.log(SPREADS),
            method="bounded",
            options={"xatol": 1e-6},
        )
        spread = float(np.exp(chosen.x))
    coefficients, information, _ = _fit_with_prior(matrix, design.counts, penalised, spread)
    error = np.sqrt(np.linalg.inv(information)[0, 0])
    unseen = np.exp(coefficients[0] + norm.ppf((1 + LEVEL) / 2) * error * np.array([0, -1, 1]))
    labels = ["(none)", *design.names, *(":".join(pair) for pair in design.pairs)]
    return PenalisedFit(
        spread,
        pd.Series(coefficients, labels),
        *(float(value) for value in design.counts.sum() + unseen),
    )


def _fit_with_prior(
    matrix: np.ndarray, counts: np.ndarray, penalised: np.ndarray, spread: float
) -> tuple[np.ndarray, np.ndarray, float]:
    """Newton's method on the penalised log-likelihood: coefficients, information, and the Laplace
    marginal log-likelihood but for a constant."""
    prior = np.diag(penalised / spread**2)
    coefficients = np.linalg.solve(matrix.T @ matrix + prior, matrix.T @ np.log(counts + 0.5))
    for _ in range(MOST_STEPS):
        means = np.exp(matrix @ coefficients)
        information = matrix.T @ (matrix * means[:, None]) + prior
        step = np.linalg.solve(information, matrix.T @ (counts - means) - prior @ coefficients)
        coefficients = coefficients + step * min(1.0, 2.0 / np.abs(step).max())
        if np.abs(step).max() < 1e-11:
            break
    likelihood = (
        float(log_likelihood(matrix, counts, coefficients))
        - 0.5 * coefficients @ prior @ coefficients
    )
    return (
        coefficients,
        information,
        likelihood - penalised.sum() * np.log(spread) - 0.5 * np.linalg.slogdet(information)[1],
    )


def estimate_sample_coverage(captures: pd.DataFrame) -> float:
    """The share of victims in view whom another list sees too (Chao and Tsay 1998): one minus the
    mean, over lists, of the part of a list that no other list has. Estimators that rest on it ask
    for 0.55 or more (Chao and others 2001, Statistics in Medicine 20)."""
    check_captures(captures)
    lists = list_names(captures)
    alone = captures[lists].sum(axis=1) == 1
    parts = [
        captures.loc[alone & (captures[name] == 1), COUNT].sum()
        / captures.loc[captures[name] == 1, COUNT].sum()
        for name in lists
    ]
    return 1 - float(np.mean(parts))
