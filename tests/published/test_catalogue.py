"""The catalogue against the document it was read from: Slachtoffermonitor mensenhandel 2016-2020
(2021), by line of its text."""

import hashlib
import re
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from scipy.stats import chi2

from helpers.edition import PUBLISHED, BadInput
from helpers.published import (
    check_against_source,
    read_contradictions,
    read_documents,
    read_numbers,
    read_repeats,
)

SOURCE = "000_7722fd9e653d29ea"
KEY = ["source", "measure", "population", "breakdown", "category", "period"]


@pytest.fixture(scope="module")
def catalogue() -> pd.DataFrame:
    """The numbers of all documents."""
    return read_numbers()


@pytest.fixture(scope="module")
def numbers(catalogue) -> pd.DataFrame:
    """Those of the monitor."""
    return catalogue[catalogue["source"] == SOURCE]


# 1. Every row names its place.


def test_the_catalogue_is_read_and_quotes_little(catalogue):
    """The monitor has at least 440 printed numbers, the Ninth report 400, each with at most twelve
    words of it."""
    sizes = catalogue["source"].value_counts()
    assert sizes[SOURCE] >= 440 and sizes["002_30d2b0328e6ecf88"] >= 400
    assert catalogue["quote"].str.split().str.len().max() <= 12
    assert set(catalogue["source"]) == set(read_documents()["source"])


# Other readers than the first wrote every number and every table down again, from the documents by
# the rows' descriptions, without the catalogue's values. Where they call a precision otherwise, the
# catalogue's word (book/data.md) holds for one of these reasons: first word, second word, what says so.
CONVENTIONS = [
    ("more_than", "about", "quote", r"\b[Rr]uim\b"),
    ("about", "rounded_percent", "quote", r"helft|derde|kwart|vijfde|op de"),
    ("rounded_percent", "exact", "measure", r"^mean_age$"),
    ("exact", "at_most", "measure", r"^(maximum|ideal_stay)_"),
    ("exact", "at_least", "measure", r"^minimum_"),
]
SINGLE = {
    "sm20-172": "probably only 31%",
    "sm20-392": "a year and four months, which are 483 days",
    "nr13-056": "a small hundred",
    "nr13-157": "sometimes as much as 7 days",
    "nr13-554": "the line before ends with ruim in",
    "nr13-573": "about twelve, in one word",
}


def find_other_precisions(first: pd.DataFrame, second: pd.DataFrame) -> list[str]:
    """Ids whose precision differs for no reason of `CONVENTIONS`."""
    other = second.set_index("id")["precision"]
    return [
        row.id
        for row in first.itertuples()
        if row.precision != other[row.id]
        and not any(
            (row.precision, other[row.id]) == pair and re.search(words, getattr(row, column))
            for *pair_words, column, words in CONVENTIONS
            for pair in [tuple(pair_words)]
        )
    ]


@pytest.fixture(scope="module")
def second() -> pd.DataFrame:
    return pd.read_csv(Path(__file__).with_name("second_transcription.csv"), encoding="utf-8")


def test_a_second_transcription_of_the_whole_agrees(catalogue, second):
    """A third is 33.3 or 33.33."""
    assert list(second["id"]) == list(catalogue["id"])
    gaps = (second["value"].to_numpy() - catalogue["value"].to_numpy()).__abs__()
    assert (gaps < 0.05).all()
    assert set(find_other_precisions(catalogue, second)) == set(SINGLE)


def test_a_changed_precision_is_found(catalogue, second):
    """1,334 victims as about 1,334, and a more than half as exact: bad examples."""
    for identifier, word in (("sm20-003", "about"), ("sm20-218", "exact")):
        changed = catalogue.copy()
        changed.loc[changed["id"] == identifier, "precision"] = word
        assert identifier in find_other_precisions(changed, second)


def test_a_second_transcription_of_the_tables_agrees():
    """Cell by cell; a dash is 0 where people are counted, and nothing elsewhere, as is n.v.t."""
    folder, known = Path(PUBLISHED) / "tables", ["table", "category", "period"]
    second = pd.read_csv(
        Path(__file__).with_name("second_tables.csv"), dtype=str, keep_default_na=False
    )
    first = pd.concat(
        pd.read_csv(path, dtype=str, keep_default_na=False).assign(table=path.stem)
        for path in sorted(folder.glob("*.csv"))
    ).reset_index(drop=True)
    assert first[known].equals(second[known])
    for column in second.columns.drop(known):
        dash = "0" if column in ("n", "percent") else ""
        wrote = second[column].replace({"n.v.t.": "", "-": dash})
        assert (pd.to_numeric(wrote) == pd.to_numeric(first[column])).eq(wrote != "").all(), column
        assert (wrote.eq("") == first[column].eq("")).all(), column


def test_a_bound_is_told_by_its_measure(catalogue):
    """book/data.md: "at most three months" is a maximum_duration of exactly 3; only a bound that is
    itself vague ("more than a year", "under fifteen") has another word."""
    bounds = catalogue[catalogue["measure"].str.match(r"(maximum|minimum)_")]
    vague = bounds[bounds["precision"] != "exact"].set_index("id")["precision"].to_dict()
    assert not {"at_most", "at_least"} & set(vague.values())
    hedge = r"ruim|onder de|jonger|langer dan|20/30"
    assert bounds.set_index("id").loc[list(vague), "quote"].str.contains(hedge).all()


@pytest.mark.parametrize("source", sorted(read_documents()["source"]))
def test_every_row_is_on_its_line(catalogue, read_source, source):
    """Each whole document: a quote stands in the line that is named, and the line is the one that
    was read."""
    lines = read_source(source)
    check_against_source(catalogue, lines, source=source)
    for number in catalogue[catalogue["source"] == source].itertuples():
        line = lines[number.line - 1]
        assert number.quote in line, number.id
        assert number.line_sha256 == hashlib.sha256(line.encode("utf-8")).hexdigest(), number.id


def test_a_row_on_another_line_is_refused(numbers, lines):
    """Line 140 prints 1.334 and 984, line 142 does not: a bad example."""
    moved = numbers[numbers["line"] == 140].assign(line=142)
    with pytest.raises(BadInput, match="line 142 of the source does not hold the quote"):
        check_against_source(moved, lines, source=SOURCE)


# 2. What is printed twice is known to be printed twice.


def is_tied(ids: list[str], ties: list[set[str]]) -> bool:
    reached, before = {ids[0]}, set()
    while reached != before:
        before = set(reached)
        for tie in ties:
            reached |= tie & set(ids) if tie & reached else set()
    return reached == set(ids)


def find_unlisted(
    numbers: pd.DataFrame, repeats: pd.DataFrame, contradictions: pd.DataFrame
) -> list[list[str]]:
    """Rows under one key that neither file ties together."""
    ties = [set(pair) for pair in zip(repeats["id"], repeats["repeats"])]
    ties += [set(named.split("|")) for named in contradictions["numbers"]]
    return [ids for ids in numbers.groupby(KEY)["id"].agg(list) if not is_tied(ids, ties)]


DAYS = {"days": 1, "months": 365.25 / 12, "years": 365.25}


def define_range(number) -> tuple[float, float]:
    """What a printed number can stand for; lengths of time in days, decreases without their
    sign."""
    size = abs(number.value) * DAYS.get(number.unit, 1)
    if number.precision in ("more_than", "at_least"):
        return size, float("inf")
    if number.precision in ("less_than", "at_most"):
        return 0.0, size
    slack = {"exact": 0.0, "rounded5": 2.5, "rounded_percent": 0.5, "about": 0.1 * size}[
        number.precision
    ]
    return size - slack, size + slack


def agree(one, other) -> bool:
    low, high = zip(define_range(one), define_range(other))
    same_kind = one.unit == other.unit or {one.unit, other.unit} <= set(DAYS)
    same_key = all(getattr(one, column) == getattr(other, column) for column in KEY)
    return same_key and same_kind and max(low) <= min(high)


def find_disagreeing(numbers: pd.DataFrame, repeats: pd.DataFrame) -> list[tuple[str, str]]:
    """Pairs within one family of repeats that cannot both hold, or are not about the same thing."""
    first = dict(zip(repeats["id"], repeats["repeats"]))
    families: dict[str, list] = {}
    for number in numbers.itertuples():
        root = number.id
        while root in first:
            root = first[root]
        families.setdefault(root, []).append(number)
    pairs = [
        (one, other)
        for family in families.values()
        for one in family
        for other in family
        if one.id < other.id
    ]
    return [(one.id, other.id) for one, other in pairs if not agree(one, other)]


def test_no_number_stands_twice_unlisted(catalogue):
    """Whole documents: one fact is one key; what is printed again is a repeat or a
    contradiction."""
    assert find_unlisted(catalogue, read_repeats(), read_contradictions()) == []


def test_repeats_say_the_same(catalogue):
    """Whole document, e.g. lines 116 and 162 (nearly half, 45%), 1458 and 1485 (more than a year,
    483 days)."""
    repeats = read_repeats()
    assert set(repeats["id"]) | set(repeats["repeats"]) <= set(catalogue["id"])
    assert find_disagreeing(catalogue, repeats) == []


def make_rows(*rows: tuple) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["id", "category", "value", "unit", "precision"])
    return frame.assign(source="doc", measure="m", population="p", breakdown="b", period="2020")


def test_an_unlisted_duplicate_is_found():
    """A made-up catalogue: a and b are tied, c stands under the same key and is not; d has another
    key."""
    made = make_rows(
        *[(identity, "x", 1, "persons", "exact") for identity in "abc"],
        ("d", "y", 1, "persons", "exact"),
    )
    repeats = pd.DataFrame({"id": ["b"], "repeats": ["a"]})
    assert find_unlisted(made, repeats, pd.DataFrame({"numbers": ["d|a"]})) == [["a", "b", "c"]]
    assert find_unlisted(made, repeats, pd.DataFrame({"numbers": ["c|d|b"]})) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((50, "percent", "about"), (30, "percent", "rounded_percent")),
        ((1, "years", "more_than"), (300, "days", "exact")),
        ((16, "months", "about"), (617.77, "days", "exact")),
        ((145, "persons", "rounded5"), (145, "percent", "rounded_percent")),
        ((1247, "persons", "exact"), (1274, "persons", "exact")),
    ],
)
def test_a_repeat_that_disagrees_is_found(one, other):
    """Made-up pairs, among them the two numbers of lines 480 and 489, which are no repeat of each
    other."""
    made = make_rows(("a", "x", *one), ("b", "x", *other))
    assert find_disagreeing(made, pd.DataFrame({"id": ["b"], "repeats": ["a"]})) == [("a", "b")]


# 3. Numbers read by hand, spread over the document. Line, what is counted, who, cut, group, period,
# value, unit, precision.

READ = [
    (140, "victims", "comensha_victims", "total", "all", "2019", 1334, "victims", "exact"),
    (
        142,
        "share_of_victim_forms",
        "comensha_victims",
        "form",
        "labour",
        "2020",
        43,
        "percent",
        "rounded_percent",
    ),
    (
        162,
        "share_with_repeat",
        "repeat_index_persons",
        "horizon",
        "within_7_years",
        "2010-2013",
        50,
        "percent",
        "rounded_percent",
    ),
    (
        251,
        "victim_forms",
        "comensha_victims",
        "total",
        "all",
        "2016-2020",
        5186,
        "victim_forms",
        "exact",
    ),
    (
        261,
        "police_reports",
        "comensha_police_reports",
        "total",
        "all",
        "2016-2020",
        2905,
        "reports",
        "exact",
    ),
    (
        265,
        "decisions",
        "ind_continued_residence_decisions",
        "total",
        "all",
        "2016-2020",
        608,
        "decisions",
        "exact",
    ),
    (
        269,
        "victims",
        "aid_victims_in_youth_care",
        "total",
        "all",
        "2016-2020",
        200,
        "victims",
        "rounded5",
    ),
    (273, "controls", "aid_controls", "total", "all", "2016-2020", 14010, "controls", "rounded5"),
    (
        274,
        "persons",
        "repeat_index_persons",
        "total",
        "all",
        "2010-2013",
        840,
        "persons",
        "rounded5",
    ),
    (
        395,
        "victims",
        "comensha_victims",
        "overlap_of_forms",
        "sexual_labour_and_criminal",
        "2020",
        4,
        "victims",
        "exact",
    ),
    (
        413,
        "victim_forms",
        "comensha_victims",
        "form",
        "criminal",
        "2019",
        331,
        "victim_forms",
        "exact",
    ),
    (
        421,
        "consecutive_years_of_decline_in_share",
        "comensha_victims",
        "form",
        "domestic_sexual",
        "2020",
        3,
        "years",
        "exact",
    ),
    (
        427,
        "share_of_persons",
        "chat_met_fier_contacts",
        "form",
        "sexual",
        "2020",
        91.5,
        "percent",
        "rounded_percent",
    ),
    (
        448,
        "victim_forms",
        "comensha_victims",
        "form",
        "sexual",
        "2016-2020",
        2819,
        "victim_forms",
        "exact",
    ),
    (
        448,
        "share_with_sector_known",
        "comensha_victims",
        "form",
        "sexual",
        "2015-2019",
        44,
        "percent",
        "rounded_percent",
    ),
    (
        480,
        "victim_forms",
        "comensha_victims",
        "form",
        "labour",
        "2016-2020",
        1247,
        "victim_forms",
        "exact",
    ),
    (
        489,
        "victim_forms",
        "comensha_victims",
        "form",
        "labour",
        "2016-2020",
        1274,
        "victim_forms",
        "exact",
    ),
    (
        603,
        "change_in_victims",
        "comensha_victims",
        "origin_region",
        "latin_america",
        "2019 to 2020",
        2,
        "times_as_many",
        "more_than",
    ),
    (
        624,
        "share_of_victims",
        "comensha_labour",
        "age_group",
        "under_23",
        "2016-2020",
        8,
        "percent",
        "rounded_percent",
    ),
    (635, "reports", "comensha_reports", "total", "all", "2016-2020", 5533, "reports", "exact"),
    (
        657,
        "share_of_victims",
        "comensha_labour",
        "reporter",
        "fairwork",
        "2020",
        84,
        "percent",
        "rounded_percent",
    ),
    (
        667,
        "cases",
        "inspectorate_disadvantage_cases_taken_up",
        "outcome",
        "forwarded_to_criminal_investigation_branch",
        "2020",
        5,
        "cases",
        "exact",
    ),
    (683, "reports", "comensha_reports", "reporter", "police", "2019", 953, "reports", "exact"),
    (
        702,
        "police_reports",
        "comensha_police_reports",
        "police_unit",
        "north_netherlands",
        "2019",
        233,
        "reports",
        "exact",
    ),
    (
        751,
        "change_in_offers",
        "ind_reflection_offers",
        "total",
        "all",
        "2019 to 2020",
        -50,
        "percent",
        "about",
    ),
    (
        879,
        "persons",
        "ind_scheme_persons",
        "age_group",
        "minor",
        "2016-2020",
        59,
        "persons",
        "exact",
    ),
    (
        883,
        "persons_left_to_unknown_destination",
        "unaccompanied_minors",
        "total",
        "all",
        "2010-2019",
        2570,
        "persons",
        "about",
    ),
    (
        898,
        "change_in_asylum_applicants",
        "unaccompanied_minors",
        "total",
        "all",
        "2016 to 2018",
        -70,
        "percent",
        "about",
    ),
    (
        1010,
        "interviews",
        "care_coordinators",
        "total",
        "all",
        "not_stated",
        6,
        "interviews",
        "exact",
    ),
    (1018, "victims", "aid_victims", "sex", "female", "2016-2020", 1235, "victims", "rounded5"),
    (
        1057,
        "controls",
        "aid_controls_minor",
        "total",
        "all",
        "2016-2020",
        261605,
        "controls",
        "rounded5",
    ),
    (
        1064,
        "share_with_aid",
        "aid_victims_minor",
        "aid_type",
        "youth_care",
        "2016-2020",
        55,
        "percent",
        "more_than",
    ),
    (
        1066,
        "chi_square",
        "aid_victims_minor_vs_controls",
        "aid_type",
        "youth_care",
        "2016-2020",
        619.596,
        "statistic",
        "exact",
    ),
    (
        1066,
        "chi_square_df",
        "aid_victims_minor_vs_controls",
        "aid_type",
        "youth_care",
        "2016-2020",
        5,
        "degrees_of_freedom",
        "exact",
    ),
    (
        1111,
        "chi_square",
        "aid_victims_in_youth_care_vs_controls",
        "care_type",
        "closed",
        "2016-2020",
        1340.326,
        "statistic",
        "exact",
    ),
    (
        1111,
        "chi_square_p",
        "aid_victims_in_youth_care_vs_controls",
        "care_type",
        "neighbourhood_team",
        "2016-2020",
        0.059,
        "p_value",
        "exact",
    ),
    (
        1193,
        "chi_square_p",
        "aid_victims_in_youth_care_vs_controls",
        "referrer",
        "unknown",
        "2016-2020",
        0.001,
        "p_value",
        "less_than",
    ),
    (
        1221,
        "places",
        "protected_reception_places",
        "total",
        "all",
        "not_stated",
        18,
        "places",
        "exact",
    ),
    (
        1259,
        "share_with_aid",
        "aid_controls",
        "aid_type",
        "wmo_shelter_or_housing",
        "2016-2020",
        1,
        "percent",
        "less_than",
    ),
    (
        1279,
        "chi_square",
        "aid_victims_vs_controls",
        "shelter_type",
        "other_sheltered_housing",
        "2016-2020",
        3000.006,
        "statistic",
        "exact",
    ),
    (
        1315,
        "share_of_victims",
        "cosm_residents",
        "sex",
        "female",
        "2016-2020",
        75,
        "percent",
        "more_than",
    ),
    (
        1331,
        "mean_cost_per_year",
        "aid_victims_adult",
        "aid_type",
        "specialist_mental_health_care",
        "2016-2018",
        4401,
        "eur",
        "exact",
    ),
    (
        1439,
        "share_of_victims",
        "comensha_victims",
        "age_group",
        "minor",
        "2016-2020",
        13,
        "percent",
        "rounded_percent",
    ),
    (
        1447,
        "persons",
        "repeat_index_persons_form_known",
        "total",
        "all",
        "2010-2018",
        1315,
        "persons",
        "rounded5",
    ),
    (
        1474,
        "share_with_repeat",
        "repeat_index_persons",
        "horizon",
        "within_2_years",
        "2010-2018",
        33.3,
        "percent",
        "about",
    ),
    (
        1485,
        "mean_time_to_repeat",
        "repeat_persons_within_5_years",
        "total",
        "all",
        "2010-2015",
        617.77,
        "days",
        "exact",
    ),
    (
        1485,
        "sd_time_to_repeat",
        "repeat_persons_within_5_years",
        "total",
        "all",
        "2010-2015",
        507.73,
        "days",
        "exact",
    ),
    (
        1503,
        "share_victim_of_crime_in_5_years",
        "dutch_adults",
        "offence_group",
        "domestic_physical_or_sexual_violence",
        "not_stated",
        5.5,
        "percent",
        "rounded_percent",
    ),
    (
        1576,
        "chi_square",
        "repeat_index_persons",
        "horizon_x_sex",
        "within_5_years:all",
        "2010-2015",
        25.299,
        "statistic",
        "exact",
    ),
    (
        1605,
        "share_with_repeat",
        "repeat_index_persons",
        "horizon_x_form",
        "within_5_years:non_sexual",
        "2016",
        30,
        "percent",
        "rounded_percent",
    ),
    (
        1613,
        "chi_square_p",
        "repeat_index_persons",
        "horizon_x_form",
        "within_5_years:all",
        "2016",
        0.139,
        "p_value",
        "exact",
    ),
    (
        1679,
        "change_in_victim_forms",
        "comensha_victims",
        "form",
        "labour",
        "2019 to 2020",
        72,
        "percent",
        "rounded_percent",
    ),
    (
        1697,
        "estimated_share",
        "estimated_total_victims",
        "age_group",
        "minor",
        "not_stated",
        33.3,
        "percent",
        "about",
    ),
    (
        1816,
        "persons",
        "ind_scheme_applicants",
        "total",
        "all",
        "2016-2020",
        2095,
        "persons",
        "exact",
    ),
    (
        1868,
        "controls_per_victim",
        "aid_controls",
        "total",
        "all",
        "2016-2020",
        1000,
        "controls",
        "exact",
    ),
    (
        1916,
        "persons",
        "repeat_index_persons",
        "total",
        "all",
        "2010-2020",
        3150,
        "persons",
        "rounded5",
    ),
]


@pytest.mark.parametrize("row", READ, ids=lambda row: f"line{row[0]}-{row[6]:g}")
def test_the_catalogue_holds_what_was_read(numbers, row):
    """Lines as given: prose, list of figures (250-281), captions, footnotes (1066-1613), closing
    chapter, annex (1773-1944)."""
    columns = [
        "line",
        "measure",
        "population",
        "breakdown",
        "category",
        "period",
        "value",
        "unit",
        "precision",
    ]
    assert row in set(numbers[columns].itertuples(index=False, name=None))


# 4. Nothing left out.

PERCENTAGE = re.compile(r"(\d[\d.,]*)%")
GROUP_SIZE = re.compile(r"\b[Nn]\b[^=]{0,15}=(\d[\d.]*)")


def count_printed(line: str) -> Counter[float]:
    """Percentages and group sizes in the line, Dutch marks read (1.340,5 is 1340.5), each as often
    as it is printed."""
    found = PERCENTAGE.findall(line) + GROUP_SIZE.findall(line)
    return Counter(float(text.rstrip(".,").replace(".", "").replace(",", ".")) for text in found)


def find_missing(places: range, lines: list[str], numbers: pd.DataFrame) -> list[tuple[int, float]]:
    """(line, value) of what is printed more often than the catalogue holds it."""
    held = numbers.assign(value=numbers["value"].abs()).groupby("line")["value"].agg(Counter)
    return [
        (place, value)
        for place in places
        for value in count_printed(lines[place - 1]) - held.get(place, Counter())
    ]


@pytest.mark.parametrize(
    ("first", "last", "printed"),
    [
        ("# Lijst van figuren", "# 1 Inleiding", 34),
        ("# 2 Signalering", "# 5 Slot", 162),
    ],
)
def test_every_percentage_and_group_size_is_held(numbers, lines, first, last, printed):
    """List of figures (lines 248-283) and chapters 2 to 4 with their captions and footnotes
    (327-1635), without exemption."""
    places = range(lines.index(first) + 1, lines.index(last) + 1)
    assert sum(count_printed(lines[place - 1]).total() for place in places) == printed
    assert find_missing(places, lines, numbers) == []


def test_every_chi_square_is_held(numbers, lines):
    """Footnotes of lines 1066 to 1613: as many statistics and p-values as the line prints."""
    printed = {
        place: line.count(r"\chi^2")
        for place, line in enumerate(lines, start=1)
        if r"\chi^2" in line
    }
    assert printed == {
        1066: 1,
        1111: 8,
        1171: 1,
        1193: 7,
        1271: 1,
        1279: 5,
        1576: 1,
        1597: 1,
        1613: 1,
    }
    for measure in ("chi_square", "chi_square_p"):
        assert numbers[numbers["measure"] == measure]["line"].value_counts().to_dict() == printed


def test_a_number_left_out_is_found(numbers):
    """A made-up line with 37% twice and N=1.340, of which the catalogue holds 37% once."""
    held = pd.DataFrame({"line": [1], "value": [37.0]})
    assert find_missing(range(1, 2), ["Eerst 37%, dan 37% (N meldingen=1.340)."], held) == [
        (1, 37.0),
        (1, 1340.0),
    ]


# 5. Laws of the domain, on printed numbers.


def select_one_degree(numbers: pd.DataFrame) -> pd.DataFrame:
    """Printed statistic, and p with its precision, of the tests that print one degree of
    freedom."""
    tests = numbers[numbers["unit"].isin(["statistic", "degrees_of_freedom", "p_value"])]
    wide = tests.pivot(index=["line", "category"], columns="unit", values="value")
    p_rows = tests[tests["unit"] == "p_value"].set_index(["line", "category"])
    return wide.assign(precision=p_rows["precision"])[wide["degrees_of_freedom"] == 1]


def test_printed_p_values_follow_from_their_statistics(numbers):
    """Footnotes 11 (line 1111) and 27 (line 1193) print p to three decimals for six tests with one
    degree of freedom."""
    tests = select_one_degree(numbers).query("precision == 'exact'")
    assert dict(zip(tests["statistic"], tests["p_value"])) == {
        3.574: 0.059,
        0.573: 0.449,
        6.911: 0.009,
        1.577: 0.209,
        0.134: 0.714,
        0.189: 0.664,
    }
    for statistic, p_value in zip(tests["statistic"], tests["p_value"]):
        assert round(chi2.sf(statistic, df=1), 3) == p_value


def test_small_p_values_have_large_statistics(numbers):
    """Lines 1111, 1171, 1193, 1271, 1279: p<0,001 needs more than 10.828, the 0.999 quantile of one
    degree of freedom."""
    tests = select_one_degree(numbers).query("precision == 'less_than'")
    assert len(tests) == 16 and set(tests["p_value"]) == {0.001}
    assert tests["statistic"].min() > 10.828


@pytest.mark.parametrize(
    ("line", "percentage", "part", "whole"),
    [
        (1018, 16, 265, 1630),
        (1018, 28, 460, 1630),
        (1018, 76, 1235, 1630),
        (1255, 6, 95, 1630),
        (1439, 82, 2025, 2460),
        (1501, 28, 355, 1270),
        (1474, 45, 570, 1270),
        (665, 73, 198, 272),
        (661, 8, 38, 449),
    ],
)
def test_percentages_follow_from_the_counts_beside_them(numbers, line, percentage, part, whole):
    """Lines 661, 665, 1018, 1255, 1439, 1474, 1501: share and counts, within one point (counts are
    rounded to five)."""
    on_line = numbers[numbers["line"] == line]
    assert percentage in set(on_line.loc[on_line["unit"] == "percent", "value"])
    assert {part, whole} <= set(numbers.loc[numbers["unit"] != "percent", "value"])
    assert 100 * part / whole == pytest.approx(percentage, abs=1)


def test_known_and_unknown_form_fill_the_whole(numbers):
    """Line 1447: the form is known for 1.315 of 2.460 and unknown for 47%."""
    on_line = set(numbers.loc[numbers["line"] == 1447, "value"])
    assert {1315, 2460, 47} <= on_line
    assert 100 * (2460 - 1315) / 2460 == pytest.approx(47, abs=1)
