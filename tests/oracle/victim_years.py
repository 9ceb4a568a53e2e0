"""Reports joined into victims of a calendar year, under the definitions of the monitor (sections
2.2 and 2.3).

Each definition is a flag, so that a test can show that the registers are such that it matters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.labels import read_codes

FORMS = ("domestic_sexual", "cross_border_sexual", "labour", "criminal", "unknown")
MISSING = ["unknown", "not_recorded"]
FLAGS = ["sexual", "labour", "criminal", "organ_removal"]
CODES_OF_VICTIM = ["sex", "nationality", "sector_sexual", "sector_labour", "criminal_activity"]
VICTIM_YEAR = ["victim_id", "year"]


@dataclass(frozen=True)
class ReportDefinitions:
    """How reports are counted; every definition on is how the monitor counts.

    once_a_year: a victim counts once in each calendar year (2.3), not once in the period.
    forms_of_all_reports, first_known: forms of all reports of the year; first known sex, age and
    nationality, not those of the first report.
    by_form, by_reporter, by_unit: victims counted in each form (2.2), with each reporter (2.9), in
    each police unit (2.10) of the year.
    hierarchy: splits by form use sexual, labour, criminal, unknown (2.3.5), not the reverse.
    domestic_by_nationality: sexual exploitation of Dutch nationals is domestic (2.3.1).
    unknown_nationality_is_unknown, organ_removal_is_unknown: form unknown for sexual exploitation
    of unknown nationality, and organ removal alone.
    without_border_police_alone: sexual victims whom the KMar alone reported are left out of all but
    the total (2.3).
    minor_under_18, adolescent_to_22: age groups; a year later when off.
    sector_hierarchy: of several sectors of labour exploitation, other labour last (note 22 of
    section 2.3.3), not the first code.
    """

    once_a_year: bool = True
    forms_of_all_reports: bool = True
    first_known: bool = True
    by_form: bool = True
    by_reporter: bool = True
    by_unit: bool = True
    hierarchy: bool = True
    domestic_by_nationality: bool = True
    unknown_nationality_is_unknown: bool = True
    organ_removal_is_unknown: bool = True
    without_border_police_alone: bool = True
    minor_under_18: bool = True
    adolescent_to_22: bool = True
    sector_hierarchy: bool = True


def join_reports(
    reports: pd.DataFrame, definitions: ReportDefinitions
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Victims (one row a victim and year) and their reports, both with `year`; `is_counted` is
    False for those the KMar alone reported."""
    reports = reports.sort_values(["report_date", "report_id"]).assign(
        year=lambda table: table["report_date"].dt.year
    )
    if not definitions.once_a_year:
        reports["year"] = reports.groupby("victim_id")["year"].transform("min")
    groups = reports.groupby(VICTIM_YEAR, sort=True)
    forms = groups[FLAGS].any() if definitions.forms_of_all_reports else groups[FLAGS].first()
    victims = forms.join(_find_traits(reports, definitions)).join(
        groups["report_date"].min().rename("first_date")
    )
    border_alone = (reports["reporter"] == "kmar").groupby(
        [reports[name] for name in VICTIM_YEAR]
    ).all() & victims["sexual"]
    victims = victims.assign(
        is_counted=~border_alone | (not definitions.without_border_police_alone)
    ).reset_index()
    return _name_forms(victims, definitions), reports


def _find_traits(reports: pd.DataFrame, definitions: ReportDefinitions) -> pd.DataFrame:
    """The first known value of each trait, or that of the first report."""
    groups = reports.groupby(VICTIM_YEAR, sort=True)
    traits = [*CODES_OF_VICTIM, "age_at_report", "dublin"]
    if not definitions.first_known:
        return groups[traits].nth(0).set_axis(pd.MultiIndex.from_frame(groups[VICTIM_YEAR].nth(0)))
    known = reports.assign(
        **{
            name: reports[name].astype(object).where(~reports[name].isin(MISSING), None)
            for name in CODES_OF_VICTIM
        }
    )
    first = known.groupby(VICTIM_YEAR, sort=True)[traits].first()
    return first.assign(**{name: first[name].fillna("unknown") for name in CODES_OF_VICTIM})


def _name_forms(victims: pd.DataFrame, definitions: ReportDefinitions) -> pd.DataFrame:
    """Adds a flag for each form of FORMS (figure 2.2) and `form`, the one that leads (figures 2.6
    to 2.10)."""
    nationality = victims["nationality"]
    is_dutch = (nationality == "NLD") & definitions.domestic_by_nationality
    is_known = ~nationality.isin(MISSING) | (not definitions.unknown_nationality_is_unknown)
    flags = {
        "domestic_sexual": victims["sexual"] & is_dutch,
        "cross_border_sexual": victims["sexual"] & is_known & ~is_dutch,
        "labour": victims["labour"],
        "criminal": victims["criminal"],
    }
    named = np.logical_or.reduce(list(flags.values()))
    flags["unknown"] = ~named & (
        ~victims["organ_removal"] | victims["sexual"] | definitions.organ_removal_is_unknown
    )
    order = FORMS if definitions.hierarchy else ("criminal", "labour", *FORMS[:2], "unknown")
    form = np.select([flags[name] for name in order], order, default="none")
    if not definitions.by_form:
        flags = {name: pd.Series(form == name) for name in FORMS}
    return victims.assign(
        **{f"is_{name}": flag.to_numpy() for name, flag in flags.items()}, form=form
    )


def group_ages(victims: pd.DataFrame, definitions: ReportDefinitions) -> pd.Series:
    """minor, adolescent, adult or unknown by age at the first report with an age."""
    age = victims["age_at_report"].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    minor, adolescent = (
        18 if definitions.minor_under_18 else 19,
        23 if definitions.adolescent_to_22 else 24,
    )
    return pd.Series(
        np.select(
            [age < minor, age < adolescent, age >= adolescent],
            ["minor", "adolescent", "adult"],
            default="unknown",
        ),
        index=victims.index,
    )


def choose_sectors(codes: pd.Series, definitions: ReportDefinitions) -> pd.Series:
    """One sector of labour exploitation a victim: the least common first, the group other labour
    last (note 22)."""
    groups = {
        code: "other_labour"
        for code, group in read_codes("sector_labour").items()
        if group == "other_labour"
    }
    lists = codes.str.split("|")
    if not definitions.sector_hierarchy:
        return lists.str[0].replace(groups)
    named = lists.explode().replace(groups)
    common = named.value_counts().to_dict() | {
        "other_labour": len(named) + 1,
        "unknown": len(named) + 2,
    }
    return (
        named.to_frame("sector")
        .assign(rank=named.map(common))
        .sort_values("rank", kind="stable")
        .groupby(level=0)["sector"]
        .first()
        .reindex(codes.index)
    )


def find_region(nationality: pd.Series, added: dict[str, str]) -> pd.Series:
    """The region of each nationality; `added` are the extract's own codes."""
    return (
        nationality.map({**read_codes("nationality"), **added})
        .replace("", "unknown")
        .fillna("unknown")
    )
