"""The infinitesimal jackknife: how much each person moves a curve, and the variance that holds when
people come in cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.survival.risk import FollowUp, RiskTable, divide, read_follow_up, tabulate_risk


def find_robust_errors(
    time: np.ndarray,
    event: np.ndarray,
    *,
    at: Sequence[float],
    cause: int = 1,
    causes: int = 1,
    entry: np.ndarray | None = None,
    weights: np.ndarray | None = None,
    clusters: np.ndarray | None = None,
) -> np.ndarray:
    """Standard errors, at the times `at`, of the cumulative incidence of `cause` (of 1 - survival,
    where there is one cause).

    The square root of the sum over clusters (persons, without `clusters`) of the squared sum of
    weight times influence. R: summary of survfit(..., weights, cluster, robust = TRUE)$std.err.
    """
    rows = read_follow_up(time, event, causes=causes, entry=entry, weights=weights)
    codes = (
        np.zeros(len(rows.time), dtype=int)
        if clusters is None
        else pd.factorize(np.asarray(clusters), sort=True)[0]
    )
    # One order of summing, whatever the order of the rows.
    order = np.lexsort(
        [
            part
            for part in (codes, rows.weights, rows.entry, rows.event, rows.time)
            if part is not None
        ]
    )
    rows = rows.take(order)
    codes = np.arange(len(order)) if clusters is None else codes[order]
    weight = 1.0 if rows.weights is None else rows.weights
    risk = tabulate_risk(rows, causes)
    parts = _prepare(rows, risk, cause)
    places = np.searchsorted(risk.times, at, side="right") - 1
    return np.array(
        [
            np.sqrt((np.bincount(codes, weights=weight * _find_influence(parts, place)) ** 2).sum())
            for place in places
        ]
    )


@dataclass(frozen=True)
class _Parts:
    """Running sums over times, each with a leading 0, so that place p + 1 holds the sum up to time
    p; and, for each person, the first time at risk, the place after the last one, what their event
    takes from survival, and what it adds to the incidence.

    f: the incidence; h: sum of d / (n (n - d)); q: sum of the increments of f times h just before;
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


def _prepare(rows: FollowUp, risk: RiskTable, cause: int) -> _Parts:
    total, n = risk.total, risk.at_risk.astype(float)
    before = np.concatenate([[1.0], np.cumprod(1 - divide(total, n))[:-1]])
    step = before * divide(risk.events[:, cause - 1], n)
    h = np.concatenate([[0.0], np.cumsum(divide(total, n * (n - total)))])
    f, q, r = (
        np.concatenate([[0.0], np.cumsum(part)]) for part in (step, step * h[:-1], divide(step, n))
    )
    first = (
        np.zeros(len(rows.time), dtype=int)
        if rows.entry is None
        else np.searchsorted(risk.times, rows.entry, side="right")
    )
    place = np.searchsorted(risk.times, rows.time)
    drop = np.where(rows.event > 0, divide(np.ones_like(n), n - total)[place], 0.0)
    gain = np.where(rows.event == cause, divide(before, n)[place], 0.0)
    return _Parts(f, h, q, r, first, place + 1, drop, gain)


def _find_influence(parts: _Parts, place: int) -> np.ndarray:
    """Each person's derivative of the incidence at `place` to their own weight.

    Survival before time s moves by S(s-) times (the hazard that the person was exposed to, less the
    event that they had), and the increment at s by S(s-)/n times (their event there, less their
    share of the events).
    """
    now, first, last = place + 1, parts.first, parts.last
    stop = np.minimum(last, now)
    start = np.minimum(first, now)
    f, h, q, r = parts.f, parts.h, parts.q, parts.r
    after = np.where(last <= now, f[now] - f[stop], 0.0)
    exposed = q[stop] - q[start] - h[first] * (f[now] - f[start]) + h[last] * after
    had = np.where(last <= now, parts.gain - parts.drop * after, 0.0)
    return np.where(first < now, exposed - (r[stop] - r[start]) + had, 0.0)
