"""What sources print of the people that this book counts, as whoever attacks it may know it: each
printed number by its precision, and printed tests by trying all counts within the rounding.

`data/codes/printed_cells.csv` says which cells a printed number counts (`part`), of which whole a
printed share is or with which other count it compares them, and, of a printed test, the two groups:
events | events, persons | persons. What a source says without a number stands there too, as a
sentence of cells (`sentences`), and `why` a number counts no cell of the book. Of made-up registers only the numbers and sentences that these have
to agree with are true; of real ones all, but for those that differ from what the book itself shows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from math import ceil, floor, inf, prod

import numpy as np

from helpers import published, registers
from helpers.disclosure.cells import PRINTED, SOMEBODY, Cell, Law
from helpers.disclosure.sentences import (
    Range,
    Sentence,
    add_ranges,
    is_sentence,
    parse_signed,
    read_sentences,
)
from helpers.edition import CODES, BadInput, read_rows

# Shares are compared in steps of a twentieth of a percent.
_STEPS = 2_000
# More combinations than this are not tried.
_MOST = 20_000_000
TEST, P_VALUE, CHANGE = "chi_square", "p_value", "change_in_"


@dataclass(frozen=True)
class Printed:
    """A printed count, sum of counts (less those of `less`) or share (`whole` is not empty; of a
    change the later count is the part, and more than a hundred percent where it grew), with the
    range that its precision leaves."""

    number: str
    low: float
    high: float
    part: tuple[Cell, ...]
    whole: tuple[Cell, ...] = ()
    less: tuple[Cell, ...] = ()

    @property
    def cells(self) -> tuple[Cell, ...]:
        return (*self.part, *self.whole, *self.less)


@dataclass(frozen=True)
class PrintedTest:
    """Pearson's statistic of two groups by yes and no, with the range of its last digit, or that of
    a printed p-value."""

    number: str
    low: float
    high: float
    events: tuple[Cell, Cell]
    persons: tuple[Cell, Cell]

    @property
    def cells(self) -> tuple[Cell, ...]:
        return (*self.events, *self.persons)


Said = Printed | Sentence | PrintedTest
Limits = tuple[Range, ...]


@dataclass(frozen=True)
class Prints:
    """What is printed about the cells of a book: laws between them, ranges that hold whatever is
    shown, and tests. `counted` are the cells of which a source counts parts that the book has not, such
    as nationalities of a region, and how many people these are."""

    laws: tuple[Law, ...] = ()
    ranges: Mapping[Cell, Range] = field(default_factory=dict)
    tests: tuple[PrintedTest, ...] = ()
    numbers: frozenset[str] = frozenset()
    counted: Mapping[Cell, int] = field(default_factory=dict)

    @property
    def number(self) -> int:
        """How many printed numbers are known."""
        return len(self.numbers)


@cache
def read_printed() -> tuple[tuple[Printed | Sentence, ...], tuple[PrintedTest, ...]]:
    """Every row of `data/codes/printed_cells.csv` with its printed value. Raises BadInput, with row
    and remedy, for a number that the catalogue lacks or a row that is malformed, and for a number
    that made-up registers have to agree with and that has no row: nobody would attack with it."""
    known = registers.list_printable().set_index("number").to_dict("index")
    measures = published.read_numbers().set_index("id")["measure"].to_dict()
    values = {number: words["published"] for number, words in known.items()}
    counts: list[Printed | Sentence] = []
    tests = []
    silent = set(registers.list_enforced())
    for place, row in enumerate(read_rows(CODES / "printed_cells.csv"), start=2):
        number = row["number"]
        silent.discard(number)
        if row["why"]:
            continue
        try:
            if is_sentence(row["part"]):
                counts += read_sentences(number, row["part"], values)
                continue
            measure = measures.get(number, "")
            low, high = _find_range(known[number], measure, is_share=row["whole"] != "")
            if measure == TEST or known[number]["unit"] == P_VALUE:
                events, persons = (_read_pair(row[column]) for column in ("part", "whole"))
                tests.append(PrintedTest(number, low, high, events, persons))
                continue
            part, less = parse_signed(row["part"])
            whole, _ = parse_signed(row["whole"]) if row["whole"] else ((), ())
            counts.append(Printed(number, low, high, part, whole, less))
        except (KeyError, ValueError) as error:
            raise BadInput(
                f"data/codes/printed_cells.csv, row {place}: {error}; name a number of the "
                "catalogue or the public statistics, and cells as population[dimension=code]"
            ) from None
    if silent:
        raise BadInput(
            f"data/codes/printed_cells.csv: made-up registers have to agree with {len(silent)} numbers "
            f"that are no row, such as {min(silent)}; add which cells it counts, or why none"
        )
    return tuple(counts), tuple(tests)


def _find_range(words: Mapping[str, str], measure: str, *, is_share: bool) -> Range:
    """The range of a printed number: of a test that of its statistic, of a share percentages, of a
    change and of a ratio of two counts what the one is in percent of the other."""
    limits = registers.find_limits(words["published"], words["precision"], words["unit"])
    low, high = (
        other if limit is None else float(limit)
        for limit, other in ((limits.low, 0.0), (limits.high, inf))
    )
    if words["unit"] == P_VALUE:
        from scipy.special import chdtri  # here, so that other verbs do not wait for it

        return float(chdtri(1, high)), float(chdtri(1, low))
    if not is_share or measure == TEST:
        return low, high
    if words["unit"] != "percent":
        return 100 * low, 100 * high
    if not measure.startswith(CHANGE):
        return low, min(high, 100.0)
    if float(words["published"]) < 0:
        return 100 - min(high, 100.0), 100 - low
    return 100 + low, 100 + high


def _read_pair(words: str) -> tuple[Cell, Cell]:
    first, second = (parse_signed(side)[0][0] for side in words.split(" | "))
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
    open_to = shown or {}
    if counts is not None:
        open_to = {cell: (count, count) for cell, count in counts.items()}
    laws: list[Law] = []
    ranges: dict[Cell, Range] = {}
    printed, tests = read_printed()
    numbers = set()
    counted: dict[Cell, int] = {}
    told: list[Printed | Sentence] = []
    for said in printed:
        if is_real or said.number in enforced:
            told += said.expand(known) if isinstance(said, Sentence) else [said]
    for one in told:
        is_known = known.issuperset(one.cells)
        if is_known and (counts is None or all(cell in counts for cell in one.cells)):
            own = _write_laws(one, open_to, ranges)
            laws += own or ()
            numbers |= {one.number} if own is not None else set()
            part = one.find_counted() if own is not None and isinstance(one, Sentence) else None
            if part is not None:
                counted[part[0]] = max(counted.get(part[0], 0), part[1])
    of_these = [
        test
        for test in tests
        if (is_real or test.number in enforced) and known.issuperset(test.cells)
    ]
    return Prints(tuple(laws), ranges, tuple(of_these), frozenset(numbers), counted)


def _write_laws(
    one: Printed | Sentence, open_to: Mapping[Cell, Range], ranges: dict[Cell, Range]
) -> list[Law] | None:
    """What is said, as laws; of a single cell it is a range, and goes into `ranges`. None where it
    cannot be true."""
    if isinstance(one, Printed):
        return list(_write_printed(one, ranges)) if _can_be_true(one, open_to) else None
    if not one.can_be_true(open_to):
        return None
    if one.narrow(ranges):
        return []
    return list(one.write_laws(f"{PRINTED}: {one.number}", open_to))


def _can_be_true(one: Printed, open_to: Mapping[Cell, Range]) -> bool:
    low, high = add_ranges([*((c, 1) for c in one.part), *((c, -1) for c in one.less)], open_to)
    if one.whole:
        least, most = add_ranges([(cell, 1) for cell in one.whole], open_to)
        if not most:
            return False
        low = 100 * low / most if most < inf else 0
        high = 100 * high / least if least else inf
    return low <= one.high and high >= one.low


def _write_printed(one: Printed, ranges: dict[Cell, Range]) -> Iterator[Law]:
    name = f"{PRINTED}: {one.number}"
    if one.whole:
        yield from _write_share(name, one)
        return
    low, high = ceil(one.low), inf if one.high == inf else floor(one.high)
    if one.high - one.low == 5:  # halves are rounded up
        high = ceil(one.high) - 1
    if one.less:
        terms = (*((cell, 1) for cell in one.part), *((cell, -1) for cell in one.less))
        if low == high:
            yield Law(name, (*terms, (SOMEBODY, -int(low))))
            return
        yield Law(name, (*terms, (SOMEBODY, -int(low))), is_equal=False)
        if high < inf:
            turned = tuple((cell, -k) for cell, k in terms)
            yield Law(name, (*turned, (SOMEBODY, int(high))), is_equal=False)
        return
    total = (
        one.part[0] if len(one.part) == 1 else Cell(PRINTED, frozenset({("number", one.number)}))
    )
    before = ranges.get(total, (0, inf))
    ranges[total] = max(before[0], low), min(before[1], high)
    if total != one.part[0]:
        yield Law(name, ((total, -1), *((cell, 1) for cell in one.part)))


def _write_share(name: str, one: Printed) -> Iterator[Law]:
    """part / whole between the limits, halves included, as laws of whole coefficients."""
    step = _STEPS // 100
    for limit, sign in ((one.low, 1), (one.high, -1)):
        if not 0 < limit < inf or (limit == 100 and sign < 0):
            continue
        edge = floor(limit * step) if sign > 0 else ceil(limit * step)
        terms: dict[Cell, int] = {}
        for cells, weight in ((one.part, _STEPS), (one.less, -_STEPS), (one.whole, -edge)):
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
        limits = {test: _find_limits(test, left) for test in group}
        untried += sum(ends is None for ends in limits.values())
        tried = {test: ends for test, ends in limits.items() if ends is not None}
        for test, fitting in _try_together(tuple(tried.items())):
            for cell, own in zip(test.cells, fitting, strict=True):
                values[cell] = np.intersect1d(values.get(cell, own), own)
    return values, untried


def _find_limits(test: PrintedTest, ranges: Mapping[Cell, Range]) -> Limits | None:
    """The least and the most that each cell of the test can be; None where there are too many
    combinations to try."""
    ends = [ranges.get(cell, (0, inf)) for cell in test.cells]
    # There are no more events than persons.
    ends[:2] = [
        (low, min(high, most)) for (low, high), (_, most) in zip(ends[:2], ends[2:], strict=True)
    ]
    if prod(max(high - low + 1, 0) for low, high in ends) > _MOST:
        return None
    return tuple(ends)


def _list_grids(ends: Limits) -> list[np.ndarray]:
    return [np.arange(low, high + 1, dtype=float) for low, high in ends]


@lru_cache(maxsize=256)
def _try_together(
    tried: tuple[tuple[PrintedTest, Limits], ...],
) -> list[tuple[PrintedTest, list[np.ndarray]]]:
    """The counts that tests of the same groups leave of their cells; protection and audit ask the
    same again and again."""
    sizes = np.array(True)
    fitting: dict[PrintedTest, list[np.ndarray]] = {}
    for test, ends in tried:
        both, own = _try_all(test, _list_grids(ends))
        if (sizes & both).any():
            sizes, fitting[test] = sizes & both, own
    if len(fitting) > 1:
        limits = dict(tried)
        fitting = {test: _try_all(test, _list_grids(limits[test]), sizes)[1] for test in fitting}
    return list(fitting.items())


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
    with np.errstate(divide="ignore", invalid="ignore"):
        share, all_sizes, spread = a / n, n + m, 1 / n + 1 / m
    can_be = (a <= n) & sizes
    for place, b in enumerate(second):
        with np.errstate(divide="ignore", invalid="ignore"):
            whole = (a + b) / all_sizes
            value = (share - b / m) ** 2 / (whole * (1 - whole) * spread)
        fits = (value >= test.low) & (value <= test.high) & can_be & (b <= m)
        both |= fits.any(axis=0)
        fitting[0] |= fits.any(axis=(1, 2))
        fitting[1][place] = bool(fits.any())
    fitting += [np.any(both, axis=1), np.any(both, axis=0)]
    return both, [grid[is_fit].astype(int) for grid, is_fit in zip(grids, fitting, strict=True)]
