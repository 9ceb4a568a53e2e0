"""A second opinion: what lifelines answers where both can, the largest difference, and why."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import lifelines
import numpy as np
import pandas as pd
from lifelines.utils import restricted_mean_survival_time

from helpers import survival
from helpers.edition import BadInput
from helpers.regression.cox import estimate_cox

# What is asked, how far apart the answers may be (the mean relative to itself), and why they are:
# sums are rounded; lifelines shifts tied times at random; it stops Newton's steps earlier.
REASONS = {
    "kaplan_meier": (1e-9, "sums_rounded"),
    "kaplan_meier_limits": (1e-6, "sums_rounded"),
    "restricted_mean": (1e-6, "sums_rounded"),
    "aalen_johansen": (2e-2, "ties_shifted"),
    "cox_coefficients": (1e-4, "fewer_steps"),
    "cox_errors": (1e-4, "fewer_steps"),
}


def compare_with_lifelines(
    rows: pd.DataFrame,
    terms: Sequence[str],
    *,
    days: str = "days",
    event: str = "event",
) -> pd.DataFrame:
    """The largest absolute difference between this room and lifelines, of each estimate that both
    can give: category, value, allowed, due_to, verdict (agrees, differs). `event` is 0, 1 or 2
    (competing). Raises BadInput where nothing happened."""
    time, codes = rows[days].to_numpy(), rows[event].to_numpy()
    is_event = (codes == 1).astype(int)
    if not is_event.any():
        raise BadInput("nothing happened to anybody; there is nothing to compare")
    until = float(np.quantile(time, 0.8))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of ties, which are why Aalen-Johansen differs
        found = {
            **_compare_kaplan_meier(time, is_event, until),
            "aalen_johansen": _compare_incidence(time, codes),
            **_compare_cox(rows.assign(**{event: is_event}), terms, days, event),
        }
    table = pd.DataFrame({"category": list(found), "value": list(found.values())})
    allowed = [REASONS[name][0] for name in found]
    return table.assign(
        allowed=allowed,
        due_to=[REASONS[name][1] for name in found],
        verdict=np.where(table["value"] <= allowed, "agrees", "differs"),
    )


def _compare_kaplan_meier(time: np.ndarray, is_event: np.ndarray, until: float) -> dict[str, float]:
    own, other = survival.estimate_kaplan_meier(time, is_event), lifelines.KaplanMeierFitter()
    other.fit(time, is_event)
    at = own["time"].to_numpy()
    limits = other.confidence_interval_survival_function_.reindex(at).to_numpy()
    known = own[["ci_lower", "ci_upper"]].to_numpy()
    inside = (own["survival"] > 0) & (own["survival"] < 1)
    mean = survival.estimate_restricted_mean(own, until)["value"].iloc[0]
    return {
        "kaplan_meier": _largest(own["survival"] - other.survival_function_at_times(at).to_numpy()),
        "kaplan_meier_limits": _largest((known - limits)[inside]),
        "restricted_mean": abs(mean / restricted_mean_survival_time(other, t=until) - 1),
    }


def _compare_incidence(time: np.ndarray, codes: np.ndarray) -> float:
    own = survival.estimate_aalen_johansen(time, codes)
    own = own[own["cause"] == 1]
    other = lifelines.AalenJohansenFitter(seed=1, calculate_variance=False)
    other.fit(time, codes, event_of_interest=1)
    curve = other.cumulative_density_.iloc[:, 0]
    place = np.searchsorted(curve.index.to_numpy(), own["time"].to_numpy() + 0.5, side="right") - 1
    return _largest(own["incidence"] - curve.to_numpy()[place])


def _compare_cox(
    rows: pd.DataFrame, terms: Sequence[str], days: str, event: str
) -> dict[str, float]:
    own = estimate_cox(rows, terms, stop=days, event=event)
    other = lifelines.CoxPHFitter().fit(rows[[days, event, *terms]], days, event)
    return {
        "cox_coefficients": _largest(own["coefficient"] - other.params_[list(terms)].to_numpy()),
        "cox_errors": _largest(own["std_error"] - other.standard_errors_[list(terms)].to_numpy()),
    }


def _largest(differences: np.ndarray) -> float:
    return float(np.nanmax(np.abs(np.asarray(differences, dtype=float)), initial=0.0))
