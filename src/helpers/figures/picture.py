"""What a notebook shows: a picture with its caption and alt text, or a table with its CSV."""

from __future__ import annotations

import html
import io
import re
from dataclasses import dataclass

import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import display
from matplotlib.figure import Figure

from helpers.edition import LANGUAGES, Edition
from helpers.figures.wording import MARK_LETTERS, format_cell, format_entry, name_code
from helpers.labels import format_list, text
from helpers.products import NUMBERS, find_column, name_column, read_columns
from helpers.release import Released

# Numbers that are written with marks and units; a statistic stands as it is.
FORMATTED = tuple(kind for kind in NUMBERS if kind != "statistic")
# Words that stay on one line, as numbers do.
_SHORT = ("period", "year", "years", "id")
_TIGHT = ' class="tight"'
# What stands between the parts of a cell that holds several; a line breaks there and not within a
# part.
_PARTED = {"source": ", ", "contradiction": ", ", "terms": " "}
_ABSENT = ("not_printed", "not_found", "none_used", "not_in_register")
_HIDDEN = ("status", "mark", "unit", "precision", "printed", "spell", "n_years")


@dataclass(frozen=True)
class Picture:
    """A drawn figure with its caption and its alt text, in the edition's language."""

    figure: Figure
    caption: str
    alt: str


@dataclass(frozen=True)
class Notice:
    """Words in place of a picture that would be empty."""

    words: str


def make_notice(released: Released) -> Notice:
    """What stands where a table holds nothing that a picture could show."""
    edition = released.edition
    return Notice(
        text(
            "nothing_to_show", edition.language, first=edition.period_start, last=edition.period_end
        )
    )


def describe_marks(released: Released) -> str:
    """The marks of a table in words, for its caption, and which of its columns were computed
    here."""
    language = released.edition.language
    words = [text(f"mark_{mark}", language) for mark in released.marks]
    if released.product.computed:
        columns = format_list(
            [name_column(column, language) for column in released.product.computed], language
        )
        words.append(text("mark_computed_columns", language, columns=columns))
    return " ".join(words)


def write_caption(released: Released) -> str:
    """The caption of a released table: what it shows, for which years, and its marks."""
    words = [_describe_table(released), describe_marks(released)]
    if released.is_provisional:
        words.append(text("provisional", released.edition.language))
    return " ".join(words)


def _describe_table(released: Released) -> str:
    edition = released.edition
    years = {
        name: f"{edition.parameters.get(f'{name}_start', edition.period_start)}–{edition.parameters.get(f'{name}_end', edition.period_end)}"
        for name in ("period", "series")
    }
    return released.product.caption[edition.language].format(**years)


def make_picture(
    figure: Figure, released: Released, alt: str, *, drawn: pd.DataFrame | None = None
) -> Picture:
    """The picture with its caption; an illustration carries a watermark, and its alt text names no
    number.

    `drawn` are the rows that the picture shows, where these are not all: it is an illustration when
    one of them is.
    """
    if "illustration" in (released.marks if drawn is None else set(drawn["mark"])):
        language = released.edition.language
        figure.text(
            0.5,
            0.5,
            text("watermark", language),
            ha="center",
            va="center",
            rotation=30,
            fontsize=34,
            color="#000000",
            alpha=0.10,
            zorder=10,
        )
        alt = text("alt_illustration", language, caption=_describe_table(released))
    return Picture(figure, write_caption(released), alt)


def show(picture: Picture | Notice) -> None:
    """Show the picture, or the words in its place. Caption and alt text travel with a picture, so
    that the site can place them."""
    if isinstance(picture, Notice):
        display(
            {
                "text/html": f'<p class="notice">{html.escape(picture.words)}</p>',
                "text/plain": picture.words,
            },
            raw=True,
        )
        return
    stream = io.StringIO()
    picture.figure.savefig(
        stream, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None}
    )
    plt.close(picture.figure)
    bundle = {"image/svg+xml": stream.getvalue(), "text/plain": picture.alt}
    display(
        bundle, raw=True, metadata={"monitor": {"caption": picture.caption, "alt": picture.alt}}
    )


def show_table(released: Released, *, drop: tuple[str, ...] = ()) -> None:
    """Show every row of the table, one line a row, with a link to its CSV.

    In a table of printed numbers, a row has a count, a share or a value; these stand in one column.
    """
    language, foreign = (
        released.edition.language,
        tuple(f"_{code}" for code in LANGUAGES if code != released.edition.language),
    )
    columns = [
        c for c in released.table.columns if c not in (*_HIDDEN, *drop) and not c.endswith(foreign)
    ]
    if "printed" in released.table:
        columns = [c for c in columns if c not in released.numeric]
        columns.insert(columns.index("period") + 1, "printed")
        if (released.table["contradiction"] == "").all():
            columns.remove("contradiction")
    rows = [_word_row(row, columns, released) for _, row in released.table.iterrows()]
    _display_table(released, columns, [name_column(column, language) for column in columns], rows)


def _word_row(row, columns: list[str], released: Released) -> list[str]:
    """The words of a row, the mark at the last of its numbers."""
    words = {column: _word(row, column, released.edition) for column in columns}
    numeric = [column for column in columns if column in released.numeric and words[column]]
    for column in numeric[-1:]:
        words[column] += _letter(row, released)
    return list(words.values())


def show_pivot(
    released: Released,
    *,
    rows: str,
    columns: str,
    beside: str | None = None,
    absent: str = "not_printed",
    sources: bool = True,
) -> None:
    """Show the table with a line for each code of `rows` (and of `beside`) and a column for each
    code of `columns`.

    A cell holds the count and, where there is one, the share; or else the value. `absent` is the
    text of a cell that no row fills. Without `sources` there is no column of sources, for a table
    whose caption names the one that it shows.
    """
    edition, table = released.edition, released.table
    keys, heads = [rows, *([beside] if beside else [])], list(dict.fromkeys(table[columns]))
    order = (
        sorted(dict.fromkeys(table[rows]), key=lambda period: (len(period), period))
        if rows == "period"
        else list(dict.fromkeys(table[rows]))
    )
    lines = []
    for code in order:
        for _, line in table[table[rows] == code].groupby(keys, sort=False):
            cells = [
                "; ".join(
                    _join_numbers(row, edition) + _letter(row, released)
                    for _, row in line[line[columns] == head].iterrows()
                )
                for head in heads
            ]
            words = [_word(line.iloc[0], key, edition) for key in keys]
            lines.append(
                [
                    *words,
                    *(cell or text(absent, edition.language) for cell in cells),
                    *([", ".join(map(_shorten, line["source"]))] if sources else []),
                ]
            )
    titles = [name_column(key, edition.language) for key in keys] + [
        name_code(head, columns, edition.language) for head in heads
    ]
    source = ["source"] if sources else []
    _display_table(
        released,
        [*keys, *heads, *source],
        [*titles, *(name_column(column, edition.language) for column in source)],
        lines,
    )


def _letter(row, released: Released) -> str:
    """The mark of a number beside illustrations, which carry none."""
    return (
        MARK_LETTERS.get(row["mark"], "")
        if "illustration" in released.marks and row["status"] != "suppressed"
        else ""
    )


def _join_numbers(row, edition: Edition) -> str:
    """Count and share of a row as "108 (8.1%)", or whichever there is; nobody is no share."""
    if row.get("n") == "0":
        return _word(row, "n", edition)
    words = [_word(row, column, edition) for column in ("n", "share", "value") if column in row]
    first, *rest = [word for word in words if word]
    return first + "".join(f" ({word})" for word in rest)


def _word(row, column: str, edition: Edition) -> str:
    if column == "printed":
        return _join_numbers(row, edition)
    if find_column(column, table="shown").kind in FORMATTED:
        return format_cell(row, column, edition)
    return (
        _shorten(row[column])
        if column in ("source", "contradiction")
        else format_entry(row, column, edition)
    )


def _shorten(source: str) -> str:
    """Ids joined by "|" with runs of neighbours joined: F019|F020|F021 becomes F019–F021."""
    runs: list[list[str]] = []
    for identifier in source.split("|"):
        if runs and _follows(runs[-1][-1], identifier):
            runs[-1].append(identifier)
        else:
            runs.append([identifier])
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def _follows(previous: str, identifier: str) -> bool:
    before, after = (re.fullmatch(r"(.*?)(\d+)", name) for name in (previous, identifier))
    return bool(before and after and before[1] == after[1] and int(before[2]) + 1 == int(after[2]))


def _is_short(column: str) -> bool:
    return column in _SHORT or (
        column in read_columns() and read_columns()[column].kind in FORMATTED
    )


def _write_cell(word: str, column: str, place: int, language: str) -> str:
    """A cell of an HTML table: the first of a row heads it, short ones stay on one line, and one
    that no source fills is set apart, so that it reads neither as zero nor as hidden."""
    if place == 0:
        return f'<th scope="row"{_TIGHT if _is_short(column) else ""}>{html.escape(word)}</th>'
    if column in _PARTED:
        parts = (
            f'<span class="tight">{html.escape(part)}</span>'
            for part in word.split(_PARTED[column])
        )
        return f"<td>{_PARTED[column].join(parts)}</td>"
    kind = (
        ' class="absent"'
        if word in {text(code, language) for code in _ABSENT}
        else _TIGHT
        if _is_short(column)
        else ""
    )
    return f"<td{kind}>{html.escape(word)}</td>"


def _display_table(
    released: Released, columns: list[str], heads: list[str], rows: list[list[str]]
) -> None:
    """Display plain text for reviewers, and HTML with header scopes, a caption and the CSV link for
    readers."""
    language = released.edition.language
    caption = html.escape(write_caption(released))
    rows = rows or [[text("none_printed", language), *[""] * (len(heads) - 1)]]
    head = "".join(f'<th scope="col">{html.escape(word)}</th>' for word in heads)
    body = "".join(
        "<tr>"
        + "".join(
            _write_cell(word, column, place, language)
            for place, (column, word) in enumerate(zip(columns, row, strict=True))
        )
        + "</tr>"
        for row in rows
    )
    name = f"{released.name}.csv"
    link = f'<a href="../../tables/{name}" download="{name}">{text("download", language, name=name)}</a>'
    markup = (
        f'<p class="released-caption" id="about-{released.name}">{caption}</p>'
        f'<div class="released-table" role="region" tabindex="0" aria-labelledby="about-{released.name}">'
        f'<table aria-labelledby="about-{released.name}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
        f'<p class="released-link">{link}</p>'
    )
    plain = "\n".join(" | ".join(line) for line in [heads, *rows])
    display({"text/html": markup, "text/plain": plain}, raw=True)
