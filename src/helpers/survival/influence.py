"""The infinitesimal jackknife: how much each person moves an estimate, and the variance that holds
when people come in cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from helpers.survival.risk import (
    FollowUp,
    RiskTable,
    divide,
    read_follow_up,
    read_labels,
    tabulate_risk,
)


@dataclass(frozen=True)
class Clustered:
    """Follow-up in an order that the rows' own order does not change, its risk table, the cluster
    of each row (each row its own, without clusters), and how many clusters were given."""

    rows: FollowUp
    risk: RiskTable
    codes: np.ndarray
    n_clusters: int | None

    @property
    def weight(self) -> np.ndarray:
        return np.ones(len(self.codes)) if self.rows.weights is None else self.rows.weights


def read_clustered(
    time: np.ndarray,
    event: np.ndarray,
    *,
    causes: int,
    entry: np.ndarray | None = None,
    weights: np.ndarray | None = None,
    clusters: np.ndarray | None = None,
) -> Clustered:
    """Checked follow-up with clusters. Raises BadInput as `read_follow_up` and `read_labels`."""
    rows = read_follow_up(time, event, causes=causes, entry=entry, weights=weights)
    n = len(rows.time)
    codes = np.zeros(n, dtype=int) if clusters is None else read_labels(clusters, n, what="cluster")
    keys = (codes, rows.weights, rows.entry, rows.event, rows.time)
    order = np.lexsort([part for part in keys if part is not None])
    rows = rows.take(order)
    return Clustered(
        rows,
        tabulate_risk(rows, causes),
        np.arange(n) if clusters is None else codes[order],
        None if clusters is None else int(codes.max()) + 1,
    )


@dataclass(frozen=True)
class Beside:
    """What moves an estimate besides each row's own influence, where weights are estimated by
    stratum: the influences of all rows of a `stratum` (a code a row) together, times a `factor` (a
    row a cluster, a column a stratum). `squared` are the products of these factors, summed over all
    clusters, also those without a row here."""

    stratum: np.ndarray
    factor: np.ndarray
    squared: np.ndarray


def find_incidence_errors(data: Clustered, cause: int, beside: Beside | None = None) -> np.ndarray:
    """The robust standard error of the incidence of `cause` at each time of the risk table."""
    events = data.rows.event
    return find_mean_errors(
        data,
        ending=data.risk.total,
        happened=data.risk.events[:, cause - 1],
        is_end=events > 0,
        gained=(events == cause).astype(float),
        beside=beside,
    )


def find_mean_errors(
    data: Clustered,
    *,
    ending: np.ndarray,
    happened: np.ndarray,
    is_end: np.ndarray,
    gained: np.ndarray,
    beside: Beside | None = None,
) -> np.ndarray:
    """The robust standard error, at each time, of F(t): the sum over times of S(s-) times what
    `happened` over those at risk, where S falls by what is `ending`. `is_end` and `gained` say
    which rows end S, and what each adds. An incidence, or a mean number of events.

    A row's influence on F(t) is 0 before entry, base(t) + A + B F(t) while at risk, and A + B F(t)
    after exit, with A and B that change at entry and exit only. So a cluster's is n base + A + B F,
    and the sum of squares over clusters follows from six sums of products that change only where
    somebody enters or leaves: the work grows with rows plus times. F is taken from its end, which
    keeps the sums free of cancellation.
    """
    parts = _prepare(data, ending, happened, is_end, gained)
    f, base = parts.f - parts.f[-1], parts.q - parts.r
    changes = _list_changes(data, parts, f)
    now = _follow_clusters(changes[0], changes[2:])
    n, a, b, na, nb, ab = (
        np.cumsum(np.bincount(changes[1], weights=part, minlength=len(f))) for part in now
    )
    squares = base**2 * n + a + f**2 * b + 2 * (base * na + base * f * nb + f * ab)
    if beside is not None:
        squares += _square_beside(data, parts, f, changes, beside)
    # Before the first event of the cause everything is exactly 0.
    return np.sqrt(np.where(parts.f > 0, np.maximum(squares, 0.0), 0.0))[1:]


def _square_beside(
    data: Clustered,
    parts: _Parts,
    f: np.ndarray,
    changes: tuple[np.ndarray, ...],
    beside: Beside,
) -> np.ndarray:
    """By how much the sum of squares over clusters grows at each time with what `beside` adds."""
    base, strata = parts.q - parts.r, beside.factor.shape[1]

    def follow(place: np.ndarray, *values: np.ndarray) -> np.ndarray:
        n, a, b = (np.cumsum(np.bincount(place, weights=part, minlength=len(f))) for part in values)
        return base * n + a + f * b

    stratum, place, *values = _list_changes(replace(data, codes=beside.stratum), parts, f)
    moved, crossed = np.zeros((2, strata, len(f)))
    for k in range(strata):
        own = stratum == k
        moved[k] = follow(place[own], *(part[own] for part in values))
        factor = beside.factor[changes[0], k]
        crossed[k] = follow(changes[1], *(factor * part for part in changes[2:]))
    return 2 * (moved * crossed).sum(axis=0) + (moved * (beside.squared @ moved)).sum(axis=0)


@dataclass(frozen=True)
class _Parts:
    """Running sums over times, each with a leading 0, so that place p + 1 holds the sum up to time
    p; and, for each row, the first time at risk, the place after the last one, what its end takes
    from survival, and what it adds to F.

    f: F itself; h: sum of d / (n (n - d)); q: sum of the increments of f times h just before;
    r: sum of the increments over n.
    """

    f: np.ndarray
    h: np.ndarray
    q: np.ndarray
    r: np.ndarray
    first: np.ndarray
    last: np.ndarray
    drop: np.ndarray
    gain: np.ndarray


def _prepare(
    data: Clustered,
    ending: np.ndarray,
    happened: np.ndarray,
    is_end: np.ndarray,
    gained: np.ndarray,
) -> _Parts:
    rows, risk = data.rows, data.risk
    n = risk.at_risk.astype(float)
    before = np.concatenate([[1.0], np.cumprod(1 - divide(ending, n))[:-1]])
    step = before * divide(happened, n)
    h = np.concatenate([[0.0], np.cumsum(divide(ending, n * (n - ending)))])
    f, q, r = (
        np.concatenate([[0.0], np.cumsum(part)]) for part in (step, step * h[:-1], divide(step, n))
    )
    first = (
        np.zeros(len(rows.time), dtype=int)
        if rows.entry is None
        else np.searchsorted(risk.times, rows.entry, side="right")
    )
    place = np.searchsorted(risk.times, rows.time)
    drop = np.where(is_end, divide(np.ones_like(n), n - ending)[place], 0.0)
    gain = gained * divide(before, n)[place]
    return _Parts(f, h, q, r, first, place + 1, drop, gain)


def _list_changes(data: Clustered, parts: _Parts, f: np.ndarray) -> tuple[np.ndarray, ...]:
    """What changes at which place: cluster, place, and by how much the cluster's n, A and B do,
    one element a cluster and place, in order of cluster and place.

    Survival before time s moves by S(s-) times (the hazard that the person was exposed to, less the
    event that they had), and the increment at s by S(s-)/n times (their event there, less their
    share of the events).
    """
    weight, first, last = data.weight, parts.first, parts.last
    h, q, r = parts.h, parts.q, parts.r
    enters = np.minimum(first, len(f) - 1)
    begin = h[enters] * f[enters] - q[enters] + r[enters]
    slope = h[last] - parts.drop
    end = q[last] - r[last] + parts.gain - slope * f[last]
    cluster = np.concatenate([data.codes, data.codes])
    place = np.concatenate([enters, last])
    values = [
        np.concatenate([weight, -weight]),
        np.concatenate([weight * begin, weight * end]),
        np.concatenate([-weight * h[enters], weight * slope]),
    ]
    cells, inverse = np.unique(cluster * len(f) + place, return_inverse=True)
    sums = [np.bincount(inverse, weights=part) for part in values]
    return cells // len(f), cells % len(f), *sums


def _follow_clusters(cluster: np.ndarray, changes: Sequence[np.ndarray]) -> list[np.ndarray]:
    """By how much each change of n, A and B moves the sums over clusters of n n, A A, B B, n A, n B
    and A B."""
    is_first = np.r_[True, cluster[1:] != cluster[:-1]]
    group = np.cumsum(is_first) - 1
    now = []
    for part in changes:
        total = np.cumsum(part)
        start = np.concatenate([[0.0], total])[np.flatnonzero(is_first)]
        now.append(total - start[group])
    before = [np.where(is_first, 0.0, np.r_[0.0, part[:-1]]) for part in now]
    pairs = ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))
    return [now[i] * now[j] - before[i] * before[j] for i, j in pairs]


def find_row_influence(
    data: Clustered, by_presence: np.ndarray, by_event: np.ndarray
) -> np.ndarray:
    """Each row's influence on an estimate whose derivatives to the risk table are known: to those
    at risk at each time (`by_presence`), and to the events of each cause at it (`by_event`, a
    column a cause)."""
    risk, rows = data.risk, data.rows
    passed = np.concatenate([[0.0], np.cumsum(by_presence)])
    place = np.searchsorted(risk.times, rows.time)
    since = 0 if rows.entry is None else np.searchsorted(risk.times, rows.entry, side="right")
    padded = np.concatenate([np.zeros((len(risk.times), 1)), by_event], axis=1)
    return passed[place + 1] - passed[since] + padded[place, rows.event]


def sum_by_cluster(influence: np.ndarray, data: Clustered) -> np.ndarray:
    """The weighted influence of each cluster."""
    return np.bincount(data.codes, weights=data.weight * influence)
