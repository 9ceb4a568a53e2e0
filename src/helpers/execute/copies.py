"""What a run leaves behind: clean executed copies, and the text outputs of the committed
notebooks."""

from __future__ import annotations

import json
import socket
import tempfile
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from helpers.edition import NOTEBOOKS, ROOT, BadInput
from helpers.execute.parameters import PARAMETERS_TAG
from helpers.labels import text

KERNEL = "python3"
INJECTED_TAG = "injected-parameters"
# The site folds the code away; a reviewer opens it with one click.
HIDDEN_TAG = "hide-input"


class NotebookFailed(Exception):
    """A cell that raised. The message names notebook, cell and error, and where the copy is to be
    read."""


def restore_cells(notebook: NotebookNode, skipped: dict[int, NotebookNode]) -> NotebookNode:
    """The executed notebook with the cells that were left out back in their places (without
    outputs)."""
    injected = [cell for cell in notebook.cells if INJECTED_TAG in cell.metadata.get("tags", [])]
    cells = [cell for cell in notebook.cells if cell not in injected]
    for place in sorted(skipped):
        cells.insert(place, skipped[place])
    after = next(
        place for place, cell in enumerate(cells) if PARAMETERS_TAG in cell.metadata.get("tags", [])
    )
    cells[after + 1 : after + 1] = injected
    notebook.cells = cells
    return notebook


def normalise(notebook: NotebookNode, name: str, language: str = "en") -> NotebookNode:
    """The executed notebook without times, paths and host names, its captions and alt texts where
    the site reads them.

    Raises NotebookFailed where a cell was not run or printed to standard error, BadInput where a
    path is left.
    """
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": KERNEL},
            "language_info": {"name": "python"},
        }
    )
    count = 0
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        kept = {key: value for key, value in cell.metadata.items() if key in ("tags", "mystnb")}
        cell.metadata = nbformat.from_dict(kept)
        if INJECTED_TAG in tags:
            cell["id"] = INJECTED_TAG
        if cell.cell_type == "code":
            count += 1
            cell.metadata["tags"] = [*tags, HIDDEN_TAG]
            prompts = {
                f"code_prompt_{verb}": text(f"{verb}_code_of", language, count=count)
                for verb in ("show", "hide")
            }
            cell.metadata["mystnb"] = nbformat.from_dict(
                {**cell.metadata.get("mystnb", {}), **prompts}
            )
            cell.execution_count = count
            cell.outputs = [
                _normalise_output(output, cell, count, name) for output in cell.get("outputs", [])
            ]
    _check_nothing_leaks(notebook, name)
    return notebook


def _normalise_output(
    output: NotebookNode, cell: NotebookNode, count: int, name: str
) -> NotebookNode:
    if output.output_type == "error" or output.get("name") == "stderr":
        printed = output.get("evalue") or output.get("text", "")
        raise NotebookFailed(
            f"notebooks/{name}, code cell {count}: {printed.strip().splitlines()[-1]}"
        )
    if "execution_count" in output:
        output.execution_count = count
    told = output.get("metadata", {}).pop("monitor", None)
    if told:
        mystnb = cell.metadata.setdefault("mystnb", {})
        mystnb.setdefault("image", {})["alt"] = told["alt"]
        mystnb.setdefault("figure", {})["caption"] = told["caption"]
    return output


def _check_nothing_leaks(notebook: NotebookNode, name: str) -> None:
    content = json.dumps(notebook, ensure_ascii=False)
    for what, word in (
        ("folder of the project", str(ROOT)),
        ("home folder", str(Path.home())),
        ("temporary folder", tempfile.gettempdir()),
        ("host name", socket.gethostname()),
    ):
        if len(word) > 3 and word in content:
            raise BadInput(f"notebooks/{name}: an output holds the {what}; print names, not places")


def write_source_outputs(chapters: list[Path]) -> list[Path]:
    """Rewrite the committed notebooks with the text outputs of these chapters; pictures are left
    out.

    Returns the notebooks that changed.
    """
    changed = []
    for chapter in chapters:
        executed = nbformat.read(chapter, as_version=4)
        source = NOTEBOOKS / chapter.name
        notebook = nbformat.read(source, as_version=4)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        outputs = list_outputs(executed, notebook)
        for count, (cell, shown) in enumerate(zip(code, outputs, strict=True), start=1):
            cell.execution_count, cell.outputs = count, shown
        before = source.read_text(encoding="utf-8")
        after = nbformat.writes(notebook) + "\n"
        if after != before:
            source.write_text(after, encoding="utf-8", newline="\n")
            changed.append(source)
    return changed


def list_outputs(executed: NotebookNode, source: NotebookNode) -> list[list[NotebookNode]]:
    """The outputs of each code cell of the source in its executed copy, without pictures."""
    ran = [cell for cell in executed.cells if cell["id"] != INJECTED_TAG]
    copies = [
        copy for cell, copy in zip(source.cells, ran, strict=True) if cell.cell_type == "code"
    ]
    return [
        [_strip_picture(output, count) for output in copy.outputs]
        for count, copy in enumerate(copies, start=1)
    ]


def _strip_picture(output: NotebookNode, count: int) -> NotebookNode:
    if "data" in output:
        output.data = {
            kind: value for kind, value in output.data.items() if not kind.startswith("image/")
        }
    if "execution_count" in output:
        output.execution_count = count
    return output
