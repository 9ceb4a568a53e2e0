"""What `validate` tells about few people: nothing. A lone row's year, days, age and codes appear in
neither the text nor the page, whatever is wrong with the row."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from extracts import CLEAN, write_clean

from helpers import sources
from helpers.edition import define_edition

EDITION = define_edition(edition="test", period_start=2016, period_end=2020)
HEADER = CLEAN["reports"].splitlines()[0].split(",")
# A row alone in its year, with what no other row has.
LONE = {"report_date": "1997-11-23", "age_at_report": "97", "nationality": "VUT"}
SAID = ("1997", "1997-11-23", "97", "VUT", "23-11", "Nov")


def add_row(folder: Path, **changes: str) -> None:
    path = folder / "reports.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    row = dict(zip(HEADER, lines[1].split(","), strict=True))
    row |= {"report_id": "R999", "victim_id": "V999", **LONE, **changes}
    path.write_text("\n".join([*lines, ",".join(row[c] for c in HEADER)]) + "\n", encoding="utf-8")


FAULTS = {
    "nothing is wrong": {},
    "an unknown code": {"sex": "zzz"},
    "no date": {"report_date": "1997-23-11"},
    "an age that cannot be": {"age_at_report": "197"},
    "a code of another list": {"nationality": "VUTX"},
    "a date far away": {"report_date": "1897-11-23"},
    "the same report twice": {"report_id": "R1"},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_lone_row_is_not_told(tmp_path, fault):
    folder = write_clean(tmp_path / "extract")
    add_row(folder, **FAULTS[fault])
    validation = sources.validate_extract(folder)
    page = tmp_path / "report.html"
    sources.write_report(validation, page, EDITION)
    body = re.sub(r"<style.*?</style>", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    told = sources.format_report(validation, EDITION) + re.sub(r"<[^>]+>", " ", body)
    values = {*SAID, *(v for v in FAULTS[fault].values() if v != "R1")}
    found = {v for v in values if re.search(rf"(?<![\w.,]){re.escape(v)}(?![\w.,%])", told)}
    assert not found


def tell(folder: Path, years: dict[int, int], empty: int | None = None) -> tuple[str, str]:
    """What is told of so many reports in each of these years, in the text and on the page, when
    those of the year `empty` have no nationality; the text of an edition of five years and of
    four."""
    folder.mkdir()
    (folder / "extract.yml").write_text("source: a test\n", encoding="utf-8")
    head = ",".join(name for name in HEADER if name != "municipality")
    dates = [year for year, n in years.items() for _ in range(n)]
    rows = [
        f"R{n},V{n},{year}-05-02,kmar,not_recorded,true,false,false,false,window,"
        f"not_recorded,not_recorded,female,20,{'not_recorded' if year == empty else 'NLD'},false"
        for n, year in enumerate(dates)
    ]
    (folder / "reports.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    validation = sources.validate_extract(folder)
    later = define_edition(edition="test", period_start=2017, period_end=2020)
    page = folder.parent / f"{folder.name}.html"
    sources.write_report(validation, page, EDITION)
    text = sources.format_report(validation, EDITION) + sources.format_report(validation, later)
    return text, page.read_text(encoding="utf-8")


FULL = dict.fromkeys(range(2017, 2021), 40)


def test_the_period_does_not_tell_the_year_of_a_lone_row(tmp_path):
    """One report of 2016, of 2015 or of 2021: what is told is the same."""
    told = {tell(tmp_path / f"{year}", FULL | {year: 1}) for year in (2015, 2016, 2021)}
    assert len(told) == 1
    text, _ = told.pop()
    assert "fewer than 10 rows of other years or none" in " ".join(text.split())


def test_which_cells_a_lone_row_lacks_is_not_told(tmp_path):
    """With or without a nationality in the one report of 2016: what is told is the same."""
    whole, lacking = (
        tell(tmp_path / f"{empty}", FULL | {2016: 1}, empty) for empty in (None, 2016)
    )
    assert whole == lacking


def test_a_year_without_rows_does_not_tell_which_year_has_few(tmp_path):
    """2017 and 2020 are named, and nothing is of 2019 or of 2018: one row is of the other."""
    told = {tell(tmp_path / f"{year}", {2017: 40, 2020: 40, year: 1}) for year in (2018, 2019)}
    assert len(told) == 1


def test_codes_that_say_nothing_count_as_missing_in_columns_of_several_too(tmp_path):
    """Of 20 reports 10 without a sector are 50 %, as a sex that is not recorded would be."""
    folder = tmp_path / "extract"
    folder.mkdir()
    (folder / "extract.yml").write_text("source: a test\n", encoding="utf-8")
    rows = [
        f"R{n},V{n},2016-01-{n:02d},kmar,not_recorded,true,false,false,false,{sector},"
        "not_recorded,not_recorded,female,20,NLD,false"
        for n, sector in enumerate(["window|home", "not_recorded"] * 10, start=1)
    ]
    head = ",".join(name for name in HEADER if name != "municipality")
    (folder / "reports.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    told = " ".join(sources.format_report(sources.validate_extract(folder)).split())
    assert told.startswith("1 table, 20 rows: 0 errors and 1 warning.")
    assert "sector_sexual 50%" in told and "sector_labour 100%" in told
