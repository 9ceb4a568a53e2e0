"""What a person meets beyond the first repeat: how many incidents by year, how unevenly they fall,
how soon one follows another, and where people are over time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers import survival
from helpers.cohort import (
    DAYS_A_YEAR,
    censor_departures,
    derive_first_event,
    select_followed,
    split_at_repeats,
)
from helpers.edition import BadInput
from helpers.repeats.analysis import describe_followed
from helpers.repeats.concentration import (
    estimate_concentration,
    estimate_rate_since,
    trace_affected,
)
from helpers.repeats.tables import select_whole, select_within

# Where a person is: neither of the others, in aid, registered again (until the end), gone or dead.
STATES = ("in_view", "in_aid", "again", "left", "dead")
NUMBERS = ["value", "ci_lower", "ci_upper"]
KEPT = ["unit", "n_behind", "grid"]
SEEN, BY_CHANCE = "as_registered", "by_chance"


def find_step(n: int) -> float:
    """The `grid` on which a number in a hundred of `n` may stand: a step of it is ten of them, or
    it would tell the exact count."""
    return 100 * survival.PEOPLE_BESIDE / max(n, 1)


def describe_numbers(cohort: pd.DataFrame, repeats: pd.DataFrame, *, years: int) -> pd.DataFrame:
    """By each year since the index incident: how many further incidents a hundred persons have met,
    and how many of a hundred have met any; death ends both, departure ends follow-up.

    Columns compared (incidents, persons), years, value, ci_lower, ci_upper (by index incident),
    unit, n_behind (persons with one by then), grid. Years beyond everybody's follow-up have no row.
    """
    spells = split_at_repeats(cohort, repeats)
    last = int(spells["stop"].max() // DAYS_A_YEAR) if len(spells) else 0
    at = np.arange(1, min(years, last) + 1)
    if not len(at) or not (spells["event"] == 1).any():
        return pd.DataFrame(columns=["compared", "years", *NUMBERS, *KEPT])
    met = survival.estimate_mean_cumulative(
        spells["stop"].to_numpy(),
        spells["event"].to_numpy(),
        spells["person"].to_numpy(),
        entry=spells["start"].to_numpy(),
        counts=spells["n_repeats"].clip(lower=1).to_numpy(),
        clusters=spells["index_incident"].to_numpy(),
        at=at * DAYS_A_YEAR,
    )
    curve = describe_followed(censor_departures(derive_first_event(cohort, repeats)))
    place = np.searchsorted(curve["time"].to_numpy(), at * DAYS_A_YEAR, side="right") - 1
    of_any = curve.iloc[place].rename(columns={"incidence": "value"})
    first = spells[spells["event"] == 1].groupby("person")["stop"].min()
    behind = [int((first <= year * DAYS_A_YEAR).sum()) for year in at]
    parts = [
        table[NUMBERS].mul(100).assign(compared=name, years=at, n_behind=behind)
        for name, table in (("incidents", met), ("persons", of_any))
    ]
    step = find_step(spells["person"].nunique())
    table = pd.concat(parts, ignore_index=True).assign(unit="per_100", grid=step)
    return table[["compared", "years", *NUMBERS, *KEPT]]


def count_incidents_each(
    cohort: pd.DataFrame, repeats: pd.DataFrame, *, years: int, study_end: int
) -> pd.DataFrame:
    """Persons whose index year leaves `years` whole, with the number of their repeats within them
    (`n_repeats`)."""
    whole = select_whole(cohort, years, study_end=study_end)
    within = select_within(repeats, whole, years).groupby("person").size()
    return whole.assign(n_repeats=whole["person"].map(within).fillna(0).astype(int))


def describe_concentration(whole: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """How unevenly incidents fall on persons (`count_incidents_each`), beside what chance alone
    gives where everybody has the same rate: category (gini, share_of_top_tenth), compared
    (as_registered, by_chance), value, ci_lower, ci_upper, unit, n_behind, grid. No row where nobody
    met one."""
    columns = ["category", "compared", *NUMBERS, *KEPT]
    counts = whole["n_repeats"].to_numpy()
    try:
        table = estimate_concentration(counts, rng=rng, clusters=whole["index_incident"].to_numpy())
    except BadInput:
        return pd.DataFrame(columns=columns)
    names = {"by_chance": "value", "chance_lower": "ci_lower", "chance_upper": "ci_upper"}
    parts = [
        table.assign(compared=SEEN),
        table.drop(columns=NUMBERS).rename(columns=names).assign(compared=BY_CHANCE),
    ]
    both = pd.concat(parts, ignore_index=True)
    is_share = both["category"] == "share_of_top_tenth"
    scale = np.where(is_share, 100.0, 1.0)
    numbers = {name: both[name] * scale for name in NUMBERS}
    grid = np.where(is_share, find_step(int(counts.sum())), 0.01)
    both = both.assign(**numbers, unit=np.where(is_share, "in_hundred", "of_one"), grid=grid)
    return both.sort_values(["category", "compared"], ignore_index=True)[columns]


def describe_affected(whole: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The Lorenz curve from its upper end: of all incidents, the share that the most affected tenth
    of persons meets, the two most affected tenths, and so on, beside what chance alone gives.
    Columns compared, people (in a hundred), value, unit, n_behind (persons with an incident among
    them), grid."""
    columns = ["compared", "people", "value", *KEPT]
    counts = whole["n_repeats"].to_numpy()
    if not counts.sum():
        return pd.DataFrame(columns=columns)
    tenths = np.arange(1, 11) / 10
    seen = trace_affected(counts, tenths)
    draws = [
        trace_affected(
            np.bincount(rng.integers(0, len(counts), counts.sum()), minlength=len(counts)), tenths
        )
        for _ in range(50)
    ]
    met = int((counts > 0).sum())
    behind = np.minimum(np.ceil(tenths * len(counts)), met).astype(int)
    people = (100 * tenths).round().astype(int)
    parts = [
        pd.DataFrame({"people": people, "value": 100 * values, "n_behind": behind})
        .assign(compared=name, unit="in_hundred", grid=find_step(int(counts.sum())))
        for name, values in ((SEEN, seen), (BY_CHANCE, np.mean(draws, axis=0)))
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)[columns]


def describe_since(
    cohort: pd.DataFrame, repeats: pd.DataFrame, *, months: int = 24
) -> pd.DataFrame:
    """`estimate_rate_since` of the cohort: months, value (incidents a person-year), ci_lower,
    ci_upper, unit, n_behind. No row for nobody, nor for a month without an incident."""
    columns = ["months", *NUMBERS, "unit", "n_behind"]
    spells = split_at_repeats(cohort, repeats)
    if not len(spells):
        return pd.DataFrame(columns=columns)
    table = estimate_rate_since(spells, months=months, cluster="index_incident")
    table = table[table["n_events"] > 0].rename(columns={"month": "months"})
    rounded = {name: table[name].round(2) for name in NUMBERS}
    return table.assign(**rounded, unit="person_year")[columns].reset_index(drop=True)


def split_states(cohort: pd.DataFrame, repeats: pd.DataFrame, stays: pd.DataFrame) -> pd.DataFrame:
    """The follow-up of each person as spells (start, stop] in one of STATES: person, start, stop,
    state, to_state (missing where follow-up just ends), index_incident. `stays` are stays in aid
    (person, start_date, end_date; missing: it goes on); whoever is registered again is so until the
    end, in aid or not."""
    people = select_followed(cohort).set_index("person")
    first = repeats.groupby("person")["days"].min().reindex(people.index).astype(float)
    first = first.where((first <= people["days"]) & (first > people["entry_days"]))
    end = people["days"] + np.where(first == people["days"], 0.5, 0.0)
    turns = [
        pd.DataFrame({"time": people["entry_days"].astype(float), "state": "in_view"}),
        *_list_stays(people, first.fillna(end), stays),
        pd.DataFrame({"time": first.dropna(), "state": "again"}),
        pd.DataFrame(
            {"time": end, "state": people["exit_reason"].map({"died": "dead", "deregistered": "left"})}
        ),
    ]  # fmt: skip
    turns = [
        part.rename_axis("person").reset_index().assign(rank=k) for k, part in enumerate(turns)
    ]
    ordered = pd.concat(turns, ignore_index=True).sort_values(["person", "time", "rank"])
    ordered = ordered.drop_duplicates(["person", "time"], keep="last")
    is_last = ordered["person"] != ordered["person"].shift(-1)
    following = ordered.groupby("person")[["time", "state"]].shift(-1)
    spells = ordered.rename(columns={"time": "start"}).assign(
        stop=following["time"], to_state=following["state"]
    )[~is_last]
    return spells.assign(
        index_incident=people["index_incident"].reindex(spells["person"]).to_numpy()
    ).drop(columns="rank").reset_index(drop=True)  # fmt: skip


def _list_stays(
    people: pd.DataFrame, until: pd.Series, stays: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """When stays in aid end and when they begin, of each person, stays that touch joined, between
    the beginning of follow-up and `until`."""
    own = stays[stays["person"].isin(people.index)]
    index = people["index_date"].reindex(own["person"]).to_numpy()
    begins, ends = (
        pd.Series((own[name].to_numpy().astype("datetime64[s]") - index) / np.timedelta64(1, "D"))
        for name in ("start_date", "end_date")
    )
    limits = (series.reindex(own["person"]).to_numpy() for series in (people["entry_days"], until))
    lower, upper = limits
    frame = pd.DataFrame(
        {
            "person": own["person"].to_numpy(),
            "begins": np.maximum(begins, lower),
            "ends": np.minimum(ends.fillna(np.inf), upper),
        }
    ).astype({"begins": float, "ends": float})
    frame = frame[frame["begins"] < frame["ends"]].sort_values(["person", "begins", "ends"])
    reach = frame.groupby("person")["ends"].cummax().groupby(frame["person"]).shift()
    run = (~(frame["begins"] <= reach)).cumsum()
    joined = frame.groupby(run).agg({"person": "first", "begins": "min", "ends": "max"})
    joined = joined.set_index("person")
    ended = pd.DataFrame({"time": joined["ends"], "state": "in_view"})
    return ended, pd.DataFrame({"time": joined["begins"], "state": "in_aid"})


def describe_states(
    cohort: pd.DataFrame,
    repeats: pd.DataFrame,
    stays: pd.DataFrame,
    *,
    years: Sequence[int],
) -> pd.DataFrame:
    """The share of persons in each of STATES by `years` since the index incident: state, years,
    value (in a hundred), ci_lower, ci_upper (by index incident), unit, n_behind (persons who have
    been there by then), grid. States that nobody was in, and years beyond the follow-up, have no
    row."""
    columns = ["state", "years", *NUMBERS, *KEPT]
    spells = split_states(cohort, repeats, stays)
    at = [year for year in years if len(spells) and year * DAYS_A_YEAR <= spells["stop"].max()]
    if not at:
        return pd.DataFrame(columns=columns)
    table = survival.estimate_multi_state(
        spells, STATES, [year * DAYS_A_YEAR for year in at], cluster="index_incident"
    ).rename(columns={"probability": "value"})
    table["years"] = (table["time"] / DAYS_A_YEAR).round().astype(int)
    been = _list_arrivals(spells)
    table["n_behind"] = [
        int((been[state] <= time).sum())
        for state, time in zip(table["state"], table["time"], strict=True)
    ]
    # Whole hundredths: all states add up to everybody, so finer ones would tell how few are hidden.
    step = max(find_step(spells["person"].nunique()), 1.0)
    scaled = {name: 100 * table[name] for name in NUMBERS}
    table = table[table["n_behind"] > 0].assign(**scaled, unit="in_hundred", grid=step)
    order = table["state"].map(STATES.index)
    table = table.assign(order=order).sort_values(["order", "years"], ignore_index=True)
    return table[columns]


def _list_arrivals(spells: pd.DataFrame) -> dict[str, pd.Series]:
    """When each person first is in each state."""
    ends = spells[["person", "stop", "to_state"]].dropna()
    ends = ends.set_axis(["person", "start", "state"], axis=1)
    came = pd.concat([spells[["person", "start", "state"]], ends])
    return {
        state: came.loc[came["state"] == state].groupby("person")["start"].min() for state in STATES
    }
