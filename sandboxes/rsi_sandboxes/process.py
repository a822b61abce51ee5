# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A program in a world, as its owner sees it."""

from __future__ import annotations

import errno
import json
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict
from types import TracebackType
from typing import Any, Self

from rsi_sandboxes.errors import CommandNotFound, InvalidJob, SandboxFileError, SessionClosed
from rsi_sandboxes.files import write_request
from rsi_sandboxes.frames import STAMP, frame
from rsi_sandboxes.job import ExecResult, Job
from rsi_sandboxes.world import GRACE_S, World

_CHUNK = 65536


class WorldProcess:
    """The `Process` of a world; see `rsi_sandboxes.protocol.Process` for the contract.

    Args:
        world: Where the program runs; ended with the process when `alone`.
        job: What to run.
        alone: Whether the world is the job's own, so that all in it ends when the program does.
    """

    def __init__(self, world: World, job: Job, *, alone: bool) -> None:
        self._world = world
        self._alone = alone
        self._limits = job.limits
        self._output = {b"O": bytearray(), b"E": bytearray()}
        self._arrivals: deque[tuple[int, float]] = deque()
        self._lines_bytes = 0
        self.line_at_s = 0.0
        self._result: ExecResult | None = None
        self._stdin_open = True
        self._deadline = time.monotonic() + job.limits.wall_s + GRACE_S
        spec = {
            "command": list(job.command),
            "env": dict(job.env),
            "limits": asdict(job.limits),
            "alone": alone,
            "bound_processes": world.bound_processes,
        }
        writes = [write_request(path, data, job.limits) for path, data in job.files.items()]
        world.send(b"".join((*writes, frame(b"P", json.dumps(spec).encode()))), job.limits.wall_s + GRACE_S)
        for path in job.files:
            try:
                world.answer()
            except SandboxFileError as error:
                raise SandboxFileError(error.errno, f"{error.strerror}: {path!r}") from error

    def send(self, data: bytes) -> None:
        """See `Process.send`."""
        if not self._stdin_open:
            raise SessionClosed("the program's standard input is closed")
        if self._result is None and data:
            pieces = (frame(b"I", data[at : at + _CHUNK]) for at in range(0, len(data), _CHUNK))
            self._world.send(b"".join(pieces), max(0.0, self._deadline - time.monotonic()))

    def close_stdin(self) -> None:
        """See `Process.close_stdin`."""
        if self._stdin_open and self._result is None:
            self._world.send(frame(b"Z"))
        self._stdin_open = False

    def read_line(self, timeout_s: float) -> bytes | None:
        """See `Process.read_line`."""
        deadline = time.monotonic() + timeout_s
        stdout = self._output[b"O"]
        while (end := stdout.find(b"\n")) < 0:
            if self._result is not None:
                return None
            self._take(max(0.0, deadline - time.monotonic()))
        line = bytes(stdout[:end])
        del stdout[: end + 1]
        self._lines_bytes += end + 1
        while self._arrivals[0][0] < self._lines_bytes:
            self._arrivals.popleft()
        self.line_at_s = self._arrivals[0][1]
        return line

    def kill(self) -> None:
        """See `Process.kill`."""
        if self._result is None:
            self._world.send(frame(b"K"))

    def wait(self) -> ExecResult:
        """See `Process.wait`."""
        self.close_stdin()
        while self._result is None:
            left = self._deadline - time.monotonic()
            try:
                self._take(max(0.0, left))
            except TimeoutError as error:
                raise self._world.lost(f"it kept silent {GRACE_S:g} s beyond the wall limit") from error
        return self._result

    def _take(self, timeout_s: float) -> None:
        kind, payload = self._world.receive(timeout_s)
        if kind == b"O":
            (at_s,) = STAMP.unpack_from(payload)
            self._output[kind] += payload[STAMP.size :]
            self._arrivals.append((self._lines_bytes + len(self._output[kind]), at_s))
        elif kind == b"E":
            self._output[kind] += payload
        elif kind == b"D":
            stdout, stderr = (bytes(self._output[k]) for k in (b"O", b"E"))
            self._result = ExecResult(stdout=stdout, stderr=stderr, **json.loads(payload))
        elif kind == b"Q":
            raise self._refusal(json.loads(payload))
        else:
            raise self._world.lost(f"it sent an unexpected frame {kind!r}")

    def _refusal(self, trouble: Mapping[str, Any]) -> Exception:
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


def complete(process: WorldProcess, job: Job) -> ExecResult:
    """Gives a process its whole standard input and waits for its end."""
    process.send(job.stdin)
    return process.wait()
