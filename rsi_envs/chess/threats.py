# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What attacks what, counted in many positions at once.

A square of a position is a bit of a `uint64`, a1 = 0 to h8 = 63, and all positions are worked on by the same few
operations of numpy.

Sources: P. Kogge and H. Stone, A parallel algorithm for the efficient solution of a general class of recurrence
equations, 1973, for lines filled in three steps; S. Westcott's use of it for sliding pieces
(https://www.chessprogramming.org/Kogge-Stone_Algorithm).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rsi_envs.chess.geometry import NOT_FILE_A, NOT_FILE_H

Bitboards = NDArray[np.uint64]

_ANYWHERE = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
_NOT_A, _NOT_H = np.uint64(NOT_FILE_A), np.uint64(NOT_FILE_H)
_NOT_AB, _NOT_GH = _NOT_A & _NOT_A << np.uint64(1), _NOT_H & _NOT_H >> np.uint64(1)
_DIAGONALS = ((9, _NOT_A), (7, _NOT_H), (-7, _NOT_A), (-9, _NOT_H))
_LINES = ((8, _ANYWHERE), (-8, _ANYWHERE), (1, _NOT_A), (-1, _NOT_H))
"""Directions: by how much a square's number grows, and the files that a step doesn't wrap around to."""
_PAWN, _KNIGHT, _BISHOP, _ROOK, _QUEEN, _KING = range(6)
_OF_A_SIDE = (1.0,) * 9 + (0.5,) + (0.125,) * 4
_SCALE = np.array((*_OF_A_SIDE, *_OF_A_SIDE, 1.0, 0.5, 0.5), np.float32)
THREATS = len(_SCALE)
"""Numbers of a position."""


def bitboards(views: NDArray[np.uint8]) -> Bitboards:
    """Packs views of shape (n, 768), own pieces first, into bitboards of shape (12, n)."""
    return np.ascontiguousarray(np.packbits(views, axis=1, bitorder="little").view("<u8").T.astype(np.uint64))


def threats(pieces: Bitboards) -> NDArray[np.float32]:
    """Counts threats in positions.

    Args:
        pieces: Shape (12, n): own pawns, knights, bishops, rooks, queens, and king, then the other side's. Own pawns go
            up.

    Returns:
        Shape (n, 31). For own pieces, then for the other side's, 14 numbers: knights, bishops, rooks, and queens that
        something cheaper attacks; pawns, knights, bishops, rooks, and queens that are attacked and not guarded; a half
        of the squares around the king that are attacked; an eighth of the squares that knights, bishops, rooks, and
        queens attack. Then whether the other side is in check, and a half of the own, and of the other, pieces that
        are attacked.
    """
    own, other = pieces[:6], pieces[6:]
    all_own, all_other = np.bitwise_or.reduce(own), np.bitwise_or.reduce(other)
    empty = ~(all_own | all_other)
    diagonals = _slides(pieces[[_BISHOP, _QUEEN, 6 + _BISHOP, 6 + _QUEEN]], empty, _DIAGONALS)
    lines = _slides(pieces[[_ROOK, _QUEEN, 6 + _ROOK, 6 + _QUEEN]], empty, _LINES)
    knights, kings = _leaps(pieces[[_KNIGHT, 6 + _KNIGHT]]), _around(pieces[[_KING, 6 + _KING]])
    up = _shifted(own[_PAWN], 7) & _NOT_H | _shifted(own[_PAWN], 9) & _NOT_A
    down = _shifted(other[_PAWN], -9) & _NOT_H | _shifted(other[_PAWN], -7) & _NOT_A
    ours = _Attacks(up, knights[0], diagonals[0], lines[0], diagonals[1] | lines[1], kings[0])
    theirs = _Attacks(down, knights[1], diagonals[2], lines[2], diagonals[3] | lines[3], kings[1])
    by_us, by_them = ours.by_any(), theirs.by_any()
    marked = (
        *_of_a_side(own, ours, theirs, by_us, by_them),
        *_of_a_side(other, theirs, ours, by_them, by_us),
        other[_KING] & by_us,
        all_own & by_them,
        all_other & by_us,
    )
    counts: NDArray[np.float32] = np.bitwise_count(np.stack(marked)).T * _SCALE
    return counts


@dataclass(frozen=True, slots=True)
class _Attacks:
    """The squares that each kind of a side's pieces attacks, whoever stands there."""

    pawns: Bitboards
    knights: Bitboards
    bishops: Bitboards
    rooks: Bitboards
    queens: Bitboards
    king: Bitboards

    def by_minor(self) -> Bitboards:
        """By pawns, knights, and bishops."""
        return self.pawns | self.knights | self.bishops

    def by_any(self) -> Bitboards:
        return self.by_minor() | self.rooks | self.queens | self.king


def _of_a_side(
    own: Bitboards, attacks: _Attacks, others: _Attacks, guarded: Bitboards, attacked: Bitboards
) -> tuple[Bitboards, ...]:
    """Marks what `threats` counts for each side."""
    by_minor = others.by_minor()
    cheaper = (others.pawns, others.pawns, by_minor, by_minor | others.rooks)
    return (
        *(own[kind] & by for kind, by in zip((_KNIGHT, _BISHOP, _ROOK, _QUEEN), cheaper, strict=True)),
        *(own[:_KING] & (attacked & ~guarded)),
        attacks.king & attacked,
        attacks.knights,
        attacks.bishops,
        attacks.rooks,
        attacks.queens,
    )


def _slides(pieces: Bitboards, empty: Bitboards, directions: tuple[tuple[int, np.uint64], ...]) -> Bitboards:
    """Finds what pieces attack along lines, up to the first square that isn't empty."""
    attacked = np.zeros_like(pieces)
    for step, inside in directions:
        reached, free = pieces, empty & inside
        for length in (step, 2 * step, 4 * step):
            reached = reached | free & _shifted(reached, length)
            free = free & _shifted(free, length)
        attacked |= _shifted(reached, step) & inside
    return attacked


def _leaps(knights: Bitboards) -> Bitboards:
    near = _shifted(knights, -1) & _NOT_H | _shifted(knights, 1) & _NOT_A
    far = _shifted(knights, -2) & _NOT_GH | _shifted(knights, 2) & _NOT_AB
    return _shifted(near, 16) | _shifted(near, -16) | _shifted(far, 8) | _shifted(far, -8)


def _around(kings: Bitboards) -> Bitboards:
    beside = _shifted(kings, 1) & _NOT_A | _shifted(kings, -1) & _NOT_H
    row = kings | beside
    return beside | _shifted(row, 8) | _shifted(row, -8)


def _shifted(bits: Bitboards, by: int) -> Bitboards:
    return bits << np.uint64(by) if by > 0 else bits >> np.uint64(-by)
