# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`td:FILE`: a network that has learned by `rsi_envs.chess.td`, as an agent."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np

from rsi_envs.chess.actions import action_of, move_of
from rsi_envs.chess.boards import board_env
from rsi_envs.chess.game import Game
from rsi_envs.chess.network import HIDDEN, SPREAD, Network
from rsi_envs.chess.search import Search
from rsi_envs.core.errors import InvalidOption
from rsi_envs.core.options import check_count

# The environment and other agents are seeded with the same number; a salt keeps this agent's draws its own.
_SALT = 0x7D
UNTRAINED = "untrained"


class TdAgent:
    """Plays what a network rates highest after looking ahead; equals are decided by the seed.

    Args:
        file: A generation that `TDLearner` wrote; "untrained" for a network that knows nothing, as learners begin with.
        depth: Plies to look ahead, at least 1: 1 rates what each legal move leads to.
        captures: Whether captures are then played out, up to four in a row.
        epsilon: The probability of a uniformly random legal move instead, from 0 to 1.
        temperature: How freely it chooses among moves of unlike odds, by their softmax; 0 plays the best.
        hidden: Units of an untrained network.
        spread: The standard deviation of its first weights.
        seed: What they come from.

    Raises:
        InvalidNetwork: There is no such file, or it holds no network.
        InvalidOption: A number outside its range.
    """

    def __init__(
        self,
        file: str,
        /,
        *,
        depth: int = 1,
        captures: bool = False,
        epsilon: float = 0.0,
        temperature: float = 0.0,
        hidden: int = HIDDEN,
        spread: float = SPREAD,
        seed: int = 0,
    ) -> None:
        check_count("hidden", hidden)
        check_count("seed", seed, least=0)
        check_count("depth", depth)
        if not 0 <= epsilon <= 1:
            raise InvalidOption(f"epsilon is {epsilon!r}; it is a probability, from 0 to 1")
        if not 0 <= temperature < float("inf"):
            raise InvalidOption(f"temperature is {temperature!r}; it must be a number of at least 0")
        if not 0 < spread < float("inf"):
            raise InvalidOption(f"spread is {spread!r}; it must be above 0")
        network = Network.untrained(hidden, seed, spread=spread) if file == UNTRAINED else Network.read(Path(file))
        self._search = Search(network, depth=depth, captures=captures)
        self._epsilon, self._temperature = epsilon, temperature
        self.reset(None)

    def attach(self, env: gym.Env[Any, Any]) -> None:
        """Takes the environment whose board it reads.

        Raises:
            InvalidOption: The environment has no chess board.
        """
        self._env = board_env(env)

    def reset(self, seed: int | None) -> None:
        """Seeds what chance decides."""
        self._rng = np.random.default_rng(None if seed is None else [seed, _SALT])

    def act(self, observation: Any, info: Mapping[str, Any]) -> Any:
        """Plays one move; what it knows of the position is the environment's board."""
        board = self._env.board()
        game = Game(board.root())
        for move in board.move_stack:
            game.push(action_of(move, bool(game.turn)))
        return self._env.action_of(move_of(self.choose(game), board))

    def choose(self, game: Game) -> int:
        """Picks a legal action of a game that goes on."""
        rng = self._rng
        if self._epsilon and rng.random() < self._epsilon:
            return int(rng.choice(game.legal_actions()))
        actions, values = self._search.values(game, exact=self._temperature > 0)
        if self._temperature:
            values += (self._temperature * rng.gumbel(size=len(values))).astype(np.float32)
        return int(rng.choice(actions[values == values.max()]))
