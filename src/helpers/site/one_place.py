"""The page of one place, apart from the book: a folder that can be opened, printed and sent on its
own."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup

from helpers.chain import Place
from helpers.edition import BOOK, BUILD, CHAPTERS, Edition, SiteFailed
from helpers.execute import list_tables_read, put_prose, swap_folder
from helpers.site.around import complete_page, read_contact, write_footer
from helpers.site.build import ROOT, TOC, check_site, write_config
from helpers.site.languages import dump_yaml, translate_theme
from helpers.site.pages import mend_labels
from helpers.site.provenance import point_numbers
from helpers.site.raw import RELEASE_DATE_FILE, read_release_epoch, run_jupyter_book
from helpers.site.reading import finish_reading
from helpers.site.soups import list_pages
from helpers.site.tabs import read_citation

PLACES, CHAPTER = BUILD / "places", "29_one_place"
# A link to another page of the book, which this folder does not have; its words stay.
_LINK = re.compile(r"\[([^\]]+)\]\((?!https?:|#)[^)\s]+\.(?:md|ipynb)[^)\s]*\)")


def build_place(edition: Edition, bundle: Path, chapter: Path, place: Place) -> Path:
    """Build the page of an executed chapter on one place into `_build/places/<edition>/<code>`, and
    return its file. Raises SiteFailed where the page is not whole."""
    target = PLACES / edition.edition / place.code
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BUILD, prefix=".staging-") as folder:
        source = _stage(Path(folder) / "source", edition, chapter)
        run_jupyter_book(source, Path(folder) / "out")
        site = Path(folder) / "out" / "_build" / "html"
        citation = read_citation(RELEASE_DATE_FILE, edition, "")
        footer = write_footer(edition, bundle, read_release_epoch(), read_contact())
        for page in list_pages(site):
            name = page.relative_to(site).as_posix()
            content = mend_labels(page.read_text(encoding="utf-8"))
            content = translate_theme(content, name, edition.language)
            content = finish_reading(content, page, site, edition.language, (), citation)
            # In the book an example is folded; here it is what was asked for.
            content = content.replace(" made-up-part", "")
            content = complete_page(
                content,
                BeautifulSoup(content, "html.parser"),
                name,
                footer=footer,
                address="",
                preview="",
                language=edition.language,
            )
            page.write_text(content, encoding="utf-8", newline="\n")
        shutil.rmtree(site / "_images", ignore_errors=True)
        (site / "tables").mkdir()
        for name in list_tables_read(nbformat.read(chapter, as_version=4)):
            shutil.copyfile(bundle / f"{name}.csv", site / "tables" / f"{name}.csv")
        if faults := check_site(site):
            raise SiteFailed("\n".join(faults))
        swap_folder(site, target)
    return target / "book" / CHAPTERS.name / f"{CHAPTER}.html"


def _stage(source: Path, edition: Edition, chapter: Path) -> Path:
    """A book of this one chapter, its links to other pages as words."""
    placed = source / "book" / CHAPTERS.name / f"{CHAPTER}.ipynb"
    placed.parent.mkdir(parents=True)
    shutil.copyfile(chapter, placed)
    put_prose(placed, edition.language)
    notebook = nbformat.read(placed, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = _LINK.sub(r"\1", cell.source)
    point_numbers(notebook)
    nbformat.write(notebook, placed)
    shutil.copytree(ROOT / "_static", source / "_static")
    shutil.copyfile(BOOK / "references.bib", source / "book" / "references.bib")
    contents = {"format": "jb-book", "root": f"book/{CHAPTERS.name}/{CHAPTER}"}
    dump_yaml(source / TOC.name, contents)
    write_config(source, edition)
    return source
