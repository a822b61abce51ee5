# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A conversation with a solver in a world: a stranger's program, called from outside."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from types import TracebackType
from typing import Self

from rsi_envs.core.errors import EnvironmentFault, ReferenceFailed
from rsi_sandboxes import ExecResult, Job, Limits, Sandbox

MIB = 1024 * 1024
MAX_REPLY_BYTES = 4 * MIB
_MAX_ERROR_CHARACTERS = 500
FORGED = "wrote into the grader's channel"
_TRUSTED_LIMIT_S = 30.0
_END_LIMIT_S = 2.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an order to the solver. Exactly one of `value`, `error` and `ended` is not None."""

    value: str | None = None
    """The text of the function's result."""
    error: str | None = None
    """The exception that the program raised."""
    ended: str | None = None
    """Why the solver is no more: it hung, exited, was killed or broke the channel."""

    @property
    def problem(self) -> str | None:
        """What it did wrong, in words; None when a value came."""
        return self.ended or (self.error and f"raised {self.error}")


@lru_cache(maxsize=8)
def source_text(name: str) -> str:
    """The text of one of this room's modules, to hand to a Python in a world."""
    return resources.files("rsi_envs.code").joinpath(name).read_text("utf-8")


def python_job(name: str, limits: Limits, *, files: Mapping[str, bytes] | None = None) -> Job:
    """A job that runs one of this room's modules, named by its file, in a world with these bounds and files."""
    command = ("python3", "-I", "-S", "-c", source_text(name))
    return Job(command, files=files or {}, limits=limits, keep_ready=True)


def load_order(source: str) -> str:
    """Has the solver run a program."""
    return "L" + json.dumps(source)


def put_order(arguments: str, named: str = "{}") -> str:
    """Has the solver decode arguments (the text of a tuple, and of a dict) and put them by for a later call."""
    return "A" + json.dumps(f"({arguments}, {named})")


def call_order(name: str) -> str:
    """Has the solver call the program's function with the next arguments put by."""
    return "C" + json.dumps(name)


class Solver:
    """A fresh world with a solver in it; leaving the `with` block ends it.

    Orders may be given many at a time; each has one answer, in their order.

    Args:
        sandbox: Where the world is made.
        limits: Bounds of the world as a whole.

    Raises:
        SandboxError: No world could be made.
        EnvironmentFault: The solver did not come up.
    """

    def __init__(self, sandbox: Sandbox, limits: Limits) -> None:
        self._limits = limits
        self._process = sandbox.start(python_job("solver.py", limits))
        self._ended: str | None = None
        self.forged = False
        """Whether answers came that no order asked for, so that none of its answers may count."""

    @property
    def answered_at_s(self) -> float:
        """When the last answer came: seconds after `restart_clock`, by the clock in the world."""
        return self._process.line_at_s

    def restart_clock(self) -> None:
        """Counts from here, before whatever is ordered from now on; all answers so far must have been waited for."""
        self._process.restart_clock()

    def order(self, orders: Sequence[str]) -> None:
        """Gives orders; a solver that has ended takes them in silence."""
        self._process.send("".join(order + "\n" for order in orders).encode("utf-8", "surrogatepass"))

    def answer(self, limit_s: float) -> Answer:
        """Waits for the answer to the next order; ends the solver when none comes within `limit_s`."""
        if self._ended is not None:
            return Answer(ended=self._ended)
        try:
            line = self._process.read_line(limit_s)
        except TimeoutError:
            self._process.kill()
            result = self._process.wait()
            return self._end(self._excess(result) or f"gave no answer within {limit_s:g} s")
        if line is None:
            result = self._process.wait()
            return self._end(self._excess(result) or _how_it_died(result))
        if len(line) > MAX_REPLY_BYTES:
            return self._end(f"gave a result of more than {MAX_REPLY_BYTES} bytes")
        text = line[1:].decode("utf-8", "replace")
        if line[:1] == b"=":
            return Answer(value=text)
        if line[:1] == b"!":
            return Answer(error=text[:_MAX_ERROR_CHARACTERS])
        self.forged = True
        return self._end(FORGED)

    def prepare(self, preamble: str, arguments: Sequence[str], *, then: Sequence[str] = ()) -> None:
        """Runs the task's preamble, and decodes arguments where no stranger can meddle yet.

        Args:
            preamble: Source of the task's own; may be empty.
            arguments: The text of a tuple each.
            then: Orders that the solver finds behind these, whose answers are still to be waited for.

        Raises:
            ReferenceFailed: The preamble does not run.
            EnvironmentFault: The solver does not do as it should.
        """
        self.order([load_order(preamble), *map(put_order, arguments), *then])
        if problem := self.answer(_TRUSTED_LIMIT_S).problem:
            if preamble:
                raise ReferenceFailed(f"the task's preamble {problem}")
            raise EnvironmentFault(f"the solver did not come up: it {problem}")
        for _ in arguments:
            if problem := self.answer(_TRUSTED_LIMIT_S).problem:
                raise EnvironmentFault(f"the solver could not take a test's arguments: it {problem}")

    def load(self, program: str, limit_s: float) -> Answer:
        """Runs a program's source."""
        self.order([load_order(program)])
        return self.answer(limit_s)

    def call(self, name: str, arguments: str, limit_s: float, *, named: str = "{}") -> Answer:
        """Calls the program's function."""
        self.order([put_order(arguments, named), call_order(name)])
        taken = self.answer(limit_s)
        return taken if taken.problem else self.answer(limit_s)

    def finish(self) -> None:
        """Ends the orders and finds out whether more answers came than orders went out."""
        if self._ended is not None:
            return
        self._process.close_stdin()
        try:
            self.forged = self._process.read_line(_END_LIMIT_S) is not None
        except TimeoutError:
            return  # it hangs on the way out, which changes no answer

    def _end(self, why: str) -> Answer:
        self._ended = why
        return Answer(ended=why)

    def _excess(self, result: ExecResult) -> str | None:
        if result.out_of_memory:
            return f"took more than {self._limits.memory_bytes // MIB} MiB of memory"
        if result.timed_out:
            return f"took more than {self._limits.wall_s:g} s in all"
        return f"gave results of more than {self._limits.output_bytes} bytes in all" if result.truncated else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.__exit__(kind, error, trace)


def _how_it_died(result: ExecResult) -> str:
    return f"was ended by signal {result.signal}" if result.signal else f"exited with status {result.exit_code}"
