"""What the register of reports says where the monitor printed a number (sections 2.3.1 to 2.3.7),
counted with the chapter's own tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from helpers import protection, signalling
from helpers.calibration.compare import (
    Measures,
    add_up,
    change,
    holds,
    is_falling,
    list_years,
    share,
)
from helpers.definitions import DUTCH, EUROPE, FORMS, MISSING, SEXUAL, UNKNOWN, YOUNG
from helpers.edition import name_period
from helpers.labels import read_codes
from helpers.signalling.counts import CONSENT_NEEDED
from helpers.signalling.victims import VICTIM
from helpers.synthetic.constraints import ALMOST_ALL

YEARS = range(2016, 2021)
WHOLE = name_period(YEARS)
LAST, BEFORE = YEARS[-1], YEARS[-2]
YEAR = str(LAST)
PERIODS = [*map(str, YEARS), WHOLE]


def measure_reports(reports: pd.DataFrame, *, regions: Mapping[str, str]) -> Measures:
    """Every measure that data/codes/calibration_signalling.csv names; shares are percentages. A
    statement of order is 1 where it holds, 0 where not."""
    victims = signalling.derive_victims(reports, regions=regions)
    pairs = signalling.pair_reporters(reports, victims)
    return {
        **_measure_victims(victims),
        **_measure_forms(victims),
        **_measure_combinations(victims),
        **_measure_sectors(victims),
        **_measure_criminal(victims),
        **_measure_fairwork(reports, victims, pairs),
        **_measure_traits(victims),
        **_measure_origin(victims),
        **_measure_reporters(victims, pairs),
        **_measure_units(signalling.pair_units(reports, victims)),
    }


def _measure_victims(victims: pd.DataFrame) -> Measures:
    """Figure 2.1, and the foreign victims of figure 2.11."""
    totals = signalling.count_victims(victims, years=YEARS)
    counted = {
        period: add_up(totals, population="register_without_kmar_only", period=period)
        for period in PERIODS
    }
    every = list_years(totals, population="register_all_reporters")
    foreign = list_years(protection.count_foreign_victims(victims, years=YEARS))
    return {
        **{f"victims:{period}": n for period, n in counted.items()},
        **{f"victims_of_all_reporters:{year}": n for year, n in every.items()},
        f"change_in_victims:{LAST}": change(counted[YEAR], counted[str(BEFORE)]),
        "order:foreign_victims": holds(
            foreign[BEFORE] > foreign[BEFORE - 1], foreign[LAST] < foreign[BEFORE]
        ),
    }


def _measure_forms(victims: pd.DataFrame) -> Measures:
    """Figure 2.2 and the overlap of forms."""
    forms = signalling.count_forms(victims, years=YEARS)
    overlap = signalling.count_overlap(victims, years=range(LAST, LAST + 1))
    groups: dict[str, tuple[str, ...]] = {
        **{form: (form,) for form in FORMS},
        "sexual": SEXUAL,
        "cross_border_and_criminal": ("cross_border_sexual", "criminal"),
        "labour_and_criminal": ("labour", "criminal"),
    }
    by_year, totals = (
        {name: list_years(forms, category=codes) for name, codes in groups.items()},
        list_years(forms),
    )
    domestic = by_year["domestic_sexual"] / totals
    every = add_up(overlap, category="sexual+labour+criminal")
    return {
        f"forms:{WHOLE}": add_up(forms, period=WHOLE),
        **{f"forms:{name}:{WHOLE}": counts.sum() for name, counts in by_year.items()},
        **{
            f"forms:{name}:{year}": n
            for name, counts in by_year.items()
            for year, n in counts.items()
        },
        **{
            f"share_of_forms:{form}:{year}": share(by_year[form][year], totals[year])
            for form in FORMS
            for year in YEARS
        },
        "years_of_decline:domestic_sexual": float((domestic.diff()[::-1] < 0).cumprod().sum()),
        f"change_in_labour:{LAST}": change(by_year["labour"][LAST], by_year["labour"][BEFORE]),
        **{
            f"overlap:{one}_{other}:{LAST}": every + add_up(overlap, category=f"{one}+{other}")
            for one, other in (("sexual", "criminal"), ("sexual", "labour"), ("labour", "criminal"))
        },
        f"overlap:all_three:{LAST}": every,
        f"order:labour_leads:{LAST}": holds(
            max(FORMS, key=lambda form: by_year[form][LAST]) == "labour"
        ),
    }


def _measure_combinations(victims: pd.DataFrame) -> Measures:
    """What other publishers count: each victim in one group, sexual exploitation alone or not, and
    minors by form."""
    leading = signalling.count_leading_forms(victims, years=YEARS)
    minors = signalling.count_leading_forms(victims[victims["age_group"] == "minor"], years=YEARS)
    measures: Measures = {
        "minors:sexual:2016-2020": add_up(minors, category=SEXUAL, period=WHOLE),
        "minors:unknown:2016-2020": add_up(minors, category=UNKNOWN, period=WHOLE),
        "minors:domestic_sexual:2018": add_up(minors, category=SEXUAL[0], period="2018"),
    }
    for year in YEARS:
        overlap = signalling.count_overlap(victims, years=range(year, year + 1))
        alone, sexual = (
            add_up(overlap, category="sexual"),
            add_up(leading, category=SEXUAL, period=str(year)),
        )
        measures |= {
            f"leading:sexual:{year}": sexual,
            f"leading:labour_and_criminal:{year}": add_up(
                leading, category=("labour", "criminal"), period=str(year)
            ),
            f"sexual_alone:{year}": alone,
            f"sexual_and_another:{year}": sexual - alone,
            f"criminal_without_sexual:{year}": add_up(
                overlap, category=("criminal", "labour+criminal")
            ),
        }
    return measures


def _measure_sectors(victims: pd.DataFrame) -> Measures:
    """Figures 2.3 and 2.4: sectors of sexual and of labour exploitation."""
    forms = signalling.count_forms(victims, years=YEARS)
    sexual = signalling.count_sexual_sectors(victims, years=YEARS)
    labour = signalling.count_labour_sectors(victims, years=YEARS)
    n = add_up(forms, category=SEXUAL, period=WHOLE)
    unknown = add_up(sexual, sector_sexual=MISSING, period=WHOLE)
    known = labour[~labour["sector_labour"].isin(MISSING)]
    months = signalling.count_labour_months(victims, year=LAST).sort_values("n", ascending=False)
    top = known[known["period"] == YEAR].nlargest(3, "n")["sector_labour"]
    return {
        "sector_known:sexual": n - unknown,
        "share_sector_known:sexual": share(n - unknown, n),
        "share_sector_unknown:sexual": share(unknown, n),
        "share_sector_known:labour": share(
            add_up(known, period=WHOLE), add_up(labour, period=WHOLE)
        ),
        f"share_sector_known:labour:{LAST}": share(
            add_up(known, period=YEAR), add_up(labour, period=YEAR)
        ),
        f"order:labour_months:{LAST}": holds(
            set(months["month"][:3]) == {"month_3", "month_4", "month_5"},
            months["n"].iloc[2] > months["n"].iloc[3],
        ),
        f"order:labour_sectors:{LAST}": holds(
            set(top) == {"hospitality", "household", "other_services"}
        ),
        **_order_sexual_sectors(sexual[~sexual["sector_sexual"].isin(MISSING)]),
    }


def _order_sexual_sectors(known: pd.DataFrame) -> Measures:
    """The shift to the less visible sectors (figure 2.3), of those whose sector is known."""
    visible = [code for code, group in read_codes("sector_sexual").items() if group == "visible"]
    seen, every = list_years(known, sector_sexual=visible), list_years(known)
    shares = seen / every
    rising = {
        code
        for code in set(known["sector_sexual"])
        if change(*(add_up(known, sector_sexual=code, period=str(y)) for y in (LAST, BEFORE))) > 0
    }
    return {
        **{
            f"share_less_visible:{first}-{last}": share(
                (every - seen).loc[first:last].sum(), every.loc[first:last].sum()
            )
            for first, last in ((2016, 2017), (2017, 2019))
        },
        "order:visible_sectors_fall": holds(is_falling(shares), shares.max() < 0.5),
        f"order:only_escort_and_hotel_rise:{LAST}": holds(rising == {"escort_hotel"}),
    }


def _measure_criminal(victims: pd.DataFrame) -> Measures:
    """Figure 2.5: ways of criminal exploitation."""
    ways = signalling.count_criminal_activities(victims, years=YEARS)
    forms = signalling.count_forms(victims, years=YEARS)
    known = ways[(ways["period"] == WHOLE) & ~ways["criminal_activity"].isin(MISSING)]
    drugs = list_years(ways, criminal_activity="drug_offences")
    shares = 100 * drugs / list_years(forms, category="criminal")
    counted = signalling.select_counted(victims)
    in_drugs = counted[
        counted["is_criminal"]
        & (counted["criminal_activity"] == "drug_offences")
        & (counted["year"] == LAST)
    ]
    from_africa = (in_drugs["region"] == "africa") & in_drugs["dublin"].fillna(False).astype(bool)
    return {
        f"share_drug_offences:{LAST}": shares[LAST],
        f"share_african_dublin:drug_offences:{LAST}": share(from_africa.sum(), len(in_drugs)),
        "order:drug_offences_lead": holds(
            known.nlargest(1, "n")["criminal_activity"].item() == "drug_offences",
            is_falling(-shares),
        ),
    }


def _measure_fairwork(
    reports: pd.DataFrame, victims: pd.DataFrame, pairs: pd.DataFrame
) -> Measures:
    """What FairWork's reports lack: the sector, as its first report of the year has it; and of
    labour exploitation without an age, who reported."""
    own = reports[reports["reporter"] == "fairwork"].sort_values(["report_date", "report_id"])
    first = own.assign(year=own["report_date"].dt.year).drop_duplicates(VICTIM)
    with_fairwork = pairs.loc[pairs["reporter"] == "fairwork", VICTIM]
    last = first.merge(with_fairwork[with_fairwork["year"] == LAST], on=VICTIM)
    counted = signalling.select_counted(victims)
    ageless = counted[counted["is_labour"] & (counted["age_group"] == UNKNOWN)]
    return {
        f"share_sector_unknown:fairwork:{LAST}": share(
            last["sector_labour"].isin(MISSING).sum(), len(last)
        ),
        "order:missing_ages_of_fairwork": holds(
            share(len(ageless.merge(with_fairwork, on=VICTIM)), len(ageless)) > ALMOST_ALL
        ),
    }


def _measure_traits(victims: pd.DataFrame) -> Measures:
    """Sex and age (figures 2.6 and 2.8)."""
    counted = signalling.select_counted(victims)
    sex = signalling.count_by_trait(victims, "sex", years=YEARS)
    ages = signalling.count_by_trait(victims, "age_group", years=YEARS)
    sex_by_form = signalling.count_by_form(counted, "sex", years=YEARS)
    ages_by_form = signalling.count_by_form(counted, "age_group", years=YEARS)
    means = signalling.average_ages(victims, years=YEARS)
    means_by_form = signalling.average_ages(victims, years=YEARS, by_form=True)
    groups: dict[str, tuple[pd.DataFrame, str, str | Sequence[str]]] = {
        "minor": (ages, "category", "minor"),
        "adolescent": (ages, "category", "adolescent"),
        "under_23": (ages, "category", YOUNG),
        "female": (sex, "sex", "female"),
        "male": (sex, "sex", "male"),
    }
    measures: Measures = {}
    for name, (table, column, codes) in groups.items():
        for period in PERIODS:
            n = add_up(table, period=period, **{column: codes})
            measures[f"victims:{name}:{period}"] = n
            measures[f"share_of_victims:{name}:{period}"] = share(n, add_up(table, period=period))
    young, male = (
        {form: share(add_up(table, form=form, **codes), add_up(table, form=form)) for form in FORMS}
        for table, codes in ((ages_by_form, {"category": YOUNG}), (sex_by_form, {"sex": "male"}))
    )
    return {
        **measures,
        **{
            f"mean_age:{period}": value
            for period, value in zip(means["period"], means["value"], strict=True)
        },
        "mean_age:labour": add_up(means_by_form, "value", category="labour"),
        "share_under_23:labour": young["labour"],
        "order:young_are_domestic": holds(
            young["domestic_sexual"] > 1.5 * max(young[form] for form in FORMS[1:-1])
        ),
        "order:men_in_labour_and_criminal": holds(
            min(male["labour"], male["criminal"]) > max(male[form] for form in SEXUAL),
            male["domestic_sexual"] < 10,
        ),
    }


def _measure_origin(victims: pd.DataFrame) -> Measures:
    """Regions and nationalities (figure 2.7)."""
    regions = signalling.count_by_trait(victims, "region", years=YEARS)
    countries = signalling.count_by_trait(victims, "nationality", years=YEARS)
    ranked = countries[
        (countries["period"] == YEAR) & ~countries["nationality"].isin(MISSING)
    ].nlargest(6, "n")
    labour = signalling.count_by_trait(victims[victims["is_labour"]], "nationality", years=YEARS)
    minors = victims[(victims["nationality"] == DUTCH) & (victims["age_group"] == "minor")]
    forms = signalling.count_leading_forms(minors, years=YEARS)
    america, europe, africa = (
        list_years(regions, origin_region=codes) for codes in ("latin_america", EUROPE, "africa")
    )
    of_africa = africa / list_years(regions)
    return {
        **{
            f"share_of_victims:{name}": share(
                add_up(regions, origin_region=codes, period=WHOLE), add_up(regions, period=WHOLE)
            )
            for name, codes in (
                ("europe_and_netherlands", (*EUROPE, "netherlands")),
                ("africa", "africa"),
                ("asia", "asia"),
            )
        },
        **{
            f"nationality:{code}:{period}": n
            for code, period, n in countries[["nationality", "period", "n"]].itertuples(index=False)
        },
        **{
            f"nationality_of_all:{code}:{LAST}": float(n)
            for code, n in victims.loc[victims["year"] == LAST, "nationality"]
            .value_counts()
            .items()
        },
        f"times_as_many:latin_america:{LAST}": america[LAST] / america[BEFORE],
        f"change_in_victims:europe:{LAST}": change(europe[LAST], europe[BEFORE]),
        f"share_of_labour:poland_hungary_bulgaria:{LAST}": share(
            add_up(labour, nationality=("POL", "HUN", "BGR"), period=YEAR),
            add_up(labour, period=YEAR),
        ),
        "share_form_unknown:dutch_minors": share(
            add_up(forms, category=UNKNOWN, period=WHOLE), add_up(forms, period=WHOLE)
        ),
        f"order:nationalities:{LAST}": holds(
            list(ranked["nationality"][:5]) == ["POL", "NGA", "NLD", "BGR", "HUN"],
            ranked["n"].is_unique,
        ),
        f"order:africa_falls:{LAST}": holds(
            africa[LAST] < africa[BEFORE], of_africa[LAST] < of_africa[BEFORE]
        ),
    }


def _measure_reporters(victims: pd.DataFrame, pairs: pd.DataFrame) -> Measures:
    """Figure 2.9: reports, a victim with each reporter of a year."""
    table = signalling.count_reporters(pairs, years=YEARS)
    by_form = signalling.count_by_form(pairs, "reporter", years=YEARS)
    of_labour = signalling.count_reporters(pairs[pairs["labour"]], years=YEARS)
    labour = add_up(signalling.count_forms(victims, years=YEARS), category="labour", period=YEAR)
    groups = {"police": "police", "without_legal_basis": CONSENT_NEEDED}
    years = {reporter: list_years(table, reporter=reporter) for reporter in set(table["reporter"])}
    loose, police = list_years(table, reporter=("care_coordinator", "other")), years["police"]
    every, consent = list_years(table), list_years(table, reporter=CONSENT_NEEDED)
    of_loose = loose / every
    border = victims.loc[victims["is_border_police_alone"], "year"].value_counts()
    return {
        f"reports:{WHOLE}": add_up(table, period=WHOLE),
        f"reports:police:{WHOLE}": police.sum(),
        **{
            f"reports:{reporter}:{year}": n
            for reporter, counts in years.items()
            for year, n in counts.items()
        },
        **{
            f"share_of_reports:{name}": share(
                add_up(table, reporter=codes, period=WHOLE), add_up(table, period=WHOLE)
            )
            for name, codes in groups.items()
        },
        **{
            f"share_of_reports:{name}:{form}": share(
                add_up(by_form, form=form, reporter=codes), add_up(by_form, form=form)
            )
            for name, codes in groups.items()
            for form in FORMS
        },
        **{f"reports:without_legal_basis:{year}": n for year, n in consent.items()},
        **{f"share_of_reports:police:{year}": share(police[year], every[year]) for year in YEARS},
        **{
            f"reports_of_all:kmar:{year}": years["kmar"][year] + float(border.get(year, 0))
            for year in YEARS
        },
        f"times_as_many:fairwork:{LAST}": years["fairwork"][LAST] / years["fairwork"][BEFORE],
        f"change_in_reports:police:{LAST}": change(police[LAST], police[BEFORE]),
        "share_of_labour_reports:labour_inspectorate": share(
            add_up(by_form, form="labour", reporter="labour_inspectorate"),
            add_up(by_form, form="labour"),
        ),
        **{
            f"share_of_labour_victims:{reporter}:{LAST}": share(
                add_up(of_labour, reporter=reporter, period=YEAR), labour
            )
            for reporter in ("fairwork", "labour_inspectorate")
        },
        f"order:consent_reporters_fall:{LAST}": holds(
            loose[LAST] < loose[BEFORE], of_loose[LAST] < of_loose[BEFORE]
        ),
        "order:police_by_year": holds(
            police[2017] < police[2016], police[2017] < police[2018] < police[2019]
        ),
    }


def _measure_units(pairs: pd.DataFrame) -> Measures:
    """Figure 2.10: police reports, a victim with each police unit of a year."""
    table = signalling.count_units(pairs, years=YEARS)
    cells = signalling.count_by_form(pairs, "police_unit", years=YEARS)
    by_form = cells.pivot(index="police_unit", columns="form", values="n")
    years = {unit: list_years(table, police_unit=unit) for unit in by_form.index}
    regional = pd.DataFrame(years).T.drop(index="national_unit")
    national = signalling.count_units(pairs[pairs["form"] == "cross_border_sexual"], years=YEARS)
    last = regional[LAST].sort_values(ascending=False)
    most, most_of_unit = by_form.idxmax(), by_form.idxmax(axis=1)
    return {
        f"police_reports:{WHOLE}": add_up(table, period=WHOLE),
        **{
            f"police_reports:north_netherlands:{year}": n
            for year, n in years["north_netherlands"].items()
        },
        **{
            f"police_reports:national_unit:cross_border_sexual:{year}": n
            for year, n in list_years(national, police_unit="national_unit").items()
        },
        **{
            f"rank_of_unit:{unit}:{LAST}": float(
                (regional[LAST] > regional.at[unit, LAST]).sum() + 1
            )
            for unit in ("east_netherlands", "amsterdam")
        },
        f"order:units:{LAST}": holds(
            list(last.index[:3]) == ["north_netherlands", "east_netherlands", "amsterdam"],
            last.iloc[:4].is_unique,
        ),
        f"order:units_fall:{LAST}": holds(
            (regional[LAST] < regional[BEFORE]).all(),
            (regional[BEFORE] - regional[LAST]).idxmax() == "north_netherlands",
        ),
        "order:units_by_form": holds(
            (most[["cross_border_sexual", "labour", "criminal"]] == "north_netherlands").all(),
            most["domestic_sexual"] == "east_brabant",
            most[UNKNOWN] == "rotterdam",
        ),
        "order:units_report_cross_border_most": holds(
            (most_of_unit == "cross_border_sexual").all()
        ),
        "order:national_unit": holds(years["national_unit"].sum() == 2),
    }
