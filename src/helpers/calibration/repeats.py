"""What the police register says of repeat victimisation where the monitor printed a number (chapter
4), counted with the chapter's own tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from helpers import cohort, repeats
from helpers.calibration.compare import SIGNIFICANT, Measures, add_up, find_p_value, holds, share
from helpers.definitions import SEVERE, UNKNOWN, YOUNG

RULES = cohort.Definitions(study_start=2010, study_end=2020)
HORIZONS = (2, 5, 7)
FIVE = {"years": 5, "study_end": RULES.study_end}
# The exception that figure 4.6 declares: index year 2016, followed until the end of the data.
FORM_YEAR = 2016


def measure_repeats(tables: Mapping[str, pd.DataFrame], *, groups: Mapping[str, str]) -> Measures:
    """Every measure that data/codes/calibration_repeats.csv names; shares are percentages, times
    days, months or years. `groups` gives the crime group of each offence code."""
    linked = cohort.link_people(
        **{name: tables[name] for name in ("incidents", "persons", "residence_spells")}
    )
    joined = cohort.join_codes(linked.incidents, groups=groups, definitions=RULES)
    followed = cohort.define_cohort(cohort.define_index(joined, RULES), linked, RULES)
    again = cohort.find_repeats(joined, followed, RULES)
    homicides = _select_homicides(linked.incidents, groups)
    return {
        **_measure_cohorts(followed),
        **_measure_horizons(followed, again),
        **_measure_times(followed, again),
        **_measure_offences(followed, again, cohort.find_repeats(homicides, followed, RULES)),
        **_measure_traits(followed, again),
        **_measure_form_year(followed, again),
    }


def _select_homicides(incidents: pd.DataFrame, groups: Mapping[str, str]) -> pd.DataFrame:
    """Incidents with a code of homicide, as `cohort.join_codes` gives them."""
    codes = [code for code, group in groups.items() if group == "violence:homicide"]
    return cohort.join_codes(
        incidents[incidents["offence_code"].isin(codes)], groups=groups, definitions=RULES
    )


def _measure_cohorts(followed: pd.DataFrame) -> Measures:
    two = repeats.select_whole(followed, 2, study_end=RULES.study_end)
    known = two[two["form"] != UNKNOWN]
    n = {name: two[name].value_counts() for name in ("sex", "age_group", "form")}
    return {
        "persons:2010-2020": float(len(followed)),
        **{
            f"persons:2010-{RULES.study_end - years}": float(
                len(repeats.select_whole(followed, years, study_end=RULES.study_end))
            )
            for years in HORIZONS
        },
        "persons:2016": float((followed["year"] == FORM_YEAR).sum()),
        "persons:2016-2020": float((followed["year"] >= FORM_YEAR).sum()),
        "persons:female:2010-2018": float(n["sex"]["female"]),
        "share_of_persons:female:2010-2018": share(n["sex"]["female"], len(two)),
        "share_of_persons:minor:2010-2018": share(n["age_group"]["minor"], len(two)),
        "share_of_persons:adolescent:2010-2018": share(n["age_group"]["adolescent"], len(two)),
        "persons:form_known:2010-2018": float(len(known)),
        "share_of_persons:form_unknown:2010-2018": share(len(two) - len(known), len(two)),
        "share_of_persons:sexual:2010-2018": share(n["form"]["sexual"], len(known)),
        "share_of_persons:other:2010-2018": share(n["form"]["other"], len(known)),
    }


def _measure_horizons(followed: pd.DataFrame, again: pd.DataFrame) -> Measures:
    """Figure 4.1: persons with a repeat, and how many of them meet several."""
    times, totals = repeats.count_horizons(
        followed, again, horizons=HORIZONS, study_end=RULES.study_end
    )
    measures: Measures = {}
    for years in HORIZONS:
        of = {"category": repeats.name_horizon(years)}
        n = add_up(totals, "n_events", **of)
        measures |= {
            f"persons_again:{years}": n,
            f"share_again:{years}": share(n, add_up(totals, "n_known", **of)),
            f"share_several:{years}": share(add_up(times, times="several", **of), n),
        }
    return {
        **measures,
        "order:most_once:2": holds(measures["share_several:2"] < 50),
        "order:most_several:7": holds(measures["share_several:7"] > 50),
    }


def _measure_times(followed: pd.DataFrame, again: pd.DataFrame) -> Measures:
    """The time to the first repeat (note 4 of section 4.3)."""
    days = repeats.describe_times(followed, again, **FIVE).set_index("category")["value"]
    return {
        **{name: days[name] for name in ("median_days", "mean_days", "sd_days")},
        "median_months": days["median_days"] / (cohort.DAYS_A_YEAR / 12),
        "median_years": days["median_days"] / cohort.DAYS_A_YEAR,
        "mean_years": days["mean_days"] / cohort.DAYS_A_YEAR,
    }


def _measure_offences(
    followed: pd.DataFrame, again: pd.DataFrame, homicides: pd.DataFrame
) -> Measures:
    """Figures 4.2 and 4.3: offence groups, of persons and of incidents."""
    persons = repeats.count_groups(followed, again, **FIVE).set_index("offence_group")
    incidents = repeats.count_incidents(followed, again, **FIVE).set_index("offence_group")["n"]
    of_homicide = repeats.count_incidents(followed, homicides, **FIVE)
    n, severe = persons["n_events"], float(persons.loc["severe", "n_events"])
    return {
        **{
            f"share_again:{group}": share(n[group], persons.loc[group, "n_known"])
            for group in (*SEVERE, "severe")
        },
        "persons_again:severe": severe,
        "share_of_again:severe": share(severe, n["any"]),
        "incidents": float(incidents.sum()),
        "incidents_per_person": incidents.sum() / n["any"],
        **{f"incidents:{group}": float(count) for group, count in incidents.items()},
        "incidents:homicide": add_up(of_homicide),
        "order:groups": holds(
            incidents["property"] > incidents["violence"] > incidents["threat"] > incidents["other"]
        ),
    }


def _measure_traits(followed: pd.DataFrame, again: pd.DataFrame) -> Measures:
    """Figures 4.4 and 4.5: sex and age."""
    sex = repeats.count_by_trait(followed, again, "sex", **FIVE)
    ages = repeats.count_by_trait(followed, again, "age_group", **FIVE)
    whole = repeats.select_whole(followed, FIVE["years"], study_end=RULES.study_end)
    times = repeats.count_times(whole, again, FIVE["years"]).groupby(whole["sex"]).value_counts()
    once = {
        code: times[code, "one"] / (times[code, "one"] + times[code, "several"])
        for code in ("male", "female")
    }
    groups: dict[str, tuple[pd.DataFrame, dict[str, str | Sequence[str]]]] = {
        "female": (sex, {"sex": "female"}),
        "male": (sex, {"sex": "male"}),
        "minor": (ages, {"category": "minor"}),
        "under_23": (ages, {"category": YOUNG}),
        "from_23": (ages, {"category": "adult"}),
    }
    return {
        **{
            f"share_again:{name}": share(
                add_up(table, "n_events", **codes), add_up(table, "n_known", **codes)
            )
            for name, (table, codes) in groups.items()
        },
        "p_value:sex": find_p_value(sex["n_events"], sex["n_known"]),
        "p_value:age": find_p_value(ages["n_events"], ages["n_known"]),
        "order:men_once": holds(once["male"] > once["female"]),
    }


def _measure_form_year(followed: pd.DataFrame, again: pd.DataFrame) -> Measures:
    """Figure 4.6: by form, of those registered in 2016, until the end of the data."""
    forms = repeats.count_by_form(followed, again, year=FORM_YEAR)
    sexual, other = (
        share(add_up(forms, "n_events", form_group=form), add_up(forms, "n_known", form_group=form))
        for form in ("sexual", "other")
    )
    return {
        f"share_again:sexual:{FORM_YEAR}": sexual,
        f"share_again:other:{FORM_YEAR}": other,
        "order:form_not_significant": holds(
            find_p_value(forms["n_events"], forms["n_known"]) > SIGNIFICANT, sexual > other
        ),
    }
