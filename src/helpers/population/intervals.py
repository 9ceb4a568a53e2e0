"""How far an estimate might be off: the profile likelihood of one model, and a bootstrap that repeats the model choice."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.stats import chi2, norm
from tqdm import tqdm

from helpers.population.captures import COUNT
from helpers.population.loglinear import Design, LogLinearFit, NoEstimate, Pair, _log_likelihood, _maximise, fit_log_linear

LEVEL = 0.95
PARTS = 20


def estimate_profile_interval(captures: pd.DataFrame, pairs: tuple[Pair, ...] = (), *, level: float = LEVEL) -> tuple[float, float]:
    """The ends of the profile-likelihood interval of all victims, for one model taken as given.

    The intercept is held at a value and all else fitted anew; the ends are where twice the log-likelihood has fallen by the
    chi-square quantile of `level`.
    """
    fit = fit_log_linear(captures, pairs)
    design = Design.of(captures)
    present, _, left = design.split(pairs)
    matrix, counts = design.matrix(present, left), design.counts[left]
    best, drop = _log_likelihood(matrix, counts, fit.coefficients.to_numpy()), chi2.ppf(level, 1) / 2

    def excess(intercept: float) -> float:
        return best - _profile(matrix, counts, intercept) - drop

    centre, step = np.log(fit.unseen), fit.standard_errors.iloc[0]
    ends = []
    for side in (-1, 1):
        far = next(centre + side * width * step for width in (2, 4, 8, 16, 32, 64) if excess(centre + side * width * step) > 0)
        ends.append(fit.n_seen + float(np.exp(brentq(excess, *sorted((centre, far)), xtol=1e-10))))
    return ends[0], ends[1]


def _profile(matrix: np.ndarray, counts: np.ndarray, intercept: float) -> float:
    """The greatest log-likelihood with the intercept held: the others are fitted with it as an offset."""
    rest = matrix[:, 1:]
    coefficients = np.linalg.lstsq(rest, np.log(counts + 0.5) - intercept, rcond=None)[0]
    for _ in range(200):
        means = np.exp(np.clip(rest @ coefficients + intercept, -700, 700))
        step = np.linalg.solve(rest.T @ (rest * means[:, None]), rest.T @ (counts - means))
        step *= min(1.0, 5.0 / np.abs(step).max())
        coefficients = coefficients + step
        if np.abs(step).max() < 1e-10:
            break
    return _log_likelihood(matrix, counts, np.concatenate([[intercept], coefficients]))


def bootstrap_population(
    captures: pd.DataFrame, choose: Callable[[pd.DataFrame], LogLinearFit], *, replicates: int, seed: int, jobs: int = 2, quiet: bool = True,
) -> np.ndarray:
    """Estimates of all victims from `replicates` tables drawn from the observed patterns, the model chosen anew in each.

    NaN where a drawn table gives no estimate. The same seed gives the same numbers with any number of jobs: each of a fixed
    number of parts has its own stream. `choose` must be a function of a module, so that other processes can call it.
    """
    sizes = [len(part) for part in np.array_split(np.arange(replicates), PARTS)]
    streams = np.random.SeedSequence(seed).spawn(PARTS)
    work = [(captures, choose, size, stream) for size, stream in zip(sizes, streams)]
    show_bar = not quiet and sys.stderr.isatty()
    with ProcessPoolExecutor(max_workers=min(jobs, os.cpu_count() or 1), mp_context=get_context("spawn")) as pool:
        parts = list(tqdm(pool.map(_bootstrap_part, work), total=PARTS, desc="bootstrap", disable=not show_bar))
    return np.concatenate(parts)


def _bootstrap_part(work: tuple) -> np.ndarray:
    captures, choose, size, stream = work
    generator = np.random.default_rng(stream)
    counts = captures[COUNT].to_numpy(dtype=float)
    total = int(counts.sum())
    estimates = np.full(size, np.nan)
    for number in range(size):
        drawn = captures.assign(**{COUNT: generator.multinomial(total, counts / total)})
        try:
            estimates[number] = choose(drawn[drawn[COUNT] > 0]).estimate
        except NoEstimate:
            continue
    return estimates


def correct_bias(captures: pd.DataFrame, choose: Callable[[pd.DataFrame], LogLinearFit], drawn: np.ndarray, *, level: float = LEVEL) -> tuple[float, float]:
    """The BCa limits (Efron 1987) of a bootstrap: corrected for bias, and for acceleration by leaving out one victim at a time."""
    estimate = choose(captures).estimate
    known = np.sort(drawn[~np.isnan(drawn)])
    bias = norm.ppf((known < estimate).mean())
    weights, without = captures[COUNT].to_numpy(dtype=float), []
    for row in range(len(captures)):
        fewer = captures.assign(**{COUNT: weights - (np.arange(len(captures)) == row)})
        without.append(choose(fewer[fewer[COUNT] > 0]).estimate)
    away = np.average(without, weights=weights) - np.array(without)
    acceleration = (weights @ away**3) / (6 * (weights @ away**2) ** 1.5)
    ends = norm.ppf([(1 - level) / 2, (1 + level) / 2])
    places = norm.cdf(bias + (bias + ends) / (1 - acceleration * (bias + ends)))
    lower, upper = np.quantile(known, places)
    return float(lower), float(upper)
