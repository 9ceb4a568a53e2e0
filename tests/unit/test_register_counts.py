"""Counts of registers on their way out: thresholds, complements, rounding, marks; words in place of
empty pictures; the monthly model."""

from __future__ import annotations

import pandas as pd
import pytest
from conftest import Counted

from helpers import prose, signalling
from helpers.disclosure import (
    RuleSet,
    protect_cells,
    protect_change,
    protect_estimates,
    protect_rates,
    read_rule_set,
)
from helpers.edition import BadInput, define_edition
from helpers.figures import plot_dots, plot_trend
from helpers.figures.picture import Notice
from helpers.release import read_released
from helpers.release import release as release_table

FIVE = RuleSet("five", True, 10, 5, 1, complement=True)
TEN_ROUNDED = RuleSet("ten", True, 10, 10, 5, complement=True)


def make_counts(*n: int, period: str = "2019") -> pd.DataFrame:
    return pd.DataFrame({"category": list("abcdef")[: len(n)], "period": period, "n": n})


@pytest.mark.parametrize(
    ("rules", "n", "shown"),
    [
        (FIVE, (4, 5, 100), ["hidden", 5, 100]),
        (FIVE, (0, 5, 100), [0, 5, 100]),
        (FIVE, (3, 100), ["hidden", "hidden"]),
        (FIVE, (96, 0), [96, 0]),
        (TEN_ROUNDED, (9, 12, 13, 100), ["hidden", "hidden", 15, 100]),
        (TEN_ROUNDED, (13, 17, 18), [15, 15, 20]),
        (RuleSet("open", True, 10, 5, 1), (3, 100), ["hidden", 100]),
    ],
)
def test_small_counts_and_those_with_a_small_rest_are_hidden(rules, n, shown):
    """(3, 100): whoever knows the total knows the three from the hundred, so the complement rule
    hides both. Rounding is half up: 12.5 would be 15. A 12 would be shown as 10, and a shown 10
    would mean 10 to 12, since nothing below ten is shown; so 13 is the least."""
    table = protect_cells(make_counts(*n), rules, within=["period"])
    assert table["n"].tolist() == shown
    assert table["status"].tolist() == [
        "suppressed"
        if isinstance(value, str)
        else "rounded"
        if rules.rounding_base > 1
        else "released"
        for value in shown
    ]


def test_shares_are_made_from_protected_counts():
    table = protect_cells(make_counts(18, 13, 100), TEN_ROUNDED, within=["period"])
    assert table["share"].tolist() == pytest.approx([20 / 135, 15 / 135, 100 / 135])
    assert "share" not in protect_cells(make_counts(18, 13), TEN_ROUNDED)


@pytest.mark.parametrize("small", [1, 2, 3, 4])
def test_shares_say_nothing_of_a_hidden_count(small):
    """100 of 304 would be 32.9 and of 301 33.2 percent, and tell which of the two it is; so there
    are none beside it."""
    table = protect_cells(make_counts(small, 100, 200), FIVE, within=["period"])
    assert table["share"].isna().all()


def test_where_more_than_small_counts_are_hidden_there_is_no_share():
    """The 247 are hidden for their rest of 3; what is left to show is no whole."""
    assert (
        protect_cells(make_counts(0, 3, 247), TEN_ROUNDED, within=["period"])["share"].isna().all()
    )


def test_the_total_of_years_does_not_give_a_hidden_year_away():
    years = pd.concat(
        [
            make_counts(3, 40, period="2019"),
            make_counts(30, 40, period="2020"),
            make_counts(33, 80, period="2019-2020"),
        ],
        ignore_index=True,
    )
    table = protect_cells(years, FIVE).set_index(["category", "period"])["n"]
    assert (
        table["a", "2019"] == "hidden"
        and table["a", "2019-2020"] == "hidden"
        and table["a", "2020"] == 30
        and table["b", "2019-2020"] == 80
    )


def make_change(**counts: tuple[int, int]) -> pd.DataFrame:
    table = pd.DataFrame.from_dict(counts, orient="index", columns=["n_first", "n_last"])
    table = table.rename_axis("category").reset_index()
    return table.assign(
        period="2019 to 2020", value=table["n_last"] - table["n_first"], unit="change"
    )


def test_a_change_of_few_people_is_joined_with_others():
    """By hand: 3 and 40 has a small year; with the smallest of the rest, 6 and 7, it is 9 and
    47."""
    change = protect_change(
        make_change(sexual=(600, 300), labour=(3, 40), criminal=(6, 7)), FIVE, by="category"
    )
    assert change[["category", "n_first", "n_last", "value"]].to_numpy().tolist() == [
        ["sexual", 600, 300, -300],
        ["others", 9, 47, 38],
        ["all", 609, 347, -262],
    ]
    assert protect_change(make_change(sexual=(3, 1)), FIVE, by="category").empty
    kept = protect_change(make_change(sexual=(0, 40), labour=(9, 9)), FIVE, by="category")
    assert kept["category"].tolist() == ["sexual", "labour", "all"]


@pytest.mark.parametrize(
    ("name", "minimum", "base"),
    [("rapporteur", 5, 1), ("statistics_office", 10, 5), ("small_population", 10, 1)],
)
def test_the_rule_sets_of_registers(name, minimum, base):
    rules = read_rule_set(name)
    assert (rules.minimum_count, rules.rounding_base, rules.complement) == (minimum, base, True)


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setattr("helpers.edition.CACHE", tmp_path)
    monkeypatch.setattr("helpers.release.bundle._find_secret", lambda: "a secret")
    return define_edition(edition="2019-2020", period_start=2019, period_end=2020)


def release(run, counts, *, mark, printed=None, name="signalling_forms"):
    release_table(name, counts, source=Counted(mark=mark), printed=printed, edition=run)
    return read_released(name, edition=run)


def test_of_made_up_counts_only_what_was_printed_is_more_than_an_illustration(run):
    counts = pd.DataFrame({"category": ["labour", "criminal"], "period": "2020", "n": [449, 154]})
    printed = pd.DataFrame({"category": ["labour"], "period": ["2020"], "n": [449]})
    assert release(run, counts, mark="synthetic", printed=printed).table["mark"].tolist() == [
        "synthetic",
        "illustration",
    ]
    assert release(run, counts, mark="register", printed=printed).table["mark"].tolist() == [
        "register",
        "register",
    ]


def test_an_illustration_gives_no_number_to_a_sentence_but_words(run, monkeypatch):
    glued = {}
    monkeypatch.setattr("myst_nb.glue", lambda key, value, display: glued.update({key: value}))
    made_up = release(
        run, pd.DataFrame({"category": ["labour"], "period": "2020", "n": [449]}), mark="synthetic"
    )
    with pytest.raises(BadInput, match="illustration"):
        prose.glue_number("n", made_up, category="labour", period=2020)
    prose.glue_number("n", made_up, optional=True, category="labour", period=2020)
    prose.glue_number("missing", made_up, optional=True, category="labour", period=2019)
    assert glued == {"n": "(no number in this edition)", "missing": "(no number in this edition)"}
    prose.glue_origin("origin", made_up)
    assert "made up" in glued["origin"]


def test_words_stand_in_place_of_an_empty_picture(run):
    empty = release(run, pd.DataFrame({"category": [], "period": [], "n": []}), mark="register")
    for picture in (plot_dots(empty, x="share"), plot_trend(empty, hue="category", printed=empty)):
        assert picture == Notice("The register holds nothing for this picture in 2019–2020.")


# The monthly model


SERIES = [
    30,
    28,
    35,
    31,
    29,
    33,
    36,
    30,
    27,
    32,
    34,
    38,
    33,
    31,
    30,
    36,
    35,
    32,
    39,
    34,
    31,
    36,
    33,
    41,
    52,
    49,
    55,
    50,
    47,
    53,
    58,
    51,
    46,
    54,
    50,
    57,
]


def make_months() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "period": [str(2018 + place // 12) for place in range(36)],
            "month": [f"month_{place % 12 + 1}" for place in range(36)],
            "n": SERIES,
        }
    )


def test_a_step_is_that_of_r():
    """R 4.2.2: place <- 0:35; step <- as.numeric(place >= 24); m <- glm(n ~ I(place/12) +
    sin(2*pi*place/12) + cos(2*pi*place/12) + step, family = poisson); exp(coef(m)["step"]) is
    1.356602; sum(residuals(m, "pearson")^2) / m$df.residual is 0.2900256; the correlation of
    neighbouring Pearson residuals is -0.1145163."""
    row = signalling.fit_interruptions(
        make_months(), dates=["2020-01"], rivals=[], placebo="2019-01"
    ).iloc[0]
    assert (row["value"], row["dispersion"], row["autocorrelation"]) == (1.357, 0.29, -0.1145)
    assert row["ci_lower"] < 1.357 < row["ci_upper"] and row["n_fitted"] == 36
    assert (row["n_behind"], row["residual_df"]) == (sum(SERIES), 31)


def test_models_are_fitted_with_rivals_and_a_placebo_and_dates_outside_are_left_out():
    table = signalling.fit_interruptions(
        make_months(),
        dates=["2020-01", "2025-01"],
        rivals=["2019-03:2019-08", "2017-05"],
        placebo="2018-09",
    )
    assert list(zip(table["model"], table["step"])) == [
        ("alone", "2020-01"),
        ("with_rivals", "2020-01"),
        ("with_rivals", "2019-03:2019-08"),
        ("placebo", "2018-09"),
    ]
    short = signalling.fit_interruptions(
        make_months().iloc[:12], dates=["2018-06"], rivals=[], placebo="2018-03"
    )
    assert protect_estimates(short, FIVE, numbers=["value"]).empty  # seven degrees of freedom
    with pytest.raises(BadInput, match="2020-13"):
        signalling.fit_interruptions(make_months(), dates=["2020-13"], rivals=[], placebo="2018-09")


def test_units_are_set_against_a_stated_denominator():
    """By hand: 50 of a million are 5 in 100,000; Rotterdam's four are too few to show."""
    counts = pd.DataFrame(
        {"police_unit": ["amsterdam", "rotterdam", "limburg"], "period": "2020", "n": [50, 4, 20]}
    )
    rates = signalling.compare_units(counts, {"amsterdam": 1_000_000, "rotterdam": 1_000_000})
    shown = protect_rates(rates, FIVE)
    assert shown[["police_unit", "value"]].to_numpy().tolist() == [["amsterdam", 5.0]]
    assert signalling.compare_units(counts, {}).empty


def test_a_step_in_which_nobody_was_counted_has_no_ratio():
    """fixest 529: three months of nobody were a ratio of 1.9e-11; and a step to nobody for good.
    The other steps are those of the months that are left."""
    months = make_months()
    is_empty = (months["period"] == "2018") & months["month"].isin(
        ["month_4", "month_5", "month_6"]
    )
    months.loc[is_empty, "n"] = 0
    table = signalling.fit_interruptions(
        months, dates=["2018-04:2018-06", "2019-01"], rivals=[], placebo="2017-09"
    ).set_index(["model", "step"])
    row = table.loc[("alone", "2018-04:2018-06")]
    assert row["verdict"] == "no_finite_value"
    assert row[["value", "ci_lower", "ci_upper"]].isna().all()
    kept = table.loc[("alone", "2019-01")]
    assert kept["verdict"] == "estimated" and 0.5 < kept["value"] < 2
    ended = make_months().assign(n=lambda t: t["n"].where(t["period"] < "2019", 0))
    only = signalling.fit_interruptions(ended, dates=["2019-01"], rivals=[], placebo="2017-09")
    assert only.set_index("model").loc["alone", "verdict"] == "no_finite_value"
