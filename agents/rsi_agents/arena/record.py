# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The record of one game, as a line of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from pydantic import TypeAdapter

from rsi_agents.arena.plan import Fixture, FixtureKey
from rsi_agents.errors import EpisodeTimeout, InvalidPlan
from rsi_agents.faults import Fault
from rsi_agents.records import EpisodeRecord
from rsi_agents.records.episode import json_line
from rsi_envs.core.agents import SeatedAgent
from rsi_envs.core.budget import Usage
from rsi_envs.core.verdict import Verdict

Seat = Literal["first", "second"]
WIN_RATE = "win_rate"
"""The part of a verdict that says how a judged duel went; where there is none, the score says how a game went."""


@dataclass(frozen=True, slots=True)
class GameRecord:
    """One line of `games.jsonl`."""

    index: int
    """The game's place in the arena, from 0."""
    first: str
    second: str
    score: float | None
    """What the first got, in [0, 1]: 1 for a win, ½ for a draw, 0 for a loss; None where the game has no result."""
    seed: int
    group: str
    """The same for the game with the sides swapped."""
    sides: tuple[str, str]
    """What the first and the second played."""
    started: str
    """When it began: ISO 8601, UTC."""
    wall_s: float
    usages: tuple[Usage, Usage]
    """What the first and the second consumed, in a game without a result too."""
    plies: int | None = None
    """Moves of both together; None where nobody counts them."""
    fault: Fault | None = None
    """What broke the game; None when it came to its end."""
    blamed: Seat | None = None
    """Whose fault that was; None where it was neither's, as when time ran out."""
    unscored: str | None = None
    """Why the environment could not say how it went; None when it could, and for a fault."""
    actions: list[list[Any]] | None = None
    """In a PettingZoo game, every action with the name of who played it; else None."""
    episode: EpisodeRecord | None = None
    """In other environments, the first's episode; None for PettingZoo's, and for a fault."""

    @property
    def key(self) -> FixtureKey:
        """First, second and seed."""
        return self.first, self.second, self.seed

    def to_line(self) -> bytes:
        """Writes the record as one line of ASCII JSON; see `EpisodeRecord.to_line`."""
        return json_line(self)

    @classmethod
    def from_line(cls, line: bytes) -> GameRecord:
        """Reads what `to_line` wrote.

        Raises:
            ValueError: The line is no record; the message says where it departs from one.
        """
        return _adapter().validate_python(json.loads(line))


@cache
def _adapter() -> TypeAdapter[GameRecord]:
    return TypeAdapter(GameRecord)


def record_of(
    fixture: Fixture, sides: tuple[str, str], episode: EpisodeRecord, seats: Iterable[SeatedAgent]
) -> GameRecord:
    """Makes the record of a game of the first's episode.

    Args:
        fixture: The game.
        sides: What the first and the second played.
        episode: What came of it.
        seats: The opponents that the environment seated.
    """
    others = [seat for seat in seats if seat.name == fixture.second]
    fault, blamed = episode.fault, _blamed(episode.fault, others)
    verdict = episode.verdict
    if fault is None and verdict is None:
        fault = Fault.of(InvalidPlan("the environment gives no verdict, so nobody knows who won"))
    actions = episode.steps[-1].info.get("actions") if episode.steps else None
    return GameRecord(
        index=fixture.index,
        first=fixture.first,
        second=fixture.second,
        score=_score(verdict),
        seed=fixture.seed,
        group=fixture.group,
        sides=sides,
        started=episode.started,
        wall_s=episode.wall_s,
        usages=(episode.usage, _usage(others)),
        plies=round(verdict.parts["plies"]) if verdict and "plies" in verdict.parts else None,
        fault=fault,
        blamed=blamed,
        unscored=verdict.unscored if verdict else None,
        actions=actions,
        episode=episode if fault is None and actions is None else None,
    )


def _score(verdict: Verdict | None) -> float | None:
    """A duel's share of comparisons won, where judges compared, else the score; None without a verdict."""
    if verdict is None or verdict.score is None:
        return None
    return verdict.parts.get(WIN_RATE, verdict.score)


def _blamed(fault: Fault | None, others: Iterable[SeatedAgent]) -> Seat | None:
    if fault is None or fault.kind == EpisodeTimeout.__name__:
        return None
    if any(seat.at_fault for seat in others):
        return "second"
    return "first" if fault.where == "agent" else None


def _usage(others: Iterable[SeatedAgent]) -> Usage:
    total = Usage()
    for seat in others:
        try:
            total += seat.usage
        except Exception:  # noqa: S112 - foreign code; what can't be counted must not hide how the game went
            continue
    return total
