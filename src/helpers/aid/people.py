"""Victims and their controls: who they are, and which aid of theirs counts (section 3.2, annex
B1.3.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.cohort import TRAFFICKING, number_ids, place_people
from helpers.definitions import UNKNOWN, find_age, group_ages, join_missing, name_sexual
from helpers.edition import BadInput, name_period

TABLES = (
    "incidents",
    "persons",
    "residence_spells",
    "matches",
    "youth_care",
    "shelter",
    "care_costs",
)
# Tables that an extract need not have, and that are linked where it does.
OPTIONAL = ("long_term_care",)


@dataclass(frozen=True)
class Definitions:
    """What counts, in one place.

    first_year, last_year: the offences began in these years, and ended before the last one, since
    aid is looked for in the year after (section 3.2). by_registration: the annex has it otherwise,
    registered before the last year (contradicts the text). which: of several incidents of a person
    the first or the last registered one counts. within_days: aid of victims counts that starts so
    many days after the end of the offences at the latest. control_year: aid of controls counts that
    they had in this year; None: aid that starts within the same days as their victim's. cost_years:
    years with care costs.
    """

    first_year: int
    last_year: int
    control_year: int | None
    cost_years: tuple[int, ...] = ()
    by_registration: bool = False
    which: str = "first"
    within_days: int = 365

    def __post_init__(self) -> None:
        if self.which not in ("first", "last"):
            raise BadInput(
                f"which {self.which!r}: of several incidents the first or the last counts"
            )
        if self.first_year > self.last_year or self.within_days < 0:
            raise BadInput(
                "the period must not end before it begins, and aid cannot start a negative number of days after the offences"
            )


@dataclass(frozen=True)
class People:
    """The linked tables. `victims` has one row a person with an incident of the period who has
    matches: `person`, sex, birth_date, death_date, `start` of the offences, `base` (their end;
    where it is missing, the registration), `has_end`, age_group (at the start), `form`.

    `victim` and `control` are the matches: a place in `victims`, and a person. A control of two
    victims counts twice. Persons are numbers up to `size`. `youth_care`, `shelter`, `costs` and
    `spells` have `person`, and so has `long_term`, where the extract has it. `flow` counts who is
    left out.
    """

    victims: pd.DataFrame
    victim: np.ndarray
    control: np.ndarray
    size: int
    persons: pd.DataFrame
    spells: pd.DataFrame
    youth_care: pd.DataFrame
    shelter: pd.DataFrame
    costs: pd.DataFrame
    flow: pd.DataFrame
    definitions: Definitions
    long_term: pd.DataFrame | None = None

    def select(self, is_in: np.ndarray) -> People:
        """These victims only, with their controls."""
        place = np.cumsum(is_in) - 1
        kept = is_in[self.victim]
        parts = {
            name: getattr(self, name)
            for name in (
                "size",
                "persons",
                "spells",
                "youth_care",
                "shelter",
                "costs",
                "flow",
                "definitions",
                "long_term",
            )
        }
        return People(
            victims=self.victims[is_in].reset_index(drop=True),
            victim=place[self.victim[kept]],
            control=self.control[kept],
            **parts,
        )

    @property
    def period(self) -> str:
        return name_period(range(self.definitions.first_year, self.definitions.last_year + 1))

    @property
    def is_minor(self) -> np.ndarray:
        """Minor by the age at the start of the offences (section 3.3)."""
        return (self.victims["age_group"] == "minor").to_numpy()


@dataclass(frozen=True)
class Linked:
    """The tables TABLES of the contract, and those of OPTIONAL that are there, in which whole
    numbers up to `size` stand for persons: `person`, and in matches `victim`, `control`."""

    tables: dict[str, pd.DataFrame]
    size: int


def link_tables(tables: Mapping[str, pd.DataFrame]) -> Linked:
    """The tables linked by person. The numbers stand for identifiers in the same way whatever the
    order of the rows."""
    names = [*TABLES, *(name for name in OPTIONAL if name in tables)]
    columns = [
        (name, column)
        for name in names
        for column in (("victim_id", "control_id") if name == "matches" else ("person_id",))
    ]
    numbers = dict(
        zip(columns, number_ids(*(tables[name][column] for name, column in columns)), strict=True)
    )
    linked = {
        name: tables[name].drop(columns="person_id").assign(person=numbers[name, "person_id"])
        for name in names
        if name != "matches"
    }
    linked["matches"] = pd.DataFrame(
        {"victim": numbers["matches", "victim_id"], "control": numbers["matches", "control_id"]}
    )
    return Linked(linked, max((part.max(initial=-1) for part in numbers.values()), default=-1) + 1)


def find_people(linked: Linked, *, groups: Mapping[str, str], definitions: Definitions) -> People:
    """Victims and their controls. `groups` gives the crime group of each offence code
    ("trafficking:sexual")."""
    tables, size = linked.tables, linked.size
    candidates = _define_victims(tables["incidents"], tables["persons"], groups, definitions)
    has_matches, is_registered = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    has_matches[tables["matches"]["victim"]] = True
    is_registered[tables["residence_spells"]["person"]] = True
    victims = candidates[has_matches[candidates["person"]]].reset_index(drop=True)
    victim = place_people(victims["person"], size)[tables["matches"]["victim"]]
    flow = [
        ("in_period", len(candidates)),
        ("in_register", int(is_registered[candidates["person"]].sum())),
        ("with_matches", len(victims)),
    ]
    return People(
        victims=victims,
        victim=victim[victim >= 0],
        control=tables["matches"]["control"].to_numpy()[victim >= 0],
        size=size,
        persons=tables["persons"],
        spells=tables["residence_spells"],
        youth_care=tables["youth_care"],
        shelter=tables["shelter"],
        costs=tables["care_costs"],
        long_term=tables.get("long_term_care"),
        flow=pd.DataFrame(flow if len(candidates) else [], columns=["step_of_flow", "n"]),
        definitions=definitions,
    )


def _define_victims(
    incidents: pd.DataFrame,
    persons: pd.DataFrame,
    groups: Mapping[str, str],
    definitions: Definitions,
) -> pd.DataFrame:
    """One row a person with a trafficking incident of the period (section 3.2): of several the
    first or last registered."""
    details = {
        code: group.partition(":")[2]
        for code, group in groups.items()
        if group.partition(":")[0] == TRAFFICKING
    }
    rows = incidents.assign(detail=incidents["offence_code"].astype(object).map(details))
    rows = rows[rows["detail"].notna()]
    base = rows["offence_end_date"].fillna(rows["registration_date"])
    last = rows["registration_date"] if definitions.by_registration else base
    is_in = (last.dt.year < definitions.last_year) & rows["offence_start_date"].dt.year.between(
        definitions.first_year, definitions.last_year
    )
    rows = rows.assign(
        base=base, start=rows["offence_start_date"], has_end=rows["offence_end_date"].notna()
    )[is_in].sort_values(["registration_date", "incident_id"], kind="stable")
    joined = rows.groupby(["person", "incident_id"], sort=False)["detail"].agg("|".join)
    rows = rows.drop_duplicates("person", keep=definitions.which).sort_values("person")
    rows = rows.merge(
        persons[["person", "sex", "birth_date", "death_date", "nationality"]],
        on="person",
        how="left",
    )
    forms = (
        joined.reindex(pd.MultiIndex.from_frame(rows[["person", "incident_id"]])).to_numpy()
        if len(rows)
        else np.array([], dtype=object)
    )
    nationality = join_missing(rows["nationality"])
    return rows.assign(
        sex=join_missing(rows["sex"]),
        age_group=group_ages(find_age(rows["birth_date"], rows["start"])),
        form=[
            name_form(form.split("|"), country)
            for form, country in zip(forms, nationality, strict=True)
        ],
    )[
        [
            "person",
            "sex",
            "birth_date",
            "death_date",
            "start",
            "base",
            "has_end",
            "age_group",
            "form",
        ]
    ]


def name_form(details: list[str], nationality: str) -> str:
    """The leading form (section 3.2.1): sexual exploitation, then labour, then criminal. Organ
    removal and other forms are unknown."""
    if "sexual" in details:
        return name_sexual(nationality)
    return next((form for form in ("labour", "criminal") if form in details), UNKNOWN)


def find_own_aid(people: People, rows: pd.DataFrame) -> pd.DataFrame:
    """Aid of victims that counts: it starts 0 to `within_days` days after the end of the offences
    (section 3.3). With `victim` (place)."""
    place = place_people(people.victims["person"], people.size)[rows["person"]]
    own = rows[place >= 0].assign(victim=place[place >= 0])
    days = (
        (own["start_date"].to_numpy() - people.victims["base"].to_numpy()[own["victim"]])
        .astype("timedelta64[D]")
        .astype(int)
    )
    return own[(days >= 0) & (days <= people.definitions.within_days)]


def has_control_aid(people: People, rows: pd.DataFrame) -> np.ndarray:
    """For each match, whether the control had aid that counts: aid that they had in the control
    year (annex B1.3.2), or, where there is no such year, aid that starts within the days of their
    victim."""
    if people.definitions.control_year is not None:
        year = people.definitions.control_year
        has_aid = np.zeros(people.size, dtype=bool)
        has_aid[
            rows.loc[
                (rows["start_date"].dt.year <= year) & ~(rows["end_date"].dt.year < year), "person"
            ]
        ] = True
        return has_aid[people.control]
    order = np.argsort(rows["person"].to_numpy(), kind="stable")
    person, start = rows["person"].to_numpy()[order], rows["start_date"].to_numpy()[order]
    first, last = (np.searchsorted(person, people.control, side=side) for side in ("left", "right"))
    match = np.repeat(np.arange(len(people.control)), last - first)
    row = (
        np.arange(len(match))
        - np.repeat(np.cumsum(last - first) - (last - first), last - first)
        + np.repeat(first, last - first)
    )
    days = (
        (start[row] - people.victims["base"].to_numpy()[people.victim[match]])
        .astype("timedelta64[D]")
        .astype(int)
    )
    return (
        np.bincount(
            match[(days >= 0) & (days <= people.definitions.within_days)],
            minlength=len(people.control),
        )
        > 0
    )
