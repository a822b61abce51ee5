# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What wrappers share: an agent that has other agents act for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any

import gymnasium as gym
import numpy as np

from rsi_envs.core.agents import Agent, Attached, Closeable, Metered, Observer, Overruled
from rsi_envs.core.budget import Usage
from rsi_envs.core.parallel import in_parallel

Factory = Callable[[], Agent]
"""Makes an agent. A wrapper takes one, and its settings, and gives another."""
MOST_AT_ONCE = 16
"""How many agents within one act at the same time."""
_SALT = 0x3A99


class WrappingAgent:
    """Passes on to the agents within it what it is told itself.

    Args:
        inner: The agents within, at least one, of the same kind.
    """

    def __init__(self, inner: Sequence[Agent]) -> None:
        self._inner = tuple(inner)
        self._own = Usage()
        self.depth: int = 1 + getattr(self._inner[0], "depth", 0)
        """How many wrappers stand one within another, this one counted."""
        self.trace: Mapping[str, Any] = {}
        """How the last action came about, as JSON; empty before the first."""

    def attach(self, env: gym.Env[Any, Any]) -> None:
        """Hands the environment to every agent within that wants it."""
        for agent in self._inner:
            if isinstance(agent, Attached):
                agent.attach(env)

    def reset(self, seed: int | None) -> None:
        """Resets the first agent within with this seed, so that it plays as it would bare, each other with its own."""
        seeds = [seed] * len(self._inner)
        if seed is not None:
            # Without the depth, two of several agents within several would draw alike.
            drawn = np.random.default_rng([seed, self.depth, _SALT])
            seeds = [seed, *drawn.integers(2**31, size=len(self._inner) - 1).tolist()]
        for agent, own in zip(self._inner, seeds, strict=True):
            agent.reset(own)
        self._own, self.trace = Usage(), {}

    def observe(
        self, observation: Any, reward: float, terminated: bool, truncated: bool, info: Mapping[str, Any]
    ) -> None:
        """Tells every agent within that wants to know."""
        for agent in self._inner:
            if isinstance(agent, Observer):
                agent.observe(observation, reward, terminated, truncated, info)

    def overruled(self, action: Any) -> None:
        """Tells every agent within that remembers."""
        for agent in self._inner:
            if isinstance(agent, Overruled):
                agent.overruled(action)

    @property
    def usage(self) -> Usage:
        """What all agents within have consumed, and what was asked about them."""
        return sum((agent.usage for agent in self._inner if isinstance(agent, Metered)), self._own)

    def close(self) -> None:
        """Closes every agent within, whatever the others raise."""
        with ExitStack() as closing:
            for agent in self._inner:
                if isinstance(agent, Closeable):
                    closing.callback(agent.close)

    def _drawn(self, observation: Any, info: Mapping[str, Any]) -> list[Any]:
        """Has all agents within act, several at the same time."""
        return in_parallel([partial(agent.act, observation, info) for agent in self._inner], MOST_AT_ONCE)

    def _chosen(self, candidates: Sequence[Any], scores: Sequence[float | None]) -> Any:
        """Plays the first of the candidates that score highest, and lets the agents that drew others know."""
        chosen = max(range(len(candidates)), key=lambda i: -1.0 if (score := scores[i]) is None else score)
        for i, agent in enumerate(self._inner):
            if i != chosen and isinstance(agent, Overruled):
                agent.overruled(candidates[chosen])
        self._tell(self._inner[chosen], candidates=list(map(str, candidates)), scores=list(scores), chosen=chosen)
        return candidates[chosen]

    def _tell(self, agent: Agent, **what: Any) -> None:
        """Sets the trace, with that of the agent within whose action is played, where it has one."""
        inner = getattr(agent, "trace", None)
        self.trace = {**what, "inner": inner} if inner else what


def aside(info: Mapping[str, Any]) -> dict[str, Any]:
    """Makes the info dict of a question that is not the environment's: without tools, and without a form of answers."""
    known = {key: info.get(key) for key in ("task_id", "split")}
    return {**known, "tools": [], "malformed": None, "metrics": {}}
