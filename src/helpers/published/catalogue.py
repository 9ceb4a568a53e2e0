"""The catalogue of published numbers: one row a printed number, each with its place and a short
quote."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from helpers.edition import PUBLISHED, BadInput
from helpers.published.files import (
    check_allowed,
    check_number,
    check_unique,
    hash_line,
    name_file,
    read_table,
)
from helpers.published.wording import is_printed

NUMBER_COLUMNS = [
    "id",
    "source",
    "section",
    "figure",
    "measure",
    "population",
    "breakdown",
    "category",
    "period",
    "value",
    "unit",
    "precision",
    "line",
    "quote",
    "line_sha256",
]
CONTRADICTION_COLUMNS = [
    "id",
    "source",
    "numbers",
    "lines",
    "stated_reading",
    "arithmetic",
    "verdict",
]
REPEAT_COLUMNS = ["id", "repeats"]
DOCUMENT_COLUMNS = ["source", "prefix", "document_en", "document_nl", "publisher", "published"]
AS_PRINTED_COLUMNS = ["id", "printed", "footnote"]
KEY = ["source", "measure", "population", "breakdown", "category", "period"]
VAGUE = ("about", "at_least", "at_most", "less_than", "more_than")
PRECISIONS = ("exact", "rounded5", "rounded_percent", *VAGUE)
NOT_RECONCILABLE = "not reconcilable under the stated reading"
# What looks like a contradiction, and is none.
VERDICTS = (
    NOT_RECONCILABLE,
    "reconcilable by rounding",
    "explained by the source's own note",
    "different things compared",
)
COUNTED = (
    "victims",
    "victim_forms",
    "reports",
    "persons",
    "decisions",
    "cases",
    "incidents",
    "investigations",
    "places",
    "interviews",
    "controls",
    "locations",
)
LONGEST_QUOTE = 12


def read_numbers(path: Path = PUBLISHED / "numbers.csv") -> pd.DataFrame:
    """The checked catalogue; `value` and `line` are numbers, all else is text.

    One row is one number printed in one place. `value` has the unit of `unit`, percentages are 0 to
    100. Raises BadInput with file, row, column and remedy for the first fault found.
    """
    numbers = read_table(path, NUMBER_COLUMNS)
    beside = path.with_name("as_printed.csv")
    check_numbers(
        numbers, path=path, as_printed=read_as_printed(beside) if beside.exists() else None
    )
    return numbers.astype({"value": float, "line": int})


def read_as_printed(path: Path = PUBLISHED / "as_printed.csv") -> pd.DataFrame:
    """Numbers that a source prints run together with a footnote number ("1.2831185" for 1,283 and
    footnote 1185), or broken by a
    blank: `id`, what is `printed`, and the `footnote` in it."""
    table = read_table(path, AS_PRINTED_COLUMNS)
    check_unique(table, "id", path)
    return table


def _is_run_together(value: float, quote: str, as_printed: pd.DataFrame) -> bool:
    """True where the quote holds what is printed, and that is the value's digits followed by the
    footnote's."""
    return any(
        printed in quote
        and re.sub(r"\D", "", printed) == re.sub(r"\D", "", f"{value:g}") + footnote
        for printed, footnote in zip(as_printed["printed"], as_printed["footnote"], strict=True)
    )


def check_numbers(
    numbers: pd.DataFrame,
    *,
    path: Path = PUBLISHED / "numbers.csv",
    as_printed: pd.DataFrame | None = None,
) -> None:
    """Raise BadInput where a row of the catalogue is malformed or its value is not in its quote.

    `as_printed` explains the rows whose number is not printed by itself (`read_as_printed`).
    """
    explained = {} if as_printed is None else dict(list(as_printed.groupby("id")))
    check_unique(numbers, "id", path)
    check_number(numbers, "value", path)
    check_number(numbers, "line", path)
    check_allowed(numbers, "precision", PRECISIONS, path)
    for column in ("measure", "population", "breakdown", "category", "period", "unit", "quote"):
        empty = numbers.index[numbers[column] == ""]
        if len(empty):
            raise BadInput(
                f"{name_file(path)}, row {empty[0]}, column {column}: empty; say what is counted"
            )
    for row, identifier, quote, value in zip(
        numbers.index, numbers["id"], numbers["quote"], numbers["value"].astype(float), strict=True
    ):
        if len(quote.split()) > LONGEST_QUOTE:
            raise BadInput(
                f"{name_file(path)}, row {row}, column quote: more than {LONGEST_QUOTE} words; quote less"
            )
        if not is_printed(value, quote) and not (
            identifier in explained and _is_run_together(value, quote, explained[identifier])
        ):
            raise BadInput(
                f"{name_file(path)}, row {row}, column quote: does not print {value:g}; quote the words that hold the value"
            )


def read_repeats() -> pd.DataFrame:
    """Rows of the catalogue that print again what an earlier row printed: `id` repeats
    `repeats`."""
    path = PUBLISHED / "repeats.csv"
    repeats = read_table(path, REPEAT_COLUMNS)
    check_unique(repeats, "id", path)
    return repeats


def read_contradictions() -> pd.DataFrame:
    """What a source says twice and differently: the ids of the numbers and their lines (joined by
    "|"), how they are read, the arithmetic, and the verdict. The printed values stay as they
    are."""
    path = PUBLISHED / "contradictions.csv"
    contradictions = read_table(path, CONTRADICTION_COLUMNS)
    check_unique(contradictions, "id", path)
    check_allowed(contradictions, "verdict", VERDICTS, path)
    return contradictions


def read_documents() -> pd.DataFrame:
    """The source documents: `source` (the file's name), `prefix` of the ids of its numbers, title
    in both languages, publisher, date."""
    path = PUBLISHED / "documents.csv"
    documents = read_table(path, DOCUMENT_COLUMNS)
    check_unique(documents, "source", path)
    check_unique(documents, "prefix", path)
    return documents


def read_catalogue(document: str | None = None) -> pd.DataFrame:
    """The numbers with `contradiction`: the ids of the contradictions in which each stands, joined
    by "|".

    `document` is the prefix of one source document (`read_documents`); without it, all are there.
    Raises BadInput for an unknown one.
    """
    contradictions, numbers = read_contradictions(), read_numbers()
    if document is not None:
        sources = read_documents().set_index("prefix")["source"]
        if document not in sources:
            raise BadInput(f"no document {document!r}; there are {', '.join(sources.index)}")
        numbers = numbers[numbers["source"] == sources[document]]
    named = contradictions.assign(number=contradictions["numbers"].str.split("|")).explode("number")
    joined = named.groupby("number")["id"].agg("|".join)
    return numbers.assign(contradiction=numbers["id"].map(joined).fillna(""))


def tabulate_contradictions(contradictions: pd.DataFrame, numbers: pd.DataFrame) -> pd.DataFrame:
    """The contradictions of the documents of `numbers` as a table that can be released, with the
    sections where their numbers stand."""
    sections = numbers.set_index("id")["section"]
    contradictions = contradictions[contradictions["source"].isin(numbers["source"])]
    places = [
        ", ".join(dict.fromkeys(sections[name] for name in ids.split("|") if name in sections))
        for ids in contradictions["numbers"]
    ]
    table = contradictions[["id"]].assign(
        sections=places,
        lines=contradictions["lines"],
        stated_reading=contradictions["stated_reading"],
        arithmetic=contradictions["arithmetic"],
    )
    return table.assign(status="released", mark="published")


def read_lines(path: Path) -> list[str]:
    """The lines of a source document, as its line numbers count them (1-based: line n is at n -
    1)."""
    return path.read_bytes().decode("utf-8").split("\n")


def check_against_source(numbers: pd.DataFrame, lines: Sequence[str], *, source: str) -> None:
    """Raise BadInput where a row of `source` names a line that does not hold its quote, or another
    text than was read."""
    for row, number in numbers[numbers["source"] == source].iterrows():
        place = f"data/published/numbers.csv, row {row}, {number['id']}"
        position = int(number["line"])
        if not 1 <= position <= len(lines):
            raise BadInput(
                f"{place}, column line: the source has {len(lines)} lines, not {position}"
            )
        if number["quote"] not in lines[position - 1]:
            raise BadInput(
                f"{place}: line {position} of the source does not hold the quote; correct line or quote"
            )
        if number["line_sha256"] != hash_line(lines[position - 1]):
            raise BadInput(
                f"{place}, column line_sha256: line {position} reads differently from when it was transcribed; read it again"
            )


def select_numbers(numbers: pd.DataFrame, **wanted: str | Sequence[str]) -> pd.DataFrame:
    """Rows whose columns hold the wanted words.

    Raises BadInput where nothing is left, so that a misspelt code cannot make an empty table.
    """
    chosen = numbers
    for column, words in wanted.items():
        chosen = chosen[chosen[column].isin([words] if isinstance(words, str) else words)]
    if chosen.empty:
        raise BadInput(f"the catalogue has no number with {wanted}")
    return chosen


def find_printed(
    numbers: pd.DataFrame, *, years: range, **wanted: str | Sequence[str]
) -> pd.DataFrame:
    """Printed numbers of these codes for `years`, as `tabulate_numbers` gives them without what all
    rows share; without rows where the catalogue has none for these years, as in an edition of other
    years.

    Of contradicting values the first is kept.
    """
    chosen = select_numbers(numbers, **wanted) if len(numbers) else numbers
    touching = chosen[[_touches(period, years) for period in chosen["period"]]]
    if touching.empty:
        return pd.DataFrame(
            columns=[
                "category",
                "period",
                "n",
                "share",
                "unit",
                "precision",
                "status",
                "mark",
                "source",
            ]
        )
    table = tabulate_numbers(touching, years=years)
    return (
        table[table["printed"] == 1]
        .drop(columns=["measure", "population", "breakdown", "printed", "contradiction"])
        .reset_index(drop=True)
    )


def tabulate_numbers(numbers: pd.DataFrame, *, years: range) -> pd.DataFrame:
    """Catalogue rows whose period touches `years`, as a table that can be released, in the order of
    the document.

    `numbers` are rows of `read_catalogue`. Columns measure, population, breakdown, category,
    period, then n (counts), share (percentages, 0 to 1) or value (everything else), unit,
    precision, status, mark, source (the id of the number), contradiction. A fact that is printed
    exactly and loosely is taken as printed exactly; values that contradict each other all stay,
    told apart by `printed`. Where no period touches the years the table has no rows. Raises
    BadInput where nothing was chosen.
    """
    touching = numbers[[_touches(period, years) for period in numbers["period"]]]
    if touching.empty:
        # What other years have says which columns there are.
        periods = [
            int(year) for period in numbers["period"] for year in re.findall(r"\d{4}", period)
        ]
        if not periods:
            raise BadInput(
                "the catalogue holds none of these numbers for any year; mend the choice"
            )
        return tabulate_numbers(numbers, years=range(min(periods), max(periods) + 1)).iloc[:0]
    vague = touching["precision"].isin(VAGUE)
    has_exact = (~vague).groupby([touching[column] for column in KEY]).transform("any")
    kept = _order_rows(touching[~(vague & has_exact)].drop_duplicates([*KEY, "value", "unit"]))
    is_count = kept["unit"].isin(COUNTED)
    is_share = (kept["unit"] == "percent") & ~kept["measure"].str.startswith("change_in_")
    as_printed = kept["value"].map("{:.10g}".format)
    return (
        pd.DataFrame(
            {
                **{column: kept[column] for column in KEY[1:]},
                "printed": kept.groupby(KEY, sort=False).cumcount() + 1,
                "n": as_printed.where(is_count),
                "share": (kept["value"] / 100).where(is_share),
                "value": as_printed.where(~is_count & ~is_share),
                "unit": kept["unit"],
                "precision": kept["precision"],
                "status": (kept["precision"] == "rounded5").map(
                    {True: "rounded", False: "released"}
                ),
                "mark": "published",
                "source": kept["id"],
                "contradiction": kept["contradiction"],
            }
        )
        .dropna(axis=1, how="all")
        .reset_index(drop=True)
    )


def derive_side(table: pd.DataFrame) -> pd.DataFrame:
    """`table` with `side`: victims or controls, from the population's code."""
    return table.assign(
        side=table["population"].str.contains("controls").map({True: "controls", False: "victims"})
    )


def _order_rows(numbers: pd.DataFrame) -> pd.DataFrame:
    """What is counted and who in the order of the document, then groups (follow-up periods by
    length), then periods."""

    def rank(column: str) -> pd.Series:
        return numbers[column].map(
            {code: place for place, code in enumerate(dict.fromkeys(numbers[column]))}
        )

    length = numbers["category"].str.extract(r"^within_(\d+)_")[0].astype(float).fillna(0)
    keys = pd.DataFrame(
        {
            "m": rank("measure"),
            "p": rank("population"),
            "h": length,
            "c": rank("category"),
            "t": numbers["period"],
        }
    )
    return numbers.loc[keys.sort_values(["m", "p", "h", "c", "t"], kind="stable").index]


def _touches(period: str, years: range) -> bool:
    """True where the period ("2020", "2016-2020", "2019 to 2020") has a year in common with
    `years`, or states none."""
    found = [int(year) for year in re.findall(r"\d{4}", period)]
    return not found or (found[0] < years.stop and found[-1] >= years.start)
