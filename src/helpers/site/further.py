"""The findings of a chapter that its prose does not name, at its end, by topic."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from nbformat import NotebookNode

from helpers.claims import UNDECIDED, Judged
from helpers.edition import BadInput
from helpers.labels import capitalise, label, text

PLACE = "<!-- further findings -->"
_NAMED = re.compile(r"`claim_(\w+):s`")


def put_further(
    notebook: NotebookNode, chapter: str, judged: Mapping[str, Judged], language: str
) -> None:
    """Write the further findings into the place that the copy of a chapter has for them. One that
    cannot be decided in this edition stands on the page of all findings only.

    Raises BadInput for a chapter that has further findings and no place for them.
    """
    prose = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    named = {name for cell in prose for name in _NAMED.findall(cell.source)}
    further = [
        one for name, one in judged.items() if one.claim.chapter == chapter and name not in named
    ]
    places = [cell for cell in prose if PLACE in cell.source]
    if further and not places:
        raise BadInput(
            f"notebooks/{chapter}.ipynb: no cell says {further[0].claim.id!r} of data/claims; name it, or "
            f"add a section with {PLACE}"
        )
    for cell in places:
        shown = [one for one in further if one.verdict != UNDECIDED]
        cell.source = cell.source.replace(PLACE, _write_topics(shown, language))


def _write_topics(shown: list[Judged], language: str) -> str:
    """A folded list a topic, the longest first."""
    topics: dict[str, list[str]] = {}
    for one in shown:
        topics.setdefault(one.claim.topic, []).append(one.claim.id)
    if not topics:
        return text("further_none", language)
    parts = []
    for topic, names in sorted(topics.items(), key=lambda item: -len(item[1])):
        title = html.escape(capitalise(label(topic, language, kind="claim_topic")))
        lines = "\n".join(f"- {{glue:text}}`claim_{name}:s`" for name in names)
        parts.append(
            f'<details class="further"><summary>{title} ({len(names)})</summary>\n\n{lines}\n\n</details>'
        )
    return "\n\n".join(parts)
