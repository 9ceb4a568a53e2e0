"""Rule sets: which thresholds, rounding and degrees of freedom a table leaves under, and whose.

Thresholds stand here and in `data/codes/disclosure.yml`, and nowhere else. A rule set follows
from the keepers of the registers that a table is counted from; nobody names one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import MISSING, dataclass, fields
from functools import cache
from math import ceil, inf, lcm
from typing import Any

import pandas as pd

from helpers.definitions import round_to
from helpers.edition import CODES, BadInput, read_yaml
from helpers.products import CAPTURES, MADE_UP, Product
from helpers.schema import find_table

# What stands in place of a count that is hidden because it would give a small one away.
HIDDEN = "hidden"
# How many integers must remain for a hidden or implied cell.
REMAINING = 5
_WORDS = ("about", "exception")
PUBLIC, PART, FLOOR = "public", "small_population", "floor"
# Who keeps the lists of multiple systems estimation, which are no table of the contract.
CAPTURES_KEEPER = "statistics_office"


class DisclosureError(Exception):
    """A table that may not leave. The message names the table, the rule and the remedy."""


@dataclass(frozen=True)
class RuleSet:
    """One block of `data/codes/disclosure.yml`, or the strictest of several."""

    name: str
    keep_source_suppression: bool
    minimum_residual_df: int
    minimum_count: int
    rounding_base: int
    complement: bool = False
    largest_share: float = 1.0
    least_combination: int = 1

    @property
    def is_open(self) -> bool:
        """True where the rules ask for no threshold and no rounding: numbers that are public."""
        return self.minimum_count <= 1 and self.rounding_base == 1

    @property
    def least_shown(self) -> int:
        """The least count that may be shown: all that is shown as it is has the minimum too. "10"
        rounded to five would mean 10 to 12 where nothing below 10 is shown; so 13 is the least."""
        whole = -(-(self.minimum_count + self.rounding_base // 2) // self.rounding_base)
        return whole * self.rounding_base - self.rounding_base // 2

    @property
    def status(self) -> str:
        """The status of a cell that may be shown."""
        return "rounded" if self.rounding_base > 1 else "released"


@cache
def read_rule_set(name: str) -> RuleSet:
    """The rule set of this name, or the strictest of several ("rapporteur+small_population").

    Raises BadInput for an unknown one.
    """
    blocks = _read_blocks()
    rules = []
    for part in name.split("+"):
        if part not in blocks or part == FLOOR:
            known = ", ".join(block for block in blocks if block != FLOOR)
            raise BadInput(f"unknown disclosure rule set {part!r}; known: {known}")
        block = {key: value for key, value in blocks[part].items() if key not in _WORDS}
        rules.append(RuleSet(name=part, **block))
    joined = _join_strictest(name, rules)
    if joined.rounding_base > 2 * joined.minimum_count > 2:
        raise BadInput(
            f"the rule sets {name} contradict each other: rounded to {joined.rounding_base} a count "
            "of the minimum would be shown as nobody; let one base divide the other"
        )
    return joined


def _read_blocks() -> dict[str, dict[str, Any]]:
    """The blocks of `data/codes/disclosure.yml`. Raises BadInput where one asks for less than the
    floor and names no exception; what others printed has no floor."""
    blocks = read_yaml(CODES / "disclosure.yml")
    for name, block in blocks.items():
        if name != FLOOR and (fault := _find_contradiction(block)):
            raise BadInput(f"data/codes/disclosure.yml, {name}: {fault}")
        lower = [key for key, least in blocks[FLOOR].items() if block[key] < least]
        if lower and name != PUBLIC and not block.get("exception"):
            raise BadInput(
                f"data/codes/disclosure.yml, {name}: {', '.join(lower)} lies below the floor; "
                "raise it, or name who allowed it, when and why (exception)"
            )
    return blocks


def _find_contradiction(block: dict[str, Any]) -> str | None:
    """What of a rule set cannot hold together, with the remedy; None where it can."""
    known = {one.name: one for one in fields(RuleSet) if one.name != "name"}
    unknown, needed = set(block) - {*known, *_WORDS}, {"minimum_count", "rounding_base"}
    missing = sorted({n for n, one in known.items() if one.default is MISSING} - set(block))
    if unknown or missing:
        return f"unknown {sorted(unknown)}, missing {missing}; the rules are {', '.join(known)}"
    if any(not isinstance(block[name], int) or block[name] < 1 for name in needed):
        return "minimum_count and rounding_base are whole numbers of one or more"
    if block["rounding_base"] > 2 * block["minimum_count"] > 2:
        return (
            "rounding_base is more than twice minimum_count, so that a count that may be shown "
            "would be shown as nobody; raise minimum_count, or round less"
        )
    if block["rounding_base"] > 1 and block["minimum_count"] == 1:
        return "counts are rounded and none is hidden, so that a small one is told; raise minimum_count"
    if not 0 < block.get("largest_share", 1.0) <= 1:
        return "largest_share is a share above nought and of one at most"
    return None


def list_exceptions() -> dict[str, str]:
    """The rule sets that go below the floor, and who allowed it."""
    blocks = _read_blocks()
    return {name: block["exception"] for name, block in blocks.items() if block.get("exception")}


def _join_strictest(name: str, rules: Sequence[RuleSet]) -> RuleSet:
    """What all of these rule sets ask for together."""
    return RuleSet(
        name=name,
        keep_source_suppression=any(rule.keep_source_suppression for rule in rules),
        minimum_residual_df=max(rule.minimum_residual_df for rule in rules),
        minimum_count=max(rule.minimum_count for rule in rules),
        rounding_base=lcm(*(rule.rounding_base for rule in rules)),
        complement=any(rule.complement for rule in rules),
        largest_share=min(rule.largest_share for rule in rules),
        least_combination=max(rule.least_combination for rule in rules),
    )


def find_rules(product: Product, *, mark: str | None, is_part: bool = False) -> RuleSet:
    """The rules under which a product leaves: those of the keepers of all the tables behind it.

    `mark` is that of the registers it was counted from, None where none were; `is_part` says that
    only a part of the register was looked at. Only what others printed, what is made up from
    nobody's register, and a public table of lists are free. Raises DisclosureError for numbers of a
    register in a product that is declared without one.
    """
    if product.tables in ((), (MADE_UP,)):
        if mark is not None:
            raise DisclosureError(
                f"table {product.name} is declared as counted from no register, and came with one; "
                "name the register tables behind it in data/codes/products.csv, column tables"
            )
        return read_rule_set(PUBLIC)
    if mark is None:
        raise DisclosureError(
            f"table {product.name} is counted from {', '.join(product.tables)}; say from which "
            "registers: release(..., source=registers)"
        )
    if mark == "published" and product.tables == (CAPTURES,):
        return read_rule_set(PUBLIC)
    keepers = sorted({_find_keeper(name) for name in product.tables})
    return read_rule_set("+".join([*keepers, *([PART] if is_part else [])]))


def _find_keeper(table: str) -> str:
    return CAPTURES_KEEPER if table == CAPTURES else find_table(table).keeper


def round_counts(counts: pd.Series, rules: RuleSet) -> pd.Series:
    """Counts to the nearest multiple of the rounding base, halves up."""
    return round_to(counts, rules.rounding_base).astype(int)


def find_alike(count: int, rules: RuleSet) -> tuple[int, int]:
    """The least and the largest count that are shown as this one is; nought is shown as it is."""
    base = rules.rounding_base
    least = (2 * count + base) // (2 * base) * base - base // 2
    return (max(least, rules.minimum_count), least + base - 1) if count else (0, 0)


def read_range(text: str, rules: RuleSet) -> tuple[float, float]:
    """The counts that a shown word leaves open: "45" rounded to five is 43 to 47, "<5" one to four,
    "hidden" anything."""
    if text == HIDDEN:
        return 0, inf
    if text.startswith("<"):
        return 1, int(text[1:]) - 1
    shown, base = int(text), rules.rounding_base
    low, high = ceil(shown - base / 2), ceil(shown + base / 2) - 1
    return (max(low, rules.minimum_count), high) if shown else (0, 0)


def is_small(counts: pd.Series, rules: RuleSet) -> pd.Series:
    """True where a count is of somebody, and of fewer than may be shown."""
    return (counts > 0) & (counts < rules.least_shown)


def is_model_allowed(n_observations: int, n_parameters: int, rules: RuleSet) -> bool:
    """True where a model of `n_parameters` on `n_observations` leaves enough residual degrees of
    freedom."""
    return n_observations - n_parameters >= rules.minimum_residual_df
