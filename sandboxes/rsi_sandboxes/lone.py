# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A Python program run alone in a warm world, from its start to its end, without a supervisor beside it.

The nursery holds it to its limits; what it reads and writes goes through pipes from here.
"""

from __future__ import annotations

import errno
import json
import marshal
import os
import select
import socket
import struct
import time
from contextlib import ExitStack
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from rsi_sandboxes.errors import InvalidJob, SandboxFileError, WorldLost
from rsi_sandboxes.files import check_file
from rsi_sandboxes.forks import let_go_in_children
from rsi_sandboxes.job import OWN_INTERPRETER, ExecResult, Job, Stop
from rsi_sandboxes.limits import Limits
from rsi_sandboxes.slot import MARSHAL_VERSION, Slot, want_named
from rsi_sandboxes.world import GRACE_S

_CHUNK = 65536
_READ, _WRITE = 0o604, 0o602
RESULT = struct.Struct("!hhBddQ")
"""How the nursery says how a lone job ended: exit code or -1, signal or 0, place in REASONS, and the figures."""
REASONS: tuple[Stop | None, ...] = (None, "wall_s", "cpu_s", "memory_bytes")
_LONGEST_WAIT_S = 86_400.0


def can_run_alone(job: Job) -> bool:
    """Whether a job is a Python program that a nursery can run by forking."""
    return job.command[:4] == OWN_INTERPRETER and len(job.command) > 4


def run_alone(slot: Slot, job: Job) -> ExecResult:
    """Runs a Python program in a fresh world of a slot and waits for its end.

    Raises:
        BackendUnavailable: This process lacks descriptors.
        InvalidJob: The program could not be started with these limits, arguments or environment.
        SandboxFileError: The job's files don't fit into the world.
        WorldLost: The world went away before the program's end; the slot is of no more use.
    """
    for path, data in job.files.items():
        check_file(path, data, job.limits)
    spec = {
        "command": list(job.command),
        "env": dict(job.env),
        "limits": _as_dict(job.limits),
        "bound_processes": True,
        "files": dict(job.files),
    }
    with _Conversation(slot, job) as conversation:
        # Read on the other side with the least work, by whichever Python is there.
        return conversation.hold(marshal.dumps(spec, MARSHAL_VERSION))


@lru_cache(maxsize=64)
def _as_dict(limits: Limits) -> dict[str, float]:
    return asdict(limits)


def _pipe(opening: ExitStack, mode: int) -> tuple[int, int]:
    """Makes a pipe that is closed again when the rest can't be had; `mode` is who may open it anew, as /dev/stdout."""
    ends = os.pipe()
    for end in ends:
        opening.callback(os.close, end)
    os.fchmod(ends[0], mode)
    return ends


class _Conversation:
    """The ends of a program's descriptors, and what has come through them."""

    def __init__(self, slot: Slot, job: Job) -> None:
        self._slot = slot
        self._job = job
        with want_named(), ExitStack() as opening:
            self._payload, payload = (opening.enter_context(end) for end in socket.socketpair())
            stdin, self._stdin = _pipe(opening, _READ)
            (self._stdout, stdout), (self._stderr, stderr) = (_pipe(opening, _WRITE) for _ in range(2))
            opening.pop_all()
        self._open = {self._stdin, self._stdout, self._stderr}
        self._kept = {self._stdout: bytearray(), self._stderr: bytearray()}
        self._truncated = False
        let_go_in_children(self)
        theirs = (payload.detach(), stdin, stdout, stderr)
        limits = job.limits
        try:
            slot.order(theirs, limits.wall_s, limits.cpu_s, limits.memory_bytes)
        except BaseException:
            self.let_go()
            raise
        finally:
            for fd in theirs:
                os.close(fd)

    def hold(self, payload: bytes) -> ExecResult:
        """Gives the program all it is to have, takes what it writes, and waits for its end."""
        deadline = time.monotonic() + self._job.limits.wall_s + GRACE_S
        unsent = {self._payload.fileno(): memoryview(payload), self._stdin: memoryview(self._job.stdin)}
        for fd in unsent:
            os.set_blocking(fd, False)
        poll = select.poll()
        for fd in (self._stdout, self._stderr):
            poll.register(fd, select.POLLIN)
        with self._slot.using:
            control = self._slot.fileno()
            poll.register(control, select.POLLIN)
            for fd in list(unsent):
                self._send(fd, unsent, poll, first=True)
            while True:
                left = deadline - time.monotonic()
                ready = [fd for fd, _ in poll.poll(1000 * min(max(left, 0.0), _LONGEST_WAIT_S))]
                for fd in ready:
                    if fd in self._kept:
                        self._take(fd, poll)
                    elif fd in unsent:
                        self._send(fd, unsent, poll)
                if control in ready:
                    break
                if left <= 0:
                    raise self._slot.lost(f"it kept silent {GRACE_S:g} s beyond the wall limit")
            code, number, reason, *figures = RESULT.unpack(self._slot.next_end(GRACE_S))
        # Whoever could write has ended, so what is left in the pipes is all there will be.
        for fd in self._kept:
            while fd in self._open:
                self._take(fd, poll)
        self._raise_trouble()
        stdout, stderr = (bytes(kept) for kept in self._kept.values())
        wall_s, cpu_s, peak_memory_bytes = figures
        return ExecResult(
            exit_code=code if code >= 0 else None,
            signal=number or None,
            stopped_by=REASONS[reason],
            stdout=stdout,
            stderr=stderr,
            truncated=self._truncated,
            wall_s=wall_s,
            cpu_s=cpu_s,
            peak_memory_bytes=peak_memory_bytes,
        )

    def let_go(self) -> None:
        """See `Inherited.let_go`; in the owner, frees all that is still open."""
        self._payload.close()
        while self._open:
            os.close(self._open.pop())

    def _send(self, fd: int, unsent: dict[int, memoryview], poll: select.poll, *, first: bool = False) -> None:
        try:
            while unsent[fd]:
                unsent[fd] = unsent[fd][os.write(fd, unsent[fd][:_CHUNK]) :]
        except BlockingIOError:
            if first:
                poll.register(fd, select.POLLOUT)
            return
        except OSError as error:  # the program has closed it, or is gone
            if error.errno not in (errno.EPIPE, errno.ECONNRESET):
                raise
        del unsent[fd]
        if not first:
            poll.unregister(fd)
        if fd == self._stdin:
            self._close(fd)
        else:
            self._payload.shutdown(socket.SHUT_WR)

    def _take(self, fd: int, poll: select.poll) -> None:
        data = os.read(fd, _CHUNK)
        if not data:
            poll.unregister(fd)
            self._close(fd)
            return
        kept = self._kept[fd]
        room = self._job.limits.output_bytes - len(kept)
        kept += data[:room]
        self._truncated |= len(data) > room

    def _close(self, fd: int) -> None:
        self._open.discard(fd)
        os.close(fd)

    def _raise_trouble(self) -> None:
        """Raises what kept the program from starting, if anything did."""
        try:
            words = self._payload.recv(_CHUNK)
        except OSError:
            return
        if not words:
            return
        trouble: dict[str, Any] = json.loads(words) if words[:1] == b"{" else {"errno": int(words)}
        if "lost" in trouble:
            raise WorldLost(f"the sandbox world could not be closed in: {trouble['lost']}")
        if "path" in trouble:
            raise SandboxFileError(trouble["errno"], f"{trouble['message']}: {trouble['path']!r}")
        raise InvalidJob(f"the program could not be started: {os.strerror(trouble['errno'])}")

    def __enter__(self) -> _Conversation:
        return self

    def __exit__(self, *_: object) -> None:
        self.let_go()
