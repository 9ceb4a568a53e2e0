"""How often 95% limits by case hold a planted truth where people come in cases of one to five:
`make prove` (writes tests/bench/coverage_clusters.csv; an argument gives the replications).

The time to the event is that of a known marginal law, and people of one case share a part of its
deviate (a Gaussian copula), so that every truth is a closed form of the rates. Covariates: of the
person, and of the case. Repeated events share a gamma frailty. The issue asks for 93 to 97 percent
with 50 and 150 cases, and for 90 to 99 with 10 and 20, where an interval is given.

Beside the coverage stand the limits of the first draw: a test makes them again, so that the shares
cannot outlive the estimators that they are of."""

from __future__ import annotations

import argparse
import csv
import math
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import norm
from tqdm import tqdm

from helpers import regression, survival
from helpers.edition import BadInput

RESULTS = Path(__file__).with_name("coverage_clusters.csv")
COLUMNS = ["estimator", "cases", "replications", "intervals", "coverage", "lower", "upper"]
CASES, REPLICATIONS = (10, 20, 50, 150), 4000
ALLOWED = {10: (0.90, 0.99), 20: (0.90, 0.99), 50: (0.93, 0.97), 150: (0.93, 0.97)}
AT, UNTIL = 730, 1095
RATE, DEATH, BETA, GAMMA, SHARED = 0.0006, 0.0002, 0.4, -0.3, 0.4
SHARE, SLOPE = 0.5, 0.002  # of Fine and Gray: 1 - (1 - SHARE (1 - exp(-SLOPE t)))^exp(linear)
REPEATS = 0.001
LIMITS = ["ci_lower", "ci_upper"]
Limits = tuple[float, float]


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
    rows = rows.assign(again=again, died=died)
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
    """Spells of repeated events at a rate that a case shares and that `own` raises, until death or
    departure."""
    frailty = rng.gamma(2.0, 0.5, rows["case"].max() + 1)[rows["case"]]
    died, own = rng.exponential(1 / DEATH, len(rows)), rows["own"].to_numpy()
    is_dead = died <= rows["left"].to_numpy()
    until = np.ceil(np.minimum(died, rows["left"].to_numpy()))
    rate = REPEATS * frailty * np.exp(BETA * own)
    gaps = rng.exponential(1 / rate[:, None], (len(rows), 40))
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
    case = rows["case"].to_numpy()
    return spells.assign(start=start, case=case[spells["person"]], own=own[spells["person"]])


def list_moves(rows: pd.DataFrame) -> pd.DataFrame:
    """Spells in view, again and dead: whoever is registered again is so until the end."""
    again, died, left = (rows[name].to_numpy() for name in ("again", "died", "left"))
    end = np.minimum(died, left)
    is_again, stop = again < end, np.ceil(end)
    since = np.ceil(again)
    stop = np.where(is_again & (since == stop), stop + 0.5, stop)
    last = np.where(died < left, "dead", None)
    people = rows[["case"]].assign(person=np.arange(len(rows)), start=0.0)
    first = people.assign(
        stop=np.where(is_again, since, stop),
        state="view",
        to_state=np.where(is_again, "again", last),
    )
    then = people.assign(start=since, stop=stop, state="again", to_state=last)[is_again]
    return pd.concat([first, then], ignore_index=True)


def find_truth() -> dict[str, float]:
    rates = RATE * np.exp([0.0, BETA, GAMMA, BETA + GAMMA])
    days = np.arange(UNTIL)
    alive = np.exp(-np.outer(rates, days)).mean(axis=0)
    incidence = rates / (rates + DEATH) * (1 - np.exp(-(rates + DEATH) * AT))
    rate = REPEATS * (1 + math.exp(BETA)) / 2
    return {
        "Kaplan-Meier": float(np.exp(-rates * AT).mean()),
        "Aalen-Johansen": float(incidence.mean()),
        "restricted mean": float(alive.sum()),
        "mean cumulative": rate * (1 - math.exp(-DEATH * AT)) / DEATH,
        "states": float((1 - np.exp(-rates * AT)).mean() * math.exp(-DEATH * AT)),
        "standardised": float(incidence[[1, 3]].mean()),
        "Andersen-Gill": BETA,
        "Cox, of the person": BETA,
        "Cox, of the case": GAMMA,
        "Fine-Gray, of the person": BETA,
        "Fine-Gray, of the case": GAMMA,
    }


def _estimate_curve(rows: pd.DataFrame, spells: pd.DataFrame) -> Limits:
    return _read(
        survival.estimate_kaplan_meier(rows["days"], rows["event"] == 1, clusters=rows["case"])
    )


def _estimate_incidence(rows: pd.DataFrame, spells: pd.DataFrame) -> Limits:
    table = survival.estimate_aalen_johansen(rows["days"], rows["event"], clusters=rows["case"])
    return _read(table[table["cause"] == 1])


def _estimate_mean(rows: pd.DataFrame, spells: pd.DataFrame) -> Limits:
    until = min(UNTIL, rows["days"].max())
    table = survival.estimate_clustered_mean(
        rows["days"], rows["event"] == 1, until, clusters=rows["case"]
    )
    return tuple(table[LIMITS].iloc[0])


def _estimate_repeats(rows: pd.DataFrame, spells: pd.DataFrame) -> Limits:
    table = survival.estimate_mean_cumulative(
        spells["stop"], spells["event"], spells["person"],
        entry=spells["start"], clusters=spells["case"], at=np.array([AT]),
    )  # fmt: skip
    return tuple(table[LIMITS].iloc[0])


def _estimate_states(rows: pd.DataFrame, spells: pd.DataFrame) -> Limits:
    table = survival.estimate_multi_state(
        list_moves(rows), ["view", "again", "dead"], [AT], cluster="case"
    )
    return tuple(table.loc[table["state"] == "again", LIMITS].iloc[0])


def _estimate_standardised(rows: pd.DataFrame, spells: pd.DataFrame) -> Limits:
    """Of those with `own`, as if spread over `shared` as everybody is."""
    curves = survival.estimate_standardised(rows, "own", ["shared"], cluster="case")
    return _read(curves[curves["own"] == 1])


def _fit_repeats(rows: pd.DataFrame, spells: pd.DataFrame) -> Limits:
    repeated = spells.assign(event=(spells["event"] == 1).astype(int))
    table = regression.fit_andersen_gill(repeated, ["own"], cluster="case")
    return tuple(np.log(table[LIMITS]).iloc[0])


def _fit_cox(rows: pd.DataFrame, spells: pd.DataFrame) -> dict[str, Limits]:
    again = rows.assign(event=(rows["event"] == 1).astype(int))
    return _name(regression.estimate_cox(again, ["own", "shared"], cluster="case"))


def _fit_fine_gray(rows: pd.DataFrame, spells: pd.DataFrame) -> dict[str, Limits]:
    sub = rows.assign(days=rows["sub_days"], event=rows["sub_event"])
    return _name(regression.fit_fine_gray(sub, ["own", "shared"], cluster="case"))


def _name(table: pd.DataFrame) -> dict[str, Limits]:
    pairs = np.log(table[LIMITS].to_numpy())
    return dict(zip(("of the person", "of the case"), map(tuple, pairs), strict=True))


ESTIMATORS = {
    "Kaplan-Meier": _estimate_curve,
    "Aalen-Johansen": _estimate_incidence,
    "restricted mean": _estimate_mean,
    "mean cumulative": _estimate_repeats,
    "Cox": _fit_cox,
    "Fine-Gray": _fit_fine_gray,
    "states": _estimate_states,
    "standardised": _estimate_standardised,
    "Andersen-Gill": _fit_repeats,
}


def estimate(seed: int, cases: int, only: Iterable[str] = ESTIMATORS) -> dict[str, Limits]:
    """The limits of each estimator for one draw; none where it refuses."""
    rng = np.random.Generator(np.random.PCG64([seed, cases]))
    rows = draw(rng, cases)
    spells = draw_spells(rng, rows)
    limits: dict[str, Limits] = {}
    for name in only:
        try:
            found = ESTIMATORS[name](rows, spells)
        except BadInput:
            continue
        of = {name: found} if isinstance(found, tuple) else found
        limits |= {key if key == name else f"{name}, {key}": pair for key, pair in of.items()}
    return limits


def _read(curve: pd.DataFrame) -> Limits:
    before = curve[curve["time"] <= AT]
    return (
        (before["ci_lower"].iloc[-1], before["ci_upper"].iloc[-1])
        if len(before)
        else (math.nan, math.nan)
    )


def show_limits(cases: int, only: Iterable[str] = ESTIMATORS) -> dict[str, tuple[str, str]]:
    """The limits of the first draw, to five digits."""
    return {
        name: (f"{lower:.5g}", f"{upper:.5g}")
        for name, (lower, upper) in estimate(0, cases, only).items()
    }


def count_held(
    cases: int, replications: int, only: Iterable[str] = ESTIMATORS
) -> list[tuple[str, ...]]:
    """A row an estimator, as COLUMNS: how many intervals were given, the share that held the truth,
    and the limits of the first draw."""
    truth = {name: value for name, value in find_truth().items() if name.partition(",")[0] in only}
    held, given = dict.fromkeys(truth, 0), dict.fromkeys(truth, 0)
    for seed in tqdm(range(replications), disable=not sys.stderr.isatty()):
        for name, (lower, upper) in estimate(seed, cases, only).items():
            if not (math.isnan(lower) or math.isnan(upper)):
                given[name] += 1
                held[name] += lower <= truth[name] <= upper
    first = show_limits(cases, only)
    return [
        (
            *map(str, (name, cases, replications, given[name])),
            f"{held[name] / given[name]:.4f}" if given[name] else "",
            *first.get(name, ("", "")),
        )
        for name in truth
    ]


def main(arguments: list[str] | None = None) -> int:
    """Each number of cases replaces its rows of RESULTS as soon as it is done; a trial of fewer
    replications than REPLICATIONS writes nothing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("replications", type=int, nargs="?", default=REPLICATIONS)
    parser.add_argument("cases", type=int, nargs="*", default=CASES)
    parser.add_argument("--only", nargs="+", choices=ESTIMATORS, default=list(ESTIMATORS))
    given, wrong = parser.parse_args(arguments), []
    for cases in given.cases:
        rows = count_held(cases, given.replications, given.only)
        print(
            *(f"{name:26}{of:>5}{n:>7}  {share}" for name, of, _, n, share, *_ in rows),
            sep="\n",
            flush=True,
        )
        low, high = ALLOWED[cases]
        wrong += [row for row in rows if row[4] and not low <= float(row[4]) <= high]
        if given.replications >= REPLICATIONS:
            _store(rows)
    print(*(f"outside what is allowed: {row}" for row in wrong), sep="\n", flush=True)
    return int(bool(wrong))


def _store(rows: list[tuple[str, ...]]) -> None:
    """Writes the rows in place of those of the same estimator and number of cases."""
    new = pd.DataFrame(rows, columns=COLUMNS)
    old = pd.read_csv(RESULTS, dtype=str) if RESULTS.exists() else new.iloc[:0]
    table = pd.concat([old, new]).drop_duplicates(COLUMNS[:2], keep="last")
    order = table["estimator"].map(list(find_truth()).index), table["cases"].astype(int)
    table = table.iloc[np.lexsort(order)].reindex(columns=COLUMNS).fillna("")
    with RESULTS.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([COLUMNS, *table.to_numpy().tolist()])


if __name__ == "__main__":
    sys.exit(main())
