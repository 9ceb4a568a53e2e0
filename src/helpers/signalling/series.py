"""The monthly series of victims, and an interrupted time series around chosen dates.

The model is a log-linear one for counts: a straight trend, a yearly wave, and for each date a step
that stays, or for a span of months a pulse. Its steps are ratios of what was counted to what the
trend before would have led one to count. It cannot tell an event from
another that falls into the same months: that is why it is fitted with rival explanations too, and
with a placebo date on which nothing is known to have happened (Lopez Bernal, Cummins and Gasparrini
2017, International Journal of Epidemiology 46, 348-355).
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from helpers.edition import BadInput
from helpers.signalling.victims import select_counted

DATE, SPAN = r"\d{4}-(0[1-9]|1[0-2])", ":"
# Errors that follow each other are allowed for up to so many months (Newey and West 1987).
LAGS = 3
# So many months stand before a step at least.
BEFORE = 3
DIGITS = 4
LEVEL = 0.95


def count_months(victims: pd.DataFrame, *, years: range) -> pd.DataFrame:
    """Counted victims by month of their first report of the year (`year`, `month` as "month_3"),
    zero where there is none.

    The first and last year are whole: a register that begins or ends in between makes months of
    zero.
    """
    counted = select_counted(victims)
    dates = counted.loc[counted["year"].isin(years), "first_date"]
    index = pd.MultiIndex.from_product([years, range(1, 13)], names=["year", "month"])
    counts = (
        dates.groupby([dates.dt.year.rename("year"), dates.dt.month.rename("month")])
        .size()
        .reindex(index, fill_value=0)
        if len(dates)
        else pd.Series(dtype=int)
    )
    table = (
        counts.rename("n").reset_index()
        if len(counts)
        else pd.DataFrame(columns=["year", "month", "n"])
    )
    return pd.DataFrame(
        {
            "period": table["year"].astype(str),
            "month": [f"month_{month}" for month in table["month"]],
            "n": table["n"],
        }
    )


def fit_interruptions(
    months: pd.DataFrame, *, dates: list[str], rivals: list[str], placebo: str
) -> pd.DataFrame:
    """The step at each date as a ratio, in three models: alone, with the rival explanations, and
    the placebo date alone.

    `months` as `count_months` gives them. `dates`, `rivals` and `placebo` are months ("2020-03") or
    spans ("2019-01:2019-12"); those outside the series, or at its very beginning, are left out.
    Columns model (alone, with_rivals, placebo), step, value, ci_lower, ci_upper (95 percent, with
    errors that follow each other), unit, n_fitted (months), n_behind (victims in them), dispersion
    (1 for independent counts), autocorrelation (of neighbouring residuals), residual_df, verdict
    (estimated, or no_finite_value, without numbers: nobody was counted while the step was on, or in
    all other months, so that no ratio can be given). Empty where no degree of freedom would be
    left. Raises BadInput for a date of another form.
    """
    columns = [
        "model",
        "step",
        "value",
        "ci_lower",
        "ci_upper",
        "unit",
        "n_fitted",
        "n_behind",
        "dispersion",
        "autocorrelation",
        "residual_df",
        "verdict",
    ]
    for date in [*dates, *rivals, placebo]:
        if not re.fullmatch(f"{DATE}({SPAN}{DATE})?", date):
            raise BadInput(
                f"date {date!r}: write a month such as 2020-03, or a span such as 2019-01:2019-12"
            )
    labels = [
        f"{period}-{int(month.removeprefix('month_')):02d}"
        for period, month in zip(months["period"], months["month"], strict=True)
    ]
    parts = []
    for model, steps in (
        ("alone", dates),
        ("with_rivals", [*dates, *rivals]),
        ("placebo", [placebo]),
    ):
        inside = [step for step in steps if _is_inside(step, labels)]
        if inside and len(labels) > 4 + len(inside):
            parts.append(
                _fit(months["n"].to_numpy(dtype=float), labels, inside).assign(model=model)
            )
    return (
        pd.concat(parts, ignore_index=True).reindex(columns=columns)
        if parts
        else pd.DataFrame(columns=columns)
    )


def _is_inside(step: str, labels: list[str]) -> bool:
    """A step needs months before and after it; two months are no trend to leave."""
    first, _, last = step.partition(SPAN)
    return len(labels) > BEFORE and labels[BEFORE] <= first and (last or first) < labels[-1]


def _fit(n: np.ndarray, labels: list[str], steps: list[str]) -> pd.DataFrame:
    """The steps that can be estimated, in the months that are left, and rows without numbers for
    the others."""
    on = {step: _find_months(step, labels) for step in steps}
    is_empty = {step: not n[months].any() or not n[~months].any() for step, months in on.items()}
    kept = np.ones(len(n), dtype=bool)
    for step in steps:
        if is_empty[step] and not n[on[step]].any():
            kept &= ~on[step]  # of nobody: they say nothing about the other steps
    chosen = [step for step in steps if not is_empty[step]]
    freedom = int(kept.sum()) - 4 - len(chosen)
    none = pd.DataFrame({"step": [step for step in steps if is_empty[step]]}).assign(
        unit="times",
        n_fitted=int(kept.sum()),
        n_behind=int(n[kept].sum()),
        residual_df=freedom,
        verdict="no_finite_value",
    )
    if not chosen or freedom < 1:
        return none
    place = np.arange(len(n))
    columns = [
        np.ones(len(n)),
        place / 12,
        np.sin(2 * np.pi * place / 12),
        np.cos(2 * np.pi * place / 12),
        *(on[step].astype(float) for step in chosen),
    ]
    fitted = _fit_steps(n[kept], np.column_stack(columns)[kept], chosen)
    return pd.concat([fitted, none], ignore_index=True) if len(none) else fitted


def _find_months(step: str, labels: list[str]) -> np.ndarray:
    first, _, last = step.partition(SPAN)
    return np.array([first <= label <= (last or labels[-1]) for label in labels])


def _fit_steps(n: np.ndarray, design: np.ndarray, steps: list[str]) -> pd.DataFrame:
    # Here, since it takes a while to load and one of the room's callers needs it.
    from statsmodels.genmod import families
    from statsmodels.genmod.generalized_linear_model import GLM

    plain = GLM(n, design, family=families.Poisson()).fit()
    robust = GLM(n, design, family=families.Poisson()).fit(
        cov_type="HAC", cov_kwds={"maxlags": LAGS}
    )
    limits, residuals = robust.conf_int(alpha=1 - LEVEL), plain.resid_pearson
    rows = [
        (step, robust.params[4 + k], limits[4 + k, 0], limits[4 + k, 1])
        for k, step in enumerate(steps)
    ]
    table = pd.DataFrame(
        [(step, *np.exp(values)) for step, *values in rows],
        columns=["step", "value", "ci_lower", "ci_upper"],
    )
    neighbours = float(np.corrcoef(residuals[:-1], residuals[1:])[0, 1])
    described = table.assign(
        unit="times",
        n_fitted=len(n),
        n_behind=int(n.sum()),
        residual_df=len(n) - design.shape[1],
        dispersion=plain.pearson_chi2 / plain.df_resid,
        autocorrelation=neighbours,
        verdict="estimated",
    )
    numbers = ["value", "ci_lower", "ci_upper", "dispersion", "autocorrelation"]
    return described.assign(
        **{name: [float(f"{value:.{DIGITS}g}") for value in described[name]] for name in numbers}
    )


def compare_units(counts: pd.DataFrame, denominators: dict[str, float]) -> pd.DataFrame:
    """Police reports of each unit for every 100,000 of a stated denominator, such as inhabitants;
    no row for a unit without one.

    Columns police_unit, period, n, value, unit. Empty where the extract states no denominator.
    """
    known = (
        counts[counts["police_unit"].isin(denominators) & (counts["n"] > 0)]
        if denominators
        else counts.iloc[:0]
    )
    rates = known.assign(
        value=known["n"].astype(float)
        * 100_000
        / known["police_unit"].map(denominators).astype(float),
        unit="per_100000",
    )
    return rates[["police_unit", "period", "n", "value", "unit"]].reset_index(drop=True)
