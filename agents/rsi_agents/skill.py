# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""How good judges and panels are, measured on tasks whose truth is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import gymnasium as gym

from rsi_agents.errors import NothingToJudge
from rsi_agents.leaderboard import Mean, bootstrap_interval
from rsi_envs.core.chat import Usage
from rsi_envs.core.health import Ballots, Health, health
from rsi_envs.core.judgements import read
from rsi_envs.core.judging import JudgingTask, Ranking, agreement
from rsi_envs.core.panel import Opinion, Panel

_ORACLE = "oracle"


@dataclass(frozen=True, slots=True)
class KnownTask:
    """A judging task, and how its candidates rank."""

    id: str
    task: JudgingTask
    truth: Ranking
    category: str


@dataclass(frozen=True, slots=True)
class Skill:
    """How good a judge, or a panel, was found to be."""

    name: str
    tasks: int
    unscored: int
    """Tasks on which there was no ranking; they count in nothing but here."""
    accuracy: Mean | None
    """Share of pairs ordered as they are; a judge that changes its mind with the order is half right. None without a
    ranking."""
    categories: Mapping[str, Mean]
    """The same by category, in alphabetical order."""
    health: Health
    usage: Usage


def known_tasks(env: gym.Env[Any, Any], *, count: int | None, seed: int) -> Iterator[KnownTask]:
    """Takes judging tasks from an environment such as `rsi/Judge-v0`.

    Args:
        env: It has `info["judging"]`, the reference "oracle", and a `category`.
        count: How many, by the seeds from `seed` on; None for every task that its split lists, in order.
        seed: Where the seeds begin; it also decides in which order candidates stand.

    Raises:
        NothingToJudge: The environment has no judging tasks, or lists none and no count was given.
    """
    inside: Any = env.unwrapped
    ids = inside.task_ids(inside.split) if hasattr(inside, "task_ids") else ()
    if count is None and not ids:
        raise NothingToJudge("tasks are made without end here; say how many to judge")
    chosen: Sequence[str | None] = ids if count is None else [None] * count
    for i, task_id in enumerate(chosen):
        _, info = env.reset(seed=seed + i, options=None if task_id is None else {"task_id": task_id})
        if "judging" not in info:
            raise NothingToJudge(f"{type(inside).__name__} poses no judging tasks; take rsi/Judge-v0")
        task = JudgingTask.from_dict(info["judging"])
        truth = read(inside.reference_action(_ORACLE), len(task.candidates)).ranking
        if truth is None:
            raise NothingToJudge(f"{type(inside).__name__} has no truth for the task {info['task_id']!r}")
        yield KnownTask(info["task_id"], task, truth, inside.category)


def measure(
    name: str,
    panel: Panel,
    tasks: Sequence[KnownTask],
    *,
    concurrency: int = 4,
    on_task: Callable[[], None] = lambda: None,
) -> Skill:
    """Has a panel, or a judge as a panel of one, rank candidates whose order is known.

    Args:
        name: What to call it.
        panel: Asked about each task in both orders.
        tasks: At least one.
        concurrency: Tasks judged at the same time.
        on_task: Called after each.

    Raises:
        BudgetExhausted: The judges' budget is spent.
        Exception: Whatever else `Panel.judge` raises.
    """

    def judged(numbered: tuple[int, KnownTask]) -> Opinion:
        opinion = panel.judge(numbered[1].task, seed=numbered[0])
        on_task()
        return opinion

    with ThreadPoolExecutor(concurrency) as pool:
        try:
            opinions = list(pool.map(judged, enumerate(tasks)))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    right: dict[str, list[float]] = {}
    for known, opinion in zip(tasks, opinions, strict=True):
        if opinion.unscored is None:
            right.setdefault(known.category, []).append(agreement(opinion.ranking, known.truth))
    scored = [share for shares in right.values() for share in shares]
    ballots = [Ballots(opinion.votes, known.task.candidates) for known, opinion in zip(tasks, opinions, strict=True)]
    return Skill(
        name=name,
        tasks=len(tasks),
        unscored=len(tasks) - len(scored),
        accuracy=_mean(scored) if scored else None,
        categories={category: _mean(shares) for category, shares in sorted(right.items())},
        health=health(*ballots),
        usage=sum((opinion.usage for opinion in opinions), Usage()),
    )


def _mean(shares: Sequence[float]) -> Mean:
    return Mean(fmean(shares), bootstrap_interval(shares))
