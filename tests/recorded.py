# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Episodes as a run's records give them back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from rsi_agents import make_agent
from rsi_agents.plan import EpisodeSpec
from rsi_agents.records import EpisodeRecord
from rsi_agents.rollout import rollout
from rsi_envs.core.agents import Agent
from rsi_envs.core.story import Section, told


class Reciting:
    """Says these things in order."""

    def __init__(self, *said: str) -> None:
        self._said = said

    def reset(self, seed: int | None) -> None:
        self._left = iter(self._said)

    def act(self, observation: Any, info: Any) -> str:
        return next(self._left)


def recorded(env: Any, agent: str | Agent, *, seed: int = 0, task_id: str | None = None) -> EpisodeRecord:
    """Plays an episode, writes it down, and reads it again."""
    player = make_agent(agent) if isinstance(agent, str) else agent
    options = None if task_id is None else {"task_id": task_id}
    trajectory = rollout(env, player, seed=seed, options=options)
    spec = EpisodeSpec(str(agent), task_id, seed, 0)
    return EpisodeRecord.from_line(EpisodeRecord.of(spec, trajectory, datetime.now(UTC)).to_line())


def story_of(env: Any, agent: str | Agent, **played: Any) -> tuple[Section, ...]:
    """Tells an episode from its record alone."""
    return told(type(env.unwrapped), recorded(env, agent, **played))
