"""What follows from what is shown: the cells of the book, their laws, secondary suppression and the
audit, against counts by hand and brute force over all small books."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from released_text import tables

from helpers.disclosure import (
    DisclosureError,
    RuleSet,
    Staged,
    audit,
    knowledge,
    protect,
    protect_together,
    rules,
    solver,
)
from helpers.disclosure import cells as cells_room
from helpers.disclosure.audit import System, find_ranges
from helpers.disclosure.cells import Book, Cell, Law, build_book, list_nested
from helpers.disclosure.rules import REMAINING, find_alike, read_range, read_rule_set
from helpers.disclosure.suppression import Known, choose_hidden, derive_counts
from helpers.edition import BUNDLES, DEFAULT_EDITION, BadInput, read_rows
from helpers.products import MADE_UP, find_product, read_products
from helpers.site.audited import MEASURED

RAPPORTEUR = read_rule_set("rapporteur")
INF = float("inf")


@pytest.fixture(autouse=True)
def _nothing_is_printed(monkeypatch):
    """The counts of these tests are made up; what sources print is tested in test_knowledge.py."""
    monkeypatch.setattr(knowledge, "read_printed", lambda: ((), ()))


def cell(population: str = "all", **codes: str) -> Cell:
    return Cell(population, frozenset(codes.items()))


def make_book(rows: int, columns: int) -> tuple[Book, list[Cell]]:
    """A table with its margins, every cell of it shown, in one book."""
    book, places = Book(), []
    for row, column in itertools.product(range(rows + 1), range(columns + 1)):
        codes = {name: str(code) for name, code in (("r", row), ("c", column)) if code}
        places.append(cell(**codes))
    book.places = {("table", "n", place): one for place, one in enumerate(places)}
    for row in range(rows + 1):
        along = {"r": str(row)} if row else {}
        parts = [(cell(**along, c=str(code)), 1) for code in range(1, columns + 1)]
        book.laws.append(Law(f"columns of {along}", ((cell(**along), -1), *parts)))
    for column in range(columns + 1):
        along = {"c": str(column)} if column else {}
        parts = [(cell(**along, r=str(code)), 1) for code in range(1, rows + 1)]
        book.laws.append(Law(f"rows of {along}", ((cell(**along), -1), *parts)))
    return book, places


def fill(inner: list[list[int]]) -> dict[Cell, int]:
    """The counts of a table and its margins from its inner cells."""
    counts = {}
    for row, column in itertools.product(range(len(inner) + 1), range(len(inner[0]) + 1)):
        rows = [row - 1] if row else range(len(inner))
        columns = [column - 1] if column else range(len(inner[0]))
        codes = {name: str(code) for name, code in (("r", row), ("c", column)) if code}
        counts[cell(**codes)] = sum(inner[r][c] for r in rows for c in columns)
    return counts


def list_possible(counts: dict[Cell, int], hidden: set[Cell], shape: tuple[int, int]):
    """Every table, by brute force, that shows what this one shows."""
    most = max(counts.values())
    inner = [
        cell(r=str(r), c=str(c)) for r in range(1, shape[0] + 1) for c in range(1, shape[1] + 1)
    ]
    choices = [range(most + 1) if one in hidden else [counts[one]] for one in inner]
    for values in itertools.product(*choices):
        rows = [list(values[r * shape[1] : (r + 1) * shape[1]]) for r in range(shape[0])]
        other = fill(rows)
        if all(other[one] == counts[one] for one in counts if one not in hidden):
            yield other


small_tables = st.lists(
    st.lists(st.integers(0, 7), min_size=2, max_size=2), min_size=2, max_size=2
).filter(lambda inner: sum(map(sum, inner)) <= 16)


@given(inner=small_tables, bits=st.integers(0, 511))
def test_the_attackers_range_is_the_exact_one(inner, bits):
    """Against all tables with the same shown cells: nothing narrower, nothing wider, and the truth
    within. The grand total stays shown, so that all of them can be listed."""
    book, places = make_book(2, 2)
    counts = fill(inner)
    hidden = {one for place, one in enumerate(places) if bits >> place & 1 and one != cell()}
    ranges = {one: (0, INF) if one in hidden else (counts[one],) * 2 for one in places}
    possible = list(list_possible(counts, hidden, (2, 2)))
    for one, found in find_ranges(book.laws, ranges, sorted(hidden, key=str)).items():
        values = [other[one] for other in possible]
        assert found == (min(values), max(values))
        assert found[0] <= counts[one] <= found[1]


@given(inner=small_tables, bits=st.integers(0, 511))
def test_what_is_wide_enough_is_sought_no_further_and_what_is_narrow_to_its_ends(inner, bits):
    """The audit stops where enough values are seen to fit; it finds the same cells narrow, and says
    of the narrowest how narrow it is, as where each range is sought to its ends. The differences of
    shown and hidden cells too."""
    book, places = make_book(2, 2)
    counts = fill(inner)
    hidden = [one for place, one in enumerate(places) if bits >> place & 1]
    ranges = {one: (0, INF) if one in hidden else (counts[one],) * 2 for one in places}
    asked = System(book.laws, ranges)
    exact = find_ranges(book.laws, ranges, hidden)
    early = asked.find({one: {one: 1} for one in hidden}, REMAINING)
    pairs = {
        pair: dict(zip(pair, (1, -1), strict=True)) for pair in itertools.combinations(places, 2)
    }
    # The books that were found for the cells serve their differences.
    between = System(book.laws, ranges).find(pairs), asked.find(pairs, REMAINING)
    for long, short in ((exact, early), between):
        for one, (low, high) in short.items():
            least, most = long[one]
            assert least <= low and high <= most
            assert (low, high) == (least, most) or high - low + 1 >= REMAINING
    told = asked.find_narrowest(early)
    widths = [[high - low + 1 for low, high in found.values()] for found in (exact, told)]
    assert min(widths[0], default=INF) == min(widths[1], default=INF)


@pytest.mark.parametrize("base", [1, 5])
@given(inner=st.lists(st.lists(st.integers(0, 40), min_size=3, max_size=3), min_size=3, max_size=3))
def test_what_is_hidden_leaves_enough_values(base, inner):
    """Each hidden cell, and each difference of two shown ones, of a random table with its margins,
    to the unit and rounded."""
    book, _ = make_book(3, 3)
    counts = fill(inner)
    rounded = RuleSet("test", True, 10, 5, base)
    alike = {one: find_alike(count, rounded) for one, count in counts.items()}
    spread = {one: (low - counts[one], high - counts[one]) for one, (low, high) in alike.items()}
    small = {one for one, count in counts.items() if 0 < count < 5}
    spread |= dict.fromkeys(small, (0, 0))
    known = Known(counts, dict.fromkeys(counts, 5), spread)
    hidden = choose_hidden(book, known, small)
    assert small <= hidden
    ranges = {one: (0, INF) if one in hidden else alike[one] for one in counts}
    for one, (low, high) in find_ranges(book.laws, ranges, hidden).items():
        assert high - low + 1 >= REMAINING and low <= counts[one] <= high
    if base == 1:
        shown = set(counts) - hidden
        assert not [1 for a, b in list_nested(shown) if 0 < counts[a] - counts[b] < 5]


def test_as_little_is_hidden_as_it_takes():
    """By hand: 3 in a corner needs a square of four; the cheapest is that of 3, 10, 11 and 12."""
    book, _ = make_book(3, 3)
    counts = fill([[3, 10, 90], [11, 12, 80], [70, 60, 95]])
    small = {cell(r="1", c="1")}
    hidden = choose_hidden(book, Known(counts, dict.fromkeys(counts, 5)), small)
    assert hidden == {cell(r=r, c=c) for r in "12" for c in "12"}


def test_a_nought_alone_hides_no_few_people():
    """By hand: 3 and 0 beside 50 and 60 that are out: together they are the three, whatever of both
    is hidden. 4 and 0 beside a 50 that is not out: it hides with the 4."""
    book, _ = make_book(1, 4)
    counts = fill([[3, 0, 50, 60]])
    known = Known(counts, dict.fromkeys(counts, 5), frozen={cell(r="1"), cell()})
    known.frozen |= {cell(c=c) for c in "34"} | {cell(r="1", c=c) for c in "34"}
    with pytest.raises(DisclosureError, match="join it with another category"):
        choose_hidden(book, known, {cell(r="1", c="1"), cell(c="1")})
    frozen = known.frozen - {cell(c="3"), cell(r="1", c="3")}
    known = Known(fill([[4, 0, 50, 60]]), dict.fromkeys(counts, 5), frozen=frozen)
    hidden = choose_hidden(book, known, {cell(r="1", c="1"), cell(c="1")})
    assert cell(r="1", c="3") in hidden


def test_what_sources_print_is_listed_and_hides_nothing():
    """The same 3 and 0, where a source prints the total and the rest: they are 3 together whatever
    is hidden here, and the audit lists them."""
    book, _ = make_book(1, 4)
    counts = fill([[3, 0, 50, 60]])
    fixed = {cell(r="1"), cell(), *(cell(c=c) for c in "34"), *(cell(r="1", c=c) for c in "34")}
    known = Known(counts, dict.fromkeys(counts, 5), fixed=fixed)
    small = {cell(r="1", c="1"), cell(c="1")}
    assert not choose_hidden(book, known, small) & fixed


def test_no_more_is_asked_than_earlier_bundles_leave_open():
    """By hand: earlier bundles show 100 people, 60 and 43 of whom have the forms a and b; three
    have both. So of b alone, which a new table shows as 40, they leave 40 to 43 whatever is hidden:
    both new cells are hidden, and no more follows than before."""
    whole, a, b = cell(), cell(form="a"), cell(form="b")
    leading = {"a": cell(leading="a"), "b": cell(leading="b")}
    book = Book(
        {("t", "n", place): one for place, one in enumerate([whole, a, b, *leading.values()])}
    )
    book.laws = [
        Law("leading", ((whole, -1), (leading["a"], 1), (leading["b"], 1))),
        Law("a", ((a, 1), (leading["a"], -1)), is_equal=False),
        Law("b", ((b, 1), (leading["b"], -1)), is_equal=False),
    ]
    counts = {whole: 100, a: 60, b: 43, leading["a"]: 60, leading["b"]: 40}
    known = Known(counts, dict.fromkeys(counts, 5), frozen={whole, a, b})
    hidden = choose_hidden(book, known, set())
    assert hidden == set(leading.values())
    ranges = {one: (0, INF) if one in hidden else (n, n) for one, n in counts.items()}
    assert find_ranges(book.laws, ranges, hidden)[leading["b"]] == (40, 43)


def test_nothing_is_asked_less_for_any_other_reason():
    """40 less 37 are three, whatever is hidden, and no earlier bundle or print is why: a count that no
    table shows is a hundred for each of them, which four more or fewer do not make. It was let pass
    where an earlier bundle showed anything at all."""
    whole, part, rest, many = cell(), cell(a="1"), cell(b="1"), cell("other")
    out = cell(c="9")
    book = Book({("t", "n", place): one for place, one in enumerate([whole, part, out])})
    book.laws = [
        Law("rest", ((whole, -1), (part, 1), (rest, 1))),
        Law("a hundred each", ((many, -1), (rest, 100))),
    ]
    counts = {whole: 40, part: 37, rest: 3, many: 300, out: 50}
    known = Known(counts, dict.fromkeys(counts, 5), frozen={out})
    with pytest.raises(DisclosureError, match="a=1.* cannot be protected.* join it") as caught:
        choose_hidden(book, known, set())
    assert "37" not in str(caught.value)


def test_the_parts_of_nobody_that_are_hidden_with_a_few_do_not_follow():
    """Three people are all of the first kind; that nobody is of the second or third is hidden too,
    and must not follow from the columns. What a law says to be nobody is shown."""
    book, _ = make_book(2, 3)
    counts = fill([[3, 0, 0], [50, 60, 70]])
    nobody = {cell(r="1", c=c) for c in "23"}
    small = {cell(r="1"), cell(r="1", c="1")}
    known = Known(counts, dict.fromkeys(counts, 5), veiled=nobody)
    hidden = choose_hidden(book, known, small)
    assert nobody <= hidden
    ranges = {one: (0, INF) if one in hidden else (n, n) for one, n in counts.items()}
    found = find_ranges(book.laws, ranges, hidden)
    assert all(high - low + 1 >= REMAINING for low, high in found.values())
    book.laws.append(Law("none", ((cell(r="1", c="2"), 1),)))
    assert cell(r="1", c="2") not in choose_hidden(book, known, small)


def test_a_law_that_does_not_hold_is_refused_by_name_and_never_by_value():
    book, _ = make_book(2, 2)
    counts = fill([[10, 20], [30, 4321]]) | {cell(r="1"): 31}
    with pytest.raises(DisclosureError) as caught:
        derive_counts(book, counts)
    assert "columns of {'r': '1'}, tables table" in str(caught.value)
    assert "31" not in str(caught.value) and "4321" not in str(caught.value)


@pytest.mark.parametrize(("base", "minimum"), [(1, 5), (5, 10), (10, 10), (3, 5)])
def test_a_shown_number_leaves_open_what_rounds_to_it(base, minimum):
    """Halves up: 10 to the nearest five is 8 to 12, of which a minimum of 10 leaves 10 to 12."""
    rounded = RuleSet("test", True, 10, minimum, base)
    for count in range(minimum, 40):
        alike = [n for n in range(60) if int(n / base + 0.5) == int(count / base + 0.5)]
        assert find_alike(count, rounded) == (max(alike[0], minimum), alike[-1])
        shown = int(count / base + 0.5) * base
        assert read_range(str(shown), rounded) == (max(alike[0], minimum), alike[-1])
    assert find_alike(0, rounded) == read_range("0", rounded) == (0, 0) and read_range(
        "hidden", rounded
    ) == (0, INF)
    assert read_range("<5", rounded) == (1, 4)


# Leaks, each planted by hand in tables as the bundle holds them


def attack(**content: str) -> audit.Audit:
    return audit.audit_tables(tables(**content), dict.fromkeys(content, RAPPORTEUR))


USE = """
category period n
temporary 2016 230
temporary 2017 228
temporary 2016-2017 458
"""
REPEATED = """
offence_group period n_events n_known
violence 2010-2015 {} 100
sexual 2010-2015 {} 100
trafficking 2010-2015 {} 100
severe 2010-2015 {} 100
property 2010-2015 40 100"""
LEAKS = {
    # temporary residence "other": 230 - 220 - 6
    "parts of a total in another table": {
        "protection_use": USE,
        "protection_temporary": """
            outcome period n
            granted 2016 220
            rejected 2016 6
            other 2016 hidden""",
    },
    "years of a whole period": {
        "signalling_labour_sectors": """
            sector_labour period n
            trade 2016 18
            trade 2017 hidden
            trade 2016-2017 22"""
    },
    # stateless: 668 - 665
    "regions of a total": {
        "signalling_victims": """
            population period n
            register_all_reporters 2018 1999
            register_without_kmar_only 2018 668""",
        "signalling_regions": """
            origin_region period n
            africa 2018 665
            stateless 2018 hidden""",
    },
    # reporters: 60 - 58
    "a reporter by leading form": {
        "signalling_reporters": """
            reporter period n
            kmar 2016-2020 60""",
        "signalling_reporters_by_form": """
            form reporter period n
            labour kmar 2016-2020 58
            unknown kmar 2016-2020 hidden""",
    },
    # two forms: 449 - 432 - 9
    "combinations of forms": {
        "signalling_forms": """
            category period n
            labour 2020 449
            criminal 2020 hidden
            domestic_sexual 2020 hidden
            cross_border_sexual 2020 hidden""",
        "signalling_overlap": """
            category period n
            labour 2020 432
            sexual+labour 2020 9
            labour+criminal 2020 hidden
            criminal 2020 hidden""",
    },
    "combinations with sexual exploitation": {
        "signalling_forms": """
            category period n
            domestic_sexual 2020 100
            cross_border_sexual 2020 200
            labour 2020 hidden""",
        "signalling_overlap": """
            category period n
            sexual 2020 296
            sexual+labour 2020 hidden
            labour 2020 hidden""",
    },
    "combinations with criminal exploitation": {
        "signalling_forms": """
            category period n
            criminal 2020 100
            domestic_sexual 2020 hidden""",
        "signalling_overlap": """
            category period n
            criminal 2020 97
            sexual 2020 hidden
            sexual+criminal 2020 hidden""",
    },
    "labour exploitation leads where there is no sexual": {
        "signalling_mean_ages_by_form": """
            category period n
            labour 2020 90""",
        "signalling_ages_by_form": """
            form category period n
            labour unknown 2020 10
            labour adult 2020 90""",
        "signalling_overlap": """
            category period n
            labour 2020 98
            labour+criminal 2020 hidden""",
    },
    "criminal exploitation leads where it is alone": {
        "signalling_ages_by_form": """
            form category period n
            criminal unknown 2020 10
            criminal adult 2020 90
            criminal minor 2020 hidden""",
        "signalling_overlap": """
            category period n
            criminal 2020 103""",
    },
    "domestic sexual exploitation leads": {
        "signalling_forms": """
            category period n
            domestic_sexual 2020 103""",
        "signalling_sex_by_form": """
            form sex period n
            domestic_sexual female 2020 100
            domestic_sexual male 2020 hidden""",
    },
    "cross-border sexual exploitation leads": {
        "signalling_forms": """
            category period n
            cross_border_sexual 2020 103""",
        "signalling_sex_by_form": """
            form sex period n
            cross_border_sexual female 2020 100
            cross_border_sexual male 2020 hidden""",
    },
    "form unknown is a form of its own": {
        "signalling_forms": """
            category period n
            unknown 2020 103""",
        "signalling_sex_by_form": """
            form sex period n
            unknown female 2020 100
            unknown male 2020 hidden""",
    },
    "form unknown is no combination": {
        "signalling_overlap": """
            category period n
            unknown 2020 103
            labour 2020 hidden""",
        "signalling_sex_by_form": """
            form sex period n
            unknown female 2020 100
            unknown male 2020 hidden
            labour female 2020 hidden""",
        "signalling_forms": """
            category period n
            unknown 2020 hidden
            labour 2020 hidden""",
    },
    "labour exploitation leads or is one of several": {
        "signalling_forms": """
            category period n
            labour 2020 0
            domestic_sexual 2020 hidden
            cross_border_sexual 2020 hidden""",
        "signalling_mean_ages_by_form": """
            category period n
            cross_border_sexual 2020 hidden
            labour 2020 hidden""",
        "signalling_ages_by_form": """
            form category period n
            labour unknown 2020 0
            cross_border_sexual unknown 2020 hidden
            cross_border_sexual adult 2020 hidden
            labour adult 2020 hidden""",
    },
    "criminal exploitation leads or is one of several": {
        "signalling_forms": """
            category period n
            criminal 2020 0
            domestic_sexual 2020 hidden
            cross_border_sexual 2020 hidden""",
        "signalling_mean_ages_by_form": """
            category period n
            cross_border_sexual 2020 hidden
            criminal 2020 hidden""",
        "signalling_ages_by_form": """
            form category period n
            criminal unknown 2020 0
            cross_border_sexual unknown 2020 hidden
            cross_border_sexual adult 2020 hidden
            criminal adult 2020 hidden""",
    },
    "sectors beside sexual exploitation": {
        "signalling_forms": """
            category period n
            domestic_sexual 2020 5
            cross_border_sexual 2020 6""",
        "signalling_sexual_sectors": """
            sector_sexual period n
            street 2020 hidden""",
    },
    "known ages and unknown ones": {
        "signalling_victims": """
            population period n
            register_all_reporters 2020 1999
            register_without_kmar_only 2020 100""",
        "signalling_ages": """
            category period n
            adult 2020 hidden
            unknown 2020 hidden""",
        "signalling_mean_ages": """
            period n
            2020 97""",
    },
    "foreign victims": {
        "signalling_victims": """
            population period n
            register_all_reporters 2020 1999
            register_without_kmar_only 2020 100""",
        "protection_foreign": """
            category period n
            foreign_victims 2020 60""",
        "signalling_regions": """
            origin_region period n
            africa 2020 hidden
            netherlands 2020 37
            unknown 2020 hidden""",
    },
    "domestic victims come from the Netherlands": {
        "signalling_forms": """
            category period n
            domestic_sexual 2016-2020 50
            labour 2016-2020 hidden
            unknown 2016-2020 hidden""",
        "signalling_regions": """
            origin_region period n
            netherlands 2016-2020 90""",
        "signalling_regions_by_form": """
            form origin_region period n
            labour africa 2016-2020 30
            domestic_sexual netherlands 2016-2020 hidden
            domestic_sexual africa 2016-2020 hidden
            labour netherlands 2016-2020 37
            unknown netherlands 2016-2020 hidden""",
    },
    "nobody is foreign and Dutch": {
        "signalling_regions": """
            origin_region period n
            netherlands 2016-2020 90""",
        "signalling_regions_by_form": """
            form origin_region period n
            cross_border_sexual netherlands 2016-2020 hidden
            labour netherlands 2016-2020 87
            unknown netherlands 2016-2020 hidden""",
    },
    "nobody of a known form is from an unknown place": {
        "signalling_regions": """
            origin_region period n
            unknown 2016-2020 50""",
        "signalling_regions_by_form": """
            form origin_region period n
            cross_border_sexual unknown 2016-2020 hidden
            labour unknown 2016-2020 47
            unknown unknown 2016-2020 hidden""",
    },
    "the KMar's victims are all others": {
        "signalling_victims": """
            population period n
            register_all_reporters 2020 0
            register_without_kmar_only 2020 hidden"""
    },
    "who has matches is described": {
        "aid_flow": "step_of_flow n\nin_register 120\nwith_matches 100",
        "aid_population": "breakdown category n\nage_group minor 60\nage_group adult hidden",
    },
    "who has matches is in the register": {
        "aid_flow": "step_of_flow n\nin_register 0\nwith_matches hidden",
    },
    "costs of victims behind a difference": {
        "aid_costs": "category n_behind\nmean_victims hidden\nmean_difference 20",
    },
    "basic costs of victims behind a difference": {
        "aid_costs_basic": "category n_behind\nmean_victims hidden\nmean_difference 20",
    },
    "youth care among the readings": {
        "aid_youth_care": "category side period n_events n_known\n"
        "youth_care victims 2016-2020 hidden 100",
        "aid_sensitivity": "change n_behind\nas_monitor 20",
    },
    "a shorter reading": {"aid_sensitivity": "change n_behind\nas_monitor 0\nwithin_180 hidden"},
    "a longer reading": {"aid_sensitivity": "change n_behind\nwithin_730 0\nas_monitor hidden"},
    "once or more beside never": {
        "repeats_totals": "category period n_events n_known\nwithin_5_years 2010-2015 hidden 100",
        "repeats_times": "category times period n\nwithin_5_years none 2010-2015 60\n"
        "within_5_years one 2010-2015 hidden\nwithin_5_years several 2010-2015 hidden",
    },
    "violence among the severe": {"repeats_groups": REPEATED.format("hidden", "0", "0", "0")},
    "sexual offences among the severe": {
        "repeats_groups": REPEATED.format("0", "hidden", "0", "0")
    },
    "trafficking among the severe": {"repeats_groups": REPEATED.format("0", "0", "hidden", "0")},
    "the severe are one of three": {"repeats_groups": REPEATED.format("0", "0", "0", "hidden")},
    "followed and in the register": {
        "repeats_flow": "step_of_flow n\nin_population_register 0\nfollowed hidden",
    },
    "all people are the most affected": {
        "repeats_affected": "people n_behind\n100 hidden",
        "repeats_totals": "category period n_events n_known\nwithin_5_years 2010-2015 0 100",
    },
    "events of a ratio in two tables": {
        "repeats_two_ratios": "category model n_behind\nfemale cause_specific hidden",
        "repeats_hazards": "category n_behind\nfemale 40",
    },
    "nobody enters late where there is nobody": {
        "repeats_two_ratios": "category model n_behind\nfemale subdistribution hidden",
        "repeats_hazards": "category n_behind\nfemale 0",
    },
    "a ratio and its explanation": {
        "repeats_explained": "offence_group category n_behind\nany female hidden",
        "repeats_hazards": "category n_behind\nfemale 40",
    },
    "no repeat of one kind without a repeat": {
        "repeats_explained": "offence_group category n_behind\nany female 0\nproperty female hidden",
    },
    "nobody is compared where nobody is at risk": {
        "repeats_by_sex": "sex years n_at_risk\nfemale 1 0",
        "repeats_standardised": "sex years n_at_risk\nfemale 1 hidden",
    },
    "nobody is compared where nobody is followed": {
        "repeats_flow": "step_of_flow n\nfollowed 0",
        "repeats_balance": "sex trait category n_behind\nall age_group minor hidden\n"
        "all age_group adult 0",
    },
}


@pytest.mark.parametrize("name", LEAKS)
def test_a_planted_leak_is_found_and_its_value_is_not_told(name):
    found = attack(**LEAKS[name])
    assert found.findings
    assert all("fewer than" in line for line in found.findings)
    assert all(width >= 1 for width in found.widths.values())


def test_differences_of_one_population_within_another_are_found():
    """D22: 1,184 - 1,182 = 2 stateless people. 1,013 reported and 1,010 of them counted are three
    whom the KMar alone reported; a table of others with the same total gives nothing away."""
    text = (
        "population period n\nregister_all_reporters 2020 1013\nregister_without_kmar_only 2020 {}"
    )
    assert "less" in attack(signalling_victims=text.format(1010)).findings[0]
    assert not attack(signalling_victims=text.format(1013)).findings
    assert not attack(signalling_victims=text.format(984)).findings


def test_where_everybody_is_in_the_part_nobody_is_between_the_two():
    """All of 150 people are adults: the other ages have no row, and nought people are no few."""
    for applied in (RAPPORTEUR, read_rule_set("statistics_office")):
        content = tables(
            repeats_totals="category period n_events n_known\nwithin_5_years 2010-2015 60 150",
            repeats_ages="category period n_events n_known\nadult 2010-2015 60 150",
        )
        assert not audit.audit_tables(content, dict.fromkeys(content, applied)).findings


def test_a_bundle_edited_by_hand_contradicts_itself():
    with pytest.raises(DisclosureError, match="contradict"):
        attack(
            protection_use=USE,
            protection_temporary="outcome period n\ngranted 2016 220\nrejected 2016 11",
        )


# The leak that each equality opens.
NEEDS = {
    "counted victims are those without the KMar's": "regions of a total",
    "counted victims are among all reported": "the KMar's victims are all others",
    "domestic sexual exploitation always leads": "domestic sexual exploitation leads",
    "cross-border sexual exploitation always leads": "cross-border sexual exploitation leads",
    "form unknown is a form of its own": "form unknown is a form of its own",
    "form unknown is no combination": "form unknown is no combination",
    "labour exploitation leads or is one of several": (
        "labour exploitation leads or is one of several"
    ),
    "criminal exploitation leads or is one of several": (
        "criminal exploitation leads or is one of several"
    ),
    "sexual exploitation is domestic or cross-border": "sectors beside sexual exploitation",
    "combinations with sexual exploitation": "combinations with sexual exploitation",
    "combinations with labour exploitation": "combinations of forms",
    "combinations with criminal exploitation": "combinations with criminal exploitation",
    "labour exploitation leads where there is no sexual": (
        "labour exploitation leads where there is no sexual"
    ),
    "criminal exploitation leads where it is alone": (
        "criminal exploitation leads where it is alone"
    ),
    "an age is known or not": "known ages and unknown ones",
    "domestic victims come from the Netherlands": "domestic victims come from the Netherlands",
    "cross-border victims do not come from the Netherlands": "nobody is foreign and Dutch",
    "cross-border victims come from a known place": (
        "nobody of a known form is from an unknown place"
    ),
    "foreign victims are neither Dutch nor of unknown nationality": "foreign victims",
    "who has matches is described": "who has matches is described",
    "who has matches is in the register": "who has matches is in the register",
    "the difference of costs stands on the victims'": "costs of victims behind a difference",
    "the difference of basic costs stands on the victims'": (
        "basic costs of victims behind a difference"
    ),
    "the first reading is the chapter's own": "youth care among the readings",
    "aid within half a year is within a year": "a shorter reading",
    "aid within a year is within two": "a longer reading",
    "registered again or not": "once or more beside never",
    "any of the severe offences": "violence among the severe",
    "sexual offences are severe": "sexual offences among the severe",
    "trafficking is severe": "trafficking among the severe",
    "severe offences are one of three": "the severe are one of three",
    "who is followed is in the population register": "followed and in the register",
    "the most affected are all with a repeat in the end": "all people are the most affected",
    "events that a cause-specific ratio compares": "events of a ratio in two tables",
    "who enters late is in one of two ratios": "nobody enters late where there is nobody",
    "ratios that are explained": "a ratio and its explanation",
    "a repeat of one kind is a repeat": "no repeat of one kind without a repeat",
    "who is compared is at risk": "nobody is compared where nobody is at risk",
    "who is compared is followed": "nobody is compared where nobody is followed",
}


@pytest.mark.parametrize(("equality", "leak"), NEEDS.items())
def test_without_an_equality_its_leak_is_missed(equality, leak, monkeypatch):
    """What is left with fewer values by the equality has more without it."""
    narrow = attack(**LEAKS[leak]).widths
    kept = {k: v for k, v in cells_room.list_equalities().items() if k != equality}
    monkeypatch.setattr(cells_room, "list_equalities", lambda: kept)
    wide = attack(**LEAKS[leak]).widths
    assert any(wide[one] > narrow[one] for one in narrow)


def test_every_declared_equality_opens_a_leak():
    assert set(NEEDS) == set(cells_room.list_equalities())


def test_the_page_tells_how_many_crossed_counts_the_committed_tables_hide():
    """What was measured of them to the unit; where this fails, `tests/bench/bench_rounding.py`
    measures both again."""
    files = sorted((BUNDLES / DEFAULT_EDITION).glob("*_by_form.csv"))
    counts = [row["n"] for path in files for row in read_rows(path) if "n" in row]
    [told] = [row for row in read_rows(MEASURED) if row["shown_to"] == "unit"]
    assert (told["n_cells"], told["n_hidden"]) == (str(len(counts)), str(counts.count("hidden")))


def test_every_table_of_a_register_says_whom_it_counts():
    """All that are counted from a register; an estimate of the hidden population says how many
    captured people are behind it."""
    named = {n for n, p in read_products().items() if set(p.tables) - {MADE_UP}}
    assert named == set(cells_room.read_declared())


def test_the_same_count_in_two_tables_is_one_cell():
    both = tables(
        protection_use="category period n\ntemporary 2016 230",
        protection_ratios="category period n n_victims\ntemporary 2016 230 591",
    )
    book = build_book(both)
    assert book.places["protection_use", "n", 0] == book.places["protection_ratios", "n", 0]


# The keepers' file


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("minimum_count: 10", "minimum_count: 12", None),
        ("minimum_count: 10", "minimum_count: 4", "minimum_count lies below the floor"),
        ("minimum_residual_df: 10", "minimum_residual_df: 9", "minimum_residual_df lies below"),
        ("minimum_count: 10", 'minimum_count: 3\n  exception: "a letter"', None),
    ],
)
def test_a_keeper_tightens_and_loosens_only_with_a_named_exception(
    tmp_path, monkeypatch, old, new, words
):
    text = (rules.CODES / "disclosure.yml").read_text(encoding="utf-8")
    before, block = text.split("statistics_office:\n")
    changed = f"{before}statistics_office:\n{block.replace(old, new, 1)}"
    (tmp_path / "disclosure.yml").write_text(changed, encoding="utf-8")
    monkeypatch.setattr(rules, "CODES", tmp_path)
    read = rules.read_rule_set.__wrapped__
    if words:
        with pytest.raises(BadInput, match=words):
            read("statistics_office")
    else:
        assert f"minimum_count: {read('statistics_office').minimum_count}" in new
        assert list(rules.list_exceptions()) == ["statistics_office"] * ("exception" in new)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("rounding_base: 5", "rounding_base: 25", "rounding_base is more than twice"),
        ("rounding_base: 5", "rounding_base: 0", "whole numbers of one or more"),
        ("minimum_count: 10", "minimum_count: ten", "lies below the floor|whole numbers"),
        ("largest_share: 0.5", "largest_share: 1.5", "largest_share is a share"),
        ("largest_share: 0.5", "largest_part: 0.5", r"unknown \['largest_part'\]"),
        ("rounding_base: 5", "", r"missing \['rounding_base'\]"),
    ],
)
def test_rules_that_contradict_themselves_are_refused(tmp_path, monkeypatch, old, new, words):
    text = (rules.CODES / "disclosure.yml").read_text(encoding="utf-8")
    before, block = text.split("statistics_office:\n")
    changed = f"{before}statistics_office:\n{block.replace(old, new, 1)}"
    (tmp_path / "disclosure.yml").write_text(changed, encoding="utf-8")
    monkeypatch.setattr(rules, "CODES", tmp_path)
    with pytest.raises(BadInput, match=words):
        rules.read_rule_set.__wrapped__("statistics_office")


def test_keepers_whose_roundings_do_not_fit_are_refused_together(tmp_path, monkeypatch):
    """To five and to seven is to thirty-five, and a ten would be shown as nobody."""
    text = (rules.CODES / "disclosure.yml").read_text(encoding="utf-8")
    text = text.replace(
        "minimum_count: 5\n  rounding_base: 1", "minimum_count: 5\n  rounding_base: 7"
    )
    (tmp_path / "disclosure.yml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(rules, "CODES", tmp_path)
    assert rules.read_rule_set.__wrapped__("rapporteur").rounding_base == 7
    with pytest.raises(BadInput, match="contradict each other"):
        rules.read_rule_set.__wrapped__("rapporteur+statistics_office")


def test_every_rule_names_its_source_or_says_that_it_is_to_be_confirmed():
    """Above each value of a keeper stands a comment, and where no source was seen it says so."""
    lines = (rules.CODES / "disclosure.yml").read_text(encoding="utf-8").splitlines()
    named = [n for n, line in enumerate(lines) if line.startswith("  minimum_count")]
    assert len(named) == 5
    for place in named:
        above = lines[place - 1].lower() + lines[place - 2].lower()
        assert "#" in above
    assert "\n".join(lines).count("to be confirmed") >= 3


# The whole book, from staged cells to text


def stage(name: str, text: str) -> Staged:
    product = find_product(name)
    counts = [c for c in tables(x=text)["x"] if c not in (*product.keys, "mark")]
    table = tables(x=text)["x"].drop(columns="mark").astype(dict.fromkeys(counts, int))
    protected = protect(table, product, RAPPORTEUR)
    return Staged(product, table, protected, RAPPORTEUR)


def test_the_book_hides_in_every_table_what_one_of_them_hides():
    """By hand: other of 2016 is 4 of 230; with it goes rejected, 6, the cheapest; all else stays,
    and shares are of the 230 that another table shows."""
    made = protect_together(
        {
            "protection_use": stage(
                "protection_use", "category period n\ntemporary 2016 230\ntemporary 2017 228"
            ),
            "protection_temporary": stage(
                "protection_temporary",
                "outcome period n\ngranted 2016 220\nrejected 2016 6\nother 2016 4\n"
                "granted 2017 200\nrejected 2017 20\nother 2017 8",
            ),
        }
    )
    table = made["protection_temporary"]
    assert table["n"].tolist() == [220, "hidden", "hidden", 200, 20, 8]
    assert table["share"].tolist()[0] == pytest.approx(220 / 230)
    assert table["share"].isna().tolist() == [False, True, True, False, False, False]
    assert made["protection_use"]["n"].tolist() == [230, 228]


def test_no_model_stands_on_a_series_with_a_hidden_month():
    months = "period month n\n2016 month_1 {}\n2016 month_2 90"
    model = pd.DataFrame(
        {"model": ["alone"], "step": ["2020-03"], "value": [1.2], "n_behind": [94]}
    )
    product = find_product("signalling_interruption")
    for first, rows in ((4, 0), (40, 1)):
        one = Staged(product, model, model.assign(status="released"), RAPPORTEUR)
        staged = {"signalling_months": stage("signalling_months", months.format(first))}
        made = protect_together({**staged, "signalling_interruption": one})
        assert len(made["signalling_interruption"]) == rows


def test_a_mean_has_one_decimal():
    """917 times 25.42639 is a sum of ages; 25.4 is not."""
    product = find_product("signalling_mean_ages")
    table = pd.DataFrame({"period": ["2016"], "n": [917], "value": [25.42639], "unit": ["years"]})
    assert protect(table, product, RAPPORTEUR)["value"].tolist() == [25.4]


def test_what_the_solver_prints_by_itself_is_not_seen(capfd):
    """A compiled part writes into the C library's own buffer; what stood in it before is kept."""
    library = solver._find_library()
    library.puts(b"before")
    with solver._silence():
        library.puts(b"HighsMipSolverData::noise")
    library.puts(b"after")
    library.fflush(None)
    assert capfd.readouterr().out.split() == ["before", "after"]
