"""A test in words: what it compares, with the numbers of the edition in their places."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

from helpers.claims.declaration import QUOTED
from helpers.claims.language import ARITHMETIC, parse
from helpers.claims.values import SHARE, Undecided, Value, as_value, combine, define_value
from helpers.claims.verdicts import Judged
from helpers.labels import format_number, format_share, text
from helpers.published.catalogue import VAGUE
from helpers.wording import count_decimals

_JOINED = {ast.And: "and", ast.Or: "or"}
_COMPARED = {
    ast.Gt: "test_above",
    ast.Lt: "test_below",
    ast.GtE: "test_at_least",
    ast.LtE: "test_at_most",
}


class _NoWords(Exception):
    """The test asks for more than which of two numbers is the larger."""


def write_test(one: Judged) -> str:
    """ "984 is less than 1,334"; "" for a test of something else, or of numbers that the edition
    lacks."""
    if one.claim.kind == QUOTED:
        return ""
    try:
        return _write_node(parse(one.claim.test), one)
    except _NoWords:
        return ""


def _write_node(node: ast.expr, one: Judged) -> str:
    language = one.edition.language
    if isinstance(node, ast.BoolOp):
        between = f" {text(_JOINED[type(node.op)], language)} "
        return between.join(_write_node(part, one) for part in node.values)
    if not isinstance(node, ast.Compare) or len(node.ops) > 1:
        raise _NoWords
    code = _COMPARED.get(type(node.ops[0]))
    left, right = (_weigh(side, one.values) for side in (node.left, node.comparators[0]))
    if code is None:
        raise _NoWords
    if SHARE in (left.unit, right.unit):  # 0.5 beside a share is half of all
        left, right = replace(left, unit=SHARE), replace(right, unit=SHARE)
    return text(code, language, left=_write(left, language), right=_write(right, language))


def _weigh(node: ast.expr, values: dict[str, Any]) -> Value:
    """One side of a comparison, from the named values alone."""
    if isinstance(node, ast.BinOp):
        left, right = (_weigh(side, values) for side in (node.left, node.right))
        return combine(left, right, ARITHMETIC[type(node.op)])
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        [inside] = [_weigh(part, values) for part in node.args] if len(node.args) == 1 else [None]
        if inside and node.func.id == "set_share":
            return define_value(inside.shown, unit=SHARE)
        if inside and node.func.id == "size":
            return replace(inside, shown=abs(inside.shown))
        raise _NoWords
    if isinstance(node, ast.Constant):
        found = node.value
    elif isinstance(node, ast.Name):
        found = values[node.id]
    else:
        raise _NoWords
    if isinstance(found, (str, list, Undecided)):
        raise _NoWords
    return as_value(found)


def _write(number: Value, language: str) -> str:
    if number.unit == SHARE:
        shown = 100 * number.shown
        words = format_share(number.shown, language, decimals=count_decimals(round(shown, 6), 1))
    else:
        words = format_number(number.shown, language, decimals=count_decimals(number.shown))
    words = words.replace("-", "−")
    return text(number.precision, language, value=words) if number.precision in VAGUE else words
