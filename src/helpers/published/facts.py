"""Public facts: statistics that other publishers printed, each file with a side-car record of its
source."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from helpers.edition import FACTS, BadInput, name_file, read_yaml
from helpers.published.files import (
    check_allowed,
    check_number,
    check_unique,
    hash_file,
    read_table,
)

CAPTURE_LISTS = ["I", "K", "O", "P", "R", "Z"]
_OF_EVERY_FACT = [
    "id",
    "measure",
    "population",
    "breakdown",
    "category",
    "category_printed",
    "period",
    "value",
    "unit",
    "standing",
]
_OF_STATISTICS = [
    *_OF_EVERY_FACT,
    "source_title",
    "source_publisher",
    "source_url",
    "published",
    "note",
]
FACT_COLUMNS = {
    "public_statistics": _OF_STATISTICS,
    "glotip_netherlands": [*_OF_EVERY_FACT, "source_row", "note"],
    "published_estimates": _OF_STATISTICS,
    "subject_statistics": _OF_STATISTICS,
    "glotip_justice": [*_OF_EVERY_FACT, "source_row", "note"],
    "chain_statistics": _OF_STATISTICS,
    # What the monitor takes from others, as they print it.
    "printed_elsewhere": _OF_STATISTICS,
}
BREAK_COLUMNS = [
    "id",
    "year",
    "kind",
    "splits",
    "label_en",
    "label_nl",
    "explanation_en",
    "explanation_nl",
    "source",
]
STANDINGS = ("current", "provisional", "revised", "disputed", "ambiguous")
ANOMALY_COLUMNS = ["id", "file", "years", "what", "reading"]
RECORD_FIELDS = ("producer", "title", "address", "date", "licence", "reduced", "sha256")
SUPPRESSED_BY_SOURCE = "<5"


def read_facts(*names: str, folder: Path = FACTS) -> pd.DataFrame:
    """The rows of `data/facts/<name>.csv`, one printed value a row, all cells as text; several
    files in one frame.

    `value` is a number or the source's own `<5`. `standing` says which of several printed values
    the book follows: current, provisional, revised (an earlier edition's), disputed (another source
    is followed, see the note), ambiguous (several values under one heading). Raises BadInput for a
    malformed file.
    """
    return pd.concat([_read_facts_file(name, folder) for name in names], ignore_index=True)


def _read_facts_file(name: str, folder: Path) -> pd.DataFrame:
    if name not in FACT_COLUMNS:
        raise BadInput(f"no facts file {name!r}; there are {', '.join(FACT_COLUMNS)}")
    path = folder / f"{name}.csv"
    facts = read_table(path, FACT_COLUMNS[name])
    check_unique(facts, "id", path)
    check_number(facts, "value", path, allow=(SUPPRESSED_BY_SOURCE,))
    check_allowed(facts, "standing", STANDINGS, path)
    return facts


def read_breaks() -> pd.DataFrame:
    """The breaks in the register, one a row: the first year on the new side, whether it splits a
    series (`splits` yes or no), and its explanation in both languages. `year` is a whole number."""
    path = FACTS / "breaks.csv"
    breaks = read_table(path, BREAK_COLUMNS)
    check_unique(breaks, "id", path)
    check_number(breaks, "year", path)
    check_allowed(breaks, "splits", ("yes", "no"), path)
    return breaks.astype({"year": int})


def read_anomalies() -> pd.DataFrame:
    """What the public files print in a way that does not fit, and which reading this book
    follows."""
    return read_table(FACTS / "anomalies.csv", ANOMALY_COLUMNS)


def read_not_carried() -> pd.DataFrame:
    """Public statistics that the book leaves out: `id` in the collection, and the code of the
    `reason`."""
    return _read_reasons(FACTS / "not_carried.csv")


def read_not_shown() -> pd.DataFrame:
    """Public statistics that the book carries, for its checks and its catalogue, and that no
    chapter shows: `id`, and the code of the `reason`."""
    return _read_reasons(FACTS / "not_shown.csv")


def _read_reasons(path: Path) -> pd.DataFrame:
    rows = read_table(path, ["id", "reason"])
    check_unique(rows, "id", path)
    return rows


def read_captures() -> pd.DataFrame:
    """The Dutch capture table 2010-2015: one row a combination of lists (columns of 0 and 1), `n`
    victims on exactly those."""
    path = FACTS / "mse_ned.csv"
    table = read_table(path, [*CAPTURE_LISTS, "frequency"])
    for column in table:
        check_number(table, column, path)
    return table.astype(int).rename(columns={"frequency": "n"}).reset_index(drop=True)


def tabulate_published_estimates(facts: pd.DataFrame) -> pd.DataFrame:
    """Published estimates, a row each: population, category (who or which method), period, n or
    share, ci_lower, ci_upper, precision, source."""
    key = ["population", "category", "period"]
    wide = (
        facts.pivot(index=key, columns="breakdown", values="value")
        .astype(float)
        .reindex(columns=["estimate", "lower", "upper"])
    )
    printed = facts[facts["breakdown"] == "estimate"].set_index(key)["unit"].reindex(wide.index)
    is_share = printed.str.startswith("percent")
    table = wide.assign(
        n=wide["estimate"].where(~is_share),
        share=(wide["estimate"] / 100).where(is_share),
        ci_lower=wide["lower"],
        ci_upper=wide["upper"],
        precision=printed.str.extract(r"\((about|more than)")[0]
        .str.replace(" ", "_")
        .fillna("exact"),
        source=facts.groupby(key)["id"].agg("|".join),
    )
    columns = [
        column for column in ("n", "share", "ci_lower", "ci_upper") if table[column].notna().any()
    ]
    return mark_published(table.reset_index()[[*key, *columns, "precision", "source"]])


def tabulate_facts(facts: pd.DataFrame, *, years: range | None = None) -> pd.DataFrame:
    """What the book follows of these facts, as a table that can be released: population, breakdown,
    category, period, n (counts) or share (percentages, 0 to 1), precision, status, mark, source.

    With `years` only the periods that touch them.
    """
    current = select_current(facts)
    if years is not None:
        ends = current["period"].str.findall(r"\d{4}")
        touches = (ends.str[0].astype(int) <= years[-1]) & (ends.str[-1].astype(int) >= years[0])
        current = current[touches]
    unit = current["id"].str.split("|").str[0].map(facts.set_index("id")["unit"])
    is_share = unit.str.startswith("percent")
    numbers = pd.to_numeric(current["value"])
    table = current.assign(
        n=numbers.where(~is_share),
        share=(numbers / 100).where(is_share),
        precision=find_precision(unit),
        source=current["id"],
    )
    columns = ["population", "breakdown", "category", "period", "n", "share", "precision", "source"]
    return mark_published(table[columns].dropna(axis=1, how="all").reset_index(drop=True))


def find_precision(unit: pd.Series) -> pd.Series:
    """How precisely numbers with these units were printed, in the words of the catalogue."""
    return (
        unit.str.startswith("percent")
        .map({True: "rounded_percent", False: "exact"})
        .mask(unit.str.contains(r"about|a quarter"), "about")
        .mask(unit.str.contains("over"), "more_than")
    )


def mark_published(table: pd.DataFrame) -> pd.DataFrame:
    """`table` with the status and mark of something that a source has printed."""
    return table.assign(status="released", mark="published")


def select_current(facts: pd.DataFrame) -> pd.DataFrame:
    """One row for each population, breakdown, category and period: the value that the book follows.

    `id` lists every row that prints it, joined by "|". Raises BadInput where two current rows
    disagree.
    """
    key = ["population", "breakdown", "category", "period"]
    current = facts[facts["standing"] == "current"]
    for values, rows in current.groupby(key):
        if rows["value"].nunique() > 1:
            raise BadInput(
                f"facts {', '.join(rows['id'])} print different current values for {', '.join(values)}; mark all but one as revised or disputed"
            )
    return current.groupby(key, as_index=False).agg(value=("value", "first"), id=("id", "|".join))


def check_facts(*, folder: Path = FACTS) -> None:
    """Raise BadInput where a facts file or its record is missing, lacks a field, or no longer has
    the recorded checksum."""
    for record_path in sorted(folder.glob("*.source.yml")):
        path = record_path.with_name(record_path.name.replace(".source.yml", ".csv"))
        if not path.exists():
            raise BadInput(
                f"{name_file(path)} is missing; restore it with: git checkout -- {name_file(path)}"
            )
    for path in sorted(folder.glob("*.csv")):
        record_path = path.with_suffix(".source.yml")
        if not record_path.exists():
            raise BadInput(
                f"{name_file(path)} has no record {record_path.name}; write who made it, where it is and its checksum"
            )
        record = read_yaml(record_path)
        missing = [field for field in RECORD_FIELDS if not record.get(field)]
        if missing:
            raise BadInput(f"{name_file(record_path)} lacks {', '.join(missing)}")
        if record["sha256"] != hash_file(path):
            raise BadInput(
                f"{name_file(path)} is not the file that {record_path.name} describes (checksum); restore it, or record the new one with its reason"
            )
