"""A second auditor (tests/oracle) that has the site alone finds nothing narrower than the first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from oracle import second_auditor as second
from scipy.linalg import qr

from helpers.disclosure import REMAINING, cells, read_publication
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

COMPARED = "repeats_standardised"


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
    believed = second.find_sums(counts)
    assert len(widths) > 40 and len(believed) > 150
    assert min(widths.values()) >= REMAINING


def find_undeclared_sums(monkeypatch, without: tuple[str, str] | None = None) -> list[str]:
    """The sums that the second auditor believes and that do not follow from what is declared."""
    declared = {
        name: tuple(
            replace(one, relation=tuple(r for r in one.relation if (name, r[0]) != without))
            for one in rows
        )
        for name, rows in cells.read_declared().items()
    }
    monkeypatch.setattr(cells, "read_declared", lambda: declared)
    tables = read_publication(BUNDLES / DEFAULT_EDITION).tables
    book = cells.build_book(tables)
    places = {}
    for (name, column, row), cell in book.places.items():
        keys = list(find_product(name).keys)
        places[name, column, frozenset(tables[name][keys].iloc[row])] = cell
    number = {cell: place for place, cell in enumerate(book.cells)}
    equal = [law for law in book.laws if law.is_equal]
    laws = np.zeros((len(number), len(equal)))
    for place, law in enumerate(equal):
        for cell, coefficient in law.terms:
            laws[number[cell], place] += coefficient
    basis, triangle, _ = qr(laws, mode="economic", pivoting=True)
    basis = basis[:, : int((np.abs(np.diag(triangle)) > 1e-8).sum())]
    undeclared = []
    for whole, parts in second.find_sums(second.read_counts(BUNDLES / DEFAULT_EDITION)):
        if not {whole, *parts} <= places.keys():
            continue
        total = np.zeros(len(number))
        total[number[places[whole]]] -= 1
        for part in parts:
            total[number[places[part]]] += 1
        if np.abs(total - basis @ (basis.T @ total)).max() > 1e-6:
            undeclared.append(f"{whole} = sum of {parts}")
    return undeclared


def test_what_it_finds_out_by_itself_is_declared(monkeypatch):
    """People at risk by sex add up to all at risk: found so, and then declared. Those who are
    compared are declared to be among them; of the made-up people it is everybody."""
    found = [words for words in find_undeclared_sums(monkeypatch) if COMPARED not in words]
    assert found == []


def test_a_relation_that_is_dropped_is_missed(monkeypatch):
    assert find_undeclared_sums(monkeypatch, without=("repeats_by_sex", "partition"))


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
