"""The long view on a hand-made set of facts; every count was derived by hand."""

import pandas as pd
import pytest

from helpers.signalling import (
    compare_detection,
    compare_spell_ends,
    count_reported_victims,
    define_spells,
    derive_shares,
    list_revisions,
)

BREAKS = pd.DataFrame({"id": ["A", "B"], "year": [2012, 2016], "splits": ["yes", "no"]})
YEARS = range(2009, 2021)


def facts_of(*rows: tuple) -> pd.DataFrame:
    """(id, population, category, period, value, standing) of totals."""
    columns = ["id", "population", "category", "period", "value", "standing"]
    return pd.DataFrame(rows, columns=columns).assign(breakdown="total", unit="victims")


FACTS = facts_of(
    ("F1", "everybody", "all", "2010", "100", "current"),
    ("F2", "everybody", "all", "2011", "120", "current"),
    ("F3", "everybody", "all", "2012", "180", "current"),  # the break of 2012 lies before it
    ("F4", "everybody", "all", "2013", "90", "current"),
    ("F5", "everybody", "all", "2015", "60", "current"),  # 2014 was not printed
    ("F6", "everybody", "all", "2016", "<5", "current"),  # a break that does not split
    ("F7", "everybody", "all", "2011", "119", "provisional"),
    ("F8", "everybody", "all", "2012-2013", "270", "current"),  # no single year
    ("F9", "some", "all", "2011", "70", "current"),
    ("F10", "everybody", "all", "2012", "180", "current"),  # a second source of the same value
)


def count(facts=FACTS, years=YEARS):
    return count_reported_victims(facts, BREAKS, breakdown="total", years=years)


def test_each_year_that_is_printed_is_counted_once_with_all_its_sources():
    counts = count().query("population == 'everybody'")
    assert counts["period"].tolist() == [2010, 2011, 2012, 2013, 2015, 2016]
    assert counts["n"].tolist() == [100, 120, 180, 90, 60, "<5"]
    assert counts["source"].tolist() == ["F1", "F2", "F3|F10", "F4", "F5", "F6"]
    assert counts["status"].tolist() == ["released"] * 5 + ["suppressed"]


def test_a_spell_ends_at_a_splitting_break_and_at_a_gap_only():
    counts = count()
    assert counts.query("population == 'everybody'")["spell"].tolist() == [1, 1, 2, 2, 3, 3]
    assert counts.query("population == 'some'")["spell"].tolist() == [1]


def test_two_breaks_in_one_gap_make_one_new_spell():
    series = pd.DataFrame({"population": "p", "category": "c", "period": [2010, 2020]})
    breaks = pd.DataFrame({"year": [2012, 2018], "splits": "yes"})
    assert define_spells(series, breaks).tolist() == [1, 2]


def test_the_last_year_of_a_spell_is_set_against_its_first():
    """2010-2011: 120 / 100; 2012-2013: 90 / 180; 2015-2016 has one known year, so no ratio."""
    ratios = compare_spell_ends(count())
    assert ratios["period"].tolist() == ["2010-2011", "2012-2013"]
    assert ratios["value"].tolist() == [1.2, 0.5]
    assert ratios["n_years"].tolist() == [2, 2]


def test_a_share_has_the_total_of_its_own_population_and_year():
    women = facts_of(
        ("F20", "everybody", "female", "2010", "80", "current"),
        ("F21", "some", "female", "2010", "80", "current"),
        ("F22", "everybody", "female", "2016", "<5", "current"),
    )
    shares = derive_shares(count(women), count())
    assert shares["share"].tolist()[0] == 0.8
    assert shares["share"].isna().tolist() == [False, True, True]


def test_years_for_which_sources_differ_are_listed_with_every_value():
    revisions = list_revisions(FACTS, years=YEARS)
    assert list(zip(revisions["period"], revisions["n"], revisions["standing"])) == [
        ("2011", 119, "provisional"),
        ("2011", 120, "current"),
    ]


@pytest.mark.parametrize("years", [range(2000, 2005)])
def test_years_without_facts_give_empty_tables_with_their_columns(years):
    counts = count(years=years)
    assert counts.empty and compare_spell_ends(counts).columns.tolist()[:3] == [
        "population",
        "category",
        "period",
    ]


def test_years_without_revisions_give_an_empty_list_with_its_columns():
    revisions = list_revisions(FACTS, years=range(2012, 2014))
    assert revisions.empty and {"n", "standing", "source"} <= set(revisions.columns)


def test_row_order_changes_nothing_and_arguments_are_left_alone():
    before = FACTS.copy()
    shuffled = FACTS.sample(frac=1, random_state=3)
    columns = ["population", "category", "period", "spell", "n", "status"]
    pd.testing.assert_frame_equal(count()[columns], count(shuffled)[columns])
    pd.testing.assert_frame_equal(FACTS, before)


def test_a_detection_ratio_is_of_a_year_that_the_estimate_covers():
    """By hand: 1,000 of 5,000 (4,000 to 8,000) is 20% (12.5% to 25%); 2016 is not covered, and 2015
    is not printed."""
    totals = pd.DataFrame(
        {"period": [2014, 2016], "n": [1000, 900], "status": "released", "source": ["F1", "F2"]}
    )
    estimates = pd.DataFrame(
        {
            "category": ["x"],
            "period": ["2014-2015"],
            "n": [5000.0],
            "ci_lower": [4000.0],
            "ci_upper": [8000.0],
            "precision": ["about"],
            "source": ["F9|F8"],
        }
    )
    [row] = compare_detection(totals, estimates).to_dict("records")
    assert (row["period"], row["n_seen"], row["share"], row["ci_lower"], row["ci_upper"]) == (
        "2014",
        1000,
        0.2,
        0.125,
        0.25,
    )
    assert row["source"] == "F1|F9|F8"
