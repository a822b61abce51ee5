# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What is measured of every generation, on every round."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from math import comb
from statistics import fmean

from rsi_agents.diversity import compression_ratio, distinct
from rsi_agents.leaderboard import bootstrap_interval, leaderboard
from rsi_agents.loops.rounds import HeldOut
from rsi_agents.records import EpisodeRecord

GAP, GAP_LOW, GAP_HIGH, GAP_TASKS = (f"verification_gap{part}" for part in ("", "_low", "_high", "_tasks"))
"""What measures are called that `verification_gap` makes."""
_DIGITS = 12
"""Beyond these, means of the same numbers may differ."""


def held_out_of(records: Sequence[EpisodeRecord], *, asked: int) -> HeldOut:
    """Measures held-out episodes.

    Args:
        records: Those that came to their end.
        asked: How many were to be played.
    """
    scores = [record.score for record in records if record.score is not None]
    passes = by_task(records)
    texts = list(_texts(records))
    k = min((len(results) for results in passes.values()), default=0)
    return HeldOut(
        score=fmean(scores) if scores else None,
        interval=bootstrap_interval(scores),
        pass_rate=fmean(fmean(results) for results in passes.values()) if passes else None,
        pass_at_k=fmean(pass_at_k(len(r), sum(r), k) for r in passes.values()) if k > 1 else None,
        diversity=leaderboard(records)[0].diversity if records else None,
        episodes=len(scores),
        lost=asked - len(scores),
        distinct_1=distinct(texts, 1),
        distinct_2=distinct(texts, 2),
        compression_ratio=compression_ratio(texts),
    )


def scores_of(records: Sequence[EpisodeRecord]) -> dict[Hashable, float]:
    """Gives the scores of episodes by task and seed; those without one are left out."""
    return {(record.task_id, record.seed): record.score for record in records if record.score is not None}


def by_task(records: Sequence[EpisodeRecord]) -> Mapping[str, list[bool]]:
    """Gives which episodes passed, by task; those without a line to pass are left out."""
    passes: defaultdict[str, list[bool]] = defaultdict(list)
    for record in records:
        if record.verdict is not None and record.verdict.passed is not None:
            passes[task_of(record)].append(record.verdict.passed)
    return passes


def task_of(record: EpisodeRecord) -> str:
    """Names the task that an episode was on; where the environment names none, its seed does."""
    return str((record.info or {}).get("task_id") or record.task_id or f"seed {record.seed}")


def pass_at_k(played: int, passed: int, k: int) -> float:
    """Returns the chance that at least one of k episodes passes, drawn without return from those played.

    Args:
        played: How many were played, at least k.
        passed: How many of them passed.
        k: At least 1.

    Source: M. Chen et al., Evaluating large language models trained on code, 2021 (2107.03374), equation 1.
    """
    return 1.0 - comb(played - passed, k) / comb(played, k)


def verification_gap(truth: Mapping[str, Sequence[float]], proxy: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Measures how much better an agent's samples get when its verifier chooses the best of each task's.

    A loop can help where the gap is above 0: there is something to select. Where the verifier is the truth itself, it
    is what the best of the samples score above their mean, and so never below 0.

    Args:
        truth: What each sample of a task is worth by the independent verifier.
        proxy: What the loop's own verifier says of the same samples in the same order.

    Returns:
        The mean over tasks with two samples or more as `GAP`, how many these are, and from two tasks on the ends of the
        interval over tasks, at 95%. Empty where there is no such task.

    Source: Y. Song et al., Mind the gap: examining the self-improvement capabilities of large language models, 2024
    (2412.02674), with best-of-k as the reweighting; ties share their weight.
    """
    gaps = [_gap(worth, proxy[task]) for task, worth in truth.items() if len(worth) > 1]
    if not gaps:
        return {}
    interval = bootstrap_interval(gaps)
    ends = {} if interval is None else {GAP_LOW: interval.low, GAP_HIGH: interval.high}
    return {GAP: fmean(gaps), **ends, GAP_TASKS: len(gaps)}


def foreseen(measures: Mapping[str, float]) -> str:
    """Says in a sentence what `verification_gap` lets expect of a loop; an empty text where it was not measured."""
    if GAP not in measures:
        return ""
    gap, low, high = measures[GAP], measures.get(GAP_LOW), measures.get(GAP_HIGH)
    if gap <= 0:
        there = "is nothing"
    elif low is None or low <= 0:
        there = "may be nothing"
    else:
        there = "is something"
    sure = "" if low is None else f", 95%: {low:+.3f} to {high:+.3f}"
    chosen = f"what the loop would choose of the base's samples scores {gap:+.3f} against their mean"
    return f"there {there} to select: {chosen} ({measures[GAP_TASKS]:.0f} tasks{sure})"


def _texts(records: Iterable[EpisodeRecord]) -> Iterator[str]:
    """Gives what was said in each episode that was played in text."""
    for record in records:
        actions = [step.action for step in record.steps]
        if actions and all(isinstance(action, str) for action in actions):
            yield "\n".join(actions)


def _gap(worth: Sequence[float], said: Sequence[float]) -> float:
    best = max(said)
    chosen = [true for true, one in zip(worth, said, strict=True) if one == best]
    return round(fmean(chosen) - fmean(worth), _DIGITS)
