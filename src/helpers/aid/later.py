"""Aid, and being registered as a victim again later: associations in three ways of counting, none
of them an effect of aid."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers import cohort
from helpers.aid.people import Linked
from helpers.definitions import UNKNOWN, YOUNG
from helpers.edition import BadInput
from helpers.regression import estimate_cox

# Aid that begins in so many days after the index registration is aid at the landmark; earlier aid
# counts for a year.
LANDMARK_DAYS, PRIOR_DAYS = 180, 365
# With fewer events after the landmark there is no analysis.
FEWEST_EVENTS = 50
OUTCOMES: dict[str, tuple[str, ...]] = {"person": cohort.GROUPS[:4], "property": ("property",)}
TERMS = ("aid", "prior_aid", "minor", "adolescent", "female")
RATIOS = ["category", "value", "ci_lower", "ci_upper", "unit", "n_behind", "verdict"]


def follow_aid(
    linked: Linked, *, groups: Mapping[str, str], definitions: cohort.Definitions
) -> pd.DataFrame:
    """One row a person of the cohort of chapter 4 whose sex and age are known, followed from the
    registration of the index incident on; who enters the population register later is left out.

    `aid_day`: days until the first youth care, shelter or sheltered housing that begins later
    (infinite without). `prior_aid`: aid that was on in the year up to that registration. For each
    of OUTCOMES days_OUTCOME and event_OUTCOME: the first registered offence against the person, or
    against property; death and departure censor. `minor`, `adolescent`, `female`, `incident`
    (index).
    """
    incidents = linked.tables["incidents"]
    named = incidents.drop(columns="incident_id").assign(
        incident=cohort.number_ids(incidents["incident_id"])[0]
    )
    people = cohort.Linked(named, linked.tables["persons"], linked.tables["residence_spells"])
    joined = cohort.join_codes(named, groups=groups, definitions=definitions)
    followed = cohort.define_cohort(cohort.define_index(joined, definitions), people, definitions)
    followed = followed[
        (followed["sex"] != UNKNOWN)
        & (followed["age_group"] != UNKNOWN)
        & (followed["days"] > 0)
        & (followed["entry_days"] == 0)
    ].reset_index(drop=True)
    repeats = cohort.find_repeats(joined, followed, definitions)
    rows = pd.DataFrame(
        {
            "person": followed["person"],
            "incident": followed["index_incident"],
            **_find_aid(linked, followed),
            **{name: (followed["age_group"] == name).astype(float) for name in YOUNG},
            "female": (followed["sex"] == "female").astype(float),
        }
    )
    for name, kinds in OUTCOMES.items():
        first = cohort.censor_departures(
            cohort.derive_first_event(followed, repeats[repeats["group"].isin(kinds)])
        )
        rows[f"days_{name}"], rows[f"event_{name}"] = (
            first["days"],
            (first["event"] == 1).astype(int),
        )
    return rows


def _find_aid(linked: Linked, followed: pd.DataFrame) -> dict[str, np.ndarray]:
    spells = pd.concat(
        [
            linked.tables[name][["person", "start_date", "end_date"]]
            for name in ("youth_care", "shelter")
        ],
        ignore_index=True,
    )
    place = cohort.place_people(followed["person"], linked.size)
    own = place[spells["person"].to_numpy(dtype=int)]
    spells, own = spells[own >= 0], own[own >= 0]
    index = followed["index_date"].to_numpy()[own]
    starts, ends = (
        (spells[column].to_numpy() - index) / np.timedelta64(1, "D")
        for column in ("start_date", "end_date")
    )
    aid_day = np.full(len(followed), np.inf)
    np.minimum.at(aid_day, own[starts > 0], starts[starts > 0])
    is_prior = (starts <= 0) & ~(ends < -PRIOR_DAYS)
    return {
        "aid_day": aid_day,
        "prior_aid": (np.bincount(own[is_prior], minlength=len(followed)) > 0).astype(float),
    }


def select_landmark(
    rows: pd.DataFrame, *, outcome: str = "person", landmark: int = LANDMARK_DAYS
) -> pd.DataFrame:
    """Who is followed and without the outcome at the landmark, from there on: `days`, `event`,
    `aid` (had begun by then)."""
    at_risk = rows[rows[f"days_{outcome}"] > landmark]
    return at_risk.assign(
        days=at_risk[f"days_{outcome}"] - landmark,
        event=at_risk[f"event_{outcome}"],
        aid=(at_risk["aid_day"] <= landmark).astype(float),
    )


def split_at_aid(rows: pd.DataFrame) -> pd.DataFrame:
    """Spells (start, days] from the index registration on: without aid until it begins, with aid
    after that day. R: survival::tmerge(tdc)."""
    days = rows["days_person"]
    begins = rows["aid_day"] < days
    before = rows.assign(
        start=0,
        days=np.where(begins, rows["aid_day"], days).astype(int),
        event=np.where(begins, 0, rows["event_person"]),
        aid=0.0,
    )
    after = rows[begins].assign(
        start=rows["aid_day"][begins].astype(int),
        days=days[begins],
        event=rows["event_person"][begins],
        aid=1.0,
    )
    return pd.concat([before, after], ignore_index=True)


def count_landmark(rows: pd.DataFrame) -> pd.DataFrame:
    """Of those with and without aid at the landmark, how many are registered again after it:
    category, n_events, n_known."""
    chosen = select_landmark(rows)
    parts = [
        (name, chosen[chosen["aid"] == code])
        for name, code in (("with_aid", 1), ("without_aid", 0))
    ]
    return pd.DataFrame(
        [(name, int(part["event"].sum()), len(part)) for name, part in parts if len(part)],
        columns=["category", "n_events", "n_known"],
    )


def compare_later(rows: pd.DataFrame) -> pd.DataFrame:
    """Hazard ratios of being registered again, with aid against without, adjusted for earlier aid,
    age and sex; errors by index incident.

    "landmark": aid that began by the landmark, events after it (Anderson, Cain and Gelber 1983).
    "control_outcome": the same for offences against property. "time_dependent": aid that has begun
    against not yet, at any moment: another question. "ever": whoever ever gets aid against whoever
    never does, from the index registration on; wrong, since one must stay unregistered until aid
    begins (immortal time; Suissa 2008). Columns RATIOS; n_behind are the events of those with aid.
    Below FEWEST_EVENTS after the landmark no ratio is estimated.
    """
    ever = rows.assign(
        days=rows["days_person"],
        event=rows["event_person"],
        aid=(rows["aid_day"] < rows["days_person"]).astype(float),
    )
    analyses = {
        "landmark": select_landmark(rows),
        "control_outcome": select_landmark(rows, outcome="property"),
        "time_dependent": split_at_aid(rows),
        "ever": ever,
    }
    is_enough = analyses["landmark"]["event"].sum() >= FEWEST_EVENTS
    return pd.DataFrame(
        [_estimate(name, part, is_enough) for name, part in analyses.items() if len(part)],
        columns=RATIOS,
    )


def _estimate(name: str, rows: pd.DataFrame, is_enough: bool) -> tuple:
    n = int(rows.loc[rows["aid"] == 1, "event"].sum())
    if not is_enough or rows["event"].sum() < FEWEST_EVENTS:
        return (name, np.nan, np.nan, np.nan, "times", n, "few_events")
    terms = [term for term in TERMS if rows[term].nunique() > 1]
    try:
        found = (
            estimate_cox(
                rows, terms, start="start" if "start" in rows else None, cluster="incident"
            )
            .set_index("term")
            .loc["aid"]
        )
    except (BadInput, KeyError):
        return (name, np.nan, np.nan, np.nan, "times", n, "no_finite_value")
    return (
        name,
        *(round(float(found[column]), 2) for column in ("hazard_ratio", "ci_lower", "ci_upper")),
        "times",
        n,
        "estimated",
    )
