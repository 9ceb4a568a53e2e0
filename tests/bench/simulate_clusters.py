"""How often 95% limits by case hold a planted truth where people come in cases of one to five:
`make prove` (writes tests/bench/coverage_clusters.csv; an argument gives the replications).

The time to the event is that of a known marginal law, and people of one case share a part of its
deviate (a Gaussian copula), so that every truth is a closed form of the rates. Covariates: of the
person, and of the case. Repeated events share a gamma frailty. The issue asks for 93 to 97 percent
with 50 and 150 cases, and for 90 to 99 with 10 and 20, where an interval is given."""

from __future__ import annotations

import csv
import math
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import norm
from tqdm import tqdm

from helpers import regression, survival
from helpers.edition import BadInput

RESULTS = Path(__file__).with_name("coverage_clusters.csv")
CASES, REPLICATIONS = (10, 20, 50, 150), 4000
ALLOWED = {10: (0.90, 0.99), 20: (0.90, 0.99), 50: (0.93, 0.97), 150: (0.93, 0.97)}
AT, UNTIL = 730, 1095
RATE, DEATH, BETA, GAMMA, SHARED = 0.0006, 0.0002, 0.4, -0.3, 0.4
SHARE, SLOPE = 0.5, 0.002  # of Fine and Gray: 1 - (1 - SHARE (1 - exp(-SLOPE t)))^exp(linear)
REPEATS = 0.001


def draw(rng: np.random.Generator, cases: int) -> pd.DataFrame:
    """People with `case`, `own` (a covariate of the person) and `shared` (of the case); `days` and
    `event` (1, 2 died) of a law with proportional hazards; `sub_days` and `sub_event` of one with
    proportional subdistribution hazards."""
    case = np.repeat(np.arange(cases), rng.integers(1, 6, cases))
    n = len(case)
    deviate = math.sqrt(SHARED) * rng.normal(size=cases)[case]
    u = norm.cdf(deviate + math.sqrt(1 - SHARED) * rng.normal(size=n))
    own, shared = rng.integers(0, 2, n), (np.arange(cases) % 2)[case]
    linear = np.exp(BETA * own + GAMMA * shared)
    again, died = -np.log(u) / (RATE * linear), rng.exponential(1 / DEATH, n)
    left = rng.uniform(365, 2920, n)
    first = np.minimum(np.minimum(again, died), left)
    event = np.select([again == first, died == first], [1, 2], default=0)
    rows = pd.DataFrame({"case": case, "own": own, "shared": shared, "left": left})
    sub = _draw_sub(rng, u, linear)
    ended = np.where(sub[1] == 0, left, np.minimum(sub[0], left))
    return rows.assign(
        days=np.ceil(first).astype(int),
        event=event,
        sub_days=np.ceil(ended).astype(int),
        sub_event=np.where(sub[0] <= left, sub[1], 0),
    )


def _draw_sub(
    rng: np.random.Generator, u: np.ndarray, linear: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Times and causes under the model of Fine and Gray (their section 5)."""
    whole = 1 - (1 - SHARE) ** linear
    is_first = u <= whole
    inner = 1 - (1 - (1 - np.minimum(u, whole * 0.999999)) ** (1 / linear)) / SHARE
    time = np.where(
        is_first, -np.log(np.maximum(inner, 1e-9)) / SLOPE, rng.exponential(900, len(u))
    )
    return time, np.where(is_first, 1, 2)


def draw_spells(rng: np.random.Generator, rows: pd.DataFrame) -> pd.DataFrame:
    """Spells of repeated events at a rate that a case shares, until death or departure."""
    frailty = rng.gamma(2.0, 0.5, rows["case"].max() + 1)[rows["case"]]
    died = rng.exponential(1 / DEATH, len(rows))
    is_dead = died <= rows["left"].to_numpy()
    until = np.ceil(np.minimum(died, rows["left"].to_numpy()))
    gaps = rng.exponential(1 / (REPEATS * frailty)[:, None], (len(rows), 30))
    times = np.ceil(np.cumsum(gaps, axis=1))
    times[times >= until[:, None]] = np.inf
    person, place = np.nonzero(np.isfinite(times))
    ends = pd.DataFrame(
        {
            "person": np.concatenate([person, np.arange(len(rows))]),
            "stop": np.concatenate([times[person, place], until]),
            "event": np.concatenate([np.ones(len(person)), 2 * is_dead]).astype(int),
        }
    ).drop_duplicates(["person", "stop"])
    spells = ends.sort_values(["person", "stop"], ignore_index=True)
    start = spells.groupby("person")["stop"].shift(fill_value=0)
    return spells.assign(start=start, case=rows["case"].to_numpy()[spells["person"]])


def find_truth() -> dict[str, float]:
    rates = RATE * np.exp([0.0, BETA, GAMMA, BETA + GAMMA])
    days = np.arange(UNTIL)
    alive = np.exp(-np.outer(rates, days)).mean(axis=0)
    incidence = np.mean(rates / (rates + DEATH) * (1 - np.exp(-(rates + DEATH) * AT)))
    return {
        "Kaplan-Meier": float(np.exp(-rates * AT).mean()),
        "Aalen-Johansen": float(incidence),
        "restricted mean": float(alive.sum()),
        "mean cumulative": REPEATS * (1 - math.exp(-DEATH * AT)) / DEATH,
        "Cox, of the person": BETA,
        "Cox, of the case": GAMMA,
        "Fine-Gray, of the person": BETA,
        "Fine-Gray, of the case": GAMMA,
    }


def estimate(seed: int, cases: int) -> dict[str, tuple[float, float]]:
    """The limits of each estimator for one draw; none where it refuses."""
    rng = np.random.Generator(np.random.PCG64([seed, cases]))
    rows = draw(rng, cases)
    spells = draw_spells(rng, rows)
    days, event, case = (rows[name].to_numpy() for name in ("days", "event", "case"))
    curve = survival.estimate_kaplan_meier(days, event == 1, clusters=case)
    incidence = survival.estimate_aalen_johansen(days, event, clusters=case)
    mean = survival.estimate_clustered_mean(
        days, event == 1, min(UNTIL, days.max()), clusters=case
    ).iloc[0]
    repeated = survival.estimate_mean_cumulative(
        spells["stop"], spells["event"], spells["person"],
        entry=spells["start"], clusters=spells["case"], at=np.array([AT]),
    ).iloc[0]  # fmt: skip
    limits = {
        "Kaplan-Meier": _read(curve),
        "Aalen-Johansen": _read(incidence[incidence["cause"] == 1]),
        "restricted mean": (mean["ci_lower"], mean["ci_upper"]),
        "mean cumulative": (repeated["ci_lower"], repeated["ci_upper"]),
    }
    again = rows.assign(event=(rows["event"] == 1).astype(int))
    sub = rows.assign(days=rows["sub_days"], event=rows["sub_event"])
    for name, fit, data in (
        ("Cox", regression.estimate_cox, again),
        ("Fine-Gray", regression.fit_fine_gray, sub),
    ):
        try:
            table = fit(data, ["own", "shared"], cluster="case")
        except BadInput:
            continue
        pairs = np.log(table[["ci_lower", "ci_upper"]].to_numpy())
        limits[f"{name}, of the person"], limits[f"{name}, of the case"] = map(tuple, pairs)
    return limits


def _read(curve: pd.DataFrame) -> tuple[float, float]:
    before = curve[curve["time"] <= AT]
    return (
        (before["ci_lower"].iloc[-1], before["ci_upper"].iloc[-1])
        if len(before)
        else (math.nan, math.nan)
    )


def count_held(cases: int, replications: int) -> list[tuple[str, int, int, int, str]]:
    """A row an estimator: how many intervals were given, and the share that held the truth."""
    truth = find_truth()
    held, given = dict.fromkeys(truth, 0), dict.fromkeys(truth, 0)
    for seed in tqdm(range(replications), disable=not sys.stderr.isatty()):
        for name, (lower, upper) in estimate(seed, cases).items():
            if not (math.isnan(lower) or math.isnan(upper)):
                given[name] += 1
                held[name] += lower <= truth[name] <= upper
    return [
        (name, cases, replications, given[name], f"{held[name] / max(given[name], 1):.4f}")
        for name in truth
    ]


def main(replications: int = REPLICATIONS, *chosen: int) -> int:
    """Each number of cases (all, or those `chosen`) replaces its rows of RESULTS as soon as it is
    done; a trial of fewer replications writes nothing."""
    wrong = []
    for cases in chosen or CASES:
        rows = count_held(cases, replications)
        print(*(f"{name:26}{of:>5}{n:>7}  {share}" for name, of, _, n, share in rows), sep="\n")
        low, high = ALLOWED[cases]
        wrong += [row for row in rows if row[3] and not low <= float(row[4]) <= high]
        if replications >= REPLICATIONS:
            _store(cases, rows)
    print(*(f"outside what is allowed: {row}" for row in wrong), sep="\n", flush=True)
    return int(bool(wrong))


def _store(cases: int, rows: list[tuple[str, int, int, int, str]]) -> None:
    columns = ["estimator", "cases", "replications", "intervals", "coverage"]
    new = pd.DataFrame(rows, columns=columns).astype(str)
    old = pd.read_csv(RESULTS, dtype=str) if RESULTS.exists() else new.iloc[:0]
    kept = old[old["cases"] != str(cases)]
    table = pd.concat([kept, new], ignore_index=True)
    table = table.iloc[np.argsort(table["cases"].astype(int), kind="stable")]
    with RESULTS.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([columns, *table.to_numpy().tolist()])


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
