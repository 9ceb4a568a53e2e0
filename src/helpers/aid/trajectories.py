"""When aid begins, and in which state minors are: from a year before to two years after the end of
the offences."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers import survival
from helpers.aid.people import People, find_own_aid
from helpers.cohort import DAYS_A_YEAR, place_people
from helpers.definitions import ADOLESCENT_FROM
from helpers.edition import BadInput

BEFORE_DAYS, AFTER_DAYS = 365, 730
STATES = ("none", "without_residence", "with_residence")
_FAR = np.datetime64("2200-01-01", "s")


def _find_limits(
    minors: People, study_end: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """For each minor victim: the origin (a year before the end of the offences), the eighteenth
    birthday or the end of the study, whichever comes first, the end of the stay in the population
    register, and death."""
    base = minors.victims["base"].to_numpy()
    origin = base - np.timedelta64(BEFORE_DAYS, "D")
    birth = minors.victims["birth_date"]
    eighteen = (
        (birth + pd.DateOffset(years=ADOLESCENT_FROM)).to_numpy()
        if len(birth)
        else birth.to_numpy()
    )
    left = np.full(minors.size, np.datetime64("NaT"), dtype="datetime64[s]")
    spells = minors.spells.assign(to_date=minors.spells["to_date"].fillna(pd.Timestamp(_FAR)))
    ends = spells.groupby("person")["to_date"].max()
    left[ends.index] = ends.to_numpy()
    own = left[minors.victims["person"]]
    own = np.where(own == _FAR, np.datetime64("NaT"), own)
    return (
        origin,
        np.fmin(eighteen, np.datetime64(f"{study_end}-12-31", "s")),
        own,
        minors.victims["death_date"].to_numpy(),
    )


def _select_care(minors: People) -> pd.DataFrame:
    """Youth care of the victims, at any time, with `victim` (place)."""
    place = place_people(minors.victims["person"], minors.size)
    care = minors.youth_care.assign(victim=place[minors.youth_care["person"]])
    return care[care["victim"] >= 0]


def describe_first_aid(people: People, *, study_end: int) -> pd.DataFrame:
    """The cumulative incidence of the first youth care of minor victims by days since a year before
    the end of the offences (columns of `survival.describe_incidence`); death and departure compete.
    The eighteenth birthday ends the right to youth care: it censors by age, and is no competing
    risk. Who is in care at the origin, or of age by then, is not in it.
    """
    minors = people.select(people.is_minor)
    origin, until, left, died = _find_limits(minors, study_end)
    until = np.minimum(until, origin + np.timedelta64(BEFORE_DAYS + AFTER_DAYS, "D"))
    care = _select_care(minors)
    since = care["start_date"].to_numpy() - origin[care["victim"]]
    is_before = since < np.timedelta64(0)
    goes_on = is_before & ~(care["end_date"].to_numpy() < origin[care["victim"]])
    in_care = np.bincount(care["victim"][goes_on], minlength=len(origin)) > 0
    first = (
        pd.Series(care["start_date"].to_numpy()[~is_before])
        .groupby(care["victim"].to_numpy()[~is_before])
        .min()
    )
    begun = np.full(len(origin), np.datetime64("NaT"), dtype="datetime64[s]")
    begun[first.index.to_numpy(dtype=int)] = first.to_numpy()
    exits = np.fmin.reduce([begun, until, left, died]) if len(origin) else origin
    event = np.select([begun == exits, died == exits, left == exits], [1, 2, 3], default=0)
    days = (exits - origin).astype("timedelta64[D]").astype(int)
    followed = ~in_care & (days > 0)
    return survival.describe_incidence(
        pd.Series(days[followed]), pd.Series(event[followed]), causes=3
    )


def list_steps(steps_a_year: int) -> range:
    """Steps from one year before to two years after the end of the offences; 0 is that end."""
    if steps_a_year < 1:
        raise BadInput(
            f"steps_a_year is {steps_a_year}; states are looked at once a year or more often"
        )
    return range(-steps_a_year, 2 * steps_a_year + 1)


def _find_states(
    minors: People, *, study_end: int, with_residence: set[str], steps_a_year: int
) -> np.ndarray:
    """The state (place in STATES) of each minor victim at each step of `list_steps`; -1 for who is
    of age, dead or not in the population register on that day, or where the study is over. With
    residence leads."""
    _, until, left, died = _find_limits(minors, study_end)
    base, care = minors.victims["base"].to_numpy(), _select_care(minors)
    victim, rank = care["victim"].to_numpy(), np.where(care["care_type"].isin(with_residence), 2, 1)
    steps = list_steps(steps_a_year)
    states = np.zeros((len(base), len(steps)), dtype=int)
    for column, step in enumerate(steps):
        day = base + np.timedelta64(round(step * DAYS_A_YEAR / steps_a_year), "D")
        is_on = (care["start_date"].to_numpy() <= day[victim]) & ~(
            care["end_date"].to_numpy() < day[victim]
        )
        np.maximum.at(states[:, column], victim[is_on], rank[is_on])
        states[~((day < until) & ~(left <= day) & ~(died <= day)), column] = -1
    return states


def count_occupancy(
    people: People, *, study_end: int, with_residence: set[str], steps_a_year: int
) -> pd.DataFrame:
    """Minor victims by state (STATES) at each step of `list_steps`: years, state, n.

    Counted are those who are under eighteen, alive and in the population register on that day.
    """
    states = _find_states(
        people.select(people.is_minor),
        study_end=study_end,
        with_residence=with_residence,
        steps_a_year=steps_a_year,
    )
    steps = list_steps(steps_a_year)
    rows = [
        (f"{step / steps_a_year:g}", name, int((states[:, column] == number).sum()))
        for column, step in enumerate(steps)
        for number, name in enumerate(STATES)
    ]
    return pd.DataFrame(rows if len(states) else [], columns=["years", "state", "n"])


def count_moves(
    people: People, *, study_end: int, with_residence: set[str], steps_a_year: int
) -> pd.DataFrame:
    """Moves of minor victims from a state to the state at the next step, over all steps: state,
    to_state, n. Who is not counted at both days is left out."""
    states = _find_states(
        people.select(people.is_minor),
        study_end=study_end,
        with_residence=with_residence,
        steps_a_year=steps_a_year,
    )
    here, there = states[:, :-1].ravel(), states[:, 1:].ravel()
    rows = [
        (name, other, int(((here == number) & (there == place)).sum()))
        for number, name in enumerate(STATES)
        for place, other in enumerate(STATES)
    ]
    return pd.DataFrame(rows if len(states) else [], columns=["state", "to_state", "n"])


def describe_closed_placement(people: People, *, study_end: int) -> pd.DataFrame:
    """The median days in the first closed placement that starts within the days that count, of
    minor victims (Kaplan-Meier, an open end is censored at the end of the study): category, value,
    ci_lower, ci_upper, unit, n_behind (placements), grid (`survival.find_reach`). No row where it
    is not reached."""
    minors = people.select(people.is_minor)
    own = find_own_aid(minors, minors.youth_care)
    first = (
        own[own["care_type"] == "closed"]
        .sort_values(["start_date", "trajectory_id"])
        .drop_duplicates("victim")
    )
    ends = first["end_date"].fillna(pd.Timestamp(study_end, 12, 31))
    days = (ends - first["start_date"]).dt.days.to_numpy()
    if not len(days):
        return pd.DataFrame(
            columns=["category", "value", "ci_lower", "ci_upper", "unit", "n_behind"]
        )
    curve = survival.estimate_kaplan_meier(days, first["end_date"].notna().to_numpy())
    value, lower, upper = (
        survival.find_quantile(curve, column=column)
        for column in ("survival", "ci_lower", "ci_upper")
    )
    grid = max(
        (survival.find_reach(days, at) for at in (value, lower, upper) if np.isfinite(at)),
        default=np.inf,
    )
    row = ("closed_median", value, lower, upper, "days", len(days), grid)
    return pd.DataFrame(
        [row] if np.isfinite(value) else [],
        columns=["category", "value", "ci_lower", "ci_upper", "unit", "n_behind", "grid"],
    )
