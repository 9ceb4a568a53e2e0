"""The audit: what somebody who knows our rules can work out from a bundle, read as its text alone.

An attacker knows every shown number, how numbers are rounded, every law between cells, and that
nobody is counted less than nought times. For each hidden cell, and for each difference of two
shown ones of which one lies within the other, the audit finds the narrowest range. It shares
the declarations with `suppression`, and no arithmetic: it never sees a true count.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd
import scipy

from helpers.disclosure.cells import (
    SOMEBODY,
    Book,
    Cell,
    Law,
    Sum,
    find_least,
    find_undeclared,
    list_left,
    tell_undeclared,
)
from helpers.disclosure.knowledge import Prints, list_prints, narrow_by_tests
from helpers.disclosure.ledger import (
    Joined,
    Publication,
    join_publications,
    list_unseen,
    read_publication,
    refuse_thawed,
)
from helpers.disclosure.rules import (
    REMAINING,
    DisclosureError,
    RuleSet,
    list_exceptions,
    read_range,
    read_rule_set,
)
from helpers.disclosure.sentences import add_ranges
from helpers.disclosure.solver import Rules, collect_later, solve
from helpers.products import find_product

Range = tuple[float, float]
Wanted = TypeVar("Wanted", bound=Hashable)
# Of so many sums of a group books are sought that show many at once, until so many times hardly any
# was shown.
_OFTEN, _IDLE = 4, 2
# So often every law narrows what the others leave, before anything is solved.
_ROUNDS, _WHOLE = 20, 1e-6
# Single years that no table has are looked at closely where one law after the other leaves fewer.
_CLOSE = 2 * REMAINING
# So many laws away what gives a cell is sought before all laws are.
_NEAR = 4


@dataclass(frozen=True)
class Audit:
    """What was found: `widths`, how many integers remain for each hidden cell (exactly of those with
    too few and of the narrowest, of the others at least so many); `n_cells` of all
    that are shown or hidden; `n_implied` differences that were looked at; `printed`, the hidden
    cells that a source's own print or an earlier bundle gives away; a line for each finding. `n_prints` printed numbers
    and `n_tests` printed tests were part of the attack, `n_untried` tests leave too much to try.
    `beside` are shown counts of which parts that only a source counts leave a few people."""

    widths: dict[Cell, float]
    n_cells: int
    n_implied: int
    printed: tuple[str, ...]
    findings: tuple[str, ...]
    n_prints: int = 0
    n_tests: int = 0
    n_untried: int = 0
    beside: tuple[str, ...] = ()

    def summarise(self) -> str:
        """A few lines for whoever runs it; no value."""
        share = len(self.widths) / self.n_cells if self.n_cells else 0
        least = min(self.widths.values(), default=inf)
        narrow = (
            f"the narrowest hidden cell is left with {least:.0f} values; at least {REMAINING} are "
            "asked"
        )
        lines = [
            f"{self.n_cells} cells, {len(self.widths)} hidden ({share:.1%})",
            f"{self.n_implied} differences of shown cells",
            f"{self.n_prints} printed numbers and {self.n_tests} printed tests known to the attack"
            + (f", {self.n_untried} of these too wide to try" if self.n_untried else ""),
            "nothing is hidden" if least == inf else narrow,
        ]
        if self.printed:
            given = "given by a source's own print or an earlier bundle, and not counted"
            lines.append(f"{given}: {len(self.printed)}")
        if self.beside:
            parts = "shown counts of which parts that only a source counts leave a few people"
            lines.append(f"{parts}, and not counted: {len(self.beside)}")
        lines += [f"below the floor, {name}: {why}" for name, why in list_exceptions().items()]
        return "\n".join([*lines, *self.findings])


@collect_later()
def audit_bundle(
    folder: Path,
    rule_sets: Mapping[str, str],
    *,
    earlier: Sequence[Path] = (),
    revised: Collection[str] = (),
) -> Audit:
    """Attack the bundle in `folder`; `rule_sets` gives the name of each table's rule set.

    Whoever attacks has every `earlier` bundle of the same registers too: other periods, editions of
    a few police units, earlier vintages. Closed years are the same in all of them, but for the
    populations of which a revision is declared (`revised`). Raises DisclosureError where a closed
    year changed without one, BadInput for a bundle that was edited by hand.

    A table of counts of a register that does not say whom it counts is a finding too.
    """
    rules = {name: read_rule_set(of) for name, of in rule_sets.items()}
    closed = [name for name, r in rules.items() if not r.is_open]
    publications = [read_publication(folder, rule_sets), *map(read_publication, earlier)]
    audit = _audit_joined(join_publications(publications, revised))
    headers = {name: _read_header(folder / f"{name}.csv") for name in closed}
    silent = [
        tell_undeclared(find_product(name), column)
        for name in closed
        for column in find_undeclared(find_product(name), headers[name])
    ]
    return replace(audit, findings=tuple(sorted([*audit.findings, *silent])))


def _read_header(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as stream:
        return next(csv.reader(stream))


def audit_tables(
    tables: Mapping[str, pd.DataFrame], rules: Mapping[str, RuleSet], *, is_real: bool = False
) -> Audit:
    """Attack these tables of text under their rules, each range to its very ends; of real people all
    that is printed is known."""
    publication = Publication("", dict(tables), dict(rules), "", is_real=is_real)
    return _audit_joined(join_publications([publication]), inf)


def _audit_joined(joined: Joined, enough: float = REMAINING) -> Audit:
    book = joined.book
    shown, hidden, minimum = _read_ranges(book, joined.tables, joined.rules)
    prints = list_prints(book.cells, is_real=joined.is_real, shown=shown)
    unseen = list_unseen(book)
    wanted = [*sorted(hidden, key=str), *unseen]
    attack = _attack(book, prints, shown, wanted, enough)
    if enough < inf:
        attack.found.update(
            attack.system.find_narrowest({c: attack.found[c] for c in wanted if c in hidden})
        )
    counts, bare = _count_left(attack, book, [*unseen, *book.list_years()], minimum)
    widths = {cell: counts[cell] for cell in wanted if cell in hidden}
    narrow_ones = [*(cell for cell, width in widths.items() if width < REMAINING), *bare]
    given = _find_given(joined, prints, {cell: counts[cell] for cell in narrow_ones})
    findings = [
        _tell(book, cell, _find_way(attack, book, cell))
        for cell in narrow_ones
        if cell not in given and cell in widths
    ]
    findings += [
        f"{cell}, which no table shows, is left with fewer than {REMAINING} values"
        for cell in bare
        if cell not in given
    ]
    findings += _compare_vintages(joined, shown, minimum)
    printed = {cell for cell, (low, high) in prints.ranges.items() if low == high}
    pairs = book.find_nested(set(shown) - hidden)
    implied = [
        _tell_implied(book, *pair) for pair in _find_implied(pairs, attack, minimum, printed)
    ]
    implied += [
        _tell_overlap(book, terms) for terms in _find_overlaps(book, attack, minimum, printed)
    ]
    implied += [_tell_left(book, cells) for cells in _find_left(attack, minimum, given)]
    return Audit(
        widths={cell: width for cell, width in widths.items() if cell not in given},
        n_cells=len(set(book.places.values())),
        n_implied=len(pairs),
        printed=tuple(sorted(str(cell) for cell in given if cell in widths)),
        findings=tuple(sorted([*findings, *implied])),
        n_prints=prints.number,
        n_tests=len(prints.tests),
        n_untried=attack.n_untried,
        beside=tuple(_list_beside(prints, shown, minimum)),
    )


def _count_left(
    attack: _Attack, book: Book, unseen: Sequence[Cell], minimum: Mapping[Cell, int]
) -> tuple[dict[Cell, float], list[Cell]]:
    """How many values are left of each cell that was wanted and of the `unseen` ones; and of these
    those that are left with too few, all or some of them a few people."""
    counts = {cell: attack.count(cell) for cell in attack.found}
    exact = {cell: attack.found[cell] for cell, n in counts.items() if n < REMAINING}
    left = find_years(book, attack.laws, attack.system.ranges | exact, minimum, book.list_years())
    for cell in (*counts, *unseen):
        counts[cell] = min(counts.get(cell, inf), _count(left.get(cell, (0, inf))))
    return counts, list_bare(unseen, left | exact, counts, minimum)


def list_bare(
    unseen: Sequence[Cell],
    ends: Mapping[Cell, Range],
    counts: Mapping[Cell, float],
    minimum: Mapping[Cell, int],
) -> list[Cell]:
    """Those of the cells that no table shows that are left with too few values, all or some of them a
    few people."""
    least = find_least(unseen, minimum)
    return [
        cell
        for cell in unseen
        if counts[cell] < REMAINING and ends[cell][1] > 0 and ends[cell][0] < least[cell]
    ]


def find_years(
    book: Book,
    laws: Sequence[Law],
    ranges: Mapping[Cell, Range],
    minimum: Mapping[Cell, int],
    wanted: Collection[Cell],
) -> dict[Cell, Range]:
    """The ranges by these laws and by those of single years that no table has (`Book.by_year`): what
    one law after the other leaves and, of a `wanted` year that is left few people and not many values
    more than asked, what all laws of such years leave that hang together with it, and the laws beside."""
    if not book.by_year:
        return dict(ranges)
    left, years = narrow([*laws, *book.by_year], ranges), book.list_years()
    least, open_cells = find_least(years, minimum), {c for c in years if _count(left[c]) > 1}
    waiting = [
        cell
        for cell in wanted
        if REMAINING <= _count(left[cell]) < _CLOSE
        if left[cell][0] < least[cell]
    ]
    of_years, beside = _index(book.by_year), _index(laws)
    while waiting:
        piece, edge, near = {waiting[0]}, [waiting[0]], dict[Law, None]()
        while edge:
            new = of_years[edge.pop()]
            near |= dict.fromkeys(new)
            further = {c for law in new for c, _ in law.terms if c in open_cells} - piece
            piece |= further
            edge += sorted(further, key=str)
        margins = {c: 0 for law in near for c, _ in law.terms if _count(left[c]) > 1}
        near |= dict.fromkeys(law for cell in margins for law in beside.get(cell, ()))
        found = System(near, left).find(
            _list_sums(cell for cell in waiting if cell in piece), REMAINING
        )
        left |= {cell: ends for cell, ends in found.items() if _count(ends) < REMAINING}
        waiting = [cell for cell in waiting if cell not in piece]
    return left


def _index(laws: Iterable[Law]) -> dict[Cell, list[Law]]:
    """The laws of each cell."""
    touching: dict[Cell, list[Law]] = {}
    for law in laws:
        for cell, _ in law.terms:
            touching.setdefault(cell, []).append(law)
    return touching


def _list_beside(
    prints: Prints, shown: Mapping[Cell, Range], minimum: Mapping[Cell, int]
) -> Iterator[str]:
    """The shown counts less what a source counts of them, where that is somebody and too few: no cell
    of this book, and known with the print."""
    for cell, counted in sorted(prints.counted.items(), key=str):
        low, high = shown.get(cell, (0, inf))
        if high - low + 1 < REMAINING and 0 < high - counted < minimum[cell]:
            yield str(cell)


def list_narrow(joined: Joined, of: Collection[Cell]) -> list[tuple[Cell, Cell]]:
    """The (whole, part) of two shown cells, one of them `of` these, whose difference is left with too
    few values."""
    shown, hidden, minimum = _read_ranges(joined.book, joined.tables, joined.rules)
    there = set(shown) - hidden
    pairs = [pair for pair in joined.book.find_nested(there) if not set(pair).isdisjoint(of)]
    narrow, close = _split_close(pairs, shown, minimum, set())
    if not narrow + close:
        return []
    prints = list_prints(joined.book.cells, is_real=joined.is_real, shown=shown)
    printed = {cell for cell, (low, high) in prints.ranges.items() if low == high}
    # What does not hang together with these pairs leaves them as they are.
    every, told = [*joined.book.laws, *prints.laws], {*prints.laws}
    cells = {cell for pair in narrow + close for cell in pair}
    bound = _select_bound(every, {**shown, SOMEBODY: (1, 1)}, cells)
    near = cells.union(cell for law in bound for cell, _ in law.terms)
    book = joined.book
    if all(near.isdisjoint(test.cells) for test in prints.tests):
        book = replace(book, laws=[law for law in bound if law not in told])
        prints = replace(prints, laws=tuple(law for law in bound if law in told), tests=())
    return _find_implied(pairs, _attack(book, prints, shown, ()), minimum, printed)


@dataclass(frozen=True)
class _Attack:
    """The laws and ranges that whoever attacks starts from, the system of both, what was found of the
    wanted, and the counts of the cells of printed tests with which these come out."""

    laws: list[Law]
    ranges: dict[Cell, Range]
    system: System
    found: dict[Cell, Range]
    tested: Mapping[Cell, np.ndarray] = field(default_factory=dict)
    n_untried: int = 0

    def count(self, cell: Cell) -> float:
        """How many counts remain of a cell that was wanted."""
        low, high = self.found[cell]
        if cell not in self.tested:
            return _count((low, high))
        values = self.tested[cell]
        return int(((values >= low) & (values <= high)).sum())


def _attack(
    book: Book,
    prints: Prints,
    shown: Mapping[Cell, Range],
    wanted: Sequence[Cell],
    enough: float = REMAINING,
) -> _Attack:
    """The narrowest range of each wanted cell by all that is shown and printed. Printed numbers that
    do not fit together with what is shown are of other counts, and left out."""
    laws, ranges = [*book.laws, *prints.laws], {**shown, SOMEBODY: (1, 1)}
    for cell, (low, high) in prints.ranges.items():
        before = ranges.get(cell, (0, inf))
        ranges[cell] = max(before[0], low), min(before[1], high)
    tested = [cell for test in prints.tests for cell in test.cells]
    try:
        ends = find_ranges(laws, ranges, dict.fromkeys(tested))
        values, untried = narrow_by_tests(prints.tests, {**ranges, **ends})
        ranges |= {cell: (int(own[0]), int(own[-1])) for cell, own in values.items()}
        system = System(laws, ranges)
        found = system.find(_list_sums(wanted), enough)
        # Of some of these there is no count between two others: they are sought to their ends.
        found |= system.find(_list_sums(cell for cell in wanted if cell in values))
    except DisclosureError:
        if not prints.number:
            raise
        return _attack(book, Prints(), shown, wanted, enough)
    return _Attack(laws, ranges, system, found, values, untried)


def _find_given(joined: Joined, prints: Prints, widths: Mapping[Cell, float]) -> set[Cell]:
    """Those of the narrow cells that are as narrow by what sources print and earlier bundles show,
    without anything of the newest, and that no earlier bundle has: what one showed is not hidden any
    more. `widths` are how many values are left of each."""
    before = {place: cell for place, cell in joined.book.places.items() if "/" in place[0]}
    if not widths or not (prints.number or before):
        return set()
    old = replace(joined.book, places=before)
    shown, hidden, _ = _read_ranges(old, joined.tables, joined.rules)
    prints = list_prints(joined.book.cells, is_real=joined.is_real, shown=shown)
    waiting = [cell for cell in widths if cell in hidden or cell not in shown]
    given, printed = set[Cell](), {*prints.laws}
    laws = [*joined.book.laws, *joined.book.by_year]
    known = [law for law in laws if law not in joined.met]
    touching = _index([*known, *prints.laws])
    # Mostly a print near the cell gives it: few laws leave no less than all do.
    for hops in range(1, _NEAR + 1):
        for cell in waiting:
            near = _select_near(touching, shown, cell, hops)
            book = replace(joined.book, laws=[law for law in near if law not in printed])
            told = replace(prints, laws=tuple(law for law in near if law in printed), tests=())
            if _attack(book, told, shown, [cell]).count(cell) <= widths[cell]:
                given.add(cell)
        waiting = [cell for cell in waiting if cell not in given]
    if waiting:
        alone = _attack(replace(joined.book, laws=known), prints, shown, waiting)
        given |= {cell for cell in waiting if alone.count(cell) <= widths[cell]}
    return given


def _select_near(
    touching: Mapping[Cell, Sequence[Law]], ranges: Mapping[Cell, Range], cell: Cell, hops: int
) -> list[Law]:
    """The laws within so many hops of the cell, through cells that are not known."""
    near, laws = {cell: 0}, dict[Law, None]()
    for _ in range(hops):
        laws = dict.fromkeys(law for one in near for law in touching.get(one, ()))
        beside = {c: ranges.get(c, (0, inf)) for law in laws for c, _ in law.terms}
        near |= {c: 0 for c, (low, high) in beside.items() if low < high}
    return list(laws)


def _compare_vintages(
    joined: Joined, ranges: Mapping[Cell, Range], minimum: Mapping[Cell, int]
) -> list[str]:
    """A line for each cell that a declared revision changed by somebody, and by too few."""
    lines = []
    for new, old in joined.revised:
        low, high = (a - b for a, b in zip(ranges[new], reversed(ranges[old]), strict=True))
        is_nobody, is_wide = low == high == 0, high - low + 1 >= REMAINING
        least = max(minimum[new], minimum[old])
        if not is_nobody and not (low == high and abs(low) >= least) and not is_wide:
            tables = ", ".join(joined.book.list_tables([new, old]))
            lines.append(f"tables {tables}: the revision of {new} is of fewer than the minimum")
    return lines


def check_audit(audit: Audit) -> None:
    """Raise DisclosureError, with a line a finding, where something follows from what is shown."""
    if audit.findings:
        raise DisclosureError("\n".join(audit.findings))


def _read_ranges(
    book: Book, tables: Mapping[str, pd.DataFrame], rules: Mapping[str, RuleSet]
) -> tuple[dict[Cell, Range], set[Cell], dict[Cell, int]]:
    """The range of each cell as it is shown, which are hidden, and the minimum of each."""
    ranges: dict[Cell, Range] = {}
    minimum: dict[Cell, int] = {}
    hidden = set()
    thawed: dict[Cell, None] = {}
    texts = {place[:2]: tables[place[0]][place[1]].tolist() for place in book.places}
    for (name, column, row), cell in book.places.items():
        text = texts[name, column][row]
        if text == "":
            continue
        low, high = ranges.get(cell, (0, inf))
        new = read_range(text, rules[name])
        ranges[cell] = max(low, new[0]), min(high, new[1])
        minimum[cell] = max(minimum.get(cell, 1), rules[name].minimum_count)
        if not text.isdigit():
            hidden.add(cell)
        if ranges[cell][0] > ranges[cell][1]:
            named = book.list_tables([cell])
            if not any("/" in one for one in named):
                raise DisclosureError(
                    f"tables {', '.join(named)}: two numbers for {cell}; make the bundle anew"
                )
            thawed[cell] = None
            ranges[cell] = new
    if thawed:
        refuse_thawed(list(thawed))
    return ranges, hidden, minimum


def find_ranges(
    laws: Iterable[Law],
    ranges: Mapping[Cell, Range],
    wanted: Iterable[Cell],
    *,
    enough: float = inf,
) -> dict[Cell, Range]:
    """The narrowest range of each wanted cell, by integer programming over what it hangs together
    with. One of `enough` values or more is not narrowed down to its ends: what comes back is then
    what books that obey every law were seen to hold. Raises DisclosureError where the shown numbers
    contradict each other."""
    return System(laws, ranges).find(_list_sums(wanted), enough)


def _list_sums(cells: Iterable[Cell]) -> dict[Cell, dict[Cell, int]]:
    """Each of these cells, as a sum of itself."""
    return {cell: {cell: 1} for cell in cells}


def _count(found: Range) -> float:
    return found[1] - found[0] + 1


@dataclass(frozen=True)
class _Row:
    """A law with what is known taken out: the rest lies between `low` and `high`."""

    terms: tuple[tuple[Cell, int], ...]
    low: float
    high: float
    name: str


def _reduce(law: Law, ranges: Mapping[Cell, Range]) -> _Row:
    known, terms = 0.0, []
    for cell, coefficient in law.terms:
        low, high = ranges.get(cell, (0, inf))
        if low == high:
            known += coefficient * low
        else:
            terms.append((cell, coefficient))
    if not terms and (known < 0 or (known and law.is_equal)):
        raise DisclosureError(f"the shown numbers contradict each other: {law.name}")
    return _Row(tuple(terms), -known, -known if law.is_equal else inf, law.name)


def narrow(laws: Sequence[Law], ranges: Mapping[Cell, Range]) -> dict[Cell, Range]:
    """What each law leaves of one cell beside those of its others, one law after the other: most
    that follows follows so, and nothing has to be solved for it."""
    place = {cell: n for n, cell in enumerate({c: 0 for law in laws for c, _ in law.terms})}
    if not place:
        return dict(ranges)
    entries = [(n, place[cell], k) for n, law in enumerate(laws) for cell, k in law.terms]
    row, column, value = np.array(entries).T
    most = np.where([law.is_equal for law in laws], 0.0, inf)[row]
    low, high = np.array([ranges.get(cell, (0, inf)) for cell in place], float).T
    is_up = value > 0
    for _ in range(_ROUNDS):
        before = low.copy(), high.copy()
        ends = value * np.where(is_up, [low[column], high[column]], [high[column], low[column]])
        others = [_sum_others(row, one, len(laws)) for one in ends]
        down, up = (0.0 - others[1]) / value, (most - others[0]) / value
        np.maximum.at(low, column, np.ceil(np.where(is_up, down, up) - _WHOLE))
        np.minimum.at(high, column, np.floor(np.where(is_up, up, down) + _WHOLE))
        if (low == before[0]).all() and (high == before[1]).all():
            break
    wrong = np.flatnonzero(low > high)
    if len(wrong):
        raise _tell_contradiction(list(place)[wrong[0]])
    left = zip(low.tolist(), high.tolist(), strict=True)
    return {**ranges, **dict(zip(place, left, strict=True))}


def _sum_others(row: np.ndarray, ends: np.ndarray, number: int) -> np.ndarray:
    """For each entry of a law the sum of its other entries, without a limit where one has none."""
    is_open = np.isinf(ends)
    known = np.where(is_open, 0.0, ends)
    rest = np.bincount(row, known, number)[row] - known
    n_open = np.bincount(row, is_open, number)[row] - is_open
    sign = np.sign(ends[is_open][0]) if is_open.any() else 1.0
    return np.where(n_open > 0, sign * inf, rest)


def _tell_contradiction(cell: Cell) -> DisclosureError:
    return DisclosureError(
        f"the shown numbers about {cell.population} contradict each other; make the bundle anew"
    )


class System:
    """The laws with what is known taken out, and the groups of unknown cells that hang together. The
    books that are found for one question serve those that come after it."""

    def __init__(self, laws: Iterable[Law], ranges: Mapping[Cell, Range]) -> None:
        laws = list(laws)
        self.ranges = ranges = narrow(laws, ranges)
        self.touching: dict[Cell, list[_Row]] = {}
        for row in (_reduce(law, ranges) for law in laws):
            for cell, _ in row.terms:
                self.touching.setdefault(cell, []).append(row)
        self.groups: dict[Cell, _Group] = {}

    def find(
        self, sums: Mapping[Wanted, Mapping[Cell, int]], enough: float = inf
    ) -> dict[Wanted, Range]:
        """The narrowest range of each sum of cells, by its name. One of `enough` values or more is not
        narrowed down to its ends: what comes back is then what books that obey every law were seen to
        hold."""
        if enough < inf:
            self._seek_wide(list(sums.values()), enough)
        return {name: self.bound(terms, enough) for name, terms in sums.items()}

    def find_narrowest(self, found: Mapping[Cell, Range]) -> dict[Cell, Range]:
        """`found` with the range of the narrowest cell to its very ends; the others are no narrower."""
        exact = dict(found)
        waiting = sorted(exact, key=lambda cell: (_count(exact[cell]), str(cell)))
        least = inf
        for cell in waiting:
            if _count(exact[cell]) >= least:
                break
            exact[cell] = self.bound({cell: 1}, least)
            least = min(least, _count(exact[cell]))
        return exact

    def _find_group(self, cell: Cell) -> _Group:
        if cell not in self.groups:
            group = _Group(cell, self.touching, self.ranges)
            self.groups |= dict.fromkeys(group.place, group)
        return self.groups[cell]

    def _seek_wide(self, sums: Sequence[Mapping[Cell, int]], enough: float) -> None:
        """Look in each group for books that show many of these sums to be wide at once."""
        groups: dict[_Group, list[Mapping[Cell, int]]] = {}
        for terms in sums:
            of_sum = {self._find_group(cell) for cell in terms if cell in self.touching}
            if len(of_sum) == 1 and all(cell in self.touching for cell in terms):
                groups.setdefault(of_sum.pop(), []).append(terms)
        for group, own in groups.items():
            group.seek_wide(own, enough)

    def bound(self, terms: Mapping[Cell, int], enough: float = inf) -> Range:
        """The least and the largest that a sum can be; its cells may be of several groups, each of
        which can be anything that it can be whatever the others are."""
        parts: dict[_Group, dict[Cell, int]] = {}
        ends: list[Range] = []
        for cell, coefficient in terms.items():
            if cell in self.touching:
                parts.setdefault(self._find_group(cell), {})[cell] = coefficient
            else:
                low, high = sorted(coefficient * end for end in self.ranges.get(cell, (0, inf)))
                ends.append((low, high))
        ends += [group.bound(part, enough) for group, part in parts.items()]
        return sum(low for low, _ in ends), sum(high for _, high in ends)


class _Group:
    """The unknown cells that hang together by laws, the limits of each, and the books that were
    found to obey all of them (`seen`, one a row)."""

    def __init__(
        self, start: Cell, touching: Mapping[Cell, list[_Row]], ranges: Mapping[Cell, Range]
    ) -> None:
        rows: dict[_Row, None] = {}
        self.place, edge = {start: 0}, [start]
        while edge:
            for row in touching.get(edge.pop(), []):
                rows[row] = None
                for cell, _ in row.terms:
                    if cell not in self.place:
                        self.place[cell] = len(self.place)
                        edge.append(cell)
        size = len(self.place)
        entries = [(n, self.place[cell], k) for n, row in enumerate(rows) for cell, k in row.terms]
        self.rules: Rules = ()
        if entries:
            self.rules = scipy.optimize.LinearConstraint(
                _make_matrix(entries, (len(rows), size)),
                [r.low for r in rows],
                [r.high for r in rows],
            )
        low, high = zip(*(ranges.get(cell, (0, inf)) for cell in self.place), strict=True)
        # A hidden cell that may be larger than all that is shown about it has no limit.
        self.most = 100 + sum(abs(row.low) for row in rows) + sum(h for h in high if h < inf)
        self.limits = scipy.optimize.Bounds(low, np.minimum(high, self.most))
        self.seen = np.empty((0, size))

    def bound(self, terms: Mapping[Cell, int], enough: float = inf) -> Range:
        """The least and the largest that a sum of these cells can be, or, of one that can be
        `enough` values, what it was seen to be."""
        places = [self.place[cell] for cell in terms]
        weights = np.zeros(len(self.place))
        weights[places] = list(terms.values())
        limits = np.sort(weights[places] * [self.limits.lb[places], self.limits.ub[places]], axis=0)
        ends = []
        for sign, outer in zip((1, -1), limits.sum(axis=1), strict=True):
            values = self.seen[:, places] @ weights[places]
            if enough < inf and len(values) and _count((values.min(), values.max())) >= enough:
                return round(values.min()), round(values.max())
            # A book that was seen may have all that the limits of the cells leave open.
            is_seen = outer in values
            ends.append(round(float(outer if is_seen else weights @ self._solve(sign * weights))))
        least, most = ends
        return least, inf if most >= self.most else most

    def seek_wide(self, sums: Sequence[Mapping[Cell, int]], enough: float) -> None:
        """Books that lie far from each other in many of these sums at once, as long as they show of
        many more that they can be `enough` values; for each two sums one pulls them apart."""
        entries = [
            (row, self.place[c], k) for row, terms in enumerate(sums) for c, k in terms.items()
        ]
        aims = _make_matrix(entries, (len(sums), len(self.place)))
        step = idle = 0
        while (number := aims.shape[0]) >= _OFTEN and idle < _IDLE:
            bits = (number - 1).bit_length()
            sign = 1.0 - 2.0 * (np.arange(number) >> (step - 1) % bits & 1 if step else 0)
            aim = aims.T @ (sign * np.ones(number))
            self._solve(aim)
            self._solve(-aim)
            values = aims @ self.seen.T
            is_wide = np.ptp(values, axis=1) + 1 >= enough
            # Sought by itself each sum costs two books too.
            idle = idle + 1 if is_wide.sum() <= 1 else 0
            aims, step = aims[~is_wide], step + 1

    def _solve(self, aim: np.ndarray) -> np.ndarray:
        """The book with the least sum by these weights."""
        book = solve(aim, self.limits, self.rules, seen=self.seen)
        if book is None:
            raise _tell_contradiction(next(iter(self.place)))
        self.seen = np.vstack([self.seen, np.rint(book)])
        return book


def _make_matrix(
    entries: Iterable[tuple[int, int, int]], shape: tuple[int, int]
) -> scipy.sparse.csr_array:
    row, column, value = zip(*entries, strict=True)
    return scipy.sparse.coo_array((value, (row, column)), shape=shape).tocsr()


def _find_way(attack: _Attack, book: Book, cell: Cell) -> list[str]:
    """Laws that leave the cell too narrow, none of which can be missed: found by leaving out one at
    a time, those of equality last."""
    ranges, laws = attack.ranges, attack.laws
    if _count(attack.found[cell]) >= REMAINING:
        if attack.count(cell) < REMAINING:
            return ["a printed statistic"]
        laws = [*laws, *book.by_year]
    needed = _select_bound(laws, ranges, [cell])
    equalities = [law for law in needed if law.is_equal]
    if _is_narrow(equalities, ranges, cell):
        needed = equalities
    for law in list(needed):
        rest = [other for other in needed if other is not law]
        if _is_narrow(rest, ranges, cell):
            needed = rest
    return [law.name for law in needed]


def _is_narrow(laws: list[Law], ranges: Mapping[Cell, Range], cell: Cell) -> bool:
    return _count(find_ranges(laws, ranges, [cell])[cell]) < REMAINING


def _select_bound(
    laws: list[Law], ranges: Mapping[Cell, Range], cells: Collection[Cell]
) -> list[Law]:
    """The laws that hang together with these cells through cells that are not known."""
    unknown = {c for law in laws for c, _ in law.terms if len(set(ranges.get(c, (0, inf)))) > 1}
    near, size = set(cells), 0
    while len(near) > size:
        size = len(near)
        bound = [law for law in laws if any(c in near for c, _ in law.terms)]
        near |= {c for law in bound for c, _ in law.terms if c in unknown}
    return bound


def _tell(book: Book, cell: Cell, way: list[str]) -> str:
    by = f" by: {'; '.join(way)}" if way else " as it is shown"
    return (
        f"table {', '.join(book.list_tables([cell]))}: {cell} is left with fewer than {REMAINING} "
        f"values{by}"
    )


def _find_implied(
    pairs: Sequence[tuple[Cell, Cell]],
    attack: _Attack,
    minimum: Mapping[Cell, int],
    printed: set[Cell],
) -> list[tuple[Cell, Cell]]:
    """The (whole, part) of shown cells of which the difference is of too few people."""
    narrow, close = _split_close(pairs, attack.ranges, minimum, printed)
    found = attack.system.find({(a, b): {a: 1, b: -1} for a, b in close}, REMAINING)
    for pair, (low, high) in found.items():
        if high - low + 1 < REMAINING and high > 0 and low < max(minimum[cell] for cell in pair):
            narrow.append(pair)
    return narrow


def _split_close(
    pairs: Iterable[tuple[Cell, Cell]],
    ranges: Mapping[Cell, Range],
    minimum: Mapping[Cell, int],
    printed: set[Cell],
) -> tuple[list[tuple[Cell, Cell]], list[tuple[Cell, Cell]]]:
    """The pairs of which these ranges leave the difference too narrow, and those that may be of too
    few people by them; the rest are of nobody, or of enough."""
    narrow, close = [], []
    for whole, part in pairs:
        least = max(minimum[whole], minimum[part])
        low, high = (a - b for a, b in zip(ranges[whole], reversed(ranges[part]), strict=True))
        if {whole, part} <= printed or low >= least or high <= 0:
            continue
        if low == high or high - max(low, 0) + 1 < REMAINING:
            narrow.append((whole, part))
        elif low < least:
            close.append((whole, part))
    return narrow, close


def _find_left(
    attack: _Attack, minimum: Mapping[Cell, int], given: set[Cell]
) -> Iterator[list[Cell]]:
    """The cells that are not known of a law of equality that counts all of them once, where the others
    leave them a few people together."""
    ranges = attack.system.ranges
    ends = {c: ranges.get(c, (0, inf)) for law in attack.laws for c, _ in law.terms}
    unknown = {cell for cell, (low, high) in ends.items() if low < high}
    for law, cells in list_left(attack.laws, unknown):
        total = sum(k * ends[cell][0] for cell, k in law.terms if cell not in unknown)
        least = max(minimum.get(cell, 1) for cell in cells)
        if 0 < abs(total) < least and not given.issuperset(cells):
            yield cells


def _find_overlaps(
    book: Book, attack: _Attack, minimum: Mapping[Cell, int], printed: set[Cell]
) -> list[Sum]:
    """The sums of parts less their whole that leave too few values, all or some of them a few people."""
    close = {}
    for terms in book.overlaps:
        cells = {cell for cell, _ in terms}
        low, high = add_ranges(terms, attack.ranges)
        least = max(minimum.get(cell, 1) for cell in cells)
        if low < least and high > 0 and not cells <= printed:
            close[terms] = least
    found = attack.system.find({terms: dict(terms) for terms in close}, REMAINING)
    return [
        terms
        for terms, (low, high) in found.items()
        if _count((low, high)) < REMAINING and high > 0 and low < close[terms]
    ]


def _tell_overlap(book: Book, terms: Sum) -> str:
    tables = ", ".join(book.list_tables(cell for cell, _ in terms))
    return f"tables {tables}: the parts of {terms[0][0]} less it are fewer than the minimum"


def _tell_left(book: Book, cells: list[Cell]) -> str:
    tables = ", ".join(book.list_tables(cells))
    return f"tables {tables}: {' and '.join(map(str, cells))} together are fewer than the minimum"


def _tell_implied(book: Book, whole: Cell, part: Cell) -> str:
    tables = ", ".join(book.list_tables([whole, part]))
    return f"tables {tables}: {whole} less {part} is fewer than the minimum"
