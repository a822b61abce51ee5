# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""AlphaZero's 4,672 actions: the square a piece leaves, and one of 73 ways to leave it.

An action is `square * 73 + plane`, seen from the side to move: for Black, ranks count from the eighth down. Planes:

    0 … 55    direction * 7 + distance - 1, like a queen; directions N, NE, E, SE, S, SW, W, NW, distances 1 to 7
    56 … 63   like a knight; (file, rank) steps (1,2) (2,1) (2,-1) (1,-2) (-1,-2) (-2,-1) (-2,1) (-1,2)
    64 … 72   promotion to knight, bishop, rook, three planes each: capture to the left, straight on, to the right

Castling is the king's move of two squares. A pawn that reaches the last rank by one of the first 56 planes becomes a
queen.

Source: Silver et al., A general reinforcement learning algorithm that masters chess, shogi, and Go through self-play,
Science 362, 2018, supplementary materials, "Representation". The order within the planes is this module's.
"""

from __future__ import annotations

import operator
from typing import NamedTuple, SupportsIndex

import chess

from rsi_envs.core.errors import InvalidAction

PLANES = 73
ACTION_COUNT = 64 * PLANES
_DIRECTIONS = ((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1))
_KNIGHT_STEPS = ((1, 2), (2, 1), (2, -1), (1, -2), (-1, -2), (-2, -1), (-2, 1), (-1, 2))
_FIRST_KNIGHT_PLANE, _FIRST_PROMOTION_PLANE = 56, 64
UNDERPROMOTIONS = (chess.KNIGHT, chess.BISHOP, chess.ROOK)
FLIP = (56, 0)
"""What turns a square into the mover's view of it by exclusive or, for Black and White."""


class Leap(NamedTuple):
    """What an action means on the board."""

    origin: int
    target: int
    promotion: int
    """The piece type that an underpromotion makes; 0 for every other action."""


def action_of(move: chess.Move, turn: chess.Color) -> int:
    """Encodes a move.

    Args:
        move: A move of standard chess; its legality is not looked at.
        turn: Who plays it, `chess.WHITE` or `chess.BLACK`.

    Returns:
        The action, 0 to 4671.

    Raises:
        InvalidAction: The move has no code: a null move, a drop, or one that no piece could make.
    """
    action = leap_action(move.from_square, move.to_square, turn)
    if action is None or move.drop:
        raise InvalidAction(f"{move.uci()} is no move that a chess piece could make")
    if move.promotion in UNDERPROMOTIONS:
        origin, target = move.from_square ^ FLIP[turn], move.to_square ^ FLIP[turn]
        return origin * PLANES + promotion_plane(origin, target, move.promotion)
    return action


def leap_action(origin: int, target: int, turn: int) -> int | None:
    """Returns the action that leads from one square to another; None when no piece goes there in one move."""
    flip = FLIP[turn]
    plane = PLANE_OF.get((origin ^ flip, target ^ flip))
    return None if plane is None else (origin ^ flip) * PLANES + plane


def move_of(action: SupportsIndex, board: chess.Board) -> chess.Move:
    """Decodes an action.

    Args:
        action: 0 to 4671.
        board: The position it is played in, which decides whose view it is and whether a pawn becomes a queen.

    Returns:
        The move; its legality is not looked at.

    Raises:
        InvalidAction: The action is no integer in the range, or leads off the board.
    """
    index = as_index(action)
    if not 0 <= index < ACTION_COUNT:
        raise InvalidAction(f"action {index} is outside 0 to {ACTION_COUNT - 1}")
    leap = LEAPS[board.turn][index]
    if leap is None:
        raise InvalidAction(f"action {index} leads off the board; legal actions are those of the mask")
    promotes = leap.target ^ FLIP[board.turn] >= chess.A8 and board.piece_type_at(leap.origin) == chess.PAWN
    return chess.Move(leap.origin, leap.target, leap.promotion or (chess.QUEEN if promotes else None))


def as_index(action: SupportsIndex) -> int:
    """Reads an action, whichever integer type it has.

    Raises:
        InvalidAction: It is no integer.
    """
    try:
        return operator.index(action)
    except TypeError as error:
        raise InvalidAction(f"an action here is an integer, not {type(action).__name__}: {action!r}") from error


def _planes() -> dict[tuple[int, int], int]:
    """Maps (origin, target) to the plane that leads from one to the other."""
    planes = {}
    for origin in chess.SQUARES:
        steps = [
            (dx * distance, dy * distance, direction * 7 + distance - 1)
            for direction, (dx, dy) in enumerate(_DIRECTIONS)
            for distance in range(1, 8)
        ]
        steps += [(dx, dy, _FIRST_KNIGHT_PLANE + i) for i, (dx, dy) in enumerate(_KNIGHT_STEPS)]
        for dx, dy, plane in steps:
            file, rank = chess.square_file(origin) + dx, chess.square_rank(origin) + dy
            if 0 <= file < 8 and 0 <= rank < 8:
                planes[origin, chess.square(file, rank)] = plane
    return planes


PLANE_OF = _planes()
"""From (origin, target), as the mover sees them, to the plane that leads from one to the other."""


def promotion_plane(origin: int, target: int, piece: int) -> int:
    """Returns the plane of an underpromotion; squares are as the mover sees them."""
    sideways = chess.square_file(target) - chess.square_file(origin)
    return _FIRST_PROMOTION_PLANE + UNDERPROMOTIONS.index(piece) * 3 + sideways + 1


def _leaps(flip: int) -> list[Leap | None]:
    leaps: list[Leap | None] = [None] * ACTION_COUNT
    for (origin, target), plane in PLANE_OF.items():
        leaps[origin * PLANES + plane] = Leap(origin ^ flip, target ^ flip, 0)
        if chess.square_rank(origin) == 6 and plane in PAWN_PLANES:
            for piece in UNDERPROMOTIONS:
                action = origin * PLANES + promotion_plane(origin, target, piece)
                leaps[action] = Leap(origin ^ flip, target ^ flip, piece)
    return leaps


PAWN_PLANES = {0, 7, 49}
"""One square N, NE and NW."""
LEAPS = (_leaps(FLIP[chess.BLACK]), _leaps(FLIP[chess.WHITE]))
"""`LEAPS[turn][action]`; None where it leads off the board."""
