"""The first phase: true cells wait in a private folder until the whole book is protected."""

from __future__ import annotations

import json
import os
import re
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import pandas as pd

from helpers.disclosure import DisclosureError, find_rules
from helpers.edition import (
    DEFAULT_EDITION,
    BadInput,
    Edition,
    find_provisional_folder,
    find_stage_folder,
)
from helpers.products import SHAPES, Product, find_product
from helpers.release.bundle import write_bundle

PRIVATE = 0o700
# Kinds of numbers that are made from counts, or count no people.
MADE = ("size", "share", "estimate", "limit", "statistic")
# A number that stands by itself, and is no part of a code (per_100).
_NUMBER = re.compile(r"(?<![\w.-])\d[\d.,]*(?![\w-])")


class Source(Protocol):
    """Where the numbers of a product come from: registers, real or made up, or a table of lists."""

    @property
    def mark(self) -> str: ...

    @property
    def source(self) -> str: ...

    @property
    def is_part(self) -> bool: ...


@dataclass(frozen=True)
class Origin:
    """What is kept of a `Source` beside staged cells; `fixed` are the keys of the cells of which a
    number was printed, with that number and its precision, `steps` how a curve is looked at;
    `absent` the register tables that the source does not have."""

    mark: str | None
    source: str | None
    is_part: bool
    fixed: list[list[str | float]]
    steps: dict[str, float]
    absent: list[str]


def release(
    name: str,
    table: pd.DataFrame,
    *,
    edition: Edition,
    source: Source | None = None,
    printed: pd.DataFrame | None = None,
    step_days: float | None = None,
    steps: int | None = None,
) -> None:
    """Stage the true cells of the product `name`; nothing is shown, and nothing leaves yet.

    `table` has the product's keys, then its numbers as its shape wants them (`disclosure`), and
    what helps to trace a number. `source` is what the numbers were counted from: it gives their
    mark, and with the keepers of the product's tables the rules under which they leave. What others
    printed has no source and says `status` and `mark` itself. Of made-up counts only the cells that
    equal what `printed` holds, in the product's `fixed` column and as precisely as it was printed,
    are more than an illustration. A curve is looked at every `step_days`, `steps` times or to its
    end.

    Run on its own, without a whole run around it, the table is protected alone and kept as
    provisional. Raises BadInput for a malformed table or one that nobody declared, DisclosureError
    for one that may not leave.
    """
    product = find_product(name)
    _check_form(table, product, edition, is_protected=source is None)
    if source is not None and product.shape != "curve":
        _check_counts(table, product)
        _check_others(table, product, source)
    absent = _list_absent(source, product)
    table = _select_counted(table, product, absent)
    origin = Origin(
        mark=None if source is None else source.mark,
        source=None if source is None else source.source,
        is_part=source is not None and (source.is_part or bool(edition.extra.get("units"))),
        fixed=_list_fixed(product, printed),
        steps={
            key: value
            for key, value in (("step_days", step_days), ("steps", steps))
            if value is not None
        },
        absent=absent,
    )
    stage = find_stage_folder()
    if stage is not None:
        _write_staged(stage, product, table, origin)
        return
    with tempfile.TemporaryDirectory(prefix="stage") as folder:
        _write_staged(Path(folder), product, table, origin)
        write_bundle([Path(folder)], find_provisional_folder(edition.edition), edition, whole=False)


def find_least(name: str, source: Source) -> int:
    """The least count of the product `name` that may be shown of what was counted from `source`."""
    return find_rules(find_product(name), mark=source.mark, is_part=source.is_part).least_shown


def _list_absent(source: Source | None, product: Product) -> list[str]:
    """The register tables that the product wants and its source does not have; a table of lists
    has none."""
    find = getattr(source, "list_absent", None)
    return [] if find is None else product.find_lacking(find(product.tables))


def _select_counted(table: pd.DataFrame, product: Product, absent: list[str]) -> pd.DataFrame:
    """The rows whose registers are there: of the others nought would be said, and nothing is known."""
    if not absent:
        return table
    if not set(absent) <= product.parts.keys():
        return table.iloc[:0]
    lost = {code for name in absent for code in product.parts[name]}
    return table[~table[product.keys[0]].isin(lost)]


def _check_form(
    table: pd.DataFrame, product: Product, edition: Edition, *, is_protected: bool
) -> None:
    keys = [key for key in product.keys if not (product.shape == "curve" and key == "years")]
    needed = () if is_protected else SHAPES[product.shape][0]
    wanted = [*keys, *needed, *(("status", "mark") if is_protected else ())]
    missing = [column for column in wanted if column not in table]
    if missing or table.columns.has_duplicates:
        twice = ", ".join(map(str, table.columns[table.columns.duplicated()]))
        what = f"lacks the columns {', '.join(missing)}" if missing else f"has {twice} twice"
        raise BadInput(f"table {product.name} {what}")
    for column in table:
        if product.shape != "curve":
            product.find_kind(str(column))
    # What is printed touches the years of the default edition; those of another one need not be.
    is_of_print = not product.tables and edition.edition != DEFAULT_EDITION
    if table.empty and not (product.may_be_empty or is_of_print):
        raise BadInput(f"table {product.name} has no rows; the edition's years hold no such number")
    if product.shape != "curve" and table[keys].duplicated().any():
        raise BadInput(
            f"table {product.name}: {int(table[keys].duplicated().sum())} rows repeat the same "
            f"{', '.join(keys)}; add the column that tells them apart"
        )


def _check_counts(table: pd.DataFrame, product: Product) -> None:
    """Counts are counts: less than nobody would pass below every threshold."""
    for column in product.list_columns(list(table.columns), "count"):
        counts = pd.to_numeric(table[column], errors="coerce").astype(float)
        is_word = table[column].map(lambda cell: isinstance(cell, str)).astype(bool)
        odd = int((is_word | ~(counts >= 0) | (counts % 1 != 0)).sum())
        if odd:
            raise BadInput(
                f"table {product.name}, column {column}: {odd} cells are no whole number of nought or "
                "more; leave out the rows of which no count is known"
            )


def _check_others(table: pd.DataFrame, product: Product, source: Source) -> None:
    """Raise DisclosureError for a number that its shape does not protect, and for one among
    words."""
    made = SHAPES[product.shape][1]
    for column in table:
        kind = product.find_kind(str(column))
        if kind in MADE and made is not None and column not in made:
            raise DisclosureError(
                f"table {product.name}, column {column}: the shape {product.shape} protects no such "
                "number; leave it out, or release it as a table of another shape"
            )
        words = table[column]
        if column == "source":
            words = words[words != source.source]
        if kind == "text" and not all(
            isinstance(word, str) and not _NUMBER.search(word) for word in words
        ):
            raise DisclosureError(
                f"table {product.name}, column {column}: a number stands among words, or something "
                "else that is no word, and nothing protects it; leave it out, or declare the column as "
                "a count in data/codes/columns.csv"
            )


def _list_fixed(product: Product, printed: pd.DataFrame | None) -> list[list[str | float]]:
    """The keys of each printed number, then its value and how precisely it was printed (exactly
    where nothing else is said)."""
    if printed is None or product.fixed not in printed:
        return []
    known = printed[printed[product.fixed].notna()]
    keys = known[list(product.keys)].astype(str).to_numpy().tolist()
    values = pd.to_numeric(known[product.fixed]).tolist()
    precisions = known["precision"] if "precision" in known else ["exact"] * len(known)
    return [[*key, *number] for key, *number in zip(keys, values, precisions, strict=True)]


def _write_staged(stage: Path, product: Product, table: pd.DataFrame, origin: Origin) -> None:
    stage.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
    path = stage / f"{product.name}.cells"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        table.reset_index(drop=True).to_pickle(stream)
    content = json.dumps(asdict(origin), ensure_ascii=False)
    (stage / f"{product.name}.origin").write_text(content, encoding="utf-8", newline="\n")
