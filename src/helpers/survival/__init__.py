"""Survival estimators, exact with ties, late entry and weights, as tidy tables: one row a time at
which something happens.

Checked against R's survival and cmprsk. The same rows in another order give the same bits. What
needs lifelines, which is slow to import, is asked for by its own name: `survival.long_run`.
"""

from helpers.survival.comparison import compare_gray, compare_log_rank
from helpers.survival.curves import (
    PEOPLE_BESIDE,
    describe_incidence,
    estimate_aalen_johansen,
    estimate_clustered_mean,
    estimate_kaplan_meier,
    estimate_restricted_mean,
    find_quantile,
    find_reach,
)
from helpers.survival.limits import LEAST_CLUSTERS, find_multiplier, find_p_value
from helpers.survival.recurrent import estimate_mean_cumulative
from helpers.survival.risk import Z
from helpers.survival.standard import describe_balance, estimate_standardised, weigh_to_standard
from helpers.survival.states import estimate_multi_state

__all__ = [
    "LEAST_CLUSTERS",
    "PEOPLE_BESIDE",
    "Z",
    "compare_gray",
    "compare_log_rank",
    "describe_balance",
    "describe_incidence",
    "estimate_aalen_johansen",
    "estimate_clustered_mean",
    "estimate_kaplan_meier",
    "estimate_mean_cumulative",
    "estimate_multi_state",
    "estimate_restricted_mean",
    "estimate_standardised",
    "find_multiplier",
    "find_p_value",
    "find_quantile",
    "find_reach",
    "weigh_to_standard",
]
