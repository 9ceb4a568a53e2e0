"""Claims: what is refused, what a test decides, and ten editions in which the truth was changed.

The verdicts that are expected are read from the monitor or counted by hand.
"""

from __future__ import annotations

import ast
import csv
import json
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from helpers.claims import (
    CLAIMS,
    CONTRADICTED,
    FAILS,
    HOLDS,
    UNDECIDED,
    Numbers,
    check_hidden,
    compare_verdicts,
    judge,
    judge_claim,
    read_claims,
    read_verdicts,
    write_test,
)
from helpers.claims import language as claims_language
from helpers.claims.declaration import COLUMNS
from helpers.claims.language import OF_TABLES, evaluate, parse
from helpers.claims.lookup import read_cell
from helpers.claims.values import Undecided, Value, define_value
from helpers.claims.wording import PLACE, write_value
from helpers.disclosure import read_rule_set
from helpers.edition import BOOK, BUNDLES, LANGUAGES, ROOT, BadInput, define_edition, read_edition
from helpers.products import find_product
from helpers.published import read_contradictions, read_documents, read_lines, read_numbers
from helpers.published.catalogue import VAGUE
from helpers.published.files import hash_file
from helpers.release import Released

EDITION = "2016-2020"
SOURCES = ROOT.parent / "shared" / "seeds"
GOOD = {
    "id": "some_claim",
    "chapter": "12_signalling",
    "topic": "victims",
    "kind": "tested",
    "values": "a = printed('sm20-003'); b = printed('sm20-004')",
    "test": "a > b",
    "against": "",
    "text_en": "From {a} to {b}.",
    "text_nl": "Van {a} naar {b}.",
    "heading_en": "",
    "heading_nl": "",
    "figure": "",
    "source": "sm20",
    "lines": "140",
    "certainty": "count",
}


def write_claim(folder: Path, **changed: str) -> Path:
    with (folder / "some.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerow({**GOOD, **changed})
    return folder


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"test": ""}, "no test"),
        ({"kind": "quoted", "test": "", "source": "", "lines": ""}, "has a source"),
        ({"source": "sm19"}, "no document"),
        ({"lines": ""}, "not its lines"),
        ({"text_nl": "Van {a}."}, "text_nl lacks b of en"),
        ({"text_en": "From {a}."}, "text_en lacks b of nl"),
        ({"text_nl": ""}, "text_nl is empty"),
        ({"text_en": "From 1,334 to {a} and {b}."}, "a number is typed"),
        ({"values": "a = cell('no_such_table', period=last); b = a"}, "unknown table"),
        ({"values": "a = cell('known_victims', colour='red'); b = a"}, "unknown column"),
        ({"values": "a = printed('sm20-999'); b = a"}, "sm20-999"),
        ({"test": "a.__class__"}, "not part of the language"),
        ({"test": "open('x')"}, "only the functions"),
        ({"test": "a > c"}, "nothing is called 'c'"),
        ({"against": "disputed('sm20-c99')"}, "no contradiction is called 'sm20-c99'"),
        ({"test": "a >"}, "cannot be read"),
        ({"text_en": "{a:loud} {b}"}, "no form 'loud'"),
        ({"chapter": "99_nowhere"}, "no chapter"),
        ({"id": "Some Claim"}, "small letters"),
        ({"topic": "weather"}, "weather"),
        ({"values": GOOD["values"] + "; d = a"}, "nothing uses d"),
        (
            {"against": "not same(a, b)"},
            "name the number that contradicts it among the values: other",
        ),
    ],
)
def test_a_claim_that_is_not_whole_is_refused_by_its_id(tmp_path, changed, words):
    with pytest.raises(BadInput, match=re.escape(changed.get("id", "some_claim"))) as refused:
        read_claims(write_claim(tmp_path, **changed))
    assert words in str(refused.value)


def test_the_good_example_is_read(tmp_path):
    assert list(read_claims(write_claim(tmp_path))) == ["some_claim"]


def test_a_chapter_reads_its_own_claims_only(tmp_path):
    """A fault in those of another chapter is told before any chapter runs."""
    own = {name for name, one in read_claims().items() if one.chapter == "18_repeat_victimisation"}
    assert set(read_claims(chapter="18_repeat_victimisation")) == own and own
    folder = write_claim(tmp_path, topic="weather")
    assert read_claims(folder, chapter="18_repeat_victimisation") == {}


@pytest.fixture(scope="module")
def numbers() -> Numbers:
    return Numbers(read_edition(EDITION), BUNDLES / EDITION)


def test_a_claim_on_a_suppressed_cell_is_refused_by_its_id(tmp_path, numbers):
    """The bundle hides how many victims of 2020 were reported for labour and criminal exploitation."""
    values = "a = cell('signalling_overlap', category='labour+criminal', period=last); b = a"
    [claim] = read_claims(write_claim(tmp_path, values=values)).values()
    judged = judge_claim(claim, numbers)
    assert (judged.verdict, judged.reason) == (UNDECIDED, "undecided_hidden")
    with pytest.raises(BadInput, match="claim some_claim rests on a suppressed cell"):
        check_hidden({"some_claim": judged}, EDITION)


def test_of_a_new_edition_hidden_numbers_are_listed_and_no_fault(tmp_path, numbers, monkeypatch):
    """The first run on a register ended with "bad input" where a claim met a hidden cell."""
    values = "a = cell('signalling_overlap', category='labour+criminal', period=last); b = a"
    [claim] = read_claims(write_claim(tmp_path, values=values)).values()
    judged = {"some_claim": judge_claim(claim, numbers)}
    check_hidden(judged, "2016-2019")
    assert any(
        "some_claim: cannot_be_decided" in one for one in compare_verdicts(judged, "2016-2019")
    )


def test_a_year_is_not_set_beside_itself():
    """Of 2020 alone it read "22.4% in 2020, 30% in 2019, 22.4% in 2020", and "449 of them in 2020
    alone" of the 449 of 2020."""
    one = define_edition(edition="test", period_start=2020, period_end=2020)
    found = judge(one, folder=BUNDLES / EDITION)
    for name in ("young_fell", "labour_in_period", "lowest_or_not", "criminal_in_period"):
        assert (found[name].verdict, found[name].reason) == (UNDECIDED, "undecided_zero")
        assert "there is nothing to compare with" in found[name].write()
    # Of two years the first is the one before the last.
    two = define_edition(edition="test", period_start=2019, period_end=2020)
    found = judge(two, folder=BUNDLES / EDITION)
    assert found["young_fell"].reason == "undecided_zero"
    assert found["lowest_or_not"].reason == ""


def test_a_made_up_number_is_never_found(tmp_path, numbers):
    values = "a = cell('signalling_victims', period='2016-2020', population='register_all_reporters'); b = a"
    [claim] = read_claims(write_claim(tmp_path, values=values)).values()
    assert judge_claim(claim, numbers).reason == "undecided_made_up"


@pytest.mark.parametrize(
    ("test", "verdict"),
    [
        ("printed('sm20-003') > printed('sm20-004')", True),  # 1,334 and 984
        ("printed('sm20-005') > printed('sm20-006')", True),  # 43% and 17%
        ("printed('sm20-001') > set_share(0.5)", None),  # about half
        ("printed('sm20-218') > set_share(0.5)", True),  # more than half
        ("printed('sm20-219') > set_share(0.56)", None),  # more than 55%
        ("printed('sm20-104') < set_share(0.5)", True),  # less than half
        ("printed('sm20-002') < set_share(0) - set_share(0.25)", True),  # fell by more than 25%
        ("printed('sm20-357') == 3150", None),  # rounded to five
        ("printed('sm20-001') > set_share(0.5) or printed('sm20-004') == 984", True),
        ("printed('sm20-001') > set_share(0.5) and printed('sm20-004') == 985", False),
        ("printed('sm20-004', period=before) > 0", None),  # it is of 2020
        ("disputed('sm20-c01')", True),  # 1,274 is not 1,247
        ("disputed('sm20-c12')", False),  # 145 of 265 and more than 55%: rounding
    ],
)
def test_a_printed_number_is_as_wide_as_its_rounding(numbers, test, verdict):
    if verdict is None:
        with pytest.raises(Undecided):
            evaluate(test, {}, numbers)
    else:
        assert evaluate(test, {}, numbers) is verdict


@pytest.mark.parametrize(
    ("base", "minimum", "shown", "low", "high"),
    [(5, 10, "45", 43, 47), (5, 10, "15", 13, 17), (10, 5, "20", 15, 24), (5, 10, "0", 0, 0)],
)
def test_a_rounded_count_is_as_wide_as_the_rules_of_its_table(
    monkeypatch, base, minimum, shown, low, high
):
    """Halves up, by hand; of whom fewer than the minimum are hidden, none is shown as nought."""
    rules = replace(read_rule_set("statistics_office"), rounding_base=base, minimum_count=minimum)
    monkeypatch.setattr("helpers.release.released.read_rule_set", lambda _: rules)
    row = pd.Series({"n": shown, "status": "rounded", "mark": "register", "source": "a test"})
    table = Released(
        find_product("aid_flow"), row.to_frame().T, rules.name, False, read_edition(EDITION)
    )
    value = read_cell(row, "n", table)
    assert (value.shown, value.low, value.high) == (int(shown), low, high)


@pytest.mark.parametrize(
    ("shown", "form", "en", "nl"),
    [
        (-0.262, "fraction", "more than a quarter", "ruim een kwart"),
        (0.25, "fraction", "a quarter", "een kwart"),
        (0.48, "fraction", "nearly half", "bijna de helft"),
        (0.42, "fraction", "42%", "42%"),
        (0.491, "times", "halved", "gehalveerd"),
        (1.9, "times", "nearly doubled", "bijna verdubbeld"),
        (2.2, "times", "more than doubled", "meer dan verdubbeld"),
        (1.58, "times", "risen by 58%", "met 58% gestegen"),
        (-3, "streak", "for the third year in a row", "voor het derde jaar op rij"),
        (0.01, "went", "stayed about the same", "bleef ongeveer gelijk"),
        (-0.3, "went_many", "fell", "daalden"),
        (1234.5, "one", "1,234.5", "1.234,5"),
    ],
)
def test_words_follow_their_rules(shown, form, en, nl):
    value = define_value(shown)
    assert (write_value(value, form, "en"), write_value(value, form, "nl")) == (en, nl)


def test_the_letter_stands_behind_the_number_in_both_languages():
    """Dutch goes on after it: "met 70% gedaald"."""
    value = replace(define_value(71 / 233), origin="computed")
    assert write_value(value, "times", "en") == "fallen by 70%ᶜ"
    assert write_value(value, "times", "nl") == "met 70%ᶜ gedaald"
    assert write_value(replace(value, shown=0.5), "times", "nl") == "gehalveerd"


# Said loosely without a word of `texts.csv`, each read by hand.
LOOSE = re.compile(
    r"(about|nearly|almost|at least|under|longer than|estimate[sd]?( of \{\w+\})?|limits of)\b",
    re.I,
)
SAID_LOOSELY = {
    "d9_permit_b9": "52 of the 80 is what the report prints; that it is at least so is the reading of c15",
    "treatment_short": "soon takes one year",
    "hidden_official": "its limits are those of the estimate",
    "special_circumstances": "probably only",
    "estimate_2017": "An estimate puts",
}


def find_bare(judged) -> set[str]:
    """Claims with a number that its source prints as "about", "more than" and the like, shown bare."""
    bare = set()
    for name, one in judged.items():
        words = one.claim.text["en"]
        for place in PLACE.finditer(words):
            value, form = one.values[place[1]], place[2] or "plain"
            is_loose = isinstance(value, Value) and value.precision in VAGUE
            before = words[max(0, place.start() - 28) : place.start()]
            if is_loose and form not in ("fraction", "qualified") and not LOOSE.search(before):
                bare.add(name)
    return bare


def test_what_is_printed_loosely_is_said_loosely(tmp_path, numbers):
    """The monitor: "zo'n 45%" of the women (line 1574)."""
    judged = judge(read_edition(EDITION), folder=BUNDLES / EDITION)
    assert find_bare(judged) <= set(SAID_LOOSELY)
    [claim] = read_claims(
        write_claim(tmp_path, values="a = printed('sm20-420'); b = printed('sm20-421')")
    ).values()
    assert find_bare({"some_claim": judge_claim(claim, numbers)}) == {"some_claim"}


@pytest.mark.parametrize(
    ("values", "test", "en", "nl"),
    [
        ("a = 984; b = 1334", "a < b", "984 is less than 1,334", "984 is minder dan 1.334"),
        (
            "a = printed('sm20-355'); b = 2",
            "a > 0.5 and b >= 2",
            "55% is more than 50% and 2 is at least 2",
            "55% is meer dan 50% en 2 is ten minste 2",
        ),
        (
            "a = printed('sm20-420'); b = 3",
            "a > set_share(0.4) or b < a",
            "about 45% is more than 40% or 300% is less than about 45%",
            "ongeveer 45% is meer dan 40% of 300% is minder dan ongeveer 45%",
        ),
        ("a = 1; b = 3", "b / 8 > a * 0.3", "0.375 is more than 0.3", "0,375 is meer dan 0,3"),
        ("a = 1; b = 1", "same(a, b)", "", ""),
        ("a = printed('sm20-003', period=first); b = 1", "a > b", "", ""),
    ],
)
def test_a_test_reads_in_words(tmp_path, numbers, values, test, en, nl):
    [claim] = read_claims(write_claim(tmp_path, values=values, test=test)).values()
    judged = judge_claim(claim, numbers)
    dutch = replace(judged, edition=read_edition(EDITION, language="nl"))
    assert (write_test(judged), write_test(dutch)) == (en, nl)


def test_the_kept_verdicts_are_those_of_the_bundle():
    judged = judge(read_edition(EDITION), folder=BUNDLES / EDITION)
    assert compare_verdicts(judged, EDITION) == []
    assert set(read_verdicts(EDITION)) == set(judged)
    assert {one.basis for one in judged.values()} <= {"", "published"}


def test_a_verdict_that_is_new_or_differs_is_told():
    judged = judge(read_edition(EDITION), folder=BUNDLES / EDITION)
    assert compare_verdicts(judged, "2017-2021")[0].endswith("not judged before")


def test_what_the_monitor_prints_twice_and_differently_is_no_finding():
    """1,274 and 1,247 victims of labour exploitation; 49% of 2,819 and 1,139; 22 of 91 and 23%."""
    verdicts = read_verdicts(EDITION)
    found = {name for name, row in verdicts.items() if row["verdict"] == CONTRADICTED}
    assert {"labour_in_period", "sexual_sector_known", "inspectorate_found"} <= found


# Findings whose numbers stand in a contradiction that leaves the finding itself as it is.
UNTOUCHED = {
    "ended_planned": "c24: it says that one child can have several courses of care",
    "aid_population": "c13 and c25: 1,630 stands; what is disputed is whose share 6% is",
    "aid_not_registered": "c13 and c25: as aid_population",
    "protected_places": "c28: the eighteen are places, the two and the one locations",
    "protected_locations": "c28: it says locations",
    "d9_mean": "c26: 139 and 35 a year fit the four years that it names",
    "d9_permit": "c15 and c29: the 139 hold where whom the IOM helped is among those who left",
    "d9_permit_b9": "c15: it takes the reading that holds, 52 of the 80 permits",
    "dutch_minors_years": "c17: the 337 stand; whether they are a third is disputed",
    "iom_sexual": "c09: the share is computed from 29 and 39",
    "scheme_persons": "c29: it says that it counts who used or asked for the scheme",
    "scheme_minors": "c29: as scheme_persons",
    "repeat_serious": "c23: it gives the share, 355 of 570, where the texts differ in words",
    "repeat_incidents": "c23: the 570 stand",
    "repeat_minors": "c14: the total stands; women and men do not give it",
    "repeat_young": "c14: as repeat_minors",
    "repeat_people": "c14 and c15: the people stand; their later shares and forms are disputed",
    "repeat_cohort": "c15, c17 and c18: it gives each number with the time that people were followed",
    "repeat_and_register": "c14: 82% of the followed stands; women and men do not give the 45%",
    "youth_care_counts": "c11: the counts stand; it is five times that they do not give",
    "labour_rose": "c22: 449 stands; 43% holds where the pairs include the four",
    "overlap_small": "c22: as labour_rose",
    "forms_exceed_victims": "c04: 2,819 stands; of how many the sector is known is disputed",
    "inspectorate_between": "c05: the 91 stand; the share that established it is disputed",
    "police_half": "c02: the 2,829 are more than half of 5,533 reports as of 5,536",
    "criminal_in_period": "c03: 331 and 154 stand; of which forms 668 and 289 are is disputed",
    "summary_adds_forms": "c03: it is the contradiction",
    "repeat_sexes_beside_all": "c14: it is the contradiction",
}


def find_unsaid(claims, contradictions: dict[str, set[str]]) -> list[str]:
    """Tested claims that read a number of a contradiction and name nothing against them."""
    return [
        one.id
        for one in claims
        if one.kind == "tested" and not one.against
        for read in [set(re.findall(r"'([^']+)'", " ".join([*one.values.values(), one.test])))]
        if any(read & named for named in contradictions.values())
    ]


def test_a_finding_whose_number_is_contradicted_says_so(tmp_path):
    """Each has it in `against`, or a reason here; the bad example reads 1,274 and says nothing."""
    rows = read_contradictions()
    open_ones = rows[rows["verdict"].str.startswith("not reconcilable")]
    named = {row.id: set(row.numbers.split("|")) for row in open_ones.itertuples()}
    assert set(find_unsaid(read_claims().values(), named)) == set(UNTOUCHED)
    values = "a = printed('sm20-082'); b = printed('sm20-004')"
    bad = read_claims(write_claim(tmp_path, values=values)).values()
    assert find_unsaid(bad, named) == ["some_claim"]


# What the lines named in data/published/contradictions.csv print, or the division of two of them.
OTHERS = {
    "labour_in_period": "1,247",  # c01
    "hidden_forms_fell": "668",  # c03
    "sexual_sector_known": "40.4%",  # c04: 1,139 / 2,819
    "youth_care_five": "5.7",  # c11: (145 / 265) / (24,990 / 261,605)
    "wmo_more": "7.0%",  # c13: 95 / (1,630 - 265)
    "repeat_women": "45%",  # c14
    "study_decided": "63.2%",  # Ninth report, c21: 24 / 38
    "d9_left": "33",  # Ninth report, c01: 8 + 6 + 10 + 9
}


def test_a_contradicted_finding_names_the_number_that_contradicts_it():
    """With its letter, by which the page links it to its place; in both languages."""
    for language in LANGUAGES:
        edition = read_edition(EDITION, language=language)
        found = judge(edition, folder=BUNDLES / EDITION)
        for one in found.values():
            if one.verdict == CONTRADICTED:
                letters = re.findall(r"(?<=[\d%])[ᵖᶜʳ]", one.write())
                assert len(letters) == len(one.list_places()), one.claim.id
                named = one.claim.text[language] + one._name_other()
                assert re.search(r"\{other\b", named), one.claim.id
        for name, number in OTHERS.items():
            said = number if language == "en" else number.translate(str.maketrans(",.", ".,"))
            warning = found[name].write(letters=False).rpartition(": ")[2]
            assert re.search(rf"(?<![\d.,]){re.escape(said)}(?![\d])", warning), (name, warning)


NORTH_FAILS = {
    "en": "This finding does not hold in 2016–2020: “The unit North Netherlands made … reports in 2020 "
    "against … in 2019, … fewer.” (in place of the dots: 71ᵖ, 233ᵖ and −70%ᶜ)",
    "nl": "Deze bevinding klopt niet voor 2016–2020: \u2018De eenheid Noord-Nederland deed … meldingen "
    "in 2020 tegen … in 2019, … minder.\u2019 (op de plaats van de puntjes: 71ᵖ, 233ᵖ en −70%ᶜ)",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_finding_that_does_not_hold_is_quoted_without_numbers(language):
    """Of other years it read "100% fewer" within quotation marks, which nobody wrote."""
    edition = read_edition(EDITION, language=language)
    found = judge(edition, folder=BUNDLES / EDITION)
    assert replace(found["north_fell"], verdict=FAILS).write() == NORTH_FAILS[language]
    decided = [one for one in found.values() if one.verdict in (HOLDS, CONTRADICTED)]
    for one in (replace(one, verdict=FAILS) for one in decided):
        quoted = re.search("[“\u2018](.*)[”\u2019]", one.write())[1]
        years = rf"\b(?:{'|'.join(map(str, edition.years))})\b|\b[BD]\d"
        assert not re.search(r"\d|[ᵖʳᶜ]", re.sub(years, "", quoted)), quoted
        assert len(re.findall(r"[ᵖʳᶜ]", one.write())) == len(one.list_places())


def test_whom_the_police_registered_is_a_presumed_victim():
    """As the monitor's summary says (line 116): a registration is no proof."""
    unsaid = re.compile(
        r"(?<!presumed )(?<!presumed minor )victims( of [a-z ]+)? whom the police registered"
        r"|the police registered \{\w+\} victims"
        r"|(?<!vermoedelijke )(?<!vermoedelijke minderjarige )"
        r"slachtoffers( van [a-z ]+)? die de politie (in \{\w+\} )?registreerde"
        r"|registreerde de politie \{\w+\} slachtoffers",
        re.IGNORECASE,
    )
    texts = {
        f"{one.id}, {language}": words
        for one in read_claims().values()
        for language, words in one.text.items()
    }
    assert [place for place, words in texts.items() if unsaid.search(words)] == []
    assert unsaid.search("Of the victims of trafficking whom the police registered in {y}")
    assert unsaid.search("Van de slachtoffers die de politie in {y} registreerde")
    assert unsaid.search("In {y} the police registered {a} victims of trafficking")
    assert unsaid.search("In {y} registreerde de politie {a} slachtoffers van mensenhandel")


def test_every_claim_reads_in_both_languages():
    for language in ("en", "nl"):
        for one in judge(
            read_edition(EDITION, language=language), folder=BUNDLES / EDITION
        ).values():
            assert one.write() and one.write_heading()


def test_a_claim_leans_on_no_sentence_before_it():
    """Each stands alone on the front page or in the list of all findings."""
    leaning = re.compile(r"(That|This|These|They|Their|Its?|Together|Dat|Dit|Deze|Zij|Hun|Samen)\b")
    texts = [words for one in read_claims().values() for words in one.text.values()]
    assert [words for words in texts if leaning.match(words)] == []
    assert leaning.match("That is about 5 times as often as other minors.")


def test_a_claim_about_the_years_before_it_says_which():
    """ "Grown in recent years" is true of the source's day only, and stands on a page of any day."""
    since = re.compile(
        r"\b(recent years|recently|lately|(?<!get )so far|to date|afgelopen jaren|recentelijk|onlangs"
        r"|tot nu toe|tot dusver|vooralsnog|nog (nauwelijks|niet veel))\b"
    )
    texts = [words for one in read_claims().values() for words in one.text.values()]
    assert [words for words in texts if since.search(words) and not PLACE.search(words)] == []
    assert since.search(
        "drug offences are the largest part, and one that has grown in recent years"
    )
    assert since.search("en dat deel is de afgelopen jaren gegroeid")
    assert since.search("have not had much effect so far")


def compares_ends_only(values: dict[str, str], test: str) -> bool:
    """Whether the test only says that the least of a range is below its most, as it always is."""
    sides = re.fullmatch(r"(\w+) [<>]=? (\w+)", test)
    read = [values.get(side, "") for side in sides.groups()] if sides else []
    ids = re.findall(r"^printed\('(\S+)'\)$", "\n".join(read), re.MULTILINE)
    numbers = read_numbers()
    rows = numbers[numbers["id"].isin(ids)]
    ends = set(rows["measure"].str.split("_").str[0])
    return ends == {"minimum", "maximum"} and rows["population"].nunique() == 1


def test_no_test_compares_the_ends_of_one_range():
    """That the youngest of "between 20 and 40 years old" are younger than the oldest tests nothing."""
    claims = read_claims().values()
    assert [one.id for one in claims if compares_ends_only(one.values, one.test)] == []
    ages = {"a": "printed('ms21-001')", "b": "printed('ms21-002')"}
    assert compares_ends_only(ages, "a < b")
    assert not compares_ends_only(ages, "a < 21 and b < 41")


def is_zero(node: ast.expr) -> bool:
    """0, or `set_share(0)`."""
    inside = node.args[0] if isinstance(node, ast.Call) and node.args else node
    return isinstance(inside, ast.Constant) and inside.value == 0


def find_printed(claim, node: ast.expr) -> pd.Series | None:
    """The row of the catalogue that this name of a test is, where it is one as it stands."""
    expression = claim.values.get(ast.unparse(node), "")
    found = re.fullmatch(r"printed\('([^']+)'(, period=\w+)?\)", expression)
    numbers = read_numbers().set_index("id")
    return numbers.loc[found[1]] if found and found[1] in numbers.index else None


def can_be_negative(claim, node: ast.expr) -> bool:
    """Whether the name stands for a change, of which nought says something."""
    row = find_printed(claim, node)
    if row is not None:
        return str(row["measure"]).startswith("change")
    calls = list_calls(claim.values.get(ast.unparse(node), "0"), ("change", "streak"))
    return bool(calls) or "-" in claim.values.get(ast.unparse(node), "")


def is_part_of(claim, small: ast.expr, large: ast.expr) -> bool:
    """Whether one printed number counts some of those whom the other counts: a group of the same
    total, or, in the sentence, so many "of {a}"."""
    part, whole = (find_printed(claim, node) for node in (small, large))
    if part is None or whole is None:
        return False
    same = ["source", "population", "period", "unit"]
    is_group = whole["breakdown"] == "total" and bool((part[same] == whole[same]).all())
    said = re.search(rf"\bof (the |about )?\{{{ast.unparse(large)}\b", claim.text["en"], re.I)
    return is_group or bool(said)


def find_idle(claim) -> list[str]:
    """The parts of a test that no count would fail: that there is one, that a part is no whole."""
    if not claim.test:
        return []
    found = []
    for node in ast.walk(parse(claim.test)):
        if not isinstance(node, ast.Compare) or len(node.ops) > 1:
            continue
        sides = [node.left, node.comparators[0]]
        if isinstance(node.ops[0], (ast.Gt, ast.GtE)):
            sides.reverse()
        elif not isinstance(node.ops[0], (ast.Lt, ast.LtE)):
            continue
        small, large = sides
        is_bare = is_zero(small) and not can_be_negative(claim, large)
        if is_bare or is_part_of(claim, small, large):
            found.append(f"{claim.id}: {ast.unparse(node)}")
    return found


def test_no_test_only_says_that_there_is_a_number():
    """A sentence that compares nothing is quoted from its line, and is not said to hold."""
    assert [part for one in read_claims().values() for part in find_idle(one)] == []


@pytest.mark.parametrize(
    ("values", "test", "words", "idle"),
    [
        ("a = printed('sm20-003'); b = printed('sm20-004')", "b < a and b > 0", "", "b > 0"),
        ("a = printed('sm20-005'); b = printed('sm20-006')", "a >= set_share(0)", "", "a >= set_share(0)"),
        ("a = printed('nr13-352'); b = printed('nr13-353')", "b < a", "Of {a} asked {b} refused.", "b < a"),
        ("a = printed('sm20-412'); b = printed('sm20-416')", "a > b", "", "a > b"),
        ("a = printed('sm20-003'); b = change(a, printed('sm20-004'))", "b < 0 or b > set_share(0)", "", ""),
        ("a = printed('nr13-352'); b = printed('nr13-353')", "b > a * 0.25", "Of {a} asked {b} refused.", ""),
        ("a = printed('sm20-003'); b = printed('sm20-004')", "a > b", "", ""),
    ],
)  # fmt: skip
def test_a_part_of_a_test_that_no_count_fails_is_found(tmp_path, values, test, words, idle):
    text = words or GOOD["text_en"]
    [claim] = read_claims(
        write_claim(tmp_path, values=values, test=test, text_en=text, text_nl=text)
    ).values()
    assert find_idle(claim) == ([f"some_claim: {idle}"] if idle else [])


@pytest.mark.skipif(not SOURCES.exists(), reason="the source documents are not here")
def test_every_line_of_the_monitors_summary_is_claimed():
    """Findings stand on these lines of the management summary, read by hand."""
    findings = {114, 116, 122, 124, 140, 142, 144, 146, 152, 154, 156, 158, 162, 170}
    lines = {line for one in read_claims().values() if one.source == "sm20" for line in one.lines}
    assert findings <= lines


STATEMENTS = ROOT.parent / "shared" / "statements.csv"
# Drawn with line 170 of the monitor, which says who is responsible; the share and the minors stand
# on line 162. The file of the draw is not ours to mend.
MISPLACED = {"A01": "000 L116,162", "A18": "000 L162"}


def read_statements() -> list[dict[str, str]]:
    """The drawn statements, each with the lines that say it."""
    with STATEMENTS.open(encoding="utf-8", newline="") as stream:
        return [
            row | {"source": MISPLACED.get(row["id"], row["source"])}
            for row in csv.DictReader(stream)
        ]


@pytest.mark.skipif(not SOURCES.exists(), reason="the source documents are not here")
def test_a_statement_was_drawn_with_a_line_that_does_not_say_it():
    lines = read_lines(SOURCES / "000_7722fd9e653d29ea.txt")
    assert "45%" in lines[161] and "minderjarige slachtoffers lijken meer kans" in lines[161]
    assert "45%" not in lines[169] and "minderjarig" not in lines[169]


@pytest.mark.skipif(not STATEMENTS.exists(), reason="the drawn statements are not here")
def test_every_drawn_statement_of_the_monitor_is_claimed():
    """Each names its lines of the monitor; a claim stands on one of them."""
    lines = {line for one in read_claims().values() if one.source == "sm20" for line in one.lines}
    rows = [row for row in read_statements() if row["source"].startswith("000 L")]
    assert len(rows) > 50
    for row in rows:
        spans = re.findall(r"(\d+)(?:-(\d+))?", row["source"].removeprefix("000 L"))
        named = {n for a, b in spans for n in range(int(a), int(b or a) + 1)}
        assert named & lines, row["id"]


DOCUMENTS = {"000": "sm20", "001": "ni21", "002": "nr13", "003": "ms21", "004": "lr19"}
# A statement may be drawn from some lines and count on another of the same section.
NEAR = 35
# How a sentence may say a number of a statement: ages and small numbers in words.
SPELLED = {
    "6": "six",
    "8": "eight",
    "10": "ten",
    "12": "twelve",
    "18": "eighteen",
    "23": "twenty-three|adolescents",
    "1": "first|one",
}
_NUMBER = re.compile(r"(?<![\w.,])\d+(?:,\d{3})*(?:\.\d+)?(?!\w)")


def find_missing_numbers(statement: str, said: str) -> list[str]:
    """The numbers of a statement, but for years, that no sentence says in digits or in words."""
    numbers = [n for n in _NUMBER.findall(statement) if not re.fullmatch(r"(19|20)\d\d", n)]
    return [
        number
        for number in numbers
        if not re.search(rf"(?<![\d.,]){re.escape(number)}(?![\d]|[.,]\d)", said)
        and not (number in SPELLED and re.search(SPELLED[number], said))
    ]


@pytest.mark.skipif(not STATEMENTS.exists(), reason="the drawn statements are not here")
def test_what_a_drawn_statement_counts_is_said_by_claims_of_its_document():
    """Of the monitor by a claim on or near its lines, of the others by one of the same document."""
    judged = judge(read_edition(EDITION), folder=BUNDLES / EDITION).values()
    rows = read_statements()
    assert len(rows) == 80
    missing = {}
    for row in rows:
        prefix, _, places = row["source"].partition(" L")
        spans = re.findall(r"(\d+)(?:-(\d+))?", places)
        lines = {n for a, b in spans for n in range(int(a), int(b or a) + 1)}
        said = " ".join(
            one.write(letters=False)
            for one in judged
            if one.claim.source == DOCUMENTS[prefix]
            and (not lines or any(abs(a - b) <= NEAR for a in lines for b in one.claim.lines))
        )
        if not said or find_missing_numbers(row["statement"], said):
            missing[row["id"]] = find_missing_numbers(row["statement"], said)
    assert missing == {}


def test_every_number_of_a_finding_says_where_it_stands():
    """As many places as letters, in both languages; each names a table and row, or a printed number."""
    for language in LANGUAGES:
        edition = read_edition(EDITION).model_copy(update={"language": language})
        for one in judge(edition, folder=BUNDLES / EDITION, chapter="12_signalling").values():
            places = one.list_places()
            assert len(re.findall("[ᵖʳˢᶜ]", one.write())) == len(places), one.claim.id
            assert all(re.fullmatch(r"[^/]*/[^/]*/\d*/.*[^/]", place) for place in places), places


def test_a_number_that_no_claim_says_is_missing():
    assert find_missing_numbers("more than a quarter fewer: 1,334 to 984", "from 1,334") == ["984"]
    assert find_missing_numbers("8 to 12 years in 2013", "from eight to twelve years") == []
    assert find_missing_numbers("7 of 570", "17 of 1,570") == ["7", "570"]


@pytest.fixture(scope="module")
def real(tmp_path_factory) -> Path:
    """The committed bundle as if its registers were real."""
    folder = tmp_path_factory.mktemp("real")
    manifest = json.loads((BUNDLES / EDITION / "manifest.json").read_text(encoding="utf-8"))
    for name in manifest["tables"]:
        words = (BUNDLES / EDITION / f"{name}.csv").read_text(encoding="utf-8")
        words = re.sub(r",(synthetic|illustration),", ",register,", words)
        (folder / f"{name}.csv").write_text(words, encoding="utf-8", newline="\n")
        manifest["tables"][name]["sha256"] = hash_file(folder / f"{name}.csv")
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def find_verdicts(folder: Path) -> dict[str, str]:
    return {n: one.verdict for n, one in judge(read_edition(EDITION), folder=folder).items()}


# What rests on illustrations, which nobody constrained to what was printed ("nearly tripled").
FREE = {"fairwork_tripled"}
# A table, the row that is changed (by what it starts with), what stands in its place, and the claims that
# this makes false.
TAMPERED = {
    "no fall": (
        "signalling_victims",
        {"register_without_kmar_only,2020,984": "register_without_kmar_only,2020,1334"},
        # the years no longer add up to their period
        {"fewer_victims", "kmar_left_out", "victims_in_period"},
    ),
    "labour is no longer reported most": (
        "signalling_forms",
        {"labour,2020,449,victim_forms,0.429254": "labour,2020,150,victim_forms,0.14"},
        {"labour_most", "labour_share", "labour_rose", "labour_in_period"},
    ),
    "the police reports as many as before": (
        "signalling_reporters",
        {"police,2020,468": "police,2020,950"},
        {"police_halved"},
    ),
    "men are registered again more often": (
        "repeats_sex",
        {"0.484018": "0.2", "0.235294": "0.6"},
        {"repeat_women"},
    ),
    "minors are registered again less often": (
        "repeats_ages",
        {"0.491803": "0.2"},
        {"repeat_minors"},
    ),
    "a tenth is registered again": (
        "repeats_totals",
        {"0.448819": "0.1"},
        {"repeat_five"},
    ),
    "few minors get youth care": (
        "aid_youth_care",
        {"0.54717": "0.1"},
        {"youth_care_half", "youth_care_five"},
    ),
    "no more crisis care than others": (
        "aid_crisis",
        {"0.172414": "0.05"},
        {"crisis_more"},
    ),
    "the inspectorate reports more": (
        "signalling_reporters",
        {"labour_inspectorate,2020,38": "labour_inspectorate,2020,380"},
        {"inspectorate_reports"},
    ),
    "North Netherlands reports as many": (
        "signalling_units",
        {"north_netherlands,2020,71": "north_netherlands,2020,230"},
        {"north_fell"},
    ),
    "more minors than the year before": (
        "signalling_ages",
        {"minor,2020,68": "minor,2020,160"},
        {"minors_fewer", "minors_few", "young_fell"},
    ),
}


def tamper(bundle: Path, folder: Path, table: str, changes: dict[str, str]) -> None:
    """Copy the bundle into `folder`, with these words of one table changed."""
    for path in bundle.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    words = (folder / f"{table}.csv").read_text(encoding="utf-8")
    for old, new in changes.items():
        assert words.count(old) == 1, (table, old)
        words = words.replace(old, new)
    (folder / f"{table}.csv").write_text(words, encoding="utf-8", newline="\n")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["tables"][table]["sha256"] = hash_file(folder / f"{table}.csv")
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def write_front_page(folder: Path, language: str) -> str:
    """The findings that the front page reads from the chapters, judged on a bundle."""
    named = re.findall(r"::claim_(\w+):s", (BOOK / "index.md").read_text(encoding="utf-8"))
    judged = judge(read_edition(EDITION, language=language), folder=folder)
    return "\n".join(judged[name].write() for name in named)


@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_front_page_of_a_real_edition_speaks_of_its_own_register(real, tmp_path, language):
    """D7: it said that the numbers are made up and showed none of them (984 in 2020 where the extract
    had 1,102)."""
    own = {"register_without_kmar_only,2020,984": "register_without_kmar_only,2020,1102"}
    tamper(real, tmp_path, "signalling_victims", own)
    shown = {"en": "1,102ʳ", "nl": "1.102ʳ"}[language]
    assert shown in write_front_page(tmp_path, language)
    made_up = write_front_page(BUNDLES / EDITION, language)
    assert "ʳ" not in made_up and shown not in made_up
    assert not set("ˢᵐ") & set(made_up)


@pytest.mark.parametrize("truth", TAMPERED)
def test_of_a_changed_truth_the_right_claims_fail_and_only_those(real, tmp_path, truth):
    table, changes, expected = TAMPERED[truth]
    tamper(real, tmp_path, table, changes)
    before, after = find_verdicts(real), find_verdicts(tmp_path)
    assert {name for name, verdict in before.items() if verdict == FAILS} <= FREE
    assert {name for name in before if after[name] != before[name]} == expected
    assert {after[name] for name in expected} == {FAILS}


def test_what_sources_print_beside_each_other_speaks_against_no_register(real):
    """Of 2008-2012 it was said that 1,247, printed of 2016-2020, contradicts what was counted."""
    counted = ("labour_in_period", "hidden_forms_fell", "repeat_women")
    found = find_verdicts(real)
    assert {found[name] for name in counted} == {HOLDS}
    printed = find_verdicts(BUNDLES / EDITION)
    assert {printed[name] for name in counted} == {CONTRADICTED}


def test_claims_stand_in_the_folder_that_the_book_names():
    assert CLAIMS == ROOT / "data" / "claims"
    assert HOLDS in {row["verdict"] for row in read_verdicts(EDITION).values()}


def test_a_claim_about_the_last_year_takes_no_printed_number_of_a_fixed_one():
    """Else a print of 2020 stands as a finding of 2024 in an edition that ends there."""
    typed = re.compile(r"period='\d{4}")
    for claim in read_claims().values():
        if "{last}" in claim.text["en"]:
            assert not any(typed.search(value) for value in [*claim.values.values(), claim.test])


def list_calls(expression: str, names: tuple[str, ...]) -> list[ast.Call]:
    """The calls of these functions in an expression of a claim."""
    nodes = ast.walk(parse(expression))
    return [n for n in nodes if isinstance(n, ast.Call) and ast.unparse(n.func) in names]


def test_each_row_that_a_claim_asks_for_is_there(real):
    """Else the claim takes the printed number for good, though the register has its own: "all" is no
    group of offences, "median" no row beside "median_days"."""
    numbers = Numbers(read_edition(EDITION), real)
    missing = []
    for claim in read_claims().values():
        values = judge_claim(claim, numbers).values
        for part in filter(None, [*claim.values.values(), claim.test, claim.against]):
            for call in list_calls(part, OF_TABLES):
                try:
                    evaluate(ast.unparse(call), values, numbers)
                except Undecided as reason:
                    if reason.code == "undecided_no_number":
                        missing.append(f"{claim.id}: {ast.unparse(call)}")
    assert missing == []


def list_fixed(claim) -> list[str]:
    """The printed numbers of no named period from which a number is made that the sentence shows,
    where other numbers of the claim are a register's."""
    texts = [*claim.text.values(), *claim.heading.values()]
    shown = {place[1] for text in texts for place in PLACE.finditer(text)} & set(claim.values)
    while (
        more := {
            node.id
            for name in shown
            for node in ast.walk(parse(claim.values[name]))
            if isinstance(node, ast.Name) and node.id in claim.values
        }
        - shown
    ):
        shown |= more
    asked = [c for name in shown for c in list_calls(claim.values[name], ("cell", "series"))]
    chains = [ast.literal_eval(call.args[0]).split("|") for call in asked]
    if not any(find_product(name).tables for chain in chains for name in chain):
        return []
    return [
        f"{claim.id}, {name}"
        for name in sorted(shown)
        for call in list_calls(claim.values[name], ("printed",))
        if len(call.args) == 1 and not call.keywords
    ]


def test_beside_a_registers_number_stands_no_printed_one_of_other_years(tmp_path):
    """Else an edition of other years divides its incidents by the 570 people of 2010-2015."""
    assert [found for claim in read_claims().values() for found in list_fixed(claim)] == []
    values = (
        "a = either(cell('repeats_groups', column='n_events', offence_group='any'), "
        "printed('sm20-405')); d = printed('sm20-405'); b = a / d"
    )
    [bad] = read_claims(write_claim(tmp_path, values=values)).values()
    assert list_fixed(bad) == ["some_claim, a", "some_claim, d"]


OF_NO_YEAR = {
    "crisis_weeks": "a rule, which holds until it changes",
    "news_repeat": "the news item names no years",
    "intake_half": "the treatment centre names no years",
    "reflection_term": "a rule; it says that the Belgian one is of the Ninth report's day",
}
# The names of an edition's years, and an expression that is worth years.
A_YEAR = re.compile(r"(either\()?(years_of|period)\(|top\(.*by='period'|'(19|20)\d\d")


def names_years(claim) -> bool:
    """Whether the sentence says of which years it is."""
    places = {place[1] for place in PLACE.finditer(claim.text["en"])}
    return any(
        name in ("first", "before", "last", "span") or A_YEAR.match(claim.values.get(name, ""))
        for name in places
    )


def find_yearless(claims) -> set[str]:
    """Findings that are tested, or quoted with a number from a document that bears no year, and do
    not say of which years they are: what is quoted else has the year of its document behind it."""
    documents = read_documents().set_index("prefix")["published"]
    return {
        one.id
        for one in claims
        if not names_years(one)
        and (one.test or (one.values and not documents[one.source][:4].isdigit()))
    }


def test_a_finding_says_of_which_years_it_is(tmp_path):
    """A share that is cited alone has no chapter around it that would name them."""
    assert find_yearless(read_claims().values()) == set(OF_NO_YEAR)
    bad = read_claims(write_claim(tmp_path, values="a = printed('2.2:total:2011'); b = 3")).values()
    assert find_yearless(bad) == {"some_claim"}


# What a multiple or a part of a whole in a tested sentence asks of its test: a limit between these.
SAID_IN_WORDS = {
    r"doubled\b": (1.8, 2.0),
    r"tripled\b": (2.5, 3.0),
    r"halved\b|(?<!first )half of\b": (0.4, 0.5),  # no half of a year
}


def find_unbounded(words: str, test: str) -> list[str]:
    """Which of these words the test bounds by no number of their size."""
    limits = [float(found) for found in re.findall(r"(?<![\w'-])\d+(?:\.\d+)?(?![\w'-])", test)]
    return [
        said
        for said, (low, high) in SAID_IN_WORDS.items()
        if re.search(said, words) and not any(low <= limit <= high for limit in limits)
    ]


def test_a_multiple_that_is_said_in_words_is_bounded_by_the_test():
    """ "Nearly tripled" was tested by "more than 2"."""
    claims = [claim for claim in read_claims().values() if claim.kind == "tested"]
    weak = {claim.id: find_unbounded(claim.text["en"], claim.test) for claim in claims}
    assert {name for name, found in weak.items() if found} == set()


@pytest.mark.parametrize(
    ("words", "test", "expected"),
    [
        ("{b} had nearly tripled", "b > 2", [r"tripled\b"]),
        ("{b} had nearly tripled", "b > 2.7 and b < 3.2", []),
        ("More than half of {a}", "c > set_share(0.5)", []),
        ("More than half of {a}", "c > set_share(0.05)", [r"halved\b|(?<!first )half of\b"]),
        ("both more than doubled", "a < b and printed('sm20-2') > 1", [r"doubled\b"]),
    ],
)
def test_a_test_that_is_weaker_than_its_words_is_found(words, test, expected):
    assert find_unbounded(words, test) == expected


@pytest.mark.parametrize("years", [("2018", "2020"), ("2019",), ("2018", "2019")])
def test_of_a_series_with_a_year_that_is_not_shown_no_way_is_known(years):
    """A share that fell from 2018 to 2020 may have risen in between."""
    numbers = SimpleNamespace(
        edition=SimpleNamespace(years=range(2018, 2021)),
        find_rows=lambda *words: [({"period": year}, define_value(1)) for year in years],
    )
    with pytest.raises(Undecided):
        claims_language._series(numbers, "signalling_forms")
