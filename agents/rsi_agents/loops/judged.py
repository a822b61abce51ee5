# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What an agent has said, ranked by judges, and how far that can be trusted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from rsi_agents.loops.bench import Bench, Case, Judging
from rsi_agents.loops.brakes import AGREEMENT
from rsi_agents.loops.contract import Round
from rsi_agents.loops.instruments import task_of, verification_gap
from rsi_agents.loops.lessons import Message, Origin, conversation_of, origin_of
from rsi_agents.records import EpisodeRecord
from rsi_envs.core.health import Ballots, health
from rsi_envs.core.judging import MOST, JudgingTask, Ranking, agreement
from rsi_envs.core.panel import Opinion


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that was said, and may be learned from."""

    text: str
    """What judges see of it."""
    completion: tuple[Message, ...]
    origin: Origin
    worth: float | None
    """What it is worth by the independent verifier; None where that does not say."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Candidates for one prompt, and what judges came to."""

    prompt: tuple[Message, ...]
    candidates: tuple[Candidate, ...]
    """Of different texts, in the task's order."""
    task: JudgingTask
    opinion: Opinion


def judged_samples(records: Sequence[EpisodeRecord], env_id: str, bench: Bench) -> list[Judged]:
    """Has samples judged beside others on the same task; equal texts count once, and what stands alone is left out.

    Args:
        records: Episodes in text, in plan's order. Of each, judges see the last action.
        env_id: Where they were played.
        bench: Who judges.

    Raises:
        LoopPaused: The budget is spent.
    """
    alike: defaultdict[tuple[str, str], dict[str, EpisodeRecord]] = defaultdict(dict)
    for record in records:
        if record.steps:
            texts = alike[task_of(record), str(record.observation)]
            texts.setdefault(text_of(record).strip(), record)
    groups = [list(texts.values())[:MOST] for texts in alike.values() if len(texts) > 1]
    tasks = [JudgingTask(str(group[0].observation), tuple(map(text_of, group))) for group in groups]
    opinions = bench.opinions([Case(task, group[0].seed) for task, group in zip(tasks, groups, strict=True)])
    return [
        Judged(
            tuple(conversation_of(group[0])[:1]),
            tuple(_candidate(record, env_id) for record in group),
            task,
            opinion,
        )
        for group, task, opinion in zip(groups, tasks, opinions, strict=True)
    ]


def text_of(record: EpisodeRecord) -> str:
    """Gives what judges see of an episode: its last action."""
    return str(record.steps[-1].action)


def wins_against_base(
    records: Sequence[EpisodeRecord], base: Sequence[EpisodeRecord], bench: Bench, *, most: int
) -> list[float | None]:
    """Has held-out episodes judged beside those of the base with the same task and seed.

    Args:
        records: What is to be judged.
        base: The base's episodes.
        bench: Who judges.
        most: How many of a plan's first episodes are judged.

    Returns:
        The share of comparisons that each episode wins, ½ where it says the same as the base; None where it was not
        judged, or judges came to nothing.

    Raises:
        LoopPaused: The budget is spent.
    """
    others = {(record.task_id, record.seed): record for record in base if record.steps}
    shares: dict[int, float | None] = {}
    cases: dict[int, Case] = {}
    for i, record in enumerate(records):
        other = others.get((record.task_id, record.seed))
        if other is None or not record.steps or record.index >= most:
            continue
        texts = text_of(record), text_of(other)
        if texts[0].strip() == texts[1].strip():
            shares[i] = 0.5
        else:
            cases[i] = Case(JudgingTask(str(record.observation), texts), record.seed)
    for i, opinion in zip(cases, bench.opinions(list(cases.values())), strict=True):
        shares[i] = opinion.scores.get(0)
    return [shares.get(i) for i in range(len(records))]


def proxy_of(records: Sequence[EpisodeRecord], round_: Round, judging: Judging) -> list[float | None] | None:
    """Gives what a round's judges make of held-out episodes; see `wins_against_base`. None where they are not to say.

    Raises:
        LoopPaused: The budget is spent.
    """
    if not judging.proxy_tasks:
        return None
    return wins_against_base(records, round_.measured(0), Bench(round_, judging), most=judging.proxy_tasks)


def measures_of(judged: Sequence[Judged]) -> dict[str, float]:
    """Measures how far opinions can be trusted.

    Returns:
        What `Health` measures, with the judges' agreement with one another as `alpha`; as `agreement` the share of
        pairs that they order as the independent verifier does. What can't be told is left out.
    """
    if not judged:
        return {}
    found = health(*(Ballots(one.opinion.votes, one.task.candidates) for one in judged)).as_dict()
    if AGREEMENT in found:
        found["alpha"] = found.pop(AGREEMENT)
    right = [agreement(one.opinion.ranking, truth) for one in judged if (truth := _truth(one))]
    if right:
        found[AGREEMENT] = fmean(right)
    return found


def gap_of_samples(records: Sequence[EpisodeRecord], judged: Sequence[Judged]) -> dict[str, float]:
    """Measures what choosing by judges can gain; see `verification_gap`.

    Every sampled task counts: where all samples are alike, or judges came to nothing, there is nothing to gain.

    Args:
        records: The samples.
        judged: What `judged_samples` made of them.
    """
    said = {
        (candidate.origin.task_id, one.task.assignment, candidate.text.strip()): one.opinion.scores.get(i, 0.0)
        for one in judged
        for i, candidate in enumerate(one.candidates)
    }
    truth: defaultdict[str, list[float]] = defaultdict(list)
    proxy: defaultdict[str, list[float]] = defaultdict(list)
    for record in records:
        if record.steps and record.score is not None:
            task, text = (task_of(record), str(record.observation)), text_of(record).strip()
            truth[str(task)].append(record.score)
            proxy[str(task)].append(said.get((*task, text), 0.0))
    return verification_gap(truth, proxy)


def gap_of_candidates(judged: Sequence[Judged]) -> dict[str, float]:
    """Measures what choosing by judges can gain where candidates are no samples; see `verification_gap`."""
    return verification_gap(*_worths(judged))


def _candidate(record: EpisodeRecord, env_id: str) -> Candidate:
    return Candidate(text_of(record), tuple(conversation_of(record)[1:]), origin_of(record, env_id), record.score)


def _truth(judged: Judged) -> Ranking | None:
    """How the independent verifier ranks candidates; None where it tells none apart, or judges came to nothing."""
    worths = {i: one.worth for i, one in enumerate(judged.candidates) if one.worth is not None}
    truth = Ranking.of_scores(worths)
    return truth if judged.opinion.scores and len(truth.order) > 1 else None


def _worths(judged: Sequence[Judged]) -> tuple[Mapping[str, Sequence[float]], Mapping[str, Sequence[float]]]:
    """Gives what candidates are worth by the independent verifier, and by judges, where both know all of a task's."""
    truth, proxy = {}, {}
    for number, one in enumerate(judged):
        worths = [candidate.worth for candidate in one.candidates if candidate.worth is not None]
        if len(worths) == len(one.candidates) == len(one.opinion.scores):
            truth[str(number)] = worths
            proxy[str(number)] = [one.opinion.scores[i] for i in range(len(worths))]
    return truth, proxy
