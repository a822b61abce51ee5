# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""rsi/Code-v0: write a program, be judged by what it does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gymnasium.error import ResetNeeded

from rsi_envs.code import prompts
from rsi_envs.code.grading import Grader, Outcome
from rsi_envs.code.loading import load_tasks
from rsi_envs.code.parsing import extract_program
from rsi_envs.code.reward import judge
from rsi_envs.code.story import code_story, example_results, hidden_results
from rsi_envs.code.types import CodeTask
from rsi_envs.core.errors import EnvironmentFault, TaskNotFound
from rsi_envs.core.options import check_count
from rsi_envs.core.tasks import Split
from rsi_envs.core.text import Opening, TextEnv, Turn
from rsi_envs.core.verdict import Verdict
from rsi_sandboxes import SandboxError, make_sandbox


class CodeEnv(TextEnv):
    """Write a Python program for a stated problem; hidden tests and a clock decide.

    ## Description
    The agent reads a problem from real work (parsing, scheduling, graphs, data cleaning, …) and replies with a
    program. The program runs in a sandbox, where it can see neither the tests nor what they expect.

    ## Action Space
    Text of up to 100,000 characters: the reply, with the program in a fenced Markdown code block (see
    `rsi_envs.code.parsing.extract_program`).

    ## Observation Space
    Text of up to 100,000 characters. First the statement, signature and examples, ending with the form of the reply;
    later the examples that the last program failed.

    ## Starting State
    A task drawn uniformly from the split by `reset(seed=…)`, or the one that `reset(options={"task_id": …})` names.
    The shipped set has 40 tasks in "train" and 20 in "test".

    ## Rewards
    0 until the last step, whose reward is the verdict's score in [0, 1]. Where run time counts (in all shipped
    tasks) a program that fails a hidden test scores half its share of tests passed, and a correct one
    0.5 + 0.5 * efficiency; elsewhere the score is the share of tests passed. A last reply without a program scores 0.

    ## Episode End
    Terminated when the hidden tests have decided: after a program that passes the examples, or the last of
    `max_turns`. Truncated, with an unscored verdict, when the sandbox broke
    twice in a row and would have with any program.

    ## Information
    `verdict["parts"]`: `correctness` (share of hidden tests passed); for a correct program where run time counts
    also `efficiency` (t / (t + own time), t being the fastest reference's), `seconds` (own run time) and
    `seconds_LEVEL` for each correct reference, all measured in one world. `verdict["references_beaten"]`: how many
    references of the task's ladder pass fewer tests, or are as correct and more than 1.5 times slower.
    `metrics["examples_passed"]`: share of the examples that the program passed, when they were run; `examples`: the
    `call` of each and its `problem`, empty where it passed. `hidden_tests`, when they have decided: for each in what
    way it failed, empty where it passed. `entry_point`, at the start: the function that tests call.

    ## Arguments
    * `tasks`: None for the shipped set; a JSON Lines file in the documented or HumanEval's format; or "hf:NAME".
    * `split`: "train" or "test", what `reset` draws from.
    * `max_turns`: programs that the agent may hand in, at least 1. With 1, no program is tried on the examples.
    * `sandbox`: "auto", "docker", "bubblewrap" or another registered backend.
    * `render_mode`: None or "ansi".

    Raises:
        InvalidOption: `max_turns` is no positive integer.
        BackendNotFound: No backend is called `sandbox`.
        BackendUnavailable: The backend can't work on this machine.
        TaskFileError: `tasks` can't be used; names path, line and field.
    """

    system_prompt = prompts.SYSTEM
    story = staticmethod(code_story)

    def __init__(
        self,
        *,
        tasks: str | None = None,
        split: Split = "train",
        max_turns: int = 1,
        sandbox: str = "auto",
        render_mode: str | None = None,
    ) -> None:
        super().__init__(render_mode=render_mode, split=split)
        check_count("max_turns", max_turns)
        self.max_turns = max_turns
        self._tasks = load_tasks(tasks)
        self._sandbox = make_sandbox(sandbox)
        self._grader = Grader(self._sandbox)
        self._task: CodeTask | None = None
        self._turns_left = 0

    def task_ids(self, split: Split | None = None) -> tuple[str, ...]:
        """See `TextEnv.task_ids`."""
        return self._tasks.ids(split)

    def reference_action(self, level: str) -> str:
        """See `TextEnv.reference_action`; the reply holds the reference's program."""
        task = self._current()
        reference = task.reference(level)
        if reference is None:
            levels = ", ".join(reference.level for reference in task.references) or "none"
            raise TaskNotFound(f"task {task.id!r} has no reference {level!r}; its levels: {levels}")
        return f"```python\n{reference.program.strip()}\n```"

    def reference_worth(self) -> dict[str, float]:
        """See `TextEnv.reference_worth`; the share of hidden tests that a reference passes."""
        return {reference.level: reference.correctness for reference in self._current().references}

    def _preview(self, action: str) -> float | None:
        """See `TextEnv.preview`; the share of the assignment's examples that the program passes."""
        task = self._current()
        if not task.examples:
            return None
        program = extract_program(action, task.entry_point)
        if program is None:
            return 0.0
        try:
            return _share_passed(self._grader.try_examples(task, program))
        except SandboxError as error:
            raise EnvironmentFault(f"the sandbox broke: {error}") from error

    def close(self) -> None:
        """Ends the sandbox. Idempotent."""
        self._sandbox.close()

    def _open(self, task_id: str | None) -> Opening:
        task = self._tasks.pick(self.np_random, self.split) if task_id is None else self._tasks.get(task_id)
        self._task, self._turns_left = task, self.max_turns
        asked = _assignment(task, self.max_turns)
        return Opening(asked, task.id, task.split, extra={"entry_point": task.entry_point})

    def _respond(self, action: str) -> Turn:
        program = extract_program(action, self._current().entry_point)
        if program is None:
            return self._refuse("there is no Python code block in it")
        self._turns_left -= 1
        try:
            return self._play(program)
        except (SandboxError, EnvironmentFault) as error:
            return Turn(prompts.UNJUDGED, truncated=True, verdict=Verdict(unscored=f"the sandbox broke: {error}"))

    def _play(self, program: str) -> Turn:
        task = self._current()
        metrics: dict[str, float] = {}
        results: dict[str, Any] = {}
        if self._turns_left > 0 and task.examples:
            outcomes = self._grader.try_examples(task, program)
            metrics["examples_passed"] = _share_passed(outcomes)
            results["examples"] = example_results(task.examples, outcomes)
            if metrics["examples_passed"] < 1:
                return Turn(_feedback(task, outcomes, self._left()), metrics=metrics, extra=results)
        grade = self._grader.grade(task, program)
        results["hidden_tests"] = hidden_results(grade.outcomes)
        verdict = judge(task, grade)
        closing = prompts.CLOSING.format(reason=verdict.reason)
        return Turn(closing, verdict.score or 0.0, terminated=True, verdict=verdict, metrics=metrics, extra=results)

    def _refuse(self, reason: str) -> Turn:
        """A reply without a program uses up a turn; the last one scores 0."""
        if self._turns_left > 1:
            self._turns_left -= 1
            return Turn(prompts.MALFORMED.format(reason=reason, left=self._left()), malformed=reason)
        verdict = Verdict(score=0.0, passed=False, parts={"correctness": 0.0}, reason=f"no program: {reason}")
        return Turn(prompts.CLOSING.format(reason=verdict.reason), terminated=True, verdict=verdict, malformed=reason)

    def _left(self) -> str:
        return prompts.PROGRAMS_LEFT.format(count=self._turns_left)

    def _current(self) -> CodeTask:
        if self._task is None:
            raise ResetNeeded("call reset() before step()")
        return self._task


def _assignment(task: CodeTask, max_turns: int) -> str:
    turns = prompts.TURNS.format(max_turns=max_turns) if max_turns > 1 else ""
    if task.signature:
        return prompts.ASSIGNMENT.format(
            statement=task.statement.strip(),
            signature=task.signature.removesuffix(":") + ":",
            examples="\n".join(f">>> {case.source}\n{case.result}" for case in task.examples),
            time_limit_s=task.time_limit_s,
            turns=turns,
        )
    return prompts.COMPLETION.format(statement=task.statement.strip(), time_limit_s=task.time_limit_s, turns=turns)


def _share_passed(outcomes: Sequence[Outcome]) -> float:
    return sum(outcome.passed for outcome in outcomes) / len(outcomes)


def _feedback(task: CodeTask, outcomes: Sequence[Outcome], left: str) -> str:
    failures = [
        prompts.FAILURE.format(call=case.source, wanted=case.result, why=outcome.why)
        for case, outcome in zip(task.examples, outcomes, strict=True)
        if not outcome.passed
    ]
    return prompts.FEEDBACK.format(failed=len(failures), total=len(outcomes), failures="\n".join(failures), left=left)
