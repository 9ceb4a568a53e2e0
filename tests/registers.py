"""Rows of register tables written by hand, for tests."""

from __future__ import annotations

import pandas as pd

from helpers.schema import TABLES

FORMS = ("sexual", "labour", "criminal", "organ_removal")


def make_table(name: str, *rows: dict) -> pd.DataFrame:
    """A table of the contract with these rows; columns that no row names are empty."""
    names = list(TABLES[name].names)
    table = (
        pd.DataFrame(list(rows)).reindex(columns=names)
        if rows
        else pd.DataFrame(columns=names, dtype=object)
    )
    kinds = {"age": "Int64", "count": "Int64", "year": "Int64"}
    table = table.assign(
        **{
            column.name: pd.to_datetime(table[column.name])
            for column in TABLES[name].columns
            if column.kind == "date"
        }
    )
    return table.astype(
        {column.name: kinds[column.kind] for column in TABLES[name].columns if column.kind in kinds}
    )


def report(number: int, victim: str, date: str, reporter: str, *forms: str, **given) -> dict:
    """A report of these forms; of an adult Dutch woman where nothing else is said."""
    plain = {
        "police_unit": "not_recorded",
        "sex": "female",
        "nationality": "NLD",
        "age_at_report": 30,
        "sector_sexual": "not_recorded",
        "sector_labour": "not_recorded",
        "criminal_activity": "not_recorded",
    }
    flags = {form: form in forms for form in FORMS}
    return (
        {"report_id": f"r{number}", "victim_id": victim, "report_date": date, "reporter": reporter}
        | flags
        | plain
        | given
    )


def decision(
    number: int, person: str, date: str, qualification: str, outcome: str, **given
) -> dict:
    plain = {"dublin": "not_recorded", "sex": "female", "age_at_decision": 30, "nationality": "NGA"}
    return (
        {
            "decision_id": f"d{number}",
            "person_id": person,
            "decision_date": date,
            "qualification": qualification,
            "outcome": outcome,
        }
        | plain
        | given
    )
