"""Counts in the register of the residence scheme every quantity that a printed number constrains
(section 2.4 of the monitor)."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers.labels import read_codes
from helpers.synthetic.victims import ADDED_NATIONALITIES
from oracle.measure_reports import Measures, change, holds, is_falling, share
from oracle.victim_years import MISSING, find_region

YEARS = range(2016, 2021)
BEFORE = slice(2016, 2018)
# "Nearly always" granted: more than nine in ten.
ALMOST_ALWAYS = 90
# "By far the most": more than two in three.
BY_FAR = 66.7
# "Practically the same" share in two years: within two points of a percentage.
SAME_POINTS = 2


@dataclass(frozen=True)
class ResidenceDefinitions:
    """How the residence scheme is counted.

    unique_persons: a person with several decisions is one of the 2,095 (2.4.3), with the age at the
    first decision.
    potential_is_dublin: a potential Dublin claim is a Dublin indication too (2.4.2).
    """

    unique_persons: bool = True
    potential_is_dublin: bool = True


def measure_residence(decisions: pd.DataFrame, definitions: ResidenceDefinitions) -> Measures:
    """Every measure of `data/codes/calibration_residence.csv`; shares are percentages. A statement
    of order is 1 where it holds."""
    dublin = ["claim", "potential"] if definitions.potential_is_dublin else ["claim"]
    decisions = decisions.assign(
        year=decisions["decision_date"].dt.year,
        kind=decisions["qualification"].map(read_codes("qualification")),
        is_dublin=decisions["dublin"].isin(dublin),
        region=find_region(decisions["nationality"], ADDED_NATIONALITIES),
    ).sort_values(["decision_date", "decision_id"])
    persons = decisions.groupby("person_id").first() if definitions.unique_persons else decisions
    has_indication = decisions.groupby("person_id")["is_dublin"].any()
    in_dublin = (
        persons.index.isin(has_indication.index[has_indication])
        if definitions.unique_persons
        else decisions["is_dublin"]
    )
    return {**_measure_decisions(decisions), **_measure_persons(persons, persons[in_dublin])}


def _measure_decisions(decisions: pd.DataFrame) -> Measures:
    """Offers and decisions by year of handling (figures 2.11 to 2.14)."""
    counts = pd.crosstab(decisions["year"], decisions["kind"]).reindex(YEARS, fill_value=0)
    outcomes = pd.crosstab([decisions["kind"], decisions["year"]], decisions["outcome"])
    temporary, continued = outcomes.xs("temporary"), outcomes.xs("continued")
    granted, rejected = _percent(temporary, "granted"), _percent(temporary, "rejected")
    refused = _percent(continued, "rejected")
    recent = decisions[(decisions["kind"] == "temporary") & (decisions["year"] >= 2019)]
    dublin = 100 * recent.groupby("year")["is_dublin"].mean()
    rejected_dublin = share(
        (recent["is_dublin"] & (recent["outcome"] == "rejected")).sum(), recent["is_dublin"].sum()
    )
    offers = counts["reflection"]
    return {
        "decisions:temporary:2019-2020": float(len(recent)),
        "decisions:temporary:2016-2020": float(counts["temporary"].sum()),
        "decisions:continued:2016-2020": float(counts["continued"].sum()),
        "change_in_offers:2020": change(offers[2020], offers[2019]),
        "order:offers": holds(is_falling(offers.loc[2018:]), offers.idxmin() == 2020),
        "order:temporary_decisions": holds(
            counts.loc[2019, "temporary"] > counts.loc[2018, "temporary"],
            counts.loc[2020, "temporary"] < counts.loc[2019, "temporary"],
        ),
        "order:dublin_of_temporary": holds(
            (dublin > BY_FAR).all(),
            abs(dublin[2020] - dublin[2019]) < SAME_POINTS,
            recent.groupby("year")["is_dublin"].sum().pipe(is_falling),
        ),
        "order:temporary_granted": holds(
            (granted.loc[BEFORE] > ALMOST_ALWAYS).all(),
            is_falling(-rejected.loc[2018:]),
            rejected_dublin > 50,
            granted[2020] < 50,
        ),
        "order:continued_rejected": holds(
            is_falling(-refused.loc[2017:]), is_falling(-continued["rejected"].loc[2017:])
        ),
        "order:fewer_continued": holds((counts["continued"] < counts["temporary"]).all()),
    }


def _percent(outcomes: pd.DataFrame, outcome: str) -> pd.Series:
    return 100 * outcomes[outcome] / outcomes.sum(axis=1)


def _measure_persons(persons: pd.DataFrame, dublin: pd.DataFrame) -> Measures:
    """Sex, age and origin of the persons in the scheme (section 2.4.3)."""
    age, n = persons["age_at_decision"], len(persons)
    regions = persons.loc[persons["region"] != "unknown", "region"].value_counts()
    nationalities = persons.loc[~persons["nationality"].isin(MISSING), "nationality"].value_counts()
    nigerian = (dublin["nationality"] == "NGA").sum()
    return {
        "persons:2016-2020": float(n),
        "share_of_persons:female": share((persons["sex"] == "female").sum(), n),
        "share_of_persons:male:dublin": share((dublin["sex"] == "male").sum(), len(dublin)),
        "mean_age:persons": float(age.mean()),
        "mean_age:dublin": float(dublin["age_at_decision"].mean()),
        "share_of_persons:under_23": share((age < 23).sum(), n),
        "share_of_persons:23_to_29": share(age.between(23, 29).sum(), n),
        "persons:minor": float((age < 18).sum()),
        "persons:nigerian": float(nationalities["NGA"]),
        "order:regions": holds(
            list(regions.index[:3]) == ["africa", "asia", "eu"], regions.iloc[:4].is_unique
        ),
        "order:nationalities": holds(
            nationalities.index[0] == "NGA",
            set(nationalities.index[1:5]) == {"UGA", "PHL", "SLE", "GMB"},
            nationalities.iloc[4] > nationalities.iloc[5],
        ),
        "order:dublin_of_africa": holds(
            (dublin["region"] == "africa").mean() > 0.5,
            nigerian > dublin["nationality"].value_counts().drop("NGA").max(),
        ),
    }
