# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How strong a solver is, from the rated puzzles that it solved and failed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

_Q = math.log(10) / 400
_FURTHEST = 800.0
"""How far a performance may lie beyond the hardest or the easiest puzzle."""
_PRECISION = 1e-6


@dataclass(frozen=True, slots=True)
class RatedResult:
    """One attempt at a rated puzzle."""

    rating: float
    """The puzzle's rating."""
    solved: bool
    """Whether the whole line was found; `passed` of the verdict."""
    rating_deviation: float = 0.0
    """How uncertain the puzzle's rating is; 0 takes it as exact."""


@dataclass(frozen=True, slots=True)
class Performance:
    """A rating and how far it can be trusted."""

    rating: float
    """The rating that makes the results the likeliest."""
    standard_error: float
    """Its standard error, from the curvature of the likelihood."""


def performance_rating(results: Iterable[RatedResult]) -> Performance:
    """Estimates the rating of a solver by maximum likelihood.

    A solver of rating r solves a puzzle of rating p and deviation d with probability
    1 / (1 + 10 ** (-g * (r - p) / 400)), where g = 1 / sqrt(1 + 3 * (q * d / pi) ** 2) and q = ln(10) / 400. The
    estimate is where the expected number of solved puzzles, each weighted by its g, is the actual one. It is held
    within 800 of the ratings of the hardest and the easiest puzzle, which bounds it when all are solved or all failed.

    Args:
        results: At least one attempt; each counts once, also several at the same puzzle.

    Raises:
        ValueError: There is no result.

    Source: Glickman, Parameter estimation in large dynamic paired comparison experiments, Applied Statistics 48, 1999,
    for the probability. The bound of 800 is that of the FIDE Handbook, B.02, table 8.1.1.
    """
    weighted = [(_weight(result.rating_deviation), result) for result in results]
    if not weighted:
        raise ValueError("no result is given; a performance needs at least one rated puzzle")

    def surplus(rating: float) -> float:
        return sum(g * (result.solved - _chance(g, rating - result.rating)) for g, result in weighted)

    low = min(result.rating for _, result in weighted) - _FURTHEST
    high = max(result.rating for _, result in weighted) + _FURTHEST
    while high - low > _PRECISION:
        middle = (low + high) / 2
        low, high = (middle, high) if surplus(middle) > 0 else (low, middle)
    rating = (low + high) / 2
    chances = ((g, _chance(g, rating - result.rating)) for g, result in weighted)
    information = sum((_Q * g) ** 2 * chance * (1 - chance) for g, chance in chances)
    return Performance(rating, 1 / math.sqrt(information))


def _weight(deviation: float) -> float:
    return 1 / math.sqrt(1 + 3 * (_Q * deviation / math.pi) ** 2)


def _chance(g: float, difference: float) -> float:
    return 1 / (1 + 10 ** (-g * difference / 400))
