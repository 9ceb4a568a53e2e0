"""The regression of Fine and Gray (1999) for the share of those who meet one event where others
compete: those who met another stay at risk, with the weight of not being censored yet.

Checked against R's cmprsk::crr (ties = "breslow") and survival::finegray with coxph ("efron").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from helpers.edition import BadInput
from helpers.regression.cox import describe_fit
from helpers.regression.engine import (
    Columns,
    RiskSets,
    Rows,
    Steps,
    find_residuals,
    fit,
    read_rows,
    sum_steps,
)
from helpers.survival.risk import divide


def fit_fine_gray(
    rows: pd.DataFrame,
    terms: Sequence[str],
    *,
    stop: str = "days",
    event: str = "event",
    start: str | None = None,
    cause: int = 1,
    causes: int = 2,
    cluster: str | None = None,
    weights: str | None = None,
    strata: str | None = None,
    ties: str = "breslow",
) -> pd.DataFrame:
    """Subdistribution hazard ratios of `terms` for `cause`; `event` is 0 (censored) to `causes`. A
    row is a person, followed from time 0 or from `start` on. Within `strata` baseline and censoring
    are their own.

    Columns as `regression.estimate_cox`; robust_std_error is by person, or by `cluster`. With
    "breslow" the errors allow for the estimated weights, and events at a time are at risk of being
    censored at it: R's cmprsk::crr(time, event, x). With "efron" they do neither: R's
    coxph(Surv(fgstart, fgstop, fgstatus) ~ terms + strata(strata), weights = fgwt, cluster = id) of
    finegray(~ . + strata(strata), weights). Raises BadInput as there, and for late entry with
    "breslow", whose errors know none.
    """
    if start is not None and ties == "breslow":
        raise BadInput('late entry needs ties "efron": the errors of "breslow" know none')
    columns = Columns(stop, event, start, cluster, weights, strata)
    data = read_rows(rows, terms, columns, causes=causes)
    own = replace(data, event=(data.event == cause).astype(np.int64))
    if not own.event.any():
        raise BadInput(f"nobody has event {cause}; there is no ratio to estimate")
    sets, kept = RiskSets(own), np.zeros(len(data.stop))
    growth = np.zeros(len(sets.time))
    is_other = (data.event > 0) & (data.event != cause)
    losses = [_count_censored(data, s, is_tied=ties == "breslow") for s in np.unique(data.stratum)]
    for loss in losses:
        stays = is_other & (data.stratum == loss.stratum)
        kept[stays] = divide(np.ones(stays.sum()), loss.find_free(data.stop[stays]))
        at = sets.stratum == loss.stratum
        growth[at] = loss.find_free(sets.time[at])
    sets.stay(own, kept, growth)
    beta, steps, inverse = fit(own, sets, terms, ties=ties)
    residuals = find_residuals(own, sets, steps)
    if ties == "breslow":
        for loss in losses:
            residuals += _find_censoring_pull(own, sets, steps, loss, data)
    return describe_fit(own, sets, steps, terms, beta, inverse, residuals)


@dataclass(frozen=True)
class _Loss:
    """The `times` at which somebody of a stratum is censored, how many are `lost`, and of how many
    `at_risk`; the times at which somebody `entered` late, and the chance to have done so by then
    (the Kaplan-Meier curve of entries, in reversed time)."""

    stratum: int
    times: np.ndarray
    lost: np.ndarray
    at_risk: np.ndarray
    entered: np.ndarray
    arrived: np.ndarray

    def find_free(self, at: np.ndarray) -> np.ndarray:
        """The chance to be under observation just before each time."""
        free = np.concatenate([[1.0], np.cumprod(1 - divide(self.lost, self.at_risk))])
        here = np.concatenate([self.arrived, [1.0]])
        return (
            free[np.searchsorted(self.times, at, side="left")]
            * here[np.searchsorted(self.entered, at, side="left")]
        )


def _count_censored(data: Rows, stratum: int, *, is_tied: bool) -> _Loss:
    """`is_tied`: who has an event at a time could still have been censored at it."""
    own = data.stratum == stratum
    stop, is_lost = data.stop[own], data.event[own] == 0
    start = np.full(len(stop), -np.inf) if data.start is None else data.start[own]
    times, lost = np.unique(stop[is_lost], return_counts=True)
    events = stop[~is_lost]
    at_risk = _count_below(start, times) - _count_below(stop, times)
    if not is_tied:
        at_risk -= _count_below(events, times, "right") - _count_below(events, times)
    if data.start is None:
        return _Loss(stratum, times, lost.astype(float), at_risk, np.zeros(0), np.zeros(0))
    entered, came = np.unique(start, return_counts=True)
    here = _count_below(start, entered, "right") - _count_below(stop, entered, "right")
    arrived = np.cumprod((1 - divide(came, here))[::-1])[::-1]
    return _Loss(stratum, times, lost.astype(float), at_risk, entered, arrived)


def _count_below(values: np.ndarray, at: np.ndarray, side: str = "left") -> np.ndarray:
    """How many are below each time; with side "right", or at it."""
    return np.searchsorted(np.sort(values), at, side=side).astype(float)  # type: ignore[call-overload]


def _find_censoring_pull(
    own: Rows, sets: RiskSets, steps: Steps, loss: _Loss, data: Rows
) -> np.ndarray:
    """What each row adds to the score through the weights: the hazard of being censored at u moves
    the weight at later ties of all who met another event before u (psi in Fine and Gray 1999). As
    crr has it, ties at u itself are later ones."""
    times, at_risk = loss.times, loss.at_risk
    is_own, at = data.stratum == loss.stratum, sets.stratum == loss.stratum
    hazard = (sum_steps(sets, steps.weight / steps.whole) * sets.growth)[at]
    pull = sum_steps(sets, (steps.weight / steps.whole)[:, None] * steps.mean)[at]
    pull = pull * sets.growth[at][:, None]
    later = np.searchsorted(sets.time[at], times, side="left")
    ahead, pulled = (np.concatenate([np.zeros((1, *part.shape[1:])), np.cumsum(part, axis=0)])
                     for part in (hazard, pull))  # fmt: skip
    ahead, pulled = ahead[-1] - ahead[later], pulled[-1] - pulled[later]
    weight = np.where(is_own, steps.rate * sets.kept, 0.0)
    place = np.searchsorted(times, data.stop, side="right")  # met it before times[place]
    n = len(times)
    stayed = np.cumsum(np.bincount(place, weights=weight, minlength=n + 1)[:n])
    moved = np.stack(
        [np.cumsum(np.bincount(place, weights=weight * column, minlength=n + 1)[:n])
         for column in own.x.T], axis=1,
    )  # fmt: skip
    slope = moved * ahead[:, None] - stayed[:, None] * pulled
    compensated = np.cumsum(slope * divide(loss.lost, at_risk**2)[:, None], axis=0)
    passed = np.concatenate([np.zeros((1, own.x.shape[1])), compensated])
    psi = -passed[place]
    is_lost = (data.event == 0) & is_own
    psi[is_lost] += divide(slope, at_risk[:, None])[place[is_lost] - 1]
    return np.where(is_own[:, None], psi, 0.0)
