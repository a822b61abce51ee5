# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`weak_to_strong`: a strong agent learns from a weak one's answers, and is compared with one that learned the truth.

Source: C. Burns et al., Weak-to-strong generalization: eliciting strong capabilities with weak supervision, 2023
(2312.09390). Its question is how people could supervise what is abler than they are.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Sequence
from statistics import fmean
from typing import Annotated

from pydantic import Field

from rsi_agents.errors import InvalidLoop
from rsi_agents.loops.contract import Proposal, Round
from rsi_agents.loops.gap import GapRecovered, gap_recovered
from rsi_agents.loops.instruments import task_of
from rsi_agents.loops.lessons import HeldOutTasks, example_of, write_lessons
from rsi_agents.loops.updating import Updater, learned
from rsi_agents.records import EpisodeRecord
from rsi_agents.registry import agent_factory

_STUDENT, _CEILING = "student", "ceiling"


class WeakToStrong:
    """Teaches the base the answers of a weaker agent, and tells how much of the gap to its ceiling that makes up.

    The base, the strong agent, learns twice and apart: the weak agent's answers, which makes the generation, and the
    truth on the same tasks, which makes its ceiling. No verdict has a say in what is learned. There is but one round.

    Args:
        updater: How the strong agent learns.
        weak: The agent that supervises, by name.
        truth: The agent that knows, by name; it plays training tasks alone.
        samples: Answers of the weak agent to a task, of which the most frequent is the label; see `majority`.
        confident: How many of the samples must agree on a label for it to be learned; None learns all labels.

    Raises:
        InvalidLoop: `confident` is above `samples`.
        AgentNotFound: There is no such agent.
        AgentNameError: An agent takes no such setting.
    """

    def __init__(
        self,
        *,
        updater: Updater,
        weak: str,
        truth: str = "reference:oracle",
        samples: Annotated[int, Field(ge=1)] = 1,
        confident: Annotated[int, Field(ge=1)] | None = None,
    ) -> None:
        if confident is not None and confident > samples:
            raise InvalidLoop(f"loop 'weak_to_strong': {confident} of {samples} samples can't agree; raise `samples`")
        self._updater, self._truth = updater, truth
        self._weak = f"majority?n={samples} of {weak}" if samples > 1 else weak
        self._samples, self._confident = samples, confident or 1
        for name in (self._weak, truth):
            agent_factory(name)

    def propose(self, round_: Round) -> Proposal:
        """Makes the next generation; see `Loop.propose`.

        Raises:
            LeakedTask: A training task is held out, too.
            CannotUpdate: The base can't be taught in this way.
            LoopPaused: The budget is spent.
        """
        sampled = round_.sample(self._weak)
        answers = [record for record in sampled if _is_answer(record)]
        truths = {record.index: record for record in round_.sample(self._truth, run="truth")}
        labels = [r for r in answers if self._agreeing(r) >= self._confident and r.index in truths]
        measures: dict[str, float] = {"answers": len(answers), "labels": len(labels)}
        if sampled:
            measures["abstentions"] = 1 - len(answers) / len(sampled)
        if answers and self._samples > 1:
            measures["confidence"] = fmean(self._agreeing(record) / self._samples for record in answers)
        if not labels:
            return Proposal(None, "the weak agent gave no label whose truth is known", measures, over=True)
        scores = [record.score for record in labels if record.score is not None]
        measures |= {"label_score": fmean(scores)} if scores else {}
        config = round_.config
        lessons = (example_of(record, config.env) for record in labels)
        HeldOutTasks(config.env, config.env_args, config.held_out.split).check(lessons)
        # Example by example, the two differ in nothing but what is taught.
        weights = [self._agreeing(record) / self._samples for record in labels]
        student = self._taught(round_, _STUDENT, labels, weights)
        ceiling = self._taught(round_, _CEILING, [truths[record.index] for record in labels], weights)
        files = {name: round_.within(round_.path / f"{name}.jsonl") for name in (_STUDENT, _CEILING)}
        if student is None or ceiling is None:
            note = f"{len(labels)} labels and the truth of each are written; train on them elsewhere"
            return Proposal(None, note, measures, files, over=True)
        gap = gap_recovered(
            _by_task(round_.held_out(self._weak, "held-out-weak")),
            _by_task(round_.held_out(student)),
            _by_task(round_.held_out(ceiling, f"held-out-{_CEILING}")),
        )
        return Proposal(student, _told(gap), measures | _measures_of(gap), files, over=True)

    def proxy(self, round_: Round, records: Sequence[EpisodeRecord]) -> None:
        """There is no reward but the environment's."""

    def _agreeing(self, record: EpisodeRecord) -> float:
        """How many samples agree on a label."""
        return float(max(record.steps[-1].trace["scores"])) if self._samples > 1 else 1.0

    def _taught(
        self, round_: Round, name: str, records: Sequence[EpisodeRecord], weights: Sequence[float]
    ) -> str | None:
        """Teaches the base what these episodes show, and names the agent that has learned."""
        lessons = [
            dataclasses.replace(example_of(record, round_.config.env), score=weight)
            for record, weight in zip(records, weights, strict=True)
        ]
        rows = round_.once(f"{name}.jsonl", lambda path: write_lessons(path, lessons))
        return learned(self._updater, round_, round_.base, rows, name)


def _is_answer(record: EpisodeRecord) -> bool:
    """Whether the environment could read what was answered in the end."""
    return not record.steps[-1].info.get("malformed")


def _by_task(records: Iterable[EpisodeRecord]) -> dict[str, float]:
    """Gives the mean score of each task."""
    scores: defaultdict[str, list[float]] = defaultdict(list)
    for record in records:
        if record.score is not None:
            scores[task_of(record)].append(record.score)
    return {task: fmean(of_task) for task, of_task in scores.items()}


def _measures_of(gap: GapRecovered | None) -> dict[str, float]:
    if gap is None:
        return {}
    told: dict[str, float | None] = {"weak": gap.weak, "student": gap.student, "ceiling": gap.ceiling, "pgr": gap.ratio}
    if gap.interval is not None:
        told |= {"pgr_low": gap.interval.low, "pgr_high": gap.interval.high}
    return {name: value for name, value in told.items() if value is not None}


def _told(gap: GapRecovered | None) -> str:
    if gap is None:
        return "no held-out task was scored for all three agents, so nothing is known of the gap"
    if gap.ratio is None:
        return f"the ceiling, {gap.ceiling:.3f}, is no better than the weak agent, {gap.weak:.3f}: no gap to recover"
    if gap.interval is None:
        return (
            f"{gap.ratio:.2f} of the gap is recovered, without an interval: {gap.tasks} tasks don't show a gap for sure"
        )
    return f"{gap.ratio:.2f} of the gap is recovered (95%: {gap.interval.low:.2f} to {gap.interval.high:.2f})"
