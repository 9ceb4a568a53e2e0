"""That the tables of a built site are those that were released, and no others lie beside them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from helpers.edition import BUNDLES, read_json
from helpers.published.files import hash_file
from helpers.release import MANIFEST, read_manifest
from helpers.site.shelf import RECORD, list_records

_LABELLED = ".labelled.csv"


def find_changed_tables(root: Path) -> list[str]:
    """A line for each table of the sites under `root` that is not, byte for byte, that of the
    edition's bundle. An edition that keeps no bundle is held against the manifest that lies beside
    its tables."""
    return [
        f"{path.relative_to(root.parent).as_posix()}: {fault}"
        for record in (root / RECORD, *list_records(root))
        if record.exists()
        for path, fault in _compare_site(record)
    ]


def _compare_site(record: Path) -> Iterator[tuple[Path, str]]:
    site, name = record.parent, read_json(record, "edition")["edition"]
    own, committed = site / "tables", BUNDLES / name
    tables = read_manifest(committed if (committed / MANIFEST).exists() else own)["tables"]
    # Those of other languages; what has a record is another edition.
    others = [folder for folder in site.glob("*/tables") if not (folder.parent / RECORD).exists()]
    for path in sorted(path for folder in (own, *others) for path in folder.iterdir()):
        table = path.name.split(".")[0]
        if path.name == MANIFEST:
            continue
        if table not in tables:
            yield path, f"of no table that the bundle of {name} holds"
        elif path.name == f"{table}.csv" and hash_file(path) != tables[table]["sha256"]:
            yield path, f"not the table of the bundle of {name}; build the site anew"
        elif path.name.endswith(_LABELLED) and not _is_labelled(path, own / f"{table}.csv"):
            yield path, "other rows than the table that it labels"


def _is_labelled(path: Path, table: Path) -> bool:
    """True where the columns of the table are there as they are, each before its labels."""
    if not table.exists():
        return False
    labelled, rows = _read_rows(path), _read_rows(table)
    columns = iter(zip(*labelled, strict=False))
    same = all(column in columns for column in zip(*rows, strict=False))
    return same and {len(row) for row in labelled} == {len(labelled[0])}


def _read_rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))
