# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Plans: which agent plays which task with which seed, settled before the first episode."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rsi_agents.environments import open_environment, spec_of, taken_arguments
from rsi_agents.errors import InvalidPlan
from rsi_agents.registry import make_agent
from rsi_envs.core.agents import Attached, Closeable

DEFAULT_SPLIT = "test"

EpisodeKey = tuple[str, str | None, int]
"""Agent, task and seed: what no two episodes of a run share."""


@dataclass(frozen=True, slots=True)
class EpisodeSpec:
    """One episode to play."""

    agent: str
    """The agent's name, as `make_agent` takes it."""
    task_id: str | None
    """The task to play; None lets the environment draw one with the seed."""
    seed: int
    """Resets environment and agent."""
    index: int
    """The episode's place among its agent's, from 0."""

    @property
    def key(self) -> EpisodeKey:
        """Agent, task and seed."""
        return self.agent, self.task_id, self.seed


@dataclass(frozen=True, slots=True)
class Plan:
    """An evaluation. Every agent plays the same tasks with the same seeds, so their scores compare in pairs.

    Raises:
        InvalidPlan: No agent, an agent twice, or a number out of range.
    """

    env_id: str
    """As `gymnasium.make` takes it."""
    agents: tuple[str, ...]
    """Agents' names, as `make_agent` takes them."""
    episodes: int
    """Episodes an agent plays, at least 1."""
    env_kwargs: Mapping[str, Any] = field(default_factory=dict)
    """What the environment's constructor gets; JSON values."""
    split: str | None = None
    """The split that tasks come from; None where the environment has none."""
    task_ids: tuple[str, ...] = ()
    """Tasks in order: episode i plays number i, and begins again after the last. Empty lets seeds choose."""
    seed: int = 0
    """Episode i is reset with `seed + i`; at least 0."""
    episode_timeout_s: float | None = None
    """Seconds an episode may take; None for no bound."""
    concurrency: int = 4
    """Episodes played at the same time, at least 1."""

    def __post_init__(self) -> None:
        if not self.agents:
            raise InvalidPlan("a plan needs an agent; name one, such as 'random'")
        twice = sorted({name for name in self.agents if self.agents.count(name) > 1})
        if twice:
            raise InvalidPlan(f"agent {twice[0]!r} is named twice; name each once")
        for name, value, least in (
            ("episodes", self.episodes, 1),
            ("seed", self.seed, 0),
            ("concurrency", self.concurrency, 1),
        ):
            if value < least:
                raise InvalidPlan(f"{name} is {value}; it must be at least {least}")
        try:
            json.dumps(dict(self.env_kwargs))
        except (TypeError, ValueError) as error:
            raise InvalidPlan(f"env_kwargs go into the records, so they must be JSON values: {error}") from error
        if self.episode_timeout_s is not None and not self.episode_timeout_s > 0:
            raise InvalidPlan(f"episode_timeout_s is {self.episode_timeout_s}; it must be above 0, or None")

    def specs(self) -> Iterator[EpisodeSpec]:
        """Lists every episode; agents take turns, so that a run cut short still compares them."""
        for index in range(self.episodes):
            task_id = self.task_ids[index % len(self.task_ids)] if self.task_ids else None
            for agent in self.agents:
                yield EpisodeSpec(agent, task_id, self.seed + index, index)


def make_plan(
    env_id: str,
    agents: Sequence[str],
    *,
    env_kwargs: Mapping[str, Any] | None = None,
    split: str | None = None,
    episodes: int | None = None,
    **settings: Any,
) -> Plan:
    """Settles a plan by asking the environment for its tasks.

    Args:
        env_id: As `gymnasium.make` takes it.
        agents: Agents' names.
        env_kwargs: What the environment's constructor gets besides the split.
        split: None takes "test" where the environment has splits.
        episodes: Episodes an agent plays; None plays every task of the split once, or one episode where there
            are no tasks to count.
        **settings: Further fields of `Plan`.

    Raises:
        EnvironmentNotFound: There is no such environment.
        InvalidPlan: The plan makes no sense, or the split is empty.
        Exception: Whatever the environment's constructor raises.
    """
    kwargs = dict(env_kwargs or {})
    split = _settled_split(env_id, split or kwargs.get("split"))
    if split is not None:
        kwargs["split"] = split
    env = open_environment(env_id, kwargs)
    try:
        task_ids = _task_ids(env.unwrapped, env_id, split)
    finally:
        env.close()
    if episodes is None:
        episodes = len(task_ids) or 1
    return Plan(env_id, tuple(agents), episodes, kwargs, split, task_ids, **settings)


def check_agents(plan: Plan, names: Iterable[str] | None = None) -> None:
    """Makes each agent and shows it the environment, so that what can't be played is said before anything is.

    Args:
        plan: What is to be played.
        names: Which of its agents; None for all.

    Raises:
        AgentNotFound: An agent's name means nothing.
        AgentNameError: Likewise.
        UnfitEnvironment: An agent can't play what is played there.
        Exception: Whatever else the environment's and the agents' constructors raise, or `attach`.
    """
    env = open_environment(plan.env_id, plan.env_kwargs)
    try:
        for name in plan.agents if names is None else names:
            agent = make_agent(name)
            try:
                if isinstance(agent, Attached):
                    agent.attach(env)
            finally:
                if isinstance(agent, Closeable):
                    agent.close()
    finally:
        env.close()


def environment_arguments(
    pairs: Mapping[str, Any], *, tasks: str | None = None, sandbox: str | None = None, max_turns: int | None = None
) -> dict[str, Any]:
    """Puts an environment's arguments together from the options that set them; None leaves one out.

    Args:
        pairs: What else it is given, which goes before the others.
        tasks: A file, which is made absolute, so that the run can be resumed from elsewhere; or hf:NAME.
        sandbox: See the environment's card, and so for `max_turns`.
        max_turns: Likewise.
    """
    named = {"sandbox": sandbox, "max_turns": max_turns}
    kwargs = {key: value for key, value in named.items() if value is not None}
    if tasks is not None:
        kwargs["tasks"] = tasks if tasks.startswith("hf:") else str(Path(tasks).resolve())
    return kwargs | dict(pairs)


def _settled_split(env_id: str, split: str | None) -> str | None:
    taken = taken_arguments(spec_of(env_id))
    if taken is None:
        return split
    if "split" in taken:
        return split or DEFAULT_SPLIT
    if split is not None:
        raise InvalidPlan(f"{env_id} has no splits; leave {split!r} out")
    return None


def _task_ids(env: Any, env_id: str, split: str | None) -> tuple[str, ...]:
    """Lists the split's tasks; empty where the environment has none, or an endless supply."""
    list_ids = getattr(env, "task_ids", None)
    if list_ids is None:
        return ()
    ids = tuple(list_ids(split))
    if not ids and list_ids():
        raise InvalidPlan(f"{env_id} has no task in split {split!r}; choose another")
    return ids
