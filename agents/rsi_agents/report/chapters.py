# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Chapters: what a report says of each environment."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from rsi_agents.leaderboard import Standing, leaderboard
from rsi_agents.records import EpisodeRecord
from rsi_agents.report.pairs import Comparison, Played, compare
from rsi_agents.report.rows import episode_id
from rsi_agents.report.runs import Run
from rsi_envs.core.budget import Usage

MOST_CAUSES = 50
_CAUSE_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Cause:
    """Why episodes have no result."""

    where: str
    """environment, agent or runner; "verdict" where none could be reached."""
    kind: str
    """The exception's class; empty for a verdict."""
    message: str
    """Its first 300 characters."""
    agents: Mapping[str, int]
    """How many episodes of each agent."""
    example: str
    """The id of the first such episode."""

    @property
    def episodes(self) -> int:
        """How many episodes in all."""
        return sum(self.agents.values())


@dataclass(frozen=True, slots=True)
class Chapter:
    """What runs say of one environment."""

    name: str
    """The environment's id."""
    kwargs: str
    """The constructor's arguments, as JSON."""
    runs: tuple[Run, ...]
    standings: tuple[Standing, ...]
    """Best first."""
    scores: Mapping[str, Sequence[float]]
    """By agent, as in the standings."""
    rewards: Mapping[str, Sequence[float]]
    """Likewise; empty where every reward is the score."""
    usages: Mapping[str, Usage]
    measure: str
    """What agents are compared by: "score", or "reward" where nothing is scored."""
    comparisons: tuple[Comparison, ...]
    causes: tuple[Cause, ...]
    """The most frequent first, at most 50."""
    more_causes: int
    """Episodes without a result for other causes than these."""

    @property
    def episodes(self) -> int:
        """Episodes recorded."""
        return sum(row.episodes for row in self.standings)

    @property
    def planned(self) -> int:
        """Episodes that the runs' plans ask for."""
        return sum(run.plan.episodes * len(run.plan.agents) for run in self.runs)


def by_environment(runs: Iterable[Run]) -> list[tuple[Run, ...]]:
    """Puts runs together that played the same environment with the same arguments."""
    together: dict[tuple[str, str], list[Run]] = {}
    for run in runs:
        together.setdefault(run.environment, []).append(run)
    return [tuple(group) for group in together.values()]


@dataclass(slots=True)
class ChapterMaker:
    """Makes a chapter of records that stream by once."""

    runs: tuple[Run, ...]
    _scores: dict[str, dict[Played, float]] = field(default_factory=dict)
    _rewards: dict[str, dict[Played, float]] = field(default_factory=dict)
    _usages: dict[str, Usage] = field(default_factory=dict)
    _causes: dict[tuple[str, str, str], Counter[str]] = field(default_factory=dict)
    _examples: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def records(self) -> Iterator[tuple[Run, EpisodeRecord]]:
        """Reads every record of the runs."""
        return chain.from_iterable(((run, record) for record in run.records()) for run in self.runs)

    def make(self, records: Iterable[tuple[Run, EpisodeRecord]]) -> Chapter:
        """Reads the records to their end and makes the chapter."""
        standings = tuple(leaderboard(self._seen(records)))
        names = [row.agent for row in standings]
        results = self._scores if any(self._scores.values()) else self._rewards
        causes = sorted(self._causes.items(), key=lambda item: -item[1].total())
        return Chapter(
            name=self.runs[0].env_name,
            kwargs=self.runs[0].environment[1],
            runs=self.runs,
            standings=standings,
            scores={name: list(self._scores[name].values()) for name in names},
            rewards={name: list(self._rewards[name].values()) for name in names} if self._rewards_differ() else {},
            usages={name: self._usages[name] for name in names},
            measure="score" if results is self._scores else "reward",
            comparisons=tuple(compare({name: results[name] for name in names})),
            causes=tuple(Cause(*key, dict(agents), self._examples[key]) for key, agents in causes[:MOST_CAUSES]),
            more_causes=sum(agents.total() for _, agents in causes[MOST_CAUSES:]),
        )

    def _seen(self, records: Iterable[tuple[Run, EpisodeRecord]]) -> Iterator[EpisodeRecord]:
        for run, record in records:
            self._see(run, record)
            yield record

    def _see(self, run: Run, record: EpisodeRecord) -> None:
        agent, played = record.agent, (record.task_id, record.seed)
        scores, rewards = self._scores.setdefault(agent, {}), self._rewards.setdefault(agent, {})
        self._usages[agent] = self._usages.get(agent, Usage()) + record.usage
        cause: tuple[str, str, str]
        if record.fault:
            cause = record.fault.where, record.fault.kind, record.fault.message[:_CAUSE_CHARACTERS]
        elif record.verdict and record.verdict.unscored is not None:
            cause = "verdict", "", record.verdict.unscored[:_CAUSE_CHARACTERS]
        else:
            if math.isfinite(record.reward):
                rewards[played] = record.reward
            if record.score is not None:
                scores[played] = record.score
            return
        self._causes.setdefault(cause, Counter())[agent] += 1
        self._examples.setdefault(cause, episode_id(run, record))

    def _rewards_differ(self) -> bool:
        return any(
            abs(reward - self._scores[agent].get(played, float("inf"))) > 1e-9
            for agent, rewards in self._rewards.items()
            for played, reward in rewards.items()
        )
