"""Chapter 4 of the monitor on a register of eleven incidents, counted by hand, and the steps by
which curves may be shown."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest
from incident_register import RULES, follow, make_register

from helpers import cohort, repeats
from helpers.disclosure import RuleSet, coarsen_curve, protect_ratios
from helpers.edition import BadInput


@pytest.fixture
def register() -> dict[str, pd.DataFrame]:
    return make_register()


def test_the_flow_the_index_incidents_and_the_exits(register):
    """Section 4.2: the first trafficking incident of the study period; who never was in the
    population register (D) is left out."""
    joined, index, followed, _ = follow(register)
    assert cohort.count_flow(joined, index, followed).set_index("step_of_flow")["n"].to_dict() == {
        "with_trafficking": 5,
        "with_index": 5,
        "in_population_register": 4,
        "followed": 3,
    }
    rows = followed.set_index("name")
    assert rows["index_date"].astype(str).to_dict() == {
        "A": "2012-03-01",
        "B": "2013-01-01",
        "C": "2013-06-01",
        "E": "2020-12-31",
    }
    assert rows["form"].to_dict() == {"A": "sexual", "B": "unknown", "C": "other", "E": "sexual"}
    assert rows["age_group"].to_dict() == {
        "A": "adult",
        "B": "minor",
        "C": "adult",
        "E": "adult",
    }  # B was 12 in November 2012
    assert rows["exit_reason"].to_dict() == {
        "A": "deregistered",
        "B": "study_end",
        "C": "died",
        "E": "study_end",
    }
    assert rows["days"].to_dict() == {"A": 1036, "B": 2921, "C": 365, "E": 0}


def test_repeats_are_later_incidents_of_any_offence_once_each(register):
    """Same day (i2) is no repeat; i4 has two codes and is one, of trafficking; i3 was committed
    before the index incident and counts (section 4.3)."""
    *_, again = follow(register)
    assert list(zip(again["name"], again["days"], again["group"])) == [
        ("A", 365, "property"),
        ("A", 1459, "trafficking"),
        ("B", 1827, "threat"),
        ("C", 20, "property"),
    ]


def test_horizons_and_their_cohorts(register):
    """Five years are 1,826.25 days: the repeat of B on day 1,827 is outside. Index years up to 2018
    for two years, 2015 for five, 2013 for seven."""
    _, _, followed, again = follow(register)
    times, totals = repeats.count_horizons(followed, again, horizons=(2, 5, 7), study_end=2020)
    assert totals[["category", "n_events", "n_known"]].to_numpy().tolist() == [
        ["within_2_years", 2, 3],
        ["within_5_years", 2, 3],
        ["within_7_years", 3, 3],
    ]
    assert times[times["category"] == "within_5_years"].set_index("times")["n"].to_dict() == {
        "none": 1,
        "one": 1,
        "several": 1,
    }
    groups = repeats.count_groups(followed, again, years=5, study_end=2020).set_index(
        "offence_group"
    )["n_events"]
    assert (groups["property"], groups["trafficking"], groups["severe"], groups["any"]) == (
        2,
        1,
        1,
        2,
    )
    assert repeats.count_incidents(followed, again, years=5, study_end=2020).set_index(
        "offence_group"
    )["n"].to_dict() == {
        "trafficking": 1,
        "sexual": 0,
        "violence": 0,
        "threat": 0,
        "property": 2,
        "other": 0,
    }
    assert repeats.count_by_trait(followed, again, "sex", years=5, study_end=2020)[
        ["sex", "n_events", "n_known"]
    ].to_numpy().tolist() == [["female", 1, 2], ["male", 1, 1]]
    days = repeats.describe_times(followed, again, years=5, study_end=2020).set_index("category")[
        "value"
    ]
    assert (days["median_days"], days["mean_days"]) == (192.5, 192.5)


@pytest.mark.parametrize(
    ("change", "persons", "n_behind"),
    [
        ({"committed_earlier": False}, 4, 3),
        ({"days_left_out": 30}, 4, 3),
        ({"wash_out_years": 4}, 3, 3),
        ({"date": "offence_start_date"}, 1, 0),
        ({"study_start": 2009}, 4, 5),
    ],
)
def test_another_definition_gives_another_count(register, change, persons, n_behind):
    """By the offence date only two incidents have one; A's is a property offence. From 2009 the
    index incident of B is i5, and i6 its repeat."""
    if change.get("date"):
        register["incidents"].loc[
            register["incidents"]["incident_id"] == "i1", "offence_start_date"
        ] = pd.Timestamp("2012-02-01")
        persons, n_behind = 2, 0
    _, _, followed, again = follow(register, dataclasses.replace(RULES, **change))
    assert (len(followed), len(again)) == (persons, n_behind)


def test_a_repeat_after_the_end_of_follow_up_is_no_event(register):
    """A left the population register in 2015: the repeat of 2013 is an event, that of 2016 would
    not be; C died after a repeat."""
    _, _, followed, again = follow(register)
    first = cohort.derive_first_event(followed, again).set_index("name")
    assert first[["event", "days"]].to_dict("index") == {
        "A": {"event": 1, "days": 365},
        "B": {"event": 1, "days": 1827},
        "C": {"event": 1, "days": 20},
        "E": {"event": 0, "days": 0},
    }
    later = cohort.derive_first_event(followed, again[again["days"] == 1459]).set_index("name")
    assert later.loc["A", ["event", "days"]].tolist() == [3, 1036] and later.loc["C", "event"] == 2
    assert cohort.censor_departures(later)["event"].to_dict() == {"A": 0, "B": 0, "C": 2, "E": 0}


@pytest.mark.parametrize(
    "change", [{"date": "birth_date"}, {"study_start": 2021}, {"days_left_out": -1}]
)
def test_impossible_definitions_are_refused(change):
    with pytest.raises(BadInput):
        dataclasses.replace(RULES, **change)


def test_an_empty_register_gives_empty_tables(register):
    _, _, followed, again = follow(register | {"incidents": register["incidents"].iloc[:0]})
    times, totals = repeats.count_horizons(followed, again, horizons=(2, 5), study_end=2020)
    assert (
        times.empty
        and totals.empty
        and repeats.describe_times(followed, again, years=5, study_end=2020).empty
    )


def test_ratios_hide_few_people_on_either_side():
    rules = RuleSet("ten", True, 10, 10, 5, complement=True)
    table = protect_ratios(
        pd.DataFrame({"n_events": [9, 12, 95, 0, 4], "n_known": [100, 100, 100, 100, 8]}), rules
    )
    assert (
        table["n_events"].tolist() == ["hidden", "hidden", "hidden", 0, "hidden"]
        and table["n_known"].tolist() == [100, 100, 100, 100, "hidden"]
        and table["share"].fillna(-1).tolist() == [-1, -1, -1, 0, -1]
    )
    assert table["status"].tolist() == [
        *["suppressed"] * 3,
        "rounded",
        "suppressed",
    ]


def test_where_one_side_of_a_comparison_is_hidden_the_other_is_too():
    """A printed chi-square with 2,185 of 24,990 controls and 145 victims leaves one number of
    victims: the controls must not stand beside it."""
    rules = RuleSet("ten", True, 10, 10, 5, complement=True)
    sides = pd.DataFrame(
        {
            "category": ["foster_care", "foster_care", "closed", "closed"],
            "side": ["victims", "controls"] * 2,
            "n_events": [4, 2185, 60, 220],
            "n_known": [145, 24990] * 2,
        }
    )
    table = protect_ratios(sides, rules, together=["category"])
    assert table["n_events"].tolist() == ["hidden", "hidden", 60, 220] and table[
        "share"
    ].notna().tolist() == [False, False, True, True]
    assert protect_ratios(sides, rules)["n_events"].tolist() == ["hidden", 2185, 60, 220]


def test_a_curve_shows_only_steps_with_enough_events_behind_and_people_ahead():
    rules = RuleSet("ten", True, 10, 10, 5, complement=True)
    curve = pd.DataFrame(
        {
            "time": [10, 20, 40, 55, 70, 95],
            "n_at_risk": [100, 80, 60, 40, 30, 8],
            "n_events": [6, 6, 9, 3, 12, 0],
            "incidence": [0.06, 0.13, 0.25, 0.3, 0.5, 0.5],
            "ci_lower": 0.0,
            "ci_upper": 1.0,
        }
    )
    steps = coarsen_curve(curve, rules, step_days=25)
    # Day 25: 12 events are too few. Day 50: 21 of them. Day 75: 15 more, but only 8 are left.
    # Five of the hundred at the start are 5%: 25% is shown as it is.
    assert steps[["n_at_risk", "share"]].round(6).to_numpy().tolist() == [[40, 0.25]] and steps[
        "years"
    ].round(4).tolist() == [0.1369]
