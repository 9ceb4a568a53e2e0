"""What follows from several bundles of the same registers: by hand, in the attack's own order."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from helpers import cli
from helpers.disclosure import DisclosureError, audit_bundle, ledger
from helpers.edition import BadInput


@pytest.fixture
def publish(tmp_path):
    """Write a bundle: a period, tables of text (words apart, then rows), and units."""

    def write(name: str, period: str, units: tuple[str, ...] = (), **tables: str) -> Path:
        folder, records = tmp_path / name, {}
        folder.mkdir()
        for table, text in tables.items():
            lines = [line.split() for line in text.strip().splitlines()]
            head = ",".join([*lines[0], "mark"])
            content = "\n".join([head, *(",".join([*row, "register"]) for row in lines[1:])]) + "\n"
            (folder / f"{table}.csv").write_text(content, encoding="utf-8")
            sha = hashlib.sha256(content.encode()).hexdigest()
            records[table] = {"rule_set": "rapporteur", "sha256": sha}
        first, last = (int(year) for year in period.split("-"))
        chosen = {"period_start": first, "period_end": last, "units": list(units)}
        manifest = {"tables": records, "parameters": chosen}
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
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
    """Labour, women: 120 in 2016-2020 and 117 in 2016-2019 are 3 in 2020, which no edition shows."""
    new = publish("new", "2016-2020", signalling_sex_by_form=SEXES.format("2016-2020", 120))
    old = publish("old", "2016-2019", signalling_sex_by_form=SEXES.format("2016-2019", 117))
    assert not attack(new) and not attack(old)
    assert attack(new, old)
    fine = publish("fine", "2016-2019", signalling_sex_by_form=SEXES.format("2016-2019", 90))
    assert not attack(new, fine)
    same = publish("same", "2016-2019", signalling_sex_by_form=SEXES.format("2016-2019", 120))
    assert not attack(new, same)


def test_three_periods_give_a_year_that_none_shows(publish):
    """50 in 2016-2018, 40 in 2017-2018 and 2016 hidden: 10 in 2016, by two editions together."""
    new = publish("new", "2016-2018", signalling_regions=regions(y2016_2018="50", y2016="hidden"))
    old = publish("old", "2017-2018", signalling_regions=regions(y2017_2018="40"))
    assert not attack(new)
    assert "2016" in "".join(attack(new, old))


def test_units_that_differ_by_one_person_give_that_person_away(publish):
    """Two police units, and the same two with a third: 31 and 32 women."""
    table = SEXES.format("2016-2020", "{}")
    some = publish("some", "2016-2020", ("a", "b"), signalling_sex_by_form=table.format(31))
    more = publish("more", "2016-2020", ("a", "b", "c"), signalling_sex_by_form=table.format(32))
    whole = publish("whole", "2016-2020", signalling_sex_by_form=table.format(34))
    other = publish("other", "2016-2020", ("d",), signalling_sex_by_form=table.format(33))
    assert attack(more, some) and attack(whole, some)
    assert not attack(other, some)


def test_closed_years_are_frozen_unless_a_revision_says_so(publish):
    """100 becomes 101: one report more gives away everything about it; 100 becomes 120: declared."""
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
        ("2016-2020,comensha_victims,late reports of 2019", None),
        ("2016-2020,somebody,late reports of 2019", "name a population"),
        ("2016-2020,comensha_victims,", "the reason"),
    ],
)
def test_a_revision_names_a_population_and_its_reason(tmp_path, monkeypatch, row, words):
    (tmp_path / "revisions.csv").write_text(f"edition,population,reason\n{row}\n", encoding="utf-8")
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
