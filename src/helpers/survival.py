"""Survival estimators, exact with ties and late entry, as tidy tables: one row a time at which something happens.

Checked against R's survival package; lifelines is not used where it jitters ties.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy.stats import chi2

from helpers.edition import BadInput

LEVEL = 0.95
Z = 1.959963984540054  # the normal quantile of 0.975


def _check(time: np.ndarray, event: np.ndarray, entry: np.ndarray, codes: set[int]) -> None:
    faults = {
        "negative times": int((time < 0).sum()), "missing times": int(np.isnan(time).sum()), "entries after the exit": int((entry > time).sum()),
        f"event codes other than {', '.join(map(str, sorted(codes)))}": int((~np.isin(event, list(codes))).sum()),
    }
    for fault, n in faults.items():
        if n:
            raise BadInput(f"{n} {fault}; mend the follow-up before it is estimated")
    if not len(time):
        raise BadInput("nobody is followed; there is nothing to estimate")


def _tabulate_risk(time: np.ndarray, event: np.ndarray, entry: np.ndarray | None, codes: set[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distinct times, how many are at risk just before each, and how many events of each code (columns) happen at it.

    Whoever enters at a time is at risk after it, as in R.
    """
    time, event = np.asarray(time, dtype=float), np.asarray(event, dtype=int)
    entry = np.full(len(time), -np.inf) if entry is None else np.asarray(entry, dtype=float)
    _check(time, event, entry, codes)
    times = np.unique(time)
    place = np.searchsorted(times, time)
    at_risk = len(time) - np.searchsorted(np.sort(time), times, side="left") - (len(entry) - np.searchsorted(np.sort(entry), times, side="left"))
    counts = np.column_stack([np.bincount(place[event == code], minlength=len(times)) for code in sorted(codes - {0})])
    return times, at_risk, counts


def estimate_kaplan_meier(time: np.ndarray, event: np.ndarray, *, entry: np.ndarray | None = None) -> pd.DataFrame:
    """Kaplan-Meier survival with Greenwood's variance and log-log limits; `event` is 0 (censored) or 1.

    Columns time, n_at_risk, n_events, survival, std_error, ci_lower, ci_upper. R: survfit(Surv(time, event) ~ 1, conf.type = "log-log");
    with late entry Surv(entry, time, event). Raises BadInput for another event code, negative times, or nobody.
    """
    times, at_risk, counts = _tabulate_risk(time, event, entry, {0, 1})
    events = counts[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        survival = np.cumprod(1 - events / at_risk)
        summed = np.cumsum(np.where(events > 0, events / (at_risk * (at_risk - events)), 0.0))
        width = Z * np.sqrt(summed) / np.abs(np.log(survival))
        lower, upper = survival ** np.exp(width), survival ** np.exp(-width)
        std_error = survival * np.sqrt(summed)
    inside = (survival > 0) & (survival < 1)
    return pd.DataFrame({
        "time": times, "n_at_risk": at_risk, "n_events": events, "survival": survival, "std_error": np.where(survival > 0, std_error, np.nan),
        "ci_lower": np.where(inside, lower, np.where(survival == 1, 1.0, np.nan)), "ci_upper": np.where(inside, upper, np.where(survival == 1, 1.0, np.nan)),
    })


def find_quantile(curve: pd.DataFrame, share: float = 0.5) -> float:
    """The first time at which survival is 1 - share or less; NaN where the curve does not come down to it. R: quantile(survfit, share),
    which averages two times where the curve lies exactly on it."""
    reached = curve[curve["survival"] <= 1 - share + 1e-12]
    if reached.empty:
        return math.nan
    first = reached.iloc[0]
    if abs(first["survival"] - (1 - share)) < 1e-12:
        later = curve[(curve["time"] > first["time"]) & (curve["n_events"] > 0)]
        return float((first["time"] + later["time"].iloc[0]) / 2) if len(later) else float(first["time"])
    return float(first["time"])


def estimate_aalen_johansen(time: np.ndarray, event: np.ndarray, *, causes: int = 2, entry: np.ndarray | None = None) -> pd.DataFrame:
    """Cumulative incidence of each competing cause (`event` 1 to `causes`, 0 censored), with ties as they are.

    Columns time, cause, n_at_risk, n_events, incidence, std_error (delta method, Marubini and Valsecchi 1995), ci_lower, ci_upper (log-log).
    R: survfit(Surv(time, factor(event)) ~ 1)$pstate.
    """
    times, at_risk, counts = _tabulate_risk(time, event, entry, set(range(causes + 1)))
    total = counts.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        survival = np.cumprod(np.where(at_risk > 0, 1 - total / at_risk, 1.0))
        before = np.concatenate([[1.0], survival[:-1]])
        increments = before[:, None] * np.where(at_risk[:, None] > 0, counts / at_risk[:, None], 0.0)
    incidence = np.cumsum(increments, axis=0)
    tables = []
    for cause in range(causes):
        variance = _find_incidence_variance(incidence[:, cause], before, at_risk, total, counts[:, cause])
        table = pd.DataFrame({"time": times, "cause": cause + 1, "n_at_risk": at_risk, "n_events": counts[:, cause], "incidence": incidence[:, cause], "std_error": np.sqrt(variance)})
        tables.append(_add_limits(table))
    return pd.concat(tables, ignore_index=True)


def _add_limits(table: pd.DataFrame) -> pd.DataFrame:
    """Log-log limits of an incidence, which stay between 0 and 1."""
    f, inside = table["incidence"].to_numpy(), ((table["incidence"] > 0) & (table["incidence"] < 1)).to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        width = Z * table["std_error"].to_numpy() / (f * np.abs(np.log(f)))
        lower, upper = f ** np.exp(width), f ** np.exp(-width)
    return table.assign(ci_lower=np.where(inside, lower, f), ci_upper=np.where(inside, upper, f))


def _find_incidence_variance(incidence: np.ndarray, before: np.ndarray, at_risk: np.ndarray, total: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Var F(t) = sum over times s up to t of (F(t) - F(s))^2 d/(n (n - d)) + S(s-)^2 (n - dk)/n dk/n^2 - 2 (F(t) - F(s)) S(s-) dk/n^2.

    The squares are expanded, so that running sums do for all t at once.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        a = np.where(at_risk > total, total / (at_risk * (at_risk - total)), 0.0)
        c = np.where(at_risk > 0, before * own / at_risk**2.0, 0.0)
        b = np.where(at_risk > 0, before**2 * (at_risk - own) / at_risk * own / at_risk**2.0, 0.0)
    f = incidence
    quadratic = f**2 * np.cumsum(a) - 2 * f * np.cumsum(f * a) + np.cumsum(f**2 * a)
    mixed = f * np.cumsum(c) - np.cumsum(f * c)
    return np.maximum(quadratic + np.cumsum(b) - 2 * mixed, 0.0)


def describe_incidence(days: pd.Series, event: pd.Series) -> pd.DataFrame:
    """The cumulative incidence of the first event where death competes: `estimate_aalen_johansen` of cause 1; without rows for nobody."""
    columns = ["time", "n_at_risk", "n_events", "incidence", "ci_lower", "ci_upper"]
    if not len(days):
        return pd.DataFrame(columns=columns)
    table = estimate_aalen_johansen(days.to_numpy(), event.to_numpy())
    return table.loc[table["cause"] == 1, columns].reset_index(drop=True)


def compare_log_rank(time: np.ndarray, event: np.ndarray, group: np.ndarray) -> pd.DataFrame:
    """The log-rank test of two or more groups. Columns statistic, degrees_of_freedom, p_value. R: survdiff(Surv(time, event) ~ group)."""
    time, event, group = np.asarray(time, dtype=float), np.asarray(event, dtype=int), np.asarray(group)
    names = [name for name in pd.unique(group)]
    if len(names) < 2:
        raise BadInput("a comparison needs two groups with somebody in each")
    times, at_risk, counts = _tabulate_risk(time, event, None, {0, 1})
    parts = np.array([len(time[group == name]) - np.searchsorted(np.sort(time[group == name]), times, side="left") for name in names], dtype=float)
    events = counts[:, 0].astype(float)
    observed = np.array([event[group == name].sum() for name in names], dtype=float)
    expected = (parts * events / at_risk).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(at_risk > 1, events * (at_risk - events) / (at_risk - 1), 0.0)
    shares = parts / at_risk
    covariance = np.diag((shares * scale).sum(axis=1)) - (shares * scale) @ shares.T
    difference = (observed - expected)[:-1]
    statistic = float(difference @ np.linalg.solve(covariance[:-1, :-1], difference))
    return pd.DataFrame({"statistic": [statistic], "degrees_of_freedom": [len(names) - 1], "p_value": [float(chi2.sf(statistic, len(names) - 1))]})
