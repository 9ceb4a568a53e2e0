"""The capture tables to compare, every method on each of them, and how far an answer moves when the
lists change. These take minutes; `simulated` keeps them."""

from __future__ import annotations

import sys
from itertools import combinations

import numpy as np
import pandas as pd
from tqdm import tqdm

from helpers.edition import BadInput
from helpers.mse.captures import leave_out_list, merge_lists
from helpers.mse.choice import choose_by_criterion, fit_all_models
from helpers.mse.loglinear import NoEstimate
from helpers.mse.methods import Effort, Estimate, estimate_by, name_terms
from helpers.mse.workers import do_all
from helpers.sources import COUNT, check_captures, list_names

METHODS = (
    "independence",
    "all_pairs",
    "forward",
    "search",
    "penalised",
    "graphs",
    "classes",
    "chao",
)
# The slowest first, so that no process waits at the end.
SLOWEST = ("search", "forward", "graphs", "classes")


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
    return {name: table for name, table in settings.items() if is_usable(table)}


def is_usable(captures: pd.DataFrame) -> bool:
    """Whether an estimate can rest on these captures (`check_captures`)."""
    try:
        check_captures(captures)
    except BadInput:
        return False
    return True


def tabulate_settings(
    settings: dict[str, pd.DataFrame], *, replicates: int, seed: int, quiet: bool = False
) -> pd.DataFrame:
    """Every method on every capture table: columns population (the table's name), category (the
    method), n, ci_lower, ci_upper, interval, terms.

    `n` counts all victims, seen and unseen. `interval` says how the limits were made: profile (the
    model taken as given, so too narrow for a chosen one), bootstrap (the choice repeated in every
    replicate: percentiles), bca (the same, corrected for bias as in the published analysis),
    normal, posterior, log_normal, or none. A method that gives no number is left out.
    """
    effort = Effort(replicates=replicates, seed=seed)
    work = [(name, method) for method in METHODS for name in settings]
    ordered = sorted(work, key=lambda piece: piece[1] not in SLOWEST)
    done = do_all(
        _estimate_piece,
        [(settings[name], method, effort) for name, method in ordered],
        title="estimates",
        quiet=quiet,
    )
    found = dict(zip(ordered, done, strict=True))
    rows = [(name, *row) for name in settings for method in METHODS for row in found[name, method]]
    return round_counts(pd.DataFrame(rows, columns=["population", *Estimate._fields]))


def _estimate_piece(piece: tuple[pd.DataFrame, str, Effort]) -> list[Estimate]:
    captures, method, effort = piece
    check_captures(captures)
    return estimate_by([method], captures, effort)


def tabulate_moves(captures: pd.DataFrame, *, quiet: bool = True) -> pd.DataFrame:
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
    usable = [change for change in changes if is_usable(change[2])]
    chosen = tqdm(usable, desc="changes of lists", disable=quiet or not sys.stderr.isatty())
    rows = [(group, change, *row) for group, change, table in chosen for row in _choose(table)]
    return round_counts(pd.DataFrame(rows, columns=["population", "category", "n", "terms"]))


def _choose(captures: pd.DataFrame) -> list[tuple[float, str]]:
    try:
        fit = choose_by_criterion(fit_all_models(captures), "bic")
    except NoEstimate:
        return []
    return [(fit.estimate, name_terms(fit))]


def round_counts(table: pd.DataFrame) -> pd.DataFrame:
    """Estimates as finely as they can be read: to the hundred from 1,000 up, to ten from 100 up,
    and to one below, so that rounding never moves one of ten people or more by over a twentieth."""
    counts = [column for column in (COUNT, "ci_lower", "ci_upper") if column in table]
    return table.assign(
        **{column: _round_by_size(table[column].astype(float)) for column in counts}
    )


def _round_by_size(values: pd.Series) -> np.ndarray:
    return np.select(
        [values >= 1000, values >= 100],
        [values.round(-2), values.round(-1)],
        default=values.round(),
    )
