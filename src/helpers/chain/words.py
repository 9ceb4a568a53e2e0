"""What the sources say in words: rules, ways of seeing, profiles and limits, as tables in both
languages, each row with the place where it was read."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from helpers import published
from helpers.edition import LANGUAGES, PUBLISHED, BadInput
from helpers.published.files import check_unique, name_file, read_table

FOLDER = PUBLISHED / "words"
_PLACE = ["source", "section", "line"]
# The columns of each list: codes, then words in each language.
WORDS = {
    "access": (["category", "population", "access"], ["rule"]),
    "sights": (["population"], ["sees", "unseen"]),
    "law": (["category", "breaks"], ["moment", "rule", "effect"]),
    "conditions": (["category"], ["need", "ask"]),
    "countries": (["category"], ["reason"]),
}


def read_words(name: str, *, folder: Path = FOLDER) -> pd.DataFrame:
    """The rows of one list: id, its codes, its words in each language, and the source document
    (the prefix of its numbers, or "" for a public statistic), section and line.

    Raises BadInput for an unknown list, an id that stands twice, and words that are missing.
    """
    if name not in WORDS:
        raise BadInput(f"no list of words {name!r}; there are {', '.join(WORDS)}")
    codes, words = WORDS[name]
    told = [f"{word}_{language}" for word in words for language in LANGUAGES]
    path = folder / f"{name}.csv"
    rows = read_table(path, ["id", *codes, *_PLACE, *told])
    check_unique(rows, "id", path)
    for column in told:
        empty = rows.index[rows[column] == ""]
        if len(empty):
            raise BadInput(f"{name_file(path)}, row {empty[0]}, column {column}: say it")
    return rows


def tabulate_words(name: str) -> pd.DataFrame:
    """One list as a table that can be released: id, its codes and words, and `place_en`, `place_nl`:
    the title of the document and the section."""
    codes, words = WORDS[name]
    rows = read_words(name)
    titles = published.read_documents().set_index("prefix")
    table = rows[["id", *codes, *[f"{word}_{code}" for word in words for code in LANGUAGES]]]
    for language, section in zip(LANGUAGES, ("section", "paragraaf"), strict=True):
        named = rows["source"].map(titles[f"document_{language}"]).fillna("")
        table = table.assign(
            **{
                f"place_{language}": named
                + rows["section"].map(lambda at, word=section: f", {word} {at}" if at else "")
            }
        )
    return published.mark_published(table)
