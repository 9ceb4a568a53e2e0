"""What may be shown: a table as its file in the bundle holds it."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.disclosure import is_model_allowed, read_rule_set
from helpers.disclosure.rules import read_range
from helpers.edition import (
    BUNDLES,
    BadInput,
    Edition,
    find_bundle_folder,
    find_provisional_folder,
)
from helpers.products import Product, find_product
from helpers.release.bundle import MARKS, read_manifest


@dataclass(frozen=True)
class Released:
    """A table that has passed the gate: all cells are text, exactly as in the bundle's CSV.

    Only `read_released` makes one; figures and sentences accept nothing else. `absent` are the
    register tables that it wants and the extract does not have.
    """

    product: Product
    table: pd.DataFrame
    rule_set: str
    is_provisional: bool
    edition: Edition
    absent: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.product.name

    @cached_property
    def marks(self) -> tuple[str, ...]:
        return tuple(mark for mark in MARKS if mark in set(self.table["mark"]))

    @cached_property
    def numeric(self) -> list[str]:
        """The columns whose numbers a picture may show."""
        columns = list(self.table.columns)
        return self.product.list_columns(columns, "count", "share", "estimate", "limit")

    def known(self) -> pd.DataFrame:
        """The rows that show a number, with the numeric columns as floats (an empty cell is
        NaN)."""
        shown = self.table[self.table["status"] != "suppressed"]
        return shown.assign(**{column: pd.to_numeric(shown[column]) for column in self.numeric})

    def select(self, **where: str) -> Released:
        """The same table with the rows alone whose columns hold these codes."""
        rows = self.table
        for column, code in where.items():
            rows = rows[rows[column] == code]
        return replace(self, table=rows)

    def find_range(self, shown: str) -> tuple[float, float]:
        """The least and the largest count that are shown so under the rules of this table."""
        return read_range(shown, read_rule_set(self.rule_set))

    def allows_model(self, n_observations: int, n_parameters: int) -> bool:
        """True where the rules of this table leave a model enough degrees of freedom."""
        return is_model_allowed(n_observations, n_parameters, read_rule_set(self.rule_set))


def read_released(name: str, *, edition: Edition, folder: Path | None = None) -> Released:
    """The released table of this name from the edition's bundle; `folder` names another than that
    of the run.

    Raises BadInput where it is missing or is not the file that was released.
    """
    product = find_product(name)
    folder = folder or _find_folder(product, edition.edition)
    path, manifest = folder / f"{name}.csv", read_manifest(folder)
    record = manifest["tables"].get(name)
    if not path.exists() or record is None:
        raise BadInput(
            f"table {name} is not in the bundle of {edition.edition}; run its notebook, or make "
            f"bundle EDITION={edition.edition}"
        )
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != record["sha256"]:
        raise BadInput(
            f"table {name} of {edition.edition} was changed after its release; run its notebook "
            "again"
        )
    return Released(
        product,
        _read_cells(content),
        record["rule_set"],
        manifest["provisional"],
        _tell_registers(edition, manifest),
        tuple(record.get("absent", ())),
    )


def _tell_registers(edition: Edition, manifest: dict[str, Any]) -> Edition:
    """The edition as its bundle knows it: a chapter is not told that there are no registers, and
    spoke of an extract that lacks them."""
    told = manifest.get("parameters", {}).get("registers")
    return edition if told is None else edition.model_copy(update={"registers": told})


@cache
def _read_cells(content: bytes) -> pd.DataFrame:
    """The cells of a file; a chapter reads it in each language."""
    return pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False, encoding="utf-8")


def _find_folder(product: Product, edition: str) -> Path:
    """The folder that holds the table: that of the run. Where a notebook is run on its own, what
    another chapter read from print is taken from the committed bundle."""
    own, committed, name = find_bundle_folder(edition), BUNDLES / edition, f"{product.name}.csv"
    is_alone = own == find_provisional_folder(edition)
    if (
        is_alone
        and not product.tables
        and not (own / name).exists()
        and (committed / name).exists()
    ):
        return committed
    return own
