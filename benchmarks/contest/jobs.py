# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The job that every contender runs: grading a 30-line solution with 20 tests, as one program and by values."""

from __future__ import annotations

import json

IMAGE = "rsi-sandbox-python:1"
"""The containers' image, for ours and for peers."""

SOLUTION = """
def parse(text):
    rows = []
    for line in text.splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        name, _, rest = line.partition(":")
        rows.append((name.strip(), [int(word) for word in rest.split()]))
    return rows


def merge(rows):
    merged = {}
    for name, numbers in rows:
        merged.setdefault(name, []).extend(numbers)
    return merged


def totals(merged):
    return {name: sum(numbers) for name, numbers in merged.items()}


def ranking(sums):
    return sorted(sums, key=lambda name: (-sums[name], name))


def solve(text):
    return ranking(totals(merge(parse(text))))
"""

PROGRAM = (
    SOLUTION
    + """

for n in range(1, 21):
    text = "\\n".join(f"k{i % 7}: {i} {i * n}" for i in range(30))
    assert sorted(solve(text)) == [f"k{i}" for i in range(7)]
print("ok")
"""
)
"""Solution and tests in one process, which says "ok"."""

SOLVER = """
import json, sys
module = {"__name__": "solution"}
exec(compile(json.loads(sys.stdin.readline()), "<solution>", "exec"), module)
for line in sys.stdin:
    function, arguments = json.loads(line)
    print(json.dumps(module[function](*arguments)))
"""
"""Holds the solution in a process of its own: its source comes in the first line, then calls; results go out."""

_TEXTS = ["\n".join(f"k{i % 7}: {i} {i * n}" for i in range(30)) for n in range(1, 21)]
CALLS = "".join(json.dumps(line) + "\n" for line in [SOLUTION, *(["solve", [text]] for text in _TEXTS)]).encode()
"""What `SOLVER` reads: the solution and 20 calls, `[function, arguments]`."""
_EXPECTED = [f"k{i}" for i in range(7)]


def python_command(python: str, program: str) -> list[str]:
    """Gives the command that runs a program in a bare Python."""
    return [python, "-I", "-S", "-c", program]


def check_said_ok(output: bytes | str) -> None:
    """Raises WrongOutput unless `PROGRAM` said that the tests passed."""
    if output not in (b"ok\n", "ok\n"):
        raise WrongOutput(f"the job printed {output!r}")


def check_replies(output: bytes) -> None:
    """Compares what `SOLVER` replied with the expected values, outside the solution's process.

    Raises:
        WrongOutput: A reply is missing, no JSON, or another value.
    """
    try:
        replies = [sorted(json.loads(line)) for line in output.splitlines()]
    except (ValueError, TypeError) as error:
        raise WrongOutput(f"the job replied {output!r}") from error
    if replies != [_EXPECTED] * len(_TEXTS):
        raise WrongOutput(f"the job replied {output!r}")


class WrongOutput(RuntimeError):
    """A contender did not do the job."""
