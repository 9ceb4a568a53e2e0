"""Multiple systems estimation against R and against published estimates of the Dutch capture
table."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from helpers.edition import ROOT
from helpers.mse import (
    average_graphs,
    bootstrap_population,
    choose_by_criterion,
    choose_forward,
    correct_bias,
    estimate_chao,
    estimate_forward,
    estimate_independent,
    estimate_profile_interval,
    estimate_sample_coverage,
    fit_all_models,
    fit_log_linear,
    fit_penalised,
    fit_two_classes,
    list_decomposable_graphs,
    list_pairs,
    merge_lists,
)
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
    pd.testing.assert_frame_equal(
        five.sort_values(keys).reset_index(drop=True),
        given.sort_values(keys).reset_index(drop=True),
        check_dtype=False,
    )


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
    expected = {
        "(none)": 11.637685118096956,
        "IO": -4.991906003359103,
        "P": -3.231957625395677,
        "IO:Z": 2.622079030425289,
        "IO:K": -2.348966372093943,
    }
    assert fit.coefficients[list(expected)].tolist() == pytest.approx(
        list(expected.values()), rel=1e-8
    )
    errors = {"(none)": 0.114914011544851, "P:R": 0.161556380004362, "IO:K": 1.006863772417530}
    assert fit.standard_errors[list(errors)].tolist() == pytest.approx(
        list(errors.values()), rel=1e-8
    )


def test_forward_selection_gives_the_published_estimate(five):
    """mse_ned_lists.md: SparseMSE stepwise, five lists, 121,522; independence 52,924."""
    assert set(choose_forward(five).pairs) == set(FORWARD)
    assert (
        round(choose_forward(five).estimate) == 121522
        and round(fit_log_linear(five).estimate) == 52924
    )


def test_the_profile_interval_of_independence_is_the_published_one(five):
    """mse_ned_lists.md: 48,641 - 57,777."""
    assert [round(end) for end in estimate_profile_interval(five)] == [48641, 57777]


def test_bootstrap_limits_of_independence_lie_within_monte_carlo_error(five):
    """mse_ned_lists.md: 48,641 - 57,777. A limit of 400 draws has a standard error of about 350
    here (normal theory)."""
    drawn = bootstrap_population(five, estimate_independent, replicates=400, seed=1)
    assert correct_bias(five, estimate_independent, drawn) == pytest.approx(
        (48641, 57777), abs=3 * 350
    )
    assert np.array_equal(
        drawn, bootstrap_population(five, estimate_independent, replicates=400, seed=1)
    )


@pytest.mark.prove
def test_bootstrap_limits_of_forward_selection_are_the_published_ones(five):
    """mse_ned_lists.md: SparseMSE stepwise, 2,000 replicates, 48,002 - 173,698. Over twenty seeds
    the limits have standard deviations of 840 and 4,500; the published ones lie within three of
    them."""
    drawn = bootstrap_population(five, estimate_forward, replicates=2000, seed=1)
    lower, upper = correct_bias(five, estimate_forward, drawn)
    assert lower == pytest.approx(48002, abs=3 * 840) and upper == pytest.approx(
        173698, abs=3 * 4500
    )


def test_decomposable_graphs_give_the_published_posterior_to_the_unit(five):
    """mse_ned_lists.md: dga, five lists, 50,270 (41,616 - 203,328)."""
    posterior = average_graphs(five)
    assert [posterior.quantile(level) for level in (0.5, 0.025, 0.975)] == [50270, 41616, 203328]
    assert posterior.weight.sum() == pytest.approx(1)


@pytest.mark.parametrize(("n_lists", "n_graphs"), [(2, 2), (3, 8), (4, 61), (5, 822), (6, 18154)])
def test_there_are_as_many_decomposable_graphs_as_counted_by_others(n_lists, n_graphs):
    """Labelled chordal graphs: 2, 8, 61, 822, 18154 (On-Line Encyclopedia of Integer Sequences,
    A058862)."""
    assert len(list_decomposable_graphs(n_lists)) == n_graphs


def test_all_pairs_agree_with_r(five):
    """R: glm(n ~ (IO+K+P+R+Z)^2 - K:R, poisson, subset(full, !(K == 1 & R == 1)))."""
    fit = fit_log_linear(five, tuple(list_pairs(five)))
    assert fit.estimate == pytest.approx(
        45135.4382527365, rel=1e-8
    ) and fit.deviance == pytest.approx(3.32989002093985, rel=1e-8)


def test_penalised_pairs_agree_with_r(five):
    """R: Newton's method on sum(n * X b - exp(X b)) - sum(b2^2) / 2, X = model.matrix(~
    (IO+K+P+R+Z)^2); the spread by optimize() of the Laplace marginal likelihood over log(0.02) to
    log(20)."""
    fit = fit_penalised(five, spread=1.0)
    assert fit.estimate == pytest.approx(61475.4060676, rel=1e-8)
    assert np.log(
        (fit.ci_upper - 8234) / (fit.estimate - 8234)
    ) / 1.959963984540054 == pytest.approx(0.232065322945795, rel=1e-8)
    assert fit_penalised(five).spread == pytest.approx(1.73431121415472, rel=1e-5)


def test_two_hidden_classes_agree_with_r(five):
    """R: optim(method = "L-BFGS-B", lower = -16, upper = 16) on the same likelihood, written anew;
    the best of 15 starts."""
    fit = fit_two_classes(five, seed=3)
    assert fit.log_likelihood == pytest.approx(
        -12295.7293705091, rel=1e-8
    ) and fit.estimate == pytest.approx(95961.44, rel=1e-5)
    assert fit.ci_lower < fit.estimate < fit.ci_upper


def test_the_search_over_all_models_finds_what_single_fits_find(five):
    """R: the smallest BIC among glm fits of the 1,024 models is that of
    IO:K+IO:Z+K:P+K:R+K:Z+P:Z+R:Z."""
    chosen = choose_by_criterion(fit_all_models(five), "bic")
    assert {"-".join(pair) for pair in chosen.pairs} == {
        "IO-K",
        "IO-Z",
        "K-P",
        "K-R",
        "K-Z",
        "P-Z",
        "R-Z",
    }


def test_sample_coverage_of_the_hepatitis_lists():
    """Chao and others (2001), hepatitis A in Taiwan: three lists, 271 patients, coverage 0.513."""
    lists = {"P": [1, 1, 1, 1, 0, 0, 0], "Q": [1, 1, 0, 0, 1, 1, 0], "E": [1, 0, 1, 0, 1, 0, 1]}
    captures = pd.DataFrame({**lists, "n": [28, 21, 17, 69, 18, 55, 63]})
    assert captures["n"].sum() == 271 and estimate_sample_coverage(captures) == pytest.approx(
        0.513, abs=0.0005
    )


def test_chaos_bound_by_hand():
    """f1 = 6, f2 = 3, n = 10, three lists: 10 + 2/3 * 36 / 6 = 14; one victim was on all three
    lists."""
    captures = pd.DataFrame(
        {"A": [1, 0, 0, 1, 1], "B": [0, 1, 0, 1, 1], "C": [0, 0, 1, 0, 1], "n": [2, 3, 1, 3, 1]}
    )
    estimate, lower, upper = estimate_chao(captures)
    assert estimate == 14 and 10 < lower < 14 < upper


def test_chaos_bound_of_the_dutch_table():
    """mse_ned_lists.md: 7,802 on one list, 414 on two, 18 on three."""
    assert estimate_chao(read_captures())[0] == pytest.approx(8234 + 5 / 6 * 7802**2 / (2 * 414))


@pytest.mark.parametrize("n_lists", [3, 5])
def test_chaos_formula_is_exact_for_equal_independent_lists(n_lists):
    """A law: with a chance p on each of t lists, (t - 1) / t * f1^2 / (2 f2) of the expected counts
    is N (1 - p)^t, those on none."""
    rows = [
        (*pattern, round(1e9 * 0.1 ** sum(pattern) * 0.9 ** (n_lists - sum(pattern))))
        for pattern in product((0, 1), repeat=n_lists)
        if any(pattern)
    ]
    captures = pd.DataFrame(rows, columns=[*"ABCDE"[:n_lists], "n"])
    assert estimate_chao(captures)[0] == pytest.approx(1e9, rel=1e-6)


def test_published_estimates_are_the_handed_over_rows():
    """public_statistics.csv, rows F346 to F395: value, period and source of each row that is
    carried."""
    path = ROOT.parent / "shared" / "facts" / "public_statistics.csv"
    if not path.exists():
        pytest.skip("the handed-over facts are not at hand")
    given = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8").set_index("id")
    for _, row in read_facts("published_estimates").iterrows():
        handed = given.loc[row["id"]]
        assert (row["value"], row["period"], row["source_url"]) == (
            handed["value"],
            handed["year"],
            handed["source_url"],
        )


def test_published_estimates_stand_with_their_limits():
    """mse_ned_lists.md: dga 50,270 (41,616 - 203,328); Rapporteur 6,250 a year (5,000 - 7,500)."""
    table = tabulate_published_estimates(read_facts("published_estimates")).dropna(
        subset="ci_lower"
    )
    limits = {
        (row.category, row.period): (row.n, row.ci_lower, row.ci_upper)
        for row in table.itertuples()
    }
    assert limits["dga", "2010-2015"] == (50270, 41616, 203328) and limits[
        "unodc_rapporteur", "2014-2015"
    ] == (6250, 5000, 7500)
