"""The one place that asks for an integer program to be solved (scipy's HiGHS)."""

from __future__ import annotations

import ctypes
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


def solve(
    aim: np.ndarray, whole: np.ndarray, bounds: scipy.optimize.Bounds, rules: Rules
) -> np.ndarray | None:
    """The values with the least sum by the weights `aim`; `whole` is 1 for those that are whole
    numbers. None where no values obey all rules."""
    with _silence():
        return scipy.optimize.milp(aim, integrality=whole, bounds=bounds, constraints=rules).x


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
