"""The tests of the whole way that a book of two chapters stands in for elsewhere, on the whole
book."""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup
from conftest import Project, build
from test_book import (
    check_same_builds,
    compare_folders,
    read_tracked,
    test_adding_an_edition_file_gives_chapters_of_those_years,
    test_bad_input_and_failing_cells_leave_the_last_site,
    test_the_book_in_dutch_beside_the_english,
)

from helpers import synthetic
from helpers.site import list_pages

pytestmark = pytest.mark.prove
__all__ = [
    "test_adding_an_edition_file_gives_chapters_of_those_years",
    "test_bad_input_and_failing_cells_leave_the_last_site",
    "test_the_book_in_dutch_beside_the_english",
]


@pytest.fixture
def small(project: Project) -> Project:
    """The whole book, where the tests ask for the small one."""
    return project


def test_two_clean_builds_are_the_same_byte_for_byte(tmp_path, built):
    """In two folders, two time zones and two home folders."""
    other = Project(
        tmp_path / "another place" / "copy",
        home=tmp_path / "two" / "home",
        time_zone="America/Lima",
    )
    build(other)
    check_same_builds(built, other)


def test_the_committed_tree_is_not_written(built, unbuilt):
    """`book` writes, adds and removes no tracked file."""
    assert read_tracked(built) == read_tracked(unbuilt)


def test_from_the_bundle_the_whole_book_comes_out_the_same(project):
    """No register is drawn, and no cell that releases a table runs. The findings read what is
    printed, outside too, so that nothing of that can be taken away as in the book of two
    chapters."""
    chapters, kept = project.root / "book" / "chapters", project.root / "kept"
    shutil.copytree(chapters, kept)
    shutil.rmtree(project.root / ".cache" / "registers")
    door = project.root / "src" / "helpers" / "release" / "__init__.py"
    with door.open("a", encoding="utf-8") as stream:
        stream.write("\n\ndef release(*_, **__):\n    raise RuntimeError('nothing is computed')\n")
    assert project.run("run", "--only", "52_contradictions").returncode != 0
    done = project.run("run", "--from-bundle", whole=True)
    assert done.returncode == 0, done.stderr
    assert compare_folders(chapters, kept) == []
    assert not (project.root / ".cache" / "registers").exists()


def list_lost(site: Path) -> list[str]:
    """Links of a site's pages to a page, or a place on one, that is not there."""
    pages = {
        path.resolve(): BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for path in list_pages(site)
    }
    places = {path: {one["id"] for one in page.select("[id]")} for path, page in pages.items()}
    lost = []
    for path, page in pages.items():
        for link in page.select("a[href]"):
            address = urlsplit(str(link["href"]))
            goal = (path.parent / unquote(address.path)).resolve() if address.path else path
            if address.scheme or goal.suffix != ".html":
                continue
            place = unquote(address.fragment)
            if goal not in places or (place and place not in places[goal]):
                lost.append(f"{path.relative_to(site.resolve())}: {link['href']}")
    return lost


def test_without_examples_the_whole_book_stands(unbuilt):
    """The build itself refuses a made-up number; nothing leads to what was left out."""
    done = unbuilt.run("book", "--without-examples", whole=True)
    assert done.returncode == 0, done.stderr
    assert list_lost(unbuilt.site) == []


def test_the_edition_on_public_numbers_stands(unbuilt):
    """Only the default edition was built by any test, and no other could be."""
    done = unbuilt.run("book", "--edition", "2019-2024", whole=True)
    assert done.returncode == 0, done.stderr
    assert (unbuilt.site / "2019-2024" / "book" / "left_out.html").exists()


def test_new_editions_of_an_extract_stand_beside_each_other(unbuilt, tmp_path):
    """A second and a third one, of the same extract, in both languages."""
    extract = tmp_path / "extract"
    synthetic.write_registers(extract, seed=7)
    for name in ("2017-2019", "2018-2020"):
        done = unbuilt.run("new-edition", name, "--registers", str(extract))
        assert done.returncode == 0, done.stderr
        for page in ("book/index.html", "nl/book/chapters/18_repeat_victimisation.html"):
            assert (unbuilt.site / name / page).exists()
    assert "2017-2019" in (unbuilt.site / "editions.js").read_text(encoding="utf-8")


def test_a_link_to_a_place_that_is_gone_is_found(tmp_path):
    (tmp_path / "index.html").write_text(
        '<a href="b.html#there">a</a><a href="b.html#gone">b</a><a href="#gone">c</a>', "utf-8"
    )
    (tmp_path / "b.html").write_text('<p id="there"><a href="index.html">d</a></p>', "utf-8")
    assert list_lost(tmp_path) == ["index.html: b.html#gone", "index.html: #gone"]
