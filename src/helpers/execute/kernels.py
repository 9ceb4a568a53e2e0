"""Kernels that are reached by a socket in a private folder, not by a port of this machine, and that
begin where the libraries are read already.

Reading the libraries takes a kernel longer than most chapters take to run. On Linux one process
reads them once a run (`multiprocessing`'s fork server), and every kernel is a copy of it.
"""

from __future__ import annotations

import ast
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from importlib.metadata import EntryPoint
from multiprocessing import forkserver, get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from jupyter_client import KernelConnectionInfo, LocalProvisioner
from jupyter_client.provisioning import KernelProvisionerFactory
from traitlets import Dict, Unicode
from traitlets.config import Config

from helpers.edition import ROOT, TOLD
from helpers.execute.guard import KERNEL_PREFIX, watch_parent
from helpers.execute.parameters import list_notebooks, read_notebook

# A socket's path may have 107 characters on Linux, fewer elsewhere.
_LONGEST_PATH = 90
# Seconds; a busy machine starts a kernel in a few. As long may an output be on its way.
START_TIMEOUT = 180
# Elsewhere a process that is copied may stop for ever in a library of the system.
CAN_COPY = sys.platform == "linux"
# Nothing that a chapter shows depends on the order of a set, or on how many threads add its numbers.
_ENVIRONMENT = {"PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1"}
_READ_FIRST = (
    "ipykernel.kernelapp",
    "IPython.core.debugger",
    "IPython.extensions.storemagic",
    "sqlite3",
    "tornado.platform.asyncio",
    "matplotlib_inline.backend_inline",
    "seaborn",
)
# Last: with it the catalogue of printed numbers, whose quotes take long to check.
_READ_LAST = "helpers.execute.ready"
# As pyproject.toml declares it to Jupyter.
_NAME = "monitor"
_GROUP = "jupyter_client.kernel_provisioners"


@contextmanager
def choose_transport(log: Path, environment: dict[str, str]) -> Iterator[dict[str, Any]]:
    """What Papermill is told, so that kernels started side by side cannot take each other's ports
    and nobody else can listen. Of the run a kernel knows what `environment` says, and nothing that
    this process was told; what it says beside its cells goes to `log`.

    A kernel chooses free ports and binds them later; two that start at once may choose the same,
    and one then never answers. Where sockets in folders do not exist (Windows, a very long path),
    ports are used after all.
    """
    factory = KernelProvisionerFactory.instance()
    factory.default_provisioner_name = _NAME
    # Where the package is not installed, as on the secure side, no entry point names it.
    factory.provisioners.setdefault(_NAME, EntryPoint(_NAME, f"{__name__}:ReadyKernel", _GROUP))
    config = Config()
    config.ReadyKernel.said = str(log)
    config.ReadyKernel.environment = environment
    with tempfile.TemporaryDirectory(prefix=f"{KERNEL_PREFIX}{os.getpid()}-") as folder:
        place = str(Path(folder) / "at")
        if os.name == "posix" and len(place) <= _LONGEST_PATH:
            config.KernelManager.transport = "ipc"
            config.KernelManager.ip = place
        yield {"config": config, "start_timeout": START_TIMEOUT}


class ReadyKernel(LocalProvisioner):
    """A kernel that is a copy of a process which has read the libraries, or, where processes cannot
    be copied, a new one."""

    said = Unicode(os.devnull, help="The file for its standard output and error.", config=True)
    environment = Dict(
        default_value=None,
        allow_none=True,
        help="What it is told of the run; None: what this process was told.",
        config=True,
    )

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        self.cwd = str(kwargs.get("cwd") or ROOT)
        environment = {**kwargs["env"], **_ENVIRONMENT}
        if self.environment is not None:
            found = {k: v for k, v in environment.items() if not k.startswith(TOLD)}
            environment = {**found, **self.environment}
        if not CAN_COPY:
            with Path(self.said).open("ab") as log:
                kwargs |= {"env": environment, "cwd": self.cwd, "stdout": log, "stderr": log}
                return await super().launch_kernel(cmd, **kwargs)
        read_libraries()
        process = get_context("forkserver").Process(
            target=_serve, args=(cmd[cmd.index("-f") :], environment, self.cwd, self.said)
        )
        process.start()
        self.process = _Copy(process)  # type: ignore[assignment]
        self.pid = self.pgid = process.pid
        return self.connection_info


@cache
def read_libraries() -> None:
    """Have a process begin to read what the notebooks import; once, whoever asks."""
    if not CAN_COPY:
        return
    with ExitStack() as restored:
        for name, value in _ENVIRONMENT.items():
            before = os.environ.get(name)
            restored.callback(_set_variable, name, before)
            os.environ[name] = value
        forkserver.set_forkserver_preload([*_READ_FIRST, *_list_imports(), _READ_LAST])
        forkserver.ensure_running()


def _set_variable(name: str, value: str | None) -> None:
    if value is None:
        del os.environ[name]
    else:
        os.environ[name] = value


def _list_imports() -> list[str]:
    """The rooms that the notebooks import, and their modules."""
    cells = [cell for path in list_notebooks() for cell in read_notebook(path).cells]
    lines = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    imports = [node for node in ast.walk(ast.parse(lines)) if isinstance(node, ast.ImportFrom)]
    named = {f"{node.module}.{name.name}" for node in imports for name in node.names}
    found = named | {str(node.module) for node in imports}
    return sorted(name for name in found if name.startswith("helpers"))


class _Copy:
    """A process of `multiprocessing` with the methods that Jupyter wants of one of `subprocess`."""

    stdin = stdout = stderr = None

    def __init__(self, process: BaseProcess) -> None:
        self._process = process

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self) -> int | None:
        self._process.join()
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        if self._process.pid is not None and self.poll() is None:
            os.kill(self._process.pid, number)

    def kill(self) -> None:
        self._process.kill()

    def terminate(self) -> None:
        self._process.terminate()


def _serve(arguments: list[str], environment: dict[str, str], folder: str, log: str) -> None:
    """In the copy: be the kernel until its client is done with it."""
    from ipykernel.kernelapp import IPKernelApp

    os.setsid()
    with Path(log).open("ab") as stream:
        for number in (1, 2):
            os.dup2(stream.fileno(), number)
    # Its parent is not the process that it should watch.
    environment.pop("JPY_PARENT_PID", None)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(folder)
    watch_parent()
    IPKernelApp.launch_instance(arguments)
