"""A page made for reading: frames around what was made up, captions once, numbers that lead to
their source, a search that tells nothing made up, and files that say what they are."""

import io
import re

import nbformat
import openpyxl
import pytest
from bs4 import BeautifulSoup
from conftest import write_manifest
from fontTools.ttLib import TTFont

from helpers.edition import NOTEBOOKS, ROOT, define_edition
from helpers.labels import text
from helpers.site import (
    around,
    contract,
    downloads,
    gaps,
    kept,
    pictures,
    plain,
    reading,
    search,
    weight,
)

DRAWING = """<?xml version="1.0"?>
<svg xmlns:xlink="http://www.w3.org/1999/xlink" width="10pt" height="20pt" viewBox="0 0 10 20" xmlns="http://www.w3.org/2000/svg">
 <metadata>x</metadata><g id="provenance-published-illustration"><path style="fill: #ffffff"/></g>
 <defs><path id="m1" style="stroke: #0072b2"/></defs><use xlink:href="#m1"/>
 <text style="font-size: 10px; font-family: 'DejaVu Sans'; text-anchor: middle">Offers</text>
</svg>"""


def soup(markup):
    return BeautifulSoup(markup, "html.parser")


def test_a_planted_made_up_number_outside_a_frame_is_caught():
    page = soup(
        '<p><span data-provenance="illustration">68</span></p>'
        '<div class="made-up"><table><tr><td data-provenance="synthetic">42</td></tr></table></div>'
        '<p><span data-provenance="published">68</span></p>'
    )
    assert reading.find_unframed(page) == ["made-up number outside a frame: 68"]


def test_the_value_does_not_make_a_number_real():
    page = soup('<td data-provenance="illustration synthetic">1,013</td>')
    assert len(reading.find_unframed(page)) == 1


def test_a_number_in_a_sentence_carries_its_provenance_and_a_made_up_one_its_word():
    page = soup("<article><p>It was 44.9%ˢ, printed 45%ᵖ, and 1,013ᶜ.</p><pre>7ˢ</pre></article>")
    reading.frame_numbers(page.article, "en", page)
    numbers = page.select("[data-provenance]")
    assert [n["data-provenance"] for n in numbers] == ["synthetic", "published", "computed"]
    assert numbers[0].get_text() == "44.9%ˢ (made-up)" and "made-up" in numbers[0]["class"]
    assert page.p.get_text() == "It was 44.9%ˢ (made-up), printed 45%ᵖ, and 1,013ᶜ."
    assert page.pre.get_text() == "7ˢ"


GAP = '<span class="pasted-text">(no register holds it)</span>'
LEFT = "A sentence is left out here: this edition lacks its numbers."


@pytest.mark.parametrize(
    ("block", "left"),
    [
        (
            f"<p>It is known.\nOf <b>{GAP}</b> people.\nThe rest.</p>",
            f"It is known.\n{LEFT}\nThe rest.",
        ),
        (f"<p>Of {GAP} people {GAP} left. They stay. So do {GAP}.</p>", f"{LEFT}\nThey stay. "),
        (f"<ul><li><p>Of {GAP}.</p></li><li>Of 5.</li></ul>", f"{LEFT}\nOf 5."),
        (f"<ul><li>All: <ul><li>Of {GAP}.</li></ul></li></ul>", f"All: {LEFT}\n"),
        (f"<table><tr><td>{GAP}</td></tr></table>", "(no register holds it)"),
        (f"<h2>In {GAP}</h2><p>(no register holds it)</p>", None),
    ],
)
def test_a_sentence_without_its_numbers_is_not_shown(block, left):
    """Chapters of editions on a part of the registers read "of (no register holds it) people"."""
    page = soup(f"<article>{block}</article>")
    gaps.say_gaps(page.article, "en")
    assert page.article.get_text() == (soup(block).get_text() if left is None else left)


def test_the_front_page_begins_with_what_was_found():
    """Of one year it began with what cannot be decided in it."""
    told = {"topic": "sex", "reason": "it needs a number", "period": "2019", "words": "It fell."}
    open_one, false_one = (
        f"<li>{text(code, 'en', **told)}</li>" for code in ("claim_open", "claim_does_not_hold")
    )
    page = soup(f"<article><ul>{open_one}{false_one}<li>984</li></ul><ul>{open_one}</ul></article>")
    gaps.leave_out_open(page.article, "en")
    assert [len(one.find_all("li")) for one in page.find_all("ul")] == [1, 1]
    assert page.li.get_text() == "984"


def test_what_a_drawing_leaves_black_follows_the_page():
    """A drawing does not write black, so triangles were black on the dark page."""
    style = (ROOT / "_static" / "book.css").read_text(encoding="utf-8")
    assert re.search(r"^\.picture \{[^}]*; fill: var\(--figure-ink\); \}", style, re.MULTILINE)


@pytest.mark.parametrize("language", ["en", "nl"])
def test_findings_that_are_open_for_one_reason_are_said_together(language):
    """A chapter of an edition on public numbers said five times that a number is not there."""
    open_ones = [
        text("claim_open", language, topic=topic, reason=reason)
        for topic, reason in (("a", "x"), ("b", "x"), ("a", "x"), ("c", "y"))
    ]
    spans = [f'<span class="pasted-text">{words}</span>' for words in [*open_ones, "It fell."]]
    items = "".join(f"<li><p>{span}</p></li>" for span in spans)
    page = soup(f"<article><ul>{items}</ul><p>{' '.join(spans)}</p></article>")
    gaps.join_open(page.article, language)
    together = {"en": "a and b", "nl": "a en b"}[language]
    left = [text("claims_open", language, topics=together, reason="x"), open_ones[3], "It fell."]
    assert [one.get_text() for one in page.find_all("li")] == left
    assert " ".join(page.find_all("p")[-1].get_text().split()) == " ".join(left)


ABSENT = '<section><h3>Who</h3><figure><p>No picture.</p></figure><p class="released">Nothing.</p></section>'


@pytest.mark.parametrize(
    ("parts", "left"),
    [
        (ABSENT, ["h2", "p", "details"]),
        (ABSENT + '<div class="released-table">5</div>', ["h2", "p", "section", "div"]),
        (ABSENT + "<figure data-provenance='register'></figure>", ["h2", "p", "section", "figure"]),
        ("<section><h3>Method</h3></section>", ["h2", "p", "section"]),
    ],
)
def test_a_part_without_any_register_is_folded(parts, left):
    """A chapter on public numbers ended in forty times that there is no picture."""
    page = soup(
        f"<article><section><h2>From the register#</h2><p>Why.</p>{parts}</section></article>"
    )
    gaps.fold_absent(page.article, "en", page)
    assert [tag.name for tag in page.section.find_all(recursive=False)] == left
    if "details" in left:
        assert page.details.summary.get_text() == "What a register would show here"


def test_a_worked_example_is_one_frame():
    page = soup(
        "<article><section><h2>Worked example on made-up registers</h2></section>"
        "<section><h2>What is known</h2></section></article>"
    )
    reading.frame_examples(page.article, "en")
    assert ["made-up" in (part.get("class") or []) for part in page.find_all("section")] == [
        True,
        False,
    ]


def test_a_picture_names_itself_and_says_where_its_numbers_come_from():
    assert pictures.find_provenance(DRAWING) == ("published", "illustration")
    inline = pictures.inline_picture(DRAWING, name="p3", alt='Offers of "2020".')
    assert inline.startswith(
        '<svg class="picture" role="img" aria-label="Offers of &quot;2020&quot;."'
    )
    assert 'id="p3-m1"' in inline and 'href="#p3-m1"' in inline and "metadata" not in inline
    assert "DejaVu" not in inline and ">Offers</text>" in inline
    assert "var(--figure-1)" in inline and "var(--figure-ground)" in inline


@pytest.mark.parametrize(
    ("words", "plain_words"),
    [
        ("Victims a year, made-up.", "Victims a year, made-up."),
        ("Chao\u2019s \u201clower\u201d limit.", 'Chao\'s "lower" limit.'),
    ],
)
def test_a_caption_is_not_printed_twice(words, plain_words):
    """Nor one whose quotes Sphinx curled in the picture's caption and not in the table's."""
    page = soup(
        f'<article><figure><figcaption><span class="caption-text">{words}</span>'
        '</figcaption></figure><table><caption><span class="caption-text">'
        '<strong class="badge-made-up">partly made-up</strong> ' + plain_words + " "
        '<span class="constant">In every row: unit: persons.</span></span></caption></table></article>'
    )
    reading._say_captions_once(page.article, "en")
    said = page.caption.get_text()
    assert said == "partly made-up The numbers of this figure. In every row: unit: persons."
    assert page.figcaption.get_text() == words


def test_a_source_leads_to_its_entry_and_an_unknown_one_nowhere():
    page = soup(
        '<article><div class="released"><span class="tight source">sm20-001–sm20-004</span>'
        '<span class="tight source">B4.7:returned:2012</span>'
        '<span class="tight source">register</span></div></article>'
    )
    reading.link_sources(
        page.article, {"sm20-001", "B4.7:returned:2012"}, "../catalogue.html", page
    )
    assert [a["href"] for a in page.select("a")] == [
        "../catalogue.html#sm20-001",
        "../catalogue.html#B4.7:returned:2012",
    ]


def test_search_reads_cells_apart_and_neither_code_nor_anything_made_up():
    page = BeautifulSoup(
        "<article><section id='a'><h1>Reports</h1><p>In 2020 it was 1,013.</p><pre>secret_code</pre>"
        "<section id='vormen'><span id='t'></span><h2>Forms</h2><table><tr><td>care</td><td>closed</td></tr></table>"
        "<p class='released-link'><a href='a.csv'>Download this table: care.csv</a></p>"
        "<div class='made-up'><table><tr><td>Rotterdam unit 42</td></tr></table></div></section>"
        "<section id='e'><h2>Regions</h2><div class='made-up'><p>Region 7</p></div></section>"
        "</section></article>",
        "html.parser",
    )
    assert search.list_sections(page, "book/chapters/a.html") == [
        ["book/chapters/a.html", "a", "Reports", "Reports", 1, "Reports In 2020 it was 1,013."],
        ["book/chapters/a.html", "t", "Reports", "Forms", 1, "Forms care closed"],
    ]


@pytest.mark.parametrize(
    ("name", "rank"),
    [("chapters/12_a.html", 1), ("chapters/50_calibration.html", -4), ("methods.html", 0)],
)
def test_a_chapter_on_a_subject_is_found_before_what_is_behind_the_numbers(name, rank):
    page = BeautifulSoup("<article><section><h1>Repeats</h1></section></article>", "html.parser")
    assert search.list_sections(page, f"book/{name}")[0][4] == rank


def test_an_icon_font_holds_what_is_shown_only_and_is_the_same_twice(tmp_path):
    font = next((ROOT / ".venv").rglob("fa-solid-900.ttf"), None)
    if font is None:
        pytest.skip("the theme's font is not installed under .venv")
    made = weight.subset_font(font, {0xF0C9})
    assert made == weight.subset_font(font, {0xF0C9}) and len(made) < 2000 < font.stat().st_size
    assert set(TTFont(io.BytesIO(made)).getBestCmap()) == {0xF0C9}


def test_pages_load_one_style_and_one_script(tmp_path):
    static = tmp_path / "_static"
    static.mkdir()
    (static / "a.css").write_text(
        '@import "b.css";.fa-bars:before{content:"\\f0c9"}.fa-x:before{content:"\\f00d"}'
    )
    (static / "b.css").write_text("p{color:red}")
    (static / "a.js").write_text("one()")
    (static / "fontawesome.js").write_text("heavy()")
    (static / "unused.js").write_text("never()")
    page = tmp_path / "index.html"
    page.write_text(
        '<html><head><link rel="stylesheet" href="_static/a.css?v=1"/>'
        '<script src="_static/a.js"></script><script src="_static/fontawesome.js"></script>'
        '<script>const THEBE_JS_URL = "https://unpkg.com/x"</script></head>'
        '<body><i class="fa-bars"></i></body></html>'
    )
    weight.join_assets(tmp_path, [page])
    content, style = page.read_text(), (static / "site.css").read_text()
    assert content.count("<script") == 1 and content.count("<link") == 1 and "unpkg" not in content
    assert "p{color:red}" in style and "fa-bars" in style and "fa-x" not in style
    assert "one()" in (static / "site.js").read_text()
    assert sorted(path.name for path in static.iterdir()) == ["site.css", "site.js"]


def test_a_help_line_without_a_date_is_refused(tmp_path):
    path = tmp_path / "contact.csv"
    path.write_text("kind,value,words_en,words_nl,source,read\nhelp,112,now,nu,signpost,\n")
    with pytest.raises(ValueError, match=r"contact.csv, row 2: name the source and the month"):
        around.read_contact(path)


def test_an_empty_feedback_address_is_not_shown(tmp_path):
    write_manifest(tmp_path, {})
    edition = define_edition(edition="test", period_start=2016, period_end=2020)
    helping = {
        "kind": "help",
        "value": "033 448 11 86",
        "words_en": "shelter",
        "source": "signpost",
        "read": "2026-11",
    }
    footer = around.write_footer(edition, tmp_path, 0, [helping])
    assert 'href="tel:0334481186"' in footer and "signpost, November 2026" in footer
    assert "Edition test; released 1 January 1970" in footer and "Feedback" not in footer


def test_a_lost_reader_finds_help_in_both_languages(tmp_path):
    """Each line is one link of words and number, in the footer, on the page and at a wrong
    address."""
    around.write_not_found(tmp_path, ("en", "nl"), "")
    lost = BeautifulSoup((tmp_path / "404.html").read_text(encoding="utf-8"), "html.parser")
    shown = around.fill_help(around.HELP_PLACE, around.read_contact(), "nl")
    for part in (lost.select_one("[lang=nl]:not(html)"), BeautifulSoup(shown, "html.parser")):
        lines = {a["href"]: a.get_text() for a in part.select("li > a[href^='tel:']")}
        assert lines["tel:112"] == "Nu in gevaar: 112"
        assert lines["tel:08002000"].startswith("Veilig Thuis,")
    assert len(lost.select("a[href='tel:112']")) == 2


def test_the_committed_contacts_are_dated_and_sourced():
    assert next(row["value"] for row in around.read_contact() if row["kind"] == "help") == "112"


def test_a_description_holds_nothing_made_up():
    page = soup(
        "<article><p>In <span class='number made-up'>68ˢ</span> cases the offer of it was made long ago.</p>"
        "<p>Presumed victims are counted once in each calendar year of this edition.</p></article>"
    )
    assert (
        around.describe(page)
        == "Presumed victims are counted once in each calendar year of this edition."
    )


def test_a_sitemap_is_written_where_the_address_is_known(tmp_path):
    around.write_sitemap(tmp_path, ["index.html"], "", 0)
    assert not (tmp_path / "sitemap.xml").exists()
    around.write_sitemap(tmp_path, ["index.html"], "https://example.org/", 0)
    assert "<loc>https://example.org/index.html</loc>" in (tmp_path / "sitemap.xml").read_text()


@pytest.fixture
def made(tmp_path):
    bundle, folder = tmp_path / "bundle", tmp_path / "tables"
    bundle.mkdir()
    folder.mkdir()
    (bundle / "forms.csv").write_text(
        "category,n,mark\nsexual,30,published\nlabour,20,illustration\n"
    )
    (bundle / "real.csv").write_text("category,n,mark\nsexual,30,published\n")
    tables = {name: {"by": ["category"]} for name in ("forms", "real")}
    write_manifest(bundle, tables)
    edition = define_edition(edition="test", period_start=2016, period_end=2020)
    keep = kept.Keep(None)
    written = downloads.write_downloads(edition, bundle, folder, only=tables, keep=keep, shared="")
    return written, folder


def test_made_up_files_say_so_in_their_names_and_rows(made):
    written, folder = made
    assert written["real"] == ["real.labelled.csv", "real.xlsx"]
    assert written["forms"] == ["forms.made-up.labelled.csv", "forms.made-up.xlsx"]
    lines = (folder / "forms.made-up.labelled.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("made-up,category,") and lines[0].endswith(",n,mark")
    assert lines[1].startswith(",sexual,sexual exploitation,30,")
    assert lines[2].startswith("made-up,labour,labour exploitation,20,")


def test_a_workbook_holds_numbers_as_numbers(made):
    _, folder = made
    sheet = openpyxl.load_workbook(folder / "real.xlsx").active
    assert [[cell.value for cell in row] for row in sheet][1] == [
        "sexual",
        "sexual exploitation",
        30,
        "published",
    ]


# Codes are for machines


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ("<p>unit_a: 40 reports</p>", ["unit_a"]),
        ('<svg aria-label="offers of list_of_figures"></svg>', ["list_of_figures"]),
        ('<meta name="description" content="total_minor"/>', ["total_minor"]),
        ("<p><code>unit_a</code></p><pre>police_unit</pre>", []),
        ("<a>aid_costs.csv</a> data/codes/plan_reports.csv, read_facts()", []),
    ],
)
def test_a_planted_code_in_words_is_found(page, found):
    assert plain.find_raw_codes(soup(page)) == found


def test_sources_are_said_in_words_and_once():
    """Two cells of one table and one year are one source; a number of the catalogue keeps its
    name."""
    cell = (
        '<div class="released"><span class="source"><a href="c#1">B4.7:up_to_one_day:2008</a></span>, '
        '<span class="source">B4.7:over_one_month:2008</span>, <span class="source">nr13-12</span></div>'
    )
    article = soup(cell)
    plain.name_sources(article, "en")
    assert article.get_text() == "table B4.7, 2008, nr13-12"
    assert article.a["href"] == "c#1"


def test_no_chapter_shows_a_code_in_its_tables():
    """What the committed chapters show, as the site shows it."""
    shown = {}
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", []):
                page = soup(output.get("data", {}).get("text/html", ""))
                plain.name_sources(page, "en")
                if codes := plain.find_raw_codes(page):
                    shown[path.stem] = codes
    assert shown == {}


@pytest.mark.parametrize("language", ["en", "nl"])
def test_a_code_in_the_words_of_the_contract_stands_as_code(language):
    page = soup(contract.fill_contract(contract.PLACE, language))
    assert plain.find_raw_codes(page) == []
    assert any(code.get_text() == "not_recorded" for code in page.select("td code"))


def test_the_years_of_a_title_stay_on_one_line():
    page = soup("<article><h1>Who is seen? 2016–2020</h1><p>2016–2020</p></article>")
    reading.keep_years(page.article, page)
    assert str(page.h1) == '<h1>Who is seen? <span class="years">2016–2020</span></h1>'
    assert page.p.find("span") is None


@pytest.mark.parametrize("date", ["2009-02-09", "2019-10"])
def test_the_dates_of_a_table_stay_on_one_line(date):
    page = soup(
        f"<article><table><tr><td>{date}</td><td>nr13-310 2016–2020</td></tr></table></article>"
    )
    reading.keep_years(page.article, page)
    assert [str(span) for span in page.select("td span")] == [f'<span class="years">{date}</span>']
