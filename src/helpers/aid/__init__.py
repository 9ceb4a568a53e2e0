"""Aid after trafficking (chapter 3 of the monitor): who gets it, beside controls of the same sex
and age. The gate protects the counts."""

from helpers.aid.contrasts import (
    BASIC,
    CONTRASTS,
    EQUALITIES,
    average_costs,
    compare_costs,
    compare_long_term,
    compare_shelter,
    compare_youth_care,
    count_end_reasons,
    describe_population,
    find_printed,
    find_printed_costs,
    find_printed_population,
    join_contrasts,
)
from helpers.aid.later import compare_later, count_landmark, follow_aid
from helpers.aid.people import OPTIONAL, TABLES, Definitions, People, find_people, link_tables
from helpers.aid.quality import compare_definitions, count_faults
from helpers.aid.trajectories import (
    count_moves,
    count_occupancy,
    describe_closed_placement,
    describe_first_aid,
)

__all__ = [
    "BASIC",
    "CONTRASTS",
    "EQUALITIES",
    "OPTIONAL",
    "TABLES",
    "Definitions",
    "People",
    "average_costs",
    "compare_costs",
    "compare_definitions",
    "compare_later",
    "compare_long_term",
    "compare_shelter",
    "compare_youth_care",
    "count_end_reasons",
    "count_faults",
    "count_landmark",
    "count_moves",
    "count_occupancy",
    "describe_closed_placement",
    "describe_first_aid",
    "describe_population",
    "find_people",
    "find_printed",
    "find_printed_costs",
    "find_printed_population",
    "follow_aid",
    "join_contrasts",
    "link_tables",
]
