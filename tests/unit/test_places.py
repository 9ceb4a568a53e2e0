"""One municipality or police unit: which one is meant, who is counted there, and that nobody can be
found by putting pages beside each other."""

import datetime
import time

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from registers import make_table, report

from helpers import chain, cli, signalling
from helpers.disclosure import HIDDEN, Setting, Staged, audit, find_rules, protect, protect_together
from helpers.edition import BUNDLES, DEFAULT_EDITION, ROOT
from helpers.labels import label, read_municipalities
from helpers.products import find_product
from helpers.synthetic import places as made_up

YEARS = range(2016, 2018)
ROERMOND, WEERT, VAALS = "GM0957", "GM0988", "GM0981"


# Which place


@pytest.mark.parametrize(
    ("day", "number"),
    [
        ("2015-01-01", 393),
        ("2016-01-01", 390),
        ("2017-01-01", 388),
        ("2018-01-01", 380),
        ("2019-01-01", 355),
        ("2020-01-01", 355),
        ("2021-01-01", 352),
        ("2022-01-01", 345),
        ("2022-03-24", 344),
    ],
)
def test_there_were_so_many_municipalities(day, number):
    """Statistics Netherlands and the association of municipalities, at the time: 390 in 2016, three
    fewer than the year before; 388 and 380 (vng.nl, 2018); 355, 25 fewer (December 2018); none
    changed in 2020; 352 (December 2020); 345, and 344 from 24 March (December 2021)."""
    at = datetime.date.fromisoformat(day)
    there = [
        one
        for one in read_municipalities().values()
        if (one.since is None or one.since <= at) and (one.until is None or one.until > at)
    ]
    assert len(there) == number


def test_what_a_municipality_went_into_was_there_on_that_day():
    known = read_municipalities()
    gone = [one for one in known.values() if one.until is not None]
    assert len(gone) > 60
    for one in gone:
        heirs = [known[code] for code in one.into]
        assert heirs
        for heir in heirs:
            assert heir.since is None or heir.since <= one.until
            assert heir.until is None or heir.until > one.until
    assert {name: len(known[name].into) for name in ("GM0053", "GM0140", "GM0788")} == {
        "GM0053": 2,  # Winsum
        "GM0140": 3,  # Littenseradiel
        "GM0788": 4,  # Haaren
    }


def ask(asked, years=range(2016, 2021), *, shown=None, language="en", is_made_up=False):
    shown = shown or {"municipality": ["GM0014", "GM0518", "GM1949"], "police_unit": ["limburg"]}
    return chain.find_place(
        asked, shown=shown, years=years, language=language, is_made_up=is_made_up
    )


@pytest.mark.parametrize(
    ("asked", "kind", "code"),
    [
        ("Groningen", "municipality", "GM0014"),
        (" gm0014 ", "municipality", "GM0014"),
        ("den haag", "municipality", "GM0518"),
        ("'s-Gravenhage", "municipality", "GM0518"),
        ("police:limburg", "police_unit", "limburg"),
        ("Police: Limburg", "police_unit", "limburg"),
        ("Limburg", "police_unit", "limburg"),
    ],
)
def test_a_place_is_found_by_its_name_or_code(asked, kind, code):
    place = ask(asked)
    assert (place.kind, place.code, place.refusal) == (kind, code, "")
    assert place.where == {"place_kind": kind, "locality": code}


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("", "No place was asked for"),
        ("Atlantis", "is called Atlantis. Nothing"),
        ("Gronigen", "may be meant: Groningen (GM0014)"),
        ("Haren", "Haren has been part of Groningen (GM0014) since 1 January 2019"),
        ("Groesbeek", "of that name|Berg en Dal (GM1945)"),
        ("Winsum", "divided over Het Hogeland (GM1966) and Westerkwartier (GM1969) on 1 January"),
        ("Dijk en Waard", "existed since 1 January 2022 only. In these years there were"),
        ("Amsterdam", "can mean Amsterdam (GM0363) and Amsterdam unit (police:amsterdam)"),
        ("Bergen", "can mean Bergen (NH) (GM0373) and Bergen (L) (GM0893)"),
        ("GM9999", "is called GM9999"),
    ],
)
def test_every_other_question_gets_a_sentence_and_no_row(asked, words):
    place = ask(asked)
    assert words.split("|")[-1] in place.refusal and "othing is shown" in place.refusal
    assert place.where["locality"] == "" and "" in place.crossed.values()
    assert ask(asked, language="nl").refusal != place.refusal


def test_on_a_register_the_made_up_place_of_the_notebook_is_no_question():
    assert ask("Verzonnendam").refusal == ask("").refusal != ""


def test_a_renaming_is_no_merger():
    """De Friese Meren was renamed De Fryske Marren on 1 July 2015; Ten Boer and Haren joined
    Groningen."""
    assert (
        "has been called De Fryske Marren (GM1940) since 1 July 2015"
        in ask("De Friese Meren").refusal
    )
    assert "called Berg en Dal (GM1945)" in ask("Groesbeek").refusal


def test_nobody_learns_whether_a_place_has_nobody_or_a_few():
    """Both have no row with a number; Zeeland's Veere and Tholen stand for them."""
    few, none = ask("Veere").refusal, ask("Tholen").refusal
    assert few.replace("Veere", "Tholen") == none and "2016–2020" in none


def test_a_municipality_that_goes_later_has_its_page_and_one_that_others_joined_says_so():
    weesp = ask("Weesp", shown={"municipality": ["GM0457"]})
    assert not weesp.refusal and not weesp.parts
    told = ask("Groningen").tell()
    assert "Ten Boer (1 January 2019)" in told and "Haren (1 January 2019)" in told
    assert "joined" not in ask("Groningen", range(2020, 2022)).tell()


def test_a_real_municipality_never_gets_made_up_numbers():
    shown = {"municipality": list(made_up.WEIGHTS)}
    assert "is a real municipality" in ask("Utrecht", shown=shown, is_made_up=True).refusal
    assert ask("Verzonnendam", shown=shown, is_made_up=True).refusal == ""
    names = {label(code, "en", kind="municipality") for code in made_up.ADDED_MUNICIPALITIES}
    assert not names & {one.name for one in read_municipalities().values()}
    assert not set(made_up.ADDED_MUNICIPALITIES) & set(read_municipalities())
    assert len(names) == len(made_up.ADDED_MUNICIPALITIES)


# Who is counted


def place(*rows, groups=None, least=1):
    reports = make_table("reports", *rows)
    victims = signalling.derive_victims(reports, regions={"NLD": "netherlands"})
    placed = chain.place_victims(reports, victims, groups=groups or {}, least=least, years=YEARS)
    return placed, chain.pair_places(reports, placed)


def test_the_first_known_place_of_a_year_counts_under_the_code_that_the_extract_gives():
    placed, pairs = place(
        report(1, "a", "2016-01-02", "other", "labour", municipality="unknown"),
        report(2, "a", "2016-03-02", "police", "labour", municipality=WEERT, police_unit="limburg"),
        report(3, "a", "2016-05-02", "other", "labour", municipality=ROERMOND),
        report(4, "b", "2016-05-02", "kmar", "sexual", municipality=ROERMOND),
        report(5, "c", "2017-05-02", "other", "labour", municipality="GM0933"),
        report(6, "d", "2017-05-02", "other", "labour", municipality="not_recorded"),
        groups={"GM0933": ROERMOND},
    )
    table = chain.count_places(placed, pairs, years=YEARS)
    counts = table.set_index(["reporter", "locality", "period"])["n"].to_dict()
    # The KMar alone reported b, who is left out of section 2.3 (figure 2.2 on).
    assert counts["anybody", WEERT, "2016"] == 1 and counts["anybody", ROERMOND, "2016"] == 0
    assert (
        counts["anybody", ROERMOND, "2017"] == 1 and counts["anybody", "others", "2016-2017"] == 1
    )
    assert counts["police", WEERT, "2016-2017"] == counts["police", "limburg", "2016"] == 1
    crossed = chain.cross_places(pairs, years=YEARS)
    assert crossed.to_numpy().tolist() == [["limburg", WEERT, "2016-2017", 1]]
    traits = chain.describe_places(placed, pairs, years=YEARS)
    whole = traits[traits["reporter"] == "anybody"].groupby(["breakdown", "locality"])["n"].sum()
    assert whole.unstack().to_dict("index") == {
        name: {ROERMOND: 1, WEERT: 1, "others": 1} for name in ("age_group", "form_leading", "sex")
    }


def test_the_place_is_looked_for_in_all_reports():
    """Of a unit that reported somebody second the place is that of the first report, by others: the
    edition of that unit and the whole place the same victim in the same municipality."""
    reports = make_table(
        "reports",
        report(1, "a", "2016-01-02", "other", "labour", municipality=WEERT),
        report(
            2, "a", "2016-03-02", "police", "labour", municipality=ROERMOND, police_unit="limburg"
        ),
        report(3, "b", "2016-03-02", "other", "labour", municipality=WEERT),
    )
    own = signalling.select_units(reports, ["limburg"])
    victims = signalling.derive_victims(own, regions={"NLD": "netherlands"})
    placed = chain.place_victims(reports, victims, groups={}, least=1, years=YEARS)
    assert placed[["victim_id", "municipality"]].to_numpy().tolist() == [["a", WEERT]]
    source = (ROOT / "notebooks" / "29_one_place.ipynb").read_text(encoding="utf-8")
    assert 'registers.read(\\"reports\\"), victims, groups=' in source


def test_a_register_without_places_has_no_rows():
    reports = make_table("reports", report(1, "a", "2016-01-02", "other", "labour"))
    reports = reports.drop(columns="municipality")
    victims = signalling.derive_victims(reports, regions={"NLD": "netherlands"})
    placed = chain.place_victims(reports, victims, groups={}, least=1, years=YEARS)
    pairs = chain.pair_places(reports, placed)
    assert chain.count_places(placed, pairs, years=YEARS).empty
    assert chain.describe_places(placed, pairs, years=YEARS).empty
    assert chain.cross_places(pairs, years=YEARS).empty


# That nobody can be found


def plant():
    """Two municipalities in one police unit, and a third with six victims: Roermond 20 a year,
    Weert 4 and 8, Vaals 3 and 3; and 60 a year of another unit whose place is not recorded."""
    sizes = {(ROERMOND, 2016): 20, (ROERMOND, 2017): 20, (WEERT, 2016): 4, (WEERT, 2017): 8}
    sizes |= {(VAALS, 2016): 3, (VAALS, 2017): 3}
    sizes |= {("not_recorded", 2016): 60, ("not_recorded", 2017): 60}
    rows = []
    for (code, year), size in sizes.items():
        unit = "amsterdam" if code == "not_recorded" else "limburg"
        for number in range(size):
            form = "labour" if number % 2 else "criminal"
            name = f"{code}-{year}-{number}"
            given = {"municipality": code, "police_unit": unit}
            rows.append(report(len(rows), name, f"{year}-02-03", "police", form, **given))
    return make_table("reports", *rows)


def stage(reports):
    victims = signalling.derive_victims(reports, regions={"NLD": "netherlands"})
    product = find_product("local_victims")
    least = find_rules(product, mark="register", is_part=True).least_shown
    placed = chain.place_victims(reports, victims, groups={}, least=least, years=YEARS)
    pairs = chain.pair_places(reports, placed)
    counted = {
        "local_victims": chain.count_places(placed, pairs, years=YEARS),
        "local_traits": chain.describe_places(placed, pairs, years=YEARS),
        "local_pairs": chain.cross_places(pairs, years=YEARS),
        "signalling_victims": signalling.count_victims(victims, years=YEARS),
        "signalling_units": signalling.count_units(
            signalling.pair_units(reports, victims), years=YEARS
        ),
    }
    staged = {}
    for name, table in counted.items():
        rules = find_rules(find_product(name), mark="register", is_part=name.startswith("local"))
        guarded = protect(table, find_product(name), rules)
        staged[name] = Staged(find_product(name), table, guarded, rules)
    return staged


def attack(tables, staged):
    text = {name: table.astype(str) for name, table in tables.items()}
    return audit.audit_tables(text, {name: one.rules for name, one in staged.items()})


@pytest.fixture(scope="module")
def staged():
    return stage(plant())


def test_pages_of_overlapping_places_hide_what_they_must(staged):
    """By hand: Weert has 12 over both years, which may be shown, and 4 and 8, which may not; Vaals
    has 6 and is with the others. The police unit shows 27 and 31, so that with Roermond's 20 the
    rest would be 7 and 11."""
    made = protect_together(staged, Setting(period="2016-2017"))
    table = made["local_victims"]
    of_weert = table[table["locality"] == WEERT].set_index(["reporter", "period"])["n"]
    assert of_weert["anybody", "2016"] == of_weert["anybody", "2017"] == HIDDEN
    assert VAALS not in set(table["locality"]) and VAALS not in set(
        made["local_pairs"]["municipality"]
    )
    shown = pd.concat([one["n"] for one in made.values()])
    numbers = pd.to_numeric(shown[shown != HIDDEN])
    assert not numbers[numbers > 0].lt(5).any()
    local = pd.concat([made[name]["n"] for name in made if name.startswith("local")])
    numbers = pd.to_numeric(local[local != HIDDEN])
    assert not numbers[numbers > 0].lt(10).any()
    found = attack(made, staged)
    assert found.findings == () and len(found.widths) > 10


def test_pages_that_hide_only_their_own_small_numbers_are_caught(staged):
    """The planted mistake: each page alone is safe, and the other pages give Weert's years away."""
    careless = {
        name: one.true.assign(
            n=one.true["n"].astype(object).mask(one.true["n"].between(1, 9), HIDDEN),
            status="released",
        )
        for name, one in staged.items()
    }
    findings = "\n".join(attack(careless, staged).findings)
    assert f"municipality={WEERT}" in findings


def test_others_of_two_editions_are_not_taken_for_the_same_people():
    from helpers.disclosure.cells import Cell
    from helpers.disclosure.ledger import Publication

    cell = Cell("comensha_victims", frozenset([("municipality", "others"), ("period", "2018")]))
    first, second = (
        Publication(name, {}, {}, name).place(cell, is_part=False)
        for name in ("2016-2020", "2017-2021")
    )
    assert first != second
    named = Cell("comensha_victims", frozenset([("municipality", WEERT), ("period", "2018")]))
    assert Publication("2016-2020", {}, {}, "2016-2020").place(named, is_part=False) == named


# The verb


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (["Verzonendam"], "may be meant: Verzonnendam (GM1451)"),
        (["Papierstad"], "has no page"),  # nobody
        (["Luchtkasteel"], "has no page"),  # a few
        (["Mill", "en", "Sint", "Hubert"], "is a real municipality"),
    ],
)
def test_the_verb_answers_with_a_sentence_and_makes_nothing(asked, words, capsys, monkeypatch):
    monkeypatch.setattr(cli.execute, "run_chapter", lambda *_, **__: pytest.fail("was run"))
    assert cli.main(["local", *asked]) == cli.BAD
    told = capsys.readouterr().err
    assert words in told and "othing is shown" in told


def test_no_number_of_few_people_stands_in_the_committed_tables_of_places():
    """As the site offers them: neither one to nine people, nor anything that its row hides."""
    for name in ("local_victims", "local_traits", "local_pairs"):
        table = pd.read_csv(BUNDLES / DEFAULT_EDITION / f"{name}.csv", dtype=str)
        numbers = pd.to_numeric(table.loc[table["n"] != HIDDEN, "n"])
        assert len(numbers) > 50 and not numbers.between(1, 9).any()
        assert set(table.loc[table["n"] == HIDDEN, "status"]) <= {"suppressed"}
        codes = table[[c for c in ("locality", "municipality") if c in table]].stack()
        assert not set(codes) & {"GM1461", "GM1462"}


@pytest.mark.prove
def test_a_page_takes_twenty_seconds_and_holds_one_place_alone(capsys):
    started = time.monotonic()
    assert cli.main(["local", "Droomwijk"]) == cli.DONE
    assert time.monotonic() - started < 20
    page = ROOT / capsys.readouterr().out.strip().splitlines()[-1]
    content = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    traits = content.select_one('.released[data-table="local_traits"]')
    rows = pd.read_csv(BUNDLES / DEFAULT_EDITION / "local_traits.csv", dtype=str)
    assert traits is not None
    assert len(traits.select("tbody tr")) == int((rows["locality"] == "GM1457").sum())
    assert "Droomwijk" in content.get_text() and content.select("section.made-up")
    assert not content.select('a[href$=".md"], a[href$=".ipynb"]')


@pytest.mark.prove
def test_the_page_of_a_police_unit_is_in_dutch_whole(capsys):
    assert cli.main(["local", "police:amsterdam", "--language", "nl"]) == cli.DONE
    page = ROOT / capsys.readouterr().out.strip().splitlines()[-1]
    content = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    assert content.find("h1").get_text().startswith("Eén gemeente of politie-eenheid")
    assert content.body["data-show-code"] == "Toon code" and content.select_one(".help-lines")
