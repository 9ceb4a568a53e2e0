"""The residence scheme of section 2.4 of the monitor on a register of nine decisions, counted by
hand."""

from __future__ import annotations

import pandas as pd
import pytest
from registers import decision, make_table, report

from helpers import protection, signalling
from helpers.disclosure import RuleSet, protect_rates

YEARS = range(2018, 2021)
REGIONS = {"NLD": "netherlands", "NGA": "africa", "POL": "eu", "unknown": ""}


@pytest.fixture
def decisions() -> pd.DataFrame:
    return make_table(
        "residence_decisions",
        decision(1, "p1", "2018-02-01", "779", "offered", age_at_decision=17),
        decision(2, "p1", "2018-05-01", "420", "granted", age_at_decision=18),
        decision(3, "p1", "2020-06-01", "305", "rejected", dublin="none", age_at_decision=20),
        decision(4, "p2", "2020-01-05", "421", "rejected", dublin="claim", sex="male"),
        decision(5, "p3", "2020-02-05", "420", "rejected", dublin="potential", sex="male"),
        decision(6, "p4", "2020-03-05", "420", "granted", dublin="none", nationality="POL"),
        decision(7, "p5", "2020-04-05", "301", "granted", dublin="none"),
        decision(8, "p6", "2020-07-01", "779", "offered", dublin="none", nationality="unknown"),
        decision(9, "p7", "2018-07-01", "420", "other"),
    )


@pytest.fixture
def scheme(decisions):
    return protection.count_scheme(decisions, make_table("residence_counts"))


def read(table: pd.DataFrame, column: str, period: str) -> dict[str, int]:
    rows = table[(table["period"] == period) & (table["n"] > 0)]
    return {str(code): int(n) for code, n in zip(rows[column], rows["n"])}


def test_decisions_count_in_the_year_in_which_they_were_handled(scheme):
    """Annex B1.2.2, line 1814, and table B1.1: 420 and 421 are temporary, 305 and 301 continued
    residence, 779 the reflection period."""
    use = protection.count_use(scheme, years=YEARS)
    assert (
        read(use, "category", "2018") == {"reflection": 1, "temporary": 2}
        and read(use, "category", "2019") == {}
    )
    assert read(use, "category", "2020") == {"reflection": 1, "temporary": 3, "continued": 2}
    assert read(use, "category", "2018-2020") == {"reflection": 2, "temporary": 5, "continued": 2}


def test_outcomes_and_dublin_indication(scheme):
    """Lines 801 and 828: recorded since 2019; a potential claim is an indication of its own."""
    assert read(protection.count_outcomes(scheme, "temporary", years=YEARS), "outcome", "2020") == {
        "granted": 1,
        "rejected": 2,
    }
    assert read(
        protection.count_outcomes(scheme, "continued", years=YEARS), "outcome", "2018-2020"
    ) == {"granted": 1, "rejected": 1}
    dublin = protection.count_dublin(scheme, years=YEARS)
    assert set(dublin["period"]) == {"2020"} and read(dublin, "residence_dublin", "2020") == {
        "claim": 1,
        "potential": 1,
        "none": 1,
    }


def test_frequency_tables_say_the_same_as_the_decisions(scheme):
    cells = [
        {
            "year": row.year,
            "qualification": {"reflection": "779", "temporary": "420", "continued": "305"}[
                row.kind
            ],
            "outcome": row.outcome,
            "dublin": row.residence_dublin,
            "n": row.n,
        }
        for row in scheme.itertuples()
    ]
    counts = make_table("residence_counts", *cells)
    pd.testing.assert_frame_equal(
        protection.count_scheme(make_table("residence_decisions"), counts), scheme
    )
    without = protection.count_scheme(
        make_table("residence_decisions"), counts.drop(columns=["outcome", "dublin"])
    )
    assert read(protection.count_use(without, years=YEARS), "category", "2020") == {
        "reflection": 1,
        "temporary": 3,
        "continued": 2,
    }
    assert protection.count_dublin(without, years=YEARS).empty


def test_a_person_counts_once_with_the_age_at_the_first_decision(decisions):
    """Line 879: 2,095 unique victims."""
    persons = protection.select_persons(decisions, years=YEARS, regions=REGIONS)
    assert read(protection.count_persons(persons, "all", years=YEARS), "category", "2018-2020") == {
        "scheme_persons": 7
    }
    assert read(protection.count_persons(persons, "sex", years=YEARS), "sex", "2018-2020") == {
        "female": 5,
        "male": 2,
    }
    assert read(
        protection.count_persons(persons, "age_group", years=YEARS), "age_group", "2018-2020"
    ) == {"under_18": 1, "30_39": 6}
    assert read(
        protection.count_persons(persons, "origin_region", years=YEARS),
        "origin_region",
        "2018-2020",
    ) == {"africa": 5, "eu": 1, "unknown": 1}
    later = protection.select_persons(decisions, years=range(2019, 2021), regions=REGIONS)
    assert len(later) == 6 and (later["has_dublin"] == "dublin").sum() == 2


def test_a_ratio_is_of_two_registers_and_hides_few_people(scheme):
    """Figure 2.11 with note 60: victims of a nationality other than the Dutch, without those whom
    the KMar alone reported."""
    reports = make_table(
        "reports",
        report(1, "v1", "2020-01-01", "police", "labour", nationality="POL"),
        report(2, "v2", "2020-01-01", "police", "sexual", nationality="NGA"),
        report(3, "v3", "2020-01-01", "kmar", "sexual", nationality="POL"),
        report(4, "v4", "2020-01-01", "police", "sexual", nationality="unknown"),
        report(5, "v5", "2020-01-01", "police", "sexual"),
    )
    foreign = protection.count_foreign_victims(
        signalling.derive_victims(reports, regions=REGIONS), years=range(2020, 2021)
    )
    assert foreign["n"].tolist() == [2]
    ratios = protection.compare_use(protection.count_use(scheme, years=YEARS), foreign)
    assert dict(zip(ratios["category"], ratios["value"])) == {
        "reflection": 0.5,
        "temporary": 1.5,
        "continued": 1.0,
    }
    few = RuleSet("few", True, 10, 3, 1)
    assert protect_rates(ratios, few).empty  # two victims


def test_an_extract_without_decisions_is_no_zero():
    scheme = protection.count_scheme(
        make_table("residence_decisions"), make_table("residence_counts")
    )
    assert (
        protection.find_scheme_years(scheme, YEARS) == range(0)
        and protection.count_use(scheme, years=range(0)).empty
    )
    persons = protection.select_persons(
        make_table("residence_decisions"), years=YEARS, regions=REGIONS
    )
    assert protection.count_persons(persons, "sex", years=YEARS).empty


def test_temporary_residence_is_split_by_code_and_continued_by_ground():
    """Table B1.1: 420 and 421 are temporary residence; 305 and 301 continued, of which granted ones
    have a ground."""
    rows = make_table(
        "residence_decisions",
        decision(1, "a", "2016-01-02", "420", "granted", ground="not_recorded"),
        decision(2, "b", "2016-01-02", "421", "rejected", ground="not_recorded"),
        decision(3, "c", "2017-01-02", "420", "granted", ground="not_recorded"),
        decision(4, "d", "2017-01-02", "305", "granted", ground="three_years"),
        decision(5, "e", "2017-01-02", "301", "granted", ground="unknown"),
        decision(6, "f", "2017-01-02", "305", "rejected", ground="prosecution"),
    )
    years = range(2016, 2018)
    paths = protection.count_paths(rows, make_table("residence_counts"), "temporary", years=years)
    counts = paths.set_index(["qualification", "period"])["n"]
    assert counts["420", "2016-2017"] == 2 and counts["421", "2016"] == 1
    assert counts["421", "2017"] == 0
    grounds = protection.count_grounds(rows, years=years)
    whole = grounds[grounds["period"] == "2016-2017"].set_index("residence_ground")["n"]
    assert whole.to_dict() == {
        "prosecution": 0,
        "three_years": 1,
        "special_circumstances": 0,
        "other": 0,
        "unknown": 1,
    }
    assert protection.count_grounds(rows.drop(columns="ground"), years=years).empty
    tables = make_table(
        "residence_counts",
        {"year": 2016, "qualification": "421", "n": 7},
        {"year": 2016, "qualification": "305", "n": 9},
    )
    empty = make_table("residence_decisions")
    paths = protection.count_paths(empty, tables, "temporary", years=years)
    assert paths.set_index(["qualification", "period"])["n"]["421", "2016-2017"] == 7
    assert protection.count_grounds(empty, years=years).empty
