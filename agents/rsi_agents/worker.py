# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A worker: one thread that plays episodes one after another, with an environment and agents of its own."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import gymnasium as gym

from rsi_agents.environments import open_environment
from rsi_agents.errors import EpisodeTimeout
from rsi_agents.faults import Fault, crossing
from rsi_agents.plan import EpisodeSpec, Plan
from rsi_agents.records import EpisodeRecord
from rsi_agents.rollout import rollout, usage_of
from rsi_envs.core.agents import Agent, Closeable, SeatedAgent, noting_seats
from rsi_envs.core.budget import Budget, Usage, sharing
from rsi_envs.core.errors import BudgetExhausted

_log = logging.getLogger("rsi_agents")


@dataclass(frozen=True, slots=True)
class Job:
    """What the workers of a run share."""

    plan: Plan
    makers: Mapping[str, Callable[[], Agent]]
    """Makes the agent of each name in the plan."""
    budget: Budget
    take: Callable[[], EpisodeSpec | None]
    """Hands out the next episode; None when there is no more. Called from the workers' threads."""
    report: Callable[[Report], None]
    """Takes what came of an episode. Called from the workers' threads."""
    grace_s: float
    """Seconds that an episode cut short, or an environment being closed, may take before it is given up."""


@dataclass(frozen=True, slots=True)
class Report:
    """What came of one episode: a record, or the news that the budget is spent."""

    record: EpisodeRecord | None
    """None when the budget ran out; the episode then stays missing."""
    exhausted: BudgetExhausted | None = None


@dataclass(slots=True)
class _Episode:
    """The episode being played."""

    spec: EpisodeSpec
    deadline: float | None
    cut_short: bool = False
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    begun: float = field(default_factory=time.monotonic)


class Worker:
    """Plays what the job hands out.

    The thread is a daemon, so that an agent or environment that hangs for ever can't keep the process alive.
    Whoever hired the worker calls `enforce_deadline` now and then.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._env: gym.Env[Any, Any] | None = None
        self._agents: dict[str, Agent] = {}
        self.seats: tuple[SeatedAgent, ...] = ()
        """Opponents that the environment has seated."""
        self._closer: threading.Thread | None = None
        self._lock = threading.Lock()  # guards the three below, which the hirer's thread reads and writes
        self._episode: _Episode | None = None
        self._expires = math.inf
        self._abandoned = False
        self._thread = threading.Thread(target=self._work, name="rsi-worker", daemon=True)
        self._thread.start()

    @property
    def abandoned(self) -> bool:
        """Whether the thread was given up, because it hangs or because the run is over."""
        return self._abandoned

    @property
    def ended(self) -> bool:
        """Whether the thread has ended."""
        return not self._thread.is_alive()

    def enforce_deadline(self) -> Report | None:
        """Cuts an episode short that is past its deadline, and gives it up when that did not help in time.

        Returns:
            The report of an episode given up, if there was one. From then on the worker is `abandoned`.
        """
        with self._lock:
            if time.monotonic() < self._expires:
                return None
            if self._episode and not self._episode.cut_short:
                self._interrupt(self._episode)
                return None
            self._abandoned = True
            self._expires = math.inf
            return self._timeout(self._episode) if self._episode else None

    def cut_short(self) -> bool:
        """Closes the environment of the episode being played, if any, so that calls blocked in it fail.

        Such an episode is not reported.
        """
        with self._lock:
            if self._episode is None:
                return False
            self._abandoned = True
            self._interrupt(self._episode)
            return True

    def join(self, until: float) -> None:
        """Waits for the thread to end, but not beyond this `time.monotonic()`."""
        self._thread.join(max(0.0, until - time.monotonic()))

    def join_closing(self, until: float) -> None:
        """Waits until the environment of an episode cut short is closed; likewise."""
        if self._closer is not None:
            self._closer.join(max(0.0, until - time.monotonic()))

    def _work(self) -> None:
        with sharing(self._job.budget):
            while not self._abandoned and (spec := self._job.take()) is not None:
                episode = self._begin(spec)
                report = self._play(episode)
                if self._end(episode, report):
                    self._release()
            self._release()

    def _begin(self, spec: EpisodeSpec) -> _Episode:
        timeout_s = self._job.plan.episode_timeout_s
        with self._lock:
            self._expires = time.monotonic() + timeout_s if timeout_s else math.inf
            self._episode = _Episode(spec, self._expires if timeout_s else None)
            return self._episode

    def _play(self, episode: _Episode) -> Report:
        """Plays an episode. This is the recorded boundary, at which whatever was raised becomes a fault."""
        spec = episode.spec
        try:
            self._job.budget.check()
            trajectory = rollout(
                self._opened_env(episode),
                self._made_agent(spec.agent),
                seed=spec.seed,
                options=None if spec.task_id is None else {"task_id": spec.task_id},
                deadline=episode.deadline,
            )
            record = EpisodeRecord.of(spec, trajectory, episode.started)
            record.to_line()  # one that can't be written is this episode's fault and nobody else's
            return Report(record)
        except BudgetExhausted as error:
            return Report(None, error)
        except BaseException as error:  # agents' code may raise SystemExit or CancelledError too
            return self._fault(episode, error)

    def _end(self, episode: _Episode, report: Report) -> bool:
        """Hands the report in, unless the episode was given up; returns whether env and agents are spoilt."""
        with self._lock:
            if self._abandoned:
                return True
            if episode.cut_short:
                report = self._timeout(episode)
            self._episode = None
            spoilt = report.record is None or report.record.fault is not None
            self._expires = time.monotonic() + self._job.grace_s if spoilt else math.inf
        self._job.report(report)
        return spoilt

    def _release(self) -> None:
        """Closes environment and agents; the next episode makes new ones."""
        if self._env is not None:
            _close(self._env)
        for agent in self._agents.values():
            if isinstance(agent, Closeable):
                _close(agent)
        self._env, self._agents = None, {}
        with self._lock:
            self._expires = math.inf

    def _opened_env(self, episode: _Episode) -> gym.Env[Any, Any]:
        with crossing("environment"):
            if self._env is None:
                with noting_seats() as seats:
                    try:
                        self._env = open_environment(self._job.plan.env_id, self._job.plan.env_kwargs)
                    finally:
                        self.seats = tuple(seats)
        if episode.cut_short:
            raise EpisodeTimeout("the environment took too long to open")
        return self._env

    def _made_agent(self, name: str) -> Agent:
        with crossing("agent"):
            if name not in self._agents:
                self._agents[name] = self._job.makers[name]()
        return self._agents[name]

    def _interrupt(self, episode: _Episode) -> None:
        episode.cut_short = True
        self._expires = time.monotonic() + self._job.grace_s
        if self._env is not None:
            # In a thread of its own, because closing may hang too.
            self._closer = threading.Thread(target=_close, args=(self._env,), name="rsi-closer", daemon=True)
            self._closer.start()

    def _timeout(self, episode: _Episode) -> Report:
        timeout_s = self._job.plan.episode_timeout_s
        return self._fault(episode, EpisodeTimeout(f"the episode took longer than the {timeout_s} s it may take"))

    def _fault(self, episode: _Episode, error: BaseException) -> Report:
        return Report(
            EpisodeRecord.of_fault(
                episode.spec,
                Fault.of(error),
                episode.started,
                wall_s=time.monotonic() - episode.begun,
                usage=self._usage_so_far(episode),
            )
        )

    def _usage_so_far(self, episode: _Episode) -> Usage:
        agent = self._agents.get(episode.spec.agent)
        try:
            return usage_of(agent) if agent else Usage()
        except Exception as error:  # what cannot be counted must not hide the fault that is being recorded
            _log.warning("%s can't tell its usage: %s", episode.spec.agent, Fault.of(error).kind)
            return Usage()


def _close(closeable: Closeable) -> None:
    try:
        closeable.close()
    except BaseException as error:  # the episode is over and recorded; what is left is to say so
        fault = Fault.of(error)
        _log.warning("closing %s failed: %s: %s", type(closeable).__name__, fault.kind, fault.message)
