"""What each method would say where the truth is known: made-up populations, each built to hold or
to break one assumption.

Nothing here is about real people; every table drawn here is an illustration.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy.special import expit
from statsmodels.stats.proportion import proportion_confint

from helpers.mse.methods import Effort, estimate_by
from helpers.mse.workers import JOBS, do_all
from helpers.sources import COUNT

LISTS = ("A", "B", "C", "D", "E")
# Lists of much the same sizes, against all victims, as in the Dutch table.
CHANCES = np.array([0.02, 0.03, 0.10, 0.015, 0.017])
SIZE = 50_000
# Shares of cells are rounded, so that a draw does not hang on the last digit of a machine.
DIGITS = 12
REPLICATES = 200
STARTS = 8
BOUNDS = ("chao",)
METHODS = ("independence", "forward", "bic", "penalised", "graphs", "classes", "chao")


@dataclass(frozen=True)
class World:
    """A population of `size` victims and how tables are drawn from it."""

    name: str
    size: int
    draw: Callable[[np.random.Generator, int], pd.DataFrame]


def _tabulate(patterns: np.ndarray, counts: np.ndarray) -> pd.DataFrame:
    """A capture table of those who were on a list."""
    table = pd.DataFrame(patterns, columns=list(LISTS)).assign(**{COUNT: counts})
    return (
        table[(table[list(LISTS)].sum(axis=1) > 0) & (table[COUNT] > 0)]
        .groupby(list(LISTS), as_index=False)[COUNT]
        .sum()
    )


_CELLS = np.array(list(product((0, 1), repeat=len(LISTS))))


def _find_shares(chances: np.ndarray) -> np.ndarray:
    """The share of a population in each cell where lists with these chances are independent."""
    shares = np.prod(np.where(_CELLS == 1, chances, 1 - chances), axis=1)
    return shares.round(DIGITS)


def draw_independent(generator: np.random.Generator, size: int) -> pd.DataFrame:
    """Every list sees everybody with its own chance, whatever the others do: what the simplest
    method assumes."""
    return _tabulate(_CELLS, generator.multinomial(size, _find_shares(CHANCES)))


def draw_dependent(generator: np.random.Generator, size: int) -> pd.DataFrame:
    """Two pairs of lists send people on to each other, and one pair hardly meets."""
    shares = _find_shares(CHANCES) * np.exp(
        _CELLS[:, 0] * _CELLS[:, 4] * 2.0
        + _CELLS[:, 2] * _CELLS[:, 4] * 1.0
        - _CELLS[:, 1] * _CELLS[:, 3] * 2.0
    )
    return _tabulate(_CELLS, generator.multinomial(size, (shares / shares.sum()).round(DIGITS)))


def draw_two_kinds(generator: np.random.Generator, size: int) -> pd.DataFrame:
    """One victim in ten is seen far more easily by every list; the others hardly."""
    seen, hidden = _find_shares(expit(np.log(CHANCES) + 1.8)), _find_shares(CHANCES * 0.4)
    return _tabulate(_CELLS, generator.multinomial(size, 0.1 * seen + 0.9 * hidden))


def draw_missed_matches(generator: np.random.Generator, size: int) -> pd.DataFrame:
    """Independent lists, but one in five of those on two lists or more is not recognised and
    counted once for each list."""
    table = draw_independent(generator, size)
    several = table[list(LISTS)].sum(axis=1) > 1
    missed = generator.binomial(table.loc[several, COUNT], 0.2)
    table.loc[several, COUNT] -= missed
    split = [
        (row == 1) * np.eye(len(LISTS), dtype=int)[place]
        for row in table.loc[several, list(LISTS)].to_numpy()
        for place in range(len(LISTS))
    ]
    return _tabulate(
        np.vstack([table[list(LISTS)].to_numpy(), split]),
        np.concatenate([table[COUNT], np.repeat(missed, len(LISTS))]),
    )


def draw_open(generator: np.random.Generator, size: int) -> pd.DataFrame:
    """Six years with a sixth of the victims each, who are seen in their own year only, while lists
    grow and shrink."""
    growth = np.linspace(-1, 1, 6)[:, None] * np.array([1.0, -1.5, 0.3, 1.2, 0.8])
    counts = sum(
        generator.multinomial(size // 6, _find_shares(np.minimum(CHANCES * np.exp(year), 0.9)))
        for year in growth
    )
    return _tabulate(_CELLS, counts)  # type: ignore[arg-type]  # a sum of no years would be 0


def draw_false_matches(generator: np.random.Generator, size: int) -> pd.DataFrame:
    """Independent lists, but one in a hundred of those on one list only is taken for somebody who
    is on another list only."""
    table = draw_independent(generator, size).set_index(list(LISTS))[COUNT]
    alone = [tuple(row) for row in np.eye(len(LISTS), dtype=int)]
    seen = np.array([table.get(row, 0) for row in alone])
    counts = dict(table.items())
    for place, row in enumerate(alone):
        others = np.delete(np.arange(len(LISTS)), place)
        taken = generator.multinomial(
            generator.binomial(seen[place], 0.01), seen[others] / seen[others].sum()
        )
        for other, number in zip(others, taken, strict=True):
            both = tuple(np.maximum(row, alone[other]))
            counts = {
                **counts,
                row: counts[row] - number,
                alone[other]: counts[alone[other]] - number,
                both: counts.get(both, 0) + number,
            }
    return _tabulate(np.array(list(counts)), np.array(list(counts.values())))


WORLDS = tuple(
    World(name, SIZE, draw)
    for name, draw in (
        ("independent", draw_independent),
        ("dependent", draw_dependent),
        ("two_kinds", draw_two_kinds),
        ("missed_matches", draw_missed_matches),
        ("open", draw_open),
        ("false_matches", draw_false_matches),
    )
)


def measure_coverage(
    *, tables: int, seed: int, jobs: int = JOBS, quiet: bool = True
) -> pd.DataFrame:
    """How each method fares in each world, over so many drawn tables.

    Columns population (the world), category (the method), share (intervals of 95% that hold the
    truth; of Chao's bound, lower limits that do not lie above it), ci_lower, ci_upper (of that
    share: its Monte Carlo error, Wilson), value (the median estimate over the truth), n (tables
    with an estimate). The same for a seed with any number of jobs.
    """
    streams = np.random.SeedSequence(seed).spawn(len(WORLDS) * tables)
    work = [(number // tables, stream) for number, stream in enumerate(streams)]
    done = do_all(_measure_one, work, title="simulated tables", jobs=jobs, chunk=5, quiet=quiet)
    drawn = pd.DataFrame(
        [row for rows in done for row in rows],
        columns=["population", "category", "ratio", "covered"],
    )
    return _summarise(drawn)


def _measure_one(work: tuple[int, np.random.SeedSequence]) -> list[tuple[str, str, float, bool]]:
    number, stream = work
    world, generator = WORLDS[number], np.random.default_rng(stream)
    captures = world.draw(generator, world.size)
    effort = Effort(REPLICATES, seed=int(generator.integers(2**31)), starts=STARTS)
    return [
        (
            world.name,
            row.category,
            row.n / world.size,
            row.ci_lower <= world.size and (row.category in BOUNDS or world.size <= row.ci_upper),
        )
        for row in estimate_by(METHODS, captures, effort)
    ]


def _summarise(drawn: pd.DataFrame) -> pd.DataFrame:
    """Rows by world and method; the middle estimate to four digits, as iterative fits are
    compared."""
    groups = drawn.groupby(["population", "category"])
    table = groups.agg(covered=("covered", "sum"), n=("covered", "size"), value=("ratio", "median"))
    order = [(world.name, name) for world in WORLDS for name in METHODS]
    table = table.loc[[key for key in order if key in table.index]].reset_index()
    lower, upper = proportion_confint(table["covered"], table["n"], method="wilson")
    table = table.assign(
        share=table["covered"] / table["n"],
        ci_lower=lower,
        ci_upper=upper,
        value=[float(f"{value:.4g}") for value in table["value"]],
    )
    return table[["population", "category", "n", "share", "ci_lower", "ci_upper", "value"]]
