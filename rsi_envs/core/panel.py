# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A panel: several judges, asked in both orders at the same time, whose votes make one ranking or none."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, NamedTuple, get_args

import numpy as np

from rsi_envs.core.aggregation import Rule, Vote, aggregate
from rsi_envs.core.budget import Usage
from rsi_envs.core.errors import Abstained, BudgetExhausted, ChatError, InvalidOption
from rsi_envs.core.health import Ballots, Health, health
from rsi_envs.core.judging import Judge, JudgingTask, Ranking
from rsi_envs.core.options import check_choice, check_count
from rsi_envs.core.parallel import in_parallel
from rsi_envs.core.weights import weight_in

Comparing = Literal["list", "pairs"]
"""Whether a judge sees all candidates at once, or two at a time."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A judge's place in a panel.

    Raises:
        InvalidOption: A weight below 0, or not finite.
    """

    judge: Judge
    criteria: str = ""
    """What this judge is to look at; empty leaves it the task's own criteria."""
    weight: float = 1.0
    """What its votes count; 0 has it heard, but not counted."""

    def __post_init__(self) -> None:
        if not 0.0 <= self.weight < math.inf:
            raise InvalidOption(f"the weight of {self.judge.name} is {self.weight}; it must be finite and at least 0")


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a panel came to."""

    scores: dict[int, float]
    """A score in [0, 1] for each candidate; empty when the panel came to nothing."""
    votes: tuple[Vote, ...]
    """Everything that was said, abstentions too, in the order of seats."""
    health: Health
    unscored: str | None = None
    """Why the panel came to nothing; None when it came to something."""

    @property
    def ranking(self) -> Ranking:
        """The candidates by their scores."""
        return Ranking.of_scores(self.scores)

    @property
    def usage(self) -> Usage:
        """What the votes have consumed."""
        return sum((vote.usage for vote in self.votes), Usage())


class _Question(NamedTuple):
    seat: Seat
    shown: tuple[int, ...]
    seed: int | None


class Panel:
    """Several judges and the rule that makes one ranking of theirs.

    Each judge is asked twice about the same candidates, the second time with their order reversed, so that it sees
    every pair both ways around.

    Args:
        seats: The judges, at least one; their names tell them apart, so no two may be the same.
        rule: How votes are put together; see `rsi_envs.core.aggregation`.
        comparing: "list" shows all candidates at once, two questions a judge; "pairs" two at a time.
        quorum: How many judges must have ranked each pair of candidates that is compared; None for more than half of
            them.
        concurrency: Questions asked at the same time, at most.

    Raises:
        InvalidOption: Arguments that make no panel.
    """

    def __init__(
        self,
        seats: Sequence[Seat],
        *,
        rule: Rule = "borda",
        comparing: Comparing = "list",
        quorum: int | None = None,
        concurrency: int = 8,
    ) -> None:
        names = [seat.judge.name for seat in seats]
        if not names or len(set(names)) < len(names):
            raise InvalidOption(f"a panel needs judges of different names, not {names}")
        if not any(seat.weight for seat in seats):
            raise InvalidOption(f"none of {', '.join(names)} has a weight above 0, so that no vote would count")
        check_choice("rule", rule, get_args(Rule))
        check_choice("comparing", comparing, get_args(Comparing))
        check_count("quorum", quorum, optional=True)
        check_count("concurrency", concurrency)
        self.seats = tuple(seats)
        self.quorum = len(seats) // 2 + 1 if quorum is None else quorum
        if self.quorum > len(seats):
            raise InvalidOption(f"quorum is {quorum}, but there are {len(seats)} judges")
        self._rule: Rule = rule
        self._comparing: Comparing = comparing
        self._concurrency = concurrency

    def weighted(self, weights: Mapping[str, float]) -> Panel:
        """Makes the panel of the same judges in which votes count as these weights say, by judges' names.

        Raises:
            InvalidOption: A judge has no weight, or none has one above 0.
        """
        seats = [replace(seat, weight=weight_in(weights, seat.judge.name)) for seat in self.seats]
        return Panel(
            seats,
            rule=self._rule,
            comparing=self._comparing,
            quorum=self.quorum,
            concurrency=self._concurrency,
        )

    def judge(
        self, task: JudgingTask, *, seed: int | None = None, pairs: Iterable[tuple[int, int]] | None = None
    ) -> Opinion:
        """Asks every judge and puts the votes together.

        A judge that can't be reached, or whose answers can't be read, abstains.

        Args:
            task: The candidates.
            seed: What the judges' randomness comes from; None draws it from the system.
            pairs: The only candidates to compare with one another, two at a time; None for all.

        Raises:
            BudgetExhausted: The budget shared with the judges is spent.
            Exception: Whatever a judge raises that is neither `Abstained` nor a `ChatError`.
        """
        return self.conclude(task, self.hear(task, seed=seed, pairs=pairs))

    def hear(
        self, task: JudgingTask, *, seed: int | None = None, pairs: Iterable[tuple[int, int]] | None = None
    ) -> tuple[Vote, ...]:
        """Asks every judge, as `judge` does, and concludes nothing.

        Returns:
            Everything that was said, in the order of seats. What a judge is asked, its seed too, does not depend on who
            else sits there.
        """
        questions = self._questions(task, seed, pairs)
        return tuple(in_parallel([partial(_ask, question, task) for question in questions], self._concurrency))

    def conclude(self, task: JudgingTask, votes: Iterable[Vote]) -> Opinion:
        """Puts votes about a task together, each counted as its judge's seat says.

        Args:
            task: The candidates.
            votes: Those of judges that have no seat here are left out; at least one must stay.
        """
        weights = {seat.judge.name: seat.weight for seat in self.seats}
        counted = tuple(replace(vote, weight=weights[vote.judge]) for vote in votes if vote.judge in weights)
        measured = health(Ballots(counted, task.candidates))
        problem = self._problem(counted)
        scores = {} if problem else aggregate(counted, self._rule)
        if not problem and not scores:
            problem = "every judge with a weight abstained"
        return Opinion(scores, counted, measured, problem)

    def _questions(
        self, task: JudgingTask, seed: int | None, pairs: Iterable[tuple[int, int]] | None
    ) -> Iterator[_Question]:
        everyone = tuple(range(len(task.candidates)))
        groups: Iterable[tuple[int, ...]] = [everyone]
        if pairs is not None or self._comparing == "pairs":
            groups = itertools.combinations(everyone, 2) if pairs is None else pairs
        shown = [order for group in groups for order in (tuple(group), tuple(group)[::-1])]
        count = len(shown)
        seeds = [None] * count if seed is None else np.random.default_rng(seed).integers(2**31, size=count).tolist()
        for seat in self.seats:
            for order, own in zip(shown, seeds, strict=True):
                yield _Question(seat, order, own)

    def _problem(self, votes: Sequence[Vote]) -> str | None:
        """Why a quorum is missing: of the pairs of candidates that were shown, the one that fewest judges ranked."""
        ranked: dict[tuple[int, ...], set[str]] = {}
        for vote in votes:
            for pair in itertools.combinations(sorted(vote.shown), 2):
                ranked.setdefault(pair, set()).update([vote.judge] if vote.ranking else [])
        given = min(ranked.values(), key=len)
        if len(given) >= self.quorum:
            return None
        silent = {vote.judge: vote.problem for vote in votes if vote.ranking is None and vote.judge not in given}
        why = "; ".join(f"{judge}: {problem}" for judge, problem in silent.items())
        alike = all(judges == given for judges in ranked.values())
        done = "gave a ranking" if alike else "ranked every pair"
        return f"{len(given)} of {len(self.seats)} judges {done}, and {self.quorum} must ({why})"


def _ask(question: _Question, task: JudgingTask) -> Vote:
    seat, shown, seed = question
    asked = task.shown_as(shown)
    if seat.criteria:
        asked = replace(asked, criteria=seat.criteria)
    try:
        ranking = seat.judge.judge(asked, seed=seed).seen_from(shown)
    except BudgetExhausted:
        raise
    except Abstained as error:
        return Vote(seat.judge.name, shown, None, problem=str(error), usage=error.usage or Usage())
    except ChatError as error:
        return Vote(seat.judge.name, shown, None, problem=str(error))
    return Vote(seat.judge.name, shown, ranking, usage=ranking.usage)
