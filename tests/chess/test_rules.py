# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules are chess's: perft, lockstep with python-chess, and every corner by name."""

from __future__ import annotations

import random
from collections import Counter

import chess
import pytest

from rsi_envs.chess.actions import action_of, move_of
from rsi_envs.chess.game import Game
from rsi_envs.chess.position import Position
from tests.chess.oracle import ODD_POSITIONS, at_random, play_in_lockstep

PERFT = {
    "start": (chess.STARTING_FEN, 4, 197_281),
    "Kiwipete": ("r3k2r/p1ppqpb1/bn2pnp1/3PN3/1p2P3/2N2Q1p/PPPBBPPP/R3K2R w KQkq - 0 1", 3, 97_862),
    "position 3": ("8/2p5/3p4/KP5r/1R3p1k/8/4P1P1/8 w - - 0 1", 5, 674_624),
    "position 4": ("r3k2r/Pppp1ppp/1b3nbN/nP6/BBP1P3/q4N2/Pp1P2PP/R2Q1RK1 w kq - 0 1", 4, 422_333),
    "position 5": ("rnbq1k1r/pp1Pbppp/2p5/8/2B5/8/PPP1NnPP/RNBQK2R w KQ - 1 8", 3, 62_379),
}
"""Source: https://www.chessprogramming.org/Perft_Results"""
GAMES_A_SHARD = 250


def perft(position: Position, board: chess.Board, depth: int) -> int:
    """Counts the leaves, sending every move of the last but one ply through the encoding and back."""
    actions = position.legal_actions()
    if depth == 1:
        return len(actions)
    leaves = 0
    for action in actions:
        move = move_of(action, board)
        assert action_of(move, board.turn) == action
        after = position.copy()
        after.push(action)
        after.find_legal()
        board.push(move)
        leaves += perft(after, board, depth - 1)
        board.pop()
    return leaves


@pytest.mark.parametrize(("fen", "depth", "leaves"), PERFT.values(), ids=PERFT)
def test_perft_through_the_encoding(fen: str, depth: int, leaves: int) -> None:
    board = chess.Board(fen)
    assert perft(Position(board), board, depth) == leaves


@pytest.mark.parametrize("shard", range(8))
def test_random_games_are_those_of_python_chess(shard: int) -> None:
    """2,000 games in all: half from the start, half from odd positions; half with claims, half without."""
    odd = list(ODD_POSITIONS.values())
    endings: Counter[chess.Termination] = Counter()
    for i in range(shard * GAMES_A_SHARD, (shard + 1) * GAMES_A_SHARD):
        start = chess.Board() if i % 2 else chess.Board(odd[i // 2 % len(odd)])
        outcome = play_in_lockstep(start, "claim" if i % 4 < 2 else "forced", at_random(i))
        assert outcome is not None
        endings[outcome.termination] += 1
    assert {chess.Termination.CHECKMATE, chess.Termination.STALEMATE, chess.Termination.FIFTY_MOVES} <= set(endings)


def moves(fen: str, *uci: str) -> set[str]:
    """Plays these moves and gives the legal ones that follow."""
    game = Game(chess.Board(fen))
    for move in uci:
        game.push(action_of(chess.Move.from_uci(move), bool(game.turn)))
    board = game.board()
    return {move_of(action, board).uci() for action in game.legal_actions()}


def outcome_after(fen: str, *uci: str, rules: str = "claim") -> chess.Outcome | None:
    game = Game(chess.Board(fen))
    for move in uci:
        assert game.outcome(rules) is None  # type: ignore[arg-type]
        game.push(action_of(chess.Move.from_uci(move), bool(game.turn)))
    return game.outcome(rules)  # type: ignore[arg-type]


def test_a_pawn_promotes_to_four_pieces_straight_on_and_by_capture() -> None:
    assert {m for m in moves("1n1n3k/2P5/8/8/8/8/8/K7 w - - 0 1") if m.startswith("c7")} == {
        f"c7{target}8{piece}" for target in "bcd" for piece in "qrbn"
    }


def test_blacks_underpromotions_are_mirrored() -> None:
    assert {m for m in moves("k7/8/8/8/8/8/p7/1N5K b - - 0 1") if m.startswith("a2")} == {
        f"a2{target}1{piece}" for target in "ab" for piece in "qrbn"
    }


@pytest.mark.parametrize("piece", "qrbn")
def test_the_promoted_piece_stands_on_the_board(piece: str) -> None:
    game = Game(chess.Board("7k/P7/8/8/8/8/8/K7 w - - 0 1"))
    game.push(action_of(chess.Move.from_uci(f"a7a8{piece}"), chess.WHITE))
    assert game.board().piece_at(chess.A8) == chess.Piece.from_symbol(piece.upper())
    assert game.pieces[chess.Piece.from_symbol(piece).piece_type - 1] == chess.BB_A8


def test_en_passant_is_possible_for_one_ply_only() -> None:
    fen = "4k3/3p4/8/4P3/8/8/8/4K3 b - - 0 1"
    assert "e5d6" in moves(fen, "d7d5")
    assert "e5d6" not in moves(fen, "d7d5", "e1e2", "e8e7")


def test_en_passant_may_not_bare_the_king_on_the_rank() -> None:
    assert "e5d6" not in moves("8/8/8/K2pP2r/8/8/8/4k3 w - d6 0 2")


def test_en_passant_may_not_bare_the_king_on_the_diagonal() -> None:
    assert "d4e3" not in moves("8/8/5k2/8/3pP3/8/1B6/4K3 b - e3 0 2")


def test_en_passant_may_take_the_pawn_that_gives_check() -> None:
    assert "e4d3" in moves("8/8/8/2k5/3Pp3/8/8/4K3 b - d3 0 2")


def test_en_passant_takes_the_pawn_off_the_board() -> None:
    game = Game(chess.Board("4k3/8/8/3pP3/8/8/8/4K3 w - d6 0 2"))
    game.push(action_of(chess.Move.from_uci("e5d6"), chess.WHITE))
    assert game.pieces[6] == 0
    assert game.board().board_fen() == "4k3/8/3P4/8/8/8/8/4K3"


def test_castling_on_both_sides() -> None:
    assert {"e1g1", "e1c1"} <= moves("r3k2r/8/8/8/8/8/8/R3K2R w KQkq - 0 1")
    assert {"e8g8", "e8c8"} <= moves("r3k2r/8/8/8/8/8/8/R3K2R b KQkq - 0 1")


@pytest.mark.parametrize(
    ("fen", "barred"),
    [
        ("4k3/8/8/8/8/8/4r3/R3K2R w KQ - 0 1", {"e1g1", "e1c1"}),
        ("4kr2/8/8/8/8/8/8/R3K2R w KQ - 0 1", {"e1g1"}),
        ("3rk3/8/8/8/8/8/8/R3K2R w KQ - 0 1", {"e1c1"}),
        ("4k1r1/8/8/8/8/8/8/R3K2R w KQ - 0 1", {"e1g1"}),
        ("4k3/8/8/8/8/8/8/RN2K1NR w KQ - 0 1", {"e1g1", "e1c1"}),
        ("4k3/8/8/8/8/8/8/R3K2R w Q - 0 1", {"e1g1"}),
    ],
    ids=["in check", "through check", "through check, queen side", "into check", "pieces between", "right lost"],
)
def test_castling_is_barred(fen: str, barred: set[str]) -> None:
    legal = moves(fen)
    assert not barred & legal
    assert {"e1g1", "e1c1"} - barred <= legal


def test_castling_long_past_an_attacked_b_square() -> None:
    assert "e1c1" in moves("1r2k3/8/8/8/8/8/8/R3K2R w KQ - 0 1")


def test_a_captured_rook_takes_its_right_along() -> None:
    assert "e8g8" not in moves("r3k2r/8/8/8/8/8/8/R3K2R w KQkq - 0 1", "h1h8", "e8e7", "h8a8", "e7e8")


def test_castling_moves_the_rook() -> None:
    game = Game(chess.Board("r3k2r/8/8/8/8/8/8/R3K2R b KQkq - 0 1"))
    game.push(action_of(chess.Move.from_uci("e8c8"), chess.BLACK))
    assert game.board().board_fen() == "2kr3r/8/8/8/8/8/8/R3K2R"
    assert game.castling == 3


def test_two_checkers_leave_the_king_alone_to_move() -> None:
    assert {m[:2] for m in moves("4r2k/8/8/8/1b6/8/8/R3K2Q w - - 0 1")} == {"e1"}


def test_checkmate_goes_before_the_fifty_moves() -> None:
    outcome = outcome_after("7k/8/6K1/8/8/8/Q7/8 w - - 99 120", rules="forced")
    assert outcome is None
    game = Game(chess.Board("7k/8/6K1/8/8/8/Q7/8 w - - 98 120"))
    game.push(action_of(chess.Move.from_uci("a2a8"), chess.WHITE))
    assert game.outcome() == chess.Outcome(chess.Termination.CHECKMATE, chess.WHITE)


def test_stalemate_is_a_draw() -> None:
    assert outcome_after("7k/8/6K1/8/8/8/8/5Q2 w - - 0 1", "f1f7") == chess.Outcome(chess.Termination.STALEMATE, None)


def test_a_threefold_repetition_is_claimed_before_it_comes_about() -> None:
    knights = ("g1f3", "g8f6", "f3g1", "f6g8", "g1f3", "g8f6", "f3g1")
    outcome = outcome_after(chess.STARTING_FEN, *knights)
    assert outcome == chess.Outcome(chess.Termination.THREEFOLD_REPETITION, None)
    assert outcome_after(chess.STARTING_FEN, *knights, "f6g8", rules="forced") is None


@pytest.mark.parametrize("seed", range(12))
def test_actions_that_repeat_are_those_that_python_chess_would_see_repeat(seed: int) -> None:
    draw = random.Random(seed)
    starts = ("8/8/8/3k4/8/8/8/KR6 w - - 0 1", ODD_POSITIONS["castling, rooks alone"], ODD_POSITIONS["two knights"])
    game = Game(chess.Board(starts[seed % 3]))
    repeating = 0
    while len(game.actions) < 60 and not game.outcome():
        for action in game.legal_actions():
            after = game.board().copy()
            after.push(move_of(action, after))
            expected = after.is_repetition(2) or after.can_claim_threefold_repetition()
            assert game.repeats(action) == expected, (after.fen(), action)
            repeating += expected
        # Going back is likelier than chance would have it.
        back = [action for action in game.legal_actions() if game.repeats(action)]
        game.push(draw.choice(back if back and draw.random() < 0.3 else game.legal_actions()))
    assert repeating


def test_a_fivefold_repetition_needs_no_claim() -> None:
    knights = ("g1f3", "g8f6", "f3g1", "f6g8") * 4
    outcome = outcome_after(chess.STARTING_FEN, *knights, rules="forced")
    assert outcome == chess.Outcome(chess.Termination.FIVEFOLD_REPETITION, None)


def test_positions_that_differ_in_en_passant_are_different() -> None:
    back_and_forth = ("d7d5", *("h1h2", "e8e7", "h2h1", "e7e8", "h1h2", "e8e7", "h2h1"))
    assert outcome_after("4k3/3p4/8/4P3/8/8/8/4K2R b - - 0 1", *back_and_forth) is None
    outcome = outcome_after("4k3/3p4/8/8/4P3/8/8/4K2R b - - 0 1", *back_and_forth)
    assert outcome == chess.Outcome(chess.Termination.THREEFOLD_REPETITION, None)


@pytest.mark.parametrize("rules", ["claim", "forced"])
def test_bare_kings_are_a_draw(rules: str) -> None:
    outcome = outcome_after("8/8/8/4k3/8/8/3rK3/8 w - - 0 1", "e2d2", rules=rules)
    assert outcome == chess.Outcome(chess.Termination.INSUFFICIENT_MATERIAL, None)
