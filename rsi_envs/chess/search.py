# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking ahead with a network: alpha-beta over afterstates, and captures until the position is quiet.

Every value here is one of odds, from the side to move: 0 for a draw, and beyond `MATE` less the plies to it for a mate.

Sources: D. Knuth and R. Moore, An analysis of alpha-beta pruning, 1975; J. Baxter et al., KnightCap: a chess program
that learns by combining TD(λ) with game-tree search, 1998, for a learned evaluation at the leaves.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rsi_envs.chess.afterstates import Changes, capturing, legal_actions, stacked, view_of
from rsi_envs.chess.game import Game
from rsi_envs.chess.mating import after, mates
from rsi_envs.chess.network import Array, Network
from rsi_envs.chess.position import Position

MATE = 1000.0
_INFINITY = 2 * MATE
_DRAWN = 0.0
_TIE = 1e-3
"""How much worse an action must be for its value to be left at a bound, so that equals are known to be equal."""
_FIFTY_MOVES = 99
_MOST_CAPTURES = 4
"""Captures in a row that are looked at beyond the depth."""


class Search:
    """Searches to a fixed depth.

    Args:
        network: What rates the leaves.
        depth: Plies, at least 1: 1 rates what each action leads to.
        captures: Whether captures are played out at the leaves.
    """

    def __init__(self, network: Network, *, depth: int, captures: bool) -> None:
        self._network, self._depth, self._captures = network, depth, captures
        self.expanded = 0
        """Positions whose actions were rated, all searches together."""

    def values(self, game: Game, *, exact: bool = False) -> tuple[NDArray[np.intp], Array]:
        """Rates every legal action of a game that goes on.

        Args:
            game: It is left as it is.
            exact: Whether all values are to be right; else only those of the best are, and the others are less.

        Returns:
            The actions, and their values; both of shape (n,).
        """
        changes = _changes(game)
        actions, odds = changes.actions, self._rated(changes)
        values = np.empty(len(actions), np.float32)
        best = -_INFINITY
        for i in np.argsort(-odds, kind="stable").tolist():
            if game.repeats(int(actions[i])):
                values[i] = _DRAWN
            else:
                child = after(game, int(actions[i]))
                alpha = -_INFINITY if exact else best - _TIE
                values[i] = -self._value(child, self._depth - 1, -_INFINITY, -alpha, -float(odds[i]), 1)
            best = max(best, float(values[i]))
        return actions, values

    def _value(self, position: Position, depth: int, alpha: float, beta: float, known: float, ply: int) -> float:
        """Rates a position for the side to move.

        Args:
            position: It knows its legal actions.
            depth: Plies to look ahead; 0 for captures alone.
            alpha: What the side to move has already.
            beta: What the other side will not let it have.
            known: The network's value.
            ply: Plies since the root.
        """
        if not position.legal:
            return ply - MATE if position.check else _DRAWN
        if position.halfmove_clock >= _FIFTY_MOVES or position.lacks_material():
            return _DRAWN
        if depth == 0:
            return self._quiet_value(position, alpha, beta, known, ply) if self._captures else known
        changes = _changes(position)
        actions, odds = changes.actions, self._rated(changes)
        if mates([position], changes):
            return MATE - ply - 1
        best = -_INFINITY
        for i in np.argsort(-odds, kind="stable").tolist():
            rated = float(odds[i])
            if depth == 1 and rated <= max(alpha, best):
                # The other side may leave it at that.
                best = max(best, rated)
                break
            child = after(position, int(actions[i]))
            best = max(best, -self._value(child, depth - 1, -beta, -max(alpha, best), -rated, ply + 1))
            if best >= beta:
                break
        return best

    def _quiet_value(
        self, position: Position, alpha: float, beta: float, known: float, ply: int, left: int = _MOST_CAPTURES
    ) -> float:
        """Rates a position for the side to move, which may capture or leave it at the network's value."""
        if known >= beta or not left:
            return known
        changes = _changes(position)
        actions = changes.actions[capturing(changes)]
        if not len(actions):
            return known
        odds = self._rated(Changes.of(changes.views, actions, np.array([len(actions)])))
        best = known
        for i in np.argsort(-odds, kind="stable").tolist():
            rated = float(odds[i])
            if rated <= max(alpha, best):
                break
            child = after(position, int(actions[i]))
            if not child.legal:
                value = MATE - ply - 1 if child.check else _DRAWN
            else:
                value = -self._quiet_value(child, -beta, -max(alpha, best), -rated, ply + 1, left - 1)
            best = max(best, value)
            if best >= beta:
                break
        return best

    def _rated(self, changes: Changes) -> Array:
        self.expanded += 1
        return self._network.odds_after(changes)


def _changes(position: Position) -> Changes:
    """Finds what each legal action changes."""
    return Changes.of(stacked([view_of(position, position.turn)]), *legal_actions([position]))
