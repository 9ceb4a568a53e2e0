"""Whole numbers under linear constraints: those that lie closest to their shares, found by integer
programming.

A cell has a share (`near`): what it would be if nothing but its total were known. The further from
its share, the dearer each step, in parts of the share, so that no cell bears alone what several can
bear. Of all the answers that cost the least the first in the order of the cells' names is taken: one
cell after the other as small as it can be. So there is one answer, whatever the solver and the order
of its columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from helpers.edition import BadInput
from helpers.synthetic.constraints import Limits, Printed

Key = tuple[str, ...]
# A step within the first twentieth of a share costs one, within the second two, and so on; beyond
# the last (the whole share) all cost the same.
BAND_SHARE, BANDS = 20, 20
Numbers = Mapping[Key, int]
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
    """An expression and its limits, both included."""

    name: str
    linear: Linear
    low: float = -np.inf
    high: float = np.inf

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
            self.divide(f"{key} ({one.number})", part, whole, one.limits if is_loose else one.point)

    def order(self, key: str, *pairs: tuple[Linear, Linear | int]) -> None:
        """A statement of order: the first of each pair is more than the second."""
        self.stated.add(key)
        for more, less in pairs:
            self.exceed(key, more, less)

    def divide(self, name: str, part: Linear, whole: Linear, limits: Limits) -> None:
        """A ratio within the limits of a printed one; an open limit is not reached."""
        for sign, limit in ((1, limits.low), (-1, limits.high)):
            if limit is not None:
                exact = Fraction(limit)
                scaled = part * exact.denominator - whole * exact.numerator
                self.rows.append(Row(name, scaled * sign, low=1 if limits.is_open else 0))

    def solve(self, *, columns: Sequence[Key] | None = None) -> Numbers:
        """The whole numbers by cell. Raises BadInput, naming constraints that contradict the
        others, where there are none.

        `columns`: the order in which the solver has the cells; the answer does not depend on it.
        """
        return _Solver(self, list(columns or self.cells)).run()


class _Solver:
    """The matrix of a program: first the cells, then the steps of each cell away from its share."""

    def __init__(self, program: Program, columns: list[Key]) -> None:
        self.program, self.columns = program, columns
        self.place = {key: place for place, key in enumerate(columns)}
        self.bands = [
            (key, sign, size, price)
            for key in columns
            for sign in (1, -1)
            for size, price in _list_bands(program.cells[key].near)
        ]
        cells = [program.cells[key] for key in columns]
        self.low = np.array([cell.low for cell in cells] + [0] * len(self.bands), dtype=float)
        self.high = np.array(
            [cell.high for cell in cells] + [size for *_, size, _ in self.bands], dtype=float
        )
        self.cost = np.array([0] * len(cells) + [price for *_, price in self.bands], dtype=float)
        self.lines = [*self._state_rows(), *self._tie_steps()]

    def run(self) -> Numbers:
        least = self._minimise(self.cost)
        self._keep(self.cost, round(float(self.cost @ least)))
        for key in sorted(self.columns):
            place = self.place[key]
            if self.low[place] < self.high[place]:
                aim = np.zeros(len(self.low))
                aim[place] = 1
                self.low[place] = self.high[place] = np.round(self._minimise(aim)[place])
        numbers = {key: int(self.low[self.place[key]]) for key in sorted(self.columns)}
        # In whole numbers, since the solver counts in broken ones.
        wrong = [row.name for row in self.program.rows if not row.is_met(numbers)]
        if wrong:
            raise BadInput(f"{self.program.about}: not met in whole numbers: {', '.join(wrong)}")
        return numbers

    def _state_rows(self) -> list[Line]:
        return [
            (
                {self.place[key]: float(times) for key, times in row.linear.terms.items()},
                row.low - row.linear.constant,
                row.high - row.linear.constant,
            )
            for row in self.program.rows
        ]

    def _tie_steps(self) -> list[Line]:
        """A cell is its share and the steps away from it."""
        tied: dict[Key, dict[int, float]] = {key: {self.place[key]: 1.0} for key in self.columns}
        for number, (key, sign, *_) in enumerate(self.bands):
            tied[key][len(self.columns) + number] = -float(sign)
        nears = {key: float(self.program.cells[key].near) for key in tied}
        return [(line, nears[key], nears[key]) for key, line in tied.items()]

    def _keep(self, aim: np.ndarray, least: int) -> None:
        """Nothing that follows may cost more than the least."""
        line = {int(place): float(aim[place]) for place in np.flatnonzero(aim)}
        self.lines.append((line, -np.inf, least + 0.5))

    def _minimise(self, aim: np.ndarray) -> np.ndarray:
        found = _run(self.lines, aim, self.low, self.high, n_whole=len(self.columns))
        if found is None:
            raise BadInput(f"{self.program.about}: {_explain(self.program)}")
        return found


def _run(
    lines: Sequence[Line], aim: np.ndarray, low: np.ndarray, high: np.ndarray, *, n_whole: int
) -> np.ndarray | None:
    """The numbers that make `aim` least, the first `n_whole` of them whole; None where none do."""
    numbers = [
        (value, row, place) for row, (line, *_) in enumerate(lines) for place, value in line.items()
    ]
    values, rows, places = (list(part) for part in zip(*numbers, strict=True))
    found = milp(
        aim,
        integrality=(np.arange(len(aim)) < n_whole).astype(int),
        bounds=Bounds(low, high),
        constraints=LinearConstraint(
            csr_array((values, (rows, places)), shape=(len(lines), len(aim))),
            [line[1] for line in lines],
            [line[2] for line in lines],
        ),
        options={"mip_rel_gap": 0},
    )
    return np.asarray(found.x) if found.success else None


def _list_bands(near: int) -> list[tuple[float, int]]:
    """Size and price of each band of steps away from a share."""
    size = max(1, near // BAND_SHARE)
    return [(float(size), price) for price in range(1, BANDS)] + [(float(MOST), BANDS)]


def _explain(program: Program) -> str:
    """Which constraints would have to go, as few as can be: each may be broken at the price of
    one."""
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
    aim = np.array([0.0] * len(keys) + [1.0] * len(names))
    found = _run(lines, aim, low, high, n_whole=len(aim))
    if found is None:
        return "no whole numbers lie within the bounds of the cells"
    unmet = [name for name in names if round(found[mark[name]])]
    return (
        f"no whole numbers agree with all that was printed; without {', '.join(unmet)} there are "
        "some. Choose in data/codes/calibration_*.csv (standing excluded, and why)"
    )
