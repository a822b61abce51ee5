# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Suites: several evaluations with one budget and one leaderboard, settled before the first episode."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from rsi_agents.plan import Plan
from rsi_envs.core.budget import Budget


@dataclass(frozen=True, slots=True)
class Limits:
    """What all runs of a suite may consume together; None for no bound."""

    max_tokens_total: int | None = None
    """Prompt and completion tokens."""
    max_cost: float | None = None
    """US dollars."""
    max_wall: float | None = None
    """Seconds from when the suite is begun or resumed."""

    def budget(self) -> Budget:
        """Makes a budget with these bounds, of which nothing is spent."""
        return Budget(max_tokens=self.max_tokens_total, max_cost_usd=self.max_cost, max_wall_s=self.max_wall)


@dataclass(frozen=True, slots=True)
class SuiteRun:
    """One evaluation of a suite."""

    name: str
    """What the leaderboard calls it; no two of a suite have the same."""
    plan: Plan

    def folder_name(self, number: int) -> str:
        """What its folder is called, where it is the suite's run of this number, from 1."""
        return f"{number}-{re.sub(r'[^A-Za-z0-9.]+', '-', self.name)}"


@dataclass(frozen=True, slots=True)
class Suite:
    """Several evaluations, settled before the first episode."""

    runs: tuple[SuiteRun, ...]
    """At least one, in the order in which they are played."""
    labels: Mapping[str, str]
    """What the leaderboard calls agents: full name by label."""
    limits: Limits

    def label_of(self, agent: str) -> str:
        """What the leaderboard calls an agent: its label, or its full name where it has none."""
        return next((label for label, name in self.labels.items() if name == agent), agent)
