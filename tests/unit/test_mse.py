"""Capture tables that cannot be used are refused with the rule, and models that give no number with
the reason."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

from helpers import published
from helpers.edition import LANGUAGES, BadInput, define_edition
from helpers.mse import (
    NoEstimate,
    add_shares,
    average_models,
    bootstrap_population,
    choose_by_criterion,
    choose_forward,
    classes,
    count_overlaps,
    define_settings,
    estimate_forward,
    find_fault,
    fit_all_models,
    fit_log_linear,
    fit_penalised,
    fit_two_classes,
    leave_out_list,
    merge_lists,
    tabulate_moves,
    tabulate_patterns,
    tabulate_regions,
    tabulate_settings,
    tabulate_yearly,
)
from helpers.mse.batch import find_smallest, fit_many
from helpers.mse.graphs import average_graphs
from helpers.mse.loglinear import Design
from helpers.mse.settings import round_counts
from helpers.mse.simulation import (
    LISTS,
    WORLDS,
    draw_false_matches,
    draw_missed_matches,
    measure_coverage,
)
from helpers.sources import check_captures
from helpers.wording import format_entry

GOOD = pd.DataFrame(
    {
        "A": [1, 0, 0, 1, 0, 1],
        "B": [0, 1, 0, 1, 1, 0],
        "C": [0, 0, 1, 0, 1, 1],
        "n": [50, 40, 30, 10, 8, 6],
    }
)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (GOOD[["A", "B", "n"]], "2 lists; 3 at the least"),
        (GOOD.assign(n=[50, 40, 30, 0, 0, 0]), "no victim was on two lists"),
        (
            GOOD.assign(C=0).drop_duplicates(["A", "B", "C"]).query("A + B > 0"),
            "list C holds nobody",
        ),
        (pd.concat([GOOD, GOOD.iloc[[0]]]), "1 patterns of lists stand twice"),
        (pd.concat([GOOD, pd.DataFrame({"A": [0], "B": [0], "C": [0], "n": [9]})]), "on no list"),
        (GOOD.assign(n=[50, 40, 30.5, 10, 8, 6]), "1 rows hold no whole number"),
        (GOOD.assign(n=[50, 40, "x", 10, 8, 6]), "1 rows hold no whole number"),
        (GOOD.assign(A=[1, 0, 0, 2, 0, 1]), "something else than 0"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_with_its_rule(table, words):
    with pytest.raises(BadInput) as caught:
        check_captures(table)
    assert words in str(caught.value)


def test_an_unknown_list_is_named():
    with pytest.raises(BadInput, match="no list D; there are A, B, C"):
        fit_log_linear(GOOD, (("A", "D"),))


def test_three_lists_independent_by_hand():
    """Expected counts of independent lists with chances 1/2, 1/3 and 1/4 among 240: 30 are on no
    list... 60 of 240."""
    chances, total = (1 / 2, 1 / 3, 1 / 4), 240
    rows = []
    for pattern in product((0, 1), repeat=3):
        if any(pattern):
            rows.append(
                (
                    *pattern,
                    round(total * np.prod([p if on else 1 - p for p, on in zip(chances, pattern)])),
                )
            )
    table = pd.DataFrame(rows, columns=["A", "B", "C", "n"])
    assert table["n"].sum() == 180
    assert fit_log_linear(table).estimate == pytest.approx(240, rel=1e-9)


def test_all_pairs_with_three_lists_and_one_empty_overlap_are_not_identifiable():
    """Chan, Silverman and Vincent (2021): five cells are left for six parameters."""
    table = GOOD.assign(n=[50, 40, 30, 0, 8, 6])
    assert "not identifiable" in find_fault(table, (("A", "B"), ("A", "C"), ("B", "C")))
    with pytest.raises(NoEstimate, match="pairs without overlap: A-B"):
        fit_log_linear(table, (("A", "B"), ("A", "C"), ("B", "C")))


def test_an_estimate_on_the_edge_does_not_exist():
    """Everybody on A is on B too: with the term A-B the mean of A without B can only be zero
    (Fienberg and Rinaldo 2012)."""
    table = pd.DataFrame(
        {"A": [0, 0, 1, 0, 1], "B": [1, 0, 1, 1, 1], "C": [0, 1, 0, 1, 1], "n": [40, 30, 10, 8, 4]}
    )
    assert "does not exist" in find_fault(table, (("A", "B"),))
    assert find_fault(table) is None


def test_forward_selection_passes_over_models_without_an_estimate():
    table = GOOD.assign(n=[50, 40, 30, 0, 8, 6])
    chosen = choose_forward(table)
    assert find_fault(table, chosen.pairs) is None and chosen.estimate > table["n"].sum()


def test_weights_of_averaged_models_sum_to_one_and_favour_the_chosen():
    search = fit_all_models(GOOD)
    weights = average_models(search)
    assert weights["weight"].sum() == pytest.approx(1) and weights["weight"].is_monotonic_decreasing
    assert weights["estimate"].iloc[0] == pytest.approx(
        choose_by_criterion(search, "bic").estimate, rel=1e-9
    )


def test_nobody_is_lost_by_merging_and_those_on_one_list_only_by_leaving_it_out():
    assert merge_lists(GOOD, ["A", "B"], into="AB")["n"].sum() == GOOD["n"].sum()
    assert leave_out_list(GOOD, "A")["n"].sum() == GOOD["n"].sum() - 50
    assert count_overlaps(GOOD)["n"].tolist() == [10, 6, 8]


def test_row_order_and_list_order_do_not_matter():
    shuffled = GOOD.sample(frac=1, random_state=1)[["C", "n", "A", "B"]]
    assert choose_forward(shuffled).estimate == pytest.approx(
        choose_forward(GOOD).estimate, rel=1e-9
    )


def test_a_list_with_more_overlap_gives_fewer_unseen():
    """A law of the method: with the same lists, more overlap means fewer on no list."""
    more = GOOD.assign(n=[50, 40, 30, 20, 16, 12])
    assert fit_log_linear(more).unseen < fit_log_linear(GOOD).unseen


# Many models at once


def make_tables(n_tables: int) -> tuple[Design, np.ndarray]:
    """Drawn tables of four lists, so thin that pairs without overlap and estimates that do not
    exist are among them."""
    patterns = np.array([pattern for pattern in product((0, 1), repeat=4) if any(pattern)])
    means = np.array([30, 40, 2, 50, 3, 1, 0.2, 35, 1, 4, 0.3, 2, 0.2, 0.3, 0.1])
    return Design(("A", "B", "C", "D"), patterns, means), np.random.default_rng(5).poisson(
        means, size=(n_tables, 15)
    ).astype(float)


def test_many_models_at_once_are_what_they_are_one_by_one():
    """A law: the same estimate, deviance and criterion, and no number in the same places."""
    design, counts = make_tables(60)
    terms = np.random.default_rng(6).random((60, 6)) < 0.5
    fits = fit_many(design, counts, terms)
    missing = 0
    for row in range(60):
        captures = pd.DataFrame(design.patterns, columns=list(design.names)).assign(
            n=counts[row].astype(int)
        )
        pairs = design.name_pairs(terms[row])
        if find_fault(captures, pairs):
            missing += 1
            assert np.isnan(fits.estimate[row])
        else:
            single = fit_log_linear(captures, pairs)
            assert fits.estimate[row] == pytest.approx(single.estimate, rel=1e-7)
            assert (fits.deviance[row], fits.bic[row]) == pytest.approx(
                (single.deviance, single.bic), rel=1e-7
            )
    assert 0 < missing < 60


def test_the_bootstrap_is_the_same_for_a_seed_and_another_for_another():
    table = GOOD.assign(n=[500, 400, 300, 40, 30, 25])
    drawn = [
        bootstrap_population(table, estimate_forward, replicates=50, seed=seed)
        for seed in (1, 1, 2)
    ]
    assert np.array_equal(drawn[0], drawn[1]) and not np.array_equal(drawn[0], drawn[2])


# Other methods


def test_the_posterior_of_independent_lists_lies_around_the_truth():
    """Expected counts of three independent lists with chances 1/2, 1/3 and 1/4 among 2,400: 600 are
    on none."""
    rows = [
        (
            *pattern,
            round(
                2400
                * np.prod([p if on else 1 - p for p, on in zip((1 / 2, 1 / 3, 1 / 4), pattern)])
            ),
        )
        for pattern in product((0, 1), repeat=3)
        if any(pattern)
    ]
    posterior = average_graphs(pd.DataFrame(rows, columns=["A", "B", "C", "n"]))
    assert posterior.quantile(0.025) < 2400 < posterior.quantile(0.975)


def test_a_narrow_prior_gives_independence_and_a_wide_one_all_pairs():
    table = pd.concat(
        [
            GOOD.assign(n=[500, 400, 300, 40, 30, 25]),
            pd.DataFrame({"A": [1], "B": [1], "C": [1], "n": [5]}),
        ]
    )
    assert fit_penalised(table, spread=1e-4).estimate == pytest.approx(
        fit_log_linear(table).estimate, rel=1e-4
    )
    full = fit_log_linear(table, (("A", "B"), ("A", "C"), ("B", "C"))).estimate
    assert fit_penalised(table, spread=1e3).estimate == pytest.approx(full, rel=1e-3)


def test_two_hidden_classes_find_a_planted_truth_and_refuse_three_lists():
    shares, chances = np.array([0.3, 0.7]), np.array([[0.6, 0.5, 0.7, 0.4], [0.1, 0.2, 0.1, 0.15]])
    rows = []
    for pattern in product((0, 1), repeat=4):
        within = np.prod(np.where(np.array(pattern) == 1, chances, 1 - chances), axis=1)
        rows.append((*pattern, round(1e6 * float(shares @ within))))
    table = pd.DataFrame(rows[1:], columns=["A", "B", "C", "D", "n"])
    assert fit_two_classes(table, seed=1).estimate == pytest.approx(1e6, rel=1e-3)
    with pytest.raises(NoEstimate, match="four lists or more"):
        fit_two_classes(GOOD, seed=1)


# Tables


def test_settings_that_the_lists_do_not_allow_are_left_out():
    assert list(define_settings(GOOD, merged_lists=["A", "B"], border_list="K")) == ["lists_apart"]
    four = (
        GOOD.assign(D=[0, 1, 1, 0, 1, 1])[["A", "B", "C", "D", "n"]]
        .groupby(["A", "B", "C", "D"], as_index=False)["n"]
        .sum()
    )
    assert list(define_settings(four, merged_lists=["A", "B"], border_list="D")) == [
        "lists_merged",
        "lists_apart",
        "lists_apart_without_border",
    ]


def test_combinations_stand_most_first_and_nobody_is_lost():
    table = tabulate_patterns(GOOD)
    assert table["category"].tolist()[:4] == ["A", "B", "C", "A+B"]
    assert table["n"].sum() == GOOD["n"].sum() and table["n"].is_monotonic_decreasing


def test_every_change_of_the_lists_is_named_once():
    moves = tabulate_moves(GOOD.assign(n=[500, 400, 300, 40, 30, 25]))
    assert (
        moves["category"].is_unique
        and moves["category"].iloc[0] == "all"
        and set(moves["population"]) == {"as_they_are"}
    )


def test_a_year_is_a_part_or_all_of_the_total():
    yearly = tabulate_yearly(pd.DataFrame({"n": [60000.0, 120000.0]}), years=6)
    assert yearly["n"].tolist() == [10000, 20000, 60000, 120000]


def test_a_region_with_too_little_overlap_gets_its_reason_and_no_number():
    small = GOOD.assign(region="north", n=[50, 40, 30, 2, 1, 1])
    large = GOOD.assign(region="south", n=[500, 400, 300, 40, 30, 25])
    lonely = GOOD.assign(region="west", n=[5, 4, 3, 0, 0, 0])
    table = tabulate_regions(pd.concat([small, large, lonely], ignore_index=True)).set_index(
        "category"
    )
    assert table.loc["north", "reason"] == "few_on_two_lists"
    assert np.isnan(table.loc["north", "n"])
    assert table.loc["south", "reason"] == "" and table.loc["south", "n"] > 1295
    assert table.loc["west", "reason"] == "from_no_lists"
    assert tabulate_regions(None).empty


@pytest.mark.parametrize("language", LANGUAGES)
def test_why_a_region_has_no_estimate_is_said_in_each_language(language):
    """The two codes have words; where there is an estimate nothing is said."""
    edition = define_edition(edition="x", period_start=2016, period_end=2020, language=language)
    said = [
        format_entry({"reason": code}, "reason", edition)
        for code in ("few_on_two_lists", "from_no_lists", "")
    ]
    assert (
        said
        == {
            "en": [
                "fewer than ten victims are on two lists or more",
                "its lists give no estimate",
                "",
            ],
            "nl": [
                "minder dan tien slachtoffers staan op twee of meer lijsten",
                "haar lijsten geven geen schatting",
                "",
            ],
        }[language]
    )


# Made-up populations


def test_a_made_up_population_is_the_same_for_a_seed_and_no_larger_than_its_size():
    for world in WORLDS:
        first, second = (world.draw(np.random.default_rng(1), world.size) for _ in range(2))
        pd.testing.assert_frame_equal(first, second)
        check_captures(first)
        assert first["n"].sum() < world.size and list(first.columns) == [*LISTS, "n"]


def test_a_missed_match_counts_a_person_once_for_each_list():
    """A law: as many are on each list as before; only who is on several changes."""
    generator = np.random.default_rng(3)
    table = draw_missed_matches(generator, 50_000)
    whole = WORLDS[0].draw(np.random.default_rng(3), 50_000)
    sizes = [
        {name: captures.loc[captures[name] == 1, "n"].sum() for name in LISTS}
        for captures in (table, whole)
    ]
    assert sizes[0] == sizes[1]
    several = [
        captures.loc[captures[list(LISTS)].sum(axis=1) > 1, "n"].sum()
        for captures in (table, whole)
    ]
    assert 0.7 < several[0] / several[1] < 0.9


def test_a_false_match_makes_one_person_of_two():
    """A law: each takes two people from one list each and puts one on both, so the lists keep their
    sizes and people are lost."""
    table, whole = (
        draw_false_matches(np.random.default_rng(3), 50_000),
        WORLDS[0].draw(np.random.default_rng(3), 50_000),
    )
    sizes = [
        {name: captures.loc[captures[name] == 1, "n"].sum() for name in LISTS}
        for captures in (table, whole)
    ]
    assert sizes[0] == sizes[1]
    lost = whole["n"].sum() - table["n"].sum()
    assert 0.006 < lost / whole.loc[whole[list(LISTS)].sum(axis=1) == 1, "n"].sum() < 0.014
    assert (
        table.loc[table[list(LISTS)].sum(axis=1) == 2, "n"].sum()
        == whole.loc[whole[list(LISTS)].sum(axis=1) == 2, "n"].sum() + lost
    )


@pytest.mark.slow
@pytest.mark.prove
def test_measured_coverage_does_not_depend_on_the_number_of_jobs():
    one, two = (measure_coverage(tables=1, seed=4, jobs=jobs) for jobs in (1, 2))
    pd.testing.assert_frame_equal(one, two)
    assert one["share"].isin([0, 1]).all() and set(one["population"]) == {
        world.name for world in WORLDS
    }


# Faults of small or odd captures


def test_a_list_that_holds_everybody_is_refused():
    whole = pd.DataFrame(
        {"A": [1, 1, 1, 1], "B": [0, 1, 0, 1], "C": [0, 0, 1, 1], "n": [50, 9, 8, 2]}
    )
    with pytest.raises(BadInput, match="list A holds everybody who is on any list"):
        check_captures(whole)


@pytest.mark.parametrize(
    ("value", "rounded"),
    [(38.4, 38), (144.0, 140), (996.0, 1000), (1049.0, 1000), (52923.9, 52900)],
)
def test_an_estimate_is_rounded_by_its_size(value, rounded):
    """Never by more than a twentieth from ten people up."""
    assert round_counts(pd.DataFrame({"n": [value]}))["n"].tolist() == [rounded]


def test_twenty_five_people_are_not_estimated_as_nobody():
    """By hand: lists of 12, 10 and 8 with overlaps of 2, 2 and 1 hold 25 people, and the whole is
    no fewer."""
    table = GOOD.assign(n=[8, 7, 5, 2, 1, 2])
    assert table["n"].sum() == 25
    settings = {"lists_apart": table}
    estimates = add_shares(tabulate_settings(settings, replicates=20, seed=1), settings)
    assert (estimates["n"] >= 25).all() and estimates["share"].between(0, 1).all()


def test_a_tie_is_decided_by_order_and_not_by_the_last_digit():
    """D21: three rows of 42 differed on another machine."""
    assert find_smallest(np.array([np.nan, 3.0, 1.0 + 1e-9, 1.0, 2.0])) == 2


# The profile of two hidden classes


def test_limits_of_two_classes_are_those_of_another_optimiser():
    """scipy's SLSQP with the chance of being seen held, on the public table with I and O as one:
    77,146 and 133,967."""
    five = merge_lists(published.read_captures(), ["I", "O"], into="IO")
    fit = fit_two_classes(five, seed=20211018)
    assert (fit.ci_lower, fit.ci_upper) == pytest.approx((77145.94, 133966.85), rel=1e-5)


def test_a_flat_profile_gives_no_limits_and_the_likelihood_shows_why():
    """Independent lists: a class that is hardly seen can be as large as it likes at hardly a cost,
    so that the first solution a climb meets must not set a limit."""
    captures = WORLDS[0].draw(np.random.default_rng(0), 50_000)
    design = Design.of(captures)
    starts = np.random.default_rng(0).random((8, 11)) * 8 - 6
    best = classes._climb(design, starts, None)[1].max()
    far = classes._climb(design, starts, 3_000_000.0)[0]
    assert best - classes._find_height(design, far, None).max() < chi2.ppf(0.95, 1) / 2
    with pytest.raises(NoEstimate, match="stays flat"):
        fit_two_classes(captures, seed=0, starts=8)


def test_derivatives_of_two_classes_are_those_of_small_differences():
    five = merge_lists(published.read_captures(), ["I", "O"], into="IO")
    design, place = Design.of(five), np.random.default_rng(0).normal(size=(1, 11)) - 1
    steps = 1e-5 * np.eye(11)
    for unseen in (None, 50_000.0):
        _, gradient, curvature = classes._measure(design, place, unseen)
        above, below = (
            [classes._measure(design, place + side * step, unseen) for step in steps]
            for side in (1, -1)
        )
        slopes = [(up[0][0] - down[0][0]) / 2e-5 for up, down in zip(above, below, strict=True)]
        bends = [(up[1][0] - down[1][0]) / 2e-5 for up, down in zip(above, below, strict=True)]
        assert gradient[0] == pytest.approx(np.array(slopes), rel=1e-6, abs=1e-3)
        assert -curvature[0] == pytest.approx(np.array(bends), rel=1e-6, abs=1e-3)
