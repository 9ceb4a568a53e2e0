"""What may leave the secure side, in one file: the bundle, what it came from, and pages for whoever
checks the output.

The file is a zip without compression whose every byte follows from its content, so that a reader
can make it again and compare.
"""

from __future__ import annotations

import hashlib
import io
import json
import platform
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from helpers.disclosure import DisclosureError
from helpers.edition import CODES, LOCK, ROOT, Edition, find_edition_file
from helpers.editions.checker import write_acro, write_checker
from helpers.editions.provenance import find_run
from helpers.published.files import hash_file
from helpers.release import (
    MANIFEST,
    check_bundle,
    prepare_scan,
    read_manifest,
)

FORMAT = 1
RECORD = "export.json"
RULES = CODES / "disclosure.yml"
# What the numbers come out of beside the registers; another one of these is another book.
_DECLARATIONS = ("products.csv", "columns.csv", "cells.csv", "labels.csv", "texts.csv")
_DAY = (1980, 1, 1, 0, 0, 0)


def write_export(edition: Edition, bundle: Path, target: Path) -> str:
    """Pack the bundle into `target`; returns the checksum of the file, to be compared outside.

    What is packed is scanned for identifiers and days of the run's extract, and for names of the
    machine. Raises BadInput where the bundle is not whole, DisclosureError for what may not leave.
    """
    tables = check_bundle(bundle)
    files = {f"bundle/{name}": (bundle / name).read_bytes() for name in _list_files(tables)}
    files["edition.yml"] = find_edition_file(edition.edition).read_bytes()
    files |= write_checker(edition, bundle)
    files |= write_acro(edition, bundle)
    record = _describe(edition, read_manifest(bundle), files)
    content = pack(record, files)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".export-") as folder:
        partial = Path(folder) / target.name
        partial.write_bytes(content)
        days = {str(day).encode() for day in read_manifest(bundle).get("delivery", {}).values()}
        found = prepare_scan(also=days)(Path(folder))
        if found:
            raise DisclosureError(
                "the export was not written, since it holds what may not leave:\n"
                + "\n".join(found)
            )
        partial.replace(target)
    return hashlib.sha256(content).hexdigest()


def _list_files(tables: dict[str, str]) -> list[str]:
    return [*(f"{name}.csv" for name in sorted(tables)), MANIFEST]


def _describe(
    edition: Edition, manifest: dict[str, Any], files: dict[str, bytes]
) -> dict[str, Any]:
    """`export.json`: what the file holds and came from, without anything that is in an extract."""
    return {
        "format": FORMAT,
        "edition": edition.edition,
        "parameters": manifest["parameters"],
        "rule_sets": {"sha256": hash_file(RULES), "used": list_rule_sets(manifest)},
        "declarations": hash_declarations(),
        "versions": {**manifest["versions"], "python": platform.python_version()},
        "helpers_sha256": hash_helpers(),
        "lock_sha256": hash_file(LOCK),
        "inputs": find_run(edition.edition).get("inputs", {}),
        "files": {name: hashlib.sha256(files[name]).hexdigest() for name in sorted(files)},
    }


def list_rule_sets(manifest: dict[str, Any]) -> list[str]:
    return sorted({record["rule_set"] for record in manifest["tables"].values()})


def hash_declarations() -> dict[str, str]:
    """A checksum of each file that says what tables there are and what they are called."""
    return {name: hash_file(CODES / name) for name in _DECLARATIONS}


def hash_helpers() -> str:
    """One checksum of the whole package."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "src" / "helpers").rglob("*.py")):
        digest.update(path.relative_to(ROOT).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def pack(record: dict[str, Any], files: dict[str, bytes]) -> bytes:
    """The zip, the same bytes on every machine."""
    stream = io.BytesIO()
    content = json.dumps(record, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as made:
        for name, data in [(RECORD, content.encode()), *sorted(files.items())]:
            entry = zipfile.ZipInfo(name, _DAY)
            entry.create_system = 3
            made.writestr(entry, data)
    return stream.getvalue()
