# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mates found by search in games of random moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import chess
import numpy as np

from rsi_envs.chess.mates import key_moves, main_line, mate_distance

_FIRST_PLY, _LAST_PLY = 12, 120
_LOOKED_AT = 0.2
"""Chance that a position of a game is searched at all."""
_MOST_KEYS = 2


@dataclass(frozen=True, slots=True)
class Mate:
    """A position with a forced mate."""

    board: chess.Board
    """The position, its attacker to move."""
    moves: int
    """Moves to mate; it can't be forced in fewer."""
    keys: tuple[chess.Move, ...]
    """Every first move that forces it in time."""
    line: tuple[chess.Move, ...]
    """One way to mate, against the most stubborn defence."""

    def operations(self) -> dict[str, Any]:
        """Gives the puzzle's operations for an EPD."""
        return {"dm": self.moves, "bm": self.keys, "pv": self.line, "themes": f"mate mateIn{self.moves}"}


def random_mates(rng: np.random.Generator, moves: int) -> Iterator[Mate]:
    """Finds mates in this many moves and no fewer, for ever, at most one a game.

    Args:
        rng: Where the games come from.
        moves: 1 to 3; each move more takes far longer.
    """
    while True:
        board = chess.Board()
        for ply in range(_LAST_PLY):
            legal = sorted(board.legal_moves, key=chess.Move.uci)
            if not legal:
                break
            if ply >= _FIRST_PLY and rng.random() < _LOOKED_AT:
                mate = _look(board, moves)
                if mate:
                    yield mate
                    break
            board.push(legal[int(rng.integers(len(legal)))])


def _look(board: chess.Board, moves: int) -> Mate | None:
    if mate_distance(board, moves) != moves:
        return None
    keys = key_moves(board, moves)
    if len(keys) > _MOST_KEYS:
        return None
    # Without the clocks of the game, which an EPD does not hold.
    position = chess.Board(f"{board.epd()} 0 1")
    return Mate(position, moves, keys, main_line(position, moves))
