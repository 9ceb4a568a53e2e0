"""The catalogue page: which numbers it carries, how they read, and that nobody can be searched
for."""

import re

import pandas as pd
import pytest

from helpers.edition import LANGUAGES
from helpers.published import read_contradictions, read_documents
from helpers.site.catalogue import (
    CONTRADICTIONS_PLACE,
    FEWEST_SEARCHABLE,
    PLACE,
    fill_catalogue,
    format_printed,
    hides_few,
    list_entries,
    list_facts,
    name_section,
)


@pytest.fixture(scope="module", params=LANGUAGES)
def entries(request) -> list[dict]:
    return list_entries(request.param)


def test_every_entry_names_its_place(entries):
    """Document, section, line and quote; ids are unique, and all five documents are there."""
    assert len({entry["id"] for entry in entries}) == len(entries) > 1200
    assert all(
        entry[name]
        for entry in entries
        for name in ("value", "what", "document", "section", "line", "quote")
    )
    assert len({entry["document"] for entry in entries}) == len(read_documents())


def test_no_entry_counts_one_to_four_people(entries):
    """Table B3.4 prints one Zambian; prose line 6498 prints 8, 5, 1, 1 and 1 women by country."""
    ids = {entry["id"] for entry in entries}
    assert (
        not {"B3.4:zambian:2011", "B3.4:zambian:2009-2012"} & ids
        and "B3.4:chinese:2009-2012" in ids
    )
    assert not {
        entry["id"] for entry in entries if "zambia" in (entry["what"] + entry["value"]).lower()
    }


def test_few_people_are_told_from_few_things():
    rows = pd.DataFrame(
        {
            "unit": ["victims", "victims", "victims", "cases", "percent"],
            "value": [4, FEWEST_SEARCHABLE, 0, 1, 3],
        }
    )
    assert hides_few(rows).tolist() == [True, False, False, False, False]


@pytest.mark.parametrize(
    ("value", "unit", "measure", "precision", "words"),
    [
        (984, "victims", "victims", "exact", "984 presumed victims"),
        (43, "percent", "share_of_victims", "rounded_percent", "43%"),
        (-25, "percent", "change_in_victims", "more_than", "more than 25% less"),
        (18, "percent", "change_in_victims", "exact", "18% more"),
        (4401, "eur", "budget", "exact", "€ 4,401"),
        (5.7, "reports", "mean_reports_per_month", "exact", "5.7 reports"),
    ],
)
def test_a_number_reads_as_it_is_printed(value, unit, measure, precision, words):
    assert (
        format_printed(
            {"value": value, "unit": unit, "measure": measure, "precision": precision}, "en"
        )
        == words
    )


def test_sections_are_named():
    assert name_section("2.6.5.3", "2.3", "en") == "section 2.6.5.3, figure or table 2.3"
    assert (
        name_section("B3", "", "nl") == "paragraaf B3"
        and name_section("foreword", "", "en") == "foreword"
    )


def test_a_page_is_filled_once_and_others_stay():
    page = f"<article>{PLACE}{CONTRADICTIONS_PLACE}</article>"
    filled = fill_catalogue(page, "en")
    assert filled.count("catalogue-data") == 1 and all(
        f'id="{identifier}"' in filled for identifier in read_contradictions()["id"]
    )
    assert "</script><" not in filled.split('id="catalogue-data">')[1].split("</script>")[0]
    assert "B3.4:iraqi" not in filled and "a cell of table B3.4" in filled
    assert fill_catalogue("<article>words</article>", "en") == "<article>words</article>"


def test_a_public_statistic_has_an_entry_with_its_publisher_and_none_of_few_people():
    entries = {entry["id"]: entry for entry in list_facts("en")}
    assert (
        entries["F001"]["value"] == "716 presumed victims" and entries["F001"]["period"] == "2007"
    )
    assert entries["F001"]["section"] == "Nationaal Rapporteur, 2012-12-24"
    assert (entries["P025"]["value"], entries["P025"]["kind"]) == ("at most 2 hours", "other")
    values = [
        int(re.sub(r"\D", "", entry["value"]))
        for entry in entries.values()
        if entry["kind"] == "count"
    ]
    assert min(values) >= 5
