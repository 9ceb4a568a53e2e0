"""What sources print of the people that this book counts, as whoever attacks it may know it: each
printed number by its precision, and printed tests by trying all counts within the rounding.

`data/codes/printed_cells.csv` says which cells a printed number counts (`part`), of which whole a
printed share is, and, of a printed test, the two groups: events | events, persons | persons. Of
made-up registers only the numbers that these have to agree with are true; of real ones all, but
for those that differ from what the book itself shows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from math import ceil, floor, inf, prod

import numpy as np

from helpers import published, registers
from helpers.disclosure.cells import PRINTED, Cell, Law, parse_terms
from helpers.edition import CODES, BadInput, read_rows
from helpers.published.chi_square import HALF_A_DIGIT

Range = tuple[float, float]
# Shares are compared in steps of a twentieth of a percent.
_STEPS = 2_000
# More combinations than this are not tried.
_MOST = 20_000_000
TEST = "chi_square"


@dataclass(frozen=True)
class Printed:
    """A printed count, sum of counts or share (`whole` is not empty) with the range that its
    precision leaves."""

    number: str
    low: float
    high: float
    part: tuple[Cell, ...]
    whole: tuple[Cell, ...] = ()


@dataclass(frozen=True)
class PrintedTest:
    """Pearson's statistic of two groups by yes and no, with the range of its last digit."""

    number: str
    low: float
    high: float
    events: tuple[Cell, Cell]
    persons: tuple[Cell, Cell]

    @property
    def cells(self) -> tuple[Cell, ...]:
        return (*self.events, *self.persons)


@dataclass(frozen=True)
class Prints:
    """What is printed about the cells of a book: laws between them, ranges that hold whatever is
    shown, and tests."""

    laws: tuple[Law, ...] = ()
    ranges: Mapping[Cell, Range] = field(default_factory=dict)
    tests: tuple[PrintedTest, ...] = ()
    numbers: frozenset[str] = frozenset()

    @property
    def number(self) -> int:
        """How many printed numbers are known."""
        return len(self.numbers)


@cache
def read_printed() -> tuple[tuple[Printed, ...], tuple[PrintedTest, ...]]:
    """Every row of `data/codes/printed_cells.csv` with its printed value. Raises BadInput, with row
    and remedy, for a number that the catalogue lacks or a row that is malformed."""
    columns = ["value", "unit", "precision"]
    facts = published.read_facts("public_statistics").assign(precision="exact").set_index("id")
    numbers = published.read_numbers().set_index("id")
    known = {**facts[columns].to_dict("index"), **numbers[columns].to_dict("index")}
    measures = numbers["measure"].to_dict()
    counts, tests = [], []
    for place, row in enumerate(read_rows(CODES / "printed_cells.csv"), start=2):
        try:
            words = known[row["number"]]
            low, high = published.bound(words)
            if measures.get(row["number"]) == TEST:
                low, high = low - HALF_A_DIGIT, high + HALF_A_DIGIT
                events, persons = (_read_pair(row[column]) for column in ("part", "whole"))
                tests.append(PrintedTest(row["number"], low, high, events, persons))
                continue
            parts = tuple(parse_terms(row["part"]))
            whole = tuple(parse_terms(row["whole"])) if row["whole"] else ()
            counts.append(Printed(row["number"], low, high, parts, whole))
        except (KeyError, ValueError) as error:
            raise BadInput(
                f"data/codes/printed_cells.csv, row {place}: {error}; name a number of the "
                "catalogue or the public statistics, and cells as population[dimension=code]"
            ) from None
    return tuple(counts), tuple(tests)


def _read_pair(words: str) -> tuple[Cell, Cell]:
    first, second = (parse_terms(side)[0] for side in words.split(" | "))
    return first, second


def list_prints(
    cells: Collection[Cell],
    *,
    is_real: bool,
    shown: Mapping[Cell, Range] | None = None,
    counts: Mapping[Cell, int] | None = None,
) -> Prints:
    """What is printed about these cells.

    Left out are numbers that cannot be true: by `counts` where whoever asks knows them, else by
    what is `shown`.
    """
    known, enforced = set(cells), registers.list_enforced() if not is_real else frozenset()
    laws: list[Law] = []
    ranges: dict[Cell, Range] = {}
    printed, tests = read_printed()
    numbers = set()
    for one in printed:
        is_told = is_real or one.number in enforced
        if not is_told or not known.issuperset((*one.part, *one.whole)):
            continue
        if not _can_be_true(one, shown or {}, counts):
            continue
        numbers.add(one.number)
        if one.whole:
            laws += _write_share(one)
            continue
        low, high = ceil(one.low), inf if one.high == inf else floor(one.high)
        if one.high - one.low == 5:  # halves are rounded up
            high = ceil(one.high) - 1
        if len(one.part) == 1:
            before = ranges.get(one.part[0], (0, inf))
            ranges[one.part[0]] = max(before[0], low), min(before[1], high)
            continue
        total = Cell(PRINTED, frozenset({("number", one.number)}))
        ranges[total] = low, high
        laws.append(
            Law(f"{PRINTED}: {one.number}", ((total, -1), *((cell, 1) for cell in one.part)))
        )
    of_these = [
        test
        for test in tests
        if (is_real or test.number in enforced) and known.issuperset(test.cells)
    ]
    return Prints(tuple(laws), ranges, tuple(of_these), frozenset(numbers))


def _can_be_true(
    one: Printed, shown: Mapping[Cell, Range], counts: Mapping[Cell, int] | None
) -> bool:
    if counts is not None:
        if not all(cell in counts for cell in (*one.part, *one.whole)):
            return False
        part, whole = (sum(counts[cell] for cell in cells) for cells in (one.part, one.whole))
        value = 100 * part / whole if one.whole and whole else part
        return one.low <= value <= one.high and bool(whole or not one.whole)
    (low, high), (least, most) = (
        tuple(sum(shown.get(cell, (0, inf))[end] for cell in cells) for end in (0, 1))
        for cells in (one.part, one.whole)
    )
    if one.whole:
        low = 100 * low / most if most < inf and most else 0
        high = min(100 * high / least, 100) if least and high < inf else 100
    return low <= one.high and high >= one.low


def _write_share(one: Printed) -> Iterator[Law]:
    """part / whole between the limits, halves included, as laws of whole coefficients."""
    name = f"{PRINTED}: {one.number}"
    step = _STEPS // 100
    for limit, sign in ((floor(one.low * step), 1), (ceil(one.high * step), -1)):
        if not 0 < limit < _STEPS:
            continue
        terms: dict[Cell, int] = {}
        for cells, weight in ((one.part, _STEPS), (one.whole, -limit)):
            for cell in cells:
                terms[cell] = terms.get(cell, 0) + sign * weight
        yield Law(name, tuple(terms.items()), is_equal=False)


def narrow_by_tests(
    tests: Iterable[PrintedTest], ranges: Mapping[Cell, Range]
) -> tuple[dict[Cell, np.ndarray], int]:
    """For each cell of a printed test the counts, in order, with which the statistic comes out, and
    how many tests have too many combinations to try.

    Tests of the same two groups are tried together: how many these are is the same in each. One
    that no combination gives, or none beside those before it, is of other counts.
    """
    values: dict[Cell, np.ndarray] = {}
    untried = 0
    together: dict[tuple[Cell, Cell], list[PrintedTest]] = {}
    for test in tests:
        together.setdefault(test.persons, []).append(test)
    for group in together.values():
        left = {**ranges, **{cell: (own[0], own[-1]) for cell, own in values.items()}}
        grids = {test: _list_grids(test, left) for test in group}
        untried += sum(grid is None for grid in grids.values())
        tried = {test: grid for test, grid in grids.items() if grid is not None}
        sizes = np.array(True)
        for test, grid in list(tried.items()):
            both = sizes & _try_all(test, grid)[0]
            if both.any():
                sizes = both
            else:
                del tried[test]
        for test, grid in tried.items():
            values |= zip(test.cells, _try_all(test, grid, sizes)[1], strict=True)
    return values, untried


def _list_grids(test: PrintedTest, ranges: Mapping[Cell, Range]) -> list[np.ndarray] | None:
    """The counts that each cell of the test can be; None where these are too many to try."""
    ends = [ranges.get(cell, (0, inf)) for cell in test.cells]
    # There are no more events than persons.
    ends[:2] = [
        (low, min(high, most)) for (low, high), (_, most) in zip(ends[:2], ends[2:], strict=True)
    ]
    if prod(max(high - low + 1, 0) for low, high in ends) > _MOST:
        return None
    return [np.arange(low, high + 1, dtype=float) for low, high in ends]


def _try_all(
    test: PrintedTest, grids: list[np.ndarray], sizes: np.ndarray | bool = True
) -> tuple[np.ndarray, list[np.ndarray]]:
    """For each two sizes of the groups (all, or those of `sizes`) whether some events give the
    statistic, and the counts of each cell with which it comes out."""
    first, second, persons, others = grids
    if len(first) < len(second):  # the shorter a count at a time; the groups may change places
        changed = [second, first, others, persons]
        of_sizes, (b, a, m, n) = _try_all(test, changed, np.asarray(sizes).T)
        return of_sizes.T, [a, b, n, m]
    fitting = [np.zeros(len(grid), bool) for grid in (first, second)]
    both: np.ndarray = np.zeros((len(persons), len(others)), bool)
    a, n, m = np.meshgrid(first, persons, others, indexing="ij", sparse=True)
    for place, b in enumerate(second):
        with np.errstate(divide="ignore", invalid="ignore"):
            whole = (a + b) / (n + m)
            value = (a / n - b / m) ** 2 / (whole * (1 - whole) * (1 / n + 1 / m))
        fits = (value >= test.low) & (value <= test.high) & (a <= n) & (b <= m) & sizes
        both |= fits.any(axis=0)
        fitting[0] |= fits.any(axis=(1, 2))
        fitting[1][place] = bool(fits.any())
    fitting += [np.any(both, axis=1), np.any(both, axis=0)]
    return both, [grid[is_fit].astype(int) for grid, is_fit in zip(grids, fitting, strict=True)]
