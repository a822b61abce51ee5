# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""How several rankings become one: each rule gives every candidate a score in [0, 1], where ½ is the mean of all.

    majority         the share of the others that more of the votes put below the candidate than above it
    borda            the share of its comparisons, over all votes, that the candidate wins
    bradley_terry    the chance to win against another, by strengths that explain the votes best

Sources: A. H. Copeland, A reasonable social welfare function, 1951 (majority); J.-C. de Borda, Mémoire sur les
élections au scrutin, 1784; R. A. Bradley and M. E. Terry, Rank analysis of incomplete block designs, Biometrika 39,
1952.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from rsi_envs.core.budget import Usage
from rsi_envs.core.judging import Ranking

Rule = Literal["majority", "borda", "bradley_terry"]
Wins = Mapping[tuple[int, int], float]
"""How often, by weight, the first of two candidates was preferred to the second; both directions are there."""
PRIOR_TIE = 0.1
"""The weight of a tie between every two candidates that were compared, which keeps Bradley-Terry strengths finite."""


_TOLERANCE, _MOST_STEPS = 1e-8, 10_000
"""When a fit of strengths has converged, and when it gives up."""
_ROUNDING = 1e-9
"""Weights that differ by less are in balance."""


@dataclass(frozen=True, slots=True)
class Vote:
    """What a judge said when it was asked once."""

    judge: str
    """The judge's name."""
    shown: tuple[int, ...]
    """The candidates in the sequence in which they were shown."""
    ranking: Ranking | None
    """The ranking of those candidates, by the task's indices; None for an abstention."""
    weight: float = 1.0
    """At least 0; a vote of weight 2 counts as two."""
    problem: str | None = None
    """Why there is no ranking; None where there is one."""
    usage: Usage = field(default_factory=Usage)
    """What asking has consumed."""

    def as_dict(self) -> dict[str, Any]:
        """Returns a JSON-serialisable dict, as a verdict's votes are."""
        vote: dict[str, Any] = {"judge": self.judge, "shown": list(self.shown), "weight": self.weight}
        if self.ranking is None:
            return vote | {"abstained": self.problem}
        vote |= {"order": [list(group) for group in self.ranking.order], "rationale": self.ranking.rationale}
        if self.ranking.probabilities is not None:
            vote["probabilities"] = {str(i): p for i, p in self.ranking.probabilities.items()}
        return vote


def preference(ranking: Ranking, one: int, other: int) -> float:
    """Returns how far one candidate is preferred to another, 0 to 1: by probabilities where the ranking has them.

    Source: R. D. Luce, Individual Choice Behavior, 1959: the odds of two do not depend on the others.
    """
    chances = ranking.probabilities
    if chances is None or chances[one] + chances[other] == 0.0:
        return ranking.preference(one, other)
    return chances[one] / (chances[one] + chances[other])


def wins(votes: Sequence[Vote]) -> Wins:
    """Counts the comparisons of every two candidates over all votes, by weight."""
    counted: dict[tuple[int, int], float] = {}
    for vote in votes:
        if vote.ranking is None or vote.weight == 0.0:
            continue
        for one, other in itertools.permutations(vote.ranking.candidates, 2):
            won = vote.weight * preference(vote.ranking, one, other)
            counted[one, other] = counted.get((one, other), 0.0) + won
    return counted


def aggregate(votes: Sequence[Vote], rule: Rule = "borda") -> dict[int, float]:
    """Scores the candidates that the votes rank.

    Args:
        votes: Abstentions among them count nothing.
        rule: See the module's docstring.

    Returns:
        A score in [0, 1] for each candidate that was compared with another.
    """
    return RULES[rule](wins(votes)) if any(vote.ranking for vote in votes) else {}


def strengths(counted: Wins) -> dict[int, float]:
    """Fits Bradley-Terry strengths: the odds that one wins against another are the ratio of theirs.

    Args:
        counted: At least one pair, both directions of each.
    """
    import evalica

    one, other = zip(*counted, strict=True)
    tied = len(counted) * [PRIOR_TIE / 2]
    result = evalica.bradley_terry(
        one + one,
        other + other,
        len(counted) * [evalica.Winner.X] + len(counted) * [evalica.Winner.Draw],
        weights=[*counted.values(), *tied],
        tolerance=_TOLERANCE,
        limit=_MOST_STEPS,
    )
    fitted = result.scores.to_dict()
    return {candidate: fitted[candidate] for candidate in dict.fromkeys(one)}


def _majority(counted: Wins) -> dict[int, float]:
    balance = {(one, other): won - counted[other, one] for (one, other), won in counted.items()}
    return _means({pair: (1.0 + (more > _ROUNDING) - (more < -_ROUNDING)) / 2.0 for pair, more in balance.items()})


def _borda(counted: Wins) -> dict[int, float]:
    won: dict[int, float] = {}
    compared: dict[int, float] = {}
    for (one, other), weight in counted.items():
        won[one] = won.get(one, 0.0) + weight
        compared[one] = compared.get(one, 0.0) + weight + counted[other, one]
    return {candidate: won[candidate] / compared[candidate] for candidate in sorted(won)}


def _bradley_terry(counted: Wins) -> dict[int, float]:
    strength = strengths(counted)
    return _means({(one, other): strength[one] / (strength[one] + strength[other]) for one, other in counted})


def _means(shares: Mapping[tuple[int, int], float]) -> dict[int, float]:
    """Each candidate's mean over those that it was compared with."""
    by_candidate: dict[int, list[float]] = {}
    for (one, _), share in shares.items():
        by_candidate.setdefault(one, []).append(share)
    return {candidate: sum(of) / len(of) for candidate, of in sorted(by_candidate.items())}


RULES: dict[Rule, Callable[[Wins], dict[int, float]]] = {
    "majority": _majority,
    "borda": _borda,
    "bradley_terry": _bradley_terry,
}
"""By name."""
