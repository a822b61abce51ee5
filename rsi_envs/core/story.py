# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Stories: what came of an episode, told in sections that a report, or anybody else, can draw.

An environment that has more to show than a conversation gives its class a static method `story(episode)`; whoever tells
episodes calls `told(environment's class, episode)`. Sections hold data alone, text as it was said: whoever draws them
escapes it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from rsi_envs.core.tools import MalformedCall, parse_call


class PlayedStep(Protocol):
    """An action and what it led to, as it was recorded."""

    @property
    def action(self) -> Any:
        """What the agent did."""
        ...

    @property
    def reward(self) -> float:
        """What it earned."""
        ...

    @property
    def observation(self) -> Any:
        """What the environment showed next."""
        ...

    @property
    def info(self) -> Mapping[str, Any]:
        """The dict that came with it."""
        ...


class Played(Protocol):
    """An episode as it was recorded: `rsi_agents.records.EpisodeRecord` is one."""

    @property
    def observation(self) -> Any:
        """The first observation; None where the episode broke."""
        ...

    @property
    def info(self) -> Mapping[str, Any] | None:
        """The dict that came with it; None where the episode broke."""
        ...

    @property
    def steps(self) -> Sequence[PlayedStep]:
        """Every action in order; empty where the episode broke."""
        ...


@dataclass(frozen=True, slots=True)
class Message:
    """One contribution to a conversation."""

    role: str
    """Who speaks: "environment" or "agent"."""
    text: str
    call: str = ""
    """The name of the tool that the text calls; empty where it calls none."""
    malformed: str = ""
    """Why the environment could not read it; empty where it could."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """Who said what, in order."""

    title: str
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """What came of one test of a program, or of one demand on a text."""

    name: str
    passed: bool | None
    """None where it was not run."""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Program:
    """A program with its tests' results."""

    title: str
    source: str
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class Writing:
    """A text with what a program found of it."""

    title: str
    text: str
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class CastVote:
    """What one judge said, once."""

    judge: str
    ranking: str
    """Such as "A > B"; empty where the judge abstained."""
    rationale: str
    abstained: str = ""
    """Why there is no ranking; empty where there is one."""


@dataclass(frozen=True, slots=True)
class Votes:
    """What the judges said, and how far they can be trusted."""

    title: str
    votes: tuple[CastVote, ...]
    health: Mapping[str, float]
    """As `rsi_envs.core.verdict.Verdict.health`."""


@dataclass(frozen=True, slots=True)
class Table:
    """Cells by row."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Board:
    """A game of chess, to be replayed."""

    title: str
    positions: tuple[str, ...]
    """Every position in FEN, the first one too."""
    moves: tuple[str, ...]
    """The moves between them, as the game's score sheet writes them; one fewer than positions."""
    evaluations: tuple[float | None, ...] = ()
    """What White can expect in each position, 0 to 1, None where it is not known; empty where it is known nowhere."""
    flipped: bool = False
    """Whether Black's side is shown below."""


Section: TypeAlias = Conversation | Program | Writing | Votes | Table | Board


def told(environment: Any, episode: Played) -> tuple[Section, ...]:
    """Tells an episode: by the `story` of the environment's class where it has one, else as `plain_story` does.

    Args:
        environment: The class; None where it is not at hand.
        episode: What was recorded.

    Raises:
        Exception: Whatever a `story` raises for a record that it can't read.
    """
    story = getattr(environment, "story", plain_story)
    return tuple(story(episode))


def plain_story(episode: Played) -> tuple[Section, ...]:
    """Tells an episode as a conversation, or as a table of its actions where they are no text."""
    if episode.info is None:
        return ()
    if all(isinstance(step.action, str) for step in episode.steps):
        return (conversation(episode),)
    rows = tuple(
        (str(number), json.dumps(step.action, default=repr), f"{step.reward:g}")
        for number, step in enumerate(episode.steps, start=1)
    )
    return (Table("Actions", ("step", "action", "reward"), rows),)


def conversation(episode: Played) -> Conversation:
    """Tells who said what."""
    messages = [Message("environment", str(episode.observation))]
    for step in episode.steps:
        messages.append(Message("agent", str(step.action), _called(step.action), str(step.info.get("malformed") or "")))
        if step.observation:
            messages.append(Message("environment", str(step.observation)))
    return Conversation("Conversation", tuple(messages))


def _called(action: Any) -> str:
    """Names the tool that an action calls; empty where it is plain text, or no call that can be read."""
    try:
        call = parse_call(action) if isinstance(action, str) else None
    except MalformedCall:
        return ""
    return call.name if call else ""
