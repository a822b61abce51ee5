# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Runs in the sandbox: the process that holds a stranger's program, and nothing worth stealing.

Handed as text to a bare Python in the world, so it keeps to the standard library of Python 3.9. Orders come on
descriptor 3 and replies go out on descriptor 4, one line each (see `harness.py`). The program can write to
descriptor 4 too: what it gains is that its own results are read as something else.
"""

from __future__ import annotations

import json
import math
import os
import sys
import traceback
from typing import Any

NAME = "<solution>"
NAMES = {"inf": math.inf, "nan": math.nan, "set": set, "frozenset": frozenset}
BASES: tuple[Any, ...] = (dict, list, tuple, set, frozenset, str, bytes, int, float)


def say(kind: str, text: str) -> None:
    data = memoryview((kind + text.replace("\n", "\\n") + "\n").encode("utf-8", "backslashreplace"))
    while data:
        data = data[os.write(4, data) :]


def plain(value: Any) -> Any:
    """Turns a subclass of a plain type, such as a Counter or a namedtuple, into the plain type."""
    for base in BASES:
        if isinstance(value, base) and type(value) is not bool:
            return value if type(value) is base else base(value)
    return value


def describe(error: BaseException) -> str:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == NAME]
    where = f" (line {lines[-1]} of the program)" if lines else ""
    return f"{type(error).__name__}: {error}"[:500] + where


def main() -> None:
    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(0)
    orders = os.fdopen(3, "rb")
    waiting = []
    module: dict[str, Any] = {"__name__": "solution"}
    for line in orders:
        text = json.loads(line[1:])
        try:
            if line[:1] == b"A":
                waiting.append(eval(text, {"__builtins__": {}}, dict(NAMES)))
                say("=", "")
            elif line[:1] == b"L":
                exec(compile(text, NAME, "exec"), module)
                say("=", "")
            else:
                arguments = waiting.pop(0)
                if text not in module:
                    raise NameError(f"the program defines no {text!r}")
                say("=", repr(plain(module[text](*arguments))))
        except BaseException as error:
            say("!", describe(error))


if __name__ == "__main__":
    main()
