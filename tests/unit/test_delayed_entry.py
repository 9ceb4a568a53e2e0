"""Who is followed from when, by the population register, and what later estimators make of it."""

from __future__ import annotations

import dataclasses
import datetime

import pandas as pd
import pytest
from incident_register import GROUPS, RULES, incident
from registers import make_table

from helpers import cohort, repeats

SPELLS = {
    "A": [("1990-01-01", None)],
    "B": [("1990-01-01", "2005-01-01")],
    "C": [("2016-01-01", None)],
    "D": [("1990-01-01", "2005-01-01"), ("2016-01-01", "2018-01-01")],
    "E": [("1990-01-01", "2012-03-01")],
    "F": [("1990-01-01", "2011-01-01"), ("2020-12-31", None)],
}


def make_cohort(*more: dict, rules: cohort.Definitions = RULES):
    """Six people with an index incident on 1 March 2012, and `more` incidents."""
    first = [incident(k, name, "2012-03-01", "F561") for k, name in enumerate(SPELLS)]
    people = [
        {"person_id": name, "sex": "female", "birth_date": "1985-01-15", "nationality": "NLD"}
        for name in SPELLS
    ]
    stays = [
        {"person_id": name, "from_date": since, "to_date": until}
        for name, spells in SPELLS.items()
        for since, until in spells
    ]
    linked = cohort.link_people(
        incidents=make_table("incidents", *first, *more),
        persons=make_table("persons", *people),
        residence_spells=make_table("residence_spells", *stays),
    )
    joined = cohort.join_codes(linked.incidents, groups=GROUPS, definitions=rules)
    index = cohort.define_index(joined, rules)
    followed = cohort.define_cohort(index, linked, rules)
    again = cohort.find_repeats(joined, followed, rules)
    return joined, index, followed.assign(name=list(SPELLS)), again


def test_who_left_before_or_entered_after_the_index_incident():
    """A stays; B left in 2005; C enters in 2016; D left, and is back from 2016 to 2018; E leaves on
    the day itself; F comes back on the last day. 1 March 2012 to 1 January 2016 are 1,401 days."""
    joined, index, followed, _ = make_cohort()
    rows = followed.set_index("name")
    assert rows["entry_days"].to_dict() == {"A": 0, "B": 0, "C": 1401, "D": 1401, "E": 0, "F": 0}
    assert rows["days"].to_dict() == {"A": 3227, "B": 0, "C": 3227, "D": 2132, "E": 0, "F": 0}
    assert rows["exit_reason"].to_dict() == {
        "A": "study_end",
        "B": "not_registered",
        "C": "study_end",
        "D": "deregistered",
        "E": "deregistered",
        "F": "not_registered",
    }
    flow = cohort.count_flow(joined, index, followed).set_index("step_of_flow")["n"].to_dict()
    assert flow == {
        "with_trafficking": 6,
        "with_index": 6,
        "in_population_register": 6,
        "followed": 3,
        "followed_late": 2,
        "not_registered": 2,
    }


def test_a_curve_has_late_entrants_at_risk_from_their_entry_on():
    """A is registered again on day 100, when nobody else is followed: all of one. D on day 1,501:
    one of three (A is gone by then: one of two). C had one on day 200, before entry, and is left
    out."""
    *_, followed, again = make_cohort(
        incident(20, "A", "2012-06-09", "X01"),
        incident(21, "D", "2016-04-10", "X01"),
    )
    events = cohort.derive_first_event(followed, again)
    curve = repeats.describe_by(events, "sex")
    found = curve[curve["n_events"] > 0].set_index("time")
    assert found["n_at_risk"].to_dict() == {100: 1, 1501: 2}
    *_, followed, again = make_cohort(incident(20, "C", "2012-09-17", "X01"))
    events = cohort.derive_first_event(followed, again).set_index("name")
    assert events.loc["C", ["event", "days", "entry_days"]].tolist() == [0, 0, 0]
    assert "C" not in cohort.select_followed(events.reset_index())["name"].to_list()


def test_spells_between_repeats():
    """A: day 100 twice, day 200; C, followed from day 1,401, on day 1,501 (not on day 200); all
    until the end."""
    *_, followed, again = make_cohort(
        incident(20, "A", "2012-06-09", "X01"),
        incident(21, "A", "2012-06-09", "X03"),
        incident(22, "A", "2012-09-17", "X03"),
        incident(23, "C", "2012-09-17", "X03"),
        incident(24, "C", "2016-04-10", "X03"),
    )
    spells = cohort.split_at_repeats(followed, again)
    names = spells["name"]
    rows = spells[["start", "stop", "event", "n_repeats", "number"]]
    assert rows[names == "A"].to_numpy().tolist() == [
        [0, 100, 1, 2, 1],
        [100, 200, 1, 1, 2],
        [200, 3227, 0, 0, 3],
    ]
    assert rows[names == "C"].to_numpy().tolist() == [
        [1401, 1501, 1, 1, 1],
        [1501, 3227, 0, 0, 2],
    ]
    assert set(names) == {"A", "C", "D"}


def test_a_repeat_on_the_day_of_death_comes_before_it():
    people = pd.DataFrame(
        {"person": [1, 2], "days": [50, 80], "entry_days": 0, "exit_reason": ["died", "died"]}
    )
    again = pd.DataFrame({"person": [1], "days": [50]})
    spells = cohort.split_at_repeats(people, again)
    assert spells[["person", "start", "stop", "event"]].to_numpy().tolist() == [
        [1, 0, 50, 1],
        [1, 50, 50.5, 2],
        [2, 0, 80, 2],
    ]


@pytest.mark.parametrize("n", [0, 1])
def test_nobody_followed_and_nobody_registered_again(n):
    people = pd.DataFrame(
        {"person": [1], "days": [n * 5], "entry_days": [0], "exit_reason": ["study_end"]}
    )
    spells = cohort.split_at_repeats(people, pd.DataFrame({"person": [], "days": []}, dtype=int))
    assert len(spells) == n


def test_nobody_is_followed_beyond_the_day_until_which_the_register_is_complete():
    """1 March 2012 to 30 June 2016 are 4 * 365 + 1 + 121 = 1,582 days. What came in on that day
    counts, on the next no more."""
    rules = dataclasses.replace(RULES, register_end=datetime.date(2016, 6, 30))
    later = [incident(8, "A", "2016-06-30", "X01"), incident(9, "A", "2016-07-01", "X01")]
    _, _, followed, again = make_cohort(*later, rules=rules)
    rows = followed.set_index("name")
    assert rows["days"].to_dict() == {"A": 1582, "B": 0, "C": 1582, "D": 1582, "E": 0, "F": 0}
    assert rows["exit_reason"]["A"] == "study_end" and again["days"].tolist() == [1582]
    late = dataclasses.replace(RULES, register_end=datetime.date(2012, 2, 29))
    assert cohort.define_index(make_cohort()[0], late).empty
