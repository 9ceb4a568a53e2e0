"""Odd files after what users of pandas, openpyxl, pyreadstat and Arrow report: each is read as the
table that its owner meant, or refused with a message that says what is wrong; never anything
else."""

from __future__ import annotations

import datetime
import decimal
import io
import os
import re

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from odd_files import (
    COSTS,
    DAY,
    HEAD,
    MEANT,
    PERSONS,
    REPORTS,
    Builder,
    add_chart_sheet,
    add_link,
    add_title,
    change,
    cost,
    csv,
    days,
    entries,
    hide_row,
    identify,
    mapping,
    midnights,
    old_timestamps,
    options,
    parquet,
    rewrite_sheet,
    sav,
    sheet,
    spark,
    turn_cells,
    use_mac_dates,
)
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from helpers.cli import main
from helpers.sources import format_report, read_extract, read_table, validate_extract

SAME: dict[str, Builder] = {
    "ends of lines of Windows": csv(PERSONS.replace("\n", "\r\n")),
    "ends of lines of both kinds": csv(PERSONS.replace("\n", "\r\n", 2)),
    "ends of lines of an old Mac": csv(PERSONS.replace("\n", "\r")),
    "a mark of UTF-8": csv(b"\xef\xbb\xbf" + PERSONS.encode()),
    "no last end of line": csv(PERSONS.rstrip("\n")),
    "all in quotes": csv(re.sub(r"([^,\n]+)", r'"\1"', PERSONS)),
    "blank lines": csv(PERSONS.replace("\n", "\n\n")),
    "lines of commas at the end": csv(PERSONS + ",,,,\n,,,,\n"),
    "tabs, declared": options(r'delimiter: "\t"', PERSONS.replace(",", "\t")),
    "a title above": options("header_row: 3", "Personen\nop 1 juli\n" + PERSONS),
    "names with blanks that are wide": csv(PERSONS.replace("sex,", "\u00a0sex\u00a0,", 1)),
    "columns in another order": csv(
        "\n".join(",".join(reversed(line.split(","))) for line in PERSONS.splitlines())
    ),
    "days without zeros": change("2000-05-05", "2000-5-5"),
    "days as eight digits": options('date_format: "%Y%m%d"', PERSONS.replace("-", "")),
    "American days, declared": options(
        'date_format: "%m/%d/%Y"', re.sub(r"(\d{4})-(\d\d)-(\d\d)", r"\2/\3/\1", PERSONS)
    ),
    "a workbook of a Mac": sheet(use_mac_dates),
    "a hidden row": sheet(hide_row),
    "a link in a cell": sheet(add_link),
    "a sheet of a chart": sheet(add_chart_sheet),
    "letters of several fonts": sheet(
        A2=CellRichText("P", TextBlock(InlineFont(b=True), "1")),
    ),
    "seconds": parquet(birth_date=days(pa.timestamp("s"))),
    "nanoseconds": parquet(birth_date=days(pa.timestamp("ns"))),
    "midnights of Amsterdam": parquet(
        birth_date=pa.array(
            [pd.Timestamp(day, tz="Europe/Amsterdam") for day in MEANT["birth_date"]],
            pa.timestamp("us", "Europe/Amsterdam"),
        )
    ),
    "days of 64 bits": parquet(birth_date=days(pa.timestamp("ms")).cast(pa.date64())),
    "codes of a dictionary": parquet(sex=pa.array(MEANT["sex"]).dictionary_encode()),
    "large texts": parquet(person_id=pa.array(MEANT["person_id"], pa.large_string())),
    "texts as bytes": parquet(person_id=pa.array([b"P1", b"P2", b"P3"])),
    "rows and cells that do not say their place": rewrite_sheet(
        lambda rows: [re.sub(rb' r="[A-Z]*\d+"', b"", row) for row in rows]
    ),
    "a note of two lines that nothing uses": csv(
        "\n".join(
            line + tail
            for line, tail in zip(
                PERSONS.splitlines(), (",note", ',"a, b\nc"', ",d", ",e"), strict=True
            )
        )
        + "\n"
    ),
    "midnights by the clock of the file": parquet(birth_date=pa.array(midnights(0))),
    "noons": parquet(birth_date=pa.array(midnights(-12))),
    "parts that Spark wrote": spark,
    "a name with a point": entries(
        lambda folder: (
            parquet()(folder),
            pq.write_table(
                pq.read_table(folder / "persons.parquet").rename_columns(["persoon.id", *HEAD[1:]]),
                folder / "persons.parquet",
            ),
        ),
        "tables: {persons: {columns: {person_id: persoon.id}}}\n",
    ),
    "texts that are views": parquet(person_id=pa.array(MEANT["person_id"]).cast(pa.string_view())),
    "numbers as days, declared": entries(
        parquet(birth_date=pa.array([20000229, 19900701, 20000505])),
        'tables: {persons: {date_format: "%Y%m%d"}}\n',
    ),
    "SPSS": sav(),
    "SPSS, pressed": sav(compress=True),
    "SPSS with labels": sav(column_labels={"sex": "geslacht"}),
}
REFUSED: dict[str, tuple[Builder, str]] = {
    "rows out of order": (
        rewrite_sheet(lambda rows: [rows[0], rows[2], rows[1], *rows[3:]]),
        "stand twice or out of order",
    ),
    "a row number twice": (
        rewrite_sheet(lambda rows: [*rows, rows[3].replace(b"P3", b"P4")]),
        "stand twice or out of order",
    ),
    "cells out of order": (rewrite_sheet(turn_cells), "stand twice or out of order"),
    "a quote that takes rows with it": (
        csv(
            "\n".join(
                line + tail
                for line, tail in zip(
                    PERSONS.splitlines(), (",note", ',"a', ",d", ',e"'), strict=True
                )
            )
            + "\n"
        ),
        r"a cell that holds whole rows.*\(1 row: 2\)",
    ),
    "midnights of Amsterdam as UTC has them": (
        parquet(birth_date=pa.array(midnights(1))),
        "midnights of another time zone",
    ),
    "midnights of elsewhere in a workbook": (
        sheet(**{f"C{row}": moment for row, moment in enumerate(midnights(2), start=2)}),
        "midnights of another time zone",
    ),
    "midnights of elsewhere in SPSS": (
        sav({"birth_date": midnights(1)}),
        "midnights of another time zone",
    ),
    "midnights of elsewhere in words": (
        options(
            'date_format: "%Y-%m-%dT%H:%M:%SZ"',
            re.sub(r"(\d{4}-\d\d-\d\d)", r"\1T23:00:00Z", PERSONS),
        ),
        "midnights of another time zone",
    ),
    "an end that is open, in an extract with a date": (
        entries(change("2020-01-15", "9999-12-31"), "extraction_date: 2021-07-01\n"),
        "after the extract was made",
    ),
    "an identifier in capitals and not": (identify("ab12x", "AB12x"), "in capitals and in small"),
    "an identifier with marks and without": (identify("1.234", "1234"), "with marks for thousands"),
    "an identifier in another alphabet": (identify("\u041012", "A12"), "Greek or Cyrillic"),
    "a hundred codes in a cell": (
        change("window|home", "|".join(["window"] * 100), content=REPORTS, name="reports.csv"),
        "more than 40 codes in a cell",
    ),
    "a word of two meanings": (
        entries(csv(PERSONS), "tables: {persons: {unknown: [V], codes: {sex: {female: V}}}}\n"),
        "give it one meaning",
    ),
    "a name of a file that holds a sign of its end": (
        entries(csv(PERSONS), 'tables: {persons: {file: "per\\0sons.csv"}}\n'),
        "a sign that nobody sees",
    ),
    "a source that turns the text": (
        mapping('source: "a \\u202e b"\n'),
        "a sign that nobody sees",
    ),
    "a formula for a denominator": (
        entries(csv(PERSONS), 'unit_denominators: {what: "=1+1", values: {amsterdam: 9}}\n'),
        "unit_denominators",
    ),
    "a pipe in place of a file": (
        lambda folder: (csv(PERSONS)(folder), os.mkfifo(folder / "reports.csv")),
        "is no file",
    ),
    "a pipe among parts": (
        lambda folder: (spark(folder), os.mkfifo(folder / "persons.parquet" / "x.parquet")),
        "no file",
    ),
    "a link in place of a mapping": (
        lambda folder: (
            csv(PERSONS)(folder),
            (folder / "extract.yml").rename(folder.parent / "elsewhere.yml"),
            (folder / "extract.yml").symlink_to(folder.parent / "elsewhere.yml"),
        ),
        "a link to another place",
    ),
    "UTF-16": (csv(PERSONS.encode("utf-16")), "NUL byte|not in the encoding"),
    "a line of Excel's": (csv("sep=,\n" + PERSONS), "one column only|is missing"),
    "a comment above": (csv("# export\n" + PERSONS), "one column only|is missing"),
    "a comma at the end of rows": (csv(PERSONS.replace("\n", ",\n")), "without a name"),
    "commas at the end of rows only": (
        csv(PERSONS.replace(",NLD,\n", ",NLD,,\n")),
        "6 cells where 5 belong",
    ),
    "a sign of the end of DOS": (csv(PERSONS + "\x1a"), "cells where 5 belong|sign that nobody"),
    "blanks after commas": (change("P1,female", "P1, female"), "blanks before or after"),
    "names in capitals": (change("person_id", "PERSON_ID"), "column person_id is missing"),
    "two exports in one file": (csv(PERSONS + PERSONS), "key stands in an earlier row"),
    "the header again": (csv(PERSONS + PERSONS.splitlines()[0] + "\n"), "no date of the form"),
    "a line inside an identifier": (change("P1,f", '"P\n1",f'), "sign that nobody sees"),
    "a quote with a backslash": (change("P1,f", '"P\\"1",f'), "after its closing quote"),
    "the same row twice": (csv(PERSONS + PERSONS.splitlines()[1] + "\n"), "key stands in an earl"),
    "NULL for a day": (change("2000-05-05", "NULL"), "no date of the form"),
    "a day of no month": (change("2000-05-05", "2001-02-29"), "no date of the form"),
    "a day in words": (change("2000-05-05", "5 mei 2000"), "no date of the form"),
    "two digits of a year": (change("2000-05-05", "00-05-05"), "no date of the form"),
    "a day as a zero": (change("2000-05-05", "0000-00-00"), "no date of the form"),
    "days of two orders": (change("2000-05-05", "05-05-2000"), "no date of the form"),
    "an identifier NULL": (identify("NULL", "NULL"), "stands for a missing one"),
    "an identifier nan": (identify("nan", "V2"), "stands for a missing one"),
    "an identifier None": (identify("None", "V2"), "stands for a missing one"),
    "an identifier <NA>": (identify("<NA>", "V2"), "stands for a missing one|browser would draw"),
    "an identifier n/a": (identify("n/a", "V2"), "stands for a missing one"),
    "an identifier of dashes": (identify("---------", "V2"), "stands for a missing one"),
    "an identifier of a point": (identify(".", "V2"), "stands for a missing one"),
    "an identifier onbekend": (identify("onbekend", "Onbekend"), "stands for a missing one"),
    "an identifier with an apostrophe": (identify("'0012", "0012"), "apostrophe"),
    "an identifier as a formula of text": (identify('"=""0012"""', "V2"), "spreadsheet would run"),
    "an identifier with a long dash": (identify("A\u20131", "A-1"), "looks like another"),
    "an identifier with a minus": (identify("A\u22121", "A-1"), "looks like another"),
    "an identifier in other digits": (identify("A\u0661", "A1"), "looks like another"),
    "an identifier in wide digits": (identify("A\uff11", "A1"), "looks like another"),
    "an identifier of a whole number with decimals": (identify("12.0", "12"), "turned into a numb"),
    "an identifier of a power": (identify("1.2E+10", "V2"), "turned into a number"),
    "an identifier of a month": (identify("1-mrt", "V2"), "turned into a number or a date"),
    "an identifier with zeros and without": (identify("0012", "12"), "zeros before it"),
    "an escaped end of a line": (sheet(A2="P1_x000D_"), "sign that nobody sees"),
    "an identifier with a tab": (identify('"V\t1"', "V2"), "sign that nobody sees"),
    "an identifier that turns the text": (identify("V\u202e1", "V2"), "sign that nobody sees"),
    "a time in place of a day": (sheet(C2=datetime.time(0, 0)), "no date of the form"),
    "a truth value as a code": (sheet(B2=True), "codes that are not in the list"),
    "a truth value as an identifier": (sheet(A2=True), "turned into a number or a date"),
    "a day as an identifier": (sheet(A2=DAY), "turned into a number or a date"),
    "a number among identifiers": (sheet(A2=17), "numbers beside texts"),
    "a title over merged cells": (sheet(add_title), "is missing|without a name"),
    "a sum": (sheet(A2='=CONCAT("P",1)'), "a formula"),
    "an error": (sheet(A2="#N/A"), "error cell"),
    "lists in a column": (parquet(sex=pa.array([["female"], ["male"], []])), "lists or records"),
    "records in a column": (parquet(sex=pa.array([{"a": "x"}] * 3)), "lists or records"),
    "times of day in a column of days": (
        parquet(birth_date=pa.array([1, 2, 3], pa.time32("s"))),
        "no date|cannot be checked|no whole",
    ),
    "spans in a column of days": (
        parquet(birth_date=pa.array([1, 2, 3], pa.duration("s"))),
        "no date|cannot be checked|no whole",
    ),
    "bytes that are no text": (parquet(person_id=pa.array([b"P1", b"\xff", b"P3"])), "."),
    "an identifier of floats": (parquet(person_id=pa.array([1.5, 2.0, 3.0])), "into a number"),
    "an identifier past what a float holds": (
        parquet(person_id=pa.array([1e17, 2.0, 3.0])),
        "into a number",
    ),
    "days with hours of a zone": (
        parquet(
            birth_date=pa.array([pd.Timestamp("2000-02-29 13:00", tz="UTC")] * 3),
        ),
        "time of day with a time zone",
    ),
    "a column without a value": (parquet(sex=pa.nulls(3)), "empty"),
    "numbers of SPSS as days": (sav({"birth_date": [36585.0, 36586.0, 36587.0]}), "serial number"),
    "a day of SPSS as an identifier": (sav({"person_id": MEANT["birth_date"]}), "into a number"),
    "a currency": (cost("€ 12"), "no number"),
    "an amount in brackets": (cost("(12)"), "no number"),
    "an amount with a dash": (cost("12,-"), "no number"),
    "an amount with a percent": (cost("12%"), "no number"),
    "an amount of two marks": (cost("1.200,50", decimal_mark=","), "no number"),
    "an amount without end": (cost("Infinity"), "no number"),
    "an amount as a power": (cost("1e3"), "no number"),
    "an amount in wide digits": (cost("\uff11\uff12"), "no number"),
    "an amount with a thin blank": (cost("1\u202f200"), "no number"),
    "an amount that can be read two ways": (cost("5.120", decimal_mark=","), "no number"),
    "another amount that can": (cost("5,120", decimal_mark=","), "read two ways"),
    "a sector and nothing": (
        change("window|home", "window|", content=REPORTS, name="reports.csv"),
        "not in the list",
    ),
    "nothing between sectors": (
        change("window|home", "window||home", content=REPORTS, name="reports.csv"),
        "not in the list",
    ),
    "sectors with a semicolon": (
        change("window|home", "window;home", content=REPORTS, name="reports.csv"),
        "not in the list",
    ),
    "truth in Dutch": (
        change("amsterdam,true", "amsterdam,WAAR", content=REPORTS, name="reports.csv"),
        "neither true nor false",
    ),
    "a two for a truth": (
        change("amsterdam,true", "amsterdam,2", content=REPORTS, name="reports.csv"),
        "neither true nor false",
    ),
    "an age in words": (
        change("female,19,", "female,19 jaar,", content=REPORTS, name="reports.csv"),
        "no number",
    ),
    "a code in capitals": (change("P1,female", "P1,FEMALE"), "not in the list"),
    "a mapping with tabs": (mapping("source: x\ntables:\n\tpersons: {}\n"), "no valid YAML"),
    "a mapping in UTF-16": (
        lambda folder: (
            csv(PERSONS)(folder),
            (folder / "extract.yml").write_bytes("source: x\n".encode("utf-16")),
        ),
        "no valid YAML",
    ),
    "two files of a table": (
        lambda folder: (csv(PERSONS)(folder), (folder / "persons.xlsx").write_bytes(b"x")),
        "table persons stands in",
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_an_odd_file_is_read_as_it_was_meant(tmp_path, name):
    folder = tmp_path / "extract"
    folder.mkdir()
    SAME[name](folder)
    validation = validate_extract(folder)
    assert validation.exit_code == 0, format_report(validation)
    read = read_table(read_extract(folder), "persons").astype(object)
    found = {
        column: [
            None if pd.isna(cell) else cell.date() if hasattr(cell, "date") else cell
            for cell in read[column]
        ]
        for column in read
    }
    assert found == MEANT


@pytest.mark.parametrize("name", REFUSED)
def test_an_odd_file_is_refused_with_its_reason(tmp_path, name):
    build, words = REFUSED[name]
    folder = tmp_path / "extract"
    folder.mkdir()
    build(folder)
    validation = validate_extract(folder)
    report = re.sub(r"\s+", " ", format_report(validation))
    assert validation.exit_code in (1, 2), report
    assert re.search(words, report), report
    assert not re.search(r"P\W?1\b|V1\b|2000-02-29", report)


def test_sums_of_money_of_exact_numbers_are_read(tmp_path):
    csv(b"", name="care_costs.csv")(tmp_path)
    (tmp_path / "care_costs.csv").unlink()
    amounts = pa.array([decimal.Decimal("1200.50")], pa.decimal128(9, 2))
    table = {"person_id": ["P1"], "year": [2017]}
    table |= dict.fromkeys(COSTS.splitlines()[0].split(",")[2:], amounts)
    pq.write_table(pa.table(table), tmp_path / "care_costs.parquet")
    read = read_table(read_extract(tmp_path), "care_costs")
    assert list(read["total_basic_insurance_eur"]) == [1200.5]


@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx", "sav"])
def test_a_day_that_is_declared_to_mean_unknown_is_missing_in_every_format(tmp_path, kind):
    end = datetime.date(2199, 12, 31)
    build = {
        "csv": change("2020-01-15", "2199-12-31"),
        "parquet": parquet(death_date=pa.array([None, end, None])),
        "xlsx": sheet(E3=end),
        "sav": sav({"death_date": [None, end, None]}),
    }[kind]
    entries(build, 'tables: {persons: {unknown: ["2199-12-31"]}}\n')(tmp_path)
    assert validate_extract(tmp_path).exit_code == 0
    assert read_table(read_extract(tmp_path), "persons")["death_date"].isna().all()


def test_days_that_stand_for_missing_ones_are_warned_of(tmp_path):
    rows = [f"P{n},female,1970-01-01,NLD," for n in range(10)]
    rows += [f"Q{n},female,19{60 + n // 12}-{1 + n % 12:02d}-05,NLD," for n in range(150)]
    csv("\n".join([PERSONS.splitlines()[0], *rows]) + "\n")(tmp_path)
    report = format_report(validate_extract(tmp_path))
    assert "stands for a missing date in many systems" in report and "(10 rows: 2, 3" in report
    csv("\n".join([PERSONS.splitlines()[0], *rows[1:]]) + "\n")(tmp_path)
    assert "stands for a missing date" not in format_report(validate_extract(tmp_path))


@pytest.mark.parametrize(
    ("first", "last", "given", "words"),
    [
        ("2018-01", "2020-12", "", None),
        ("2018-01", "2020-06", "", "the last year has no row in 6 of its months at the end"),
        ("2018-01", "2020-06", "reference_date: 2020-06-30\n", None),
        ("2018-01", "2020-06", "reference_date: 2020-12-31\n", "the last year has no row in 6"),
        ("2018-07", "2020-12", "", "the first year has no row in 6 of its months at the beginning"),
        ("2018-07", "2020-12", "start_date: 2018-07-01\n", None),
    ],
)
def test_years_that_the_rows_fill_in_part_are_warned_of(tmp_path, first, last, given, words):
    """Five reports a month."""
    months = [str(month) for month in pd.period_range(first, last, freq="M")]
    line = REPORTS.splitlines()[1].replace("V1", "V{0}").replace("R1", "R{0}")
    rows = [
        line.format(f"{place:03d}x{n}").replace("2019-03-02", f"{month}-0{n + 1}")
        for place, month in enumerate(months)
        for n in range(5)
    ]
    csv("\n".join([REPORTS.splitlines()[0], *rows]) + "\n", name="reports.csv", entries=given)(
        tmp_path
    )
    report = re.sub(r"\s+", " ", format_report(validate_extract(tmp_path)))
    assert (words in report) if words else ("of its months" not in report)


def test_a_console_that_lacks_a_letter_is_no_reason_to_stop(tmp_path, monkeypatch):
    """As where the output of Windows is kept in a file."""
    csv(PERSONS.replace("\n", ",x\n").replace("death_date,x", "death_date,\u0418\u043c\u044f"))(
        tmp_path
    )
    stream = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    monkeypatch.setattr("sys.stdout", stream)
    assert main(["validate", str(tmp_path)]) == 0
    stream.flush()
    assert b"columns that nothing uses: ???" in stream.buffer.getvalue()


@pytest.mark.parametrize("build", [change("2020-01-15", "9999-12-31"), old_timestamps])
def test_an_end_that_is_open_is_warned_of_and_read(tmp_path, build):
    build(tmp_path)
    validation = validate_extract(tmp_path)
    assert validation.exit_code == 0 and "after 2100" in format_report(validation)
    ends = read_table(read_extract(tmp_path), "persons")["death_date"].dropna()
    assert [str(day)[:10] for day in ends.to_numpy()] == ["9999-12-31"]
