"""Whether the choice of what is hidden tells how large it is (`python tests/bench/bench_choice.py`;
it takes half an hour, and writes data/measured/choice.csv, which the page on disclosure reads).

Whoever attacks has the program, and not what it leaves to chance. For each count that is hidden for
its size where few numbers are small (one to four), and for each of eight or fewer beside it,
registers are sought that agree with all that is shown and have another number here, and the program
is run on them: a number remains where some draw hides the same cells. More may remain than are
found so.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import scipy
from bench_rounding import read_staged

from helpers.disclosure import (
    REMAINING,
    DisclosureError,
    Setting,
    Staged,
    protect_together,
    suppression,
    together,
)
from helpers.disclosure.cells import Book, Cell
from helpers.disclosure.solver import solve
from helpers.edition import DATA, DEFAULT_EDITION, read_edition

MEASURED = DATA / "measured" / "choice.csv"
SETTING = Setting(period=read_edition(DEFAULT_EDITION).period)
# For a number so many other registers are tried, each with so many draws; numbers so far away.
WORLDS, DRAWS, FAR = 3, 5, 6
CHEAP = (1, 2)
# The largest count that may be hidden for itself where the threshold is five.
MOST_VEILED = 2 * REMAINING - 2
_choose, _draw = suppression.choose_hidden, suppression.draw_chance


@dataclass(frozen=True)
class World(Staged):
    """A staged table with other counts in its rows."""

    counted: pd.DataFrame

    @property
    def rows(self) -> pd.DataFrame:
        return self.counted


class Attack:
    """The staged tables, what the program hides of them, and what is known of the others: the laws
    between all counts, and how far each may lie from the true one."""

    def __init__(self, staged: Mapping[str, Staged]) -> None:
        self.staged = {name: one for name, one in staged.items() if one.is_joint}
        self.hidden, self.book, known = run(self.staged)
        self.minimum, self.fixed = known.minimum, known.fixed
        self.counts = suppression.derive_counts(self.book, known.counts)
        self.cells = sorted(self.counts, key=str)
        self.rank = {cell: place for place, cell in enumerate(self.cells)}
        shown = set(self.book.places.values()) - self.hidden
        ends = [self._limit(cell, known, cell in shown) for cell in self.cells]
        self.low, self.high = np.array(ends, float).T
        laws = [law for law in self.book.laws if all(c in self.rank for c, _ in law.terms)]
        entries = [(n, self.rank[c], k) for n, law in enumerate(laws) for c, k in law.terms]
        row, column, value = np.array(entries).T
        shape = (len(laws), len(self.cells))
        self.matrix = scipy.sparse.coo_array((value.astype(float), (row, column)), shape=shape)
        self.true = np.array([self.counts[cell] for cell in self.cells], float)
        self.is_small = np.array([c in self.hidden for c in self.cells]) & (
            self.true <= MOST_VEILED
        )
        self.least = -(self.matrix @ self.true)
        self.most = self.least + np.where([law.is_equal for law in laws], 0, np.inf)

    def _limit(self, cell: Cell, known: suppression.Known, is_shown: bool) -> tuple[float, float]:
        low, high = known.limits.get(cell, (-self.counts[cell], np.inf))
        if cell in known.fixed or cell in known.frozen:
            return 0, 0
        least, most = known.spread.get(cell, (0, 0)) if is_shown else (low, high)
        return max(low, least), min(high, most)

    def list_worlds(self, cell: Cell, number: int) -> Iterator[dict[Cell, int]]:
        """The counts of registers that have this number here and all that is shown: those that
        differ least, by some weights."""
        both = scipy.sparse.hstack([self.matrix, -self.matrix]).tocsr()
        rules = scipy.optimize.LinearConstraint(both, self.least, self.most)
        size, place = len(self.cells), self.rank[cell]
        for n in range(WORLDS):
            weights = np.exp(np.random.default_rng(n).normal(0, 2, size)) if n else np.ones(size)
            low, high = self.low.copy(), self.high.copy()
            if n % 2 == 0:  # what is hidden for its size still is
                high[self.is_small] = (MOST_VEILED - self.true)[self.is_small]
            low[place] = high[place] = number - self.counts[cell]
            bounds = scipy.optimize.Bounds(
                np.maximum(np.r_[low, -high], 0), np.maximum(np.r_[high, -low], 0)
            )
            found = solve(np.r_[weights, weights], bounds, rules)
            if found is not None:
                moved = np.rint(found[:size] - found[size:]).astype(int)
                yield {c: self.counts[c] + int(moved[n]) for n, c in enumerate(self.cells)}

    def is_left(self, cell: Cell, number: int) -> bool:
        """True where the program hides the same cells of registers with this number."""
        for world in self.list_worlds(cell, number):
            staged = {name: self._write(name, world) for name in self.staged}
            differ = {c for c in self.cells if world[c] != self.counts[c]}
            for draw in range(DRAWS):
                try:
                    if run(staged, differ, self.hidden, draw)[0] == self.hidden:
                        return True
                except DisclosureError:
                    continue
        return False

    def _write(self, name: str, world: Mapping[Cell, int]) -> World:
        one = self.staged[name]
        table = one.rows.reset_index(drop=True)
        for (table_name, column, row), cell in self.book.places.items():
            if table_name == name:
                table.loc[row, column] = world[cell]
        return World(one.product, one.true, one.protected, one.rules, table)

    def count_left(self, cell: Cell) -> int | None:
        """How many numbers remain, the true one among them, and no more than are asked; None where no
        registers have others."""
        true = self.counts[cell]
        near = sorted(range(max(true - FAR, 0), true + FAR + 1), key=lambda n: abs(n - true))
        open_to = [n for n in near[1:] if next(self.list_worlds(cell, n), None)]
        if len(open_to) + 1 < REMAINING:
            return None  # a print gives it away, and the audit lists it
        left = 1
        for number in open_to:
            left += self.is_left(cell, number)
            if left == REMAINING:
                break
        return left


def run(
    staged: Mapping[str, Staged],
    differ: Collection[Cell] = (),
    hidden: Collection[Cell] = (),
    draw: int = 0,
) -> tuple[set[Cell], Book, suppression.Known]:
    """What the program hides, of what book, and what it knew. Of other draws than the first, two make
    cells that are `hidden` cheap and all others dear, and the rest make those that `differ` anew; of
    these, hidden ones that are not small are so by chance."""
    last: list[Any] = []

    def choose(book, known, small):  # type: ignore[no-untyped-def]
        last[:] = [_choose(book, known, small), book, known]
        return last[0]

    def chance(secret: str, what: str, cell: Cell) -> float:
        if what == "veil":
            return 0.0 if cell in differ and cell in hidden else _draw(secret, what, cell)
        if draw in CHEAP:
            drawn = _draw(secret, f"{what} {draw}", cell)
            return (drawn + draw * (cell not in hidden)) / (1 + draw)
        return _draw(secret, f"{what} {draw}" if draw and cell in differ else what, cell)

    together.choose_hidden = choose
    together.draw_chance = suppression.draw_chance = chance
    protect_together(staged, SETTING)
    return tuple(last)


def main() -> int:
    attack = Attack(read_staged())
    few = [
        cell
        for cell in attack.cells
        if cell in attack.hidden - attack.fixed
        and attack.minimum.get(cell, 1) <= REMAINING
        and attack.counts[cell] <= MOST_VEILED
    ]
    left = []
    for number, cell in enumerate(few, start=1):
        remaining = attack.count_left(cell)
        left += [] if remaining is None else [remaining]
        print(f"{number} of {len(few)}: {remaining or 'given by a print'} {cell}", flush=True)
    enough = sum(n >= REMAINING for n in left)
    MEASURED.parent.mkdir(exist_ok=True)
    with MEASURED.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerows([("n_cells", "n_enough", "fewest"), (len(left), enough, min(left))])
    print(MEASURED.read_text(encoding="utf-8"), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
