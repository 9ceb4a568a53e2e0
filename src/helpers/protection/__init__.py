"""Protection and return: the residence scheme from the register of the immigration service, and
shares of what happened to people."""

from helpers.protection.process import estimate_process_share
from helpers.protection.scheme import (
    EQUALITIES,
    compare_use,
    count_dublin,
    count_foreign_victims,
    count_grounds,
    count_outcomes,
    count_paths,
    count_persons,
    count_scheme,
    count_use,
    find_printed_decisions,
    find_printed_persons,
    find_scheme_years,
    select_persons,
)

__all__ = [
    "EQUALITIES",
    "compare_use",
    "count_dublin",
    "count_foreign_victims",
    "count_grounds",
    "count_outcomes",
    "count_paths",
    "count_persons",
    "count_scheme",
    "count_use",
    "estimate_process_share",
    "find_printed_decisions",
    "find_printed_persons",
    "find_scheme_years",
    "select_persons",
]
