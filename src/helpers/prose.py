"""Numbers in sentences: every number in prose is glued from a released table, with its mark."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from helpers.chain import Place, find_place
from helpers.claims import judge, name_row
from helpers.definitions import OTHERS
from helpers.edition import BadInput, Edition
from helpers.labels import format_list, format_number, format_share, label, text
from helpers.published import read_documents
from helpers.release import Released
from helpers.wording import (
    COMPUTED_LETTER,
    MADE_UP,
    MARK_LETTERS,
    format_cell,
    format_entry,
    say_absent,
)

FIRST, LAST = "first", "last"


def select_row(released: Released, **where: str | int) -> pd.Series:
    """The one row whose columns hold these words; `first` and `last` stand for the smallest and
    largest, and for a `period` they stand for single years, never for several years together.

    Raises BadInput where no row or several rows are left.
    """
    rows = released.table
    for column, word in where.items():
        if word in (FIRST, LAST):
            candidates = [
                value
                for value in rows[column]
                if value and (column != "period" or re.fullmatch(r"\d{4}", value))
            ]
            if not candidates:
                raise BadInput(f"table {released.name} has no single {column} for {where}")
            extreme = sorted(candidates, key=_sort_key)[0 if word == FIRST else -1]
            # Equal numbers are one extreme.
            rows = rows[rows[column] == extreme].iloc[: 1 if column in released.numeric else None]
        else:
            rows = rows[rows[column] == str(word)]
    if len(rows) != 1:
        raise BadInput(
            f"table {released.name}: {len(rows)} rows have {where}; name the columns that leave one"
        )
    return rows.iloc[0]


def _sort_key(word: str) -> tuple[float, str]:
    return (float(word), "") if word.replace(".", "", 1).isdigit() else (float("inf"), word)


class _Pointed(str):
    """Words that tell the notebook which row of which table they stand for: text and metadata."""

    reference: str = ""

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, str], dict[str, str]]:
        return {"text/plain": repr(str(self))}, {"row": self.reference}


def _glue(key: str, words: str, *, at: str = "") -> None:
    """Keep `words` under `key` for the book's pages, with the row `at` that they come from; of
    several numbers a row each, in lines."""
    # Here, since myst_nb loads Sphinx, and the site asks this room for the marks alone; the secure
    # side has no Sphinx, and its chapters are made again outside.
    try:
        from myst_nb import glue
    except ImportError:
        return
    if at:
        words = _Pointed(words)
        words.reference = at
    glue(key, words, display=False)


# A table, and the words that leave one row of it.
Counted = tuple[Released, Mapping[str, str | int]]


def _is_own(counted: Counted) -> bool:
    """True where the table was counted from a real register alone."""
    return counted[0].marks == ("register",)


def glue_number(
    key: str,
    released: Released,
    *,
    column: str = "n",
    optional: bool = False,
    counted: Counted | None = None,
    **where: str | int,
) -> None:
    """Glue the number of one row under `key`, with its mark, and with "about" or "more than" where
    it is printed so (limits have that of their number); a column of words or years is glued without
    one.

    `counted` is a table of this chapter with the words of its row: where it was counted from a real
    register, its number stands in place of the printed one, as the edition's own.

    With `optional`, words stand in place of a number that the register does not hold, that is
    hidden, or that is an illustration. Raises BadInput for an illustration otherwise, which has no
    place in a sentence.
    """
    if counted is not None and _is_own(counted):
        released, where = counted[0], dict(counted[1])
    if released.table.empty or _lacks_years(released, where):
        _glue(key, text(_name_absence(released), released.edition.language))
        return
    if optional and not _has_number(released, where):
        _glue(key, text("no_number", released.edition.language))
        return
    row = select_row(released, **where)
    if column not in released.known().select_dtypes("number"):
        _glue(key, format_entry(row, column, released.edition))
        return
    words = format_cell(row, column, released.edition, qualify=not column.startswith("ci_"))
    letter = find_letter(released, row, column)
    if re.search(r"\d", words):
        _glue(key, words + letter, at=name_row(released, row))
    else:  # a number in words, such as a third, has no letter
        _glue(key, words)


def _lacks_years(released: Released, where: Mapping[str, str | int]) -> bool:
    """True where the first or last year of some rows is asked, and the edition has no year of them; of
    the first, too, where it is the last: a sentence would set a year beside itself."""
    if where.get("period") not in (FIRST, LAST):
        return False
    rows = released.table
    for column, word in where.items():
        if word not in (FIRST, LAST):
            rows = rows[rows[column] == str(word)]
    years = set(rows["period"][rows["period"].str.fullmatch(r"\d{4}")])
    return len(years) < (2 if where["period"] == FIRST else 1)


def _name_absence(released: Released) -> str:
    """The words in place of a number of a table without rows: nobody printed it for these years, or
    no register holds it."""
    return "none_counted" if released.product.tables else "not_printed_here"


def _has_number(released: Released, where: Mapping[str, str | int]) -> bool:
    """True where one row has a number that may stand in a sentence."""
    try:
        row = select_row(released, **where)
    except BadInput:
        return False
    return row["status"] != "suppressed" and row["mark"] in MARK_LETTERS


def glue_origin(key: str, released: Released) -> None:
    """Glue a sentence on what the numbers of a table of counts are: from a register, or from
    made-up ones."""
    language = released.edition.language
    sources = list(dict.fromkeys(released.table["source"])) or [""]
    code = "origin_synthetic"
    if released.marks == ("register",):
        code = "origin_register"
    elif released.table.empty and not released.edition.has_registers:
        code = "origin_public"
    elif released.table.empty:
        absent = released.absent or released.product.tables
        code = "origin_absent" if released.absent else "origin_none"
        _glue(key, say_absent(code, absent, language))
        return
    _glue(key, text(code, language, source=sources[0]))


def glue_part(key: str, *tables: Released) -> None:
    """Glue the heading of the part of a chapter that is counted from registers: it says so where
    they are made up."""
    language = tables[0].edition.language
    is_made_up = any(set(MADE_UP) & set(table.marks) for table in tables)
    _glue(key, text("part_made_up" if is_made_up else "part_register", language))


def glue_document(key: str, prefix: str, *, language: str) -> None:
    """Glue the title of the source document whose numbers have this prefix. Raises BadInput for a
    prefix that no document has."""
    titles = read_documents().set_index("prefix")[f"document_{language}"]
    if prefix not in titles:
        raise BadInput(f"no document {prefix!r}; there are {', '.join(titles.index)}")
    _glue(key, titles[prefix])


def find_letter(released: Released, row: pd.Series, column: str) -> str:
    """The letter behind a number: where it comes from, or that it was computed here from printed
    numbers."""
    if row["mark"] not in MARK_LETTERS:
        raise BadInput(
            f"table {released.name} is an illustration; its numbers may not stand in a sentence"
        )
    return COMPUTED_LETTER if column in released.product.computed else MARK_LETTERS[row["mark"]]


def glue_share(key: str, part: pd.Series, whole: pd.Series, *, released: Released) -> None:
    """Glue the share that one printed count is of another, as a number computed here."""
    share = float(part["n"]) / float(whole["n"])
    _glue(
        key,
        format_share(share, released.edition.language, decimals=1) + COMPUTED_LETTER,
        at=name_row(released, part),
    )


def glue_share_of(
    key: str,
    released: Released,
    *,
    part: dict[str, str],
    whole: dict[str, str],
    counted: Counted | None = None,
) -> None:
    """Glue the share that the count of the row `part` is of the count of the row `whole`; words
    where nothing was printed of one of them, as in an edition of other years. `counted` as in
    `glue_number`: its column `share`."""
    if counted is not None and _is_own(counted):
        glue_number(key, released, column="share", optional=True, counted=counted)
        return
    if not (_has_number(released, part) and _has_number(released, whole)):
        _glue(key, text("no_number", released.edition.language))
        return
    glue_share(key, select_row(released, **part), select_row(released, **whole), released=released)


def glue_count(key: str, number: int | None, *, language: str = "en") -> None:
    """Glue how many of this book's own rows there are, such as breaks; no source prints that, so it
    has no mark. Where there is nothing to count (None), words, and the page leaves the sentence
    out."""
    _glue(key, text("no_number", language) if number is None else format_number(number, language))


def glue_year(key: str, year: int) -> None:
    """Glue a year that follows from the edition's."""
    _glue(key, str(year))


def glue_years(key: str, released: Released) -> None:
    """Glue the years that a table of years covers, such as 2016–2020; words where it has none."""
    years = (
        sorted(period for period in set(released.table["period"]) if period.isdigit())
        if len(released.table)
        else []
    )
    words = (
        f"{years[0]}–{years[-1]}"
        if len(years) > 1
        else years[0]
        if years
        else text("no_number", released.edition.language)
    )
    _glue(key, words)


def glue_scope(key: str, units: list[str], *, language: str) -> None:
    """Glue a sentence on whose reports are looked at: everybody's, or those of some police
    units."""
    names = format_list([label(unit, language, kind="police_unit") for unit in units], language)
    _glue(key, text("scope_units" if units else "scope_all", language, units=names))


def find_asked(asked: str, places: Released) -> Place:
    """The place that was asked for, of a table of all places, with why nothing is shown of it."""
    edition, known = places.edition, places.known()
    whole = known[(known["period"] == edition.period) & (known["locality"] != OTHERS)]
    shown = {
        kind: list(dict.fromkeys(rows["locality"])) for kind, rows in whole.groupby("place_kind")
    }
    return find_place(
        asked,
        shown=shown,
        years=edition.years,
        language=edition.language,
        is_made_up=bool(set(MADE_UP) & set(places.marks)),
    )


def glue_place(key: str, asked: str, places: Released) -> Place:
    """The place that was asked for; glues whose page it is, or why nothing is shown."""
    place = find_asked(asked, places)
    _glue(key, place.tell())
    return place


def glue_total(key: str, released: Released) -> None:
    """Glue the sum of the counts of a table whose rows do not overlap, as a number computed here
    (or from the register)."""
    letter = (
        COMPUTED_LETTER if released.marks == ("published",) else MARK_LETTERS[released.marks[0]]
    )
    _glue(
        key,
        format_number(released.known()["n"].sum(), released.edition.language) + letter,
        at=name_row(released),
    )


def glue_setting(key: str, share: float, *, language: str) -> None:
    """Glue a share that a method asks for or sets, such as the level of an interval; nobody counted
    it, so it has no mark."""
    _glue(key, format_share(share, language))


def glue_claims(chapter: str, *, edition: Edition) -> None:
    """Glue every claim of a chapter as `claim_<id>`, and its short form for a heading, where it has
    one, as `heading_<id>`; one that does not hold in this edition says so."""
    for name, one in judge(edition, chapter=chapter).items():
        _glue(f"claim_{name}", one.write(), at="\n".join(one.list_places()))
        if one.claim.heading[edition.language]:
            _glue(f"heading_{name}", one.write_heading())
