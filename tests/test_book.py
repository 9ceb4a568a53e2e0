"""The whole way, from parameter file to page, in copies of the project."""

from __future__ import annotations

import datetime
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
import pandas as pd
import pytest
import yaml
from bs4 import BeautifulSoup

from conftest import Project
from helpers import synthetic
from helpers.synthetic.offences import OFFENCE_GROUPS
from helpers.edition import ROOT

pytestmark = pytest.mark.slow

EDITION = "edition: 2013-2020\nperiod_start: 2013\nperiod_end: 2020\n"


def list_files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def compare_folders(one: Path, other: Path) -> list[str]:
    """Files that are not the same in both, byte for byte."""
    names = set(list_files(one)) | set(list_files(other))
    _, different, missing = filecmp.cmpfiles(one, other, sorted(names), shallow=False)
    return different + missing


def read_page(project: Project, name: str) -> BeautifulSoup:
    return BeautifulSoup((project.site / "book" / f"{name}.html").read_text(encoding="utf-8"), "html.parser")


def test_adding_an_edition_file_gives_chapters_of_those_years(project):
    """Titles, axes, tables and sentences follow 2013-2020 when only its parameter file is added."""
    (project.root / "notebooks" / "editions" / "2013-2020.yml").write_text(EDITION, encoding="utf-8")
    done = project.run("book", "--edition", "2013-2020")
    assert done.returncode == 0, done.stderr

    long_view = read_page(project, "chapters/10_long_view")
    assert long_view.find("h1").get_text().startswith("The long view, 2013–2020")
    first = long_view.find("article").find("p").get_text()
    assert "In 2013 the national register held 1,437ᵖ presumed victims, in 2020 it held 1,013ᵖ" in first.replace("\n", " ")
    figure = long_view.find("figure")
    assert "2013–2020" in figure.find("figcaption").get_text()
    assert figure.find("img")["alt"].startswith("Line chart over 2013 to 2020.")
    rows = [cell.get_text() for cell in long_view.select(".released-table")[0].select("tbody th")]
    assert rows == [str(year) for year in range(2013, 2021)]

    monitor = read_page(project, "chapters/20_monitor_in_numbers")
    assert monitor.find("h1").get_text().startswith("The monitor in numbers, 2013–2020")
    assert "2 of the 8 yearly totals" in monitor.find("article").get_text().replace("\n", " ")
    assert monitor.find("figure").find("img")["alt"].startswith("Line chart over 2013 to 2020.")
    assert "2013–2020" in read_page(project, "index").find("h1").get_text()

    manifest = json.loads((project.site / "tables" / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["edition"], manifest["parameters"]["period_start"]) == ("2013-2020", 2013)
    check_axis(project)


def check_axis(project: Project) -> None:
    """The tick labels of the picture, read from its source before it became outlines: one tick a year, eight named."""
    from helpers.edition import define_edition
    from helpers.figures import plot_trend
    from helpers.gate import read_released
    edition = define_edition(edition="2013-2020", period_start=2013, period_end=2020)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MONITOR_BUNDLE", str(project.root / ".cache" / "bundles" / "2013-2020"))
        axes = plot_trend(read_released("printed_victims", edition=edition)).figure.axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == [str(year) for year in range(2013, 2021)]


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


def test_captures_of_a_rerunner_give_the_same_chapter_on_their_data(project):
    """Other lists, other years, two regions: the chapter names them, hides counts below ten, and says why a region has no estimate."""
    notebook = project.root / "notebooks" / "30_hidden_population.ipynb"
    content = notebook.read_text(encoding="utf-8")
    assert "tables=200" in content and "replicates=1000" in content
    notebook.write_text(content.replace("tables=200", "tables=1").replace("replicates=1000", "replicates=20"), encoding="utf-8", newline="\n")
    (project.root / "notebooks" / "editions" / "2019-2021.yml").write_text(EDITION.replace("2013", "2019").replace("2020", "2021") + "border_list: D\n", encoding="utf-8")
    registers = project.home / "registers"
    registers.mkdir()
    (registers / "captures.csv").write_text(CAPTURES, encoding="utf-8")
    (registers / "extract.yml").write_text("source: an extract\ncaptures: {period: 2019-2021}\n", encoding="utf-8")
    chosen = ("run", "--edition", "2019-2021", "--registers", str(registers), "--only", "30_hidden_population")
    done = project.run(*chosen)
    assert done.returncode == 0, done.stderr
    text = read_chapter(project, "30_hidden_population")
    assert "2019–2021" in text and "fewer than 10 victims are on two lists or more" in text
    patterns = (project.root / ".cache" / "bundles" / "2019-2021" / "hidden_patterns.csv").read_text(encoding="utf-8")
    assert "A+B,35,rounded" in patterns and "<10" in patterns and ",register" in patterns
    (registers / "captures.csv").write_text("A,B,n\n1,0,20\n0,1,20\n1,1,5\n", encoding="utf-8")
    done = project.run(*chosen)
    assert done.returncode == 2 and "captures have 2 lists; 3 at the least" in done.stderr


OTHER_UNITS = {"unit_a": "my_unit", "amsterdam": "the_hague"}
OTHER_EXTRACT = {
    "source": "CoMensha and IND, a test", "extraction_date": datetime.date(2022, 7, 1),
    "added_codes": {"police_unit": {name: "" for name in ("my_unit", "unit_b", "unit_c", "unit_d", "unit_e")}, "nationality": {f"X{kind}{letter}": "africa" for kind in "QR" for letter in "ABCDEFGHIJKLMNOP"}},
    "offence_groups": OFFENCE_GROUPS, "control_year": 2020, "cost_years": [2017, 2018, 2019], "unit_denominators": {"what": "inhabitants of a test", "values": {"my_unit": 500000}},
}


@pytest.fixture(scope="module")
def later_registers():
    """Reports and decisions of 2017 to 2021 without 2019, with other units and without FairWork."""
    tables = synthetic.draw_registers(5)
    reports = tables["reports"].assign(report_date=lambda rows: rows["report_date"] + pd.DateOffset(years=1), police_unit=lambda rows: rows["police_unit"].replace(OTHER_UNITS))
    reports = reports[reports["report_date"].dt.year != 2019].replace({"reporter": {"fairwork": "other"}})
    return reports, tables["residence_decisions"].assign(decision_date=lambda rows: rows["decision_date"] + pd.DateOffset(years=1))


def run_on(project: Project, folder: Path, *, only: tuple[str, ...] = ("12_signalling", "14_protection"), **tables: pd.DataFrame) -> subprocess.CompletedProcess[str]:
    folder.mkdir()
    (folder / "extract.yml").write_text(yaml.safe_dump(OTHER_EXTRACT), encoding="utf-8")
    for name, rows in tables.items():
        rows.to_parquet(folder / f"{name}.parquet", index=False)
    (project.root / "notebooks" / "editions" / "2017-2021.yml").write_text(EDITION.replace("2013", "2017").replace("2020", "2021") + "study_start: 2011\n", encoding="utf-8")
    return project.run("run", "--edition", "2017-2021", "--registers", str(folder), "--only", *only)


def read_chapter(project: Project, name: str) -> str:
    chapter = json.loads((project.root / "book" / "chapters" / f"{name}.ipynb").read_text(encoding="utf-8"))
    outputs = [output for cell in chapter["cells"] for output in cell.get("outputs", [])]
    return "\n".join("".join(output.get("data", {}).get("text/plain", "")) for output in outputs)


def test_registers_of_other_years_and_codes_give_the_same_chapters(project, tmp_path, later_registers):
    """The numbers are the printed ones, a year later; a year without a report is a zero; all of it is marked as a register's."""
    reports, decisions = later_registers
    done = run_on(project, tmp_path / "registers", reports=reports, residence_decisions=decisions)
    assert done.returncode == 0, done.stderr
    bundle = project.root / ".cache" / "bundles" / "2017-2021"
    victims = pd.read_csv(bundle / "signalling_victims.csv", dtype=str, encoding="utf-8")
    counted = victims[victims["population"] == "register_without_kmar_only"].set_index("period")["n"]
    assert counted.to_dict() == {"2017": "952", "2018": "956", "2019": "0", "2020": "1334", "2021": "984", "2017-2021": "4226"}
    tables = [pd.read_csv(path, dtype=str, encoding="utf-8") for path in sorted(bundle.glob("*.csv")) if not path.stem.endswith("_printed")]
    assert all(set(table["mark"]) <= {"register"} for table in tables) and sum(map(len, tables)) > 500
    text = read_chapter(project, "12_signalling")
    assert "my_unit" in text and "Line chart over 2017 to 2021." in text and "FairWork" not in text and "Illustration" not in text
    assert "1,755" in read_chapter(project, "14_protection")
    rates = pd.read_csv(bundle / "signalling_unit_rates.csv", dtype=str, encoding="utf-8")
    assert set(rates["police_unit"]) == {"my_unit"} and set(rates["source"]) == {"inhabitants of a test"}


@pytest.mark.parametrize(("name", "rows"), [("one report", 1), ("a few without nationality", 40), ("no report", 0)])
def test_the_smallest_registers_still_give_a_chapter(project, tmp_path, later_registers, name, rows):
    """It says what it cannot show, and shows no empty picture."""
    reports, decisions = later_registers
    tables = {"reports": reports.iloc[:rows].assign(nationality="unknown")} if rows else {"residence_decisions": decisions.iloc[:2]}
    done = run_on(project, tmp_path / "registers", **tables)
    assert done.returncode == 0, done.stderr
    text = read_chapter(project, "12_signalling") + read_chapter(project, "14_protection")
    assert "The register holds nothing for this picture in 2017–2021." in text
    if rows == 1:
        assert "<5" in text


@pytest.fixture(scope="module")
def later_police():
    """The police register, a year later, with the people and their stays."""
    tables = synthetic.draw_registers(5)
    later = {"incidents": ("registration_date", "offence_start_date", "offence_end_date"), "persons": ("birth_date", "death_date"), "residence_spells": ("from_date", "to_date")}
    return {name: tables[name].assign(**{column: tables[name][column] + pd.DateOffset(years=1) for column in columns}) for name, columns in later.items()}


def test_a_police_register_of_other_years_gives_the_same_chapter(project, tmp_path, later_police):
    """740 of 2,460 within two years are printed for 2010 to 2018; of a register tests are shown, with their p-values."""
    done = run_on(project, tmp_path / "registers", only=("18_repeat_victimisation",), **later_police)
    assert done.returncode == 0, done.stderr
    text = read_chapter(project, "18_repeat_victimisation")
    assert "within two years | 2011–2019 | 740 | 2,460" in text.replace("ʳ", "") and "Illustration" not in text
    assert "by sex (Gray)" in text and "women against men" in text and "estimated" in text


@pytest.mark.parametrize("n", [0, 1, 60])
def test_a_few_incidents_still_give_a_chapter_on_repeat_victimisation(project, tmp_path, later_police, n):
    """It says what it cannot show; nobody is seen in a count."""
    tables = later_police | {"incidents": later_police["incidents"].iloc[:n]} if n else {"persons": later_police["persons"]}
    done = run_on(project, tmp_path / "registers", only=("18_repeat_victimisation",), **tables)
    assert done.returncode == 0, done.stderr
    text = read_chapter(project, "18_repeat_victimisation")
    assert "The register holds nothing for this picture in 2017–2021." in text and "too few events to estimate" in text
    assert "inf" not in text.split() and "nan" not in text.split()


AID = ("matches", "youth_care", "shelter", "care_costs")


@pytest.mark.parametrize("n", [0, 1, 2000])
def test_few_matches_still_give_a_chapter_on_aid(project, tmp_path, later_police, n):
    """One control, two victims' worth, or none: it says what it cannot show; nobody is seen in a count."""
    tables = synthetic.draw_registers(5)
    few = {name: tables[name] for name in AID if n} | ({"matches": tables["matches"].iloc[:n]} if n else {})
    done = run_on(project, tmp_path / "registers", only=("16_aid_trajectories",), **later_police, **few)
    assert done.returncode == 0, done.stderr
    text = read_chapter(project, "16_aid_trajectories")
    assert "The register holds nothing for this picture in 2017–2021." in text
    assert "inf" not in text.split() and "nan" not in text.split()


def test_aid_of_another_period_has_the_same_chapter(project, tmp_path, later_police):
    """The register of 2017 to 2021, with a control year and years of costs of its own."""
    tables = synthetic.draw_registers(5)
    later = {name: tables[name].assign(**{column: tables[name][column] + pd.DateOffset(years=1) for column in ("start_date", "end_date")}) for name in ("youth_care", "shelter")}
    done = run_on(project, tmp_path / "registers", only=("16_aid_trajectories",), matches=tables["matches"], care_costs=tables["care_costs"].assign(year=tables["care_costs"]["year"] + 1), **later_police, **later)
    assert done.returncode == 0, done.stderr
    text = read_chapter(project, "16_aid_trajectories").replace("ʳ", "")
    assert "youth care | presumed victims | 145 | 265 | 2017–2021 | 54.7%" in text and "€ 4,401" in text and "Illustration" not in text


def test_two_clean_builds_are_the_same_byte_for_byte(tmp_path, built):
    """In two folders, two time zones and two home folders."""
    other = Project(tmp_path / "another place" / "copy", home=tmp_path / "two" / "home", time_zone="America/Lima")
    done = other.run("book")
    assert done.returncode == 0, done.stderr
    assert list_files(built.site) == list_files(other.site)
    assert compare_folders(built.site, other.site) == []
    assert compare_folders(built.root / "book" / "chapters", other.root / "book" / "chapters") == []


def test_from_the_bundle_the_chapters_come_out_the_same(project):
    """The cells that compute tables are skipped, the facts they read are gone, and the chapters do not change."""
    chapters = project.root / "book" / "chapters"
    kept = project.root / "kept"
    shutil.copytree(chapters, kept)
    (project.root / "data" / "published" / "contradictions.csv").unlink()
    assert project.run("run", "--only", "20_monitor_in_numbers").returncode != 0
    done = project.run("run", "--from-bundle")
    assert done.returncode == 0, done.stderr
    assert compare_folders(chapters, kept) == []


def test_bad_input_and_failing_cells_leave_the_last_site(project):
    before = {name: (project.site / name).read_bytes() for name in list_files(project.site)}
    numbers = project.root / "data" / "published" / "numbers.csv"
    good = numbers.read_text(encoding="utf-8")

    def expect(code: int, words: str, *arguments: str) -> None:
        done = project.run("book", *arguments)
        assert (done.returncode, words in done.stderr) == (code, True), done.stderr
        assert len(done.stderr.splitlines()) <= 8 and "Traceback" not in done.stderr
        assert {name: (project.site / name).read_bytes() for name in list_files(project.site)} == before

    numbers.write_text(good.replace(",1334,", ",1.334.,", 1), encoding="utf-8", newline="\n")
    expect(2, "data/published/numbers.csv, row 4, column value")
    numbers.unlink()
    expect(2, "data/published/numbers.csv is missing")
    numbers.write_text(good, encoding="utf-8", newline="\n")

    expect(2, "unknown edition '2031-2035'", "--edition", "2031-2035")
    editions = project.root / "notebooks" / "editions"
    (editions / "bad.yml").write_text("edition: bad\nperiod_start: 2020\nperiod_end: 2016\n", encoding="utf-8")
    expect(2, "exchange them", "--edition", "bad")
    (editions / "bad.yml").write_text("edition: bad\nperiod_start: 2016\nperiod_end: 2020\nserie_start: 2007\n", encoding="utf-8")
    expect(2, "no notebook declares 'serie_start'", "--edition", "bad")

    notebook = project.root / "notebooks" / "10_long_view.ipynb"
    source = notebook.read_text(encoding="utf-8")
    notebook.write_text(source.replace('read_released(\\"long_view_women\\"', 'read_released(\\"long_view_wmen\\"'), encoding="utf-8", newline="\n")
    expect(1, "notebooks/10_long_view.ipynb, cell")
    assert (project.root / "_build" / "failed" / "10_long_view.ipynb").exists()
    notebook.write_text(source, encoding="utf-8", newline="\n")

    page = project.root / "book" / "methods.md"
    text = page.read_text(encoding="utf-8")
    page.write_text(text + "\n{glue:text}`chapters/10_long_view.ipynb::no_such_key:s` [x](nowhere.md)\n", encoding="utf-8", newline="\n")
    expect(1, "book/methods.md")
    page.write_text(text, encoding="utf-8", newline="\n")
    assert not list((project.root / "_build").glob(".staging-*"))


def test_an_interrupted_build_and_a_full_disk_leave_the_last_site(project):
    """The signal and the error are raised where the pages are written."""
    before = list_files(project.site)
    for error, code, words in (("KeyboardInterrupt()", 130, "interrupted"), ("OSError(28, 'No space left on device')", 2, "the disk is full")):
        script = (
            "import sys; from helpers import site, verbs\n"
            f"def fail(*_): raise {error}\n"
            "site.build._copy_tables = fail\nsys.exit(verbs.main(['book', '--quiet']))"
        )
        environment = {**os.environ, "PYTHONPATH": str(project.root / "src"), "HOME": str(project.home)}
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, timeout=120)
        assert (done.returncode, words in done.stderr) == (code, True), done.stderr
        assert list_files(project.site) == before


def test_a_changed_table_is_found_and_named(project):
    """The committed bundle detects change: another value makes `book` end with findings, and the site is still built."""
    committed = project.root / "data" / "bundles" / "2016-2020"
    table, manifest = committed / "long_view_totals.csv", committed / "manifest.json"
    old, content = hashlib.sha256(table.read_bytes()).hexdigest(), table.read_text(encoding="utf-8")
    assert ",944," in content
    table.write_text(content.replace(",944,", ",945,"), encoding="utf-8", newline="\n")
    done = project.run("book")
    assert done.returncode == 2 and "long_view_totals.csv is not the table that was released" in done.stderr
    manifest.write_text(manifest.read_text(encoding="utf-8").replace(old, hashlib.sha256(table.read_bytes()).hexdigest()), encoding="utf-8", newline="\n")
    (project.site / "index.html").unlink()
    done = project.run("book")
    assert done.returncode == 1 and "long_view_totals: differs" in done.stderr
    assert (project.site / "index.html").exists()


def test_facts_without_their_record_stop_the_book(project):
    numbers = project.root / "data" / "facts" / "public_statistics.csv"
    numbers.write_text(numbers.read_text(encoding="utf-8").replace(",2024,944,", ",2024,945,"), encoding="utf-8", newline="\n")
    assert project.run("book").returncode == 2


def test_dutch_labels_captions_and_numbers(project):
    """Every chapter runs in Dutch: a word that is missing would stop it."""
    done = project.run("run", "--language", "nl")
    assert done.returncode == 0, done.stderr
    chapter = project.root / "book" / "chapters" / "10_long_view.ipynb"
    assert "1.711" in read_chapter(project, chapter.stem) and "Lijngrafiek over 2007 tot en met 2024" in chapter.read_text(encoding="utf-8")


def test_nbval_catches_an_output_that_changed(project):
    """The committed outputs are compared: the bad example is one number in one table."""
    notebooks = project.root / "notebooks"
    bad = notebooks / "10_long_view.ipynb"
    notebook = nbformat.read(bad, as_version=4)
    cell = next(cell for cell in notebook.cells if cell.source.startswith("show_pivot(victims"))
    cell.outputs[0].data["text/plain"] = cell.outputs[0].data["text/plain"].replace("1,711", "1,712")
    nbformat.write(notebook, bad)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", "-q", "-p", "no:cacheprovider", "-W", "default", "-c", "/dev/null", "--rootdir", str(notebooks), str(bad)],
        capture_output=True, text=True, timeout=120,
    )
    assert done.returncode == 1 and "1 failed" in done.stdout, done.stdout


def list_asked_hosts(chromium: str, address: str, folder: Path) -> set[str]:
    """Hosts that Chromium asks while it shows a page, its own housekeeping included; the network is closed."""
    log = folder / "net.json"
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=3000"]
    done = subprocess.run(
        [chromium, *flags, f"--log-net-log={log}", f"--user-data-dir={folder}/profile", "--dump-dom", address], capture_output=True, text=True, timeout=120,
    )
    assert "</html>" in done.stdout
    return set(re.findall(r'"url":"https?://([^/":]+)', log.read_text(encoding="utf-8", errors="replace")))


def test_no_page_asks_anything_of_another_host(tmp_path, built):
    """Chromium with the network closed shows every page and asks for nothing beyond what an empty page makes it ask."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("Chromium is not installed; the site's own check looks at every address")
    bad, empty = tmp_path / "bad.html", tmp_path / "empty.html"
    bad.write_text('<html><script src="https://cdn.example.org/x.js"></script></html>', encoding="utf-8")
    empty.write_text("<html></html>", encoding="utf-8")
    own = list_asked_hosts(chromium, empty.as_uri(), tmp_path)
    assert "cdn.example.org" in list_asked_hosts(chromium, bad.as_uri(), tmp_path) - own
    for page in sorted((built.site / "book").rglob("*.html")):
        asked = {host for host in list_asked_hosts(chromium, page.as_uri(), tmp_path) - own if not host.endswith(("google.com", "googleapis.com", "gvt1.com"))}
        assert asked == set(), page.name


def read_catalogue_page(chromium: str, page: Path, query: str, folder: Path) -> tuple[str, list[str]]:
    """What the catalogue page says after it was opened with this query at the width of a phone: its count, and the numbers listed."""
    done = subprocess.run(
        [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=360,800", "--virtual-time-budget=3000", f"--user-data-dir={folder}/phone",
         "--host-resolver-rules=MAP * ~NOTFOUND", "--dump-dom", f"{page.as_uri()}?{query}"], capture_output=True, text=True, timeout=120,
    )
    shown = BeautifulSoup(done.stdout, "html.parser")
    return shown.find(id="catalogue-count").get_text(), [item.get_text() for item in shown.select("#catalogue-list li")]


def test_the_catalogue_page_searches_and_filters_without_a_server(tmp_path, built):
    """Line 9540 of the Ninth report prints 669 victims without the Dutch nationality in 2009; fifty numbers are drawn at a time."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("Chromium is not installed")
    page = built.site / "book" / "catalogue.html"
    count, items = read_catalogue_page(chromium, page, "", tmp_path)
    assert int(count.split()[0]) > 1200 and len(items) == 50
    count, items = read_catalogue_page(chromium, page, "words=669%20victims&year=2009", tmp_path)
    assert any("669 presumed victims" in item and "line 9540" in item for item in items) and int(count.split()[0]) < 10
    assert read_catalogue_page(chromium, page, "words=seychellois", tmp_path) == ("No number matches. Try fewer words, another document, or clear the year.", [])
    count, items = read_catalogue_page(chromium, page, "but=on", tmp_path)
    assert all("but see" in item for item in items) and items


def test_a_build_writes_nothing_that_is_committed(built):
    own = [name for name in list_files(built.root) if not name.startswith((".cache", "_build", "book/chapters")) and "__pycache__" not in name]
    assert {name for name in own if (ROOT / name).read_bytes() != (built.root / name).read_bytes()} == set()


def test_make_alone_lists_its_targets():
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0 and all(target in done.stdout for target in ("book", "test", "notebooks", "bundle", "bench"))
