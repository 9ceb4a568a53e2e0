"""The claims as `data/claims/*.csv` declare them, each checked before anything is counted."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from helpers.claims.language import YEARS, check_expression, parse, split_values
from helpers.claims.wording import FORMS, PLACE
from helpers.edition import DATA, LANGUAGES, BadInput
from helpers.labels import label
from helpers.products import read_products
from helpers.published import read_documents
from helpers.published.files import name_file, read_table

CLAIMS = DATA / "claims"
COLUMNS = [
    "id",
    "chapter",
    "topic",
    "kind",
    "values",
    "test",
    "against",
    "text_en",
    "text_nl",
    "heading_en",
    "heading_nl",
    "figure",
    "source",
    "lines",
    "certainty",
]
TESTED, QUOTED = "tested", "quoted"
# The value that contradicts a claim.
OTHER = "other"


@dataclass(frozen=True)
class Claim:
    """A sentence that states a finding.

    `values` name the numbers in it, `test` is true where it holds, `against` where another printed
    number, the value `other`, contradicts it. `lines` are those of the source document with this
    prefix.
    """

    id: str
    chapter: str
    topic: str
    kind: str
    values: dict[str, str]
    test: str
    against: str
    text: dict[str, str]
    heading: dict[str, str]
    figure: str
    source: str
    lines: tuple[int, ...]
    certainty: str


def read_claims(folder: Path = CLAIMS, chapter: str = "") -> dict[str, Claim]:
    """Every claim (of one chapter, where named) by its id. Raises BadInput, with a line for each of
    these claims that is not whole."""
    of_chapter = [one for own, one in _read_all(folder) if chapter in ("", own)]
    if faults := [one for one in of_chapter if isinstance(one, str)]:
        raise BadInput("\n".join(faults))
    return {one.id: one for one in of_chapter if isinstance(one, Claim)}


@cache
def _read_all(folder: Path) -> list[tuple[str, Claim | str]]:
    """The chapter of each row, and its claim or what is wrong with it."""
    found: list[tuple[str, Claim | str]] = []
    known: set[str] = set()
    for path in sorted(folder.glob("*.csv")):
        for number, row in read_table(path, COLUMNS).iterrows():
            cells = {str(column): str(cell) for column, cell in row.items()}
            try:
                if cells["id"] in known:
                    raise BadInput("stands twice; keep one")
                known.add(cells["id"])
                found.append((cells["chapter"], _define_claim(cells)))
            except BadInput as error:
                place = f"{name_file(path)}, row {number}, claim {cells['id']}"
                found.append((cells["chapter"], f"{place}: {error}"))
    return found


def _define_claim(row: dict[str, str]) -> Claim:
    """The claim of a row. Raises BadInput for what it lacks, and for what nothing can be made
    of."""
    _check_words(row)
    values = split_values(row["values"])
    known: set[str] = set()
    for name, expression in values.items():
        check_expression(expression, known)
        known.add(name)
    for expression in filter(None, (row["test"], row["against"])):
        check_expression(expression, known)
    used = set().union(
        *(_list_names(row[column]) for column in ("test", "against") if row[column]),
        *(_list_names(expression) for expression in values.values()),
    )
    if row["against"] and OTHER not in known:
        raise BadInput(f"name the number that contradicts it among the values: {OTHER} = ...")
    _check_places(row, known, used)
    return Claim(
        **{name: row[name] for name in ("id", "chapter", "topic", "kind", "test", "against")},
        values=values,
        text={language: row[f"text_{language}"] for language in LANGUAGES},
        heading={language: row[f"heading_{language}"] for language in LANGUAGES},
        figure=row["figure"],
        source=row["source"],
        lines=tuple(int(line) for line in row["lines"].split("|") if line),
        certainty=row["certainty"],
    )


def _check_words(row: dict[str, str]) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", row["id"]):
        raise BadInput(f"id {row['id']!r}: small letters, digits and _ only")
    if row["kind"] not in (TESTED, QUOTED):
        raise BadInput(f"kind {row['kind']!r}; use {TESTED} or {QUOTED}")
    if row["kind"] == TESTED and not row["test"]:
        raise BadInput("it has no test; give one, or quote it as the judgement of its source")
    if row["kind"] == QUOTED and (row["test"] or not row["source"]):
        raise BadInput("a quoted claim has a source and no test")
    if row["source"] and row["source"] not in set(read_documents()["prefix"]):
        raise BadInput(f"source {row['source']!r} is no document of data/published/documents.csv")
    if row["source"] and not re.fullmatch(r"\d+(\|\d+)*", row["lines"]):
        raise BadInput("it names a source and not its lines, such as 140 or 140|142")
    if row["chapter"] not in {product.chapter for product in read_products().values()}:
        raise BadInput(f"there is no chapter {row['chapter']!r}")
    for kind, column in (("claim_topic", "topic"), ("certainty", "certainty")):
        label(row[column], "en", kind=kind)


def _check_places(row: dict[str, str], known: set[str], used: set[str]) -> None:
    """Both languages name the same numbers, and no number is typed."""
    shown: set[str] = set()
    for column in ("text", "heading"):
        places = {
            language: {place[1] for place in PLACE.finditer(row[f"{column}_{language}"])}
            for language in LANGUAGES
        }
        for language in LANGUAGES:
            words = row[f"{column}_{language}"]
            if not words and (column == "text" or row["heading_en"] or row["heading_nl"]):
                raise BadInput(f"{column}_{language} is empty")
            for other in LANGUAGES:
                lacking = sorted(places[other] - places[language])
                if lacking:
                    raise BadInput(f"{column}_{language} lacks {', '.join(lacking)} of {other}")
            _check_sentence(words, places[language] - known - set(YEARS))
        shown |= places["en"]
    idle = sorted(known - shown - used - ({OTHER} if row["against"] else set()))
    if idle:
        raise BadInput(f"nothing uses {', '.join(idle)}")


def _check_sentence(words: str, unknown: set[str]) -> None:
    if unknown:
        raise BadInput(f"no value is called {', '.join(sorted(unknown))}")
    if re.search(r"(?<!\b[BD])\d", PLACE.sub("", words)):  # B9 and D9 are names
        raise BadInput(f"a number is typed in {words!r}; name it among the values")
    if re.search(r"[{}]", PLACE.sub("", words)):
        raise BadInput(f"{words!r} has a brace that is no place")
    for place in PLACE.finditer(words):
        if place[2] and place[2] not in FORMS:
            raise BadInput(f"no form {place[2]!r}; there are {', '.join(FORMS)}")


def _list_names(expression: str) -> set[str]:
    return {node.id for node in ast.walk(parse(expression)) if isinstance(node, ast.Name)}
