"""Proof that no file, however broken, ends in a traceback, takes the machine, or prints somebody:
mutated files of every format are validated, each within 1 GB and 30 s of the processor (so that
another's work beside it is no fault), and every report is searched for the people of the extract.

    python tests/prove/mutate.py [--count 10000] [--formats csv parquet parts xlsx sav captures yml] [--seed 1]

`parts` is one of the files of a folder of Parquet, as Spark writes it.

Exit 0 where all hold. Workers are forked and limited, so that a crash of a library is seen too.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import io
import multiprocessing
import os
import random
import resource
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from functools import cache
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat

from helpers import cli

MEMORY, SECONDS = 1 << 30, 30
ADDRESSES = 8 << 30  # what a process may reserve, so that a runaway ends before the machine does
BATCH = 200
FORMATS = ("csv", "parquet", "parts", "xlsx", "sav", "captures", "yml")
CANARY = "qzjx"
MAPPING = """\
source: a proof
extraction_date: 2021-07-01
captures: {period: 2016-2020}
tables:
  persons:
    not_recorded: [""]
    columns: {person_id: person_id, sex: sex, birth_date: birth_date}
    codes: {sex: {female: [V, "2"], male: [M, "1"]}}
added_codes: {nationality: {XQA: africa}}
"""


def make_people(n: int = 40) -> pd.DataFrame:
    """People whose identifiers and days are found in no report by chance."""
    return pd.DataFrame(
        {
            "person_id": [f"{CANARY}{number:05d}" for number in range(n)],
            "sex": ["V", "M"] * (n // 2),
            "birth_date": [f"19{60 + number % 40}-03-{1 + number % 28:02d}" for number in range(n)],
            "nationality": ["NLD"] * n,
            "death_date": [""] * n,
        }
    )


def write_seed(folder: Path, kind: str, *, dated: bool = False) -> Path:
    """A whole extract of this format, whose days are words or (`dated`) dates; the path of the file
    that is then mutated."""
    people = make_people()
    (folder / "extract.yml").write_text(MAPPING, encoding="utf-8")
    path = folder / f"persons.{'csv' if kind == 'yml' else kind}"
    if kind in ("csv", "yml"):
        people.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")
    if dated:
        people["birth_date"] = [datetime.date.fromisoformat(day) for day in people["birth_date"]]
    if kind == "parts":
        path = folder / "persons.parquet" / "sex=V"
        path.mkdir(parents=True, exist_ok=True)
        people.drop(columns="sex").to_parquet(path / "part-0.parquet", index=False)
        people[:1].drop(columns="sex").to_parquet(path / "part-1.parquet", index=False)
        return path / "part-0.parquet"
    if kind == "parquet":
        people.to_parquet(path, index=False)
    elif kind == "sav":
        pyreadstat.write_sav(people, str(path), compress=True)
    elif kind == "xlsx":
        book = openpyxl.Workbook()
        for row in [list(people), *people.to_numpy().tolist()]:
            book.active.append(row)
        book.save(path)
    elif kind == "captures":
        rows = [f"{person},{name}" for person in people["person_id"] for name in "KPR"]
        path = folder / "captures.csv"
        path.write_text("\n".join(["victim_id,list", *rows[:-2], ""]), encoding="utf-8")
        (folder / "extract.yml").write_text(MAPPING.split("tables")[0], encoding="utf-8")
    return folder / "extract.yml" if kind == "yml" else path


def mutate(content: bytes, rng: random.Random) -> bytes:
    """Bytes flipped, cut, doubled, moved or zipped; in a workbook, within a part of it too."""
    if content[:2] == b"PK" and rng.random() < 0.7:
        return mutate_part(content, rng)
    data = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 5, 20))):
        place, length = rng.randrange(len(data) + 1), rng.choice((1, 2, 8, 64, 1024))
        kind = rng.choice(("flip", "random", "cut", "drop", "double", "repeat", "zip"))
        if kind == "flip" and place < len(data):
            data[place] ^= 1 << rng.randrange(8)
        elif kind == "random":
            data[place : place + length] = rng.randbytes(length)
        elif kind == "cut":
            del data[max(place, 1) :]
        elif kind == "drop":
            del data[place : place + length]
        elif kind == "double":
            data[place:place] = data[place : place + length]
        elif kind == "repeat":
            data[place:place] = data[place : place + 2] * rng.choice((10, 1000, 50_000))
        elif rng.random() < 0.3:
            data = bytearray(pack({"persons.csv": bytes(data)}))
        if not data:
            break
    return bytes(data)


def mutate_part(content: bytes, rng: random.Random) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = rng.choice(sorted(parts))
    text = parts[name]
    if rng.random() < 0.3:
        old, new = rng.choice(
            (
                (b'r="', b'r="9'),
                (b'"n"', b'"d"'),
                (b'"s"', b'"e"'),
                (b"<v>", b"<v>9e99"),
                (b"<", b"<<"),
            )
        )
        parts[name] = text.replace(old, new, rng.choice((1, 3, -1)))
    else:
        parts[name] = mutate(text, rng)
    return pack(parts)


def pack(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return stream.getvalue()


def judge(folder: Path, secrets: list[str]) -> str:
    """What one validation did wrong, or nothing."""
    printed, started = io.StringIO(), time.process_time()
    page = folder.parent / "check.html"
    page.unlink(missing_ok=True)
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            code = cli.main(["validate", str(folder), "--html", str(page)])
        except BaseException:
            return f"traceback: {traceback.format_exc(limit=-3)}"
    said = printed.getvalue() + page.read_text(encoding="utf-8")
    if time.process_time() - started > SECONDS:
        return f"more than {SECONDS} s of the processor"
    if code not in (0, 1, 2) or (code and "error" not in said):
        return f"exit {code} without a message"
    if "Traceback" in said or "Warning:" in said:
        return "a traceback or warning of a library"
    return "somebody was printed" if any(word in said for word in secrets) else ""


def prove_batch(kind: str, seed: int, n: int, channel: multiprocessing.Queue) -> None:
    """Mutate and judge `n` files; a fault is told with the seed that makes the file again. What a
    library writes by itself, past Python, is a fault too."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS * n, SECONDS * n))
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    # What does not depend on the files is made once.
    cli.read_edition, cli._define_parser = cache(cli.read_edition), cache(cli._define_parser)
    secrets = [CANARY, *make_people()["birth_date"]]
    with tempfile.TemporaryDirectory() as place, tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), 1)
        os.dup2(said.fileno(), 2)
        folder = Path(place) / "extract"
        folder.mkdir()
        path = write_seed(folder, kind, dated=True)
        dated = path.read_bytes()
        wholes = write_seed(folder, kind).read_bytes(), dated
        for number in range(seed, seed + n):
            channel.put((number, "began"))
            path.write_bytes(mutate(wholes[number % 2], random.Random(number)))
            fault = judge(folder, secrets)
            if os.fstat(said.fileno()).st_size:
                fault = fault or "a library wrote to the console"
                os.ftruncate(said.fileno(), 0)
            channel.put((number, fault))
            used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
            if used > MEMORY:
                channel.put((number, f"{used >> 20} MB"))
                return


def prove(kind: str, count: int, seed: int) -> tuple[int, Counter]:
    """How many files of a format were judged, and their faults."""
    context = multiprocessing.get_context("fork")
    done, faults, number = 0, Counter(), seed
    while number < seed + count:
        n = min(BATCH, seed + count - number)
        channel = context.SimpleQueue()
        worker = context.Process(target=prove_batch, args=(kind, number, n, channel))
        worker.start()
        last, fault, limit = number, "", time.monotonic() + SECONDS * n
        while worker.is_alive() or not channel.empty():
            if channel.empty():
                time.sleep(0.01)
                if time.monotonic() > limit:
                    worker.kill()
                continue
            last, fault = channel.get()
            done += fault != "began"
            if fault not in ("", "began"):
                faults[f"{fault} (seed {last})"] += 1
        worker.join()
        if worker.exitcode:
            faults[f"the process ended with {worker.exitcode} (seed {last})"] += 1
        number = last + 1
    return done, faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=10_000, help="files a format")
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=FORMATS)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    bad = 0
    for kind in options.formats:
        started = time.monotonic()
        done, faults = prove(kind, options.count, options.seed)
        bad += sum(faults.values())
        print(
            f"{kind}: {done} mutated files, {sum(faults.values())} faults, {time.monotonic() - started:.0f} s"
        )
        for fault, n in faults.most_common(10):
            print(f"  {n}: {fault}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
