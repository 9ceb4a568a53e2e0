"""The tests of the whole way that a book of two chapters stands in for elsewhere, on the whole book."""

from __future__ import annotations

import pytest
from conftest import Project, build
from test_book import (
    check_same_builds,
    read_tracked,
    test_adding_an_edition_file_gives_chapters_of_those_years,
    test_bad_input_and_failing_cells_leave_the_last_site,
    test_from_the_bundle_the_chapters_come_out_the_same,
    test_the_book_in_dutch_beside_the_english,
)

pytestmark = pytest.mark.prove
__all__ = [
    "test_adding_an_edition_file_gives_chapters_of_those_years",
    "test_bad_input_and_failing_cells_leave_the_last_site",
    "test_from_the_bundle_the_chapters_come_out_the_same",
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
