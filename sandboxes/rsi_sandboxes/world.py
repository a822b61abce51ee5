# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A world as its owner sees it: frames over a channel to the supervisor."""

from __future__ import annotations

import json
import threading
import time

from rsi_sandboxes.errors import SandboxFileError, WorldLost
from rsi_sandboxes.forks import let_go_in_children
from rsi_sandboxes.frames import Channel, FrameBuffer

START_TIMEOUT_S = 60.0
GRACE_S = 10.0
# Timers of the system overflow at some weeks; who asks for more waits several times.
_LONGEST_WAIT_S = 86_400.0


class World:
    """Frames to and from one supervisor, with every way of losing it named `WorldLost`.

    Args:
        channel: Leads to a supervisor that is coming up.
        bound_processes: Whether the supervisor bounds processes itself; a control group does it otherwise.

    Raises:
        WorldLost: The world did not come up.
    """

    def __init__(self, channel: Channel, *, bound_processes: bool) -> None:
        self._channel = channel
        self._frames = FrameBuffer()
        self._using = threading.RLock()
        """Held while the channel is read or written, so that its descriptor isn't freed, and used anew, meanwhile."""
        self.bound_processes = bound_processes
        self.closed = False
        let_go_in_children(self)
        try:
            self._greet()
        except BaseException:
            self.close()
            raise

    def send(self, data: bytes, timeout_s: float = GRACE_S) -> None:
        """Sends whole frames, joined."""
        try:
            with self._using:
                self._channel.send(data, min(timeout_s, _LONGEST_WAIT_S))
        except (OSError, ValueError) as error:  # ValueError: closed meanwhile
            raise self.lost(f"it takes no more: {error}") from error

    def receive(self, timeout_s: float) -> tuple[bytes, bytes]:
        """Returns the next frame; raises TimeoutError when none comes in time."""
        deadline = time.monotonic() + timeout_s
        try:
            while (found := self._frames.next()) is None:
                left = deadline - time.monotonic()
                try:
                    with self._using:
                        data = self._channel.receive(min(max(0.0, left), _LONGEST_WAIT_S))
                except TimeoutError:
                    if left > _LONGEST_WAIT_S:
                        continue
                    raise
                if not data:
                    raise self.lost("it ended")
                self._frames.add(data)
        except TimeoutError:
            raise
        except (OSError, ValueError) as error:
            if isinstance(error, WorldLost):
                raise
            raise self.lost(str(error)) from error
        return found

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

    def close(self) -> None:
        """Ends the world. Idempotent."""
        self.closed = True
        self._channel.hang_up()
        with self._using:
            self._channel.close()

    def let_go(self) -> None:
        """See `Inherited.let_go`; the channel lets go itself."""
        self._using = threading.RLock()

    def _greet(self) -> None:
        try:
            kind, _ = self.receive(START_TIMEOUT_S)
        except TimeoutError as error:
            raise self.lost(f"it did not come up within {START_TIMEOUT_S:g} s") from error
        if kind != b"H":
            raise self.lost(f"it greeted with {kind!r}")

    def lost(self, why: str) -> WorldLost:
        """Makes the error for a world that was lost; unless it was closed, nothing of it is used again."""
        if not self.closed:
            self._channel.distrust()
        words = self._channel.last_words().strip()
        return WorldLost(f"the sandbox world was lost: {why}" + (f"; its last words: {words}" if words else ""))
