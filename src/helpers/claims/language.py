"""The small language of tests: arithmetic, comparisons and the functions of `FUNCTIONS`, nothing
else.

A test is true, false, or raises Undecided where the numbers are missing, hidden, made up or too
rounded to tell.
"""

from __future__ import annotations

import ast
import itertools
import operator
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from helpers.claims.lookup import (
    Numbers,
    check_names,
    find_period,
    find_printed_value,
    find_row,
    is_disputed,
)
from helpers.claims.values import (
    SHARE,
    Undecided,
    Value,
    as_value,
    combine,
    define_value,
    is_equal,
    is_less,
)
from helpers.edition import BadInput

ARITHMETIC: dict[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
# Years of the edition, by name.
YEARS = ("first", "before", "last", "span", "step")
# Functions whose first word is a chain of tables, and those whose words are ids of printed numbers.
OF_TABLES, OF_PRINTED = ("cell", "series", "ranking", "years_of"), ("printed", "period")
# What a function of tables is told beside the columns that choose its rows.
SETTINGS = ("column", "by", "leave")


def parse(expression: str) -> ast.expr:
    """The expression as a tree. Raises BadInput where it is none."""
    try:
        return ast.parse(expression.strip(), mode="eval").body
    except SyntaxError as error:
        raise BadInput(f"{expression!r} cannot be read ({error.msg})") from None


def split_values(values: str) -> dict[str, str]:
    """The named expressions of a claim, `name = expression; name = expression`."""
    named = {}
    for part in filter(None, (part.strip() for part in values.split(";"))):
        name, sign, expression = part.partition("=")
        if not sign or not name.strip().isidentifier():
            raise BadInput(f"{part!r} is not of the form name = expression")
        named[name.strip()] = expression.strip()
    return named


def check_expression(expression: str, names: set[str]) -> None:
    """Raise BadInput for anything that this language does not have, and for an unknown table,
    column or printed number."""
    for node in ast.walk(parse(expression)):
        if not isinstance(node, _ALLOWED):
            raise BadInput(f"{expression!r}: {type(node).__name__} is not part of the language")
        if isinstance(node, ast.Call):
            _check_call(node, expression)
        is_called = isinstance(node, ast.Name) and node.id in FUNCTIONS
        if isinstance(node, ast.Name) and not is_called and node.id not in {*names, *YEARS}:
            raise BadInput(f"{expression!r}: nothing is called {node.id!r}")


_ALLOWED = (
    ast.expr_context,
    ast.Name,
    ast.Constant,
    ast.List,
    ast.Call,
    ast.keyword,
    ast.BinOp,
    ast.UnaryOp,
    ast.USub,
    ast.Not,
    ast.BoolOp,
    ast.And,
    ast.Or,
    ast.Compare,
    ast.cmpop,
    *ARITHMETIC,
)


def _check_call(node: ast.Call, expression: str) -> None:
    if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
        raise BadInput(f"{expression!r}: there are only the functions {', '.join(FUNCTIONS)}")
    words = [word.value for word in node.args if isinstance(word, ast.Constant)]
    if node.func.id in OF_TABLES:
        columns = [word.arg or "" for word in node.keywords if word.arg not in SETTINGS]
        check_names(str(words[0]) if words else "", columns)
    if node.func.id in OF_PRINTED:
        for word in words:
            find_row(str(word))
    if node.func.id == "disputed":
        is_disputed(str(words[0]) if words else "")


def evaluate(expression: str, names: dict[str, Any], numbers: Numbers) -> Any:
    """What the expression is worth. Raises Undecided where its numbers leave it open."""
    return _evaluate(parse(expression), name_years(numbers) | names, numbers)


def name_years(numbers: Numbers) -> dict[str, Any]:
    """The edition's first and last year, the one before the last, all of them as a span, and the
    step from the one before to the last, as the catalogue writes it."""
    years = numbers.edition.years
    return {
        "first": years[0],
        "before": years[-1] - 1,
        "last": years[-1],
        "span": numbers.edition.period,
        "step": f"{years[-1] - 1} to {years[-1]}",
    }


def _evaluate(node: ast.expr, names: dict[str, Any], numbers: Numbers) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return _open(names[node.id])
    if isinstance(node, ast.List):
        return [_evaluate(part, names, numbers) for part in node.elts]
    if isinstance(node, ast.Call):
        return _call(node, names, numbers)
    if isinstance(node, ast.BoolOp):
        return _join(node, names, numbers)
    if isinstance(node, ast.UnaryOp):
        inside = _evaluate(node.operand, names, numbers)
        if isinstance(node.op, ast.Not):
            return not inside
        return combine(as_value(0), as_value(inside), operator.sub)
    if isinstance(node, ast.BinOp):
        left, right = (_evaluate(side, names, numbers) for side in (node.left, node.right))
        if isinstance(left, int) and isinstance(right, int):  # years
            return ARITHMETIC[type(node.op)](left, right)
        return combine(as_value(left), as_value(right), ARITHMETIC[type(node.op)])
    assert isinstance(node, ast.Compare)
    sides = [_evaluate(side, names, numbers) for side in (node.left, *node.comparators)]
    return _all(
        _compare(sign, *pair)
        for sign, pair in zip(node.ops, itertools.pairwise(sides), strict=True)
    )


def _open(something: Any) -> Any:
    """A named value; one that was undecided raises its reason where it is used."""
    if isinstance(something, Undecided):
        raise something
    return something


def _join(node: ast.BoolOp, names: dict[str, Any], numbers: Numbers) -> bool:
    """`and` and `or`: a part that decides the whole does so, even beside an undecided one."""
    decides = isinstance(node.op, ast.Or)
    open_part: Undecided | None = None
    for part in node.values:
        try:
            if bool(_evaluate(part, names, numbers)) is decides:
                return decides
        except Undecided as reason:
            open_part = reason
    if open_part is not None:
        raise open_part
    return not decides


def _all(truths: Any) -> bool:
    found = list(truths)
    if False in found:
        return False
    if None in found:
        raise Undecided("undecided_rounded")
    return True


def _compare(sign: ast.cmpop, left: Any, right: Any) -> bool | None:
    if isinstance(sign, (ast.In, ast.NotIn)):
        return (left in right) is isinstance(sign, ast.In)
    if isinstance(left, (str, list)) or isinstance(right, (str, list)):
        return (left == right) is isinstance(sign, ast.Eq)
    a, b = as_value(left), as_value(right)
    if isinstance(sign, (ast.Eq, ast.NotEq)):
        same = is_equal(a, b)
        return same if same is None or isinstance(sign, ast.Eq) else not same
    or_equal = isinstance(sign, (ast.LtE, ast.GtE))
    if isinstance(sign, (ast.Lt, ast.LtE)):
        return is_less(a, b, or_equal=or_equal)
    return is_less(b, a, or_equal=or_equal)


def _call(node: ast.Call, names: dict[str, Any], numbers: Numbers) -> Any:
    assert isinstance(node.func, ast.Name)
    name = node.func.id
    if FUNCTIONS[name] is _either:  # its words are worked out one by one
        return _either(node, names, numbers)
    words = [_evaluate(word, names, numbers) for word in node.args]
    where = {str(word.arg): _evaluate(word.value, names, numbers) for word in node.keywords}
    if name in OF_TABLES:
        words = [numbers, *words]
    return FUNCTIONS[name](*words, **where)


def _either(node: ast.Call, names: dict[str, Any], numbers: Numbers) -> Any:
    """The first of several numbers that there is."""
    reason: Undecided | None = None
    for part in node.args:
        try:
            return _evaluate(part, names, numbers)
        except Undecided as error:
            reason = reason or error
    raise reason or Undecided("undecided_no_number")


def _cell(numbers: Numbers, tables: str, column: str = "n", **where: Any) -> Value:
    return numbers.find_cell(tables, column, _as_words(where))


def _years_of(numbers: Numbers, tables: str, column: str = "n", **where: Any) -> str:
    """The years that the row of `cell` with the same words is about."""
    for row, _ in numbers.find_rows(tables, column, _as_words(where)):
        return str(row["period"])
    raise Undecided("undecided_no_number")


def _as_words(where: dict[str, Any]) -> dict[str, str]:
    return {name: str(word) for name, word in where.items()}


def _series(numbers: Numbers, tables: str, column: str = "n", **where: Any) -> list[Value]:
    """The numbers of single years up to the last of the edition, in their order. Where one between
    them is not shown there is none: nobody knows which way the number went."""
    last = str(numbers.edition.years[-1])
    rows = numbers.find_rows(tables, column, _as_words(where))
    years = {str(row["period"]): value for row, value in rows}
    kept = {year: years[year] for year in sorted(years) if len(year) == 4 and year <= last}
    if last not in kept or len(kept) < 2:
        raise Undecided("undecided_no_number")
    between = {str(year) for year in range(int(min(kept)), int(last))} - set(kept)
    if between:
        raise Undecided("undecided_hidden", tuple(f"{tables}, {year}" for year in sorted(between)))
    return list(kept.values())


def _ranking(
    numbers: Numbers, tables: str, by: str, column: str = "n", leave: str = "", **where: Any
) -> list[str]:
    """The codes of a column from the largest number to the smallest."""
    rows = numbers.find_rows(tables, column, _as_words(where))
    found = [(str(row[by]), value) for row, value in rows if str(row[by]) not in leave.split("|")]
    if len(found) < 2:
        raise Undecided("undecided_no_number")
    ordered = sorted(found, key=lambda pair: -pair[1].shown)
    for (_, larger), (_, smaller) in itertools.pairwise(ordered):
        if is_less(smaller, larger, or_equal=True) is None:
            raise Undecided("undecided_rounded")
    return [code for code, _ in ordered]


def _share(part: Any, whole: Any) -> Value:
    return replace(combine(as_value(part), as_value(whole), operator.truediv), unit=SHARE)


def _change(before: Any, after: Any) -> Value:
    """How much larger (or, below zero, smaller) the second number is, as a share of the first."""
    ratio = combine(as_value(after), as_value(before), operator.truediv)
    return replace(combine(ratio, as_value(1), operator.sub), unit=SHARE)


def _streak(series: list[Value]) -> int:
    """How many years in a row the number went the way it went last: below zero where it fell."""
    steps = [_compare_step(a, b) for a, b in itertools.pairwise(series)]
    last, length = steps[-1], 0
    for step in reversed(steps):
        if step != last or step == 0:
            break
        length += 1
    return last * length


def _compare_step(before: Value, after: Value) -> int:
    for left, right, sign in ((before, after, 1), (after, before, -1)):
        if is_less(left, right):
            return sign
    if is_equal(before, after) is None:
        raise Undecided("undecided_rounded")
    return 0


def _total(*parts: Any) -> Value:
    values = [as_value(part) for part in (parts[0] if isinstance(parts[0], list) else parts)]
    whole = values[0]
    for value in values[1:]:
        whole = combine(whole, value, operator.add)
    return whole


def _is_extreme(sign: int) -> Callable[[list[Value]], bool]:
    def check(series: list[Value]) -> bool:
        *earlier, last = series
        pairs = [(value, last) if sign > 0 else (last, value) for value in earlier]
        return _all(is_less(*pair) for pair in pairs)

    return check


def _top(codes: list[str], k: int = 1) -> Any:
    return codes[0] if k == 1 else codes[:k]


def _printed(identifier: str, period: Any = None) -> Value:
    return find_printed_value(identifier, None if period is None else str(period))


def _size(value: Any) -> Value:
    """How large a change is, whatever its direction."""
    known = as_value(value)
    return known if known.shown >= 0 else combine(as_value(0), known, operator.sub)


def _same(left: Any, right: Any) -> bool:
    """True where two printed numbers can be the same within their rounding."""
    a, b = as_value(left), as_value(right)
    return not (a.high < b.low or b.high < a.low)


def _share_value(share: float) -> Value:
    return define_value(share, unit=SHARE)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "cell": _cell,
    "years_of": _years_of,
    "series": _series,
    "ranking": _ranking,
    "printed": _printed,
    "period": find_period,
    "either": _either,
    "share": _share,
    "change": _change,
    "streak": _streak,
    "total": _total,
    "size": _size,
    "same": _same,
    "disputed": is_disputed,
    "top": _top,
    "is_highest": _is_extreme(1),
    "is_lowest": _is_extreme(-1),
    "set_share": _share_value,
}
