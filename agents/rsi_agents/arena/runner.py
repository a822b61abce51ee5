# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Plays what an arena's folder lacks, several games at a time, and records each as it ends."""

from __future__ import annotations

import queue
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from rsi_agents.arena.folder import ArenaFolder
from rsi_agents.arena.pairings import rounds
from rsi_agents.arena.plan import ArenaPlan, Fixture
from rsi_agents.arena.record import GameRecord, record_of
from rsi_agents.registry import agent_factory
from rsi_agents.runner import DEFAULT_GRACE_S
from rsi_agents.worker import Job, Report, Worker
from rsi_envs.core.budget import Budget

_POLL_S = 0.1
_SETTLE_S = 2.0


@dataclass(frozen=True, slots=True)
class ArenaOutcome:
    """How it went."""

    recorded: int
    """Games that this call has played and recorded, those without a result among them."""
    exhausted: str | None
    """Which budget ran out and ended it early; None when none did."""


def play_arena(
    folder: ArenaFolder,
    *,
    plan: ArenaPlan | None = None,
    budget: Budget | None = None,
    retry_faults: bool = False,
    on_record: Callable[[GameRecord], None] | None = None,
    grace_s: float = DEFAULT_GRACE_S,
) -> ArenaOutcome:
    """Plays every game that the folder lacks.

    A game is a run of one episode; see `rsi_agents.runner.run_plan` for what becomes of faults, deadlines, a spent
    budget and an interruption.

    Args:
        folder: Where records go.
        plan: None plays the folder's own plan; another may differ in concurrency and timeout.
        budget: Shared by all agents; None for no bound.
        retry_faults: Whether games without a result are played again first.
        on_record: Called after each record is on disk.
        grace_s: Seconds that games cut short, and environments being closed, may take.

    Raises:
        RecordsError: A record can't be written.
        KeyboardInterrupt: The user broke it off.
        Exception: What an agent's name that can't be read raises; nothing was played.
    """
    plan = plan or folder.plan
    for name in plan.agents:
        agent_factory(name)
    tables = _Tables(plan, budget or Budget(), grace_s)
    again = folder.without_result() if retry_faults else set()
    recorded = 0
    try:
        for fixtures in rounds(plan, folder.results):
            due = [fixture for fixture in fixtures if fixture.key in again or fixture.key not in folder.results]
            for record in tables.play(due):
                folder.append(record)
                recorded += 1
                if on_record:
                    on_record(record)
            if tables.exhausted:
                break
    except KeyboardInterrupt:
        tables.dismiss()
        held = {(record.key, record.started) for record in folder.records()}
        for record in tables.ended():
            if (record.key, record.started) not in held:
                folder.append(record)
        raise
    finally:
        tables.dismiss()
    return ArenaOutcome(recorded, tables.exhausted)


class _Tables:
    """Where games are played: each by a worker of its own, so many at a time."""

    def __init__(self, plan: ArenaPlan, budget: Budget, grace_s: float) -> None:
        self.exhausted: str | None = None
        self._plan, self._budget, self._grace_s = plan, budget, grace_s
        self._playing: dict[Fixture, Worker] = {}
        self._leaving: list[Worker] = []
        self._reports: queue.SimpleQueue[tuple[Fixture, Report]] = queue.SimpleQueue()
        self._yielded: list[GameRecord] = []
        self._dismissed = False

    def play(self, fixtures: Iterable[Fixture]) -> Iterator[GameRecord]:
        """Yields the record of every game as it ends; fewer where the budget runs out."""
        waiting = deque(fixtures)
        while self._playing or (waiting and not self.exhausted):
            while waiting and not self.exhausted and len(self._playing) < self._plan.concurrency:
                self._begin(waiting.popleft())
            for fixture, report in self._next_reports():
                worker = self._playing.pop(fixture)
                self._leaving.append(worker)
                if report.exhausted:
                    self.exhausted = str(report.exhausted)
                self._yielded = self._records_of(fixture, report, worker)
                yield from self._yielded

    def ended(self) -> list[GameRecord]:
        """Returns, once dismissed, the record that was yielded last, and those that nobody has asked for yet."""
        records = list(self._yielded)
        with suppress(queue.Empty):
            while True:
                fixture, report = self._reports.get_nowait()
                records += self._records_of(fixture, report, self._playing[fixture])
        return records

    def dismiss(self) -> None:
        """Ends every game by closing its environment."""
        if self._dismissed:
            return
        self._dismissed = True
        until = time.monotonic() + self._grace_s
        workers = [*self._leaving, *self._playing.values()]
        cut_short = [worker for worker in workers if worker.cut_short()]
        for worker in workers:
            if worker in cut_short:
                worker.join_closing(until)
            else:
                worker.join(until)
        # Closing the environment does not end a call to a chat model, which is not worth waiting for.
        until = min(until, time.monotonic() + _SETTLE_S)
        for worker in cut_short:
            worker.join(until)

    def _begin(self, fixture: Fixture) -> None:
        makers = {fixture.first: agent_factory(fixture.first, budget=self._budget)}
        specs = iter([self._plan.spec_of(fixture)])
        job = Job(
            self._plan.run_of(fixture),
            makers,
            self._budget,
            take=partial(next, specs, None),
            report=lambda report: self._reports.put((fixture, report)),
            grace_s=self._grace_s,
        )
        self._playing[fixture] = Worker(job)

    def _records_of(self, fixture: Fixture, report: Report, worker: Worker) -> list[GameRecord]:
        """Returns the game's record, if there is one."""
        return [record_of(fixture, self._plan.sides, report.record, worker.seats)] if report.record else []

    def _next_reports(self) -> list[tuple[Fixture, Report]]:
        """Waits a moment for a report, then sees to the deadlines."""
        reports = []
        with suppress(queue.Empty):
            reports.append(self._reports.get(timeout=_POLL_S))
        for fixture, worker in self._playing.items():
            given_up = worker.enforce_deadline()
            if given_up:
                reports.append((fixture, given_up))
        for worker in self._leaving:
            worker.enforce_deadline()
        self._leaving = [worker for worker in self._leaving if not (worker.ended or worker.abandoned)]
        return reports
