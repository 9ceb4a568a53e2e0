"""Whole numbers under linear constraints: those that lie closest to their shares.

A cell has a share (`near`): what it would be if nothing but its total were known. First the broken
numbers are found that meet the constraints with the least sum of squared distances from the shares,
each in proportion to its share (the distance of Pearson's chi-square), so that no cell bears alone
what several can bear; there is one such point. Then integer programming finds the whole numbers
nearest to it that meet the constraints. A distance counts a little more or less by the place of the
cell's name, in multiples of the golden ratio, so that no two answers are equally near. So there is
one answer, whatever the order of the solver's columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import scipy

from helpers.edition import BadInput
from helpers.synthetic.constraints import Limits, Printed

Key = tuple[str, ...]
# How far a whole number may lie beyond those next to the broken one: first not at all, then further.
REACHES = (0, 1, 2, 5, 20)
# Decimals of the broken numbers that count, and what is nought.
DIGITS, TINY = 3, 1e-9
# Distances are counted in thousandths, far above what the solver takes for equal.
SCALE = 1000.0
# Its multiples lie as far apart from each other, and from sums of others, as can be.
GOLDEN = (5**0.5 - 1) / 2
Numbers = Mapping[Key, int]
# What a constraint counts where some have to go: a public statistic gives way before any number of
# the monitor.
FIRST, SECOND = 1000, 1
# What no cell reaches.
MOST = 10_000
# By place how many times, and the limits of the sum, both included.
Line = tuple[dict[int, float], float, float]


@dataclass(frozen=True)
class Linear:
    """A sum of cells, each so many times, and a constant."""

    terms: Mapping[Key, int] = field(default_factory=dict)
    constant: int = 0

    def __add__(self, other: Linear | int) -> Linear:
        if isinstance(other, int):
            return Linear(self.terms, self.constant + other)
        terms = dict(self.terms)
        for key, times in other.terms.items():
            terms[key] = terms.get(key, 0) + times
        return Linear(terms, self.constant + other.constant)

    __radd__ = __add__

    def __mul__(self, times: int) -> Linear:
        return Linear({key: times * own for key, own in self.terms.items()}, times * self.constant)

    __rmul__ = __mul__

    def __sub__(self, other: Linear | int) -> Linear:
        return self + other * -1

    def find(self, numbers: Numbers) -> int:
        """What it comes to."""
        return sum(times * numbers[key] for key, times in self.terms.items()) + self.constant


def add_up(parts: Iterable[Linear]) -> Linear:
    """The sum of expressions; nought of none."""
    return sum(parts, start=Linear())


@dataclass(frozen=True)
class Cell:
    """A whole number to be found: at least `low`, at most `high`, close to `near`."""

    near: int
    low: int = 0
    high: int = MOST


@dataclass(frozen=True)
class Row:
    """An expression and its limits, both included; `price` is what breaking it costs where
    constraints contradict each other."""

    name: str
    linear: Linear
    low: float = -np.inf
    high: float = np.inf
    price: int = FIRST

    def is_met(self, numbers: Numbers) -> bool:
        return self.low <= self.linear.find(numbers) <= self.high


@dataclass
class Program:
    """Cells, and what has to hold among them; `printed` are the numbers that may be held to, by
    measure, and `stated` the measures that were."""

    about: str
    printed: Mapping[str, tuple[Printed, ...]] = field(default_factory=dict)
    cells: dict[Key, Cell] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    stated: set[str] = field(default_factory=set)

    def add(self, *key: str | int, near: int, low: int = 0, high: int = MOST) -> Linear:
        """A new cell, as an expression."""
        name = tuple(str(part) for part in key)
        self.cells[name] = Cell(near, low, high)
        return Linear({name: 1})

    def hold(
        self, name: str, linear: Linear, *, low: float = -np.inf, high: float = np.inf
    ) -> None:
        """The expression lies within these limits, both included."""
        self.rows.append(Row(name, linear, low, high))

    def equal(self, name: str, linear: Linear, other: Linear | int) -> None:
        """Both come to the same."""
        self.hold(name, linear - other, low=0, high=0)

    def exceed(self, name: str, more: Linear, less: Linear | int) -> None:
        """The first is more than the second."""
        self.hold(name, more - less, low=1)

    def count(self, key: str, linear: Linear) -> None:
        """A count is what was printed."""
        self.ratio(key, linear, Linear({}, 1))

    def share(self, key: str, part: Linear, whole: Linear, *, is_loose: bool = False) -> None:
        """A percentage is what was printed."""
        self.ratio(key, 100 * part, whole, is_loose=is_loose)

    def ratio(self, key: str, part: Linear, whole: Linear, *, is_loose: bool = False) -> None:
        """A ratio is what was printed, wherever that is: "about" to its last digit, unless
        `is_loose`. Nothing is held where no number was printed."""
        self.stated.add(key)
        for one in self.printed.get(key, ()):
            limits = one.limits if is_loose else one.point
            price = FIRST if one.is_monitor else SECOND
            self.divide(f"{key} ({one.number})", part, whole, limits, price=price)

    def order(self, key: str, *pairs: tuple[Linear, Linear | int]) -> None:
        """A statement of order: the first of each pair is more than the second."""
        self.stated.add(key)
        for more, less in pairs:
            self.exceed(key, more, less)

    def divide(
        self, name: str, part: Linear, whole: Linear, limits: Limits, *, price: int = FIRST
    ) -> None:
        """A ratio within the limits of a printed one; an open limit is not reached."""
        for sign, limit in ((1, limits.low), (-1, limits.high)):
            if limit is not None:
                exact = Fraction(limit)
                scaled = part * exact.denominator - whole * exact.numerator
                low = 1 if limits.is_open else 0
                self.rows.append(Row(name, scaled * sign, low=low, price=price))

    def solve(self, *, columns: Sequence[Key] | None = None) -> Numbers:
        """The whole numbers by cell. Raises BadInput, naming constraints that contradict the
        others, where there are none.

        `columns`: the order in which the solver has the cells; the answer does not depend on it.
        """
        return _Solver(self, list(columns or self.cells)).run()


@dataclass
class Parts:
    """Programs that are solved one after the other, a part taking the whole numbers of those before
    it as given; `start` makes one of what it is about, with the printed numbers."""

    start: Callable[[str], Program]
    rows: dict[Key, int] = field(default_factory=dict)
    stated: set[str] = field(default_factory=set)

    def solve(self, about: str, state: Callable[[Program], None]) -> Numbers:
        """The whole numbers of a part."""
        program = self.start(about)
        state(program)
        numbers = program.solve()
        self.rows.update(numbers)
        self.stated.update(program.stated)
        return numbers


class _Solver:
    """First the broken numbers that lie closest to the shares, then the whole ones closest to
    them."""

    def __init__(self, program: Program, columns: list[Key]) -> None:
        self.program, self.columns = program, columns
        self.place = {key: place for place, key in enumerate(columns)}
        cells = [program.cells[key] for key in columns]
        self.low = np.array([cell.low for cell in cells], dtype=float)
        self.high = np.array([cell.high for cell in cells], dtype=float)
        self.near = np.array([cell.near for cell in cells], dtype=float)
        self.lines: list[Line] = [
            (
                {self.place[key]: float(times) for key, times in row.linear.terms.items()},
                row.low - row.linear.constant,
                row.high - row.linear.constant,
            )
            for row in program.rows
        ]

    def run(self) -> Numbers:
        broken = self._find_closest()
        for reach in REACHES:
            numbers = self._round(broken, reach)
            if numbers is not None:
                break
        else:
            raise BadInput(f"{self.program.about}: {_explain(self.program)}")
        # In whole numbers, since the solver counts in broken ones.
        wrong = [row.name for row in self.program.rows if not row.is_met(numbers)]
        if wrong:
            raise BadInput(f"{self.program.about}: not met in whole numbers: {', '.join(wrong)}")
        return numbers

    def _find_closest(self) -> np.ndarray:
        """The least sum of squared distances from the shares, each in parts of its share, under the
        constraints: the least distance problem of Lawson and Hanson (1974, chapter 23). There is
        one such point, since squares are strictly convex."""
        scale = np.sqrt(np.maximum(self.near, 1.0))
        n = len(self.columns)
        rows, limits = [], []
        for line, low, high in (*self.lines, *self._list_bounds()):
            row = np.zeros(n)
            row[list(line)] = list(line.values())
            for sign, limit in ((1, low), (-1, high)):
                if np.isfinite(limit):
                    size = float(np.linalg.norm(row * scale)) or 1.0
                    rows.append(sign * row * scale / size)
                    limits.append(sign * (limit - row @ self.near) / size)
        found, _ = scipy.optimize.nnls(
            np.vstack([np.array(rows).T, limits]), np.eye(n + 1)[n], maxiter=50 * n
        )
        rest = np.vstack([np.array(rows).T, limits]) @ found - np.eye(n + 1)[n]
        if np.linalg.norm(rest) < TINY:
            raise BadInput(f"{self.program.about}: {_explain(self.program)}")
        return np.asarray(self.near - scale * rest[:n] / rest[n])

    def _list_bounds(self) -> list[Line]:
        return [
            ({place: 1.0}, low, high if high < MOST else np.inf)
            for place, (low, high) in enumerate(zip(self.low, self.high, strict=True))
        ]

    def _round(self, broken: np.ndarray, reach: int) -> Numbers | None:
        """The whole numbers with the least sum of distances from the broken ones, at most `reach`
        beyond those next to them; None where there are none."""
        n, goal = len(self.columns), np.round(broken, DIGITS)
        low = np.maximum(self.low, np.floor(goal) - reach)
        high = np.minimum(self.high, np.ceil(goal) + reach)
        lines = list(self.lines)
        for place, value in enumerate(goal):
            lines.append(({place: 1.0, n + place: -1.0}, -np.inf, float(value)))
            lines.append(({place: 1.0, n + place: 1.0}, float(value), np.inf))
        price = np.concatenate([np.zeros(n), self._weigh()])
        bounds = np.append(low, np.zeros(n)), np.append(high, np.full(n, MOST))
        found = _run(lines, price, *bounds, is_whole=np.arange(2 * n) < n)
        if found is None:
            return None
        return {key: round(found[self.place[key]]) for key in sorted(self.columns)}

    def _weigh(self) -> np.ndarray:
        """What a distance of one counts: a little more or less by the place of the cell's name, so
        that no two answers are equally near."""
        order = {key: place for place, key in enumerate(sorted(self.columns))}
        return SCALE * np.array([1 + order[key] * GOLDEN % 1 / 10 for key in self.columns])


def _run(
    lines: Sequence[Line],
    aim: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    *,
    is_whole: np.ndarray,
) -> np.ndarray | None:
    """The numbers that make `aim` least, some of them whole; None where none do."""
    numbers = [
        (value, row, place) for row, (line, *_) in enumerate(lines) for place, value in line.items()
    ]
    values, rows, places = (list(part) for part in zip(*numbers, strict=True))
    found = scipy.optimize.milp(
        aim,
        integrality=is_whole.astype(int),
        bounds=scipy.optimize.Bounds(low, high),
        constraints=scipy.optimize.LinearConstraint(
            scipy.sparse.csr_array((values, (rows, places)), shape=(len(lines), len(aim))),
            [line[1] for line in lines],
            [line[2] for line in lines],
        ),
        options={"mip_rel_gap": 0},
    )
    return np.asarray(found.x) if found.success else None


def _explain(program: Program) -> str:
    """Which constraints would have to go: those that cost the least, so as few as can be."""
    keys, names = list(program.cells), sorted({row.name for row in program.rows})
    place = {key: number for number, key in enumerate(keys)}
    mark = {name: len(keys) + number for number, name in enumerate(names)}
    lines: list[Line] = []
    for row in program.rows:
        line = {place[key]: float(times) for key, times in row.linear.terms.items()}
        reach = sum(abs(n) * program.cells[key].high for key, n in row.linear.terms.items())
        for sign, limit in ((1, row.low), (-1, row.high)):
            if np.isfinite(limit):
                loose = {**line, mark[row.name]: sign * float(reach + abs(limit) + 1)}
                bound = limit - row.linear.constant
                lines.append((loose, *((bound, np.inf) if sign > 0 else (-np.inf, bound))))
    low = np.array([program.cells[key].low for key in keys] + [0] * len(names), dtype=float)
    high = np.array([program.cells[key].high for key in keys] + [1] * len(names), dtype=float)
    prices = {row.name: float(row.price) for row in program.rows}
    aim = np.array([0.0] * len(keys) + [prices[name] for name in names])
    found = _run(lines, aim, low, high, is_whole=np.ones(len(aim), dtype=bool))
    if found is None:
        return "no whole numbers lie within the bounds of the cells"
    unmet = [name for name in names if round(found[mark[name]])]
    return (
        f"no whole numbers agree with all that was printed; without {', '.join(unmet)} there are "
        "some. Choose in data/codes/calibration_*.csv (standing excluded, and why)"
    )
