"""extract.yml is checked whole before a file is opened; what is not right is refused with the
line, the entry and what was perhaps meant."""

from __future__ import annotations

import time
from pathlib import Path

import pandas as pd
import pytest
from extracts import CLEAN, write_clean

from helpers.cli import main
from helpers.sources import (
    UnreadableExtract,
    format_report,
    read_extract,
    read_table,
    validate_extract,
    write_report,
)
from helpers.sources.problems import clean_text, may_name_code

FAULTS = {
    "a key twice, deep down": (
        "tables: {persons: {codes: {sex: {female: V, female: W}}}}\n",
        "entry female stands twice",
    ),
    "an anchor": ("cost_years: &a [2017]\ncaptures: *a\n", "an anchor or alias"),
    "a deep nest": (f"tables: {'[' * 500}{']' * 500}\n", "entries lie more than 8 deep"),
    "a word for a year": ("control_year: last\n", "control_year is no year"),
    "a year of another century": ("control_year: 1819\n", "control_year lies outside 2000"),
    "a year twice": ("cost_years: [2017, 2017]\n", "cost_years names a year twice"),
    "a day that no calendar has": ("reference_date: 2020-13-01\n", "reference_date is no date"),
    "the end after the extraction": (
        "extraction_date: 2020-01-01\nreference_date: 2021-01-01\n",
        "reference_date lies after extraction_date",
    ),
    "a misspelt option": (
        "tables: {persons: {date_fromat: x}}\n",
        "unknown entry date_fromat; did you mean date_format",
    ),
    "two digits of a year": (
        'tables: {persons: {date_format: "%d-%m-%y"}}\n',
        "no form of a date",
    ),
    "a time zone": ('tables: {persons: {date_format: "%Y-%m-%d %z"}}\n', "no form of a date"),
    "a list for a word": ("tables: {persons: {sheet: [a, b]}}\n", "sheet is no single word"),
    "one word with two meanings": (
        "tables: {persons: {unknown: [x], not_recorded: [x]}}\n",
        '"x" stands under unknown and under not_recorded',
    ),
    "a code of the contract added": (
        "added_codes: {sex: {female: ''}}\n",
        "female stands in the contract already",
    ),
    "a code that joins others": ("added_codes: {sex: {'a|b': ''}}\n", "a|b is no code"),
    "a form of trafficking that is misspelt": (
        "offence_groups: {X01: 'trafficking:seksual'}\n",
        "trafficking:seksual is no group of the contract",
    ),
    "a path out of the folder": (
        "tables: {persons: {file: ../persons.csv}}\n",
        "lies outside the folder",
    ),
    "an absolute path": ("tables: {persons: {file: /etc/hosts.csv}}\n", "lies outside the folder"),
    "nothing but words": ("tables: words\n", "tables holds no lines 'name: value'"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_mapping_that_is_not_right_is_refused(tmp_path, name):
    content, words = FAULTS[name]
    folder = write_clean(tmp_path / "extract", extract=f"source: a test\n{content}")
    with pytest.raises(UnreadableExtract) as caught:
        read_extract(folder)
    assert words in str(caught.value)


@pytest.mark.parametrize("source", ["=1+1", "@SUM(A1)", "<b>x</b>", '"a\\u0007b"', "x" * 301])
def test_a_source_that_is_no_plain_words_is_refused(tmp_path, source):
    quoted = source if source.startswith('"') else f"'{source}'"
    folder = write_clean(tmp_path / "extract", extract=f"source: {quoted}\n")
    with pytest.raises(UnreadableExtract, match="source begins like a formula"):
        read_extract(folder)


def test_a_bomb_of_anchors_takes_no_time(tmp_path):
    bomb = "a: &a [x, x]\n" + "".join(
        f"{new}: &{new} [*{old}, *{old}, *{old}]\n" for old, new in zip("abcdefgh", "bcdefghi")
    )
    folder = write_clean(tmp_path / "extract", extract=f"source: a test\n{bomb}")
    started = time.monotonic()
    assert validate_extract(folder).exit_code == 2 and time.monotonic() - started < 5


def test_words_are_read_as_they_are_written(tmp_path):
    """010 is no eight, and a date of the mapping no object."""
    extract = 'source: a test\ntables: {persons: {codes: {sex: {female: 010, male: "on"}}}}\n'
    mapping = read_extract(write_clean(tmp_path / "extract", extract=extract)).mappings["persons"]
    assert mapping.codes["sex"] == {"010": "female", "on": "male"}


def test_a_link_to_a_file_elsewhere_is_not_followed(tmp_path):
    folder = write_clean(tmp_path / "extract")
    (tmp_path / "elsewhere.csv").write_text(CLEAN["shelter"], encoding="utf-8")
    (folder / "shelter.csv").unlink()
    (folder / "shelter.csv").symlink_to(tmp_path / "elsewhere.csv")
    assert "lies outside the folder" in format_report(validate_extract(folder))


def test_rows_that_the_mapping_leaves_out_are_counted(tmp_path):
    """A file of persons in which victims carry dashes in the column of their match."""
    (tmp_path / "pairs.csv").write_text(
        "person,match\nP1,---------\nP2,P1\nP3,P1\n", encoding="utf-8"
    )
    (tmp_path / "extract.yml").write_text(
        "source: a test\ntables: {matches: {file: pairs.csv, leave_out: {match: '---------'}, columns: {victim_id: match, control_id: person}}}\n",
        encoding="utf-8",
    )
    read = read_table(read_extract(tmp_path), "matches")
    assert read.to_dict("list") == {"victim_id": ["P1", "P1"], "control_id": ["P2", "P3"]}
    report = format_report(validate_extract(tmp_path))
    assert "2 rows, 1 left out as extract.yml says" in report


def test_no_year_of_few_rows_is_named(tmp_path):
    lines = CLEAN["reports"].splitlines()
    rows = [f"Q{n}{lines[1][2:]}".replace("2019-03-02", "2018-03-02") for n in range(12)]
    folder = write_clean(tmp_path / "extract")
    text = "\n".join([*lines, *rows]) + "\n"
    (folder / "reports.csv").write_text(text, encoding="utf-8")
    (folder / "shelter.csv").unlink()
    found = validate_extract(folder)
    write_report(found, tmp_path / "check.html")
    page = (tmp_path / "check.html").read_text(encoding="utf-8")
    assert "years 2018 to 2018, fewer than 10 rows of other years" in format_report(found)
    assert ">2018<" in page and ">2019<" not in page and ">2020<" not in page


@pytest.mark.parametrize(
    ("code", "n", "is_named"),
    [
        ("vrouw", 10, True),
        ("vrouw", 9, False),
        ("9", 10, True),
        ("F550", 10, True),
        ("000104217", 1000, False),
        ("V7001", 1000, False),
        ("1988-05-14", 1000, False),
        ("a3f9c2", 1000, False),
        ("a@b.nl", 1000, False),
        ("x" * 61, 1000, False),
        ("a\u200bb", 1000, False),
    ],
)
def test_a_code_is_named_only_where_it_cannot_be_somebody(code, n, is_named):
    assert may_name_code(code, n) is is_named


def test_control_codes_reach_no_console():
    assert clean_text("a\x1b[31mb\u202e") == "a?[31mb?"


def test_swapped_columns_with_many_codes_name_none_and_take_no_time(tmp_path):
    """200,000 distinct wrong codes took 88 s."""
    frame = pd.DataFrame({"person_id": [f"N{n}" for n in range(200_000)], "birth_date": ""})
    frame = frame.assign(sex=[f"w{chr(97 + n % 26)}{n}" for n in range(200_000)])
    frame = frame.assign(nationality="NLD", death_date="")
    frame.to_csv(tmp_path / "persons.csv", index=False)
    (tmp_path / "extract.yml").write_text("source: a test\n", encoding="utf-8")
    started = time.process_time()
    problems = validate_extract(tmp_path).problems
    assert time.process_time() - started < 30
    assert [(one.rule, one.n_rows) for one in problems] == [
        ("codes that are not in the list sex", 200_000)
    ]


def test_a_file_without_permission_is_not_called_damaged(tmp_path, monkeypatch):
    folder = write_clean(tmp_path / "extract")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "no")

    monkeypatch.setattr("helpers.sources.delimited._check_bytes", refuse)
    report = format_report(validate_extract(folder))
    assert "it may not be read" in report and "no whole" not in report


@pytest.mark.parametrize("place", [".", "nowhere/check.html"])
def test_a_page_that_cannot_be_written_is_said_so(tmp_path, capsys, place):
    folder = write_clean(tmp_path / "extract")
    assert main(["validate", str(folder), "--html", str(tmp_path / place)]) == 2
    said = capsys.readouterr().err
    assert said.startswith("bad input: --html") and "Traceback" not in said


def test_rows_outside_the_edition_are_counted(tmp_path, capsys):
    """D15: `validate --edition` ignored the name."""
    folder = write_clean(tmp_path / "extract")
    main(["validate", str(folder)])
    said = capsys.readouterr().out
    assert "read  reports: reports.csv; 3 rows" in said
    assert "outside" not in said  # of fewer than ten rows no year is told, by the period either
    lines = CLEAN["reports"].splitlines()
    rows = [f"Q{n}{lines[1][2:]}".replace("2019-03-02", "2011-03-02") for n in range(12)]
    (folder / "reports.csv").write_text("\n".join([*lines, *rows]) + "\n", encoding="utf-8")
    main(["validate", str(folder)])
    said = " ".join(capsys.readouterr().out.split())
    assert "12 of the named years outside 2016-2020 (edition 2016-2020)" in said
    assert main(["validate", str(folder), "--edition", "nowhere"]) == 2


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("control_year: 2019\n", "control_year is missing"),
        ("cost_years: [2017, 2018]\n", "cost_years is missing"),
    ],
)
def test_controls_need_their_years(tmp_path, option, words):
    """D9: "nothing is wrong", and another definition under the same words."""
    whole = "source: a test\ncontrol_year: 2019\ncost_years: [2017, 2018]\n"
    folder = write_clean(tmp_path / "extract", extract=whole.replace(option, ""))
    found = validate_extract(folder)
    assert found.exit_code == 1 and words in format_report(found)


def test_incidents_of_persons_need_their_spells(tmp_path):
    folder = write_clean(tmp_path / "extract")
    (folder / "residence_spells.csv").unlink()
    found = validate_extract(folder)
    assert found.exit_code == 1 and "without residence_spells" in format_report(found)


def test_days_of_the_calendar_alone_are_read(tmp_path):
    """Eight digits in csv; an end that is open for ever is named, so that the mapping can say
    so."""
    (tmp_path / "residence_spells.csv").write_text(
        "person_id,from_date,to_date\nP1,20180102,99991231\nP2,1052016,\n", encoding="utf-8"
    )
    (tmp_path / "extract.yml").write_text(
        'source: a test\ntables: {residence_spells: {date_format: "%Y%m%d"}}\n', encoding="utf-8"
    )
    found = validate_extract(tmp_path).problems
    assert [(one.column, one.rows) for one in found] == [("from_date", (3,)), ("to_date", (2,))]
    assert [one.is_warning for one in found] == [False, True]


def test_an_extract_of_headers_alone_is_no_extract(tmp_path: Path):
    folder = write_clean(tmp_path / "extract")
    for name, content in CLEAN.items():
        (folder / f"{name}.csv").write_text(content.splitlines()[0] + "\n", encoding="utf-8")
    assert validate_extract(folder).exit_code == 1
