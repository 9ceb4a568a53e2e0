"""Log-linear Poisson models of a capture table, with existence and identifiability checked before
any number is given.

A pair of lists without overlap has its parameter at minus infinity: its cells are expected to be
empty and leave the table (Chan, Silverman and Vincent 2021, section 2.3). An estimate exists where
the sufficient statistics lie inside the cone of the design (Fienberg and Rinaldo 2012), and it is
identifiable where the design has full rank.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.optimize import linprog
from scipy.special import gammaln, xlogy
from scipy.stats import norm

from helpers.edition import BadInput
from helpers.mse.captures import fill_patterns
from helpers.sources import check_captures, list_names

Pair = tuple[str, str]
MOST_STEPS = 200
LEVEL = 0.95


class NoEstimate(BadInput):
    """A model that gives no number for these data. The message says whether it does not exist or is
    not identifiable."""


@dataclass(frozen=True)
class LogLinearFit:
    """A fitted model: the estimate of all victims, seen and unseen.

    `unseen` is exp(intercept). `empty_pairs` are pairs without overlap, at minus infinity.
    `deviance` and `log_likelihood` are those of the Poisson model over all cells; `n_parameters`
    counts the parameters at minus infinity too.
    """

    pairs: tuple[Pair, ...]
    empty_pairs: tuple[Pair, ...]
    coefficients: pd.Series
    standard_errors: pd.Series
    n_seen: int
    unseen: float
    deviance: float
    log_likelihood: float
    n_parameters: int

    @property
    def estimate(self) -> float:
        return self.n_seen + self.unseen

    @property
    def aic(self) -> float:
        return 2 * self.n_parameters - 2 * self.log_likelihood

    @property
    def bic(self) -> float:
        """With the number of victims seen as sample size, as in Silverman (2020)."""
        return np.log(self.n_seen) * self.n_parameters - 2 * self.log_likelihood


@dataclass(frozen=True)
class Design:
    """A capture table as cells, with what a choice of pairs leaves of them."""

    names: tuple[str, ...]
    patterns: np.ndarray
    counts: np.ndarray

    @classmethod
    def of(cls, captures: pd.DataFrame) -> Design:
        patterns, counts = fill_patterns(captures)
        return cls(tuple(list_names(captures)), patterns, counts)

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Every pair of lists, in one order for all that counts pairs."""
        return tuple(combinations(self.names, 2))

    @cached_property
    def pair_columns(self) -> np.ndarray:
        """Cells x pairs: 1 for the cells of both lists."""
        return np.column_stack([self.place(pair) for pair in self.pairs])

    def name_pairs(self, terms: np.ndarray) -> tuple[Pair, ...]:
        """The pairs that a row of True and False stands for."""
        return tuple(pair for pair, taken in zip(self.pairs, terms, strict=True) if taken)

    def place(self, pair: Pair) -> np.ndarray:
        """1 for the cells of both lists."""
        first, second = (self.names.index(name) for name in pair)
        return self.patterns[:, first] * self.patterns[:, second]

    def split(self, pairs: tuple[Pair, ...]) -> tuple[list[Pair], list[Pair], np.ndarray]:
        """Pairs with overlap, pairs without, and which cells are left."""
        empty = [pair for pair in pairs if self.counts @ self.place(pair) == 0]
        left = np.ones(len(self.counts), dtype=bool)
        for pair in empty:
            left &= self.place(pair) == 0
        return [pair for pair in pairs if pair not in empty], empty, left

    def matrix(self, pairs: list[Pair], left: np.ndarray) -> np.ndarray:
        """Intercept, one column a list, one column a pair with overlap."""
        columns = [
            np.ones(len(self.counts)),
            *self.patterns.T,
            *(self.place(pair) for pair in pairs),
        ]
        return np.column_stack(columns)[left].astype(float)


def find_fault(captures: pd.DataFrame, pairs: tuple[Pair, ...] = ()) -> str | None:
    """Why the model with these two-list terms gives no estimate for these data, or None where it
    gives one."""
    return find_fault_in(Design.of(captures), pairs)


def find_fault_in(design: Design, pairs: tuple[Pair, ...]) -> str | None:
    """`find_fault` on cells."""
    present, empty, left = design.split(pairs)
    matrix = design.matrix(present, left)
    names = (
        f" (pairs without overlap: {', '.join('-'.join(pair) for pair in empty)})" if empty else ""
    )
    if np.linalg.matrix_rank(matrix) < matrix.shape[1]:
        return f"the number on no list is not identifiable: too few cells are left for {matrix.shape[1]} parameters{names}"
    if not _is_inside(matrix, design.counts[left]):
        return f"the estimate does not exist: the data lie on the edge of what the model can give{names}"
    return None


def _is_inside(matrix: np.ndarray, counts: np.ndarray) -> bool:
    """True where some positive cell means have the sufficient statistics of the data: a linear
    programme."""
    cells, width = matrix.shape
    goal = np.zeros(cells + 1)
    goal[-1] = -1  # maximise the smallest cell mean
    equal = np.hstack([matrix.T, np.zeros((width, 1))])
    above = np.hstack([-np.eye(cells), np.ones((cells, 1))])
    found = linprog(
        goal,
        A_ub=above,
        b_ub=np.zeros(cells),
        A_eq=equal,
        b_eq=matrix.T @ counts,
        bounds=[(0, None)] * cells + [(None, None)],
        method="highs",
    )
    return bool(found.success and -found.fun > 1e-7)


def fit_log_linear(captures: pd.DataFrame, pairs: tuple[Pair, ...] = ()) -> LogLinearFit:
    """The Poisson log-linear model with all main effects and these two-list terms, by Newton's
    method.

    The same as R's `glm(n ~ ..., family = poisson)` on the cells that are left. Raises BadInput for
    a malformed table and NoEstimate, with the reason, where the estimate does not exist or is not
    identifiable.
    """
    check_captures(captures)
    unknown = [name for pair in pairs for name in pair if name not in list_names(captures)]
    if unknown:
        raise BadInput(f"no list {', '.join(unknown)}; there are {', '.join(list_names(captures))}")
    design = Design.of(captures)
    fault = find_fault_in(design, pairs)
    if fault:
        raise NoEstimate(fault)
    return fit_design(design, pairs)


def fit_design(design: Design, pairs: tuple[Pair, ...]) -> LogLinearFit:
    """`fit_log_linear` on cells that are known to give an estimate."""
    present, empty, left = design.split(pairs)
    matrix, counts = design.matrix(present, left), design.counts[left]
    coefficients = maximise(matrix, counts)
    means = np.exp(matrix @ coefficients)
    information = matrix.T @ (matrix * means[:, None])
    labels = ["(none)", *design.names, *(":".join(pair) for pair in present)]
    return LogLinearFit(
        pairs=tuple(pairs),
        empty_pairs=tuple(empty),
        coefficients=pd.Series(coefficients, labels),
        standard_errors=pd.Series(np.sqrt(np.diag(np.linalg.inv(information))), labels),
        n_seen=int(design.counts.sum()),
        unseen=float(np.exp(coefficients[0])),
        deviance=float(deviance_of_cells(counts, means)),
        log_likelihood=float(log_likelihood_of_cells(counts, means)),
        n_parameters=matrix.shape[1] + len(empty),
    )


def maximise(matrix: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Newton's method on the Poisson log-likelihood, with steps halved until it rises."""
    coefficients = np.linalg.lstsq(matrix, np.log(counts + 0.5), rcond=None)[0]
    best = log_likelihood(matrix, counts, coefficients)
    for _ in range(MOST_STEPS):
        means = np.exp(matrix @ coefficients)
        step = np.linalg.solve(matrix.T @ (matrix * means[:, None]), matrix.T @ (counts - means))
        for _ in range(40):
            trial = log_likelihood(matrix, counts, coefficients + step)
            if trial >= best - 1e-12 * abs(best):
                break
            step = step / 2
        coefficients, best = coefficients + step, trial
        if np.abs(step).max() < 1e-10:
            return coefficients
    raise NoEstimate(f"the fit did not settle within {MOST_STEPS} steps")


def log_likelihood(
    matrix: np.ndarray, counts: np.ndarray, coefficients: np.ndarray, left: np.ndarray | bool = True
) -> np.ndarray:
    """The Poisson log-likelihood but for a constant, over the last axis; cells that have `left`
    False are out of the table."""
    linear = np.clip(coefficients @ matrix.T, -700, 700)
    return np.sum(np.where(left, counts * linear - np.exp(linear), 0), axis=-1)


def deviance_of_cells(counts: np.ndarray, means: np.ndarray) -> np.ndarray:
    """The Poisson deviance, over the last axis; a cell that is out of the table has mean 0 and
    count 0."""
    ratio = np.divide(counts, means, out=np.ones_like(means), where=means > 0)
    return 2 * np.sum(xlogy(counts, ratio) - counts + means, axis=-1)


def log_likelihood_of_cells(counts: np.ndarray, means: np.ndarray) -> np.ndarray:
    """The Poisson log-likelihood, over the last axis."""
    return np.sum(xlogy(counts, means) - means - gammaln(counts + 1), axis=-1)


def estimate_chao(captures: pd.DataFrame) -> tuple[float, float, float]:
    """Chao's (1987) formula for all victims and its 95% interval (log-normal, Chao 1987 equation
    12).

    With t lists, f1 on exactly one and f2 on exactly two give n + (t - 1) / t * f1^2 / (2 f2):
    exact for independent lists that are equally likely to see everybody, a lower bound where only
    the victims differ. The factor matters with few lists. Raises NoEstimate without anybody on two
    lists.
    """
    check_captures(captures)
    lists = list_names(captures)
    on = captures[lists].sum(axis=1)
    seen, once, twice = (
        float(captures.loc[rows, "n"].sum()) for rows in (on > 0, on == 1, on == 2)
    )
    if twice == 0:
        raise NoEstimate("Chao's bound needs victims on exactly two lists")
    factor, ratio = (len(lists) - 1) / len(lists), once / twice
    unseen = factor * once**2 / (2 * twice)
    variance = twice * (factor**2 * ratio**4 / 4 + factor**2 * ratio**3 + factor * ratio**2 / 2)
    spread = np.exp(norm.ppf((1 + LEVEL) / 2) * np.sqrt(np.log1p(variance / unseen**2)))
    return seen + unseen, seen + unseen / spread, seen + unseen * spread
