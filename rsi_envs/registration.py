# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""THE TABLE: every environment of the suite, one entry each."""

from __future__ import annotations

from typing import Any

import gymnasium as gym

TABLE: dict[str, dict[str, Any]] = {
    "rsi/Chess-v0": {
        "entry_point": "rsi_envs.chess:ChessEnv",
        "vector_entry_point": "rsi_envs.chess.vector:ChessVectorEnv",
        "disable_env_checker": True,
    },
    "rsi/ChessText-v0": {"entry_point": "rsi_envs.chess:ChessTextEnv", "disable_env_checker": True},
    "rsi/ChessPuzzle-v0": {"entry_point": "rsi_envs.chess:ChessPuzzleEnv", "disable_env_checker": True},
    "rsi/Code-v0": {"entry_point": "rsi_envs.code:CodeEnv", "disable_env_checker": True},
    "rsi/Judge-v0": {"entry_point": "rsi_envs.judge:JudgeEnv", "disable_env_checker": True},
    "rsi/MetaJudge-v0": {"entry_point": "rsi_envs.judge:MetaJudgeEnv", "disable_env_checker": True},
    "rsi/Writing-v0": {"entry_point": "rsi_envs.writing:WritingEnv", "disable_env_checker": True},
}
"""What `gymnasium.register` is given for each id. Entry points are strings: nothing is imported until `make`."""


def register_all() -> None:
    """Registers every environment with Gymnasium; does nothing for those that are registered already."""
    for env_id, spec in TABLE.items():
        if env_id not in gym.registry:
            gym.register(env_id, **spec)
