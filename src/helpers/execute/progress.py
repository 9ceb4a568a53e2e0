"""Where each chapter of a run is, cell by cell, for the line that a terminal shows."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import Any

_FOLDER = ".progress"
_ENGINE = "monitor"


def name_engine(cache: Path, chapter: str) -> str:
    """Register Papermill's own engine with one more thing to do, and give its name: it notes the
    cell that `chapter` has come to."""
    from papermill.engines import NBClientEngine, papermill_engines

    worker = f"{_ENGINE}-{threading.get_ident()}"
    note = cache / _FOLDER / worker
    note.parent.mkdir(parents=True, exist_ok=True)

    class NotingEngine(NBClientEngine):
        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> None:
            begin, total = nb_man.cell_start, len(nb_man.nb.cells)

            def begin_and_note(cell: Any, cell_index: int | None = None, **rest: Any) -> None:
                place = 0 if cell_index is None else cell_index + 1
                note.write_text(f"{chapter} {place}/{total}", encoding="utf-8")
                begin(cell, cell_index=cell_index, **rest)

            nb_man.cell_start = begin_and_note
            super().execute_managed_notebook(nb_man, kernel_name, **options)

    papermill_engines.register(worker, NotingEngine)
    return worker


def tell_places(cache: Path) -> str:
    """The chapters at work, each with its cell."""
    notes = sorted((cache / _FOLDER).glob("*"))
    return ", ".join(filter(None, (note.read_text(encoding="utf-8") for note in notes)))


def forget_places(cache: Path) -> None:
    shutil.rmtree(cache / _FOLDER, ignore_errors=True)
