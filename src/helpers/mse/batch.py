"""Many log-linear models at once: one array operation for thousands of models or of drawn tables.

The same estimates as `fit_log_linear` gives one by one (a law that the tests check), for the
searches and the bootstrap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import poisson

from helpers.mse.loglinear import (
    MOST_STEPS,
    Design,
    deviance_of_cells,
    find_fault_in,
    log_likelihood,
    log_likelihood_of_cells,
)

ENTRY_P_VALUE = 0.02
# Models a chunk, so that the arrays of a chunk stay within some 100 MB.
CHUNK = 4096
SMALLEST_MEAN = 1e-7
# The last step, which is taken; what is left after it is of the order of its square.
SETTLED = 1e-7
# Overlaps that are as unlikely as each other to this part are a tie, which the order of pairs
# decides, so that the last digit of a machine decides nothing.
TIE = 1e-6


@dataclass(frozen=True)
class ManyFits:
    """What was fitted, an entry a model: NaN where a model gives no estimate for its counts.

    `expected_overlaps` (models x pairs) are the victims that a model expects on both lists of each
    pair; `coefficients` (models x columns: intercept, lists, pairs) can start another fit.
    """

    unseen: np.ndarray
    n_seen: np.ndarray
    deviance: np.ndarray
    log_likelihood: np.ndarray
    n_parameters: np.ndarray
    expected_overlaps: np.ndarray
    coefficients: np.ndarray

    @property
    def estimate(self) -> np.ndarray:
        return self.n_seen + self.unseen

    @property
    def aic(self) -> np.ndarray:
        return 2 * self.n_parameters - 2 * self.log_likelihood

    @property
    def bic(self) -> np.ndarray:
        """With the number of victims seen as sample size, as in Silverman (2020)."""
        return np.log(self.n_seen) * self.n_parameters - 2 * self.log_likelihood


def fit_many(
    design: Design, counts: np.ndarray, terms: np.ndarray, *, near: np.ndarray | None = None
) -> ManyFits:
    """Fit one model a row: `counts` (models x cells) are its data, `terms` (models x pairs, True or
    False) its two-list terms.

    Pairs are in the order of `design.pairs`. A model whose estimate does not exist or is not
    identifiable is NaN. Newton's method starts from `near` (coefficients of like models or data),
    which saves steps and changes nothing else; a row of NaN starts from the counts.
    """
    if near is None:
        near = np.full((len(counts), 1 + len(design.names) + len(design.pairs)), np.nan)
    parts = [
        _fit_chunk(design, counts[rows], terms[rows], near[rows])
        for rows in (slice(start, start + CHUNK) for start in range(0, max(len(counts), 1), CHUNK))
    ]
    return ManyFits(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ManyFits.__dataclass_fields__
        )
    )


def _fit_chunk(design: Design, counts: np.ndarray, terms: np.ndarray, near: np.ndarray) -> ManyFits:
    shared = design.pair_columns
    empty = terms & (
        counts @ shared == 0
    )  # at minus infinity: the cells of both lists leave the table
    left = (empty @ shared.T) == 0
    matrix = np.column_stack([np.ones(len(design.patterns)), design.patterns, shared])
    active = np.column_stack(
        [np.ones((len(counts), 1 + design.patterns.shape[1]), dtype=bool), terms & ~empty]
    )
    coefficients, settled = _maximise_many(matrix, counts, left, active, near)
    means = np.where(left, np.exp(np.clip(coefficients @ matrix.T, -700, 700)), 0.0)
    given = settled & _is_full_rank(matrix, left, active)
    # Settled with positive means: these have the sufficient statistics of the data, so the estimate
    # exists. Where a mean is so small that this certificate is in doubt, the exact check decides.
    in_doubt = np.where(left, means, np.inf).min(axis=1) < SMALLEST_MEAN
    for row in np.flatnonzero(given & in_doubt):
        given[row] = (
            find_fault_in(
                Design(design.names, design.patterns, counts[row]), design.name_pairs(terms[row])
            )
            is None
        )
    unseen = np.where(given, np.exp(np.clip(coefficients[:, 0], -700, 700)), np.nan)
    return ManyFits(
        unseen=unseen,
        n_seen=counts.sum(axis=1),
        deviance=np.where(given, deviance_of_cells(counts, means), np.nan),
        log_likelihood=np.where(given, log_likelihood_of_cells(counts, means), np.nan),
        n_parameters=active.sum(axis=1) + empty.sum(axis=1),
        expected_overlaps=means @ shared,
        coefficients=np.where(given[:, None], coefficients, np.nan),
    )


def _is_full_rank(matrix: np.ndarray, left: np.ndarray, active: np.ndarray) -> np.ndarray:
    """Which models are identifiable. The whole table always is; where cells have left it, each kind
    of model is looked at once."""
    full = np.ones(len(left), dtype=bool)
    smaller = np.flatnonzero(~left.all(axis=1))
    kinds, members = np.unique(
        np.column_stack([left[smaller], active[smaller]]), axis=0, return_inverse=True
    )
    for number, kind in enumerate(kinds):
        columns = matrix[kind[: len(matrix)]][:, kind[len(matrix) :]]
        full[smaller[members.ravel() == number]] = (
            np.linalg.matrix_rank(columns) == columns.shape[1]
        )
    return full


def _maximise_many(
    matrix: np.ndarray, counts: np.ndarray, left: np.ndarray, active: np.ndarray, near: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Newton's method for all models at once, steps halved until each likelihood rises:
    coefficients, and which settled."""
    products = (matrix[:, :, None] * matrix[:, None, :]).reshape(len(matrix), -1)
    coefficients, cold = near * active, np.isnan(near).any(axis=1)
    if cold.any():
        coefficients[cold] = _solve_many(
            left[cold] @ products, (left * np.log(counts + 0.5))[cold] @ matrix, active[cold]
        )
    best = log_likelihood(matrix, counts, coefficients, left)
    settled = np.zeros(len(counts), dtype=bool)
    running = np.arange(len(counts))
    for _ in range(MOST_STEPS):
        data, kept = counts[running], left[running]
        means = np.where(kept, np.exp(np.clip(coefficients[running] @ matrix.T, -700, 700)), 0.0)
        step = _solve_many(means @ products, (data - means) @ matrix, active[running])
        for _ in range(40):
            trial = log_likelihood(matrix, data, coefficients[running] + step, kept)
            falls = trial < best[running] - 1e-12 * np.abs(best[running])
            if not falls.any():
                break
            step[falls] /= 2
        coefficients[running], best[running] = coefficients[running] + step, trial
        settled[running] = np.abs(step).max(axis=1) < SETTLED
        running = running[~settled[running]]
        if not len(running):
            break
    return coefficients, settled


def _solve_many(information: np.ndarray, score: np.ndarray, active: np.ndarray) -> np.ndarray:
    """A Newton step a model over its own columns, zero elsewhere. A touch of ridge keeps a singular
    one from stopping the others."""
    width = score.shape[1]
    square = information.reshape(-1, width, width).astype(float)
    square *= active[:, :, None]
    square *= active[:, None, :]
    diagonal = np.einsum("bkk->bk", square)
    diagonal += np.where(active, 1e-13 * diagonal.max(axis=1, keepdims=True), 1.0)
    return np.linalg.solve(square, (score * active)[:, :, None])[:, :, 0]


def find_smallest(values: np.ndarray) -> int:
    """The place of the smallest of some criterion values; where several are as small but for TIE,
    the first."""
    return int(np.argmax(values <= np.nanmin(values) + TIE))


def choose_forward_many(
    design: Design, counts: np.ndarray, *, entry_p_value: float = ENTRY_P_VALUE
) -> tuple[np.ndarray, np.ndarray]:
    """Forward selection for each row of `counts`: the chosen terms (rows x pairs) and the estimate
    of all victims.

    The rule of SparseMSE's `stepwisefit`: from main effects, the pair whose overlap is least likely
    under the current model enters (one-sided Poisson p-value of the observed overlap, the smaller
    tail), while that p-value is below `entry_p_value`; a pair that would leave no estimate is
    passed over. NaN where even the main effects give none.
    """
    overlaps = counts @ design.pair_columns
    terms, barred = np.zeros(overlaps.shape, dtype=bool), np.zeros(overlaps.shape, dtype=bool)
    fits = fit_many(design, counts, terms)
    estimates, expected, near = fits.estimate, fits.expected_overlaps, fits.coefficients
    growing = np.flatnonzero(~np.isnan(estimates))
    while len(growing):
        p_values = np.minimum(
            poisson.cdf(overlaps[growing], expected[growing]),
            poisson.sf(overlaps[growing] - 1, expected[growing]),
        )
        p_values[terms[growing] | barred[growing]] = 1.0
        # Where several are too small for the machine, the least likely overlap goes first.
        ties = np.where(
            p_values <= p_values.min(axis=1, keepdims=True) * (1 + TIE),
            poisson.logpmf(overlaps[growing], expected[growing]),
            np.inf,
        )
        place = (ties <= ties.min(axis=1, keepdims=True) + TIE).argmax(axis=1)
        enters = p_values[np.arange(len(growing)), place] < entry_p_value
        growing, place = growing[enters], place[enters]
        tried = terms[growing]
        tried[np.arange(len(growing)), place] = True
        fits = fit_many(design, counts[growing], tried, near=near[growing])
        given = ~np.isnan(fits.estimate)
        barred[growing] = np.where(given[:, None], False, barred[growing])
        barred[growing[~given], place[~given]] = True
        chosen = growing[given]
        terms[chosen], estimates[chosen] = tried[given], fits.estimate[given]
        expected[chosen], near[chosen] = fits.expected_overlaps[given], fits.coefficients[given]
    return terms, estimates
