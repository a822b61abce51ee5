# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The supervisor's end of the frames between a world and its owner.

`rsi_sandboxes.frames` states the format a second time, on the owner's side; a test holds the two together.
"""

from __future__ import annotations

import os
import select
import struct

HEADER = struct.Struct("!cI")
CHUNK = 65536


class Owner:
    """The frames to and from the owner, over descriptors 0 and 1."""

    def __init__(self) -> None:
        self.inbox = bytearray()
        self.outbox = bytearray()
        os.set_blocking(0, False)
        os.set_blocking(1, False)

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

    def next(self) -> tuple[bytes, bytes] | None:
        """Takes one whole frame off the inbox: (kind, payload), or None."""
        if len(self.inbox) < HEADER.size:
            return None
        kind, length = HEADER.unpack_from(self.inbox)
        if len(self.inbox) < HEADER.size + length:
            return None
        payload = bytes(self.inbox[HEADER.size : HEADER.size + length])
        del self.inbox[: HEADER.size + length]
        return kind, payload

    def send(self, kind: bytes, payload: bytes = b"") -> None:
        self.outbox += HEADER.pack(kind, len(payload)) + payload

    def flush(self) -> None:
        """Writes what the descriptor takes now."""
        try:
            while self.outbox:
                del self.outbox[: os.write(1, self.outbox[:CHUNK])]
        except BlockingIOError:
            return
        except OSError:
            os._exit(0)

    def wait(self, timeout_s: float | None) -> None:
        """Reads what comes and writes what can be written; returns in time though neither can be done."""
        readable, _, _ = select.select([0], [1] if self.outbox else [], [], timeout_s)
        self.flush()
        if readable:
            self.receive()
