"""Counts in the linked registers every quantity of aid that a printed number constrains (chapter 3,
annex B1.3).

Counts of controls are counts of matches: a person who is a control of two victims counts twice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.labels import read_codes
from helpers.synthetic.controls import find_birth_cohort
from helpers.synthetic.offences import OFFENCE_GROUPS
from oracle.measure_repeats import find_age
from oracle.measure_reports import Measures, holds, share

FIRST_YEAR, LAST_YEAR = 2016, 2020
WITHIN = 365
CONTROL_YEAR = 2019
COST_YEARS = (2016, 2017, 2018)
SIGNIFICANT = 0.05
FORMS = ("domestic_sexual", "cross_border_sexual", "labour", "criminal", "unknown")
RESIDENTIAL = ["foster_care", "family_style", "closed", "other_residential"]


@dataclass(frozen=True)
class AidDefinitions:
    """How aid is counted (sections 3.2 to 3.6, annex B1.3.2).

    starts_2016_to_2020, ended_before_2020: the population is of offences that began in 2016 to 2020
    and ended before 2020 (the text;
    off: began at any time; registered before 2020, as the annex says).
    with_matches: victims are those who have matches.
    first_incident: the first of several incidents of a person counts, not the last.
    missing_end_is_registration: where the end of the offences is missing, the date of registration
    stands for it.
    minor_at_start: minor by the age at the start of the offences, not by the matching age.
    matched_on_1_january: the matching age is that on 1 January of the index year, not that at the
    start of the offences.
    aid_starts_within_a_year: aid of victims counts that starts 0 to 365 days after the end of the
    offences, not any aid after it.
    controls_in_control_year: aid that controls received in 2019 counts, not only aid that started
    in 2019.
    all_matches_of_minors: all controls of minor victims count, of age or not.
    adults_only, absent_is_zero, two_years, cost_years_only, controls_same_years: costs are those of
    adults; a person-year without a row is 0; the year of the end and the year after count, within
    2016 to 2018; controls in the same years as their victim.
    shelter_of_minors_too: shelter is counted among all victims.
    other_and_organ_unknown, unknown_nationality_unknown: F564, F565 and sexual exploitation of
    unknown nationality are form unknown.
    """

    starts_2016_to_2020: bool = True
    ended_before_2020: bool = True
    with_matches: bool = True
    first_incident: bool = True
    missing_end_is_registration: bool = True
    minor_at_start: bool = True
    matched_on_1_january: bool = True
    aid_starts_within_a_year: bool = True
    controls_in_control_year: bool = True
    all_matches_of_minors: bool = True
    adults_only: bool = True
    absent_is_zero: bool = True
    two_years: bool = True
    cost_years_only: bool = True
    controls_same_years: bool = True
    shelter_of_minors_too: bool = True
    other_and_organ_unknown: bool = True
    unknown_nationality_unknown: bool = True


def measure_aid(tables: dict[str, pd.DataFrame], definitions: AidDefinitions) -> Measures:
    """Every measure of chapter 3 in `data/codes/calibration_police.csv`; shares are percentages,
    costs euro."""
    candidates = _find_candidates(tables, definitions)
    matched = candidates["person_id"].isin(tables["matches"]["victim_id"])
    victims = candidates[matched] if definitions.with_matches else candidates
    pairs = _pair(tables, victims)
    unregistered = (~candidates["person_id"].isin(tables["residence_spells"]["person_id"])).sum()
    return {
        "persons_not_registered": float(unregistered),
        "order:same_sex_and_age": holds(
            _is_same_age(victims, tables["persons"], pairs, definitions)
        ),
        **_measure_population(victims, pairs),
        **_measure_youth_care(tables, victims, pairs, definitions),
        **_measure_shelter(tables, victims, pairs, definitions),
        **_measure_costs(tables, victims, pairs, definitions),
    }


def _find_candidates(tables: dict[str, pd.DataFrame], definitions: AidDefinitions) -> pd.DataFrame:
    """One row a person with a trafficking incident of the period: `start`, `base` (from which aid
    counts), sex, is_minor, age group, form."""
    named = (
        tables["incidents"]["offence_code"]
        .map({**read_codes("offence"), **OFFENCE_GROUPS})
        .str.split(":", expand=True)
        .reindex(columns=[0, 1])
    )
    rows = tables["incidents"].assign(detail=named[1])[named[0] == "trafficking"]
    forms = rows.groupby(["person_id", "incident_id"])["detail"].agg("|".join).rename("forms")
    rows = rows.drop_duplicates(["person_id", "incident_id"]).merge(
        forms, on=["person_id", "incident_id"]
    )
    base = (
        rows["offence_end_date"].fillna(rows["registration_date"])
        if definitions.missing_end_is_registration
        else rows["offence_end_date"]
    )
    ended = base if definitions.ended_before_2020 else rows["registration_date"]
    is_in = ended.dt.year < LAST_YEAR
    if definitions.starts_2016_to_2020:
        is_in &= rows["offence_start_date"].dt.year.between(FIRST_YEAR, LAST_YEAR)
    rows = rows.assign(base=base, start=rows["offence_start_date"])[is_in].sort_values(
        ["registration_date", "incident_id"]
    )
    rows = rows.drop_duplicates(
        "person_id", keep="first" if definitions.first_incident else "last"
    ).merge(tables["persons"], on="person_id")
    age = find_age(rows["birth_date"], rows["start"])
    by_age = (
        age
        if definitions.minor_at_start
        else rows["registration_date"].dt.year - find_birth_cohort(rows["birth_date"]) - 1
    )
    group = np.select(
        [by_age < 18, by_age < 23, by_age >= 23],
        ["minor", "adolescent", "adult"],
        default="unknown",
    )
    return rows.assign(age_at_start=age, age_group=group, form=_name_forms(rows, definitions))


def _name_forms(rows: pd.DataFrame, definitions: AidDefinitions) -> np.ndarray:
    """The leading form of each incident, by its codes and the nationality (section 3.2.1)."""
    is_known = (rows["nationality"] != "unknown") | (not definitions.unknown_nationality_unknown)
    has = {
        form: rows["forms"].str.split("|").map(lambda named, form=form: form in named)
        for form in ("sexual", "labour", "criminal", "organ_removal", "other")
    }
    criminal = (
        has["criminal"]
        if definitions.other_and_organ_unknown
        else has["criminal"] | has["organ_removal"] | has["other"]
    )
    is_dutch = rows["nationality"] == "NLD"
    return np.select(
        [
            has["sexual"] & is_dutch,
            has["sexual"] & is_known,
            ~has["sexual"] & has["labour"],
            ~has["sexual"] & criminal,
        ],
        FORMS[:4],
        default="unknown",
    )


def _pair(tables: dict[str, pd.DataFrame], victims: pd.DataFrame) -> pd.DataFrame:
    """Matches of the victims, as places: `victim` in `victims`, `control` in `persons`."""
    matches, persons = tables["matches"], tables["persons"]
    victim = pd.Index(victims["person_id"]).get_indexer(matches["victim_id"])
    is_in = victim >= 0
    return pd.DataFrame(
        {
            "victim": victim[is_in],
            "control": pd.Index(persons["person_id"]).get_indexer(matches["control_id"][is_in]),
        }
    )


def _measure_population(victims: pd.DataFrame, pairs: pd.DataFrame) -> Measures:
    n, minors = len(victims), victims[victims["age_group"] == "minor"]
    sizes = np.bincount(pairs["victim"], minlength=n)
    forms = {form: (victims["form"] == form).sum() for form in FORMS}
    adolescents, women = (
        (victims["age_group"] == "adolescent").sum(),
        (victims["sex"] == "female").sum(),
    )
    return {
        "aid:victims": float(n),
        "aid:controls": float(len(pairs)),
        "aid:persons": float(n + len(pairs)),
        "aid:controls_per_victim": float(np.median(sizes[sizes > 0])),
        "aid:minors": float(len(minors)),
        "aid:share_minor": share(len(minors), n),
        "aid:adolescents": float(adolescents),
        "aid:share_adolescent": share(adolescents, n),
        "aid:women": float(women),
        "aid:share_female": share(women, n),
        **{f"aid:share_form:{form}": share(count, n) for form, count in forms.items()},
        "aid:share_domestic:minors": share(
            (minors["form"] == "domestic_sexual").sum(), len(minors)
        ),
    }


def _start_in_window(
    rows: pd.DataFrame, victims: pd.DataFrame, definitions: AidDefinitions
) -> pd.DataFrame:
    """Aid of victims that counts, with `victim` (place in `victims`)."""
    place = pd.Index(victims["person_id"]).get_indexer(rows["person_id"])
    rows = rows.assign(victim=place)[place >= 0]
    days = (rows["start_date"] - victims["base"].to_numpy()[rows["victim"]]).dt.days
    return (
        rows[(days >= 0) & (days <= WITHIN)]
        if definitions.aid_starts_within_a_year
        else rows[days >= 0]
    )


def _receive_in_year(rows: pd.DataFrame, definitions: AidDefinitions) -> pd.DataFrame:
    """Aid of controls that counts."""
    if not definitions.controls_in_control_year:
        return rows[rows["start_date"].dt.year == CONTROL_YEAR]
    return rows[
        (rows["start_date"].dt.year <= CONTROL_YEAR) & ~(rows["end_date"].dt.year < CONTROL_YEAR)
    ]


def _measure_youth_care(
    tables: dict[str, pd.DataFrame],
    victims: pd.DataFrame,
    pairs: pd.DataFrame,
    definitions: AidDefinitions,
) -> Measures:
    """Figures 3.1 to 3.4 and the end reasons (3.3.3)."""
    is_minor = (victims["age_group"] == "minor").to_numpy()
    minors, persons = victims[is_minor], tables["persons"]
    pairs = pairs[is_minor[pairs["victim"]]]
    if not definitions.all_matches_of_minors:
        born = persons["birth_date"].iloc[pairs["control"]].reset_index(drop=True)
        pairs = pairs[
            (
                find_age(born, victims["start"].iloc[pairs["victim"]].reset_index(drop=True)) < 18
            ).to_numpy()
        ]
    own = _start_in_window(tables["youth_care"], minors, definitions)
    weights = pd.Series(
        np.bincount(pairs["control"], minlength=len(persons)), index=persons["person_id"]
    )
    theirs = _receive_in_year(tables["youth_care"], definitions)
    theirs = theirs[theirs["person_id"].isin(weights.index[weights > 0])]

    def count(rows: pd.DataFrame, *, of_victims: bool) -> int:
        """Victims, or matches, with a row."""
        return (
            rows["person_id"].nunique()
            if of_victims
            else int(weights[rows["person_id"].unique()].sum())
        )

    n, n_controls = count(own, of_victims=True), count(theirs, of_victims=False)
    measures: Measures = {
        "aid:minor_controls": float(len(pairs)),
        "aid:minor_persons": float(len(minors) + len(pairs)),
        "youth_care:victims": float(n),
        "youth_care:controls": float(n_controls),
        "youth_care:persons": float(n + n_controls),
        "youth_care:share_of_minors": share(n, len(minors)),
        "youth_care:times": share(share(n, len(minors)), share(n_controls, len(pairs))) / 100,
        **compare_counts("youth_care", n, len(minors), n_controls, len(pairs)),
    }
    shares: dict[str, tuple[float, float]] = {}
    kinds, referrers = (
        [code for code in read_codes(name) if code != "not_recorded"]
        for name in ("care_type", "referrer")
    )
    flags = (
        [("care_type", code, code) for code in kinds if code != "unknown"]
        + [("referrer", code, code) for code in referrers]
        + [("is_crisis", True, "crisis")]
    )
    for column, code, name in flags:
        a, b = (
            count(own[own[column] == code], of_victims=True),
            count(theirs[theirs[column] == code], of_victims=False),
        )
        shares[name] = share(a, n), share(b, n_controls)
        measures |= {
            f"youth_care:share:{name}": shares[name][0],
            f"youth_care:share_of_controls:{name}": shares[name][1],
            **compare_counts(name, a, n, b, n_controls),
        }
    reasons = {
        code: share(own.loc[own["end_reason"] == code, "person_id"].nunique(), n)
        for code in read_codes("end_reason")
    }
    return {
        **measures,
        **{f"youth_care:share_ended:{code}": value for code, value in reasons.items()},
        **_order_youth_care(shares, reasons, measures),
    }


def _is_same_age(
    victims: pd.DataFrame, persons: pd.DataFrame, pairs: pd.DataFrame, definitions: AidDefinitions
) -> bool:
    """True where each control has the sex and the matching age of the victim (annex B1.3.2)."""
    sex = persons["sex"].to_numpy()[pairs["control"]] == victims["sex"].to_numpy()[pairs["victim"]]
    if definitions.matched_on_1_january:
        theirs, own = (
            find_birth_cohort(persons["birth_date"]).to_numpy()[pairs["control"]],
            find_birth_cohort(victims["birth_date"]).to_numpy()[pairs["victim"]],
        )
    else:
        start = victims["start"].iloc[pairs["victim"]].reset_index(drop=True)
        theirs, own = (
            find_age(persons["birth_date"].iloc[pairs["control"]].reset_index(drop=True), start),
            victims["age_at_start"].to_numpy()[pairs["victim"]],
        )
    return bool(sex.all() and (theirs == own).all())


def _order_youth_care(
    shares: dict[str, tuple[float, float]], reasons: dict[str, float], measures: Measures
) -> Measures:
    """What the chapter says of direction and significance."""
    more = {name for name, (own, theirs) in shares.items() if own > theirs}
    unclear = {name for name in shares if measures[f"p_value:{name}"] > SIGNIFICANT}
    referrers = [*read_codes("referrer")]
    own, theirs = (
        {
            name: pair[side]
            for name, pair in shares.items()
            if name in referrers and name != "unknown"
        }
        for side in (0, 1)
    )
    return {
        "order:heavier_care": holds(
            more.issuperset(set(RESIDENTIAL) - {"foster_care"}),
            "foster_care" not in more,
            "foster_care" not in unclear,
        ),
        "order:care_not_significant": holds(unclear.issuperset({"neighbourhood_team", "day_care"})),
        "order:crisis": holds("crisis" in more),
        "order:referrers": holds(
            max(own, key=own.get) == "certified_institution",
            more.issuperset({"certified_institution", "municipality"}),
            max(theirs, key=theirs.get) == "general_practitioner",
            "general_practitioner" not in more,
        ),
        "order:referrers_not_significant": holds(
            unclear.issuperset({"youth_doctor", "medical_specialist", "none"})
        ),
        "order:ended_by_client": holds(
            all(
                reasons["early_by_client"] > reasons[code]
                for code in ("early_by_provider", "early_agreed", "early_external")
            )
        ),
    }


def _measure_shelter(
    tables: dict[str, pd.DataFrame],
    victims: pd.DataFrame,
    pairs: pd.DataFrame,
    definitions: AidDefinitions,
) -> Measures:
    """Figures 3.5 and 3.6."""
    is_in = (
        np.ones(len(victims), dtype=bool)
        if definitions.shelter_of_minors_too
        else (victims["age_group"] != "minor").to_numpy()
    )
    pairs = pairs[is_in[pairs["victim"]]]
    weights = pd.Series(
        np.bincount(pairs["control"], minlength=len(tables["persons"])),
        index=tables["persons"]["person_id"],
    )
    own = _start_in_window(tables["shelter"], victims[is_in], definitions)
    theirs = _receive_in_year(tables["shelter"], definitions)
    theirs = theirs[theirs["person_id"].isin(weights.index)]
    n, sheltered = int(is_in.sum()), own["person_id"].nunique()
    adult = own[
        (victims["age_group"] != "minor").to_numpy()[
            pd.Index(victims["person_id"]).get_indexer(own["person_id"])
        ]
    ]["person_id"].nunique()
    n_adults = (victims["age_group"] != "minor").sum()
    controls = int(weights[theirs["person_id"].unique()].sum())
    measures: Measures = {
        "shelter:victims": float(sheltered),
        "shelter:share": share(sheltered, n),
        "shelter:share_of_adults": share(adult, n_adults),
        "shelter:share_of_controls": share(controls, len(pairs)),
        **compare_counts("shelter", sheltered, n, controls, len(pairs)),
    }
    counts = {
        code: own.loc[own["shelter_type"] == code, "person_id"].nunique()
        for code in read_codes("shelter_type")
        if code not in ("unknown", "not_recorded")
    }
    for code, a in counts.items():
        b = int(weights[theirs.loc[theirs["shelter_type"] == code, "person_id"].unique()].sum())
        measures |= compare_counts(f"shelter:{code}", a, n, b, len(pairs))
    return {
        **measures,
        "order:sheltered_housing": holds(
            max(counts, key=counts.get) == "sheltered_housing",
            measures["shelter:share"] > measures["shelter:share_of_controls"],
        ),
    }


def _measure_costs(
    tables: dict[str, pd.DataFrame],
    victims: pd.DataFrame,
    pairs: pd.DataFrame,
    definitions: AidDefinitions,
) -> Measures:
    """Mean costs of specialised mental-health care of a person-year (section 3.6)."""
    costs = (
        tables["care_costs"]
        .set_index(["person_id", "year"])["specialised_mental_health_eur"]
        .unstack()
    )
    is_in = (
        (victims["age_group"] != "minor").to_numpy()
        if definitions.adults_only
        else np.ones(len(victims), dtype=bool)
    )
    end = victims["base"].dt.year.to_numpy()
    years = np.array([end, end + 1] if definitions.two_years else [end])
    all_years = [
        year for year in costs.columns if year in COST_YEARS or not definitions.cost_years_only
    ]
    counted = {year: (years == year).any(axis=0) & is_in for year in all_years}
    own, theirs = np.zeros(2), np.zeros(2)
    by_victim, by_person = (
        costs.reindex(victims["person_id"]),
        costs.reindex(tables["persons"]["person_id"]),
    )
    for year, is_counted in counted.items():
        looked_up = is_counted if definitions.controls_same_years else is_in
        weights = np.bincount(
            pairs["control"][looked_up[pairs["victim"]]], minlength=len(by_person)
        )
        for total, amounts, weight in (
            (own, by_victim[year], is_counted.astype(float)),
            (theirs, by_person[year], weights),
        ):
            known = amounts.notna().to_numpy()
            total += (
                np.nansum(amounts * weight),
                weight.sum() if definitions.absent_is_zero else weight[known].sum(),
            )
    return {"costs:victims": own[0] / own[1], "costs:controls": theirs[0] / theirs[1]}


def compare_counts(name: str, *counts: int) -> dict[str, float]:
    statistic = find_statistic_of_counts(*counts)
    return {
        f"chi_square:{name}": statistic,
        f"p_value:{name}": math.erfc(math.sqrt(statistic / 2)),
    }


def find_statistic_of_counts(part: int, whole: int, other_part: int, other_whole: int) -> float:
    """Pearson's chi-square of two shares (no continuity correction, 1 degree of freedom), as in
    SPSS."""
    n, hits = whole + other_whole, part + other_part
    if not 0 < hits < n:
        return float("nan")
    return (
        n
        * (part * (other_whole - other_part) - other_part * (whole - part)) ** 2
        / (whole * other_whole * hits * (n - hits))
    )
