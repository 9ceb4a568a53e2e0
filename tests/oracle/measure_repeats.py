"""Counts in the police register every quantity of repeat victimisation that a printed number
constrains (chapter 4, annex B1.4)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.labels import read_codes
from helpers.synthetic.offences import OFFENCE_GROUPS
from oracle.measure_reports import Measures, holds, share

# Of several groups in one incident the first one counts.
GROUPS = ("trafficking", "sexual", "violence", "threat", "property", "other")
FIRST_YEAR, LAST_YEAR = 2010, 2020
HORIZONS = (2, 5, 7)
FIVE = 5
# The exception that figure 4.6 declares: index year 2016, followed until the end of the data.
FORM_YEAR = 2016
SEVERE = ["trafficking", "sexual", "violence"]
SIGNIFICANT = 0.05


@dataclass(frozen=True)
class RepeatDefinitions:
    """How repeat victimisation is counted (sections 4.2 and 4.3, annex B1.4.2).

    registration_leads: the date of registration decides, not the start of the offence.
    registered_persons: only persons who are or were in the population register.
    trafficking_index: the index incident is a person's first trafficking incident, not the first
    incident.
    from_study_period: incidents before the study period are no index incidents.
    strictly_later: a repeat is registered on a later day than the index incident.
    committed_earlier_too: a repeat counts even if it was committed before the index incident.
    exact_years: a horizon of h years is h x 365.25 days, not h x 365.
    whole_follow_up: a horizon uses index years up to the last year less the horizon.
    incident_once: an incident is one repeat, whatever its codes.
    one_group: of several offence groups of an incident the first counts (trafficking, sexual,
    violence, threat, property, other).
    other_and_organ_known: F564 and F565 are known forms, not sexual.
    age_at_offence: age at the start of the offence, not at registration.
    form_year_excepted: figure 4.6 follows those of 2016 until the end of the data, though five
    years are not over; off: nobody is left in it.
    """

    registration_leads: bool = True
    registered_persons: bool = True
    trafficking_index: bool = True
    from_study_period: bool = True
    strictly_later: bool = True
    committed_earlier_too: bool = True
    exact_years: bool = True
    whole_follow_up: bool = True
    incident_once: bool = True
    one_group: bool = True
    other_and_organ_known: bool = True
    age_at_offence: bool = True
    form_year_excepted: bool = True


def measure_repeats(tables: dict[str, pd.DataFrame], definitions: RepeatDefinitions) -> Measures:
    """Every measure of chapter 4 in `data/codes/calibration_police.csv`; shares are percentages,
    times days, months or years."""
    incidents = group_incidents(tables["incidents"], definitions)
    index = _find_index(incidents, tables, definitions)
    repeats = _find_repeats(incidents, index, definitions)
    return {
        **_measure_cohorts(index, definitions),
        **_measure_horizons(index, repeats, definitions),
        **_measure_five_years(index, repeats, definitions),
        **_measure_form_year(index, repeats, definitions),
    }


def group_incidents(incidents: pd.DataFrame, definitions: RepeatDefinitions) -> pd.DataFrame:
    """One row a person and incident: `day`, `start`, `group` (the first of its offence groups),
    `forms` (trafficking forms of its codes)."""
    groups = {**read_codes("offence"), **OFFENCE_GROUPS}
    named = (
        incidents["offence_code"].map(groups).str.split(":", expand=True).reindex(columns=[0, 1])
    )
    rows = incidents.assign(
        group=named[0],
        detail=named[1].fillna(""),
        rank=named[0].map({group: rank for rank, group in enumerate(GROUPS)}),
    )
    rows = rows.rename(columns={"registration_date": "day", "offence_start_date": "start"})
    if not definitions.registration_leads:
        rows["day"] = rows["start"].fillna(rows["day"])
    rows = rows.sort_values(["person_id", "incident_id", "rank", "offence_code"])
    detail = rows["detail"].where(rows["group"] == "trafficking", "")
    keys = (
        ["person_id", "incident_id"]
        if definitions.incident_once
        else ["person_id", "incident_id", "offence_code"]
    )
    forms = detail.groupby([rows["person_id"], rows["incident_id"]]).agg("|".join).rename("forms")
    if not definitions.one_group:
        rows = rows.sort_values(["person_id", "incident_id", "rank"], ascending=[True, True, False])
    return rows.drop_duplicates(keys)[
        [*dict.fromkeys([*keys, "day", "start", "group", "detail"])]
    ].merge(forms, on=["person_id", "incident_id"])


def _find_index(
    incidents: pd.DataFrame, tables: dict[str, pd.DataFrame], definitions: RepeatDefinitions
) -> pd.DataFrame:
    """One row a person: the index incident, sex, age group and form (sexual, other, unknown)."""
    candidates = (
        incidents[incidents["group"] == "trafficking"]
        if definitions.trafficking_index
        else incidents
    )
    if definitions.from_study_period:
        candidates = candidates[candidates["day"].dt.year.between(FIRST_YEAR, LAST_YEAR)]
    if definitions.registered_persons:
        candidates = candidates[
            candidates["person_id"].isin(tables["residence_spells"]["person_id"])
        ]
    index = (
        candidates.sort_values(["day", "incident_id"])
        .drop_duplicates("person_id")
        .merge(tables["persons"], on="person_id")
    )
    index = index[index["day"].dt.year.between(FIRST_YEAR, LAST_YEAR)]
    age = find_age(
        index["birth_date"],
        index["start"].fillna(index["day"]) if definitions.age_at_offence else index["day"],
    )
    other = [
        "labour",
        "criminal",
        *(["organ_removal", "other"] if definitions.other_and_organ_known else []),
    ]
    forms = index["forms"].str.split("|").map(set)
    form = np.select(
        [
            forms.map(lambda named: "sexual" in named),
            forms.map(lambda named: bool(named & set(other))),
        ],
        ["sexual", "other"],
        default="unknown",
    )
    age_group = np.select(
        [age < 18, age < 23, age >= 23], ["minor", "adolescent", "adult"], default="unknown"
    )
    return index.assign(year=index["day"].dt.year, age_group=age_group, form=form)[
        ["person_id", "incident_id", "day", "start", "year", "sex", "age_group", "form"]
    ]


def find_age(born: pd.Series, day: pd.Series) -> pd.Series:
    """Completed years on a day; NaN where a date is missing."""
    had_birthday = (day.dt.month * 100 + day.dt.day) >= (born.dt.month * 100 + born.dt.day)
    return day.dt.year - born.dt.year - (~had_birthday).astype(int)


def _find_repeats(
    incidents: pd.DataFrame, index: pd.DataFrame, definitions: RepeatDefinitions
) -> pd.DataFrame:
    """Other incidents of the same persons after the index incident, with `days` since then and the
    year of the index."""
    pairs = incidents.merge(
        index[["person_id", "incident_id", "day", "start", "year"]],
        on="person_id",
        suffixes=("", "_index"),
    )
    pairs = pairs.assign(days=(pairs["day"] - pairs["day_index"]).dt.days)
    is_later = pairs["days"] > 0 if definitions.strictly_later else pairs["days"] >= 0
    if not definitions.committed_earlier_too:
        is_later &= pairs["start"].fillna(pairs["day"]) >= pairs["start_index"].fillna(
            pairs["day_index"]
        )
    return pairs[is_later & (pairs["incident_id"] != pairs["incident_id_index"])]


def _last_year(horizon: int, definitions: RepeatDefinitions) -> int:
    return LAST_YEAR - horizon if definitions.whole_follow_up else LAST_YEAR


def _within(repeats: pd.DataFrame, horizon: int, definitions: RepeatDefinitions) -> pd.DataFrame:
    """Repeats within the horizon, of persons whose index year has it whole."""
    longest = horizon * (365.25 if definitions.exact_years else 365)
    return repeats[
        (repeats["days"] <= longest) & (repeats["year"] <= _last_year(horizon, definitions))
    ]


def _measure_cohorts(index: pd.DataFrame, definitions: RepeatDefinitions) -> Measures:
    two = index[index["year"] <= _last_year(2, definitions)]
    known = two[two["form"] != "unknown"]
    return {
        "persons:2010-2020": float(len(index)),
        "persons:2010-2018": float(len(two)),
        "persons:2010-2015": float((index["year"] <= _last_year(5, definitions)).sum()),
        "persons:2010-2013": float((index["year"] <= _last_year(7, definitions)).sum()),
        "persons:2016": float((index["year"] == FORM_YEAR).sum()),
        "persons:2016-2020": float((index["year"] >= FORM_YEAR).sum()),
        "persons:female:2010-2018": float((two["sex"] == "female").sum()),
        "share_of_persons:female:2010-2018": share((two["sex"] == "female").sum(), len(two)),
        "share_of_persons:minor:2010-2018": share((two["age_group"] == "minor").sum(), len(two)),
        "share_of_persons:adolescent:2010-2018": share(
            (two["age_group"] == "adolescent").sum(), len(two)
        ),
        "persons:form_known:2010-2018": float(len(known)),
        "share_of_persons:form_unknown:2010-2018": share(len(two) - len(known), len(two)),
        "share_of_persons:sexual:2010-2018": share((known["form"] == "sexual").sum(), len(known)),
        "share_of_persons:other:2010-2018": share((known["form"] == "other").sum(), len(known)),
    }


def _measure_horizons(
    index: pd.DataFrame, repeats: pd.DataFrame, definitions: RepeatDefinitions
) -> Measures:
    """Figure 4.1: persons with a repeat, and how many of them meet several."""
    measures: Measures = {}
    for horizon in HORIZONS:
        counts = _within(repeats, horizon, definitions).groupby("person_id").size()
        whole = (index["year"] <= _last_year(horizon, definitions)).sum()
        measures |= {
            f"persons_again:{horizon}": float(len(counts)),
            f"share_again:{horizon}": share(len(counts), whole),
            f"share_several:{horizon}": share((counts > 1).sum(), len(counts)),
        }
    return {
        **measures,
        "order:most_once:2": holds(measures["share_several:2"] < 50),
        "order:most_several:7": holds(measures["share_several:7"] > 50),
    }


def _measure_five_years(
    index: pd.DataFrame, repeats: pd.DataFrame, definitions: RepeatDefinitions
) -> Measures:
    """Figures 4.2 to 4.5, and the time to the first repeat."""
    cohort, within = (
        index[index["year"] <= _last_year(FIVE, definitions)],
        _within(repeats, FIVE, definitions),
    )
    first, groups = (
        within.groupby("person_id")["days"].min(),
        within.groupby("group")["person_id"].nunique(),
    )
    severe = within.loc[within["group"].isin(SEVERE), "person_id"].nunique()
    incidents = within["group"].value_counts()
    counts = cohort["person_id"].map(within.groupby("person_id").size()).fillna(0)
    men = counts[cohort["sex"] == "male"], counts[cohort["sex"] == "female"]
    again = counts > 0
    is_young = cohort["age_group"].isin(["minor", "adolescent"])
    subsets = {
        "female": cohort["sex"] == "female",
        "male": cohort["sex"] == "male",
        "minor": cohort["age_group"] == "minor",
        "under_23": is_young,
        "from_23": cohort["age_group"] == "adult",
    }
    once = [share((part == 1).sum(), (part > 0).sum()) for part in men]
    return {
        "median_days": first.median(),
        "mean_days": first.mean(),
        "sd_days": first.std(ddof=1),
        "median_months": first.median() / (365.25 / 12),
        "median_years": first.median() / 365.25,
        "mean_years": first.mean() / 365.25,
        **{f"share_again:{group}": share(groups.get(group, 0), len(cohort)) for group in SEVERE},
        "share_again:severe": share(severe, len(cohort)),
        "persons_again:severe": float(severe),
        "share_of_again:severe": share(severe, len(first)),
        "incidents": float(len(within)),
        "incidents_per_person": len(within) / max(len(first), 1),
        **{f"incidents:{group}": float(incidents.get(group, 0)) for group in GROUPS},
        "incidents:homicide": float((within["detail"] == "homicide").sum()),
        "order:groups": holds(
            incidents.get("property", 0)
            > incidents.get("violence", 0)
            > incidents.get("threat", 0)
            > incidents.get("other", 0)
        ),
        **{
            f"share_again:{name}": share((again & is_in).sum(), is_in.sum())
            for name, is_in in subsets.items()
        },
        "p_value:sex": find_p_value(cohort["sex"], again),
        "p_value:age": find_p_value(cohort["age_group"], again),
        "order:men_once": holds(once[0] > once[1]),
    }


def _measure_form_year(
    index: pd.DataFrame, repeats: pd.DataFrame, definitions: RepeatDefinitions
) -> Measures:
    """Figure 4.6: by form, of those registered in 2016, until the end of the data."""
    cohort = index[
        (index["year"] == FORM_YEAR)
        & ((index["year"] <= LAST_YEAR - FIVE) | definitions.form_year_excepted)
    ]
    again = cohort["person_id"].isin(repeats["person_id"])
    shares = {
        form: share((again & (cohort["form"] == form)).sum(), (cohort["form"] == form).sum())
        for form in ("sexual", "other")
    }
    return {
        **{f"share_again:{form}:2016": value for form, value in shares.items()},
        "order:form_not_significant": holds(
            find_p_value(cohort["form"], again) > SIGNIFICANT, shares["sexual"] > shares["other"]
        ),
    }


def find_p_value(groups: pd.Series, flag: pd.Series) -> float:
    """p-value of Pearson's chi-square of a yes-no outcome in two or three groups (no continuity
    correction), as in SPSS."""
    table = pd.crosstab(groups, flag).to_numpy(dtype=float)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    statistic = float(((table - expected) ** 2 / expected).sum())
    freedom = (table.shape[0] - 1) * (table.shape[1] - 1)
    tails = {1: lambda x: math.erfc(math.sqrt(x / 2)), 2: lambda x: math.exp(-x / 2)}
    return tails[freedom](statistic) if freedom in tails else float("nan")
