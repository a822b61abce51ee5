# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The loop that `rest_em` is measured against: every round trains on, with the demonstrations alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rsi_agents.loops.contract import Proposal, Round
from rsi_agents.loops.updating import Updater, learned
from rsi_agents.records import EpisodeRecord


class Imitation:
    """Teaches the newest generation the demonstrations again.

    Args:
        updater: How a generation is made.
        demonstrations: A file of rows.
    """

    def __init__(self, *, updater: Updater, demonstrations: Path) -> None:
        self._updater, self._demonstrations = updater, demonstrations

    def propose(self, round_: Round) -> Proposal:
        """Makes the next generation; see `Loop.propose`."""
        return Proposal(learned(self._updater, round_, round_.parent, self._demonstrations), "imitated")

    def proxy(self, round_: Round, records: Sequence[EpisodeRecord]) -> None:
        """There is no reward but the environment's."""
