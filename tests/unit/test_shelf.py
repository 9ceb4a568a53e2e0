"""Several editions in one folder."""

from __future__ import annotations

import json

import pytest

from helpers.edition import BUNDLES, BadInput, define_edition
from helpers.execute import swap_folder
from helpers.site import build, shelf

PAGES = ["book/chapters/12_signalling.html", "book/index.html"]


def make(folder, name, words, pages=PAGES):
    first, last = map(int, name.split("-"))
    edition = define_edition(edition=name, period_start=first, period_end=last)
    (folder / "book").mkdir(parents=True)
    (folder / "index.html").write_text(words)
    shelf.write_record(folder, edition, build=words, names=pages)
    return folder


def test_the_default_stands_at_the_root_and_others_under_their_names(tmp_path):
    assert shelf.find_place(tmp_path, "2016-2020") == tmp_path
    assert shelf.find_place(tmp_path, "2019-2024") == tmp_path / "2019-2024"
    with pytest.raises(BadInput, match="choose another name"):
        shelf.find_place(tmp_path, "book")


def test_a_new_default_edition_keeps_the_others_byte_for_byte(tmp_path):
    """D16: one site took the place of another."""
    root = make(tmp_path / "html", "2016-2020", "old")
    make(root / "2019-2024", "2019-2024", "other")
    (root / ".2017-2021-retired").mkdir()
    make(root / ".2018-2022-retired", "2018-2022", "cut off")
    new = make(tmp_path / "new", "2016-2020", "new")
    shelf.keep_others(root, new)
    swap_folder(new, root)
    assert (root / "index.html").read_text() == "new"
    assert (root / "2019-2024" / "index.html").read_text() == "other"
    assert [one["edition"] for one in shelf.list_shelf(root)] == ["2016-2020", "2019-2024"]
    assert not list(root.glob(".*"))


def test_only_the_root_has_a_page_for_wrong_addresses(tmp_path):
    """Each edition and each language wrote one that no server asks for, and whose way home led
    nowhere. That of the root speaks both languages."""
    for name in ("2016-2020", "2019-2024"):
        site = make(tmp_path / name, name, "")
        first, last = map(int, name.split("-"))
        edition = define_edition(edition=name, period_start=first, period_end=last)
        build._surround_site(site, [], edition, BUNDLES / "2016-2020", ("en", "nl"))
    assert [path.parent.name for path in tmp_path.rglob("404.html")] == ["2016-2020"]
    said = (tmp_path / "2016-2020" / "404.html").read_text(encoding="utf-8")
    assert '<div lang="en">' in said and '<div lang="nl">' in said


def test_the_shelf_lists_the_default_first_then_the_newest(tmp_path):
    root = make(tmp_path / "html", "2016-2020", "a")
    for name in ("2012-2016", "2019-2024"):
        make(root / name, name, name)
    shelf.write_shelf(root, "en")
    listed = json.loads(
        (root / "editions.js").read_text(encoding="utf-8").partition("=")[2].rstrip(";\n")
    )
    assert [(one["folder"], one["period"]) for one in listed] == [
        ("", "2016–2020"),
        ("2019-2024", "2019–2024"),
        ("2012-2016", "2012–2016"),
    ]
    assert 'href="2019-2024/book/index.html"' in (root / "editions.html").read_text("utf-8")
    assert (root / "index.html").read_text() == "a"


@pytest.mark.parametrize("words", ["{}", "[]", '{"edition": "2012-2016"}', '{"edit'])
def test_an_edition_that_an_older_version_built_stays_and_is_listed(tmp_path, words):
    """Its record says less, or is no JSON; the others are built all the same."""
    root = make(tmp_path / "html", "2016-2020", "a")
    make(root / "2012-2016", "2012-2016", "old")
    (root / "2012-2016" / "edition.json").write_text(words, encoding="utf-8")
    shelf.write_shelf(root, "en")
    assert 'href="2012-2016/book/index.html">2012–2016<' in (root / "editions.html").read_text(
        "utf-8"
    )
    assert (root / "2012-2016" / "index.html").read_text() == "old"


def test_without_the_default_edition_the_front_page_is_the_list(tmp_path):
    make(tmp_path / "2019-2024", "2019-2024", "other")
    shelf.write_shelf(tmp_path, "nl")
    assert "<h1>Edities</h1>" in (tmp_path / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "lead"), [("2016-2020", "../../"), ("2019-2024", "../../../")])
def test_the_menu_knows_its_page_and_the_way_to_the_others(name, lead):
    first, last = map(int, name.split("-"))
    edition = define_edition(edition=name, period_start=first, period_end=last)
    page = '<body><div class="article-header-buttons"></div></body>'
    made = shelf.add_switcher(page, PAGES[0], edition)
    assert f'data-page="{PAGES[0]}" data-lead="{lead}"' in made
    assert f'<script data-shelf src="{lead}editions.js">' in made
