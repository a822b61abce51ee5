# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`self_rewarding`: an agent judges its own samples, and learns to prefer the better ones.

Sources: W. Yuan et al., Self-rewarding language models, 2024 (2401.10020), where each generation judges the samples
that the next one is made of; R. Rafailov et al., Direct preference optimization, 2023 (2305.18290), by which a trainer
learns from pairs. Candidates are compared here, in both orders, where the first paper asks for points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import Field

from rsi_agents.loops.bench import Bench, Judging
from rsi_agents.loops.contract import Proposal, Round
from rsi_agents.loops.judged import Judged, gap_of_samples, judged_samples, measures_of, proxy_of
from rsi_agents.loops.pairing import Pairing, preferences, why_none
from rsi_agents.loops.proposing import Teaching
from rsi_agents.loops.updating import Updater
from rsi_agents.records import EpisodeRecord

_JUDGING, _PAIRING = Judging(), Pairing()


class SelfRewarding:
    """Samples every task, has the samples judged by who made them, and teaches it the better against the worse.

    Args:
        updater: How a generation is made of preferences.
        judging: Who judges, and how.
        pairing: Which pairs are learned from.
        replay: Earlier rounds whose lessons are taught again, the newest ones; 0 teaches the new ones alone.
        unleashed: Whether `UNLEASHED` stands before each assignment in what is taught.
    """

    def __init__(
        self,
        *,
        updater: Updater,
        judging: Judging = _JUDGING,
        pairing: Pairing = _PAIRING,
        replay: Annotated[int, Field(ge=0)] = 1,
        unleashed: bool = False,
    ) -> None:
        self._judging, self._pairing = judging, pairing
        self._teaching = Teaching(updater, replay, unleashed)

    def propose(self, round_: Round) -> Proposal:
        """Makes the next generation; see `Loop.propose`."""
        played, judged = self._judged(round_)
        chosen = [pair for one in judged for pair in preferences(one, self._pairing)]
        return self._teaching.proposal(
            round_,
            round_.parent,
            chosen,
            note=f"learned from {len(chosen)} preferences on {len(judged)} tasks",
            nothing=why_none(judged),
            measures={
                "sampled": len(played),
                "judged": len(judged),
                "selected": len(chosen),
                **measures_of(judged),
                **gap_of_samples(played, judged),
            },
        )

    def gap(self, round_: Round) -> Mapping[str, float]:
        """Measures what choosing by the loop's judges can gain; see `Selecting.gap`."""
        return gap_of_samples(*self._judged(round_))

    def proxy(self, round_: Round, records: Sequence[EpisodeRecord]) -> Sequence[float | None] | None:
        """Gives the share of comparisons with the base's episodes that the loop's judges let an episode win."""
        return proxy_of(records, round_, self._judging)

    def _judged(self, round_: Round) -> tuple[list[EpisodeRecord], list[Judged]]:
        bench = Bench(round_, self._judging)
        played = round_.sample(round_.parent)
        return played, judged_samples(played, round_.config.env, bench)
