"""Counts in the register of reports every quantity that a printed number constrains (sections 2.3.1
to 2.3.7 of the monitor)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from helpers.labels import read_codes
from helpers.synthetic.victims import ADDED_NATIONALITIES
from oracle.victim_years import (
    FORMS,
    MISSING,
    ReportDefinitions,
    choose_sectors,
    find_region,
    group_ages,
    join_reports,
)

Measures = dict[str, float]
EUROPE = ["eu", "europe_other"]
PERIOD = (2016, 2020)
# Reporters who may report only with the victim's consent (section 2.3.6).
WITHOUT_LEGAL_BASIS = ["care_coordinator", "fairwork", "other"]
# "Almost all": more than nine in ten.
ALMOST_ALL = 90


def measure_reports(reports: pd.DataFrame, definitions: ReportDefinitions) -> Measures:
    """Every measure of `data/codes/calibration_reports.csv`; shares are percentages. A statement of
    order is 1 where it holds, 0 where not."""
    victims, rows = join_reports(reports, definitions)
    counted = victims[victims["is_counted"]].assign(
        age=group_ages(victims, definitions),
        region=find_region(victims["nationality"], ADDED_NATIONALITIES),
        sector=choose_sectors(victims["sector_labour"], definitions),
    )
    pairs = _pair_reporters(rows, counted, definitions)
    return {
        **_measure_victims(victims, counted),
        **_measure_forms(counted),
        **_measure_sectors(counted, pairs),
        **_measure_traits(counted),
        **_measure_reporters(counted, pairs),
        "reports_of_all:kmar:2018": float(
            rows.loc[(rows["reporter"] == "kmar") & (rows["year"] == 2018), "victim_id"].nunique()
        ),
        **_measure_units(rows, counted, definitions),
    }


def share(part: float, whole: float) -> float:
    """Percentage; NaN of nothing."""
    return 100 * float(part) / float(whole) if whole else float("nan")


def change(later: float, earlier: float) -> float:
    """Change in percent; NaN from nothing."""
    return share(float(later) - float(earlier), earlier)


def holds(*statements: object) -> float:
    """1 where all statements hold."""
    return float(all(bool(statement) for statement in statements))


def is_falling(values: Iterable[float]) -> bool:
    """True where each value is below the one before."""
    return bool((np.diff(list(values)) < 0).all())


def _by_year(flags: pd.Series, victims: pd.DataFrame) -> pd.Series:
    """How many victims with the flag in each year of the period."""
    counts = flags.groupby(victims["year"]).sum()
    return counts.reindex(range(PERIOD[0], PERIOD[1] + 1), fill_value=0).astype(float)


def _measure_victims(victims: pd.DataFrame, counted: pd.DataFrame) -> Measures:
    every, years = victims["year"].value_counts(), counted["year"].value_counts()
    foreign = _by_year(~counted["nationality"].isin([*MISSING, "NLD"]), counted)
    return {
        **{f"victims:{year}": float(n) for year, n in years.items()},
        **{f"victims_of_all_reporters:{year}": float(n) for year, n in every.items()},
        "victims:2016-2020": float(len(counted)),
        **{
            f"nationality:{code}:{year}": float(n)
            for (code, year), n in counted.groupby(["nationality", "year"]).size().items()
        },
        **{
            f"nationality_of_all:{code}:2020": float(n)
            for code, n in victims.loc[victims["year"] == 2020, "nationality"]
            .value_counts()
            .items()
        },
        "change_in_victims:2020": change(years.get(2020, 0), years.get(2019, 0)),
        "order:foreign_victims": holds(
            foreign[2019] > foreign[2018], foreign[2020] < foreign[2019]
        ),
    }


def _measure_forms(counted: pd.DataFrame) -> Measures:
    forms = pd.DataFrame({form: _by_year(counted[f"is_{form}"], counted) for form in FORMS})
    totals, total = forms.sum(axis=1), forms.to_numpy().sum()
    shares = 100 * forms.div(totals, axis=0)
    domestic = shares["domestic_sexual"]
    falls = int((domestic.diff()[::-1] < 0).cumprod().sum())
    last = counted[counted["year"] == 2020]
    is_sexual = last["is_domestic_sexual"] | last["is_cross_border_sexual"]
    sexual, both = (
        forms["domestic_sexual"] + forms["cross_border_sexual"],
        forms["cross_border_sexual"] + forms["criminal"],
    )
    return {
        "forms:2016-2020": total,
        **{f"forms:{form}:2016-2020": forms[form].sum() for form in FORMS},
        "forms:sexual:2016-2020": sexual.sum(),
        **{f"forms:sexual:{year}": n for year, n in sexual.items()},
        **{f"forms:{form}:{year}": n for form in FORMS for year, n in forms[form].items()},
        **{f"forms:cross_border_and_criminal:{year}": n for year, n in both.items()},
        **{
            f"share_of_forms:{form}:{year}": value
            for form in FORMS
            for year, value in shares[form].items()
        },
        **{
            f"leading_form:{form}:{year}": n
            for form in FORMS
            for year, n in _by_year(counted["form"] == form, counted).items()
        },
        **{
            f"forms:labour_and_criminal:{year}": n
            for year, n in (forms["labour"] + forms["criminal"]).items()
        },
        **_measure_combinations(counted),
        "years_of_decline:domestic_sexual": float(falls),
        "change_in_labour:2020": change(forms.loc[2020, "labour"], forms.loc[2019, "labour"]),
        "overlap:sexual_criminal:2020": float((is_sexual & last["is_criminal"]).sum()),
        "overlap:sexual_labour:2020": float((is_sexual & last["is_labour"]).sum()),
        "overlap:labour_criminal:2020": float((last["is_labour"] & last["is_criminal"]).sum()),
        "overlap:all_three:2020": float(
            (is_sexual & last["is_labour"] & last["is_criminal"]).sum()
        ),
        "order:labour_leads:2020": holds(forms.loc[2020].idxmax() == "labour"),
    }


def _measure_combinations(counted: pd.DataFrame) -> Measures:
    """Each victim in one group: sexual exploitation alone, with another form, or another form
    alone; and minors by their leading form."""
    is_sexual = counted["is_domestic_sexual"] | counted["is_cross_border_sexual"]
    another = counted["is_labour"] | counted["is_criminal"]
    groups = {
        "leading:sexual": is_sexual,
        "leading:labour_and_criminal": another & ~is_sexual,
        "sexual_alone": is_sexual & ~another,
        "sexual_and_another": is_sexual & another,
        "criminal_without_sexual": counted["is_criminal"] & ~is_sexual,
    }
    minor = counted["age"] == "minor"
    return {
        **{
            f"{name}:{year}": n
            for name, flag in groups.items()
            for year, n in _by_year(flag, counted).items()
        },
        "minors:sexual:2016-2020": float((minor & is_sexual).sum()),
        "minors:unknown:2016-2020": float((minor & (counted["form"] == "unknown")).sum()),
        "minors:domestic_sexual:2018": float(
            (minor & counted["is_domestic_sexual"] & (counted["year"] == 2018)).sum()
        ),
    }


def _measure_sectors(counted: pd.DataFrame, pairs: pd.DataFrame) -> Measures:
    sexual = counted[counted["is_domestic_sexual"] | counted["is_cross_border_sexual"]]
    labour, criminal = counted[counted["is_labour"]], counted[counted["is_criminal"]]
    last, known = labour[labour["year"] == 2020], ~sexual["sector_sexual"].isin(MISSING)
    drugs = criminal["criminal_activity"] == "drug_offences"
    drug_share = 100 * _by_year(drugs, criminal) / _by_year(drugs | True, criminal)
    in_drugs = criminal[drugs & (criminal["year"] == 2020)]
    from_africa = (in_drugs["region"] == "africa") & in_drugs["dublin"].fillna(False).astype(bool)
    fairwork = pairs[(pairs["reporter"] == "fairwork") & (pairs["year"] == 2020)]
    months = last["first_date"].dt.month.value_counts()
    top = last.loc[~last["sector"].isin(MISSING), "sector"].value_counts().index[:3]
    return {
        "sector_known:sexual": float(known.sum()),
        "share_sector_known:sexual": share(known.sum(), len(sexual)),
        "share_sector_unknown:sexual": share((~known).sum(), len(sexual)),
        "share_sector_known:labour": share((~labour["sector"].isin(MISSING)).sum(), len(labour)),
        "share_sector_known:labour:2020": share((~last["sector"].isin(MISSING)).sum(), len(last)),
        "share_sector_unknown:fairwork:2020": share(
            fairwork["sector_of_report"].isin(MISSING).sum(), len(fairwork)
        ),
        "share_drug_offences:2020": drug_share[2020],
        "share_african_dublin:drug_offences:2020": share(from_africa.sum(), len(in_drugs)),
        "order:drug_offences_lead": holds(
            criminal.loc[~criminal["criminal_activity"].isin(MISSING), "criminal_activity"].mode()[
                0
            ]
            == "drug_offences",
            is_falling(-drug_share),
        ),
        "order:labour_months:2020": holds(
            set(months.index[:3]) == {3, 4, 5}, months.iloc[2] > months.iloc[3]
        ),
        "order:labour_sectors:2020": holds(
            set(top) == {"hospitality", "household", "other_services"}
        ),
        **_order_sexual_sectors(sexual),
    }


def _order_sexual_sectors(sexual: pd.DataFrame) -> Measures:
    """The shift to the less visible sectors (figure 2.3), of those whose sector is known."""
    groups = read_codes("sector_sexual")
    sectors = (
        sexual[["year", "sector_sexual"]]
        .assign(sector=sexual["sector_sexual"].str.split("|"))
        .explode("sector")
    )
    sectors = sectors[~sectors["sector"].isin(MISSING)]
    is_visible = sectors["sector"].map(groups) == "visible"
    seen, every = _by_year(is_visible, sectors), _by_year(is_visible | True, sectors)
    visible = seen / every
    by_year = sectors.groupby(["sector", "year"]).size().unstack(fill_value=0)
    rises = by_year[2020] > by_year[2019]
    less = every - seen
    return {
        "share_less_visible:2016-2017": share(less[[2016, 2017]].sum(), every[[2016, 2017]].sum()),
        "share_less_visible:2017-2019": share(
            less[[2017, 2018, 2019]].sum(), every[[2017, 2018, 2019]].sum()
        ),
        "order:visible_sectors_fall": holds(is_falling(visible), visible.max() < 0.5),
        "order:only_escort_and_hotel_rise:2020": holds(
            rises["escort_hotel"], not rises.drop("escort_hotel").any()
        ),
    }


def _measure_traits(counted: pd.DataFrame) -> Measures:
    labour, leading = counted[counted["is_labour"]], counted[counted["form"] == "labour"]
    young = counted["age"].isin(["minor", "adolescent"])
    years = {
        "2016-2020": counted["year"] > 0,
        **{str(year): counted["year"] == year for year in range(2016, 2021)},
    }
    groups = {
        "minor": counted["age"] == "minor",
        "adolescent": counted["age"] == "adolescent",
        "under_23": young,
        "female": counted["sex"] == "female",
        "male": counted["sex"] == "male",
    }
    by_form = young.groupby(counted["form"]).mean().reindex(FORMS)
    male = (counted["sex"] == "male").groupby(counted["form"]).mean().reindex(FORMS)
    return {
        **{
            f"share_of_victims:{group}:{period}": share((flag & within).sum(), within.sum())
            for group, flag in groups.items()
            for period, within in years.items()
        },
        **{
            f"victims:{group}:{period}": float((flag & within).sum())
            for group, flag in groups.items()
            for period, within in years.items()
        },
        **{
            f"mean_age:{period}": counted.loc[within, "age_at_report"].mean()
            for period, within in years.items()
        },
        "share_under_23:labour": share((young & (counted["form"] == "labour")).sum(), len(leading)),
        "mean_age:labour": leading["age_at_report"].mean(),
        "order:young_are_domestic": holds(
            by_form["domestic_sexual"] > 1.5 * by_form.drop(["domestic_sexual", "unknown"]).max()
        ),
        "order:men_in_labour_and_criminal": holds(
            male[["labour", "criminal"]].min()
            > male[["domestic_sexual", "cross_border_sexual"]].max(),
            male["domestic_sexual"] < 0.1,
        ),
        **_measure_origin(counted, labour),
    }


def _measure_origin(counted: pd.DataFrame, labour: pd.DataFrame) -> Measures:
    region, n = counted["region"], len(counted)
    america, europe, africa = (
        _by_year(flag, counted)
        for flag in (region == "latin_america", region.isin(EUROPE), region == "africa")
    )
    nationalities = counted.loc[
        (counted["year"] == 2020) & ~counted["nationality"].isin(MISSING), "nationality"
    ].value_counts()
    eastern = labour.loc[labour["year"] == 2020, "nationality"].isin(["POL", "HUN", "BGR"])
    totals = _by_year(region != "", counted)
    dutch_minors = counted[(counted["nationality"] == "NLD") & (counted["age"] == "minor")]
    return {
        "share_of_victims:europe_and_netherlands": share(
            region.isin([*EUROPE, "netherlands"]).sum(), n
        ),
        "share_of_victims:africa": share((region == "africa").sum(), n),
        "share_of_victims:asia": share((region == "asia").sum(), n),
        "times_as_many:latin_america:2020": america[2020] / america[2019],
        "change_in_victims:europe:2020": change(europe[2020], europe[2019]),
        "share_of_labour:poland_hungary_bulgaria:2020": share(eastern.sum(), len(eastern)),
        "share_form_unknown:dutch_minors": share(
            (dutch_minors["form"] == "unknown").sum(), len(dutch_minors)
        ),
        "order:nationalities:2020": holds(
            list(nationalities.index[:5]) == ["POL", "NGA", "NLD", "BGR", "HUN"],
            nationalities.iloc[:6].is_unique,
        ),
        "order:africa_falls:2020": holds(
            africa[2020] < africa[2019], africa[2020] / totals[2020] < africa[2019] / totals[2019]
        ),
    }


def _pair_reporters(
    rows: pd.DataFrame, counted: pd.DataFrame, definitions: ReportDefinitions
) -> pd.DataFrame:
    """One row a counted victim and reporter of a year (figure 2.9), with the victim's leading
    form."""
    columns = ["victim_id", "year", "form", "is_labour"]
    pairs = (
        rows[["victim_id", "year", "reporter", "sector_labour"]]
        .rename(columns={"sector_labour": "sector_of_report"})
        .merge(counted[columns], on=["victim_id", "year"])
    )
    return (
        pairs.drop_duplicates(["victim_id", "year", "reporter"])
        if definitions.by_reporter
        else pairs
    )


def _measure_reporters(counted: pd.DataFrame, pairs: pd.DataFrame) -> Measures:
    by = pd.crosstab(pairs["form"], pairs["reporter"]).reindex(FORMS)
    totals = pd.crosstab(pairs["year"], pairs["reporter"]).reindex(
        range(PERIOD[0], PERIOD[1] + 1), fill_value=0
    )
    of_form = {
        form: {
            "police": n["police"],
            "without_legal_basis": n[WITHOUT_LEGAL_BASIS].sum(),
            "all": n.sum(),
        }
        for form, n in by.iterrows()
    }
    consent, police = totals[WITHOUT_LEGAL_BASIS].sum(axis=1), totals["police"]
    last = counted[counted["is_labour"] & (counted["year"] == 2020)]
    of_labour = (
        pairs[pairs["is_labour"] & (pairs["year"] == 2020)]
        .drop_duplicates(["victim_id", "reporter"])["reporter"]
        .value_counts()
    )
    loose = totals[["care_coordinator", "other"]].sum(axis=1)
    missing = pairs[pairs["is_labour"]].merge(
        counted.loc[counted["age"] == "unknown", ["victim_id", "year"]], on=["victim_id", "year"]
    )
    with_fairwork = missing.loc[
        missing["reporter"] == "fairwork", ["victim_id", "year"]
    ].drop_duplicates()
    return {
        "reports:2016-2020": float(len(pairs)),
        "reports:police:2016-2020": float(police.sum()),
        "share_of_reports:police": share(police.sum(), len(pairs)),
        "share_of_reports:without_legal_basis": share(consent.sum(), len(pairs)),
        **{
            f"share_of_reports:{kind}:{form}": share(n[kind], n["all"])
            for form, n in of_form.items()
            for kind in ("police", "without_legal_basis")
        },
        **{
            f"reports:{reporter}:{year}": float(n)
            for reporter in totals
            for year, n in totals[reporter].items()
        },
        "reports:without_legal_basis:2018": float(consent[2018]),
        "share_of_reports:police:2017": share(police[2017], totals.loc[2017].sum()),
        "times_as_many:fairwork:2020": totals["fairwork"][2020] / totals["fairwork"][2019],
        "change_in_reports:police:2020": change(police[2020], police[2019]),
        "share_of_labour_reports:labour_inspectorate": share(
            by.loc["labour", "labour_inspectorate"], of_form["labour"]["all"]
        ),
        "share_of_labour_victims:fairwork:2020": share(of_labour["fairwork"], len(last)),
        "share_of_labour_victims:labour_inspectorate:2020": share(
            of_labour["labour_inspectorate"], len(last)
        ),
        "order:consent_reporters_fall:2020": holds(
            loose[2020] < loose[2019],
            loose[2020] / totals.loc[2020].sum() < loose[2019] / totals.loc[2019].sum(),
        ),
        "order:police_by_year": holds(
            police[2017] < police[2016], police[2017] < police[2018] < police[2019]
        ),
        "order:missing_ages_of_fairwork": holds(
            share(len(with_fairwork), len(missing[["victim_id", "year"]].drop_duplicates()))
            > ALMOST_ALL
        ),
    }


def _measure_units(
    rows: pd.DataFrame, counted: pd.DataFrame, definitions: ReportDefinitions
) -> Measures:
    """Victims by police unit (figure 2.10)."""
    police = rows[rows["reporter"] == "police"].merge(
        counted[["victim_id", "year", "form"]], on=["victim_id", "year"]
    )
    pairs = police.drop_duplicates(
        ["victim_id", "year", "police_unit"] if definitions.by_unit else ["victim_id", "year"]
    )
    by = pairs.groupby(["police_unit", "form"]).size().unstack(fill_value=0)
    years = pairs.groupby(["police_unit", "year"]).size().unstack(fill_value=0)
    regional, national = years.drop("national_unit"), pairs[pairs["police_unit"] == "national_unit"]
    last = regional[2020].sort_values(ascending=False)
    most = by.idxmax().reindex(FORMS)
    return {
        "police_reports:2016-2020": float(len(pairs)),
        **{
            f"police_reports:north_netherlands:{year}": float(n)
            for year, n in years.loc["north_netherlands"].items()
        },
        **{
            f"police_reports:national_unit:cross_border_sexual:{year}": float(
                ((national["year"] == year) & (national["form"] == "cross_border_sexual")).sum()
            )
            for year in (2016, 2020)
        },
        **{
            f"rank_of_unit:{unit}:2020": 1.0 + sum(n > last[unit] for n in last)
            for unit in ("east_netherlands", "amsterdam")
        },
        "order:units:2020": holds(
            list(last.index[:3]) == ["north_netherlands", "east_netherlands", "amsterdam"],
            last.iloc[:4].is_unique,
        ),
        "order:units_fall:2020": holds(
            (regional[2020] < regional[2019]).all(),
            (regional[2019] - regional[2020]).idxmax() == "north_netherlands",
        ),
        "order:units_by_form": holds(
            (most[["cross_border_sexual", "labour", "criminal"]] == "north_netherlands").all(),
            most["domestic_sexual"] == "east_brabant",
            most["unknown"] == "rotterdam",
        ),
        "order:units_report_cross_border_most": holds(
            (by.idxmax(axis=1) == "cross_border_sexual").all()
        ),
        "order:national_unit": holds(len(national) == 2),
    }
