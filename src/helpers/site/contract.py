"""The register contract as a page: every table and column, made from its declarations."""

from __future__ import annotations

import html

from helpers.labels import label, read_codes
from helpers.schema import TABLES, Column, Table

PLACE = '<div id="register-contract"></div>'
KINDS = {
    "id": "text",
    "date": "date",
    "code": "code",
    "codes": "codes, joined by |",
    "bool": "true or false",
    "year": "year",
    "count": "whole number",
    "age": "whole number",
    "eur": "number",
}
# Lists longer than this are left to the file of codes.
LONGEST_LIST = 30


def fill_contract(content: str, language: str) -> str:
    """The page with the contract in its place; a page without that place stays as it is."""
    return (
        content.replace(
            PLACE, "\n".join(_write_table(table, language) for table in TABLES.values())
        )
        if PLACE in content
        else content
    )


def _write_table(table: Table, language: str) -> str:
    rows = "\n".join(_write_column(table, column, language) for column in table.columns)
    heads = "".join(
        f'<th scope="col">{head}</th>' for head in ("column", "holds", "meaning", "defined in")
    )
    return (
        f'<h2 id="table-{table.name}"><code>{table.name}</code></h2>\n<p>One row is {html.escape(table.row)}. Key: {_join_names(table.key)}.{_write_references(table)}</p>\n'
        f'<div class="pst-scrollable-table-container"><table class="table"><thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}\n</tbody></table></div>'
    )


def _join_names(names: tuple[str, ...]) -> str:
    return ", ".join(f"<code>{name}</code>" for name in names)


def _write_references(table: Table) -> str:
    words = [
        f"<code>{reference.column}</code> stands in <code>{reference.to_table}.{reference.to_column}</code>"
        for reference in table.references
    ]
    return f" {'; '.join(words)}." if words else ""


def _write_column(table: Table, column: Column, language: str) -> str:
    holds = (
        KINDS[column.kind]
        + (f", {column.unit}" if column.unit else "")
        + _write_bounds(column)
        + _write_missing(table, column)
    )
    meaning = html.escape(column.meaning) + _write_codes(column, language)
    source = (
        "the contract"
        if column.source == "contract"
        else column.source
        if column.source.startswith("table")
        else f"section {column.source}"
    )
    return f'<tr><th scope="row"><code>{column.name}</code></th><td>{html.escape(holds)}</td><td>{meaning}</td><td>{source}</td></tr>'


def _write_bounds(column: Column) -> str:
    if column.lower is None:
        return ""
    return f", from {column.lower:g}" + (
        ""
        if column.upper is None
        else f" to {column.upper:,.0f}"
        if column.kind == "eur"
        else f" to {column.upper:g}"
    )


def _write_missing(table: Table, column: Column) -> str:
    return (
        "; may be left out"
        if column.name in table.optional
        else "; may be empty"
        if column.nullable
        else ""
    )


def _write_codes(column: Column, language: str) -> str:
    """The codes of a short list with their labels, folded."""
    if not column.codes or len(read_codes(column.codes)) > LONGEST_LIST:
        return ""
    items = "".join(
        f"<li><code>{code}</code> {html.escape(label(code, language, kind=column.codes))}</li>"
        for code in read_codes(column.codes)
    )
    return f"<details><summary>{len(read_codes(column.codes))} codes of {column.name}</summary><ul>{items}</ul></details>"
