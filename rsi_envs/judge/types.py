# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What is judged in `rsi/Judge-v0`: candidates whose order is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rsi_envs.core.judging import JudgingTask, Ranking
from rsi_envs.core.tasks import Split


@dataclass(frozen=True, slots=True)
class Trial:
    """A judging task and its truth."""

    id: str
    """Stable for ever, unique within its source."""
    split: Split
    task: JudgingTask
    truth: Ranking
    """How the candidates rank, decided by something other than a judge."""
    category: str
    """What kind of trial this is, to tell results apart by."""

    def shown_as(self, sequence: Sequence[int]) -> Trial:
        """Returns the trial with its candidates in this sequence."""
        place = {candidate: i for i, candidate in enumerate(sequence)}
        order = tuple(tuple(sorted(place[candidate] for candidate in group)) for group in self.truth.order)
        return replace(self, task=self.task.shown_as(sequence), truth=replace(self.truth, order=order))
