"""Survival estimators against R 4.2.2 with survival 3.5-3, on ten data sets with ties, late entry
and two competing causes.

`survival_cases.csv` holds the data and R's answers, made by: set.seed(20201231); survfit(Surv(time,
event == 1) ~ 1, conf.type = "log-log"); survfit(Surv(entry, time, event == 1) ~ 1, conf.type =
"log-log"); survfit(Surv(time, factor(event)) ~ 1), whose std.err is that of the state
probabilities; survdiff(Surv(time, event == 1) ~ group)$chisq. Standard errors of survival are
Greenwood's (R's std.err times surv)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.edition import BadInput
from helpers.regression import compare_over_time, estimate_cox
from helpers.survival import (
    compare_gray,
    compare_log_rank,
    estimate_aalen_johansen,
    estimate_kaplan_meier,
    estimate_restricted_mean,
    find_quantile,
)

ROWS = pd.read_csv(Path(__file__).with_name("survival_cases.csv"), encoding="utf-8")
CASES = sorted(ROWS["case"].unique())
CLOSE = {"rtol": 1e-8, "atol": 1e-10}


def read(case: int, kind: str) -> dict[str, np.ndarray]:
    chosen = ROWS[(ROWS["case"] == case) & (ROWS["kind"] == kind)]
    return {
        name: part.sort_values("place")["value"].to_numpy(dtype=float)
        for name, part in chosen.groupby("name")
    }


@pytest.mark.parametrize("kind", ["km", "km_entry"])
@pytest.mark.parametrize("case", CASES)
def test_kaplan_meier_is_that_of_r(case, kind):
    data, expected = read(case, "data"), read(case, kind)
    curve = estimate_kaplan_meier(
        data["time"], data["event"] == 1, entry=data["entry"] if kind == "km_entry" else None
    )
    curve = curve[curve["n_events"] > 0]
    np.testing.assert_allclose(curve["time"], expected["time"])
    np.testing.assert_array_equal(curve["n_at_risk"], expected["n.risk"])
    np.testing.assert_allclose(curve["survival"], expected["surv"], **CLOSE)
    positive = curve["survival"].to_numpy() > 1e-12
    for column, name in (("std_error", "std.err"), ("ci_lower", "lower"), ("ci_upper", "upper")):
        np.testing.assert_allclose(
            curve[column].to_numpy()[positive], expected[name][positive], **CLOSE
        )


@pytest.mark.parametrize("case", [case for case in CASES if read(case, "aj")])
def test_aalen_johansen_is_that_of_r(case):
    data, expected = read(case, "data"), read(case, "aj")
    table = estimate_aalen_johansen(data["time"], data["event"])
    for cause in (1, 2):
        own = table[table["cause"] == cause]
        np.testing.assert_allclose(own["time"], expected["time"])
        np.testing.assert_allclose(own["incidence"], expected[f"cause{cause}"], **CLOSE)
        at_risk_left = (
            own["n_at_risk"].to_numpy() > table.groupby("time")["n_events"].sum().to_numpy()
        )
        np.testing.assert_allclose(
            own["std_error"].to_numpy()[at_risk_left],
            expected[f"std{cause}"][at_risk_left],
            **CLOSE,
        )


@pytest.mark.parametrize("case", CASES)
def test_the_log_rank_test_is_that_of_r(case):
    data, expected = read(case, "data"), read(case, "log_rank")
    np.testing.assert_allclose(
        compare_log_rank(data["time"], data["event"] == 1, data["group"])["statistic"],
        expected["chisq"],
        **CLOSE,
    )


# Laws, and bad input


@pytest.mark.parametrize("case", CASES)
def test_incidences_and_survival_add_to_one_and_row_order_changes_nothing(case):
    data = read(case, "data")
    table = estimate_aalen_johansen(data["time"], data["event"])
    survival = estimate_kaplan_meier(data["time"], data["event"] > 0)["survival"].to_numpy()
    np.testing.assert_allclose(
        table.groupby("time")["incidence"].sum().to_numpy() + survival, 1.0, atol=1e-12
    )
    order = np.random.Generator(np.random.PCG64(case)).permutation(len(data["time"]))
    pd.testing.assert_frame_equal(
        estimate_aalen_johansen(data["time"][order], data["event"][order]), table, check_exact=True
    )


def test_no_event_all_events_and_one_person():
    assert estimate_kaplan_meier(np.array([3, 5]), np.array([0, 0]))["survival"].tolist() == [1, 1]
    everybody = estimate_kaplan_meier(np.array([3, 5]), np.array([1, 1]))
    assert everybody["survival"].tolist() == [0.5, 0] and np.isnan(everybody["ci_lower"].iloc[-1])
    assert find_quantile(estimate_kaplan_meier(np.array([7]), np.array([1]))) == 7 and np.isnan(
        find_quantile(estimate_kaplan_meier(np.array([7]), np.array([0])))
    )


@pytest.mark.parametrize(
    ("time", "event", "entry", "message"),
    [
        ([3, 5], [1, 2], None, "1 event codes other than 0, 1"),
        ([-1, 5], [1, 0], None, "1 negative times"),
        ([3, np.nan], [1, 0], None, "1 missing or endless times"),
        ([3, 5], [1, 0], [4, 0], "1 entries on or after the exit"),
        ([], [], None, "nobody is followed"),
    ],
)
def test_what_cannot_be_estimated_is_named(time, event, entry, message):
    with pytest.raises(BadInput, match=message):
        estimate_kaplan_meier(
            np.array(time, dtype=float),
            np.array(event, dtype=int),
            entry=None if entry is None else np.array(entry),
        )


def test_a_comparison_needs_two_groups():
    with pytest.raises(BadInput, match="two groups"):
        compare_log_rank(np.array([1, 2]), np.array([1, 1]), np.array(["a", "a"]))


# What R's survival and cmprsk answer to survival_cases.R


ANSWERS = pd.read_csv(Path(__file__).with_name("survival_answers.csv"), encoding="utf-8")


def answer(case: int, kind: str) -> dict[str, np.ndarray]:
    """R's answers; {} where R had none (a cause that does not occur, a fit that does not
    converge)."""
    chosen = ANSWERS[(ANSWERS["case"] == case) & (ANSWERS["kind"] == kind)]
    return {
        name: part.sort_values("place")["value"].to_numpy(dtype=float)
        for name, part in chosen.groupby("name")
    }


def read_all(case: int) -> dict[str, np.ndarray]:
    """The data of a case, with the weights, clusters, strata and covariates that survival_cases.R
    derives from the places."""
    data = read(case, "data")
    place = np.arange(len(data["time"]))
    return data | {
        "one": (data["event"] == 1).astype(int),
        "weight": 1 + place % 3 / 2,
        "cluster": place // 2,
        "stratum": place % 2,
        "id": place,
        "x": place * 7 % 11 / 10,
        "g": (data["group"] == data["group"].max()).astype(float),
    }


@pytest.mark.parametrize("kind", ["km_weights", "km_entry_weights"])
@pytest.mark.parametrize("case", CASES)
def test_kaplan_meier_with_case_weights_is_that_of_r(case, kind):
    """survfit(Surv([entry,] time, event == 1) ~ 1, weights, robust = FALSE, conf.type = "log-log"):
    Greenwood's variance."""
    data, expected = read_all(case), answer(case, kind)
    curve = estimate_kaplan_meier(
        data["time"],
        data["one"],
        entry=data["entry"] if "entry" in kind else None,
        weights=data["weight"],
    )
    curve = curve[curve["n_events"] > 0]
    np.testing.assert_allclose(curve["survival"], expected["surv"], **CLOSE)
    np.testing.assert_allclose(curve["n_at_risk"], expected["n.risk"], **CLOSE)
    positive = curve["survival"].to_numpy()[: len(expected["std.err"])] > 1e-12
    for column, name in (("std_error", "std.err"), ("ci_lower", "lower"), ("ci_upper", "upper")):
        np.testing.assert_allclose(
            curve[column].to_numpy()[: len(positive)][positive],
            expected[name][positive[: len(expected[name])]],
            **CLOSE,
        )


@pytest.mark.parametrize("kind", ["km_robust", "km_entry_robust"])
@pytest.mark.parametrize("case", CASES)
def test_the_robust_variance_of_kaplan_meier_is_that_of_r(case, kind):
    """survfit(Surv([entry,] time, event == 1) ~ 1, weights, cluster, robust = TRUE): the
    infinitesimal jackknife."""
    data, expected = read_all(case), answer(case, kind)
    entry = data["entry"] if "entry" in kind else None
    more = {"entry": entry, "weights": data["weight"], "clusters": data["cluster"]}
    curve = estimate_kaplan_meier(data["time"], data["one"], **more)
    # Where nobody is left R's error is nought; the curve says nothing of it.
    errors = np.concatenate([[0.0], curve["std_error"].fillna(0)])
    found = errors[np.searchsorted(curve["time"], expected["time"], side="right")]
    np.testing.assert_allclose(found, expected["std.err"], **CLOSE)


@pytest.mark.parametrize("kind", ["aj_entry", "aj_robust", "aj_entry_robust"])
@pytest.mark.parametrize("case", [case for case in CASES if answer(case, "aj_entry")])
def test_aalen_johansen_with_entry_weights_and_clusters_is_that_of_r(case, kind):
    """survfit(Surv([entry,] time, state) ~ 1, [weights, cluster,] id)$pstate and std.err: the
    infinitesimal jackknife, which without weights and clusters is the delta method's."""
    data, expected = read_all(case), answer(case, kind)
    more = {"weights": data["weight"], "clusters": data["cluster"]} if "robust" in kind else {}
    table = estimate_aalen_johansen(
        data["time"], data["event"], entry=data["entry"] if "entry" in kind else None, **more
    )
    for cause in (1, 2):
        own = table[(table["cause"] == cause) & table["time"].isin(expected["time"])]
        np.testing.assert_allclose(own["incidence"], expected[f"cause{cause}"], **CLOSE)
        np.testing.assert_allclose(own["std_error"], expected[f"std{cause}"], **CLOSE)


@pytest.mark.parametrize("case", CASES)
def test_what_is_read_from_a_curve_is_that_of_r(case):
    """summary(survfit, rmean = until)$table; quantile(survfit, c(0.25, 0.5)) with its limits."""
    data, expected = read_all(case), answer(case, "read")
    curve = estimate_kaplan_meier(data["time"], data["one"])
    mean = estimate_restricted_mean(curve, float(expected["until"][0])).iloc[0]
    np.testing.assert_allclose(
        [mean["value"], mean["std_error"]], [expected["rmean"][0], expected["se"][0]], **CLOSE
    )
    for column, name in (("survival", "quantile"), ("ci_lower", "lower"), ("ci_upper", "upper")):
        own = np.array([find_quantile(curve, share, column=column) for share in (0.25, 0.5)])
        np.testing.assert_allclose(own[~np.isnan(own)], expected.get(name, np.array([])))


@pytest.mark.parametrize("case", CASES)
def test_the_stratified_log_rank_test_is_that_of_r(case):
    """survdiff(Surv(time, event == 1) ~ group + strata(stratum))"""
    data, expected = read_all(case), answer(case, "log_rank_strata")
    test = compare_log_rank(data["time"], data["one"], data["group"], strata=data["stratum"]).iloc[
        0
    ]
    np.testing.assert_allclose(
        [test["statistic"], test["degrees_of_freedom"]],
        [expected["chisq"][0], expected["df"][0]],
        **CLOSE,
    )


@pytest.mark.parametrize("case", [case for case in CASES if answer(case, "gray")])
def test_grays_test_is_that_of_r(case):
    """cmprsk::cuminc(time, event, group, cencode = 0)$Tests"""
    data, expected = read_all(case), answer(case, "gray")
    tests = [
        compare_gray(data["time"], data["event"], data["group"], cause=cause).iloc[0]
        for cause in (1, 2)
    ]
    np.testing.assert_allclose(
        [test["statistic"] for test in tests], [expected["stat1"][0], expected["stat2"][0]], **CLOSE
    )
    np.testing.assert_allclose(
        [tests[0]["p_value"], tests[0]["degrees_of_freedom"]],
        [expected["p1"][0], expected["df1"][0]],
        **CLOSE,
    )


ITERATIVE = {"rtol": 1e-6, "atol": 1e-8}


@pytest.mark.parametrize("kind", ["cox", "cox_entry"])
@pytest.mark.parametrize("case", CASES)
def test_cox_regression_is_that_of_r(case, kind):
    """coxph(Surv([entry,] time, event == 1) ~ x + g[, cluster]), Efron; vcov model-based and by
    cluster; cox.zph(transform = "identity")"""
    data, expected = read_all(case), answer(case, kind)
    rows, entry = pd.DataFrame(data), "entry" if "entry" in kind else None
    table = estimate_cox(rows, ["x", "g"], stop="time", event="one", start=entry, cluster="cluster")
    for column, name in (
        ("coefficient", "coef"),
        ("std_error", "se"),
        ("robust_std_error", "robust"),
    ):
        np.testing.assert_allclose(table[column], expected[name], **ITERATIVE)
    over_time = compare_over_time(rows, ["x", "g"], stop="time", event="one", start=entry)
    np.testing.assert_allclose(over_time["statistic"], expected["zph"], **ITERATIVE)


@pytest.mark.parametrize("case", [case for case in CASES if answer(case, "cox_time_dependent")])
def test_cox_regression_with_a_covariate_that_changes_is_that_of_r(case):
    """coxph(Surv(start, stop, event) ~ x + I(late * x), cluster), two rows a person: before and
    after half of the time"""
    data, expected = pd.DataFrame(read_all(case)), answer(case, "cox_time_dependent")
    half = np.floor(data["time"] / 2)
    early = data.assign(
        start=np.where(half > 0, 0, -1),
        stop=np.where(half > 0, half, data["time"]),
        event=np.where(half > 0, 0, data["one"]),
        late=0.0,
    )
    later = data.assign(start=half, stop=data["time"], event=data["one"], late=data["x"])[half > 0]
    table = estimate_cox(
        pd.concat([early, later]), ["x", "late"], stop="stop", start="start", cluster="cluster"
    )
    for column, name in (
        ("coefficient", "coef"),
        ("std_error", "se"),
        ("robust_std_error", "robust"),
    ):
        np.testing.assert_allclose(table[column], expected[name], **ITERATIVE)


# Laws, and bad input


@pytest.mark.parametrize("case", [case for case in CASES if answer(case, "aj_entry")])
def test_row_order_changes_no_bit_with_entry_weights_clusters_and_covariates(case):
    data = read_all(case)
    order = np.random.Generator(np.random.PCG64(case)).permutation(len(data["time"]))
    mixed = {name: values[order] for name, values in data.items()}

    def run(rows):
        more = {"entry": rows["entry"], "weights": rows["weight"], "clusters": rows["cluster"]}
        frame = pd.DataFrame(rows)
        return [
            estimate_aalen_johansen(rows["time"], rows["event"], **more),
            estimate_kaplan_meier(
                rows["time"], rows["one"], entry=rows["entry"], weights=rows["weight"]
            ),
            estimate_cox(
                frame, ["x", "g"], stop="time", event="one", start="entry", cluster="cluster"
            ),
            compare_over_time(frame, ["x", "g"], stop="time", event="one"),
            compare_gray(rows["time"], rows["event"], rows["group"]),
            compare_log_rank(rows["time"], rows["one"], rows["group"], strata=rows["stratum"]),
        ]

    for own, expected in zip(run(mixed), run(data)):
        pd.testing.assert_frame_equal(own, expected, check_exact=True)


def test_everybody_in_a_cluster_of_their_own_is_the_variance_without_clusters():
    """The infinitesimal jackknife of Kaplan-Meier without weights and late entry is Greenwood's."""
    data = read_all(int(CASES[2]))
    curve = estimate_kaplan_meier(data["time"], data["one"])
    own = estimate_kaplan_meier(data["time"], data["one"], clusters=np.arange(len(data["time"])))
    ends = curve["survival"] > 0
    np.testing.assert_allclose(own["std_error"][ends], curve["std_error"][ends], rtol=1e-9)


def test_a_restricted_mean_beyond_the_follow_up_is_refused():
    with pytest.raises(BadInput, match="nobody is followed for 9"):
        estimate_restricted_mean(estimate_kaplan_meier(np.array([3, 5]), np.array([1, 0])), 9)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1.0, 0.0], "1 weights that are not positive"),
        ([1.0, -2.0], "1 weights"),
        ([1.0, np.nan], "1 weights"),
    ],
)
def test_weights_must_be_positive(weights, message):
    with pytest.raises(BadInput, match=message):
        estimate_kaplan_meier(np.array([3, 5]), np.array([1, 0]), weights=np.array(weights))


def test_an_entry_on_the_day_of_exit_is_no_follow_up():
    with pytest.raises(BadInput, match="1 entries on or after the exit"):
        estimate_kaplan_meier(np.array([3, 5]), np.array([1, 0]), entry=np.array([3, 0]))


def test_groups_that_are_never_at_risk_together_cannot_be_compared():
    with pytest.raises(BadInput, match="nothing to compare"):
        compare_log_rank(np.array([1, 2, 8]), np.array([0, 0, 1]), np.array(["a", "a", "b"]))
    with pytest.raises(BadInput, match="nothing to compare"):
        compare_gray(np.array([1, 2, 8]), np.array([0, 0, 0]), np.array(["a", "a", "b"]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"event": 0}, "no event"),
        ({"event": [0, 1, 2, 0, 1, 0]}, "event codes other than 0, 1"),
        ({"x": 1.0}, "x is the same for everybody"),
        ({"x": [1, 0, 0, 1, 0, 1]}, "all events fall on one side of x"),
        ({"x": [np.nan, 1, 2, 3, 4, 5]}, "1 missing values"),
        ({"days": [-5, 2, 3, 4, 5, 6]}, "1 spells that end before they start"),
    ],
)
def test_what_a_regression_cannot_use_is_named(change, message):
    rows = pd.DataFrame(
        {"days": [1, 2, 3, 4, 5, 6], "event": [0, 1, 1, 0, 1, 0], "x": [0.2, 1, 0.5, 0.1, 0.9, 0.3]}
    ).assign(**change)
    with pytest.raises(BadInput, match=message):
        estimate_cox(rows, ["x"])


def test_complete_separation_has_no_finite_hazard_ratio():
    """The earlier the event the larger x, without exception: the likelihood rises for ever."""
    rows = pd.DataFrame(
        {"days": [1, 2, 3, 4, 5, 6], "event": 1, "x": [6.0, 5.0, 4.0, 3.0, 2.0, 1.0]}
    )
    with pytest.raises(BadInput, match="no finite answer"):
        estimate_cox(rows, ["x"])


def test_two_terms_that_repeat_each_other_are_refused():
    rows = pd.DataFrame(
        {"days": [1, 2, 3, 4, 5, 6], "event": [0, 1, 1, 0, 1, 0], "x": [0.2, 1, 0.5, 0.1, 0.9, 0.3]}
    )
    with pytest.raises(BadInput, match="repeat each other"):
        estimate_cox(rows.assign(y=2 * rows["x"]), ["x", "y"])
