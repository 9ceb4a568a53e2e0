"""Repeating each person k times inside their cluster changes no limit and no p-value: the copies
bring no news. Exact with Breslow's ties; under Efron's copies are further ties, and R's weights
stand in their place (tests/published/test_regression.py, times_efron)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers import regression, survival

COPIES = (1, 2, 4)


def make_people(seed: int = 3) -> pd.DataFrame:
    """150 people in 60 cases: tied days, two events, late entry, two groups and a covariate."""
    rng = np.random.Generator(np.random.PCG64(seed))
    n = 150
    entry = rng.integers(0, 20, n)
    return pd.DataFrame(
        {
            "person": np.arange(n),
            "case": rng.integers(0, 60, n),
            "entry": entry,
            "days": entry + rng.integers(1, 60, n),
            "event": rng.integers(0, 3, n),
            "group": rng.integers(0, 3, n),
            "x": rng.normal(size=n).round(2),
            "weight": rng.uniform(0.5, 2, n).round(1),
        }
    )


def repeat(rows: pd.DataFrame, k: int) -> pd.DataFrame:
    """Each row k times, as k people of the same case."""
    copies = pd.concat([rows.assign(person=rows["person"] * k + i) for i in range(k)])
    return copies.sample(frac=1, random_state=1).reset_index(drop=True)


def estimate_curve(rows, **more):
    return survival.estimate_kaplan_meier(
        rows["days"], rows["event"] == 1, clusters=rows["case"], **more
    )


def estimate_incidence(rows, **more):
    return survival.estimate_aalen_johansen(
        rows["days"], rows["event"], clusters=rows["case"], **more
    )


def estimate_repeats(rows):
    return survival.estimate_mean_cumulative(
        rows["days"], rows["event"], rows["person"], entry=rows["entry"], clusters=rows["case"]
    )


def estimate_states(rows):
    spells = rows.assign(
        start=rows["entry"], stop=rows["days"], state="view",
        to_state=np.array(["view", "aid", "left"])[rows["event"]],
    )  # fmt: skip
    return survival.estimate_multi_state(
        spells, ["view", "aid", "left"], [10, 30, 50], cluster="case"
    )


def fit_one(rows, **more):
    return regression.estimate_cox(
        rows.assign(event=(rows["event"] == 1).astype(int)),
        ["x", "group"],
        cluster="case",
        ties="breslow",
        **more,
    ).drop(columns=["std_error", "n_events"])


def test_over_time(rows, **more):
    return regression.compare_over_time(
        rows.assign(event=(rows["event"] == 1).astype(int)),
        ["x", "group"],
        cluster="case",
        ties="breslow",
        **more,
    )


test_over_time.__test__ = False

ESTIMATORS = {
    "kaplan_meier": estimate_curve,
    "kaplan_meier_entry": lambda rows: estimate_curve(
        rows, entry=rows["entry"], weights=rows["weight"]
    ),
    "aalen_johansen": estimate_incidence,
    "aalen_johansen_entry": lambda rows: estimate_incidence(
        rows, entry=rows["entry"], weights=rows["weight"]
    ),
    "mean": lambda rows: survival.estimate_clustered_mean(
        rows["days"], rows["event"] == 1, 40, clusters=rows["case"]
    ),
    "mean_cumulative": estimate_repeats,
    "multi_state": estimate_states,
    "log_rank": lambda rows: survival.compare_log_rank(
        rows["days"], rows["event"] == 1, rows["group"], clusters=rows["case"]
    ),
    "log_rank_strata": lambda rows: survival.compare_log_rank(
        rows["days"], rows["event"] == 1, rows["group"], strata=rows["x"] > 0, clusters=rows["case"]
    ),
    "gray": lambda rows: survival.compare_gray(
        rows["days"], rows["event"], rows["group"], clusters=rows["case"]
    ),
    "cox": fit_one,
    "cox_entry_strata": lambda rows: fit_one(
        rows.assign(s=rows["x"] > 1), start="entry", weights="weight", strata="s"
    ),
    "over_time": test_over_time,
    "over_time_strata": lambda rows: test_over_time(rows.assign(s=rows["x"] > 1), strata="s"),
    "fine_gray": lambda rows: regression.fit_fine_gray(rows, ["x", "group"], cluster="case").drop(
        columns=["std_error", "n_events"]
    ),
    "fine_gray_strata": lambda rows: regression.fit_fine_gray(
        rows, ["x"], cluster="case", strata="group", weights="weight"
    ).drop(columns=["std_error", "n_events"]),
    "standardised": lambda rows: survival.estimate_standardised(
        rows.assign(old=rows["x"] > 0), "group", ["old"], cluster="case"
    ),
}


@pytest.mark.parametrize("name", ESTIMATORS)
def test_copies_inside_a_cluster_change_no_limit_and_no_p_value(name):
    rows = make_people()
    first, *others = (ESTIMATORS[name](repeat(rows, k)) for k in COPIES)
    counted = [column for column in first if column.startswith("n_")]
    for k, other in zip(COPIES[1:], others):
        pd.testing.assert_frame_equal(
            other.drop(columns=counted), first.drop(columns=counted), rtol=1e-9, atol=1e-11
        )
        for column in counted:
            np.testing.assert_allclose(other[column], k * first[column])


def test_the_law_catches_an_estimator_that_takes_no_notice_of_clusters():
    """The log-rank test of people taken as independent: four alike in each case make it four times
    as large."""
    rows = make_people()
    plain, copied = (
        survival.compare_log_rank(part["days"], part["event"] == 1, part["group"])
        for part in (rows, repeat(rows, 4))
    )
    assert copied["statistic"][0] == pytest.approx(4 * plain["statistic"][0], rel=0.05)


@pytest.mark.parametrize("name", ["log_rank", "gray", "over_time"])
def test_a_robust_test_of_independent_people_is_near_the_plain_one(name):
    """Both estimate the same variance where everybody is a case of their own."""
    rng = np.random.Generator(np.random.PCG64(8))
    n = 4000
    rows = pd.DataFrame(
        {"days": rng.integers(1, 200, n), "event": rng.integers(0, 3, n), "case": np.arange(n)}
    ).assign(group=rng.integers(0, 2, n), x=rng.normal(size=n))
    one = rows.assign(event=(rows["event"] == 1).astype(int))
    runs = {
        "log_rank": lambda **m: survival.compare_log_rank(
            rows["days"], one["event"], rows["group"], **m
        ),
        "gray": lambda **m: survival.compare_gray(rows["days"], rows["event"], rows["group"], **m),
        "over_time": lambda **m: regression.compare_over_time(
            one, ["x"], **({"cluster": "case"} if m else {})
        ),
    }
    plain, robust = runs[name](), runs[name](clusters=rows["case"])
    assert robust["statistic"][0] == pytest.approx(plain["statistic"][0], rel=0.06, abs=0.02)


def test_grays_influence_is_the_derivative_of_its_score():
    """Adding a copy of one row to a large sample moves the score by that row's influence."""
    from helpers.survival import comparison
    from helpers.survival.risk import read_follow_up

    rows = repeat(make_people(), 300)

    def score(part):
        data = read_follow_up(part["days"], part["event"], causes=2)
        grouped = comparison._tabulate_groups(data, part["group"].to_numpy(), 3, 2)
        n, own = grouped.at_risk, grouped.events[:, :, 0]
        other = grouped.events[:, :, 1]
        after = np.cumprod(1 - comparison.divide(own + other, n), axis=0)
        before = comparison._shift(after, 1.0)
        incidence = np.cumsum(before * comparison.divide(own, n), axis=0)
        left = comparison.divide(n, before) * (1 - comparison._shift(incidence, 0.0))
        shares = comparison.divide(left, left.sum(axis=1, keepdims=True))
        value = (own - own.sum(axis=1)[:, None] * shares).sum(axis=0)
        return value, grouped, own, other, before, left

    value, *parts = score(rows)
    influence = comparison._find_gray_influence(*parts, 1)
    for place in (0, 17, 999):
        more = pd.concat([rows, rows.iloc[[place]]])
        moved = score(more)[0] - value
        np.testing.assert_allclose(moved, influence[place], atol=0.02)


def test_a_mean_without_censoring_is_the_mean_and_its_error_that_of_a_mean():
    """Everybody is followed until death or to day 100, so that the mean number of events by then is
    the plain mean, and its error the standard deviation over the root of n."""
    rng = np.random.Generator(np.random.PCG64(5))
    parts, counts = [], []
    for person in range(200):
        until = 100 if rng.random() < 0.6 else int(rng.integers(20, 99))
        times = np.unique(rng.integers(1, until, rng.integers(0, 6)))
        counts.append(len(times))
        ends = np.append(times, until)
        parts.append(
            pd.DataFrame(
                {"person": person, "entry": np.append(0, times), "stop": ends,
                 "event": [*[1] * len(times), 0 if until == 100 else 2]}
            )
        )  # fmt: skip
    spells = pd.concat(parts, ignore_index=True)
    found = survival.estimate_mean_cumulative(
        spells["stop"], spells["event"], spells["person"], entry=spells["entry"], at=np.array([100])
    ).iloc[0]
    assert found["value"] == pytest.approx(np.mean(counts), rel=1e-12)
    assert found["std_error"] == pytest.approx(np.std(counts) / 200**0.5, rel=1e-10)


def test_shares_of_states_are_counts_where_nobody_is_censored():
    """Three people: view until 10, aid; view until 20, left; view throughout."""
    spells = pd.DataFrame(
        [
            (1, 0, 10, "view", "aid"), (1, 10, 50, "aid", None),
            (2, 0, 20, "view", "left"), (2, 20, 50, "left", None),
            (3, 0, 50, "view", None),
        ],
        columns=["person", "start", "stop", "state", "to_state"],
    )  # fmt: skip
    found = survival.estimate_multi_state(spells, ["view", "aid", "left", "dead"], [5, 15, 25])
    shares = found.pivot(index="time", columns="state", values="probability")
    np.testing.assert_allclose(shares["view"], [1, 2 / 3, 1 / 3])
    np.testing.assert_allclose(shares["aid"], [0, 1 / 3, 1 / 3])
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    never = found[found["state"] == "dead"]  # never reached: no error, and no traceback
    assert (never[["probability", "std_error", "ci_lower", "ci_upper"]] == 0).all(axis=None)
    error = found[(found["state"] == "aid") & (found["time"] == 15)]["std_error"].iloc[0]
    assert error == pytest.approx((1 / 3 * 2 / 3 / 3) ** 0.5)


def test_competing_risks_are_states():
    """The matrix estimator of one move each is Aalen and Johansen's, with the same errors."""
    rows = make_people()
    table = survival.estimate_aalen_johansen(rows["days"], rows["event"], clusters=rows["case"])
    spells = rows.assign(
        start=-1, stop=rows["days"], state="view",
        to_state=np.array(["view", "aid", "left"])[rows["event"]],
    )  # fmt: skip
    found = survival.estimate_multi_state(spells, ["view", "aid", "left"], [30], cluster="case")
    own = table[(table["cause"] == 1) & (table["time"] <= 30)].iloc[-1]
    other = found[found["state"] == "aid"].iloc[0]
    for name, same in (("incidence", "probability"), *((c, c) for c in ("std_error", "ci_lower"))):
        assert other[same] == pytest.approx(own[name], rel=1e-9)
