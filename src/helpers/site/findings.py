"""The page of all findings: which hold in this edition, how each is tested, and who printed it; by
verdict, and within it by chapter."""

from __future__ import annotations

import html
from collections import Counter

from helpers.claims import CONTRADICTED, FAILS, HOLDS, SAID, UNDECIDED, Judged, write_test
from helpers.labels import capitalise, format_list, label, text

PLACE = '<div id="findings"></div>'
COUNTS_PLACE = '<div id="findings-counted"></div>'
# What a reader should see first, and what is unfolded.
ORDER = (FAILS, CONTRADICTED, UNDECIDED, HOLDS, SAID)
UNFOLDED = (FAILS, CONTRADICTED)


def fill_findings(content: str, judged: list[Judged], language: str) -> str:
    """The page with every claim in its place, worst verdict first, or with how many hold; a page
    without such a place stays as it is."""
    if PLACE not in content and COUNTS_PLACE not in content:
        return content
    counted = _write_counts(Counter(one.verdict for one in judged), language)
    content = content.replace(COUNTS_PLACE, counted)
    parts = [counted]
    for verdict in ORDER:
        found = [one for one in judged if one.verdict == verdict]
        if found:
            parts.append(_write_group(verdict, found, language))
    return content.replace(PLACE, "\n".join(parts))


def _write_counts(counts: Counter[str], language: str) -> str:
    """How many findings there are, and how many of each verdict that occurs."""
    parts = [
        text(
            f"findings_{'one' if counts[verdict] == 1 else 'n'}_{verdict}",
            language,
            n=counts[verdict],
        )
        for verdict in (HOLDS, SAID, FAILS, UNDECIDED, CONTRADICTED)
        if counts[verdict]
    ]
    words = text("findings_n", language, n=counts.total(), parts=format_list(parts, language))
    return f"<p>{html.escape(words)}</p>"


def _write_group(verdict: str, found: list[Judged], language: str) -> str:
    """A table a chapter, each folded away where there are many of the verdict."""
    title = html.escape(label(verdict, language, kind="verdict"))
    chapters: dict[str, list[Judged]] = {}
    for one in found:
        chapters.setdefault(one.claim.chapter, []).append(one)
    tables = [
        _write_chapter(chapter, chapters[chapter], language, is_open=verdict in UNFOLDED)
        for chapter in sorted(chapters)
    ]
    return "\n".join([f'<h2 id="findings-{verdict}">{title}</h2>', *tables])


def _write_chapter(chapter: str, found: list[Judged], language: str, *, is_open: bool) -> str:
    name = html.escape(capitalise(label(chapter, language, kind="place")))
    head = "".join(
        f'<th scope="col">{html.escape(text(f"findings_{column}", language))}</th>'
        for column in ("finding", "certainty", "test", "source")
    )
    rows = "\n".join(_write_row(one, language) for one in found)
    return (
        f'<details class="further"{" open" if is_open else ""}><summary>{name} ({len(found)})</summary>'
        f'<table class="table findings"><caption>{name}</caption>'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody></table></details>"
    )


def _write_row(one: Judged, language: str) -> str:
    claim = one.claim
    anchor = f"#{claim.figure}" if claim.figure else ""
    address = f"chapters/{claim.chapter}.html{anchor}"
    sure = label(claim.certainty, language, kind="certainty")
    words = html.escape(one.write())
    test = html.escape(write_test(one))
    lines = [f"{name} = {expression}" for name, expression in claim.values.items()]
    lines += [claim.test] if claim.test else []
    if lines:
        code = "<br>".join(html.escape(line) for line in lines)
        told = html.escape(text("findings_code", language))
        test += f"<details><summary>{told}</summary><code>{code}</code></details>"
    return (
        f'<tr id="{claim.id}"><td>{words} <a href="{address}">'
        f"{html.escape(text('findings_look', language))}</a></td>"
        f"<td>{html.escape(sure)}</td><td>{test}</td><td>{html.escape(one.name_source())}</td></tr>"
    )
