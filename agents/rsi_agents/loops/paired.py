# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Whether one agent does better than another on the same tasks with the same seeds."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np

from rsi_agents.leaderboard import Interval, bootstrap_interval

_RESAMPLES = 9_999
_SEED = 0


@dataclass(frozen=True, slots=True)
class Paired:
    """A difference of means over episodes that both played."""

    difference: float
    """The later agent's mean minus the earlier one's."""
    interval: Interval | None
    """At 95%, by the percentile bootstrap over pairs; None for fewer than two."""
    p: float | None
    """Two-sided, by flipping the signs of differences; None for fewer than two pairs."""
    pairs: int


def paired(before: Mapping[Hashable, float], after: Mapping[Hashable, float]) -> Paired | None:
    """Compares scores by what both played; None where they share nothing.

    Args:
        before: Scores by episode: its task and seed.
        after: Likewise.

    Source: B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap, 1993, chapters 13 and 15.
    """
    shared = sorted(before.keys() & after.keys(), key=repr)
    if not shared:
        return None
    differences = [after[key] - before[key] for key in shared]
    return Paired(
        float(np.mean(differences)), bootstrap_interval(differences), _sign_flip_p(differences), len(differences)
    )


def _sign_flip_p(differences: list[float]) -> float | None:
    if len(differences) < 2:
        return None
    if not any(differences):
        return 1.0
    from scipy.stats import permutation_test

    result = permutation_test(
        (np.asarray(differences),),
        np.mean,
        permutation_type="samples",
        vectorized=True,
        n_resamples=_RESAMPLES,
        rng=np.random.default_rng(_SEED),
    )
    return float(result.pvalue)
