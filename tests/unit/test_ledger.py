"""What follows from several bundles of the same registers: by hand, in the attack's own order."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from conftest import write_manifest

from helpers import cli
from helpers.disclosure import (
    DisclosureError,
    Setting,
    Staged,
    audit_bundle,
    cells,
    knowledge,
    ledger,
    protect,
    protect_together,
    read_publication,
    read_rule_set,
)
from helpers.edition import CODES, BadInput, read_edition
from helpers.products import find_product
from helpers.release import bundle
from helpers.site import audited


@pytest.fixture(autouse=True)
def _nothing_is_printed(monkeypatch):
    """The counts of these tests are made up; what sources print is tested in test_knowledge.py."""
    monkeypatch.setattr(knowledge, "read_printed", lambda: ((), ()))


@pytest.fixture
def publish(tmp_path):
    """Write a bundle: a period, tables of text (words apart, then rows), and units."""

    def write(name: str, period: str, units: tuple[str, ...] = (), **tables: str) -> Path:
        folder, records = tmp_path / name, {}
        folder.mkdir()
        for table, text in tables.items():
            lines = [line.split() for line in text.strip().splitlines()]
            head = ",".join([*lines[0], "mark"])
            rows = [",".join([*row, "register"]).replace("_to_", " to ") for row in lines[1:]]
            content = "\n".join([head, *rows]) + "\n"
            (folder / f"{table}.csv").write_text(content, encoding="utf-8")
            sha = hashlib.sha256(content.encode()).hexdigest()
            rule_set = "rapporteur+small_population" if units else "rapporteur"
            records[table] = {"rule_set": rule_set, "sha256": sha, "mark": "synthetic"}
        first, last = (int(year) for year in period.split("-"))
        chosen = {"period_start": first, "period_end": last, "units": list(units)}
        write_manifest(folder, records, parameters=chosen)
        return folder

    return write


def attack(new: Path, *earlier: Path, revised: tuple[str, ...] = ()) -> tuple[str, ...]:
    records = json.loads((new / "manifest.json").read_text(encoding="utf-8"))["tables"]
    rules = {name: record["rule_set"] for name, record in records.items()}
    return audit_bundle(new, rules, earlier=earlier, revised=revised).findings


def regions(**counts: str) -> str:
    rows = [f"africa {period.strip('y').replace('_', '-')} {n}" for period, n in counts.items()]
    return "\n".join(["origin_region period n", *rows])


SEXES = "form sex period n\nlabour female {} {}"


def test_a_period_within_another_gives_the_years_between(publish):
    """Labour, women: 120 in 2016-2020 and 117 in 2016-2019 are 3 in 2020, which no edition
    shows."""
    new = publish("new", "2016-2020", signalling_sex_by_form=SEXES.format("2016-2020", 120))
    old = publish("old", "2016-2019", signalling_sex_by_form=SEXES.format("2016-2019", 117))
    assert not attack(new) and not attack(old)
    assert attack(new, old)
    fine = publish("fine", "2016-2019", signalling_sex_by_form=SEXES.format("2016-2019", 90))
    assert not attack(new, fine)
    same = publish("same", "2016-2019", signalling_sex_by_form=SEXES.format("2016-2019", 120))
    assert not attack(new, same)


def test_no_site_is_built_on_a_bundle_with_a_finding(publish, monkeypatch):
    """`build` and `import` attack the bundle themselves: africa 2020 is 103 less 100."""
    edition, shown = (
        read_edition("2016-2020"),
        regions(y2019_2020="103", y2019="100", y2020="hidden"),
    )
    monkeypatch.setattr(audited, "list_earlier", lambda *_, **__: [])
    monkeypatch.setattr(audited, "read_rules", lambda _: {"signalling_regions": "rapporteur"})
    with pytest.raises(DisclosureError, match="2020"):
        audited.attack(publish("new", "2019-2020", signalling_regions=shown), edition)
    fine = regions(y2019_2020="hidden", y2019="100", y2020="hidden")
    assert not audited.attack(
        publish("fine", "2019-2020", signalling_regions=fine), edition
    ).findings


def test_three_periods_give_a_year_that_none_shows(publish):
    """50 in 2016-2018, 40 in 2017-2018 and 2016 hidden: 10 in 2016, by two editions together."""
    new = publish("new", "2016-2018", signalling_regions=regions(y2016_2018="50", y2016="hidden"))
    old = publish("old", "2017-2018", signalling_regions=regions(y2017_2018="40"))
    assert not attack(new)
    assert "2016" in "".join(attack(new, old))


def test_a_year_between_may_count_whom_a_table_of_its_kind_may_show(publish):
    """Six people in 2019 by two editions, in a table that may show five: a table of a few units of the
    same victims may not show fewer than ten, which says nothing of these six. Four are too few,
    whichever edition is asked last."""
    table = SEXES.format("2016-2020", "{}").format(34)
    units = publish("some", "2016-2020", ("a", "b"), signalling_sex_by_form=table)
    for of_2018, is_few in ((34, False), (36, True)):
        three = [
            publish(
                f"{name}{of_2018}", period, signalling_regions=f"{regions(**counts)}\nasia {asia}"
            )
            for name, period, counts, asia in (
                ("two", "2018-2019", {"y2018_2019": "40"}, "2018-2019 100"),
                ("one", "2018-2018", {"y2018": str(of_2018)}, "2018 50"),
                ("three", "2018-2020", {"y2018_2020": "60"}, "2018-2020 150"),
            )
        ]
        for order in itertools.permutations(three):
            assert bool(attack(*order, units)) is is_few


def test_units_that_differ_by_one_person_give_that_person_away(publish):
    """Two police units, and the same two with a third: 31 and 32 women."""
    table = SEXES.format("2016-2020", "{}")
    some = publish("some", "2016-2020", ("a", "b"), signalling_sex_by_form=table.format(31))
    more = publish("more", "2016-2020", ("a", "b", "c"), signalling_sex_by_form=table.format(32))
    whole = publish("whole", "2016-2020", signalling_sex_by_form=table.format(34))
    other = publish("other", "2016-2020", ("d",), signalling_sex_by_form=table.format(33))
    assert attack(more, some) and attack(whole, some)
    assert not attack(other, some)


PAIRS = "police_unit municipality period n\na GM0363 2016-2020 {}\nb GM0363 2016-2020 {}"
PLACE = "reporter place_kind locality period n\nall municipality GM0363 2016-2020 {}"


def test_the_place_of_whom_a_unit_reported_is_the_same_in_an_edition_of_that_unit(publish):
    """Unit a in Amsterdam is hidden in the whole. An edition of it alone shows 40 there; one of both
    units 70, of which b reported 30 and, by its own pairs, six were reported by both: again 46."""
    whole = publish("whole", "2016-2020", local_pairs=PAIRS.format("hidden", 30))
    one = publish("one", "2016-2020", ("a",), local_victims=PLACE.format(40))
    alone = PAIRS.format(40, 0).rsplit("\n", 1)[0]
    pair = publish("pair", "2016-2020", ("a",), local_pairs=alone)
    both = PAIRS.format(46, "hidden")
    two = publish("two", "2016-2020", ("a", "b"), local_pairs=both, local_victims=PLACE.format(70))
    assert not attack(whole)
    for new in (pair, two):
        assert "police_unit=a" in "".join(attack(new, whole))
    # Without its own pairs the edition says how many there are, and not with whom.
    assert not attack(one, whole)


def test_a_unit_hidden_in_the_whole_is_hidden_in_an_edition_of_units(publish, make):
    whole = publish("whole", "2016-2020", local_pairs=PAIRS.format("hidden", 30))
    made = make([whole], units=("a", "b"), local_pairs=PAIRS.format(40, 30))
    assert made["local_pairs"] == ["hidden", 30]
    shown = publish("shown", "2016-2020", local_pairs=PAIRS.format(40, 30))
    made = make([shown], units=("a", "b"), local_pairs=PAIRS.format(40, 30))
    assert made["local_pairs"] == [40, 30]


OF_SEXES = "form sex period n\nlabour female {0} {1}\nlabour male {0} {2}"


def test_a_sum_that_no_table_shows_follows_from_two_periods(publish, make):
    """In labour 120 women and 80 men in 2016-2020; to 2019, by origin, 150 and 47: three in 2020."""
    origins = "form origin_region period n\nlabour africa {0} {1}\nlabour asia {0} {2}"
    new = publish("new", "2016-2020", signalling_sex_by_form=OF_SEXES.format("2016-2020", 120, 80))
    for asia, is_few in ((47, True), (20, False)):
        table = origins.format("2016-2019", 150, asia)
        old = publish(f"old{asia}", "2016-2019", signalling_regions_by_form=table)
        assert bool(attack(new, old)) is is_few
        true = OF_SEXES.format("2016-2020", 120, 80)
        made = make([old], signalling_sex_by_form=true)["signalling_sex_by_form"]
        assert ("hidden" in made) is is_few


def test_what_reports_together_say_of_a_person_is_no_law_between_units_and_all(publish):
    """Of two police units three women are unknown by sex, of all reports one: others told the sex.
    Nothing contradicts that, and a difference of one to four is looked at all the same."""
    some = publish(
        "some",
        "2016-2020",
        ("a", "b"),
        signalling_sex_by_form="form sex period n\nlabour unknown 2016-2020 30",
    )
    table = "form sex period n\nlabour unknown 2016-2020 {}"
    fewer = publish("fewer", "2016-2020", signalling_sex_by_form=table.format(20))
    close = publish("close", "2016-2020", signalling_sex_by_form=table.format(33))
    assert not attack(fewer, some)
    assert attack(close, some)


def test_closed_years_are_frozen_unless_a_revision_says_so(publish):
    """100 becomes 101: one report more gives away everything about it; 100 becomes 120:
    declared."""
    old = publish("old", "2016-2020", signalling_regions=regions(y2016="100"))
    one = publish("one", "2016-2020", signalling_regions=regions(y2016="101"))
    many = publish("many", "2016-2020", signalling_regions=regions(y2016="120"))
    for new in (one, many):
        with pytest.raises(DisclosureError, match="declare a revision") as caught:
            attack(new, old)
        assert "100" not in str(caught.value) and "101" not in str(caught.value)
    revised = ("comensha_victims",)
    assert "revision" in "".join(attack(one, old, revised=revised))
    assert not attack(many, old, revised=revised)
    assert not attack(old, old, revised=revised)


def test_what_an_earlier_bundle_showed_is_not_hidden_any_more(publish):
    old = publish("old", "2016-2020", signalling_regions=regions(y2016="100"))
    new = publish("new", "2016-2020", signalling_regions=regions(y2016="hidden"))
    assert attack(new, old) and not attack(new)


def test_what_earlier_bundles_give_by_themselves_is_listed_and_blocks_nothing(publish):
    """Two bundles that are out show 50 in 2016-2018 and 40 in 2017-2018: 2016 is 10 whatever a
    third hides. One that is out hides 2016 itself beside 20, 20 and 50. Planted: the newest says
    the 50."""
    first = publish("first", "2016-2018", signalling_regions=regions(y2016_2018="50"))
    second = publish("second", "2017-2018", signalling_regions=regions(y2017_2018="40"))
    leak = regions(y2016="hidden", y2017="20", y2018="20", y2016_2018="50")
    leaking = publish("leaking", "2016-2018", signalling_regions=leak)
    new = publish("new", "2016-2019", signalling_regions=regions(y2016="hidden", y2019="30"))
    for earlier in ((first, second), (leaking,)):
        audit = audit_bundle(new, {"signalling_regions": "rapporteur"}, earlier=earlier)
        assert audit.findings == ()
        assert audit.printed == ("comensha_victims[origin_region=africa, period=2016]",)
    planted = regions(y2016="hidden", y2016_2018="50")
    newest = publish("newest", "2016-2018", signalling_regions=planted)
    assert "period=2016]" in "".join(attack(newest, second))


def test_a_bundle_edited_by_hand_is_refused(publish):
    old = publish("old", "2016-2020", signalling_regions=regions(y2016="100"))
    new = publish("new", "2016-2020", signalling_regions=regions(y2016="100"))
    path = old / "signalling_regions.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("100", "99"), encoding="utf-8")
    with pytest.raises(BadInput, match="not the table that was released"):
        attack(new, old)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("2016-2020,comensha_victims,,late reports of 2019", None),
        ("2016-2020,somebody,,late reports of 2019", "name a population"),
        ("2016-2020,comensha_victims,,", "the reason"),
    ],
)
def test_a_revision_names_a_population_and_its_reason(tmp_path, monkeypatch, row, words):
    (tmp_path / "revisions.csv").write_text(
        f"edition,population,table,reason_en\n{row}\n", encoding="utf-8"
    )
    monkeypatch.setattr(ledger, "CODES", tmp_path)
    if words:
        with pytest.raises(BadInput, match=words):
            ledger.read_revised("2016-2020")
    else:
        assert ledger.read_revised("2016-2020") == {"comensha_victims"}
        assert not ledger.read_revised("2017-2021")


def test_clean_removes_what_a_run_keeps(tmp_path, monkeypatch):
    kept = tmp_path / ".cache"
    (kept / "staged").mkdir(parents=True)
    monkeypatch.setattr(cli, "CACHE", kept)
    assert cli.main(["clean", "--quiet"]) == 0 and not kept.exists()


# The protection itself honours earlier bundles


@pytest.fixture
def make(publish):
    """The tables of a new bundle as they leave after these earlier ones."""

    def protect_after(
        earlier: list[Path],
        period: str = "2016-2020",
        units: tuple[str, ...] = (),
        revised: tuple[str, ...] = (),
        is_text: bool = False,
        **tables: str,
    ) -> dict[str, list] | dict[str, str]:
        rules = read_rule_set("rapporteur+small_population" if units else "rapporteur")
        staged = {}
        for name, text in tables.items():
            product, lines = find_product(name), [one.split() for one in text.splitlines()]
            true = pd.DataFrame(lines[1:], columns=lines[0]).replace("_to_", " to ", regex=True)
            counts = [column for column in true if column not in (*product.keys, "unit")]
            true = true.astype(dict.fromkeys(counts, int))
            staged[name] = Staged(product, true, protect(true, product, rules), rules)
        before = tuple(read_publication(path) for path in earlier)
        setting = Setting("new", period, units, False, before, frozenset(revised))
        made = protect_together(staged, setting)
        if is_text:
            text = {}
            for name, table in made.items():
                numbers = [column for column in table if re.match("n($|_)", column)]
                rows = table[[*find_product(name).keys, *numbers]].astype(str)
                rows = rows.replace(" to ", "_to_", regex=True)
                text[name] = "\n".join(map(" ".join, [list(rows), *rows.to_numpy()]))
            return text
        return {name: table["n"].tolist() for name, table in made.items()}

    return protect_after


def test_a_longer_period_is_hidden_where_it_would_give_the_last_year_away(publish, make):
    """Women in labour: 117 in 2016-2019 are out; 120 in 2016-2020 would be 3 in 2020. 160 is
    fine."""
    old = publish("old", "2016-2019", signalling_sex_by_form=SEXES.format("2016-2019", 117))
    for n, shown in ((120, "hidden"), (160, 160), (117, 117)):
        table = f"form sex period n\nlabour female 2016-2020 {n}"
        assert make([old], signalling_sex_by_form=table) == {"signalling_sex_by_form": [shown]}


def test_units_are_hidden_where_they_differ_by_a_few_from_earlier_ones(publish, make):
    some = publish(
        "some", "2016-2020", ("a", "b"), signalling_sex_by_form=SEXES.format("2016-2020", 31)
    )
    table = "form sex period n\nlabour female 2016-2020 {}"
    for n, shown in ((32, "hidden"), (60, 60)):
        made = make([some], units=("a", "b", "c"), signalling_sex_by_form=table.format(n))
        assert made == {"signalling_sex_by_form": [shown]}


def test_the_laws_stand_in_the_same_order_in_another_process():
    """Of the orders of laws and cells depends which of two equally dear cells is hidden."""
    code = (
        "import hashlib\nfrom dataclasses import replace\nfrom helpers.disclosure import ledger\n"
        "from helpers.disclosure.knowledge import list_prints\n"
        "from helpers.edition import BUNDLES, DEFAULT_EDITION\n"
        "one = ledger.read_publication(BUNDLES / DEFAULT_EDITION)\n"
        "others = [replace(one, name='a', units=('a',)), replace(one, name='b', period='2016-2019')]\n"
        "book = ledger.join_publications([one, *others]).book\n"
        "said = list_prints(book.cells, is_real=False).laws\n"
        "all = [book.cells, book.laws, book.beside, said]\n"
        "print(hashlib.sha256(repr(all).encode()).hexdigest())"
    )
    made = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": number},
        ).stdout
        for number in "12"
    }
    assert len(made) == 1


def test_what_an_earlier_bundle_hides_stays_hidden(publish, make):
    old = publish("old", "2016-2020", signalling_regions=regions(y2016="hidden", y2017="30"))
    made = make([old], signalling_regions=regions(y2016="50", y2017="30"))
    assert made == {"signalling_regions": ["hidden", 30]}


def test_what_an_earlier_bundle_shows_protects_nothing(publish, make):
    """Other of 2016 is 4 of 230; rejected, 6, would hide with it, but is out; so granted does."""
    rows = "outcome period n\ngranted 2016 220\nrejected 2016 6\nother 2016 4"
    new = {"protection_use": "category period n\ntemporary 2016 230", "protection_temporary": rows}
    assert make([], **new)["protection_temporary"] == [220, "hidden", "hidden"]
    out = "outcome period n\ngranted 2016 hidden\nrejected 2016 6\nother 2016 hidden"
    old = publish("old", "2016-2020", protection_temporary=out)
    assert make([old], **new)["protection_temporary"] == ["hidden", 6, "hidden"]


OF_TWO = "origin_region period n\nafrica 2016 {}\nasia 2016 {}"


def test_a_revision_of_a_few_people_is_refused_and_one_of_many_is_not(publish, make):
    """One person more would hide a cell in each table, and so tell that person's traits. Of eleven
    people the cell that has one more is hidden, and says no more than any hidden one."""
    old = publish("old", "2016-2020", signalling_regions=OF_TWO.format(100, 50))
    with pytest.raises(DisclosureError, match="declare a revision"):
        make([old], signalling_regions=OF_TWO.format(101, 50))
    revised = ("comensha_victims",)
    for few in ((101, 50), (104, 50), (99, 51)):
        with pytest.raises(
            DisclosureError, match=r"of 2016 is of fewer people .* keep the earlier"
        ):
            make([old], revised=revised, signalling_regions=OF_TWO.format(*few))
    for many, shown in (
        ((101, 60), [60, "hidden"]),  # in the order of what is shown
        ((120, 50), [120, 50]),
        ((100, 50), [100, 50]),
        ((95, 55), [95, 55]),
    ):
        made = make([old], revised=revised, signalling_regions=OF_TWO.format(*many))
        assert made == {"signalling_regions": shown}


def test_a_revision_does_not_take_the_place_of_what_it_revises(publish, make):
    """Whoever kept the first edition knows both; a third would be protected without regard to
    it."""
    old = publish("new", "2016-2020", signalling_regions=OF_TWO.format(100, 50))
    revised = ("comensha_victims",)
    again = make([old], revised=revised, signalling_regions=OF_TWO.format(100, 50))
    assert again == {"signalling_regions": [100, 50]}
    with pytest.raises(DisclosureError, match="a name of its own"):
        make([old], revised=revised, signalling_regions=OF_TWO.format(120, 50))


# Women in reports of labour and men in others, and where people come from, 2016 to 2020.
BY_SEX = {
    "labour female": (31, 4, 22, 18, 3),
    "labour male": (60, 52, 71, 40, 66),
    "criminal female": (7, 2, 9, 12, 6),
    "criminal male": (20, 33, 14, 28, 25),
}
BY_REGION = {
    "africa": (30, 3, 41, 22, 17),
    "asia": (9, 14, 6, 2, 11),
    "eu": (80, 75, 90, 60, 98),
    "netherlands": (2, 9, 31, 27, 16),
}


def write_tables(first: int, last: int, part: int = 1) -> dict[str, str]:
    """Both tables of these years, of a part of the people: the years of the regions, and the whole
    period of both."""
    years = range(first - 2016, last - 2015)
    sexes = ["form sex period n"]
    for name, counts in BY_SEX.items():
        sexes.append(f"{name} {first}-{last} {sum(counts[year] // part for year in years)}")
    places = ["origin_region period n"]
    for name, counts in BY_REGION.items():
        places += [f"{name} {2016 + year} {counts[year] // part}" for year in years]
        places.append(f"{name} {first}-{last} {sum(counts[year] // part for year in years)}")
    return {"signalling_sex_by_form": "\n".join(sexes), "signalling_regions": "\n".join(places)}


def test_three_editions_and_one_of_units_are_each_clean_after_all_before(publish, make):
    """Periods that overlap, and two police units with a third of the people: each is protected
    after those that are out, and attacked with all of them."""
    out: list[Path] = []
    editions = [("2016-2020", ()), ("2016-2019", ()), ("2017-2020", ()), ("2016-2020", ("a", "b"))]
    for number, (period, units) in enumerate(editions):
        first, last = (int(year) for year in period.split("-"))
        true = write_tables(first, last, 3 if units else 1)
        tables = make(out, period, units, is_text=True, **true)
        assert any("hidden" in text for text in tables.values())
        new = publish(f"bundle{number}", period, units, **tables)
        assert attack(new, *out) == ()
        out.append(new)
    # Without regard to what is out, the second gives 2020 away: 3 women in labour.
    alone = write_tables(2016, 2019)
    planted = {"signalling_sex_by_form": alone["signalling_sex_by_form"]}
    assert attack(publish("planted", "2016-2019", **planted), out[0])


def test_who_is_followed_since_the_study_began_is_the_same_in_editions_of_one_end():
    """Editions of 2016-2020 and of 2017-2020 follow the same people, met since 2010; one that ends a
    year earlier follows others. What is printed of them is known in each."""
    followed, aided = (cells.Cell(name, frozenset()) for name in ("repeat_index", "aid"))
    one, other, earlier = (
        ledger.Publication(years, {}, {}, years, study=f"2010-{years[-4:]}")
        for years in ("2016-2020", "2017-2020", "2016-2019")
    )
    placed = [of.place(followed, is_part=False) for of in (one, other, earlier)]
    assert [cell.period for cell in placed] == ["2010-2020", "2010-2020", "2010-2019"]
    assert other.place(aided, is_part=False).period == "2017-2020"
    text = (CODES / "printed_cells.csv").read_text(encoding="utf-8")
    found = re.findall(r"(repeat_\w+)\[[^\]]*period=([\d-]+)", text)
    assert {years for name, years in found if name in cells.list_studied()} == {"2010-2020"}


def test_a_ledger_that_contradicts_the_registers_is_refused(publish, make):
    """Three years that are out add up to another total than the registers say."""
    old = publish(
        "old",
        "2014-2016",
        signalling_regions=regions(y2014="10", y2015="10", y2014_2016="50"),
    )
    with pytest.raises(DisclosureError, match="contradict each other|differ from an earlier"):
        make([old], signalling_regions=regions(y2016="40", y2017="20"))


@pytest.fixture
def committed(publish, tmp_path, monkeypatch):
    """A folder of committed bundles: 2016-2020, and 2017-2021 that was protected after it."""
    monkeypatch.setattr(bundle, "BUNDLES", tmp_path)
    for name in ("2016-2020", "2017-2021"):
        publish(name, name, signalling_regions=regions(y2018="100"))
        path = tmp_path / name / "manifest.json"
        manifest = json.loads(path.read_text(encoding="utf-8"))
        manifest["parameters"]["seed"] = 20211018
        if name == "2017-2021":
            first = bundle.read_manifest(tmp_path / "2016-2020")
            manifest["earlier"] = {"2016-2020": bundle._sign(first)}
        path.write_text(json.dumps(manifest), encoding="utf-8")
    return tmp_path


def test_a_bundle_made_again_heeds_the_same_earlier_ones_and_the_audit_all(committed):
    edition = read_edition("2016-2020")
    assert bundle.list_earlier(edition, is_real=False) == []
    assert bundle.list_earlier(edition, is_real=False, is_audit=True) == [committed / "2017-2021"]
    assert bundle.list_earlier(edition, is_real=True) == []


def test_what_a_later_edition_revises_is_revised_for_the_earlier_one_too(committed, monkeypatch):
    """The audit of 2016-2020 would else find that 2017-2021 has another number for a closed
    year."""
    declared = {"2017-2021": frozenset({"comensha_victims"})}
    monkeypatch.setattr(bundle, "read_revised", lambda name: declared.get(name, frozenset()))
    edition, later = read_edition("2016-2020"), [committed / "2017-2021"]
    assert bundle.list_revised(edition, later) == {"comensha_victims"}
    assert bundle.list_revised(edition, []) == frozenset()


def test_a_ledger_edited_by_hand_is_refused(committed):
    path = committed / "2016-2020" / "manifest.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"sha256": "', '"sha256": "0'))
    with pytest.raises(BadInput, match="is another than the one after which 2017-2021"):
        bundle.list_earlier(read_edition("2016-2020"), is_real=False)


# A year that no table has: 2016 and 2017 by form and sex, of which tables show every two.
TRUE_YEARS = {
    ("labour", "male"): (5, 1),
    ("labour", "female"): (6, 7),
    ("criminal", "male"): (6, 6),
    ("criminal", "female"): (2, 6),
}


def write_years(few: int = 2) -> dict[str, str]:
    """Sex by year, form by year, and form by sex over both years."""
    true = TRUE_YEARS | {("criminal", "female"): (few, 6)}
    pairs = [f"{' '.join(codes)} 2016-2017 {sum(years)}" for codes, years in true.items()]
    of_codes = {
        code: [sum(years[n] for codes, years in true.items() if code in codes) for n in (0, 1)]
        for code in ("male", "female", "labour", "criminal")
    }
    sexes = [f"{sex} {2016 + n} {of_codes[sex][n]}" for sex in ("male", "female") for n in (0, 1)]
    forms = [
        f"{form} 2016_to_2017 {first} {last} {last - first} change"
        for form, (first, last) in list(of_codes.items())[2:]
    ]
    return {
        "signalling_sex_by_form": "\n".join(["form sex period n", *pairs]),
        "signalling_sex": "\n".join(["sex period n", *sexes]),
        "signalling_change_forms": "\n".join(["category period n_first n_last value unit", *forms]),
    }


def list_books(*bundles: dict[str, str]) -> list[dict[str, int]]:
    """All whole counts by form, sex and year that fit what these tables show: by trying."""
    codes = [f"{' '.join(pair)} {year}" for pair in TRUE_YEARS for year in (2016, 2017)]
    sums: list[tuple[list[int], int]] = []
    for text in (text for tables in bundles for text in tables.values()):
        head, *rows = [line.split() for line in text.splitlines()]
        for row in (dict(zip(head, words, strict=True)) for words in rows):
            period = row["period"]
            years = period.split("_to_") if "_" in period else [period.replace("2016-2017", "all")]
            counts = [row[column] for column in head if column.startswith("n")]
            for year, count in zip(years, counts, strict=True):
                of = {row.get(c, "all") for c in ("form", "sex", "category")} | {year}
                members = [n for n, code in enumerate(codes) if of - {"all"} <= {*code.split()}]
                if count.isdigit():
                    sums.append((members, int(count)))

    def fill(book: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        for members, total in sums:
            part = sum(book[n] for n in members if n < len(book))
            if part > total or (max(members) < len(book) and part < total):
                return
        if len(book) == len(codes):
            yield book
            return
        for count in range(21):
            yield from fill((*book, count))

    return [dict(zip(codes, book, strict=True)) for book in fill(())]


def count_values(name: str, *bundles: dict[str, str]) -> int:
    return len({book[name] for book in list_books(*bundles)})


def test_a_year_that_no_table_has_is_protected_before_the_next_edition_tells_it(publish, make):
    """Every count of two years is five or more, and by sex, by form and by both together they leave
    one number open: labour, male, 2017 can be one less, the same, or up to two more (criminal,
    female, 2016). An edition of 2017 has that cell, and could not make it wider any more."""
    name, true = "labour male 2017", write_years()
    assert sorted({book[name] for book in list_books(true)}) == [0, 1, 2, 3]
    first = make([], "2016-2017", is_text=True, **true)
    assert count_values(name, first) >= 5
    out = publish("first", "2016-2017", **first)
    assert attack(out) == ()
    one = "form sex period n\n" + "\n".join(
        f"{' '.join(codes)} 2017 {last}" for codes, (_, last) in TRUE_YEARS.items()
    )
    second = make([out], "2017-2017", is_text=True, signalling_sex_by_form=one)
    new = publish("second", "2017-2017", **second)
    audit = audit_bundle(new, {"signalling_sex_by_form": "rapporteur"}, earlier=[out])
    assert audit.findings == audit.printed == ()
    hidden = [line.split(" 2017 ")[0] for line in second["signalling_sex_by_form"].splitlines()]
    hidden = [pair for pair in hidden if f"{pair} 2017 hidden" in second["signalling_sex_by_form"]]
    assert "labour male" in hidden
    for pair in hidden:
        assert count_values(f"{pair} 2017", first, second) >= 5


CHANGE = "category period n_first n_last\nlabour 2016_to_2017 {} {}\ncriminal 2016_to_2017 {} {}"


def test_the_audit_finds_a_year_that_no_table_has_and_lists_it_where_it_is_out(publish):
    """The four values of above; with 20 in place of the two there are six (0 to 5). Where they are out
    already, what an edition of 2017 hides is as narrow, and nothing that it hides can mend it."""
    few = {**write_years(), "signalling_change_forms": CHANGE.format(11, 8, 8, 12)}
    out = publish("few", "2016-2017", **few)
    assert "period=2017, sex=male], which no table shows" in "".join(attack(out))
    many = {**write_years(20), "signalling_change_forms": CHANGE.format(11, 8, 26, 12)}
    assert attack(publish("many", "2016-2017", **many)) == ()
    hidden = SEXES.format("2017", "hidden") + "".join(
        f"\n{form} {sex} 2017 hidden" for form, sex in [*TRUE_YEARS][:1] + [*TRUE_YEARS][2:]
    )
    new = publish("new", "2017-2017", signalling_sex_by_form=hidden)
    audit = audit_bundle(new, {"signalling_sex_by_form": "rapporteur"}, earlier=[out])
    assert audit.findings == ()
    assert any("period=2017, sex=male]" in cell for cell in audit.printed)


def test_what_only_the_newest_tells_is_not_given_by_earlier_bundles(publish):
    """Africa, 2016 and 2018 are hidden, five together by what is out: 0 to 5. An edition of 2018 has a
    row for it, so that somebody was met: 0 to 4 in 2016. One of 2016 has a row too, and leaves 1 to
    4, which nothing gave before."""
    whole = regions(y2016="hidden", y2017="30", y2018="hidden", y2016_2018="35")
    first = publish("first", "2016-2018", signalling_regions=whole)
    second = publish("second", "2018-2018", signalling_regions=regions(y2018="hidden"))
    assert attack(first) == attack(second, first) == ()
    new = publish("new", "2016-2016", signalling_regions=regions(y2016="hidden"))
    assert "period=2016] is left with fewer" in "".join(attack(new, first, second))
