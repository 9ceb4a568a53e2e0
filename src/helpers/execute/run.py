"""Runs notebooks through Papermill in two phases, takes from the cache what has not changed, and
puts the copies in `book/chapters`.

First the cells tagged `registers` of every notebook stage their true tables in a private folder,
which are then protected together. Then the other cells show what the bundle holds.
"""

from __future__ import annotations

import ast
import copy
import hashlib
import hmac
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from tqdm import tqdm

from helpers import products
from helpers.edition import (
    BUILD,
    BUNDLES,
    CACHE,
    CHAPTERS,
    DATA,
    DEFAULT_EDITION,
    LOCK,
    ROOT,
    BadInput,
    Edition,
    find_provisional_folder,
    find_registers_folder,
    find_run_record,
    has_no_registers,
    place_language,
    read_json,
    read_run,
    tell_registers,
)
from helpers.execute.copies import KERNEL, NotebookFailed, normalise, restore_cells
from helpers.execute.guard import (
    BUNDLE_PREFIX,
    STAGE_PREFIX,
    WORK_PREFIX,
    end_children,
    hold_checkout,
)
from helpers.execute.kernels import START_TIMEOUT, choose_transport, read_libraries
from helpers.execute.languages import join_languages, split_languages
from helpers.execute.parameters import (
    assign_parameters,
    list_notebooks,
    read_declared,
)
from helpers.execute.progress import forget_places, name_engine, tell_places
from helpers.published.files import hash_file, sign_files
from helpers.registers import draw_made_up, is_made_up
from helpers.release import (
    MANIFEST,
    check_bundle,
    check_declared,
    holds_people,
    list_earlier,
    read_manifest,
    write_bundle,
)
from helpers.schema import TABLES
from helpers.sources import read_extract

SKIPPED_TAG = "registers"
# Cells of a worked example on made-up registers; in a real edition they are none.
MADE_UP_TAG = "made-up"
STAGING, SHOWING = "staging", "showing"
# Beside the chapters: which edition and bundle each of them shows.
RECORD = "record.json"
SECONDS = "seconds"
# The keepers' secret beside extract.yml, by which fingerprints of an extract are made.
KEY = "fingerprint.key"
_SHORTEST_KEY = 32
KEPT_RUNS = 40
# Notebooks at a time: two processors have work while a third waits for its kernel to come or go.
JOBS = 3
FAILED = BUILD / "failed"
_EXECUTED, _STAGED = CACHE / "executed", CACHE / "staged"
# The origins of a chapter about the made-up registers.
_MADE_UP_ALONE = {(products.MADE_UP,)}
# What no chapter reads: compiled files, and the verdicts that were kept of claims.
_UNREAD = {"__pycache__", "verdicts"}


@dataclass(frozen=True)
class Job:
    """One notebook in one of the two phases, with what it needs to run and where its work goes."""

    path: Path
    phase: str
    parameters: dict[str, Any]
    key: str
    target: Path
    bundle: Path | None = None
    languages: tuple[str, ...] = ("en",)

    @property
    def is_done(self) -> bool:
        return self.target.exists()


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
    jobs: int = JOBS,
    from_bundle: bool = False,
    fresh: Collection[str] = (),
    quiet: bool = False,
    languages: tuple[str, ...] = (),
) -> Run:
    """Run the edition's notebooks, a few at a time, and put their copies in `book/chapters` and
    their tables in a bundle; in the edition's language, or in these.

    With `from_bundle`, the cells tagged `registers` are skipped and the committed bundle is read.
    Chapters that are named as `fresh` are executed anew, whatever is kept of them.
    The bundle of some notebooks `only` is provisional: it was not protected with the whole book.
    Raises NotebookFailed naming every failing cell, DisclosureError for tables that may not leave;
    the chapters and the bundle of an earlier run are then left as they were. Raises BadInput where
    another run is at work in this checkout.
    """
    with hold_checkout("run", cache=CACHE):
        return _run_all(
            edition,
            only=only,
            jobs=jobs,
            from_bundle=from_bundle,
            fresh=fresh,
            quiet=quiet,
            languages=languages or (edition.language,),
        )


def _run_all(
    edition: Edition,
    *,
    only: Iterable[str],
    jobs: int,
    from_bundle: bool,
    fresh: Collection[str],
    quiet: bool,
    languages: tuple[str, ...],
) -> Run:
    parameters = _choose_parameters(edition, only)
    notebooks, shared = list(parameters), hash_shared()
    bundle = BUNDLES / edition.edition
    if from_bundle and edition.has_registers:
        check_bundle(bundle)
        check_declared(bundle, [path.stem for path in notebooks])
    else:
        bundle = _make_bundle(
            edition,
            parameters,
            shared,
            whole=not set(only),
            fresh=fresh,
            jobs=jobs,
            quiet=quiet,
        )
    shown = [_plan_showing(path, parameters[path], shared, bundle, languages) for path in notebooks]
    _forget(shown, fresh)
    missing = [job for job in shown if not job.is_done]
    _execute_all(missing, jobs=jobs, quiet=quiet)
    if missing and not set(only):
        _write_run(edition, missing)
    chapters = _collect(shown, edition, bundle, whole=not set(only), languages=languages)
    _prune(_EXECUTED)
    return Run(chapters=chapters, bundle=bundle, cached=len(shown) - len(missing))


def make_tables(edition: Edition, *, jobs: int = JOBS, quiet: bool = False) -> Path:
    """The bundle of the whole edition, without showing a chapter; made anew where something that it
    comes from has changed. Raises as `run_notebooks` does."""
    with hold_checkout("run", cache=CACHE):
        parameters = _choose_parameters(edition)
        return _make_bundle(
            edition, parameters, hash_shared(), whole=True, fresh=(), jobs=jobs, quiet=quiet
        )


def _choose_parameters(edition: Edition, only: Iterable[str] = ()) -> dict[Path, dict[str, Any]]:
    """The parameters of each notebook that the edition runs."""
    os.environ["MONITOR_NO_REGISTERS"] = "" if edition.has_registers else "1"
    parameters = assign_parameters(
        edition, {path: read_declared(path) for path in list_notebooks()}
    )
    return {path: parameters[path] for path in _select_chapters(list_notebooks(only), edition)}


def _select_chapters(notebooks: list[Path], edition: Edition) -> list[Path]:
    """Without the chapters about the made-up registers alone, which are of the default edition's
    years: in an edition of other years, or of an extract, they would speak of another one."""
    if edition.edition == DEFAULT_EDITION and find_registers_folder() is None:
        return notebooks
    origins = _list_origins()
    return [path for path in notebooks if origins.get(path.stem) != _MADE_UP_ALONE]


def _list_origins() -> dict[str, set[tuple[str, ...]]]:
    """What the tables of each chapter are counted from."""
    origins: dict[str, set[tuple[str, ...]]] = {}
    for product in products.read_products().values():
        origins.setdefault(product.chapter, set()).add(product.tables)
    return origins


def reads_registers(chapter: str) -> bool:
    """True where the cells of a chapter open registers: tables are counted from them, or it is about
    the made-up ones alone."""
    origins = _list_origins().get(chapter, set())
    return origins == _MADE_UP_ALONE or any(TABLES.keys() & {*tables} for tables in origins)


def run_chapter(name: str, edition: Edition, bundle: Path, **changed: Any) -> Path:
    """Run one chapter on a finished bundle in the edition's language, with these parameters in
    place of the edition's, and return the executed copy; the book's own chapters stay. Raises
    NotebookFailed."""
    with hold_checkout("run", cache=CACHE):
        [path] = list_notebooks([name])
        declared = {one: read_declared(one) for one in list_notebooks()}
        parameters = assign_parameters(edition, declared)[path] | changed
        job = _plan_showing(path, parameters, hash_shared(), bundle, (edition.language,))
        if not job.is_done and (message := _execute_one(job)):
            raise NotebookFailed(message)
        return job.target / f"{edition.language}.ipynb"


# The first phase


def _make_bundle(
    edition: Edition,
    parameters: dict[Path, dict[str, Any]],
    shared: str,
    *,
    whole: bool,
    fresh: Collection[str],
    jobs: int,
    quiet: bool,
) -> Path:
    """Stage the tables of these notebooks, protect them together, and give the bundle's folder.

    A whole bundle that came from the same inputs, or from the same cells by the same rules, is
    taken as it is.
    """
    registers = hash_registers()
    with _open_stage(registers) as stage:
        staging = [
            _plan_staging(path, values, shared + registers, stage)
            for path, values in parameters.items()
        ]
        _forget(staging, fresh)
        before = list_earlier(edition, is_real=find_registers_folder() is not None)
        earlier = [hash_file(path / MANIFEST) for path in before]
        key = _join_hash([*(job.key for job in staging), *earlier])
        target = CACHE / "bundles" / edition.edition
        stamp = target.with_suffix(".key")
        is_kept = whole and not fresh and target.exists() and stamp.exists()
        kept = stamp.read_text(encoding="utf-8").split() if is_kept else []
        if key in kept:
            return target
        missing = [job for job in staging if not job.is_done]
        _draw_registers(edition, missing)
        _execute_all(missing, jobs=jobs, quiet=quiet)
        if not whole:
            target = find_provisional_folder(edition.edition)
            _protect(staging, target, edition, whole=False)
            return target
        _check_staged(staging)
        _write_run(edition, staging)
        told = json.dumps([edition.parameters, sys.version_info[:2]])
        rules = [shared, registers, told, *earlier]
        cells = _join_hash([*rules, *map(_hash_staged, staging)])
        if cells not in kept:
            stamp.unlink(missing_ok=True)
            _protect(staging, target, edition, whole=True)
    stamp.write_text(f"{key}\n{cells}\n", encoding="utf-8", newline="\n")
    return target


def _join_hash(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _hash_staged(job: Job) -> str:
    """One hash of the cells that a notebook staged, and of where they come from."""
    files = [path for path in sorted(job.target.iterdir()) if path.name != SECONDS]
    return sign_files(files, job.target).hex()


def _protect(staging: list[Job], target: Path, edition: Edition, *, whole: bool) -> None:
    """Protect what was staged, and put the bundle in the place of the last one."""
    with tempfile.TemporaryDirectory(dir=CACHE, prefix=BUNDLE_PREFIX) as folder:
        made = Path(folder) / "bundle"
        write_bundle([job.target for job in staging], made, edition, whole=whole)
        shutil.rmtree(target, ignore_errors=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        made.replace(target)


def _draw_registers(edition: Edition, staging: list[Job]) -> None:
    """Draw the made-up registers, where these notebooks will read them: while the libraries are
    read for the kernels, of which several would otherwise draw them side by side."""
    if is_made_up() and any(reads_registers(job.path.stem) for job in staging):
        read_libraries()
        draw_made_up(edition.seed)


def _forget(jobs: list[Job], fresh: Collection[str]) -> None:
    """Remove what is kept of these chapters."""
    for job in jobs:
        if job.path.stem in fresh:
            shutil.rmtree(job.target, ignore_errors=True)


@contextmanager
def _open_stage(registers: str) -> Iterator[Path]:
    """The private folder for true cells. Those of made-up registers are kept for the next run;
    those of a real one are removed when the bundle is made, or the run fails. Where a run was
    killed they serve the next one of the same extract, and are removed by any other."""
    CACHE.mkdir(exist_ok=True, mode=0o700)
    CACHE.chmod(0o700)
    own = CACHE / f"{STAGE_PREFIX}{registers[:16]}"
    for left in CACHE.glob(f"{STAGE_PREFIX}*"):
        if left != own:
            shutil.rmtree(left, ignore_errors=True)
    if find_registers_folder() is None:
        _STAGED.mkdir(exist_ok=True, mode=0o700)
        yield _STAGED
        _prune(_STAGED)
        return
    own.mkdir(exist_ok=True, mode=0o700)
    try:
        yield own
    finally:
        shutil.rmtree(own, ignore_errors=True)


def _write_run(edition: Edition, jobs: list[Job]) -> None:
    """Beside the run's bundle: the fingerprints of what it read, by table and without content, and
    the seconds that each chapter took when it was computed."""
    path = find_run_record(CACHE / "bundles", edition.edition)
    path.parent.mkdir(parents=True, exist_ok=True)
    record = read_run(path)
    record["inputs"] = _fingerprint_inputs()
    seconds = record.setdefault(f"seconds_{jobs[0].phase}", {})
    seconds |= {
        job.path.stem: float((job.target / SECONDS).read_text(encoding="utf-8")) for job in jobs
    }
    content = json.dumps(record, indent=1, sort_keys=True) + "\n"
    path.write_text(content, encoding="utf-8", newline="\n")


def _fingerprint_inputs() -> dict[str, str]:
    """A checksum of the files of each table of the run's extract, made with the keepers' secret key
    (`fingerprint.key` beside extract.yml): without a key somebody could guess what is in a small
    table and see whether the checksum is the same. None where there is no key, or no extract."""
    folder, found = find_registers_folder(), {}
    if folder is None or not (folder / KEY).exists():
        return {}
    key = (folder / KEY).read_bytes().strip()
    if len(key) < _SHORTEST_KEY:
        raise BadInput(
            f"{KEY} has fewer than {_SHORTEST_KEY} characters, and could be guessed; write a long "
            "random one, or remove it: then no fingerprint is kept"
        )
    for name, mapping in read_extract(folder).mappings.items():
        digest = hmac.new(key, digestmod=hashlib.sha256)
        for path in mapping.files:
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        found[name] = digest.hexdigest()
    return found


def _check_staged(staging: list[Job]) -> None:
    """Every declared table was staged, by the notebook of its chapter and no other."""
    declared: dict[str, set[str]] = {}
    for product in products.read_products().values():
        declared.setdefault(product.chapter, set()).add(product.name)
    for job in staging:
        staged = {path.stem for path in job.target.glob("*.cells")}
        wanted = declared.get(job.path.stem, set())
        if staged != wanted:
            raise BadInput(
                f"notebooks/{job.path.name} and data/codes/products.csv differ: declared and not "
                f"released {sorted(wanted - staged)}, released and not declared for this chapter "
                f"{sorted(staged - wanted)}"
            )


def _plan_staging(path: Path, parameters: dict[str, Any], inputs: str, stage: Path) -> Job:
    """The cells that count do not depend on the language in which the others speak."""
    values = {name: value for name, value in parameters.items() if name != "language"}
    key = _hash_job(_select_staging(nbformat.read(path, as_version=4)), path, values, inputs)
    return Job(path, STAGING, values, key, stage / key)


def _select_staging(notebook: NotebookNode) -> NotebookNode:
    """What the first phase runs: the set-up, which stands before the first tagged cell, and the
    tagged cells."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    tagged = [SKIPPED_TAG in cell.metadata.get("tags", []) for cell in code]
    first = tagged.index(True) if any(tagged) else 0
    notebook.cells = [cell for place, cell in enumerate(code) if place < first or tagged[place]]
    return notebook


# The second phase


def _plan_showing(
    path: Path,
    parameters: dict[str, Any],
    shared: str,
    bundle: Path,
    languages: tuple[str, ...] = ("en",),
) -> Job:
    notebook = nbformat.read(path, as_version=4)
    tables = read_manifest(bundle)["tables"]
    read = [[name, tables.get(name, {}).get("sha256")] for name in list_tables_read(notebook)]
    values = parameters | {"language": languages}
    key = _hash_job(notebook, path, values, shared + json.dumps(read))
    return Job(path, SHOWING, parameters, key, _EXECUTED / key, bundle, languages)


def list_tables_read(notebook: NotebookNode) -> list[str]:
    """The tables that a notebook reads from the bundle: `read_released("name", ...)`."""
    names = [
        node.args[0]
        for cell in notebook.cells
        if cell.cell_type == "code"
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "read_released"
    ]
    return [str(name.value) for name in names if isinstance(name, ast.Constant)]


def _select_showing(notebook: NotebookNode) -> dict[int, NotebookNode]:
    """Take the tagged cells out of the notebook; gives them by their place."""
    skipped = {
        place: cell
        for place, cell in enumerate(notebook.cells)
        if SKIPPED_TAG in cell.metadata.get("tags", [])
    }
    notebook.cells = [cell for place, cell in enumerate(notebook.cells) if place not in skipped]
    return skipped


# What a job comes from


def hash_shared() -> str:
    """One hash of all that every chapter depends on: the data, the helpers and the lock."""
    folders = [path for path in sorted(DATA.iterdir()) if path != BUNDLES]
    files = [
        path
        for folder in [*folders, ROOT / "src" / "helpers"]
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not _UNREAD & set(path.parts)
    ]
    return hashlib.sha256(sign_files([*files, LOCK], ROOT)).hexdigest()


def hash_registers() -> str:
    """One hash of the run's register extracts, the same for no extracts at all."""
    folder, digest = find_registers_folder(), hashlib.sha256()
    if folder is None and has_no_registers():
        digest.update(b"none")
    files = [] if folder is None else sorted(path for path in folder.rglob("*") if path.is_file())
    for path in files:
        digest.update(path.name.encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _hash_job(notebook: NotebookNode, path: Path, parameters: dict[str, Any], inputs: str) -> str:
    """What a job comes from; the outputs stored in the source do not count."""
    cells = [[cell.cell_type, cell["id"], cell.source, cell.metadata] for cell in notebook.cells]
    content = json.dumps([path.name, cells, parameters, inputs, sys.version_info[:2]])
    return hashlib.sha256(content.encode()).hexdigest()[:24]


# Running


def _execute_all(jobs_to_do: list[Job], *, jobs: int, quiet: bool) -> None:
    if not jobs_to_do:
        return
    read_libraries()
    failures, show_bar = [], not quiet and sys.stderr.isatty()
    with (
        ThreadPoolExecutor(max_workers=max(1, jobs)) as pool,
        tqdm(
            total=len(jobs_to_do),
            desc=f"{jobs_to_do[0].phase} notebooks",
            unit="notebook",
            disable=not show_bar,
        ) as bar,
    ):
        # The long ones first, as far as a notebook's size tells, so that none is left for the end.
        ordered = sorted(jobs_to_do, key=lambda job: job.path.stat().st_size, reverse=True)
        # Where kernels would be idle, the languages of a chapter run side by side.
        beside = sum(len(job.languages) for job in ordered) <= jobs
        waiting = {pool.submit(_execute_one, job, beside=beside) for job in ordered}
        try:
            while waiting:
                done, waiting = wait(waiting, timeout=1, return_when=FIRST_COMPLETED)
                failures += [message for future in done if (message := future.result())]
                bar.update(len(done))
                bar.set_postfix_str(tell_places(CACHE))
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            end_children()
            raise
        finally:
            forget_places(CACHE)
    if failures:
        raise NotebookFailed("\n\n".join(sorted(failures)))


def _execute_one(job: Job, *, beside: bool = False) -> str | None:
    """Run one notebook in one phase, and put what it made where the job says; with `beside`, each
    language in a kernel of its own. Returns what to say where it failed, or None."""
    job.target.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(dir=job.target.parent, prefix=WORK_PREFIX) as folder:
        finished = Path(folder) / "finished"
        finished.mkdir(mode=0o700)
        if beside and len(job.languages) > 1:
            with ThreadPoolExecutor() as pool:
                said = list(
                    pool.map(lambda one: _execute_part(job, (one,), finished), job.languages)
                )
        else:
            said = [_execute_part(job, job.languages, finished)]
        if message := next(filter(None, said), None):
            return message
        (finished / SECONDS).write_text(f"{time.monotonic() - started:.1f}", encoding="utf-8")
        shutil.rmtree(job.target, ignore_errors=True)
        finished.replace(job.target)
    return None


def _execute_part(job: Job, languages: tuple[str, ...], finished: Path) -> str | None:
    """The notebook in these languages, by one kernel; its chapters, or what it staged, go to
    `finished`. Returns what to say where it failed, or None."""
    work = finished.with_name("-".join(languages))
    work.mkdir()
    environment = {"MONITOR_BUNDLE": str(job.bundle or work)}
    notebook = nbformat.read(job.path, as_version=4)
    skipped = {}
    if job.phase == STAGING:
        environment |= {"MONITOR_STAGE": str(finished)} | tell_registers()
        notebook = _select_staging(notebook)
    else:
        # What shows has the bundle alone: neither an extract nor made-up registers are open to it.
        environment |= {"MONITOR_NO_REGISTERS": "1"}
        skipped = _select_showing(notebook)
    source = json.dumps(join_languages(notebook, job.parameters, languages))
    (work / "source.ipynb").write_text(source, encoding="utf-8")
    if message := _run_papermill(job, work, environment):
        return message
    _write_chapters(job, work / "executed.ipynb", languages, skipped, finished)
    return None


def _write_chapters(
    job: Job,
    path: Path,
    languages: tuple[str, ...],
    skipped: dict[int, NotebookNode],
    finished: Path,
) -> None:
    """Write the executed chapter in each language; what was staged is only looked at."""
    executed = nbformat.read(path, as_version=4)
    for language, part in split_languages(executed, languages).items():
        chapter = normalise(restore_cells(part, copy.deepcopy(skipped)), job.path.name, language)
        if job.phase == SHOWING:
            if job.bundle is not None and _is_real(job.path.stem, job.bundle):
                _drop_tag(chapter, MADE_UP_TAG)
            nbformat.write(chapter, finished / f"{language}.ipynb")


def _is_real(chapter: str, bundle: Path) -> bool:
    """True where a table of the chapter was counted from a real register."""
    tables = read_manifest(bundle)["tables"].values()
    return any(record["mark"] == "register" for record in tables if record["chapter"] == chapter)


def _drop_tag(notebook: NotebookNode, tag: str) -> None:
    for cell in notebook.cells:
        cell.metadata["tags"] = [name for name in cell.metadata.get("tags", []) if name != tag]


def _run_papermill(job: Job, work: Path, environment: dict[str, str]) -> str | None:
    """Execute `work/source.ipynb`. Returns what to say where that failed, or None."""
    import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    with choose_transport(work / "kernel.log", environment) as transport:
        try:
            papermill.execute_notebook(
                work / "source.ipynb",
                work / "executed.ipynb",
                kernel_name=KERNEL,
                engine_name=name_engine(CACHE, job.path.stem),
                progress_bar=False,
                log_output=False,
                request_save_on_cell_execute=False,
                autosave_cell_every=0,
                iopub_timeout=START_TIMEOUT,
                **transport,
            )
        except PapermillExecutionError as error:
            return _keep_failed(job, work / "executed.ipynb", error)
        except (DeadKernelError, RuntimeError) as error:
            return f"notebooks/{job.path.name}: {_tell_no_kernel(error)}"
    return None


def _tell_no_kernel(error: Exception) -> str:
    """Why there is no kernel, and what helps."""
    if "respond" in str(error):
        return (
            f"the kernel did not start in {START_TIMEOUT} seconds; the machine is too busy, run with "
            "--jobs 1"
        )
    if "died" in str(error).lower():
        return "the kernel died, most often for want of memory; free some, or run with --jobs 1"
    raise error


def _keep_failed(job: Job, executed: Path, error: Any) -> str:
    FAILED.mkdir(parents=True, exist_ok=True)
    kept = FAILED / job.path.name
    kept.unlink(missing_ok=True)
    is_private = executed.exists() and holds_people(executed)
    if executed.exists() and not is_private:
        shutil.copyfile(executed, kept)
    copy = (
        "the copy up to that cell was not kept: it holds identifiers or days of the registers"
        if is_private
        else f"the copy up to that cell: {kept.relative_to(ROOT).as_posix()}"
    )
    cells = [cell.source for cell in nbformat.read(job.path, as_version=4).cells]
    place = f"cell {cells.index(error.source) + 1}" if error.source in cells else "the parameters"
    message = "\n  ".join((str(error.evalue).strip().splitlines() or [""])[:3])
    return (
        f"notebooks/{job.path.name}, {place}: {error.source.splitlines()[0]}\n"
        f"  {error.ename}: {message}\n"
        f"  {copy}"
    )


# What is left behind


def _prune(folder: Path) -> None:
    """Keep the newest results; the others are made again when they are wanted."""
    results = [path for path in folder.iterdir() if path.is_dir()] if folder.exists() else []
    for old in sorted(results, key=lambda path: path.stat().st_mtime, reverse=True)[KEPT_RUNS:]:
        shutil.rmtree(old, ignore_errors=True)


def _collect(
    shown: list[Job],
    edition: Edition,
    bundle: Path,
    *,
    whole: bool,
    languages: tuple[str, ...] = ("en",),
) -> list[Path]:
    """Put the executed chapters into `book/chapters`, and beside them a record of which edition and
    bundle each shows. Returns those of the first language."""
    CHAPTERS.mkdir(parents=True, exist_ok=True)
    record = {} if whole else _read_record()
    if whole:
        wanted = {
            CHAPTERS / place_language(language, languages) / job.path.name
            for language in languages
            for job in shown
        }
        for stale in set(CHAPTERS.rglob("*.ipynb")) - wanted:
            stale.unlink()
    origin = {
        "edition": edition.edition,
        "language": ", ".join(languages),
        "bundle": _sign(bundle),
    }
    for job in shown:
        for language in languages:
            target = CHAPTERS / place_language(language, languages) / job.path.name
            target.parent.mkdir(exist_ok=True)
            partial = target.with_suffix(".partial")
            shutil.copyfile(job.target / f"{language}.ipynb", partial)
            partial.replace(target)
        record[job.path.name] = origin
    content = json.dumps(record, indent=1) + "\n"
    (CHAPTERS / RECORD).write_text(content, encoding="utf-8", newline="\n")
    return [CHAPTERS / job.path.name for job in shown]


def _sign(bundle: Path) -> str:
    return hashlib.sha256((bundle / MANIFEST).read_bytes()).hexdigest()


def _read_record() -> dict[str, dict[str, str]]:
    path = CHAPTERS / RECORD
    return read_json(path) if path.exists() else {}


def find_bundle_of_chapters(edition: Edition, languages: tuple[str, ...] = ()) -> Path:
    """The bundle that the chapters in `book/chapters` show.

    Raises BadInput where there are none, or they are of another edition or language, of several
    runs, or of a bundle that has changed since: a site of them would mix numbers.
    """
    record, again = _read_record(), f"run again: monitor run --edition {edition.edition}"
    if not record:
        raise BadInput(f"book/chapters holds no chapters; {again}")
    spoken = ", ".join(languages or (edition.language,))
    for name, wanted in (("edition", edition.edition), ("language", spoken)):
        found = sorted({origin[name] for origin in record.values()})
        if found != [wanted]:
            raise BadInput(
                f"book/chapters holds chapters of the {name} {', '.join(found)}, not {wanted}; {again}"
            )
    signs = {origin["bundle"] for origin in record.values()}
    for folder in (CACHE / "bundles" / edition.edition, BUNDLES / edition.edition):
        if (folder / MANIFEST).exists() and signs == {_sign(folder)}:
            return folder
    raise BadInput(f"the chapters in book/chapters do not show one whole bundle; {again}")
