# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Preferences of what judges came to: the best against the worst, where they are sure enough."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pydantic import Field

from rsi_agents.loops.config import StrictModel
from rsi_agents.loops.judged import Judged
from rsi_agents.loops.lessons import Preference
from rsi_envs.core.aggregation import Vote, preference
from rsi_envs.core.health import Ballots, health
from rsi_envs.core.judging import Ranking

CHOSEN, REJECTED = 0, 1
"""Whom a preference's votes are about, by the numbers in them."""


class Pairing(StrictModel):
    """Which pairs are learned from."""

    per_task: int = Field(default=1, ge=1)
    """Pairs of a task, at most: the best against the worst, then the next best against the next worst."""
    margin: float = Field(default=0.1, ge=0, le=1)
    """By how much the better one's score must be higher, scores being in [0, 1]; equals never make a pair."""
    least_consistency: float = Field(default=1.0, ge=0, le=1)
    """Share of the judges that saw the two in both orders who must have decided alike in both; 0 asks for none."""


def preferences(judged: Judged, pairing: Pairing, *, tolerance: float = 0.0) -> Iterator[Preference]:
    """Makes the preferences of an opinion; none of one that came to nothing.

    Args:
        judged: Candidates and the opinion.
        pairing: Which pairs to make.
        tolerance: Of those whose scores are this near to the best that is left, the shortest is chosen; 0 has length
            decide between equals alone.
    """
    scores = judged.opinion.scores
    left = sorted(scores, key=lambda i: (-scores[i], i))
    for _ in range(pairing.per_task):
        if len(left) < 2:
            return
        worst = left.pop()
        near = [i for i in left if scores[left[0]] - scores[i] <= tolerance]
        best = min(near, key=lambda i: len(judged.candidates[i].text))
        left.remove(best)
        margin = scores[best] - scores[worst]
        votes = votes_between(judged.opinion.votes, best, worst)
        trust = health(Ballots(votes, (judged.candidates[best].text, judged.candidates[worst].text)))
        if margin > 0 and margin >= pairing.margin and (trust.swap_consistency or 0.0) >= pairing.least_consistency:
            yield Preference(
                judged.prompt,
                judged.candidates[best].completion,
                judged.candidates[worst].completion,
                margin,
                judged.candidates[best].origin,
                tuple(vote.as_dict() for vote in votes),
                trust.as_dict(),
            )


def why_none(judged: Sequence[Judged]) -> str:
    """Says why there is no preference to learn from."""
    if not judged:
        return "no task has two different samples to compare, so there is nothing to learn from"
    silent = [one.opinion.unscored for one in judged if one.opinion.unscored]
    if len(silent) == len(judged):
        return f"judges came to nothing on any task, so there is nothing to learn from: {silent[0]}"
    return "judges told no two samples apart surely enough, so there is nothing to learn from"


def votes_between(votes: Sequence[Vote], chosen: int, rejected: int) -> list[Vote]:
    """Gives what votes say of two candidates, now `CHOSEN` and `REJECTED`; those that saw but one are left out."""
    number = {chosen: CHOSEN, rejected: REJECTED}
    between = []
    for vote in votes:
        shown = tuple(number[i] for i in vote.shown if i in number)
        if len(shown) == len(number):
            between.append(
                replace(vote, shown=shown, ranking=vote.ranking and _between(vote.ranking, chosen, rejected))
            )
    return between


def _between(ranking: Ranking, chosen: int, rejected: int) -> Ranking:
    above = ranking.preference(chosen, rejected)
    order = {1.0: ((CHOSEN,), (REJECTED,)), 0.5: ((CHOSEN, REJECTED),), 0.0: ((REJECTED,), (CHOSEN,))}[above]
    if ranking.probabilities is None:
        return replace(ranking, order=order)
    share = preference(ranking, chosen, rejected)
    return replace(ranking, order=order, probabilities={CHOSEN: share, REJECTED: 1.0 - share})
