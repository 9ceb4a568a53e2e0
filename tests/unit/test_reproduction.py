"""Published numbers of sections 2.3 and 2.4 against the chapters' own tables on the default
registers: a check of calibration and of two readings of the definitions, which were written
apart."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest

from helpers import protection, published, signalling
from helpers.calibration import is_met
from helpers.edition import read_edition
from helpers.registers import open_registers

YEARS = range(2016, 2021)
WHOLE = "2016-2020"
# Registers that the contract does not hold: what the inspectorate, a chat and others count; other
# years; people who went missing.
OTHER_REGISTERS = (
    "inspectorate_",
    "seriously_",
    "chat_",
    "fairwork_",
    "estimated_",
    "unaccompanied_",
    "residence_rules",
    "essex_",
    "ind_continued_residence_special",
)
OTHER_COHORTS = {"sm20-080", "sm20-084", "sm20-120"}


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.Series]:
    """Every count by (table, code, period)."""
    registers = open_registers(read_edition("2016-2020").seed)
    reports, decisions = registers.read("reports"), registers.read("residence_decisions")
    victims = signalling.derive_victims(reports, regions=registers.groups("reports", "nationality"))
    counted, pairs = signalling.select_counted(victims), signalling.pair_reporters(reports, victims)
    scheme = protection.count_scheme(decisions, registers.read("residence_counts"))
    persons = protection.select_persons(
        decisions, years=YEARS, regions=registers.groups("residence_decisions", "nationality")
    )
    made = {
        "victims": signalling.count_victims(victims, years=YEARS),
        "forms": signalling.count_forms(victims, years=YEARS),
        "sex": signalling.count_by_trait(victims, "sex", years=YEARS),
        "region": signalling.count_by_trait(victims, "region", years=YEARS),
        "age": signalling.count_by_trait(
            victims, "age_group", years=YEARS, codes=signalling.AGE_GROUPS
        ),
        "sexual": signalling.count_sexual_sectors(victims, years=YEARS),
        "labour": signalling.count_labour_sectors(victims, years=YEARS),
        "ways": signalling.count_criminal_activities(victims, years=YEARS),
        "reporters": signalling.count_reporters(pairs, years=YEARS),
        "units": signalling.count_units(signalling.pair_units(reports, victims), years=YEARS),
        "use": protection.count_use(scheme, years=YEARS),
        "persons": protection.count_persons(persons, "all", years=YEARS),
    }
    read = {
        name: table.set_index([column for column in table if column not in ("n", "unit")])["n"]
        for name, table in made.items()
    }
    return read | {
        "victim_rows": counted,
        "pairs": pairs,
        "person_rows": persons,
        "decisions": decisions,
        "reports": reports,
        "scheme": scheme,
    }


def share(part: float, whole: float) -> float:
    return 100 * part / whole


def compute(row: pd.Series, t: dict) -> float | None:
    """What the chapters' tables say where the monitor prints this number."""
    population, category, measure, period = (
        row["population"],
        row["category"],
        row["measure"],
        row["period"],
    )
    rows, pairs, persons = t["victim_rows"], t["pairs"], t["person_rows"]
    first, last = (period[:4], period[-4:])
    inside = (
        rows
        if period == WHOLE
        else rows[rows["year"].between(int(first), int(last))]
        if period[:4].isdigit()
        else rows
    )
    forms, reporters = t["forms"], t["reporters"]

    def of_forms(form: str, when: str) -> float:
        return sum(
            forms[name, when]
            for name in (
                ["domestic_sexual", "cross_border_sexual"]
                if form == "sexual"
                else signalling.FORMS
                if form == "all"
                else [form]
            )
        )

    def change(value) -> float:
        return share(value(last) - value(first), value(first))

    flags = {
        "male": inside["sex"] == "male",
        "female": inside["sex"] == "female",
        "minor": inside["age_group"] == "minor",
        "under_23": inside["age_group"].isin(["minor", "adolescent"]),
        "africa": inside["region"] == "africa",
        "asia": inside["region"] == "asia",
        "europe_including_netherlands": inside["region"].isin(
            ["netherlands", "eu", "europe_other"]
        ),
        "polish_hungarian_or_bulgarian": inside["nationality"].isin(["POL", "HUN", "BGR"]),
        "drug_offences": inside["criminal_activity"] == "drug_offences",
    }
    sexual, labour = (
        inside["is_domestic_sexual"] | inside["is_cross_border_sexual"],
        inside["is_labour"],
    )
    overlaps = {
        "sexual_and_criminal": sexual & inside["is_criminal"],
        "sexual_and_labour": sexual & labour,
        "labour_and_criminal": labour & inside["is_criminal"],
        "sexual_labour_and_criminal": sexual & labour & inside["is_criminal"],
    }
    if measure == "victims":
        return (
            overlaps[category].sum()
            if category in overlaps
            else flags["minor"].sum()
            if category == "minor"
            else t["victims"]["register_without_kmar_only", period]
        )
    if measure == "change_in_victims":
        regions = {"europe": ["eu", "europe_other"], "latin_america": ["latin_america"]}
        count = (
            (lambda year: t["victims"]["register_without_kmar_only", year])
            if category == "all"
            else lambda year: sum(t["region"][code, year] for code in regions[category])
        )
        return count(last) / count(first) if row["unit"] == "times_as_many" else change(count)
    if measure == "victim_forms":
        return (
            (~inside.loc[sexual, "sector_sexual"].isin(["unknown"])).sum()
            if category == "sexual:sector_known"
            else of_forms(category, period)
        )
    if measure == "share_of_victim_forms":
        return share(of_forms(category, period), of_forms("all", period))
    if measure == "change_in_victim_forms":
        return change(lambda year: of_forms(category, year))
    if measure in ("share_with_sector_known", "share_with_sector_unknown"):
        if population == "comensha_fairwork_reports":
            fairwork = t["reports"][
                (t["reports"]["reporter"] == "fairwork")
                & (t["reports"]["report_date"].dt.year == 2020)
            ].drop_duplicates("victim_id")
            return share(
                fairwork["sector_labour"].isin(["unknown", "not_recorded"]).sum(), len(fairwork)
            )
        unknown, whole = (
            (inside.loc[sexual, "sector_sexual"] == "unknown", sexual)
            if category == "sexual"
            else (inside.loc[labour, "sector"] == "unknown", labour)
        )
        return share(
            unknown.sum() if measure.endswith("unknown") else (~unknown).sum(), whole.sum()
        )
    if measure == "share_of_victims":
        within = {
            "comensha_victims": inside["year"] > 0,
            "comensha_criminal": inside["is_criminal"],
            "comensha_criminal_drug_offences": inside["is_criminal"] & flags["drug_offences"],
        }
        if population == "comensha_labour":
            by_reporter = {"fairwork", "labour_inspectorate"}
            if category in by_reporter:
                chosen = pairs[
                    (pairs["year"] == 2020) & pairs["labour"] & (pairs["reporter"] == category)
                ]
                return share(len(chosen), labour.sum())
            whole = inside["form"] == "labour" if category == "under_23" else labour
            return share((flags[category] & whole).sum(), whole.sum())
        if category == "africa:dublin_indication":
            whole = within[population]
            return share(
                (whole & flags["africa"] & inside["dublin"].fillna(False).astype(bool)).sum(),
                whole.sum(),
            )
        return share((flags[category] & within[population]).sum(), within[population].sum())
    if measure == "mean_age" and population.startswith("comensha"):
        return (inside[inside["form"] == "labour"] if population == "comensha_labour" else inside)[
            "age_at_report"
        ].mean()
    if measure == "consecutive_years_of_decline_in_share":
        shares = [
            share(of_forms(category, str(year)), of_forms("all", str(year))) for year in YEARS
        ]
        falls = [later < earlier for earlier, later in itertools.pairwise(shares)][::-1]
        return falls.index(False) if False in falls else len(falls)
    if measure == "reports":
        return reporters[:, period].sum() if category == "all" else reporters[category, period]
    if measure == "change_in_reports":
        return (
            reporters[category, last] / reporters[category, first]
            if row["unit"] == "times_as_many"
            else change(lambda year: reporters[category, year])
        )
    if measure == "share_of_reports":
        named = population.removeprefix("comensha_").removesuffix("reports").strip("_")
        chosen = pairs[pairs["form"] == named] if named else pairs
        wanted = (
            list(signalling.CONSENT_NEEDED) if category == "without_legal_basis" else [category]
        )
        return share(chosen["reporter"].isin(wanted).sum(), len(chosen))
    if measure == "police_reports":
        unit, _, _ = category.partition(":")
        return t["units"][:, period].sum() if category == "all" else t["units"][unit, period]
    if measure == "decisions":
        kind = "temporary" if "temporary" in population else "continued"
        return sum(t["use"][kind, str(year)] for year in range(int(first), int(last) + 1))
    if measure == "change_in_offers":
        return change(lambda year: t["use"]["reflection", year])
    scheme = (
        persons[persons["has_dublin"] == "dublin"]
        if population == "ind_scheme_persons_dublin"
        else persons
    )
    if measure == "persons":
        return {
            "all": len(scheme),
            "minor": (scheme["age_group"] == "under_18").sum(),
            "nigerian": t["decisions"]
            .loc[t["decisions"]["nationality"] == "NGA", "person_id"]
            .nunique(),
        }[category]
    if measure == "share_of_persons":
        groups = {
            "female": scheme["sex"] == "female",
            "male": scheme["sex"] == "male",
            "under_23": scheme["age_group"].isin(["under_18", "18_22"]),
            "23_to_29": scheme["age_group"] == "23_29",
        }
        return share(groups[category].sum(), len(scheme))
    if measure == "mean_age":
        first_age = (
            t["decisions"]
            .sort_values(["decision_date", "decision_id"])
            .drop_duplicates("person_id")
        )
        chosen = (
            first_age
            if population == "ind_scheme_persons"
            else first_age[first_age["dublin"].isin(["claim", "potential"])]
        )
        return chosen["age_at_decision"].mean()
    return None


def select_published() -> pd.DataFrame:
    numbers = published.read_numbers()
    of_sections = numbers["id"].str.startswith("sm20") & numbers["section"].str.match(
        r"2\.[34](\.|$)"
    )
    return numbers[
        of_sections
        & ~numbers["population"].str.startswith(OTHER_REGISTERS)
        & ~numbers["id"].isin(OTHER_COHORTS)
        # A place among the highest follows from counts that are not printed.
        & (numbers["measure"] != "rank")
    ]


def test_at_least_nineteen_of_twenty_published_numbers_come_out_and_the_others_contradict_each_other(
    tables,
):
    numbers = select_published()
    computed = numbers.apply(compute, axis=1, t=tables)
    assert numbers.loc[computed.isna(), ["id", "measure", "population"]].to_dict("records") == []
    met = pd.Series(
        [
            is_met(float(value), f"{row.value:.10g}", precision=row.precision, unit=row.unit)
            for value, row in zip(computed, numbers.itertuples())
        ],
        index=numbers.index,
    )
    missed = set(numbers.loc[~met, "id"])
    contradicting = {
        number
        for row in published.read_contradictions().itertuples()
        for number in row.numbers.split("|")
    }
    # "About half unknown" is the rest of the 49 percent in the same sentence.
    assert (
        missed == {"sm20-077", "sm20-079", "sm20-082", "sm20-123"}
        and missed - {"sm20-079"} <= contradicting
    )
    assert met.mean() >= 0.95 and len(numbers) > 100


def test_the_four_exceptions_cannot_come_out():
    """c04: 1,139 of 2,819 are 40.4 percent, so neither 49 percent are known nor half unknown; c01
    and c02: two totals each of one thing."""
    value = published.read_numbers().set_index("id")["value"]
    known = 100 * value["sm20-014"] / value["sm20-078"]
    assert round(known) != value["sm20-077"] and abs(100 - known - value["sm20-079"]) > 5
    assert value["sm20-082"] != value["sm20-088"] and value["sm20-123"] != value["sm20-122"]
