"""Which two-list terms a model has: added one by one, chosen by a criterion, or averaged over."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
from scipy.stats import chi2

from helpers.population.captures import check_captures, list_names
from helpers.population.loglinear import Design, LogLinearFit, NoEstimate, Pair, _find_fault, fit_design

ENTRY_P_VALUE = 0.02
MOST_PAIRS_IN_FULL_SEARCH = 15


def list_pairs(captures: pd.DataFrame) -> list[Pair]:
    """Every pair of lists."""
    return list(combinations(list_names(captures), 2))


def choose_forward(captures: pd.DataFrame, *, entry_p_value: float = ENTRY_P_VALUE) -> LogLinearFit:
    """Forward selection: from main effects, add the pair that lowers the deviance most, while its likelihood-ratio test
    has p at or below `entry_p_value`; pairs that leave no estimate are passed over.

    With 0.02 this is the rule of SparseMSE's `estimatepopulation(method = "stepwise")`.
    """
    check_captures(captures)
    return choose_forward_in(Design.of(captures), list_pairs(captures), entry_p_value)


def choose_forward_in(design: Design, pairs: list[Pair], entry_p_value: float) -> LogLinearFit:
    """`choose_forward` on cells."""
    if fault := _find_fault(design, ()):
        raise NoEstimate(fault)
    current = fit_design(design, ())
    while True:
        candidates = [tried for pair in pairs if pair not in current.pairs and (tried := _try_pairs(design, (*current.pairs, pair)))]
        best = min(candidates, key=lambda fit: fit.deviance, default=None)
        if best is None or chi2.sf(max(current.deviance - best.deviance, 0), 1) > entry_p_value:
            return current
        current = best


def _try_pairs(design: Design, pairs: tuple[Pair, ...]) -> LogLinearFit | None:
    if _find_fault(design, pairs):
        return None
    try:
        return fit_design(design, pairs)
    except (NoEstimate, np.linalg.LinAlgError):
        return None


def fit_all_models(captures: pd.DataFrame) -> list[LogLinearFit]:
    """Every model of two-list terms that gives an estimate. With five lists these are at most 1,024, with six 32,768."""
    check_captures(captures)
    design, pairs = Design.of(captures), list_pairs(captures)
    if len(pairs) > MOST_PAIRS_IN_FULL_SEARCH:
        raise NoEstimate(f"{len(pairs)} pairs make too many models for a full search; choose forward, or merge lists")
    subsets = (subset for size in range(len(pairs) + 1) for subset in combinations(pairs, size))
    return [fit for subset in subsets if (fit := _try_pairs(design, subset))]


def choose_by_criterion(models: list[LogLinearFit], criterion: str) -> LogLinearFit:
    """The model with the smallest `aic` or `bic`."""
    return min(models, key=lambda fit: getattr(fit, criterion))


def average_models(models: list[LogLinearFit], criterion: str = "bic") -> pd.DataFrame:
    """Models with their weights exp(-criterion / 2), summing to one, heaviest first: columns pairs, estimate, weight."""
    values = np.array([getattr(fit, criterion) for fit in models])
    weights = np.exp(-(values - values.min()) / 2)
    table = pd.DataFrame({
        "pairs": [" ".join("-".join(pair) for pair in fit.pairs) for fit in models],
        "estimate": [fit.estimate for fit in models], "weight": weights / weights.sum(),
    })
    return table.sort_values("weight", ascending=False, kind="stable").reset_index(drop=True)
