# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""One row an episode: what the list of episodes shows, filters and sorts by."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import Any, Literal

from rsi_agents.records import EpisodeRecord
from rsi_agents.report.runs import Run
from rsi_agents.report.visible import visible

Outcome = Literal["passed", "failed", "scored", "ended", "unscored", "fault"]
"""How it went: "scored" where nothing draws a line between solved and not, "ended" where there is no verdict."""
_ID_BYTES = 6


@dataclass(frozen=True, slots=True)
class EpisodeRow:
    """What can be seen of an episode without opening it."""

    id: str
    """Twelve hexadecimal digits, the same whenever the same episode of the same run is shown."""
    run: str
    environment: str
    agent: str
    task: str
    seed: int
    outcome: Outcome
    score: float | None
    reward: float | None
    """None for a fault, and where the sum is no finite number."""
    cost_usd: float
    tokens: int
    wall_s: float

    @classmethod
    def of(cls, run: Run, record: EpisodeRecord) -> EpisodeRow:
        """Makes the row of a record whose agent is labelled."""
        return cls(
            id=episode_id(run, record),
            run=visible(run.name),
            environment=visible(run.env_name),
            agent=visible(record.agent),
            task=visible(str((record.info or {}).get("task_id") or record.task_id or "")),
            seed=record.seed,
            outcome=outcome_of(record),
            score=record.score,
            reward=None if record.fault or not math.isfinite(record.reward) else record.reward,
            cost_usd=record.usage.cost_usd,
            tokens=record.usage.total_tokens,
            wall_s=round(record.wall_s, 3),
        )


def episode_id(run: Run, record: EpisodeRecord) -> str:
    """Names an episode for links, alike in reports of other runs besides; the record's agent is labelled."""
    key = "\0".join((run.name, run.agent_labelled(record.agent), record.task_id or "", str(record.seed)))
    return hashlib.blake2s(key.encode("utf-8", "surrogatepass"), digest_size=_ID_BYTES).hexdigest()


def outcome_of(record: EpisodeRecord) -> Outcome:
    """Says how an episode went."""
    if record.fault:
        return "fault"
    if record.verdict is None:
        return "ended"
    if record.unscored:
        return "unscored"
    if record.verdict.passed is None:
        return "scored"
    return "passed" if record.verdict.passed else "failed"


def columns_of(rows: list[EpisodeRow]) -> dict[str, list[Any]]:
    """Turns rows into a list a column, which takes less room; texts that repeat are numbered under "names"."""
    names: dict[str, int] = {}
    columns: dict[str, list[Any]] = {name: [] for name in EpisodeRow.__slots__}
    for row in rows:
        for name, column in columns.items():
            value = getattr(row, name)
            named = name in ("run", "environment", "agent", "outcome", "task")
            column.append(names.setdefault(value, len(names)) if named else value)
    return {"names": list(names), **columns}
