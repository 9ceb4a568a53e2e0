"""The public facts against the files they were taken from, and against the arithmetic that those
files' README states."""

import csv
import hashlib
import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml

from helpers.edition import FACTS, ROOT, BadInput
from helpers.published import check_facts, read_anomalies, read_facts, select_current

SHARED = ROOT.parent / "shared" / "facts"
WITHOUT, ALL = "register_without_kmar_only", "register_all_reporters"


@pytest.fixture(scope="module")
def statistics() -> pd.DataFrame:
    return read_facts("public_statistics")


@pytest.fixture(scope="module")
def glotip() -> pd.DataFrame:
    return read_facts("glotip_netherlands")


def read_shared(name: str) -> list[dict[str, str]]:
    """Rows of the file as it was handed over; row n of the file (header = 1) is at n - 2."""
    path = SHARED / f"{name}.csv"
    if not path.exists():
        pytest.skip("the files that the facts were taken from are not at hand")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# Rows are the rows of the source.

POPULATIONS = {"reg_incl_kmar": ALL, "reg_ex_kmar_only": WITHOUT, "CoMensha 2012": ALL}


def test_public_statistics_are_those_handed_over(statistics):
    """public_statistics.csv, rows of the same id: value, year, category, unit, source and note are
    unchanged."""
    shared = {row["id"]: row for row in read_shared("public_statistics")}
    renamed = {"year": "period", "category": "category_printed"}
    for kept in statistics.to_dict("records"):
        given = shared[kept["id"]]
        for column in (
            "value",
            "year",
            "category",
            "unit",
            "source_title",
            "source_publisher",
            "source_url",
            "published",
            "note",
        ):
            assert kept[renamed.get(column, column)] == given[column], (kept["id"], column)
        assert kept["population"] == POPULATIONS[given["population"]], kept["id"]


FORMS = {
    "labour": "Forced labour",
    "sexual": "Sexual exploitation",
    "other_form": "Other forms of exploitation",
}
CELLS = {
    ("total", "all"): ("Total", "Total", "Total", "Total"),
    ("sex", "female"): ("Total", "Total", "Female", "Total"),
    ("age_group", "minor"): ("Total", "Total", "Total", "0 to 17 years"),
    **{
        ("form", code): ("by form of exploitation", printed, "Total", "Total")
        for code, printed in FORMS.items()
    },
}


def test_glotip_rows_are_those_handed_over(glotip):
    """glotip_netherlands.csv, row `source_row` (header = 1): the same value, year and category, and
    the cell that the codes say."""
    shared = read_shared("glotip_netherlands")
    for kept in glotip.to_dict("records"):
        given = shared[int(kept["source_row"]) - 2]
        assert given["indicator"] == "Detected trafficking victims"
        assert (kept["value"], kept["period"], kept["category_printed"]) == (
            given["value"],
            given["year"],
            given["category"],
        ), kept["id"]
        cell = (given["dimension"], given["category"], given["sex"], given["age"])
        assert cell == CELLS[kept["breakdown"], kept["category"]], kept["id"]


def test_the_suppressed_cell_stays_suppressed(glotip):
    """glotip_netherlands.csv, row 1073: other forms of 2020 is printed as <5, and no other carried
    row is."""
    hidden = glotip[glotip["value"] == "<5"]
    assert hidden[["category", "period", "source_row"]].values.tolist() == [
        ["other_form", "2020", "1073"]
    ]


@pytest.mark.parametrize("name", ["public_statistics", "glotip_netherlands"])
def test_the_record_says_what_was_left_out(name):
    """The record's `reduced` and `original_sha256` against the file handed over."""
    record = yaml.safe_load((FACTS / f"{name}.source.yml").read_text(encoding="utf-8"))
    whole = len(read_shared(name))
    assert record["reduced"].startswith(f"{len(read_facts(name))} of {whole:,} rows")
    assert (
        record["original_sha256"]
        == hashlib.sha256((SHARED / f"{name}.csv").read_bytes()).hexdigest()
    )


# README, "Arithmetic that holds" and "The long series".

SUMS = [
    (WITHOUT, "total", "all", {2013: 1117, 2014: 1256, 2015: 1150, 2016: 952, 2017: 958}, 5433),
    (WITHOUT, "total", "all", {2015: 1150, 2016: 952, 2017: 956, 2018: 668, 2019: 1334}, 5060),
    (WITHOUT, "total", "all", {2016: 952, 2017: 956, 2018: 668, 2019: 1334, 2020: 984}, 4894),
    (WITHOUT, "age_group", "minor", {2015: 288, 2016: 227, 2017: 194, 2018: 62, 2019: 108}, 879),
    (WITHOUT, "age_group", "minor", {2016: 227, 2017: 194, 2018: 62, 2019: 108, 2020: 68}, 659),
]


@pytest.mark.parametrize(("population", "breakdown", "category", "years", "total"), SUMS)
def test_printed_years_add_up_to_the_printed_total(
    statistics, population, breakdown, category, years, total
):
    """README, arithmetic that holds: totals 5433 (with the revised 1256 and 958), 5060, 4894, and
    minors 879, 659."""
    cut = statistics.query(
        "population == @population and breakdown == @breakdown and category == @category"
    )
    printed = set(zip(cut["period"], cut["value"]))
    assert {(str(year), str(value)) for year, value in years.items()} <= printed
    assert (f"{min(years)}-{max(years)}", str(total)) in printed
    assert sum(years.values()) == total


@pytest.mark.parametrize(
    ("year", "parts", "total"),
    [
        ("2016", [523, 244, 35, 150], 952),
        ("2017", [534, 249, 42, 133], 958),
        ("2018", [458, 142, 28, 40], 668),
        ("2019", [849, 424, 61], 1334),
    ],
)
def test_printed_forms_add_up(statistics, year, parts, total):
    """README, arithmetic that holds: the exclusive forms of 2016 to 2019; criminal exploitation is
    a part of labour."""
    forms = statistics.query(
        "breakdown == 'form_as_printed' and period == @year and category != 'criminal'"
    )
    assert forms["value"].astype(int).tolist() == parts
    assert sum(parts) == total


def test_forms_of_2020_overlap(statistics):
    """README, break 5: the forms of 2020 add up to 1,049, more than the 984 victims."""
    forms = statistics.query(
        "breakdown == 'form_as_printed' and period == '2020' and category != 'criminal'"
    )
    assert forms["value"].astype(int).sum() == 1049


@pytest.mark.parametrize(
    ("population", "series"),
    [
        (
            ALL,
            {
                2007: 716,
                2010: 993,
                2011: 1222,
                2012: 1711,
                2013: 1437,
                2014: 1561,
                2015: 1321,
                2019: 1372,
                2020: 1013,
                2021: 791,
                2022: 814,
                2023: 868,
                2024: 944,
            },
        ),
        (
            WITHOUT,
            {
                2013: 1117,
                2014: 1255,
                2015: 1150,
                2016: 952,
                2017: 956,
                2018: 668,
                2019: 1334,
                2020: 984,
            },
        ),
    ],
)
def test_the_long_series_follows_the_newer_value(statistics, population, series):
    """README, the long series and revisions: 1,255 and 956 replace 1,256 and 958; the 809 of 2008
    is provisional."""
    totals = select_current(statistics).query("population == @population and breakdown == 'total'")
    years = totals[totals["period"].str.fullmatch(r"\d{4}")]
    assert dict(zip(years["period"].astype(int), years["value"].astype(int))) == series


@pytest.mark.parametrize(
    ("year", "value", "standing"),
    [
        ("2008", "809", "provisional"),
        ("2014", "1256", "revised"),
        ("2014", "1255", "current"),
        ("2017", "958", "revised"),
        ("2017", "956", "current"),
    ],
)
def test_older_values_are_marked(statistics, year, value, standing):
    """README, revisions side by side: each printed value of a year with more than one has its
    standing."""
    rows = statistics.query("breakdown == 'total' and period == @year and value == @value")
    assert set(rows["standing"]) == {standing}


# Anomalies, each recomputed from the file handed over.


def find_cells(year: str, cell: tuple[str, str, str, str]) -> list[int]:
    """Values of the United Nations file in one cell of one year."""
    rows = [
        row
        for row in read_shared("glotip_netherlands")
        if row["indicator"] == "Detected trafficking victims" and row["year"] == year
    ]
    return [
        int(row["value"])
        for row in rows
        if (row["dimension"], row["category"], row["sex"], row["age"]) == cell
    ]


def find_ages(year: str) -> list[int]:
    """Total, minors and adults of one year."""
    return [
        value
        for age in ("Total", "0 to 17 years", "18 years or over")
        for value in find_cells(year, ("Total", "Total", "Total", age))
    ]


def find_totals(year: str, population: str) -> set[int]:
    rows = [
        row
        for row in read_shared("public_statistics")
        if row["population"] == population and row["year"] == year
    ]
    return {
        int(row["value"])
        for row in rows
        if row["measure"] == "registered_victims" and row["breakdown"] == "total"
    }


def says(identity: str, *figures: int | float | str) -> bool:
    """True where the anomaly's text prints every figure."""
    what = read_anomalies().set_index("id").at[identity, "what"]
    return all((figure if isinstance(figure, str) else f"{figure:,}") in what for figure in figures)


def test_each_anomaly_is_recomputed_here():
    """README, glotip_netherlands.csv, anomalies to show: those below and no others."""
    assert read_anomalies()["id"].tolist() == ["N1", "N2", "N3", "N4", "N5", "N6", "N7"]


def test_total_of_2013_does_not_fit_its_ages():
    """README: 2013 prints 1,434 where CoMensha prints 1,437 (N1)."""
    total, minors, adults = find_ages("2013")
    assert (total, minors + adults, find_totals("2013", "reg_incl_kmar")) == (1434, 1437, {1437})
    assert says("N1", total, minors, adults, minors + adults)


def test_total_of_2017_repeats_2016():
    """README: 2017 equals 2016 (952) although the Rapporteur prints 956 or 958 (N2)."""
    assert find_ages("2017")[0] == find_ages("2016")[0] == 952
    assert find_totals("2017", "reg_ex_kmar_only") == {956, 958}
    assert says("N2", 952, 956, 958)


def test_several_values_stand_under_one_heading():
    """glotip_netherlands.csv, other forms of exploitation: three values in 2017, two in 2018, one
    or none elsewhere (N3)."""
    heading = ("by form of exploitation", "Other forms of exploitation", "Total", "Total")
    several = {year: find_cells(str(year), heading) for year in range(2007, 2023) if year != 2020}
    assert {year: values for year, values in several.items() if len(values) > 1} == {
        2017: [332, 133, 71],
        2018: [63, 37],
    }
    assert says("N3", "Three and two values", "Other forms of exploitation")


def test_several_values_are_carried_as_ambiguous(glotip):
    """glotip_netherlands.csv, rows 1024 to 1026, 1056 and 1057: no value under a shared heading is
    current (N3)."""
    ambiguous = glotip[glotip["standing"] == "ambiguous"]
    assert ambiguous["source_row"].tolist() == ["1024", "1025", "1026", "1056", "1057"]


def test_ages_of_2019_leave_out_the_border_police():
    """glotip_netherlands.csv: 2019 prints 1,372, its ages add up to the 1,334 of the README's
    series without KMar only (N4)."""
    total, minors, adults = find_ages("2019")
    [unknown] = find_cells("2019", ("Total", "Total", "Unknown", "Unknown"))
    assert {total} == find_totals("2019", "reg_incl_kmar") == {1372}
    assert {minors + adults + unknown} == find_totals("2019", "reg_ex_kmar_only") == {1334}
    assert says("N4", total, minors, adults, unknown, minors + adults + unknown)


def test_ages_of_2020_leave_out_the_border_police():
    """glotip_netherlands.csv: 2020 prints 1,013, its ages add up to the 984 of the README's series
    without KMar only (N5)."""
    total, minors, adults = find_ages("2020")
    assert {total} == find_totals("2020", "reg_incl_kmar") == {1013}
    assert {minors + adults} == find_totals("2020", "reg_ex_kmar_only") == {984}
    assert says("N5", total, minors, adults, minors + adults)


def test_ages_of_2017_fit_no_total():
    """glotip_netherlands.csv: 2017 has more people by age than in its total, and no printed total
    fits (N7)."""
    _, minors, adults = find_ages("2017")
    [unknown] = find_cells("2017", ("Total", "Total", "Unknown", "Unknown"))
    assert not {minors + adults, minors + adults + unknown} & {952, 956, 958}
    assert says("N7", minors, adults, minors + adults, unknown, minors + adults + unknown)


def test_women_of_2020_do_not_fit_the_monitor():
    """public_statistics.csv, F180 (547 of 984), against line 589 of the monitor, which prints 57%
    (N6)."""
    women = {row["id"]: row for row in read_shared("public_statistics")}["F180"]
    assert (women["value"], women["year"], women["note"]) == (
        "547",
        "2020",
        "single source: of 984",
    )
    assert says("N6", "F180", 547, 984, f"{100 * 547 / 984:.1f}%", "57%")
    assert round(100 * 547 / 984) == 56


# No hidden cell can be worked out.


def find_revealing(glotip: pd.DataFrame) -> list[str]:
    """Rows that could give away a hidden cell beside their total: other sexes than female, other
    ages than minor, citizenship."""
    known = [cell in CELLS for cell in zip(glotip["breakdown"], glotip["category"])]
    return glotip.loc[[not cell for cell in known], "id"].tolist()


def find_recoverable(facts: pd.DataFrame) -> list[tuple[str, int]]:
    """(year, value) where a total less the other forms leaves 1 to 4 for a form that is printed as
    <5."""
    found = []
    for year in facts.loc[facts["value"] == "<5", "period"]:
        rows = facts[(facts["period"] == year) & (facts["standing"] == "current")]
        shown = (
            rows[(rows["breakdown"] == "form") & (rows["value"] != "<5")]["value"].astype(int).sum()
        )
        totals = rows.loc[rows["breakdown"] == "total", "value"].astype(int).unique()
        found += [(year, int(total - shown)) for total in totals if 1 <= total - shown <= 4]
    return found


def test_no_row_is_carried_that_reveals_a_hidden_cell(glotip, statistics):
    """README: never publish a number that recovers a <5 cell; the file hides cells by sex, age and
    citizenship."""
    assert find_revealing(glotip) == []
    assert find_recoverable(pd.concat([glotip, statistics])) == []


@pytest.mark.parametrize(
    ("breakdown", "category"),
    [
        ("sex", "male"),
        ("sex", "other"),
        ("sex", "unknown"),
        ("age_group", "adult"),
        ("citizenship", "nigerian"),
        ("form_x_sex", "labour:female"),
    ],
)
def test_a_revealing_row_is_found(glotip, breakdown, category):
    """A made-up row like those that the README keeps out."""
    row = glotip.tail(1).assign(id="bad", breakdown=breakdown, category=category)
    assert find_revealing(pd.concat([glotip, row])) == ["bad"]


def test_a_recoverable_cell_is_found(glotip):
    """A made-up total of 888: with rows 1072 and 1074 (449 and 436) it would leave 3 for the <5 of
    row 1073."""
    made = glotip.assign(value=glotip["value"].replace("1013", "888"))
    assert find_recoverable(made) == [("2020", 3)]


# Each file has its record, and is the file that the record describes.


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FACTS, tmp_path / "facts"))


def test_the_facts_have_their_records(copied):
    """data/facts: every file with its record, as they are and as a copy."""
    assert {p.stem for p in FACTS.glob("*.csv")} == {
        p.name.removesuffix(".source.yml") for p in FACTS.glob("*.source.yml")
    }
    check_facts()
    check_facts(folder=copied)


@pytest.mark.parametrize(
    "name",
    [
        "anomalies",
        "breaks",
        "mse_ned",
        "published_estimates",
        "glotip_justice",
        "glotip_netherlands",
        "public_statistics",
    ],
)
def test_one_changed_byte_is_found(copied, name):
    """The record's sha256: FIPS 180-4, one changed byte gives another checksum."""
    path = copied / f"{name}.csv"
    content = bytearray(path.read_bytes())
    content[-2] ^= 1
    path.write_bytes(content)
    with pytest.raises(BadInput, match=rf"{name}\.csv is not the file"):
        check_facts(folder=copied)


def test_a_missing_record_is_found(copied):
    """data/facts/breaks.source.yml taken away."""
    (copied / "breaks.source.yml").unlink()
    with pytest.raises(BadInput, match="breaks.csv has no record breaks.source.yml"):
        check_facts(folder=copied)


def test_a_missing_file_is_found(copied):
    """data/facts/breaks.csv taken away, its record left."""
    (copied / "breaks.csv").unlink()
    with pytest.raises(BadInput, match="breaks.csv is missing"):
        check_facts(folder=copied)


@pytest.mark.parametrize(
    "field", ["producer", "title", "address", "date", "licence", "reduced", "sha256"]
)
def test_a_missing_field_is_found(copied, field):
    """data/facts/glotip_netherlands.source.yml without one of its fields."""
    path = copied / "glotip_netherlands.source.yml"
    record = yaml.safe_load(path.read_text(encoding="utf-8"))
    del record[field]
    path.write_text(yaml.safe_dump(record), encoding="utf-8")
    with pytest.raises(BadInput, match=f"glotip_netherlands.source.yml lacks {field}"):
        check_facts(folder=copied)


# Reporters, nationality, sex, shelter and criminal cases.

SUBJECT_POPULATIONS = {
    **POPULATIONS,
    "comensha_reports": "comensha_reports",
    "reg_population_unstated": "register_not_stated",
    "Public Prosecution Service": "public_prosecution",
    "courts": "courts",
    "courts, first instance": "courts",
    "police": "police_cases",
    "Fier": "fier",
    "Veilig Thuis": "veilig_thuis",
    "capacity": "dedicated_shelters",
    "specialised youth care (13 providers)": "specialised_youth_care",
}


# A year of reporting in words is kept as the two calendar years that it touches.
PERIODS = {"reporting year 2018/19": "2018-2019"}


def test_subject_statistics_are_those_handed_over():
    """public_statistics.csv, rows of the same id: value, year, category, unit, source and note are
    unchanged; no row is carried in both files."""
    shared = {row["id"]: row for row in read_shared("public_statistics")}
    kept = read_facts("subject_statistics")
    same = ("value", "unit", "source_title", "source_publisher", "source_url", "published", "note")
    for row in kept.to_dict("records"):
        given = shared[row["id"]]
        assert [row[column] for column in same] == [given[column] for column in same], row["id"]
        period = PERIODS.get(given["year"], given["year"])
        assert (row["period"], row["category_printed"]) == (period, given["category"])
        assert row["population"] == SUBJECT_POPULATIONS[given["population"]], row["id"]
    assert not set(kept["id"]) & set(read_facts("public_statistics")["id"])
    record = yaml.safe_load((FACTS / "subject_statistics.source.yml").read_text(encoding="utf-8"))
    assert record["reduced"].startswith(f"{len(kept)} of {len(shared)} rows")


def test_police_reports_add_up_to_the_monitors_total():
    """The monitor, section 2.3.6: 2,829 reports by the police in 2016-2020, 953 in 2019 and 468 in
    2020; public statistics print 446, 432 and 530 for the years before. To the unit."""
    from helpers import published, signalling

    years = range(2016, 2021)
    numbers = published.read_catalogue("sm20")
    wanted = {"measure": "reports", "population": "comensha_reports"}
    of_monitor = published.find_printed(numbers, years=years, **wanted)
    facts = read_facts("subject_statistics")
    found = signalling.find_printed_reporters(facts, of_monitor, years=years)
    police = found[found["reporter"] == "police"].set_index("period")["n"].astype(int)
    assert police.to_dict() == {"2016": 446, "2017": 432, "2018": 530, "2019": 953, "2020": 468}
    assert police.sum() == 2829


def test_facts_become_a_table_in_which_a_share_is_no_count():
    """F327: 71 percent convicted in 2012. F329 and F330: 156 people in 2013, printed twice. F342:
    over 40 percent dismissed in 2019. Of periods those that touch the years."""
    from helpers.published import tabulate_facts

    facts = read_facts("subject_statistics")
    table = tabulate_facts(facts[facts["breakdown"] == "case_stage"]).set_index("source")
    assert table.loc["F327", "share"] == 0.71 and pd.isna(table.loc["F327", "n"])
    assert table.loc["F329|F330", "n"] == 156
    assert table.loc["F342", ["share", "precision"]].tolist() == [0.4, "more_than"]
    dutch = facts[(facts["category"] == "dutch") & (facts["period"] == "2013-2017")]
    assert len(tabulate_facts(dutch, years=range(2017, 2021))) == 1
    assert tabulate_facts(dutch, years=range(2018, 2021)).empty
