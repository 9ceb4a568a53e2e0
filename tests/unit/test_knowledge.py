"""What sources print, as whoever attacks knows it: against counts by hand."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pandas as pd
import pytest
from released_text import tables

from helpers.disclosure import (
    REMAINING,
    Setting,
    Staged,
    audit,
    knowledge,
    ledger,
    protect,
    protect_ratios,
    protect_together,
    read_rule_set,
)
from helpers.disclosure.cells import SOMEBODY, Cell, parse_terms
from helpers.disclosure.knowledge import (
    Printed,
    PrintedTest,
    list_prints,
    narrow_by_tests,
    read_printed,
)
from helpers.disclosure.ledger import Publication, join_publications, read_publication
from helpers.disclosure.sentences import Sentence, read_sentences
from helpers.edition import BUNDLES, CODES, BadInput
from helpers.products import find_product
from helpers.published.catalogue import COUNTED
from helpers.synthetic import list_enforced, read_constraints

RAPPORTEUR, OFFICE = read_rule_set("rapporteur"), read_rule_set("statistics_office")
PART = read_rule_set("rapporteur+small_population")
INF = math.inf


def cell(words: str) -> Cell:
    return parse_terms(words)[0]


@pytest.fixture
def printing(monkeypatch):
    """Make these, and only these, the printed numbers: (number, low, high, part, whole)."""

    def say(*rows: tuple, tests: tuple = ()) -> None:
        counts = tuple(
            Printed(number, low, high, tuple(parse_terms(part)), tuple(parse_terms(whole or "0")))
            for number, low, high, part, whole in rows
        )
        monkeypatch.setattr(knowledge, "read_printed", lambda: (counts, tuple(tests)))

    return say


AGES = "category period n\n{}"
VICTIMS = (
    "population period n\nregister_all_reporters 2020 1999\nregister_without_kmar_only 2020 100"
)


def attack(rules=RAPPORTEUR, **content: str) -> audit.Audit:
    return audit.audit_tables(tables(**content), dict.fromkeys(content, rules), is_real=True)


# Leaks by what is printed: the printed number, and the tables that are fine without it.
OVERLAP = (
    "category period n\nsexual+criminal 2020 hidden\nsexual+labour 2020 hidden\nsexual 2020 50"
)
BY_PRINT = {
    "a printed sum beside one of its parts": (
        (
            "t",
            45,
            45,
            (
                "comensha_victims[forms=sexual+criminal, period=2020]"
                " + comensha_victims[forms=sexual, period=2020]"
            ),
            "",
        ),
        {"signalling_overlap": OVERLAP.replace("sexual 2020 50", "sexual 2020 42")},
    ),
    "a printed share of a shown whole": (
        # 37 % of 100 is 36.5 to 37.5: 37, and nothing else
        (
            "t",
            36.5,
            37.5,
            "comensha_victims[age_group=minor, period=2020]",
            "comensha_reported[counting=register_without_kmar_only, period=2020]",
        ),
        {
            "signalling_victims": VICTIMS,
            "signalling_ages": AGES.format("minor 2020 hidden\nadult 2020 hidden"),
        },
    ),
    "a printed bound below the threshold": (
        (
            "t",
            0,
            3,
            (
                "comensha_victims[age_group=minor, period=2020]"
                " + comensha_victims[age_group=adolescent, period=2020]"
            ),
            "",
        ),
        {"signalling_ages": AGES.format("minor 2020 hidden\nadolescent 2020 0\nadult 2020 90")},
    ),
    "a printed rounded count beside shown parts": (
        # 265 rounded is 263 to 267; all 1,630 less 460 less 910, each rounded, 253 to 267 and more
        ("t", 262.5, 267.5, "aid[side=victims, age_group=minor]", ""),
        {
            "aid_flow": "step_of_flow n\nin_register 1700\nwith_matches 1630",
            "aid_population": "breakdown category n\nage_group minor hidden\n"
            "age_group adolescent 460\nage_group adult 910",
        },
    ),
}


@pytest.mark.parametrize("name", BY_PRINT)
def test_a_leak_by_a_printed_number_is_found(name, printing):
    row, content = BY_PRINT[name]
    rules = OFFICE if "aid_flow" in content else RAPPORTEUR
    printing()
    assert not attack(rules, **content).findings
    printing(row)
    found = attack(rules, **content)
    assert found.findings or found.printed


def test_what_a_print_alone_gives_is_listed_and_no_finding(printing):
    part = "comensha_victims[age_group=minor, period=2020]"
    printing(("t", 3, 3, part, ""))
    found = attack(signalling_ages=AGES.format("minor 2020 hidden\nadult 2020 hidden"))
    assert found.printed == (str(cell(part)),) and not found.findings


def test_a_printed_number_of_another_count_is_left_out(printing):
    """The register says 100 where a source printed 101: no contradiction, and nothing is learnt."""
    printing(("t", 101, 101, "comensha_victims[age_group=adult, period=2020]", ""))
    found = attack(signalling_ages=AGES.format("minor 2020 hidden\nadult 2020 100"))
    assert not found.findings and found.n_prints == 0


# Pearson's statistic by hand, for 12 of 40 against 30 of 200: pooled 42 / 240 = 0.175;
# (0.3 - 0.15)^2 / (0.175 x 0.825 x (1/40 + 1/200)) = 0.0225 / 0.00433125 = 5.1948.
GROUPS = tuple(cell(f"aid[side={side}, aid=closed]") for side in ("victims", "controls"))
SIDES = ("victims", "controls")
SIZES = tuple(cell(f"aid[side={side}, aid=youth_care]") for side in ("victims", "controls"))
TEST = PrintedTest("t", 5.1943, 5.1953, GROUPS, SIZES)


def test_a_printed_statistic_leaves_the_counts_that_give_it():
    """With both sizes to the unit and the other side too, one count of the hidden is left."""
    ranges = {GROUPS[0]: (0, 40), GROUPS[1]: (30, 30), SIZES[0]: (40, 40), SIZES[1]: (200, 200)}
    found, untried = narrow_by_tests([TEST], ranges)
    assert found[GROUPS[0]].tolist() == [12] and not untried


def test_what_a_statistic_leaves_is_what_brute_force_leaves():
    ranges = {GROUPS[0]: (0, 40), GROUPS[1]: (28, 32), SIZES[0]: (38, 42), SIZES[1]: (198, 202)}
    found, _ = narrow_by_tests([TEST], ranges)
    fits = try_by_hand(TEST, ranges)
    for place, one in enumerate(TEST.cells):
        assert found[one].tolist() == sorted({fit[place] for fit in fits})
    assert (12, 30, 40, 200) in fits


def try_by_hand(test: PrintedTest, ranges: dict) -> list[tuple[int, ...]]:
    """Every (events, other events, persons, others) that gives the statistic, one after the
    other."""
    fits = []
    lists = [range(ranges[cell][0], ranges[cell][1] + 1) for cell in test.cells]
    for a, b, n, m in itertools.product(*lists):
        p = (a + b) / (n + m)
        spread = p * (1 - p) * (1 / n + 1 / m)
        value = (a / n - b / m) ** 2 / spread if spread and a <= n and b <= m else -1
        if test.low <= value <= test.high:
            fits.append((a, b, n, m))
    return fits


# The same for 7 of 40 against 50 of 200: pooled 57 / 240 = 0.2375;
# (0.175 - 0.25)^2 / (0.2375 x 0.7625 x (1/40 + 1/200)) = 0.005625 / 0.0054328125 = 1.0354.
OTHERS = tuple(cell(f"aid[side={side}, aid=open]") for side in ("victims", "controls"))
SECOND = PrintedTest("u", 1.0349, 1.0359, OTHERS, SIZES)


def test_tests_of_the_same_people_leave_what_each_of_them_allows():
    """How many victims and controls there are is not known, and is the same in both tests: seven of
    them in the second leave few sizes, and with these fewer counts in the first, a coarser one."""
    coarse = replace(TEST, low=5.1, high=5.3)
    ranges = {GROUPS[0]: (0, 40), GROUPS[1]: (30, 30), OTHERS[0]: (7, 7), OTHERS[1]: (50, 50)}
    ranges |= {SIZES[0]: (36, 44), SIZES[1]: (190, 210)}
    found, untried = narrow_by_tests([coarse, SECOND], ranges)
    fits = [try_by_hand(test, ranges) for test in (coarse, SECOND)]
    both = {fit[2:] for fit in fits[0]} & {fit[2:] for fit in fits[1]}
    for test, own in zip((coarse, SECOND), fits, strict=True):
        for place, one in enumerate(test.cells):
            values = {fit[place] for fit in own if fit[2:] in both}
            assert found[one].tolist() == sorted(values)
    assert not untried and (40, 200) in both
    assert len(found[GROUPS[0]]) < len({fit[0] for fit in fits[0]})


def test_counts_far_apart_are_few_counts(printing):
    """26 of 40 against 102 of 200: 0.14^2 / (128 / 240 x 112 / 240 x 0.03) = 2.625, as for 14
    against 98, and for 5 and 35 against 11 and 189: four counts, with thirty between the first and
    the last."""
    test = PrintedTest("t", 2.6245, 2.6255, GROUPS, SIZES)
    ranges = {GROUPS[0]: (0, 40), GROUPS[1]: (0, 200), SIZES[0]: (40, 40), SIZES[1]: (200, 200)}
    assert narrow_by_tests([test], ranges)[0][GROUPS[0]].tolist() == [5, 14, 26, 35]
    content = (
        "category side period n_events n_known\n"
        "closed victims 2016-2020 hidden 40\nclosed controls 2016-2020 hidden 200"
    )
    printing(tests=(test,))
    found = attack(RAPPORTEUR, aid_crisis=content)
    assert "a printed statistic" in "".join(found.findings)
    assert min(found.widths.values()) == 4


def test_a_test_that_no_count_gives_or_that_is_too_wide_says_nothing():
    ranges = {GROUPS[0]: (5, 6), GROUPS[1]: (30, 30), SIZES[0]: (40, 40), SIZES[1]: (200, 200)}
    assert narrow_by_tests([TEST], ranges) == ({}, 0)
    assert narrow_by_tests([TEST], ranges | {SIZES[1]: (0, INF)}) == ({}, 1)


def test_a_statistic_to_a_thousandth_gives_a_hidden_side_away(printing):
    """12 of 40 is hidden beside 30 of 200, all rounded to five; with the printed statistic the
    audit finds what is left, and without it the same tables are fine."""
    content = (
        "category side period n_events n_known\n"
        "closed victims 2016-2020 hidden 40\nclosed controls 2016-2020 30 200"
    )
    printing()
    assert not attack(OFFICE, aid_crisis=content).findings
    printing(tests=(TEST,))
    found = attack(OFFICE, aid_crisis=content)
    assert found.n_tests == 1 and found.findings
    assert "12" not in "".join(found.findings)


@pytest.mark.parametrize(("tests", "shown"), [((), ["hidden", 30]), ((TEST,), ["hidden"] * 2)])
def test_what_a_printed_test_would_give_away_is_hidden_with_it(printing, tests, shown):
    """12 of 40 is hidden by its number alone; of a printed test the 30 of the others go with it,
    and then the audit finds nothing."""
    product = find_product("aid_crisis")
    true = pd.DataFrame(
        {
            "category": "closed",
            "side": ["victims", "controls"],
            "n_events": [12, 30],
            "n_known": [40, 200],
        }
    ).assign(period="2016-2020")
    printing(tests=tests)
    staged = {product.name: Staged(product, true, protect_ratios(true, OFFICE), OFFICE)}
    made = protect_together(staged, Setting(is_real=True, secret="a secret"))[product.name]
    assert made["n_events"].tolist() == shown
    text = made.astype(str).assign(mark="register")
    audited = audit.audit_tables({product.name: text}, {product.name: OFFICE}, is_real=True)
    assert not audited.findings and audited.n_tests == len(tests)


def test_a_printed_test_leaves_less_of_what_is_shown_than_rounding_does(printing):
    """61 of 121 against 100 of 400 in 2016-2020 are out as 60 of 120 and 100 of 400. An edition of
    2016-2019 with the same people may be shown, as the rounding leaves nobody to four of 2020. By
    the printed statistic (161 / 521 x 360 / 521 x (1/121 + 1/400), 0.254132^2 / 0.0022985 =
    28.0979) the 61 are known, and then at most three are left of 2020."""
    names = ("aid=closed", "aid=youth_care")
    cells = [f"aid[side={side}, {n}, period=2016-2020]" for n in names for side in SIDES]
    test = PrintedTest(
        "t", 28.0974, 28.0984, tuple(map(cell, cells[:2])), tuple(map(cell, cells[2:]))
    )
    product = find_product("aid_crisis")
    counts = {"n_events": [61, 100], "n_known": [121, 400]}
    true = pd.DataFrame({"category": "closed", "side": SIDES, **counts}).assign(period="")
    out = true.assign(n_events=[60, 100], n_known=[120, 400], mark="register").astype(str)
    rules = {product.name: OFFICE}
    before = ledger.Publication("2016-2020", {product.name: out}, rules, "2016-2020")
    staged = {product.name: Staged(product, true, protect_ratios(true, OFFICE), OFFICE)}
    setting = Setting("2016-2019", "2016-2019", is_real=True, earlier=(before,), secret="a secret")
    for tests, is_whole in (((), True), ((test,), False)):
        printing(tests=tests)
        made = protect_together(staged, setting)[product.name]
        assert (made["n_events"] != "hidden").all() == is_whole


def test_what_is_printed_of_an_earlier_edition_leaves_less_than_its_rounding(printing):
    """60 of 2016-2020 are out and stand for 58 to 62; it is printed that they were 60 or 61. An
    edition of 2016-2019 with 61 would show 60, too: by itself that leaves nobody to four of 2020, and
    by the print nobody to three. The count of the first edition is not known when the second is
    protected, and must not be taken to be less than that of the years within it."""
    whole = "aid[side=victims, aid=closed, period=2016-2020]"
    product = find_product("aid_crisis")
    counts = {"n_events": [61, 100], "n_known": [121, 400]}
    true = pd.DataFrame({"category": "closed", "side": SIDES, **counts}).assign(period="")
    out = true.assign(n_events=[60, 100], n_known=[120, 400], mark="register").astype(str)
    before = ledger.Publication("a", {product.name: out}, {product.name: OFFICE}, "2016-2020")
    staged = {product.name: Staged(product, true, protect_ratios(true, OFFICE), OFFICE)}
    setting = Setting("b", "2016-2019", is_real=True, earlier=(before,), secret="a secret")
    for rows, is_whole in (((), True), ((("p", 60, 61, whole, ""),), False)):
        printing(*rows)
        made = protect_together(staged, setting)[product.name]
        assert (made["n_events"] != "hidden").all() == is_whole


def test_our_own_tests_are_coarse():
    """5.1948 to a thousandth leaves few counts within the rounding; 5.2 leaves many."""
    product = find_product("repeats_tests")
    true = pd.DataFrame(
        {
            "category": ["by_sex"],
            "statistic": [5.194805],
            "degrees_of_freedom": [1],
            "p_value": [0.0226512],
            "p_adjusted": [0.0453024],
            "n_behind": [42],
        }
    )
    made = protect(true, product, OFFICE)
    assert made[["statistic", "p_value", "p_adjusted"]].values.tolist() == [[5.2, 0.023, 0.045]]
    wide = replace(TEST, low=5.15, high=5.25)
    ranges = {GROUPS[0]: (0, 40), GROUPS[1]: (28, 32), SIZES[0]: (38, 42), SIZES[1]: (198, 202)}
    coarse = narrow_by_tests([wide], ranges)[0][GROUPS[0]]
    fine = narrow_by_tests([TEST], ranges)[0][GROUPS[0]]
    assert coarse[-1] - coarse[0] + 1 >= REMAINING and len(coarse) > len(fine)


# The declaration


def test_every_number_that_made_up_registers_agree_with_is_known_or_says_why_not():
    """The constraints are counted from other files than the attack's list; each has its row, and of
    those that say why they count no cell none is a plain count of a cell that the book has."""
    rows = pd.read_csv(CODES / "printed_cells.csv", dtype=str, keep_default_na=False)
    assert list_enforced() <= set(rows["number"])
    silent = rows[rows["why"] != ""]
    assert (silent["part"] == "").all() and not set(silent["number"]) & set(
        rows.loc[rows["part"] != "", "number"]
    )
    constraints = read_constraints().set_index("number")
    facts = set(silent["number"]) & set(constraints.index)
    units = constraints.loc[sorted(facts), "unit"]
    counted = units[units.isin(COUNTED)]
    # Nationalities of all reporters; groups of those followed for two years; homicides.
    assert set(counted.index) == {"F231", "F233", "sm20-364", "sm20-371", "sm20-418", "sm20-207"}


def test_a_number_without_a_row_is_refused(tmp_path, monkeypatch):
    text = (CODES / "printed_cells.csv").read_text(encoding="utf-8")
    (tmp_path / "printed_cells.csv").write_text(
        "".join(line for line in text.splitlines(True) if not line.startswith("F246,")),
        encoding="utf-8",
    )
    monkeypatch.setattr(knowledge, "CODES", tmp_path)
    with pytest.raises(BadInput, match="1 numbers that are no row, such as F246"):
        read_printed.__wrapped__()


def test_each_printed_number_is_of_cells_of_the_book():
    """A cell that is misspelt, or that no table has any more, would leave its number unknown."""
    known = set(join_publications([read_publication(BUNDLES / "2016-2020")]).book.cells)
    printed, tests = read_printed()
    lost = {
        one.number
        for one in printed
        if not any(
            known.issuperset(own.cells)
            for own in (one.expand(known) if isinstance(one, Sentence) else [one])
        )
    } | {test.number for test in tests if not known.issuperset(test.cells)}
    assert lost == set()


# By hand: "over a quarter fewer" is under 75 in a hundred of the year before; 72 % more, 171.5 to
# 172.5; halved, give or take five points, 45 to 55; more than doubled, over 200; three times as
# many, give or take half, 250 to 350; 66.7 of a hundred, give or take five points.
RATIOS = {
    "sm20-002": (0, 75),
    "sm20-090": (171.5, 172.5),
    "sm20-087": (170, INF),
    "sm20-169": (45, 55),
    "sm20-107": (200, INF),
    "sm20-129": (250, 350),
    "sm20-398": (61.7, 71.7),
}


@pytest.mark.parametrize("number", RATIOS)
def test_a_change_is_a_share_of_the_year_before(number):
    (found,) = {(one.low, one.high) for one in read_printed()[0] if one.number == number}
    assert found == pytest.approx(RATIOS[number])


def test_a_printed_p_value_is_a_bound_of_the_statistic():
    """10.828 is the tabled point of a chi-square of one degree of freedom at 0.001."""
    tests = {test.number: test for test in read_printed()[1]}
    assert tests["sm20-223"].low == pytest.approx(10.828, abs=0.0005)
    assert tests["sm20-223"].high == INF
    assert tests["sm20-223"].cells == tests["sm20-220"].cells


def test_what_a_year_leaves_of_its_parts_by_a_printed_number_is_found(printing):
    """58 reports of five years, of which a public statistic prints 12, 21, 12 and 10 for four:
    3."""
    rows = "kmar 2016 hidden\nkmar 2017 21\nkmar 2018 12\nkmar 2019 10\nkmar 2020 hidden"
    content = f"reporter period n\n{rows}\nkmar 2016-2020 58"
    printing()
    assert not attack(signalling_reporters=content).findings
    printing(("t", 12, 12, "comensha_victims[reporter=kmar, period=2016]", ""))
    assert any("period=2020" in line for line in attack(signalling_reporters=content).findings)


@pytest.mark.parametrize(("words", "left"), [(">=", True), (">", False)])
def test_what_a_source_alone_counts_leaves_is_listed(monkeypatch, words, left):
    """97 of two nationalities in a region of 100: three of others, listed and no finding. That a
    source says "more than 97" counts nobody; and beside 92 there are eight."""
    region = "comensha_victims[origin_region=africa, period=2019]"
    content = "origin_region period n\nafrica 2019 100\nasia 2019 200"
    for nigerian, few in ((51, left), (46, False)):
        said = tuple(
            read_sentences("a", f"{region} {words} a + b", {"a": str(nigerian), "b": "46"})
        )
        monkeypatch.setattr(knowledge, "read_printed", lambda said=said: (said, ()))
        monkeypatch.setattr(knowledge.registers, "list_enforced", lambda: frozenset({"a"}))
        found = attack(signalling_regions=content)
        assert found.findings == () and bool(found.beside) is few
        assert ("leave a few people" in found.summarise()) is few


def test_two_groups_of_which_one_is_taken_off(printing):
    """13 of all but the 40 known: 27 of unknown sector, and nothing else."""
    labour = "comensha_victims[form=labour, period=2020]"
    unknown = cell("comensha_victims[form=labour, sector_labour=unknown, period=2020]")
    monthly = Printed("t", 13, 13, (cell(labour),), (), (unknown,))
    ranges: dict = {}
    laws = list(knowledge._write_printed(monthly, ranges))
    found = audit.find_ranges(laws, {cell(labour): (40, 40), SOMEBODY: (1, 1)}, [unknown])
    assert found[unknown] == (27, 27) and not ranges


def test_whoever_is_in_care_has_a_referrer():
    """45 of them, 20 and 15 by two: the third has at least eight, within the rounding."""
    rows = "".join(
        f"\n{code} victims 2016-2020 {n} 45"
        for code, n in (("municipality", 20), ("none", 15), ("unknown", "hidden"))
    )
    content = "category side period n_events n_known" + rows
    joined = join_publications(
        [Publication("", tables(aid_referrers=content), {"aid_referrers": OFFICE}, "")]
    )
    shown, _, _ = audit._read_ranges(joined.book, joined.tables, joined.rules)
    hidden = cell("aid[side=victims, aid=youth_care, referrer=unknown]")
    found = audit.find_ranges(joined.book.laws, shown, [hidden])[hidden]
    # 43 to 47 in care, 18 to 22 and 13 to 17 by the others
    assert found == (43 - 22 - 17, 47)


def test_nobody_is_shown_of_a_kind_where_the_whole_is_a_few():
    """Two people of a unit, both women: that nobody is a man would say that all are women."""
    product = find_product("local_traits")
    keys = {"reporter": "police", "place_kind": "police_unit", "locality": "national_unit"}
    true = pd.DataFrame({"category": ["female", "male", "unknown"], "n": [2, 0, 0]}).assign(
        **keys, breakdown="sex", period="2016-2020", unit="reports"
    )
    units = pd.DataFrame({"n": [2]}).assign(**keys, period="2016-2020", unit="reports")
    staged = {
        name: Staged(find_product(name), table, protect(table, find_product(name), PART), PART)
        for name, table in ((product.name, true), ("local_victims", units))
    }
    made = protect_together(staged, Setting())
    assert made[product.name]["n"].tolist() == ["hidden"] * 3


@pytest.mark.parametrize(
    "row",
    ["sm20-999,comensha_victims[period=2020],", "sm20-004,comensha victims 2020,"],
)
def test_a_malformed_printed_cell_is_refused_with_its_row(tmp_path, monkeypatch, row):
    path = tmp_path / "printed_cells.csv"
    path.write_text(f"number,part,whole,why\n{row},\n", encoding="utf-8")
    monkeypatch.setattr(knowledge, "CODES", tmp_path)
    with pytest.raises(BadInput, match=r"printed_cells.csv, row 2"):
        read_printed.__wrapped__()


def test_a_statistic_is_known_to_three_decimals_though_it_ends_in_nought():
    """20,600 stands as 20.6 in the catalogue."""
    tests = {test.number: test for test in read_printed()[1]}
    assert (tests["sm20-236"].low, tests["sm20-236"].high) == pytest.approx((20.5995, 20.6005))


def test_of_made_up_registers_only_the_tests_that_they_give_are_known():
    tests = read_printed()[1]
    cells = {cell for test in tests for cell in test.cells}
    assert set(list_prints(cells, is_real=True).tests) == set(tests)
    known = {test.number for test in list_prints(cells, is_real=False).tests}
    assert known == {test.number for test in tests} & list_enforced() != set()


def test_of_made_up_registers_only_what_they_agree_with_is_known():
    one = cell("comensha_reported[counting=register_without_kmar_only, period=2020]")
    assert list_prints([one], is_real=False).ranges == {one: (984, 984)}
    assert list_prints([one], is_real=False, counts={one: 980}).ranges == {}
