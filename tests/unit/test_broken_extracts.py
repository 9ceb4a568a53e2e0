"""Broken extracts, each with the message that it must get: file, row, column, rule and remedy, and
no word about a person."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from extracts import EXTRACT, PRIVATE, write_clean

from helpers import sources
from helpers.schema import TABLES


def replace(name: str, old: str, new: str, *, encoding: str = "utf-8"):
    """Replace `old` by `new` in a file of the clean extract."""

    def edit(folder: Path) -> None:
        path = folder / name
        content = path.read_text(encoding="utf-8")
        assert old in content
        path.write_bytes(content.replace(old, new).encode(encoding))

    return edit


def rewrite(name: str, content: bytes | str):
    def edit(folder: Path) -> None:
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())

    return edit


def extend(entries: str):
    """Add lines to extract.yml."""
    return rewrite("extract.yml", EXTRACT + entries)


def remove(name: str):
    return lambda folder: (folder / name).unlink()


def write_workbook(*rows: tuple, name: str = "persons"):
    def edit(folder: Path) -> None:
        (folder / f"{name}.csv").unlink()
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(folder / f"{name}.xlsx")

    return edit


def cut_parquet(folder: Path) -> None:
    whole = folder / "persons.parquet"
    pd.read_csv(folder / "persons.csv", encoding="utf-8", dtype=str).to_parquet(whole)
    whole.write_bytes(whole.read_bytes()[:-200])
    (folder / "persons.csv").unlink()


HEAD = ("person_id", "sex", "birth_date", "nationality", "death_date")
SPELLS, CLEAN_PERSONS = "residence_spells.csv", "P2,male,1990-07-01,POL,2020-01-15"

UNREADABLE = {
    "wrong delimiter": (
        rewrite("matches.csv", "victim_id;control_id\nP1;P3\n"),
        r'matches.csv: one column only: the delimiter is another one \(1 row: 1\).*delimiter: ";"',
    ),
    "cells too many": (
        replace("persons.csv", "P1,female,", "P1,female,extra,"),
        r"persons.csv: 6 cells where 5 belong \(1 row: 2\).*quote cells that hold the delimiter",
    ),
    "cells too few": (
        replace("shelter.csv", ",,sheltered_housing", ""),
        r"shelter.csv: 3 cells where 5 belong \(1 row: 2\)",
    ),
    "quote never closed": (
        replace("persons.csv", "P1,female", 'P1,"female'),
        r"persons.csv: (a quote is opened and never closed|\d+ cells where 5 belong).*quote",
    ),
    "merged header": (
        replace("persons.csv", "sex,birth_date", ",birth_date"),
        r"persons.csv: a column without a name \(merged header cells\?\) \(1 row: 1\).*header_row",
    ),
    "duplicated header": (
        replace("persons.csv", "sex,birth_date", "sex,sex"),
        r"persons.csv: column sex stands twice \(1 row: 1\)",
    ),
    "missing column": (
        replace("persons.csv", "birth_date", "geboortedatum"),
        r"persons.csv, column birth_date: column birth_date is missing \(1 row: 1\).*name its source under tables.persons.columns",
    ),
    "empty file": (rewrite("shelter.csv", ""), "shelter.csv: the file is empty"),
    "NUL byte": (
        replace("persons.csv", "P2,male", "P2,ma\0le"),
        r"persons.csv: a NUL byte; the file is damaged, or is UTF-16 \(1 row: 3\)",
    ),
    "another encoding": (
        replace("shelter.csv", "S1", "Sé", encoding="cp1252"),
        r"shelter.csv: not in the encoding utf-8-sig \(1 row: 2\).*encoding: cp1252",
    ),
    "mixed encodings": (
        rewrite(
            "shelter.csv",
            "stay_id,person_id,start_date,end_date,shelter_type\nSé,P2,2018-10-01,,shelter\n".encode()
            + b"S\xe9,P2,2018-10-01,,shelter\n",
        ),
        r"shelter.csv: not in the encoding utf-8-sig \(1 row: 3\).*mixes encodings",
    ),
    "truncated parquet": (
        cut_parquet,
        "persons.parquet: no whole Parquet file; it may be cut short",
    ),
    "no workbook": (
        lambda folder: (remove("persons.csv")(folder), rewrite("persons.xlsx", "PK")(folder)),
        "persons.xlsx: no whole Excel workbook",
    ),
    "no SPSS file": (
        lambda folder: (remove("persons.csv")(folder), rewrite("persons.sav", "$FL2")(folder)),
        "persons.sav: no whole SPSS file",
    ),
    "merged cells in a workbook": (
        write_workbook(("persons",), HEAD, ("P1", "female", None, "NLD", None)),
        "persons.xlsx, column person_id: column person_id is missing",
    ),
    "no extract.yml": (remove("extract.yml"), "extract.yml: the file is missing.*monitor template"),
    "extract.yml is no YAML": (
        rewrite("extract.yml", "source: [a\n"),
        r"extract.yml: no valid YAML in UTF-8 \(line \d\)",
    ),
    "unknown entry": (extend("extracted: 2021\n"), "extract.yml: unknown entry extracted"),
    "unknown table": (
        extend("tables: {person: {file: persons.csv}}\n"),
        "extract.yml: tables.person is no table of the contract",
    ),
    "missing table": (
        lambda folder: (remove("shelter.csv")(folder), extend("tables: {shelter: {}}\n")(folder)),
        "extract.yml: tables.shelter: there is no shelter.csv",
    ),
    "missing file": (
        extend("tables: {shelter: {file: wmo.csv}}\n"),
        "extract.yml: tables.shelter.file: wmo.csv does not exist",
    ),
    "a source column named twice": (
        extend("tables: {matches: {columns: {victim_id: rin, control_id: rin}}}\n"),
        "source column rin is named twice",
    ),
    "a column that does not exist": (
        extend("tables: {matches: {columns: {victim_id: rinpersoon}}}\n"),
        r"matches.csv, column victim_id: column rinpersoon \(for victim_id\) is missing",
    ),
    "no column of the contract": (
        extend("tables: {matches: {columns: {victim: victim_id}}}\n"),
        "tables.matches.columns: victim is no column of the contract",
    ),
    "a code mapped twice": (
        extend("tables: {persons: {codes: {sex: {female: V, male: V}}}}\n"),
        "tables.persons.codes.sex: source code V stands twice",
    ),
    "no code of the contract": (
        extend("tables: {persons: {codes: {sex: {woman: V}}}}\n"),
        "tables.persons.codes.sex: woman is no code of the contract",
    ),
    "a date in quotes": (
        rewrite("extract.yml", 'source: a test\nextraction_date: "1 juli"\n'),
        "extract.yml: extraction_date is no date such as 2021-07-01",
    ),
    "denominators of no unit": (
        extend("unit_denominators: {what: people, values: {atlantis: 5}}\n"),
        "extract.yml: unit_denominators needs what .words. and values",
    ),
    "no table at all": (
        lambda folder: [path.unlink() for path in folder.glob("*.csv")],
        "extract.yml: the folder holds no table of the contract",
    ),
}

ERRORS = {
    "wrong code": (
        replace("persons.csv", "P1,female", "P1,vrouw"),
        r"persons.csv, column sex: codes that are not in the list sex \(1 row: 2\).*map it under codes.sex",
    ),
    "leading space in a code": (
        replace("persons.csv", "P1,female", "P1, female"),
        r"persons.csv, column sex: blanks before or after the text \(1 row: 2\)",
    ),
    "trailing space in an identifier": (
        replace("matches.csv", "P1,P3", "P1 ,P3"),
        r"matches.csv, column victim_id: blanks before or after the text \(1 row: 2\)",
    ),
    "one wrong code of several": (
        replace("reports.csv", "window|home", "window|house"),
        r"reports.csv, column sector_sexual: codes that are not in the list sector_sexual \(1 row: 2\)",
    ),
    "empty code": (
        replace("persons.csv", "P1,female", "P1,"),
        r"persons.csv, column sex: empty \(1 row: 2\).*write not_recorded or unknown",
    ),
    "unknown offence": (
        replace("incidents.csv", "F5293", "F9999"),
        "incidents.csv, column offence_code: codes that are not in the list offence.*offence_groups",
    ),
    "Dutch dates": (
        replace("persons.csv", "2000-02-29", "29-02-2000"),
        r"persons.csv, column birth_date: no date of the form %Y-%m-%d \(1 row: 2\).*date_format",
    ),
    "American dates": (
        replace("persons.csv", "2000-02-29", "2/29/2000"),
        r"persons.csv, column birth_date: no date of the form %Y-%m-%d \(1 row: 2\)",
    ),
    "a day that does not exist": (
        replace("persons.csv", "2000-02-29", "2001-02-29"),
        r"persons.csv, column birth_date: no date of the form %Y-%m-%d \(1 row: 2\)",
    ),
    "Excel serial date": (
        replace("persons.csv", "2000-02-29", "36585"),
        r"persons.csv, column birth_date: a serial number in place of a date \(1 row: 2\)",
    ),
    "decimal comma": (
        replace("care_costs.csv", "1200.50", '"1200,50"'),
        r"care_costs.csv, column specialised_mental_health_eur: no number \(1 row: 2\).*decimal comma",
    ),
    "half an age": (
        replace("reports.csv", "female,19,", "female,19.5,"),
        r"reports.csv, column age_at_report: no whole number \(1 row: 2\)",
    ),
    "words for a number": (
        replace("residence_counts.csv", "africa,12", "africa,twelve"),
        r"residence_counts.csv, column n: no number \(1 row: 2\)",
    ),
    "negative age": (
        replace("reports.csv", "female,19,", "female,-3,"),
        r"reports.csv, column age_at_report: outside 0 to 120 \(1 row: 2\)",
    ),
    "too old": (
        replace("reports.csv", "female,19,", "female,190,"),
        r"reports.csv, column age_at_report: outside 0 to 120 \(1 row: 2\)",
    ),
    "negative count": (
        replace("residence_counts.csv", "africa,12", "africa,-12"),
        r"residence_counts.csv, column n: outside 0 and more \(1 row: 2\)",
    ),
    "yes and no": (
        replace("reports.csv", "amsterdam,true", "amsterdam,ja"),
        r"reports.csv, column sexual: neither true nor false \(1 row: 2\).*tables.reports.true",
    ),
    "totals row": (
        replace("matches.csv", "P3,P1\n", "P3,P1\nTotaal,2\n"),
        r"matches.csv, column victim_id: a row of totals \(1 row: 4\)",
    ),
    "formula in csv": (
        replace("shelter.csv", "S1", "=1+1"),
        r"shelter.csv, column stay_id: text that a spreadsheet would run or a browser would draw \(1 row: 2\)",
    ),
    "HTML in a cell": (
        replace("shelter.csv", "S1", "<b>S</b>"),
        r"shelter.csv, column stay_id: text that a spreadsheet would run or a browser would draw \(1 row: 2\)",
    ),
    "semicolons in quotes": (
        replace("shelter.csv", "S1,P2", '"S;1","P2;P9"'),
        r"shelter.csv, column person_id: not in persons.person_id \(1 row: 2\)",
    ),
    "empty identifier": (
        replace("shelter.csv", "S1,P2", ",P2"),
        r"shelter.csv, column stay_id: empty \(1 row: 2\)",
    ),
    "swapped start and end": (
        replace("youth_care.csv", "2017-06-01,2017-12-01", "2017-12-01,2017-06-01"),
        r"youth_care.csv, column end_date and start_date: the first lies before the second \(1 row: 2\).*exchange them",
    ),
    "end before start of an offence": (
        replace("incidents.csv", "2018-09-01,,", "2018-09-01,2018-08-01,"),
        r"incidents.csv, column offence_end_date and offence_start_date: the first lies before the second \(1 row: 4\)",
    ),
    "future date": (
        replace("shelter.csv", "2018-10-01", "2031-10-01"),
        r"shelter.csv, column start_date: after the extract was made \(1 row: 2\).*extraction_date",
    ),
    "before 1900": (
        replace("persons.csv", "2000-02-29", "1899-12-30"),
        r"persons.csv, column birth_date: before 1900 \(1 row: 2\)",
    ),
    "birth after an event": (
        replace("persons.csv", "2000-02-29", "2017-02-28"),
        r"incidents.csv, column offence_start_date: before the person was born \(2 rows: 2, 3\)",
    ),
    "death before an event": (
        replace("persons.csv", "POL,2020-01-15", "POL,2018-02-02"),
        r"shelter.csv, column start_date: after the person died \(1 row: 2\)",
    ),
    "overlapping spells": (
        replace(SPELLS, "2018-01-01", "2017-01-01"),
        r"residence_spells.csv, column from_date: the spell begins before the person's last one ended \(1 row: 4\)",
    ),
    "duplicate key": (
        replace("matches.csv", "P3,P1", "P1,P3"),
        r"matches.csv, column victim_id and control_id: the key stands in an earlier row too \(1 row: 3\)",
    ),
    "the same person twice": (
        replace("persons.csv", "P3,female", "P1,female"),
        r"persons.csv, column person_id: the key stands in an earlier row too \(1 row: 4\)",
    ),
    "a match to nobody": (
        replace("matches.csv", "P3,P1", "P3,P7"),
        r"matches.csv, column control_id: not in persons.person_id \(1 row: 3\).*add the person to persons",
    ),
    "two sexes in a year": (
        replace("reports.csv", "not_recorded,female,20", "not_recorded,male,20"),
        r"reports.csv, column sex: a victim has two different known sexes in one calendar year \(2 rows: 2, 3\)",
    ),
    "formula in a workbook": (
        write_workbook(
            HEAD,
            ("P1", "female", "=TODAY()", "NLD", None),
            ("P2", "male", None, "POL", None),
            ("P3", "female", None, "NLD", None),
        ),
        r"persons.xlsx, column birth_date: a formula \(1 row: 2\)",
    ),
    "numbers stored as text": (
        write_workbook(
            ("year", "qualification", "n"),
            (2019, 420, "12"),
            (2020, 420, 7),
            name="residence_counts",
        ),
        r"residence_counts.xlsx, column n: a number stored as text \(1 row: 2\)",
    ),
    "serial date in a workbook": (
        write_workbook(
            HEAD,
            ("P1", "female", 36585, "NLD", None),
            ("P2", "male", None, "POL", None),
            ("P3", "female", None, "NLD", None),
        ),
        r"persons.xlsx, column birth_date: a serial number in place of a date \(1 row: 2\)",
    ),
}

OPTIONAL = {
    "long_term_care.csv": "stay_id,person_id,start_date,end_date,care_profile\nL1,P1,2018-01-01,,intellectual\nL2,P2,2019-01-01,2020-02-01,not_recorded\n",
    "cases.csv": (
        "case_id,registration_date,form,stage,outcome,outcome_date,sentence_days\n"
        "C1,2018-03-01,sexual,court,convicted,2019-06-01,540\nC2,2019-01-01,labour,police,open,,\nC3,2020-01-01,unknown,prosecution,dismissed,,\n"
    ),
    "suspects.csv": "case_id,person_id,sex,birth_date\nC1,X1,male,1980-02-03\nC1,X2,female,\nC3,X1,male,1980-02-03\n",
    "residence_decisions.csv": (
        "decision_id,person_id,decision_date,qualification,outcome,ground,dublin,sex,age_at_decision,nationality\n"
        "D1,Q1,2019-04-01,305,granted,three_years,none,female,24,NGA\nD2,Q1,2020-02-01,420,granted,not_recorded,claim,female,25,NGA\n"
    ),
    "residence_spells.csv": "person_id,from_date,to_date,municipality\nP1,2000-02-29,,GM0363\nP2,2015-01-01,2017-06-30,0003\nP2,2018-01-01,2020-01-15,unknown\nP3,2001-01-01,,363\n",
}


def with_optional(name: str = "", old: str = "", new: str = "", *, entries: str = ""):
    """The optional tables and columns beside the others, with `old` in file `name` replaced."""

    def edit(folder: Path) -> None:
        for file, content in OPTIONAL.items():
            (folder / file).write_text(content, encoding="utf-8", newline="\n")
        if name:
            replace(name, old, new)(folder)
        if entries:
            extend(entries)(folder)

    return edit


ERRORS |= {
    "a municipality that none is": (
        with_optional(SPELLS, "GM0363", "GM9999"),
        r"residence_spells.csv, column municipality: codes that are not in the list municipality \(1 row: 2\).*write GM and four digits",
    ),
    "a name for a municipality": (
        with_optional(SPELLS, "GM0363", "Amsterdam"),
        r"residence_spells.csv, column municipality: codes that are not in the list",
    ),
    "non-residents as a municipality": (
        with_optional(SPELLS, "GM0363", "1999"),
        r"residence_spells.csv, column municipality: codes that are not in the list",
    ),
    "a municipality that is not in the keeper's own list": (
        with_optional(entries='added_codes: {municipality: {GM0363: ""}}\n'),
        r"residence_spells.csv, column municipality: codes that are not in the list municipality \(1 row: 3\)",
    ),
    "an empty municipality": (
        with_optional(SPELLS, "GM0363", ""),
        r"residence_spells.csv, column municipality: empty \(1 row: 2\)",
    ),
    "a ground of temporary residence": (
        with_optional("residence_decisions.csv", "420,granted,not_recorded", "420,granted,other"),
        r"residence_decisions.csv, column ground and qualification: known where it cannot be \(1 row: 3\)",
    ),
    "a ground of the source": (
        with_optional("residence_decisions.csv", "three_years", "three"),
        r"residence_decisions.csv, column ground: codes that are not in the list residence_ground",
    ),
    "long-term care after death": (
        with_optional("long_term_care.csv", "L2,P2,2019-01-01", "L2,P2,2020-01-16"),
        r"long_term_care.csv, column start_date: after the person died \(1 row: 3\)",
    ),
    "long-term care before birth": (
        with_optional("long_term_care.csv", "L1,P1,2018-01-01", "L1,P1,1998-01-01"),
        r"long_term_care.csv, column start_date: before the person was born \(1 row: 2\)",
    ),
    "long-term care of nobody": (
        with_optional("long_term_care.csv", "L1,P1", "L1,P8"),
        r"long_term_care.csv, column person_id: not in persons.person_id \(1 row: 2\)",
    ),
    "a suspect without a case": (
        with_optional("suspects.csv", "C3,X1", "C9,X1"),
        r"suspects.csv, column case_id: not in cases.case_id \(1 row: 4\).*add it to cases",
    ),
    "a suspect born after the case": (
        with_optional("suspects.csv", "C1,X1,male,1980-02-03", "C1,X1,male,2018-03-02"),
        r"suspects.csv, column birth_date: the case was registered before the suspect was born \(1 row: 2\)",
    ),
    "the same suspect twice in a case": (
        with_optional("suspects.csv", "C1,X2", "C1,X1"),
        r"suspects.csv, column case_id and person_id: the key stands in an earlier row too \(1 row: 3\)",
    ),
    "an outcome before the case": (
        with_optional("cases.csv", "2019-06-01", "2017-06-01"),
        r"cases.csv, column outcome_date and registration_date: the first lies before the second \(1 row: 2\)",
    ),
    "an open case with an outcome": (
        with_optional("cases.csv", "open,,", "open,2020-01-01,"),
        r"cases.csv, column outcome_date and outcome: known where it cannot be \(1 row: 3\)",
    ),
    "a sentence without a conviction": (
        with_optional("cases.csv", "dismissed,,", "dismissed,,30"),
        r"cases.csv, column sentence_days and outcome: known where it cannot be \(1 row: 4\)",
    ),
    "a sentence longer than the law has": (
        with_optional("cases.csv", "540", "11000"),
        r"cases.csv, column sentence_days: outside 0 to 10,980 \(1 row: 2\)",
    ),
}

WARNINGS = {
    "header only": (
        rewrite("shelter.csv", "stay_id,person_id,start_date,end_date,shelter_type\n"),
        "warning  shelter.csv: the file has no rows",
    ),
    "extra table": (
        rewrite("wijken.csv", "a,b\n1,2\n"),
        "warning  wijken.csv: no table of the extract",
    ),
    "a police report without a unit": (
        replace("reports.csv", "police,amsterdam", "police,unknown"),
        r"warning  reports.csv, column police_unit and reporter: empty where it must be known \(1 row: 2\)",
    ),
    "registered before it began": (
        replace("incidents.csv", "2018-09-09,2018-09-01", "2018-08-09,2018-09-01"),
        r"warning  incidents.csv, column registration_date and offence_start_date: the first lies before the second \(1 row: 4\)",
    ),
    "a year without a row": (
        replace("reports.csv", "2020-05-30", "2021-05-30"),
        "warning  reports.csv, column report_date: no row of 1 year between the first and the last",
    ),
}
CASES = [
    (name, *case, code)
    for code, cases in ((2, UNREADABLE), (1, ERRORS), (0, WARNINGS))
    for name, case in cases.items()
]


@pytest.mark.parametrize(
    ("name", "breaking", "message", "code"), CASES, ids=[case[0] for case in CASES]
)
def test_a_broken_extract_gets_its_message(tmp_path, name, breaking, message, code):
    folder = write_clean(tmp_path / "extract")
    breaking(folder)
    validation = sources.validate_extract(folder)
    report = re.sub(r"\s+", " ", sources.format_report(validation))
    assert re.search(message.replace("  ", " "), report), report
    assert validation.exit_code == code
    assert not [word for word in PRIVATE if re.search(rf"\b{word}\b", report)]


def test_the_clean_extract_has_no_problem(tmp_path):
    validation = sources.validate_extract(write_clean(tmp_path / "extract"))
    assert (validation.problems, validation.exit_code) == ([], 0)
    assert validation.rows == {
        "reports": 3,
        "residence_decisions": 2,
        "residence_counts": 2,
        "persons": 3,
        "residence_spells": 4,
        "matches": 2,
        "incidents": 3,
        "youth_care": 1,
        "shelter": 1,
        "care_costs": 2,
    }


def test_optional_tables_and_columns_are_read(tmp_path):
    """Digits alone are the code of a municipality; a keeper's list says which there are."""
    folder = write_clean(tmp_path / "extract")
    with_optional(entries='added_codes: {municipality: {GM0363: "", GM0003: GM0363}}\n')(folder)
    assert sources.validate_extract(folder).problems == []
    extract = sources.read_extract(folder)
    spells = sources.read_table(extract, "residence_spells")
    assert list(spells["municipality"]) == ["GM0363", "GM0003", "unknown", "GM0363"]
    assert extract.codes(TABLES["residence_spells"].column("municipality")) == {
        "unknown": "",
        "not_recorded": "",
        "GM0363": "",
        "GM0003": "GM0363",
    }
    assert list(sources.read_table(extract, "cases")["sentence_days"].dropna()) == [540]
    assert "municipality" not in sources.read_table(extract, "reports")


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ('{GM0363: "", Amsterdam: ""}', "added_codes.municipality: Amsterdam is none of its codes"),
        ("{GM0003: GM1979}", "added_codes.municipality.GM0003: GM1979 is no group"),
    ],
)
def test_a_list_of_municipalities_is_checked(tmp_path, entries, message):
    folder = write_clean(
        tmp_path / "extract", extract=f"{EXTRACT}added_codes: {{municipality: {entries}}}\n"
    )
    validation = sources.validate_extract(folder)
    assert validation.exit_code == 2 and message in validation.problems[0].rule


def test_there_are_more_than_forty_broken_extracts():
    assert len(CASES) > 40


def test_pieces_of_any_size_find_the_same(tmp_path):
    folder = write_clean(tmp_path / "extract")
    for _, (breaking, _) in [
        *list(ERRORS.items())[:1],
        ("match", ERRORS["a match to nobody"]),
        ("sexes", ERRORS["two sexes in a year"]),
        ("overlap", ERRORS["overlapping spells"]),
    ]:
        breaking(folder)
    assert (
        sources.validate_extract(folder, size=1).problems
        == sources.validate_extract(folder).problems
    )


def test_a_code_is_repeated_only_where_many_rows_hold_it(tmp_path):
    rows = "".join(
        f"Z{number},{'vrouw' if number < 10 else 'het' if number == 10 else 'female'},,NLD,\n"
        for number in range(12)
    )
    folder = write_clean(tmp_path / "extract")
    replace("persons.csv", "P3,female,2000-05-05,NLD,\n", "P3,female,2000-05-05,NLD,\n" + rows)(
        folder
    )
    report = sources.format_report(sources.validate_extract(folder))
    assert "code 'vrouw' is not in the list sex (10 rows: 5, 6, 7, 8, 9, ...)" in report
    assert "codes that are not in the list sex (1 row: 15)" in report and "'het'" not in report


def test_one_unreadable_table_does_not_hide_the_others(tmp_path):
    folder = write_clean(tmp_path / "extract")
    rewrite("shelter.csv", "")(folder)
    replace("persons.csv", "P1,female", "P1,vrouw")(folder)
    validation = sources.validate_extract(folder)
    assert validation.exit_code == 2 and {problem.file for problem in validation.problems} == {
        "shelter.csv",
        "persons.csv",
    }


def test_the_page_of_a_check_escapes_and_needs_no_other_host(tmp_path):
    folder = write_clean(tmp_path / "extract")
    rewrite("<script>.csv", "a\n")(folder)
    sources.write_report(sources.validate_extract(folder), tmp_path / "check.html")
    page = (tmp_path / "check.html").read_text(encoding="utf-8")
    assert (
        "&lt;script&gt;.csv" in page
        and "<script" not in page
        and "http" not in page
        and 'lang="en"' in page
    )
    assert "Missing cells of reports, by year" in page and not [
        word for word in PRIVATE if word in page
    ]
