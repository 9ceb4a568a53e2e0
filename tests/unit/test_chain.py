"""Tables of printed numbers of several documents: what is one row, what stays apart, what is
refused."""

import csv
from types import SimpleNamespace

import pandas as pd
import pytest

from helpers import chain, published
from helpers.claims import read_claims
from helpers.edition import BOOK, BUNDLES, FACTS, LANGUAGES, NOTEBOOKS, ROOT, BadInput
from helpers.labels import label
from helpers.products import read_columns, read_products
from helpers.site.left_out import fill_left_out, list_claimed, list_worked_out, write_sections

SHARED = ROOT.parent / "shared" / "facts"
CHAPTERS = (
    "20_criminal_justice",
    "22_protection_rules",
    "24_shelter_and_care",
    "26_sight_outside",
    "28_municipality",
    "42_beside_others",
    "44_law_and_counting",
)


def write_chosen(folder, *rows):
    path = folder / "chosen.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([["table", "population", "category", "id"], *rows])
    return path


def test_what_is_printed_alike_is_one_row_with_all_its_sources():
    """Convictions of 2012: the Ninth report prints 109 twice (lines 1306 and 1917), the United
    Nations 109, the newspapers 110."""
    table = chain.tabulate_chosen("justice_yearly")
    rows = table[(table["category"] == "persons_convicted") & (table["period"] == "2012")]
    assert rows.set_index("population")[["n", "source"]].to_dict("index") == {
        "ninth_report": {"n": 109, "source": "nr13-040|nr13-061"},
        "un_criminal_justice": {"n": 109, "source": "J022"},
        "courts": {"n": 110, "source": "F328"},
    }
    cases = table[(table["category"] == "cases_registered") & (table["period"] == "2011")]
    assert cases["source"].tolist() == ["nr13-060|F320|F321"]


def test_shares_counts_and_measures_have_columns_of_their_own():
    """The Ninth report, line 7524: 297.5 days from report to dismissal, of 27 cases; line 8129: the
    half of the women."""
    days = chain.tabulate_chosen("rules_durations", measures=True).set_index("source")
    assert days.loc["nr13-272", ["value", "unit"]].tolist() == [297.5, "days"]
    assert days.loc["nr13-273", "n"] == 27 and pd.isna(days.loc["nr13-273", "value"])
    assert days.loc["nr13-285", "share"] == pytest.approx(0.631)
    stays = chain.tabulate_chosen("shelter_stays", measures=True).set_index("source")
    assert stays.loc["nr13-294|nr13-304", ["share", "precision"]].tolist() == [0.5, "about"]


def test_a_loose_number_gives_way_to_the_exact_one_and_stays_its_source(monkeypatch):
    """The Ninth report: bijna een vijfde, 19% (=226), nr13-419 and nr13-420."""
    rows = pd.DataFrame(
        [["t", "", "", "nr13-419"], ["t", "", "", "nr13-420"]],
        columns=["table", "population", "category", "id"],
    )
    monkeypatch.setattr("helpers.chain.chosen.read_chosen", lambda: rows)
    table = chain.tabulate_chosen("t", measures=True)
    assert table[["share", "source"]].to_numpy().tolist() == [[0.19, "nr13-420|nr13-419"]]


def test_what_differs_under_one_key_stays_apart(monkeypatch):
    """Convictions of 2010: 79 in the Ninth report (line 879), 80 in the file of the United
    Nations."""
    rows = pd.DataFrame(
        [["t", "both", "convicted", "nr13-021"], ["t", "both", "convicted", "J020"]],
        columns=["table", "population", "category", "id"],
    )
    monkeypatch.setattr("helpers.chain.chosen.read_chosen", lambda: rows)
    table = chain.tabulate_chosen("t")
    assert table[["printed", "n"]].to_numpy().tolist() == [[1, 79], [2, 80]]


@pytest.mark.parametrize("table", ["rules_nigerian", "justice_yearly"])
def test_a_chosen_table_of_years_that_nobody_printed_has_its_columns_and_no_rows(table):
    """D6: an edition of 2021 alone, or from 2022 on, ended with the trace of an empty grouping."""
    whole, empty = (
        chain.tabulate_chosen(table),
        chain.tabulate_chosen(table, years=range(2050, 2052)),
    )
    assert empty.empty and set(whole.columns) <= set(empty.columns) and len(whole) > 0


def test_a_row_that_stands_twice_or_that_nobody_printed_is_refused(tmp_path):
    with pytest.raises(BadInput, match="row 3, id nr13-021: stands twice"):
        chain.read_chosen(
            write_chosen(tmp_path, ["t", "", "", "nr13-021"], ["t", "", "x", "nr13-021"])
        )
    with pytest.raises(BadInput, match="id nr13-999: is no printed number"):
        chain.read_chosen(write_chosen(tmp_path, ["t", "", "", "nr13-999"]))
    with pytest.raises(BadInput, match="has no table 'nothing'; there are justice_yearly"):
        chain.tabulate_chosen("nothing")


def test_every_chosen_table_is_a_product_of_these_chapters():
    products = read_products()
    for table in set(chain.read_chosen()["table"]):
        assert products[table].chapter in CHAPTERS and products[table].shape == "published", table


def test_offenders_stand_beside_victims_of_the_same_year_and_way_of_counting():
    """By hand: 62 convicted (J030) of 814 victims of 2022 with all reporters is 7.62 in a hundred;
    94 of 2018 stand beside the 668 without the military police, the only total of that year."""
    stages = chain.tabulate_chosen("justice_stages")
    table = chain.compare_with_victims(stages, published.read_facts("public_statistics"))
    convicted = table[table["category"] == "persons_convicted"].set_index(["population", "period"])
    row = convicted.loc["register_all_reporters", "2022"]
    assert (row["n"], row["n_reported"]) == (62, 814) and row["value"] == pytest.approx(
        7.617, abs=1e-3
    )
    assert convicted.loc[("register_without_kmar_only", "2018"), "value"] == pytest.approx(
        100 * 94 / 668
    )
    assert ("register_all_reporters", "2018") not in convicted.index
    assert not table.duplicated(["category", "population", "period"]).any()


def test_words_of_every_list_are_whole_in_both_languages():
    for name, (codes, words) in chain.WORDS.items():
        rows = chain.read_words(name)
        told = chain.tabulate_words(name)
        assert len(told) == len(rows) > 0
        for language in LANGUAGES:
            assert (told[[f"{word}_{language}" for word in words]] != "").all().all()
            for code in set(codes) - {"breaks"}:
                kind = read_columns()[code].codes
                assert all(label(word, language, kind=kind) for word in rows[code])
            named = rows["source"] != ""
            assert (told.loc[named.to_numpy(), f"place_{language}"] != "").all()


def test_a_list_without_a_word_is_refused(tmp_path):
    rows = chain.read_words("countries")
    rows.loc[rows.index[0], "reason_nl"] = ""
    rows.to_csv(tmp_path / "countries.csv", index=False, encoding="utf-8")
    with pytest.raises(BadInput, match="countries.csv, row 2, column reason_nl: say it"):
        chain.read_words("countries", folder=tmp_path)
    with pytest.raises(BadInput, match="no list of words 'nothing'"):
        chain.read_words("nothing")


@pytest.mark.skipif(
    not (SHARED.parent / "seeds").exists(), reason="the source documents are not here"
)
def test_words_name_lines_that_their_document_has():
    """No line is beyond the document, and none is empty."""
    files = {
        prefix: source
        for source, prefix in published.read_documents()[["source", "prefix"]].to_numpy()
    }
    for name in chain.WORDS:
        rows = chain.read_words(name)
        for row in rows[rows["source"] != ""].itertuples():
            lines = published.read_lines(SHARED.parent / "seeds" / f"{files[row.source]}.txt")
            for line in row.line.split("|"):
                assert lines[int(line) - 1].strip(), f"{name}, {row.id}: line {line} is empty"


def test_each_break_of_the_register_stands_in_the_law_and_in_its_year():
    """data/facts/breaks.csv: the letter, and the year of its first day."""
    breaks = published.read_breaks().set_index("id")["year"]
    told = chain.read_words("law")
    told = told[told["breaks"] != ""].set_index("breaks")["moment_en"]
    assert set(told.index) == set(breaks.index)
    assert all(str(breaks[letter]) in moment for letter, moment in told.items())


@pytest.mark.skipif(not SHARED.exists(), reason="the collection is not here")
def test_rows_on_criminal_justice_are_those_handed_over():
    """glotip_netherlands.csv, row `source_row` (header = 1): both sexes and all ages only, since a
    part could give a cell away that the file hides; the same value, year and category."""
    path = SHARED / "glotip_netherlands.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        shared = list(csv.DictReader(stream))
    for kept in published.read_facts("glotip_justice").to_dict("records"):
        given = shared[int(kept["source_row"]) - 2]
        assert (given["sex"], given["age"]) == ("Total", "Total")
        assert given["indicator"] != "Detected trafficking victims"
        assert given["dimension"] in ("Total", "by form of exploitation")
        assert (kept["value"], kept["period"], kept["category_printed"]) == (
            given["value"],
            given["year"],
            given["category"],
        ), kept["id"]


def test_forms_that_exceed_their_total_are_disputed():
    """2017 is the one year whose forms (10 and 84) add up to the total (94)."""
    facts = published.read_facts("glotip_justice").astype({"value": int})
    forms = facts[facts["breakdown"] == "case_stage_x_form"]
    totals = facts[facts["category"] == "persons_convicted"].set_index("period")["value"]
    exceeds = forms.groupby("period")["value"].sum() > totals.reindex(forms["period"].unique())
    assert set(forms.loc[forms["standing"] == "current", "period"]) == {"2017"}
    assert sorted(exceeds.index[~exceeds]) == ["2017"]
    assert (FACTS / "glotip_justice.source.yml").exists()


def test_every_printed_number_is_used_or_has_its_reason():
    """With the committed tables, findings and formulas nothing is left without a reason; one that
    is used nowhere and not listed is named."""
    used = set()
    for path in (BUNDLES / "2016-2020").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                used |= set(row.get("source", "").split("|"))
    declared = [SimpleNamespace(claim=one) for one in read_claims().values()]
    claimed, derived = list_claimed(declared), list_worked_out("2016-2020")
    fates = chain.list_fates(used, claimed, derived)
    # "Three groups" and the like are told, and are no statistic to show.
    fates = fates[fates["reason"] != "no_statistic"]
    counts = fates[fates["fate"] != "left_out"].groupby(fates["source"].str[:3])["id"].count()
    whole = fates.groupby(fates["source"].str[:3])["id"].count()
    assert counts["002"] >= whole["002"] / 2
    assert all(counts[name] == whole[name] for name in ("001", "003", "004"))
    with pytest.raises(BadInput, match="printed numbers are used nowhere"):
        chain.list_fates(used - {"nr13-491"}, claimed, derived)
    # A book without examples leaves it out with them.
    fates = chain.list_fates(
        used - {"nr13-491"}, claimed, derived, made_up={"nr13-491", "nr13-492"}
    )
    assert list(fates.loc[fates["reason"] == "with_examples", "id"]) == ["nr13-491"]
    # So does one that repeats such a number.
    name, other = published.read_repeats()[["id", "repeats"]].iloc[0]
    fates = chain.list_fates(
        used - {name, other}, set(), set(), made_up={*used, *claimed, *derived} - {name}
    )
    assert fates.set_index("id")["reason"][name] == "with_examples"
    # An edition of other years, or of a real register, cannot show them all.
    fates = chain.list_fates(set(), set(), set(), is_whole=False)
    assert set(fates.loc[~fates["id"].isin(chain.read_unused()["id"]), "reason"]) == {
        "other_edition"
    }


def test_what_follows_from_print_alone_does_so_in_every_edition():
    """No standings are kept of an edition of other years, and its book could not be built: nothing
    was worked out in it, so that 95 numbers were used nowhere."""
    assert {"sm20-002", "sm20-004"} <= list_worked_out("2019-2024")


def test_every_subject_has_a_place_or_a_reason(tmp_path):
    places = {path.stem for path in [*NOTEBOOKS.glob("*.ipynb"), *BOOK.glob("*.md")]}
    sections = chain.read_sections()
    named = {place for cell in sections["places"] for place in cell.split("|") if place}
    assert named <= places
    assert set(sections["source"]) == set(published.read_documents()["prefix"])
    path = tmp_path / "sections.csv"
    sections.assign(places="").to_csv(path, index=False, encoding="utf-8")
    with pytest.raises(BadInput, match="row 2: give its places, or the reason"):
        chain.read_sections(path)


def test_the_page_has_both_tables_in_both_languages():
    for language in LANGUAGES:
        assert write_sections(language).count("<table") == 5
        page = fill_left_out("<p>nothing</p>", set(), [], "2016-2020", language)
        assert page == "<p>nothing</p>"
