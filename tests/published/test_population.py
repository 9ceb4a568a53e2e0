"""Multiple systems estimation against R and against published estimates of the Dutch capture table."""

import numpy as np
import pandas as pd
import pytest

from helpers.edition import ROOT
from helpers.population import bootstrap_population, choose_forward, estimate_chao, estimate_profile_interval, fit_log_linear, merge_lists
from helpers.population.intervals import correct_bias
from helpers.published import read_captures, read_facts, tabulate_published_estimates

FORWARD = (("IO", "Z"), ("P", "Z"), ("P", "R"), ("IO", "P"), ("K", "R"), ("IO", "K"))


@pytest.fixture(scope="module")
def five() -> pd.DataFrame:
    """Five lists: I and O taken as one, as in the data set Ned_5."""
    return merge_lists(read_captures(), ["I", "O"], into="IO")


def test_the_capture_table_is_the_handed_over_one(five):
    """mse_ned_lists.md: 8,234 persons; merging I and O gives mse_ned_5.csv exactly."""
    assert read_captures()["n"].sum() == five["n"].sum() == 8234
    path = ROOT.parent / "shared" / "facts" / "mse_ned_5.csv"
    if not path.exists():
        pytest.skip("the handed-over facts are not at hand")
    given = pd.read_csv(path, encoding="utf-8").rename(columns={"frequency": "n"})
    keys = ["IO", "K", "P", "R", "Z"]
    pd.testing.assert_frame_equal(five.sort_values(keys).reset_index(drop=True), given.sort_values(keys).reset_index(drop=True), check_dtype=False)


def test_sizes_of_the_lists():
    """mse_ned_lists.md, "What the letters mean": size, and only on this list."""
    captures = read_captures()
    sizes = {name: int(captures.loc[captures[name] == 1, "n"].sum()) for name in "PKZROI"}
    assert sizes == {"P": 4812, "K": 1348, "Z": 848, "R": 742, "O": 536, "I": 398}


def test_independence_agrees_with_r(five):
    """R 4.2.2: glm(n ~ IO+K+P+R+Z, family = poisson, control = glm.control(epsilon = 1e-14))."""
    fit = fit_log_linear(five)
    assert fit.estimate == pytest.approx(52923.8942560174, rel=1e-8)
    assert fit.deviance == pytest.approx(398.187068603526, rel=1e-8)
    assert fit.log_likelihood == pytest.approx(-246.817280358775, rel=1e-8)
    assert fit.standard_errors.iloc[0] == pytest.approx(0.0519885404244655, rel=1e-8)


def test_a_model_with_a_pair_without_overlap_agrees_with_r(five):
    """R: the same glm with IO:Z+P:Z+P:R+IO:P+IO:K on the cells that are not on both K and R."""
    fit = fit_log_linear(five, FORWARD)
    assert fit.empty_pairs == (("K", "R"),)
    assert fit.estimate == pytest.approx(121521.613710563, rel=1e-8)
    assert fit.deviance == pytest.approx(24.3395014692137, rel=1e-8)
    expected = {"(none)": 11.637685118096956, "IO": -4.991906003359103, "P": -3.231957625395677, "IO:Z": 2.622079030425289, "IO:K": -2.348966372093943}
    assert fit.coefficients[list(expected)].tolist() == pytest.approx(list(expected.values()), rel=1e-8)
    errors = {"(none)": 0.114914011544851, "P:R": 0.161556380004362, "IO:K": 1.006863772417530}
    assert fit.standard_errors[list(errors)].tolist() == pytest.approx(list(errors.values()), rel=1e-8)


def test_forward_selection_gives_the_published_estimate(five):
    """mse_ned_lists.md: SparseMSE stepwise, five lists, 121,522; independence 52,924."""
    assert choose_forward(five).pairs == FORWARD
    assert round(choose_forward(five).estimate) == 121522 and round(fit_log_linear(five).estimate) == 52924


def test_the_profile_interval_of_independence_is_the_published_one(five):
    """mse_ned_lists.md: 48,641 - 57,777."""
    assert [round(end) for end in estimate_profile_interval(five)] == [48641, 57777]


@pytest.mark.slow
def test_bootstrap_limits_of_independence_lie_within_monte_carlo_error(five):
    """mse_ned_lists.md: 48,641 - 57,777. A limit of 400 draws has a standard error of about 350 here (normal theory)."""
    drawn = bootstrap_population(five, fit_log_linear, replicates=400, seed=1)
    limits = correct_bias(five, fit_log_linear, drawn)
    assert limits == pytest.approx((48641, 57777), abs=3 * 350)
    again = bootstrap_population(five, fit_log_linear, replicates=400, seed=1, jobs=1)
    assert np.array_equal(drawn, again)


def test_chaos_bound_by_hand():
    """f1 = 6, f2 = 3, n = 10: 10 + 36 / 6 = 16; one victim was on all three lists."""
    captures = pd.DataFrame({"A": [1, 0, 0, 1, 1], "B": [0, 1, 0, 1, 1], "C": [0, 0, 1, 0, 1], "n": [2, 3, 1, 3, 1]})
    estimate, lower, upper = estimate_chao(captures)
    assert estimate == 16 and 10 < lower < 16 < upper


def test_chaos_bound_of_the_dutch_table():
    """mse_ned_lists.md: 7,802 on one list, 414 on two, 18 on three."""
    assert estimate_chao(read_captures())[0] == pytest.approx(8234 + 7802**2 / (2 * 414))


def test_published_estimates_are_the_handed_over_rows():
    """public_statistics.csv, rows F346 to F395: value, period and source of each row that is carried."""
    path = ROOT.parent / "shared" / "facts" / "public_statistics.csv"
    if not path.exists():
        pytest.skip("the handed-over facts are not at hand")
    given = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8").set_index("id")
    for _, row in read_facts("published_estimates").iterrows():
        handed = given.loc[row["id"]]
        assert (row["value"], row["period"], row["source_url"]) == (handed["value"], handed["year"], handed["source_url"])


def test_published_estimates_stand_with_their_limits():
    """mse_ned_lists.md: dga 50,270 (41,616 - 203,328); Rapporteur 6,250 a year (5,000 - 7,500)."""
    table = tabulate_published_estimates(read_facts("published_estimates")).set_index("category")
    assert table.loc["dga", ["n", "ci_lower", "ci_upper"]].tolist() == [50270, 41616, 203328]
    assert table.loc["unodc_rapporteur", ["n", "ci_lower", "ci_upper"]].tolist() == [6250, 5000, 7500]
