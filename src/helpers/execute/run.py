"""Runs notebooks through Papermill, takes from the cache what has not changed, and puts the copies
in `book/chapters`."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from tqdm import tqdm

from helpers.edition import (
    BUILD,
    BUNDLES,
    CACHE,
    CHAPTERS,
    DATA,
    LOCK,
    ROOT,
    Edition,
    find_registers_folder,
)
from helpers.execute.copies import KERNEL, NotebookFailed, normalise, restore_cells
from helpers.execute.kernels import START_TIMEOUT, choose_transport
from helpers.execute.parameters import assign_parameters, list_notebooks, read_declared
from helpers.gate import check_bundle, write_manifest

SKIPPED_TAG = "registers"
KEPT_RUNS = 40
FAILED = BUILD / "failed"
_CACHED = CACHE / "executed"


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


def run_notebooks(
    edition: Edition,
    *,
    only: Iterable[str] = (),
    jobs: int = 2,
    from_bundle: bool = False,
    quiet: bool = False,
) -> Run:
    """Run the edition's notebooks, two at a time, and put their copies in `book/chapters` and their
    tables in a bundle.

    With `from_bundle`, the cells tagged `registers` are skipped and the committed bundle is read.
    Raises NotebookFailed naming every failing cell; the chapters of an earlier run are then left as
    they were.
    """
    notebooks = list_notebooks(only)
    parameters = assign_parameters(
        edition, {path: read_declared(path) for path in list_notebooks()}
    )
    committed = BUNDLES / edition.edition
    if from_bundle:
        check_bundle(committed)
    shared = _hash_shared(committed if from_bundle else None)
    todo = [
        Job(
            path,
            parameters[path],
            _hash_job(path, parameters[path], shared),
            from_bundle,
            committed if from_bundle else None,
        )
        for path in notebooks
    ]
    missing = [job for job in todo if not (_CACHED / job.key / "chapter.ipynb").exists()]
    _execute_all(missing, jobs=jobs, quiet=quiet)
    bundle = committed if from_bundle else CACHE / "bundles" / edition.edition
    chapters = _collect(todo, edition, None if from_bundle else bundle, whole=not set(only))
    _prune_cache()
    return Run(chapters=chapters, bundle=bundle, cached=len(todo) - len(missing))


def _hash_shared(bundle: Path | None) -> str:
    """One hash of all that every chapter depends on: the data, the helpers and the lock."""
    digest = hashlib.sha256()
    folders = [
        DATA / "published",
        DATA / "facts",
        DATA / "codes",
        DATA / "simulated",
        ROOT / "src" / "helpers",
    ] + ([bundle] if bundle else [])
    files = [
        path
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    ]
    for path in [*files, LOCK]:
        digest.update(path.relative_to(ROOT).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    digest.update(_hash_registers())
    return digest.hexdigest()


def _hash_registers() -> bytes:
    """One hash of the run's register extracts, the same for no extracts at all."""
    folder, digest = find_registers_folder(), hashlib.sha256()
    for path in (
        [] if folder is None else sorted(path for path in folder.rglob("*") if path.is_file())
    ):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.digest()


def _hash_job(path: Path, parameters: dict[str, Any], shared: str) -> str:
    """What a chapter comes from; the outputs stored in its source do not count."""
    cells = [
        [cell.cell_type, cell["id"], cell.source, cell.metadata]
        for cell in nbformat.read(path, as_version=4).cells
    ]
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
            for done in tqdm(
                as_completed(running),
                total=len(running),
                desc="notebooks",
                unit="notebook",
                disable=not show_bar,
            ):
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
    from nbclient.exceptions import DeadKernelError
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
        with _redirect_standard_error(work / "kernel.log"), choose_transport() as transport:
            try:
                papermill.execute_notebook(
                    work / "source.ipynb",
                    work / "executed.ipynb",
                    parameters=job.parameters,
                    kernel_name=KERNEL,
                    progress_bar=False,
                    cwd=str(ROOT),
                    log_output=False,
                    request_save_on_cell_execute=False,
                    autosave_cell_every=0,
                    **transport,
                )
            except PapermillExecutionError as error:
                return _keep_failed(job, work / "executed.ipynb", error)
            except DeadKernelError:
                return f"notebooks/{job.path.name}: the kernel died, most often for want of memory; free some, or run with --jobs 1"
            except RuntimeError as error:
                if "respond" not in str(error):
                    raise
                return f"notebooks/{job.path.name}: the kernel did not start in {START_TIMEOUT} seconds; the machine is too busy, run with --jobs 1"
        chapter = normalise(
            restore_cells(nbformat.read(work / "executed.ipynb", as_version=4), skipped),
            job.path.name,
        )
        finished = work / "finished"
        finished.mkdir()
        nbformat.write(chapter, finished / "chapter.ipynb")
        if not job.from_bundle:
            shutil.copytree(bundle, finished / "tables")
        target = _CACHED / job.key
        shutil.rmtree(target, ignore_errors=True)
        os.replace(finished, target)
    return None


@contextmanager
def _redirect_standard_error(path: Path) -> Iterator[None]:
    """Send what the kernel writes to the standard error of this process to a file."""
    saved = os.dup(2)
    with path.open("wb") as log:
        os.dup2(log.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)


def _prepare(job: Job) -> tuple[NotebookNode, dict[int, NotebookNode]]:
    """The notebook to run, and the cells that are left out of it by their place."""
    notebook = nbformat.read(job.path, as_version=4)
    skipped = {
        place: cell
        for place, cell in enumerate(notebook.cells)
        if job.from_bundle and SKIPPED_TAG in cell.metadata.get("tags", [])
    }
    notebook.cells = [cell for place, cell in enumerate(notebook.cells) if place not in skipped]
    return notebook, skipped


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


def _prune_cache() -> None:
    """Keep the newest executed chapters; the others are made again when they are wanted."""
    by_age = sorted(
        (path for path in _CACHED.iterdir() if path.is_dir()),
        key=lambda path: path.stat().st_mtime,
        reverse=True,
    )
    for old in by_age[KEPT_RUNS:]:
        shutil.rmtree(old, ignore_errors=True)


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
