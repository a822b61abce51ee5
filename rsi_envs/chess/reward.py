# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a game of chess is worth to one of its players."""

from __future__ import annotations

import chess

from rsi_envs.core.verdict import Verdict

WIN_REWARD, DRAW_REWARD, LOSS_REWARD = 1.0, 0.0, -1.0


def result_for(outcome: chess.Outcome, color: chess.Color) -> float:
    """Returns the reward of a finished game: 1 for a win, 0 for a draw, -1 for a loss."""
    if outcome.winner is None:
        return DRAW_REWARD
    return WIN_REWARD if outcome.winner == color else LOSS_REWARD


def describe(outcome: chess.Outcome) -> str:
    """Says in a few words how a game ended, such as "white wins by checkmate"."""
    ending = outcome.termination.name.lower().replace("_", " ")
    if outcome.winner is None:
        return f"draw by {ending}"
    return f"{chess.COLOR_NAMES[outcome.winner]} wins by {ending}"


def verdict_of(result: float, plies: int, reason: str) -> Verdict:
    """Makes the verdict of a game.

    Args:
        result: 1, 0 or -1 for the player the verdict is about.
        plies: Moves of both sides together.
        reason: How the game ended.

    Returns:
        A score of 1 for a win, 0.5 for a draw and 0 for a loss, passed if won; `parts["plies"]` is the length.
    """
    return Verdict(
        score=(1.0 + result) / 2.0, passed=result == WIN_REWARD, parts={"plies": float(plies)}, reason=reason
    )
