"""The one way out: `release` checks a table and writes it to the edition's bundle, `read_released`
reads it back.

A bundle is a folder of `<name>.csv` and a `manifest.json` that describes each table. While
notebooks run, each table has a record `<name>.release.json` of its own, so that two notebooks can
release at the same time; `write_manifest` joins them.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.disclosure import (
    check_change,
    check_release,
    coarsen_curve,
    protect_cells,
    protect_estimates,
    protect_ratios,
    read_rule_set,
)
from helpers.edition import LOCK, BadInput, Edition, find_bundle_folder

MARKS = ("published", "register", "synthetic", "illustration")
STATUSES = ("released", "rounded", "suppressed")
NUMERIC = ("n", "share", "value", "ci_lower", "ci_upper")
RECORDED_VERSIONS = ("pandas", "numpy", "scipy", "statsmodels", "lifelines")


@dataclass(frozen=True)
class Released:
    """A table that has passed the gate: all cells are text, exactly as in the bundle's CSV.

    Only `read_released` makes one; figures and sentences accept nothing else.
    """

    name: str
    table: pd.DataFrame
    by: tuple[str, ...]
    rule_set: str
    computed: tuple[str, ...]
    edition: Edition

    @property
    def marks(self) -> tuple[str, ...]:
        return tuple(mark for mark in MARKS if mark in set(self.table["mark"]))

    def known(self) -> pd.DataFrame:
        """The rows that show a number, with the numeric columns as floats (an empty cell is
        NaN)."""
        shown = self.table[self.table["status"] != "suppressed"]
        numeric = [column for column in NUMERIC if column in shown]
        return shown.assign(**{column: pd.to_numeric(shown[column]) for column in numeric})


def release(
    name: str,
    table: pd.DataFrame,
    *,
    by: list[str],
    edition: Edition,
    rules: str = "public",
    computed: tuple[str, ...] = (),
    may_be_empty: bool = False,
) -> None:
    """Check `table` under the rule set and write it to the bundle; nothing is shown.

    `by` names the columns whose values identify a row. `table` has these, then any of n, share,
    value, unit, ci_lower, ci_upper, then status (released, rounded, suppressed), mark (published,
    register, synthetic, illustration) and what helps to trace a number (source, ...). A suppressed
    cell holds the words that are printed, such as "<5". `computed` names columns that nobody
    printed and this book computed from printed numbers, so that a reader can tell. `may_be_empty`
    is for what some years do not have, such as revisions. Raises BadInput for a malformed table,
    DisclosureError for one that may not leave.
    """
    table = table.reset_index(drop=True)
    _check_form(name, table, by, may_be_empty=may_be_empty)
    rule_set = read_rule_set(rules)
    check_release(name, table, rule_set, by=by)
    content = _write_csv(table).encode("utf-8")
    record = {
        "by": by,
        "rows": len(table),
        "rule_set": rule_set.name,
        "computed": list(computed),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    folder = find_bundle_folder(edition.edition)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.csv").write_bytes(content)
    (folder / f"{name}.release.json").write_text(
        json.dumps(record, indent=1) + "\n", encoding="utf-8", newline="\n"
    )


def _check_form(name: str, table: pd.DataFrame, by: list[str], *, may_be_empty: bool) -> None:
    missing = [column for column in [*by, "status", "mark"] if column not in table]
    if missing:
        raise BadInput(f"table {name} lacks the columns {', '.join(missing)}")
    if table.empty and not may_be_empty:
        raise BadInput(f"table {name} has no rows; the edition's years hold no such number")
    if table[by].duplicated().any():
        raise BadInput(
            f"table {name}: {int(table[by].duplicated().sum())} rows repeat the same {', '.join(by)}; add the column that tells them apart"
        )
    for column, allowed in (("status", STATUSES), ("mark", MARKS)):
        if not table[column].isin(allowed).all():
            raise BadInput(f"table {name}, column {column}: use one of {', '.join(allowed)}")
    shown = [
        column for column in ("n", "n_events", "n_behind", "share", "value") if column in table
    ]
    empty = table[shown].isna().all(axis=1) if shown else pd.Series(False, index=table.index)
    if empty.any():
        raise BadInput(
            f"table {name}: {int(empty.sum())} rows hold no number; a hidden number is a status, not an empty cell"
        )


def _format_cell(value: Any) -> str:
    """Text as it is, whole numbers in full, other numbers with six significant digits."""
    if isinstance(value, str):
        return value
    if pd.isna(value):
        return ""
    if float(value).is_integer():
        return str(int(value))
    return format(float(format(value, ".6g")), ".10f").rstrip("0").rstrip(".")


def _write_csv(table: pd.DataFrame) -> str:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows(
        [_format_cell(value) for value in row] for row in table.itertuples(index=False)
    )
    return stream.getvalue()


def read_released(name: str, *, edition: Edition) -> Released:
    """The released table of this name from the edition's bundle.

    Raises BadInput where it is missing or is not the file that was released.
    """
    folder = find_bundle_folder(edition.edition)
    path = folder / f"{name}.csv"
    record = _read_record(folder, name)
    if not path.exists() or record is None:
        raise BadInput(
            f"table {name} is not in the bundle of {edition.edition}; run its notebook, or make bundle EDITION={edition.edition}"
        )
    if hashlib.sha256(path.read_bytes()).hexdigest() != record["sha256"]:
        raise BadInput(
            f"table {name} of {edition.edition} was changed after its release; run its notebook again"
        )
    table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    return Released(
        name=name,
        table=table,
        by=tuple(record["by"]),
        rule_set=record["rule_set"],
        computed=tuple(record["computed"]),
        edition=edition,
    )


def _read_record(folder: Path, name: str) -> dict[str, Any] | None:
    own = folder / f"{name}.release.json"
    if own.exists():
        return json.loads(own.read_text(encoding="utf-8"))
    manifest = folder / "manifest.json"
    if manifest.exists():
        return json.loads(manifest.read_text(encoding="utf-8"))["tables"].get(name)
    return None


def write_manifest(folder: Path, edition: Edition) -> None:
    """Join the records of a run into `manifest.json`: tables, rule sets, parameters, versions."""
    records = {
        path.name.removesuffix(".release.json"): path
        for path in sorted(folder.glob("*.release.json"))
    }
    manifest = {
        "edition": edition.edition,
        "parameters": {
            name: value for name, value in edition.parameters.items() if name != "language"
        },
        "versions": {package: version(package) for package in RECORDED_VERSIONS},
        "lock_sha256": hashlib.sha256(LOCK.read_bytes()).hexdigest(),
        "tables": {
            name: json.loads(path.read_text(encoding="utf-8")) for name, path in records.items()
        },
    }
    (folder / "manifest.json").write_text(
        json.dumps(manifest, indent=1) + "\n", encoding="utf-8", newline="\n"
    )
    for path in records.values():
        path.unlink()


def check_bundle(folder: Path) -> dict[str, str]:
    """The tables of a finished bundle with their checksums.

    Raises BadInput where a file is extra, missing, or differs from the manifest.
    """
    manifest = folder / "manifest.json"
    if not manifest.exists():
        raise BadInput(
            f"bundle {folder.name} has no manifest.json; make it with: make bundle EDITION={folder.name}"
        )
    tables = json.loads(manifest.read_text(encoding="utf-8"))["tables"]
    expected = {f"{name}.csv" for name in tables} | {"manifest.json"}
    found = {path.name for path in folder.iterdir()}
    if found != expected:
        extra, missing = sorted(found - expected), sorted(expected - found)
        raise BadInput(
            f"bundle {folder.name}: extra {extra}, missing {missing}; make it anew with: make bundle EDITION={folder.name}"
        )
    for name, record in tables.items():
        if hashlib.sha256((folder / f"{name}.csv").read_bytes()).hexdigest() != record["sha256"]:
            raise BadInput(
                f"bundle {folder.name}: {name}.csv is not the table that was released; restore it or run make bundle"
            )
    return {name: record["sha256"] for name, record in tables.items()}


def compare_bundles(made: Path, committed: Path) -> tuple[int, list[str]]:
    """How many tables are the same in both bundles, and a line for each that is not."""
    new, old = check_bundle(made), check_bundle(committed)
    same = sum(new.get(name) == checksum for name, checksum in old.items())
    differences = [
        f"{name}: only in the committed bundle" for name in sorted(old.keys() - new.keys())
    ]
    differences += [
        f"{name}: not in the committed bundle" for name in sorted(new.keys() - old.keys())
    ]
    differences += [
        f"{name}: differs" for name in sorted(old.keys() & new.keys()) if old[name] != new[name]
    ]
    return same, differences


def release_counts(
    name: str,
    counts: pd.DataFrame,
    *,
    by: list[str],
    rules: str,
    mark: str,
    source: str,
    edition: Edition,
    within: list[str] | None = None,
    printed: pd.DataFrame | None = None,
    fixed: str = "n",
) -> None:
    """Protect counts of a register under the rule set, and release them.

    `counts` has the columns `by` and n. `within` names the columns whose total a share is of (none:
    no share). `mark` is register or synthetic; of synthetic counts only those cells are synthetic
    whose `fixed` (n, or share) `printed` holds, all others are an illustration. A table without
    rows says that the register holds nothing for these years.
    """
    table = protect_cells(counts, read_rule_set(rules), within=within)
    release(
        name,
        table.assign(mark=_mark_cells(table, by, mark, printed, fixed), source=source),
        by=by,
        edition=edition,
        rules=rules,
        may_be_empty=True,
    )


def release_ratios(
    name: str,
    ratios: pd.DataFrame,
    *,
    by: list[str],
    rules: str,
    mark: str,
    source: str,
    edition: Edition,
    printed: pd.DataFrame | None = None,
    fixed: str = "share",
    together: Sequence[str] = (),
) -> None:
    """Protect counts of those to whom something happened (`n_events`) of those of whom it is known
    (`n_known`), and release them with their share. Marks as in `release_counts`; `together` as in
    `protect_ratios`."""
    table = protect_ratios(ratios, read_rule_set(rules), together=together)
    release(
        name,
        table.assign(mark=_mark_cells(table, by, mark, printed, fixed), source=source),
        by=by,
        edition=edition,
        rules=rules,
        may_be_empty=True,
    )


def release_curve(
    name: str,
    curve: pd.DataFrame,
    *,
    by: list[str],
    rules: str,
    mark: str,
    source: str,
    edition: Edition,
    step_days: float,
    steps: int | None = None,
) -> None:
    """Release a curve at whole steps of time (`steps` of them, or all); of synthetic registers it
    is an illustration. `by` names the columns that tell curves apart."""
    rule_set = read_rule_set(rules)
    groups = curve.groupby(by, sort=False) if by else [((), curve)]
    parts = [
        coarsen_curve(part, rule_set, step_days=step_days, steps=steps).assign(
            **dict(zip(by, key if isinstance(key, tuple) else (key,)))
        )
        for key, part in groups
        if len(part)
    ]
    table = (
        pd.concat(parts, ignore_index=True)
        if parts
        else pd.DataFrame(columns=["years", "n_at_risk", "share", "ci_lower", "ci_upper", *by])
    )
    table = table[[*by, "years", "n_at_risk", "share", "ci_lower", "ci_upper"]].assign(
        status="rounded", mark=_mark_cells(table, [*by, "years"], mark, None, "n"), source=source
    )
    release(name, table, by=[*by, "years"], edition=edition, rules=rules, may_be_empty=True)


def release_model(
    name: str,
    estimates: pd.DataFrame,
    *,
    by: list[str],
    rules: str,
    mark: str,
    source: str,
    edition: Edition,
    printed: pd.DataFrame | None = None,
) -> None:
    """Release estimates of a model on a register; of synthetic registers they are an illustration.
    `estimates` has `n`, the number of things that the model was fitted to, which are no people, or
    `n_behind`, to how many something happened behind each estimate: these are rounded, and an
    estimate with too few behind it is hidden. `printed` as in `release_counts`, by `value`."""
    table = protect_estimates(estimates.rename(columns={"n": "n_fitted"}), read_rule_set(rules))
    release(
        name,
        table.assign(mark=_mark_cells(table, by, mark, printed, "value"), source=source),
        by=by,
        edition=edition,
        rules=rules,
        may_be_empty=True,
    )


def release_tests(
    name: str,
    tests: pd.DataFrame,
    *,
    by: list[str],
    rules: str,
    mark: str,
    source: str,
    edition: Edition,
) -> None:
    """Release statistical tests of a register, with their p-values. On synthetic registers a test
    says nothing, so no row leaves."""
    table = protect_estimates(tests if mark == "register" else tests.iloc[:0], read_rule_set(rules))
    release(
        name,
        table.assign(mark=mark, source=source),
        by=by,
        edition=edition,
        rules=rules,
        may_be_empty=True,
    )


def release_change(
    name: str,
    change: pd.DataFrame,
    *,
    by: list[str],
    rules: str,
    mark: str,
    source: str,
    edition: Edition,
) -> None:
    """Release a change between two years by category (`n_first`, `n_last`, `value`), whose parts
    add up to it; of synthetic registers it is an illustration. Raises DisclosureError where one of
    the counts is below the minimum: join categories first.
    """
    check_change(name, change, read_rule_set(rules))
    table = change.assign(
        status="released", mark=_mark_cells(change, by, mark, None, "n"), source=source
    )
    release(name, table, by=by, edition=edition, rules=rules, may_be_empty=True)


def _mark_cells(
    table: pd.DataFrame, by: list[str], mark: str, printed: pd.DataFrame | None, fixed: str
) -> pd.Series | str:
    if mark == "register":
        return mark
    known = printed[printed[fixed].notna()] if printed is not None and fixed in printed else None
    cells = (
        set() if known is None else set(known[by].astype(str).itertuples(index=False, name=None))
    )
    is_fixed = [cell in cells for cell in table[by].astype(str).itertuples(index=False, name=None)]
    return pd.Series(is_fixed, index=table.index, dtype=bool).map(
        {True: mark, False: "illustration"}
    )
