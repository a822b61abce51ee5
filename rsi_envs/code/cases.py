# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A task's hidden cases, generated in a sandbox and answered by its best reference, once a process."""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass, replace

from rsi_envs.code.conversation import Solver
from rsi_envs.code.types import Case, CodeTask
from rsi_envs.code.values import decode, same
from rsi_envs.core.errors import ReferenceFailed
from rsi_sandboxes import Limits, Sandbox

TESTS_SEED = 2025
TIMED_SEED = 2026
_LIMIT_S = 30.0

_CASES = """

def _cases(name, seed):
    import random
    cases = []
    for arguments in globals().get(name, lambda rng: ())(random.Random(seed)):
        if type(arguments) is not tuple:
            raise TypeError(name + " must yield tuples of arguments, got " + type(arguments).__name__)
        cases.append(repr(arguments))
    return cases
"""


@dataclass(frozen=True, slots=True)
class HiddenCases:
    """What decides a task that compares values; every case has its result."""

    tests: tuple[Case, ...]
    """The edge tests, then the generated ones, then the timed ones."""
    timed: tuple[Case, ...]
    """The cases that run time is measured on; empty where run time doesn't count."""


class CaseStore:
    """Keeps the hidden cases of every task that has been asked for; safe to use from several threads."""

    def __init__(self) -> None:
        self._cases: dict[CodeTask, HiddenCases] = {}
        self._locks: defaultdict[CodeTask, threading.Lock] = defaultdict(threading.Lock)
        self._guard = threading.Lock()

    def get(self, task: CodeTask, sandbox: Sandbox, limits: Limits) -> HiddenCases:
        """Returns the cases, making them first when they are not there yet.

        Raises:
            ReferenceFailed: The generator or the best reference breaks, or gives other results than the edge tests.
            SandboxError: No world could be made.
        """
        with self._guard:
            lock = self._locks[task]
        with lock:
            if task not in self._cases:
                self._cases[task] = _make(task, sandbox, limits)
            return self._cases[task]


def _make(task: CodeTask, sandbox: Sandbox, limits: Limits) -> HiddenCases:
    if task.generator is None:
        return HiddenCases(task.edge_tests, ())
    with Solver(sandbox, limits) as solver:
        solver.prepare("", ())
        _checked(task, "the generator", solver.load(task.generator + _CASES, _LIMIT_S).problem)
        tests = _generate(task, solver, "tests", TESTS_SEED)
        timed = _generate(task, solver, "timed", TIMED_SEED)
    best = task.references[-1]
    who = f"its reference {best.level!r}"
    with Solver(sandbox, limits) as solver:
        solver.prepare(task.preamble, ())
        _checked(task, who, solver.load(best.program, _LIMIT_S).problem)
        answered = [_answer(task, who, solver, case) for case in (*task.edge_tests, *tests, *timed)]
    if not answered:
        raise ReferenceFailed(f"task {task.id!r}: its generator yields no test, and there is no edge test")
    return HiddenCases(tuple(answered), tuple(answered[len(answered) - len(timed) :]))


def _generate(task: CodeTask, solver: Solver, name: str, seed: int) -> list[Case]:
    answer = solver.call("_cases", repr((name, seed)), _LIMIT_S)
    _checked(task, f"the generator's {name}", answer.problem)
    return [Case(arguments, None) for arguments in decode(answer.value or "[]")]


def _answer(task: CodeTask, who: str, solver: Solver, case: Case) -> Case:
    answer = solver.call(task.entry_point, case.arguments, task.time_limit_s)
    _checked(task, f"{who}, called with {case.arguments[:200]},", answer.problem)
    if case.result is not None and not same(decode(answer.value or ""), decode(case.result), task.float_tolerance):
        raise ReferenceFailed(f"task {task.id!r}: {who} returns {answer.value} for {case.source}, not {case.result}")
    return case if case.result is not None else replace(case, result=answer.value)


def _checked(task: CodeTask, who: str, problem: str | None) -> None:
    if problem is not None:
        raise ReferenceFailed(f"task {task.id!r}: {who} {problem}")
