"""Secondary suppression: which cells must be hidden, over the whole book, so that no small one
follows.

For each cell that needs protection a pair of books is sought that both obey every law, agree
with all that is shown, and differ in that cell by R - 1 or more; then whoever attacks is left
with R integers or more. What must be hidden for it is chosen by integer programming (scipy's
HiGHS) at the least cost. After M. Fischetti and J. J. Salazar, Solving the cell suppression
problem on tabular data with linear constraints, Management Science 47 (2001), a target at a
time; cells that hang together by laws are one group, solved in several orders and then bettered
by leaving out one cell after the other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from helpers.disclosure.cells import PRINTED, Book, Cell, Law
from helpers.disclosure.rules import DisclosureError

# How many integers must remain for a hidden or implied cell.
REMAINING = 5
# How far a cell may move in the books that are sought: one up and the other down, as far as asked.
_REACH = REMAINING - 1
_HEADLINE, _WHOLE_PERIOD = 20.0, 2.0
_ANYWHERE = 1000
_WHOLE = 1e-6

# A target that comes first is served without regard to the later ones: in a group of some size
# several orders are tried until two agree on the cheapest.
_ORDERS: tuple[Callable[[list[Target]], list[Target]], ...] = (
    list,
    lambda targets: targets[::-1],
    lambda targets: targets[::2] + targets[1::2],
    lambda targets: targets[len(targets) // 2 :] + targets[: len(targets) // 2],
    lambda targets: targets[1::2][::-1] + targets[::2],
    lambda targets: sorted(targets, key=lambda target: str(target)[::-1]),
)
# Groups of more cells get one order; only in small ones is each hidden cell tried without.
_MANY, _FEW = 300, 40

Target = tuple[tuple[Cell, int], ...]


@dataclass
class Known:
    """What the keeper knows of each cell: its count, the minimum under which it may not be shown,
    and how far a shown number leaves it open (rounding).

    `fixed` are those that a source prints; `limits` how far a print in looser words leaves a cell
    open, shown or not; `frozen` those that an earlier bundle shows; `besides` differences that have
    to be protected beside those of this book's own cells; `weight` how much more a cell costs than
    one that stands in a single table of our own; `apart` are those that only earlier bundles count
    and hide: they may move, and the audit looks after them.
    """

    counts: dict[Cell, int] = field(default_factory=dict)
    minimum: dict[Cell, int] = field(default_factory=dict)
    spread: dict[Cell, tuple[int, int]] = field(default_factory=dict)
    fixed: set[Cell] = field(default_factory=set)
    limits: dict[Cell, tuple[int, int]] = field(default_factory=dict)
    frozen: set[Cell] = field(default_factory=set)
    besides: list[Target] = field(default_factory=list)
    weight: dict[Cell, float] = field(default_factory=dict)
    apart: set[Cell] = field(default_factory=set)


def find_cost(cell: Cell, count: int, weight: float = 1.0) -> float:
    """What a reader loses with a cell: more for a larger one, for one that stands in several tables
    or in a figure of the monitor (`weight`), twice as much for a whole period, and most for a
    headline total, which no dimension divides."""
    cost = weight * (1 + math.log2(1 + count))
    if "-" in cell.period and cell.depth:
        cost *= _WHOLE_PERIOD
    return cost * (_HEADLINE if cell.depth == 0 else 1)


def choose_hidden(book: Book, known: Known, small: Iterable[Cell]) -> set[Cell]:
    """The cells to hide: the small ones, and as few others as it takes.

    A small one that a source prints is not shown either, and protects nothing: it is known. One that
    follows from what sources print, whatever is hidden here, is left to the audit, which lists it.

    Raises DisclosureError for a law that does not hold, or for a cell that nothing can save, naming
    tables and laws and never a count.
    """
    primary = set(small)
    problem = _Problem(book, known, primary)
    problem.solve()
    return problem.hidden | primary


class _Problem:
    """The cells of which the count is known, the laws between them, and what is hidden so far.

    `pairs` holds, for each target, the cells in which its two books differ from the true one;
    `open` are cells that may not be hidden for now; `given` targets that sources print.
    """

    def __init__(self, book: Book, known: Known, primary: Iterable[Cell]) -> None:
        self.book, self.known = book, known
        self.counts = derive_counts(book, known.counts)
        shown = set(book.places.values())
        self.shown = shown & set(self.counts)
        self.stuck = known.fixed | known.frozen
        self.primary = {cell for cell in primary if cell not in self.stuck} | known.apart
        self.hidden = set(self.primary)
        self.laws = [law for law in book.laws if self._can_bind(law)]
        self.touching: dict[Cell, list[Law]] = {}
        for law in self.laws:
            for cell, _ in law.terms:
                self.touching.setdefault(cell, []).append(law)
        self.pairs: dict[Target, frozenset[Cell]] = {}
        self.open: frozenset[Cell] = frozenset()
        self.given: set[Target] = {((cell, 1),) for cell in known.apart}
        self.implied = self._list_implied()

    def solve(self) -> None:
        """Protect every target, group by group, and then show again what can be."""
        for group in self._list_groups():
            if self._list_missing(group):
                self._solve_group(group)

    def _list_groups(self) -> list[set[Cell]]:
        """The cells that hang together by laws through cells that can move, and by differences."""
        links: dict[Cell, list[Cell]] = {}
        for law in self.laws:
            moving = [cell for cell, _ in law.terms if cell not in self.stuck]
            for one, other in pairwise(moving):
                links.setdefault(one, []).append(other)
                links.setdefault(other, []).append(one)
        for target in (*self.implied, *self.known.besides):
            for (one, _), (other, _) in pairwise(target):
                links.setdefault(one, []).append(other)
                links.setdefault(other, []).append(one)
        groups, seen = [], set[Cell]()
        for start in sorted({*links, *self.hidden}, key=str):
            if start in seen:
                continue
            group, edge = {start}, [start]
            while edge:
                new = [cell for cell in links.get(edge.pop(), []) if cell not in group]
                group |= set(new)
                edge += new
            seen |= group
            groups.append(group)
        return groups

    def _solve_group(self, group: set[Cell]) -> None:
        start = set(self.hidden), dict(self.pairs)
        best, agreed = None, 0
        for order in _ORDERS if len(group) <= _MANY else _ORDERS[:1]:
            self.hidden, self.pairs = set(start[0]), dict(start[1])
            self._fill(group, order)
            self._clear_up(group)
            total = self.find_total()
            if best is None or total < best[0] - _WHOLE:
                best, agreed = (total, self.hidden, self.pairs), 1
            elif total <= best[0] + _WHOLE:
                agreed += 1
            if agreed > 1:
                break
        assert best is not None  # there is always a first order
        _, self.hidden, self.pairs = best
        if len(group) <= _FEW:
            self._better(group)

    def _fill(self, group: set[Cell], order: Callable[[list[Target]], list[Target]]) -> None:
        while missing := self._list_missing(group):
            for target in order(missing):
                self.protect(target)

    def _list_missing(self, group: set[Cell]) -> list[Target]:
        done = self.given.union(self.pairs)
        return [t for t in self.list_targets(group) if t not in done]

    def _better(self, group: set[Cell]) -> None:
        """Seek a cheaper choice without one of the cells that were chosen, the dearest first, as
        long as there is one."""
        tried: set[Cell] = set()
        while rest := self._sort_secondary(group, tried):
            cell, old = rest[0], (self.find_total(), self.hidden, self.pairs)
            tried.add(cell)
            for keep in (True, False):
                self.open = frozenset({cell})
                self.hidden = {c for c in old[1] if c in self.primary or (keep and c != cell)}
                self.hidden |= old[1] - group
                self.pairs = {t: p for t, p in old[2].items() if p & self.shown <= self.hidden}
                try:
                    self._fill(group, list)
                    self._clear_up(group)
                except DisclosureError:
                    self.hidden, self.pairs = old[1:]
                if self.find_total() < old[0] - _WHOLE:
                    tried = {cell}
                    break
                self.hidden, self.pairs = old[1:]
            self.open = frozenset()

    def _sort_secondary(self, group: set[Cell], without: set[Cell]) -> list[Cell]:
        secondary = (self.hidden & group) - self.primary - without
        return sorted(secondary, key=lambda c: (-self._find_cost(c), str(c)))

    def find_total(self) -> float:
        """What a reader loses beside the small cells."""
        return sum(self._find_cost(c) for c in sorted(self.hidden - self.primary, key=str))

    def _find_cost(self, cell: Cell) -> float:
        return find_cost(cell, self.counts[cell], self.known.weight.get(cell, 1.0))

    def _can_bind(self, law: Law) -> bool:
        if any(cell not in self.counts for cell, _ in law.terms):
            return False
        slack = sum(c * self.counts[cell] for cell, c in law.terms)
        return law.is_equal or slack < _REACH * sum(abs(c) for _, c in law.terms)

    def list_targets(self, group: set[Cell] | None = None) -> list[Target]:
        """Hidden cells, and differences of two shown ones of fewer people than the minimum."""
        hidden: list[Target] = [
            ((cell, 1),) for cell in sorted(self.hidden & set(self.counts), key=str)
        ]
        both = (*self.implied, *self.known.besides)
        implied = [t for t in both if not self.hidden.intersection(cell for cell, _ in t)]
        found = [*hidden, *dict.fromkeys(implied)]
        return found if group is None else [t for t in found if t[0][0] in group]

    def _list_implied(self) -> list[Target]:
        pairs: list[Target] = []
        for whole, part in self.book.find_nested(self.shown):
            rest = self.counts[whole] - self.counts[part]
            least = max(self.known.minimum.get(whole, 1), self.known.minimum.get(part, 1))
            is_open = any(self.known.spread.get(c, (0, 0)) != (0, 0) for c in (whole, part))
            if (0 if is_open else 1) <= rest < least and not {whole, part} <= self.stuck:
                pairs.append(((whole, 1), (part, -1)))
        return pairs

    def protect(self, target: Target) -> None:
        """Hide what it takes for this target, looking near it first."""
        for hops in (2, 4, _ANYWHERE):
            moved = self._seek(target, self._find_near(target, hops))
            if moved is not None:
                self.pairs[target] = frozenset(moved)
                self.hidden |= self.shown.intersection(moved)
                return
        if len(target) > 1 and not sum(k * self.counts[cell] for cell, k in target):
            # Everybody of the whole is in the part: the rules tell, and nobody is between the two.
            self.given.add(target)
            return
        if not self.open and self._is_given(target):
            self.given.add(target)
            return
        tables = self.book.list_tables(cell for cell, _ in target)
        raise DisclosureError(
            f"table {', '.join(tables)}: {' and '.join(str(cell) for cell, _ in target)} cannot be "
            "protected, whatever else is hidden; join it with another category"
        )

    def _is_given(self, target: Target) -> bool:
        """True where the target would have its books if no source had printed anything."""
        known, stuck, touching = self.known, self.stuck, self.touching
        self.known = Known(known.counts, known.minimum, known.spread, frozen=known.frozen)
        self.stuck = known.frozen
        self.touching = {
            cell: [law for law in laws if not law.name.startswith(PRINTED)]
            for cell, laws in touching.items()
        }
        is_given = self._seek(target, self._find_near(target, _ANYWHERE)) is not None
        self.known, self.stuck, self.touching = known, stuck, touching
        return is_given

    def _find_near(
        self, target: Target, hops: int, barred: frozenset[Cell] = frozenset()
    ) -> list[Cell]:
        """The cells within so many laws of the target; what cannot move leads no further."""
        stuck = barred | self.stuck
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

        Variables: the shift of each cell in one book, in the other, and whether it is hidden. Shifts
        are sought as fractions first, since whole margins mostly make them whole; where they are
        not, once more as whole numbers.
        """
        size = len(near)
        program = self._write_program(target, near, barred | self.open)
        found = _solve(program, size, is_whole=False)
        if (
            found is not None
            and np.abs(found[: 2 * size] - np.rint(found[: 2 * size])).max() > _WHOLE
        ):
            found = _solve(program, size, is_whole=True)
        if found is None:
            return None
        shifts = np.rint(found[: 2 * size]).reshape(2, size)
        spread = [self.known.spread.get(cell, (0, 0)) for cell in near]
        return [
            cell
            for cell, shift, (least, most) in zip(near, shifts.T, spread, strict=True)
            if cell in self.hidden or shift.min() < least or shift.max() > most
            if shift.any()
        ]

    def _write_program(self, target: Target, near: list[Cell], barred: frozenset[Cell]) -> _Program:
        size, place = len(near), {cell: number for number, cell in enumerate(near)}
        cost = np.array([0 if self._is_free(c) else self._find_cost(c) for c in near])
        limits = [self._find_limits(cell, barred) for cell in near]
        low, high = np.array(limits, dtype=float).T
        gate = np.array(
            [
                0.0 if self._is_free(cell) or cell in barred or cell in self.stuck else 1.0
                for cell in near
            ]
        )
        rows = _Rows(3 * size)
        for law in {law: None for cell in near for law in self.touching.get(cell, [])}:
            slack = sum(c * self.counts[cell] for cell, c in law.terms)
            terms = [(place[cell], c) for cell, c in law.terms if cell in place]
            for start in (0, size):
                rows.add([(start + i, c) for i, c in terms], -slack, 0 if law.is_equal else np.inf)
        for i, cell in enumerate(near):
            if not gate[i]:
                continue
            down, up = self._find_reach(cell)
            for start in (0, size):
                rows.add([(start + i, 1), (2 * size + i, -max(up, 0))], -np.inf, high[i])
                rows.add([(start + i, 1), (2 * size + i, max(-down, 0))], low[i], np.inf)
            low[i], high[i] = min(down, low[i]), max(up, high[i])
        aim = [(place[c], k) for c, k in target] + [(size + place[c], -k) for c, k in target]
        rows.add(aim, REMAINING - 1, np.inf)
        bounds = Bounds(
            np.concatenate([low, low, np.zeros(size)]), np.concatenate([high, high, gate])
        )
        return _Program(np.concatenate([np.zeros(2 * size), cost * gate]), bounds, rows.make())

    def _is_free(self, cell: Cell) -> bool:
        return cell in self.hidden or cell not in self.shown

    def _find_reach(self, cell: Cell) -> tuple[int, int]:
        """How far a hidden cell may move."""
        low, high = self.known.limits.get(cell, (-_REACH, _REACH))
        return max(-min(_REACH, self.counts[cell]), low), min(_REACH, high)

    def _find_limits(self, cell: Cell, barred: frozenset[Cell]) -> tuple[int, int]:
        if self._is_free(cell) and cell not in barred and cell not in self.stuck:
            return self._find_reach(cell)
        return self.known.spread.get(cell, (0, 0))

    def _clear_up(self, group: set[Cell]) -> None:
        """Show again what later choices have made needless, the dearest first."""
        for cell in self._sort_secondary(group, set()):
            self.hidden.discard(cell)
            old = dict(self.pairs)
            self.pairs.pop(((cell, 1),), None)
            if not self._holds_without(cell, group):
                self.hidden.add(cell)
                self.pairs = old

    def _holds_without(self, cell: Cell, group: set[Cell]) -> bool:
        targets = (t for t in self.list_targets(group) if t not in self.given)
        needed = [t for t in targets if cell in self.pairs.get(t, {cell})]
        barred = frozenset(self.shown - self.hidden)
        for target in needed:
            moved = self._seek(target, self._find_near(target, _ANYWHERE, barred), barred)
            if moved is None:
                return False
            self.pairs[target] = frozenset(moved)
        return True


@dataclass(frozen=True)
class _Program:
    cost: np.ndarray
    bounds: Bounds
    rules: LinearConstraint


def _solve(program: _Program, size: int, *, is_whole: bool) -> np.ndarray | None:
    whole = np.concatenate([np.full(2 * size, float(is_whole)), np.ones(size)])
    found = milp(program.cost, integrality=whole, bounds=program.bounds, constraints=program.rules)
    return found.x


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
