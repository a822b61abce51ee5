# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Nim against a named opponent, an agent that errs there as often as it is told, and who learns to err less."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np

from rsi_agents.arena.two_players import TwoPlayersEnv, two_players
from rsi_envs.core.budget import Budget, Usage
from tests.agents.arena.nim import NIM

_ID = "test/Nim-v0"
TAKING = f"tests.agents.loops.taking:{_ID}"
TAKER = "python:tests.agents.loops.taking:Taker"


def taking(*, opponent: str = "random") -> TwoPlayersEnv:
    return two_players(game=NIM, opponent=opponent)


gym.register(_ID, entry_point=taking, disable_env_checker=True)


class Taker:
    """Plays Nim as well as can be, but for the errors that it makes; a token a move is charged."""

    def __init__(self, *, errs: float, luck: int = 0, budget: Budget | None = None) -> None:
        self._errs, self._luck, self._budget = errs, luck, budget or Budget()
        self.usage = Usage()

    def reset(self, seed: int | None) -> None:
        self._rng = np.random.default_rng([9, self._luck, round(100 * self._errs), seed or 0])
        self.usage = Usage()

    def act(self, observation: Any, info: Mapping[str, Any]) -> int:
        self._budget.check()
        self._budget.charge(Usage(1, 0, 0.0, 1))
        self.usage += Usage(1, 0, 0.0, 1)
        drawn = int(self._rng.choice(np.flatnonzero(info["action_mask"])))
        return drawn if self._rng.random() < self._errs else (int(observation[0]) % 4 or 1) - 1


class Drill:
    """Errs the less often the more rounds there were, and in one of them always."""

    def __init__(self, *, forget: int = 0) -> None:
        self._forget = forget

    def begin(self, out: Path, *, seed: int) -> None:
        out.write_text("0.9")

    def learn(self, state: Path, rivals: Sequence[Path], out: Path, *, seed: int, plies: int) -> dict[str, float]:
        number = seed // 1_000_000
        out.write_text("1.0" if number == self._forget else json.dumps(0.7 - 0.2 * number))
        return {}

    def agent(self, state: Path) -> str:
        return f"{TAKER}?errs={state.read_text()}"
