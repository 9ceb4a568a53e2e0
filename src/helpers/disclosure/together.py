"""The tables of the book protected together: what one hides, no other gives away."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from helpers.disclosure.audit import list_narrow
from helpers.disclosure.cells import (
    PRINTED,
    SOMEBODY,
    Book,
    Cell,
    Law,
    Sum,
    find_least,
    read_declared,
)
from helpers.disclosure.earlier import add_earlier, narrow_shown
from helpers.disclosure.knowledge import Prints, list_prints, narrow_by_tests
from helpers.disclosure.ledger import Joined, Publication, join_publications, list_unseen
from helpers.disclosure.rules import (
    HIDDEN,
    REMAINING,
    DisclosureError,
    RuleSet,
    find_alike,
    round_counts,
)
from helpers.disclosure.shapes import join_combinations, show_cells
from helpers.disclosure.solver import collect_later
from helpers.disclosure.suppression import (
    Known,
    choose_hidden,
    derive_counts,
    draw_chance,
    is_near,
)
from helpers.disclosure.years import FAR, find_open, hide_for_years
from helpers.edition import DATA, read_rows
from helpers.labels import MISSING
from helpers.products import Product

_FIGURE, _TOLD, _LATEST = 3, 2, 1.5
# How many counts are hidden that could else be told from small ones.
_VEILED = 1 / 8
# How a finding names rows: cell('table|other', column='n', sex='female', period=last).
_NAMED, _CODE = re.compile(r"\w+\('([\w|]+)'([^()]*)\)"), re.compile(r"(\w+)='(\w+)'")
_NO_KEYS = ("column", "by")


@dataclass(frozen=True)
class Staged:
    """A table of true cells, and what its shape made of it."""

    product: Product
    true: pd.DataFrame
    protected: pd.DataFrame
    rules: RuleSet

    @property
    def rows(self) -> pd.DataFrame:
        """The counts of the rows that are shown or hidden: the true ones, or, where a shape joined
        groups or left rows out, those it made."""
        shape, true = self.product.shape, self.true
        if shape == "change":
            return self.protected
        if shape == "combinations":
            return join_combinations(true, self.product, self.rules)
        if shape == "ratios":
            true = true[true["n_known"] > 0]
        if "residual_df" in true:
            true = true[true["residual_df"] >= self.rules.minimum_residual_df]
        if "grid" in true and shape == "model":
            true = true[true["grid"] != np.inf]
        return true.reset_index(drop=True)

    @property
    def is_joint(self) -> bool:
        """True where its cells are protected with those of others; a curve shows rounded steps of
        enough people only, and the audit reads it as it leaves."""
        return self.product.shape != "curve" and not self.rules.is_open


@dataclass(frozen=True)
class Setting:
    """What a book is protected in: its edition (name, period, units, years of the study), whether it
    counts real people, the earlier bundles of the same registers, the populations that it revises,
    and what only who has the registers knows."""

    name: str = ""
    period: str = ""
    units: tuple[str, ...] = ()
    is_real: bool = False
    earlier: tuple[Publication, ...] = ()
    revised: frozenset[str] = frozenset()
    study: str = ""
    secret: str = ""

    def __post_init__(self) -> None:
        """Raises DisclosureError for real people without a secret: everybody could make the choice
        of what is hidden again."""
        if self.is_real and not self.secret:
            raise DisclosureError(
                "registers of real people are protected with a secret of their own"
            )

    def join(
        self, tables: dict[str, pd.DataFrame], rules: dict[str, RuleSet], *, by_year: bool = True
    ) -> Joined:
        """These tables of the edition, and all earlier bundles."""
        own = Publication(
            self.name, tables, rules, self.period, self.units, self.is_real, self.study
        )
        return join_publications([own, *self.earlier], self.revised, by_year=by_year)


@collect_later()
def protect_together(
    staged: Mapping[str, Staged], setting: Setting | None = None
) -> dict[str, pd.DataFrame]:
    """Each declared table with the cells hidden that the whole book must hide, together with all
    earlier bundles and with what sources print.

    Raises DisclosureError where a law does not hold on the true cells, or a cell cannot be saved.
    """
    setting = setting or Setting()
    joint = {name: one for name, one in staged.items() if one.is_joint}
    joined = setting.join(
        {name: _name_rows(one) for name, one in joint.items()},
        {name: one.rules for name, one in joint.items()},
    )
    book = joined.book
    known, small = _collect(book, joint)
    known.secret = setting.secret
    known.weight = _weigh(book, joint)
    prints = _add_prints(book, known, is_real=setting.is_real)
    if setting.earlier:
        small |= add_earlier(joined, known, small, prints.tests, setting.name)
    else:
        narrow_shown(prints.tests, known, small, {})
    known.besides |= _list_unseen_few(book, known, small | known.apart)
    known.veiled = _find_nobody(book, known, small) | draw_veiled(book, known)
    book.laws += _order_nested(book, known)
    hidden = choose_hidden(book, known, small)
    hidden = _hide_for_tests(book, known, prints, small, hidden)
    hidden = hide_for_years(joined, known, small, hidden)
    made = {
        name: _rank(name, _show(name, one, book, hidden, known)) if name in joint else one.protected
        for name, one in staged.items()
    }
    curves = [name for name, one in staged.items() if one.product.shape == "curve"]
    return made | _thin_curves(made, curves, staged, setting) if curves else made


def _thin_curves(
    made: Mapping[str, pd.DataFrame],
    curves: Sequence[str],
    staged: Mapping[str, Staged],
    setting: Setting,
) -> dict[str, pd.DataFrame]:
    """The curves without the steps whose number at risk, less that of another curve of the same
    people, leaves too few values: steps are rounded by themselves, and not chosen together. Of two
    curves the smaller loses its step."""
    thinned = {name: made[name] for name in curves}
    while True:
        joined = setting.join(
            {name: thinned[name].astype(str) for name in curves if len(thinned[name])},
            {name: staged[name].rules for name in curves},
            by_year=False,
        )
        gone: dict[str, set[int]] = {}
        rows = {cell: place for place, cell in joined.book.places.items() if place[0] in thinned}
        for pair in list_narrow(joined, rows):
            name, _, row = next(rows[cell] for cell in reversed(pair) if cell in rows)
            gone.setdefault(name, set()).add(row)
        if not gone:
            return thinned
        for name, taken in gone.items():
            thinned[name] = thinned[name].drop(index=list(taken)).reset_index(drop=True)


def _weigh(book: Book, staged: Mapping[str, Staged]) -> dict[Cell, float]:
    """A cell counts once for each table that it stands in, and twice more for each that is a figure
    of the monitor: what the monitor itself shows is the last that a method table may cost. One of
    which a finding tells, in whichever year, counts twice as much, and one of the latest year half as
    much again: most that is told is of it."""
    latest = max((cell.period[-4:] for cell in book.places.values()), default="")
    tables: dict[Cell, set[str]] = {}
    told = _find_told(staged)
    is_told = {cell for place, cell in book.places.items() if (place[0], place[2]) in told}
    for (name, _, _), cell in book.places.items():
        if name in staged:
            tables.setdefault(cell, set()).add(name)
    return {
        cell: sum(_FIGURE if staged[name].product.figure else 1.0 for name in names)
        * (_TOLD if cell in is_told else 1)
        * (_LATEST if cell.period == latest else 1)
        for cell, names in tables.items()
    }


def _find_told(staged: Mapping[str, Staged]) -> set[tuple[str, int]]:
    """The (product, row) of which a finding tells."""
    return {
        (name, number)
        for name, findings in list_told().items()
        if name in staged
        for number, row in enumerate(_name_rows(staged[name]).to_dict("records"))
        if any(row.items() >= dict(codes).items() for codes in findings)
    }


@cache
def list_told() -> dict[str, tuple[frozenset[tuple[str, str]], ...]]:
    """For each product the codes of the rows of which a finding tells (`data/claims`): those that it
    names itself; its years follow from the edition."""
    told: dict[str, dict[frozenset[tuple[str, str]], None]] = {}
    for path in sorted((DATA / "claims").glob("*.csv")):
        for row in read_rows(path):
            for names, words in _NAMED.findall(row["values"]):
                codes = frozenset(c for c in _CODE.findall(words) if c[0] not in _NO_KEYS)
                for name in names.split("|") if codes else ():
                    told.setdefault(name, {})[codes] = None
    return {name: tuple(found) for name, found in told.items()}


def _add_prints(book: Book, known: Known, *, is_real: bool) -> Prints:
    """Add to the laws of the book, and to what is known, the printed numbers that are true."""
    counts = derive_counts(book, known.counts)
    prints = list_prints(book.cells, is_real=is_real, counts=counts)
    book.laws += prints.laws
    for law in prints.laws:
        total, parts = law.terms[0][0], law.terms[1:]
        if total.population == PRINTED:
            counts[total] = known.counts[total] = sum(counts[cell] for cell, _ in parts)
    for cell, (low, high) in prints.ranges.items():
        count = counts[cell]
        known.limits[cell] = int(low) - count, int(min(high, count + FAR)) - count
        if low == high:
            known.fixed.add(cell)
    return prints


def _list_unseen_few(book: Book, known: Known, hidden: set[Cell]) -> dict[Sum, int]:
    """What no table shows and is of few people, with the minimum of each: cells that follow from
    others, and in how many further parts people are. Nobody may be told from a few where what it
    follows from is not shown."""
    counts = derive_counts(book, known.counts)
    laws = [law.terms for law in book.laws if any(cell in hidden for cell, _ in law.terms)]
    is_open = {cell for terms in laws for cell, _ in terms}
    few: dict[Sum, int] = {}
    for cell, least in find_least(list_unseen(book), known.minimum).items():
        if cell in counts and (counts[cell] or cell in is_open) and is_near(counts[cell], least):
            few[((cell, 1),)] = least
    for terms in book.overlaps:
        if all(cell in counts for cell, _ in terms):
            least = max(known.minimum.get(cell, 1) for cell, _ in terms)
            if 1 <= sum(n * counts[cell] for cell, n in terms) < least:
                few[terms] = least
    return few


def _order_nested(book: Book, known: Known) -> list[Law]:
    """That the part of a whole is no larger, as laws: whoever attacks knows that nobody between two
    numbers is as few as there can be. Traits of a part of the reports alone may be more."""
    counts = derive_counts(book, known.counts)
    return [
        Law(f"{part} within {whole}", ((whole, 1), (part, -1)), is_equal=False)
        for whole, part in book.find_nested(set(book.places.values()))
        if counts[whole] >= counts[part]
    ]


def _hide_for_tests(
    book: Book, known: Known, prints: Prints, small: set[Cell], hidden: set[Cell]
) -> set[Cell]:
    """Hide, where a printed test leaves a hidden cell too narrow, the other counts of the test too:
    first both sides, then how many it is of."""
    counts = derive_counts(book, known.counts)
    for wider in (2, 4):
        cells = {cell for test in prints.tests for cell in test.cells}
        ranges = {cell: find_open(cell, counts[cell], known, hidden) for cell in cells}
        left, _ = narrow_by_tests(prints.tests, ranges)
        few = {cell for cell, own in left.items() if cell in hidden and len(own) < REMAINING}
        narrow = {
            cell
            for test in prints.tests
            if not few.isdisjoint(test.cells)
            for cell in test.cells[:wider]
        }
        if not narrow - hidden:
            break
        hidden = choose_hidden(book, known, small | hidden | narrow)
    return hidden


def _find_nobody(book: Book, known: Known, small: set[Cell]) -> set[Cell]:
    """The parts of nobody where the whole is a few: shown, they would say of what kind all of these
    few are."""
    found = set()
    for law in book.laws:
        (whole, sign), *parts = law.terms
        is_sum = law.is_equal and all(n == -sign for _, n in parts)
        if is_sum and whole in small and whole.depth < parts[0][0].depth:
            found |= {cell for cell, _ in parts if known.counts.get(cell) == 0}
    return found


def draw_veiled(book: Book, known: Known) -> set[Cell]:
    """One in eight of the noughts, and of the counts just above the minimum, where that is no larger
    than what must remain: were only smaller ones hidden, each of these would be one of four numbers
    for who sees that it is small. What is no part of anything, as the total of a year, is not hidden
    by chance, nor is a part of nobody."""
    counts = derive_counts(book, known.counts)
    parts, empty = set[Cell](), set[Cell]()
    for law in book.laws:
        fewest = min(cell.depth for cell, _ in law.terms)
        further = {cell for cell, _ in law.terms if cell.depth > fewest}
        parts |= further
        if not any(counts.get(cell, 1) for cell, _ in law.terms if cell.depth == fewest):
            empty |= further
    return {
        cell
        for cell in (parts - empty).intersection(known.counts)
        if 1 < (least := known.minimum.get(cell, 1)) <= REMAINING
        and (known.counts[cell] == 0 or least <= known.counts[cell] < least + REMAINING - 1)
        and draw_chance(known.secret, "veil", cell) < _VEILED
    }


def _name_rows(one: Staged) -> pd.DataFrame:
    keys = list(one.product.keys)
    return one.rows.reset_index(drop=True).astype(dict.fromkeys(keys, str))[keys]


def _collect(book: Book, staged: Mapping[str, Staged]) -> tuple[Known, set[Cell]]:
    """The count and minimum of each cell, how far it is left open, and the small ones."""
    known, small = Known(counts={SOMEBODY: 1}, frozen={SOMEBODY}), set()
    counts = {
        (declared.product, declared.column): staged[declared.product].rows[declared.column].tolist()
        for name in staged
        for declared in read_declared()[name]
    }
    for (name, column, row), cell in book.places.items():
        if name not in staged:
            continue  # an earlier bundle's
        one, count = staged[name], int(counts[name, column][row])
        known.counts[cell] = count
        known.minimum[cell] = max(known.minimum.get(cell, 1), one.rules.minimum_count)
        if 0 < count < one.rules.least_shown or _is_hidden_alone(one, column, row):
            small.add(cell)
        if count == 0 or count >= one.rules.least_shown:
            low, high = find_alike(count, one.rules)
            known.spread[cell] = low - count, high - count
    return known, small


def _is_hidden_alone(one: Staged, column: str, row: int) -> bool:
    """True where the shape of a rounded table hides the count for a reason of its own: the other
    side of a comparison, a complement that is small, a person who dominates."""
    if one.rules.rounding_base == 1 or column not in one.protected:
        return False
    return len(one.protected) == len(one.rows) and one.protected[column].iloc[row] == HIDDEN


def _find_whole(one: Staged, book: Book, hidden: set[Cell], known: Known) -> pd.Series | None:
    """For each row the shown count of its group, where the rows of the group add up to it."""
    declared = read_declared()[one.product.name][0]
    names = declared.name_keys()
    within = [names.get(key) for key in one.product.within]
    parted = [d for d in declared.find_related("partition") if d not in within]
    if not parted or not within:
        return None  # there is no share
    shown, same = set(book.places.values()) - hidden, book.find_same()
    wholes = []
    for row in range(len(one.rows)):
        cell = book.places[one.product.name, "n", row]
        wholes.append(cell.without(next(d for d in parted if d in dict(cell.codes))))
    wholes = [cell if cell in shown else same.get(cell, cell) for cell in wholes]
    counts = [known.counts[cell] if cell in shown else 0 for cell in wholes]
    return round_counts(pd.Series(counts, dtype=int), one.rules)


def _show(name: str, one: Staged, book: Book, hidden: set[Cell], known: Known) -> pd.DataFrame:
    """The table as it leaves: by its shape, a row is hidden, left out, or the whole table is."""
    sources = [s for d in read_declared()[name] for s in d.find_related("made_of")]
    if sources:
        is_whole = not any(c in hidden for place, c in book.places.items() if place[0] in sources)
        return one.protected if is_whole else one.protected.iloc[:0]
    masks = {
        declared.column: pd.Series(
            [book.places[name, declared.column, row] in hidden for row in range(len(one.rows))],
            dtype=bool,
        )
        for declared in read_declared()[name]
    }
    table = one.rows.reset_index(drop=True)
    if table.empty:
        return one.protected
    if one.product.shape in ("counts", "combinations"):
        whole = _find_whole(one, book, hidden, known)
        return show_cells(table, one.rules, masks["n"], within=one.product.within, whole=whole)
    is_hidden = pd.concat(masks, axis=1).any(axis=1)
    if one.product.shape == "rates":
        keys = list(one.product.keys)
        gone = table.loc[is_hidden, keys].astype(str).agg("|".join, axis=1)
        kept = ~one.protected[keys].astype(str).agg("|".join, axis=1).isin(gone)
        return one.protected[kept].reset_index(drop=True)
    if one.product.shape in ("ratios", "model", "contrasts", "tests"):
        return _hide_rows(one, masks)
    shown = {
        column: table[column].astype(object).where(~mask, HIDDEN) for column, mask in masks.items()
    }
    status = table["status"].mask(is_hidden, "suppressed")
    return table.assign(**shown, value=table["value"].where(~is_hidden), status=status)


def _rank(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """The table with the codes of a `ranked` dimension in the order of what is shown of them, the
    largest first and missing codes last: the order of the true counts would say between which two
    a hidden one lies."""
    for declared in read_declared()[name]:
        names = {dimension: key for key, dimension in declared.name_keys().items()}
        for dimension in declared.find_related("ranked"):
            key = names[dimension]
            shown = pd.to_numeric(table[declared.column], errors="coerce").fillna(0)
            is_longest = table["period"].str.len() == table["period"].str.len().max()
            sums = shown.where(is_longest, 0).groupby(table[key]).sum()
            order = sorted(sums.index, key=lambda code: (code in MISSING, -sums[code], code))
            ranks = {
                column: {c: n for n, c in enumerate(dict.fromkeys(table[column]))}
                for column in declared.name_keys()
            } | {key: {code: n for n, code in enumerate(order)}}
            columns = [column for column in table if column in ranks]
            table = table.sort_values(
                columns, key=lambda column: column.map(ranks[column.name]), ignore_index=True
            )
    return table


def _hide_rows(one: Staged, masks: Mapping[str, pd.Series]) -> pd.DataFrame:
    """What its shape made, with the counts of the masks hidden, and in their rows all that was made
    from them."""
    table = one.protected.reset_index(drop=True)
    made = one.product.list_columns(list(table.columns), "share", "estimate", "limit", "statistic")
    is_hidden = pd.concat(masks, axis=1).any(axis=1)
    is_ratio = one.product.shape == "ratios"
    gone = {
        c: table[c].astype(object).where(~is_hidden, np.nan if is_ratio else HIDDEN) for c in made
    }
    counts = {c: table[c].astype(object).where(~mask, HIDDEN) for c, mask in masks.items()}
    return table.assign(**gone, **counts, status=table["status"].mask(is_hidden, "suppressed"))
