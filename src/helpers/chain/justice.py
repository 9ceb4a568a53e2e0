"""Criminal cases and their suspects, where an extract has the optional tables `cases` and
`suspects`. Counts here are not yet safe to show: the gate protects them.

A case counts in the year in which it was registered at its first stage, as it stood on the
reference date: how later years end is not known yet. Nothing links it to the victims of the
register.
"""

from __future__ import annotations

import pandas as pd

from helpers.definitions import MISSING, count_rows, find_age, group_ages, span_years
from helpers.edition import name_period
from helpers.labels import read_codes

# Unconditional imprisonment, by whole years: the bands of the published sentences (article 273f asks
# for at most 8, 12, 15 or 18 years; most are far shorter).
SENTENCES = {"none_imposed": 0, "under_1": 365, "1_to_2": 730, "2_to_4": 1461}
LONGEST = "4_and_more"


def find_case_years(cases: pd.DataFrame, years: range) -> range:
    """The years of the period between the first and the last case, both included; empty where
    there is none."""
    return span_years(cases["registration_date"].dt.year, years)


def count_cases(cases: pd.DataFrame, *, years: range) -> pd.DataFrame:
    """Cases by form, stage and outcome (`breakdown`), by year and over the period: breakdown,
    category, period, n."""
    parts, covered = [], find_case_years(cases, years)
    for name in ("form", "stage", "outcome"):
        rows = pd.DataFrame(
            {"category": cases[name].astype(object), "year": cases["registration_date"].dt.year}
        )
        codes = [
            code
            for code in read_codes(f"case_{name}")
            if code not in MISSING or (rows["category"] == code).any()
        ]
        table = count_rows(rows, ["category"], years=covered, codes=codes)
        parts.append(table.assign(breakdown=f"case_{name}"))
    return pd.concat(parts, ignore_index=True)[["breakdown", "category", "period", "n"]]


def count_sentences(cases: pd.DataFrame, *, years: range) -> pd.DataFrame:
    """Convictions by unconditional imprisonment over the period: category (none, and bands of
    years), period, n."""
    covered = find_case_years(cases, years)
    is_in = cases["registration_date"].dt.year.isin(covered) & (cases["outcome"] == "convicted")
    days = cases.loc[is_in, "sentence_days"].astype("Float64").fillna(0).to_numpy(dtype=float)
    bounds = list(SENTENCES.values())
    names = [*SENTENCES, LONGEST]
    bands = pd.Series([names[sum(day > bound for bound in bounds)] for day in days], dtype=object)
    counts = bands.value_counts().reindex(names, fill_value=0)
    if not len(covered):
        return pd.DataFrame(columns=["category", "period", "n"])
    return pd.DataFrame({"category": names, "period": name_period(covered), "n": counts.to_numpy()})


def count_suspects(suspects: pd.DataFrame, cases: pd.DataFrame, *, years: range) -> pd.DataFrame:
    """Suspects of the cases of the period, each once, by sex and by age when their first case was
    registered: breakdown, category, period, n."""
    covered = find_case_years(cases, years)
    rows = suspects.merge(cases[["case_id", "registration_date"]], on="case_id")
    rows = rows[rows["registration_date"].dt.year.isin(covered)]
    first = rows.sort_values(["registration_date", "case_id"], kind="stable")
    first = first.drop_duplicates("person_id")
    age = find_age(first["birth_date"], first["registration_date"])
    traits = {"sex": first["sex"].astype(object).to_numpy(), "age_group": group_ages(age)}
    parts = [
        pd.Series(values, dtype=object)
        .value_counts()
        .rename_axis("category")
        .rename("n")
        .reset_index()
        .assign(breakdown=name, period=name_period(covered))
        for name, values in traits.items()
    ]
    return pd.concat(parts, ignore_index=True)[["breakdown", "category", "period", "n"]]
