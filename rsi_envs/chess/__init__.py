# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The room of chess: `rsi/Chess-v0` for networks, `rsi/ChessText-v0` and `rsi/ChessPuzzle-v0` for language models."""

from rsi_envs.chess.actions import action_of, move_of
from rsi_envs.chess.aec import aec_env
from rsi_envs.chess.env import ChessEnv
from rsi_envs.chess.puzzle_env import ChessPuzzleEnv
from rsi_envs.chess.text_env import ChessTextEnv

__all__ = ["ChessEnv", "ChessPuzzleEnv", "ChessTextEnv", "action_of", "aec_env", "move_of"]
