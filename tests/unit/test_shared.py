"""What processes of one run of the tests share is made once, and a book is shrunk without a loose
end."""

import time
from concurrent.futures import ThreadPoolExecutor

import nbformat
import pytest
import yaml
from conftest import make_once
from small_book import FEW, outline, shrink

from helpers.execute import read_declared


def test_one_makes_it_and_the_others_wait(tmp_path):
    made = []

    def make() -> None:
        time.sleep(0.3)
        made.append(1)

    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(make_once, tmp_path / "x" / "thing", make) for _ in range(3)]:
            done.result()
            assert made == [1]


def test_all_who_asked_hear_why_it_failed(tmp_path):
    def fail() -> None:
        raise ValueError("no such edition")

    for _ in range(2):
        with pytest.raises(pytest.fail.Exception, match="thing: ValueError: no such edition"):
            make_once(tmp_path / "thing", fail)


def test_an_outline_keeps_what_links_lead_to():
    page = "# A {{ period }}\n\nWords {glue:text}`k:s`.\n\n(here)=\n## B\n\n```\n# code\n```\n### {glue:text}`m:s`\n"
    assert outline(page) == "# A {{ period }}\n\n(here)=\n\n## B\n"
    assert outline("```{include} ../x.md\n```\n") == "```{include} ../x.md\n```\n"


def test_a_small_book_holds_its_chapters_and_nothing_that_names_others(unbuilt):
    shrink(unbuilt.root, FEW)
    notebooks = sorted((unbuilt.root / "notebooks").glob("*.ipynb"))
    assert [path.stem for path in notebooks] == list(FEW)
    contents = (unbuilt.root / "_toc.yml").read_text(encoding="utf-8")
    assert contents.count("book/chapters/") == len(FEW)
    declared = {name for path in notebooks for name in read_declared(path)}
    edition = yaml.safe_load(
        (unbuilt.root / "notebooks" / "editions" / "2016-2020.yml").read_text(encoding="utf-8")
    )
    assert {"series_start", "series_end"} <= set(edition) & declared
    links = [
        cell.source.count(".ipynb)")
        for path in notebooks
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "markdown" and "](14_" in cell.source
    ]
    assert links == []
