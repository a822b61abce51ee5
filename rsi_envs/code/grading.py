# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Grading: a program against a task's tests and references, decided outside the program's reach.

The program runs in a world that holds no expected result. Calls go in as text, results come out as text, and both
the comparison and the clock are on the trusted side. See docs/grading.md.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rsi_envs.code.cases import CaseStore
from rsi_envs.code.conversation import MIB, Answer, Harness, SolutionEndedWorld, source_text
from rsi_envs.code.types import Case, CodeTask
from rsi_envs.code.values import NotPlain, decode, same
from rsi_envs.core.errors import EnvironmentFault, ReferenceFailed
from rsi_sandboxes import Job, Limits, Process, Sandbox

GRADING_LIMITS = Limits(wall_s=120, cpu_s=120, memory_bytes=512 * MIB, processes=64, output_bytes=256 * MIB)
_LOAD_LIMIT_S = 10.0
_MOST_RESTARTS = 3
_ROUNDS = 3
_ONCE_IS_ENOUGH_S = 0.1


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one test went."""

    passed: bool
    why: str = ""
    """What was wrong; empty when the test passed."""


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
    def first_failure(self) -> str | None:
        """What was wrong in the first test that failed; None when none did."""
        return next((outcome.why for outcome in self.outcomes if not outcome.passed), None)


class Grader:
    """Grades programs; safe to use from several threads.

    At most as many programs are graded at once as there are processors, so that their run times mean something.

    Args:
        sandbox: Where strangers' programs run.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._store, self._slots = _shared(os.getpid())

    def try_examples(self, task: CodeTask, program: str) -> tuple[Outcome, ...]:
        """Runs the program on the visible examples alone; raises as `grade` does."""
        with self._slots, Harness(self._sandbox, GRADING_LIMITS) as harness:
            return tuple(_run_cases(harness, task, program, task.examples))

    def grade(self, task: CodeTask, program: str) -> Grade:
        """Runs the program on the hidden tests and, when it passes them all, measures its run time.

        Raises:
            ReferenceFailed: The task's own references don't do what the task says.
            EnvironmentFault: The grader itself broke.
            SandboxError: The sandbox broke; the grading may be repeated.
        """
        with self._slots:
            if task.check is not None:
                return Grade((self._run_check(task, program),))
            cases = self._store.get(task, self._sandbox, GRADING_LIMITS)
            with Harness(self._sandbox, GRADING_LIMITS) as harness:
                outcomes = _run_cases(harness, task, program, cases.tests)
                grade = Grade(tuple(outcomes), run_time_counts=bool(cases.timed))
                if not cases.timed or grade.correctness < 1.0:
                    return grade
                return _race(harness, task, program, cases.timed, grade)

    def _run_check(self, task: CodeTask, program: str) -> Outcome:
        """Runs test code in a world of its own; its calls of the solution go from world to world through here."""
        files = {"rsi_envs/code/values.py": source_text("values.py").encode()}
        job = Job(("python3", "-I", "-S", "-c", source_text("tester.py")), files=files, limits=GRADING_LIMITS)
        with Harness(self._sandbox, GRADING_LIMITS) as harness, self._sandbox.start(job) as tester:
            try:
                harness.start()
                problem = harness.load(task.preamble + "\n" + program, _LOAD_LIMIT_S).problem
                return Outcome(False, problem) if problem else _relay(harness, tester, task)
            except SolutionEndedWorld as error:
                return Outcome(False, str(error))


@lru_cache(maxsize=1)
def _shared(pid: int) -> tuple[CaseStore, threading.Semaphore]:
    """What all graders of a process share; by process id, because a lock must not be carried through a fork."""
    return CaseStore(), threading.BoundedSemaphore(os.cpu_count() or 1)


def _run_cases(harness: Harness, task: CodeTask, program: str, cases: Sequence[Case]) -> list[Outcome]:
    """Runs the program on each case, starting it afresh, a few times at most, after it hung or ended."""
    outcomes: list[Outcome] = []
    why = ""
    try:
        for _ in range(1 + _MOST_RESTARTS):
            harness.start()
            why = harness.load(task.preamble + program, _LOAD_LIMIT_S).problem or ""
            if why:
                break
            for case in cases[len(outcomes) :]:
                harness.put(case.arguments)
                answer = harness.call(task.entry_point, task.time_limit_s)
                outcomes.append(_judge(answer, case, task.float_tolerance))
                if answer.ended:
                    why = answer.ended
                    break
            else:
                break
    except SolutionEndedWorld as error:
        why = str(error)
    return outcomes + [Outcome(False, why)] * (len(cases) - len(outcomes))


def _judge(answer: Answer, case: Case, tolerance: float) -> Outcome:
    if answer.value is None:
        return Outcome(False, answer.problem or "")
    wanted = case.result or ""
    if answer.value == wanted:
        return Outcome(True)
    if len(answer.value) > 4 * len(wanted) + 10_000:
        return Outcome(False, "the result is far larger than the right one")
    try:
        right = same(decode(answer.value), decode(wanted), tolerance)
    except NotPlain as error:
        return Outcome(False, str(error))
    return Outcome(right, "" if right else f"returned {answer.value[:300]}")


def _race(harness: Harness, task: CodeTask, program: str, timed: Sequence[Case], grade: Grade) -> Grade:
    """Times the program and the correct references in turn, each in a fresh process, and keeps the best of each.

    Nothing of the program is alive while a reference runs, so it can't slow one down.
    """
    runners = {"": program} | {r.level: r.program for r in task.references if r.correctness == 1.0}
    best: dict[str, float] = {}
    for _ in range(_ROUNDS):
        for name, source in runners.items():
            if best.get(name, 0.0) > _ONCE_IS_ENOUGH_S:
                continue
            try:
                seconds = _time(harness, task, source, timed)
                problem = None if isinstance(seconds, float) else seconds
            except SolutionEndedWorld as error:
                seconds, problem = 0.0, str(error)
            if problem is not None and name:
                raise ReferenceFailed(f"task {task.id!r}: its reference {name!r} failed when timed: {problem}")
            if problem is not None:
                return replace(grade, outcomes=(*grade.outcomes[:-1], Outcome(False, f"when run again, {problem}")))
            best[name] = min(float(seconds), best.get(name, float("inf")))
    own = best.pop("")
    return replace(grade, seconds=own, reference_seconds=tuple(best.items()))


def _time(harness: Harness, task: CodeTask, source: str, timed: Sequence[Case]) -> float | str:
    """Seconds for loading and all timed cases, or what went wrong."""
    harness.start()
    for case in timed:
        harness.put(case.arguments)
    answer = harness.load(task.preamble + source, _LOAD_LIMIT_S)
    seconds = answer.seconds
    if answer.problem:
        return answer.problem
    for case in timed:
        answer = harness.call(task.entry_point, task.time_limit_s)
        seconds += answer.seconds
        outcome = _judge(answer, case, task.float_tolerance)
        if not outcome.passed:
            return outcome.why
    return seconds


def _relay(harness: Harness, tester: Process, task: CodeTask) -> Outcome:
    deadline = time.monotonic() + task.time_limit_s + _LOAD_LIMIT_S
    order = {"source": task.preamble + "\n" + (task.check or ""), "name": task.entry_point}
    tester.send(json.dumps(order).encode() + b"\n")
    while True:
        left = max(0.0, deadline - time.monotonic())
        try:
            line = tester.read_line(left)
        except TimeoutError:
            return Outcome(False, f"the tests took more than {task.time_limit_s:g} s")
        if line is None:
            raise EnvironmentFault(f"task {task.id!r}: the test code ended: {tester.wait().stderr[-500:]!r}")
        message = json.loads(line)
        if "call" not in message:
            return Outcome(message["passed"], message["why"])
        harness.put(message["call"])
        answer = harness.call(task.entry_point, min(left, task.time_limit_s) or 0.001)
        reply = {"value": answer.value, "error": answer.error, "ended": answer.ended}
        tester.send(json.dumps(reply).encode() + b"\n")
