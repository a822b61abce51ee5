# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""One program in a world: started, fed, listened to, held to its limits, reported."""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import struct
import time
from typing import Any

from rsi_sandboxes.inside.ending import report_end
from rsi_sandboxes.inside.launch import become
from rsi_sandboxes.inside.memory import count_oom_kills, kill_all, memory_in_use, reap
from rsi_sandboxes.inside.owner import CHUNK, Owner

SAMPLE_S = 0.02
LARGEST_PIPE = 1 << 20
STAMP = struct.Struct("!d")


class Program:
    """One program from start to end."""

    def __init__(self, owner: Owner, spec: dict[str, Any]) -> None:
        self.owner = owner
        self.limits = spec["limits"]
        self.alone = spec["alone"]
        self.stopped_by: str | None = None
        self.truncated = False
        self.peak = 0
        self.stdin_backlog = bytearray()
        self.stdin_ended = False
        self.oom_kills = count_oom_kills()
        stdin, feed = os.pipe()
        self.stdin: int | None = feed
        self.stdout, stdout = os.pipe()
        self.stderr, stderr = os.pipe()
        self.room = {self.stdout: self.limits["output_bytes"], self.stderr: self.limits["output_bytes"]}
        self.kinds = {self.stdout: b"O", self.stderr: b"E"}
        trouble, tell = os.pipe()
        self.started = self.sampled = time.monotonic()
        try:
            self.pid = os.fork()
        except OSError:
            for fd in (stdin, feed, self.stdout, stdout, self.stderr, stderr, trouble, tell):
                os.close(fd)
            raise
        if self.pid == 0:
            become(spec, (stdin, stdout, stderr), tell)
        for fd in (stdin, stdout, stderr, tell):
            os.close(fd)
        self.exit_fd = os.pidfd_open(self.pid)
        word = os.read(trouble, 4096)
        os.close(trouble)
        if word:
            os.waitpid(self.pid, 0)
            self.close()
            raise OSError(int(word), os.strerror(int(word)))
        for fd in (self.stdin, self.stdout, self.stderr):
            os.set_blocking(fd, False)

    def follow(self) -> None:
        """Serves the program until its end, then reports it."""
        usage = None
        # What the owner said with the order to start has been received already.
        self.obey()
        while usage is None:
            self.watch()
            # The owner is always heard: its end and its kill() count even while the program reads nothing.
            inputs = [0, self.exit_fd, *self.room]
            outputs = [1] if self.owner.outbox else []
            if self.stdin_backlog and self.stdin is not None:
                outputs.append(self.stdin)
            readable, writable, _ = select.select(inputs, outputs, [], SAMPLE_S)
            if 0 in readable:
                self.owner.receive()
            self.obey()
            if self.stdin in writable:
                self.feed()
            for fd in list(self.room):
                if fd in readable:
                    self.pass_on(fd)
            self.owner.flush()
            if self.exit_fd in readable:
                wall_s = time.monotonic() - self.started
                _, status, usage = os.wait4(self.pid, 0)
        if self.alone:
            kill_all()
        # What was written before the end still lies in the pipes; a background process may write on for ever.
        for fd in list(self.room):
            for _ in range(LARGEST_PIPE // CHUNK):
                if not self.pass_on(fd):
                    break
        self.close()
        self.report(status, usage, wall_s)

    def obey(self) -> None:
        """Carries out the owner's frames."""
        while True:
            frame = self.owner.next()
            if frame is None:
                return
            kind, payload = frame
            if kind == b"I":
                self.stdin_backlog += payload if self.stdin is not None else b""
            elif kind == b"Z":
                self.stdin_ended = True
            elif kind == b"K":
                self.stop("killed")
            else:
                raise RuntimeError(f"unexpected frame {kind!r}")
            if self.stdin_ended and not self.stdin_backlog:
                self.end_stdin()

    def feed(self) -> None:
        if self.stdin is None:
            return
        try:
            del self.stdin_backlog[: os.write(self.stdin, self.stdin_backlog[:CHUNK])]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self.stdin_backlog.clear()
            self.end_stdin()
        if self.stdin_ended and not self.stdin_backlog:
            self.end_stdin()

    def end_stdin(self) -> None:
        if self.stdin is not None:
            os.close(self.stdin)
            self.stdin = None

    def pass_on(self, fd: int) -> bool:
        """Sends on what the pipe holds, up to the limit; True while there was something."""
        try:
            data = os.read(fd, CHUNK)
        except BlockingIOError:
            return False
        if not data:
            os.close(fd)
            del self.room[fd]
            return False
        kept = data[: self.room[fd]]
        self.room[fd] -= len(kept)
        self.truncated |= len(kept) < len(data)
        if kept and fd == self.stdout:
            # When it came, by a clock that the program can't reach.
            kept = STAMP.pack(time.monotonic() - self.started) + kept
        if kept:
            self.owner.send(self.kinds[fd], kept)
        return True

    def watch(self) -> None:
        """Holds the program to its wall and memory limits."""
        now = time.monotonic()
        if now - self.started > self.limits["wall_s"]:
            self.stop("wall_s")
        if now - self.sampled >= SAMPLE_S:
            self.sampled = now
            reap(but=self.pid)
            memory = memory_in_use(self.limits["memory_bytes"])
            self.peak = max(self.peak, memory)
            if memory > self.limits["memory_bytes"]:
                self.stop("memory_bytes")

    def stop(self, reason: str) -> None:
        if self.stopped_by is None:
            self.stopped_by = reason
        # Memory is the world's as a whole, and nobody else would take it from those that hold it.
        if self.alone or reason == "memory_bytes":
            kill_all()
            return
        for kill in (os.killpg, os.kill):
            try:
                kill(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue

    def report(self, status: int, usage: resource.struct_rusage, wall_s: float) -> None:
        done = report_end(
            status,
            usage,
            stopped_by=self.stopped_by,
            cpu_limit_s=self.limits["cpu_s"],
            killed_for_memory=count_oom_kills() > self.oom_kills,
            wall_s=wall_s,
            peak_bytes=self.peak,
        )
        done["truncated"] = self.truncated
        self.owner.send(b"D", json.dumps(done).encode())

    def close(self) -> None:
        self.end_stdin()
        for fd in (*self.room, self.exit_fd):
            os.close(fd)
        self.room.clear()
