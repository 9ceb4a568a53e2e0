"""Regression of rates over time."""

from helpers.regression.cox import TRANSFORMS, compare_over_time, estimate_cox, predict_curves

__all__ = ["TRANSFORMS", "compare_over_time", "estimate_cox", "predict_curves"]
