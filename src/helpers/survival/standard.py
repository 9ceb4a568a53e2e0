"""Comparisons of groups as if they were alike in what is known of them: weights to one standard
population, their balance, and the curves under them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.edition import BadInput
from helpers.survival.curves import estimate_aalen_johansen

# Weights above this let few people speak for many.
LARGEST_WEIGHT = 20.0


def weigh_to_standard(people: pd.DataFrame, group: str, by: Sequence[str]) -> pd.Series:
    """A weight for each person: the share of their stratum (each combination of `by`: age, sex,
    index year) among everybody, over its share in their group. Under it all groups are as
    everybody.

    Raises BadInput where a stratum has nobody of a group (join strata), or a weight is above
    LARGEST_WEIGHT.
    """
    if not len(people):
        raise BadInput("nobody is left to be compared")
    if missing := int(people[[group, *by]].isna().any(axis=1).sum()):
        raise BadInput(f"{missing} people without a group or a trait; leave them out")
    stratum = people.groupby(list(by), observed=True).ngroup()
    counts = pd.crosstab(stratum, people[group])
    if empty := int((counts == 0).to_numpy().sum()):
        raise BadInput(
            f"{empty} of {counts.size} combinations of {', '.join(by)} and {group} have nobody; join some of them"
        )
    shares = counts.sum(axis=1) / len(people)
    weights = (1 / (counts / counts.sum())).mul(shares, axis=0).stack()
    found = pd.MultiIndex.from_arrays([stratum, people[group]])
    result = pd.Series(weights.reindex(found).to_numpy(), index=people.index)
    if (is_large := result > LARGEST_WEIGHT).any():
        raise BadInput(f"{int(is_large.sum())} weights above {LARGEST_WEIGHT:g}; join some strata")
    return result


def describe_balance(
    people: pd.DataFrame, group: str, by: Sequence[str], weights: pd.Series
) -> pd.DataFrame:
    """How alike groups are before and after weighting: a row a trait, its value and a group, with
    share (of the group) and weighted_share, difference and weighted_difference (from everybody, in
    standard deviations; below 0.1 is usually called balanced)."""
    rows = []
    for trait in by:
        for value in sorted(people[trait].unique()):
            has = (people[trait] == value).to_numpy(dtype=float)
            whole = has.mean()
            spread = np.sqrt(whole * (1 - whole)) or 1.0
            for name, part in people.groupby(group, observed=True):
                own = people.index.isin(part.index)
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
    of `by`: `estimate_aalen_johansen` under `weigh_to_standard`, robust by person or `cluster`
    (weights taken as given, which is a little too wide).

    Columns group, time, n_at_risk (people), n_events (people), incidence, std_error, ci_lower,
    ci_upper. It removes differences in `by`, and no others: no effect of anything. Raises BadInput
    as `weigh_to_standard`.
    """
    weights, tables = weigh_to_standard(people, group, by), []
    for name, part in people.groupby(group, observed=True):
        table = estimate_aalen_johansen(
            part[days].to_numpy(),
            part[event].to_numpy(),
            causes=causes,
            weights=weights[part.index].to_numpy(),
            clusters=None if cluster is None else part[cluster].to_numpy(),
        )
        own = table[table["cause"] == 1].drop(columns="cause")
        plain = estimate_aalen_johansen(
            part[days].to_numpy(), part[event].to_numpy(), causes=causes
        )
        people_of = plain.loc[plain["cause"] == 1, ["n_at_risk", "n_events"]].to_numpy()
        tables.append(
            own.assign(**{group: name, "n_at_risk": people_of[:, 0], "n_events": people_of[:, 1]})
        )
    return pd.concat(tables, ignore_index=True)
