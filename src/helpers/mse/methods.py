"""Every method by name, each giving its estimates of all victims with their limits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers.mse.choice import (
    Search,
    average_models,
    choose_by_criterion,
    choose_forward,
    fit_all_models,
    list_pairs,
)
from helpers.mse.classes import STARTS, fit_two_classes
from helpers.mse.graphs import average_graphs
from helpers.mse.intervals import (
    bootstrap_population,
    correct_bias,
    estimate_by_search,
    estimate_forward,
    estimate_profile_interval,
)
from helpers.mse.latent import fit_penalised
from helpers.mse.loglinear import (
    LEVEL,
    LogLinearFit,
    NoEstimate,
    Pair,
    estimate_chao,
    fit_log_linear,
)

# A search over all models of six lists takes seconds, too long to repeat in every replicate.
MOST_PAIRS_IN_BOOTSTRAP = 10


class Effort(NamedTuple):
    """How much work a method may make: replicates of its bootstrap, its seed, and the random starts
    of the hidden classes."""

    replicates: int
    seed: int
    starts: int = STARTS


class Estimate(NamedTuple):
    """All victims, seen and unseen, by one method; `interval` says how the limits were made."""

    category: str
    n: float
    ci_lower: float
    ci_upper: float
    interval: str
    terms: str = ""


Method = Callable[[pd.DataFrame, Effort], list[Estimate]]


def estimate_by(names: Iterable[str], captures: pd.DataFrame, effort: Effort) -> list[Estimate]:
    """The estimates of these methods, in their order; a method that gives no number is left out."""
    return [row for name in names for row in _try(METHODS[name], captures, effort)]


def _try(method: Method, captures: pd.DataFrame, effort: Effort) -> list[Estimate]:
    try:
        return method(captures, effort)
    except NoEstimate:
        return []


def name_terms(fit: LogLinearFit) -> str:
    """The pairs of a model as text: "A-B A-C"."""
    return " ".join("-".join(pair) for pair in fit.pairs)


def _estimate_model(name: str, captures: pd.DataFrame, pairs: tuple[Pair, ...]) -> list[Estimate]:
    limits = estimate_profile_interval(captures, pairs)
    return [Estimate(name, fit_log_linear(captures, pairs).estimate, *limits, "profile")]


def _estimate_independence(captures: pd.DataFrame, _: Effort) -> list[Estimate]:
    return _estimate_model("independence", captures, ())


def _estimate_all_pairs(captures: pd.DataFrame, _: Effort) -> list[Estimate]:
    return _estimate_model("all_pairs", captures, tuple(list_pairs(captures)))


def _estimate_forward(captures: pd.DataFrame, effort: Effort) -> list[Estimate]:
    chosen = choose_forward(captures)
    drawn = bootstrap_population(
        captures, estimate_forward, replicates=effort.replicates, seed=effort.seed
    )
    limits = correct_bias(captures, estimate_forward, drawn)
    return [Estimate("forward", chosen.estimate, *limits, "bca", name_terms(chosen))]


def _estimate_by_search(captures: pd.DataFrame, effort: Effort) -> list[Estimate]:
    """The models of smallest AIC and BIC, and the average by BIC weights, with the search repeated
    in every replicate where the lists are few enough."""
    search = fit_all_models(captures)
    averaged = average_models(search)
    average = float(averaged["estimate"] @ averaged["weight"])
    if len(search.design.pairs) > MOST_PAIRS_IN_BOOTSTRAP:
        chosen = [_profile_chosen(search, name) for name in ("aic", "bic")]
        return [*chosen, Estimate("averaged", average, np.nan, np.nan, "none")]
    drawn = bootstrap_population(
        captures, estimate_by_search, replicates=effort.replicates, seed=effort.seed
    )
    limits = np.nanquantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0).T
    fits = {name: choose_by_criterion(search, name) for name in ("aic", "bic")}
    rows = [(name, fit.estimate, name_terms(fit)) for name, fit in fits.items()]
    return [
        Estimate(name, estimate, *ends, "bootstrap", terms)  # type: ignore[call-arg]  # two ends
        for (name, estimate, terms), ends in zip(
            [*rows, ("averaged", average, "")], limits, strict=True
        )
    ]


def _profile_chosen(search: Search, criterion: str) -> Estimate:
    fit = choose_by_criterion(search, criterion)
    limits = estimate_profile_interval(search.captures, fit.pairs)
    return Estimate(criterion, fit.estimate, *limits, "profile", name_terms(fit))


def _estimate_bic(captures: pd.DataFrame, _: Effort) -> list[Estimate]:
    return [_profile_chosen(fit_all_models(captures), "bic")]


def _estimate_penalised(captures: pd.DataFrame, _: Effort) -> list[Estimate]:
    fit = fit_penalised(captures)
    return [Estimate("penalised", fit.estimate, fit.ci_lower, fit.ci_upper, "normal")]


def _estimate_graphs(captures: pd.DataFrame, _: Effort) -> list[Estimate]:
    posterior = average_graphs(captures)
    middle, *limits = (posterior.quantile(at) for at in (0.5, (1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return [Estimate("graphs", middle, *limits, "posterior")]  # type: ignore[call-arg, arg-type]  # two limits


def _estimate_classes(captures: pd.DataFrame, effort: Effort) -> list[Estimate]:
    fit = fit_two_classes(captures, seed=effort.seed, starts=effort.starts)
    return [Estimate("classes", fit.estimate, fit.ci_lower, fit.ci_upper, "profile")]


def _estimate_chao(captures: pd.DataFrame, _: Effort) -> list[Estimate]:
    return [Estimate("chao", *estimate_chao(captures), "log_normal")]


METHODS: dict[str, Method] = {
    "independence": _estimate_independence,
    "all_pairs": _estimate_all_pairs,
    "forward": _estimate_forward,
    "search": _estimate_by_search,
    "bic": _estimate_bic,
    "penalised": _estimate_penalised,
    "graphs": _estimate_graphs,
    "classes": _estimate_classes,
    "chao": _estimate_chao,
}
