"""Comparisons that do not mislead: groups as if they were alike, two kinds of hazard ratio beside
each other, what would explain a ratio away, the years that nobody has seen, and a second opinion.

What is estimated here is written as `repeats.analysis` writes it: `events` is
`cohort.derive_first_event`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers import survival
from helpers.cohort import (
    DAYS_A_YEAR,
    censor_departures,
    derive_first_event,
    select_followed,
)
from helpers.definitions import UNKNOWN
from helpers.edition import BadInput, name_period
from helpers.regression import find_e_value, fit_fine_gray
from helpers.repeats.analysis import CURVE, TERMS, estimate_hazards, select_known
from helpers.repeats.recurrent import find_step
from helpers.survival import PEOPLE_BESIDE

NUMBERS = ["value", "ci_lower", "ci_upper"]
BEFORE, AFTER = "before_weighting", "after_weighting"
# An outcome that more than this share meets is not rare: its hazard ratio is turned into a risk
# ratio before it is explained (VanderWeele and Ding 2017).
RARE = 0.15
# lifelines takes hours over many people; a second opinion on these is as good.
MOST_ASKED = 5_000
# Agreement is told in decimals, at most so many: the last digits differ between processors.
MOST_DECIMALS = 8
ALIKE_IN = ("age_group", "index_years")


def select_comparable(events: pd.DataFrame) -> pd.DataFrame:
    """Who is of known sex and age, and followed from the index incident on, with `index_years`: the
    third of the study period in which it lies."""
    followed = select_followed(censor_departures(events))
    is_known = (followed["sex"] != UNKNOWN) & (followed["age_group"] != UNKNOWN)
    known = followed[is_known & ~(followed["entry_days"] > 0)].reset_index(drop=True)
    if not len(known):
        return known.assign(index_years="")
    years = np.arange(known["year"].min(), known["year"].max() + 1)
    thirds = [part for part in np.array_split(years, 3) if len(part)]
    names = {
        year: name_period(range(int(part[0]), int(part[-1]) + 1))
        for part in thirds
        for year in part
    }
    return known.assign(index_years=known["year"].map(names))


def describe_standardised(events: pd.DataFrame) -> pd.DataFrame:
    """The share registered again of women and of men, as if both had the ages and the index years
    of all: sex, and the columns of `survival.describe_incidence`. No row where some combination
    lacks one of them."""
    known = select_comparable(events)
    try:
        table = survival.estimate_standardised(known, "sex", ALIKE_IN, cluster="index_incident")
    except BadInput:
        return pd.DataFrame(columns=[*CURVE, "sex"])
    return table[[*CURVE, "sex"]]


def describe_balance(events: pd.DataFrame) -> pd.DataFrame:
    """How far women and men differ from all in age and index years, before the weights of
    `describe_standardised` and after: trait, category, sex, compared (before_weighting,
    after_weighting), value (in standard deviations), unit, n_behind (persons of that sex in that
    category), grid (a step of which is ten persons of that sex)."""
    columns = ["trait", "category", "sex", "compared", "value", "unit", "n_behind", "grid"]
    known = select_comparable(events)
    try:
        weights = survival.weigh_to_standard(known, "sex", ALIKE_IN)
    except BadInput:
        return pd.DataFrame(columns=columns)
    table = survival.describe_balance(known, "sex", ALIKE_IN, weights)
    sizes = pd.concat([known.groupby([trait, "sex"]).size() for trait in ALIKE_IN])
    keys = pd.MultiIndex.from_frame(table[["category", "sex"]])
    persons = table["sex"].map(known["sex"].value_counts())
    # A share moves a difference most where everybody's is one half.
    table = table.assign(
        unit="standard_deviations",
        n_behind=sizes.reindex(keys).to_numpy(),
        grid=2 * PEOPLE_BESIDE / persons,
    )
    parts = [
        table.assign(compared=name, value=table[column].round(2) + 0.0)
        for name, column in ((BEFORE, "difference"), (AFTER, "weighted_difference"))
    ]
    return pd.concat(parts, ignore_index=True)[columns]


def compare_hazards(events: pd.DataFrame, hazards: pd.DataFrame) -> pd.DataFrame:
    """The cause-specific ratios of `estimate_hazards` (of the rate among those still at risk)
    beside those of the subdistribution (of Fine and Gray: of the share who meet it): model, and the
    columns of `estimate_hazards`. Who enters later is in the first alone."""
    known = select_known(censor_departures(events))
    known = known[~(known["entry_days"] > 0)]
    none = hazards.assign(**dict.fromkeys(NUMBERS, np.nan))
    cause = hazards.assign(model="cause_specific")
    if not (hazards["verdict"] == "estimated").all():
        return pd.concat([cause, none.assign(model="subdistribution")], ignore_index=True)
    n = int((known["event"] == 1).sum())
    try:
        table = fit_fine_gray(known, TERMS, cluster="index_incident")
    except BadInput:
        own = none.assign(verdict="no_finite_value")
    else:
        names = zip(NUMBERS, ("hazard_ratio", "ci_lower", "ci_upper"), strict=True)
        own = none.assign(**{name: table[column].round(2) for name, column in names})
    own = own.assign(model="subdistribution", n_behind=n)
    return pd.concat([cause, own], ignore_index=True)[["model", *hazards.columns]]


def explain_hazards(cohort: pd.DataFrame, repeats: pd.DataFrame) -> pd.DataFrame:
    """The hazard ratios of being registered again, of any offence and of property offences (the
    control outcome, on which trafficking has little hold but the road to registration has), with
    E-values: how strongly something unmeasured would have to go together with both sides to explain
    the ratio away, and its limit nearer to one.

    Columns offence_group (any, property), those of `estimate_hazards`, and e_value and e_limit.
    """
    tables = []
    for name, chosen in (("any", repeats), ("property", repeats[repeats["group"] == "property"])):
        events = derive_first_event(cohort, chosen)
        hazards, _ = estimate_hazards(events)
        known = select_followed(events)
        is_rare = not len(known) or bool((known["event"] == 1).mean() <= RARE)
        found = [
            find_e_value(row.value, lower=row.ci_lower, upper=row.ci_upper, is_rare=is_rare).iloc[0]
            if row.verdict == "estimated"
            else pd.Series({"value": np.nan, "of_limit": np.nan})
            for row in hazards.itertuples()
        ]
        tables.append(
            hazards.assign(
                offence_group=name,
                e_value=[round(each["value"], 2) for each in found],
                e_limit=[round(each["of_limit"], 2) for each in found],
            )
        )
    columns = ["offence_group", "category", *NUMBERS, "e_value", "e_limit", "unit", "n_behind"]
    return pd.concat(tables, ignore_index=True)[[*columns, "verdict"]]


def describe_long_run(
    events: pd.DataFrame, *, study_end: int, years: Sequence[int] = (10, 15), held_back: int = 3
) -> pd.DataFrame:
    """`survival.long_run` of the share registered again had nobody died or left, after `years`: the
    last `held_back` years of the study are kept apart first, to see how far off each model was.

    Columns model, years, value (in a hundred), ci_lower, ci_upper, held_back_error, unit, n_behind,
    verdict, grid (`find_step`). No row with too few repeats or too short a study.
    """
    # Here, since lifelines takes seconds to load.
    from helpers.survival.long_run import compare_long_run

    columns = ["model", "years", *NUMBERS, "held_back_error", "unit", "n_behind", "verdict", "grid"]
    known = select_followed(events)
    known = known[~(known["entry_days"] > 0)]
    until = pd.Timestamp(study_end - held_back, 12, 31)
    try:
        table = compare_long_run(
            known["days"].to_numpy(),
            (known["event"] == 1).to_numpy(),
            known_days=(until - known["index_date"]).dt.days.to_numpy(),
            horizons=[year * DAYS_A_YEAR for year in years],
        )
    except BadInput:
        return pd.DataFrame(columns=columns)
    scaled = {name: 100 * table[name] for name in NUMBERS}
    return table.assign(
        **scaled,
        grid=max(find_step(len(known)), 1.0),
        years=(table["horizon"] / DAYS_A_YEAR).round().astype(int),
        held_back_error=(100 * table["held_back_error"]).round(1),
        unit="in_hundred",
        n_behind=int((known["event"] == 1).sum()),
    )[columns]


def describe_opinion(events: pd.DataFrame) -> pd.DataFrame:
    """To how many decimals this book and lifelines agree where they differ most, on the same people
    (at most MOST_ASKED of them): category (what is estimated), n_decimals, due_to (why they
    differ), n_behind, verdict. No row where nothing can be estimated."""
    # Here, since lifelines takes seconds to load.
    from helpers.regression.opinion import compare_with_lifelines

    columns = ["category", "n_decimals", "due_to", "n_behind", "verdict"]
    known = select_comparable(events).head(MOST_ASKED)
    terms = known.assign(
        female=(known["sex"] == "female").astype(float),
        minor=(known["age_group"] == "minor").astype(float),
    )
    try:
        table = compare_with_lifelines(terms, ["female", "minor"])
    except BadInput:
        return pd.DataFrame(columns=columns)
    exact = -np.log10(table["value"].clip(lower=10.0**-MOST_DECIMALS))
    return table.assign(
        n_decimals=np.floor(exact + 1e-9).astype(int), n_behind=int((known["event"] == 1).sum())
    )[columns]
