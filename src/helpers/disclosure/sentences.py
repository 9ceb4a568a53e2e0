"""What a source says of counts without a number of its own: "more than", "the most", "two victims".

A sentence has two sides and >, >= or = between them. A side is a sum or difference of cells, each
perhaps so many times, of printed numbers by their key, and of plain numbers; `a / b > c / d`
compares shares. Sides that are joined by | each stand for themselves. The code `*` stands for each
code that the book has (but those after `!`), and `**` for the sum over all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from math import inf

from helpers.definitions import OTHERS
from helpers.disclosure.cells import SOMEBODY, WHOLE, Cell, Law, parse_terms

Range = tuple[float, float]
Terms = tuple[tuple[Cell, int], ...]
EACH, SUM, BUT = "*", "**", "!"
_SIGN = re.compile(r" (>=|>|=) ")
_TIMES = re.compile(r"(\d+) (.+)")


def is_sentence(words: str) -> bool:
    """True for what has two sides; False for the cells of a printed number."""
    return _SIGN.search(words) is not None


@dataclass(frozen=True)
class Sentence:
    """`terms` add up to nought or more, or, where `is_equal`, to nought. Of a comparison of shares
    these are the two parts, the second one negative, and `wholes` what each is a share of. `is_more`
    says that the first side is more, and not as many."""

    number: str
    terms: Terms
    is_equal: bool = False
    wholes: tuple[Terms, Terms] = ((), ())
    is_more: bool = False

    @property
    def cells(self) -> tuple[Cell, ...]:
        every = (*self.terms, *self.wholes[0], *self.wholes[1])
        return tuple(cell for cell, _ in every if cell != SOMEBODY)

    def expand(self, known: Collection[Cell]) -> Iterator[Sentence]:
        """The sentence for each code that `*` stands for, with the sums that `**` stands for."""
        summed = self._replace(lambda terms: _write_out(terms, known))
        codes: dict[str, None] = {}
        for cell in summed.cells:
            for dimension, code in sorted(cell.codes):
                if code.partition(BUT)[0] == EACH:
                    found = _list_codes(cell, dimension, known)
                    codes |= dict.fromkeys(sorted(found - set(code.split(BUT)[1:])))
        if not codes:
            yield summed
        for code in codes:
            one = summed._replace(partial(_put, code))
            # Nobody is more than itself.
            if any(n for cell, n in one.terms if cell != SOMEBODY):
                yield one

    def _replace(self, change: Callable[[Terms], Terms]) -> Sentence:
        first, second = self.wholes
        return replace(self, terms=change(self.terms), wholes=(change(first), change(second)))

    def find_counted(self) -> tuple[Cell, int] | None:
        """The cell of which the source counts parts that the book has not, and how many these are;
        None for a sentence that says something else."""
        (cell, n), *rest = self.terms
        if self.is_equal or self.is_more or self.wholes[0] or n != 1 or cell == SOMEBODY:
            return None
        return (cell, -rest[0][1]) if [c for c, _ in rest] == [SOMEBODY] else None

    def can_be_true(self, ranges: Mapping[Cell, Range]) -> bool:
        return all(
            add_ranges(law.terms, ranges)[1] >= 0
            and (not law.is_equal or add_ranges(law.terms, ranges)[0] <= 0)
            for law in self.write_laws("", ranges)
        )

    def narrow(self, ranges: dict[Cell, Range]) -> bool:
        """Put what is said of a single cell into `ranges`; False where it is of several."""
        cells = [(cell, n) for cell, n in self.terms if cell != SOMEBODY]
        if len(cells) != 1 or self.wholes[0] or abs(cells[0][1]) != 1:
            return False
        (cell, sign), limit = cells[0], dict(self.terms).get(SOMEBODY, 0)
        low, high = (-limit, inf) if sign > 0 else (0, limit)
        if self.is_equal:
            low = high = abs(limit)
        before = ranges.get(cell, (0, inf))
        ranges[cell] = max(before[0], low), min(before[1], high)
        return True

    def write_laws(self, name: str, ranges: Mapping[Cell, Range]) -> Iterator[Law]:
        """What is said as a law; of shares by the range of their wholes: with a part a of b and c of
        d, a/b > c/d is ad > cb, and so a times the most that d can be is more than c times the least
        of b."""
        if not self.wholes[0]:
            yield Law(name, self.terms, self.is_equal)
            return
        least, most = add_ranges(self.wholes[0], ranges)[0], add_ranges(self.wholes[1], ranges)[1]
        if most < inf:
            weights = {1: int(most), -1: int(least)}
            terms = [(cell, n * weights[1 if n > 0 else -1]) for cell, n in self.terms]
            yield Law(name, _join([*terms, (SOMEBODY, -1)]), is_equal=False)


def add_ranges(terms: Iterable[tuple[Cell, int]], ranges: Mapping[Cell, Range]) -> Range:
    """The least and the most that the sum of coefficient x cell can be."""
    low = high = 0.0
    for cell, n in terms:
        if not n:
            continue
        ends = (1, 1) if cell == SOMEBODY else ranges.get(cell, (0, inf))
        least, most = sorted(n * end for end in ends)
        low, high = low + least, high + most
    return low, high


def parse_signed(words: str) -> tuple[tuple[Cell, ...], tuple[Cell, ...]]:
    """The cells of "a[d=c] + a[d=e] - a[d=f]": those that are added, and those that are taken off.
    Raises ValueError for what is no cell."""
    first, *rest = words.split(" - ")
    tails = [tail.split(" + ") for tail in rest]
    added = [*parse_terms(first), *(c for tail in tails for w in tail[1:] for c in parse_terms(w))]
    return tuple(added), tuple(c for tail in tails for c in parse_terms(tail[0]))


def read_sentences(number: str, words: str, values: Mapping[str, str]) -> Iterator[Sentence]:
    """The sentences of a row, one for each pair of sides; `values` are printed numbers by key.
    Raises ValueError or KeyError for what is neither cell nor number."""
    left, sign, right = _SIGN.split(words)
    for one in left.split(" | "):
        for other in right.split(" | "):
            sides = [side.partition(" / ") for side in (one, other)]
            first, second = (_read_side(side[0], values) for side in sides)
            wholes = tuple(_read_side(side[2], values) if side[2] else () for side in sides)
            terms = [*first, *((cell, -n) for cell, n in second)]
            is_share = bool(sides[0][2])
            if sign == ">" and not is_share:
                terms.append((SOMEBODY, -1))
            joined = tuple(terms) if is_share else _join(terms)
            yield Sentence(number, joined, sign == "=", (wholes[0], wholes[1]), sign == ">")


def _read_side(words: str, values: Mapping[str, str]) -> Terms:
    terms = []
    for sign, some in zip((1, -1), _split_signs(words), strict=True):
        for term in some:
            times, cells = _TIMES.fullmatch(term), term
            if times:
                cells = times[2]
            if "[" in cells:
                terms.append((parse_terms(cells)[0], sign * int(times[1] if times else 1)))
            else:
                value = int(term) if term.isdigit() else int(values[term])
                terms.append((SOMEBODY, sign * value))
    return tuple(terms)


def _split_signs(words: str) -> tuple[list[str], list[str]]:
    first, *rest = words.split(" - ")
    tails = [tail.split(" + ") for tail in rest]
    return [*first.split(" + "), *(w for tail in tails for w in tail[1:])], [t[0] for t in tails]


def _join(terms: Iterable[tuple[Cell, int]]) -> Terms:
    joined: dict[Cell, int] = {}
    for cell, n in terms:
        joined[cell] = joined.get(cell, 0) + n
    return tuple((cell, n) for cell, n in joined.items() if n)


def _list_codes(cell: Cell, dimension: str, known: Collection[Cell]) -> set[str]:
    """The codes of a dimension that cells with the other codes of this one have."""
    others = cell.without(dimension)
    codes = {
        dict(one.codes)[dimension]
        for one in known
        if one.population == cell.population
        and dimension in dict(one.codes)
        and one.without(dimension) == others
    }
    return codes - {WHOLE, OTHERS}


def _write_out(terms: Terms, known: Collection[Cell]) -> Terms:
    """`**` as the sum over all codes."""
    out: list[tuple[Cell, int]] = []
    for cell, n in terms:
        sums = sorted(dimension for dimension, code in cell.codes if code == SUM)
        if not sums:
            out.append((cell, n))
            continue
        group = cell.without(sums[0])
        codes = sorted(_list_codes(cell, sums[0], known))
        out += [(group.joined([(sums[0], code)]), n) for code in codes]
    return tuple(out)


def _put(code: str, terms: Terms) -> Terms:
    """The terms with this code for `*`."""
    return _join(
        (
            Cell(
                cell.population,
                frozenset((d, code if c.partition(BUT)[0] == EACH else c) for d, c in cell.codes),
            ),
            n,
        )
        for cell, n in terms
    )
