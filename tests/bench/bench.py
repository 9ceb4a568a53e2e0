"""Times a clone, its set-up, its first book and a rebuild with nothing changed, the bootstrap of
the hidden population, the check of a large extract, the synthetic registers, the chapters that
count from registers, the survival curves and the linking of a large police register: `make bench`.

Writes tests/bench/results.csv: what was timed, the seconds, and the share of the way from clone to
open book."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from bench_chapters import bench_chapters
from bench_repeats import bench_repeats
from bench_survival import bench_survival
from bench_validate import bench_validate

from helpers import mse
from helpers.edition import ROOT

RESULTS = Path(__file__).with_name("results.csv")
# What a re-runner's own captures may take, on two cores.
MOST_SECONDS_OF_CAPTURES = 300


def run(folder: Path, *command: str) -> tuple[float, str]:
    started = time.monotonic()
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("VIRTUAL_ENV", "MAKEFLAGS", "MAKELEVEL", "MONITOR_BUNDLE")
    }
    environment |= {
        "UV_CACHE_DIR": str(folder / ".uv"),
        "PIP_NO_CACHE_DIR": "1",
    }  # a fresh machine has no packages yet
    done = subprocess.run(
        command, cwd=folder, check=True, capture_output=True, text=True, env=environment
    )
    return time.monotonic() - started, done.stdout


def read_phase(output: str, what: str) -> float:
    return float(re.search(rf"{what}.*?\(([\d.]+) s\)", output)[1])


def time_bootstrap() -> float:
    """Seconds for a thousand replicates of forward selection on the five-list table, in this
    process."""
    captures = mse.merge_lists(mse.read_captures().table, ["I", "O"], into="IO")
    started = time.monotonic()
    mse.bootstrap_population(captures, mse.estimate_forward, replicates=1000, seed=20211018)
    return time.monotonic() - started


def time_captures() -> float:
    """Seconds for all slow results of a re-runner's six lists at the settings of the chapter."""
    captures = replace(mse.read_captures(), mark="register")
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder)
        mse.find_estimates(
            captures, merged_lists=["I", "O"], border_list="K", seed=20211018, kept=kept
        )
        mse.find_moves(captures, kept=kept)
    return time.monotonic() - started


def main() -> int:
    if subprocess.run(
        ["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, text=True
    ).stdout:
        print("uncommitted changes are not in the clone that is timed", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        seconds = {"clone": run(Path(folder), "git", "clone", "--quiet", str(ROOT), str(clone))[0]}
        seconds["set-up"] = run(clone, "make", ".venv/ready")[0]
        first, output = run(clone, "make", "book")
        seconds["kernels"], seconds["Sphinx and pages"] = (
            read_phase(output, "chapters"),
            read_phase(output, "pages"),
        )
        seconds["rest"] = first - seconds["kernels"] - seconds["Sphinx and pages"]
        total = sum(seconds.values())
        rebuild = run(clone, "make", "book")[0]
        chapters = list(bench_chapters(clone, str(clone / ".venv" / "bin" / "python")))
    rows = [(name, f"{value:.1f}", f"{value / total:.0%}") for name, value in seconds.items()]
    rows += [
        ("from clone to open book", f"{total:.1f}", "100%"),
        ("rebuild with nothing changed", f"{rebuild:.1f}", ""),
    ]
    rows += [("bootstrap, 1,000 replicates", f"{time_bootstrap():.1f}", "")]
    captured = time_captures()
    rows += [("hidden population, a re-runner's six lists", f"{captured:.1f}", "")]
    seconds_validated, _, memory = bench_validate()
    rows += [("validation, 10 million incidents", f"{seconds_validated:.1f}", f"{memory:.0f} MB")]
    rows += [*chapters, *bench_repeats(), *bench_survival()]
    with RESULTS.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(
            [("what", "seconds", "share or memory"), *rows]
        )
    print("\n".join(f"{name:60}{value:>8} s  {share}" for name, value, share in rows))
    if captured > MOST_SECONDS_OF_CAPTURES:
        print(
            f"a re-runner's captures take more than {MOST_SECONDS_OF_CAPTURES} s", file=sys.stderr
        )
        return 1
    return int(any("MISSED" in rest for *_, rest in rows))


if __name__ == "__main__":
    sys.exit(main())
