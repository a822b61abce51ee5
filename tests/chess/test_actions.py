# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The encoding is one to one, and means what its table says."""

from __future__ import annotations

import chess
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsi_envs.chess import action_of, move_of
from rsi_envs.chess.actions import ACTION_COUNT, LEAPS
from rsi_envs.core.errors import InvalidAction

PROMOTING = {
    chess.WHITE: chess.Board("8/PPPPPPPP/8/8/8/8/k6K/8 w - - 0 1"),
    chess.BLACK: chess.Board("8/K6k/8/8/8/8/pppppppp/8 b - - 0 1"),
}


@pytest.mark.parametrize(
    ("uci", "turn", "action"),
    [
        ("a1a2", chess.WHITE, 0),
        ("a1b2", chess.WHITE, 7),
        ("a1h1", chess.WHITE, 2 * 7 + 6),
        ("a1b3", chess.WHITE, 56),
        ("e2e4", chess.WHITE, 12 * 73 + 1),
        ("e7e5", chess.BLACK, 12 * 73 + 1),
        ("e1g1", chess.WHITE, 4 * 73 + 15),
        ("h1g3", chess.WHITE, 7 * 73 + 63),
        ("a7a8q", chess.WHITE, 48 * 73),
        ("a7a8n", chess.WHITE, 48 * 73 + 65),
        ("b2a1r", chess.BLACK, 49 * 73 + 70),
        ("h2g1b", chess.BLACK, 55 * 73 + 67),
    ],
)
def test_actions_have_the_documented_codes(uci: str, turn: chess.Color, action: int) -> None:
    assert action_of(chess.Move.from_uci(uci), turn) == action


@given(st.integers(0, ACTION_COUNT - 1), st.booleans())
def test_every_action_on_the_board_encodes_what_it_decodes_to(action: int, turn: bool) -> None:
    board = PROMOTING[turn]
    if LEAPS[turn][action] is None:
        with pytest.raises(InvalidAction, match="off the board"):
            move_of(action, board)
    else:
        assert action_of(move_of(action, board), turn) == action


@given(st.sampled_from(chess.SQUARES), st.sampled_from(chess.SQUARES), st.booleans())
def test_white_and_black_have_mirrored_codes(origin: int, target: int, turn: bool) -> None:
    mirrored = chess.Move(chess.square_mirror(origin), chess.square_mirror(target))
    try:
        action = action_of(chess.Move(origin, target), turn)
    except InvalidAction:
        with pytest.raises(InvalidAction):
            action_of(mirrored, not turn)
    else:
        assert action_of(mirrored, not turn) == action


def test_there_are_1858_moves_in_the_encoding() -> None:
    """1,792 moves of queens and knights and 66 underpromotions, the number that Leela Chess Zero's encoding has too."""
    assert sum(leap is not None for leap in LEAPS[1]) == 1858


@pytest.mark.parametrize("action", [-1, ACTION_COUNT, 1.0, "e2e4", None, np.zeros(2, np.int64)])
def test_what_is_no_action_is_refused(action: object) -> None:
    with pytest.raises(InvalidAction):
        move_of(action, chess.Board())  # type: ignore[arg-type]


@pytest.mark.parametrize("uci", ["0000", "a1b4", "P@e4"])
def test_what_no_piece_can_do_has_no_code(uci: str) -> None:
    with pytest.raises(InvalidAction, match="no move"):
        action_of(chess.Move.from_uci(uci), chess.WHITE)


@pytest.mark.parametrize("integer", [np.int8(7), np.uint64(7), np.array(7), 7])
def test_any_integer_type_is_an_action(integer: object) -> None:
    assert move_of(integer, chess.Board()).uci() == "a1b2"  # type: ignore[arg-type]
