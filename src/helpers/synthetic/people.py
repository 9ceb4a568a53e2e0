"""Draws the victims whom the police registered for trafficking: when, for which form, and who they
are.

`data/codes/plan_police.csv` holds the whole numbers: persons by block and year, and how many of a
block are men, minors, adolescents or victims of sexual exploitation. A block is a set of persons
for whom printed numbers hold together: those who are registered again within five years, those in
the aid chapter, and so on. Who has what within a block is drawn.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.definitions import ADOLESCENT_FROM, ADULT_FROM, UNKNOWN
from helpers.synthetic.allocation import deal, pick, read_plan, spread

BLOCKS = (
    "again_to_2015",
    "once_to_2015",
    "aid_2016_2018",
    "before_2016_2018",
    "aid_2019_2020",
    "after_2020",
)
AID = ("aid_2016_2018", "aid_2019_2020")
GENERAL, SEXUAL = "F5293", "F561"
OTHER_KNOWN = ["F562", "F563", "F565"]
# Nationalities outside the Netherlands have made-up codes (ISO leaves them to users).
ADDED_NATIONALITIES = {
    "XQA": "eu",
    "XQB": "eu",
    "XQC": "europe_other",
    "XQD": "africa",
    "XQE": "africa",
    "XQF": "asia",
    "XQG": "latin_america",
}
FOREIGN = list(ADDED_NATIONALITIES)
MIXED = ["NLD"] * len(FOREIGN) + FOREIGN
MINORS, ADOLESCENTS, ADULTS = (
    range(12, ADOLESCENT_FROM),
    range(ADOLESCENT_FROM, ADULT_FROM),
    range(ADULT_FROM, 51),
)
# The aid chapter looks at offences that began in 2016 or later and ended before 2020 (section 3.2).
AID_FROM, AID_UNTIL = np.datetime64("2016-01-01"), np.datetime64("2020-01-01")
# Longest time from the end of the offences to their registration, and of the offences themselves,
# in days.
LONGEST_DELAY, LONGEST_OFFENCE = 120, 200
# Noise, in percent: offence periods without an end, and periods that began years before.
OPEN_PERCENT, LONG_AGO_PERCENT = 10, 3
LONG_AGO_DAYS = 1500


def draw_people(rng: np.random.Generator) -> pd.DataFrame:
    """One row a person registered for trafficking in the study period: block, year, code, dates of
    the index incident, sex, age group, nationality, birth date."""
    people = pd.concat([_draw_block(rng, block) for block in BLOCKS], ignore_index=True)
    people = _specify_forms(rng, people)
    people = people.assign(nationality=_deal_nationalities(rng, people))
    people = _date_offences(rng, people)
    return people.assign(birth_date=_draw_births(rng, people["start"], people["age"]))


def _list_cells(block: str) -> dict[int, dict[str, int]]:
    return {
        year: dict(cell)
        for (year, name), cell in sorted(read_plan("police").items())
        if name == block
    }


def _draw_block(rng: np.random.Generator, block: str) -> pd.DataFrame:
    """The persons of a block: year of registration, code, sex and age by the plan, each dealt on
    its own."""
    cells = _list_cells(block)
    traits = cells[0]
    year = np.concatenate(
        [np.repeat(y, cell["persons"]) for y, cell in cells.items() if "persons" in cell]
    )
    n = len(year)
    sizes = [traits["minor"], traits["adolescent"]]
    sizes.append(n - sum(sizes))
    groups = np.repeat(["minor", "adolescent", "adult"], sizes)
    ages = np.concatenate(
        [
            spread(rng, size, values)
            for size, values in zip(sizes, (MINORS, ADOLESCENTS, ADULTS), strict=True)
        ]
    )
    order = rng.permutation(n)
    people = pd.DataFrame(
        {"block": block, "year": year, "age_group": groups[order], "age": ages[order]}
    )
    return people.assign(
        form=_deal_forms(rng, cells, year),
        sex=_deal_sex(rng, traits, n),
        offset=rng.integers(0, 365, n),
        late=_deal_late(rng, traits, year),
    )


def _deal_forms(
    rng: np.random.Generator, cells: dict[int, dict[str, int]], year: np.ndarray
) -> np.ndarray:
    """sexual, other_known or unknown: over the block, or within each year where the plan says
    so."""
    forms = np.empty(len(year), dtype=object)
    known = ("sexual", "other_known")
    whole: dict[str, int] = {name: cells[0][name] for name in known if name in cells[0]}
    places = (
        {0: np.arange(len(year))}
        if whole
        else {y: np.flatnonzero(year == y) for y in np.unique(year)}
    )
    for y, place in places.items():
        quotas = whole or {name: cells[y][name] for name in known if name in cells[y]}
        forms[place] = deal(rng, len(place), quotas, rest=UNKNOWN)
    return forms


def _deal_sex(rng: np.random.Generator, traits: dict[str, int], n: int) -> np.ndarray:
    """Sex; among those who are registered again, joined with whether that is once or several times
    (men more often once)."""
    if "male" in traits:
        return deal(rng, n, {"male": traits["male"]}, rest="female")
    return deal(
        rng,
        n,
        {"male_once": traits["male_once"], "male_several": traits["male_several"]},
        rest="female",
    )


def _deal_late(rng: np.random.Generator, traits: dict[str, int], year: np.ndarray) -> np.ndarray:
    """True for those of 2010 to 2013 who are registered again after five and within seven years."""
    late = np.zeros(len(year), dtype=bool)
    if "again_in_seven_years" in traits:
        late[pick(rng, np.flatnonzero(year <= 2013), traits["again_in_seven_years"])] = True
    return late


def _specify_forms(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    """The offence code of each form; in the aid population so many of each code as the plan
    says."""
    codes = people["form"].map({"sexual": SEXUAL, UNKNOWN: GENERAL}).to_numpy(dtype=object)
    in_aid = people["block"].isin(AID)
    quotas = {code: n for code, n in read_plan("police")[0, "aid"].items() if code.startswith("F")}
    for is_in, given, rest in ((in_aid, quotas, "F565"), (~in_aid, {}, OTHER_KNOWN)):
        place = np.flatnonzero((people["form"] == "other_known") & is_in)
        codes[place] = deal(rng, len(place), given, rest=rest)
    return people.assign(code=codes)


def _deal_nationalities(rng: np.random.Generator, people: pd.DataFrame) -> np.ndarray:
    """Half Dutch; among victims of sexual exploitation in the aid population as many Dutch minors
    and adults as the plan says."""
    plan = read_plan("police")[0, "aid"]
    codes = np.empty(len(people), dtype=object)
    is_sexual = people["block"].isin(AID) & (people["code"] == SEXUAL)
    is_minor = people["age_group"] == "minor"
    others = {"NLD": plan["dutch_adult_sexual"], UNKNOWN: plan["unknown_nationality_sexual"]}
    for is_in, quotas, rest in (
        (is_sexual & is_minor, {"NLD": plan["dutch_minor_sexual"]}, FOREIGN),
        (is_sexual & ~is_minor, others, FOREIGN),
        (~is_sexual, {}, MIXED),
    ):
        codes[is_in] = deal(rng, int(is_in.sum()), quotas, rest=rest)
    return codes


def start_of(year: np.ndarray) -> np.ndarray:
    """The first day of each year."""
    return (np.asarray(year) - 1970).astype("datetime64[Y]").astype("datetime64[D]")


def _date_offences(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    """Registration, start and end of the offences, so that each block is in the aid chapter's
    population or out of it."""
    n, block = len(people), people["block"].to_numpy()
    registered = start_of(people["year"].to_numpy()) + people["offset"].to_numpy()
    end = registered - rng.integers(0, LONGEST_DELAY, n)
    length = np.where(
        rng.integers(0, 100, n) < LONG_AGO_PERCENT,
        rng.integers(LONGEST_OFFENCE, LONG_AGO_DAYS, n),
        rng.integers(0, LONGEST_OFFENCE, n),
    )
    is_aid, is_last = np.isin(block, AID), people["year"].to_numpy() == 2020
    before = AID_UNTIL - 1 - rng.integers(0, LONGEST_DELAY, n)
    end = np.select(
        [is_aid & is_last, block == "after_2020"], [before, np.maximum(end, AID_UNTIL)], default=end
    )
    end = np.where(is_aid, np.maximum(end, AID_FROM), end)
    start = end - length
    start = np.where(is_aid, np.maximum(start, AID_FROM), start)
    start = np.where(
        block == "before_2016_2018",
        np.minimum(start, AID_FROM - 1 - rng.integers(0, LONGEST_OFFENCE, n)),
        start,
    )
    open_end = (rng.integers(0, 100, n) < OPEN_PERCENT) & ~(is_aid & is_last)
    return people.assign(
        registered=registered, start=start, end=np.where(open_end, np.datetime64("NaT"), end)
    )


def _draw_births(rng: np.random.Generator, start: pd.Series, age: pd.Series) -> np.ndarray:
    """Birth dates that make each person as many completed years old on `start` as `age` says."""
    months = start.to_numpy(dtype="datetime64[D]").astype("datetime64[M]")
    day = start.dt.day.to_numpy()
    # The 28th at the latest, and a few days short of a year, leave room for months of every length.
    birthday = (months - 12 * age.to_numpy()).astype("datetime64[D]") + np.minimum(day, 28) - 1
    return birthday - rng.integers(0, 362, len(start))
