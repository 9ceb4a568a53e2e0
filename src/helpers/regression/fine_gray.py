"""The regression of Fine and Gray (1999) for the share of those who meet one event where others
compete: those who met another stay at risk, with the weight of not being censored yet.

Checked against R's cmprsk::crr (ties = "breslow") and survival::finegray with coxph ("efron").
"""

from __future__ import annotations

from collections.abc import Sequence

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
    cause: int = 1,
    causes: int = 2,
    cluster: str | None = None,
    ties: str = "breslow",
) -> pd.DataFrame:
    """Subdistribution hazard ratios of `terms` for `cause`; `event` is 0 (censored) to `causes`. A
    row is a person followed from time 0; no late entry.

    Columns as `regression.estimate_cox`; robust_std_error is by person, or by `cluster`. With
    "breslow" the errors allow for the estimated weights, and events at a time are at risk of being
    censored at it: R's cmprsk::crr(time, event, x). With "efron" they do neither: R's
    coxph(Surv(fgstart, fgstop, fgstatus) ~ terms, weights = fgwt, cluster = id) of finegray. Raises
    BadInput as there.
    """
    data = read_rows(rows, terms, Columns(stop, event, cluster=cluster), causes=causes)
    own = Rows(**{**data.__dict__, "event": (data.event == cause).astype(np.int64)})
    if not own.event.any():
        raise BadInput(f"nobody has event {cause}; there is no ratio to estimate")
    sets = RiskSets(own)
    times, lost, at_risk = _count_censored(data, is_tied=ties == "breslow")
    free = np.concatenate([[1.0], np.cumprod(1 - divide(lost, at_risk))])  # before each time
    before_exit = free[np.searchsorted(times, data.stop, side="left")]
    is_other = (data.event > 0) & (data.event != cause)
    kept = np.where(is_other, divide(np.ones(len(before_exit)), before_exit), 0.0)
    sets.stay(own, kept, free[np.searchsorted(times, sets.time, side="left")])
    beta, steps, inverse = fit(own, sets, terms, ties=ties)
    residuals = find_residuals(own, sets, steps)
    if ties == "breslow":
        residuals += _find_censoring_pull(own, sets, steps, kept, times, lost, at_risk, data)
    return describe_fit(own, sets, steps, terms, beta, inverse, residuals)


def _count_censored(data: Rows, *, is_tied: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The times at which somebody is censored, how many are, and of how many; `is_tied`: who has
    an event at a time could still have been censored at it."""
    times, lost = np.unique(data.stop[data.event == 0], return_counts=True)
    ordered = np.sort(data.stop)
    at_risk = len(ordered) - np.searchsorted(ordered, times, side="left")
    if not is_tied:
        events = np.sort(data.stop[data.event > 0])
        at_risk -= np.searchsorted(events, times, side="right") - np.searchsorted(
            events, times, side="left"
        )
    return times, lost.astype(float), at_risk.astype(float)


def _find_censoring_pull(
    own: Rows,
    sets: RiskSets,
    steps: Steps,
    kept: np.ndarray,
    times: np.ndarray,
    lost: np.ndarray,
    at_risk: np.ndarray,
    data: Rows,
) -> np.ndarray:
    """What each row adds to the score through the weights: the hazard of being censored at u moves
    the weight at later ties of all who met another event before u (psi in Fine and Gray 1999). As
    crr has it, ties at u itself are later ones."""
    hazard = sum_steps(sets, steps.weight / steps.whole) * sets.growth
    pull = sum_steps(sets, (steps.weight / steps.whole)[:, None] * steps.mean)
    pull = pull * sets.growth[:, None]
    later = np.searchsorted(sets.time, times, side="left")
    ahead, pulled = (np.concatenate([np.zeros((1, *part.shape[1:])), np.cumsum(part, axis=0)])
                     for part in (hazard, pull))  # fmt: skip
    ahead, pulled = ahead[-1] - ahead[later], pulled[-1] - pulled[later]
    weight = steps.rate * kept
    place = np.searchsorted(times, data.stop, side="right")  # met it before times[place]
    n = len(times)
    stayed = np.cumsum(np.bincount(place, weights=weight, minlength=n + 1)[:n])
    moved = np.stack(
        [np.cumsum(np.bincount(place, weights=weight * column, minlength=n + 1)[:n])
         for column in own.x.T], axis=1,
    )  # fmt: skip
    slope = moved * ahead[:, None] - stayed[:, None] * pulled
    compensated = np.cumsum(slope * divide(lost, at_risk**2)[:, None], axis=0)
    passed = np.concatenate([np.zeros((1, own.x.shape[1])), compensated])
    until = np.searchsorted(times, data.stop, side="right")
    psi = -passed[until]
    is_lost = data.event == 0
    psi[is_lost] += divide(slope, at_risk[:, None])[until[is_lost] - 1]
    return psi
