"""How many events a person meets: the mean cumulative function, with death as an end."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from helpers.edition import BadInput
from helpers.survival.influence import Clustered, find_mean_errors, read_clustered
from helpers.survival.limits import find_multiplier
from helpers.survival.risk import divide, read_labels

EVENT, END = 1, 2


def estimate_mean_cumulative(
    time: np.ndarray,
    event: np.ndarray,
    person: np.ndarray,
    *,
    entry: np.ndarray | None = None,
    counts: np.ndarray | None = None,
    clusters: np.ndarray | None = None,
    at: np.ndarray | None = None,
) -> pd.DataFrame:
    """The mean number of events that a person has met by each time. A row is a spell (entry, time]
    of `person` that ends in an event (1; `counts` of them, else one), in what ends the chance of
    any (2, death) or in neither (0).

    Who died stays among those counted, without further events (Ghosh and Lin 2000); without deaths
    it is the mean of Lawless and Nadeau (1995). Columns time, n_at_risk, n_events, value, std_error,
    ci_lower, ci_upper (log), at the times of events, or `at`. Errors are by person, or by
    `clusters` with the limits of `find_multiplier`. R, without deaths: survfit(Surv(entry, time,
    event) ~ 1, id = person, cluster)$cumhaz and std.chaz. Raises BadInput as `read_follow_up`, for
    spells of one person that overlap, and for counts below 1.
    """
    n = len(np.asarray(time))
    who = read_labels(person, n, what="person")
    entry = np.full(n, -1.0) if entry is None else np.asarray(entry, dtype=float)
    _check_overlap(np.asarray(time, dtype=float), entry, who)
    counts = np.ones(n) if counts is None else np.asarray(counts, dtype=float)
    if not (counts >= 1).all():
        raise BadInput(
            f"{int((~(counts >= 1)).sum())} counts below 1; a spell without an event has the code 0"
        )
    groups = who if clusters is None else read_labels(clusters, n, what="cluster")
    data = read_clustered(time, event, causes=2, entry=entry, clusters=groups)
    order = np.lexsort([groups, entry, np.asarray(event), np.asarray(time, dtype=float)])
    return _describe(data, counts[order], None if clusters is None else data.n_clusters, at)


def _check_overlap(time: np.ndarray, entry: np.ndarray, who: np.ndarray) -> None:
    order = np.lexsort((time, entry, who))
    same = who[order][1:] == who[order][:-1]
    if overlaps := int((same & (entry[order][1:] < time[order][:-1])).sum()):
        raise BadInput(f"{overlaps} spells begin before the person's last one ends; mend the rows")


def _describe(
    data: Clustered, counts: np.ndarray, clusters: int | None, at: np.ndarray | None
) -> pd.DataFrame:
    """The function and its errors at each time asked for. A death takes all that would have come
    after it."""
    risk, rows = data.risk, data.rows
    gained = np.where(rows.event == EVENT, counts, 0.0)
    place = np.searchsorted(risk.times, rows.time)
    happened = np.bincount(place, weights=gained, minlength=len(risk.times))
    n, ended = risk.at_risk.astype(float), risk.events[:, END - 1]
    before = np.concatenate([[1.0], np.cumprod(1 - divide(ended, n))[:-1]])
    value = np.concatenate([[0.0], np.cumsum(before * divide(happened, n))])
    errors = find_mean_errors(
        data, ending=ended, happened=happened, is_end=rows.event == END, gained=gained
    )
    if at is None:
        chosen = np.flatnonzero(happened) + 1
        at = risk.times[chosen - 1]
    else:
        chosen = np.searchsorted(risk.times, np.asarray(at, dtype=float), side="right")
    of, std_error = value[chosen], np.concatenate([[0.0], errors])[chosen]
    multiplier = find_multiplier(clusters)
    width = np.exp(multiplier * divide(std_error, of))
    edge = 0.0 if math.isfinite(multiplier) else math.nan
    return pd.DataFrame(
        {
            "time": np.asarray(at, dtype=float),
            "n_at_risk": np.append(n, 0.0)[np.searchsorted(risk.times, at)],
            "n_events": np.concatenate([[0.0], happened])[chosen],
            "value": of,
            "std_error": std_error,
            "ci_lower": np.where(of > 0, of / width, edge),
            "ci_upper": np.where(of > 0, of * width, edge),
        }
    )
