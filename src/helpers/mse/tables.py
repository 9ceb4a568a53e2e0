"""Estimates of a capture table as tidy tables: a row an estimate, with its interval and the terms
of its model."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pandas as pd

from helpers.edition import BadInput
from helpers.mse.captures import COUNT, check_captures, leave_out_list, list_names, merge_lists
from helpers.mse.choice import (
    average_models,
    choose_by_criterion,
    choose_forward,
    fit_all_models,
    list_pairs,
)
from helpers.mse.graphs import average_graphs
from helpers.mse.intervals import (
    bootstrap_population,
    correct_bias,
    estimate_by_search,
    estimate_forward,
    estimate_profile_interval,
)
from helpers.mse.latent import estimate_sample_coverage, fit_penalised, fit_two_classes
from helpers.mse.loglinear import LEVEL, LogLinearFit, NoEstimate, estimate_chao, fit_log_linear

FEWEST_SHOWN = 5
# A search over all models of six lists takes seven seconds, too long to repeat in every replicate.
MOST_PAIRS_IN_BOOTSTRAP = 10
ESTIMATES = ["category", "n", "ci_lower", "ci_upper", "interval", "terms"]


def tabulate_lists(captures: pd.DataFrame) -> pd.DataFrame:
    """The lists, largest first: columns category (the list), n (victims on it), share (of these, on
    no other list)."""
    check_captures(captures)
    lists = list_names(captures)
    alone = captures[lists].sum(axis=1) == 1
    sizes = {name: captures.loc[captures[name] == 1, COUNT].sum() for name in lists}
    rows = [
        (name, size, captures.loc[alone & (captures[name] == 1), COUNT].sum() / size)
        for name, size in sizes.items()
    ]
    return pd.DataFrame(rows, columns=["category", "n", "share"]).sort_values(
        "n", ascending=False, kind="stable", ignore_index=True
    )


def tabulate_patterns(captures: pd.DataFrame, *, fewest: int = FEWEST_SHOWN) -> pd.DataFrame:
    """Victims by the combination of lists, most first; combinations of fewer than `fewest` stand
    together as "other".

    Columns category ("P", "P+Z", ..., "other_combinations"), n.
    """
    lists = list_names(captures)
    names = ["+".join(name for name in lists if row[name]) for _, row in captures[lists].iterrows()]
    table = pd.DataFrame({"category": names, "n": captures[COUNT]})
    few = table["n"] < fewest
    other = pd.DataFrame({"category": ["other_combinations"], "n": [table.loc[few, "n"].sum()]})
    return pd.concat(
        [
            table[~few].sort_values("n", ascending=False, kind="stable"),
            other if few.any() else other.iloc[:0],
        ],
        ignore_index=True,
    )


def define_settings(
    captures: pd.DataFrame, *, merged_lists: list[str], border_list: str
) -> dict[str, pd.DataFrame]:
    """The capture tables to compare: some small lists taken as one or kept apart, each with and
    without the border police's list.

    A setting that the lists do not allow (no such list, fewer than three left) is left out.
    """
    settings = {"lists_apart": captures}
    if len(merged_lists) > 1 and set(merged_lists) <= set(list_names(captures)):
        settings = {
            "lists_merged": merge_lists(captures, merged_lists, into="".join(merged_lists)),
            **settings,
        }
    for name, table in list(settings.items()):
        if border_list in list_names(table):
            settings[f"{name}_without_border"] = leave_out_list(table, border_list)
    return {name: table for name, table in settings.items() if _is_usable(table)}


def _is_usable(captures: pd.DataFrame) -> bool:
    try:
        check_captures(captures)
    except BadInput:
        return False
    return True


def tabulate_estimates(captures: pd.DataFrame, *, replicates: int, seed: int) -> pd.DataFrame:
    """Every method on one capture table: columns category (the method), n, ci_lower, ci_upper,
    interval, terms.

    `n` counts all victims, seen and unseen. `interval` says how the limits were made: profile (the
    model taken as given, so too narrow for a chosen one), bootstrap (the choice repeated in every
    replicate: percentiles), bca (the same, corrected for bias as in the published analysis),
    normal, posterior, log_normal, or none. A method that gives no number is left out.
    """
    makers = (
        _estimate_fixed,
        _estimate_forward,
        _estimate_by_search,
        _estimate_penalised,
        _estimate_graphs,
        _estimate_classes,
        _estimate_chao,
    )
    rows = [row for make in makers for row in _try(make, captures, replicates, seed)]
    return _round_counts(pd.DataFrame(rows, columns=ESTIMATES))


def _try(make: Callable[..., list[tuple]], *arguments: object) -> list[tuple]:
    try:
        return make(*arguments)
    except NoEstimate:
        return []


def _estimate_fixed(captures: pd.DataFrame, replicates: int, seed: int) -> list[tuple]:
    full = tuple(list_pairs(captures))
    rows = [
        (
            "independence",
            fit_log_linear(captures).estimate,
            *estimate_profile_interval(captures),
            "profile",
            "",
        )
    ]
    return rows + _try(
        lambda: [
            (
                "all_pairs",
                fit_log_linear(captures, full).estimate,
                *estimate_profile_interval(captures, full),
                "profile",
                "",
            )
        ]
    )


def _estimate_forward(captures: pd.DataFrame, replicates: int, seed: int) -> list[tuple]:
    chosen = choose_forward(captures)
    drawn = bootstrap_population(
        captures, estimate_forward, replicates=replicates, seed=seed, quiet=False
    )
    return [
        (
            "forward",
            chosen.estimate,
            *correct_bias(captures, estimate_forward, drawn),
            "bca",
            _name_terms(chosen),
        )
    ]


def _estimate_by_search(captures: pd.DataFrame, replicates: int, seed: int) -> list[tuple]:
    search = fit_all_models(captures)
    by_aic, by_bic, averaged = (
        choose_by_criterion(search, "aic"),
        choose_by_criterion(search, "bic"),
        average_models(search),
    )
    estimates = [by_aic.estimate, by_bic.estimate, float(averaged["estimate"] @ averaged["weight"])]
    if len(search.design.pairs) > MOST_PAIRS_IN_BOOTSTRAP:
        limits = [
            (*estimate_profile_interval(captures, fit.pairs), "profile") for fit in (by_aic, by_bic)
        ] + [(np.nan, np.nan, "none")]
    else:
        drawn = bootstrap_population(
            captures, estimate_by_search, replicates=replicates, seed=seed, quiet=False
        )
        limits = [
            (*ends, "bootstrap")
            for ends in np.nanquantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0).T
        ]
    names = (("aic", _name_terms(by_aic)), ("bic", _name_terms(by_bic)), ("averaged", ""))
    return [
        (name, estimate, *ends, terms)
        for (name, terms), estimate, ends in zip(names, estimates, limits)
    ]


def _estimate_penalised(captures: pd.DataFrame, replicates: int, seed: int) -> list[tuple]:
    fit = fit_penalised(captures)
    return [("penalised", fit.estimate, fit.ci_lower, fit.ci_upper, "normal", "")]


def _estimate_graphs(captures: pd.DataFrame, replicates: int, seed: int) -> list[tuple]:
    posterior = average_graphs(captures)
    return [
        (
            "graphs",
            posterior.quantile(0.5),
            posterior.quantile((1 - LEVEL) / 2),
            posterior.quantile((1 + LEVEL) / 2),
            "posterior",
            "",
        )
    ]


def _estimate_classes(captures: pd.DataFrame, replicates: int, seed: int) -> list[tuple]:
    fit = fit_two_classes(captures, seed=seed)
    return [("classes", fit.estimate, fit.ci_lower, fit.ci_upper, "profile", "")]


def _estimate_chao(captures: pd.DataFrame, replicates: int, seed: int) -> list[tuple]:
    return [("chao", *estimate_chao(captures), "log_normal", "")]


def tabulate_settings(
    settings: dict[str, pd.DataFrame], *, replicates: int, seed: int, base: int = 1
) -> pd.DataFrame:
    """`tabulate_estimates` for several capture tables: population is the table's name, share what
    part of all was seen (the seen rounded to `base` first)."""
    parts = []
    for name, captures in settings.items():
        estimates = tabulate_estimates(captures, replicates=replicates, seed=seed)
        estimates.insert(0, "population", name)
        estimates.insert(3, "share", base * round(captures[COUNT].sum() / base) / estimates["n"])
        parts.append(estimates)
    return pd.concat(parts, ignore_index=True)


def tabulate_sample_coverage(captures: pd.DataFrame) -> pd.DataFrame:
    """The sample coverage of the lists as a table of one row: columns category, share."""
    return pd.DataFrame(
        {"category": ["sample_coverage"], "share": [estimate_sample_coverage(captures)]}
    )


def tabulate_moves(captures: pd.DataFrame) -> pd.DataFrame:
    """How far the estimate moves when one list is left out, or two are taken as one: the model is
    chosen by the BIC each time.

    Columns population (as_they_are, left_out, merged), category (all, without_X, merged_X+Y), n,
    terms; a change that leaves no estimate is left out.
    """
    lists = list_names(captures)
    changes = [("as_they_are", "all", captures)]
    changes += [("left_out", f"without_{name}", leave_out_list(captures, name)) for name in lists]
    changes += [
        (
            "merged",
            f"merged_{first}+{second}",
            merge_lists(captures, [first, second], into=f"{first}{second}"),
        )
        for first, second in combinations(lists, 2)
    ]
    rows = []
    for group, change, table in changes:
        if _is_usable(table):
            rows += _try(
                lambda: [
                    (
                        group,
                        change,
                        (fit := choose_by_criterion(fit_all_models(table), "bic")).estimate,
                        _name_terms(fit),
                    )
                ]
            )
    return _round_counts(pd.DataFrame(rows, columns=["population", "category", "n", "terms"]))


def tabulate_yearly(estimates: pd.DataFrame, *, years: int) -> pd.DataFrame:
    """The lowest and highest estimate over several years as numbers a year, under the two extremes
    of how long a victim is one.

    Columns population (one_year_each, every_year), category (lowest, highest), n.
    """
    ends = (("lowest", estimates["n"].min()), ("highest", estimates["n"].max()))
    rows = [
        (name, end, total / length)
        for name, length in (("one_year_each", years), ("every_year", 1))
        for end, total in ends
    ]
    return _round_counts(pd.DataFrame(rows, columns=["population", "category", "n"]))


def tabulate_regions(by_region: pd.DataFrame | None, *, fewest: int) -> pd.DataFrame:
    """The penalised estimate (the method that claims least) of each region, or why there is none;
    no rows without regions.

    A region needs `fewest` victims on two lists or more. Columns category (the region), n,
    ci_lower, ci_upper, reason.
    """
    rows = []
    for name, part in [] if by_region is None else by_region.groupby("region"):
        captures = part.drop(columns="region").reset_index(drop=True)
        captures = captures[
            [
                column
                for column in captures
                if column == COUNT or captures.loc[captures[column] == 1, COUNT].sum() > 0
            ]
        ]
        try:
            check_captures(captures)
            if captures.loc[captures[list_names(captures)].sum(axis=1) > 1, COUNT].sum() < fewest:
                raise NoEstimate(f"fewer than {fewest} victims are on two lists or more")
            fit = fit_penalised(captures)
            rows.append((name, fit.estimate, fit.ci_lower, fit.ci_upper, ""))
        except BadInput as error:
            rows.append((name, np.nan, np.nan, np.nan, str(error)))
    return _round_counts(
        pd.DataFrame(rows, columns=["category", "n", "ci_lower", "ci_upper", "reason"])
    )


def _name_terms(fit: LogLinearFit) -> str:
    return " ".join("-".join(pair) for pair in fit.pairs)


def _round_counts(table: pd.DataFrame) -> pd.DataFrame:
    """Estimates to the hundred, which is finer than any of them is known; four digits, as iterative
    fits are compared."""
    counts = [column for column in ("n", "ci_lower", "ci_upper") if column in table]
    return table.assign(**{column: table[column].astype(float).round(-2) for column in counts})
