"""Inputs on which other packages were reported to fail (named in the docstrings), with the answers
of R 4.2.2 (survival 3.5-3), a hand count, or a refusal that names what is wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers import regression, survival
from helpers.edition import BadInput

HERE = Path(__file__).parent
TEN = pd.DataFrame(
    {
        "days": [5, 3, 8, 2, 9, 4, 7, 6, 10, 12],
        "event": [1, 1, 1, 0, 1, 1, 1, 1, 0, 1],
        "x": [1, 0, 2, 1, 0, 2, 1, 3, 0.5, 0.2],
    }
)


@pytest.mark.parametrize(
    ("time", "event", "median"),
    [
        ([2, 4, 8, 8], [1, 1, 0, 0], 6.0),
        ([10, 20, 70, 80], [1, 1, 0, 0], 50.0),
        ([1, 2, 3, 4], [1, 1, 1, 1], 2.5),
    ],
)
def test_a_median_on_a_plateau_is_its_middle_to_the_end_of_follow_up(time, event, median):
    """ggsurvfit 270, survival 156; quantile(survfit, 0.5)"""
    curve = survival.estimate_kaplan_meier(np.array(time), np.array(event))
    assert survival.find_quantile(curve) == median


def test_a_median_of_two_million_times():
    """1 to 2,000,000, all events: half are gone at 1,000,000, and the plateau ends a day later."""
    time = np.arange(1, 2_000_001)
    assert survival.find_quantile(survival.estimate_kaplan_meier(time, np.ones(len(time)))) == (
        1_000_000.5
    )


def test_times_that_differ_by_rounding_are_one_time():
    """survival 76, 273, 281: .1 + .2 and .3; also as entries, and far from 0."""
    curve = survival.estimate_kaplan_meier(np.array([0.1 + 0.2, 0.3, 0.5, 0.7]), [1, 1, 1, 0])
    assert curve["time"].tolist() == [0.3, 0.5, 0.7] and curve["survival"].iloc[0] == 0.5
    late = survival.estimate_kaplan_meier(
        np.array([0.3, 0.6]), [1, 1], entry=np.array([0.0, 0.1 + 0.2])
    )
    assert late["n_at_risk"].tolist() == [1, 1]  # the second enters as the first leaves
    with pytest.raises(BadInput, match="1 entries differ from the exit by rounding"):
        survival.estimate_kaplan_meier(
            np.array([0.1 + 0.2, 1.0]), [1, 1], entry=np.array([0.3, 0.0])
        )
    rows = pd.DataFrame(
        {"days": [0.1 + 0.2, 0.3, 0.5, 0.7], "event": [1, 1, 1, 0], "x": [0, 1, 1, 0]}
    )
    joined = regression.estimate_cox(rows, ["x"])
    as_days = regression.estimate_cox(rows.assign(days=[3, 3, 5, 7]), ["x"])
    pd.testing.assert_frame_equal(joined, as_days, check_exact=True)


def test_a_weighted_curve_ends_at_nothing():
    """1.57 + .45 + .58 + .35 less each other is 4e-17 in floating point."""
    curve = survival.estimate_kaplan_meier(
        np.arange(1, 5), np.ones(4), weights=np.array([1.57, 0.45, 0.58, 0.35])
    )
    assert curve["survival"].iloc[-1] == 0
    assert curve[["std_error", "ci_lower", "ci_upper"]].iloc[-1].isna().all()


def test_a_restricted_mean_beyond_a_curve_that_came_down_to_nothing():
    """CAMIS 357: 1, 2, 3 have a mean of 2, with the error of a mean of three, sqrt(2/3/3)."""
    mean = survival.estimate_restricted_mean(
        survival.estimate_kaplan_meier(np.array([1, 2, 3]), np.ones(3)), 10
    ).iloc[0]
    assert mean["value"] == 2 and mean["std_error"] == pytest.approx((2 / 9) ** 0.5)


@pytest.mark.parametrize("kind", ["uint8", "int8", "int16", "uint16", "int32", "uint32", "uint64"])
def test_whole_times_of_any_width_are_days(kind):
    """scipy 10159: 10, 130, 140 as uint8 were 2, 10, 12; 10950 as int16 was a crash"""
    time, event = np.array([10, 100, 120]), np.array([1, 2, 0])
    wide = {"int8": time, "uint8": np.array([10, 130, 140])}
    large = wide.get(kind, np.array([9000, 10950, 12000]))
    for days in (time, large):
        expected = survival.estimate_aalen_johansen(days.astype("int64"), event)
        found = survival.estimate_aalen_johansen(days.astype(kind), event.astype(kind))
        pd.testing.assert_frame_equal(found, expected, check_exact=True)


def test_a_calendar_year_is_a_covariate_like_another():
    """lifelines 652; coxph(Surv(days, event) ~ year[, cluster = cl]), cox.zph(transform =
    "identity")"""
    rows = pd.read_csv(HERE / "year.csv", encoding="utf-8")
    fit = regression.estimate_cox(rows, ["year"], cluster="cl").iloc[0]
    assert fit["coefficient"] == pytest.approx(0.392102, abs=5e-7)
    assert fit["std_error"] == pytest.approx(0.0104690, abs=5e-8)
    assert fit["robust_std_error"] == pytest.approx(0.0108066, abs=5e-8)
    test = regression.compare_over_time(rows, ["year"]).iloc[0]
    assert test["statistic"] == pytest.approx(5.80346, abs=5e-6)
    seconds = rows.assign(year=(rows["year"] - 1970) * 31_557_600.0)
    again = regression.estimate_cox(seconds, ["year"]).iloc[0]
    assert again["coefficient"] * 31_557_600 == pytest.approx(fit["coefficient"], rel=1e-9)


def test_a_heavy_tailed_count_is_no_separation():
    """Cyclops 27; coxph(Surv(days, event) ~ prior)"""
    rows = pd.read_csv(HERE / "heavy.csv", encoding="utf-8")
    fit = regression.estimate_cox(rows, ["prior"]).iloc[0]
    assert fit["coefficient"] == pytest.approx(0.0259347, abs=5e-8)
    assert fit["std_error"] == pytest.approx(0.0019231, abs=5e-8)


def test_a_redundant_covariate_is_named():
    """lifelines 364: z = 2x + 1; x alone is .491575 in R."""
    assert regression.estimate_cox(TEN, ["x"])["coefficient"][0] == pytest.approx(
        0.491575, abs=5e-7
    )
    rows = TEN.assign(z=2 * TEN["x"] + 1, y=[0, 1, 0, 0, 1, 1, 0, 1, 1, 0])
    with pytest.raises(BadInput, match="leave z out"):
        regression.estimate_cox(rows, ["x", "y", "z"])
    with pytest.raises(BadInput, match="leave total out"):
        regression.estimate_cox(rows.assign(total=rows["x"] + rows["y"]), ["x", "y", "total"])
    with pytest.raises(BadInput, match="does not vary among people at risk together"):
        regression.estimate_cox(rows.assign(s=rows["y"]), ["y"], strata="s")


@pytest.mark.parametrize(
    ("change", "more", "message"),
    [
        ({"x": np.inf}, {}, "1 endless values"),
        ({"x": np.nan}, {}, "1 missing values"),
        ({"event": 0.9}, {}, "1 event codes other than 0, 1"),
        ({"event": np.nan}, {}, "1 missing values"),
        ({"days": -0.5}, {}, "1 spells that end before they start"),
        ({"begin": np.nan}, {"start": "begin"}, "1 missing values"),
        ({"begin": 5.0}, {"start": "begin"}, "1 spells that end before they start"),
        ({"w": -1.0}, {"weights": "w"}, "1 weights that are not positive"),
        ({"case": np.nan}, {"cluster": "case"}, "1 rows without cluster"),
        ({"kind": np.nan}, {"strata": "kind"}, "1 rows without stratum"),
    ],
)
def test_what_a_regression_cannot_use_is_counted(change, more, message):
    """Mime 44, lifelines 1693, estimatr 16, clubSandwich 31: refused, with the number of rows."""
    rows = TEN.astype(float).assign(begin=0.0, w=1.0, case=np.arange(10.0), kind=0.0)
    for column, value in change.items():
        rows.loc[0, column] = value
    with pytest.raises(BadInput, match=message):
        regression.estimate_cox(rows, ["x"], **more)


@pytest.mark.parametrize("missing", [None, np.nan])
@pytest.mark.parametrize("what", ["group", "strata", "clusters"])
@pytest.mark.parametrize("test", [survival.compare_log_rank, survival.compare_gray])
def test_a_missing_group_stratum_or_cluster_is_refused(test, what, missing):
    """Times 1 to 6: a missing group was a third group (chi-square 1.440 with 2 degrees)."""
    labels = {
        "group": np.array([0, 1, 0, 1, 0, 1], dtype=object),
        "strata": np.array([0, 0, 0, 1, 1, 1], dtype=object),
        "clusters": np.arange(6).astype(object),
    }
    if test is survival.compare_gray:
        labels.pop("strata")
        what = "group" if what == "strata" else what
    labels[what][3] = missing
    with pytest.raises(BadInput, match="1 rows without"):
        test(np.arange(1, 7), np.array([1, 1, 1, 0, 1, 1]), labels.pop("group"), **labels)


def test_a_missing_cluster_of_a_curve_is_refused():
    with pytest.raises(BadInput, match="1 rows without cluster"):
        survival.estimate_aalen_johansen(
            np.array([1, 2, 3]), np.array([1, 2, 0]), clusters=np.array([1, np.nan, 2])
        )


@pytest.mark.parametrize("clusters", [1, 2, 5, 9])
def test_too_few_clusters_give_no_interval(clusters):
    """svy 98, clubSandwich 35: one cluster had an interval of width 0 and p = 0."""
    rng = np.random.Generator(np.random.PCG64(1))
    rows = pd.DataFrame(
        {"days": rng.integers(1, 99, 60), "event": rng.integers(0, 3, 60), "x": rng.normal(size=60)}
    ).assign(case=np.arange(60) % clusters, g=np.arange(60) // 7 % 2)
    days, event, case = (rows[name].to_numpy() for name in ("days", "event", "case"))
    one = (event == 1).astype(int)
    limits = ["ci_lower", "ci_upper"]
    found = [
        survival.estimate_kaplan_meier(days, one, clusters=case),
        survival.estimate_aalen_johansen(days, event, clusters=case),
        survival.estimate_clustered_mean(days, one, 50, clusters=case),
        survival.estimate_mean_cumulative(days, one, np.arange(60), clusters=case),
        regression.estimate_cox(rows.assign(event=one), ["x"], cluster="case"),
        regression.fit_fine_gray(rows, ["x"], cluster="case"),
    ]
    for table in found:
        assert table[limits].isna().all(axis=None)
    assert found[4]["p_value"].isna().all()
    for test in (
        lambda: survival.compare_log_rank(days, one, rows["g"], clusters=case),
        lambda: survival.compare_gray(days, event, rows["g"], clusters=case),
        lambda: regression.compare_over_time(rows.assign(event=one), ["x"], cluster="case"),
    ):
        with pytest.raises(BadInput, match=f"{clusters} clusters; with fewer than 10"):
            test()


def test_limits_with_clusters_are_wider_by_t():
    """R: qt(0.975, 9) * sqrt(10 / 9) = 2.384523"""
    assert survival.find_multiplier(10) == pytest.approx(2.384523, abs=5e-7)
    assert survival.find_multiplier(None) == survival.Z
    assert survival.find_multiplier(200) == survival.Z
    assert survival.find_multiplier(199) == pytest.approx(survival.Z, rel=0.01)
    at_limit = survival.find_p_value(np.array([survival.find_multiplier(10)]), 10)
    assert at_limit[0] == pytest.approx(0.05)


def test_strata_equal_to_groups_have_nothing_to_compare():
    """survminer 789: a sentence in place of LinAlgError."""
    group = np.array(["a", "b"] * 5)
    for test in (
        lambda: survival.compare_log_rank(np.arange(1, 11), np.ones(10), group, strata=group),
        lambda: survival.compare_log_rank(
            np.arange(1, 11), np.ones(10), group, strata=group, clusters=np.arange(10)
        ),
    ):
        with pytest.raises(BadInput, match="nothing to compare"):
            test()
    four = np.array(["a", "b", "c", "d"] * 3)
    with pytest.raises(BadInput, match="never at risk together"):
        survival.compare_log_rank(
            np.arange(1, 13), np.ones(12), four, strata=np.isin(four, ["a", "b"])
        )


def test_no_event_in_a_test_is_a_sentence():
    with pytest.raises(BadInput, match="nothing to compare"):
        survival.compare_log_rank(np.array([1, 2, 3, 4]), np.zeros(4), np.array([0, 1, 0, 1]))


def test_late_entry_in_fine_and_gray_needs_errors_that_know_it():
    rows = TEN.assign(begin=0.0, event=[1, 2, 1, 0, 1, 2, 1, 1, 0, 1])
    with pytest.raises(BadInput, match='late entry needs ties "efron"'):
        regression.fit_fine_gray(rows, ["x"], start="begin")
    early, none = (
        regression.fit_fine_gray(rows, ["x"], ties="efron", **more)
        for more in ({"start": "begin"}, {})
    )
    pd.testing.assert_frame_equal(early, none, rtol=1e-9)
