"""Kaplan-Meier and Aalen-Johansen with their variances, and what is read from them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.edition import BadInput
from helpers.survival.influence import (
    Clustered,
    find_incidence_errors,
    find_row_influence,
    read_clustered,
    sum_by_cluster,
)
from helpers.survival.limits import find_multiplier
from helpers.survival.risk import RiskTable, divide, read_follow_up, tabulate_risk

# A weighted sum of events that differs from those at risk by no more than rounding is all of them.
ROUNDING = 1e-12
# A quantile is somebody's own value; so many people lie between it and what is shown of it.
PEOPLE_BESIDE = 10
# A curve lies on a share within this (R's quantile of survfit).
ON_IT = 1.4901161193847656e-08
# Beyond this the exponential function leaves the range of numbers; limits are 0 and 1 long before.
MOST_STEPS = 700.0


def estimate_kaplan_meier(
    time: np.ndarray,
    event: np.ndarray,
    *,
    entry: np.ndarray | None = None,
    weights: np.ndarray | None = None,
    clusters: np.ndarray | None = None,
) -> pd.DataFrame:
    """Kaplan-Meier survival with Greenwood's variance and log-log limits; `event` is 0 (censored)
    or 1. With `clusters` (people who are not independent) the variance is the infinitesimal
    jackknife's and the limits are those of `find_multiplier`.

    Columns time, n_at_risk, n_events, survival, std_error, ci_lower, ci_upper. R:
    survfit(Surv(time, event) ~ 1, conf.type = "log-log"); with late entry Surv(entry, time, event),
    with weights robust = FALSE. Raises BadInput as `read_follow_up` and `read_labels`.
    """
    if clusters is None:
        rows = read_follow_up(time, event, causes=1, entry=entry, weights=weights)
        risk, data = tabulate_risk(rows, 1), None
    else:
        data = read_clustered(
            time, event, causes=1, entry=entry, weights=weights, clusters=clusters
        )
        risk = data.risk
    events = risk.events[:, 0]
    survival = _multiply(risk)
    summed = np.cumsum(divide(events, risk.at_risk * (risk.at_risk - events)))
    std_error = survival * np.sqrt(summed) if data is None else find_incidence_errors(data, 1)
    has_width = (survival > 0) & (survival < 1)
    inner = np.where(has_width, survival, 0.5)
    multiplier = find_multiplier(None if data is None else data.n_clusters)
    steps = multiplier * std_error / (inner * np.abs(np.log(inner)))
    width = np.exp(np.minimum(steps, MOST_STEPS))
    at_one = np.where((survival >= 1) & np.isfinite(multiplier), 1.0, np.nan)
    return pd.DataFrame(
        {
            "time": risk.times,
            "n_at_risk": risk.at_risk,
            "n_events": events,
            "survival": survival,
            "std_error": np.where(survival > 0, std_error, np.nan),
            "ci_lower": np.where(has_width, inner**width, at_one),
            "ci_upper": np.where(has_width, inner ** (1 / width), at_one),
        }
    )


def _multiply(risk: RiskTable) -> np.ndarray:
    """Survival of any event after each time; 0, not a remainder of rounding, from where everybody
    at risk has one."""
    left = 1 - divide(risk.total, risk.at_risk)
    return np.cumprod(np.where(left <= ROUNDING, 0.0, left))


def find_quantile(curve: pd.DataFrame, share: float = 0.5, *, column: str = "survival") -> float:
    """The first time at which survival is 1 - share or less; NaN where the curve does not come down
    to it. Where the curve lies exactly on it, the middle of that plateau: to the next event, or to
    the end of follow-up. `column` ci_lower and ci_upper give the limits of the quantile. R:
    quantile(survfit, share)."""
    last = curve["time"].iloc[-1] if len(curve) else math.nan
    curve = curve[curve["n_events"] > 0]
    values = curve[column].fillna(0.0 if column != "ci_upper" else 1.0).to_numpy()
    reached = np.flatnonzero(values <= 1 - share + ON_IT)
    if not len(reached):
        return math.nan
    place, times = reached[0], np.append(curve["time"].to_numpy(dtype=float), last)
    is_on_it = abs(values[place] - (1 - share)) < ON_IT
    return float(times[[place, place + 1 if is_on_it else place]].mean())


def estimate_restricted_mean(curve: pd.DataFrame, until: float) -> pd.DataFrame:
    """The mean time without the event within `until`: the area under a Kaplan-Meier curve of people
    who are independent (else `estimate_clustered_mean`). Columns value, std_error, ci_lower,
    ci_upper.

    R: summary(survfit, rmean = until)$table, "rmean" and "se(rmean)". Raises BadInput where nobody
    is followed that long, unless the curve has come down to 0.
    """
    _check_until(curve["time"].max(), curve["survival"].iloc[-1], until)
    steps = curve[(curve["n_events"] > 0) & (curve["time"] < until)]
    value, after = _find_areas(
        steps["time"].to_numpy(dtype=float), steps["survival"].to_numpy(dtype=float), until
    )
    at_risk, events = (
        steps["n_at_risk"].to_numpy(dtype=float),
        steps["n_events"].to_numpy(dtype=float),
    )
    std_error = math.sqrt(float((after**2 * divide(events, at_risk * (at_risk - events))).sum()))
    return _describe_mean(value, std_error, until, find_multiplier(None))


def estimate_clustered_mean(
    time: np.ndarray,
    event: np.ndarray,
    until: float,
    *,
    clusters: np.ndarray,
    entry: np.ndarray | None = None,
    weights: np.ndarray | None = None,
) -> pd.DataFrame:
    """`estimate_restricted_mean` of people who are not independent: the infinitesimal jackknife by
    cluster, with the limits of `find_multiplier`. R: survival's rmean of survfit(..., cluster) by
    pseudo(survfit, times, type = "rmst"), summed by cluster. Raises BadInput as there."""
    data = read_clustered(time, event, causes=1, entry=entry, weights=weights, clusters=clusters)
    survival, times = _multiply(data.risk), data.risk.times
    _check_until(times[-1], survival[-1], until)
    is_step = (data.risk.total > 0) & (times < until)
    value, after = _find_areas(times[is_step], survival[is_step], until)
    lost = np.zeros(len(times))  # by how much the mean falls with the hazard at each time
    left = 1 - divide(data.risk.total, data.risk.at_risk)
    lost[is_step] = divide(after, left[is_step])
    influence = _spread_hazard(data, -lost)
    std_error = math.sqrt(float((sum_by_cluster(influence, data) ** 2).sum()))
    return _describe_mean(value, std_error, until, find_multiplier(data.n_clusters))


def _spread_hazard(data: Clustered, slopes: np.ndarray) -> np.ndarray:
    """Each row's influence on an estimate with these derivatives to the hazard d / n at each
    time."""
    n, d = data.risk.at_risk.astype(float), data.risk.total
    return find_row_influence(data, -slopes * divide(d, n**2), divide(slopes, n)[:, None])


def _check_until(last: float, survival: float, until: float) -> None:
    if until > last and survival > 0:
        raise BadInput(
            f"nobody is followed for {until:g}; take a restricted mean within the follow-up"
        )


def _find_areas(times: np.ndarray, survival: np.ndarray, until: float) -> tuple[float, np.ndarray]:
    """The area under the curve, and the part of it after each step."""
    edges = np.concatenate([[0.0], times, [until]])
    areas = np.diff(edges) * np.concatenate([[1.0], survival])
    return float(areas.sum()), np.cumsum(areas[::-1])[::-1][1:]


def _describe_mean(value: float, std_error: float, until: float, z: float) -> pd.DataFrame:
    lower, upper = value - z * std_error, value + z * std_error
    return pd.DataFrame(
        {
            "value": [value],
            "std_error": [std_error],
            "ci_lower": [max(lower, 0.0) if math.isfinite(lower) else math.nan],
            "ci_upper": [min(upper, until) if math.isfinite(upper) else math.nan],
        }
    )


def estimate_aalen_johansen(
    time: np.ndarray,
    event: np.ndarray,
    *,
    causes: int = 2,
    entry: np.ndarray | None = None,
    weights: np.ndarray | None = None,
    clusters: np.ndarray | None = None,
) -> pd.DataFrame:
    """Cumulative incidence of each competing cause (`event` 1 to `causes`, 0 censored), with ties
    as they are.

    Columns time, cause, n_at_risk, n_events, incidence, std_error, ci_lower, ci_upper (log-log).
    The variance is the delta method's (Marubini and Valsecchi 1995); with late entry, weights or
    clusters (people who are not independent) it is the infinitesimal jackknife's, and with clusters
    the limits are those of `find_multiplier`. R: survfit(Surv(time, factor(event)) ~ 1,
    weights)$pstate and std.err.
    """
    is_robust = any(part is not None for part in (entry, weights, clusters))
    if is_robust:
        data = read_clustered(
            time, event, causes=causes, entry=entry, weights=weights, clusters=clusters
        )
        risk, multiplier = data.risk, find_multiplier(data.n_clusters)
    else:
        risk = tabulate_risk(read_follow_up(time, event, causes=causes), causes)
        multiplier = find_multiplier(None)
    before, incidence = accumulate(risk)
    tables = []
    for cause in range(1, causes + 1):
        own, events = incidence[:, cause - 1], risk.events[:, cause - 1]
        std_error = (
            find_incidence_errors(data, cause)
            if is_robust
            else (np.sqrt(_find_incidence_variance(own, before, risk.at_risk, risk.total, events)))
        )
        table = pd.DataFrame(
            {
                "time": risk.times,
                "cause": cause,
                "n_at_risk": risk.at_risk,
                "n_events": events,
                "incidence": own,
                "std_error": std_error,
            }
        )
        tables.append(add_limits(table, multiplier))
    return pd.concat(tables, ignore_index=True)


def accumulate(risk: RiskTable) -> tuple[np.ndarray, np.ndarray]:
    """Survival of any event just before each time, and the incidence of each cause (a column)."""
    before = np.concatenate([[1.0], _multiply(risk)[:-1]])
    steps = before[:, None] * divide(risk.events, risk.at_risk[:, None])
    return before, np.cumsum(steps, axis=0)


def add_limits(
    table: pd.DataFrame, multiplier: float, *, column: str = "incidence"
) -> pd.DataFrame:
    """Log-log limits of a share, which stay between 0 and 1; none where no interval is given."""
    f = table[column].to_numpy()
    has_width = (f > 0) & (f < 1)
    inner = np.where(has_width, f, 0.5)
    steps = multiplier * table["std_error"].to_numpy() / (inner * np.abs(np.log(inner)))
    width = np.exp(np.minimum(steps, MOST_STEPS))
    edge = f if math.isfinite(multiplier) else np.full(len(f), np.nan)
    return table.assign(
        ci_lower=np.where(has_width, inner**width, edge),
        ci_upper=np.where(has_width, inner ** (1 / width), edge),
    )


def _find_incidence_variance(
    incidence: np.ndarray,
    before: np.ndarray,
    at_risk: np.ndarray,
    total: np.ndarray,
    own: np.ndarray,
) -> np.ndarray:
    """Var F(t) = sum over times s up to t of (F(t) - F(s))^2 d/(n (n - d)) + S(s-)^2 (n - dk)/n
    dk/n^2 - 2 (F(t) - F(s)) S(s-) dk/n^2.

    The squares are expanded, so that running sums do for all t at once.
    """
    n = at_risk.astype(float)
    a = divide(total, n * (n - total))
    c = before * divide(own, n**2)
    b = before**2 * divide((n - own) * own, n**3)
    f = incidence
    quadratic = f**2 * np.cumsum(a) - 2 * f * np.cumsum(f * a) + np.cumsum(f**2 * a)
    mixed = f * np.cumsum(c) - np.cumsum(f * c)
    return np.maximum(quadratic + np.cumsum(b) - 2 * mixed, 0.0)


def describe_incidence(
    days: pd.Series,
    event: pd.Series,
    *,
    causes: int = 2,
    clusters: pd.Series | None = None,
    entry: pd.Series | None = None,
) -> pd.DataFrame:
    """The cumulative incidence of the first event where others compete: `estimate_aalen_johansen`
    of cause 1; without rows for nobody."""
    columns = ["time", "n_at_risk", "n_events", "incidence", "ci_lower", "ci_upper"]
    if not len(days):
        return pd.DataFrame(columns=columns)
    if clusters is not None and not (clusters.isna() | clusters.duplicated()).any():
        clusters = None  # each person once
    table = estimate_aalen_johansen(
        days.to_numpy(),
        event.to_numpy(),
        causes=causes,
        entry=None if entry is None else entry.to_numpy(),
        clusters=None if clusters is None else clusters.to_numpy(),
    )
    return table.loc[table["cause"] == 1, columns].reset_index(drop=True)


def find_reach(values: Sequence[float] | np.ndarray | pd.Series, at: float) -> float:
    """How far one must go from `at` to either side to pass ten people: the grid on which a median,
    which is somebody's own value, may be shown. Infinite where there are fewer."""
    ordered = np.sort(np.asarray(values, dtype=float))
    below, above = ordered[ordered < at], ordered[ordered > at]
    if min(len(below), len(above)) < PEOPLE_BESIDE:
        return float(np.inf)
    return float(max(at - below[-PEOPLE_BESIDE], above[PEOPLE_BESIDE - 1] - at))
