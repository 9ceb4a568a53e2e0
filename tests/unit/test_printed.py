"""Whole tables: a cell that stops adding up, is malformed or is not what the source prints is
named; what leaves is as printed."""

import shutil

import pandas as pd
import pytest

from helpers.edition import BadInput
from helpers.protection import estimate_process_share
from helpers.published import (
    check_cells_against_source,
    check_printed_tables,
    read_cells,
    read_printed_table,
    read_register_facts,
    tabulate_printed,
)
from helpers.published.printed import FOLDER, TABLES, find_faults

NO_EXCEPTION = pd.DataFrame(
    {
        "numbers": [
            "B3.4:dominican:2010|B3.6:left_unsupervised:2009-2012|B3.6:left_supervised:2009-2012"
        ]
    }
)


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(FOLDER, tmp_path / "tables")
    return tmp_path / "tables"


def change(folder, file: str, old: str, new: str) -> None:
    path = folder / file
    content = path.read_text(encoding="utf-8")
    assert content.count(old) == 1, content
    path.write_text(content.replace(old, new), encoding="utf-8", newline="\n")


def test_every_file_of_the_folder_is_a_table_and_every_table_a_file():
    assert {path.name for path in FOLDER.glob("*.csv")} == {table.file for table in TABLES.values()}


@pytest.mark.parametrize(
    ("file", "old", "new", "cell"),
    [
        ("table_B3_2.csv", "male,2011,13,", "male,2011,14,", "B3.2:male:2009-2012"),
        ("table_B3_3.csv", "total,2012,27,", "total,2012,28,", "B3.3:total:2009-2012"),
        ("table_B3_5.csv", "unknown,2010,8,26", "unknown,2010,8,36", "B3.5:unknown:2010"),
        ("table_B4_1.csv", "total,2009,25,,,0.7,", "total,2009,25,,,0.9,", "B4.1:total:2009"),
        ("table_B4_1.csv", ",-32,", ",-22,", "B4.1:total:2009"),
        ("table_2_2.csv", "dutch_minor,2010,89,", "dutch_minor,2010,88,", "2.2:total_minor:2010"),
    ],
)
def test_a_cell_that_stops_adding_up_is_named(folder, file, old, new, cell):
    """Each edit is one that a slip of the hand could make."""
    change(folder, file, old, new)
    with pytest.raises(BadInput) as caught:
        check_printed_tables(NO_EXCEPTION, folder=folder)
    assert (
        f"cell {cell}" in str(caught.value)
        and file in str(caught.value)
        and "contradictions.csv" in str(caught.value)
    )


def test_an_exception_must_be_listed(folder):
    with pytest.raises(BadInput, match="B3.4:dominican:2010: 1 of 31 is 3.2%, printed is 0%"):
        check_printed_tables(pd.DataFrame({"numbers": ["sm20-001"]}), folder=folder)
    assert check_printed_tables(NO_EXCEPTION, folder=folder) == 728


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("table_B3_2.csv", "male,2011,13,", "male,2011,13.,", "column n"),
        ("table_B3_2.csv", "male,2011,13,", "male,2012,13,", "stands twice"),
        ("table_B3_2.csv", "male,2011,13,", "male,11,13,", "column period"),
        ("table_B3_2.csv", "category,period", "categorie,period", "row 1: the columns must be"),
    ],
)
def test_a_malformed_table_is_refused_with_its_place(folder, file, old, new, words):
    change(folder, file, old, new)
    with pytest.raises(BadInput) as caught:
        read_printed_table("B3.2", folder=folder)
    assert file in str(caught.value) and words in str(caught.value)


def test_an_unknown_table_is_named():
    with pytest.raises(BadInput, match="no printed table 'B9.9'; there are 2.1"):
        read_printed_table("B9.9")


def test_a_cell_whose_line_holds_something_else_is_named(folder):
    with pytest.raises(
        BadInput, match="table_2_1.csv, row 2, cell 2.1:nigerian:2009: line .* does not hold '2e'"
    ):
        check_cells_against_source([""] * 20000, folder=folder)


def test_sums_are_of_the_years_and_of_the_categories():
    """By hand: 3 + 4 is 7, not 8, and 3 of 10 is 30%."""
    cells = pd.DataFrame(
        {
            "category": ["female", "female", "female", "total", "total", "total"],
            "period": ["2009", "2010", "2009-2012"] * 2,
            "n": [3, 4, 8, 10, 10, 20],
            "percent": [30, 40, 40, 100, 100, 100],
            "index": None,
            "change_percent": None,
        }
    )
    cells["id"] = [
        f"B3.2:{category}:{period}" for category, period in zip(cells["category"], cells["period"])
    ]
    faults = find_faults("B3.2", cells)
    assert faults["B3.2:female:2009-2012"] == "the years add up to 7, the total column says 8"
    assert faults["B3.2:total:2009"] == "the rows add up to 3, the total row says 10"


def test_what_leaves_is_as_printed():
    table = tabulate_printed("B3.3").set_index(["category", "period"])
    assert table.loc[("age_0_14", "2010"), ["n", "share"]].tolist() == [2, 0.07]
    assert set(tabulate_printed("B3.2", rows="without_total")["category"]) == {"female", "male"}
    assert set(tabulate_printed("B3.1", rows="total")["category"]) == {"total"}
    assert tabulate_printed("2.2", years=range(2013, 2021)).empty


def test_cells_stand_in_the_catalogue_once():
    cells = read_cells()
    assert cells["id"].is_unique and len(cells) == 692


def test_the_register_table_agrees_with_the_other_facts_on_minors():
    """Table 2.2 and the United Nations file print the same minors, 2007-2011: 199, 169, 111, 152,
    195."""
    facts = read_register_facts()
    minors = facts[
        (facts["category"] == "minor")
        & (facts["population"] == "register_all_reporters")
        & facts["period"].isin([str(year) for year in range(2007, 2012)])
    ]
    assert minors.groupby("period")["value"].agg(set).tolist() == [
        {"199"},
        {"169"},
        {"111"},
        {"152"},
        {"195"},
    ]
    assert (minors.groupby("period").size() == 2).all()


def test_the_interval_of_a_process_is_exact():
    """R: binom.test(17, 29)$conf.int is 0.3893627914 0.7647597902; unknown is left out; nobody of
    five: upper limit 1 - 0.025^(1/5)."""
    counts = pd.DataFrame(
        {
            "category": ["yes", "no", "unknown", "yes", "no"],
            "period": ["2009"] * 3 + ["2010"] * 2,
            "n": [17, 12, 7, 0, 5],
            "source": ["a", "b", "c", "d", "e"],
        }
    )
    table = estimate_process_share(counts, category="x", events=["yes"], others=["no"])
    assert (
        table.loc[0, ["n_events", "n_known"]].tolist() == [17, 29]
        and table.loc[0, "source"] == "a|b"
    )
    assert table.loc[0, ["ci_lower", "ci_upper"]].tolist() == pytest.approx(
        [0.3893627914, 0.7647597902], abs=1e-9
    )
    assert table.loc[1, ["ci_lower", "ci_upper"]].tolist() == pytest.approx(
        [0, 1 - 0.025 ** (1 / 5)]
    )
