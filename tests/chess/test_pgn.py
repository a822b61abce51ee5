# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Games go out as PGN that python-chess reads, and come in whole or not at all."""

from __future__ import annotations

from pathlib import Path

import chess
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsi_envs.chess.errors import PgnError
from rsi_envs.chess.pgn import parse_pgn, read_pgn, to_pgn
from tests.chess.oracle import ODD_POSITIONS, at_random

WHOLE = to_pgn(chess.Board(), "*", {"White": "a"})


@given(seed=st.integers(0, 2**20), fen=st.sampled_from([chess.STARTING_FEN, *ODD_POSITIONS.values()]))
def test_what_is_written_is_read_back(seed: int, fen: str) -> None:
    board, choose = chess.Board(fen), at_random(seed)
    while not board.is_game_over() and len(board.move_stack) < seed % 80:
        board.push(choose(list(board.legal_moves)))
    (game,) = parse_pgn(to_pgn(board, "1/2-1/2", {"White": "uci:stockfish?nodes=10", "Black": "x", "Seed": str(seed)}))
    assert game.headers["White"] == "uci:stockfish?nodes=10"
    assert game.headers["Seed"] == str(seed)
    assert game.headers["Result"] == "1/2-1/2"
    assert game.board().fen() == chess.Board(fen).fen()
    assert list(game.mainline_moves()) == board.move_stack
    assert game.end().board().fen() == board.fen()


def test_several_games_are_read_in_order(tmp_path: Path) -> None:
    boards = [chess.Board() for _ in range(3)]
    for board, moves in zip(boards, ("", "e4", "e4 e5"), strict=True):
        for san in moves.split():
            board.push_san(san)
    path = tmp_path / "games.pgn"
    path.write_text("\n".join(to_pgn(board, "*", {"Round": str(i)}) for i, board in enumerate(boards)), "utf-8")
    assert [(game.headers["Round"], game.end().ply()) for game in read_pgn(path)] == [("0", 0), ("1", 1), ("2", 2)]


def test_a_result_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="2-0"):
        to_pgn(chess.Board(), "2-0", {})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1. e4 e5 2. Nf3", "game 1 breaks off after 3 plies"),
        ('[White "a"]\n\n1. e4 e5 2. Ke3 *', "game 1: illegal san: 'Ke3'"),
        ("1. e4 e5 *\n\n1. d4 d5 2. c", "game 2"),
        ('[FEN "8/8/8/8/8/8/8/8 w - - 0 1"]\n[SetUp "1"]\n\n*', "no legal position: "),
        ('[FEN "x"]\n[SetUp "1"]\n\n*', "game 1"),
    ],
)
def test_what_is_broken_is_named_with_its_game(text: str, why: str) -> None:
    with pytest.raises(PgnError, match=why):
        list(parse_pgn(text))


def test_a_file_cut_off_is_refused_and_the_games_before_it_are_kept(tmp_path: Path) -> None:
    board = chess.Board()
    for san in ["e4", "e5", "Nf3", "Nc6", "Bb5", "a6"]:
        board.push_san(san)
    whole = to_pgn(board, "1-0", {})
    path = tmp_path / "cut.pgn"
    path.write_text(whole + "\n" + whole[:-12], "utf-8")
    games = read_pgn(path)
    assert next(games).end().ply() == 6
    with pytest.raises(PgnError, match="game 2 breaks off"):
        next(games)


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(PgnError, match=r"none\.pgn"):
        list(read_pgn(tmp_path / "none.pgn"))
    (tmp_path / "latin.pgn").write_bytes(b"\xff\xfe\x00e4")
    with pytest.raises(PgnError, match="can't be read"):
        list(read_pgn(tmp_path / "latin.pgn"))
