"""Regression of rates over time: Cox with strata, weights and clusters, Fine and Gray, repeated
events, rates by person-years, and what stands beside a comparison. Checked against R.
`regression.opinion`, which needs lifelines, is asked for by its own name, since that is slow to
import."""

from helpers.regression.compare import ADJUSTMENTS, adjust_p_values, find_e_value
from helpers.regression.cox import TRANSFORMS, compare_over_time, estimate_cox, predict_curves
from helpers.regression.fine_gray import fit_fine_gray
from helpers.regression.frailty import fit_frailty
from helpers.regression.recurrent import (
    estimate_rates,
    fit_andersen_gill,
    fit_pwp_gap,
    fit_pwp_total,
    fit_wei_lin_weissfeld,
)

__all__ = [
    "ADJUSTMENTS",
    "TRANSFORMS",
    "adjust_p_values",
    "compare_over_time",
    "estimate_cox",
    "estimate_rates",
    "find_e_value",
    "fit_andersen_gill",
    "fit_fine_gray",
    "fit_frailty",
    "fit_pwp_gap",
    "fit_pwp_total",
    "fit_wei_lin_weissfeld",
    "predict_curves",
]
