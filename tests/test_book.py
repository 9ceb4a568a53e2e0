"""The whole way, from parameter file to page, in copies of the project.

What breaks or changes something does so to a book of two chapters (`small_book`); the same tests
run on the whole book in `prove/test_whole_book.py`."""

from __future__ import annotations

import filecmp
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from conftest import Project, build_small
from small_book import shrink

from helpers.edition import ROOT
from helpers.site.plain import find_raw_codes

pytestmark = pytest.mark.slow

EDITION = "edition: 2013-2020\nperiod_start: 2013\nperiod_end: 2020\n"


def list_files(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def compare_folders(one: Path, other: Path) -> list[str]:
    """Files that are not the same in both, byte for byte."""
    names = set(list_files(one)) | set(list_files(other))
    _, different, missing = filecmp.cmpfiles(one, other, sorted(names), shallow=False)
    return different + missing


def read_tracked(project: Project) -> dict[str, bytes]:
    """What a clone holds, file by file."""
    return {
        name: (project.root / name).read_bytes()
        for name in list_files(project.root)
        if not name.startswith((".cache", "_build", "book/chapters")) and "__pycache__" not in name
    }


def read_page(project: Project, name: str, edition: str = "") -> BeautifulSoup:
    """A page of the default edition at the root, or of another in its folder."""
    page = project.site / edition / "book" / f"{name}.html"
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")


@pytest.mark.prove
def test_adding_an_edition_file_gives_chapters_of_those_years(small):
    """Titles, axes, tables and sentences follow 2013-2020 when only its parameter file is added;
    `book` writes, adds and removes no tracked file."""
    (small.root / "notebooks" / "editions" / "2013-2020.yml").write_text(EDITION, encoding="utf-8")
    tracked = read_tracked(small)
    before = {name: (small.site / name).read_bytes() for name in list_files(small.site)}
    done = small.run("book", "--edition", "2013-2020")
    # The book stands; nobody has read yet which of its claims hold.
    assert done.returncode == 1 and "not judged before" in done.stderr, done.stderr
    assert read_tracked(small) == tracked
    shelf = {"editions.js", "editions.html"}
    for name in set(before) - shelf:
        assert (small.site / name).read_bytes() == before[name], f"{name} is another edition's"

    long_view = read_page(small, "chapters/10_long_view", "2013-2020")
    assert long_view.find("h1").get_text().startswith("The long view, 2013–2020")
    first = " ".join(long_view.find("article").get_text().split())
    assert (
        "In 2013 the national register held 1,437ᵖ presumed victims, in 2020 it held 1,013ᵖ"
        in first
    )
    figure = long_view.find("figure")
    assert "2013–2020" in figure.find("figcaption").get_text()
    assert figure.find("svg")["aria-label"].startswith("Line chart over 2013 to 2020.")
    rows = [cell.get_text() for cell in long_view.select(".released-table")[0].select("tbody th")]
    assert rows == [str(year) for year in range(2013, 2021)]

    monitor = read_page(small, "chapters/12_signalling", "2013-2020")
    assert (
        monitor.find("h1").get_text().startswith("Which presumed victims come into view? 2013–2020")
    )
    assert "2 of the 8 yearly totals" in monitor.find("article").get_text().replace("\n", " ")
    assert (
        monitor.find("figure").find("svg")["aria-label"].startswith("Line chart over 2013 to 2020.")
    )
    assert "2013–2020" in read_page(small, "index", "2013-2020").find("h1").get_text()

    own = small.site / "2013-2020"
    manifest = json.loads((own / "tables" / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["edition"], manifest["parameters"]["period_start"]) == ("2013-2020", 2013)
    check_axis(small)
    assert small.run("claims", "--edition", "2013-2020", "--accept").returncode == 0
    assert small.run("claims", "--edition", "2013-2020").returncode == 0


def check_axis(project: Project) -> None:
    """The tick labels of the picture, read from its source before it became outlines: one tick a
    year, and as many of them named, evenly up to the last, as there is room for."""
    from helpers.edition import define_edition
    from helpers.figures import plot_trend
    from helpers.release import read_released

    edition = define_edition(edition="2013-2020", period_start=2013, period_end=2020)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MONITOR_BUNDLE", str(project.root / ".cache" / "bundles" / "2013-2020"))
        axes = plot_trend(read_released("printed_victims", edition=edition)).figure.axes[0]
    assert list(axes.get_xticks()) == list(range(2013, 2021))
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert labels == ["", "2014", "", "2016", "", "2018", "", "2020"]


CAPTURES = """A,B,C,D,n,region
1,0,0,0,400,north
0,1,0,0,300,north
0,0,1,0,350,north
0,0,0,1,200,north
1,1,0,0,30,north
1,0,1,0,40,north
0,1,1,0,25,north
0,0,1,1,20,north
1,1,1,0,4,north
1,0,0,0,90,south
0,1,0,0,80,south
1,1,0,0,3,south
0,0,1,0,60,south
"""


def test_captures_of_a_rerunner_give_the_same_chapter_on_their_data(unbuilt):
    """Other lists, other years, two regions: the chapter names them, hides counts below ten, and
    says why a region has no estimate."""
    # One of its claims sets what is estimated beside what is reported.
    shrink(unbuilt.root, ("10_long_view", "30_hidden_population"))
    code = unbuilt.root / "src" / "helpers" / "mse" / "simulated.py"
    content = code.read_text(encoding="utf-8")
    assert "\nREPLICATES = 1000\n" in content
    content = content.replace("\nREPLICATES = 1000\n", "\nREPLICATES = 20\n")
    code.write_text(content, encoding="utf-8", newline="\n")
    (unbuilt.root / "notebooks" / "editions" / "2019-2021.yml").write_text(
        EDITION.replace("2013", "2019").replace("2020", "2021") + "border_list: D\n",
        encoding="utf-8",
    )
    registers = unbuilt.home / "registers"
    registers.mkdir()
    (registers / "captures.csv").write_text(CAPTURES, encoding="utf-8")
    (registers / "extract.yml").write_text(
        "source: an extract\ncaptures: {period: 2019-2021}\n", encoding="utf-8"
    )
    done = unbuilt.run("book", "--edition", "2019-2021", "--registers", str(registers))
    assert done.returncode == 1 and "keeps these verdicts" in done.stderr, done.stderr
    page = (
        read_page(unbuilt, "chapters/30_hidden_population", "2019-2021")
        .find("article")
        .get_text()
        .replace("\n", " ")
    )
    assert "2019–2021" in page and "fewer than ten victims are on two lists or more" in page
    patterns = (unbuilt.site / "2019-2021/tables/hidden_patterns.csv").read_text(encoding="utf-8")
    assert (
        "A+B,35,2019-2021,an extract,rounded" in patterns
        and ",hidden," in patterns
        and ",register" in patterns
    )
    (registers / "captures.csv").write_text("A,B,n\n1,0,20\n0,1,20\n1,1,5\n", encoding="utf-8")
    done = unbuilt.run("book", "--edition", "2019-2021", "--registers", str(registers))
    assert done.returncode == 2 and "captures have 2 lists" in done.stderr
    assert "-> 3 at the least" in done.stderr


@pytest.mark.prove
def test_two_clean_builds_are_the_same_byte_for_byte(tmp_path, small_built):
    """In two folders, two time zones and two home folders."""
    other = Project(
        tmp_path / "another place" / "copy",
        home=tmp_path / "two" / "home",
        time_zone="America/Lima",
    )
    build_small(other)
    check_same_builds(small_built, other)


def check_same_builds(one: Project, other: Project) -> None:
    """Sites and chapters are the same, byte for byte."""
    assert one.time_zone != other.time_zone
    assert list_files(one.site) == list_files(other.site)
    assert compare_folders(one.site, other.site) == []
    assert compare_folders(one.root / "book" / "chapters", other.root / "book" / "chapters") == []


@pytest.mark.prove
def test_after_one_changed_notebook_the_site_is_that_of_a_clean_build(small):
    """Another page glues a number of the notebook; the rest is taken from the last build."""
    path = small.root / "notebooks" / "10_long_view.ipynb"
    notebook = nbformat.read(path, as_version=4)
    cell = [cell for cell in notebook.cells if cell.cell_type == "code"][-1]
    cell.source += "\n# one line more"
    nbformat.write(notebook, path)
    raw = small.root / ".cache" / "site" / "2016-2020" / "en" / "raw"
    untouched = raw / "out" / "_build" / "html" / "book" / "methods.html"
    shutil.rmtree(raw)
    assert small.run("build").returncode == 0  # here, since Sphinx goes on in the same folder only
    before = untouched.stat().st_mtime_ns
    done = small.run("book")
    assert done.returncode == 0, done.stderr
    assert "1 run" in done.stdout and untouched.stat().st_mtime_ns == before
    assert "# one line more" in (small.site / "book/chapters/10_long_view.html").read_text("utf-8")
    followed = small.site.rename(small.root / "followed")
    shutil.rmtree(small.root / ".cache" / "site")
    assert small.run("build").returncode == 0
    assert compare_folders(followed, small.site) == []


def test_from_the_bundle_the_chapters_come_out_the_same(small):
    """The cells that compute tables are skipped, the facts they read are gone, and the chapters do
    not change."""
    chapters = small.root / "book" / "chapters"
    kept = small.root / "kept"
    shutil.copytree(chapters, kept)
    (small.root / "data" / "published" / "contradictions.csv").unlink()
    assert small.run("run", "--only", "52_contradictions").returncode != 0
    done = small.run("run", "--from-bundle")
    assert done.returncode == 0, done.stderr
    assert compare_folders(chapters, kept) == []


def test_bad_input_and_failing_cells_leave_the_last_site(small):
    before = {name: (small.site / name).read_bytes() for name in list_files(small.site)}
    numbers = small.root / "data" / "published" / "numbers.csv"
    good = numbers.read_text(encoding="utf-8")

    def expect(code: int, words: str, *arguments: str) -> None:
        done = small.run("book", *arguments)
        assert (done.returncode, words in done.stderr) == (code, True), done.stderr
        assert len(done.stderr.splitlines()) <= 8 and "Traceback" not in done.stderr
        assert {name: (small.site / name).read_bytes() for name in list_files(small.site)} == before

    numbers.write_text(good.replace(",1334,", ",1.334.,", 1), encoding="utf-8", newline="\n")
    expect(2, "data/published/numbers.csv, row 4, column value")
    numbers.unlink()
    expect(2, "data/published/numbers.csv is missing")
    numbers.write_text(good, encoding="utf-8", newline="\n")

    expect(2, "unknown edition '2031-2035'", "--edition", "2031-2035")
    editions = small.root / "notebooks" / "editions"
    (editions / "bad.yml").write_text(
        "edition: bad\nperiod_start: 2020\nperiod_end: 2016\n", encoding="utf-8"
    )
    expect(2, "exchange them", "--edition", "bad")
    (editions / "bad.yml").write_text(
        "edition: bad\nperiod_start: 2016\nperiod_end: 2020\nserie_start: 2007\n", encoding="utf-8"
    )
    expect(2, "no notebook declares 'serie_start'", "--edition", "bad")

    notebook = small.root / "notebooks" / "10_long_view.ipynb"
    source = notebook.read_text(encoding="utf-8")
    notebook.write_text(
        source.replace('read_released(\\"long_view_women\\"', 'read_released(\\"long_view_wmen\\"'),
        encoding="utf-8",
        newline="\n",
    )
    expect(1, "notebooks/10_long_view.ipynb, cell")
    assert (small.root / "_build" / "failed" / "10_long_view.ipynb").exists()
    notebook.write_text(source, encoding="utf-8", newline="\n")

    page = small.root / "book" / "methods.md"
    text = page.read_text(encoding="utf-8")
    page.write_text(
        text + "\n{glue:text}`chapters/10_long_view.ipynb::no_such_key:s` [x](nowhere.md)\n",
        encoding="utf-8",
        newline="\n",
    )
    expect(1, "book/methods.md")
    page.write_text(text, encoding="utf-8", newline="\n")
    assert not list((small.root / "_build").glob(".staging-*"))


# The site is built in this process, so that a step of it can be made to fail.
IN_PLACE = """
from concurrent.futures import Future
from contextlib import contextmanager
from helpers import cli
@contextmanager
def read_ahead(_):
    def do(work, *given, **named):
        done = Future()
        done.set_result(work(*given, **named))
        return done
    yield do
cli.execute.read_ahead = read_ahead
"""


def test_an_interrupted_build_and_a_full_disk_leave_the_last_site(small):
    """The signal is raised where Sphinx would begin, the error where the tables are written, and
    the signal once more as soon as the new site is in place: it had no list of editions then."""
    before = list_files(small.site)
    assert "nothing has changed" in small.run("book").stdout
    shutil.rmtree(small.root / ".cache" / "books")  # so that there is something to do
    for step, first, error, code, words in (
        ("make_raw", "None", "KeyboardInterrupt()", 130, "interrupted"),
        ("_copy_tables", "None", "OSError(28, 'No space left on device')", 2, "the disk is full"),
        ("swap_folder", "old(*given)", "KeyboardInterrupt()", 130, "interrupted"),
    ):
        script = (
            f"{IN_PLACE}import sys; from helpers import site\n"
            f"old = site.build.{step}\n"
            f"def fail(*given):\n    {first}\n    raise {error}\n"
            f"site.build.{step} = fail\nsys.exit(cli.main(['book', '--language', 'en', '--quiet']))"
        )
        environment = {
            **os.environ,
            "PYTHONPATH": str(small.root / "src"),
            "HOME": str(small.home),
        }
        done = subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            text=True,
            env=environment,
            timeout=120,
        )
        assert (done.returncode, words in done.stderr) == (code, True), done.stderr
        assert list_files(small.site) == before


def test_a_changed_table_is_found_and_named(small):
    """The committed bundle detects change: another value makes `book` end with findings, and the
    site is still built."""
    numbers = small.root / "data" / "facts" / "public_statistics.csv"
    record = small.root / "data" / "facts" / "public_statistics.source.yml"
    old = hashlib.sha256(numbers.read_bytes()).hexdigest()
    numbers.write_text(
        numbers.read_text(encoding="utf-8").replace(",2024,944,", ",2024,945,"),
        encoding="utf-8",
        newline="\n",
    )
    assert small.run("book").returncode == 2
    record.write_text(
        record.read_text(encoding="utf-8").replace(
            old, hashlib.sha256(numbers.read_bytes()).hexdigest()
        ),
        encoding="utf-8",
        newline="\n",
    )
    done = small.run("book")
    assert done.returncode == 1 and "long_view_totals: differs" in done.stderr
    assert (small.site / "index.html").exists()


def test_the_book_in_dutch_beside_the_english(small):
    """The same pages in /nl/, each with its language, its numbers and a way to the other."""
    done = small.run("book", whole=True)
    assert done.returncode == 0, done.stderr
    dutch = small.site / "nl"
    pages = {name for name in list_files(small.site) if name.startswith("book/")}
    assert {name for name in list_files(dutch) if name.startswith("book/")} == pages
    for name in sorted(pages):
        page = BeautifulSoup((dutch / name).read_text(encoding="utf-8"), "html.parser")
        assert page.html["lang"] == "nl" and page.select_one("a.language-switch[lang=en]"), name
        assert page.select_one(".search-button-field").get_text(strip=True).startswith("Zoeken")
        assert find_raw_codes(page) == [], name
    page = read_page(small, "chapters/10_long_view", "nl")
    assert "1.711" in page.find("article").get_text()
    assert "Lijngrafiek over 2007 tot en met 2024" in page.find("figure").find("svg")["aria-label"]
    assert re.search(r"uitgebracht \d{1,2} [a-z]+ 20\d\d; bouw", page.get_text())
    assert [name for name in list_files(small.site) if name.endswith("404.html")] == ["404.html"]
    lost = (small.site / "404.html").read_text(encoding="utf-8")
    assert '<div lang="nl">' in lost and "Deze pagina is er niet" in lost


def test_nbval_catches_an_output_that_changed(small):
    """The committed outputs are compared: the bad example is one number in one table."""
    notebooks = small.root / "notebooks"
    bad = notebooks / "10_long_view.ipynb"
    notebook = nbformat.read(bad, as_version=4)
    cell = next(cell for cell in notebook.cells if cell.source.startswith("show_pivot(victims"))
    cell.outputs[0].data["text/plain"] = (
        cell.outputs[0].data["text/plain"].replace("1,711", "1,712")
    )
    nbformat.write(notebook, bad)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "--nbval",
            "-q",
            "-p",
            "no:cacheprovider",
            "-W",
            "default",
            "-c",
            "/dev/null",
            "--rootdir",
            str(notebooks),
            str(bad),
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1 and "1 failed" in done.stdout, done.stdout


def test_make_alone_lists_its_targets():
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0 and all(
        target in done.stdout for target in ("book", "test", "notebooks", "bundle", "bench")
    )
