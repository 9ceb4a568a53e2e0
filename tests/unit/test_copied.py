"""A site's tables are those that were released: a changed cell, an added row and a table of nobody
are told by file."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from helpers.edition import BUNDLES, DEFAULT_EDITION
from helpers.site.copied import find_changed_tables

UNITS = "signalling_units"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    made = tmp_path / "html"
    shutil.copytree(BUNDLES / DEFAULT_EDITION, made / "tables")
    (made / "edition.json").write_text(json.dumps({"edition": DEFAULT_EDITION}), encoding="utf-8")
    (made / "nl" / "tables").mkdir(parents=True)
    rows = (made / "tables" / f"{UNITS}.csv").read_text(encoding="utf-8").splitlines()
    labelled = [f"verzonnen,{row}" for row in rows]
    (made / "nl" / "tables" / f"{UNITS}.made-up.labelled.csv").write_text(
        "\n".join(labelled) + "\n", encoding="utf-8"
    )
    return made


def test_a_site_as_it_was_built_has_no_fault(site):
    assert find_changed_tables(site) == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (f"tables/{UNITS}.csv", "not the table of the bundle"),
        (f"nl/tables/{UNITS}.made-up.labelled.csv", "other rows"),
    ],
)
@pytest.mark.parametrize("change", ["cell", "row"])
def test_a_table_that_says_more_is_told(site, name, words, change):
    """A hidden cell with its count in its place, and a row of a comment below."""
    path = site / name
    before = path.read_text(encoding="utf-8")
    after = before.replace("hidden", "1", 1) if change == "cell" else f"{before}# 2016 is 4\n"
    assert after != before
    path.write_text(after, encoding="utf-8")
    assert any(f"html/{name}: {words}" in fault for fault in find_changed_tables(site))


@pytest.mark.parametrize("name", ["tables/people.csv", "nl/tables/people.xlsx"])
def test_a_table_of_no_bundle_is_told(site, name):
    (site / name).write_bytes(b"sex,age,month\nfemale,17,2018-03\n")
    assert find_changed_tables(site) == [
        f"html/{name}: of no table that the bundle of {DEFAULT_EDITION} holds"
    ]
