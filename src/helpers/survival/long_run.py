"""What ten and fifteen years would look like if the curve went on as a model says, and how far the
answer depends on the model. No forecast: beyond the follow-up nothing was seen, and models that
agree where there are data part where there are none. Fitted by lifelines."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any

import lifelines
import numpy as np
import pandas as pd
import scipy
from autograd import hessian, value_and_grad

from helpers.edition import BadInput
from helpers.survival.curves import estimate_kaplan_meier

MODELS = ("weibull", "log_normal", "log_logistic", "generalised_gamma", "spline", "mixture_cure")
FEWEST_EVENTS = 50
# Times nearer to each other than this share of them are one time to the models: their shares move
# by less than a thousandth, and a fit takes half as long.
SAME = 0.01
SIMPLEX = {"maxiter": 400}  # as lifelines


def compare_long_run(
    days: np.ndarray,
    event: np.ndarray,
    *,
    known_days: np.ndarray,
    horizons: Sequence[float],
    marks: int = 5,
) -> pd.DataFrame:
    """The share with the event by each of `horizons` (days) under each of MODELS, fitted to
    everything, and how far each was off when the last years were held back: fitted to what was seen
    in `known_days` (of each person by an earlier date; 0 or less: not in view yet), and compared
    with Kaplan-Meier of everything at `marks` times after the longest of them.

    Columns model, horizon, value, ci_lower, ci_upper, held_back_error (mean absolute difference),
    verdict (fitted, no_fit). The model "any" is the band over all that were fitted: the largest and
    smallest limit, and the value of the one with the least error. Who is not independent makes the
    limits too narrow. Raises BadInput for fewer than FEWEST_EVENTS events, and where nothing was
    held back.
    """
    days, event, known = (np.asarray(part, dtype=float) for part in (days, event, known_days))
    is_used = days > 0
    days, event, known = days[is_used], event[is_used], known[is_used]
    if (event == 1).sum() < FEWEST_EVENTS:
        raise BadInput(
            f"{int((event == 1).sum())} events; below {FEWEST_EVENTS} a curve is not drawn out"
        )
    seen = known > 0
    early, longest = np.minimum(days[seen], known[seen]), float(known[seen].max(initial=0))
    was_event = (event[seen] == 1) & (days[seen] <= known[seen])
    if not longest < days.max() or was_event.sum() < FEWEST_EVENTS:
        raise BadInput("nothing is held back, or too little is left; name an earlier date")
    curve = estimate_kaplan_meier(days.astype(int), event == 1)
    times = np.linspace(longest, float(days.max()), marks + 1)[1:]
    observed = 1 - _read_at(curve, times)
    tables = []
    rows, early_rows = _count_alike(days, event == 1), _count_alike(early, was_event)
    knots, early_knots = (
        np.quantile(part, [0.05, 0.5, 0.95]) for part in (days[event == 1], early[was_event])
    )
    for model in MODELS:
        held = _predict(model, early_rows, early_knots, times)
        whole = _predict(model, rows, knots, np.asarray(horizons, dtype=float))
        is_fitted = held is not None and whole is not None
        error = float(np.abs(held[:, 0] - observed).mean()) if held is not None else math.nan
        numbers = whole if is_fitted else np.full((len(horizons), 3), np.nan)
        tables.append(
            pd.DataFrame(numbers, columns=["value", "ci_lower", "ci_upper"]).assign(
                model=model,
                horizon=list(horizons),
                held_back_error=error if is_fitted else math.nan,
                verdict="fitted" if is_fitted else "no_fit",
            )
        )
    return _add_band(pd.concat(tables, ignore_index=True))


def _read_at(curve: pd.DataFrame, times: np.ndarray) -> np.ndarray:
    place = np.searchsorted(curve["time"].to_numpy(), times, side="right")
    return np.concatenate([[1.0], curve["survival"].to_numpy()])[place]


class _Sought(lifelines.fitters.ParametricUnivariateFitter):
    """A model of lifelines whose simplex looks at the likelihood alone. lifelines has each of its
    hundreds of points differentiated too and uses no slope, which takes ten times as long."""

    def _fit_model(
        self, *rows: Any, fit_options: dict[str, Any], **_: Any
    ) -> tuple[np.ndarray, float, np.ndarray]:
        own = self._negative_log_likelihood_right_censoring
        given: dict[str, Any] = {"args": rows, "bounds": self._bounds}
        first = np.asarray(self._initial_values, dtype=float)
        near = scipy.optimize.minimize(own, first, method="Nelder-Mead", options=SIMPLEX, **given)
        method, options = self._scipy_fit_method, {**self._scipy_fit_options, **fit_options}
        best = scipy.optimize.minimize(
            value_and_grad(own), near.x, jac=True, method=method, options=options, **given
        )
        if not best.success or not best.fun <= near.fun:
            best = near
        if not best.success or not np.isfinite(best.x).all():
            raise lifelines.exceptions.ConvergenceError("no point with the largest likelihood")
        people, curvature = rows[-1].sum(), hessian(own)(best.x, *rows)
        return best.x, -best.fun * people, (curvature + curvature.T) / 2 * people


def _make(model: str, **given: Any) -> lifelines.fitters.ParametricUnivariateFitter:
    family = {
        "weibull": lifelines.WeibullFitter,
        "log_normal": lifelines.LogNormalFitter,
        "log_logistic": lifelines.LogLogisticFitter,
        "generalised_gamma": lifelines.GeneralizedGammaFitter,
        "spline": lifelines.SplineFitter,
        "mixture_cure": lifelines.MixtureCureFitter,
    }[model]
    return type(family.__name__, (_Sought, family), {})(**given)


def _count_alike(days: np.ndarray, is_event: np.ndarray) -> tuple[np.ndarray, ...]:
    """A row a distinct time and outcome, with the number of people, which makes a million of them
    as quick to fit as a thousand."""
    width = np.floor(days * SAME)
    rounded = np.where(width > 0, np.round(days / np.maximum(width, 1.0)) * width, days)
    times, place = np.unique(rounded, return_inverse=True)
    people = np.bincount(2 * place + is_event, minlength=2 * len(times))
    some = np.flatnonzero(people)
    return times[some // 2], some % 2, people[some]


def _predict(
    model: str, rows: tuple[np.ndarray, ...], knots: np.ndarray, times: np.ndarray
) -> np.ndarray | None:
    """Share, lower and upper limit at each time; None where the fit does not arrive."""
    if model == "spline":
        if len(np.unique(knots)) < 3:
            return None
        fitter = _make(model, knot_locations=knots)
    elif model == "mixture_cure":
        fitter = _make(model, base_fitter=lifelines.WeibullFitter())
    else:
        fitter = _make(model)
    days, is_event, people = rows
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # lifelines warns of steps that it then takes back
        try:
            fitter.fit(days, is_event, timeline=times, weights=people)
            limits = fitter.confidence_interval_cumulative_density_.to_numpy()
            found = np.column_stack([fitter.cumulative_density_.to_numpy()[:, 0], limits])
        except (lifelines.exceptions.ConvergenceError, ValueError, np.linalg.LinAlgError):
            return None
    found[:, 1:] = np.sort(found[:, 1:], axis=1)
    return np.clip(found, 0.0, 1.0) if np.isfinite(found).all() else None


def _add_band(table: pd.DataFrame) -> pd.DataFrame:
    fitted = table[table["verdict"] == "fitted"]
    if fitted.empty:
        return table
    best = fitted.loc[fitted["held_back_error"].idxmin(), "model"]
    band = fitted.groupby("horizon", as_index=False).agg(
        ci_lower=("ci_lower", "min"), ci_upper=("ci_upper", "max")
    )
    values = fitted[fitted["model"] == best].set_index("horizon")["value"]
    band = band.assign(
        model="any", value=values.reindex(band["horizon"]).to_numpy(), verdict="fitted",
        held_back_error=fitted["held_back_error"].min(),
    )  # fmt: skip
    columns = ["model", "horizon", "value", "ci_lower", "ci_upper", "held_back_error", "verdict"]
    return pd.concat([table, band], ignore_index=True)[columns]
