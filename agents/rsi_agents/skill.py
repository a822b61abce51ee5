# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""How good judges and panels are, measured on tasks whose truth is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from statistics import fmean
from typing import Any

import gymnasium as gym
import numpy as np

from rsi_agents.errors import NothingToJudge
from rsi_agents.leaderboard import Mean, bootstrap_interval
from rsi_envs.core.aggregation import Vote
from rsi_envs.core.budget import Usage
from rsi_envs.core.health import Ballots, Health, health
from rsi_envs.core.judgements import read
from rsi_envs.core.judging import JudgingTask, Ranking, agreement
from rsi_envs.core.options import check_count
from rsi_envs.core.panel import Opinion, Panel
from rsi_envs.core.parallel import in_parallel
from rsi_envs.core.weights import fitted_weight

_ORACLE = "oracle"
_HALVES = 2


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
        count: How many, at least 1: so many different ones of those that its split lists, in an order drawn by the
            seed; where it makes tasks without end, those of the seeds from `seed` on. None for every task that is
            listed, in order.
        seed: Where the seeds begin; it also decides which are drawn, and in which order candidates stand.

    Raises:
        InvalidOption: `count` is no such number.
        NothingToJudge: The environment has no judging tasks, lists fewer than `count`, or lists none without a count.
    """
    check_count("count", count, optional=True)
    inside: Any = env.unwrapped
    ids = inside.task_ids(inside.split) if hasattr(inside, "task_ids") else ()
    for i, task_id in enumerate(_chosen(ids, count, seed)):
        _, info = env.reset(seed=seed + i, options=None if task_id is None else {"task_id": task_id})
        if "judging" not in info:
            raise NothingToJudge(f"{type(inside).__name__} poses no judging tasks; take rsi/Judge-v0")
        task = JudgingTask.from_dict(info["judging"])
        truth = read(inside.reference_action(_ORACLE), len(task.candidates)).ranking
        if truth is None:
            raise NothingToJudge(f"{type(inside).__name__} has no truth for the task {info['task_id']!r}")
        yield KnownTask(info["task_id"], task, truth, inside.category)


def _chosen(ids: Sequence[str], count: int | None, seed: int) -> Sequence[str | None]:
    if not ids:
        if count is None:
            raise NothingToJudge("tasks are made without end here; say how many to judge")
        return [None] * count
    if count is None:
        return ids
    if count > len(ids):
        raise NothingToJudge(f"there are {len(ids)} tasks to judge, not {count}")
    return [ids[i] for i in np.random.default_rng(seed).permutation(len(ids))[:count]]


def heard(
    panel: Panel,
    tasks: Sequence[KnownTask],
    *,
    concurrency: int = 4,
    on_task: Callable[[], None] = lambda: None,
) -> list[tuple[Vote, ...]]:
    """Asks every judge of a panel about each task in both orders.

    Args:
        panel: The judges.
        tasks: At least one.
        concurrency: Tasks judged at the same time.
        on_task: Called after each.

    Returns:
        The votes on each task, for `skill_of`.

    Raises:
        BudgetExhausted: The judges' budget is spent.
        Exception: Whatever else `Panel.hear` raises.
    """

    def votes(number: int) -> tuple[Vote, ...]:
        said = panel.hear(tasks[number].task, seed=number)
        on_task()
        return said

    return in_parallel([partial(votes, number) for number in range(len(tasks))], concurrency)


def skill_of(name: str, panel: Panel, tasks: Sequence[KnownTask], votes: Sequence[Sequence[Vote]]) -> Skill:
    """Measures how good the rankings are that a panel, or a judge as a panel of one, makes of votes.

    Args:
        name: What to call it.
        panel: Votes of judges that have no seat there are left out.
        tasks: At least one.
        votes: Those on each task, as `heard` gives them.
    """
    return _measured(name, tasks, _opinions(panel, tasks, votes))


def crossed_skill(name: str, panel: Panel, tasks: Sequence[KnownTask], votes: Sequence[Sequence[Vote]]) -> Skill:
    """Measures a panel whose votes count by skill, on each task by weights that were fitted on other tasks.

    Every second task makes a half; the weights that one half gives are used on the other. Where no judge is better than
    chance on a half, all count alike.

    Args:
        name: What to call it.
        panel: Its own weights don't count.
        tasks: At least two.
        votes: Those on each task, as `heard` gives them.

    Raises:
        NothingToJudge: There are fewer than two tasks.
    """
    if len(tasks) < _HALVES:
        raise NothingToJudge(
            "weights are fitted on one half of the tasks and used on the other; take two tasks or more"
        )
    opinions: dict[int, Opinion] = {}
    for half in range(_HALVES):
        fit, use = range(half, len(tasks), _HALVES), range(1 - half, len(tasks), _HALVES)
        known, said = [tasks[i] for i in fit], [votes[i] for i in fit]
        judges = {seat.judge.name: Panel([replace(seat, weight=1.0)]) for seat in panel.seats}
        weights = fitted_weights(skill_of(judge, alone, known, said) for judge, alone in judges.items())
        weighted = panel.weighted(weights if any(weights.values()) else dict.fromkeys(weights, 1.0))
        opinions |= {i: weighted.conclude(tasks[i].task, votes[i]) for i in use}
    return _measured(name, tasks, [opinions[i] for i in range(len(tasks))])


def fitted_weights(skills: Iterable[Skill]) -> dict[str, float]:
    """Returns what each judge's vote should count, by its name; 0 for one that gave no ranking."""
    return {
        skill.name: fitted_weight(skill.accuracy.value, skill.tasks - skill.unscored) if skill.accuracy else 0.0
        for skill in skills
    }


def _opinions(panel: Panel, tasks: Sequence[KnownTask], votes: Sequence[Sequence[Vote]]) -> list[Opinion]:
    return [panel.conclude(known.task, said) for known, said in zip(tasks, votes, strict=True)]


def _measured(name: str, tasks: Sequence[KnownTask], opinions: Sequence[Opinion]) -> Skill:
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
