"""A chapter run alone in this process, cell after cell, as somebody does who opens it in Jupyter.

No kernel starts and nothing is drawn on a page, so that a test of what a chapter says about some
registers takes seconds; that the same chapter goes the whole way is tested beside it.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import nbformat
import pytest

from helpers.edition import NOTEBOOKS, Edition
from helpers.execute import PARAMETERS_TAG, assign_parameters, list_notebooks, read_declared


def run_alone(
    name: str, *, edition: Edition, registers: Path, cache: Path, patch: pytest.MonkeyPatch
) -> str:
    """What the cells of the chapter `name` show of these registers, as plain text."""
    shown: list[str] = []

    def keep(data: dict[str, Any], **_: object) -> None:
        shown.append(data.get("text/plain", ""))

    patch.setenv("MONITOR_REGISTERS", str(registers))
    patch.setattr("helpers.edition.CACHE", cache)
    patch.setattr("helpers.figures.picture.display", keep)
    patch.setattr("myst_nb.glue", lambda key, words, display: None)
    declared = {path: read_declared(path) for path in list_notebooks()}
    path = NOTEBOOKS / f"{name}.ipynb"
    space: dict[str, Any] = {"__name__": name}
    with warnings.catch_warnings():
        # A kernel prints warnings, too, and goes on.
        warnings.simplefilter("default")
        for place, cell in enumerate(nbformat.read(path, as_version=4).cells):
            if cell.cell_type == "code":
                exec(compile(cell.source, f"{name}, cell {place}", "exec"), space)
            if PARAMETERS_TAG in cell.metadata.get("tags", []):
                space |= assign_parameters(edition, declared)[path]
    return "\n".join(shown)
