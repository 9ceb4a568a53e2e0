"""Places of exploitation in made-up municipalities: no number was printed of any, so that all there
is to them is that some are large, some small, one has a handful of victims and one nobody."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.labels import NOT_RECORDED

# Of a thousand victims, so many in each. The codes were never given to a municipality (table 33 of
# the population register jumps from 1404 to 1507), and the names say that there is none.
WEIGHTS = {
    "GM1451": 120,
    "GM1452": 80,
    "GM1453": 60,
    "GM1454": 45,
    "GM1455": 35,
    "GM1456": 25,
    "GM1457": 15,
    "GM1458": 10,
    "GM1459": 6,
    "GM1460": 3,
    "GM1461": 1,
}
NOBODY = "GM1462"
ADDED_MUNICIPALITIES = dict.fromkeys([*WEIGHTS, NOBODY], "")


def add_municipalities(rng: np.random.Generator, reports: pd.DataFrame) -> pd.DataFrame:
    """The reports with `municipality`, one for each victim whatever else is known of them; of most
    it is not recorded."""
    victims = pd.Index(np.sort(reports["victim_id"].astype(str).unique()))
    bounds = np.cumsum(list(WEIGHTS.values()))
    codes = np.array([*WEIGHTS, NOT_RECORDED], dtype=object)
    drawn = codes[np.searchsorted(bounds, rng.integers(1000, size=len(victims)), side="right")]
    places = pd.Series(drawn, index=victims)
    return reports.assign(municipality=reports["victim_id"].astype(str).map(places).to_numpy())
