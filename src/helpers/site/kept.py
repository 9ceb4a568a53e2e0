"""What earlier builds made, taken again only where everything that it comes from is the same to the
byte: the code, the data, and what a step was given."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from helpers.edition import BUNDLES, CACHE, DATA, NOTEBOOKS, ROOT, Edition
from helpers.published.files import sign_files
from helpers.release import MANIFEST

FOLDER = CACHE / "site"


class Keep:
    """Results as JSON files in a folder, each named by the checksum of what it comes from; without
    a folder everything is made anew."""

    def __init__(self, folder: Path | None) -> None:
        self._folder, self._taken = folder, set[str]()
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)

    def take(
        self,
        make: Callable[[], Any],
        *parts: object,
        keeps: Callable[[Any], bool] = lambda _: True,
    ) -> Any:
        """What an earlier build made of the same `parts` (texts, bytes, or what JSON can hold), the
        first of which names the step; or else what `make` gives, which is kept if it `keeps`."""
        if self._folder is None:
            return make()
        name = hash_parts(*parts)
        path = self._folder / name
        self._taken.add(name)
        found = _read(path)
        if found is None:
            made = make()
            if keeps(made):
                _write(path, made)
            return made
        return found[0]

    def forget_rest(self) -> None:
        """Remove what this build did not ask for."""
        if self._folder is not None:
            for path in self._folder.iterdir():
                if path.name not in self._taken:
                    path.unlink()


def _read(path: Path) -> tuple[Any] | None:
    """What is kept there; None where nothing is, or something that was cut short or changed."""
    try:
        signed, _, content = path.read_bytes().partition(b"\n")
    except FileNotFoundError:
        return None
    if signed.decode(errors="replace") != hashlib.sha256(content).hexdigest():
        return None
    return (json.loads(content),)


def _write(path: Path, made: Any) -> None:
    content = json.dumps(made, ensure_ascii=False).encode()
    partial = path.with_suffix(".partial")
    partial.write_bytes(hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
    partial.replace(path)


def hash_parts(*parts: object) -> str:
    """One checksum of texts, bytes and what JSON can hold."""
    digest = hashlib.sha256()
    for part in parts:
        # Long texts are many, and need no quotes.
        content = part.encode() if isinstance(part, str) else part
        if not isinstance(content, bytes):
            content = json.dumps(part, sort_keys=True).encode()
        digest.update(type(part).__name__.encode() + hashlib.sha256(content).digest())
    return digest.hexdigest()


def sign_inputs(edition: Edition, bundle: Path, shared: str) -> str:
    """One checksum of all that pages are made from beside what Jupyter Book gives: `shared`, all
    bundles and verdicts, the editions, the citation, and this edition's parameters and bundle."""
    digest = hashlib.sha256(shared.encode() + (bundle / MANIFEST).read_bytes())
    told = [edition.parameters, edition.extra, str(sys.version_info)]
    digest.update(json.dumps(told, sort_keys=True, default=str).encode())
    digest.update(sign_files(_list_read(), ROOT))
    return digest.hexdigest()


def _list_read() -> Iterator[Path]:
    for folder in (BUNDLES, DATA / "claims", NOTEBOOKS / "editions"):
        yield from (path for path in sorted(folder.rglob("*")) if path.is_file())
    yield ROOT / "CITATION.cff"
