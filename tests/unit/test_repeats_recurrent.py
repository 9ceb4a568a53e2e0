"""Chapter 4 beyond the first repeat: tables counted by hand from a few people, and odd inputs,
which give no row in place of a traceback."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers import cohort, repeats

YEAR = 365.25


def make_cohort(rows: list[tuple]) -> pd.DataFrame:
    """Rows (days of follow-up, how it ends, sex) of people who are each an incident of their
    own."""
    days, reasons, sexes = zip(*rows, strict=True)
    n = len(rows)
    return pd.DataFrame(
        {
            "person": np.arange(n),
            "index_incident": np.arange(n),
            "index_date": np.datetime64("2012-01-01", "s"),
            "index_start": np.datetime64("2012-01-01", "s"),
            "year": 2012,
            "sex": sexes,
            "age_group": np.array(["minor", "adult"])[np.arange(n) % 2],
            "form": np.array(["sexual", "other"])[np.arange(n) // 2 % 2],
            "exit_reason": reasons,
            "days": days,
            "entry_days": 0,
        }
    )


def make_repeats(rows: list[tuple[int, int]], group: str = "violence") -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["person", "days"], dtype=int).assign(group=group)


def rng() -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(4))


def test_numbers_of_people_who_are_all_followed_are_means():
    """Twenty people for three years: one has three incidents in the first, two have one in the
    second."""
    people = make_cohort([(1200, "study_end", "female")] * 20)
    again = make_repeats([(0, 30), (0, 60), (0, 300), (1, 400), (2, 700)])
    table = repeats.describe_numbers(people, again, years=7)
    assert table["years"].tolist() == [1, 2, 3, 1, 2, 3]  # none beyond the follow-up
    assert table["value"].tolist() == pytest.approx([15, 25, 25, 5, 15, 15])
    assert set(table["grid"]) == {50}  # ten of twenty persons
    assert table["n_behind"].tolist() == [1, 3, 3, 1, 3, 3]


def test_incidents_of_one_day_all_count():
    people = make_cohort([(800, "study_end", "female")] * 10)
    table = repeats.describe_numbers(people, make_repeats([(0, 50), (0, 50)]), years=2)
    assert table.set_index(["compared", "years"])["value"].loc[[("incidents", 1), ("persons", 1)]].tolist() == pytest.approx([20, 10])  # fmt: skip


@pytest.mark.parametrize("again", [[], [(0, 5000)]], ids=["no_repeat", "after_the_end"])
def test_no_recurrence_at_all_has_no_row_and_no_traceback(again):
    people = make_cohort([(800, "study_end", "female")] * 4)
    rows = make_repeats(again)
    assert repeats.describe_numbers(people, rows, years=5).empty
    each = repeats.count_incidents_each(people, rows, years=5, study_end=2020)
    assert repeats.describe_concentration(each, rng()).empty
    assert repeats.describe_affected(each, rng()).empty
    assert repeats.describe_since(people, rows).empty
    events = cohort.derive_first_event(people, rows)
    assert repeats.describe_long_run(events, study_end=2020).empty
    assert repeats.describe_opinion(events).empty
    assert set(repeats.explain_hazards(people, rows)["verdict"]) == {"few_events"}


def test_nobody_has_no_row():
    people, none = make_cohort([(0, "not_registered", "male")]), make_repeats([])
    stays = pd.DataFrame(columns=["person", "start_date", "end_date"])
    assert repeats.describe_states(people, none, stays, years=[1]).empty
    assert repeats.describe_since(people, none).empty
    assert repeats.describe_standardised(cohort.derive_first_event(people, none)).empty


def test_the_most_affected_tenth_by_hand():
    """Twenty people, of whom two have four incidents each and two have one: the most affected tenth
    meets eight of ten, two tenths all of them."""
    people = make_cohort([(4000, "study_end", "female")] * 20)
    again = make_repeats([(0, 9), (0, 10), (0, 11), (0, 12), (1, 9), (1, 10), (1, 11), (1, 12), (2, 5), (3, 5), (4, 3000)])  # fmt: skip
    each = repeats.count_incidents_each(people, again, years=5, study_end=2020)
    table = repeats.describe_affected(each, rng())
    seen = table[table["compared"] == "as_registered"].set_index("people")
    assert seen["value"].loc[[10, 20, 100]].tolist() == pytest.approx([80, 100, 100])
    assert seen["n_behind"].loc[[10, 20, 100]].tolist() == [2, 4, 4]
    chance = table[table["compared"] == "by_chance"]["value"]
    assert chance.is_monotonic_increasing and chance.iloc[0] < 80
    gini = repeats.describe_concentration(each, rng()).iloc[0]
    # Half the mean absolute difference over the mean: sum over pairs 2 * 156 / (2 * 400 * 0.5).
    assert gini["value"] == pytest.approx(0.86, abs=0.005)


def make_stays(rows: list[tuple[int, int, int | None]]) -> pd.DataFrame:
    """Stays (person, first and last day since the index)."""
    index = pd.Timestamp("2012-01-01")
    return pd.DataFrame(
        {
            "person": [row[0] for row in rows],
            "start_date": [index + pd.Timedelta(days=row[1]) for row in rows],
            "end_date": [pd.NaT if row[2] is None else index + pd.Timedelta(days=row[2]) for row in rows],
        }
    )  # fmt: skip


def list_spells(people, again, stays, person):
    spells = repeats.split_states(people, again, stays)
    own = spells[spells["person"] == person]
    return [
        (row.start, row.stop, row.state, None if pd.isna(row.to_state) else row.to_state)
        for row in own.itertuples()
    ]


@pytest.mark.parametrize(
    ("again", "stays", "reason", "expected"),
    [
        ([], [], "study_end", [(0, 500, "in_view", None)]),
        ([], [], "died", [(0, 500, "in_view", "dead")]),
        ([(0, 100)], [], "deregistered", [(0, 100, "in_view", "again"), (100, 500, "again", "left")]),
        # Aid from before the index on, two stays that touch, and one that goes on beyond the end.
        (
            [],
            [(0, -50, 20), (0, 20, 40), (0, 30, 35), (0, 450, None)],
            "study_end",
            [(0, 40, "in_aid", "in_view"), (40, 450, "in_view", "in_aid"), (450, 500, "in_aid", None)],
        ),
        # Registered again while in aid: again until the end, whatever the aid does.
        (
            [(0, 60), (0, 90)],
            [(0, 50, 80), (0, 300, 400)],
            "study_end",
            [(0, 50, "in_view", "in_aid"), (50, 60, "in_aid", "again"), (60, 500, "again", None)],
        ),
        # Registered again on the day of death comes before it.
        ([(0, 500)], [], "died", [(0, 500, "in_view", "again"), (500, 500.5, "again", "dead")]),
        ([], [(1, 5, 9)], "study_end", [(0, 500, "in_view", None)]),
    ],
)  # fmt: skip
def test_states_by_hand(again, stays, reason, expected):
    people = make_cohort([(500, reason, "female"), (500, "study_end", "male")])
    assert list_spells(people, make_repeats(again), make_stays(stays), 0) == expected


def test_shares_of_states_add_up_and_are_counts_without_censoring():
    people = make_cohort([(800, "study_end", "female")] * 6 + [(300, "died", "male")] * 4)
    table = repeats.describe_states(
        people, make_repeats([(0, 100), (1, 200)]), make_stays([(2, 300, 700)]), years=[1, 2, 9]
    )
    shares = table.pivot(index="years", columns="state", values="value")
    first = {"in_view": 30, "in_aid": 10, "again": 20, "dead": 40}
    assert shares.loc[1].to_dict() == pytest.approx(first)
    assert shares.loc[2].to_dict() == pytest.approx(first | {"in_view": 40, "in_aid": 0})
    assert shares.index.tolist() == [1, 2]  # nobody is followed for nine years


@pytest.fixture(scope="module")
def many():
    """600 people whose rates are equal, older women and younger men."""
    draw = np.random.Generator(np.random.PCG64(2))
    n = 600
    sex = draw.choice(["female", "male"], n)
    people = make_cohort([(int(d), "study_end", s) for d, s in zip(draw.integers(400, 3000, n), sex, strict=True)])  # fmt: skip
    minor = draw.random(n) < np.where(sex == "male", 0.6, 0.3)
    begun = np.datetime64("2010-01-01", "s") + draw.integers(0, 3650, n).astype("timedelta64[D]")
    years = begun.astype("datetime64[Y]").astype(int) + 1970
    people = people.assign(
        age_group=np.where(minor, "minor", "adult"), index_date=begun, year=years,
        form=draw.choice(["sexual", "other"], n),
        days=((np.datetime64("2020-12-31", "s") - begun) / np.timedelta64(1, "D")).astype(int),
    )  # fmt: skip
    first = draw.exponential(1500, n).astype(int) + 1
    return people, make_repeats(list(zip(range(n), first, strict=True)))


def test_weights_balance_and_the_table_says_so(many):
    table = repeats.describe_balance(cohort.derive_first_event(*many))
    ages = table[table["trait"] == "age_group"]
    before = table["compared"] == "before_weighting"
    assert (ages.loc[before, "value"].abs() > 0.2).any()
    assert (table.loc[~before, "value"].abs() <= 0.01).all()
    assert table[before].groupby("trait")["n_behind"].sum().nunique() == 1
    curves = repeats.describe_standardised(cohort.derive_first_event(*many))
    assert set(curves["sex"]) == {"female", "male"}


def test_two_kinds_of_ratio_agree_where_nobody_dies(many):
    events = cohort.derive_first_event(*many)
    hazards, _ = repeats.estimate_hazards(events.assign(age_group=events["age_group"]))
    table = repeats.compare_hazards(events, hazards)
    assert set(table["model"]) == {"cause_specific", "subdistribution"}
    wide = table.pivot(index="category", columns="model", values="value").dropna().astype(float)
    assert (wide["cause_specific"] - wide["subdistribution"]).abs().max() <= 0.02 if len(wide) else True  # fmt: skip


def test_long_run_of_an_exponential_law_holds_its_truth(many):
    """Everybody's rate is one in 1500 days: after ten years 1 - exp(-3652.5 / 1500)."""
    table = repeats.describe_long_run(cohort.derive_first_event(*many), study_end=2020)
    band = table[(table["model"] == "any") & (table["years"] == 10)].iloc[0]
    assert band["ci_lower"] <= 100 * (1 - np.exp(-3652.5 / 1500)) <= band["ci_upper"]
    weibull = table[(table["model"] == "weibull") & (table["years"] == 10)].iloc[0]
    assert weibull["value"] == pytest.approx(91, abs=3)
    assert band["ci_lower"] == table.loc[table["years"] == 10, "ci_lower"].min()


def test_a_second_opinion_agrees(many):
    table = repeats.describe_opinion(cohort.derive_first_event(*many))
    assert set(table["verdict"]) == {"agrees"}
    assert (table["n_decimals"] >= 2).all()


def test_stays_are_linked_by_person():
    persons = pd.DataFrame({"person_id": ["b", "a"], "sex": "female"})
    linked = cohort.Linked(pd.DataFrame(), persons.assign(person=[7, 3]), pd.DataFrame())
    table = pd.DataFrame({"person_id": ["a", "x", "b"], "start_date": pd.Timestamp("2015-01-01"), "end_date": pd.NaT})  # fmt: skip
    assert cohort.link_stays(linked, persons, table)["person"].tolist() == [3, 7]


def test_weights_of_tied_rows_fit_as_the_rows_do():
    """Fitting distinct times with their numbers is fitting everybody, to a thousandth."""
    import lifelines

    from helpers.survival import long_run

    draw = np.random.Generator(np.random.PCG64(3))
    days, event = np.ceil(draw.weibull(0.7, 400) * 300), draw.random(400) < 0.7
    plain = lifelines.WeibullFitter().fit(days, event, timeline=[500.0])
    rows, knots = long_run._count_alike(days, event), np.array([20.0, 150.0, 600.0])
    assert rows[2].sum() == 400 and rows[2] @ rows[1] == event.sum() and len(rows[0]) < 400
    found = long_run._predict("weibull", rows, knots, np.array([500.0]))
    assert found[0] == pytest.approx(_read(plain), abs=1e-3)
    # The same rows, and the same largest likelihood as lifelines finds, though it looks elsewhere.
    own = lifelines.SplineFitter(knots).fit(
        *rows[:2], weights=rows[2].astype(float), timeline=[500.0]
    )
    found = long_run._predict("spline", rows, knots, np.array([500.0]))
    assert found[0] == pytest.approx(_read(own), abs=2e-5)


def _read(fitted) -> list[float]:
    limits = fitted.confidence_interval_cumulative_density_.to_numpy()[0]
    return [fitted.cumulative_density_.iloc[0, 0], *limits]
