# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The supervisor's end of the frames between a world and its owner.

`rsi_sandboxes.frames` states the format a second time, on the owner's side; a test holds the two together.
"""

from __future__ import annotations

import os
import struct

from rsi_sandboxes.inside.events import READABLE, WRITABLE, Events

HEADER = struct.Struct("!cII")
CHUNK = 65536


class Owner:
    """The frames to and from the owner, over descriptors 0 and 1."""

    def __init__(self, events: Events) -> None:
        self.events = events
        self.inbox = bytearray()
        self.outbox = bytearray()
        os.set_blocking(0, False)
        os.set_blocking(1, False)
        events.on(0, READABLE, self.receive)

    def receive(self) -> None:
        """Reads what is there; exits when the owner is gone."""
        try:
            data = os.read(0, CHUNK)
        except BlockingIOError:
            return
        except OSError:
            os._exit(0)
        if not data:
            os._exit(0)
        self.inbox += data

    def next(self) -> tuple[bytes, int, bytes] | None:
        """Takes one whole frame off the inbox: (kind, number of the call, payload), or None."""
        if len(self.inbox) < HEADER.size:
            return None
        kind, number, length = HEADER.unpack_from(self.inbox)
        if len(self.inbox) < HEADER.size + length:
            return None
        payload = bytes(self.inbox[HEADER.size : HEADER.size + length])
        del self.inbox[: HEADER.size + length]
        return kind, number, payload

    def send(self, kind: bytes, number: int, payload: bytes = b"") -> None:
        self.outbox += HEADER.pack(kind, number, len(payload)) + payload

    def flush(self) -> None:
        """Writes what the descriptor takes now, and the rest as soon as it takes more."""
        try:
            while self.outbox:
                del self.outbox[: os.write(1, self.outbox[:CHUNK])]
        except BlockingIOError:
            self.events.on(1, WRITABLE, self.flush)
            return
        except OSError:
            os._exit(0)
        self.events.off(1)
