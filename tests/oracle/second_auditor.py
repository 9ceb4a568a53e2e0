"""A second auditor, which has the built site and nothing else: no declaration, no rule set, no
register.

It reads the tables that the site offers, and finds out by itself which counts add up to which: a sum
over a column that agrees with another count wherever everything is shown is taken to agree where
something is hidden too; so are two tables that show the same wherever both show something, and
years beside their whole period. What is left of each hidden count is then found by linear
programming.
"""

from __future__ import annotations

import csv
import math
import re
from collections import defaultdict
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
from scipy.optimize import linprog

HIDDEN = "hidden"
_COUNT = re.compile(r"n|n_.+")
_WORDS = {"share", "value", "unit", "status", "mark", "source", "ci_lower", "ci_upper"}
_SPAN = re.compile(r"(\d{4})-(\d{4})")
# So many times a sum has to agree before it is believed.
_OFTEN = 2
Place = tuple[str, str, frozenset[str]]


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
            codes = frozenset(row[key] for key in keys)
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


def find_sums(counts: dict[Place, Count]) -> list[tuple[Place, list[Place]]]:
    """Each (whole, parts) that the shown numbers let one believe, wherever they are hidden too."""
    by_table: dict[tuple[str, str], list[Place]] = defaultdict(list)
    for place in counts:
        by_table[place[:2]].append(place)
    candidates: dict[tuple[object, ...], list[tuple[Place, list[Place]]]] = defaultdict(list)
    by_codes: dict[frozenset[str], list[Place]] = defaultdict(list)
    for place in counts:
        by_codes[place[2]].append(place)
        by_codes[place[2] - {"all"}].append(place)
    for table, places in by_table.items():
        for group, parts in _group(places).items():
            for whole in by_codes.get(group, []):
                if whole not in parts:
                    candidates[table, whole[:2], len(group)].append((whole, parts))
        for whole, parts in _span_years(places, counts):
            candidates[table, "years"].append((whole, parts))
    for codes in list(by_codes):
        for one in by_codes[codes]:
            for other in by_codes[codes]:
                if one[:2] < other[:2]:
                    candidates["same", one[:2], other[:2]].append((one, [other]))
    believed = []
    for sums in candidates.values():
        tried = [_agrees(whole, parts, counts) for whole, parts in sums]
        known = [agrees for agrees in tried if agrees is not None]
        if len(known) >= _OFTEN and all(known):
            believed += sums
    return believed


def _group(places: list[Place]) -> dict[frozenset[str], list[Place]]:
    """The rows of a table that differ in one code only, by the codes that they share."""
    groups: dict[frozenset[str], list[Place]] = defaultdict(list)
    for place in places:
        if "all" in place[2]:
            continue
        for code in place[2]:
            groups[place[2] - {code}].append(place)
    return {codes: parts for codes, parts in groups.items() if len(parts) > 1}


def _span_years(places: list[Place], counts: dict[Place, Count]) -> list[tuple[Place, list[Place]]]:
    found = []
    for whole in places:
        span = next((code for code in whole[2] if _SPAN.fullmatch(code)), None)
        if span is None:
            continue
        first, last = map(int, span.split("-"))
        years = [(*whole[:2], whole[2] - {span} | {str(year)}) for year in range(first, last + 1)]
        if all(year in counts for year in years):
            found.append((whole, years))
    return found


def _agrees(whole: Place, parts: list[Place], counts: dict[Place, Count]) -> bool | None:
    """Whether a sum agrees where all of it is shown; None where it is not, or says nothing."""
    shown = [counts[place] for place in (whole, *parts)]
    if any(one.is_hidden for one in shown) or not any(one.low for one in shown):
        return None
    low, high = sum(one.low for one in shown[1:]), sum(one.high for one in shown[1:])
    return low <= shown[0].high and high >= shown[0].low


def find_widths(counts: dict[Place, Count]) -> dict[Place, float]:
    """The numbers that remain for each hidden count."""
    sums = find_sums(counts)
    touching: dict[Place, list[int]] = defaultdict(list)
    for number, (whole, parts) in enumerate(sums):
        for place in (whole, *parts):
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
            for other in (sums[number][0], *sums[number][1]):
                if other not in cells:
                    cells[other] = len(cells)
                    if counts[other].low < counts[other].high:
                        edge.append(other)
    matrix = np.zeros((len(rows), len(cells)))
    for at, number in enumerate(sorted(rows)):
        whole, parts = sums[number]
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
    """The numbers among these words that the table does not hold, as precisely as they are shown."""
    with table.open(encoding="utf-8", newline="") as stream:
        cells = [cell for row in csv.reader(stream) for cell in row]
    held = {float(text) for cell in cells for text in re.findall(r"\d+(?:\.\d+)?", cell)}
    finer = []
    for text in words:
        for shown in _NUMBER.findall(text):
            digits = len(shown.partition(".")[2])
            value = float(shown.replace(",", ""))
            half = 0.5 * 10.0**-digits + 1e-9
            if not any(abs(h - value) <= half or abs(100 * h - value) <= half for h in held):
                finer.append(shown)
    return finer
