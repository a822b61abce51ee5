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

import chess
import numpy as np
from numpy.typing import NDArray

from rsi_envs.chess.actions import LEAPS
from rsi_envs.chess.game import PIECE_BYTES
from rsi_envs.chess.geometry import KNIGHT, OPEN_DIAGONALS, OPEN_LINES, PAWN
from rsi_envs.chess.position import EMPTY, Position

FEATURES = PIECE_BYTES
"""Twelve pieces on 64 squares."""
ROWS = FEATURES + 64
"""Rows of a first layer: one a feature, and 64 of 0 for empty squares."""
_PAWN, _ROOK, _QUEEN, _KING, _THEIR_PAWN, _THEIR_KING = 0, 3, 4, 5, 6, 11
_LAST_RANK = 56
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


def capturing(views: NDArray[np.uint8], actions: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Says which actions of one position, of view shape (1, 768), land on a piece or make a queen."""
    pieces = pieces_of(views)[0]
    target = _TARGET[actions]
    made_queen = (pieces[_ORIGIN[actions]] == _PAWN) & (target >= _LAST_RANK) & (_PROMOTION[actions] == _QUEEN)
    marks: NDArray[np.bool_] = (pieces[target] != EMPTY) | made_queen
    return marks


def checking(views: NDArray[np.uint8], actions: NDArray[np.intp], counts: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Says which actions land where the piece would attack the opponent's king if nothing stood between."""
    owner = np.repeat(np.arange(len(views)), counts)
    pieces = pieces_of(views)
    kings = views.reshape(-1, EMPTY, 64)[:, _THEIR_KING].argmax(axis=1)
    target = _TARGET[actions]
    moved = pieces[owner, _ORIGIN[actions]]
    made = np.where((moved == _PAWN) & (target >= _LAST_RANK), _PROMOTION[actions], moved)
    marks: NDArray[np.bool_] = _ATTACKS[made, target, kings[owner]]
    return marks


def pieces_of(views: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Returns the piece on each square, 0 to 11, or 12 where there is none; shape (n, 64)."""
    pieces: NDArray[np.intp] = EMPTY - (views.reshape(-1, EMPTY, 64) * _WEIGHT).sum(axis=1, dtype=np.uint8).astype(
        np.intp
    )
    return pieces


def sums_after(
    rows: NDArray[np.float32],
    sums: NDArray[np.float32],
    views: NDArray[np.uint8],
    actions: NDArray[np.intp],
    counts: NDArray[np.intp],
) -> NDArray[np.float32]:
    """Brings the sums of a first layer up to date with every action.

    Args:
        rows: The layer, shape (832, width); the last 64 rows are 0.
        sums: Of the positions before, shape (n, width): `views @ rows[:768]` and whatever is added to all.
        views: The positions before, as the sides to move see them; shape (n, 768).
        actions: See `legal_actions`.
        counts: Likewise.

    Returns:
        The sums of the position that each action leads to, as whoever plays it sees them; shape (m, width).
    """
    owner = np.repeat(np.arange(len(views)), counts)
    pieces = pieces_of(views)
    origin, target = _ORIGIN[actions], _TARGET[actions]
    moved, captured = pieces[owner, origin], pieces[owner, target]
    made = np.where((moved == _PAWN) & (target >= _LAST_RANK), _PROMOTION[actions], moved)
    after = sums.take(owner, 0)
    after -= rows.take(moved * 64 + origin, 0)
    after += rows.take(made * 64 + target, 0)
    after -= rows.take(captured * 64 + target, 0)
    step = target - origin
    for i in np.flatnonzero((moved == _KING) & (np.abs(step) == 2)):
        corner, beside = (target[i] + 1, target[i] - 1) if step[i] > 0 else (target[i] - 2, target[i] + 1)
        after[i] += rows[_ROOK * 64 + beside] - rows[_ROOK * 64 + corner]
    for i in np.flatnonzero((moved == _PAWN) & (captured == EMPTY) & (step & 7 != 0)):
        after[i] -= rows[_THEIR_PAWN * 64 + target[i] - 8]
    return after
