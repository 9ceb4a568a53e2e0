"""The HTML of a released table: a caption, cells that carry where their number comes from, and a
frame around what was made up."""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass

from helpers.labels import text
from helpers.wording import MADE_UP, TABLE_LETTERS, mark_names, say_absent

# What stands between the parts of a cell that holds several; a line breaks there and not within a
# part.
PARTED = {"source": ", ", "contradiction": ", ", "terms": " "}
# Words of more characters than this want a wide column.
_LONG = 40
# Words of no more stay on one line: a column of them needs no width of its own.
_BRIEF = 12
_ABSENT = ("not_printed", "not_found", "none_used", "not_in_register")


@dataclass(frozen=True)
class Cell:
    """The words of a cell and, where it holds a number, that number's mark ("" for words).

    `letter` follows it in plain text.
    """

    word: str
    mark: str = ""
    letter: str = ""


@dataclass(frozen=True)
class Sheet:
    """A table in words: its name, caption, columns with their heads, and rows of cells."""

    name: str
    caption: str
    columns: list[str]
    heads: list[str]
    rows: list[list[Cell]]
    language: str
    # Which rows of the released table each line shows, such as "3 4 5".
    places: tuple[str, ...] = ()
    # The register tables that the extract lacks.
    absent: tuple[str, ...] = ()

    @property
    def marks(self) -> tuple[str, ...]:
        """The marks of its numbers, each once, in the order of the letters."""
        found = {cell.mark for row in self.rows for cell in row}
        return tuple(mark for mark in TABLE_LETTERS if mark in found)

    @property
    def is_made_up(self) -> bool:
        return bool(set(self.marks) & set(MADE_UP))


def say_nothing(sheet: Sheet) -> str:
    """The sentence in place of a table without rows."""
    code = "none_delivered" if sheet.absent else "none_printed"
    return f"{sheet.caption.strip()} {say_absent(code, sheet.absent, sheet.language)}"


def write_sheet(sheet: Sheet, *, short: Iterable[str]) -> str:
    """The table as HTML. Columns named in `short` stay on one line, and those whose words all are
    brief; a column that says the same in every row is said once below the caption; white space
    parts the cells, for whoever copies or searches them. A table without rows is a sentence."""
    if not sheet.rows:
        words = mark_names(say_nothing(sheet))
        return f'<p class="released" data-table="{sheet.name}">{words}</p>'
    constant = find_constant(sheet)
    shown = [place for place in range(len(sheet.columns)) if place not in constant]
    tight = {
        place
        for place in shown
        if sheet.columns[place] in set(short)
        or max(len(row[place].word) for row in sheet.rows) <= _BRIEF
    }
    head = " ".join(f'<th scope="col">{html.escape(sheet.heads[place])}</th>' for place in shown)
    places = sheet.places or ("",) * len(sheet.rows)
    body = "\n".join(
        (f'<tr data-rows="{place}">' if place else "<tr>")
        + " ".join(_write_cell(row[at], at, sheet, at in tight) for at in shown)
        + "</tr>"
        for row, place in zip(sheet.rows, places, strict=True)
    )
    frame = " made-up" if sheet.is_made_up else ""
    return (
        f'<div class="released{frame}" data-table="{sheet.name}"><div class="released-table">'
        f'<table aria-labelledby="about-{sheet.name}"><caption id="about-{sheet.name}">'
        f'<span class="caption-text">{write_badge(sheet)}{mark_names(sheet.caption)}'
        f"{_write_letters(sheet)}{_write_constant(sheet, constant)}</span></caption>\n"
        f"<thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table></div>\n"
        f'<p class="released-link">{_write_link(sheet)}</p></div>'
    )


def find_constant(sheet: Sheet) -> list[int]:
    """The places of columns of words, but the first, that say the same in each of several rows."""
    return [
        place
        for place in range(1, len(sheet.columns))
        if len(sheet.rows) > 1
        and not any(row[place].mark for row in sheet.rows)
        and len({row[place].word for row in sheet.rows}) == 1
    ]


def write_badge(sheet: Sheet) -> str:
    """The plain word before a caption of made-up numbers."""
    if not sheet.is_made_up:
        return ""
    code = "made_up" if set(sheet.marks) <= set(MADE_UP) else "partly_made_up"
    return f'<strong class="badge-made-up">{html.escape(text(code, sheet.language))}</strong> '


def _write_letters(sheet: Sheet) -> str:
    """What each letter means, in a table whose numbers come from several places."""
    if len(sheet.marks) < 2:
        return ""
    words = "; ".join(
        f"{TABLE_LETTERS[mark]} {text(f'letter_{mark}', sheet.language)}" for mark in sheet.marks
    )
    return f' <span class="letters">{html.escape(words)}.</span>'


def _write_constant(sheet: Sheet, constant: list[int]) -> str:
    words = [
        f"{html.escape(sheet.heads[place])}: {_write_parts(sheet.rows[0][place].word, sheet.columns[place])}"
        for place in constant
        if sheet.rows[0][place].word
    ]
    lead = html.escape(text("in_every_row", sheet.language))
    return f' <span class="constant">{lead} {"; ".join(words)}.</span>' if words else ""


def _write_parts(word: str, column: str) -> str:
    if column not in PARTED:
        return html.escape(word)
    kinds = ["source"] if column in ("source", "contradiction") else []
    # A source in words may be as long as a line: it breaks between its words.
    parts = (
        f'<span class="{" ".join(kinds if " " in part else ["tight", *kinds])}">{html.escape(part)}</span>'
        for part in word.split(PARTED[column])
    )
    return PARTED[column].join(parts)


def _write_cell(cell: Cell, place: int, sheet: Sheet, is_tight: bool) -> str:
    """A cell of an HTML table: the first of a row heads it, short ones stay on one line, and one
    that no source fills is set apart, so that it reads neither as zero nor as hidden."""
    kinds = ["tight"] if is_tight else []
    if len(cell.word) > _LONG and sheet.columns[place] not in PARTED:
        kinds.append("long")
    if cell.word in {text(code, sheet.language) for code in _ABSENT}:
        return f'<td class="absent">{html.escape(cell.word)}</td>'
    word = _write_parts(cell.word, sheet.columns[place])
    about = ""
    if cell.mark and cell.word:
        about = f' data-provenance="{cell.mark}"'
        if len(sheet.marks) > 1:
            word += f'<i class="letter">{TABLE_LETTERS[cell.mark]}</i>'
        if cell.mark in MADE_UP:
            kinds.append("made-up-cell")
            hidden = html.escape(text("made_up", sheet.language))
            word += f'<span class="visually-hidden"> ({hidden})</span>'
    classes = f' class="{" ".join(kinds)}"' if kinds else ""
    if place == 0:
        return f'<th scope="row"{classes}{about}>{word}</th>'
    return f"<td{classes}{about}>{word}</td>"


def _write_link(sheet: Sheet) -> str:
    name = f"{sheet.name}.csv"
    words = html.escape(text("download", sheet.language, name=name))
    return f'<a href="../../tables/{name}" download="{name}">{words}</a>'
