# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Process 1 of a job's world: starts programs, bounds them, reports how they ended.

The owner speaks to it over its descriptors 0 and 1 in frames. When they end, the owner is gone: this process exits,
and being process 1 takes everything in the world with it.

Programs in the world run as the same user, so this process makes itself undumpable first: after that the kernel
lets none of them read its memory, its descriptors or trace it. They can kill nothing here either: process 1
ignores signals from inside its own namespace.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import time
from functools import partial
from typing import Any, NoReturn

from rsi_sandboxes.inside import walls
from rsi_sandboxes.inside.events import READABLE, Events
from rsi_sandboxes.inside.files import extend_file, read_file, read_part, write_file
from rsi_sandboxes.inside.launch import heed_interrupts
from rsi_sandboxes.inside.memory import alone, kill_all, memory_in_use, reap
from rsi_sandboxes.inside.owner import Owner
from rsi_sandboxes.inside.program import NoFolder, Program

SAMPLE_S = 0.02
IDLE_SAMPLE_S = 0.25
"""While nobody waits for a program's end."""
MOST_DESCRIPTORS = 1024
"""A forked child closes those below."""
TO_PROGRAMS = (b"I", b"Z", b"K", b"G", b"M", b"Y")
PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36


class Supervisor:
    """The programs of a world, and its owner's calls.

    Args:
        memory_bytes: What everything in the world may hold together.
        proc: As `open_proc` gave it.
    """

    def __init__(self, memory_bytes: int, proc: int) -> None:
        self.memory_bytes = memory_bytes
        self.proc = proc
        self.events = Events()
        self.owner = Owner(self.events)
        self.programs: dict[int, Program] = {}
        """Those that run, by the owner's numbers for them."""
        self.sampled = time.monotonic()

    def run(self) -> NoReturn:
        """Serves the owner until it is gone."""
        self.owner.send(b"H", 0)
        while True:
            self.owner.flush()
            period_s = self.period_s()
            self.events.wait(self.patience_s(period_s))
            frame = self.owner.next()
            while frame is not None:
                self.obey(*frame)
                frame = self.owner.next()
            self.watch(period_s)

    def period_s(self) -> float | None:
        """Seconds from one look at the world's memory to the next; None while nothing in it can grow."""
        if any(not program.background for program in self.programs.values()):
            return SAMPLE_S
        return IDLE_SAMPLE_S if self.programs or not alone() else None

    def patience_s(self, period_s: float | None) -> float | None:
        """How long nothing need be looked at; None for as long as nothing comes."""
        if period_s is None:
            return None
        running = (program for program in self.programs.values() if program.stopped_by is None)
        ends = [program.started + program.limits["wall_s"] for program in running]
        return min(self.sampled + period_s, *ends) - time.monotonic() if ends else period_s

    def watch(self, period_s: float | None) -> None:
        """Holds every program to its wall limit, and all together to their memory."""
        now = time.monotonic()
        for program in self.programs.values():
            if now - program.started > program.limits["wall_s"]:
                program.stop("wall_s")
        if period_s is not None and now - self.sampled >= period_s:
            self.sampled = now
            self.reap()
            self.bound_memory()

    def reap(self) -> None:
        """Collects what has ended of what programs left behind."""
        reap(but={program.pid for program in self.programs.values()})

    def bound_memory(self) -> None:
        """Kills everything when it holds more together than any program, or the world, may."""
        most = min((program.limits["memory_bytes"] for program in self.programs.values()), default=self.memory_bytes)
        memory = memory_in_use(most)
        for program in self.programs.values():
            program.peak = max(program.peak, memory)
            if memory > most:
                program.stopped_by = program.stopped_by or "memory_bytes"
        if memory > most:
            kill_all()

    def obey(self, kind: bytes, number: int, payload: bytes) -> None:
        """Carries out one frame of the owner's."""
        if kind in TO_PROGRAMS:
            if number in self.programs:  # else it has ended meanwhile
                self.programs[number].obey(kind, payload)
            return
        try:
            self.carry_out(kind, number, payload)
        except OSError as error:
            self.refuse(number, error.errno or errno.EIO, error.strerror or str(error), type(error) is NoFolder)
        except (ValueError, OverflowError) as error:  # a path or a number that the kernel's calls can't take
            self.refuse(number, errno.EINVAL, str(error), False)

    def carry_out(self, kind: bytes, number: int, payload: bytes) -> None:
        """Begins a call; what can't be done raises."""
        if kind == b"P":
            self.start(number, json.loads(payload))
        elif kind == b"R":
            self.owner.send(b"A", number, read_file(**json.loads(payload)))
        elif kind == b"T":
            self.owner.send(b"A", number, read_part(**json.loads(payload)))
        elif kind in (b"W", b"X"):
            path, data = payload.split(b"\0", 1)
            write = write_file if kind == b"W" else extend_file
            write(path.decode(), data)
            self.owner.send(b"A", number)
        else:
            raise RuntimeError(f"unexpected frame {kind!r}")

    def refuse(self, number: int, code: int, message: str, folder: bool) -> None:
        """Answers that a call can't be carried out."""
        trouble = {"errno": code, "message": message, "folder": folder}
        self.owner.send(b"Q", number, json.dumps(trouble).encode())

    def start(self, number: int, spec: dict[str, Any]) -> None:
        """Starts a program."""
        if not self.programs:
            self.sampled = time.monotonic()
        program = Program(number, spec, self.owner, self.events, self.proc)
        self.programs[number] = program
        self.events.on(program.exit_fd, READABLE, partial(self.finish, program))

    def finish(self, program: Program) -> None:
        """Reports a program that has ended."""
        self.events.off(program.exit_fd)
        del self.programs[program.number]
        program.finish()
        if not program.alone:
            self.reap()


def open_proc() -> int:
    """Opens /proc as it is now, to reach its files by."""
    return os.open("/proc", os.O_PATH | os.O_DIRECTORY)


def serve(memory_bytes: int, proc: int) -> NoReturn:
    """Serves the owner until it is gone; nothing else in the world may run before."""
    libc = walls.libc
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(MOST_DESCRIPTORS, hard), hard))
    Supervisor(memory_bytes, proc).run()


def stand_alone(memory_bytes: int, filters: dict[str, list[str]]) -> None:
    """Serves the owner as the first process of a world whose walls stand already, but for the filter."""
    heed_interrupts()
    walls.leave_keyring()
    for call_filter in filter(None, walls.filters_here(filters)):
        walls.load_filter(call_filter)
    serve(memory_bytes, open_proc())
