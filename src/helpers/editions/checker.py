"""For whoever checks the output: a page a table, and the same in the layout of ACRO's
results.json."""

from __future__ import annotations

import hashlib
import html
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.disclosure import HIDDEN, read_declared, read_rule_set
from helpers.edition import Edition
from helpers.labels import text
from helpers.products import Product, find_product
from helpers.release import read_manifest

# The layout that ACRO wrote at this version: results with status, summary and cells by flag.
ACRO_VERSION = "0.4.8"
SMALL = "<"
_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;margin:1rem 0}caption{text-align:left;font-weight:bold}"
    "th,td{border:1px solid #767676;padding:.3rem .5rem;text-align:left}"
)


@dataclass(frozen=True)
class Column:
    """What a column of counts shows: its least number, its least but nought, its largest, whether
    all are multiples of the base, how many cells a source itself prints as fewer than so many, and
    how many are hidden: all of these carry one sign, and nobody is told for which reason."""

    name: str
    least: float | None
    least_but_nought: float | None
    largest: float | None
    is_rounded: bool
    n_small: int
    n_hidden: int


@dataclass(frozen=True)
class Checked:
    """A table as the checker sees it: whom it counts, its rule set and base, its columns of counts,
    and the tables that count the same people."""

    product: Product
    title: str
    population: str
    rule_set: str
    mark: str
    base: int
    threshold: int
    rows: int
    columns: tuple[Column, ...]
    related: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        """Every shown count reaches the least that may be shown or is nought, and is a multiple of
        the base."""
        return all(
            column.is_rounded
            and (column.least_but_nought is None or column.least_but_nought >= self.threshold)
            for column in self.columns
        )


def check_tables(edition: Edition, bundle: Path) -> dict[str, Checked]:
    """Each table of the bundle, looked at as text."""
    checked = {}
    for name, record in read_manifest(bundle)["tables"].items():
        product, rules = find_product(name), read_rule_set(record["rule_set"])
        table = pd.read_csv(
            bundle / f"{name}.csv", dtype=str, keep_default_na=False, encoding="utf-8"
        )
        counts = product.list_columns(list(table.columns), "count")
        base = 1 if record["mark"] == "published" else rules.rounding_base
        checked[name] = Checked(
            product=product,
            title=record["title"][edition.language],
            population=_describe_population(name, edition.language),
            rule_set=record["rule_set"],
            mark=record["mark"],
            base=base,
            threshold=1 if record["mark"] == "published" else rules.least_shown,
            rows=len(table),
            columns=tuple(_describe_column(table, column, base) for column in counts),
            related=_find_related(name),
        )
    return checked


def _describe_column(table: pd.DataFrame, name: str, base: int) -> Column:
    words = table[name]
    numbers = pd.to_numeric(words, errors="coerce").dropna()
    some = numbers[numbers > 0]
    return Column(
        name=name,
        least=numbers.min() if len(numbers) else None,
        least_but_nought=some.min() if len(some) else None,
        largest=numbers.max() if len(numbers) else None,
        is_rounded=bool((numbers % base == 0).all()),
        n_small=int(words.str.startswith(SMALL).sum()),
        n_hidden=int(words.eq(HIDDEN).sum()),
    )


def _describe_population(name: str, language: str) -> str:
    """Whom the table counts, as its cells are declared; tables of files of the statistics office
    name the tables that they come from."""
    found = sorted({f"{one.counted}: {one.population}" for one in read_declared().get(name, ())})
    tables = " + ".join(find_product(name).tables)
    return "; ".join(found) or tables or text("origin_print", language)


def _find_related(name: str) -> tuple[str, ...]:
    """Tables that count the same people; what one hides another might tell."""
    declared = read_declared()
    own = {one.population for one in declared.get(name, ())}
    if own:
        found = {
            other
            for other, columns in declared.items()
            if other != name and own & {one.population for one in columns}
        }
        return tuple(sorted(found))
    return ()


def write_checker(edition: Edition, bundle: Path) -> dict[str, bytes]:
    """The pages: an index, and one a table."""
    checked = check_tables(edition, bundle)
    rows = "".join(
        f'<tr><td><a href="{name}.html">{name}</a></td><td>{html.escape(one.title)}</td>'
        f"<td>{one.rule_set}</td><td>{one.mark}</td><td>{_say(one.is_right)}</td></tr>"
        for name, one in checked.items()
    )
    head = _write_head(("table", "what", "rule set", "mark", "within the rules"))
    index = f"<h1>{edition.edition}</h1><table>{head}<tbody>{rows}</tbody></table>"
    pages = {"checker/index.html": _write_page(f"Output of {edition.edition}", index)}
    for name, one in checked.items():
        pages[f"checker/{name}.html"] = _write_page(name, _write_table(name, one))
    return pages


def _write_table(name: str, one: Checked) -> str:
    facts = {
        "population": one.population,
        "rule set": f"{one.rule_set}: at least {one.threshold}, base {one.base}",
        "mark": one.mark,
        "rows": str(one.rows),
        "related tables": ", ".join(one.related) or "none",
    }
    listed = "".join(f"<dt>{key}</dt><dd>{html.escape(value)}</dd>" for key, value in facts.items())
    heads = (
        "column",
        "minimum",
        "minimum but zero",
        "maximum",
        f"all divisible by {one.base}",
        "fewer than so many, as a source prints it",
        "hidden: below the threshold, or a cell that is would follow",
    )
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td>{html.escape(str(cell))}</td>"
            for cell in (
                column.name,
                _number(column.least),
                _number(column.least_but_nought),
                _number(column.largest),
                _say(column.is_rounded),
                column.n_small,
                column.n_hidden,
            )
        )
        + "</tr>"
        for column in one.columns
    )
    table = f"<table>{_write_head(heads)}<tbody>{rows}</tbody></table>" if rows else ""
    return f"<h1>{name}</h1><p>{html.escape(one.title)}</p><dl>{listed}</dl>{table}"


def _write_head(heads: tuple[str, ...]) -> str:
    return f"<thead><tr>{''.join(f'<th scope=col>{head}</th>' for head in heads)}</tr></thead>"


def _number(value: float | None) -> str:
    return "none shown" if value is None else f"{value:g}"


def _say(is_so: bool) -> str:
    return "yes" if is_so else "NO"


def _write_page(title: str, body: str) -> bytes:
    page = (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body>{body}</body></html>\n"
    )
    return page.encode()


def write_acro(edition: Edition, bundle: Path) -> dict[str, bytes]:
    """A folder as ACRO writes it: results.json, config.json, the tables and their checksums."""
    results, files = {}, {}
    # The day of the extract in place of the hour of packing: the same bundle gives the same bytes.
    day = read_manifest(bundle).get("delivery", {}).get("extracted", "1980-01-01")
    made = f"{day}T00:00:00"
    for name, one in check_tables(edition, bundle).items():
        content = (bundle / f"{name}.csv").read_bytes()
        file = f"{name}.csv"
        files[f"acro/{file}"] = content
        files[f"acro/checksums/{file}.txt"] = hashlib.sha256(content).hexdigest().encode()
        results[name] = _write_result(name, one, file, made, bundle)
    record = {"version": ACRO_VERSION, "results": results}
    config = {
        "safe_threshold": max((one.threshold for one in _all(results, edition, bundle)), default=1)
    }
    files["acro/results.json"] = _dump(record)
    files["acro/config.json"] = _dump(config)
    return files


def _all(results: dict[str, Any], edition: Edition, bundle: Path) -> list[Checked]:
    return list(check_tables(edition, bundle).values()) if results else []


def _write_result(name: str, one: Checked, file: str, made: str, bundle: Path) -> dict[str, Any]:
    table = pd.read_csv(bundle / file, dtype=str, keep_default_na=False, encoding="utf-8")
    counts = [column.name for column in one.columns]
    cells: dict[str, list[list[int]]] = {"threshold": [], "secondary": []}
    for row, words in enumerate(table[counts].itertuples(index=False)):
        for column, word in zip(counts, words, strict=True):
            flag = "threshold" if word.startswith(SMALL) else "secondary" if word == HIDDEN else ""
            if flag:
                cells[flag].append([row, _place(table, column)])
    hidden = {flag: len(places) for flag, places in cells.items()}
    told = ", ".join(f"{flag}: {n} cells suppressed" for flag, n in hidden.items() if n)
    status = "pass" if one.is_right else "fail"
    return {
        "uid": name,
        "status": status,
        "type": "table",
        "properties": {"method": "released table"},
        "files": [
            {"name": file, "sdc": {"summary": {"suppressed": True, **hidden}, "cells": cells}}
        ],
        "outcome": {},
        "command": f"release({name!r})",
        "summary": f"{status}; {told}" if told else status,
        "timestamp": made,
        "comments": [
            f"{one.title}. Population: {one.population}. Rule set: {one.rule_set}.",
            "secondary: below the threshold, or a cell that is would follow; all carry one sign.",
        ],
        "exception": "",
    }


def _place(table: pd.DataFrame, column: str) -> int:
    """Where ACRO says that a column stands: it counts from the second one of the file, since its
    own files begin with the index."""
    return int(table.columns.get_loc(column)) - 1


def _dump(record: dict[str, Any]) -> bytes:
    return (json.dumps(record, indent=2, ensure_ascii=False) + "\n").encode()
