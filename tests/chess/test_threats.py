# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Threats, each counted by python-chess's attackers a square at a time."""

from __future__ import annotations

import chess
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rsi_envs.chess.afterstates import bitboards_after, stacked, view_of
from rsi_envs.chess.game import Game
from rsi_envs.chess.threats import THREATS, bitboards, threats
from tests.chess.random_games import changes_and_views, random_games

CHEAPER = {
    chess.KNIGHT: {chess.PAWN},
    chess.BISHOP: {chess.PAWN},
    chess.ROOK: {chess.PAWN, chess.KNIGHT, chess.BISHOP},
    chess.QUEEN: {chess.PAWN, chess.KNIGHT, chess.BISHOP, chess.ROOK},
}


def counted(board: chess.Board, own: chess.Color) -> list[float]:
    """The numbers of `threats`, as `own` sees the board."""
    numbers = [*of_a_side(board, own), *of_a_side(board, not own)]
    occupied = {color: [s for s in chess.SQUARES if board.color_at(s) is color] for color in chess.COLORS}
    numbers.append(float(bool(board.attackers(own, board.king(not own)))))  # type: ignore[arg-type]
    for color in (own, not own):
        numbers.append(sum(board.is_attacked_by(not color, square) for square in occupied[color]) / 2)
    return numbers


def of_a_side(board: chess.Board, color: chess.Color) -> list[float]:
    cheap = [
        sum(
            any(board.piece_type_at(by) in below for by in board.attackers(not color, square))
            for square in board.pieces(kind, color)
        )
        for kind, below in CHEAPER.items()
    ]
    loose = [
        sum(
            board.is_attacked_by(not color, s) and not board.is_attacked_by(color, s) for s in board.pieces(kind, color)
        )
        for kind in range(chess.PAWN, chess.KING)
    ]
    around = board.attacks(board.king(color))  # type: ignore[arg-type]
    reached = [
        len(set().union(*(board.attacks(square) for square in board.pieces(kind, color)))) / 8
        for kind in range(chess.KNIGHT, chess.KING)
    ]
    return [*cheap, *loose, sum(board.is_attacked_by(not color, square) for square in around) / 2, *reached]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_threats_are_what_attackers_say_square_by_square(seed: int) -> None:
    games = random_games(seed, count=3)
    for viewer in (0, 1):
        found = threats(bitboards(stacked([view_of(game, viewer) for game in games])))
        assert found.shape == (3, THREATS)
        assert found.dtype == np.float32
        assert found.tolist() == [counted(game.board(), bool(viewer)) for game in games]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_bitboards_after_actions_are_those_of_the_positions_they_lead_to(seed: int) -> None:
    changes, led_to = changes_and_views(random_games(seed))
    assert np.array_equal(bitboards_after(changes), bitboards(led_to))


def test_a_queen_that_a_pawn_attacks_is_told_and_a_knight_behind_the_king_is_not() -> None:
    game = Game(chess.Board("4k3/8/2p5/3Q4/8/8/8/N3K2r w - - 0 1"))
    numbers = threats(bitboards(stacked([view_of(game, chess.WHITE)])))[0].tolist()
    cheaper_attack_queens, loose_knights, loose_queens = numbers[3], numbers[5], numbers[8]
    assert (cheaper_attack_queens, loose_knights, loose_queens) == (1.0, 0.0, 1.0)
    in_check, a_half_of_own_attacked = numbers[28], numbers[29]
    assert (in_check, a_half_of_own_attacked) == (0.0, 1.0)
