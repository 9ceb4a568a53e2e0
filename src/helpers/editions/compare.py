"""Two editions beside each other: tables, definitions, claims, and numbers of closed years."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten
from typing import Any

import pandas as pd

from helpers.claims import UNDECIDED, judge
from helpers.disclosure import read_declared as read_cells
from helpers.edition import BUNDLES, CACHE, CODES, BadInput, read_edition, read_rows
from helpers.products import Product, read_products
from helpers.release import check_bundle, read_manifest

DECLARED = CODES / "revisions.csv"
DECLARED_COLUMNS = (
    "edition",
    "population",
    "table",
    "period",
    "reason_en",
    "reason_nl",
    "source",
)
# What a closed year says of people; made-up people are nobody's vintage.
REAL_MARKS = ("published", "register")
# So many differences of a kind are shown, unless all are asked for.
MOST = 5
LONGEST = 300
_SAME = ("edition", "period_start", "period_end")
# A table's name, the rows of both editions beside each other, its keys, and its columns of counts.
Pair = tuple[str, pd.DataFrame, list[str], list[str]]


@dataclass(frozen=True)
class Comparison:
    """What differs: lines for tables, definitions, claims and sentences, closed years that changed
    for a declared reason, and those that changed without one, which are findings; then the claims
    that one of the two cannot decide, and the tables of which it has no row. `shared` numbers of
    closed years were compared."""

    tables: tuple[str, ...]
    definitions: tuple[str, ...]
    claims: tuple[str, ...]
    texts: tuple[str, ...]
    declared: tuple[str, ...]
    findings: tuple[str, ...]
    undecided: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    shared: int = 0

    def write(self, *, most: int | None = MOST) -> str:
        """The comparison as text, a part a kind of difference, what matters most first; of each at
        most so many lines, of a long one its beginning (None: all)."""
        parts = {
            "closed years that changed WITHOUT a declared reason": self.findings,
            "closed years that changed, with a declared reason": self.declared,
            "definitions": self.definitions,
            "claims whose verdict differs": self.claims,
            "tables": self.tables,
            "sentences whose words differ": self.texts,
            "claims that only one of the two can decide": self.undecided,
            "tables that have rows in only one of the two": self.alone,
        }
        lines = [f"numbers of closed years that both show: {self.shared:,}"]
        for title, found in parts.items():
            shown = found if most is None else [shorten(one, LONGEST) for one in found[:most]]
            lines += [f"{title}: {len(found) or 'none'}", *(f"  {line}" for line in shown)]
            if most is not None and len(found) > most:
                lines.append(f"  and {len(found) - most} more")
        return "\n".join(lines)


def find_bundle(edition: str) -> Path:
    """The edition's committed bundle, or else that of its last run. Raises BadInput where there is
    none, or it is not whole."""
    for folder in (BUNDLES / edition, CACHE / "bundles" / edition):
        if folder.exists():
            check_bundle(folder)
            return folder
    raise BadInput(f"there is no bundle of {edition}; monitor bundle --edition {edition} makes it")


def find_nearest(name: str, others: Sequence[str]) -> str | None:
    """Of other editions the one that shares most years with this one, of several the one that ends
    last; none where none shares any."""
    years = set(read_edition(name).years)
    periods = {other: read_edition(other).years for other in others}
    shared = {
        other: (len(years & set(of)), of[-1]) for other, of in periods.items() if years & set(of)
    }
    return max(shared, key=lambda other: shared[other], default=None)


def compare_editions(first: str, second: str, *, language: str = "en") -> Comparison:
    """What differs between two editions, the earlier named first.

    Raises BadInput where an edition or its bundle is not there.
    """
    one, other = (read_edition(name, language=language) for name in (first, second))
    folders = find_bundle(first), find_bundle(second)
    before, after = (read_manifest(folder) for folder in folders)
    pairs = pair_closed(folders, last_closed=min(one.period_end, other.period_end))
    changes, reasons = find_changes(pairs), read_reasons()
    # Whoever names the later edition first finds its reasons, too.
    telling = (second, first) if one.period_end > other.period_end else (second,)
    declared: list[str] = []
    findings: list[str] = []
    for change in changes:
        reason = find_reason(change, reasons, telling, language)
        line = f"{change['table']}, {change['where']}: {change['before']} -> {change['after']}"
        (declared if reason else findings).append(f"{line}: {reason}" if reason else line)
    judged = judge(one, folder=folders[0]), judge(other, folder=folders[1])
    verdicts = {
        name: (judged[0][name].verdict, judged[1][name].verdict)
        for name in sorted(judged[0].keys() & judged[1].keys())
    }
    both = [name for name, pair in verdicts.items() if UNDECIDED not in pair]
    tables, alone = _compare_tables(before["tables"], after["tables"])
    return Comparison(
        tables=tuple(tables),
        definitions=tuple(_compare_definitions(before, after)),
        claims=tuple(
            f"{name}: {' -> '.join(verdicts[name])}" for name in both if len({*verdicts[name]}) > 1
        ),
        texts=tuple(
            f"{name}: {judged[1][name].write(letters=False)}"
            for name in both
            if judged[0][name].write(letters=False) != judged[1][name].write(letters=False)
        ),
        declared=tuple(declared),
        findings=tuple(findings),
        undecided=tuple(
            f"{name}: {' -> '.join(pair)}"
            for name, pair in verdicts.items()
            if UNDECIDED in pair and len({*pair}) > 1
        ),
        alone=tuple(alone),
        shared=sum(len(rows) * len(columns) for _, rows, _, columns in pairs),
    )


def _compare_tables(before: dict[str, Any], after: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Tables whose rows differ, and those of which only one of the two has any."""
    both: list[str] = []
    alone: list[str] = []
    for name in sorted(before.keys() | after.keys()):
        one, other = before.get(name, {}), after.get(name, {})
        rows = one.get("rows", 0), other.get("rows", 0)
        if any(rows) and one.get("sha256") != other.get("sha256"):
            (both if all(rows) else alone).append(f"{name}: {rows[0]} -> {rows[1]} rows")
    return both, alone


def _compare_definitions(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Parameters, rule sets and keys that the two manifests name differently."""
    old, new = before["parameters"], after["parameters"]
    lines = [
        f"parameter {name}: {old.get(name, 'not given')} -> {new.get(name, 'not given')}"
        for name in sorted(old.keys() | new.keys())
        if name not in _SAME and old.get(name) != new.get(name)
    ]
    changed: dict[str, list[str]] = {}
    for name in sorted(before["tables"].keys() & after["tables"].keys()):
        one, other = before["tables"][name], after["tables"][name]
        for what in ("rule_set", "by", "mark"):
            # A table without rows has no mark.
            is_told = what != "mark" or (one[what] and other[what])
            if is_told and one.get(what) != other.get(what):
                line = f"{what}: {one[what] or 'none'} -> {other[what] or 'none'}"
                changed.setdefault(line, []).append(name)
    return [*lines, *(f"{line}, in {', '.join(names)}" for line, names in changed.items())]


def pair_closed(folders: tuple[Path, Path], *, last_closed: int) -> list[Pair]:
    """The cells of single years up to `last_closed` that both bundles show, a pair of rows each;
    made-up numbers and hidden cells are passed over."""
    names = [set(read_manifest(folder)["tables"]) for folder in folders]
    found = []
    for name in sorted(names[0] & names[1] & set(read_products())):
        product = read_products()[name]
        if "period" not in product.keys:
            continue
        one, other = (_read_closed(folder / f"{name}.csv", last_closed) for folder in folders)
        found.append(_pair_cells(product, one, other))
    return found


def _read_closed(path: Path, last: int) -> pd.DataFrame:
    table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    is_closed = table["period"].map(
        lambda word: bool(re.fullmatch(r"\d{4}", word)) and int(word) <= last
    )
    is_real = table["mark"].isin(REAL_MARKS) & (table["status"] != "suppressed")
    return table[is_closed.astype(bool) & is_real]


def _pair_cells(product: Product, one: pd.DataFrame, other: pd.DataFrame) -> Pair:
    keys = [key for key in product.keys if key in one and key in other]
    columns = product.list_columns([c for c in one if c in other.columns], "count")
    # A table that lists several values of one cell says itself that they differ.
    columns = [column for column in columns if column not in keys]
    return product.name, one.merge(other, on=keys, suffixes=("_before", "_after")), keys, columns


def find_changes(pairs: list[Pair]) -> list[dict[str, str]]:
    """The paired cells where a count differs: table, where, period, before, after."""
    return [
        {
            "table": name,
            "where": ", ".join(f"{key} {row[key]}" for key in keys),
            "period": str(row["period"]),
            "before": str(row[f"{column}_before"]),
            "after": str(row[f"{column}_after"]),
        }
        for name, rows, keys, columns in pairs
        for _, row in rows.iterrows()
        for column in columns
        if row[f"{column}_before"] != row[f"{column}_after"]
    ]


def read_reasons(path: Path = DECLARED) -> list[dict[str, str]]:
    """The declared revisions of an edition: of a `population` (data/codes/cells.csv), or of a
    `table` of printed numbers; `period` is a year, or `*` for every one.

    Raises BadInput for a row that names both or neither, or lacks a reason in both languages or its
    source.
    """
    for line, row in enumerate(rows := read_rows(path), start=2):
        if bool(row["population"]) == bool(row["table"]):
            raise BadInput(f"data/codes/{path.name}, row {line}: name a population or a table")
        if not (row["reason_en"] and row["reason_nl"] and row["source"]):
            raise BadInput(
                f"data/codes/{path.name}, row {line}: name the reason in both languages, and its source"
            )
    return rows


def find_reason(
    change: dict[str, str],
    reasons: list[dict[str, str]],
    telling: Sequence[str],
    language: str = "en",
) -> str:
    """The reason that one of these editions declares for a change, or ""."""
    counted = {one.population for one in read_cells().get(change["table"], ())}
    for row in reasons:
        names = row["table"] == change["table"] or row["population"] in counted
        if names and row["edition"] in telling and row["period"] in ("*", change["period"]):
            return row[f"reason_{language}"]
    return ""
