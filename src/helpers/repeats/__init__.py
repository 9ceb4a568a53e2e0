"""Repeat victimisation (chapter 4 of the monitor): its tables for any period, and what everybody's
follow-up tells. The gate protects the counts."""

from helpers.repeats.analysis import (
    CURVE_GROUPS,
    compare_definitions,
    compare_groups,
    describe_by,
    describe_means,
    describe_offences,
    estimate_hazards,
)
from helpers.repeats.concentration import (
    estimate_concentration,
    estimate_rate_since,
    trace_lorenz,
)
from helpers.repeats.tables import (
    EQUALITIES,
    SEVERE,
    TIMES,
    count_by_form,
    count_by_trait,
    count_groups,
    count_horizons,
    count_incidents,
    count_times,
    describe_times,
    find_printed,
    find_printed_days,
    name_horizon,
    select_whole,
)

__all__ = [
    "CURVE_GROUPS",
    "EQUALITIES",
    "SEVERE",
    "TIMES",
    "compare_definitions",
    "compare_groups",
    "count_by_form",
    "count_by_trait",
    "count_groups",
    "count_horizons",
    "count_incidents",
    "count_times",
    "describe_by",
    "describe_means",
    "describe_offences",
    "describe_times",
    "estimate_concentration",
    "estimate_hazards",
    "estimate_rate_since",
    "find_printed",
    "find_printed_days",
    "name_horizon",
    "select_whole",
    "trace_lorenz",
]
