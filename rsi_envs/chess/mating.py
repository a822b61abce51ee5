# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mates in one, found among the legal actions of many positions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rsi_envs.chess.actions import LEAPS
from rsi_envs.chess.afterstates import checking
from rsi_envs.chess.geometry import BETWEEN
from rsi_envs.chess.position import Position


def after(position: Position, action: int) -> Position:
    """Plays a legal action on a copy."""
    child = position.copy()
    child.push(action)
    child.find_legal()
    return child


def mates(
    positions: Sequence[Position],
    views: NDArray[np.uint8],
    actions: NDArray[np.intp],
    counts: NDArray[np.intp],
) -> dict[int, int]:
    """Finds actions whose piece gives mate from where it lands; mates by a discovered check alone are not found.

    Args:
        positions: Where they are played.
        views: The positions as the sides to move see them; shape (n, 768).
        actions: See `rsi_envs.chess.afterstates.legal_actions`.
        counts: Likewise.

    Returns:
        The place of one such action among all, by the number of its position; positions without one are left out.
    """
    found: dict[int, int] = {}
    candidates = np.flatnonzero(checking(views, actions, counts))
    owners = np.searchsorted(np.cumsum(counts), candidates, side="right")
    for place, owner in zip(candidates.tolist(), owners.tolist(), strict=True):
        position = positions[owner]
        action = int(actions[place])
        origin, target, _ = LEAPS[position.turn][action]  # type: ignore[misc]
        king = position.standing[1 - position.turn][5][0]
        occupied = position.by_color[0] | position.by_color[1]
        if owner in found or BETWEEN[target][king] & occupied & ~(1 << origin):
            continue
        child = after(position, action)
        if child.check and not child.legal:
            found[owner] = place
    return found
