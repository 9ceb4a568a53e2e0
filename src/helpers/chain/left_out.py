"""What of the source documents stands where, and what the book leaves out for which reason."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pandas as pd

from helpers import published
from helpers.edition import PUBLISHED, BadInput
from helpers.published.files import check_unique, name_file, read_table

# The first of these that holds says what becomes of a printed number.
USES = ("in_table", "in_claim", "worked_out", "printed_again", "left_out")
SECTION_COLUMNS = ["source", "section", "title_en", "title_nl", "places", "reason"]


def read_sections(path: Path = PUBLISHED / "sections.csv") -> pd.DataFrame:
    """The subjects of the source documents in their order: source (prefix), section, title in both
    languages, and `places` (chapters and pages, joined by "|") or else the `reason` for none.

    Raises BadInput where a subject has neither, or both.
    """
    rows = read_table(path, SECTION_COLUMNS)
    odd = rows.index[(rows["places"] == "") == (rows["reason"] == "")]
    if len(odd):
        raise BadInput(
            f"{name_file(path)}, row {odd[0]}: give its places, or the reason why it has none"
        )
    return rows


def read_unused() -> pd.DataFrame:
    """Printed numbers that no chapter shows: `id` and the code of the `reason`."""
    path = PUBLISHED / "unused.csv"
    rows = read_table(path, ["id", "reason"])
    check_unique(rows, "id", path)
    return rows


def list_fates(
    used: Collection[str],
    claimed: Collection[str],
    worked_out: Collection[str],
    *,
    made_up: Collection[str] = (),
    is_whole: bool = True,
) -> pd.DataFrame:
    """What becomes of each number of the catalogue: id, source, fate (one of USES), reason ("" but
    for what is left out).

    `used` are the ids in released tables, `claimed` those in findings, `worked_out` those that
    follow from others, `made_up` those in tables of made-up registers that the book leaves out. A
    number that repeats another one shares its fate, and the other way round. Raises BadInput where
    a number is used nowhere and no reason is listed; but for an edition that is not `is_whole`, of
    other years than the monitor's or of a real register, which cannot use them all.
    """
    numbers = published.read_numbers()[["id", "source"]]
    again = published.read_repeats()
    pairs = [*zip(again["id"], again["repeats"], strict=True)]
    pairs += [(first, second) for second, first in pairs]
    seen = {*used, *claimed, *worked_out}
    kinds: tuple[tuple[str, Collection[str]], ...] = (
        ("in_table", used),
        ("in_claim", claimed),
        ("worked_out", worked_out),
        ("printed_again", {name for name, other in pairs if other in seen}),
    )
    fates = {
        name: next((fate for fate, ids in kinds if name in ids), "left_out")
        for name in numbers["id"]
    }
    reasons = read_unused().set_index("id")["reason"]
    table = numbers.assign(fate=numbers["id"].map(fates))
    left = {*made_up, *(name for name, other in pairs if other in made_up)}
    others = "" if is_whole else "other_edition"
    with_examples = table["id"].isin(left).map({True: "with_examples", False: others})
    reason = table["id"].map(reasons).fillna(with_examples)
    table["reason"] = reason.where(table["fate"] == "left_out", "")
    without = table.loc[(table["fate"] == "left_out") & (table["reason"] == ""), "id"]
    if len(without):
        raise BadInput(
            f"{', '.join(without[:5])}: {len(without)} printed numbers are used nowhere; show them, or list "
            "them in data/published/unused.csv with a reason"
        )
    return table
