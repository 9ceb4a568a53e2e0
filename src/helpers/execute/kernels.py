"""Kernels that are reached by a socket in a private folder, not by a port of this machine."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from helpers.execute.guard import KERNEL_PREFIX

# A socket's path may have 107 characters on Linux, fewer elsewhere.
_LONGEST_PATH = 90
# Seconds; a busy machine starts a kernel in a few. As long may an output be on its way.
START_TIMEOUT = 180


@contextmanager
def choose_transport() -> Iterator[dict[str, Any]]:
    """What Papermill is told, so that kernels started side by side cannot take each other's ports
    and nobody else can listen.

    A kernel chooses free ports and binds them later; two that start at once may choose the same,
    and one then never answers. Where sockets in folders do not exist (Windows, a very long path),
    ports are used after all.
    """
    from traitlets.config import Config

    config = Config()
    with tempfile.TemporaryDirectory(prefix=f"{KERNEL_PREFIX}{os.getpid()}-") as folder:
        place = str(Path(folder) / "at")
        if os.name == "posix" and len(place) <= _LONGEST_PATH:
            config.KernelManager.transport = "ipc"
            config.KernelManager.ip = place
        yield {"config": config, "start_timeout": START_TIMEOUT}
