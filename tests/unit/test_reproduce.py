"""Every printed number has one standing, and a loss is found."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest

from helpers import published, reproduce
from helpers.claims import UNDECIDED, judge, read_claims
from helpers.edition import BUNDLES, DEFAULT_EDITION, LANGUAGES, BadInput, read_edition
from helpers.site.recommendations import PLACE as RECOMMENDED
from helpers.site.recommendations import fill_recommendations
from helpers.site.reproduction import (
    COUNTS_PLACE,
    PLACE,
    fill_reproduction,
    list_standings,
    say_share,
)

NONE = pd.DataFrame(columns=["number", "chapter", "verdict", "mark"])


def print_number(value: float, precision: str = "exact", unit: str = "victims") -> pd.Series:
    return pd.Series({"measure": "victims", "value": value, "unit": unit, "precision": precision})


def test_a_formula_gives_the_range_that_rounding_leaves():
    """265 of 1,630, both to the nearest five: 262.5 / 1,632.5 is 16.08 percent, 267.5 / 1,627.5 is
    16.44."""
    printed = {"a": print_number(265, "rounded5"), "b": print_number(1630, "rounded5")}
    found = reproduce.derive("100 * [a] / [b]", printed)
    assert (found.lowest, found.highest) == pytest.approx((16.0796, 16.4363), abs=1e-4)
    assert found.operands == ("a", "b")


def test_a_p_value_follows_from_its_statistic():
    """3.841 is the 95th percentile of chi-square with one degree of freedom (any table)."""
    found = reproduce.derive("p_value([a], 1)", {"a": print_number(3.841, unit="statistic")})
    assert found.lowest <= 0.05 <= found.highest and found.highest - found.lowest < 1e-4


def test_a_place_among_printed_numbers():
    """CoMensha, 2020: Poland 190, Nigeria 185, the Netherlands 155; the monitor (line 606) says
    that Nigeria is second."""
    printed = {name: print_number(n) for name, n in (("pl", 190.0), ("ng", 185.0), ("nl", 155.0))}
    found = reproduce.derive("rank([ng], [pl], [nl])", printed)
    assert (found.lowest, found.highest) == (2.0, 2.0)


@pytest.mark.parametrize(
    ("number", "printed_by"),
    [
        ("sm20-062", ["P001", "P002"]),
        ("sm20-387", ["P012"]),
        ("sm20-465", ["P018"]),
        ("sm20-225", ["P025"]),
        ("sm20-226", ["P026"]),
        ("sm20-409", ["P027"]),
    ],
)
def test_what_the_monitor_takes_from_others_is_held_against_them(number, printed_by):
    """FairWork: 996 against 348 is "nearly three times"; Statistics Netherlands: 20 percent in
    2012; children under 15, which is no number but a limit; talks of at most two hours and day care
    of at least half a day (Regeling Jeugdwet, annex 2, 3.3); 21 percent of the women whom the Poppy
    Project assisted."""
    row = reproduce.tabulate_standings(NONE).set_index("id").loc[number]
    assert (row["standing"], row["verdict"]) == ("derived", "met")
    assert all(f"[{name}]" in row["evidence"] for name in printed_by)


@pytest.mark.parametrize(
    "formula", ["[b] + 1", "[a] ** 2", "__import__('os')", "[a] +", "p_value([a], freedom=1)"]
)
def test_a_formula_of_anything_else_is_refused(formula):
    with pytest.raises(BadInput, match=r"derivations\.csv"):
        reproduce.derive(formula, {"a": print_number(3)})


def test_every_number_and_cell_has_one_standing():
    table = reproduce.tabulate_standings(NONE)
    wanted = [*published.read_numbers()["id"], *published.read_cells()["id"]]
    assert table["id"].tolist() == wanted and table["id"].is_unique
    assert set(table["standing"]) <= set(reproduce.STANDINGS) and table["evidence"].ne("").all()


def test_no_formula_misses_its_number():
    """What differs would be a contradiction that nobody listed, or a wrong formula."""
    assert not reproduce.tabulate_standings(NONE)["standing"].eq("differs").any()


def test_the_kept_standings_are_those_of_today():
    """But for the code checks, which need the registers: `monitor reproduce` looks at them."""
    kept = reproduce.read_standings(DEFAULT_EDITION).set_index("id")["standing"]
    now = reproduce.tabulate_standings(NONE).set_index("id")["standing"]
    others = kept[kept != "code_check"]
    assert (now[others.index] == others).all() and set(kept.index) == set(now.index)
    assert kept.eq("code_check").sum() > 100 and not kept.eq("reproduced").any()


def test_a_real_register_reproduces_or_differs_whatever_else_is_known():
    """Planted: 1,334 comes out, 984 does not."""
    checked = pd.DataFrame(
        {
            "number": ["sm20-003", "sm20-004"],
            "chapter": "signalling",
            "verdict": ["met", "not_met"],
            "mark": "register",
        }
    )
    table = reproduce.tabulate_standings(checked).set_index("id")
    assert table.loc["sm20-003", "standing"] == "reproduced"
    assert table.loc["sm20-004", ["standing", "evidence"]].tolist() == [
        "differs",
        "register:signalling",
    ]


def test_made_up_registers_never_reproduce():
    checked = pd.DataFrame(
        {"number": ["sm20-100"], "chapter": "signalling", "verdict": ["met"], "mark": "synthetic"}
    )
    table = reproduce.tabulate_standings(checked).set_index("id")
    assert table.loc["sm20-100", "standing"] == "code_check"


@pytest.mark.parametrize(
    ("number", "standing", "evidence"),
    [
        # Footnote 11: tens of counts give the first, 41% of 145 excludes the second, and beside 38%
        # of 145 few other statistics can be had than the third. Footnote 41 has one beside no share
        # at all. Footnote 18 prints no degrees of freedom.
        ("sm20-236", "code_check", "made_up:aid"),
        ("sm20-256", "contradicted", "sm20-c34"),
        ("sm20-260", "derived", "by_counts:[sm20-231] [sm20-228] [sm20-229] [sm20-262]"),
        ("sm20-333", "not_reproducible", "few_counts"),
        ("sm20-422", "not_reproducible", "no_freedom_printed"),
    ],
)
def test_a_printed_statistic_has_its_own_reason(number, standing, evidence):
    kept = reproduce.read_standings("2016-2020").set_index("id")
    assert kept.loc[number, ["standing", "evidence"]].tolist() == [standing, evidence]


@pytest.mark.parametrize(
    ("number", "standing", "evidence"),
    [
        # 73, 78, 69 and 79 convicted (Ninth report, line 879); the file of the United Nations has
        # 73, 78, 69 and 80.
        ("nr13-020", "derived", "[J019]"),
        ("nr13-021", "contradicted", "nr13-c34"),
        # Nearly half (letter, line 82): 1,363 minors of about 3,000 victims a year.
        ("lr19-004", "derived", "100 * [F362] / [F363]"),
        # 1,711 victims of 2012, of whom 428 were Dutch: 1,283 others (line 9542).
        ("nr13-401", "derived", "[nr13-177] - [F191]"),
        # Girls from 12 on are taken in (line 8834); the youngest that were found are of 13 (8530).
        ("nr13-344", "outside_contract", "rule_of_law"),
        ("nr13-322", "outside_contract", "other_register"),
        # Emergency shelter, ideally three to five days (line 1259); NOS, 2019: at most three days.
        ("sm20-315", "derived", "[P036]"),
        # The contract holds decisions on continued residence with their ground (line 855).
        ("sm20-172", "not_reproducible", "not_in_figures"),
    ],
)
def test_a_standing_is_what_is_true_of_the_number(number, standing, evidence):
    table = reproduce.tabulate_standings(NONE).set_index("id")
    assert table.loc[number, ["standing", "evidence"]].tolist() == [standing, evidence]


def test_what_was_equal_and_is_not_is_a_loss():
    before = pd.DataFrame(
        {"id": ["a", "b", "c", "d"], "standing": ["derived", "code_check", "derived", "differs"]}
    )
    after = pd.DataFrame(
        {"id": ["a", "b", "d"], "standing": ["derived", "differs", "contradicted"]}
    )
    lost = reproduce.find_losses(before, after)
    assert lost.set_index("id")["standing"].to_dict() == {"b": "differs", "c": "gone"}


def test_what_only_looks_like_a_contradiction_contradicts_nothing():
    """c12 and c21: within rounding both values hold."""
    table = reproduce.tabulate_standings(NONE).set_index("id")
    assert table.loc[["sm20-219", "sm20-234"], "standing"].eq("derived").all()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_counts_and_lists_each_number_with_its_reason(language):
    page = fill_reproduction(f"{COUNTS_PLACE}{PLACE}", DEFAULT_EDITION, language)
    assert "<table" in page and 'id="catalogue-standing"' in page
    kept = reproduce.read_standings(DEFAULT_EDITION)
    for entry in list_standings(kept, language):
        assert entry["standing"] and entry["why"] and entry["line_at"].endswith(entry["id"])


def test_a_share_is_never_quoted_as_reproduced():
    """What made-up registers or other prints give is no reproduction: the sentence begins with what
    real registers gave."""
    numbers = published.read_numbers().set_index("id")
    main = numbers[
        numbers["source"].str.startswith("000") & numbers["section"].str.startswith("2.")
    ]
    rows = [(name, "derived", "", "") for name in main.index[:4]]
    table = pd.DataFrame(rows, columns=["id", "standing", "evidence", "verdict"])
    assert say_share(table, "en").startswith(
        "Of the 4 numbers in chapters 2 to 4 of the monitor none is reproduced from a real register."
    )
    table.loc[0, "standing"] = "reproduced"
    assert "none" not in say_share(table, "en")
    assert "1 are reproduced from a real register" in say_share(table, "en")


def test_tests_held_against_counts_are_a_kind_of_their_own(monkeypatch):
    """They are no formula, and a statistic that no counts give differs."""
    kept = reproduce.read_standings(DEFAULT_EDITION)
    by_counts = kept[kept["evidence"].str.startswith(reproduce.BY_COUNTS)]
    assert by_counts["id"].tolist() == ["sm20-260", "sm20-321", "sm20-341"]
    counted = "Of those that follow from other printed numbers, 3 are test statistics"
    assert counted in say_share(kept, "en")
    assert "test statistics" not in say_share(kept[~kept["id"].isin(by_counts["id"])], "en")
    [why] = [entry["why"] for entry in list_standings(kept, "en") if entry["id"] == "sm20-260"]
    assert why[0][0].startswith("Whole numbers of people") and "=" not in why[0][0]
    assert [words for words, at in why if at] == ["sm20-231", "sm20-228", "sm20-229", "sm20-262"]
    numbers = published.read_numbers()
    numbers.loc[numbers["id"] == "sm20-341", "value"] = 3000.106
    monkeypatch.setattr(published, "read_numbers", lambda: numbers)
    row = reproduce.tabulate_standings(NONE).set_index("id").loc["sm20-341"]
    assert (row["standing"], row["verdict"]) == ("differs", "not_met")


def test_every_recommendation_names_claims_and_its_line():
    """One and six perspectives of the monitor, five of the letter, five of the Ninth report (one in
    two parts), five of the municipal study."""
    rows = published.read_recommendations()
    assert rows["source"].value_counts().to_dict() == {"sm20": 7, "lr19": 5, "nr13": 6, "ms21": 5}
    known = set(read_claims())
    assert all(set(names.split("|")) <= known for names in rows["claims"])


def test_a_recommendation_without_a_word_on_what_is_not_known_is_refused(tmp_path):
    content = (published.local.PUBLISHED / "recommendations.csv").read_text(encoding="utf-8")
    path = tmp_path / "recommendations.csv"
    path.write_text(content.splitlines()[0] + "\na,sm20,1,b,c,d,,e\n", encoding="utf-8")
    with pytest.raises(BadInput, match="row 2, column cannot_en"):
        published.read_recommendations(path)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_recommendations_tells_each_verdict(language):
    edition = read_edition(DEFAULT_EDITION, language=language)
    judged = list(judge(edition, folder=BUNDLES / DEFAULT_EDITION).values())
    page = fill_recommendations(RECOMMENDED, judged, language)
    assert page.count("<section") == 23 and page.count("claims.html#") > 60
    # In a word: the sentence names its source, and what contradicts it, by itself.
    words = set(re.findall(r'claims\.html#\w+">([^<]*)<', page))
    assert (
        words
        <= {
            "en": {"holds", "does not hold", "contradicted", "judgement"},
            "nl": {"klopt", "klopt niet", "tegengesproken", "oordeel"},
        }[language]
    )


def test_a_recommendation_is_dated_and_told_beside_what_is_decided():
    """The documents' own days: the monitor of December 2021, the Ninth report of 2013. A finding that
    the made-up registers leave open says nothing about it."""
    judged = list(judge(read_edition(DEFAULT_EDITION), folder=BUNDLES / DEFAULT_EDITION).values())
    page = fill_recommendations(RECOMMENDED, judged, "en")
    opened = [one.claim.id for one in judged if one.verdict == UNDECIDED]
    listed = {name for ids in published.read_recommendations()["claims"] for name in ids.split("|")}
    assert listed & set(opened)
    assert not [name for name in opened if f'claims.html#{name}"' in page]
    assert "Published: December 2021." in page and "Published: 2013." in page
    assert "numbers say" not in page and "of 2021, line" in page
    nothing = [replace(one, verdict=UNDECIDED) for one in judged]
    assert "stands beside" not in fill_recommendations(RECOMMENDED, nothing, "en")
