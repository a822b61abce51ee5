# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The leaderboard of a suite: every agent in every run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from rsi_agents.leaderboard import Standing
from rsi_agents.suite import Suite


@dataclass(frozen=True, slots=True)
class SuiteStanding:
    """One agent's row over all runs of a suite."""

    agent: str
    """Its label, or its full name where it has none."""
    name: str
    """Its full name."""
    runs: Mapping[str, Standing]
    """Its row of each run that has records of it, by the run's name."""
    mean: float | None
    """The mean of its mean scores, every run counting the same; None unless it has a score in each run of the suite."""
    tokens: int
    """Prompt and completion tokens of all its episodes."""
    cost_usd: float
    """US dollars for all its episodes."""
    wall_s: float
    """Seconds of all its episodes, added up; they may have run side by side."""


def suite_leaderboard(suite: Suite, leaderboards: Sequence[Sequence[Standing]]) -> list[SuiteStanding]:
    """Puts the leaderboards of a suite's runs into one.

    Args:
        suite: What was asked.
        leaderboards: Of each run, in their order.

    Returns:
        A row for each agent: first those with a mean, best first, then the others as the suite names them.
    """
    agents = dict.fromkeys(agent for run in suite.runs for agent in run.plan.agents)
    rows = [
        _standing(
            suite,
            agent,
            {
                run.name: row
                for run, rows in zip(suite.runs, leaderboards, strict=True)
                for row in rows
                if row.agent == agent
            },
        )
        for agent in agents
    ]
    return sorted(rows, key=lambda row: (row.mean is None, -(row.mean or 0.0)))


def _standing(suite: Suite, agent: str, runs: Mapping[str, Standing]) -> SuiteStanding:
    scores = [row.score for row in runs.values() if row.score is not None]
    return SuiteStanding(
        agent=suite.label_of(agent),
        name=agent,
        runs=runs,
        mean=fmean(scores) if len(scores) == len(suite.runs) else None,
        tokens=sum(row.tokens for row in runs.values()),
        cost_usd=sum(row.cost_usd for row in runs.values()),
        wall_s=sum(row.wall_s for row in runs.values()),
    )
