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

from rsi_sandboxes.bubblewrap.control_group import ControlGroup
from rsi_sandboxes.forks import let_go_in_children

_CHUNK = 65536


class Child:
    """A bubblewrap and what it holds, first of its process group.

    Args:
        process: The bubblewrap, with a pipe for stderr.
        group: The control group that its world is in; None for none.
    """

    def __init__(self, process: subprocess.Popen[bytes], group: ControlGroup | None) -> None:
        if process.stderr is None:
            raise ValueError("the child needs a pipe for stderr")
        self.process = process
        self._stderr = process.stderr
        self._group = group
        self._killed_in = False
        os.set_blocking(self._stderr.fileno(), False)

    def last_words(self) -> str:
        """What lies in its stderr now."""
        try:
            return os.read(self._stderr.fileno(), _CHUNK).decode(errors="replace")
        except (OSError, ValueError):
            return ""

    def kill(self) -> None:
        """Ends bubblewrap and process 1 of its world, with which the kernel ends the rest. Idempotent."""
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def ran_out_of_memory(self) -> bool:
        """See `Home.ran_out_of_memory`."""
        return self._killed_in

    def close(self) -> None:
        """Ends it and frees what it held. Idempotent."""
        self.kill()
        self._stderr.close()
        if self._group is not None:
            self._killed_in = self._killed_in or self._group.count_kills() > 0  # for its counts go with the group
            self._group.close()

    def let_go(self) -> None:
        """See `Inherited.let_go`."""
        self._stderr.close()


class PipeChannel:
    """The `Channel` to a supervisor that reads and writes a child's pipes."""

    def __init__(self, child: Child) -> None:
        if child.process.stdin is None or child.process.stdout is None:
            raise ValueError("the child needs pipes for stdin and stdout")
        self._child = child
        self._stdin, self._stdout = child.process.stdin, child.process.stdout
        self._closing = threading.Lock()
        self._closed = False
        let_go_in_children(self)
        os.set_blocking(self._stdin.fileno(), False)

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
        return self._child.last_words()

    def hang_up(self) -> None:
        """See `Channel.hang_up`."""
        self._child.kill()

    def close(self) -> None:
        """See `Channel.close`."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._child.close()
            self._stdin.close()
            self._stdout.close()

    def distrust(self) -> None:
        """See `Channel.distrust`; this world is used once in any case."""

    def let_go(self) -> None:
        """See `Inherited.let_go`."""
        self._closing = threading.Lock()
        self._closed = True
        self._child.let_go()
        self._stdin.close()
        self._stdout.close()

    def _await(self, fd: int, event: int, deadline: float) -> None:
        poll = select.poll()
        poll.register(fd, event)
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise TimeoutError("the world kept silent")
