"""Times a national extract, seventeen million persons and ten million incidents of ten years, on
two cores and within eight gigabytes: checked, and then read, linked and tabulated. Used by `make
bench`.

    python tests/bench/bench_national.py [FOLDER]

FOLDER keeps the extract; without it, it is thrown away.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from bench_validate import MEASURE, write_large_extract

PERSONS, INCIDENTS = 17_000_000, 10_000_000
TABULATE = """
import json, os, resource, sys, time
from pathlib import Path
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
from helpers import cohort, repeats
from helpers.sources import read_extract, read_table
steps, started = {}, time.monotonic()
def done(name):
    global started
    steps[name], started = round(time.monotonic() - started, 1), time.monotonic()
extract = read_extract(Path(sys.argv[1]))
tables = {name: read_table(extract, name) for name in ("incidents", "persons", "residence_spells")}
done("read")
groups = extract.codes(extract.mappings["incidents"].table.column("offence_code"))
linked = cohort.link_people(**tables)
del tables
done("link")
rules = cohort.Definitions(study_start=2011, study_end=2020)
joined = cohort.join_codes(linked.incidents, groups=groups, definitions=rules)
index = cohort.define_index(joined, rules)
followed = cohort.define_cohort(index, linked, rules)
again = cohort.find_repeats(joined, followed, rules)
_, totals = repeats.count_horizons(followed, again, horizons=[2, 5, 7], study_end=2020)
done("tabulate")
used = resource.getrusage(resource.RUSAGE_SELF)
counted = totals.set_index("category")[["n_events", "n_known"]].to_dict("index")
print(json.dumps(dict(steps=steps, processor=round(used.ru_utime + used.ru_stime, 1),
                      megabytes=used.ru_maxrss // 1024, counted=counted)))
"""


def write_national_extract(folder: Path) -> None:
    """Most incidents are of other offences; of a thousand, two are trafficking."""
    write_large_extract(
        folder,
        incidents=INCIDENTS,
        persons=PERSONS,
        days=(14_975, 18_628),
        codes=("X01", "X03", "X05"),
        trafficking=0.002,
    )


def bench_national(folder: Path) -> tuple[str, str]:
    """What a check of the extract took (seconds, seconds of the processor, MB), and what reading,
    linking and counting it did."""
    checked, counted = (
        subprocess.run(
            [sys.executable, "-c", script, str(folder)], check=True, capture_output=True, text=True
        ).stdout
        for script in (MEASURE, TABULATE)
    )
    return checked.strip(), counted.strip()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        kept = Path(sys.argv[1] if len(sys.argv) > 1 else place)
        if not (kept / "extract.yml").exists():
            kept.mkdir(parents=True, exist_ok=True)
            write_national_extract(kept)
        print(*bench_national(kept), sep="\n")
