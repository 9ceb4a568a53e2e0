"""Tables of printed numbers that several documents share: which rows each shows, and how it calls
them, is declared in `data/published/chosen.csv`."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pandas as pd

from helpers import published
from helpers.edition import PUBLISHED, BadInput
from helpers.published.catalogue import VAGUE
from helpers.published.facts import FACT_COLUMNS
from helpers.published.files import name_file, read_table

CHOSEN = PUBLISHED / "chosen.csv"
COLUMNS = ["table", "population", "category", "id"]
KEY = ["population", "category", "period"]
# Units of what is measured; whatever else is printed is a count.
MEASURED = re.compile(
    r"(working_)?(days|hours)|day_parts|weeks|months|years|eur|usd|fte|currency_not_stated|rank"
    r"|times.*|percent|.*per_(100000|million).*|odds_ratio"
)
# How a public statistic says that its number is loose: "percent (about)".
_LOOSE = {"about": "about", "about half": "about", "a quarter": "about"}
_LOOSE |= {"more than": "more_than", "over": "more_than"}


@cache
def read_chosen(path: Path = CHOSEN) -> pd.DataFrame:
    """The rows of each table, in its order: `table`, `id` (of a printed number, a cell of a printed
    table or a public statistic), and what the table calls `population` and `category` ("" for the
    row's own codes).

    Raises BadInput where a row stands twice in a table, or names a number that nobody printed.
    """
    rows = read_table(path, COLUMNS)
    for what, faulty in (
        ("stands twice in its table; keep one", rows.duplicated(["table", "id"])),
        ("is no printed number, cell or public statistic", ~rows["id"].isin(_read_all().index)),
    ):
        if faulty.any():
            row = rows.index[faulty][0]
            raise BadInput(f"{name_file(path)}, row {row}, id {rows.at[row, 'id']}: {what}")
    return rows


@cache
def _read_all() -> pd.DataFrame:
    """Every printed number, cell and public statistic by its id: measure, population, category,
    period, value, unit, precision, contradiction."""
    facts = published.read_facts(*FACT_COLUMNS)
    facts = facts[pd.to_numeric(facts["value"], errors="coerce").notna()]
    parts = facts["unit"].str.extract(r"^(?P<unit>[^(]*?)(?: \((?P<loose>[^)]*)\))?$")
    is_share = parts["unit"].eq("percent")
    facts = facts.assign(
        value=facts["value"].astype(float),
        unit=parts["unit"].str.replace(" ", "_"),
        precision=parts["loose"]
        .map(_LOOSE)
        .fillna(is_share.map({True: "rounded_percent", False: "exact"})),
    )
    columns = ["id", "measure", "population", "category", "period", "value", "unit", "precision"]
    both = pd.concat([published.read_catalogue(), published.read_cells(), facts], ignore_index=True)
    return both[[*columns, "contradiction"]].fillna({"contradiction": ""}).set_index("id")


def tabulate_chosen(
    table: str, *, years: range | None = None, measures: bool = False
) -> pd.DataFrame:
    """The rows of a declared table as it can be released: population, category, period, then n
    (counts), share (percentages, 0 to 1) or value (all else), unit, precision, status,
    mark, source, contradiction. With `measures` the first column says what is counted, and tells
    rows apart.

    Rows that print the same are one, with all their sources; values that differ under the same key
    all stay, told apart by `printed`. What is printed exactly hides what the same key prints
    loosely. `years` keeps the periods that touch them; where none does, the table has its columns
    and no rows. Raises BadInput for an undeclared table.
    """
    chosen = read_chosen()
    rows = chosen[chosen["table"] == table]
    if rows.empty:
        known = ", ".join(dict.fromkeys(chosen["table"]))
        raise BadInput(f"data/published/chosen.csv has no table {table!r}; there are {known}")
    facts = _read_all().loc[rows["id"]].reset_index()
    for column in ("population", "category"):
        own = rows[column].to_numpy()
        facts[column] = facts[column].where(own == "", own)
    if years is not None:
        facts = facts[[_touches(period, years) for period in facts["period"]]]
    key = ["measure", *KEY] if measures else KEY
    return _write_rows(_join_equal(facts, key), key)


def _touches(period: str, years: range) -> bool:
    found = [int(year) for year in re.findall(r"\d{4}", period)]
    return not found or (found[0] < years.stop and found[-1] >= years.start)


def _join_equal(rows: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """One row for what is printed alike; a loose number is a source of the exact one beside it."""
    is_vague = rows["precision"].isin(VAGUE)
    names = rows[key[0]].str.cat(rows[key[1:]], sep="\n")
    loose = rows[is_vague & (~is_vague).groupby(names).transform("any")]
    also = loose.groupby(names)["id"].agg("|".join)
    kept = rows.drop(loose.index).assign(name=names)
    joined = kept.groupby(["name", "value", "unit"], sort=False, as_index=False).agg(
        **{column: (column, "first") for column in dict.fromkeys(["measure", *KEY])},
        precision=("precision", "first"),
        source=("id", "|".join),
        contradiction=("contradiction", lambda ids: "|".join(dict.fromkeys(filter(None, ids)))),
    )
    more = joined["name"].map(also).fillna("").astype(str)
    return joined.assign(source=joined["source"] + more.where(more.eq(""), "|" + more))


def _write_rows(rows: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Counts, shares and values in columns of their own."""
    is_change = rows["measure"].str.startswith(("change_in_", "mean_"))
    is_share = rows["unit"].eq("percent") & ~is_change
    is_value = ~is_share & (rows["unit"].str.fullmatch(MEASURED.pattern) | is_change)
    table = rows[key].assign(
        printed=rows.groupby(key, sort=False).cumcount() + 1,
        n=rows["value"].where(~is_share & ~is_value),
        share=(rows["value"] / 100).where(is_share),
        value=rows["value"].where(is_value),
        unit=rows["unit"],
        precision=rows["precision"],
        source=rows["source"],
        contradiction=rows["contradiction"],
    )
    kinds = ("n", "share", "value") if len(table) else ()
    empty = [column for column in kinds if table[column].isna().all()]
    rounded = rows["precision"].eq("rounded5").map({True: "rounded", False: "released"})
    return (
        published.mark_published(table.drop(columns=empty))
        .assign(status=rounded)
        .reset_index(drop=True)
    )
