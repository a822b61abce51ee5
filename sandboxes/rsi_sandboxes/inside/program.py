# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""One program in a world: started, fed, listened to, stopped, reported."""

from __future__ import annotations

import json
import os
import signal
import struct
import time
from functools import partial
from typing import Any

from rsi_sandboxes.inside.ending import report_end
from rsi_sandboxes.inside.events import READABLE, WRITABLE, Events
from rsi_sandboxes.inside.launch import NO_FOLDER, become
from rsi_sandboxes.inside.memory import count_oom_kills, kill_all
from rsi_sandboxes.inside.owner import CHUNK, Owner
from rsi_sandboxes.inside.streams import END_OF_INPUT, Streams, set_size

LARGEST_PIPE = 1 << 20
STAMP = struct.Struct("!d")
COUNT = struct.Struct("!I")


class NoFolder(OSError):
    """The program's working directory can't be entered."""


class Program:
    """One program from start to end.

    Args:
        number: The owner's number for it.
        spec: What to run, and how.
        owner: Whom its output goes to.
        events: Where its streams are watched; its end, which `exit_fd` shows, is for the caller to watch.
        proc: Where it can `volunteer_for_oom`.

    Raises:
        NoFolder: See there.
        OSError: It could not be started.
    """

    def __init__(self, number: int, spec: dict[str, Any], owner: Owner, events: Events, proc: int) -> None:
        self.number = number
        self.owner = owner
        self.events = events
        self.limits = spec["limits"]
        self.alone = spec["alone"]
        self.background = self.waits_for_room = spec["background"]
        self.stopped_by: str | None = None
        self.truncated = False
        self.peak = 0
        self.stdin_backlog = bytearray()
        self.stdin_ended = False
        self.oom_kills = count_oom_kills()
        self.streams = Streams(spec["terminal"])
        self.stdin: int | None = self.streams.stdin
        self.room = dict.fromkeys(self.streams.outputs, self.limits["output_bytes"])
        """What may yet be kept of each output that has not ended, by the descriptor it comes from."""
        try:
            self.start(spec, proc)
        except OSError:
            self.streams.close()
            raise
        for fd in self.room:
            self.listen(fd)

    def start(self, spec: dict[str, Any], proc: int) -> None:
        """Forks, and waits until the child has become the program."""
        self.started = self.clock = time.monotonic()
        try:
            trouble, tell = os.pipe()
            try:
                self.pid = os.fork()
                if self.pid == 0:
                    become(spec, self.streams.childs, tell, proc)
            except OSError:
                os.close(trouble)
                raise
            finally:
                os.close(tell)
        finally:
            self.streams.hand_over()
        word = os.read(trouble, 4096).decode()
        os.close(trouble)
        try:
            if word:
                number, _, what = word.partition(" ")
                raise (NoFolder if what == NO_FOLDER else OSError)(int(number), os.strerror(int(number)))
            self.exit_fd = os.pidfd_open(self.pid)
        except OSError:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            raise

    def obey(self, kind: bytes, payload: bytes) -> None:
        """Carries out a frame of the owner's."""
        if kind == b"K":
            self.stop("killed")
        elif kind == b"M":
            self.clock = time.monotonic()
        elif kind == b"G":
            self.make_room(COUNT.unpack(payload)[0])
        elif self.stdin is None:
            return
        elif kind == b"Y":
            set_size(self.stdin, json.loads(payload))
        else:
            if kind == b"Z" and not self.streams.is_terminal:
                self.stdin_ended = True
            self.stdin_backlog += payload if kind == b"I" else END_OF_INPUT if self.streams.is_terminal else b""
            self.feed()

    def feed(self) -> None:
        """Writes what the standard input takes now, and the rest as soon as it takes more."""
        if self.stdin is None:
            return
        try:
            while self.stdin_backlog:
                del self.stdin_backlog[: os.write(self.stdin, self.stdin_backlog[:CHUNK])]
        except BlockingIOError:
            self.events.on(self.stdin, WRITABLE, self.feed)
            return
        except OSError:  # nobody has it open any more
            self.stdin_backlog.clear()
            self.stdin_ended = True
        self.events.off(self.stdin)
        if self.stdin_ended:
            self.end_stdin()

    def end_stdin(self) -> None:
        if self.stdin is not None:
            self.events.off(self.stdin)
            os.close(self.stdin)
            self.stdin = None

    def make_room(self, taken: int) -> None:
        """Lets more of stdout come, of which the owner has taken so much; 0 when it will take no more."""
        self.waits_for_room = self.waits_for_room and taken > 0
        if self.streams.stdout in self.room:
            self.room[self.streams.stdout] += taken
            self.listen(self.streams.stdout)

    def listen(self, fd: int) -> None:
        self.events.on(fd, READABLE, partial(self.pass_on, fd))

    def pass_on(self, fd: int) -> bool:
        """Sends on what an output holds, up to the limit; True while there was something."""
        if self.waits_for_room and fd == self.streams.stdout and self.room[fd] <= 0:
            self.events.off(fd)  # the program waits, as at any pipe that nobody reads
            return False
        try:
            data = os.read(fd, CHUNK)
        except BlockingIOError:
            return False
        except OSError:  # how a terminal says that nobody has it open any more
            data = b""
        if not data:
            self.end_output(fd)
            return False
        kept = data if self.waits_for_room and fd == self.streams.stdout else data[: max(0, self.room[fd])]
        self.room[fd] -= len(kept)
        self.truncated |= len(kept) < len(data)
        if kept and fd == self.streams.stdout:
            # When it came, by a clock that the program can't reach.
            self.owner.send(b"O", self.number, STAMP.pack(time.monotonic() - self.clock) + kept)
        elif kept:
            self.owner.send(b"E", self.number, kept)
        return True

    def end_output(self, fd: int) -> None:
        self.events.off(fd)
        os.close(fd)
        del self.room[fd]

    def stop(self, reason: str) -> None:
        """Kills the program and its process group; in a world of its own, everything."""
        if self.stopped_by is None:
            self.stopped_by = reason
        if self.alone:
            kill_all()
            return
        for kill in (os.killpg, os.kill):
            try:
                kill(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue

    def finish(self) -> None:
        """Reports the program, which has ended, and frees all it held here."""
        wall_s = time.monotonic() - self.started
        _, status, usage = os.wait4(self.pid, 0)
        if self.alone:
            kill_all()
        # What was written before the end still lies in the pipes; a background process may write on for ever.
        if self.waits_for_room and self.streams.stdout in self.room:
            self.room[self.streams.stdout] = LARGEST_PIPE
        for fd in list(self.room):
            for _ in range(LARGEST_PIPE // CHUNK):
                if not self.pass_on(fd):
                    break
        self.end_stdin()
        for fd in list(self.room):
            self.end_output(fd)
        os.close(self.exit_fd)
        done = report_end(
            status,
            usage,
            stopped_by=self.stopped_by,
            cpu_limit_s=self.limits["cpu_s"],
            killed_for_memory=count_oom_kills() > self.oom_kills,
            out_of_reach=False,
            wall_s=wall_s,
            peak_bytes=self.peak,
        )
        done["truncated"] = self.truncated
        self.owner.send(b"D", self.number, json.dumps(done).encode())
