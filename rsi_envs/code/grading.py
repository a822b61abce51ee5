# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Grading: a program against a task's tests and references, decided outside the program's reach.

The program runs in a world that holds no expected result. Calls go in as text, results come out as text, and both
the comparison and the clock are on the trusted side. See docs/grading-integrity.md.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import inf
from typing import TypeVar

from rsi_envs.code.cases import CaseStore
from rsi_envs.code.conversation import (
    FORGED,
    MIB,
    Answer,
    Solver,
    call_order,
    load_order,
    python_job,
    source_text,
)
from rsi_envs.code.types import Case, CodeTask
from rsi_envs.code.values import NotPlain, decode, same, shorten
from rsi_envs.core.errors import EnvironmentFault, ReferenceFailed
from rsi_sandboxes import Limits, Process, Sandbox, WorldLost

ResultT = TypeVar("ResultT")

GRADING_LIMITS = Limits(wall_s=120, cpu_s=120, memory_bytes=512 * MIB, processes=64, output_bytes=64 * MIB)
_LOAD_LIMIT_S = 10.0
_MOST_RESTARTS = 3
_ROUNDS = 3
_ONCE_IS_ENOUGH_S = 0.1


class Failure(StrEnum):
    """In what way a program failed a test; as much as may be said of a hidden one."""

    WRONG = "gave a wrong result"
    RAISED = "raised an exception"
    ENDED = "hung, exited or broke its bounds"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one test went."""

    failure: Failure | None = None
    """None when the test passed."""
    why: str = ""
    """What the program did, in its own words too, so not for telling an agent of a hidden test."""

    @property
    def passed(self) -> bool:
        """Whether the test passed."""
        return self.failure is None


@dataclass(frozen=True, slots=True)
class Grade:
    """What a program is found to be."""

    outcomes: tuple[Outcome, ...]
    """One for each test, in order."""
    run_time_counts: bool = False
    """Whether the task has timed cases."""
    seconds: float | None = None
    """Run time over the timed cases, loading included; None unless every test passed and run time counts."""
    reference_seconds: tuple[tuple[str, float], ...] = ()
    """The same for each correct reference, (level, seconds), measured in turn with the program in one world."""

    @property
    def correctness(self) -> float:
        """Share of the tests passed, in [0, 1]."""
        return sum(outcome.passed for outcome in self.outcomes) / len(self.outcomes)

    @property
    def first_failure(self) -> Outcome | None:
        """The first test that failed; None when none did."""
        return next((outcome for outcome in self.outcomes if not outcome.passed), None)


class Grader:
    """Grades programs; safe to use from several threads.

    At most as many programs are graded at once as there are processors, so that their run times mean something.

    Args:
        sandbox: Where strangers' programs run.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def try_examples(self, task: CodeTask, program: str) -> tuple[Outcome, ...]:
        """Runs the program on the visible examples alone; raises as `grade` does."""
        return self._attributed(
            lambda shared: tuple(self._run_cases(task, program, task.examples)),
            lambda failed: (failed,) * len(task.examples),
        )

    def grade(self, task: CodeTask, program: str) -> Grade:
        """Runs the program on the hidden tests and, when it passes them all, measures its run time.

        Raises:
            ReferenceFailed: The task's own references, preamble or test code don't do what the task says.
            EnvironmentFault: The grader itself broke.
            SandboxError: The sandbox broke, twice, and would have with any program.
        """
        return self._attributed(
            lambda shared: self._grade(shared, task, program), lambda failed: Grade((failed,), run_time_counts=True)
        )

    def _attributed(self, run: Callable[[_Shared], ResultT], failed: Callable[[Outcome], ResultT]) -> ResultT:
        """Runs something again whose world was lost; blames the program when that happens to it alone."""
        shared = _shared()
        with shared.slots:
            try:
                return run(shared)
            except WorldLost:
                pass
            try:
                return run(shared)
            except WorldLost:
                with Solver(self._sandbox, GRADING_LIMITS) as solver:
                    solver.prepare("", ())
                return failed(Outcome(Failure.ENDED, "broke its world, twice, while other worlds are well"))

    def _grade(self, shared: _Shared, task: CodeTask, program: str) -> Grade:
        if task.check is not None:
            return Grade((self._run_check(task, program),))
        cases = shared.store.get(task, self._sandbox, GRADING_LIMITS)
        grade = Grade(tuple(self._run_cases(task, program, cases.tests)), run_time_counts=bool(cases.timed))
        if not cases.timed or grade.correctness < 1.0:
            return grade
        return self._race(task, program, cases.timed, grade)

    def _run_cases(self, task: CodeTask, program: str, cases: Sequence[Case]) -> list[Outcome]:
        """Runs the program on each case, starting it afresh, a few times at most, after it hung or ended."""
        outcomes: list[Outcome] = []
        rest = Outcome(Failure.ENDED)
        in_all_s = GRADING_LIMITS.wall_s + len(cases) * task.time_limit_s
        limits = replace(GRADING_LIMITS, wall_s=in_all_s, cpu_s=in_all_s)
        for _ in range(1 + _MOST_RESTARTS):
            left = cases[len(outcomes) :]
            with Solver(self._sandbox, limits) as solver:
                arguments = [case.arguments for case in left]
                solver.prepare(task.preamble, arguments, then=_work(task, program, left))
                loaded = solver.answer(_LOAD_LIMIT_S)
                if loaded.problem:
                    rest = _failed(loaded)
                    break
                for case in left:
                    answer = solver.answer(task.time_limit_s)
                    outcomes.append(_judge(answer, case, task.float_tolerance))
                    if answer.ended:
                        rest = outcomes[-1]
                        break
                else:
                    solver.finish()
                if solver.forged:
                    return [Outcome(Failure.ENDED, FORGED)] * len(cases)
                if len(outcomes) == len(cases):
                    break
        return outcomes + [rest] * (len(cases) - len(outcomes))

    def _race(self, task: CodeTask, program: str, timed: Sequence[Case], grade: Grade) -> Grade:
        """Times the correct references and the program in turn, each in a fresh world, and keeps the best of each."""
        references = {r.level: r.program for r in task.references if r.correctness == 1.0}
        best: dict[str, float] = {}
        own = inf
        for _ in range(_ROUNDS):
            for level, source in references.items():
                if best.get(level, 0.0) > _ONCE_IS_ENOUGH_S:
                    continue
                seconds, failed = self._time(task, source, timed)
                if failed:
                    raise ReferenceFailed(f"task {task.id!r}: when timed, its reference {level!r} {failed.why}")
                best[level] = min(seconds, best.get(level, inf))
            if inf > own > _ONCE_IS_ENOUGH_S:
                continue
            seconds, failed = self._time(task, program, timed)
            if failed:
                return replace(grade, outcomes=(*grade.outcomes[:-1], failed))
            own = min(seconds, own)
        return replace(grade, seconds=own, reference_seconds=tuple(best.items()))

    def _time(self, task: CodeTask, source: str, timed: Sequence[Case]) -> tuple[float, Outcome | None]:
        """Seconds for loading and all timed cases, and the first that failed, None when all passed.

        The clock is the world's supervisor's. It starts before the program goes out, when all arguments have been
        decoded, and stops when the last answer has come: there is no moment that does not count.
        """
        with Solver(self._sandbox, GRADING_LIMITS) as solver:
            solver.prepare(task.preamble, [case.arguments for case in timed])
            solver.restart_clock()
            solver.order(_work(task, source, timed))
            loaded = solver.answer(_LOAD_LIMIT_S)
            if loaded.problem:
                return inf, _failed(loaded)
            for case in timed:
                outcome = _judge(solver.answer(task.time_limit_s), case, task.float_tolerance)
                if not outcome.passed:
                    return inf, outcome
            seconds = solver.answered_at_s
            solver.finish()
            return seconds, Outcome(Failure.ENDED, FORGED) if solver.forged else None

    def _run_check(self, task: CodeTask, program: str) -> Outcome:
        """Runs test code in a world of its own; its calls of the solution go from world to world through here."""
        values = {"rsi_envs/code/values.py": source_text("values.py").encode()}
        job = python_job("tester.py", GRADING_LIMITS, files=values)
        with Solver(self._sandbox, GRADING_LIMITS) as solver, self._sandbox.start(job) as tester:
            solver.prepare(task.preamble, ())
            loaded = solver.load(program, _LOAD_LIMIT_S)
            return _failed(loaded) if loaded.problem else _relay(solver, tester, task)


def _work(task: CodeTask, program: str, cases: Sequence[Case]) -> list[str]:
    """All that a solver has to do once it holds the cases' arguments."""
    return [load_order(program), *[call_order(task.entry_point)] * len(cases)]


@dataclass(frozen=True, slots=True)
class _Shared:
    """What all graders of a process share."""

    store: CaseStore
    slots: threading.Semaphore


_shared_by_pid: dict[int, _Shared] = {}
_sharing = threading.Lock()


def _shared() -> _Shared:
    # By process id: a forked child must not wait for a slot that its parent's threads hold.
    with _sharing:
        return _shared_by_pid.setdefault(
            os.getpid(), _Shared(CaseStore(), threading.BoundedSemaphore(os.cpu_count() or 1))
        )


def _judge(answer: Answer, case: Case, tolerance: float) -> Outcome:
    if answer.value is None:
        return _failed(answer)
    wanted = case.result or ""
    if answer.value == wanted:
        return Outcome()
    if len(answer.value) > 4 * len(wanted) + 10_000:
        return Outcome(Failure.WRONG, "returned far more than the right result")
    try:
        right = same(decode(answer.value), decode(wanted), tolerance)
    except NotPlain as error:
        return Outcome(Failure.WRONG, f"returned what is {error}")
    return Outcome() if right else Outcome(Failure.WRONG, f"returned {shorten(answer.value)}")


def _failed(answer: Answer) -> Outcome:
    return Outcome(Failure.RAISED if answer.error else Failure.ENDED, answer.problem or "")


def _relay(solver: Solver, tester: Process, task: CodeTask) -> Outcome:
    deadline = time.monotonic() + task.time_limit_s
    order = {"preamble": task.preamble, "check": task.check, "name": task.entry_point}
    tester.send(json.dumps(order).encode() + b"\n")
    while True:
        left = deadline - time.monotonic()
        try:
            line = tester.read_line(max(left, 0.0))
        except TimeoutError:
            return Outcome(Failure.ENDED, f"the tests took more than {task.time_limit_s:g} s")
        if line is None:
            raise EnvironmentFault(f"task {task.id!r}: the test code ended: {tester.wait().stderr[-500:]!r}")
        message = json.loads(line)
        if "fault" in message:
            raise ReferenceFailed(f"task {task.id!r}: {message['fault']}")
        if "call" not in message:
            return Outcome() if message["passed"] else Outcome(Failure.WRONG, message["why"])
        arguments, named = message["call"]
        answer = solver.call(task.entry_point, arguments, max(left, 0.001), named=named)
        reply = {"value": answer.value, "error": answer.error, "ended": answer.ended}
        tester.send(json.dumps(reply).encode() + b"\n")
