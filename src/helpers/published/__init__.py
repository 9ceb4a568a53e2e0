"""The door to what others printed: the catalogue of published numbers, and the public facts.

Nothing here is computed from persons; every row names the place where it was read.
"""

from helpers.published.catalogue import (
    check_against_source,
    check_numbers,
    derive_side,
    read_contradictions,
    read_numbers,
    read_repeats,
    read_tolerant_lines,
    select_numbers,
    tabulate_numbers,
)
from helpers.published.facts import (
    check_facts,
    mark_published,
    read_anomalies,
    read_breaks,
    read_facts,
    select_current,
)

__all__ = [
    "check_against_source", "check_facts", "check_numbers", "derive_side", "mark_published", "read_anomalies", "read_breaks",
    "read_contradictions", "read_facts", "read_numbers", "read_repeats", "read_tolerant_lines", "select_current",
    "select_numbers", "tabulate_numbers",
]
