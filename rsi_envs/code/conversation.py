# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A conversation with the harness in a world: a stranger's program, called from outside."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from types import TracebackType
from typing import Any, Self

from rsi_envs.core.errors import EnvironmentFault, ReferenceFailed
from rsi_sandboxes import ExecResult, Job, Limits, Sandbox

MIB = 1024 * 1024
_ANSWER_SLACK_S = 40.0
_TRUSTED_LIMIT_S = 30.0


class SolutionEndedWorld(Exception):
    """The program under test brought its whole world to an end; the message says how."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an order to the solver. Exactly one of `value`, `error` and `ended` is not None."""

    value: str | None
    """The text of the function's result."""
    error: str | None
    """The exception that the program raised."""
    ended: str | None
    """Why the solver is no more: it hung, exited, was killed or broke the channel."""

    @property
    def problem(self) -> str | None:
        """What it did wrong, in words; None when a value came."""
        return self.ended or (self.error and f"raised {self.error}")


@dataclass(frozen=True, slots=True)
class Race:
    """What came of a race."""

    answers: tuple[Answer, ...]
    """To each call, in order; fewer when loading failed or the solver ended."""
    problem: str | None
    """Why there are fewer; None when there are not."""
    seconds: float
    """Wall seconds from before loading until the last answer, by the harness's clock."""


@lru_cache(maxsize=8)
def source_text(name: str) -> str:
    """The text of one of this room's modules, to hand to a Python in a world."""
    return files("rsi_envs.code").joinpath(name).read_text("utf-8")


class Harness:
    """A world with the harness in it; leaving the `with` block ends it.

    Args:
        sandbox: Where the world is made.
        limits: Bounds of the world as a whole.

    Raises:
        SandboxError: No world could be made.
    """

    def __init__(self, sandbox: Sandbox, limits: Limits) -> None:
        command = ("python3", "-I", "-S", "-c", source_text("harness.py"), source_text("solver.py"))
        self._limits = limits
        self._process = sandbox.start(Job(command, limits=limits))
        self._stranger_inside = False

    def start(self, preamble: str = "") -> None:
        """Ends every solver there was and starts a fresh one, in which the task's preamble has run.

        Raises:
            ReferenceFailed: The preamble raises.
        """
        self._order(0.0, do="start")
        if preamble:
            loaded = self._order(_TRUSTED_LIMIT_S, do="load", source=preamble, limit_s=_TRUSTED_LIMIT_S)
            if problem := Answer(**loaded).problem:
                raise ReferenceFailed(f"the task's preamble {problem}")

    def put(self, arguments: str, named: str = "{}") -> Answer:
        """Has the solver decode arguments (the text of a tuple, and of a dict) for a later call.

        What is put before the program is loaded is decoded where no stranger can meddle.
        """
        return Answer(**self._order(0.0, do="args", text=f"({arguments}, {named})"))

    def load(self, program: str, limit_s: float) -> Answer:
        """Runs the program's source in the solver."""
        self._stranger_inside = True
        return Answer(**self._order(limit_s, do="load", source=program, limit_s=limit_s))

    def call(self, name: str, limit_s: float) -> Answer:
        """Calls the program's function with the next arguments put by."""
        return Answer(**self._order(limit_s, do="call", name=name, limit_s=limit_s))

    def race(self, program: str, name: str, calls: int, limit_s: float) -> Race:
        """Loads the program and calls its function so often, with the arguments put by, on one clock."""
        self._stranger_inside = True
        result = self._order((calls + 1) * limit_s, do="race", source=program, name=name, calls=calls, limit_s=limit_s)
        answers = [Answer(**answer) for answer in result["answers"]]
        problem = answers[0].problem or (answers[-1].problem if len(answers) <= calls else None)
        return Race(tuple(answers[1:]), problem, result["seconds"])

    def _order(self, wait_s: float, **command: Any) -> dict[str, Any]:
        self._process.send(json.dumps(command).encode() + b"\n")
        try:
            line = self._process.read_line(wait_s + _ANSWER_SLACK_S)
        except TimeoutError as error:
            if self._stranger_inside:
                raise SolutionEndedWorld("kept its grader from answering") from error
            raise EnvironmentFault("the grading harness does not answer") from error
        if line is None:
            self._explain(self._process.wait())
        return dict(json.loads(line or b""))

    def _explain(self, result: ExecResult) -> None:
        """Raises the error that tells how the world ended."""
        if result.out_of_memory:
            raise SolutionEndedWorld(f"took more than {self._limits.memory_bytes // MIB} MiB of memory")
        if result.timed_out:
            raise SolutionEndedWorld(f"took more than {self._limits.wall_s:g} s in all")
        words = result.stderr.decode(errors="replace").strip()[-500:]
        how = f"signal {result.signal}" if result.signal else f"status {result.exit_code}"
        if self._stranger_inside:
            raise SolutionEndedWorld(f"brought its grader to an end ({how}) {words}".strip())
        raise EnvironmentFault(f"the grading harness ended with {how}: {words}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.__exit__(kind, error, trace)
