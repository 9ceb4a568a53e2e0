"""The one place that asks for an integer program to be solved (scipy's HiGHS)."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import TypeAlias

import numpy as np
import scipy

Rules: TypeAlias = "scipy.optimize.LinearConstraint | tuple[()]"
_ONE_AT_A_TIME = Lock()
_WHOLE = 1e-6


@contextmanager
def collect_later() -> Iterator[None]:
    """No search for what nobody holds any more, until all is done: it looks through the cells and
    laws, which live on, again and again, and took a tenth of the time."""
    is_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if is_on:
            gc.enable()


def solve(
    aim: np.ndarray,
    bounds: scipy.optimize.Bounds,
    rules: Rules,
    *,
    whole: np.ndarray | None = None,
    seen: np.ndarray | None = None,
) -> np.ndarray | None:
    """The whole numbers with the least sum by the weights `aim`, or None where none obey all rules.

    They are sought as fractions first, since whole margins mostly make them whole; those of which
    `whole` is 1 never are. Where fractions are no better than one of those that were `seen` to obey
    all rules (one a row; the weights are whole then), that one comes back, and no integer program is
    solved.
    """
    first = np.zeros(len(aim)) if whole is None else whole
    found = _run(aim, first, bounds, rules)
    if found is None or np.abs(found - np.rint(found)).max() <= _WHOLE:
        return found
    if seen is not None and len(seen):
        best = seen[(seen @ aim).argmin()]
        if best @ aim <= np.ceil(found @ aim - _WHOLE):
            return best
    return _run(aim, np.ones(len(aim)), bounds, rules)


def _run(
    aim: np.ndarray, whole: np.ndarray, bounds: scipy.optimize.Bounds, rules: Rules
) -> np.ndarray | None:
    with _silence():
        # Of fractions nothing is simplified first: that takes longer than it saves.
        options = {"presolve": bool(whole.any())}
        found = scipy.optimize.milp(
            aim, integrality=whole, bounds=bounds, constraints=rules, options=options
        )
    return found.x


@cache
def _find_library() -> ctypes.CDLL:
    """The C library, whose buffer holds what a compiled part prints."""
    return ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None)


@contextmanager
def _silence() -> Iterator[None]:
    """Nothing that HiGHS prints by itself ("HighsMipSolverData::...") reaches standard output: that
    line heeds no option of it. What was printed before is written first."""
    with _ONE_AT_A_TIME:
        _find_library().fflush(None)
        kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, 1)
            yield
        finally:
            _find_library().fflush(None)
            os.dup2(kept, 1)
            os.close(kept)
            os.close(nowhere)
