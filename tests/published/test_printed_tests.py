"""The printed chi-square tests, against arithmetic by hand."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from helpers.edition import BadInput
from helpers.published import check_printed_tests, read_numbers, read_printed_tests
from helpers.published.chi_square import bound, find_chi_square

YEARS = range(2010, 2021)


def check(figures: str, numbers: pd.DataFrame | None = None) -> pd.DataFrame:
    table = check_printed_tests(
        read_numbers() if numbers is None else numbers,
        read_printed_tests(),
        figures=figures,
        years=YEARS,
    )
    return table.set_index("source")


def test_the_statistic_of_a_table_of_two_by_two():
    """10 of 100 against 20 of 100: 200 (10 x 80 - 90 x 20)^2 / (30 x 170 x 100 x 100) = 200 /
    51."""
    assert find_chi_square(0.10, 100, 0.20, 100) == pytest.approx(200 / 51, rel=1e-12)


def test_any_youth_care_lies_in_its_range_and_five_degrees_of_freedom_cannot_be():
    """145 of 265 against 24,990 of 261,605, each rounded to five; two groups by yes and no have one
    degree of freedom."""
    row = check("3.1").loc["sm20-220"]
    exact = find_chi_square(145 / 265, 265, 24990 / 261605, 261605)
    # 143 of 267 against 24,992 of 261,603, and 147 of 263 against 24,988 of 261,607.
    least = find_chi_square(143 / 267, 267, 24992 / 261603, 261603)
    most = find_chi_square(147 / 263, 263, 24988 / 261607, 261607)
    assert (round(least), round(most)) == (595, 650)
    assert (row["ci_lower"], row["ci_upper"]) == pytest.approx((least, most), rel=1e-5)
    assert row["ci_lower"] < exact < row["ci_upper"] and (
        row["verdict"],
        row["freedom"],
        row["degrees_of_freedom"],
    ) == ("possible", "not_two_by_two", "5")


def test_the_statistic_of_crisis_lies_outside_its_range():
    """17 percent of 145 against 7 percent of 24,990: at most 25 of 143 (17.48 percent) against
    1,625 of 24,992 (6.5 percent); printed is 37.840."""
    row = check("3.3").loc["sm20-270"]
    assert (
        row["ci_upper"]
        == pytest.approx(find_chi_square(25 / 143, 143, 1625 / 24992, 24992), rel=1e-4)
        and row["verdict"] == "not_possible"
    )


def test_three_tests_of_chapter_four():
    """3.940 with p = 0.139: exp(-3.94 / 2) = 0.1395 is the p-value of two degrees of freedom, and
    of no other number of them."""
    table = check("4.")
    assert table["verdict"].to_dict() == {
        "sm20-422": "not_decidable",
        "sm20-429": "not_decidable",
        "sm20-438": "not_decidable",
    }
    assert table.loc["sm20-438", "freedom"] == "fits_2" and round(math.exp(-3.94 / 2), 3) == 0.139
    assert table.loc["sm20-422", "p_value"] == "<0.001" and table["degrees_of_freedom"].eq("").all()


def test_a_statistic_is_shown_in_all_its_digits():
    """Line 1111 of the monitor: 1.340,326, which six digits would make 1,340.330."""
    assert check("3.").loc["sm20-256", "value"] == "1340.326"


def test_a_range_that_excludes_nothing_says_that_too_little_is_printed():
    """Shelter: less than one percent of 1,630,000 may be none at all, so the statistic may be 360
    or 97,000."""
    row = check("3.5").loc["sm20-321"]
    assert (
        row["ci_lower"] < float(row["value"]) < row["ci_upper"]
        and row["ci_upper"] > 10 * row["ci_lower"]
    )
    assert row["verdict"] == "not_decidable"


def test_a_statistic_that_cannot_be_is_found():
    numbers = read_numbers()
    numbers.loc[numbers["id"] == "sm20-422", "value"] = 90.0
    assert check("4.", numbers).loc["sm20-422", "verdict"] == "not_possible"


def test_the_range_of_shares_holds_the_statistic_of_groups_of_known_size():
    """50 percent of 100 and 25 percent of 300 are 31.25 percent of 400: 400 x 0.0625 x 0.1875 /
    (0.3125 x 0.6875)."""
    assert find_chi_square(0.5, 100, 0.25, 300) == pytest.approx(
        400 * 0.0625 * 0.1875 / (0.3125 * 0.6875), rel=1e-12
    )


@pytest.mark.parametrize(
    ("value", "unit", "precision", "expected"),
    [
        (145, "victims", "rounded5", (142.5, 147.5)),
        (24, "percent", "rounded_percent", (23.5, 24.5)),
        (45, "percent", "about", (40, 50)),
        (33.3, "percent", "more_than", (33.3, 100)),
        (1, "percent", "less_than", (0, 1)),
        (5.5, "percent", "rounded_percent", (5.45, 5.55)),
        (952, "victims", "exact", (952, 952)),
    ],
)
def test_what_would_be_printed_so(value, unit, precision, expected):
    assert bound(
        pd.Series({"value": value, "unit": unit, "precision": precision})
    ) == pytest.approx(expected)


def test_a_number_that_is_not_there_is_named():
    plan = read_printed_tests().assign(first="sm20-999")
    with pytest.raises(BadInput, match="sm20-999"):
        check_printed_tests(read_numbers(), plan, figures="4.", years=YEARS)


def test_another_edition_shows_only_the_tests_of_its_years():
    assert check_printed_tests(
        read_numbers(), read_printed_tests(), figures="4.", years=range(2016, 2021)
    )["source"].tolist() == ["sm20-438"]
