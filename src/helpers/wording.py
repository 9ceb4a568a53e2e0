"""How a released number reads: with its unit, its precision and the edition's marks for thousands
and decimals."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from helpers.disclosure import HIDDEN
from helpers.edition import Edition
from helpers.labels import (
    count_unit,
    format_list,
    format_number,
    format_share,
    label,
    list_labelled,
    mark_decimals,
    text,
)
from helpers.products import find_column
from helpers.published.catalogue import VAGUE
from helpers.release import Released

# A reader sees where each number comes from; the site explains the letter where it stands.
MARK_LETTERS = {"published": "ᵖ", "register": "ʳ", "synthetic": "ˢ"}
COMPUTED_LETTER = "ᶜ"
# In a table every number has its letter, a made-up one too that may not stand in a sentence.
TABLE_LETTERS = {
    "published": MARK_LETTERS["published"],
    "computed": COMPUTED_LETTER,
    "register": MARK_LETTERS["register"],
    "synthetic": MARK_LETTERS["synthetic"],
    "illustration": "ᵐ",
}
MADE_UP = ("synthetic", "illustration")
PLACES = ("police_unit", "locality")
EXACT = ("n_seen", "n_events", "n_known", "n_at_risk")
# A printed number beside the one that was computed, in the unit of the row; count, share and order
# are units here.
COMPARED = ("as_printed", "computed")
THIRDS = {"fraction_third": 1 / 3, "fraction_two_thirds": 2 / 3}
# A p-value is no zero: below this, that is all that is said.
P_VALUES, SMALLEST_P = ("p_value", "p_adjusted"), 0.001


def count_decimals(value: float, most: int = 3) -> int:
    """The fewest decimals, up to `most`, that show `value` whole."""
    return next((d for d in range(most) if abs(round(value, d) - value) < 1e-9), most)


def format_cell(
    row: pd.Series | Mapping[str, str], column: str, edition: Edition, *, qualify: bool = True
) -> str:
    """The words for one number of a released row; "" where the row has none in that column."""
    printed, language = row[column], edition.language
    if printed == "" or pd.isna(printed):
        return ""
    if row["status"] == "suppressed" and not str(printed).replace(".", "", 1).isdigit():
        return text("hidden", language) if printed == HIDDEN else str(printed)
    value, precision = float(printed), row.get("precision", "") if column != "computed" else ""
    if column in COMPARED and row["unit"] == "share":
        column = "share"
    if column.startswith("ci_"):  # limits are of the kind of what they are limits of
        column = next((kind for kind in ("n", "value") if row.get(kind, "") != ""), "share")
    if (column in P_VALUES or row.get("unit") == "p_value") and value < SMALLEST_P:
        words = "<" + format_number(SMALLEST_P, language, decimals=3)
    elif find_column(column, table="shown").kind in ("count", "size"):
        words = format_number(value, language)
    elif column == "share":
        words = _write_share(value, precision, language)
    else:
        words = format_value(
            value,
            row.get("unit", ""),
            language,
            is_printed=column == "as_printed" or row.get("mark", "published") == "published",
        )
    is_loose = (
        precision in VAGUE and column not in EXACT
    )  # what was printed loosely is the number beside it
    return text(precision, language, value=words) if qualify and is_loose else words


def _write_share(share: float, precision: str, language: str) -> str:
    """A percentage; a third that is printed in words in words, since nobody printed 33%."""
    if precision in VAGUE:
        for code, third in THIRDS.items():
            if abs(share - third) < 0.0005:
                return text(code, language)
    return format_share(share, language, decimals=_count_share_decimals(share, precision))


def _count_share_decimals(share: float, precision: str) -> int:
    """A share that we computed has one decimal, a printed one those that are printed, one that is
    printed in words none, but for the half a percent of "one in eight"."""
    if precision == "":
        return 1 if share >= 0.0005 or share == 0 else 2
    percent = round(100 * share, 6)
    return 0 if precision in VAGUE and percent % 1 != 0.5 else count_decimals(percent, 1)


def format_value(value: float, unit: str, language: str, *, is_printed: bool = True) -> str:
    """A number that is neither count nor share, with its unit; estimates of one kind have the same
    decimals, printed ones those that are printed."""
    if unit in ("statistic", "p_value"):
        return format_number(value, language, decimals=3)
    if unit == "degrees_of_freedom":
        return format_number(value, language)
    if unit == "change":
        return ("+" if value > 0 else "−" if value < 0 else "") + format_number(
            abs(value), language
        )
    if unit in ("per_100000", "per_100_victims"):
        return format_number(value, language, decimals=1)
    if unit == "per_victim":
        return format_number(value, language, decimals=2)
    if unit == "count":
        return format_number(value, language, decimals=count_decimals(value, 2))
    if unit == "order":
        return text("order_holds" if value == 1 else "order_fails", language)
    if unit == "percent":
        return ("+" if value > 0 else "−") + format_share(abs(value) / 100, language)
    if unit == "eur":
        return "€ " + format_number(value, language)
    decimals = count_decimals(value, 2)
    if unit == "times_expected":
        decimals = 1 if value < 10 else 0
    if unit == "times" and (value != round(value) or not is_printed):
        decimals = 2 if value < 100 or is_printed else 0
    return (
        f"{format_number(value, language, decimals=decimals)} {count_unit(value, unit, language)}"
    )


def format_entry(row: pd.Series | Mapping[Any, Any], column: str, edition: Edition) -> str:
    """The words for a describing cell: the label of its code; years, ids and sentences are their
    own words, and so are a statistic as it is printed and a number of years."""
    declared, words = find_column(column, table="shown"), row[column].replace("|", ", ")
    if declared.kind == "statistic" or column == "years":
        return mark_decimals(words, edition.language)
    codes = declared.codes
    if column == "sections":  # numbers, and parts of a document without one
        named = list_labelled("section")
        parts = words.split(", ")
        return ", ".join(
            label(part, edition.language, kind="section") if part in named else part
            for part in parts
        )
    return (
        name_code(row[column], column, edition.language, mark=row.get("mark", ""))
        if codes and (words or declared.kind == "key")
        else words
    )


def name_code(code: str, column: str | None, language: str, *, mark: str = "") -> str:
    """The label of a code that stands in `column`; a number of years has its unit. A real place
    says beside its name that its numbers are made up (`mark`): a row may be quoted without its
    table."""
    if column == "years":
        number = mark_decimals(f"{float(code):g}", language)
        return f"{number} {count_unit(float(code), column, language)}"
    codes = find_column(column or "category", table="shown").codes
    name = label(code, language, kind=codes) if codes else code
    if codes not in PLACES or mark not in MADE_UP or code in list_made_up_places():
        return name
    return text("made_up_place", language, name=name)


def list_made_up_places() -> list[str]:
    """The places that only made-up registers have, and all of them together."""
    return ["all", *list_labelled("police_unit"), *list_labelled("municipality")]


def list_series(released: Released, column: str | None) -> list[str | None]:
    """The codes of `column` in the order of the table; one None where there is no such column."""
    return [None] if column is None else list(dict.fromkeys(released.table[column]))


def say_absent(code: str, tables: Iterable[str], language: str) -> str:
    """The sentence `code` on register tables that an extract lacks: their names, as its files have
    them, stand between backticks."""
    return text(code, language, tables=format_list([f"`{name}`" for name in tables], language))


def mark_names(words: str) -> str:
    """Plain words as HTML: a name between backticks stands as code."""
    return re.sub(r"`(\w+)`", r"<code>\1</code>", html.escape(words))
