"""What the synthetic registers must say: the published numbers that constrain them.

`data/codes/calibration_*.csv` joins a published number to the measure that counts it in the
registers. The printed value and its precision are read from the catalogue or the public facts; they
are typed nowhere else.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers import published
from helpers.edition import CODES, BadInput

# hard: must be met. soft: printed for another cohort, or in loose words; shown, not enforced.
# excluded: cannot hold together with a hard constraint; `why_en` and `why_nl` name the arithmetic
# or the contradiction.
STANDINGS = ("hard", "soft", "excluded")
COLUMNS = [
    "chapter",
    "number",
    "key",
    "standing",
    "why_en",
    "why_nl",
    "line",
    "published",
    "unit",
    "precision",
]
HOLDS = "1"


def read_constraints() -> pd.DataFrame:
    """One row a constraint (columns COLUMNS, all text), with its printed value, unit and precision.

    A statement of order has no number; its printed value is 1 ("it holds"). Raises BadInput naming
    file, row and remedy.
    """
    parts = [
        pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8").assign(
            chapter=path.stem.removeprefix("calibration_"), row=lambda part: part.index + 2
        )
        for path in sorted(CODES.glob("calibration_*.csv"))
    ]
    constraints = pd.concat(parts, ignore_index=True).fillna("")
    joined = constraints.merge(_read_printed(), on="number", how="left").fillna("")
    _check_constraints(joined)
    is_order = joined["number"] == ""
    joined.loc[is_order, ["published", "unit", "precision"]] = [HOLDS, "order", "exact"]
    return joined[COLUMNS]


def _read_printed() -> pd.DataFrame:
    """Value, unit and precision of every printed number that can be a constraint, by its id."""
    columns = ["id", "value", "unit", "precision"]
    facts = published.read_facts("public_statistics").assign(precision="exact")
    both = pd.concat([published.read_numbers()[columns], facts[columns]], ignore_index=True)
    values = [np.format_float_positional(float(value), trim="-") for value in both["value"]]
    return both.assign(published=values).rename(columns={"id": "number"}).drop(columns="value")


def _check_constraints(constraints: pd.DataFrame) -> None:
    faults = {
        "names no number of the catalogue or the facts": (constraints["number"] != "")
        & (constraints["published"] == ""),
        "has neither a number nor a line": (constraints["number"] == "")
        & (constraints["line"] == ""),
        f"has a standing other than {', '.join(STANDINGS)}": ~constraints["standing"].isin(
            STANDINGS
        ),
        "says not why, in both languages": (
            (constraints["standing"] != "hard") | (constraints["number"] == "")
        )
        & (constraints[["why_en", "why_nl"]].eq("").any(axis=1)),
        "names no measure": constraints["key"] == "",
        "constrains the same number by the same measure twice": constraints.duplicated(
            ["number", "key"]
        ),
    }
    for fault, wrong in faults.items():
        if wrong.any():
            first = constraints[wrong].iloc[0]
            raise BadInput(
                f"data/codes/calibration_{first['chapter']}.csv, row {first['row']}: {fault}; mend the row, or take it out"
            )


def list_enforced() -> set[str]:
    """The ids of the printed numbers that the made-up registers have to agree with."""
    constraints = read_constraints()
    return set(constraints.loc[constraints["standing"] == "hard", "number"])
