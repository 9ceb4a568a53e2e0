"""The page of what was reproduced: how many numbers have which standing, and every one to search."""

from __future__ import annotations

import html
import re
from typing import Any

import pandas as pd

from helpers import published, reproduce
from helpers.labels import format_list, format_number, format_share, label, text
from helpers.site.catalogue import list_entries, write_catalogue
from helpers.site.plain import write_plain_table

PLACE = '<div id="reproduction"></div>'
COUNTS_PLACE = '<div id="reproduction-counted"></div>'
CHAPTERS = {
    "signalling": "12_signalling",
    "protection": "14_protection",
    "aid": "16_aid_trajectories",
    "repeats": "18_repeat_victimisation",
}
CALIBRATION, CONTRADICTIONS = "50_calibration", "catalogue.html#"
MAIN_CHAPTERS = ("2", "3", "4")
# What counts as looked into: it follows from others, code was held against it, or the source itself
# says two things.
LOOKED_INTO = ("reproduced", "differs", "contradicted", "derived", "code_check")
_ID = re.compile(r"\[([^\]]+)\]")


def fill_reproduction(content: str, edition: str, language: str) -> str:
    """The page with the standings and their counts in their places; a page without such places
    stays as it is."""
    if PLACE not in content and COUNTS_PLACE not in content:
        return content
    standings = reproduce.find_standings(edition)
    content = content.replace(COUNTS_PLACE, write_counts(standings, language))
    if PLACE in content:
        entries = list_standings(standings, language)
        content = content.replace(PLACE, write_catalogue(entries, language))
    return content


def write_counts(standings: pd.DataFrame, language: str) -> str:
    """How many numbers of each document have each standing, as a table, and how many of chapters 2
    to 4 of the monitor were looked into."""
    counted = reproduce.count_standings(standings)
    known = set(counted["document"])
    documents = [name for name in published.read_documents()["prefix"] if name in known]
    # Titles are too long for the heads of columns.
    titles = [label(name, language, kind="document") for name in documents]
    n = counted.set_index(["standing", "document"])["n"]
    heads = [text("standing", language), *titles, text("together", language)]
    lines = []
    for standing in reproduce.STANDINGS:
        numbers = [int(n.get((standing, name), 0)) for name in documents]
        name = html.escape(label(standing, language, kind="standing"))
        lines.append([name, *(format_number(one, language) for one in (*numbers, sum(numbers)))])
    table = write_plain_table(text("standings_counted", language), heads, lines)
    return f"{table}<p>{html.escape(say_share(standings, language))}</p>"


def say_share(standings: pd.DataFrame, language: str) -> str:
    """How many numbers of chapters 2 to 4 of the monitor were looked into, and how: first whether a
    real register gave any, so that nobody reads the rest as reproduced; of all, and of those that
    the register contract could hold."""
    counted = reproduce.count_standings(standings, chapters=MAIN_CHAPTERS)
    main = counted[counted["document"] == "sm20"].set_index("standing")["n"]
    looked = int(main[main.index.isin(LOOKED_INTO)].sum())
    within = int(main.drop("outside_contract", errors="ignore").sum())
    parts = [
        text(f"standings_n_{standing}", language, n=format_number(int(main[standing]), language))
        for standing in LOOKED_INTO
        if standing in main.index
    ]
    whole = format_number(int(main.sum()), language)
    none = "" if "reproduced" in main.index else text("standings_none", language, all=whole) + " "
    share = text(
        "standings_share",
        language,
        parts=format_list(parts, language),
        looked=format_number(looked, language),
        within=format_number(within, language),
        share=format_share(looked / within, language, decimals=1),
        share_of_all=format_share(looked / int(main.sum()), language, decimals=1),
        all=whole,
        outside=format_number(int(main.get("outside_contract", 0)), language),
    )
    return none + share + _say_counted(standings, language)


def _say_counted(standings: pd.DataFrame, language: str) -> str:
    """How many derived numbers are printed tests that whole numbers of people were held against: a
    kind of its own, since they are no formula of others."""
    by_counts = standings["evidence"].str.startswith(reproduce.BY_COUNTS)
    n = int((by_counts & standings["standing"].eq("derived")).sum())
    return " " + text("standings_by_counts", language, n=format_number(n, language)) if n else ""


def list_standings(standings: pd.DataFrame, language: str) -> list[dict[str, Any]]:
    """The entries of the catalogue with their standing, and why: parts of words and addresses."""
    found = standings.set_index("id")
    entries = []
    for entry in list_entries(language):
        row = found.loc[entry["id"]]
        entries.append(
            {
                **entry,
                "standing": label(row["standing"], language, kind="standing"),
                "why": _explain(row["standing"], row["evidence"], language),
                "line_at": f"catalogue.html#{entry['id']}",
            }
        )
    return entries


def _explain(standing: str, evidence: str, language: str) -> list[list[str]]:
    """Parts of a sentence, each its words and where they lead ("" for nowhere)."""
    kind, _, chapter = evidence.partition(":")
    if standing == "contradicted":
        return [[text("see", language), ""], [evidence, CONTRADICTIONS + evidence]]
    if chapter in CHAPTERS and kind in ("made_up", "register"):
        page = CALIBRATION if kind == "made_up" else CHAPTERS[chapter]
        words = text("counted_in", language)
        return [[words, ""], [label(chapter, language, kind="chapter"), f"chapters/{page}.html"]]
    if "[" not in evidence:
        known = kind if standing in ("not_reproducible", "outside_contract") else ""
        words = label(known, language, kind="why_not") if known else f"= {evidence}"
        return [[words, ""]]
    words = "= "
    if kind == reproduce.BY_COUNTS:
        code = "held_by_counts" if standing == "derived" else "held_by_no_counts"
        words, evidence = text(code, language) + " ", chapter
    parts: list[list[str]] = [[words, ""]]
    for place, piece in enumerate(_ID.split(evidence)):
        if piece:
            parts.append([piece, f"catalogue.html#{piece}" if place % 2 else ""])
    return parts
