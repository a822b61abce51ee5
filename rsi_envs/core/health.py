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
    first: int
    """The candidate that was shown first."""
    second: int
    preferred: float
    """How far the first was preferred, 0 to 1."""


def health(votes: Sequence[Vote], texts: Sequence[str]) -> Health:
    """Measures how far votes can be trusted.

    Args:
        votes: At least one, abstentions too.
        texts: The candidates' texts.

    Raises:
        ValueError: There is no vote.

    Sources: K. Krippendorff, Content Analysis, 2018, for alpha; the slope is that of a least-squares line through the
    origin, of preference less ½ on the binary logarithm of the lengths' ratio.
    """
    if not votes:
        raise ValueError("there is no vote to measure")
    compared = list(_comparisons(votes))
    return Health(
        abstentions=sum(vote.ranking is None for vote in votes) / len(votes),
        swap_consistency=_swap_consistency(compared),
        first_preferred=statistics.fmean(one.preferred for one in compared) if compared else None,
        agreement=_agreement(compared),
        length_slope=_length_slope(compared, [len(text) for text in texts]),
    )


def _comparisons(votes: Sequence[Vote]) -> Iterator[_Comparison]:
    for vote in votes:
        if vote.ranking is not None:
            for first, second in itertools.combinations(vote.shown, 2):
                yield _Comparison(vote.judge, first, second, preference(vote.ranking, first, second))


def _swap_consistency(compared: Sequence[_Comparison]) -> float | None:
    seen = {(one.judge, one.first, one.second): one.preferred for one in compared}
    both = [
        _sign(preferred) == -_sign(seen[judge, second, first])
        for (judge, first, second), preferred in seen.items()
        if first < second and (judge, second, first) in seen
    ]
    return statistics.fmean(both) if both else None


def _sign(preferred: float) -> int:
    return (preferred > 0.5) - (preferred < 0.5)


def _agreement(compared: Sequence[_Comparison]) -> float | None:
    import pandas
    from evalica import InsufficientRatingsError, alpha

    ratings: dict[tuple[str, tuple[int, int]], list[float]] = {}
    for one in compared:
        pair = min(one.first, one.second), max(one.first, one.second)
        share = one.preferred if one.first == pair[0] else 1.0 - one.preferred
        ratings.setdefault((one.judge, pair), []).append(share)
    means = {key: statistics.fmean(shares) for key, shares in ratings.items()}
    table = pandas.Series(means, dtype=float).unstack() if means else pandas.DataFrame()
    if len(table) < 2:
        return None
    try:
        found = alpha(table, distance="interval").alpha
    except InsufficientRatingsError:
        return None
    return float(found) if math.isfinite(found) else None


def _length_slope(compared: Sequence[_Comparison], lengths: Sequence[int]) -> float | None:
    ratios = [math.log2(max(lengths[one.first], 1) / max(lengths[one.second], 1)) for one in compared]
    spread = sum(ratio * ratio for ratio in ratios)
    if spread == 0.0:
        return None
    return sum(ratio * (one.preferred - 0.5) for ratio, one in zip(ratios, compared, strict=True)) / spread
