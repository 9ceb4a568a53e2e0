"""Reads on the outside what came from the secure side, and refuses whatever is not as it was
packed."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from helpers.disclosure.manifest import check_manifest
from helpers.edition import BUNDLES, BadInput, Edition, define_edition, find_edition_file, name_file
from helpers.editions.export import FORMAT, RECORD, RULES, hash_declarations, pack
from helpers.published.files import hash_file
from helpers.release import MANIFEST, compare_bundles

_BUNDLE, _EDITION = "bundle/", "edition.yml"
_NAME = re.compile(r"(?:(?:bundle|checker|acro(?:/checksums)?)/)?[A-Za-z0-9_][\w.-]*")
# Bytes; a bundle of a whole book has one or two millions.
LARGEST = 200_000_000


# What reading a zip, its record and an entry of it may end in.
_DAMAGED = (OSError, zipfile.BadZipFile, KeyError, TypeError, ValueError)


class _RuleSets(BaseModel):
    sha256: str


class _Record(BaseModel):
    """What is read of an export's record."""

    edition: str
    rule_sets: _RuleSets
    declarations: dict[str, str]
    files: dict[str, str]


@dataclass(frozen=True)
class Export:
    """A checked export: its record, the edition's file, and the bundle's files by name."""

    record: dict[str, Any]
    edition_file: bytes
    bundle: dict[str, bytes]

    @property
    def edition(self) -> str:
        return self.record["edition"]

    def define(self) -> Edition:
        return define_edition(**yaml.safe_load(self.edition_file.decode("utf-8")))

    def write_bundle(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        for name, content in self.bundle.items():
            (folder / name).write_bytes(content)

    @contextmanager
    def keep(self, made: Path) -> Iterator[Path]:
        """Put the bundle, written to `made` and checked, and the edition's file in place; gives the
        bundle's. Where what follows fails, what was put there is taken away again.

        Raises BadInput where a file of that name is there and differs.
        """
        bundle, parameters = BUNDLES / self.edition, find_edition_file(self.edition)
        if bundle.exists() and compare_bundles(made, bundle)[1]:
            raise _refuse_other(bundle)
        if parameters.exists() and parameters.read_bytes() != self.edition_file:
            raise _refuse_other(parameters)
        added = [path for path in (bundle, parameters) if not path.exists()]
        try:
            if bundle in added:
                made.replace(bundle)
            if parameters in added:
                parameters.write_bytes(self.edition_file)
            yield bundle
        except BaseException:
            if parameters in added:
                parameters.unlink(missing_ok=True)
            if bundle in added:
                shutil.rmtree(bundle, ignore_errors=True)
            raise


def _refuse_other(path: Path) -> BadInput:
    return BadInput(
        f"{name_file(path)} is there and differs from what is to be imported; nothing was changed; remove "
        "it, or give the edition another name"
    )


def read_export(path: Path) -> Export:
    """The export in a file.

    Raises BadInput where it is no export, of another format, has an extra, missing or changed file
    or byte, or was made under other rule sets or declarations than those of this checkout.
    """
    again = "copy it once more from where it was made, and compare the checksum that export printed"
    try:
        content = path.read_bytes()
        with zipfile.ZipFile(path) as packed:
            names = packed.namelist()
            _check_names(path, packed.infolist())
            files = {name: packed.read(name) for name in names}
        record = json.loads(files.pop(RECORD).decode("utf-8"))
        if (made_as := record["format"]) == FORMAT:
            _Record.model_validate(record)
    except (*_DAMAGED, NotImplementedError) as error:
        raise BadInput(
            f"{path.name} is no whole export of this monitor ({type(error).__name__}); {again}"
        ) from None
    if made_as != FORMAT:
        raise BadInput(
            f"{path.name} was made in format {made_as}, and this monitor reads {FORMAT}; export it with "
            "the version that is to read it"
        )
    listed = record["files"]
    extra, missing = sorted(set(files) - set(listed)), sorted(set(listed) - set(files))
    if extra or missing or len(names) != len(set(names)):
        raise BadInput(f"{path.name}: extra {extra}, missing {missing}; {again}")
    for name, data in files.items():
        if hashlib.sha256(data).hexdigest() != listed[name]:
            raise BadInput(f"{path.name}: {name} was changed after it was packed; {again}")
    if pack(record, files) != content:
        raise BadInput(f"{path.name}: bytes around the files were changed; {again}")
    _check_rules(path, record)
    _check_edition(path, record, files)
    bundle = {n.removeprefix(_BUNDLE): d for n, d in files.items() if n.startswith(_BUNDLE)}
    return Export(record, files[_EDITION], bundle)


def _check_names(path: Path, listed: list[zipfile.ZipInfo]) -> None:
    """Refuse a name that would lead out of the folder into which it is unpacked, and a file that is
    larger than any export."""
    odd = [one.filename for one in listed if not _NAME.fullmatch(one.filename)]
    if odd:
        raise BadInput(f"{path.name} holds {odd[0]!r}, which no export does; nothing was read")
    if sum(one.file_size for one in listed) > LARGEST:
        raise BadInput(f"{path.name} holds more than {LARGEST // 10**6} MB; nothing was read")


def _check_edition(path: Path, record: dict[str, Any], files: dict[str, bytes]) -> None:
    """The record, the edition's file and the manifest name one edition, and one that may be."""
    try:
        parameters = yaml.safe_load(files[_EDITION].decode("utf-8"))
        named = define_edition(**parameters).edition
        manifest = json.loads(content := files[_BUNDLE + MANIFEST])["edition"]
    except (BadInput, KeyError, TypeError, ValueError, yaml.YAMLError) as error:
        raise BadInput(
            f"{path.name}: its edition cannot be read ({type(error).__name__})"
        ) from None
    check_manifest(content, f"{path.name}, {MANIFEST}", named)
    if len({record["edition"], named, manifest}) > 1:
        raise BadInput(f"{path.name}: its record, edition file and manifest name other editions")


def _check_rules(path: Path, record: dict[str, Any]) -> None:
    if record["rule_sets"]["sha256"] != hash_file(RULES):
        raise BadInput(
            f"{path.name} was made under other rule sets than data/codes/disclosure.yml; use the version "
            "of the monitor that made it, or export it anew"
        )
    others = [
        n
        for n, checksum in hash_declarations().items()
        if record["declarations"].get(n) != checksum
    ]
    if others:
        raise BadInput(
            f"{path.name} was made with another {', '.join(others)} of data/codes; use the version of "
            "the monitor that made it, or export it anew"
        )
