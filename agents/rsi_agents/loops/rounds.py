# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What is kept of a loop's rounds: a line of JSON each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from rsi_agents.leaderboard import Interval
from rsi_agents.paired import Paired
from rsi_envs.core.budget import Usage


@dataclass(frozen=True, slots=True)
class HeldOut:
    """How a generation did on tasks that no loop learns from."""

    score: float | None
    """Mean score in [0, 1] by the independent verifier; None where no episode was scored."""
    interval: Interval | None
    """By the percentile bootstrap over episodes; None for fewer than two."""
    pass_rate: float | None
    """Share of episodes that pass, pass@1; None where the environment knows no such line."""
    pass_at_k: float | None
    """The chance that one of k episodes on a task passes; None where tasks were played but once."""
    diversity: float | None
    """How unlike texts for the same task are, in [0, 1]; None for fewer than four a task. See `Diversity`."""
    episodes: int
    """Scored ones."""
    lost: int
    """Episodes that broke or could not be scored."""
    distinct_1: float | None = None
    """The share of all words of all texts that are different ones; None where nothing was said in text."""
    distinct_2: float | None = None
    """Likewise, of pairs of neighbouring words."""
    compression_ratio: float | None = None
    """How many times smaller all texts together can be made: the more they repeat one another, the more."""


@dataclass(frozen=True, slots=True)
class RoundRecord:
    """One line of `rounds.jsonl`: round 0 measures the base, every later one makes a generation."""

    number: int
    agent: str | None
    """The generation that the round made, by its agent's name; None where it made none."""
    parent: str | None
    """The generation that it came from; None in round 0."""
    kept: bool
    """Whether the next round starts from it; one that is not kept is rolled back."""
    held_out: HeldOut | None
    """None where no generation was made."""
    against_parent: Paired | None
    """Held-out score against the generation that it came from."""
    against_base: Paired | None
    """Held-out score against the base."""
    proxy_against_parent: Paired | None
    """The same comparison by the reward that the loop itself selects by; None where that is no other."""
    measures: Mapping[str, float]
    """What else the loop tells of the round, by name."""
    brakes: tuple[str, ...]
    """Why the generation was rolled back, or the loop stopped; empty where neither was."""
    stopped: bool
    """Whether no further round follows."""
    usage: Usage
    """What models consumed in the round, before a kill too."""
    wall_s: float
    """Seconds since it was begun, or last resumed."""
    note: str = ""
    """What the loop says of the round in a sentence."""
    files: Mapping[str, str] = field(default_factory=dict)
    """What the round wrote, by name: paths within the loop's folder."""

    def to_line(self) -> bytes:
        """Writes the record as one line of ASCII JSON, its newline included."""
        return json.dumps(_adapter().dump_python(self, mode="json"), allow_nan=False).encode("ascii") + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> RoundRecord:
        """Reads what `to_line` wrote.

        Raises:
            ValueError: The line is no record of a round.
        """
        return _adapter().validate_python(json.loads(line))


def round_path(folder: Path, number: int) -> Path:
    """Where a round of a loop keeps its runs and files."""
    return folder / f"round-{number:03d}"


@cache
def _adapter() -> TypeAdapter[RoundRecord]:
    return TypeAdapter(RoundRecord)
