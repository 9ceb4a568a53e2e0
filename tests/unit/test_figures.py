"""Pictures and tables say what the released table says, in words too."""

import itertools
import re
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

from helpers.edition import BadInput, define_edition
from helpers.figures import (
    dots,
    layout,
    picture,
    plot_curve,
    plot_dots,
    plot_trend,
    plot_upset,
    show,
    show_pivot,
    show_table,
    style,
)
from helpers.figures import draw as drawing
from helpers.figures.markup import Cell, Sheet, write_sheet
from helpers.figures.picture import _shorten
from helpers.labels import list_labelled
from helpers.products import find_product
from helpers.prose import (
    glue_count,
    glue_document,
    glue_number,
    glue_part,
    glue_share,
    glue_share_of,
    select_row,
)
from helpers.release import Released, read_released, release
from helpers.wording import format_cell, name_code

ROWS = pd.DataFrame(
    {
        "category": ["sexual", "sexual", "sexual", "labour", "labour"],
        "period": ["2016", "2017", "2019", "2019", "2016-2020"],
        "spell": "1",
        "n": [1234, 900, "<5", 449, 1247],
        "status": ["released", "released", "suppressed", "released", "released"],
        "mark": "published",
        "source": "a-1|a-2|a-3|b-1|b-3",
    }
)


@pytest.fixture
def released(edition, bundle, declare):
    declare("printed_forms", "category", "period")
    release("printed_forms", ROWS, edition=edition)
    return read_released("printed_forms", edition=edition)


@pytest.fixture
def shown(monkeypatch):
    """What a notebook would display: (data, metadata) of each call."""
    calls = []
    monkeypatch.setattr(
        picture, "display", lambda data, raw, metadata=None: calls.append((data, metadata))
    )
    return calls


def test_a_picture_carries_its_caption_and_a_sentence_with_the_numbers(released, shown):
    show(plot_trend(released, hue="category"))
    [(data, metadata)] = shown
    assert (
        "1,234 in 2016" in metadata["monitor"]["alt"]
        and "449 in 2019" in metadata["monitor"]["alt"]
    )
    assert "2016–2020" in metadata["monitor"]["caption"]
    assert data["image/svg+xml"].startswith("<?xml") and "<dc:date>" not in data["image/svg+xml"]


def test_the_same_table_gives_the_same_picture_byte_for_byte(released, shown):
    for _ in range(2):
        show(plot_trend(released, hue="category"))
    assert shown[0] == shown[1]


def test_the_axis_follows_the_years_and_an_empty_year_says_so(released):
    axes = plot_trend(released).figure.axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == [
        "2016",
        "2017",
        "2018",
        "2019",
        "2020",
    ]
    values = [text for text in axes.texts if isinstance(text, Annotation)]
    words = [text for text in axes.texts if text not in values]
    assert [(text.get_position()[0], text.get_text()) for text in words] == [
        (2018, "not\nprinted"),
        (2020, "not\nprinted"),
    ]
    assert [(value.xy[0], value.get_text()) for value in values] == [
        (2016, "1,234"),
        (2017, "900"),
        (2019, "449"),
    ]


def list_runs(axes) -> list[list[int]]:
    """The years that each drawn line joins, without the dotted lines of breaks and the samples of
    the legend."""
    return [
        list(line.get_xdata())
        for line in axes.lines
        if line.get_marker() not in ("None", "") and len(line.get_xdata())
    ]


def test_a_line_does_not_cross_a_gap(released):
    axes = plot_trend(released, hue="category").figure.axes[0]
    assert list_runs(axes) == [[2016, 2017], [2019]]


def test_no_line_crosses_a_break_or_joins_two_populations(edition, bundle, declare):
    table = pd.DataFrame(
        {
            "population": ["a", "a", "a", "b"],
            "category": "all",
            "period": ["2016", "2017", "2018", "2019"],
            "n": [1, 2, 3, 4],
            "status": "released",
            "mark": "published",
        }
    )
    declare("printed_victims", "population", "period")
    release("printed_victims", table, edition=edition)
    breaks = pd.DataFrame(
        {
            "id": ["A", "B"],
            "year": [2018, 2017],
            "splits": ["yes", "no"],
            "label_en": ["a law", "a ruling"],
            "status": "released",
            "mark": "published",
        }
    )
    declare("printed_breaks", "id")
    release("printed_breaks", breaks, edition=edition)
    drawn = plot_trend(
        read_released("printed_victims", edition=edition),
        breaks=read_released("printed_breaks", edition=edition),
    )
    axes = drawn.figure.axes[0]
    assert (
        "Breaks: A before 2018 and B before 2017." in drawn.alt
        and "No number for 2020." in drawn.alt
    )
    assert list_runs(axes) == [[2016, 2017], [2018], [2019]]
    assert axes.get_xlabel() == "A\u00a0a law; B\u00a0a ruling"


def test_pictures_and_tables_accept_nothing_but_released(released):
    for draw in (plot_trend, plot_dots, show_table):
        with pytest.raises(AttributeError):
            draw(released.table)


def test_a_loose_number_is_drawn_hollow_and_worded(edition, bundle, declare):
    table = pd.DataFrame(
        {
            "category": ["female", "male"],
            "share": [0.5, 0.24],
            "precision": ["about", "rounded_percent"],
            "unit": "percent",
            "status": "released",
            "mark": "published",
        }
    )
    declare("printed_repeat_groups", "category")
    release("printed_repeat_groups", table, edition=edition)
    drawn = plot_dots(read_released("printed_repeat_groups", edition=edition))
    assert "Female: about 50%; male: 24%" in drawn.alt
    assert (
        next(
            line.get_markerfacecolor()
            for line in drawn.figure.axes[0].lines
            if list(line.get_xdata()) in ([0.5], [0.24])
        )
        == "white"
    )


def test_a_table_has_header_scopes_a_caption_and_the_bundles_csv(released, shown):
    show_table(released)
    html = shown[0][0]["text/html"]
    # Four columns, of which one says the same in every row and is said once below the caption.
    assert html.count('scope="col"') == 3 and html.count('scope="row"') == 5
    assert re.search(r'class="constant">In every row: source: .*a-1–a-3', html)
    assert '<caption id="about-printed_forms">' in html and "tabindex" not in html
    assert (
        'href="../../tables/printed_forms.csv"' in html
        and 'aria-labelledby="about-printed_forms"' in html
    )
    assert "&lt;5" in html and "NaN" not in html


def test_a_pivot_says_where_nothing_was_printed(released, shown):
    show_pivot(released, rows="period", columns="category")
    lines = shown[0][0]["text/plain"].splitlines()
    assert lines[1].startswith("2016 | 1,234 | not printed")
    assert lines[-2].startswith("2019 | <5 | 449") and lines[-1].startswith(
        "2016–2020"
    )  # a period stands after its years


def test_dutch_has_its_own_marks_for_thousands(bundle, shown, declare):
    edition = define_edition(edition="test", period_start=2016, period_end=2020, language="nl")
    declare("printed_forms", "category", "period")
    release("printed_forms", ROWS, edition=edition)
    show_table(read_released("printed_forms", edition=edition))
    assert "1.234" in shown[0][0]["text/plain"] and "arbeidsuitbuiting" in shown[0][0]["text/plain"]


@pytest.mark.parametrize(
    ("ids", "words"),
    [
        ("F019|F020|F021", "F019–F021"),
        ("F01|F03", "F01, F03"),
        ("sm20-001", "sm20-001"),
        ("F9|G10", "F9, G10"),
    ],
)
def test_neighbouring_ids_are_joined(ids, words):
    assert _shorten(ids) == words


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ({"n": "4894", "status": "released"}, "n", "4,894"),
        (
            {"share": "0.915", "precision": "rounded_percent", "status": "released"},
            "share",
            "91.5%",
        ),
        ({"share": "0.333", "precision": "about", "status": "released"}, "share", "about a third"),
        (
            {"share": "0.667", "precision": "more_than", "status": "released"},
            "share",
            "more than two thirds",
        ),
        ({"share": "0.333", "status": "released"}, "share", "33.3%"),
        ({"share": "0.35", "precision": "about", "status": "released"}, "share", "about 35%"),
        ({"share": "0.125", "precision": "about", "status": "released"}, "share", "about 12.5%"),
        ({"share": "0.16", "status": "released"}, "share", "16.0%"),
        ({"value": "-50", "unit": "percent", "status": "released"}, "value", "−50%"),
        ({"value": "4401", "unit": "eur", "status": "released"}, "value", "€ 4,401"),
        (
            {"value": "0.001", "unit": "p_value", "precision": "less_than", "status": "released"},
            "value",
            "less than 0.001",
        ),
        ({"value": "617.77", "unit": "days", "status": "released"}, "value", "617.77 days"),
        (
            {"value": "3", "unit": "times", "status": "released", "mark": "published"},
            "value",
            "3 times",
        ),
        (
            {"value": "1", "unit": "times", "status": "released", "mark": "register"},
            "value",
            "1.00 times",
        ),
        (
            {"value": "268.82", "unit": "times", "status": "released", "mark": "register"},
            "value",
            "269 times",
        ),
        (
            {"value": "5", "unit": "times_expected", "status": "released", "mark": "register"},
            "value",
            "5.0 times",
        ),
        (
            {"value": "343", "unit": "times_expected", "status": "released", "mark": "register"},
            "value",
            "343 times",
        ),
        (
            {
                "as_printed": "5",
                "computed": "5.81",
                "unit": "times",
                "status": "released",
                "mark": "synthetic",
            },
            "as_printed",
            "5 times",
        ),
        (
            {"value": "1", "unit": "months", "status": "released", "mark": "published"},
            "value",
            "1 month",
        ),
        ({"n": "<5", "status": "suppressed"}, "n", "<5"),
        ({"n": "", "status": "released"}, "n", ""),
    ],
)
def test_a_number_reads_with_its_unit_and_precision(edition, row, column, words):
    assert format_cell(pd.Series(row), column, edition) == words


@pytest.fixture
def glued(monkeypatch):
    kept = {}
    monkeypatch.setattr("myst_nb.glue", lambda key, words, display: kept.update({key: words}))
    return kept


def test_a_glued_number_carries_its_mark_and_first_and_last_mean_single_years(released, glued):
    glue_number("last", released, category="labour", period="last")
    glue_number("year", released, column="period", category="labour", period="last")
    glue_count("count", 2)
    assert glued == {"last": "449ᵖ", "year": "2019", "count": "2"}


def test_a_glued_number_is_as_loose_as_it_is_printed(edition, bundle, declare, glued):
    """The monitor: "zo'n 45%" (line 1574), and 24% without a word."""
    declare("printed_forms", "category")
    rows = pd.DataFrame(
        {
            "category": ["female", "male", "minor"],
            "share": [0.45, 0.24, 0.667],
            "ci_lower": [0.4, 0.2, 0.5],
            "precision": ["about", "rounded_percent", "about"],
            "status": "released",
            "mark": "published",
        }
    )
    release("printed_forms", rows, edition=edition)
    released = read_released("printed_forms", edition=edition)
    glue_number("women", released, column="share", category="female")
    glue_number("men", released, column="share", category="male")
    glue_number("least", released, column="ci_lower", category="female")
    glue_number("young", released, column="share", category="minor")
    assert glued == {
        "women": "about 45%ᵖ",
        "men": "24%ᵖ",
        "least": "40%ᵖ",
        "young": "about two thirds",
    }


def test_a_share_of_two_counts_says_that_it_was_computed(released, glued):
    """900 / 1,234 is 72.9%."""
    glue_share(
        "share",
        select_row(released, period="2017"),
        select_row(released, period="2016"),
        released=released,
    )
    assert glued == {"share": "72.9%ᶜ"}


def test_a_computed_column_has_its_own_letter_and_stands_in_the_caption(
    edition, bundle, glued, shown, declare
):
    table = pd.DataFrame(
        {
            "population": ["a"],
            "period": ["2020"],
            "n": [547],
            "share": [547 / 984],
            "status": "released",
            "mark": "published",
            "source": "F180",
        }
    )
    declare("long_view_women", "period", computed=("share",))
    release("long_view_women", table, edition=edition)
    women = read_released("long_view_women", edition=edition)
    glue_number("n", women, period="2020")
    glue_number("share", women, column="share", period="2020")
    assert glued == {"n": "547ᵖ", "share": "55.6%ᶜ"}
    show(plot_trend(women, y="share"))
    assert "Computed here from printed numbers: share." in shown[0][1]["monitor"]["caption"]


def test_the_smallest_number_is_found_where_two_rows_share_it(edition, bundle, declare):
    table = pd.DataFrame(
        {
            "category": ["a", "b", "c"],
            "n": [1000, 200, 200],
            "status": "released",
            "mark": "published",
        }
    )
    declare("printed_forms", "category")
    release("printed_forms", table, edition=edition)
    forms = read_released("printed_forms", edition=edition)
    assert (select_row(forms, n="first")["n"], select_row(forms, n="last")["n"]) == ("200", "1000")


def test_a_row_that_is_not_the_only_one_is_refused(released):
    with pytest.raises(BadInput, match="3 rows have"):
        select_row(released, category="sexual")


def test_an_illustration_may_not_stand_in_a_sentence(edition, bundle, glued, declare):
    declare("made_up", "period", tables=("made_up",))
    release(
        "made_up",
        pd.DataFrame({"period": ["2020"], "n": [7], "status": "released", "mark": "illustration"}),
        edition=edition,
    )
    with pytest.raises(BadInput, match="illustration"):
        glue_number("never", read_released("made_up", edition=edition), period="2020")
    assert not glued


def test_pictures_read_without_colour():
    """Okabe and Ito's colours; any two series differ in marker and line too, and neighbours in
    grey."""
    from helpers.figures.style import COLOURS, LINES, MARKERS

    assert len(set(map(str, LINES))) == len(set(MARKERS)) == len(COLOURS)
    greys = [
        sum(
            weight * int(colour[i : i + 2], 16)
            for weight, i in ((0.2126, 1), (0.7152, 3), (0.0722, 5))
        )
        for colour in COLOURS
    ]
    assert all(abs(a - b) > 12 for a, b in itertools.pairwise(greys))
    assert all(re.fullmatch("#[0-9A-F]{6}", colour) for colour in COLOURS)


# Combinations and illustrations


def test_an_upset_plot_joins_the_sets_of_each_combination(edition, bundle, declare):
    """By hand: B is alone in 50, A in 30, both in 7; the last column stands for what is no
    combination."""
    rows = pd.DataFrame(
        {
            "lists": ["A", "B", "A+B", "other_combinations"],
            "n": [30, 50, 7, 9],
            "status": "released",
            "mark": "published",
        }
    )
    declare("hidden_patterns", "lists")
    release("hidden_patterns", rows, edition=edition)
    drawn = plot_upset(read_released("hidden_patterns", edition=edition), sets="lists")
    bars, matrix = drawn.figure.axes
    assert [bar.get_height() for bar in bars.patches] == [50, 30, 7, 9]
    assert [label.get_text() for label in matrix.get_yticklabels()] == ["A", "B"]
    joined = [list(line.get_ydata()) for line in matrix.lines if line.get_color() == "black"]
    assert joined == [[1], [0], [0, 1]]
    assert "B: 50; A: 30; A + B: 7; other combinations: 9" in drawn.alt


def test_an_illustration_says_made_up_and_names_no_number(edition, bundle, shown, declare):
    rows = pd.DataFrame(
        {
            "population": "open",
            "category": ["chao", "bic"],
            "share": [0.41, 0.95],
            "status": "released",
            "mark": "illustration",
        }
    )
    declare("hidden_coverage", "population", "category", tables=("made_up",))
    release("hidden_coverage", rows, edition=edition)
    drawn = plot_dots(read_released("hidden_coverage", edition=edition), x="share")
    # Measured before the badge was drawn, and widened by it.
    np.testing.assert_allclose(drawn.box.extents, drawn.figure.get_tightbbox().extents)
    assert [text.get_text() for text in drawn.figure.texts] == ["made-up"]
    assert not re.search(r"41|\b9[0-46-9]", drawn.alt) and "no finding" in drawn.caption
    with pytest.raises(BadInput, match="illustration"):
        glue_number(
            "x", read_released("hidden_coverage", edition=edition), column="share", category="chao"
        )


def test_the_mark_of_a_row_stands_at_its_last_number_not_in_an_empty_cell(
    edition, bundle, shown, declare
):
    rows = pd.DataFrame(
        {
            "category": ["mean_victims", "mean_difference"],
            "value": [4401, 4094],
            "ci_lower": [None, 3321],
            "ci_upper": [None, 5156],
            "unit": "eur",
            "status": "released",
            "mark": ["synthetic", "illustration"],
        }
    )
    declare("aid_costs", "category", tables=("made_up",))
    release("aid_costs", rows, edition=edition)
    show_table(read_released("aid_costs", edition=edition))
    assert "victims, mean of a year | € 4,401ˢ |  | " in shown[0][0]["text/plain"]
    assert "difference of the means | € 4,094 | € 3,321 | € 5,156" in shown[0][0]["text/plain"]


def test_dots_of_another_table_stand_below_as_a_series_of_their_own(edition, bundle, declare):
    own = pd.DataFrame(
        {
            "population": "lists_apart",
            "category": ["chao"],
            "n": [80000],
            "status": "released",
            "mark": "published",
        }
    )
    other = own.assign(population="five_lists", category="dga", n=50270)
    declare("hidden_estimates", "population", "category")
    release("hidden_estimates", own, edition=edition)
    declare("hidden_published", "population", "category")
    release("hidden_published", other, edition=edition)
    tables = [
        read_released(name, edition=edition) for name in ("hidden_estimates", "hidden_published")
    ]
    alt = plot_dots(tables[0], x="n", hue="population", beside=tables[1]).alt
    assert alt.index("80,000") < alt.index("50,270")


def test_more_points_than_one_can_listen_to_are_told_by_their_ends(edition, bundle, declare):
    rows = pd.DataFrame(
        {
            "population": "lists_apart",
            "category": list_labelled("category")[:25],
            "n": [1000 + place for place in range(25)],
            "status": "released",
            "mark": "published",
        }
    )
    declare("hidden_estimates", "population", "category")
    for few in (rows, rows.head(24)):
        release("hidden_estimates", few, edition=edition)
        alt = plot_dots(
            read_released("hidden_estimates", edition=edition), x="n", hue="population"
        ).alt
        assert len(re.findall(r"1,0\d\d", alt)) == (2 if len(few) == 25 else 24)
        assert "1,000" in alt and ("1,024" in alt or len(few) == 24)


MIXED = pd.DataFrame(
    {
        "category": ["sexual", "labour", "criminal"],
        "n": [30, 20, "<5"],
        "status": ["released", "released", "suppressed"],
        "mark": ["published", "synthetic", "illustration"],
    }
)


def test_each_number_carries_its_provenance_and_a_made_up_one_the_word(
    edition, bundle, shown, declare
):
    product = declare("printed_forms", "category")
    show_table(Released(product, MIXED.astype(str), "public", False, edition))
    html = shown[0][0]["text/html"]
    assert re.search(r'<td[^>]*data-provenance="published">30<i class="letter">ᵖ</i></td>', html)
    made_up = re.findall(
        r'<td class="[^"]*made-up-cell" data-provenance="(\w+)">([^<]*)<i class="letter">(.)', html
    )
    assert made_up == [("synthetic", "20", "ˢ"), ("illustration", "&lt;5", "ᵐ")]
    assert html.count('<span class="visually-hidden"> (made-up)</span>') == 2
    assert html.startswith('<div class="released made-up"') and "partly made-up</strong>" in html


def test_cells_are_parted_by_white_space(released, shown):
    show_table(released)
    assert not re.search(r"</t[hd]><t[hd]", shown[0][0]["text/html"])


def test_a_sentence_in_a_cell_wants_a_wide_column_and_brief_words_none():
    """Seventy characters, two, and sources: ids stay whole, and words break between them."""
    words, sources = "x" * 70, ["a-1, b-2", "monitor 2016-2020, sections 2.3 and 2.4"]
    rows = [[Cell(words), Cell(f"{n}{words}"), Cell(f"{n} a"), Cell(sources[n])] for n in (0, 1)]
    columns = ["category", "condition", "break", "source"]
    page = write_sheet(Sheet("limits", "Limits.", columns, columns, rows, "en"), short=[])
    assert re.findall(r'<t[hd][^>]*class="([^"]*)"', page) == ["long", "long", "tight"] * 2
    assert re.findall(r'<span class="([^"]*source)">([^<]*)', page) == [
        ("tight source", "a-1"),
        ("tight source", "b-2"),
        ("source", "monitor 2016-2020"),
        ("source", "sections 2.3 and 2.4"),
    ]


def draw_ratios(edition, unit, declare):
    rows = pd.DataFrame(
        {
            "category": ["violence", "labour", "other"],
            "value": [2.0, 4.0, 9.0],
            "ci_lower": [1.1, 2.5, 8.0],
            "ci_upper": [3.0, 6.0, 10.0],
            "unit": unit,
            "status": "released",
            "mark": "published",
        }
    )
    declare("printed_forms", "category")
    release("printed_forms", rows, edition=edition)
    return plot_dots(read_released("printed_forms", edition=edition), x="value")


def test_a_ratio_is_drawn_on_a_log_axis_with_its_unit_largest_first(edition, bundle, declare):
    drawn = draw_ratios(edition, "times", declare)
    axes = drawn.figure.axes[0]
    assert axes.get_xscale() == "log" and axes.get_xlabel()
    dots = [
        line.get_xdata()[0]
        for line in axes.lines
        if line.get_marker() == "o" and len(line.get_xdata())
    ]
    assert dots[:3] == [4.0, 2.0, 9.0]  # what is "other" stands last, however large


def test_what_is_no_ratio_keeps_its_zero(edition, bundle, declare):
    axes = draw_ratios(edition, "per_100000", declare).figure.axes[0]
    assert axes.get_xscale() == "linear" and axes.get_xlim()[0] == 0


def test_the_heading_of_a_part_says_where_registers_are_made_up(edition, bundle, declare, glued):
    declare("some", "category", "period")
    release("some", ROWS, edition=edition)
    printed = read_released("some", edition=edition)
    made_up = replace(printed, table=printed.table.assign(mark="illustration"))
    glue_part("real", printed)
    glue_part("made_up", printed, made_up)
    assert glued == {
        "real": "From the register",
        "made_up": "Worked example on made-up registers",
    }


def test_a_share_of_what_was_not_printed_is_words(edition, bundle, declare, glued):
    """Of the monitor, section 4.2: 740 of 2,460 is 30.1 percent."""
    declare("some", "category", "period")
    table = pd.DataFrame(
        {"category": ["again", "all"], "period": "2010-2018", "n": [740, 2460]}
    ).assign(status="released", mark="published")
    release("some", table, edition=edition)
    persons = read_released("some", edition=edition)
    whole = {"category": "all"}
    glue_share_of("known", persons, part={"category": "again"}, whole=whole)
    glue_share_of("unknown", persons, part={"category": "never"}, whole=whole)
    assert glued == {"known": "30.1%ᶜ", "unknown": "(no number in this edition)"}


def test_a_document_is_named_by_its_prefix(glued):
    glue_document("monitor", "sm20", language="nl")
    assert glued == {"monitor": "Slachtoffermonitor mensenhandel 2016-2020"}
    with pytest.raises(BadInput, match="no document 'xx'"):
        glue_document("x", "xx", language="en")


COURSE = pd.DataFrame(
    {
        "compared": ["incidents", "incidents", "persons", "persons"],
        "years": ["1", "2", "1", "2"],
        "value": ["23", "40.5", "19", "31"],
        "ci_lower": ["21", "38", "17.5", "29"],
        "ci_upper": ["24.5", "43", "20.5", "32.5"],
        "unit": "per_100",
        "n_behind": "580",
        "status": "rounded",
        "mark": "register",
        "source": "",
    }
)


def test_a_course_says_where_each_line_ends_and_begins_at_zero_only_where_that_is_known(edition):
    product = find_product("repeats_numbers")
    table = Released(product, COURSE, "statistics_office", False, edition)
    drawn = plot_curve(table, y="value", hue="compared")
    assert "further incidents: 40.5" in drawn.alt and "persons with any: 31" in drawn.alt
    [first, _] = drawn.figure.axes[0].lines
    assert list(first.get_xdata()) == [0, 1, 2] and list(first.get_ydata()) == [0, 23, 40.5]
    later = plot_curve(table, y="value", hue="compared", from_zero=False)
    assert list(later.figure.axes[0].lines[0].get_xdata()) == [1, 2]
    assert len(drawn.figure.axes[0].collections) == 2  # the bands
    bare = replace(table, table=COURSE.drop(columns=["ci_lower", "ci_upper"]))
    assert not plot_curve(bare, y="value", hue="compared").figure.axes[0].collections


def test_a_number_of_years_has_its_unit_in_a_legend():
    assert name_code("10", "years", "en") == "10 years"
    assert name_code("10", "years", "nl") == "10 jaar"


@pytest.mark.parametrize(
    ("code", "mark", "name"),
    [
        ("rotterdam", "illustration", "Rotterdam unit, made-up numbers"),
        ("rotterdam", "synthetic", "Rotterdam unit, made-up numbers"),
        ("rotterdam", "register", "Rotterdam unit"),
        ("unit_a", "illustration", "unit A"),
    ],
)
def test_a_real_place_says_that_its_numbers_are_made_up(code, mark, name):
    """A row about a real place may be quoted without its table."""
    assert name_code(code, "police_unit", "en", mark=mark) == name
    assert name_code("1", "years", "en") == "1 year"


def test_years_without_a_number_in_a_row_say_so_once_where_the_words_fit():
    """Eighteen years of 250 points: three of them are wide enough for "found", one is not."""
    figure, axes = plt.subplots()
    axes.set_xlim(2006.5, 2024.5)
    drawing._mark_empty_years(axes, [2008, 2010, 2011, 2012, 2013], "not found")
    assert [(text.get_position()[0], text.get_text()) for text in axes.texts] == [
        (2008, "not found"),
        (2011.5, "not\nfound"),
    ]
    plt.close(figure)


def test_years_too_narrow_for_words_have_a_bar_and_the_words_are_in_the_legend():
    """Eighteen years of 250 points: no word fits into a year of theirs, upright neither."""
    figure, axes = plt.subplots(figsize=(250 / 72 / 0.775, 3))
    axes.set_xlim(2006.5, 2024.5)
    drawing._mark_empty_years(axes, [2008, 2010, 2011], "not found")
    assert not axes.texts and len(axes.lines) == 2
    assert axes.get_legend_handles_labels()[1] == ["not found"]
    plt.close(figure)


def test_letters_of_neighbouring_breaks_stand_apart():
    """Eighteen years of 250 points are 14 points each, and of 110 points 6: there the letters of
    three years in a row need 11 points each, and the one between stays over its line."""
    rows = {"year": [2012, 2018, 2019, 2020], "id": list("ACDE"), "label_en": "x"}
    trend: Any = SimpleNamespace(
        years=range(2007, 2025),
        breaks=SimpleNamespace(table=pd.DataFrame(rows)),
        edition=SimpleNamespace(language="en"),
    )
    figure, axes = plt.subplots(figsize=(110 / 72 / 0.775, 3))
    axes.set_xlim(2006.5, 2024.5)
    drawing._mark_breaks(axes, trend)
    places = [110 * text.get_position()[0] for text in axes.texts]
    lines = [110 * (line.get_xdata()[0] - 2006.5) / 18 for line in axes.lines]
    assert min(np.diff(places)) >= 10.99 and places[0] == pytest.approx(lines[0])
    assert np.abs(np.subtract(places, lines)).max() < 12
    plt.close(figure)


def test_a_value_at_the_end_of_a_line_leans_away_from_it():
    years = {2011, 2012, 2013, 2016}
    picture = range(2007, 2020)
    assert [drawing._lean(years, year, picture) for year in (2011, 2012, 2013, 2016)] == [
        "right",
        "center",
        "left",
        "center",
    ]
    assert drawing._lean(years, 2011, range(2011, 2020)) == "center"
    assert drawing._lean(years, 2013, range(2007, 2014)) == "center"


def test_a_value_that_leans_leaves_room_for_the_next_one():
    """Years of 9 points, values 18 points wide: the one over 2012 begins at the point of 2011,
    where the one of 2011 ends 4 points later if it does not step back."""
    years, picture = {2011, 2012, 2013}, range(2007, 2021)
    assert drawing._step_away(years, 2011, picture, 9 - 9) == -2
    assert drawing._step_away(years, 2013, picture, 9 - 9) == 2
    assert drawing._step_away(years, 2012, picture, 9 - 9) == 0
    # Two points alone lean apart; wide years need no step.
    assert drawing._step_away({2015, 2016}, 2015, picture, 0) == 4
    assert drawing._step_away(years, 2011, picture, 20) == 4


@pytest.mark.parametrize(
    ("heights", "places"),
    [
        ([50], [1]),
        ([50, 90], [-1, 1]),
        ([50, 90, 140], [-1, 1, 1]),
        ([50, 90, 110], [-1, 0, 1]),
        # Below the lowest lie the years: it stands above, or beside where the next one is near.
        ([8, 90], [1, 1]),
        ([8, 30], [0, 1]),
    ],
)
def test_a_value_stands_where_no_other_does(heights, places):
    """Values of one year's points, this many points above the years; a value takes 20 and half of
    the next one's line."""
    assert [drawing._place_value(heights, place) for place in range(len(heights))] == places


@pytest.mark.parametrize(
    ("codes", "kept"),
    [
        (["within_2_years", "within_5_years"], True),
        (["minor", "adolescent", "adult"], True),
        (["as_monitor", "left_out_30"], True),
        (["b9_start_to_residence_card_call", "report_to_dismissal"], False),
        (["female", "male"], False),
        (["2019"], False),
    ],
)
def test_codes_with_an_order_of_their_own_keep_it(codes, kept):
    assert dots._have_order(codes) is kept


def test_names_beside_lines_stay_apart_in_the_order_of_their_lines():
    """Three names a fifth of the height each, two of which are wanted at one place; below, as many
    as do not fit stand above each other nevertheless."""
    assert layout.spread([0.5, 0.5, 0.9], [0.2, 0.2, 0.2]) == pytest.approx([0.5, 0.7, 0.9])
    assert layout.spread([0.0, 1.0], [0.2, 0.2]) == pytest.approx([0.04, 0.96])
    low, high = layout.spread([0.1, 0.1], [1.0, 1.0])
    assert high - low == pytest.approx(1.0)


MANY = pd.DataFrame(
    [
        {"category": code, "period": str(year), "n": 10 * place + year - 2000}
        for place, code in enumerate(("sexual", "labour", "criminal", "domestic_sexual", "unknown"))
        for year in (2016, 2018)
    ]
).assign(status="released", mark="published")


def test_more_lines_than_colours_have_a_part_of_the_picture_each(edition, bundle, declare):
    declare("printed_forms", "category", "period")
    release("printed_forms", MANY, edition=edition)
    drawn = plot_trend(read_released("printed_forms", edition=edition), hue="category")
    parts = drawn.figure.axes
    assert len(parts) == 5 and len({axes.get_ylim() for axes in parts}) == 1
    assert [axes.get_title(loc="left") for axes in parts][:2] == [
        "sexual exploitation",
        "labour exploitation",
    ]
    assert all(list_runs(axes) == [[2016], [2018]] for axes in parts)
    assert {axes.lines[0].get_color() for axes in parts} == {drawing.COLOURS[0]}
    few = MANY[MANY["category"].isin(["sexual", "labour"])]
    declare("printed_victims", "category", "period")
    release("printed_victims", few, edition=edition)
    [axes] = plot_trend(
        read_released("printed_victims", edition=edition), hue="category"
    ).figure.axes
    words = [text.get_text().replace("\n", " ") for text in axes.texts]
    assert {"sexual exploitation", "labour exploitation"} <= set(words)
    assert axes.get_legend() is None


@pytest.mark.parametrize(("name", "kind"), [("penalised pairs", "left"), ("a b " * 20, "above")])
def test_more_kinds_of_dots_than_colours_stand_below_headings(name, kind):
    """Five kinds of two rows: five headings, each above its rows; long names above their dots."""
    rows = pd.DataFrame({"population": list("aabbccddee"), "name": ["independence", name] * 5})
    heads = {code: code.upper() for code in "abcde"}
    names, places, _ = dots._lay_apart(rows, "population", heads)
    assert [one.words for one in names if one.kind == "head"] == list("ABCDE")
    assert {one.kind for one in names} == {"head", kind}
    assert len(places) == 10 and list(places.values()) == sorted(places.values())


def test_a_picture_is_no_wider_than_a_phone(edition, bundle, declare):
    """Eleven pixels at 390: the least size of words times the phone's 358, over the width."""
    declare("printed_forms", "category", "period")
    release("printed_forms", MANY[MANY["category"] != "unknown"], edition=edition)
    drawn = plot_trend(read_released("printed_forms", edition=edition), hue="category")
    width = 72 * (drawn.figure.get_tightbbox().width + 0.2)
    assert 358 * style.SMALL / width >= 11


def test_words_within_the_axes_are_fitted_too():
    """They keep their place and their width while the axes grow narrower, so once is not enough."""
    figure, axes = plt.subplots(figsize=(style.WIDTH_INCHES, 3))
    axes.annotate("w" * 20, (0.5, 0.5), xycoords="axes fraction", fontsize=style.SMALL)
    layout.fit_width(figure)
    assert figure.get_tightbbox().width < style.WIDEST_INCHES + 0.05
    plt.close(figure)


def test_a_badge_makes_no_picture_wider():
    figure = plt.figure(figsize=(4, 3), dpi=72)  # as pictures are written
    narrow = Bbox([[0.5, 0.5], [3.0, 2.5]])
    badged = style.draw_badge(figure, "made-up", narrow)
    assert badged.xmax <= narrow.xmax and badged.ymax > narrow.ymax
    plt.close(figure)


def test_a_table_without_rows_is_a_sentence(edition, bundle, declare, monkeypatch):
    """No head over nothing: what the table would show, and that these years have none of it."""
    declare("printed_forms", "category", "period")
    release("printed_forms", ROWS.head(0), edition=edition)
    shown = []
    monkeypatch.setattr(picture, "display", lambda data, raw: shown.append(data))
    show_table(read_released("printed_forms", edition=edition))
    assert (
        "<table" not in shown[0]["text/html"]
        and 'data-table="printed_forms"' in shown[0]["text/html"]
    )
    assert shown[0]["text/plain"].endswith(". For these years there is nothing to show.")
