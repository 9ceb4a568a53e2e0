"""Whatever a spreadsheet, an export or a clock does to a file: it is read as the same table, or
refused; never as another one. And what is read is counted: parts sum to the rows."""

from __future__ import annotations

import datetime
import itertools
import tempfile
import unicodedata
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest
from extracts import CLEAN
from hypothesis import given
from hypothesis import strategies as st

from helpers.definitions import count_rows, join_missing
from helpers.protection import count_outcomes, count_scheme, count_use
from helpers.schema import TABLES
from helpers.signalling import derive_victims
from helpers.sources import UnreadableExtract, read_extract, read_table, validate_extract

MATCHES = ["victim_id", "control_id"]
COSTS = list(TABLES["care_costs"].names)
BLANKS = st.sampled_from(
    ["", " ", "\t", "\u00a0", "\u2007", "\u200b", "\ufeff", "\u3000", "\u2060"]
)
WORDS = st.text(st.characters(categories=("L", "Nd")), min_size=1, max_size=8)


def read_or_refuse(folder: Path, name: str, extract: str = "") -> pd.DataFrame | None:
    """The table, or None where it is refused with a problem."""
    (folder / "extract.yml").write_text(f"source: a test\n{extract}", encoding="utf-8")
    try:
        return read_table(read_extract(folder), name)
    except UnreadableExtract as error:
        assert error.problems
        return None


def write(folder: Path, kind: str, name: str, frame: pd.DataFrame) -> None:
    path = folder / f"{name}.{kind}"
    if kind == "csv":
        frame.to_csv(path, index=False, encoding="utf-8")
    elif kind == "parquet":
        pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), path)
    elif kind == "sav":
        pyreadstat.write_sav(frame, str(path))
    else:
        book = openpyxl.Workbook()
        for row in [list(frame), *frame.to_numpy(dtype=object).tolist()]:
            book.active.append(row)
        book.save(path)


@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx"])
def test_any_padding_gives_the_same_identifiers_or_a_refusal(kind):
    @given(before=BLANKS, after=BLANKS)
    def check(before: str, after: str) -> None:
        frame = pd.DataFrame(
            {"victim_id": [f"{before}V1{after}", "V1"], "control_id": ["C1", "C2"]}
        )
        with tempfile.TemporaryDirectory() as place:
            write(Path(place), kind, "matches", frame)
            read = read_or_refuse(Path(place), "matches")
        assert read is None or read["victim_id"].tolist() == ["V1", "V1"]
        assert (before + after == "") == (read is not None)

    check()


@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx"])
def test_any_unicode_form_gives_the_same_identifier_or_a_refusal(kind):
    @given(word=WORDS, form=st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
    def check(word: str, form: str) -> None:
        both = [f"x{word}x", unicodedata.normalize(form, f"x{word}x")]
        frame = pd.DataFrame({"victim_id": both, "control_id": ["C1", "C2"]})
        with tempfile.TemporaryDirectory() as place:
            write(Path(place), kind, "matches", frame)
            read = read_or_refuse(Path(place), "matches")
        assert read is None or read["victim_id"].nunique() == 1

    check()


@given(
    day=st.dates(datetime.date(1950, 1, 1), datetime.date(2021, 1, 1)),
    zone=st.sampled_from(["Europe/Amsterdam", "UTC", "+01:00", "-05:00", "Asia/Tokyo"]),
    kept=st.sampled_from(["Europe/Amsterdam", "UTC", "+09:00"]),
)
def test_any_time_zone_gives_the_local_day_or_a_refusal(day, zone, kept):
    """A midnight of one zone, kept in a file as of another."""
    stamp = pd.Timestamp(day).tz_localize(zone, ambiguous=True, nonexistent="shift_forward")
    instants = pa.array([int(stamp.timestamp())], pa.timestamp("s", tz=kept))
    columns = {"person_id": ["P1"], "sex": ["female"], "birth_date": instants}
    columns |= {"nationality": ["NLD"], "death_date": pa.nulls(1, pa.date32())}
    with tempfile.TemporaryDirectory() as place:
        pq.write_table(pa.table(columns), Path(place) / "persons.parquet")
        read = read_or_refuse(Path(place), "persons")
    assert read is None or read["birth_date"].dt.date.tolist() == [day]
    assert read is not None or zone != kept or stamp.hour != 0


@given(
    cents=st.integers(0, 10**9),
    thousands=st.sampled_from(["", ".", ",", " ", "'"]),
    decimal=st.sampled_from([".", ","]),
    declared=st.sampled_from([".", ","]),
    digits=st.sampled_from([0, 1, 2]),
)
def test_any_notation_gives_the_same_amount_or_a_refusal(
    cents, thousands, decimal, declared, digits
):
    amount = round(cents / 100, digits)
    plain = f"{amount:,.{digits}f}"
    word = plain.translate({ord(","): thousands, ord("."): decimal})
    if thousands == decimal:
        return  # nobody writes so
    frame = pd.DataFrame([["P1", "2017", "0", "0", word]], columns=COSTS)
    with tempfile.TemporaryDirectory() as place:
        frame.to_csv(Path(place) / "care_costs.csv", index=False, sep=";", encoding="utf-8")
        entry = f'tables: {{care_costs: {{delimiter: ";", decimal: "{declared}"}}}}\n'
        read = read_or_refuse(Path(place), "care_costs", entry)
    if read is not None:
        assert read["total_basic_insurance_eur"].tolist() == [amount]
    elif "," not in plain:  # a plain number in the declared notation is never refused
        assert digits and decimal != declared


@given(order=st.permutations(["notes", "data", "empty"]), hidden=st.sampled_from(["notes", "data"]))
def test_any_order_of_sheets_gives_the_same_table_or_a_refusal(order, hidden):
    with tempfile.TemporaryDirectory() as place:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name in order:
            sheet = book.create_sheet(name)
            rows = {"notes": [MATCHES, ["V9", "C9"]], "data": [MATCHES, ["V1", "C1"]], "empty": []}
            for row in rows[name]:
                sheet.append(row)
        book[hidden].sheet_state = "hidden"
        book.save(Path(place) / "matches.xlsx")
        assert read_or_refuse(Path(place), "matches") is None
        read = read_or_refuse(Path(place), "matches", "tables: {matches: {sheet: data}}\n")
    assert read is not None and read["victim_id"].tolist() == ["V1"]


@given(
    groups=st.integers(1, 4),
    blanks=st.lists(st.integers(0, 8), max_size=4),
    size=st.integers(1, 5),
)
def test_every_row_of_every_group_and_between_blank_lines_is_read(groups, blanks, size):
    frame = pd.DataFrame({"victim_id": [f"V{n}" for n in range(8)], "control_id": "C1"})
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "extract.yml").write_text("source: a test\n", encoding="utf-8")
        path = folder / "matches.parquet"
        table = pa.Table.from_pandas(frame.set_index("victim_id"))
        pq.write_table(table, path, row_group_size=-(-8 // groups))
        assert validate_extract(folder, size=size).rows == {"matches": 8}
        path.unlink()
        lines = frame.to_csv(index=False).splitlines()
        for place_of in sorted(blanks, reverse=True):
            lines.insert(place_of + 1, "")
        (folder / "matches.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        found = validate_extract(folder, size=size)
        assert found.rows == {"matches": 8}
        assert found.tallies["matches"].n_empty == len(blanks)


def test_folders_of_parts_lose_neither_a_part_nor_the_column_in_their_names(tmp_path):
    """As Spark writes them: the year of care costs stands in the names of folders."""
    for year, people in ((2017, ["P1", "P2"]), (2018, ["P3"])):
        part = tmp_path / "care_costs.parquet" / f"year={year}"
        part.mkdir(parents=True)
        columns = {"person_id": people}
        columns |= {name: [1.0] * len(people) for name in COSTS[2:]}
        pq.write_table(pa.table(columns), part / "part-0.parquet")
    (tmp_path / "care_costs.parquet" / "_SUCCESS").write_text("")
    read = read_or_refuse(tmp_path, "care_costs")
    assert read["year"].tolist() == [2017, 2017, 2018]
    assert read["person_id"].tolist() == ["P1", "P2", "P3"]


# The law of tabulations


EMPTY = 'tables: {{{table}: {{not_recorded: [""]}}}}\n'


def blank_codes(name: str, kind: str) -> pd.DataFrame:
    """The clean table, six rows for each of its own, with every coded cell empty in half of them,
    in the types that this kind of file has."""
    rows = [line.split(",") for line in CLEAN[name].splitlines()]
    frame = pd.DataFrame(rows[1:] * 6, columns=rows[0])
    key = TABLES[name].key[0]
    frame[key] = [f"K{number}" for number in range(len(frame))]
    coded = [column.name for column in TABLES[name].columns if column.codes]
    nothing = "" if kind in ("csv", "sav") else None
    for number, column in itertools.product(range(0, len(frame), 2), coded):
        frame.loc[number, column] = nothing
    for column in TABLES[name].columns:
        if column.kind == "age":
            frame[column.name] = pd.to_numeric(frame[column.name])
    return frame.astype(object).where(frame.notna(), None) if kind == "xlsx" else frame


@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx", "sav"])
def test_parts_of_every_tabulation_of_reports_sum_to_the_victims_read(tmp_path, kind):
    write(tmp_path, kind, "reports", blank_codes("reports", kind))
    reports = read_or_refuse(tmp_path, "reports", EMPTY.format(table="reports"))
    assert len(reports) == 18 and not reports.select_dtypes("category").isna().any(axis=None)
    regions = {"NLD": "netherlands", "POL": "eu"}
    victims = derive_victims(reports, regions=regions)
    pairs = reports.assign(year=reports["report_date"].dt.year)[["victim_id", "year"]]
    assert len(victims) == len(pairs.drop_duplicates())
    for trait in ("sex", "age_group", "region", "form"):
        assert victims[trait].value_counts().sum() == len(victims)


@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx", "sav"])
def test_parts_of_the_scheme_sum_to_the_decisions_read(tmp_path, kind):
    write(tmp_path, kind, "residence_decisions", blank_codes("residence_decisions", kind))
    decisions = read_or_refuse(
        tmp_path, "residence_decisions", EMPTY.format(table="residence_decisions")
    )
    assert len(decisions) == 12
    scheme = count_scheme(decisions, pd.DataFrame())
    assert scheme["n"].sum() == 12
    for years in (range(2019, 2020), range(2020, 2021)):
        rows = scheme[scheme["year"].isin(years)]
        assert count_use(scheme, years=years)["n"].sum() == rows["n"].sum()
        for kind, part in rows.groupby("kind"):
            assert count_outcomes(scheme, kind, years=years)["n"].sum() == part["n"].sum()


def test_a_code_that_an_extract_adds_is_a_row_of_its_own():
    scheme = pd.DataFrame(
        [(2019, "temporary", "granted", "none", 3), (2019, "temporary", "ceded", "none", 2)],
        columns=["year", "kind", "outcome", "residence_dublin", "n"],
    )
    counts = count_outcomes(scheme, "temporary", years=range(2019, 2020))
    assert counts.set_index("outcome")["n"].to_dict() == {
        "granted": 3,
        "rejected": 0,
        "other": 0,
        "ceded": 2,
    }


@pytest.mark.parametrize("kind", ["parquet", "xlsx", "sav"])
def test_an_empty_cell_without_a_declared_meaning_is_refused(tmp_path, kind):
    write(tmp_path, kind, "reports", blank_codes("reports", kind))
    assert read_or_refuse(tmp_path, "reports") is None


def test_what_is_not_recorded_is_unknown_in_every_later_table():
    """An empty cell of Excel or SPSS; a sex of its own would be a level of the regressions."""
    values = pd.Series(["female", "not_recorded", None, "unknown"], dtype="category")
    assert join_missing(values).tolist() == ["female", "unknown", "unknown", "unknown"]
    rows = pd.DataFrame({"year": [2019] * 4, "sex": ["female", "not_recorded", None, "male"]})
    counts = count_rows(rows, ["sex"], years=range(2019, 2020), codes=["female", "male", "unknown"])
    assert counts["n"].sum() == 4
    assert counts.set_index("sex")["n"].to_dict() == {
        "female": 1,
        "male": 1,
        "unknown": 1,
        "not_recorded": 1,
    }
