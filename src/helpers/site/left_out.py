"""The page of what the book leaves out: where each subject of the documents stands, and how many
printed numbers are used for what."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable

import pandas as pd

from helpers import chain, published, reproduce
from helpers.claims import Judged
from helpers.labels import format_number, label, text
from helpers.site.catalogue import list_facts
from helpers.site.plain import write_plain_table

SECTIONS_PLACE = '<div id="left-out-sections"></div>'
STATISTICS_PLACE = '<div id="left-out-statistics"></div>'
NUMBERS_PLACE = '<div id="left-out-numbers"></div>'
_NUMBER = re.compile(r"printed\('([^']+)'")


def fill_left_out(
    content: str,
    used: Collection[str],
    judged: list[Judged],
    edition: str,
    language: str,
    *,
    made_up: Collection[str] = (),
    is_whole: bool = True,
) -> str:
    """The page with its tables in their places; a page without such places stays as it is.
    `made_up` are the numbers in tables of made-up registers that the book leaves out; `is_whole`
    where it must have a place for every other."""
    if SECTIONS_PLACE not in content:
        return content
    content = content.replace(SECTIONS_PLACE, write_sections(language))
    content = content.replace(STATISTICS_PLACE, write_statistics(language))
    worked_out = list_worked_out(edition)
    fates = chain.list_fates(
        used, list_claimed(judged), worked_out, made_up=made_up, is_whole=is_whole
    )
    return content.replace(NUMBERS_PLACE, write_numbers(fates, language))


def list_claimed(judged: Iterable[Judged]) -> set[str]:
    """The ids of the printed numbers in the values and tests of claims."""
    return {
        name
        for one in judged
        for words in (*one.claim.values.values(), one.claim.test, one.claim.against)
        for name in _NUMBER.findall(words)
    }


def list_worked_out(edition: str) -> set[str]:
    """The ids of the printed numbers that follow from others, or that another excludes."""
    standings = reproduce.find_standings(edition)
    found = standings["standing"].isin(["derived", "contradicted"])
    return set(standings.loc[found, "id"])


def write_sections(language: str) -> str:
    """A table a document: each subject, and where it stands or why it does not."""
    titles = published.read_documents().set_index("prefix")[f"document_{language}"]
    parts = []
    for source, rows in chain.read_sections().groupby("source", sort=False):
        lines = [
            [
                html.escape(row["section"]),
                html.escape(row[f"title_{language}"]),
                _write_places(row["places"], row["reason"], language),
            ]
            for row in rows.to_dict("records")
        ]
        heads = [text(name, language) for name in ("left_section", "left_subject", "left_where")]
        parts.append(write_plain_table(titles[source], heads, lines))
    return "\n".join(parts)


def _write_places(places: str, reason: str, language: str) -> str:
    if not places:
        return html.escape(label(reason, language, kind="left_out"))
    links = [
        f'<a href="{"chapters/" if name[0].isdigit() else ""}{name}.html">'
        f"{html.escape(label(name, language, kind='place'))}</a>"
        for name in places.split("|")
    ]
    return ", ".join(links)


def write_numbers(fates: pd.DataFrame, language: str) -> str:
    """How many printed numbers of each document are used for what, and the reasons of the rest."""
    documents = published.read_documents()
    prefixes = documents.set_index("source")["prefix"]
    fates = fates.assign(document=fates["source"].map(prefixes))
    columns = list(documents["prefix"])
    names = [label(name, language, kind="document") for name in columns]
    lines = []
    for kind, codes in (("use", chain.USES), ("left_out", dict.fromkeys(fates["reason"]))):
        for code in filter(None, codes):
            rows = fates[fates["fate" if kind == "use" else "reason"] == code]
            counts = rows["document"].value_counts()
            numbers = [int(counts.get(name, 0)) for name in columns]
            word = label(code, language, kind=kind)
            lines.append(
                [
                    html.escape(word if kind == "use" else f"– {word}"),
                    *(format_number(number, language) for number in (*numbers, sum(numbers))),
                ]
            )
    heads = [text("left_use", language), *names, text("together", language)]
    return write_plain_table(text("left_counted", language), heads, lines)


def write_statistics(language: str) -> str:
    """Each public statistic that no chapter shows, with its reason; then how many were left out of
    the collection, by reason."""
    reasons = published.read_not_shown().set_index("id")["reason"]
    lines = [
        [
            f'<a href="catalogue.html#{entry["id"]}">{entry["id"]}</a> '
            + html.escape(", ".join(filter(None, (entry["what"], entry["period"])))),
            html.escape(entry["value"]),
            html.escape(entry["section"]),
            html.escape(label(reasons[entry["id"]], language, kind="not_carried")),
        ]
        for entry in list_facts(language)
        if entry["id"] in reasons.index
    ]
    names = ("left_statistic", "left_printed", "left_publisher", "left_reason")
    heads = [text(name, language) for name in names]
    shown = write_plain_table(text("left_not_shown", language), heads, lines)
    counts = published.read_not_carried()["reason"].value_counts()
    few = [
        [html.escape(label(reason, language, kind="not_carried")), format_number(n, language)]
        for reason, n in counts.items()
    ]
    heads = [text(name, language) for name in ("left_reason", "left_how_many")]
    return shown + write_plain_table(text("left_not_carried", language), heads, few)
