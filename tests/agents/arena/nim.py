# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A PettingZoo game of the tests' own: who takes the last of the sticks wins. And agents for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from gymnasium.spaces import Box, Dict, Discrete
from pettingzoo import AECEnv
from pettingzoo.utils.wrappers import OrderEnforcingWrapper, TerminateIllegalWrapper

from tests.agents.fakes import FakeMeteredAgent, FakeScriptedAgent

NIM = "tests.agents.arena.nim:env"
BARE = "tests.agents.arena.nim:bare"
UNMASKED = "tests.agents.arena.nim:unmasked"
THREE = "tests.agents.arena.nim:three"
UNEQUAL = "tests.agents.arena.nim:unequal"
NO_GAME = "tests.agents.arena.nim:no_game"
PERFECT = "python:tests.agents.arena.nim:PerfectAgent"
ILLEGAL = "python:tests.agents.arena.nim:IllegalAgent"
METERED = "python:tests.agents.arena.nim:MeteredAgent"
BROKEN = "python:tests.agents.arena.nim:BrokenAgent"
MOST = 3


class Nim(AECEnv[str, Any, Any]):
    """Take 1, 2 or 3 sticks (actions 0, 1, 2); with `draws`, nobody wins; with `limit`, the game is cut short."""

    metadata = {"name": "nim", "is_parallelizable": False, "render_modes": []}  # noqa: RUF012
    render_mode = None

    def __init__(
        self, *, sticks: int = 11, players: int = 2, masked: bool = True, draws: bool = False, limit: int = 99
    ):
        super().__init__()
        self.possible_agents = [f"player_{i}" for i in range(players)]
        self.sticks, self.masked, self.draws, self.limit = sticks, masked, draws, limit

    def observation_space(self, agent: str) -> Any:
        sticks = Box(0, 100, (1,), np.int64)
        return Dict({"observation": sticks, "action_mask": Box(0, 1, (MOST,), np.int8)}) if self.masked else sticks

    def action_space(self, agent: str) -> Any:
        return Discrete(MOST)

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> None:
        self.agents = self.possible_agents[:]
        self.left = self.sticks + (seed or 0) % 4
        self.turns = 0
        self.rewards = dict.fromkeys(self.agents, 0.0)
        self._cumulative_rewards = dict.fromkeys(self.agents, 0.0)
        self.terminations = dict.fromkeys(self.agents, False)
        self.truncations = dict.fromkeys(self.agents, False)
        self.infos = {agent: {"sticks": self.left} for agent in self.agents}
        self.agent_selection = self.agents[0]

    def observe(self, agent: str) -> Any:
        seen = np.array([self.left])
        if not self.masked:
            return seen
        return {"observation": seen, "action_mask": (np.arange(MOST) < self.left).astype(np.int8)}

    def step(self, action: Any) -> None:
        mover = self.agent_selection
        if self.terminations[mover] or self.truncations[mover]:
            self._was_dead_step(action)
            return
        if not 0 <= action < min(MOST, self.left):
            raise ValueError(f"{mover} can't take {action + 1} of {self.left}")
        self._cumulative_rewards[mover] = 0.0
        self.left -= action + 1
        self.turns += 1
        self.rewards = dict.fromkeys(self.agents, 0.0)
        if not self.left:
            if not self.draws:
                self.rewards = {agent: 1.0 if agent == mover else -1.0 for agent in self.agents}
            self.terminations = dict.fromkeys(self.agents, True)
        elif self.turns == self.limit:
            self.truncations = dict.fromkeys(self.agents, True)
        self._accumulate_rewards()
        self.agent_selection = self.agents[(self.agents.index(mover) + 1) % len(self.agents)]


def env(**settings: Any) -> Any:
    return OrderEnforcingWrapper(TerminateIllegalWrapper(Nim(**settings), illegal_reward=-1))


def bare(**settings: Any) -> Any:
    return Nim(**settings)


def unmasked() -> Any:
    return Nim(masked=False)


def three() -> Any:
    return Nim(players=3)


class UnequalNim(Nim):
    """The second player sees the sticks twice."""

    def observation_space(self, agent: str) -> Any:
        return Box(0, 100, (1 + self.possible_agents.index(agent),), np.int64)


def unequal() -> Any:
    return UnequalNim(masked=False)


def no_game() -> Any:
    return object()


class PerfectAgent:
    """Leaves a multiple of four, where that can be done."""

    def attach(self, env: Any) -> None:
        assert env.unwrapped.action_space == Discrete(MOST)
        assert env.unwrapped.observation_space == Box(0, 100, (1,), np.int64)
        self.env = env

    def reset(self, seed: int | None) -> None:
        pass

    def act(self, observation: Any, info: Mapping[str, Any]) -> Any:
        assert self.env.unwrapped.left == observation[0]  # what only the game has is there too
        assert info["action_mask"].sum() == min(MOST, observation[0])
        return np.int64((observation[0] % 4 or 1) - 1)


class IllegalAgent(FakeScriptedAgent):
    """Takes more than there may be."""

    def __init__(self, *, action: str = "7") -> None:
        super().__init__()
        self._number = int(action) if action.isdigit() else action

    def act(self, observation: Any, info: Mapping[str, Any]) -> Any:
        return self._number


class MeteredAgent(FakeMeteredAgent):
    """Takes one stick, for ten tokens."""

    def act(self, observation: Any, info: Mapping[str, Any]) -> Any:
        return int(super().act(observation, info))


class BrokenAgent(FakeScriptedAgent):
    """Raises; or does not even come into being."""

    def __init__(self, *, at: str = "act") -> None:
        super().__init__()
        self._at = at
        if at == "make":
            raise ConnectionError("no engine")

    def reset(self, seed: int | None) -> None:
        if self._at == "reset":
            raise ConnectionError("no engine")

    def act(self, observation: Any, info: Mapping[str, Any]) -> Any:
        raise ConnectionError("no engine")
