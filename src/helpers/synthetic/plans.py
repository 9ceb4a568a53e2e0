"""Makes the plans of the made-up registers again: `data/codes/plan_*.csv`, whole numbers that agree
with what was printed."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from helpers.edition import CODES
from helpers.synthetic.plan_aid import make_police
from helpers.synthetic.plan_reports import make_reports
from helpers.synthetic.plan_residence import make_residence
from helpers.synthetic.program import Numbers

FOLDER = CODES
COLUMNS = ["year", "group", "what", "n"]
# Each gives the rows by year, group and what, and the measures of the calibration that they hold to.
MAKERS: dict[str, Callable[[], tuple[Numbers, set[str]]]] = {
    "police": make_police,
    "reports": make_reports,
    "residence": make_residence,
}
# The chapters of the calibration whose numbers a plan holds to.
CHAPTERS = {
    "police": ("aid", "repeats"),
    "reports": ("signalling",),
    "residence": ("protection",),
}


def make(name: str) -> tuple[pd.DataFrame, set[str]]:
    """The plan `name` in the order of its file, and the measures that it holds to. Raises BadInput
    where printed numbers contradict each other."""
    numbers, stated = MAKERS[name]()
    rows = [(int(year), group, what, n) for (year, group, what), n in numbers.items()]
    plan = pd.DataFrame(rows, columns=COLUMNS)
    return plan.sort_values(["group", "what", "year"], ignore_index=True), stated


def format_plan(plan: pd.DataFrame) -> str:
    """The plan as its file has it."""
    return str(plan.to_csv(index=False, encoding="utf-8", lineterminator="\n"))


def read_file(name: str) -> str:
    """What the file of a plan holds; nothing where there is none."""
    path = FOLDER / f"plan_{name}.csv"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def write_plans() -> list[str]:
    """Write every plan; the names of the files."""
    for name in MAKERS:
        text = format_plan(make(name)[0])
        (FOLDER / f"plan_{name}.csv").write_text(text, encoding="utf-8", newline="\n")
    return [f"plan_{name}.csv" for name in MAKERS]


def compare_plans() -> list[str]:
    """A sentence for each plan whose file is not what its maker gives."""
    return [
        f"data/codes/plan_{name}.csv is not what the printed numbers give; monitor plan writes it"
        for name in MAKERS
        if read_file(name) != format_plan(make(name)[0])
    ]
