"""How unevenly incidents fall on people: Lorenz curve, Gini, the share that the most affected tenth
meets, each beside what chance alone would give; and the rate by months since the last incident."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd

from helpers.cohort import DAYS_A_YEAR
from helpers.edition import BadInput
from helpers.survival import LEAST_CLUSTERS, find_multiplier
from helpers.survival.risk import check_columns, read_labels, read_numbers, read_spells

TENTH, DAYS_A_MONTH = 0.1, DAYS_A_YEAR / 12
NEEDED = ("person", "start", "stop", "number", "event", "n_repeats")
MEASURES = ("gini", "share_of_top_tenth")
# Of so many people, those who are alike are drawn together: the same law, other random numbers.
MANY = 100_000
Draw = Callable[[np.random.Generator], tuple[float, float] | None]
Deal = Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray]]
MOST_INCIDENTS = 10_000_000  # of one person; more are a mistake, and would be counted one by one


def trace_lorenz(counts: np.ndarray) -> pd.DataFrame:
    """The Lorenz curve: share_of_people (from the least to the most affected) and the
    share_of_incidents that they met, a row a distinct number of incidents, from 0, 0 to 1, 1.
    Raises BadInput where nobody met one."""
    numbers, people = _tabulate(counts)
    met = numbers * people
    return pd.DataFrame(
        {
            "share_of_people": np.concatenate([[0.0], np.cumsum(people) / people.sum()]),
            "share_of_incidents": np.concatenate([[0.0], np.cumsum(met) / met.sum()]),
        }
    )


def trace_affected(counts: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """The share of all incidents that each of these `shares` of people, the most affected ones,
    meets: 1 - L(1 - share) of the Lorenz curve. Raises BadInput where nobody met one."""
    curve, shares = trace_lorenz(counts), read_numbers(shares, "shares of people")
    if not ((shares >= 0) & (shares <= 1)).all():
        raise BadInput("shares of people lie between 0 and 1")
    met = np.interp(1 - shares, curve["share_of_people"], curve["share_of_incidents"])
    return 1 - met


def estimate_concentration(
    counts: np.ndarray,
    *,
    rng: np.random.Generator,
    years: np.ndarray | None = None,
    clusters: np.ndarray | None = None,
    draws: int = 1000,
) -> pd.DataFrame:
    """The Gini coefficient of incidents over people, and the share that the most affected tenth
    meets (1 - L(0.9) of the Lorenz curve), with percentile limits of a bootstrap by cluster (by
    person without `clusters`; none below LEAST_CLUSTERS), beside what chance alone gives where
    everybody has the same rate: as many incidents dealt over the people by their `years` of
    follow-up, the mean and the middle 95 percent of the draws.

    Columns category, value, ci_lower, ci_upper, by_chance, chance_lower, chance_upper, n_behind
    (people with an incident). Few incidents are uneven by chance: many people then have none.
    Raises BadInput where nobody met an incident.
    """
    counts = read_numbers(counts, "numbers of incidents")
    n = len(counts)
    _tabulate(counts)
    codes = np.arange(n)
    if clusters is not None:  # in the order of the people, so that the same people draw the same
        codes = pd.factorize(read_labels(clusters, n, what="cluster"))[0]
    n_clusters = int(codes.max()) + 1
    at_risk = np.ones(n) if years is None else read_numbers(years, "years", n=n).astype(float)
    is_known = (at_risk > 0) & np.isfinite(at_risk)
    if not is_known.all():
        raise BadInput(f"{int((~is_known).sum())} people have no follow-up; leave them out")
    resample = _resample_many(counts, codes) if n > MANY else _resample(counts, codes)
    again = [resample(rng) for _ in range(draws)]
    is_even = n > MANY and (at_risk == at_risk[0]).all()
    deal = _deal_evenly(n, int(counts.sum())) if is_even else _deal(at_risk, int(counts.sum()))
    chance = [_measure(*deal(rng)) for _ in range(draws)]
    limits = np.quantile([pair for pair in again if pair is not None], [0.025, 0.975], axis=0)
    if n_clusters < LEAST_CLUSTERS:
        limits = np.full((2, len(MEASURES)), np.nan)
    by_chance = np.quantile(chance, [0.025, 0.975], axis=0)
    return pd.DataFrame(
        {
            "category": MEASURES,
            "value": _measure(counts, np.ones(len(counts))),
            "ci_lower": limits[0],
            "ci_upper": limits[1],
            "by_chance": np.mean(chance, axis=0),
            "chance_lower": by_chance[0],
            "chance_upper": by_chance[1],
            "n_behind": int((counts > 0).sum()),
        }
    )


def _tabulate(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    counts = read_numbers(counts, "numbers of incidents")
    if not ((counts >= 0) & (counts <= MOST_INCIDENTS) & (counts == np.floor(counts))).all():
        raise BadInput(f"numbers of incidents are whole numbers of 0 to {MOST_INCIDENTS:,}")
    if not counts.sum() > 0:
        raise BadInput("nobody met an incident; there is nothing to share out")
    return np.unique(counts, return_counts=True)


def _resample(counts: np.ndarray, codes: np.ndarray) -> Draw:
    """Draws the measures with clusters drawn with replacement; None where none of them met an
    incident."""
    n_clusters = int(codes.max()) + 1

    def draw(rng: np.random.Generator) -> tuple[float, float] | None:
        drawn = rng.integers(0, n_clusters, n_clusters)
        times = np.bincount(drawn, minlength=n_clusters)[codes]
        return _measure(counts, times.astype(float)) if (counts * times).sum() else None

    return draw


def _resample_many(counts: np.ndarray, codes: np.ndarray) -> Draw:
    """`_resample`, where clusters with the same numbers of incidents are one: how often each kind
    of cluster is drawn is multinomial."""
    numbers, place = np.unique(counts, return_inverse=True)
    cells, people = np.unique(codes.astype(np.int64) * len(numbers) + place, return_counts=True)
    cluster, number = np.divmod(cells, len(numbers))
    _, first, size = np.unique(
        _find_kinds(cluster, number * (people.max() + 1) + people),
        return_index=True,
        return_counts=True,
    )
    kind = np.full(int(cluster[-1]) + 1, -1)
    kind[first] = np.arange(len(first))
    own = kind[cluster] >= 0
    kind, number, people = kind[cluster[own]], number[own], people[own]
    share = size / size.sum()

    def draw(rng: np.random.Generator) -> tuple[float, float] | None:
        drawn = rng.multinomial(size.sum(), share)
        weight = np.bincount(number, weights=drawn[kind] * people, minlength=len(numbers))
        return _measure(numbers, weight) if (numbers * weight).sum() else None

    return draw


def _find_kinds(cluster: np.ndarray, cell: np.ndarray) -> np.ndarray:
    """The same number for clusters (a code a row, in order) with the same cells."""
    starts = np.flatnonzero(np.r_[True, cluster[1:] != cluster[:-1]])
    place = np.arange(len(cluster)) - np.repeat(starts, np.diff(np.r_[starts, len(cluster)]))
    codes = 1 + np.unique(cell, return_inverse=True)[1]
    kind = np.zeros(len(starts), dtype=np.int64)
    for number in range(int(place.max()) + 1):
        here = place == number
        kind *= int(codes.max()) + 1
        kind[cluster[here]] += codes[here]
        kind = np.unique(kind, return_inverse=True)[1]
    return kind


def _deal(at_risk: np.ndarray, incidents: int) -> Deal:
    """Deals so many incidents over people at random, by their years: how many each meets, and
    ones."""
    passed, everybody = np.cumsum(at_risk), np.ones(len(at_risk))

    def deal(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        place = np.searchsorted(passed, rng.random(incidents) * passed[-1], side="right")
        return np.bincount(place, minlength=len(passed)), everybody

    return deal


def _deal_evenly(n: int, incidents: int) -> Deal:
    """`_deal` over `n` people with the same years: numbers of incidents, and how many people meet
    each. Nearly all are dealt as independent Poisson numbers, of which only how many people have
    each is drawn; given their sum these are dealt evenly, and so are the few that are left, one by
    one."""
    from scipy.stats import poisson  # here, so that who does not draw does not wait for it

    mean = max(incidents - 6 * math.sqrt(incidents), 0.0) / n
    top = int(mean + 12 * math.sqrt(mean)) + 30  # nobody in 10^18 has more
    share = poisson.pmf(np.arange(top), mean)

    def deal(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        left = -1
        while left < 0:  # more than were to be dealt, once in a billion draws
            people = rng.multinomial(n, share / share.sum())
            left = incidents - int((people * np.arange(top)).sum())
        person, more = np.unique(rng.integers(0, n, left), return_counts=True)
        had = np.searchsorted(np.cumsum(people), person, side="right")
        now = np.bincount(had + more, minlength=top)
        people = np.pad(people, (0, len(now) - top)) + now - np.bincount(had, minlength=len(now))
        return np.arange(len(people)), people.astype(float)

    return deal


def _measure(counts: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Gini (twice the area between the diagonal and the Lorenz curve) and the share of the top
    tenth."""
    people = np.bincount(counts.astype(int), weights=weight)
    met = people * np.arange(len(people))
    x = np.concatenate([[0.0], np.cumsum(people) / people.sum()])
    y = np.concatenate([[0.0], np.cumsum(met) / met.sum()])
    area = float((np.diff(x) * (y[1:] + y[:-1])).sum() / 2)
    return 1 - 2 * area, float(1 - np.interp(1 - TENTH, x, y))


def estimate_rate_since(
    spells: pd.DataFrame, *, months: int = 24, cluster: str | None = None
) -> pd.DataFrame:
    """Near repeats: the rate of further incidents by months since the last one (the index incident
    counts). `spells` as `cohort.split_at_repeats` makes them.

    Columns month (1 for the first), n_events, person_years, value (incidents a person-year),
    ci_lower, ci_upper (log; errors by person, or by `cluster`; none in a month without an
    incident), n_behind (people with one). A rate that falls may mean that risk fades, or that those
    at high risk are met early. Raises BadInput for nobody, and as
    `survival.estimate_mean_cumulative`.
    """
    check_columns(spells, (*NEEDED, cluster))
    if not len(spells):
        raise BadInput("nobody is followed; there is nothing to estimate")
    known = read_spells(spells["person"], spells["start"], spells["stop"])
    start, stop = known.start.astype(float), known.stop.astype(float)
    number, event, repeats = (read_numbers(spells[name], name) for name in NEEDED[3:])
    if wrong := int((~np.isin(event, (0, 1, 2))).sum()):
        raise BadInput(f"{wrong} event codes other than 0, 1, 2; mend the rows")
    is_first = number == 1
    begins, ends = np.where(is_first, start, 0.0), np.where(is_first, stop, stop - start)
    happened = np.where(event == 1, np.ceil(ends / DAYS_A_MONTH), 0)
    codes = known.person
    if cluster is not None:
        codes = read_labels(spells[cluster], len(spells), what="cluster")
    n_clusters, rows = int(codes.max()) + 1, []
    multiplier = find_multiplier(n_clusters if cluster else None)
    for month in range(1, months + 1):
        since, until = (month - 1) * DAYS_A_MONTH, month * DAYS_A_MONTH
        days = np.clip(np.minimum(ends, until) - np.maximum(begins, since), 0.0, None)
        events = np.where(happened == month, repeats, 0)
        n, time = events.sum(), days.sum() / DAYS_A_YEAR
        if not time:
            continue
        rate = n / time
        pulls = np.bincount(codes, weights=events - rate * days / DAYS_A_YEAR)
        width = np.exp(multiplier * np.sqrt((pulls**2).sum()) / n) if n else np.nan
        behind = len(np.unique(known.person[happened == month]))
        rows.append((month, int(n), time, rate, rate / width, rate * width, behind))
    columns = ["month", "n_events", "person_years", "value", "ci_lower", "ci_upper", "n_behind"]
    return pd.DataFrame(rows, columns=columns)
