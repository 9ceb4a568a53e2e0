"""The verbs that take an extract: exit codes, what they print, and that nothing runs on a bad
one."""

from __future__ import annotations

import errno
import io
import re

import pytest
from conftest import write_manifest
from extracts import write_clean

from helpers import execute, translations
from helpers.cli import _VERBS, main


def test_validate_says_what_is_wrong_and_exits_with_0_1_or_2(tmp_path, capsys):
    folder = write_clean(tmp_path / "extract")
    assert main(["validate", str(folder)]) == 0 and "nothing is wrong" in capsys.readouterr().out
    (folder / "matches.csv").write_text("victim_id,control_id\nP1,P9\n", encoding="utf-8")
    assert main(["validate", str(folder), "--html", str(tmp_path / "check.html")]) == 1
    assert "matches.csv, column control_id: not in persons.person_id" in capsys.readouterr().out
    assert "not in persons.person_id" in (tmp_path / "check.html").read_text(encoding="utf-8")
    (folder / "extract.yml").unlink()
    assert main(["validate", str(folder)]) == 2 and "monitor template" in capsys.readouterr().out
    assert (
        main(["validate", str(tmp_path / "nowhere")]) == 2
        and "no such folder" in capsys.readouterr().err
    )


@pytest.mark.parametrize(
    ("file", "content", "code"),
    [
        ("matches.csv", "victim_id,control_id\nP1,P9\n", 1),
        ("matches.csv", "victim_id;control_id\nP1;P3\n", 2),
    ],
)
def test_nothing_runs_on_a_bad_extract(tmp_path, capsys, monkeypatch, file, content, code):
    monkeypatch.setattr(
        execute, "run_notebooks", lambda *_, **__: pytest.fail("a notebook was run")
    )
    monkeypatch.setenv("MONITOR_REGISTERS", "")  # set by the verb, and put back after this test
    folder = write_clean(tmp_path / "extract")
    (folder / file).write_text(content, encoding="utf-8")
    assert main(["run", "--registers", str(folder), "--quiet"]) == code
    printed = capsys.readouterr().err
    assert file in printed and "Nothing was run." in printed


@pytest.mark.parametrize(("dutch", "said"), [("of 000000000000", "changed"), (None, "no Dutch")])
def test_nothing_runs_where_dutch_is_stale_or_missing(tmp_path, capsys, monkeypatch, dutch, said):
    monkeypatch.setattr(
        execute, "run_notebooks", lambda *_, **__: pytest.fail("a notebook was run")
    )
    [pair] = translations.list_pairs(["limitations"])
    planted = translations.Pair(pair.source, tmp_path / "book" / "nl" / "limitations.md")
    planted.dutch.parent.mkdir(parents=True)
    words = pair.dutch.read_text(encoding="utf-8")
    planted.dutch.write_text(
        re.sub(r"of [0-9a-f]{12}", dutch, words, count=1) if dutch else "", encoding="utf-8"
    )
    monkeypatch.setattr(translations, "list_pairs", lambda *_, **__: [planted])
    assert main(["run", "--quiet"]) == 2
    assert (
        f"limitations.md, what-these-numbers-are-not: {'the English ' if dutch else ''}{said}"
        in (capsys.readouterr().err)
    )


def test_template_writes_a_folder_once(tmp_path, capsys):
    assert (
        main(["template", str(tmp_path / "new")]) == 0
        and (tmp_path / "new" / "extract.yml").exists()
    )
    assert (
        main(["template", str(tmp_path / "new")]) == 2
        and "not an empty folder" in capsys.readouterr().err
    )


def test_made_up_numbers_never_take_the_place_of_a_registers(tmp_path, capsys, monkeypatch):
    """After a run on a real extract, `bundle` without it would replace real numbers by made-up
    ones."""
    monkeypatch.setattr(execute, "run_notebooks", lambda *_, **__: pytest.fail("it was run"))
    monkeypatch.setattr("helpers.cli.BUNDLES", tmp_path)
    (tmp_path / "2016-2020").mkdir()
    write_manifest(tmp_path / "2016-2020", {"signalling_forms": {"mark": "register"}})
    assert main(["bundle", "--quiet"]) == 2
    assert "name the extract with --registers DIR" in capsys.readouterr().err


def test_a_full_disk_is_the_one_of_the_file_that_was_written(tmp_path, capsys, monkeypatch):
    def fail(folder, **_):
        raise OSError(errno.ENOSPC, "no space", str(folder / "made_up" / "persons.parquet"))

    monkeypatch.setattr("helpers.synthetic.write_registers", fail)
    (tmp_path / "usb").mkdir()
    assert main(["synthesise", "--out", str(tmp_path / "usb" / "new"), "--quiet"]) == 2
    assert "free at usb)" in capsys.readouterr().err


class Stuck(io.StringIO):
    """An output that takes nothing."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def write(self, _text: str) -> int:
        raise OSError(self.number, "no")


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [(errno.EPIPE, 0, ""), (errno.ENOSPC, 2, "where it was sent (No space left on device)")],
)
def test_an_answer_that_cannot_be_written_is_no_fault_of_the_projects_disk(
    tmp_path, capsys, monkeypatch, number, code, words
):
    write_clean(tmp_path)
    monkeypatch.setattr("sys.stdout", Stuck(number))
    assert main(["validate", str(tmp_path)]) == code
    said = capsys.readouterr().err
    assert (words in said) if words else said == ""


@pytest.mark.parametrize("verb", _VERBS)
def test_each_verb_tells_its_options(verb, capsys):
    with pytest.raises(SystemExit) as ended:
        main([verb, "--help"])
    assert ended.value.code == 0 and "--edition" in capsys.readouterr().out
