"""What a municipal study found: the kinds of victims it describes, and what limits sight on
trafficking, as lists in our own words."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from helpers.edition import PUBLISHED
from helpers.published.files import (
    check_allowed,
    check_filled,
    check_number,
    check_unique,
    read_table,
)

PROFILE_COLUMNS = [
    "id",
    "municipality",
    "line",
    "form",
    "who",
    "who_en",
    "who_nl",
    "vulnerability",
    "vulnerability_en",
    "vulnerability_nl",
    "means",
    "means_en",
    "means_nl",
]
RECOMMENDATION_COLUMNS = [
    "id",
    "source",
    "line",
    "text_en",
    "text_nl",
    "claims",
    "cannot_en",
    "cannot_nl",
]
LIMIT_COLUMNS = ["id", "municipality", "line", "code", "limit_en", "limit_nl"]
MUNICIPALITIES = ("ede", "utrecht", "both")
FORMS = ("sexual", "labour", "criminal")


def read_profiles() -> pd.DataFrame:
    """The victim profiles of the study (source 003), a row each: form, who, vulnerability and
    means, as codes (several joined by "|") and in words in both languages; `line` is where the
    study describes it. They are kinds that it describes, not people."""
    path = PUBLISHED / "profiles.csv"
    profiles = read_table(path, PROFILE_COLUMNS)
    check_unique(profiles, "id", path)
    check_number(profiles, "line", path)
    check_allowed(profiles, "form", FORMS, path)
    check_allowed(profiles, "municipality", MUNICIPALITIES, path)
    return profiles


def read_limits() -> pd.DataFrame:
    """What limits sight on trafficking locally, by the study (source 003): a row each, a code and
    words in both languages."""
    path = PUBLISHED / "limits.csv"
    limits = read_table(path, LIMIT_COLUMNS)
    check_unique(limits, "id", path)
    check_number(limits, "line", path)
    check_allowed(limits, "municipality", MUNICIPALITIES, path)
    return limits


def read_recommendations(path: Path = PUBLISHED / "recommendations.csv") -> pd.DataFrame:
    """What the sources recommend, in their order: id, source (its prefix), line, text and what no
    number shows in both languages, and the ids of the claims that bear on it, joined by "|".

    Raises BadInput where an id stands twice or a text is empty.
    """
    table = read_table(path, RECOMMENDATION_COLUMNS)
    check_unique(table, "id", path)
    check_number(table, "line", path)
    check_filled(table, RECOMMENDATION_COLUMNS, path, remedy="empty; fill it in")
    return table
