"""The pages on revisions and provenance."""

from __future__ import annotations

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from helpers import published
from helpers.edition import BUNDLES, read_edition, read_rows
from helpers.editions import RAP, SIGNED, provenance
from helpers.site import vintages
from helpers.site.vintages import PROVENANCE, REVISIONS, fill_vintages


@pytest.fixture(params=["en", "nl"])
def page(request):
    edition = read_edition("2016-2020", language=request.param)
    content = fill_vintages(REVISIONS + PROVENANCE, edition, BUNDLES / "2016-2020")
    return BeautifulSoup(content, "html.parser")


def read_table(page, name):
    table = page.select_one(f"#vintages-{name}").find_next("table")
    return [[cell.get_text() for cell in row.find_all("td")] for row in table.select("tbody tr")]


def test_what_was_printed_of_2008_stands_with_its_days(page):
    """809 in a news item of 9 February 2009, 826 in the Ninth report and the UN's file."""
    rows = [row for row in read_table(page, "vintages") if row[0] == "2008"]
    totals = [(row[3], row[2]) for row in rows if "F003" in row[5] or "G006" in row[5]]
    assert totals[0][0].replace("\u00a0", " ") in ("9 February 2009", "9 februari 2009")
    assert (totals[0][1], totals[1][1]) == ("809ᵖ", "826ᵖ")


def test_what_nobody_signed_is_shown_as_empty(page):
    rows = read_table(page, "signed")
    empty = {"(empty)", "(leeg)"}
    for row, declared in zip(rows, read_rows(SIGNED)):
        assert (row[3] in empty) == (declared["signed_by"] == "")


def test_every_level_has_its_evidence(page):
    assert len(read_table(page, "rap")) == len(read_rows(RAP))
    assert all(row["evidence_en"] and row["evidence_nl"] for row in read_rows(RAP))
    assert {row["met"] for row in read_rows(RAP)} <= {"yes", "no", "partly"}


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ({"rev-parse": "abc", "status": ""}, "abc"),
        ({"rev-parse": "abc", "status": " M x"}, "abc (with changes since that are not committed)"),
        ({"rev-parse": "", "status": " M x"}, ""),
    ],
)
def test_a_commit_that_is_not_all_says_so(monkeypatch, answers, told):
    monkeypatch.setattr(provenance, "_ask_git", lambda first, *_: answers[first])
    assert provenance.find_commit() == told


def test_seconds_of_counting_and_showing_add_up(monkeypatch):
    run = {"seconds_staging": {"a": 2.0}, "seconds_showing": {"a": 0.5, "b": 1.0}}
    monkeypatch.setattr(provenance, "read_run", lambda path: run)
    assert provenance.find_seconds("x") == {"a": 2.5, "b": 1.0}


def test_years_that_two_editions_share_stand_beside_each_other(page):
    """2020: 984 in the monitor; 2024: 944 by all reporters (data/facts, F037)."""
    rows = {tuple(row[:2]): row[2:] for row in read_table(page, "editions")}
    [both] = [cells for (year, _), cells in rows.items() if year == "2020" and "984ᵖ" in cells]
    assert both == ["984ᵖ", "984ᵖ"]
    [later] = [cells for (year, _), cells in rows.items() if year == "2024"]
    assert later[0] in ("not in this edition", "niet in deze editie") and later[1] == "944ᵖ"


def test_no_share_is_shown_as_persons_and_a_share_keeps_its_sign(monkeypatch):
    """Newspapers print 16% minors for 2011, the Ninth report 195: no correction. Another share of
    the same would be one."""
    edition = read_edition("2016-2020")
    assert "<td>2011</td>" not in fill_vintages(REVISIONS, edition, BUNDLES / "2016-2020")
    facts = published.read_vintages()
    later = facts[facts["id"] == "F136"].assign(value="17", published="2013", id="F137")
    monkeypatch.setattr(vintages, "read_vintages", lambda: pd.concat([facts, later]))
    shown = fill_vintages(REVISIONS, edition, BUNDLES / "2016-2020")
    assert shown.count("<td>2011</td>") == 2 and "<td>16%" in shown and "<td>17%" in shown
