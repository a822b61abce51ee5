# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""How far a panel's votes can be trusted, measured on the votes alone."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple

from rsi_envs.core.aggregation import Vote, preference


@dataclass(frozen=True, slots=True)
class Health:
    """Measures of a set of votes; None where the votes don't tell."""

    abstentions: float
    """The share of votes without a ranking."""
    swap_consistency: float | None
    """Of the pairs that a judge saw in both orders, the share that it decided alike."""
    first_preferred: float | None
    """How often the candidate that was shown first was preferred; ½ is fair."""
    agreement: float | None
    """Krippendorff's alpha of the judges over the pairs: 1 is full agreement, 0 what chance would give."""
    length_slope: float | None
    """What twice the length adds to the share of comparisons that a text wins."""

    def as_dict(self) -> dict[str, float]:
        """Returns the measures that there are."""
        return {name: value for name, value in asdict(self).items() if value is not None}


class _Comparison(NamedTuple):
    judge: str
    task: int
    first: int
    """The candidate that was shown first."""
    second: int
    preferred: float
    """How far the first was preferred, 0 to 1."""
    longer: float
    """The binary logarithm of how many times as long the first is."""


class Ballots(NamedTuple):
    """What was said about one task."""

    votes: Sequence[Vote]
    """At least one, abstentions too."""
    texts: Sequence[str]
    """The candidates."""


def health(*ballots: Ballots) -> Health:
    """Measures how far votes can be trusted, over one task or several.

    Raises:
        ValueError: There is no vote.

    Sources: K. Krippendorff, Content Analysis, 2018, for alpha; the slope is that of a least-squares line through the
    origin, of preference less ½ on the binary logarithm of the lengths' ratio.
    """
    votes = [vote for ballot in ballots for vote in ballot.votes]
    if not votes:
        raise ValueError("there is no vote to measure")
    compared = [one for task, ballot in enumerate(ballots) for one in _comparisons(task, ballot)]
    return Health(
        abstentions=sum(vote.ranking is None for vote in votes) / len(votes),
        swap_consistency=_swap_consistency(compared),
        first_preferred=statistics.fmean(one.preferred for one in compared) if compared else None,
        agreement=_agreement(compared),
        length_slope=_length_slope(compared),
    )


def _comparisons(task: int, ballots: Ballots) -> Iterator[_Comparison]:
    lengths = [max(len(text), 1) for text in ballots.texts]
    for vote in ballots.votes:
        if vote.ranking is not None:
            for first, second in itertools.combinations(vote.shown, 2):
                preferred = preference(vote.ranking, first, second)
                yield _Comparison(
                    vote.judge, task, first, second, preferred, math.log2(lengths[first] / lengths[second])
                )


def _swap_consistency(compared: Sequence[_Comparison]) -> float | None:
    seen = {(one.judge, one.task, one.first, one.second): one.preferred for one in compared}
    both = [
        _sign(preferred) == -_sign(seen[judge, task, second, first])
        for (judge, task, first, second), preferred in seen.items()
        if first < second and (judge, task, second, first) in seen
    ]
    return statistics.fmean(both) if both else None


def _sign(preferred: float) -> int:
    return (preferred > 0.5) - (preferred < 0.5)


def _agreement(compared: Sequence[_Comparison]) -> float | None:
    ratings: dict[tuple[str, tuple[int, int, int]], list[float]] = {}
    for one in compared:
        # Both ways around, so that it doesn't matter how candidates are numbered.
        ratings.setdefault((one.judge, (one.task, one.first, one.second)), []).append(one.preferred)
        ratings.setdefault((one.judge, (one.task, one.second, one.first)), []).append(1.0 - one.preferred)
    if len({judge for judge, _ in ratings}) < 2:
        return None
    import pandas
    from evalica import InsufficientRatingsError, alpha

    table = pandas.Series({key: statistics.fmean(shares) for key, shares in ratings.items()}, dtype=float).unstack()
    try:
        found = alpha(table, distance="interval").alpha
    except InsufficientRatingsError:
        return None
    return float(found) if math.isfinite(found) else None


def _length_slope(compared: Sequence[_Comparison]) -> float | None:
    spread = sum(one.longer**2 for one in compared)
    return sum(one.longer * (one.preferred - 0.5) for one in compared) / spread if spread else None
