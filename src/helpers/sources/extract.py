"""Reads `extract.yml`: what an extract is, and which of its files, columns and codes are those of
the contract."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from helpers.labels import read_codes
from helpers.schema import TABLES, Column, Table
from helpers.sources.problems import Problem, UnreadableExtract

EXTRACT = "extract.yml"
SUFFIXES = (".parquet", ".csv", ".xlsx", ".sav")
TOP = (
    "source",
    "extraction_date",
    "reference_date",
    "control_year",
    "cost_years",
    "captures",
    "added_codes",
    "offence_groups",
    "unit_denominators",
    "tables",
)
OPTIONS = (
    "file",
    "sheet",
    "header_row",
    "delimiter",
    "decimal",
    "encoding",
    "date_format",
    "labels",
    "columns",
    "codes",
    "unknown",
    "not_recorded",
    "true",
    "false",
)
ENCODINGS = ("utf-8", "utf-8-sig", "cp1252")
DATE_PARTS = ("year", "month", "day")
# Files of a folder that are no tables of the contract and belong there.
KNOWN_FILES = (EXTRACT, "captures.csv", "README.txt")


@dataclass(frozen=True)
class Mapping:
    """How one table is read. `columns` gives a contract column its source column, or its source
    columns of year, month and day; `codes` a source code its contract code, by contract column;
    `unknown` and `not_recorded` are source words that mean these."""

    table: Table
    files: tuple[Path, ...]
    columns: dict[str, str | dict[str, str]]
    sheet: str = ""
    header_row: int = 1
    delimiter: str = ","
    decimal: str = "."
    encoding: str = "utf-8-sig"
    date_format: str = "%Y-%m-%d"
    labels: bool = False
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    not_recorded: tuple[str, ...] = ()
    true: tuple[str, ...] = ("true", "True", "1")
    false: tuple[str, ...] = ("false", "False", "0")

    @property
    def sources(self) -> list[str]:
        """Source columns that are read, each once."""
        named = [
            name
            for source in self.columns.values()
            for name in (source.values() if isinstance(source, dict) else [source])
        ]
        return list(dict.fromkeys(named))


@dataclass(frozen=True)
class Extract:
    """A folder of files and what its `extract.yml` says of them; `warnings` are what need not stop
    a run."""

    folder: Path
    source: str
    mappings: dict[str, Mapping]
    extraction_date: datetime.date | None = None
    reference_date: datetime.date | None = None
    control_year: int | None = None
    cost_years: tuple[int, ...] = ()
    added: dict[str, dict[str, str]] = field(default_factory=dict)
    denominator: str = ""
    denominators: dict[str, float] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()

    def codes(self, column: Column) -> dict[str, str]:
        """The codes that a column may hold, each with its group: the contract's and those that the
        extract adds."""
        own = dict(read_codes(column.codes)) | {"unknown": "", "not_recorded": ""}
        return own | self.added.get(column.codes, {})


def read_extract(folder: Path) -> Extract:
    """The extract of a folder. Raises UnreadableExtract with every fault of the mapping at once."""
    content, faults = _read_yaml(folder)
    added = {
        **_as_dict(content.get("added_codes"), "added_codes", faults),
        **({"offence": content["offence_groups"]} if content.get("offence_groups") else {}),
    }
    added = {
        name: {str(code): str(group or "") for code, group in _as_dict(codes, name, faults).items()}
        for name, codes in added.items()
    }
    named = _as_dict(content.get("tables"), "tables", faults)
    for name in named:
        if name not in TABLES:
            faults.append(
                _fault(
                    f"tables.{name} is no table of the contract", f"use one of {', '.join(TABLES)}"
                )
            )
    mappings = {
        name: mapping
        for name in TABLES
        if (
            mapping := _read_mapping(
                folder, TABLES[name], named.get(name), name in named, added, faults
            )
        )
        is not None
    }
    values = {
        name: _read_value(content, name, kind, faults)
        for name, kind in (
            ("extraction_date", datetime.date),
            ("reference_date", datetime.date),
            ("control_year", int),
        )
    }
    years = content.get("cost_years") or []
    if not isinstance(years, list) or any(type(year) is not int for year in years):
        faults.append(
            _fault("cost_years is no list of years", "write cost_years: [2016, 2017, 2018]")
        )
    denominator, denominators = _read_denominators(content.get("unit_denominators"), added, faults)
    if not mappings and not (folder / "captures.csv").exists():
        faults.append(
            _fault(
                "the folder holds no table of the contract",
                "put <table>.csv, .parquet, .xlsx or .sav there, or name the files under tables",
            )
        )
    if faults:
        raise UnreadableExtract(faults)
    return Extract(
        folder,
        str(content.get("source", "")),
        mappings,
        added=added,
        cost_years=tuple(years),
        denominator=denominator,
        denominators=denominators,
        warnings=_find_strangers(folder, mappings),
        **values,
    )


def _fault(rule: str, remedy: str) -> Problem:
    return Problem(EXTRACT, "", rule, 1, (), remedy)


def _read_yaml(folder: Path) -> tuple[dict[str, Any], list[Problem]]:
    path = folder / EXTRACT
    if not path.exists():
        raise UnreadableExtract(
            [_fault("the file is missing", "write it; monitor template DIR makes one to fill")]
        )
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8-sig")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        line = (
            f" (line {error.problem_mark.line + 1})" if getattr(error, "problem_mark", None) else ""
        )
        raise UnreadableExtract(
            [
                _fault(
                    f"no valid YAML in UTF-8{line}",
                    "mend the indentation, the quotes or the encoding",
                )
            ]
        ) from None
    if not isinstance(content, dict):
        raise UnreadableExtract(
            [_fault("no lines 'name: value'", "monitor template DIR makes one to fill")]
        )
    strange = [str(key) for key in content if key not in TOP]
    faults = (
        [_fault(f"unknown entry {', '.join(strange)}", f"use {', '.join(TOP)}")] if strange else []
    )
    if not content.get("source"):
        faults.append(_fault("source is missing", "say in words where the extract comes from"))
    return content, faults


def _as_dict(value: Any, name: str, faults: list[Problem]) -> dict[str, Any]:
    if value is None or isinstance(value, dict):
        return value or {}
    faults.append(_fault(f"{name} holds no lines 'name: value'", "indent its entries below it"))
    return {}


def _read_value(content: dict[str, Any], name: str, kind: type, faults: list[Problem]) -> Any:
    value = content.get(name)
    if value is not None and type(value) is not kind:
        faults.append(
            _fault(
                f"{name} is no {'date such as 2021-07-01' if kind is datetime.date else 'year'}",
                "write it without quotes",
            )
        )
        return None
    return value


def _read_denominators(
    given: Any, added: dict[str, dict[str, str]], faults: list[Problem]
) -> tuple[str, dict[str, float]]:
    """What police units are set against, in words, and the number of each unit."""
    if given is None:
        return "", {}
    what, values = (
        (given.get("what"), given.get("values")) if isinstance(given, dict) else (None, None)
    )
    known = {*read_codes("police_unit"), *added.get("police_unit", {})}
    if (
        not isinstance(what, str)
        or not isinstance(values, dict)
        or any(
            unit not in known or type(n) not in (int, float) or n <= 0 for unit, n in values.items()
        )
    ):
        faults.append(
            _fault(
                "unit_denominators needs what (words) and values (a number above 0 for each police unit)",
                "write unit_denominators: {what: inhabitants on 1 January 2019, values: {amsterdam: 900000}}",
            )
        )
        return "", {}
    return what, {unit: float(n) for unit, n in values.items()}


def _read_mapping(
    folder: Path,
    table: Table,
    given: Any,
    is_named: bool,
    added: dict[str, dict[str, str]],
    faults: list[Problem],
) -> Mapping | None:
    options = _as_dict(given, f"tables.{table.name}", faults)
    files = _find_files(folder, table.name, options.get("file"), is_named, faults)
    if not files:
        return None
    strange = [str(key) for key in options if key not in OPTIONS]
    if strange:
        faults.append(
            _fault(
                f"tables.{table.name}: unknown entry {', '.join(strange)}",
                f"use {', '.join(OPTIONS)}",
            )
        )
    columns = _as_dict(options.get("columns"), f"tables.{table.name}.columns", faults)
    _check_columns(table, columns, faults)
    plain: dict[str, Any] = {
        key: options[key]
        for key in (
            "sheet",
            "header_row",
            "delimiter",
            "decimal",
            "encoding",
            "date_format",
            "labels",
        )
        if key in options
    }
    _check_plain(table.name, plain, faults)
    words = {
        key: tuple(str(word) for word in (value if isinstance(value, list) else [value]))
        for key in ("unknown", "not_recorded", "true", "false")
        if (value := options.get(key)) is not None
    }
    codes = _turn_codes(
        table, _as_dict(options.get("codes"), f"tables.{table.name}.codes", faults), added, faults
    )
    return Mapping(
        table,
        files,
        {name: columns.get(name, name) for name in table.names},
        codes=codes,
        **plain,
        **words,
    )


def _find_files(
    folder: Path, name: str, given: Any, is_named: bool, faults: list[Problem]
) -> tuple[Path, ...]:
    if given is None:
        found = [
            folder / f"{name}{suffix}"
            for suffix in SUFFIXES
            if (folder / f"{name}{suffix}").exists()
        ]
        if len(found) > 1:
            faults.append(
                _fault(
                    f"table {name} stands in {', '.join(path.name for path in found)}",
                    f"name one under tables.{name}.file, or take the others out",
                )
            )
        if is_named and not found:
            faults.append(
                _fault(
                    f"tables.{name}: there is no {name}.csv, .parquet, .xlsx or .sav",
                    f"name the file under tables.{name}.file, or take the entry out",
                )
            )
        return tuple(found[:1])
    files = [folder / str(entry) for entry in (given if isinstance(given, list) else [given])]
    for path in files:
        if not path.exists() or path.suffix.lower() not in SUFFIXES:
            fault = "does not exist" if not path.exists() else f"is none of {', '.join(SUFFIXES)}"
            faults.append(
                _fault(
                    f"tables.{name}.file: {path.name} {fault}",
                    "mend the name, or put the file into the folder",
                )
            )
    return tuple(path for path in files if path.exists() and path.suffix.lower() in SUFFIXES)


def _check_columns(table: Table, columns: dict[str, Any], faults: list[Problem]) -> None:
    where = f"tables.{table.name}.columns"
    for name, source in columns.items():
        is_parts = isinstance(source, dict)
        if name not in table.names:
            faults.append(
                _fault(
                    f"{where}: {name} is no column of the contract", f"use {', '.join(table.names)}"
                )
            )
        elif is_parts and (table.column(name).kind != "date" or set(source) != set(DATE_PARTS)):
            faults.append(
                _fault(
                    f"{where}.{name}: parts are for dates, and are year, month and day",
                    "write {year: A, month: B, day: C}",
                )
            )
    sources = [str(source) for source in columns.values() if not isinstance(source, dict)]
    twice = sorted({source for source in sources if sources.count(source) > 1})
    if twice:
        faults.append(
            _fault(
                f"{where}: source column {', '.join(twice)} is named twice",
                "give each contract column a source column of its own",
            )
        )


def _check_plain(name: str, plain: dict[str, Any], faults: list[Problem]) -> None:
    if plain.get("encoding", "utf-8") not in ENCODINGS:
        faults.append(
            _fault(
                f"tables.{name}.encoding is none of {', '.join(ENCODINGS)}",
                "name the one that the file was saved in",
            )
        )
    if type(plain.get("header_row", 1)) is not int or plain.get("header_row", 1) < 1:
        faults.append(_fault(f"tables.{name}.header_row is no row number", "count from 1"))
    if len(str(plain.get("delimiter", ","))) != 1 or plain.get("decimal", ".") not in (".", ","):
        faults.append(
            _fault(
                f"tables.{name}: delimiter is one sign, decimal is '.' or ','",
                'write delimiter: ";" and decimal: ","',
            )
        )


def _turn_codes(
    table: Table, given: dict[str, Any], added: dict[str, dict[str, str]], faults: list[Problem]
) -> dict[str, dict[str, str]]:
    """Source code to contract code, by column; `given` is the other way round, with one or several
    source codes."""
    turned: dict[str, dict[str, str]] = {}
    for name, codes in given.items():
        where = f"tables.{table.name}.codes.{name}"
        if name not in table.names or not table.column(name).codes:
            faults.append(
                _fault(
                    f"{where}: no coded column of the contract",
                    f"use {', '.join(column.name for column in table.columns if column.codes)}",
                )
            )
            continue
        allowed = {
            *read_codes(table.column(name).codes),
            *added.get(table.column(name).codes, {}),
            "unknown",
            "not_recorded",
        }
        for code, sources in _as_dict(codes, where, faults).items():
            if str(code) not in allowed:
                faults.append(
                    _fault(
                        f"{where}: {code} is no code of the contract",
                        "see the register contract, or add it under added_codes",
                    )
                )
            for source in sources if isinstance(sources, list) else [sources]:
                if str(source) in turned.setdefault(name, {}):
                    faults.append(
                        _fault(
                            f"{where}: source code {source} stands twice",
                            "give it one contract code",
                        )
                    )
                turned[name][str(source)] = str(code)
    return turned


def _find_strangers(folder: Path, mappings: dict[str, Mapping]) -> tuple[Problem, ...]:
    named = {path.name for mapping in mappings.values() for path in mapping.files} | set(
        KNOWN_FILES
    )
    strange = sorted(
        path.name
        for path in folder.iterdir()
        if path.name not in named and not path.name.startswith(".")
    )
    return tuple(
        Problem(
            name,
            "",
            "no table of the extract",
            1,
            (),
            "take it out, or name it under tables in extract.yml",
            is_warning=True,
        )
        for name in strange
    )
