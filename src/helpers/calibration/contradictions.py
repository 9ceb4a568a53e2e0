"""Where the made-up registers say otherwise than a printed number: listed, not hidden."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from helpers.published.precision import reach_closely

COLUMNS = ["table", "what", "period", "printed", "made_up", "source"]
# A share that was printed in whole percents agrees within half of one.
_WHOLE_PERCENT, _FINER = 0.005, 0.0005


@dataclass(frozen=True)
class Pair:
    """A table of printed numbers and the made-up one that counts the same, by column `key`; `where`
    limits the printed rows, and `renamed` gives their codes in the other table."""

    printed: str
    made_up: str
    key: str
    printed_key: str = ""
    where: Mapping[str, str] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)


PAIRS = (
    Pair("known_victims", "signalling_victims", "population"),
    Pair("known_reporters", "signalling_reporters", "reporter"),
    Pair("known_ages", "signalling_ages", "category"),
    Pair("printed_forms", "signalling_forms", "category"),
    Pair(
        "printed_persons",
        "signalling_sex",
        "sex",
        "category",
        {"breakdown": "sex", "population": "comensha_victims"},
    ),
    Pair(
        "printed_persons",
        "signalling_regions",
        "origin_region",
        "category",
        {"breakdown": "origin_region", "population": "comensha_victims"},
    ),
    Pair(
        "known_traits",
        "signalling_regions",
        "origin_region",
        "category",
        {"breakdown": "nationality", "population": "register_without_kmar_only"},
        {"dutch": "netherlands"},
    ),
)


def find_contradictions(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Every cell of a made-up table whose printed counterpart says otherwise, a row each (columns
    `COLUMNS`, all text; shares between 0 and 1).

    `tables` are released tables by name, with text cells; a pair of which one is absent is left
    out. A count agrees only if it is equal, a share within its printed precision.
    """
    found = [
        _compare(pair, tables[pair.printed], tables[pair.made_up])
        for pair in PAIRS
        if pair.printed in tables and pair.made_up in tables
    ]
    return pd.concat([pd.DataFrame(columns=COLUMNS), *found], ignore_index=True)


def _compare(pair: Pair, printed: pd.DataFrame, made_up: pd.DataFrame) -> pd.DataFrame:
    for column, code in pair.where.items():
        printed = printed[printed[column] == code]
    keyed = printed.assign(
        **{pair.key: printed[pair.printed_key or pair.key].replace(dict(pair.renamed))}
    )
    made = made_up[made_up["mark"].isin(["synthetic", "illustration"])]
    joined = keyed.merge(made, on=[pair.key, "period"], suffixes=("", "_made"))
    rows = []
    for column in ("n", "share"):
        other = f"{column}_made" if f"{column}_made" in joined else ""
        if not other:
            continue
        both = joined[(joined[column] != "") & (joined[other] != "")]
        both = both[both[other].str.fullmatch(r"[\d.e-]+")]
        agreed = {
            (row[pair.key], row["period"])
            for _, row in both.iterrows()
            if _agrees(float(row[column]), float(row[other]), row, column)
        }
        for _, row in both.iterrows():
            # Of two printed values, a made-up register can agree with one only.
            if (row[pair.key], row["period"]) not in agreed:
                told = (pair.made_up, row[pair.key], row["period"], row[column], row[other])
                rows.append((*told, row["source"]))
    return pd.DataFrame(rows, columns=COLUMNS)


def _agrees(printed: float, made_up: float, row: pd.Series, column: str) -> bool:
    if column == "n":
        return printed == made_up
    reach = {"rounded_percent": _WHOLE_PERCENT, "about": reach_closely(printed)}
    return abs(printed - made_up) <= reach.get(row.get("precision", ""), _FINER) + 1e-9
