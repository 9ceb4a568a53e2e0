"""The gate: what may leave, and that nothing changes on the way."""

import json

import pandas as pd
import pytest

from helpers.disclosure import DisclosureError, is_model_allowed, protect_counts, read_rule_set
from helpers.edition import BadInput
from helpers.gate import check_bundle, compare_bundles, read_released, release, write_manifest

VICTIMS = pd.DataFrame(
    {"period": ["2019", "2020"], "n": [1334, 984], "status": "released", "mark": "published"}
)


def test_what_is_released_is_read_back_as_text(edition, bundle):
    release("victims", VICTIMS, by=["period"], edition=edition)
    released = read_released("victims", edition=edition)
    assert released.table["n"].tolist() == ["1334", "984"]
    assert released.known()["n"].tolist() == [1334, 984]
    assert released.marks == ("published",)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1334, "1334"),
        (1631630, "1631630"),
        (2 / 3, "0.666667"),
        (1234567.8, "1234570"),
        (0.00012345678, "0.000123457"),
        ("1340.326", "1340.326"),
        ("<5", "<5"),
    ],
)
def test_numbers_have_six_digits_and_printed_words_stay(edition, bundle, value, written):
    """DESIGN: six significant digits for what is computed; a printed number stays as it was
    printed."""
    status = "suppressed" if value == "<5" else "released"
    release(
        "one",
        pd.DataFrame({"period": ["2020"], "n": [value], "status": status, "mark": "published"}),
        by=["period"],
        edition=edition,
    )
    assert (bundle / "one.csv").read_text(
        encoding="utf-8"
    ) == f"period,n,status,mark\n2020,{written},{status},published\n"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"period": ["2020", "2020"]}, "repeat the same period"),
        ({"n": [1334, None]}, "hold no number"),
        ({"mark": "guessed"}, "use one of published"),
        ({"status": "hidden"}, "use one of released"),
    ],
)
def test_a_malformed_table_is_refused(edition, bundle, change, words):
    with pytest.raises(BadInput) as caught:
        release("victims", VICTIMS.assign(**change), by=["period"], edition=edition)
    assert words in str(caught.value)
    assert not (bundle / "victims.csv").exists()


def test_an_empty_table_is_refused_unless_it_may_be(edition, bundle):
    with pytest.raises(BadInput, match="no rows"):
        release("victims", VICTIMS.iloc[:0], by=["period"], edition=edition)
    release("victims", VICTIMS.iloc[:0], by=["period"], edition=edition, may_be_empty=True)
    assert read_released("victims", edition=edition).table.empty


def test_a_suppressed_cell_beside_its_total_is_refused(edition, bundle):
    """The bad example of the rule: citizenships with one hidden cell, and their total."""
    table = pd.DataFrame(
        {
            "category": ["dutch", "polish", "other", "all"],
            "n": [10, 7, "<5", 20],
            "status": ["released", "released", "suppressed", "released"],
            "mark": "published",
        }
    )
    with pytest.raises(DisclosureError, match="beside its total"):
        release("citizenship", table, by=["category"], edition=edition)
    release("citizenship", table[table["category"] != "all"], by=["category"], edition=edition)
    assert read_released("citizenship", edition=edition).known()["category"].tolist() == [
        "dutch",
        "polish",
    ]


def test_a_changed_table_is_not_read(edition, bundle):
    release("victims", VICTIMS, by=["period"], edition=edition)
    path = bundle / "victims.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace("984", "983"), encoding="utf-8", newline="\n"
    )
    with pytest.raises(BadInput, match="changed after its release"):
        read_released("victims", edition=edition)


def test_a_missing_table_says_how_to_make_it(edition, bundle):
    with pytest.raises(BadInput, match="make bundle EDITION=test"):
        read_released("victims", edition=edition)


@pytest.fixture
def finished(edition, bundle):
    release("victims", VICTIMS, by=["period"], edition=edition)
    write_manifest(bundle, edition)
    return bundle


def test_a_finished_bundle_has_tables_and_a_manifest_only(finished, edition):
    assert {path.name for path in finished.iterdir()} == {"victims.csv", "manifest.json"}
    manifest = json.loads((finished / "manifest.json").read_text(encoding="utf-8"))
    assert (
        manifest["tables"]["victims"]["rule_set"] == "public"
        and manifest["parameters"]["period_start"] == 2016
    )
    assert read_released("victims", edition=edition).by == ("period",)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda folder: (folder / "extra.csv").write_text("x"), "extra ['extra.csv']"),
        (lambda folder: (folder / "victims.csv").unlink(), "missing ['victims.csv']"),
        (
            lambda folder: (folder / "victims.csv").write_text("period,n\n"),
            "not the table that was released",
        ),
        (lambda folder: (folder / "manifest.json").unlink(), "no manifest.json"),
    ],
)
def test_a_bundle_with_an_extra_missing_or_changed_file_is_refused(finished, spoil, words):
    spoil(finished)
    with pytest.raises(BadInput) as caught:
        check_bundle(finished)
    assert words in str(caught.value)


def test_bundles_are_compared_table_by_table(finished, edition, tmp_path, monkeypatch):
    other = tmp_path / "other"
    monkeypatch.setenv("MONITOR_BUNDLE", str(other))
    release("victims", VICTIMS.assign(n=[1334, 985]), by=["period"], edition=edition)
    release("more", VICTIMS, by=["period"], edition=edition)
    write_manifest(other, edition)
    assert compare_bundles(finished, finished) == (1, [])
    assert compare_bundles(other, finished) == (
        0,
        ["more: not in the committed bundle", "victims: differs"],
    )


@pytest.mark.parametrize(("observations", "allowed"), [(11, False), (12, True)])
def test_a_model_needs_ten_residual_degrees_of_freedom(observations, allowed):
    """DESIGN, long view: no model below ten residual degrees of freedom; a line has two
    parameters."""
    assert is_model_allowed(observations, 2, read_rule_set("public")) is allowed


def test_an_unknown_rule_set_is_named():
    with pytest.raises(BadInput, match="known: public"):
        read_rule_set("secret")


# Counts of a register


def test_small_counts_of_a_register_are_hidden_and_the_others_rounded():
    """By hand: 3 is below ten, 12 is nearest to 10, 13 to 15, 17.5 goes up; nobody is nobody."""
    table = pd.DataFrame(
        {
            "category": list("abcde"),
            "n": [3, 12, 13, 0, 1062],
            "share": [0.3, 0.1234, 0.5, 0, 0.777],
        }
    )
    protected = protect_counts(table, read_rule_set("register"))
    assert protected["n"].tolist() == ["<10", 10, 15, 0, 1060] and protected["status"].tolist() == [
        "suppressed",
        *["rounded"] * 4,
    ]
    assert protected["share"].tolist()[1:] == [0.12, 0.5, 0, 0.78] and pd.isna(
        protected["share"].iloc[0]
    )
    assert protect_counts(table, read_rule_set("public")) is table


@pytest.mark.parametrize(
    ("n", "words"),
    [([9, 20], "1 counts lie below 10"), ([12, 20], "1 counts are no multiples of 5")],
)
def test_unprotected_counts_of_a_register_do_not_leave(edition, bundle, n, words):
    table = pd.DataFrame({"category": ["a", "b"], "n": n, "status": "released", "mark": "register"})
    with pytest.raises(DisclosureError, match=words):
        release("one", table, by=["category"], edition=edition, rules="register")
