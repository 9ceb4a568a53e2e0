"""Estimates of a capture table as tidy tables: a row an estimate, with its interval and the terms of its model."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.population.captures import COUNT, leave_out_list, list_names
from helpers.population.choice import average_models, choose_by_criterion, choose_forward, fit_all_models
from helpers.population.intervals import bootstrap_population, estimate_forward, estimate_profile_interval
from helpers.population.loglinear import LEVEL, LogLinearFit, estimate_chao, fit_log_linear

FEWEST_SHOWN = 5


def tabulate_patterns(captures: pd.DataFrame) -> pd.DataFrame:
    """Victims by the combination of lists, most first; combinations of fewer than five stand together as "other".

    Columns category ("P", "P+Z", ..., "other_combinations"), n.
    """
    lists = list_names(captures)
    names = ["+".join(name for name in lists if row[name]) for _, row in captures[lists].iterrows()]
    table = pd.DataFrame({"category": names, "n": captures[COUNT]})
    few = table["n"] < FEWEST_SHOWN
    other = pd.DataFrame({"category": ["other_combinations"], "n": [table.loc[few, "n"].sum()]})
    return pd.concat([table[~few].sort_values("n", ascending=False, kind="stable"), other if few.any() else other.iloc[:0]], ignore_index=True)


def tabulate_estimates(captures: pd.DataFrame, *, replicates: int, seed: int) -> pd.DataFrame:
    """Every method on one capture table: columns category (the method), n, ci_lower, ci_upper, interval, terms.

    `n` counts all victims, seen and unseen. `interval` says how the limits were made: profile (the model taken as given, so
    too narrow for a chosen one), bootstrap (the choice repeated in every replicate; percentile limits), log_normal, or none.
    """
    models = fit_all_models(captures)
    forward, averaged = choose_forward(captures), average_models(models)
    drawn = bootstrap_population(captures, estimate_forward, replicates=replicates, seed=seed, quiet=False)
    rows = [
        _make_row("independence", fit_log_linear(captures), estimate_profile_interval(captures), "profile"),
        _make_row("forward", forward, tuple(np.nanquantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])), "bootstrap"),
    ]
    for criterion in ("aic", "bic"):
        chosen = choose_by_criterion(models, criterion)
        rows.append(_make_row(criterion, chosen, estimate_profile_interval(captures, chosen.pairs), "profile"))
    rows.append({"category": "averaged", "n": float(averaged["estimate"] @ averaged["weight"]), "ci_lower": np.nan, "ci_upper": np.nan, "interval": "none", "terms": ""})
    estimate, lower, upper = estimate_chao(captures)
    rows.append({"category": "chao", "n": estimate, "ci_lower": lower, "ci_upper": upper, "interval": "log_normal", "terms": ""})
    return _round_counts(pd.DataFrame(rows))


def tabulate_left_out(captures: pd.DataFrame) -> pd.DataFrame:
    """The estimate of the model that the BIC chooses when one list is left out: columns category (the list), n, terms."""
    rows = []
    for name in list_names(captures):
        chosen = choose_by_criterion(fit_all_models(leave_out_list(captures, name)), "bic")
        rows.append({"category": f"without_{name}", "n": chosen.estimate, "terms": _name_terms(chosen)})
    return _round_counts(pd.DataFrame(rows))


def _make_row(method: str, fit: LogLinearFit, limits: tuple[float, float], interval: str) -> dict:
    return {"category": method, "n": fit.estimate, "ci_lower": limits[0], "ci_upper": limits[1], "interval": interval, "terms": _name_terms(fit)}


def _name_terms(fit: LogLinearFit) -> str:
    return " ".join("-".join(pair) for pair in fit.pairs)


def _round_counts(table: pd.DataFrame) -> pd.DataFrame:
    """Estimates to the hundred, which is finer than any of them is known; four digits, as iterative fits are compared."""
    counts = [column for column in ("n", "ci_lower", "ci_upper") if column in table]
    return table.assign(**{column: table[column].round(-2) for column in counts})


def tabulate_settings(settings: dict[str, pd.DataFrame], *, replicates: int, seed: int) -> pd.DataFrame:
    """`tabulate_estimates` for several capture tables: population is the table's name, share what part of all was seen."""
    parts = []
    for name, captures in settings.items():
        estimates = tabulate_estimates(captures, replicates=replicates, seed=seed)
        estimates.insert(0, "population", name)
        estimates.insert(3, "share", captures[COUNT].sum() / estimates["n"])
        parts.append(estimates)
    return pd.concat(parts, ignore_index=True)
