"""The drawing of the rooms: made from the imports, and current."""

import pytest
from draw_rooms import (
    END,
    PAGE,
    START,
    draw,
    draw_page,
    list_imports,
    place,
    read_arrows,
    read_order,
    reduce_arrows,
)

from helpers.edition import ROOT


def test_the_drawing_in_contributing_is_current():
    page = PAGE.read_text(encoding="utf-8")
    assert page == draw_page(page), "run make rooms"


def test_an_import_that_is_not_drawn_is_seen(tmp_path):
    """Three rooms, one more import: another drawing."""
    package = tmp_path / "house"
    (package / "kitchen").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "cellar.py").write_text("import json\n")
    (package / "kitchen" / "__init__.py").write_text("from house.cellar import wine\n")
    (package / "attic.py").write_text("from house import kitchen\n")
    order = ["cellar", "kitchen", "attic"]
    before = draw(read_arrows(package), order)
    assert before == (
        "```mermaid\nflowchart RL\n    cellar\n    kitchen --> cellar\n    attic --> kitchen\n```"
    )
    (package / "attic.py").write_text("def f():\n    import house.cellar\n")
    assert "    attic --> cellar" in draw(read_arrows(package), order).splitlines()


def test_an_arrow_that_follows_from_others_is_left_out_and_a_ring_is_refused():
    assert reduce_arrows({"a": set(), "b": {"a"}, "c": {"a", "b"}}) == {
        "a": set(),
        "b": {"a"},
        "c": {"b"},
    }
    with pytest.raises(ValueError, match="a -> b -> a"):
        reduce_arrows({"a": {"b"}, "b": {"a"}})


def test_imports_are_found_in_every_form():
    source = "import house.a\nfrom house import b, c\nfrom house.d.e import f\nimport json\n"
    assert list_imports(source, "house") == {"a", "b", "c", "d"}


def test_every_room_has_its_place_in_the_order():
    order = read_order((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert set(read_arrows(ROOT / "src" / "helpers")) <= set(order)


def test_the_page_must_have_its_marks():
    assert place(f"a\n{START}\nold\n{END}\nb\n", "new") == f"a\n{START}\nnew\n{END}\nb\n"
    with pytest.raises(ValueError, match="lacks the lines"):
        place("a\n", "new")
