# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Evaluations are those of the engine, remembered by position; games that are over have their exact worth."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import chess
import pytest
from chess.engine import Cp, Mate, MateGiven, Score
from hypothesis import given
from hypothesis import strategies as st

from rsi_envs.chess.errors import EngineCrashed, EngineNotFound
from rsi_envs.chess.evaluation import Evaluator, win_probability
from rsi_envs.core.errors import InvalidOption
from tests.chess.fake_engines import fake_engine, started
from tests.components import need

scores = st.one_of(st.integers(-20_000, 20_000).map(Cp), st.integers(-50, 50).map(Mate), st.just(MateGiven))


@given(scores)
def test_what_one_side_wins_the_other_loses(score: Score) -> None:
    assert 0 <= win_probability(score) <= 1
    assert win_probability(score) + win_probability(-score) == pytest.approx(1)


@given(scores, scores)
def test_a_better_score_is_never_less_likely_to_win(first: Score, second: Score) -> None:
    worse, better = sorted((first, second))
    assert win_probability(worse) <= win_probability(better)


@pytest.mark.parametrize(
    ("score", "probability"),
    [
        (Cp(0), 0.5),
        (Cp(100), 0.5910),
        (Cp(-300), 0.2489),
        (Cp(1000), 0.9755),
        (Cp(10**9), 1.0),
        (Mate(5), 1.0),
        (Mate(-1), 0.0),
        (Mate(0), 0.0),
        (MateGiven, 1.0),
    ],
)
def test_centipawns_become_lichess_probabilities(score: Score, probability: float) -> None:
    assert win_probability(score) == pytest.approx(probability, abs=1e-4)


@pytest.mark.parametrize(
    ("fen", "probability", "centipawns"),
    [
        ("R5k1/5ppp/8/8/8/8/5PPP/6K1 b - - 0 1", 1.0, 1000),
        ("6k1/5ppp/8/8/8/8/5PPP/r5K1 w - - 0 1", 0.0, -1000),
        ("7k/5Q2/6K1/8/8/8/8/8 b - - 0 1", 0.5, 0),
        ("8/8/8/4k3/8/8/3K4/8 w - - 0 1", 0.5, 0),
        ("7k/8/8/8/8/8/R7/K7 b - - 150 120", 0.5, 0),
    ],
    ids=["White has won", "Black has won", "stalemate", "bare kings", "seventy-five moves"],
)
def test_a_game_that_is_over_needs_no_engine(tmp_path: Path, fen: str, probability: float, centipawns: int) -> None:
    evaluator = Evaluator(fake_engine(tmp_path))
    assert evaluator.white_win_probability(chess.Board(fen)) == probability
    assert evaluator.white_centipawns(chess.Board(fen)) == centipawns
    assert started(tmp_path) == []


def test_stockfish_prefers_whoever_has_a_queen_more() -> None:
    need("stockfish")
    evaluator = Evaluator("stockfish", nodes=1000)
    white = chess.Board("rnb1kbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1")
    assert evaluator.white_win_probability(white) > 0.85
    assert evaluator.white_win_probability(white.mirror()) < 0.15
    assert evaluator.white_centipawns(white) > 500
    assert 0.4 < evaluator.white_win_probability(chess.Board()) < 0.65


def test_a_position_reached_by_another_way_is_not_asked_again(tmp_path: Path) -> None:
    fake = fake_engine(tmp_path)
    evaluator = Evaluator(fake)
    first, other = chess.Board(), chess.Board()
    for move in ("g1f3", "g8f6", "b1c3", "b8c6"):
        first.push_uci(move)
    for move in ("b1c3", "b8c6", "g1f3", "g8f6"):
        other.push_uci(move)
    assert evaluator.white_win_probability(first) == evaluator.white_win_probability(other)
    other.halfmove_clock = 40
    assert evaluator.white_win_probability(first) != evaluator.white_win_probability(other)


def test_without_a_cache_every_call_asks(tmp_path: Path) -> None:
    evaluator = Evaluator(fake_engine(tmp_path), cache_size=0)
    assert evaluator.white_centipawns(chess.Board()) != evaluator.white_centipawns(chess.Board())


def test_the_value_of_a_position_does_not_depend_on_its_history() -> None:
    need("stockfish")
    board = chess.Board()
    for _ in range(2):
        for move in ("g1f3", "g8f6", "f3g1", "f6g8"):
            board.push_uci(move)
    fresh = chess.Board(board.fen())
    values = {Evaluator("stockfish", nodes=2000).white_win_probability(b) for b in (board, fresh)}
    assert len(values) == 1


def test_many_threads_get_one_value() -> None:
    need("stockfish")
    evaluator = Evaluator("stockfish", nodes=2000)
    with ThreadPoolExecutor(8) as threads:
        values = set(threads.map(lambda _: evaluator.white_win_probability(chess.Board()), range(32)))
    assert len(values) == 1


def test_the_best_move_loses_nothing_and_a_blunder_much() -> None:
    need("stockfish")
    evaluator = Evaluator("stockfish", nodes=20_000)
    board = chess.Board("6k1/5ppp/8/8/8/8/5PPP/R5K1 w - - 0 1")
    assert evaluator.centipawn_loss(board, chess.Move.from_uci("a1a8")) == 0
    assert evaluator.centipawn_loss(board, chess.Move.from_uci("a1a7")) > 300
    hangs_mate = chess.Board("r5k1/5ppp/8/8/8/8/5PPP/R5K1 b - - 0 1")
    assert evaluator.centipawn_loss(hangs_mate, chess.Move.from_uci("a8e8")) > 100
    assert evaluator.centipawn_loss(hangs_mate, chess.Move.from_uci("a8a1")) == 0
    assert board.move_stack == []


def test_a_loss_is_at_most_from_a_mate_to_a_mate() -> None:
    need("stockfish")
    evaluator = Evaluator("stockfish", nodes=5000)
    board = chess.Board("6k1/5ppp/8/8/8/8/r4PPP/4R1K1 w - - 0 1")
    assert evaluator.centipawn_loss(board, chess.Move.from_uci("e1e8")) == 0
    assert evaluator.centipawn_loss(board, chess.Move.from_uci("e1a1")) == 2000


def test_the_loss_of_an_illegal_move_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidOption, match="e2e5 is not legal"):
        Evaluator(fake_engine(tmp_path)).centipawn_loss(chess.Board(), chess.Move.from_uci("e2e5"))


def test_a_crash_comes_out_and_is_not_remembered(tmp_path: Path) -> None:
    evaluator = Evaluator(fake_engine(tmp_path, "dies while it searches"))
    for _ in range(2):
        with pytest.raises(EngineCrashed):
            evaluator.white_win_probability(chess.Board())
    assert len(started(tmp_path)) == 2


def test_a_missing_engine_and_numbers_out_of_range_are_named(tmp_path: Path) -> None:
    with pytest.raises(EngineNotFound):
        Evaluator("stokfish")
    with pytest.raises(InvalidOption, match="nodes is 0"):
        Evaluator(fake_engine(tmp_path), nodes=0)
    with pytest.raises(InvalidOption, match="cache_size is -1"):
        Evaluator(fake_engine(tmp_path), cache_size=-1)
