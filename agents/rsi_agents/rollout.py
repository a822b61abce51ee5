# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""One episode: an agent acts in an environment until it is over. The page to read first."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import gymnasium as gym

from rsi_agents.errors import EpisodeTimeout
from rsi_agents.faults import crossing
from rsi_envs.core.agents import Agent, Attached, Metered, Observer, Traced
from rsi_envs.core.budget import Usage
from rsi_envs.core.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Step:
    """An action and what it led to."""

    action: Any
    reward: float
    terminated: bool
    truncated: bool
    observation: Any
    info: Mapping[str, Any]
    trace: Mapping[str, Any] = field(default_factory=dict)
    """How the action came about, as the agent tells it: reasoning, token ids, …; empty where it tells nothing."""


@dataclass(frozen=True, slots=True)
class Trajectory:
    """A finished episode."""

    seed: int | None
    """What environment and agent were reset with."""
    observation: Any
    """The first observation: in a text environment, the assignment."""
    info: Mapping[str, Any]
    """The dict that came with it."""
    steps: tuple[Step, ...]
    """Every action in order, at least one."""
    verdict: Verdict | None
    """Why the episode scored what it scored; None where the environment gives no verdicts."""
    usage: Usage
    """What the agent consumed; all zero for an agent that keeps no account."""
    wall_s: float
    """Seconds from the first call to the last."""

    @property
    def reward(self) -> float:
        """The sum of all rewards."""
        return sum(step.reward for step in self.steps)


def rollout(
    env: gym.Env[Any, Any],
    agent: Agent,
    *,
    seed: int | None,
    options: dict[str, Any] | None = None,
    deadline: float | None = None,
) -> Trajectory:
    """Plays one episode from reset to its end.

    Args:
        env: Left open, so that the next rollout can use it again.
        agent: Likewise.
        seed: Resets both; None leaves their randomness as it is.
        options: What the environment's `reset` takes besides, such as `{"task_id": …}`.
        deadline: The `time.monotonic()` by which each action must have begun; None waits for ever. A call that
            hangs is not cut short here: the runner does that by closing the environment.

    Raises:
        EpisodeTimeout: The deadline has passed between two steps.
        Exception: Whatever the environment or the agent raised, as it was; `faults.boundary_of` says which.
    """
    started = time.monotonic()
    with crossing("agent"):
        if isinstance(agent, Attached):
            agent.attach(env)
        agent.reset(seed)
    with crossing("environment"):
        observation, info = env.reset(seed=seed, options=options)
    opening = observation, info
    steps: list[Step] = []
    over = False
    while not over:
        if deadline is not None and time.monotonic() >= deadline:
            raise EpisodeTimeout(f"the episode passed its deadline after {len(steps)} steps")
        with crossing("agent"):
            action = agent.act(observation, info)
            trace = dict(agent.trace) if isinstance(agent, Traced) else {}
        with crossing("environment"):
            observation, reward, terminated, truncated, info = env.step(action)
        steps.append(Step(action, float(reward), bool(terminated), bool(truncated), observation, info, trace))
        with crossing("agent"):
            if isinstance(agent, Observer):
                agent.observe(observation, float(reward), bool(terminated), bool(truncated), info)
        over = bool(terminated or truncated)
    with crossing("environment"):
        verdict = Verdict.from_dict(info["verdict"]) if info.get("verdict") else None
    with crossing("agent"):
        usage = usage_of(agent)
    return Trajectory(seed, *opening, tuple(steps), verdict, usage, time.monotonic() - started)


def usage_of(agent: Agent) -> Usage:
    """Returns what the agent consumed in its current episode; all zero where it keeps no account."""
    return agent.usage if isinstance(agent, Metered) else Usage()
