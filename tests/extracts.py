"""A small extract that breaks no rule, written by hand, for tests to break."""

from __future__ import annotations

from pathlib import Path

EXTRACT = (
    "source: a test\nextraction_date: 2021-07-01\ncontrol_year: 2019\ncost_years: [2017, 2018]\n"
)
CLEAN = {
    "reports": (
        "report_id,victim_id,report_date,reporter,police_unit,sexual,labour,criminal,organ_removal,sector_sexual,sector_labour,criminal_activity,sex,age_at_report,nationality,dublin\n"
        "R1,V1,2019-03-02,police,amsterdam,true,false,false,false,window|home,not_recorded,not_recorded,female,19,NLD,\n"
        "R2,V1,2019-08-09,care_coordinator,not_recorded,true,false,false,false,unknown,not_recorded,not_recorded,female,20,NLD,false\n"
        "R3,V2,2020-05-30,fairwork,not_recorded,false,true,false,false,not_recorded,hospitality,not_recorded,male,,POL,false\n"
    ),
    "residence_decisions": (
        "decision_id,person_id,decision_date,qualification,outcome,dublin,sex,age_at_decision,nationality\n"
        "D1,Q1,2019-04-01,779,offered,none,female,24,NGA\nD2,Q1,2020-02-01,420,granted,claim,female,25,NGA\n"
    ),
    "residence_counts": "year,qualification,outcome,dublin,sex,age_group,origin_region,n\n2019,420,granted,claim,female,23_29,africa,12\n2020,420,rejected,claim,male,18_22,africa,7\n",
    "persons": "person_id,sex,birth_date,nationality,death_date\nP1,female,2000-02-29,NLD,\nP2,male,1990-07-01,POL,2020-01-15\nP3,female,2000-05-05,NLD,\n",
    "residence_spells": "person_id,from_date,to_date\nP1,2000-02-29,\nP2,2015-01-01,2017-06-30\nP2,2018-01-01,2020-01-15\nP3,2001-01-01,\n",
    "matches": "victim_id,control_id\nP1,P3\nP3,P1\n",
    "incidents": (
        "incident_id,person_id,registration_date,offence_start_date,offence_end_date,offence_code\n"
        "I1,P1,2017-05-01,2017-01-01,2017-04-01,F561\nI1,P1,2017-05-01,2017-01-01,2017-04-01,F562\nI2,P2,2018-09-09,2018-09-01,,F5293\n"
    ),
    "youth_care": "trajectory_id,person_id,start_date,end_date,care_type,referrer,is_crisis,end_reason\nT1,P1,2017-06-01,2017-12-01,closed,certified_institution,true,as_planned\n",
    "shelter": "stay_id,person_id,start_date,end_date,shelter_type\nS1,P2,2018-10-01,,sheltered_housing\n",
    "care_costs": "person_id,year,specialised_mental_health_eur,basic_mental_health_eur,total_basic_insurance_eur\nP1,2017,1200.50,0,3000\nP1,2018,0,10,800\n",
}
# Words of the rows above that stand for a person; no report may hold one.
PRIVATE = ("P1", "P2", "V1", "V2", "Q1", "2000-02-29", "1990-07-01", "R1", "I1", "T1")


def write_clean(folder: Path, *, extract: str = EXTRACT) -> Path:
    """The clean extract as csv files in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in CLEAN.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8", newline="\n")
    (folder / "extract.yml").write_text(extract, encoding="utf-8", newline="\n")
    return folder
