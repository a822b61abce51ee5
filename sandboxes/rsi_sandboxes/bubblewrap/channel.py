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
from typing import IO

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

    def hang_up(self) -> None:
        """See `Channel.hang_up`."""
        end_group(self._child)

    def close(self) -> None:
        """See `Channel.close`."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            end_group(self._child)
            for pipe in (self._stdin, self._stdout, self._stderr):
                pipe.close()

    def distrust(self) -> None:
        """See `Channel.distrust`; this world is used once in any case."""

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


class ChildHome:
    """The `Home` of a nursery that is a child of this process, first of its process group."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        if child.stderr is None:
            raise ValueError("the child needs a pipe for stderr")
        self._child = child
        self._stderr = child.stderr
        os.set_blocking(self._stderr.fileno(), False)

    def last_words(self) -> str:
        """See `Home.last_words`."""
        return read_words(self._stderr)

    def close(self) -> None:
        """See `Home.close`."""
        end_group(self._child)
        self._stderr.close()

    def let_go(self) -> None:
        """See `Inherited.let_go`."""
        self._stderr.close()


def end_group(child: subprocess.Popen[bytes]) -> None:
    """Kills a child's group: bubblewrap and process 1 of its world, with which the kernel ends the rest. Idempotent."""
    if child.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def read_words(stderr: IO[bytes]) -> str:
    """What lies in a pipe now."""
    try:
        return os.read(stderr.fileno(), _CHUNK).decode(errors="replace")
    except (OSError, ValueError):
        return ""
