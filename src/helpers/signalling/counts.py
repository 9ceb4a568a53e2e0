"""The table behind each figure of section 2.3 of the monitor, for any period. Counts here are not
yet safe to show: the gate protects them.

All tables have `period` (a year, or the whole period as "2016-2020"), the codes of their breakdown,
and `n`. A year without a report counts as zero; a year before the first or after the last report of
the register is left out, because nobody knows that it is complete.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from helpers.definitions import FORMS, UNKNOWN, count_rows, put_missing_last, span_years
from helpers.edition import name_period
from helpers.signalling.victims import select_counted

ALL_REPORTERS, WITHOUT_BORDER_POLICE = "register_all_reporters", "register_without_kmar_only"
# Columns of a breakdown are named after their code list.
COLUMNS = {"region": "origin_region", "age_group": "category"}
CONSENT_NEEDED = ("care_coordinator", "fairwork", "other")
# What holds between these tables whatever the register, in each year and group that they share
# (`disclosure.cells`): population[dimension=code, ...].
EQUALITIES = {
    "counted victims are those without the KMar's": (
        "comensha_reported[counting=register_without_kmar_only] = comensha_victims[]"
    ),
    "counted victims are among all reported": (
        "comensha_reported[counting=register_all_reporters] >= "
        "comensha_reported[counting=register_without_kmar_only]"
    ),
    "domestic sexual exploitation always leads": (
        "comensha_victims[form=domestic_sexual] = comensha_victims[form_leading=domestic_sexual]"
    ),
    "cross-border sexual exploitation always leads": (
        "comensha_victims[form=cross_border_sexual] = "
        "comensha_victims[form_leading=cross_border_sexual]"
    ),
    "form unknown is a form of its own": (
        "comensha_victims[form=unknown] = comensha_victims[form_leading=unknown]"
    ),
    "form unknown is no combination": (
        "comensha_victims[forms=unknown] = comensha_victims[form=unknown]"
    ),
    "labour exploitation leads or is one of several": (
        "comensha_victims[form=labour] >= comensha_victims[form_leading=labour]"
    ),
    "criminal exploitation leads or is one of several": (
        "comensha_victims[form=criminal] >= comensha_victims[form_leading=criminal]"
    ),
    "sexual exploitation is domestic or cross-border": (
        "comensha_victims[form=domestic_sexual] + comensha_victims[form=cross_border_sexual] = "
        "comensha_victims[sexual=yes]"
    ),
    "combinations with sexual exploitation": (
        "comensha_victims[forms=sexual] + comensha_victims[forms=sexual+labour] + "
        "comensha_victims[forms=sexual+criminal] + comensha_victims[forms=sexual+labour+criminal] "
        "= comensha_victims[form=domestic_sexual] + comensha_victims[form=cross_border_sexual]"
    ),
    "combinations with labour exploitation": (
        "comensha_victims[forms=labour] + comensha_victims[forms=sexual+labour] + "
        "comensha_victims[forms=labour+criminal] + comensha_victims[forms=sexual+labour+criminal] "
        "= comensha_victims[form=labour]"
    ),
    "combinations with criminal exploitation": (
        "comensha_victims[forms=criminal] + comensha_victims[forms=sexual+criminal] + "
        "comensha_victims[forms=labour+criminal] + comensha_victims[forms=sexual+labour+criminal] "
        "= comensha_victims[form=criminal]"
    ),
    "labour exploitation leads where there is no sexual": (
        "comensha_victims[forms=labour] + comensha_victims[forms=labour+criminal] = "
        "comensha_victims[form_leading=labour]"
    ),
    "criminal exploitation leads where it is alone": (
        "comensha_victims[forms=criminal] = comensha_victims[form_leading=criminal]"
    ),
    "an age is known or not": (
        "comensha_victims[age_known=yes] + comensha_victims[age_group=unknown] = comensha_victims[]"
    ),
    "domestic victims come from the Netherlands": (
        "comensha_victims[form_leading=domestic_sexual, origin_region=netherlands] = "
        "comensha_victims[form_leading=domestic_sexual]"
    ),
    "cross-border victims do not come from the Netherlands": (
        "comensha_victims[form_leading=cross_border_sexual, origin_region=netherlands] = 0"
    ),
    "cross-border victims come from a known place": (
        "comensha_victims[form_leading=cross_border_sexual, origin_region=unknown] = 0"
    ),
}


def find_covered_years(reports: pd.DataFrame, years: range) -> range:
    """The years of the period that lie between the first and the last report, both included; empty
    where there is no report."""
    return span_years(reports["report_date"].dt.year, years)


def count_victims(victims: pd.DataFrame, *, years: range) -> pd.DataFrame:
    """Figure 2.1: presumed victims by year, with and without those of sexual exploitation whom the
    KMar alone reported (`population`)."""
    parts = {ALL_REPORTERS: victims, WITHOUT_BORDER_POLICE: select_counted(victims)}
    return pd.concat(
        [count_rows(rows, [], years=years).assign(population=name) for name, rows in parts.items()],
        ignore_index=True,
    )[["population", "period", "n"]]


def count_forms(victims: pd.DataFrame, *, years: range) -> pd.DataFrame:
    """Figure 2.2: victims counted in each of their forms (`category`, the codes of FORMS)."""
    counted = select_counted(victims)
    long = pd.concat(
        [counted.loc[counted[f"is_{form}"], ["year"]].assign(category=form) for form in FORMS]
    )
    return count_rows(long, ["category"], years=years, codes=FORMS).assign(unit="victim_forms")


def count_overlap(victims: pd.DataFrame, *, years: range) -> pd.DataFrame:
    """Victims by the exact combination of sexual, labour and criminal exploitation (`lists`:
    "sexual+labour"), or form unknown, over the period; every counted victim is in one."""
    counted = select_counted(victims)
    names = {
        "sexual": counted["is_domestic_sexual"] | counted["is_cross_border_sexual"],
        "labour": counted["is_labour"],
        "criminal": counted["is_criminal"],
    }
    combined = pd.Series("", index=counted.index)
    for name, flag in names.items():
        combined = combined.where(~flag, combined.where(combined == "", combined + "+") + name)
    rows = counted.assign(category=combined.mask(combined == "", UNKNOWN))
    table = count_rows(rows, ["category"], years=years)
    return (
        table[table["period"] == name_period(years)].reset_index(drop=True) if len(years) else table
    )


def count_leading_forms(victims: pd.DataFrame, *, years: range) -> pd.DataFrame:
    """Victims by their leading form (`category`), so that nobody is in two."""
    return count_rows(
        select_counted(victims)
        .drop(columns="category", errors="ignore")
        .rename(columns={"form": "category"}),
        ["category"],
        years=years,
        codes=FORMS,
    )


def count_by_trait(
    victims: pd.DataFrame, trait: str, *, years: range, codes: Sequence[str] | None = None
) -> pd.DataFrame:
    """Figures 2.6 to 2.8: victims by sex, region or age_group and year; the column is named after
    its code list."""
    column = COLUMNS.get(trait, trait)
    return count_rows(
        select_counted(victims).rename(columns={trait: column}), [column], years=years, codes=codes
    )


def count_by_form(rows: pd.DataFrame, trait: str, *, years: range) -> pd.DataFrame:
    """Figures 2.6 to 2.10, second half: victims (or pairs) by leading form and trait over the
    period. Columns form, the trait, period, n."""
    column = COLUMNS.get(trait, trait)
    inside = rows[rows["year"].isin(years)]
    order = put_missing_last(inside[trait].value_counts().index)
    wide = (
        inside.groupby(["form", trait], observed=True)
        .size()
        .unstack(fill_value=0)
        .reindex(index=list(FORMS), columns=order, fill_value=0)
    )
    table = (
        wide.rename_axis(index="form", columns=column).stack().rename("n").reset_index()
        if len(order)
        else pd.DataFrame(columns=["form", column, "n"])
    )
    return table.assign(period=name_period(years))[["form", column, "period", "n"]]


def count_sexual_sectors(victims: pd.DataFrame, *, years: range) -> pd.DataFrame:
    """Figure 2.3: victims of sexual exploitation by sector, a victim in each of several sectors;
    unknown too, so that its share can be seen."""
    counted = select_counted(victims)
    sexual = counted[counted["is_domestic_sexual"] | counted["is_cross_border_sexual"]]
    return _count_codes(sexual, "sector_sexual", years=years)


def count_criminal_activities(victims: pd.DataFrame, *, years: range) -> pd.DataFrame:
    """Figure 2.5: victims of criminal exploitation by the way in which they were exploited."""
    counted = select_counted(victims)
    return _count_codes(counted[counted["is_criminal"]], "criminal_activity", years=years)


def _count_codes(victims: pd.DataFrame, column: str, *, years: range) -> pd.DataFrame:
    long = victims[["year"]].assign(**{column: victims[column].str.split("|")}).explode(column)
    return count_rows(long, [column], years=years)


def count_labour_sectors(victims: pd.DataFrame, *, years: range) -> pd.DataFrame:
    """Figures 2.4a and 2.4c: victims of labour exploitation by their one sector (note 22)."""
    counted = select_counted(victims)
    return count_rows(
        counted[counted["is_labour"]]
        .drop(columns="sector_labour")
        .rename(columns={"sector": "sector_labour"}),
        ["sector_labour"],
        years=years,
    )


def count_labour_months(victims: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """Figure 2.4b: victims of labour exploitation of one year by the month of their first report
    (`month` 1 to 12)."""
    counted = select_counted(victims)
    chosen = counted[counted["is_labour"] & (counted["year"] == year)]
    months = chosen["first_date"].dt.month.value_counts().reindex(range(1, 13), fill_value=0)
    return (
        pd.DataFrame(
            {
                "month": [f"month_{month}" for month in months.index],
                "period": str(year),
                "n": months.to_numpy(),
            }
        )
        if len(chosen)
        else pd.DataFrame(columns=["month", "period", "n"])
    )


def average_ages(victims: pd.DataFrame, *, years: range, by_form: bool = False) -> pd.DataFrame:
    """Figure 2.8: mean age at the report of victims of known age, by year, or by leading form
    (`category`) over the period.

    Columns (category,) period, n (of known age), value, unit.
    """
    inside = select_counted(victims)
    inside = inside[inside["year"].isin(years) & inside["age_at_report"].notna()]
    if by_form:
        parts = (
            [
                (form, name_period(years), inside.loc[inside["form"] == form, "age_at_report"])
                for form in FORMS
            ]
            if len(years)
            else []
        )
    else:
        parts = [
            ("all", str(year), inside.loc[inside["year"] == year, "age_at_report"])
            for year in years
        ]
    rows = [
        (category, period, len(ages), float(ages.mean()), "years")
        for category, period, ages in parts
        if len(ages)
    ]
    table = pd.DataFrame(rows, columns=["category", "period", "n", "value", "unit"])
    return table if by_form else table.drop(columns="category")


def count_reporters(pairs: pd.DataFrame, *, years: range) -> pd.DataFrame:
    """Figure 2.9: reports (victim x reporter) by reporter and year."""
    return count_rows(pairs, ["reporter"], years=years).assign(unit="reports")


def count_units(pairs: pd.DataFrame, *, years: range) -> pd.DataFrame:
    """Figure 2.10: police reports (victim x police unit) by unit and year."""
    return count_rows(pairs, ["police_unit"], years=years).assign(unit="reports")
