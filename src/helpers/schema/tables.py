"""The tables of the register contract."""

from __future__ import annotations

from helpers.definitions import MISSING
from helpers.edition import FIRST_YEAR, LAST_YEAR, BadInput
from helpers.labels import read_codes
from helpers.schema.declare import (
    ENTERED,
    LIVED,
    RAPPORTEUR,
    STATISTICS_OFFICE,
    Column,
    Reference,
    Rule,
    Table,
)

OLDEST = 120
COSTLIEST = 10_000_000
# Thirty years are the longest sentence for a time (article 10 of the Dutch criminal code).
LONGEST_SENTENCE = 30 * 366
# Statistics Netherlands numbers municipalities by four digits after GM. No municipality has 0000,
# which fills empty cells, nor 1999, under which the population register keeps non-residents.
MUNICIPALITY = r"GM(?!0000|1999)[01]\d{3}"


def _id(name: str, meaning: str, source: str = "contract") -> Column:
    return Column(name, "id", meaning, source)


def _date(
    name: str,
    meaning: str,
    source: str = "contract",
    *,
    nullable: bool = False,
    life: str = "",
) -> Column:
    return Column(name, "date", meaning, source, nullable=nullable, life=life)


def _code(
    name: str, codes: str, meaning: str, source: str = "contract", *, kind: str = "code"
) -> Column:
    return Column(name, kind, meaning, source, codes=codes)


def _age(name: str, meaning: str, source: str) -> Column:
    return Column(
        name, "age", meaning, source, unit="completed years", nullable=True, lower=0, upper=OLDEST
    )


def _flag(name: str, meaning: str, source: str = "contract") -> Column:
    return Column(name, "bool", meaning, source)


def _euros(name: str, meaning: str) -> Column:
    return Column(name, "eur", meaning, "B1.3.2", unit="euro", lower=0, upper=COSTLIEST)


def _municipality(meaning: str) -> Column:
    return Column(
        "municipality", "code", meaning, codes="municipality", shape=MUNICIPALITY, prefix="GM"
    )


def _person(name: str = "person_id") -> Reference:
    return Reference(name, "persons", "person_id")


def _ordered(later: str, earlier: str) -> Rule:
    return Rule(
        "not_before",
        (later, earlier),
        f"{later} lies before {earlier}; exchange them or mend the wrong one",
    )


REPORTS = Table(
    "reports",
    "a report of a presumed victim to CoMensha",
    (
        _id("report_id", "the report"),
        _id("victim_id", "the presumed victim, as CoMensha joins reports into victims", "B1.1.2"),
        _date("report_date", "day of the report; its year counts", "2.3"),
        _code("reporter", "reporter", "who reported", "2.3.6"),
        _code(
            "police_unit",
            "police_unit",
            "unit that reported; known where the police reported",
            "2.3.7",
        ),
        _flag("sexual", "sexual exploitation is among the reported forms", "2.3.1"),
        _flag("labour", "labour exploitation is among the reported forms", "2.3.1"),
        _flag("criminal", "criminal exploitation is among the reported forms", "2.3.1"),
        _flag(
            "organ_removal",
            "organ removal is among the reported forms; alone it counts as form unknown",
            "2.3.1",
        ),
        _code(
            "sector_sexual",
            "sector_sexual",
            "sectors of sexual exploitation",
            "2.3.2",
            kind="codes",
        ),
        _code(
            "sector_labour",
            "sector_labour",
            "sectors of labour exploitation",
            "2.3.3",
            kind="codes",
        ),
        _code(
            "criminal_activity",
            "criminal_activity",
            "ways of criminal exploitation",
            "2.3.4",
            kind="codes",
        ),
        _code(
            "sex",
            "sex",
            "sex of the victim; of transgender people the adopted one where known",
            "2.3.5",
        ),
        _age("age_at_report", "age on the day of the report", "2.3.5"),
        _code(
            "nationality",
            "nationality",
            "nationality, ISO 3166-1 alpha-3; XXA stateless, XKX Kosovo",
            "2.3.5",
        ),
        Column(
            "dublin",
            "bool",
            "a Dublin indication was recorded; empty where not recorded",
            "2.3",
            nullable=True,
        ),
        _municipality("place of exploitation, as CBS codes it (GM0000) on the day of the report"),
    ),
    keeper=RAPPORTEUR,
    key=("report_id",),
    optional=("municipality",),
    year_of="report_date",
    rules=(
        Rule(
            "needs",
            ("police_unit", "reporter"),
            "a police report names its unit; fill police_unit",
            code="police",
            is_warning=True,
        ),
    ),
)

RESIDENCE_DECISIONS = Table(
    "residence_decisions",
    "a handled application for residence, or an offer of the reflection period",
    (
        _id("decision_id", "the decision or offer"),
        _id("person_id", "the applicant; an identifier of the immigration service's own", "2.4.3"),
        _date("decision_date", "day on which it was handled; its year counts", "B1.2.2"),
        _code(
            "qualification",
            "qualification",
            "kind of residence: 779 reflection period, 420 and 421 temporary, 305 and 301 continued",
            "table B1.1",
        ),
        _code(
            "outcome",
            "outcome",
            "granted, rejected or otherwise handled; offered for the reflection period",
            "2.4.2",
        ),
        _code(
            "ground",
            "residence_ground",
            "ground of continued residence; not_recorded for other kinds of residence",
        ),
        _code(
            "dublin",
            "residence_dublin",
            "Dublin claim, potential claim or none; recorded since 2019",
            "2.4.2",
        ),
        _code("sex", "sex", "sex of the applicant", "2.4.3"),
        _age("age_at_decision", "age on the day of the decision", "2.4.3"),
        _code("nationality", "nationality", "nationality, ISO 3166-1 alpha-3", "2.4.3"),
    ),
    keeper=RAPPORTEUR,
    key=("decision_id",),
    optional=("ground",),
    year_of="decision_date",
    rules=(
        Rule(
            "only_with",
            ("ground", "qualification"),
            "only continued residence (305, 301) has a ground; write not_recorded",
            code="305|301",
        ),
    ),
)

RESIDENCE_COUNTS = Table(
    "residence_counts",
    "a cell of the frequency tables in which the immigration service delivers",
    (
        Column(
            "year",
            "year",
            "year of handling",
            "B1.2.2",
            unit="calendar year",
            lower=FIRST_YEAR,
            upper=LAST_YEAR,
        ),
        _code("qualification", "qualification", "kind of residence", "table B1.1"),
        _code("outcome", "outcome", "granted, rejected, other or offered", "2.4.2"),
        _code("dublin", "residence_dublin", "Dublin indication", "2.4.2"),
        _code("sex", "sex", "sex", "2.4.3"),
        _code("age_group", "age_group", "age group at the decision", "2.4.3"),
        _code("origin_region", "origin_region", "region of the nationality", "2.4.3"),
        Column("n", "count", "decisions in the cell", "B1.2.2", unit="decisions", lower=0),
    ),
    keeper=RAPPORTEUR,
    key=("year", "qualification", "outcome", "dublin", "sex", "age_group", "origin_region"),
    optional=("outcome", "dublin", "sex", "age_group", "origin_region"),
)

PERSONS = Table(
    "persons",
    "a person of the statistics office's files",
    (
        _id("person_id", "the person, under a pseudonym", "B1.4.2"),
        _code("sex", "sex", "sex in the population register", "4.2"),
        _date("birth_date", "day of birth", "4.2", nullable=True),
        _code("nationality", "nationality", "nationality, ISO 3166-1 alpha-3", "3.2.1"),
        _date("death_date", "day of death; empty for the living", nullable=True),
    ),
    keeper=STATISTICS_OFFICE,
    key=("person_id",),
    rules=(_ordered("death_date", "birth_date"),),
)

RESIDENCE_SPELLS = Table(
    "residence_spells",
    "a spell in the population register",
    (
        _id("person_id", "the person"),
        _date("from_date", "first day of the spell", "4.2", life=LIVED),
        _date(
            "to_date",
            "day after which the person is no longer registered; empty for a spell that goes on",
            "4.2",
            nullable=True,
            life=ENTERED,
        ),
        _municipality("where the person lived, as CBS codes it (GM0000) on from_date"),
    ),
    keeper=STATISTICS_OFFICE,
    key=("person_id", "from_date"),
    optional=("municipality",),
    references=(_person(),),
    rules=(_ordered("to_date", "from_date"),),
)

MATCHES = Table(
    "matches",
    "a control of a victim",
    (
        _id("victim_id", "the victim: a person_id", "B1.3.2"),
        _id(
            "control_id",
            "a person of the same sex and age; may be the control of several victims, and a victim too",
            "B1.3.2",
        ),
    ),
    keeper=STATISTICS_OFFICE,
    key=("victim_id", "control_id"),
    references=(_person("victim_id"), _person("control_id")),
)

INCIDENTS = Table(
    "incidents",
    "an incident, a person who is a victim in it, and an offence code",
    (
        _id("incident_id", "the incident in the police register", "B1.4.2"),
        _id("person_id", "the victim", "B1.4.2"),
        _date(
            "registration_date",
            "day of registration; it decides the period",
            "B1.4.2",
            life=ENTERED,
        ),
        _date(
            "offence_start_date",
            "first day of the offence period",
            "3.2",
            nullable=True,
            life=LIVED,
        ),
        _date(
            "offence_end_date",
            "last day of the offence period; empty where not recorded",
            "3.2",
            nullable=True,
            life=ENTERED,
        ),
        _code("offence_code", "offence", "offence code of the police", "table B1.2"),
    ),
    keeper=STATISTICS_OFFICE,
    key=("incident_id", "person_id", "offence_code"),
    references=(_person(),),
    year_of="registration_date",
    rules=(
        _ordered("offence_end_date", "offence_start_date"),
        Rule(
            "not_before",
            ("registration_date", "offence_start_date"),
            "an offence registered before it began; mend the dates, or leave them if the register says so",
            is_warning=True,
        ),
    ),
)

YOUTH_CARE = Table(
    "youth_care",
    "a youth-care trajectory",
    (
        _id("trajectory_id", "the trajectory", "3.3"),
        _id("person_id", "the child", "3.3"),
        _date("start_date", "first day", "3.3", life=LIVED),
        _date("end_date", "last day; empty while it goes on", "3.3", nullable=True, life=ENTERED),
        _code("care_type", "care_type", "kind of youth care", "3.3.1"),
        _code("referrer", "referrer", "who referred the child", "3.3.2"),
        Column("is_crisis", "bool", "it began to stabilise a crisis", "3.3.1"),
        _code("end_reason", "end_reason", "why it ended; not_recorded while it goes on", "3.3.3"),
    ),
    keeper=STATISTICS_OFFICE,
    key=("trajectory_id",),
    references=(_person(),),
    rules=(_ordered("end_date", "start_date"),),
    year_of="start_date",
)

SHELTER = Table(
    "shelter",
    "a stay in shelter or sheltered housing under the Social Support Act (Wmo)",
    (
        _id("stay_id", "the stay", "3.5.1"),
        _id("person_id", "the person", "3.5.1"),
        _date("start_date", "first day", "3.5.1", life=LIVED),
        _date("end_date", "last day; empty while it goes on", "3.5.1", nullable=True, life=ENTERED),
        _code("shelter_type", "shelter_type", "kind of shelter or housing", "3.5.1"),
    ),
    keeper=STATISTICS_OFFICE,
    key=("stay_id",),
    references=(_person(),),
    rules=(_ordered("end_date", "start_date"),),
    year_of="start_date",
)

LONG_TERM_CARE = Table(
    "long_term_care",
    "a stay under the Long-term Care Act (Wlz)",
    (
        _id("stay_id", "the stay"),
        _id("person_id", "the person"),
        _date("start_date", "first day", life=LIVED),
        _date("end_date", "last day; empty while it goes on", nullable=True, life=ENTERED),
        _code(
            "care_profile",
            "care_profile",
            "group of the care profile (Regeling langdurige zorg, annex A)",
        ),
    ),
    keeper=STATISTICS_OFFICE,
    key=("stay_id",),
    references=(_person(),),
    rules=(_ordered("end_date", "start_date"),),
    year_of="start_date",
)

# Who lets numbers of criminal cases out is not settled: the strictest keeper until it is.
CASES = Table(
    "cases",
    "a criminal case on human trafficking, where it stood on the reference date",
    (
        _id("case_id", "the case"),
        _date(
            "registration_date",
            "day on which it was registered at its first stage; its year counts",
        ),
        _code("form", "case_form", "form of exploitation; the first named where there are several"),
        _code("stage", "case_stage", "furthest stage that it reached"),
        _code("outcome", "case_outcome", "how that stage ended; open while it goes on"),
        _date("outcome_date", "day of the outcome; empty while the case is open", nullable=True),
        Column(
            "sentence_days",
            "count",
            "unconditional imprisonment; empty where none was imposed",
            unit="days",
            nullable=True,
            lower=0,
            upper=LONGEST_SENTENCE,
        ),
    ),
    keeper=STATISTICS_OFFICE,
    key=("case_id",),
    year_of="registration_date",
    rules=(
        _ordered("outcome_date", "registration_date"),
        Rule(
            "not_with",
            ("outcome_date", "outcome"),
            "an open case has no day of its outcome yet; empty it, or mend the outcome",
            code="open",
        ),
        Rule(
            "only_with",
            ("sentence_days", "outcome"),
            "only a conviction has a sentence; empty it, or mend the outcome",
            code="convicted",
        ),
    ),
)

SUSPECTS = Table(
    "suspects",
    "a suspect in a criminal case",
    (
        _id("case_id", "the case"),
        _id(
            "person_id", "the suspect, under a pseudonym of the cases' own; need not be in persons"
        ),
        _code("sex", "sex", "sex of the suspect"),
        _date("birth_date", "day of birth; not after the case was registered", nullable=True),
    ),
    keeper=STATISTICS_OFFICE,
    key=("case_id", "person_id"),
    references=(Reference("case_id", "cases", "case_id"),),
)

CARE_COSTS = Table(
    "care_costs",
    "a person-year with health-care costs; an absent row is 0",
    (
        _id("person_id", "the person"),
        Column(
            "year",
            "year",
            "calendar year",
            "B1.3.2",
            unit="calendar year",
            lower=FIRST_YEAR,
            upper=LAST_YEAR,
        ),
        _euros("specialised_mental_health_eur", "costs of specialised mental-health care"),
        _euros("basic_mental_health_eur", "costs of basic mental-health care"),
        _euros("total_basic_insurance_eur", "all costs under the basic insurance"),
    ),
    keeper=STATISTICS_OFFICE,
    key=("person_id", "year"),
    references=(_person(),),
    year_of="year",
    rules=tuple(
        Rule(
            "no_less",
            ("total_basic_insurance_eur", part),
            f"all costs hold {part} too; are the columns exchanged?",
            is_warning=True,
        )
        for part in ("specialised_mental_health_eur", "basic_mental_health_eur")
    ),
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        REPORTS,
        RESIDENCE_DECISIONS,
        RESIDENCE_COUNTS,
        PERSONS,
        RESIDENCE_SPELLS,
        MATCHES,
        INCIDENTS,
        YOUTH_CARE,
        SHELTER,
        LONG_TERM_CARE,
        CASES,
        SUSPECTS,
        CARE_COSTS,
    )
}


def find_table(name: str) -> Table:
    """The table of this name. Raises BadInput for an unknown one."""
    if name not in TABLES:
        raise BadInput(f"unknown table {name!r}; the contract has {', '.join(TABLES)}")
    return TABLES[name]


def list_codes(column: Column) -> tuple[str, ...]:
    """Codes that a coded column allows, `unknown` and `not_recorded` among them."""
    codes = tuple(read_codes(column.codes))
    return codes + tuple(code for code in MISSING if code not in codes)
