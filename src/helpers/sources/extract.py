"""Reads `extract.yml`: what an extract is, and which of its files, columns and codes are those of
the contract."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from helpers.definitions import MISSING, NOT_RECORDED, UNKNOWN
from helpers.labels import read_codes, read_lists
from helpers.schema import TABLES, Column, Table
from helpers.sources.entries import (
    EXTRACT,
    ExtractEntry,
    TableEntry,
    make_fault,
    read_entries,
    suggest,
)
from helpers.sources.limits import MOST_NAMES, MOST_PROBLEMS
from helpers.sources.problems import Problem, UnreadableExtract, mask_name

SUFFIXES = (".parquet", ".csv", ".xlsx", ".sav")
# What explains a table may have its name.
DOCUMENTS = (".pdf", ".doc", ".docx", ".odt", ".rtf", ".md", ".html", ".htm", ".bak")
# Files of a folder that are no tables of the contract and belong there.
KNOWN_FILES = (EXTRACT, "captures.csv", "README.txt")


@dataclass(frozen=True)
class Mapping:
    """How one table is read. `columns` gives a contract column its source column, or its source
    columns of year, month and day; `codes` a source code its contract code, by contract column;
    `unknown` and `not_recorded` are source words that mean these; `leave_out` names rows that are
    not read, by source column and word."""

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
    leave_out: dict[str, tuple[str, ...]] = field(default_factory=dict)
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
        return list(dict.fromkeys([*named, *self.leave_out]))

    def known_words(self, column: str) -> dict[str, str]:
        """The source words of a coded column whose code is declared, each with its code."""
        return (
            dict.fromkeys(self.unknown, UNKNOWN)
            | dict.fromkeys(self.not_recorded, NOT_RECORDED)
            | self.codes.get(column, {})
        )


@dataclass(frozen=True)
class Extract:
    """A folder of files and what its `extract.yml` says of them; `warnings` are what need not stop
    a run."""

    folder: Path
    source: str
    mappings: dict[str, Mapping]
    extraction_date: datetime.date | None = None
    start_date: datetime.date | None = None
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
        own = dict(read_codes(column.codes)) | dict.fromkeys(MISSING, "")
        return own | self.added.get(column.codes, {})

    def find_unknown(self, column: Column, kinds: Iterable[str]) -> set[str]:
        """Those of `kinds` that the column may not hold. Where its codes have a shape, any of that
        shape may stand there, unless the extract lists those that there are."""
        others = set(kinds) - set(self.codes(column))
        if column.shape and column.codes not in self.added:
            return {code for code in others if not re.fullmatch(column.shape, code)}
        return others


def read_extract(folder: Path) -> Extract:
    """The extract of a folder. Raises UnreadableExtract with every fault of the mapping at once."""
    entries = read_entries(folder)
    faults = [*_check_added(entries), *_check_dates(entries)]
    added = {
        **entries.added_codes,
        **({"offence": entries.offence_groups} if entries.offence_groups else {}),
    }
    faults += [
        make_fault(f"tables.{name} is no table of the contract", suggest(name, list(TABLES)))
        for name in entries.tables
        if name not in TABLES
    ]
    mappings = {}
    for name, table in TABLES.items():
        mapping = _read_mapping(folder, table, entries.tables.get(name), added, faults)
        if mapping is not None:
            mappings[name] = mapping
    faults += _find_other_forms(folder, mappings, entries)
    if not mappings and not faults and not (folder / "captures.csv").exists():
        faults.append(
            make_fault(
                "the folder holds no table of the contract",
                "put <table>.csv, .parquet, .xlsx or .sav there, or name the files under tables",
            )
        )
    if faults:
        raise UnreadableExtract(faults[:MOST_PROBLEMS])
    given = entries.unit_denominators
    return Extract(
        folder,
        entries.source,
        mappings,
        entries.extraction_date,
        entries.start_date,
        entries.reference_date,
        entries.control_year,
        entries.cost_years,
        added,
        given.what if given else "",
        dict(given.values) if given else {},
        _find_strangers(folder, mappings),
    )


def _check_dates(entries: ExtractEntry) -> list[Problem]:
    since, made, until = entries.start_date, entries.extraction_date, entries.reference_date
    if since and until and since > until:
        return [make_fault("start_date lies after reference_date", "exchange or mend the dates")]
    if made and until and until > made:
        return [
            make_fault(
                "reference_date lies after extraction_date",
                "mend the dates: registers are complete until a day before they were extracted",
            )
        ]
    return []


def _check_added(entries: ExtractEntry) -> list[Problem]:
    """Codes that the extract adds are new ones of lists that the contract has, in groups that it
    has; a police unit of a denominator is known."""
    lists = sorted(
        {column.codes for table in TABLES.values() for column in table.columns} & read_lists()
    )
    faults = []
    for name, codes in entries.added_codes.items():
        where = f"added_codes.{name}"
        if name == "offence" or name not in lists:
            faults.append(
                make_fault(
                    f"{where} is no list of the contract that codes can be added to",
                    "write offence_groups: {CODE: GROUP}"
                    if name.startswith("offence")
                    else suggest(name, [one for one in lists if one != "offence"]),
                )
            )
            continue
        groups = "origin_region" if name == "nationality" else name
        known = read_codes(groups)
        allowed = {"", *(known if groups != name else known.values())}
        if shape := _find_shape(name):
            allowed |= set(codes)
            faults += [
                make_fault(f"{where}: {code} is none of its codes", "write it like the others")
                for code in codes
                if not re.fullmatch(shape, code)
            ]
        faults += _check_new_codes(where, codes, name, allowed)
    faults += _check_new_codes(
        "offence_groups",
        entries.offence_groups,
        "offence",
        {*read_codes("offence_group")},
        split=True,
    )
    units = {*read_codes("police_unit"), *entries.added_codes.get("police_unit", {})}
    given = entries.unit_denominators
    if given and set(given.values) - units:
        faults.append(
            make_fault(
                "unit_denominators needs what (words) and values (a number above 0 for each police unit)",
                f"use {', '.join(sorted(units))}",
            )
        )
    return faults


def _find_shape(name: str) -> str:
    """The shape that codes of a list have, "" for one whose codes are all listed."""
    return next(
        (
            column.shape
            for table in TABLES.values()
            for column in table.columns
            if column.codes == name
        ),
        "",
    )


def _check_new_codes(
    where: str, codes: dict[str, str], name: str, groups: set[str], *, split: bool = False
) -> list[Problem]:
    faults = []
    for code, group in codes.items():
        if code in read_codes(name) or code in MISSING:
            faults.append(
                make_fault(f"{where}: {code} stands in the contract already", "take it out here")
            )
        elif not code.strip() or set(code) & set("|:+<>\"'=@"):
            faults.append(
                make_fault(
                    f"{where}: {code} is no code (empty, or with one of | : + < > = @ or quotes)",
                    "choose letters, digits and _",
                )
            )
        if not (_is_offence_group(group, groups) if split else group in groups):
            known = groups | {*read_codes(name).values()} if ":" in group and split else groups
            faults.append(
                make_fault(
                    f"{where}.{code}: {group} is no group of the contract",
                    suggest(group, sorted(known - {""})) + ("" if split else ', or ""'),
                )
            )
    return faults


def _is_offence_group(group: str, groups: set[str]) -> bool:
    """Whether it is a group, or one with a part after a colon; of trafficking that part is a form,
    and a form that is misspelt would count as another one."""
    head, _, part = group.partition(":")
    forms = {*read_codes("offence").values()}
    has_forms = any(form.startswith(f"{head}:") for form in forms)
    return head in groups and (not part or not has_forms or group in forms)


def _read_mapping(
    folder: Path,
    table: Table,
    entry: TableEntry | None,
    added: dict[str, dict[str, str]],
    faults: list[Problem],
) -> Mapping | None:
    files = _find_files(folder, table.name, entry, faults)
    if entry is None:
        entry = TableEntry()
    _check_columns(table, entry.columns, faults)
    codes = _turn_codes(table, entry.codes, added, faults)
    _check_words(table, entry, codes, faults)
    if not files:
        return None
    columns = {name: entry.columns.get(name, name) for name in table.names}
    left_out = {}
    for name, words in entry.leave_out.items():
        source = columns.get(name, name)
        left_out[name if isinstance(source, dict) else source] = words
    options = {
        name: getattr(entry, name)
        for name in TableEntry.model_fields
        if name not in ("file", "columns", "codes", "leave_out")
    }
    return Mapping(table, files, columns, codes=codes, leave_out=left_out, **options)


def _check_words(
    table: Table, entry: TableEntry, codes: dict[str, dict[str, str]], faults: list[Problem]
) -> None:
    """A word means one thing."""
    where = f"tables.{table.name}"
    for name, turned in codes.items():
        both = sorted({*entry.unknown, *entry.not_recorded} & set(turned))
        if both:
            faults.append(
                make_fault(
                    f'{where}: "{both[0]}" stands under codes.{name}, and under unknown or not_recorded',
                    "give it one meaning",
                )
            )
    for one, other in ((UNKNOWN, NOT_RECORDED), ("true", "false")):
        both = sorted(set(getattr(entry, one)) & set(getattr(entry, other)))
        if both:
            faults.append(
                make_fault(
                    f'{where}: "{both[0]}" stands under {one} and under {other}',
                    "give it one meaning",
                )
            )


def _find_files(
    folder: Path, name: str, entry: TableEntry | None, faults: list[Problem]
) -> tuple[Path, ...]:
    where = f"tables.{name}.file"
    if entry is None or entry.file is None:
        found = [path for suffix in SUFFIXES if (path := folder / f"{name}{suffix}").exists()]
        if len(found) > 1:
            faults.append(
                make_fault(
                    f"table {name} stands in {', '.join(path.name for path in found)}",
                    f"name one under {where}, or take the others out",
                )
            )
        if entry is not None and not found:
            faults.append(
                make_fault(
                    f"tables.{name}: there is no {name}.csv, .parquet, .xlsx or .sav",
                    f"name the file under {where}, or take the entry out",
                )
            )
        files = found[:1]
    else:
        files = [folder / one for one in entry.file]
    if len(set(files)) < len(files):
        faults.append(make_fault(f"{where} names a file twice", "name each once"))
    checked = [(path, _find_file_fault(folder, path)) for path in files]
    faults += [
        make_fault(f"{where}: {path.name} {fault[0]}", fault[1]) for path, fault in checked if fault
    ]
    return tuple(path for path, fault in checked if not fault)


def _find_file_fault(folder: Path, path: Path) -> tuple[str, str] | None:
    """What keeps a file from being read, and the remedy; None for one that lies in the folder."""
    if not path.resolve().is_relative_to(folder.resolve()):
        return (
            "lies outside the folder of the extract",
            "put the file itself into the folder, no path or link to another place",
        )
    if not path.exists():
        return "does not exist", "mend the name, or put the file into the folder"
    if path.suffix.lower() not in SUFFIXES:
        return f"is none of {', '.join(SUFFIXES)}", "save it as one of these"
    if path.is_dir() and path.suffix.lower() != ".parquet":
        return "is a folder where a file is meant", "name the files in it"
    if not path.is_dir() and not path.is_file():
        return "is no file", "put a file in its place"
    return None


def _check_columns(
    table: Table, columns: dict[str, str | dict[str, str]], faults: list[Problem]
) -> None:
    where = f"tables.{table.name}.columns"
    for name, source in columns.items():
        if name not in table.names:
            faults.append(
                make_fault(
                    f"{where}: {name} is no column of the contract",
                    suggest(name, list(table.names)),
                )
            )
        elif isinstance(source, dict) and table.column(name).kind != "date":
            faults.append(
                make_fault(
                    f"{where}.{name}: parts are for dates, and are year, month and day",
                    "write {year: A, month: B, day: C}",
                )
            )
    sources = [
        one
        for source in columns.values()
        for one in (source.values() if isinstance(source, dict) else [source])
    ]
    twice = sorted({source for source in sources if sources.count(source) > 1})
    if twice:
        faults.append(
            make_fault(
                f"{where}: source column {', '.join(twice)} is named twice",
                "give each contract column a source column of its own",
            )
        )


def _turn_codes(
    table: Table,
    given: dict[str, dict[str, tuple[str, ...]]],
    added: dict[str, dict[str, str]],
    faults: list[Problem],
) -> dict[str, dict[str, str]]:
    """Source code to contract code, by column; `given` is the other way round, with one or several
    source codes."""
    turned: dict[str, dict[str, str]] = {}
    coded = [column.name for column in table.columns if column.codes]
    for name, codes in given.items():
        where = f"tables.{table.name}.codes.{name}"
        if name not in coded:
            faults.append(
                make_fault(f"{where}: no coded column of the contract", suggest(name, coded))
            )
            continue
        listed, shape = table.column(name).codes, table.column(name).shape
        allowed = {*read_codes(listed), *added.get(listed, {}), *MISSING}
        for code, sources in codes.items():
            if code not in allowed and not (shape and re.fullmatch(shape, code)):
                faults.append(
                    make_fault(
                        f"{where}: {code} is no code of the contract",
                        "see the register contract, or add it under added_codes",
                    )
                )
            for source in sources:
                if source in turned.setdefault(name, {}):
                    faults.append(
                        make_fault(
                            f"{where}: source code {source} stands twice",
                            "give it one contract code",
                        )
                    )
                turned[name][source] = code
    return turned


def _find_other_forms(
    folder: Path, mappings: dict[str, Mapping], entries: ExtractEntry
) -> list[Problem]:
    """Files that have the name of a table in another form, such as incidents.xls, where no other
    file is that table: without them a table would be missing in silence."""
    elsewhere = {name for name, entry in entries.tables.items() if entry.file is not None}
    missing = {name for name in TABLES if name not in mappings} - elsewhere
    if entries.captures is not None and not (folder / "captures.csv").exists():
        missing.add("captures")
    named = {path.name for mapping in mappings.values() for path in mapping.files}
    faults = []
    for path in sorted(folder.iterdir()):
        name = path.name.lower().split(".")[0]
        is_known = path.name in {*named, *KNOWN_FILES} or path.suffix.lower() in DOCUMENTS
        if "." in path.name and name in missing and not is_known:
            forms = "csv" if name == "captures" else "csv, .parquet, .xlsx or .sav"
            faults.append(
                make_fault(
                    f"{path.name} has the name of a table that is not read",
                    f"save it as {name}.{forms}, name it under tables, or take it out",
                )
            )
    return faults


def _find_strangers(folder: Path, mappings: dict[str, Mapping]) -> tuple[Problem, ...]:
    """Files of the folder that belong to no table."""
    named = {
        path.relative_to(folder).parts[0] for mapping in mappings.values() for path in mapping.files
    } | set(KNOWN_FILES)
    strange = sorted(
        path.name
        for path in folder.iterdir()
        if path.name not in named and not path.name.startswith(".")
    )
    remedy = "take it out, or name it under tables in extract.yml"
    rest = len(strange) - MOST_NAMES
    warnings = [
        Problem(mask_name(name), "", "no table of the extract", 1, (), remedy, is_warning=True)
        for name in strange[:MOST_NAMES]
    ]
    if rest > 0:
        warnings.append(
            Problem(
                f"{rest} more files",
                "",
                "no table of the extract",
                rest,
                (),
                remedy,
                is_warning=True,
            )
        )
    return tuple(warnings)
