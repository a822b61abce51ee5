# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A warm world as its owner sees it: a nursery that makes a fresh world for each job, one job at a time."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Protocol

from rsi_sandboxes.errors import WorldLost
from rsi_sandboxes.forks import let_go_in_children
from rsi_sandboxes.limits import Limits

MOST_JOBS = 5000
"""A warm world is given up after so many jobs, whatever may have piled up in it."""
_MOST_BYTES = 4096
_CHUNK = 65536
_START_TIMEOUT_S = 30.0
_END_TIMEOUT_S = 10.0


class Home(Protocol):
    """Where a nursery lives, and how to end it."""

    def last_words(self) -> str:
        """What it said on its way out, for error messages; may be empty."""
        ...

    def close(self) -> None:
        """Ends the nursery and every job in it, and frees all it held. Idempotent."""
        ...

    def let_go(self) -> None:
        """See `Inherited.let_go`."""
        ...


class NurseryRefused(WorldLost):
    """The nursery came up and said why it can't make worlds here; worlds have to be made without one."""


class Slot:
    """One nursery. Not safe to use from several threads at once; the pool hands it to one at a time.

    Args:
        home: Where the nursery is coming up.
        control: The socket to it, of packets.
        limits: What its jobs' folders may hold is taken from here.

    Raises:
        NurseryRefused: It can't make worlds here.
        WorldLost: It did not come up.
    """

    def __init__(self, home: Home, control: socket.socket, limits: Limits) -> None:
        self._home = home
        self._control = control
        self._disk_bytes = int(limits.disk_bytes)
        self._jobs = 0
        self._ended = 0
        self._ahead: JobChannel | None = None
        self._closing = threading.Lock()
        self.closed = False
        let_go_in_children(self)
        try:
            self._expect_ready()
        except BaseException:
            self.close()
            raise

    @property
    def worn(self) -> bool:
        """Whether it has had as many jobs as one may have."""
        return self._jobs >= MOST_JOBS

    def prepare(self) -> None:
        """Has the nursery make the next job's world ahead; raises WorldLost when it takes no more orders."""
        if self._ahead is None:
            self._ahead = self._order()

    def take(self, give_back: Callable[[], None]) -> JobChannel:
        """Returns the way into a fresh world, once nothing is left of the job before.

        Args:
            give_back: Called when the job's world has been ended.

        Raises:
            WorldLost: The nursery does not answer; the slot has been closed.
        """
        try:
            channel = self._ahead or self._order()
            self._ahead = None
            self._await_end_of(channel.number - 1)
        except BaseException:
            self.close()
            raise
        channel.give_back = give_back
        return channel

    def end(self, number: int) -> None:
        """Ends a job; does not wait until it has ended."""
        with contextlib.suppress(OSError):  # a nursery that is gone has taken its jobs along
            self._control.send(b"K %d" % number)

    def last_words(self) -> str:
        """See `Channel.last_words`."""
        return self._home.last_words()

    def close(self) -> None:
        """Ends the nursery and its jobs. Idempotent."""
        with self._closing:
            if self.closed:
                return
            self.closed = True
            if self._ahead is not None:
                self._ahead.socket.close()
            self._control.close()
            self._home.close()

    def let_go(self) -> None:
        """See `Inherited.let_go`."""
        self._closing = threading.Lock()
        self.closed = True
        self._control.close()
        if self._ahead is not None:
            self._ahead.socket.close()
        self._home.let_go()

    def _order(self) -> JobChannel:
        number = self._jobs + 1
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self._control.settimeout(_END_TIMEOUT_S)
                socket.send_fds(self._control, [b"J %d %d" % (number, self._disk_bytes)], [theirs.fileno()])
        except OSError as error:
            ours.close()
            raise self._lost(f"it takes no more jobs: {error}") from error
        self._jobs = number
        return JobChannel(self, number, ours)

    def _await_end_of(self, number: int) -> None:
        while self._ended < number:
            packet = self._packet(_END_TIMEOUT_S)
            if not packet.startswith(b"D "):
                raise self._lost(f"it said {packet!r}")
            self._ended += 1

    def _expect_ready(self) -> None:
        packet = self._packet(_START_TIMEOUT_S)
        if packet.startswith(b"X"):
            raise NurseryRefused(packet[1:].decode(errors="replace"))
        if packet != b"R":
            raise self._lost(f"it greeted with {packet!r}")

    def _packet(self, timeout_s: float) -> bytes:
        self._control.settimeout(timeout_s)
        try:
            packet = self._control.recv(_MOST_BYTES)
        except OSError as error:
            raise self._lost(f"it does not answer: {error}") from error
        if not packet:
            raise self._lost("it ended")
        return packet

    def _lost(self, why: str) -> WorldLost:
        words = self.last_words().strip()
        return WorldLost(f"the warm world was lost: {why}" + (f"; its last words: {words}" if words else ""))


class JobChannel:
    """The `Channel` to a supervisor that a nursery has made for one job."""

    def __init__(self, slot: Slot, number: int, ours: socket.socket) -> None:
        self.number = number
        self.socket = ours
        self.give_back: Callable[[], None] | None = None
        self._trusted = True
        self._slot = slot
        self._closing = threading.Lock()
        self._closed = False
        let_go_in_children(self)

    def send(self, data: bytes, timeout_s: float) -> None:
        """See `Channel.send`."""
        self.socket.settimeout(max(timeout_s, 0.001))
        self.socket.sendall(data)

    def receive(self, timeout_s: float) -> bytes:
        """See `Channel.receive`."""
        self.socket.settimeout(max(timeout_s, 0.001))
        return self.socket.recv(_CHUNK)

    def last_words(self) -> str:
        """See `Channel.last_words`."""
        return self._slot.last_words()

    def hang_up(self) -> None:
        """See `Channel.hang_up`."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """See `Channel.close`."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self.socket.close()
            if not self._trusted:
                self._slot.close()
            else:
                self._slot.end(self.number)
            if self.give_back is not None:
                self.give_back()

    def distrust(self) -> None:
        """See `Channel.distrust`."""
        self._trusted = False

    def let_go(self) -> None:
        """See `Inherited.let_go`."""
        self._closing = threading.Lock()
        self._closed = True
        self.socket.close()
