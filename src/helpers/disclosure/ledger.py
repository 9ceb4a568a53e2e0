"""Everything that was ever published of the same registers, as one system: editions whose periods
overlap, editions of a few police units, and earlier vintages of the same years.

A cell without a period gets that of its edition, or of the study; one of some police units only gets a dimension that
says so, and lies within that of all. A cell that two bundles show is one cell: closed years are
frozen. A revision that is declared makes a cell of its own, and the difference between the two is a
count of people like any other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pandas as pd

from helpers.definitions import OTHERS
from helpers.disclosure import knowledge
from helpers.disclosure.cells import (
    PERIOD,
    PRINTED,
    SOMEBODY,
    Book,
    Cell,
    Law,
    Sum,
    add_years,
    build_book,
    list_adding,
    list_studied,
    read_declared,
)
from helpers.disclosure.manifest import read_manifest
from helpers.disclosure.rules import PART, DisclosureError, RuleSet, read_rule_set
from helpers.edition import CODES, BadInput, read_rows

UNITS = "units"
_JOIN = "+"
# What a single report says of itself, and the place, which is looked for in all of them whatever the
# edition (`chain.place_victims`).
_OF_REPORTS = ("reporter", "police_unit", "municipality")
_BY_POLICE = ("reporter", "police")


@dataclass(frozen=True)
class Publication:
    """The declared tables of a bundle, their rules, and whom the edition counts: its period, the
    years of the study where that begins earlier, and its police units."""

    name: str
    tables: dict[str, pd.DataFrame]
    rules: dict[str, RuleSet]
    period: str
    units: tuple[str, ...] = ()
    is_real: bool = False
    study: str = ""

    def list_parts(self) -> list[tuple[bool, dict[str, pd.DataFrame]]]:
        """The tables of a part of the register only (units), and those of the whole of it: of some
        police units the reports are looked at, and everybody in the other registers."""
        parts: dict[bool, dict[str, pd.DataFrame]] = {}
        for name, table in self.tables.items():
            is_part = bool(self.units) and PART in self.rules[name].name.split("+")
            parts.setdefault(is_part, {})[name] = table
        return list(parts.items())

    @cached_property
    def books(self) -> list[tuple[bool, Book]]:
        """The book of each part, read and never changed."""
        books = [(is_part, build_book(tables)) for is_part, tables in self.list_parts()]
        for _, book in books:
            book.by_year += _part_in_years(book, self.period)
        return books

    def place(self, cell: Cell, *, is_part: bool) -> Cell:
        """The cell as it is told apart from those of other editions."""
        if cell == SOMEBODY:
            return cell
        is_studied = self.study and cell.population in list_studied()
        period = self.study if is_studied else self.period
        codes = [] if cell.period or not period else [(PERIOD, period)]
        if is_part:
            codes.append((UNITS, _JOIN.join(sorted(self.units))))
        # Who are the others of one edition need not be those of the next.
        own = [(d, f"{OTHERS}@{self.name}" if c == OTHERS else c) for d, c in cell.codes]
        return Cell(cell.population, frozenset([*own, *codes]))


def read_publication(folder: Path, rule_sets: Mapping[str, str] | None = None) -> Publication:
    """What a bundle publishes of registers. Raises BadInput where a table is not the one that its
    manifest lists, or a declared one is missing."""
    manifest = read_manifest(folder)
    records = manifest["tables"]
    names = rule_sets or {name: record["rule_set"] for name, record in records.items()}
    rules = {name: read_rule_set(names[name]) for name in names if name in read_declared()}
    closed = {name: rule for name, rule in rules.items() if not rule.is_open}
    contents = []
    for name in closed:
        path = folder / f"{name}.csv"
        content = path.read_bytes() if path.exists() else b""
        recorded = records.get(name, {}).get("sha256")
        if recorded is not None and hashlib.sha256(content).hexdigest() != recorded:
            raise BadInput(
                f"bundle {folder.name}: {name}.csv is not the table that was released; restore it, "
                "or make the bundle anew"
            )
        contents.append((name, content))
    chosen = manifest["parameters"]
    period, study = (
        f"{chosen[f'{of}_start']}-{chosen['period_end']}" for of in ("period", "study")
    )
    units = tuple(chosen.get("units") or ())
    is_real = any(record["mark"] == "register" for record in records.values())
    rules_of = tuple(rule.name for rule in closed.values())
    return _make_publication(
        folder.name, tuple(contents), rules_of, period, units, is_real=is_real, study=study
    )


@lru_cache(maxsize=16)
def _make_publication(
    name: str,
    contents: tuple[tuple[str, bytes], ...],
    rules: tuple[str, ...],
    period: str,
    units: tuple[str, ...],
    *,
    is_real: bool,
    study: str,
) -> Publication:
    """The same bytes are the same publication: the protection and the audit of a run read the earlier
    bundles, and make their books, once."""
    tables = {
        table: pd.read_csv(BytesIO(content), dtype=str, keep_default_na=False, encoding="utf-8")
        for table, content in contents
    }
    closed = {table: read_rule_set(rule) for table, rule in zip(tables, rules, strict=True)}
    return Publication(name, tables, closed, period, units, is_real, study)


def read_revised(edition: str) -> frozenset[str]:
    """The populations of which this edition declares a revision (`data/codes/revisions.csv`; a row
    that names a table instead is of printed numbers).

    Raises BadInput for a population that no table counts, or a revision without a reason.
    """
    known = {declared.population for rows in read_declared().values() for declared in rows}
    revised = set()
    for number, row in enumerate(read_rows(CODES / "revisions.csv"), start=2):
        if row["table"]:
            continue
        if row["population"] not in known or not row["reason_en"]:
            raise BadInput(
                f"data/codes/revisions.csv, row {number}: name a population of "
                "data/codes/cells.csv, and the reason of the revision"
            )
        if row["edition"] == edition:
            revised.add(row["population"])
    return frozenset(revised)


@dataclass(frozen=True)
class Joined:
    """All publications as one: the book, the tables by publication and name, their rules, the
    pairs of vintages that a declared revision tells apart, whether real people are counted, and the
    laws by which rows of the newest alone tell that somebody was met (`met`)."""

    book: Book
    tables: dict[str, pd.DataFrame]
    rules: dict[str, RuleSet]
    revised: tuple[tuple[Cell, Cell], ...]
    is_real: bool = False
    met: frozenset[Law] = frozenset()


def join_publications(
    publications: Sequence[Publication], revised: Collection[str] = (), *, by_year: bool = True
) -> Joined:
    """The cells and laws of all publications together, the first of them the newest.

    `revised` names the populations for which the newest declares a revision: its cells are told
    apart from those of the others. Where nothing is asked of single years that no table has
    (`by_year`), they are left out.
    """
    book = Book()
    tables: dict[str, pd.DataFrame] = {}
    rules: dict[str, RuleSet] = {}
    pairs: dict[tuple[Cell, Cell], None] = {}
    for number, one in enumerate(publications):
        prefix = f"{one.name}/" if number else ""
        for is_part, own in one.books:
            moved = {
                cell: one.place(cell, is_part=is_part) for cell in (*own.cells, *own.list_years())
            }
            if number:
                pairs |= dict.fromkeys(
                    (cell, replace_vintage(cell, one.name))
                    for cell in moved.values()
                    if cell.population in revised
                )
                moved = {
                    old: replace_vintage(new, one.name) if new.population in revised else new
                    for old, new in moved.items()
                }
            for (table, column, row), cell in own.places.items():
                book.places[f"{prefix}{table}", column, row] = moved[cell]
            book.laws += _place_laws(own.laws, moved)
            if by_year:
                book.by_year += _place_laws(own.by_year, moved)
            book.overlaps += [
                tuple((moved[cell], n) for cell, n in terms) for terms in own.overlaps
            ]
        tables |= {f"{prefix}{name}": table for name, table in one.tables.items()}
        rules |= {f"{prefix}{name}": rule for name, rule in one.rules.items()}
    newest = sum(len(own.laws) for _, own in publications[0].books)
    met = _find_met(book.laws[:newest], book.laws[newest:])
    if len(publications) > 1:
        _relate(book)
    book.by_year = _add_up_years(book)
    book.overlaps = list({frozenset(terms): terms for terms in book.overlaps}.values())
    is_real = any(one.is_real for one in publications)
    shown = set(book.places.values())
    vintages = tuple(pair for pair in pairs if shown.issuperset(pair))
    return Joined(book, tables, rules, vintages, is_real, met)


def _find_met(newest: Sequence[Law], others: Sequence[Law]) -> frozenset[Law]:
    """The laws of the newest by which somebody was met, and that no other has."""
    told = {law.terms for law in others}
    return frozenset(law for law in newest if SOMEBODY in dict(law.terms) and law.terms not in told)


def _place_laws(laws: Iterable[Law], moved: Mapping[Cell, Cell], where: str = "") -> Iterator[Law]:
    for law in laws:
        terms = tuple([(moved[cell], c) for cell, c in law.terms])
        yield Law(f"{law.name}{where}", terms, law.is_equal)


def _relate(book: Book) -> None:
    """Add what holds between the cells of several publications."""
    known = list(dict.fromkeys(book.places.values()))
    book.laws += [*add_years(set(known)), *_sum_years(book.cells)]
    book.beside += _pair_units(known)
    book.laws += [*_nest_units(book.beside), *_join_units(book.cells)]
    book.overlaps += list(_move_overlaps(book))


def replace_vintage(cell: Cell, name: str) -> Cell:
    """The cell of an earlier vintage; another population, since it counts other people."""
    return Cell(f"{cell.population}@{name}", cell.codes)


def _sum_years(known: Collection[Cell]) -> Iterator[Law]:
    """Where two periods of the same cell overlap, each is the sum of what the others part it into,
    shown or not. Years that all of them have or lack together, and of which none is shown or printed
    by itself, stand as one: nothing tells them apart."""
    spans: dict[Cell, list[Cell]] = {}
    for cell in known:
        if "-" in cell.period and cell.population.partition("@")[0] in list_adding():
            spans.setdefault(cell.without(PERIOD), []).append(cell)
    single = set(known).union(*(_list_printed(number) for number in knowledge.read_printed()))
    for base, cells in sorted(spans.items(), key=str):
        if len(cells) < 2:
            continue
        ends = [tuple(int(year) for year in cell.period.split("-")) for cell in cells]
        years = range(min(first for first, _ in ends), max(last for _, last in ends) + 1)
        alone = [year for year in years if base.joined([(PERIOD, str(year))]) in single]
        cuts = {first for first, _ in ends} | {last + 1 for _, last in ends}
        marks = sorted(cuts.union(alone, (year + 1 for year in alone)))
        pieces = [(first, following - 1) for first, following in pairwise(marks)]
        for whole, (least, most) in sorted(zip(cells, ends, strict=True), key=str):
            parts = [
                base.joined([(PERIOD, str(first) if first == last else f"{first}-{last}")])
                for first, last in pieces
                if least <= first and last <= most
            ]
            if parts != [whole]:
                yield Law(f"years of {whole}", ((whole, 1), *((part, -1) for part in parts)))


def _part_in_years(book: Book, period: str) -> Iterator[Law]:
    """What holds of a whole period holds in each of its years, which a table may not have: the next
    edition can give it, as the difference of two periods. Whoever is met in the period may be met in
    one year only, and who are the others of a table is not told by year."""
    first, _, last = period.partition("-")
    adding = list_adding()
    wholes = {
        cell
        for cell in book.cells
        if cell.period == period and cell.population in adding
        if OTHERS not in dict(cell.codes).values()
    }
    laws = [law for law in book.laws if wholes.issuperset(cell for cell, _ in law.terms)]
    for year in range(int(first), int(last) + 1) if last else ():
        moved = {cell: _move(cell, str(year)) for cell in wholes}
        yield from _place_laws(laws, moved, f", in {year}")


def _move(cell: Cell, period: str) -> Cell:
    return cell.without(PERIOD).joined([(PERIOD, period)])


def _add_up_years(book: Book) -> list[Law]:
    """The laws of single years that are none of the book, with the sums of these years."""
    years, known = book.list_years(), set(book.cells)
    if not years:
        return []
    spans = {cell for cell in known if "-" in cell.period}
    bases = {cell.without(PERIOD) for cell in years}
    parted = {cell for cell in spans if cell.without(PERIOD) in bases}
    every = {*years, *(known - spans), *parted}
    sums = [law for law in add_years(every) if law.terms[0][0] in parted]
    units = [*_nest_units(_pair_units(years)), *_join_units(every)]
    there = {law.terms for law in book.laws}
    laws = {law.terms: law for law in [*book.by_year, *sums, *units]}
    return [law for terms, law in laws.items() if terms not in there]


def _move_overlaps(book: Book) -> Iterator[Sum]:
    """In how many further parts people are in the other years of which the book has the cells."""
    there = set(book.cells)
    periods = sorted({cell.period for cell in there})
    for terms in book.overlaps:
        for period in periods:
            moved = [(cell.without(PERIOD).joined([(PERIOD, period)]), n) for cell, n in terms]
            if all(cell.period for cell, _ in terms) and there.issuperset(c for c, _ in moved):
                yield tuple(moved)


def _list_printed(numbers: Iterable[knowledge.Said]) -> set[Cell]:
    """The cells that printed numbers and tests are of."""
    return {cell for one in numbers for cell in one.cells}


def _pair_units(known: Iterable[Cell]) -> Iterator[tuple[Cell, Cell]]:
    """(whole, part): who is counted for some police units is counted for more of them, and for
    all."""
    groups: dict[Cell, list[Cell]] = {}
    for cell in known:
        groups.setdefault(cell.without(UNITS), []).append(cell)
    for cells in groups.values():
        for part in cells:
            for whole in cells:
                if _find_units(part) and _holds_units(whole, part):
                    yield whole, part


def _nest_units(pairs: Iterable[tuple[Cell, Cell]]) -> Iterator[Law]:
    for whole, part in pairs:
        if _is_of_reports(part):
            yield Law(f"{part} within {whole}", ((whole, 1), (part, -1)), is_equal=False)


def _join_units(known: Collection[Cell]) -> Iterator[Law]:
    """All reports of an edition of some police units are of these: who is in it is with one of them,
    or with several. Whom one of them reported, and where, is the same in every edition."""
    there = set(known)
    for cell in sorted((cell for cell in known if _find_units(cell)), key=str):
        by_police = cell.joined([_BY_POLICE])
        if by_police != cell and by_police in there:
            yield Law(f"{cell} is {by_police}", ((cell, 1), (by_police, -1)))
        if "police_unit" in dict(cell.codes):
            if _is_of_reports(cell):
                whole = cell.without(UNITS)
                yield Law(f"{cell} is {whole}", ((cell, 1), (whole, -1)))
            continue
        units = sorted(_find_units(cell))
        parts = [by_police.joined([("police_unit", unit)]) for unit in units]
        if not there.issuperset(parts):
            continue
        terms = ((cell, -1), *((part, 1) for part in parts))
        yield Law(f"{cell} is of its units", terms, is_equal=len(parts) == 1)
        for part in parts if len(parts) > 1 else ():
            yield Law(f"{part} within {cell}", ((cell, 1), (part, -1)), is_equal=False)


def _is_of_reports(cell: Cell) -> bool:
    """True where who is counted does not depend on which reports are looked at. Sex, age and form
    follow from all of these together, and may be others where they are only some."""
    return {dimension for dimension, _ in cell.codes} <= {PERIOD, UNITS, *_OF_REPORTS}


def _find_units(cell: Cell) -> frozenset[str]:
    text = dict(cell.codes).get(UNITS, "")
    return frozenset(text.split(_JOIN)) if text else frozenset()


def _holds_units(whole: Cell, part: Cell) -> bool:
    return whole != part and (not _find_units(whole) or _find_units(part) < _find_units(whole))


def list_unseen(book: Book) -> list[Cell]:
    """The cells that no table shows, and that follow from others: years of periods that overlap, or
    a sum of which only the parts stand in a table."""
    unseen = set(book.cells) - set(book.places.values()) - {SOMEBODY}
    return sorted((cell for cell in unseen if cell.population != PRINTED), key=str)


def refuse_thawed(cells: Sequence[Cell]) -> None:
    """Raise DisclosureError for closed years that changed without a declared revision."""
    populations = ", ".join(sorted({cell.population for cell in cells}))
    raise DisclosureError(
        f"{len(cells)} cells of closed years differ from an earlier bundle ({populations}); make "
        "the bundle from the registers of that edition, or declare a revision of these populations"
    )
