# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A world's whole life as a child process: its pipes, its end."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import threading
import time

from rsi_sandboxes.forks import let_go_in_children

_CHUNK = 65536


class PipeChannel:
    """The `Channel` to a supervisor that is a child of this process, first of its process group."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        if child.stdin is None or child.stdout is None or child.stderr is None:
            raise ValueError("the child needs pipes for stdin, stdout and stderr")
        self._child = child
        self._stdin, self._stdout, self._stderr = child.stdin, child.stdout, child.stderr
        self._closing = threading.Lock()
        self._closed = False
        let_go_in_children(self)
        os.set_blocking(self._stdin.fileno(), False)
        os.set_blocking(self._stderr.fileno(), False)

    def send(self, data: bytes, timeout_s: float) -> None:
        """See `Channel.send`."""
        deadline = time.monotonic() + timeout_s
        view = memoryview(data)
        while view:
            self._await(self._stdin.fileno(), select.POLLOUT, deadline)
            with contextlib.suppress(BlockingIOError):
                view = view[os.write(self._stdin.fileno(), view[:_CHUNK]) :]

    def receive(self, timeout_s: float) -> bytes:
        """See `Channel.receive`."""
        self._await(self._stdout.fileno(), select.POLLIN, time.monotonic() + timeout_s)
        return os.read(self._stdout.fileno(), _CHUNK)

    def last_words(self) -> str:
        """See `Channel.last_words`."""
        try:
            return os.read(self._stderr.fileno(), _CHUNK).decode(errors="replace")
        except (OSError, ValueError):
            return ""

    def close(self) -> None:
        """See `Channel.close`."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            # The group holds bubblewrap and the supervisor; the kernel ends the rest with the supervisor.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait()
            for pipe in (self._stdin, self._stdout, self._stderr):
                pipe.close()

    def let_go(self) -> None:
        """See `Inherited.let_go`."""
        self._closing = threading.Lock()
        self._closed = True
        for pipe in (self._stdin, self._stdout, self._stderr):
            pipe.close()

    def _await(self, fd: int, event: int, deadline: float) -> None:
        poll = select.poll()
        poll.register(fd, event)
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise TimeoutError("the world kept silent")
