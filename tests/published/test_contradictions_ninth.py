"""What the Ninth report (2013) prints twice and differently: every reading recomputed from numbers
read by hand in its text."""

from datetime import date

import pandas as pd
import pytest
from contradiction_cases import Case, check_case, rounds_to, share

from helpers.published import read_contradictions

SOURCE = "002_30d2b0328e6ecf88"

CASES = {
    "c01": Case(
        {14357: ("8 22%", "6 19%", "10 22%", "9 33%", "34 25%"), 6607: ("25% (=34)",)},
        8 + 6 + 10 + 9 == 34,
        {8, 6, 10, 9, 8 + 6 + 10 + 9, 34},
    ),
    # "18 3%" is one person with footnote 8: the column of 2010 adds up to 31 only so.
    "c02": Case(
        {14362: ("- - 18 3%",), 14401: ("8 Dit betrof vrijwillig vertrek",)},
        17 + 6 + 1 + 5 + 2 == 31 and 1 == 0,
        {0, 1, 34, 139, 80, 18, 6},
    ),
    "c03": Case(
        {14357: ("34 25%",), 6607: ("25% (=34)",)},
        rounds_to(share(34, 139, 2), 25),
        {34, 139, share(34, 139, 2), 24, 25},
    ),
    "c04": Case(
        {14136: ("22 7%",), 14182: ("2 7%",), 14371: ("2 7%",)},
        rounds_to(share(2, 31, 2), 7),
        {2, 31, share(2, 31, 2), 6, 7, 6.5},
    ),
    "c05": Case(
        {14194: ("1 - - - - - 1 1%",), 14200: ("1 3%",)},
        rounds_to(share(1, 31), 0),
        {1, 31, share(1, 31), 3},
    ),
    "c06": Case(
        {8562: ("104 100% 64 100% 101 100% 130 100% 134 100%",), 8564: ("6 5%",)},
        rounds_to(share(6, 134, 2), 5),
        {6, 134, share(6, 134, 2), 4, 5},
    ),
    "c07": Case(
        {8566: ("26 100%",), 8568: ("10 39%",)},
        rounds_to(share(10, 26, 2), 39),
        {10, 26, share(10, 26, 2), 38, 39},
    ),
    "c08": Case(
        {14462: ("29 75% 10 26% 39 100%",)},
        rounds_to(share(29, 39, 2), 75),
        {29, 39, share(29, 39, 2), 74, 75, 26, 75 + 26},
    ),
    "c09": Case({9699: ("74% (=29)",), 14462: ("29 75%",)}, 74 == 75, {29, 39, 74, 75}),
    "c10": Case(
        {14600: ("29 18%",)}, rounds_to(share(29, 166, 2), 18), {29, 166, share(29, 166, 2), 17, 18}
    ),
    "c11": Case(
        {14655: ("15 39%",)}, rounds_to(share(15, 39, 2), 39), {15, 39, share(15, 39, 2), 38}
    ),
    "c12": Case(
        {9734: ("bijna de helft (49%)",), 14655: ("52 50%",)},
        rounds_to(share(52, 104), 49),
        {52, 104, 50, 49},
    ),
    "c13": Case(
        {14572: ("83 21%",), 14519: ("7",), 14521: ("(3e)",), 14597: ("8",), 14599: ("(2e)",)},
        8 < 7,
        {8, 7, 10},
    ),
    "c14": Case(
        {14698: ("1911 49%",), 14717: ("11 Voor vier personen in 2011",)},
        2012 == 2011,
        {11, 19, 2012, 2011},
    ),
    "c15": Case(
        {6287: ("65%",), 6629: ("ten minste 65%",), 6630: ("(=52)",)},
        rounds_to(share(52, 139), 65),
        {52, 80, 65, 139, round(share(52, 139))},
    ),
    "c16": Case(
        {6627: ("(2009-2011)",), 6629: ("2009-2012",)},
        8 + 13 + 23 == 52,
        {2009, 2011, 8, 13, 23, 8 + 13 + 23, 2012, 8 + 13 + 23 + 8},
    ),
    "c17": Case(
        {13596: ("één derde",), 8558: ("337 100%",), 8580: ("1.222 100%",)},
        rounds_to(share(337, 1222), 100 / 3),
        {
            337,
            1222,
            share(337, 1222),
            32,
            2007,
            2011,
            270 + 320 + 240 + 315 + 337,
            716 + 826 + 909 + 993 + 1222,
        },
    ),
    "c18": Case(
        {9668: ("43% (=1.352)", "3.184")},
        rounds_to(share(1352, 3184, 2), 43),
        {1352, 3184, share(1352, 3184, 2), 42, 43},
    ),
    "c19": Case(
        {9581: ("19% (=226)",), 8580: ("1.222 100%",)},
        rounds_to(share(226, 1222, 2), 19),
        {226, 1222, share(226, 1222, 2), 18, 19},
    ),
    "c20": Case(
        {
            7488: ("39 slachtoffers",),
            7490: ("561,7 dagen",),
            7491: ("de periode van einde uitbuiting",),
            7532: ("541,8",),
            7533: ("N=39",),
        },
        561.7 == 541.8,
        {561.7, 541.8, round(561.7 - 541.8, 1)},
    ),
    "c21": Case(
        {7534: ("N=38",), 7535: ("63,1%",)},
        63.1 in {share(part, 38) for part in range(39)},
        {24, 38, share(24, 38, 2), share(24, 38), 63.1},
    ),
    "c22": Case(
        {3975: ("30 responden-",), 3976: ("81 procent",)},
        any(rounds_to(share(part, 30, 2), 81) for part in range(31)),
        {24, 30, 80.0, 25, share(25, 30), 81},
    ),
    "c23": Case(
        {
            2574: ("één op de acht",),
            2534: ("579",),
            2536: ("731",),
            2607: ("87 signalen",),
            2609: ("118 signalen",),
            12018: ("87 signalen",),
            12019: ("118 signalen",),
        },
        87 + 118 in (round(579 / 8), round(731 / 8)),
        {579, 8, round(579 / 8), 731, round(731 / 8), 87, 118, 87 + 118},
    ),
    "c24": Case(
        {8795: ("76 procent",), 12701: ("10,4 meldingen",), 12702: ("5,7 meldingen",)},
        rounds_to(100 * (10.4 / 5.7 - 1), 76),
        {10.4, 5.7, round(100 * (10.4 / 5.7 - 1)), 76},
    ),
    # A share of a whole has its part in the whole: the prosecuted are no part of the convicted.
    "c25": Case(
        {907: ("aantal vervolgden",), 908: ("van het totaal aantal veroordeelden",)},
        "vervolgden" == "veroordeelden",
        set(),
    ),
    "c26": Case(
        {6307: ("2008-2012",), 6283: ("35 keer",)},
        round(139 / 5) == 35,
        {2008, 2012, 139, 35, 2009, 4, 139 / 4, 5, 139 / 5},
    ),
    "c27": Case({7938: ("35",), 7939: ("negen",)}, 35 <= 9, {35, 9}),
    "c28": Case(
        {
            2527: ("april 2011",),
            2535: ("maart 2011 tot en met januari 2013",),
            2713: ("april 2011",),
        },
        (2011, 3) >= (2011, 4),
        {2011, 2013, 10 + 12 + 1, 9 + 12 + 1},
    ),
    "c29": Case(
        {6606: ("(=80)",), 6607: ("(=34)",), 6611: ("één vreemdeling",)},
        80 + 34 + 1 + 1 + 18 + 6 == 139,
        {80, 34, 1, 18, 6, 80 + 34 + 1 + 1 + 18 + 6, 139},
    ),
    "c30": Case(
        {8528: ("weekend van 27-28 juni van 2013, 150",), 8531: ("three days", "2013/07/29")},
        date(2013, 6, 27).weekday() == 5,
        {27, 28, 28 - 27 + 1, 3, 2013, 29},
    ),
    "c31": Case(
        {
            9605: ("Tabel 2.2 toont de rangorde",),
            9608: ("Tabel 2.3 Rangorde",),
            8549: ("Tabel 2.2 Aandeel minderjarige",),
        },
        "2.2" == "2.3",
        {2.2, 2.3},
    ),
    "c32": Case(
        {12691: ("juni 2012",), 12725: ("juli 2012-april 2013 (10 maanden)",), 12726: ("104",)},
        len(range(6, 12 + 4 + 1)) == 10,
        {2012, 2013, 11, 104, round(104 / 11, 1), 10, 104 / 10},
    ),
    "c33": Case(
        {14713: ("30 dagen",), 14719: ("binnen één maand en twee",), 14722: ("30 dagen",)},
        31 <= 30,
        {31, 30, 4, 2},
    ),
    # The file of the United Nations (J017 to J020): 73, 78, 69 and 80.
    "c34": Case({879: ("73, 78, 69 en 79",)}, 79 == 80, {79, 80}),
}


@pytest.fixture(scope="module")
def contradictions() -> pd.DataFrame:
    """Those of the Ninth report, by the end of their id."""
    rows = read_contradictions().query("source == @SOURCE")
    return rows.set_index(rows["id"].str.removeprefix("nr13-"))


def test_each_contradiction_is_recomputed_here(contradictions):
    assert len(contradictions) >= 25 and set(contradictions.index) == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_the_stated_reading_fails_as_the_arithmetic_says(contradictions, name):
    """Lines as given in the case: the reading does not hold, and every figure of the arithmetic
    follows from what is printed."""
    check_case(CASES[name], contradictions.at[name, "arithmetic"])


@pytest.mark.parametrize("name", CASES)
def test_the_lines_print_what_was_read(read_source, contradictions, name):
    """Each line holds the words from which the numbers were taken, and a line that holds a number
    is named."""
    lines = read_source(SOURCE)
    read = [(place, words) for place, printed in CASES[name].printed.items() for words in printed]
    assert [
        (place, words, lines[place - 1]) for place, words in read if words not in lines[place - 1]
    ] == []
