# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever sits across the board in `rsi/Chess-v0`."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

import numpy as np

from rsi_envs.chess.actions import as_index
from rsi_envs.chess.planes import action_mask
from rsi_envs.core.agents import SeatedAgent
from rsi_envs.core.errors import InvalidAction

if TYPE_CHECKING:
    from rsi_envs.chess.match import Match

SELF_PLAY = "self"
"""The opponent's name that lets the agent move for both sides."""


class Opponent(Protocol):
    """A player who answers the agent's actions."""

    def begin(self, match: Match, seed: int) -> None:
        """Begins a game; `seed` is all that its randomness comes from."""
        ...

    def choose(self, match: Match) -> int:
        """Picks a legal action for the side to move.

        Raises:
            EnvironmentFault: It can't; the agent is not to blame.
        """
        ...

    def close(self) -> None:
        """Lets go of what it holds."""
        ...


def make_opponent(name: str) -> Opponent | None:
    """Makes the opponent of this name; None for "self".

    Raises:
        Exception: Whatever `rsi_agents.make_agent` raises for a name that it can't make.
    """
    if name == SELF_PLAY:
        return None
    return RandomOpponent() if name == "random" else AgentOpponent(name)


class RandomOpponent:
    """Plays any legal action, each with the same probability."""

    def begin(self, match: Match, seed: int) -> None:
        """See `Opponent.begin`."""
        self._random = random.Random(seed).random  # noqa: S311 - a tenth of the cost of numpy's for one number

    def choose(self, match: Match) -> int:
        """See `Opponent.choose`."""
        legal = action_mask(match.game).view(np.bool_).nonzero()[0]
        return int(legal[int(self._random() * len(legal))])

    def close(self) -> None:
        """Holds nothing."""


class AgentOpponent(SeatedAgent):
    """An agent that answers with the number of a legal action."""

    def choose(self, match: Match) -> int:
        """See `Opponent.choose`."""
        action = self.act(match.observation(), match.info())
        with suppress(InvalidAction):  # no integer at all: not the fault of the agent that is being evaluated
            if match.is_legal(action):
                return as_index(action)
        raise self.blame(f"gave {action!r}, which is no legal action")
