"""Findings that a chapter's prose does not name stand at its end, and a chapter cannot lose one."""

import re

import nbformat
import pytest

from helpers.claims import HOLDS, UNDECIDED, Judged, read_claims
from helpers.edition import NOTEBOOKS, BadInput, define_edition
from helpers.labels import LANGUAGES, capitalise, label
from helpers.site.further import PLACE, put_further

EDITION = define_edition(edition="test", period_start=2016, period_end=2020)
CLAIMS = [one for one in read_claims().values() if one.chapter == "12_signalling"]


def judge(*verdicts):
    """The first claims of a chapter with these verdicts."""
    return {
        claim.id: Judged(claim, verdict, "", {}, EDITION)
        for claim, verdict in zip(CLAIMS, verdicts, strict=False)
    }


def put(judged, language, *cells):
    """The cells of a chapter with its further findings."""
    notebook = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_markdown_cell, cells)))
    put_further(notebook, "12_signalling", judged, language)
    return [cell.source for cell in notebook.cells]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_prose_does_not_name_stands_in_its_place(language):
    first, second = CLAIMS[:2]
    cells = f"{{glue:text}}`claim_{first.id}:s`", f"## Further\n\n{PLACE}"
    prose, further = put(judge(HOLDS, HOLDS), language, *cells)
    assert first.id in prose and first.id not in further
    assert further.count(f"{{glue:text}}`claim_{second.id}:s`") == 1
    assert capitalise(label(second.topic, language, kind="claim_topic")) in further


def test_one_that_cannot_be_decided_in_this_edition_is_left_to_the_page_of_all():
    assert put(judge(UNDECIDED), "en", PLACE) == ["None in this edition."]


def test_a_chapter_without_a_place_may_not_lose_a_finding():
    with pytest.raises(BadInput, match=CLAIMS[0].id):
        put(judge(HOLDS), "en", "# Only prose")


def test_every_chapter_has_a_place_for_what_it_does_not_name():
    """As the site would find out, for every chapter in a moment."""
    for path in NOTEBOOKS.glob("*.ipynb"):
        prose = "\n".join(
            c.source for c in nbformat.read(path, 4).cells if c.cell_type == "markdown"
        )
        own = {one.id for one in read_claims().values() if one.chapter == path.stem}
        named = set(re.findall(r"`claim_(\w+):s`", prose))
        assert own <= named or PLACE in prose, path.stem
