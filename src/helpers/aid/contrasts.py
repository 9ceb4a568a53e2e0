"""Aid of victims beside that of their controls: figures 3.1 to 3.6, end reasons (3.3.3), and costs
(3.6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from helpers import published
from helpers.aid.people import People, find_own_aid, has_control_aid
from helpers.definitions import AGE_GROUPS, FORMS, MISSING, UNKNOWN, join_missing
from helpers.survival import Z

OTHER = "other"
# What holds between the tables of this room whatever the registers (`disclosure.cells`).
EQUALITIES = {
    "who has matches is described": "aid_flow[step_of_flow=with_matches] = aid[side=victims]",
    "who has matches is in the register": (
        "aid_flow[step_of_flow=in_register] >= aid_flow[step_of_flow=with_matches]"
    ),
    "the difference of costs stands on the victims'": (
        "aid_cost_years[side=difference] = aid_cost_years[side=victims]"
    ),
    "the difference of basic costs stands on the victims'": (
        "aid_basic_cost_years[side=difference] = aid_basic_cost_years[side=victims]"
    ),
    "the first reading is the chapter's own": (
        "aid_readings[change=as_monitor] = aid[side=victims, aid=youth_care]"
    ),
    "aid within half a year is within a year": (
        "aid_readings[change=as_monitor] >= aid_readings[change=within_180]"
    ),
    "aid within a year is within two": (
        "aid_readings[change=within_730] >= aid_readings[change=as_monitor]"
    ),
}
RATIO = ["category", "side", "n_events", "n_known"]
CRISIS, SHELTER = "crisis_stabilisation", "wmo_shelter_or_housing"
LONG_TERM = "wlz_stay"
SPECIALISED, BASIC = "specialised_mental_health_eur", "basic_mental_health_eur"
CONTRASTS = ["category", "value", "ci_lower", "ci_upper", "unit", "n_behind", "n_compared"]


def find_printed(numbers: pd.DataFrame, *, years: range) -> pd.DataFrame:
    """Printed shares with aid of victims and controls (category, side, period, share, and what
    traces them), where the chapter prints the
    share itself, or both counts: any youth care is 145 of 265 and 24,990 of 261,605."""
    table = published.find_printed(numbers, years=years, measure="share_with_aid")
    by_id = numbers.set_index("id")
    table = table[
        ~table["category"].eq("youth_care")
        & ~table["source"].map(by_id["population"]).eq("aid_victims_adult")
    ]
    table = table.assign(
        side=np.where(
            table["source"].map(by_id["population"]).str.startswith("aid_controls"),
            "controls",
            "victims",
        )
    )
    reasons = published.find_printed(
        numbers, years=years, measure="share_of_victims", population="aid_victims_in_youth_care"
    ).assign(side="victims")
    parts = [part for part in (table, reasons, _find_printed_care(numbers, years)) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else table


def find_printed_population(numbers: pd.DataFrame, *, years: range) -> pd.DataFrame:
    """Printed shares of the victims by age, sex and form: breakdown, category, share."""
    table = published.find_printed(
        numbers, years=years, measure="share_of_victims", population="aid_victims"
    )
    return table.assign(
        breakdown=table["category"]
        .map({"minor": "age_group", "adolescent": "age_group", "female": "sex"})
        .fillna("form")
    )


def find_printed_costs(numbers: pd.DataFrame) -> pd.DataFrame:
    """Printed mean costs of a year: category (mean_victims, mean_controls), value."""
    rows = numbers[numbers["measure"] == "mean_cost_per_year"]
    return pd.DataFrame(
        {
            "category": rows["population"].map(
                {"aid_victims_adult": "mean_victims", "aid_controls_adult": "mean_controls"}
            ),
            "value": rows["value"],
        }
    )


def _find_printed_care(numbers: pd.DataFrame, years: range) -> pd.DataFrame:
    """Any youth care as the ratio of two printed counts."""
    rows = []
    for side, measure in (("victims", "victims"), ("controls", "controls")):
        some, whole = (
            published.find_printed(
                numbers,
                years=years,
                measure=measure,
                population=f"aid_{side}_{name}",
                category="all",
            )
            for name in ("in_youth_care", "minor")
        )
        if len(some) and len(whole):
            rows.append(
                some.iloc[[0]]
                .assign(
                    category="youth_care",
                    side=side,
                    share=float(some["n"].iloc[0]) / float(whole["n"].iloc[0]),
                    source=f"{some['source'].iloc[0]}|{whole['source'].iloc[0]}",
                )
                .drop(columns="n")
            )
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame()


def describe_population(people: People) -> pd.DataFrame:
    """Victims by age group, sex and form (section 3.2), codes that an extract adds after the
    others: breakdown, category, n."""
    parts = {
        "age_group": list(AGE_GROUPS),
        "sex": ["female", "male", UNKNOWN],
        "form": list(FORMS),
    }
    rows = [
        (name, code, int((people.victims[name] == code).sum()))
        for name, codes in parts.items()
        for code in dict.fromkeys([*codes, *sorted(people.victims[name].unique())])
    ]
    return pd.DataFrame([row for row in rows if row[2]], columns=["breakdown", "category", "n"])


def _mark(people: People, own: pd.DataFrame) -> np.ndarray:
    """Which victims have a row."""
    return np.bincount(own["victim"], minlength=len(people.victims)) > 0


def _count(name: str, own: np.ndarray, theirs: np.ndarray) -> list[tuple[str, str, int, int]]:
    return [
        (name, "victims", int(own.sum()), len(own)),
        (name, "controls", int(theirs.sum()), len(theirs)),
    ]


def estimate_contrast(
    own: np.ndarray, theirs: np.ndarray, victim: np.ndarray
) -> dict[str, tuple[float, float, float]]:
    """Observed victims with aid against those expected from the controls: their `ratio`, and their
    `difference` as a share of the victims, each with the limits of its interval; what cannot be
    estimated is absent.

    Each victim's expectation is the share of the own controls who have aid, so that a matched set
    is one unit; the intervals come from how the sets differ. That victims of one case are alike is
    not in them, nor that a control may be in several sets.
    """
    sizes = np.bincount(victim, minlength=len(own))
    expected = np.divide(
        np.bincount(victim, weights=theirs, minlength=len(own)),
        sizes,
        out=np.zeros(len(own)),
        where=sizes > 0,
    )
    n, n_expected = own.sum(), expected.sum()
    found = {}
    if n > 0 and n_expected > 0:
        ratio, error = n / n_expected, np.sqrt(((own / n - expected / n_expected) ** 2).sum())
        found["ratio"] = (ratio, ratio * np.exp(-Z * error), ratio * np.exp(Z * error))
    if len(own) > 1:
        difference, error = (
            (own - expected).mean(),
            (own - expected).std(ddof=1) / np.sqrt(len(own)),
        )
        found["difference"] = (difference, difference - Z * error, difference + Z * error)
    return found


def contrast(name: str, own: np.ndarray, theirs: np.ndarray, victim: np.ndarray) -> list[tuple]:
    """Rows CONTRASTS of `estimate_contrast`: how many observed (`n_behind`) of how many compared.

    They give the exact count away; the shape `contrasts` makes them safe to show.
    """
    found, n = estimate_contrast(own, theirs, victim), int(own.sum())
    units = {"ratio": "times_expected", "difference": "in_hundred"}
    return [
        (f"{what}_{name}", *map(float, numbers), units[what], n, len(own))
        for what, numbers in found.items()
    ]


def compare_youth_care(
    people: People, *, care_types: Sequence[str], referrers: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Figures 3.1 to 3.4, of minor victims and all their controls.

    First table: any youth care (RATIO and period). Second: of those in youth care, with each kind
    of care, in a crisis, and by each referrer; a person may be in several. Third: observed against
    expected (CONTRASTS) of any youth care, closed, and in a crisis.
    """
    minors = people.select(people.is_minor)
    rows, own = minors.youth_care, find_own_aid(minors, minors.youth_care)
    any_own, any_theirs = _mark(minors, own), has_control_aid(minors, rows)
    known = {"care_type": care_types, "referrer": referrers}
    rows, own = (
        table.assign(**{name: _fold(table[name], codes) for name, codes in known.items()})
        for table in (rows, own)
    )
    kinds = [
        *((code, "care_type", code) for code in _list_kinds(care_types, rows["care_type"])),
        (CRISIS, "is_crisis", True),
        *((code, "referrer", code) for code in _list_kinds(referrers, rows["referrer"])),
    ]
    parts, contrasts = [], contrast("youth_care", any_own, any_theirs, minors.victim)
    for name, column, code in kinds:
        own_kind, kind = (
            _mark(minors, own[own[column] == code]),
            has_control_aid(minors, rows[rows[column] == code]),
        )
        parts += [
            (name, column, *row[1:]) for row in _count(name, own_kind[any_own], kind[any_theirs])
        ]
        if name in ("closed", CRISIS):
            contrasts += contrast(name, own_kind, kind, minors.victim)
    total, of_care = (
        pd.DataFrame(_count("youth_care", any_own, any_theirs), columns=RATIO),
        pd.DataFrame(parts, columns=["category", "breakdown", *RATIO[1:]]),
    )
    return (
        total.assign(period=people.period),
        of_care.assign(period=people.period),
        pd.DataFrame(contrasts, columns=CONTRASTS),
    )


def _fold(values: pd.Series, codes: Sequence[str]) -> pd.Series:
    """The values, in which codes that an extract adds are other, and missing ones unknown."""
    joined = join_missing(values)
    return joined.where(joined.isin([*codes, UNKNOWN]), OTHER)


def _list_kinds(codes: Sequence[str], seen: pd.Series) -> list[str]:
    """The codes, and other or unknown where some rows are that: the parts cover the rows. None
    where none are asked for."""
    more = [code for code in (OTHER, UNKNOWN) if codes and (seen == code).any()]
    return list(dict.fromkeys([*codes, *more]))


def count_end_reasons(people: People, *, reasons: Sequence[str]) -> pd.DataFrame:
    """Section 3.3.3: of minor victims in youth care, those with a trajectory that ended for each
    reason (RATIO, side victims); a person may be in several."""
    minors = people.select(people.is_minor)
    own = find_own_aid(minors, minors.youth_care)
    n = int(_mark(minors, own).sum())
    # Who is still in care has no reason recorded, which is another thing than an unknown one.
    ended = own["end_reason"].astype(object)
    ended = ended.mask(ended.notna() & ~ended.isin([*reasons, *MISSING]), OTHER)
    rows = [
        (code, "victims", int(_mark(minors, own[ended == code]).sum()), n)
        for code in [*reasons, *([OTHER] if (ended == OTHER).any() else [])]
    ]
    return pd.DataFrame(rows if n else [], columns=RATIO).assign(period=people.period)


def compare_shelter(
    people: People, *, shelter_types: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Figures 3.5 and 3.6, of all victims, minors too: any shelter or sheltered housing and each
    kind (RATIO), and observed against expected of any (CONTRASTS)."""
    own = find_own_aid(people, people.shelter)
    any_own, any_theirs = _mark(people, own), has_control_aid(people, people.shelter)
    rows = _count(SHELTER, any_own, any_theirs)
    of_own, of_all = (
        _fold(table["shelter_type"], shelter_types) for table in (own, people.shelter)
    )
    for code in _list_kinds(shelter_types, of_all):
        rows += _count(
            code,
            _mark(people, own[of_own == code]),
            has_control_aid(people, people.shelter[of_all == code]),
        )
    return pd.DataFrame(rows, columns=RATIO).assign(period=people.period), pd.DataFrame(
        contrast(SHELTER, any_own, any_theirs, people.victim), columns=CONTRASTS
    )


def join_contrasts(*tables: pd.DataFrame) -> pd.DataFrame:
    """Contrasts below each other."""
    shown = [table for table in tables if len(table)]
    return pd.concat(shown, ignore_index=True) if shown else pd.DataFrame(columns=CONTRASTS)


def compare_long_term(people: People, *, profiles: Sequence[str]) -> pd.DataFrame:
    """Stays under the Long-term Care Act of all victims and their controls, any and each kind of
    care profile (RATIO), in the same windows as other aid. Without rows where the extract has none:
    nobody then knows who stayed."""
    rows = people.long_term
    if rows is None or rows.empty:
        return pd.DataFrame(columns=[*RATIO, "period"])
    own = find_own_aid(people, rows)
    counted = _count(LONG_TERM, _mark(people, own), has_control_aid(people, rows))
    for code in profiles:
        counted += _count(
            code,
            _mark(people, own[own["care_profile"] == code]),
            has_control_aid(people, rows[rows["care_profile"] == code]),
        )
    return pd.DataFrame(counted, columns=RATIO).assign(period=people.period)


def compare_costs(
    people: People, *, rng: np.random.Generator, replicates: int = 999, column: str = SPECIALISED
) -> pd.DataFrame:
    """`estimate_costs`, rounded, without the mean of those with costs: beside the mean of all and
    the share with costs it would tell how many they are."""
    costs = estimate_costs(people, rng=rng, replicates=replicates, column=column)
    of_payers = costs["category"].str.startswith("amount_")
    return costs[~of_payers].round({"value": 1, "ci_lower": 0, "ci_upper": 0})


def select_adults(people: People) -> People:
    """Victims of known age who are no minors, with their controls."""
    return people.select(people.victims["age_group"].isin(["adolescent", "adult"]).to_numpy())


def average_costs(people: People) -> dict[str, float]:
    """The means that `estimate_costs` compares, of victims and of controls."""
    sums = _sum_costs(select_adults(people), SPECIALISED)
    return {
        "victims": float(sums["own"].sum() / sums["own_years"].sum()),
        "controls": float(sums["theirs"].sum() / sums["their_years"].sum()),
    }


def estimate_costs(
    people: People, *, rng: np.random.Generator, replicates: int, column: str = SPECIALISED
) -> pd.DataFrame:
    """Section 3.6: costs of specialised mental-health care (or of another `column`), a mean over
    person-years of adult victims and of their controls in the same years; no row is 0 euro. The
    year in which the offences ended and the year after count, within the years that have costs.

    In two parts: the share with any costs, and the mean of those who have any. Columns category,
    value, ci_lower, ci_upper, unit, n_behind (person-years with costs), n_compared (of a share, all
    person-years), largest_share (of all costs of victims, the largest person's). The interval of
    the difference is a bootstrap-t over victims with their sets (Efron and Tibshirani 1993, chapter
    12), which holds better than the normal one where a few costs are very high.
    """
    sums = _sum_costs(select_adults(people), column)
    rows, n_costs = [], int(sums["own_any"].sum())
    for name, years, total, some in (
        ("victims", "own_years", "own", "own_any"),
        ("controls", "their_years", "theirs", "their_any"),
    ):
        if sums[years].sum() > 0:
            share, amount = (
                sums[some].sum() / sums[years].sum(),
                sums[total].sum() / max(sums[some].sum(), 1),
            )
            behind = int(sums[some].sum())
            rows += [
                (
                    f"mean_{name}",
                    sums[total].sum() / sums[years].sum(),
                    np.nan,
                    np.nan,
                    "eur",
                    behind,
                    np.nan,
                ),
                (
                    f"share_any_{name}",
                    100 * share,
                    np.nan,
                    np.nan,
                    "in_hundred",
                    behind,
                    sums[years].sum(),
                ),
                (f"amount_any_{name}", amount, np.nan, np.nan, "eur", behind, np.nan),
            ]
    if n_costs > 1 and sums["their_years"].sum() > 0:
        difference = _bootstrap_difference(sums, rng, replicates)
        rows.append(("mean_difference", *difference, "eur", n_costs, np.nan))
    largest = sums["own"].max() / sums["own"].sum() if n_costs else np.nan
    return pd.DataFrame(rows, columns=CONTRASTS).assign(largest_share=largest)


def _sum_costs(adults: People, column: str) -> dict[str, np.ndarray]:
    """For each victim: person-years that count and costs in them, own and of the controls; and how
    many of these have any costs."""
    ended = adults.victims["base"].dt.year.to_numpy()
    names = ("own_years", "own", "own_any", "their_years", "theirs", "their_any")
    sums = {name: np.zeros(len(ended)) for name in names}
    for year in adults.definitions.cost_years:
        costs = np.zeros(adults.size)
        rows = adults.costs[(adults.costs["year"] == year).to_numpy()]
        np.add.at(
            costs,
            rows["person"].to_numpy(),
            rows[column].fillna(0).to_numpy(),
        )
        counts = ((ended == year) | (ended + 1 == year)).astype(float)
        own, theirs = (
            costs[adults.victims["person"]] * counts,
            costs[adults.control] * counts[adults.victim],
        )
        their_years = np.bincount(
            adults.victim, weights=counts[adults.victim], minlength=len(ended)
        )
        their_sum, their_any = (
            np.bincount(adults.victim, weights=part, minlength=len(ended))
            for part in (theirs, theirs > 0)
        )
        for name, part in zip(
            names, (counts, own, own > 0, their_years, their_sum, their_any), strict=True
        ):
            sums[name] += part
    return sums


def estimate_difference(
    own_years: np.ndarray, own: np.ndarray, their_years: np.ndarray, theirs: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Difference of two ratios of sums over victims (the last axis), and its standard error by
    linearisation."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return _divide_sums(own_years, own, their_years, theirs)


def _divide_sums(
    own_years: np.ndarray, own: np.ndarray, their_years: np.ndarray, theirs: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    mean, other = own.sum(-1) / own_years.sum(-1), theirs.sum(-1) / their_years.sum(-1)
    pull = (own - mean[..., None] * own_years) / own_years.sum(-1)[..., None] - (
        theirs - other[..., None] * their_years
    ) / their_years.sum(-1)[..., None]
    return mean - other, np.sqrt((pull**2).sum(-1))


def _bootstrap_difference(
    sums: Mapping[str, np.ndarray], rng: np.random.Generator, replicates: int
) -> tuple[float, float, float]:
    parts = [sums[name] for name in ("own_years", "own", "their_years", "theirs")]
    value, error = estimate_difference(*parts)
    drawn = rng.integers(0, len(parts[0]), (replicates, len(parts[0])))
    values, errors = estimate_difference(*(part[drawn] for part in parts))
    with np.errstate(divide="ignore", invalid="ignore"):
        pivots = np.sort((values - value) / errors)
    if not np.isfinite(
        pivots
    ).all():  # too few victims: some redrawn groups are all alike, or without a person-year
        return float(value), np.nan, np.nan
    low, high = pivots[[int(0.025 * (replicates + 1)) - 1, int(0.975 * (replicates + 1)) - 1]]
    return float(value), float(value - high * error), float(value - low * error)
