"""Standardised curves, the long run by several models, and lifelines as second opinion."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers import survival
from helpers.edition import BadInput
from helpers.regression.opinion import compare_with_lifelines
from helpers.survival.long_run import MODELS, compare_long_run


def make_people(n: int = 4000, seed: int = 2) -> pd.DataFrame:
    """Risk depends on age alone; group b is older. Days to an event, death competes."""
    rng = np.random.Generator(np.random.PCG64(seed))
    group = np.where(rng.random(n) < 0.5, "a", "b")
    old = rng.random(n) < np.where(group == "b", 0.8, 0.3)
    again, died = rng.exponential(np.where(old, 300, 900)), rng.exponential(4000, n)
    left = rng.uniform(400, 1500, n)
    days = np.minimum(np.minimum(again, died), left)
    event = np.select([days == again, days == died], [1, 2], default=0)
    return pd.DataFrame(
        {
            "days": np.ceil(days).astype(int),
            "event": event,
            "group": group,
            "age": np.where(old, "old", "young"),
            "case": np.arange(n) // 2,
        }
    )


def test_weights_by_hand():
    """Everybody: half old. Group a: 1 of 4 old, weight 2; 3 young, weight 2/3. Group b the other
    way round."""
    people = pd.DataFrame(
        {
            "group": list("aaaabbbb"),
            "age": ["old", "young", "young", "young"] + ["old"] * 3 + ["young"],
        }
    )
    weights = survival.weigh_to_standard(people, "group", ["age"])
    assert weights.tolist() == pytest.approx([2, *[2 / 3] * 3, *[2 / 3] * 3, 2])
    balance = survival.describe_balance(people, "group", ["age"], weights)
    assert balance["weighted_share"].tolist() == pytest.approx([0.5] * 4)
    assert balance["weighted_difference"].abs().max() < 1e-12
    assert balance["difference"].abs().tolist() == pytest.approx([0.5] * 4)


def test_groups_that_differ_in_age_alone_are_alike_once_standardised():
    people = make_people()
    plain = {
        name: survival.describe_incidence(part["days"], part["event"])
        for name, part in people.groupby("group")
    }
    curves = survival.estimate_standardised(people, "group", ["age"], cluster="case")

    def read(curve: pd.DataFrame) -> float:
        return curve[curve["time"] <= 365]["incidence"].iloc[-1]

    gap = read(plain["b"]) - read(plain["a"])
    a, b = (read(curves[curves["group"] == name]) for name in "ab")
    assert gap > 0.15 and abs(b - a) < 0.03
    truth = 1 - np.mean([np.exp(-365 / 300) * 0.55 + np.exp(-365 / 900) * 0.45])
    assert a == pytest.approx(truth, abs=0.04)


def test_a_stratum_without_anybody_of_a_group_is_refused():
    people = make_people(200)
    people.loc[people["group"] == "a", "age"] = "young"
    with pytest.raises(BadInput, match="1 of 4 combinations of age and group have nobody"):
        survival.estimate_standardised(people, "group", ["age"])
    with pytest.raises(BadInput, match="3 people without a group or a trait"):
        survival.weigh_to_standard(
            people.assign(age=people["age"].where(people.index >= 3)), "group", ["age"]
        )


def make_long(n: int = 3000) -> pd.DataFrame:
    """Weibull times (shape .7), followed up to ten years; three years earlier the last entrants
    were not in view yet."""
    rng = np.random.Generator(np.random.PCG64(4))
    begun = rng.uniform(0, 3000, n)
    again = 4000 * rng.weibull(0.7, n)
    until = 3652 - begun
    days = np.ceil(np.minimum(again, until))
    return pd.DataFrame({"days": days, "event": again <= until, "known": until - 1096})


def test_the_long_run_of_several_models():
    """The data are Weibull's: it must come near the truth at ten and fifteen years, the band must
    hold it, and a model must not be chosen by anything but held-back years."""
    rows = make_long()
    horizons = [3652.5, 5478.75]
    table = compare_long_run(
        rows["days"], rows["event"], known_days=rows["known"], horizons=horizons
    )
    assert set(table["model"]) == {*MODELS, "any"}
    weibull = table[table["model"] == "weibull"].set_index("horizon")
    band = table[table["model"] == "any"].set_index("horizon")
    for horizon in horizons:
        truth = 1 - np.exp(-((horizon / 4000) ** 0.7))
        assert weibull.loc[horizon, "value"] == pytest.approx(truth, abs=0.03)
        assert band.loc[horizon, "ci_lower"] <= truth <= band.loc[horizon, "ci_upper"]
        own = table[(table["horizon"] == horizon) & (table["verdict"] == "fitted")]
        assert band.loc[horizon, "ci_lower"] == own["ci_lower"].min()
    fitted = table[table["verdict"] == "fitted"]
    assert np.isfinite(fitted[["value", "ci_lower", "ci_upper"]].to_numpy()).all()
    assert fitted["held_back_error"].between(0, 1).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [({"event": False}, "0 events; below 50"), ({"known": 9999.0}, "nothing is held back")],
)
def test_too_little_for_the_long_run_is_a_sentence(change, message):
    rows = make_long(300).assign(**change)
    with pytest.raises(BadInput, match=message):
        compare_long_run(rows["days"], rows["event"], known_days=rows["known"], horizons=[3652.5])


def test_lifelines_agrees_where_both_can_answer():
    rng = np.random.Generator(np.random.PCG64(6))
    people = make_people(800).assign(x=rng.normal(size=800), old=lambda t: (t["age"] == "old") * 1)
    table = compare_with_lifelines(people, ["x", "old"])
    assert table["verdict"].eq("agrees").all(), table
    assert set(table["due_to"]) == {"sums_rounded", "ties_shifted", "fewer_steps"}
