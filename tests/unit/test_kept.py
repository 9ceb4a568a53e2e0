"""What is kept of a build: taken only where everything that it comes from is the same."""

from __future__ import annotations

import errno
import json

import pytest

from helpers.edition import SiteFailed
from helpers.site import raw
from helpers.site.kept import Keep


def test_what_was_made_of_the_same_is_taken_and_of_anything_else_made_anew(tmp_path):
    keep = Keep(tmp_path)
    assert keep.take(lambda: ["first"], "step", "a", b"b") == ["first"]
    assert keep.take(lambda: ["second"], "step", "a", b"b") == ["first"]
    for other in (("step", "a", b"c"), ("other", "a", b"b"), ("step", "a", b"b", "")):
        assert keep.take(lambda: ["second"], *other) == ["second"]
    assert Keep(None).take(lambda: ["third"], "step", "a", b"b") == ["third"]


@pytest.mark.parametrize("damage", [lambda kept: kept[:-3], lambda kept: kept.replace(b"f", b"g")])
def test_what_was_cut_short_or_changed_is_made_anew(tmp_path, damage):
    Keep(tmp_path).take(lambda: "first", "step")
    [path] = tmp_path.iterdir()
    path.write_bytes(damage(path.read_bytes()))
    assert Keep(tmp_path).take(lambda: "second", "step") == "second"


def test_a_page_with_faults_and_what_nobody_asked_for_are_not_kept(tmp_path):
    Keep(tmp_path).take(lambda: "old", "step", "old")
    keep = Keep(tmp_path)
    keep.take(lambda: {"faults": ["no alt text"]}, "step", keeps=lambda made: not made["faults"])
    keep.forget_rest()
    assert list(tmp_path.iterdir()) == []


SOURCE = {
    "_config.yml": "title: A\n",
    "book/a.md": "# A\n",
    "book/b.md": "{glue:text}`a.md::n:s`\n",
}


@pytest.mark.parametrize(
    ("name", "words", "told", "built"),
    [
        ("", "", {}, []),  # nothing changed
        ("book/a.md", "# A\nmore\n", {}, ["followed"]),
        ("book/a.md", "# Z\n", {"book/a.html": "Figure 2"}, ["followed", "anew"]),
        ("book/a.md", "# A {cite}`one`\n", {}, ["anew"]),
        ("_config.yml", "title: B\n", {}, ["anew"]),
        ("book/c.md", "# C\n", {}, ["anew"]),
    ],
)
def test_jupyter_book_goes_on_only_where_nothing_else_can_change(
    tmp_path, monkeypatch, name, words, told, built
):
    done = []

    def build(source, out, *, anew=True):
        done.append("anew" if anew else "followed")
        page = out / "_build" / "html" / "book" / "a.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        number = told.get("book/a.html", "Figure 1") if len(done) > 1 else "Figure 1"
        page.write_text(f'<span class="caption-number">{number}</span>', encoding="utf-8")
        (page.parent.parent / "objects.inv").write_bytes(b"")

    monkeypatch.setattr(raw, "run_jupyter_book", build)
    for number, changes in enumerate(({}, {name: words} if name else {})):
        source = tmp_path / f"source-{number}"
        for one, content in {**SOURCE, **changes}.items():
            (source / one).parent.mkdir(parents=True, exist_ok=True)
            (source / one).write_text(content, encoding="utf-8")
        raw.make_raw(source, tmp_path / f"out-{number}", tmp_path / "kept", "signed")
        assert (tmp_path / f"out-{number}" / "_build" / "html" / "book" / "a.html").exists()
    assert done == ["anew", *built]
    assert json.loads((tmp_path / "kept" / "record.json").read_text(encoding="utf-8"))["files"]


def test_a_kept_build_without_a_record_is_not_gone_on_with(tmp_path, monkeypatch):
    (tmp_path / "kept").mkdir()
    assert raw._read_record(tmp_path / "kept") == {}
    (tmp_path / "kept" / "record.json").write_text("{", encoding="utf-8")
    assert raw._read_record(tmp_path / "kept") == {}


def test_a_full_disk_under_jupyter_book_is_said_as_one(tmp_path, monkeypatch):
    """Its process ended, and "the site was not built: OSError" was said, with a trace's last
    line."""
    said = "OSError: [Errno 28] No space left on device\n\nRuntimeError: \n"
    monkeypatch.setattr(raw, "_run_apart", lambda *_: (1, said))
    with pytest.raises(OSError, match="No space left") as caught:
        raw.run_jupyter_book(tmp_path, tmp_path)
    assert caught.value.errno == errno.ENOSPC
    monkeypatch.setattr(raw, "_run_apart", lambda *_: (1, "book/x.md:1: WARNING: no such page"))
    with pytest.raises(SiteFailed, match="WARNING: no such page"):
        raw.run_jupyter_book(tmp_path, tmp_path)
