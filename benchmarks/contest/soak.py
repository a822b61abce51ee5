# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Very many jobs through one backend: what this process holds must not grow with their number."""

from __future__ import annotations

import gc
import os
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from rich.table import Table

from contest.ours import WAYS
from contest.processes import descendants, own_containers
from rsi_sandboxes import Sandbox, SandboxError, make_sandbox

PARTS = 10
_MIB = 1024 * 1024
_RESIDENT_SHARE = 0.1
_RESIDENT_BYTES = 16 * _MIB
_FOR_EACH_WORLD = 4
_SETTLED_S = 2.0
_WARM_UP = 500


@dataclass(frozen=True, slots=True)
class Footprint:
    """What this process holds."""

    resident_bytes: int
    descriptors: int
    threads: int
    descendants: int
    containers: int
    temporary_entries: int
    """In the temporary folder, which is the soak's own, at any depth."""

    @classmethod
    def taken(cls, folder: Path) -> Footprint:
        """Looks at this process, after a collection and a moment's rest."""
        gc.collect()
        time.sleep(_SETTLED_S)
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return cls(
            resident_bytes=pages * os.sysconf("SC_PAGE_SIZE"),
            descriptors=len(os.listdir("/proc/self/fd")),
            threads=threading.active_count(),
            descendants=len(descendants()),
            containers=len(own_containers()),
            temporary_entries=sum(1 for _ in folder.rglob("*")),
        )

    def tolerance(self, field: str, in_flight: int) -> int:
        """How much more is no growth: a tenth of the memory or 16 MiB, and what a warm world more for each lane is."""
        if field == "resident_bytes":
            return max(_RESIDENT_BYTES, int(_RESIDENT_SHARE * self.resident_bytes))
        return in_flight * (1 if field in ("threads", "containers") else _FOR_EACH_WORLD)


@dataclass(frozen=True, slots=True)
class Soak:
    """How it went."""

    before: Footprint
    after: Footprint
    in_flight: int
    jobs_per_s: list[float]
    """In each tenth of the jobs."""
    failures: list[str]
    """What each failed job raised."""

    def grown(self) -> list[str]:
        """Lists what grew beyond its tolerance."""
        return [
            field
            for field in Footprint.__slots__
            if getattr(self.after, field) - getattr(self.before, field) > self.before.tolerance(field, self.in_flight)
        ]

    def table(self) -> Table:
        """Makes the table of before and after."""
        table = Table("held", "before", "after", "tolerated", "")
        grown = self.grown()
        for field in Footprint.__slots__:
            numbers = getattr(self.before, field), getattr(self.after, field)
            shown = [f"{number:,}" for number in (*numbers, self.before.tolerance(field, self.in_flight))]
            table.add_row(field, *shown, "grew" if field in grown else "")
        return table


def soak(backend: str, jobs: int, in_flight: int, step: Callable[[], None]) -> Soak:
    """Runs so many jobs, half of them whole programs and half by values, and calls `step` after each.

    Before the first look some jobs are run, so that what is kept warm is there.
    """
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        tempfile.tempdir = folder
        try:
            sandbox = make_sandbox(backend)
            try:
                return _soaked(sandbox, Path(folder), jobs, in_flight, step)
            finally:
                sandbox.close()
        finally:
            tempfile.tempdir = None


def _soaked(sandbox: Sandbox, folder: Path, jobs: int, in_flight: int, step: Callable[[], None]) -> Soak:
    failures: list[str] = []
    ways = list(WAYS.values())

    def one(number: int) -> None:
        made, check = ways[number % len(ways)]
        try:
            check(sandbox.run(made()))
        except (SandboxError, RuntimeError) as error:  # a wrong output is a RuntimeError
            failures.append(f"job {number}: {type(error).__name__}: {error}")

    def lane(numbers: range) -> None:
        for number in numbers:
            one(number)
            step()

    def run(numbers: range) -> float:
        started = time.perf_counter()
        # Not a task for each job: what waits in the queue would be the most that is held here.
        with ThreadPoolExecutor(in_flight) as pool:
            for _ in pool.map(lane, [numbers[start::in_flight] for start in range(in_flight)]):
                pass
        return len(numbers) / (time.perf_counter() - started)

    run(range(max(2 * in_flight, min(_WARM_UP, jobs // PARTS))))
    before = Footprint.taken(folder)
    edges = [jobs * part // PARTS for part in range(PARTS + 1)]
    rates = [run(range(start, end)) for start, end in pairwise(edges) if end > start]
    return Soak(before, Footprint.taken(folder), in_flight, rates, failures)
