"""The register contract against the design of the registers and against the monitor's own
tables."""

from __future__ import annotations

import dataclasses

import pytest
from extracts import write_clean

from helpers import sources, synthetic
from helpers.edition import BadInput
from helpers.labels import read_codes
from helpers.schema import ENTERED, LIVED, TABLES, Column, Reference, Table, find_table, list_codes
from helpers.site.contract import PLACE, fill_contract

# Written down from the contract, not from the code.
CONTRACT = {
    "reports": "report_id victim_id report_date reporter police_unit sexual labour criminal organ_removal sector_sexual sector_labour criminal_activity "
    "sex age_at_report nationality dublin municipality",
    "residence_decisions": "decision_id person_id decision_date qualification outcome ground dublin sex age_at_decision nationality",
    "residence_counts": "year qualification outcome dublin sex age_group origin_region n",
    "persons": "person_id sex birth_date nationality death_date",
    "residence_spells": "person_id from_date to_date municipality",
    "matches": "victim_id control_id",
    "incidents": "incident_id person_id registration_date offence_start_date offence_end_date offence_code",
    "youth_care": "trajectory_id person_id start_date end_date care_type referrer is_crisis end_reason",
    "shelter": "stay_id person_id start_date end_date shelter_type",
    "long_term_care": "stay_id person_id start_date end_date care_profile",
    "cases": "case_id registration_date form stage outcome outcome_date sentence_days",
    "suspects": "case_id person_id sex birth_date",
    "care_costs": "person_id year specialised_mental_health_eur basic_mental_health_eur total_basic_insurance_eur",
}


def test_tables_and_columns_are_those_of_the_contract():
    assert {name: " ".join(table.names) for name, table in TABLES.items()} == CONTRACT


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_declaration_names_only_what_is_there(table):
    named = {
        *table.key,
        *table.optional,
        *(reference.column for reference in table.references),
        *(column for rule in table.rules for column in rule.columns),
    }
    assert named <= set(table.names)
    assert table.year_of in {"", *table.names}
    assert all(
        reference.to_column in TABLES[reference.to_table].names for reference in table.references
    )
    assert all(column.meaning and column.source for column in table.columns)


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        (
            "reporter",
            {"police", "kmar", "labour_inspectorate", "care_coordinator", "fairwork", "other"},
        ),  # section 2.3.6
        ("qualification", {"779", "420", "421", "305", "301"}),  # table B1.1
        ("offence", {"F5293", "F563", "F564", "F562", "F565", "F561"}),  # table B1.2
        (
            "shelter_type",
            {
                "emergency_shelter",
                "shelter",
                "short_stay",
                "sheltered_housing",
                "other_sheltered_housing",
            },
        ),  # section 3.5.1
        (
            "care_type",
            {
                "neighbourhood_team",
                "ambulatory",
                "day_care",
                "network",
                "foster_care",
                "family_style",
                "closed",
                "other_residential",
            },
        ),  # section 3.3.1
        ("residence_ground", {"prosecution", "three_years", "special_circumstances", "other"}),
        ("case_stage", {"police", "prosecution", "court"}),
        ("case_outcome", {"open", "dismissed", "convicted", "acquitted", "other"}),
    ],
)
def test_code_lists_are_those_of_the_monitor(name, codes):
    assert set(read_codes(name)) - {"unknown", "not_recorded"} == codes


def test_every_coded_column_allows_unknown_and_not_recorded():
    for table in TABLES.values():
        for column in table.columns:
            if column.codes:
                assert {"unknown", "not_recorded"} <= set(list_codes(column)), column.name


def test_every_nationality_has_a_region():
    regions = set(read_codes("origin_region"))
    nationalities = {
        code: group
        for code, group in read_codes("nationality").items()
        if code not in ("unknown", "not_recorded")
    }
    assert set(nationalities.values()) <= regions
    assert {
        "NLD": "netherlands",
        "POL": "eu",
        "NGA": "africa",
        "PHL": "asia",
        "COL": "latin_america",
        "GBR": "europe_other",
        "XXA": "stateless",
    }.items() <= nationalities.items()
    # ISO 3166-1 has 249 entries; XKX and XXA stand beside them. The European Union has 26 other
    # members since 2020.
    assert len(nationalities) == 249 + 2 and list(nationalities.values()).count("eu") == 26


def test_a_faulty_declaration_is_refused():
    with pytest.raises(ValueError, match="names no list"):
        Column("sex", "code", "sex of the victim")
    with pytest.raises(BadInput, match="unknown table 'report'"):
        find_table("report")
    with pytest.raises(BadInput, match="no code list"):
        read_codes("colours")


def test_the_page_of_the_contract_names_every_table_column_and_code():
    page = fill_contract(f"<main>{PLACE}</main>", "nl")
    assert all(f'id="table-{name}"' in page for name in CONTRACT)
    assert all(
        f"<code>{column}</code>" in page
        for columns in CONTRACT.values()
        for column in columns.split()
    )
    assert "<code>F561</code> mensenhandel seksuele uitbuiting" in page and "NGA" not in page
    assert fill_contract("<main></main>", "en") == "<main></main>"


CONVICTIONS = Table(
    "convictions",
    "a conviction of a person",
    (
        Column("conviction_id", "id", "the conviction"),
        Column("person_id", "id", "the convicted person"),
        Column("conviction_date", "date", "day of the conviction", life=LIVED),
        Column("final_date", "date", "day on which it became final", nullable=True, life=ENTERED),
    ),
    keeper="statistics_office",
    key=("conviction_id",),
    references=(Reference("person_id", "persons", "person_id"),),
    year_of="conviction_date",
)


@pytest.fixture
def with_convictions(monkeypatch):
    """A contract with one table more, by its declaration alone."""
    monkeypatch.setitem(TABLES, "convictions", CONVICTIONS)


def convict(folder, *rows):
    """The clean extract, in which P1 was born in 2000 and P2 died on 15 January 2020."""
    write_clean(folder)
    heads = "conviction_id,person_id,conviction_date,final_date"
    (folder / "convictions.csv").write_text("\n".join([heads, *rows, ""]), encoding="utf-8")
    validation = sources.validate_extract(folder)
    found = {(one.column, one.rule) for one in validation.problems if one.file == "convictions.csv"}
    return validation.exit_code, found


@pytest.mark.usefixtures("with_convictions")
def test_a_new_table_is_checked_against_lives_by_its_declaration_alone(tmp_path):
    assert convict(tmp_path / "clean", "C1,P1,2019-05-05,") == (0, set())
    assert convict(tmp_path / "born", "C1,P1,1950-05-05,") == (
        1,
        {("conviction_date", "before the person was born")},
    )
    assert convict(tmp_path / "died", "C1,P2,2020-01-16,2020-02-16") == (
        1,
        {("conviction_date", "after the person died")},
    )
    assert convict(tmp_path / "entered", "C1,P2,2020-01-14,2020-02-16") == (0, set())
    assert convict(tmp_path / "orphan", "C1,P9,2019-05-05,")[0] == 1


@pytest.mark.usefixtures("with_convictions")
def test_a_declared_table_that_nothing_draws_is_allowed(tmp_path):
    """What is drawn is written and passes; template and dictionary know the table."""
    drawn = synthetic.draw_registers(1)
    assert "convictions" not in drawn and set(drawn) < set(TABLES)
    synthetic.write_registers(tmp_path / "made_up", seed=1)
    assert not (tmp_path / "made_up" / "convictions.parquet").exists()
    assert set(sources.read_extract(tmp_path / "made_up").mappings) == set(drawn)
    sources.write_template(tmp_path / "template")
    heads = (tmp_path / "template" / "convictions.csv").read_text(encoding="utf-8")
    assert heads.strip() == "conviction_id,person_id,conviction_date,final_date"
    assert 'id="table-convictions"' in fill_contract(PLACE, "en")
    with pytest.raises(BadInput, match="has no row for 'the conviction'; add its Dutch"):
        fill_contract(PLACE, "nl")


def test_a_date_of_a_person_that_says_nothing_about_the_life_cannot_be_declared():
    columns = tuple(
        dataclasses.replace(column, life="") if column.name == "conviction_date" else column
        for column in CONVICTIONS.columns
    )
    with pytest.raises(ValueError, match="convictions: column conviction_date must say"):
        dataclasses.replace(CONVICTIONS, columns=columns)
    with pytest.raises(ValueError, match="must say"):
        dataclasses.replace(CONVICTIONS, references=())
    with pytest.raises(ValueError, match="life 'lived' is for dates"):
        Column("person_id", "id", "the person", life=LIVED)
