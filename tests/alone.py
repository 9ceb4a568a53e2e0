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
from helpers.execute import (
    PARAMETERS_TAG,
    SKIPPED_TAG,
    assign_parameters,
    list_notebooks,
    read_declared,
)
from helpers.release import write_bundle


def run_alone(
    name: str,
    *,
    edition: Edition,
    registers: Path | None,
    cache: Path,
    patch: pytest.MonkeyPatch,
    glued: dict[str, str] | None = None,
) -> str:
    """What the cells of the chapter `name` show of these registers, or of public numbers alone, as
    plain text; what they glue into sentences is kept in `glued`."""
    kept = {} if glued is None else glued
    shown: list[str] = []

    def keep(data: dict[str, Any], **_: object) -> None:
        shown.append(data.get("text/plain", ""))

    _move(registers, cache, patch)
    patch.setattr("helpers.figures.picture.display", keep)
    patch.setattr("myst_nb.glue", lambda key, words, display: kept.update({key: words}))
    declared = {path: read_declared(path) for path in list_notebooks()}
    path = NOTEBOOKS / f"{name}.ipynb"
    space: dict[str, Any] = {"__name__": name}
    with warnings.catch_warnings():
        # A kernel prints warnings and goes on.
        warnings.simplefilter("ignore")
        for place, cell in enumerate(nbformat.read(path, as_version=4).cells):
            if cell.cell_type == "code":
                exec(compile(cell.source, f"{name}, cell {place}", "exec"), space)
            if PARAMETERS_TAG in cell.metadata.get("tags", []):
                space |= assign_parameters(edition, declared)[path]
    return "\n".join(shown)


def count_alone(
    name: str,
    tables: tuple[str, ...],
    *,
    edition: Edition,
    registers: Path,
    cache: Path,
    patch: pytest.MonkeyPatch,
) -> None:
    """Release only these tables of the chapter `name`, by its own cells, protected together, into a
    provisional bundle in the folder `cache`; nothing is shown, and nothing hidden by chance."""
    _move(registers, cache, patch)
    patch.setattr("helpers.disclosure.together._VEILED", 0)
    stage = cache / "stage"
    stage.mkdir(parents=True)
    patch.setenv("MONITOR_STAGE", str(stage))
    path = NOTEBOOKS / f"{name}.ipynb"
    cells = [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
    space: dict[str, Any] = {"__name__": name}
    parameters = assign_parameters(
        edition, {each: read_declared(each) for each in list_notebooks()}
    )
    for place, cell in enumerate(cells):
        tags = cell.metadata.get("tags", [])
        if PARAMETERS_TAG in tags:
            exec(compile(cell.source, name, "exec"), space)
            space |= parameters[path]
        elif place == 1 or (SKIPPED_TAG in tags and _counts(cell.source, tables)):
            exec(compile(cell.source, f"{name}, cell {place}", "exec"), space)
    patch.delenv("MONITOR_STAGE")
    write_bundle([stage], cache / "provisional" / edition.edition, edition, whole=False)


def _counts(source: str, tables: tuple[str, ...]) -> bool:
    """Whether a cell opens the registers or releases one of these tables."""
    return "open_registers(" in source or any(f'"{table}"' in source for table in tables)


def _move(registers: Path | None, cache: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("MONITOR_REGISTERS", str(registers or ""))
    patch.setenv("MONITOR_NO_REGISTERS", "" if registers else "1")
    patch.setattr("helpers.edition.CACHE", cache)
