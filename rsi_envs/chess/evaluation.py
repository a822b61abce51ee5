# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Evaluations by an engine."""

from __future__ import annotations

import chess

from rsi_envs.core.errors import InvalidOption


class Evaluator:
    """Refuses until engines are there."""

    def __init__(self, engine: str, *, nodes: int) -> None:
        raise InvalidOption(f"shaping_engine is {engine!r}; there are no engines yet, leave it None")

    def white_win_probability(self, board: chess.Board) -> float:
        """Never reached."""
        raise InvalidOption("there are no engines yet")

    def centipawn_loss(self, board: chess.Board, move: chess.Move) -> int:
        """Never reached."""
        raise InvalidOption("there are no engines yet")
