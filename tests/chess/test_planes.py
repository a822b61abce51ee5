# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Observations hold what their table says, made again here in the plainest way from python-chess's boards."""

from __future__ import annotations

import chess
import numpy as np
import pytest
from numpy.typing import NDArray

from rsi_envs.chess.actions import action_of
from rsi_envs.chess.game import Game
from rsi_envs.chess.planes import PLANES, Batch, Layout, action_mask, observation_space, observe
from tests.chess.oracle import ODD_POSITIONS, at_random


def piece_planes(board: chess.Board, viewer: chess.Color) -> NDArray[np.uint8]:
    planes = np.zeros((8, 8, 12), np.uint8)
    for square, piece in board.piece_map().items():
        seen = square if viewer else chess.square_mirror(square)
        plane = piece.piece_type - 1 + (0 if piece.color == viewer else 6)
        planes[chess.square_rank(seen), chess.square_file(seen), plane] = 1
    return planes


def rights(board: chess.Board, viewer: chess.Color) -> list[bool]:
    return [
        right(color)
        for color in (viewer, not viewer)
        for right in (board.has_kingside_castling_rights, board.has_queenside_castling_rights)
    ]


def plain_alphazero(boards: list[chess.Board], viewer: chess.Color) -> NDArray[np.uint8]:
    """`boards` holds every position so far, each with its move stack."""
    planes = np.zeros((8, 8, 119), np.uint8)
    for age, board in enumerate(reversed(boards[-8:])):
        planes[..., 14 * age : 14 * age + 12] = piece_planes(board, viewer)
        planes[..., 14 * age + 12] = board.is_repetition(2)
        planes[..., 14 * age + 13] = board.is_repetition(3)
    now = boards[-1]
    planes[..., 112] = now.turn == chess.BLACK
    planes[..., 113] = min(now.fullmove_number, 255)
    planes[..., 114:118] = rights(now, viewer)
    planes[..., 118] = min(now.halfmove_clock, 255)
    return planes


def plain_light(board: chess.Board, viewer: chess.Color) -> NDArray[np.uint8]:
    planes = np.zeros((8, 8, 20), np.uint8)
    planes[..., :12] = piece_planes(board, viewer)
    if board.has_legal_en_passant() and board.ep_square is not None:
        seen = board.ep_square if viewer else chess.square_mirror(board.ep_square)
        planes[chess.square_rank(seen), chess.square_file(seen), 12] = 1
    planes[..., 13] = board.is_repetition(2)
    planes[..., 14:18] = rights(board, viewer)
    planes[..., 18] = board.turn == chess.BLACK
    planes[..., 19] = min(board.halfmove_clock, 255)
    return planes


@pytest.mark.parametrize("fen", [chess.STARTING_FEN, *ODD_POSITIONS.values()])
def test_observations_are_those_made_plainly(fen: str) -> None:
    board = chess.Board(fen)
    game, boards, choose = Game(board), [board.copy()], at_random(11)
    for _ in range(60):
        for viewer in chess.COLORS:
            assert np.array_equal(observe(game, "alphazero", viewer), plain_alphazero(boards, viewer))
            assert np.array_equal(observe(game, "light", viewer), plain_light(board, viewer))
        assert np.array_equal(observe(game, "alphazero"), plain_alphazero(boards, board.turn))
        assert observe(game, "alphazero") in observation_space("alphazero")
        assert observe(game, "light") in observation_space("light")
        if board.is_game_over():
            break
        move = choose(list(board.legal_moves))
        game.push(action_of(move, board.turn))
        board.push(move)
        boards.append(board.copy())


def test_repetition_shows_in_its_planes() -> None:
    game = Game(chess.Board())
    for uci in ("g1f3", "g8f6", "f3g1", "f6g8") * 2:
        game.push(action_of(chess.Move.from_uci(uci), bool(game.turn)))
    planes = observe(game, "alphazero")
    assert planes[..., 12].all()
    assert planes[..., 13].all()
    assert planes[..., 14 * 4 + 12].all()
    assert not planes[..., 14 * 4 + 13].any()


def test_counters_stop_at_255() -> None:
    game = Game(chess.Board("7k/8/8/8/8/8/8/KR6 w - - 300 400"))
    planes = observe(game, "alphazero")
    assert (planes[0, 0, 113], planes[0, 0, 118]) == (255, 255)


@pytest.mark.parametrize("layout", ["alphazero", "light"])
def test_many_games_are_written_as_each_alone(layout: Layout) -> None:
    games = [Game(chess.Board(fen)) for fen in ODD_POSITIONS.values()]
    batch = Batch(layout)
    for number, game in enumerate(games):
        batch.add(game, over=number == 3)
    observations, masks = batch.observations(), batch.masks()
    assert observations.shape == (len(games), 8, 8, PLANES[layout])
    for number, game in enumerate(games):
        assert np.array_equal(observations[number], observe(game, layout))
        assert np.array_equal(masks[number], action_mask(game) * (number != 3))


def test_a_mask_is_ones_where_actions_are_legal() -> None:
    mask = action_mask(Game(chess.Board()))
    assert (mask.dtype, mask.shape, int(mask.sum())) == (np.int8, (4672,), 20)
