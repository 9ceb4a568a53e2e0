"""The book in two languages: one site, the same pages and sections, words for all that is declared
in English."""

import csv
import re
from types import SimpleNamespace

import nbformat
import pandas as pd
import pytest
import yaml

from helpers import labels
from helpers.claims import CLAIMS
from helpers.edition import BOOK, CODES, NOTEBOOKS, ROOT, BadInput, SiteFailed
from helpers.figures.picture import _translate_source
from helpers.labels import format_date, translate
from helpers.products import read_products
from helpers.published import read_breaks, read_contradictions
from helpers.schema import TABLES
from helpers.site.contract import PLACE, fill_contract
from helpers.site.dictionary import TABLES_PLACE, fill_dictionary
from helpers.site.languages import join_sites, translate_config, translate_theme
from helpers.translations import check_translations, compare_words
from helpers.wording import format_entry, name_code

HEAD = '<html lang="{}"><head></head><body><div class="article-header-buttons"></div>'


def test_the_prose_of_every_language_that_is_built_is_whole():
    check_translations()


def test_what_is_declared_in_english_holds_the_same_numbers_in_dutch():
    with (CODES / "dutch.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["english"] != row["dutch"]]
    assert {row["english"]: compare_words(*row.values()) for row in rows} == {
        row["english"]: [] for row in rows
    }


# What was carried over from the English, or has another name in the same book, and what Dutch says.
CARRIED_OVER = {
    r"\b[Gg]edrukte?\b": "gepubliceerd: the monitor itself never says gedrukt",
    r"tel(t|len)( niet)? op tot|ertoe optellen": "is of zijn samen",
    r"maar zie\b": "tegenspraak",
    r"\b[Ll]eest de \w+ .* als\b": "ziet de ... als",
    r"\bEnige jeugdhulp": "jeugdhulp, van welke soort ook",
    r"[Ss]ignaleringsproces": "D9-proces",
    r"volgens de hiërarchie": "leidende vorm",
    r"(?<!Nederlandse )\b[Aa]rbeidsinspectie\b": "Inspectie SZW (nu Nederlandse Arbeidsinspectie)",
    r"\ben? politie met militaire status": "een politieorganisatie met militaire status",
    r"volgen wie wie\b": "hangen af van wie er meldt",
    r"reproduceerbare lezing": "bewerking",
    r"\b[Pp]rostituees?\b": "sekswerkers",
}


def find_carried_over(words: str) -> list[str]:
    """What of CARRIED_OVER stands in Dutch words."""
    return [found[0] for pattern in CARRIED_OVER for found in re.finditer(pattern, words)]


def read_dutch_texts() -> dict[str, str]:
    """All Dutch of the book by where it stands: prose, words of codes and tables, findings."""
    texts = {
        f"{path.parent.parent.name}/{path.name}": path.read_text(encoding="utf-8")
        for folder in (BOOK, NOTEBOOKS)
        for path in (folder / "nl").glob("*.md")
    }
    for path in [*CODES.glob("*.csv"), *CLAIMS.glob("*.csv")]:
        with path.open(encoding="utf-8", newline="") as stream:
            for number, row in enumerate(csv.DictReader(stream), 2):
                for column, cell in row.items():
                    if column in ("nl", "dutch") or str(column).endswith("_nl"):
                        texts[f"{path.name}, row {number}, {column}"] = cell
    return texts


def test_dutch_is_written_and_not_carried_over():
    texts = read_dutch_texts()
    found = {place: find_carried_over(words) for place, words in texts.items()}
    assert {place: words for place, words in found.items() if words} == {}
    assert len(texts) > 3000
    bad = "De lijnen tellen niet op tot het totaal, zoals gedrukt; de arbeidsinspectie ook."
    assert find_carried_over(bad) == ["gedrukt", "tellen niet op tot", "arbeidsinspectie"]


def test_a_group_of_people_has_one_name_in_english():
    """Sources have "prostitutes" and "migrant workers" too; the book says one word for each."""
    told = "\n".join(
        path.read_text(encoding="utf-8")
        for path in [*CODES.glob("*.csv"), *CLAIMS.glob("*.csv"), *BOOK.glob("*.md")]
    )
    for path in NOTEBOOKS.glob("*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        told += "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    assert not re.findall(r"\b[Mm]igrant workers?\b|[ \"][Pp]rostitutes?\b", told)
    assert "labour migrants" in told and "sex workers" in told


def test_everything_that_is_declared_in_english_has_its_dutch():
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    words = {part["caption"] for part in contents["parts"]}
    words |= {table.row for table in TABLES.values()}
    words |= {column.meaning for table in TABLES.values() for column in table.columns}
    for column in ("stated_reading", "arithmetic", "verdict"):
        words |= set(read_contradictions()[column])
    words |= {source for source in read_breaks()["source"] if " " in source}
    assert [word for word in sorted(words) if translate(word, "nl") == ""] == []
    translate_config(yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8")), "nl")


def test_words_without_dutch_are_refused(tmp_path, monkeypatch):
    assert translate("nobody wrote this", "en") == "nobody wrote this"
    with pytest.raises(BadInput, match="no row for 'nobody wrote this'"):
        translate("nobody wrote this", "nl")
    (tmp_path / "dutch.csv").write_text("english,dutch\none,een\none,één\n", encoding="utf-8")
    monkeypatch.setattr(labels, "CODES", tmp_path)
    labels.read_dutch.cache_clear()
    with pytest.raises(BadInput, match="stands twice or has no Dutch"):
        translate("one", "nl")
    labels.read_dutch.cache_clear()


@pytest.mark.parametrize(
    ("date", "language", "read"),
    [
        ("2026-11-03", "en", "3 November 2026"),
        ("2026-11-03", "nl", "3 november 2026"),
        ("2026-03", "nl", "maart 2026"),
        ("2013", "en", "2013"),
    ],
)
def test_dates_read_as_one_says_them(date, language, read):
    assert format_date(date, language) == read


def test_a_number_that_is_shown_as_printed_has_the_decimal_mark_of_the_language():
    row = pd.Series({"p_value": "<0.001", "years": "0.5|1.5", "sections": "2.3.1"})
    words = {
        language: [
            format_entry(row, column, SimpleNamespace(language=language)) for column in row.index
        ]
        for language in ("en", "nl")
    }
    assert name_code("1.5", "years", "nl") == "1,5 jaar"
    assert words == {"en": ["<0.001", "0.5, 1.5", "2.3.1"], "nl": ["<0,001", "0,5, 1,5", "2.3.1"]}


@pytest.mark.parametrize(
    ("source", "read"),
    [("line 409", "regel 409"), ("line 697|701", "regel 697|701"), ("sm20-024|F180", None)],
)
def test_a_line_of_a_document_is_called_so_in_dutch(source, read):
    assert _translate_source(source, "nl") == (read or source)
    assert _translate_source(source, "en") == source


def test_the_register_contract_reads_in_both_languages():
    english, dutch = (fill_contract(PLACE, language) for language in ("en", "nl"))
    assert "One row is a report of a presumed victim to CoMensha. Key:" in english
    assert "Eén rij is een melding van een vermoedelijk slachtoffer" in dutch
    assert english.count("<tr>") == dutch.count("<tr>")


def test_the_theme_speaks_dutch_outside_the_article_only():
    page = '<nav><a title="next page">Search</a></nav><article><code>Search</code></article>'
    assert translate_theme(page, "index.html", "nl") == (
        '<nav><a title="volgende pagina">Zoeken</a></nav><article><code>Search</code></article>'
    )
    assert translate_theme(page, "index.html", "en") == page


def test_what_stands_in_english_on_a_dutch_page_says_so():
    page = '<article><section id="a"><h1>Wat</h1><section id="b">What</section></section></article>'
    said = translate_theme(page, "book/changelog.html", "nl")
    assert '<section id="a"><h1>Wat</h1><section lang="en" id="b">' in said


def write_site(folder, language: str, sections: dict[str, str], **files: str):
    """A site of two pages: `sections` by name, the second page leading to all of the first."""
    (folder / "book").mkdir(parents=True)
    parts = "".join(f'<section id="{name}">{words}</section>' for name, words in sections.items())
    (folder / "index.html").write_text(f"{HEAD.format(language)}{parts}</body></html>")
    links = "".join(f'<a href="../index.html#{name}">x</a>' for name in sections)
    (folder / "book" / "page.html").write_text(
        f'{HEAD.format(language)}{links}<a href="../one.csv">x</a><a href="../two.csv">x</a>'
        "</body></html>"
    )
    data = f'{{"sections":[["index.html","{list(sections)[-1]}"]],"words":{{"in":"{language}"}}}}'
    (folder / "searchdata.js").write_text(f"window.SEARCH_DATA = {data};\n")
    for name, words in files.items():
        (folder / f"{name}.csv").write_text(words)
    return folder


def test_both_languages_are_one_site_with_the_same_addresses(tmp_path):
    english = write_site(tmp_path / "en", "en", {"who": "a", "when": "b"}, one="same", two="a")
    dutch = write_site(tmp_path / "nl", "nl", {"wie": "a", "wanneer": "b"}, one="same", two="b")
    root = join_sites({"en": english, "nl": dutch})
    page, linking = ((root / "nl" / name).read_text() for name in ("index.html", "book/page.html"))
    assert '<section id="who">' in page and '<section id="when">' in page
    assert '<a href="../index.html#when">' in linking
    assert '"index.html","when"' in (root / "nl" / "searchdata.js").read_text()
    # What is the same in both stands once; what differs stays beside its language.
    assert not (root / "nl" / "one.csv").exists() and 'href="../../one.csv"' in linking
    assert (root / "nl" / "two.csv").read_text() == "b" and 'href="../two.csv"' in linking
    # Each page leads to itself in the other language, and says so to machines.
    assert 'hreflang="en" href="../../book/page.html">English</a>' in linking
    english_page = (root / "book" / "page.html").read_text()
    assert 'lang="nl" rel="alternate" hreflang="nl" href="../nl/book/page.html"' in english_page
    assert '<link rel="alternate" hreflang="nl" href="../nl/book/page.html">' in english_page


def test_a_translation_with_other_sections_is_no_site(tmp_path):
    english = write_site(tmp_path / "en", "en", {"who": "a", "when": "b"})
    dutch = write_site(tmp_path / "nl", "nl", {"wie": "a"})
    with pytest.raises(SiteFailed, match=r"index\.html: 2 sections, and 1 in the translation"):
        join_sites({"en": english, "nl": dutch})


def test_one_language_is_a_site_as_it_is(tmp_path):
    only = write_site(tmp_path / "nl", "nl", {"wie": "a"})
    before = (only / "index.html").read_text()
    assert join_sites({"nl": only}) == only and (only / "index.html").read_text() == before


def test_the_dictionary_names_every_chapter_in_dutch():
    told = fill_dictionary(TABLES_PLACE, "nl", list(read_products()))
    assert "één plaats" in told and "one place" not in told
