# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""How much of the gap between a weak supervisor and a strong model's ceiling its student has made up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rsi_agents.leaderboard import CONFIDENCE, Interval

_RESAMPLES, _BATCH = 10_000, 500
_SEED = 0
_ROUNDING = 1e-12
"""A gap of no more than this is none."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class GapRecovered:
    """The performance gap recovered, and the means that it comes from."""

    weak: float
    """The supervisor's mean score."""
    student: float
    """Of the strong model that was taught by the supervisor's labels."""
    ceiling: float
    """Of the strong model that was taught by the truth."""
    ratio: float | None
    """Its share of the gap: 0 as the supervisor, 1 as the ceiling; below and above where it is worse or better. None
    where the ceiling is no better than the supervisor: there is no gap."""
    interval: Interval | None
    """At 95%, by the percentile bootstrap over tasks. None where more than 2.5% of the resamples have no gap, for then
    it has no ends."""
    tasks: int
    """Those that all three did."""


def gap_recovered(
    weak: Mapping[str, float], student: Mapping[str, float], ceiling: Mapping[str, float]
) -> GapRecovered | None:
    """Compares three agents by the tasks that all of them did; None where there is no such task.

    Args:
        weak: The supervisor's mean score by task.
        student: The student's.
        ceiling: The ceiling's.

    Source: C. Burns et al., Weak-to-strong generalization: eliciting strong capabilities with weak supervision, 2023
    (2312.09390), section 3. The interval is this suite's own: a resample without a gap counts as endlessly low for its
    lower end and as endlessly high for its upper one.
    """
    tasks = sorted(weak.keys() & student.keys() & ceiling.keys())
    if not tasks:
        return None
    scores = np.array([[one[task] for one in (weak, student, ceiling)] for task in tasks])
    means = scores.mean(axis=0)
    (ratio,) = _ratios(means[None])
    known = not np.isnan(ratio)
    return GapRecovered(
        weak=float(means[0]),
        student=float(means[1]),
        ceiling=float(means[2]),
        ratio=float(ratio) if known else None,
        interval=_interval(scores) if known else None,
        tasks=len(tasks),
    )


def _ratios(means: Floats) -> Floats:
    """Divides what a student gained by the gap, row by row; not a number where there is none."""
    weak, student, ceiling = means.T
    gap = ceiling - weak
    ratios: Floats = np.full(len(means), np.nan)
    there = gap > _ROUNDING
    ratios[there] = (student - weak)[there] / gap[there]
    return ratios


def _interval(scores: Floats) -> Interval | None:
    tasks = len(scores)
    if tasks < 2:
        return None
    rng = np.random.default_rng(_SEED)
    even = np.full(tasks, 1 / tasks)
    drawn = [rng.multinomial(tasks, even, size=_BATCH) @ scores / tasks for _ in range(_RESAMPLES // _BATCH)]
    ratios = _ratios(np.concatenate(drawn))
    tail = (1 - CONFIDENCE) / 2
    low = np.quantile(np.nan_to_num(ratios, nan=-np.inf), tail, method="inverted_cdf")
    high = np.quantile(np.nan_to_num(ratios, nan=np.inf), 1 - tail, method="inverted_cdf")
    return Interval(float(low), float(high)) if np.isfinite([low, high]).all() else None
