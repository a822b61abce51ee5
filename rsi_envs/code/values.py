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
from typing import Any

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
        return _plain(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError, TypeError, KeyError, RecursionError, MemoryError) as error:
        raise NotPlain(f"not plain data: {_shorten(text)}") from error


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

    Types count: True is not 1, a list is no tuple. An int may stand for a float, and where a float is on either
    side the two may differ by `tolerance`, taken both as absolute and as relative to the larger. nan is nan.
    """
    if isinstance(got, bool) or isinstance(wanted, bool):
        return got is wanted
    if isinstance(got, (int, float)) and isinstance(wanted, (int, float)):
        if isinstance(got, int) and isinstance(wanted, int):
            return got == wanted
        return (got != got and wanted != wanted) or math.isclose(got, wanted, rel_tol=tolerance, abs_tol=tolerance)
    if type(got) is not type(wanted):
        return False
    if isinstance(got, (list, tuple)):
        return len(got) == len(wanted) and all(same(g, w, tolerance) for g, w in zip(got, wanted))
    if isinstance(got, dict):
        return got.keys() == wanted.keys() and all(same(value, wanted[key], tolerance) for key, value in got.items())
    return bool(got == wanted)


def _shorten(text: str, most: int = 120) -> str:
    return text if len(text) <= most else f"{text[:most]}… ({len(text)} characters)"
