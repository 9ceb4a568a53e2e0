"""Whether a book would come out as it stands: everything that goes into one as a checksum."""

from __future__ import annotations

import hashlib
import json
import pickle
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import cast

from helpers.disclosure import Audit
from helpers.edition import (
    BOOK,
    BUNDLES,
    CACHE,
    CHAPTERS,
    NOTEBOOKS,
    ROOT,
    BadInput,
    Edition,
    read_json,
)
from helpers.execute.run import hash_registers, hash_shared
from helpers.published.files import sign_files

# What pages are made of beside data, helpers and notebooks.
_PAGES = ("_config.yml", "_toc.yml", "CHANGELOG.md", "CITATION.cff")
_OTHER = "edition.json"
_STAMPS = "books"


def sign_book(edition: Edition, *options: object) -> str:
    """One checksum of all that a book comes from: parameters, options, data, bundles, verdicts,
    helpers, notebooks, pages, and the run's extract."""
    told = [edition.parameters, [str(option) for option in options]]
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode())
    digest.update(hash_shared().encode() + hash_registers().encode())
    digest.update(sign_files(_list_sources(), ROOT))
    return digest.hexdigest()


def _list_sources() -> Iterator[Path]:
    for folder in (BOOK, NOTEBOOKS, ROOT / "_static", BUNDLES, ROOT / "data" / "claims"):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_relative_to(CHAPTERS):
                yield path
    yield from (ROOT / name for name in _PAGES)


def is_unchanged(edition: Edition, signed: str, site: Path) -> bool:
    """True where the last book was made from the same and its site stands as it was put there."""
    stamp = _find_stamp(edition)
    if not stamp.exists():
        return False
    try:
        kept = read_json(stamp)
    except BadInput:  # cut short: as if there were none
        return False
    return kept == {"inputs": signed, "site": _sign_site(site)}


def keep_signature(edition: Edition, signed: str, site: Path) -> None:
    stamp = _find_stamp(edition)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    content = json.dumps({"inputs": signed, "site": _sign_site(site)})
    stamp.write_text(content, encoding="utf-8", newline="\n")


def audit_once(edition: Edition, bundle: Path, make: Callable[[], Audit]) -> Audit:
    """The audit of a bundle as it was made last, where the bundle, all committed ones, the data and
    the code are the same to the byte; or else what `make` gives."""
    digest = hashlib.sha256(json.dumps([edition.parameters, str(sys.version_info)]).encode())
    digest.update(hash_shared().encode())
    for folder in (bundle, BUNDLES):
        digest.update(sign_files(sorted(filter(Path.is_file, folder.rglob("*"))), folder))
    path, signed = CACHE / "audits" / edition.edition, digest.digest()
    if path.exists():
        content = path.read_bytes()
        head = signed + hashlib.sha256(content[2 * len(signed) :]).digest()
        if content.startswith(head):
            return cast(Audit, pickle.loads(content[len(head) :]))
    audit = make()
    content = pickle.dumps(audit)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(signed + hashlib.sha256(content).digest() + content)
    return audit


def _find_stamp(edition: Edition) -> Path:
    return CACHE / _STAMPS / f"{edition.edition}.json"


def _sign_site(site: Path) -> str:
    """Names, sizes and times of the files of a site, without those of editions below it."""
    listed = [
        f"{path.relative_to(site).as_posix()} {path.stat().st_size} {path.stat().st_mtime_ns}"
        for path in _list_files(site)
    ]
    return hashlib.sha256("\n".join(listed).encode()).hexdigest()


def _list_files(site: Path) -> Iterable[Path]:
    """The list of editions is written anew with each of them."""
    below = {path.parent for path in site.glob(f"*/{_OTHER}")}
    return sorted(
        path
        for path in site.rglob("*")
        if path.is_file()
        and not below & set(path.parents)
        and not (path.parent == site and path.stem == "editions")
    )
