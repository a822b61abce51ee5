# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Every shipped assignment proves itself: its references stand in their order as far as a program can tell."""

from __future__ import annotations

from collections import Counter
from statistics import fmean

import pytest

from rsi_agents import make_agent, open_environment, rollout
from rsi_envs.core.constraints import share_met, words
from rsi_envs.writing import load_assignments

TASKS = load_assignments()
GENRES = {
    "argument", "dialogue", "explanation", "humour", "letter", "review", "specification", "story", "summary", "verse",
}  # fmt: skip


def test_there_are_80_of_ten_genres_in_two_splits() -> None:
    assert Counter((task.genre, task.split) for task in TASKS) == {
        (genre, split): count for genre in GENRES for split, count in (("train", 6), ("test", 2))
    }


@pytest.mark.parametrize("task_id", TASKS.ids())
def test_a_ladder_rises_as_far_as_a_program_can_tell(task_id: str) -> None:
    task = TASKS.get(task_id)
    assert [one.level for one in task.references] in (["poor", "fair", "good"], ["poor", "fair", "good", "excellent"])
    met = [share_met(task.constraints, reference.text) for reference in task.references]
    assert met == sorted(met)
    assert met[0] < 1.0
    assert met[2:] == [1.0] * len(met[2:])
    assert 2 <= len(task.constraints) <= 5
    assert task.criteria


def test_no_text_stands_twice() -> None:
    texts = [reference.text for task in TASKS for reference in task.references]
    assert len(set(texts)) == len(texts)
    assert len({task.assignment for task in TASKS}) == len(TASKS)


def test_length_gives_no_order_away() -> None:
    longest_is_best = [
        max(task.references, key=lambda one: words(one.text)).level in ("good", "excellent") for task in TASKS
    ]
    assert 0.25 < fmean(longest_is_best) < 0.75


@pytest.mark.parametrize("split", ["train", "test"])
def test_the_judge_of_constraints_orders_what_it_can_check(split: str) -> None:
    env = open_environment("rsi/Writing-v0", {"split": split})
    for task_id in TASKS.ids(split):
        task = TASKS.get(task_id)
        scores = []
        for reference in task.references:
            agent = make_agent(f"reference:{reference.level}")
            verdict = rollout(env, agent, seed=0, options={"task_id": task_id}).verdict
            assert verdict is not None
            assert verdict.judged_by == ("constraints",)
            scores.append(verdict.score or 0.0)
        assert scores == sorted(scores), task_id
        assert scores[0] < scores[-1], task_id
