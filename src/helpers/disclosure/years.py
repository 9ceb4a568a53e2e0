"""Single years that no table has, in the protection: a table that counts a whole period does not tell
of each year alone, and the next edition could, as the difference of two periods. What follows of
such a year is protected before that, since whatever is out cannot be hidden any more."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from math import inf

from helpers.disclosure.audit import find_years, list_bare, narrow
from helpers.disclosure.cells import SOMEBODY, Cell, Law, find_least
from helpers.disclosure.earlier import complete_with_prints
from helpers.disclosure.ledger import Joined, list_unseen
from helpers.disclosure.rules import REMAINING
from helpers.disclosure.suppression import Known, choose_hidden, derive_counts, is_near

Range = tuple[float, float]
# Further than this no hidden count is sought.
FAR = 100_000
# So many laws away from a year books are sought in which it is another; further where that is not
# enough.
_NEAR = (3, 12)


def hide_for_years(
    joined: Joined, known: Known, small: Collection[Cell], hidden: set[Cell]
) -> set[Cell]:
    """What has to be hidden beside these cells so that no single year is left with too few values that
    no table has, nor a hidden cell because of such years. What stays narrow whatever is hidden here
    follows from prints or earlier bundles, and is left to the audit, which lists it."""
    narrow_ones: list[Cell] | None = None
    for hops in _NEAR if joined.book.by_year else ():
        narrow_ones = _list_narrow(joined, known, hidden, narrow_ones)
        if not narrow_ones:
            break
        near = _select(joined, narrow_ones, hops)
        book = replace(joined.book, laws=[*joined.book.laws, *near])
        wider = _count_anew(replace(joined, book=book), known)
        years = set(narrow_ones).difference(hidden)
        counts = derive_counts(book, wider.counts)
        wider.besides = {
            ((cell, 1),): least
            for cell, least in sorted(find_least(years, known.minimum).items(), key=str)
            if cell in counts and is_near(counts[cell], least)
        }
        done = hidden.difference(narrow_ones)
        hidden = choose_hidden(book, wider, {*small, *hidden}, done=done)
    return hidden


def _count_anew(joined: Joined, known: Known) -> Known:
    """What is known, with counts for the cells that this book does not count that fit the laws of
    single years too: those that were taken before need not."""
    own = {cell for place, cell in joined.book.places.items() if "/" not in place[0]}
    kept = {*own, SOMEBODY}
    ends: dict[Cell, Range] = {
        cell: (known.counts[cell] + low, known.counts[cell] + high)
        for cell, (low, high) in known.spread.items()
        if cell not in kept
    }
    ends |= {cell: (0, inf) for cell in known.apart if cell not in ends}
    anew = replace(
        known,
        counts={cell: n for cell, n in known.counts.items() if cell in kept},
        limits=dict(known.limits),
        fixed=set(known.fixed),
        spread={cell: known.spread[cell] for cell in own if cell in known.spread},
    )
    complete_with_prints(joined, anew, ends)
    for cell, (low, high) in ends.items():
        if cell in known.spread:
            anew.spread[cell] = int(low) - anew.counts[cell], int(high) - anew.counts[cell]
    return anew


def _list_narrow(
    joined: Joined, known: Known, hidden: set[Cell], among: Collection[Cell] | None
) -> list[Cell]:
    """The single years (`among` these) that are left with too few values, and the hidden cells that
    have fewer because of such years, where it is what is shown here that leaves no more."""
    book = joined.book
    years = [cell for cell in book.list_years() if among is None or cell in among]
    ranges = _leave_open(joined, known, hidden)
    left = find_years(book, book.laws, ranges, known.minimum, years)
    counts = {cell: _count(left[cell]) for cell in (*years, *hidden) if cell in left}
    found = list_bare(years, left, counts, known.minimum)
    found += [c for c in sorted(hidden, key=str) if counts.get(c, REMAINING) < REMAINING]
    if not found:
        return []
    without = narrow(book.laws, ranges)
    found = [c for c in found if c not in without or _count(left[c]) < _count(without[c])]
    every = _leave_open(joined, known, set(known.counts) - known.frozen)
    most = narrow([*book.laws, *book.by_year], every)
    return [cell for cell in found if counts[cell] < min(_count(most[cell]), REMAINING)]


def _leave_open(joined: Joined, known: Known, hidden: Collection[Cell]) -> dict[Cell, Range]:
    """The counts that are left open of each cell by itself if these are hidden."""
    counts = derive_counts(joined.book, known.counts)
    is_open = {*hidden, *list_unseen(joined.book)} - known.fixed
    ranges: dict[Cell, Range] = {SOMEBODY: (1, 1)}
    return ranges | {cell: find_open(cell, count, known, is_open) for cell, count in counts.items()}


def find_open(cell: Cell, count: int, known: Known, hidden: Collection[Cell]) -> tuple[int, int]:
    """The counts that what is shown and printed of the cell alone leaves open."""
    low, high = known.limits.get(cell, (-count, FAR))
    if cell not in hidden:
        least, most = known.spread.get(cell, (0, 0))
        low, high = max(low, least), min(high, most)
    return max(count + low, 0), count + high


def _select(joined: Joined, cells: Collection[Cell], hops: int) -> list[Law]:
    """The laws of single years near these cells, through cells of such years."""
    years = set(joined.book.list_years())
    near, laws = dict.fromkeys(cells), dict[Law, None]()
    for _ in range(hops):
        new = [
            law
            for law in joined.book.by_year
            if law not in laws and any(cell in near for cell, _ in law.terms)
        ]
        if not new:
            break
        laws |= dict.fromkeys(new)
        near |= {c: None for law in new for c, _ in law.terms if c in years}
    return list(laws)


def _count(ends: Range) -> float:
    return ends[1] - ends[0] + 1
