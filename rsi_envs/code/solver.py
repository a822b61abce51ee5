# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Runs in the sandbox: the process that holds a stranger's program, and nothing worth stealing.

Handed as text to a bare Python in the world, so it keeps to the standard library of Python 3.9. Orders come on
standard input and replies go out on standard output, one line each, in the same order:

    A"(arguments, named ones)"    decodes arguments and puts them by
    L"source"                     runs a program
    C"name"                       calls the function of this name with the next arguments put by

A reply is "=" and the text of the result, or "!" and the exception. Both descriptors are moved away before a program
runs, so that one that prints, reads or closes its standard streams disturbs nothing. A program can find descriptor
4 all the same: what it gains is that its own results are read as something else.
"""

from __future__ import annotations

import json
import marshal
import math
import os
import sys
import traceback
from typing import Any

NAME = "<solution>"
ORDERS, REPLIES = 3, 4
MOST_CHARACTERS = 300
COLLECTIONS: tuple[Any, ...] = (list, tuple, set, frozenset)
SCALARS: tuple[Any, ...] = (str, bytes, int, float)
NAMES = {"inf": math.inf, "nan": math.nan, "set": set, "frozenset": frozenset}


def say(kind: str, text: str) -> None:
    data = memoryview((kind + text.replace("\n", "\\n") + "\n").encode("utf-8", "backslashreplace"))
    while data:
        data = data[os.write(REPLIES, data) :]


def plain(value: Any) -> Any:
    """Turns subclasses of plain types, such as Counters and namedtuples, into the plain types, at any depth."""
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in dict.items(value)}
    for base in COLLECTIONS:
        if isinstance(value, base):
            return base([plain(item) for item in base.__iter__(value)])
    for base in SCALARS:
        if isinstance(value, base) and type(value) not in (base, bool):
            return base(value)
    return value


def shown(value: Any) -> str:
    """The text of a result. marshal is a quick way to learn that it holds exact plain types and no subclass."""
    try:
        marshal.dumps(value)
    except ValueError:
        return repr(plain(value))
    return repr(value)


def describe(error: BaseException) -> str:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == NAME]
    where = f" (line {lines[-1]} of the program)" if lines else ""
    return f"{type(error).__name__}: {error}"[:MOST_CHARACTERS] + where


def main() -> None:
    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(0)
    for given, moved in ((0, ORDERS), (1, REPLIES)):
        os.dup2(given, moved)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nothing, stream)
    os.close(nothing)
    waiting = []
    module: dict[str, Any] = {"__name__": "solution"}
    for line in os.fdopen(ORDERS, "rb"):
        text = json.loads(line[1:])
        try:
            if line[:1] == b"A":
                waiting.append(eval(text, {"__builtins__": {}}, dict(NAMES)))
                say("=", "")
            elif line[:1] == b"L":
                exec(compile(text, NAME, "exec", dont_inherit=True), module)
                say("=", "")
            else:
                arguments, named = waiting.pop(0)
                if text not in module:
                    raise NameError(f"the program defines no {text!r}")
                say("=", shown(module[text](*arguments, **named)))
        except BaseException as error:
            say("!", describe(error))
    # Threads that the program left running must not keep the world up.
    os._exit(0)


if __name__ == "__main__":
    main()
