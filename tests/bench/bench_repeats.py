"""Times the chapter on repeat victimisation on the default registers and on those of a million
followed persons: used by `make bench`; by itself it writes tests/bench/repeats.csv and fails where
a stated limit is missed (`python tests/bench/bench_repeats.py [persons]`)."""

from __future__ import annotations

import csv
import math
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from helpers import synthetic
from helpers.edition import ROOT
from helpers.registers import open_registers

RESULTS = Path(__file__).with_name("repeats.csv")
CHAPTER = "18_repeat_victimisation"
SEED, PERSONS = 20211018, 1_000_000
# Followed persons of the default registers: as many copies of them as make PERSONS.
FOLLOWED = 3150
# Wall seconds on two processors, and megabytes, that the chapter may take in both languages: from the
# start of its kernels, with what they wait for the libraries, to the executed copies. The extract is
# checked, or the made-up registers are drawn, before.
MOST = {0: (15.0, math.inf), PERSONS: (120.0, 3000.0)}
# Identifiers of each table; a copy has its own.
COPIED = {
    "persons": ("person_id",),
    "residence_spells": ("person_id",),
    "incidents": ("incident_id", "person_id"),
    "youth_care": ("trajectory_id", "person_id"),
    "shelter": ("stay_id", "person_id"),
}
# Kernels are children of a fork server that outlives the run: the first process inherits and waits
# for it (PR_SET_CHILD_SUBREAPER), so that what they use counts. A phase is from the start of its
# kernel, with what it waits for the libraries, to the executed copy.
RUN = """
import sys, time
from helpers.cli import main
from helpers.execute import run

execute_one = run._execute_one

def clock(job, **how):
    started = time.monotonic()
    said = execute_one(job, **how)
    with open(sys.argv[1], "a", encoding="utf-8") as stream:
        print(job.phase, time.monotonic() - started, file=stream)
    return said

run._execute_one = clock
sys.exit(main(["run", *sys.argv[2:]]))
"""
MEASURE = """
import ctypes, os, resource, subprocess, sys, time
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
started = time.monotonic()
done = subprocess.run([sys.executable, "-c", *sys.argv[1:]], capture_output=True, text=True)
if done.returncode:
    sys.exit(done.stdout + done.stderr)
wall = time.monotonic() - started
try:
    while True:
        os.wait()
except ChildProcessError:
    pass
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
"""


@dataclass(frozen=True)
class Measured:
    """Wall seconds of the chapter's two phases and of the whole run; processor seconds of the run;
    megabytes of its largest process."""

    staging: float
    showing: float
    run: float
    processor: float
    megabytes: float

    @property
    def chapter(self) -> float:
        return self.staging + self.showing


def copy_registers(folder: Path, persons: int) -> None:
    """Writes the tables of the chapter: everybody with an incident, so often that `persons` are
    followed."""
    with tempfile.TemporaryDirectory() as place:
        synthetic.write_registers(Path(place) / "r", seed=SEED, scale=1)
        shutil.copytree(Path(place) / "r", folder)
    known = pq.read_table(folder / "incidents.parquet", columns=["person_id"])["person_id"]
    for file in folder.glob("*.parquet"):
        names = COPIED.get(file.stem)
        if names is None:
            file.unlink()
            continue
        table = pq.read_table(file)
        table = table.filter(pc.is_in(table["person_id"], pc.unique(known)))
        _write_copies(file, table, names, -(-persons // FOLLOWED))


def _write_copies(file: Path, table: pa.Table, names: tuple[str, ...], copies: int) -> None:
    with pq.ParquetWriter(file, table.schema) as writer:
        for number in range(copies):
            part = table
            for name in names:
                own = pc.binary_join_element_wise(table[name].cast("string"), str(number), "c")
                place = table.schema.get_field_index(name)
                part = part.set_column(
                    place, table.schema.field(name), own.cast(table.schema.field(name).type)
                )
            writer.write_table(part)


def measure(persons: int, *, python: str = sys.executable, root: Path = ROOT) -> Measured:
    """The chapter by itself, nothing of it kept; on the default registers for 0 persons."""
    with tempfile.TemporaryDirectory() as place:
        chosen = ["--only", CHAPTER]
        if persons:
            copy_registers(Path(place) / "registers", persons)
            chosen += ["--registers", str(Path(place) / "registers")]
        else:
            # The default registers are made once, by whichever chapter is the first.
            open_registers(SEED)
        # What it counts is staged, protected with the rest, and shown: both phases are its time.
        for name in ("staged", "executed"):
            shutil.rmtree(root / ".cache" / name, ignore_errors=True)
        phases = Path(place) / "phases"
        command = [python, "-c", MEASURE, RUN, str(phases), *chosen]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"the chapter did not run: {done.stderr}")
        rows = map(str.split, phases.read_text(encoding="utf-8").splitlines())
        seconds = {phase: float(value) for phase, value in rows}
    return Measured(seconds["staging"], seconds["showing"], *map(float, done.stdout.split()))


def bench_repeats(sizes: tuple[int, ...] = (0, PERSONS)) -> Iterator[tuple[str, str, str]]:
    """Rows (what, wall seconds, what else it took); "MISSED" where a limit is."""
    for persons in sizes:
        found = measure(persons)
        seconds, megabytes = MOST.get(persons, (math.inf, math.inf))
        is_missed = found.chapter > seconds or found.megabytes > megabytes
        what = f"{persons:,} followed persons" if persons else "default registers"
        yield (
            f"chapter {CHAPTER}, {what}",
            f"{found.chapter:.1f}",
            f"{found.staging:.1f} s to count and {found.showing:.1f} s to show; whole run "
            f"{found.run:.1f} s, {found.processor:.1f} s of the processor, "
            f"{found.megabytes:.0f} MB" + " MISSED" * is_missed,
        )


def main(*sizes: int) -> int:
    """Writes RESULTS where every size is asked. Exit 1 where a limit is missed."""
    rows = []
    for row in bench_repeats(sizes or (0, PERSONS)):
        print(f"{row[0]:64}{row[1]:>9}  {row[2]}", flush=True)
        rows.append(row)
    if not sizes:
        with RESULTS.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerows([("what", "seconds", "of which, and memory"), *rows])
    return int(any("MISSED" in rest for *_, rest in rows))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
