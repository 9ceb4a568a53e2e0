"""What the monitor means by its words, each defined once: forms, missing codes, age groups,
regions, periods, and how rows are counted. Sections are those of the monitor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from helpers.edition import name_period
from helpers.labels import MISSING as MISSING
from helpers.labels import NOT_RECORDED as NOT_RECORDED
from helpers.labels import UNKNOWN as UNKNOWN

# The forms, in the order in which they lead where a victim counts once: sexual exploitation, of
# Dutch nationals or of others (2.3.1), labour, criminal, unknown (2.3.5).
FORMS = ("domestic_sexual", "cross_border_sexual", "labour", "criminal", UNKNOWN)
SEXUAL = FORMS[:2]
DUTCH = "NLD"
# The regions that are Europe without the Netherlands (2.3.5).
EUROPE = ("eu", "europe_other")
# Minor: under 18; adolescent: 18 to 22 (2.3.5).
AGE_GROUPS = ("minor", "adolescent", "adult", UNKNOWN)
YOUNG = AGE_GROUPS[:2]
ADOLESCENT_FROM, ADULT_FROM = 18, 23
# The age groups of the residence scheme (2.4.3): each begins where the one before ends.
SCHEME_AGES = {"under_18": ADOLESCENT_FROM, "18_22": ADULT_FROM, "23_29": 30, "30_39": 40}
SCHEME_OLDEST = "40_over"
# A decision with an indication of Dublin, a potential one too (2.4.2).
DUBLIN_INDICATED = ("claim", "potential")
# Offences that touch the integrity of the body (figure 4.2); severe: any of the three.
SEVERE = ("trafficking", "sexual", "violence")
# The small groups of a table together; and everybody, beside other rows of which it is no total.
OTHERS, ANYBODY = "others", "anybody"


def name_sexual(nationality: str) -> str:
    """The form of sexual exploitation (2.3.1): domestic of a Dutch national, cross-border of
    another, unknown where the nationality is."""
    if nationality in MISSING:
        return UNKNOWN
    return SEXUAL[0] if nationality == DUTCH else SEXUAL[1]


def join_missing(values: pd.Series) -> pd.Series:
    """Codes as objects, in which what is not recorded or empty is unknown."""
    codes = values.astype(object)
    return codes.mask(codes.isna() | codes.isin(MISSING), UNKNOWN)


def find_region(nationality: pd.Series, regions: Mapping[str, str]) -> pd.Series:
    """The region of origin (figures 2.7 and 2.15) by the `regions` of each code; unknown where the
    nationality is."""
    known = {code: region or UNKNOWN for code, region in regions.items()}
    return nationality.astype(object).map(known).fillna(UNKNOWN)


def find_age(birth_date: pd.Series, day: pd.Series) -> pd.Series:
    """Completed years on a day; NaN where a date is missing."""
    had_birthday = (day.dt.month * 100 + day.dt.day) >= (
        birth_date.dt.month * 100 + birth_date.dt.day
    )
    return day.dt.year - birth_date.dt.year - (~had_birthday).astype(int)


def group_ages(age: pd.Series) -> np.ndarray:
    """minor, adolescent, adult or unknown, by completed years (2.3.5; 3.2 and 4.3 have the
    same)."""
    return _band(age, dict(zip(AGE_GROUPS, (ADOLESCENT_FROM, ADULT_FROM), strict=False)), "adult")


def group_scheme_ages(age: pd.Series) -> np.ndarray:
    """The age group of a person of the residence scheme, by completed years (2.4.3)."""
    return _band(age, SCHEME_AGES, SCHEME_OLDEST)


def _band(age: pd.Series, below: Mapping[str, int], oldest: str) -> np.ndarray:
    years = age.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    return np.select(
        [*(years < limit for limit in below.values()), years >= max(below.values())],
        [*below, oldest],
        default=UNKNOWN,
    )


def span_years(observed: pd.Series, years: range) -> range:
    """The years of the period between the first and the last of the `observed` years, both
    included; empty where nothing was observed."""
    if not len(observed):
        return range(0)
    return range(
        max(years.start, int(observed.min())), min(years.stop - 1, int(observed.max())) + 1
    )


def count_rows(
    rows: pd.DataFrame,
    by: Sequence[str],
    *,
    years: range,
    codes: Sequence[str] | None = None,
    weight: str | None = None,
) -> pd.DataFrame:
    """How many rows (or, of the column `weight`, how much) each year has for each code of `by` (one
    column, or none), and over the whole period. A year without a row counts as zero.

    `codes` names the codes and their order, and others that are seen come after them; without it
    they are those seen in the period, the most frequent first. Missing codes come last. A row
    without a code counts as unknown, so that the parts sum to the rows. Columns: `by`, period, n.
    Empty where no year is covered.
    """
    if not len(years):
        return pd.DataFrame(columns=[*by, "period", "n"])
    inside = rows[rows["year"].isin(years)]
    amounts = inside[weight] if weight else pd.Series(1, index=inside.index)
    if not by:
        counts = amounts.groupby(inside["year"]).sum().reindex(years, fill_value=0)
        periods, n = [str(year) for year in years], list(counts)
        if len(years) > 1:
            periods, n = [*periods, name_period(years)], [*n, amounts.sum()]
        return pd.DataFrame({"period": periods, "n": n})
    column = by[0]
    values = inside[column].astype(object).fillna(UNKNOWN)
    order = list(dict.fromkeys([*(codes or ()), *values.value_counts().index]))
    wide = (
        amounts.groupby([values, inside["year"]])
        .sum()
        .unstack(fill_value=0)
        .reindex(index=put_missing_last(order), columns=years, fill_value=0)
    )
    wide.columns = [str(year) for year in wide.columns]
    if len(years) > 1:
        wide[name_period(years)] = wide.sum(axis=1)
    return wide.rename_axis(index=column, columns="period").stack().rename("n").reset_index()


def put_missing_last(codes: Sequence[str]) -> list[str]:
    """The codes in their order, those that mean unknown or not recorded at the end."""
    return [*(code for code in codes if code not in MISSING), *(c for c in codes if c in MISSING)]


def round_to(counts: pd.Series, base: int) -> pd.Series:
    """Counts to the nearest multiple of the base, halves up."""
    return (counts / base + 0.5).floordiv(1) * base
