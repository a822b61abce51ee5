# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mates are those that a plain search over python-chess finds, and that Stockfish finds."""

from __future__ import annotations

import os
import random
import shutil
from itertools import cycle

import chess
import chess.engine
import pytest

from rsi_envs.chess.mates import keeps_mate, key_moves, main_line, mate_distance, stubborn_replies
from rsi_envs.chess.puzzles import load_puzzles
from tests.chess.oracle import ODD_POSITIONS, at_random
from tests.components import need

KNOWN = {
    "scholar's mate": ("r1bqkb1r/pppp1ppp/2n2n2/4p2Q/2B1P3/8/PPPP1PPP/RNB1K1NR w KQkq - 4 4", 1, "h5f7"),
    "by castling": ("8/4R3/4B3/4Q3/8/5k2/2P5/4K2R w K - 0 1", 1, "e1g1"),
    "by a capture en passant": ("5Q2/8/8/1Pp5/1k2K3/R7/4B3/8 w - c6 0 1", 1, "b5c6"),
    "by an underpromotion": ("8/1P6/kBK5/6n1/8/p7/8/7r w - - 0 1", 1, "b7b8n"),
    "Morphy's problem": ("kbK5/pp6/1P6/8/8/8/8/R7 w - - 0 1", 2, "a1a6"),
    "a rook's sacrifice": ("r5rk/5p1p/5R2/4B3/8/8/7P/7K w - - 0 1", 3, "f6a6"),
}


def forces(board: chess.Board, moves: int) -> bool:
    """Whether the side to move mates in this many moves or fewer; the plainest search there is."""
    return any(forces_by(board, move, moves) for move in list(board.legal_moves))


def forces_by(board: chess.Board, move: chess.Move, moves: int) -> bool:
    board.push(move)
    replies = list(board.legal_moves)
    forced = board.is_checkmate() or (moves > 1 and bool(replies) and all(refuted(board, r, moves) for r in replies))
    board.pop()
    return forced


def refuted(board: chess.Board, reply: chess.Move, moves: int) -> bool:
    board.push(reply)
    forced = forces(board, moves - 1)
    board.pop()
    return forced


def random_positions(seed: int, count: int) -> list[chess.Board]:
    """Positions with legal moves, from random games that start anywhere."""
    choose, starts, found = at_random(seed), cycle([chess.STARTING_FEN, *ODD_POSITIONS.values()]), []
    while len(found) < count:
        game = [chess.Board(next(starts))]
        while any(game[-1].legal_moves) and len(game) < 120:
            game.append(game[-1].copy(stack=False))
            game[-1].push(choose(list(game[-2].legal_moves)))
        # Mates are near where games end.
        found += [board for board in game[-6:] if any(board.legal_moves)]
    return found


def cornered_kings(count: int) -> list[chess.Board]:
    """Positions of king and queen, or king and rook, against a king in the corner."""
    rng, found = random.Random(1), []
    while len(found) < count:
        board = chess.Board(None)
        own, other = rng.sample(chess.SQUARES, 2)
        board.set_piece_at(chess.H8, chess.Piece.from_symbol("k"))
        board.set_piece_at(own, chess.Piece.from_symbol("K"))
        board.set_piece_at(other, chess.Piece.from_symbol(rng.choice("QR")))
        if board.is_valid() and chess.H8 not in (own, other) and chess.square_distance(own, chess.H8) <= 3:
            found.append(board)
    return found


@pytest.mark.parametrize(("fen", "moves", "key"), KNOWN.values(), ids=KNOWN)
def test_known_mates_are_found_with_their_only_key(fen: str, moves: int, key: str) -> None:
    board = chess.Board(fen)
    assert mate_distance(board) == moves
    assert [move.uci() for move in key_moves(board, moves)] == [key]
    assert mate_distance(board.mirror()) == moves


def test_mates_in_one_are_those_of_the_plain_search() -> None:
    found = 0
    for board in random_positions(1, 600):
        before = board.copy()
        keys = sorted(move.uci() for move in board.legal_moves if forces_by(board, move, 1))
        assert [move.uci() for move in key_moves(board, 1)] == keys, before.fen()
        assert board == before
        found += bool(keys)
    assert found >= 20


def test_mates_in_two_are_those_of_the_plain_search() -> None:
    found = 0
    shipped = [chess.Board(puzzle.fen) for puzzle in load_puzzles() if puzzle.mate_in == 2]
    for board in [board for board in random_positions(2, 200) + shipped if board.legal_moves.count() <= 32]:
        keys = sorted(move.uci() for move in list(board.legal_moves) if forces_by(board, move, 2))
        assert [move.uci() for move in key_moves(board, 2)] == keys, board.fen()
        found += bool(keys)
    assert found >= 5


def test_mates_in_three_are_those_of_the_plain_search() -> None:
    distances = set()
    for board in cornered_kings(12):
        expected = next((moves for moves in (1, 2, 3) if forces(board, moves)), None)
        assert mate_distance(board) == expected, board.fen()
        distances.add(expected)
    assert distances >= {2, 3}


def test_stalemate_is_no_mate() -> None:
    board = chess.Board("7k/5K2/8/6Q1/8/8/8/8 w - - 0 1")
    assert not keeps_mate(board, chess.Move.from_uci("g5g6"), 1)
    assert keeps_mate(board, chess.Move.from_uci("g5g7"), 1)


def test_a_main_line_is_a_mate_against_the_longest_defence() -> None:
    board = chess.Board("r5rk/5p1p/5R2/4B3/8/8/7P/7K w - - 0 1")
    line = main_line(board, 3)
    assert [move.uci() for move in line] == ["f6a6", "f7f6", "e5f6", "g8g7", "a6a8"]
    board.push(line[0])
    assert line[1] in stubborn_replies(board, 2)
    with pytest.raises(ValueError, match="no mate in 1"):
        main_line(chess.Board(), 1)


@pytest.mark.parametrize("moves", [1, 2, 3])
def test_stockfish_finds_the_shipped_mates_in_as_many_moves(moves: int) -> None:
    need("stockfish")
    path = shutil.which("stockfish", path=os.environ.get("PATH", "") + ":/usr/games") or ""
    with chess.engine.SimpleEngine.popen_uci(path) as engine:
        for puzzle in (puzzle for puzzle in load_puzzles() if puzzle.mate_in == moves):
            analysis = engine.analyse(chess.Board(puzzle.fen), chess.engine.Limit(mate=moves, time=200), game=puzzle.id)
            assert analysis["score"].relative == chess.engine.Mate(moves), puzzle.id
