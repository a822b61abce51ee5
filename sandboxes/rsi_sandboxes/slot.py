# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A warm world as its owner sees it: a nursery that makes a fresh world for each job, one job at a time."""

from __future__ import annotations

import contextlib
import marshal
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from rsi_sandboxes.errors import BackendUnavailable, SandboxError, WorldLost
from rsi_sandboxes.forks import let_go_in_children

MOST_JOBS = 5000
"""A warm world is given up after so many jobs, whatever may have piled up in it."""
MARSHAL_VERSION = 2
"""Which every Python reads."""
ENDED = struct.Struct("!I?")
"""How the nursery says that a job has ended: its number, and whether it left traces in the network."""
_MOST_BYTES = 4096
_CHUNK = 65536
_START_TIMEOUT_S = 30.0
_ANSWER_TIMEOUT_S = 5.0
"""A warm world that is asked something and does not answer for so long is given up for another."""
_STALE_S = 1.0
"""A warm world that has said nothing for so long is asked whether it still works before it gets a job."""


class Home(Protocol):
    """Where a nursery lives, and how to end it."""

    def last_words(self) -> str:
        """What it said on its way out, for error messages; may be empty."""
        ...

    def ran_out_of_memory(self) -> bool:
        """Whether the kernel is known to have killed in it for want of memory; told once it is closed."""
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
    """One nursery. Not safe to use from several threads at once, but for `close`; the pool hands it to one at a time.

    Args:
        home: Where the nursery is coming up.
        control: The socket to it, of packets.
        first: Packets to send to it first, which make it a nursery.

    Raises:
        NurseryRefused: It can't make worlds here.
        WorldLost: It did not come up.
    """

    def __init__(self, home: Home, control: socket.socket, first: Iterable[bytes]) -> None:
        self._home = home
        self._control = control
        self._jobs = 0
        self._ended = 0
        self._dirty = False
        self._heard = 0.0
        self._closing = threading.Lock()
        self.using = threading.RLock()
        """Held while the control socket is read, so that its descriptor isn't freed, and used anew, meanwhile."""
        self.closed = False
        let_go_in_children(self)
        try:
            self._send_first(first)
            self._expect_ready()
        except BaseException:
            self.close()
            raise

    @property
    def done(self) -> bool:
        """Whether it may have no further job."""
        return self.closed or self._dirty or self._jobs >= MOST_JOBS

    def fileno(self) -> int:
        """The control socket's descriptor, readable when a job has ended."""
        return self._control.fileno()

    def order(self, fds: Sequence[int], *bounds: float) -> int:
        """Has the nursery start a job, and returns the job's number.

        Args:
            fds: What the job's first process gets; see `rsi_sandboxes.inside.nursery`.
            *bounds: What a lone job is held to: wall_s, cpu_s, memory_bytes.

        Raises:
            WorldLost: It takes no more orders.
        """
        number = self._jobs + 1
        order = marshal.dumps((number, *bounds), MARSHAL_VERSION)
        try:
            with self.using:
                self._control.settimeout(_ANSWER_TIMEOUT_S)
                socket.send_fds(self._control, [b"J" + order], fds)
        except OSError as error:
            raise self.lost(f"it takes no more jobs: {error}") from error
        self._jobs = number
        return number

    def settle(self) -> None:
        """Waits until nothing is left of the jobs before, and sees to it that the nursery still works.

        One that stopped working less than a second ago passes for one that works, unless it has ended.

        Raises:
            WorldLost: It does not, or can't end what is left.
        """
        while self._ended < self._jobs:
            self.next_end(_ANSWER_TIMEOUT_S)
        try:
            with self.using:
                if time.monotonic() - self._heard < _STALE_S:
                    self._control.settimeout(0)
                else:
                    self._control.settimeout(_ANSWER_TIMEOUT_S)
                    self._control.send(b"?")
                packet = self._control.recv(_MOST_BYTES)
        except BlockingIOError:
            return  # it has nothing to say
        except OSError as error:
            raise self.lost(f"it does not answer: {error}") from error
        if packet != b"!":
            raise self.lost(f"it said {packet!r}" if packet else "it ended")
        self._heard = time.monotonic()

    def next_end(self, timeout_s: float) -> bytes:
        """Waits for the end of a job and returns what the nursery says of a lone one; see `ENDED`.

        Raises:
            WorldLost: It says nothing within `timeout_s`.
        """
        packet = self._packet(timeout_s)
        if packet[:1] != b"D":
            raise self.lost(f"it said {packet!r}")
        _, dirty = ENDED.unpack_from(packet, 1)
        self._ended += 1
        # Its network is for one job: what it counts, the next one could read.
        self._dirty |= dirty
        return packet[1 + ENDED.size :]

    def end(self, number: int) -> None:
        """Ends a job; does not wait until it has ended."""
        with contextlib.suppress(OSError), self.using:  # a nursery that is gone has taken its jobs along
            self._control.send(b"K" + marshal.dumps((number,), MARSHAL_VERSION))

    def last_words(self) -> str:
        """See `Channel.last_words`."""
        return self._home.last_words()

    def ran_out_of_memory(self) -> bool:
        """See `Home.ran_out_of_memory`."""
        return self._home.ran_out_of_memory()

    def close(self) -> None:
        """Ends the nursery and its jobs. Idempotent, and safe from any thread."""
        with self._closing:
            if self.closed:
                return
            self.closed = True
            with contextlib.suppress(OSError):
                self._control.shutdown(socket.SHUT_RDWR)
            with self.using:
                self._control.close()
            self._home.close()

    def let_go(self) -> None:
        """See `Inherited.let_go`."""
        self._closing = threading.Lock()
        self.using = threading.RLock()
        self.closed = True
        self._control.close()
        self._home.let_go()

    def lost(self, why: str) -> WorldLost:
        """Makes the error for a slot that was lost."""
        words = self.last_words().strip()
        return WorldLost(f"the warm world was lost: {why}" + (f"; its last words: {words}" if words else ""))

    def _send_first(self, packets: Iterable[bytes]) -> None:
        self._control.settimeout(_START_TIMEOUT_S)
        try:
            for packet in packets:
                self._control.send(packet)
        except OSError as error:
            raise self.lost(f"it takes nothing: {error}") from error

    def _expect_ready(self) -> None:
        packet = self._packet(_START_TIMEOUT_S)
        if packet.startswith(b"X"):
            raise NurseryRefused(packet[1:].decode(errors="replace"))
        if packet != b"R":
            raise self.lost(f"it greeted with {packet!r}")

    def _packet(self, timeout_s: float) -> bytes:
        try:
            with self.using:
                self._control.settimeout(max(timeout_s, 0.001))
                packet = self._control.recv(_MOST_BYTES)
        except OSError as error:
            raise self.lost(f"it does not answer: {error}") from error
        if not packet:
            raise self.lost("it ended")
        self._heard = time.monotonic()
        return packet


def await_data(readable: socket.socket, timeout_s: float) -> None:
    """Waits until a socket can be read; raises TimeoutError. Its own timeout is for whoever sends meanwhile."""
    poll = select.poll()
    poll.register(readable, select.POLLIN)
    if not poll.poll(max(0.0, timeout_s) * 1000):
        raise TimeoutError("the world kept silent")


@contextlib.contextmanager
def want_named() -> Iterator[None]:
    """Names the want of descriptors, and whatever else this process itself may lack for a job."""
    try:
        yield
    except SandboxError:
        raise
    except OSError as error:
        raise BackendUnavailable(f"no job can be started from this process: {error}") from error


class JobChannel:
    """The `Channel` to a supervisor that a nursery makes for one job.

    Args:
        slot: The nursery's.
        give_back: Called when the job's world has been ended.

    Raises:
        BackendUnavailable: This process lacks descriptors.
        WorldLost: The nursery takes no more jobs.
    """

    def __init__(self, slot: Slot, give_back: Callable[[Slot], None]) -> None:
        self._slot = slot
        self._give_back = give_back
        self._trusted = True
        self._closing = threading.Lock()
        self._closed = False
        with want_named():
            self.socket, theirs = socket.socketpair()
        let_go_in_children(self)
        try:
            with theirs:
                self._number = slot.order([theirs.fileno()])
        except BaseException:
            self.socket.close()
            raise

    def send(self, data: bytes, timeout_s: float) -> None:
        """See `Channel.send`."""
        self.socket.settimeout(max(timeout_s, 0.001))
        self.socket.sendall(data)

    def receive(self, timeout_s: float) -> bytes:
        """See `Channel.receive`."""
        await_data(self.socket, timeout_s)
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
                self._slot.end(self._number)
            self._give_back(self._slot)

    def distrust(self) -> None:
        """See `Channel.distrust`."""
        self._trusted = False

    def let_go(self) -> None:
        """See `Inherited.let_go`."""
        self._closing = threading.Lock()
        self._closed = True
        self.socket.close()
