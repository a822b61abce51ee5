# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Games start where they are told to, and nowhere that chess can't be played."""

from __future__ import annotations

import chess
import numpy as np
import pytest

from rsi_envs.chess.errors import InvalidPosition
from rsi_envs.chess.starts import read_start


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no FEN"),
        ("KRvQ", "no FEN"),
        ("rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBN w KQkq - 0 1", "expected 8 columns"),
        ("8/8/8/8/8/8/8/8 w - - 0 1", "no white king"),
        ("kk6/8/8/8/8/8/8/K7 w - - 0 1", "too many kings"),
        ("k7/8/8/8/8/8/8/K6P w - - 0 1", "pawns on backrank"),
        ("k7/8/8/8/8/8/8/R6K w - - 0 1", "opposite check"),
        ("4k3/8/8/8/8/8/8/4K3 w KQ - 0 1", "bad castling rights"),
        ("4k3/8/8/8/8/8/8/4K2R w - e6 0 1", "invalid ep square"),
        ("bnrqkrnb/pppppppp/8/8/8/8/PPPPPPPP/BNRQKRNB w FCfc - 0 1", "Chess960"),
        ("7k/5Q2/6K1/8/8/8/8/8 b - - 0 1", "over before the first move: stalemate"),
        ("7k/6Q1/6K1/8/8/8/8/8 b - - 0 1", "checkmate"),
        ("7k/8/8/8/8/8/8/K7 w - - 0 1", "insufficient material"),
        ("7k/8/8/8/8/8/8/KR6 w - - 100 90", "fifty moves"),
        ("KvK", "no legal position"),
        ("KBvK", "no legal position"),
    ],
)
def test_what_cannot_be_played_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(InvalidPosition, match=why):
        read_start(text, "claim")


def test_a_position_over_by_a_claim_alone_may_be_played_without_claims() -> None:
    fen = "7k/8/8/8/8/8/8/KR6 w - - 100 90"
    assert read_start(fen, "forced")(np.random.default_rng(0)).fen() == fen


@pytest.mark.parametrize(("text", "pieces"), [("KRvK", "KRk"), ("KPvKP", "KPkp"), ("KBNvK", "KBNk"), ("KQvKR", "KQkr")])
def test_material_is_placed_at_random(text: str, pieces: str) -> None:
    start = read_start(text, "claim")
    rng = np.random.default_rng(1)
    boards = [start(rng) for _ in range(50)]
    for board in boards:
        assert board.is_valid()
        assert board.turn == chess.WHITE
        assert sorted(piece.symbol() for piece in board.piece_map().values()) == sorted(pieces)
        assert board.outcome() is None
    assert len({board.fen() for board in boards}) > 45


def test_the_same_generator_places_the_same_position() -> None:
    start = read_start("KRvK", "claim")
    assert start(np.random.default_rng(5)).fen() == start(np.random.default_rng(5)).fen()
