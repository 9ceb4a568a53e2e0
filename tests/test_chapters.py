"""Chapters on registers of other years and other codes, which go the whole way in a copy of the
project, and on few people, which are run in this process (`alone`)."""

from __future__ import annotations

import datetime
import subprocess
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
import yaml
from alone import count_alone, run_alone
from conftest import Project

from helpers import labels, sources
from helpers.edition import LANGUAGES, NO_REGISTERS, define_edition
from helpers.execute import list_notebooks
from helpers.products import find_product
from helpers.release import read_manifest
from helpers.synthetic.offences import OFFENCE_GROUPS

pytestmark = pytest.mark.slow

EDITION = "edition: 2017-2021\nperiod_start: 2017\nperiod_end: 2021\nstudy_start: 2011\n"
OTHER_UNITS = {"unit_a": "my_unit", "amsterdam": "the_hague"}
OTHER_EXTRACT = {
    "source": "CoMensha and IND, a test",
    "extraction_date": datetime.date(2022, 7, 1),
    "added_codes": {
        "police_unit": dict.fromkeys(("my_unit", "unit_b", "unit_c", "unit_d", "unit_e"), ""),
        "nationality": {
            f"X{kind}{letter}": "africa" for kind in "QR" for letter in "ABCDEFGHIJKLMNOP"
        },
    },
    "offence_groups": OFFENCE_GROUPS,
    "control_year": 2020,
    "cost_years": [2017, 2018, 2019],
    "unit_denominators": {"what": "inhabitants of a test", "values": {"my_unit": 500000}},
}


# Before anything was printed, years of one document each, one year, twelve, and years to come.
PERIODS = [
    "2000-2000",
    "2005-2009",
    "2008-2012",
    "2012-2012",
    "2009-2020",
    "2013-2017",
    "2018-2018",
]
PERIODS += ["2021-2021", "2022-2026", "2030-2032"]
# A chapter that shows tables of another.
READS = {"29_one_place": ("28_municipality",)}


@pytest.mark.prove
@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("name", [path.stem for path in list_notebooks() if path.stem[:2] != "50"])
def test_a_chapter_stands_over_any_years(name, period, tmp_path, monkeypatch):
    """On public numbers alone. Chapter 22 spoke of a rule of 2019 that an edition until 2017 did
    not have, and ended with the trace of an empty table from 2021 on."""
    first, last = map(int, period.split("-"))
    edition = define_edition(
        edition=period, period_start=first, period_end=last, registers=NO_REGISTERS
    )
    for one in (*READS.get(name, ()), name):
        run_alone(one, edition=edition, registers=None, cache=tmp_path, patch=monkeypatch)
    manifest = read_manifest(tmp_path / "provisional" / period)
    counted = {table: record["mark"] for table, record in manifest["tables"].items()}
    assert [table for table, mark in counted.items() if mark == "register"] == []


@pytest.mark.parametrize(
    ("period", "name", "key"),
    [("2018-2019", "10_long_view", "longest"), ("2005-2006", "12_signalling", "n_printed")],
)
def test_no_sentence_counts_to_nought_where_there_is_nothing(
    period, name, key, tmp_path, monkeypatch
):
    """Of two years it read "The longest spell has 0 years: far too few for a trend model"."""
    first, last = map(int, period.split("-"))
    glued: dict[str, str] = {}
    for language in LANGUAGES:
        edition = define_edition(
            edition=period,
            period_start=first,
            period_end=last,
            registers=NO_REGISTERS,
            language=language,
        )
        given = {"edition": edition, "registers": None, "cache": tmp_path / language}
        run_alone(name, patch=monkeypatch, glued=glued, **given)
        assert glued[key] == labels.text("no_number", language)


@pytest.fixture(scope="module")
def later_registers(draw):
    """Reports and decisions of 2017 to 2021 without 2019, with other units and without FairWork."""
    tables = draw(5)
    reports = tables["reports"].assign(
        report_date=lambda rows: rows["report_date"] + pd.DateOffset(years=1),
        police_unit=lambda rows: rows["police_unit"].replace(OTHER_UNITS),
    )
    reports = reports[reports["report_date"].dt.year != 2019].replace(
        {"reporter": {"fairwork": "other"}}
    )
    return reports, tables["residence_decisions"].assign(
        decision_date=lambda rows: rows["decision_date"] + pd.DateOffset(years=1)
    )


def write_extract(folder: Path, tables: dict[str, pd.DataFrame]) -> None:
    folder.mkdir()
    (folder / "extract.yml").write_text(yaml.safe_dump(OTHER_EXTRACT), encoding="utf-8")
    for name, rows in tables.items():
        rows.to_parquet(folder / f"{name}.parquet", index=False)


@pytest.fixture
def read_alone(tmp_path, monkeypatch):
    """A function from chapters and tables to what the chapters show of them, once the extract is
    found to be in order."""

    def read(*names: str, **tables: pd.DataFrame) -> str:
        folder = tmp_path / "registers"
        write_extract(folder, tables)
        assert sources.validate_extract(folder).exit_code == 0
        edition = define_edition(**yaml.safe_load(EDITION))
        return "".join(
            run_alone(name, edition=edition, registers=folder, cache=tmp_path, patch=monkeypatch)
            for name in names
        )

    return read


def run_on(
    project: Project,
    folder: Path,
    *,
    only: tuple[str, ...] = ("12_signalling", "14_protection"),
    **tables: pd.DataFrame,
) -> subprocess.CompletedProcess[str]:
    write_extract(folder, tables)
    (project.root / "notebooks" / "editions" / "2017-2021.yml").write_text(
        EDITION, encoding="utf-8"
    )
    return project.run("run", "--edition", "2017-2021", "--registers", str(folder), "--only", *only)


def test_registers_of_other_years_and_codes_give_the_same_chapters(
    unbuilt, tmp_path, later_registers
):
    """The numbers are the printed ones, a year later; a year without a report is a zero; all of it
    is marked as a register's."""
    reports, decisions = later_registers
    done = run_on(unbuilt, tmp_path / "registers", reports=reports, residence_decisions=decisions)
    assert done.returncode == 0, done.stderr
    bundle = unbuilt.root / ".cache" / "provisional" / "2017-2021"
    victims = pd.read_csv(bundle / "signalling_victims.csv", dtype=str, encoding="utf-8")
    counted = victims[victims["population"] == "register_without_kmar_only"].set_index("period")[
        "n"
    ]
    assert counted.to_dict() == {
        "2017": "952",
        "2018": "956",
        "2019": "0",
        "2020": "1334",
        "2021": "984",
        "2017-2021": "4226",
    }
    tables = [
        pd.read_csv(path, dtype=str, encoding="utf-8")
        for path in sorted(bundle.glob("*.csv"))
        if find_product(path.stem).tables  # counted from a register; others were printed
    ]
    assert (
        all(set(table["mark"]) <= {"register"} for table in tables) and sum(map(len, tables)) > 500
    )
    text = unbuilt.read_chapter("12_signalling")
    assert (
        "my_unit" in text
        and "Line chart over 2017 to 2021." in text
        and "FairWork"
        not in text.split("who is counted | 2017 | 2018")[1]  # what is known stands before
        and "Illustration" not in text
    )
    assert "1,755" in unbuilt.read_chapter("14_protection")
    rates = pd.read_csv(bundle / "signalling_unit_rates.csv", dtype=str, encoding="utf-8")
    assert set(rates["police_unit"]) == {"my_unit"} and set(rates["source"]) == {
        "inhabitants of a test"
    }


@pytest.mark.parametrize(
    ("name", "rows"), [("one report", 1), ("a few without nationality", 40), ("no report", 0)]
)
def test_the_smallest_registers_still_give_a_chapter(read_alone, later_registers, name, rows):
    """It says what it cannot show, and shows no empty picture."""
    reports, decisions = later_registers
    tables = (
        {"reports": reports.iloc[:rows].assign(nationality="unknown")}
        if rows
        else {"residence_decisions": decisions.iloc[:2]}
    )
    text = read_alone("12_signalling", "14_protection", **tables)
    missing = "`residence_decisions` and `residence_counts`" if rows else "`reports`"
    assert f"This extract has no table {missing}, so there is no picture." in text
    assert not rows or "The register holds nothing for this picture in 2017–2021." in text
    if rows == 1:  # small and other hidden counts carry one sign
        assert "hidden" in text


@pytest.fixture(scope="module")
def later_police(draw):
    """The police register, a year later, with the people and their stays."""
    tables = draw(5)
    later = {
        "incidents": ("registration_date", "offence_start_date", "offence_end_date"),
        "persons": ("birth_date", "death_date"),
        "residence_spells": ("from_date", "to_date"),
    }
    return {
        name: tables[name].assign(
            **{column: tables[name][column] + pd.DateOffset(years=1) for column in columns}
        )
        for name, columns in later.items()
    }


@pytest.mark.prove
def test_a_police_register_of_other_years_gives_the_same_chapter(unbuilt, tmp_path, later_police):
    """740 of 2,460 within two years are printed for 2010 to 2018; of a register tests are shown,
    with their p-values."""
    done = run_on(
        unbuilt, tmp_path / "registers", only=("18_repeat_victimisation",), **later_police
    )
    assert done.returncode == 0, done.stderr
    text = unbuilt.read_chapter("18_repeat_victimisation")
    assert (
        "within two years | 2011–2019 | 740 | 2,460" in text.replace("ʳ", "")
        and "Illustration" not in text
    )
    assert "by sex (Gray)" in text and "women against men" in text and "estimated" in text


@pytest.mark.parametrize("n", [0, 1, 60])
def test_a_few_incidents_still_give_a_chapter_on_repeat_victimisation(read_alone, later_police, n):
    """It says what it cannot show; nobody is seen in a count."""
    tables = (
        later_police | {"incidents": later_police["incidents"].iloc[:n]}
        if n
        else {"persons": later_police["persons"]}
    )
    text = read_alone("18_repeat_victimisation", **tables)
    nothing = "The register holds nothing for this picture in 2017–2021."
    if not n:
        nothing = (
            "This extract has no table `incidents` and `residence_spells`, so there is no picture."
        )
    # Of a register that is not there not even few events are known.
    assert nothing in text and ("too few events to estimate" in text) is (n > 0)
    assert "inf" not in text.split() and "nan" not in text.split()


def test_nobody_is_followed_beyond_what_is_known(tmp_path, monkeypatch, later_police):
    """The registers are known until 2021, the edition goes on: who is told how often the most
    affected return are those of the total. They were two cohorts, and the whole book was
    refused."""
    registers, tables = tmp_path / "registers", ("repeats_totals", "repeats_affected")
    write_extract(registers, later_police)
    with (registers / "extract.yml").open("a", encoding="utf-8") as stream:
        stream.write("reference_date: 2021-12-31\n")
    edition = define_edition(edition="2017-2023", period_start=2017, period_end=2023)
    count_alone(
        "18_repeat_victimisation",
        tables,
        edition=edition,
        registers=registers,
        cache=tmp_path,
        patch=monkeypatch,
    )
    totals, affected = (
        pd.read_csv(tmp_path / "provisional" / "2017-2023" / f"{name}.csv", dtype=str)
        for name in tables
    )
    [within_five] = totals.loc[totals["category"] == "within_5_years", "n_events"]
    assert set(affected.loc[affected["people"] == "100", "n_behind"]) == {within_five}


AID = ("matches", "youth_care", "shelter", "care_costs")


@pytest.mark.parametrize("n", [0, 1, 2000])
def test_few_matches_still_give_a_chapter_on_aid(read_alone, draw, later_police, n):
    """One control, two victims' worth, or none: it says what it cannot show; nobody is seen in a
    count."""
    tables = draw(5)
    few = {name: tables[name] for name in AID if n} | (
        {"matches": tables["matches"].iloc[:n]} if n else {}
    )
    text = read_alone("16_aid_trajectories", **later_police, **few)
    nothing = "The register holds nothing for this picture in 2017–2021."
    assert (nothing if n else "This extract has no table `matches` and `youth_care`") in text
    assert "inf" not in text.split() and "nan" not in text.split()


# Tables of several registers each, quick to count.
OF_SEVERAL = {
    "16_aid_trajectories": ("aid_flow", "aid_population", "aid_youth_care", "aid_shelter", "aid_contrasts", "aid_landmark", "aid_quality"),
    "18_repeat_victimisation": ("repeats_flow", "repeats_totals", "repeats_states"),
}  # fmt: skip

OTHERS = [("shelter",), ("care_costs",), ("matches",), ("persons",), ("incidents",), ("youth_care", "shelter", "care_costs")]  # fmt: skip


@pytest.fixture(scope="module")
def count_without(tmp_path_factory, draw, later_police):
    """A function from a chapter and register tables to the true rows of OF_SEVERAL, counted from an
    extract without these: what each says, by its table and keys."""
    given = later_police | {name: draw(5)[name] for name in AID}

    @cache
    def count(name: str, *lacking: str) -> dict[tuple[str, ...], tuple[str, ...]]:
        folder = tmp_path_factory.mktemp("without")
        kept = {table: rows for table, rows in given.items() if table not in lacking}
        write_extract(folder / "registers", kept)
        edition = define_edition(**yaml.safe_load(EDITION))
        with pytest.MonkeyPatch.context() as patch:
            place = {"edition": edition, "registers": folder / "registers", "cache": folder}
            count_alone(name, OF_SEVERAL[name], patch=patch, **place)
        rows = {}
        for table in OF_SEVERAL[name]:
            keys = list(find_product(table).keys)
            found = pd.read_pickle(folder / "stage" / f"{table}.cells").astype(str)
            for key, row in zip(found[keys].to_numpy(), found.to_numpy(), strict=True):
                rows[table, *key] = tuple(row)
        return rows

    return count


@pytest.mark.parametrize("name", OF_SEVERAL)
@pytest.mark.parametrize("lacking", [("youth_care",), *(pytest.param(one, marks=pytest.mark.prove) for one in OTHERS)])  # fmt: skip
def test_what_is_shown_without_a_register_is_what_is_shown_with_it(count_without, name, lacking):
    """A count over an absent register is not nought but not known: without youth care it read
    "trajectories that overlap the one before: 0"."""
    whole, found = count_without(name), count_without(name, *lacking)
    assert {key: numbers for key, numbers in found.items() if whole[key] != numbers} == {}
    lost = {key for key in whole if key not in found}
    needs = {table for table in OF_SEVERAL[name] if {*lacking} & {*find_product(table).tables}}
    assert {table for table, *_ in lost} == needs


@pytest.mark.prove
def test_aid_of_another_period_has_the_same_chapter(unbuilt, tmp_path, draw, later_police):
    """The register of 2017 to 2021, with a control year and years of costs of its own."""
    tables = draw(5)
    later = {
        name: tables[name].assign(
            **{
                column: tables[name][column] + pd.DateOffset(years=1)
                for column in ("start_date", "end_date")
            }
        )
        for name in ("youth_care", "shelter")
    }
    done = run_on(
        unbuilt,
        tmp_path / "registers",
        only=("16_aid_trajectories",),
        matches=tables["matches"],
        care_costs=tables["care_costs"].assign(year=tables["care_costs"]["year"] + 1),
        **later_police,
        **later,
    )
    assert done.returncode == 0, done.stderr
    text = unbuilt.read_chapter("16_aid_trajectories").replace("ʳ", "")
    assert (
        "youth care | presumed victims | 145 | 265 | 2017–2021 | 54.7%" in text
        and "€ 4,401" in text
        and "Illustration" not in text
    )
