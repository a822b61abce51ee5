# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What checks are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rsi_sandboxes.errors import CheckFailed
from rsi_sandboxes.job import ExecResult, Job
from rsi_sandboxes.protocol import Sandbox

CheckFunction = Callable[[Sandbox], None]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing a backend must do; `name` says what."""

    name: str
    run: CheckFunction


class Theme:
    """The checks of one theme, in the order in which they are written; decorates them."""

    def __init__(self) -> None:
        self.checks: list[Check] = []

    def __call__(self, function: CheckFunction) -> CheckFunction:
        """Keeps the function as one more check."""
        self.checks.append(Check(function.__name__, function))
        return function


def expect(holds: bool, expected: str, got: Any) -> None:
    """Raises `CheckFailed` unless it holds."""
    if not holds:
        raise CheckFailed(f"expected {expected}; got {got!r}")


def python(source: str, **settings: Any) -> Job:
    """A job that runs a Python program, with settings as in `Job`."""
    return Job(("python3", "-I", "-S", "-c", source), **settings)


def ok(result: ExecResult) -> ExecResult:
    """Returns the result of a program that must have exited with 0."""
    expect(result.ok, "a program that exits with 0", result)
    return result
