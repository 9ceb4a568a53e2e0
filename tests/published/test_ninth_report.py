"""The catalogue and the tables against the Ninth report (2013) and the three small documents, by
line of their texts."""

import re
from collections import Counter
from typing import NamedTuple

import pandas as pd
import pytest

from helpers.published import read_documents, read_numbers, read_printed_table
from helpers.published.printed import TABLES

SOURCE = "002_30d2b0328e6ecf88"
TIMES = ("hours", "days", "working_days", "weeks", "months", "years")


@pytest.fixture(scope="module")
def numbers() -> pd.DataFrame:
    """All numbers, with the `prefix` of their document."""
    return read_numbers().merge(read_documents()[["source", "prefix"]], on="source")


@pytest.fixture(scope="module")
def report(read_source) -> list[str]:
    """The lines of the Ninth report, counted from 0."""
    return read_source(SOURCE)


# 1. Facts read by hand, typed before the catalogue was opened.


class Fact(NamedTuple):
    """What a line says. `kind` is percent, eur, time or count (all else), "" for any; `group` is a
    word of the category."""

    prefix: str
    line: int
    value: float
    kind: str = ""
    period: str = ""
    precision: str = ""
    group: str = ""


FACTS = [
    # 2.1 and 2.2, lines 489 to 1760: prose, text boxes and footnotes 8 to 103.
    Fact("nr13", 628, 48, "percent", "2009 to 2012"),
    Fact("nr13", 631, 106, "count", "2012", "exact"),
    Fact("nr13", 795, 20_000_000, "count", "2002-2011", "more_than"),
    Fact("nr13", 847, 60, "count", "2007-2010"),
    Fact("nr13", 848, 25, "percent", "2007-2010"),
    Fact("nr13", 858, 88, "percent"),
    Fact("nr13", 879, 78, "count", "2008"),
    Fact("nr13", 895, 7418, "count", "2010", "exact"),
    Fact("nr13", 899, 0.2, "", "2008-2010", "less_than"),
    Fact("nr13", 908, 20, "percent", "2010"),
    Fact("nr13", 1246, -13, "percent", "2008 to 2010"),
    Fact("nr13", 1247, 1339, "count", "2010"),
    Fact("nr13", 1262, 16, "percent", "2007-2010"),
    Fact("nr13", 1307, 60, "percent", "2011", "rounded_percent"),
    # 2.3, prostitution policy: "de helft", "een op de drie", "vijf", and counts with a footnote
    # glued to them.
    Fact("nr13", 1808, 50, "percent", "2010", "about"),
    Fact("nr13", 1842, 93, "percent", group="female"),
    Fact("nr13", 1917, 257, "count", "2011"),
    Fact("nr13", 1990, 80, "percent"),
    Fact("nr13", 2286, 33.3, "percent", precision="about"),
    Fact("nr13", 2307, 5, "count", "2013"),
    Fact("nr13", 2574, 12.5, "percent"),
    Fact("nr13", 2622, 29, "percent", group="bulgarian"),
    Fact("nr13", 2670, 500, "count", "2012", "about"),
    Fact("nr13", 3339, 20_000, "count", precision="about"),
    # 2.4 to 2.6, labour exploitation, referral, signalling.
    Fact("nr13", 3678, 9, "count", "2011"),
    Fact("nr13", 3787, 880_000, "count"),
    Fact("nr13", 3975, 40, "percent"),
    Fact("nr13", 4338, 25, "percent", precision="more_than"),
    Fact("nr13", 5303, 58, "percent", "2008", "at_least"),
    Fact("nr13", 5405, 1711, "count", "2012"),
    Fact("nr13", 5880, 10, "percent", precision="less_than"),
    Fact("nr13", 6485, 27, "count", "2012"),
    Fact("nr13", 6527, 8, "count", "2010", group="minor"),
    Fact("nr13", 6570, 17, "percent", "2009-2012", group="nigerian"),
    Fact("nr13", 6593, 47, "percent", "2009", "at_least"),
    # 2.7 to 2.10, criminal procedure, residence, shelter, minors.
    Fact("nr13", 7132, 48.2, "time"),
    Fact("nr13", 7535, 63.1, "percent"),
    Fact("nr13", 7928, 70, "count", "2012"),
    Fact("nr13", 8006, 11, "count"),
    Fact("nr13", 8227, 48, "count", "2012"),
    Fact("nr13", 8839, 40, "percent", precision="about"),
    Fact("nr13", 8975, 826, "count", "2007-2011", group="minor"),
    # 2.11, return: "(N: 6691184)" is 669, "(N: 1.2831185)" is 1,283, "(=15)1201" is 15.
    Fact("nr13", 9499, 1500, "eur"),
    Fact("nr13", 9540, 669, "count", "2009"),
    Fact("nr13", 9542, 1283, "count", "2012"),
    Fact("nr13", 9568, 26, "percent", "2012", group="male"),
    Fact("nr13", 9648, 15, "count", "2008-2012"),
    Fact("nr13", 9785, 1, "percent", "2008-2012"),
    # 3 and 4.
    Fact("nr13", 10033, 78, "count"),
    Fact("nr13", 10856, 7_700_000, "eur"),
    Fact("nr13", 10981, 31.7, "percent"),
    Fact("nr13", 11740, 54, "count", "2011"),
    Fact("nr13", 12726, 104, "count", "2012-2013"),
    Fact("nr13", 12823, 153, "count", precision="at_least"),
    Fact("nr13", 13182, 90, "percent", precision="more_than"),
    Fact("nr13", 13597, 40, "percent", "2011", "about", "minor"),
    # The summary of Ede and Utrecht, the letter of 2019, the news item of 2021.
    Fact("ms21", 72, 10),
    Fact("lr19", 81, 1300, "count", precision="about"),
    Fact("lr19", 84, 40, "percent", precision="about"),
    Fact("ni21", 19, 45, "percent"),
]


def name_kind(unit: str) -> str:
    return unit if unit in ("percent", "eur") else "time" if unit in TIMES else "count"


def holds(numbers: pd.DataFrame, fact: Fact) -> bool:
    """True where a row of that document and line says what the fact says, as far as the fact says
    it."""
    rows = numbers[(numbers["prefix"] == fact.prefix) & (numbers["line"] == fact.line)]
    return any(
        abs(row.value - fact.value) < 1e-9
        and fact.kind in ("", name_kind(row.unit))
        and fact.period in ("", row.period)
        and fact.precision in ("", row.precision)
        and (fact.group == "" or fact.group in row.category.split("_"))
        for row in rows.itertuples()
    )


@pytest.mark.parametrize(
    "fact", FACTS, ids=lambda fact: f"{fact.prefix}-line{fact.line}-{fact.value:g}"
)
def test_the_catalogue_holds_what_was_read(numbers, fact):
    """Lines as given, sections 1 to 4 of the Ninth report, and the small documents."""
    assert holds(numbers, fact)


@pytest.mark.parametrize(
    "change",
    [
        {"line": 9541},
        {"value": 6691184},
        {"value": -669},
        {"kind": "percent"},
        {"period": "2012"},
        {"precision": "about"},
        {"group": "dutch"},
    ],
)
def test_a_fact_that_is_not_printed_is_not_held(numbers, change):
    """Line 9540: 669 victims who are not Dutch, in 2009, whose count is printed with footnote 1184;
    each change makes it untrue."""
    fact = Fact("nr13", 9540, 669, "count", "2009", "exact", "all")
    assert holds(numbers, fact) and not holds(numbers, fact._replace(**change))


# 2. Nothing left out of the Ninth report.

LAST = 14060  # The tables of the annexes follow; the three tables in the text are read cell by cell as well.
TABLE_LINES = {*range(6545, 6567), *range(8549, 8585), *range(9608, 9618)}
TENS = {
    "tien": 10,
    "twintig": 20,
    "dertig": 30,
    "veertig": 40,
    "vijftig": 50,
    "zestig": 60,
    "zeventig": 70,
    "tachtig": 80,
    "negentig": 90,
}
# Not "%20", which is a blank in a web address.
PERCENT_SIGN = re.compile(r"(\d[\d.,]*) ?%(?![0-9A-Fa-f]{2})")
PERCENT_WORD = re.compile(rf"\b(\d[\d.,]*|{'|'.join(TENS)}) (?:procent|per ?cent)\b", re.IGNORECASE)
# "(=113)" but not "(=14%)"; "(N: 45)", "N:885", "n = 94" but not the "&n=115804" of a web address.
GROUP_SIZE = re.compile(r"\(=(\d[\d.]*)(?![\d.]*%)|(?<![&\w])[Nn] ?[:=] ?(\d[\d.]*)")
GLUED = {"6691184": 669.0, "1.2831185": 1283.0}
EXCEPTIONS = {
    (4606, 10.0): "a rise of labour costs that a mushroom grower imagines",
    (14051, 100.0): "explains how the tables round",
    (14052, 100.0): "explains how the tables round",
    (14057, 0.0): "explains what a dash in a table is",
    (14058, 0.0): "explains how the tables round",
    (14059, 0.0): "explains how the tables round",
}


def read_printed(text: str) -> float:
    """1.283 and 4.666 are thousands, 63,1 and 31.7 are decimals, "veertig" is 40."""
    text = text.lower().rstrip(".,")
    if text in TENS or text in GLUED:
        return float(TENS.get(text, GLUED.get(text)))
    return float(
        text.replace(".", "")
        if re.fullmatch(r"\d{1,3}(\.\d{3})+", text)
        else text.replace(",", ".")
    )


def join_next(place: int, lines: list[str]) -> str:
    """The line, with the next word where a number at its end is a percentage by that word."""
    following = lines[place].split()[:1] if place < len(lines) else []
    return " ".join(
        [
            lines[place - 1].rstrip(),
            *(word for word in following if word.startswith(("procent", "%"))),
        ]
    )


def count_printed(line: str) -> Counter[tuple[str, float]]:
    """(percent or count, value) of the percentages and group sizes in the line, each as often as it
    is printed."""
    shares = PERCENT_SIGN.findall(line) + PERCENT_WORD.findall(line)
    sizes = [one or other for one, other in GROUP_SIZE.findall(line)]
    return Counter(
        [("percent", read_printed(text)) for text in shares]
        + [("count", read_printed(text)) for text in sizes]
    )


def find_missing(places: range, lines: list[str], numbers: pd.DataFrame) -> list[tuple[int, float]]:
    """(line, value) of what is printed more often than the catalogue holds it; the lines of tables
    are left out."""
    kinds = numbers["unit"].map(lambda unit: "percent" if unit == "percent" else "count")
    held = (
        pd.Series(list(zip(kinds, numbers["value"].abs())), index=numbers["line"])
        .groupby(level=0)
        .agg(Counter)
    )
    return [
        (place, value)
        for place in places
        if place not in TABLE_LINES
        for _, value in (
            count_printed(join_next(place, lines)) - held.get(place, Counter())
        ).elements()
    ]


@pytest.fixture(scope="module")
def ninth(numbers) -> pd.DataFrame:
    return numbers[numbers["source"] == SOURCE]


def test_every_percentage_and_group_size_is_held(ninth, report):
    """Lines 1 to 14060, prose and footnotes: as many rows as percentages, "(=NN)", "(N: NN)" and "N
    = NN" are printed, but for the exceptions; an exception that is no longer one is a fault too."""
    assert sorted(find_missing(range(1, LAST + 1), report, ninth)) == sorted(EXCEPTIONS)


def test_what_is_counted_is_counted(report):
    """Lines 1 to 14060, so that a pattern that finds nothing cannot pass."""
    printed = sum(
        (
            count_printed(join_next(place, report))
            for place in range(1, LAST + 1)
            if place not in TABLE_LINES
        ),
        Counter(),
    )
    totals = {
        kind: sum(often for (which, _), often in printed.items() if which == kind)
        for kind in ("percent", "count")
    }
    assert totals == {"percent": 118, "count": 56}


@pytest.mark.parametrize(
    ("line", "value"),
    [(9550, 91), (6594, 67), (9540, 669), (9542, 1283), (3975, 40), (10981, 31.7), (8838, 83)],
)
def test_a_row_taken_away_is_missed(ninth, report, line, value):
    """A percentage, one that is printed twice, two group sizes glued to a footnote, a number word,
    an English decimal, "(n = 83)"."""
    row = ninth.index[(ninth["line"] == line) & (ninth["value"] == value)][0]
    assert find_missing(range(line, line + 1), report, ninth) == []
    assert find_missing(range(line, line + 1), report, ninth.drop(index=row)) == [(line, value)]


def test_a_percentage_is_no_group_size():
    """A made-up line: 37% twice, of which one is held; 40 persons are no 40 percent; "%20" is a
    blank and "(=14%)" no group."""
    held = pd.DataFrame({"line": [1, 1], "value": [37.0, 40.0], "unit": ["percent", "persons"]})
    made = [
        "Eerst 37%, dan 37% (=14%), a%2020%20b, veertig procent (N: 1.340) en ook 12",
        "procent van de rest.",
    ]
    assert find_missing(range(1, 3), made, held) == [
        (1, 37.0),
        (1, 14.0),
        (1, 40.0),
        (1, 12.0),
        (1, 1340.0),
    ]


# 3. Cells of the tables, typed from the source: table, category, period, count, percentage,
# footnote glued to it or to its row's name.

CELLS = [
    ("2.2", "dutch_minor", "2011", 131, 39, None),
    ("2.2", "nigerian", "2008", 64, 100, None),
    ("2.2", "guinean_minor", "2008", 11, 55, None),
    ("2.2", "other", "2011", 693, 100, None),
    ("2.2", "total", "2011", 1222, 100, None),
    ("2.2", "total_minor", "2007", 199, 28, None),
    ("B3.2", "female", "2009", 33, 92, None),
    ("B3.2", "male", "2011", 13, 29, None),
    ("B3.2", "male", "2012", 6, 22, None),
    ("B3.2", "female", "2009-2012", 113, 81, None),
    ("B3.3", "age_0_14", "2010", 2, 7, 2),
    ("B3.3", "age_0_14", "2011", 1, 2, 3),
    ("B3.3", "age_0_14", "2012", 1, 4, 4),
    ("B3.3", "age_0_14", "2009", 0, 0, None),
    ("B3.3", "age_24_30", "2011", 11, 24, None),
    ("B3.3", "age_41_plus", "2009-2012", 13, 9, None),
    ("B3.4", "dutch", "2010", 1, 3, 6),
    ("B3.4", "chinese", "2009", 11, 31, None),
    ("B3.4", "guinean", "2011", 9, 20, None),
    ("B3.4", "unknown", "2010", 4, 13, None),
    ("B3.4", "nigerian", "2009-2012", 23, 17, None),
    ("B3.5", "reported", "2010", 16, 52, None),
    ("B3.5", "not_reported", "2012", 7, 26, None),
    ("B3.5", "unknown", "2009-2012", 23, 17, None),
    ("B3.5", "reported", "2009-2012", 81, 58, None),
    ("B3.6", "other_outflow", "2009", 5, 14, 9),
    ("B3.6", "other_outflow", "2010", 5, 16, 10),
    ("B3.6", "other_outflow", "2011", 5, 11, 11),
    ("B3.6", "other_outflow", "2012", 3, 11, 12),
    ("B3.6", "left_supervised", "2010", 1, 3, 8),
    ("B3.6", "left_unsupervised", "2009-2012", 34, 25, None),
    ("B3.7", "b9_granted", "2009", 8, 36, None),
    ("B3.7", "b9_granted", "2011", 23, 79, None),
    ("B3.7", "unknown", "2009", 9, 41, None),
    ("B3.7", "b9_not_granted", "2009-2012", 9, 11, None),
    ("B4.2", "female", "2008", 36, 97, None),
    ("B4.2", "male", "2011", 0, 0, None),
    ("B4.2", "female", "2012", 29, 75, None),
    ("B4.2", "male", "2012", 10, 26, None),
    ("B4.3", "age_15_17", "2008", 5, 14, None),
    ("B4.3", "age_18_23", "2009", 17, 68, None),
    ("B4.3", "unknown", "2010", 1, 3, None),
    ("B4.3", "age_31_40", "2008-2012", 19, 11, None),
    ("B4.4", "pakistani", "2012", 8, 21, 3),
    ("B4.4", "bulgarian", "2009", 9, 36, None),
    ("B4.4", "romanian", "2012", 8, 21, None),
    ("B4.4", "hungarian", "2008-2012", 52, 31, None),
    ("B4.4", "nigerian", "2008-2012", 9, 5, None),
    ("B4.5", "sexual", "2011", 26, 72, None),
    ("B4.5", "outside_sex_industry", "2012", 8, 21, None),
    ("B4.5", "unknown", "2011", 10, 28, None),
    ("B4.5", "sexual", "2009-2012", 105, 81, None),
    ("B4.6", "comensha", "2012", 8, 21, None),
    ("B4.6", "shelter_aid", "2010", 22, 76, 5),
    ("B4.6", "police", "2011", 9, 25, None),
    ("B4.6", "immigration_chain", "2010-2012", 7, 7, 6),
    ("B4.7", "one_week_to_one_month", "2008", 20, 54, 10),
    ("B4.7", "one_week_to_one_month", "2012", 19, 49, 11),
    ("B4.7", "up_to_one_day", "2010", 1, 3, None),
    ("B4.7", "over_one_month", "2012", 17, 44, 12),
    ("B4.7", "one_day_to_one_week", "2008-2012", 33, 20, None),
]
# Table, category, period, rank; 2.1 and 2.3 print nothing else.
RANKS = [
    ("2.1", "nigerian", "2009", 2),
    ("2.1", "chinese", "2012", 1),
    ("2.1", "guinean", "2011", 1),
    ("2.1", "mongolian", "2010", 3),
    ("2.1", "guinean", "2009-2012", 3),
    ("2.3", "hungarian", "2009", 2),
    ("2.3", "bulgarian", "2012", 3),
    ("2.3", "romanian", "2012", 2),
    ("2.3", "hungarian", "2008-2012", 1),
    ("B3.4", "chinese", "2009", 1),
    ("B3.4", "nigerian", "2009-2012", 1),
    ("B4.4", "romanian", "2012", 2),
    ("B4.4", "nigerian", "2008-2012", 4),
]
# Table, period, count, index, change in percent; of the total.
CHANGES = [
    ("B3.1", "2009", 36, 1.0, None),
    ("B3.1", "2010", 31, 0.9, -14),
    ("B3.1", "2011", 45, 1.3, 45),
    ("B3.1", "2012", 27, 0.8, -40),
    ("B3.1", "2009-2012", 139, None, None),
    ("B4.1", "2008", 37, 1.0, None),
    ("B4.1", "2009", 25, 0.7, -32),
    ("B4.1", "2010", 29, 0.8, 16),
    ("B4.1", "2012", 39, 1.1, 8),
    ("B4.1", "2008-2012", 166, None, None),
]


def pick_cell(name: str, category: str, period: str) -> dict[str, float | None]:
    """The numbers of the one cell, None where nothing is printed."""
    cells = read_printed_table(name).set_index(["category", "period"]).loc[[(category, period)]]
    assert len(cells) == 1
    columns = ("n", "percent", "rank", "index", "change_percent", "footnote")
    return {
        column: None if pd.isna(cells[column].iloc[0]) else cells[column].iloc[0]
        for column in columns
    }


def name_cell(cell) -> str:
    return ":".join(str(part) for part in cell[:3])


@pytest.mark.parametrize("cell", CELLS, ids=name_cell)
def test_a_cell_is_what_was_read(cell):
    """Lines 8549-8584 and 14111-14702; "22 7%" is 2 with footnote 2, "16 3%" 1 with 6, "510 16%" 5
    with 10, "2010 54%" 20 with 10."""
    name, category, period, *wanted = cell
    found = pick_cell(name, category, period)
    assert [found["n"], found["percent"], found["footnote"]] == wanted


@pytest.mark.parametrize("cell", RANKS, ids=name_cell)
def test_a_rank_is_what_was_read(cell):
    """Lines 6545-6565 and 9608-9616, where years without a rank leave no mark; 14162-14323 and
    14489-14618."""
    assert pick_cell(*cell[:3])["rank"] == cell[3]


@pytest.mark.parametrize("cell", CHANGES, ids=name_cell)
def test_a_change_is_what_was_read(cell):
    """Lines 14099-14107 and 14432-14442."""
    name, period, *wanted = cell
    found = pick_cell(name, "total", period)
    assert [found["n"], found["index"], found["change_percent"]] == wanted


def test_every_table_has_cells_that_were_read():
    """At least four of each of the seventeen files."""
    read = Counter(name for name, *_ in CELLS + RANKS + CHANGES)
    assert set(read) == set(TABLES) and min(read.values()) >= 4
