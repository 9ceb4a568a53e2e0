"""Criminal cases and suspects, counted by hand; and a chapter that shows them where an extract has
them."""

import pandas as pd
from registers import make_table

from helpers import chain

YEARS = range(2018, 2021)


def case(number, day, form, stage, outcome, days=None):
    return {
        "case_id": f"c{number}",
        "registration_date": day,
        "form": form,
        "stage": stage,
        "outcome": outcome,
        "sentence_days": days,
    }


CASES = (
    case(1, "2018-02-01", "sexual", "court", "convicted", 540),
    case(2, "2018-03-01", "labour", "court", "convicted"),
    case(3, "2019-03-01", "labour", "prosecution", "dismissed"),
    case(4, "2020-03-01", "criminal", "police", "open"),
    case(5, "2020-04-01", "unknown", "court", "convicted", 2000),
    case(6, "2021-04-01", "sexual", "court", "convicted", 365),
)


def test_cases_count_in_the_year_of_their_registration_and_once_in_each_breakdown():
    table = chain.count_cases(make_table("cases", *CASES), years=YEARS)
    whole = table[table["period"] == "2018-2020"]
    assert whole.groupby("breakdown")["n"].sum().to_dict() == {
        "case_form": 5,
        "case_outcome": 5,
        "case_stage": 5,
    }
    counts = table.set_index(["breakdown", "category", "period"])["n"]
    assert counts["case_form", "labour", "2018-2020"] == 2
    assert counts["case_form", "unknown", "2020"] == 1  # a code that occurs has its row
    assert counts["case_outcome", "acquitted", "2018-2020"] == 0
    assert counts["case_stage", "court", "2018"] == 2


def test_sentences_are_bands_of_whole_years_of_convictions_alone():
    """540 days are one to two years; 2,000 more than four (1,461 days); one has none imposed; the
    case of 2021 lies outside."""
    table = chain.count_sentences(make_table("cases", *CASES), years=YEARS)
    assert table.set_index("category")["n"].to_dict() == {
        "none_imposed": 1,
        "under_1": 0,
        "1_to_2": 1,
        "2_to_4": 0,
        "4_and_more": 1,
    }
    edges = [
        case(number, "2018-02-01", "sexual", "court", "convicted", days)
        for number, days in enumerate([1, 365, 366, 730, 731, 1461, 1462])
    ]
    bands = chain.count_sentences(make_table("cases", *edges), years=YEARS)
    assert bands["n"].tolist() == [0, 2, 2, 2, 1]


def test_a_suspect_of_two_cases_counts_once_by_age_at_the_first():
    """Born on 1 March 2001: 17 on the last day of February 2019, and a minor then."""
    suspects = make_table(
        "suspects",
        {"case_id": "c3", "person_id": "x", "sex": "male", "birth_date": "2001-03-02"},
        {"case_id": "c4", "person_id": "x", "sex": "male", "birth_date": "2001-03-02"},
        {"case_id": "c4", "person_id": "y", "sex": "female", "birth_date": None},
        {"case_id": "c6", "person_id": "z", "sex": "female", "birth_date": "1990-01-01"},
    )
    table = chain.count_suspects(suspects, make_table("cases", *CASES), years=YEARS)
    assert table.set_index(["breakdown", "category"])["n"].to_dict() == {
        ("sex", "male"): 1,
        ("sex", "female"): 1,
        ("age_group", "minor"): 1,
        ("age_group", "unknown"): 1,
    }


def test_an_extract_without_cases_has_no_rows():
    cases, suspects = make_table("cases"), make_table("suspects")
    assert chain.count_cases(cases, years=YEARS).empty
    assert chain.count_sentences(cases, years=YEARS).empty
    assert chain.count_suspects(suspects, cases, years=YEARS).empty
    assert isinstance(chain.count_cases(cases, years=YEARS), pd.DataFrame)
