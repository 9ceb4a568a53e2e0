"""The page on the made-up registers says where these contradict what was printed."""

from __future__ import annotations

import html
from pathlib import Path

import pandas as pd

from helpers.calibration.contradictions import PAIRS, find_contradictions
from helpers.labels import format_number, format_share, label, text

PLACE = '<div id="made-up-contradictions"></div>'


def fill_agreement(content: str, bundle: Path, language: str) -> str:
    """The page with the list in its place; a page without the place stays as it is."""
    if PLACE not in content:
        return content
    names = {name for pair in PAIRS for name in (pair.printed, pair.made_up)}
    tables = {
        name: pd.read_csv(
            bundle / f"{name}.csv", dtype=str, keep_default_na=False, encoding="utf-8"
        )
        for name in sorted(names)
        if (bundle / f"{name}.csv").exists()
    }
    return content.replace(PLACE, write_agreement(find_contradictions(tables), language))


def write_agreement(found: pd.DataFrame, language: str) -> str:
    """The contradictions as a framed table, each cell with its provenance; words where there is
    none."""
    if found.empty:
        return f"<p>{html.escape(text('no_contradiction', language))}</p>"
    kinds = {pair.made_up: pair.key for pair in PAIRS}
    heads = [text(f"agreement_{name}", language) for name in ("what", "period", "printed", "made")]
    rows = []
    for row in found.itertuples():
        what = label(row.what, language, kind=kinds[row.table])
        printed, made = (_say_number(value, language) for value in (row.printed, row.made_up))
        source = row.source.split("|")[0]
        word = html.escape(text("made_up", language))
        rows.append(
            f'<tr><th scope="row">{html.escape(what)}</th> <td>{row.period}</td> '
            f'<td data-provenance="published"><a href="catalogue.html#{source}">{printed}</a></td> '
            f'<td class="made-up-cell" data-provenance="illustration">{made}'
            f'<span class="visually-hidden"> ({word})</span></td></tr>'
        )
    head = " ".join(f'<th scope="col">{html.escape(words)}</th>' for words in heads)
    caption = html.escape(text("agreement_caption", language, n=len(found)))
    badge = (
        f'<strong class="badge-made-up">{html.escape(text("partly_made_up", language))}</strong>'
    )
    return (
        '<div class="released made-up" data-table="agreement"><div class="released-table">'
        '<table aria-labelledby="about-agreement"><caption id="about-agreement">'
        f'<span class="caption-text">{badge} {caption}</span></caption>'
        f"<thead><tr>{head}</tr></thead>\n<tbody>{chr(10).join(rows)}</tbody></table></div></div>"
    )


def _say_number(value: str, language: str) -> str:
    number = float(value)
    return format_share(number, language) if 0 < number < 1 else format_number(number, language)
