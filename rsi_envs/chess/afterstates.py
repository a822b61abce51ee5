# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Afterstates: the positions that legal actions lead to, as whoever plays them sees them, many at a time.

A view is the first 768 bytes of `Position.whites_view` or `blacks_view`: twelve planes of 64 squares, own pieces
first. A linear layer over views needs no afterstate to be set up: what an action changes are two to four of its rows.

Source: Nasu, Efficiently updatable neural-network-based evaluation functions for computer shogi, 2018, for the sums
that are kept up to date by what a move changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import chess
import numpy as np
from numpy.typing import NDArray

from rsi_envs.chess.actions import LEAPS
from rsi_envs.chess.game import PIECE_BYTES
from rsi_envs.chess.geometry import KNIGHT, OPEN_DIAGONALS, OPEN_LINES, PAWN
from rsi_envs.chess.position import EMPTY, Position
from rsi_envs.chess.threats import bitboards

FEATURES = PIECE_BYTES
"""Twelve pieces on 64 squares."""
ROWS = FEATURES + 64
"""Rows of a first layer: one a feature, and 64 of 0 for empty squares."""
_PAWN, _ROOK, _QUEEN, _KING, _THEIR_PAWN, _THEIR_KING = 0, 3, 4, 5, 6, 11
_LAST_RANK = 56
_BIT = np.uint64(1) << np.arange(64, dtype=np.uint64)
_WEIGHT = (EMPTY - np.arange(EMPTY, dtype=np.uint8))[:, None]


def _by_action(field: int) -> NDArray[np.intp]:
    return np.array([0 if leap is None else leap[field] for leap in LEAPS[chess.WHITE]], np.intp)


_ORIGIN, _TARGET = _by_action(0), _by_action(1)
_PROMOTION = np.where(_by_action(2) > 0, _by_action(2) - 1, _QUEEN)
"""The kind of piece, 0 to 5, that a pawn becomes on the last rank."""


def _attacks() -> NDArray[np.bool_]:
    """Where each kind of own piece attacks on an empty board; shape (6, 64, 64)."""
    lines, diagonals = OPEN_LINES, OPEN_DIAGONALS
    masks = [
        [(PAWN[chess.WHITE][s], KNIGHT[s], diagonals[s], lines[s], lines[s] | diagonals[s], 0)[kind] for s in range(64)]
        for kind in range(6)
    ]
    return np.array([[[mask >> s & 1 for s in range(64)] for mask in of_kind] for of_kind in masks], np.bool_)


_ATTACKS = _attacks()


def view_of(position: Position, viewer: int) -> bytes:
    """Returns a position as White (1) or Black (0) sees it: 768 bytes of 0 or 1."""
    return bytes((position.whites_view if viewer else position.blacks_view)[:FEATURES])


def stacked(views: Sequence[bytes]) -> NDArray[np.uint8]:
    """Puts views side by side; shape (n, 768), uint8."""
    return np.frombuffer(b"".join(views), np.uint8).reshape(-1, FEATURES)


def legal_actions(positions: Sequence[Position]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Lists the legal actions of positions.

    Returns:
        All actions, one position's after the other's; and how many each position has, shape (n,).
    """
    packed = [position.legal for position in positions]
    counts = np.array([len(one) for one in packed], np.intp) // np.dtype(np.intp).itemsize
    return np.frombuffer(b"".join(packed), np.intp), counts


def pieces_of(views: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Returns the piece on each square, 0 to 11, or 12 where there is none; shape (n, 64)."""
    pieces: NDArray[np.intp] = EMPTY - (views.reshape(-1, EMPTY, 64) * _WEIGHT).sum(axis=1, dtype=np.uint8).astype(
        np.intp
    )
    return pieces


@dataclass(frozen=True, slots=True)
class Changes:
    """What actions change on the board; arrays of shape (m,), a number for each action, unless said otherwise."""

    views: NDArray[np.uint8]
    """The positions before, as the sides to move see them; shape (n, 768)."""
    actions: NDArray[np.intp]
    owner: NDArray[np.intp]
    """The number of its position."""
    origin: NDArray[np.intp]
    target: NDArray[np.intp]
    moved: NDArray[np.intp]
    """The kind of piece, 0 to 5."""
    made: NDArray[np.intp]
    """The kind of piece on the target afterwards."""
    captured: NDArray[np.intp]
    """The piece on the target before, 6 to 11, or 12 for none."""
    castlings: NDArray[np.intp]
    """The places among the actions of those that castle; shape (c,)."""
    passings: NDArray[np.intp]
    """Of those that capture en passant; shape (e,)."""

    @classmethod
    def of(cls, views: NDArray[np.uint8], actions: NDArray[np.intp], counts: NDArray[np.intp]) -> Changes:
        """Finds what actions change.

        Args:
            views: The positions before, as the sides to move see them; shape (n, 768).
            actions: See `legal_actions`.
            counts: Likewise.
        """
        owner = np.repeat(np.arange(len(views)), counts)
        pieces = pieces_of(views)
        origin, target = _ORIGIN[actions], _TARGET[actions]
        moved, captured = pieces[owner, origin], pieces[owner, target]
        made = np.where((moved == _PAWN) & (target >= _LAST_RANK), _PROMOTION[actions], moved)
        step = target - origin
        castlings = np.flatnonzero((moved == _KING) & (np.abs(step) == 2))
        passings = np.flatnonzero((moved == _PAWN) & (captured == EMPTY) & (step & 7 != 0))
        return cls(views, actions, owner, origin, target, moved, made, captured, castlings, passings)

    def rook_squares(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Says where the rook of each castling comes from, and where it goes; both of shape (c,)."""
        target = self.target[self.castlings]
        short = target > self.origin[self.castlings]
        return np.where(short, target + 1, target - 2), np.where(short, target - 1, target + 1)

    def passed_squares(self) -> NDArray[np.intp]:
        """Says where the pawn stands that each capture en passant takes; shape (e,)."""
        passed: NDArray[np.intp] = self.target[self.passings] - 8
        return passed


def capturing(changes: Changes) -> NDArray[np.bool_]:
    """Says which actions land on a piece or make a queen."""
    marks: NDArray[np.bool_] = (changes.captured != EMPTY) | (changes.moved == _PAWN) & (changes.made == _QUEEN)
    return marks


def checking(changes: Changes) -> NDArray[np.bool_]:
    """Says which actions land where the piece would attack the opponent's king if nothing stood between."""
    kings = changes.views.reshape(-1, EMPTY, 64)[:, _THEIR_KING].argmax(axis=1)
    marks: NDArray[np.bool_] = _ATTACKS[changes.made, changes.target, kings[changes.owner]]
    return marks


def sums_after(rows: NDArray[np.float32], sums: NDArray[np.float32], changes: Changes) -> NDArray[np.float32]:
    """Brings the sums of a first layer up to date with every action.

    Args:
        rows: The layer, shape (832, width); the last 64 rows are 0.
        sums: Of the positions before, shape (n, width): `views @ rows[:768]` and whatever is added to all.
        changes: What the actions change.

    Returns:
        The sums of the position that each action leads to, as whoever plays it sees them; shape (m, width).
    """
    after = sums.take(changes.owner, 0)
    after -= rows.take(changes.moved * 64 + changes.origin, 0)
    after += rows.take(changes.made * 64 + changes.target, 0)
    after -= rows.take(changes.captured * 64 + changes.target, 0)
    corner, beside = changes.rook_squares()
    after[changes.castlings] += rows[_ROOK * 64 + beside] - rows[_ROOK * 64 + corner]
    after[changes.passings] -= rows[_THEIR_PAWN * 64 + changes.passed_squares()]
    return after


def bitboards_after(changes: Changes) -> NDArray[np.uint64]:
    """Sets up the bitboards of the position that each action leads to.

    Returns:
        See `rsi_envs.chess.threats.bitboards`; shape (12, m).
    """
    before = np.zeros((EMPTY + 1, len(changes.views)), np.uint64)
    before[:EMPTY] = bitboards(changes.views)
    after = before.take(changes.owner, 1)
    action = np.arange(len(changes.owner))
    after[changes.moved, action] ^= _BIT[changes.origin]
    after[changes.made, action] ^= _BIT[changes.target]
    after[changes.captured, action] ^= _BIT[changes.target]
    corner, beside = changes.rook_squares()
    after[_ROOK, changes.castlings] ^= _BIT[corner] | _BIT[beside]
    after[_THEIR_PAWN, changes.passings] ^= _BIT[changes.passed_squares()]
    return after[:EMPTY]
