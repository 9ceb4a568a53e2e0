"""How counting would go on beyond what fits in memory: the repeats of a national extract, counted
by DuckDB out of core. DuckDB is no part of the project; to try it:

    uv run --with duckdb --no-project python tests/bench/bench_duckdb.py FOLDER [INCIDENTS]

FOLDER holds an extract of `bench_national.py`: its counts are printed, and must be those of
`cohort` and `repeats`. With INCIDENTS (such as 100000000), as many are drawn for its persons into
FOLDER/large, and counted.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time
from pathlib import Path

MEMORY, THREADS = "4GB", 2
GROUPS = "('F561', 'F562', 'F5293')"
# Index: the first trafficking incident of the years; followed: whoever has a residence spell (none of
# them ends); repeat: any incident of a later day.
COUNT = f"""
with trafficking as (
  select person_id, min(registration_date) as first_day from read_parquet($incidents)
  where offence_code in {GROUPS} and registration_date between date '2011-01-01' and date '2020-12-31'
  group by person_id
), followed as (
  select person_id, first_day from trafficking semi join read_parquet($spells) using (person_id)
), repeats as (
  select person_id, min(i.registration_date - f.first_day) as days
  from read_parquet($incidents) i join followed f using (person_id)
  where i.registration_date > f.first_day and i.registration_date <= date '2020-12-31'
  group by person_id
)
select h.years, count(*) filter (days <= h.years * 365.25) as n_events, count(*) as n_known
from followed left join repeats using (person_id)
cross join (values (2), (5), (7)) as h(years)
where year(first_day) <= 2020 - h.years
group by h.years order by h.years
"""
DRAW = """
copy (
  select format('I{{:09d}}', range) as incident_id,
    format('P{{:08d}}', hash(range) % 17000000) as person_id,
    date '2011-01-01' + (hash(range, 1) % 3653)::int as registration_date,
    registration_date - (hash(range, 2) % 300)::int as offence_start_date,
    registration_date as offence_end_date,
    case when hash(range, 3) % 1000 < 2 then ['F561', 'F562', 'F5293'][(1 + hash(range, 4) % 3)::int]
      else ['X01', 'X03', 'X05'][(1 + hash(range, 4) % 3)::int] end as offence_code
  from range({n})
) to '{target}' (format parquet, row_group_size 500000)
"""


def main() -> None:
    folder = Path(sys.argv[1])
    spells, incidents = folder / "residence_spells.parquet", folder / "incidents.parquet"
    base = importlib.import_module("duckdb").connect()
    base.execute(f"set memory_limit = '{MEMORY}'; set threads = {THREADS}")
    base.execute(f"set temp_directory = '{folder / 'spill'}'; set preserve_insertion_order = false")
    if len(sys.argv) > 2:
        incidents = folder / "large" / "incidents.parquet"
        incidents.parent.mkdir(exist_ok=True)
        if not incidents.exists():
            base.execute(DRAW.format(n=int(sys.argv[2]), target=incidents))
    started, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF)
    rows = base.execute(COUNT, {"incidents": str(incidents), "spells": str(spells)}).fetchall()
    used = resource.getrusage(resource.RUSAGE_SELF)
    processor = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    found = {
        "seconds": round(time.monotonic() - started, 1),
        "processor": round(processor, 1),
        "megabytes": used.ru_maxrss // 1024,
        "counted": {f"within_{years}_years": [events, known] for years, events, known in rows},
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
