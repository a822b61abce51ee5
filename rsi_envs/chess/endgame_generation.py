# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Endgames in which few moves keep the result, decided by tablebases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import chess
import numpy as np

from rsi_envs.chess.puzzles import Goal
from rsi_envs.chess.tablebases import Tablebases

_MOST_BEST, _FEWEST_LEGAL = 2, 5


@dataclass(frozen=True, slots=True)
class Endgame:
    """A position in which only some moves keep the result."""

    board: chess.Board
    """The position."""
    material: str
    """Its material, such as "KRvKP"."""
    goal: Goal
    """The result."""
    best: tuple[chess.Move, ...]
    """Every move that keeps it, in the order of their UCI names."""

    def operations(self) -> dict[str, Any]:
        """Gives the puzzle's operations for an EPD."""
        return {"bm": self.best, "goal": self.goal, "themes": f"endgame {self.material}"}


def keeping_moves(tables: Tablebases, board: chess.Board) -> tuple[int, tuple[chess.Move, ...]]:
    """Finds the result of a position and every move that keeps it.

    Args:
        tables: Tables of all positions that a legal move leads to.
        board: A position with a legal move.

    Returns:
        1, 0 or -1 for a win, draw or loss of the side to move; and the moves, in the order of their UCI names.

    Raises:
        TablebaseMissing: A table is not there.
    """
    results = {}
    for move in sorted(board.legal_moves, key=chess.Move.uci):
        after = board.copy(stack=False)
        after.push(move)
        results[move] = -tables.probe(after, distance_to_zeroing=False).value
    best = max(results.values())
    return best, tuple(move for move, result in results.items() if result == best)


def random_endgames(rng: np.random.Generator, tables: Tablebases, material: str, goal: Goal) -> Iterator[Endgame]:
    """Finds endgames in which one or two moves of at least five keep the result, for ever.

    Pieces are placed at random; either colour may be the stronger side, and either may be to move. Positions in which
    a best move captures or promotes are left out as too plain.

    Args:
        rng: Where the positions come from.
        tables: See `keeping_moves`.
        material: The two sides, such as "KRvKP".
        goal: What the side to move can achieve.

    Raises:
        TablebaseMissing: A table is not there.
    """
    wanted = 1 if goal == "win" else 0
    while True:
        board = _random_board(rng, material)
        if not board.is_valid() or board.legal_moves.count() < _FEWEST_LEGAL:
            continue
        result, best = keeping_moves(tables, board)
        plain = any(board.is_capture(move) or move.promotion for move in best)
        if result == wanted and len(best) <= _MOST_BEST and not plain:
            yield Endgame(board, material, goal, best)


def _random_board(rng: np.random.Generator, material: str) -> chess.Board:
    stronger, weaker = material.split("v")
    board = chess.Board(None)
    squares = iter(rng.permutation(64).tolist())
    for symbols, color in ((stronger, chess.WHITE), (weaker, chess.BLACK)):
        for symbol in symbols:
            board.set_piece_at(next(squares), chess.Piece(chess.PIECE_SYMBOLS.index(symbol.lower()), color))
    board.turn = bool(rng.integers(2))
    return board.mirror() if rng.integers(2) else board
