"""Ten changed truths: registers of an invented edition, taken as real, from the extract's files
through the chapters' own counting and the release to the claims.

The people are written by hand, in rounds of ten so that nobody is hidden; what must fail is read
from the change. The invented years share no year with the monitor, so that no printed number stands
in for the register.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import yaml
from alone import count_alone
from registers import decision, make_table, report

from helpers.claims import FAILS, HOLDS, UNDECIDED, judge, read_verdicts
from helpers.edition import Edition, define_edition
from helpers.synthetic.offences import OFFENCE_GROUPS

YEARS = range(2021, 2026)
BEFORE, LAST = 2024, 2025
EXTRACT = {
    "source": "a test",
    "extraction_date": datetime.date(2026, 1, 1),
    "offence_groups": OFFENCE_GROUPS,
}
SIGNALLING = (
    "signalling_victims",
    "signalling_forms",
    "signalling_labour_months",
    "signalling_activities",
    "signalling_sex",
    "signalling_mean_ages",
    "signalling_ages",
    "signalling_change_forms",
    "signalling_reporters",
    "signalling_units",
)
PROTECTION = ("protection_use", "protection_dublin", "protection_regions")
REPEATS = ("repeats_totals", "repeats_groups", "repeats_sex")


class Group(dict):
    """How many people of one kind are reported in a year, and what they have in common."""


def change(rows: list[Group], *, where: dict, **given) -> list[Group]:
    """The same groups, but for what is given to those that have `where`."""
    found = [row for row in rows if where.items() <= row.items()]
    assert found, where
    return [Group({**row, **given}) if row in found else row for row in rows]


def list_victims() -> list[Group]:
    """Reported victims as the monitor describes them: fewer in the last year, labour exploitation most
    reported then, the police half as often as before, fewer minors, more women, some with two forms."""
    plain = {"sex": "female", "age": 24, "nationality": "NGA", "unit": "not_recorded", "month": 6}
    rows = []
    for year in YEARS:
        is_last = year == LAST
        young = 100 - 10 * (year - YEARS.start)
        kinds = (
            # name, form, reporter, people in the last year and before
            ("home", "sexual", "police", 30, 60, {"nationality": "NLD"}),
            ("young", "sexual criminal", "police", 20, young, {"age": 16, "nationality": "NLD"}),
            ("student", "sexual", "police", 20, 60, {"age": 20, "unit": "north_netherlands"}),
            ("abroad", "sexual", "police", 80, 150, {"unit": "north_netherlands"}),
            ("border", "sexual", "kmar", 10, 20, {"nationality": "ROU"}),
            ("forced", "criminal", "police", 30, 80, {"sex": "male", "activity": "drug_offences"}),
            ("unclear", "", "police", 40, 40, {}),
            ("work", "labour", "fairwork", 90, 30, {"age": 36, "nationality": "POL"}),
            ("household", "labour", "fairwork", 60, 20, {"age": 38, "nationality": "HUN"}),
            ("farm", "labour", "labour_inspectorate", 10, 30, {"sex": "male", "age": 40}),
        )
        for name, form, reporter, last, earlier, given in kinds:
            n = last if is_last else earlier
            row = {"name": name, "year": year, "form": form, "reporter": reporter, "n": n}
            rows.append(Group({**plain, **row, **given}))
    # The work of March, April and May came to light.
    spread = []
    for row in rows:
        if row["form"] != "labour" or row["year"] != LAST or row["name"] == "farm":
            spread.append(row)
            continue
        for month, sector in ((3, "hospitality"), (4, "household"), (5, "other_services")):
            spread.append(Group({**row, "month": month, "sector": sector, "n": row["n"] // 3}))
    return spread


def write_victims(rows: list[Group], folder: Path) -> None:
    reports, number = [], 0
    for row in rows:
        for _ in range(row["n"]):
            number += 1
            reports.append(
                report(
                    number,
                    f"v{number}",
                    f"{row['year']}-{row['month']:02}-15",
                    row["reporter"],
                    *row["form"].split(),
                    sex=row["sex"],
                    age_at_report=row["age"],
                    nationality=row["nationality"],
                    police_unit=row["unit"],
                    criminal_activity=row.get("activity", "not_recorded"),
                    sector_labour=row.get("sector", "not_recorded"),
                    dublin=False,
                )
            )
    write(make_table("reports", *reports), "reports", folder)


def list_decisions() -> list[Group]:
    """Fewer offers of the reflection period every year, more rejections, most applicants with a Dublin
    indication, and Africa first."""
    rows = []
    for year in YEARS:
        offers = 40 if year == LAST else 90 + 10 * (BEFORE - year)
        offer = {"year": year, "what": ("779", "offered"), "dublin": "none", "n": offers}
        rows.append(Group({**offer, "nationality": "NGA"}))
        claims = {"year": year, "what": ("420", "granted"), "dublin": "claim", "n": 60}
        rows.append(Group({**claims, "nationality": "NGA"}))
        refused = {"year": year, "what": ("420", "rejected"), "dublin": "claim"}
        rows.append(Group({**refused, "nationality": "NGA", "n": 20 if year == LAST else 10}))
        longer = {"year": year, "dublin": "none", "nationality": "NGA"}
        rows.append(Group({**longer, "what": ("305", "granted"), "n": 50}))
        again = 10 * (year - YEARS.start + 1)
        rows.append(Group({**longer, "what": ("305", "rejected"), "n": again}))
        others = {"year": year, "what": ("420", "granted"), "dublin": "none", "n": 20}
        rows.append(Group({**others, "nationality": "PHL"}))
    return rows


def write_decisions(rows: list[Group], folder: Path) -> None:
    decisions, number = [], 0
    for row in rows:
        for _ in range(row["n"]):
            number += 1
            given = {"dublin": row["dublin"], "nationality": row["nationality"]}
            day = f"{row['year']}-05-05"
            decisions.append(decision(number, f"p{number}", day, *row["what"], **given))
    write(make_table("residence_decisions", *decisions), "residence_decisions", folder)


def list_people() -> list[Group]:
    """People first registered at the start of the study; of women nearly half come again within five
    years, of men a fifth, most of them as victims of an assault, and mostly twice."""
    return [
        Group(sex="female", again="assault", day="2018-09-01 2018-12-01", n=110),
        Group(sex="female", again="assault", day="2023-01-01", n=20),
        Group(sex="female", again="", day="", n=70),
        Group(sex="male", again="theft", day="2018-09-01", n=20),
        Group(sex="male", again="", day="", n=80),
    ]


BIRTH = "1990-01-01"
OFFENCES = {"assault": "X03", "theft": "X01"}


def write_people(rows: list[Group], folder: Path) -> None:
    persons, spells, incidents, number = [], [], [], 0
    for row in rows:
        for _ in range(row["n"]):
            number += 1
            name = f"b{number}"
            persons.append(
                {"person_id": name, "sex": row["sex"], "birth_date": BIRTH, "nationality": "NLD"}
            )
            spells.append({"person_id": name, "from_date": BIRTH})
            incidents.append(describe_incident(f"i{number}", name, "2017-03-01", "F5293"))
            for day in row["day"].split():
                code = OFFENCES[row["again"]]
                incidents.append(describe_incident(f"j{number}, {day}", name, day, code))
    for name, found in (
        ("persons", persons),
        ("residence_spells", spells),
        ("incidents", incidents),
    ):
        write(make_table(name, *found), name, folder)


def describe_incident(number: str, person: str, day: str, code: str) -> dict:
    days = dict.fromkeys(("registration_date", "offence_start_date", "offence_end_date"), day)
    return {"incident_id": number, "person_id": person, "offence_code": code, **days}


def write(table: pd.DataFrame, name: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    # These columns are optional, and nothing here is known of them.
    table.drop(columns=["municipality", "ground"], errors="ignore").to_csv(
        folder / f"{name}.csv", index=False, encoding="utf-8", lineterminator="\n"
    )
    (folder / "extract.yml").write_text(yaml.safe_dump(EXTRACT), encoding="utf-8", newline="\n")


SOURCES = {
    "12_signalling": (SIGNALLING, list_victims, write_victims),
    "14_protection": (PROTECTION, list_decisions, write_decisions),
    "18_repeat_victimisation": (REPEATS, list_people, write_people),
}
Rows = list[Group]


def make_edition() -> Edition:
    return define_edition(
        edition="2021-2025", period_start=YEARS.start, period_end=LAST, study_start=2015
    )


def judge_rows(chapter: str, rows: Rows, folder: Path, patch: pytest.MonkeyPatch) -> dict[str, str]:
    """The verdict of each claim of a chapter on an extract of these people."""
    tables, _, write_rows = SOURCES[chapter]
    write_rows(rows, folder / "registers")
    run, cache = make_edition(), folder / "cache"
    count_alone(
        chapter, tables, edition=run, registers=folder / "registers", cache=cache, patch=patch
    )
    bundle = cache / "provisional" / run.edition
    return {name: one.verdict for name, one in judge(run, folder=bundle, chapter=chapter).items()}


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """The verdicts before anything is changed, by chapter."""
    with pytest.MonkeyPatch.context() as patch:
        return {
            chapter: judge_rows(chapter, make(), tmp_path_factory.mktemp(chapter), patch)
            for chapter, (_, make, _) in SOURCES.items()
        }


# The chapter, what is changed, and the claims that this makes false.
TRUTHS: dict[str, tuple[str, Callable[[Rows], Rows], set[str]]] = {
    "no fall": (
        "12_signalling",
        lambda rows: [
            *rows,
            Group({**rows[0], "reporter": "other", "form": "", **IN_LAST, "n": 170}),
        ],
        {"fewer_victims", "labour_share"},
    ),
    "labour is no longer reported most": (
        "12_signalling",
        lambda rows: change(
            change(rows, where={"name": "work"} | IN_LAST, n=10),
            where={"name": "household"} | IN_LAST,
            n=10,
        ),
        {
            "labour_most",
            "labour_share",
            "labour_rose",
            "fairwork_tripled",
            "domestic_share",
            "labour_in_period",
        },
    ),
    "the police reports more, FairWork less": (
        "12_signalling",
        lambda rows: change(rows, where={"name": "work"} | IN_LAST, reporter="police"),
        {"police_halved", "fairwork_tripled"},
    ),
    "more minors than the year before": (
        "12_signalling",
        lambda rows: change(
            change(rows, where={"name": "unclear"} | IN_LAST, age=16),
            where={"name": "home"} | IN_LAST,
            age=16,
        ),
        {"minors_fewer", "minors_few", "young_fell"},
    ),
    "more men than the year before": (
        "12_signalling",
        lambda rows: change(
            change(rows, where={"name": "abroad"} | IN_LAST, sex="male"),
            where={"name": "work"} | IN_LAST,
            sex="male",
        ),
        {"women_rose"},
    ),
    "labour exploitation comes to light in autumn": (
        "12_signalling",
        lambda rows: [
            Group({**row, "month": row["month"] + 6}) if 3 <= row["month"] <= 5 else row
            for row in rows
        ],
        {"labour_peak"},
    ),
    "the north reports nearly as many": (
        "12_signalling",
        lambda rows: change(
            change(rows, where={"name": "unclear"} | IN_LAST, unit="north_netherlands"),
            where={"name": "forced"} | IN_LAST,
            unit="north_netherlands",
        ),
        {"north_fell"},
    ),
    "more offers of the reflection period": (
        "14_protection",
        lambda rows: change(rows, where={"what": ("779", "offered"), "year": LAST}, n=140),
        {"reflection_halved", "reflection_lowest"},
    ),
    "few with a Dublin indication": (
        "14_protection",
        lambda rows: change(
            change(rows, where={"what": ("420", "granted"), "dublin": "claim"} | IN_LAST, n=10),
            where={"nationality": "PHL", "year": LAST},
            n=70,
        ),
        {"dublin_most"},
    ),
    "men are registered again more often": (
        "18_repeat_victimisation",
        lambda rows: [
            Group({**row, "sex": "male" if row["sex"] == "female" else "female"}) for row in rows
        ],
        {"repeat_women"},
    ),
    "few are registered again": (
        "18_repeat_victimisation",
        lambda rows: change(
            change(rows, where={"sex": "female", "again": ""}, n=470),
            where={"sex": "male", "again": ""},
            n=280,
        ),
        {"repeat_five", "repeat_two"},
    ),
    "theft and not violence": (
        "18_repeat_victimisation",
        lambda rows: change(rows, where={"again": "assault"}, again="theft"),
        {"repeat_serious"},
    ),
}
IN_LAST = {"year": LAST}
# What the monitor shows in figures and prints in no number: open on the committed bundle, whose registers
# are made up, and decided where they are real.
OF_FIGURES = {
    "continued_rejected",
    "dublin_most",
    "labour_largest_sectors",
    "labour_peak",
    "reflection_lowest",
    "rejections_rose",
    "scheme_africa",
}


def test_what_only_figures_show_is_decided_by_a_register(untouched):
    """The eighth of them, who refers to youth care, needs the registers of aid."""
    kept = read_verdicts("2016-2020")
    still_open = {name for name, row in kept.items() if row["verdict"] == UNDECIDED}
    assert still_open == {*OF_FIGURES, "referrer_protection"}
    verdicts = {name: verdict for found in untouched.values() for name, verdict in found.items()}
    assert {verdicts[name] for name in OF_FIGURES} == {HOLDS}


def test_before_a_change_each_claim_that_a_register_decides_holds(untouched):
    expected = {name for _, _, names in TRUTHS.values() for name in names}
    verdicts = {name: verdict for found in untouched.values() for name, verdict in found.items()}
    assert {verdicts[name] for name in expected} == {HOLDS}
    assert [name for name, verdict in verdicts.items() if verdict == FAILS] == []


# One a chapter in each run of the tests, all of them in `make prove`.
QUICK = {
    "labour is no longer reported most",
    "more offers of the reflection period",
    "few are registered again",
}


@pytest.mark.parametrize(
    "truth",
    [pytest.param(name, marks=() if name in QUICK else pytest.mark.prove) for name in TRUTHS],
)
def test_of_a_changed_truth_the_right_claims_fail_and_only_those(
    untouched, tmp_path, monkeypatch, truth
):
    chapter, alter, expected = TRUTHS[truth]
    rows = SOURCES[chapter][1]()
    after = judge_rows(chapter, alter(rows), tmp_path, monkeypatch)
    before = untouched[chapter]
    assert {name for name in before if after[name] != before[name]} == expected
    assert {after[name] for name in expected} == {FAILS}
