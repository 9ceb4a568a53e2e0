"""Cox regression: fitted by statsmodels (equal to R to ten digits; lifelines agrees to six or
seven), with what a library leaves out or
does otherwise: robust errors under Efron's ties, clusters, and the score test of proportional
hazards. Checked against R.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import chi2, norm
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.tools.sm_exceptions import ModelWarning

from helpers.edition import BadInput
from helpers.survival import Z

# A hazard ratio of e^15 between the lowest and the highest value of a covariate is no estimate but
# a sign of separation.
LARGEST_LOG_RATIO = 15.0


@dataclass(frozen=True)
class _Rows:
    """Checked rows in one order: spells (start, stop], `event`, covariates `x` (a column a term),
    cluster codes."""

    start: np.ndarray
    stop: np.ndarray
    event: np.ndarray
    x: np.ndarray
    cluster: np.ndarray


@dataclass(frozen=True)
class _Steps:
    """One row an event, in order of time. Of tied events the r-th of d sees the risk set less r/d
    of those who have one (Efron).

    `time`; `whole`: the (weighted) size of the risk set; `mean` and `spread` of the covariates in
    it; `part` (r/d); `tie` tells which time the step belongs to.
    """

    time: np.ndarray
    whole: np.ndarray
    mean: np.ndarray
    spread: np.ndarray
    part: np.ndarray
    tie: np.ndarray


def estimate_cox(
    rows: pd.DataFrame,
    terms: Sequence[str],
    *,
    stop: str = "days",
    event: str = "event",
    start: str | None = None,
    cluster: str | None = None,
) -> pd.DataFrame:
    """Hazard ratios of `terms` (numeric columns), Efron's ties. A row is a person, or a spell
    (start, stop] of one: covariates may change.

    Columns term, coefficient, std_error (model-based), robust_std_error (by `cluster`; without one,
    as std_error), hazard_ratio, ci_lower, ci_upper and p_value (by the robust error), n_events. R:
    coxph(Surv(start, stop, event) ~ terms, cluster). Raises BadInput where
    nothing can be estimated: no event, a term that does not vary, or one that tells events apart
    completely.
    """
    data = _read(rows, terms, stop, event, start, cluster)
    beta = _fit(data, terms)
    steps = _tabulate_steps(data, beta)
    inverse = np.linalg.inv(steps.spread.sum(axis=0))
    std_error = np.sqrt(np.diag(inverse))
    robust = (
        std_error
        if cluster is None
        else np.sqrt(np.diag(_find_robust_variance(data, beta, steps, inverse)))
    )
    return pd.DataFrame(
        {
            "term": list(terms),
            "coefficient": beta,
            "std_error": std_error,
            "robust_std_error": robust,
            "hazard_ratio": np.exp(beta),
            "ci_lower": np.exp(beta - Z * robust),
            "ci_upper": np.exp(beta + Z * robust),
            "p_value": 2 * norm.sf(np.abs(beta) / robust),
            "n_events": int(data.event.sum()),
        }
    )


def compare_over_time(
    rows: pd.DataFrame,
    terms: Sequence[str],
    *,
    stop: str = "days",
    event: str = "event",
    start: str | None = None,
) -> pd.DataFrame:
    """The score test of proportional hazards (Grambsch and Therneau 1994), against a coefficient
    that changes linearly with time.

    Columns term (and "all"), statistic, degrees_of_freedom, p_value. R: cox.zph(coxph(...),
    transform = "identity").
    """
    data = _read(rows, terms, stop, event, start, None)
    steps = _tabulate_steps(data, _fit(data, terms))
    is_event = data.event == 1
    observed = data.x[is_event][np.argsort(data.stop[is_event], kind="stable")]
    score = (steps.time[:, None] * (observed - steps.mean)).sum(axis=0)
    plain, crossed, squared = (
        np.tensordot(steps.time**power, steps.spread, axes=1) for power in (0, 1, 2)
    )
    variance = squared - crossed @ np.linalg.solve(plain, crossed)
    statistics = [*(score**2 / np.diag(variance)), float(score @ np.linalg.solve(variance, score))]
    freedom = [*[1] * len(terms), len(terms)]
    return pd.DataFrame(
        {
            "term": [*terms, "all"],
            "statistic": statistics,
            "degrees_of_freedom": freedom,
            "p_value": chi2.sf(statistics, freedom),
        }
    )


def _read(
    rows: pd.DataFrame,
    terms: Sequence[str],
    stop: str,
    event: str,
    start: str | None,
    cluster: str | None,
) -> _Rows:
    x = rows[list(terms)].to_numpy(dtype=float)
    ends, events = rows[stop].to_numpy(dtype=float), rows[event].to_numpy(dtype=int)
    starts = np.full(len(rows), -1.0) if start is None else rows[start].to_numpy(dtype=float)
    faults = {
        "missing values": int(np.isnan(x).any(axis=1).sum() + np.isnan(ends).sum()),
        "spells that end before they start": int((starts >= ends).sum()),
        "event codes other than 0, 1": int((~np.isin(events, [0, 1])).sum()),
    }
    for fault, n in faults.items():
        if n:
            raise BadInput(f"{n} {fault}; mend the rows before the regression")
    if not events.sum():
        raise BadInput("no event; a hazard ratio cannot be estimated")
    codes = (
        np.zeros(len(rows), dtype=int)
        if cluster is None
        else pd.factorize(rows[cluster], sort=True)[0]
    )
    order = np.lexsort((codes, *x.T, events, starts, ends))
    return _Rows(starts[order], ends[order], events[order], x[order], codes[order])


def _fit(data: _Rows, terms: Sequence[str]) -> np.ndarray:
    span = np.ptp(data.x, axis=0)
    still = [term for term, width in zip(terms, span) if width == 0]
    if still:
        raise BadInput(
            f"{', '.join(still)} is the same for everybody; leave it out of the regression"
        )
    for term, column in zip(terms, data.x.T):
        if set(np.unique(column)) == {0.0, 1.0} and len(np.unique(column[data.event == 1])) == 1:
            raise BadInput(
                f"all events fall on one side of {term}; its hazard ratio has no finite value, compare the curves instead"
            )
    # Only the order of times matters. Whoever enters at a time is at risk after it, where PHReg
    # says from it on: entries get odd places.
    times = np.unique(np.concatenate([data.start, data.stop]))
    stops, starts = (
        2 * np.searchsorted(times, data.stop),
        2 * np.searchsorted(times, data.start) + 1,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error", ModelWarning)
        try:
            beta = (
                PHReg(stops, data.x, status=data.event, entry=starts, ties="efron")
                .fit(disp=0)
                .params
            )
        except (np.linalg.LinAlgError, ModelWarning):
            beta = np.full(len(span), np.nan)
    if not (np.abs(beta) * span < LARGEST_LOG_RATIO).all():
        raise BadInput(
            f"{', '.join(terms)}: the covariates tell who has the event apart completely, or repeat each other; the regression has no finite answer"
        )
    return beta


def _tabulate_steps(data: _Rows, beta: np.ndarray) -> _Steps:
    weight = np.exp(data.x @ beta)
    products = np.concatenate(
        [
            weight[:, None],
            weight[:, None] * data.x,
            (weight[:, None, None] * data.x[:, :, None] * data.x[:, None, :]).reshape(
                len(weight), -1
            ),
        ],
        axis=1,
    )
    is_event = data.event == 1
    times, place, tied = np.unique(data.stop[is_event], return_inverse=True, return_counts=True)
    at_risk = _sum_from(data.stop, products, times) - _sum_from(data.start, products, times)
    failing = np.zeros_like(at_risk)
    np.add.at(failing, place, products[is_event])
    tie = np.repeat(np.arange(len(times)), tied)
    part = (np.arange(len(tie)) - np.repeat(np.cumsum(tied) - tied, tied)) / tied[tie]
    sums = at_risk[tie] - part[:, None] * failing[tie]
    p = len(beta)
    mean = sums[:, 1 : p + 1] / sums[:, :1]
    spread = (
        sums[:, p + 1 :].reshape(-1, p, p) / sums[:, :1, None] - mean[:, :, None] * mean[:, None, :]
    )
    return _Steps(times[tie], sums[:, 0], mean, spread, part, tie)


def _sum_from(ends: np.ndarray, products: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Sums of the rows whose end is at or after each time."""
    order = np.argsort(ends, kind="stable")
    reverse = np.concatenate(
        [np.cumsum(products[order][::-1], axis=0)[::-1], np.zeros((1, products.shape[1]))]
    )
    return reverse[np.searchsorted(ends[order], times, side="left")]


def _find_robust_variance(
    data: _Rows, beta: np.ndarray, steps: _Steps, inverse: np.ndarray
) -> np.ndarray:
    """The sandwich: squared sums by cluster of each row's score residual, as in R's
    residuals(coxph, "dfbeta")."""
    n_times = steps.tie.max() + 1
    times = steps.time[np.searchsorted(steps.tie, np.arange(n_times))]
    hazard, pull = 1 / steps.whole, steps.mean / steps.whole[:, None]

    def by_time(values: np.ndarray) -> np.ndarray:
        sums = np.zeros((n_times, *values.shape[1:]))
        np.add.at(sums, steps.tie, values)
        return sums

    passed = [
        np.concatenate([np.zeros((1, *values.shape[1:])), np.cumsum(by_time(values), axis=0)])
        for values in (hazard, pull)
    ]
    until, since = (
        np.searchsorted(times, data.stop, side="right"),
        np.searchsorted(times, data.start, side="right"),
    )
    weight = np.exp(data.x @ beta)[:, None]
    residual = -weight * (
        data.x * (passed[0][until] - passed[0][since])[:, None]
        - (passed[1][until] - passed[1][since])
    )
    is_event = data.event == 1
    own = until[is_event] - 1
    tied = np.bincount(steps.tie)[own][:, None]
    spared = (
        data.x[is_event] * by_time(steps.part * hazard)[own][:, None]
        - by_time(steps.part[:, None] * pull)[own]
    )
    residual[is_event] += (
        data.x[is_event] - by_time(steps.mean)[own] / tied + weight[is_event] * spared
    )
    grouped = np.zeros((data.cluster.max() + 1, data.x.shape[1]))
    np.add.at(grouped, data.cluster, residual @ inverse)
    return grouped.T @ grouped
