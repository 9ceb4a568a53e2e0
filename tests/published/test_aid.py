"""Aid against R 4.2.2 with survival 3.5-3 and MASS 7.3-58, on people who do not exist.

`aid_people.csv` was drawn once at random; `aid_cases.R` works everything out from its dates anew
and wrote `aid_answers.csv`. Its calls: survfit(Surv(days, factor(event, 0:3)) ~ 1);
quantile(survfit(..., conf.type = "log-log"), 0.5); coxph(Surv(days, event) ~ aid + prior_aid +
minor + adolescent + female, ties = "efron", cluster = id), whose errors are robust, and the same on
tmerge(..., aid = tdc(aid_day)); glm(own ~ 1 + offset(log(expected)), poisson) with its robust
error; t.test(own - expected); lm(..., weights = years); glm(binomial) and glm(Gamma("log")) for the
two parts of costs; MASS::loglm(n ~ side + care)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from registers import make_table

from helpers import aid, cohort
from helpers.aid import contrasts, later
from helpers.published.chi_square import find_chi_square
from helpers.regression import estimate_cox

PEOPLE = pd.read_csv(
    Path(__file__).with_name("aid_people.csv"), encoding="utf-8", dtype=str, keep_default_na=False
)
ANSWERS = pd.read_csv(Path(__file__).with_name("aid_answers.csv"), encoding="utf-8")
GROUPS = {"F561": "trafficking:sexual", "V01": "violence", "P01": "property"}
PLACE = np.arange(1, len(PEOPLE) + 1)
CLOSE = {"rtol": 1e-8, "atol": 1e-12}


def answer(kind: str) -> dict[str, np.ndarray]:
    return {
        name: part.sort_values("place")["value"].to_numpy()
        for name, part in ANSWERS[ANSWERS["kind"] == kind].groupby("name")
    }


@pytest.fixture(scope="module")
def linked() -> aid.people.Linked:
    rows = PEOPLE.to_dict("records")

    def incidents(column: str, code: str) -> list[dict]:
        return [
            {
                "incident_id": f"{code}-{row['person']}",
                "person_id": row["person"],
                "registration_date": row[column],
                "offence_code": code,
                "offence_start_date": row["offence_start"] if code == "F561" else row[column],
                "offence_end_date": row["offence_end"] if code == "F561" else row[column],
            }
            for row in rows
            if row[column]
        ]

    care = [
        {
            "trajectory_id": row["person"],
            "person_id": row["person"],
            "start_date": row["care_start"],
            "end_date": row["care_end"] or None,
            "care_type": row["care_type"],
            "referrer": "municipality",
            "is_crisis": False,
            "end_reason": "as_planned",
        }
        for row in rows
        if row["care_start"]
    ]
    return aid.link_tables(
        {
            "incidents": make_table(
                "incidents",
                *incidents("registration_date", "F561"),
                *incidents("person_offence_date", "V01"),
                *incidents("property_offence_date", "P01"),
            ),
            "persons": make_table(
                "persons",
                *(
                    {
                        "person_id": row["person"],
                        "sex": row["sex"],
                        "birth_date": row["birth_date"],
                        "death_date": row["death_date"] or None,
                        "nationality": "NLD",
                    }
                    for row in rows
                ),
            ),
            "residence_spells": make_table(
                "residence_spells",
                *(
                    {
                        "person_id": row["person"],
                        "from_date": row["birth_date"],
                        "to_date": row["to_date"] or None,
                    }
                    for row in rows
                ),
            ),
            "matches": make_table(
                "matches",
                *({"victim_id": row["person"], "control_id": f"c{row['person']}"} for row in rows),
            ),
            "youth_care": make_table("youth_care", *care),
            "shelter": make_table("shelter"),
            "care_costs": make_table("care_costs"),
        }
    )


@pytest.fixture(scope="module")
def people(linked) -> aid.People:
    return aid.find_people(
        linked,
        groups=GROUPS,
        definitions=aid.Definitions(first_year=2016, last_year=2020, control_year=2019),
    )


@pytest.fixture(scope="module")
def followed(linked) -> pd.DataFrame:
    return aid.follow_aid(
        linked,
        groups=GROUPS,
        definitions=cohort.Definitions(study_start=2016, study_end=2020, committed_earlier=False),
    )


def test_the_first_youth_care_is_that_of_survfit(people):
    curve, expected = aid.describe_first_aid(people, study_end=2020), answer("first_aid")
    curve = curve[curve["n_events"] > 0]
    np.testing.assert_array_equal(curve["time"], expected["time"])
    np.testing.assert_array_equal(curve["n_at_risk"], expected["n.risk"])
    np.testing.assert_allclose(curve["incidence"], expected["incidence"], **CLOSE)
    others = answer("other_events")
    assert min(others["death"][0], others["departure"][0]) >= 3, (
        "the case must have both competing events"
    )


def test_the_median_of_a_closed_placement_is_that_of_survfit(people):
    row, expected = aid.describe_closed_placement(people, study_end=2020).iloc[0], answer("closed")
    assert (row["value"], row["ci_lower"], row["n_behind"]) == (
        expected["value"][0],
        expected["ci_lower"][0],
        expected["n"][0],
    )
    np.testing.assert_equal(float(row["ci_upper"]), expected["ci_upper"][0])


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        ("landmark_person", "person"),
        ("landmark_property", "property"),
        ("ever", "person"),
        ("time_dependent", "person"),
    ],
)
def test_hazard_ratios_of_aid_are_those_of_coxph(followed, kind, outcome):
    expected = answer(kind)
    if kind == "ever":
        rows = followed.assign(
            days=followed["days_person"],
            event=followed["event_person"],
            aid=(followed["aid_day"] < followed["days_person"]).astype(float),
        )
    else:
        rows = (
            later.split_at_aid(followed)
            if kind == "time_dependent"
            else later.select_landmark(followed, outcome=outcome)
        )
    table = estimate_cox(
        rows, later.TERMS, start="start" if kind == "time_dependent" else None, cluster="incident"
    )
    assert table["n_events"].iloc[0] == expected["n_events"][0]
    for column, name in (
        ("coefficient", "coefficient"),
        ("robust_std_error", "robust"),
        ("std_error", "model"),
    ):
        np.testing.assert_allclose(table[column], expected[name], rtol=1e-6, atol=1e-8)
    shown = aid.compare_later(followed).set_index("category")
    name = {"landmark_person": "landmark", "landmark_property": "control_outcome"}.get(kind, kind)
    assert (
        shown.loc[name, "value"] == round(np.exp(expected["coefficient"][0]), 2)
        and shown.loc[name, "verdict"] == "estimated"
    )
    assert shown.loc[name, "ci_upper"] == round(
        np.exp(expected["coefficient"][0] + 1.959963984540054 * expected["robust"][0]), 2
    )


def test_observed_against_expected_is_a_poisson_model_with_an_offset():
    """Each set has twenty controls, of whom as many have aid as the expectation says."""
    own, n_with = PLACE % 3 == 0, (PLACE * 7) % 10 + 1
    theirs = (np.arange(20)[None, :] < n_with[:, None]).ravel()
    found, expected = (
        contrasts.estimate_contrast(own, theirs, np.repeat(PLACE - 1, 20)),
        answer("contrast"),
    )
    log_ratio, lower, upper = np.log(found["ratio"])
    np.testing.assert_allclose(log_ratio, expected["log_ratio"][0], **CLOSE)
    np.testing.assert_allclose(
        [upper - log_ratio, log_ratio - lower], 1.959963984540054 * expected["error"][0], **CLOSE
    )
    difference, lower, upper = found["difference"]
    np.testing.assert_allclose(
        [difference, (upper - lower) / 2 / 1.959963984540054],
        [expected["difference"][0], expected["difference_error"][0]],
        **CLOSE,
    )


def test_the_difference_of_two_ratios_is_that_of_two_weighted_means():
    years, their_years = 1.0 + PLACE % 2, 3.0 + PLACE % 5
    costs, theirs = (
        np.where(PLACE % 4 == 0, (PLACE * 37) % 1000 * years, 0.0),
        (PLACE * 11) % 97 * their_years,
    )
    found, expected = (
        contrasts.estimate_difference(years, costs, their_years, theirs),
        answer("costs"),
    )
    np.testing.assert_allclose(found, [expected["difference"][0], expected["error"][0]], **CLOSE)


def test_the_two_parts_of_costs_are_those_of_two_regressions():
    """A binomial and a gamma regression with nothing but an intercept; each person has one year of
    costs, the year the offences ended."""
    costs = np.where(PLACE % 4 == 0, (PLACE * 37) % 1000 * (1 + PLACE % 2), 0)
    found, expected = _describe_parts(costs), answer("two_parts")
    np.testing.assert_allclose(
        [found["share_any_victims"], found["amount_any_victims"]],
        [100 * expected["share"][0], expected["amount"][0]],
        **CLOSE,
    )


def _describe_parts(costs: np.ndarray) -> dict[str, float]:
    names = [f"p{place:03d}" for place in PLACE]
    tables = aid.link_tables(
        {
            "incidents": make_table(
                "incidents",
                *(
                    {
                        "incident_id": f"i{name}",
                        "person_id": name,
                        "registration_date": "2018-01-05",
                        "offence_start_date": "2017-01-01",
                        "offence_end_date": "2018-01-01",
                        "offence_code": "F561",
                    }
                    for name in names
                ),
            ),
            "persons": make_table(
                "persons",
                *(
                    {
                        "person_id": name,
                        "sex": "female",
                        "birth_date": "1980-01-01",
                        "nationality": "NLD",
                    }
                    for name in names
                ),
            ),
            "residence_spells": make_table(
                "residence_spells",
                *({"person_id": name, "from_date": "1980-01-01"} for name in names),
            ),
            "matches": make_table(
                "matches", *({"victim_id": name, "control_id": f"c{name}"} for name in names)
            ),
            "youth_care": make_table("youth_care"),
            "shelter": make_table("shelter"),
            "care_costs": make_table(
                "care_costs",
                *(
                    {"person_id": name, "year": 2018, "specialised_mental_health_eur": float(euros)}
                    for name, euros in zip(names, costs)
                    if euros
                ),
            ),
        }
    )
    people = aid.find_people(
        tables,
        groups=GROUPS,
        definitions=aid.Definitions(
            first_year=2016, last_year=2020, control_year=2019, cost_years=(2018,)
        ),
    )
    return (
        contrasts.estimate_costs(people, rng=np.random.Generator(np.random.PCG64(1)), replicates=99)
        .set_index("category")["value"]
        .to_dict()
    )


def test_the_chi_square_of_figure_3_1_is_that_of_the_model_of_independence():
    """145 of 265 against 24,990 of 261,605."""
    assert find_chi_square(145 / 265, 265, 24990 / 261605, 261605) == pytest.approx(
        answer("chi_square")["statistic"][0], rel=1e-8
    )
