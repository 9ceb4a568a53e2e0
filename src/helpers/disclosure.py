"""Which numbers may leave: rule sets, and the checks that a table must pass before it is released."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import yaml

from helpers.edition import CODES, BadInput

TOTALS = ("all", "total")


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


def read_rule_set(name: str) -> RuleSet:
    """The rule set of this name. Raises BadInput for an unknown one."""
    blocks = yaml.safe_load((CODES / "disclosure.yml").read_text(encoding="utf-8"))
    if name not in blocks:
        raise BadInput(f"unknown disclosure rule set {name!r}; known: {', '.join(blocks)}")
    block = {key: value for key, value in blocks[name].items() if key != "about"}
    return RuleSet(name=name, **block)


def check_release(name: str, table: pd.DataFrame, rules: RuleSet, *, by: list[str]) -> None:
    """Raise DisclosureError where `table`, with one row for each combination of `by`, breaks a rule."""
    if rules.keep_source_suppression and "n" in table:
        _check_not_recoverable(name, table, by=by)
    if "n" in table:
        _check_counts(name, table, rules)


def _check_counts(name: str, table: pd.DataFrame, rules: RuleSet) -> None:
    """No count that stands for a few people, and none finer than the rounding base."""
    shown = pd.to_numeric(table.loc[table["status"] != "suppressed", "n"])
    small = int(((shown > 0) & (shown < rules.minimum_count)).sum())
    if rules.minimum_count > 1 and small:
        raise DisclosureError(f"table {name}: {small} counts lie below {rules.minimum_count}; join groups, or suppress these cells with protect_counts")
    fine = int((shown % rules.rounding_base != 0).sum())
    if rules.rounding_base > 1 and fine:
        raise DisclosureError(f"table {name}: {fine} counts are no multiples of {rules.rounding_base}; round them with protect_counts")


def protect_counts(table: pd.DataFrame, rules: RuleSet) -> pd.DataFrame:
    """`table` with counts below the minimum suppressed ("<10") and the others rounded, halves up; nothing changes where the
    rules ask for neither. A share has two decimals, so that it does not give the counts away; a suppressed row keeps none."""
    if rules.minimum_count <= 1 and rules.rounding_base == 1:
        return table
    small = (table["n"] > 0) & (table["n"] < rules.minimum_count)
    rounded = (table["n"] / rules.rounding_base + 0.5).floordiv(1).astype(int) * rules.rounding_base
    protected = table.assign(n=rounded.astype(object).where(~small, f"<{rules.minimum_count}"), status=small.map({True: "suppressed", False: "rounded"}))
    return protected.assign(share=protected["share"].round(2).where(~small)) if "share" in protected else protected


def _check_not_recoverable(name: str, table: pd.DataFrame, *, by: list[str]) -> None:
    """No suppressed cell may stand beside its total: the total less the other parts would give it away."""
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
    """True where a model of `n_parameters` on `n_observations` leaves enough residual degrees of freedom."""
    return n_observations - n_parameters >= rules.minimum_residual_df
