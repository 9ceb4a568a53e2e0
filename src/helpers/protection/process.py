"""Protection and return: what happens to presumed victims who come into view, as shares of those of
whom it is known."""

from __future__ import annotations

import pandas as pd

LEVEL = 0.95
PROCESS_COLUMNS = [
    "category",
    "period",
    "n_events",
    "n_known",
    "share",
    "ci_lower",
    "ci_upper",
    "status",
    "mark",
    "source",
]


def estimate_process_share(
    counts: pd.DataFrame, *, category: str, events: list[str], others: list[str]
) -> pd.DataFrame:
    """The share to whom something happened, of those of whom it is known whether it did, a row a
    period.

    `counts` has category, period, n and source (`published.tabulate_printed`); `events` and
    `others` are its categories where it happened and where it did not, all else is unknown and left
    out. The limits are the exact ones of a binomial process (Clopper and Pearson 1934): how far a
    year may lie from another if each person decided alone. People come in cases, so they are too
    narrow, and they say nothing about people who were not seen. Columns category, period, n_events,
    n_known, share, ci_lower, ci_upper, status, mark, source.
    """
    # Here, so that who asks the room for something else does not wait for it.
    from statsmodels.stats.proportion import proportion_confint

    rows = []
    for period, part in counts[counts["category"].isin([*events, *others])].groupby(
        "period", sort=False
    ):
        happened, known = (
            float(part.loc[part["category"].isin(events), "n"].sum()),
            float(part["n"].sum()),
        )
        lower, upper = proportion_confint(happened, known, alpha=1 - LEVEL, method="beta")
        rows.append(
            (
                category,
                period,
                happened,
                known,
                happened / known,
                float(lower),
                float(upper),
                "released",
                "published",
                "|".join(part["source"]),
            )
        )
    return pd.DataFrame(rows, columns=PROCESS_COLUMNS).fillna({"ci_lower": 0.0, "ci_upper": 1.0})
