"""What the sources recommend, each beside the claims that bear on it and what no number shows."""

from __future__ import annotations

import html

from helpers import published
from helpers.claims import UNDECIDED, Judged
from helpers.edition import BadInput
from helpers.labels import format_date, label, text

PLACE = '<div id="recommendations"></div>'


def fill_recommendations(content: str, judged: list[Judged], language: str) -> str:
    """The page with every recommendation in its place; a page without such a place stays as it is.

    Raises BadInput where a recommendation names a claim that nobody declared.
    """
    if PLACE not in content:
        return content
    by_id = {one.claim.id: one for one in judged}
    documents = published.read_documents().set_index("prefix")
    parts = []
    for source, rows in published.read_recommendations().groupby("source", sort=False):
        title = html.escape(documents.loc[source, f"document_{language}"])
        dated = html.escape(_date_document(documents.loc[source, "published"], language))
        parts.append(f'<h2 id="recommended-{source}">{title}</h2><p>{dated}</p>')
        parts += [_write_one(row, by_id, language) for row in rows.to_dict("records")]
    return content.replace(PLACE, "\n".join(parts))


def _date_document(published_on: str, language: str) -> str:
    """When it was recommended, and that nobody looked at what became of it."""
    if not published_on[:4].isdigit():
        return text("recommended_undated", language)
    return text("recommended_dated", language, date=format_date(published_on, language))


def _write_one(row: dict[str, str], judged: dict[str, Judged], language: str) -> str:
    names = row["claims"].split("|")
    unknown = sorted(set(names) - set(judged))
    if unknown:
        raise BadInput(
            f"data/published/recommendations.csv, {row['id']}: there is no claim {unknown[0]}; mend it"
        )
    # What this edition cannot decide says nothing for or against.
    told = [judged[name] for name in names if judged[name].verdict != UNDECIDED]
    items = "".join(_write_claim(one, language) for one in told)
    beside = f"<p>{html.escape(text('recommended_beside', language))}</p><ul>{items}</ul>"
    line = f"{text('catalogue_line', language)} {row['line']}"
    return (
        f'<section id="{row["id"]}"><h3>{html.escape(row[f"text_{language}"])}</h3>'
        f"<p>{html.escape(line)}</p>"
        f"{beside if told else ''}"
        f"<p>{html.escape(text('recommended_cannot', language))} "
        f"{html.escape(row[f'cannot_{language}'])}</p></section>"
    )


def _write_claim(one: Judged, language: str) -> str:
    verdict = html.escape(label(one.verdict, language, kind="verdict_short"))
    return f'<li>{html.escape(one.write())} <a href="claims.html#{one.claim.id}">{verdict}</a></li>'
