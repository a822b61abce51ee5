# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Chess as python-chess plays it, in the plainest way: what the room's own rules are held to."""

from __future__ import annotations

import random
from collections.abc import Callable

import chess

from rsi_envs.chess.actions import action_of, move_of
from rsi_envs.chess.game import DrawRules, Game

ODD_POSITIONS = {
    "castling on both sides": "r3k2r/pppq1ppp/2npbn2/2b1p3/2B1P3/2NPBN2/PPPQ1PPP/R3K2R w KQkq - 0 9",
    "castling, rooks alone": "r3k2r/8/8/8/8/8/8/R3K2R w KQkq - 0 1",
    "castling, black to move": "r3k2r/8/8/8/8/8/8/R3K2R b Kq - 5 40",
    "pawns about to promote": "8/PPPP2PP/8/k7/7K/8/pppp2pp/8 w - - 0 1",
    "promotion by capture": "rnbq1bnr/PP1kPPPP/8/8/8/8/pp1Kpppp/RNBQ1BNR b - - 0 30",
    "en passant at hand": "4k3/8/8/pPpPpPpP/8/8/8/4K3 w - a6 0 20",
    "en passant pinned on the rank": "8/8/8/K2pP2r/8/8/8/4k3 w - d6 0 2",
    "en passant pinned on the diagonal": "8/8/5k2/8/3pP3/8/1B6/4K3 b - e3 0 2",
    "fifty moves near": "8/8/4k3/8/8/3NN3/4K2p/8 w - - 96 120",
    "ninety-nine plies": "7k/5Q2/8/8/8/8/8/K7 b - - 98 120",
    "seventy-five moves near": "8/8/3qk3/8/8/3QK3/8/8 w - - 140 160",
    "two bishops of one colour": "2b1k3/8/8/8/8/8/8/2B1K3 w - - 0 1",
    "two knights": "4k3/8/8/8/8/8/8/1N2K1N1 w - - 0 1",
    "rook ending": "8/5pk1/6p1/8/8/6P1/5PK1/3R4 b - - 3 41",
    "queens all over": "QQQQ4/7k/8/8/8/8/K7/4qqqq b - - 0 60",
    "kings and a pawn": "8/8/8/4k3/8/4K3/4P3/8 w - - 0 1",
    "middlegame, Kiwipete": "r3k2r/p1ppqpb1/bn2pnp1/3PN3/1p2P3/2N2Q1p/PPPBBPPP/R3K2R w KQkq - 0 1",
}
"""Positions in which the rules' corners are near."""


def assert_same(game: Game, board: chess.Board, rules: DrawRules) -> chess.Outcome | None:
    """Compares every fact that an observation, a mask or an ending rests on; returns the outcome."""
    context = board.fen()
    legal = sorted(action_of(move, board.turn) for move in board.legal_moves)
    assert game.legal_actions() == legal, context
    assert game.check == board.checkers_mask(), context
    assert game.ep_is_legal == board.has_legal_en_passant(), context
    assert (game.halfmove_clock, game.fullmove_number) == (board.halfmove_clock, board.fullmove_number), context
    for count in (2, 3, 4, 5):
        assert (game.occurrences >= count) == board.is_repetition(count), context
    outcome = board.outcome(claim_draw=rules == "claim")
    assert game.outcome(rules) == outcome, context
    return outcome


def play_in_lockstep(
    start: chess.Board, rules: DrawRules, choose: Callable[[list[chess.Move]], chess.Move], most_plies: int = 1_000
) -> chess.Outcome | None:
    """Plays one game on both sides of the comparison."""
    game, board = Game(start), start.copy(stack=False)
    for _ in range(most_plies):
        outcome = assert_same(game, board, rules)
        if outcome:
            return outcome
        move = choose(list(board.legal_moves))
        action = action_of(move, board.turn)
        assert move_of(action, board) == move
        game.push(action)
        board.push(move)
    return None


def at_random(seed: int) -> Callable[[list[chess.Move]], chess.Move]:
    """Chooses with a generator of this seed."""
    return random.Random(seed).choice
