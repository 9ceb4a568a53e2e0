"""Work in processes beside this one, which begin where the libraries are read already."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import get_context, parent_process
from multiprocessing.context import BaseContext
from threading import Thread
from typing import Any

from helpers.execute.guard import end_children, watch_parent
from helpers.execute.kernels import CAN_COPY, read_libraries


def choose_context() -> BaseContext:
    """How this process starts others: as copies of itself where it is such a copy, with nothing
    else at work in it; else as copies of the process that has read the libraries."""
    if not CAN_COPY:
        return get_context("spawn")
    if parent_process() is not None:
        return get_context("fork")
    read_libraries()
    return get_context("forkserver")


@contextmanager
def read_ahead(module: str) -> Iterator[Callable[..., Future[Any]]]:
    """A process that begins to read `module` as soon as the libraries are read, and what hands work
    to it. It ends with a run that is interrupted, and does not go on with its work."""
    pool = ProcessPoolExecutor(1, mp_context=choose_context(), initializer=watch_parent)

    def begin() -> None:
        with suppress(EOFError, OSError):  # the run was interrupted
            pool.submit(_read, module)

    thread = Thread(target=begin)
    thread.start()
    try:
        yield pool.submit
    except KeyboardInterrupt:
        end_children()
        raise
    finally:
        thread.join()
        pool.shutdown()


def do_side_by_side(work: Callable[[Any], Any], given: Iterable[Any]) -> list[Any]:
    """What `work` gives for each, every one in a process of its own."""
    given = list(given)
    if len(given) == 1:
        return [work(given[0])]
    with ProcessPoolExecutor(
        len(given), mp_context=choose_context(), initializer=watch_parent
    ) as pool:
        return list(pool.map(work, given))


def _read(module: str) -> None:
    importlib.import_module(module)
