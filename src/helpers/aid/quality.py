"""What is untidy in the records of aid, named and counted; and how far the definitions move the
answer."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.aid.contrasts import CONTRASTS, contrast
from helpers.aid.people import (
    Definitions,
    Linked,
    People,
    find_own_aid,
    find_people,
    has_control_aid,
)


def count_faults(people: People) -> pd.DataFrame:
    """Records that a reader should know of; none of them is dropped. Columns category, n."""
    care, sizes = people.youth_care, np.bincount(people.victim, minlength=len(people.victims))
    born = np.full(people.size, np.datetime64("NaT"), dtype="datetime64[s]")
    born[people.persons["person"]] = people.persons["birth_date"].to_numpy()
    ordered = care.sort_values(["person", "start_date"], kind="stable")
    same = ordered["person"].to_numpy()[1:] == ordered["person"].to_numpy()[:-1]
    open_end = ordered["end_date"].fillna(pd.Timestamp.max.floor("s").as_unit("s")).to_numpy()
    is_victim = np.zeros(people.size, dtype=bool)
    is_victim[people.victims["person"]] = True
    used = np.bincount(people.control, minlength=people.size)
    costs = set(people.costs["year"].dropna().astype(int))
    counts = {
        "care_overlapping": int(
            (same & (ordered["start_date"].to_numpy()[1:] <= open_end[:-1])).sum()
        ),
        "care_open": int(care["end_date"].isna().sum()),
        "care_ends_before_start": int((care["end_date"] < care["start_date"]).sum()),
        "care_before_birth": int((care["start_date"].to_numpy() < born[care["person"]]).sum()),
        "offences_without_end": int((~people.victims["has_end"].astype(bool)).sum()),
        "sets_of_one": int((sizes == 1).sum()),
        "victims_without_matches": int(people.flow["n"].iloc[0] - people.flow["n"].iloc[-1])
        if len(people.flow)
        else 0,
        "controls_who_are_victims": int(is_victim[people.control].sum()),
        "controls_of_several": int((used > 1).sum()),
        "cost_years_without_rows": len(set(people.definitions.cost_years) - costs),
    }
    return pd.DataFrame(list(counts.items()), columns=["category", "n"])


def compare_definitions(
    linked: Linked, *, groups: Mapping[str, str], definitions: Definitions
) -> pd.DataFrame:
    """Observed against expected of any youth care under each other reading, one at a time: change,
    value, limits, unit, n_behind, n_compared.

    "window_controls" looks for aid of controls that begins within the days of their victim, in
    place of aid in the control year; so do the readings with other numbers of days, or only the
    victims' aid would change with them.
    """
    readings = {
        "as_monitor": definitions,
        "last_incident": dataclasses.replace(definitions, which="last"),
        "by_registration": dataclasses.replace(definitions, by_registration=True),
        "window_controls": dataclasses.replace(definitions, control_year=None),
        **{
            f"within_{days}": dataclasses.replace(definitions, within_days=days, control_year=None)
            for days in (180, 730)
        },
    }
    rows = []
    for name, reading in readings.items():
        people = find_people(linked, groups=groups, definitions=reading)
        minors = people.select(people.is_minor)
        own = (
            np.bincount(
                find_own_aid(minors, minors.youth_care)["victim"], minlength=len(minors.victims)
            )
            > 0
        )
        found = contrast(
            "youth_care",
            own,
            has_control_aid(minors, minors.youth_care),
            minors.victim,
        )
        rows += [(name, *row[1:]) for row in found if row[0] == "ratio_youth_care"]
    return pd.DataFrame(rows, columns=["change", *CONTRASTS[1:]])
