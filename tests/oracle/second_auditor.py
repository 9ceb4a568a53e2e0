"""A second auditor, which has the built site and nothing else: no declaration, no rule set, no
register.

It reads the tables that the site offers, and finds out by itself which counts add up to which: a
sum over a column that agrees with another count wherever everything is shown is taken to agree
where something is hidden too; so are two tables that show the same wherever both show something,
and years beside their whole period. What is left of each hidden count is then found by linear
programming.
"""

from __future__ import annotations

import csv
import math
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from scipy.optimize import linprog

HIDDEN = "hidden"
_COUNT = re.compile(r"n|n_.+")
_WORDS = {"share", "value", "unit", "status", "mark", "source", "ci_lower", "ci_upper"}
_SPAN = re.compile(r"=(\d{4})-(\d{4})$")
# So many times a sum has to agree before it is believed.
_OFTEN = 2
_LARGE, _HARDLY = 100, 0.02
Place = tuple[str, str, frozenset[str]]
# The counts whose sum is that of the others.
Sum = tuple[list[Place], list[Place]]


@dataclass
class Count:
    """A count as the site shows it: where, of whom, and which numbers it leaves open."""

    place: Place
    low: float
    high: float
    is_hidden: bool


def read_counts(folder: Path) -> dict[Place, Count]:
    """Every count of every table, by table, column and the codes of its row."""
    counts: dict[Place, Count] = {}
    for path in sorted(folder.glob("*.csv")):
        if path.name.count(".") > 1:
            continue
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        for row in rows:
            columns = list(row)
            first = next((c for c in columns if _COUNT.fullmatch(c)), None)
            if first is None or row.get("mark") == "published":
                continue
            keys = [c for c in columns if c not in _WORDS and not _COUNT.fullmatch(c)]
            codes = frozenset(f"{key}={row[key]}" for key in keys)
            for column in columns:
                if _COUNT.fullmatch(column) and row[column]:
                    place = (path.stem, column, codes)
                    counts[place] = _read(place, row[column], row.get("status", ""))
    return counts


def _read(place: Place, text: str, status: str) -> Count:
    if not text.isdigit():
        return Count(place, 0, math.inf, True)
    n = int(text)
    wide = 2 if n % 5 == 0 and status != "released" and n else 0
    return Count(place, n - wide, n + wide, False)


def find_sums(counts: dict[Place, Count]) -> list[Sum]:
    """Each (wholes, parts) that the shown numbers let one believe, wherever they are hidden too."""
    by_table: dict[tuple[str, str], list[Place]] = defaultdict(list)
    by_codes: dict[tuple[str, ...], list[Place]] = defaultdict(list)
    # A count with one code more, the same one each time: "counted", "foreign".
    by_fewer: dict[tuple[str, ...], list[tuple[Place, str]]] = defaultdict(list)
    for place in counts:
        by_table[place[:2]].append(place)
        for codes in {_bare(place[2]), _bare(c for c in place[2] if not c.endswith("=all"))}:
            by_codes[codes].append(place)
        for code in place[2]:
            by_fewer[_bare(place[2] - {code})].append((place, code))
    rows: dict[tuple[str, ...], list[tuple[tuple[str, str], str, list[Place]]]] = defaultdict(list)
    candidates: dict[tuple[object, ...], list[Sum]] = defaultdict(list)
    for table, places in by_table.items():
        for (by, group), parts in _group(places).items():
            for whole in by_codes.get(_bare(group), []):
                if whole not in parts:
                    candidates[table, whole[:2], by].append(([whole], parts))
            for whole, more in by_fewer.get(_bare(group), []):
                if whole[:2] != table:
                    candidates[table, whole[:2], by, more].append(([whole], parts))
            rows[_bare(group)].append((table, by, parts))
        for whole, parts in _span_years(places, counts):
            candidates[table, "years"].append((whole, parts))
    for places in rows.values():
        for (one, by, parts), (other, way, more) in combinations(places, 2):
            if one != other:
                candidates[one, by, other, way].append((more, parts))
    for places in by_codes.values():
        for one in places:
            for other in places:
                if one[:2] < other[:2]:
                    candidates["same", one[:2], other[:2]].append(([one], [other]))
    believed = []
    for sums in candidates.values():
        tried = [_agrees(one, counts) for one in sums]
        known = [agrees for agrees in tried if agrees is not None]
        if known and all(known) and (len(known) >= _OFTEN or _is_striking(sums[0], counts)):
            believed += sums
    return believed


def _bare(codes: Iterable[str]) -> tuple[str, ...]:
    """The codes without the names of their columns, which differ from table to table."""
    return tuple(sorted(code.partition("=")[2] for code in codes))


def _is_striking(one: Sum, counts: dict[Place, Count]) -> bool:
    """Whether a sum of several that agrees once is no accident: large, and hardly open by
    rounding."""
    least = sum(counts[place].low for place in one[0])
    open_by = sum(counts[place].high - counts[place].low for place in (*one[0], *one[1]))
    return len(one[1]) > 1 and least >= _LARGE and open_by < _HARDLY * least


def _group(places: list[Place]) -> dict[tuple[str, frozenset[str]], list[Place]]:
    """The rows of a table that differ in one code only, by that column and the codes they share."""
    groups: dict[tuple[str, frozenset[str]], list[Place]] = defaultdict(list)
    for place in places:
        if any(code.endswith("=all") for code in place[2]):
            continue
        for code in place[2]:
            groups[code.partition("=")[0], place[2] - {code}].append(place)
    return {group: parts for group, parts in groups.items() if len(parts) > 1}


def _span_years(places: list[Place], counts: dict[Place, Count]) -> list[Sum]:
    found = []
    for whole in places:
        span = next((code for code in whole[2] if _SPAN.search(code)), None)
        if span is None:
            continue
        name, _, period = span.partition("=")
        first, last = map(int, period.split("-"))
        rest = whole[2] - {span}
        years = [(*whole[:2], rest | {f"{name}={year}"}) for year in range(first, last + 1)]
        if all(year in counts for year in years):
            found.append(([whole], years))
    return found


def _agrees(one: Sum, counts: dict[Place, Count]) -> bool | None:
    """Whether a sum agrees where all of it is shown; None where it is not, or says nothing."""
    wholes, parts = ([counts[place] for place in side] for side in one)
    shown = [*wholes, *parts]
    if any(count.is_hidden for count in shown) or not any(count.low for count in shown):
        return None
    low, high = (sum(c.low for c in parts), sum(c.high for c in parts))
    return low <= sum(c.high for c in wholes) and high >= sum(c.low for c in wholes)


def find_widths(counts: dict[Place, Count]) -> dict[Place, float]:
    """The numbers that remain for each hidden count."""
    sums = find_sums(counts)
    touching: dict[Place, list[int]] = defaultdict(list)
    for number, (wholes, parts) in enumerate(sums):
        for place in (*wholes, *parts):
            touching[place].append(number)
    widths = {}
    for place, count in counts.items():
        if count.is_hidden:
            low, high = _bound(place, counts, sums, touching)
            widths[place] = high - low + 1
    return widths


def _bound(place, counts, sums, touching) -> tuple[float, float]:
    cells, edge, rows = {place: 0}, [place], set()
    while edge:
        for number in touching[edge.pop()]:
            rows.add(number)
            for other in (*sums[number][0], *sums[number][1]):
                if other not in cells:
                    cells[other] = len(cells)
                    if counts[other].low < counts[other].high:
                        edge.append(other)
    matrix = np.zeros((len(rows), len(cells)))
    for at, number in enumerate(sorted(rows)):
        wholes, parts = sums[number]
        for whole in wholes:
            matrix[at, cells[whole]] -= 1
        for part in parts:
            matrix[at, cells[part]] += 1
    limits = [(counts[one].low, min(counts[one].high, 1e7)) for one in cells]
    ends = []
    for sign in (1, -1):
        aim = np.zeros(len(cells))
        aim[0] = sign
        found = linprog(
            aim,
            A_eq=matrix if rows else None,
            b_eq=np.zeros(len(rows)) if rows else None,
            bounds=limits,
        )
        if found.status != 0:  # a sum was believed that does not hold
            return 0, math.inf
        ends.append(found.x[0])
    return math.ceil(ends[0] - 1e-6), math.floor(ends[1] + 1e-6)


class _Page(HTMLParser):
    """The words in the cells of each released table of a page, and those of its pictures."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, list[str]] = defaultdict(list)
        self.pictures: list[str] = []
        self.name, self.is_cell, self.depth = "", False, 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "div" and given.get("data-table"):
            self.name, self.depth = str(given["data-table"]), 0
        if tag == "div" and self.name:
            self.depth += 1
        if tag == "svg":
            self.pictures.append(str(given.get("aria-label") or ""))
        if tag in ("td", "th", "span"):
            self.is_cell = bool(self.name) and "data-provenance" in given

    def handle_endtag(self, tag: str) -> None:
        if tag == "div" and self.name:
            self.depth -= 1
            if not self.depth:
                self.name = ""

    def handle_data(self, data: str) -> None:
        if self.is_cell and data.strip():
            self.tables[self.name].append(data.strip())
        self.is_cell = False


def read_page(path: Path) -> _Page:
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")


def find_finer(words: list[str], table: Path) -> list[str]:
    """The numbers among these words that the table does not hold, as precisely as they are
    shown."""
    with table.open(encoding="utf-8", newline="") as stream:
        cells = [cell for row in csv.reader(stream) for cell in row]
    held = {float(text) for cell in cells for text in re.findall(r"\d+(?:\.\d+)?", cell)}
    finer = []
    for text in words:
        for shown in _NUMBER.findall(text.partition(" on a scale of ")[0]):
            digits = len(shown.partition(".")[2])
            value = float(shown.replace(",", ""))
            half = 0.5 * 10.0**-digits + 1e-9
            if not any(abs(h - value) <= half or abs(100 * h - value) <= half for h in held):
                finer.append(shown)
    return finer


# What a picture says by where its points and lines lie


@dataclass
class _Scale:
    """An axis of a drawing: its value is `base` + `slope` x place, of the logarithm where
    `is_log`."""

    base: float
    slope: float
    is_log: bool
    ticks: list[float]

    def read(self, place: float) -> float:
        value = self.base + self.slope * place
        return 10**value if self.is_log else value


_PLACE = re.compile(r"(-?[\d.]+(?:e-?\d+)?)\s+(-?[\d.]+(?:e-?\d+)?)")
# Parts of a drawing that are no data: axes, legends, words.
_FURNITURE = ("matplotlib.axis", "legend", "text", "table-")
_SVG = "{http://www.w3.org/2000/svg}"


def measure_drawing(drawing: str) -> dict[tuple[str, bool], list[float]]:
    """What the points, bars and lines of a drawing say when they are held against its ticks, on
    each axis of numbers, by table and whether they are rings (`as printed`). What stands on a tick,
    on the border or beside it is left out."""
    root = ElementTree.fromstring(drawing)
    found: dict[tuple[str, bool], list[float]] = defaultdict(list)
    for axes in root.iter(f"{_SVG}g"):
        parts = list(axes.findall(f"{_SVG}g"))
        names = [p.get("id", "") for p in parts]
        table = next((name[6:] for name in names if name.startswith("table-")), None)
        if not axes.get("id", "").startswith("axes") or table is None:
            continue
        border = _list_places(parts[names.index(f"table-{table}")])
        drawn = [p for p, name in zip(parts, names, strict=True) if not name.startswith(_FURNITURE)]
        for side, number in ((0, "1"), (1, "2")):
            axis = next((p for p in parts if p.get("id") == f"matplotlib.axis_{number}"), None)
            scale = _read_scale(axis, side) if axis is not None else None
            edges = sorted(place[side] for place, _ in border)
            near = 2e-4 * (edges[-1] - edges[0])
            for place, is_ring in {p for part in drawn for p in _list_places(part)}:
                if scale is None or not edges[0] < place[side] < edges[-1]:
                    continue
                if all(abs(place[side] - known) > near for known in (*edges, *scale.ticks)):
                    found[table, is_ring].append(scale.read(place[side]))
    return dict(found)


def _list_places(part: ElementTree.Element) -> list[tuple[tuple[float, float], bool]]:
    """The places of a part of a drawing, and whether each is that of a ring."""
    places = []
    marks = {path for defs in part.iter(f"{_SVG}defs") for path in defs.iter()}
    for one in part.iter():
        if one.tag == f"{_SVG}use":
            is_ring = "fill-opacity: 0" in one.get("style", "")
            places.append(((float(one.get("x", 0)), float(one.get("y", 0))), is_ring))
        elif one.tag == f"{_SVG}path" and one not in marks:
            found = _PLACE.findall(one.get("d", ""))
            places += [((float(x), float(y)), False) for x, y in found]
    return places


def _read_scale(axis: ElementTree.Element, side: int) -> _Scale | None:
    """The scale of an axis by its ticks; None where they are words or years."""
    ticks, values = [], []
    for tick in axis.findall(f"{_SVG}g"):
        mark = next(tick.iter(f"{_SVG}use"), None)
        words = "".join("".join(t.itertext()) for t in tick.iter(f"{_SVG}text")).strip()
        text = words.replace("−", "-").replace(",", "").rstrip("%\u202f ")
        if mark is None or not re.fullmatch(r"-?\d+(\.\d+)?", text):
            continue
        ticks.append(float(mark.get("xy"[side], 0)))
        values.append(float(text))
    is_year = all(1990 <= value <= 2100 for value in values)
    if len(values) < 2 or is_year:
        return None
    for is_log in (False, True):
        if is_log and min(values) <= 0:
            continue
        levels = np.log10(values) if is_log else np.array(values)
        slope, base = np.polyfit(ticks, levels, 1)
        if np.abs(base + slope * np.array(ticks) - levels).max() < 1e-3 * np.ptp(levels):
            return _Scale(float(base), float(slope), is_log, ticks)
    return None


def find_drawn(values: list[float], *tables: Path) -> list[float]:
    """The measured values that are no number of these tables, nor a percentage of one."""
    cells = [
        cell
        for table in tables
        for row in csv.reader(table.read_text(encoding="utf-8").splitlines())
        for cell in row
    ]
    held = np.array([float(c) for c in cells if re.fullmatch(r"-?\d+(\.\d+)?", c)] + [0.0])
    held = np.concatenate([held, 100 * held])
    span = max(map(abs, values), default=0.0)
    return [value for value in values if np.abs(held - value).min() > 3e-4 * span]


def find_finer_pictures(site: Path) -> tuple[list[str], int]:
    """A line for each drawing of a site that says more than the table it is of, and how many places
    were measured. Rings stand for what was printed; tables of others' numbers have no secret."""
    lines, measured = [], 0
    printed = sorted((site / "tables").glob("printed_*.csv"))
    for path in sorted((site / "pictures").glob("*.svg")):
        drawing = path.read_text(encoding="utf-8")
        for (name, is_ring), values in measure_drawing(drawing).items():
            own = [site / "tables" / f"{name}{end}.csv" for end in ("", ".made-up")]
            own = [table for table in own if table.exists()]
            measured += len(values)
            if own and set(_list_marks(own[0])) == {"published"}:
                continue
            finer = find_drawn(values, *own, *(printed if is_ring else []))
            if finer or not own:
                lines.append(f"{path.name}: {len(finer)} places that {name} does not hold")
    return lines, measured


def _list_marks(table: Path) -> list[str]:
    with table.open(encoding="utf-8", newline="") as stream:
        return [row.get("mark", "") for row in csv.DictReader(stream)]
