"""What the register of the residence scheme says where the monitor printed a number (section 2.4),
counted with the chapter's own tables."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from helpers import protection
from helpers.calibration.compare import (
    Measures,
    add_up,
    change,
    holds,
    is_falling,
    list_years,
    share,
)
from helpers.calibration.signalling import BEFORE, LAST, WHOLE, YEARS
from helpers.definitions import DUBLIN_INDICATED, MISSING
from helpers.synthetic.constraints import ALMOST_ALL, BY_FAR, SAME_POINTS


def measure_residence(
    decisions: pd.DataFrame, counts: pd.DataFrame, *, regions: Mapping[str, str]
) -> Measures:
    """Every measure that data/codes/calibration_protection.csv names; shares are percentages. A
    statement of order is 1 where it holds."""
    scheme = protection.count_scheme(decisions, counts)
    persons = protection.select_persons(decisions, years=YEARS, regions=regions)
    return {**_measure_use(scheme), **_order_outcomes(scheme), **_measure_persons(persons)}


def _measure_use(scheme: pd.DataFrame) -> Measures:
    """Offers and decisions by year of handling (figure 2.11)."""
    use = protection.count_use(scheme, years=YEARS)
    offers, temporary, continued = (
        list_years(use, category=kind) for kind in ("reflection", "temporary", "continued")
    )
    return {
        f"decisions:temporary:{BEFORE}-{LAST}": temporary[[BEFORE, LAST]].sum(),
        f"decisions:temporary:{WHOLE}": temporary.sum(),
        f"decisions:continued:{WHOLE}": continued.sum(),
        f"change_in_offers:{LAST}": change(offers[LAST], offers[BEFORE]),
        "order:offers": holds(is_falling(offers.loc[BEFORE - 1 :]), offers.idxmin() == LAST),
        "order:temporary_decisions": holds(
            temporary[BEFORE] > temporary[BEFORE - 1], temporary[LAST] < temporary[BEFORE]
        ),
        "order:fewer_continued": holds((continued < temporary).all()),
    }


def _order_outcomes(scheme: pd.DataFrame) -> Measures:
    """Dublin indications and outcomes (figures 2.12 to 2.14)."""
    indications = protection.count_dublin(scheme, years=YEARS)
    with_dublin = list_years(indications, residence_dublin=DUBLIN_INDICATED)
    dublin = 100 * with_dublin / list_years(indications)
    temporary, continued = (
        protection.count_outcomes(scheme, kind, years=YEARS) for kind in ("temporary", "continued")
    )
    granted, rejected = (
        100 * list_years(temporary, outcome=code) / list_years(temporary)
        for code in ("granted", "rejected")
    )
    refused = list_years(continued, outcome="rejected")
    of_dublin = scheme[(scheme["kind"] == "temporary") & (scheme["year"] >= BEFORE)]
    return {
        "order:dublin_of_temporary": holds(
            (dublin > float(BY_FAR)).all(),
            abs(dublin[LAST] - dublin[BEFORE]) < SAME_POINTS,
            is_falling(with_dublin),
        ),
        "order:temporary_granted": holds(
            (granted.loc[: BEFORE - 1] > ALMOST_ALL).all(),
            is_falling(-rejected.loc[BEFORE - 1 :]),
            add_up(of_dublin, residence_dublin=DUBLIN_INDICATED, outcome="rejected")
            > add_up(of_dublin, residence_dublin=DUBLIN_INDICATED) / 2,
            granted[LAST] < 50,
        ),
        "order:continued_rejected": holds(
            is_falling(-(refused / list_years(continued)).loc[2017:]),
            is_falling(-refused.loc[2017:]),
        ),
    }


def _measure_persons(persons: pd.DataFrame) -> Measures:
    """Sex, age and origin of the persons in the scheme (section 2.4.3)."""
    sex, ages, regions = (
        protection.count_persons(persons, trait, years=YEARS)
        for trait in ("sex", "age_group", "origin_region")
    )
    dublin = persons[persons["has_dublin"] == "dublin"]
    n, young = len(persons), add_up(ages, age_group=("under_18", "18_22"))
    ranked = regions[~regions["origin_region"].isin(MISSING)]
    countries, of_dublin = (
        rows.loc[~rows["nationality"].isin(MISSING), "nationality"].value_counts()
        for rows in (persons, dublin)
    )
    return {
        f"persons:{WHOLE}": float(n),
        "share_of_persons:female": share(add_up(sex, sex="female"), n),
        "share_of_persons:male:dublin": share((dublin["sex"] == "male").sum(), len(dublin)),
        "mean_age:persons": float(persons["age"].mean()),
        "mean_age:dublin": float(dublin["age"].mean()),
        "share_of_persons:under_23": share(young, n),
        "share_of_persons:23_to_29": share(add_up(ages, age_group="23_29"), n),
        "persons:minor": add_up(ages, age_group="under_18"),
        "persons:nigerian": float(countries["NGA"]),
        "order:regions": holds(
            list(ranked["origin_region"][:3]) == ["africa", "asia", "eu"], ranked["n"][:4].is_unique
        ),
        "order:nationalities": holds(
            countries.index[0] == "NGA",
            set(countries.index[1:5]) == {"UGA", "PHL", "SLE", "GMB"},
            countries.iloc[4] > countries.iloc[5],
        ),
        "order:dublin_of_africa": holds(
            (dublin["origin_region"] == "africa").mean() > 0.5,
            of_dublin["NGA"] > of_dublin.drop("NGA").max(),
        ),
    }
