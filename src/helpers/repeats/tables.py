"""The table behind each figure of chapter 4 of the monitor, for any study period and any horizons.
The gate protects the counts.

`cohort` and `repeats` come from `cohort.define_cohort` and `cohort.find_repeats`. A horizon of h
years is h x 365.25 days, and uses persons
whose index year leaves it whole: up to the last year of the study less h. Deregistration is ignored
here, as in the published tables.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers import published
from helpers.cohort import DAYS_A_YEAR, GROUPS
from helpers.definitions import AGE_GROUPS, SEVERE, UNKNOWN
from helpers.edition import name_period
from helpers.survival import find_reach

TIMES = ("none", "one", "several")
AGE_ORDER = {name: place for place, name in enumerate(AGE_GROUPS, 1)}
# What holds between the tables of this room whatever the registers (`disclosure.cells`).
EQUALITIES = {
    "registered again or not": (
        "repeat_index[times=none] + repeat_index[again=any] = repeat_index[]"
    ),
    "any of the severe offences": "repeat_index[again=severe] >= repeat_index[again=violence]",
    "sexual offences are severe": "repeat_index[again=severe] >= repeat_index[again=sexual]",
    "trafficking is severe": "repeat_index[again=severe] >= repeat_index[again=trafficking]",
    "severe offences are one of three": (
        "repeat_index[again=trafficking] + repeat_index[again=sexual] + "
        "repeat_index[again=violence] >= repeat_index[again=severe]"
    ),
    "who is followed is in the population register": (
        "repeat_flow[step_of_flow=in_population_register] >= repeat_flow[step_of_flow=followed]"
    ),
    "the most affected are all with a repeat in the end": (
        "repeat_affected[people=100] = repeat_index[horizon=within_5_years, again=any]"
    ),
    "events that a cause-specific ratio compares": (
        "repeat_ratios[compared=cause_specific] = repeat_models[]"
    ),
    "who enters late is in one of two ratios": (
        "repeat_models[] >= repeat_ratios[compared=subdistribution]"
    ),
    "ratios that are explained": "repeat_explained[offence_group=any] = repeat_models[]",
    "a repeat of one kind is a repeat": (
        "repeat_explained[offence_group=any] >= repeat_explained[offence_group=property]"
    ),
    "who is compared is at risk": "repeat_at_risk[] >= repeat_comparable[]",
    "who is compared is followed": "repeat_flow[step_of_flow=followed] >= repeat_comparable[]",
}
RATIO = ["n_events", "n_known"]


# The catalogue's words for what a share within five years is about.
PRINTED_GROUPS = {
    "": "any",
    "sexual_offence": "sexual",
    "trafficking_sexual_or_violence": "severe",
    "23_or_older": "adult",
    "non_sexual": "other",
}


def find_printed(numbers: pd.DataFrame, *, years: range) -> pd.DataFrame:
    """Printed shares of those registered again, from rows of the catalogue: `category` (the
    horizon), `about` (an offence, a sex, an age group or a form; any for all), period, share."""
    table = published.find_printed(
        numbers, years=years, measure="share_with_repeat", population="repeat_index_persons"
    )
    parts = (
        table["category"].astype(str).str.partition(":")
        if len(table)
        else pd.DataFrame({0: [], 2: []})
    )
    return table.assign(category=parts[0], about=parts[2].replace(PRINTED_GROUPS))


def find_printed_days(numbers: pd.DataFrame) -> pd.DataFrame:
    """Printed days to the first repeat: `category` (median_days, mean_days, sd_days), period,
    value."""
    measures = {f"{name}_time_to_repeat": f"{name}_days" for name in ("median", "mean", "sd")}
    rows = (
        numbers[numbers["measure"].isin(measures) & (numbers["unit"] == "days")]
        if len(numbers)
        else pd.DataFrame({"measure": [], "period": [], "value": []})
    )
    return pd.DataFrame(
        {
            "category": rows["measure"].map(measures),
            "period": rows["period"],
            "value": rows["value"],
        }
    )


def name_horizon(years: int) -> str:
    return f"within_{years}_years"


def select_whole(cohort: pd.DataFrame, years: int, *, study_end: int) -> pd.DataFrame:
    """Persons whose index year leaves the horizon whole (section 4.2)."""
    return cohort[cohort["year"] <= study_end - years]


def select_within(repeats: pd.DataFrame, whole: pd.DataFrame, years: int) -> pd.DataFrame:
    """Repeats of these persons within the horizon."""
    is_within = repeats["days"] <= years * DAYS_A_YEAR
    return repeats[is_within & repeats["person"].isin(whole["person"])]


def _name_period(cohort: pd.DataFrame) -> str:
    years = cohort["year"]
    return name_period(range(int(years.min()), int(years.max()) + 1)) if len(cohort) else ""


def count_times(cohort: pd.DataFrame, repeats: pd.DataFrame, years: int) -> pd.Series:
    """none, one or several repeats within the horizon, for each person of the cohort."""
    counts = select_within(repeats, cohort, years).groupby("person").size()
    n = cohort["person"].map(counts).fillna(0).astype(int)
    return n.clip(upper=2).map(dict(enumerate(TIMES)))


def count_horizons(
    cohort: pd.DataFrame, repeats: pd.DataFrame, *, horizons: Sequence[int], study_end: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Figure 4.1: persons by none, one or several repeats (category, times, period, n), and persons
    with any of all (category, period, n_events, n_known), for each horizon."""
    times, totals = [], []
    for years in horizons:
        whole = select_whole(cohort, years, study_end=study_end)
        if whole.empty:
            continue
        period, counts = (
            _name_period(whole),
            count_times(whole, repeats, years).value_counts().reindex(list(TIMES), fill_value=0),
        )
        times.append(
            pd.DataFrame(
                {
                    "category": name_horizon(years),
                    "times": TIMES,
                    "period": period,
                    "n": counts.to_numpy(),
                }
            )
        )
        totals.append(
            (name_horizon(years), period, int(counts["one"] + counts["several"]), len(whole))
        )
    columns = ["category", "times", "period", "n"]
    return pd.concat(times, ignore_index=True) if times else pd.DataFrame(
        columns=columns
    ), pd.DataFrame(totals, columns=["category", "period", *RATIO])


def count_groups(
    cohort: pd.DataFrame, repeats: pd.DataFrame, *, years: int, study_end: int
) -> pd.DataFrame:
    """Figure 4.2: persons with a repeat of an offence group, of any of the severe ones, and of any,
    of all. Columns offence_group, period, n_events, n_known."""
    whole = select_whole(cohort, years, study_end=study_end)
    within = select_within(repeats, whole, years)
    chosen = {
        **{group: within["group"] == group for group in GROUPS},
        "severe": within["group"].isin(SEVERE),
        "any": within["group"].notna(),
    }
    rows = [
        (name, _name_period(whole), within.loc[flag, "person"].nunique(), len(whole))
        for name, flag in chosen.items()
    ]
    return pd.DataFrame(rows if len(whole) else [], columns=["offence_group", "period", *RATIO])


def count_incidents(
    cohort: pd.DataFrame, repeats: pd.DataFrame, *, years: int, study_end: int
) -> pd.DataFrame:
    """Figure 4.3: repeat incidents within the horizon by offence group, each incident in one.
    Columns offence_group, period, n."""
    whole = select_whole(cohort, years, study_end=study_end)
    within = select_within(repeats, whole, years)
    counts = within["group"].value_counts().reindex(list(GROUPS), fill_value=0)
    return (
        pd.DataFrame(
            {"offence_group": list(GROUPS), "period": _name_period(whole), "n": counts.to_numpy()}
        )
        if len(whole)
        else pd.DataFrame(columns=["offence_group", "period", "n"])
    )


def count_by_trait(
    cohort: pd.DataFrame, repeats: pd.DataFrame, trait: str, *, years: int, study_end: int
) -> pd.DataFrame:
    """Figures 4.4 and 4.5: persons with a repeat within the horizon, of all, by sex or age_group.
    Columns (the trait), period, n_events, n_known."""
    whole = select_whole(cohort, years, study_end=study_end)
    column = "category" if trait == "age_group" else trait
    again = count_times(whole, repeats, years) != "none"
    rows = [
        (
            code,
            _name_period(whole),
            int(again[whole[trait] == code].sum()),
            int((whole[trait] == code).sum()),
        )
        for code in sorted(whole[trait].unique(), key=lambda code: AGE_ORDER.get(code, 0))
    ]
    return pd.DataFrame(rows, columns=[column, "period", *RATIO])


def count_by_form(cohort: pd.DataFrame, repeats: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """Figure 4.6: persons of one index year with a repeat until the end of the study, of all, by
    the form of the index incident.

    A declared exception: follow-up is a little shorter than five years for those registered late in
    the year. Columns form_group (sexual, other, unknown), period, n_events, n_known.
    """
    chosen = cohort[cohort["year"] == year]
    again = chosen["person"].isin(repeats["person"])
    rows = [
        (
            form,
            str(year),
            int(again[chosen["form"] == form].sum()),
            int((chosen["form"] == form).sum()),
        )
        for form in ("sexual", "other", UNKNOWN)
    ]
    return pd.DataFrame([row for row in rows if row[3]], columns=["form_group", "period", *RATIO])


def describe_times(
    cohort: pd.DataFrame, repeats: pd.DataFrame, *, years: int, study_end: int
) -> pd.DataFrame:
    """Days from the index incident to the first repeat, of those with one within the horizon:
    median, mean and standard deviation (note 4 of section 4.3). Columns category, period, n
    (persons), value, unit, grid (`survival.find_reach`, of the median)."""
    whole = select_whole(cohort, years, study_end=study_end)
    within = select_within(repeats, whole, years)
    first = within.groupby("person")["days"].min()
    values = {
        "median_days": first.median(),
        "mean_days": first.mean(),
        "sd_days": first.std(ddof=1),
    }
    rows = (
        [
            (
                name,
                _name_period(whole),
                len(first),
                value,
                "days",
                find_reach(first, value) if name == "median_days" else np.nan,
            )
            for name, value in values.items()
        ]
        if len(first) > 1
        else []
    )
    return pd.DataFrame(rows, columns=["category", "period", "n", "value", "unit", "grid"])
