# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The contract of every loop: what a round is given, and what it must come back with.

A loop makes one generation a round. Everything else (measuring generations on held-out tasks, comparing, braking,
recording, going on after a kill) is `rsi_agents.loops.drive`, the same for all.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from rsi_agents.environments import spec_of, taken_arguments
from rsi_agents.errors import InvalidPlan, LoopPaused
from rsi_agents.loops.config import LoopConfig
from rsi_agents.loops.rounds import round_path
from rsi_agents.plan import Plan, make_plan
from rsi_agents.records import EpisodeRecord, RunFolder
from rsi_agents.records.reading import RUN_FILE, read_records
from rsi_agents.runner import run_plan
from rsi_envs.core.budget import Budget

SAMPLE_SEEDS = 1_000_000
"""Seeds that one round's samples may take; rounds begin so far apart that no two share one."""
HELD_OUT_SEED = 1_000_000_000
"""Where the seeds of held-out episodes begin: beyond those of a thousand rounds."""
HELD_OUT_RUN = "held-out"
"""The run within each round's folder on which its generation is measured."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a loop made in a round."""

    agent: str | None
    """The new generation, by its agent's name; None where nothing could be learned."""
    note: str = ""
    """What happened, in a sentence."""
    measures: Mapping[str, float] = field(default_factory=dict)
    """Finite numbers for the record, by name."""
    files: Mapping[str, str] = field(default_factory=dict)
    """What was written, by name: paths within the loop's folder."""
    over: bool = False
    """Whether no further round can follow."""


class Loop(Protocol):
    """One procedure that makes a better agent of an agent; made with its settings and its updater."""

    def propose(self, round_: Round) -> Proposal:
        """Makes the next generation: samples, verifies or judges, selects, and updates.

        It must come to the same result when it is called again after a kill: what is random comes from
        `round_.seed`, episodes are played through `round_.play`, and files are made through `round_.once`.

        Raises:
            LoopPaused: The budget is spent; whoever resumes goes on from here.
        """
        ...

    def proxy(self, round_: Round, records: Sequence[EpisodeRecord]) -> Sequence[float | None] | None:
        """Gives what the loop's own reward makes of episodes, one number in [0, 1] each.

        None where it has no other reward than the environment's verdict.
        """
        ...


@runtime_checkable
class Selecting(Protocol):
    """A loop that selects among a generation's own samples, so that what this can gain is known before it begins."""

    def gap(self, round_: Round) -> Mapping[str, float]:
        """Measures the generation-verification gap of the samples that a round learns from.

        It must sample and judge as `propose` does, which finds what it needs where this has left it.

        Returns:
            What `rsi_agents.loops.instruments.verification_gap` makes of them.

        Raises:
            LoopPaused: The budget is spent; whoever resumes goes on from here.
        """
        ...


@dataclass(frozen=True, slots=True)
class Round:
    """What a loop is given for one round."""

    number: int
    """From 1."""
    path: Path
    """The round's folder."""
    config: LoopConfig
    kept: tuple[str, ...]
    """The generations that were kept, oldest first; the base is the first."""
    budget: Budget

    @property
    def base(self) -> str:
        """The agent that the loop began with."""
        return self.kept[0]

    @property
    def parent(self) -> str:
        """The newest generation that was kept."""
        return self.kept[-1]

    @property
    def seed(self) -> int:
        """Where this round's randomness begins; no other round's comes near it."""
        return self.config.seed + self.number * SAMPLE_SEEDS

    def sample(self, agent: str, *, run: str = "samples", **differing: Any) -> list[EpisodeRecord]:
        """Plays the configured samples of an agent; those that broke are left out.

        Args:
            agent: Its name.
            run: The run's folder, for a loop that samples several agents in a round.
            **differing: Fields of `Plan` that differ.

        Raises:
            LoopPaused: The budget is spent.
        """
        asked = self.config.sample
        plan = tasks_plan(
            self.config.env,
            agent,
            env_args=self.config.env_args,
            split=asked.split,
            tasks=asked.tasks,
            per_task=asked.per_task,
            seed=self.seed,
            concurrency=asked.concurrency,
            episode_timeout_s=asked.episode_timeout_s,
        )
        return self.play(run, dataclasses.replace(plan, **differing))

    def held_out(self, agent: str, name: str = HELD_OUT_RUN) -> list[EpisodeRecord]:
        """Plays an agent on the held-out tasks; those episodes that broke are left out.

        Args:
            agent: Its name.
            name: The run's folder. A generation that a loop has measured in `HELD_OUT_RUN` is not measured again.

        Raises:
            LoopPaused: The budget is spent.
        """
        return self.play(name, held_out_plan(self.config, agent))

    def play(self, name: str, plan: Plan) -> list[EpisodeRecord]:
        """Plays what a run within the round's folder lacks; gives the episodes that came to their end, in plan's order.

        Args:
            name: The run's folder.
            plan: What it is asked, where it has not been begun.

        Raises:
            LoopPaused: The budget is spent.
        """
        path = self.path / name
        begun = (path / RUN_FILE).exists()
        with RunFolder.open(path) if begun else RunFolder.create(path, plan) as folder:
            outcome = run_plan(folder, budget=self.budget)
            if outcome.exhausted:
                raise LoopPaused(f"{outcome.exhausted}, with {outcome.missing} episodes of {path} to play")
            records = [record for record in folder.records() if record.fault is None]
        return sorted(records, key=lambda record: (record.index, record.agent))

    def once(self, name: str, make: Callable[[Path], None]) -> Path:
        """Makes a file or folder within the round's folder, unless it is there: whole, or not at all.

        Args:
            name: What to call it.
            make: Writes it to the path that it is given.
        """
        path = self.path / name
        if path.exists():
            return path
        self.path.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"{name}.unfinished")
        if unfinished.is_dir():
            shutil.rmtree(unfinished)
        unfinished.unlink(missing_ok=True)
        make(unfinished)
        _sync(unfinished)
        unfinished.rename(path)
        return path

    def earlier(self, name: str) -> list[Path]:
        """Lists the files of this name that earlier rounds made, the newest first."""
        paths = [round_path(self.path.parent, number) / name for number in range(self.number - 1, 0, -1)]
        return [path for path in paths if path.exists()]

    def measured(self, number: int) -> list[EpisodeRecord]:
        """Reads the held-out episodes of an earlier round's generation, those of the base for round 0."""
        records = read_records(round_path(self.path.parent, number) / HELD_OUT_RUN)
        return sorted((record for record in records if record.fault is None), key=lambda record: record.index)

    def within(self, path: Path) -> str:
        """Names a path of the round as the records do: within the loop's folder."""
        return str(path.relative_to(self.path.parent))


def held_out_plan(config: LoopConfig, agent: str) -> Plan:
    """Settles how an agent is measured on held-out tasks: the same tasks and seeds in every round.

    Raises:
        EnvironmentNotFound: There is no such environment.
        InvalidPlan: The plan makes no sense, or the split is empty.
    """
    asked = config.held_out
    return tasks_plan(
        asked.env or config.env,
        agent,
        env_args=config.env_args if asked.env_args is None else asked.env_args,
        split=asked.split,
        tasks=asked.tasks,
        per_task=asked.per_task,
        seed=HELD_OUT_SEED + config.seed,
        concurrency=config.sample.concurrency,
        episode_timeout_s=config.sample.episode_timeout_s,
    )


def tasks_plan(
    env_id: str,
    agent: str,
    *,
    env_args: Mapping[str, Any],
    split: str,
    tasks: int | None,
    per_task: int,
    seed: int,
    **settings: Any,
) -> Plan:
    """Settles a run of so many episodes on each of so many tasks of a split.

    Args:
        env_id: As `gymnasium.make` takes it.
        agent: An agent's name.
        env_args: What the environment's constructor gets besides the split.
        split: Where tasks come from; where the environment has no splits, seeds alone keep apart what is learned from
            and what is held out. "" is for one that has none and takes arguments of any name.
        tasks: The first so many; None for all. Where tasks are made without end, how many seeds.
        per_task: Episodes on each. Where tasks are made without end, every episode has a task of its own.
        seed: Where the seeds begin.
        **settings: Further fields of `Plan`.

    Raises:
        EnvironmentNotFound: There is no such environment.
        InvalidPlan: The plan makes no sense, or the split is empty.
    """
    taken = taken_arguments(spec_of(env_id))
    if taken is not None and "split" in taken and not split:
        raise InvalidPlan(f"{env_id} has splits; name one of them")
    asked = split or None if taken is None or "split" in taken else None
    plan = make_plan(env_id, (agent,), env_kwargs=env_args, split=asked, seed=seed, **settings)
    chosen = plan.task_ids[:tasks]
    return dataclasses.replace(plan, task_ids=chosen, episodes=(len(chosen) or tasks or 1) * per_task)


def _sync(path: Path) -> None:
    """Brings a file, or every file of a folder, to the disk."""
    files: Iterable[Path] = [path] if path.is_file() else (one for one in path.rglob("*") if one.is_file())
    for file in files:
        descriptor = os.open(file, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
