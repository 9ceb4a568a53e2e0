"""One standing for every number of the catalogue, and for every cell of a printed table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pandas as pd

from helpers import calibration, published, registers
from helpers.edition import DATA
from helpers.published.catalogue import NOT_RECONCILABLE
from helpers.published.files import check_allowed, check_unique, read_table
from helpers.reproduce.formulas import derive, fits, read_derivations

REPRODUCED = DATA / "reproduced"
# Best first: a number that has several is said to have the first.
STANDINGS = (
    "reproduced",
    "differs",
    "contradicted",
    "derived",
    "code_check",
    "not_reproducible",
    "outside_contract",
)
# Evidence of a printed test that was held against whole numbers of people, before the numbers.
BY_COUNTS = "by_counts"
# What was equal and has to stay so.
EQUAL = ("reproduced", "derived", "code_check")
# Whom the register contract holds; what others count lies outside it.
WITHIN = ("comensha_", "ind_", "aid_", "repeat_")
# Rules and terms: nothing to count.
RULES = ("residence_rules", "criminal_law")
TERMS = (
    "session_duration",
    "initial_stay",
    "stay_extension",
    "ideal_stay",
    "target_duration",
    "follow_up",
    "amount_per_victim",
)
# Whom a programme or a rule takes, and for how long at least or at most.
TAKEN = ("asja_", "metta_", "horizon_", "loverboy_victims_shelter_pilot", "unaccompanied_minors")
LIMITS = ("minimum_", "maximum_")
BEYOND = ("comensha_waiting", "comensha_large", "comensha_interpreter")
COLUMNS = ["id", "standing", "evidence", "verdict"]


def check_registers(tables: Mapping[str, pd.DataFrame], *, mark: str, years: range) -> pd.DataFrame:
    """Which printed numbers the registers give: number, verdict (met or not_met), mark (register or
    synthetic), chapter (where it is counted). No count is among them.

    A real register is held against every number of the edition's `years` that a chapter counts;
    of made-up ones only those count that they had to agree with.
    """
    rows = calibration.evaluate_constraints(calibration.measure_registers(tables))
    is_wanted = rows["standing"].eq("hard") | (mark == "register")
    rows = rows[rows["number"].ne("") & is_wanted]
    if mark == "register":
        periods = published.read_numbers().set_index("id")["period"]
        within = [_is_within(periods.get(name, ""), years) for name in rows["number"]]
        rows = rows[within]
    found = rows.groupby("number", sort=False).agg(
        met=("is_met", "all"), chapter=("chapter", "first")
    )
    verdicts = found["met"].map({True: "met", False: "not_met"})
    return found.reset_index()[["number", "chapter"]].assign(verdict=verdicts.to_numpy(), mark=mark)


def _is_within(period: str, years: range) -> bool:
    found = [int(year) for year in re.findall(r"\d{4}", period)]
    return bool(found) and years.start <= min(found) and max(found) < years.stop


def tabulate_standings(checked: pd.DataFrame) -> pd.DataFrame:
    """Every number of the catalogue and every cell of a printed table, one row each: id, standing
    (one of STANDINGS), evidence (the formula, the register, the contradiction or the reason), and
    verdict (of what was compared: met, not_met, or "" where nothing could be).

    `checked` is what `check_registers` gives, or an empty table with its columns. A number that is
    printed again has the standing of the first print.
    """
    numbers, cells = published.read_numbers(), published.read_cells()
    rows = pd.concat([numbers, cells], ignore_index=True)
    rules = _Rules(rows, checked)
    first = {row.id: rules.judge(row) for row in rows.itertuples()}
    again = published.read_repeats().set_index("id")["repeats"]
    table = pd.DataFrame(
        [(name, *found) for name, found in first.items()],
        columns=COLUMNS,
    ).set_index("id")
    for name, original in again.items():
        if name in table.index and table.at[name, "standing"] != "contradicted":
            # A formula of its own says more than a reference.
            if table.at[name, "standing"] in EQUAL:
                continue
            table.loc[name] = table.loc[original]
            table.at[name, "evidence"] = f"[{original}]"
    return table.reset_index()


class _Rules:
    """What is known of each number, looked up once."""

    def __init__(self, rows: pd.DataFrame, checked: pd.DataFrame) -> None:
        facts = published.read_facts(
            "public_statistics",
            "subject_statistics",
            "chain_statistics",
            "glotip_netherlands",
            "glotip_justice",
            "published_estimates",
            "printed_elsewhere",
        )
        # Of the public statistics only plain numbers can be worked with.
        facts = facts[pd.to_numeric(facts["value"], errors="coerce").notna()]
        under = facts["unit"].str.endswith("(less than)")
        facts = facts.assign(precision=under.map({True: "less_than", False: "exact"}))
        both = pd.concat([rows, facts], ignore_index=True)
        self.printed = {
            row["id"]: row
            for _, row in both[["id", "measure", "value", "unit", "precision"]].iterrows()
        }
        self.formulas = read_derivations()
        self.counted = published.judge_counted_tests(self.printed)
        self.checked = checked.drop_duplicates("number").set_index("number")
        contradictions = published.read_contradictions()
        serious = contradictions[contradictions["verdict"] == NOT_RECONCILABLE]
        self.left_out = registers.list_left_out()
        self.contradicted: dict[str, str] = {}
        for row in serious.itertuples():
            for name in row.numbers.split("|"):
                self.contradicted.setdefault(name, row.id)

    def judge(self, row) -> tuple[str, str, str]:
        """Standing, evidence and verdict of one number."""
        name = row.id
        checked = self.checked.loc[name] if name in self.checked.index else None
        if checked is not None and checked["mark"] == "register":
            met = checked["verdict"] == "met"
            evidence = f"register:{checked['chapter']}"
            return "reproduced" if met else "differs", evidence, checked["verdict"]
        if name in self.contradicted:
            return "contradicted", self.contradicted[name], ""
        if name in self.formulas:
            derivation = derive(self.formulas[name], self.printed)
            met = fits(derivation, self.printed[name])
            return (
                ("derived" if met else "differs"),
                derivation.formula,
                "met" if met else "not_met",
            )
        verdict, numbers = self.counted.get(name, ("not_decidable", ()))
        if verdict != "not_decidable":
            evidence = f"{BY_COUNTS}:{' '.join(f'[{number}]' for number in numbers)}"
            if verdict == "possible":
                return "derived", evidence, "met"
            return "differs", evidence, "not_met"
        if checked is not None:
            met = checked["verdict"] == "met"
            return (
                "code_check" if met else "differs",
                f"made_up:{checked['chapter']}",
                checked["verdict"],
            )
        return self._find_reason(row)

    def _find_reason(self, row) -> tuple[str, str, str]:
        name, population = row.id, str(row.population)
        if ":" in row.id:
            return "not_reproducible", "only_as_cell", ""
        is_limit = population.startswith(TAKEN) and row.measure.startswith(LIMITS)
        if population.startswith(RULES) or row.measure.startswith(TERMS) or is_limit:
            return "outside_contract", "rule_of_law", ""
        if not population.startswith(WITHIN) or population.startswith(BEYOND):
            return "outside_contract", "other_register", ""
        if row.measure == "chi_square":
            reason = "few_counts" if name in self.left_out else "no_freedom_printed"
            return "not_reproducible", reason, ""
        if row.source.startswith("000"):
            return "not_reproducible", "not_in_figures", ""
        return "not_reproducible", "other_years", ""


def count_standings(table: pd.DataFrame, *, chapters: tuple[str, ...] = ()) -> pd.DataFrame:
    """How many numbers of each document have each standing: document, standing, n. `chapters`
    keeps the numbers of these chapters (the first part of the section); cells of tables are not
    counted."""
    numbers = published.read_numbers()[["id", "source", "section"]]
    joined = table.merge(numbers, on="id")
    if chapters:
        joined = joined[joined["section"].str.split(".").str[0].isin(chapters)]
    prefixes = published.read_documents().set_index("source")["prefix"]
    counted = joined.assign(document=joined["source"].map(prefixes))
    return counted.groupby(["document", "standing"], sort=False).size().rename("n").reset_index()


def find_losses(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Numbers that were equal in `before` and are not in `after`: id, standing, was."""
    joined = after.merge(
        before[["id", "standing"]].rename(columns={"standing": "was"}), on="id", how="right"
    )
    lost = joined["was"].isin(EQUAL) & ~joined["standing"].isin(EQUAL)
    return joined.loc[lost, ["id", "was", "standing"]].fillna({"standing": "gone"})


def find_standings(edition: str) -> pd.DataFrame:
    """The kept standings of an edition, or else what follows from print alone: no registers were looked
    at for it."""
    kept = read_standings(edition)
    return _judge_prints().copy() if kept.empty else kept


@cache
def _judge_prints() -> pd.DataFrame:
    return tabulate_standings(pd.DataFrame(columns=["number", "chapter", "verdict", "mark"]))


def write_standings(table: pd.DataFrame, edition: str) -> Path:
    """Keep the standings of an edition: words only, no count of a register."""
    path = REPRODUCED / f"{edition}.csv"
    REPRODUCED.mkdir(parents=True, exist_ok=True)
    table[COLUMNS].to_csv(path, index=False, encoding="utf-8", lineterminator="\n")
    return path


def read_standings(edition: str) -> pd.DataFrame:
    """The kept standings of an edition; without rows where none were kept. Raises BadInput for an
    unknown standing, or a number that stands twice."""
    path = REPRODUCED / f"{edition}.csv"
    if not path.exists():
        return pd.DataFrame(columns=COLUMNS)
    table = read_table(path, COLUMNS)
    check_unique(table, "id", path)
    check_allowed(table, "standing", STANDINGS, path)
    return table
