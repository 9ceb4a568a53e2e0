"""Times a chapter on registers of any size, and measures the memory of its kernel: used by `make
bench`."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench_synthetic import bench_synthetic

from helpers.edition import ROOT

COUNTED = ("reports", "residence_decisions", "residence_counts")
# Copies of the default registers, the chapters that are timed on them, and the tables that the
# extract has (none: all of them).
SIZES = (
    (1, ("12_signalling", "14_protection", "16_aid_trajectories", "18_repeat_victimisation"), ()),
    (10, ("16_aid_trajectories",), ()),
    (100, ("12_signalling", "14_protection"), COUNTED),
)
MEASURE = """
import resource, subprocess, sys, time
started = time.monotonic()
subprocess.run([sys.executable, "-m", "helpers", "run", *sys.argv[1:]], check=True, capture_output=True)
print(time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
"""


def bench_chapters(
    root: Path = ROOT, python: str = sys.executable
) -> Iterator[tuple[str, str, str]]:
    """Rows (what, seconds, memory): writing the registers of each size, and each chapter alone on
    them, from the verb to the executed copy: the extract is checked, and the kernel starts, reads
    and draws in that time.

    The executed chapters in the project's cache are thrown away.
    """
    for scale, names, tables in SIZES:
        with tempfile.TemporaryDirectory() as place:
            registers = Path(place) / "registers"
            seconds, memory = bench_synthetic(registers, scale=scale)
            yield f"synthetic registers, --scale {scale}", f"{seconds:.1f}", f"{memory:.0f} MB"
            for file in registers.glob("*.parquet") if tables else []:
                if file.stem not in tables:
                    file.unlink()
            for name in names:
                shutil.rmtree(root / ".cache" / "executed", ignore_errors=True)
                chosen = ["--only", name, *(["--registers", str(registers)] if scale > 1 else [])]
                done = subprocess.run(
                    [python, "-c", MEASURE, *chosen],
                    cwd=root,
                    check=True,
                    capture_output=True,
                    text=True,
                )
                seconds, memory = map(float, done.stdout.split())
                yield (
                    f"chapter {name}, registers --scale {scale}",
                    f"{seconds:.1f}",
                    f"{memory:.0f} MB",
                )


if __name__ == "__main__":
    for row in bench_chapters():
        print(*row, flush=True)
