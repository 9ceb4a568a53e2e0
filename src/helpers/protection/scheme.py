"""The residence scheme for victims: the table behind each figure of section 2.4 of the monitor, for
any period.

Decisions count in the year in which they were handled (annex B1.2.2). The people of the scheme are
not linked to reported victims: what is set beside each other is a ratio, not a transition. Counts
here are not yet safe to show: the gate protects them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from helpers import published
from helpers.definitions import (
    DUBLIN_INDICATED,
    DUTCH,
    MISSING,
    NOT_RECORDED,
    UNKNOWN,
    count_rows,
    find_region,
    group_scheme_ages,
    span_years,
)
from helpers.edition import name_period
from helpers.labels import read_codes

KINDS = ("reflection", "temporary", "continued")
FOREIGN = "foreign_victims"
# The catalogue's words for an age group.
PRINTED_AGES = {"23_to_29": "23_29"}
EVERYBODY = "scheme_persons"
# What holds between these tables and those of signalling whatever the registers (`disclosure.cells`).
EQUALITIES = {
    "foreign victims are neither Dutch nor of unknown nationality": (
        "comensha_victims[foreign=yes] + comensha_victims[origin_region=netherlands] + "
        "comensha_victims[origin_region=unknown] = comensha_victims[]"
    ),
}
CELL = ["year", "kind", "outcome", "residence_dublin"]


def count_scheme(
    decisions: pd.DataFrame, counts: pd.DataFrame, *, kinds: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """One row a year, kind of residence, outcome and Dublin indication, with `n`: from decisions,
    or else from frequency tables.

    `kinds` gives the kind of a qualification, those that the extract adds among them; without it
    the contract's. A breakdown that the frequency tables lack is not_recorded; a kind that is not
    known is one of its own, so that the parts sum to what was read.
    """
    kinds = _name_kinds(kinds)
    if len(decisions):
        rows = pd.DataFrame(
            {
                "year": decisions["decision_date"].dt.year,
                "kind": decisions["qualification"].astype(object).map(kinds),
                "outcome": decisions["outcome"].astype(object),
                "residence_dublin": decisions["dublin"].astype(object),
                "n": 1,
            }
        )
    else:
        missing = pd.Series(NOT_RECORDED, index=counts.index)
        rows = pd.DataFrame(
            {
                "year": counts["year"],
                "kind": counts["qualification"].astype(object).map(kinds),
                "outcome": counts.get("outcome", missing).astype(object),
                "residence_dublin": counts.get("dublin", missing).astype(object),
                "n": counts["n"],
            }
        )
    rows["kind"] = rows["kind"].fillna(UNKNOWN)
    return rows.groupby(CELL, as_index=False)["n"].sum().astype({"year": int, "n": int})


def _name_kinds(kinds: Mapping[str, str] | None) -> dict[str, str]:
    """The kind of each qualification; one without a kind is unknown."""
    known = read_codes("qualification") if kinds is None else kinds
    return {code: kind or UNKNOWN for code, kind in known.items()} | {c: c for c in MISSING}


def find_printed_decisions(numbers: pd.DataFrame, *, years: range) -> pd.DataFrame:
    """Printed totals of decisions by kind (`category`) and period, from rows of the catalogue."""
    parts = [
        published.find_printed(
            numbers,
            years=years,
            measure="decisions",
            population=f"ind_{kind}_residence_decisions",
            category="all",
        ).assign(category=kind)
        for kind in ("temporary", "continued")
    ]
    return pd.concat(parts, ignore_index=True)


def find_printed_persons(numbers: pd.DataFrame, *, years: range) -> dict[str, pd.DataFrame]:
    """Printed numbers of the people of the scheme, by the trait that they are about: all, sex,
    age_group."""
    counts = published.find_printed(
        numbers, years=years, measure="persons", population="ind_scheme_persons"
    )
    shares = published.find_printed(
        numbers, years=years, measure="share_of_persons", population="ind_scheme_persons"
    )
    return {
        "all": counts.replace({"category": {"all": EVERYBODY}}),
        "sex": shares.rename(columns={"category": "sex"}),
        "age_group": shares.rename(columns={"category": "age_group"}).replace(
            {"age_group": PRINTED_AGES}
        ),
    }


def find_scheme_years(scheme: pd.DataFrame, years: range) -> range:
    """The years of the period between the first and the last decision, both included; empty where
    there is none."""
    return span_years(scheme["year"], years)


def count_use(scheme: pd.DataFrame, *, years: range) -> pd.DataFrame:
    """Figure 2.11: offers of the reflection period and decisions on temporary and continued
    residence (`category`) by year."""
    rows = scheme.rename(columns={"kind": "category"})
    codes = _add_others(KINDS, rows["category"])
    return count_rows(rows, ["category"], years=years, codes=codes, weight="n").assign(
        unit="decisions"
    )


def _add_others(codes: Iterable[str], seen: pd.Series) -> list[str]:
    """The codes of a table, and after them those that an extract adds, or that nobody expects: the
    parts sum to the rows read."""
    listed = list(codes)
    return [*listed, *sorted(set(seen.dropna()) - set(listed))]


def count_outcomes(scheme: pd.DataFrame, kind: str, *, years: range) -> pd.DataFrame:
    """Figures 2.13 and 2.14: decisions of a kind by outcome and year."""
    rows = scheme[scheme["kind"] == kind]
    codes = [
        code
        for code in read_codes("outcome")
        if code != "offered" and (code not in MISSING or (rows["outcome"] == code).any())
    ]
    covered = years if len(rows) else range(0)
    codes = _add_others(codes, rows["outcome"])
    return count_rows(rows, ["outcome"], years=covered, codes=codes, weight="n")


def count_paths(
    decisions: pd.DataFrame,
    counts: pd.DataFrame,
    kind: str,
    *,
    years: range,
    kinds: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Decisions of a kind by the code under which they were taken (`qualification`: 420 after a
    report to the police or other cooperation, 421 in distressing circumstances) and year:
    qualification, period, n. From decisions, or else from frequency tables."""
    if len(decisions):
        rows = pd.DataFrame(
            {
                "qualification": decisions["qualification"],
                "year": decisions["decision_date"].dt.year,
            }
        ).assign(n=1)
    else:
        rows = counts[["qualification", "year", "n"]]
    rows = rows.astype({"qualification": object, "n": int})
    known = _name_kinds(kinds)
    rows = rows[rows["qualification"].map(known) == kind]
    codes = [code for code, of in known.items() if of == kind]
    covered = years if len(rows) else range(0)
    return count_rows(rows, ["qualification"], years=covered, codes=codes, weight="n")


def count_grounds(
    decisions: pd.DataFrame, *, years: range, kinds: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Granted applications for continued residence by ground and year: residence_ground, period, n.
    Without rows where the extract has no grounds."""
    if "ground" not in decisions:
        return pd.DataFrame(columns=["residence_ground", "period", "n"])
    is_kind = decisions["qualification"].astype(object).map(_name_kinds(kinds))
    granted = decisions[(is_kind == "continued") & (decisions["outcome"] == "granted")]
    rows = pd.DataFrame(
        {
            "residence_ground": granted["ground"].astype(object),
            "year": granted["decision_date"].dt.year,
        }
    )
    codes = [
        code
        for code in read_codes("residence_ground")
        if code not in MISSING or (rows["residence_ground"] == code).any()
    ]
    codes = _add_others(codes, rows["residence_ground"])
    covered = years if len(rows) else range(0)
    return count_rows(rows, ["residence_ground"], years=covered, codes=codes)


def count_dublin(scheme: pd.DataFrame, *, years: range) -> pd.DataFrame:
    """Figure 2.12: decisions on temporary residence by Dublin indication, in the years in which it
    was recorded."""
    rows = scheme[scheme["kind"] == "temporary"]
    recorded = sorted(set(rows.loc[~rows["residence_dublin"].isin(MISSING), "year"]) & set(years))
    if not recorded:
        return pd.DataFrame(columns=["residence_dublin", "period", "n"])
    codes = [
        code
        for code in read_codes("residence_dublin")
        if code not in MISSING or (rows["residence_dublin"] == code).any()
    ]
    codes = _add_others(codes, rows["residence_dublin"])
    covered = range(recorded[0], recorded[-1] + 1)
    return (
        count_rows(rows, ["residence_dublin"], years=covered, codes=codes, weight="n")
        .query("n > 0 or residence_dublin not in @MISSING")
        .reset_index(drop=True)
    )


def count_foreign_victims(victims: pd.DataFrame, *, years: range) -> pd.DataFrame:
    """Figure 2.11: reported victims of known nationality other than the Dutch, without those whom
    the KMar alone reported (note 60).

    `victims` as `signalling.derive_victims` gives them. Columns category, period, n.
    """
    is_foreign = (
        ~victims["nationality"].isin([*MISSING, DUTCH]) & ~victims["is_border_police_alone"]
    )
    rows = pd.DataFrame({"category": FOREIGN, "year": victims.loc[is_foreign, "year"]})
    covered = years if len(rows) else range(0)
    return count_rows(rows, ["category"], years=covered, codes=[FOREIGN])


def compare_use(use: pd.DataFrame, foreign: pd.DataFrame) -> pd.DataFrame:
    """Offers and decisions for each reported foreign victim of the same year: a ratio of two
    registers that are not linked.

    Columns category, period, n (decisions), n_victims, value, unit; no row where one of the
    counts is nought.
    """
    both = use.drop(columns="unit").merge(
        foreign[["period", "n"]].rename(columns={"n": "n_victims"}), on="period"
    )
    both = both[(both["n"] > 0) & (both["n_victims"] > 0)]
    return both.assign(value=both["n"] / both["n_victims"], unit="per_victim")[
        ["category", "period", "n", "n_victims", "value", "unit"]
    ].reset_index(drop=True)


def select_persons(
    decisions: pd.DataFrame, *, years: range, regions: Mapping[str, str]
) -> pd.DataFrame:
    """The people of the scheme (section 2.4.3), a row a person with sex, age, age group,
    nationality and region at the first decision of the period."""
    inside = decisions[decisions["decision_date"].dt.year.isin(years)].sort_values(
        ["decision_date", "decision_id"]
    )
    first = inside.drop_duplicates("person_id")
    return pd.DataFrame(
        {
            "sex": first["sex"].astype(object),
            "age": first["age_at_decision"].astype("Float64"),
            "age_group": group_scheme_ages(first["age_at_decision"]),
            "nationality": first["nationality"].astype(object),
            "origin_region": find_region(first["nationality"], regions),
            "has_dublin": _has_dublin(inside, first),
        }
    )


def _has_dublin(inside: pd.DataFrame, first: pd.DataFrame) -> np.ndarray:
    """Whether any decision of the person had a Dublin indication, potential ones too."""
    with_indication = inside.loc[inside["dublin"].isin(DUBLIN_INDICATED), "person_id"]
    return (
        first["person_id"]
        .isin(with_indication)
        .map({True: "dublin", False: "no_dublin"})
        .to_numpy()
    )


def count_persons(persons: pd.DataFrame, trait: str, *, years: range) -> pd.DataFrame:
    """Figure 2.15 and section 2.4.3: the people of the scheme over the period by sex, age_group,
    origin_region, or all (`trait` "all")."""
    rows = persons.assign(category=EVERYBODY) if trait == "all" else persons
    column = "category" if trait == "all" else trait
    codes = (
        list(read_codes("age_group"))
        if trait == "age_group"
        else list(rows[column].value_counts().index)
    )
    counts = (
        rows[column]
        .value_counts()
        .reindex([code for code in codes if (rows[column] == code).any()])
    )
    return (
        pd.DataFrame(
            {
                column: counts.index.to_numpy(dtype=object),
                "period": name_period(years),
                "n": counts.to_numpy(),
            }
        )
        if len(persons)
        else pd.DataFrame(columns=[column, "period", "n"])
    )
