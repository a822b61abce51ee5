# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Judging: candidates for an assignment, rankings of them, and whoever makes rankings.

A judge is an agent acting in `rsi/Judge-v0`: the same object judges another agent's text there and here. How tasks and
rankings are written and read is in `rsi_envs.core.judgements`.
"""

from __future__ import annotations

import itertools
import math
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from rsi_envs.core.budget import Usage
from rsi_envs.core.constraints import Constraint
from rsi_envs.core.errors import InvalidOption

LABELS = string.ascii_uppercase
"""What candidates are called in a prompt, in the order in which they are shown."""
FEWEST, MOST = 2, len(LABELS)
"""Candidates that can be judged at once."""


@dataclass(frozen=True, slots=True)
class JudgingTask:
    """Candidates that are to be ranked.

    Raises:
        InvalidOption: Fewer than 2 or more than 26 candidates, or facts about some alone.
    """

    assignment: str
    """What the candidates were to do."""
    candidates: tuple[str, ...]
    """Their texts, 2 to 26; untrusted data."""
    criteria: str = ""
    """What makes one better than another; empty leaves that to the judge."""
    constraints: tuple[Constraint, ...] = ()
    """What a program can check of each candidate."""
    facts: tuple[str, ...] = ()
    """What is known of each candidate and told to judges, such as what a program found; empty for nothing."""

    def __post_init__(self) -> None:
        if not FEWEST <= len(self.candidates) <= MOST:
            raise InvalidOption(
                f"there are {len(self.candidates)} candidates; {FEWEST} to {MOST} can be judged at once"
            )
        if self.facts and len(self.facts) != len(self.candidates):
            raise InvalidOption(f"there are facts about {len(self.facts)} of {len(self.candidates)} candidates")

    def shown_as(self, sequence: Sequence[int]) -> JudgingTask:
        """Returns the task with these candidates alone, in this sequence."""
        facts = tuple(self.facts[i] for i in sequence) if self.facts else ()
        return replace(self, candidates=tuple(self.candidates[i] for i in sequence), facts=facts)

    def as_dict(self) -> dict[str, Any]:
        """Returns a JSON-serialisable dict."""
        return {
            "assignment": self.assignment,
            "candidates": list(self.candidates),
            "criteria": self.criteria,
            "constraints": [constraint.as_dict() for constraint in self.constraints],
            "facts": list(self.facts),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> JudgingTask:
        """Rebuilds what `as_dict` gave.

        Raises:
            InvalidOption: Values that make no task.
        """
        constraints = tuple(Constraint.from_dict(constraint) for constraint in data["constraints"])
        facts = tuple(data.get("facts", ()))
        return cls(data["assignment"], tuple(data["candidates"]), data["criteria"], constraints, facts)


@dataclass(frozen=True, slots=True)
class Ranking:
    """Candidates from best to worst, by their index in the task.

    Raises:
        ValueError: A candidate that stands twice, an empty group, or probabilities that are none.
    """

    order: tuple[tuple[int, ...], ...]
    """Groups, the best first; those in one group are tied. Candidates that were not judged are left out."""
    rationale: str = ""
    """Why; empty where nothing was said."""
    probabilities: Mapping[int, float] | None = None
    """The chance that each of the candidates is the best, adding up to 1; None where none was given."""
    usage: Usage = field(default_factory=Usage)
    """What making it has consumed."""

    def __post_init__(self) -> None:
        ranked = [candidate for group in self.order for candidate in group]
        if len(set(ranked)) < len(ranked) or not all(self.order):
            raise ValueError(f"{self.order} is no ranking: each candidate stands once, and no group is empty")
        if self.probabilities is not None and not (
            set(self.probabilities) == set(ranked)
            and all(p >= 0.0 for p in self.probabilities.values())
            and math.isclose(sum(self.probabilities.values()), 1.0, abs_tol=1e-6)
        ):
            raise ValueError(f"{dict(self.probabilities)} gives no probability to each of {sorted(ranked)}")

    @classmethod
    def of_scores(cls, scores: Mapping[int, float] | Sequence[float], **more: Any) -> Ranking:
        """Ranks candidates by a number, the highest first; equal numbers are tied.

        Args:
            scores: One a candidate.
            **more: The ranking's other fields.
        """
        by_candidate = dict(scores) if isinstance(scores, Mapping) else dict(enumerate(scores))
        best_first = sorted(by_candidate, key=lambda candidate: (-by_candidate[candidate], candidate))
        groups = itertools.groupby(best_first, key=lambda candidate: by_candidate[candidate])
        return cls(tuple(tuple(group) for _, group in groups), **more)

    @property
    def candidates(self) -> tuple[int, ...]:
        """The candidates that were ranked, in ascending order."""
        return tuple(sorted(candidate for group in self.order for candidate in group))

    def preference(self, one: int, other: int) -> float:
        """Returns 1 where one candidate is ranked above the other, 0 where it is below, ½ where they are tied.

        Raises:
            KeyError: One of them was not ranked.
        """
        place = {candidate: i for i, group in enumerate(self.order) for candidate in group}
        return (1.0 - (place[one] > place[other]) + (place[one] < place[other])) / 2.0

    def seen_from(self, sequence: Sequence[int]) -> Ranking:
        """Translates a ranking of a task `shown_as` this sequence into one of the task itself."""
        order = tuple(tuple(sequence[i] for i in group) for group in self.order)
        chances = self.probabilities
        return replace(
            self, order=order, probabilities=None if chances is None else {sequence[i]: p for i, p in chances.items()}
        )


def agreement(ranking: Ranking, truth: Ranking) -> float:
    """Returns the share of pairs that a ranking orders as the truth does; pairs that the truth leaves tied don't count.

    A tie where the truth has none counts half. Without ties, this is (τ + 1) / 2.

    Raises:
        ValueError: The truth leaves everything tied.
        KeyError: The ranking lacks a candidate of the truth.

    Source: M. G. Kendall, A new measure of rank correlation, Biometrika 30, 1938.
    """
    above = [
        (one, other)
        for i, group in enumerate(truth.order)
        for one in group
        for lower in truth.order[i + 1 :]
        for other in lower
    ]
    if not above:
        raise ValueError("the truth leaves everything tied, so that no ranking can agree with it")
    return sum(ranking.preference(one, other) for one, other in above) / len(above)


class Judge(Protocol):
    """Whoever ranks candidates and says why."""

    @property
    def name(self) -> str:
        """What to call the judge in records."""
        ...

    def judge(self, task: JudgingTask, *, seed: int | None = None) -> Ranking:
        """Ranks the candidates, all of them.

        Args:
            task: The candidates, in the order in which they are shown.
            seed: What the judge's randomness comes from; None draws it from the system.

        Raises:
            Abstained: No ranking could be read from what the judge said.
            ChatError: The judge's model gave no reply.
        """
        ...
