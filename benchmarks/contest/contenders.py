# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Whoever runs the job, driven from threads or from asyncio, so many at a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import Protocol

FRESH = "each job"
SHARED = "all jobs together"
SUBSET = "by the language"
NONE = "none"


@dataclass(frozen=True, slots=True)
class Sample:
    """What a contender did in one stretch of time."""

    latencies_s: list[float]
    """Seconds that each job took, waiting for the others included."""
    elapsed_s: float
    """Seconds from the first job's start to the last one's end."""

    @property
    def jobs_per_s(self) -> float:
        """Jobs done in a second."""
        return len(self.latencies_s) / self.elapsed_s


class Contender(Protocol):
    """Runs the job; the first call opens what is kept open between jobs.

    Every method raises what the contender's library raises, and `jobs.WrongOutput` when the job was not done.
    """

    name: str
    isolation: str
    """What is kept from what: `FRESH`, each job from the host and the others; `SHARED`, all of them from the host;
    `SUBSET`, by an interpreter of a part of Python; `NONE`, nothing."""

    def sample(self, in_flight: int, at_least_s: float) -> Sample:
        """Keeps so many jobs in flight for so long; each lane does at least one."""
        ...

    def first_job_s(self) -> float:
        """Returns the seconds from nothing to the end of the first job, and leaves nothing behind."""
        ...

    def close(self) -> None:
        """Frees what is kept. Idempotent."""
        ...


class Threaded:
    """A contender with a blocking call, driven from threads.

    Args:
        name: Shown in the table.
        isolation: See `Contender.isolation`.
        opened: Gives a context in which what it yields runs one job and checks its output.
    """

    def __init__(
        self, name: str, isolation: str, opened: Callable[[], AbstractContextManager[Callable[[], None]]]
    ) -> None:
        self.name = name
        self.isolation = isolation
        self._opened = opened
        self._kept = ExitStack()
        self._run: Callable[[], None] | None = None

    def sample(self, in_flight: int, at_least_s: float) -> Sample:
        """See `Contender.sample`."""
        if self._run is None:
            self._run = self._kept.enter_context(self._opened())
        run = self._run
        started = time.perf_counter()

        def lane(_: int) -> list[float]:
            latencies: list[float] = []
            while not latencies or time.perf_counter() < started + at_least_s:
                before = time.perf_counter()
                run()
                latencies.append(time.perf_counter() - before)
            return latencies

        with ThreadPoolExecutor(in_flight) as pool:
            lanes = list(pool.map(lane, range(in_flight)))
        return Sample([latency for lane_ in lanes for latency in lane_], time.perf_counter() - started)

    def first_job_s(self) -> float:
        """See `Contender.first_job_s`."""
        started = time.perf_counter()
        with self._opened() as run:
            run()
            return time.perf_counter() - started

    def close(self) -> None:
        """See `Contender.close`."""
        self._run = None
        self._kept.close()


class Awaited:
    """A contender with an awaitable call, driven from one event loop.

    Args:
        name: Shown in the table.
        isolation: See `Contender.isolation`.
        opened: Gives a context in which awaiting what it yields runs one job and checks its output.
    """

    def __init__(
        self,
        name: str,
        isolation: str,
        opened: Callable[[], AbstractAsyncContextManager[Callable[[], Awaitable[None]]]],
    ) -> None:
        self.name = name
        self.isolation = isolation
        self._opened = opened
        self._runner = asyncio.Runner()
        self._kept: AbstractAsyncContextManager[Callable[[], Awaitable[None]]] | None = None
        self._run: Callable[[], Awaitable[None]] | None = None

    def sample(self, in_flight: int, at_least_s: float) -> Sample:
        """See `Contender.sample`."""
        return self._runner.run(self._sample(in_flight, at_least_s))

    def first_job_s(self) -> float:
        """See `Contender.first_job_s`."""
        return self._runner.run(self._first_job_s())

    def close(self) -> None:
        """See `Contender.close`."""
        if self._kept is not None:
            kept, self._kept, self._run = self._kept, None, None
            self._runner.run(_leave(kept))
        self._runner.close()

    async def _sample(self, in_flight: int, at_least_s: float) -> Sample:
        if self._run is None:
            kept = self._opened()
            self._run = await kept.__aenter__()
            self._kept = kept
        run = self._run
        started = time.perf_counter()

        async def lane() -> list[float]:
            latencies: list[float] = []
            while not latencies or time.perf_counter() < started + at_least_s:
                before = time.perf_counter()
                await run()
                latencies.append(time.perf_counter() - before)
            return latencies

        async with asyncio.TaskGroup() as group:
            lanes = [group.create_task(lane()) for _ in range(in_flight)]
        return Sample([latency for task in lanes for latency in task.result()], time.perf_counter() - started)

    async def _first_job_s(self) -> float:
        started = time.perf_counter()
        async with self._opened() as run:
            await run()
            return time.perf_counter() - started


async def _leave(context: AbstractAsyncContextManager[object]) -> None:
    await context.__aexit__(None, None, None)
