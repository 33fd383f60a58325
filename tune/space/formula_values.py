"""What formulas come to: the operations that they may have, and the walk along their trees."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

Result = float | str | bool
ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: math.pow,  # of floats: a tower of powers is an error, not a wait
}
ORDER: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
EQUALITY: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {ast.Eq: operator.eq, ast.NotEq: operator.ne}
FUNCTIONS: dict[str, Callable[..., float]] = {
    "min": lambda *numbers: min(numbers),
    "max": lambda *numbers: max(numbers),
    "round": lambda number: float(round(number)),
    "floor": lambda number: float(math.floor(number)),
    "ceil": lambda number: float(math.ceil(number)),
    "sqrt": math.sqrt,
    "log2": math.log2,
}


def value_of(node: ast.expr, settings: Mapping[str, Any]) -> Result:
    """What a tree that was checked comes to.

    Raises:
        ArithmeticError, ValueError: it cannot be computed.
    """
    match node:
        case ast.Constant(value=value):
            return value if isinstance(value, str) else float(value)  # type: ignore[arg-type]
        case ast.Name(id=name):
            return settings[name] if isinstance(settings[name], str) else float(settings[name])
        case ast.BoolOp(op=op, values=values):
            found = (_truth(value_of(value, settings)) for value in values)
            return all(found) if isinstance(op, ast.And) else any(found)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _truth(value_of(operand, settings))
        case ast.UnaryOp(operand=operand):
            return -_number(value_of(operand, settings))
        case ast.BinOp(op=op, left=left, right=right):
            return ARITHMETIC[type(op)](_number(value_of(left, settings)), _number(value_of(right, settings)))
        case ast.Compare():
            return _compared(node, settings)
        case ast.Call(func=ast.Name(id=name), args=args):
            return _called(name, [_number(value_of(arg, settings)) for arg in args])
    raise AssertionError("unreachable")


def _compared(node: ast.Compare, settings: Mapping[str, Any]) -> bool:
    operands = [value_of(operand, settings) for operand in (node.left, *node.comparators)]
    return all(_holds(op, left, right) for op, left, right in zip(node.ops, operands, operands[1:], strict=False))


def _holds(op: ast.cmpop, left: Result, right: Result) -> bool:
    if type(op) in EQUALITY:
        return EQUALITY[type(op)](left, right)
    return ORDER[type(op)](_number(left), _number(right))


def _called(name: str, numbers: list[float]) -> float:
    try:
        return FUNCTIONS[name](*numbers)
    except TypeError:
        raise ValueError(f"{name} takes another number of values") from None


def _number(value: Result) -> float:
    if isinstance(value, str | bool):
        raise ValueError(f"{value!r} is not a number")
    return value


def _truth(value: Result) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither true nor false")
    return value
