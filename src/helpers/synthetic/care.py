"""Draws youth care and shelter: of the victims after the offences, of the controls in the year that
they are looked up in."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.definitions import NOT_RECORDED
from helpers.synthetic.allocation import (
    deal,
    deal_round,
    pick,
    pick_to_total,
    read_plan,
    share_out,
)
from helpers.synthetic.controls import Controls
from helpers.synthetic.people import AID

DAY = "datetime64[D]"
LAST_DAY = np.datetime64("2020-12-31")
YEAR_STARTS, YEAR_ENDS = np.datetime64("2019-01-01"), np.datetime64("2019-12-31")
# Aid counts that starts on the day the offences ended or within so many days (section 3.2).
WITHIN = 365
# Days that aid lasts at most, and that it began before the year in which controls are looked up.
LONGEST, LONGEST_BEFORE = 400, 180
# Noise. Of the victims without aid in the window so many have aid that began before the offences
# ended, and after the window; adolescents with youth care; and of a hundred controls, how many had
# aid that ended before the year, and that began after it. One of ten spells of controls goes on.
OUT_OF_WINDOW, ADOLESCENTS_IN_CARE, OTHER_YEARS_PERCENT, OPEN_EVERY = 20, 30, 2, 10
SHELTER_AGE_COHORT = 2000


def draw_youth_care(rng: np.random.Generator, controls: Controls) -> pd.DataFrame:
    """Rows of youth care: person (`place`, `is_control`), dates, care type, referrer, crisis, end
    reason."""
    people, plan = controls.people, read_plan("police")
    is_minor = (people["block"].isin(AID) & (people["age_group"] == "minor")).to_numpy()
    minors = np.flatnonzero(is_minor)
    chosen = pick(rng, minors, plan[0, "youth_care"]["victims"])
    victims = _deal_care(rng, people, chosen)
    rest = np.setdiff1d(minors, chosen)
    older = pick(
        rng,
        np.flatnonzero(people["block"].isin(AID) & (people["age_group"] == "adolescent")),
        ADOLESCENTS_IN_CARE,
    )
    outside = _draw_outside(rng, people, rest, older)
    outside = outside.assign(**_deal_shares(rng, len(outside)), is_crisis=False)
    return pd.concat(
        [
            victims,
            _close(
                pd.concat([outside, _draw_control_care(rng, controls, is_minor)], ignore_index=True)
            ),
        ],
        ignore_index=True,
    )


def _find_base(people: pd.DataFrame, place: np.ndarray) -> np.ndarray:
    """The day from which aid counts: the end of the offences, or the registration where no end is
    recorded."""
    return people["end"].fillna(people["registered"]).to_numpy(dtype=DAY)[place]


def _write(
    place: np.ndarray, start: np.ndarray, length: np.ndarray | int, *, is_control: bool
) -> pd.DataFrame:
    return pd.DataFrame(
        {"place": place, "is_control": is_control, "start_date": start, "end_date": start + length}
    )


def _deal_care(rng: np.random.Generator, people: pd.DataFrame, chosen: np.ndarray) -> pd.DataFrame:
    """Trajectories of victims in care: one for each kind of care that the plan deals to a
    person."""
    plan, n = read_plan("police"), len(chosen)
    order = rng.permutation(n)
    kinds, referrers, reasons = (
        deal_round(order, plan[0, name]) for name in ("care_type", "referrer", "end_reason")
    )
    crisis = set(pick(rng, np.arange(n), plan[0, "youth_care"]["crisis_victims"]).tolist())
    rows = [
        (
            person,
            kind,
            referrers[person][min(turn, len(referrers[person]) - 1)],
            turn == 0 and person in crisis,
            reasons[person][turn] if turn < len(reasons[person]) else NOT_RECORDED,
        )
        for person in range(n)
        for turn, kind in enumerate(kinds[person])
    ]
    table = pd.DataFrame(
        rows, columns=["person", "care_type", "referrer", "is_crisis", "end_reason"]
    )
    place = chosen[table["person"]]
    start = _find_base(people, place) + rng.integers(0, WITHIN + 1, len(place))
    end = np.minimum(start + rng.integers(20, LONGEST, len(place)), LAST_DAY)
    goes_on = (table["end_reason"] == NOT_RECORDED).to_numpy()
    dates = pd.DataFrame(
        {
            "place": place,
            "is_control": False,
            "start_date": start,
            "end_date": np.where(goes_on, np.datetime64("NaT"), end),
        }
    )
    return pd.concat([dates, table.drop(columns="person")], axis=1)


def _draw_outside(
    rng: np.random.Generator, people: pd.DataFrame, rest: np.ndarray, others: np.ndarray
) -> pd.DataFrame:
    """Aid of victims that does not count: begun before the offences ended, begun after the window,
    or of others who are not looked at."""
    late = pick(rng, rest[_find_base(people, rest) < YEAR_STARTS], OUT_OF_WINDOW)
    early = pick(rng, np.setdiff1d(rest, late), OUT_OF_WINDOW)
    before = _find_base(people, early) - rng.integers(1, WITHIN, len(early))
    after = _find_base(people, late) + WITHIN + 1 + rng.integers(0, WITHIN, len(late))
    own = _find_base(people, others) + rng.integers(0, WITHIN + 1, len(others))
    return pd.concat(
        [
            _write(early, before, WITHIN + rng.integers(20, LONGEST, len(early)), is_control=False),
            _write(late, after, rng.integers(20, LONGEST, len(late)), is_control=False),
            _write(others, own, rng.integers(20, LONGEST, len(others)), is_control=False),
        ],
        ignore_index=True,
    )


def _deal_shares(rng: np.random.Generator, n: int) -> dict[str, np.ndarray]:
    """Kinds, referrers and end reasons in the shares of the controls."""
    return {name: _deal_in_shares(rng, n, name) for name in ("care_type", "referrer", "end_reason")}


def _deal_in_shares(rng: np.random.Generator, n: int, name: str) -> np.ndarray:
    quotas = read_plan("police")[0, f"{name}_controls"]
    percents = share_out(100, list(quotas.values()))
    codes = [code for code, n in zip(quotas, percents, strict=True) for _ in range(n)]
    return deal(rng, n, {}, rest=codes)


def _deal_matches(rng: np.random.Generator, weights: np.ndarray, name: str) -> np.ndarray:
    """A code for each of these controls: those with it are so often a control as the plan says."""
    codes, left = np.full(len(weights), "", dtype=object), np.arange(len(weights))
    for code, total in read_plan("police")[0, f"{name}_controls"].items():
        own = left[pick_to_total(rng, weights[left], total)]
        codes[own] = code
        left = np.setdiff1d(left, own)
    return codes


def _draw_control_care(
    rng: np.random.Generator, controls: Controls, is_minor: np.ndarray
) -> pd.DataFrame:
    """Youth care of controls in the year that they are looked up in, so often as the plan says in
    matches; and in other years."""
    plan = read_plan("police")[0, "youth_care"]
    weights = np.where(controls.is_victim, 0, controls.weigh(is_minor))
    chosen = pick_to_total(rng, weights, plan["controls"])
    rows = _date_controls(rng, chosen)
    rows = rows.assign(
        care_type=_deal_matches(rng, weights[chosen], "care_type"),
        referrer=_deal_matches(rng, weights[chosen], "referrer"),
        end_reason=_deal_in_shares(rng, len(rows), "end_reason"),
        is_crisis=False,
    )
    rows.loc[pick_to_total(rng, weights[chosen], plan["crisis_controls"]), "is_crisis"] = True
    others = _draw_other_years(rng, np.setdiff1d(np.flatnonzero(weights), chosen))
    return pd.concat(
        [rows, others.assign(**_deal_shares(rng, len(others)), is_crisis=False)], ignore_index=True
    )


def _date_controls(rng: np.random.Generator, chosen: np.ndarray) -> pd.DataFrame:
    """Spells that cover a day of the year at least; some go on."""
    start = YEAR_STARTS - LONGEST_BEFORE + rng.integers(0, 365 + LONGEST_BEFORE, len(chosen))
    end = np.maximum(
        start + rng.integers(20, LONGEST, len(chosen)),
        YEAR_STARTS + rng.integers(0, 30, len(chosen)),
    )
    goes_on = rng.integers(0, OPEN_EVERY, len(chosen)) == 0
    return pd.DataFrame(
        {
            "place": chosen,
            "is_control": True,
            "start_date": start,
            "end_date": np.where(goes_on, np.datetime64("NaT"), end),
        }
    )


def _draw_other_years(rng: np.random.Generator, rest: np.ndarray) -> pd.DataFrame:
    """Aid of controls that ended before the year, or began after it."""
    n = len(rest) * OTHER_YEARS_PERCENT // 100
    before, after = np.split(pick(rng, rest, 2 * n), 2)
    ended = YEAR_STARTS - 1 - rng.integers(0, 300, n)
    began = YEAR_ENDS + 1 + rng.integers(0, 300, n)
    return pd.concat(
        [
            _write(before, ended - rng.integers(20, LONGEST, n), 0, is_control=True).assign(
                end_date=ended
            ),
            _write(after, began, rng.integers(20, LONGEST, n), is_control=True),
        ],
        ignore_index=True,
    )


def _close(rows: pd.DataFrame) -> pd.DataFrame:
    """What would end after the end of the data goes on; what goes on has no end reason."""
    end = rows["end_date"].mask(rows["end_date"] > LAST_DAY)
    rows = rows.assign(end_date=end)
    return (
        rows.assign(end_reason=rows["end_reason"].mask(end.isna(), NOT_RECORDED))
        if "end_reason" in rows
        else rows
    )


def draw_shelter(rng: np.random.Generator, controls: Controls) -> pd.DataFrame:
    """Rows of shelter and sheltered housing: person (`place`, `is_control`), dates, type."""
    people, plan = controls.people, read_plan("police")
    in_aid = people["block"].isin(AID).to_numpy()
    chosen = pick(rng, np.flatnonzero(in_aid), plan[0, "shelter"]["victims"])
    hands = deal_round(rng.permutation(len(chosen)), plan[0, "shelter_type"])
    place = np.repeat(chosen, [len(hand) for hand in hands])
    victims = _write(
        place,
        _find_base(people, place) + rng.integers(0, WITHIN + 1, len(place)),
        rng.integers(3, LONGEST, len(place)),
        is_control=False,
    )
    outside = _draw_outside(
        rng, people, np.setdiff1d(np.flatnonzero(in_aid), chosen), np.array([], dtype=np.int64)
    )
    is_adult = (controls.persons["birth_date"].dt.year <= SHELTER_AGE_COHORT).to_numpy()
    weights = np.where(controls.is_victim | ~is_adult, 0, controls.weigh(in_aid))
    looked_up = pick_to_total(rng, weights, plan[0, "shelter"]["controls"])
    others = pd.concat(
        [
            outside,
            _date_controls(rng, looked_up),
            _draw_other_years(
                rng, pick(rng, np.setdiff1d(np.flatnonzero(weights), looked_up), len(looked_up))
            ),
        ],
        ignore_index=True,
    )
    types = [
        code for code, percent in plan[0, "shelter_type_controls"].items() for _ in range(percent)
    ]
    others = others.assign(shelter_type=deal(rng, len(others), {}, rest=types))
    return _close(
        pd.concat(
            [victims.assign(shelter_type=[code for hand in hands for code in hand]), others],
            ignore_index=True,
        )
    )
