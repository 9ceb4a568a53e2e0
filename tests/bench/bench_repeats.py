"""Times the chapter on repeat victimisation on the default registers and on those of a million
followed persons: used by `make bench`; by itself it fails where a stated limit is missed
(`python tests/bench/bench_repeats.py [persons]`)."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from helpers import synthetic
from helpers.edition import ROOT

CHAPTER = "18_repeat_victimisation"
PERSONS = 1_000_000
# Followed persons of the default registers: as many copies of them as make PERSONS.
FOLLOWED = 3150
# Wall seconds and megabytes that the chapter may take, from the start of its kernel to the executed
# copy; the extract is checked before.
MOST = {0: (15.0, None), PERSONS: (120.0, 3000.0)}
# Identifiers of each table; a copy has its own.
COPIED = {
    "persons": ("person_id",),
    "residence_spells": ("person_id",),
    "incidents": ("incident_id", "person_id"),
    "youth_care": ("trajectory_id", "person_id"),
    "shelter": ("stay_id", "person_id"),
}
# Kernels are children of a fork server that outlives the run: this process inherits and waits for it
# (PR_SET_CHILD_SUBREAPER), so that what they use counts.
MEASURE = """
import ctypes, os, resource, subprocess, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
done = subprocess.run([sys.executable, "-m", "helpers", "run", *sys.argv[1:]], capture_output=True, text=True)
if done.returncode:
    sys.exit(done.stdout + done.stderr)
try:
    while True:
        os.wait()
except ChildProcessError:
    pass
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
"""


def copy_registers(folder: Path, persons: int) -> None:
    """Writes the tables of the chapter: everybody with an incident, so often that `persons` are
    followed."""
    with tempfile.TemporaryDirectory() as place:
        synthetic.write_registers(Path(place) / "r", seed=20211018, scale=1)
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


def measure(persons: int, *, python: str = sys.executable, root: Path = ROOT) -> list[float]:
    """Wall seconds of the chapter, processor seconds and megabytes of the whole run; on the default
    registers for 0 persons."""
    with tempfile.TemporaryDirectory() as place:
        chosen = ["--only", CHAPTER]
        if persons:
            copy_registers(Path(place) / "registers", persons)
            chosen += ["--registers", str(Path(place) / "registers")]
        # What it counts is staged, protected with the rest, and shown: both phases are its time.
        kept = [root / ".cache" / name for name in ("staged", "executed")]
        for folder in kept:
            shutil.rmtree(folder, ignore_errors=True)
        command = [python, "-c", MEASURE, *chosen]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"the chapter did not run: {done.stderr}")
    phases = [file for folder in kept for file in folder.glob("*/seconds")]
    seconds = sum(float(file.read_text(encoding="utf-8")) for file in phases)
    return [seconds, *map(float, done.stdout.split())]


def bench_repeats(sizes: tuple[int, ...] = (0, PERSONS)) -> Iterator[tuple[str, str, str]]:
    """Rows (what, wall seconds, processor seconds and memory); "MISSED" where a limit is."""
    for persons in sizes:
        seconds, processor, memory = measure(persons)
        most, megabytes = MOST.get(persons, (None, None))
        is_missed = (most is not None and seconds > most) or (
            megabytes is not None and memory > megabytes
        )
        what = f"{persons:,} followed persons" if persons else "default registers"
        yield (
            f"chapter {CHAPTER}, {what}",
            f"{seconds:.1f}",
            f"{processor:.1f} s of the processor, {memory:.0f} MB" + " MISSED" * is_missed,
        )


if __name__ == "__main__":
    rows = list(bench_repeats(tuple(map(int, sys.argv[1:])) or (0, PERSONS)))
    print("\n".join(f"{name:64}{value:>9}  {rest}" for name, value, rest in rows))
    sys.exit(int(any("MISSED" in rest for *_, rest in rows)))
