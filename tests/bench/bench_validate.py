"""Times `monitor validate` on ten million incidents of two million people, and measures its memory:
used by `make bench`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

MEASURE = """
import resource, sys, time
from pathlib import Path
from helpers.sources import validate_extract
started = time.monotonic()
validation = validate_extract(Path(sys.argv[1]))
assert validation.exit_code == 0, validation.problems
used = resource.getrusage(resource.RUSAGE_SELF)
print(time.monotonic() - started, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
"""


def write_large_extract(
    folder: Path,
    *,
    incidents: int = 10_000_000,
    persons: int = 2_000_000,
    days: tuple[int, int] = (18_000, 18_600),
    codes: tuple[str, ...] = (),
    trafficking: float = 1.0,
) -> None:
    """Persons and incidents without meaning, as many as a national register may have: registered on
    these days (since 1970), this share of them trafficking and the others of `codes`."""
    rng = np.random.default_rng(1)

    def draw_days(n: int, first: int, last: int) -> np.ndarray:
        return rng.integers(first, last, n).astype("int32")

    def to_dates(days: np.ndarray) -> pa.Array:
        return pa.array(days).cast(pa.date32())

    def draw_codes(n: int, *codes: str) -> pa.Array:
        return pa.array(codes).take(pa.array(rng.integers(0, len(codes), n)))

    people = pa.array([f"P{number:08d}" for number in range(persons)])
    pq.write_table(
        pa.table(
            {
                "person_id": people,
                "sex": draw_codes(persons, "female", "male"),
                "birth_date": to_dates(draw_days(persons, 0, 10_000)),
                "nationality": draw_codes(persons, "NLD", "POL"),
                "death_date": pa.nulls(persons, pa.date32()),
            }
        ),
        folder / "persons.parquet",
    )
    pq.write_table(
        pa.table(
            {
                "person_id": people,
                "from_date": to_dates(np.full(persons, 10_000, dtype="int32")),
                "to_date": pa.nulls(persons, pa.date32()),
            }
        ),
        folder / "residence_spells.parquet",
    )
    registered = draw_days(incidents, *days)
    offences = draw_codes(incidents, "F561", "F562", "F5293")
    if codes:
        is_trafficking = pa.array(rng.random(incidents) < trafficking)
        offences = pc.if_else(is_trafficking, offences, draw_codes(incidents, *codes))
    pq.write_table(
        pa.table(
            {
                "incident_id": pa.array([f"I{number:09d}" for number in range(incidents)]),
                "person_id": people.take(pa.array(rng.integers(0, persons, incidents))),
                "registration_date": to_dates(registered),
                "offence_start_date": to_dates(registered - draw_days(incidents, 0, 300)),
                "offence_end_date": to_dates(registered),
                "offence_code": offences,
            }
        ),
        folder / "incidents.parquet",
    )
    (folder / "extract.yml").write_text(
        "source: a bench\nextraction_date: 2021-07-01\n"
        + ("offence_groups: {X01: property, X03: violence, X05: threat}\n" if codes else ""),
        encoding="utf-8",
    )


def bench_validate() -> tuple[float, float, float]:
    """Seconds, seconds of the processor, and peak memory (MB) of a check in a process of its
    own."""
    with tempfile.TemporaryDirectory() as place:
        write_large_extract(Path(place))
        done = subprocess.run(
            [sys.executable, "-c", MEASURE, place], check=True, capture_output=True, text=True
        )
    seconds, processor, memory = map(float, done.stdout.split())
    return seconds, processor, memory


if __name__ == "__main__":
    print("{:.1f} s, {:.1f} s of the processor, {:.0f} MB".format(*bench_validate()))
