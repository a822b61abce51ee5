# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Forced mates: an exact search over every defence, made for up to three moves.

"Mate in n" counts the attacker's moves, the mating one included. Draws by repetition and by fifty moves are not looked
at, as is usual in problems; stalemate is.
"""

from __future__ import annotations

from collections.abc import Sequence

import chess

from rsi_envs.chess.actions import LEAPS, action_of, move_of
from rsi_envs.chess.geometry import (
    BETWEEN,
    DIAGONAL,
    DIAGONAL_MASK,
    FILE,
    FILE_MASK,
    KNIGHT,
    OPEN_DIAGONALS,
    OPEN_LINES,
    PAWN,
    RANK,
    RANK_MASK,
)
from rsi_envs.chess.position import Position

_PAWN, _KING = 0, 5
MOST_MOVES = 3
"""Mates that are searched for in earnest: one move more takes about a hundred times as long."""


def mate_distance(board: chess.Board, most: int = MOST_MOVES) -> int | None:
    """Counts the moves in which the side to move forces mate; None when it takes more than `most`, or there is none."""
    position, search = Position(board), _Search()
    return next((moves for moves in range(1, most + 1) if search.forces(position, moves)), None)


def key_moves(board: chess.Board, moves: int) -> tuple[chess.Move, ...]:
    """Finds every legal move that forces mate in at most this many moves, itself included; in order of their UCI."""
    position, search = Position(board), _Search()
    keys = [action for action in _candidates(position, moves) if search.forces_after(position, action, moves)]
    return _in_order(keys, board)


def keeps_mate(board: chess.Board, move: chess.Move, moves: int) -> bool:
    """Whether a legal move forces mate in at most this many moves, itself included."""
    return _Search().forces_after(Position(board), action_of(move, board.turn), moves)


def stubborn_replies(board: chess.Board, moves: int) -> tuple[chess.Move, ...]:
    """Finds the replies that put off mate the longest.

    Args:
        board: The side to move is mated in at most `moves` moves of the other side.
        moves: At least 1.

    Returns:
        Legal moves, in order of their UCI; never empty.
    """
    position, search = Position(board), _Search()
    left = position.legal_actions()
    for shorter in range(1, moves):
        stubborn = [action for action in left if not search.forces(_after(position, action), shorter)]
        if not stubborn:
            break
        left = stubborn
    return _in_order(left, board)


def main_line(board: chess.Board, moves: int) -> tuple[chess.Move, ...]:
    """Plays a forced mate out: always the first key move, always the first of the most stubborn replies.

    Args:
        board: The side to move forces mate in `moves` moves, and not in fewer.
        moves: At least 1.

    Returns:
        2 * moves - 1 moves, the last one mate.

    Raises:
        ValueError: There is no such mate.
    """
    board, line = board.copy(stack=False), []
    for left in range(moves, 0, -1):
        keys = key_moves(board, left)
        if not keys:
            raise ValueError(f"there is no mate in {left} in {board.fen()}")
        line.append(keys[0])
        board.push(keys[0])
        if left > 1:
            line.append(stubborn_replies(board, left - 1)[0])
            board.push(line[-1])
    return tuple(line)


def _in_order(actions: Sequence[int], board: chess.Board) -> tuple[chess.Move, ...]:
    return tuple(sorted((move_of(action, board) for action in actions), key=chess.Move.uci))


class _Search:
    """A search that tries what refuted the last attempt first."""

    def __init__(self) -> None:
        self._refutations: dict[int, int] = {}

    def forces(self, position: Position, moves: int) -> bool:
        """Whether the side to move mates in at most this many moves."""
        return any(self.forces_after(position, action, moves) for action in _candidates(position, moves))

    def forces_after(self, position: Position, action: int, moves: int) -> bool:
        """Whether it does so by this action."""
        after = _after(position, action)
        replies = after.legal_actions()
        if not replies:
            return bool(after.check)
        if moves == 1:
            return False
        last = self._refutations.get(moves)
        if last in replies:
            replies.remove(last)
            replies.insert(0, last)
        for reply in replies:
            if not self.forces(_after(after, reply), moves - 1):
                self._refutations[moves] = reply
                return False
        return True


def _after(position: Position, action: int) -> Position:
    after = position.copy()
    after.push(action)
    after.find_legal()
    return after


def _candidates(position: Position, moves: int) -> list[int]:
    """The legal actions among which a key move must be: for mate in one, those that may give check."""
    actions = position.legal_actions()
    return _may_check(position, actions) if moves == 1 else actions


def _may_check(position: Position, actions: list[int]) -> list[int]:
    """Leaves out the actions that certainly give no check."""
    turn = position.turn
    own = position.pieces[:6] if turn else position.pieces[6:]
    home = position.pieces[11 if turn else 5].bit_length() - 1
    occupied = position.by_color[0] | position.by_color[1]
    diagonals = DIAGONAL[home][DIAGONAL_MASK[home] & occupied]
    lines = RANK[home][RANK_MASK[home] & occupied] | FILE[home][FILE_MASK[home] & occupied]
    near_king = (PAWN[1 - turn][home], KNIGHT[home], diagonals, lines, diagonals | lines, 0)
    shields = 0
    for sniper in chess.scan_reversed(OPEN_LINES[home] & (own[3] | own[4]) | OPEN_DIAGONALS[home] & (own[2] | own[4])):
        blockers = BETWEEN[home][sniper] & occupied
        if not blockers & blockers - 1:
            shields |= blockers
    checking = []
    for action in actions:
        origin, target, _ = LEAPS[turn][action]  # type: ignore[misc]
        kind = position.squares[origin] % 6
        if near_king[kind] >> target & 1 or shields >> origin & 1 or _is_special(kind, origin, target, position):
            checking.append(action)
    return checking


def _is_special(kind: int, origin: int, target: int, position: Position) -> bool:
    """Whether more changes on the board than that one piece moves: castling, promotion, capture en passant."""
    if kind == _KING:
        return abs(target - origin) == 2
    return kind == _PAWN and (target >> 3 in (0, 7) or target == position.ep_square)
