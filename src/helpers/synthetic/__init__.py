"""The door to random numbers: registers of people who do not exist, drawn under published numbers
as constraints."""

from helpers.synthetic.constraints import (
    Limits,
    find_limits,
    list_enforced,
    list_printable,
    read_constraints,
)
from helpers.synthetic.layouts import LAYOUTS
from helpers.synthetic.noise import tabulate_noise
from helpers.synthetic.plans import compare_plans, write_plans
from helpers.synthetic.registers import (
    draw_registers,
    find_registers,
    list_groups,
    read_registers,
    write_registers,
)

__all__ = [
    "LAYOUTS",
    "Limits",
    "compare_plans",
    "draw_registers",
    "find_limits",
    "find_registers",
    "list_enforced",
    "list_groups",
    "list_printable",
    "read_constraints",
    "read_registers",
    "tabulate_noise",
    "write_plans",
    "write_registers",
]
