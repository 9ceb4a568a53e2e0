"""Where everything lies, and the frozen, checked parameters of one run.

Folders are absolute, so that nothing depends on the caller's folder.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"
PUBLISHED = DATA / "published"
FACTS = DATA / "facts"
CODES = DATA / "codes"
BUNDLES = DATA / "bundles"
BOOK = ROOT / "book"
CHAPTERS = BOOK / "chapters"
NOTEBOOKS = ROOT / "notebooks"
EDITIONS = NOTEBOOKS / "editions"
CACHE = ROOT / ".cache"
BUILD = ROOT / "_build"
LOCK = ROOT / "requirements.lock"

DEFAULT_EDITION = "2016-2020"
LANGUAGES = ("en", "nl")
FIRST_YEAR, LAST_YEAR = 2000, 2100

_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]*")
_TYPES = {
    "edition": str,
    "period_start": int,
    "period_end": int,
    "study_start": int,
    "horizons": list,
    "language": str,
    "seed": int,
    "disclosure": str,
}


class BadInput(Exception):
    """Input that a person must mend. The message says what, where and how."""


@dataclass(frozen=True)
class Edition:
    """The checked parameters of one run.

    Years are calendar years, both ends included. `study_start` is the first index year of the
    police register. `extra` holds what single notebooks declare besides (`series_start`, ...).
    """

    edition: str
    period_start: int
    period_end: int
    study_start: int = 2010
    horizons: tuple[int, ...] = (2, 5, 7)
    language: str = "en"
    seed: int = 20211018
    disclosure: str = "public"
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def period(self) -> str:
        return f"{self.period_start}-{self.period_end}"

    @property
    def years(self) -> range:
        return range(self.period_start, self.period_end + 1)

    @property
    def parameters(self) -> dict[str, Any]:
        """Every parameter by name, as notebooks receive them."""
        own = {name: getattr(self, name) for name in _TYPES}
        return {**own, "horizons": list(self.horizons), **self.extra}


def define_edition(**parameters: Any) -> Edition:
    """The edition that these parameters describe.

    `edition`, `period_start` and `period_end` are needed, the others have defaults. Parameters
    beyond the known ones go to `extra`; NAME_start and NAME_end are years, and a pair of them must
    not be reversed. Raises BadInput naming the parameter and the remedy.
    """
    missing = [name for name in ("edition", "period_start", "period_end") if name not in parameters]
    if missing:
        raise BadInput(f"the edition lacks {', '.join(missing)}; add a line '{missing[0]}: ...'")
    for name, value in parameters.items():
        expected = _TYPES.get(name, int if name.endswith(("_start", "_end")) else object)
        if not isinstance(value, expected) or (expected is int and isinstance(value, bool)):
            raise BadInput(f"parameter {name} must be of type {expected.__name__}, not {value!r}")
    if not _NAME.fullmatch(parameters["edition"]):
        raise BadInput(
            f"edition name {parameters['edition']!r}: use letters, digits, '.', '_' and '-' only"
        )
    own = {name: value for name, value in parameters.items() if name in _TYPES}
    own["horizons"] = _check_horizons(parameters.get("horizons", list(Edition.horizons)))
    extra = {name: value for name, value in parameters.items() if name not in _TYPES}
    edition = Edition(**own, extra=extra)
    _check_years(edition)
    if edition.language not in LANGUAGES:
        raise BadInput(f"language {edition.language!r}: choose one of {', '.join(LANGUAGES)}")
    return edition


def _check_horizons(horizons: list) -> tuple[int, ...]:
    if not horizons or any(type(h) is not int or h < 1 for h in horizons):
        raise BadInput(
            f"horizons must be a list of whole numbers of years, for example [2, 5, 7], not {horizons!r}"
        )
    return tuple(horizons)


def _check_years(edition: Edition) -> None:
    years = {
        name: value
        for name, value in edition.parameters.items()
        if name.endswith(("_start", "_end"))
    }
    for name, year in years.items():
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise BadInput(f"{name} is {year}; give a year from {FIRST_YEAR} to {LAST_YEAR}")
        if name.endswith("_start"):
            end = name.removesuffix("_start") + "_end"
            if end in years and year > years[end]:
                raise BadInput(f"{name} ({year}) lies after {end} ({years[end]}); exchange them")
    if edition.study_start > edition.period_end:
        raise BadInput(
            f"study_start ({edition.study_start}) lies after period_end ({edition.period_end})"
        )


def list_editions() -> list[str]:
    """Names of the editions that have a parameter file."""
    return sorted(path.stem for path in EDITIONS.glob("*.yml"))


def read_edition(name: str, *, language: str | None = None) -> Edition:
    """The edition of `notebooks/editions/<name>.yml`, in `language` where given."""
    path = EDITIONS / f"{name}.yml"
    if name not in list_editions():
        raise BadInput(
            f"unknown edition {name!r}; known: {', '.join(list_editions())}. A new one is a file notebooks/editions/{name}.yml"
        )
    try:
        parameters = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise BadInput(f"notebooks/editions/{path.name} is no valid YAML: {error}") from error
    if not isinstance(parameters, dict):
        raise BadInput(f"notebooks/editions/{path.name} must hold lines 'name: value'")
    if language is not None:
        parameters["language"] = language
    try:
        edition = define_edition(**parameters)
    except BadInput as error:
        raise BadInput(f"notebooks/editions/{path.name}: {error}") from error
    if edition.edition != name:
        raise BadInput(
            f"notebooks/editions/{path.name} says edition: {edition.edition!r}; the name and the file must agree"
        )
    return edition


def find_bundle_folder(edition: str) -> Path:
    """The folder that `release` writes to and `read_released` reads from: a run's own, never the
    committed one unless the run says so (environment variable MONITOR_BUNDLE)."""
    given = os.environ.get("MONITOR_BUNDLE")
    return Path(given) if given else CACHE / "bundles" / edition


def find_registers_folder() -> Path | None:
    """The folder of register extracts that the run was given (environment variable
    MONITOR_REGISTERS), or None."""
    given = os.environ.get("MONITOR_REGISTERS")
    return Path(given) if given else None
