"""Formulas over settings in a sweep file, such as `latent_size * 2` or `latent_size * beta <= 32`.

They are read as Python's expressions and computed by walking the tree (tune/space/formula_values.py): numbers, texts, names of
settings, arithmetic, comparisons, `and`, `or`, `not` and a few functions. Nothing of what is written is ever run.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from trainables.errors import InputError, nearest
from tune.space.formula_values import ARITHMETIC, EQUALITY, FUNCTIONS, ORDER, Result, value_of

LONGEST = 200  # characters
DEEPEST = 30  # operations inside each other
_MAY = f"A formula has numbers, settings, + - * / // % **, comparisons, and, or, not, and {', '.join(FUNCTIONS)}."


@dataclass(frozen=True)
class Formula:
    """A formula that has been read. Two are equal if their texts are.

    Attributes:
        names: the settings that it is made of, each once, in the order of their names.
    """

    text: str
    tree: ast.expr = field(compare=False, repr=False)
    names: tuple[str, ...] = field(compare=False, repr=False)

    def value(self, settings: Mapping[str, Any]) -> Result:
        """What it comes to; numbers are floats throughout.

        Raises:
            InputError: on a division by zero, a number too large, or arithmetic with text.
        """
        try:
            return value_of(self.tree, settings)
        except (ArithmeticError, ValueError) as error:
            raise InputError(self.text, f"This cannot be computed: {error}.", "Change it, or the values it is of.") from None

    def holds(self, settings: Mapping[str, Any]) -> bool:
        """Whether what it states is so; InputError if it states nothing, as a number does."""
        value = self.value(settings)
        if not isinstance(value, bool):
            raise InputError(self.text, f"This is {value}, neither true nor false.", "Write a comparison, with <= for instance.")
        return value


def parse_formula(text: Any, settings: tuple[str, ...]) -> Formula:
    """Reads a formula over some settings.

    Raises:
        InputError: on anything but a formula, or a name that is none of the settings.
    """
    if not isinstance(text, str) or not 0 < len(text) <= LONGEST:
        raise InputError(
            repr(text)[:80], f"A formula is text of at most {LONGEST} characters.", 'For instance "latent_size * 2".'
        )
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise InputError(text, "This is not a formula that can be read.", _MAY) from None
    _check(tree, text, settings, 0)
    return Formula(text, tree, _names(tree))


def _names(tree: ast.expr) -> tuple[str, ...]:
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return tuple(sorted({node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called}))


def _check(node: ast.expr, text: str, settings: tuple[str, ...], depth: int) -> None:
    if depth > DEEPEST:
        raise InputError(text, "The formula is nested too deeply.", "Write a shorter one.")
    if isinstance(node, ast.Name) and node.id not in settings:
        raise InputError(text, f"'{node.id}' is not a setting that a formula may use.", nearest(node.id, settings))
    if not _is_known(node):
        raise InputError(text, f"'{ast.unparse(node)}' may not stand in a formula.", _MAY)
    for part in _parts(node):
        _check(part, text, settings, depth + 1)


def _is_known(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=value):
            return isinstance(value, int | float | str) and not isinstance(value, bool) and _is_finite(value)
        case ast.Name() | ast.BoolOp() | ast.UnaryOp(op=ast.USub() | ast.Not()):
            return True
        case ast.BinOp(op=op):
            return type(op) in ARITHMETIC
        case ast.Compare(ops=ops):
            return all(type(op) in ORDER or type(op) in EQUALITY for op in ops)
        case ast.Call(func=ast.Name(id=name), args=[_, *_], keywords=[]):
            return name in FUNCTIONS
    return False


def _is_finite(value: float | str) -> bool:
    try:
        return isinstance(value, str) or math.isfinite(float(value))
    except OverflowError:
        return False


def _parts(node: ast.expr) -> list[ast.expr]:
    match node:
        case ast.BoolOp(values=values):
            return values
        case ast.UnaryOp(operand=operand):
            return [operand]
        case ast.BinOp(left=left, right=right):
            return [left, right]
        case ast.Compare(left=left, comparators=others):
            return [left, *others]
        case ast.Call(args=args):
            return args
    return []
