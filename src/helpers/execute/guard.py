"""One run at a time in one checkout, and nothing left at work or lying about when a run is
stopped."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from helpers.edition import BUNDLES, CACHE, BadInput

LOCK_NAME = "run.lock"
# Work that is not finished; whoever holds the lock may remove it.
WORK_PREFIX, STAGE_PREFIX, BUNDLE_PREFIX = ".work-", ".stage-", ".bundle-"
KERNEL_PREFIX = "monitor-kernel-"
_held: list[Path] = []


@contextlib.contextmanager
def hold_checkout(verb: str, *, cache: Path = CACHE) -> Iterator[None]:
    """Keep other runs out of this checkout, and clear what a run that was killed left behind.

    The system lets go of the lock when its holder ends, however it ends. Raises BadInput, with who
    holds it and since when.
    """
    path = cache / LOCK_NAME
    if path in _held:
        yield
        return
    cache.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as stream:
        if not _try_lock(stream.fileno()):
            raise BadInput(
                f"another run is at work in this folder ({_read_holder(path)}); wait until it is "
                "done, or stop it; nothing was changed"
            )
        # Beside the lock: Windows lets nobody read a locked file.
        note = path.with_suffix(".holder")
        note.write_text(
            f"monitor {verb}, process {os.getpid()}, since {time.strftime('%H:%M')}",
            encoding="utf-8",
        )
        _held.append(path)
        try:
            clear_remains(cache)
            with _end_by_signal():
                yield
        finally:
            _held.remove(path)
            note.unlink(missing_ok=True)


def _try_lock(handle: int) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _read_holder(path: Path) -> str:
    try:
        return path.with_suffix(".holder").read_text(encoding="utf-8")
    except OSError:
        return "it has just begun"


def clear_remains(cache: Path) -> None:
    """Remove half-done work of runs that were killed, and the folders of kernels whose run is gone.

    The folder of true cells of a real register stays only for the run that goes on with it.
    """
    for folder in (cache, cache / "executed", cache / "staged", BUNDLES):
        for path in folder.glob(".*"):
            if path.name.startswith((WORK_PREFIX, BUNDLE_PREFIX)):
                shutil.rmtree(path, ignore_errors=True)
    for path in Path(tempfile.gettempdir()).glob(f"{KERNEL_PREFIX}*"):
        owner = path.name.removeprefix(KERNEL_PREFIX).partition("-")[0]
        if owner.isdigit() and not _is_alive(int(owner)):
            shutil.rmtree(path, ignore_errors=True)


def swap_folder(new: Path, target: Path) -> None:
    """Put a whole folder in place of another; the old one is removed only after that."""
    retired = restore_folder(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        target.replace(retired)
    try:
        new.replace(target)
    except OSError:
        if retired.exists():
            retired.replace(target)
        raise
    shutil.rmtree(retired, ignore_errors=True)


def restore_folder(target: Path) -> Path:
    """Put back what a swap that was killed half-way took away; gives the place of what is retired,
    which then is free."""
    retired = target.with_name(f".{target.name}-retired")
    if retired.exists() and not target.exists():
        retired.replace(target)
    shutil.rmtree(retired, ignore_errors=True)
    return retired


def _is_alive(process: int) -> bool:
    import psutil

    return psutil.pid_exists(process)


@contextlib.contextmanager
def _end_by_signal() -> Iterator[None]:
    """A request to end (SIGTERM) ends the run as Ctrl-C does, with everything that it started."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except KeyboardInterrupt:
        end_children()
        raise
    finally:
        signal.signal(signal.SIGTERM, before)


def end_children() -> None:
    """End every process that this one started, and theirs."""
    import psutil

    children = psutil.Process().children(recursive=True)
    for child in children:
        with contextlib.suppress(psutil.Error):
            child.kill()
    psutil.wait_procs(children, timeout=5)


def watch_parent() -> None:
    """In a process of `multiprocessing`: end it and what it started as soon as that one is gone,
    even where it was killed. A kernel's parent by the system is not the one that asked for it."""
    asked = multiprocessing.parent_process()
    if asked is None:
        return

    def watch() -> None:
        asked.join()
        end_children()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
