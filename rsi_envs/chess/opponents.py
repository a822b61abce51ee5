# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever sits across the board in `rsi/Chess-v0`."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from rsi_envs.chess.actions import as_index
from rsi_envs.chess.planes import action_mask
from rsi_envs.core.agents import Attached, Closeable, make_agent
from rsi_envs.core.errors import EnvironmentFault, RsiError

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


class SeatedAgent:
    """An agent by name in the other seat, shown what the environment's own agent would be shown there.

    Args:
        name: As `rsi_agents.make_agent` takes it.

    Raises:
        Exception: Whatever `rsi_agents.make_agent` raises for a name that it can't make.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._agent = make_agent(name)

    def begin(self, env: Any, seed: int) -> None:
        """Begins a game in this environment; `seed` is all that the agent's randomness comes from."""
        if isinstance(self._agent, Attached):
            self._agent.attach(env)
        self._agent.reset(seed)

    def act(self, observation: Any, info: Mapping[str, Any]) -> Any:
        """Gives the agent's action, whatever it is.

        Raises:
            EnvironmentFault: It broke, for which the agent that is being evaluated is not to blame.
            RsiError: It broke in a way that has a name.
        """
        try:
            return self._agent.act(observation, info)
        except RsiError:
            raise
        except Exception as error:  # whatever an opponent's code may raise
            raise EnvironmentFault(f"the opponent {self.name!r} broke: {type(error).__name__}: {error}") from error

    def close(self) -> None:
        """Closes the agent."""
        if isinstance(self._agent, Closeable):
            self._agent.close()


class AgentOpponent(SeatedAgent):
    """An agent that answers with the number of a legal action."""

    def choose(self, match: Match) -> int:
        """See `Opponent.choose`."""
        action = self.act(match.observation(), match.info())
        if match.is_legal(action):
            return as_index(action)
        raise EnvironmentFault(f"the opponent {self.name!r} gave {action!r}, which is no legal action")
