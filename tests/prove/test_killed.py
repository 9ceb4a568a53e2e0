"""A run that is killed at any moment: nothing goes on working, nothing half-done is shown, the last
good site is there, and the next run ends as if nothing had been."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from helpers.execute.guard import KERNEL_PREFIX

pytestmark = [pytest.mark.prove, pytest.mark.skipif(os.name != "posix", reason="signals")]

MOMENTS = 20
# Seconds in which workers and kernels notice that their run is gone, on a machine with nobody else.
NOTICE = 5.0


def read_all(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def find_processes(root: Path) -> list[psutil.Process]:
    """Processes that were started for this copy of the project, kernels and workers among them."""
    found = []
    for process in psutil.process_iter():
        try:
            own = process.environ().get("PYTHONPATH", "")
            if own == str(root / "src") and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def find_patience() -> float:
    """The same on this machine as it is: with others at work, a second of a process takes longer, and
    one that was just begun notices when it has read its libraries."""
    return NOTICE * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def start(project) -> subprocess.Popen:
    environment = {
        **os.environ,
        "PYTHONPATH": str(project.root / "src"),
        "HOME": str(project.home),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "helpers", "book", "--quiet"],
        env=environment,
        cwd=project.home,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def forget_work(project) -> None:
    """So that there is something to do, and to break off."""
    for name in ("executed", "staged", "bundles", "books"):
        shutil.rmtree(project.root / ".cache" / name, ignore_errors=True)


def test_twenty_kills_at_random_moments_leave_the_last_site_and_no_process(small):
    """D12: every other time the run is asked to end (TERM), else it is killed."""
    forget_work(small)
    begun = time.monotonic()
    assert start(small).wait() == 0
    whole = time.monotonic() - begun
    wanted = read_all(small.site)
    rng = random.Random(20)
    for number in range(MOMENTS):
        forget_work(small)
        run = start(small)
        time.sleep(rng.uniform(0, whole))
        run.send_signal(signal.SIGKILL if number % 2 else signal.SIGTERM)
        run.wait(timeout=find_patience() * 4)
        patience = time.monotonic() + find_patience()
        while find_processes(small.root) and time.monotonic() < patience:
            time.sleep(0.1)
        assert find_processes(small.root) == [], f"moment {number}"
        site = small.site if small.site.exists() else small.site.with_name(".html-retired")
        assert read_all(site) == wanted, f"moment {number}"
        bundle = small.root / "data" / "bundles" / "2016-2020"
        assert (bundle / "manifest.json").exists()
    done = small.run("book", whole=True)
    assert done.returncode == 0, done.stderr
    assert read_all(small.site) == wanted
    left = [
        path
        for folder in (".cache", ".cache/executed", ".cache/staged", "_build", "data/bundles")
        for path in (small.root / folder).glob(".*")
    ]
    assert left == []
    owners = [
        path.name.split("-")[2] for path in Path(tempfile.gettempdir()).glob(f"{KERNEL_PREFIX}*")
    ]
    assert all(psutil.pid_exists(int(owner)) for owner in owners if owner.isdigit())
