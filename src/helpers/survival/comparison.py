"""Tests of whether groups differ: log-rank, with strata or without, and Gray's for competing
causes. With clusters both are score tests with the sum of squared cluster scores as variance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.edition import BadInput
from helpers.survival.limits import find_test_p_value
from helpers.survival.risk import FollowUp, divide, read_follow_up, read_labels, tabulate_risk


@dataclass(frozen=True)
class _Grouped:
    """Checked rows with the code of their group, and by distinct `times` how many of each group (a
    column) are `at_risk`, and the events of each group and cause."""

    rows: FollowUp
    group: np.ndarray
    times: np.ndarray
    at_risk: np.ndarray
    events: np.ndarray


def _tabulate_groups(rows: FollowUp, group: np.ndarray, groups: int, causes: int) -> _Grouped:
    times = tabulate_risk(rows, causes).times
    cells = (np.searchsorted(times, rows.time) * groups + group) * (causes + 1) + rows.event
    counts = np.bincount(cells, minlength=len(times) * groups * (causes + 1)).reshape(
        len(times), groups, causes + 1
    )
    exits = counts.sum(axis=2)
    return _Grouped(
        rows,
        group,
        times,
        (exits.sum(axis=0) - np.cumsum(exits, axis=0) + exits).astype(float),
        counts[:, :, 1:].astype(float),
    )


def _read_groups(group: np.ndarray, n: int) -> tuple[np.ndarray, int]:
    codes = read_labels(group, n, what="group")
    if codes.max() < 1:
        raise BadInput("a comparison needs two groups with somebody in each")
    return codes, int(codes.max()) + 1


def _test(
    score: np.ndarray, covariance: np.ndarray, is_compared: np.ndarray, clusters: int | None
) -> pd.DataFrame:
    """The quadratic form of all compared groups but one."""
    spread = np.diag(covariance)
    is_compared = is_compared & (spread > 1e-12 * max(spread.max(), 1e-300))
    chosen = np.flatnonzero(is_compared)[:-1]
    if not len(chosen):
        raise BadInput(
            "fewer than two of the groups are at risk while anything happens; there is nothing to compare"
        )
    scale = 1 / np.sqrt(spread[chosen])
    if np.linalg.matrix_rank(scale[:, None] * covariance[np.ix_(chosen, chosen)] * scale) < len(
        chosen
    ):
        raise BadInput(
            "some groups are never at risk together with the others (within strata, where there are any); compare those that are"
        )
    statistic = float(
        score[chosen] @ np.linalg.solve(covariance[np.ix_(chosen, chosen)], score[chosen])
    )
    return pd.DataFrame(
        {
            "statistic": [statistic],
            "degrees_of_freedom": [len(chosen)],
            "p_value": [find_test_p_value(statistic, len(chosen), clusters)],
        }
    )


def _count(cluster: np.ndarray | None) -> int | None:
    return None if cluster is None else int(cluster.max()) + 1


def compare_log_rank(
    time: np.ndarray,
    event: np.ndarray,
    group: np.ndarray,
    *,
    strata: np.ndarray | None = None,
    clusters: np.ndarray | None = None,
) -> pd.DataFrame:
    """The log-rank test of two or more groups, within `strata` where given. Columns statistic,
    degrees_of_freedom, p_value (with `clusters` that of `find_test_p_value`).

    R: survdiff(Surv(time, event) ~ group + strata(strata)); with `clusters` the robust score test
    of coxph(Surv(time, event) ~ factor(group), cluster, ties = "breslow"), rscore. Raises BadInput
    for one group, where no two are at risk together, for a missing group, stratum or cluster, and
    for fewer than LEAST_CLUSTERS clusters.
    """
    rows = read_follow_up(time, event, causes=1)
    n = len(rows.time)
    codes, groups = _read_groups(group, n)
    stratum = np.zeros(n, dtype=int) if strata is None else read_labels(strata, n, what="stratum")
    cluster = None if clusters is None else read_labels(clusters, n, what="cluster")
    score, expected = np.zeros(groups), np.zeros(groups)
    covariance, influence = np.zeros((groups, groups)), np.zeros((n, groups))
    for name in range(stratum.max() + 1):
        chosen = np.flatnonzero(stratum == name)
        part = _tabulate_groups(rows.take(chosen), codes[chosen], groups, 1)
        own, spread = _count_expected(part)
        score += part.events.sum(axis=(0, 2)) - own
        expected += own
        covariance += spread
        if cluster is not None:
            influence[chosen] = _find_scores(part)
    if cluster is not None:
        covariance = _square_clusters(influence, cluster, rows)
    return _test(score, covariance, expected > 0, _count(cluster))


def _count_expected(part: _Grouped) -> tuple[np.ndarray, np.ndarray]:
    """Expected events of each group, and the covariance of the draws without replacement."""
    n, d = part.at_risk.sum(axis=1), part.events.sum(axis=(1, 2))
    shares = part.at_risk / n[:, None]
    scale = divide(d * (n - d), n - 1)
    spread = np.diag((shares * scale[:, None]).sum(axis=0)) - shares.T @ (shares * scale[:, None])
    return (shares * d[:, None]).sum(axis=0), spread


def _find_scores(part: _Grouped) -> np.ndarray:
    """Each row's part of the scores: at its event their group less the mean group, less the same
    over the hazard that it passed."""
    n, d = part.at_risk.sum(axis=1), part.events.sum(axis=(1, 2))
    shares, hazard = part.at_risk / n[:, None], divide(d, n)
    place, own = np.searchsorted(part.times, part.rows.time), np.eye(part.at_risk.shape[1])
    passed, mean = np.cumsum(hazard), np.cumsum(shares * hazard[:, None], axis=0)
    of_group = own[part.group]
    happened = (part.rows.event > 0)[:, None] * (of_group - shares[place])
    return happened - (of_group * passed[place][:, None] - mean[place])


def _square_clusters(influence: np.ndarray, cluster: np.ndarray, rows: FollowUp) -> np.ndarray:
    """Squared sums by cluster, in an order that the rows' own order does not change."""
    order = np.lexsort((*influence.T, rows.event, rows.time))
    sums = np.stack(
        [np.bincount(cluster[order], weights=column[order]) for column in influence.T], axis=1
    )
    return sums.T @ sums


def compare_gray(
    time: np.ndarray,
    event: np.ndarray,
    group: np.ndarray,
    *,
    cause: int = 1,
    causes: int = 2,
    clusters: np.ndarray | None = None,
) -> pd.DataFrame:
    """Gray's test (1988, weight 1) of whether the cumulative incidence of `cause` differs between
    groups where others compete; with ties, without late entry. Columns statistic,
    degrees_of_freedom, p_value. R: cmprsk::cuminc(time, event, group)$Tests.

    Each group's risk set is that of the subdistribution: at risk times (1 - F) / S, both just
    before. With `clusters` the variance is that of the infinitesimal jackknife of the score. Raises
    BadInput as `compare_log_rank`.
    """
    rows = read_follow_up(time, event, causes=causes)
    codes, groups = _read_groups(group, len(rows.time))
    part = _tabulate_groups(rows, codes, groups, causes)
    n, own = part.at_risk, part.events[:, :, cause - 1]
    other = part.events.sum(axis=2) - own
    after = np.cumprod(1 - divide(own + other, n), axis=0)
    before = _shift(after, 1.0)
    risk = divide(n, before)  # the size that the group would have without loss
    incidence = np.cumsum(before * divide(own, n), axis=0)
    risk_left = risk * (1 - _shift(incidence, 0.0))
    d = own.sum(axis=1)
    score = (own - d[:, None] * divide(risk_left, risk_left.sum(axis=1, keepdims=True))).sum(axis=0)
    cluster = None if clusters is None else read_labels(clusters, len(rows.time), what="cluster")
    if cluster is None:
        covariance = _find_gray_covariance(n, own, other, before, after, risk)
    else:
        influence = _find_gray_influence(part, own, other, before, risk_left, cause)
        covariance = _square_clusters(influence, cluster, rows)
    return _test(score, covariance, (n * d[:, None]).sum(axis=0) > 0, _count(cluster))


def _find_gray_influence(
    part: _Grouped,
    own: np.ndarray,
    other: np.ndarray,
    before: np.ndarray,
    risk_left: np.ndarray,
    cause: int,
) -> np.ndarray:
    """Each row's influence on each group's score: the derivatives of the score to the numbers at
    risk and the events of each group at each time, found backwards through its steps, and summed
    over the times at which the row is at risk."""
    n, d, groups = part.at_risk, own.sum(axis=1), own.shape[1]
    whole = risk_left.sum(axis=1, keepdims=True)
    shares = divide(risk_left, whole)
    left = 1 - divide(own + other, n)
    incidence = _shift(np.cumsum(before * divide(own, n), axis=0), 0.0)
    place, rows = np.searchsorted(part.times, part.rows.time), np.arange(len(part.group))
    influence = np.zeros((len(rows), groups))
    for k in range(groups):
        to_risk = -d[:, None] * divide(np.eye(groups)[k] - shares[:, [k]], whole)
        to_step = _sum_later(-to_risk * divide(n, before))
        to_before = -to_risk * divide(risk_left, before) + to_step * divide(own, n)
        to_left = divide(_sum_later(to_before * before), n * left)
        by_presence = (
            to_risk * divide(1 - incidence, before)
            - to_step * before * divide(own, n**2)
            + to_left * divide(own + other, n)
        )
        by_own = np.eye(groups)[k] - shares[:, [k]] + to_step * divide(before, n) - to_left
        passed = np.cumsum(by_presence, axis=0)[place, part.group]
        at_event = np.where(part.rows.event == cause, by_own[place, part.group], 0.0)
        at_other = np.where(
            (part.rows.event > 0) & (part.rows.event != cause), -to_left[place, part.group], 0.0
        )
        influence[:, k] = passed + at_event + at_other
    return influence


def _sum_later(values: np.ndarray) -> np.ndarray:
    """The sum of `values` at all later times."""
    return np.cumsum(values[::-1], axis=0)[::-1] - values


def _find_gray_covariance(
    n: np.ndarray,
    own: np.ndarray,
    other: np.ndarray,
    before: np.ndarray,
    after: np.ndarray,
    risk: np.ndarray,
) -> np.ndarray:
    """The covariance of the scores (Gray 1988, section 4), with the pooled incidence, and ties as
    draws without replacement."""
    groups = n.shape[1]
    d, whole = own.sum(axis=1), risk.sum(axis=1)
    pooled = np.cumsum(divide(d, whole))
    shares = divide(risk, whole[:, None])
    weight = risk[:, :, None] * (np.eye(groups)[None] - shares[:, None, :])  # a_ij at each time
    drift = np.cumsum(
        weight * divide(d, whole * (1 - _shift(pooled, 0.0)))[:, None, None], axis=0
    )  # c_ij up to it
    left = 1 - pooled[:, None]
    of_own = np.where(after > 0, 1 - divide(left, after), 1.0)
    of_other = divide(left, after)
    tied_own = np.where(
        d[:, None] > 1, 1 - divide(d[:, None] - 1, whole[:, None] * before - 1), 1.0
    )
    tied_other = np.where(other > 1, 1 - divide(other - 1, n - 1), 1.0)
    var_own = np.where(n > 0, tied_own * divide(before * d[:, None], whole[:, None] * n), 0.0)
    var_other = np.where(n > 0, tied_other * divide(before**2 * other, n**2), 0.0)
    final = drift[-1]
    # What group k's chance at each time adds to each score i: at own events, at other ones.
    at_own = weight - of_own[:, None, :] * drift + of_own[:, None, :] * final[None]
    at_other = of_other[:, None, :] * (final[None] - drift)
    return np.einsum("tik,tjk,tk->ij", at_own, at_own, var_own) + np.einsum(
        "tik,tjk,tk->ij", at_other, at_other, var_other
    )


def _shift(values: np.ndarray, first: float) -> np.ndarray:
    """`values` just before each time."""
    return np.concatenate([np.full((1, *values.shape[1:]), first), values[:-1]])
