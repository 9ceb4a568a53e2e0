"""Each way in which a hidden count was found, or could be, and the test that holds it
(`tests/attacks.csv`); and those of them that belong to no other file."""

from __future__ import annotations

import ast
import csv
import hashlib
import hmac
import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from released_text import tables

from helpers.calibration import agreement
from helpers.disclosure import (
    REMAINING,
    DisclosureError,
    Setting,
    Staged,
    audit,
    cells,
    coarsen_curve,
    knowledge,
    protect,
    protect_cells,
    protect_together,
    read_rule_set,
)
from helpers.disclosure.cells import Cell
from helpers.disclosure.suppression import Known
from helpers.disclosure.together import draw_veiled
from helpers.edition import BadInput
from helpers.execute import run
from helpers.products import find_product

TESTS = Path(__file__).parents[1]
NOBODY = Cell("victims", frozenset({("sex", "female")}))
RAPPORTEUR, OFFICE = read_rule_set("rapporteur"), read_rule_set("statistics_office")


@pytest.fixture(autouse=True)
def _nothing_is_printed(monkeypatch):
    monkeypatch.setattr(knowledge, "read_printed", lambda: ((), ()))


def test_every_attack_has_its_test():
    """A row an attack, with the tests that failed before it was mended; each of them is there."""
    there = {
        f"{path.relative_to(TESTS).as_posix()}::{one.name}"
        for path in TESTS.rglob("test_*.py")
        for one in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(one, ast.FunctionDef)
    }
    with (TESTS / "attacks.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) >= 25 and all(row["attack"] and row["found"] for row in rows)
    named = [name for row in rows for name in row["tests"].split("|")]
    assert [name for name in named if name not in there] == []


def stage(name: str, text: str) -> Staged:
    product, table = find_product(name), tables(x=text)["x"].drop(columns="mark")
    counts = [column for column in table if column not in product.keys]
    table = table.astype(dict.fromkeys(counts, int))
    return Staged(product, table, protect(table, product, RAPPORTEUR), RAPPORTEUR)


def test_where_a_row_stands_does_not_tell_its_count():
    """Four combinations in the order of their true counts: 9, then 8 and 4 hidden. Other registers,
    with 4 and 8, leave the same table."""
    made = []
    pair = ("labour+criminal", "sexual+criminal")
    for first, second in (pair, pair[::-1]):
        text = (
            "category period n\nlabour 2020 432\nsexual+labour 2020 9\n"
            f"{first} 2020 4\n{second} 2020 2\nunknown 2020 38"
        )
        staged = {"signalling_overlap": stage("signalling_overlap", text)}
        table = protect_together(staged, Setting(period="2016-2020"))["signalling_overlap"]
        made.append(table["category"].tolist())
    assert made[0] == made[1]
    assert made[0][-1] == "unknown" and made[0][:2] == ["labour", "sexual+labour"]


def test_a_code_with_a_row_counts_somebody():
    """The KMar has a row because it reported somebody: its hidden count is no nought."""
    content = tables(signalling_reporters="reporter period n\npolice 2020 60\nkmar 2020 hidden")
    book = cells.build_book(content)
    kmar = book.places["signalling_reporters", "n", 1]
    assert audit.find_ranges(book.laws, {cells.SOMEBODY: (1, 1)}, [kmar])[kmar][0] == 1
    widths = audit.audit_tables(content, {"signalling_reporters": RAPPORTEUR}).widths
    assert list(widths) == [kmar]


FORMS_OF_YEARS = """category period n
domestic_sexual 2018 130
labour 2018 {}
criminal 2018 {}
domestic_sexual 2019 140
labour 2019 95
criminal 2019 70
domestic_sexual 2018-2019 270
labour 2018-2019 {}
criminal 2018-2019 {}"""


@pytest.mark.parametrize(("labour", "several"), [(81, 1), (83, 3), (84, 4), (80, 0), (85, 5)])
def test_the_sum_of_overlapping_parts_does_not_tell_that_a_few_have_several(labour, several):
    """In 2018 130, {labour} and 60 by form, and 270 people: so many of them have several forms."""
    names = ("signalling_sex", "signalling_forms")
    forms = FORMS_OF_YEARS.format(labour, 60, labour + 95, 130)
    sexes = "sex period n\nfemale 2018 170\nmale 2018 100\nfemale 2019 180\nmale 2019 110\n"
    sexes += "female 2018-2019 350\nmale 2018-2019 210"
    texts = dict(zip(names, (sexes, forms), strict=True))
    is_few = 0 < several < RAPPORTEUR.minimum_count
    assert (
        bool(audit.audit_tables(tables(**texts), dict.fromkeys(names, RAPPORTEUR)).findings)
        is is_few
    )
    staged = {name: stage(name, text) for name, text in texts.items()}
    made = protect_together(staged, Setting(period="2018-2019"))
    hidden = sum((table["n"] == "hidden").sum() for table in made.values())
    assert bool(hidden) is is_few
    shown = {name: table.astype(str) for name, table in made.items()}
    assert not audit.audit_tables(shown, dict.fromkeys(names, RAPPORTEUR)).findings


def test_others_are_the_codes_that_do_not_stand_beside_them():
    """19 others in the table of changes, of which 15 and a hidden one stand in another: four."""
    content = tables(
        signalling_change_reporters=(
            "reporter period n_first n_last\npolice 2019_to_2020 300 400\n"
            "others 2019_to_2020 25 19\nall 2019_to_2020 325 419"
        ),
        signalling_reporters=(
            "reporter period n\npolice 2020 400\nkmar 2020 15\nfairwork 2020 hidden"
        ),
    )
    changed = content["signalling_change_reporters"]
    changed["period"] = changed["period"].str.replace("_", " ")
    found = audit.audit_tables(content, dict.fromkeys(content, RAPPORTEUR))
    assert list(found.widths.values()) == [1]
    assert any("others" in line for line in found.findings)


def test_a_table_of_the_whole_register_is_no_part_of_it():
    """In an edition of two police units the protection scheme counts everybody, as in any other."""
    from helpers.disclosure.ledger import Publication, join_publications

    part = read_rule_set("rapporteur+small_population")
    use = tables(protection_use="category period n\ntemporary 2016 230")
    sexes = tables(signalling_sex="sex period n\nfemale 2016 60")
    units = Publication(
        "units",
        {**use, **sexes},
        {"protection_use": RAPPORTEUR, "signalling_sex": part},
        "2016-2016",
        ("a", "b"),
    )
    whole = Publication("whole", use, {"protection_use": RAPPORTEUR}, "2016-2016")
    places = join_publications([units, whole]).book.places
    assert places["protection_use", "n", 0] == places["whole/protection_use", "n", 0]
    assert dict(places["signalling_sex", "n", 0].codes)["units"] == "a+b"


@pytest.mark.parametrize(("n", "step"), [(917, 0.1), (50, 0.1), (49, 0.2), (20, 0.5), (6, 1.0)])
def test_the_mean_of_few_people_is_coarse(n, step):
    """Times its number it leaves five sums or more: an exact sum of six ages, and of five of them
    in another table, would be an age."""
    product = find_product("signalling_mean_ages")
    table = pd.DataFrame({"period": ["2016"], "n": [n], "value": [25.4263], "unit": ["years"]})
    shown = protect(table, product, RAPPORTEUR)["value"].iloc[0]
    assert abs(shown / step - round(shown / step)) < 1e-9
    assert n * step >= REMAINING


def test_two_curves_of_the_same_people_do_not_tell_who_is_between():
    """200 at risk, 160 women and 45 men, all rounded to five: the women are 158 or 159. Of the 160
    who can be compared that leaves nobody or one out, and their step goes; with 195 at risk and 30
    men it stays."""
    for everybody, men, steps in ((200, 45, []), (195, 30, ["1"])):
        content = {
            "repeats_curve": f"years n_at_risk\n1 {everybody}",
            "repeats_by_sex": f"sex years n_at_risk\nfemale 1 160\nmale 1 {men}",
            "repeats_standardised": "sex years n_at_risk\nfemale 1 160",
        }
        staged = {}
        for name, table in tables(**content).items():
            shown = table.drop(columns="mark").astype({"n_at_risk": int}).assign(share=0.5)
            staged[name] = Staged(find_product(name), shown, shown, OFFICE)
        made = protect_together(staged, Setting(period="2016-2020"))
        assert made["repeats_standardised"]["years"].tolist() == steps
        assert len(made["repeats_by_sex"]) == 2 and len(made["repeats_curve"]) == 1


REGIONS = (
    "origin_region period n\nafrica 2016 {}\nlatin_america 2016 {}\neurope_other 2016 {}\nstateless 2016 {}\n"
    "africa 2017 500\nlatin_america 2017 442\neurope_other 2017 20\nstateless 2017 30"
)
OF_SEX = "sex period n\nfemale 2016 600\nmale 2016 {}\nfemale 2017 600\nmale 2017 392"


@pytest.mark.parametrize(("other", "is_few"), [(1, True), (3, False)])
def test_hidden_cells_together_are_no_few_people(other, is_few):
    """946 less all shown regions are four people of two hidden ones, each of which may be nought to
    four. Six people together are enough."""
    total = 945 + other
    text = {
        "signalling_sex": OF_SEX.format(total - 600),
        "signalling_regions": REGIONS.format(500, 442, "hidden", "hidden"),
    }
    rules = dict.fromkeys(text, RAPPORTEUR)
    told = "".join(audit.audit_tables(tables(**text), rules).findings)
    assert ("together are fewer" in told) is is_few
    true = {
        "signalling_sex": OF_SEX.format(total - 600),
        "signalling_regions": REGIONS.format(500, 442, other, 3),
    }
    made = protect_together({name: stage(name, own) for name, own in true.items()})
    hidden = sum((table["n"].astype(str) == "hidden").sum() for table in made.values())
    assert hidden == (3 if is_few else 2)
    audited = {name: table.astype(str) for name, table in made.items()}
    assert not audit.audit_tables(audited, rules).findings


def protect_regions(few: int, secret: str) -> pd.Series:
    """The regions of 46 people of two, of which one is a few, and 43 of a third."""
    staged = {
        "signalling_sex": stage("signalling_sex", "sex period n\nfemale 2016 600\nmale 2016 89"),
        "signalling_regions": stage("signalling_regions", REGIONS.format(600, 46 - few, 43, few)),
    }
    table = protect_together(staged, Setting(secret=secret))["signalling_regions"]
    return table.set_index(["origin_region", "period"])["n"].sort_index().astype(str)


def test_what_is_hidden_does_not_tell_how_few_a_few_are():
    """Everybody may run the protection for each number that a count could be. Were the smallest
    hidden with the few, who sees which it was would know whether the other is 45, or 42; and were
    only small counts hidden for themselves, the few would be one of four. Each choice that is seen
    with one of nine numbers is seen with each of them by the secret of some registers."""
    patterns = {
        few: {tuple(protect_regions(few, str(n)) == "hidden") for n in range(100)}
        for few in range(9)
    }
    shown = (False,) * 8
    assert [few for few in patterns if shown in patterns[few]] == [0, 5, 6, 7, 8]
    assert len(patterns[1]) > 1 and all(own - {shown} == patterns[1] for own in patterns.values())


@pytest.mark.parametrize("count", [0, 5, 8])
def test_a_count_is_veiled_by_chance_like_a_small_one(count):
    """One in eight, and where it is, five numbers or more remain for it; the same secret leaves the same
    table. Nine may not be taken for a small one, and under the rules of the statistics office a small
    count is one of twelve."""
    hidden = [protect_regions(count, str(n))["stateless", "2016"] == "hidden" for n in range(200)]
    assert 0.05 < np.mean(hidden) < 0.21  # all but one in a thousand draws of two hundred
    table = protect_regions(count, str(hidden.index(True)))
    rules = {"signalling_regions": RAPPORTEUR, "signalling_sex": RAPPORTEUR}
    sexes = tables(signalling_sex="sex period n\nfemale 2016 600\nmale 2016 89")
    names = ("africa", "latin_america", "europe_other", "stateless")
    content = tables(signalling_regions=REGIONS.format(*(table[name, "2016"] for name in names)))
    assert not audit.audit_tables(content | sexes, rules).findings
    assert table.equals(protect_regions(count, str(hidden.index(True))))
    whole, men = NOBODY.without("sex"), Cell("victims", frozenset({("sex", "male")}))
    book = cells.Book(laws=[cells.Law("sexes", ((whole, -1), (NOBODY, 1), (men, 1)))])

    def is_drawn(counts, least):
        known = Known(counts, dict.fromkeys(counts, least))
        drawn = [draw_veiled(book, replace(known, secret=str(n))) for n in range(100)]
        return any(drawn) and set.union(*drawn) == {NOBODY}

    assert is_drawn({NOBODY: count, men: 100}, 5)
    assert not is_drawn({NOBODY: 9, men: 100}, 5)
    assert not is_drawn({NOBODY: count, men: 100}, 10)
    assert not is_drawn({whole: count}, 5)
    assert not is_drawn({NOBODY: 0, men: 0}, 5)


def test_real_registers_are_not_protected_by_what_everybody_knows():
    with pytest.raises(DisclosureError, match="a secret of their own"):
        Setting(is_real=True)


@pytest.mark.parametrize("printed", [(), (218.5, 219.5)])
def test_a_step_goes_where_the_audit_would_find_it(monkeypatch, printed):
    """Only the laws near the curves are attacked for their steps; the audit, by all laws, finds the
    same differences too narrow, also where a printed test is of them: 157 of 158 against 43 of 202
    gives 218.9, the most that 155 of 160 against 45 of 200, rounded to five, can give."""
    found = set()
    for everybody, women, men, compared in itertools.product(
        (200, 205), (150, 155, 160), (40, 45), (150, 155, 160)
    ):
        content = {
            "repeats_curve": f"years n_at_risk\n1 {everybody}",
            "repeats_by_sex": f"sex years n_at_risk\nfemale 1 {women}\nmale 1 {men}",
            "repeats_standardised": f"sex years n_at_risk\nfemale 1 {compared}",
        }
        rules = dict.fromkeys(content, OFFICE)
        joined = Setting(is_real=True, secret="a secret").join(tables(**content), rules)
        places = joined.book.places
        one, other, some = (
            places[name, "n_at_risk", row]
            for name, row in (
                ("repeats_by_sex", 0),
                ("repeats_by_sex", 1),
                ("repeats_standardised", 0),
            )
        )
        test = knowledge.PrintedTest(
            "t",
            *(printed or (0, 1)),
            (some, other),
            (one, places["repeats_curve", "n_at_risk", 0]),
        )
        said = ((), (test,) if printed else ())
        monkeypatch.setattr(knowledge, "read_printed", lambda said=said: said)
        try:
            told = audit.audit_tables(tables(**content), rules, is_real=True).findings
        except DisclosureError:
            continue  # more women and men than people
        narrow = audit.list_narrow(joined, set(places.values()))
        assert len(narrow) == sum(" less " in line for line in told)
        found.add(len(narrow))
    assert len(found) > 1


@pytest.mark.parametrize("n", range(60, 70))
def test_a_count_is_rounded_alike_in_tables_and_curves(n):
    """Halves up in both: rounded up in one and down in the other, a count would lie between."""
    curve = pd.DataFrame(
        {
            "time": [100.0, 400.0],
            "n_at_risk": [200, n],
            "n_events": [50, 0],
            "incidence": [0.25, 0.25],
            "ci_lower": [0.2, 0.2],
            "ci_upper": [0.3, 0.3],
        }
    )
    in_curve = coarsen_curve(curve, OFFICE, step_days=365.25)["n_at_risk"].tolist()
    in_table = protect_cells(pd.DataFrame({"n": [n]}), OFFICE)["n"].tolist()
    assert in_curve == in_table == [int(n / 5 + 0.5) * 5]


def follow_everybody(n: int, events: int) -> pd.DataFrame:
    """Of n people, all of them followed, so many have the event on one day; log-log limits as R's
    survfit gives them (conf.type = "log-log")."""
    share = events / n
    width = 1.959964 * np.sqrt(events / (n * (n - events))) / abs(np.log(1 - share))
    lower, upper = (1 - (1 - share) ** np.exp(sign * width) for sign in (-1, 1))
    return pd.DataFrame(
        {
            "time": [100.0, 400.0],
            "n_at_risk": [n, n - events],
            "n_events": [events, 0],
            "incidence": share,
            "ci_lower": lower,
            "ci_upper": upper,
        }
    )


def draw_step(n: int, events: int) -> tuple[float, ...]:
    step = coarsen_curve(follow_everybody(n, events), OFFICE, step_days=365.25)
    return tuple(step[["share", "ci_lower", "ci_upper"]].round(9).iloc[0])


@pytest.mark.parametrize("n", [60, 1000])
def test_the_limits_of_a_curve_tell_no_more_than_its_share(n):
    """Tried as an attacker does: which counts give this share and these limits. Five do, the limits
    of the exact share left one to three of them (of one share in fifty they may still be cut)."""
    drawn = {events: draw_step(n, events) for events in range(13, n // 3)}
    whole = [e for e in drawn if {*range((e + 2) // 5 * 5 - 2, (e + 2) // 5 * 5 + 3)} <= {*drawn}]
    left = [sum(one == drawn[events] for one in drawn.values()) for events in whole]
    assert sum(number < 5 for number in left) <= 0.02 * len(left)


@pytest.mark.parametrize("n", [1628, 1630, 1632])
def test_a_share_of_a_curve_is_that_of_the_count_as_a_table_rounds_it(n):
    """818 of 1,632 are shown as 820 of 1,630 in both: 815 in the curve, as 818 / 1,632 of 1,630
    rounds, would leave 818 alone."""
    for events in range(813, 823):
        share = draw_step(n, events)[0]
        table = protect_cells(pd.DataFrame({"n": [events]}), OFFICE)["n"].iloc[0]
        assert share == pytest.approx(table / 1630, abs=1e-8)


def round_as_printed(*rows: tuple[str, str, float, str, str]) -> list[float]:
    """What the calibration shows of these rows."""
    columns = ["chapter", "published", "computed", "unit", "precision"]
    return agreement._round_as_printed(pd.DataFrame(rows, columns=columns)).tolist()


def test_the_calibration_is_no_finer_than_the_print():
    """1,632 people where 1,630 are printed and shown; a share of six digits is a count."""
    rounded = round_as_printed(
        ("aid", "1630", 1632.0, "persons", "rounded5"),
        ("aid", "16", 16.1152, "percent", "rounded_percent"),
        ("repeats", "0.001", 0.0000117752, "p_value", "less_than"),
        ("repeats", "10", 11.0, "incidents", "about"),
        ("signalling", "984", 984.0, "persons", "exact"),
    )
    assert rounded == [1630, 16, 0, 10, 984]


def test_the_calibration_is_as_coarse_as_the_tables():
    """918.155 and 92.28 left one count of 625 each; a statistic, an amount or a time of the
    office's registers has two digits, a share of its people is a whole percentage, whatever was
    printed."""
    rounded = round_as_printed(
        ("aid", "869.244", 918.155, "statistic", "exact"),
        ("aid", "20.6", 20.6004, "statistic", "exact"),
        ("aid", "4401", 4401.2, "eur", "exact"),
        ("repeats", "617.77", 617.7683, "days", "exact"),
        ("repeats", "66.7", 62.2807, "percent", "about"),
        ("signalling", "58.3", 40.3986, "percent", "exact"),
    )
    assert rounded == [920, 21, 4400, 620, 62, 40.4]


def test_a_share_with_costs_tells_no_more_than_its_rounded_counts():
    """29.9 in a hundred beside 500 people, and 60.4 beside 1,005 in another table of the same
    person-years, left 498 and 499: every pair of counts that is rounded alike is shown alike."""
    product, n_compared = find_product("aid_costs"), 1665
    shown = set()
    for n in range(498, 503):
        for of in range(1663, 1668):
            row = {"category": ["share_any_victims"], "value": [100 * n / of], "n_behind": [n]}
            true = pd.DataFrame(row).assign(
                ci_lower=np.nan,
                ci_upper=np.nan,
                unit="in_hundred",
                n_compared=of,
                largest_share=0.1,
            )
            made = protect(true, product, OFFICE)
            assert "n_compared" not in made
            shown.add(tuple(made[["value", "n_behind"]].iloc[0]))
    assert shown == {(round(100 * 500 / n_compared, 1), 500)}


@pytest.mark.parametrize(("known", "events"), [(1270, 570), (170, 40)])
def test_a_share_of_persons_registered_again_is_that_of_the_rounded_counts(known, events):
    product = find_product("repeats_sex")
    shown = set()
    for n, of in itertools.product(range(events - 2, events + 3), range(known - 2, known + 3)):
        true = pd.DataFrame(
            {"sex": ["male"], "period": ["2010-2015"], "n_events": [n], "n_known": [of]}
        )
        made = protect(true, product, OFFICE)
        shown.add(tuple(made[["n_events", "n_known", "share"]].iloc[0]))
    assert shown == {(events, known, events / known)}


@pytest.mark.parametrize(("key", "kept"), [(None, False), (b"short", None), (b"k" * 32, True)])
def test_a_fingerprint_of_an_extract_needs_a_secret_key(tmp_path, monkeypatch, key, kept):
    """887 guesses at a small register found the one with the same checksum."""
    from types import SimpleNamespace

    file = tmp_path / "reports.csv"
    file.write_bytes(b"n\n3\n")
    extract = SimpleNamespace(mappings={"reports": SimpleNamespace(files=[file])})
    monkeypatch.setattr(run, "find_registers_folder", lambda: tmp_path)
    monkeypatch.setattr(run, "read_extract", lambda folder: extract)
    if key is not None:
        (tmp_path / run.KEY).write_bytes(key + b"\n")
    if kept is None:
        with pytest.raises(BadInput, match="could be guessed"):
            run._fingerprint_inputs()
        return
    guess = hashlib.sha256(hashlib.sha256(b"n\n3\n").digest()).hexdigest()
    found = run._fingerprint_inputs()
    assert bool(found) is kept and guess not in found.values()
    if kept:
        own = hmac.new(b"k" * 32, hashlib.sha256(b"n\n3\n").digest(), "sha256").hexdigest()
        assert found == {"reports": own}


@pytest.mark.parametrize(
    ("population", "relation"), [("", "subset"), ("comensha_victims", ""), ("x", "parts:sex")]
)
def test_a_product_without_population_or_relation_is_refused(
    tmp_path, monkeypatch, population, relation
):
    path = tmp_path / "cells.csv"
    path.write_text(
        "product,column,counted,population,dimensions,relation\n"
        f"signalling_sex,n,victims,{population},sex|period,{relation}\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(cells, "CODES", tmp_path)
    with pytest.raises(BadInput, match=r"cells.csv, row 2: name the population and a relation"):
        cells.read_declared.__wrapped__()


def test_what_the_cache_may_hold_is_said():
    """True cells lie there while a run lasts: whose, who may read them, and what removes them."""
    said = (TESTS.parent / "book" / "rerun.md").read_text(encoding="utf-8")
    words = said.split("## What a run keeps, and how it goes")[1].split("\n## ")[0]
    for word in ("`.cache`", "true cells", "700", "monitor clean"):
        assert word in words or word.capitalize() in words
