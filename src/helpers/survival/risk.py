"""Who is at risk and what happens, at each distinct time: the one table behind every estimator of
this room."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.edition import BadInput

Z = 1.959963984540054  # the normal quantile of 0.975
# Times closer than this, or than this share of the mean time, are one time (R's timefix).
SAME_TIME = 1.4901161193847656e-08
# Whole days up to this are counted by place, without sorting.
MOST_DAYS = 1_000_000


@dataclass(frozen=True)
class FollowUp:
    """Checked follow-up, one element a person (or a spell of one): exit `time`, `event` (0
    censored), `entry` or None, `weights` or None."""

    time: np.ndarray
    event: np.ndarray
    entry: np.ndarray | None
    weights: np.ndarray | None

    def take(self, places: np.ndarray) -> FollowUp:
        entry, weights = (
            None if part is None else part[places] for part in (self.entry, self.weights)
        )
        return FollowUp(self.time[places], self.event[places], entry, weights)


@dataclass(frozen=True)
class RiskTable:
    """Distinct exit `times`; how many (weighted) are `at_risk` just before each; how many `events`
    of each cause (columns) happen at it."""

    times: np.ndarray
    at_risk: np.ndarray
    events: np.ndarray

    @property
    def total(self) -> np.ndarray:
        return self.events.sum(axis=1)


def read_follow_up(
    time: np.ndarray,
    event: np.ndarray,
    *,
    causes: int,
    entry: np.ndarray | None = None,
    weights: np.ndarray | None = None,
) -> FollowUp:
    """Checked arrays; times that differ by rounding alone are one time (`join_times`). Raises
    BadInput for nobody, missing, negative or infinite times, an entry on or after the exit, an
    event code above `causes` or a missing one, and weights that are not positive."""
    time, event = (_read_numbers(part) for part in (time, event))
    if not len(time):
        raise BadInput("nobody is followed; there is nothing to estimate")
    entry, weights = (
        None if part is None else np.asarray(part, dtype=float) for part in (entry, weights)
    )
    is_code = np.isfinite(event)
    codes = (event if is_code.all() else np.where(is_code, event, -1)).astype(np.int64, copy=False)
    faults = {
        "missing or endless times": None if time.dtype.kind in "iu" else ~np.isfinite(time),
        "negative times": None if time.min() >= 0 else time < 0,
        "entries on or after the exit": None if entry is None else ~(entry < time),
        f"event codes other than {', '.join(map(str, range(causes + 1)))}": (codes < 0)
        | (codes > causes)
        | (codes != event)
        if codes.min() < 0 or codes.max() > causes or codes is not event
        else None,
        "weights that are not positive": None if weights is None else ~(weights > 0),
    }
    for fault, is_wrong in faults.items():
        if is_wrong is not None and is_wrong.any():
            raise BadInput(
                f"{int(is_wrong.sum())} {fault}; mend the follow-up before it is estimated"
            )
    if entry is None:
        [joined] = join_times(time)
        return FollowUp(joined, codes, None, weights)
    joined, entered = join_times(time, entry)
    if (is_short := joined == entered).any():
        raise BadInput(
            f"{int(is_short.sum())} entries differ from the exit by rounding alone; mend the follow-up before it is estimated"
        )
    return FollowUp(joined, codes, entered, weights)


def _read_numbers(values: np.ndarray) -> np.ndarray:
    """Whole numbers of any width as int64, so that no sum of them overflows; others as they are."""
    values = np.asarray(values)
    return values.astype(np.int64 if values.dtype.kind in "iub" else float, copy=False)


def join_times(*times: np.ndarray) -> list[np.ndarray]:
    """Times in which .1 + .2 and .3 are one time: each as the first of those that differ from the
    one before by SAME_TIME or less, absolutely or of the mean. R: survival's aeqSurv (timefix)."""
    if all(part.dtype.kind == "i" for part in times):
        return list(times)
    distinct = np.unique(np.concatenate(times).astype(float))
    steps = np.diff(distinct)
    is_tied = steps <= SAME_TIME * max(1.0, float(np.abs(distinct).mean()))
    if not is_tied.any():
        return list(times)
    kept = distinct[np.concatenate([[True], ~is_tied])]
    return [kept[np.searchsorted(kept, part, side="right") - 1] for part in times]


def read_labels(labels: np.ndarray, n: int, *, what: str) -> np.ndarray:
    """Groups, strata or clusters as codes from 0 in sorted order. Raises BadInput, with the number
    of rows, where one is missing: it would join another, or be a group of its own."""
    given = pd.Series(np.asarray(labels))
    if len(given) != n:
        raise BadInput(f"{len(given)} {what} for {n} rows; give one a row")
    if is_missing := int(given.isna().sum()):
        raise BadInput(
            f"{is_missing} rows without {what}; leave them out, or give each a label of its own"
        )
    return pd.factorize(given, sort=True)[0]


def tabulate_risk(rows: FollowUp, causes: int) -> RiskTable:
    """The risk table. Whoever enters at a time is at risk after it, whoever leaves at a time still
    at it, as in R.

    Weights are summed in an order that the rows' own order does not change.
    """
    is_whole = rows.time.dtype.kind in "iu" and rows.time.max() < MOST_DAYS
    if is_whole:
        times, place = np.arange(int(rows.time.max()) + 1), rows.time
    else:
        times, place = np.unique(rows.time, return_inverse=True)
    n = len(times)
    cells = place * (causes + 1) + rows.event
    if rows.weights is None:
        counts = np.bincount(cells, minlength=n * (causes + 1))
    else:
        order = np.lexsort((rows.weights, cells))
        counts = np.bincount(cells[order], weights=rows.weights[order], minlength=n * (causes + 1))
    counts = counts.reshape(n, causes + 1)
    exits = counts.sum(axis=1)
    if is_whole:
        times = np.flatnonzero(exits)
        counts, exits = counts[times], exits[times]
    entered = exits.sum() if rows.entry is None else _count_entered(rows, rows.entry, times)
    return RiskTable(times.astype(float), entered - (np.cumsum(exits) - exits), counts[:, 1:])


def _count_entered(rows: FollowUp, entry: np.ndarray, times: np.ndarray) -> np.ndarray:
    """How many (weighted) entered before each time."""
    first = np.searchsorted(times, entry, side="right")
    if rows.weights is None:
        return np.cumsum(np.bincount(first, minlength=len(times))[: len(times)])
    order = np.lexsort((rows.weights, first))
    return np.cumsum(
        np.bincount(first[order], weights=rows.weights[order], minlength=len(times))[: len(times)]
    )


def divide(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """numerator / denominator, 0 where the denominator is not above 0: nobody at risk adds
    nothing."""
    return np.divide(
        numerator,
        denominator,
        out=np.zeros(np.broadcast(numerator, denominator).shape),
        where=denominator > 0,
    )
