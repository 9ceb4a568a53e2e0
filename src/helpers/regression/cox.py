"""Cox regression with strata, weights and clusters, the test of proportional hazards, and the
curves that a fit predicts. Checked against R's coxph, cox.zph and survfit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from helpers.edition import BadInput
from helpers.regression.engine import (
    LEAST_BENT,
    Columns,
    RiskSets,
    Rows,
    Steps,
    find_information,
    find_residuals,
    find_score,
    fit,
    read_rows,
    sum_clusters,
    sum_information,
    sum_steps,
)
from helpers.survival import Z, estimate_kaplan_meier, find_multiplier, find_p_value
from helpers.survival.limits import LEAST_CLUSTERS, MANY_CLUSTERS, check_clusters, find_test_p_value

# A cluster with all but so little of the information has no others to be compared with.
ALONE = 1e-8
TRANSFORMS = ("identity", "log", "rank", "km")


def estimate_cox(
    rows: pd.DataFrame,
    terms: Sequence[str],
    *,
    stop: str = "days",
    event: str = "event",
    start: str | None = None,
    cluster: str | None = None,
    weights: str | None = None,
    strata: str | None = None,
    ties: str = "efron",
) -> pd.DataFrame:
    """Hazard ratios of `terms` (numeric columns), Efron's ties or Breslow's, within `strata`. A row
    is a person, or a spell (start, stop] of one: covariates may change.

    Columns term, coefficient, std_error (model-based), robust_std_error (by `cluster`, or by row
    where weights are no whole numbers; else as std_error), hazard_ratio, ci_lower, ci_upper and
    p_value (by the robust error; with clusters `survival.find_multiplier`, none below
    LEAST_CLUSTERS), n_events. R: coxph(Surv(start, stop, event) ~ terms + strata(strata), weights,
    cluster). Raises BadInput where nothing can be estimated: no event, a term that does not vary or
    repeats others, or terms that tell events apart completely.
    """
    data = read_rows(rows, terms, Columns(stop, event, start, cluster, weights, strata))
    sets = RiskSets(data)
    beta, steps, inverse = fit(data, sets, terms, ties=ties)
    is_robust = cluster is not None or (
        data.weight is not None and (data.weight != np.floor(data.weight)).any()
    )
    residuals = find_residuals(data, sets, steps) if is_robust else None
    return describe_fit(data, sets, steps, terms, beta, inverse, residuals)


def describe_fit(
    data: Rows,
    sets: RiskSets,
    steps: Steps,
    terms: Sequence[str],
    beta: np.ndarray,
    inverse: np.ndarray,
    residuals: np.ndarray | None,
) -> pd.DataFrame:
    """The table of a fit, in the units of the frame. With `residuals` the errors are robust: the
    squared sums by cluster of each row's pull on the coefficients. R:
    crossprod(rowsum(residuals(coxph, "dfbeta", weighted = TRUE), cluster))."""
    coefficient, std_error = beta / data.scale, np.sqrt(np.diag(inverse)) / data.scale
    error, widened = std_error, std_error
    if residuals is not None:
        scores = sum_clusters(residuals, data.cluster)
        error = np.sqrt(((scores @ inverse) ** 2).sum(axis=0)) / data.scale
        adjusted = _allow_for_leverage(data, sets, steps, scores, inverse)
        widened = np.sqrt(((adjusted @ inverse) ** 2).sum(axis=0)) / data.scale
    width = find_multiplier(data.n_clusters) * widened
    return pd.DataFrame(
        {
            "term": list(terms),
            "coefficient": coefficient,
            "std_error": std_error,
            "robust_std_error": error,
            "hazard_ratio": np.exp(coefficient),
            "ci_lower": np.exp(coefficient - width),
            "ci_upper": np.exp(coefficient + width),
            "p_value": find_p_value(coefficient / widened, data.n_clusters),
            "n_events": int((data.event == 1).sum()),
        }
    )


def _allow_for_leverage(
    data: Rows, sets: RiskSets, steps: Steps, scores: np.ndarray, inverse: np.ndarray
) -> np.ndarray:
    """The scores of clusters, each enlarged by what it has pulled the fit towards itself (CR2 of
    Bell and McCaffrey 2002, with a cluster's part of the information as its leverage): of few
    clusters the sum of squares is too small. From MANY_CLUSTERS on, R's own.

    With L L' the information, A = L (1 - B)^-1/2 L^-1, where B = L^-1 (cluster's part) L^-T.
    """
    if data.cluster is None or not LEAST_CLUSTERS <= len(scores) < MANY_CLUSTERS:
        return scores
    root = np.linalg.cholesky(np.linalg.inv(inverse))
    back = np.linalg.inv(root)
    share, axes = np.linalg.eigh(back @ sum_information(data, sets, steps, data.cluster) @ back.T)
    left = 1 - share
    grown = np.where(left > ALONE, 1 / np.sqrt(np.maximum(left, ALONE)), 0.0)
    turned = np.einsum("gji,gj->gi", axes, scores @ back.T)
    return np.einsum("gij,gj->gi", axes, grown * turned) @ root.T


def compare_over_time(
    rows: pd.DataFrame,
    terms: Sequence[str],
    *,
    stop: str = "days",
    event: str = "event",
    start: str | None = None,
    cluster: str | None = None,
    weights: str | None = None,
    strata: str | None = None,
    ties: str = "efron",
    transform: str = "identity",
) -> pd.DataFrame:
    """The score test of proportional hazards (Grambsch and Therneau 1994), against a coefficient
    that changes linearly with time, its logarithm, its rank among all times, or 1 - Kaplan-Meier
    ("km", R's own choice). With `cluster` the variance of the score is that of the clusters.

    Columns term (and "all"), statistic, degrees_of_freedom, p_value. R: cox.zph(coxph(...),
    transform). Raises BadInput as `estimate_cox`, and for fewer than LEAST_CLUSTERS clusters.
    """
    data = read_rows(rows, terms, Columns(stop, event, start, cluster, weights, strata))
    if data.n_clusters is not None:
        check_clusters(data.n_clusters, len(terms))
    sets = RiskSets(data)
    _, steps, _ = fit(data, sets, terms, ties=ties)
    moment = _transform(data, sets, transform)[sets.tie]
    plain, crossed, squared = (
        find_information(data, sets, steps, by_step=moment**power) for power in (0, 1, 2)
    )
    project = np.linalg.solve(plain, crossed)
    if not np.linalg.eigvalsh(squared - crossed @ project)[0] > LEAST_BENT * plain.max():
        raise BadInput("events fall at too few times; proportional hazards cannot be tested")
    score = _find_moved_score(data, sets, steps, moment) - project.T @ find_score(data, sets, steps)
    variance = squared - crossed @ project
    if cluster is not None:
        moved = find_residuals(data, sets, steps, by_step=moment)
        pulls = sum_clusters(moved - find_residuals(data, sets, steps) @ project, data.cluster)
        variance = pulls.T @ pulls
    statistics = [*(score**2 / np.diag(variance)), float(score @ np.linalg.solve(variance, score))]
    freedom = [*[1] * len(terms), len(terms)]
    p_values = [
        find_test_p_value(s, k, data.n_clusters) for s, k in zip(statistics, freedom, strict=True)
    ]
    return pd.DataFrame(
        {
            "term": [*terms, "all"],
            "statistic": statistics,
            "degrees_of_freedom": freedom,
            "p_value": p_values,
        }
    )


def _find_moved_score(data: Rows, sets: RiskSets, steps: Steps, moment: np.ndarray) -> np.ndarray:
    events = sets.event_rows
    at_events = data.x[events].T @ (data.weights[events] * moment)
    return at_events - steps.mean.T @ (steps.weight * moment)


def _transform(data: Rows, sets: RiskSets, transform: str) -> np.ndarray:
    """The transformed time of each tie, less the mean over events, as in cox.zph."""
    if transform not in TRANSFORMS:
        raise BadInput(f"transform {transform!r}: one of {', '.join(TRANSFORMS)}")
    time = sets.time
    if transform == "log":
        if time.min() <= 0:
            raise BadInput("an event at time 0 has no logarithm; take another transform")
        time = np.log(time)
    elif transform == "rank":
        ordered = np.sort(data.stop)  # of everybody, the mean rank of ties
        below, upto = (np.searchsorted(ordered, time, side=side) for side in ("left", "right"))
        time = (below + upto + 1) / 2
    elif transform == "km":
        curve = estimate_kaplan_meier(
            data.stop - min(0.0, float(data.stop.min())),
            data.event == 1,
            entry=None if data.start is None else data.start - min(0.0, float(data.stop.min())),
            weights=data.weight,
        )
        before = np.concatenate([[1.0], curve["survival"].to_numpy()[:-1]])
        shifted = sets.time - min(0.0, float(data.stop.min()))
        time = 1 - before[np.searchsorted(curve["time"].to_numpy(), shifted)]
    time = time / max(np.abs(time).max(), np.finfo(float).tiny)
    centred = time - np.average(time, weights=sets.size)
    # In a unit in which squares stay in range; where all are one time up to rounding, 0.
    spread = np.abs(centred).max()
    return centred / spread if spread > LEAST_BENT else np.zeros(len(centred))


def predict_curves(
    rows: pd.DataFrame,
    terms: Sequence[str],
    people: Mapping[str, Mapping[str, float]],
    *,
    stop: str = "days",
    event: str = "event",
    start: str | None = None,
    weights: str | None = None,
    strata: str | None = None,
    ties: str = "efron",
) -> pd.DataFrame:
    """Baseline hazard and survival without the event of `people`, whom their covariates describe: a
    name for each ("woman of 30") and a value for each term.

    Columns category (the name), stratum (where there are strata), time, cumulative_hazard,
    survival, std_error (of the cumulative hazard), ci_lower, ci_upper (log). The limits take the
    rows as independent; where cases have several, they are too narrow. R: survfit(coxph,
    newdata). A cause-specific hazard alone does not give the share of those who meet an event where
    others compete.
    """
    data = read_rows(rows, terms, Columns(stop, event, start, None, weights, strata))
    sets = RiskSets(data)
    beta, steps, inverse = fit(data, sets, terms, ties=ties)
    shift = (data.x @ beta).max()
    hazard = sum_steps(sets, steps.weight / steps.whole)
    spread = sum_steps(sets, steps.weight / steps.whole**2)
    pull = sum_steps(sets, (steps.weight / steps.whole)[:, None] * steps.mean)
    names = None if strata is None else pd.factorize(np.asarray(rows[strata]), sort=True)[1]
    tables = []
    for name, values in people.items():
        if missing := [term for term in terms if term not in values]:
            raise BadInput(f"{name}: give a value for {', '.join(missing)}")
        x = (np.array([float(values[term]) for term in terms]) - data.center) / data.scale
        rate = np.exp(x @ beta - shift)
        for stratum in np.unique(sets.stratum):
            own = sets.stratum == stratum
            cumulative = np.cumsum(hazard[own]) * rate
            drift = (x[None, :] * np.cumsum(hazard[own])[:, None]) - np.cumsum(pull[own], axis=0)
            variance = rate**2 * (
                np.cumsum(spread[own]) + np.einsum("ti,ij,tj->t", drift, inverse, drift)
            )
            table = _describe_curve(sets.time[own], cumulative, np.sqrt(variance), name)
            tables.append(table if names is None else table.assign(stratum=names[stratum]))
    return pd.concat(tables, ignore_index=True)


def _describe_curve(
    time: np.ndarray, cumulative: np.ndarray, std_error: np.ndarray, name: str
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "category": name,
            "time": time,
            "cumulative_hazard": cumulative,
            "survival": np.exp(-cumulative),
            "std_error": std_error,
            "ci_lower": np.exp(-cumulative - Z * std_error),
            "ci_upper": np.minimum(np.exp(-cumulative + Z * std_error), 1.0),
        }
    )
