"""What a constraint compares: a count of a table, a share, a change, a statement of order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

Measures = dict[str, float]
# A difference that the monitor calls one has a smaller p-value.
SIGNIFICANT = 0.05


def add_up(table: pd.DataFrame, of: str = "n", /, **codes: str | Sequence[str]) -> float:
    """The sum of column `of` over the rows with these codes, one or several a column."""
    chosen = np.ones(len(table), dtype=bool)
    for column, wanted in codes.items():
        chosen &= table[column].isin([wanted] if isinstance(wanted, str) else list(wanted))
    return float(table.loc[chosen, of].sum())


def list_years(table: pd.DataFrame, **codes: str | Sequence[str]) -> pd.Series:
    """`add_up` of each single year of the table, by year."""
    periods = [period for period in dict.fromkeys(table["period"]) if "-" not in period]
    return pd.Series({int(period): add_up(table, period=period, **codes) for period in periods})


def share(part: float, whole: float) -> float:
    """Percentage; NaN of nothing."""
    return 100 * float(part) / float(whole) if whole else float("nan")


def change(later: float, earlier: float) -> float:
    """Change in percent; NaN from nothing."""
    return share(float(later) - float(earlier), earlier)


def holds(*statements: object) -> float:
    """1 where all statements hold, else 0."""
    return float(all(bool(statement) for statement in statements))


def is_falling(values: Iterable[float]) -> bool:
    """True where each value is below the one before."""
    return bool((np.diff(list(values)) < 0).all())


def find_p_value(with_event: Sequence[float], whole: Sequence[float]) -> float:
    """The p-value of `run_test`."""
    return run_test(with_event, whole)[1]


def run_test(with_event: Sequence[float], whole: Sequence[float]) -> tuple[float, float]:
    """Statistic and p-value of Pearson's chi-square of a yes-no outcome in groups (no continuity
    correction), as in SPSS; NaN where all or none have it."""
    from scipy.stats import chi2_contingency  # here, so that other verbs do not wait for it

    events, sizes = np.asarray(with_event, dtype=float), np.asarray(whole, dtype=float)
    if not 0 < events.sum() < sizes.sum():
        return float("nan"), float("nan")
    test = chi2_contingency([events, sizes - events], correction=False)
    return float(test.statistic), float(test.pvalue)
