"""What CONTRIBUTING.md promises: a table, a figure and an edition are added with the files that it
names, and with no other."""

from __future__ import annotations

import csv
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell
from test_book import read_page, read_tracked

pytestmark = pytest.mark.slow

CHAPTER = "notebooks/10_long_view.ipynb"
ROOM = "src/helpers/published/catalogue.py"
FUNCTION = '''

def select_single_years(numbers: pd.DataFrame) -> pd.DataFrame:
    """Rows of one calendar year."""
    return numbers[numbers["period"].str.fullmatch(r"[0-9]{4}")]
'''
ROW = {
    "name": "printed_single_years",
    "chapter": "10_long_view",
    "keys": "measure|population|breakdown|category|period|printed",
    "shape": "published",
    "title_en": "Presumed victims in single years",
    "title_nl": "Vermoedelijke slachtoffers in losse jaren",
    "caption_en": "Presumed victims in single years, {period}.",
    "caption_nl": "Vermoedelijke slachtoffers in losse jaren, {period}.",
}
CELLS = (
    """chosen = published.select_numbers(
    published.read_catalogue("sm20"), measure="victims", population="comensha_victims", breakdown="total",
)
chosen = published.catalogue.select_single_years(chosen)
counted = published.tabulate_numbers(chosen, years=run.years)
release("printed_single_years", counted, edition=run)""",
    'single_years = read_released("printed_single_years", edition=run)\nshow(plot_trend(single_years))',
    "show_table(single_years)",
)


def add_table_and_figure(root: Path) -> None:
    with (root / ROOM).open("a", encoding="utf-8", newline="\n") as file:
        file.write(FUNCTION)
    products = root / "data" / "codes" / "products.csv"
    with products.open(encoding="utf-8", newline="") as file:
        columns = next(csv.reader(file))
    with products.open("a", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, columns, restval="", lineterminator="\n").writerow(ROW)
    notebook = nbformat.read(root / CHAPTER, as_version=4)
    tags = {"tags": ["registers"]}
    name = {"mystnb": {"figure": {"name": "fig-single-years"}}}
    cells = [
        new_markdown_cell("## Single years"),
        new_code_cell(CELLS[0], metadata=tags),
        new_code_cell(CELLS[1], metadata=name),
        new_code_cell(CELLS[2]),
    ]
    notebook.cells[-2:-2] = cells
    nbformat.write(notebook, root / CHAPTER)


@pytest.mark.prove
def test_a_table_a_figure_and_an_edition_are_added_with_the_files_that_are_named(small):
    """The monitor prints 1,334 victims for 2019 and 984 for 2020, and of no other year alone."""
    before = read_tracked(small)
    add_table_and_figure(small.root)
    (small.root / "notebooks" / "editions" / "2014-2020.yml").write_text(
        "edition: 2014-2020\nperiod_start: 2014\nperiod_end: 2020\n", encoding="utf-8"
    )
    after = read_tracked(small)
    assert {name for name in after if after[name] != before.get(name)} == {
        ROOM,
        CHAPTER,
        "data/codes/products.csv",
        "notebooks/editions/2014-2020.yml",
    }
    done = small.run("book", "--edition", "2014-2020")
    assert done.returncode == 1 and "not judged before" in done.stderr  # its claims are new
    with (small.site / "2014-2020" / "tables" / "printed_single_years.csv").open(
        encoding="utf-8"
    ) as file:
        rows = {row["period"]: row["n"] for row in csv.DictReader(file)}
    assert rows == {"2019": "1334", "2020": "984"}
    [caption] = find_captions(
        read_page(small, "chapters/10_long_view", "2014-2020"), "single years"
    )
    assert "Presumed victims in single years, 2014–2020." in caption


def find_captions(page: BeautifulSoup, words: str) -> list[str]:
    texts = (figure.get_text(" ", strip=True) for figure in page.select("figure figcaption p"))
    return [text.removesuffix(" #") for text in texts if words in text]


def test_a_table_that_nobody_declared_is_refused(small):
    """The bad example: the same cells without the row of products.csv."""
    products = small.root / "data" / "codes" / "products.csv"
    declared = products.read_bytes()
    add_table_and_figure(small.root)
    products.write_bytes(declared)
    done = small.run("run", "--only", "10_long_view")
    assert done.returncode == 1 and "printed_single_years is not declared" in done.stderr
