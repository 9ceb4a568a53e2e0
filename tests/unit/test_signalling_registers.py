"""The definitions of section 2.3 of the monitor on a register of fourteen reports, counted by
hand."""

from __future__ import annotations

import pandas as pd
import pytest
from registers import make_table, report

from helpers import signalling
from helpers.definitions import count_rows, group_ages
from helpers.disclosure import RuleSet, protect_change
from helpers.registers import open_registers
from helpers.signalling.victims import choose_labour_sector

YEARS = range(2019, 2021)
REGIONS = {"NLD": "netherlands", "BGR": "eu", "POL": "eu", "NGA": "africa", "unknown": ""}


@pytest.fixture
def reports() -> pd.DataFrame:
    return make_table(
        "reports",
        report(
            1, "v1", "2019-03-01", "police", "sexual", police_unit="amsterdam", age_at_report=17
        ),
        report(2, "v1", "2019-05-01", "care_coordinator", "sexual", "labour", age_at_report=18),
        report(
            3, "v1", "2020-01-10", "police", "sexual", police_unit="rotterdam", age_at_report=18
        ),
        report(4, "v2", "2019-04-01", "kmar", "sexual", nationality="BGR"),
        report(5, "v3", "2019-04-01", "kmar", "sexual", nationality="BGR"),
        report(
            6, "v3", "2019-06-01", "police", "labour", police_unit="amsterdam", nationality="BGR"
        ),
        report(
            7,
            "v4",
            "2020-03-05",
            "fairwork",
            "labour",
            nationality="POL",
            age_at_report=None,
            sector_labour="hospitality|trade",
        ),
        report(
            8,
            "v5",
            "2020-03-20",
            "fairwork",
            "labour",
            nationality="unknown",
            sector_labour="trade",
        ),
        report(
            9,
            "v6",
            "2020-02-01",
            "police",
            "sexual",
            police_unit="amsterdam",
            nationality="unknown",
        ),
        report(
            10,
            "v6",
            "2020-02-09",
            "police",
            "sexual",
            police_unit="rotterdam",
            nationality="unknown",
        ),
        report(11, "v7", "2020-07-01", "other", "organ_removal"),
        report(
            12,
            "v8",
            "2020-08-01",
            "police",
            "criminal",
            police_unit="national_unit",
            nationality="NGA",
            sex="male",
            criminal_activity="drug_offences",
        ),
        report(
            13,
            "v8",
            "2020-08-02",
            "police",
            "criminal",
            police_unit="national_unit",
            nationality="NGA",
            sex="male",
            criminal_activity="drug_offences",
        ),
        report(14, "v9", "2020-09-01", "kmar", "labour", nationality="BGR"),
    )


@pytest.fixture
def victims(reports):
    return signalling.derive_victims(reports, regions=REGIONS)


def read(table: pd.DataFrame, column: str, period: str) -> dict[str, int]:
    rows = table[(table["period"] == period) & (table["n"] > 0)]
    return {str(code): int(n) for code, n in zip(rows[column], rows["n"])}


def test_a_victim_counts_once_a_calendar_year(victims):
    """Section 2.3: the 4,894 are the sum of the years; line 370: those whom the KMar alone reported
    are left out of further analyses."""
    table = signalling.count_victims(victims, years=YEARS)
    assert read(table, "population", "2019") == {
        "register_all_reporters": 3,
        "register_without_kmar_only": 2,
    }
    assert read(table, "population", "2020") == {
        "register_all_reporters": 7,
        "register_without_kmar_only": 7,
    }
    assert read(table, "population", "2019-2020") == {
        "register_all_reporters": 10,
        "register_without_kmar_only": 9,
    }


def test_a_victim_counts_in_every_form_of_the_year(victims):
    """Line 395: not unique victims but the total of reported forms; lines 413 and 1038: domestic by
    nationality, unknown where that is unknown."""
    table = signalling.count_forms(victims, years=YEARS)
    assert read(table, "category", "2019") == {
        "domestic_sexual": 1,
        "cross_border_sexual": 1,
        "labour": 2,
    }
    assert read(table, "category", "2020") == {
        "domestic_sexual": 1,
        "labour": 3,
        "criminal": 1,
        "unknown": 2,
    }


def test_one_form_leads(victims):
    """Line 574: sexual, labour, criminal, unknown."""
    table = signalling.count_leading_forms(victims, years=YEARS)
    assert read(table, "category", "2019") == {"domestic_sexual": 1, "cross_border_sexual": 1}
    assert read(table, "category", "2020") == {
        "domestic_sexual": 1,
        "labour": 3,
        "criminal": 1,
        "unknown": 2,
    }


def test_a_victim_counts_once_for_each_reporter_and_unit(reports, victims):
    """Lines 635 and 688: a victim can be reported by several bodies, and by several police units in
    a year."""
    table = signalling.count_reporters(signalling.pair_reporters(reports, victims), years=YEARS)
    assert read(table, "reporter", "2019") == {"police": 2, "care_coordinator": 1, "kmar": 1}
    assert read(table, "reporter", "2020") == {"police": 3, "fairwork": 2, "other": 1, "kmar": 1}
    units = signalling.count_units(signalling.pair_units(reports, victims), years=YEARS)
    assert read(units, "police_unit", "2019") == {"amsterdam": 2} and read(
        units, "police_unit", "2020"
    ) == {"rotterdam": 2, "amsterdam": 1, "national_unit": 1}


def test_age_is_that_of_the_first_report_that_knows_it(victims):
    """Line 618: age at the report; lines 624 and 630: minors under 18, adolescents 18 to 22."""
    table = signalling.count_by_trait(
        victims, "age_group", years=YEARS, codes=signalling.AGE_GROUPS
    )
    assert read(table, "category", "2019") == {"minor": 1, "adult": 1} and read(
        table, "category", "2020"
    ) == {"adolescent": 1, "adult": 5, "unknown": 1}
    assert group_ages(pd.Series([17, 18, 22, 23, None], dtype="Int64")).tolist() == [
        "minor",
        "adolescent",
        "adolescent",
        "adult",
        "unknown",
    ]


def test_sectors_regions_ways_and_months(victims):
    """Note 22: the less common sector before the more common one, other labour last."""
    assert read(signalling.count_labour_sectors(victims, years=YEARS), "sector_labour", "2020") == {
        "hospitality": 1,
        "trade": 1,
        "unknown": 1,
    }
    assert read(
        signalling.count_by_trait(victims, "region", years=YEARS), "origin_region", "2020"
    ) == {"netherlands": 2, "eu": 2, "africa": 1, "unknown": 2}
    assert read(
        signalling.count_criminal_activities(victims, years=YEARS), "criminal_activity", "2020"
    ) == {"drug_offences": 1}
    assert read(signalling.count_labour_months(victims, year=2020), "month", "2020") == {
        "month_3": 2,
        "month_9": 1,
    }
    assert read(signalling.count_overlap(victims, years=range(2019, 2020)), "category", "2019") == {
        "sexual+labour": 2
    }
    assert choose_labour_sector(
        pd.Series(["trade", "trade|industry", "energy|trade", "water_waste"])
    ).tolist() == ["trade", "industry", "trade", "other_labour"]


# What a misreading of a definition would count here, and what the tests above count.
MISREADINGS = {
    "reports, not victims": (lambda rows: (rows["year"] == 2020).sum(), 9, 7),
    "a victim once in the whole period": (lambda rows: rows["victim_id"].nunique(), 9, 10),
    "all whom the border police reported left out": (
        lambda rows: rows[
            (rows["year"] == 2019)
            & ~rows["victim_id"].isin(rows.loc[rows["reporter"] == "kmar", "victim_id"])
        ]["victim_id"].nunique(),
        1,
        2,
    ),
    "labour exploitation of the first report only": (
        lambda rows: rows[rows["year"] == 2019].drop_duplicates("victim_id")["labour"].sum(),
        0,
        2,
    ),
    "unknown nationality as cross-border": (
        lambda rows: rows[(rows["year"] == 2020) & rows["sexual"] & (rows["nationality"] != "NLD")][
            "victim_id"
        ].nunique(),
        1,
        0,
    ),
    "each police report": (
        lambda rows: ((rows["year"] == 2020) & (rows["reporter"] == "police")).sum(),
        5,
        3,
    ),
}


@pytest.mark.parametrize("misreading", MISREADINGS)
def test_a_misreading_gives_another_count(reports, misreading):
    count, wrong, right = MISREADINGS[misreading]
    assert count(reports.assign(year=reports["report_date"].dt.year)) == wrong != right


def test_the_change_adds_up_and_hides_few_people(victims):
    counts = signalling.count_leading_forms(victims, years=YEARS)
    change = signalling.decompose_change(counts, by="category", first=2019, last=2020)
    whole = protect_change(change, make_rules(1), by="category")
    parts = whole[whole["category"] != "all"]
    assert (
        parts["value"].sum() == whole.set_index("category").loc["all", "value"] == 5
        and parts["n_last"].sum() == 7
    )
    joined = protect_change(change, make_rules(2), by="category")
    assert joined["category"].tolist() == ["labour", "unknown", "others", "all"] and joined[
        "value"
    ].tolist() == [3, 2, 0, 5]
    assert joined["n_first"].tolist() == [0, 0, 2, 2]
    assert signalling.decompose_change(counts, by="category", first=2018, last=2019).empty
    assert protect_change(change, make_rules(3), by="category").empty  # two in all in 2019


def make_rules(minimum: int) -> RuleSet:
    return RuleSet("few", True, 10, minimum, 1)


# Laws


@pytest.fixture(scope="module")
def register(draw):
    tables = draw(11)
    groups = open_registers(11).groups("reports", "nationality")
    return tables["reports"], groups


def count_all(reports, groups) -> dict[str, pd.DataFrame]:
    years = range(2016, 2021)
    victims = signalling.derive_victims(reports, regions=groups)
    pairs = signalling.pair_reporters(reports, victims)
    return {
        "victims": signalling.count_victims(victims, years=years),
        "forms": signalling.count_forms(victims, years=years),
        "leading": signalling.count_leading_forms(victims, years=years),
        "sectors": signalling.count_labour_sectors(victims, years=years),
        "sex": signalling.count_by_form(signalling.select_counted(victims), "sex", years=years),
        "reporters": signalling.count_reporters(pairs, years=years),
    }


def test_row_order_and_rows_that_stand_twice_change_nothing(register):
    reports, groups = register
    expected = count_all(reports, groups)
    shuffled = pd.concat([reports, reports.iloc[::7]]).sample(frac=1, random_state=3)
    for name, table in count_all(shuffled, groups).items():
        pd.testing.assert_frame_equal(table, expected[name])


def test_every_victim_is_in_one_combination_of_forms(register):
    """D18: 21 victims of sexual exploitation of unknown nationality and 156 without a form had no
    bar, under "each bar is one exact combination"."""
    reports, groups = register
    victims = signalling.derive_victims(reports, regions=groups)
    counted = signalling.select_counted(victims)
    for year in range(2016, 2021):
        table = signalling.count_overlap(victims, years=range(year, year + 1))
        assert table["n"].sum() == (counted["year"] == year).sum()
        unknown = table.loc[table["category"] == "unknown", "n"].sum()
        assert unknown == ((counted["year"] == year) & counted["is_unknown"]).sum()


def test_the_hierarchy_partitions_the_victims_and_parts_add_up(register):
    tables = count_all(*register)
    totals = (
        tables["victims"]
        .query("population == 'register_without_kmar_only'")
        .set_index("period")["n"]
    )
    assert tables["leading"].groupby("period")["n"].sum().to_dict() == totals.to_dict()
    assert (tables["forms"].groupby("period")["n"].sum().reindex(totals.index) >= totals).all()
    assert tables["sex"]["n"].sum() == totals["2016-2020"]
    for table, by in (
        (tables["forms"], "category"),
        (tables["sectors"], "sector_labour"),
        (tables["reporters"], "reporter"),
    ):
        years = table[table["period"].str.len() == 4].groupby(by)["n"].sum()
        assert years.to_dict() == table[table["period"] == "2016-2020"].set_index(by)["n"].to_dict()


def test_leaving_out_whom_the_border_police_alone_reported_never_raises_a_count(register):
    table = count_all(*register)["victims"].pivot(index="period", columns="population", values="n")
    assert (table["register_without_kmar_only"] <= table["register_all_reporters"]).all()


def test_a_year_without_a_report_is_a_zero_and_a_year_outside_is_not_there(reports):
    rows = pd.DataFrame({"year": [2016, 2018], "category": ["a", "b"]})
    assert count_rows(rows, ["category"], years=range(2016, 2019)).query("period == '2017'")[
        "n"
    ].tolist() == [0, 0]
    assert signalling.find_covered_years(reports, range(2016, 2024)) == YEARS
    assert signalling.find_covered_years(reports.iloc[:0], range(2016, 2024)) == range(0)


def test_only_the_police_reports_of_some_units(reports):
    assert sorted(
        signalling.select_units(reports, ["rotterdam", "national_unit"])["report_id"]
    ) == ["r10", "r12", "r13", "r3"]
    assert len(signalling.select_units(reports, [])) == 14


def test_the_smallest_registers_are_counted(reports):
    for rows in (reports.iloc[:0], reports.iloc[:1], reports.assign(nationality="unknown")):
        tables = count_all(rows, REGIONS)
        assert set(tables) and (
            tables["forms"].query("category == 'domestic_sexual'")["n"].sum()
            == 2 * (len(rows) == 1)
            or len(rows) != 1
        )
