# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A world's whole life as a container: its attached stream, its end."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from typing import Any

import docker.errors
from docker.models.containers import Container

from rsi_sandboxes.docker.engine import failures_named
from rsi_sandboxes.forks import let_go_in_children
from rsi_sandboxes.slot import await_data

_CHUNK = 65536
# Source: Docker Engine API, "Attach to a container", stream format.
_STREAM_HEADER = struct.Struct("!BxxxI")
_STDOUT = 1


class ContainerChannel:
    """The `Channel` to a supervisor that is the first process of a container, created but not yet started."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._closing = threading.Lock()
        self._closed = False
        self._raw = bytearray()
        self._words = bytearray()
        # Attached before the start: nothing is lost, and when this process dies the engine ends the
        # container's standard input, which ends the supervisor.
        self._stream: Any = container.attach_socket(params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
        # Over a Unix socket the SDK wraps the socket in a file; settimeout is the socket's own.
        self._socket: Any = self._stream._sock if hasattr(self._stream, "_sock") else self._stream
        let_go_in_children(self)
        container.start()

    def send(self, data: bytes, timeout_s: float) -> None:
        """See `Channel.send`."""
        self._socket.settimeout(max(timeout_s, 0.001))
        self._socket.sendall(data)

    def receive(self, timeout_s: float) -> bytes:
        """See `Channel.receive`."""
        deadline = time.monotonic() + timeout_s
        while True:
            while (piece := self._next_piece()) is not None:
                stream, payload = piece
                if stream == _STDOUT:
                    return payload
                self._words += payload
            if not self._holds_data():
                await_data(self._socket, deadline - time.monotonic())
            data = self._socket.recv(_CHUNK)
            if not data:
                return b""
            self._raw += data

    def last_words(self) -> str:
        """See `Channel.last_words`."""
        return self._words.decode(errors="replace")

    def hang_up(self) -> None:
        """See `Channel.hang_up`."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """See `Channel.close`."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._stream.close()
            self._socket.close()
            remove(self._container)

    def distrust(self) -> None:
        """See `Channel.distrust`; this world is used once in any case."""

    def let_go(self) -> None:
        """See `Inherited.let_go`."""
        self._closing = threading.Lock()
        self._closed = True
        # No shutdown: that would end the parent's connection too.
        self._stream.close()
        self._socket.close()

    def _holds_data(self) -> bool:
        """Whether an encrypted connection has data that its descriptor does not show."""
        return hasattr(self._socket, "pending") and self._socket.pending() > 0

    def _next_piece(self) -> tuple[int, bytes] | None:
        if len(self._raw) < _STREAM_HEADER.size:
            return None
        stream, length = _STREAM_HEADER.unpack_from(self._raw)
        end = _STREAM_HEADER.size + length
        if len(self._raw) < end:
            return None
        payload = bytes(self._raw[_STREAM_HEADER.size : end])
        del self._raw[:end]
        return stream, payload


def remove(container: Container) -> bool:
    """Kills and removes a container; False when it was gone already or someone else is removing it.

    Raises:
        BackendUnavailable: The engine stopped answering or refused.
    """
    with failures_named():
        try:
            container.remove(force=True, v=True)
        except docker.errors.NotFound:
            return False
        except docker.errors.APIError as error:
            if error.status_code == 409:  # "removal … is already in progress"
                return False
            raise
    return True
