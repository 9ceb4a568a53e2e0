"""Draws the register of reports: who reported each victim, when, and with what noise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.definitions import FORMS, UNKNOWN
from helpers.schema import find_table
from helpers.synthetic.allocation import deal, make_ids, pick, share_out
from helpers.synthetic.victims import (
    NONE,
    deal_units,
    draw_victims,
    list_years,
    read_victims_plan,
)

# In the order in which those who are not known through the police alone are dealt out; FairWork's
# are chosen before, and the border police always stand beside the police.
OTHERS = ("kmar", "labour_inspectorate", "care_coordinator", "other")
# Months of the labour exploitation of the last year: in March, April and May about twice as many as
# in another; uneven, as counts are.
PEAK_YEAR_WEIGHTS = [27, 31, 58, 66, 55, 34, 29, 26, 32, 28, 33, 30]
# Noise, in percent: first reports of victims with several that lack age, sex or nationality (each),
# reports that stand twice, and victims of a year who are reported in the next year too. A later
# report follows within so many days, in the same year.
LATE_PERCENT, TWICE_PERCENT, AGAIN_PERCENT = 20, 4, 6
DAYS_BETWEEN = 90


def draw_reports(rng: np.random.Generator) -> pd.DataFrame:
    """The table `reports`: some 6,000 rows, in order of their identifiers."""
    victims = pd.concat([draw_victims(rng, year) for year in list_years()], ignore_index=True)
    victims = victims.assign(victim_id=_name_victims(rng, victims), day=_draw_days(rng, victims))
    reports = _write_twice(rng, _deal_reports(rng, victims)).merge(
        victims, left_on="victim", right_index=True
    )
    return _finish(rng, _add_noise(rng, _date_reports(rng, reports)))


def _name_victims(rng: np.random.Generator, victims: pd.DataFrame) -> np.ndarray:
    """Identifiers; some victims of a year are those of the year before, a year older."""
    person = np.arange(len(victims))
    columns = [victims[name].to_numpy() for name in ("sex", "nationality", "age")]
    is_linkable = ((victims["age"] >= 0) & (victims["form"] != "kmar_only")).to_numpy()
    for year in list_years()[:-1]:
        later = defaultdict(list)
        for place in np.flatnonzero((victims["year"] == year + 1) & is_linkable):
            later[tuple(column[place] for column in columns)].append(place)
        earlier = np.flatnonzero((victims["year"] == year) & is_linkable)
        wanted = len(earlier) * AGAIN_PERCENT // 100
        for place in earlier[rng.permutation(len(earlier))]:
            sex, nationality, age = (column[place] for column in columns)
            if wanted and later[sex, nationality, age + 1]:
                person[later[sex, nationality, age + 1].pop()] = person[place]
                wanted -= 1
    return make_ids(rng, len(victims), "v")[person]


def _draw_days(rng: np.random.Generator, victims: pd.DataFrame) -> np.ndarray:
    """The day of each victim's first report."""
    years = victims["year"].to_numpy()
    starts = (years - 1970).astype("datetime64[Y]").astype("datetime64[D]")
    days = starts + rng.integers(0, 365, len(victims))
    place = np.flatnonzero((years == list_years()[-1]) & victims["labour"])
    months = deal(
        rng,
        len(place),
        {str(month): n for month, n in enumerate(share_out(len(place), PEAK_YEAR_WEIGHTS))},
        rest="0",
    )
    first_of_month = starts[place].astype("datetime64[M]") + months.astype(np.int64)
    days[place] = first_of_month.astype("datetime64[D]") + rng.integers(0, 28, len(place))
    return days


def _deal_reports(rng: np.random.Generator, victims: pd.DataFrame) -> pd.DataFrame:
    """One row a victim and reporter, or police unit: `victim` (a row of `victims`), `reporter`,
    `police_unit`."""
    parts = [
        _deal_reporters(
            rng, year, form, victims[(victims["year"] == year) & (victims["form"] == form)]
        )
        for year in list_years()
        for form in FORMS
    ]
    border = victims.index[victims["form"] == "kmar_only"]
    parts.append(pd.DataFrame({"victim": border, "reporter": "kmar", "police_unit": NONE}))
    return pd.concat(parts, ignore_index=True)


def _deal_reporters(
    rng: np.random.Generator, year: int, form: str, victims: pd.DataFrame
) -> pd.DataFrame:
    """Reporters of the victims of one year and form: the police alone, one other, or the police and
    one other."""
    cell = read_victims_plan()[year, form]
    fairwork = _pick_fairwork(rng, year, cell, victims)
    rest = np.setdiff1d(victims.index.to_numpy(), fairwork)
    rest = rest[rng.permutation(len(rest))]
    police_alone, rest = np.split(rest, [cell["police"] - cell["second_reporter"]])
    others = [name for name in OTHERS for _ in range(cell.get(name, 0))]
    border = cell["kmar"]
    # The border police stand beside the police, so that nobody counted is known through the border
    # police alone.
    beside_border, beside_any = rest[:border], np.concatenate([rest[border:], fairwork])
    police = np.concatenate(
        [police_alone, beside_border, pick(rng, beside_any, cell["second_reporter"] - border)]
    )
    reported = pd.DataFrame(
        {
            "victim": np.concatenate([rest, fairwork]),
            "reporter": others + ["fairwork"] * len(fairwork),
            "police_unit": NONE,
        }
    )
    return pd.concat([reported, _deal_police(rng, year, form, police)], ignore_index=True)


def _pick_fairwork(
    rng: np.random.Generator, year: int, cell: Mapping[str, int], victims: pd.DataFrame
) -> np.ndarray:
    """Victims whom FairWork reported: those of missing age before others, and so many of unknown
    sector as the plan says."""
    has_sector = (victims["sector_labour"] != UNKNOWN).to_numpy()
    order = rng.permutation(len(victims))
    order = order[np.argsort(victims["age"].to_numpy()[order] >= 0, kind="stable")]
    places, n = victims.index.to_numpy(), cell.get("fairwork", 0)
    unknown = read_victims_plan().get((year, "fairwork"), {}).get("sector_unknown")
    if not n or unknown is None:
        return places[order[:n]]
    without, with_sector = order[~has_sector[order]], order[has_sector[order]]
    return places[np.concatenate([without[:unknown], with_sector[: n - unknown]])]


def _deal_police(
    rng: np.random.Generator, year: int, form: str, police: np.ndarray
) -> pd.DataFrame:
    """A report by a unit for each victim of the police, and by another unit for some."""
    second = read_victims_plan()[year, form].get("second_unit", 0)
    units = deal_units(rng, year, form, len(police) + second)
    first, extra = units[: len(police)], units[len(police) :]
    free, again = list(range(len(police))), []
    for unit in extra:
        place = next(place for place in free if first[place] != unit)
        free.remove(place)
        again.append(police[place])
    return pd.DataFrame(
        {
            "victim": np.concatenate([police, np.array(again, dtype=police.dtype)]),
            "reporter": "police",
            "police_unit": units,
        }
    )


def _write_twice(rng: np.random.Generator, reports: pd.DataFrame) -> pd.DataFrame:
    """The reports in random order, some of them twice."""
    twice = pick(rng, np.arange(len(reports)), len(reports) * TWICE_PERCENT // 100)
    rows = np.concatenate([np.arange(len(reports)), twice])
    return reports.iloc[rows[rng.permutation(len(rows))]].reset_index(drop=True)


def _date_reports(rng: np.random.Generator, reports: pd.DataFrame) -> pd.DataFrame:
    """The first report of each victim on the victim's day, later ones after it in the same year;
    `place` counts them."""
    place = reports.groupby("victim").cumcount()
    later = np.where(place > 0, rng.integers(1, DAYS_BETWEEN, len(reports)), 0)
    days = reports["day"] + pd.to_timedelta(later, unit="D")
    last = pd.to_datetime(reports["year"].astype(str) + "-12-31")
    return reports.assign(report_date=np.minimum(days, last).astype("datetime64[s]"), place=place)


def _add_noise(rng: np.random.Generator, reports: pd.DataFrame) -> pd.DataFrame:
    """What the first of several reports did not know yet: age, sex, nationality, and forms after
    the leading one."""
    several = reports.groupby("victim")["place"].transform("size") > 1
    first = np.flatnonzero((reports["place"] == 0) & several)
    late = len(first) * LATE_PERCENT // 100
    noisy = {
        name: reports[name].to_numpy(copy=True)
        for name in (
            "age",
            "sex",
            "nationality",
            "labour",
            "criminal",
            "sector_labour",
            "criminal_activity",
        )
    }
    for name, missing in (("age", -1), ("sex", UNKNOWN), ("nationality", UNKNOWN)):
        noisy[name][pick(rng, first, late)] = missing
    is_sexual = reports["sexual"].to_numpy()[first]
    for form, column, hides in (
        ("labour", "sector_labour", is_sexual),
        ("criminal", "criminal_activity", is_sexual | noisy["labour"][first]),
    ):
        noisy[form][first[hides]] = False
        noisy[column][first[hides]] = NONE
    return reports.assign(**noisy)


def _finish(rng: np.random.Generator, reports: pd.DataFrame) -> pd.DataFrame:
    """The columns of the contract, in order of meaningless identifiers."""
    reports = reports.assign(
        report_id=make_ids(rng, len(reports), "r"),
        age_at_report=reports["age"].astype("Int64").mask(reports["age"] < 0),
        dublin=reports["dublin"].astype("boolean"),
    )
    names = [name for name in find_table("reports").names if name in reports]
    return reports[names].sort_values("report_id", ignore_index=True)
