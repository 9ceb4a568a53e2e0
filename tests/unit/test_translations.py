"""Dutch prose in paired files: what is missing, stale or lacks a number is named by its part."""

import json

import pytest

from helpers.edition import BadInput
from helpers.translations import (
    Pair,
    check_translations,
    compare_words,
    hash_words,
    list_faults,
    list_pairs,
    read_parts,
    split_page,
    translate_chapter,
    translate_page,
    write_skeletons,
)

PAGE = """before

# A title

One sentence of words.

(help)=
## {glue:text}`part:s`: help

```
# no heading
```
"""


def mark(name: str, english: str, dutch: str) -> str:
    return f"<!-- nl {name} of {hash_words(english)} -->\n{dutch}\n\n"


@pytest.fixture
def pair(tmp_path):
    source = tmp_path / "book" / "page.md"
    (source.parent / "nl").mkdir(parents=True)
    source.write_text(PAGE, encoding="utf-8")
    return Pair(source, source.parent / "nl" / "page.md")


def test_a_page_falls_into_its_sections():
    parts = split_page(PAGE)
    assert list(parts) == ["top", "a-title", "help"]
    assert parts["help"].startswith("(help)=\n## ") and parts["help"].endswith("```")
    assert list(split_page("# One\n\n## Two\n\n## Two\n")) == ["one", "two", "two-2"]


def test_the_parts_of_a_chapter_are_its_cells_of_prose(tmp_path):
    cells = [
        {"cell_type": "markdown", "id": "c00", "source": ["# Who\n", "is it?"]},
        {"cell_type": "code", "id": "c01", "source": "1"},
    ]
    source = tmp_path / "10_one.ipynb"
    source.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    assert Pair(source, tmp_path / "nl" / "10_one.md").english == {"c00": "# Who\nis it?"}


@pytest.mark.parametrize(
    ("dutch", "said"),
    [
        ({}, "c1: no Dutch"),
        ({"c1": ("0" * 12, "Twee woorden")}, "c1: the English changed"),
        ({"c1": (hash_words("Two words"), "")}, "c1: no Dutch"),
        (
            {"c1": (hash_words("Two words"), "Twee woorden"), "c9": ("0" * 12, "Weg")},
            "c9: the English has no such part",
        ),
    ],
)
def test_missing_and_stale_parts_are_named(dutch, said):
    [fault] = list_faults("notebooks/nl/10_one.md", {"c1": "Two words"}, dutch)
    assert fault.startswith("notebooks/nl/10_one.md, ") and said in fault


@pytest.mark.parametrize(
    ("english", "dutch", "said"),
    [
        ("In {glue:text}`n:s` years", "In de jaren", "lacks the {glue:text}`n:s`"),
        ("In the years", "In {glue:text}`n:s` jaar", "adds the {glue:text}`n:s`"),
        ("since 2017 so", "sinds 2016 zo", "lacks the number 2017"),
        ("[here](page.md)", "[hier](bladzijde.md)", "lacks the (page.md)"),
        ("as said {cite:p}`one2020`", "zoals gezegd", "lacks the {cite:p}`one2020`"),
        ("(help)=\n## Help", "## Hulp", "lacks the (help)="),
        (":::{note}\nx\n:::", ":::{tip}\nx\n:::", "lacks the {note}"),
        ("the file `a.csv`", "het bestand `b.csv`", "lacks the `a.csv`"),
        ('<div id="x"></div>', "", 'lacks the <div id="x">'),
        ("## One", "### Een", "headings"),
        ("One\n\nthree plain words", "Een\n\nthree plain words", "still English: three plain"),
        ("{{ period }}", "2016", "lacks the {{ period }}"),
    ],
)
def test_what_both_must_hold_is_compared(english, dutch, said):
    assert any(said in fault for fault in compare_words(english, dutch))


@pytest.mark.parametrize(
    ("english", "dutch"),
    [
        ("1,234.5 people and 45%", "1.234,5 mensen en 45%"),
        ("[all findings](../claims.md)", "[alle bevindingen](../claims.md)"),
        ("```\nmake the book now\n```", "```\nmake the book now\n```"),
        ("- {glue:text}`claim_a:s` [picture](fig-x)", "- {glue:text}`claim_a:s` [beeld](fig-x)"),
        (":::{admonition} Help\n:class: tip\nx\n:::", ":::{admonition} Hulp\n:class: tip\nx\n:::"),
    ],
)
def test_a_faithful_translation_has_no_faults(english, dutch):
    assert compare_words(english, dutch) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (mark("a", "x", "y") * 2, "stands twice"),
        ("words\n" + mark("a", "x", "y"), "outside such parts"),
        ("<!-- nl a of 12 -->\ny", "outside such parts"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path, content, said):
    path = tmp_path / "a.md"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BadInput, match=said):
        read_parts(path)


def test_a_skeleton_holds_the_english_until_it_is_put_into_dutch(pair):
    assert write_skeletons(pair) == 3
    assert [fault for fault in pair.list_faults() if "still English: One sentence" in fault]
    dutch = pair.dutch.read_text(encoding="utf-8")
    for english, word in (
        ("before", "ervoor"),
        ("A title", "Een titel"),
        ("One sentence of words.", "Een zin met woorden."),
        (": help", ": hulp"),
    ):
        dutch = dutch.replace(english, word)
    pair.dutch.write_text(dutch, encoding="utf-8")
    assert pair.list_faults() == [] and write_skeletons(pair) == 0
    assert pair.dutch.read_text(encoding="utf-8") == dutch
    page = translate_page("page", book=pair.source.parent)
    assert page.startswith("ervoor\n\n# Een titel\n") and "<!--" not in page


def test_a_part_keeps_its_dutch_when_its_english_moves_and_stays_stale_when_it_changes(pair):
    pair.dutch.write_text(
        mark("old-name", "# A title\n\nOne sentence of words.", "# Een titel\n\nEen zin.")
        + mark("top", "what stood here", "wat hier stond")
        + mark("gone", "what is gone", "wat weg is"),
        encoding="utf-8",
    )
    assert write_skeletons(pair) == 1
    parts = read_parts(pair.dutch)
    assert parts["a-title"][1] == "# Een titel\n\nEen zin."
    assert parts["top"] == (hash_words("what stood here"), "wat hier stond")
    assert parts["gone-left"][1] == "wat weg is"
    assert any("top: the English changed" in fault for fault in pair.list_faults())


def test_a_build_is_refused_by_part(pair):
    with pytest.raises(BadInput, match=r"nl/page\.md, a-title: no Dutch"):
        check_translations([pair])
    (pair.dutch.parent / "other.md").write_text("", encoding="utf-8")
    with pytest.raises(BadInput, match=r"nl/other\.md: no English stands beside it"):
        check_translations([pair])


def test_the_prose_of_a_chapter_is_found_by_cell(tmp_path):
    (tmp_path / "nl").mkdir()
    (tmp_path / "nl" / "10_one.md").write_text(mark("c00", "# Who", "# Wie"), encoding="utf-8")
    assert translate_chapter("10_one", notebooks=tmp_path) == {"c00": "# Wie"}


def test_an_unknown_name_is_refused():
    with pytest.raises(BadInput, match="no chapter or page nothing; there are 10_long_view"):
        list_pairs(["nothing"])
