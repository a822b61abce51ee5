# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Legal actions by piece and square, remembered as the bytes of numpy's indices.

What a kind of piece needs to find its actions is a tuple a square, so that one look-up gives all of it.
"""

from __future__ import annotations

import chess
import numpy as np

from rsi_envs.chess.actions import ACTION_COUNT, FLIP, PAWN_PLANES, PLANE_OF, PLANES, UNDERPROMOTIONS, promotion_plane
from rsi_envs.chess.geometry import DIAGONAL, DIAGONAL_MASK, FILE, FILE_MASK, KNIGHT, PAWN, RANK, RANK_MASK

ACTION_BYTES = np.dtype(np.intp).itemsize
PACKED = [np.intp(action).tobytes() for action in range(ACTION_COUNT)]
"""Each action as the bytes of an `np.intp`."""
_MOST_REMEMBERED = 1024


class Actions(dict[int, bytes]):
    """From the squares that a piece may go to, to its actions, each as the bytes of an `np.intp`.

    Args:
        turn: Whose piece it is.
        square: Where it stands.
    """

    def __init__(self, turn: int, square: int) -> None:
        flip = FLIP[turn]
        origin = square ^ flip
        planes = [PLANE_OF.get((origin, target ^ flip)) for target in chess.SQUARES]
        self.to = [b"" if plane is None else PACKED[origin * PLANES + plane] for plane in planes]
        """The actions that lead to each square."""

    def __missing__(self, targets: int) -> bytes:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        packed = self[targets] = b"".join([self.to[target] for target in chess.scan_forward(targets)])
        return packed


class PawnActions(Actions):
    """The same for a pawn, which may promote."""

    def __init__(self, turn: int, square: int) -> None:
        super().__init__(turn, square)
        flip = FLIP[turn]
        origin = square ^ flip
        if chess.square_rank(origin) != 6:
            return
        for target in chess.SQUARES:
            if PLANE_OF.get((origin, target ^ flip)) in PAWN_PLANES:
                for piece in UNDERPROMOTIONS:
                    self.to[target] += PACKED[origin * PLANES + promotion_plane(origin, target ^ flip, piece)]


class FreePawnActions(dict[int, bytes]):
    """From what stands before a free pawn, and what it attacks, to its actions.

    A key holds the occupied squares in front and the opponent's on the two diagonals.
    """

    def __init__(self, turn: int, square: int) -> None:
        self._turn, self._square = turn, square

    def __missing__(self, zone: int) -> bytes:
        targets = pawn_targets(self._turn, self._square, zone, zone)
        packed = self[zone] = PAWN_ACTIONS[self._turn][self._square][targets]
        return packed


def pawn_targets(turn: int, square: int, occupied: int, opponent: int) -> int:
    """Returns where a pawn may go, en passant, pins and checks aside, as a bitboard."""
    step = 8 if turn else -8
    one = 1 << square + step
    targets = PAWN[turn][square] & opponent
    if not occupied & one:
        targets |= one
        if square >> 3 == (1 if turn else 6):
            targets |= 1 << square + 2 * step & ~occupied
    return targets


def _front(turn: int, square: int) -> int:
    """The square or two that a pawn may push to; none on a last rank, where no pawn stands."""
    return 0 if square >> 3 in (0, 7) else pawn_targets(turn, square, 0, 0)


def _movers(turn: int) -> Movers:
    """Makes, for each kind of piece and each square, what gives its actions."""
    known = PIECE_ACTIONS[turn]
    free = [FreePawnActions(turn, square) for square in chess.SQUARES]
    front = [_front(turn, square) for square in chess.SQUARES]
    return (
        list(zip(front, PAWN[turn], free, strict=True)),
        list(zip(KNIGHT, known, strict=True)),
        list(zip(DIAGONAL_MASK, DIAGONAL, known, strict=True)),
        list(zip(RANK_MASK, RANK, FILE_MASK, FILE, known, strict=True)),
        list(zip(RANK_MASK, RANK, FILE_MASK, FILE, DIAGONAL_MASK, DIAGONAL, known, strict=True)),
    )


_Reach = dict[int, int]
Movers = tuple[
    list[tuple[int, int, FreePawnActions]],
    list[tuple[int, Actions]],
    list[tuple[int, _Reach, Actions]],
    list[tuple[int, _Reach, int, _Reach, Actions]],
    list[tuple[int, _Reach, int, _Reach, int, _Reach, Actions]],
]
"""For pawns, knights, bishops, rooks and queens, by square: what the piece reaches, its actions.

Reach is, for a pawn, the squares in front and those attacked; for a knight, the squares attacked; for the others,
python-chess's masks and attack tables. A queen goes to sets of squares of too many kinds to be remembered, but not so
its lines and its diagonals.
"""
PIECE_ACTIONS = [[Actions(turn, square) for square in chess.SQUARES] for turn in (0, 1)]
"""`[turn][square]`: the actions of every piece but pawns."""
PAWN_ACTIONS = [[PawnActions(turn, square) for square in chess.SQUARES] for turn in (0, 1)]
MOVERS = (_movers(0), _movers(1))
"""By turn."""
