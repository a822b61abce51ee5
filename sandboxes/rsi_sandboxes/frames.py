# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The frames between an owner and the supervisor in a world.

A frame is a kind (one byte), the number of the call that it belongs to, the payload's length (four bytes each,
big-endian) and the payload. The owner numbers its calls: a program from its start to its end is one, a request about
a file is one. Several may be under way at once; 0 is the world's own.

    owner → supervisor                              supervisor → owner
    P  start a program (JSON spec)                  H  the world is up
    I  bytes for its standard input                 O  when, and bytes of its stdout
    Z  end of its standard input                    E  bytes of its stderr
    G  so much stdout was taken (0: no more will be) D  it has ended (JSON report)
    Y  its terminal's size (JSON)                   A  done; for R and T the content
    K  kill it                                      Q  refused (JSON: errno, message, folder)
    M  count the time of its output from now
    W  write a file: path, NUL, content
    X  write on at its end: likewise
    R  read a file (JSON: path, most bytes)
    T  read a part of it (JSON: path, at, most)
"""

from __future__ import annotations

import struct
from typing import Protocol

HEADER = struct.Struct("!cII")
STAMP = struct.Struct("!d")
"""Seconds between a program's start, or the last M, and the arrival of what it wrote, before the bytes themselves."""
COUNT = struct.Struct("!I")
"""A number of bytes."""
MAX_PAYLOAD = 256 * 1024 * 1024


class Channel(Protocol):
    """A byte stream to a supervisor, and the life of the world behind it."""

    def send(self, data: bytes, timeout_s: float) -> None:
        """Writes all of `data`; raises OSError (TimeoutError among them) when it can't."""
        ...

    def receive(self, timeout_s: float) -> bytes:
        """Returns what has come, at least a byte, or b"" at the end; raises TimeoutError or another OSError."""
        ...

    def last_words(self) -> str:
        """What the world said on its way out, for error messages; may be empty."""
        ...

    def distrust(self) -> None:
        """Has nothing of this world used again: it broke, or kept silent when it should not have."""
        ...

    def hang_up(self) -> None:
        """Ends the conversation, so that a `send` or `receive` under way in another thread returns. Idempotent."""
        ...

    def close(self) -> None:
        """Ends the world and frees everything it held; nobody may be sending or receiving. Idempotent."""
        ...


def frame(kind: bytes, number: int, payload: bytes = b"") -> bytes:
    """Writes one frame."""
    return HEADER.pack(kind, number, len(payload)) + payload


class FrameBuffer:
    """Cuts a byte stream into frames."""

    def __init__(self) -> None:
        self._data = bytearray()

    def add(self, data: bytes) -> None:
        """Takes in what has come."""
        self._data += data

    def next(self) -> tuple[bytes, int, bytes] | None:
        """Takes off the first whole frame as (kind, number, payload); None while there is none.

        Raises:
            ValueError: The stream announces a frame of an absurd length.
        """
        if len(self._data) < HEADER.size:
            return None
        kind, number, length = HEADER.unpack_from(self._data)
        if length > MAX_PAYLOAD:
            raise ValueError(f"a frame of {length} bytes was announced")
        end = HEADER.size + length
        if len(self._data) < end:
            return None
        payload = bytes(self._data[HEADER.size : end])
        del self._data[:end]
        return kind, number, payload
