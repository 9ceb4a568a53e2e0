"""What stands beside a comparison so that it does not mislead: E-values, p-values of several tests
together, and a second opinion."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.edition import BadInput
from helpers.survival.risk import read_numbers

HALF = -np.log(2.0)  # 1 - 0.5^x is -expm1(HALF x)
LEAST_RATIO = 1e-300  # beyond it and its inverse a ratio leaves the range of numbers
ADJUSTMENTS = ("holm", "bonferroni", "benjamini_hochberg")


def find_e_value(
    ratio: float, *, lower: float | None = None, upper: float | None = None, is_rare: bool = True
) -> pd.DataFrame:
    """How strongly something unmeasured would have to go together with both sides of a ratio, each
    as a risk ratio, to explain it away (VanderWeele and Ding 2017): of the ratio and of the limit
    nearer to 1 (1 where the interval holds 1). Columns value, of_limit.

    With `is_rare` False the ratio is a hazard ratio of an outcome of 15 percent or more, and is
    turned into a risk ratio first: (1 - 0.5^sqrt(HR)) / (1 - 0.5^sqrt(1/HR)). R:
    EValue::evalues.HR(est, lo, hi, rare). Raises BadInput for ratios that are not above 0.
    """
    given = read_numbers([ratio, *(part for part in (lower, upper) if part is not None)], "ratios")
    if not ((given >= LEAST_RATIO) & (given <= 1 / LEAST_RATIO)).all():
        raise BadInput("a ratio and its limits must be finite and above 0")
    if (lower is not None and lower > ratio) or (upper is not None and upper < ratio):
        raise BadInput("the limits must lie on both sides of the ratio")

    def explain(value: float) -> float:
        if not is_rare:
            value = np.expm1(HALF * np.sqrt(value)) / np.expm1(HALF * np.sqrt(1 / value))
        value = max(value, 1 / value)
        return float(value + np.sqrt(value) * np.sqrt(value - 1))

    near = lower if ratio >= 1 else upper
    holds_one = near is not None and (near <= 1 if ratio >= 1 else near >= 1)
    of_limit = np.nan if near is None else 1.0 if holds_one else explain(near)
    return pd.DataFrame({"value": [explain(ratio)], "of_limit": [of_limit]})


def adjust_p_values(p_values: pd.Series, *, method: str = "holm") -> pd.Series:
    """P-values of tests that are read together: "holm" and "bonferroni" keep the chance of any
    false finding, "benjamini_hochberg" the share of false ones among the findings. Missing ones are
    not counted. R: p.adjust(p, method). Raises BadInput for another method or values outside
    0..1."""
    if method not in ADJUSTMENTS:
        raise BadInput(f"method {method!r}: one of {', '.join(ADJUSTMENTS)}")
    given = pd.Series(p_values, dtype=None if len(p_values) else float)
    values = read_numbers(given, "p-values").astype(float)
    where = np.flatnonzero(~np.isnan(values))
    known = values[where]
    if not ((known >= 0) & (known <= 1)).all():
        raise BadInput("p-values lie between 0 and 1")
    n, order = len(known), np.argsort(known, kind="stable")
    ordered, place = known[order], np.arange(1, len(known) + 1)
    if method == "bonferroni":
        adjusted = ordered * n
    elif method == "holm":
        adjusted = np.maximum.accumulate(ordered * (n - place + 1))
    else:
        adjusted = np.minimum.accumulate((ordered * n / place)[::-1])[::-1]
    result = np.full(len(values), np.nan)
    result[where[order]] = np.minimum(adjusted, 1.0)
    return pd.Series(result, index=given.index)
