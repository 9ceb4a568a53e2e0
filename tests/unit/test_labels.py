"""Words and numbers in both languages."""

import csv

import pytest

from helpers.edition import CODES, BadInput
from helpers.labels import format_list, format_number, format_share, label, text


@pytest.mark.parametrize(
    ("value", "decimals", "english", "dutch"),
    [
        (1334, 0, "1,334", "1.334"),
        (1340.326, 3, "1,340.326", "1.340,326"),
        (0, 0, "0", "0"),
        (-70, 0, "-70", "-70"),
        # A half goes up, by hand: half of the halves went down to an even number.
        (12.5, 0, "13", "13"),
        (13.5, 0, "14", "14"),
        (-12.5, 0, "-13", "-13"),
        (0.285 * 100, 0, "29", "29"),
        (2.675, 2, "2.68", "2,68"),
        (1234567.4999, 0, "1,234,567", "1.234.567"),
        (1630000, 0, "1,630,000", "1.630.000"),
    ],
)
def test_thousands_and_decimals_follow_the_language(value, decimals, english, dutch):
    assert format_number(value, "en", decimals=decimals) == english
    assert format_number(value, "nl", decimals=decimals) == dutch


def test_a_share_is_a_percentage():
    assert format_share(0.915, "nl", decimals=1) == "91,5%"


def test_a_list_reads_as_a_sentence():
    assert format_list(["a", "b", "c"], "en") == "a, b and c"
    assert format_list(["a", "b"], "nl") == "a en b"


def test_a_crossed_code_gives_both_labels_and_years_their_own():
    assert label("within_5_years:male", "en") == "within five years, male"
    assert label("2016-2020", "nl") == "2016–2020"


@pytest.mark.parametrize(
    "call",
    [
        lambda: label("no_such_code", "en"),
        lambda: text("no_such_text", "nl"),
        lambda: label("male", "de"),
    ],
)
def test_missing_words_are_an_error_that_says_where_to_add_them(call):
    with pytest.raises(BadInput):
        call()


def test_a_place_that_nothing_fills_is_an_error():
    with pytest.raises(BadInput, match="nothing fills"):
        text("about", "en")


@pytest.mark.parametrize("file", ["labels.csv", "texts.csv", "registers.csv"])
def test_both_languages_are_complete_and_have_the_same_places(file):
    import string

    with (CODES / file).open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            assert row["en"] and row["nl"], row
            places = [
                {name for _, name, _, _ in string.Formatter().parse(row[language]) if name}
                for language in ("en", "nl")
            ]
            assert places[0] == places[1], row
