"""The door to random numbers: registers of people who do not exist, calibrated to published
numbers, and the proof of it."""

from helpers.synthetic.calibration import (
    count_agreement,
    measure_registers,
    select_constraints,
    tabulate_calibration,
)
from helpers.synthetic.constraints import (
    evaluate_constraints,
    list_enforced,
    read_constraints,
)
from helpers.synthetic.layouts import LAYOUTS
from helpers.synthetic.noise import tabulate_noise
from helpers.synthetic.registers import (
    draw_registers,
    find_registers,
    read_registers,
    write_registers,
)

__all__ = [
    "LAYOUTS",
    "count_agreement",
    "draw_registers",
    "evaluate_constraints",
    "find_registers",
    "list_enforced",
    "measure_registers",
    "read_constraints",
    "read_registers",
    "select_constraints",
    "tabulate_calibration",
    "tabulate_noise",
    "write_registers",
]
