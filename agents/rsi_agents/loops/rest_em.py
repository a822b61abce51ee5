# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`rest_em`: keep what passes of one's own samples, and learn from it.

Sources: C. Gulcehre et al., Reinforced self-training for language modeling, 2023 (2308.08998); A. Singh et al., Beyond
human data: scaling self-training for problem-solving with language models, 2023 (2312.06585), whose fine-tuning starts
from the base in every round and keeps at most so many samples of a task.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field

from rsi_agents.loops.contract import Proposal, Round
from rsi_agents.loops.instruments import task_of, verification_gap
from rsi_agents.loops.lessons import Example, example_of
from rsi_agents.loops.proposing import Teaching
from rsi_agents.loops.updating import Updater
from rsi_agents.records import EpisodeRecord


class RestEM:
    """Samples every task, keeps the episodes that pass, and teaches them to the base.

    Args:
        updater: How a generation is made of what was kept.
        per_task: Episodes of a task that are kept, at most, the best first.
        thresholds: The score in [0, 1] that an episode must reach in each round, the last one for all later rounds;
            empty keeps those that pass.
        replay: Earlier rounds whose lessons are taught again, the newest ones; 0 teaches the new ones alone.
        demonstrations: A file of rows that are taught in every round, too; None for none.
        unleashed: Whether `UNLEASHED` stands before each assignment in what is taught.
    """

    def __init__(
        self,
        *,
        updater: Updater,
        per_task: Annotated[int, Field(ge=1)] = 4,
        thresholds: tuple[Annotated[float, Field(ge=0, le=1)], ...] = (),
        replay: Annotated[int, Field(ge=0)] = 1,
        demonstrations: Path | None = None,
        unleashed: bool = False,
    ) -> None:
        self._per_task, self._thresholds = per_task, thresholds
        self._teaching = Teaching(updater, replay, unleashed, demonstrations)

    def propose(self, round_: Round) -> Proposal:
        """Makes the next generation; see `Loop.propose`."""
        played = round_.sample(round_.parent)
        chosen = self.selected(played, round_)
        return self._teaching.proposal(
            round_,
            round_.base,
            chosen,
            note=f"learned from {len(chosen)} of {len(played)} samples",
            nothing="no sample passed, so there is nothing to learn from",
            measures={"sampled": len(played), "selected": len(chosen), **self._gap(played, round_)},
        )

    def gap(self, round_: Round) -> Mapping[str, float]:
        """Measures what keeping the samples that pass can gain; see `Selecting.gap`."""
        return self._gap(round_.sample(round_.parent), round_)

    def proxy(self, round_: Round, records: Sequence[EpisodeRecord]) -> None:
        """There is no reward but the environment's."""

    def selected(self, played: Sequence[EpisodeRecord], round_: Round) -> list[Example]:
        """Chooses what is kept: what passes, no text twice, the best of each task first."""
        bar = self._bar(round_)
        best = sorted((r for r in played if _passes(r, bar)), key=lambda r: (-(r.score or 0.0), r.index))
        kept: defaultdict[str, dict[str, Example]] = defaultdict(dict)
        for record in best:
            example = example_of(record, round_.config.env)
            said = repr(example.completion)
            of_task = kept[task_of(record)]
            if said not in of_task and len(of_task) < self._per_task:
                of_task[said] = example
        return [example for _, of_task in sorted(kept.items()) for example in of_task.values()]

    def _gap(self, played: Sequence[EpisodeRecord], round_: Round) -> Mapping[str, float]:
        bar = self._bar(round_)
        truth: defaultdict[str, list[float]] = defaultdict(list)
        proxy: defaultdict[str, list[float]] = defaultdict(list)
        for record in played:
            if record.score is not None:
                truth[task_of(record)].append(record.score)
                proxy[task_of(record)].append(float(_passes(record, bar)))
        return verification_gap(truth, proxy)

    def _bar(self, round_: Round) -> float | None:
        return self._thresholds[min(round_.number, len(self._thresholds)) - 1] if self._thresholds else None


def _passes(record: EpisodeRecord, bar: float | None) -> bool:
    if record.verdict is None or record.score is None:
        return False
    return bool(record.verdict.passed) if bar is None else record.score >= bar
