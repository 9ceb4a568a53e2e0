"""Other ways to let lists depend: penalised two-list terms, and the sample coverage of the
lists."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar
from scipy.stats import norm

from helpers.mse.captures import count_lists
from helpers.mse.loglinear import LEVEL, MOST_STEPS, Design, log_likelihood
from helpers.sources import check_captures

SPREADS = (0.02, 20.0)
ENOUGH_COVERAGE = 0.55


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
    lists = count_lists(captures)
    return 1 - float((lists["alone"] / lists["n"]).mean())
