"""Capture tables that cannot be used are refused with the rule, and models that give no number with the reason."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from helpers.edition import BadInput
from helpers.population import (
    NoEstimate, average_models, check_captures, choose_by_criterion, choose_forward, count_overlaps, find_fault, fit_log_linear, merge_lists,
)
from helpers.population.captures import leave_out_list
from helpers.population.choice import fit_all_models

GOOD = pd.DataFrame({"A": [1, 0, 0, 1, 0, 1], "B": [0, 1, 0, 1, 1, 0], "C": [0, 0, 1, 0, 1, 1], "n": [50, 40, 30, 10, 8, 6]})


@pytest.mark.parametrize(("table", "words"), [
    (GOOD[["A", "B", "n"]], "2 lists; 3 at the least"),
    (GOOD.assign(n=[50, 40, 30, 0, 0, 0]), "no victim was on two lists"),
    (GOOD.assign(C=0).drop_duplicates(["A", "B", "C"]).query("A + B > 0"), "list C holds nobody"),
    (pd.concat([GOOD, GOOD.iloc[[0]]]), "1 patterns of lists stand twice"),
    (pd.concat([GOOD, pd.DataFrame({"A": [0], "B": [0], "C": [0], "n": [9]})]), "on no list"),
    (GOOD.assign(n=[50, 40, 30.5, 10, 8, 6]), "1 rows hold no whole number"),
    (GOOD.assign(n=[50, 40, "x", 10, 8, 6]), "1 rows hold no whole number"),
    (GOOD.assign(A=[1, 0, 0, 2, 0, 1]), "something else than 0"),
])
def test_a_table_that_cannot_be_used_is_refused_with_its_rule(table, words):
    with pytest.raises(BadInput) as caught:
        check_captures(table)
    assert words in str(caught.value)


def test_an_unknown_list_is_named():
    with pytest.raises(BadInput, match="no list D; there are A, B, C"):
        fit_log_linear(GOOD, (("A", "D"),))


def test_three_lists_independent_by_hand():
    """Expected counts of independent lists with chances 1/2, 1/3 and 1/4 among 240: 30 are on no list... 60 of 240."""
    chances, total = (1 / 2, 1 / 3, 1 / 4), 240
    rows = []
    for pattern in product((0, 1), repeat=3):
        if any(pattern):
            rows.append((*pattern, round(total * np.prod([p if on else 1 - p for p, on in zip(chances, pattern)]))))
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
    """Everybody on A is on B too: with the term A-B the mean of A without B can only be zero (Fienberg and Rinaldo 2012)."""
    table = pd.DataFrame({"A": [0, 0, 1, 0, 1], "B": [1, 0, 1, 1, 1], "C": [0, 1, 0, 1, 1], "n": [40, 30, 10, 8, 4]})
    assert "does not exist" in find_fault(table, (("A", "B"),))
    assert find_fault(table) is None


def test_forward_selection_passes_over_models_without_an_estimate():
    table = GOOD.assign(n=[50, 40, 30, 0, 8, 6])
    chosen = choose_forward(table)
    assert find_fault(table, chosen.pairs) is None and chosen.estimate > table["n"].sum()


def test_weights_of_averaged_models_sum_to_one_and_favour_the_chosen():
    models = fit_all_models(GOOD)
    weights = average_models(models)
    assert weights["weight"].sum() == pytest.approx(1) and weights["weight"].is_monotonic_decreasing
    assert weights["estimate"].iloc[0] == choose_by_criterion(models, "bic").estimate


def test_nobody_is_lost_by_merging_and_those_on_one_list_only_by_leaving_it_out():
    assert merge_lists(GOOD, ["A", "B"], into="AB")["n"].sum() == GOOD["n"].sum()
    assert leave_out_list(GOOD, "A")["n"].sum() == GOOD["n"].sum() - 50
    assert count_overlaps(GOOD)["n"].tolist() == [10, 6, 8]


def test_row_order_and_list_order_do_not_matter():
    shuffled = GOOD.sample(frac=1, random_state=1)[["C", "n", "A", "B"]]
    assert choose_forward(shuffled).estimate == pytest.approx(choose_forward(GOOD).estimate, rel=1e-9)


def test_a_list_with_more_overlap_gives_fewer_unseen():
    """A law of the method: with the same lists, more overlap means fewer on no list."""
    more = GOOD.assign(n=[50, 40, 30, 20, 16, 12])
    assert fit_log_linear(more).unseen < fit_log_linear(GOOD).unseen
