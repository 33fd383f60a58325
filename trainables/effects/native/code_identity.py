"""What a function computes, as text to hash: an effect is named by the code that shapes it, and by no other effect's."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from types import CodeType, FunctionType
from typing import Any

PACKAGE = __name__.partition(".")[0]


def code_of(function: Callable[..., Any]) -> str:
    """The code of a function and of everything in this package that it uses, constants too, however deep.

    Comments, docstrings and layout do not count, so that rewording changes nothing.

    Args:
        function: a function of this package, or a `functools.partial` of one with classes, numbers and text.
    """
    if isinstance(function, partial):
        keywords = (f"{name}={_name(value)}" for name, value in function.keywords.items())
        return "\n".join([code_of(function.func), *map(_name, function.args), *keywords])
    found: dict[str, str] = {}
    _collect(function.__name__, function, found)
    return "\n".join(found.values())


def _collect(name: str, value: Any, found: dict[str, str]) -> None:
    """Add what is called `name` to `found`, and then what it uses itself, in the order of use."""
    value = inspect.unwrap(value) if callable(value) else value
    if name in found:
        return
    if isinstance(value, int | float | str | tuple):
        found[name] = f"{name} = {value!r}"
    elif isinstance(value, FunctionType) and value.__module__.partition(".")[0] == PACKAGE:
        found[name] = _bare_source(value)
        for used in _global_names(value.__code__):
            _collect(used, value.__globals__.get(used), found)


def _global_names(code: CodeType) -> Iterator[str]:
    """Names that code looks up, that of functions inside it too."""
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _global_names(inner)


@lru_cache(maxsize=256)
def _bare_source(function: FunctionType) -> str:
    """Source without decorators, comments and docstring, laid out anew."""
    [definition] = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    assert isinstance(definition, ast.FunctionDef)
    if ast.get_docstring(definition) is not None:
        definition.body = definition.body[1:]
    definition.decorator_list = []
    return ast.unparse(definition)


def _name(value: Any) -> str:
    return f"{value.__module__}.{value.__qualname__}" if isinstance(value, type) else repr(value)
