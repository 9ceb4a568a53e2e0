"""What the sources say in words: rules, ways of seeing, profiles and limits, as tables in both
languages, each row with the place where it was read."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from helpers import published
from helpers.edition import LANGUAGES, PUBLISHED, BadInput
from helpers.labels import text
from helpers.published.files import check_filled, check_unique, read_table

FOLDER = PUBLISHED / "words"
_PLACE = ["source", "section", "line"]
# The columns of each list: codes, then words in each language.
WORDS = {
    "access": (["scheme_step", "claimant", "access"], ["rule"]),
    "sights": (["way"], ["sees", "unseen"]),
    "law": (["subject", "breaks"], ["moment", "rule", "effect"]),
    "conditions": (["subject"], ["need", "ask"]),
    "countries": (["subject"], ["reason"]),
    "classes": (["subject"], ["rule"]),
}


def read_words(name: str, *, folder: Path = FOLDER) -> pd.DataFrame:
    """The rows of one list: id, its codes, its words in each language, and the source document
    (the prefix of its numbers, or "" for a public statistic), section and line.

    Raises BadInput for an unknown list, an id that stands twice, and words that are missing.
    """
    if name not in WORDS:
        raise BadInput(f"no list of words {name!r}; there are {', '.join(WORDS)}")
    codes, words = WORDS[name]
    told = _name_columns(words)
    path = folder / f"{name}.csv"
    rows = read_table(path, ["id", *codes, *_PLACE, *told])
    check_unique(rows, "id", path)
    check_filled(rows, told, path, remedy="say it")
    return rows


def tabulate_words(name: str) -> pd.DataFrame:
    """One list as a table that can be released: id, its codes and words, and `place_en`,
    `place_nl`: the title of the document and the section."""
    codes, words = WORDS[name]
    rows = read_words(name)
    table = rows[["id", *codes, *_name_columns(words)]]
    places = {
        f"place_{language}": [
            _name_place(row.source, row.section, row.line, language) for row in rows.itertuples()
        ]
        for language in LANGUAGES
    }
    return published.mark_published(table.assign(**places))


def tabulate_profiles() -> pd.DataFrame:
    """The kinds of victims of the municipal study as a table that can be released: id, subject (the
    form), and in each language who, what makes vulnerable and how the offender works."""
    profiles = published.read_profiles()
    columns = ["id", "subject", *_name_columns(["who", "vulnerability", "means"])]
    return published.mark_published(profiles.rename(columns={"form": "subject"})[columns])


def tabulate_limits() -> pd.DataFrame:
    """What limits local sight as a table that can be released: id, studied (which municipality)
    and the words in each language."""
    limits = published.read_limits().rename(columns={"municipality": "studied"})
    return published.mark_published(limits[["id", "studied", *_name_columns(["limit"])]])


def _name_columns(words: list[str]) -> list[str]:
    return [f"{word}_{language}" for word in words for language in LANGUAGES]


def _name_place(source: str, section: str, line: str, language: str) -> str:
    """The document, its section or else the lines; "" for what is read from public statistics."""
    if not source:
        return ""
    title = published.read_documents().set_index("prefix").at[source, f"document_{language}"]
    words = text("section", language, section=section)
    if not section:
        words = f"{text('catalogue_line', language)} {line.replace('|', ', ')}"
    return f"{title}, {words}"
