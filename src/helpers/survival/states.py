"""Where people are over time, when they move between several states: the estimator of Aalen and
Johansen of a matrix of moves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.edition import BadInput
from helpers.survival.curves import add_limits
from helpers.survival.limits import find_multiplier
from helpers.survival.risk import check_columns, divide, join_times, read_labels, read_spells


def estimate_multi_state(
    rows: pd.DataFrame,
    states: Sequence[str],
    at: Sequence[float],
    *,
    person: str = "person",
    start: str = "start",
    stop: str = "stop",
    state: str = "state",
    to_state: str = "to_state",
    cluster: str | None = None,
) -> pd.DataFrame:
    """The share of people in each of `states` at the times `at`. A row is a spell (start, stop] of
    `person` in `state` that ends in a move to `to_state`, or in none (missing: followed no longer,
    or the same state).

    Columns time, state, n_at_risk, probability, std_error, ci_lower, ci_upper (log-log). People
    begin as those do who are followed from the first time on. Errors are by person, or by `cluster`
    with the limits of `find_multiplier`. R: survfit(Surv(start, stop, to_state) ~ 1, id = person,
    istate = state)$pstate and std.err. Raises BadInput for nobody, unknown states, spells that end
    before they start or overlap, and times beyond the follow-up.
    """
    names = list(states)
    data = _read(rows, names, person, start, stop, state, to_state, cluster)
    if not len(at):
        raise BadInput("no time is asked for; name one")
    if (beyond := ~(np.asarray(at, dtype=float) <= data["stop"].max())).any():
        raise BadInput(f"{int(beyond.sum())} of the times lie beyond everybody's follow-up")
    moves = data[data["to"] != data["from"]]
    times = np.unique(moves["stop"].to_numpy())
    s, shape = len(names), (len(times), len(names), len(names))
    place = np.searchsorted(times, moves["stop"].to_numpy())
    cells = (place * s + moves["from"].to_numpy()) * s + moves["to"].to_numpy()
    counts = np.bincount(cells, minlength=int(np.prod(shape))).reshape(shape).astype(float)
    at_risk = np.stack([_count_at_risk(data[data["from"] == k], times) for k in range(s)], axis=1)
    rates = divide(counts, at_risk[:, :, None])
    rates -= np.einsum("tij,ik->tik", rates, np.eye(s))
    begins = data["start"].min()
    first = data[data["start"] == begins]
    shares = np.bincount(first["from"], minlength=s) / len(first)
    before, probability = [], [shares]
    for rate in rates:
        before.append(probability[-1])
        probability.append(probability[-1] @ (np.eye(s) + rate))
    parts = [
        _describe(
            data, names, time, times, counts, at_risk, rates, before, probability, first.index
        )
        for time in np.asarray(at, dtype=float)
    ]
    clusters = None if cluster is None else data["cluster"].nunique()
    return add_limits(
        pd.concat(parts, ignore_index=True), find_multiplier(clusters), column="probability"
    )


def _read(
    rows: pd.DataFrame,
    names: list[str],
    person: str,
    start: str,
    stop: str,
    state: str,
    to_state: str,
    cluster: str | None,
) -> pd.DataFrame:
    """Spells with codes for states, in an order that the rows' own order does not change."""
    check_columns(rows, (person, start, stop, state, to_state, cluster))
    if not len(rows):
        raise BadInput("nobody is followed; there is nothing to estimate")
    if len(set(names)) < len(names):
        raise BadInput("a state is named twice; name each once")
    goes_to = rows[to_state].astype(object).where(rows[to_state].notna(), rows[state])
    for column in (rows[state], goes_to):
        if unknown := int((~column.isin(names)).sum()):
            raise BadInput(f"{unknown} spells have a state that is not one of {', '.join(names)}")
    spells = read_spells(rows[person], rows[start], rows[stop])
    ended, begun = join_times(spells.stop.astype(float), spells.start.astype(float))
    by = person if cluster is None else cluster
    return pd.DataFrame(
        {
            "person": spells.person,
            "cluster": read_labels(rows[by], len(rows), what="cluster"),
            "start": begun,
            "stop": ended,
            "from": pd.Categorical(rows[state].astype(object), names).codes.astype(int),
            "to": pd.Categorical(goes_to, names).codes.astype(int),
        }
    ).sort_values(["cluster", "person", "start", "stop"], ignore_index=True)


def _count_at_risk(spells: pd.DataFrame, times: np.ndarray) -> np.ndarray:
    starts, stops = (np.sort(spells[name].to_numpy()) for name in ("start", "stop"))
    return (
        np.searchsorted(starts, times, side="left") - np.searchsorted(stops, times, side="left")
    ).astype(float)


def _describe(
    data: pd.DataFrame,
    names: list[str],
    time: float,
    times: np.ndarray,
    counts: np.ndarray,
    at_risk: np.ndarray,
    rates: np.ndarray,
    before: list[np.ndarray],
    probability: list[np.ndarray],
    first: pd.Index,
) -> pd.DataFrame:
    """Shares and errors at one time. A move from j to l at s changes the share of k by p_j(s-)
    times the difference between the chances of being in k later from l and from j."""
    last, s = int(np.searchsorted(times, time, side="right")), len(names)
    ahead, later = np.eye(s), np.empty((last, s, s))  # `later`: the chances just after each time
    for place in range(last - 1, -1, -1):
        later[place] = ahead
        ahead = ahead + rates[place] @ ahead
    n, p = at_risk[:last], np.asarray(before[:last]).reshape(last, s)
    gap = later[:, None, :, :] - later[:, :, None, :]  # from j (rows), to l, of k
    slopes = divide(p, n)[:, :, None, None] * gap
    lost = divide(counts[:last], n[:, :, None])
    presence = -(slopes * lost[:, :, :, None]).sum(axis=2)
    errors = _sum_clusters(data, times, last, slopes, presence, ahead, probability[0], first)
    n = np.array([_count_at_risk(data[data["from"] == k], np.array([time]))[0] for k in range(s)])
    return pd.DataFrame(
        {
            "time": time,
            "state": names,
            "n_at_risk": n,
            "probability": np.clip(probability[last], 0.0, 1.0),
            "std_error": errors,
        }
    )


def _sum_clusters(
    data: pd.DataFrame,
    times: np.ndarray,
    last: int,
    slopes: np.ndarray,
    presence: np.ndarray,
    ahead: np.ndarray,
    shares: np.ndarray,
    first: pd.Index,
) -> np.ndarray:
    """The square root of the summed squares of each cluster's influence on each state's share."""
    s = len(shares)
    passed = np.concatenate([np.zeros((1, s, s)), np.cumsum(presence, axis=0)])
    since, until = (
        np.minimum(np.searchsorted(times, data[name].to_numpy(), side="right"), last)
        for name in ("start", "stop")
    )
    origin, goal = data["from"].to_numpy(), data["to"].to_numpy()
    influence = passed[until, origin] - passed[since, origin]
    moved = np.flatnonzero(
        (origin != goal) & (np.searchsorted(times, data["stop"].to_numpy()) < last)
    )
    place = np.searchsorted(times, data["stop"].to_numpy()[moved])
    influence[moved] += slopes[place, origin[moved], goal[moved]]
    # Who is followed from the first time on also says where people begin.
    influence[first] += (np.eye(s)[origin[first]] - shares) @ ahead / len(first)
    cluster = data["cluster"].to_numpy()
    sums = [np.bincount(cluster, weights=column) for column in influence.T]
    return np.sqrt(np.array([(part**2).sum() for part in sums]))
