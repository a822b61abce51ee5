# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Runs in a sandbox of its own: test code that calls a solution which is elsewhere.

Handed as text to a bare Python in a world where no solution runs, so it keeps to the standard library of Python
3.9. Standard input and output carry one JSON value a line: first the test program comes in; then each call of the
candidate goes out as {"call": [arguments, named ones]} and its answer comes in; last comes {"passed": …, "why": …},
or {"fault": …} when the test code itself is at fault.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

sys.path.insert(0, os.getcwd())

from rsi_envs.code.values import NotPlain, decode


class SolutionFailed(Exception):
    """The solution raised or ended; it looks to the test code like any other error."""


class TestFault(BaseException):
    """The test code can't be carried out; not for the test code to catch."""


def candidate(*arguments: Any, **named: Any) -> Any:
    """Stands for the solution's function: the call goes out, plain data comes back."""
    try:
        decode(repr((arguments, named)))
    except NotPlain as error:
        raise TestFault(f"the test code calls the function with what is {error}") from error
    tell({"call": [repr(arguments), repr(named)]})
    answer = json.loads(sys.stdin.readline())
    if answer["value"] is None:
        raise SolutionFailed(answer["error"] or answer["ended"])
    return decode(answer["value"])


def tell(message: dict[str, Any]) -> None:
    channel.write(json.dumps(message) + "\n")
    channel.flush()


def main() -> None:
    order = json.loads(sys.stdin.readline())
    module: dict[str, Any] = {"__name__": "test"}
    try:
        for part in ("preamble", "check"):
            exec(compile(order[part], f"<{part}>", "exec", dont_inherit=True), module)
        # Test code may name the function itself; that must be the solution too, not a stub from the statement.
        module[order["name"]] = candidate
        module["check"](candidate)
    except Exception as error:
        tell({"passed": False, "why": f"{type(error).__name__}: {error}"[:500]})
    except BaseException as error:
        tell({"fault": f"{type(error).__name__}: {error}"[:500]})
    else:
        tell({"passed": True, "why": ""})


if __name__ == "__main__":
    # The test code may print; that must not reach the channel.
    channel = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    main()
