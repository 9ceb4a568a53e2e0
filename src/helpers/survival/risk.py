"""Who is at risk and what happens, at each distinct time: the one table behind every estimator of
this room."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.edition import BadInput

Z = 1.959963984540054  # the normal quantile of 0.975
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
        return FollowUp(
            *(
                None if part is None else part[places]
                for part in (self.time, self.event, self.entry, self.weights)
            )
        )


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
    """Checked arrays. Raises BadInput for nobody, missing, negative or infinite times, an entry on
    or after the exit, an event code above `causes`, and weights that are not positive."""
    time, event = np.asarray(time), np.asarray(event)
    time = time if time.dtype.kind in "iu" else time.astype(float)
    if not len(time):
        raise BadInput("nobody is followed; there is nothing to estimate")
    entry, weights = (
        None if part is None else np.asarray(part, dtype=float) for part in (entry, weights)
    )
    codes = event.astype(int, copy=False)
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
    return FollowUp(time, codes, entry, weights)


def tabulate_risk(rows: FollowUp, causes: int) -> RiskTable:
    """The risk table. Whoever enters at a time is at risk after it, whoever leaves at a time still
    at it, as in R.

    Weights are summed in an order that the rows' own order does not change.
    """
    is_whole = rows.time.dtype.kind in "iu" and rows.time.max() < MOST_DAYS
    times, place = (None, rows.time) if is_whole else np.unique(rows.time, return_inverse=True)
    n = int(rows.time.max()) + 1 if is_whole else len(times)
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
    entered = exits.sum() if rows.entry is None else _count_entered(rows, times)
    return RiskTable(times.astype(float), entered - (np.cumsum(exits) - exits), counts[:, 1:])


def _count_entered(rows: FollowUp, times: np.ndarray) -> np.ndarray:
    """How many (weighted) entered before each time."""
    first = np.searchsorted(times, rows.entry, side="right")
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
