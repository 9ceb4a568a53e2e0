"""Comparisons of groups as if they were alike in what is known of them: weights to one standard
population, their balance, and the curves under them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from helpers.edition import BadInput
from helpers.survival.curves import accumulate, add_limits
from helpers.survival.influence import Beside, find_incidence_errors, read_clustered
from helpers.survival.limits import find_multiplier
from helpers.survival.risk import check_columns, read_labels, read_numbers, tabulate_risk

# Weights above this let few people speak for many.
LARGEST_WEIGHT = 20.0


def weigh_to_standard(people: pd.DataFrame, group: str, by: Sequence[str]) -> pd.Series:
    """A weight for each person: the share of their stratum (each combination of `by`: age, sex,
    index year) among everybody, over its share in their group. Under it all groups are as
    everybody.

    Raises BadInput where a stratum has nobody of a group (join strata), or a weight is above
    LARGEST_WEIGHT.
    """
    check_columns(people, (group, *by))
    if not by:
        raise BadInput("name the traits by which groups are made alike")
    if not len(people):
        raise BadInput("nobody is left to be compared")
    if missing := int(people[[group, *by]].isna().any(axis=1).sum()):
        raise BadInput(f"{missing} people without a group or a trait; leave them out")
    stratum = people.groupby(list(by), observed=True).ngroup().to_numpy()
    codes, names = pd.factorize(people[group])
    cells = stratum * len(names) + codes
    counts = np.bincount(cells, minlength=(stratum.max() + 1) * len(names)).reshape(-1, len(names))
    if empty := int((counts == 0).sum()):
        raise BadInput(
            f"{empty} of {counts.size} combinations of {', '.join(by)} and {group} have nobody; join some of them"
        )
    shares = counts.sum(axis=1) / len(people)
    weights = shares[:, None] * counts.sum(axis=0) / counts
    result = pd.Series(weights[stratum, codes], index=people.index)
    if (is_large := result > LARGEST_WEIGHT).any():
        raise BadInput(f"{int(is_large.sum())} weights above {LARGEST_WEIGHT:g}; join some strata")
    return result


def describe_balance(
    people: pd.DataFrame, group: str, by: Sequence[str], weights: pd.Series
) -> pd.DataFrame:
    """How alike groups are before and after weighting: a row a trait, its value and a group, with
    share (of the group) and weighted_share, difference and weighted_difference (from everybody, in
    standard deviations; below 0.1 is usually called balanced)."""
    check_columns(people, (group, *by))
    rows, (codes, groups) = [], pd.factorize(people[group], sort=True)
    for trait in by:
        values, names = pd.factorize(people[trait], sort=True)
        for place, value in enumerate(names):
            has = (values == place).astype(float)
            whole = has.mean()
            spread = np.sqrt(whole * (1 - whole)) or 1.0
            for code, name in enumerate(groups):
                own = codes == code
                plain = has[own].mean()
                weighted = float(np.average(has[own], weights=weights.to_numpy()[own]))
                differences = ((plain - whole) / spread, (weighted - whole) / spread)
                rows.append((trait, str(value), name, plain, weighted, *differences))
    columns = ["trait", "category", group, "share", "weighted_share", "difference"]
    return pd.DataFrame(rows, columns=[*columns, "weighted_difference"])


def estimate_standardised(
    people: pd.DataFrame,
    group: str,
    by: Sequence[str],
    *,
    days: str = "days",
    event: str = "event",
    causes: int = 2,
    cluster: str | None = None,
) -> pd.DataFrame:
    """The cumulative incidence of cause 1 in each group, as if all groups had everybody's make-up
    of `by`: `estimate_aalen_johansen` under `weigh_to_standard`. Errors are robust by person or
    `cluster`, and allow for the weights being estimated from the same people.

    Columns group, time, n_at_risk (people), n_events (people), incidence, std_error, ci_lower,
    ci_upper. It removes differences in `by`, and no others: no effect of anything. R: the curve of
    survfit(Surv(time, state) ~ 1, weights), and the jackknife of the whole estimate by case
    weights. Raises BadInput as `weigh_to_standard`.
    """
    check_columns(people, (days, event, cluster))
    codes = np.arange(len(people))
    weights = weigh_to_standard(people, group, by).to_numpy()
    if cluster is not None:
        codes = read_labels(people[cluster].to_numpy(), len(people), what="cluster")
    known = pd.DataFrame(
        {
            "cluster": codes,
            "weight": weights,
            "event": read_numbers(people[event], event),
            "days": read_numbers(people[days], days),
            "stratum": people.groupby(list(by), observed=True).ngroup().to_numpy(),
        }
    )
    tables = []
    groups, names = pd.factorize(np.asarray(people[group]), sort=True)
    for code, name in enumerate(names):
        table = _estimate_one(known, groups == code, causes, is_clustered=cluster is not None)
        tables.append(table.assign(**{group: name}))
    return pd.concat(tables, ignore_index=True)


def _estimate_one(
    known: pd.DataFrame, is_own: np.ndarray, causes: int, *, is_clustered: bool
) -> pd.DataFrame:
    """The curve of one group. Its weights move with everybody: one person more makes their stratum
    larger in the whole, and lighter in their group."""
    # In the order that the estimators take, so that the strata stay beside their rows.
    own = known[is_own].sort_values(["days", "event", "weight", "cluster", "stratum"])
    days, event, weight, cluster = (
        own[c].to_numpy() for c in ("days", "event", "weight", "cluster")
    )
    data = read_clustered(days, event, causes=causes, weights=weight, clusters=cluster)
    factor = _share_out(known) - _share_out(known.assign(own=is_own), "own")
    beside = Beside(own["stratum"].to_numpy(), factor[np.unique(cluster)], factor.T @ factor)
    people = tabulate_risk(replace(data.rows, weights=None), causes)
    table = pd.DataFrame(
        {
            "time": people.times,
            "n_at_risk": people.at_risk,
            "n_events": people.events[:, 0],
            "incidence": accumulate(data.risk)[1][:, 0],
            "std_error": find_incidence_errors(data, 1, beside),
        }
    )
    return add_limits(table, find_multiplier(data.n_clusters if is_clustered else None))


def _share_out(known: pd.DataFrame, inside: str | None = None) -> np.ndarray:
    """Of each stratum (a column), the share of its people who are in each cluster (a row)."""
    chosen = known if inside is None else known[known[inside]]
    shape = (known["cluster"].max() + 1, known["stratum"].max() + 1)
    cells = chosen["cluster"] * shape[1] + chosen["stratum"]
    counts = np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape)
    return counts / counts.sum(axis=0)
