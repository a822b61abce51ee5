# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Plain data as text: how results leave a solution's process, and how they are compared.

A result travels as what `repr` makes of it. Whatever object produced the text, it is read as plain data and
nothing else: None, bool, int, float (inf and nan too), complex, str, bytes, list, tuple, dict, set and frozenset. So
a result that lies about its own equality, order or type has nothing left to lie with.

Runs in the tester's world as well, so it keeps to the standard library of Python 3.9.
"""

from __future__ import annotations

import ast
import math
import threading
from typing import Any

_PARSING = threading.Lock()
_NAMES = {"inf": math.inf, "nan": math.nan}
_CALLS = {"set": set, "frozenset": frozenset}


class NotPlain(ValueError):
    """A text does not read as plain data."""


def decode(text: str) -> Any:
    """Reads plain data back from what `repr` made of it.

    Raises:
        NotPlain: The text is anything else.
    """
    try:
        return _plain(parse_expression(text.strip()))
    except (SyntaxError, ValueError, TypeError, KeyError, OverflowError, RecursionError, MemoryError) as error:
        raise NotPlain(f"not plain data: {shorten(text)}") from error


def parse_expression(text: str) -> ast.expr:
    """Parses one expression; raises as `ast.parse` does.

    In turn, because parsing in several threads at once can raise SystemError ("AST constructor recursion depth
    mismatch"). Source: CPython issue 106905.
    """
    with _PARSING:
        return ast.parse(text, mode="eval").body


def parse_module(text: str) -> list[ast.stmt]:
    """Parses a module's statements, as `parse_expression` does an expression."""
    with _PARSING:
        return ast.parse(text).body


def _plain(node: ast.expr) -> Any:
    if isinstance(node, ast.Constant) and node.value is not Ellipsis:
        return node.value
    if isinstance(node, ast.List):
        return [_plain(item) for item in node.elts]
    if isinstance(node, ast.Tuple):
        return tuple([_plain(item) for item in node.elts])
    if isinstance(node, ast.Dict) and None not in node.keys:
        return {_plain(key): _plain(value) for key, value in zip(node.keys, node.values) if key}
    if isinstance(node, ast.Set):
        return {_plain(item) for item in node.elts}
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_plain(node.operand)
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        real, imaginary = _plain(node.left), _plain(node.right)
        return real + imaginary if isinstance(node.op, ast.Add) else real - imaginary
    if isinstance(node, ast.Name):
        return _NAMES[node.id]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        return _CALLS[node.func.id](*[_plain(argument) for argument in node.args])
    raise NotPlain(type(node).__name__)


def same(got: Any, wanted: Any, tolerance: float) -> bool:
    """Whether two pieces of plain data are the same result.

    Types count, in dict keys and sets too: True is not 1, a list is no tuple. Two numbers may differ in type: where a
    float is wanted, an int or float may be off by `tolerance`, taken both as absolute and as relative to the larger;
    where an int is wanted, a float must equal it exactly. nan is nan.
    """
    if isinstance(wanted, float) and isinstance(got, (int, float)) and not isinstance(got, bool):
        return (got != got and wanted != wanted) or _close(got, wanted, tolerance)
    if type(wanted) is int and type(got) in (int, float):
        return bool(got == wanted)
    if type(got) is not type(wanted):
        return False
    if isinstance(got, (list, tuple)):
        return len(got) == len(wanted) and all(same(g, w, tolerance) for g, w in zip(got, wanted))
    if isinstance(got, dict):
        values = {_typed(key): value for key, value in wanted.items()}
        return len(got) == len(wanted) and all(
            _typed(key) in values and same(value, values[_typed(key)], tolerance) for key, value in got.items()
        )
    if isinstance(got, (set, frozenset)):
        return {_typed(item) for item in got} == {_typed(item) for item in wanted}
    return bool(got == wanted)


def _close(got: float, wanted: float, tolerance: float) -> bool:
    try:
        return math.isclose(got, wanted, rel_tol=tolerance, abs_tol=tolerance)
    except OverflowError:  # an int beyond every float
        return False


def _typed(value: Any) -> Any:
    """Makes equal only what is equal in type too."""
    if isinstance(value, (tuple, frozenset)):
        return type(value), type(value)(_typed(item) for item in value)
    return type(value), value


def shorten(text: str, most: int = 120) -> str:
    """Cuts a text that is too long to show, saying how long it was."""
    return text if len(text) <= most else f"{text[:most]}… ({len(text)} characters)"
