"""A second auditor (tests/oracle) that has the site alone finds nothing narrower than the first."""

from __future__ import annotations

import numpy as np
import pytest
from oracle import second_auditor as second

from helpers.disclosure import REMAINING, audit, cells, read_publication
from helpers.edition import BUNDLES, DEFAULT_EDITION
from helpers.products import find_product

LEAK = (
    "origin_region,period,n,status,mark\n"
    "africa,2016,60,released,register\nasia,2016,40,released,register\n"
    "africa,2017,70,released,register\nasia,2017,50,released,register\n"
    "africa,2018,665,released,register\nasia,2018,hidden,suppressed,register\n"
)
TOTALS = (
    "period,n,status,mark\n2016,100,released,register\n2017,120,released,register\n2018,{},{}\n"
)


def write(folder, totals: str):
    (folder / "regions.csv").write_text(LEAK, encoding="utf-8")
    (folder / "totals.csv").write_text(totals, encoding="utf-8")
    return second.read_counts(folder)


def test_it_finds_out_by_itself_what_adds_up(tmp_path):
    """668 - 665: nobody told it that regions add up to the total, but two years did."""
    found = second.find_widths(write(tmp_path, TOTALS.format(668, "released,register")))
    assert list(found.values()) == [1]


def test_without_the_total_it_finds_nothing(tmp_path):
    found = second.find_widths(write(tmp_path, TOTALS.format("hidden", "suppressed,register")))
    assert min(found.values()) > REMAINING


def test_a_sum_that_fails_once_is_not_believed(tmp_path):
    totals = TOTALS.format(668, "released,register").replace("2017,120", "2017,121")
    assert min(second.find_widths(write(tmp_path, totals)).values()) > REMAINING


def test_of_the_committed_tables_it_finds_nothing_narrower():
    """The tables that the site offers, byte for byte."""
    counts = second.read_counts(BUNDLES / DEFAULT_EDITION)
    widths = second.find_widths(counts)
    assert len(widths) > 40 and len(second.find_sums(counts)) > 150
    assert min(widths.values()) >= REMAINING


Terms = dict[cells.Cell, int]


@pytest.fixture(scope="module")
def declared() -> cells.Book:
    """The laws of the committed tables, as they are declared."""
    return cells.build_book(read_publication(BUNDLES / DEFAULT_EDITION).tables)


@pytest.fixture(scope="module")
def believed(declared) -> list[Terms]:
    """The sums that the second auditor believes, in the words of the declaration."""
    tables = read_publication(BUNDLES / DEFAULT_EDITION).tables
    places = {}
    for (name, column, row), cell in declared.places.items():
        keys = find_product(name).keys
        codes = frozenset(f"{key}={tables[name][key].iloc[row]}" for key in keys)
        places[name, column, codes] = cell
    sums = set()
    for wholes, parts in second.find_sums(second.read_counts(BUNDLES / DEFAULT_EDITION)):
        if not {*wholes, *parts} <= places.keys():
            continue
        terms: Terms = {}
        for place, sign in (*((one, -1) for one in wholes), *((one, 1) for one in parts)):
            terms[places[place]] = terms.get(places[place], 0) + sign
        sums.add(frozenset((cell, k) for cell, k in terms.items() if k))
    return [dict(terms) for terms in sums if terms]


def list_equal(book: cells.Book, without: str = "") -> list[Terms]:
    return [
        dict(law.terms)
        for law in book.laws
        if law.is_equal and not (without and law.name.startswith(without))
    ]


def find_loose(laws: list[Terms], sums: list[Terms]) -> list[Terms]:
    """Those of the sums that do not follow from the laws."""
    if not sums:
        return []
    place = {cell: n for n, cell in enumerate(dict.fromkeys(c for t in (*laws, *sums) for c in t))}
    made = []
    for side in (laws, sums):
        matrix = np.zeros((len(place), len(side)))
        for column, terms in enumerate(side):
            for cell, coefficient in terms.items():
                matrix[place[cell], column] = coefficient
        made.append(matrix)
    answer = np.linalg.lstsq(made[0], made[1], rcond=None)[0]
    is_loose = np.abs(made[0] @ answer - made[1]).max(axis=0) > 1e-6
    return [terms for terms, loose in zip(sums, is_loose, strict=True) if loose]


def select_near(laws: list[Terms], start: set[cells.Cell]) -> tuple[list[Terms], set[cells.Cell]]:
    """The laws that hang together with these cells, and their cells."""
    near, rest, is_new = [], list(laws), True
    while is_new:
        found = [law for law in rest if start & law.keys()]
        rest = [law for law in rest if not start & law.keys()]
        start = start.union(*found)
        near, is_new = near + found, bool(found)
    return near, start


# Sums that hold in the made-up registers and not in every other: nobody has two activities, of everybody
# the sex is known, everybody can be compared, and about as many are at risk after three months with and
# without aid as after two years.
ACCIDENTS = (
    "criminal_activity",
    "repeat_at_risk",
    "repeat_comparable",
    "aid_landmark",
    "repeat_means",
)


def test_what_it_finds_out_by_itself_is_declared(declared, believed):
    """Sexes within a form add up to the regions within it, without anybody having said so."""
    loose = find_loose(list_equal(declared), believed)
    told = [" ".join(map(str, terms)) for terms in loose]
    assert [words for words in told if not any(name in words for name in ACCIDENTS)] == []


# Sums whose whole no table shows, or of which each has a hidden part (the page of one place): the
# second auditor cannot know them. Without one of them a hidden part beside its shown whole is open.
UNSHOWN = {
    "aid_population: partition by age_group",
    "aid_population: partition by form",
    "aid_population: partition by sex",
    "aid_occupancy: partition by state",
    "aid_moves: partition by to_state",
    "repeats_balance: partition by age_group",
    "repeats_balance: partition by index_years",
    "repeats_forms: partition by form_group",
    "repeats_incidents: partition by offence_group",
    "local_pairs: partition by municipality",
    "local_traits: partition by age_group",
    "local_traits: partition by form_leading",
    "local_traits: partition by municipality",
    "local_traits: partition by sex",
    "local_victims: partition by municipality",
}


def list_relations(declared) -> set[str]:
    """Every declared sum of a table that has rows here, as the names of its laws begin."""
    found, filled = set(), {name for name, *_ in declared.places}
    for name in filled & cells.read_declared().keys():
        for row in cells.read_declared()[name]:
            for kind, what in row.relation:
                if kind in ("partition", "total"):
                    found.add(f"{name}: {kind} by {what}")
                elif kind == "years":
                    found.add(f"years of {row.population}[")
    return found


def test_a_relation_that_is_dropped_is_missed(declared, believed):
    """Each declared sum in turn: without it what the second auditor finds out follows no more, or
    it is one of those that no table shows. None follows from the others."""
    laws, unseen, implied = list_equal(declared), set(), set()
    accidents = find_loose(laws, believed)
    believed = [terms for terms in believed if terms not in accidents]
    for relation in list_relations(declared):
        rest = list_equal(declared, without=relation)
        gone = [law for law in laws if law not in rest]
        near, around = select_near(rest, set().union(*gone))
        if gone and not find_loose(near, gone):
            implied.add(relation)
        if not gone or not find_loose(near, [terms for terms in believed if around & terms.keys()]):
            unseen.add(relation)
    assert not implied
    assert unseen == UNSHOWN


@pytest.mark.parametrize("relation", sorted(UNSHOWN))
def test_a_sum_whose_whole_is_not_shown_is_declared_and_narrows(declared, relation):
    """With all but one of its terms known, the last has one value; without the law any."""
    law = next(one for one in declared.laws if one.name.startswith(relation))
    (last, _), *known = law.terms
    ranges = dict.fromkeys((cell for cell, _ in known), (20, 20))
    with_it = audit.find_ranges([law], ranges, [last])[last]
    assert with_it[0] == with_it[1]
    assert audit.find_ranges([], ranges, [last])[last][1] == float("inf")


def test_a_page_that_shows_more_than_the_table_is_found(tmp_path):
    """984 rounded in the table and to the unit in the page; a hidden count in a picture's words."""
    table = tmp_path / "t.csv"
    table.write_text("period,n,share\n2020,985,0.4\n2019,hidden,\n", encoding="utf-8")
    page = tmp_path / "p.html"
    page.write_text(
        '<div data-table="t"><table><tr><td data-provenance="register">984</td>'
        '<td data-provenance="register">40%</td><td data-provenance="register">985</td></tr></table></div>'
        '<svg aria-label="From 3 to 985"></svg>',
        encoding="utf-8",
    )
    read = second.read_page(page)
    assert second.find_finer(read.tables["t"], table) == ["984"]
    assert second.find_finer(read.pictures, table) == ["3"]


def draw(*values: float, ring: float | None = None) -> str:
    """A drawing of table t as Matplotlib writes it: 0 at the place 200, 1,000 at the place 100."""
    points = "".join(f'<use x="50" y="{200 - v / 10:.6f}" style="fill: #0072b2"/>' for v in values)
    if ring is not None:
        points += f'<use x="50" y="{200 - ring / 10:.6f}" style="fill-opacity: 0; stroke: #000"/>'
    ticks = "".join(
        f'<g id="ytick_{n}"><g id="line2d_{n}"><use x="10" y="{200 - n / 10}"/></g>'
        f'<g id="text_{n}"><text>{n:,}</text></g></g>'
        for n in (0, 500, 1000)
    )
    border = '<g id="table-t"><path d="M 10 200 L 90 200 L 90 80 L 10 80 z"/></g>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg"><g id="figure_1"><g id="axes_1">{border}'
        f'<g id="matplotlib.axis_2">{ticks}</g><g id="line2d_9">{points}</g>'
        "</g></g></svg>"
    )


@pytest.mark.parametrize(
    ("drawn", "is_found"),
    [
        (draw(985, 40), False),
        (draw(984), True),  # the true count, where the table rounds to five
        (draw(985, 3), True),  # a hidden count has its place
        (draw(985, ring=984), False),  # as a source prints it
        (draw(985, ring=983), True),
    ],
)
def test_a_picture_that_says_more_than_its_table_is_measured(tmp_path, drawn, is_found):
    for folder in ("tables", "pictures"):
        (tmp_path / folder).mkdir()
    own, printed = "n,mark\n985,register\n40,register\nhidden,register\n", "n,mark\n984,published\n"
    (tmp_path / "tables" / "t.csv").write_text(own, encoding="utf-8")
    (tmp_path / "tables" / "printed_t.csv").write_text(printed, encoding="utf-8")
    (tmp_path / "pictures" / "fig-t.svg").write_text(drawn, encoding="utf-8")
    found, measured = second.find_finer_pictures(tmp_path)
    assert bool(found) is is_found and measured


@pytest.mark.prove
def test_no_picture_of_the_site_shows_more_than_its_table(built):
    found, measured = second.find_finer_pictures(built.site)
    assert not found and measured > 500


@pytest.mark.prove
def test_no_page_of_the_site_shows_more_than_its_tables(built):
    """Every number in the cells of every released table of every page stands in the table that the
    site offers, and the tables of the site are those that were audited."""
    pages = sorted((built.site / "book").rglob("*.html"))
    seen = 0
    for path in pages:
        for name, words in second.read_page(path).tables.items():
            table = built.site / "tables" / f"{name}.csv"
            assert not second.find_finer(words, table), f"{path.name}, table {name}"
            seen += len(words)
    assert seen > 1000
    widths = second.find_widths(second.read_counts(built.site / "tables"))
    assert min(widths.values()) >= REMAINING
