"""Extracts after public bug reports of people who read such files, each with the exit code, the
message or the value that it must get. Nobody in them exists.

`tests/cases/input` holds a folder a case.
"""

from __future__ import annotations

import datetime
import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from helpers.cli import main
from helpers.sources import read_extract, read_table

CASES = Path(__file__).parents[1] / "cases" / "input"
# Case: exit code, and what the report must say (words that stand in it, in this order).
MESSAGES = {
    "01_offence_group_misspelt": (2, "offence_groups.X03: violentie is no group.*violence"),
    "02_parquet_timezone": (0, "read reports: reports.parquet; 20 rows"),
    "03_thousand_dots": (1, r"total_basic_insurance_eur: no number \(20 rows"),
    "04_xlsx_dimension": (0, "reports.xlsx; 20 rows"),
    "05_two_sheets": (2, r"2 sheets hold cells.*tables\.reports\.sheet"),
    "06_parquet_index_loses_column": (0, "16 columns used, all"),
    "07_scientific_victim_ids": (1, r"victim_id: an identifier that a spreadsheet.*\(20 rows"),
    "08_ids_error_cells": (1, r"victim_id: an error cell such as #N/A \(2 rows: 5, 6\)"),
    "09_ids_nbsp": (1, r"victim_id: blanks before or after the text \(3 rows: 19, 20, 21\)"),
    "09b_ids_zero_width": (1, r"victim_id: a sign that nobody sees.*\(3 rows: 19, 20, 21\)"),
    "11_date_parts_empty": (1, r"report_date: empty \(3 rows"),
    "12_own_control": (1, r"a victim is their own control \(1 row: 2\)"),
    "13_control_not_alike": (
        0,
        r"another age on 1 January than the victim \(1 row: 9\).*another sex than the victim \(1 row: 4\)",
    ),
    "14_birth_1900": (
        0,
        r"warning persons.csv, column birth_date: on the first day of 1900.*20 rows",
    ),
    "15_death_before_offence": (1, r"offence_start_date: after the person died \(4 rows"),
    "16_time_of_day": (0, "20 rows: nothing is wrong"),
    "16b_time_on_extraction_day": (0, "20 rows: nothing is wrong"),
    "17_yaml_key_twice": (2, r"entry tables stands twice \(lines 6 and 7\)"),
    "17b_added_codes_unknown_list": (2, "added_codes.polis_unit.*did you mean police_unit"),
    "17c_added_region_unknown": (2, "Nederland is no group.*did you mean netherlands"),
    "18_null_code_parquet": (0, "20 rows: nothing is wrong"),
    "20_leak_openpyxl_warning": (1, r"birth_date: no date of the form %Y-%m-%d \(3 rows"),
    "21_leak_no_header": (2, "one name stands over columns 3 and 4.*column person_id is missing"),
    "21b_leak_matches_no_header": (2, "one name stands over columns 1 and 2"),
    "22_leak_swapped_columns": (1, r"codes that are not in the list offence \(20 rows"),
    "30_tb_blank_and_null_xlsx": (1, "blanks before or after the text"),
    "30b_tb_blank_and_null_parquet": (1, r"sex: blanks.*\(1 row: 1\).*sex: empty \(1 row: 2\)"),
    "31_tb_parquet_index": (0, "20 rows"),
    "32_tb_sav_cut": (2, "no whole SPSS file"),
    "32b_tb_sav_bytes": (2, "letters that are not in its encoding"),
    "33_tb_xlsx_strict": (2, "a Strict Open XML workbook"),
    "33b_tb_xlsx_sheet_xml_cut": (2, "no whole Excel workbook"),
    "34_tb_csv_quote_in_header": (2, "a quote is opened in the header and never closed"),
    "34c_tb_csv_folder": (2, "reports.csv is a folder where a file is meant"),
    "34d_stderr_csv_cut_in_character": (2, r"not in the encoding utf-8-sig \(1 row: 21\)"),
    "35_tb_extraction_date": (2, "extraction_date is no date such as 2021-07-01"),
    "35b_tb_column_number": (2, r"column 2019 \(for age_at_report\) is missing"),
    "35d_tb_delimiter_number": (2, "tables.reports.delimiter is not one sign"),
    "40_cbs_parts_dashes": (0, "5 rows: nothing is wrong"),
    "41_sav_numeric_yyyymmdd": (0, "20 rows: nothing is wrong"),
    "42_codes_empty_xlsx": (0, "20 rows: nothing is wrong"),
    "43_spss_user_missing": (0, "20 rows: nothing is wrong"),
    "46_norway": (2, 'NO without quotes means true or false in YAML -> quote it: "NO"'),
    "47_bom_quotes_utf8": (0, "20 rows"),
    "48_row_numbers_blank_lines": (1, r"sex: codes that are not in the list sex \(1 row: 13\)"),
    "49_captures_not_checked": (2, r"captures.csv: row 2, column n: no whole number"),
    "50_year_yyyymmdd": (1, r"year: outside 2000 to 2100 \(1 row: 2\)"),
    "51_58_row_counted_twice": (1, r"sector_labour: codes.*\(2 rows: 3, 7\)"),
    "52_part1_own_control": (1, r"a victim is their own control \(1 row: 3\)"),
    "53_part1_extra_column": (0, "warning persons.csv: columns that nothing uses: full_name"),
    "54_header_only": (0, "warning shelter.csv: the file has no rows"),
}
# Case: table, column, and what its first row holds.
VALUES = {
    "02_parquet_timezone": ("reports", "report_date", datetime.date(2016, 1, 1)),
    "16_time_of_day": ("reports", "report_date", datetime.date(2016, 1, 1)),
    "41_sav_numeric_yyyymmdd": ("persons", "birth_date", datetime.date(1988, 5, 14)),
    "47_bom_quotes_utf8": ("reports", "report_id", "M00001"),
    "06_parquet_index_loses_column": ("reports", "age_at_report", 15),
    "31_tb_parquet_index": ("reports", "report_id", "M00001"),
    "43_spss_user_missing": ("reports", "sex", "unknown"),
    "18_null_code_parquet": ("reports", "sex", "not_recorded"),
    "42_codes_empty_xlsx": ("reports", "sector_labour", "not_recorded"),
    "40_cbs_parts_dashes": ("persons", "birth_date", datetime.date(1988, 5, 14)),
}


def say(folder: Path, capsys: pytest.CaptureFixture, *more: str) -> tuple[int, str]:
    code = main(["validate", str(folder), *more])
    printed = capsys.readouterr()
    assert printed.err == ""
    return code, re.sub(r"\s+", " ", printed.out)


def read_private_words(folder: Path) -> set[str]:
    """Words of data rows that stand for a person: numbers of people, and days."""
    text = " ".join(
        path.read_text(encoding="utf-8", errors="ignore")
        for path in folder.rglob("*.csv")
        if path.is_file()
    )
    return set(re.findall(r"\b(?:\d{6,}|[A-Z]{1,2}\d{4,}|\d{4}-\d\d-\d\d)\b", text))


@pytest.mark.parametrize("name", MESSAGES)
def test_a_case_gets_its_message_and_prints_nobody(name, capsys, tmp_path):
    """D1, D14, D17: empty cells of coded columns, days as numbers of SPSS, and codes that mean
    missing are read or refused, and never dropped without a word."""
    code, said = say(CASES / name, capsys, "--html", str(tmp_path / "check.html"))
    expected, words = MESSAGES[name]
    assert code == expected and re.search(words, said), said
    page = (tmp_path / "check.html").read_text(encoding="utf-8")
    known = {"2021-07-01", "2020-12-31", "F5293"}  # of extract.yml, and a code of the contract
    for word in read_private_words(CASES / name) - known:
        assert word not in said and word not in page


def test_every_case_has_an_answer():
    assert {path.name for path in CASES.iterdir()} == {*MESSAGES}


@pytest.mark.parametrize("name", VALUES)
def test_a_case_is_read_as_it_stands_in_the_file(name):
    table, column, first = VALUES[name]
    read = read_table(read_extract(CASES / name), table)[column]
    cell = read.iloc[0]
    if isinstance(first, datetime.date):
        assert cell == pd.Timestamp(first)
        assert (read.dropna() == read.dropna().dt.floor("D")).all()
    else:
        assert cell == first


def test_parts_of_a_date_that_mean_unknown_are_an_empty_date():
    born = read_table(read_extract(CASES / "40_cbs_parts_dashes"), "persons")["birth_date"]
    assert born.isna().tolist() == [False, True, False, False, False]


def test_the_leaks_of_old_are_among_the_private_words():
    assert "000104217" in read_private_words(CASES / "22_leak_swapped_columns")
    assert "2010-01-05" in read_private_words(CASES / "21_leak_no_header")


def test_one_long_identifier_does_not_take_the_memory(tmp_path):
    """Case 55: one of 20,000 signs among 200,000 rows took 10 GB."""
    head = "report_id victim_id report_date reporter police_unit sexual labour criminal organ_removal sector_sexual sector_labour criminal_activity sex age_at_report nationality dublin"
    rest = "kmar,not_recorded,true,false,false,false,window,not_recorded,not_recorded,female,20,NLD,false"
    rows = [
        f"M{n},{'x' * 20_000 if n == 999 else f'V{n // 2}'},{2016 + n % 5}-{1 + n % 12:02d}-02,{rest}"
        for n in range(200_000)
    ]
    text = "\n".join([head.replace(" ", ","), *rows]) + "\n"
    (tmp_path / "reports.csv").write_text(text, encoding="utf-8")
    (tmp_path / "extract.yml").write_text("source: x\n", encoding="utf-8")
    measure = (
        "import re, sys\nfrom pathlib import Path\nfrom helpers.sources import validate_extract\n"
        "found = validate_extract(Path(sys.argv[1]))\n"
        # The peak of this process alone; getrusage knows that of the process which started it, too.
        "peak = re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]\n"
        "print(found.exit_code, [one.rule for one in found.problems], int(peak) // 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", measure, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONWARNINGS": "error"},
    )
    code, rules, memory = re.fullmatch(r"(\d) (\[.*\]) (\d+)\n", done.stdout).groups()
    assert (code, rules) == ("1", "['a cell of more than 1,000 signs']") and int(memory) < 700
