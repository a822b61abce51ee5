# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A world as its owner sees it: calls, several at a time, over one channel to the supervisor."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from itertools import count
from weakref import WeakValueDictionary

from rsi_sandboxes.errors import BackendUnavailable, SandboxError, SandboxFileError, SessionClosed, WorldLost
from rsi_sandboxes.forks import let_go_in_children
from rsi_sandboxes.frames import Channel, FrameBuffer, frame

START_TIMEOUT_S = 60.0
GRACE_S = 10.0
# Timers of the system overflow at some weeks; who asks for more waits several times.
_LONGEST_WAIT_S = 86_400.0


class World:
    """A channel to one supervisor, shared by the calls under way, with every way of losing it named.

    There is no thread of its own: of those that wait for an answer one reads, and hands the others theirs.

    Args:
        channel: Leads to a supervisor that is coming up.
        bound_processes: Whether the supervisor bounds processes itself; a control group does it otherwise.
        lasting: Whether it is a session's: using it after its end is a `SessionClosed` then.

    Raises:
        WorldLost: The world did not come up.
    """

    def __init__(self, channel: Channel, *, bound_processes: bool, lasting: bool = False) -> None:
        self._channel = channel
        self._frames = FrameBuffer()
        self._calls: WeakValueDictionary[int, Call] = WeakValueDictionary()
        """By number; what comes for a call that nobody holds any more is dropped."""
        self._numbers = count()
        self._filing = threading.Condition()
        """Held while frames are handed out and while the one that reads is chosen."""
        self._reading = False
        # Held while the channel is used, so that its descriptor isn't freed, and used anew, meanwhile.
        self._receiving, self._sending = threading.RLock(), threading.RLock()
        self._lasting = lasting
        self._why_lost: str | None = None
        self.bound_processes = bound_processes
        self.closed = False
        let_go_in_children(self)
        try:
            self._greet()
        except BaseException:
            self.close()
            raise

    def call(self) -> Call:
        """Begins a call; raises SessionClosed when the world is a session's and over."""
        if self.closed and self._lasting:
            raise SessionClosed("this session is closed; open another")
        with self._filing:
            call = Call(self, next(self._numbers))
            self._calls[call.number] = call
        return call

    def send(self, data: bytes, timeout_s: float) -> None:
        """Sends whole frames, joined."""
        try:
            with self._sending:
                self._channel.send(data, min(timeout_s, _LONGEST_WAIT_S))
        except (OSError, ValueError) as error:  # ValueError: closed meanwhile
            raise self.lost(f"it takes no more: {error}") from error
        except BaseException:
            self.close()  # half a frame may have been sent
            raise

    def receive(self, inbox: deque[tuple[bytes, bytes]], timeout_s: float) -> tuple[bytes, bytes]:
        """Takes the next frame out of a call's inbox; raises TimeoutError when none comes in time."""
        deadline = time.monotonic() + timeout_s
        while True:
            with self._filing:
                while not inbox and self._reading:
                    left = deadline - time.monotonic()
                    if left <= 0:
                        raise TimeoutError("the world kept silent")
                    self._filing.wait(min(left, _LONGEST_WAIT_S))
                if inbox:
                    return inbox.popleft()
                self._reading = True
            try:
                self._read(deadline - time.monotonic())
            finally:
                with self._filing:
                    self._reading = False
                    self._filing.notify_all()

    def close(self) -> None:
        """Ends the world. Idempotent."""
        self.closed = True
        self._channel.hang_up()
        with self._receiving, self._sending:
            self._channel.close()

    def let_go(self) -> None:
        """See `Inherited.let_go`; the channel lets go itself."""
        self._filing = threading.Condition()
        self._receiving, self._sending = threading.RLock(), threading.RLock()
        self._reading = False

    def lost(self, why: str) -> SandboxError:
        """Makes the error for a world that is over, and ends what is left of it."""
        if self.closed and self._lasting and self._why_lost is None:
            return SessionClosed("this session was closed meanwhile")
        if self._why_lost is None:
            words = self._channel.last_words().strip()
            self._why_lost = why + (f"; its last words: {words}" if words else "")
            if not self.closed:
                self._channel.distrust()
                try:
                    self.close()
                except BackendUnavailable as error:
                    self._why_lost += f"; nor can what is left of it be taken away: {error}"
        return WorldLost(f"the sandbox world was lost: {self._why_lost}")

    def _read(self, timeout_s: float) -> None:
        """Reads what comes first and hands it out."""
        try:
            with self._receiving:
                data = self._channel.receive(min(max(0.0, timeout_s), _LONGEST_WAIT_S))
            if not data:
                raise self.lost("it ended")
            self._frames.add(data)
            while (found := self._frames.next()) is not None:
                kind, number, payload = found
                if (call := self._calls.get(number)) is not None:
                    call.inbox.append((kind, payload))
        except TimeoutError:
            if timeout_s <= _LONGEST_WAIT_S:
                raise
        except SandboxError:
            raise
        except (OSError, ValueError) as error:
            raise self.lost(str(error)) from error
        except BaseException:
            self.close()  # what had been read may be gone
            raise

    def _greet(self) -> None:
        try:
            kind, _ = self.call().receive(START_TIMEOUT_S)
        except TimeoutError as error:
            raise self.lost(f"it did not come up within {START_TIMEOUT_S:g} s") from error
        if kind != b"H":
            raise self.lost(f"it greeted with {kind!r}")


class Call:
    """What the owner asks of a world, and what comes back for it. Made by `World.call`.

    One thread may send while another receives.
    """

    def __init__(self, world: World, number: int) -> None:
        self._world = world
        self.number = number
        self.inbox: deque[tuple[bytes, bytes]] = deque()

    def send(self, *frames: tuple[bytes, bytes], timeout_s: float = GRACE_S) -> None:
        """Sends (kind, payload) frames of this call's."""
        self._world.send(b"".join(frame(kind, self.number, payload) for kind, payload in frames), timeout_s)

    def receive(self, timeout_s: float) -> tuple[bytes, bytes]:
        """Returns the next frame for this call; raises TimeoutError when none comes in time."""
        return self._world.receive(self.inbox, timeout_s)

    def answer(self) -> bytes:
        """Waits for the answer to a file frame; raises SandboxFileError when it was refused."""
        try:
            kind, payload = self.receive(GRACE_S)
        except TimeoutError as error:
            raise self.lost(f"it did not answer within {GRACE_S:g} s") from error
        if kind == b"Q":
            trouble = json.loads(payload)
            raise SandboxFileError(trouble["errno"], trouble["message"])
        return payload

    def lost(self, why: str) -> SandboxError:
        """See `World.lost`."""
        return self._world.lost(why)
