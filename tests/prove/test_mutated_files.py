"""No mutated file ends in a traceback, takes the machine, or prints somebody: `mutate.py`, run to
its end by `make prove`. MUTATED_FILES says how many a format (default 10,000)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from prove.mutate import CANARY, FORMATS, judge, write_seed

SCRIPT = Path(__file__).with_name("mutate.py")


def run(kind: str, count: str, *, seed: str = "1") -> subprocess.CompletedProcess:
    command = [sys.executable, str(SCRIPT), "--count", count, "--formats", kind, "--seed", seed]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.prove
@pytest.mark.parametrize("kind", FORMATS)
def test_mutated_files_are_refused_or_read(kind):
    done = run(kind, os.environ.get("MUTATED_FILES", "10000"))
    assert done.returncode == 0, done.stdout


def test_a_few_mutated_files_are_refused_or_read():
    """Over the first of these files, Arrow ends the process where a column's size is asked."""
    done = run("parquet", "5", seed="632")
    assert done.returncode == 0 and "parquet: 5 mutated files, 0 faults" in done.stdout


@pytest.mark.parametrize(
    ("printed", "words"),
    [(f"error {CANARY}00001", "somebody was printed"), ("error\nTraceback", "a traceback")],
)
def test_the_proof_sees_what_it_looks_for(tmp_path, monkeypatch, printed, words):
    (tmp_path / "extract").mkdir()
    write_seed(tmp_path / "extract", "csv")
    monkeypatch.setattr("helpers.sources.format_report", lambda *_: printed)
    assert words in judge(tmp_path / "extract", [CANARY])


def test_the_proof_sees_a_crash(tmp_path, monkeypatch):
    (tmp_path / "extract").mkdir()
    write_seed(tmp_path / "extract", "csv")
    monkeypatch.setattr("helpers.sources.validate_extract", lambda *_, **__: 1 / 0)
    assert judge(tmp_path / "extract", [CANARY]).startswith("traceback")
