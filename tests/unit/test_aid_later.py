"""Aid and being registered again: who counts as aided and when, by hand; and a planted truth that
the wrong way of counting misses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from registers import make_table

from helpers import aid, cohort
from helpers.aid import later

GROUPS = {"F561": "trafficking:sexual", "V01": "violence", "P01": "property"}
RULES = cohort.Definitions(study_start=2016, study_end=2020, committed_earlier=False)


def incident(number: int, person: str, registered: str, code: str, start: str) -> dict:
    return {
        "incident_id": f"i{number}",
        "person_id": person,
        "registration_date": registered,
        "offence_start_date": start,
        "offence_end_date": start,
        "offence_code": code,
    }


def care(number: int, person: str, start: str, end: str | None) -> dict:
    return {
        "trajectory_id": f"t{number}",
        "person_id": person,
        "start_date": start,
        "end_date": end,
        "care_type": "ambulatory",
        "referrer": "municipality",
        "is_crisis": False,
        "end_reason": "as_planned",
    }


@pytest.fixture
def tables() -> dict[str, pd.DataFrame]:
    """Everybody's index incident is registered on 1 January 2018; 2018 has 365 days."""
    born = {
        "A": ("2003-06-01", "female"),
        "B": ("1998-01-01", "male"),
        "C": ("1980-01-01", "female"),
        "D": ("1980-01-01", "unknown"),
        "E": ("1980-01-01", "female"),
        "x": ("1980-01-01", "female"),
    }
    return {
        "incidents": make_table(
            "incidents",
            *(
                incident(number, person, "2018-01-01", "F561", "2017-12-01")
                for number, person in enumerate("ABCDE")
            ),
            incident(10, "A", "2018-03-01", "P01", "2018-02-01"),
            incident(11, "A", "2019-01-01", "V01", "2018-12-01"),
            incident(12, "B", "2018-05-01", "V01", "2017-11-01"),
            incident(13, "C", "2018-08-01", "V01", "2018-07-01"),
            incident(14, "E", "2020-01-01", "F561", "2019-01-01"),
        ),
        "persons": make_table(
            "persons",
            *(
                {
                    "person_id": name,
                    "sex": sex,
                    "birth_date": date,
                    "death_date": "2019-06-01" if name == "E" else None,
                    "nationality": "NLD",
                }
                for name, (date, sex) in born.items()
            ),
        ),
        "residence_spells": make_table(
            "residence_spells",
            *(
                {
                    "person_id": name,
                    "from_date": "2004-01-01",
                    "to_date": "2018-12-31" if name == "B" else None,
                }
                for name in born
            ),
        ),
        "matches": make_table("matches", {"victim_id": "A", "control_id": "x"}),
        "youth_care": make_table(
            "youth_care",
            care(1, "A", "2016-12-01", "2017-01-01"),
            care(2, "A", "2018-01-02", None),
            care(3, "B", "2016-06-01", "2016-12-31"),
            care(4, "x", "2018-01-10", None),
        ),
        "shelter": make_table(
            "shelter",
            *(
                {
                    "stay_id": f"s{number}",
                    "person_id": name,
                    "start_date": start,
                    "end_date": end,
                    "shelter_type": "shelter",
                }
                for number, (name, start, end) in enumerate(
                    (
                        ("C", "2018-01-01", "2018-01-20"),
                        ("C", "2018-08-01", None),
                        ("E", "2018-06-30", None),
                    )
                )
            ),
        ),
        "care_costs": make_table("care_costs"),
    }


def follow(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    return aid.follow_aid(aid.link_tables(tables), groups=GROUPS, definitions=RULES)


def test_when_aid_begins_and_what_was_before(tables):
    """A: care the day after; the earlier one ended 365 days before. B: care ended a day too early
    for the year before. C: a stay from the very day is earlier aid, the next begins 212 days later.
    D is of unknown sex; x is no victim. E: 30 June is the 180th day."""
    rows = follow(tables)
    assert rows["aid_day"].tolist() == [1, np.inf, 212, 180] and rows["prior_aid"].tolist() == [
        1,
        0,
        1,
        0,
    ]
    assert (
        rows["minor"].tolist() == [1, 0, 0, 0]
        and rows["adolescent"].tolist() == [0, 1, 0, 0]
        and rows["female"].tolist() == [1, 0, 1, 1]
    )


def test_what_is_an_event(tables):
    """A: property after 59 days, violence after 365. B: committed before the index incident, so
    none; followed until departure. C: 212 days. E died before the second incident."""
    rows = follow(tables)
    assert rows[["days_person", "event_person"]].to_numpy().tolist() == [
        [365, 1],
        [364, 0],
        [212, 1],
        [516, 0],
    ]
    assert rows[["days_property", "event_property"]].to_numpy().tolist() == [
        [59, 1],
        [364, 0],
        [1095, 0],
        [516, 0],
    ]


def test_at_the_landmark_only_what_happened_before_it_groups_people(tables):
    """C's aid begins after it; of E on the day itself. A had the control outcome already, so is not
    followed for it."""
    rows = follow(tables)
    chosen = later.select_landmark(rows)
    assert chosen[["days", "event", "aid"]].to_numpy().tolist() == [
        [185, 1, 1],
        [184, 0, 0],
        [32, 1, 0],
        [336, 0, 1],
    ]
    assert later.select_landmark(rows, outcome="property")["aid"].tolist() == [0, 0, 1]
    assert later.select_landmark(rows, landmark=212)["days"].tolist() == [
        153,
        152,
        304,
    ]  # an event on the day itself is not after it
    counts = aid.count_landmark(rows)
    assert counts.to_numpy().tolist() == [["with_aid", 1, 2], ["without_aid", 1, 2]]


def test_aid_counts_from_the_day_after_it_begins(tables):
    """C's event falls on the day on which aid begins: it is one of the time without."""
    spells = later.split_at_aid(follow(tables))
    rows = (
        spells.sort_values(["person", "start"])[["start", "days", "event", "aid"]]
        .to_numpy()
        .tolist()
    )
    assert rows == [
        [0, 1, 0, 0],
        [1, 365, 1, 1],
        [0, 364, 0, 0],
        [0, 212, 1, 0],
        [0, 180, 0, 0],
        [180, 516, 0, 1],
    ]
    assert (spells["days"] - spells["start"]).sum() == follow(tables)["days_person"].sum()


def test_other_peoples_aid_and_the_order_of_rows_change_nothing(tables):
    expected = follow(tables)
    shuffled = {name: table.iloc[::-1].reset_index(drop=True) for name, table in tables.items()}
    shuffled["youth_care"] = shuffled["youth_care"][
        shuffled["youth_care"]["person_id"] != "x"
    ].reset_index(drop=True)
    pd.testing.assert_frame_equal(follow(shuffled), expected, check_exact=True)


def make_people(n: int) -> pd.DataFrame:
    """People in whom nothing ties aid to what happens; events at a constant rate over 1,500 days,
    aid for half of them at any day of 600."""
    rng = np.random.Generator(np.random.PCG64(20261126))
    days, control = (np.ceil(-np.log(1 - rng.random(n)) * 1500) for _ in range(2))
    return pd.DataFrame(
        {
            "person": np.arange(n),
            "incident": np.arange(n),
            "aid_day": np.where(rng.random(n) < 0.5, rng.integers(1, 600, n), np.inf),
            "prior_aid": (rng.random(n) < 0.2).astype(float),
            **{
                name: (rng.random(n) < 0.3).astype(float)
                for name in ("minor", "adolescent", "female")
            },
            "days_person": np.minimum(days, 1500).astype(int),
            "event_person": (days <= 1500).astype(int),
            "days_property": np.minimum(control, 1500).astype(int),
            "event_property": (control <= 1500).astype(int),
        }
    )


def test_the_usual_way_sees_an_effect_where_there_is_none():
    """No effect is planted. Ever against never must be below one for want of time; the others hold
    one."""
    table = aid.compare_later(make_people(2000)).set_index("category")
    assert (table["verdict"] == "estimated").all()
    assert table.loc["ever", "ci_upper"] < 0.9
    for name in ("landmark", "control_outcome", "time_dependent"):
        assert table.loc[name, "ci_lower"] < 1 < table.loc[name, "ci_upper"], name


def test_an_effect_that_is_there_is_found():
    """From the day on which aid begins what is left of the time doubles: the rate halves."""
    rows = make_people(3000)
    begun = rows["aid_day"] < rows["days_person"]
    full = np.where(
        begun, rows["aid_day"] + 2 * (rows["days_person"] - rows["aid_day"]), rows["days_person"]
    )
    halved = rows.assign(
        days_person=np.minimum(full, 1500).astype(int),
        event_person=((full <= 1500) & (rows["event_person"] == 1)).astype(int),
    )
    table = aid.compare_later(halved).set_index("category")
    assert table.loc["time_dependent", "ci_lower"] < 0.5 < table.loc["time_dependent", "ci_upper"]


def test_below_fifty_later_events_nothing_is_estimated():
    rows = make_people(1000)
    after = np.flatnonzero((rows["days_person"] > 180) & (rows["event_person"] == 1))
    for n, verdict in ((49, "few_events"), (50, "estimated")):
        few = rows.assign(event_person=np.isin(np.arange(len(rows)), after[:n]).astype(int))
        table = aid.compare_later(few).set_index("category")
        assert table.loc["landmark", "verdict"] == verdict and table.loc[
            "landmark", "value":"ci_upper"
        ].notna().all() == (n == 50)
    assert (
        aid.compare_later(rows.iloc[:30])["verdict"] == "few_events"
    ).all() and aid.compare_later(rows.iloc[:0]).empty
