"""The definitions of the oracle (the second counting, with its switches) on registers so small that
every count was made by hand."""

from __future__ import annotations

import pandas as pd
import pytest
from oracle.measure_aid import AidDefinitions, compare_counts, measure_aid
from oracle.measure_repeats import RepeatDefinitions, find_p_value, measure_repeats
from oracle.victim_years import (
    ReportDefinitions,
    choose_sectors,
    group_ages,
    join_reports,
)
from registers import make_table, report
from scipy.stats import chi2_contingency


@pytest.fixture
def reports():
    return make_table(
        "reports",
        report(
            1, "v1", "2020-01-05", "police", "sexual", police_unit="amsterdam", age_at_report=None
        ),
        report(
            2,
            "v1",
            "2020-02-01",
            "fairwork",
            "labour",
            age_at_report=17,
            sector_labour="other_services|health_welfare",
        ),
        report(3, "v2", "2020-03-01", "kmar", "sexual", nationality="XQA"),
        report(
            4,
            "v3",
            "2020-04-01",
            "police",
            "sexual",
            police_unit="amsterdam",
            nationality="unknown",
            age_at_report=22,
        ),
        report(
            5,
            "v3",
            "2020-05-01",
            "police",
            "sexual",
            police_unit="rotterdam",
            nationality="NGA",
            age_at_report=22,
        ),
        report(6, "v4", "2020-06-01", "other", "organ_removal"),
        report(7, "v4", "2019-06-01", "other", "criminal"),
    )


def test_reports_become_victims_of_a_year(reports):
    victims, _ = join_reports(reports, ReportDefinitions())
    rows = victims.set_index(["victim_id", "year"])
    assert rows["form"].to_dict() == {
        ("v1", 2020): "domestic_sexual",
        ("v2", 2020): "cross_border_sexual",
        ("v3", 2020): "cross_border_sexual",
        ("v4", 2019): "criminal",
        ("v4", 2020): "unknown",
    }
    assert rows.index[~rows["is_counted"]].tolist() == [("v2", 2020)]
    counted = rows[rows["is_counted"]].xs(2020, level="year")
    assert {
        form: int(counted[f"is_{form}"].sum())
        for form in ("domestic_sexual", "cross_border_sexual", "labour", "criminal", "unknown")
    } == {
        "domestic_sexual": 1,
        "cross_border_sexual": 1,
        "labour": 1,
        "criminal": 0,
        "unknown": 1,
    }
    assert group_ages(victims, ReportDefinitions()).tolist() == [
        "minor",
        "adult",
        "adolescent",
        "adult",
        "adult",
    ]


@pytest.mark.parametrize(
    ("flag", "victim", "form"),
    [
        ("forms_of_all_reports", "v1", "domestic_sexual"),
        ("first_known", "v3", "unknown"),
        ("domestic_by_nationality", "v1", "cross_border_sexual"),
        ("hierarchy", "v1", "labour"),
        ("organ_removal_is_unknown", "v4", "none"),
    ],
)
def test_a_definition_switched_off_names_another_form(reports, flag, victim, form):
    victims, _ = join_reports(reports, ReportDefinitions(**{flag: False}))
    assert victims.set_index(["victim_id", "year"]).loc[(victim, 2020), "form"] == form


def test_a_victim_once_in_the_period_is_not_once_a_year(reports):
    assert len(join_reports(reports, ReportDefinitions(once_a_year=False))[0]) == 4


def test_the_least_common_sector_comes_first_and_other_labour_last():
    codes = pd.Series(
        ["trade", "trade", "industry|trade", "health_welfare|trade", "health_welfare", "unknown"]
    )
    assert choose_sectors(codes, ReportDefinitions()).tolist() == [
        "trade",
        "trade",
        "industry",
        "trade",
        "other_labour",
        "unknown",
    ]
    assert choose_sectors(codes, ReportDefinitions(sector_hierarchy=False)).tolist() == [
        "trade",
        "trade",
        "industry",
        "other_labour",
        "other_labour",
        "unknown",
    ]


def incident(
    number: int, person: str, date: str, code: str, start: str | None = None, end: str | None = None
) -> dict:
    return {
        "incident_id": f"i{number}",
        "person_id": person,
        "registration_date": date,
        "offence_start_date": start or date,
        "offence_end_date": end,
        "offence_code": code,
    }


@pytest.fixture
def police():
    people = [
        {"person_id": name, "sex": sex, "birth_date": "1985-01-15", "nationality": "NLD"}
        for name, sex in (("A", "female"), ("B", "female"), ("C", "male"), ("D", "male"))
    ]
    incidents = make_table(
        "incidents",
        incident(1, "A", "2012-03-01", "F561"),
        incident(2, "A", "2012-03-01", "X03"),
        incident(3, "A", "2013-03-01", "X01"),
        incident(4, "A", "2016-02-28", "F562"),
        incident(4, "A", "2016-02-28", "X01"),
        incident(5, "B", "2009-05-01", "F5293"),
        incident(6, "B", "2011-01-01", "F5293"),
        incident(7, "B", "2016-01-02", "X05"),
        incident(8, "C", "2013-06-01", "F565"),
        incident(9, "D", "2012-06-01", "F561"),
    )
    return {
        "persons": make_table("persons", *people),
        "incidents": incidents,
        "residence_spells": make_table(
            "residence_spells", *({"person_id": name, "from_date": "1985-01-15"} for name in "ABC")
        ),
    }


EXPECTED = {
    "persons:2010-2013": 3,
    "persons:2010-2020": 3,
    "persons_again:5": 1,
    "persons_again:7": 2,
    "incidents": 2,
    "median_days": 365,
    "incidents:trafficking": 1,
    "incidents:property": 1,
    "persons:form_known:2010-2018": 2,
    "share_of_persons:sexual:2010-2018": 50,
}


def test_repeats_counted_by_hand(police):
    measures = measure_repeats(police, RepeatDefinitions())
    assert {key: measures[key] for key in EXPECTED} == EXPECTED


@pytest.mark.parametrize(
    ("flag", "changes"),
    [
        ("registered_persons", {"persons:2010-2013": 4}),
        ("from_study_period", {"persons:2010-2013": 2}),
        ("strictly_later", {"incidents": 3, "median_days": 0}),
        ("incident_once", {"incidents": 3, "incidents:property": 2}),
        ("other_and_organ_known", {"persons:form_known:2010-2018": 1}),
        ("one_group", {"incidents:trafficking": 0}),
    ],
)
def test_repeats_under_another_definition_by_hand(police, flag, changes):
    measures = measure_repeats(police, RepeatDefinitions(**{flag: False}))
    assert {key: measures[key] for key in changes} == changes


@pytest.fixture
def linked():
    def person(name: str, born: str) -> dict:
        return {"person_id": name, "sex": "female", "birth_date": born, "nationality": "NLD"}

    def stay(key: str, number: int, name: str, start: str, end: str | None, **given) -> dict:
        return {
            key: f"{key}{number}",
            "person_id": name,
            "start_date": start,
            "end_date": end,
        } | given

    def costs(name: str, year: int, amount: float) -> dict:
        return {
            "person_id": name,
            "year": year,
            "specialised_mental_health_eur": amount,
            "basic_mental_health_eur": 0.0,
            "total_basic_insurance_eur": amount,
        }

    names = {
        "V1": "1990-05-05",
        "C1": "1990-02-01",
        "C2": "1990-12-01",
        "V2": "2001-07-01",
        "C3": "2001-01-02",
        "C4": "2001-11-01",
        "V3": "1980-01-01",
        "V4": "1980-01-01",
        "U": "1980-01-01",
    }
    care = {
        "care_type": "closed",
        "referrer": "none",
        "is_crisis": False,
        "end_reason": "as_planned",
    }
    return {
        "persons": make_table("persons", *(person(name, born) for name, born in names.items())),
        "residence_spells": make_table(
            "residence_spells",
            *({"person_id": name, "from_date": "2002-01-01"} for name in names if name != "U"),
        ),
        "incidents": make_table(
            "incidents",
            incident(1, "V1", "2016-04-01", "F561", "2016-02-01", "2016-03-01"),
            incident(2, "V2", "2018-02-01", "F5293", "2018-01-10"),
            incident(3, "V3", "2016-04-01", "F561", "2015-12-31", "2016-03-01"),
            incident(4, "V4", "2020-02-01", "F561", "2019-12-01", "2020-01-05"),
            incident(5, "U", "2017-04-01", "F561", "2017-02-01", "2017-03-01"),
        ),
        "matches": make_table(
            "matches",
            *(
                {"victim_id": victim, "control_id": control}
                for victim, control in (
                    ("V1", "C1"),
                    ("V1", "C2"),
                    ("V2", "C3"),
                    ("V2", "C4"),
                    ("V3", "C1"),
                    ("V4", "C1"),
                )
            ),
        ),
        "youth_care": make_table(
            "youth_care",
            stay("trajectory_id", 1, "V2", "2019-02-01", None, **care),
            stay("trajectory_id", 2, "C3", "2018-06-01", "2019-01-01", **care),
            stay("trajectory_id", 3, "C4", "2018-06-01", "2018-12-31", **care),
        ),
        "shelter": make_table(
            "shelter",
            stay("stay_id", 1, "V1", "2017-03-02", None, shelter_type="shelter"),
            stay("stay_id", 2, "V2", "2018-02-01", None, shelter_type="sheltered_housing"),
            stay("stay_id", 3, "C1", "2019-12-31", "2020-02-01", shelter_type="shelter"),
        ),
        "care_costs": make_table(
            "care_costs",
            costs("V1", 2016, 100.0),
            costs("V1", 2018, 900.0),
            costs("C1", 2017, 40.0),
            costs("C3", 2018, 70.0),
            costs("C2", 2019, 5.0),
        ),
    }


BY_HAND = {
    "aid:victims": 2,
    "aid:controls": 4,
    "aid:minors": 1,
    "aid:minor_controls": 2,
    "persons_not_registered": 1,
    "aid:share_form:unknown": 50,
    "aid:share_form:domestic_sexual": 50,
    "youth_care:victims": 1,
    "youth_care:controls": 1,
    "shelter:victims": 1,
    "shelter:share_of_controls": 25,
    "costs:victims": 50,
    "costs:controls": 10,
    "order:same_sex_and_age": 1,
}


def test_aid_counted_by_hand(linked):
    measures = measure_aid(linked, AidDefinitions())
    assert {key: measures[key] for key in BY_HAND} == BY_HAND


@pytest.mark.parametrize(
    ("flag", "changes"),
    [
        ("starts_2016_to_2020", {"aid:victims": 3}),
        ("with_matches", {"aid:victims": 3}),
        ("missing_end_is_registration", {"aid:victims": 1}),
        ("aid_starts_within_a_year", {"shelter:victims": 2}),
        ("controls_in_control_year", {"youth_care:controls": 0}),
        ("absent_is_zero", {"costs:victims": 100, "costs:controls": 40}),
        ("two_years", {"costs:victims": 100, "costs:controls": 0}),
        ("controls_same_years", {"costs:controls": 40 / 6}),
        ("shelter_of_minors_too", {"shelter:victims": 0}),
        ("ended_before_2020", {"aid:victims": 2}),
    ],
)
def test_aid_under_another_definition_by_hand(linked, flag, changes):
    measures = measure_aid(linked, AidDefinitions(**{flag: False}))
    assert {key: measures[key] for key in changes} == pytest.approx(changes)


@pytest.mark.parametrize(
    "counts", [(95, 1632, 8000, 1630000), (10, 146, 2000, 24992), (1, 10, 5, 11)]
)
def test_p_values_are_those_of_scipy(counts):
    part, whole, other_part, other_whole = counts
    expected = chi2_contingency(
        [[part, whole - part], [other_part, other_whole - other_part]], correction=False
    )
    found = {"chi_square:a": expected.statistic, "p_value:a": expected.pvalue}
    assert compare_counts("a", *counts) == pytest.approx(found, rel=1e-9)
    groups = pd.Series(["a"] * whole + ["b"] * 40 + ["c"] * 50)
    flag = pd.Series(
        [place < part for place in range(whole)]
        + [place < 13 for place in range(40)]
        + [place < 21 for place in range(50)]
    )
    assert find_p_value(groups, flag) == pytest.approx(
        chi2_contingency(pd.crosstab(groups, flag), correction=False).pvalue, rel=1e-9
    )
