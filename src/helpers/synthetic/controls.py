"""Draws the controls of the aid chapter: a thousand people of the same sex and age for each victim,
from a pool that sets share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.synthetic.allocation import deal, pick, read_plan, share_out
from helpers.synthetic.people import AID, FOREIGN

SET_SIZE = 1000
# People a pool holds for each sex and birth year: sets overlap, as they do where a sample of the
# population is drawn for each victim.
POOL_SIZE = 2500
# Victims outside the aid population who are in a pool too, and sets drawn for victims whom the
# definitions leave out afterwards.
VICTIMS_IN_A_POOL = 3
SETS_LEFT_OUT = {"after_2020": 20, "before_2016_2018": 10}
# One set in so many lacks controls.
SHORT_EVERY = 10
DUTCH_OF_TEN = 8
DAY = "datetime64[D]"


@dataclass(frozen=True)
class Controls:
    """Matches as places: `victim` in `people`, `control` in `persons` (the pool; the first are
    victims too).

    `in_aid` says which matches are of the aid population, `is_victim` which persons of the pool are
    victims.
    """

    people: pd.DataFrame
    persons: pd.DataFrame
    victim: np.ndarray
    control: np.ndarray
    in_aid: np.ndarray
    is_victim: np.ndarray

    def weigh(self, victims: np.ndarray) -> np.ndarray:
        """How often each person of the pool is a control of the victims marked True (an array over
        `people`), or their weights' sum."""
        weights = victims[self.victim].astype(np.int64) * self.in_aid
        return np.bincount(self.control, weights=weights, minlength=len(self.persons)).astype(
            np.int64
        )


def find_birth_cohort(birth_date: pd.Series) -> pd.Series:
    """The year that decides the age on every 1 January: the birth year, or the year before for
    those born on 1 January."""
    return birth_date.dt.year - ((birth_date.dt.month == 1) & (birth_date.dt.day == 1)).astype(int)


def draw_controls(rng: np.random.Generator, people: pd.DataFrame, *, names: np.ndarray) -> Controls:
    """The pool and the matches of the victims in the aid population, and of some who are left out
    afterwards; `names` are free identifiers."""
    people = people.reset_index(drop=True).assign(cohort=find_birth_cohort(people["birth_date"]))
    sizes = _deal_sizes(rng, people)
    pools, persons, is_victim = _draw_pools(rng, people, sizes, names)
    victims, controls = [], []
    ids, pool_ids = people["person_id"].to_numpy(), persons["person_id"].to_numpy()
    for place in np.flatnonzero(sizes):
        pool = pools[people["sex"].iloc[place], people["cohort"].iloc[place]]
        pool = pool[pool_ids[pool] != ids[place]]
        victims.append(np.repeat(place, sizes[place]))
        controls.append(pick(rng, pool, sizes[place]))
    victim, control = np.concatenate(victims), np.concatenate(controls)
    return Controls(
        people, persons, victim, control, people["block"].isin(AID).to_numpy()[victim], is_victim
    )


def _deal_sizes(rng: np.random.Generator, people: pd.DataFrame) -> np.ndarray:
    """How many controls each victim has: a thousand, in some sets fewer, so that minors and others
    have as many as the plan says; none outside the sets."""
    plan, sizes = read_plan("police")[0, "matches"], np.zeros(len(people), dtype=np.int64)
    in_aid, is_minor = (
        people["block"].isin(AID).to_numpy(),
        (people["age_group"] == "minor").to_numpy(),
    )
    sizes[in_aid] = SET_SIZE
    for block, n in SETS_LEFT_OUT.items():
        sizes[pick(rng, np.flatnonzero(people["block"] == block), n)] = SET_SIZE
    for is_in, n in (
        (in_aid & is_minor, plan["minor_controls"]),
        (in_aid & ~is_minor, plan["other_controls"]),
    ):
        missing = SET_SIZE * int(is_in.sum()) - n
        short = pick(rng, np.flatnonzero(is_in), int(is_in.sum()) // SHORT_EVERY)
        sizes[short] -= share_out(missing, [1] * len(short))
    return sizes


def _draw_pools(
    rng: np.random.Generator,
    people: pd.DataFrame,
    sizes: np.ndarray,
    names: np.ndarray,
) -> tuple[dict[tuple[str, int], np.ndarray], pd.DataFrame, np.ndarray]:
    """A pool for each sex and birth cohort: persons, some of whom are victims outside the aid
    population."""
    columns = ["person_id", "sex", "birth_date", "nationality"]
    cells = people[sizes > 0].groupby(["sex", "cohort"], sort=True).size().index
    outside = (
        people[~people["block"].isin(AID)]
        .groupby(["sex", "cohort"])
        .head(VICTIMS_IN_A_POOL)
        .set_index(["sex", "cohort"], drop=False)
    )
    outside = outside[outside.index.isin(cells)]
    n = len(cells) * POOL_SIZE
    cohort = np.repeat([year for _, year in cells], POOL_SIZE)
    # Born from 2 January to 1 January: of one age on every 1 January.
    birth = (cohort - 1970).astype("datetime64[Y]").astype(DAY) + 1 + rng.integers(0, 365, n)
    drawn = pd.DataFrame(
        {
            "person_id": names[:n],
            "sex": np.repeat([sex for sex, _ in cells], POOL_SIZE),
            "birth_date": birth,
            "nationality": _deal_nationalities(rng, n),
        }
    )
    persons = pd.concat([outside[columns], drawn], ignore_index=True)
    pools = {
        cell: len(outside) + np.arange(place * POOL_SIZE, (place + 1) * POOL_SIZE)
        for place, cell in enumerate(cells)
    }
    for place, cell in enumerate(zip(outside["sex"], outside["cohort"], strict=True)):
        pools[cell] = np.append(pools[cell], place)
    return pools, persons, np.arange(len(persons)) < len(outside)


def _deal_nationalities(rng: np.random.Generator, n: int) -> np.ndarray:
    return deal(
        rng, n, {}, rest=["NLD"] * (DUTCH_OF_TEN * len(FOREIGN)) + FOREIGN * (10 - DUTCH_OF_TEN)
    )
