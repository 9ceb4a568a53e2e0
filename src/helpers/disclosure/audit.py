"""The audit: what somebody who knows our rules can work out from a bundle, read as its text alone.

An attacker knows every shown number, how numbers are rounded, every law between cells, and that
nobody is counted less than nought times. For each hidden cell, and for each difference of two
shown ones of which one lies within the other, the audit finds the narrowest range. It shares
the declarations with `suppression`, and no arithmetic: it never sees a true count.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp

from helpers.disclosure.cells import (
    Book,
    Cell,
    Law,
    find_undeclared,
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
    DisclosureError,
    RuleSet,
    list_exceptions,
    read_range,
    read_rule_set,
)
from helpers.disclosure.suppression import REMAINING
from helpers.products import find_product

Range = tuple[float, float]


@dataclass(frozen=True)
class Audit:
    """What was found: `widths`, the integers that remain for each hidden cell; `n_cells` of all
    that are shown or hidden; `n_implied` differences that were looked at; `printed`, the hidden
    cells that a source's own print gives away; a line for each finding. `n_prints` printed numbers
    and `n_tests` printed tests were part of the attack, `n_untried` tests leave too much to try."""

    widths: dict[Cell, float]
    n_cells: int
    n_implied: int
    printed: tuple[str, ...]
    findings: tuple[str, ...]
    n_prints: int = 0
    n_tests: int = 0
    n_untried: int = 0

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
            lines.append(f"given by a source's own print, and not counted: {len(self.printed)}")
        lines += [f"below the floor, {name}: {why}" for name, why in list_exceptions().items()]
        return "\n".join([*lines, *self.findings])


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
    headers = {
        name: pd.read_csv(folder / f"{name}.csv", nrows=0, encoding="utf-8") for name in closed
    }
    silent = [
        tell_undeclared(find_product(name), column)
        for name in closed
        for column in find_undeclared(find_product(name), list(headers[name].columns))
    ]
    return replace(audit, findings=tuple(sorted([*audit.findings, *silent])))


def audit_tables(
    tables: Mapping[str, pd.DataFrame], rules: Mapping[str, RuleSet], *, is_real: bool = False
) -> Audit:
    """Attack these tables of text under their rules; of real people all that is printed is known."""
    publication = Publication("", dict(tables), dict(rules), "", is_real=is_real)
    return _audit_joined(join_publications([publication]))


def _audit_joined(joined: Joined) -> Audit:
    book = joined.book
    shown, hidden, minimum = _read_ranges(book, joined.tables, joined.rules)
    prints = list_prints(book.cells, is_real=joined.is_real, shown=shown)
    unseen = list_unseen(book)
    wanted = [*sorted(hidden, key=str), *unseen]
    attack = _attack(book, prints, shown, wanted)
    found, ranges = attack.found, attack.ranges
    widths = {cell: high - low + 1 for cell, (low, high) in found.items() if cell in hidden}
    narrow = [cell for cell, width in widths.items() if width < REMAINING]
    given = _find_given(book, prints, narrow)
    findings = [
        _tell(book, cell, _find_way(attack.laws, ranges, cell))
        for cell in narrow
        if cell not in given
    ]
    findings += [
        f"{cell}, which no table shows, is left with fewer than {REMAINING} values"
        for cell in unseen
        if found[cell][1] - found[cell][0] + 1 < REMAINING
        and found[cell][1] > 0
        and found[cell][0] < _find_minimum(cell, minimum)
    ]
    findings += _compare_vintages(joined, shown, minimum)
    printed = {cell for cell, (low, high) in prints.ranges.items() if low == high}
    n_implied, implied = _find_implied(book, attack, set(shown) - hidden, minimum, printed)
    return Audit(
        widths={cell: width for cell, width in widths.items() if cell not in given},
        n_cells=len(set(book.places.values())),
        n_implied=n_implied,
        printed=tuple(sorted(str(cell) for cell in given)),
        findings=tuple(sorted([*findings, *implied])),
        n_prints=prints.number,
        n_tests=len(prints.tests),
        n_untried=attack.n_untried,
    )


@dataclass(frozen=True)
class _Attack:
    """The laws and ranges that whoever attacks starts from, and what was found of the wanted."""

    laws: list[Law]
    ranges: dict[Cell, Range]
    found: dict[Cell, Range]
    n_untried: int


def _attack(
    book: Book, prints: Prints, shown: Mapping[Cell, Range], wanted: Sequence[Cell]
) -> _Attack:
    """The narrowest range of each wanted cell by all that is shown and printed. Printed numbers that
    do not fit together with what is shown are of other counts, and left out."""
    laws, ranges = [*book.laws, *prints.laws], dict(shown)
    for cell, (low, high) in prints.ranges.items():
        before = ranges.get(cell, (0, inf))
        ranges[cell] = max(before[0], low), min(before[1], high)
    tested = [cell for test in prints.tests for cell in test.cells]
    try:
        found = find_ranges(laws, ranges, dict.fromkeys([*wanted, *tested]))
    except DisclosureError:
        if not prints.number:
            raise
        return _attack(book, Prints(), shown, wanted)
    narrowed, untried = narrow_by_tests(prints.tests, {**ranges, **found})
    if narrowed:
        ranges |= narrowed
        found = find_ranges(laws, ranges, wanted)
    return _Attack(laws, ranges, found, untried)


def _find_given(book: Book, prints: Prints, narrow: Sequence[Cell]) -> set[Cell]:
    """Those of the narrow cells that are as narrow by what sources print alone."""
    if not narrow or not prints.number:
        return set()
    alone = _attack(book, prints, {}, narrow).found
    return {cell for cell, (low, high) in alone.items() if high - low + 1 < REMAINING}


def _find_minimum(cell: Cell, minimum: Mapping[Cell, int]) -> int:
    """The strictest minimum of the population that the cell is of."""
    return max((m for c, m in minimum.items() if c.population == cell.population), default=1)


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
    for (name, column, row), cell in book.places.items():
        text = tables[name][column].iloc[row]
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
    laws: Iterable[Law], ranges: Mapping[Cell, Range], wanted: Iterable[Cell]
) -> dict[Cell, Range]:
    """The narrowest range of each wanted cell, by integer programming over what it hangs together
    with. Raises DisclosureError where the shown numbers contradict each other."""
    reduced = [_reduce(law, ranges) for law in laws]
    touching: dict[Cell, list[_Row]] = {}
    for row in reduced:
        for cell, _ in row.terms:
            touching.setdefault(cell, []).append(row)
    found: dict[Cell, Range] = {}
    groups: dict[Cell, _Group] = {}
    for cell in wanted:
        low, high = ranges.get(cell, (0, inf))
        if low == high or cell not in touching:
            found[cell] = (low, high)
            continue
        if cell not in groups:
            group = _Group([cell], touching, ranges)
            groups |= dict.fromkeys(group.place, group)
        found[cell] = groups[cell].bound({cell: 1})
    return found


def find_differences(
    laws: Iterable[Law], ranges: Mapping[Cell, Range], pairs: Iterable[tuple[Cell, Cell]]
) -> dict[tuple[Cell, Cell], Range]:
    """The narrowest range of how many more the first of a pair counts than the second."""
    touching: dict[Cell, list[_Row]] = {}
    for row in (_reduce(law, ranges) for law in laws):
        for cell, _ in row.terms:
            touching.setdefault(cell, []).append(row)
    found: dict[tuple[Cell, Cell], Range] = {}
    groups: dict[tuple[Cell, Cell], _Group] = {}
    for pair in pairs:
        if pair not in groups:
            group = _Group(list(pair), touching, ranges)
            groups |= {(a, b): group for a in pair for b in pair}
        whole, part = pair
        found[pair] = groups[pair].bound({whole: 1, part: -1})
    return found


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


class _Group:
    """The unknown cells that hang together by laws, and the limits of each."""

    def __init__(
        self,
        start: list[Cell],
        touching: Mapping[Cell, list[_Row]],
        ranges: Mapping[Cell, Range],
    ) -> None:
        rows: dict[_Row, None] = {}
        self.place, edge = {cell: place for place, cell in enumerate(start)}, list(start)
        while edge:
            for row in touching.get(edge.pop(), []):
                rows[row] = None
                for cell, _ in row.terms:
                    if cell not in self.place:
                        self.place[cell] = len(self.place)
                        edge.append(cell)
        matrix = np.zeros((len(rows), len(self.place)))
        for number, row in enumerate(rows):
            for cell, coefficient in row.terms:
                matrix[number, self.place[cell]] += coefficient
        self.rules = (
            LinearConstraint(matrix, [r.low for r in rows], [r.high for r in rows]) if rows else ()
        )
        low, high = zip(*(ranges.get(cell, (0, inf)) for cell in self.place), strict=True)
        # A hidden cell that may be larger than all that is shown about it has no limit.
        self.most = 100 + sum(abs(row.low) for row in rows) + sum(h for h in high if h < inf)
        self.limits = Bounds(low, np.minimum(high, self.most))

    def bound(self, terms: Mapping[Cell, int]) -> Range:
        """The least and the largest that a sum of these cells can be."""
        weights = np.zeros(len(self.place))
        for cell, coefficient in terms.items():
            weights[self.place[cell]] = coefficient
        ends = []
        for sign in (1, -1):
            aim = sign * weights
            found = milp(
                aim, integrality=np.ones(len(aim)), bounds=self.limits, constraints=self.rules
            )
            if found.x is None:
                population = next(iter(terms)).population
                raise DisclosureError(
                    f"the shown numbers about {population} contradict each other; make the "
                    "bundle anew"
                )
            ends.append(round(float(weights @ found.x)))
        return ends[0], inf if ends[1] >= self.most else ends[1]


def _find_way(laws: list[Law], ranges: Mapping[Cell, Range], cell: Cell) -> list[str]:
    """Laws that leave the cell too narrow, none of which can be missed: found by leaving out one at
    a time, those of equality last."""
    needed = _select_bound(laws, ranges, cell)
    equalities = [law for law in needed if law.is_equal]
    if _is_narrow(equalities, ranges, cell):
        needed = equalities
    for law in list(needed):
        rest = [other for other in needed if other is not law]
        if _is_narrow(rest, ranges, cell):
            needed = rest
    return [law.name for law in needed]


def _is_narrow(laws: list[Law], ranges: Mapping[Cell, Range], cell: Cell) -> bool:
    low, high = find_ranges(laws, ranges, [cell])[cell]
    return high - low + 1 < REMAINING


def _select_bound(laws: list[Law], ranges: Mapping[Cell, Range], cell: Cell) -> list[Law]:
    """The laws that hang together with a cell through cells that are not known."""
    unknown = {c for law in laws for c, _ in law.terms if len(set(ranges.get(c, (0, inf)))) > 1}
    near, size = {cell}, 0
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
    book: Book,
    attack: _Attack,
    shown: set[Cell],
    minimum: Mapping[Cell, int],
    printed: set[Cell],
) -> tuple[int, list[str]]:
    """How many differences of shown cells there are, and a line for each of too few people."""
    ranges = attack.ranges
    pairs = book.find_nested(cell for cell in ranges if cell in shown)
    close, lines = [], []
    for whole, part in pairs:
        least = max(minimum[whole], minimum[part])
        low, high = (a - b for a, b in zip(ranges[whole], reversed(ranges[part]), strict=True))
        if {whole, part} <= printed or low >= least or high <= 0:
            continue
        if low == high or high - max(low, 0) + 1 < REMAINING:
            lines.append(_tell_implied(book, whole, part))
        elif low < least:
            close.append((whole, part))
    for pair, (low, high) in find_differences(attack.laws, ranges, close).items():
        if high - low + 1 < REMAINING and high > 0 and low < max(minimum[cell] for cell in pair):
            lines.append(_tell_implied(book, *pair))
    return len(pairs), lines


def _tell_implied(book: Book, whole: Cell, part: Cell) -> str:
    tables = ", ".join(book.list_tables([whole, part]))
    return f"tables {tables}: {whole} less {part} is fewer than the minimum"
