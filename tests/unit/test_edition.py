"""The edition: its years, its types, its file."""

import pytest

from helpers import edition as editions
from helpers.edition import BadInput, define_edition, list_editions, read_edition

YEARS = {"edition": "2013-2020", "period_start": 2013, "period_end": 2020}


def test_what_is_left_out_has_a_default():
    edition = define_edition(**YEARS)
    assert (edition.language, edition.study_start, edition.horizons, edition.period) == (
        "en",
        2010,
        [2, 5, 7],
        "2013-2020",
    )
    assert list(edition.years) == [2013, 2014, 2015, 2016, 2017, 2018, 2019, 2020]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"period_start": 2021}, "exchange them"),
        (
            {"series_start": 2024, "series_end": 2007},
            "series_start (2024) lies after series_end (2007)",
        ),
        ({"period_end": "2020"}, "must be of type int"),
        ({"period_end": True}, "must be of type int"),
        ({"series_start": 2007.5}, "series_start must be of type int"),
        ({"period_start": 203}, "give a year from"),
        ({"study_start": 2021}, "lies after period_end"),
        ({"language": "de"}, "choose one of en, nl"),
        ({"horizons": [2, 0]}, "whole numbers of years"),
        ({"horizons": 5}, "must be of type list"),
        ({"edition": "2013:2020"}, "letters, digits"),
    ],
)
def test_a_bad_parameter_is_named(change, words):
    with pytest.raises(BadInput) as caught:
        define_edition(**{**YEARS, **change})
    assert words in str(caught.value)


def test_missing_years_are_named():
    with pytest.raises(BadInput, match="lacks period_start, period_end"):
        define_edition(edition="x")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("edition: 2013-2020\nperiod_start: [2013\n", "no valid YAML"),
        ("- 2013\n", "name: value"),
        (
            "edition: other\nperiod_start: 2013\nperiod_end: 2020\n",
            "the name and the file must agree",
        ),
        (
            "edition: 2013-2020\nperiod_start: 2020\nperiod_end: 2013\n",
            "notebooks/editions/2013-2020.yml: period_start",
        ),
        (
            "edition: 2013-2020\nperiod_start: 2013\nperiod_end: 2020\nlanguage: nl\n",
            "take the line 'language' out; a book is built in every language",
        ),
    ],
)
def test_a_bad_file_is_named(tmp_path, monkeypatch, content, words):
    monkeypatch.setattr(editions, "EDITIONS", tmp_path)
    (tmp_path / "2013-2020.yml").write_text(content, encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        read_edition("2013-2020")
    assert words in str(caught.value)


def test_an_unknown_edition_lists_the_known_ones():
    with pytest.raises(BadInput, match="known: .*2016-2020"):
        read_edition("2099-2100")


def test_every_edition_file_can_be_read():
    assert all(read_edition(name).edition == name for name in list_editions())


def test_the_language_can_be_chosen_for_a_run():
    assert read_edition("2016-2020", language="nl").language == "nl"
