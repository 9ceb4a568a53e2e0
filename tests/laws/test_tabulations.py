"""In every tabulation the parts sum to the people or rows that were read: with codes that an
extract adds, that are not recorded, or that are missing.

Each table of a register that is declared to add up (`data/codes/cells.csv`) has its law in `LAWS`;
one without is found by the first test. A table that is declared as a part (`subset`, `within`) says
so itself."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
import pandas as pd
import pytest
from aid_register import GROUPS, RULES, make_tables
from incident_register import follow, make_register
from registers import decision, make_table, report

from helpers import aid, chain, cohort, protection, repeats, signalling
from helpers.disclosure.cells import read_declared
from helpers.products import CAPTURES, read_products
from helpers.protection import count_persons, select_persons
from helpers.repeats.tables import select_within

YEARS = range(2018, 2021)
REGIONS = {"NLD": "netherlands", "POL": "eu", "XQA": ""}
SEXES = ("female", "male", "unknown", "not_recorded", "diverse")
COUNTRIES = ("NLD", "POL", "unknown", "not_recorded", "XQA")


@cache
def make_reports() -> pd.DataFrame:
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
            municipality=("GM0363", "not_recorded", "GM0599", "unknown")[number % 4],
            police_unit=("amsterdam", "not_recorded", "unknown", "theirs")[number % 4],
            sector_labour=("hospitality", "unknown", "not_recorded", "theirs|unknown")[number % 4],
            sector_sexual=("window|home", "unknown", "not_recorded", "theirs")[number % 4],
        )
        for number, (sex, country, kinds) in enumerate(mixtures)
        for again in (0, 1)
    ]
    return make_table("reports", *rows)


@pytest.fixture(scope="module")
def reports() -> pd.DataFrame:
    return make_reports()


@cache
def make_victims() -> pd.DataFrame:
    return signalling.derive_victims(make_reports(), regions=REGIONS)


@cache
def make_decisions() -> pd.DataFrame:
    """Of every qualification, one that an extract adds and those that are missing, of every outcome
    and ground."""
    kinds = ("779", "420", "421", "305", "301", "422", "unknown", "not_recorded")
    outcomes = ("granted", "rejected", "other", "unknown", "theirs")
    grounds = ("criminal_proceedings", "unknown", "not_recorded", "theirs")
    rows = [
        decision(
            number,
            f"q{number}",
            f"{2018 + number % 3}-04-01",
            kind,
            outcome,
            ground=ground if kind in ("305", "301") else "not_recorded",
            dublin=("claim", "none", "unknown", "theirs", "not_recorded")[number % 5],
        )
        for number, (kind, outcome, ground) in enumerate(
            itertools.product(kinds, outcomes, grounds)
        )
    ]
    return make_table("residence_decisions", *rows)


@cache
def make_cases() -> pd.DataFrame:
    kinds = itertools.product(
        ("sexual", "labour", "unknown", "theirs"),
        ("police", "court", "not_recorded", "theirs"),
        ("convicted", "open", "dismissed", "theirs"),
    )
    rows = [
        {
            "case_id": f"c{number}",
            "registration_date": f"{2018 + number % 3}-05-01",
            "form": form,
            "stage": stage,
            "outcome": outcome,
            "sentence_days": (None, 0, 400, 5000)[number % 4] if outcome == "convicted" else None,
        }
        for number, (form, stage, outcome) in enumerate(kinds)
    ]
    return make_table("cases", *rows)


@cache
def make_suspects() -> pd.DataFrame:
    """Two of each case; every third is of the next case too."""
    rows = [
        {
            "case_id": case,
            "person_id": f"s{number // 3 * 3 if number % 3 == 1 else number}x{place}",
            "sex": SEXES[(number + place) % len(SEXES)],
            "birth_date": None if number % 4 == 0 else "1990-01-01",
        }
        for number, case in enumerate(make_cases()["case_id"])
        for place in (0, 1)
    ]
    return make_table("suspects", *rows)


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
    """A victim stands in each of several sectors, so none is lost where the sum is at least
    theirs."""
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


# Each table that is declared to add up, with its sums and those of what was read.
Sums = Iterator[tuple[float, float]]
LAWS: dict[str, Callable[[], Sums]] = {}


def law(*products: str) -> Callable[[Callable[[], Sums]], Callable[[], Sums]]:
    def keep(sums: Callable[[], Sums]) -> Callable[[], Sums]:
        LAWS.update(dict.fromkeys(products, sums))
        return sums

    return keep


def whole(table: pd.DataFrame, column: str = "n") -> int:
    """The sum of the rows of the whole period."""
    return int(table.loc[table["period"] == "2018-2020", column].sum())


@law(
    "signalling_forms",
    "signalling_overlap",
    "signalling_sex",
    "signalling_regions",
    "signalling_ages",
    "signalling_sex_by_form",
    "signalling_regions_by_form",
    "signalling_ages_by_form",
    "signalling_months",
    "signalling_labour_months",
    "signalling_labour_sectors",
    "signalling_change_forms",
)
def sum_victims() -> Sums:
    victims = make_victims()
    counted = signalling.select_counted(victims)
    n, by_year = len(counted), counted.groupby("year").size()
    labour = counted[counted["is_labour"]]
    several = sum(
        counted[name].sum() for name in counted if name.startswith("is_") and name in FORM_FLAGS
    )
    assert total(signalling.count_forms(victims, years=YEARS)) >= n and several >= 0
    leading = signalling.count_leading_forms(victims, years=YEARS)
    yield total(leading), n
    yield signalling.count_overlap(victims, years=YEARS)["n"].sum(), n
    for trait in ("sex", "region", "age_group"):
        yield total(signalling.count_by_trait(victims, trait, years=YEARS)), n
        yield signalling.count_by_form(counted, trait, years=YEARS)["n"].sum(), n
    yield signalling.count_months(victims, years=YEARS)["n"].sum(), n
    yield total(signalling.count_labour_sectors(victims, years=YEARS)), len(labour)
    months = signalling.count_labour_months(victims, year=2019)
    yield months["n"].sum(), (labour["year"] == 2019).sum()
    change = signalling.decompose_change(leading, by="category", first=2019, last=2020)
    yield change["n_first"].sum(), by_year[2019]
    yield change["n_last"].sum(), by_year[2020]


FORM_FLAGS = ("is_domestic_sexual", "is_cross_border_sexual", "is_labour", "is_criminal")


@law("signalling_sexual_sectors", "signalling_activities")
def sum_sectors() -> Sums:
    """A victim of several sectors is in each."""
    counted = signalling.select_counted(make_victims())
    sexual = counted[counted["is_domestic_sexual"] | counted["is_cross_border_sexual"]]
    table = signalling.count_sexual_sectors(make_victims(), years=YEARS)
    yield total(table), len(sexual) + sexual["sector_sexual"].str.count(r"\|").sum()
    ways = signalling.count_criminal_activities(make_victims(), years=YEARS)
    yield total(ways), counted["is_criminal"].sum()


@law(
    "signalling_reporters",
    "signalling_reporters_by_form",
    "signalling_units",
    "signalling_change_reporters",
)
def sum_reporters() -> Sums:
    """A victim whom two reporters, or units, reported is in each."""
    pairs = signalling.pair_reporters(make_reports(), make_victims())
    counted = signalling.count_reporters(pairs, years=YEARS)
    yield total(counted), len(pairs)
    yield signalling.count_by_form(pairs, "reporter", years=YEARS)["n"].sum(), len(pairs)
    units = signalling.pair_units(make_reports(), make_victims())
    yield total(signalling.count_units(units, years=YEARS)), len(units)
    change = signalling.decompose_change(counted, by="reporter", first=2019, last=2020)
    yield change["n_last"].sum(), (pairs["year"] == 2020).sum()


@law("local_victims", "local_traits", "local_pairs")
def sum_places() -> Sums:
    """Everybody is in one municipality, the others or one that is not recorded among them."""
    victims = make_victims()
    groups = {"GM0363": "", "GM0599": ""}
    placed = chain.place_victims(make_reports(), victims, groups=groups, least=10, years=YEARS)
    pairs = chain.pair_places(make_reports(), placed)
    n = len(signalling.select_counted(victims))
    places = chain.count_places(placed, pairs, years=YEARS)
    traits = chain.describe_places(placed, pairs, years=YEARS)
    everybody = places[(places["place_kind"] == "municipality") & (places["reporter"] == "anybody")]
    yield total(everybody), n
    yield whole(everybody), n
    yield total(places[places["place_kind"] == "police_unit"]), len(pairs)
    for _, rows in traits[traits["place_kind"] == "municipality"].groupby("breakdown"):
        yield rows["n"].sum(), n
    for _, rows in traits[traits["place_kind"] == "police_unit"].groupby("breakdown"):
        yield rows["n"].sum(), len(pairs)
    yield chain.cross_places(pairs, years=YEARS)["n"].sum(), len(pairs)


@law("protection_dublin", "protection_temporary", "protection_continued")
def sum_scheme() -> Sums:
    """422 is a code that the extract adds, of temporary residence."""
    decisions = make_decisions()
    scheme = protection.count_scheme(decisions, pd.DataFrame(), kinds=QUALIFICATIONS)
    yield scheme["n"].sum(), len(decisions)
    yield total(protection.count_use(scheme, years=YEARS)), len(decisions)
    kinds = decisions["qualification"].astype(object)
    temporary, continued = kinds.isin(["420", "421", "422"]), kinds.isin(["305", "301"])
    yield total(protection.count_outcomes(scheme, "temporary", years=YEARS)), temporary.sum()
    yield total(protection.count_outcomes(scheme, "continued", years=YEARS)), continued.sum()
    yield total(protection.count_dublin(scheme, years=YEARS)), temporary.sum()


QUALIFICATIONS = {
    "779": "reflection",
    "420": "temporary",
    "421": "temporary",
    "422": "temporary",
    "305": "continued",
    "301": "continued",
}


@law("protection_paths", "protection_grounds")
def sum_paths() -> Sums:
    decisions = make_decisions()
    kinds = decisions["qualification"].astype(object)
    paths = protection.count_paths(
        decisions, pd.DataFrame(), "temporary", years=YEARS, kinds=QUALIFICATIONS
    )
    temporary = kinds.isin(["420", "421", "422"]).sum()
    yield total(paths), temporary
    yield whole(paths), temporary
    grounds = protection.count_grounds(decisions, years=YEARS, kinds=QUALIFICATIONS)
    granted = (kinds.isin(["305", "301"]) & (decisions["outcome"] == "granted")).sum()
    yield total(grounds), granted
    yield whole(grounds), granted


@law("protection_sex", "protection_ages", "protection_regions")
def sum_people_of_the_scheme() -> Sums:
    persons = select_persons(make_decisions(), years=YEARS, regions=REGIONS)
    for trait in ("sex", "age_group", "origin_region", "all"):
        yield count_persons(persons, trait, years=YEARS)["n"].sum(), len(persons)


@law("justice_register_cases", "justice_register_sentences", "justice_register_suspects")
def sum_cases() -> Sums:
    """A suspect of two cases counts once."""
    cases, suspects = make_cases(), make_suspects()
    table = chain.count_cases(cases, years=YEARS)
    for _, rows in table.groupby("breakdown"):
        yield total(rows), len(cases)
        yield whole(rows), len(cases)
    convicted = (cases["outcome"] == "convicted").sum()
    yield chain.count_sentences(cases, years=YEARS)["n"].sum(), convicted
    counted = chain.count_suspects(suspects, cases, years=YEARS)
    for _, rows in counted.groupby("breakdown"):
        yield rows["n"].sum(), suspects["person_id"].nunique()


@cache
def find_people() -> aid.People:
    """With a control, and a stay of every kind of profile for two victims."""
    tables = make_tables()
    profiles = ("disability", "theirs", "unknown", "disability")
    stays = [
        {
            "stay_id": f"w{number}",
            "person_id": person,
            "start_date": "2018-08-01",
            "end_date": None,
            "care_profile": profile,
        }
        for number, (person, profile) in enumerate(
            zip(("A", "A", "B", "c1"), profiles, strict=True)
        )
    ]
    tables["long_term_care"] = make_table("long_term_care", *stays)
    return aid.find_people(aid.link_tables(tables), groups=GROUPS, definitions=RULES)


@law("aid_population", "aid_occupancy", "aid_moves")
def sum_aid() -> Sums:
    people = find_people()
    for _, rows in aid.describe_population(people).groupby("breakdown"):
        yield rows["n"].sum(), len(people.victims)
    steps = {"study_end": 2020, "with_residence": {"closed"}, "steps_a_year": 4}
    occupied = aid.count_occupancy(people, **steps).groupby("years", sort=False)["n"].sum()
    minors = int(people.is_minor.sum())
    assert (occupied <= minors).all()  # who comes of age, dies or leaves is counted no more
    yield occupied.iloc[0], minors
    moves = aid.count_moves(people, **steps)
    starts = occupied.iloc[:-1].sum()
    assert 0 < moves["n"].sum() <= starts  # who is counted at a step and at the next


@law("aid_care_types", "aid_referrers", "aid_shelter")
def cover_aid() -> Sums:
    """Whoever is in care or in shelter has a kind of it and, in care, a referrer: with codes that
    the list lacks, that are unknown or missing. Only A, twice in care, is in two rows."""
    tables = make_tables()
    for table, codes in (
        ("youth_care", {"care_type": "theirs", "referrer": None}),
        ("shelter", {"shelter_type": "theirs"}),
    ):
        tables[table] = tables[table].astype(dict.fromkeys(codes, object))
        for column, code in codes.items():
            tables[table].loc[tables[table].index[-1], column] = code
            tables[table].loc[tables[table].index[0], column] = "not_recorded"
    people = aid.find_people(aid.link_tables(tables), groups=GROUPS, definitions=RULES)
    minors = people.select(people.is_minor)
    total, parts, _ = aid.compare_youth_care(
        minors, care_types=["closed"], referrers=["general_practitioner"]
    )
    shelter, _ = aid.compare_shelter(people, shelter_types=["shelter"])
    is_any = shelter["category"] == aid.contrasts.SHELTER
    for whole, rows in (
        (total, parts[parts["breakdown"] == "care_type"]),
        (total, parts[parts["breakdown"] == "referrer"]),
        (shelter[is_any], shelter[~is_any]),
    ):
        for side, n in whole.set_index("side")["n_events"].items():
            own = rows.loc[rows["side"] == side, "n_events"].sum()
            assert own >= n
            yield min(own, n), n


@law("aid_long_term")
def sum_long_term() -> Sums:
    people = find_people()
    table = aid.compare_long_term(people, profiles=["disability", "unknown", "theirs"])
    for side, rows in table.groupby("side"):
        own = len(people.victims) if side == "victims" else rows["n_known"].iloc[0]
        assert (rows["n_known"] == own).all()
        n = rows["n_events"]
        assert n.iloc[1:].sum() >= n.iloc[0] >= n.iloc[1:].max()
    of_victims = table[table["side"] == "victims"]
    yield of_victims["n_events"].iloc[0], 2  # A, with two profiles, and B


@law("aid_costs_basic", "aid_costs")
def sum_costs() -> Sums:
    """The mean is of all costs that were read of the people compared; of three times as much, it is
    three times as high."""
    tables = make_tables()
    costs = tables["care_costs"]
    costs["basic_mental_health_eur"] = 3 * costs["specialised_mental_health_eur"]
    people = aid.find_people(aid.link_tables(tables), groups=GROUPS, definitions=RULES)
    means = aid.average_costs(people)
    for column, times in (({}, 1), ({"column": aid.BASIC}, 3)):
        rng = np.random.Generator(np.random.PCG64(1))
        table = aid.compare_costs(people, rng=rng, replicates=9, **column)
        found = table.set_index("category")["value"]
        for side, mean in means.items():
            assert mean > 0
            yield found[f"mean_{side}"], round(times * mean, 1)


@law("repeats_times", "repeats_sex", "repeats_ages", "repeats_balance")
def sum_repeats() -> Sums:
    register = make_register()
    born = register["persons"]["birth_date"]
    register["persons"]["birth_date"] = born.where(register["persons"]["person_id"] != "C")
    _, _, followed, again = follow(register)
    known = repeats.select_whole(followed, 5, study_end=2020)
    times, _ = repeats.count_horizons(followed, again, horizons=(5,), study_end=2020)
    yield times["n"].sum(), len(known)
    for trait in ("sex", "age_group"):
        parts = repeats.count_by_trait(followed, again, trait, years=5, study_end=2020)
        yield parts["n_known"].sum(), len(known)
        yield parts["n_events"].sum(), select_within(again, known, 5)["person"].nunique()
    balance = repeats.describe_balance(cohort.derive_first_event(followed, again))
    sizes = balance.groupby(["trait", "compared"])["n_behind"].sum()
    assert 0 < sizes.iloc[0] <= len(followed)  # of known sex and age: each is in one code a trait
    yield from ((n, sizes.iloc[0]) for n in sizes)


@law("repeats_groups", "repeats_incidents", "repeats_forms")
def cover_repeats() -> Sums:
    """Whoever is registered again is so for a group, each incident is of one, and each person has a
    form of the first."""
    _, _, followed, again = follow(make_register())
    known = repeats.select_whole(followed, 5, study_end=2020)
    five = {"years": 5, "study_end": 2020}
    groups = repeats.count_groups(followed, again, **five).set_index("offence_group")["n_events"]
    rows = groups.drop(["any", "severe"]).sum()
    assert 0 < groups["any"] <= rows
    yield min(rows, groups["any"]), groups["any"]
    incidents = repeats.count_incidents(followed, again, **five)["n"].sum()
    yield incidents, len(select_within(again, known, 5))
    for year in sorted(set(followed["year"])):
        forms = repeats.count_by_form(followed, again, year=year)
        yield forms["n_known"].sum(), (followed["year"] == year).sum()
        own = followed.loc[followed["year"] == year, "person"]
        yield forms["n_events"].sum(), own.isin(again["person"]).sum()


# What a column of counts says of its rows: all else is declared to be a part.
ADDS_UP = {"partition", "cover", "covers", "total", "ranked"}


def test_every_table_that_is_declared_to_add_up_has_a_law():
    counted = {
        name
        for name, product in read_products().items()
        if product.tables and CAPTURES not in product.tables
    }
    adding = {
        name
        for name, columns in read_declared().items()
        for column in columns
        if name in counted and ADDS_UP & {what for what, _ in column.relation}
    }
    assert adding <= set(LAWS) <= counted
    undeclared = {name for name in counted if name not in read_declared()}
    assert all("made_up" in read_products()[name].tables for name in undeclared)


@pytest.mark.parametrize("sums", dict.fromkeys(LAWS.values()), ids=lambda sums: sums.__name__)
def test_parts_sum_to_what_was_read(sums):
    found = list(sums())
    assert found
    assert [parts for parts, _ in found] == [read for _, read in found]
