"""Draws health-care costs: person-years of victims and controls whose mean is the printed one, to
the cent of a euro."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers import published
from helpers.synthetic.controls import Controls
from helpers.synthetic.people import AID

# Years with costs in the extract; the first and the last hold costs too, which the chapter does not
# look at (annex B1.3.2).
COST_YEARS = (2016, 2017, 2018)
YEARS = range(2015, 2020)
# Of a hundred person-years, so many have a row at all; of ten rows, so many have no specialised
# care.
VICTIM_PERCENT, CONTROL_PERCENT, WITHOUT_OF_TEN = 60, 8, 5
# Shapes of a yearly cost, in euro, before the scale that makes the mean: few are high.
SHAPE = np.array(
    [
        120,
        180,
        240,
        320,
        400,
        500,
        620,
        760,
        900,
        1100,
        1300,
        1600,
        1900,
        2300,
        2900,
        3700,
        5000,
        8000,
        15000,
        40000,
    ],
    dtype=float,
)
# Catalogue numbers of the printed means, of victims and of controls (section 3.6).
MEANS = {False: "sm20-352", True: "sm20-353"}


def draw_costs(rng: np.random.Generator, controls: Controls) -> pd.DataFrame:
    """Rows of care costs: person (`place`, `is_control`), year, three amounts in euro."""
    parts = [_draw_victims(rng, controls), _draw_pool(rng, controls)]
    return pd.concat(parts, ignore_index=True)


def find_cost_years(end: pd.Series) -> list[pd.Series]:
    """The year in which the offences ended and the year after, each NaN outside the years with
    costs."""
    return [years.where(years.isin(COST_YEARS)) for years in (end.dt.year, end.dt.year + 1)]


def _weigh_years(controls: Controls) -> np.ndarray:
    """For each adult victim of the aid population (rows) and year of COST_YEARS (columns): whether
    its costs count."""
    people = controls.people
    is_adult = (people["block"].isin(AID) & (people["age_group"] != "minor")).to_numpy()
    years = find_cost_years(people["end"].fillna(people["registered"]))
    return np.array(
        [
            np.logical_or.reduce([(part == year).to_numpy() for part in years]) & is_adult
            for year in COST_YEARS
        ]
    ).T


def _read_mean(number: str) -> float:
    numbers = published.read_numbers().set_index("id")
    return float(numbers.loc[number, "value"])


def _draw_victims(rng: np.random.Generator, controls: Controls) -> pd.DataFrame:
    """Victims of the aid population, minors too."""
    counted = _weigh_years(controls)
    rows = _draw_rows(
        rng, np.flatnonzero(controls.people["block"].isin(AID)), VICTIM_PERCENT, is_control=False
    )
    return _scale(rows, _look_up(rows, counted.astype(float)), counted.sum())


def _draw_pool(rng: np.random.Generator, controls: Controls) -> pd.DataFrame:
    """People of the pool; a person counts in every set and year that a victim's years name."""
    counted = _weigh_years(controls)
    weights = np.array([controls.weigh(counted[:, column]) for column in range(len(COST_YEARS))]).T
    rows = _draw_rows(rng, np.flatnonzero(~controls.is_victim), CONTROL_PERCENT, is_control=True)
    return _scale(rows, _look_up(rows, weights.astype(float)), weights.sum())


def _draw_rows(
    rng: np.random.Generator, places: np.ndarray, percent: int, *, is_control: bool
) -> pd.DataFrame:
    """Person-years with costs, before the mean is set."""
    place, year = np.repeat(places, len(YEARS)), np.tile(YEARS, len(places))
    has_row = rng.integers(0, 100, len(place)) < percent
    place, year = place[has_row], year[has_row]
    n = len(place)
    specialised = (
        SHAPE[rng.integers(0, len(SHAPE), n)]
        * (0.5 + rng.random(n))
        * (rng.integers(0, 10, n) >= WITHOUT_OF_TEN)
    )
    basic = np.round(SHAPE[rng.integers(0, len(SHAPE) // 2, n)] * rng.random(n), 2)
    return pd.DataFrame(
        {
            "place": place,
            "is_control": is_control,
            "year": year,
            "specialised": specialised,
            "basic": basic,
            "other": np.round(2000 * rng.random(n), 2),
        }
    )


def _look_up(rows: pd.DataFrame, weights: np.ndarray) -> np.ndarray:
    """How often each row counts: nought in years that are not looked at."""
    column = rows["year"].to_numpy() - COST_YEARS[0]
    is_in = (column >= 0) & (column < len(COST_YEARS))
    return np.where(is_in, weights[rows["place"].to_numpy(), np.where(is_in, column, 0)], 0)


def _scale(rows: pd.DataFrame, counts: np.ndarray, person_years: int) -> pd.DataFrame:
    """The rows with specialised care scaled to the printed mean of all person-years, those without
    a row among them."""
    mean = _read_mean(MEANS[bool(rows["is_control"].iloc[0])])
    specialised = np.round(
        rows["specialised"] * (mean * person_years / (rows["specialised"] * counts).sum()), 2
    )
    return rows.assign(
        specialised_mental_health_eur=specialised,
        basic_mental_health_eur=rows["basic"],
        total_basic_insurance_eur=np.round(specialised + rows["basic"] + rows["other"], 2),
    )
