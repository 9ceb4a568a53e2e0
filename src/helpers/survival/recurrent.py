"""How many events a person meets: the mean cumulative function, with death as an end."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from helpers.edition import BadInput
from helpers.survival.influence import Clustered, find_mean_errors, read_clustered
from helpers.survival.limits import find_multiplier
from helpers.survival.risk import divide, join_times, read_labels, read_numbers, read_spells

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
    it is the mean of Lawless and Nadeau (1995). Columns time, n_at_risk, n_events, value,
    std_error, ci_lower, ci_upper (log), at the times of events, or `at`. Errors are by person, or
    by `clusters` with the limits of `find_multiplier`. R, without deaths: survfit(Surv(entry, time,
    event) ~ 1, id = person, cluster)$cumhaz and std.chaz. Raises BadInput as `read_follow_up`, for
    spells of one person that overlap, and for counts below 1.
    """
    time = read_numbers(time, "the times")
    n = len(time)
    spells = read_spells(person, np.full(n, -1) if entry is None else entry, time)
    counts = np.ones(n) if counts is None else read_numbers(counts, "the counts", n=n).astype(float)
    is_wrong = ~((counts >= 1) & (np.floor(counts) == counts) & np.isfinite(counts))
    if is_wrong.any():
        raise BadInput(
            f"{int(is_wrong.sum())} counts that are not 1 or more; a spell without an event has the code 0"
        )
    groups = spells.person if clusters is None else read_labels(clusters, n, what="cluster")
    # One time where they differ by rounding: the order below is that of the checked rows.
    time, start = join_times(time.astype(float), spells.start.astype(float))
    event = read_numbers(event, "the events", n=n)
    data = read_clustered(time, event, causes=2, entry=start, clusters=groups)
    order = np.lexsort([groups, start, event, time])
    return _describe(data, counts[order], None if clusters is None else data.n_clusters, at)


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
        at = read_numbers(at, "the times asked for").astype(float)
        if beyond := int((~(at <= risk.times[-1])).sum()):
            raise BadInput(f"{beyond} of the times lie beyond everybody's follow-up")
        chosen = np.searchsorted(risk.times, at, side="right")
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
