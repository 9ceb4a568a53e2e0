"""Regressions of repeated events: Andersen and Gill, Prentice, Williams and Peterson in total and
gap time, Wei, Lin and Weissfeld; and rates by person-years. Errors are by person, or by cluster.

Rows are spells (start, stop] of a person, each ending in an event (1) or not (0), as
`cohort.split_at_repeats` makes them. Checked against R's coxph and MASS::glm.nb.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd
import scipy

from helpers.edition import BadInput
from helpers.regression.cox import estimate_cox
from helpers.regression.engine import LEAST_BENT, read_terms, sum_clusters
from helpers.survival import find_multiplier, find_p_value
from helpers.survival.risk import check_columns, read_labels, read_numbers, read_spells

# Columns that are made here, named so that they replace none of the caller's.
NUMBER, GAP = "number of the event waited for", "time since the last event"
# Beyond this the exponential function leaves the range of numbers.
MOST_LOG = 700.0


def fit_andersen_gill(
    rows: pd.DataFrame,
    terms: Sequence[str],
    *,
    person: str = "person",
    start: str = "start",
    stop: str = "stop",
    event: str = "event",
    cluster: str | None = None,
    ties: str = "efron",
) -> pd.DataFrame:
    """The rate of any further event, whatever came before (Andersen and Gill 1982). R:
    coxph(Surv(start, stop, event) ~ terms, cluster = person)."""
    ordered = _check_spells(rows, person, start, stop, event)
    return estimate_cox(
        ordered, terms, start=start, stop=stop, event=event, cluster=cluster or person, ties=ties
    )


def fit_pwp_total(
    rows: pd.DataFrame,
    terms: Sequence[str],
    *,
    person: str = "person",
    start: str = "start",
    stop: str = "stop",
    event: str = "event",
    cluster: str | None = None,
    most: int | None = None,
    ties: str = "efron",
) -> pd.DataFrame:
    """The rate of the k-th event among those who met k - 1, by time since the origin (Prentice,
    Williams and Peterson 1981); spells after the `most`-th event are left out. R: coxph(Surv(start,
    stop, event) ~ terms + strata(number), cluster = person)."""
    numbered = _number_spells(rows, person, start, stop, event, most)
    return estimate_cox(
        numbered, terms, start=start, stop=stop, event=event, strata=NUMBER,
        cluster=cluster or person, ties=ties,
    )  # fmt: skip


def fit_pwp_gap(
    rows: pd.DataFrame,
    terms: Sequence[str],
    *,
    person: str = "person",
    start: str = "start",
    stop: str = "stop",
    event: str = "event",
    cluster: str | None = None,
    most: int | None = None,
    ties: str = "efron",
) -> pd.DataFrame:
    """As `fit_pwp_total`, by time since the last event. R: coxph(Surv(stop - start, event) ~ terms
    + strata(number), cluster = person)."""
    numbered = _number_spells(rows, person, start, stop, event, most)
    gaps = numbered.assign(**{GAP: numbered[stop] - numbered[start]})
    return estimate_cox(
        gaps, terms, stop=GAP, event=event, strata=NUMBER, cluster=cluster or person, ties=ties
    )


def fit_wei_lin_weissfeld(
    rows: pd.DataFrame,
    terms: Sequence[str],
    *,
    person: str = "person",
    start: str = "start",
    stop: str = "stop",
    event: str = "event",
    cluster: str | None = None,
    most: int | None = None,
    ties: str = "efron",
) -> pd.DataFrame:
    """The time to the k-th event since the origin, for each k up to `most` (that of the person with
    most), everybody at risk of each from the start (Wei, Lin and Weissfeld 1989). Covariates are
    those of a person's first spell. R: coxph(Surv(stop, event) ~ terms + strata(number), cluster =
    person) on a row a person and number."""
    numbered = _number_spells(rows, person, start, stop, event, None)
    people = numbered.groupby(person, sort=False)
    ends = people[stop].max()
    first = numbered.drop_duplicates(person).set_index(person)
    events = numbered[numbered[event] == 1]
    most = most or int(events[NUMBER].max() if len(events) else 1)
    parts = []
    for number in range(1, most + 1):
        reached = events[events[NUMBER] == number].set_index(person)[stop]
        is_reached = first.index.isin(reached.index)
        times = np.where(is_reached, reached.reindex(first.index), ends.reindex(first.index))
        named = {event: is_reached.astype(int), NUMBER: number, stop: times}
        parts.append(first.assign(**named).reset_index())
    return estimate_cox(
        pd.concat(parts, ignore_index=True), terms, stop=stop, event=event, strata=NUMBER,
        cluster=cluster or person, ties=ties,
    )  # fmt: skip


def _check_spells(
    rows: pd.DataFrame, person: str, start: str, stop: str, event: str
) -> pd.DataFrame:
    """Spells by person and time, numbers as numbers. Raises BadInput as `read_spells`, and for
    events other than 0 and 1."""
    check_columns(rows, (person, start, stop, event))
    spells = read_spells(rows[person], rows[start], rows[stop])
    happened = read_numbers(rows[event], event)
    if wrong := int((~np.isin(happened, (0, 1))).sum()):
        raise BadInput(f"{wrong} event codes other than 0, 1; mend the rows before the regression")
    known = rows.assign(
        **{person: spells.person, start: spells.start, stop: spells.stop, event: happened}
    )
    return known.sort_values([person, start, stop], kind="stable", ignore_index=True)


def _number_spells(
    rows: pd.DataFrame, person: str, start: str, stop: str, event: str, most: int | None
) -> pd.DataFrame:
    """Spells with `number`: that of the event that they wait for."""
    ordered = _check_spells(rows, person, start, stop, event)
    before = ordered.groupby(person)[event].cumsum() - ordered[event]
    numbered = ordered.assign(**{NUMBER: before.astype(int) + 1})
    return numbered if most is None else numbered[numbered[NUMBER] <= most]


def estimate_rates(
    people: pd.DataFrame,
    terms: Sequence[str],
    *,
    events: str = "n",
    years: str = "years",
    cluster: str | None = None,
) -> pd.DataFrame:
    """Ratios of the rate of events by person-years, negative binomial (log link), with the rate of
    those whose terms are 0 as "rate". A row is a person with a number of events and of years.

    Columns term, coefficient, std_error (given the dispersion), robust_std_error (by `cluster`;
    else as std_error), rate_ratio, ci_lower, ci_upper, p_value, dispersion (1 / theta; the rate's
    spread between people), n_events. R: MASS::glm.nb(n ~ terms + offset(log(years))). Raises
    BadInput for no event, for years that are not above 0, and for counts that are no counts.
    """
    x = read_terms(people, terms)
    check_columns(people, (events, years, cluster))
    n, time = (read_numbers(people[name], name).astype(float) for name in (events, years))
    faults = {
        "numbers of events that are no whole numbers of 0 or more": ~(
            (n >= 0) & (np.floor(n) == n) & np.isfinite(n)
        ),
        "person-years that are not above 0": ~((time > 0) & np.isfinite(time)),
        "missing or endless values": ~np.isfinite(x).all(axis=1),
    }
    for fault, is_wrong in faults.items():
        if is_wrong.any():
            raise BadInput(f"{int(is_wrong.sum())} {fault}; mend the rows before the regression")
    if not n.sum():
        raise BadInput("no event; a rate ratio cannot be estimated")
    x, back = _standardise(x, n > 0, terms)
    codes = None if cluster is None else read_labels(people[cluster], len(n), what="cluster")
    alpha, mean, beta = _fit_negative_binomial(n, x, np.log(time))
    information = x.T @ (x * (mean / (1 + alpha * mean))[:, None])
    spread = np.linalg.eigvalsh(information)
    if not spread[0] > LEAST_BENT * spread[-1]:
        raise BadInput(
            f"{', '.join(terms)}: some of those that they tell apart met no event; no rate ratio can be given"
        )
    inverse = np.linalg.inv(information)
    error = std_error = np.sqrt(np.diag(back @ inverse @ back.T))
    if codes is not None:
        pulls = sum_clusters(x * ((n - mean) / (1 + alpha * mean))[:, None], codes)
        error = np.sqrt(((pulls @ inverse @ back.T) ** 2).sum(axis=0))
    beta = back @ beta
    clusters = None if codes is None else int(codes.max()) + 1
    width = find_multiplier(clusters) * error
    if (np.abs(beta) + np.where(np.isnan(width), 0.0, width)).max() > MOST_LOG:
        raise BadInput(
            f"the rate of those with 0 in {', '.join(terms)} is beyond all numbers; count them from a nearer origin"
        )
    return pd.DataFrame(
        {
            "term": ["rate", *terms],
            "coefficient": beta,
            "std_error": std_error,
            "robust_std_error": error,
            "rate_ratio": np.exp(beta),
            "ci_lower": np.exp(beta - width),
            "ci_upper": np.exp(beta + width),
            "p_value": find_p_value(beta / error, clusters),
            "dispersion": alpha,
            "n_events": int(n.sum()),
        }
    )


def _standardise(
    x: np.ndarray, met: np.ndarray, terms: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """The covariates centred and scaled, behind a column of ones, and what brings coefficients
    back to the frame's units. Raises BadInput for a term that is the same for everybody, repeats
    others, or tells two kinds of people apart of whom one `met` no event."""
    for term, column in zip(terms, x.T, strict=True):
        at_events, values = column[met], np.unique(column)
        if len(values) == 2 and at_events.min() == at_events.max():
            raise BadInput(f"nobody on one side of {term} met an event; no rate ratio can be given")
    center = x.mean(axis=0)
    scale = np.sqrt(np.mean((x - center) ** 2, axis=0))
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = np.column_stack([np.ones(len(x)), (x - center) / scale])
    if not np.isfinite(scaled).all() or np.linalg.matrix_rank(scaled) < scaled.shape[1]:
        raise BadInput(f"{', '.join(terms)}: a term is the same for everybody or repeats others")
    back = np.diag(np.concatenate([[1.0], 1 / scale]))
    back[0, 1:] = -center / scale
    return scaled, back


def _fit_negative_binomial(
    n: np.ndarray, x: np.ndarray, offset: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """The dispersion of the largest likelihood (0: no more spread than chance, Poisson), the means
    and the coefficients."""
    # Here, since it takes a while to load and few of the room's callers need it.
    from statsmodels.genmod import families
    from statsmodels.genmod.generalized_linear_model import GLM

    def fit(alpha: float) -> tuple[float, np.ndarray, np.ndarray]:
        family = families.NegativeBinomial(alpha=alpha) if alpha else families.Poisson()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of separation, which is looked for here
            found = GLM(n, x, family=family, offset=offset).fit(tol=1e-12, maxiter=200)
        return _find_likelihood(n, found.mu, alpha), found.mu, found.params

    best = scipy.optimize.minimize_scalar(
        lambda logged: -fit(float(np.exp(logged)))[0],
        bounds=(-12.0, 6.0),
        method="bounded",
        options={"xatol": 1e-9},
    )
    alpha = float(np.exp(best.x))
    if fit(0.0)[0] >= -best.fun - 1e-9:
        alpha = 0.0
    return alpha, *fit(alpha)[1:]


def _find_likelihood(n: np.ndarray, mean: np.ndarray, alpha: float) -> float:
    if not alpha:
        return float((n * np.log(mean) - mean - scipy.special.gammaln(n + 1)).sum())
    theta = 1 / alpha
    return float(
        (
            scipy.special.gammaln(n + theta) - scipy.special.gammaln(theta) - scipy.special.gammaln(n + 1)
            + n * np.log(alpha * mean) - (n + theta) * np.log1p(alpha * mean)
        ).sum()
    )  # fmt: skip
