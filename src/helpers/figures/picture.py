"""What a notebook shows: a picture with its caption and alt text, or a table with its CSV."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import display
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from helpers.edition import LANGUAGES, Edition
from helpers.figures.layout import measure_box
from helpers.figures.markup import Cell, Sheet, say_nothing, write_sheet
from helpers.figures.style import draw_badge
from helpers.labels import format_list, format_years, read_dutch, text
from helpers.products import NUMBERS, find_column, name_column, read_columns
from helpers.release import Released
from helpers.wording import (
    MADE_UP,
    MARK_LETTERS,
    TABLE_LETTERS,
    format_cell,
    format_entry,
    mark_names,
    name_code,
    say_absent,
)

# Numbers that are written with marks and units; a statistic stands as it is.
FORMATTED = tuple(kind for kind in NUMBERS if kind != "statistic")
_HIDDEN = ("status", "mark", "unit", "precision", "printed", "spell", "n_years")
_YEAR = re.compile(r"\d{4}")


@dataclass(frozen=True)
class Picture:
    """A drawn figure with its caption and its alt text, in the edition's language."""

    figure: Figure
    caption: str
    alt: str
    box: Bbox  # what is drawn, in inches


@dataclass(frozen=True)
class Notice:
    """Words in place of a picture that would be empty."""

    words: str


def make_notice(released: Released) -> Notice:
    """What stands where a table holds nothing that a picture could show: its registers were not
    delivered, it has no row, or what the picture shows is hidden."""
    edition, language, code = released.edition, released.edition.language, "nothing_printed"
    if released.product.tables:
        code = "nothing_to_show" if released.table.empty else "nothing_shown"
    if code == "nothing_to_show" and released.absent:
        code = "nothing_delivered" if edition.has_registers else "nothing_public"
    if code == "nothing_delivered":
        return Notice(say_absent(code, released.absent, language))
    years = format_years(edition.period_start, edition.period_end)
    return Notice(text(code, language, years=years))


def _list_absent(released: Released) -> tuple[str, ...]:
    """The register tables that the edition's extract lacks; none where it has no extract at all."""
    return tuple(released.absent) if released.edition.has_registers else ()


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


def write_caption(released: Released, *, years: range | None = None) -> str:
    """The caption of a released table: what it shows, for which years, its marks, and which of its
    registers were not delivered. `years`: those of them that a picture has room for."""
    language, absent = released.edition.language, _list_absent(released)
    words = [_describe_table(released, years), describe_marks(released)]
    if absent and not released.table.empty:
        words.append(say_absent("origin_absent", absent, language))
    if released.is_provisional:
        words.append(text("provisional", language))
    return " ".join(words)


def _describe_table(released: Released, years: range | None) -> str:
    edition = released.edition
    shown = _list_years(released, years)
    spans = {}
    for name in ("period", "series"):
        first = edition.parameters.get(f"{name}_start", edition.period_start)
        last = edition.parameters.get(f"{name}_end", edition.period_end)
        spans[name] = format_years(*((shown[0], shown[-1]) if shown else (first, last)))
    return released.product.caption[edition.language].format(**spans)


def _list_years(released: Released, years: range | None) -> list[int]:
    """The first and last years of the rows, those in `years` alone; none where rows have no
    period."""
    periods = released.table["period"].unique() if "period" in released.table else ()
    found = sorted({int(year) for period in periods for year in _YEAR.findall(period)})
    if years is None or not found:
        return found
    return [max(found[0], years.start), min(found[-1], years.stop - 1)]


def make_picture(
    figure: Figure,
    released: Released,
    alt: str,
    *,
    drawn: pd.DataFrame | None = None,
    years: range | None = None,
    box: Bbox | None = None,
) -> Picture:
    """The picture with its caption; what was made up carries a badge, and the alt text of an
    illustration names no number.

    `drawn` are the rows that the picture shows, where these are not all: it is an illustration when
    one of them is. `years` are those of its axis. `box` is what it takes, in inches, where that was
    measured already.
    """
    language = released.edition.language
    marks = set(released.marks if drawn is None else drawn["mark"])
    is_made_up = bool(marks & set(MADE_UP))
    # The page reads from the drawing itself where its numbers come from.
    figure.patch.set_gid("provenance-" + "-".join(mark for mark in TABLE_LETTERS if mark in marks))
    for axes in figure.axes:
        axes.patch.set_gid(f"table-{released.name}")
    box = measure_box(figure) if box is None else box
    if is_made_up:
        box = draw_badge(figure, text("made_up", language), box)
    if "illustration" in marks:
        alt = text("alt_illustration", language, caption=_describe_table(released, years))
    elif is_made_up:
        alt = f"{text('made_up', language).capitalize()}: {alt}"
    return Picture(figure, write_caption(released, years=years), alt, box)


def show(picture: Picture | Notice) -> None:
    """Show the picture, or the words in its place. Caption and alt text travel with a picture, so
    that the site can place them."""
    if isinstance(picture, Notice):
        display(
            {
                "text/html": f'<p class="notice">{mark_names(picture.words)}</p>',
                "text/plain": picture.words,
            },
            raw=True,
        )
        return
    bundle = {"image/svg+xml": _write_svg(picture), "text/plain": picture.alt}
    plt.close(picture.figure)
    display(
        bundle, raw=True, metadata={"monitor": {"caption": picture.caption, "alt": picture.alt}}
    )


def _write_svg(picture: Picture) -> str:
    """The drawing, cut to what is drawn. Told to find a tight box, matplotlib draws everything once
    more."""
    box, stream = picture.box.padded(plt.rcParams["savefig.pad_inches"]), io.StringIO()
    metadata = {"Date": None, "Creator": None}
    picture.figure.savefig(stream, format="svg", bbox_inches=box, metadata=metadata)
    return stream.getvalue()


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
    rows = [_make_line(row, columns, released) for row in released.table.to_dict("records")]
    _display_table(
        Sheet(
            released.name,
            write_caption(released),
            columns,
            [name_column(column, language) for column in columns],
            rows,
            language,
            tuple(str(place) for place in released.table.index),
            _list_absent(released),
        ),
    )


def _make_line(row, columns: list[str], released: Released) -> list[Cell]:
    """The cells of a row; in plain text the letter stands at the last of its numbers."""
    words = {column: _word(row, column, released.edition) for column in columns}
    last = [column for column in columns if column in released.numeric and words[column]][-1:]
    return [
        Cell(
            word,
            _find_mark(row, column, released),
            _letter(row, released) if column in last else "",
        )
        for column, word in words.items()
    ]


def _letter(row, released: Released) -> str:
    """The mark of a number beside illustrations, which carry none."""
    return (
        MARK_LETTERS.get(row["mark"], "")
        if "illustration" in released.marks and row["status"] != "suppressed"
        else ""
    )


def _find_mark(row, column: str, released: Released) -> str:
    """Where the number of a cell comes from; "" for words."""
    if column == "as_printed":
        return "published"
    if column != "printed" and find_column(column, table="shown").kind not in FORMATTED:
        return ""
    if column in released.product.computed and row["mark"] == "published":
        return "computed"
    return row["mark"]


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
    found: dict[tuple[str, ...], dict[Any, dict[str, str]]] = {}
    for place, row in zip(table.index, table.to_dict("records"), strict=True):
        found.setdefault(tuple(row[key] for key in keys), {})[place] = row
    lines, places = [], []
    for codes in sorted(found, key=lambda codes: order.index(codes[0])):
        line = list(found[codes].values())
        numbers = [
            _join_cells([row for row in line if row[columns] == head], released) for head in heads
        ]
        lines.append(
            [
                *(Cell(_word(line[0], key, edition)) for key in keys),
                *(cell or Cell(text(absent, edition.language)) for cell in numbers),
                *([Cell(", ".join(_shorten(row["source"]) for row in line))] if sources else []),
            ]
        )
        places.append(" ".join(map(str, found[codes])))
    titles = [name_column(key, edition.language) for key in keys] + [
        name_code(head, columns, edition.language) for head in heads
    ]
    source = ["source"] if sources else []
    titles += [name_column(column, edition.language) for column in source]
    _display_table(
        Sheet(
            released.name,
            write_caption(released),
            [*keys, *heads, *source],
            titles,
            lines,
            edition.language,
            tuple(places),
            _list_absent(released),
        ),
    )


def _join_cells(rows: list[dict[str, str]], released: Released) -> Cell | None:
    """The numbers of a pivot's cell as one, with the mark that promises least; None where there is
    none."""
    if not rows:
        return None
    words = [_join_numbers(row, released.edition) for row in rows]
    mark = max((row["mark"] for row in rows), key=list(TABLE_LETTERS).index)
    return Cell("; ".join(words), mark, _letter(rows[-1], released))


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
        _shorten(_translate_source(row[column], edition.language))
        if column in ("source", "contradiction")
        else format_entry(row, column, edition)
    )


def _translate_source(source: str, language: str) -> str:
    """A source in words, or with a line of a document, in `language`; ids are their own."""
    words = read_dutch().get(source, source) if language == "nl" else source
    return re.sub(r"\bline(?= \d)", text("line", language), words)


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
    """True for what stays on one line: numbers, years and ids."""
    declared = read_columns().get(column)
    return column in ("period", "year", "years", "id") or (
        declared is not None and declared.kind in FORMATTED
    )


def _display_table(sheet: Sheet) -> None:
    """Display plain text with every column for reviewers, and HTML for readers; a sentence in place
    of a table without rows."""
    lines = [sheet.heads, *([cell.word + cell.letter for cell in row] for row in sheet.rows)]
    plain = "\n".join(" | ".join(line) for line in lines)
    if not sheet.rows:
        plain = say_nothing(sheet)
    display(
        {
            "text/html": write_sheet(
                sheet, short=[column for column in sheet.columns if _is_short(column)]
            ),
            "text/plain": plain,
        },
        raw=True,
    )
