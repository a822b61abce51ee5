# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A move is read however it is written, and nothing is read that was not said."""

from __future__ import annotations

import chess
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsi_envs.chess.reading import read_move
from tests.chess.oracle import ODD_POSITIONS, at_random

ITALIAN = "r1bqk1nr/pppp1ppp/2n5/2b1p3/2B1P3/5N2/PPPP1PPP/RNBQK2R w KQkq - 4 4"
STARTS = [fen for fen in (chess.STARTING_FEN, *ODD_POSITIONS.values()) if any(chess.Board(fen).legal_moves)]
PROMOTING = "3n3k/4P3/8/8/8/8/8/K7 w - - 0 1"


def notations(board: chess.Board, move: chess.Move) -> list[str]:
    """Every way to write a move that is promised."""
    san, lan, uci = board.san(move), board.lan(move), move.uci()
    bare = san.rstrip("+#")
    written = [uci, uci.upper(), f"{uci[:2]}-{uci[2:]}", san, bare, f"{bare}!", f"{san}?!", lan, lan.rstrip("+#")]
    written += [f"{uci[:2]} to {uci[2:]}", f"{uci[:2]} → {uci[2:]}"]
    if move.promotion:
        written += [f"{uci[:4]}={uci[4:]}", f"{uci[:4]}={uci[4:].upper()}", san.replace("=", ""), lan.replace("=", "")]
    if san.startswith("O-O"):
        written += [san.replace("O", "0"), san.lower()]
    return written


@settings(max_examples=200)
@given(st.sampled_from(STARTS), st.integers(0, 2**32), st.integers(0, 40))
def test_every_notation_of_every_legal_move_is_read_back(fen: str, seed: int, plies: int) -> None:
    board, choose = chess.Board(fen), at_random(seed)
    for _ in range(plies):
        after = board.copy()
        after.push(choose(list(board.legal_moves)))
        if not any(after.legal_moves):
            break
        board = after
    move = choose(list(board.legal_moves))
    for written in notations(board, move):
        for reply in (
            written,
            f"<move>{written}</move>",
            f"I looked at a1a8 and Qh4.\n**Move:** {written}",
            f"**{written}**",
            f"`{written}`",
            f"I play {written}.",
            f"1. {written}",
            f"My move is {written}, because it is best.",
        ):
            assert read_move(reply, board).move == move, reply


@settings(max_examples=300)
@given(st.text(max_size=200))
def test_any_text_is_read_without_an_error(reply: str) -> None:
    board = chess.Board(ITALIAN)
    reading = read_move(reply, board)
    assert (reading.move is None) == bool(reading.problem)
    assert reading.move is None or reading.move in board.legal_moves


@pytest.mark.parametrize(
    ("reply", "uci"),
    [
        ("I play Nc3 because it develops a knight.", "b1c3"),
        ("Nc3. It attacks d5 and eyes b5.", "b1c3"),
        ("You played Bc5, so I answer O-O!", "e1g1"),
        ("After Nxe4 I am fine, but first 0-0.", "e1g1"),
        ("The best move is to push the pawn to d4.", "d2d4"),
        ("Move the knight from b1 to c3.", "b1c3"),
        ("knight to c3", "b1c3"),
        ("Bishop takes on f7!", "c4f7"),
        ("<move>Bxf7+</move>", "c4f7"),
        ("<MOVE> d4 </MOVE>", "d2d4"),
        ("<move>d2d4>", "d2d4"),
        ("<d2d4>", "d2d4"),
        ("<b>d4</b>", "d2d4"),
        ("not <move>d4</move> but <move>Nc3</move>, and never O-O", "b1c3"),
        ("I thought of d4 and O-O.\nFinal answer: Nc3 (better than b4)", "b1c3"),
        ("Move: d4\nOn reflection:\nMove: Nc3", "b1c3"),
        ("Nc3, yes, Nc3: b1c3", "b1c3"),
        ("4. d4 exd4", "d2d4"),
        ("d2d4", "d2d4"),
        ("D2D4", "d2d4"),
    ],
)
def test_replies_as_models_write_them(reply: str, uci: str) -> None:
    assert read_move(reply, chess.Board(ITALIAN)).move == chess.Move.from_uci(uci)


@pytest.mark.parametrize(
    ("fen", "reply", "problem"),
    [
        (ITALIAN, "", "there is no move in the reply"),
        (ITALIAN, "<move>YOUR MOVE</move> Nc3", "there is no move in the reply"),
        (ITALIAN, "The pawn controls d4 and the square b5.", "there is no move in the reply"),
        (ITALIAN, f"FEN: {ITALIAN}", "there is no move in the reply"),
        (ITALIAN, "Either d2d4 or Nc3.", "the reply holds several different moves: d2d4, Nc3"),
        (ITALIAN, "<move>d2d4 b1c3</move>", "the reply holds several different moves: d2d4, b1c3"),
        (ITALIAN, "e3e4", "e3e4 is not legal: there is no piece on e3"),
        (ITALIAN, "e5e4", "e5e4 is not legal: the piece on e5 is the opponent's"),
        (ITALIAN, "b1b3", "b1b3 is not legal: the knight on b1 can't go to b3"),
        (ITALIAN, "Nh8", "Nh8 is not legal: no knight of yours can go there"),
        (ITALIAN, "Nc3 <move>Nd3</move>", "Nd3 is not legal: no knight of yours can go there"),
        (ITALIAN, "O-O-O", "O-O-O is not legal: castling is not possible now"),
        (ITALIAN, "e1c1", "e1c1 is not legal: castling is not possible now"),
        (ITALIAN, "d2d4q", "d2d4q is not legal: only a pawn that reaches the last rank becomes another piece"),
        (PROMOTING, "e7e8", "e7e8 is not legal: say what the pawn becomes, as in e7e8q"),
        (PROMOTING, "e8", "e8 is not legal: say what the pawn becomes, as in e8=Q"),
        ("4k3/8/8/8/8/8/8/1N2KN2 w - - 0 1", "Nd2", "Nd2 is not legal: it may mean any of Nfd2, Nbd2"),
        ("4r1k1/8/8/8/8/8/4N3/4K3 w - - 0 1", "Nc3", "Nc3 is not legal: it puts your own king in check"),
        ("4r1k1/8/8/8/8/8/4N3/4K3 w - - 0 1", "e2c3", "e2c3 is not legal: it puts your own king in check"),
        ("4r1k1/8/8/8/8/8/N7/4K3 w - - 0 1", "Nc3", "Nc3 is not legal: it leaves your king in check"),
    ],
)
def test_the_agent_is_told_why_no_move_was_read(fen: str, reply: str, problem: str) -> None:
    reading = read_move(reply, chess.Board(fen))
    assert (reading.move, reading.problem) == (None, problem)


def test_the_board_stays_as_it_was() -> None:
    board = chess.Board(ITALIAN)
    read_move("Nc3, Nh8, O-O-O or d4", board)
    assert board == chess.Board(ITALIAN)


def test_a_move_to_where_the_piece_stands_is_none() -> None:
    reading = read_move("<move>g8g8</move>", chess.Board())
    assert reading.move is None
    assert reading.problem == "g8g8 is not legal: it leaves the piece where it is"


@given(st.lists(st.sampled_from(["a1", "e2", "e4", "e7", "e8", "g8", "h9", "O-O", "0-0-0", "N", "x", "=Q", "q", "-", " ", "+", "<move>", "</move>", "move:", "**", "knight to ", "\n"]), max_size=12))  # fmt: skip  # noqa: E501
def test_no_reply_breaks_the_reading(parts: list[str]) -> None:
    board = chess.Board("r3k2r/1P6/8/8/8/8/6p1/R3K2R w KQkq - 0 1")
    reading = read_move("".join(parts), board)
    assert (reading.move is None) == bool(reading.problem)
    assert reading.move is None or board.is_legal(reading.move)


@pytest.mark.parametrize(
    ("fen", "reply", "move"),
    [
        ("k6B/8/8/1P5P/p5pB/2p1p3/8/1K6 w - - 0 36", "B4f6", "h4f6"),
        ("k7/8/8/8/8/8/1P1B4/4K3 w - - 0 1", "B2b4", "d2b4"),
        ("k7/8/8/8/8/8/1P6/4K3 w - - 0 1", "B2b4", "b2b4"),
        ("k7/8/8/8/8/8/1P1B4/4K3 w - - 0 1", "B2-B4", "b2b4"),
        ("k7/8/8/8/8/8/1P1B4/4K3 w - - 0 1", "b2b4", "b2b4"),
    ],
)
def test_a_bishop_told_by_its_rank_is_no_coordinate(fen: str, reply: str, move: str) -> None:
    assert read_move(reply, chess.Board(fen)).move == chess.Move.from_uci(move)
