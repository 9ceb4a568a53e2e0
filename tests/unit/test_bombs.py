"""Files that ask for more of the machine than a register could: each is refused, soon, with its
sentence, and in a short report."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from extracts import CLEAN, write_clean

from helpers.sources import format_report, validate_extract

SOON = 20
PERSONS = CLEAN["persons"].splitlines()


def put(name: str, content: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_text(content, encoding="utf-8")


def write_workbook(folder: Path, change: Callable[[str, bytes], bytes]) -> None:
    """Persons as a workbook, each of its parts as `change` gives it back."""
    (folder / "persons.csv").unlink()
    book, held = openpyxl.Workbook(), io.BytesIO()
    for line in PERSONS:
        book.active.append(line.split(","))
    book.save(held)
    with (
        zipfile.ZipFile(held) as whole,
        zipfile.ZipFile(folder / "persons.xlsx", "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name in whole.namelist():
            archive.writestr(name, change(name, whole.read(name)))


def inflate_styles(folder: Path) -> None:
    """Half a gigabyte of blanks in a part that is held in memory, in half a megabyte of zip."""
    blanks = b" " * (513 << 20)
    write_workbook(folder, lambda name, text: text + blanks if name == "xl/styles.xml" else text)


LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def laugh(folder: Path) -> None:
    write_workbook(
        folder,
        lambda name, text: (
            text.replace(b"<worksheet", LAUGHS + b"<worksheet", 1) if "sheet1" in name else text
        ),
    )


def laugh_late(folder: Path) -> None:
    """The entities stand behind a long comment."""
    late = b"<!--" + b"x" * 200_000 + b"-->" + LAUGHS
    write_workbook(
        folder,
        lambda name, text: late + text[text.index(b"<worksheet") :] if "sheet1" in name else text,
    )


def write_many_parts(folder: Path) -> None:
    (folder / "persons.csv").unlink()
    with zipfile.ZipFile(folder / "persons.xlsx", "w") as archive:
        for number in range(2_001):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", b"")


def write_parquet(folder: Path, **columns: pa.Array) -> None:
    """Persons as Parquet, with these columns in place of their own."""
    (folder / "persons.csv").unlink()
    n = len(next(iter(columns.values())))
    table = {
        "person_id": pa.array([f"P{number}" for number in range(n)]),
        "sex": pa.array(["female"] * n),
        "birth_date": pa.nulls(n, pa.date32()),
        "nationality": pa.array(["NLD"] * n),
        "death_date": pa.nulls(n, pa.date32()),
    }
    pq.write_table(pa.table(table | columns), folder / "persons.parquet")


def repeat_long_identifier(folder: Path) -> None:
    """Twenty kilobytes once in the file, four gigabytes once it is unpacked."""
    places = pa.array([0] * 200_000, pa.int32())
    write_parquet(folder, person_id=pa.DictionaryArray.from_arrays(places, ["x" * 20_000]))


def write_many_columns(folder: Path) -> None:
    write_parquet(folder, **{f"c{number}": pa.array([1]) for number in range(5_001)})


COSTS = ",".join(CLEAN["care_costs"].splitlines()[0].split(","))
BOMBS: dict[str, tuple[Callable[[Path], object], int, str]] = {
    "a zip bomb": (inflate_styles, 2, "the workbook unpacks to more than"),
    "entities in a sheet": (laugh, 2, "a part that defines entities"),
    "entities behind a long comment": (laugh_late, 2, "entities|no whole Excel workbook"),
    "thousands of parts": (write_many_parts, 2, "more than 2,000 parts"),
    "a header of millions": (
        put("persons.csv", ",".join(["a"] * 5_000_000) + "\n"),
        2,
        "the header takes more than 1 MB",
    ),
    "a header of thousands": (
        put("persons.csv", ",".join(f"c{number}" for number in range(6_000)) + "\n"),
        2,
        "a header of more than 5,000 columns",
    ),
    "a long name of a column": (
        put("persons.csv", f"{PERSONS[0]},{'x' * 2_000}\n"),
        2,
        "a name of more than 1,000 signs",
    ),
    "columns of Parquet": (write_many_columns, 2, "a header of more than 5,000 columns"),
    "a long identifier, often": (repeat_long_identifier, 2, "a cell of more than 1,000 signs"),
    "long identifiers in csv": (
        put(
            "matches.csv",
            "victim_id,control_id\n" + "".join(f"P1,{'y' * 20_000}{n}\n" for n in range(500)),
        ),
        1,
        "a cell of more than 1,000 signs",
    ),
    "200,000 wrong codes": (
        lambda folder: write_parquet(
            folder, sex=pa.array([f"code{number}" for number in range(200_000)])
        ),
        1,
        "are two columns exchanged",
    ),
    "200,000 wrong codes in lists": (
        put(
            "reports.csv",
            CLEAN["reports"]
            + "".join(
                CLEAN["reports"]
                .splitlines()[1]
                .replace("R1,V1", f"R1{number},V1{number}")
                .replace("window|home", f"q{number}|w{number}")
                + "\n"
                for number in range(100_000)
            ),
        ),
        1,
        "are two columns exchanged",
    ),
    "a year of nine digits": (
        put("care_costs.csv", f"{COSTS}\nP1,999999999,1,1,1\nP1,20170101,1,1,1\n"),
        1,
        "outside 2000 to",
    ),
    "a day of five digits of a year": (
        put("persons.csv", "\n".join(PERSONS).replace("2000-02-29", "20016-02-29") + "\n"),
        1,
        "no date of the form",
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_soon_and_in_few_words(tmp_path, name):
    build, code, words = BOMBS[name]
    folder = write_clean(tmp_path / "extract")
    build(folder)
    started = time.process_time()
    validation = validate_extract(folder)
    report = " ".join(format_report(validation).split())
    assert time.process_time() - started < SOON
    assert validation.exit_code == code
    assert any(word in report for word in words.split("|")), report[:2_000]
    assert len(report) < 20_000 and "xxxx" not in report and "yyyy" not in report
