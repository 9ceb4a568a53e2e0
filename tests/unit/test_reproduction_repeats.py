"""Published numbers of chapter 4 and annex B1.4 against the chapter's own tables on the default
registers: a check of calibration and of two readings of the definitions, which were written
apart."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers import cohort, published, repeats
from helpers.calibration import is_met
from helpers.edition import read_edition
from helpers.registers import open_registers

# What the contract does not hold: the population at large, another country, the register of
# reports, quality of the police's file.
OTHER_POPULATIONS = ("dutch_", "uk_", "comensha_", "police_victim_file")
# The printed tests are looked at apart; the length of the data is no count.
OTHER_MEASURES = ("chi_square", "years_of_data")
DAYS = {"days": 1, "months": 365.25 / 12, "years": 365.25}


@pytest.fixture(scope="module")
def tables() -> dict:
    registers = open_registers(read_edition("2016-2020").seed)
    rules = cohort.Definitions(study_start=2010, study_end=2020)
    linked = cohort.link_people(
        **{name: registers.read(name) for name in ("incidents", "persons", "residence_spells")}
    )
    joined = cohort.join_codes(
        linked.incidents, groups=registers.groups("incidents", "offence_code"), definitions=rules
    )
    followed = cohort.define_cohort(cohort.define_index(joined, rules), linked, rules)
    again = cohort.find_repeats(joined, followed, rules)
    times, totals = repeats.count_horizons(followed, again, horizons=(2, 5, 7), study_end=2020)
    groups = registers.groups("incidents", "offence_code")
    is_homicide = linked.incidents["offence_code"].astype(object).map(groups) == "violence:homicide"
    homicide = cohort.find_repeats(
        cohort.join_codes(linked.incidents[is_homicide], groups=groups, definitions=rules),
        repeats.select_whole(followed, 5, study_end=2020),
        rules,
    )
    return {
        "followed": followed,
        "times": times.set_index(["category", "times"])["n"],
        "totals": totals.set_index("category"),
        "homicide": (homicide["days"] <= 5 * 365.25).sum(),
        "groups": repeats.count_groups(followed, again, years=5, study_end=2020).set_index(
            "offence_group"
        ),
        "incidents": repeats.count_incidents(followed, again, years=5, study_end=2020).set_index(
            "offence_group"
        )["n"],
        "sex": repeats.count_by_trait(followed, again, "sex", years=5, study_end=2020).set_index(
            "sex"
        ),
        "ages": repeats.count_by_trait(
            followed, again, "age_group", years=5, study_end=2020
        ).set_index("category"),
        "forms": repeats.count_by_form(followed, again, year=2016).set_index("form_group"),
        "days": repeats.describe_times(followed, again, years=5, study_end=2020).set_index(
            "category"
        )["value"],
    }


def ratio(table: pd.DataFrame, *codes: str) -> float:
    return 100 * table.loc[list(codes), "n_events"].sum() / table.loc[list(codes), "n_known"].sum()


def compute(row: pd.Series, t: dict) -> float | None:
    """What the chapter's tables say where the monitor prints this number."""
    measure, category, population = row["measure"], row["category"], row["population"]
    first, last = int(row["period"][:4]), int(row["period"][-4:])
    inside = t["followed"][t["followed"]["year"].between(first, last)]
    known = inside[inside["form"] != "unknown"]
    horizon, _, about = category.partition(":")
    severe, five = (
        t["groups"].loc["severe", "n_events"],
        t["totals"].loc["within_5_years", "n_events"],
    )
    if measure == "persons":
        return {
            "all": len(known if population.endswith("form_known") else inside),
            "female": (inside["sex"] == "female").sum(),
        }[category]
    if measure == "share_of_persons" and population == "repeat_persons_within_5_years":
        return (
            100
            * (
                t["times"]["within_5_years", "several"]
                if category == "multiple_incidents"
                else severe
            )
            / five
        )
    if measure == "share_of_persons":
        flags = {
            "sexual": known["form"] == "sexual",
            "non_sexual": known["form"] == "other",
            "unknown": inside["form"] == "unknown",
            "female": inside["sex"] == "female",
        }
        return (
            100 * (flags[category] if category in flags else inside["age_group"] == category).mean()
        )
    if measure == "persons_with_repeat":
        return t["totals"].loc[horizon, "n_events"] if not about else severe
    if measure == "share_with_repeat":
        if not about:
            return ratio(t["totals"], horizon)
        if row["period"] == "2016":
            return ratio(t["forms"], {"non_sexual": "other"}.get(about, about))
        ages = {"minor": ["minor"], "under_23": ["minor", "adolescent"], "23_or_older": ["adult"]}
        return (
            ratio(t["ages"], *ages[about])
            if about in ages
            else ratio(t["sex"], about)
            if about in ("female", "male")
            else ratio(t["groups"], repeats.tables.PRINTED_GROUPS.get(about, about))
        )
    if measure == "incidents" and category == "homicide":
        return t["homicide"]
    if measure == "incidents":
        return (
            t["incidents"].sum()
            if category == "all"
            else t["incidents"][repeats.tables.PRINTED_GROUPS.get(category, category)]
        )
    if measure == "mean_incidents_per_person":
        return t["incidents"].sum() / five
    if measure.endswith("_time_to_repeat"):
        return t["days"][f"{measure.partition('_')[0]}_days"] / DAYS[row["unit"]]
    return None


def select_published() -> pd.DataFrame:
    numbers = published.read_numbers()
    of_chapter = numbers["id"].str.startswith("sm20") & (
        numbers["section"].str.match(r"4\.|B1\.4") | numbers["figure"].str.startswith("4.")
    )
    return numbers[
        of_chapter
        & ~numbers["population"].str.startswith(OTHER_POPULATIONS)
        & ~numbers["measure"].str.startswith(OTHER_MEASURES)
    ]


def test_at_least_nineteen_of_twenty_published_numbers_come_out_and_the_others_contradict_each_other(
    tables,
):
    """A number that is printed again counts once. Captions of figures 4.4 to 4.6 give the number of
    another period (c17, c18)."""
    numbers = select_published()
    computed = numbers.apply(compute, axis=1, t=tables)
    assert numbers.loc[computed.isna(), ["id", "measure", "category"]].to_dict("records") == []
    met = pd.Series(
        [
            is_met(float(value), f"{row.value:.10g}", precision=row.precision, unit=row.unit)
            for value, row in zip(computed, numbers.itertuples())
        ],
        index=numbers.index,
    )
    once = numbers.assign(met=met).drop_duplicates(
        ["measure", "population", "category", "period", "value", "unit", "precision"]
    )
    contradicting = {
        number
        for row in published.read_contradictions().itertuples()
        if row.id in ("sm20-c17", "sm20-c18")
        for number in row.numbers.split("|")
    }
    assert set(numbers.loc[~met, "id"]) <= contradicting
    assert once["met"].mean() >= 0.95 and len(once) > 40


def test_the_captions_cannot_come_out():
    """c17: 1,270 people of 2010 to 2015 cannot be all 3,150 of 2010 to 2020; c18: 315 of 2016 alone
    cannot be all of 2016 to 2020, who are at least those of 2016 to 2018: 2,460 less 1,270."""
    value = published.read_numbers().set_index("id")["value"]
    assert value["sm20-043"] == value["sm20-039"] < value["sm20-357"]
    assert value["sm20-045"] == value["sm20-428"] < value["sm20-358"] - value["sm20-359"]
