"""How far an estimate might be off: the profile likelihood of one model, and a bootstrap that
repeats the model choice."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.stats import chi2, norm

from helpers.mse.batch import choose_forward_many, find_smallest, fit_many
from helpers.mse.loglinear import LEVEL, Design, Pair, fit_log_linear, log_likelihood
from helpers.sources import check_captures

# From a design and counts (tables x cells) to the estimate of all victims, one a table (or several
# columns); NaN where there is none.
Estimator = Callable[[Design, np.ndarray], np.ndarray]


def estimate_profile_interval(
    captures: pd.DataFrame, pairs: tuple[Pair, ...] = (), *, level: float = LEVEL
) -> tuple[float, float]:
    """The ends of the profile-likelihood interval of all victims, for one model taken as given.

    The intercept is held at a value and all else fitted anew; the ends are where twice the
    log-likelihood has fallen by the chi-square quantile of `level`.
    """
    fit = fit_log_linear(captures, pairs)
    design = Design.of(captures)
    present, _, left = design.split(pairs)
    matrix, counts = design.matrix(present, left), design.counts[left]
    best, drop = log_likelihood(matrix, counts, fit.coefficients.to_numpy()), chi2.ppf(level, 1) / 2

    def excess(intercept: float) -> float:
        return best - _profile(matrix, counts, intercept) - drop

    centre, step = np.log(fit.unseen), fit.standard_errors.iloc[0]
    ends = []
    for side in (-1, 1):
        far = next(
            centre + side * width * step
            for width in (2, 4, 8, 16, 32, 64)
            if excess(centre + side * width * step) > 0
        )
        ends.append(fit.n_seen + float(np.exp(brentq(excess, *sorted((centre, far)), xtol=1e-10))))
    return ends[0], ends[1]


def _profile(matrix: np.ndarray, counts: np.ndarray, intercept: float) -> float:
    """The greatest log-likelihood with the intercept held: the others are fitted with it as an
    offset."""
    rest = matrix[:, 1:]
    coefficients = np.linalg.lstsq(rest, np.log(counts + 0.5) - intercept, rcond=None)[0]
    for _ in range(200):
        means = np.exp(np.clip(rest @ coefficients + intercept, -700, 700))
        step = np.linalg.solve(rest.T @ (rest * means[:, None]), rest.T @ (counts - means))
        step *= min(1.0, 5.0 / np.abs(step).max())
        coefficients = coefficients + step
        if np.abs(step).max() < 1e-10:
            break
    return log_likelihood(matrix, counts, np.concatenate([[intercept], coefficients]))  # type: ignore[return-value]  # of one table a number


def estimate_independent(design: Design, counts: np.ndarray) -> np.ndarray:
    """The estimate of independent lists, one a table."""
    return fit_many(design, counts, np.zeros((len(counts), len(design.pairs)), dtype=bool)).estimate


def estimate_forward(design: Design, counts: np.ndarray) -> np.ndarray:
    """The estimate of the model that forward selection chooses in each table."""
    return choose_forward_many(design, counts)[1]


def estimate_by_search(design: Design, counts: np.ndarray) -> np.ndarray:
    """The estimates of the models that AIC and BIC choose among all, and the average by BIC
    weights: three columns, a row a table."""
    terms = np.array(list(product((False, True), repeat=len(design.pairs))))
    rows = np.full((len(counts), 3), np.nan)
    near = fit_many(
        design, np.broadcast_to(design.counts, (len(terms), counts.shape[1])), terms
    ).coefficients
    for number, table in enumerate(counts):
        fits = fit_many(design, np.broadcast_to(table, (len(terms), len(table))), terms, near=near)
        if not np.isnan(fits.unseen).all():
            weights = np.exp(-(fits.bic - np.nanmin(fits.bic)) / 2)
            average = np.nansum(weights * fits.estimate) / np.nansum(weights)
            rows[number] = (
                fits.estimate[find_smallest(fits.aic)],
                fits.estimate[find_smallest(fits.bic)],
                average,
            )
    return rows


def bootstrap_population(
    captures: pd.DataFrame, estimate: Estimator, *, replicates: int, seed: int
) -> np.ndarray:
    """Estimates of all victims from `replicates` tables drawn from the observed patterns, the model
    chosen anew in each.

    NaN where a drawn table gives no estimate. The same seed gives the same numbers.
    """
    check_captures(captures)
    design = Design.of(captures)
    total = int(design.counts.sum())
    drawn = (
        np.random.default_rng(seed)
        .multinomial(total, design.counts / total, size=replicates)
        .astype(float)
    )
    return estimate(design, drawn)


def correct_bias(
    captures: pd.DataFrame, estimate: Estimator, drawn: np.ndarray, *, level: float = LEVEL
) -> tuple[float, float]:
    """The BCa limits (Efron 1987) of a bootstrap: corrected for bias, and for acceleration by
    leaving out one victim at a time."""
    design = Design.of(captures)
    known = np.sort(drawn[~np.isnan(drawn)])
    bias = norm.ppf((known < estimate(design, design.counts[None, :])[0]).mean())
    places = np.flatnonzero(design.counts)
    weights, fewer = design.counts[places], design.counts - np.eye(len(design.counts))[places]
    without = estimate(design, fewer)
    away = np.average(without, weights=weights) - without
    acceleration = (weights @ away**3) / (6 * (weights @ away**2) ** 1.5)
    ends = norm.ppf([(1 - level) / 2, (1 + level) / 2])
    lower, upper = np.quantile(
        known, norm.cdf(bias + (bias + ends) / (1 - acceleration * (bias + ends)))
    )
    return float(lower), float(upper)
