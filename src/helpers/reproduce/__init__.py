"""What was reproduced: every row of the catalogue with one standing, and why it has it.

Behind the gate a printed number is held against what the registers give; verdicts leave, counts do
not.
"""

from helpers.reproduce.formulas import Derivation, derive, read_derivations
from helpers.reproduce.statuses import (
    BY_COUNTS,
    EQUAL,
    STANDINGS,
    check_registers,
    count_standings,
    find_losses,
    find_standings,
    read_standings,
    tabulate_standings,
    write_standings,
)

__all__ = [
    "BY_COUNTS",
    "EQUAL",
    "STANDINGS",
    "Derivation",
    "check_registers",
    "count_standings",
    "derive",
    "find_losses",
    "find_standings",
    "read_derivations",
    "read_standings",
    "tabulate_standings",
    "write_standings",
]
