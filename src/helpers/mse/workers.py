"""Independent pieces of slow work, in processes of one thread each, with one progress bar."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TypeVar

from tqdm import tqdm

JOBS = 2
Piece = TypeVar("Piece")
Result = TypeVar("Result")


def do_all(
    function: Callable[[Piece], Result],
    work: Sequence[Piece],
    *,
    title: str,
    jobs: int = JOBS,
    chunk: int = 1,
    quiet: bool = False,
) -> list[Result]:
    """The results in the order of `work`, whatever the number of jobs; the bar shows in a terminal
    only."""
    with (
        _one_thread_each(),
        ProcessPoolExecutor(max_workers=jobs, mp_context=get_context("spawn")) as pool,
    ):
        done = tqdm(
            pool.map(function, work, chunksize=chunk),
            total=len(work),
            desc=title,
            disable=quiet or not sys.stderr.isatty(),
        )
        return list(done)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Worker processes that do not fight for the cores: small matrices take ten times as long when
    several threads share them."""
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
