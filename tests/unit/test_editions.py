"""A new edition, two compared, and the way out of the secure side and in again."""

from __future__ import annotations

import csv
import datetime
import hashlib
import json
import shutil
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from conftest import write_manifest

from helpers import editions, published
from helpers.cli import main
from helpers.disclosure import DisclosureError
from helpers.edition import BUNDLES, BadInput, SiteFailed, define_edition, read_edition
from helpers.editions import compare, export, importing
from helpers.editions.checker import check_tables
from helpers.editions.revisions import tabulate_headline
from helpers.products import read_products
from helpers.release import check_declared, leaks
from helpers.release.leaks import Private
from helpers.sources import Extract, Validation
from helpers.sources.headers import Tally

DEFAULT = "2016-2020"


# A new edition


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("2016-2020", "exists, and nothing was changed"),
        ("2021-2017", "exchange them"),
        ("2017", "is no period; write FIRST-LAST"),
        ("2017-2021-2022", "is no period"),
        ("1990-1995", "give a year from 2000"),
    ],
)
def test_a_period_that_cannot_be_is_refused(name, words):
    with pytest.raises(BadInput, match=words):
        editions.define_new(name)


def test_a_period_that_another_name_has_is_refused(monkeypatch, tmp_path):
    """Two editions of the same years would be compared year by year as if one were later."""
    own = "edition: first\nperiod_start: 2017\nperiod_end: 2021\n"
    (tmp_path / "first.yml").write_text(own, encoding="utf-8")
    monkeypatch.setattr("helpers.edition.EDITIONS", tmp_path)
    with pytest.raises(BadInput, match="the edition first has the period 2017-2021 already"):
        editions.define_new("2017-2021")


def test_an_edition_whose_making_was_killed_is_begun_again(monkeypatch, tmp_path):
    """Its file was there and its bundle was not, and it was refused as one that exists."""
    monkeypatch.setattr("helpers.edition.EDITIONS", tmp_path)
    monkeypatch.setattr("helpers.editions.new.BUNDLES", tmp_path)
    with (
        pytest.raises(KeyboardInterrupt),
        editions.begin_edition(editions.define_new("2017-2021")),
    ):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []
    with editions.begin_edition(editions.define_new("2017-2021")) as name:
        assert name.endswith("2017-2021.yml")
    assert editions.define_new("2017-2021").span == "2017-2021"
    (tmp_path / "2017-2021").mkdir()
    with pytest.raises(BadInput, match="--edition 2017-2021 --registers DIR builds it anew"):
        editions.define_new("2017-2021")
    (tmp_path / "2017-2021").rmdir()
    with (tmp_path / "2017-2021.yml").open("a", encoding="utf-8") as stream:
        stream.write("seed: 5\n")
    with pytest.raises(BadInput, match="exists, and nothing was changed"):
        editions.define_new("2017-2021")


@pytest.mark.parametrize(
    ("verb", "way"),
    [("book", "or show that bundle with --from-bundle"), ("run", "--from-bundle"), ("bundle", "")],
)
def test_made_up_numbers_never_take_the_place_of_a_registers(monkeypatch, capsys, verb, way):
    """D3: who built an edition of a register without naming the extract got made-up numbers in
    it."""
    monkeypatch.setattr("helpers.cli.holds_register", lambda folder: folder.name == DEFAULT)
    monkeypatch.setattr("helpers.cli.execute.run_notebooks", lambda *_, **__: pytest.fail("ran"))
    monkeypatch.setattr("helpers.cli.execute.is_unchanged", lambda *_: False)
    assert main([verb]) == 2
    said = capsys.readouterr().err
    assert "was counted from a real register" in said and way in said
    assert ("--from-bundle" in said) == bool(way)


def describe(**years):
    rows = [
        {"table": table, "column": "x", "year": year, "n": n, "n_missing": 0}
        for table, counts in years.items()
        for year, n in counts.items()
    ]
    return Validation([], completeness=pd.DataFrame(rows))


def test_an_extract_of_a_part_of_the_period_is_refused_and_no_small_year_is_named_present():
    edition = define_edition(edition="2017-2019", period_start=2017, period_end=2019)
    whole = describe(reports={2017: 50, 2018: 50, 2019: 50}, persons={1990: 3})
    editions.check_coverage(whole, edition)
    with pytest.raises(BadInput, match="reports has fewer than 10 rows in 2018, 2019"):
        editions.check_coverage(describe(reports={2017: 50, 2018: 9}), edition)


def describe_months(n, *months):
    found = describe(reports=dict.fromkeys({year for year, _ in months}, n))
    counted = Counter(year * 12 + month - 1 for year, month in months)
    found.tallies["reports"] = Tally(months=counted)
    return found


WHOLE = [(year, month) for year in range(2017, 2022) for month in range(1, 13)]
BY_2022 = Extract(Path(), "", {}, extraction_date=datetime.date(2022, 7, 1))


@pytest.mark.parametrize(
    ("months", "extract", "words"),
    [
        (
            WHOLE,
            replace(BY_2022, reference_date=datetime.date(2021, 6, 30)),
            "known until 2021-06-30, so 2021 is not whole; the last whole year is 2020",
        ),
        (WHOLE[:-6], BY_2022, "reports ends within 2021"),
        (WHOLE[6:], BY_2022, "reports begins within 2017"),
    ],
)
def test_half_a_year_is_no_year_of_an_edition(months, extract, words):
    """D8: follow-up ran on to the edition's end, and half years stood beside whole ones."""
    edition = define_edition(edition="2017-2021", period_start=2017, period_end=2021)
    editions.check_whole_years(describe_months(900, *WHOLE), BY_2022, edition)
    with pytest.raises(BadInput, match=words):
        editions.check_whole_years(describe_months(900, *months), extract, edition)


def test_few_rows_may_leave_months_empty_and_years_beyond_the_edition_do_not_matter():
    edition = define_edition(edition="2017-2021", period_start=2017, period_end=2021)
    editions.check_whole_years(describe_months(12, (2017, 6), (2021, 6)), BY_2022, edition)
    longer = [(2016, 8), *WHOLE, (2022, 1), (2022, 2)]
    editions.check_whole_years(describe_months(900, *longer), BY_2022, edition)


# Two editions


@pytest.fixture
def two(tmp_path):
    """The committed bundle and a copy in which a printed number of a closed year is another, with
    the checksum that it then has."""
    for name in ("one", "other"):
        shutil.copytree(BUNDLES / DEFAULT, tmp_path / name)
    return tmp_path / "one", tmp_path / "other"


def change(folder, table, **cells):
    """Set the `n` of the row that `cells` name."""
    path = folder / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    n = cells.pop("n")
    [row] = [row for row in rows if all(row[key] == word for key, word in cells.items())]
    row["n"] = n
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["tables"][table]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


VICTIMS = {"population": "register_without_kmar_only", "period": "2016"}


def find_changed(folders, last):
    return compare.find_changes(compare.pair_closed(folders, last_closed=last))


def test_the_same_edition_has_no_changes(two):
    assert find_changed(two, 2020) == []


def test_a_closed_year_that_changed_is_found_and_an_open_one_is_not(two):
    change(two[1], "known_victims", n="958", **VICTIMS)
    [found] = find_changed(two, 2020)
    assert (found["table"], found["period"], found["before"], found["after"]) == (
        "known_victims",
        "2016",
        "952",
        "958",
    )
    assert find_changed(two, 2015) == []


def test_made_up_people_are_no_vintage(two):
    change(two[1], "signalling_forms", n="1", category="labour", period="2016")
    assert find_changed(two, 2020) == []


def test_a_declared_reason_is_found_by_table_or_population_year_and_edition(tmp_path):
    found = {"table": "known_victims", "period": "2016", "where": "", "before": "1", "after": "2"}
    row = {"table": "known_victims", "population": "", "period": "*", "edition": "b"}
    row |= {"reason_en": "reports joined", "reason_nl": "meldingen", "source": "F050"}
    assert compare.find_reason(found, [row], ["b"]) == "reports joined"
    assert compare.find_reason(found, [row], ["c"]) == ""
    counted = {**found, "table": "signalling_forms"}
    by_people = {**row, "table": "", "population": "comensha_victims", "period": "2016"}
    assert compare.find_reason(counted, [by_people], ["b"]) == "reports joined"
    assert compare.find_reason({**counted, "period": "2017"}, [by_people], ["b"]) == ""


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("b,,known_victims,*,why,,F050", "row 2: name the reason in both languages"),
        ("b,,,*,why,waarom,F050", "row 2: name a population or a table"),
        ("b,comensha_victims,known_victims,*,why,waarom,F050", "name a population or a table"),
    ],
)
def test_a_revision_without_its_reason_is_refused(tmp_path, row, words):
    path = tmp_path / "revisions.csv"
    path.write_text(f"{','.join(compare.DECLARED_COLUMNS)}\n{row}\n", encoding="utf-8")
    with pytest.raises(BadInput, match=words):
        compare.read_reasons(path)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("2009-2020", "2016-2020"),
        ("2018-2022", "2017-2021"),
        ("2016-2016", "2016-2020"),
        ("2010-2011", None),
    ],
)
def test_a_new_edition_is_compared_with_the_nearest(name, nearest, monkeypatch):
    """One whose name sorts before all others, as that of twelve years, was compared with none."""

    def read(name):
        first, last = map(int, name.split("-"))
        return define_edition(edition=name, period_start=first, period_end=last)

    monkeypatch.setattr(compare, "read_edition", read)
    assert editions.find_nearest(name, ["2014-2016", "2016-2020", "2017-2021"]) == nearest


def test_compare_exits_with_1_where_a_closed_year_changed(two, monkeypatch, capsys):
    change(two[1], "known_victims", n="958", **VICTIMS)
    monkeypatch.setattr(compare, "BUNDLES", two[0].parent)
    one = read_edition(DEFAULT)
    monkeypatch.setattr(compare, "read_edition", lambda name, language: one)
    monkeypatch.setattr("helpers.cli.read_edition", lambda name: one)
    assert main(["compare", "one", "other"]) == 1
    printed = capsys.readouterr().out
    assert "WITHOUT a declared reason: 1" in printed and "952 -> 958" in printed
    assert main(["compare", "one", "one"]) == 0
    assert main(["compare", "one", "nowhere"]) == 2


def test_what_matters_most_stands_first_and_long_lists_are_cut():
    """Two editions gave ninety lines, and a closed year that changed stood below all of them."""
    many = tuple(f"claim {number}" for number in range(40))
    found = editions.Comparison(many, ("rule",), many, many, ("known",), ("closed 952 -> 958",))
    lines = found.write().splitlines()
    assert lines[1] == "closed years that changed WITHOUT a declared reason: 1"
    assert lines[2] == "  closed 952 -> 958" and lines[4] == "  known" and lines[6] == "  rule"
    assert lines.count("  and 35 more") == 3 and len(lines) <= 30
    assert len(found.write(most=None).splitlines()) == 9 + 3 + 3 * 40


def test_a_table_without_rows_has_no_other_definition():
    """Of an extract without a register 57 tables were said to have another mark."""
    table = {"rule_set": "cbs", "by": ["period"], "mark": "register", "sha256": "", "rows": 1}
    before = {"parameters": {}, "tables": {"one": table, "other": table}}
    after = {"parameters": {}, "tables": {"one": {**table, "mark": ""}, "other": table}}
    assert compare._compare_definitions(before, after) == []
    after["tables"]["other"] = {**table, "mark": "published"}
    [line] = compare._compare_definitions(before, after)
    assert line == "mark: register -> published, in other"


def test_what_only_one_of_two_editions_has_is_told_apart():
    """Beside an edition on public numbers 54 verdicts "differed" where one edition had no numbers,
    and 85 tables that it lacks stood before those whose rows are others."""
    record = {"sha256": "a", "rows": 3}
    before = {"same": record, "other": record, "gone": record, "empty": {"sha256": "a", "rows": 0}}
    after = {"same": record, "other": {"sha256": "b", "rows": 4}, "new": record}
    after["empty"] = {"sha256": "b", "rows": 0}
    both, alone = compare._compare_tables(before, after)
    assert both == ["other: 3 -> 4 rows"] and alone == ["gone: 3 -> 0 rows", "new: 0 -> 3 rows"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_later_edition_declares_its_reasons_in_whichever_order_they_are_named(
    order, two, monkeypatch
):
    """Where the later was named first, a change with a declared reason was a finding."""
    change(two[1], "known_victims", n="958", **VICTIMS)
    one = read_edition(DEFAULT)
    known = {
        "one": one,
        "other": define_edition(edition="other", period_start=2016, period_end=2021),
    }
    judged = iter([{"a": "holds", "b": "holds"}, {"a": "does_not_hold", "b": "cannot_be_decided"}])
    monkeypatch.setattr(compare, "BUNDLES", two[0].parent)
    monkeypatch.setattr(compare, "read_edition", lambda name, language: known[name])
    monkeypatch.setattr(
        compare,
        "judge",
        lambda *_, **__: {
            name: SimpleNamespace(verdict=verdict, write=lambda letters: "")
            for name, verdict in next(judged).items()
        },
    )
    row = {"edition": "other", "population": "", "table": "known_victims", "period": "2016"}
    monkeypatch.setattr(compare, "read_reasons", lambda: [{**row, "reason_en": "joined"}])
    names = [("one", "other")[place] for place in order]
    found = compare.compare_editions(*names)
    assert not found.findings and len(found.declared) == 1 and found.shared > 100
    assert found.claims == ("a: holds -> does_not_hold",)
    assert found.undecided == ("b: holds -> cannot_be_decided",) and not found.texts


def test_an_edition_on_public_numbers_is_compared_from_the_first_day(two, monkeypatch, capsys):
    """It keeps no bundle, and who asked for one was told to make it, which is refused."""
    other = two[1].rename(two[1].parent / "2019-2024")
    made = []

    def make(edition, quiet):
        made.append(edition.edition)
        shutil.copytree(other, two[0].parent / "bundles" / edition.edition)

    monkeypatch.setattr(compare, "BUNDLES", two[0].parent / "none")
    monkeypatch.setattr(compare, "CACHE", two[0].parent)
    shutil.copytree(two[0], two[0].parent / "bundles" / DEFAULT)
    monkeypatch.setattr("helpers.cli.execute.make_tables", make)
    assert main(["compare", DEFAULT, "2019-2024"]) == 0
    assert made == ["2019-2024"]
    assert "rests on public numbers alone and keeps no bundle" in capsys.readouterr().out


def test_the_claims_of_an_edition_on_public_numbers_are_judged_on_its_tables(monkeypatch):
    """In a fresh clone they had no table, and fourteen that hold were kept as undecided."""
    made = []
    monkeypatch.setattr(
        "helpers.cli.execute.make_tables", lambda edition, quiet: made.append(edition.edition)
    )
    monkeypatch.setattr("helpers.cli.claims.judge", lambda *_, **__: {})
    monkeypatch.setattr("helpers.cli.claims.compare_verdicts", lambda *_: [])
    assert main(["claims", "--edition", "2019-2024", "--quiet"]) == 0
    assert made == ["2019-2024"]


@pytest.mark.parametrize(
    ("change_it", "words"),
    [
        (lambda tables: tables.pop("known_victims"), "lacks: known_victims"),
        (lambda tables: tables["known_victims"].update(by=["year"]), "otherwise: known_victims"),
        (lambda tables: tables.update(gone=tables["known_victims"]), "no longer declared: gone"),
        (lambda tables: [tables.pop(name) for name in sorted(tables)[:9]], " and 6 more"),
    ],
)
def test_a_bundle_of_an_older_version_is_said_before_anything_runs(two, change_it, words):
    """A chapter ended in the middle with the trace of a missing table."""
    chapters = {product.chapter for product in read_products().values()}
    check_declared(two[0], chapters)
    path = two[0] / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    change_it(manifest["tables"])
    path.write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(
        BadInput, match=f"another version of the monitor .*{words}.*nothing was run"
    ):
        check_declared(two[0], chapters)


# Revisions


def test_published_vintages_stand_in_the_order_of_printing():
    """The numbers that sources print: 2008 first 809, then 826 (data/facts), 2014 1,256 and 1,255,
    2017 958 and 956, reports by the police 2016 462 and 446."""
    table = editions.tabulate_revisions(published.read_vintages())
    seen = {}
    for _, row in table.iterrows():
        key = (row["period"], row["breakdown"], row["category"])
        seen.setdefault(key, []).append(int(row["n"]))
    assert seen["2008", "total", "all"] == [809, 826]
    assert seen["2014", "total", "all"] == [1256, 1255]
    assert [n for n in seen["2017", "total", "all"] if n != 952] == [958, 956]
    assert seen["2016", "reporter", "police"] == [462, 446]


def test_a_share_is_no_later_count_of_the_same_people():
    """Of 2011 newspapers print 16% minors and 82% women (24 December 2012), the Ninth report 195
    minors and the United Nations' file 983 women: none of them corrects another. Two shares do
    differ."""
    facts = published.read_vintages()
    shares = facts["unit"].str.startswith("percent")
    assert set(facts.loc[shares & facts["period"].eq("2011"), "value"]) >= {"16", "82"}
    table = editions.tabulate_revisions(facts)
    assert table[(table["period"] == "2011")].empty
    later = facts[facts["id"] == "F136"].assign(value="17", published="2013", id="F999")
    table = editions.tabulate_revisions(pd.concat([facts, later], ignore_index=True))
    assert table.loc[table["period"] == "2011", "n"].tolist() == [16, 17]


def test_an_edition_on_a_register_stands_among_the_editions_with_its_own_numbers(
    monkeypatch, tmp_path
):
    """Beside the editions on print it had the printed numbers, or none."""
    rows = "population,period,n,status,mark,source\n"
    own = "register_without_kmar_only,2017,961,released,register,x\n"
    own += "register_without_kmar_only,2018,hidden,suppressed,register,x\n"
    printed = "register_without_kmar_only,2017,956,released,published,F056\n"
    printed += "register_all_reporters,2019,1372,released,published,F019\n"
    (tmp_path / "2017-2021").mkdir()
    for name, words in (("signalling_victims", own), ("known_victims", printed)):
        (tmp_path / "2017-2021" / f"{name}.csv").write_text(rows + words, encoding="utf-8")
    monkeypatch.setattr("helpers.editions.revisions.BUNDLES", tmp_path)
    edition = define_edition(edition="2017-2021", period_start=2017, period_end=2021)
    found = tabulate_headline(edition)
    assert found.to_numpy().tolist() == [
        ["register_without_kmar_only", "2017", "961", "register"],
        ["register_all_reporters", "2019", "1372", "published"],
    ]


# Out and in


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "2016-2020.export.zip"
    export.write_export(read_edition(DEFAULT), BUNDLES / DEFAULT, path)
    return path


def test_what_leaves_comes_in_byte_for_byte(packed, tmp_path):
    found = editions.read_export(packed)
    found.write_bundle(tmp_path / "in")
    for path in (BUNDLES / DEFAULT).iterdir():
        assert (tmp_path / "in" / path.name).read_bytes() == path.read_bytes()


def test_a_changed_byte_is_refused_wherever_it_lies(packed, tmp_path):
    content, broken = packed.read_bytes(), tmp_path / "broken.zip"
    for place in range(5, len(content), len(content) // 40):
        broken.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(BadInput):
            editions.read_export(broken)


def change_manifest(record, files, **entries):
    """The manifest in an export with other entries, and the checksum that it then has."""
    name = "bundle/manifest.json"
    files[name] = json.dumps(json.loads(files[name]) | entries).encode()
    record["files"][name] = hashlib.sha256(files[name]).hexdigest()


def repack(packed, change_it):
    with zipfile.ZipFile(packed) as opened:
        files = {name: opened.read(name) for name in opened.namelist()}
    record = json.loads(files.pop(export.RECORD))
    change_it(record, files)
    return export.pack(record, files)


@pytest.mark.parametrize(
    ("change_it", "words"),
    [
        (lambda record, files: files.update({"bundle/extra.csv": b""}), "extra"),
        (lambda record, files: files.pop("bundle/known_victims.csv"), "missing"),
        (lambda record, files: files.update({"edition.yml": b"x"}), "edition.yml was changed"),
        (lambda record, files: record["rule_sets"].update(sha256="0"), "other rule sets"),
        (lambda record, files: record["declarations"].update({"cells.csv": "0"}), "cells.csv"),
        (lambda record, files: record.update(format=0), "made in format 0"),
        (lambda record, files: files.update({"bundle/../../x.csv": b""}), "which no export does"),
        (lambda record, files: files.update({"/etc/x": b""}), "which no export does"),
        (lambda record, files: record.update(edition="../../x"), "name other editions"),
        *(
            (lambda record, files, name=name: record.pop(name), "no whole export")
            for name in ("format", "edition", "rule_sets", "declarations", "files")
        ),
        *(
            (lambda record, files, name=name: record.update({name: [1]}), "no whole export")
            for name in ("edition", "rule_sets", "declarations", "files")
        ),
        (lambda record, files: record["rule_sets"].pop("sha256"), "no whole export"),
        (lambda record, files: record["declarations"].pop("cells.csv"), "another cells.csv"),
        (lambda record, files: change_manifest(record, files, edition=[1]), "edition is wrong"),
        (lambda record, files: change_manifest(record, files, parameters=None), "parameters"),
    ],
)
def test_an_export_that_is_not_as_it_was_packed_is_refused(packed, tmp_path, change_it, words):
    broken = tmp_path / "broken.zip"
    broken.write_bytes(repack(packed, change_it))
    with pytest.raises(BadInput, match=words):
        importing.read_export(broken)


def test_an_export_is_the_same_bytes_again(packed, tmp_path):
    export.write_export(read_edition(DEFAULT), BUNDLES / DEFAULT, tmp_path / packed.name)
    assert (tmp_path / packed.name).read_bytes() == packed.read_bytes()


def test_what_identifies_a_person_keeps_the_export_inside(tmp_path, monkeypatch):
    """A planted identifier of the extract in a released table, and a day of a person."""
    for planted, words in ((b"RIN00412345", "an identifier"), (b"2003-04-17", "a day")):
        private = Private(identifiers=frozenset({planted}), days=frozenset({planted}))
        monkeypatch.setattr(leaks, "list_private", lambda private=private: private)
        bundle = tmp_path / words.replace(" ", "") / DEFAULT
        shutil.copytree(BUNDLES / DEFAULT, bundle)
        change(bundle, "known_victims", n=planted.decode(), **VICTIMS)
        with pytest.raises(DisclosureError, match=words) as caught:
            export.write_export(read_edition(DEFAULT), bundle, tmp_path / "out.zip")
        assert planted.decode() not in str(caught.value)
        assert not (tmp_path / "out.zip").exists() and not list(tmp_path.glob(".export-*"))


def test_an_export_of_a_register_names_its_extract(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr("helpers.cli.holds_register", lambda folder: True)
    assert main(["export", "--to", str(tmp_path / "out.zip")]) == 2
    assert "name the extract with --registers DIR" in capsys.readouterr().err


def test_a_folder_that_may_not_be_written_is_said_in_one_sentence(monkeypatch, capsys):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied", "/somewhere/.cache")

    monkeypatch.setattr("helpers.cli.execute.hold_checkout", refuse)
    assert main(["book"]) == 2
    said = capsys.readouterr().err
    assert (
        said.count("\n") == 1 and ".cache may not be written" in said and "/somewhere" not in said
    )


def test_import_never_writes_over_another_bundle(packed, tmp_path, monkeypatch, capsys):
    """The bundle of this checkout is another than that of the export: nothing is changed."""
    own = tmp_path / "bundles"
    shutil.copytree(BUNDLES / DEFAULT, own / DEFAULT)
    change(own / DEFAULT, "known_victims", n="958", **VICTIMS)
    before = {path.name: path.read_bytes() for path in (own / DEFAULT).iterdir()}
    for room in ("cli", "editions.importing"):
        monkeypatch.setattr(f"helpers.{room}.BUNDLES", own)
    monkeypatch.setattr("helpers.cli.execute.run_notebooks", lambda *_, **__: pytest.fail("ran"))
    assert main(["import", str(packed)]) == 2
    assert "nothing was changed" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in (own / DEFAULT).iterdir()} == before
    assert [path.name for path in own.iterdir()] == [DEFAULT]


@pytest.mark.parametrize(
    ("refuses", "error", "code"),
    [
        ("cli._audit_bundle", DisclosureError("a count"), 1),
        ("cli._build_site", SiteFailed("a page"), 1),
        ("cli.execute.run_notebooks", BadInput("an older version"), 2),
        ("cli.execute.run_notebooks", OSError(28, "No space left on device"), 2),
        ("cli.execute.run_notebooks", KeyboardInterrupt(), 130),
    ],
)
def test_nothing_of_a_refused_import_stays(packed, tmp_path, monkeypatch, refuses, error, code):
    """The bundle was put in place before its site was refused by the audit, and stayed there."""
    bundles, parameters = tmp_path / "bundles", tmp_path / "editions"
    for folder in (bundles, parameters):
        folder.mkdir()
    for room in ("cli", "editions.importing"):
        monkeypatch.setattr(f"helpers.{room}.BUNDLES", bundles)
    monkeypatch.setattr("helpers.edition.EDITIONS", parameters)
    for step in ("cli._audit_bundle", "cli._build_site", "cli.execute.run_notebooks"):
        monkeypatch.setattr(f"helpers.{step}", lambda *_, **__: SimpleNamespace(bundle=bundles))

    def refuse(*_, **__):
        raise error

    monkeypatch.setattr(f"helpers.{refuses}", refuse)
    # This process has others of its own, which tests beside this one need.
    monkeypatch.setattr("helpers.execute.guard.end_children", lambda: None)
    assert main(["import", str(packed), "--quiet"]) == code
    assert list(bundles.iterdir()) == list(parameters.iterdir()) == []
    monkeypatch.setattr(f"helpers.{refuses}", lambda *_, **__: SimpleNamespace(bundle=bundles))
    assert main(["import", str(packed), "--quiet"]) == 0
    assert [path.name for path in bundles.iterdir()] == [DEFAULT]
    assert [path.name for path in parameters.iterdir()] == [f"{DEFAULT}.yml"]


def test_the_checker_sees_minimum_maximum_base_and_hidden_cells(tmp_path):
    """Counted by hand: a table of five counts under a threshold of ten and a base of five."""
    folder = tmp_path / "bundle"
    folder.mkdir()
    rows = ["0", "15", "20", "<10", "hidden"]
    (folder / "aid_flow.csv").write_text(
        "category,n,status,mark\n"
        + "".join(f"c{i},{n},rounded,register\n" for i, n in enumerate(rows)),
        encoding="utf-8",
    )
    record = {"rule_set": "statistics_office", "mark": "register"}
    write_manifest(folder, {"aid_flow": record})
    edition = define_edition(edition="test", period_start=2016, period_end=2020)
    [column] = check_tables(edition, folder)["aid_flow"].columns
    assert (column.least, column.least_but_nought, column.largest) == (0, 15, 20)
    assert (column.is_rounded, column.n_small, column.n_hidden) == (True, 1, 1)
    assert check_tables(edition, folder)["aid_flow"].is_right
    text = (folder / "aid_flow.csv").read_text(encoding="utf-8")
    (folder / "aid_flow.csv").write_text(text.replace("15", "7"), encoding="utf-8")
    assert not check_tables(edition, folder)["aid_flow"].is_right


# What SACRO-Viewer 0.2.1 reads of each output (static/assets: outputClick, and sacro/models.py).
READ = ("status", "type", "properties", "summary", "timestamp", "comments", "exception")


def test_the_folder_for_sacro_is_one_that_its_viewer_takes(packed):
    """What SACRO-Viewer 0.2.1 asks: of the version, at least 0.4 (sacro/versioning.py); of a
    record, `results` whose files have a name (ACROOutputs); a checksum beside each; what its page
    reads. It marks the cell td:nth-child(y + 2) of tr:nth-child(x + 1), so y counts from the second
    column: once the cell to the right of every hidden one was marked.
    """
    with zipfile.ZipFile(packed) as opened:
        record = json.loads(opened.read("acro/results.json"))
        assert tuple(map(int, record["version"].split(".")[:2])) >= (0, 4) and record["results"]
        assert "version" not in json.loads(opened.read("acro/config.json"))  # else two records
        marked = 0
        for name, result in record["results"].items():
            assert set(READ) <= set(result) and "method" in result["properties"]
            assert result["uid"] == name and isinstance(result["comments"], list)
            assert result["status"] in ("pass", "review", "fail")
            [file] = result["files"]
            content = opened.read(f"acro/{file['name']}")
            told = opened.read(f"acro/checksums/{file['name']}.txt").decode()
            assert hashlib.sha256(content).hexdigest() == told
            rows = list(csv.reader(content.decode("utf-8").splitlines()))[1:]
            cells = [cell for cells in file["sdc"]["cells"].values() for cell in cells]
            for row, column in cells:
                assert rows[row][column + 1] == "hidden" or rows[row][column + 1].startswith("<")
                marked += 1
        assert marked > 0
