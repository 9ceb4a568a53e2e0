"""Work in processes beside a run."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import time

import pytest

from helpers.execute import beside

# A run that is interrupted while another process works for it.
INTERRUPTED = """
import multiprocessing, sys, time
from pathlib import Path
from helpers.execute import beside
beside.choose_context = lambda: multiprocessing.get_context("fork")
def work(begun, done):
    Path(begun).touch()
    time.sleep(1)
    Path(done).touch()
with beside.read_ahead("json") as hand_over:
    hand_over(work, *sys.argv[1:])
    while not Path(sys.argv[1]).exists():
        time.sleep(0.01)
    raise KeyboardInterrupt
"""


@pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux alone")
def test_work_runs_in_a_process_that_has_read_what_it_needs(monkeypatch):
    monkeypatch.setattr(beside, "choose_context", lambda: multiprocessing.get_context("fork"))
    sys.modules.pop("colorsys", None)
    with beside.read_ahead("colorsys") as hand_over:
        assert hand_over(_tell, "colorsys").result() == (True, True)
    assert _tell("colorsys")[0] is False
    first, other = beside.do_side_by_side(_tell, ["os", "colorsys"])
    assert first == (True, True) and other == (False, True)
    assert beside.do_side_by_side(_tell, ["os"]) == [
        (True, multiprocessing.parent_process() is not None)
    ]


def _tell(module: str) -> tuple[bool, bool]:
    """Whether this process has read a module, and whether it is another's."""
    return module in sys.modules, multiprocessing.parent_process() is not None


@pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux alone")
def test_an_interrupted_run_does_not_leave_its_work_going_on(tmp_path):
    begun, done = tmp_path / "begun", tmp_path / "done"
    command = [sys.executable, "-c", INTERRUPTED, str(begun), str(done)]
    ended = subprocess.run(command, check=False, capture_output=True, text=True)
    assert ended.returncode != 0 and "KeyboardInterrupt" in ended.stderr
    assert begun.exists()
    time.sleep(max(0, begun.stat().st_mtime + 1.5 - time.time()))
    assert not done.exists()
