# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Driving a loop: round after round, measured on held-out tasks, kept or rolled back. The page to read first."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rsi_agents.loops.brakes import Findings, brakes
from rsi_agents.loops.config import LoopConfig
from rsi_agents.loops.contract import HELD_OUT_RUN, Loop, Proposal, Round, Selecting, held_out_plan
from rsi_agents.loops.folder import LoopFolder
from rsi_agents.loops.instruments import foreseen, held_out_of, scores_of
from rsi_agents.loops.ledger import LEDGER_FILE, Ledger
from rsi_agents.loops.pool import rated
from rsi_agents.loops.rounds import RoundRecord
from rsi_agents.loops.table import make_loop
from rsi_agents.paired import Paired, paired
from rsi_agents.records import EpisodeRecord
from rsi_envs.core.budget import Budget, sharing


@dataclass(frozen=True, slots=True)
class LoopOutcome:
    """How a loop ended."""

    rounds: tuple[RoundRecord, ...]
    """All of them, the base's measurement first."""
    agent: str
    """The newest generation that was kept."""


def improve(
    folder: LoopFolder, *, budget: Budget | None = None, on_round: Callable[[RoundRecord], None] = lambda record: None
) -> LoopOutcome:
    """Runs the rounds that a loop lacks.

    Args:
        folder: Where it keeps everything.
        budget: Of every model that is asked; what the loop has consumed before is charged to it first. None for no
            bound.
        on_round: Called after each round is on disk.

    Raises:
        InvalidLoop: The configuration names no loop, or settings that the loop does not take.
        LoopPaused: The budget is spent in the middle of a round; resumed, the loop goes on from there.
        Exception: What `run_plan` raises for records that can't be written.
    """
    budget = budget or Budget()
    for record in folder.rounds():
        budget.charge(record.usage)
    loop = make_loop(folder.config)
    with sharing(budget):
        while not _over(folder):
            record = _play_round(folder, loop, budget)
            folder.append(record)
            on_round(record)
    rounds = folder.rounds()
    return LoopOutcome(rounds, kept_generations(folder.config, rounds)[-1])


def kept_generations(config: LoopConfig, rounds: Sequence[RoundRecord]) -> tuple[str, ...]:
    """Names the generations that were kept, the base first."""
    return (config.base, *(record.agent for record in rounds[1:] if record.kept and record.agent))


def _over(folder: LoopFolder) -> bool:
    rounds = folder.rounds()
    return len(rounds) > folder.config.rounds or bool(rounds and rounds[-1].stopped)


def _play_round(folder: LoopFolder, loop: Loop, budget: Budget) -> RoundRecord:
    """Makes a generation (in round 0 the base is one), measures it, and decides whether it is kept."""
    config, rounds = folder.config, folder.rounds()
    kept = kept_generations(config, rounds)
    number = len(rounds)
    round_ = Round(number, folder.round_path(number), config, kept, budget)
    began, ledger = time.monotonic(), Ledger(round_.path / LEDGER_FILE)
    budget.charge(ledger.total)
    with budget.telling(ledger.add):
        proposal = loop.propose(round_) if number else _base(folder, loop, budget)
        ratings = rated(round_, proposal.agent) if proposal.agent is not None else {}
        found = _measured(folder, loop, round_, proposal)
    measures = {**proposal.measures, **ratings}
    fired = brakes(config.brakes, found, measures)
    survives = found.candidate is not None and (number == 0 or not fired)
    patience = config.brakes.patience
    idle = [not record.kept for record in rounds[1:]] + [not survives]
    tired = number > 0 and patience is not None and len(idle) >= patience and all(idle[-patience:])
    return RoundRecord(
        number=number,
        agent=proposal.agent,
        parent=round_.parent if number else None,
        kept=survives,
        held_out=found.candidate,
        against_parent=found.against_parent,
        against_base=found.against_base,
        proxy_against_parent=found.proxy,
        measures=measures,
        brakes=tuple(brake.reason for brake in fired),
        stopped=proposal.over or tired or any(brake.stops for brake in fired),
        usage=ledger.total,
        wall_s=time.monotonic() - began,
        note=proposal.note,
        files=proposal.files,
    )


def _base(folder: LoopFolder, loop: Loop, budget: Budget) -> Proposal:
    """Takes the base as it is; what a loop's first round learns from tells whether the loop can help it."""
    if not isinstance(loop, Selecting):
        return Proposal(folder.config.base)
    gap = loop.gap(Round(1, folder.round_path(1), folder.config, (folder.config.base,), budget))
    return Proposal(folder.config.base, foreseen(gap), gap)


def _measured(folder: LoopFolder, loop: Loop, round_: Round, proposal: Proposal) -> Findings:
    """Plays a proposal's held-out episodes, and compares them with its parent's and the base's."""
    if proposal.agent is None:
        return Findings()
    played = round_.held_out(proposal.agent)
    candidate = held_out_of(played, asked=held_out_plan(round_.config, proposal.agent).episodes)
    if round_.number == 0:
        return Findings(candidate)
    rounds = folder.rounds()
    parents, bases = _episodes(folder, rounds, round_.parent), _episodes(folder, rounds, round_.base)
    return Findings(
        candidate,
        base=rounds[0].held_out,
        against_parent=paired(scores_of(parents), scores_of(played)),
        against_base=paired(scores_of(bases), scores_of(played)),
        proxy=_by_proxy(loop, round_, parents, played),
    )


def _episodes(folder: LoopFolder, rounds: Sequence[RoundRecord], agent: str) -> list[EpisodeRecord]:
    """Reads the held-out episodes of a generation that was measured in an earlier round."""
    number = next(record.number for record in rounds if record.agent == agent)
    return folder.episodes(number, HELD_OUT_RUN)


def _by_proxy(
    loop: Loop, round_: Round, before: Sequence[EpisodeRecord], after: Sequence[EpisodeRecord]
) -> Paired | None:
    """Compares a generation with its parent by the loop's own reward."""
    earlier, later = loop.proxy(round_, before), loop.proxy(round_, after)
    if earlier is None or later is None:
        return None
    return paired(
        {(r.task_id, r.seed): said for r, said in zip(before, earlier, strict=True) if said is not None},
        {(r.task_id, r.seed): said for r, said in zip(after, later, strict=True) if said is not None},
    )
