"""What everybody's follow-up tells: curves by offence and by group, tests, hazard ratios, and how
far the definitions move the answer.

`events` is `cohort.derive_first_event`: one row a person with `days` and `event` (0 none, 1 repeat,
2 died, 3 deregistered).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from helpers import survival
from helpers.cohort import (
    DAYS_A_YEAR,
    Definitions,
    Linked,
    censor_departures,
    define_cohort,
    define_index,
    derive_first_event,
    find_entries,
    find_repeats,
    join_codes,
    select_followed,
)
from helpers.definitions import SEVERE, UNKNOWN
from helpers.edition import BadInput
from helpers.regression import adjust_p_values, compare_over_time, estimate_cox

# Offences that have a curve of their own; each is the time to the first repeat of that kind,
# whatever came before it.
CURVE_GROUPS: dict[str, tuple[str, ...]] = {
    "severe": SEVERE,
    "trafficking": ("trafficking",),
    "property": ("property",),
}
# Hazard ratios need so many events for each term, or they follow chance (a rule of thumb; Peduzzi
# and others 1995).
EVENTS_A_TERM = 10
TERMS = ("female", "minor", "adolescent", "sexual")
CURVE = ["time", "n_at_risk", "n_events", "incidence", "ci_lower", "ci_upper"]


def describe_offences(cohort: pd.DataFrame, repeats: pd.DataFrame) -> pd.DataFrame:
    """Curves of the first repeat of a kind of offence (CURVE_GROUPS), death competing:
    offence_group, and the columns of `survival.describe_incidence`. Kinds overlap: a person may be
    in several."""
    curves = [
        describe_followed(chosen).assign(offence_group=name)
        for name, groups in CURVE_GROUPS.items()
        for chosen in [
            censor_departures(derive_first_event(cohort, repeats[repeats["group"].isin(groups)]))
        ]
    ]
    return _stack(curves, "offence_group")


def describe_followed(events: pd.DataFrame, *, causes: int = 2) -> pd.DataFrame:
    """The curve of the first event, people of one incident taken together, from entry on."""
    entry = find_entries(events)
    chosen = events if entry is None else select_followed(events)
    return survival.describe_incidence(
        chosen["days"],
        chosen["event"],
        causes=causes,
        clusters=chosen["index_incident"],
        entry=None if entry is None else entry[chosen.index],
    )


def _stack(curves: list[pd.DataFrame], by: str) -> pd.DataFrame:
    """Curves below each other, without those of nobody."""
    shown = [curve for curve in curves if len(curve)]
    return pd.concat(shown, ignore_index=True) if shown else pd.DataFrame(columns=[*CURVE, by])


def describe_by(events: pd.DataFrame, trait: str) -> pd.DataFrame:
    """Curves of the first repeat by sex, age_group or form, death competing; who is unknown is left
    out."""
    known = censor_departures(events[events[trait] != UNKNOWN])
    curves = [
        describe_followed(part).assign(**{trait: name}) for name, part in known.groupby(trait)
    ]
    return _stack(curves, trait)


def describe_means(events: pd.DataFrame, *, years: int) -> pd.DataFrame:
    """The mean time without a repeat within `years`, of all and by sex (restricted mean of
    Kaplan-Meier, death censors; errors by index incident): category, n_behind (repeats within
    them), value and limits in years of 365.25 days, unit. Groups in which nobody is followed that
    long are left out."""
    groups = {
        "all": events,
        **{name: part for name, part in events.groupby("sex") if name != UNKNOWN},
    }
    rows = []
    for name, part in groups.items():
        if len(part) and part["days"].max() >= years * DAYS_A_YEAR:
            mean = _estimate_mean(part, years * DAYS_A_YEAR) / DAYS_A_YEAR
            is_within = (part["event"] == 1) & (part["days"] <= years * DAYS_A_YEAR)
            rows.append(
                (
                    name,
                    int(is_within.sum()),
                    *(round(mean[column], 2) for column in ("value", "ci_lower", "ci_upper")),
                    "years",
                )
            )
    return pd.DataFrame(
        rows, columns=["category", "n_behind", "value", "ci_lower", "ci_upper", "unit"]
    )


def _estimate_mean(events: pd.DataFrame, until: float) -> pd.Series:
    entry = find_entries(events)
    chosen = events if entry is None else select_followed(events)
    return survival.estimate_clustered_mean(
        chosen["days"].to_numpy(),
        (chosen["event"] == 1).to_numpy(),
        until,
        clusters=chosen.get("index_incident", chosen.index.to_series()).to_numpy(),
        entry=None if entry is None else entry[chosen.index].to_numpy(),
    ).iloc[0]


def compare_groups(events: pd.DataFrame, over_time: pd.DataFrame) -> pd.DataFrame:
    """Tests of whether groups are registered again alike: Gray's by sex, age and form, the log-rank
    test of sex within age groups, and below them the tests of `estimate_hazards`; people of one
    index incident are taken together. Who is followed from a later entry on is left out: these
    tests know no delayed entry.

    Columns category (the comparison), statistic, degrees_of_freedom, p_value, p_adjusted (Holm,
    over all rows: the chance of any false finding among them), n_behind. What cannot be compared
    has no row.
    """
    entry, rows = find_entries(events), []
    events = censor_departures(events if entry is None else events[entry < 0])
    columns = ["category", "statistic", "degrees_of_freedom", "p_value", "p_adjusted", "n_behind"]
    for trait in ("sex", "age_group", "form"):
        known = events[events[trait] != UNKNOWN]
        test = _try(
            survival.compare_gray,
            known["days"],
            known["event"],
            known[trait],
            clusters=known["index_incident"],
        )
        rows.append(
            test.assign(category=f"gray_{trait}", n_behind=int((known["event"] == 1).sum()))
        )
    known = events[(events["sex"] != UNKNOWN) & (events["age_group"] != UNKNOWN)]
    test = _try(
        survival.compare_log_rank,
        known["days"],
        known["event"] == 1,
        known["sex"],
        strata=known["age_group"],
        clusters=known["index_incident"],
    )
    rows.append(
        test.assign(category="log_rank_sex_within_age", n_behind=int((known["event"] == 1).sum()))
    )
    tables = [table for table in (*rows, over_time) if len(table)]
    if not tables:
        return over_time
    table = pd.concat(tables, ignore_index=True)
    table["p_adjusted"] = adjust_p_values(table["p_value"])
    return table[columns].round({"statistic": 3, "p_value": 4, "p_adjusted": 4})


def _try(
    test: Callable[..., pd.DataFrame], *arguments: pd.Series, **more: pd.Series
) -> pd.DataFrame:
    """The test, or no row where it says that there is nothing to compare."""
    try:
        return test(*arguments, **more)
    except BadInput:
        return pd.DataFrame(columns=["statistic", "degrees_of_freedom", "p_value"])


def select_known(events: pd.DataFrame) -> pd.DataFrame:
    """Who is followed and of known sex, age and form, with TERMS as zero and one."""
    followed = select_followed(events)
    traits = ("sex", "age_group", "form")
    known = followed[np.all([followed[trait] != UNKNOWN for trait in traits], axis=0)]
    return known.assign(
        female=(known["sex"] == "female").astype(int),
        minor=(known["age_group"] == "minor").astype(int),
        adolescent=(known["age_group"] == "adolescent").astype(int),
        sexual=(known["form"] == "sexual").astype(int),
    )


def estimate_hazards(events: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cause-specific hazard ratios of women against men, of minors and adolescents against adults,
    and of sexual exploitation against other forms, with errors by incident; and the test of whether
    they hold over time.

    First table: category (the term), value, ci_lower, ci_upper, unit, n_behind, verdict (estimated,
    few_events, no_finite_value). Second: category, statistic, degrees_of_freedom, p_value,
    n_behind. Who is of unknown sex, age or form is left out.
    """
    known = select_known(events)
    entry = find_entries(known)
    start = None if entry is None else "entry"
    rows = known.assign(entry=entry, event=(known["event"] == 1).astype(int))
    terms, n = list(TERMS), int(rows["event"].sum())
    none = pd.DataFrame(
        {
            "category": [f"hazard_{term}" for term in terms],
            "value": np.nan,
            "ci_lower": np.nan,
            "ci_upper": np.nan,
            "unit": "times",
            "n_behind": n,
        }
    )
    no_test = pd.DataFrame(
        columns=["category", "statistic", "degrees_of_freedom", "p_value", "n_behind"]
    )
    if n < EVENTS_A_TERM * len(terms):
        return none.assign(verdict="few_events"), no_test
    try:
        table = estimate_cox(rows, terms, start=start, cluster="index_incident")
    except BadInput:
        return none.assign(verdict="no_finite_value"), no_test
    try:
        over_time = compare_over_time(rows, terms, start=start, cluster="index_incident")
    except BadInput:
        over_time = pd.DataFrame(columns=["term", *no_test.columns.drop("category")])
    numbers = {
        own: table[column].round(2)
        for own, column in (
            ("value", "hazard_ratio"),
            ("ci_lower", "ci_lower"),
            ("ci_upper", "ci_upper"),
        )
    }
    return none.assign(**numbers, verdict="estimated"), over_time.assign(
        category="over_time_" + over_time["term"], n_behind=n
    )[no_test.columns]


def compare_definitions(
    linked: Linked,
    base: Definitions,
    *,
    groups: Mapping[str, str],
    days_left_out: Sequence[int] = (30, 90),
    wash_out_years: Sequence[int] = (1, 2),
    counted: tuple[pd.DataFrame, pd.DataFrame] | None = None,
) -> pd.DataFrame:
    """The curve of the first repeat under `base` and under each other reading, one at a time:
    change, and the columns of `survival.describe_incidence`. "departure_competes": who leaves the
    population register is out of reach for good. `counted` are the incidents (`join_codes`) and the
    cohort under `base`, where they were made before."""
    readings = {
        "as_monitor": base,
        **{
            f"left_out_{days}": dataclasses.replace(base, days_left_out=days)
            for days in days_left_out
        },
        **{
            f"wash_out_{years}": dataclasses.replace(base, wash_out_years=years)
            for years in wash_out_years
        },
        "offence_date": dataclasses.replace(base, date="offence_start_date"),
        "committed_later": dataclasses.replace(base, committed_earlier=False),
    }
    curves = []
    # What a reading does not change is the monitor's, and counted once.
    if counted is None:
        joined = join_codes(linked.incidents, groups=groups, definitions=base)
        counted = joined, define_cohort(define_index(joined, base), linked, base)
    for name, definitions in readings.items():
        joined, cohort = counted
        if definitions.date != base.date:
            joined = join_codes(linked.incidents, groups=groups, definitions=definitions)
        if (definitions.date, definitions.wash_out_years) != (base.date, base.wash_out_years):
            cohort = define_cohort(define_index(joined, definitions), linked, definitions)
        events = derive_first_event(cohort, find_repeats(joined, cohort, definitions))
        kept = censor_departures(events)
        curves.append(describe_followed(kept).assign(change=name))
        if name == "as_monitor":
            curves.append(describe_followed(events, causes=3).assign(change="departure_competes"))
    return _stack(curves, "change")
