# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What is measured of every generation, on every round."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from math import comb
from statistics import fmean

from rsi_agents.leaderboard import bootstrap_interval, leaderboard
from rsi_agents.loops.rounds import HeldOut
from rsi_agents.records import EpisodeRecord


def held_out_of(records: Sequence[EpisodeRecord], *, asked: int) -> HeldOut:
    """Measures held-out episodes.

    Args:
        records: Those that came to their end.
        asked: How many were to be played.
    """
    scores = [record.score for record in records if record.score is not None]
    passes = by_task(records)
    k = min((len(results) for results in passes.values()), default=0)
    return HeldOut(
        score=fmean(scores) if scores else None,
        interval=bootstrap_interval(scores),
        pass_rate=fmean(fmean(results) for results in passes.values()) if passes else None,
        pass_at_k=fmean(pass_at_k(len(r), sum(r), k) for r in passes.values()) if k > 1 else None,
        diversity=leaderboard(records)[0].diversity if records else None,
        episodes=len(scores),
        lost=asked - len(scores),
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


def verification_gap(truth: Mapping[str, Sequence[float]], proxy: Mapping[str, Sequence[float]]) -> float | None:
    """Returns how much better an agent's samples get when its verifier chooses the best of each task's.

    A loop can help where the gap is above 0: there is something to select. None without a task.

    Args:
        truth: What each sample of a task is worth by the independent verifier.
        proxy: What the loop's own verifier says of the same samples in the same order.

    Source: Y. Song et al., Mind the gap: examining the self-improvement capabilities of large language models, 2024
    (2412.02674), with best-of-k as the reweighting; ties share their weight.
    """
    gaps = []
    for task, worth in truth.items():
        said = proxy[task]
        best = max(said, default=0.0)
        chosen = [true for true, one in zip(worth, said, strict=True) if one == best]
        if chosen:
            gaps.append(fmean(chosen) - fmean(worth))
    return fmean(gaps) if gaps else None
