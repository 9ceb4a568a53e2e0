"""Six ways of tampering with what is committed, each caught by its part of the review."""

from __future__ import annotations

import hashlib
import json
import shutil

import nbformat
import pytest
from matplotlib import pyplot as plt

from helpers.edition import BUNDLES, ROOT
from helpers.execute import pictures, review

TABLES = ("known_victims", "long_view_ratios", "hidden_estimates")


@pytest.fixture
def bundles(tmp_path):
    """Two copies of a few tables of the committed bundle, each whole."""
    whole = json.loads((BUNDLES / "2016-2020" / "manifest.json").read_text(encoding="utf-8"))
    whole["tables"] = {name: whole["tables"][name] for name in TABLES}
    for side in ("made", "committed"):
        (tmp_path / side).mkdir()
        for name in TABLES:
            shutil.copy(BUNDLES / "2016-2020" / f"{name}.csv", tmp_path / side)
        (tmp_path / side / "manifest.json").write_text(json.dumps(whole), encoding="utf-8")
    return tmp_path / "made", tmp_path / "committed"


def rewrite(folder, table, old, new):
    """Change a cell, and the checksum that vouches for it."""
    path = folder / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["tables"][table]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def test_a_table_cell_is_caught_whether_or_not_its_checksum_was_changed_too(bundles):
    made, committed = bundles
    assert review.compare_tables(made, committed) == []
    rewrite(committed, "known_victims", ",984,", ",985,")
    [line] = review.compare_tables(made, committed)
    assert line.startswith("known_victims, row ") and "column n" in line
    path = committed / "long_view_ratios.csv"
    path.write_text(path.read_text(encoding="utf-8") + " ", encoding="utf-8")
    [line] = review.compare_tables(made, committed)
    assert "is not the table that was released" in line


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("0.1234", "0.1235", True),
        ("0.1234", "0.1236", False),
        ("41", "42", True),
        ("x", "y", False),
    ],
)
def test_iterative_fits_may_differ_by_a_unit_of_the_last_digit(one, other, near):
    assert review._is_near(one, other) is near


def draw(values, *, font=10):
    with plt.rc_context({"font.size": font, "svg.fonttype": "none"}):
        figure, axes = plt.subplots(figsize=(6, 3.5))
        axes.plot(range(len(values)), values, marker="o")
        axes.set_ylim(0, 100)
        import io

        stream = io.StringIO()
        figure.savefig(stream, format="svg", bbox_inches="tight")
        plt.close(figure)
    return pictures.hash_picture(stream.getvalue())


def test_a_picture_is_caught_and_another_font_is_not():
    values = [50, 52, 48, 75, 60]
    assert pictures.is_same_picture(draw(values), draw(values, font=10.5))
    for place in range(5):
        changed = [n + 12 if number == place else n for number, n in enumerate(values)]
        assert not pictures.is_same_picture(draw(values), draw(changed))


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    """A committed notebook with a glued number, and its executed copy."""
    cell = nbformat.v4.new_code_cell("x", id="one")
    kept = nbformat.v4.new_output("display_data", {"text/plain": "'984ᵖ'"})
    kept.metadata = {"scrapbook": {"mime_prefix": "", "name": "victims_last"}}
    cell.outputs = [kept]
    made = nbformat.v4.new_notebook(cells=[cell])
    for folder in ("notebooks", "chapters"):
        (tmp_path / folder).mkdir()
        nbformat.write(made, tmp_path / folder / "12_topic.ipynb")
    monkeypatch.setattr(review, "NOTEBOOKS", tmp_path / "notebooks")
    return tmp_path / "notebooks" / "12_topic.ipynb", tmp_path / "chapters" / "12_topic.ipynb"


def test_a_glued_number_is_caught(notebook):
    committed, chapter = notebook
    assert review.compare_notebooks([chapter]) == []
    text = committed.read_text(encoding="utf-8")
    committed.write_text(text.replace("984ᵖ", "989ᵖ"), encoding="utf-8")
    assert review.compare_notebooks([chapter]) == [
        "notebooks/12_topic.ipynb, code cell 1: other outputs"
    ]


@pytest.fixture
def words(tmp_path, monkeypatch):
    """The files with words and parameters, to tamper with."""
    for name in (
        "data/codes",
        "data/claims",
        "book",
        "book/nl",
        "notebooks/editions",
        "notebooks/nl",
    ):
        (tmp_path / name).mkdir(parents=True)
        for path in (ROOT / name).glob("*.*"):
            shutil.copy(path, tmp_path / name)
    shutil.copy(ROOT / "notebooks" / "52_contradictions.ipynb", tmp_path / "notebooks")
    for name, folder in (
        ("ROOT", tmp_path),
        ("DATA", tmp_path / "data"),
        ("NOTEBOOKS", tmp_path / "notebooks"),
        ("EDITIONS", tmp_path / "notebooks" / "editions"),
    ):
        monkeypatch.setattr(review, name, folder)
    found = [tmp_path / "notebooks" / "52_contradictions.ipynb"]
    monkeypatch.setattr(review, "list_notebooks", lambda: found)
    kept = tmp_path / "reviewed.csv"
    review.write_reviewed(review.list_words(), kept)
    return tmp_path, kept


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("notebooks/editions/2016-2020.yml", "2020", "2019"),
        ("notebooks/52_contradictions.ipynb", "period_end: int = 2020", "period_end: int = 2019"),
        ("data/claims/signalling.csv", "fell", "rose"),
        ("data/claims/signalling.csv", "daalde", "steeg"),
        ("data/codes/texts.csv", "geen register bevat het", "een register bevat het"),
        ("book/limitations.md", "not", "now"),
        ("book/nl/limitations.md", "niet", "nu"),
        ("notebooks/nl/12_signalling.md", "niet", "wel"),
    ],
)
def test_a_parameter_a_claims_text_and_a_dutch_sentence_are_caught(words, file, old, new):
    root, kept = words
    assert review.compare_reviewed(review.list_words(), kept) == []
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    [line] = review.compare_reviewed(review.list_words(), kept)
    assert file in line and "another than was accepted" in line


def test_the_page_says_what_was_checked_and_what_differs():
    made = review.Review()
    made.add("tables", [])
    made.add("pictures", ["picture a: another than was accepted"])
    assert made.write().splitlines() == [
        "What was checked",
        "  tables: no differences",
        "  pictures: 1 differences",
        "What differs",
        "  picture a: another than was accepted",
    ]
