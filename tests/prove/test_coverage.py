"""Simulated coverage of 95% limits by case (a quarter of an hour to an hour): writes
tests/bench/coverage_clusters.csv."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

BENCH = Path(__file__).parents[1] / "bench"


@pytest.mark.prove
@pytest.mark.parametrize("cases", [10, 20, 50, 150])
def test_limits_by_case_hold_the_truth_as_often_as_they_say(cases):
    """93 to 97 percent with 50 and 150 cases, 90 to 99 with 10 and 20; 4,000 replications."""
    done = subprocess.run(
        [sys.executable, str(BENCH / "simulate_clusters.py"), "4000", str(cases)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_committed_coverage_is_of_enough_replications_and_within_what_is_allowed():
    table = pd.read_csv(BENCH / "coverage_clusters.csv", encoding="utf-8")
    few = table["cases"] < 50
    assert (table["replications"] >= 4000).all()
    assert set(table["cases"]) >= {10, 20}
    assert table.loc[few, "coverage"].between(0.90, 0.99).all()
    assert table.loc[~few, "coverage"].between(0.93, 0.97).all()
