"""A capture table that a re-runner brings: both forms are read, and what cannot be read is refused
by file, row and remedy."""

import pytest

from helpers.edition import BadInput
from helpers.mse import read_captures as choose_captures
from helpers.sources import read_captures, validate_extract

EXTRACT = "source: a register\ncaptures: {period: 2016-2020}\n"
PATTERNS = "A,B,C,n\n1,0,0,50\n0,1,0,40\n0,0,1,30\n1,1,0,10\n0,1,1,8\n1,0,1,6\n"
VICTIMS = "victim_id,list,region\nv1,A,north\nv1,B,north\nv2,A,south\nv3,A,north\nv3,B,north\nv3,B,north\n"


def write(folder, captures: str, extract: str | None = EXTRACT):
    (folder / "captures.csv").write_text(captures, encoding="utf-8")
    if extract is not None:
        (folder / "extract.yml").write_text(extract, encoding="utf-8")
    return folder


def test_a_pattern_table_is_read_as_it_is(tmp_path):
    table, period, source = read_captures(write(tmp_path, PATTERNS))
    assert (
        (period, source) == ("2016-2020", "a register")
        and table["n"].sum() == 144
        and list(table) == ["A", "B", "C", "n"]
    )


def test_rows_of_victims_and_lists_are_counted_once_each(tmp_path):
    """By hand: v1 and v3 on A and B in the north (v3 stands twice on B), v2 on A in the south."""
    table, _, _ = read_captures(write(tmp_path, VICTIMS))
    assert table.set_index("region")[["A", "B", "n"]].to_dict("index") == {
        "north": {"A": 1, "B": 1, "n": 2},
        "south": {"A": 1, "B": 0, "n": 1},
    }


def test_a_folder_without_captures_holds_none(tmp_path):
    assert read_captures(tmp_path) is None


@pytest.mark.parametrize(
    ("captures", "extract", "words"),
    [
        (PATTERNS, None, "extract.yml is missing"),
        (PATTERNS, "source: a register\n", "captures: {period: 2016-2020}"),
        (
            PATTERNS,
            "source: a register\ncaptures: {period: last year}\n",
            "write the first and last year",
        ),
        (PATTERNS, "source: [\n", "extract.yml: no valid YAML"),
        (PATTERNS, "source: &a x\ncaptures: {period: *a}\n", "an anchor or alias"),
        (PATTERNS, "source: x\nsource: y\ncaptures: {period: 2016-2020}\n", "stands twice"),
        ("A,B,C,n\n", EXTRACT, "has no rows"),
        ("A;B;C;n\n1;0;0;5\n", EXTRACT, "separate columns by commas"),
        ("A,A,C,n\n1,0,0,5\n", EXTRACT, "a column stands twice"),
        ("A,B,C,n\n1,0,0\n", EXTRACT, "row 2: 3 cells where 4 belong"),
        ("A,B,C,n\n1,0,0,5\n1,1,0,2.5\n", EXTRACT, "row 3, column n: no whole number; 1 rows"),
        ("A,B,C,n\n1,0,0,-5\n", EXTRACT, "row 2, column n"),
        ("A,B,C\n1,0,0\n", EXTRACT, "neither the column n"),
        ("victim_id,list\nv1,\n", EXTRACT, "row 2, column list: empty"),
        (VICTIMS + "v2,B,north\n", EXTRACT, "1 victims stand in more than one region"),
        ("victim_id,list\nv1,A\nv1,A \n", EXTRACT, "row 3, column list: blanks before or after"),
        ("victim_id,list\nv1,A\nv1\u200b,B\n", EXTRACT, "row 3, column victim_id: a sign that nob"),
        (
            "victim_id,list\n1.2E+10,A\n",
            EXTRACT,
            "row 2, column victim_id: an identifier that a sp",
        ),
        ("victim_id,list\nv1,A\nTotaal,A\n", EXTRACT, "row 3, column victim_id: a row of totals"),
        ("victim_id,list\nv1,A\nV1,B\n", EXTRACT, "in capitals and in small letters"),
        ("A,B,C,n\n1,0,0,\u0661\n", EXTRACT, "row 2, column n: no whole number"),
        (f"A,B,C,n\n1,0,0,{'9' * 5000}\n", EXTRACT, "row 2, column n: no whole number"),
        ("A,B,C,n\n1,0,0,5.120\n", EXTRACT, "row 2, column n: no whole number"),
        (
            "victim_id,list\n" + "".join(f"A,v{n:03d}\n" for n in range(21)),
            EXTRACT,
            "more than 20 lists; are two columns exchanged?",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place_and_remedy(
    tmp_path, captures, extract, words
):
    with pytest.raises(BadInput) as caught:
        read_captures(write(tmp_path, captures, extract))
    assert words in str(caught.value)
    assert "v1" not in str(caught.value) and "v2" not in str(caught.value)


def test_a_file_in_another_encoding_is_named(tmp_path):
    (tmp_path / "captures.csv").write_bytes(PATTERNS.replace("A", "\xc9").encode("cp1252"))
    (tmp_path / "extract.yml").write_text(EXTRACT, encoding="utf-8")
    with pytest.raises(BadInput, match="is not UTF-8"):
        read_captures(tmp_path)


def test_the_runs_registers_come_before_the_public_table(tmp_path, monkeypatch):
    monkeypatch.delenv("MONITOR_REGISTERS", raising=False)
    assert choose_captures().is_public and choose_captures().years == 6
    monkeypatch.setenv("MONITOR_REGISTERS", str(write(tmp_path, PATTERNS)))
    own = choose_captures()
    assert (own.mark, own.is_part, own.years) == ("register", False, 5) and own.by_region is None


@pytest.mark.parametrize(
    ("captures", "words"),
    [
        ("police,kmar,other,n\n1,0,0,x\n", "row 2, column n: no whole number"),
        ("police,kmar,other,n\n1,0,0,9\n0,1,0,8\n0,0,1,7\n", "no victim was on two lists"),
        ("police,kmar,other,n\n1,0,0,9\n1,1,0,8\n1,1,1,7\n", "list police holds everybody"),
    ],
)
def test_captures_that_a_run_would_refuse_are_refused_by_validate(tmp_path, captures, words):
    """The first was reported: `validate` said that nothing was wrong, and `run` stopped."""
    validation = validate_extract(write(tmp_path, captures))
    assert validation.exit_code == 2
    assert [words in problem.rule for problem in validation.problems] == [True]


def test_captures_that_can_be_used_pass_validate(tmp_path):
    good = "A,B,C,n\n1,0,0,50\n0,1,0,40\n0,0,1,30\n1,1,0,9\n0,1,1,8\n"
    assert validate_extract(write(tmp_path, good)).exit_code == 0


def test_captures_in_composed_and_decomposed_letters_are_one_list(tmp_path):
    folder = write(tmp_path, "victim_id,list\nv1,A\u00e9\nv2,Ae\u0301\nv1,B\nv2,C\n")
    assert list(read_captures(folder)[0]) == ["A\u00e9", "B", "C", "n"]


def test_lists_that_are_people_are_not_named(tmp_path):
    """The two columns are exchanged, and the list that holds everybody would be somebody."""
    rows = [f"{name},V70{n}" for n in range(3) for name in "ABC"[: 3 if n == 0 else 1]]
    validation = validate_extract(write(tmp_path, "\n".join(["victim_id,list", *rows, ""])))
    assert validation.exit_code == 2
    assert not any("V70" in f"{one.rule} {one.remedy}" for one in validation.problems)


def test_captures_are_a_file_of_the_folder(tmp_path):
    (tmp_path / "elsewhere.csv").write_text(PATTERNS, encoding="utf-8")
    folder = tmp_path / "extract"
    folder.mkdir()
    write(folder, PATTERNS)
    (folder / "captures.csv").unlink()
    (folder / "captures.csv").symlink_to(tmp_path / "elsewhere.csv")
    with pytest.raises(BadInput, match="no file of this folder"):
        read_captures(folder)
