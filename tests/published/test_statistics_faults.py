"""Inputs on which other packages were reported to fail (named in the docstrings), with the answers
of R 4.2.2 (survival 3.5-3), a hand count, or a refusal that names what is wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers import regression, repeats, survival
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


N = 40
PEOPLE = pd.DataFrame(
    {
        "days": np.arange(N) * 7 % 50 + 1,
        "event": np.arange(N) % 3,
        "one": (np.arange(N) % 3 == 1).astype(int),
        "x": np.arange(N) % 7,
        "group": np.where(np.arange(N) % 2, "b", "a"),
        "s": np.arange(N) // 4 % 2,
        "case": np.arange(N) // 2,
        "weight": np.arange(N) % 3 + 1,
        "entry": 0,
        "person": np.arange(N),
        "start": 0,
        "n": np.arange(N) % 4,
        "years": np.arange(N) % 5 + 1,
        "number": 1,
        "n_repeats": 1,
    }
)
CALLS = {
    "curve": lambda d: survival.estimate_aalen_johansen(
        d["days"], d["event"], entry=d["entry"], weights=d["weight"], clusters=d["case"]
    ),
    "log-rank": lambda d: survival.compare_log_rank(
        d["days"], d["one"], d["group"], strata=d["s"], clusters=d["case"]
    ),
    "Gray": lambda d: survival.compare_gray(d["days"], d["event"], d["group"], clusters=d["case"]),
    "standardised": lambda d: survival.estimate_standardised(d, "group", ["s"], cluster="case"),
    "mean cumulative": lambda d: survival.estimate_mean_cumulative(
        d["days"], d["event"], d["person"], entry=d["start"], counts=d["n_repeats"]
    ),
    "Cox": lambda d: regression.estimate_cox(
        d, ["x"], event="one", start="entry", weights="weight", strata="s", cluster="case"
    ),
    "gap": lambda d: regression.fit_pwp_gap(d, ["x"], stop="days", event="one", cluster="case"),
    "rates": lambda d: regression.estimate_rates(d, ["x"], cluster="case"),
    "since": lambda d: repeats.estimate_rate_since(d.assign(stop=d["days"]), cluster="case"),
    "lorenz": lambda d: repeats.trace_lorenz(d["n"]),
}
COLUMNS = {
    "days": {*CALLS} - {"rates", "lorenz"},
    "event": {"curve", "Gray", "standardised", "mean cumulative", "since"},
    "x": {"Cox", "gap", "rates"},
    "weight": {"curve", "Cox"},
    "years": {"rates"},
    "n": {"rates", "lorenz"},
}


@pytest.mark.parametrize("kind", ["uint8", "int16", "Int64", "Float64", "object", "int64[pyarrow]"])
def test_the_same_numbers_in_another_column_are_the_same_answer(kind):
    """Other integers, nullable columns, Python objects, Arrow; rows in another order or under
    doubled names; labels as categories, with some that nobody has."""
    whole = [name for name in PEOPLE if name not in ("group", "case")]
    other = PEOPLE.astype(dict.fromkeys(whole, kind)).sample(frac=1, random_state=3)
    other = other.set_axis(np.zeros(N, dtype=int)).assign(
        group=pd.Categorical(other["group"], ["z", "b", "a"]),
        case=pd.Categorical(other["case"], range(-3, N)),
    )
    for name, call in CALLS.items():
        pd.testing.assert_frame_equal(
            call(other), call(PEOPLE), check_dtype=False, check_categorical=False, obj=name
        )


@pytest.mark.parametrize("column", COLUMNS)
def test_what_is_no_number_is_refused_in_a_sentence(column):
    """Words, also of digits; dates and durations, which would be counted in nanoseconds; complex
    numbers, which would lose a part."""
    numbers = PEOPLE[column]
    wrong = {
        "words": numbers.astype(object).where(PEOPLE.index > 0, "yes"),
        "digits": numbers.astype(str),
        "dates": pd.Timestamp("2020-01-01") + pd.to_timedelta(numbers, unit="D"),
        "durations": pd.to_timedelta(numbers, unit="D"),
        "complex": numbers.astype(complex),
    }
    for name in COLUMNS[column]:
        for values in wrong.values():
            with pytest.raises(BadInput, match="give numbers"):
                CALLS[name](PEOPLE.assign(**{column: values}))


@pytest.mark.parametrize("name", [name for name in CALLS if name not in ("curve", "lorenz")])
def test_a_missing_case_or_column_is_refused(name):
    """A missing case joined the last one, in the bootstrap of concentration too."""
    if name != "mean cumulative":
        with pytest.raises(BadInput, match="1 rows without cluster"):
            CALLS[name](PEOPLE.assign(case=PEOPLE["case"].where(PEOPLE.index > 0)))
    if name in ("standardised", "Cox", "gap", "rates", "since"):
        with pytest.raises(BadInput, match="no column case in the rows"):
            CALLS[name](PEOPLE.drop(columns="case"))
    with pytest.raises(BadInput, match="1 rows without cluster"):
        repeats.estimate_concentration(
            np.array([1, 2]), clusters=[1, np.nan], rng=np.random.Generator(np.random.PCG64(1))
        )


def test_labels_of_several_kinds_are_labels():
    mixed = PEOPLE.assign(
        case=[f"c{case}" if case % 2 else case for case in PEOPLE["case"]],
        group=PEOPLE["group"].map({"a": 1, "b": "b"}),
    )
    for name in ("log-rank", "Gray"):
        pd.testing.assert_frame_equal(CALLS[name](mixed), CALLS[name](PEOPLE))
    assert CALLS["standardised"](mixed)["group"].drop_duplicates().tolist() == [1, "b"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda d: survival.estimate_kaplan_meier(d["days"], d["one"][1:]), "shape"),
        (lambda d: survival.estimate_kaplan_meier(d[["days", "x"]], d["one"]), "shape"),
        (lambda d: regression.estimate_cox(d, [], event="one"), "name the covariates"),
        (lambda d: regression.estimate_cox(d, ["z"], event="one"), "no column z"),
        (lambda d: survival.estimate_standardised(d, "group", []), "name the traits"),
        (lambda d: CALLS["curve"](d.assign(weight=np.inf)), "40 weights that are not positive"),
        (lambda d: CALLS["Cox"](d.assign(weight=1e200)), "40 weights .* between 1e-75 and 1e"),
        (lambda d: CALLS["mean cumulative"](d.assign(n_repeats=1.5)), "40 counts that are not"),
        (lambda d: CALLS["gap"](d.assign(start=d["days"])), "40 spells end before they start"),
        (lambda d: CALLS["gap"](d.assign(one=np.nan)), "40 event codes other than 0, 1"),
        (lambda d: CALLS["since"](pd.concat([d, d[:2]])), "2 spells begin before"),
        (lambda d: CALLS["since"](d.assign(event=7)), "40 event codes"),
        (lambda d: repeats.trace_lorenz([1.0, np.inf]), "whole numbers of 0 to"),
        (lambda d: repeats.trace_affected([1, 2], np.array([1.5])), "between 0 and 1"),
        (lambda d: regression.compare_over_time(d.assign(days=7), ["x"], event="one"), "too few"),
        (lambda d: regression.find_e_value(2, lower=3, upper=4), "both sides of the ratio"),
        (lambda d: regression.find_e_value("2"), "give numbers"),
        (lambda d: regression.estimate_rates(d.assign(x=d["n"] > 0), ["x"]), "one side of x"),
        (
            lambda d: regression.estimate_rates(d.assign(x=1.4e9 + 1e5 * d["x"]), ["x"]),
            "nearer origin",
        ),
    ],
)
def test_what_cannot_be_estimated_is_a_sentence(call, message):
    with pytest.raises(BadInput, match=message):
        call(PEOPLE)


def test_few_are_at_risk_after_a_heavy_one():
    """survfit(Surv(1:4, c(1, 1, 1, 0)) ~ 1, weights = c(1e17, 2, 1, 1))$n.risk"""
    curve = survival.estimate_kaplan_meier(
        np.arange(1, 5), np.array([1, 1, 1, 0]), weights=np.array([1e17, 2, 1, 1])
    )
    assert curve["n_at_risk"].tolist() == [1e17, 4, 2, 1]


@pytest.mark.parametrize("unit", [1.0, 1e-3, 1e200])
def test_proportional_hazards_are_tested_in_any_unit(unit):
    """cox.zph(coxph(Surv(days, event) ~ x), transform = "identity")"""
    test = regression.compare_over_time(TEN.assign(days=TEN["days"] * unit), ["x"])
    assert test["statistic"][0] == pytest.approx(2.23711956873906, rel=1e-6)


def test_a_rate_by_calendar_year():
    """glm.nb(n ~ I(year - 2014) + offset(log(years))): the ratio and its error are those of the
    year; the rate is that of the year 0."""
    rows = pd.DataFrame(
        {
            "n": [0, 3, 1, 0, 2, 5, 0, 1, 9, 0, 4, 1],
            "years": [1, 2, 1.5, 3, 2, 2.5, 1, 2, 3, 0.5, 2, 1],
            "year": 2010 + np.array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 4, 2]),
        }
    )
    fit = regression.estimate_rates(rows, ["year"])
    assert fit["coefficient"][1] == pytest.approx(0.1114678410065188, rel=1e-6)
    assert fit["std_error"][1] == pytest.approx(0.104506772647952, rel=1e-6)
    assert fit["dispersion"][0] == pytest.approx(0.277131771833557, rel=1e-5)
    origin = fit["coefficient"][0] + 2014 * fit["coefficient"][1]
    assert origin == pytest.approx(0.0546340066101299, abs=1e-6)


def test_a_covariate_keeps_its_name_beside_the_number_of_the_event():
    """coxph(Surv(start, stop, event) ~ number + strata(k), cluster = id), and Surv(stop - start,
    event): a covariate that is called `number` was replaced by k."""
    rows = pd.DataFrame(
        {
            "person": [1, 1, 1, 2, 2, 3, 4, 4],
            "start": [0, 20, 50, 0, 30, 0, 0, 10],
            "stop": [20, 50, 80, 30, 70, 60, 10, 40],
            "event": [1, 1, 0, 1, 0, 0, 1, 1],
            "number": [7, 3, 1, 2, 5, 4, 6, 1],
        }
    )
    total, gap = (
        fit(rows, ["number"]) for fit in (regression.fit_pwp_total, regression.fit_pwp_gap)
    )
    assert total["coefficient"][0] == pytest.approx(-0.0066265916195177, rel=1e-6)
    assert total["std_error"][0] == pytest.approx(0.282005195410411, rel=1e-6)
    assert gap["coefficient"][0] == pytest.approx(0.0291674391801344, rel=1e-6)
    assert gap["std_error"][0] == pytest.approx(0.265050199158784, rel=1e-6)


def test_p_values_are_adjusted_by_place():
    """p.adjust(c(.01, NA, .04, .03), "holm"): also under doubled names, and from a list."""
    given = [0.01, np.nan, 0.04, 0.03]
    for values in (given, np.array(given), pd.Series(given, index=[0, 0, 1, 1])):
        found = regression.adjust_p_values(values)
        np.testing.assert_allclose(found, [0.03, np.nan, 0.06, 0.06])
    assert regression.adjust_p_values([]).empty


def test_an_e_value_of_a_ratio_beyond_all_bounds():
    """E = RR + sqrt(RR (RR - 1)) goes to 2 RR."""
    assert regression.find_e_value(1e200)["value"][0] == pytest.approx(2e200)
    assert regression.find_e_value(1e-200)["value"][0] == pytest.approx(2e200)
    with pytest.raises(BadInput, match="finite and above 0"):
        regression.find_e_value(np.inf)
