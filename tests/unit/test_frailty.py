"""Frailties that people of a group share, and leverage of few clusters: laws, and odd inputs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers import regression
from helpers.edition import BadInput
from helpers.regression.engine import (
    Columns,
    RiskSets,
    find_information,
    fit,
    read_rows,
    sum_information,
)


def make_alike(groups: int = 20) -> pd.DataFrame:
    """Groups of six that are more alike than chance would make them: each has one of every time."""
    days = np.tile(np.arange(1, 7), groups)
    x = np.random.Generator(np.random.PCG64(1)).integers(0, 2, len(days))
    case = np.repeat(np.arange(groups), 6)
    return pd.DataFrame({"days": days, "event": 1, "x": x, "case": case})


def make_unlike(groups: int = 60, variance: float = 1.0) -> pd.DataFrame:
    rng = np.random.Generator(np.random.PCG64(2))
    case = np.repeat(np.arange(groups), 8)
    x = rng.integers(0, 2, len(case))
    rate = rng.gamma(1 / variance, variance, groups)[case] * np.exp(0.7 * x)
    days = np.ceil(rng.exponential(300 / rate))
    rows = pd.DataFrame({"days": days.clip(max=700), "event": (days <= 700) * 1, "x": x})
    return rows.assign(case=case)


def test_groups_that_do_not_differ_have_no_frailty():
    rows = make_alike()
    found, plain = regression.fit_frailty(rows, ["x"], group="case"), regression.estimate_cox(rows, ["x"])  # fmt: skip
    assert found["theta"].eq(0).all()
    np.testing.assert_allclose(found["coefficient"], plain["coefficient"], rtol=1e-9)


def test_a_planted_variance_is_found_and_a_larger_likelihood_than_beside_it():
    rows = make_unlike()
    found = regression.fit_frailty(rows, ["x"], group="case").iloc[0]
    assert 0.5 < found["theta"] < 2 and found["coefficient"] == pytest.approx(0.7, abs=0.25)
    for beside in (0.9, 1.1):
        other = regression.fit_frailty(rows, ["x"], group="case", theta=beside * found["theta"])
        assert other["log_likelihood"].iloc[0] < found["log_likelihood"]


def test_the_order_of_rows_and_the_names_of_groups_change_nothing():
    rows = make_unlike(20)
    mixed = rows.sample(frac=1, random_state=3).assign(case=lambda t: "g" + t["case"].astype(str))
    first, other = (regression.fit_frailty(part, ["x"], group="case", theta=0.8) for part in (rows, mixed))  # fmt: skip
    np.testing.assert_allclose(first["coefficient"], other["coefficient"], rtol=1e-9)


@pytest.mark.parametrize(
    ("change", "more", "message"),
    [
        ({"case": 1}, {}, "one group"),
        ({"case": [np.nan, *[1, 2] * 9, 1]}, {}, "1 rows without cluster"),
        ({}, {"theta": -1.0}, "variance is 0 or more"),
        ({"event": 0}, {}, "no event"),
    ],
)
def test_a_frailty_that_cannot_be_estimated_is_refused_in_a_sentence(change, more, message):
    rows = make_alike(5).head(20).assign(**change)
    with pytest.raises(BadInput, match=message):
        regression.fit_frailty(rows, ["x"], group="case", **more)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_the_parts_of_clusters_add_up_to_the_information(ties):
    rows = make_unlike(12).assign(y=lambda t: t["days"] % 3)
    data = read_rows(rows, ["x", "y"], Columns(cluster="case"))
    sets = RiskSets(data)
    _, steps, _ = fit(data, sets, ["x", "y"], ties=ties)
    parts = sum_information(data, sets, steps, data.cluster)
    np.testing.assert_allclose(parts.sum(axis=0), find_information(data, sets, steps), rtol=1e-9)
    assert (np.linalg.eigvalsh(parts) >= -1e-9).all()


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_limits_of_few_clusters_are_wider_than_their_error_alone_and_of_many_are_not(ties):
    def find_ratio(groups: int) -> float:
        fitted = regression.estimate_cox(make_unlike(groups), ["x"], cluster="case", ties=ties)
        width = np.log(fitted["ci_upper"] / fitted["hazard_ratio"])
        return float((width / fitted["robust_std_error"]).iloc[0])

    # t with 11 degrees of freedom times the root of 12 / 11 is 2.299; leverage widens it further.
    assert 2.31 < find_ratio(12) < 2.8
    assert find_ratio(220) == pytest.approx(1.959964, abs=1e-6)
