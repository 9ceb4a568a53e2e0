"""The made-up registers held against what was printed: every constraint, counted with the chapters'
own code."""

from helpers.calibration.agreement import (
    count_agreement,
    evaluate_constraints,
    is_met,
    measure_registers,
    select_constraints,
    tabulate_calibration,
)

__all__ = [
    "count_agreement",
    "evaluate_constraints",
    "is_met",
    "measure_registers",
    "select_constraints",
    "tabulate_calibration",
]
