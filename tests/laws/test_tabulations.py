"""In every tabulation the parts sum to the people or rows that were read: with codes that an extract
adds, that are not recorded, or that are missing."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest
from aid_register import GROUPS, RULES, make_tables
from incident_register import follow, make_register
from registers import make_table, report

from helpers import aid, repeats, signalling
from helpers.protection import count_persons, select_persons
from helpers.repeats.tables import select_within

YEARS = range(2018, 2021)
REGIONS = {"NLD": "netherlands", "POL": "eu", "XQA": ""}
SEXES = ("female", "male", "unknown", "not_recorded", "diverse")
COUNTRIES = ("NLD", "POL", "unknown", "not_recorded", "XQA")


@pytest.fixture(scope="module")
def reports() -> pd.DataFrame:
    """Two reports of each of 150 victims, of every mixture of codes."""
    forms = [("sexual",), ("labour",), ("criminal",), ("organ_removal",), ("sexual", "labour"), ()]
    mixtures = itertools.product(SEXES, COUNTRIES, forms)
    rows = [
        report(
            10 * number + again,
            f"v{number}",
            f"{2018 + (number + again) % 3}-0{1 + number % 9}-01",
            ("police", "kmar", "a_reporter_of_theirs")[(number + again) % 3],
            *kinds,
            sex=sex,
            nationality=country,
            age_at_report=(None, 3, 17, 18, 22, 23, 90)[number % 7],
            police_unit=("amsterdam", "not_recorded", "unknown", "theirs")[number % 4],
            sector_labour=("hospitality", "unknown", "not_recorded", "theirs|unknown")[number % 4],
            sector_sexual=("window|home", "unknown", "not_recorded", "theirs")[number % 4],
        )
        for number, (sex, country, kinds) in enumerate(mixtures)
        for again in (0, 1)
    ]
    return make_table("reports", *rows)


def total(table: pd.DataFrame, column: str = "n") -> int:
    """The sum of the single years."""
    years = table[table["period"].astype(str).str.len() == 4]
    return int(years[column].sum())


def test_parts_of_the_reports_sum_to_the_victims(reports):
    victims = signalling.derive_victims(reports, regions=REGIONS)
    assert len(victims) == len(
        reports.assign(y=reports["report_date"].dt.year)[["victim_id", "y"]].drop_duplicates()
    )
    by_population = signalling.count_victims(victims, years=YEARS)
    whole = by_population[by_population["population"] == signalling.ALL_REPORTERS]
    assert total(whole) == len(victims)
    counted = signalling.select_counted(victims)
    assert total(signalling.count_leading_forms(victims, years=YEARS)) == len(counted)
    assert signalling.count_overlap(victims, years=YEARS)["n"].sum() == len(counted)
    for trait in ("sex", "region", "age_group"):
        assert total(signalling.count_by_trait(victims, trait, years=YEARS)) == len(counted)
        assert signalling.count_by_form(counted, trait, years=YEARS)["n"].sum() == len(counted)
    labour = counted[counted["is_labour"]]
    assert total(signalling.count_labour_sectors(victims, years=YEARS)) == len(labour)
    assert signalling.count_labour_months(victims, year=2019)["n"].sum() == (
        (labour["year"] == 2019).sum()
    )
    for pairs, count in (
        (signalling.pair_reporters(reports, victims), signalling.count_reporters),
        (signalling.pair_units(reports, victims), signalling.count_units),
    ):
        assert total(count(pairs, years=YEARS)) == len(pairs)


def test_sectors_hold_every_victim_of_their_form(reports):
    """A victim stands in each of several sectors, so none is lost where the sum is at least theirs."""
    victims = signalling.derive_victims(reports, regions=REGIONS)
    counted = signalling.select_counted(victims)
    sexual = counted["is_domestic_sexual"] | counted["is_cross_border_sexual"]
    several = counted.loc[sexual, "sector_sexual"].str.count(r"\|").sum()
    assert total(signalling.count_sexual_sectors(victims, years=YEARS)) == sexual.sum() + several
    ways = signalling.count_criminal_activities(victims, years=YEARS)
    assert total(ways) == counted["is_criminal"].sum()


def test_parts_of_the_scheme_sum_to_its_people():
    rows = [
        {
            "decision_id": f"d{number}",
            "person_id": f"q{number}",
            "decision_date": f"{2018 + number % 3}-04-01",
            "qualification": "420",
            "outcome": "granted",
            "sex": sex,
            "nationality": country,
            "age_at_decision": (None, 5, 18, 29, 80)[number % 5],
            "dublin": "none",
        }
        for number, (sex, country) in enumerate(itertools.product(SEXES, COUNTRIES))
    ]
    persons = select_persons(make_table("residence_decisions", *rows), years=YEARS, regions=REGIONS)
    for trait in ("sex", "age_group", "origin_region", "all"):
        assert count_persons(persons, trait, years=YEARS)["n"].sum() == len(rows)


@pytest.mark.parametrize("sex", SEXES)
def test_parts_of_repeats_sum_to_those_followed(sex):
    register = make_register()
    persons = register["persons"]
    register["persons"] = persons.assign(
        sex=persons["sex"].where(persons["person_id"] != "A", sex),
        birth_date=persons["birth_date"].where(persons["person_id"] != "C"),
    )
    _, _, followed, again = follow(register)
    whole = repeats.select_whole(followed, 5, study_end=2020)
    within = select_within(again, whole, 5)
    for trait in ("sex", "age_group"):
        parts = repeats.count_by_trait(followed, again, trait, years=5, study_end=2020)
        assert parts["n_known"].sum() == len(whole)
        assert parts["n_events"].sum() == within["person"].nunique()
    times, _ = repeats.count_horizons(followed, again, horizons=(5,), study_end=2020)
    assert times["n"].sum() == len(whole)
    kinds = repeats.count_incidents(followed, again, years=5, study_end=2020)
    assert kinds["n"].sum() == len(within)
    for year in followed["year"].unique():
        forms = repeats.count_by_form(followed, again, year=year)
        assert forms["n_known"].sum() == (followed["year"] == year).sum()


@pytest.mark.parametrize("sex", SEXES)
@pytest.mark.parametrize("kind", ["closed", "unknown", "not_recorded", "theirs"])
def test_parts_of_aid_hold_every_victim_and_control(sex, kind):
    tables = make_tables()
    tables["persons"]["sex"] = tables["persons"]["sex"].where(
        tables["persons"]["person_id"] != "A", sex
    )
    for name, column in (("youth_care", "care_type"), ("youth_care", "referrer")):
        tables[name][column] = kind if column == "care_type" else "theirs"
    tables["shelter"]["shelter_type"] = kind
    people = aid.find_people(aid.link_tables(tables), groups=GROUPS, definitions=RULES)
    population = aid.describe_population(people).groupby("breakdown")["n"].sum()
    assert (population == len(people.victims)).all()
    whole, parts, _ = aid.compare_youth_care(
        people, care_types=["closed", "ambulatory"], referrers=["municipality"]
    )
    for side, row in whole.set_index("side").iterrows():
        of_side = parts[parts["side"] == side].set_index("category")["n_events"]
        assert of_side[of_side.index.isin({"closed", "other", "unknown"})].sum() >= row["n_events"]
    shelter, _ = aid.compare_shelter(people, shelter_types=["shelter"])
    for _, rows in shelter.groupby("side"):
        n = rows["n_events"]
        assert n.iloc[1:].sum() >= n.iloc[0]
