"""Draws the register of the residence scheme: offers of the reflection period, and decisions on
temporary and continued residence.

`data/codes/plan_residence.csv` holds the whole numbers. A person has at most one decision of each
kind here; who has several is drawn among those for whom the order of the scheme (reflection,
temporary, continued) and the printed words allow it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.definitions import (
    ADULT_FROM,
    DUBLIN_INDICATED,
    NOT_RECORDED,
    SCHEME_AGES,
    UNKNOWN,
    find_region,
    group_scheme_ages,
)
from helpers.labels import read_codes
from helpers.schema import find_table
from helpers.synthetic.allocation import deal, make_ids, pick, read_plan, spread
from helpers.synthetic.victims import ADDED_NATIONALITIES, ADOLESCENTS, MINORS, name_regions

# The Dublin indication is recorded since 2019 (section 2.4.2 of the monitor).
DUBLIN_SINCE = 2019
# One decision in so many is neither granted nor rejected; no number says how many are.
OTHER_EVERY = 20
# The ages that are dealt within an age group.
AGES = {
    "minor": MINORS,
    "adolescent": ADOLESCENTS,
    "young": range(ADULT_FROM, SCHEME_AGES["23_29"]),
    "older": range(SCHEME_AGES["23_29"], 47),
}
# One of ten is on the ground for distressing cases (421) or under the older code (301); no number
# says how many.
QUALIFICATIONS = {
    "reflection": ["779"],
    "temporary": ["420"] * 9 + ["421"],
    "continued": ["305"] * 9 + ["301"],
}
DAYS_OF_REFLECTION = 90


def draw_decisions(rng: np.random.Generator) -> pd.DataFrame:
    """The table `residence_decisions`: some 3,000 rows, in order of their identifiers."""
    temporary = _draw_temporary(rng)
    continued = _draw_continued(rng, temporary)
    reflection = _draw_reflection(rng, temporary, first_free=int(continued["person"].max()) + 1)
    decisions = pd.concat([temporary, continued, reflection], ignore_index=True)
    decisions["qualification"] = np.concatenate(
        [
            deal(rng, len(part), {}, rest=QUALIFICATIONS[kind])
            for kind, part in decisions.groupby("kind", sort=False)
        ]
    )
    return _finish(rng, _add_traits(rng, decisions))


def _draw_temporary(rng: np.random.Generator) -> pd.DataFrame:
    """Decisions on temporary residence, each of another person."""
    plan = read_plan("residence")
    rows = [
        (year, *what.split(":"))
        for (year, group), cell in plan.items()
        if group == "temporary"
        for what, n in cell.items()
        for _ in range(n)
    ]
    table = pd.DataFrame(rows, columns=["year", "dublin", "outcome"])
    start = _start_of(table["year"])
    return table.assign(
        kind="temporary", person=np.arange(len(table)), day=start + rng.integers(0, 365, len(table))
    )


def _start_of(year: int | pd.Series) -> np.datetime64 | np.ndarray:
    return (np.asarray(year) - 1970).astype("datetime64[Y]").astype("datetime64[D]")


def _list_years(group: str) -> list[int]:
    return sorted(year for year, name in read_plan("residence") if name == group)


def _draw_continued(rng: np.random.Generator, temporary: pd.DataFrame) -> pd.DataFrame:
    """Decisions on continued residence: of those granted temporary residence before, and of others
    whose grant lies before the period."""
    is_open = (
        (temporary["outcome"] == "granted") & ~temporary["dublin"].isin(DUBLIN_INDICATED)
    ).to_numpy()
    parts, free = [], len(temporary)
    for year in _list_years("continued"):
        cell = dict(read_plan("residence")[year, "continued"])
        alone = cell.pop("alone")
        linked = pick(
            rng,
            np.flatnonzero(is_open & (temporary["year"] <= year).to_numpy()),
            sum(cell.values()) - alone,
        )
        is_open[linked] = False
        earliest = np.concatenate(
            [
                np.maximum(
                    temporary["day"].to_numpy(dtype="datetime64[D]")[linked], _start_of(year)
                ),
                np.repeat(_start_of(year), alone),
            ]
        )
        left = (_start_of(year + 1) - earliest).astype(np.int64)
        persons = np.concatenate(
            [temporary["person"].to_numpy()[linked], np.arange(free, free + alone)]
        )
        free += alone
        outcomes = deal(rng, len(persons), cell, rest="other")
        parts.append(
            pd.DataFrame(
                {
                    "year": year,
                    "outcome": outcomes,
                    "kind": "continued",
                    "person": persons,
                    "day": earliest + rng.integers(0, left),
                }
            )
        )
    return _fill_dublin(pd.concat(parts, ignore_index=True))


def _draw_reflection(
    rng: np.random.Generator, temporary: pd.DataFrame, *, first_free: int
) -> pd.DataFrame:
    """Offers of the reflection period: shortly before a decision on temporary residence in the same
    year, or without one."""
    parts, free = [], first_free
    for year in _list_years("reflection"):
        cell = read_plan("residence")[year, "reflection"]
        linked = pick(
            rng,
            np.flatnonzero(
                (temporary["year"] == year) & ~temporary["dublin"].isin(DUBLIN_INDICATED)
            ),
            cell["offered"] - cell["alone"],
        )
        before = temporary["day"].to_numpy(dtype="datetime64[D]")[linked] - rng.integers(
            1, DAYS_OF_REFLECTION, len(linked)
        )
        days = np.concatenate(
            [
                np.maximum(before, _start_of(year)),
                _start_of(year) + rng.integers(0, 365, cell["alone"]),
            ]
        )
        persons = np.concatenate(
            [temporary["person"].to_numpy()[linked], np.arange(free, free + cell["alone"])]
        )
        free += cell["alone"]
        parts.append(
            pd.DataFrame(
                {
                    "year": year,
                    "outcome": "offered",
                    "kind": "reflection",
                    "person": persons,
                    "day": days,
                }
            )
        )
    return _fill_dublin(pd.concat(parts, ignore_index=True))


def _fill_dublin(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(dublin=np.where(table["year"] < DUBLIN_SINCE, NOT_RECORDED, "none"))


def _add_traits(rng: np.random.Generator, decisions: pd.DataFrame) -> pd.DataFrame:
    """Sex, age and nationality of each person; a person is as many years older at a later decision
    as years have passed."""
    is_dublin = decisions["dublin"].isin(DUBLIN_INDICATED).groupby(decisions["person"]).any()
    traits = pd.concat(
        [
            _deal_traits(rng, group, is_dublin.index[is_dublin == (group == "dublin")])
            for group in ("dublin", "others")
        ]
    )
    first = decisions.groupby("person")["day"].transform("min")
    passed = (decisions["day"] - first).dt.days // 365
    decisions = decisions.merge(traits, left_on="person", right_index=True)
    return decisions.assign(age_at_decision=(decisions["age"] + passed).astype("Int64"))


def _deal_traits(rng: np.random.Generator, group: str, persons: pd.Index) -> pd.DataFrame:
    cell = dict(read_plan("residence")[0, group])
    sex = deal(rng, cell.pop("persons"), {"male": cell.pop("male")}, rest="female")
    sizes = {age: cell.pop(age) for age in AGES if age in cell}
    sizes["older"] = len(persons) - sum(sizes.values())
    ages = np.concatenate([spread(rng, n, AGES[age]) for age, n in sizes.items()])
    return pd.DataFrame(
        {
            "sex": sex,
            "age": ages[rng.permutation(len(persons))],
            "nationality": name_regions(rng, deal(rng, len(persons), cell, rest=UNKNOWN)),
        },
        index=persons,
    )


def _finish(rng: np.random.Generator, decisions: pd.DataFrame) -> pd.DataFrame:
    """The columns of the contract, in order of meaningless identifiers."""
    people = make_ids(rng, int(decisions["person"].max()) + 1, "a")
    decisions = decisions.assign(
        decision_id=make_ids(rng, len(decisions), "d"),
        person_id=people[decisions["person"]],
        decision_date=decisions["day"].astype("datetime64[s]"),
    )
    names = [name for name in find_table("residence_decisions").names if name in decisions]
    return decisions[names].sort_values("decision_id", ignore_index=True)


def count_decisions(decisions: pd.DataFrame) -> pd.DataFrame:
    """The table `residence_counts`: the same decisions as the frequency tables in which the
    immigration service delivers."""
    groups = {**read_codes("nationality"), **ADDED_NATIONALITIES}
    cells = decisions.assign(
        year=decisions["decision_date"].dt.year,
        age_group=group_scheme_ages(decisions["age_at_decision"]),
        origin_region=find_region(decisions["nationality"], groups),
    )
    breakdown = [
        column.name for column in find_table("residence_counts").columns if column.name != "n"
    ]
    return cells.groupby(breakdown, sort=True).size().rename("n").reset_index()
