# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Every shipped task proves itself: its references score in their order, its wrong ones fail."""

from __future__ import annotations

import pytest

from rsi_envs.code.grading import Grader
from rsi_envs.code.loading import load_tasks
from rsi_envs.code.reward import judge
from rsi_sandboxes import Sandbox

TASKS = load_tasks()
CLOCKINGS = 3
"""What else a machine does may disturb one comparison of seconds; a ladder out of order is so every time."""


@pytest.mark.parametrize("task_id", TASKS.ids())
def test_references_score_in_their_order(task_id: str, quick_sandbox: Sandbox) -> None:
    task = TASKS.get(task_id)
    grader = Grader(quick_sandbox)
    for _ in range(CLOCKINGS):
        verdicts = []
        for reference in task.references:
            grade = grader.grade(task, reference.program)
            assert grade.correctness == pytest.approx(reference.correctness, abs=1e-6), (reference.level, grade)
            verdicts.append(judge(task, grade))
        if verdicts[-1].references_beaten >= len(task.references) - 1:
            break
    examples = grader.try_examples(task, task.references[-1].program)
    assert all(outcome.passed for outcome in examples), examples
    scores = [verdict.score for verdict in verdicts]
    assert scores == sorted(scores, key=float)
    assert len(set(scores)) == len(scores)
    assert [verdict.passed for verdict in verdicts] == [False, False, True, True]
    assert [verdict.references_beaten for verdict in verdicts[:2]] == [0, 1]
    assert verdicts[-1].references_beaten in (3, 4)
    assert verdicts[-1].parts["seconds_slow"] > 2 * verdicts[-1].parts["seconds_fast"]
