"""The form of `extract.yml`: read as it is written, and checked whole, before a file is opened.

Scalars stay the words that stand there, so that a code 010 is no eight and NO is no false.
"""

from __future__ import annotations

import datetime
import difflib
import re
import unicodedata
from collections.abc import Hashable
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from helpers.edition import FIRST_YEAR, LAST_YEAR
from helpers.sources.limits import DEEPEST_ENTRY, LARGEST_MAPPING, MOST_PROBLEMS
from helpers.sources.problems import Problem, UnreadableExtract

EXTRACT = "extract.yml"
ENCODINGS = ("utf-8", "utf-8-sig", "cp1252")
DATE_PARTS = ("year", "month", "day")
# A day on which no two parts of a date can be exchanged.
_PROBE = datetime.date(1987, 11, 23)


def make_fault(rule: str, remedy: str) -> Problem:
    return Problem(EXTRACT, "", rule, 1, (), remedy)


class _Word(str):
    """A scalar as it is written; `kind` is what YAML would take it for, and `is_plain` says whether
    it stands without quotes."""

    kind: str
    is_plain: bool


class _Composer(yaml.SafeLoader):
    """Composes without aliases and to a bounded depth, and notes keys that stand twice."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int | None) -> yaml.Node | None:
        event = self.peek_event()
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise UnreadableExtract(
                [
                    make_fault(
                        f"an anchor or alias, & or * (line {event.start_mark.line + 1})",
                        "write the value out, or put the word in quotes",
                    )
                ]
            )
        self.depth += 1
        if self.depth > DEEPEST_ENTRY:
            raise UnreadableExtract(
                [
                    make_fault(
                        f"entries lie more than {DEEPEST_ENTRY} deep in each other (line {event.start_mark.line + 1})",
                        "mend the indentation or the brackets",
                    )
                ]
            )
        node = super().compose_node(parent, index)  # type: ignore[arg-type]
        self.depth -= 1
        return node


def _build(node: yaml.Node, faults: list[Problem]) -> Any:
    """Nested dictionaries and lists of words."""
    if isinstance(node, yaml.SequenceNode):
        return [_build(item, faults) for item in node.value]
    if not isinstance(node, yaml.MappingNode):
        word = _Word(unicodedata.normalize("NFC", node.value))
        if any(unicodedata.category(sign)[0] == "C" and sign not in "\t\n" for sign in word):
            faults.append(
                make_fault(
                    f"a sign that nobody sees (line {node.start_mark.line + 1})",
                    "take it away, or write the word anew",
                )
            )
        word.kind, word.is_plain = node.tag.rsplit(":", 1)[-1], getattr(node, "style", None) is None
        return word
    built: dict[Hashable, Any] = {}
    lines: dict[str, int] = {}
    for key, value in node.value:
        name, line = str(_build(key, faults)), key.start_mark.line + 1
        if name in lines:
            faults.append(
                make_fault(
                    f"entry {name} stands twice (lines {lines[name]} and {line})",
                    "join the two into one entry",
                )
            )
        lines[name], built[name] = line, _build(value, faults)
    return built


def _wrong(rule: str, remedy: str) -> PydanticCustomError:
    return PydanticCustomError("entry", "{rule}", {"rule": rule, "remedy": remedy})


def _is_null(value: Any) -> bool:
    return isinstance(value, _Word) and value.kind == "null"


def _read_text(value: Any) -> str:
    if not isinstance(value, _Word):
        raise _wrong("is no single word or text", "write one word, in quotes where it holds signs")
    if value.kind == "bool":
        raise _wrong(
            f"{value} without quotes means true or false in YAML",
            f'quote it: "{value}"',
        )
    if value.kind == "null":
        raise _wrong("is empty", 'write the word, or "" for an empty cell')
    return str(value)


def _read_words(value: Any) -> tuple[str, ...]:
    return tuple(_read_cell(word) for word in (value if isinstance(value, list) else [value]))


def _read_cell(value: Any) -> str:
    """A word as it stands in a cell."""
    text = _read_text(value)
    if value.is_plain and re.search(r",\s", text):
        raise _wrong(
            "is one word with a comma in it",
            'write [a, b] for several words, or quote the one: "a, b"',
        )
    if "\n" in text:
        raise _wrong("is a text of several lines, which no cell holds", 'write one word: "a"')
    return text


def _read_group(value: Any) -> str:
    return "" if _is_null(value) else _read_text(value)


def _read_whole(value: Any) -> int:
    if not isinstance(value, _Word) or not re.fullmatch(r"\d{1,9}", value):
        raise _wrong("is no whole number", "write digits only")
    return int(value)


def _read_year(value: Any) -> int:
    if not isinstance(value, _Word) or not re.fullmatch(r"\d{4}", value):
        raise _wrong("is no year", "write four digits")
    if not FIRST_YEAR <= int(value) <= LAST_YEAR:
        raise _wrong(f"lies outside {FIRST_YEAR} to {LAST_YEAR}", "mend the year")
    return int(value)


def _read_years(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list):
        raise _wrong("is no list of years", "write cost_years: [2016, 2017, 2018]")
    years = tuple(_read_year(year) for year in value)
    if len(set(years)) < len(years):
        raise _wrong("names a year twice", "name each once")
    return years


def _read_day(value: Any) -> datetime.date | None:
    if _is_null(value):
        return None
    try:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            raise ValueError
        return datetime.date.fromisoformat(value)
    except (ValueError, TypeError):
        raise _wrong(
            "is no date such as 2021-07-01", "write a day that the calendar has, year first"
        ) from None


def _read_flag(value: Any) -> bool:
    if not isinstance(value, _Word) or value.lower() not in ("true", "false"):
        raise _wrong("is neither true nor false", "write true or false")
    return value.lower() == "true"


def _read_source(value: Any) -> str:
    text = _read_text(value).strip()
    if not text:
        raise _wrong("is empty", "say in words where the extract comes from")
    if (
        re.match(r"[=+@-]", unicodedata.normalize("NFKC", text).lstrip())
        or re.search(r"[<>]|[\x00-\x1f\x7f-\x9f]", text)
        or len(text) > 300
    ):
        raise _wrong(
            "begins like a formula, holds HTML or control signs, or is longer than 300 signs",
            "say in plain words where the extract comes from: it stands under every table",
        )
    return text


def _read_number(value: Any) -> float:
    if not isinstance(value, _Word) or not re.fullmatch(r"\d{1,15}(\.\d{1,9})?", value):
        raise _wrong("is no number", "write digits, with a point for decimals")
    return float(value)


def _read_columns(value: Any) -> str | dict[str, str]:
    if not isinstance(value, dict):
        return _read_text(value)
    if set(value) != set(DATE_PARTS):
        raise _wrong(
            "parts are for dates, and are year, month and day", "write {year: A, month: B, day: C}"
        )
    return {part: _read_text(value[part]) for part in DATE_PARTS}


def _read_sign(value: Any) -> str:
    text = _read_text(value)
    if len(text) != 1 or text.isalnum() or text in '"\r\n':
        raise _wrong("is not one sign such as ; or ,", 'write delimiter: ";"')
    return text


def _read_mark(value: Any) -> str:
    if value not in (".", ","):
        raise _wrong("is neither '.' nor ','", 'write decimal: ","')
    return str(value)


def _read_encoding(value: Any) -> str:
    if value not in ENCODINGS:
        raise _wrong(
            f"is none of {', '.join(ENCODINGS)}", "name the one that the file was saved in"
        )
    return str(value)


def _read_date_format(value: Any) -> str:
    """A form that gives back year, month and day of any date; two digits of a year, or a time zone,
    could be read two ways."""
    form = _read_text(value)
    try:
        read = datetime.datetime.strptime(_PROBE.strftime(form), form).date()
    except (ValueError, re.error):
        read = None
    if read != _PROBE or re.search("%[yDxczZ]", form):
        raise _wrong(
            "is no form of a date with day, month and a year of four digits, without a time zone",
            'write it like "%d-%m-%Y" or "%Y%m%d"',
        )
    return form


def _read_header_row(value: Any) -> int:
    row = _read_whole(value)
    if not 1 <= row <= 1000:
        raise _wrong("is no row number from 1 to 1000", "count from 1")
    return row


def _fill(value: Any) -> Any:
    return {} if _is_null(value) else value


Text = Annotated[str, BeforeValidator(_read_text)]
Words = Annotated[tuple[str, ...], BeforeValidator(_read_words)]
Day = Annotated[datetime.date | None, BeforeValidator(_read_day)]
_STRICT = ConfigDict(extra="forbid", frozen=True)


class TableEntry(BaseModel):
    """How one table is read."""

    model_config = _STRICT

    file: Words | None = None
    sheet: Text = ""
    header_row: Annotated[int, BeforeValidator(_read_header_row)] = 1
    delimiter: Annotated[str, BeforeValidator(_read_sign)] = ","
    decimal: Annotated[str, BeforeValidator(_read_mark)] = "."
    encoding: Annotated[str, BeforeValidator(_read_encoding)] = "utf-8-sig"
    date_format: Annotated[str, BeforeValidator(_read_date_format)] = "%Y-%m-%d"
    labels: Annotated[bool, BeforeValidator(_read_flag)] = False
    columns: Annotated[
        dict[str, Annotated[str | dict[str, str], BeforeValidator(_read_columns)]],
        BeforeValidator(_fill),
    ] = {}
    codes: Annotated[
        dict[str, Annotated[dict[str, Words], BeforeValidator(_fill)]], BeforeValidator(_fill)
    ] = {}
    leave_out: Annotated[dict[str, Words], BeforeValidator(_fill)] = {}
    unknown: Words = ()
    not_recorded: Words = ()
    true: Words = ("true", "True", "1")
    false: Words = ("false", "False", "0")


class _Captures(BaseModel):
    model_config = _STRICT
    period: Text


class _Denominators(BaseModel):
    model_config = _STRICT
    what: Annotated[str, BeforeValidator(_read_source)]
    values: dict[str, Annotated[float, BeforeValidator(_read_number), Field(gt=0)]]


class ExtractEntry(BaseModel):
    """What an extract is, and how its tables are read."""

    model_config = _STRICT

    source: Annotated[str, BeforeValidator(_read_source)]
    extraction_date: Day = None
    start_date: Day = None
    reference_date: Day = None
    control_year: Annotated[int | None, BeforeValidator(_read_year)] = None
    cost_years: Annotated[tuple[int, ...], BeforeValidator(_read_years)] = ()
    captures: _Captures | None = None
    added_codes: Annotated[
        dict[
            str,
            Annotated[
                dict[str, Annotated[str, BeforeValidator(_read_group)]], BeforeValidator(_fill)
            ],
        ],
        BeforeValidator(_fill),
    ] = {}
    offence_groups: Annotated[dict[str, Text], BeforeValidator(_fill)] = {}
    unit_denominators: _Denominators | None = None
    tables: Annotated[
        dict[str, Annotated[TableEntry, BeforeValidator(_fill)]], BeforeValidator(_fill)
    ] = {}


def read_entries(folder: Path) -> ExtractEntry:
    """The entries of `extract.yml`. Raises UnreadableExtract with every fault of its form."""
    path = folder / EXTRACT
    if not path.exists():
        raise UnreadableExtract(
            [make_fault("the file is missing", "write it; monitor template DIR makes one to fill")]
        )
    if path.is_symlink():
        raise UnreadableExtract(
            [make_fault("a link to another place", "put the file itself into the folder")]
        )
    if not path.is_file() or path.stat().st_size > LARGEST_MAPPING:
        raise UnreadableExtract(
            [
                make_fault(
                    f"no file, or one of more than {LARGEST_MAPPING // 1024} kB",
                    "write a text file of entries; monitor template DIR makes one to fill",
                )
            ]
        )
    faults: list[Problem] = []
    content = _compose(path, faults)
    if not isinstance(content, dict):
        raise UnreadableExtract(
            [make_fault("no lines 'name: value'", "monitor template DIR makes one to fill")]
        )
    try:
        entries = ExtractEntry.model_validate(content)
    except ValidationError as error:
        faults += _translate(error)
    if faults:
        raise UnreadableExtract(faults[:MOST_PROBLEMS])
    return entries


def _compose(path: Path, faults: list[Problem]) -> Any:
    try:
        loader = _Composer(path.read_text(encoding="utf-8-sig"))
        node = loader.get_single_node()
        return {} if node is None else _build(node, faults)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        raise UnreadableExtract(
            [
                make_fault(
                    f"no valid YAML in UTF-8{f' (line {mark.line + 1})' if mark else ''}",
                    "mend the indentation, the quotes or the encoding",
                )
            ]
        ) from None


def _translate(error: ValidationError) -> list[Problem]:
    """Faults in our own words, with what was perhaps meant."""
    faults = []
    for fault in error.errors(include_url=False, include_input=False):
        place = [str(part) for part in fault["loc"] if part != "[key]"]
        where = ".".join(place)
        if place[0] == "unit_denominators":
            faults.append(
                make_fault(
                    "unit_denominators needs what (words) and values (a number above 0 for each police unit)",
                    "write unit_denominators: {what: inhabitants on 1 January 2019, values: {amsterdam: 900000}}",
                )
            )
        elif fault["type"] == "extra_forbidden":
            known = list((TableEntry if place[0] == "tables" else ExtractEntry).model_fields)
            before = f"{'.'.join(place[:-1])}: " if len(place) > 1 else ""
            faults.append(
                make_fault(f"{before}unknown entry {place[-1]}", suggest(place[-1], known))
            )
        elif fault["type"] == "missing":
            faults.append(
                make_fault(
                    f"{where} is missing",
                    "say in words where the extract comes from" if where == "source" else "add it",
                )
            )
        elif fault["type"] == "entry":
            faults.append(make_fault(f"{where} {fault['ctx']['rule']}", fault["ctx"]["remedy"]))
        else:
            faults.append(
                make_fault(f"{where} holds no lines 'name: value'", "indent its entries below it")
            )
    return list(dict.fromkeys(faults))


def suggest(name: str, known: list[str]) -> str:
    """The remedy for a name that nobody knows: the nearest that is known, or all."""
    near = difflib.get_close_matches(name[:100], known, n=1)
    return (
        f"did you mean {near[0]}? known: {', '.join(known)}" if near else f"use {', '.join(known)}"
    )
