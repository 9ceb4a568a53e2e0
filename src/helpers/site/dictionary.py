"""Every released table and every column on the page about the data, made from their
declarations."""

from __future__ import annotations

import html
from collections.abc import Collection

from helpers.labels import text, translate
from helpers.products import CAPTURES, MADE_UP, Product, read_columns, read_products

TABLES_PLACE, COLUMNS_PLACE = (
    '<div id="released-tables"></div>',
    '<div id="released-columns"></div>',
)
# Columns that every table has, and those that never leave, need no row of their own.
_UNSHOWN = ("inside",)


def fill_dictionary(content: str, language: str, tables: Collection[str]) -> str:
    """The page with both lists in their places; a page without these places stays as it is.
    `tables` are those that the edition has."""
    if TABLES_PLACE in content:
        content = content.replace(TABLES_PLACE, write_tables(language, tables))
    if COLUMNS_PLACE in content:
        content = content.replace(COLUMNS_PLACE, write_columns(language))
    return content


def write_tables(language: str, tables: Collection[str]) -> str:
    """A row a released table of these: its file, what it shows, its chapter, the monitor's figure,
    and what it is counted from."""
    heads = ("file", "shows", "chapter", "figure", "counted_from")
    rows = [
        _describe(product, language) for name, product in read_products().items() if name in tables
    ]
    return _write_table(heads, rows, language)


def _describe(product: Product, language: str) -> list[str]:
    name, chapter = f"{product.name}.csv", product.chapter
    return [
        f'<a href="../tables/{name}" download="{name}">{name}</a>',
        html.escape(product.title[language]),
        f'<a href="chapters/{chapter}.html">{html.escape(translate(chapter[3:].replace("_", " "), language))}</a>',
        html.escape(product.figure.replace("|", ", ")),
        _name_origin(product, language),
    ]


def _name_origin(product: Product, language: str) -> str:
    words = {(): "origin_print", (MADE_UP,): "origin_made_up", (CAPTURES,): "origin_lists"}
    if product.tables in words:
        return html.escape(text(words[product.tables], language))
    names = [
        f'<a href="registers.html#table-{name}"><code>{name}</code></a>' for name in product.tables
    ]
    return ", ".join(names)


def write_columns(language: str) -> str:
    """A row a column of released tables: its name, its heading, and what kind it is."""
    rows = [
        [
            f"<code>{column.name}</code>",
            html.escape(column.heading[language]),
            html.escape(text(f"kind_{column.kind}", language)),
        ]
        for column in read_columns().values()
        if column.kind not in _UNSHOWN
    ]
    return _write_table(("column", "heading", "holds"), rows, language)


def _write_table(heads: tuple[str, ...], rows: list[list[str]], language: str) -> str:
    head = "".join(
        f'<th scope="col">{html.escape(text(f"dictionary_{name}", language))}</th>'
        for name in heads
    )
    body = "\n".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>'
        for first, *rest in rows
    )
    return (
        '<div class="pst-scrollable-table-container"><table class="table">'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
    )
