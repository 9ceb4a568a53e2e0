"""Who is followed after trafficking, from when to when, and what happens to them: dates turned into durations (chapter 4 of the monitor).

Definitions are one frozen set; each of its readings is one small function. Sections are those of the monitor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.edition import BadInput

TRAFFICKING = "trafficking"
# Of several offence groups in one incident the first counts.
GROUPS = (TRAFFICKING, "sexual", "violence", "threat", "property", "other")
DAYS_A_YEAR = 365.25
EXITS = ("study_end", "deregistered", "died")


@dataclass(frozen=True)
class Definitions:
    """What counts, in one place.

    study_start, study_end: first and last year of the register, both included. date: the date that leads, registration_date (the monitor,
    annex B1.4.2) or offence_start_date. days_left_out: repeats within so many days after the index incident do not count. wash_out_years:
    whoever had a trafficking incident in so many years before the index incident is left out. committed_earlier: a repeat counts even if
    it was committed before the index incident.
    """

    study_start: int
    study_end: int
    date: str = "registration_date"
    days_left_out: int = 0
    wash_out_years: int = 0
    committed_earlier: bool = True

    def __post_init__(self) -> None:
        if self.date not in ("registration_date", "offence_start_date"):
            raise BadInput(f"date {self.date!r}: the date that leads is registration_date or offence_start_date")
        if self.study_start > self.study_end or self.days_left_out < 0 or self.wash_out_years < 0:
            raise BadInput("the study must not end before it begins, and days left out and wash-out must not be negative")


def join_codes(incidents: pd.DataFrame, *, groups: Mapping[str, str], definitions: Definitions) -> pd.DataFrame:
    """One row an incident and person, whatever its codes (section 4.3): `date`, `start`, `group`, `detail`, `form`.

    `groups` gives the crime group of each offence code ("trafficking:sexual"). `form` is that of the trafficking codes: sexual, other
    (annex B1.4.2: F562, F563, F564 and F565) or unknown. Incidents without the date that leads are left out.
    """
    named = incidents["offence_code"].astype(object).map(groups).str.split(":", n=1, expand=True).reindex(columns=[0, 1])
    rows = pd.DataFrame({
        "incident_id": incidents["incident_id"].astype(object), "person_id": incidents["person_id"].astype(object), "date": incidents[definitions.date],
        "start": incidents["offence_start_date"].fillna(incidents["registration_date"]), "group": named[0], "detail": named[1].fillna(""),
    })
    rows = rows[rows["date"].notna()].assign(rank=lambda table: table["group"].map({group: rank for rank, group in enumerate(GROUPS)}))
    is_trafficking = rows["group"] == TRAFFICKING
    rows["is_sexual"], rows["is_other"] = is_trafficking & (rows["detail"] == "sexual"), is_trafficking & ~rows["detail"].isin(["sexual", "unknown", ""])
    keys = ["person_id", "incident_id"]
    forms = rows.groupby(keys)[["is_sexual", "is_other"]].any()
    first = rows.sort_values([*keys, "rank", "date"], kind="stable").drop_duplicates(keys).drop(columns=["rank", "is_sexual", "is_other"])
    form = np.select([forms["is_sexual"], forms["is_other"]], ["sexual", "other"], default="unknown")
    return first.merge(forms.assign(form=form)["form"].reset_index(), on=keys).reset_index(drop=True)


def define_index(joined: pd.DataFrame, definitions: Definitions) -> pd.DataFrame:
    """The index incident of each person: the first trafficking incident of the study period (section 4.2). Incidents before it never count
    as index, but leave a person out within the wash-out."""
    trafficking = joined[joined["group"] == TRAFFICKING].sort_values(["date", "incident_id"], kind="stable")
    inside = trafficking[trafficking["date"].dt.year.between(definitions.study_start, definitions.study_end)]
    index = inside.drop_duplicates("person_id")
    if definitions.wash_out_years:
        earlier = trafficking.merge(index[["person_id", "date"]], on="person_id", suffixes=("", "_index"))
        days = (earlier["date_index"] - earlier["date"]).dt.days
        washed = earlier.loc[(days > 0) & (days <= definitions.wash_out_years * DAYS_A_YEAR), "person_id"]
        index = index[~index["person_id"].isin(washed)]
    return index.rename(columns={"date": "index_date", "incident_id": "index_incident", "start": "index_start"}).drop(columns=["group", "detail"]).reset_index(drop=True)


def define_cohort(index: pd.DataFrame, persons: pd.DataFrame, spells: pd.DataFrame, definitions: Definitions) -> pd.DataFrame:
    """The persons followed: index incident, traits, and exit from follow-up. Only who is or was in the population register (section 4.2).

    `year`, `sex`, `age_group` (minor, adolescent, adult, unknown; at the start of the index offence), `form`, `exit_date`, `exit_reason`
    (EXITS), `days` (of follow-up; the day of entry counts, the day of exit does not). Follow-up ends with the study, with the day after
    which a person is no longer registered, or with death.
    """
    spells = spells.assign(person_id=spells["person_id"].astype(object))
    registered = index[index["person_id"].isin(spells["person_id"])]
    rows = registered.merge(persons.assign(person_id=persons["person_id"].astype(object))[["person_id", "sex", "birth_date", "death_date"]], on="person_id", how="left")
    rows = rows.merge(_find_departure(spells, rows), on="person_id", how="left")
    last = pd.Timestamp(definitions.study_end, 12, 31)
    exits = pd.DataFrame({"study_end": last, "deregistered": rows["left_date"], "died": rows["death_date"]}).astype("datetime64[s]")
    exits = exits.where(exits.ge(rows["index_date"], axis=0))
    exit_date = exits.min(axis=1)
    reason = np.select([exits["died"] == exit_date, exits["deregistered"] == exit_date], ["died", "deregistered"], default="study_end")
    return rows.assign(
        year=rows["index_date"].dt.year, sex=rows["sex"].astype(object).fillna("unknown"), age_group=find_age_group(rows["birth_date"], rows["index_start"]), exit_date=exit_date,
        exit_reason=reason, days=(exit_date - rows["index_date"]).dt.days,
    )[["person_id", "index_incident", "index_date", "index_start", "year", "sex", "age_group", "form", "exit_date", "exit_reason", "days"]]


def _find_departure(spells: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The day on which the spell that holds the index incident (or the last one before it) ends; missing for one that goes on."""
    joined = spells.merge(rows[["person_id", "index_date"]], on="person_id")
    joined = joined[joined["from_date"] <= joined["index_date"]].sort_values(["person_id", "from_date"], kind="stable")
    return joined.drop_duplicates("person_id", keep="last")[["person_id", "to_date"]].rename(columns={"to_date": "left_date"})


def find_age_group(birth_date: pd.Series, day: pd.Series) -> np.ndarray:
    """minor (under 18), adolescent (18 to 22), adult or unknown, by completed years on a day."""
    had_birthday = (day.dt.month * 100 + day.dt.day) >= (birth_date.dt.month * 100 + birth_date.dt.day)
    age = day.dt.year - birth_date.dt.year - (~had_birthday).astype(int)
    return np.select([age < 18, age < 23, age >= 23], ["minor", "adolescent", "adult"], default="unknown")


def find_repeats(joined: pd.DataFrame, cohort: pd.DataFrame, definitions: Definitions) -> pd.DataFrame:
    """Later incidents of the cohort, of any offence: person_id, incident_id, `date`, `days` after the index incident, `group`, `detail`.

    Strictly later by the date that leads (section 4.3), also if deregistered by then: the published tables do not look at that.
    """
    pairs = joined.merge(cohort[["person_id", "index_incident", "index_date", "index_start", "year"]], on="person_id")
    days = (pairs["date"] - pairs["index_date"]).dt.days
    is_repeat = (days > definitions.days_left_out) & (pairs["incident_id"] != pairs["index_incident"]) & (pairs["date"].dt.year <= definitions.study_end)
    if not definitions.committed_earlier:
        is_repeat &= pairs["start"] >= pairs["index_start"]
    return pairs.assign(days=days)[is_repeat][["person_id", "incident_id", "date", "days", "group", "detail", "year"]].sort_values(["person_id", "days", "incident_id"]).reset_index(drop=True)


def derive_first_event(cohort: pd.DataFrame, repeats: pd.DataFrame) -> pd.DataFrame:
    """The cohort with its first repeat: `event` (0 none, 1 repeat, 2 died) and `days` to it or to the end of follow-up.

    A repeat after the exit from follow-up is no event: the person was not followed then. Deregistration censors.
    """
    first = cohort["person_id"].map(repeats.groupby("person_id")["days"].min())
    is_event = first.notna() & (first <= cohort["days"])
    event = np.select([is_event, cohort["exit_reason"] == "died"], [1, 2], default=0)
    return cohort.assign(event=event, days=np.where(is_event, first, cohort["days"]).astype(int))


def count_flow(joined: pd.DataFrame, index: pd.DataFrame, cohort: pd.DataFrame) -> pd.DataFrame:
    """How many persons are left after each step: `step_of_flow`, n."""
    trafficking = joined.loc[joined["group"] == TRAFFICKING, "person_id"].nunique()
    steps = [("with_trafficking", trafficking), ("with_index", len(index)), ("in_population_register", len(cohort)), ("followed", int((cohort["days"] > 0).sum()))]
    return pd.DataFrame(steps if trafficking else [], columns=["step_of_flow", "n"])
