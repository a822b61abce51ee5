# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The runner: plays the episodes a run's folder lacks, several at a time, and records each as it ends."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from rsi_agents.plan import EpisodeSpec, Plan
from rsi_agents.records import EpisodeRecord, RunFolder
from rsi_agents.registry import agent_factory
from rsi_agents.worker import Job, Report, Worker
from rsi_envs.core.budget import Budget

DEFAULT_GRACE_S = 30.0
_POLL_S = 0.1
_SETTLE_S = 2.0
_UNRECORDED = 2
"""How many episodes a worker may have begun whose records have not been taken."""


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """How a run ended."""

    recorded: int
    """Episodes this call has played and recorded, faulted ones among them."""
    missing: int
    """Episodes of the plan still without a record."""
    exhausted: str | None
    """Which budget ran out and ended the run early; None when none did."""


def run_plan(
    folder: RunFolder,
    *,
    plan: Plan | None = None,
    budget: Budget | None = None,
    on_record: Callable[[EpisodeRecord], None] | None = None,
    grace_s: float = DEFAULT_GRACE_S,
) -> RunOutcome:
    """Plays every episode that the folder lacks.

    A broken episode is recorded as a fault and never stops its siblings. One that passes its deadline has its
    environment closed; where that does not bring it back within the grace, its thread is left behind. A spent
    budget ends the run early. Whatever else ends it (Ctrl-C, a full disk) closes the environments of running
    episodes, records none of those, and is raised; episodes that had ended before Ctrl-C are recorded.

    Args:
        folder: Where records go.
        plan: None plays the folder's own plan; another may differ in concurrency and timeout.
        budget: Shared by all agents; None for no bound.
        on_record: Called after each record is on disk.
        grace_s: Seconds that episodes cut short, and environments being closed, may take.

    Raises:
        AgentNotFound: An agent's name means nothing; nothing was played.
        AgentNameError: Likewise.
        RecordsError: A record can't be written.
        KeyboardInterrupt: The user broke it off.
    """
    missing = folder.missing(plan)
    crew = _Crew(missing, plan or folder.plan, budget or Budget(), grace_s)
    recorded = 0
    try:
        for records in crew.play():
            folder.append(*records)
            recorded += len(records)
            if on_record:
                for record in records:
                    on_record(record)
    except KeyboardInterrupt:
        crew.dismiss()
        folder.append(*(record for record in crew.ended() if not folder.holds(record.key)))
        raise
    finally:
        crew.dismiss()
    return RunOutcome(recorded, len(missing) - recorded, crew.exhausted)


class _Crew:
    """The workers of a run, their queue of episodes, and their supervision."""

    def __init__(self, specs: list[EpisodeSpec], plan: Plan, budget: Budget, grace_s: float) -> None:
        self.exhausted: str | None = None
        self._grace_s = grace_s
        self._turn = threading.Condition()  # guards the two below, which workers' threads read and write
        self._waiting = deque(specs)
        self._playing = 0
        self._reports: queue.SimpleQueue[Report] = queue.SimpleQueue()
        self._yielded: list[EpisodeRecord] = []
        makers = {name: agent_factory(name, budget=budget) for name in plan.agents}
        self._job = Job(plan, makers, budget, take=self._take, report=self._reports.put, grace_s=grace_s)
        self._workers: list[Worker] = []

    def play(self) -> Iterator[list[EpisodeRecord]]:
        """Yields the records of episodes as they end, together where several have ended."""
        size = min(self._job.plan.concurrency, len(self._waiting))
        for _ in range(size):
            self._workers.append(Worker(self._job))
        while self._waiting or self._playing:
            self._yielded = self._records_of(self._next_reports())
            if self._yielded:
                yield self._yielded

    def ended(self) -> list[EpisodeRecord]:
        """Returns, once dismissed, the records that were yielded last, and those that nobody has asked for yet."""
        return self._yielded + self._records_of(self._arrived())

    def dismiss(self) -> None:
        """Ends every worker: at once where one is idle, by closing the environment where one is playing."""
        self._hand_out_no_more()
        workers, self._workers = self._workers, []
        until = time.monotonic() + self._grace_s
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

    def _next_reports(self) -> list[Report]:
        """Waits a moment for a report, takes those that have come by then, and sees to the deadlines."""
        reports = []
        with suppress(queue.Empty):
            reports.append(self._reports.get(timeout=_POLL_S))
        reports += self._arrived()
        for worker in list(self._workers):
            given_up = worker.enforce_deadline()
            if given_up:
                reports.append(given_up)
            if worker.abandoned:
                self._workers.remove(worker)
                if self._waiting:
                    self._workers.append(Worker(self._job))
        return reports

    def _arrived(self) -> list[Report]:
        reports = []
        with suppress(queue.Empty):
            while True:
                reports.append(self._reports.get_nowait())
        return reports

    def _records_of(self, reports: list[Report]) -> list[EpisodeRecord]:
        """Crosses the episodes off; hands out no more of them where the budget ran out."""
        for report in reports:
            self._playing_ended()
            if report.exhausted:
                self.exhausted = str(report.exhausted)
                self._hand_out_no_more()
        return [report.record for report in reports if report.record]

    def _take(self) -> EpisodeSpec | None:
        """Hands out the next episode, when the records of earlier ones have been taken, so that they can't pile up."""
        most = _UNRECORDED * self._job.plan.concurrency
        with self._turn:
            self._turn.wait_for(lambda: self._playing < most or not self._waiting)
            if not self._waiting:
                return None
            self._playing += 1
            return self._waiting.popleft()

    def _playing_ended(self) -> None:
        with self._turn:
            self._playing -= 1
            self._turn.notify()

    def _hand_out_no_more(self) -> None:
        with self._turn:
            self._waiting.clear()
            self._turn.notify_all()
