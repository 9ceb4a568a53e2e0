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
