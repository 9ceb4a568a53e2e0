"""Chapter 3 of the monitor on a register of six victims and five controls, counted by hand, and the
laws that hold for any register."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from aid_register import GROUPS, RULES, care, make_tables
from registers import make_table
from scipy.stats import chi2_contingency

from helpers import aid, cohort, published, synthetic
from helpers.aid.contrasts import contrast
from helpers.definitions import UNKNOWN
from helpers.disclosure import RuleSet, protect_contrasts, read_rule_set
from helpers.edition import DEFAULT_EDITION, BadInput, read_edition
from helpers.labels import list_known

WITH_RESIDENCE = {"closed", "foster_care"}


@pytest.fixture
def tables() -> dict[str, pd.DataFrame]:
    return make_tables()


def find(tables: dict[str, pd.DataFrame], **changes) -> aid.People:
    return aid.find_people(
        aid.link_tables(tables), groups=GROUPS, definitions=dataclasses.replace(RULES, **changes)
    )


def compare(people: aid.People) -> pd.Series:
    total, _, _ = aid.compare_youth_care(
        people,
        care_types=["closed", "ambulatory", "foster_care"],
        referrers=["municipality", "general_practitioner"],
    )
    return total.set_index("side")[["n_events", "n_known"]].apply(tuple, axis=1)


def test_who_is_a_victim_of_the_period(tables):
    """Section 3.2: the offences began in 2016 to 2020 (not F) and ended before 2020 (not E, but B,
    who was registered in 2020); who is not in the population register has no controls (D)."""
    people = find(tables)
    assert people.flow.set_index("step_of_flow")["n"].to_dict() == {
        "in_period": 4,
        "in_register": 3,
        "with_matches": 3,
    }
    rows = (
        people.victims.sort_values("start")[["start", "base", "age_group", "form"]]
        .astype(str)
        .to_numpy()
        .tolist()
    )
    assert rows == [
        [
            "2016-05-01",
            "2016-09-01",
            "adult",
            "unknown",
        ],  # C: no end, so the registration; sexual, nationality unknown
        [
            "2017-12-31",
            "2018-02-01",
            "minor",
            "labour",
        ],  # B: 17 on the last day of 2017; labour leads over criminal
        ["2018-03-01", "2018-06-01", "minor", "domestic_sexual"],  # A: the first of two incidents
    ]


def test_any_youth_care(tables):
    """A: in care on 1 December, within a year. B: care begins 366 days after the end of the
    offences. c1 was in care in January 2019 and counts twice, c2 only in 2018, c3 in 2019."""
    people = find(tables)
    assert compare(people).to_dict() == {"victims": (1, 2), "controls": (3, 4)}


@pytest.mark.parametrize(
    ("change", "victims", "controls"),
    [
        ({"within_days": 366}, (2, 2), (3, 4)),
        ({"within_days": 180}, (0, 2), (3, 4)),
        ({"control_year": 2018}, (1, 2), (3, 4)),
        ({"control_year": 2020}, (1, 2), (1, 4)),
        ({"control_year": None}, (1, 2), (3, 4)),
        ({"by_registration": True}, (1, 2), (2, 3)),
        ({"first_year": 2018}, (1, 1), (1, 2)),
        ({"last_year": 2018}, (0, 0), (0, 0)),
    ],
)
def test_another_definition_gives_another_count(tables, change, victims, controls):
    """By registration B is out and E is in (controls c1, c2, c5). In the days of their victim c1
    counts for both and c2 for A, c3 not for B."""
    if change == {"by_registration": True}:
        victims, controls = (1, 2), (1, 3)
    assert compare(find(tables, **change)).to_dict() == {"victims": victims, "controls": controls}


def test_kinds_crisis_referrers_and_end_reasons_are_of_those_in_care(tables):
    """A's care before the end of the offences (ambulatory) does not count."""
    _, parts, _ = aid.compare_youth_care(
        find(tables),
        care_types=["closed", "ambulatory", "foster_care"],
        referrers=["municipality", "general_practitioner"],
    )
    counts = (
        parts.set_index(["category", "side"])[["n_events", "n_known"]]
        .apply(tuple, axis=1)
        .to_dict()
    )
    assert counts == {
        ("closed", "victims"): (1, 1),
        ("closed", "controls"): (0, 3),
        ("ambulatory", "victims"): (0, 1),
        ("ambulatory", "controls"): (2, 3),
        ("foster_care", "victims"): (0, 1),
        ("foster_care", "controls"): (1, 3),
        ("crisis_stabilisation", "victims"): (1, 1),
        ("crisis_stabilisation", "controls"): (0, 3),
        ("municipality", "victims"): (1, 1),
        ("municipality", "controls"): (1, 3),
        ("general_practitioner", "victims"): (0, 1),
        ("general_practitioner", "controls"): (2, 3),
    }
    assert aid.count_end_reasons(find(tables), reasons=["as_planned", "early_by_client"])[
        "n_events"
    ].tolist() == [1, 0]


def test_observed_against_expected_by_hand(tables):
    """A half of A's controls and all of B's are in care: 1.5 expected, 1 observed. The sets differ
    from it by 0.5 and -1."""
    _, _, contrasts = aid.compare_youth_care(find(tables), care_types=[], referrers=[])
    rows = protect_contrasts(contrasts, RuleSet("one", True, 10, 1, 1), numbers=[])
    rows = rows.set_index("category")
    assert (
        rows.loc["ratio_youth_care", "value"] == round(1 / 1.5, 1)
        and rows.loc["difference_youth_care", "value"] == -25.0
    )
    error = np.sqrt((1 - 0.5 / 1.5) ** 2 + (0 - 1 / 1.5) ** 2)
    assert rows.loc["ratio_youth_care", "ci_upper"] == round(
        1 / 1.5 * np.exp(1.959963984540054 * error), 1
    )


def test_a_contrast_is_that_of_the_count_that_is_shown():
    """147 of 265 are shown as 145; each set expects a tenth: 145 / 26.5 is 5.5, where 147 would
    give 5.55, and 145 - 26.5 are 44.7 of a hundred."""
    own, theirs, victim = (
        np.arange(265) < 147,
        np.tile([True] + [False] * 9, 265),
        np.repeat(np.arange(265), 10),
    )

    def show(own):
        table = pd.DataFrame(contrast("x", own, theirs, victim), columns=aid.CONTRASTS)
        shown = protect_contrasts(table, read_rule_set("statistics_office"), numbers=[])
        assert "n_compared" not in shown
        return dict(zip(shown["category"], zip(shown["value"], shown["n_behind"])))

    assert show(own) == {"ratio_x": (5.5, 145), "difference_x": (45, 145)}
    assert show(np.arange(265) < 148)["ratio_x"][0] == round(150 / 26.5, 1)


def test_shelter_is_of_all_victims_and_starts_after_the_registration_where_there_is_no_end(tables):
    """C enters 363 days after the registration, and 486 after the offences began."""
    shelter, _ = aid.compare_shelter(find(tables), shelter_types=["shelter", "short_stay"])
    counts = (
        shelter.set_index(["category", "side"])[["n_events", "n_known"]]
        .apply(tuple, axis=1)
        .to_dict()
    )
    assert counts[("wmo_shelter_or_housing", "victims")] == counts[("shelter", "victims")] == (1, 3)
    assert counts[("wmo_shelter_or_housing", "controls")] == (0, 5) and counts[
        ("short_stay", "victims")
    ] == (0, 3)


def test_costs_are_of_adults_in_two_years_and_an_absent_row_is_zero(tables):
    """C: 1,000 in 2016 and nothing in 2017 are 500 a year; 2018 is not one of the two years. The
    control had 100 in 2017: 50. A is a minor."""
    costs = aid.compare_costs(find(tables), rng=np.random.Generator(np.random.PCG64(1))).set_index(
        "category"
    )["value"]
    assert (
        costs["mean_victims"],
        costs["mean_controls"],
        costs["share_any_victims"],
    ) == (500, 50, 50)
    assert not [name for name in costs.index if name.startswith("amount_")]


def test_states_and_moves_of_minors(tables):
    """B is of age since 1 January 2018, a month before the offences ended. A: ambulatory until
    November 2018, then closed until March 2019."""
    people = find(tables)
    states = aid.count_occupancy(
        people, study_end=2020, with_residence=WITH_RESIDENCE, steps_a_year=2
    ).pivot(index="years", columns="state", values="n")
    assert (
        states.loc["0"].to_dict() == {"none": 0, "without_residence": 1, "with_residence": 0}
        and states.loc["0.5", "with_residence"] == 1
    )
    assert states.sum(axis=1).loc[["-0.5", "0", "2"]].tolist() == [2, 1, 1]
    moves = aid.count_moves(
        people, study_end=2020, with_residence=WITH_RESIDENCE, steps_a_year=2
    ).set_index(["state", "to_state"])["n"]
    assert (
        moves["without_residence", "with_residence"] == 1 and moves["with_residence", "none"] == 1
    )
    closed = aid.describe_closed_placement(people, study_end=2020)
    assert closed["value"].tolist() == [90]  # 1 December to 1 March


def test_the_first_care_is_counted_from_a_year_before_the_end_of_the_offences(tables):
    """A: the first care begins on 1 May 2018, 334 days after 1 June 2017. B is censored on the
    eighteenth birthday, 334 days after 1 February 2017."""
    curve = aid.describe_first_aid(find(tables), study_end=2020)
    assert curve[["time", "n_at_risk", "n_events"]].to_numpy().tolist() == [[334, 2, 1]] and curve[
        "incidence"
    ].tolist() == [0.5]


def test_faults_are_named_and_counted(tables):
    tables["youth_care"] = pd.concat(
        [
            tables["youth_care"],
            make_table(
                "youth_care",
                care(7, "c1", "2019-01-01", "2018-12-01", "closed"),
                care(8, "c2", "2002-01-01", "2002-02-01", "closed"),
            ),
        ],
        ignore_index=True,
    )
    tables["matches"] = pd.concat(
        [tables["matches"], make_table("matches", {"victim_id": "A", "control_id": "B"})],
        ignore_index=True,
    )
    counts = aid.count_faults(find(tables)).set_index("category")["n"].to_dict()
    assert counts == {
        "care_overlapping": 1,
        "care_open": 2,
        "care_ends_before_start": 1,
        "care_before_birth": 1,
        "offences_without_end": 1,
        "sets_of_one": 1,
        "victims_without_matches": 1,
        "controls_who_are_victims": 1,
        "controls_of_several": 1,
        "cost_years_without_rows": 0,
    }


# Laws


def summarise(people: aid.People) -> list[pd.DataFrame]:
    return [
        *aid.compare_youth_care(
            people, care_types=["closed", "ambulatory"], referrers=["municipality"]
        ),
        *aid.compare_shelter(people, shelter_types=["shelter"]),
        aid.describe_population(people),
        aid.count_occupancy(
            people,
            study_end=people.definitions.last_year,
            with_residence=WITH_RESIDENCE,
            steps_a_year=2,
        ),
        aid.describe_first_aid(people, study_end=people.definitions.last_year),
    ]


def test_row_order_and_a_shift_of_four_years_change_nothing(tables):
    expected = summarise(find(tables))
    shuffled = {
        name: table.iloc[
            np.random.Generator(np.random.PCG64(7)).permutation(len(table))
        ].reset_index(drop=True)
        for name, table in tables.items()
    }
    later = {
        name: table.assign(
            **{
                column: table[column] + pd.Timedelta(days=1461)
                for column in table
                if column.endswith("_date")
            }
        )
        for name, table in tables.items()
    }
    moved = summarise(find(later, first_year=2020, last_year=2024, control_year=2023))
    for own, other, shifted in zip(expected, summarise(find(shuffled)), moved):
        pd.testing.assert_frame_equal(own, other, check_exact=True)
        pd.testing.assert_frame_equal(
            own.drop(columns="period", errors="ignore"),
            shifted.drop(columns="period", errors="ignore"),
            check_exact=True,
        )


def test_every_child_is_in_one_state_and_a_finer_grid_agrees_with_the_coarse_one(tables):
    """Whole quarters are half-years at every second step; who is counted on a day is in just one
    state."""
    people = find(tables)
    half, quarter = (
        aid.count_occupancy(
            people, study_end=2020, with_residence=WITH_RESIDENCE, steps_a_year=steps
        )
        for steps in (2, 4)
    )
    assert len(quarter) == 3 * 13
    pd.testing.assert_frame_equal(
        quarter[quarter["years"].isin(half["years"])].reset_index(drop=True), half
    )
    moves = aid.count_moves(people, study_end=2020, with_residence=WITH_RESIDENCE, steps_a_year=4)
    at_both = quarter.groupby("years", sort=False)["n"].sum()
    assert (
        moves["n"].sum() == np.minimum(at_both.to_numpy()[:-1], at_both.to_numpy()[1:]).sum()
    )  # once left, nobody comes back
    with pytest.raises(BadInput, match="steps_a_year is 0"):
        aid.count_occupancy(people, study_end=2020, with_residence=WITH_RESIDENCE, steps_a_year=0)


def test_the_record_of_a_control_never_reaches_a_victim(tables):
    before = compare(find(tables))["victims"]
    tables["youth_care"] = pd.concat(
        [
            tables["youth_care"],
            make_table(
                "youth_care",
                *(
                    care(20 + number, f"c{number}", "2018-08-01", "2019-08-01", "closed")
                    for number in range(1, 6)
                ),
            ),
        ],
        ignore_index=True,
    )
    after = compare(find(tables))
    assert after["victims"] == before and after["controls"] == (4, 4)


@pytest.mark.parametrize(
    "emptied", ["incidents", "matches", "youth_care", "shelter", "care_costs", "residence_spells"]
)
def test_an_empty_table_gives_tables_without_a_false_number(tables, emptied):
    tables[emptied] = tables[emptied].iloc[:0]
    people = find(tables)
    for table in summarise(people):
        assert not table.select_dtypes("number").isin([np.inf, -np.inf]).any(axis=None)
    assert (
        len(aid.compare_costs(people, rng=np.random.Generator(np.random.PCG64(1)))) <= 7
        and len(aid.count_faults(people)) == 10
    )
    aid.compare_definitions(aid.link_tables(tables), groups=GROUPS, definitions=RULES)
    later = aid.follow_aid(
        aid.link_tables(tables),
        groups=GROUPS,
        definitions=cohort.Definitions(study_start=2016, study_end=2020),
    )
    assert (
        set(aid.compare_later(later)["verdict"]) <= {"few_events"}
        and aid.count_landmark(later)["n_known"].sum() <= 5
    )


@pytest.mark.parametrize("change", [{"which": "any"}, {"first_year": 2021}, {"within_days": -1}])
def test_impossible_definitions_are_refused(change):
    with pytest.raises(BadInput):
        dataclasses.replace(RULES, **change)


def test_basic_costs_are_counted_as_specialised_ones_are(tables):
    """C, the one adult: 60 euro of basic care in 2016, none in 2017, so 30 a year; nothing of the
    controls."""
    costs = tables["care_costs"].assign(basic_mental_health_eur=[60.0, 0.0, 0.0, 0.0])
    found = aid.compare_costs(
        find(tables | {"care_costs": costs}),
        rng=np.random.Generator(np.random.PCG64(1)),
        column=aid.BASIC,
    ).set_index("category")["value"]
    assert (found["mean_victims"], found["mean_controls"]) == (30, 0)


def test_long_term_care_is_of_victims_and_controls_in_the_windows_of_other_aid(tables):
    """C stays from 100 days after the registration; a control in 2015 only, which is not the
    control year; and who is in no match counts nowhere."""
    stays = make_table(
        "long_term_care",
        *(
            {
                "stay_id": f"l{number}",
                "person_id": person,
                "start_date": start,
                "end_date": end,
                "care_profile": profile,
            }
            for number, (person, start, end, profile) in enumerate(
                [
                    ("C", "2016-12-10", None, "mental_health"),
                    ("c4", "2015-01-01", "2015-06-01", "nursing"),
                    ("D", "2018-01-01", None, "nursing"),
                ]
            )
        ),
    )
    table = aid.compare_long_term(
        find(tables | {"long_term_care": stays}), profiles=["mental_health", "nursing"]
    )
    counts = table.set_index(["category", "side"])[["n_events", "n_known"]].apply(tuple, axis=1)
    assert counts["wlz_stay", "victims"] == counts["mental_health", "victims"] == (1, 3)
    assert counts["wlz_stay", "controls"] == (0, 5) and counts["nursing", "victims"] == (0, 3)


def test_an_extract_without_long_term_care_has_no_rows_instead_of_nobody(tables):
    empty = {"long_term_care": make_table("long_term_care")}
    for given in (tables, tables | empty):
        assert aid.compare_long_term(find(given), profiles=["nursing"]).empty


@pytest.fixture(scope="module")
def drawn_counts(draw) -> pd.DataFrame:
    """Victims and controls of the default registers with each kind of aid, as the chapter counts
    them: n_events and n_known by category and side."""
    rules = aid.Definitions(first_year=2016, last_year=2020, control_year=2019)
    people = aid.find_people(
        aid.link_tables(draw(read_edition(DEFAULT_EDITION).seed)),
        groups=synthetic.list_groups("offence"),
        definitions=rules,
    )
    kinds = {"care_types": list_known("care_type"), "referrers": [*list_known("referrer"), UNKNOWN]}
    parts = [*aid.compare_youth_care(people, **kinds)[:2]]
    parts.append(aid.compare_shelter(people, shelter_types=list_known("shelter_type"))[0])
    return pd.concat(parts).set_index(["category", "side"])[["n_events", "n_known"]]


def find_statistic(counts: pd.DataFrame) -> float:
    """Pearson's test of victims and controls by yes and no, as SPSS gives it (scipy's)."""
    n, of = counts["n_events"], counts["n_known"]
    return chi2_contingency([n.tolist(), (of - n).tolist()], correction=False).statistic


def test_a_moved_person_breaks_a_printed_statistic(drawn_counts):
    """Each statistic that the registers are held to, with one more or less: the last digit has
    gone."""
    numbers = published.read_numbers().set_index("id")
    enforced = sorted(synthetic.list_enforced() & set(numbers.index))
    held = [one for one in enforced if numbers.at[one, "measure"] == "chi_square"]
    assert len(held) == 12
    for number in held:
        counts = drawn_counts.loc[numbers.at[number, "category"]]
        printed = numbers.at[number, "value"]
        assert abs(find_statistic(counts) - printed) <= 0.0005, number
        for side, more in (("victims", 1), ("victims", -1), ("controls", 1), ("controls", -1)):
            moved = counts.copy()
            moved.loc[side, "n_events"] += more
            assert abs(find_statistic(moved) - printed) > 0.0005, (number, side)
