# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`meta_rewarding`: an agent judges its samples, and its judgements of them, and learns to act and to judge.

Source: T. Wu et al., Meta-rewarding language models, 2024 (2407.19594): several judgements of one question, of those
that judges are least sure of, compared in both orders by a meta-judge; pairs of both kinds in one data set; and length
control, which chooses the shortest of the samples that score nearly best.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, NamedTuple

import numpy as np
from pydantic import Field

from rsi_agents.loops.bench import Bench, Case, Judging
from rsi_agents.loops.contract import Proposal, Round
from rsi_agents.loops.judged import (
    Candidate,
    Judged,
    gap_of_candidates,
    gap_of_samples,
    judged_samples,
    measures_of,
    proxy_of,
)
from rsi_agents.loops.pairing import Pairing, preferences, why_none
from rsi_agents.loops.proposing import Teaching
from rsi_agents.loops.updating import Updater
from rsi_agents.records import EpisodeRecord
from rsi_envs.core.judgements import one_level_up, question, written
from rsi_envs.core.judging import MOST, JudgingTask, Ranking, agreement

_JUDGING, _PAIRING = Judging(), Pairing()
_TO_JUDGE = 1
"""Tells the seeds of judgements from those of the panel that judged the same samples."""


class MetaRewarding:
    """Samples every task, has samples and judgements judged by who made them, and teaches it both.

    Args:
        updater: How a generation is made of preferences.
        judging: Who judges, and how; the same judge judgements.
        pairing: Which pairs are learned from, of samples and of judgements.
        judgements: How often the generation judges the two samples of a task that are hardest to tell apart.
        tolerance: Of samples, or judgements, whose scores are this near to the best, the shortest is chosen; 0 has
            length decide between equals alone.
        replay: Earlier rounds whose lessons are taught again, the newest ones; 0 teaches the new ones alone.
        unleashed: Whether `UNLEASHED` stands before each assignment in what is taught.
    """

    def __init__(
        self,
        *,
        updater: Updater,
        judging: Judging = _JUDGING,
        pairing: Pairing = _PAIRING,
        judgements: Annotated[int, Field(ge=2, le=MOST)] = 3,
        tolerance: Annotated[float, Field(ge=0, le=1)] = 0.1,
        replay: Annotated[int, Field(ge=0)] = 1,
        unleashed: bool = False,
    ) -> None:
        self._judging, self._pairing = judging, pairing
        self._judgements, self._tolerance = judgements, tolerance
        self._teaching = Teaching(updater, replay, unleashed)

    def propose(self, round_: Round) -> Proposal:
        """Makes the next generation; see `Loop.propose`."""
        bench = Bench(round_, self._judging)
        played = round_.sample(round_.parent)
        judged = judged_samples(played, round_.config.env, bench)
        meta_judged = judged_judgements(judged, round_.parent, bench, count=self._judgements)
        acting, judging = (
            [pair for one in of for pair in preferences(one, self._pairing, tolerance=self._tolerance)]
            for of in (judged, meta_judged)
        )
        of_meta_judges = measures_of(meta_judged) | gap_of_candidates(meta_judged)
        in_turn = itertools.zip_longest(acting, judging)
        return self._teaching.proposal(
            round_,
            round_.parent,
            [pair for both in in_turn for pair in both if pair is not None],
            note=f"learned from {len(acting)} preferences of samples and {len(judging)} of judgements",
            nothing=why_none(judged),
            measures={
                "sampled": len(played),
                "judged": len(judged),
                "meta_judged": len(meta_judged),
                "selected": len(acting),
                "meta_selected": len(judging),
                **measures_of(judged),
                **gap_of_samples(played, judged),
                **{f"meta_{name}": value for name, value in of_meta_judges.items()},
            },
        )

    def gap(self, round_: Round) -> Mapping[str, float]:
        """Measures what choosing samples by the loop's judges can gain; see `Selecting.gap`."""
        played = round_.sample(round_.parent)
        return gap_of_samples(played, judged_samples(played, round_.config.env, Bench(round_, self._judging)))

    def proxy(self, round_: Round, records: Sequence[EpisodeRecord]) -> Sequence[float | None] | None:
        """Gives the share of comparisons with the base's episodes that the loop's judges let an episode win."""
        return proxy_of(records, round_, self._judging)


class _Pair(NamedTuple):
    """Two samples that are to be judged several times."""

    task: JudgingTask
    samples: tuple[Candidate, Candidate]


def judged_judgements(judged: Sequence[Judged], name: str, bench: Bench, *, count: int) -> list[Judged]:
    """Has an agent's judgements judged: several, of the two samples of each task that are hardest to tell apart.

    Args:
        judged: Samples and opinions of them; those that came to nothing are left out.
        name: The agent's name.
        bench: Who judges its judgements.
        count: How often it judges; equal judgements count once, and what stands alone is left out.

    Returns:
        Its judgements of each task. They are worth the agreement of their rankings with the independent verifier.

    Raises:
        LoopPaused: The budget is spent.
        ChatError: The agent's model can't be reached.
    """
    pairs = [_hardest(one) for one in judged if one.opinion.scores]
    seeds = [_seeds(pair, count + 1) for pair in pairs]
    cases = [Case(pair.task, seed) for pair, own in zip(pairs, seeds, strict=True) for seed in own[1:]]
    said = iter(bench.rankings(name, cases))
    asked: list[tuple[_Pair, list[Ranking], Case]] = []
    for pair, own in zip(pairs, seeds, strict=True):
        rankings = list({written(r): r for r in itertools.islice(said, count) if r is not None}.values())
        if len(rankings) > 1:
            asked.append((pair, rankings, Case(one_level_up(pair.task, rankings), own[0])))
    opinions = bench.opinions([case for _, _, case in asked])
    return [
        Judged(
            ({"role": "user", "content": question(pair.task)},),
            tuple(_judgement(ranking, pair, name) for ranking in rankings),
            case.task,
            opinion,
        )
        for (pair, rankings, case), opinion in zip(asked, opinions, strict=True)
    ]


def _hardest(judged: Judged) -> _Pair:
    """Takes the two samples whose scores are nearest to one another, in the order in which they were made."""
    scores = judged.opinion.scores
    one, other = min(itertools.combinations(sorted(scores), 2), key=lambda pair: abs(scores[pair[0]] - scores[pair[1]]))
    return _Pair(judged.task.shown_as((one, other)), (judged.candidates[one], judged.candidates[other]))


def _seeds(pair: _Pair, count: int) -> list[int]:
    drawn = np.random.default_rng([pair.samples[0].origin.seed, _TO_JUDGE])
    return [int(number) for number in drawn.integers(2**31, size=count)]


def _judgement(ranking: Ranking, pair: _Pair, name: str) -> Candidate:
    text = written(ranking)
    worths = [sample.worth for sample in pair.samples]
    known = [worth for worth in worths if worth is not None]
    worth = None
    if len(set(known)) == len(pair.samples):
        worth = agreement(ranking, Ranking.of_scores(known))
    origin = replace(pair.samples[0].origin, generation=name, role="judge")
    return Candidate(text, ({"role": "assistant", "content": text},), origin, worth)
