"""What the sources recommend, each beside the claims that bear on it and what no number shows."""

from __future__ import annotations

import html

from helpers import published
from helpers.claims import Judged
from helpers.edition import BadInput
from helpers.labels import label, text

PLACE = '<div id="recommendations"></div>'


def fill_recommendations(content: str, judged: list[Judged], language: str) -> str:
    """The page with every recommendation in its place; a page without such a place stays as it is.

    Raises BadInput where a recommendation names a claim that nobody declared.
    """
    if PLACE not in content:
        return content
    by_id = {one.claim.id: one for one in judged}
    titles = published.read_documents().set_index("prefix")[f"document_{language}"]
    parts = []
    for source, rows in published.read_recommendations().groupby("source", sort=False):
        parts.append(f'<h2 id="recommended-{source}">{html.escape(titles[source])}</h2>')
        parts += [_write_one(row, by_id, language) for row in rows.to_dict("records")]
    return content.replace(PLACE, "\n".join(parts))


def _write_one(row: dict[str, str], judged: dict[str, Judged], language: str) -> str:
    names = row["claims"].split("|")
    unknown = sorted(set(names) - set(judged))
    if unknown:
        raise BadInput(
            f"data/published/recommendations.csv, {row['id']}: there is no claim {unknown[0]}; mend it"
        )
    items = "".join(_write_claim(judged[name], language) for name in names)
    line = f"{text('catalogue_line', language)} {row['line']}"
    return (
        f'<section id="{row["id"]}"><h3>{html.escape(row[f"text_{language}"])}</h3>'
        f"<p>{html.escape(line)}</p>"
        f"<p>{html.escape(text('recommended_numbers', language))}</p><ul>{items}</ul>"
        f"<p>{html.escape(text('recommended_cannot', language))} "
        f"{html.escape(row[f'cannot_{language}'])}</p></section>"
    )


def _write_claim(one: Judged, language: str) -> str:
    verdict = html.escape(label(one.verdict, language, kind="verdict"))
    return f'<li>{html.escape(one.write())} <a href="claims.html#{one.claim.id}">{verdict}</a></li>'
