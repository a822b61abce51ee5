# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`uci:ENGINE`: a UCI engine as an agent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import chess
import gymnasium as gym
import numpy as np

from rsi_envs.chess.boards import board_env
from rsi_envs.chess.engines import engine as find_engine
from rsi_envs.core.errors import InvalidOption
from rsi_envs.core.options import check_count

# The environment and other agents are seeded with the same number; a salt keeps this agent's draws its own.
_SALT = 0xF15E


class UciAgent:
    """Plays an engine's moves, with a share of random ones for a weaker opponent.

    The engine searches a fixed number of nodes and knows nothing of earlier moves but the position's history, so the
    same seed gives the same game. That is why strength is graded by `epsilon`: what engines have of their own for it
    (`UCI_LimitStrength`, `Skill Level`) is random and can't be seeded.

    Args:
        engine: A program's name, looked for on PATH and in /usr/games, or its path.
        nodes: Positions that the engine may search for a move, at least 1. Few engines stop at once: Stockfish 15.1
            searches about 45 when it is asked for 1.
        epsilon: The probability of a uniformly random legal move instead of the engine's, from 0 to 1.
        timeout_s: Seconds that the engine may take for one move before it is killed.

    Raises:
        EngineNotFound: There is no such program; the message says how to install it.
        InvalidOption: A number outside its range.
    """

    def __init__(self, engine: str, /, *, nodes: int = 1000, epsilon: float = 0.0, timeout_s: float = 30.0) -> None:
        check_count("nodes", nodes)
        if not 0 <= epsilon <= 1:
            raise InvalidOption(f"epsilon is {epsilon!r}; it is a probability, from 0 to 1")
        self._engine = find_engine(engine, timeout_s=timeout_s)
        self._nodes = nodes
        self._epsilon = epsilon
        self.reset(None)

    def attach(self, env: gym.Env[Any, Any]) -> None:
        """Takes the environment whose board it reads.

        Raises:
            InvalidOption: The environment has no chess board.
        """
        self._env = board_env(env)

    def reset(self, seed: int | None) -> None:
        """Seeds the random moves."""
        self._rng = np.random.default_rng(None if seed is None else [seed, _SALT])

    def act(self, observation: Any, info: Mapping[str, Any]) -> Any:
        """Plays one move; what it knows of the position is the environment's board.

        Raises:
            InvalidPosition: There is no legal move.
            EngineError: The engine crashed, hung or played an illegal move; see `rsi_envs.chess.errors`.
        """
        board = self._env.board()
        if self._rng.random() < self._epsilon:
            moves = sorted(board.legal_moves, key=chess.Move.uci)
            return self._env.action_of(moves[self._rng.integers(len(moves))])
        return self._env.action_of(self._engine.play(board, nodes=self._nodes))
