"""Odd files of which each row or each file is right by itself: what is wrong shows in several of
them together, or in what a program did to the whole."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from extracts import CLEAN
from odd_files import (
    HEAD,
    MEANT,
    PERSONS,
    REPORTS,
    Builder,
    change,
    csv,
    entries,
    identify,
    mapping,
    parquet,
    sheet,
    spark,
)

from helpers.sources import format_report, read_extract, read_table, validate_extract

MATCHES = "victim_id,control_id\nP1,P3\n"
WITHOUT_CELLS = 'tables: {persons: {not_recorded: [""]}}\n'
WHOLE = pa.table({name: pa.array(values) for name, values in MEANT.items()})


def write_reports(*victims: str, first: int = 0) -> str:
    head, line, *_ = REPORTS.splitlines()
    rows = [
        line.replace("R1", f"R{n}").replace("V1", victim) for n, victim in enumerate(victims, first)
    ]
    return "\n".join([head, *rows, ""])


def two_files(one: str, other: str) -> Builder:
    def build(folder: Path) -> None:
        (folder / "a.csv").write_text(one, encoding="utf-8")
        (folder / "b.csv").write_text(other, encoding="utf-8")
        (folder / "extract.yml").write_text(
            "source: a test\ntables: {reports: {file: [a.csv, b.csv]}}\n", encoding="utf-8"
        )

    return build


def in_two(one: str, other: str) -> Builder:
    """The same victim written so in one file of reports, and so in another."""
    return two_files(write_reports(one, "77"), write_reports(other, "88", first=10))


def parts(**files: Any) -> Builder:
    """Persons as a folder of parts; a `.` of a name is written as two underscores."""

    def build(folder: Path) -> None:
        (folder / "persons.parquet").mkdir()
        for name, part in files.items():
            pq.write_table(part, folder / "persons.parquet" / name.replace("__", "."))
        (folder / "extract.yml").write_text("source: a test\n", encoding="utf-8")

    return build


def link_to_parts(folder: Path) -> None:
    spark(folder)
    (folder.parent / "elsewhere").mkdir()
    pq.write_table(WHOLE, folder.parent / "elsewhere" / "part.parquet")
    (folder / "persons.parquet" / "more").symlink_to(folder.parent / "elsewhere")


def merge_cells(_book: Any, page: Any) -> None:
    page.merge_cells("D2:D4")


def add_note(_book: Any, page: Any) -> None:
    page.append([])
    page.append(["Bron: het register"])


def write_days(days: list[Any], form: str = "%d-%m-%Y") -> Builder:
    def build(folder: Path) -> None:
        book = openpyxl.Workbook()
        book.active.append(HEAD)
        for number, day in enumerate(days):
            book.active.append([f"X{number}", "female", day, "NLD", None])
        book.save(folder / "persons.xlsx")
        (folder / "extract.yml").write_text(
            f'source: a test\ntables: {{persons: {{date_format: "{form}"}}}}\n', encoding="utf-8"
        )

    return build


EARLY = [datetime.date(1990, month, 3) for month in range(1, 7)]
WORDS = [f"{day}-03-1990" for day in range(13, 19)]


def float_identifiers(kind: pa.DataType) -> Builder:
    return parquet(person_id=pa.array([16_777_219.0, 5.0, 7.0], kind))


def at(day: int, hour: int) -> datetime.datetime:
    return datetime.datetime(2000, 5, day, hour)


REFUSED: dict[str, tuple[Builder, str]] = {
    "zeros in one file and none in another": (in_two("0123", "123"), "part of the table writes"),
    "capitals in one file and none in another": (in_two("AB12", "ab12"), "of the table writes"),
    "marks in one file and none in another": (in_two("1.234", "1234"), "of the table writes"),
    "Cyrillic in one file and Latin in another": (
        in_two("\u0410\u041212", "AB12"),
        "Greek or Cyrillic|of the table writes",
    ),
    "a column in one file only": (
        two_files(
            write_reports("V1").replace("dublin", "dublin,municipality").replace(",\n", ",,\n"),
            write_reports("V2", first=10),
        ),
        "column municipality stands in one file",
    ),
    "a column in the other file only": (
        two_files(
            write_reports("V2"),
            write_reports("V1", first=10)
            .replace("dublin", "dublin,municipality")
            .replace(",\n", ",,\n"),
        ),
        "column municipality stands in one file",
    ),
    "an identifier of backslash N": (identify("\\N", "\\N"), "stands for a missing one"),
    "an identifier n.v.t.": (identify("n.v.t.", "V2"), "stands for a missing one"),
    "an identifier [null]": (identify("[null]", "V2"), "stands for a missing one"),
    "an identifier below nought": (identify("-1", "-1", "17"), "stands for a missing one"),
    "nines in many rows": (identify(*["999999999"] * 12, "123", "124"), "zeros or nines in many"),
    "zeros in many rows": (identify(*["0"] * 12, "123", "124"), "zeros or nines in many"),
    "a letter that was lost": (identify("A\ufffd1", "A\ufffd1"), "a letter that was lost"),
    "a letter that became a question": (identify("A?1", "B1"), "a letter that was lost"),
    "a letter for a browser": (identify("A&eacute;1", "B1"), "a letter that was lost"),
    "a blank of braille": (identify("A1\u2800", "A1"), "a sign that nobody sees"),
    "letters of another encoding": (identify("J\u00c3\u00a91", "J\u00e91"), "wrong encoding"),
    "numbers cut to fifteen digits": (
        identify("123456789012345000", "223456789012345000"),
        "more than 15 digits that ends in zeros",
    ),
    "numbers past a short float": (float_identifiers(pa.float32()), "turned into a number"),
    "the row of names again": (
        csv(MATCHES + MATCHES, name="matches.csv"),
        "the row of names stands again",
    ),
    "a part with another ending": (
        parts(a__parquet=WHOLE[:2], b__parq=WHOLE[2:]),
        "no Parquet file among parts",
    ),
    "a part without an ending": (
        parts(a__parquet=WHOLE[:2], part_2=WHOLE[2:]),
        "no Parquet file among parts",
    ),
    "a part that lacks a column": (
        parts(a__parquet=WHOLE[:2], b__parquet=WHOLE[2:].drop_columns("death_date")),
        "column death_date is missing",
    ),
    "a link to a folder of parts": (link_to_parts, "a link to another place"),
    "merged cells": (entries(sheet(merge_cells), WITHOUT_CELLS), "merged cells among the rows"),
    "a note below": (entries(sheet(add_note), WITHOUT_CELLS), "notes below a table"),
    "days that were taken for months": (write_days([*EARLY, *WORDS]), "took the day for the month"),
    "a length of time": (sheet(C2=datetime.timedelta(days=3)), "a length of time"),
    "midnights, some of elsewhere": (
        parquet(birth_date=pa.array([at(1, 23), at(2, 22), at(3, 0)])),
        r"midnights of another time zone.*\(2 rows: 1, 2\)",
    ),
    "a nine that is unknown and an age": (
        lambda folder: (
            (folder / "reports.csv").write_text(write_reports("V1").replace(",female,19", ",9,9")),
            (folder / "extract.yml").write_text(
                'source: a test\ntables: {reports: {unknown: ["9"]}}\n'
            ),
        ),
        "column age_at_report: a number that is declared to mean unknown",
    ),
    "a nine that is unknown and a count": (
        lambda folder: (
            (folder / "residence_counts.csv").write_text(
                CLEAN["residence_counts"].replace("male", "9").replace(",7\n", ",9\n")
            ),
            (folder / "extract.yml").write_text(
                'source: a test\ntables: {residence_counts: {unknown: ["9"], codes: {sex: {female: fe9}}}}\n'
            ),
        ),
        "column n: a number that is declared to mean unknown",
    ),
    "a table in capitals beside none": (csv(PERSONS, name="PERSONS.CSV"), "name of a table that"),
    "a count below five as it is printed": (
        csv(CLEAN["residence_counts"].replace(",12\n", ",<5\n"), name="residence_counts.csv"),
        "column n: no number",
    ),
    "a row of totals among counts": (
        csv(
            f"{CLEAN['residence_counts']}2020,420,granted,claim,totaal,18_22,africa,7\n",
            name="residence_counts.csv",
        ),
        "column sex: codes that are not in the list",
    ),
    "a year of birth in place of an age": (
        change(",19,", ",1990,", content=REPORTS, name="reports.csv"),
        "outside 0 to 120",
    ),
    "a nought of SQL": (change("1990-07-01", "1753-01-01"), "before 1900"),
    "a nought of a spreadsheet": (change("1990-07-01", "1899-12-30"), "before 1900"),
    "a mark of UTF-8 between files that were joined": (
        csv(PERSONS + "\ufeff" + PERSONS.splitlines()[1].replace("P1", "P9") + "\n"),
        "a sign that nobody sees",
    ),
    "a table of HTML": (csv("<table><tr><td>person_id</td></tr></table>\n"), "one column only"),
    "a match that stands twice": (
        csv(MATCHES + MATCHES.splitlines()[1] + "\n", name="matches.csv"),
        "key stands in an earlier row",
    ),
    "a path of Windows out of the folder": (
        entries(csv(PERSONS), "tables: {persons: {file: '..\\..\\x.csv'}}\n"),
        "does not exist|outside the folder",
    ),
    "a device": (
        entries(csv(PERSONS), "tables: {persons: {file: /dev/zero}}\n"),
        "outside the folder",
    ),
    "a source with a wide sign of equality": (
        mapping("source: \uff1d1+1\n"),
        "begins like a formula",
    ),
    "two documents": (mapping("source: a\n---\nsource: b\n"), "no valid YAML"),
}
SAME: dict[str, Builder] = {
    "parts in capitals": parts(a__parquet=WHOLE[:2], b__PARQUET=WHOLE[2:]),
    "parts in folders of no meaning": lambda folder: (
        spark(folder),
        (folder / "persons.parquet" / "z2017").mkdir(),
        (folder / "persons.parquet" / "part-00001.snappy.parquet").rename(
            folder / "persons.parquet" / "z2017" / "b.parquet"
        ),
    ),
    "a nine that means unknown where there is no other": entries(
        csv(PERSONS), 'tables: {persons: {unknown: ["9", "99"]}}\n'
    ),
    "a day in other digits": change("1990", "\uff11\uff19\uff19\uff10"),
    "a title over merged cells": entries(
        sheet(lambda _, page: (page.insert_rows(1), page.merge_cells("A1:E1"))),
        "tables: {persons: {header_row: 2}}\n",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_only_the_whole_shows_is_refused(tmp_path, name):
    build, words = REFUSED[name]
    folder = tmp_path / "extract"
    folder.mkdir()
    build(folder)
    validation = validate_extract(folder)
    report = re.sub(r"\s+", " ", format_report(validation))
    assert validation.exit_code in (1, 2) and re.search(words, report), report
    assert not re.search(r"AB12|0123|999999999|\bV1\b|2000-02-29|Bron", report)


@pytest.mark.parametrize("name", SAME)
def test_what_is_only_unusual_is_read(tmp_path, name):
    SAME[name](tmp_path)
    validation = validate_extract(tmp_path)
    assert validation.exit_code == 0, format_report(validation)
    read = read_table(read_extract(tmp_path), "persons")
    assert read["person_id"].tolist() == MEANT["person_id"]
    assert read["birth_date"].dt.date.tolist() == MEANT["birth_date"]


@pytest.mark.parametrize("days", [EARLY, WORDS, [*EARLY, "3-12-1990"], [*EARLY[:2], *WORDS[:1]]])
def test_days_that_no_spreadsheet_turned_are_read(tmp_path, days):
    write_days(days)(tmp_path)
    assert validate_extract(tmp_path).exit_code == 0


def test_identifiers_of_one_writing_over_several_files_are_read(tmp_path):
    in_two("0123", "0123")(tmp_path)
    assert validate_extract(tmp_path).exit_code == 0
    assert read_table(read_extract(tmp_path), "reports")["victim_id"].nunique() == 3


@pytest.mark.parametrize(("word", "code"), [("9", 1), ("99", 0), ("999", 0), ("0", 1)])
def test_a_number_that_means_unknown_everywhere_may_be_an_age_only_where_few_are_so_old(
    tmp_path, word, code
):
    csv(
        REPORTS.replace(",female,19,", f",{word},{word},"),
        name="reports.csv",
        entries=f'tables: {{reports: {{unknown: ["{word}"], true: ["true"], false: ["false"]}}}}\n',
    )(tmp_path)
    assert validate_extract(tmp_path).exit_code == code


def test_a_code_that_two_words_mean_stands_once_in_a_cell(tmp_path):
    """Else a victim would be counted twice in a sector."""
    csv(
        REPORTS.replace("window|home", "raam|kamer"),
        name="reports.csv",
        entries="tables: {reports: {codes: {sector_sexual: {window: [raam, kamer]}}}}\n",
    )(tmp_path)
    assert read_table(read_extract(tmp_path), "reports")["sector_sexual"][0] == "window"


@pytest.mark.parametrize(("month", "is_odd"), [("01", True), ("02", False)])
def test_births_that_are_all_on_new_year_are_warned_of(tmp_path, month, is_odd):
    rows = [f"A{n},female,{1950 + n}-{month}-01,NLD," for n in range(20)]
    csv("\n".join([",".join(HEAD), *rows, ""]))(tmp_path)
    assert ("only the year is known" in format_report(validate_extract(tmp_path))) == is_odd


def test_a_check_says_what_it_read_of_captures(tmp_path):
    text = "A,B,C,region,n\n1,0,0,x,50\n0,1,0,x,40\n0,0,1,y,30\n1,1,0,y,9\n0,1,1,x,8\n"
    csv(text, name="captures.csv", entries="captures: {period: 2016-2020}\n")(tmp_path)
    report = " ".join(format_report(validate_extract(tmp_path)).split())
    assert "3 lists; 5 combinations of them; 137 victims; period 2016-2020; 2 regions" in report


def test_a_period_of_captures_that_has_ten_thousand_years_is_refused(tmp_path):
    csv("A,B,C,n\n1,0,0,5\n", name="captures.csv", entries="captures: {period: 0001-9999}\n")(
        tmp_path
    )
    assert validate_extract(tmp_path).exit_code == 2


@pytest.mark.parametrize(("n", "is_full"), [(65_535, True), (65_534, False)])
def test_as_many_rows_as_an_old_sheet_holds_are_warned_of(tmp_path, n, is_full):
    rows = "\n".join(f"A{number},B{number}" for number in range(n))
    csv(f"victim_id,control_id\n{rows}\n", name="matches.csv")(tmp_path)
    validation = validate_extract(tmp_path)
    assert validation.exit_code == 0
    assert ("as many rows as a spreadsheet" in format_report(validation)) == is_full


def test_victims_without_an_incident_are_warned_of_where_they_are_most(tmp_path):
    """As where victim_id and control_id are exchanged."""
    tables = {
        "matches": [("victim_id", "control_id"), *((f"C{n}", f"A{n}") for n in range(12))],
        "incidents": [
            CLEAN["incidents"].splitlines()[0].split(","),
            *(
                (f"I{n}", f"A{n}", "2018-01-01", "2017-12-01", "2017-12-02", "F561")
                for n in range(12)
            ),
        ],
    }
    for name, rows in tables.items():
        (tmp_path / f"{name}.csv").write_text("\n".join(map(",".join, rows)) + "\n")
    (tmp_path / "extract.yml").write_text("source: a test\n")
    assert "most of the victims have no incident" in format_report(validate_extract(tmp_path))
    turned = pd.read_csv(tmp_path / "matches.csv")
    turned = turned.rename(columns={"victim_id": "control_id", "control_id": "victim_id"})
    turned.to_csv(tmp_path / "matches.csv", index=False)
    assert "no incident" not in format_report(validate_extract(tmp_path))
