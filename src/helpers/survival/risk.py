"""Who is at risk and what happens, at each distinct time: the one table behind every estimator of
this room."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from helpers.edition import BadInput

Z = 1.959963984540054  # the normal quantile of 0.975
# Times closer than this, or than this share of the mean time, are one time (R's timefix).
SAME_TIME = 1.4901161193847656e-08
# Whole days up to this are counted by place, without sorting.
MOST_DAYS = 1_000_000
# Weights beyond these would leave the range of floating-point numbers when they are multiplied.
LIGHTEST, HEAVIEST = 1e-75, 1e75
# What a column of Python objects may hold to be numbers (pandas.api.types.infer_dtype).
NUMBERS = ("integer", "floating", "mixed-integer-float", "decimal", "boolean", "empty")


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
    time = read_numbers(time, "the times")
    if not len(time):
        raise BadInput("nobody is followed; there is nothing to estimate")
    event = read_numbers(event, "the events", n=len(time))
    entry, weights = (
        None if part is None else read_numbers(part, what, n=len(time)).astype(float, copy=False)
        for part, what in ((entry, "the entries"), (weights, "the weights"))
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
        WEIGHTS_WRONG: None if weights is None else find_wrong_weights(weights),
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


def read_numbers(values: Any, what: str, *, n: int | None = None) -> np.ndarray:
    """Whole numbers of any width as int64, so that no sum of them overflows; others as float, NaN
    where missing. Raises BadInput for words, for dates and durations (whose numbers depend on a
    unit that nobody sees), for another number of rows than `n`, and for more than one column."""
    given = values if isinstance(values, pd.Series) else np.asarray(values)
    if given.ndim != 1 or (n is not None and len(given) != n):
        rows = "a column" if n is None else f"{n} rows"
        raise BadInput(f"{what}: shape {given.shape} in place of {rows}; give one number a row")
    if isinstance(given.dtype, pd.CategoricalDtype):
        given = np.asarray(given)
    kind = given.dtype.kind
    if kind == "O" and pd.api.types.infer_dtype(given, skipna=True) not in NUMBERS:
        raise BadInput(f"{what}: no numbers; give numbers, without quotes, or code the words")
    if kind not in "Oiufb":
        raise BadInput(f"{what}: dates, durations or words; give numbers, days since an origin say")
    if kind in "iub" and (isinstance(given, np.ndarray) or not given.hasnans):
        whole = np.asarray(given)
        if whole.dtype.kind in "iub" and not (kind == "u" and whole.max(initial=0) >> 63):
            return whole.astype(np.int64, copy=False)
    if isinstance(given.dtype, np.dtype) and kind != "O":
        return np.asarray(given).astype(float, copy=False)
    return pd.Series(given).to_numpy(dtype=float, na_value=np.nan)


def check_columns(rows: pd.DataFrame, names: Iterable[str | None]) -> None:
    """Raise BadInput for names (None is none) that are no column of the frame."""
    if missing := [name for name in names if name is not None and name not in rows]:
        raise BadInput(f"no column {', '.join(missing)} in the rows; give its name")


WEIGHTS_WRONG = f"weights that are not positive, or not between {LIGHTEST:g} and {HEAVIEST:g}"


def find_wrong_weights(weights: np.ndarray) -> np.ndarray:
    return ~((weights >= LIGHTEST) & (weights <= HEAVIEST))


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


@dataclass(frozen=True)
class Spells:
    """Checked spells (start, stop], one element a row: the code of their `person`."""

    person: np.ndarray
    start: np.ndarray
    stop: np.ndarray


def read_spells(person: Any, start: Any, stop: Any) -> Spells:
    """Checked spells, in the order that they were given. Raises BadInput, with the number of rows,
    where a person, a start or a stop is missing or endless, and for spells that do not end after
    they start, or begin before the person's last one ends."""
    ends = read_numbers(stop, "the ends of spells")
    begins = read_numbers(start, "the starts of spells", n=len(ends))
    who = read_labels(person, len(ends), what="person")
    is_known = np.isfinite(begins) & np.isfinite(ends)
    if is_wrong := int((~(begins < ends) | ~is_known).sum()):
        raise BadInput(f"{is_wrong} spells end before they start, or have no end; mend the rows")
    order = np.lexsort((ends, begins, who))
    is_next = who[order][1:] == who[order][:-1]
    if overlaps := int((is_next & (begins[order][1:] < ends[order][:-1])).sum()):
        raise BadInput(f"{overlaps} spells begin before the person's last one ends; mend the rows")
    return Spells(who, begins, ends)


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
    if rows.entry is None:
        at_risk = np.cumsum(exits[::-1])[::-1]  # from the end, where the last few would be rounded
    else:
        at_risk = _count_entered(rows, rows.entry, times) - (np.cumsum(exits) - exits)
    return RiskTable(times.astype(float), at_risk, counts[:, 1:])


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
