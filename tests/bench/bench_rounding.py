"""What a reader loses in the crossed tables of the Rapporteur's registers: counts to the unit with
some of them hidden, or all of them rounded to five (`python tests/bench/bench_rounding.py`; it
writes data/measured/rounding.csv, which the page on disclosure reads).

Rounded to five the least count that is shown is eight, since a shown five would mean five to seven
and a nought nought to two: fewer than five values. So rounding hides more, and takes the unit of
the rest.
"""

from __future__ import annotations

import csv
import sys
from dataclasses import replace

from bench_editions import stage_cells

from helpers.disclosure import Setting, Staged, protect, protect_together, read_declared
from helpers.edition import DATA, DEFAULT_EDITION, read_edition
from helpers.release import bundle

CHAPTERS, COUNTED = ("12_signalling", "14_protection"), ("signalling_", "protection_")
CROSSED = ("_by_form",)
MEASURED = DATA / "measured" / "rounding.csv"


def count_hidden(staged: dict[str, Staged]) -> tuple[int, int, int]:
    """Cells of crossed tables, hidden ones of them, and hidden ones elsewhere."""
    made = protect_together(staged, Setting(period=read_edition(DEFAULT_EDITION).period))
    cells = hidden = elsewhere = 0
    for name, table in made.items():
        gone = int((table["n"] == "hidden").sum()) if "n" in table else 0
        if name.endswith(CROSSED):
            cells, hidden = cells + len(table), hidden + gone
        else:
            elsewhere += gone
    return cells, hidden, elsewhere


def read_staged() -> dict[str, Staged]:
    """The tables of reports and of the residence scheme, with their true cells."""
    with stage_cells(DEFAULT_EDITION, CHAPTERS) as stages:
        paths = sorted(path for stage in stages for path in stage.glob("*.cells"))
        mine = {path.stem: path for path in paths if path.stem.startswith(COUNTED)}
        read = bundle._collect(bundle._protect_staged, mine)
    return {name: one for name, one in read.items() if name in read_declared()}


def main() -> int:
    staged = read_staged()
    rows = [("unit", *count_hidden(staged))]
    for name in [name for name in staged if name.endswith(CROSSED)]:
        rules = replace(staged[name].rules, rounding_base=5)
        shaped = protect(staged[name].true, staged[name].product, rules)
        staged[name] = replace(staged[name], rules=rules, protected=shaped)
    rows.append(("five", *count_hidden(staged)))
    MEASURED.parent.mkdir(exist_ok=True)
    with MEASURED.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerows([("shown_to", "n_cells", "n_hidden", "n_hidden_elsewhere"), *rows])
    print(MEASURED.read_text(encoding="utf-8"), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
