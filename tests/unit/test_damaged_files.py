"""A file of the project that somebody cut short, saved in another encoding or mended by hand is
told in one sentence with its name and a remedy, and exit 2; whichever verb reads it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from helpers import cli, labels, products, translations
from helpers.disclosure import ledger
from helpers.edition import (
    BUNDLES,
    DEFAULT_EDITION,
    BadInput,
    read_edition,
    read_json,
    read_rows,
    read_yaml,
)
from helpers.execute import parameters, review
from helpers.published import files
from helpers.release import bundle

SOURCE = Path(cli.__file__).parent
CELL = '{"cells": [{"cell_type": "markdown"}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
NOTEBOOKS = ("", "{", "[]", "{}", '{"cells": ', "\udcff", "[" * 5000)
TEXTS = ("", 'a,b\n"1', "a,b\n1\n", "a,b\n1,2,3\n", 'a,b\n"1"x,2\n', "\udcff,b\n1,2\n")
READERS: dict[str, tuple[Callable[[Path], Any], tuple[str, ...]]] = {
    "a chapter to be translated": (translations.split_chapter, (*NOTEBOOKS, CELL)),
    "a chapter to be run": (parameters.read_notebook, (*NOTEBOOKS, '{"cells": 1, "metadata": {}}')),
    "what was accepted": (review.read_reviewed, (*TEXTS, "kind,name\nwords,x\n")),
    "a list of codes": (lambda path: [row["code"] for row in read_rows(path)], TEXTS),
    "the catalogue": (lambda path: files.read_table(path, ["a", "b"]), (*TEXTS[2:4], TEXTS[5])),
    "entries": (read_yaml, ("", "a: [1", "- a", "a: b: c", "\udcff: 1", "a: 2021-13-45")),
    "a record": (read_json, tuple(one for one in NOTEBOOKS if one != "{}")),
}


@pytest.mark.parametrize("name", READERS)
def test_a_damaged_file_is_told_with_its_name(tmp_path, name):
    read, contents = READERS[name]
    path = tmp_path / "one.file"
    for content in contents:
        path.write_bytes(content.encode("utf-8", "surrogateescape"))
        with pytest.raises(BadInput, match=r"one\.file") as told:
            read(path)
        assert "\n" not in str(told.value) and re.search("mend|restore|quote|save", str(told.value))


@pytest.mark.parametrize("content", ["{", "", "[]", '{"tables": '])
@pytest.mark.parametrize("read", [bundle.read_manifest, ledger.read_manifest])
def test_a_damaged_manifest_is_told(tmp_path, content, read):
    (tmp_path / "manifest.json").write_text(content, encoding="utf-8")
    with pytest.raises(BadInput, match=r"manifest\.json"):
        read(tmp_path)


WHOLE = read_json(BUNDLES / DEFAULT_EDITION / "manifest.json")
# Where the entries of a manifest stand: those of the whole, of a table, and the parameters that are
# not for notebooks alone.
ENTRIES = [
    *((name,) for name in WHOLE),
    *(("tables", "known_victims", name) for name in WHOLE["tables"]["known_victims"]),
    *(("parameters", name) for name in ("period_start", "period_end", "study_start", "seed")),
    ("tables", "known_victims"),
    ("tables", "known_victims", "title", "nl"),
]
OTHERS = (None, 5, 2.5, "words", [1], {"a": 1}, [], {}, True)
# Entries that may be another thing: no earlier bundle, any version, nothing computed, no title of it.
MAY_BE = {
    "earlier": ({},),
    "versions": ({},),
    "tables": ({},),
    "by": ([],),
    "computed": ([],),
}


def change_entry(manifest: dict[str, Any], place: tuple[str, ...], *value: Any) -> None:
    """Put another value at this place, or take the entry away."""
    *way, last = place
    for name in way:
        manifest = manifest[name]
    if value:
        manifest[last] = value[0]
    else:
        del manifest[last]


@pytest.mark.parametrize("place", ENTRIES, ids=".".join)
def test_an_entry_of_a_manifest_that_is_missing_or_another_thing_is_told(tmp_path, place):
    """Without `by` or `parameters`, compare ended with a trace."""
    path = tmp_path / "manifest.json"
    old = WHOLE
    for name in place:
        old = old[name]
    same = [one for one in OTHERS if type(one) is type(old) and not isinstance(old, dict | list)]
    others = [one for one in OTHERS if one not in (*same, *MAY_BE.get(place[-1], ()))]
    if place == ("tables", "known_victims"):
        others.append({})
    cases: list[tuple[Any, ...]] = [(one,) for one in others if one is not old]
    if place != (
        "tables",
        "known_victims",
    ):  # a table that is not there is no fault of the manifest
        cases.append(())
    for value in cases:
        manifest = deepcopy(WHOLE)
        change_entry(manifest, place, *value)
        path.write_text(json.dumps(manifest), encoding="utf-8")
        with pytest.raises(BadInput, match=r"^manifest\.json: ") as told:
            bundle.read_manifest(tmp_path)
        said = str(told.value)
        assert place[-1] in said and "\n" not in said, value
        assert f"make it anew with monitor bundle --edition {tmp_path.name}" in said


@pytest.mark.parametrize("entry", [("parameters",), ("tables", "known_victims", "by"), ("tables", "known_victims", "sha256")], ids=".".join)  # fmt: skip
@pytest.mark.parametrize(
    "verb", ["compare 2016-2020 2019-2024", "audit", "review", "export", "check", "book --from-bundle", "bundle"]
)  # fmt: skip
@pytest.mark.prove
def test_each_verb_says_what_a_manifest_lacks(small, verb, entry):
    path = small.root / "data" / "bundles" / "2016-2020" / "manifest.json"
    manifest = read_json(path)
    change_entry(manifest, entry)
    path.write_text(json.dumps(manifest), encoding="utf-8")
    done = small.run(*verb.split())
    assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr
    [said] = done.stderr.strip().splitlines()
    assert f"manifest.json: {entry[-1]}" in said or f": {entry[-1]} is missing" in said


def test_a_damaged_edition_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("helpers.edition.EDITIONS", tmp_path)
    for content in (b"edition: [", b"\xff", b"- a", b""):
        (tmp_path / "x.yml").write_bytes(content)
        with pytest.raises(BadInput, match=r"x\.yml"):
            read_edition("x")


@pytest.mark.parametrize(
    ("file", "read"),
    [
        ("texts.csv", lambda: labels._read_words.__wrapped__("texts.csv", "en")),
        ("registers.csv", lambda: labels.read_codes.__wrapped__("sex")),
        ("dutch.csv", labels.read_dutch.__wrapped__),
        ("municipalities.csv", labels.read_municipalities.__wrapped__),
    ],
)
def test_a_damaged_list_of_codes_is_told(tmp_path, monkeypatch, file, read):
    monkeypatch.setattr(labels, "CODES", tmp_path)
    for content in ("", "x,y\n1\n", "x\n1\n", 'list,"\n'):
        (tmp_path / file).write_text(content, encoding="utf-8")
        with pytest.raises(BadInput, match=re.escape(file)):
            read()


def test_a_declaration_that_lacks_a_column_is_told(tmp_path):
    path = tmp_path / "products.csv"
    path.write_text("name,chapter\na,b\n", encoding="utf-8")
    with pytest.raises(BadInput, match="row 1 has no column"):
        [products._read_product(row) for _, row in products._read_rows(path)]


@pytest.mark.parametrize("content", ["{", "[1]", ""])
def test_the_list_of_translations_ends_with_a_sentence(tmp_path, monkeypatch, capsys, content):
    (tmp_path / "10_one.ipynb").write_text(content, encoding="utf-8")
    pairs = translations.list_pairs(notebooks=tmp_path, book=tmp_path)
    monkeypatch.setattr(translations, "list_pairs", lambda only: pairs)
    assert cli.main(["translations"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "10_one.ipynb" in said and "Traceback" not in said


def test_no_room_reads_entries_or_rows_past_these_readers():
    """Else a damaged file would end in a traceback there."""
    past = re.compile(r"csv\.DictReader\(|(yaml\.safe_load|json\.loads)\([^\n]*\.read_text")
    found = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if past.search(path.read_text(encoding="utf-8"))
    }
    assert found <= {"edition.py"}
