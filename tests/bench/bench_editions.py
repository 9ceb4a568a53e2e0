"""What it costs to protect and to audit the default book, two further editions of the same
registers and an edition of two police units, each after all those before it (`python
tests/bench/bench_editions.py`, some minutes; by itself it fails where a limit is missed).

Counting is not timed: the chapters stage their cells first. Writes tests/bench/editions.csv.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from helpers.edition import BUNDLES, ROOT, read_edition

RESULTS = Path(__file__).with_name("editions.csv")
DEFAULT = "2016-2020"
# By name: first and last year, and police units.
EDITIONS = {
    DEFAULT: (2016, 2020, []),
    "2016-2019": (2016, 2019, []),
    "2017-2020": (2017, 2020, []),
    "2016-2020-units": (2016, 2020, ["amsterdam", "rotterdam"]),
}
MOST_ALONE, MOST_TOGETHER = 10, 60


@contextmanager
def stage_cells(name: str, chapters: Collection[str]) -> Iterator[list[Path]]:
    """The folders of the staged cells of these chapters of an edition, whatever else is staged in
    this checkout; counted where they are not there yet."""
    from helpers.execute import run

    edition = read_edition(name)
    notebooks = [path for path in run.list_notebooks() if path.stem in chapters]
    declared = {path: run.read_declared(path) for path in run.list_notebooks()}
    parameters = run.assign_parameters(edition, declared)
    inputs = run.hash_shared() + run.hash_registers()
    with run._open_stage("") as stage:
        jobs = [run._plan_staging(path, parameters[path], inputs, stage) for path in notebooks]
        missing = [job for job in jobs if not job.is_done]
        run._draw_registers(edition, missing)
        run._execute_all(missing, jobs=2, quiet=True)
        yield [job.target for job in jobs]


def protect_one(name: str) -> dict[str, float]:
    """Stage the cells of an edition in this checkout, and measure what follows."""
    from helpers.disclosure import read_declared
    from helpers.products import find_product

    # Only the chapters that count from registers: the others have nothing to protect.
    chapters = {find_product(table).chapter for table in read_declared()}
    with stage_cells(name, chapters) as stages:
        return measure(name, stages)


def measure(name: str, stages: list[Path]) -> dict[str, float]:
    """Protect the staged cells of an edition, keep the bundle beside the others, and audit it:
    processor seconds and seconds to protect and to audit, cells, and hidden ones."""
    from helpers.disclosure import audit_bundle
    from helpers.release import list_earlier, read_manifest, write_bundle

    edition, made = read_edition(name), BUNDLES / name
    shutil.rmtree(made, ignore_errors=True)
    started = time.process_time(), time.monotonic()
    write_bundle(stages, made, edition)
    middle = time.process_time(), time.monotonic()
    rules = {table: r["rule_set"] for table, r in read_manifest(made)["tables"].items()}
    earlier = list_earlier(edition, is_real=False, folder=made, is_audit=True)
    audit = audit_bundle(made, rules, earlier=earlier)
    ended = time.process_time(), time.monotonic()
    if audit.findings:
        raise SystemExit("\n".join(audit.findings))
    return {
        "earlier": len(earlier),
        "cells": audit.n_cells,
        "hidden": len(audit.widths),
        "differences": audit.n_implied,
        "narrowest": min(audit.widths.values()),
        "protect_cpu": middle[0] - started[0],
        "protect_wall": middle[1] - started[1],
        "audit_cpu": ended[0] - middle[0],
        "audit_wall": ended[1] - middle[1],
    }


def write_edition(folder: Path, name: str) -> None:
    first, last, units = EDITIONS[name]
    words = (ROOT / "notebooks" / "editions" / f"{DEFAULT}.yml").read_text(encoding="utf-8")
    words = words.replace(f"edition: {DEFAULT}", f"edition: {name}")
    words = words.replace("period_start: 2016", f"period_start: {first}")
    words = words.replace("period_end: 2020", f"period_end: {last}")
    units_line = f"units: {json.dumps(units)}\n" if units else ""
    path = folder / "notebooks" / "editions" / f"{name}.yml"
    path.write_text(words + units_line, encoding="utf-8")


def main() -> int:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        for name in EDITIONS:
            write_edition(clone, name)
            environment = {**os.environ, "PYTHONPATH": str(clone / "src")}
            command = [sys.executable, str(Path(__file__)), name]
            done = subprocess.run(
                command, cwd=clone, env=environment, stdout=subprocess.PIPE, text=True
            )
            if done.returncode:
                return done.returncode
            rows.append({"edition": name, **json.loads(done.stdout.splitlines()[-1])})
            print(rows[-1], flush=True)
    write_results(rows)
    spent = [row["protect_cpu"] + row["audit_cpu"] for row in rows]
    return int(spent[0] > MOST_ALONE or sum(spent) > MOST_TOGETHER)


def write_results(rows: list[dict[str, float]]) -> None:
    with RESULTS.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(
            {
                k: f"{v:.1f}" if isinstance(v, float) and k != "narrowest" else v
                for k, v in r.items()
            }
            for r in rows
        )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(protect_one(sys.argv[1])))
        sys.exit(0)
    sys.exit(main())
