"""The register contract as a page: every table and column, made from its declarations."""

from __future__ import annotations

import html

from helpers.labels import format_number, label, read_codes, text, translate
from helpers.schema import TABLES, Column, Table
from helpers.site.plain import mark_codes

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
        f'<th scope="col">{translate(head, language)}</th>'
        for head in ("column", "holds", "meaning", "defined in")
    )
    row = html.escape(text("contract_row", language, row=translate(table.row, language)))
    key = text("contract_key", language, names=_join_names(table.key))
    return (
        f'<h2 id="table-{table.name}"><code>{table.name}</code></h2>\n'
        f"<p>{row} {key}{_write_references(table, language)}</p>\n"
        f'<div class="pst-scrollable-table-container"><table class="table"><thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}\n</tbody></table></div>'
    )


def _join_names(names: tuple[str, ...]) -> str:
    return ", ".join(f"<code>{name}</code>" for name in names)


def _write_references(table: Table, language: str) -> str:
    words = [
        text(
            "contract_reference",
            language,
            column=f"<code>{reference.column}</code>",
            place=f"<code>{reference.to_table}.{reference.to_column}</code>",
        )
        for reference in table.references
    ]
    return f" {'; '.join(words)}." if words else ""


def _write_column(table: Table, column: Column, language: str) -> str:
    holds = (
        translate(KINDS[column.kind], language)
        + (f", {translate(column.unit, language)}" if column.unit else "")
        + _write_bounds(column, language)
        + _write_missing(table, column, language)
    )
    meaning = mark_codes(html.escape(translate(column.meaning, language)))
    meaning += _write_codes(column, language)
    source = _name_source(column.source, language)
    return f'<tr><th scope="row"><code>{column.name}</code></th><td>{html.escape(holds)}</td><td>{meaning}</td><td>{source}</td></tr>'


def _name_source(source: str, language: str) -> str:
    if source == "contract":
        return translate("the contract", language)
    kind, _, number = source.rpartition(" ")
    return text("table_of" if kind else "section", language, section=number)


def _write_bounds(column: Column, language: str) -> str:
    if column.lower is None:
        return ""
    bounds = [
        format_number(bound, language) if column.kind == "eur" else f"{bound:g}"
        for bound in (column.lower, column.upper)
        if bound is not None
    ]
    return text(f"contract_{'between' if len(bounds) > 1 else 'from'}", language, bounds=bounds)


def _write_missing(table: Table, column: Column, language: str) -> str:
    code = (
        "contract_optional"
        if column.name in table.optional
        else "contract_nullable"
        if column.nullable
        else ""
    )
    return text(code, language) if code else ""


def _write_codes(column: Column, language: str) -> str:
    """The codes of a short list with their labels, folded."""
    if not column.codes or len(read_codes(column.codes)) > LONGEST_LIST:
        return ""
    items = "".join(
        f"<li><code>{code}</code> {html.escape(label(code, language, kind=column.codes))}</li>"
        for code in read_codes(column.codes)
    )
    told = text(
        "contract_codes",
        language,
        n=len(read_codes(column.codes)),
        name=f"<code>{column.name}</code>",
    )
    return f"<details><summary>{told}</summary><ul>{items}</ul></details>"
