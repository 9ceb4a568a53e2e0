"""Secondary suppression: which cells must be hidden, over the whole book, so that no small one
follows.

For each cell that needs protection a pair of books is sought that both obey every law, agree
with all that is shown, and differ in that cell by R - 1 or more; then whoever attacks is left
with R integers or more. What must be hidden for it is chosen by integer programming (scipy's
HiGHS) at the least cost. After M. Fischetti and J. J. Salazar, Solving the cell suppression
problem on tabular data with linear constraints, Management Science 47 (2001), a target at a
time; cells that hang together by laws are one group, solved in several orders and then bettered
by leaving out one cell after the other. Books that were found are kept: two of them that agree with
all that is shown serve every target in which they differ enough, and nothing is solved for it.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise, product
from typing import Any

import numpy as np
import scipy

from helpers.disclosure.cells import (
    PRINTED,
    SOMEBODY,
    Book,
    Cell,
    Law,
    Sum,
    group_equal,
    list_left,
)
from helpers.disclosure.rules import REMAINING, DisclosureError
from helpers.disclosure.solver import Rules, solve

# So many cells a difference has; a sum of more is not wide because one of them is hidden.
_PAIR = 2
# How far a cell may move in the books that are sought: one up and the other down, as far as asked.
_REACH = REMAINING - 1
# The least and the most of a sum.
_BOTH = (1, -1)
_HEADLINE, _WHOLE_PERIOD = 20.0, 2.0
# The size of what counts fewer than eight, a factor of four being one.
_SMALLEST = 2
# A chance is one of so many.
_CHANCES = 2**64
_ANYWHERE = 1000
_WHOLE = 1e-6
# What a cell that moves costs beside what the target gains: books in which nothing moves needlessly.
_STILL = 1e-5
# So many laws away books are sought first.
_NEAR = 4
# What is known of the cells, for a while put aside: `_can_move_beside`.
_SIGHT = (
    "known",
    "stuck",
    "touching",
    "entries",
    "spread",
    "reach",
    "is_stuck",
    "found",
    "sought",
    "left",
)
# Of so many targets books are sought that serve many at once, until so many times hardly any was.
_OFTEN, _IDLE = 4, 2
# So many programs, times the cells of the group, are solved to show cells again.
_CLEARING = 50_000
# So often every law narrows what the others leave, before anything is solved.
_ROUNDS = 5

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

Target = Sum


@dataclass
class Known:
    """What the keeper knows of each cell: its count, the minimum under which it may not be shown,
    and how far a shown number leaves it open (rounding).

    `fixed` are those that a source prints; `limits` how far a print in looser words leaves a cell
    open, shown or not; `frozen` those that an earlier bundle shows; `besides` sums that have to be
    protected beside the differences of this book's own cells, each with the minimum from which on it
    may be known; `weight` how much more a cell costs than one that stands in a single table of our
    own; `apart` are those that only earlier bundles count and hide, `kept` those that this one counts
    too, and `likely` cells of the same kind: they are hidden from the start, as are the cells of
    `veiled` that are not to be told from small ones. From the `secret`, which only who has the
    registers knows, follows what is left to chance.
    """

    counts: dict[Cell, int] = field(default_factory=dict)
    minimum: dict[Cell, int] = field(default_factory=dict)
    spread: dict[Cell, tuple[int, int]] = field(default_factory=dict)
    fixed: set[Cell] = field(default_factory=set)
    limits: dict[Cell, tuple[int, int]] = field(default_factory=dict)
    frozen: set[Cell] = field(default_factory=set)
    besides: dict[Target, int] = field(default_factory=dict)
    weight: dict[Cell, float] = field(default_factory=dict)
    apart: set[Cell] = field(default_factory=set)
    kept: set[Cell] = field(default_factory=set)
    likely: set[Cell] = field(default_factory=set)
    veiled: set[Cell] = field(default_factory=set)
    secret: str = ""


def find_cost(cell: Cell, count: int, weight: float = 1.0, chance: float = 0.0) -> float:
    """What a reader loses with a cell: more for a larger one, for one that stands in several tables
    or in a figure of the monitor (`weight`), twice as much for a whole period, and most for a
    headline total, which no dimension divides.

    Of a size only the power of four counts, the nearest below or above by chance, the smallest not at
    all, and of like ones chance decides: everybody may read how cells are chosen, and where each
    person counted, or who attacks knew the costs, the choice would tell of the counts."""
    size = math.floor(math.log(max(count, 1), 4) + chance + 0.5)
    cost = weight * (2 * max(size, _SMALLEST) - 1) + chance / 2
    if "-" in cell.period and cell.depth:
        cost *= _WHOLE_PERIOD
    return cost * (_HEADLINE if cell.depth == 0 else 1)


def draw_chance(secret: str, what: str, cell: Cell) -> float:
    """A number from 0 up to 1 for a cell, always the same by the same secret, and open without it."""
    digest = hashlib.blake2b(f"{what} {cell}".encode(), key=secret.encode(), digest_size=8).digest()
    return int.from_bytes(digest) / _CHANCES


def choose_hidden(
    book: Book, known: Known, small: Iterable[Cell], *, done: Collection[Cell] = ()
) -> set[Cell]:
    """The cells to hide: the small ones, and as few others as it takes. Those that are `done` were
    protected before, and so was all that follows from what is shown; only the rest is.

    A small one that a source prints is not shown either, and protects nothing: it is known. One that
    follows from what sources print, whatever is hidden here, is left to the audit, which lists it.

    Raises DisclosureError for a law that does not hold, or for a cell that nothing can save, naming
    tables and laws and never a count.
    """
    primary = set(small)
    problem = _Problem(book, known, primary)
    problem.skip(done)
    problem.solve()
    while few := problem.list_few_left():
        problem.add_targets(few)
        problem.solve()
    return problem.hidden | primary


class _Problem:
    """The cells of which the count is known, the laws between them, and what is hidden so far.

    `pairs` holds, for each target, the cells in which its two books differ from the true one;
    `plain` what was hidden when a sum was seen to be of nobody, or of enough people, in all books;
    `open` are cells that may not be hidden for now; `asked` how far the two books of a target have to
    differ where prints and earlier bundles allow no more, `given` those of which they leave nothing
    open; `found` the books that were found for the targets of a group, `sought` for what.
    """

    def __init__(self, book: Book, known: Known, primary: Iterable[Cell]) -> None:
        self.book, self.known = book, known
        self.counts = derive_counts(book, known.counts)
        self.cells = sorted(self.counts, key=str)
        self.rank = {cell: place for place, cell in enumerate(self.cells)}
        shown = set(book.places.values())
        self.shown = shown & set(self.counts)
        self.stuck = known.fixed | known.frozen
        self.primary = {*primary, *known.veiled} - self.stuck | known.apart
        self.hidden = self.primary | (known.likely & self.shown) - self.stuck
        self.laws = list(dict.fromkeys(law for law in book.laws if self._can_bind(law)))
        self._tabulate()
        self.pairs: dict[Target, frozenset[Cell]] = {}
        self.n_solved = 0
        self.open: frozenset[Cell] = frozenset()
        self.given: set[Target] = set()
        self.asked: dict[Target, int] = {}
        self.plain: dict[Target, np.ndarray] = {}
        self.sights: dict[int, dict[str, Any]] = {}
        self.costs: dict[Cell, float] = {}
        self.least: dict[Target, int] = {}
        self.add_targets(known.besides | dict(self._list_implied()))

    def skip(self, done: Collection[Cell]) -> None:
        """Take these hidden cells, and differences of shown ones, to be protected."""
        self.given |= {((cell, 1),) for cell in done}
        if done:
            self.given |= set(self.least) - set(self.known.besides)

    def add_targets(self, least: Mapping[Target, int]) -> None:
        """Sums to be protected beside the hidden cells, with the minimum of each."""
        self.least |= least
        self.implied = list(self.least)
        self.implied_by: dict[Cell, list[int]] = {}
        for number, target in enumerate(self.implied):
            for cell, _ in target:
                self.implied_by.setdefault(cell, []).append(number)

    def _tabulate(self) -> None:
        """The laws as a matrix, and what is known of each cell as columns, by its rank; `touching`
        are the laws of each cell."""
        entries = [
            (n, self.rank[cell], k) for n, law in enumerate(self.laws) for cell, k in law.terms
        ]
        self.entries = np.array(entries, int).reshape(-1, 3).T
        row, column, value = self.entries
        shape = (len(self.laws), len(self.cells))
        self.matrix = scipy.sparse.coo_array(
            (value.astype(float), (row, column)), shape=shape
        ).tocsr()
        self.slack = self.matrix @ np.array([self.counts[cell] for cell in self.cells], float)
        self.is_equal = np.array([law.is_equal for law in self.laws], bool)
        self.touching: list[list[int]] = [[] for _ in self.cells]
        for number, place, _ in entries:
            self.touching[place].append(number)
        self.is_shown = self._mark(self.shown)
        self.marked = set[Cell](), np.zeros(len(self.cells), bool)
        self._limit()

    def _limit(self) -> None:
        """How far shown and hidden cells may move, and which may not."""
        counts = np.array([self.counts[cell] for cell in self.cells], float)
        self.spread = np.array([self._find_spread(cell) for cell in self.cells], float)
        self.reach = np.column_stack([-np.minimum(counts, _REACH), np.full(len(counts), _REACH)])
        for cell, (low, high) in self.known.limits.items():
            if (place := self.rank.get(cell)) is not None:
                least, most = self.reach[place]
                self.reach[place] = max(least, low), min(most, high)
        self.is_stuck = self._mark(self.stuck)
        self.found, self.sought = _Found(self.spread, self.is_shown), set[Any]()
        # What laws leave of each cell with these hidden, and with all of them.
        self.left = dict.fromkeys((False, True), (b"", self.reach))
        self.all = np.ones(len(self.cells), bool)

    def _mark(self, cells: Collection[Cell]) -> np.ndarray:
        """True for these cells, by rank."""
        marked = np.zeros(len(self.cells), bool)
        find = self.rank.get
        marked[[place for place in map(find, cells) if place is not None]] = True
        return marked

    def _mark_hidden(self) -> np.ndarray:
        """True for the cells that are hidden, by rank; only what changed is looked up."""
        before, marked = self.marked
        if changed := before ^ self.hidden:
            self.marked = set(self.hidden), marked ^ self._mark(changed)
        return self.marked[1]

    def solve(self) -> None:
        """Protect every target, group by group, and then show again what can be."""
        for group in self._list_groups():
            if self._list_missing(group):
                self._solve_group(group)

    def list_few_left(self) -> dict[Target, int]:
        """The sums of hidden cells that the shown cells of a law leave and that are of a few people,
        with the minimum of each, as far as nothing was sought for them yet: 952 less all shown regions
        were the four people of two hidden ones."""
        few: dict[Target, int] = {}
        for _, cells in list_left(self.laws, self.hidden):
            terms = tuple((cell, 1) for cell in cells)
            least = max(self.known.minimum.get(cell, 1) for cell, _ in terms)
            if terms not in self.least and 0 < sum(self.counts[cell] for cell, _ in terms) < least:
                few[terms] = least
        return few

    def _list_groups(self) -> list[set[Cell]]:
        """The cells that hang together by laws through cells that can move, and by differences."""
        links: dict[Cell, list[Cell]] = {}
        for law in self.laws:
            moving = [cell for cell, _ in law.terms if cell not in self.stuck]
            for one, other in pairwise(moving):
                links.setdefault(one, []).append(other)
                links.setdefault(other, []).append(one)
        for target in self.implied:
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
        self.found, self.sought = _Found(self.spread, self.is_shown), set[Any]()
        best, agreed = None, 0
        for order in _ORDERS if len(group) <= _MANY else _ORDERS[:1]:
            self.hidden, self.pairs = set(start[0]), dict(start[1])
            self._fill(group, order)
            self._clear_up(group)
            total = self._find_total(group)
            if best is None or total < best[0] - _WHOLE:
                best, agreed = (total, self.hidden, self.pairs), 1
            elif total <= best[0] + _WHOLE:
                agreed += 1
            if agreed > 1 or total <= _WHOLE:  # there is nothing to better
                break
        assert best is not None  # there is always a first order
        _, self.hidden, self.pairs = best
        if len(group) <= _FEW:
            self._better(group)

    def _fill(self, group: set[Cell], order: Callable[[list[Target]], list[Target]]) -> None:
        self._pull_apart(self._list_missing(group))
        while missing := self._list_missing(group):
            for target in order(missing):
                self.protect(target)

    def _list_missing(self, group: set[Cell]) -> list[Target]:
        done, hidden = self.given.union(self.pairs), self._mark_hidden()
        return [
            target
            for target in self._list_targets(group)
            if target not in done
            and (target not in self.plain or (hidden & ~self.plain[target]).any())
        ]

    def _better(self, group: set[Cell]) -> None:
        """Seek a cheaper choice without one of the cells that were chosen, the dearest first, as
        long as there is one."""
        tried: set[Cell] = set()
        while rest := self._sort_secondary(group, tried):
            cell, old = rest[0], (self._find_total(group), self.hidden, self.pairs)
            tried.add(cell)
            for keep in (True, False):
                self.open = frozenset({cell})
                self.hidden = {c for c in old[1] if c in self.primary or (keep and c != cell)}
                self.hidden |= old[1] - group
                self.pairs = {
                    t: p
                    for t, p in old[2].items()
                    if t[0][0] not in group or p & self.shown <= self.hidden
                }
                try:
                    self._fill(group, list)
                    self._clear_up(group)
                except DisclosureError:
                    self.hidden, self.pairs = old[1:]
                if self._find_total(group) < old[0] - _WHOLE:
                    tried = {cell}
                    break
                self.hidden, self.pairs = old[1:]
            self.open = frozenset()

    def _sort_secondary(self, group: set[Cell], without: set[Cell]) -> list[Cell]:
        secondary = (self.hidden & group) - self.primary - without
        return sorted(secondary, key=lambda c: (-self._find_cost(c), str(c)))

    def _find_total(self, group: set[Cell]) -> float:
        """What a reader loses in the group beside the small cells."""
        return sum(map(self._find_cost, self._sort_secondary(group, set())))

    def _price(self, cells: Collection[Cell]) -> float:
        """What hiding these costs beside what is hidden."""
        return sum(self._find_cost(cell) for cell in cells if cell not in self.hidden)

    def _find_cost(self, cell: Cell) -> float:
        if cell not in self.costs:
            weight = self.known.weight.get(cell, 1.0)
            chance = draw_chance(self.known.secret, "cost", cell)
            self.costs[cell] = find_cost(cell, self.counts[cell], weight, chance)
        return self.costs[cell]

    def _can_bind(self, law: Law) -> bool:
        if any(cell not in self.counts for cell, _ in law.terms):
            return False
        slack = sum(c * self.counts[cell] for cell, c in law.terms)
        return law.is_equal or slack < _REACH * sum(abs(c) for _, c in law.terms)

    def _list_targets(self, group: set[Cell]) -> list[Target]:
        """Hidden cells of the group, and differences of two shown ones of fewer people than the
        minimum."""
        there = (cell for cell in self.hidden & group if cell in self.rank)
        hidden: list[Target] = [((c, 1),) for c in sorted(there, key=self.rank.__getitem__)]
        numbers = sorted({n for cell in group for n in self.implied_by.get(cell, ())})
        implied = [self.implied[number] for number in numbers]
        return [*hidden, *filter(self._is_target, implied)]

    def _is_target(self, target: Target) -> bool:
        """True for a hidden cell, for a difference of shown ones, and for a longer sum: what is hidden
        of it can make up for each other."""
        if target not in self.least:
            return target[0][0] in self.hidden
        is_sum = len(target) > 1 and all(k > 0 for _, k in target)
        return is_sum or len(target) > _PAIR or self.hidden.isdisjoint(cell for cell, _ in target)

    def _list_implied(self) -> Iterator[tuple[Target, int]]:
        """Differences of two shown cells that may be of too few people by what is shown of both, and
        the minimum of each; not where all of the whole is in the part by what is shown, since nobody
        is between them. One that is far above the minimum is so in each of too few values."""
        equal = self._join_equal()
        for whole, part in self.book.find_nested(self.shown):
            if equal.get(whole, whole) == equal.get(part, part):
                continue
            rest = self.counts[whole] - self.counts[part]
            least = max(self.known.minimum.get(whole, 1), self.known.minimum.get(part, 1))
            (fewest, most), (low, high) = map(self._find_spread, (whole, part))
            is_exact = fewest == most == low == high == 0
            if is_exact and {whole, part} <= self.stuck:
                continue
            if rest + fewest - high < least and rest + most - low > 0 and is_near(rest, least):
                yield ((whole, 1), (part, -1)), least

    def _join_equal(self) -> dict[Cell, Cell]:
        """For each cell that equals another, because all else that adds up to it is shown as nought,
        one that stands for all of them."""
        nobody = {c for c in self.shown if not self.counts[c] and not any(self._find_spread(c))}
        groups = group_equal(self.laws, nobody)
        return {cell: min(group, key=str) for cell, group in groups.items()}

    def _find_spread(self, cell: Cell) -> tuple[int, int]:
        """How far what is shown of the cell, and what a source prints of it, leaves it open."""
        low, high = self.known.spread.get(cell, (0, 0))
        least, most = self.known.limits.get(cell, (low, high))
        return max(low, least), min(high, most)

    def protect(self, target: Target) -> None:
        """Hide what it takes for this target: nothing where what is hidden already serves it, else
        what is near it first; what would cost a headline is sought further away too.

        Raises DisclosureError for one that nothing can save.
        """
        if self._is_served(target):
            return
        found = []
        is_end = self.is_stuck | (np.ptp(self._find_limits(self.all), axis=1) == 0)
        for hops in (2, 4, _ANYWHERE) if self._may_stretch(target, self.all) else ():
            moved = self._seek(target, self._find_near(target, hops, is_end))
            if moved is not None:
                found.append(moved)
                if all(cell.depth for cell in moved - self.hidden):
                    break
        if found:
            self.pairs[target] = min(found, key=self._price)
            self.hidden |= self.pairs[target]
            return
        if self.open or target in self.asked or not self._is_known_elsewhere(target):
            if self._unveil(target):
                return
            tables = self.book.list_tables(cell for cell, _ in target)
            raise DisclosureError(
                f"table {', '.join(tables) or 'none'}: {' and '.join(str(c) for c, _ in target)} "
                "cannot be protected, whatever else is hidden; join it with another category"
            )
        self.asked[target] = self._find_most(target)
        if self.asked[target]:
            self.protect(target)
        else:
            self.given.add(target)

    def _unveil(self, target: Target) -> bool:
        """True for a veiled cell, which is shown then: what it counts follows from laws."""
        cells = {cell for cell, _ in target} & self.known.veiled - set(self.open)
        if target in self.least or not cells:
            return False
        self.hidden -= cells
        self.primary -= cells
        return True

    def _is_served(self, target: Target) -> bool:
        """True where nothing more has to be hidden for this target, which is written down."""
        moved = self._stretch(target)
        if moved is not None:
            self.pairs[target] = moved
        elif self._is_plain(target):
            self.pairs.pop(target, None)
            self.plain[target] = self._mark_hidden().copy()
        else:
            return False
        return True

    def _is_plain(self, target: Target) -> bool:
        """True for a sum that by all that is shown is of nobody, or of enough people."""
        if target not in self.least:
            return False
        count = sum(k * self.counts[cell] for cell, k in target)
        if 0 < count < self.least[target]:
            return False  # it is of a few: they are in the true book
        hidden, sign = self._mark_hidden(), 1 if count > 0 else -1
        for find in (self._find_left, partial(self._find_range, sign=sign)):
            low, high = find(target, hidden)
            if count + high <= 0 or count + low >= self.least[target]:
                return True
        return False

    def _is_known_elsewhere(self, target: Target) -> bool:
        """True where prints are why the target has no two books, or these and what earlier bundles
        show: whatever is hidden here, that is known, as is what laws leave of the cells of earlier
        bundles. A small cell that none of them has is not to follow from these: it can be joined with
        another."""
        theirs = self.known.kept | self.known.apart
        if all(cell in theirs for cell, _ in target):
            return True
        is_small = any(cell in self.primary - theirs for cell, _ in target)
        without = [self.known.frozen] if is_small else [self.known.frozen, set[Cell]()]
        return any(self._can_move_beside(target, frozen) for frozen in without)

    def _can_move_beside(self, target: Target, frozen: set[Cell]) -> bool:
        """True where the target would have its books if no source had printed anything, and earlier
        bundles showed these cells alone."""
        own = {name: vars(self)[name] for name in _SIGHT}
        if len(frozen) not in self.sights:
            known = self.known
            self.known = Known(known.counts, known.minimum, known.spread, frozen=frozen)
            self.stuck = frozen | {SOMEBODY}
            is_own = [not law.name.startswith(PRINTED) for law in self.laws]
            self.touching = [[n for n in laws if is_own[n]] for laws in self.touching]
            self.entries = self.entries[:, np.array(is_own)[self.entries[0]]]
            self._limit()
            self.sights[len(frozen)] = {name: vars(self)[name] for name in _SIGHT}
        vars(self).update(self.sights[len(frozen)])
        can_move = self._find_most(target) == REMAINING - 1
        vars(self).update(own)
        return can_move

    def _find_most(self, target: Target) -> int:
        """How much of what is asked the two books of the target differ by if everything is hidden."""
        low, high = self._find_left(target, self.all)
        limit, most = min(round(high - low), REMAINING - 1), 0
        for hops, sign in product((_NEAR, _ANYWHERE), _BOTH):
            if most < limit:
                least, largest = self._find_range(target, self.all, sign, hops)
                most = min(largest - least, REMAINING - 1)
        return most

    def _find_range(
        self, target: Target, hidden: np.ndarray, sign: int, hops: int = _ANYWHERE
    ) -> tuple[int, int]:
        """How far below (`sign` 1) or above (-1) its true value a sum can be if these are hidden; of
        the other end what is known."""
        self._find_end(target, hidden, sign, hops, is_far=True)
        return self.found.find_range(*self._split(target), hidden)

    def _find_near(self, target: Target, hops: int, is_end: np.ndarray) -> np.ndarray:
        """The ranks of the cells within so many laws of the target, its own first, without those that
        lead no further."""
        is_seen = is_end.copy()
        near = edge = [self.rank[cell] for cell, _ in target]
        is_seen[near] = True
        laws = set[int]()
        for _ in range(hops):
            new = sorted({n for place in edge for n in self.touching[place]} - laws)
            laws.update(new)
            touched = np.unique(self.matrix[new].indices) if new else np.array([], int)
            edge = touched[~is_seen[touched]].tolist()
            if not edge:
                break
            is_seen[edge] = True
            near = near + edge
        return np.array(near)

    def _stretch(self, target: Target) -> frozenset[Cell] | None:
        """The cells that move in two books by which the target has enough values though nothing more
        is hidden, or None where there are none: those with the most and with the least of it."""
        hidden = self._mark_hidden()
        moved = self._find_pair(target, hidden)
        if moved is None and self._may_stretch(target):
            ways = (False, True) if target in self.least else (False,)
            for is_far, sign in product(ways, _BOTH):
                self._find_end(target, hidden, sign, is_far=is_far)
                moved = self._find_pair(target, hidden)
                if moved is not None:
                    break
        return None if moved is None else self._name(moved)

    def _may_stretch(self, target: Target, hidden: np.ndarray | None = None) -> bool:
        """False where one law after the other leaves the target too narrow: nothing is solved then."""
        low, high = self._find_left(target, self._mark_hidden() if hidden is None else hidden)
        return high - low >= self.asked.get(target, REMAINING - 1)

    def _find_left(self, target: Target, hidden: np.ndarray) -> tuple[float, float]:
        """How far below and above its true value one law after the other leaves a sum."""
        ranks, weights = self._split(target)
        ends = np.sort(self._find_limits(hidden)[ranks] * weights[:, None], axis=1)
        low, high = ends.sum(axis=0)
        return float(low), float(high)

    def _find_limits(self, hidden: np.ndarray) -> np.ndarray:
        """How far each cell may move if these are hidden, as one law after the other leaves it."""
        is_all = hidden is self.all
        if self.left[is_all][0] != hidden.tobytes():
            is_free = (hidden | ~self.is_shown) & ~self.is_stuck
            limits = np.where(is_free[:, None], self.reach, self.spread)
            self.left[is_all] = hidden.tobytes(), self._narrow(limits)
        return self.left[is_all][1]

    def _narrow(self, limits: np.ndarray) -> np.ndarray:
        """The limits by what each law leaves of one cell beside those of its others, a few times."""
        (row, column, value), (low, high) = self.entries, limits.T.copy()
        least, most = -self.slack, np.where(self.is_equal, 0, np.inf) - self.slack
        is_up = value > 0
        for _ in range(_ROUNDS):
            first = value * np.where(is_up, low[column], high[column])
            last = value * np.where(is_up, high[column], low[column])
            sums = [np.bincount(row, ends, len(least)) for ends in (first, last)]
            below = ((least - sums[1])[row] + last) / value
            above = ((most - sums[0])[row] + first) / value
            np.maximum.at(low, column, np.ceil(np.where(is_up, below, above) - _WHOLE))
            np.minimum.at(high, column, np.floor(np.where(is_up, above, below) + _WHOLE))
        return np.column_stack([low, high])

    def _pull_apart(self, targets: Collection[Target]) -> list[Target]:
        """Those of the targets that still have no two books after books were sought that lie far from
        each other in many of them at once, as long as they serve many."""
        hidden, step, idle = self._mark_hidden(), 0, 0
        waiting = self._serve(targets, hidden)
        while len(waiting) >= _OFTEN and idle < _IDLE:
            aim: dict[Cell, int] = {}
            bits = (len(waiting) - 1).bit_length()
            for number, target in enumerate(waiting):
                sign = -1 if step and number >> (step - 1) % bits & 1 else 1
                for cell, k in target:
                    aim[cell] = aim.get(cell, 0) + sign * k
            for sign in _BOTH:
                self._find_end(tuple(aim.items()), hidden, sign)
            rest = self._serve(waiting, hidden)
            # Sought by itself each target costs two books too.
            idle = idle + 1 if len(waiting) - len(rest) <= 1 else 0
            waiting, step = rest, step + 1
        return waiting

    def _serve(self, targets: Collection[Target], hidden: np.ndarray) -> list[Target]:
        """Give each target two books that were found, and return those that have none."""
        rest = []
        for target in targets:
            moved = self._find_pair(target, hidden)
            if moved is None:
                rest.append(target)
            else:
                self.pairs[target] = self._name(moved)
        return rest

    def _split(self, target: Target) -> tuple[list[int], np.ndarray]:
        return [self.rank[c] for c, _ in target], np.array([k for _, k in target], float)

    def _find_pair(self, target: Target, hidden: np.ndarray) -> np.ndarray | None:
        """The cells that move in two books of those found that serve the target."""
        asked = self.asked.get(target, REMAINING - 1)
        return self.found.find_pair(*self._split(target), hidden, asked)

    def _find_end(
        self,
        target: Target,
        hidden: np.ndarray,
        sign: int,
        hops: int = _ANYWHERE,
        *,
        is_far: bool = False,
    ) -> None:
        """Add the book with the least of the target (`sign` 1), or the most (-1), in which only these
        move beyond their rounding; shown cells lead no further, unless it is sought as far as anything
        moves. What was sought before is not sought again."""
        ranks, weights = self._split(target)
        limits = self._find_limits(hidden)
        mark = target, hidden.tobytes(), sign, hops, is_far
        if mark in self.sought or not (limits[ranks, 0] < limits[ranks, 1]).any():
            return
        self.sought.add(mark)
        is_end = limits[:, 0] == limits[:, 1]
        is_here = self.is_stuck | (self.is_shown & ~hidden)
        near = self._find_near(target, hops, is_end if is_far else is_end | is_here)
        laws, row, column, value = self._select_laws(near)
        size = len(near)
        rows = _Rows(2 * size)
        most = np.where(self.is_equal[laws], 0, np.inf) - self.slack[laws]
        rows.add(
            np.r_[row, row],
            np.r_[column, size + column],
            np.r_[value, -value],
            -self.slack[laws],
            most,
        )
        aim = sign * np.concatenate([weights, np.zeros(size - len(target))])
        low, high = limits[near].T
        bounds = scipy.optimize.Bounds(
            np.maximum(np.r_[low, -high], 0), np.maximum(np.r_[high, -low], 0)
        )
        self.n_solved += 1
        found = solve(np.r_[aim, -aim] + _STILL, bounds, rows.make())
        if found is not None:
            self.found.add(near, found[:size] - found[size:])

    def _name(self, ranks: np.ndarray) -> frozenset[Cell]:
        return frozenset(self.cells[rank] for rank in ranks)

    def _select_laws(
        self, near: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """The laws that touch these cells, and their coefficients by row and column."""
        laws = np.array(sorted({n for place in near for n in self.touching[place]}), int)
        part = self.matrix[laws][:, near].tocoo()
        return laws, part.row, part.col, part.data

    def _seek(self, target: Target, near: np.ndarray) -> frozenset[Cell] | None:
        """The cells that move in the cheapest pair of books, or None where there is no pair.

        Variables: the shift of each cell in one book, in the other, and whether it is hidden.
        """
        size = len(near)
        program = self._write_program(target, near)
        found = solve(program.cost, program.bounds, program.rules, whole=program.whole)
        if found is None:
            return None
        shifts = np.rint(found[: 2 * size]).reshape(2, size)
        for book in shifts:
            self.found.add(near, book)
        low, high = self.spread[near].T
        is_moved = ((shifts < low) | (shifts > high)).any(axis=0) & self.is_shown[near]
        return self._name(near[is_moved])

    def _write_program(self, target: Target, near: np.ndarray) -> _Program:
        size = len(near)
        reach = self._find_limits(self.all)[near]
        is_free = (self._mark_hidden() | ~self.is_shown)[near]
        is_held = (self._mark(self.open) | self.is_stuck)[near]
        doors = np.flatnonzero(~is_free & ~is_held & (reach[:, 0] < reach[:, 1]))
        limits = np.where((is_free & ~is_held)[:, None], reach, self.spread[near])
        rows = _Rows(2 * size + len(doors))
        laws, row, column, value = self._select_laws(near)
        most = np.where(self.is_equal[laws], 0, np.inf) - self.slack[laws]
        for start in (0, size):
            rows.add(row, start + column, value, -self.slack[laws], most)
            self._add_doors(rows, start, doors, reach[doors], limits[doors])
        places = np.arange(len(target))
        weights = self._split(target)[1]
        asked = np.array([self.asked.get(target, REMAINING - 1)], float)
        aim = np.r_[places, size + places], np.r_[weights, -weights]
        rows.add(np.r_[places, places] * 0, *aim, asked, np.array([np.inf]))
        low, high = limits.T.copy()
        low[doors] = np.minimum(reach[doors, 0], low[doors])
        high[doors] = np.maximum(reach[doors, 1], high[doors])
        cost = [self._find_cost(self.cells[near[door]]) for door in doors]
        bounds = scipy.optimize.Bounds(np.r_[low, low, 0 * doors], np.r_[high, high, 0 * doors + 1])
        none = np.zeros(2 * size)
        return _Program(np.r_[none, cost], np.r_[none, 0 * doors + 1], bounds, rows.make())

    def _add_doors(
        self, rows: _Rows, start: int, doors: np.ndarray, reach: np.ndarray, shown: np.ndarray
    ) -> None:
        """A cell moves further than what is shown of it leaves open only where it is hidden."""
        count, none = np.arange(len(doors)), np.full(len(doors), np.inf)
        column = np.r_[start + doors, rows.width - len(doors) + count]
        for side in (0, 1):
            further = np.maximum(reach[:, 1], 0) if side else np.minimum(reach[:, 0], 0)
            ends = (-none, shown[:, 1]) if side else (shown[:, 0], none)
            rows.add(np.r_[count, count], column, np.r_[0 * count + 1, -further], *ends)

    def _clear_up(self, group: set[Cell]) -> None:
        """Show again what later choices have made needless, the dearest first; in a large group no
        more programs are solved for it than are worth the time."""
        most = self.n_solved + _CLEARING // max(len(group), 1)
        for cell in self._sort_secondary(group, set()):
            if self.n_solved > most:
                break
            self.hidden.discard(cell)
            old = dict(self.pairs)
            self.pairs.pop(((cell, 1),), None)
            if not self._holds_without(cell):
                self.hidden.add(cell)
                self.pairs = old

    def _holds_without(self, cell: Cell) -> bool:
        """True where every target that needs this cell, or has become one without it, has its books
        by the others."""
        needing = [target for target, moved in self.pairs.items() if cell in moved]
        needing = [
            target
            for target in dict.fromkeys(
                [*(self.implied[n] for n in self.implied_by.get(cell, ())), *needing]
            )
            if target not in self.given and self._is_target(target)
        ]
        if not all(self._may_stretch(target) or self._is_plain(target) for target in needing):
            return False
        return all(map(self._is_served, self._pull_apart(needing)))


class _Found:
    """Books that were found: how far each cell is from its true count, and which cells that are
    shown move beyond their rounding (`spread`); a book agrees with what is shown where all of these
    are hidden."""

    def __init__(self, spread: np.ndarray, is_shown: np.ndarray) -> None:
        self.spread, self.is_shown = spread, is_shown
        self.books: list[tuple[dict[int, int], np.ndarray]] = []
        self.moving: dict[int, list[int]] = {}

    def add(self, place: np.ndarray, shifts: np.ndarray) -> None:
        whole = np.rint(shifts).astype(int)
        low, high = self.spread[place].T
        moved = place[((whole < low) | (whole > high)) & self.is_shown[place]]
        book = {int(rank): int(shift) for rank, shift in zip(place, whole, strict=True) if shift}
        for rank in book:
            self.moving.setdefault(rank, []).append(len(self.books))
        self.books.append((book, moved))

    def find_pair(
        self, ranks: list[int], weights: np.ndarray, hidden: np.ndarray, asked: int
    ) -> np.ndarray | None:
        """The cells that move beyond their rounding in two books that agree with what is shown and
        differ in this sum by what is asked; the true book is one. None where there are no two."""
        low, high = 0.0, 0.0
        below = above = np.array([], int)
        for value, moved in self._list_values(ranks, weights, hidden):
            if value < low:
                low, below = value, moved
            elif value > high:
                high, above = value, moved
            if high - low >= asked:
                return np.union1d(below, above)
        return None

    def find_range(
        self, ranks: list[int], weights: np.ndarray, hidden: np.ndarray
    ) -> tuple[int, int]:
        """The least and the most of this sum in the books that agree with what is shown."""
        values = [0.0, *(value for value, _ in self._list_values(ranks, weights, hidden))]
        return round(min(values)), round(max(values))

    def _list_values(
        self, ranks: list[int], weights: np.ndarray, hidden: np.ndarray
    ) -> Iterator[tuple[float, np.ndarray]]:
        """This sum in each book that agrees with what is shown, and the cells that move there."""
        for number in dict.fromkeys(n for rank in ranks for n in self.moving.get(rank, [])):
            book, moved = self.books[number]
            value = sum(w * book.get(r, 0) for r, w in zip(ranks, weights, strict=True))
            if value and hidden[moved].all():
                yield value, moved


@dataclass(frozen=True)
class _Program:
    cost: np.ndarray
    whole: np.ndarray
    bounds: scipy.optimize.Bounds
    rules: Rules


class _Rows:
    """Linear constraints, a block at a time."""

    def __init__(self, width: int) -> None:
        self.width, self.height = width, 0
        self.blocks: list[tuple[np.ndarray, ...]] = []

    def add(
        self,
        row: np.ndarray,
        column: np.ndarray,
        value: np.ndarray,
        low: np.ndarray,
        high: np.ndarray,
    ) -> None:
        self.blocks.append((row + self.height, column, value, low, high))
        self.height += len(low)

    def make(self) -> scipy.optimize.LinearConstraint:
        row, column, value, low, high = (
            np.concatenate(parts) for parts in zip(*self.blocks, strict=True)
        )
        matrix = scipy.sparse.coo_array(
            (value, (row, column)), shape=(self.height, self.width)
        ).tocsr()
        return scipy.optimize.LinearConstraint(matrix, low, high)


def is_near(count: int, least: int) -> bool:
    """True for a sum that too few values, its own among them, may leave below the minimum."""
    return count < least + REMAINING - 2


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
