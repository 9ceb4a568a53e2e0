"""Registers of six victims and five controls, small enough to count their aid by hand."""

from __future__ import annotations

import pandas as pd
from registers import make_table

from helpers import aid

GROUPS = {
    "F5293": "trafficking:unknown",
    "F561": "trafficking:sexual",
    "F562": "trafficking:labour",
    "F563": "trafficking:criminal",
    "F565": "trafficking:other",
    "X01": "property",
}
RULES = aid.Definitions(
    first_year=2016, last_year=2020, control_year=2019, cost_years=(2016, 2017, 2018)
)


def incident(
    number: int, person: str, registered: str, code: str, start: str, end: str | None = None
) -> dict:
    return {
        "incident_id": f"i{number}",
        "person_id": person,
        "registration_date": registered,
        "offence_start_date": start,
        "offence_end_date": end,
        "offence_code": code,
    }


def care(
    number: int,
    person: str,
    start: str,
    end: str | None,
    kind: str,
    *,
    crisis: bool = False,
    referrer: str = "municipality",
    reason: str = "as_planned",
) -> dict:
    return {
        "trajectory_id": f"t{number}",
        "person_id": person,
        "start_date": start,
        "end_date": end,
        "care_type": kind,
        "referrer": referrer,
        "is_crisis": crisis,
        "end_reason": reason,
    }


def make_tables() -> dict[str, pd.DataFrame]:
    born = {
        "A": ("2003-06-01", "female", "NLD"),
        "B": ("2000-01-01", "male", "POL"),
        "C": ("1990-05-05", "female", "unknown"),
        "D": ("2002-01-01", "female", "NLD"),
        "E": ("2003-01-01", "female", "NLD"),
        "F": ("2001-01-01", "female", "NLD"),
    }
    born |= {f"c{number}": ("2003-01-01", "female", "NLD") for number in range(1, 6)}
    return {
        "incidents": make_table(
            "incidents",
            incident(1, "A", "2018-07-01", "F561", "2018-03-01", "2018-06-01"),
            incident(2, "A", "2019-01-01", "F565", "2018-09-01", "2018-10-01"),
            incident(3, "B", "2020-02-01", "F562", "2017-12-31", "2018-02-01"),
            incident(3, "B", "2020-02-01", "F563", "2017-12-31", "2018-02-01"),
            incident(4, "C", "2016-09-01", "F561", "2016-05-01"),
            incident(5, "D", "2018-05-01", "F563", "2018-01-01", "2018-04-01"),
            incident(6, "E", "2019-12-01", "F561", "2019-06-01", "2020-01-15"),
            incident(7, "F", "2016-03-01", "F561", "2015-12-31", "2016-02-01"),
            incident(8, "A", "2016-01-05", "X01", "2016-01-01", "2016-01-02"),
        ),
        "persons": make_table(
            "persons",
            *(
                {"person_id": name, "sex": sex, "birth_date": date, "nationality": country}
                for name, (date, sex, country) in born.items()
            ),
        ),
        "residence_spells": make_table(
            "residence_spells",
            *({"person_id": name, "from_date": "2004-01-01"} for name in born if name != "D"),
        ),
        "matches": make_table(
            "matches",
            *(
                {"victim_id": victim, "control_id": control}
                for victim, control in (
                    ("A", "c1"),
                    ("A", "c2"),
                    ("B", "c1"),
                    ("B", "c3"),
                    ("C", "c4"),
                    ("E", "c5"),
                    ("F", "c5"),
                )
            ),
        ),
        "youth_care": make_table(
            "youth_care",
            care(1, "A", "2018-12-01", "2019-03-01", "closed", crisis=True),
            care(2, "A", "2018-05-01", "2018-11-01", "ambulatory"),
            care(3, "B", "2019-02-02", None, "ambulatory", reason="not_recorded"),
            care(
                4, "c1", "2018-06-01", "2019-01-15", "ambulatory", referrer="general_practitioner"
            ),
            care(5, "c2", "2018-07-01", "2018-12-31", "ambulatory"),
            care(6, "c3", "2019-05-01", None, "foster_care", reason="not_recorded"),
        ),
        "shelter": make_table(
            "shelter",
            {
                "stay_id": "s1",
                "person_id": "C",
                "start_date": "2017-08-30",
                "end_date": "2017-09-05",
                "shelter_type": "shelter",
            },
        ),
        "care_costs": make_table(
            "care_costs",
            *(
                {"person_id": name, "year": year, "specialised_mental_health_eur": euros}
                for name, year, euros in (
                    ("C", 2016, 1000.0),
                    ("C", 2018, 9000.0),
                    ("c4", 2017, 100.0),
                    ("A", 2018, 7000.0),
                )
            ),
        ),
    }
