"""Times a chapter on registers of any size, and measures the memory of its kernel: used by `make bench`."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from helpers.edition import ROOT

# Chapter, copies of the default registers, and what an issue asks of them.
CHAPTERS = {1: ("12_signalling", "14_protection", "16_aid_trajectories", "18_repeat_victimisation"), 10: ("16_aid_trajectories",), 100: ("12_signalling", "14_protection")}
MEASURE = """
import resource, subprocess, sys, time
started = time.monotonic()
subprocess.run([sys.executable, "-m", "helpers", "run", *sys.argv[1:]], check=True, capture_output=True)
print(time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
"""


def bench_chapters(root: Path = ROOT, python: str = sys.executable) -> Iterator[tuple[str, str, str]]:
    """Rows (what, seconds, memory) of each chapter alone; its process starts, reads the registers and draws its pictures in that time.

    The executed chapters in the project's cache are thrown away, the registers of seed and size are made beforehand.
    """
    for scale, names in CHAPTERS.items():
        with tempfile.TemporaryDirectory() as place:
            registers = Path(place) / "registers"
            if scale > 1:
                subprocess.run([python, "-m", "helpers", "synthesise", "--out", str(registers), "--scale", str(scale)], cwd=root, check=True, capture_output=True)
            for name in names:
                shutil.rmtree(root / ".cache" / "executed", ignore_errors=True)
                chosen = ["--only", name, *(["--registers", str(registers)] if scale > 1 else [])]
                done = subprocess.run([python, "-c", MEASURE, *chosen], cwd=root, check=True, capture_output=True, text=True)
                seconds, memory = map(float, done.stdout.split())
                yield f"chapter {name}, registers times {scale}", f"{seconds:.1f}", f"{memory:.0f} MB"


if __name__ == "__main__":
    for row in bench_chapters():
        print(*row)
