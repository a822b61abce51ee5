# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What every backend whose worlds hold a supervisor shares."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import ExitStack
from weakref import WeakValueDictionary, finalize

from rsi_sandboxes.errors import InvalidJob, SandboxFileError, WorldLost
from rsi_sandboxes.frames import Channel
from rsi_sandboxes.job import ExecResult, Job
from rsi_sandboxes.limits import Limits
from rsi_sandboxes.lone import can_run_alone, run_alone
from rsi_sandboxes.pool import Pool, Shape
from rsi_sandboxes.process import WorldProcess, complete
from rsi_sandboxes.session import WorldSession
from rsi_sandboxes.slot import JobChannel, NurseryRefused, Slot
from rsi_sandboxes.snapshot import Snapshot, restore
from rsi_sandboxes.world import START_TIMEOUT_S, World


class WorldSandbox(ABC):
    """What every backend whose worlds hold a supervisor shares; see `rsi_sandboxes.protocol.Sandbox`.

    A backend gives `name`, `bound_processes` and `_open`.

    Args:
        pool: Where its warm worlds come from; None for a backend that keeps none.
    """

    name: str

    def __init__(self, pool: Pool | None = None) -> None:
        # Weak, so that who drops a world unclosed holds nothing; by id, for a dictionary can be read while it changes.
        self._worlds: WeakValueDictionary[int, World] = WeakValueDictionary()
        self._slots: set[Slot] = set()
        """Those in which this sandbox is running a job to its end."""
        self._pool = pool or Pool(_no_slot)
        self._pool.join()
        self._leave = finalize(self, self._pool.leave)
        self._closed = False

    @abstractmethod
    def _open(self, limits: Limits, lifetime_s: float) -> Channel:
        """Starts a world of these bounds that may be reaped after `lifetime_s`."""

    @property
    @abstractmethod
    def bound_processes(self) -> bool:
        """Whether processes are bounded in a world started from nothing, rather than around it."""

    @property
    def why_cold(self) -> str | None:
        """Why each world is started from nothing; None where warm ones are kept, or none has been asked for yet."""
        return self._pool.refusal

    @property
    def memory_bound_by_kernel(self) -> bool:
        """Whether a control group bounds a world's memory, rather than samples 20 ms apart."""
        return True

    def run(self, job: Job) -> ExecResult:
        """See `Sandbox.run`."""
        with self._pool.turns:
            for again in (True, False):
                self._check_open()
                slot = self._pool.take(_shape(job.limits, _ready_text(job))) if can_run_alone(job) else None
                if slot is None:
                    break
                try:
                    return self._run_alone(slot, job)
                except WorldLost:
                    # A program that takes all the memory may seldom take its keeper along.
                    if not (again and slot.ran_out_of_memory()):
                        raise
            with self.start(job) as process:
                return complete(process, job)

    def start(self, job: Job) -> WorldProcess:
        """See `Sandbox.start`."""
        world = self._world(job.limits, job.limits.wall_s + START_TIMEOUT_S, ready=_ready_text(job))
        try:
            return WorldProcess(world, job, alone=True)
        except BaseException:
            world.close()
            raise

    def session(
        self, limits: Limits | None = None, *, snapshot: Snapshot | None = None, lifetime_s: float = 86_400.0
    ) -> WorldSession:
        """See `Sandbox.session`; after `lifetime_s` the session may be reaped even if its owner lives."""
        limits = limits or Limits()
        world = self._world(limits, lifetime_s, lasting=True)
        if snapshot is not None:
            try:
                restore(world, snapshot, limits)
            except BaseException:
                world.close()
                raise
        return WorldSession(world, limits, lifetime_s)

    def close(self) -> None:
        """See `Sandbox.close`."""
        self._closed = True  # before the search, so that what it does not find is not begun
        with ExitStack() as closing:  # all of them, though one may raise
            closing.callback(self._leave)
            for slot in list(self._slots):
                closing.callback(slot.close)
            for reference in self._worlds.valuerefs():
                if (world := reference()) is not None:
                    closing.callback(world.close)

    def _run_alone(self, slot: Slot, job: Job) -> ExecResult:
        self._slots.add(slot)
        try:
            self._check_open()
            return run_alone(slot, job)
        except (InvalidJob, SandboxFileError):
            raise  # a refusal, after which the slot is as it was
        except BaseException:
            slot.close()
            raise
        finally:
            self._slots.discard(slot)
            self._pool.give_back(slot)

    def _world(self, limits: Limits, lifetime_s: float, *, ready: str = "", lasting: bool = False) -> World:
        self._check_open()
        slot = self._pool.take(_shape(limits, ready))
        if slot is not None:
            try:
                world = World(JobChannel(slot, self._pool.give_back), bound_processes=True, lasting=lasting)
            except BaseException:
                slot.close()
                raise
        else:
            world = World(self._open(limits, lifetime_s), bound_processes=self.bound_processes, lasting=lasting)
        self._worlds[id(world)] = world
        try:
            self._check_open()
        except BaseException:
            world.close()
            raise
        return world

    def _check_open(self) -> None:
        if self._closed:
            raise WorldLost(f"the {self.name} sandbox is closed; it starts nothing more")


def _no_slot(shape: Shape) -> Slot:
    raise NurseryRefused("this backend keeps no worlds warm")


def _shape(limits: Limits, ready: str) -> Shape:
    return Shape(limits.memory_bytes, limits.disk_bytes, limits.processes, ready)


def _ready_text(job: Job) -> str:
    """The text of the program that worlds may be kept ready for."""
    return job.command[4] if job.keep_ready and can_run_alone(job) else ""
