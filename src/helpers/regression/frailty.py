"""Cox regression with a frailty that people of one group share, gamma or Gaussian. Checked against
R's coxph with frailty()."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import scipy

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
class _Law:
    """What log frailties b are drawn from: what is taken off all of them to `center` them, and, for
    a variance of 1, the slope and the curvature of the penalty on each."""

    center: Callable[[np.ndarray], float]
    slope: Callable[[np.ndarray], np.ndarray]
    bend: Callable[[np.ndarray], np.ndarray]


# Gamma: the mean factor is 1. Gaussian: the mean of its logarithm is 0.
LAWS = {
    "gamma": _Law(lambda b: float(np.log(np.mean(np.exp(b)))), lambda b: np.exp(b) - 1, np.exp),
    "gaussian": _Law(lambda b: float(np.mean(b)), lambda b: b, np.ones_like),
}


@dataclass(frozen=True)
class _Model:
    """What stays the same while a frailty is fitted: rows, risk sets, the group of each row, the
    events of each group, and how frailties and ties are taken."""

    data: Rows
    sets: RiskSets
    group: np.ndarray
    events: np.ndarray
    law: str
    ties: str

    @property
    def n(self) -> int:
        return len(self.events)

    def sum_groups(self, values: np.ndarray) -> np.ndarray:
        return np.bincount(self.group, weights=values, minlength=self.n)


@dataclass(frozen=True)
class _Point:
    """Where Newton's method stands: the steps, the hazard at each, what each row has `passed` of
    it, and the curvature of the penalty on each frailty."""

    steps: Steps
    hazard: np.ndarray
    passed: np.ndarray
    penalty: np.ndarray


@dataclass(frozen=True)
class _Fit:
    """Coefficients of standardised covariates, log frailties, the variance of the coefficients, the
    log-likelihood, and by how much the variance of the frailties would have to grow (Gaussian)."""

    beta: np.ndarray
    frailty: np.ndarray
    variance: np.ndarray
    log_likelihood: float
    growth: float = 0.0


def fit_frailty(
    rows: pd.DataFrame,
    terms: Sequence[str],
    *,
    group: str,
    stop: str = "days",
    event: str = "event",
    start: str | None = None,
    strata: str | None = None,
    theta: float | None = None,
    law: str = "gamma",
    ties: str = "efron",
) -> pd.DataFrame:
    """Hazard ratios of `terms` between people with the same frailty: a factor that multiplies the
    rate of all rows of a `group`, and says how much groups differ beyond the terms. By `law`
    "gamma" (mean 1, variance `theta`) or "gaussian" (its logarithm, with variance `theta`). Where
    None, `theta` is estimated: by the marginal likelihood, or for "gaussian" by restricted maximum
    likelihood.

    Columns term, coefficient, std_error (theta taken as known), hazard_ratio, ci_lower, ci_upper,
    p_value, n_events, n_groups, theta, log_likelihood (marginal; for "gaussian" the penalised one).
    R: coxph(Surv(start, stop, event) ~ terms + strata(strata) + frailty(group, theta), or
    frailty.gaussian), whose errors take frailties as independent of each other, as these do. Raises
    BadInput as `estimate_cox`, for another law, and where the terms do not tell a group apart from
    its frailty.
    """
    if law not in LAWS:
        raise BadInput(f"law {law!r}: one of {', '.join(LAWS)}")
    if theta is not None and not 0 <= theta < np.inf:
        raise BadInput(f"theta {theta:g}: a variance is 0 or more")
    data = read_rows(rows, terms, Columns(stop, event, start, cluster=group, strata=strata))
    if data.cluster is None or not data.cluster.max():
        raise BadInput("one group; a frailty needs several")
    sets, groups = RiskSets(data), int(data.cluster.max()) + 1
    events = np.bincount(data.cluster[sets.event_rows], minlength=groups).astype(float)
    model = _Model(data, sets, data.cluster, events, law, ties)
    plain, steps, inverse = fit(data, sets, terms, ties=ties)
    none = _Fit(plain, np.zeros(groups), inverse, steps.log_likelihood)
    if theta is None:
        choose = _choose_by_likelihood if law == "gamma" else _choose_restricted
        theta, best = choose(model, none)
    else:
        best = _fit_at(model, none, theta) if theta else none
    return _describe(data, terms, best, float(theta))


def _choose_by_likelihood(model: _Model, none: _Fit) -> tuple[float, _Fit]:
    """The variance with the largest marginal likelihood, and the fit there; 0 where no frailty does
    better."""
    near = {"fit": none}

    def lose(log_theta: float) -> float:
        near["fit"] = _fit_at(model, near["fit"], float(np.exp(log_theta)))
        return -near["fit"].log_likelihood

    found = scipy.optimize.minimize_scalar(
        lose,
        bounds=(np.log(LEAST_VARIANCE), np.log(MOST_VARIANCE)),
        method="bounded",
        options={"xatol": 1e-8},
    )
    theta = float(np.exp(found.x))
    best = _fit_at(model, near["fit"], theta)
    is_none = theta < 10 * LEAST_VARIANCE or best.log_likelihood <= none.log_likelihood
    return (0.0, none) if is_none else (theta, best)


def _choose_restricted(model: _Model, none: _Fit) -> tuple[float, _Fit]:
    """The variance that the squares of the frailties give back, for what each costs in freedom (R:
    method = "reml"); 0 where they always give back less."""
    near = {"fit": none}

    def grow(log_theta: float) -> float:
        near["fit"] = _fit_at(model, near["fit"], float(np.exp(log_theta)))
        return near["fit"].growth

    lower, upper = float(np.log(10 * LEAST_VARIANCE)), float(np.log(MOST_VARIANCE))
    if grow(lower) <= 0:
        return 0.0, none
    if grow(upper) >= 0:
        raise BadInput(
            f"groups differ more than a variance of {MOST_VARIANCE:g} can say; look for groups without others at risk"
        )
    theta = float(np.exp(scipy.optimize.brentq(grow, lower, upper, xtol=1e-12)))
    return theta, _fit_at(model, near["fit"], theta)


def _fit_at(model: _Model, begin: _Fit, theta: float) -> _Fit:
    """The penalised partial likelihood at its top, by Newton's steps."""
    law, beta, frailty = LAWS[model.law], begin.beta, begin.frailty
    for _ in range(MOST_STEPS):
        frailty = frailty - law.center(frailty)
        point = _look(model, beta, frailty, law.bend(frailty) / theta)
        slope = model.events - model.sum_groups(point.passed) - law.slope(frailty) / theta
        score = np.concatenate([find_score(model.data, model.sets, point.steps), slope])
        move = _solve(model, point, score)
        longest = np.abs(move).max()
        if not np.isfinite(longest):
            break
        part = min(1.0, 2.0 / max(longest, 1e-300))
        beta, frailty = beta + part * move[: len(beta)], frailty + part * move[len(beta) :]
        if longest <= ARRIVED:
            return _finish(model, point, beta, frailty, theta)
    raise BadInput(
        "the frailty cannot be told from the covariates; leave out those that a group shares"
    )


def _look(model: _Model, beta: np.ndarray, frailty: np.ndarray, penalty: np.ndarray) -> _Point:
    """The steps with the log frailty of each row as one covariate more, whose coefficient is 1, and
    which is then taken away."""
    wide = replace(model.data, x=np.column_stack([model.data.x, frailty[model.group]]))
    steps = take_steps(wide, model.sets, np.append(beta, 1.0), ties=model.ties)
    steps = replace(steps, mean=steps.mean[:, :-1])
    hazard = steps.weight / steps.whole
    return _Point(steps, hazard, steps.rate * find_exposure(model.sets, steps, hazard), penalty)


def _solve(model: _Model, point: _Point, score: np.ndarray) -> np.ndarray:
    """Newton's step of coefficients and frailties together, by conjugate gradients: what the
    information makes of a direction takes one look at the rows."""
    x, sets, steps = model.data.x, model.sets, point.steps
    p = x.shape[1]

    def multiply(direction: np.ndarray) -> np.ndarray:
        moved = x @ direction[:p] + direction[p:][model.group]
        mean = sum_at_risk(sets, steps.part, steps.rate * moved) / steps.whole
        own = point.passed * moved - steps.rate * find_exposure(sets, steps, point.hazard * mean)
        return np.concatenate([x.T @ own, model.sum_groups(own) + point.penalty * direction[p:]])

    information = find_information(model.data, sets, steps)
    expected = model.sum_groups(point.passed)
    diagonal = np.concatenate([np.diag(information), expected + point.penalty])
    shape = (p + model.n, p + model.n)
    found, _ = scipy.sparse.linalg.cg(
        scipy.sparse.linalg.LinearOperator(shape, matvec=multiply),
        score,
        rtol=1e-10,
        M=scipy.sparse.linalg.LinearOperator(shape, matvec=lambda direction: direction / diagonal),
    )
    return found


def _finish(
    model: _Model, point: _Point, beta: np.ndarray, frailty: np.ndarray, theta: float
) -> _Fit:
    """The fit, with the variance of the coefficients for frailties that are independent of each
    other. R: survival:::coxpenal.df and frailty.controlgauss."""
    sets, steps = model.sets, point.steps
    pulled = find_exposure(sets, steps, point.hazard[:, None] * steps.mean)
    crossed = np.stack(
        [
            model.sum_groups(point.passed * column - steps.rate * pull)
            for column, pull in zip(model.data.x.T, pulled.T, strict=True)
        ],
        axis=1,
    )
    bend = model.sum_groups(point.passed) - _sum_squares(model, steps)
    whole = bend + point.penalty
    left = find_information(model.data, sets, steps) - crossed.T @ (crossed / whole[:, None])
    variance = np.linalg.inv(left)
    if model.law == "gamma":
        nu = 1 / theta
        top = steps.log_likelihood + nu * frailty.sum() + _correct(model.events, nu)
        return _Fit(beta, frailty, variance, float(top))
    squares, shared = float((frailty**2).sum()), crossed / whole[:, None]
    penalty = (squares / theta + model.n * np.log(2 * np.pi * theta)) / 2
    freedom = (bend / whole).sum() - np.einsum("gi,ij,gj->", shared, variance, shared) / theta
    growth = squares / freedom - theta
    return _Fit(beta, frailty, variance, float(steps.log_likelihood - penalty), float(growth))


def _sum_squares(model: _Model, steps: Steps) -> np.ndarray:
    """For each group, over the steps, the square of its part of all at risk."""
    sets, group, n = model.sets, model.group, model.n
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
        (
            nu * np.log(nu)
            - scipy.special.gammaln(nu)
            + scipy.special.gammaln(whole)
            - whole * np.log(whole)
            + events
        ).sum()
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
