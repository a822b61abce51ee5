# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How positions and moves are put into words, in `rsi/ChessText-v0` and `rsi/ChessPuzzle-v0` alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import chess

from rsi_envs.chess import prompts
from rsi_envs.chess.view import as_text
from rsi_envs.core.options import check_choice

Notation = Literal["uci", "san"]


@dataclass(frozen=True, slots=True)
class Telling:
    """What an agent is told of a position.

    Raises:
        InvalidOption: There is no such notation.
    """

    notation: Notation = "uci"
    """How moves are written: "uci" (e2e4) or "san" (Nf3)."""
    diagram: bool = True
    """Whether the board is drawn beneath its FEN."""
    legal_moves: bool = False
    """Whether the legal moves are listed."""
    history: bool = False
    """Whether the moves so far are listed."""

    def __post_init__(self) -> None:
        check_choice("notation", self.notation, get_args(Notation))

    @property
    def form(self) -> str:
        """How a reply is to be written."""
        return prompts.FORMS[self.notation]

    def write(self, move: chess.Move, board: chess.Board) -> str:
        """Writes a legal move of this position."""
        return move.uci() if self.notation == "uci" else board.san(move)

    def action(self, move: chess.Move, board: chess.Board) -> str:
        """Writes a legal move of this position as an action."""
        return f"<move>{self.write(move, board)}</move>"

    def legal_actions(self, board: chess.Board) -> tuple[str, ...]:
        """Writes every legal move as an action."""
        return tuple(self.action(move, board) for move in board.legal_moves)

    def position(self, board: chess.Board) -> str:
        """Describes a position, its newline included."""
        text = prompts.POSITION.format(fen=board.fen())
        if self.diagram:
            text += prompts.DIAGRAM.format(diagram=as_text(board))
        if self.history and board.move_stack:
            text += prompts.HISTORY.format(moves=self._moves_so_far(board))
        if self.legal_moves:
            text += prompts.LEGAL_MOVES.format(moves=" ".join(self.write(move, board) for move in board.legal_moves))
        return text

    def _moves_so_far(self, board: chess.Board) -> str:
        if self.notation == "san":
            return board.root().variation_san(board.move_stack)
        return " ".join(move.uci() for move in board.move_stack)


def side(color: chess.Color) -> str:
    """Returns "White" or "Black"."""
    return "White" if color else "Black"
