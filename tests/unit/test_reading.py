"""Files under their own names, codes and forms are read through the mapping; the expected tables
are written by hand."""

from __future__ import annotations

import datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyreadstat
import pytest
from extracts import write_clean

from helpers import sources
from helpers.edition import BadInput
from helpers.schema import TABLES
from helpers.sources import read_extract, read_table
from helpers.sources.text import _arrow, matches


def write_extract(folder: Path, tables: str, more: str = "") -> sources.Extract:
    (folder / "extract.yml").write_text(
        f"source: a test\n{more}tables:\n{tables}", encoding="utf-8"
    )
    return read_extract(folder)


def list_rows(table: pd.DataFrame) -> list[tuple]:
    return [
        tuple(None if cell is None or pd.isna(cell) else cell for cell in row)
        for row in table.astype(object).itertuples(index=False, name=None)
    ]


def test_a_dutch_export_is_read_through_its_mapping(tmp_path):
    (tmp_path / "personen.csv").write_bytes(
        "export van 1 juli\nRINPERSOON;geslacht;gebjaar;gebmaand;gebdag;nat;overleden\n"
        "001;V;2000;02;29;Nederlandse;\n002;M;1990;7;1;Zaïrese;31-12-2019\n003;X;;;;;\n".encode(
            "cp1252"
        )
    )
    extract = write_extract(
        tmp_path,
        """
  persons:
    file: personen.csv
    delimiter: ";"
    encoding: cp1252
    header_row: 2
    date_format: "%d-%m-%Y"
    not_recorded: [""]
    columns:
      person_id: RINPERSOON
      sex: geslacht
      birth_date: {year: gebjaar, month: gebmaand, day: gebdag}
      nationality: nat
      death_date: overleden
    codes:
      sex: {female: V, male: [M, Man], unknown: X}
      nationality: {NLD: Nederlandse, COD: [Zaïrese, Congolese]}
""",
    )
    born = [datetime.datetime(2000, 2, 29), datetime.datetime(1990, 7, 1)]
    assert list_rows(read_table(extract, "persons")) == [
        ("001", "female", born[0], "NLD", None),
        ("002", "male", born[1], "COD", datetime.datetime(2019, 12, 31)),
        ("003", "unknown", None, "not_recorded", None),
    ]


def test_decimal_commas_words_for_true_and_several_files(tmp_path):
    for number, row in enumerate(("P1;2017;1.200,50;0;3", "P2;2018;0,5;10;800,25"), start=1):
        cells = row.replace("1.200", "1200")
        (tmp_path / f"kosten{number}.csv").write_text(
            f"person_id;year;specialised_mental_health_eur;basic_mental_health_eur;total_basic_insurance_eur\n{cells}\n",
            encoding="utf-8",
        )
    (tmp_path / "jeugd.csv").write_text(
        "trajectory_id,person_id,start_date,end_date,care_type,referrer,is_crisis,end_reason\nT1,P1,2017-06-01,,closed,unknown,ja,not_recorded\n",
        encoding="utf-8",
    )
    extract = write_extract(
        tmp_path,
        """
  care_costs: {file: [kosten1.csv, kosten2.csv], delimiter: ";", decimal: ","}
  youth_care: {file: jeugd.csv, "true": [ja], "false": [nee]}
""",
    )
    assert list_rows(read_table(extract, "care_costs")) == [
        ("P1", 2017, 1200.5, 0.0, 3.0),
        ("P2", 2018, 0.5, 10.0, 800.25),
    ]
    assert read_table(extract, "youth_care")["is_crisis"].tolist() == [True]


def test_a_workbook_is_read_from_its_sheet(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.create_sheet("Bedenktijd")
    for row in (
        ("IND, 2021",),
        ("Jaar", "Kwalificatie", "Aantal"),
        (2019, 779, 12),
        (2020, 420, 7),
        (None, None, None),
    ):
        sheet.append(row)
    book.save(tmp_path / "ind.xlsx")
    extract = write_extract(
        tmp_path,
        "  residence_counts: {file: ind.xlsx, sheet: Bedenktijd, header_row: 2, columns: {year: Jaar, qualification: Kwalificatie, n: Aantal}}\n",
    )
    assert list_rows(read_table(extract, "residence_counts")) == [
        (2019, "779", 12),
        (2020, "420", 7),
    ]
    with pytest.raises(
        sources.UnreadableExtract, match="there is no sheet Blad9.*it has Sheet, Bedenktijd"
    ):
        read_table(
            write_extract(tmp_path, "  residence_counts: {file: ind.xlsx, sheet: Blad9}\n"),
            "residence_counts",
        )


@pytest.mark.parametrize(
    ("labels", "codes"),
    [("true", "{female: Vrouw, male: Man}"), ("false", '{female: "2", male: "1"}')],
)
def test_an_spss_file_is_read_by_label_or_by_code(tmp_path, labels, codes):
    frame = pd.DataFrame(
        {
            "person_id": ["P1", "P2"],
            "sex": [2.0, 1.0],
            "birth_date": [datetime.date(2000, 2, 29), None],
            "nationality": ["NLD", "POL"],
            "death_date": pd.Series([None, None], dtype=object),
        }
    )
    pyreadstat.write_sav(
        frame, str(tmp_path / "persons.sav"), variable_value_labels={"sex": {1: "Man", 2: "Vrouw"}}
    )
    extract = write_extract(tmp_path, f"  persons: {{labels: {labels}, codes: {{sex: {codes}}}}}\n")
    assert list_rows(read_table(extract, "persons")) == [
        ("P1", "female", datetime.datetime(2000, 2, 29), "NLD", None),
        ("P2", "male", None, "POL", None),
    ]


def test_missing_values_that_spss_declares_are_missing(tmp_path):
    frame = pd.DataFrame(
        {
            "person_id": ["P1", "P2"],
            "year": [2017.0, 2018.0],
            "specialised_mental_health_eur": [12.5, 1.0],
            "basic_mental_health_eur": [0.0, 0.0],
            "total_basic_insurance_eur": [100.0, 999999.0],
        }
    )
    pyreadstat.write_sav(
        frame,
        str(tmp_path / "care_costs.sav"),
        missing_ranges={"total_basic_insurance_eur": [{"lo": 999999, "hi": 999999}]},
    )
    (tmp_path / "extract.yml").write_text("source: a test\n", encoding="utf-8")
    problems = sources.validate_extract(tmp_path).problems
    assert [(problem.column, problem.rule, problem.rows) for problem in problems] == [
        ("total_basic_insurance_eur", "empty", (2,))
    ]


def test_codes_that_an_extract_adds_are_allowed(tmp_path):
    folder = write_clean(
        tmp_path / "extract",
        extract="source: a test\ncontrol_year: 2019\ncost_years: [2017]\nadded_codes: {police_unit: {unit_a: ''}, nationality: {XQA: africa}}\noffence_groups: {X01: violence}\n",
    )
    for name, old, new in (
        ("reports", "amsterdam", "unit_a"),
        ("persons", "POL", "XQA"),
        ("incidents", "F5293", "X01"),
    ):
        path = folder / f"{name}.csv"
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert sources.validate_extract(folder).problems == []
    assert (
        read_extract(folder).codes(TABLES["incidents"].column("offence_code"))["X01"] == "violence"
    )


def test_the_template_is_complete_and_is_not_written_over(tmp_path):
    sources.write_template(tmp_path / "new")
    assert {path.stem for path in (tmp_path / "new").glob("*.csv")} == set(TABLES)
    assert [problem.rule for problem in sources.validate_extract(tmp_path / "new").problems] == [
        "the file has no rows"
    ] * len(TABLES)
    readme = (tmp_path / "new" / "README.txt").read_text(encoding="utf-8")
    assert (
        all(f"\n{table.name}: one row is" in readme for table in TABLES.values())
        and "closed" in readme
    )
    with pytest.raises(BadInput, match="is not an empty folder"):
        sources.write_template(tmp_path / "new")


def test_every_option_of_the_template_is_one_that_the_reader_knows(tmp_path):
    """The comments are options: taken as they stand, they must not be called unknown."""
    sources.write_template(tmp_path / "new")
    mapping = tmp_path / "new" / "extract.yml"
    lines = [
        line.removeprefix("# ").removeprefix("#")
        if not line.startswith(("# What", "# Without", "# Codes"))
        else ""
        for line in mapping.read_text(encoding="utf-8").splitlines()
    ]
    mapping.write_text("\n".join(lines), encoding="utf-8")
    problems = sources.validate_extract(tmp_path / "new").problems
    assert {problem.rule for problem in problems if problem.file == "extract.yml"} == {
        "tables.reports.file: aanmeldingen.csv does not exist"
    }


def test_a_pattern_is_read_once_however_many_pieces_a_column_has():
    """A column of three hundred row groups took minutes: each had the patterns compiled anew."""
    pieces = pd.Series(pd.array(pa.chunked_array([["a1", None]] * 300), dtype="string[pyarrow]"))
    assert _arrow(pieces).num_chunks == 1
    assert matches(pieces, r"^\pL{1,10}\d").sum() == 300
