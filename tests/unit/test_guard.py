"""Two runs on one checkout, and what a run that was stopped leaves behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from helpers.edition import BadInput
from helpers.execute import guard, run

HOLD = """
import sys, time
from pathlib import Path
from helpers.execute import hold_checkout
with hold_checkout("book", cache=Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""
# A worker that looks after its parent, with a child of its own at full speed.
WORKER = """
import multiprocessing, subprocess, sys, time
from helpers.execute.guard import watch_parent
def work():
    watch_parent()
    child = subprocess.Popen([sys.executable, "-c", "while True: pass"], start_new_session=True)
    print(child.pid, flush=True)
    time.sleep(60)
if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    multiprocessing.Process(target=work).start()
    time.sleep(60)
"""


def test_a_second_run_is_told_who_is_at_work_and_since_when(tmp_path):
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout.readline() == "held\n"
        words = rf"monitor book, process {first.pid}, since \d\d:\d\d.*nothing was changed"
        with pytest.raises(BadInput, match=words), guard.hold_checkout("run", cache=tmp_path):
            pytest.fail("two runs hold one checkout")
        first.kill()
    with guard.hold_checkout("run", cache=tmp_path):
        pass  # whoever is killed holds nothing


def test_a_verb_holds_the_checkout_once(tmp_path):
    with guard.hold_checkout("book", cache=tmp_path), guard.hold_checkout("run", cache=tmp_path):
        pass


def test_half_done_work_is_cleared_and_whole_work_stays(tmp_path):
    (tmp_path / "executed" / ".work-x1").mkdir(parents=True)
    (tmp_path / "executed" / "a1b2").mkdir()
    (tmp_path / ".bundle-x2").mkdir()
    with guard.hold_checkout("run", cache=tmp_path):
        left = sorted(path.name for path in tmp_path.rglob("*") if path.is_dir())
    assert left == ["a1b2", "executed"]


def test_folders_of_kernels_go_with_their_run(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    for owner in (ended.pid, os.getpid()):
        (tmp_path / f"{guard.KERNEL_PREFIX}{owner}-x").mkdir()
    guard.clear_remains(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [f"{guard.KERNEL_PREFIX}{os.getpid()}-x"]


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("method", ["spawn", "forkserver", "fork"])
def test_a_killed_run_leaves_no_process_at_work(tmp_path, method):
    """D12: What KILL ends cannot clean; the workers look after their parent."""
    path = tmp_path / "worker.py"
    path.write_text(WORKER, encoding="utf-8")
    command = [sys.executable, str(path), method]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        busy = int(parent.stdout.readline())
        assert _runs(busy)
        parent.send_signal(signal.SIGKILL)
    patience = time.monotonic() + 10
    while time.monotonic() < patience and _runs(busy):
        time.sleep(0.1)
    assert not _runs(busy)


def _runs(process: int) -> bool:
    try:
        return psutil.Process(process).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_request_to_end_is_an_interruption(tmp_path, monkeypatch):
    monkeypatch.setattr(guard, "end_children", lambda: None)  # this process has others of its own
    with pytest.raises(KeyboardInterrupt), guard.hold_checkout("run", cache=tmp_path):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)


def test_true_cells_of_a_killed_run_serve_the_same_extract_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "CACHE", tmp_path)
    monkeypatch.setenv("MONITOR_REGISTERS", str(tmp_path))
    left = tmp_path / ".stage-aaaaaaaaaaaaaaaa"
    (left / "job").mkdir(parents=True)
    with run._open_stage("a" * 64) as stage:
        assert stage == left and (stage / "job").exists()
    (left / "job").mkdir(parents=True)
    with run._open_stage("b" * 64) as stage:
        assert not left.exists() and not any(stage.iterdir())
    assert not stage.exists()
