"""Who a number of the book counts, and what always holds between such numbers.

A cell is a population and {dimension: code}: the same count in two tables is one cell.
`data/codes/cells.csv` declares, for each column of counts, which cell a row is (`dimensions`)
and how the rows stand to the cell without a dimension (`relation`):

partition:d  the rows add up to the cell without d;
cover:d      everybody is in one row or more: the rows together are no fewer;
disjoint:d   nobody is in two rows, and some may be in none: the rows together are no more;
total:d      the rows add up to the row `all`, in which somebody counts once a row;
within:d=c   a row lies within the cell that has d=c in place of the row's own last dimension;
covers:d=c   everybody of that cell is in one row or more: the rows together are no fewer (`d=c!e`:
             without the row e);
seen:d       the codes of d are those that were met: over its rows a code counts somebody;
ranked:d     the same, and the codes stand in the order of what is shown of them;
subset       a row is a part, and the rows need not cover the whole;
years        the years of the population add up to its whole period;
study        who is counted was met since the first year of the study (`study_start`): an edition of
             other years that ends in the same one counts the same people;
made_of:p    the numbers were made from the product p, and stand only where p is whole.

Further equalities stand beside the tabulation that makes them true. All of it is public: who
attacks the book reads it too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import combinations
from typing import NamedTuple

import pandas as pd

from helpers import aid, protection, repeats, signalling
from helpers.definitions import ANYBODY, OTHERS
from helpers.edition import CODES, BadInput, read_rows
from helpers.products import CAPTURES, Product, find_product

WHOLE, PERIOD = "all", "period"
# The population of a printed number, and how the name of a law begins that one makes.
PRINTED = "printed"
RELATIONS = (
    "partition",
    "cover",
    "disjoint",
    "total",
    "within",
    "covers",
    "seen",
    "ranked",
    "subset",
    "years",
    "study",
    "made_of",
)
# Which part of a code names the cell: of a period "2019 to 2020" the first or the last year, of a
# category such as mean_of_victims what stands before or after the first line, or after the last.
_PARTS: dict[str, Callable[[str], str]] = {
    "": str,
    "first": lambda code: code.split(" to ")[0],
    "last": lambda code: code.split(" to ")[-1],
    "head": lambda code: code.split("_")[0],
    "rest": lambda code: code.partition("_")[2],
    "tail": lambda code: code.split("_")[-1],
}
_TERM = re.compile(r"(\w+)\[([^\[\]]*)\]")
# Shapes whose rows are complete: a code without a row counts nobody.
_COMPLETE = ("counts", "ratios", "change")


class Cell(NamedTuple):
    """Everybody of a population who has these codes. A tuple, since cells are looked up by the
    million."""

    population: str
    codes: frozenset[tuple[str, str]]

    def __repr__(self) -> str:
        return _name(self)

    @property
    def period(self) -> str:
        return dict(self.codes).get(PERIOD, "")

    @property
    def depth(self) -> int:
        """How many dimensions divide it; the period is none, and a row for all is not divided."""
        return sum(d != PERIOD and code != WHOLE for d, code in self.codes)

    def without(self, *dimensions: str) -> Cell:
        return Cell(self.population, frozenset(c for c in self.codes if c[0] not in dimensions))

    def joined(self, codes: Iterable[tuple[str, str]]) -> Cell:
        return Cell(self.population, self.codes.union(codes))


@cache
def _name(cell: Cell) -> str:
    """A cell in words; sorted, since the order of a set is another in each process."""
    return f"{cell.population}[{', '.join(f'{d}={c}' for d, c in sorted(cell.codes))}]"


# Cells, and how often each counts.
Sum = tuple[tuple[Cell, int], ...]
# One person: a code that has a row because it was met counts no fewer.
SOMEBODY = Cell("somebody", frozenset())


@dataclass(frozen=True)
class Declared:
    """A row of `data/codes/cells.csv`."""

    product: str
    column: str
    counted: str
    population: str
    dimensions: tuple[str, ...]
    relation: tuple[tuple[str, str], ...]

    def find_related(self, kind: str) -> list[str]:
        return [what for name, what in self.relation if name == kind]

    def name_keys(self) -> dict[str, str]:
        """The dimension of each key column."""
        keys = [part.partition(":")[0].partition(">") for part in self.dimensions]
        return {key: name or key for key, _, name in keys if "=" not in key}

    def find_cell(self, row: Mapping[str, str]) -> Cell:
        """The cell of a row of the product: `key`, `key>dimension`, `key>{column}` where a column
        names the dimension, `dimension=code`, and `key:part` for a part of the code (`_PARTS`)."""
        codes: list[tuple[str, str]] = []
        for part in self.dimensions:
            if "=" in part:
                name, _, code = part.partition("=")
                codes.append((name, code))
                continue
            key, _, end = part.partition(":")
            key, _, name = key.partition(">")
            if name.startswith("{"):
                name = str(row[name.strip("{}")])
            code = _PARTS[end](str(row[key]))
            if code == ANYBODY:
                continue
            if code != WHOLE or ("total", name or key) in self.relation:
                codes.append((name or key, code))
        return Cell(self.population, frozenset(codes))


@dataclass(frozen=True)
class Law:
    """What always holds: the sum of coefficient x cell is nought, or (`is_equal` false) not
    negative."""

    name: str
    terms: Sum
    is_equal: bool = True


@dataclass
class Book:
    """The cells of all declared columns, and the laws between them.

    `places` gives the cell of each (product, column, row). A cell that no table shows is there too
    where a law needs it. `beside` are (whole, part) of which the part nearly lies within the whole:
    no law, but their difference is looked at. `overlaps` are the sums of parts in which somebody can
    be more than once, less their whole: in how many further parts people are. No more people than
    that are in several, so where it is a few, these are a few people like any others.
    """

    places: dict[tuple[str, str, int], Cell] = field(default_factory=dict)
    laws: list[Law] = field(default_factory=list)
    beside: list[tuple[Cell, Cell]] = field(default_factory=list)
    overlaps: list[Sum] = field(default_factory=list)
    by_year: list[Law] = field(default_factory=list)

    @property
    def cells(self) -> list[Cell]:
        seen = dict.fromkeys(self.places.values())
        seen |= dict.fromkeys(cell for law in self.laws for cell, _ in law.terms)
        return list(seen)

    def list_years(self) -> list[Cell]:
        """The cells of single years that no table has, and that stand in no other law."""
        cells = {cell for law in self.by_year for cell, _ in law.terms}
        return sorted(cells.difference(self.cells), key=str)

    def find_same(self) -> dict[Cell, Cell]:
        """For a cell another that a law makes equal to it."""
        pairs = [law.terms for law in self.laws if law.is_equal and len(law.terms) == 2]
        return {
            one: other
            for (first, a), (second, b) in pairs
            if a == -b
            for one, other in ((first, second), (second, first))
        }

    def find_nested(self, cells: Iterable[Cell]) -> list[tuple[Cell, Cell]]:
        """Each (whole, part) of these cells of which one lies within the other, by their codes or
        by a law."""
        known = set(cells)
        pairs = dict.fromkeys(list_nested(known))
        for law in self.laws:
            if len(law.terms) == 2 and not law.is_equal:
                (whole, _), (part, _) = law.terms
                if {whole, part} <= known:
                    pairs[whole, part] = None
        pairs |= dict.fromkeys(pair for pair in self.beside if known.issuperset(pair))
        return list(pairs)

    def list_tables(self, cells: Iterable[Cell]) -> list[str]:
        """The products that show one of these cells."""
        wanted = set(cells)
        return sorted({place[0] for place, cell in self.places.items() if cell in wanted})


@cache
def read_declared() -> dict[str, tuple[Declared, ...]]:
    """The declared cells of each product. Raises BadInput, with row and remedy, for a malformed
    row."""
    rows: dict[str, tuple[Declared, ...]] = {}
    for number, row in enumerate(read_rows(CODES / "cells.csv"), start=2):
        relation = tuple(
            (name, what)
            for name, _, what in (part.partition(":") for part in row["relation"].split("|"))
        )
        if not row["population"] or not {name for name, _ in relation} <= set(RELATIONS):
            raise BadInput(
                f"data/codes/cells.csv, row {number}: name the population and a relation of "
                f"{', '.join(RELATIONS)}"
            )
        dimensions = tuple(part for part in row["dimensions"].split("|") if part)
        declared = Declared(
            row["product"],
            row["column"],
            row["counted"],
            row["population"],
            dimensions,
            relation,
        )
        rows[declared.product] = (*rows.get(declared.product, ()), declared)
    return rows


def find_undeclared(product: Product, columns: list[str]) -> list[str]:
    """The columns of counts of which nobody says whom they count. Estimates of a hidden population
    count nobody."""
    known = {declared.column for declared in read_declared().get(product.name, ())}
    if not known and product.tables == (CAPTURES,):
        return []
    return [c for c in product.list_columns(columns, "count") if c not in known]


def find_least(unseen: Iterable[Cell], minimum: Mapping[Cell, int]) -> dict[Cell, int]:
    """The minimum of each of these cells that no table shows: the strictest of the same cell in other
    years, or, where no table has that, of its population."""
    alike: dict[Cell, int] = {}
    strictest: dict[str, int] = {}
    for cell, least in minimum.items():
        like = cell.without(PERIOD)
        alike[like] = max(alike.get(like, 1), least)
        strictest[cell.population] = max(strictest.get(cell.population, 1), least)
    return {
        cell: alike.get(cell.without(PERIOD), strictest.get(cell.population, 1)) for cell in unseen
    }


def group_equal(laws: Iterable[Law], nobody: Collection[Cell] = ()) -> dict[Cell, set[Cell]]:
    """For each cell that a law makes equal to another, all those that are equal to it; the cells of
    `nobody` add nothing to a sum."""
    groups: dict[Cell, set[Cell]] = {}
    for law in laws:
        rest = [(cell, k) for cell, k in law.terms if cell not in nobody]
        if law.is_equal and len(rest) == 2 and rest[0][1] == -rest[1][1]:
            joined = groups.get(rest[0][0], {rest[0][0]}) | groups.get(rest[1][0], {rest[1][0]})
            groups |= dict.fromkeys(joined, joined)
    return groups


def list_left(laws: Iterable[Law], unknown: Collection[Cell]) -> Iterator[tuple[Law, list[Cell]]]:
    """Each law of equality that has several unknown cells, all on one side and once, with these: what
    the others leave for them together follows to the unit where the others are known to the unit."""
    for law in laws:
        own = [(cell, k) for cell, k in law.terms if cell in unknown]
        if law.is_equal and len(own) > 1 and len({k for _, k in own}) == 1 and abs(own[0][1]) == 1:
            yield law, sorted((cell for cell, _ in own), key=str)


def tell_undeclared(product: Product, column: str) -> str:
    """What to do where nobody says whom a column counts."""
    populations = sorted({one.population for rows in read_declared().values() for one in rows})
    return (
        f"table {product.name}, column {column}: nobody says whom it counts; add to "
        f"data/codes/cells.csv the row {product.name},{column},<persons or what is counted>,"
        f"<population>,{'|'.join(product.keys)},<relation: {', '.join(RELATIONS)}> "
        f"(CONTRIBUTING.md, A table; populations that there are: {', '.join(populations)})"
    )


def list_equalities() -> dict[str, str]:
    """The equalities that stand beside the tabulations, by name."""
    return {
        **signalling.EQUALITIES,
        **protection.EQUALITIES,
        **aid.EQUALITIES,
        **repeats.EQUALITIES,
    }


def build_book(tables: Mapping[str, pd.DataFrame]) -> Book:
    """The cells and laws of these tables, from their keys alone."""
    book, complete = Book(), set()
    for name, table in tables.items():
        for declared in read_declared().get(name, ()):
            if not declared.find_related("made_of"):
                complete |= _add_table(book, declared, table)
    known = set(book.cells)
    for name, table in tables.items():
        for declared in read_declared().get(name, ()):
            rows = [declared.find_cell(row) for row in table.to_dict("records")]
            book.laws += _join_others(name, rows, known, complete)
    for name, words in list_equalities().items():
        book.laws += _apply(name, words, known, complete)
    known = set(book.cells)
    book.laws += [*add_years(known), *_nest(known)]
    return book


def _add_table(book: Book, declared: Declared, table: pd.DataFrame) -> set[tuple[str, ...]]:
    """Add a column of a table. What comes back are the (population, dimensions, period) of which
    every code that counts anybody has a row."""
    rows = [(place, declared.find_cell(row)) for place, row in enumerate(table.to_dict("records"))]
    book.places |= {(declared.product, declared.column, place): cell for place, cell in rows}
    cells = list(dict.fromkeys(cell for _, cell in rows))
    is_complete = find_product(declared.product).shape in _COMPLETE
    for kind in ("partition", "cover", "disjoint", "total"):
        for dimension in declared.find_related(kind):
            name = f"{declared.product}: {kind} by {dimension}"
            laws = list(_add_up(name, kind, cells, dimension, is_complete))
            book.laws += laws
            book.overlaps += [law.terms for law in laws] if kind == "cover" else []
    for code in declared.find_related("within"):
        book.laws += _put_within(declared, cells, code)
    for code in declared.find_related("covers") if is_complete else ():
        laws = list(_cover(declared.product, cells, code))
        book.laws += laws
        book.overlaps += [law.terms for law in laws]
    for dimension in (*declared.find_related("seen"), *declared.find_related("ranked")):
        book.laws += _see_somebody(declared.product, cells, dimension)
    if not is_complete or any(OTHERS in dict(c.codes).values() for c in cells):
        return set()
    return {_sign(cell) for cell in cells}


def _sign(cell: Cell) -> tuple[str, ...]:
    return (cell.population, cell.period, *sorted(d for d, _ in cell.codes))


def _add_up(
    name: str, kind: str, cells: list[Cell], dimension: str, is_complete: bool
) -> Iterator[Law]:
    """The rows that differ in this dimension alone, and what they add up to. Where rows can be left
    out (steps of a curve), only those of which every code has one."""
    groups: dict[Cell, list[Cell]] = {}
    for cell in cells:
        if dict(cell.codes).get(dimension, WHOLE) != WHOLE:
            groups.setdefault(cell.without(dimension), []).append(cell)
    most = max(map(len, groups.values()), default=0)
    for parent, parts in groups.items():
        if not is_complete and len(parts) < most:
            continue
        whole = parent.joined([(dimension, WHOLE)]) if kind == "total" else parent
        sign = -1 if kind == "disjoint" else 1
        terms = ((whole, -sign), *((part, sign) for part in parts))
        yield Law(f"{name} ({whole.period})", terms, kind in ("partition", "total"))


def _put_within(declared: Declared, cells: list[Cell], words: str) -> Iterator[Law]:
    """Each cell within the one that has this code in place of its last dimension."""
    last = list(declared.name_keys().values())[-1]
    dimension, _, code = words.partition("=")
    for part in cells:
        whole = part.without(last).joined([(dimension, code)])
        if whole != part:
            yield Law(f"{part} within {whole}", ((whole, 1), (part, -1)), is_equal=False)


def _cover(product: str, cells: list[Cell], words: str) -> Iterator[Law]:
    """The rows with another code together no fewer than the cell with this one."""
    dimension, _, names = words.partition("=")
    code, *left_out = names.split("!")
    groups: dict[Cell, list[Cell]] = {}
    for cell in cells:
        if dict(cell.codes).get(dimension, code) not in (code, *left_out):
            groups.setdefault(cell.without(dimension), []).append(cell)
    for group, parts in groups.items():
        whole = group.joined([(dimension, code)])
        terms = ((whole, -1), *((part, 1) for part in parts))
        yield Law(f"{product}: every {code} is in a row ({whole.period})", terms, is_equal=False)


def _see_somebody(product: str, cells: list[Cell], dimension: str) -> Iterator[Law]:
    """Each code of the dimension counts somebody in its rows: those of the longest period, where
    the table has one beside its years."""
    longest = max((len(cell.period) for cell in cells), default=0)
    rows: dict[str, list[Cell]] = {}
    for cell in cells:
        code = dict(cell.codes).get(dimension)
        if code is not None and len(cell.period) == longest:
            rows.setdefault(code, []).append(cell)
    for code, parts in rows.items():
        terms = (*((part, 1) for part in parts), (SOMEBODY, -1))
        yield Law(f"{product}: {dimension} {code} was met", terms, is_equal=False)


def _join_others(
    product: str, cells: list[Cell], known: set[Cell], complete: set[tuple[str, ...]]
) -> Iterator[Law]:
    """The row "others" of a table is the sum of the codes that do not stand beside it, where another
    table has a row for each."""
    if not any(OTHERS in dict(cell.codes).values() for cell in cells):
        return
    populations = {cell.population for cell in cells}
    wider = sorted((cell for cell in known if cell.population in populations), key=str)
    for dimension in sorted({d for cell in cells for d, code in cell.codes if code == OTHERS}):
        groups: dict[Cell, list[Cell]] = {}
        for cell in wider:
            if dict(cell.codes).get(dimension, WHOLE) not in (WHOLE, OTHERS):
                groups.setdefault(cell.without(dimension), []).append(cell)
        beside = set(cells)
        for others in cells:
            if (dimension, OTHERS) not in others.codes or _sign(others) not in complete:
                continue
            joined = [c for c in groups.get(others.without(dimension), []) if c not in beside]
            if joined:
                name = f"{product}: {dimension} others ({others.period})"
                yield Law(name, ((others, -1), *((cell, 1) for cell in joined)))


def parse_law(words: str) -> tuple[list[tuple[Cell, int]], bool]:
    """The terms of "a[d=c] + a[d=e] = a[]" (or ">="), all on one side; "0" is no term."""
    left, sign, right = re.split(r" (>?=) ", words)
    sides = ((parse_terms(left), 1), (parse_terms(right), -1))
    return [(cell, coefficient) for cells, coefficient in sides for cell in cells], sign == "="


def parse_terms(words: str) -> list[Cell]:
    """The cells of "a[d=c] + a[d=e]"; "0" is none. Raises ValueError for what is no cell."""
    cells = []
    for term in words.split(" + "):
        if term == "0":
            continue
        found = _TERM.fullmatch(term)
        if found is None:
            raise ValueError(f"{term!r} is no cell")
        pairs = [tuple(code.split("=")) for code in found[2].split(", ") if code]
        cells.append(Cell(found[1], frozenset(pairs)))
    return cells


def _apply(
    name: str, words: str, known: set[Cell], complete: set[tuple[str, ...]]
) -> Iterator[Law]:
    """The equality in each period, and within each group, of which the book has all terms; a term
    without a row counts nobody where the other codes have theirs."""
    terms, is_equal = parse_law(words)
    contexts = {
        cell.codes - term.codes
        for term, _ in terms
        for cell in known
        if cell.population == term.population and cell.codes >= term.codes
    }
    for context in sorted(contexts, key=sorted):
        placed = [(term.joined(context), coefficient) for term, coefficient in terms]
        if any(len(dict(cell.codes)) < len(cell.codes) for cell, _ in placed):
            continue
        there = [(cell, coefficient) for cell, coefficient in placed if cell in known]
        absent = [cell for cell, _ in placed if cell not in known]
        if there and all(_sign(cell) in complete for cell in absent):
            yield Law(f"{name} ({dict(context).get(PERIOD, '')})", tuple(there), is_equal)


@cache
def list_adding() -> frozenset[str]:
    """The populations whose years add up to a whole period."""
    return _list_related("years")


@cache
def list_studied() -> frozenset[str]:
    """The populations that are counted from the first year of the study on."""
    return _list_related("study")


def _list_related(kind: str) -> frozenset[str]:
    return frozenset(
        declared.population
        for rows in read_declared().values()
        for declared in rows
        if declared.find_related(kind)
    )


def add_years(known: set[Cell]) -> Iterator[Law]:
    """The years of a population that adds up make its whole period."""
    adding = list_adding()
    for whole in sorted(known, key=str):
        if whole.population not in adding or "-" not in whole.period:
            continue
        first, last = whole.period.split("-")
        years = [
            whole.without(PERIOD).joined([(PERIOD, str(year))])
            for year in range(int(first), int(last) + 1)
        ]
        there = [(year, -1) for year in years if year in known]
        if there:
            is_equal = len(there) == len(years)
            yield Law(f"years of {whole}", ((whole, 1), *there), is_equal)


def _nest(known: set[Cell]) -> Iterator[Law]:
    """Nobody is in a part and not in the whole."""
    for part in sorted(_select_people(known), key=str):
        for dimension, _ in sorted(part.codes):
            whole = part.without(dimension)
            if dimension != PERIOD and whole in known:
                yield Law(f"{part} within {whole}", ((whole, 1), (part, -1)), is_equal=False)


def _select_people(cells: Iterable[Cell]) -> set[Cell]:
    """Without the totals in which somebody can count more than once."""
    return {cell for cell in cells if WHOLE not in dict(cell.codes).values()}


def list_nested(cells: Iterable[Cell]) -> tuple[tuple[Cell, Cell], ...]:
    """Each (whole, part) of two cells of which one lies within the other."""
    return tuple(_list_nested(frozenset(_select_people(cells))))


@lru_cache(maxsize=8)
def _list_nested(known: frozenset[Cell]) -> list[tuple[Cell, Cell]]:
    """The same cells are asked for again and again."""
    nested: list[tuple[Cell, Cell]] = []
    periods = sorted({cell.period for cell in known})
    wholes = {part: [whole for whole in periods if _holds(whole, part)] for part in periods}
    divided = {(cell.population, _list_dimensions(cell)) for cell in known}
    for part in sorted(known, key=str):
        for kept in _list_wider(part, divided):
            placed = [kept.joined([(PERIOD, p)] if p else []) for p in wholes[part.period]]
            nested += [(whole, part) for whole in placed if whole != part and whole in known]
    return nested


def _list_dimensions(cell: Cell) -> frozenset[str]:
    return frozenset(dimension for dimension, _ in cell.codes if dimension != PERIOD)


def _list_wider(cell: Cell, divided: Collection[tuple[str, frozenset[str]]]) -> Iterator[Cell]:
    """The cell with fewer and fewer of its dimensions, and without its period, where any cell is
    `divided` by just these."""
    dimensions = _list_dimensions(cell)
    for number in range(len(dimensions) + 1):
        for left_out in combinations(sorted(dimensions), number):
            if (cell.population, dimensions.difference(left_out)) in divided:
                yield cell.without(PERIOD, *left_out)


def _holds(whole: str, part: str) -> bool:
    """True where the period `part` lies within `whole`."""
    if whole == part:
        return True
    if not (re.fullmatch(r"\d{4}-\d{4}", whole) and re.fullmatch(r"\d{4}(-\d{4})?", part)):
        return False
    return whole[:4] <= part[:4] and part[-4:] <= whole[-4:]
