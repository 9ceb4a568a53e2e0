"""Cox regression with a gamma frailty that people of one group share. Checked against R's coxph with
frailty()."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar
from scipy.sparse.linalg import LinearOperator, cg
from scipy.special import gammaln

from helpers.edition import BadInput
from helpers.regression.engine import (
    ARRIVED,
    MOST_STEPS,
    Columns,
    RiskSets,
    Rows,
    Steps,
    find_exposure,
    find_information,
    find_score,
    fit,
    read_rows,
    sum_at_risk,
    take_steps,
)
from helpers.survival import Z, find_p_value

# The variance of a frailty is looked for between these; below the first there is none.
LEAST_VARIANCE, MOST_VARIANCE = 1e-6, 50.0
# Groups whose risk sets are held at a time.
CHUNK = 4_000_000


@dataclass(frozen=True)
class _Fit:
    """Coefficients of standardised covariates, log frailties, the variance of the coefficients, and
    the log of the marginal likelihood (R: I-likelihood)."""

    beta: np.ndarray
    frailty: np.ndarray
    variance: np.ndarray
    log_likelihood: float


def fit_frailty(
    rows: pd.DataFrame,
    terms: Sequence[str],
    *,
    group: str,
    stop: str = "days",
    event: str = "event",
    start: str | None = None,
    theta: float | None = None,
    ties: str = "efron",
) -> pd.DataFrame:
    """Hazard ratios of `terms` between people with the same frailty: a factor of mean 1, gamma with
    variance `theta` (estimated where None, by the marginal likelihood), that multiplies the rate of
    all rows of a `group`. It says how much groups differ beyond the terms.

    Columns term, coefficient, std_error (theta taken as known), hazard_ratio, ci_lower, ci_upper,
    p_value, n_events, n_groups, theta, log_likelihood (marginal). R: coxph(Surv(start, stop, event)
    ~ terms + frailty(group, theta)), whose errors take frailties as independent of each other, as
    these do. Raises BadInput as `estimate_cox`, and where the terms do not tell a group apart from
    its frailty.
    """
    data = read_rows(rows, terms, Columns(stop, event, start, cluster=group))
    if data.cluster is None or not data.cluster.max():
        raise BadInput("one group; a frailty needs several")
    sets = RiskSets(data)
    plain, steps, inverse = fit(data, sets, terms, ties=ties)
    none = _Fit(plain, np.zeros(data.cluster.max() + 1), inverse, steps.log_likelihood)
    best = none if theta == 0 else _fit_at(data, sets, none, theta, ties) if theta else None
    if best is None:
        theta, best = _choose_variance(data, sets, none, ties)
    return _describe(data, terms, best, float(theta or 0.0))


def _choose_variance(data: Rows, sets: RiskSets, none: _Fit, ties: str) -> tuple[float, _Fit]:
    """The variance with the largest marginal likelihood, and the fit there; 0 where no frailty does
    better."""
    near = {"fit": none}

    def lose(log_theta: float) -> float:
        near["fit"] = _fit_at(data, sets, near["fit"], float(np.exp(log_theta)), ties)
        return -near["fit"].log_likelihood

    found = minimize_scalar(
        lose,
        bounds=(np.log(LEAST_VARIANCE), np.log(MOST_VARIANCE)),
        method="bounded",
        options={"xatol": 1e-8},
    )
    theta = float(np.exp(found.x))
    best = _fit_at(data, sets, near["fit"], theta, ties)
    is_none = theta < 10 * LEAST_VARIANCE or best.log_likelihood <= none.log_likelihood
    return (0.0, none) if is_none else (theta, best)


def _fit_at(data: Rows, sets: RiskSets, begin: _Fit, theta: float, ties: str) -> _Fit:
    """The penalised partial likelihood at its top, by Newton's steps. The mean frailty is 1."""
    if theta < 0:
        raise BadInput(f"theta {theta:g}: a variance is 0 or more")
    nu, group, p = 1 / theta, _get_groups(data), len(begin.beta)
    beta, frailty = begin.beta, begin.frailty
    events = np.bincount(group[sets.event_rows], minlength=len(frailty)).astype(float)
    for _ in range(MOST_STEPS):
        frailty = frailty - np.log(np.mean(np.exp(frailty)))
        steps = _take(data, sets, beta, frailty[group], ties)
        hazard = steps.weight / steps.whole
        passed = steps.rate * find_exposure(sets, steps, hazard)
        expected = np.bincount(group, weights=passed, minlength=len(frailty))
        slope = events - expected - nu * (np.exp(frailty) - 1)
        score = np.concatenate([find_score(data, sets, steps), slope])
        move = _solve(data, sets, steps, group, passed, nu * np.exp(frailty), score)
        longest = np.abs(move).max()
        if not np.isfinite(longest):
            break
        part = min(1.0, 2.0 / max(longest, 1e-300))
        beta, frailty = beta + part * move[:p], frailty + part * move[p:]
        if longest <= ARRIVED:
            top = steps.log_likelihood + nu * frailty.sum() + _correct(events, nu)
            variance = _find_variance(data, sets, steps, group, passed, nu * np.exp(frailty))
            return _Fit(beta, frailty, variance, float(top))
    raise BadInput(
        "the frailty cannot be told from the covariates; leave out those that a group shares"
    )


def _get_groups(data: Rows) -> np.ndarray:
    assert data.cluster is not None
    return data.cluster


def _take(data: Rows, sets: RiskSets, beta: np.ndarray, frailty: np.ndarray, ties: str) -> Steps:
    """The steps with the log frailty of each row as one covariate more, whose coefficient is 1, and
    which is then taken away."""
    wide = replace(data, x=np.column_stack([data.x, frailty]))
    steps = take_steps(wide, sets, np.append(beta, 1.0), ties=ties)
    return replace(steps, mean=steps.mean[:, :-1])


def _solve(
    data: Rows,
    sets: RiskSets,
    steps: Steps,
    group: np.ndarray,
    passed: np.ndarray,
    penalty: np.ndarray,
    score: np.ndarray,
) -> np.ndarray:
    """Newton's step of coefficients and frailties together, by conjugate gradients: what the
    information makes of a direction takes one look at the rows."""
    p, n, hazard = data.x.shape[1], len(penalty), steps.weight / steps.whole

    def multiply(direction: np.ndarray) -> np.ndarray:
        moved = data.x @ direction[:p] + direction[p:][group]
        mean = sum_at_risk(sets, steps.part, steps.rate * moved) / steps.whole
        own = passed * moved - steps.rate * find_exposure(sets, steps, hazard * mean)
        of_groups = np.bincount(group, weights=own, minlength=n) + penalty * direction[p:]
        return np.concatenate([data.x.T @ own, of_groups])

    diagonal = np.concatenate(
        [
            np.diag(find_information(data, sets, steps)),
            np.bincount(group, weights=passed, minlength=n) + penalty,
        ]
    )
    shape = (p + n, p + n)
    found, _ = cg(
        LinearOperator(shape, matvec=multiply),
        score,
        rtol=1e-10,
        M=LinearOperator(shape, matvec=lambda direction: direction / diagonal),
    )
    return found


def _find_variance(
    data: Rows,
    sets: RiskSets,
    steps: Steps,
    group: np.ndarray,
    passed: np.ndarray,
    penalty: np.ndarray,
) -> np.ndarray:
    """The variance of the coefficients, with frailties that are independent of each other."""
    n, hazard = len(penalty), steps.weight / steps.whole
    pulled = find_exposure(sets, steps, hazard[:, None] * steps.mean)
    crossed = np.stack(
        [
            np.bincount(group, weights=passed * column - steps.rate * pull, minlength=n)
            for column, pull in zip(data.x.T, pulled.T, strict=True)
        ],
        axis=1,
    )
    expected = np.bincount(group, weights=passed, minlength=n)
    bend = expected - _sum_squares(sets, steps, group, n) + penalty
    left = find_information(data, sets, steps) - crossed.T @ (crossed / bend[:, None])
    return np.linalg.inv(left)


def _sum_squares(sets: RiskSets, steps: Steps, group: np.ndarray, n: int) -> np.ndarray:
    """For each group, over the steps, the square of its part of all at risk."""
    out, size = np.empty(n), max(CHUNK // max(len(sets.tie), 1), 1)
    for first in range(0, n, size):
        inside = (group >= first) & (group < first + size)
        width = min(size, n - first)
        rows, own = np.flatnonzero(inside), group[inside] - first
        at_risk = _sum_after(sets.until[rows], own, steps.rate[rows], width, len(sets.time))
        at_risk -= _sum_after(sets.since[rows], own, steps.rate[rows], width, len(sets.time))
        seen = at_risk[sets.tie]
        if steps.part.any():
            is_own = inside[sets.event_rows]
            place = sets.tie[is_own] * width + group[sets.event_rows[is_own]] - first
            weights = steps.rate[sets.event_rows[is_own]]
            tied = np.bincount(place, weights=weights, minlength=len(sets.time) * width)
            seen = seen - steps.part[:, None] * tied.reshape(-1, width)[sets.tie]
        out[first : first + width] = steps.weight @ (seen / steps.whole[:, None]) ** 2
    return out


def _sum_after(
    place: np.ndarray, own: np.ndarray, rate: np.ndarray, width: int, n: int
) -> np.ndarray:
    """For each tie and group, the sum of the rates whose place is after the tie."""
    cells = np.bincount(place * width + own, weights=rate, minlength=(n + 1) * width)
    return np.cumsum(cells.reshape(n + 1, width)[:0:-1], axis=0)[::-1]


def _correct(events: np.ndarray, nu: float) -> float:
    """What makes the penalised likelihood the marginal one, up to a constant; without frailty it is
    the partial likelihood. R: survival:::frailty.gammacon."""
    whole = nu + events
    return float(
        (nu * np.log(nu) - gammaln(nu) + gammaln(whole) - whole * np.log(whole) + events).sum()
    )


def _describe(data: Rows, terms: Sequence[str], best: _Fit, theta: float) -> pd.DataFrame:
    coefficient = best.beta / data.scale
    error = np.sqrt(np.diag(best.variance)) / data.scale
    return pd.DataFrame(
        {
            "term": list(terms),
            "coefficient": coefficient,
            "std_error": error,
            "hazard_ratio": np.exp(coefficient),
            "ci_lower": np.exp(coefficient - Z * error),
            "ci_upper": np.exp(coefficient + Z * error),
            "p_value": find_p_value(coefficient / error, None),
            "n_events": int((data.event == 1).sum()),
            "n_groups": len(best.frailty),
            "theta": theta,
            "log_likelihood": best.log_likelihood,
        }
    )
