# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mates in one, found among the legal actions of many positions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rsi_envs.chess.actions import LEAPS
from rsi_envs.chess.afterstates import Changes, checking
from rsi_envs.chess.geometry import BETWEEN
from rsi_envs.chess.position import Position


def after(position: Position, action: int) -> Position:
    """Plays a legal action on a copy."""
    child = position.copy()
    child.push(action)
    child.find_legal()
    return child


def mates(positions: Sequence[Position], changes: Changes) -> dict[int, int]:
    """Finds actions whose piece gives mate from where it lands; mates by a discovered check alone are not found.

    Args:
        positions: Where they are played.
        changes: What all their legal actions change.

    Returns:
        The place of one such action among all, by the number of its position; positions without one are left out.
    """
    found: dict[int, int] = {}
    candidates = np.flatnonzero(checking(changes))
    for place, owner in zip(candidates.tolist(), changes.owner[candidates].tolist(), strict=True):
        position = positions[owner]
        action = int(changes.actions[place])
        origin, target, _ = LEAPS[position.turn][action]  # type: ignore[misc]
        king = position.standing[1 - position.turn][5][0]
        occupied = position.by_color[0] | position.by_color[1]
        if owner in found or BETWEEN[target][king] & occupied & ~(1 << origin):
            continue
        child = after(position, action)
        if child.check and not child.legal:
            found[owner] = place
    return found
