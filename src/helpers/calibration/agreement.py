"""The calibration: every constraint, what was printed, what the synthetic registers say, and
whether the two agree."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal

import pandas as pd

from helpers import published, synthetic
from helpers.calibration.aid import measure_aid
from helpers.calibration.protection import measure_residence
from helpers.calibration.repeats import measure_repeats
from helpers.calibration.signalling import measure_reports
from helpers.definitions import round_to
from helpers.edition import LANGUAGES, BadInput
from helpers.labels import label
from helpers.published.catalogue import COUNTED
from helpers.published.precision import FIVE

DESCRIBING = ["measure", "population", "breakdown", "category", "period"]
CHAPTERS = ("signalling", "protection", "aid", "repeats")
# Units of numbers that say how groups differ, and not what is counted.
TESTS = ("statistic", "p_value")
# Units of what is made from counts and values of persons, and would tell them with all its digits.
SHORT = (*TESTS, "eur", "days", "months", "years")
# Chapters that the statistics office's registers are behind.
ROUNDED = ("aid", "repeats")


def measure_registers(tables: Mapping[str, pd.DataFrame]) -> dict[str, dict[str, float]]:
    """By chapter, every measure that a constraint names, counted from the tables of the contract as
    the chapters count."""
    # Codes as plain text: groups of a category that nobody is in would be counted too. Identifiers
    # likewise, which is faster.
    tables = {
        name: table.astype(dict.fromkeys(table.select_dtypes(["category", "string"]), object))
        for name, table in tables.items()
    }
    regions = synthetic.list_groups("nationality")
    offences = synthetic.list_groups("offence")
    return {
        "signalling": measure_reports(tables["reports"], regions=regions),
        "protection": measure_residence(
            tables["residence_decisions"], tables["residence_counts"], regions=regions
        ),
        "repeats": measure_repeats(tables, groups=offences),
        "aid": measure_aid(tables, groups=offences),
    }


def evaluate_constraints(measures: Mapping[str, Mapping[str, float]]) -> pd.DataFrame:
    """The constraints with `computed` (what the registers say) and `is_met`; `measures` by chapter
    (the csv's name) and key.

    Raises BadInput where a constraint names a measure that was not counted.
    """
    constraints = synthetic.read_constraints()
    keys = list(zip(constraints["chapter"], constraints["key"], strict=True))
    missing = sorted({key for chapter, key in keys if key not in measures.get(chapter, {})})
    if missing:
        raise BadInput(
            f"{len(missing)} measures of data/codes/calibration_*.csv are not counted, such as {missing[0]!r}; add them to the room calibration"
        )
    computed = pd.Series([float(measures[chapter][key]) for chapter, key in keys])
    rows = zip(
        computed,
        constraints["published"],
        constraints["precision"],
        constraints["unit"],
        strict=True,
    )
    return constraints.assign(
        computed=computed,
        is_met=[
            is_met(value, printed, precision=precision, unit=unit)
            for value, printed, precision, unit in rows
        ],
    )


def is_met(computed: float, printed: str, *, precision: str, unit: str = "") -> bool:
    """True where `computed` is what `printed` says, within its precision.

    A change that is printed with a sign ("-25", more than) is compared in size. Shares are
    percentages, not 0 to 1.
    """
    if not math.isfinite(computed):
        return False
    value = Decimal(repr(float(computed)))
    sign = -1 if Decimal(printed) < 0 else 1
    return synthetic.find_limits(printed, precision, unit).hold(sign * value)


def tabulate_calibration(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """One row a constraint, ready for release: `chapter`, `statement` (in both languages),
    `as_printed`, `computed` (from the registers), `unit`, `precision`, `agreement` (met or
    not_met), `standing`, `why`, `source` (the number's id, or the line of the order).

    Shares are 0 to 1 with unit share, and counts have the unit count. A statement of order has the
    unit order, and 1 for "it holds". What was computed is as coarse as the print: finer it would
    tell the counts that the chapters hide and round.
    """
    rows = evaluate_constraints(measure_registers(tables))
    described = rows.merge(_describe_numbers(), on="number", how="left").fillna("")
    is_order = described["number"] == ""
    is_share = (described["unit"] == "percent") & ~described["measure"].str.startswith("change_in_")
    scale = is_share.map({True: 100, False: 1})
    table = pd.DataFrame(
        {
            "chapter": described["chapter"],
            "key": described["key"],
            **_state(described, is_order),
            "as_printed": described["published"].astype(float) / scale,
            "computed": _round_as_printed(described) / scale,
            "unit": described["unit"]
            .mask(is_share, "share")
            .mask(described["unit"].isin(COUNTED), "count"),
            "precision": described["precision"],
            "agreement": described["is_met"].map({True: "met", False: "not_met"}),
            "standing": described["standing"],
            "why_en": described["why_en"],
            "why_nl": described["why_nl"],
            "status": "released",
            "mark": "synthetic",
            "source": described["number"].mask(is_order, "line " + described["line"]),
        }
    )
    order = {chapter: place for place, chapter in enumerate(CHAPTERS)}
    return table.sort_values(
        "chapter", key=lambda column: column.map(order), kind="stable", ignore_index=True
    )


def _round_as_printed(described: pd.DataFrame) -> pd.Series:
    """What was computed, with the decimals of the printed number, and no finer than a table of the
    book may show it: of chapters whose prints are rounded to five counts are so too, halves up,
    statistics, p-values, amounts and times have two digits, and shares are whole percentages."""
    is_rounded = described["chapter"].isin(ROUNDED)
    short = described["computed"].map(lambda value: float(f"{value:.1e}"))
    value = described["computed"].mask(is_rounded & described["unit"].isin(SHORT), short)
    decimals = described["published"].astype(str).str.partition(".")[2].str.len()
    decimals = decimals.mask(is_rounded & (described["unit"] == "percent"), 0)
    fine = [round(v, d) for v, d in zip(value, decimals, strict=True)]
    is_coarse = (described["precision"] == "rounded5") | (
        is_rounded & described["unit"].isin(COUNTED)
    )
    coarse = round_to(described["computed"], FIVE)
    return coarse.where(is_coarse, pd.Series(fine, index=described.index, dtype=float))


def _describe_numbers() -> pd.DataFrame:
    """What each printed number is about, by its id."""
    both = pd.concat(
        [
            published.read_numbers(),
            published.read_facts("public_statistics", "subject_statistics"),
        ],
        ignore_index=True,
    )
    return both[["id", *DESCRIBING]].rename(columns={"id": "number"})


def _state(described: pd.DataFrame, is_order: pd.Series) -> dict[str, pd.Series]:
    """The words of each constraint: the labels of the number's codes, or the statement of order."""
    return {
        f"statement_{language}": described[f"why_{language}"].where(
            is_order, described.apply(_describe, axis=1, language=language)
        )
        for language in LANGUAGES
    }


def _describe(row: pd.Series, language: str) -> str:
    """What is counted, of whom, which group and when; a test says by what it compares."""
    kinds = [
        kind
        for kind in DESCRIBING
        if row[kind] not in ("", "all", "not_stated")
        and (kind != "breakdown" or row["unit"] in TESTS)
    ]
    words = [
        label(row[kind], language, kind="category" if kind == "period" else kind) for kind in kinds
    ]
    # "presumed victims, presumed victims reported to CoMensha" says it twice.
    return ", ".join(words[1:] if len(words) > 1 and words[1].startswith(words[0]) else words)


def select_constraints(
    calibration: pd.DataFrame, *, chapter: str = "", standing: tuple[str, ...] = ("hard",)
) -> pd.DataFrame:
    """The constraints of a chapter (or all) and of these standings, without the columns that say
    the same in each row."""
    rows = calibration[
        calibration["standing"].isin(standing)
        & ((calibration["chapter"] == chapter) | (chapter == ""))
    ]
    return rows.drop(
        columns=["standing", "why_en", "why_nl", "chapter"] if standing == ("hard",) else []
    )


def count_agreement(calibration: pd.DataFrame) -> pd.DataFrame:
    """By chapter and standing, and over all chapters: how many constraints (`n_constraints`), how
    many are met (`n_met`), and on how many different printed numbers they rest (`n_numbers`;
    statements of order rest on none)."""
    numbered = calibration.assign(
        number=calibration["source"].where(calibration["unit"] != "order"),
        is_met=calibration["agreement"] == "met",
    )
    grouped = pd.concat([numbered, numbered.assign(chapter="all")]).groupby(
        ["chapter", "standing"], sort=False
    )
    counts = grouped.agg(
        n_constraints=("key", "size"), n_met=("is_met", "sum"), n_numbers=("number", "nunique")
    ).reset_index()
    return counts.assign(status="released", mark="synthetic")
