"""Earlier bundles in the protection of a new one: what they show is known and stays as it is, what
they hide stays hidden, and what follows from both together is protected like any other count."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from math import inf

import numpy as np
import scipy

from helpers.disclosure.cells import PERIOD, Book, Cell, group_equal
from helpers.disclosure.knowledge import PrintedTest, list_prints, narrow_by_tests
from helpers.disclosure.ledger import Joined, refuse_thawed, replace_vintage
from helpers.disclosure.rules import DisclosureError, read_range
from helpers.disclosure.solver import Rules, solve
from helpers.disclosure.suppression import Known, derive_counts

Range = tuple[float, float]
# A count of an earlier bundle that nothing limits is taken to be no larger.
_MOST = 10_000_000


def add_earlier(
    joined: Joined,
    known: Known,
    small: Collection[Cell],
    tests: Sequence[PrintedTest],
    name: str,
) -> set[Cell]:
    """Add what earlier bundles show to what is known, and return the cells that they hide; `small`
    are those that this book hides anyway.

    A count that only an earlier bundle has is completed to one that fits all that is shown: the
    books by which a cell is protected need a place to start, not the true one. Raises
    DisclosureError for a closed year that differs without a declared revision, for a revision of
    too few people, and for one that would take the place of what it revises (`name` is that of the
    new bundle): whoever kept that one knows both.
    """
    ranges, kept = _read_earlier(joined, known)
    own = set(known.counts)
    equal = group_equal(joined.book.laws)
    told = _list_equal(equal, set(ranges) - kept)
    kept |= (_list_equal(equal, kept) & own) - set(ranges)
    thawed = [
        cell
        for cell in own.intersection(ranges)
        if not _is_within(known.counts[cell], ranges[cell])
    ]
    if thawed:
        refuse_thawed(thawed)
    narrow_shown(tests, known, {*small, *kept}, ranges)
    complete_with_prints(joined, known, ranges)
    for cell, (low, high) in ranges.items():
        if cell in kept:
            continue
        count = known.counts[cell]
        least, most = known.spread.get(cell, (int(low) - count, int(high) - count))
        known.spread[cell] = max(least, int(low) - count), min(most, int(high) - count)
        known.frozen.add(cell)
    counts = derive_counts(joined.book, known.counts)
    _add_revisions(joined, known, counts, ranges, kept, name)
    known.apart, known.kept = kept - own, (kept & own) | told.intersection(small)
    alike = {cell.without(PERIOD) for cell in kept if "-" in cell.period}
    known.likely = {
        cell for cell in own if "-" in cell.period and cell.without(PERIOD) in alike and cell.depth
    }
    return known.kept


def complete_with_prints(joined: Joined, known: Known, ranges: Mapping[Cell, Range]) -> None:
    """Counts for the cells that no table of this book shows, by all laws and by what is printed of
    them, which is known then too. Prints that do not fit together with what is out are of other
    counts, and left out, as by whoever attacks."""
    book, laws = joined.book, joined.book.laws
    own = {cell: (n, n) for cell, n in derive_counts(book, known.counts).items()}
    told = list_prints(book.cells, is_real=joined.is_real, shown={**ranges, **own})
    before = set(laws)
    new = [law for law in told.laws if law not in before]
    printed = {cell: ends for cell, ends in told.ranges.items() if cell not in own}
    limits = dict(ranges)
    for cell, (low, high) in printed.items():
        least, most = limits.get(cell, (0, inf))
        limits[cell] = max(least, low), min(most, high)
    try:
        book.laws = [*laws, *new]
        _complete(book, known, limits)
    except DisclosureError:
        book.laws, printed = laws, {}
        _complete(book, known, ranges)
    for cell, (low, high) in printed.items():
        count = known.counts[cell]
        known.limits[cell] = int(low) - count, int(min(high, count + _MOST)) - count
        if low == high:
            known.fixed.add(cell)


def _add_revisions(
    joined: Joined,
    known: Known,
    counts: Mapping[Cell, int],
    ranges: Mapping[Cell, Range],
    kept: Collection[Cell],
    name: str,
) -> None:
    """Add what a declared revision changed by a few people to what is to be protected; raises
    DisclosureError as `add_earlier` says."""
    _refuse_small_revisions(joined, known, ranges, kept)
    for new, old in joined.revised:
        change = counts[new] - counts[old]
        if old == replace_vintage(new, name) and not _is_within(counts[new], ranges[old]):
            raise DisclosureError(
                f"{name} is revised ({new.population}), and what it was is out: give the revision a "
                "name of its own (notebooks/editions), so that both are kept and known"
            )
        least = max(known.minimum.get(new, 1), known.minimum.get(old, 1))
        is_exact = known.spread.get(new, (0, 0)) == known.spread.get(old, (0, 0)) == (0, 0)
        if is_exact and 0 < abs(change) < least and old not in kept:
            more, fewer = (new, old) if change > 0 else (old, new)
            known.besides[((more, 1), (fewer, -1))] = least


def narrow_shown(
    tests: Sequence[PrintedTest],
    known: Known,
    hidden: Collection[Cell],
    ranges: dict[Cell, Range],
) -> None:
    """Of a cell of printed tests that is shown rounded, in this book (`known`) or in an earlier one
    (`ranges`), these leave fewer counts than the rounding does."""
    cells = {cell for test in tests for cell in test.cells}
    left = {cell: ranges[cell] for cell in cells if cell in ranges}
    for cell in cells.intersection(known.counts) - set(hidden):
        low, high = (known.counts[cell] + end for end in known.spread.get(cell, (0, 0)))
        least, most = left.get(cell, (0, inf))
        left[cell] = max(low, least), min(high, most)
    for cell, values in narrow_by_tests(tests, left)[0].items():
        low, high = int(values[0]), int(values[-1])
        if cell in hidden or not _is_within(known.counts.get(cell, low), (low, high)):
            continue
        if cell in ranges:
            ranges[cell] = low, high
        if cell in known.counts:
            known.spread[cell] = low - known.counts[cell], high - known.counts[cell]


def _refuse_small_revisions(
    joined: Joined, known: Known, ranges: Mapping[Cell, Range], kept: Collection[Cell]
) -> None:
    """Raise DisclosureError where a revision is of some people in a year, and of fewer than the
    minimum: which cells are hidden for it would tell who they are. It is of at least as many as a
    table is seen to gain, or to lose."""
    gained: dict[tuple[str, str, frozenset[str]], list[int]] = {}
    minimum: dict[tuple[str, str], int] = {}
    for new, old in joined.revised:
        if new in kept or old in kept:
            continue
        year = new.population, new.period
        sums = gained.setdefault((*year, frozenset(d for d, _ in new.codes)), [0, 0])
        (low, high), count = ranges[old], known.counts[new]
        sums[0] += max(count - int(min(high, count)), 0)
        sums[1] += max(int(low) - count, 0)
        least = max(known.minimum.get(new, 1), known.minimum.get(old, 1))
        minimum[year] = max(minimum.get(year, 1), least)
    people: dict[tuple[str, str], int] = {}
    for (population, period, _), sums in gained.items():
        people[population, period] = max(people.get((population, period), 0), *sums)
    few = sorted(year for year, n in people.items() if 0 < n < minimum[year])
    if few:
        named = ", ".join(f"{population} of {period}" for population, period in few)
        raise DisclosureError(
            f"the revision of {named} is of fewer people than the minimum, and what is hidden for it "
            "would tell who they are; keep the earlier numbers there until more are revised"
        )


def _list_equal(equal: Mapping[Cell, set[Cell]], cells: Collection[Cell]) -> set[Cell]:
    """These cells, and all that are `equal` to one of them."""
    return set(cells).union(*(equal.get(cell, ()) for cell in cells))


def _is_within(count: int, limits: Range) -> bool:
    return limits[0] <= count <= limits[1]


def _read_earlier(joined: Joined, known: Known) -> tuple[dict[Cell, Range], set[Cell]]:
    """The range of each cell of earlier bundles, and those that they hide."""
    ranges: dict[Cell, Range] = {}
    kept = set()
    places = {place: cell for place, cell in joined.book.places.items() if "/" in place[0]}
    texts = {place[:2]: joined.tables[place[0]][place[1]].tolist() for place in places}
    for (name, column, row), cell in places.items():
        if not (text := texts[name, column][row]):
            continue
        rules = joined.rules[name]
        low, high = ranges.get(cell, (0, inf))
        new = read_range(text, rules)
        ranges[cell] = max(low, new[0]), min(high, new[1])
        known.minimum[cell] = max(known.minimum.get(cell, 1), rules.minimum_count)
        if not text.isdigit():
            kept.add(cell)
    return ranges, kept


def _complete(book: Book, known: Known, ranges: Mapping[Cell, Range]) -> None:
    """Counts for the cells that only earlier bundles have, by all laws."""
    counts = derive_counts(book, known.counts)
    open_cells = [cell for cell in book.cells if cell not in counts]
    place = {cell: number for number, cell in enumerate(open_cells)}
    if not place:
        known.counts |= {cell: counts[cell] for cell in ranges}
        return
    rows = [law for law in book.laws if any(cell in place for cell, _ in law.terms)]
    low = [-sum(k * counts[c] for c, k in law.terms if c not in place) for law in rows]
    high = [least if law.is_equal else np.inf for least, law in zip(low, rows, strict=True)]
    entries = [
        (number, place[cell], k)
        for number, law in enumerate(rows)
        for cell, k in law.terms
        if cell in place
    ]
    limits = {cell: ranges.get(cell, (0, inf)) for cell in open_cells}
    rules = _make_rules(entries, (len(rows), len(place)), low, high)
    for ends in (_keep_order(book, counts, limits), limits):
        least, most = zip(*((a, min(b, _MOST)) for a, b in ends.values()), strict=True)
        found = solve(np.zeros(len(place)), scipy.optimize.Bounds(least, most), rules)
        if found is not None:
            break
    if found is None:
        raise DisclosureError(
            "the earlier bundles and the registers contradict each other; was one edited, or made "
            "of other registers? declare a revision of what changed (data/codes/revisions.csv)"
        )
    known.counts |= {cell: round(found[number]) for cell, number in place.items()}
    known.counts |= {cell: counts[cell] for cell in ranges if cell in counts}


def _keep_order(
    book: Book, counts: Mapping[Cell, int], limits: Mapping[Cell, Range]
) -> dict[Cell, Range]:
    """The limits of cells whose counts are sought, by the counts of what they lie within, or of what
    lies within them: else a rounded whole could be taken to be less than its part, and nobody would
    look at what is between the two."""
    kept = dict(limits)
    for whole, part in book.find_nested([*counts, *limits]):
        if whole in kept and part in counts:
            low, high = kept[whole]
            kept[whole] = min(max(low, counts[part]), high), high
        elif part in kept and whole in counts:
            low, high = kept[part]
            kept[part] = low, max(min(high, counts[whole]), low)
    return kept


def _make_rules(
    entries: list[tuple[int, int, int]],
    shape: tuple[int, int],
    low: Iterable[float],
    high: Iterable[float],
) -> Rules:
    if not entries:
        return ()
    row, column, value = zip(*entries, strict=True)
    return scipy.optimize.LinearConstraint(
        scipy.sparse.coo_array((value, (row, column)), shape=shape).tocsr(), low, high
    )
