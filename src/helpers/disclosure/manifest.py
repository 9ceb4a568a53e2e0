"""What a bundle says of itself: its manifest, checked once, where it is read."""

from __future__ import annotations

import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from helpers.edition import LANGUAGES, BadInput, name_file, read_json


class _Entries(BaseModel):
    model_config = ConfigDict(strict=True, extra="allow")


class _Parameters(_Entries):
    """Those that others than notebooks read."""

    period_start: int
    period_end: int
    study_start: int
    seed: int
    units: list[str] | None = None


class _Delivery(_Entries):
    source: str
    extracted: datetime.date | None = None
    complete_until: datetime.date | None = None


class _Record(_Entries):
    """A released table."""

    chapter: str
    figure: str
    title: dict[str, str]
    by: list[str]
    rows: int
    rule_set: str
    mark: str
    computed: list[str]
    sha256: str
    absent: list[str] = []

    @field_validator("title")
    @classmethod
    def _has_each_language(cls, title: dict[str, str]) -> dict[str, str]:
        if missing := [language for language in LANGUAGES if language not in title]:
            raise ValueError(f"it has no words in {', '.join(missing)}")
        return title


class _Manifest(_Entries):
    edition: str
    provisional: bool
    earlier: dict[str, str]
    parameters: _Parameters
    versions: dict[str, str]
    lock_sha256: str
    delivery: _Delivery | None = None
    tables: dict[str, _Record]


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a bundle; one without tables where nothing was released yet. Raises BadInput
    where an entry is missing, or is of another type than the monitor writes."""
    path = folder / "manifest.json"
    if not path.exists():
        return {"provisional": True, "tables": {}}
    entries = read_json(path)
    check_manifest(path.read_bytes(), name_file(path), folder.name)
    return entries


@lru_cache(maxsize=16)
def check_manifest(content: bytes, file: str, bundle: str) -> None:
    """Raise BadInput where this is no whole manifest; a book reads one hundreds of times."""
    try:
        _Manifest.model_validate_json(content)
    except ValidationError as error:
        first, more = error.errors()[0], error.error_count() - 1
        *place, name = map(str, first["loc"] or ("it",))
        where = f"in {', '.join(place)}: " if place else ""
        told = "is missing" if first["type"] == "missing" else f"is wrong ({first['msg']})"
        rest = f", and {more} entries more" if more else ""
        raise BadInput(
            f"{file}: {where}{name} {told}{rest}; it was changed by hand, or another version of the "
            f"monitor wrote it: restore it, or make it anew with monitor bundle --edition {bundle}"
        ) from None
