# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The runs that a report is about."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rsi_agents.plan import Plan
from rsi_agents.records import EpisodeRecord, read_plan, read_records
from rsi_agents.records.reading import RUN_FILE


@dataclass(frozen=True, slots=True)
class Run:
    """One run's folder."""

    name: str
    """What it is called here: its folder's name, or its path where two are named alike."""
    folder: Path
    plan: Plan
    created: str = ""
    """When it began: ISO 8601, UTC."""
    versions: Mapping[str, str | None] = field(default_factory=dict)
    """What it was played with."""
    shared: frozenset[str] = frozenset()
    """Agents that other runs of the same environment have too; they go by their run's name besides."""
    called: str = ""
    """What its one agent goes by; empty for the agent's own name."""

    @property
    def environment(self) -> tuple[str, str]:
        """What was played: the id, and the constructor's arguments as JSON."""
        return self.plan.env_id, json.dumps(dict(self.plan.env_kwargs), sort_keys=True)

    @property
    def env_name(self) -> str:
        """The environment's id, without the module that registers it."""
        return self.plan.env_id.rpartition(":")[2]

    def label(self, agent: str) -> str:
        """Names an agent so that no other run has the same name for another row."""
        if self.called:
            return self.called
        return f"{agent} ({self.name})" if agent in self.shared else agent

    def agent_labelled(self, label: str) -> str:
        """Names the agent that has a label, as the run's plan does."""
        return next((agent for agent in self.shared if self.label(agent) == label), label)

    def records(self) -> Iterator[EpisodeRecord]:
        """Reads every record, its agent labelled; raises what `read_records` raises."""
        for record in read_records(self.folder):
            label = self.label(record.agent)
            yield record if label == record.agent else dataclasses.replace(record, agent=label)


def open_runs(folders: Sequence[str | Path]) -> list[Run]:
    """Reads what each run was asked; a folder named twice counts once.

    Raises:
        RunFolderBroken: A folder holds no run.
    """
    paths = list({Path(folder).resolve(): Path(folder) for folder in folders}.values())
    names = Counter(path.resolve().name for path in paths)
    runs = [_open(path, path.resolve().name if names[path.resolve().name] == 1 else str(path)) for path in paths]
    played = Counter((run.environment, agent) for run in runs for agent in run.plan.agents)
    return [
        dataclasses.replace(run, shared=frozenset(a for a in run.plan.agents if played[run.environment, a] > 1))
        for run in runs
    ]


def _open(path: Path, name: str) -> Run:
    plan = read_plan(path)
    asked: dict[str, Any] = json.loads((path / RUN_FILE).read_bytes())
    return Run(name, path, plan, str(asked.get("created", "")), dict(asked.get("versions") or {}))
