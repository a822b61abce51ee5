# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where pieces reach: python-chess's attack tables under short names, and what is derived from them once.

A bitboard is an int whose bit s stands for square s, a1 = 0, b1 = 1, …, h8 = 63.
"""

from __future__ import annotations

import chess

KING = chess.BB_KING_ATTACKS
KNIGHT = chess.BB_KNIGHT_ATTACKS
PAWN = chess.BB_PAWN_ATTACKS
DIAGONAL_MASK, DIAGONAL = chess.BB_DIAG_MASKS, chess.BB_DIAG_ATTACKS
FILE_MASK, FILE = chess.BB_FILE_MASKS, chess.BB_FILE_ATTACKS
RANK_MASK, RANK = chess.BB_RANK_MASKS, chess.BB_RANK_ATTACKS

BETWEEN = [[chess.between(a, b) for b in chess.SQUARES] for a in chess.SQUARES]
RAY = [[chess.ray(a, b) for b in chess.SQUARES] for a in chess.SQUARES]
OPEN_DIAGONALS = [DIAGONAL[s][0] for s in chess.SQUARES]
"""What a bishop attacks on an empty board."""
OPEN_LINES = [RANK[s][0] | FILE[s][0] for s in chess.SQUARES]
"""What a rook attacks on an empty board."""

NOT_FILE_A = chess.BB_ALL & ~chess.BB_FILE_A
NOT_FILE_H = chess.BB_ALL & ~chess.BB_FILE_H
