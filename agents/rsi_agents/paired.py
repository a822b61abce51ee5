# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Whether one agent does better than another on the same tasks with the same seeds."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rsi_agents.leaderboard import Interval, bootstrap_interval

_RESAMPLES = 9_999
_BATCH = 500
"""Ways tried at once: 40 MB for ten thousand pairs."""
_ROUNDING = 1e-9
"""Sums of the same numbers in another order differ by less than this share."""
_SEED = 0


@dataclass(frozen=True, slots=True)
class Paired:
    """A difference of means over episodes that both played."""

    difference: float
    """The later agent's mean minus the earlier one's."""
    interval: Interval | None
    """At 95%, by the percentile bootstrap over pairs; None for fewer than two."""
    p: float
    """Two-sided, by `sign_flip_test`."""
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
        float(np.mean(differences)), bootstrap_interval(differences), sign_flip_test(differences), len(differences)
    )


def sign_flip_test(differences: Sequence[float]) -> float:
    """Tests whether differences are around zero: the share of all ways to flip their signs with as large a sum.

    Every way is tried up to thirteen differences, and 9,999 drawn with a fixed seed beyond, to which the one that was
    seen is added. Differences of zero are the same either way, and are left out.

    Source: R. A. Fisher, The Design of Experiments, 1935, chapter 3.
    """
    told = np.asarray([difference for difference in differences if difference != 0.0], dtype=float)
    seen = abs(float(told.sum())) * (1.0 - _ROUNDING)
    if 2**told.size <= _RESAMPLES:
        bits = (np.arange(2**told.size)[:, None] >> np.arange(told.size)) & 1
        return float(np.mean(np.abs((2.0 * bits - 1.0) @ told) >= seen))
    rng = np.random.default_rng(_SEED)
    as_large = 1
    for start in range(0, _RESAMPLES, _BATCH):
        rows = min(_BATCH, _RESAMPLES - start)
        signs = 2.0 * rng.integers(0, 2, size=(rows, told.size), dtype=np.int8) - 1.0
        as_large += int(np.sum(np.abs(signs @ told) >= seen))
    return as_large / (_RESAMPLES + 1)
