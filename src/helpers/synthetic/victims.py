"""Draws the victims of each year by the plan: form, sex, age, nationality, sectors.

`data/codes/plan_reports.csv` holds the whole numbers, made by `plan_reports` from what was printed:
so many victims of a form in a year, so many of them women, and so on. Who has what is drawn;
nothing in the plan ties two of them together unless a printed number does.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.definitions import (
    ADOLESCENT_FROM,
    ADULT_FROM,
    EUROPE,
    FORMS,
    NOT_RECORDED,
    SEXUAL,
    UNKNOWN,
)
from helpers.synthetic.allocation import Plan, deal, pick, read_plan, share_out, spread

NONE = NOT_RECORDED
# Units that no number and no order names have made-up names; so have nationalities, whose codes ISO
# leaves to users.
ADDED_UNITS = {f"unit_{letter}": "" for letter in "abcde"}
ADDED_NATIONALITIES = {
    **{f"XR{letter}": "eu" for letter in "ABC"},
    "XRD": "europe_other",
    **{f"XR{letter}": "africa" for letter in "EFGHIJ"},
    **{f"XR{letter}": "asia" for letter in "KLMN"},
    **{f"XR{letter}": "latin_america" for letter in "OP"},
}
# What a region of the plan stands for where it is not the made-up nationalities of that region; one
# in ten without a nationality is stateless.
NAMED = {"netherlands": ["NLD"], UNKNOWN: [UNKNOWN] * 9 + ["XXA"]}
UNITS = ("east_netherlands", "amsterdam", "rotterdam", "east_brabant", *ADDED_UNITS)
# Weights of the units, which make the printed orders: East Brabant reports most domestic
# exploitation, Rotterdam most of unknown form, East Netherlands and Amsterdam follow North
# Netherlands in the last year.
UNIT_WEIGHTS = {"domestic_sexual": {"east_brabant": 16}, UNKNOWN: {"rotterdam": 30}}
LAST_YEAR_WEIGHTS = {"east_netherlands": 16, "amsterdam": 14}
USUAL_WEIGHT = 10
# Ages that are dealt within an age group; the means (37 and 30) are those that make the printed
# mean ages.
MINORS, ADOLESCENTS, ADULTS, LABOUR_ADULTS = (
    range(12, ADOLESCENT_FROM),
    range(ADOLESCENT_FROM, ADULT_FROM),
    range(ADULT_FROM, 38),
    range(ADULT_FROM, 52),
)
# Victims a year whose forms the definitions have to cope with.
ORGAN_ALONE, ORGAN_BESIDE, SEXUAL_OF_UNKNOWN_NATIONALITY = 2, 1, 6


def read_victims_plan() -> Plan:
    """How many victims of what, by year and form."""
    return read_plan("reports")


def list_years() -> list[int]:
    """Years of the plan."""
    return sorted({year for year, _ in read_victims_plan()})


def draw_victims(rng: np.random.Generator, year: int) -> pd.DataFrame:
    """The victims of one year, one row each: form, forms, sex, age, nationality, sectors. Those
    whom the border police alone reported come last (`form` is kmar_only)."""
    plan = read_victims_plan()
    forms = np.repeat(FORMS, [plan[year, form]["victims"] for form in FORMS])
    victims = pd.DataFrame({"year": year, "form": forms})
    victims["sex"] = np.concatenate([_deal_sex(rng, year, form) for form in FORMS])
    victims["age"] = _deal_ages(rng, year, forms)
    victims["nationality"] = _deal_nationalities(rng, year, forms)
    victims = _add_forms(rng, year, victims)
    victims = pd.concat([victims, _draw_kmar_only(rng, year)], ignore_index=True)
    return _add_sectors(rng, year, victims)


def _deal_sex(rng: np.random.Generator, year: int, form: str) -> np.ndarray:
    cell = read_victims_plan()[year, form]
    return deal(
        rng,
        cell["victims"],
        {"female": cell.get("female", 0), UNKNOWN: cell.get("sex_unknown", 0)},
        rest="male",
    )


def _deal_ages(rng: np.random.Generator, year: int, forms: np.ndarray) -> np.ndarray:
    """Completed years; -1 where the age is missing."""
    ages = np.zeros(len(forms), dtype=np.int64)
    for form in FORMS:
        cell, place = read_victims_plan()[year, form], np.flatnonzero(forms == form)
        adults = LABOUR_ADULTS if form == "labour" else ADULTS
        sizes = [cell["minor"], cell["adolescent"], cell["age_unknown"]]
        sizes.append(len(place) - sum(sizes))
        parts = [
            spread(rng, size, ages_of)
            for size, ages_of in zip(sizes, (MINORS, ADOLESCENTS, [-1], adults), strict=True)
        ]
        ages[place] = np.concatenate(parts)[rng.permutation(len(place))]
    return ages


def _deal_nationalities(rng: np.random.Generator, year: int, forms: np.ndarray) -> np.ndarray:
    """Regions by the plan, and within a region its codes in turn."""
    codes = np.full(len(forms), "NLD", dtype=object)
    plan = read_victims_plan()
    if (year, "not_domestic") in plan:
        others, foreign = plan[year, "not_sexual"], plan[year, "not_domestic"]
        place = np.flatnonzero(~np.isin(forms, SEXUAL))
        codes[place] = deal(rng, len(place), others, rest="open")
        open_places = np.flatnonzero((codes == "open") | (forms == "cross_border_sexual"))
        codes[open_places] = deal(rng, len(open_places), foreign, rest="region:africa")
    else:
        for form in FORMS[1:]:
            place = np.flatnonzero(forms == form)
            codes[place] = deal(
                rng,
                len(place),
                {
                    what: n
                    for what, n in plan[year, form].items()
                    if what.startswith("region:") or len(what) == 3
                },
                rest="region:unknown",
            )
    return name_regions(rng, codes)


def name_regions(rng: np.random.Generator, codes: np.ndarray) -> np.ndarray:
    """The codes with `region:africa` and the like replaced by the made-up nationalities of that
    region in turn."""
    for region in sorted({code for code in codes if code.startswith("region:")}):
        name = region.removeprefix("region:")
        place = np.flatnonzero(codes == region)
        within = EUROPE if name == "europe" else (name,)
        choices = NAMED.get(name) or [
            code for code, group in ADDED_NATIONALITIES.items() if group in within
        ]
        codes[place] = deal(rng, len(place), {}, rest=choices)
    return codes


def _add_forms(rng: np.random.Generator, year: int, victims: pd.DataFrame) -> pd.DataFrame:
    """The forms of each victim: the one that leads, those beside it, and organ removal."""
    plan, form = read_victims_plan(), victims["form"].to_numpy()
    flags = {
        "sexual": np.isin(form, SEXUAL),
        "labour": form == "labour",
        "criminal": form == "criminal",
        "organ_removal": np.zeros(len(form), dtype=bool),
    }
    # Overlaps lie among victims from Africa in the last year, since the printed share of African
    # victims is of all in drugs.
    african = (
        victims["nationality"]
        .isin(
            [
                "NGA",
                "UGA",
                "GMB",
                *(code for code, group in ADDED_NATIONALITIES.items() if group == "africa"),
            ]
        )
        .to_numpy()
    )
    candidates = np.flatnonzero(
        (form == "cross_border_sexual") & (african | (year != list_years()[-1]))
    )
    cell = plan[year, "sexual"]
    chosen = pick(
        rng,
        candidates,
        sum(
            cell.get(what, 0)
            for what in ("also_labour", "also_criminal", "also_labour_and_criminal")
        ),
    )
    both, labour = cell.get("also_labour_and_criminal", 0), cell.get("also_labour", 0)
    flags["labour"][chosen[: both + labour]] = True
    flags["criminal"][np.concatenate([chosen[:both], chosen[both + labour :]])] = True
    not_african = np.flatnonzero((form == "labour") & ~african)
    flags["criminal"][pick(rng, not_african, plan[year, "labour"].get("also_criminal", 0))] = True
    unknown = np.flatnonzero(form == UNKNOWN)
    unnamed = unknown[(victims["nationality"].to_numpy() == UNKNOWN)[unknown]]
    flags["sexual"][unnamed[:SEXUAL_OF_UNKNOWN_NATIONALITY]] = True
    alone = [place for place in unknown if not flags["sexual"][place]][:ORGAN_ALONE]
    flags["organ_removal"][alone] = True
    flags["organ_removal"][pick(rng, np.flatnonzero(form == "criminal"), ORGAN_BESIDE)] = True
    return victims.assign(**flags, is_african=african)


def _draw_kmar_only(rng: np.random.Generator, year: int) -> pd.DataFrame:
    """Victims of sexual exploitation whom the border police alone reported; they count in the total
    only."""
    n = read_victims_plan()[year, "sexual"]["kmar_only"]
    regions = deal(
        rng,
        n,
        {},
        rest=[code for code, group in ADDED_NATIONALITIES.items() if group in ("eu", "asia")],
    )
    return pd.DataFrame(
        {
            "year": year,
            "form": "kmar_only",
            "sex": deal(rng, n, {}, rest=["female", "female", "male"]),
            "age": spread(rng, n, ADULTS),
            "nationality": regions,
            "sexual": True,
            "labour": False,
            "criminal": False,
            "organ_removal": False,
            "is_african": False,
        }
    )


def _add_sectors(rng: np.random.Generator, year: int, victims: pd.DataFrame) -> pd.DataFrame:
    """Sectors and activities of each victim, several joined; unknown where the form is there and
    nothing more is known."""
    plan, counted = read_victims_plan(), victims["form"] != "kmar_only"
    columns: dict[str, np.ndarray] = {}
    for column, flag, kind in (
        ("sector_sexual", "sexual", "sector:"),
        ("criminal_activity", "criminal", "activity:"),
        ("sector_labour", "labour", "sector:"),
    ):
        codes = np.where(victims[flag], UNKNOWN, NONE).astype(object)
        quotas = {
            what.removeprefix(kind): n
            for what, n in plan[year, flag].items()
            if what.startswith(kind)
        }
        place = np.flatnonzero(
            victims[flag] & counted & ((victims["form"] != UNKNOWN) | (flag != "sexual"))
        )
        if column == "criminal_activity":
            codes[place] = _deal_activities(rng, year, victims.iloc[place], quotas)
        else:
            if flag == "labour":
                place = np.setdiff1d(place, _pick_without_sector(rng, year, victims))
            codes[place] = deal(rng, len(place), quotas, rest=UNKNOWN)
        columns[column] = codes
    victims = victims.assign(
        **columns, dublin=_deal_dublin(rng, year, victims, columns["criminal_activity"])
    )
    return _add_second_sectors(rng, victims)


def _pick_without_sector(rng: np.random.Generator, year: int, victims: pd.DataFrame) -> np.ndarray:
    """Victims of labour exploitation alone whose sector stays unknown: as many as FairWork reported
    without one."""
    unknown = read_victims_plan().get((year, "fairwork"), {}).get("sector_unknown", 0)
    return pick(rng, np.flatnonzero(victims["form"] == "labour"), unknown)


def _deal_activities(
    rng: np.random.Generator, year: int, victims: pd.DataFrame, quotas: dict[str, int]
) -> np.ndarray:
    """In the last year so many of those in drugs come from Africa as the printed share says."""
    african = read_victims_plan().get((year, "criminal"), {}).get("african_drug_dublin")
    if african is None:
        return deal(rng, len(victims), quotas, rest=UNKNOWN)
    codes = np.empty(len(victims), dtype=object)
    inside, outside = np.flatnonzero(victims["is_african"]), np.flatnonzero(~victims["is_african"])
    drugs = pick(rng, inside, african)
    others = pick(rng, outside, quotas["drug_offences"] - african)
    codes[[*drugs, *others]] = "drug_offences"
    rest = np.flatnonzero(codes == None)  # noqa: E711 (an array of objects)
    codes[rest] = deal(
        rng,
        len(rest),
        {code: n for code, n in quotas.items() if code != "drug_offences"},
        rest=UNKNOWN,
    )
    return codes


def _deal_dublin(
    rng: np.random.Generator, year: int, victims: pd.DataFrame, activities: np.ndarray
) -> np.ndarray:
    """A Dublin indication: recorded for half of the victims from Africa, and for those of the
    printed share."""
    dublin = np.full(len(victims), False, dtype=object)
    african = np.flatnonzero(victims["is_african"])
    dublin[african] = deal(rng, len(african), {}, rest=["yes", "no"]) == "yes"
    if (year, "criminal") in read_victims_plan() and "african_drug_dublin" in read_victims_plan()[
        year, "criminal"
    ]:
        dublin[np.flatnonzero((activities == "drug_offences") & victims["is_african"])] = True
    dublin[np.flatnonzero(victims["nationality"] == "NLD")] = None
    return dublin


def _add_second_sectors(rng: np.random.Generator, victims: pd.DataFrame) -> pd.DataFrame:
    """A second sector beside the first one for some: of other services beside health and welfare,
    which the hierarchy puts last."""
    labour, sexual = (
        victims["sector_labour"].to_numpy(dtype=object),
        victims["sector_sexual"].to_numpy(dtype=object),
    )
    services = np.flatnonzero(labour == "other_services")
    labour[pick(rng, services, len(services) // 2)] = "health_welfare|other_services"
    homes = np.flatnonzero(sexual == "home")
    sexual[pick(rng, homes, len(homes) // 10)] = "home|escort_hotel"
    return victims.assign(sector_labour=labour, sector_sexual=sexual)


def deal_units(rng: np.random.Generator, year: int, form: str, n: int) -> np.ndarray:
    """`n` police units of one year and form: North Netherlands and the National Unit by the plan,
    the others by weight."""
    cell = read_victims_plan()[year, form]
    fixed = {unit: cell[unit] for unit in ("north_netherlands", "national_unit") if unit in cell}
    usual = LAST_YEAR_WEIGHTS if year == list_years()[-1] else {}
    weights = [
        UNIT_WEIGHTS.get(form, {}).get(unit, usual.get(unit, USUAL_WEIGHT)) for unit in UNITS
    ]
    return deal(
        rng,
        n,
        {**fixed, **dict(zip(UNITS, share_out(n - sum(fixed.values()), weights), strict=True))},
        rest=UNITS[0],
    )
