"""What every regression of rates over time here shares: checked rows in one order, who is at risk
at which event, Newton's method, and each row's part of the score.

Two operators do all the work. `RiskSets.gather` sums values of rows over those at risk at each
event time; `RiskSets.expose` sums values of event times over those at which a row is at risk. The
second is the transpose of the first, so that no product of covariates is ever summed by time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from helpers.edition import BadInput
from helpers.survival.risk import (
    WEIGHTS_WRONG,
    check_columns,
    find_wrong_weights,
    join_times,
    read_labels,
    read_numbers,
)

MOST_STEPS = 50
# Newton's method has arrived when no step moves a standardised coefficient by more than this.
ARRIVED = 1e-9
# A covariate of which less than this share is left, given those before it, repeats them.
LEAST_LEFT = 1e-9
# A direction in which the likelihood bends by less than this share of the most has no finite top.
LEAST_BENT = 1e-12


@dataclass(frozen=True)
class Rows:
    """Checked rows in an order of time that the order in the frame does not change. `x` is centred
    and scaled: `scale` times a coefficient of the frame's column is that of `x`."""

    start: np.ndarray | None
    stop: np.ndarray
    event: np.ndarray
    x: np.ndarray
    weight: np.ndarray | None
    stratum: np.ndarray
    cluster: np.ndarray | None
    center: np.ndarray
    scale: np.ndarray

    @property
    def n_clusters(self) -> int | None:
        return None if self.cluster is None else int(self.cluster.max()) + 1

    @property
    def weights(self) -> np.ndarray:
        return np.ones(len(self.stop)) if self.weight is None else self.weight


@dataclass(frozen=True)
class Columns:
    """Which columns of a frame hold what; None for what there is not."""

    stop: str = "days"
    event: str = "event"
    start: str | None = None
    cluster: str | None = None
    weights: str | None = None
    strata: str | None = None


def read_rows(
    rows: pd.DataFrame, terms: Sequence[str], columns: Columns, *, causes: int = 1
) -> Rows:
    """Checked rows. Raises BadInput with the number of rows for what is missing, infinite,
    negative, no event code, not positive as a weight, or ends before it starts; and for a term that
    is the same for everybody."""
    x = read_terms(rows, terms)
    check_columns(rows, vars(columns).values())
    stop, event = (_read(rows, name) for name in (columns.stop, columns.event))
    start, weight = (
        None if name is None else _read(rows, name) for name in (columns.start, columns.weights)
    )
    _refuse(_find_faults(x, stop, event, start, weight, causes))
    if start is None:
        [stop] = join_times(stop)
    else:
        stop, start = join_times(stop, start)
        _refuse({"spells that end before they start": start >= stop})
    if not (event == 1).any():
        raise BadInput("no event; a hazard ratio cannot be estimated")
    strata, cluster = (
        None if name is None else read_labels(rows[name], len(rows), what=what)
        for name, what in ((columns.strata, "stratum"), (columns.cluster, "cluster"))
    )
    stratum = np.zeros(len(rows), dtype=int) if strata is None else strata
    order = _sort(stratum, stop, event, [start, weight, cluster, *x.T])
    start, weight, cluster = (
        None if part is None else part[order] for part in (start, weight, cluster)
    )
    x = np.asfortranarray(x[order])
    data = Rows(
        start, stop[order], event[order].astype(np.int64), x, weight, stratum[order], cluster,
        x.mean(axis=0), np.ones(len(terms)),
    )  # fmt: skip
    return _standardise(data, terms)


def _read(rows: pd.DataFrame, name: str) -> np.ndarray:
    return read_numbers(rows[name], name).astype(float, copy=False)


def read_terms(rows: pd.DataFrame, terms: Sequence[str]) -> np.ndarray:
    """The covariates, a column a term. Raises BadInput for no term, for one that is no column, and
    for words."""
    if not len(terms):
        raise BadInput("name the covariates of the regression")
    check_columns(rows, terms)
    x = np.empty((len(rows), len(terms)))
    for place, term in enumerate(terms):
        x[:, place] = read_numbers(rows[term], term)
    return x


def _find_faults(
    x: np.ndarray,
    stop: np.ndarray,
    event: np.ndarray,
    start: np.ndarray | None,
    weight: np.ndarray | None,
    causes: int,
) -> dict[str, np.ndarray]:
    known = [x, stop[:, None], *([] if start is None else [start[:, None]])]
    codes = ", ".join(map(str, range(causes + 1)))
    faults = {
        "missing values": np.any([np.isnan(part).any(axis=1) for part in known], axis=0)
        | np.isnan(event),
        "endless values": np.any([np.isinf(part).any(axis=1) for part in known], axis=0),
        f"event codes other than {codes}": ~np.isin(event, np.arange(causes + 1)),
    }
    if start is None:
        # Negative days are no follow-up; spells may start before day 0, in calendar time say.
        faults["spells that end before they start"] = stop < 0
    else:
        faults["spells that end before they start"] = ~(start < stop)
    if weight is not None:
        faults[WEIGHTS_WRONG] = find_wrong_weights(weight)
    return faults


def _refuse(faults: dict[str, np.ndarray]) -> None:
    for fault, is_wrong in faults.items():
        if n := int(is_wrong.sum()):
            raise BadInput(f"{n} {fault}; mend the rows before the regression")


def _sort(
    stratum: np.ndarray, stop: np.ndarray, event: np.ndarray, others: list[np.ndarray | None]
) -> np.ndarray:
    """By stratum, time and event, and then by a hash of all that is left, so that equal rows alone
    may change places: one sort in place of one a column."""
    mixed = np.zeros(len(stop), dtype=np.uint64)
    for part in others:
        if part is not None:
            bits = np.ascontiguousarray(part, dtype=float) + 0.0  # -0 as 0
            mixed = (mixed ^ bits.view(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
            mixed ^= mixed >> np.uint64(29)
    keys = [mixed, event, stop]
    return np.lexsort(keys if not stratum.any() else [*keys, stratum])


def _standardise(data: Rows, terms: Sequence[str]) -> Rows:
    x = data.x
    still = [term for term, column in zip(terms, x.T, strict=True) if column.min() == column.max()]
    if still:
        raise BadInput(
            f"{', '.join(still)} is the same for everybody; leave it out of the regression"
        )
    for term, column in zip(terms, x.T, strict=True):
        at_events = column[data.event == 1]
        is_binary = ((column == 0) | (column == 1)).all()
        if is_binary and at_events.min() == at_events.max():
            raise BadInput(
                f"all events fall on one side of {term}; its hazard ratio has no finite value, compare the curves instead"
            )
    x -= data.center
    # Twice: the first mean of large numbers (a year, seconds since 1970) is off by rounding.
    rest = x.mean(axis=0)
    x -= rest
    scale = np.sqrt(np.mean(x**2, axis=0))
    x /= scale
    return replace(data, center=data.center + rest, scale=scale)


class RiskSets:
    """Who is at risk at each event time of each stratum (a "tie"): row i at the ties since[i] to
    until[i] - 1. With `stay`, some people stay at risk after they left: row i counts at the later
    ties t of its stratum with kept[i] times growth[t] (the weights of Fine and Gray)."""

    def __init__(self, data: Rows) -> None:
        self.event_rows = np.flatnonzero(data.event == 1)
        times, strata = data.stop[self.event_rows], data.stratum[self.event_rows]
        is_new = np.r_[True, (times[1:] != times[:-1]) | (strata[1:] != strata[:-1])]
        self.tie = np.cumsum(is_new) - 1
        self.time, self.stratum = times[is_new], strata[is_new]
        self.size = np.bincount(self.tie)
        self.until = self._count_ties(data.stratum, data.stop)
        self.is_whole = data.start is None and not data.stratum.any()
        self.since = (
            np.searchsorted(self.stratum, data.stratum, side="left")
            if data.start is None
            else self._count_ties(data.stratum, data.start)
        )
        self.kept: np.ndarray | None = None

    def _count_ties(self, stratum: np.ndarray, time: np.ndarray) -> np.ndarray:
        """How many ties of earlier strata, and of the own one at or before each time."""
        if not self.stratum.any() and not stratum.any():
            return np.searchsorted(self.time, time, side="right")
        distinct = np.unique(self.time)
        width = len(distinct) + 1
        keys = self.stratum * width + np.searchsorted(distinct, self.time, side="right")
        own = stratum * width + np.searchsorted(distinct, time, side="right")
        return np.searchsorted(keys, own, side="right")

    def stay(self, data: Rows, kept: np.ndarray, growth: np.ndarray) -> None:
        self.kept, self.growth = kept, growth
        self.ends = np.searchsorted(self.stratum, data.stratum, side="right")

    def gather(self, values: np.ndarray) -> np.ndarray:
        """For each tie, the sum of `values` of those at risk at it."""
        total = self._sum_after(self.until, values)
        if not self.is_whole:
            total -= self._sum_after(self.since, values)
        if self.kept is not None:
            stayed = values * self.kept
            total += self.growth * (
                self._sum_after(self.ends, stayed) - self._sum_after(self.until, stayed)
            )
        return total

    def _sum_after(self, place: np.ndarray, values: np.ndarray) -> np.ndarray:
        """For each tie, the sum of the values whose place is after it."""
        n = len(self.time)
        return np.cumsum(np.bincount(place, weights=values, minlength=n + 1)[:0:-1])[::-1]

    def expose(self, values: np.ndarray) -> np.ndarray:
        """For each row, the sum of `values` (one a tie, or one a tie and column) over the ties at
        which it is at risk."""
        passed = _cumulate(values)
        total = passed[self.until] - passed[self.since]
        if self.kept is not None:
            later = _cumulate((values.T * self.growth).T)
            total += ((later[self.ends] - later[self.until]).T * self.kept).T
        return total


def _cumulate(values: np.ndarray) -> np.ndarray:
    """Running sums with a leading 0."""
    return np.concatenate([np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0)])


@dataclass(frozen=True)
class Steps:
    """One row an event, in order of time. Of d tied events the r-th sees the risk set less r/d of
    those who have one (Efron; Breslow takes none away): `part` is r/d or 0.

    `risk` is the sum of the relative rates of all at risk at a tie, `whole` what each step sees of
    it; `weight` the mean weight of the tied events; `mean` the mean covariates that it sees; `rate`
    the relative rate of each row.
    """

    part: np.ndarray
    whole: np.ndarray
    weight: np.ndarray
    mean: np.ndarray
    rate: np.ndarray
    log_likelihood: float


def take_steps(data: Rows, sets: RiskSets, beta: np.ndarray, *, ties: str = "efron") -> Steps:
    """The steps of the partial likelihood at `beta` (of the standardised covariates)."""
    linear = data.x @ beta
    shift = linear.max()
    rate = np.exp(linear - shift) * data.weights
    events, tie = sets.event_rows, sets.tie
    first = np.cumsum(sets.size) - sets.size
    part = (np.arange(len(tie)) - first[tie]) / sets.size[tie]
    if ties == "breslow":
        part = np.zeros(len(tie))
    weights = data.weights[events]
    mean_weight = (np.bincount(tie, weights=weights) / sets.size)[tie]
    whole = sum_at_risk(sets, part, rate)
    seen = [sum_at_risk(sets, part, rate * column) / whole for column in data.x.T]
    mean = np.stack(seen, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_likelihood = float(
            (weights * (linear[events] - shift)).sum() - (mean_weight * np.log(whole)).sum()
        )
    return Steps(part, whole, mean_weight, mean, rate, log_likelihood)


def sum_at_risk(sets: RiskSets, part: np.ndarray, values: np.ndarray) -> np.ndarray:
    """For each step, the sum of `values` (one a row) of all whom it sees; `part` as in Steps."""
    seen = sets.gather(values)[sets.tie]
    if part.any():
        seen -= part * np.bincount(sets.tie, weights=values[sets.event_rows])[sets.tie]
    return seen


def sum_steps(sets: RiskSets, values: np.ndarray) -> np.ndarray:
    """The sum of the steps of each tie."""
    starts = np.cumsum(sets.size) - sets.size
    return np.add.reduceat(values, starts, axis=0)


def find_exposure(
    sets: RiskSets, steps: Steps, values: np.ndarray, *, by_step: np.ndarray | float = 1.0
) -> np.ndarray:
    """For each row, the sum of `values` (one a step) over the steps that see it: whole while at
    risk, less the part that its own tie takes away."""
    shape = (slice(None), *[None] * (values.ndim - 1))
    scaled = values * np.broadcast_to(by_step, len(values))[shape]
    total = sets.expose(sum_steps(sets, scaled))
    if steps.part.any():
        total[sets.event_rows] -= sum_steps(sets, scaled * steps.part[shape])[sets.tie]
    return total


def find_information(
    data: Rows, sets: RiskSets, steps: Steps, *, by_step: np.ndarray | float = 1.0
) -> np.ndarray:
    """The information of the partial likelihood; with `by_step` a weight a step."""
    hazard = steps.weight / steps.whole
    seen = steps.rate * find_exposure(sets, steps, hazard, by_step=by_step)
    own = steps.mean * (steps.weight * by_step)[:, None]
    return _multiply(data.x, seen) - own.T @ steps.mean


def _multiply(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """x' diag(weight) x, without a second copy of x as large as the first."""
    p = x.shape[1]
    out = np.empty((p, p))
    for i in range(p):
        out[i, i:] = out[i:, i] = x[:, i:].T @ (weight * x[:, i])
    return out


def find_score(data: Rows, sets: RiskSets, steps: Steps) -> np.ndarray:
    events = sets.event_rows
    at_events = data.x[events].T @ data.weights[events]
    return at_events - steps.mean.T @ steps.weight


def find_residuals(
    data: Rows, sets: RiskSets, steps: Steps, *, by_step: np.ndarray | float = 1.0
) -> np.ndarray:
    """Each row's part of the score, times its weight. R: residuals(coxph, "score", weighted =
    TRUE)."""
    hazard = steps.weight / steps.whole
    passed = find_exposure(sets, steps, hazard, by_step=by_step)
    pulled = find_exposure(sets, steps, hazard[:, None] * steps.mean, by_step=by_step)
    residual = -steps.rate[:, None] * (data.x * passed[:, None] - pulled)
    events, scale = sets.event_rows, np.broadcast_to(by_step, len(steps.whole))
    mean = sum_steps(sets, steps.mean * scale[:, None])[sets.tie] / sets.size[sets.tie][:, None]
    own = (sum_steps(sets, scale)[sets.tie] / sets.size[sets.tie])[:, None] * data.x[events] - mean
    residual[events] += data.weights[events][:, None] * own
    return residual


def sum_information(data: Rows, sets: RiskSets, steps: Steps, cluster: np.ndarray) -> np.ndarray:
    """What each cluster adds to `find_information` while its rows are at risk (cluster, term,
    term)."""
    hazard, x = steps.weight / steps.whole, data.x
    passed = find_exposure(sets, steps, hazard)
    pulled = find_exposure(sets, steps, hazard[:, None] * steps.mean)
    p = x.shape[1]
    out = np.empty((int(cluster.max()) + 1, p, p))
    for i in range(p):
        for j in range(i, p):
            squared = find_exposure(sets, steps, hazard * steps.mean[:, i] * steps.mean[:, j])
            crossed = x[:, i] * pulled[:, j] + x[:, j] * pulled[:, i]
            own = steps.rate * (x[:, i] * x[:, j] * passed - crossed + squared)
            out[:, i, j] = out[:, j, i] = np.bincount(cluster, weights=own)
    return out


def fit(
    data: Rows, sets: RiskSets, terms: Sequence[str], *, ties: str = "efron"
) -> tuple[np.ndarray, Steps, np.ndarray]:
    """The coefficients of the standardised covariates, the steps there, and the inverse of the
    information.

    Raises BadInput for a term that repeats those before it, and where the likelihood rises without
    end: then Newton's steps stay as long as they were.
    """
    if ties not in ("efron", "breslow"):
        raise BadInput(f"ties {ties!r}: efron or breslow")
    beta = np.zeros(data.x.shape[1])
    steps = take_steps(data, sets, beta, ties=ties)
    information = find_information(data, sets, steps)
    _check_repeats(information, terms)
    for _ in range(MOST_STEPS):
        try:
            move = np.linalg.solve(information, find_score(data, sets, steps))
        except np.linalg.LinAlgError:
            break
        if not np.isfinite(move).all():
            break
        beta, steps = _move(data, sets, beta, move, steps, ties)
        information = find_information(data, sets, steps)
        if (np.abs(move) <= ARRIVED * np.maximum(1.0, np.abs(beta))).all():
            # Far out the likelihood may be so flat that a step no longer moves anything.
            spread = np.linalg.eigvalsh(information)
            if not spread[0] > LEAST_BENT * spread[-1]:
                break
            return beta, steps, np.linalg.inv(information)
    raise BadInput(
        f"{', '.join(terms)}: the covariates tell who has the event apart completely; the regression has no finite answer"
    )


def _move(
    data: Rows, sets: RiskSets, beta: np.ndarray, move: np.ndarray, steps: Steps, ties: str
) -> tuple[np.ndarray, Steps]:
    """One step of Newton's, halved until the likelihood does not fall."""
    for halved in range(20):
        tried = take_steps(data, sets, beta + move / 2**halved, ties=ties)
        slack = 1e-10 * (1 + abs(steps.log_likelihood))
        if tried.log_likelihood >= steps.log_likelihood - slack:
            return beta + move / 2**halved, tried
    return beta, steps


def _check_repeats(information: np.ndarray, terms: Sequence[str]) -> None:
    """Raise BadInput for a term without information of its own: given those before it, it does not
    vary among people at risk together."""
    left = information.copy()
    whole = np.diag(information).copy()
    for place, term in enumerate(terms):
        if whole[place] <= LEAST_LEFT or left[place, place] <= LEAST_LEFT * whole[place]:
            before = ", ".join(terms[:place])
            raise BadInput(
                f"{term} and {before} repeat each other; leave {term} out of the regression"
                if before
                else f"{term} does not vary among people at risk together; leave it out of the regression"
            )
        left -= np.outer(left[:, place], left[place]) / left[place, place]


def sum_clusters(values: np.ndarray, cluster: np.ndarray | None) -> np.ndarray:
    """Sums of the rows of each cluster; the rows themselves without clusters."""
    if cluster is None:
        return values
    return np.stack([np.bincount(cluster, weights=column) for column in values.T], axis=1)
