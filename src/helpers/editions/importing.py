"""Reads on the outside what came from the secure side, and refuses whatever is not as it was packed."""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.edition import BadInput
from helpers.editions.export import FORMAT, RECORD, RULES, hash_declarations, pack
from helpers.published.files import hash_file

_BUNDLE, _EDITION = "bundle/", "edition.yml"


@dataclass(frozen=True)
class Export:
    """A checked export: its record, the edition's file, and the bundle's files by name."""

    record: dict[str, Any]
    edition_file: bytes
    bundle: dict[str, bytes]

    @property
    def edition(self) -> str:
        return self.record["edition"]

    def write_bundle(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        for name, content in self.bundle.items():
            (folder / name).write_bytes(content)


def read_export(path: Path) -> Export:
    """The export in a file.

    Raises BadInput where it is no export, of another format, has an extra, missing or changed file or
    byte, or was made under other rule sets or declarations than those of this checkout.
    """
    again = "copy it once more from where it was made, and compare the checksum that export printed"
    try:
        content = path.read_bytes()
        with zipfile.ZipFile(path) as packed:
            names = packed.namelist()
            files = {name: packed.read(name) for name in names}
        record = json.loads(files.pop(RECORD).decode("utf-8"))
        listed, made_as = record["files"], record["format"]
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, NotImplementedError) as error:
        raise BadInput(
            f"{path.name} is no whole export of this monitor ({type(error).__name__}); {again}"
        ) from None
    if made_as != FORMAT:
        raise BadInput(
            f"{path.name} was made in format {made_as}, and this monitor reads {FORMAT}; export it with "
            "the version that is to read it"
        )
    extra, missing = sorted(set(files) - set(listed)), sorted(set(listed) - set(files))
    if extra or missing or len(names) != len(set(names)):
        raise BadInput(f"{path.name}: extra {extra}, missing {missing}; {again}")
    for name, data in files.items():
        if hashlib.sha256(data).hexdigest() != listed[name]:
            raise BadInput(f"{path.name}: {name} was changed after it was packed; {again}")
    if pack(record, files) != content:
        raise BadInput(f"{path.name}: bytes around the files were changed; {again}")
    _check_rules(path, record)
    bundle = {n.removeprefix(_BUNDLE): d for n, d in files.items() if n.startswith(_BUNDLE)}
    return Export(record, files[_EDITION], bundle)


def _check_rules(path: Path, record: dict[str, Any]) -> None:
    if record["rule_sets"]["sha256"] != hash_file(RULES):
        raise BadInput(
            f"{path.name} was made under other rule sets than data/codes/disclosure.yml; use the version "
            "of the monitor that made it, or export it anew"
        )
    others = [
        n for n, checksum in hash_declarations().items() if record["declarations"][n] != checksum
    ]
    if others:
        raise BadInput(
            f"{path.name} was made with another {', '.join(others)} of data/codes; use the version of "
            "the monitor that made it, or export it anew"
        )
