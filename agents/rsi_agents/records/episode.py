# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The record of one episode: a trajectory, or the fault that prevented one, as a line of JSON."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from rsi_agents.faults import Fault
from rsi_agents.plan import EpisodeKey, EpisodeSpec
from rsi_agents.records.arrays import LONGEST_LIST, pack
from rsi_agents.rollout import Step, Trajectory
from rsi_envs.core.budget import Usage
from rsi_envs.core.verdict import Verdict


@dataclass(frozen=True, slots=True)
class EpisodeRecord:
    """One line of `episodes.jsonl`."""

    agent: str
    task_id: str | None
    """The task the plan asked for; None where seeds choose. The task that was played is in `info`."""
    seed: int
    index: int
    """The episode's place among its agent's, from 0."""
    started: str
    """When it began: ISO 8601, UTC."""
    wall_s: float
    usage: Usage
    """What the agent consumed, in a faulted episode too."""
    observation: Any = None
    """The first observation."""
    info: Mapping[str, Any] | None = None
    """The dict that came with it; None when faulted."""
    steps: tuple[Step, ...] = ()
    """Empty when faulted."""
    verdict: Verdict | None = None
    """None when faulted, and where the environment gives no verdicts."""
    fault: Fault | None = None
    """What broke the episode; None when it came to its end."""

    @classmethod
    def of(cls, spec: EpisodeSpec, trajectory: Trajectory, started: datetime) -> EpisodeRecord:
        """Records an episode that came to its end."""
        return cls(
            agent=spec.agent,
            task_id=spec.task_id,
            seed=spec.seed,
            index=spec.index,
            started=started.isoformat(),
            wall_s=trajectory.wall_s,
            usage=trajectory.usage,
            observation=trajectory.observation,
            info=trajectory.info,
            steps=trajectory.steps,
            verdict=trajectory.verdict,
        )

    @classmethod
    def of_fault(
        cls, spec: EpisodeSpec, fault: Fault, started: datetime, *, wall_s: float, usage: Usage
    ) -> EpisodeRecord:
        """Records an episode that broke."""
        return cls(
            agent=spec.agent,
            task_id=spec.task_id,
            seed=spec.seed,
            index=spec.index,
            started=started.isoformat(),
            wall_s=wall_s,
            usage=usage,
            fault=fault,
        )

    @property
    def key(self) -> EpisodeKey:
        """Agent, task and seed."""
        return self.agent, self.task_id, self.seed

    @property
    def reward(self) -> float:
        """The sum of all rewards."""
        return sum(step.reward for step in self.steps)

    @property
    def score(self) -> float | None:
        """The verdict's score; None when faulted, unscored or without a verdict."""
        return self.verdict.score if self.verdict else None

    @property
    def unscored(self) -> bool:
        """Whether the environment could reach no verdict."""
        return self.verdict is not None and self.verdict.unscored is not None

    def to_line(self) -> bytes:
        """Writes the record as one line of ASCII JSON, its newline included.

        NumPy arrays become lists, those of more than 256 numbers what `rsi_agents.records.unpack` reads. Numbers that
        JSON lacks become "nan", "inf" or "-inf", and objects of other kinds become their `repr`; everything else reads
        back as it was.
        """
        return json_line(self)

    @classmethod
    def from_line(cls, line: bytes) -> EpisodeRecord:
        """Reads what `to_line` wrote.

        Raises:
            ValueError: The line is no record; the message says where it departs from one.
        """
        return _adapter().validate_python(json.loads(line))


def json_line(value: Any) -> bytes:
    """Writes a value, a dataclass among others, as `EpisodeRecord.to_line` does."""
    return json.dumps(_plain(value), allow_nan=False).encode("ascii") + b"\n"


@cache
def _adapter() -> TypeAdapter[EpisodeRecord]:
    return TypeAdapter(EpisodeRecord)


_PLAIN = frozenset({type(None), bool, int, str})


def _plain(value: Any) -> Any:
    """Turns a value into what JSON can say."""
    if type(value) in _PLAIN:  # most values are
        return value
    if isinstance(value, np.ndarray) and value.size > LONGEST_LIST and value.dtype.kind in "biuf":
        return pack(value)
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if dataclasses.is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return repr(value)
