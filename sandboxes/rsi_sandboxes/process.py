# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A program in a world, as its owner sees it."""

from __future__ import annotations

import errno
import json
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from types import TracebackType
from typing import Any, Self

from rsi_sandboxes.errors import CommandNotFound, InvalidJob, SandboxError, SandboxFileError, SessionClosed
from rsi_sandboxes.files import CHUNK, encode_path, write_request
from rsi_sandboxes.frames import COUNT, STAMP
from rsi_sandboxes.job import ExecResult, Job
from rsi_sandboxes.terminal import Terminal
from rsi_sandboxes.world import GRACE_S, World


class WorldProcess:
    """The `Process` of a world; see `rsi_sandboxes.protocol.Process` for the contract.

    Args:
        world: Where the program runs; ended with the process when `alone`.
        job: What to run.
        alone: Whether the world is the job's own, so that all in it ends when the program does.
        background: Whether it is there to be talked to while other calls go on: then it is looked after less often, and
            waits for its output to be read.
        cwd: The folder it starts in; None is the working directory.
        terminal: What its standard streams are; None makes pipes.

    Raises:
        SandboxFileError: A file of the job's, or `cwd`, can't be a file of this world's.
        WorldLost: The world went away.
        SessionClosed: It is a session's and over.
    """

    def __init__(
        self,
        world: World,
        job: Job,
        *,
        alone: bool,
        background: bool = False,
        cwd: str | None = None,
        terminal: Terminal | None = None,
    ) -> None:
        self._world = world
        self._alone = alone
        self._background = background
        self._cwd = cwd
        self._terminal = terminal
        self._output = {b"O": bytearray(), b"E": bytearray()}
        self._arrivals: deque[tuple[int, float]] = deque()
        self._taken_bytes = 0
        self._untold_bytes = 0
        self._tell_bytes = max(1, min(CHUNK, job.limits.output_bytes // 2))
        self.line_at_s = 0.0
        self._result: ExecResult | None = None
        self._stdin_open = True
        self._deadline = time.monotonic() + job.limits.wall_s + GRACE_S
        if cwd is not None:
            encode_path(cwd)
        spec = {
            "command": list(job.command),
            "env": dict(job.env),
            "cwd": cwd,
            "limits": asdict(job.limits),
            "alone": alone,
            "background": background,
            "terminal": terminal and asdict(terminal),
            "bound_processes": world.bound_processes,
        }
        writes = [(b"W", write_request(path, data, job.limits)) for path, data in job.files.items()]
        self._call = world.call()
        self._call.send(*writes, (b"P", json.dumps(spec).encode()), timeout_s=job.limits.wall_s + GRACE_S)
        for path in job.files:
            try:
                self._call.answer()
            except SandboxFileError as error:
                raise SandboxFileError(error.errno, f"{error.strerror}: {path!r}") from error

    def send(self, data: bytes) -> None:
        """See `Process.send`."""
        if not self._stdin_open:
            raise SessionClosed("the program's standard input is closed")
        if self._result is None and data:
            pieces = ((b"I", data[at : at + CHUNK]) for at in range(0, len(data), CHUNK))
            self._call.send(*pieces, timeout_s=max(0.0, self._deadline - time.monotonic()))

    def close_stdin(self) -> None:
        """See `Process.close_stdin`."""
        if self._stdin_open and self._result is None:
            self._call.send((b"Z", b""))
        self._stdin_open = False

    def read(self, timeout_s: float) -> bytes:
        """See `Process.read`."""
        deadline = time.monotonic() + timeout_s
        while not self._output[b"O"] and self._result is None:
            self._receive(deadline - time.monotonic())
        return self._take(len(self._output[b"O"]))

    def read_exactly(self, count: int, timeout_s: float) -> bytes:
        """Like `read`, but returns just so many bytes; fewer when the program has ended."""
        deadline = time.monotonic() + timeout_s
        while len(self._output[b"O"]) < count and self._result is None:
            self._receive(deadline - time.monotonic())
        return self._take(min(count, len(self._output[b"O"])))

    def read_line(self, timeout_s: float) -> bytes | None:
        """See `Process.read_line`."""
        deadline = time.monotonic() + timeout_s
        stdout = self._output[b"O"]
        while (end := stdout.find(b"\n")) < 0:
            if self._result is not None:
                return None
            self._receive(deadline - time.monotonic())
        line = self._take(end + 1)[:-1]
        self.line_at_s = self._arrivals[0][1]
        return line

    def resize(self, rows: int, columns: int) -> None:
        """See `Process.resize`."""
        if self._terminal is None:
            raise InvalidJob("this program has no terminal; start it with terminal=Terminal()")
        size = Terminal(rows, columns)
        if self._result is None:
            self._call.send((b"Y", json.dumps(asdict(size)).encode()))

    def restart_clock(self) -> None:
        """See `Process.restart_clock`."""
        if self._result is None:
            self._call.send((b"M", b""))

    def kill(self) -> None:
        """See `Process.kill`."""
        if self._result is None:
            self._call.send((b"K", b""))

    def wait(self) -> ExecResult:
        """See `Process.wait`."""
        self.close_stdin()
        if self._background and self._result is None:
            self._call.send((b"G", COUNT.pack(0)))
        while self._result is None:
            left = self._deadline - time.monotonic()
            try:
                self._receive(left)
            except TimeoutError as error:
                raise self._call.lost(f"it kept silent {GRACE_S:g} s beyond the wall limit") from error
        return self._result

    def _take(self, count: int) -> bytes:
        """Takes off so many bytes of stdout."""
        stdout = self._output[b"O"]
        taken = bytes(stdout[:count])
        del stdout[:count]
        self._taken_bytes += count
        while self._arrivals and self._arrivals[0][0] < self._taken_bytes:
            self._arrivals.popleft()
        self._untold_bytes += count
        if self._background and self._result is None and self._untold_bytes >= self._tell_bytes:
            self._call.send((b"G", COUNT.pack(self._untold_bytes)))
            self._untold_bytes = 0
        return taken

    def _receive(self, timeout_s: float) -> None:
        kind, payload = self._call.receive(max(0.0, timeout_s))
        if kind == b"O":
            (at_s,) = STAMP.unpack_from(payload)
            self._output[kind] += payload[STAMP.size :]
            self._arrivals.append((self._taken_bytes + len(self._output[kind]), at_s))
        elif kind == b"E":
            self._output[kind] += payload
        elif kind == b"D":
            stdout, stderr = (bytes(self._output[k]) for k in (b"O", b"E"))
            self._result = ExecResult(stdout=stdout, stderr=stderr, **json.loads(payload))
        elif kind == b"Q":
            raise self._refusal(json.loads(payload))
        else:
            raise self._call.lost(f"it sent an unexpected frame {kind!r}")

    def _refusal(self, trouble: Mapping[str, Any]) -> SandboxError:
        if trouble["folder"]:
            return SandboxFileError(trouble["errno"], f"can't start in {self._cwd!r}: {trouble['message']}")
        if trouble["errno"] in (errno.ENOENT, errno.EACCES, errno.ENOTDIR):
            return CommandNotFound(trouble["errno"], f"the world can't run this program: {trouble['message']}")
        return InvalidJob(f"the program could not be started: {trouble['message']}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._alone:
            self._world.close()
            return
        with suppress(SandboxError):  # it is no more, in any case
            self.kill()
            self._deadline = time.monotonic() + GRACE_S
            self.wait()


def complete(process: WorldProcess, job: Job) -> ExecResult:
    """Gives a process its whole standard input and waits for its end."""
    process.send(job.stdin)
    return process.wait()
