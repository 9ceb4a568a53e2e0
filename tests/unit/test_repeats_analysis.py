"""What everybody's follow-up tells: curves of one kind of offence, readings, tests and hazard
ratios, on small registers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from incident_register import GROUPS, RULES, follow, make_register

from helpers import cohort, repeats
from helpers.disclosure import RuleSet, protect_estimates


@pytest.fixture
def register() -> dict[str, pd.DataFrame]:
    return make_register()


def make_events(n: int, **columns) -> pd.DataFrame:
    """n people, each in an incident of their own, who are all registered again on different
    days."""
    table = pd.DataFrame(
        {
            "days": np.arange(10, 10 + n),
            "event": 1,
            "sex": np.where(np.arange(n) % 2, "female", "male"),
            "age_group": np.where(np.arange(n) % 3, "adult", "minor"),
            "form": np.where(np.arange(n) % 5 < 2, "sexual", "other"),
            "index_incident": np.arange(n),
        }
    )
    table.loc[np.arange(n) % 3 == 1, "age_group"] = "adolescent"
    return table.assign(**columns)


def test_the_first_repeat_of_a_kind_may_come_after_other_repeats(register):
    """A: property on day 365; trafficking only after the departure, so no event. B: a threat, which
    is none of the kinds. C: property on day 20."""
    _, _, followed, again = follow(register)
    curves = repeats.describe_offences(followed, again)
    assert curves.groupby("offence_group")["n_events"].sum().to_dict() == {
        "property": 2,
        "severe": 0,
        "trafficking": 0,
    }
    assert curves[(curves["offence_group"] == "property") & (curves["n_events"] > 0)][
        "time"
    ].tolist() == [20, 365]


def test_each_reading_changes_one_thing(register):
    """Left out 30 days: C's repeat of day 20 goes, and C dies. Wash-out: B had a trafficking
    incident 44 months before. Committed later: A's repeat of day 365 was committed before.
    Departure competes: the same events, another curve."""
    linked = cohort.link_people(
        incidents=register["incidents"],
        persons=register["persons"],
        residence_spells=register["spells"],
    )
    curves = repeats.compare_definitions(linked, RULES, groups=GROUPS, wash_out_years=(1, 4))
    events = curves.groupby("change")["n_events"].sum().to_dict()
    assert events == {
        "as_monitor": 3,
        "departure_competes": 3,
        "left_out_30": 2,
        "left_out_90": 2,
        "wash_out_1": 3,
        "wash_out_4": 2,
        "offence_date": 0,
        "committed_later": 2,
    }
    people = curves.groupby("change")["n_at_risk"].max().to_dict()
    assert (people["as_monitor"], people["wash_out_4"]) == (4, 3)
    joined = cohort.join_codes(linked.incidents, groups=GROUPS, definitions=RULES)
    followed = cohort.define_cohort(cohort.define_index(joined, RULES), linked, RULES)
    again = repeats.compare_definitions(
        linked, RULES, groups=GROUPS, wash_out_years=(1, 4), counted=(joined, followed)
    )
    pd.testing.assert_frame_equal(again, curves)


def test_shuffled_registers_give_the_same_bits(register):
    def run(tables):
        linked = cohort.link_people(
            incidents=tables["incidents"],
            persons=tables["persons"],
            residence_spells=tables["spells"],
        )
        return repeats.compare_definitions(linked, RULES, groups=GROUPS)

    shuffled = {
        name: table.iloc[
            np.random.Generator(np.random.PCG64(3)).permutation(len(table))
        ].reset_index(drop=True)
        for name, table in register.items()
    }
    pd.testing.assert_frame_equal(run(shuffled), run(register), check_exact=True)


def test_identifiers_of_any_length_are_told_apart():
    texts = pd.Series(
        ["person-000000000001", "person-000000000002", "p", "person-000000000001", "", "q" * 40]
    )
    (numbers,) = cohort.number_ids(texts)
    assert numbers[0] == numbers[3] and len(set(numbers)) == 5
    first, second = cohort.number_ids(texts, texts[::-1])
    assert second[::-1].tolist() == first.tolist()


def test_a_mean_without_a_repeat_by_hand():
    """One repeat after a year, one person followed for three: within two years a mean of (1 + 2) /
    2."""
    events = pd.DataFrame({"days": [365, 1096], "event": [1, 0], "sex": ["female", "male"]})
    means = repeats.describe_means(events, years=2).set_index("category")
    assert (
        means.loc["all", "value"] == 1.5
        and means.loc["male", "value"] == 2
        and "female" not in means.index
    )  # she is followed for one year only


def test_too_few_events_and_complete_separation_are_said():
    assert set(repeats.estimate_hazards(make_events(30))[0]["verdict"]) == {"few_events"}
    separated = make_events(120)
    separated.loc[separated["sex"] == "male", "event"] = 0
    table, tests = repeats.estimate_hazards(separated)
    assert (
        set(table["verdict"]) == {"no_finite_value"} and table["value"].isna().all() and tests.empty
    )


def test_hazard_ratios_and_tests_have_a_row_each():
    table, over_time = repeats.estimate_hazards(make_events(200))
    assert (
        table["verdict"].eq("estimated").all()
        and (table["ci_lower"] < table["value"]).all()
        and (table["value"] < table["ci_upper"]).all()
    )
    tests = repeats.compare_groups(make_events(200), over_time)
    assert tests["category"].tolist() == [
        "gray_sex",
        "gray_age_group",
        "gray_form",
        "log_rank_sex_within_age",
        *(f"over_time_{term}" for term in ("female", "minor", "adolescent", "sexual", "all")),
    ]
    assert tests["p_value"].between(0, 1).all()


def test_nothing_to_compare_gives_no_row():
    nobody = make_events(20, event=0)
    table, over_time = repeats.estimate_hazards(nobody)
    assert (
        set(table["verdict"]) == {"few_events"} and repeats.compare_groups(nobody, over_time).empty
    )
    assert repeats.describe_by(make_events(4, sex="unknown"), "sex").empty


def test_an_estimate_with_few_behind_it_is_hidden():
    rules = RuleSet("ten", True, 10, 10, 5, complement=True)
    shown = protect_estimates(
        pd.DataFrame({"value": [1.2, 3.4], "ci_lower": [1.0, 3.0], "n_behind": [9, 188]}),
        rules,
        numbers=["value", "ci_lower"],
    )
    assert shown[["value", "ci_lower", "n_behind", "status"]].to_numpy().tolist() == [
        ["hidden", "hidden", "hidden", "suppressed"],
        [3.4, 3.0, 190, "rounded"],
    ]


@pytest.mark.parametrize("n", [0, 1, 2])
def test_nobody_and_a_single_incident_break_nothing(register, n):
    """No incident, one index incident, one incident of two people's register: every table can be
    made, and none has a row too many."""
    small = register | {"incidents": register["incidents"].iloc[:n]}
    _, _, followed, again = follow(small)
    linked = cohort.link_people(
        incidents=small["incidents"], persons=small["persons"], residence_spells=small["spells"]
    )
    events = cohort.derive_first_event(followed, again)
    assert repeats.describe_offences(followed, again)["n_events"].sum() == 0
    assert (
        len(repeats.describe_means(events, years=5)) == 0
        and repeats.describe_by(events, "sex")["n_events"].sum() == 0
    )
    table, over_time = repeats.estimate_hazards(events)
    assert (
        set(table["verdict"]) == {"few_events"} and repeats.compare_groups(events, over_time).empty
    )
    assert repeats.compare_definitions(linked, RULES, groups=GROUPS)["n_events"].sum() == 0


def test_a_sum_that_is_mostly_one_persons_is_hidden_and_the_share_does_not_leave():
    rules = RuleSet("ten", True, 10, 10, 5, complement=True, largest_share=0.5)
    shown = protect_estimates(
        pd.DataFrame(
            {"value": [4401.0, 4401.0], "n_behind": [50, 50], "largest_share": [0.5, 0.51]}
        ),
        rules,
        numbers=["value"],
    )
    empty = protect_estimates(shown.iloc[:0].assign(largest_share=0.1), rules, numbers=["value"])
    assert shown["value"].tolist() == [4401.0, "hidden"]
    assert "largest_share" not in shown and "largest_share" not in empty
