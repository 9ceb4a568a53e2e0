"""Times the curves beside lifelines and (where it is installed) R, and the linking of a large
police register: used by `make bench`.

Each side draws nothing and reads nothing while it is timed; both curves have their variances.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PERSONS, INCIDENTS, PEOPLE = 1_000_000, 10_000_000, 2_000_000

CURVES = """
import sys, time, warnings
import numpy as np
from helpers import survival

rng = np.random.Generator(np.random.PCG64(1))
n = int(sys.argv[1])
time_days, event = rng.integers(1, 4018, n), rng.integers(0, 3, n)

def clock(what, repeats):
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        what()
        seconds.append(time.perf_counter() - started)
    return sorted(seconds)[repeats // 2]

is_event = (event == 1).astype(int)
print("Kaplan-Meier", clock(lambda: survival.estimate_kaplan_meier(time_days, is_event), 5))
print("Aalen-Johansen", clock(lambda: survival.estimate_aalen_johansen(time_days, event), 5))
np.savetxt(sys.argv[2], np.column_stack([time_days, event]), fmt="%d", delimiter=",", header="time,event", comments="")
from lifelines import AalenJohansenFitter, KaplanMeierFitter
warnings.simplefilter("ignore")
print("Kaplan-Meier, lifelines", clock(lambda: KaplanMeierFitter().fit(time_days, is_event), 3))
print("Aalen-Johansen, lifelines", clock(lambda: AalenJohansenFitter(seed=1).fit(time_days[: n // 10], event[: n // 10], event_of_interest=1), 1))
"""

R_CURVES = """
suppressMessages(library(survival))
d <- read.csv(commandArgs(trailingOnly = TRUE)[1])
d$state <- factor(d$event, 0:2)
cat("Kaplan-Meier, R", system.time(summary(survfit(Surv(time, event == 1) ~ 1, data = d, conf.type = "log-log")))[["elapsed"]], "\\n")
cat("Aalen-Johansen, R", system.time(survfit(Surv(time, state) ~ 1, data = d))[["elapsed"]], "\\n")
"""

LINKING = """
import resource, sys, time
import numpy as np, pandas as pd, pyarrow as pa
from helpers import cohort

rng = np.random.Generator(np.random.PCG64(1))
n, people = int(sys.argv[1]), int(sys.argv[2])
name = lambda letter, numbers: pd.Series(pd.array(pa.array(np.char.add(letter, numbers.astype(str))), dtype="string[pyarrow]"))
registered = np.datetime64("2008-01-01", "s") + rng.integers(0, 13 * 365, n).astype("timedelta64[D]")
codes = {"F5293": "trafficking:unknown", "F561": "trafficking:sexual", "X01": "property", "X03": "violence", "X05": "threat"}
incidents = pd.DataFrame({
    "incident_id": name("i", np.arange(n)), "person_id": name("p", rng.integers(0, people, n)), "registration_date": registered,
    "offence_start_date": registered - rng.integers(0, 300, n).astype("timedelta64[D]"), "offence_code": pd.Categorical.from_codes(rng.integers(0, 5, n), list(codes)),
})
nobody = pd.Series(np.full(people, np.datetime64("NaT"), dtype="datetime64[s]"))
persons = pd.DataFrame({"person_id": name("p", np.arange(people)), "sex": pd.Categorical.from_codes(rng.integers(0, 2, people), ["female", "male"]),
                        "birth_date": np.datetime64("1980-01-01", "s") + rng.integers(0, 9000, people).astype("timedelta64[D]"), "death_date": nobody})
spells = pd.DataFrame({"person_id": persons["person_id"], "from_date": np.datetime64("1990-01-01", "s"), "to_date": nobody})
rules = cohort.Definitions(study_start=2010, study_end=2020)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
started = time.perf_counter()
linked = cohort.link_people(incidents=incidents, persons=persons, residence_spells=spells)
print("linking", time.perf_counter() - started)
joined = cohort.join_codes(linked.incidents, groups=codes, definitions=rules)
followed = cohort.define_cohort(cohort.define_index(joined, rules), linked, rules)
cohort.derive_first_event(followed, cohort.find_repeats(joined, followed, rules))
print("first events", time.perf_counter() - started)
print("memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def _run(*command: str) -> dict[str, float]:
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return {
        line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
        for line in map(str.strip, done.stdout.splitlines())
    }


def bench_survival() -> list[tuple[str, str, str]]:
    """Rows (what, seconds, ratio or memory). lifelines' Aalen-Johansen is timed on a tenth of the
    persons, which flatters it."""
    with tempfile.TemporaryDirectory() as place:
        data, script = Path(place) / "data.csv", Path(place) / "curves.R"
        seconds = _run(sys.executable, "-c", CURVES, str(PERSONS), str(data))
        if shutil.which("Rscript"):
            script.write_text(R_CURVES, encoding="utf-8")
            seconds |= _run("Rscript", str(script), str(data))
    rows = [
        (f"{name}, {PERSONS:,} persons", f"{value:.3f}", _compare(name, seconds))
        for name, value in seconds.items()
    ]
    linked = _run(sys.executable, "-c", LINKING, str(INCIDENTS), str(PEOPLE))
    rows += [
        (f"linking {INCIDENTS:,} incidents to {PEOPLE:,} persons", f"{linked['linking']:.1f}", ""),
        (
            "from there to everybody's first event",
            f"{linked['first events'] - linked['linking']:.1f}",
            f"{linked['memory']:.0f} MB",
        ),
    ]
    return rows


def _compare(name: str, seconds: dict[str, float]) -> str:
    own, _, other = name.partition(", ")
    return f"{seconds[name] / seconds[own]:.0f} times ours" if other else ""


if __name__ == "__main__":
    print("\n".join(f"{name:64}{value:>9} s  {ratio}" for name, value, ratio in bench_survival()))
