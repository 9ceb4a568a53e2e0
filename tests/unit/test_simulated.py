"""Slow results stand committed with what they were made from; nothing but the captures, the lists,
the seed and the code makes a re-runner wait."""

import json
import shutil

import pandas as pd
import pytest

from helpers import mse
from helpers.edition import BadInput
from helpers.mse import simulated

TABLE = pd.DataFrame(
    {
        "A": [1, 0, 0, 1, 0, 1],
        "B": [0, 1, 0, 1, 1, 0],
        "C": [0, 0, 1, 0, 1, 1],
        "n": [500, 400, 300, 40, 30, 25],
    }
)
CAPTURES = "A,B,C,n\n1,0,0,500\n0,1,0,400\n0,0,1,300\n1,1,0,40\n0,1,1,30\n1,0,1,25\n"
LISTS = {"merged_lists": ["I", "O"], "border_list": "K"}


@pytest.mark.parametrize("name", mse.SIMULATED_NAMES)
def test_the_committed_record_fits_the_code_the_captures_and_the_settings(name):
    table = mse.read_simulated(name)
    assert len(table) and table["n"].gt(0).all()


def copy_simulated(folder, **changes):
    """The committed results in another folder, with some entries of the record of the moves
    changed."""
    shutil.copytree(simulated.SIMULATED, folder)
    record = json.loads((folder / "record.json").read_text(encoding="utf-8"))
    record["hidden_moves"] |= changes
    (folder / "record.json").write_text(json.dumps(record), encoding="utf-8")
    return folder


@pytest.mark.parametrize("what", ["code_sha256", "captures_sha256"])
def test_a_record_of_other_code_or_captures_is_refused_with_the_remedy(tmp_path, what):
    folder = copy_simulated(tmp_path / "simulated", **{what: "0" * 64})
    with pytest.raises(BadInput, match=f"another {what}; run make simulate"):
        mse.read_simulated("hidden_moves", folder=folder)


def test_a_table_changed_by_hand_or_missing_from_the_record_is_refused(tmp_path):
    folder = copy_simulated(tmp_path / "simulated")
    path = folder / "hidden_moves.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("00,", "01,", 1), encoding="utf-8")
    with pytest.raises(BadInput, match="another sha256"):
        mse.read_simulated("hidden_moves", folder=folder)
    with pytest.raises(BadInput, match="knows no hidden_moves; run make simulate"):
        mse.read_simulated("hidden_moves", folder=tmp_path)
    with pytest.raises(BadInput, match="no simulated table hidden_lists"):
        mse.read_simulated("hidden_lists")


def write_room(folder, *, docstring='"""One."""', number=1, more=""):
    folder.mkdir(exist_ok=True)
    (folder / "first.py").write_text(
        f"{docstring}\nfrom helpers.mse.second import take{more}\nx = take( )\n", encoding="utf-8"
    )
    (folder / "second.py").write_text(f"def take():\n    return {number}\n", encoding="utf-8")
    return folder


def test_only_what_the_code_does_changes_its_hash(tmp_path):
    """A docstring, a comment and a format do not; a number in a module that is imported does."""
    plain = mse.simulated.hash_code("first", room=write_room(tmp_path / "plain"))
    worded = write_room(tmp_path / "worded", docstring='"""Two words."""\n\n', more="  # why")
    assert simulated.hash_code("first", room=worded) == plain
    other = write_room(tmp_path / "other", number=2)
    assert simulated.hash_code("first", room=other) != plain


@pytest.fixture
def counted(monkeypatch):
    """How often the slow work starts; it gives small tables at once."""
    calls = []

    def settings(settings, *, replicates, seed, quiet=False):
        calls.append("estimates")
        return pd.DataFrame(
            {"population": ["lists_apart"], "category": ["bic"], "n": [2000.0], "terms": ["A-B"]}
        )

    def moves(captures, *, quiet=True):
        calls.append("moves")
        return pd.DataFrame(
            {"population": ["as_they_are"], "category": ["all"], "n": [2000.0], "terms": [""]}
        )

    monkeypatch.setattr(simulated, "tabulate_settings", settings)
    monkeypatch.setattr(simulated, "tabulate_moves", moves)
    monkeypatch.setattr(simulated, "measure_coverage", lambda **_: calls.append("worlds"))
    return calls


def read_own(
    folder, monkeypatch, *, extract="source: x\ncaptures: {period: 2016-2020}\n", captures=CAPTURES
):
    folder.mkdir(exist_ok=True)
    (folder / "extract.yml").write_text(extract, encoding="utf-8")
    (folder / "captures.csv").write_text(captures, encoding="utf-8")
    monkeypatch.setenv("MONITOR_REGISTERS", str(folder))
    return mse.read_captures()


def test_an_unrelated_change_of_an_extract_starts_no_slow_work(tmp_path, counted, monkeypatch):
    """D5: a comma in extract.yml started an hour of work."""

    def look(seed=1, **changes):
        own = read_own(tmp_path / "registers", monkeypatch, **changes)
        found = mse.find_estimates(own, **LISTS, seed=seed, kept=tmp_path / "kept")
        mse.find_moves(own, kept=tmp_path / "kept")
        return found

    assert look()["terms"].tolist() == ["A-B"] and counted == ["estimates", "moves"]
    look(extract="source: 'x, and a comma'\ncaptures: {period: 2016-2020}\nadded_codes: {}\n")
    look(captures="A,B,C,n\n" + "".join(sorted(CAPTURES.splitlines(keepends=True)[1:])))
    assert counted == ["estimates", "moves"]
    look(seed=2)  # the moves draw nothing
    assert counted == ["estimates", "moves", "estimates"]
    look(captures=CAPTURES.replace("500", "501"))
    assert counted == ["estimates", "moves", "estimates", "estimates", "moves"]


def test_nothing_slow_runs_where_no_captures_came(counted, monkeypatch):
    monkeypatch.delenv("MONITOR_REGISTERS", raising=False)
    captures = mse.read_captures()
    assert captures.is_public and captures.mark == "published"
    assert len(mse.find_estimates(captures, **LISTS, seed=3)) and len(mse.find_moves(captures))
    assert counted == []
    with pytest.raises(BadInput, match="merged_lists and border_list of the published captures"):
        mse.find_estimates(captures, merged_lists=["P"], border_list="K", seed=3)


def test_a_kept_table_reads_as_it_was_made(tmp_path, monkeypatch):
    """Each method once, with real work: a category without terms stays an empty text, a limit that
    is not there stays missing."""
    own = read_own(tmp_path / "registers", monkeypatch)
    first, second = (
        mse.find_estimates(own, **LISTS, seed=1, replicates=20, kept=tmp_path / "kept")
        for _ in range(2)
    )
    pd.testing.assert_frame_equal(first, second)
    assert first["share"].between(0, 1).all() and "" in first["terms"].tolist()
    assert {"independence", "forward", "bic", "chao"} <= set(first["category"])
