"""Draws the registers of the aid chapter for the victims that the police registered: controls,
youth care, shelter, costs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.synthetic.allocation import make_ids
from helpers.synthetic.care import draw_shelter, draw_youth_care
from helpers.synthetic.controls import draw_controls
from helpers.synthetic.costs import draw_costs
from helpers.synthetic.police import finish


def draw_aid(rng: np.random.Generator, drawn: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables `matches`, `youth_care`, `shelter`, `care_costs`; and `persons` and
    `residence_spells` with the controls added.

    `drawn` is what `police.draw_police` gives.
    """
    controls = draw_controls(rng, drawn["people"], names=drawn["free"]["person_id"].to_numpy())
    pool = controls.persons[~controls.is_victim]
    ids = {
        True: controls.persons["person_id"].to_numpy(),
        False: controls.people["person_id"].to_numpy(),
    }
    spells = pd.DataFrame(
        {"person_id": pool["person_id"], "from_date": pool["birth_date"], "to_date": pd.NaT}
    )
    matches = pd.DataFrame(
        {"victim_id": ids[False][controls.victim], "control_id": ids[True][controls.control]}
    )
    return {
        "persons": pd.concat(
            [drawn["persons"], finish("persons", pool.assign(death_date=pd.NaT))], ignore_index=True
        ),
        "residence_spells": pd.concat(
            [drawn["residence_spells"], finish("residence_spells", spells)], ignore_index=True
        ),
        "matches": matches,
        "youth_care": _name(
            "youth_care", "trajectory_id", draw_youth_care(rng, controls), ids, rng
        ),
        "shelter": _name("shelter", "stay_id", draw_shelter(rng, controls), ids, rng),
        "care_costs": _name("care_costs", "", draw_costs(rng, controls), ids, rng),
    }


def _name(
    table: str, key: str, rows: pd.DataFrame, ids: dict[bool, np.ndarray], rng: np.random.Generator
) -> pd.DataFrame:
    """The rows under the persons' identifiers, in order of their own."""
    is_control = rows["is_control"].to_numpy()
    person = np.empty(len(rows), dtype=object)
    for side, names in ids.items():
        person[is_control == side] = names[rows["place"].to_numpy()[is_control == side]]
    rows = rows.assign(person_id=person)
    if key:
        rows = rows.assign(**{key: make_ids(rng, len(rows), key[0])})
    return finish(table, rows.sort_values([key] if key else ["person_id", "year"]))
