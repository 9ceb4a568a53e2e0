"""The door to what others printed: the catalogue of published numbers, and the public facts.

Nothing here is computed from persons; every row names the place where it was read.
"""

from helpers.published.catalogue import (
    check_against_source,
    check_numbers,
    derive_side,
    find_printed,
    read_catalogue,
    read_contradictions,
    read_documents,
    read_lines,
    read_numbers,
    read_repeats,
    select_numbers,
    tabulate_contradictions,
    tabulate_numbers,
)
from helpers.published.chi_square import check_printed_tests, read_printed_tests
from helpers.published.facts import (
    check_facts,
    find_precision,
    mark_published,
    read_anomalies,
    read_breaks,
    read_captures,
    read_facts,
    read_not_carried,
    select_current,
    tabulate_facts,
    tabulate_published_estimates,
)
from helpers.published.local import read_limits, read_profiles
from helpers.published.printed import (
    TABLES_SOURCE,
    check_cells_against_source,
    check_printed_tables,
    read_cells,
    read_printed_table,
    read_register_facts,
    read_register_table,
    tabulate_printed,
)

__all__ = [
    "TABLES_SOURCE",
    "check_against_source",
    "check_cells_against_source",
    "check_facts",
    "check_numbers",
    "check_printed_tables",
    "check_printed_tests",
    "derive_side",
    "find_precision",
    "find_printed",
    "mark_published",
    "read_anomalies",
    "read_breaks",
    "read_captures",
    "read_catalogue",
    "read_cells",
    "read_contradictions",
    "read_documents",
    "read_facts",
    "read_limits",
    "read_lines",
    "read_not_carried",
    "read_numbers",
    "read_printed_table",
    "read_printed_tests",
    "read_profiles",
    "read_register_facts",
    "read_register_table",
    "read_repeats",
    "select_current",
    "select_numbers",
    "tabulate_contradictions",
    "tabulate_facts",
    "tabulate_numbers",
    "tabulate_printed",
    "tabulate_published_estimates",
]
