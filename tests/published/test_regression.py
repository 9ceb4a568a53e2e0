"""Regressions, the mean cumulative function and multi-state shares against R 4.2.2 with survival
3.5-3, cmprsk 2.2-11 and MASS: the calls are in regression_cases.R, which wrote the data and the
answers beside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers import regression, survival

HERE = Path(__file__).parent
PEOPLE, SPELLS, MOVES, KIDNEY, ANSWERS = (
    pd.read_csv(HERE / f"regression_{name}.csv", encoding="utf-8")
    for name in ("people", "spells", "moves", "kidney", "answers")
)
PEOPLE["one"], PEOPLE["id"] = (PEOPLE["event"] == 1).astype(int), np.arange(len(PEOPLE))
CLOSE, ITERATIVE = {"rtol": 1e-8, "atol": 1e-10}, {"rtol": 1e-6, "atol": 1e-8}
TERMS = ["x", "g"]


def answer(kind: str) -> dict[str, np.ndarray]:
    chosen = ANSWERS[ANSWERS["kind"] == kind]
    return {name: part["value"].to_numpy() for name, part in chosen.groupby("name")}


def check_fit(table: pd.DataFrame, kind: str) -> None:
    expected = answer(kind)
    for column, name in (
        ("coefficient", "coef"),
        ("std_error", "se"),
        ("robust_std_error", "robust"),
    ):
        np.testing.assert_allclose(table[column], expected[name], **ITERATIVE, err_msg=name)


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("weights", {"weights": "weight"}),
        ("weights_case", {"weights": "weight", "cluster": "case"}),
        ("times_efron", {"weights": "times"}),
        ("times_breslow", {"weights": "times", "ties": "breslow"}),
        (
            "strata_entry",
            {"start": "entry", "weights": "weight", "cluster": "case", "strata": "stratum"},
        ),
    ],
)
def test_cox_with_weights_and_strata_is_that_of_r(kind, more):
    """coxph(Surv([entry,] time, event == 1) ~ x + g [+ strata], weights, cluster, ties)"""
    check_fit(regression.estimate_cox(PEOPLE, TERMS, stop="time", event="one", **more), kind)


@pytest.mark.parametrize("transform", regression.TRANSFORMS)
@pytest.mark.parametrize("strata", [None, "stratum"])
def test_the_test_of_proportional_hazards_is_that_of_r(transform, strata):
    """cox.zph(coxph(...), transform)"""
    found = regression.compare_over_time(
        PEOPLE, TERMS, stop="time", event="one", transform=transform, strata=strata
    )
    expected = answer(f"zph_strata_{transform}" if strata else f"zph_{transform}")["stat"]
    np.testing.assert_allclose(found["statistic"], expected, **ITERATIVE)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_predicted_curves_are_those_of_r(ties):
    """survfit(coxph(Surv(entry, time, event == 1) ~ x + g, ties), newdata = (0.5, 1))"""
    curve = regression.predict_curves(
        PEOPLE,
        TERMS,
        {"woman": {"x": 0.5, "g": 1}},
        stop="time",
        event="one",
        start="entry",
        ties=ties,
    )
    expected = answer(f"curve_{ties}")
    for column, name in (
        ("time", "time"),
        ("cumulative_hazard", "cumhaz"),
        ("std_error", "se"),
        ("ci_lower", "lower"),
        ("ci_upper", "upper"),
    ):
        np.testing.assert_allclose(curve[column], expected[name], **ITERATIVE, err_msg=column)


def test_the_robust_log_rank_test_is_that_of_r():
    """coxph(Surv(time, event == 1) ~ factor(stratum), cluster = case, ties = "breslow")$rscore"""
    test = survival.compare_log_rank(
        PEOPLE["time"], PEOPLE["one"], PEOPLE["stratum"], clusters=PEOPLE["case"]
    )
    np.testing.assert_allclose(test["statistic"], answer("robust_log_rank")["stat"], **CLOSE)


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("crr", {}),
        ("finegray", {"ties": "efron"}),
        ("finegray_case", {"ties": "efron", "cluster": "case"}),
    ],
)
def test_fine_and_gray_is_that_of_r(kind, more):
    """cmprsk::crr(time, event, cbind(x, g)); coxph(..., weights = fgwt, cluster) of finegray"""
    check_fit(regression.fit_fine_gray(PEOPLE, TERMS, stop="time", **more), kind)


def test_a_mean_by_clusters_is_that_of_r():
    """residuals(survfit, times = 20, type = "rmst") summed by case"""
    mean = survival.estimate_clustered_mean(
        PEOPLE["time"], PEOPLE["one"], 20, clusters=PEOPLE["case"]
    ).iloc[0]
    expected = answer("mean")
    np.testing.assert_allclose(
        [mean["value"], mean["std_error"]], [expected["value"][0], expected["se"][0]], **CLOSE
    )


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize(
    ("fit", "kind"),
    [
        (regression.fit_andersen_gill, "ag"),
        (regression.fit_pwp_total, "pwp_total"),
        (regression.fit_pwp_gap, "pwp_gap"),
    ],
)
def test_regressions_of_repeated_events_are_those_of_r(fit, kind, ties):
    """coxph(Surv(start, stop, event) ~ rx + number + size [+ strata(enum)], cluster = id)"""
    spells = SPELLS.rename(columns={"number": "tumours"})
    check_fit(fit(spells, ["rx", "tumours", "size"], person="id", ties=ties), f"{kind}_{ties}")


def test_wei_lin_and_weissfeld_is_that_of_r():
    """coxph(Surv(stop, event) ~ rx + number + size + strata(enum), bladder, cluster = id)"""
    spells = SPELLS.rename(columns={"number": "tumours"})
    check_fit(
        regression.fit_wei_lin_weissfeld(spells, ["rx", "tumours", "size"], person="id"), "wlw"
    )


def check_frailty(table: pd.DataFrame, kind: str, **close: float) -> None:
    expected = answer(kind)
    for column, name in (("coefficient", "coef"), ("std_error", "se")):
        np.testing.assert_allclose(table[column], expected[name], **close, err_msg=name)
    likelihood = table["log_likelihood"].iloc[0]
    np.testing.assert_allclose(likelihood, expected["likelihood"][0], rtol=1e-8)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("theta", [0.1, 1])
def test_a_frailty_of_known_variance_is_that_of_r(ties, theta):
    """coxph(Surv(entry, time, event == 1) ~ x + g + frailty(case, theta = theta), ties)"""
    found = regression.fit_frailty(
        PEOPLE, TERMS, group="case", stop="time", event="one", start="entry", theta=theta, ties=ties
    )
    check_frailty(found, f"frailty_{ties}_{theta:g}", **ITERATIVE)


def test_the_variance_of_a_frailty_is_that_of_r():
    """coxph(Surv(time, status) ~ age + sex + frailty(id, eps = 1e-11), kidney): the top is so flat
    that R's search and this one stop a millionth apart."""
    found = regression.fit_frailty(KIDNEY, ["age", "sex"], group="id", stop="time", event="status")
    check_frailty(found, "frailty_kidney", rtol=1e-5)
    np.testing.assert_allclose(found["theta"], answer("frailty_kidney")["theta"][0], rtol=1e-5)


def test_the_mean_cumulative_function_is_that_of_r():
    """survfit(Surv(start, stop, event) ~ 1, id)$cumhaz and std.chaz: Lawless and Nadeau"""
    found = survival.estimate_mean_cumulative(
        SPELLS["stop"], SPELLS["event"], SPELLS["id"], entry=SPELLS["start"]
    )
    expected = answer("mean_cumulative")
    for column, name in (("time", "time"), ("value", "value"), ("std_error", "se")):
        np.testing.assert_allclose(found[column], expected[name], **CLOSE)


def test_negative_binomial_rates_are_those_of_r():
    """MASS::glm.nb(n ~ rx + size + offset(log(years)))"""
    people = SPELLS.groupby("id").agg(
        rx=("rx", "first"), size=("size", "first"), n=("event", "sum"), years=("stop", "max")
    )
    people = people[people["years"] > 0].assign(years=people["years"] / 12).reset_index()
    found, expected = regression.estimate_rates(people, ["rx", "size"]), answer("negative_binomial")
    np.testing.assert_allclose(found["coefficient"], expected["coef"], **ITERATIVE)
    np.testing.assert_allclose(found["std_error"], expected["se"], **ITERATIVE)
    np.testing.assert_allclose(found["dispersion"].iloc[0], expected["dispersion"], **ITERATIVE)


@pytest.mark.parametrize("at", [5, 12, 30])
def test_multi_state_shares_are_those_of_r(at):
    """survfit(Surv(start, stop, to) ~ 1, id = person, istate = state)$pstate and std.err"""
    states = ["view", "aid", "again", "left"]
    found = survival.estimate_multi_state(MOVES, states, [at])
    expected = answer(f"states_{at}")
    np.testing.assert_allclose(found["probability"], expected["probability"], **CLOSE)
    np.testing.assert_allclose(found["std_error"], expected["se"], **CLOSE)


def test_adjusted_p_values_are_those_of_r():
    """p.adjust(p, method)"""
    p = pd.Series([0.01, 0.04, 0.03, np.nan, 0.005, 0.2, 0.04])
    for method, expected in answer("adjust").items():
        adjusted = regression.adjust_p_values(p, method=method)
        assert np.isnan(adjusted[3])
        np.testing.assert_allclose(adjusted.dropna(), expected, **CLOSE)


def test_e_values_are_those_of_the_paper():
    """VanderWeele and Ding 2017 (Annals of Internal Medicine 167, 268): a risk ratio of 3.9 (1.8 to
    8.7) has an E-value of 7.26, and its limit 3.0; a protective 0.80 (0.71 to 0.91) 1.81 and
    1.43."""
    high = regression.find_e_value(3.9, lower=1.8, upper=8.7).iloc[0]
    low = regression.find_e_value(0.80, lower=0.71, upper=0.91).iloc[0]
    assert high.round(2).tolist() == [7.26, 3.0]
    assert low.round(2).tolist() == [1.81, 1.43]
    assert regression.find_e_value(1.5, lower=0.9, upper=2.0)["of_limit"][0] == 1
