# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Warm worlds kept for the next job, shared by all sandboxes of a process that make the same kind of world."""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import ExitStack
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from rsi_sandboxes.errors import WorldLost
from rsi_sandboxes.forks import let_go_in_children
from rsi_sandboxes.slot import NurseryRefused, Slot

_PROCESSORS = os.cpu_count() or 1
MOST_RUNNING = max(4, 2 * _PROCESSORS)
"""Jobs that `run` has going at once in a pool; more wait. They have no network to wait for, so more gain nothing."""
MOST_IDLE = 3 * MOST_RUNNING
"""Warm worlds that a pool keeps while nobody uses them, about 10 MB each: enough for jobs of a few shapes in turn."""

_CLEARED_S = 0.001
"""What a slot's last job leaves is taken down after its end is told, which takes about so long. Of the slots that have
had this time the latest used is taken: the processor's caches hold the most of it."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a warm world is made for; jobs of other shapes need other warm worlds."""

    memory_bytes: int
    disk_bytes: int
    processes: int
    ready: str
    """Text of a program that its Python holds compiled; empty for none."""


class Pool:
    """Idle slots, the longest idle first to be closed; safe to use from several threads.

    Jobs are never made to wait for a slot: who holds one and asks for another would wait for itself. So there are as
    many slots as jobs at a time, and of the idle ones at most `MOST_IDLE` are kept.

    Args:
        open_slot: Starts a slot of a shape; raises as `Slot` does.
    """

    def __init__(self, open_slot: Callable[[Shape], Slot]) -> None:
        self._open_slot = open_slot
        self._idle: OrderedDict[Slot, float] = OrderedDict()
        """With when they became so, by the monotonic clock; the latest last."""
        self._shapes: WeakKeyDictionary[Slot, Shape] = WeakKeyDictionary()
        self._lock = threading.Lock()
        self._users = 0
        self.refusal: str | None = None
        """Why warm worlds can't be had here; None while they can."""
        self.turns = threading.BoundedSemaphore(MOST_RUNNING)
        """Held by whoever runs a job from its start to its end, so that many callers don't make as many worlds."""
        let_go_in_children(self)

    def take(self, shape: Shape) -> Slot | None:
        """Returns a slot with nothing of an earlier job in it, for `give_back` later; None where none can be had.

        Raises:
            WorldLost: None came up.
        """
        while (slot := self._pop(shape)) is not None:
            try:
                slot.settle()
            except BaseException as error:
                slot.close()
                if isinstance(error, WorldLost):
                    continue  # it died while idle
                raise
            if not slot.done:
                return slot
            slot.close()
        if self.refusal is not None:
            return None
        try:
            slot = self._open_slot(shape)
        except NurseryRefused as error:
            self.refusal = str(error)
            return None
        self._shapes[slot] = shape
        return slot

    def give_back(self, slot: Slot) -> None:
        """Keeps a slot for later, or closes it when it has had its time or there are enough."""
        superfluous: Slot | None = slot
        if not slot.done:
            with self._lock:
                if self._users > 0:
                    self._idle[slot] = time.monotonic()
                    superfluous = self._idle.popitem(last=False)[0] if len(self._idle) > MOST_IDLE else None
        if superfluous is not None:
            superfluous.close()

    def join(self) -> None:
        """Counts one more sandbox that uses this pool."""
        with self._lock:
            self._users += 1

    def leave(self) -> None:
        """Counts one less, and ends the idle slots when it was the last."""
        with self._lock:
            self._users -= 1
            idle = [] if self._users > 0 else list(self._idle)
            for slot in idle:
                del self._idle[slot]
        with ExitStack() as closing:  # all of them, though one may raise
            for slot in idle:
                closing.callback(slot.close)

    def let_go(self) -> None:
        """See `Inherited.let_go`; the slots let go themselves."""
        self._lock = threading.Lock()
        self.turns = threading.BoundedSemaphore(MOST_RUNNING)
        self._idle.clear()

    def _pop(self, shape: Shape) -> Slot | None:
        with self._lock:
            found: Slot | None = None
            for slot in reversed(self._idle):
                if self._shapes[slot] == shape:
                    found = slot
                    if time.monotonic() - self._idle[slot] >= _CLEARED_S:
                        break
            if found is not None:
                del self._idle[found]
            return found


_pools: dict[Hashable, Pool] = {}
_making = threading.Lock()


def shared_pool(key: Hashable, open_slot: Callable[[Shape], Slot]) -> Pool:
    """Returns this process's pool for worlds made in the way that `key` stands for, making it at the first call."""
    with _making:
        return _pools.setdefault(key, Pool(open_slot))
