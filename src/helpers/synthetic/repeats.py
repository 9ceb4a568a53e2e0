"""Draws the later incidents of the people registered for trafficking, and incidents that are no
repeats but look like them.

The days to the first repeat within five years are whole numbers with the printed median, mean and
standard deviation, on a curve as plain as these three allow; the numbers of incidents and of
persons by kind of offence are the plan's. Nothing ties the time, the kind or the number of
incidents to a person, but for the printed shares by sex and age, which the blocks of `people` hold.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import scipy

from helpers.definitions import SEVERE
from helpers.edition import BadInput
from helpers.synthetic.allocation import deal, pick, read_plan, spread
from helpers.synthetic.constraints import read_constraints
from helpers.synthetic.offences import CODES

LAST_DAY = np.datetime64("2020-12-31")
TWO_YEARS, FIVE_YEARS, SEVEN_YEARS = 730, 1826, 2556
COHORT_YEARS = range(2010, 2016)
# Half of the repeaters outside the planned cohort meet one incident more.
MORE_EVERY = 2
# Of those registered again after five years a third meet a second incident by the seventh; so many
# others meet one in these years too.
LATE_SECOND_EVERY, LATE_OTHERS = 3, 60
# Noise, in percent of persons: an incident of another kind before the index incident, trafficking
# before the study period, an incident on the day of the index incident; and of incidents: a second
# offence code.
EARLIER_PERCENT, BEFORE_STUDY_PERCENT, SAME_DAY_PERCENT, SECOND_CODE_PERCENT = 10, 3, 2, 5
EARLIER_DAYS, STUDY_STARTS = 700, np.datetime64("2010-01-01")
LONGEST_DELAY = 60


def draw_repeats(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    """Incidents other than the index incident: `person` (row of `people`), `day` (of registration),
    `kind`, `is_repeat`."""
    cohort = _draw_cohort(rng, people)
    late = _draw_late(rng, people, cohort)
    rest = pd.concat(
        [_draw_2016(rng, people), _draw_2017_2018(rng, people), _draw_2019_2020(rng, people)],
        ignore_index=True,
    )
    rest = _add_more(rng, rest)
    others = pd.concat([late, rest], ignore_index=True)
    others = others.assign(kind=deal(rng, len(others), {}, rest=_list_kinds()))
    return pd.concat([cohort, others, _draw_lookalikes(rng, people)], ignore_index=True)


def _write(people: pd.DataFrame, person: np.ndarray, days: np.ndarray) -> pd.DataFrame:
    """Repeats so many days after the index incident."""
    registered = people["registered"].to_numpy(dtype="datetime64[D]")[person]
    return pd.DataFrame(
        {"person": person, "day": registered + np.asarray(days, dtype=np.int64), "is_repeat": True}
    )


def _days_left(people: pd.DataFrame, person: np.ndarray) -> np.ndarray:
    return (LAST_DAY - people["registered"].to_numpy(dtype="datetime64[D]")[person]).astype(
        np.int64
    )


@cache
def make_days() -> np.ndarray:
    """Days to the first repeat of the persons registered again within five years, in order.

    The printed median, mean and standard deviation (note 4 of section 4.3) leave the curve open.
    Here each half of the persons lies on a power of its rank, from 0 to the median and from there
    to five years, and the two powers are those that give mean and standard deviation. What rounding
    to whole days adds to the sum is taken from days that lie evenly among all. Raises BadInput for
    printed numbers that no such curve has.
    """
    n = sum(read_plan("police")[year, "again_to_2015"]["persons"] for year in COHORT_YEARS)
    median, mean, sd = _read_printed_days()
    rank = (np.arange(n // 2) + 0.5) / (n // 2)

    def draw(powers: np.ndarray) -> np.ndarray:
        lower, upper = (rank**power for power in powers)
        return np.concatenate([median * lower, median + (FIVE_YEARS - median) * upper])

    def miss(powers: np.ndarray) -> tuple[float, float]:
        days = draw(powers)
        return days.mean() - mean, days.std(ddof=1) - sd

    days = np.maximum(np.round(draw(scipy.optimize.fsolve(miss, [1, 1]))), 1).astype(np.int64)
    middle = [n // 2 - 1, n // 2]
    days[middle] = median
    excess = int(days.sum() - round(mean * n))
    others = np.delete(np.arange(n), middle)
    days[others[np.linspace(0, n - 3, abs(excess) + 2).astype(int)[1:-1]]] -= np.sign(excess)
    made = np.median(days), days.mean().round(2), days.std(ddof=1).round(2)
    if made != (median, mean, sd):
        raise BadInput(
            f"days to the first repeat: {made} in place of the printed {(median, mean, sd)}"
        )
    return days


def _read_printed_days() -> tuple[float, float, float]:
    """The printed median, mean and standard deviation."""
    printed = read_constraints().drop_duplicates("key").set_index("key")["published"]
    return float(printed["median_days"]), float(printed["mean_days"]), float(printed["sd_days"])


def _draw_cohort(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    """Repeats within five years of those registered in 2010 to 2015."""
    person = np.flatnonzero(people["block"] == "again_to_2015")
    first = make_days()[rng.permutation(len(person))]
    more = _deal_more(rng, people.iloc[person])
    again = np.repeat(np.arange(len(person)), more)
    later = (
        first[again]
        + rng.integers(0, np.maximum(FIVE_YEARS - first[again], 1))
        + (first[again] < FIVE_YEARS)
    )
    owner, days = np.concatenate([np.arange(len(person)), again]), np.concatenate([first, later])
    return _write(people, person[owner], days).assign(kind=_deal_kinds(rng, owner, more + 1))


def _deal_more(rng: np.random.Generator, people: pd.DataFrame) -> np.ndarray:
    """How many incidents each person meets after the first repeat; those marked as men of one
    repeat none, of several at least one."""
    more = np.concatenate(
        [np.repeat(int(n), count) for n, count in read_plan("police")[0, "more_incidents"].items()]
    )
    sex, dealt = people["sex"].to_numpy(), np.zeros(len(people), dtype=np.int64)
    several = np.concatenate(
        [
            np.flatnonzero(sex == "male_several"),
            pick(
                rng, np.flatnonzero(sex == "female"), len(more) - int((sex == "male_several").sum())
            ),
        ]
    )
    dealt[several] = more[rng.permutation(len(more))]
    return dealt


def _deal_kinds(rng: np.random.Generator, owner: np.ndarray, n: np.ndarray) -> np.ndarray:
    """The kind of every incident: persons who meet trafficking, sexual offences or violence, or two
    of them, by the plan; then the other incidents of these kinds among the same persons; then the
    rest."""
    plan = read_plan("police")
    by_person = _deal_person_kinds(rng, n)
    left = dict(plan[0, "incidents"])
    left["violence"] += left.pop("homicide")
    kinds = np.full(len(owner), "", dtype=object)
    order = rng.permutation(len(owner))
    free: dict[int, list[int]] = {person: [] for person in range(len(n))}
    for place in order:
        free[owner[place]].append(place)
    for person, own in by_person.items():
        for kind in own:
            kinds[free[person].pop()] = kind
            left[kind] -= 1
    for kind in SEVERE:
        open_places = np.array(
            sorted(
                place
                for person, own in by_person.items()
                if kind in own
                for place in free[person]
                if not kinds[place]
            )
        )
        kinds[pick(rng, open_places, left.pop(kind))] = kind
    rest = np.flatnonzero(kinds == "")
    kinds[rest] = deal(rng, len(rest), left, rest="other")
    kinds[pick(rng, np.flatnonzero(kinds == "violence"), plan[0, "incidents"]["homicide"])] = (
        "homicide"
    )
    return kinds


def _deal_person_kinds(rng: np.random.Generator, n: np.ndarray) -> dict[int, list[str]]:
    """Persons by the kinds they meet; two kinds only where there are two incidents."""
    quotas = read_plan("police")[0, "kinds"]
    double = [
        what.split("_") for what, count in quotas.items() if "_" in what for _ in range(count)
    ]
    single = [[what] for what, count in quotas.items() if "_" not in what for _ in range(count)]
    several = pick(rng, np.flatnonzero(n > 1), len(double))
    others = pick(rng, np.setdiff1d(np.arange(len(n)), several), len(single))
    return dict(zip([*several.tolist(), *others.tolist()], double + single, strict=True))


def _list_kinds() -> list[str]:
    """Kinds in the proportions of the planned incidents, for incidents that no number fixes."""
    return [kind for kind, n in read_plan("police")[0, "incidents"].items() for _ in range(n // 10)]


def _draw_late(
    rng: np.random.Generator, people: pd.DataFrame, cohort: pd.DataFrame
) -> pd.DataFrame:
    """Repeats after five and within seven years of those registered in 2010 to 2013."""
    late = np.flatnonzero(people["late"])
    first = rng.integers(FIVE_YEARS + 1, SEVEN_YEARS + 1, len(late))
    second = pick(rng, np.arange(len(late)), len(late) // LATE_SECOND_EVERY)
    days = np.minimum(first[second] + rng.integers(1, SEVEN_YEARS, len(second)), SEVEN_YEARS)
    again = np.intersect1d(cohort["person"].unique(), np.flatnonzero(people["year"] <= 2013))
    others = pick(rng, again, LATE_OTHERS)
    return pd.concat(
        [
            _write(people, late, first),
            _write(people, late[second], days),
            _write(people, others, rng.integers(FIVE_YEARS + 1, SEVEN_YEARS + 1, LATE_OTHERS)),
        ]
    )


def _draw_2016(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    """First repeats until the end of 2020 of those registered in 2016, by form; so many of them
    within two years."""
    plan = dict(read_plan("police")[0, "again_2016"])
    early = plan.pop("within_two_years")
    person = np.concatenate(
        [
            pick(rng, np.flatnonzero((people["year"] == 2016) & (people["form"] == form)), n)
            for form, n in plan.items()
        ]
    )
    person = person[rng.permutation(len(person))]
    return pd.concat(
        [_write_early(rng, people, person[:early]), _write_later(rng, people, person[early:])]
    )


def _draw_2017_2018(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    """First repeats of those registered in 2017 and 2018: as many within two years as the printed
    total leaves."""
    within = (make_days() <= TWO_YEARS).sum() + read_plan("police")[0, "again_2016"][
        "within_two_years"
    ]
    early = pick(
        rng,
        np.flatnonzero(people["year"].isin([2017, 2018])),
        read_plan("police")[0, "again_2010_2018"]["within_two_years"] - int(within),
    )
    candidates = np.setdiff1d(np.flatnonzero(people["year"] == 2017), early)
    return pd.concat(
        [
            _write_early(rng, people, early),
            _write_later(
                rng,
                people,
                pick(rng, candidates, read_plan("police")[0, "again_2017"]["after_two_years"]),
            ),
        ]
    )


def _draw_2019_2020(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    """First repeats before the end of 2020 of those registered in 2019 and 2020."""
    candidates = np.flatnonzero(people["year"] >= 2019)
    candidates = candidates[_days_left(people, candidates) > 0]
    person = pick(rng, candidates, read_plan("police")[0, "again_2019_2020"]["persons"])
    return _write(people, person, 1 + rng.integers(0, _days_left(people, person)))


def _write_early(
    rng: np.random.Generator, people: pd.DataFrame, person: np.ndarray
) -> pd.DataFrame:
    days = make_days()
    return _write(people, person, spread(rng, len(person), days[days <= TWO_YEARS]))


def _write_later(
    rng: np.random.Generator, people: pd.DataFrame, person: np.ndarray
) -> pd.DataFrame:
    return _write(
        people, person, TWO_YEARS + 1 + rng.integers(0, _days_left(people, person) - TWO_YEARS)
    )


def _add_more(rng: np.random.Generator, first: pd.DataFrame) -> pd.DataFrame:
    """One incident more for some of these, after the first and before the end of the data."""
    left = (LAST_DAY - first["day"].to_numpy(dtype="datetime64[D]")).astype(np.int64)
    chosen = pick(rng, np.flatnonzero(left > 0), len(first) // MORE_EVERY)
    more = first.iloc[chosen].assign(
        day=first["day"].to_numpy(dtype="datetime64[D]")[chosen] + 1 + rng.integers(0, left[chosen])
    )
    return pd.concat([first, more], ignore_index=True)


def _draw_lookalikes(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    """Incidents that are no repeats: before the index incident, before the study period, and on the
    day of the index incident."""
    registered = people["registered"].to_numpy(dtype="datetime64[D]")
    n, others = len(people), [kind for kind in _list_kinds() if kind != "trafficking"]
    parts = []
    for percent, kinds, candidates in (
        (EARLIER_PERCENT, others, np.arange(n)),
        (BEFORE_STUDY_PERCENT, ["trafficking"], np.arange(n)),
        (SAME_DAY_PERCENT, others, np.arange(n)),
    ):
        person = pick(rng, candidates, n * percent // 100)
        day = registered[person]
        if percent == EARLIER_PERCENT:
            day = day - rng.integers(1, EARLIER_DAYS, len(person))
        if percent == BEFORE_STUDY_PERCENT:
            day = STUDY_STARTS - rng.integers(1, EARLIER_DAYS, len(person))
        parts.append(
            pd.DataFrame(
                {
                    "person": person,
                    "day": day,
                    "is_repeat": False,
                    "kind": deal(rng, len(person), {}, rest=kinds),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def add_codes(rng: np.random.Generator, incidents: pd.DataFrame) -> pd.DataFrame:
    """One row an incident and offence code: the code of its kind, and for some a second code of a
    lesser group."""
    codes = np.empty(len(incidents), dtype=object)
    for kind, choices in CODES.items():
        place = np.flatnonzero(incidents["kind"] == kind)
        codes[place] = deal(rng, len(place), {}, rest=choices)
    first = incidents.assign(offence_code=codes)
    second = pick(
        rng,
        np.flatnonzero(incidents["kind"] != "other"),
        len(incidents) * SECOND_CODE_PERCENT // 100,
    )
    return pd.concat([first, first.iloc[second].assign(offence_code="X08")], ignore_index=True)
