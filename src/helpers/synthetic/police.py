"""Draws the police register that both linked chapters use: persons, spells in the population
register, incidents."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.definitions import UNKNOWN
from helpers.schema import find_table
from helpers.synthetic.allocation import deal, make_ids, pick, read_plan, spread
from helpers.synthetic.people import (
    ADULTS,
    AID,
    AID_FROM,
    AID_UNTIL,
    FOREIGN,
    GENERAL,
    LONGEST_DELAY,
    LONGEST_OFFENCE,
    SEXUAL,
    draw_people,
)
from helpers.synthetic.repeats import LAST_DAY, add_codes, draw_repeats

# Numbers that identifiers are drawn from: more than there are persons, so that a number says
# nothing.
IDENTIFIERS = 400_000
DAY = "datetime64[D]"
# Noise, in percent of all, among persons who are not registered again: left the register, died;
# among all: a gap before the index incident.
LEFT_PERCENT, DEAD_PERCENT, GAP_PERCENT = 5, 1, 3
GAP_FROM, GAP_TO = 300, 100
# In percent of those who never were in the population register: birth date missing.
NO_BIRTH_PERCENT = 30
SECOND_INDEX_PERCENT = 5


def draw_police(rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """The tables `persons`, `residence_spells`, `incidents` of the victims; also `people`, which
    the aid registers are drawn for.

    `people` has one row a victim in the population register: person_id, block, sex, age_group,
    birth_date, start, end, registered; `free` the identifiers that are left for controls.
    """
    people = draw_people(rng)
    repeats = draw_repeats(rng, people)
    unregistered = _draw_unregistered(rng, len(people))
    everybody = pd.concat([people, unregistered], ignore_index=True)
    everybody["sex"] = everybody["sex"].replace({"male_once": "male", "male_several": "male"})
    names = make_ids(rng, IDENTIFIERS, "p")
    everybody["person_id"] = names[: len(everybody)]
    known = everybody.iloc[: len(people)].assign(
        is_again=np.isin(np.arange(len(people)), repeats.loc[repeats["is_repeat"], "person"])
    )
    known = known.assign(death_date=_draw_deaths(rng, known))
    persons = finish("persons", pd.concat([known, everybody.iloc[len(people) :]]))
    return {
        "persons": persons,
        "residence_spells": _draw_spells(rng, known),
        "incidents": _draw_incidents(rng, everybody, repeats),
        "people": known,
        "free": pd.DataFrame({"person_id": names[len(everybody) :]}),
    }


def finish(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """The columns of a table of the contract; dates as days, missing columns that every extract has
    are empty."""
    table = find_table(name)
    columns = [one for one in table.columns if one.name in rows or one.name not in table.optional]
    rows = rows.reindex(columns=[column.name for column in columns])
    return rows.assign(
        **{
            column.name: rows[column.name].astype("datetime64[s]")
            for column in columns
            if column.kind == "date"
        }
    ).reset_index(drop=True)


def _draw_unregistered(rng: np.random.Generator, first: int) -> pd.DataFrame:
    """Victims who never were in the population register: those of the aid chapter's years, and of
    the years before and after."""
    plan = read_plan("police")[0, "unregistered"]
    n = sum(plan.values())
    block = np.repeat(list(plan), list(plan.values()))
    edges = {
        "persons": (AID_FROM, AID_UNTIL),
        "before": (np.datetime64("2010-01-01"), AID_FROM),
        "after": (AID_UNTIL, LAST_DAY),
    }
    low, high = (np.array([edges[name][side] for name in block]) for side in (0, 1))
    registered = low + rng.integers(0, (high - low).astype(np.int64))
    end = np.maximum(registered - rng.integers(0, LONGEST_DELAY, n), low)
    start = end - rng.integers(0, LONGEST_OFFENCE, n)
    start = np.where(block == "persons", np.maximum(start, AID_FROM), start)
    birth = start - spread(rng, n, [age * 366 for age in ADULTS])
    return pd.DataFrame(
        {
            "block": "unregistered",
            "registered": registered,
            "start": start,
            "end": end,
            "code": deal(rng, n, {}, rest=[GENERAL, SEXUAL, SEXUAL, "F562"]),
            "sex": deal(rng, n, {}, rest=["female", "female", "male"]),
            "nationality": deal(rng, n, {}, rest=[*FOREIGN, UNKNOWN]),
            "birth_date": np.where(
                rng.integers(0, 100, n) < NO_BIRTH_PERCENT, np.datetime64("NaT"), birth
            ),
        },
        index=range(first, first + n),
    )


def _draw_deaths(rng: np.random.Generator, people: pd.DataFrame) -> np.ndarray:
    """A few died after the index incident, none of those who are registered again or get aid."""
    dates = np.full(len(people), np.datetime64("NaT"), dtype=DAY)
    chosen = pick(
        rng,
        np.flatnonzero(~people["is_again"] & ~people["block"].isin(AID) & (people["year"] < 2020)),
        len(people) * DEAD_PERCENT // 100,
    )
    dates[chosen] = _draw_after(rng, people, chosen)
    return dates


def _draw_after(rng: np.random.Generator, people: pd.DataFrame, chosen: np.ndarray) -> np.ndarray:
    """A day after the index incident and before the end of the data, for each of the chosen."""
    registered = people["registered"].to_numpy(dtype=DAY)[chosen]
    return registered + 1 + rng.integers(0, (LAST_DAY - registered).astype(np.int64))


def _draw_spells(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    """In the population register since birth (Dutch) or since some time before the offences; open,
    or until departure or death."""
    registered, birth = (
        people["registered"].to_numpy(dtype=DAY),
        people["birth_date"].to_numpy(dtype=DAY),
    )
    arrived = np.maximum(
        people["start"].to_numpy(dtype=DAY) - GAP_FROM - rng.integers(0, 1000, len(people)), birth
    )
    began = np.where(people["nationality"] == "NLD", birth, arrived)
    ended = people["death_date"].to_numpy(dtype=DAY, copy=True)
    leaving = pick(
        rng,
        np.flatnonzero(~people["is_again"] & np.isnat(ended) & (people["year"] < 2020)),
        len(people) * LEFT_PERCENT // 100,
    )
    ended[leaving] = _draw_after(rng, people, leaving)
    gap = pick(rng, np.flatnonzero(began < registered - GAP_FROM), len(people) * GAP_PERCENT // 100)
    ids = people["person_id"].to_numpy()
    before = pd.DataFrame(
        {"person_id": ids[gap], "from_date": began[gap], "to_date": registered[gap] - GAP_FROM}
    )
    began[gap] = registered[gap] - GAP_TO
    return finish(
        "residence_spells",
        pd.concat([before, pd.DataFrame({"person_id": ids, "from_date": began, "to_date": ended})]),
    )


def _draw_incidents(
    rng: np.random.Generator, everybody: pd.DataFrame, repeats: pd.DataFrame
) -> pd.DataFrame:
    """Index incidents, some with a second code, and the other incidents."""
    index = everybody.assign(
        person=np.arange(len(everybody)),
        offence_code=everybody["code"],
        day=everybody["registered"],
    )[["person", "day", "start", "end", "offence_code"]]
    index["incident"] = np.arange(len(index))
    again = pick(
        rng,
        np.flatnonzero(index["offence_code"] == SEXUAL),
        len(index) * SECOND_INDEX_PERCENT // 100,
    )
    others = add_codes(
        rng,
        _date_repeats(rng, everybody, repeats).assign(
            incident=len(index) + np.arange(len(repeats))
        ),
    )
    rows = pd.concat(
        [index, index.iloc[again].assign(offence_code=GENERAL), others], ignore_index=True
    )
    names = make_ids(rng, len(index) + len(repeats), "i")
    rows = rows.assign(
        incident_id=names[rows["incident"]],
        person_id=everybody["person_id"].to_numpy()[rows["person"]],
        registration_date=rows["day"],
        offence_start_date=rows["start"],
        offence_end_date=rows["end"],
    )
    return finish("incidents", rows.sort_values(["incident_id", "offence_code"]))


def _date_repeats(
    rng: np.random.Generator, everybody: pd.DataFrame, repeats: pd.DataFrame
) -> pd.DataFrame:
    """Offence dates of the other incidents, some before the index incident, none before birth.
    Trafficking of people outside the aid population began before its years, so that it stays
    outside."""
    born = everybody["birth_date"].to_numpy(dtype=DAY)[repeats["person"]]
    day = np.fmax(repeats["day"].to_numpy(dtype=DAY), born)
    end = day - rng.integers(0, LONGEST_DELAY, len(repeats))
    start = end - rng.integers(0, LONGEST_DELAY, len(repeats))
    is_outside = (repeats["kind"] == "trafficking") & ~everybody["block"].isin(AID).to_numpy()[
        repeats["person"]
    ]
    start = np.where(
        is_outside,
        np.minimum(start, AID_FROM - 1 - rng.integers(0, LONGEST_OFFENCE, len(repeats))),
        start,
    )
    start = np.fmax(start, born)
    return repeats.assign(day=day, start=start, end=np.maximum(end, start))
