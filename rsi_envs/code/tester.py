# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Runs in a sandbox of its own: test code that calls a solution which is elsewhere.

Handed as text to a bare Python in a world where no solution runs, so it keeps to the standard library of Python
3.9. Standard input and output carry one JSON value a line: first the test program comes in; then each call of the
candidate goes out as {"call": arguments} and its answer comes in; last {"passed": …, "why": …} goes out.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

sys.path.insert(0, os.getcwd())

from rsi_envs.code.values import decode


class SolutionFailed(Exception):
    """The solution raised or ended; it looks to the test code like any other error."""


def candidate(*arguments: Any) -> Any:
    """Stands for the solution's function: the call goes out, plain data comes back."""
    tell({"call": repr(arguments)})
    answer = json.loads(sys.stdin.readline())
    if answer["value"] is None:
        raise SolutionFailed(answer["error"] or answer["ended"])
    return decode(answer["value"])


def tell(message: dict[str, Any]) -> None:
    channel.write(json.dumps(message) + "\n")
    channel.flush()


if __name__ == "__main__":
    # The test code may print; that must not reach the channel.
    channel = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    order = json.loads(sys.stdin.readline())
    module: dict[str, Any] = {"__name__": "test"}
    try:
        exec(compile(order["source"], "<test>", "exec"), module)
        # Test code may name the function itself; that must be the solution too, not a stub from the statement.
        module[order["name"]] = candidate
        module["check"](candidate)
    except Exception as error:
        tell({"passed": False, "why": f"{type(error).__name__}: {error}"[:500]})
    else:
        tell({"passed": True, "why": ""})
