"""What the monitor prints twice and differently: every reading recomputed from numbers read by hand
in its text."""

from math import ceil

import numpy as np
import pandas as pd
import pytest
from contradiction_cases import Case, check_case, rounds_to, share
from scipy.stats import chi2, chi2_contingency

from helpers.published import read_cells, read_contradictions, read_numbers

SOURCE = "000_7722fd9e653d29ea"


def chi_square(one: float, one_n: float, other: float, other_n: float) -> float:
    """Pearson's chi-square, without correction, of two shares."""
    table = [[one * one_n, (1 - one) * one_n], [other * other_n, (1 - other) * other_n]]
    return chi2_contingency(table, correction=False).statistic


def pearson(part: int, whole: int, other: np.ndarray, others: int) -> np.ndarray:
    """Pearson's chi-square, without correction, from the four counts (n (ad - bc)^2 over the four
    sums), for many numbers of others."""
    n, hits = whole + others, part + other
    cross = part * (others - other) - other * (whole - part)
    return n * cross.astype(float) ** 2 / (whole * others * hits * (n - hits))


# Footnote 25 (line 1171) against lines 1099 and 1164. Totals were rounded to five (145 is 143 to
# 147), shares to whole percents.
CRISIS = chi_square(0.17, 145, 0.07, 24990)
CRISIS_MOST = max(
    chi_square(one, 147, other, 24992) for one in (0.165, 0.175) for other in (0.065, 0.075)
)
# The same where the shares were taken from counts that were rounded first: 25 of 145 is 17%, 1,625
# of 24,990 is 7%.
CRISIS_UTMOST = max(
    chi_square(part / whole, whole, 1623 / 24992, 24992)
    for part in range(23, 28)
    for whole in range(143, 148)
)
# Footnote 11 (line 1111) against lines 1099 and 1105: what every number of controls makes of the
# whole victims that are 41%, where both groups are of sizes that are printed so and add up to N.
CONTROLS = np.arange(24992 + 1)
CLOSED = {
    (part, whole): np.concatenate(
        [
            pearson(part, whole, CONTROLS[: others + 1], others)
            for others in range(24988, 24993)
            if 25138 <= whole + others <= 25142
        ]
        or [CONTROLS[:0]]
    )
    for whole in range(143, 148)
    for part in range(whole)
    if rounds_to(100 * part / whole, 41)
}
CLOSED_VALUES = np.concatenate(list(CLOSED.values()))
CLOSED_VICTIMS = {number for pair, values in CLOSED.items() if len(values) for number in pair}
# Lines 1057, 1095, 1099: minors with youth care, victims against controls.
CARE_RATIO = (145 / 265) / (24990 / 261605)
CARE_RATIO_LEAST = (143 / 267) / (24992 / 261603)

CASES = [
    Case(
        {253: ("N=1.247",), 480: ("N=1.247",), 489: ("in totaal 1.274",)},
        1247 == 1274,
        {1247, 1274, 1274 - 1247},
    ),
    Case(
        {260: ("N=5.536",), 635: ("5.533 keer",), 647: ("N=5.536",)},
        5536 == 5533,
        {5536, 5533, 5536 - 5533},
    ),
    Case(
        {
            146: ("en van criminele uitbuiting", "668", "289"),
            413: ("grensoverschrijdende", "668", "289", "331", "154"),
        },
        (668, 289) == (668 + 331, 289 + 154),
        {668, 331, 668 + 331, 289, 154, 289 + 154},
    ),
    Case(
        {252: ("N=1.139",), 448: ("49%", "n=2.819"), 452: ("N=1.139",)},
        rounds_to(share(1139, 2819), 49),
        {1139, 2819, share(1139, 2819), 49, round(0.49 * 2819)},
    ),
    Case(
        {667: ("91 onderzoeken", "23%", "22 zaken")},
        rounds_to(share(22, 91), 23),
        {22, 91, share(22, 91), 23, round(0.23 * 91, 1)},
    ),
    Case({268: ("slachtoffers=145",), 269: ("N=200",), 1160: ("N=145",)}, 200 == 145, {200, 145}),
    Case(
        {
            272: ("N=1.630)",),
            273: ("slachtoffers=145",),
            1263: ("slachtoffers=1.630;",),
            1279: ("N=1.631.630",),
        },
        1631630 == 145 + 1630000,
        {145, 1630, 1630 + 1630000, 1630000},
    ),
    Case(
        {273: ("controlegroep=14.010",), 1263: ("controlegroep=1.630.000",)},
        14010 == 1630000,
        {14010, 1630000},
    ),
    Case(
        {1057: ("slachtoffers=265", "controlegroep"), 1066: (r"\chi^2(5,",)},
        (2 - 1) * (2 - 1) == 5,
        {1, 2, 5},
    ),
    Case(
        {1099: ("controlegroep=24.990",), 1160: ("N=145",), 1164: ("17%", "7%"), 1171: ("37,840",)},
        CRISIS_UTMOST >= 37.840,
        {round(CRISIS), ceil(CRISIS_MOST), 37.840},
    ),
    Case(
        {
            1099: ("slachtoffers=145", "controlegroep=24.990"),
            1105: ("gesloten plaatsingen (41%)",),
            1111: (r"Gesloten:  $\chi^2(1, N=25.140)=1.340,326",),
        },
        bool((abs(CLOSED_VALUES - 1340.326) <= 0.0005).any()),
        {
            41,
            25140,
            *CLOSED_VICTIMS,
            round(CLOSED_VALUES[CLOSED_VALUES < 1340.326].max(), 1),
            round(CLOSED_VALUES[CLOSED_VALUES > 1340.326].min(), 1),
            1340.326,
        },
    ),
    Case(
        {
            1057: ("slachtoffers=265", "261.605"),
            1068: ("vijf keer zo vaak",),
            1095: ("145 slachtoffers",),
            1099: ("24.990",),
        },
        rounds_to(CARE_RATIO, 5) or rounds_to(CARE_RATIO_LEAST, 5),
        {145, 265, 24990, 261605, round(CARE_RATIO, 1), round(CARE_RATIO_LEAST, 1), 5},
    ),
    Case(
        {
            1057: ("slachtoffers=265",),
            1064: ("Ruim 55%",),
            1095: ("145 slachtoffers",),
            1367: ("55%",),
        },
        100 * 145 / 265 > 55,
        {145, 265, share(145, 265), 55, share(143, 267), share(147, 263)},
    ),
    Case(
        {1018: ("1.630 slachtoffers", "n=265"), 1255: ("6% (n=95)",), 1385: ("volwassen", "6%")},
        rounds_to(share(95, 1630), 6) and rounds_to(share(95, 1630 - 265), 6),
        {95, 1630, share(95, 1630), 265, share(95, 1630 - 265)},
    ),
    Case(
        {1439: ("2.025", "82%"), 1474: ("45%",), 1574: ("zo'n 45%", "24%")},
        rounds_to(0.82 * 45 + 0.18 * 24, 45),
        {0.82, 45, 0.18, 24, round(0.82 * 45 + 0.18 * 24, 1)},
    ),
    Case(
        {
            1038: ("Tot 2017",),
            1439: ("2.460", "1.270"),
            1447: ("Tot 2017", "1.315"),
            1595: ("315",),
        },
        2460 - 1270 - 315 >= 1315,
        {2016, 2460, 1270, 315, 2460 - 1270 - 315, 1315},
    ),
    Case(
        {
            1038: ("één algemene feitcode",),
            1447: ("Tot 2017",),
            1595: ("315 slachtoffers die in 2016",),
            1605: ("44%", "30%"),
        },
        2016 >= 2017,
        {315, 44, 30},
    ),
    Case(
        {
            277: ("2010-2020 (N=1.270)",),
            278: ("2010-2020 (N=1.270)",),
            1435: ("3.150",),
            1439: ("2010-2015: 1.270",),
            1569: ("2010-2020 (N=1.270)",),
            1586: ("2010-2020 (N=1.270)",),
            1916: ("3.150",),
        },
        1270 == 3150,
        {2010, 2020, 3150, 1270, 2015},
    ),
    Case(
        {
            279: ("2016-2020 (N=315)",),
            1435: ("3.150",),
            1439: ("2010-2015: 1.270",),
            1595: ("315 slachtoffers die in 2016",),
            1601: ("2016-2020 (N=315)",),
        },
        315 == 3150 - 1270,
        {2016, 2020, 3150, 1270, 3150 - 1270, 315},
    ),
    Case(
        {
            1439: ("binnen vijf jaar gaat het om de periode 2010-2015",),
            1595: ("vijfjarige periode", "in 2016"),
            1605: ("44%", "30%"),
        },
        2020 - 2016 >= 5,
        {2016, 2020, 2020 - 2016, 2020 - 2016 + 1, 2015},
    ),
    Case(
        {1605: ("44%", "30%"), 1613: ("3.940", "0.139")},
        round(chi2.sf(3.940, df=1), 3) == 0.139,
        {1, 3.940, round(chi2.sf(3.940, df=1), 3), round(chi2.sf(3.940, df=2), 3), 2},
    ),
    Case(
        {
            1099: ("slachtoffers=145", "24.990"),
            1111: ("N=25.140",),
            1171: ("N=25.140",),
            1193: ("N=25.140",),
        },
        145 + 24990 == 25140,
        {145, 24990, 145 + 24990, 25140},
    ),
    Case(
        {
            380: ("984 in 2020",),
            395: ("45 slachtoffers", "13 slachtoffers", "8 van", "4 van"),
            409: ("43%",),
            489: ("449",),
        },
        rounds_to(share(449, 984 + 45 + 13 + 8 + 2 * 4), 43),
        {
            984,
            45,
            13,
            8,
            2,
            4,
            984 + 45 + 13 + 8 + 2 * 4,
            449,
            share(449, 1058),
            43,
            984 + 41 + 9 + 4 + 2 * 4,
            share(449, 1046),
        },
    ),
    Case(
        {
            1499: ("Twee derde",),
            1501: ("355, oftewel bijna twee derde", "570"),
            1611: ("twee derde",),
        },
        rounds_to(share(355, 570), 100 * 2 / 3),
        {355, 570, share(355, 570), 1499, 1501, 1611},
    ),
    # Two victims, one with three trajectories ended as planned, one with one that was not: 3 of 4
    # trajectories, 1 of 2 victims.
    Case(
        {
            1201: ("wordt hier gekeken naar het aantal trajecten",),
            1205: ("76% van de slachtoffers", "10%"),
        },
        3 / 4 == 1 / 2,
        set(),
    ),
    # One offence period that ended in 2019 and was registered in 2020: the first selection keeps
    # it, the second does not.
    Case(
        {
            1018: ("pleegperiode eindigde in 2020", "1.630"),
            1848: ("geregistreerd in 2020", "1.630"),
        },
        (2019 != 2020) == (2020 != 2020),
        {1630},
    ),
    Case(
        {
            1057: ("slachtoffers=265",),
            1141: ("17%",),
            1160: ("N=145",),
            1164: ("17%", "7%"),
            1171: ("N=25.140",),
        },
        rounds_to(17 * 145 / 265, 17),
        {145, 25140, 17, 265, round(17 * 145 / 265)},
    ),
    Case(
        {1435: ("2010-2020",), 1942: ("niet meer dan tien jaar",)},
        len(range(2010, 2020 + 1)) <= 10,
        {2010, 2020, len(range(2010, 2020 + 1))},
    ),
    Case({1221: ("van twee naar een", "achttien plaatsen")}, 1 == 18, set()),
    # Line 836: most who file a complaint get no protection within the scheme, nor a reflection
    # period; at least one was refused all.
    Case(
        {879: ("2.095 unieke slachtoffers gebruikgemaakt",), 1816: ("2.095", "aangevraagd")},
        2095 + 1 == 2095,
        {2095},
    ),
    # Printed elsewhere: the IND in NOS (January 2018), NJi (January 2020) and de Volkskrant (July 2022).
    Case(
        {898: ("2.854", "1.167", "781")},
        2854 == 1707 or 1167 == 1046 or 781 == 985,
        {2854, 1707, 1167, 1046, 781, 985},
    ),
    # Printed elsewhere: two thirds (Reformatorisch Dagblad, October 2017).
    Case(
        {293: ("(50%)",), 303: ("2012-2016",)},
        rounds_to(share(2, 3), 50),
        {50, round(share(2, 3))},
    ),
    # Printed elsewhere: about 4% (huiselijkgeweld.nl, July 2021).
    Case(
        {427: ("283 unieke personen", "(n=23)")},
        rounds_to(share(23, 283), 4),
        {23, 283, share(23, 283), 4, round(0.04 * 283)},
    ),
    # Printed elsewhere: 106 in 2019 and 160 in 2020 (NOS, September 2021). What is made of two
    # parts rises by no less than the slower of them.
    Case(
        {665: ("stijging van 33%", "160 meldingen", "40% meer")},
        min(100 * (160 / 106 - 1), 40) <= 33,
        {160, round(100 * (160 / 106 - 1)), 106, 40, 33},
    ),
]


def name_lines(case: Case) -> str:
    return "|".join(str(line) for line in case.printed)


@pytest.fixture(scope="module")
def contradictions() -> pd.DataFrame:
    """Those of the monitor, by the lines that they name."""
    return read_contradictions().query("source == @SOURCE").set_index("lines", drop=False)


def test_each_contradiction_is_recomputed_here(contradictions):
    """Whole document: at least twenty contradictions, each id once, each with its case above and no
    case without one."""
    assert len(contradictions) >= 20
    assert contradictions["id"].is_unique and contradictions.index.is_unique
    assert set(contradictions.index) == {name_lines(case) for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=name_lines)
def test_the_stated_reading_fails_as_the_arithmetic_says(contradictions, case):
    """Lines as given in the case: the reading does not hold, and every figure of the arithmetic
    follows from what is printed."""
    check_case(case, contradictions.at[name_lines(case), "arithmetic"])


def test_the_lines_are_those_of_the_numbers():
    """Every document: the numbers and cells that a contradiction names are in the catalogue, on
    lines that it names."""
    places = pd.concat([read_numbers(), read_cells()]).set_index("id")["line"]
    for row in read_contradictions().itertuples():
        assert set(row.numbers.split("|")) <= set(places.index), row.id
        assert set(places[row.numbers.split("|")]) <= {
            int(line) for line in row.lines.split("|")
        }, row.id


@pytest.mark.parametrize("case", CASES, ids=name_lines)
def test_the_lines_print_what_was_read(lines, case):
    """Lines as given in the case: each holds the words from which the numbers were taken."""
    read = [(place, words) for place, printed in case.printed.items() for words in printed]
    assert [(place, words) for place, words in read if words not in lines[place - 1]] == []


@pytest.mark.parametrize(
    ("case", "arithmetic", "words"),
    [
        (Case({}, 145 + 24990 == 25135, {145, 24990, 25135}), "145 + 24,990 is 25,135.", "holds"),
        (
            Case({}, 1247 == 1274, {1247, 1274, 27}),
            "1,247 is not 1,274; they differ by 37.",
            "do not follow",
        ),
        (Case({}, 1247 == 1274, {1247, 1274, 27}), "1,247 is not 1,274.", "do not follow"),
    ],
)
def test_what_does_not_contradict_is_refused(case, arithmetic, words):
    """Made-up: a sum that is right, a wrong difference and a missing one (compare lines 1099 and
    489)."""
    with pytest.raises(AssertionError, match=words):
        check_case(case, arithmetic)


def test_degrees_of_freedom_are_those_of_a_table_of_two_by_two():
    """Lines 1057, 1066, 1095, 1099: two by two printed counts give 619.596 within rounding, so it
    has one degree of freedom."""
    statistics = [
        chi_square(part / whole, whole, 24990 / 261605, 261605)
        for part in range(143, 148)
        for whole in range(263, 268)
    ]
    assert min(statistics) < 619.596 < max(statistics)


def test_refusals_are_printed(lines):
    """Line 836: most who file a complaint receive no protection within the scheme, so applying
    (line 1816) is not using (879)."""
    assert "geen bescherming binnen die regeling ontvangt" in lines[836 - 1]
    assert "geen bedenktijd" in lines[836 - 1]
