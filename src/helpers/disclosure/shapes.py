"""How one table is made safe to show under its rules, by the shape that its product declares, and
the check that it is. What tables say together is protected after this (`suppression`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from helpers.definitions import OTHERS
from helpers.disclosure.rules import (
    HIDDEN,
    REMAINING,
    DisclosureError,
    RuleSet,
    is_small,
    round_counts,
)
from helpers.products import NUMBERS, Product

TOTALS = ("all", "total")
# What may stand in place of a number: nothing, the sign of a hidden one, a source's own "<5".
_IN_PLACE = rf"|{HIDDEN}|<\d+(\.\d+)?"
OTHER_COMBINATIONS = "other_combinations"
_AVERAGE_PERSONS = 5
_DECIMAL = 0.1
# Two of the three tell the third, and exactly enough to count those who have any.
_NEVER_TOGETHER = ("mean_", "share_any_", "amount_any_")


def check_release(table: pd.DataFrame, product: Product, rules: RuleSet) -> None:
    """Raise DisclosureError where a protected table breaks a rule.

    Every count, whatever its column is called, is nobody or at least the minimum, and a multiple of
    the base; no number is less than nobody or a word of another kind. A share, an estimate, a limit
    or a statistic stands beside the count behind it. What is numeric and neither key nor number has
    no place.
    """
    if rules.keep_source_suppression and "n" in table:
        _check_not_recoverable(product.name, table, by=list(product.keys))
    columns = list(table.columns)
    counts = product.list_columns(columns, "count")
    others = product.list_columns(columns, "share", "estimate", "limit", "statistic")
    if not rules.is_open:
        _check_cells(product.name, table, counts, others)
    shown = table[counts].apply(pd.to_numeric, errors="coerce")
    _check_counts(product.name, shown, rules)
    if not rules.is_open:
        _check_behind(product.name, table[others], shown)
        _check_words(table, product)
        _check_three(table, product)


def _check_cells(name: str, table: pd.DataFrame, counts: list[str], others: list[str]) -> None:
    """A cell is a number, nothing, the sign of a hidden one, or a source's own "<5"; a count is a
    whole number of nought or more."""
    for column in [*counts, *others]:
        words = table[column].dropna()
        numbers = pd.to_numeric(words, errors="coerce")
        is_odd = ~np.isfinite(numbers) & ~words.astype(str).str.fullmatch(_IN_PLACE)
        if column in counts:
            is_odd |= (numbers < 0) | (numbers % 1 > 0)
        if is_odd.any():
            raise DisclosureError(
                f"table {name}, column {column}: {int(is_odd.sum())} cells hold no number that may "
                "be there; a count is a whole number of nought or more, and what is hidden says so"
            )


def _check_counts(name: str, shown: pd.DataFrame, rules: RuleSet) -> None:
    small = ((shown > 0) & (shown < rules.least_shown)).sum()
    fine = (shown.notna() & (shown % rules.rounding_base != 0)).sum()
    for column, number in small[small > 0].items():
        if rules.minimum_count > 1:
            raise DisclosureError(
                f"table {name}, column {column}: {number} counts lie below {rules.least_shown}; "
                "join groups, or declare the shape that hides them in data/codes/products.csv"
            )
    for column, number in fine[fine > 0].items():
        if rules.rounding_base > 1:
            raise DisclosureError(
                f"table {name}, column {column}: {number} counts are no multiples of "
                f"{rules.rounding_base}; declare the shape that rounds them in "
                "data/codes/products.csv"
            )


def _check_behind(name: str, others: pd.DataFrame, shown: pd.DataFrame) -> None:
    """No number that was made from counts without the count behind it in its row."""
    has_number = others.apply(pd.to_numeric, errors="coerce").notna()
    bare = int((has_number.any(axis=1) & ~shown.notna().any(axis=1)).sum())
    if bare:
        columns = ", ".join(has_number.columns[has_number.any()])
        raise DisclosureError(
            f"table {name}: {bare} rows show {columns} without the number of people behind them; "
            "add it as n_behind"
        )


def _check_three(table: pd.DataFrame, product: Product) -> None:
    """Never the mean of all, the share with any and the mean of those with any of the same people."""
    names = set(table["category"].astype(str)) if "category" in table else set()
    for name in names:
        whom = name.removeprefix(_NEVER_TOGETHER[0])
        if all(f"{start}{whom}" in names for start in _NEVER_TOGETHER):
            raise DisclosureError(
                f"table {product.name}: mean, share with any and mean of those with any of {whom} "
                "tell together how many have any; leave one out"
            )


def _check_words(table: pd.DataFrame, product: Product) -> None:
    """No number in a column of words, and no key that the product does not name."""
    for column in table:
        kind = product.find_kind(str(column))
        is_loose_key = kind == "inside" or (kind == "key" and column not in product.keys)
        is_number = kind == "text" and pd.api.types.is_numeric_dtype(table[column])
        if is_loose_key or (is_number and table[column].notna().any()):
            raise DisclosureError(
                f"table {product.name}, column {column}: a {'key' if is_loose_key else 'number'} "
                "that is not declared; name it among the keys in data/codes/products.csv, give its "
                "kind, or leave it out"
            )


def protect(table: pd.DataFrame, product: Product, rules: RuleSet, **steps: Any) -> pd.DataFrame:
    """`table` safe to show, by the shape that its product declares, with `status`.

    `steps` are step_days and steps of a curve. Raises DisclosureError where it may not leave.
    """
    if product.shape == "curve":
        return protect_curves(table, product, rules, **steps)
    made = _PROTECT[product.shape](table, product, rules)
    if made.empty:  # there was nothing to protect, and what helps to protect stays inside
        columns = list(made.columns)
        made = made.drop(columns=[c for c in columns if product.find_kind(str(c)) == "inside"])
    return made


def protect_cells(
    table: pd.DataFrame, rules: RuleSet, *, within: Sequence[str] = ()
) -> pd.DataFrame:
    """`table` with `n` safe to show, `status`, and, where `within` names the columns that stay
    fixed, `share` of their total.

    A count below the least that may be shown becomes "hidden" (suppressed), and others that would
    give it away too: one whose complement in its group is as small, where the rules ask for that,
    and the total over a whole period with a hidden year.
    The rest are rounded to the base, halves up. Shares are of the counts that are shown, or they
    would tell the total and so what is hidden; there is none in a group with a hidden count. A share that came with the table has two decimals, so that it does not give
    the count away. A `value` (a mean) goes with its count.
    """
    if table.empty:
        bare = table.drop(columns="grid", errors="ignore")
        return bare.assign(**({"share": []} if within else {}), status=[])
    if rules.is_open and not within:
        return table.assign(status=rules.status)
    n = table["n"].astype(int)
    small = is_small(n, rules)
    hidden = small | _gives_a_rest_away(n, table, within, rules)
    hidden |= _gives_a_year_away(table, hidden)
    return show_cells(table, rules, hidden, within=within)


def join_combinations(table: pd.DataFrame, product: Product, rules: RuleSet) -> pd.DataFrame:
    """`table` of `n` by combination (the product's first key), with those of too few people in one
    row, the last: their parts are never shown, so that there is nothing to hide."""
    n = table["n"].astype(int)
    few = n < max(rules.least_shown, rules.least_combination)
    if not few.any():
        return table
    joined = table[few].head(1).assign(**{product.keys[0]: OTHER_COMBINATIONS, "n": n[few].sum()})
    return pd.concat([table[~few], joined], ignore_index=True)


def show_cells(
    table: pd.DataFrame,
    rules: RuleSet,
    hidden: pd.Series,
    *,
    within: Sequence[str] = (),
    whole: pd.Series | None = None,
) -> pd.DataFrame:
    """`table` with `n` rounded, or hidden; what was made from a hidden count goes with it.

    All hidden cells carry one sign. A share in a group with one is of `whole`, the shown count of
    the whole group; there is none where that is not shown. A mean keeps one decimal, or times its count it would tell the
    sum.
    """
    protected = round_counts(table["n"].astype(int), rules)
    n = protected.astype(object).where(~hidden, HIDDEN)
    shown = table.assign(n=n)
    if within:
        share = _share_what_is_shown(protected, hidden, table, within)
        if whole is not None:
            share = share.fillna((protected / whole.where(whole > 0)).where(~hidden))
        shown["share"] = share
    elif "share" in table:
        shown["share"] = table["share"].round(2).where(~hidden)
    if "value" in table:
        value = _round_means(table)
        shown = shown.drop(columns="grid", errors="ignore").assign(value=value.where(~hidden))
    return shown.assign(status=_name_status(hidden, rules))


def _round_means(table: pd.DataFrame) -> pd.Series:
    """The means of `n` people on their grid, or with one decimal, and coarser for fewer people: times
    their number they leave as many sums open as values of a hidden count, so that two groups that
    differ by a person do not tell that person's value."""
    exact = table["value"].astype(float)
    step = (REMAINING / table["n"].astype(int).clip(lower=1)).clip(lower=_DECIMAL)
    if "grid" in table:
        step = table["grid"].where(table["grid"] > step, step)
    return place_on_grid(table.assign(value=exact, grid=step))["value"].round(6)


def _name_status(hidden: pd.Series, rules: RuleSet) -> pd.Series:
    return hidden.map({True: "suppressed", False: rules.status})


def _gives_a_rest_away(
    n: pd.Series, table: pd.DataFrame, within: Sequence[str], rules: RuleSet
) -> pd.Series:
    """True where the others of the group are fewer than the minimum, and somebody."""
    if not (rules.complement and within):
        return pd.Series(False, index=table.index)
    rest = n.groupby([table[column] for column in within]).transform("sum") - n
    return (n > 0) & is_small(rest, rules)


def _share_what_is_shown(
    protected: pd.Series,
    hidden: pd.Series,
    table: pd.DataFrame,
    within: Sequence[str],
) -> pd.Series:
    groups = [table[column] for column in within]
    whole = protected.where(~hidden, 0).groupby(groups).transform("sum")
    is_shareless = hidden.groupby(groups).transform("any")
    return (protected / whole.where(whole > 0)).where(~hidden & ~is_shareless)


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
    hidden = is_small(events, rules) | is_small(known, rules)
    if rules.complement:
        hidden |= is_small(known - events, rules)
    if together:
        hidden = hidden.groupby([table[column] for column in together]).transform("any")
    n_events, n_known = round_counts(events, rules), round_counts(known, rules)
    return table.assign(
        n_events=n_events.astype(object).where(~hidden, HIDDEN),
        n_known=n_known.astype(object).where(known >= rules.least_shown, HIDDEN),
        share=(n_events / n_known.where(~hidden, 1)).where(~hidden),
        status=_name_status(hidden, rules),
    )


def protect_rates(table: pd.DataFrame, rules: RuleSet) -> pd.DataFrame:
    """`table` with a `value` that is `n` over something, `n_victims` or a number from outside; a row
    with a count below the minimum is left out, and the value is that of the rounded counts."""
    counts = [column for column in ("n", "n_victims") if column in table]
    table = table[(table[counts] >= max(rules.least_shown, 1)).all(axis=1)]
    if table.empty:
        return table.assign(status=[])
    rounded = {column: round_counts(table[column].astype(int), rules) for column in counts}
    value = table["value"] * rounded["n"] / table["n"]
    if "n_victims" in rounded:
        value = value * table["n_victims"] / rounded["n_victims"]
    return table.assign(**rounded, value=value, status=rules.status)


def protect_change(table: pd.DataFrame, rules: RuleSet, *, by: str) -> pd.DataFrame:
    """`table` of the change between two years (`by`, period, n_first, n_last, value, unit; without a
    row for all), with categories of fewer than the minimum in one of the years joined into
    "others", and a row for all of them; the parts add up to it.

    Others take the smallest of the rest while they are too few too. Empty where one of the years
    has too few in all.
    """
    wide = table.set_index(by)[["n_first", "n_last"]].astype(int)
    if table.empty or is_small(wide.sum(), rules).any():
        return table.iloc[:0].assign(status=[])
    wide = _join_small(wide, rules)
    wide.loc["all"] = wide.sum()
    wide = wide.apply(round_counts, rules=rules)
    shown = wide.assign(
        period=table["period"].iloc[0],
        value=wide["n_last"] - wide["n_first"],
        unit=table["unit"].iloc[0],
    )
    return shown.rename_axis(by).reset_index()[list(table.columns)].assign(status=rules.status)


def _join_small(wide: pd.DataFrame, rules: RuleSet) -> pd.DataFrame:
    small = list(wide.index[wide.apply(is_small, rules=rules).any(axis=1)])
    if not small:
        return wide
    for category in wide.drop(index=small).sum(axis=1).sort_values(kind="stable").index:
        if not is_small(wide.loc[small].sum(), rules).any():
            break
        small.append(category)
    rest = wide.drop(index=small)
    rest.loc[OTHERS] = wide.loc[small].sum()
    return rest


def protect_estimates(
    estimates: pd.DataFrame, rules: RuleSet, *, numbers: Sequence[str]
) -> pd.DataFrame:
    """`estimates` with `n_behind`, the number behind each, rounded, and `status`.

    Where it is below the minimum the `numbers` of the row are hidden; where one person makes up too
    much of a sum (`largest_share`, which does not leave), too. A share of those behind is made from
    their rounded number, with two decimals. A model that leaves too few degrees
    of freedom (`residual_df`, which does not leave either) has no row.
    """
    if "residual_df" in estimates:
        estimates = estimates[estimates["residual_df"] >= rules.minimum_residual_df]
    estimates = _round_money(place_on_grid(estimates))
    largest = estimates.get("largest_share", pd.Series(0.0, index=estimates.index))
    estimates = estimates.drop(columns=["largest_share", "residual_df"], errors="ignore")
    if "n_behind" not in estimates or estimates.empty:
        return estimates.assign(status="released")
    behind = estimates["n_behind"].astype(int)
    hidden = (behind < rules.least_shown) | (largest > rules.largest_share)
    shown = {column: estimates[column].astype(object).where(~hidden, HIDDEN) for column in numbers}
    rounded = round_counts(behind, rules)
    if "n_compared" in estimates:
        of = estimates.pop("n_compared")
        whole = round_counts(of.fillna(rules.least_shown).astype(int), rules)
        value = (100 * rounded / whole).round(1).where(of.notna(), estimates["value"])
        shown["value"] = value.astype(object).where(~hidden, HIDDEN)
    if "share" in shown and not rules.is_open:
        share = (estimates["share"] * rounded / behind).round(2)
        shown["share"] = share.astype(object).where(~hidden, HIDDEN)
    status = hidden.map({True: "suppressed", False: "rounded"})
    n_behind = rounded.astype(object).where(~hidden, HIDDEN)
    return estimates.assign(**shown, n_behind=n_behind, status=status)


def _widen(step: float) -> float:
    """The next of 1, 2, 5, 10, 20, 50 and so on."""
    scale = 10.0 ** np.floor(np.log10(step))
    return float(next(k * scale for k in (1, 2, 5, 10) if k * scale >= step - 1e-9))


def place_on_grid(table: pd.DataFrame) -> pd.DataFrame:
    """`table` with value and limits as multiples of its `grid`, which does not leave; there is no
    row where too few people lie beside them."""
    if "grid" not in table:
        return table
    table = table[table["grid"] != np.inf]
    for column in ("value", "ci_lower", "ci_upper"):
        if column in table:
            shown = [
                value
                if pd.isna(step) or pd.isna(value)
                else round(value / _widen(step)) * _widen(step)
                for value, step in zip(table[column], table["grid"], strict=True)
            ]
            table = table.assign(**{column: shown})
    return table.drop(columns="grid")


def _round_money(estimates: pd.DataFrame) -> pd.DataFrame:
    """Amounts of money so coarse that the costs of five average persons stay within the rounding:
    two vintages that differ by one person do not tell what that person cost."""
    if "unit" not in estimates or "n_behind" not in estimates:
        return estimates
    step = (_AVERAGE_PERSONS * estimates["value"].abs() / estimates["n_behind"]).clip(lower=1.0)
    is_money = (estimates["unit"] == "eur") & (estimates["n_behind"] > 0)
    return place_on_grid(estimates.assign(grid=step.where(is_money)))


def _round_tests(table: pd.DataFrame, rules: RuleSet) -> pd.DataFrame:
    """Statistics with one decimal and p-values with two digits: to a thousandth the statistic of two
    groups leaves few counts within the rounding."""
    columns = [c for c in ("statistic", "p_value", "p_adjusted") if c in table]
    if rules.is_open or table.empty:
        return table
    coarse = {
        column: table[column].astype(float).round(1)
        if column == "statistic"
        else table[column].astype(float).map(lambda p: float(f"{p:.1e}"))
        for column in columns
    }
    return table.assign(**coarse)


def protect_contrasts(
    table: pd.DataFrame, rules: RuleSet, *, numbers: Sequence[str]
) -> pd.DataFrame:
    """Observed against expected (`value`, limits, `unit`, `n_behind` observed of `n_compared`) as if
    the count observed were the one that is shown, so that the ratio does not give the exact one
    away; for the same reason ratios have two digits and differences whole hundredths.
    `n_compared` does not leave."""
    if table.empty:
        return protect_estimates(table.drop(columns="n_compared"), rules, numbers=numbers)
    n = table["n_behind"].astype(int)
    shown = round_counts(n, rules)
    is_ratio = table["unit"] == "times_expected"
    moved = {}
    for column in ("value", "ci_lower", "ci_upper"):
        ratio, difference = (
            table[column] * shown / n,
            table[column] + (shown - n) / table["n_compared"],
        )
        digits = (table[column] < 10).map({True: 1, False: 0})
        ratio = pd.Series([round(r, d) for r, d in zip(ratio, digits, strict=True)], table.index)
        moved[column] = ratio.where(is_ratio, (100 * difference).round())
    return protect_estimates(
        table.assign(**moved).drop(columns="n_compared"), rules, numbers=numbers
    )


def protect_curves(
    table: pd.DataFrame,
    product: Product,
    rules: RuleSet,
    *,
    step_days: float,
    steps: int | None = None,
) -> pd.DataFrame:
    """Curves at whole steps of time (`coarsen_curve`), one for each combination of the product's
    keys but `years`."""
    by = [key for key in product.keys if key != "years"]
    columns = [*by, "years", "n_at_risk", "share", "ci_lower", "ci_upper"]
    groups = table.groupby(by, sort=False) if by else [((), table)]
    parts = [
        coarsen_curve(part, rules, step_days=step_days, steps=steps).assign(
            **dict(zip(by, key if isinstance(key, tuple) else (key,), strict=True))
        )
        for key, part in groups
        if len(part)
    ]
    joined = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    return joined[columns].assign(status="rounded")


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
    still at risk; `steps` limits how many are looked at. A share is that of the rounded count of
    those at the start, so that a table that shows this count says no more, and its limits are those
    of the share that is shown, rounded outwards. Columns years, n_at_risk (rounded), share,
    ci_lower, ci_upper.
    """
    rows, seen, total, base = [], 0, curve["n_events"].cumsum(), rules.rounding_base
    n = int(curve["n_at_risk"].max())
    grain = base / max(int(round_counts(pd.Series([n]), rules).iloc[0]), base)
    last_step = int(curve["time"].max() // step_days)
    for step in range(1, min(last_step, steps or last_step) + 1):
        before = curve[curve["time"] <= step * step_days]
        left = (
            int(curve.loc[curve["time"] > step * step_days, "n_at_risk"].max())
            if (curve["time"] > step * step_days).any()
            else 0
        )
        events = int(total.loc[before.index[-1]]) if len(before) else 0
        if events - seen >= rules.least_shown and left >= rules.least_shown:
            last, seen = before.iloc[-1], events
            share = (round(last[estimate] * n, 6) / base + 0.5) // 1 * grain
            lower, upper = (
                _move_limit(last[column], last[estimate], share)
                for column in ("ci_lower", "ci_upper")
            )
            rows.append(
                (
                    step * step_days / 365.25,
                    int(round_counts(pd.Series([left]), rules).iloc[0]),
                    share,
                    max(round(lower / grain, 6) // 1 * grain, 0.0),
                    min(-(-round(upper / grain, 6) // 1) * grain, 1.0),
                )
            )
    return pd.DataFrame(rows, columns=["years", "n_at_risk", "share", "ci_lower", "ci_upper"])


def _move_limit(limit: float, share: float, shown: float) -> float:
    """The limit as it would be if the share were the one that is shown: as far from it, by its own
    standard error on the scale of the odds. With the limits of the exact share only one to three
    of five counts would fit share and limits together."""
    if not all(0 < value < 1 for value in (limit, share, shown)):
        return limit
    wider = np.sqrt(share * (1 - share) / (shown * (1 - shown)))
    odds = {name: np.log(v / (1 - v)) for name, v in (("limit", limit), ("share", share))}
    moved = np.log(shown / (1 - shown)) + (odds["limit"] - odds["share"]) * wider
    return float(1 / (1 + np.exp(-moved)))


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
        totals = table[table[column].isin(TOTALS)]
        others = [c for c in by if c != column]
        if len(totals) and len(suppressed):
            beside = suppressed.merge(totals[others], on=others) if others else totals
            if len(beside):
                raise DisclosureError(
                    f"table {name}: a suppressed cell of {column} stands beside its total, so that it can be worked out; "
                    f"leave out the total or join {column} groups"
                )


_PROTECT: dict[str, Callable[[pd.DataFrame, Product, RuleSet], pd.DataFrame]] = {
    "counts": lambda table, product, rules: protect_cells(table, rules, within=product.within),
    "combinations": lambda table, product, rules: protect_cells(
        join_combinations(table, product, rules), rules
    ),
    "ratios": lambda table, product, rules: protect_ratios(table, rules, together=product.together),
    "rates": lambda table, _, rules: protect_rates(table, rules),
    "change": lambda table, product, rules: protect_change(table, rules, by=product.keys[0]),
    "model": lambda table, product, rules: protect_estimates(
        table, rules, numbers=_list_made(table, product)
    ),
    "contrasts": lambda table, product, rules: protect_contrasts(
        table, rules, numbers=_list_made(table, product)
    ),
    "tests": lambda table, product, rules: protect_estimates(
        _round_tests(table, rules), rules, numbers=_list_made(table, product)
    ),
}


def _list_made(table: pd.DataFrame, product: Product) -> list[str]:
    """The columns of numbers that were made from counts."""
    return [
        column
        for column in product.list_columns(list(table.columns), *NUMBERS)
        if product.find_kind(column) not in ("count", "size")
    ]
