"""Times the estimators beside lifelines and (where it is installed) R, side by side, and the
linking of a large police register: used by `make bench`; by itself it fails where a stated ratio is
missed (`python tests/bench/bench_survival.py 100000 1000000 10000000`).

Processor seconds of one process each, which a busy machine changes little. Each side draws nothing
and reads nothing while it is timed; curves have their variances. R has as long as would show the
stated ratio, and a minute at least; the row of what it did not end by then says so, and its
ratio is a lower bound.
"""

from __future__ import annotations

import csv
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

RESULTS = Path(__file__).with_name("survival.csv")
COLUMNS = ("what", "processor seconds", "times ours, or memory")
INCIDENTS, PEOPLE = 10_000_000, 2_000_000

# Processor seconds of R over ours must be at least so many times; lifelines stands beside them.
STATED = {
    "Kaplan-Meier": 50.0,
    "Aalen-Johansen": 50.0,
    "Cox": 1.0,
    "Fine-Gray": 1.0,
    "mean cumulative": 1.0,
}
# What would take lifelines hours, and the longer of R's two ways to Fine and Gray, which makes a
# row of each person and later time, is asked for up to so many persons only.
SMALL = 3_000
LARGEST = {"Aalen-Johansen, lifelines": 100_000, "Cox, lifelines": 1_000_000}
SIZES = (100_000, 1_000_000, 10_000_000)
MOST_MEGABYTES, OF_PERSONS = 1000.0, 1_000_000  # for Cox, with the data and the libraries
# What R is given: processor seconds, more where the stated ratio needs them, and bytes.
LEAST_SECONDS, READING, SLACK, MOST_BYTES = 60.0, 20.0, 1.2, 14 * 2**30

OURS = """
import resource, sys, time, warnings
import numpy as np, pandas as pd
from helpers import regression, survival

rng = np.random.Generator(np.random.PCG64(1))
n, small = int(sys.argv[1]), int(sys.argv[3])
x = rng.normal(size=(n, 6))
again, left = rng.exponential(3000 / np.exp(x @ [0.1, 0.2, -0.1, 0.05, 0.0, 0.3])), rng.uniform(1, 4018, n)
died = rng.exponential(9000, n)
days = np.ceil(np.minimum(np.minimum(again, left), died)).astype(int)
event = np.select([again <= np.minimum(left, died), died <= left], [1, 2], default=0)
terms = list("abcdef")
rows = pd.DataFrame(x, columns=terms).assign(days=days, event=event, case=np.arange(n) // 2)
del x, again, left, died

def clock(name, what, repeats=1):
    seconds = []
    for _ in range(repeats):
        started = time.process_time()
        what()
        seconds.append(time.process_time() - started)
    print(name, sorted(seconds)[repeats // 2], flush=True)

one = (event == 1).astype(int)
firsts = rows.assign(event=one)
clock("Cox", lambda: regression.estimate_cox(firsts, terms))
print("Cox memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
clock("Fine-Gray", lambda: regression.fit_fine_gray(rows, terms))
clock("small Fine-Gray", lambda: regression.fit_fine_gray(rows[:small], terms))
clock("Kaplan-Meier", lambda: survival.estimate_kaplan_meier(days, one), 5)
clock("Aalen-Johansen", lambda: survival.estimate_aalen_johansen(days, event), 5)
clock("Aalen-Johansen by case", lambda: survival.estimate_aalen_johansen(days, event, clusters=rows["case"]))
half = days // 2
spells = pd.DataFrame({
    "person": np.repeat(np.arange(n), 2), "start": np.column_stack([np.full(n, -1), half]).ravel(),
    "stop": np.column_stack([half, days]).ravel(), "event": np.column_stack([one, event * (event == 2)]).ravel(),
})
clock("mean cumulative", lambda: survival.estimate_mean_cumulative(spells["stop"], spells["event"], spells["person"], entry=spells["start"]))
def store(table, name):
    for column in table:
        table[column].to_numpy(dtype=float).tofile(f"{sys.argv[2]}/{name}_{column}")
store(rows, "rows")
store(spells, "spells")
from lifelines import AalenJohansenFitter, CoxPHFitter, KaplanMeierFitter
warnings.simplefilter("ignore")
clock("Kaplan-Meier, lifelines", lambda: KaplanMeierFitter().fit(days, one))
if n <= int(sys.argv[4]):
    clock("Aalen-Johansen, lifelines", lambda: AalenJohansenFitter(seed=1).fit(days, event, event_of_interest=1))
if n <= int(sys.argv[5]):
    clock("Cox, lifelines", lambda: CoxPHFitter().fit(firsts[[*terms, "days", "event"]], "days", "event"))
"""

# One estimate a process, so that each has its own limit: what is timed begins after "begin".
IN_R = """
suppressMessages(library(survival))
arguments <- commandArgs(trailingOnly = TRUE)
load <- function(name, columns) as.data.frame(sapply(columns, simplify = FALSE, function(column) {
  file <- file.path(arguments[1], paste0(name, "_", column))
  readBin(file, "double", file.size(file) / 8)
}))
small <- as.numeric(arguments[2])
terms <- letters[1:6]
spent <- function() { t <- proc.time(); t[["user.self"]] + t[["sys.self"]] }
clock <- function(what) { gc(); start <- spent(); cat("begin", start, "\\n"); flush(stdout()); what; cat("R", spent() - start, "\\n") }
switch(arguments[3],
  "Kaplan-Meier" = { d <- load("rows", c("days", "event"))
    clock(summary(survfit(Surv(days, event == 1) ~ 1, data = d, conf.type = "log-log"))) },
  "Aalen-Johansen" = { d <- load("rows", c("days", "event")); d$state <- factor(d$event, 0:2)
    clock(survfit(Surv(days, state) ~ 1, data = d)) },
  "Cox" = { d <- load("rows", c(terms, "days", "event"))
    clock(coxph(Surv(days, event == 1) ~ a + b + c + d + e + f, d)) },
  "Fine-Gray" = { suppressMessages(library(cmprsk)); d <- load("rows", c(terms, "days", "event"))
    clock(crr(d$days, d$event, d[terms])) },
  "small Fine-Gray" = { d <- load("rows", c(terms, "days", "event"))
    d <- d[seq_len(min(small, nrow(d))), ]; d$state <- factor(d$event, 0:2)
    clock({ long <- finegray(Surv(days, state) ~ ., d, etype = "1")
      coxph(Surv(fgstart, fgstop, fgstatus) ~ a + b + c + d + e + f, long, weights = fgwt) }) },
  "mean cumulative" = { s <- load("spells", c("person", "start", "stop", "event")); s <- s[s$start < s$stop, ]
    clock(survfit(Surv(start, stop, event == 1) ~ 1, s, id = person)) })
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


def _run_in_r(name: str, place: str, most: float) -> tuple[float, bool]:
    """Processor seconds of R's estimate, and whether it ended: it is stopped after `most` of them,
    or where it asks for more than MOST_BYTES."""
    script = Path(place) / "curves.R"
    script.write_text(IN_R, encoding="utf-8")
    # Reading the data comes before what is timed.
    whole = int(most + READING)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (whole, whole + 5))
        resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = ["Rscript", str(script), place, str(SMALL), name]
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=limit)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    said = dict(line.split() for line in done.stdout.splitlines())
    if "begin" not in said:
        raise RuntimeError(f"R did not begin {name}: {done.stderr}")
    if "R" in said:
        return float(said["R"]), True
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent - float(said["begin"]), False


def measure(n: int) -> Iterator[tuple[str, float, bool]]:
    """What, processor seconds for `n` persons, and whether it ended: each estimate of ours, of
    lifelines and of R (where it is installed)."""
    with tempfile.TemporaryDirectory() as place:
        limits = [str(LARGEST[f"{name}, lifelines"]) for name in ("Aalen-Johansen", "Cox")]
        seconds = _run(sys.executable, "-c", OURS, str(n), place, str(SMALL), *limits)
        yield from ((name, value, True) for name, value in seconds.items())
        if shutil.which("Rscript"):
            for name in (*STATED, "small Fine-Gray"):
                most = max(LEAST_SECONDS, SLACK * _find_stated(name) * seconds[name])
                yield (f"{name}, R", *_run_in_r(name, place, most))


def _find_stated(name: str) -> float:
    return STATED[name.removeprefix("small ")]


def compare(
    n: int, measured: Iterable[tuple[str, float, bool]]
) -> Iterator[tuple[str, float, str, bool]]:
    """What, processor seconds, how many times ours, and whether a stated ratio is missed, as each
    is measured. What did not end has at least the ratio of the seconds that it had."""
    ours: dict[str, float] = {}
    for name, value, is_done in measured:
        own, _, other = name.partition(", ")
        ratio = value / max(ours[own], 1e-6) if other else None
        is_missed = other == "R" and ratio is not None and ratio < _find_stated(own)
        is_missed |= name == "Cox memory" and value > MOST_MEGABYTES and n <= OF_PERSONS
        ours[name] = value
        words = "MB at most" if name == "Cox memory" else ""
        if ratio is not None:
            words = f"{ratio:.1f} times ours"
            if not is_done:
                words = f"not done within {value:.0f} s, more than {words}"
        yield name, value, words + " MISSED" * is_missed, is_missed


def bench_survival(sizes: tuple[int, ...] = SIZES) -> Iterator[tuple[str, str, str]]:
    """Rows (what, processor seconds, ratio or memory); "MISSED" where a stated ratio is."""
    for n in sizes:
        for name, value, words, _ in compare(n, measure(n)):
            people = min(n, SMALL) if name.startswith("small ") else n
            yield f"{name.removeprefix('small ')}, {people:,} persons", f"{value:.3f}", words
    yield from _bench_linking()


def _bench_linking() -> list[tuple[str, str, str]]:
    linked = _run(sys.executable, "-c", LINKING, str(INCIDENTS), str(PEOPLE))
    return [
        (f"linking {INCIDENTS:,} incidents to {PEOPLE:,} persons", f"{linked['linking']:.1f}", ""),
        (
            "from there to everybody's first event",
            f"{linked['first events'] - linked['linking']:.1f}",
            f"{linked['memory']:.0f} MB",
        ),
    ]


def store(row: tuple[str, str, str]) -> None:
    """Writes the row into RESULTS, in place of what was measured of the same before."""
    rows: dict[str, tuple[str, ...]] = {}
    if RESULTS.exists():
        with RESULTS.open(encoding="utf-8", newline="") as stream:
            rows = {name: (name, *rest) for name, *rest in list(csv.reader(stream))[1:]}
    rows[row[0]] = row
    with RESULTS.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([COLUMNS, *rows.values()])


def main(*sizes: int) -> int:
    """Exit 1 where a stated ratio is missed; writes RESULTS. Sizes as arguments; 10000000 needs 16
    GB."""
    is_missed = False
    for row in bench_survival(sizes or SIZES):
        name, value, words = row
        print(f"{name:64}{value:>9}  {words}", flush=True)
        store(row)
        is_missed |= "MISSED" in words
    return int(is_missed)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
