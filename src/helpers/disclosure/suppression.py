"""Secondary suppression: which cells must be hidden, over the whole book, so that no small one
follows.

For each cell that needs protection a pair of books is sought that both obey every law, agree
with all that is shown, and differ in that cell by R - 1 or more; then whoever attacks is left
with R integers or more. What must be hidden for it is chosen by integer programming (scipy's
HiGHS) at the least cost. After M. Fischetti and J. J. Salazar, Solving the cell suppression
problem on tabular data with linear constraints, Management Science 47 (2001), a target at a
time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from helpers.disclosure.cells import Book, Cell, Law
from helpers.disclosure.rules import DisclosureError

# How many integers must remain for a hidden or implied cell.
REMAINING = 5
# How far a cell may move in the books that are sought: twice what is needed.
_REACH = 2 * (REMAINING - 1)
_HEADLINE, _WHOLE_PERIOD = 20.0, 2.0
_ANYWHERE = 1000

# A target that comes first is served without regard to the later ones: in a book of some size
# several orders are tried, and the cheapest result is taken.
_ORDERS: tuple[Callable[[list[Target]], list[Target]], ...] = (
    list,
    lambda targets: targets[::-1],
    lambda targets: targets[::2] + targets[1::2],
    lambda targets: targets[len(targets) // 2 :] + targets[: len(targets) // 2],
    lambda targets: targets[1::2][::-1] + targets[::2],
    lambda targets: sorted(targets, key=lambda target: str(target)[::-1]),
)
_SMALL_BOOK = 2_000

Target = tuple[tuple[Cell, int], ...]


@dataclass
class Known:
    """What the keeper knows of each cell: its count, the minimum under which it may not be shown,
    and how far a shown number leaves it open (rounding). `fixed` are those that a source prints."""

    counts: dict[Cell, int] = field(default_factory=dict)
    minimum: dict[Cell, int] = field(default_factory=dict)
    spread: dict[Cell, tuple[int, int]] = field(default_factory=dict)
    fixed: set[Cell] = field(default_factory=set)


def find_cost(cell: Cell, count: int) -> float:
    """What a reader loses with a cell: more for a larger one, twice as much for a whole period,
    and most for a headline total, which no dimension divides."""
    cost = 1 + math.log2(1 + count)
    if "-" in cell.period and cell.depth:
        cost *= _WHOLE_PERIOD
    return cost * (_HEADLINE if cell.depth == 0 else 1)


def choose_hidden(book: Book, known: Known, small: Iterable[Cell]) -> set[Cell]:
    """The cells to hide: the small ones, and as few others as it takes.

    A small one that a source prints is not shown either, and protects nothing: it is known.

    Raises DisclosureError for a law that does not hold, or for a cell that nothing can save, naming
    tables and laws and never a count.
    """
    primary = set(small)
    problems = [_Problem(book, known, primary)]
    orders = _ORDERS if len(problems[0].counts) <= _SMALL_BOOK else _ORDERS[:1]
    problems += [_Problem(book, known, primary) for _ in orders[1:]]
    for problem, order in zip(problems, orders, strict=True):
        problem.solve(order)
    return min(problems, key=_Problem.find_total).hidden | primary


class _Problem:
    """The cells of which the count is known, the laws between them, and what is hidden so far.

    `pairs` holds, for each target, the cells in which its two books differ from the true one.
    """

    def __init__(self, book: Book, known: Known, primary: Iterable[Cell]) -> None:
        self.book, self.known = book, known
        self.counts = derive_counts(book, known.counts)
        shown = set(book.places.values())
        self.shown = shown & set(self.counts)
        self.primary = {cell for cell in primary if cell not in known.fixed}
        self.hidden = set(self.primary)
        self.laws = [law for law in book.laws if self._can_bind(law)]
        self.touching: dict[Cell, list[Law]] = {}
        for law in self.laws:
            for cell, _ in law.terms:
                self.touching.setdefault(cell, []).append(law)
        self.pairs: dict[Target, frozenset[Cell]] = {}
        self.implied = self._list_implied()

    def solve(self, order: Callable[[list[Target]], list[Target]]) -> None:
        """Protect every target, one after the other, and then show again what can be."""
        while missing := [t for t in self.list_targets() if t not in self.pairs]:
            for target in order(missing):
                self.protect(target)
        self.clear_up()

    def find_total(self) -> float:
        """What a reader loses beside the small cells."""
        return sum(find_cost(c, self.counts[c]) for c in self.hidden - self.primary)

    def _can_bind(self, law: Law) -> bool:
        if any(cell not in self.counts for cell, _ in law.terms):
            return False
        slack = sum(c * self.counts[cell] for cell, c in law.terms)
        return law.is_equal or slack < _REACH * len(law.terms)

    def list_targets(self) -> list[Target]:
        """Hidden cells, and differences of two shown ones of fewer people than the minimum."""
        hidden: list[Target] = [
            ((cell, 1),) for cell in sorted(self.hidden & set(self.counts), key=str)
        ]
        implied: list[Target] = [
            ((whole, 1), (part, -1))
            for whole, part in self.implied
            if not {whole, part} & self.hidden
        ]
        return hidden + implied

    def _list_implied(self) -> list[tuple[Cell, Cell]]:
        pairs = []
        for whole, part in self.book.find_nested(self.shown):
            rest = self.counts[whole] - self.counts[part]
            least = max(self.known.minimum.get(whole, 1), self.known.minimum.get(part, 1))
            is_open = any(self.known.spread.get(c, (0, 0)) != (0, 0) for c in (whole, part))
            if (0 if is_open else 1) <= rest < least and not {whole, part} <= self.known.fixed:
                pairs.append((whole, part))
        return pairs

    def protect(self, target: Target) -> None:
        """Hide what it takes for this target, looking near it first."""
        for hops in (2, 4, _ANYWHERE):
            moved = self._seek(target, self._find_near(target, hops))
            if moved is not None:
                self.pairs[target] = frozenset(moved)
                self.hidden |= self.shown.intersection(moved)
                return
        tables = self.book.list_tables(cell for cell, _ in target)
        raise DisclosureError(
            f"table {', '.join(tables)}: {' and '.join(str(cell) for cell, _ in target)} cannot be "
            "protected, whatever else is hidden; join it with another category"
        )

    def _find_near(
        self, target: Target, hops: int, barred: frozenset[Cell] = frozenset()
    ) -> list[Cell]:
        """The cells within so many laws of the target; what cannot move leads no further."""
        stuck = barred | self.known.fixed
        near = dict.fromkeys(cell for cell, _ in target)
        edge = list(near)
        for _ in range(hops):
            laws = {law: None for cell in edge for law in self.touching.get(cell, [])}
            edge = [
                cell
                for cell in dict.fromkeys(cell for law in laws for cell, _ in law.terms)
                if cell not in near and cell not in stuck
            ]
            if not edge:
                break
            near |= dict.fromkeys(edge)
        return list(near)

    def _seek(
        self, target: Target, near: list[Cell], barred: frozenset[Cell] = frozenset()
    ) -> list[Cell] | None:
        """The cells that move in the cheapest pair of books, or None where there is no pair.

        Variables: the shift of each cell in one book, in the other, and whether it is hidden.
        """
        size, place = len(near), {cell: number for number, cell in enumerate(near)}
        cost = np.array([0 if self._is_free(c) else find_cost(c, self.counts[c]) for c in near])
        low, high = np.array([self._find_limits(cell, barred) for cell in near]).T.astype(float)
        gate = np.array([0.0 if self._is_free(cell) or cell in barred else 1.0 for cell in near])
        gate *= [cell not in self.known.fixed for cell in near]
        rows = _Rows(3 * size)
        laws = {law for cell in near for law in self.touching.get(cell, [])}
        for law in laws:
            slack = sum(c * self.counts[cell] for cell, c in law.terms)
            terms = [(place[cell], c) for cell, c in law.terms if cell in place]
            for start in (0, size):
                rows.add([(start + i, c) for i, c in terms], -slack, 0 if law.is_equal else np.inf)
        for i, cell in enumerate(near):
            reach = _REACH
            down = min(reach, self.counts[cell])
            if gate[i]:
                for start in (0, size):
                    rows.add([(start + i, 1), (2 * size + i, -reach)], -np.inf, high[i])
                    rows.add([(start + i, 1), (2 * size + i, down)], low[i], np.inf)
                low[i], high[i] = -down, reach
        aim = [(place[c], k) for c, k in target] + [(size + place[c], -k) for c, k in target]
        rows.add(aim, REMAINING - 1, np.inf)
        found = milp(
            np.concatenate([np.zeros(2 * size), cost * gate]),
            integrality=np.ones(3 * size),
            bounds=Bounds(
                np.concatenate([low, low, np.zeros(size)]), np.concatenate([high, high, gate])
            ),
            constraints=rows.make(),
        )
        if found.x is None:
            return None
        shifts = np.rint(found.x[: 2 * size]).reshape(2, size)
        spread = [self.known.spread.get(cell, (0, 0)) for cell in near]
        return [
            cell
            for cell, shift, (least, most) in zip(near, shifts.T, spread, strict=True)
            if cell in self.hidden or shift.min() < least or shift.max() > most
            if shift.any()
        ]

    def _is_free(self, cell: Cell) -> bool:
        return cell in self.hidden or cell not in self.shown

    def _find_limits(self, cell: Cell, barred: frozenset[Cell]) -> tuple[int, int]:
        if self._is_free(cell) and cell not in barred and cell not in self.known.fixed:
            return -min(_REACH, self.counts[cell]), _REACH
        return self.known.spread.get(cell, (0, 0))

    def clear_up(self) -> None:
        """Show again what later choices have made needless, the dearest first."""
        secondary = sorted(
            self.hidden - self.primary, key=lambda c: (-find_cost(c, self.counts[c]), str(c))
        )
        for cell in secondary:
            self.hidden.discard(cell)
            old = dict(self.pairs)
            self.pairs.pop(((cell, 1),), None)
            if not self._holds_without(cell):
                self.hidden.add(cell)
                self.pairs = old

    def _holds_without(self, cell: Cell) -> bool:
        needed = [t for t in self.list_targets() if cell in self.pairs.get(t, {cell})]
        barred = frozenset(self.shown - self.hidden)
        for target in needed:
            moved = self._seek(target, self._find_near(target, _ANYWHERE, barred), barred)
            if moved is None:
                return False
            self.pairs[target] = frozenset(moved)
        return True


class _Rows:
    """Linear constraints, a row at a time."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.data: list[tuple[int, int, float]] = []
        self.low: list[float] = []
        self.high: list[float] = []

    def add(self, terms: Iterable[tuple[int, float]], low: float, high: float) -> None:
        self.data += [(len(self.low), column, value) for column, value in terms]
        self.low.append(low)
        self.high.append(high)

    def make(self) -> LinearConstraint:
        row, column, value = zip(*self.data, strict=True)
        shape = (len(self.low), self.width)
        matrix = coo_array((value, (row, column)), shape=shape).tocsr()
        return LinearConstraint(matrix, self.low, self.high)


def derive_counts(book: Book, counts: Mapping[Cell, int]) -> dict[Cell, int]:
    """The counts of all cells that follow from the given ones by the laws of equality.

    Raises DisclosureError with a line for each law that does not hold on them.
    """
    derived, waiting, faults = dict(counts), list(book.laws), []
    while True:
        rest = []
        for law in waiting:
            unknown = [(cell, c) for cell, c in law.terms if cell not in derived]
            total = sum(c * derived[cell] for cell, c in law.terms if cell in derived)
            if not unknown:
                if total < 0 or (total and law.is_equal):
                    tables = book.list_tables(cell for cell, _ in law.terms)
                    faults.append(f"{law.name}, tables {', '.join(tables)}")
            elif len(unknown) == 1 and law.is_equal:
                (cell, coefficient) = unknown[0]
                derived[cell] = -total // coefficient
            else:
                rest.append(law)
        if len(rest) == len(waiting):
            break
        waiting = rest
    if faults:
        raise DisclosureError(
            "what is declared to hold between counts does not:\n"
            + "\n".join(sorted(set(faults)))
            + "\ncorrect the declaration in data/codes/cells.csv or beside the tabulation"
        )
    return derived
