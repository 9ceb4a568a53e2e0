"""A police register of eleven incidents, small enough to count by hand, and the steps from it to
repeats."""

from __future__ import annotations

import pandas as pd
from registers import make_table

from helpers import cohort

GROUPS = {
    "F5293": "trafficking:unknown",
    "F561": "trafficking:sexual",
    "F565": "trafficking:other",
    "X01": "property",
    "X03": "violence",
    "X05": "threat",
}
RULES = cohort.Definitions(study_start=2010, study_end=2020)


def incident(number: int, person: str, date: str, code: str, start: str | None = None) -> dict:
    return {
        "incident_id": f"i{number}",
        "person_id": person,
        "registration_date": date,
        "offence_start_date": start,
        "offence_code": code,
    }


def make_register() -> dict[str, pd.DataFrame]:
    born = {
        "A": "1985-01-15",
        "B": "2000-06-01",
        "C": "1990-01-01",
        "D": "1991-01-01",
        "E": "1980-01-01",
    }
    return {
        "incidents": make_table(
            "incidents",
            incident(1, "A", "2012-03-01", "F561"),
            incident(2, "A", "2012-03-01", "X03"),
            incident(3, "A", "2013-03-01", "X01", "2011-12-01"),
            incident(4, "A", "2016-02-28", "F5293"),
            incident(4, "A", "2016-02-28", "X01"),
            incident(5, "B", "2009-05-01", "F5293"),
            incident(6, "B", "2013-01-01", "F5293", "2012-11-01"),
            incident(7, "B", "2018-01-02", "X05"),
            incident(8, "C", "2013-06-01", "F565"),
            incident(9, "C", "2013-06-21", "X01"),
            incident(10, "D", "2012-06-01", "F561"),
            incident(11, "E", "2020-12-31", "F561"),
        ),
        "persons": make_table(
            "persons",
            *(
                {
                    "person_id": name,
                    "sex": "male" if name == "C" else "female",
                    "birth_date": date,
                    "nationality": "NLD",
                    "death_date": "2014-06-01" if name == "C" else None,
                }
                for name, date in born.items()
            ),
        ),
        "spells": make_table(
            "residence_spells",
            {"person_id": "A", "from_date": "1985-01-15", "to_date": "2015-01-01"},
            {"person_id": "A", "from_date": "2017-01-01"},
            *({"person_id": name, "from_date": "1990-01-01"} for name in "BCE"),
        ),
    }


def follow(register, rules=RULES):
    linked = cohort.link_people(
        incidents=register["incidents"],
        persons=register["persons"],
        residence_spells=register["spells"],
    )
    joined = cohort.join_codes(linked.incidents, groups=GROUPS, definitions=rules)
    index = cohort.define_index(joined, rules)
    followed = cohort.define_cohort(index, linked, rules)
    return (
        joined,
        index,
        name_people(followed),
        name_people(cohort.find_repeats(joined, followed, rules)),
    )


def name_people(table: pd.DataFrame) -> pd.DataFrame:
    """Persons are numbered in the order of their names here, since each name is one letter."""
    return table.assign(name=table["person"].map(dict(enumerate("ABCDE"))))
