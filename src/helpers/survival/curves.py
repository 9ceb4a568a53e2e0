"""Kaplan-Meier and Aalen-Johansen with their variances, and what is read from them."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from helpers.edition import BadInput
from helpers.survival.influence import find_robust_errors
from helpers.survival.risk import Z, divide, read_follow_up, tabulate_risk


def estimate_kaplan_meier(
    time: np.ndarray,
    event: np.ndarray,
    *,
    entry: np.ndarray | None = None,
    weights: np.ndarray | None = None,
) -> pd.DataFrame:
    """Kaplan-Meier survival with Greenwood's variance and log-log limits; `event` is 0 (censored)
    or 1.

    Columns time, n_at_risk, n_events, survival, std_error, ci_lower, ci_upper. R:
    survfit(Surv(time, event) ~ 1, conf.type = "log-log"); with late entry Surv(entry, time, event),
    with weights robust = FALSE. Raises BadInput as `read_follow_up`.
    """
    risk = tabulate_risk(read_follow_up(time, event, causes=1, entry=entry, weights=weights), 1)
    events = risk.events[:, 0]
    survival = np.cumprod(1 - divide(events, risk.at_risk))
    summed = np.cumsum(divide(events, risk.at_risk * (risk.at_risk - events)))
    has_width = (survival > 0) & (survival < 1)
    inner = np.where(has_width, survival, 0.5)
    width = np.exp(Z * np.sqrt(summed) / np.abs(np.log(inner)))
    at_one = np.where(survival >= 1, 1.0, np.nan)
    return pd.DataFrame(
        {
            "time": risk.times,
            "n_at_risk": risk.at_risk,
            "n_events": events,
            "survival": survival,
            "std_error": np.where(survival > 0, survival * np.sqrt(summed), np.nan),
            "ci_lower": np.where(has_width, inner**width, at_one),
            "ci_upper": np.where(has_width, inner ** (1 / width), at_one),
        }
    )


def find_quantile(curve: pd.DataFrame, share: float = 0.5, *, column: str = "survival") -> float:
    """The first time at which survival is 1 - share or less; NaN where the curve does not come down
    to it. `column` ci_lower and ci_upper give the limits of the quantile. R: quantile(survfit,
    share), which averages two times where the curve lies exactly on it."""
    curve = curve[curve["n_events"] > 0]
    values = curve[column].fillna(0.0 if column != "ci_upper" else 1.0)
    reached = curve[values <= 1 - share + 1e-12]
    if reached.empty:
        return math.nan
    place = curve.index.get_loc(reached.index[0])
    is_on_it = abs(values.iloc[place] - (1 - share)) < 1e-12 and place + 1 < len(curve)
    return float(curve["time"].iloc[[place, place + 1 if is_on_it else place]].mean())


def estimate_restricted_mean(curve: pd.DataFrame, until: float) -> pd.DataFrame:
    """The mean time without the event within `until`: the area under a Kaplan-Meier curve. Columns
    value, std_error, ci_lower, ci_upper.

    R: summary(survfit, rmean = until)$table, "rmean" and "se(rmean)". Raises BadInput where nobody
    is followed that long.
    """
    if until > curve["time"].max():
        raise BadInput(
            f"nobody is followed for {until:g}; take a restricted mean within the follow-up"
        )
    steps = curve[(curve["n_events"] > 0) & (curve["time"] < until)]
    edges = np.concatenate([[0.0], steps["time"], [until]])
    areas = np.diff(edges) * np.concatenate([[1.0], steps["survival"]])
    after = np.cumsum(areas[::-1])[::-1][1:]
    at_risk, events = (
        steps["n_at_risk"].to_numpy(dtype=float),
        steps["n_events"].to_numpy(dtype=float),
    )
    value, std_error = (
        float(areas.sum()),
        math.sqrt(float((after**2 * divide(events, at_risk * (at_risk - events))).sum())),
    )
    return pd.DataFrame(
        {
            "value": [value],
            "std_error": [std_error],
            "ci_lower": [max(value - Z * std_error, 0.0)],
            "ci_upper": [min(value + Z * std_error, until)],
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
    clusters (people who are not independent) it is the infinitesimal jackknife's, whose work grows
    with persons times times. R: survfit(Surv(time, factor(event)) ~ 1, weights)$pstate and std.err.
    """
    rows = read_follow_up(time, event, causes=causes, entry=entry, weights=weights)
    risk = tabulate_risk(rows, causes)
    before = np.concatenate([[1.0], np.cumprod(1 - divide(risk.total, risk.at_risk))[:-1]])
    incidence = np.cumsum(before[:, None] * divide(risk.events, risk.at_risk[:, None]), axis=0)
    is_robust = any(part is not None for part in (entry, weights, clusters))
    tables = []
    for cause in range(1, causes + 1):
        own, events = incidence[:, cause - 1], risk.events[:, cause - 1]
        std_error = (
            find_robust_errors(
                time,
                event,
                at=risk.times,
                cause=cause,
                causes=causes,
                entry=entry,
                weights=weights,
                clusters=clusters,
            )
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
        tables.append(_add_limits(table))
    return pd.concat(tables, ignore_index=True)


def _add_limits(table: pd.DataFrame) -> pd.DataFrame:
    """Log-log limits of an incidence, which stay between 0 and 1."""
    f = table["incidence"].to_numpy()
    has_width = (f > 0) & (f < 1)
    inner = np.where(has_width, f, 0.5)
    width = np.exp(Z * table["std_error"].to_numpy() / (inner * np.abs(np.log(inner))))
    return table.assign(
        ci_lower=np.where(has_width, inner**width, f),
        ci_upper=np.where(has_width, inner ** (1 / width), f),
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
    days: pd.Series, event: pd.Series, *, causes: int = 2, clusters: pd.Series | None = None
) -> pd.DataFrame:
    """The cumulative incidence of the first event where others compete: `estimate_aalen_johansen`
    of cause 1; without rows for nobody."""
    columns = ["time", "n_at_risk", "n_events", "incidence", "ci_lower", "ci_upper"]
    if not len(days):
        return pd.DataFrame(columns=columns)
    is_clustered = clusters is not None and clusters.duplicated().any()
    table = estimate_aalen_johansen(
        days.to_numpy(),
        event.to_numpy(),
        causes=causes,
        clusters=clusters.to_numpy() if is_clustered else None,
    )
    return table.loc[table["cause"] == 1, columns].reset_index(drop=True)
