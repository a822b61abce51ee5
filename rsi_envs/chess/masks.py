# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action masks in 64 rows, one a square: the 73 bytes that say what the piece there may do, remembered.

Rows are in the mover's order. What a kind of piece needs to find its row is a tuple a square, so that one look-up
gives all of it.
"""

from __future__ import annotations

import chess

from rsi_envs.chess.actions import FLIP, PAWN_PLANES, PLANE_OF, PLANES, UNDERPROMOTIONS, promotion_plane
from rsi_envs.chess.geometry import DIAGONAL, DIAGONAL_MASK, FILE, FILE_MASK, KNIGHT, PAWN, RANK, RANK_MASK

_MOST_REMEMBERED = 1024
NO_ROWS = [bytes(PLANES)] * 64
"""The mask in which nothing is legal."""


class Numbers(dict[int, int]):
    """From the squares that a piece may go to, to its row as a little-endian number: numbers are joined fast."""

    def __init__(self, turn: int, square: int) -> None:
        flip = FLIP[turn]
        self.to = [1 << 8 * PLANE_OF.get((square ^ flip, target ^ flip), PLANES) for target in chess.SQUARES]

    def __missing__(self, targets: int) -> int:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        number = self[targets] = sum([self.to[target] for target in chess.scan_forward(targets)])
        return number


class Rows(dict[int, bytes]):
    """From the squares that a piece may go to, to its row."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers

    def __missing__(self, targets: int) -> bytes:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        row = self[targets] = self._numbers[targets].to_bytes(PLANES, "little")
        return row


def _pawn_numbers(turn: int, square: int) -> Numbers:
    numbers = Numbers(turn, square)
    origin = square ^ FLIP[turn]
    for target in chess.SQUARES:
        if chess.square_rank(origin) == 6 and PLANE_OF.get((origin, target ^ FLIP[turn])) in PAWN_PLANES:
            for piece in UNDERPROMOTIONS:
                numbers.to[target] |= 1 << 8 * promotion_plane(origin, target, piece)
    return numbers


class FreePawnRows(dict[int, bytes]):
    """From what stands before a free pawn, and what it attacks, to its row.

    A key holds the occupied squares in front and the opponent's on the two diagonals.
    """

    def __init__(self, turn: int, square: int) -> None:
        self._turn, self._square = turn, square

    def __missing__(self, zone: int) -> bytes:
        targets = pawn_targets(self._turn, self._square, zone, zone)
        row = self[zone] = PAWN_ROWS[self._turn][self._square][targets]
        return row


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
    """Makes, for each kind of piece and each square, what gives its row."""
    row = [square ^ FLIP[turn] for square in chess.SQUARES]
    numbers = [Numbers(turn, square) for square in chess.SQUARES]
    known = KING_ROWS[turn]
    free = [FreePawnRows(turn, square) for square in chess.SQUARES]
    front = [_front(turn, square) for square in chess.SQUARES]
    return (
        list(zip(row, front, PAWN[turn], free, strict=True)),
        list(zip(row, KNIGHT, known, strict=True)),
        list(zip(row, DIAGONAL_MASK, DIAGONAL, known, strict=True)),
        list(zip(row, RANK_MASK, RANK, FILE_MASK, FILE, known, strict=True)),
        list(zip(row, RANK_MASK, RANK, FILE_MASK, FILE, DIAGONAL_MASK, DIAGONAL, numbers, strict=True)),
    )


_Reach = dict[int, int]
Movers = tuple[
    list[tuple[int, int, int, FreePawnRows]],
    list[tuple[int, int, Rows]],
    list[tuple[int, int, _Reach, Rows]],
    list[tuple[int, int, _Reach, int, _Reach, Rows]],
    list[tuple[int, int, _Reach, int, _Reach, int, _Reach, Numbers]],
]
"""For pawns, knights, bishops, rooks and queens, by square: the index of the row, what the piece reaches, its rows.

Reach is, for a pawn, the squares in front and those attacked; for a knight, the squares attacked; for the others,
python-chess's masks and attack tables. A queen's rows are of too many kinds to be remembered, but not their two halves.
"""
KING_ROWS = [[Rows(Numbers(turn, square)) for square in chess.SQUARES] for turn in (0, 1)]
"""`[turn][square]`: the rows of a king, and of every piece but pawns and queens."""
PAWN_ROWS = [[Rows(_pawn_numbers(turn, square)) for square in chess.SQUARES] for turn in (0, 1)]
MOVERS = (_movers(0), _movers(1))
"""By turn."""
