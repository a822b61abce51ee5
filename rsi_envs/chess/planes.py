# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Observations: a game as planes of 8 by 8, seen by the side to move.

An observation is `uint8` of shape (8, 8, planes), indexed [rank, file, plane]. Rank 0 is the mover's first, so for
Black the board is turned upside down, files as they are. The bytes lie plane by plane; the array is a view of them.

"alphazero", 119 planes. Positions 0 (now) to 7 (seven plies ago) have 14 planes each, from `14 * position`:

    0 … 5     own pawns, knights, bishops, rooks, queens, king
    6 … 11    the opponent's
    12, 13    all 1 if the position has occurred at least twice, at least three times

and behind them, each the same on every square:

    112       1 if Black is to move
    113       number of the move, from 1; 255 stands for more
    114 … 117 right to castle: own king side, own queen side, the opponent's king side and queen side
    118       plies since a capture or a pawn's move; 255 stands for more

Positions before the first are all 0. "light", 20 planes: 0 … 11 as above, of the present position alone; 12 the square
where a pawn may be taken en passant; 13 the position has occurred before; 14 … 17 rights to castle; 18 Black to move;
19 plies since a capture or a pawn's move.

Source: as `rsi_envs.chess.actions`, table S1.
"""

from __future__ import annotations

from functools import cache
from typing import Literal, cast

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from rsi_envs.chess.actions import ACTION_COUNT
from rsi_envs.chess.game import PIECE_BYTES, Game
from rsi_envs.chess.masks import ACTION_BYTES

Layout = Literal["alphazero", "light"]
PLANES: dict[Layout, int] = {"alphazero": 119, "light": 20}
_SHAPES = {layout: (8, 8, planes) for layout, planes in PLANES.items()}
_UINT8, _INT8, _INTP = np.dtype(np.uint8), np.dtype(np.int8), np.dtype(np.intp)
_COUNTERS: dict[Layout, tuple[int, ...]] = {"alphazero": (113, 118), "light": (19,)}
_STRIDES = (8, 1, 64)
_MOST = 255
_NONE, _ALL = bytes(64), b"\1" * 64
_EVERYWHERE = [bytes([count]) * 64 for count in range(_MOST + 1)]
_AT = [bytes(square) + b"\1" + bytes(63 - square) for square in range(64)]


def _castling_planes(turn: int, rights: int) -> bytes:
    own, other = (0, 2) if turn else (2, 0)
    return b"".join(_ALL if rights >> bit & 1 else _NONE for bit in (own, own + 1, other, other + 1))


_CASTLING = tuple([_castling_planes(turn, rights) for rights in range(16)] for turn in (0, 1))
_BLACK_TO_MOVE = (_ALL, _NONE)


@cache
def observation_space(layout: Layout) -> gym.Space[NDArray[np.uint8]]:
    """Returns the space of a layout's observations, shared: 0 and 1, and 0 to 255 in the counters' planes."""
    high = np.ones((8, 8, PLANES[layout]), np.uint8)
    high[..., list(_COUNTERS[layout])] = _MOST
    space = gym.spaces.Box(np.zeros_like(high), high, dtype=np.uint8)
    return cast("gym.Space[NDArray[np.uint8]]", space)


def parts(game: Game, layout: Layout, viewer: int) -> list[bytes | bytearray]:
    """Gives an observation's planes in order as byte strings, seen by White (1) or Black (0)."""
    castling = _CASTLING[viewer][game.castling]
    clock = game.halfmove_clock
    counter = _EVERYWHERE[clock if clock < _MOST else _MOST]
    if layout == "alphazero":
        number = game.fullmove_number
        past = game.whites_past if viewer else game.blacks_past
        return [*past, _BLACK_TO_MOVE[game.turn], _EVERYWHERE[number if number < _MOST else _MOST], castling, counter]
    view = (game.whites_view if viewer else game.blacks_view)[:PIECE_BYTES]
    passed = _AT[game.ep_square if viewer else game.ep_square ^ 56] if game.ep_is_legal else _NONE
    again = _ALL if game.occurrences > 1 else _NONE
    return [view, passed, again, castling, _BLACK_TO_MOVE[game.turn], counter]


def observe(game: Game, layout: Layout, viewer: int | None = None) -> NDArray[np.uint8]:
    """Makes a game's observation; shape (8, 8, planes).

    Args:
        game: The game.
        layout: The planes.
        viewer: 1 for White, 0 for Black; None for the side to move.
    """
    data = bytearray().join(parts(game, layout, game.turn if viewer is None else viewer))
    # One call makes the view; reshape and transpose would make two arrays on the way.
    return np.ndarray(_SHAPES[layout], _UINT8, data, 0, _STRIDES)


class Batch:
    """Observations and masks of several games, gathered one game after the other and then made in one go.

    What a game shows is gathered as soon as it is known, while the game is still in the processor's cache.

    Args:
        layout: The planes.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout: Layout = layout
        self._parts: list[bytes | bytearray] = []
        self._legal: list[bytes] = []

    def add(self, game: Game, *, over: bool) -> None:
        """Adds the next game; where it is over, nothing is legal."""
        self._parts += parts(game, self._layout, game.turn)
        self._legal.append(b"" if over else game.legal)

    def observations(self) -> NDArray[np.uint8]:
        """Makes the observations, seen by the side to move; shape (games, 8, 8, planes)."""
        data, size = bytearray().join(self._parts), PLANES[self._layout] * 64
        return np.ndarray((len(data) // size, *_SHAPES[self._layout]), _UINT8, data, 0, (size, *_STRIDES))

    def masks(self) -> NDArray[np.int8]:
        """Makes the masks; shape (games, 4672)."""
        games = len(self._legal)
        counts = [len(legal) // ACTION_BYTES for legal in self._legal]
        legal = np.frombuffer(b"".join(self._legal), _INTP) + np.arange(games).repeat(counts) * ACTION_COUNT
        masks = np.zeros(games * ACTION_COUNT, _INT8)
        masks[legal] = 1
        return masks.reshape(games, ACTION_COUNT)


def action_mask(game: Game) -> NDArray[np.int8]:
    """Makes the mask of legal actions; shape (4672,), 1 where legal."""
    mask = np.zeros(ACTION_COUNT, _INT8)
    mask[np.frombuffer(game.legal, _INTP)] = 1
    return mask
