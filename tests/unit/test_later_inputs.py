"""A third round of odd files, after what exports of Dutch spreadsheets, pandas, SPSS, Spark and
table formats over Parquet do: what was read wrongly in silence, and what was refused though it is
right."""

from __future__ import annotations

import datetime
import re
import zipfile
from pathlib import Path
from typing import Any

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
    sav,
    sheet,
    spark,
)

from helpers.cli import main
from helpers.sources import format_report, read_extract, read_table, validate_extract

WITHOUT_CELLS = 'tables: {persons: {not_recorded: [""]}}\n'
WITH_NOTES = PERSONS.replace("\n", ",x\n").replace("death_date,x", "death_date,note")
WHOLE = pa.table({name: pa.array(values) for name, values in MEANT.items()})
CAPTURES = "captures: {period: 2016-2020}\n"
LISTS = "n\n1,0,0,0,50\n0,1,0,0,40\n0,0,1,0,30\n0,0,0,1,30\n1,1,0,0,9\n0,1,1,1,8\n"


def write_ages(*ages: str, entry: str = "") -> Builder:
    """Reports of so many victims of these ages, over two whole years."""
    line = REPORTS.splitlines()[1]
    rows = [
        line.replace("R1", f"R{n}x")
        .replace("V1", f"V{n}x")
        .replace(",19,", f",{age},")
        .replace("2019-03", f"20{18 + n // 12 % 2}-{1 + n % 12:02d}")
        for n, age in enumerate(ages)
    ]
    text = f"tables: {{reports: {{{entry}}}}}\n" if entry else ""
    return csv("\n".join([REPORTS.splitlines()[0], *rows, ""]), name="reports.csv", entries=text)


def beside(name: str, content: bytes = b"x") -> Builder:
    """Persons, and this file in the same folder."""
    return lambda folder: (csv(PERSONS)(folder), (folder / name).write_bytes(content))


def under(ending: str, build: Builder, old: str) -> Builder:
    """The file of persons under another ending."""
    return lambda folder: (
        build(folder),
        (folder / f"persons.{old}").rename(folder / f"persons.{ending}"),
    )


def with_parts(add: Any) -> Builder:
    return lambda folder: (spark(folder), add(folder / "persons.parquet"))


def keep_log(name: str) -> Any:
    """What a table format leaves; a file of a person who was deleted lies there still."""

    def add(folder: Path) -> None:
        (folder / name).mkdir()
        gone = WHOLE[:1].set_column(0, "person_id", pa.array(["P7"]))
        pq.write_table(gone, folder / "part-00009.parquet")

    return add


def move_a_cell(_book: Any, page: Any) -> None:
    page["E3"], page["F3"] = None, datetime.date(2020, 1, 15)


def add_empty_texts(folder: Path) -> None:
    """A row of texts without a sign, as formulas leave whose values were pasted."""
    sheet()(folder)
    path = folder / "persons.xlsx"
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    cells = "".join(f'<c r="{c}5" t="inlineStr"><is><t></t></is></c>' for c in "ABCDE")
    row = f'<row r="5">{cells}</row></sheetData>'.encode()
    name = "xl/worksheets/sheet1.xml"
    parts[name] = parts[name].replace(b"</sheetData>", row)
    with zipfile.ZipFile(path, "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content)


def filter_rows(_book: Any, page: Any) -> None:
    page.auto_filter.ref = "A1:E4"
    page.row_dimensions[3].hidden = True


SPOILED = "turned into a number or a date"
APART = "differ in capitals, blanks or marks alone"
NO_ZEROS = 'tables: {persons: {date_format: "%Y%m%d", unknown: ["0"]}}\n'
REFUSED: dict[str, tuple[Builder, str]] = {
    "a quote within a text": (change("P1,f", '"P"1,f'), "goes on after its closing quote"),
    "letters after a quote": (change("P1,f", '"P1"x,f'), r"closing quote \(1 row: 2\)"),
    "a workbook under csv": (under("csv", sheet(), "xlsx"), "a workbook or an archive under"),
    "Parquet under csv": (under("csv", parquet(), "parquet"), "a Parquet file under"),
    "SPSS under csv": (under("csv", sav(), "sav"), "an SPSS file under"),
    "a row that only a note has": (
        csv(WITH_NOTES.replace("P3", ",,,,,iets\nP3")),
        r"cells only where nothing reads them \(1 row: 4\)",
    ),
    "an error cell of a Dutch spreadsheet": (identify("#N/B", "V2"), "error cell"),
    "another one": (identify("#WAARDE!", "V2"), "error cell"),
    "an error cell of a German one": (identify("#BEZUG!", "V2"), "error cell"),
    "one in a workbook": (sheet(A2="#N/B"), "error cell"),
    "a truth value as a word": (identify("WAAR", "V2"), "stands for a missing one"),
    "an identifier that became a day": (identify("2024-03-01", "3-77"), SPOILED),
    "an identifier that became a Dutch day": (identify("1-3-2024", "3-77"), SPOILED),
    "an identifier that became a month": (identify("01-mrt-24", "3-77"), SPOILED),
    "letters and a number with zeros and without": (identify("V7", "V007"), "zeros before it"),
    "letters and a number with a dash and without": (identify("V-7", "V7"), "with a sign between"),
    "zeros in some rows": (identify(*["0"] * 6, *"123456"), "zeros or nines in many rows"),
    "a sum and a colon": (
        entries(csv(f"{PERSONS}Totaal:,,,,\n"), WITHOUT_CELLS),
        r"a row of totals \(1 row: 5\)",
    ),
    "a sum among the rows": (
        entries(csv(PERSONS.replace("P3", "Subtotaal,,,,\nP3")), WITHOUT_CELLS),
        r"a row of totals \(1 row: 4\)",
    ),
    "an old workbook beside": (beside("incidents.xls"), "name of a table that is not read"),
    "a packed table beside": (beside("incidents.csv.gz"), "name of a table that is not read"),
    "a table in capitals beside": (beside("Incidents.csv"), "name of a table that is not read"),
    "SPSS under another ending": (under("zsav", sav(), "sav"), "name of a table that is not"),
    "captures in a workbook": (
        entries(beside("captures.xlsx"), CAPTURES),
        "name of a table that is not read",
    ),
    "a delimiter of two bytes": (
        entries(csv(PERSONS), "tables: {persons: {delimiter: \u00a6}}\n"),
        "is not one sign",
    ),
    "a cell beyond the names": (sheet(move_a_cell), r"right of the last name \(1 row: 3\)"),
    "a table of Delta Lake": (with_parts(keep_log("_delta_log")), "a table of Delta Lake"),
    "a table of Hudi": (with_parts(keep_log(".hoodie")), "a table of Hudi"),
    "a table of Iceberg": (with_parts(keep_log("metadata")), "a table of Iceberg"),
    "parts whose writing did not end": (
        with_parts(lambda folder: (folder / "_temporary").mkdir()),
        "writing did not end",
    ),
    "bytes that are no text": (
        parquet(person_id=pa.array([b"P1", b"P2", b"P\xe9"])),
        "bytes that are no text in UTF-8",
    ),
    "two words that are one": (
        mapping("source: x\ntables:\n  persons:\n    unknown: 98, 99\n"),
        "one word with a comma in it",
    ),
    "a word of several lines": (
        mapping("source: x\ntables:\n  persons:\n    unknown: |\n      99\n"),
        "text of several lines",
    ),
    "lists in capitals and not": (
        csv(f"Kmar,KMar,P,Q,{LISTS}", name="captures.csv", entries=CAPTURES),
        APART,
    ),
    "lists with a blank and without": (
        csv(f"K mar,Kmar,P,Q,{LISTS}", name="captures.csv", entries=CAPTURES),
        APART,
    ),
}
WARNED: dict[str, tuple[Builder, str]] = {
    "a last line without an end": (
        change("2000-05-05,NLD,\n", "2000-05-05,NLD,"),
        "the last line has no end",
    ),
    "rows that a filter hides": (sheet(filter_rows), "a filter or a user hides"),
    "rows that SPSS leaves out": (sav({"filter_$": [1.0, 0.0, 1.0]}), "filter_[$] says which rows"),
    "a part that begins with a line": (
        with_parts(lambda folder: pq.write_table(WHOLE[:1], folder / "_part-9.parquet")),
        "begin with _ or . are passed over",
    ),
    "a word of leave_out that no row has": (
        entries(csv(PERSONS), "tables: {persons: {leave_out: {sex: [V]}}}\n"),
        "leave_out leaves out no row by sex",
    ),
    "a name of a file with a day": (beside("Jansen 12-03-1990.docx"), r"\(a file [.]docx\)"),
}
SAME: dict[str, Builder] = {
    "a row of texts without a sign": add_empty_texts,
    "two ends of a line": csv(PERSONS.replace("\n", "\r\r\n")),
    "quotes of quotes": csv(
        "\n".join(
            line + tail
            for line, tail in zip(
                PERSONS.splitlines(),
                (",note", ',"a ""b"" c"', ',5" pijp', ',"""d"""'),
                strict=True,
            )
        )
        + "\n"
    ),
    "words between blanks that are declared": entries(
        csv(PERSONS.replace("P1,female", "P1, v ")),
        'tables: {persons: {codes: {sex: {female: [" v ", female]}}}}\n',
    ),
}


def build_in(folder: Path, build: Builder) -> tuple[int, str, Path]:
    folder.mkdir()
    build(folder)
    validation = validate_extract(folder)
    return validation.exit_code, re.sub(r"\s+", " ", format_report(validation)), folder


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_be_read_wrongly_is_refused(tmp_path, name):
    build, words = REFUSED[name]
    code, report, _ = build_in(tmp_path / "extract", build)
    assert code in (1, 2) and re.search(words, report), report
    assert not re.search(r"\bP[1-37]\b|\bV[12]\b|2000-02-29|2024|#N/B", report)


@pytest.mark.parametrize("name", WARNED)
def test_what_may_be_meant_is_read_and_warned_of(tmp_path, name):
    build, words = WARNED[name]
    code, report, folder = build_in(tmp_path / "extract", build)
    assert code == 0 and re.search(words, report), report
    assert "Jansen" not in report
    assert read_table(read_extract(folder), "persons")["person_id"].tolist() == MEANT["person_id"]


@pytest.mark.parametrize("name", SAME)
def test_what_is_right_is_read(tmp_path, name):
    code, report, folder = build_in(tmp_path / "extract", SAME[name])
    assert code == 0, report
    read = read_table(read_extract(folder), "persons")
    assert read["person_id"].tolist() == MEANT["person_id"]
    assert read["sex"].tolist() == MEANT["sex"]
    assert read["birth_date"].dt.date.tolist() == MEANT["birth_date"]


def test_a_declared_number_is_missing_however_an_export_wrote_it(tmp_path):
    """pandas writes 99 as 99.0 where cells of the column are empty."""
    write_ages("19.0", "99.0", "99", "", "20.0", entry='unknown: ["99"]')(tmp_path)
    assert validate_extract(tmp_path).exit_code == 0
    ages = read_table(read_extract(tmp_path), "reports")["age_at_report"]
    assert ages.fillna(-1).tolist() == [19, -1, -1, -1, 20]


@pytest.mark.parametrize(
    "build",
    [
        sav({"birth_date": [20000229.0, 19900701.0, 0.0]}),
        parquet(birth_date=pa.array([20000229, 19900701, 0])),
        csv(PERSONS.replace("-", "").replace("20000505", "0")),
    ],
)
def test_a_nought_that_is_declared_is_no_day_in_every_format(tmp_path, build):
    entries(build, NO_ZEROS)(tmp_path)
    assert validate_extract(tmp_path).exit_code == 0
    born = read_table(read_extract(tmp_path), "persons")["birth_date"]
    assert [None if pd.isna(day) else day.date() for day in born] == [
        *MEANT["birth_date"][:2],
        None,
    ]


@pytest.mark.parametrize(
    ("ages", "is_odd"),
    [
        (["99", "19"] * 12, True),
        (["0", "17", "18"] * 12, True),
        ([str(n) for n in range(80, 104)], False),
        (["0", "1", "2"] * 12, False),
        (["99"] * 9 + ["19"] * 12, False),
    ],
)
def test_ages_that_stand_for_missing_ones_are_warned_of(tmp_path, ages, is_odd):
    code, report, _ = build_in(tmp_path / "extract", write_ages(*ages))
    assert code == 0 and ("stands for a missing one in many systems" in report) == is_odd, report


@pytest.mark.parametrize(
    ("words", "is_odd"),
    [
        (["XX"] * 10 + [f"V{n}x" for n in range(20)], True),
        (["XX"] * 9 + [f"V{n}x" for n in range(20)], False),
        (["XX"] * 12 + ["YY"] * 3 + [f"V{n}x" for n in range(20)], False),
    ],
)
def test_an_identifier_in_far_more_rows_than_others_is_warned_of(tmp_path, words, is_odd):
    code, report, _ = build_in(tmp_path / "extract", identify(*words))
    assert code == 0 and ("far more rows than any other" in report) == is_odd, report
    assert "XX" not in report


@pytest.mark.parametrize(("dated", "code"), [("", 0), ("extraction_date: 2021-07-01\n", 1)])
def test_births_of_a_century_too_late_are_told(tmp_path, dated, code):
    """68 as 2068: as spreadsheets and %y read it."""
    found, report, _ = build_in(
        tmp_path / "extract", entries(change("2000-05-05", "2068-05-05"), dated)
    )
    assert found == code and re.search("after today|after the extract was made", report)


def test_a_table_that_is_read_may_have_an_old_copy_beside_it(tmp_path):
    code, report, _ = build_in(tmp_path / "extract", beside("persons.csv.bak"))
    assert code == 0 and "no table of the extract" in report


def test_what_explains_a_table_may_have_its_name(tmp_path):
    code, report, _ = build_in(tmp_path / "extract", beside("incidents.pdf"))
    assert code == 0 and "no table of the extract" in report


def test_the_page_of_a_check_is_never_written_over_a_file_of_the_extract(tmp_path, capsys):
    csv(PERSONS)(tmp_path)
    path = tmp_path / "persons.csv"
    assert main(["validate", str(tmp_path), "--html", str(path)]) == 2
    assert "a file of the extract" in capsys.readouterr().err
    assert path.read_text(encoding="utf-8") == PERSONS


def test_counts_by_trait_have_the_same_care(tmp_path):
    """A row of sums in a table without identifiers."""
    text = f"{CLEAN['residence_counts']}Totaal,,,,,,,19\n"
    csv(text, name="residence_counts.csv")(tmp_path)
    assert validate_extract(tmp_path).exit_code == 1


def test_columns_beyond_the_contract_may_have_no_rows_of_their_own(tmp_path):
    """Lines without a cell at all are passed over, with a column that nothing reads too."""
    code, report, folder = build_in(tmp_path / "extract", csv(WITH_NOTES + ",,,,,\n\n"))
    assert code == 0 and "2 empty ones passed over" in report, report
    assert len(read_table(read_extract(folder), "persons")) == len(MEANT["person_id"])
    assert HEAD == WITH_NOTES.splitlines()[0].split(",")[:-1]


def test_suspects_of_two_sexes_are_warned_of(tmp_path):
    head = "case_id,registration_date,form,stage,outcome,outcome_date,sentence_days\n"
    rows = "c1,2019-01-01,sexual,court,open,,\nc2,2019-02-01,sexual,court,open,,\n"
    csv(head + rows, name="cases.csv")(tmp_path)
    for sex, is_odd in (("female", True), ("unknown", False)):
        (tmp_path / "suspects.csv").write_text(
            f"case_id,person_id,sex,birth_date\nc1,s1,male,1990-01-01\nc2,s1,{sex},1990-01-01\n",
            encoding="utf-8",
        )
        validation = validate_extract(tmp_path)
        assert validation.exit_code == 0
        assert ("suspect has two different" in format_report(validation)) == is_odd


@pytest.mark.parametrize(("n", "is_odd"), [(10, True), (9, False)])
def test_an_export_that_stands_twice_under_new_identifiers_is_warned_of(tmp_path, n, is_odd):
    line = REPORTS.splitlines()[1]
    rows = [line.replace("R1", f"R{k}x").replace("V1", f"V{k}x") for k in range(40)]
    again = [row.replace("R", "S", 1) for row in rows[:n]]
    csv("\n".join([REPORTS.splitlines()[0], *rows, *again, ""]), name="reports.csv")(tmp_path)
    report = format_report(validate_extract(tmp_path))
    assert ("in their identifier alone" in report) == is_odd


def test_all_costs_below_a_part_of_them_are_warned_of(tmp_path):
    """As where two columns of costs are exchanged."""
    csv(CLEAN["care_costs"].replace(",0,3000", ",0,3"), name="care_costs.csv")(tmp_path)
    report = " ".join(format_report(validate_extract(tmp_path)).split())
    assert "less than the second, which is a part of it (1 row: 2)" in report
