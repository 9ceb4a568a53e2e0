"""One kernel for all languages of a chapter: its cells once for each, one after the other."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from helpers.edition import LANGUAGES
from helpers.execute.copies import KERNEL
from helpers.translations import translate_chapter

_LANGUAGE = "language"


def join_languages(
    notebook: NotebookNode, parameters: dict[str, Any], languages: tuple[str, ...]
) -> NotebookNode:
    """The notebook's cells with these parameters once for each language, ready to run."""
    from papermill.parameterize import parameterize_notebook

    for cell in notebook.cells:
        cell.metadata.setdefault("tags", [])
        if cell.cell_type == "code":
            cell.outputs = []
    joined = copy.deepcopy(notebook)
    joined.cells = []
    for language in languages:
        own = copy.deepcopy(notebook)
        own.metadata["papermill"] = nbformat.from_dict({})
        values = {name: value for name, value in parameters.items() if name != _LANGUAGE}
        if _LANGUAGE in parameters:
            values[_LANGUAGE] = language
        if values:
            own = parameterize_notebook(own, values, kernel_name=KERNEL, language="python")
        for cell in own.cells:
            cell["id"] += f"-{language}"
        joined.cells += own.cells
    return joined


def split_languages(executed: NotebookNode, languages: tuple[str, ...]) -> dict[str, NotebookNode]:
    """The executed notebook of each language, its cells under their own names."""
    length, parts = len(executed.cells) // len(languages), {}
    for place, language in enumerate(languages):
        parts[language] = copy.copy(executed)
        parts[language].cells = executed.cells[place * length : (place + 1) * length]
        for cell in parts[language].cells:
            cell["id"] = cell["id"].removesuffix(f"-{language}")
    return parts


def put_prose(chapter: Path, language: str) -> None:
    """Put the prose of `language` into the executed copy of a chapter; English stands in it
    already, and keeps standing in `book/chapters`, so that a changed sentence runs no kernel."""
    if language == LANGUAGES[0]:
        return
    prose = translate_chapter(chapter.stem)
    notebook = nbformat.read(chapter, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = prose[cell["id"]]
    nbformat.write(notebook, chapter)
