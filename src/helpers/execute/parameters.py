"""Which notebooks there are, which parameters each declares, and which values it receives."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from helpers.edition import (
    NOTEBOOKS,
    BadInput,
    Edition,
    define_edition,
    read_json,
    refuse_file,
)

PARAMETERS_TAG = "parameters"
_TYPE_NAMES = {"str": str, "int": int, "float": float, "bool": bool, "list": list, "dict": dict}


def read_notebook(path: Path) -> NotebookNode:
    """A notebook as it is committed. Raises BadInput for a file that is none."""
    read_json(path, "cells", "metadata", "nbformat")
    try:
        return nbformat.read(path, as_version=4)
    except Exception as error:  # nbformat has no exception of its own for a cell that is none
        raise refuse_file(path, f"it is no notebook ({type(error).__name__})") from None


def list_notebooks(only: Iterable[str] = ()) -> list[Path]:
    """The sources NN_topic.ipynb in the order of the book; `only` names some of them, with or
    without the number."""
    notebooks = sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
    wanted = set(only)
    names = {path: {path.stem, path.stem[3:]} for path in notebooks}
    unknown = wanted - set().union(*names.values())
    if unknown:
        raise BadInput(
            f"no notebook {', '.join(sorted(unknown))}; there are {', '.join(path.stem for path in notebooks)}"
        )
    return [path for path in notebooks if not wanted or names[path] & wanted]


def read_declared(path: Path) -> dict[str, tuple[type, Any]]:
    """The parameters that a notebook declares: name, type and default.

    Each stands on a line `name: type = value  # help` of the cell tagged `parameters`; a line that
    is a comment says how the notebook is run. Raises BadInput where there is no such cell or a line
    reads otherwise.
    """
    notebook = read_notebook(path)
    cells = [cell for cell in notebook.cells if PARAMETERS_TAG in cell.metadata.get("tags", [])]
    if len(cells) != 1:
        raise BadInput(
            f"notebooks/{path.name} must have one cell tagged '{PARAMETERS_TAG}', it has {len(cells)}"
        )
    declared = {}
    for line in cells[0].source.splitlines():
        if line.startswith("#"):
            continue
        declared.update(_read_declaration(line, path))
    return declared


def _read_declaration(line: str, path: Path) -> dict[str, tuple[type, Any]]:
    try:
        # What is no such line lacks one of these attributes, and is refused below.
        body: list[Any] = ast.parse(line).body
        [statement] = body
        name, annotation, value = (
            statement.target.id,
            statement.annotation.id,
            ast.literal_eval(statement.value),
        )
        return {name: (_TYPE_NAMES[annotation], value)}
    except (ValueError, AttributeError, KeyError, SyntaxError, TypeError):
        raise BadInput(
            f"notebooks/{path.name}, parameters cell: write one 'name: type = value  # help' a line, not {line!r}"
        ) from None


def assign_parameters(
    edition: Edition, declared: dict[Path, dict[str, tuple[type, Any]]]
) -> dict[Path, dict[str, Any]]:
    """The parameters that each notebook receives: those that it declares.

    A declared NAME_start or NAME_end that the edition does not give follows its period. Raises
    BadInput before any kernel starts where the edition holds a name that no notebook declares, or a
    value of another type.
    """
    known = set(define_edition(edition="x", period_start=2000, period_end=2020).parameters)
    undeclared = (
        set(edition.extra)
        - known
        - {"registers"}
        - set().union(*(set(names) for names in declared.values()))
    )
    if undeclared:
        name = sorted(undeclared)[0]
        raise BadInput(
            f"notebooks/editions/{edition.edition}.yml: no notebook declares {name!r}; correct the name or take the line out"
        )
    assigned = {}
    for path, names in declared.items():
        values = {name: _find_value(name, default, edition) for name, (_, default) in names.items()}
        for name, (expected, _) in names.items():
            if not isinstance(values[name], expected) or (
                expected is int and isinstance(values[name], bool)
            ):
                raise BadInput(
                    f"parameter {name} of notebooks/{path.name} must be of type {expected.__name__}, not {values[name]!r}"
                )
        assigned[path] = values
    return assigned


def _find_value(name: str, default: Any, edition: Edition) -> Any:
    if name in edition.parameters:
        return edition.parameters[name]
    if name.endswith("_start"):
        return edition.period_start
    return edition.period_end if name.endswith("_end") else default
