"""The door to what others printed: the catalogue of published numbers, and the public facts.

Nothing here is computed from persons; every row names the place where it was read.
"""

from helpers.published.catalogue import (
    check_against_source,
    check_numbers,
    derive_side,
    read_catalogue,
    read_contradictions,
    read_lines,
    read_numbers,
    read_repeats,
    select_numbers,
    tabulate_contradictions,
    tabulate_numbers,
)
from helpers.published.facts import (
    check_facts,
    mark_published,
    read_anomalies,
    read_breaks,
    read_captures,
    read_facts,
    select_current,
    tabulate_published_estimates,
)

__all__ = [
    "check_against_source", "check_facts", "check_numbers", "derive_side", "mark_published", "read_anomalies", "read_breaks",
    "read_captures", "read_catalogue", "read_contradictions", "read_facts", "read_lines", "read_numbers", "read_repeats", "select_current",
    "select_numbers", "tabulate_contradictions", "tabulate_numbers",
    "tabulate_published_estimates",
]
