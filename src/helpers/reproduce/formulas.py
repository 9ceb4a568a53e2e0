"""Printed numbers worked out from other printed numbers: `100 * [sm20-201] / [sm20-198]`.

What is printed is rounded, so a formula gives a range, not a value: the least and the most over
everything that would be printed like its operands.
"""

from __future__ import annotations

import ast
import itertools
import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd
import scipy

from helpers.edition import PUBLISHED, BadInput
from helpers.published import find_chi_square
from helpers.published.chi_square import HALF_A_DIGIT, bound
from helpers.published.files import check_unique, read_table

COLUMNS = ["number", "formula"]
_OPERAND = re.compile(r"\[([^\]]+)\]")
_OPERATORS: dict[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_FUNCTIONS: dict[str, Callable[..., float]] = {
    "p_value": lambda statistic, freedom: float(scipy.special.chdtrc(freedom, statistic)),
    "statistic": lambda p_value, freedom: float(scipy.special.chdtri(freedom, p_value)),
    "chi_square": lambda events, persons, other_events, others: find_chi_square(
        events / persons, persons, other_events / others, others
    ),
    # The place of the first by size, among those that are printed.
    "rank": lambda first, *others: 1.0 + sum(other > first for other in others),
}


@dataclass(frozen=True)
class Derivation:
    """A printed number's formula, its operands, and the range that they leave."""

    formula: str
    operands: tuple[str, ...]
    lowest: float
    highest: float


def read_derivations() -> pd.Series:
    """The formula of each number that others determine, by the number's id."""
    path = PUBLISHED / "derivations.csv"
    table = read_table(path, COLUMNS)
    check_unique(table, "number", path)
    return table.set_index("number")["formula"]


def derive(formula: str, printed: Mapping[str, pd.Series]) -> Derivation:
    """The range of `formula`, over the corners of what its operands can be; `printed` by id has
    value, unit and precision.

    The corners hold the extremes wherever the formula rises or falls in each operand throughout,
    as sums, shares and ratios do. Raises BadInput for an unknown id, and for anything but the four
    operations and the functions p_value, statistic, chi_square and rank.
    """
    names = tuple(dict.fromkeys(_OPERAND.findall(formula)))
    unknown = [name for name in names if name not in printed]
    if unknown:
        raise BadInput(
            f"data/published/derivations.csv: {formula!r} names {unknown[0]}, which nobody printed; mend it"
        )
    places = {name: f"operand_{place}" for place, name in enumerate(names)}
    text = _OPERAND.sub(lambda match: places[match[1]], formula)
    try:
        tree = ast.parse(text, mode="eval").body
        values = [
            _evaluate(tree, dict(zip(places.values(), corner, strict=True)))
            for corner in itertools.product(*(_list_bounds(printed[name]) for name in names))
        ]
    except (SyntaxError, ValueError, TypeError) as error:
        raise BadInput(
            f"data/published/derivations.csv: {formula!r} cannot be worked out ({error}); mend it"
        ) from None
    return Derivation(formula, names, min(values), max(values))


def _list_bounds(row: pd.Series) -> tuple[float, ...]:
    low, high = _bound(row)
    if math.isinf(high):
        high = float(row["value"])
    return (low,) if low == high else (low, high)


def _bound(row: pd.Series) -> tuple[float, float]:
    """As `bound`; a statistic and its p-value are printed to three decimals, and a mean to its last
    digit, though nobody calls them rounded."""
    low, high = bound(row)
    if row["precision"] != "exact":
        return low, high
    half = 0.0
    if row["unit"] in ("statistic", "p_value"):
        half = HALF_A_DIGIT
    elif row["measure"].startswith("mean_") and float(row["value"]).is_integer():
        half = 0.5
    return low - half, high + half


def _evaluate(node: ast.expr, values: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.Name(id=name) if name in values:
            return values[name]
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _OPERATORS:
            return _OPERATORS[type(sign)](_evaluate(left, values), _evaluate(right, values))
        case ast.Call(func=ast.Name(id=name), args=given, keywords=[]) if name in _FUNCTIONS:
            return _FUNCTIONS[name](*(_evaluate(part, values) for part in given))
    raise ValueError("only numbers, ids, + - * / and four functions")


def fits(derivation: Derivation, row: pd.Series) -> bool:
    """True where some value of the range would be printed as `row` is."""
    value = float(row["value"])
    # A fall is printed with its sign: "more than 25 % fewer" is below -25.
    sign = -1.0 if value < 0 else 1.0
    low, high = _bound(row if sign > 0 else _turn(row))
    lowest, highest = sorted((sign * derivation.lowest, sign * derivation.highest))
    within = 1e-9 * max(1.0, abs(value))
    if row["precision"] == "more_than":
        return highest > low
    if row["precision"] == "less_than":
        return lowest < high
    return highest >= low - within and lowest <= high + within


def _turn(row: pd.Series) -> pd.Series:
    turned = row.copy()
    turned["value"] = -float(row["value"])
    return turned
