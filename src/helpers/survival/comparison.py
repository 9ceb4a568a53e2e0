"""Tests of whether groups differ: log-rank, with strata or without, and Gray's for competing
causes."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import chi2

from helpers.edition import BadInput
from helpers.survival.risk import divide, read_follow_up, tabulate_risk


def _tabulate_groups(
    time: np.ndarray, event: np.ndarray, group: np.ndarray, names: np.ndarray, causes: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distinct times; at risk by time and group; events by time, group and cause."""
    rows = read_follow_up(time, event, causes=causes)
    risk = tabulate_risk(rows, causes)
    place, shape = np.searchsorted(names, group), (len(risk.times), len(names))
    cells = (np.searchsorted(risk.times, rows.time) * len(names) + place) * (
        causes + 1
    ) + rows.event
    counts = np.bincount(cells, minlength=shape[0] * shape[1] * (causes + 1)).reshape(
        *shape, causes + 1
    )
    exits = counts.sum(axis=2)
    return (
        risk.times,
        (exits.sum(axis=0) - np.cumsum(exits, axis=0) + exits).astype(float),
        counts[:, :, 1:].astype(float),
    )


def _name_groups(group: np.ndarray) -> np.ndarray:
    names = np.unique(group)
    if len(names) < 2:
        raise BadInput("a comparison needs two groups with somebody in each")
    return names


def _test(score: np.ndarray, covariance: np.ndarray, is_compared: np.ndarray) -> pd.DataFrame:
    """The quadratic form of all compared groups but one, against chi-square."""
    chosen = np.flatnonzero(is_compared)[:-1]
    if not len(chosen):
        raise BadInput(
            "fewer than two of the groups are at risk while anything happens; there is nothing to compare"
        )
    statistic = float(
        score[chosen] @ np.linalg.solve(covariance[np.ix_(chosen, chosen)], score[chosen])
    )
    return pd.DataFrame(
        {
            "statistic": [statistic],
            "degrees_of_freedom": [len(chosen)],
            "p_value": [float(chi2.sf(statistic, len(chosen)))],
        }
    )


def compare_log_rank(
    time: np.ndarray, event: np.ndarray, group: np.ndarray, *, strata: np.ndarray | None = None
) -> pd.DataFrame:
    """The log-rank test of two or more groups, within `strata` where given. Columns statistic,
    degrees_of_freedom, p_value.

    R: survdiff(Surv(time, event) ~ group + strata(strata)). Raises BadInput for one group, or where
    no two are at risk together.
    """
    time, event, group = np.asarray(time), np.asarray(event), np.asarray(group)
    names = _name_groups(group)
    strata = np.zeros(len(time)) if strata is None else np.asarray(strata)
    score, covariance, expected = (
        np.zeros(len(names)),
        np.zeros((len(names), len(names))),
        np.zeros(len(names)),
    )
    for stratum in np.unique(strata):
        chosen = strata == stratum
        _, at_risk, events = _tabulate_groups(time[chosen], event[chosen], group[chosen], names, 1)
        n, d = at_risk.sum(axis=1), events.sum(axis=(1, 2))
        shares = at_risk / n[:, None]
        own = (shares * d[:, None]).sum(axis=0)
        scale = divide(d * (n - d), n - 1)
        score += events.sum(axis=(0, 2)) - own
        expected += own
        covariance += np.diag((shares * scale[:, None]).sum(axis=0)) - shares.T @ (
            shares * scale[:, None]
        )
    return _test(score, covariance, expected > 0)


def compare_gray(
    time: np.ndarray, event: np.ndarray, group: np.ndarray, *, cause: int = 1, causes: int = 2
) -> pd.DataFrame:
    """Gray's test (1988, weight 1) of whether the cumulative incidence of `cause` differs between
    groups where others compete; with ties, without late entry. Columns statistic,
    degrees_of_freedom, p_value. R: cmprsk::cuminc(time, event, group)$Tests.

    Each group's risk set is that of the subdistribution: at risk times (1 - F) / S, both just
    before.
    """
    time, event, group = np.asarray(time), np.asarray(event), np.asarray(group)
    names = _name_groups(group)
    _, n, counts = _tabulate_groups(time, event, group, names, causes)
    own, other = counts[:, :, cause - 1], counts.sum(axis=2) - counts[:, :, cause - 1]
    after = np.cumprod(1 - divide(own + other, n), axis=0)
    before = _shift(after, 1.0)
    risk = divide(n, before)  # the size that the group would have without loss
    incidence = np.cumsum(before * divide(own, n), axis=0)
    risk_left = risk * (1 - _shift(incidence, 0.0))
    d = own.sum(axis=1)
    score = (own - d[:, None] * divide(risk_left, risk_left.sum(axis=1, keepdims=True))).sum(axis=0)
    return _test(
        score,
        _find_gray_covariance(n, own, other, before, after, risk),
        (n * d[:, None]).sum(axis=0) > 0,
    )


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
