"""Which two-list terms a model has: all, added one by one, chosen by a criterion, averaged over, or
penalised."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from helpers.mse.batch import ENTRY_P_VALUE, ManyFits, choose_forward_many, find_smallest, fit_many
from helpers.mse.loglinear import (
    Design,
    LogLinearFit,
    NoEstimate,
    Pair,
    find_fault_in,
    fit_log_linear,
)
from helpers.sources import check_captures

MOST_PAIRS_IN_FULL_SEARCH = 15


def list_pairs(captures: pd.DataFrame) -> list[Pair]:
    """Every pair of lists."""
    return list(Design.of(captures).pairs)


def choose_forward(captures: pd.DataFrame, *, entry_p_value: float = ENTRY_P_VALUE) -> LogLinearFit:
    """The model that forward selection gives (`choose_forward_many`).

    With an entry p-value of 0.02 this is the rule of SparseMSE's `estimatepopulation(method =
    "stepwise")`. Raises NoEstimate where even the main effects give no estimate.
    """
    check_captures(captures)
    design = Design.of(captures)
    if fault := find_fault_in(design, ()):
        raise NoEstimate(fault)
    terms, _ = choose_forward_many(design, design.counts[None, :], entry_p_value=entry_p_value)
    return fit_log_linear(captures, design.name_pairs(terms[0]))


@dataclass(frozen=True)
class Search:
    """Every model of two-list terms on one capture table: its terms (models x pairs) and what was
    fitted (NaN: no estimate)."""

    captures: pd.DataFrame
    design: Design
    terms: np.ndarray
    fits: ManyFits


def fit_all_models(captures: pd.DataFrame) -> Search:
    """Every model of two-list terms. With five lists these are 1,024, with six 32,768.

    Raises NoEstimate for more than six lists, or where no model gives an estimate.
    """
    check_captures(captures)
    design = Design.of(captures)
    n_pairs = len(design.pairs)
    if n_pairs > MOST_PAIRS_IN_FULL_SEARCH:
        raise NoEstimate(
            f"{n_pairs} pairs make too many models for a full search; choose forward, or merge lists"
        )
    terms = np.array(list(product((False, True), repeat=n_pairs)))
    fits = fit_many(design, np.broadcast_to(design.counts, (len(terms), len(design.counts))), terms)
    if np.isnan(fits.unseen).all():
        raise NoEstimate(find_fault_in(design, ()) or "no model gives an estimate")
    return Search(captures, design, terms, fits)


def choose_by_criterion(search: Search, criterion: str) -> LogLinearFit:
    """The model with the smallest `aic` or `bic`."""
    place = find_smallest(getattr(search.fits, criterion))
    return fit_log_linear(search.captures, search.design.name_pairs(search.terms[place]))


def average_models(search: Search, criterion: str = "bic") -> pd.DataFrame:
    """The models that give an estimate with their weights exp(-criterion / 2), summing to one,
    heaviest first: columns pairs, estimate, weight."""
    values = getattr(search.fits, criterion)
    given = ~np.isnan(values)
    weights = np.exp(-(values[given] - values[given].min()) / 2)
    names = [
        " ".join("-".join(pair) for pair in search.design.name_pairs(terms))
        for terms in search.terms[given]
    ]
    table = pd.DataFrame(
        {"pairs": names, "estimate": search.fits.estimate[given], "weight": weights / weights.sum()}
    )
    return table.sort_values("weight", ascending=False, kind="stable").reset_index(drop=True)
