"""Reports joined into presumed victims of a calendar year. Each definition of the monitor is one
small function.

`reports` is the table of the register contract, typed (`sources.read_table`). Sections are those of
the monitor.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.definitions import (
    FORMS,
    MISSING,
    NOT_RECORDED,
    SEXUAL,
    UNKNOWN,
    find_region,
    group_ages,
    name_sexual,
)
from helpers.labels import read_codes

REPORTED = ["sexual", "labour", "criminal", "organ_removal"]
TRAITS = ["sex", "nationality", "sector_sexual", "sector_labour", "criminal_activity"]
OTHER_LABOUR = "other_labour"
VICTIM = ["victim_id", "year"]


def derive_victims(reports: pd.DataFrame, *, regions: Mapping[str, str]) -> pd.DataFrame:
    """One row a victim and calendar year: reported forms, traits, forms as the monitor counts them,
    region, age group, one sector.

    `regions` gives the region of each nationality code. A victim counts once a calendar year, with
    what all reports of that year say (section 2.3: 4,894 is the sum of the years).
    `is_border_police_alone` marks those whom section 2.3 leaves out.
    """
    ordered = _order_reports(reports)
    victims = (
        collect_forms(ordered)
        .join(find_first_known(ordered))
        .join(find_border_police_alone(ordered))
    )
    victims = victims.join(
        ordered.groupby(VICTIM)["report_date"].min().rename("first_date")
    ).reset_index()
    victims = define_forms(victims)
    return victims.assign(
        form=define_leading_form(victims),
        age_group=group_ages(victims["age_at_report"]),
        region=find_region(victims["nationality"], regions),
        sector=choose_labour_sector(victims["sector_labour"]),
    )


def _order_reports(reports: pd.DataFrame) -> pd.DataFrame:
    """Reports by day, codes as plain text; what a report repeats word for word stands once."""
    coded = dict.fromkeys(reports.select_dtypes(["category", "string"]), object)
    ordered = reports.astype(coded).assign(year=reports["report_date"].dt.year)
    return ordered.drop_duplicates("report_id").sort_values(
        ["report_date", "report_id"], kind="stable"
    )


def collect_forms(ordered: pd.DataFrame) -> pd.DataFrame:
    """The forms of all reports of a victim and year (2.3.1: a victim can have several)."""
    return ordered.groupby(VICTIM)[REPORTED].any()


def find_first_known(ordered: pd.DataFrame) -> pd.DataFrame:
    """Sex, age, nationality and sectors: the first that a report of the year knows (2.3.5), else
    unknown. Age is age at the report."""
    known = ordered.assign(
        **{name: ordered[name].mask(ordered[name].isin(MISSING)) for name in TRAITS}
    )
    first = known.groupby(VICTIM)[[*TRAITS, "age_at_report", "dublin"]].first()
    return first.assign(**{name: first[name].fillna(UNKNOWN) for name in TRAITS})


def find_border_police_alone(ordered: pd.DataFrame) -> pd.Series:
    """Victims with sexual exploitation among their forms whom the KMar alone reported that year
    (2.3)."""
    groups = ordered.assign(is_border=ordered["reporter"] == "kmar").groupby(VICTIM)
    return (groups["is_border"].all() & groups["sexual"].any()).rename("is_border_police_alone")


def define_forms(victims: pd.DataFrame) -> pd.DataFrame:
    """A flag `is_<form>` for each form of FORMS that a victim counts in (figure 2.2: victim x
    form).

    Sexual exploitation of unknown nationality and organ removal alone are form unknown (2.3.1).
    """
    of_nationality = victims["nationality"].map(name_sexual)
    flags = {
        **{form: victims["sexual"] & (of_nationality == form) for form in SEXUAL},
        "labour": victims["labour"],
        "criminal": victims["criminal"],
    }
    flags[UNKNOWN] = ~np.logical_or.reduce(list(flags.values()))
    return victims.assign(**{f"is_{form}": flags[form].astype(bool) for form in FORMS})


def define_leading_form(victims: pd.DataFrame) -> np.ndarray:
    """One form a victim, by the hierarchy sexual, labour, criminal, unknown (2.3.5; figures 2.6 to
    2.10)."""
    return np.select([victims[f"is_{form}"] for form in FORMS], FORMS, default=UNKNOWN)


def choose_labour_sector(codes: pd.Series) -> pd.Series:
    """One sector of labour exploitation a victim (note 22 of section 2.3.3): the less common before
    the more common, and last the group "other labour", whose sectors are counted as one."""
    joined = {
        code: OTHER_LABOUR
        for code, group in read_codes("sector_labour").items()
        if group == OTHER_LABOUR
    }
    sectors = codes.str.split("|").explode().replace(joined)
    named = sectors[~sectors.isin(MISSING)]
    ranks = {
        sector: rank
        for rank, sector in enumerate(
            named[named != OTHER_LABOUR]
            .value_counts(ascending=True)
            .sort_index(kind="stable")
            .sort_values(kind="stable")
            .index
        )
    }
    ranks |= {OTHER_LABOUR: len(ranks), UNKNOWN: len(ranks) + 1, NOT_RECORDED: len(ranks) + 2}
    best = sectors.map(ranks).groupby(level=0).min()
    return best.map({rank: sector for sector, rank in ranks.items()}).reindex(codes.index)


def select_counted(victims: pd.DataFrame) -> pd.DataFrame:
    """Victims without those of sexual exploitation whom the KMar alone reported: all figures but
    the total line of 2.1."""
    return victims[~victims["is_border_police_alone"]]


def pair_reporters(reports: pd.DataFrame, victims: pd.DataFrame) -> pd.DataFrame:
    """One row a counted victim and reporter of a year (figure 2.9: victim x reporter), with the
    victim's leading form."""
    return _pair(reports, victims, "reporter")


def pair_units(reports: pd.DataFrame, victims: pd.DataFrame) -> pd.DataFrame:
    """One row a counted victim and police unit of a year, of police reports (figure 2.10: victim x
    police unit)."""
    return _pair(reports[reports["reporter"] == "police"], victims, "police_unit")


def _pair(reports: pd.DataFrame, victims: pd.DataFrame, column: str) -> pd.DataFrame:
    pairs = pd.DataFrame(
        {
            "victim_id": reports["victim_id"].astype(object),
            "year": reports["report_date"].dt.year,
            column: reports[column].astype(object),
        }
    )
    return pairs.drop_duplicates().merge(
        select_counted(victims)[[*VICTIM, "form", "labour"]], on=VICTIM
    )


def select_units(reports: pd.DataFrame, units: list[str]) -> pd.DataFrame:
    """Police reports of these units only; all reports where no unit is named."""
    return (
        reports[(reports["reporter"] == "police") & reports["police_unit"].isin(units)]
        if units
        else reports
    )
