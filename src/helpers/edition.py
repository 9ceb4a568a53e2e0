"""Where everything lies, and the frozen, checked parameters of one run.

Folders are absolute, so that nothing depends on the caller's folder.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

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
# The book is built in each; the first stands at the root of its site.
LANGUAGES = ("en", "nl")
FIRST_YEAR, LAST_YEAR = 2000, 2100
STUDY_START = 2010
# What an edition counts from where no extract is given.
MADE_UP_REGISTERS, NO_REGISTERS = "made-up", "none"

# What a process is told of its run through its environment begins so.
TOLD = "MONITOR_"

_NAME = r"[0-9A-Za-z][0-9A-Za-z._-]*"


class BadInput(Exception):
    """Input that a person must mend. The message says what, where and how."""


class SiteFailed(Exception):
    """A site that is not whole. The message lists what is wrong, page by page."""


def name_period(years: range) -> str:
    """ "2016-2020", or one year; "" of no year."""
    if len(years) > 1:
        return f"{years.start}-{years.stop - 1}"
    return str(years.start) if len(years) else ""


class Edition(BaseModel):
    """The checked parameters of one run.

    Years are calendar years, both ends included. `study_start` is the first index year of the
    police register; where it is not given, it is 2010, or the first year of an earlier period.
    `extra` holds what single notebooks declare besides (`series_start`, ...);
    NAME_start and NAME_end are years there too.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="allow")

    edition: str
    period_start: int
    period_end: int
    study_start: int = STUDY_START
    horizons: list[int] = [2, 5, 7]
    language: str = "en"
    seed: int = 20211018

    @property
    def extra(self) -> dict[str, Any]:
        return self.model_extra or {}

    @property
    def has_registers(self) -> bool:
        """False for an edition on public numbers alone: neither an extract nor made-up
        registers."""
        return self.extra.get("registers", MADE_UP_REGISTERS) != NO_REGISTERS

    @property
    def period(self) -> str:
        return f"{self.period_start}-{self.period_end}"

    @property
    def span(self) -> str:
        """The years as released tables name them: 2017-2021, and one year alone."""
        return name_period(self.years)

    @property
    def years(self) -> range:
        return range(self.period_start, self.period_end + 1)

    @property
    def parameters(self) -> dict[str, Any]:
        """Every parameter by name, as notebooks receive them."""
        return self.model_dump()


def name_file(path: Path) -> str:
    """The path as a person in the project's folder would write it."""
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name


def refuse_file(path: Path, what: str) -> BadInput:
    """The fault of a file that somebody changed by hand, or that was cut short."""
    name = name_file(path)
    remedy = f"git checkout -- {name}" if path.is_relative_to(DATA) else "a copy"
    return BadInput(f"{name}: {what}; mend it, or restore it from {remedy}")


def read_text(path: Path) -> str:
    """Raises BadInput for a file that is not there, or not UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, IsADirectoryError):
        raise refuse_file(path, "there is no such file") from None
    except UnicodeDecodeError as error:
        raise refuse_file(path, f"it is not UTF-8 (byte {error.start})") from None


def read_json(path: Path, *needed: str) -> dict[str, Any]:
    """The entries of a JSON file. Raises BadInput where it is none, or lacks one that is
    `needed`."""
    try:
        entries = json.loads(read_text(path))
    except (json.JSONDecodeError, RecursionError) as error:
        place = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise refuse_file(path, f"it is no whole JSON{place}") from None
    return _check_entries(path, entries, needed)


def read_yaml(path: Path, *needed: str) -> dict[str, Any]:
    """The entries of a YAML file. Raises BadInput where it is none, or lacks one that is
    `needed`."""
    try:
        entries = yaml.safe_load(read_text(path))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f" (line {mark.line + 1})" if mark else ""
        raise refuse_file(path, f"it is no valid YAML{place}") from None
    return _check_entries(path, entries, needed)


def _check_entries(path: Path, entries: Any, needed: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(entries, dict):
        raise refuse_file(path, "it must hold lines 'name: value'")
    if missing := [name for name in needed if name not in entries]:
        raise refuse_file(path, f"it lacks {', '.join(missing)}")
    return entries


class _Row(dict[str, str]):
    """A row by column; one that is not there is told."""

    def __init__(self, cells: dict[str, str], path: Path) -> None:
        super().__init__(cells)
        self._path = path

    def __missing__(self, column: str) -> str:
        raise refuse_file(self._path, f"row 1 has no column {column}")


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a csv file by column, without the first. Raises BadInput, with the row, where it
    is not whole; and where a column is asked for that it has not."""
    try:
        rows = list(csv.reader(io.StringIO(read_text(path), newline=""), strict=True))
    except csv.Error as error:
        raise refuse_file(path, f"it is no whole csv file ({error})") from None
    if not rows:
        raise refuse_file(path, "it is empty")
    for number, row in enumerate(rows, start=1):
        if row and len(row) != len(rows[0]):
            raise refuse_file(
                path, f"row {number} has {len(row)} cells where {len(rows[0])} belong"
            )
    return [_Row(dict(zip(rows[0], row, strict=True)), path) for row in rows[1:] if row]


def define_edition(**parameters: Any) -> Edition:
    """The edition that these parameters describe.

    `edition`, `period_start` and `period_end` are needed, the others have defaults. Raises BadInput
    naming the parameter and the remedy.
    """
    start = parameters.get("period_start")
    if type(start) is int and start < STUDY_START:
        parameters = {"study_start": start, **parameters}
    try:
        edition = Edition(**parameters)
    except ValidationError as error:
        raise BadInput(_explain(error, parameters)) from None
    for name, value in edition.extra.items():
        if name.endswith(("_start", "_end")) and type(value) is not int:
            raise BadInput(f"parameter {name} must be of type int, not {value!r}")
    if not re.fullmatch(_NAME, edition.edition):
        raise BadInput(
            f"edition name {edition.edition!r}: use letters, digits, '.', '_' and '-' only"
        )
    if edition.language not in LANGUAGES:
        raise BadInput(f"language {edition.language!r}: choose one of {', '.join(LANGUAGES)}")
    if edition.extra.get("registers", NO_REGISTERS) not in (MADE_UP_REGISTERS, NO_REGISTERS):
        raise BadInput(
            f"registers: {edition.extra['registers']!r}; write {MADE_UP_REGISTERS} or {NO_REGISTERS}; an "
            "extract is named by --registers DIR"
        )
    if not edition.horizons or min(edition.horizons) < 1:
        raise BadInput(
            "horizons must be a list of whole numbers of years, for example [2, 5, 7], not "
            f"{edition.horizons!r}"
        )
    _check_years(edition)
    return edition


def _explain(error: ValidationError, parameters: dict[str, Any]) -> str:
    """What pydantic found, in this project's words."""
    missing = [str(fault["loc"][0]) for fault in error.errors() if fault["type"] == "missing"]
    if missing:
        return f"the edition lacks {', '.join(missing)}; add a line '{missing[0]}: ...'"
    name = str(error.errors()[0]["loc"][0])
    annotation = Edition.model_fields[name].annotation
    expected = getattr(annotation, "__name__", str(annotation))
    return f"parameter {name} must be of type {expected}, not {parameters[name]!r}"


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


def find_edition_file(name: str) -> Path:
    """The parameter file of an edition."""
    return EDITIONS / f"{name}.yml"


def read_edition(name: str, *, language: str | None = None) -> Edition:
    """The edition of `notebooks/editions/<name>.yml`, in `language` where given."""
    path = find_edition_file(name)
    if name not in list_editions():
        raise BadInput(
            f"unknown edition {name!r}; known: {', '.join(list_editions())}. A new one is a file notebooks/editions/{name}.yml"
        )
    parameters = read_yaml(path)
    if "language" in parameters:
        raise BadInput(
            f"notebooks/editions/{path.name}: take the line 'language' out; a book is built in every "
            "language, or in one with --language"
        )
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


def place_language(language: str, languages: tuple[str, ...]) -> str:
    """The folder in which a language stands, in the site and among the chapters: "" for the first
    of these languages."""
    return "" if language == languages[0] else language


def find_bundle_folder(edition: str) -> Path:
    """The bundle that `read_released` reads: that of the run (environment variable MONITOR_BUNDLE),
    or, in a notebook that is run on its own, its provisional tables."""
    given = os.environ.get("MONITOR_BUNDLE")
    return Path(given) if given else find_provisional_folder(edition)


def find_provisional_folder(edition: str) -> Path:
    """Where a notebook that is run on its own keeps its tables, protected apart from the book."""
    return CACHE / "provisional" / edition


def find_run_record(bundles: Path, edition: str) -> Path:
    """Beside an edition's bundle: what its run read, and how long each chapter took."""
    return bundles / f"{edition}.run.json"


def read_run(path: Path) -> dict[str, Any]:
    """The record of a run; empty where there is none."""
    return read_json(path) if path.exists() else {}


def find_stage_folder() -> Path | None:
    """The private folder in which a run collects true cells (environment variable MONITOR_STAGE),
    or None outside a run."""
    given = os.environ.get("MONITOR_STAGE")
    return Path(given) if given else None


def has_no_registers() -> bool:
    """True in a run of an edition on public numbers alone (environment variable
    MONITOR_NO_REGISTERS)."""
    return bool(os.environ.get("MONITOR_NO_REGISTERS"))


def find_registers_folder() -> Path | None:
    """The folder of register extracts that the run was given (environment variable
    MONITOR_REGISTERS), or None."""
    given = os.environ.get("MONITOR_REGISTERS")
    return Path(given) if given else None


def tell_registers() -> dict[str, str]:
    """The variables from which a process knows the registers of this run."""
    names = ("MONITOR_REGISTERS", "MONITOR_NO_REGISTERS")
    return {name: os.environ[name] for name in names if name in os.environ}
