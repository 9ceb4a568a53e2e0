"""The registers of a run: what they are called, and what may be held against them."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from extracts import EXTRACT, write_clean

from helpers import published, synthetic
from helpers.registers import open_registers
from helpers.schema import TABLES, Table


@pytest.fixture
def real(tmp_path, monkeypatch):
    """The run was given an extract."""
    write_clean(tmp_path / "extract", extract=EXTRACT)
    monkeypatch.setenv("MONITOR_REGISTERS", str(tmp_path / "extract"))


@pytest.mark.usefixtures("real")
def test_an_extract_that_was_given_is_a_register_and_says_who_delivered_it():
    registers = open_registers(1)
    assert (registers.mark, registers.source, registers.is_part) == ("register", "a test", False)
    assert registers.read("reports")["report_id"].tolist() == ["R1", "R2", "R3"]


def test_without_an_extract_the_registers_are_made_up(monkeypatch):
    monkeypatch.delenv("MONITOR_REGISTERS", raising=False)
    registers = open_registers(1)
    assert registers.mark == "synthetic" and "describe no person" in registers.source


@pytest.mark.usefixtures("real")
def test_what_a_real_register_is_held_against_is_no_calibration_list():
    """Every printed number, by its key; the made-up registers had to agree with some of them
    only."""
    numbers = published.read_catalogue("sm20")
    assert open_registers(1).printed(numbers).equals(numbers)


def test_made_up_registers_are_held_against_what_they_had_to_agree_with(monkeypatch):
    monkeypatch.delenv("MONITOR_REGISTERS", raising=False)
    constraints = synthetic.read_constraints()
    left_out = set(constraints["number"][constraints["standing"] != "hard"]) - set(
        constraints["number"][constraints["standing"] == "hard"]
    )
    printed = open_registers(1).printed(published.read_catalogue("sm20"))
    assert len(printed) > 100 and not set(printed["id"]) & left_out and len(left_out) > 5


@pytest.mark.parametrize("is_real", [True, False])
def test_nothing_was_printed_of_a_part_of_the_people(request, monkeypatch, is_real):
    if is_real:
        request.getfixturevalue("real")
    else:
        monkeypatch.delenv("MONITOR_REGISTERS", raising=False)
    registers = open_registers(1, units=("amsterdam",))
    assert registers.is_part and registers.printed(published.read_catalogue("sm20")).empty


def test_a_table_that_was_not_delivered_has_its_columns_and_no_rows(tmp_path, monkeypatch):
    folder = write_clean(tmp_path / "extract")
    (folder / "shelter.csv").unlink()
    monkeypatch.setenv("MONITOR_REGISTERS", str(folder))
    shelter = open_registers(1).read("shelter")
    assert shelter.empty and tuple(shelter) == TABLES["shelter"].names
    assert pd.api.types.is_datetime64_any_dtype(shelter["start_date"])


def test_a_table_that_was_not_delivered_has_the_types_of_one_that_was(real):
    """Joined with a table that was, a column was of two types, of which pandas warns."""
    whole = open_registers(1)
    none = replace(whole, extract=replace(whole.extract, mappings={}))
    found = {name: (whole.read(name), none.read(name)) for name in whole.extract.mappings}
    assert {"reports", "persons", "shelter", "care_costs"} <= found.keys()
    other = {
        (name, column): (str(read[column].dtype), str(empty[column].dtype))
        for name, (read, empty) in found.items()
        for column in read
        if str(read[column].dtype) != str(empty[column].dtype)
    }
    assert other == {}


def test_each_table_has_the_keeper_that_delivers_it():
    """Section 2.3 and 2.4: CoMensha and the immigration service deliver to the Rapporteur; 3.2 and
    4.2: all else is in the statistics office's files."""
    keepers = {name: table.keeper for name, table in TABLES.items()}
    of_rapporteur = {"reports", "residence_decisions", "residence_counts"}
    assert {name for name, keeper in keepers.items() if keeper == "rapporteur"} == of_rapporteur
    assert {keepers[name] for name in keepers if name not in of_rapporteur} == {"statistics_office"}


def test_a_table_without_a_known_keeper_cannot_be_declared():
    with pytest.raises(ValueError, match="convictions: keeper 'nobody' is none of"):
        Table("convictions", "a conviction", (), keeper="nobody", key=("case_id",))
    with pytest.raises(TypeError, match="keeper"):
        Table("convictions", "a conviction", (), key=("case_id",))


@pytest.mark.parametrize(
    ("entries", "whole", "last", "words"),
    [
        ("", (2016, 2020), 2020, ""),
        ("start_date: 2016-01-01\nreference_date: 2020-12-31\n", (2016, 2020), 2020, ""),
        ("reference_date: 2020-06-30\n", (2016, 2019), 2019, "complete until 2020-06-30, years"),
        ("start_date: 2016-01-02\n", (2017, 2020), 2020, "complete from 2016-01-02, years"),
        ("start_date: 2005-07-01\nreference_date: 2030-06-30\n", (2016, 2020), 2020, "from 2005"),
        ("reference_date: 2015-12-31\n", (), 2015, ""),
    ],
)
def test_years_in_part_are_left_out_and_said_so(tmp_path, monkeypatch, entries, whole, last, words):
    write_clean(tmp_path / "extract", extract=f"source: a test\n{entries}")
    monkeypatch.setenv("MONITOR_REGISTERS", str(tmp_path / "extract"))
    registers = open_registers(1)
    years = registers.select_whole(range(2016, 2021))
    assert (*years[:1], *years[-1:]) == whole and registers.find_last_year(2020) == last
    assert words in registers.source and (words or registers.source == "a test")
