"""Survival estimators against R 4.2.2 with survival 3.5-3, on ten data sets with ties, late entry and two competing causes.

`survival_cases.csv` holds the data and R's answers, made by: set.seed(20201231); survfit(Surv(time, event == 1) ~ 1, conf.type = "log-log");
survfit(Surv(entry, time, event == 1) ~ 1, conf.type = "log-log"); survfit(Surv(time, factor(event)) ~ 1), whose std.err is that of the state
probabilities; survdiff(Surv(time, event == 1) ~ group)$chisq. Standard errors of survival are Greenwood's (R's std.err times surv).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.edition import BadInput
from helpers.survival import compare_log_rank, estimate_aalen_johansen, estimate_kaplan_meier, find_quantile

ROWS = pd.read_csv(Path(__file__).with_name("survival_cases.csv"), encoding="utf-8")
CASES = sorted(ROWS["case"].unique())
CLOSE = {"rtol": 1e-8, "atol": 1e-10}


def read(case: int, kind: str) -> dict[str, np.ndarray]:
    chosen = ROWS[(ROWS["case"] == case) & (ROWS["kind"] == kind)]
    return {name: part.sort_values("place")["value"].to_numpy(dtype=float) for name, part in chosen.groupby("name")}


@pytest.mark.parametrize("kind", ["km", "km_entry"])
@pytest.mark.parametrize("case", CASES)
def test_kaplan_meier_is_that_of_r(case, kind):
    data, expected = read(case, "data"), read(case, kind)
    curve = estimate_kaplan_meier(data["time"], data["event"] == 1, entry=data["entry"] if kind == "km_entry" else None)
    curve = curve[curve["n_events"] > 0]
    np.testing.assert_allclose(curve["time"], expected["time"])
    np.testing.assert_array_equal(curve["n_at_risk"], expected["n.risk"])
    np.testing.assert_allclose(curve["survival"], expected["surv"], **CLOSE)
    positive = curve["survival"].to_numpy() > 1e-12
    for column, name in (("std_error", "std.err"), ("ci_lower", "lower"), ("ci_upper", "upper")):
        np.testing.assert_allclose(curve[column].to_numpy()[positive], expected[name][positive], **CLOSE)


@pytest.mark.parametrize("case", [case for case in CASES if read(case, "aj")])
def test_aalen_johansen_is_that_of_r(case):
    data, expected = read(case, "data"), read(case, "aj")
    table = estimate_aalen_johansen(data["time"], data["event"])
    for cause in (1, 2):
        own = table[table["cause"] == cause]
        np.testing.assert_allclose(own["time"], expected["time"])
        np.testing.assert_allclose(own["incidence"], expected[f"cause{cause}"], **CLOSE)
        at_risk_left = own["n_at_risk"].to_numpy() > table.groupby("time")["n_events"].sum().to_numpy()
        np.testing.assert_allclose(own["std_error"].to_numpy()[at_risk_left], expected[f"std{cause}"][at_risk_left], **CLOSE)


@pytest.mark.parametrize("case", CASES)
def test_the_log_rank_test_is_that_of_r(case):
    data, expected = read(case, "data"), read(case, "log_rank")
    np.testing.assert_allclose(compare_log_rank(data["time"], data["event"] == 1, data["group"])["statistic"], expected["chisq"], **CLOSE)


# Laws, and bad input


@pytest.mark.parametrize("case", CASES)
def test_incidences_and_survival_add_to_one_and_row_order_changes_nothing(case):
    data = read(case, "data")
    table = estimate_aalen_johansen(data["time"], data["event"])
    survival = estimate_kaplan_meier(data["time"], data["event"] > 0)["survival"].to_numpy()
    np.testing.assert_allclose(table.groupby("time")["incidence"].sum().to_numpy() + survival, 1.0, atol=1e-12)
    order = np.random.Generator(np.random.PCG64(case)).permutation(len(data["time"]))
    pd.testing.assert_frame_equal(estimate_aalen_johansen(data["time"][order], data["event"][order]), table, check_exact=True)


def test_no_event_all_events_and_one_person():
    assert estimate_kaplan_meier(np.array([3, 5]), np.array([0, 0]))["survival"].tolist() == [1, 1]
    everybody = estimate_kaplan_meier(np.array([3, 5]), np.array([1, 1]))
    assert everybody["survival"].tolist() == [0.5, 0] and np.isnan(everybody["ci_lower"].iloc[-1])
    assert find_quantile(estimate_kaplan_meier(np.array([7]), np.array([1]))) == 7 and np.isnan(find_quantile(estimate_kaplan_meier(np.array([7]), np.array([0]))))


@pytest.mark.parametrize(("time", "event", "entry", "message"), [
    ([3, 5], [1, 2], None, "1 event codes other than 0, 1"), ([-1, 5], [1, 0], None, "1 negative times"), ([3, np.nan], [1, 0], None, "1 missing times"),
    ([3, 5], [1, 0], [4, 0], "1 entries after the exit"), ([], [], None, "nobody is followed"),
])
def test_what_cannot_be_estimated_is_named(time, event, entry, message):
    with pytest.raises(BadInput, match=message):
        estimate_kaplan_meier(np.array(time, dtype=float), np.array(event, dtype=int), entry=None if entry is None else np.array(entry))


def test_a_comparison_needs_two_groups():
    with pytest.raises(BadInput, match="two groups"):
        compare_log_rank(np.array([1, 2]), np.array([1, 1]), np.array(["a", "a"]))
