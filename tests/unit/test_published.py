"""Reading what others printed: malformed files are named with row, column and remedy."""

import pandas as pd
import pytest

from helpers.edition import PUBLISHED, BadInput
from helpers.published import (
    check_against_source,
    derive_side,
    read_catalogue,
    read_facts,
    read_numbers,
    select_current,
    select_numbers,
    tabulate_numbers,
)
from helpers.published.files import hash_line
from helpers.published.wording import is_printed

HEADER = "id,source,section,figure,measure,population,breakdown,category,period,value,unit,precision,line,quote,line_sha256\n"
ROW = "a-1,doc,2.3,2.1,victims,comensha_victims,total,all,2020,984,victims,exact,1,naar 984 in 2020,{sha}\n"
LINE = "Het aantal daalde naar 984 in 2020."


def write(tmp_path, content: str):
    path = tmp_path / "numbers.csv"
    path.write_text(content, encoding="utf-8", newline="\n")
    return path


@pytest.fixture
def good_row() -> str:
    return ROW.format(sha=hash_line(LINE))


def test_a_good_row_is_read(tmp_path, good_row):
    numbers = read_numbers(write(tmp_path, HEADER + good_row))
    assert numbers.loc[2, "value"] == 984 and numbers.loc[2, "line"] == 1
    check_against_source(numbers, [LINE], source="doc")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (",984,victims", ",9 84,victims", "row 2, column value: '9 84' is no number"),
        (",984,victims", ",1.334,victims", "row 2, column quote: does not print 1.334"),
        ("naar 984 in", "naar 985 in", "row 2, column quote: does not print 984"),
        (",exact,", ",roughly,", "row 2, column precision: 'roughly'; use one of about"),
        (",comensha_victims,", ",,", "row 2, column population: empty"),
        ("naar 984 in 2020", "naar 984 " + "woord " * 12, "more than 12 words"),
        (",2.3,2.1,", ",2.3,", "row 2: 14 cells where 15 belong"),
        (",1,naar", ",x,naar", "row 2, column line: 'x' is no number"),
    ],
)
def test_a_bad_cell_is_named_with_row_and_column(tmp_path, good_row, old, new, words):
    with pytest.raises(BadInput) as caught:
        read_numbers(write(tmp_path, HEADER + good_row.replace(old, new)))
    assert words in str(caught.value)


def test_a_duplicate_id_a_missing_column_and_a_missing_file_are_named(tmp_path, good_row):
    with pytest.raises(BadInput, match="row 3, column id: 'a-1' stands twice"):
        read_numbers(write(tmp_path, HEADER + good_row + good_row))
    with pytest.raises(BadInput, match="row 1: .*look at precision"):
        read_numbers(write(tmp_path, HEADER.replace(",precision", "") + good_row))
    with pytest.raises(BadInput, match="is missing"):
        read_numbers(tmp_path / "nowhere.csv")


def test_a_file_in_another_encoding_is_named(tmp_path, good_row):
    path = tmp_path / "numbers.csv"
    path.write_bytes((HEADER + good_row.replace("naar", "geïnd")).encode("cp1252"))
    with pytest.raises(BadInput, match="not UTF-8"):
        read_numbers(path)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["Iets anders."], "line 1 of the source does not hold the quote"),
        ([LINE + " En meer."], "reads differently"),
        ([], "the source has 0 lines"),
    ],
)
def test_a_line_that_does_not_hold_its_value_is_named(tmp_path, good_row, lines, words):
    numbers = read_numbers(write(tmp_path, HEADER + good_row))
    with pytest.raises(BadInput) as caught:
        check_against_source(numbers, lines, source="doc")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("value", "quote"),
    [
        (1334, "van 1.334 in 2019"),
        (91.5, "het contact (91,5%)"),
        (1340.326, "N=25.140)=1.340,326"),
        (617.77, "=617.77 dagen"),
        (5000, "tussen de 5.000"),
        (66.7, "Twee derde van de slachtoffers"),
        (-50, "is gehalveerd van"),
        (16, "een jaar en vier maanden tussen"),
        (-25, "Ruim een kwart minder"),
        (6, "zes interviews"),
    ],
)
def test_dutch_numbers_and_number_words_are_read(value, quote):
    assert is_printed(value, quote)


@pytest.mark.parametrize(
    ("value", "quote"),
    [
        (1335, "van 1.334 in 2019"),
        (1, "een slachtoffer"),
        (66.7, "een derde van de slachtoffers"),
        (3, "een derde van allen"),
        (2, "tweede kwartaal"),
        (984, "9840 meldingen"),
    ],
)
def test_another_number_is_not_found_in_a_quote(value, quote):
    assert not is_printed(value, quote)


def test_a_misspelt_code_does_not_make_an_empty_table():
    with pytest.raises(BadInput, match="has no number with"):
        select_numbers(read_numbers(PUBLISHED / "numbers.csv"), measure="victim")


def numbers_of(rows: list[tuple]) -> pd.DataFrame:
    columns = ["id", "category", "period", "value", "unit", "precision"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(
        source="doc",
        measure="share",
        population="p",
        breakdown="b",
        contradiction="",
        value=frame["value"].astype(float),
    )


def test_an_exact_number_is_taken_before_a_loose_one_and_contradictions_both_stay():
    table = tabulate_numbers(
        numbers_of(
            [
                ("a", "x", "2020", 50, "percent", "about"),
                ("b", "x", "2020", 45, "percent", "rounded_percent"),
                ("c", "y", "2020", 1247, "victims", "exact"),
                ("d", "y", "2020", 1274, "victims", "exact"),
            ]
        ),
        years=range(2016, 2021),
    )
    assert table["source"].tolist() == ["b", "c", "d"]
    assert table["printed"].tolist() == [1, 1, 2]


@pytest.mark.parametrize(
    ("period", "kept"),
    [
        ("2015", False),
        ("2016", True),
        ("2010-2015", False),
        ("2010-2016", True),
        ("2020-2024", True),
        ("2021", False),
        ("not_stated", True),
        ("2019 to 2020", True),
    ],
)
def test_a_number_is_kept_when_its_period_touches_the_years(period, kept):
    numbers = numbers_of(
        [("a", "x", period, 1, "victims", "exact"), ("b", "y", "2018", 1, "victims", "exact")]
    )
    table = tabulate_numbers(numbers, years=range(2016, 2021))
    assert ("a" in table["source"].tolist()) is kept


def test_a_number_names_the_contradictions_in_which_it_stands():
    """contradictions.csv: 1,247 and 1,274 victims of labour exploitation stand against each
    other."""
    catalogue = read_catalogue()
    labour = catalogue[
        (catalogue["category"] == "labour")
        & (catalogue["period"] == "2016-2020")
        & (catalogue["measure"] == "victim_forms")
    ]
    assert set(labour["value"]) == {1247, 1274} and set(labour["contradiction"]) == {"sm20-c01"}
    assert (catalogue["contradiction"] == "").sum() > 300


def test_years_without_any_number_have_no_row_and_a_choice_of_nothing_is_refused():
    numbers = numbers_of([("a", "x", "2020", 1, "victims", "exact")])
    table = tabulate_numbers(numbers, years=range(2030, 2032))
    assert table.empty and list(table) == list(tabulate_numbers(numbers, years=range(2020, 2021)))
    with pytest.raises(BadInput, match="holds none of these numbers for any year"):
        tabulate_numbers(numbers.iloc[:0], years=range(2030, 2032))


def test_victims_and_controls_are_told_apart():
    table = pd.DataFrame({"population": ["aid_victims_minor", "aid_controls_minor"]})
    assert derive_side(table)["side"].tolist() == ["victims", "controls"]


FACT_HEADER = "id,measure,population,breakdown,category,category_printed,period,value,unit,standing,source_row,note\n"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            "G1,victims,p,total,all,x,2020,<6,victims,current,2,\n",
            "column value: '<6' is no number",
        ),
        ("G1,victims,p,total,all,x,2020,12,victims,final,2,\n", "column standing: 'final'"),
        (
            "G1,victims,p,total,all,x,2020,12,victims,current,2,\nG1,victims,p,total,all,x,2021,12,victims,current,2,\n",
            "stands twice",
        ),
    ],
)
def test_a_bad_facts_file_is_named(tmp_path, row, words):
    (tmp_path / "glotip_netherlands.csv").write_text(
        FACT_HEADER + row, encoding="utf-8", newline="\n"
    )
    with pytest.raises(BadInput) as caught:
        read_facts("glotip_netherlands", folder=tmp_path)
    assert words in str(caught.value)


def test_two_current_values_for_one_year_are_refused():
    facts = pd.DataFrame(
        {
            "id": ["F1", "F2"],
            "population": "p",
            "breakdown": "total",
            "category": "all",
            "period": "2014",
            "value": ["1256", "1255"],
            "standing": "current",
        }
    )
    with pytest.raises(BadInput, match="F1, F2 print different current values"):
        select_current(facts)
    assert select_current(facts.assign(standing=["revised", "current"]))["value"].tolist() == [
        "1255"
    ]
