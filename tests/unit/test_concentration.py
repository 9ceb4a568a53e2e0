"""How unevenly incidents fall on people, and how soon: by hand, by law, and on odd inputs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers import repeats, survival
from helpers.edition import BadInput
from helpers.repeats import concentration


def draw(seed: int = 1) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def test_lorenz_and_gini_by_hand():
    """0, 0, 1, 3: the sum of |x - y| over all pairs is 20, over 2 n squared times the mean (32) it
    is the Gini coefficient. The top tenth lies within the one
    with 3 of 4 incidents: .1 / .25 of 3/4."""
    curve = repeats.trace_lorenz(np.array([3, 0, 1, 0]))
    assert curve["share_of_people"].tolist() == [0, 0.5, 0.75, 1]
    assert curve["share_of_incidents"].tolist() == [0, 0, 0.25, 1]
    table = repeats.estimate_concentration(np.array([3, 0, 1, 0] * 5), rng=draw(), draws=50)
    assert table["value"].tolist() == pytest.approx([20 / 32, 0.3])


def test_everybody_the_same_number_is_no_concentration():
    table = repeats.estimate_concentration(np.full(40, 2), rng=draw(), draws=50)
    assert table["value"].tolist() == pytest.approx([0, 0.1])
    assert (table["by_chance"] > table["value"]).all()


def test_one_person_with_a_thousand_incidents():
    counts = np.array([1000, *[0] * 99])
    table = repeats.estimate_concentration(counts, rng=draw(), draws=50)
    assert table["value"].tolist() == pytest.approx([0.99, 1.0])
    assert np.isfinite(table.drop(columns="category").to_numpy(dtype=float)).all()


def test_incidents_by_chance_are_as_uneven_as_chance():
    """Poisson of equal risk: the Gini lies within what chance gives, and a tenth of the rate with
    tenfold frailty does not."""
    counts = draw().poisson(0.7, 800)
    found = repeats.estimate_concentration(counts, rng=draw(2), draws=300).iloc[0]
    assert found["chance_lower"] < found["value"] < found["chance_upper"]
    frail = draw().poisson(draw(3).gamma(0.3, 0.7 / 0.3, 800))
    found = repeats.estimate_concentration(frail, rng=draw(2), draws=300).iloc[0]
    assert found["value"] > found["chance_upper"] and found["ci_lower"] > found["chance_upper"]


def test_many_people_are_drawn_by_the_same_law(monkeypatch):
    """Those who are alike drawn together, or each alone: the limits of 800 draws differ by chance
    alone, whose error is some .002; without cases, and with cases of several people, too."""
    case = draw(5).integers(0, 200, 600)
    counts = draw(6).poisson(draw(7).gamma(0.5, 1.0, 200)[case])
    columns = ["ci_lower", "ci_upper", "by_chance", "chance_lower", "chance_upper"]
    found = {}
    for many in (10**9, 10):
        monkeypatch.setattr(concentration, "MANY", many)
        table = repeats.estimate_concentration(counts, rng=draw(), clusters=case, draws=800)
        found[many] = table[columns].to_numpy()
    np.testing.assert_allclose(found[10], found[10**9], atol=0.01)
    assert (found[10] != found[10**9]).any()


def test_clusters_are_alike_where_the_same_people_are_in_them():
    cluster, cell = np.array([0, 0, 1, 2, 2, 3, 4, 4]), np.array([5, 7, 5, 5, 7, 7, 5, 9])
    kind = concentration._find_kinds(cluster, cell)
    assert kind[0] == kind[2] and len(set(kind)) == 4


def test_what_is_dealt_evenly_is_all_dealt():
    """As many people and incidents as there are, and the numbers of Poisson's law: of a million at
    a mean of 1.5, 22.313 percent meet none, within 4 standard errors."""
    for incidents in (1, 7, 1_500_000):
        numbers, people = concentration._deal_evenly(1_000_000, incidents)(draw())
        assert people.sum() == 1_000_000 and numbers @ people == incidents and (people >= 0).all()
    assert people[0] == pytest.approx(223_130, abs=4 * np.sqrt(1e6 * 0.22313 * 0.77687))


def test_few_cases_have_no_limits_and_nobody_is_a_sentence():
    counts, case = np.array([1, 2, 0, 3] * 3), np.arange(12) // 2
    table = repeats.estimate_concentration(counts, rng=draw(), clusters=case, draws=20)
    assert table[["ci_lower", "ci_upper"]].isna().all(axis=None)
    for empty in (np.zeros(5, dtype=int), np.array([], dtype=int)):
        with pytest.raises(BadInput, match="nobody met an incident"):
            repeats.estimate_concentration(empty, rng=draw())
    with pytest.raises(BadInput, match="2 people have no follow-up"):
        repeats.estimate_concentration(
            np.array([1, 1, 1]), rng=draw(), years=np.array([1.0, 0.0, np.nan])
        )


def make_spells() -> pd.DataFrame:
    """One person: index incident, again on day 20 and day 100, followed to day 120 (months are
    30.4375 days); another one without, followed for 40 days."""
    return pd.DataFrame(
        [(1, 0, 20, 1, 1, 1), (1, 20, 100, 1, 1, 2), (1, 100, 120, 0, 0, 3), (2, 0, 40, 0, 0, 1)],
        columns=["person", "start", "stop", "event", "n_repeats", "number"],
    )


def test_the_rate_since_the_last_incident_by_hand():
    """Month 1: 20 + 30.4375 + 20 + 30.4375 days, one event (day 20); month 3: 80 - 60.875 days and
    one event after 80 days."""
    table = repeats.estimate_rate_since(make_spells(), months=6).set_index("month")
    assert table["n_events"].to_dict() == {1: 1, 2: 0, 3: 1}
    assert table.loc[1, "person_years"] * 365.25 == pytest.approx(100.875)
    assert table.loc[3, "person_years"] * 365.25 == pytest.approx(19.125)
    assert table.loc[1, "value"] == pytest.approx(365.25 / 100.875)
    assert table.loc[2, "value"] == 0 and np.isnan(table.loc[2, "ci_upper"])


def test_no_recurrence_at_all():
    """No event: 0, without limits or traceback; a horizon beyond the follow-up: a sentence."""
    spells = make_spells().assign(event=0, n_repeats=0)
    assert repeats.estimate_rate_since(spells)["value"].eq(0).all()
    given = [spells[name] for name in ("stop", "event", "person")]
    table = survival.estimate_mean_cumulative(*given, entry=spells["start"], at=np.array([50]))
    assert table["value"].tolist() == [0] and table["n_at_risk"].tolist() == [1]
    with pytest.raises(BadInput, match="1 of the times lie beyond"):
        survival.estimate_mean_cumulative(*given, entry=spells["start"], at=np.array([50, 5000]))
    with pytest.raises(BadInput, match="nobody is followed"):
        repeats.estimate_rate_since(spells.iloc[:0])
