"""Limits where people come in cases: wider with few cases, and none below a stated number."""

from __future__ import annotations

import math

import numpy as np
import scipy

from helpers.edition import BadInput
from helpers.survival.risk import Z

# Below so many clusters no interval and no p-value is given: simulated, 95% limits of five clusters
# hold the truth in fewer than nine of ten cases whatever the correction (tests/bench/coverage.csv).
LEAST_CLUSTERS = 10
# From so many on the limits are R's own, with the normal quantile: the correction would widen them
# by less than one percent.
MANY_CLUSTERS = 200


def find_multiplier(clusters: int | None) -> float:
    """How many robust standard errors a limit lies from its estimate: the normal quantile without
    clusters and from MANY_CLUSTERS on; with fewer the quantile of t with G - 1 degrees of freedom,
    times the square root of G / (G - 1) (the usual correction of a variance over G clusters); NaN
    below LEAST_CLUSTERS.

    R: qt(0.975, G - 1) * sqrt(G / (G - 1)).
    """
    if clusters is None or clusters >= MANY_CLUSTERS:
        return Z
    if clusters < LEAST_CLUSTERS:
        return math.nan
    return float(scipy.special.stdtrit(clusters - 1, 0.975)) * math.sqrt(clusters / (clusters - 1))


def find_p_value(z: np.ndarray, clusters: int | None) -> np.ndarray:
    """The two-sided p-value of an estimate over its (robust) error, which fits the limits of
    `find_multiplier`; NaN below LEAST_CLUSTERS."""
    if clusters is None or clusters >= MANY_CLUSTERS:
        return 2 * scipy.special.ndtr(-np.abs(z))
    if clusters < LEAST_CLUSTERS:
        return np.full(np.shape(z), np.nan)
    return 2 * scipy.special.stdtr(clusters - 1, -np.abs(z) * math.sqrt((clusters - 1) / clusters))


def find_test_p_value(statistic: float, freedom: int, clusters: int | None) -> float:
    """The p-value of a score test, U' V^-1 U: against chi-square without clusters. With G clusters
    V is the sum of their squared scores, and Hotelling's T2 with V about the mean score, which is
    statistic / (1 - statistic / G), times (G - k) / (G k) goes against F with k and G - k degrees
    of freedom.

    Raises BadInput below LEAST_CLUSTERS.
    """
    statistic = max(statistic, 0.0)  # rounding may leave less than nothing
    if clusters is None:
        return float(scipy.special.chdtrc(freedom, statistic))
    check_clusters(clusters, freedom)
    scale = (clusters - freedom) / (clusters * freedom)
    about_mean = statistic / max(1 - statistic / clusters, 1e-12)
    return float(scipy.special.fdtrc(freedom, clusters - freedom, about_mean * scale))


def check_clusters(clusters: int, freedom: int = 0) -> None:
    """Raise BadInput where there are too few clusters for a test of `freedom` degrees."""
    if clusters < max(LEAST_CLUSTERS, freedom + 2):
        raise BadInput(
            f"{clusters} clusters; with fewer than {max(LEAST_CLUSTERS, freedom + 2)} no test can be trusted"
        )
