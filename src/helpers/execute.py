"""Runs the notebooks of an edition through Papermill, and leaves executed copies in `book/chapters`.

A copy is the same wherever and whenever it was made: no time, path or host name is left in it. What has not changed
since the last run is taken from the cache.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from tqdm import tqdm

from helpers.edition import BUILD, BUNDLES, CACHE, CHAPTERS, DATA, LOCK, NOTEBOOKS, ROOT, BadInput, Edition, define_edition
from helpers.gate import check_bundle, write_manifest

SKIPPED_TAG = "registers"
PARAMETERS_TAG = "parameters"
# The site folds the code away; a reviewer opens it with one click.
HIDDEN_TAG = "hide-input"
FAILED = BUILD / "failed"
KERNEL = "python3"
_CACHED = CACHE / "executed"
_TYPE_NAMES = {"str": str, "int": int, "float": float, "bool": bool, "list": list, "dict": dict}


class NotebookFailed(Exception):
    """A cell that raised. The message names notebook, cell and error, and where the copy is to be read."""


@dataclass(frozen=True)
class Job:
    """One notebook with what it needs to run."""

    path: Path
    parameters: dict[str, Any]
    key: str
    from_bundle: bool
    bundle: Path | None = None


@dataclass
class Run:
    """What a run made: the chapters, the bundle, and how many chapters came from the cache."""

    chapters: list[Path]
    bundle: Path
    cached: int
    failures: list[str] = field(default_factory=list)


def list_notebooks(only: Iterable[str] = ()) -> list[Path]:
    """The sources NN_topic.ipynb in the order of the book; `only` names some of them, with or without the number."""
    notebooks = sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
    wanted = set(only)
    names = {path: {path.stem, path.stem[3:]} for path in notebooks}
    unknown = wanted - set().union(*names.values())
    if unknown:
        raise BadInput(f"no notebook {', '.join(sorted(unknown))}; there are {', '.join(path.stem for path in notebooks)}")
    return [path for path in notebooks if not wanted or names[path] & wanted]


def read_declared(path: Path) -> dict[str, tuple[type, Any]]:
    """The parameters that a notebook declares: name, type and default.

    Each stands on a line `name: type = value  # help` of the cell tagged `parameters`.
    Raises BadInput where there is no such cell or a line reads otherwise.
    """
    notebook = nbformat.read(path, as_version=4)
    cells = [cell for cell in notebook.cells if PARAMETERS_TAG in cell.metadata.get("tags", [])]
    if len(cells) != 1:
        raise BadInput(f"notebooks/{path.name} must have one cell tagged '{PARAMETERS_TAG}', it has {len(cells)}")
    declared = {}
    for line in cells[0].source.splitlines():
        declared.update(_read_declaration(line, path))
    return declared


def _read_declaration(line: str, path: Path) -> dict[str, tuple[type, Any]]:
    try:
        [statement] = ast.parse(line).body
        name, annotation, value = statement.target.id, statement.annotation.id, ast.literal_eval(statement.value)
        return {name: (_TYPE_NAMES[annotation], value)}
    except (ValueError, AttributeError, KeyError, SyntaxError, TypeError):
        raise BadInput(f"notebooks/{path.name}, parameters cell: write one 'name: type = value  # help' a line, not {line!r}") from None


def assign_parameters(edition: Edition, declared: dict[Path, dict[str, tuple[type, Any]]]) -> dict[Path, dict[str, Any]]:
    """The parameters that each notebook receives: those that it declares.

    A declared NAME_start or NAME_end that the edition does not give follows its period. Raises BadInput before any
    kernel starts where the edition holds a name that no notebook declares, or a value of another type.
    """
    known = set(define_edition(edition="x", period_start=2000, period_end=2020).parameters)
    undeclared = set(edition.extra) - known - set().union(*(set(names) for names in declared.values()))
    if undeclared:
        name = sorted(undeclared)[0]
        raise BadInput(f"notebooks/editions/{edition.edition}.yml: no notebook declares {name!r}; correct the name or take the line out")
    assigned = {}
    for path, names in declared.items():
        values = {name: _find_value(name, default, edition) for name, (_, default) in names.items()}
        for name, (expected, _) in names.items():
            if not isinstance(values[name], expected) or (expected is int and isinstance(values[name], bool)):
                raise BadInput(f"parameter {name} of notebooks/{path.name} must be of type {expected.__name__}, not {values[name]!r}")
        assigned[path] = values
    return assigned


def _find_value(name: str, default: Any, edition: Edition) -> Any:
    if name in edition.parameters:
        return edition.parameters[name]
    if name.endswith("_start"):
        return edition.period_start
    return edition.period_end if name.endswith("_end") else default


def run_notebooks(
    edition: Edition, *, only: Iterable[str] = (), jobs: int = 2, from_bundle: bool = False, quiet: bool = False,
) -> Run:
    """Run the edition's notebooks, two at a time, and put their copies in `book/chapters` and their tables in a bundle.

    With `from_bundle`, the cells tagged `registers` are skipped and the committed bundle is read. Raises NotebookFailed
    naming every failing cell; the chapters of an earlier run are then left as they were.
    """
    notebooks = list_notebooks(only)
    parameters = assign_parameters(edition, {path: read_declared(path) for path in notebooks})
    committed = BUNDLES / edition.edition
    if from_bundle:
        check_bundle(committed)
    shared = _hash_shared(committed if from_bundle else None)
    todo = [Job(path, parameters[path], _hash_job(path, parameters[path], shared), from_bundle, committed if from_bundle else None) for path in notebooks]
    missing = [job for job in todo if not (_CACHED / job.key / "chapter.ipynb").exists()]
    _execute_all(missing, jobs=jobs, quiet=quiet)
    bundle = committed if from_bundle else CACHE / "bundles" / edition.edition
    chapters = _collect(todo, edition, None if from_bundle else bundle, whole=not set(only))
    return Run(chapters=chapters, bundle=bundle, cached=len(todo) - len(missing))


def _hash_shared(bundle: Path | None) -> str:
    """One hash of all that every chapter depends on: the data, the helpers and the lock."""
    digest = hashlib.sha256()
    folders = [DATA / "published", DATA / "facts", DATA / "codes", ROOT / "src" / "helpers"] + ([bundle] if bundle else [])
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts]
    for path in [*files, LOCK]:
        digest.update(path.relative_to(ROOT).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _hash_job(path: Path, parameters: dict[str, Any], shared: str) -> str:
    """What a chapter comes from; the outputs stored in its source do not count."""
    cells = [[cell.cell_type, cell["id"], cell.source, cell.metadata] for cell in nbformat.read(path, as_version=4).cells]
    content = json.dumps([path.name, cells, parameters, shared, sys.version_info[:2]])
    return hashlib.sha256(content.encode()).hexdigest()[:24]


def _execute_all(jobs_to_do: list[Job], *, jobs: int, quiet: bool) -> None:
    if not jobs_to_do:
        return
    failures = []
    with ProcessPoolExecutor(max_workers=max(1, jobs), mp_context=get_context("spawn")) as pool:
        running = {pool.submit(_execute_one, job): job for job in jobs_to_do}
        show_bar = not quiet and sys.stderr.isatty()
        try:
            for done in tqdm(as_completed(running), total=len(running), desc="notebooks", unit="notebook", disable=not show_bar):
                message = done.result()
                if message:
                    failures.append(message)
        except KeyboardInterrupt:
            for future in running:
                future.cancel()
            raise
    if failures:
        raise NotebookFailed("\n\n".join(sorted(failures)))


def _execute_one(job: Job) -> str | None:
    """Run one notebook into the cache. Returns what to say where it failed, or None."""
    import papermill
    from papermill.exceptions import PapermillExecutionError

    _CACHED.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_CACHED) as folder:
        work = Path(folder)
        bundle = job.bundle or work / "tables"
        bundle.mkdir(exist_ok=True)
        os.environ["MONITOR_BUNDLE"] = str(bundle)
        os.environ["PYTHONHASHSEED"] = "0"
        source, skipped = _prepare(job)
        nbformat.write(source, work / "source.ipynb")
        with _quiet_standard_error(work / "kernel.log"):
            try:
                papermill.execute_notebook(
                    work / "source.ipynb", work / "executed.ipynb", parameters=job.parameters, kernel_name=KERNEL,
                    progress_bar=False, cwd=str(ROOT), log_output=False,
                )
            except PapermillExecutionError as error:
                return _keep_failed(job, work / "executed.ipynb", error)
        chapter = normalise(_restore(nbformat.read(work / "executed.ipynb", as_version=4), skipped), job.path.name)
        finished = work / "finished"
        finished.mkdir()
        nbformat.write(chapter, finished / "chapter.ipynb")
        if not job.from_bundle:
            shutil.copytree(bundle, finished / "tables")
        target = _CACHED / job.key
        shutil.rmtree(target, ignore_errors=True)
        os.replace(finished, target)
    return None


class _quiet_standard_error:
    """Send what the kernel writes to the standard error of this process to a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        self.saved = os.dup(2)
        with self.path.open("wb") as log:
            os.dup2(log.fileno(), 2)

    def __exit__(self, *_: object) -> None:
        os.dup2(self.saved, 2)
        os.close(self.saved)


def _prepare(job: Job) -> tuple[NotebookNode, dict[int, NotebookNode]]:
    """The notebook to run, and the cells that are left out of it by their place."""
    notebook = nbformat.read(job.path, as_version=4)
    skipped = {}
    if job.from_bundle:
        skipped = {place: cell for place, cell in enumerate(notebook.cells) if SKIPPED_TAG in cell.metadata.get("tags", [])}
        notebook.cells = [cell for place, cell in enumerate(notebook.cells) if place not in skipped]
    return notebook, skipped


def _restore(notebook: NotebookNode, skipped: dict[int, NotebookNode]) -> NotebookNode:
    """The executed notebook with the cells that were left out back in their places (without outputs)."""
    injected = [cell for cell in notebook.cells if "injected-parameters" in cell.metadata.get("tags", [])]
    cells = [cell for cell in notebook.cells if cell not in injected]
    for place in sorted(skipped):
        cells.insert(place, skipped[place])
    after = next(place for place, cell in enumerate(cells) if PARAMETERS_TAG in cell.metadata.get("tags", []))
    cells[after + 1:after + 1] = injected
    notebook.cells = cells
    return notebook


def normalise(notebook: NotebookNode, name: str) -> NotebookNode:
    """The executed notebook without times, paths and host names, its captions and alt texts where the site reads them.

    Raises NotebookFailed where a cell was not run or printed to standard error, BadInput where a path is left.
    """
    notebook.metadata = nbformat.from_dict({
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": KERNEL}, "language_info": {"name": "python"},
    })
    count = 0
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        kept = {key: value for key, value in cell.metadata.items() if key in ("tags", "mystnb")}
        cell.metadata = nbformat.from_dict(kept)
        if "injected-parameters" in tags:
            cell["id"] = "injected-parameters"
        if cell.cell_type == "code":
            count += 1
            cell.metadata["tags"] = [*tags, HIDDEN_TAG]
            cell.execution_count = count
            cell.outputs = [_normalise_output(output, cell, count, name) for output in cell.get("outputs", [])]
    _check_nothing_leaks(notebook, name)
    return notebook


def _normalise_output(output: NotebookNode, cell: NotebookNode, count: int, name: str) -> NotebookNode:
    if output.output_type == "error" or output.get("name") == "stderr":
        printed = output.get("evalue") or output.get("text", "")
        raise NotebookFailed(f"notebooks/{name}, code cell {count}: {printed.strip().splitlines()[-1]}")
    if "execution_count" in output:
        output.execution_count = count
    told = output.get("metadata", {}).pop("monitor", None)
    if told:
        mystnb = cell.metadata.setdefault("mystnb", {})
        mystnb.setdefault("image", {})["alt"] = told["alt"]
        mystnb.setdefault("figure", {})["caption"] = told["caption"]
    return output


def _check_nothing_leaks(notebook: NotebookNode, name: str) -> None:
    content = nbformat.writes(notebook)
    for what, word in (("folder of the project", str(ROOT)), ("home folder", str(Path.home())), ("temporary folder", tempfile.gettempdir()), ("host name", socket.gethostname())):
        if len(word) > 3 and word in content:
            raise BadInput(f"notebooks/{name}: an output holds the {what}; print names, not places")


def _keep_failed(job: Job, executed: Path, error: Any) -> str:
    FAILED.mkdir(parents=True, exist_ok=True)
    kept = FAILED / job.path.name
    if executed.exists():
        shutil.copyfile(executed, kept)
    cells = [cell.source for cell in nbformat.read(job.path, as_version=4).cells]
    place = f"cell {cells.index(error.source) + 1}" if error.source in cells else "the parameters"
    message = "\n  ".join((str(error.evalue).strip().splitlines() or [""])[:3])
    return (
        f"notebooks/{job.path.name}, {place}: {error.source.splitlines()[0]}\n"
        f"  {error.ename}: {message}\n"
        f"  the copy up to that cell: {kept.relative_to(ROOT).as_posix()}"
    )


def _collect(jobs: list[Job], edition: Edition, bundle: Path | None, *, whole: bool) -> list[Path]:
    """Put the cached chapters into `book/chapters` and their tables into the run's bundle."""
    CHAPTERS.mkdir(parents=True, exist_ok=True)
    chapters = []
    if whole:
        for stale in set(CHAPTERS.glob("*.ipynb")) - {CHAPTERS / job.path.name for job in jobs}:
            stale.unlink()
    if bundle is not None and whole:
        shutil.rmtree(bundle, ignore_errors=True)
    for job in jobs:
        cached = _CACHED / job.key
        target = CHAPTERS / job.path.name
        partial = target.with_suffix(".partial")
        shutil.copyfile(cached / "chapter.ipynb", partial)
        os.replace(partial, target)
        chapters.append(target)
        if bundle is not None and (cached / "tables").exists():
            shutil.copytree(cached / "tables", bundle, dirs_exist_ok=True)
    if bundle is not None and whole:
        write_manifest(bundle, edition)
    return chapters


def write_source_outputs(chapters: list[Path]) -> list[Path]:
    """Rewrite the committed notebooks with the text outputs of these chapters; pictures are left out.

    Returns the notebooks that changed.
    """
    changed = []
    for chapter in chapters:
        executed = nbformat.read(chapter, as_version=4)
        source = NOTEBOOKS / chapter.name
        notebook = nbformat.read(source, as_version=4)
        ran = [cell for cell in executed.cells if cell["id"] != "injected-parameters"]
        count = 0
        for cell, copy in zip(notebook.cells, ran, strict=True):
            if cell.cell_type == "code":
                count += 1
                cell.execution_count = count
                cell.outputs = [_strip_picture(output, count) for output in copy.outputs]
        before = source.read_text(encoding="utf-8")
        after = nbformat.writes(notebook) + "\n"
        if after != before:
            source.write_text(after, encoding="utf-8", newline="\n")
            changed.append(source)
    return changed


def _strip_picture(output: NotebookNode, count: int) -> NotebookNode:
    if "data" in output:
        output.data = {kind: value for kind, value in output.data.items() if not kind.startswith("image/")}
    if "execution_count" in output:
        output.execution_count = count
    return output
