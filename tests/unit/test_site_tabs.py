"""Figures as blocks, marks that lead to rows, and a book without examples: each on a small page."""

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from helpers.site import examples, provenance, told
from helpers.site.reading import frame_numbers, link_downloads
from helpers.site.tabs import Citation, lift_lead, make_tabs

CITATION = Citation("The book", "2016-2020", "2026-11-23", "")
CELL = (
    '<div class="cell"><details class="hide"><summary>code</summary><pre>x</pre></details>'
    '<div class="cell_output">{}</div></div>'
)
FIGURE = (
    '<figure id="fig-a" data-file="fig-a.svg" data-table="known_victims"><svg></svg><figcaption>'
    '<span class="caption-number">Fig. 5</span> <span class="caption-text">Victims a year. Mark.'
    "</span></figcaption></figure>"
)
TABLE = (
    '<div class="released" data-table="known_victims"><table><caption id="about-known_victims">'
    '<span class="caption-text">The numbers of this figure.</span></caption><tbody>'
    '<tr data-rows="0 3"><th>2016</th><td data-provenance="published">952</td></tr></tbody></table>'
    '<p class="released-link"><a href="t.csv">t.csv</a></p></div>'
)


def parse(content: str) -> BeautifulSoup:
    return BeautifulSoup(
        f"<article><section><h2>Known</h2>{content}</section></article>", "html.parser"
    )


def test_a_figure_has_a_heading_and_four_parts_and_nothing_is_lost():
    soup = parse(CELL.format(FIGURE) + CELL.format(TABLE))
    make_tabs(soup.article, "en", page="p.html", lead="../", citation=CITATION, soup=soup)
    block = soup.select_one(".figure-block")
    assert [panel["data-tab"] for panel in block.select(".tab-panel")] == [
        "figure",
        "table",
        "data",
        "code",
    ]
    assert block.h3.get_text()
    assert block.select_one('a[href="../pictures/fig-a.svg"]') and block.select_one(
        'a[href="t.csv"]'
    )
    cite = block.select_one(".cite").get_text()
    assert "The book, edition 2016-2020, 2026-11-23. Fig. 5: Victims a year. p.html#fig-a" in cite
    assert len(block.select("pre")) == 2 and not soup.select(".cell")
    assert all(code.has_attr("open") for code in block.select("details"))


def test_a_table_of_other_numbers_stays_outside_the_figure():
    other = TABLE.replace("The numbers of this figure.", "Other numbers.")
    soup = parse(CELL.format(FIGURE) + CELL.format(other))
    make_tabs(soup.article, "en", page="p.html", lead="", citation=CITATION, soup=soup)
    assert not soup.select(".figure-block .released") and len(soup.select(".cell .released")) == 1


@pytest.mark.parametrize(
    ("reference", "href"),
    [
        ("12/known_victims/3/F050", "b.html#row-known_victims-0"),
        ("12/not_shown/0/F050", "book/catalogue.html#F050"),
        ("12/known_victims//", "b.html#about-known_victims"),
        ("12/not_shown/0/none", "#legend"),
        ("///F050", "book/catalogue.html#F050"),
    ],
)
def test_a_mark_leads_to_its_row_or_to_its_source(reference, href):
    prose = BeautifulSoup(
        f"<article><p>In all 952ᵖ⟦{reference}⟧ victims.</p></article>", "html.parser"
    )
    frame_numbers(prose.article, "en", prose)
    assert "⟦" not in str(prose)
    page = parse(str(prose).replace("ᵖ", '<a class="number-mark" href="#legend">ᵖ</a>'))
    table = parse(TABLE)
    provenance.name_rows(table)
    indexes = {"a.html": provenance.index_page(page), "b.html": provenance.index_page(table)}
    provenance.lead_marks(page, provenance.find_links(indexes, {"F050"})["a.html"])
    assert page.select_one("a")["href"] == href


@pytest.mark.parametrize(
    ("words", "places", "pointed"),
    [
        ("'952ᵖ'", ["a/b/0/"], "'952ᵖ⟦a/b/0/⟧'"),
        ("'(no number)'", ["a/b//"], "'(no number)⟦a/b//⟧'"),
        ("'In 2020 984ᵖ, 26%ᶜ fewer.'", ["a", "b"], "'In 2020 984ᵖ⟦a⟧, 26%ᶜ⟦b⟧ fewer.'"),
        ("'984ᵖ of 1,334ᵖ'", ["", "b"], "'984ᵖ of 1,334ᵖ⟦b⟧'"),
        ("'No longer: 984ᵖ of 1,334ᵖ'", ["a"], "'No longer: 984ᵖ of 1,334ᵖ'"),
    ],
)
def test_each_number_of_a_sentence_gets_its_own_place(words, places, pointed):
    assert provenance._point(words, places) == pointed


def test_bytes_of_a_made_up_table_are_saved_under_a_name_that_says_so():
    link = '<a download="t.csv" href="../tables/t.csv">Download this table: t.csv</a>'
    made = link_downloads(link, {"t": ["t.made-up.labelled.csv", "t.made-up.xlsx"]}, "en")
    assert 'href="../tables/t.csv"' in made and 'download="t.made-up.csv"' in made
    assert "Download this made-up table: t.made-up.csv" in made
    real = link_downloads(link, {"t": ["t.labelled.csv", "t.xlsx"]}, "en")
    assert "made-up" not in real and 'download="t.csv"' in real


MADE_UP_PAGE = """<nav><ul><li><a href="#inner">Inner</a></li><li><a href="#kept">Kept</a></li></ul></nav>
<article><section id="kept"><p>984 <span class="number made-up" data-provenance="synthetic">7ˢ</span></p>
<a href="tables/made.csv">made</a><a href="tables/real.csv">real</a></section>
<section class="made-up made-up-part"><h2>Worked example on made-up registers</h2>
<section id="inner"><td data-provenance="illustration">42</td></section></section></article>"""


def make_site(folder, page: str = MADE_UP_PAGE):
    (folder / "tables").mkdir()
    (folder / "pictures").mkdir()
    (folder / "pictures" / "fig-a.made-up.svg").write_text("<svg/>", encoding="utf-8")
    pd.DataFrame({"n": [1], "mark": ["published"]}).to_csv(folder / "tables" / "real.csv")
    (folder / "a.html").write_text(page, encoding="utf-8")
    return [folder / "a.html"]


def test_a_book_without_examples_holds_nothing_made_up(tmp_path):
    pages = make_site(tmp_path)
    assert examples.find_made_up(tmp_path, pages)
    examples.leave_out_examples(tmp_path, pages, "en", kept=["real"])
    assert examples.find_made_up(tmp_path, pages) == []
    words = pages[0].read_text(encoding="utf-8")
    assert "42" not in words and "7ˢ" not in words and "Inner" not in words
    assert "leaves out the worked example" in words and "984" in words
    assert "made-up-part" not in words
    assert "made.csv" not in words and "real.csv" in words


def test_a_section_says_once_what_it_is_without(tmp_path):
    table = '<div class="released made-up">42</div>'
    [page] = make_site(
        tmp_path, f"<article><section><h2>A</h2>{table}{table}<p>why</p></section></article>"
    )
    examples.leave_out_examples(tmp_path, [page], "en", kept=[])
    [said] = parse(page.read_text(encoding="utf-8")).select(".left-out")
    assert said.find_previous_sibling().name == "h2" and said.find_next_sibling().string == "why"


def test_links_from_other_pages_to_an_example_lead_to_the_top_of_its_chapter(tmp_path):
    pages = make_site(
        tmp_path, "<article id='top'><div class='made-up' id='fig-a'></div></article>"
    )
    other = tmp_path / "b.html"
    other.write_text(
        "<article><a href='a.html#fig-a'>1</a><a href='a.html#top'>2</a><a href='a.html'>3</a>"
        "<a href='https://a.nl/#x'>4</a><a href='#row'>5</a><i id='row'></i></article>",
        encoding="utf-8",
    )
    examples.leave_out_examples(tmp_path, [*pages, other], "en", kept=[])
    links = parse(other.read_text(encoding="utf-8")).select("a")
    assert [link["href"] for link in links] == [
        "a.html",
        "a.html#top",
        "a.html",
        "https://a.nl/#x",
        "#row",
    ]


def test_a_planted_made_up_table_picture_and_cell_are_each_caught(tmp_path):
    pages = make_site(tmp_path, "<article><p>nothing</p></article>")
    assert any("fig-a.made-up.svg" in fault for fault in examples.find_made_up(tmp_path, pages))
    (tmp_path / "pictures" / "fig-a.made-up.svg").unlink()
    pd.DataFrame({"n": [1], "mark": ["illustration"]}).to_csv(tmp_path / "tables" / "made.csv")
    assert examples.find_made_up(tmp_path, pages) == ["tables/made.csv: made-up numbers"]
    (tmp_path / "tables" / "made.csv").unlink()
    pages[0].write_text(
        '<article><div class="made-up"><b data-provenance="synthetic">1</b></div></article>',
        encoding="utf-8",
    )
    assert len(examples.find_made_up(tmp_path, pages)) == 1


MADE_FIGURE = (
    '<figure id="fig-a" class="made-up" data-provenance="illustration"><svg class="picture" '
    'aria-label="Made-up: dots."></svg><figcaption><strong class="badge-made-up">made-up</strong>'
    "</figcaption></figure>"
)
MADE_TABLE = (
    '<div class="released made-up" data-table="made"><table><caption><strong class="badge-made-up">'
    'made-up</strong></caption><tr><td data-provenance="synthetic">4</td></tr></table></div>'
)
MADE_LINK = '<a href="tables/made.csv" download="made.made-up.csv">made-up</a>'


@pytest.mark.parametrize(
    ("told_well", "told_badly", "fault"),
    [
        (MADE_FIGURE, MADE_FIGURE.replace("Made-up: dots", "Dots"), "alt text of fig-a"),
        (MADE_FIGURE, MADE_FIGURE.replace("badge-made-up", ""), "caption of fig-a"),
        (MADE_TABLE, MADE_TABLE.replace("badge-made-up", ""), "caption of made"),
        (MADE_LINK, MADE_LINK.replace("made.made-up.csv", "made.csv"), "download made.csv"),
        (
            '<meta name="description" content="Printed: 984ᵖ">',
            '<meta name="description" content="Offers: 68ˢ">',
            "description",
        ),
    ],
)
def test_what_is_made_up_and_does_not_say_so_is_caught(tmp_path, told_well, told_badly, fault):
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "made.made-up.xlsx").write_bytes(b"")
    made_up = told.list_made_up(tmp_path)
    assert told.find_untold(parse(told_well), told_well, made_up, "en") == []
    found = told.find_untold(parse(told_badly), told_badly, made_up, "en")
    assert [fault in line for line in found] == [True]


def test_a_made_up_number_in_the_search_or_under_a_plain_file_name_is_caught(tmp_path):
    (tmp_path / "tables").mkdir()
    (tmp_path / "searchdata.js").write_text('["Offers: 44.9%ˢ"]', encoding="utf-8")
    pd.DataFrame({"n": [1], "mark": ["synthetic"]}).to_csv(tmp_path / "tables" / "a.labelled.csv")
    assert len(told.find_untold_files(tmp_path)) == 2


def test_the_lead_figure_stands_below_the_key_numbers_under_what_was_found():
    first = "<h1>Question?</h1><p>Asked.</p><ul><li>984</li></ul><p>Found.</p>"
    heading = '<h3><span>A quarter fewer</span><a class="headerlink" href="#x">#</a></h3>'
    soup = BeautifulSoup(
        f"<article><section>{first}<section>{heading}"
        '<div class="figure-block"><figure></figure></div></section></section></article>',
        "html.parser",
    )
    lift_lead(soup.article, soup)
    block = soup.select_one(".figure-block")
    assert block.find_previous_sibling().name == "ul"
    assert block.p.get_text() == "A quarter fewer"


def test_a_made_up_figure_never_leads():
    soup = BeautifulSoup(
        '<article><section><h1>Q</h1><p>A</p><section class="made-up made-up-part"><h2>W</h2>'
        '<div class="figure-block"></div></section></section></article>',
        "html.parser",
    )
    lift_lead(soup.article, soup)
    assert soup.select_one(".made-up-part .figure-block")
