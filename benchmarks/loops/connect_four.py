# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A player of PettingZoo's connect four to measure others by: it sees one ply ahead, and knows no more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

_STEPS = ((0, 1), (1, 0), (1, 1), (1, -1))
_IN_A_ROW = 4
_SALT = 0xC4


class WatchfulAgent:
    """Completes four in a row where it can, else prevents the other's, else plays any legal action."""

    def reset(self, seed: int | None) -> None:
        """Seeds what is drawn."""
        self._rng = np.random.default_rng(None if seed is None else [seed, _SALT])

    def act(self, observation: NDArray[np.int8], info: Mapping[str, Any]) -> int:
        """Chooses a column.

        Args:
            observation: Shape (6, 7, 2): its own pieces and the other's, the lowest row last.
            info: With an `action_mask`.
        """
        legal = np.flatnonzero(info["action_mask"])
        rows = len(observation) - 1 - observation.sum(axis=(0, 2))
        for owner in (0, 1):
            pieces = observation[..., owner].astype(bool)
            for column in legal:
                if _completes(pieces, int(rows[column]), int(column)):
                    return int(column)
        return int(self._rng.choice(legal))


def _completes(pieces: NDArray[np.bool_], row: int, column: int) -> bool:
    """Tells whether a piece in this empty place would stand in a row of four."""
    for down, right in _STEPS:
        length = 1
        for way in (1, -1):
            y, x = row + way * down, column + way * right
            while 0 <= y < pieces.shape[0] and 0 <= x < pieces.shape[1] and pieces[y, x]:
                length, y, x = length + 1, y + way * down, x + way * right
        if length >= _IN_A_ROW:
            return True
    return False
