"""The calibration: every constraint, what was printed, what the synthetic registers say, and whether the two agree."""

from __future__ import annotations

import pandas as pd

from helpers import published
from helpers.synthetic.constraints import evaluate_constraints
from helpers.synthetic.measure_aid import AidDefinitions, measure_aid
from helpers.synthetic.measure_repeats import RepeatDefinitions, measure_repeats
from helpers.synthetic.measure_reports import ReportDefinitions, measure_reports
from helpers.synthetic.measure_residence import ResidenceDefinitions, measure_residence

DESCRIBING = ["measure", "population", "category", "period"]


def measure_registers(tables: dict[str, pd.DataFrame]) -> dict[str, float]:
    """Every measure that a constraint may name, counted from the tables under the monitor's definitions."""
    return {
        **measure_reports(tables["reports"], ReportDefinitions()), **measure_residence(tables["residence_decisions"], ResidenceDefinitions()),
        **measure_repeats(tables, RepeatDefinitions()), **measure_aid(tables, AidDefinitions()),
    }


def tabulate_calibration(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """One row a constraint: what it is about (codes of the catalogue), `as_printed`, `value` (from the registers), `agreement`.

    `agreement` is met or not_met; `standing` says whether it had to be. The table is ready for release.
    """
    rows = evaluate_constraints(measure_registers(tables))
    described = rows.merge(_describe_numbers(), on="number", how="left").fillna("")
    is_order = described["number"] == ""
    described.loc[is_order, "measure"] = "order"
    described.loc[is_order, "source"] = "line " + described["line"]
    return pd.DataFrame({
        "registers": described["registers"], "key": described["key"], **{column: described[column] for column in DESCRIBING},
        "as_printed": described["published"].where(~is_order, "it holds"), "precision": described["precision"],
        "value": described["computed"], "unit": described["unit"], "agreement": described["is_met"].map({True: "met", False: "not_met"}),
        "standing": described["standing"], "why": described["why"], "status": "released", "mark": "synthetic",
        "source": described["number"].where(~is_order, described["source"]),
    })


def _describe_numbers() -> pd.DataFrame:
    """What each printed number is about, by its id."""
    facts = published.read_facts("public_statistics")
    both = pd.concat([published.read_numbers(), facts], ignore_index=True)
    return both[["id", *DESCRIBING]].rename(columns={"id": "number"})


def count_agreement(calibration: pd.DataFrame) -> pd.DataFrame:
    """How many constraints of each standing there are in each register (`n`) and how many are met (`n_met`); `numbers` says how
    many different printed numbers they rest on."""
    grouped = calibration.assign(is_met=calibration["agreement"] == "met").groupby(["registers", "standing"], sort=False)
    counts = grouped.agg(n=("key", "size"), n_met=("is_met", "sum"), n_numbers=("source", "nunique")).reset_index()
    return counts.assign(status="released", mark="synthetic")
