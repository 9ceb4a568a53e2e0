"""When the registers say what was printed: the words of precision, by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers import published
from helpers.calibration import evaluate_constraints, is_met
from helpers.edition import BadInput
from helpers.synthetic import constraints
from helpers.synthetic.constraints import read_constraints


@pytest.mark.parametrize(
    ("computed", "printed", "precision", "unit", "met"),
    [
        (984, "984", "exact", "victims", True),
        (985, "984", "exact", "victims", False),
        (617.774, "617.77", "exact", "days", True),
        (617.776, "617.77", "exact", "days", False),
        (1632, "1630", "rounded5", "victims", True),
        (1633, "1630", "rounded5", "victims", False),
        (1627, "1630", "rounded5", "victims", False),
        (42.9, "43", "rounded_percent", "percent", True),
        (42.4, "43", "rounded_percent", "percent", False),
        (91.5, "91.5", "rounded_percent", "percent", True),
        (30.1, "33.3", "about", "percent", True),
        (28.0, "33.3", "about", "percent", False),
        (109, "100", "about", "incidents", True),
        (111, "100", "about", "incidents", False),
        (50.1, "50", "more_than", "percent", True),
        (50, "50", "more_than", "percent", False),
        # Printed as 20,600.
        (20.5996, "20.6", "exact", "statistic", True),
        (20.6006, "20.6", "exact", "statistic", False),
        (0.0594, "0.059", "exact", "p_value", True),
        (0.9, "1", "less_than", "percent", True),
        (1, "1", "less_than", "percent", False),
        (3, "3", "at_least", "years", True),
        (4, "3", "at_most", "years", False),
        (-26.2, "-25", "more_than", "percent", True),
        (-24, "-25", "more_than", "percent", False),
        (26, "-25", "more_than", "percent", False),
        (float("nan"), "984", "exact", "victims", False),
        (float("inf"), "50", "more_than", "percent", False),
    ],
)
def test_a_printed_number_is_met_within_its_precision(computed, printed, precision, unit, met):
    assert is_met(computed, printed, precision=precision, unit=unit) is met


def test_a_word_that_no_catalogue_uses_is_refused():
    with pytest.raises(BadInput, match="'roughly' is not known"):
        is_met(1, "1", precision="roughly")


@pytest.fixture
def codes(tmp_path, monkeypatch):
    monkeypatch.setattr(constraints, "CODES", tmp_path)

    def write(*rows: str):
        (tmp_path / "calibration_test.csv").write_text(
            "\n".join(["number,key,standing,why_en,why_nl,line", *rows]) + "\n",
            encoding="utf-8",
            newline="\n",
        )

    return write


def test_values_come_from_the_catalogue_and_the_facts(codes):
    codes(
        "sm20-004,victims:2020,hard,,,",
        "F048,victims:2016,hard,,,",
        ",rank:months,hard,most in spring,meeste in het voorjaar,500",
    )
    done = evaluate_constraints(
        {"test": {"victims:2020": 984, "victims:2016": 951, "rank:months": 1}}
    )
    assert done["published"].tolist() == ["984", "952", "1"]
    assert done["is_met"].tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("sm20-999,victims,hard,,,", "names no number"),
        (",victims,hard,a,b,", "neither a number nor a line"),
        ("sm20-004,victims,firm,,,", "standing other than"),
        ("sm20-004,victims,soft,so,,", "says not why"),
        (",victims,hard,,,9", "says not why"),
        ("sm20-004,,hard,,,", "names no measure"),
    ],
)
def test_a_faulty_row_is_named_with_its_remedy(codes, row, fault):
    codes("sm20-003,victims:2019,hard,,,", row)
    with pytest.raises(BadInput, match=f"calibration_test.csv, row 3: .*{fault}"):
        read_constraints()


def test_a_measure_that_nobody_counts_is_named(codes):
    codes("sm20-004,victims:2020,hard,,,")
    with pytest.raises(BadInput, match="'victims:2020'"):
        evaluate_constraints({})


# Populations of the monitor that the register contract holds; of these, what is no constraint: the
# statistics of tests that other numbers print (and a p-value that is printed to the digit), a share
# of one ground of one kind of residence, and the number of years of data.
IN_CONTRACT = ("comensha_", "ind_", "aid_", "repeat_")
NO_CONSTRAINT = {"chi_square", "chi_square_df", "years_of_data", "rank"}


def test_every_number_of_the_contract_is_a_constraint():
    numbers = published.read_numbers()
    numbers = numbers[
        numbers["id"].str.startswith("sm20") & numbers["population"].str.startswith(IN_CONTRACT)
    ]
    is_exact_p = (numbers["measure"] == "chi_square_p") & (numbers["precision"] == "exact")
    is_ground = numbers["population"] == "ind_continued_residence_special_circumstances"
    expected = set(
        numbers.loc[~numbers["measure"].isin(NO_CONSTRAINT) & ~is_exact_p & ~is_ground, "id"]
    ) - set(published.read_repeats()["id"])
    assert sorted(expected - set(read_constraints()["number"])) == []


def test_every_committed_constraint_is_in_order():
    committed = read_constraints()
    assert committed["chapter"].isin(
        ["signalling", "protection", "aid", "repeats"]
    ).all() and isinstance(committed, pd.DataFrame)
