# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A loop's configuration: a TOML file, checked before anything runs."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rsi_agents.errors import InvalidLoop
from rsi_agents.loops.brakes import BrakeSettings


class StrictModel(BaseModel):
    """A part of a configuration, which takes no key that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Sampling(StrictModel):
    """What a loop learns from."""

    split: str = "train"
    """Never "test": that is what generations are measured on."""
    tasks: int | None = Field(default=None, ge=1)
    """The first so many tasks of the split; None for all. Where tasks are made without end, how many."""
    per_task: int = Field(default=4, ge=1)
    """Episodes a task in each round."""
    concurrency: int = Field(default=4, ge=1)
    """Episodes played at the same time."""
    episode_timeout_s: float | None = Field(default=None, gt=0)
    """Seconds an episode may take; None for no bound."""


class HeldOutPlan(StrictModel):
    """What generations are measured on, and by whom."""

    env: str | None = None
    """None for the environment that is learned from."""
    env_args: dict[str, Any] | None = None
    """Arguments of the environment's constructor, such as other judges; None for the same as in learning."""
    split: str = "test"
    """"" where the environment has none and takes arguments of any name, as `rsi_arena/TwoPlayers-v0` does."""
    tasks: int | None = Field(default=None, ge=1)
    """The first so many tasks of the split; None for all. Where tasks are made without end, how many."""
    per_task: int = Field(default=1, ge=1)
    """Episodes a task; from 2 on, pass@k and diversity are measured too."""


class ArenaSettings(StrictModel):
    """The pool of an arena that every generation joins, to play against those that came before it."""

    folder: str = "arena"
    """Within the loop's folder, or a path elsewhere, so that several loops can share a pool."""
    env: str | None = None
    """An environment with an opponent's seat, or a PettingZoo game as "module:function"; None for the loop's."""
    env_args: dict[str, Any] | None = None
    """Its constructor's arguments; None for the loop's, without opponent and colour, where `env` is the loop's."""
    games: int = Field(default=40, ge=2, multiple_of=2)
    """What a newcomer plays, at most."""
    width_elo: float = Field(default=100.0, gt=0)
    """A newcomer plays no more when its interval is as narrow as this."""
    settings: dict[str, str | bool | int | float] = Field(default_factory=dict)
    """What generations' names are given for the arena, such as `epsilon`, without which some play the same game over
    and over."""


class Limits(StrictModel):
    """What the whole loop may consume; None for no bound."""

    max_tokens_total: int | None = Field(default=None, ge=1)
    """Prompt and completion tokens."""
    max_cost: float | None = Field(default=None, gt=0)
    """US dollars."""
    max_wall: float | None = Field(default=None, gt=0)
    """Seconds since the command began."""


class LoopConfig(StrictModel):
    """A loop, and everything that its result depends on."""

    loop: str
    """Its name: a file of `rsi_agents.loops`."""
    env: str
    """The environment that it learns from."""
    env_args: dict[str, Any] = Field(default_factory=dict)
    """Arguments of the environment's constructor."""
    base: str
    """The agent that it starts from, by name."""
    rounds: int = Field(default=3, ge=1)
    seed: int = Field(default=0, ge=0)
    sample: Sampling = Sampling()
    held_out: HeldOutPlan = HeldOutPlan()
    settings: dict[str, Any] = Field(default_factory=dict)
    """The loop's own."""
    updater: dict[str, Any] = Field(default_factory=lambda: {"name": "prompt"})
    """How generations are made: the updater's `name` and its settings."""
    brakes: BrakeSettings = BrakeSettings()
    arena: ArenaSettings | None = None
    """None lets no generation play another."""
    budget: Limits = Limits()


def read_config(file: str | Path, *, loop: str | None = None) -> LoopConfig:
    """Reads a loop's configuration.

    Args:
        file: In TOML.
        loop: The loop's name, which the file may then leave out.

    Raises:
        InvalidLoop: The file can't be read, or says something that makes no sense; the message names what.
    """
    try:
        data = tomllib.loads(Path(file).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidLoop(f"{file} can't be read: {error}") from error
    if loop is not None and data.setdefault("loop", loop) != loop:
        raise InvalidLoop(f"{file} is for the loop {data['loop']!r}, not {loop!r}; name another file")
    return checked_config(data, str(file))


def checked_config(data: Any, source: str) -> LoopConfig:
    """Checks a loop's configuration.

    Args:
        data: What a TOML or JSON file holds.
        source: What to call it in an error.

    Raises:
        InvalidLoop: It makes no sense; the message names the first key that is wrong.
    """
    try:
        config = LoopConfig.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the whole"
        raise InvalidLoop(f"{source}: {place}: {first['msg']}") from error
    if config.sample.split == config.held_out.split and config.held_out.env in (None, config.env):
        raise InvalidLoop(
            f"{source}: a loop may not learn from the split {config.sample.split!r} that it is measured on"
        )
    return config
