"""Which numbers may leave: rule sets, and the checks that a table must pass before it is
released."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import yaml

from helpers.edition import CODES, BadInput

TOTALS = ("all", "total")
# What stands in place of a count that is hidden because it would give a small one away.
HIDDEN = "hidden"


class DisclosureError(Exception):
    """A table that may not leave. The message names the table, the rule and the remedy."""


@dataclass(frozen=True)
class RuleSet:
    """One block of `data/codes/disclosure.yml`."""

    name: str
    keep_source_suppression: bool
    minimum_residual_df: int
    minimum_count: int
    rounding_base: int
    complement: bool = False
    largest_share: float = 1.0


def read_rule_set(name: str) -> RuleSet:
    """The rule set of this name. Raises BadInput for an unknown one."""
    blocks = yaml.safe_load((CODES / "disclosure.yml").read_text(encoding="utf-8"))
    if name not in blocks:
        raise BadInput(f"unknown disclosure rule set {name!r}; known: {', '.join(blocks)}")
    block = {key: value for key, value in blocks[name].items() if key != "about"}
    return RuleSet(name=name, **block)


def check_release(name: str, table: pd.DataFrame, rules: RuleSet, *, by: list[str]) -> None:
    """Raise DisclosureError where `table`, with one row for each combination of `by`, breaks a
    rule."""
    if rules.keep_source_suppression and "n" in table:
        _check_not_recoverable(name, table, by=by)
    if "n" in table:
        _check_counts(name, table, rules)


def _check_counts(name: str, table: pd.DataFrame, rules: RuleSet) -> None:
    """No count that stands for a few people, and none finer than the rounding base."""
    shown = pd.to_numeric(table.loc[table["status"] != "suppressed", "n"])
    small = int(((shown > 0) & (shown < rules.minimum_count)).sum())
    if rules.minimum_count > 1 and small:
        raise DisclosureError(
            f"table {name}: {small} counts lie below {rules.minimum_count}; join groups, or suppress these cells with protect_counts"
        )
    fine = int((shown % rules.rounding_base != 0).sum())
    if rules.rounding_base > 1 and fine:
        raise DisclosureError(
            f"table {name}: {fine} counts are no multiples of {rules.rounding_base}; round them with protect_counts"
        )


def protect_counts(table: pd.DataFrame, rules: RuleSet) -> pd.DataFrame:
    """`table` with counts below the minimum suppressed ("<10") and the others rounded, halves up;
    nothing changes where the rules ask for neither. A share has two decimals, so that it does not
    give the counts away; a suppressed row keeps none."""
    if rules.minimum_count <= 1 and rules.rounding_base == 1:
        return table
    small = (table["n"] > 0) & (table["n"] < rules.minimum_count)
    rounded = (table["n"] / rules.rounding_base + 0.5).floordiv(1).astype(int) * rules.rounding_base
    protected = table.assign(
        n=rounded.astype(object).where(~small, f"<{rules.minimum_count}"),
        status=small.map({True: "suppressed", False: "rounded"}),
    )
    return (
        protected.assign(share=protected["share"].round(2).where(~small))
        if "share" in protected
        else protected
    )


def protect_cells(table: pd.DataFrame, rules: RuleSet, *, within: list[str] | None) -> pd.DataFrame:
    """`table` with `n` safe to show, `status`, and, where `within` names the columns that stay
    fixed, `share` of their total.

    A count below the minimum becomes "<5" (suppressed). Others that would give it away become
    "hidden" (suppressed): one whose complement in its group is below the minimum, where the rules
    ask for that, and the total over a whole period with a hidden year. The rest are rounded to the
    base, halves up. Shares are of the counts that are shown, or they would tell the total and so
    what is hidden; there is none in a group where more than small counts are hidden. A `value` (a
    mean) goes with its count.
    """
    if table.empty:
        return table.assign(**({"share": []} if within is not None else {}), status=[])
    n = table["n"].astype(int)
    small = (n > 0) & (n < rules.minimum_count)
    hidden = small.copy()
    protected = (n / rules.rounding_base + 0.5).floordiv(1).astype(int) * rules.rounding_base
    groups = [table[column] for column in within or []]
    if rules.complement and groups:
        rest = n.groupby(groups).transform("sum") - n
        hidden |= (n > 0) & (rest > 0) & (rest < rules.minimum_count)
    hidden |= _gives_a_year_away(table, hidden)
    shown = table.assign(
        n=protected.astype(object).where(~hidden, HIDDEN).where(~small, f"<{rules.minimum_count}")
    )
    if groups:
        whole = protected.where(~hidden, 0).groupby(groups).transform("sum")
        is_shareless = (hidden & ~small).groupby(groups).transform("any")
        shown["share"] = (protected / whole.where(whole > 0)).where(~hidden & ~is_shareless)
    if "value" in table:
        shown["value"] = table["value"].where(~hidden)
    return shown.assign(
        status=hidden.map(
            {True: "suppressed", False: "rounded" if rules.rounding_base > 1 else "released"}
        )
    )


def protect_ratios(
    table: pd.DataFrame, rules: RuleSet, *, together: Sequence[str] = ()
) -> pd.DataFrame:
    """`table` with `n_events` of `n_known` safe to show, `share` made from what is shown, and
    `status`.

    Hidden where those with the event, or those without, are fewer than the minimum (and somebody);
    of how many it is known stays, unless they are few themselves. `together` names the columns of
    what is compared: where one side is hidden the other is too, since a published test of both
    would give it away. A share of nobody is no row.
    """
    table = table[table["n_known"] > 0]
    if table.empty:
        return table.assign(share=[], status=[])
    events, known = table["n_events"].astype(int), table["n_known"].astype(int)
    rest = known - events
    hidden = ((events > 0) & (events < rules.minimum_count)) | (
        (known > 0) & (known < rules.minimum_count)
    )
    if rules.complement:
        hidden |= (rest > 0) & (rest < rules.minimum_count)
    if together:
        hidden = hidden.groupby([table[column] for column in together]).transform("any")
    rounded = {
        name: ((n / rules.rounding_base + 0.5).floordiv(1).astype(int) * rules.rounding_base)
        for name, n in (("n_events", events), ("n_known", known))
    }
    share = (rounded["n_events"] / rounded["n_known"].where(~hidden, 1)).where(~hidden)
    is_small = (events > 0) & (events < rules.minimum_count)
    shown = {
        "n_events": rounded["n_events"]
        .astype(object)
        .where(~hidden, HIDDEN)
        .where(~is_small | (known < rules.minimum_count), f"<{rules.minimum_count}"),
        "n_known": rounded["n_known"].astype(object).where(known >= rules.minimum_count, HIDDEN),
    }
    return table.assign(
        **shown,
        share=share,
        status=hidden.map(
            {True: "suppressed", False: "rounded" if rules.rounding_base > 1 else "released"}
        ),
    )


def protect_estimates(estimates: pd.DataFrame, rules: RuleSet) -> pd.DataFrame:
    """`estimates` with `n_behind`, the number behind each, rounded, and `status`; where it is below
    the minimum the numbers of the row are hidden; where one person makes up too much of a sum
    (`largest_share`, which does not leave), too. Without that column everything stays as it is."""
    if "n_behind" not in estimates or estimates.empty:
        return estimates.drop(columns="largest_share", errors="ignore").assign(status="released")
    hidden = (estimates["n_behind"] < rules.minimum_count) | (
        estimates.get("largest_share", 0.0) > rules.largest_share
    )
    estimates = estimates.drop(columns="largest_share", errors="ignore")
    numbers = [
        column
        for column in ("value", "ci_lower", "ci_upper", "statistic", "p_value")
        if column in estimates
    ]
    rounded = (estimates["n_behind"] / rules.rounding_base + 0.5).floordiv(1).astype(
        int
    ) * rules.rounding_base
    shown = {column: estimates[column].astype(object).where(~hidden, HIDDEN) for column in numbers}
    return estimates.assign(
        **shown,
        n_behind=rounded.astype(object).where(~hidden, HIDDEN),
        status=hidden.map({True: "suppressed", False: "rounded"}),
    )


def coarsen_curve(
    curve: pd.DataFrame,
    rules: RuleSet,
    *,
    step_days: float,
    estimate: str = "incidence",
    steps: int | None = None,
) -> pd.DataFrame:
    """A curve at whole steps of time, so that no event time of a person can be read from it.

    `curve` has time (days), n_at_risk, n_events, `estimate`, ci_lower, ci_upper. A step stays only
    where at least the minimum number of events lies since the last one that stayed, and as many are
    still at risk; `steps` limits how many are looked at. Shares are rounded to what the rounding
    base is of those at the start (limits outwards), since an exact share would tell the exact
    count. Columns years, n_at_risk (rounded), share, ci_lower, ci_upper.
    """
    rows, seen, total, base = [], 0, curve["n_events"].cumsum(), rules.rounding_base
    grain = base / max(curve["n_at_risk"].max() // base * base, base)
    last_step = int(curve["time"].max() // step_days)
    for step in range(1, min(last_step, steps or last_step) + 1):
        before = curve[curve["time"] <= step * step_days]
        left = (
            int(curve.loc[curve["time"] > step * step_days, "n_at_risk"].max())
            if (curve["time"] > step * step_days).any()
            else 0
        )
        events = int(total.loc[before.index[-1]]) if len(before) else 0
        if events - seen >= rules.minimum_count and left >= rules.minimum_count:
            last, seen = before.iloc[-1], events
            limits = (
                max(last["ci_lower"] // grain * grain, 0.0),
                min(-(-last["ci_upper"] // grain) * grain, 1.0),
            )
            rows.append(
                (
                    step * step_days / 365.25,
                    int((left / base + 0.5) // 1 * base),
                    (last[estimate] / grain + 0.5) // 1 * grain,
                    *limits,
                )
            )
    return pd.DataFrame(rows, columns=["years", "n_at_risk", "share", "ci_lower", "ci_upper"])


def check_change(name: str, change: pd.DataFrame, rules: RuleSet) -> None:
    """Raise DisclosureError where a change of few people would show them."""
    counts = change[["n_first", "n_last"]].to_numpy(dtype=float)
    small = (
        int(((counts > 0) & (counts < rules.minimum_count)).any(axis=1).sum()) if len(change) else 0
    )
    if small:
        raise DisclosureError(
            f"table {name}: {small} categories have a count below {rules.minimum_count} in one of the years; join them with decompose_change(minimum=...)"
        )


def _gives_a_year_away(table: pd.DataFrame, hidden: pd.Series) -> pd.Series:
    """True for the total over several years of a series with a hidden year: less the years that are
    shown it would be that year."""
    if "period" not in table:
        return pd.Series(False, index=table.index)
    is_year = table["period"].str.fullmatch(r"\d{4}")
    series = [column for column in table if column not in ("period", "n")]
    keys = (
        table[series].astype(str).agg("|".join, axis=1)
        if series
        else pd.Series("", index=table.index)
    )
    with_hidden = set(keys[hidden & is_year])
    return ~is_year & keys.isin(with_hidden) & (table["n"] > 0)


def _check_not_recoverable(name: str, table: pd.DataFrame, *, by: list[str]) -> None:
    """No suppressed cell may stand beside its total: the total less the other parts would give it
    away."""
    suppressed = table[table["status"] == "suppressed"]
    for column in by:
        others = [c for c in by if c != column]
        for _, cell in suppressed.iterrows():
            siblings = table[(table[others] == cell[others]).all(axis=1)] if others else table
            if siblings[column].isin(TOTALS).any():
                raise DisclosureError(
                    f"table {name}: a suppressed cell of {column} stands beside its total, so that it can be worked out; "
                    f"leave out the total or join {column} groups"
                )


def is_model_allowed(n_observations: int, n_parameters: int, rules: RuleSet) -> bool:
    """True where a model of `n_parameters` on `n_observations` leaves enough residual degrees of
    freedom."""
    return n_observations - n_parameters >= rules.minimum_residual_df
