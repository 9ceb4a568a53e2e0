"""Each public statistic of the collection stands in the book or is left out for a stated reason;
each contradiction of the made-up registers is declared."""

import csv
import json
import re
from pathlib import Path

import pandas as pd
import pytest

from helpers.calibration.contradictions import find_contradictions
from helpers.claims import read_claims
from helpers.edition import BUNDLES, CODES, LANGUAGES
from helpers.labels import label
from helpers.published import read_facts, read_not_carried, read_not_shown
from helpers.site.left_out import write_statistics

# The collection's rows, F001 to F422 (its README: 422 rows).
COLLECTED = {f"F{number:03d}" for number in range(1, 423)}


CARRIED = ("public_statistics", "subject_statistics", "published_estimates", "chain_statistics")


def find_astray(carried: set[str], left_out: set[str]) -> set[str]:
    """The ids that stand in neither list, or in both."""
    return COLLECTED ^ (carried ^ left_out)


def test_every_row_is_carried_or_left_out_for_a_reason():
    facts = read_facts(*CARRIED)
    left_out = read_not_carried()
    assert find_astray(set(facts["id"]), set(left_out["id"])) == set()
    assert len(facts) + len(left_out) == 422
    for reason in set(left_out["reason"]):
        assert all(label(reason, language, kind="not_carried") for language in LANGUAGES)


def test_a_row_that_is_lost_or_doubled_is_found():
    assert find_astray(COLLECTED - {"F007"}, set()) == {"F007"}
    assert find_astray(COLLECTED, {"F007"}) == {"F007"}


def list_shown(tables: dict[str, pd.DataFrame]) -> set[str]:
    """The ids that a table of a chapter has as a source, the chapter on the made-up registers
    aside, or that the values and tests of a claim read."""
    sources = [
        table["source"]
        for name, table in tables.items()
        if "source" in table and not name.startswith("calibration_")
    ]
    words = "|".join("|".join(column) for column in sources)
    claimed = " ".join(
        expression
        for claim in read_claims().values()
        for expression in (*claim.values.values(), claim.test, claim.against)
    )
    return set(re.findall(r"\bF\d{3}\b", f"{words} {claimed}"))


def test_every_carried_row_is_shown_in_a_chapter_or_has_a_visible_reason():
    carried = set(read_facts(*CARRIED)["id"])
    shown = list_shown(read_tables(BUNDLES / "2016-2020"))
    reasons = set(read_not_shown()["id"])
    assert carried - shown == reasons
    for language in LANGUAGES:
        page = write_statistics(language)
        assert all(f'catalogue.html#{name}"' in page for name in reasons)


def test_a_row_that_only_the_calibration_reads_is_shown_nowhere():
    rows = pd.DataFrame({"source": ["F998|F999"]})
    assert list_shown({"known_reports": rows}) >= {"F998", "F999"}
    assert not list_shown({"calibration_signalling": rows}) & {"F998", "F999"}


@pytest.mark.skipif(
    not Path("../shared/facts/public_statistics.csv").exists(), reason="the collection is not here"
)
def test_carried_rows_say_what_the_collection_says():
    with Path("../shared/facts/public_statistics.csv").open(encoding="utf-8", newline="") as file:
        collected = {row["id"]: row for row in csv.DictReader(file)}
    facts = read_facts(*CARRIED)
    for row in facts.to_dict("records"):
        there = collected[row["id"]]
        assert float(row["value"]) == float(there["value"]), row["id"]
        assert row["source_url"] == there["source_url"], row["id"]


def read_tables(folder: Path) -> dict[str, pd.DataFrame]:
    names = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["tables"]
    return {
        name: pd.read_csv(
            folder / f"{name}.csv", dtype=str, keep_default_na=False, encoding="utf-8"
        )
        for name in names
    }


def test_contradictions_of_the_made_up_registers_are_those_that_are_declared():
    declared = pd.read_csv(
        CODES / "made_up_contradictions.csv", dtype=str, keep_default_na=False, encoding="utf-8"
    )
    found = find_contradictions(read_tables(BUNDLES / "2016-2020"))
    pd.testing.assert_frame_equal(found, declared, check_dtype=False)


def make_tables(made_up: str, mark: str = "illustration") -> dict[str, pd.DataFrame]:
    keys = {"reporter": ["police"], "period": ["2016"]}
    return {
        "known_reporters": pd.DataFrame(
            {**keys, "n": ["446"], "mark": ["published"], "source": ["F243"]}
        ),
        "signalling_reporters": pd.DataFrame(
            {**keys, "n": [made_up], "mark": [mark], "source": [""]}
        ),
    }


def test_a_planted_contradiction_is_found_and_an_equal_number_is_none():
    """The TIP report of 2019 prints 446 police reports for 2016 (F243)."""
    found = find_contradictions(make_tables("500"))
    assert found.to_dict("records") == [
        {
            "table": "signalling_reporters",
            "what": "police",
            "period": "2016",
            "printed": "446",
            "made_up": "500",
            "source": "F243",
        }
    ]
    assert find_contradictions(make_tables("446")).empty
    assert find_contradictions(make_tables("500", mark="register")).empty
