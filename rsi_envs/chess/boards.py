# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an agent that knows chess needs of the environment that it is attached to."""

from __future__ import annotations

from typing import Any, Protocol, cast

import chess

from rsi_envs.core.errors import InvalidOption


class BoardEnv(Protocol):
    """An environment that has a game on the board."""

    def board(self) -> chess.Board:
        """Returns the game with its moves, for reading only."""
        ...

    def action_of(self, move: chess.Move) -> Any:
        """Returns the action that plays a legal move."""
        ...


def board_env(env: Any) -> BoardEnv:
    """Returns what is under an environment's wrappers.

    Raises:
        InvalidOption: It has no board.
    """
    inner = env.unwrapped
    if not all(callable(getattr(inner, name, None)) for name in ("board", "action_of")):
        raise InvalidOption(
            f"{type(inner).__name__} has no chess board; agents that read one play where there are "
            "board() and action_of(move), as in rsi/Chess-v0 and rsi/ChessText-v0"
        )
    return cast("BoardEnv", inner)
