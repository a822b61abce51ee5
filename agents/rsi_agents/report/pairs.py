# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Agents compared in pairs: over the episodes of the same task and seed that both brought to a result."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace

from rsi_agents.leaderboard import Interval, bootstrap_interval
from rsi_agents.paired import sign_flip_test

MOST_AGENTS = 8
"""With more agents than this, each is compared with the first alone."""

Played = tuple[str | None, int]
"""Task and seed."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How much better one agent did than another."""

    better: str
    worse: str
    pairs: int
    """Episodes of the same task and seed."""
    difference: float
    """Mean over pairs of the first agent's result less the second's."""
    interval: Interval | None
    """By the percentile bootstrap over pairs; None for fewer than two."""
    p_value: float
    """Of the sign-flip permutation test, two-sided: how often chance alone would differ as much."""
    adjusted: float
    """The same, adjusted for how many comparisons were made, by Benjamini and Hochberg's rule."""
    wins: int
    ties: int
    losses: int


def compare(results: Mapping[str, Mapping[Played, float]]) -> list[Comparison]:
    """Compares agents in pairs.

    Args:
        results: By agent, best first, what each episode came to.

    Returns:
        Every pair that shares an episode; each agent against the first where there are more than MOST_AGENTS.

    Sources: R. A. Fisher, The Design of Experiments, 1935, chapter 3, for the test; Y. Benjamini and Y. Hochberg,
    Controlling the false discovery rate, JRSS B 57, 1995, for the adjustment; the bootstrap as in the leaderboard.
    """
    names = list(results)
    pairs = list(itertools.combinations(names, 2)) if len(names) <= MOST_AGENTS else [(names[0], n) for n in names[1:]]
    found = [one for better, worse in pairs if (one := _compare(better, worse, results)) is not None]
    if not found:
        return []
    from scipy.stats import false_discovery_control

    adjusted = false_discovery_control([one.p_value for one in found], method="bh")
    return [replace(one, adjusted=float(value)) for one, value in zip(found, adjusted, strict=True)]


def _compare(better: str, worse: str, results: Mapping[str, Mapping[Played, float]]) -> Comparison | None:
    left, right = results[better], results[worse]
    differences = [value - right[key] for key, value in left.items() if key in right]
    if not differences:
        return None
    p_value = sign_flip_test(differences)
    return Comparison(
        better=better,
        worse=worse,
        pairs=len(differences),
        difference=sum(differences) / len(differences),
        interval=bootstrap_interval(differences),
        p_value=p_value,
        adjusted=p_value,
        wins=sum(difference > 0 for difference in differences),
        ties=sum(difference == 0 for difference in differences),
        losses=sum(difference < 0 for difference in differences),
    )
