# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which moves are right in a puzzle, what the opponent replies, and what an attempt scores.

A move that checkmates solves any puzzle. Beside that, a move is right

* by the rule "line": if it is the line's next move;
* by the rule "best": if it is one of the best moves;
* by the rule "mate": if it is the line's next move, or a first move that the puzzle lists, or else keeps a forced mate
  in no more moves than are left, by exact search.

The opponent replies as the line says; where the agent has left it for another mate, with the first of the replies that
put off mate the longest, in order of their UCI.

Source: https://database.lichess.org/#puzzles, for the line and for mates beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import chess

from rsi_envs.chess.mates import keeps_mate, key_moves, stubborn_replies
from rsi_envs.chess.puzzles import Puzzle
from rsi_envs.core.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a legal move is worth in a puzzle."""

    right: bool
    """Whether it is right."""
    solved: bool = False
    """Whether it is right and the last one."""
    reply: chess.Move | None = None
    """The opponent's reply; None when the puzzle is over."""


def opening_board(puzzle: Puzzle) -> chess.Board:
    """Sets up the position in which the agent moves first; the opponent's `lead` is on its move stack."""
    board = chess.Board(puzzle.fen)
    if puzzle.lead:
        board.push_uci(puzzle.lead)
    return board


def rule_on(puzzle: Puzzle, board: chess.Board, move: chess.Move) -> Ruling:
    """Decides on a move.

    Args:
        puzzle: The puzzle.
        board: What `opening_board` set up, with the right moves and the replies so far pushed; not changed.
        move: A legal move.
    """
    played = _played(puzzle, board)
    found, left = len(played) // 2, puzzle.moves - len(played) // 2
    after = board.copy()
    after.push(move)
    if after.is_checkmate():
        return Ruling(right=True, solved=True)
    on_line = _line_move(puzzle, played) == move.uci()
    right = on_line or (not found and move.uci() in puzzle.best)
    if not right and puzzle.rule == "mate":
        right = keeps_mate(board, move, left)
    if not right or left == 1:
        return Ruling(right, solved=right)
    if on_line:
        return Ruling(right, reply=chess.Move.from_uci(puzzle.line[len(played) + 1]))
    return Ruling(right, reply=stubborn_replies(after, left - 1)[0])


def right_move(puzzle: Puzzle, board: chess.Board) -> chess.Move:
    """Gives a move that is right now; `board` is as in `rule_on`."""
    played = _played(puzzle, board)
    on_line = _line_move(puzzle, played)
    if on_line:
        return chess.Move.from_uci(on_line)
    return key_moves(board, puzzle.moves - len(played) // 2)[0]


def tempting_mistake(puzzle: Puzzle, board: chess.Board) -> chess.Move | None:
    """Gives the wrong move that is hardest to resist, a check or a capture where there is one; None if all are right.

    `board` is as in `rule_on`.
    """

    def temptation(move: chess.Move) -> tuple[bool, bool, str]:
        return (not board.gives_check(move), not board.is_capture(move), move.uci())

    candidates = sorted(board.legal_moves, key=temptation)
    return next((move for move in candidates if not rule_on(puzzle, board, move).right), None)


def judge(puzzle: Puzzle, found: int, reason: str) -> Verdict:
    """Scores an attempt that is over: the share of the line's moves that were found.

    Args:
        puzzle: The puzzle.
        found: How many moves of the agent were right; all of them when it is solved.
        reason: What ended the attempt.
    """
    parts = {"moves_found": float(found), "moves": float(puzzle.moves)}
    if puzzle.rating is not None:
        parts["rating"] = float(puzzle.rating)
    if puzzle.rating_deviation is not None:
        parts["rating_deviation"] = float(puzzle.rating_deviation)
    return Verdict(score=found / puzzle.moves, passed=found == puzzle.moves, parts=parts, reason=reason)


def _played(puzzle: Puzzle, board: chess.Board) -> list[str]:
    return [move.uci() for move in board.move_stack[1 if puzzle.lead else 0 :]]


def _line_move(puzzle: Puzzle, played: list[str]) -> str | None:
    """The line's next move; None where the moves played have left it."""
    on_line = list(puzzle.line[: len(played)]) == played
    return puzzle.line[len(played)] if on_line else None
