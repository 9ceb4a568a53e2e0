"""Who is followed after trafficking, from when to when, and what happens to them: dates turned into
durations (chapter 4 of the monitor).

Definitions are one frozen set; each of its readings is one small function. Sections are those of
the monitor.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from helpers.definitions import UNKNOWN, find_age, group_ages, join_missing
from helpers.edition import BadInput

TRAFFICKING = "trafficking"
# Of several offence groups in one incident the first counts.
GROUPS = (TRAFFICKING, "sexual", "violence", "threat", "property", "other")
DAYS_A_YEAR = 365.25
# From this year on the police have an offence code for each form of exploitation, in place of one
# general code (section 3.2 of the monitor).
FORM_CODES_SINCE = 2017
EXITS = ("study_end", "deregistered", "died", "not_registered")


@dataclass(frozen=True)
class Definitions:
    """What counts, in one place.

    study_start, study_end: first and last year of the register, both included. register_end: the
    day until which the register is complete, where it lies before the end of the last year. date:
    the date that leads, registration_date (the monitor, annex B1.4.2) or offence_start_date.
    days_left_out: repeats within so many days after the index incident do not count.
    wash_out_years: whoever had a trafficking incident in so many years before the index incident is
    left out. committed_earlier: a repeat counts even if it was committed before the index incident.
    """

    study_start: int
    study_end: int
    register_end: datetime.date | None = None
    date: str = "registration_date"
    days_left_out: int = 0
    wash_out_years: int = 0
    committed_earlier: bool = True

    def __post_init__(self) -> None:
        if self.date not in ("registration_date", "offence_start_date"):
            raise BadInput(
                f"date {self.date!r}: the date that leads is registration_date or offence_start_date"
            )
        if self.study_start > self.study_end or self.days_left_out < 0 or self.wash_out_years < 0:
            raise BadInput(
                "the study must not end before it begins, and days left out and wash-out must not be negative"
            )

    @property
    def last_day(self) -> np.datetime64:
        """The day on which follow-up ends for whoever is still followed."""
        whole = datetime.date(self.study_end, 12, 31)
        return np.datetime64(min(whole, self.register_end or whole), "s")


@dataclass(frozen=True)
class Linked:
    """The linked tables, in which whole numbers stand for identifiers: `person` in each, `incident`
    in `incidents`."""

    incidents: pd.DataFrame
    persons: pd.DataFrame
    spells: pd.DataFrame


def link_people(
    *, incidents: pd.DataFrame, persons: pd.DataFrame, residence_spells: pd.DataFrame
) -> Linked:
    """The tables `incidents`, `persons` and `residence_spells` of the contract, linked by person.
    The numbers stand for identifiers in the same way whatever the order of the rows."""
    tables = (incidents, persons, residence_spells)
    with ThreadPoolExecutor(2) as both:
        people, numbers = both.map(
            lambda columns: number_ids(*columns),
            [[table["person_id"] for table in tables], [incidents["incident_id"]]],
        )
    named = [
        table.drop(columns="person_id").assign(person=person)
        for table, person in zip(tables, people, strict=True)
    ]
    return Linked(named[0].drop(columns="incident_id").assign(incident=numbers[0]), *named[1:])


def link_stays(linked: Linked, persons: pd.DataFrame, *tables: pd.DataFrame) -> pd.DataFrame:
    """The rows of `tables` (person_id, start_date, end_date; as `youth_care` and `shelter` of the
    contract) of people in `persons`, the table that `linked` was made from: person, start_date,
    end_date."""
    stays = pd.concat([table[["person_id", "start_date", "end_date"]] for table in tables])
    # In one piece each: what is looked up in is sorted once a piece of what is looked up.
    asked, known = (_join_chunks(part["person_id"]) for part in (stays, persons))
    place = pc.index_in(asked, value_set=known, skip_nulls=True).to_numpy(zero_copy_only=False)
    is_known = ~np.isnan(place)
    person = linked.persons["person"].to_numpy()[place[is_known].astype(int)]
    return (
        stays.loc[is_known, ["start_date", "end_date"]].assign(person=person).reset_index(drop=True)
    )


def number_ids(*columns: pd.Series) -> list[np.ndarray]:
    """Whole numbers for identifiers, the same for the same identifier in every column; their order
    does not depend on that of the rows.

    The characters are compared eight at a time as numbers, which sorts ten million in seconds.
    """
    texts = pa.concat_arrays([_join_chunks(column) for column in columns])
    offsets = np.frombuffer(texts.buffers()[1], dtype=np.int64)[: len(texts) + 1]
    lengths = np.diff(offsets)
    width = -(-max(int(lengths.max(initial=0)), 1) // 8) * 8
    padded = np.zeros((len(texts), width), dtype=np.uint8)
    padded[np.arange(width) < lengths[:, None]] = np.frombuffer(
        texts.buffers()[2] or b"", dtype=np.uint8
    )[: offsets[-1]]
    words = padded.view(np.uint64).T
    numbers = _rank(words[0])
    for word in words[1:]:
        numbers = _rank(numbers.astype(np.int64) * len(texts) + _rank(word))
    return np.split(numbers, np.cumsum([len(column) for column in columns])[:-1])


def _join_chunks(column: pd.Series) -> pa.Array:
    array = pa.array(column.array, type=pa.large_string())
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def place_people(persons: pd.Series | np.ndarray, size: int) -> np.ndarray:
    """Where each person number below `size` stands in `persons`; -1 for who is not there."""
    place = np.full(size, -1)
    place[np.asarray(persons, dtype=int)] = np.arange(len(persons))
    return place


def _rank(values: np.ndarray) -> np.ndarray:
    """The place of each value among the distinct ones, from 0."""
    order = np.argsort(values)
    ordered = values[order]
    ranks = np.empty(len(values), dtype=np.int32)
    ranks[order] = np.cumsum(
        np.r_[False, ordered[1:] != ordered[:-1]][: len(values)], dtype=np.int32
    )
    return ranks


def _find_starts(keys: np.ndarray) -> np.ndarray:
    """Where each run of equal keys begins."""
    return np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]][: len(keys)])


def join_codes(
    incidents: pd.DataFrame, *, groups: Mapping[str, str], definitions: Definitions
) -> pd.DataFrame:
    """One row an incident and person, whatever its codes (section 4.3), in order of person and
    incident: `person`, `incident`, `date`, `start`, `group`, `form`. `incidents` is that of
    `link_people`.

    `groups` gives the crime group of each offence code ("trafficking:sexual"); of several the first
    of GROUPS counts. `form` is that of
    the trafficking codes: sexual, other (annex B1.4.2: F562, F563, F564 and F565) or unknown. Dates
    are the earliest of an incident's rows. Incidents without the date that leads are left out.
    """
    is_known = incidents[definitions.date].notna().to_numpy()
    known = incidents if is_known.all() else incidents[is_known]
    numbers = int(known["incident"].max()) + 1 if len(known) else 1
    pair = known["person"].to_numpy().astype(np.int64) * numbers + known["incident"].to_numpy()
    order = np.argsort(pair)
    pair = pair[order]
    first = _find_starts(pair)
    code = known["offence_code"].astype("category").cat
    rank, form = _read_codes([str(groups.get(name, "")) for name in code.categories])
    code = code.codes.to_numpy()[order]
    begun = known["offence_start_date"].fillna(known["registration_date"])
    dates, starts = (
        _find_earliest(column.to_numpy(), order, first)
        for column in (known[definitions.date], begun)
    )
    return pd.DataFrame(
        {
            "person": pair[first] // numbers,
            "incident": pair[first] % numbers,
            "date": dates,
            "start": starts,
            "group": pd.Categorical.from_codes(_find_least(rank[code], first), [*GROUPS, UNKNOWN]),
            "form": pd.Categorical.from_codes(
                -_find_least(-form[code], first), [UNKNOWN, "other", "sexual"]
            ),
        }
    )


def _read_codes(named: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """For each offence code the place of its group in GROUPS, and its form: 0 unknown, or no
    trafficking, 1 other, 2 sexual."""
    parts = [name.partition(":")[::2] for name in named]
    rank = [GROUPS.index(group) if group in GROUPS else len(GROUPS) for group, _ in parts]
    form = [
        0 if group != TRAFFICKING or detail in (UNKNOWN, "") else 2 if detail == "sexual" else 1
        for group, detail in parts
    ]
    return np.array([*rank, len(GROUPS)], dtype=np.int8), np.array([*form, 0], dtype=np.int8)


def _find_least(values: np.ndarray, first: np.ndarray) -> np.ndarray:
    """The least of each run that begins at `first`."""
    return np.minimum.reduceat(values, first) if len(first) else values


def _find_earliest(dates: np.ndarray, order: np.ndarray, first: np.ndarray) -> np.ndarray:
    days = dates.astype("datetime64[D]").astype(np.int64).astype(np.int32)
    return _find_least(days[order], first).astype("datetime64[D]").astype(dates.dtype)


def define_index(joined: pd.DataFrame, definitions: Definitions) -> pd.DataFrame:
    """The index incident of each person: the first trafficking incident of the study period
    (section 4.2). Incidents before it never count as index, but leave a person out within the
    wash-out."""
    is_trafficking = (joined["group"] == TRAFFICKING).to_numpy()
    since, until = (
        np.datetime64(f"{definitions.study_start}-01-01"),
        definitions.last_day,
    )
    dates = joined["date"].to_numpy()
    inside = np.flatnonzero(is_trafficking & (dates >= since) & (dates <= until))
    order = inside[np.lexsort((dates[inside], joined["person"].to_numpy()[inside]))]
    index = joined.iloc[order[_find_starts(joined["person"].to_numpy()[order])]]
    if definitions.wash_out_years:
        earlier = joined.loc[is_trafficking, ["person", "date"]].merge(
            index[["person", "date"]], on="person", suffixes=("", "_index")
        )
        days = (earlier["date_index"] - earlier["date"]).dt.days
        washed = earlier.loc[
            (days > 0) & (days <= definitions.wash_out_years * DAYS_A_YEAR), "person"
        ]
        index = index[~index["person"].isin(washed)]
    return (
        index.rename(
            columns={"date": "index_date", "incident": "index_incident", "start": "index_start"}
        )
        .drop(columns="group")
        .reset_index(drop=True)
    )


def define_cohort(index: pd.DataFrame, linked: Linked, definitions: Definitions) -> pd.DataFrame:
    """The persons followed: index incident, traits, and exit from follow-up. Only who is or was in
    the population register (section 4.2).

    `person`, `index_incident`, `index_date`, `index_start`, `year`, `sex`, `age_group` (minor,
    adolescent, adult, unknown; at the start of the index offence), `form`, `exit_date`,
    `exit_reason` (EXITS), `days` (from the index incident to the exit; the day of entry counts, the
    day of exit does not), `entry_days` (to the day on which follow-up begins: 0, or later for who
    enters the population register after the index incident; delayed entry). Follow-up ends with the
    study, with the day after which a person is no longer registered, or with death. Who left the
    register before the index incident and does not come back is not followed (not_registered, 0
    days).
    """
    own, stays = (table["person"].to_numpy() for table in (linked.persons, linked.spells))
    size = max(part.max(initial=-1) for part in (own, stays, index["person"].to_numpy())) + 1
    is_registered = np.zeros(size, dtype=bool)
    is_registered[stays] = True
    rows = index[is_registered[index["person"]]]
    number = rows["person"].to_numpy()
    place = place_people(own, size)
    traits = (
        linked.persons[["sex", "birth_date", "death_date"]]
        .reset_index(drop=True)
        .reindex(place[number])
        .set_axis(rows.index)
    )
    indexed = rows["index_date"].to_numpy().astype("datetime64[s]")
    entered, left = (dates[number] for dates in _find_stays(linked.spells, rows, size))
    exits = [
        np.full(len(rows), definitions.last_day),
        left,
        traits["death_date"].to_numpy().astype("datetime64[s]"),
    ]
    exits = [np.where(dates >= indexed, dates, np.datetime64("NaT")) for dates in exits]
    exit_date = np.fmin.reduce(exits)
    # Whoever enters on the day of the exit or later, or never, is not followed.
    is_out = ~(entered <= exit_date) | ((entered > indexed) & (entered == exit_date))
    exit_date = np.where(is_out, indexed, exit_date)
    entry_days = (entered - indexed).astype("timedelta64[D]").astype(int)
    return rows.assign(
        year=rows["index_date"].dt.year,
        sex=join_missing(traits["sex"]),
        age_group=group_ages(find_age(traits["birth_date"], rows["index_start"])),
        form=rows["form"].astype(object),
        exit_date=exit_date,
        exit_reason=np.select(
            [is_out, exits[2] == exit_date, exits[1] == exit_date],
            ["not_registered", "died", "deregistered"],
            default="study_end",
        ),
        days=(exit_date - indexed).astype("timedelta64[D]").astype(int),
        entry_days=np.where(is_out, 0, np.maximum(entry_days, 0)),
    )[
        [
            "person",
            "index_incident",
            "index_date",
            "index_start",
            "year",
            "sex",
            "age_group",
            "form",
            "exit_date",
            "exit_reason",
            "days",
            "entry_days",
        ]
    ].reset_index(drop=True)


def _find_stays(
    spells: pd.DataFrame, rows: pd.DataFrame, size: int
) -> tuple[np.ndarray, np.ndarray]:
    """For each person number the first and the last day of the spell that holds the index incident,
    or else of the first one after it; the last day is missing for one that goes on, and both are
    for whom there is none."""
    index, entered, left = (
        np.full(size, np.datetime64("NaT"), dtype="datetime64[s]") for _ in range(3)
    )
    index[rows["person"]] = rows["index_date"].to_numpy()
    number = spells["person"].to_numpy()
    since, until = (spells[name].to_numpy("datetime64[s]") for name in ("from_date", "to_date"))
    open_until = np.where(np.isnat(until), np.datetime64("9999-12-31", "s"), until)
    # The latest spell begun by the index incident if it lasts until then, else the next one: taken
    # from last to first, so that the right one is written last.
    begun, later = (since <= index[number]), (since > index[number])
    chosen = [
        np.flatnonzero(later)[np.argsort(since[later], kind="stable")[::-1]],
        np.flatnonzero(begun & (open_until >= index[number])),
    ]
    chosen[1] = chosen[1][np.argsort(since[chosen[1]], kind="stable")]
    for places in chosen:
        entered[number[places]], left[number[places]] = since[places], until[places]
    return entered, left


def find_repeats(
    joined: pd.DataFrame, cohort: pd.DataFrame, definitions: Definitions
) -> pd.DataFrame:
    """Later incidents of the cohort, of any offence: `person`, `date`, `days` after the index
    incident, `group`; by person and day.

    Strictly later by the date that leads (section 4.3), also if deregistered by then: the published
    tables do not look at that.
    """
    person = joined["person"].to_numpy()
    followed = cohort["person"].to_numpy()
    place = place_people(followed, max(person.max(initial=-1), followed.max(initial=-1)) + 1)
    rows = np.flatnonzero(place[person] >= 0)
    own, dates = place[person[rows]], joined["date"].to_numpy()[rows]
    days = (dates - cohort["index_date"].to_numpy()[own]).astype("timedelta64[D]").astype(int)
    is_repeat = (days > definitions.days_left_out) & (dates <= definitions.last_day)
    if not definitions.committed_earlier:
        is_repeat &= joined["start"].to_numpy()[rows] >= cohort["index_start"].to_numpy()[own]
    rows, days = rows[is_repeat], days[is_repeat]
    order = np.argsort(person[rows] * (days.max(initial=0) + 1) + days)
    return (
        joined[["person", "date", "group"]]
        .iloc[rows[order]]
        .assign(days=days[order])
        .reset_index(drop=True)
    )


def derive_first_event(cohort: pd.DataFrame, repeats: pd.DataFrame) -> pd.DataFrame:
    """The cohort with its first repeat: `event` (0 none, 1 repeat, 2 died, 3 deregistered) and
    `days` to it or to the end of follow-up.

    A repeat after the exit from follow-up is no event: the person was not followed then. Who had a
    repeat before a delayed entry had the event already, and is not followed (0 days). Whether
    deregistration censors or competes is the analysis's choice: `censor_departures`.
    """
    first = cohort["person"].map(repeats.groupby("person")["days"].min())
    is_early = first <= cohort["entry_days"].where(cohort["entry_days"] > 0, -1)
    cohort = cohort.assign(
        days=cohort["days"].mask(is_early, 0),
        entry_days=cohort["entry_days"].mask(is_early, 0),
        exit_reason=cohort["exit_reason"].mask(is_early, "not_registered"),
    )
    is_event = first.notna() & (first <= cohort["days"])
    event = np.select(
        [is_event, cohort["exit_reason"] == "died", cohort["exit_reason"] == "deregistered"],
        [1, 2, 3],
        default=0,
    )
    return cohort.assign(event=event, days=np.where(is_event, first, cohort["days"]).astype(int))


def censor_departures(events: pd.DataFrame) -> pd.DataFrame:
    """Deregistration ends follow-up and is no event: as if those who left were registered again as
    often as those who stayed."""
    return events.assign(event=events["event"].where(events["event"] != 3, 0))


def find_entries(events: pd.DataFrame) -> pd.Series | None:
    """The days at which follow-up begins, for an estimator's `entry`: -1 from the index incident
    on. None where that is so for everybody."""
    entry = events.get("entry_days")
    return None if entry is None or not (entry > 0).any() else entry.where(entry > 0, -1)


def select_followed(events: pd.DataFrame) -> pd.DataFrame:
    """Who is followed for some time after the index incident, or after a later entry."""
    entry = find_entries(events)
    return events[events["days"] > (0 if entry is None else entry.clip(lower=0))]


def split_at_repeats(cohort: pd.DataFrame, repeats: pd.DataFrame) -> pd.DataFrame:
    """The follow-up of each person as spells (start, stop] that end in a repeat (`event` 1), in
    death (2) or in neither (0); those who are followed only.

    `n_repeats`: how many repeats end the spell (of one day they are one event of several);
    `number`: that of the event that the spell waits for; and the columns of the cohort. A repeat on
    the day of death comes before it: the spell of the last day is half a day long.
    """
    people = select_followed(cohort)
    own = people.set_index("person")
    inside = repeats[repeats["person"].isin(own.index)]
    limits = inside["person"].map(own["entry_days"]), inside["person"].map(own["days"])
    inside = inside[(inside["days"] > limits[0]) & (inside["days"] <= limits[1])]
    counted = inside.groupby(["person", "days"]).size().rename("n_repeats").reset_index()
    events = counted.astype({"person": people["person"].dtype, "days": float})
    died = people["exit_reason"] == "died"
    last_repeat = people["person"].map(events.groupby("person")["days"].max())
    ends = pd.DataFrame({"person": people["person"], "days": people["days"].astype(float)}).assign(
        n_repeats=0, event=np.where(died, 2, 0)
    )
    is_same = last_repeat.to_numpy() == people["days"].to_numpy()
    ends = ends.assign(days=ends["days"] + np.where(is_same & died, 0.5, 0.0))[~is_same | died]
    spells = pd.concat([events.assign(event=1), ends], ignore_index=True).sort_values(
        ["person", "days"], ignore_index=True
    )
    begins = spells.groupby("person")["days"].shift()
    spells = spells.assign(
        start=begins.fillna(spells["person"].map(own["entry_days"])).astype(float),
        number=spells.groupby("person").cumcount() + 1,
    ).rename(columns={"days": "stop"})
    return spells.join(own.drop(columns=["days", "entry_days"]), on="person")


def count_flow(joined: pd.DataFrame, index: pd.DataFrame, cohort: pd.DataFrame) -> pd.DataFrame:
    """How many persons are left after each step: `step_of_flow`, n. `followed_late`: of those
    followed, who entered the population register after the index incident; no row without any, as
    for `not_registered`, who had left it by then."""
    trafficking = joined.loc[(joined["group"] == TRAFFICKING).to_numpy(), "person"].nunique()
    steps = [
        ("with_trafficking", trafficking),
        ("with_index", len(index)),
        ("in_population_register", len(cohort)),
        ("followed", int((cohort["days"] > cohort["entry_days"]).sum())),
    ]
    late = {
        "followed_late": int((cohort["entry_days"] > 0).sum()),
        "not_registered": int((cohort["exit_reason"] == "not_registered").sum()),
    }
    steps += [(name, n) for name, n in late.items() if n]
    return pd.DataFrame(steps if trafficking else [], columns=["step_of_flow", "n"])
