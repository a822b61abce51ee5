# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Endgames in which few moves keep the result, decided by Syzygy's tablebases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import chess
import chess.syzygy
import numpy as np

from rsi_envs.chess.errors import TablebaseMissing
from rsi_envs.chess.puzzles import Goal

_MOST_BEST, _FEWEST_LEGAL = 2, 5
_WIN = 2
"""Syzygy's number for a win that the rule of fifty moves does not spoil."""


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
    """Every move that keeps it, in order of their UCI."""

    def operations(self) -> dict[str, Any]:
        """Gives the puzzle's operations for an EPD."""
        return {"bm": self.best, "goal": self.goal, "themes": f"endgame {self.material}"}


def open_syzygy(folder: Path) -> chess.syzygy.Tablebase:
    """Opens every table of standard chess in a folder and those below it.

    Raises:
        TablebaseMissing: There is none.
    """
    tables = chess.syzygy.Tablebase()
    places = sorted({path.parent for path in folder.rglob("*.rtbw")})
    if not sum([tables.add_directory(str(place)) for place in places]):
        raise TablebaseMissing(f"there is no Syzygy table (*.rtbw) in {folder} or below it")
    return tables


def best_moves(tables: chess.syzygy.Tablebase, board: chess.Board) -> tuple[int, tuple[chess.Move, ...]]:
    """Finds the result of a position and every move that keeps it.

    Args:
        tables: Tables of all positions that a legal move leads to.
        board: A position without castling rights.

    Returns:
        1, 0 or -1 for a win, draw or loss of the side to move under the rule of fifty moves; and the moves, in order of
        their UCI.

    Raises:
        TablebaseMissing: A table is not there.
    """
    results = {}
    for move in sorted(board.legal_moves, key=chess.Move.uci):
        after = board.copy(stack=False)
        after.push(move)
        results[move] = _result(tables, after)
    best = max(results.values())
    return best, tuple(move for move, result in results.items() if result == best)


def _result(tables: chess.syzygy.Tablebase, after: chess.Board) -> int:
    """The result for the side that has just moved."""
    if after.is_checkmate():
        return 1
    if after.is_stalemate() or after.is_insufficient_material():
        return 0
    try:
        value = tables.probe_wdl(after)
    except KeyError as error:
        raise TablebaseMissing(f"there is no Syzygy table for {after.fen()}") from error
    return -int(np.sign(value)) if abs(value) == _WIN else 0


def random_endgames(
    rng: np.random.Generator, tables: chess.syzygy.Tablebase, material: str, goal: Goal
) -> Iterator[Endgame]:
    """Finds endgames in which one or two moves of at least five keep the result, for ever.

    Pieces are placed at random; either colour may be the stronger side, and either may be to move. Positions in which
    a best move captures or promotes are left out as too plain.

    Args:
        rng: Where the positions come from.
        tables: See `best_moves`.
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
        result, best = best_moves(tables, board)
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
