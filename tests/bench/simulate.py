"""How often 95% intervals hold a planted truth: `make simulate` (minutes). Writes
tests/bench/coverage.csv.

People of two groups are registered again at constant rates, die at a constant rate, and leave
follow-up at a uniform time; days are whole. The truths are closed forms of the rates. In the
clustered worlds people of one case share a frailty."""

from __future__ import annotations

import csv
import math
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from helpers import survival
from helpers.regression import estimate_cox

RESULTS = Path(__file__).with_name("coverage.csv")
SEEDS, PERSONS = 1000, 600
AT, UNTIL = 730, 1095
RATE, RATIO, DEATH = 0.0006, 1.5, 0.0001


def draw(rng: np.random.Generator, *, cases: int | None = None) -> pd.DataFrame:
    """Follow-up of PERSONS: days, event (0, 1, 2), group, case. With `cases`, people of one share a
    rate that varies with mean 1."""
    group = rng.integers(0, 2, PERSONS)
    case = np.arange(PERSONS) if cases is None else rng.integers(0, cases, PERSONS)
    frailty = np.ones(PERSONS) if cases is None else rng.gamma(2.0, 0.5, cases)[case]
    again, died, left = (
        rng.exponential(1 / (RATE * RATIO**group * frailty)),
        rng.exponential(1 / DEATH, PERSONS),
        rng.uniform(365, 2920, PERSONS),
    )
    first = np.minimum(np.minimum(again, died), left)
    event = np.select([again == first, died == first], [1, 2], default=0)
    return pd.DataFrame(
        {"days": np.ceil(first).astype(int), "event": event, "group": group, "case": case}
    )


def find_truth() -> dict[str, float]:
    """Of the mixture of both groups in equal parts, without frailty; the curve with frailty by its
    mean over the gamma distribution."""
    rates = (RATE, RATE * RATIO)
    incidence = np.mean(
        [rate / (rate + DEATH) * (1 - math.exp(-(rate + DEATH) * AT)) for rate in rates]
    )
    survived = np.mean([math.exp(-rate * AT) for rate in rates])
    mean = np.mean([(1 - math.exp(-rate * UNTIL)) / rate for rate in rates])
    steps = (np.arange(200_000) + 0.5) / 200_000 * AT
    shared = np.mean(
        [
            np.mean(rate * (1 + rate * steps / 2.0) ** -3 * np.exp(-DEATH * steps)) * AT
            for rate in rates
        ]
    )
    return {
        "Kaplan-Meier": survived,
        "Aalen-Johansen": incidence,
        "restricted mean": mean,
        "Cox": RATIO,
        "Aalen-Johansen, cases": shared,
        "median": _find_median(rates),
    }


def _find_median(rates: tuple[float, float]) -> float:
    low, high = 0.0, 1e5
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (
            (middle, high)
            if np.mean([math.exp(-rate * middle) for rate in rates]) > 0.5
            else (low, middle)
        )
    return low


def estimate(seed: int) -> dict[str, tuple[float, float]]:
    """The limits that each estimator gives for one draw."""
    rng = np.random.Generator(np.random.PCG64(seed))
    rows, shared = draw(rng), draw(rng, cases=150)
    is_again = (rows["event"] == 1).astype(int)
    curve = survival.estimate_kaplan_meier(rows["days"], is_again)
    limits = {
        "Kaplan-Meier": _read(curve, AT),
        "median": tuple(
            survival.find_quantile(curve, column=column) for column in ("ci_lower", "ci_upper")
        ),
    }
    mean = survival.estimate_restricted_mean(curve, UNTIL).iloc[0]
    limits["restricted mean"] = (mean["ci_lower"], mean["ci_upper"])
    limits["Aalen-Johansen"] = _read(survival.describe_incidence(rows["days"], rows["event"]), AT)
    cox = estimate_cox(rows.assign(event=is_again), ["group"]).iloc[0]
    limits["Cox"] = (cox["ci_lower"], cox["ci_upper"])
    near = shared[shared["days"] <= AT].assign()  # the curve at AT needs no later times
    later = shared[shared["days"] > AT].assign(days=AT + 1, event=0)
    limits["Aalen-Johansen, cases"] = _read(
        survival.describe_incidence(
            *(pd.concat([near, later])[column] for column in ("days", "event")),
            clusters=pd.concat([near, later])["case"],
        ),
        AT,
    )
    return limits


def _read(curve: pd.DataFrame, at: float) -> tuple[float, float]:
    last = curve[curve["time"] <= at].iloc[-1]
    return last["ci_lower"], last["ci_upper"]


def main() -> int:
    truth, held = find_truth(), dict.fromkeys(find_truth(), 0)
    for seed in tqdm(range(SEEDS), disable=not sys.stderr.isatty()):
        for name, (lower, upper) in estimate(seed).items():
            held[name] += lower <= truth[name] <= (math.inf if math.isnan(upper) else upper)
    rows = [
        (name, SEEDS, f"{n / SEEDS:.3f}", f"{math.sqrt(n / SEEDS * (1 - n / SEEDS) / SEEDS):.4f}")
        for name, n in held.items()
    ]
    with RESULTS.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(
            [("estimator", "seeds", "coverage", "monte_carlo_error"), *rows]
        )
    print(
        "\n".join(
            f"{name:28}{coverage:>8}  (Monte Carlo error {error}, {seeds} seeds)"
            for name, seeds, coverage, error in rows
        )
    )
    return int(any(not 0.93 <= n / SEEDS <= 0.97 for n in held.values()))


if __name__ == "__main__":
    sys.exit(main())
