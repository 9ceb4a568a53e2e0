"""An edition of other years on an extract: what was once seen in one, kind by kind (D1 to D23, the
kinds that are not tested beside their rooms), and sentences that were false there."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from conftest import write_manifest
from extracts import CLEAN, write_clean
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex

from helpers import execute, prose, published, signalling
from helpers.claims import read_claims
from helpers.cli import _name_bundle_command, main
from helpers.edition import BOOK, NOTEBOOKS, ROOT, BadInput, define_edition
from helpers.figures import draw, picture
from helpers.figures.markup import say_nothing
from helpers.figures.picture import Notice, make_notice
from helpers.figures.style import COLOURS
from helpers.labels import text
from helpers.published.files import hash_file
from helpers.registers import open_registers
from helpers.release import read_manifest, read_released, write_bundle
from helpers.site.around import write_footer
from helpers.site.build import _list_substitutions
from helpers.site.gaps import mark_tables
from helpers.wording import format_cell, mark_names, say_absent

TESTS = ROOT / "tests"
# The kinds of the list; numbers that are not here are gaps in it.
KINDS = {1, 2, 3, *range(5, 24)}


def test_every_kind_has_its_test():
    """Each is named by a docstring, so that the list and the tests cannot drift apart."""
    named = set()
    for path in TESTS.rglob("test_*.py"):
        for doc in re.findall(r'"""(D\d.*?)"""', path.read_text(encoding="utf-8"), re.DOTALL):
            named |= {int(number) for number in re.findall(r"\bD(\d+)\b", doc.partition(":")[0])}
    assert named == KINDS


def test_the_message_after_a_real_run_repeats_its_registers():
    """D3: the advice after a run on an extract wrote made-up numbers; make did not know the
    folder."""
    options = SimpleNamespace(registers=Path("extract 2021"), edition="2017-2021")
    assert _name_bundle_command(options) == (
        "monitor bundle --edition 2017-2021 --registers 'extract 2021'"
    )
    for target in ("book", "bundle"):
        command = ["make", "-n", "-o", ".venv/ready", target, "REGISTERS=extract"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
        assert "--registers extract" in done.stdout, done.stderr


def test_a_code_that_the_extract_adds_has_a_row_of_its_own(tmp_path, monkeypatch):
    """D10: it was accepted, and dropped from the table."""
    extract = CLEAN["youth_care"].replace("certified_institution", "court")
    folder = write_clean(tmp_path / "extract")
    (folder / "youth_care.csv").write_text(extract, encoding="utf-8")
    with (folder / "extract.yml").open("a", encoding="utf-8") as stream:
        stream.write('added_codes: {referrer: {court: ""}}\n')
    monkeypatch.setenv("MONITOR_REGISTERS", str(folder))
    known = open_registers(1).known_codes("youth_care", "referrer")
    assert known[-1] == "court" and "unknown" not in known
    chapter = read_code("16_aid_trajectories")
    for table, column in (
        ("youth_care", "care_type"),
        ("youth_care", "referrer"),
        ("youth_care", "end_reason"),
        ("shelter", "shelter_type"),
    ):
        assert f'registers.known_codes("{table}", "{column}")' in chapter


def read_code(name):
    cells = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "code")


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ({"p_value": "0"}, "p_value", "<0.001"),
        ({"p_adjusted": "0.0004"}, "p_adjusted", "<0.001"),
        ({"value": "0.0000117", "unit": "p_value"}, "value", "<0.001"),
        ({"value": "0.059", "unit": "p_value"}, "value", "0.059"),
        ({"value": "0", "unit": "statistic"}, "value", "0.000"),
    ],
)
def test_a_p_value_is_no_zero(edition, row, column, words):
    """D11: a p-value was printed as 0; shares beside hidden cells: test_release."""
    assert format_cell(pd.Series({"status": "released", **row}), column, edition) == words


def make_printed(edition, bundle, declare, name, rows):
    """A table of counts by form as its bundle holds it."""
    declare(name, "category", "period")
    bundle.mkdir(parents=True, exist_ok=True)
    frame = pd.DataFrame(rows, columns=["category", "period", "n", "source"])
    frame.assign(status="released", mark="published").to_csv(bundle / f"{name}.csv", index=False)
    record = {"rule_set": "open", "mark": "published"}
    record["sha256"] = hash_file(bundle / f"{name}.csv")
    write_manifest(bundle, read_manifest(bundle)["tables"] | {name: record}, provisional=True)
    return read_released(name, edition=edition)


def test_a_ring_has_the_colour_of_its_line_its_source_and_room(edition, bundle, declare):
    """D19: rings of an older monitor stood black over other years' lines, one cut in half, and no
    word said who printed them."""
    line = [("labour", "2016", 5, "x"), ("criminal", "2016", 3, "x")]
    ring = [("criminal", "2017", 90, "sm20-090"), ("criminal", "1999", 500, "sm20-091")]
    counted = make_printed(edition, bundle, declare, "counted", line)
    printed = make_printed(edition, bundle, declare, "printed", ring)
    draw.plot_trend(counted, hue="category", printed=printed)
    axes = plt.gcf().axes[0]
    rings = [one for one in axes.lines if one.get_markersize() == 11 and len(one.get_xdata())]
    [own] = [one for one in rings if 2017 in list(one.get_xdata())]
    assert to_hex(own.get_color()) == to_hex(COLOURS[1]) and not own.get_clip_on()
    assert list(own.get_xdata()) == [2017] and axes.get_ylim()[1] >= 90
    words = " ".join(entry.get_text() for entry in axes.get_legend().get_texts()).split()
    assert "as printed (Victim monitor human trafficking 2016-2020)" in " ".join(words)


@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_footer_names_edition_delivery_and_build(tmp_path, monkeypatch, language):
    """D20: they stood on few pages, on a phone on none; the footer is on every page."""
    edition = define_edition(
        edition="2017-2021", period_start=2017, period_end=2021, language=language
    )
    folder = write_clean(tmp_path / "extract")
    monkeypatch.setenv("MONITOR_REGISTERS", str(folder))
    write_bundle([], tmp_path / "bundle", edition)
    assert read_manifest(tmp_path / "bundle")["delivery"] == {
        "source": "a test",
        "extracted": "2021-07-01",
    }
    footer = write_footer(edition, tmp_path / "bundle", 0, [])
    day = {"en": "1 July 2021", "nl": "1 juli 2021"}[language]
    assert "2017-2021" in footer and "a test" in footer and day in footer


def test_what_is_absent_has_a_sentence_and_no_hole(edition, bundle, declare, monkeypatch):
    """D13, D23: "In (no number) there were (no number)"; an absent table read as an empty one."""
    glued = {}
    monkeypatch.setattr("myst_nb.glue", lambda key, words, display: glued.update({key: words}))
    table = make_printed(edition, bundle, declare, "nothing", [])
    prose.glue_number("one", table, period="2020")
    assert glued["one"] == text("not_printed_here", "en")
    absent = SimpleNamespace(
        table=table.table, marks=(), edition=edition, absent=("reports",), name="nothing"
    )
    prose.glue_origin("origin", absent)
    assert glued["origin"].startswith("This extract has no table `reports`, so")
    empty = {**vars(absent), "absent": (), "product": SimpleNamespace(tables=("reports", "cases"))}
    prose.glue_origin("origin", SimpleNamespace(**empty))
    assert glued["origin"].startswith("This extract has no table `reports` and `cases` with rows")


def test_a_missing_table_is_named_alike_in_table_picture_and_sentence(monkeypatch):
    """Its name was code under a table, and plain words in place of a picture and in prose."""
    told = say_absent("none_delivered", ("care_costs",), "nl")
    assert told == "Deze levering heeft geen tabel `care_costs`."
    assert mark_names(f"<{told}") == "&lt;Deze levering heeft geen tabel <code>care_costs</code>."
    shown = []
    monkeypatch.setattr(picture, "display", lambda bundle, raw: shown.append(bundle["text/html"]))
    picture.show(Notice(told))
    page = f'<p><span class="pasted-text">{told}</span></p><p>{told}</p>'
    article = BeautifulSoup(f"<article>{page}</article>", "html.parser").article
    mark_tables(article)
    for words in (shown[0], str(article.p)):
        assert BeautifulSoup(words, "html.parser").code.get_text() == "care_costs"
        assert "`" not in words
    assert "`care_costs`" in str(article)  # what nobody glued stays as it is


def test_nothing_to_count_is_no_count_of_nought(monkeypatch):
    """Of one year or two it read "The longest spell has 0 years: far too few for a trend model"."""
    glued = {}
    monkeypatch.setattr("myst_nb.glue", lambda key, words, display: glued.update({key: words}))
    for number in (None, 0, 1200):
        prose.glue_count(str(number), number, language="nl")
    assert glued == {"None": text("no_number", "nl"), "0": "0", "1200": "1.200"}


def test_a_series_without_a_year_of_the_edition_has_a_sentence(
    edition, bundle, declare, monkeypatch
):
    """Of 2018 nobody printed how many all reporters reported, and no edition of it could be made;
    and of one year it read "62.7% in 2018 and 62.7% in 2018"."""
    glued = {}
    monkeypatch.setattr("myst_nb.glue", lambda key, words, display: glued.update({key: words}))
    rows = [("labour", "2018", 668, "x"), ("sexual", "2016-2020", 2819, "x")]
    table = make_printed(edition, bundle, declare, "shown", rows)
    prose.glue_number("none", table, category="sexual", period="first")
    prose.glue_number("year", table, column="period", category="sexual", period="last")
    prose.glue_number("one", table, category="labour", period="last")
    prose.glue_number("same", table, category="labour", period="first")
    absent = text("not_printed_here", "en")
    assert glued == {"none": absent, "year": absent, "one": "668ᵖ", "same": absent}
    with pytest.raises(BadInput, match="0 rows have"):
        prose.glue_number("none", table, category="labour", period="2017")


def test_a_placebo_at_the_very_beginning_is_left_out():
    """By default the placebo stood two months after the start of 2017."""
    months = pd.DataFrame(
        {
            "period": [str(2017 + place // 12) for place in range(60)],
            "month": [f"month_{place % 12 + 1}" for place in range(60)],
            "n": range(50, 110),
        }
    )
    found = signalling.fit_interruptions(
        months, dates=["2020-03"], rivals=["2018-05"], placebo="2017-03"
    )
    assert "placebo" not in set(found["model"])


# Sentences that knew the years of one edition only, and were false in others.
FALSE = (
    "this edition holds made-up registers",
    "all numbers are ones that others have already published",
    "what does the monitor print about",
    "from 2011 on is the index incident",
    "followed to the end of {{ period_end }}",
    "the last year is half there",
    "each has controls",
    "the peak year with its backlog",
    "title 2011",
)


def test_no_page_says_what_holds_in_one_edition_only():
    pages = {path.name: path.read_text(encoding="utf-8") for path in BOOK.glob("*.md")}
    for path in NOTEBOOKS.glob("*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        pages[path.name] = "\n".join(cell.source for cell in cells)
    found = [
        (name, words)
        for name, page in pages.items()
        for words in FALSE
        if words in page.lower().replace("\n", " ")
    ]
    assert found == []


def test_an_edition_of_years_that_nobody_printed_has_its_columns_and_no_rows():
    """D6: an edition that does not touch 2016-2020 could not be built."""
    catalogue = published.read_catalogue("sm20")
    chosen = published.select_numbers(catalogue, measure="victims", population="comensha_victims")
    for years in (range(2021, 2022), range(2022, 2027), range(2005, 2010)):
        table = published.tabulate_numbers(chosen, years=years)
        assert table.empty and {"n", "period", "status", "mark", "source"} <= set(table.columns)


def test_a_run_on_half_a_year_stops_before_any_kernel(tmp_path, monkeypatch, capsys):
    """D8: follow-up ran on to the edition's end; see test_editions for the rule."""
    monkeypatch.setattr(execute, "run_notebooks", lambda *_, **__: pytest.fail("it was run"))
    folder = write_clean(tmp_path / "extract")
    extract = (folder / "extract.yml").read_text(encoding="utf-8")
    (folder / "extract.yml").write_text(extract + "reference_date: 2020-06-30\n", encoding="utf-8")
    assert main(["book", "--registers", str(folder)]) == 2
    assert "known until 2020-06-30, so 2020 is not whole" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("tables", "rows", "words"),
    [
        (("persons", "matches"), 0, "This extract has no table `matches`, so there is no picture."),
        ((), 0, "No source that this book reads prints anything for this picture about 2021."),
        (("reports",), 0, "The register holds nothing for this picture in 2021."),
        (("reports",), 3, "What this picture would show is hidden"),
    ],
)
def test_words_in_place_of_a_picture_say_why_there_is_none(tables, rows, words):
    """In 2021-2021 the register "held nothing" above its own table, and of what nobody printed."""
    edition = define_edition(edition="2021-2021", period_start=2021, period_end=2021)
    table = pd.DataFrame({"n": ["hidden"] * rows})
    product = SimpleNamespace(tables=tables)
    absent = tuple(name for name in tables if name == "matches")
    released = SimpleNamespace(edition=edition, product=product, table=table, absent=absent)
    notice = make_notice(released)
    assert notice.words.startswith(words)


@pytest.mark.parametrize(
    ("registers", "figure", "under_table"),
    [
        ("made-up", "This extract has no table `reports`", "This extract has no table `reports`."),
        ("none", "This edition rests on public numbers alone", "nothing to show."),
    ],
)
def test_a_table_that_was_not_delivered_is_said_under_its_table_too(
    registers, figure, under_table, declare, bundle, monkeypatch
):
    """It said that the years have nothing to show; and an edition without any extract spoke of
    "this extract"."""
    edition = define_edition(
        edition="test", period_start=2016, period_end=2020, registers=registers
    )
    released = replace(
        make_printed(edition, bundle, declare, "nothing", []), absent=("reports",), edition=edition
    )
    shown = []
    monkeypatch.setattr(picture, "_display_table", shown.append)
    picture.show_table(released)
    assert say_nothing(shown[0]).endswith(under_table)
    counted = SimpleNamespace(**{**vars(released), "product": SimpleNamespace(tables=("reports",))})
    assert make_notice(counted).words.startswith(figure)


def test_rows_that_a_missing_register_took_are_named_in_the_caption(
    edition, bundle, declare, monkeypatch
):
    """A table of which some rows are left read as if nothing else were counted."""
    one = make_printed(edition, bundle, declare, "some", [("labour", "2020", 5, "x")])
    shown = []
    monkeypatch.setattr(picture, "display", lambda bundle, raw: shown.append(bundle["text/html"]))
    picture.show_table(replace(one, absent=("care_costs",)))
    lacking = (
        "This extract has no table <code>care_costs</code>, so what is counted from it is left"
    )
    assert lacking in shown[0]
    picture.show_table(one)
    assert "This extract" not in shown[1]


@pytest.mark.parametrize("name", ["period", "series"])
def test_a_caption_names_the_years_of_what_stands_under_it(edition, bundle, declare, name):
    """ "2018-2019" stood over printed rows of 2016-2020, and "2007-2024" over those of 2007-2022."""
    years = define_edition(edition="test", period_start=2018, period_end=2019)
    rows = [("labour", "2016-2020", 5, "x"), ("labour", "2018", 3, "y"), ("labour", "2019", 2, "z")]
    table = make_printed(years, bundle, declare, "wide", rows)
    caption = {"en": f"Printed, {{{name}}}.", "nl": f"Gepubliceerd, {{{name}}}."}
    table = replace(table, product=replace(table.product, caption=caption))
    assert picture.write_caption(table).startswith("Printed, 2016–2020.")
    assert picture.write_caption(table.select(period="2018")).startswith("Printed, 2018.")
    # Of a picture, those that its axis has room for.
    drawn = draw.plot_trend(table)
    assert drawn.caption.startswith("Printed, 2018–2019.")
    plt.close(drawn.figure)
    assert picture.write_caption(table.select(period="none")).startswith("Printed, 2018–2019.")


def test_a_chapter_on_public_numbers_knows_that_there_is_no_extract(edition, bundle, declare):
    """It is not told so: its own edition has no such parameter. Its bundle says it."""
    assert make_printed(edition, bundle, declare, "nothing", []).edition.has_registers
    manifest = read_manifest(bundle)
    manifest["parameters"] = {**manifest.get("parameters", {}), "registers": "none"}
    (bundle / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert not read_released("nothing", edition=edition).edition.has_registers


def test_a_picture_without_a_number_in_its_years_is_no_empty_axes(edition, bundle, declare):
    """Six pictures of printed numbers were axes without a point."""
    elsewhere = make_printed(edition, bundle, declare, "elsewhere", [("labour", "1999", 5, "x")])
    for years in (None, range(2021, 2022)):
        assert isinstance(draw.plot_trend(elsewhere, hue="category", years=years), Notice)


def test_a_year_alone_is_no_period_from_itself_to_itself(bundle, declare):
    """Titles, captions and alt texts said "2021–2021" and "over 2021 to 2021"."""
    one = define_edition(edition="test", period_start=2021, period_end=2021)
    assert (one.span, one.period) == ("2021", "2021-2021")
    assert define_edition(edition="two", period_start=2020, period_end=2021).span == "2020-2021"
    assert _list_substitutions(one)["period"] == "2021"
    drawn = draw.plot_trend(make_printed(one, bundle, declare, "one", [("labour", "2021", 5, "x")]))
    assert drawn.alt.startswith("Points of 2021.") and "2021–2021" not in drawn.caption
    typed = re.compile(r"period_start \}\}\W+\{\{ period_end")
    for path in [*NOTEBOOKS.rglob("*.ipynb"), *NOTEBOOKS.rglob("*.md"), *BOOK.glob("*.md")]:
        assert not typed.search(path.read_text(encoding="utf-8")), path.name


def test_the_head_of_a_chapter_has_the_numbers_of_the_editions_own_register(
    edition, bundle, declare, monkeypatch
):
    """D7: over a register of 2017-2021 the chapters began with what the monitor prints of 2020, or
    with "(no number)"."""
    glued = {}
    monkeypatch.setattr("myst_nb.glue", lambda key, words, display: glued.update({key: words}))
    printed = make_printed(edition, bundle, declare, "printed", [("labour", "2020", 449, "x")])
    last = {"category": "labour", "period": "last"}
    for mark, shown in (("register", "512ʳ"), ("synthetic", "449ᵖ")):
        table = printed.table.assign(n="512", mark=mark)
        own = replace(printed, table=table)
        prose.glue_number(mark, printed, optional=True, counted=(own, last), **last)
        assert glued[mark] == shown
    for name in (
        "12_signalling",
        "14_protection",
        "16_aid_trajectories",
        "18_repeat_victimisation",
    ):
        assert "counted=own" in read_code(name) or "counted=(" in read_code(name)


def test_a_finding_names_its_year_and_no_last_one_of_another_edition():
    """ "In the last year", as the monitor says it of 2020, is another year in an edition of
    2017-2021."""
    loose = re.compile(
        r"\b(last|this) year\b|\b(?<!dat )(laatste|vorige|dit) jaar\b|\bvorig jaar\b"
    )
    said = {
        f"{name} {language}"
        for name, claim in read_claims().items()
        for language, words in claim.text.items()
        if loose.search(words)
    }
    assert said == set()
