# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where games start: the usual position, one given as FEN, or random positions with given material."""

from __future__ import annotations

import re
from collections.abc import Callable

import chess
import numpy as np

from rsi_envs.chess.errors import InvalidPosition
from rsi_envs.chess.game import DrawRules, Game

Start = Callable[[np.random.Generator], chess.Board]
"""Draws the position that a game starts from; the same board is not handed out twice."""

_MATERIAL = re.compile(r"(K[QRBNP]{0,15})v(K[QRBNP]{0,15})")
_MOST_TRIES = 10_000


def read_start(text: str | None, rules: DrawRules) -> Start:
    """Reads the `start` argument of an environment.

    Args:
        text: None for the usual position; a FEN; or material such as "KRvK": White's pieces, "v", Black's, placed at
            random, White to move.
        rules: By which a position counts as over already.

    Raises:
        InvalidPosition: No game can start there; the message says why.
    """
    if text is None:
        return lambda rng: chess.Board()
    material = _MATERIAL.fullmatch(text)
    if material:
        start = _of_material(text, material[1], material[2], rules)
        start(np.random.default_rng(0))  # whether there is any such position is known now, not in some later reset
        return start
    board = read_fen(text)
    outcome = Game(board).outcome(rules)
    if outcome:
        ending = outcome.termination.name.lower().replace("_", " ")
        raise InvalidPosition(f"{text!r} is over before the first move: {ending}; give a position with moves to play")
    return lambda rng: board.copy()


def read_fen(text: str) -> chess.Board:
    """Reads a FEN that standard chess can be played from.

    Raises:
        InvalidPosition: It is malformed, breaks the rules, or has castling rights of Chess960.
    """
    try:
        board = chess.Board(text, chess960=True)
    except ValueError as error:
        raise InvalidPosition(f"{text!r} is no FEN and no material such as 'KRvK': {error}") from error
    if board.has_chess960_castling_rights():
        raise InvalidPosition(f"{text!r} has castling rights of Chess960, which is not played here; use standard chess")
    board.chess960 = False
    status = board.status()
    if status != chess.STATUS_VALID:
        problems = ", ".join(
            flag.name.lower().replace("_", " ") for flag in chess.Status if flag & status and flag.name
        )
        raise InvalidPosition(f"{text!r} is no legal position: {problems}")
    return board


def _of_material(text: str, white: str, black: str, rules: DrawRules) -> Start:
    pieces = [chess.Piece.from_symbol(symbol) for symbol in white + black.lower()]

    def draw(rng: np.random.Generator) -> chess.Board:
        for _ in range(_MOST_TRIES):
            board = chess.Board(None)
            for piece, square in zip(pieces, rng.permutation(64)[: len(pieces)].tolist(), strict=True):
                board.set_piece_at(square, piece)
            if board.is_valid() and Game(board).outcome(rules) is None:
                return board
        raise InvalidPosition(f"no legal position with the material {text!r} was found in {_MOST_TRIES} tries")

    return draw
