"""The second phase: the whole book is protected together, and written as a bundle."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Collection, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from helpers.disclosure import (
    DisclosureError,
    RuleSet,
    Setting,
    Staged,
    check_release,
    find_rules,
    protect,
    protect_together,
    read_declared,
    read_publication,
    read_revised,
)
from helpers.disclosure.manifest import read_manifest
from helpers.edition import (
    BUNDLES,
    LOCK,
    BadInput,
    Edition,
    find_registers_folder,
    has_no_registers,
    read_json,
)
from helpers.products import CAPTURES, MADE_UP, Product, find_product, read_products
from helpers.published.files import hash_file
from helpers.published.precision import FIVE
from helpers.sources import SUFFIXES, read_extract

MARKS = ("published", "register", "synthetic", "illustration")
STATUSES = ("released", "rounded", "suppressed")
RECORDED_VERSIONS = ("pandas", "numpy", "scipy", "statsmodels", "lifelines")
MANIFEST = "manifest.json"
# Precisions of printed numbers that say only on which side of them the true one lies.
BOUNDS = ("at_least", "at_most", "less_than", "more_than")
Made = TypeVar("Made")


def write_bundle(
    stages: Sequence[Path], folder: Path, edition: Edition, *, whole: bool = True
) -> None:
    """Protect every staged table and write it, with `manifest.json`, into `folder`.

    All tables are protected before one is written, so that a table that may not leave keeps all of
    them inside. A bundle that is not `whole` is provisional: its tables join those that are there.
    Raises DisclosureError, with a line a table, for what may not leave.
    """
    # By name: what is hidden may not hang on what the folders are called.
    found = {path.stem: path for stage in stages for path in stage.glob("*.cells")}
    paths = dict(sorted(found.items()))
    staged = _collect(_protect_staged, paths)
    marks = {_read_origin(path)["mark"] for path in paths.values()}
    earlier = list_earlier(edition, is_real="register" in marks) if whole else []
    setting = Setting(
        name=edition.edition,
        period=edition.period,
        units=tuple(edition.extra.get("units") or ()),
        is_real="register" in marks,
        earlier=tuple(read_publication(path) for path in earlier),
        revised=read_revised(edition.edition),
        study=f"{edition.study_start}-{edition.period_end}",
        secret=_find_secret(),
    )
    counted = {n: s for n, s in staged.items() if n in read_declared()}
    together = protect_together(counted, setting)
    made = _collect(lambda path: _finish(path, staged[path.stem], together.get(path.stem)), paths)
    folder.mkdir(parents=True, exist_ok=True)
    records = {} if whole else read_manifest(folder)["tables"]
    for name, (table, rules) in made.items():
        content = _write_csv(table).encode("utf-8")
        (folder / f"{name}.csv").write_bytes(content)
        records[name] = _describe(find_product(name), table, rules, content)
        absent = _read_origin(paths[name]).get("absent")
        if absent:
            records[name]["absent"] = absent
    _write_manifest(folder, edition, records, whole=whole, earlier=earlier)


def _find_secret() -> str:
    """What the protection leaves to chance follows from the tables of the run's extract, whatever
    they are called: nobody else can draw the same. Made-up registers have no secret, and where there
    are none nothing is counted."""
    if has_no_registers():
        return "none"
    folder = find_registers_folder()
    tables = folder.rglob("*") if folder else ()
    sums = {hash_file(path) for path in tables if path.suffix.lower() in SUFFIXES}
    return hashlib.sha256("".join(sorted(sums)).encode()).hexdigest() if sums else ""


def _collect(step: Callable[[Path], Made], paths: dict[str, Path]) -> dict[str, Made]:
    """What the step makes of each staged table. Raises DisclosureError with a line for each that
    may not leave."""
    made, faults = {}, []
    for name, path in paths.items():
        try:
            made[name] = step(path)
        except DisclosureError as error:
            faults.append(str(error))
    if faults:
        raise DisclosureError("\n".join(faults))
    return made


def _read_origin(path: Path) -> dict[str, Any]:
    return read_json(path.with_suffix(".origin"))


def _protect_staged(path: Path) -> Staged:
    """A staged table, and what its shape makes of it."""
    product, table, origin = find_product(path.stem), pd.read_pickle(path), _read_origin(path)
    rules = find_rules(product, mark=origin["mark"], is_part=origin["is_part"])
    if product.shape == "tests" and origin["mark"] not in (None, "register"):
        table = table.iloc[:0]  # a test of made-up people says nothing
    is_counted = origin["mark"] is not None
    protected = protect(table, product, rules, **origin["steps"]) if is_counted else table
    return Staged(product, table, protected, rules)


def _finish(
    path: Path, staged: Staged, together: pd.DataFrame | None
) -> tuple[pd.DataFrame, RuleSet]:
    """The table as it leaves, with its marks, once it passes the checks."""
    product, rules, origin = staged.product, staged.rules, _read_origin(path)
    table = staged.protected if together is None else together
    if origin["mark"] is not None:
        table = table.assign(mark=_mark_cells(table, product, origin))
        if "source" not in table:
            table = table.assign(source=origin["source"])
    _check_words(table, product, origin["mark"])
    check_release(table, product, rules)
    return table, rules


def _mark_cells(table: pd.DataFrame, product: Product, origin: dict[str, Any]) -> pd.Series | str:
    """What is made up and, as it is shown, equals no printed number is an illustration."""
    if origin["mark"] != "synthetic":
        return origin["mark"]
    printed: dict[tuple[str, ...], list[tuple[float, str]]] = {}
    for *key, value, precision in origin["fixed"]:
        printed.setdefault(tuple(key), []).append((value, precision))
    keys = table[list(product.keys)].astype(str).itertuples(index=False, name=None)
    shown = pd.to_numeric(table.get(product.fixed, pd.Series(index=table.index)), errors="coerce")
    is_share = product.fixed != "" and product.find_kind(product.fixed) == "share"
    is_equal = [
        any(_equals(number, *each, is_share=is_share) for each in printed.get(key, []))
        for key, number in zip(keys, shown, strict=True)
    ]
    marks = {True: "synthetic", False: "illustration"}
    return pd.Series(is_equal, index=table.index, dtype=bool).map(marks)


def _equals(shown: float, printed: float, precision: str, *, is_share: bool) -> bool:
    """True where a number rounds to the printed one: to its last digit, a share to the percent at
    least, a count rounded to five to that five. A bound ("more than") is no number to equal."""
    if precision in BOUNDS:
        return False
    digits = len(f"{printed:.10g}".partition(".")[2])
    step = FIVE if precision == "rounded5" else 10.0 ** -max(digits, 2 if is_share else 0)
    return bool(abs(shown - printed) <= step / 2 + 1e-9)


def _check_words(table: pd.DataFrame, product: Product, mark: str | None) -> None:
    """Every status and mark is a known one, and one that may come from where the table does."""
    for column, allowed in (("status", STATUSES), ("mark", _list_marks(product, mark))):
        if not table[column].isin(allowed).all():
            raise BadInput(
                f"table {product.name}, column {column}: use one of {', '.join(allowed)}; the mark "
                "follows from the tables that data/codes/products.csv names"
            )
    shown = table[product.list_columns(list(table.columns), "count", "share", "estimate")]
    empty = int(shown.isna().all(axis=1).sum()) if len(shown.columns) else 0
    if empty:
        raise BadInput(
            f"table {product.name}: {empty} rows hold no number; a hidden number is a status, not "
            "an empty cell"
        )


def _list_marks(product: Product, mark: str | None) -> tuple[str, ...]:
    if product.tables == ():
        return ("published",)
    if product.tables == (MADE_UP,) or mark == "synthetic":
        return ("synthetic", "illustration")
    return ("published", "register") if product.tables == (CAPTURES,) else ("register",)


def _describe(
    product: Product, table: pd.DataFrame, rules: RuleSet, content: bytes
) -> dict[str, Any]:
    return {
        "chapter": product.chapter,
        "figure": product.figure,
        "title": product.title,
        "by": list(product.keys),
        "rows": len(table),
        "rule_set": rules.name,
        "mark": _find_weakest(table),
        "computed": list(product.computed),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def _find_weakest(table: pd.DataFrame) -> str:
    """The mark that promises least among those of the table; "" where it has no row."""
    return max(table["mark"], key=MARKS.index, default="")


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


def _write_manifest(
    folder: Path,
    edition: Edition,
    records: dict[str, Any],
    *,
    whole: bool,
    earlier: Sequence[Path] = (),
) -> None:
    """`manifest.json`: tables, rule sets, parameters, versions, and after which bundles of the same
    registers it was protected."""
    manifest = {
        "edition": edition.edition,
        "provisional": not whole,
        # What this one takes the place of it holds itself: it shows no less and hides no less.
        "earlier": {
            path.name: _sign(read_manifest(path))
            for path in earlier
            if path.name != edition.edition
        },
        "parameters": {
            name: value for name, value in edition.parameters.items() if name != "language"
        },
        "versions": {package: version(package) for package in RECORDED_VERSIONS},
        "lock_sha256": hash_file(LOCK),
        **_describe_delivery(),
        "tables": dict(sorted(records.items())),
    }
    content = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_text(content, encoding="utf-8", newline="\n")


def _describe_delivery() -> dict[str, dict[str, str]]:
    """Who delivered the run's extract, and its days; nothing of made-up registers."""
    folder = find_registers_folder()
    if folder is None or not (folder / "extract.yml").exists():
        return {}
    extract = read_extract(folder)
    days = {"extracted": extract.extraction_date, "complete_until": extract.reference_date}
    known = {name: day.isoformat() for name, day in days.items() if day is not None}
    return {"delivery": {"source": extract.source, **known}}


def _sign(manifest: dict[str, Any]) -> str:
    """One checksum of all tables of a bundle."""
    sums = "".join(record["sha256"] for _, record in sorted(manifest["tables"].items()))
    return hashlib.sha256(sums.encode()).hexdigest()


def list_earlier(
    edition: Edition, *, is_real: bool, folder: Path | None = None, is_audit: bool = False
) -> list[Path]:
    """The committed bundles of the same registers.

    Of real people all of them, that which this one takes the place of too. Of made-up people those
    of the same draw that were not made after this one, so that the same bundle comes out again; an
    audit (`is_audit`) reads later ones too. `folder` is the bundle itself, where it is committed.

    Raises BadInput where a bundle is another than the one that a later one was protected after.
    """
    found = {
        path.name: (path, read_manifest(path))
        for path in sorted(BUNDLES.iterdir() if BUNDLES.exists() else ())
        if (path / MANIFEST).exists() and holds_register(path) == is_real
    }
    for name, (_, manifest) in found.items():
        for before, signature in manifest["earlier"].items():
            if before in found and _sign(found[before][1]) != signature:
                raise BadInput(
                    f"data/bundles/{before} is another than the one after which {name} was "
                    f"protected; restore it, or make {name} anew: monitor bundle --edition {name}"
                )
    if not is_real:
        found.pop(edition.edition, None)
        found = {
            name: (path, manifest)
            for name, (path, manifest) in found.items()
            if manifest["parameters"]["seed"] == edition.seed
            and (is_audit or edition.edition not in manifest["earlier"])
        }
    return [path for path, _ in found.values() if path != folder]


def list_revised(edition: Edition, earlier: Sequence[Path]) -> frozenset[str]:
    """The populations of which this edition, or a later one of `earlier`, declares a revision: what
    a later one revised this one still shows as it was."""
    later = [path for path in earlier if edition.edition in read_manifest(path)["earlier"]]
    names = [edition.edition, *(path.name for path in later)]
    return frozenset().union(*map(read_revised, names))


def check_bundle(folder: Path) -> dict[str, str]:
    """The tables of a finished bundle with their checksums.

    Raises BadInput where it is provisional, or a file is extra, missing, or differs from the
    manifest.
    """
    remedy = f"make it anew with: make bundle EDITION={folder.name}"
    if not (folder / MANIFEST).exists():
        raise BadInput(f"bundle {folder.name} has no {MANIFEST}; {remedy}")
    manifest = read_manifest(folder)
    tables = manifest["tables"]
    if manifest["provisional"]:
        raise BadInput(
            f"bundle {folder.name} is provisional: its tables were protected apart; {remedy}"
        )
    expected = {f"{name}.csv" for name in tables} | {MANIFEST}
    found = {path.name for path in folder.iterdir()}
    if found != expected:
        extra, missing = sorted(found - expected), sorted(expected - found)
        raise BadInput(f"bundle {folder.name}: extra {extra}, missing {missing}; {remedy}")
    for name, record in tables.items():
        if hash_file(folder / f"{name}.csv") != record["sha256"]:
            raise BadInput(
                f"bundle {folder.name}: {name}.csv is not the table that was released; restore it "
                "or run make bundle"
            )
    return {name: record["sha256"] for name, record in tables.items()}


def read_rules(folder: Path) -> dict[str, str]:
    """The rule set under which each table of a bundle left, once each is that of the keepers of its
    tables and the table keeps to it: a bundle that came from elsewhere says of itself what it likes.

    Raises BadInput for a table that is not declared, DisclosureError with a line a table.
    """
    rules, faults = {}, []
    for name, record in read_manifest(folder)["tables"].items():
        try:
            rules[name] = _check_again(folder / f"{name}.csv", record)
        except DisclosureError as error:
            faults.append(str(error))
    if faults:
        raise DisclosureError("\n".join(faults))
    return rules


def _check_again(path: Path, record: dict[str, Any]) -> str:
    product = find_product(path.stem)
    marks: Sequence[str | None] = [record["mark"]] if record["mark"] else ["register", "published"]
    if product.tables in ((), (MADE_UP,)):
        marks = [None]
    known = [
        find_rules(product, mark=mark, is_part=is_part)
        for mark in marks
        for is_part in (False, True)
    ]
    rules = next((rules for rules in known if rules.name == record["rule_set"]), None)
    if rules is None:
        raise DisclosureError(
            f"table {product.name} left under the rule set {record['rule_set']}, and its keepers ask "
            f"for {known[0].name}; make the bundle anew"
        )
    if not rules.is_open:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
        check_release(table, product, rules)
    return rules.name


def check_declared(folder: Path, chapters: Collection[str]) -> None:
    """Raise BadInput where a finished bundle was made by another version of the monitor: a table of
    these chapters is missing or has other keys, or one is no longer declared."""
    tables, declared = read_manifest(folder)["tables"], read_products()
    wanted = {name for name, product in declared.items() if product.chapter in chapters}
    differing = {
        "lacks": wanted - tables.keys(),
        "holds no longer declared": tables.keys() - declared.keys(),
        "keyed otherwise": {
            name
            for name in wanted & tables.keys()
            if list(declared[name].keys) != tables[name]["by"]
        },
    }
    faults = [f"{what}: {_name_some(names)}" for what, names in differing.items() if names]
    if faults:
        raise BadInput(
            f"bundle {folder.name} was made by another version of the monitor ({'; '.join(faults)}); "
            f"make it anew from its registers, monitor bundle --edition {folder.name} --registers DIR, "
            "or use the version that made it; nothing was run"
        )


def _name_some(names: Collection[str]) -> str:
    first, rest = sorted(names)[:3], len(names) - 3
    return ", ".join(first) + (f" and {rest} more" if rest > 0 else "")


def holds_register(folder: Path) -> bool:
    """True where a table of the bundle was counted from a real register."""
    return any(record["mark"] == "register" for record in read_manifest(folder)["tables"].values())


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
