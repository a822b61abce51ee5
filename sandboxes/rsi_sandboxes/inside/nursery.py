# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Process 1 of a warm world: for each job it forks a supervisor into fresh namespaces.

It never sees what jobs are given: with the order for a job comes a descriptor, which the new supervisor serves and
this process closes. So nothing of one job is in the memory that the next inherits.

Its owner speaks to it in packets over a socket, on descriptor 0. When that ends, this process exits and takes all
jobs with it.

    owner → nursery                                  nursery → owner
    J number disk_bytes (and a descriptor)           R                 ready for jobs
    K number    end this job                         D number          this job and all in it has ended
                                                     X reason          can't work here
"""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import sys
from importlib import import_module
from typing import NoReturn

from rsi_sandboxes.inside import launch, walls
from rsi_sandboxes.inside.supervisor import serve

# What short programs import most; each costs every job the copying of its pages.
PRELOADED = """
array bisect collections copy datetime enum functools heapq io itertools json marshal math operator random re string
time traceback types typing
"""
MOST_BYTES = 4096
OLDEST_KERNEL = (5, 14)
"""From here on the kernel counts processes for each user namespace, so that one job's don't count as another's."""


class Nursery:
    """The jobs of a warm world.

    Args:
        owner: The socket to the owner.
        memory_bytes: What a job may hold.
        call_filter: The closing seccomp program for jobs; empty for none.
    """

    def __init__(self, owner: socket.socket, memory_bytes: int, call_filter: bytes) -> None:
        self.owner = owner
        self.memory_bytes = memory_bytes
        self.call_filter = call_filter
        self.jobs: dict[int, tuple[int, int]] = {}
        """Process id and descriptor of each job's supervisor, by the owner's number for the job."""
        self.ids = os.getuid(), os.getgid()

    def run(self) -> None:
        """Carries out orders until the owner is gone."""
        self.try_one()
        self.owner.send(b"R")
        while True:
            exits = {fd: number for number, (_, fd) in self.jobs.items()}
            ready, _, _ = select.select([self.owner.fileno(), *exits], [], [])
            for fd in ready:
                if fd in exits:
                    self.bury(exits[fd])
                else:
                    self.obey()

    def try_one(self) -> None:
        """Makes a job that does nothing, so that what can't be done here is known before there is work to do."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            self.fork(0, 65536, theirs.fileno())
            theirs.close()
            trouble = ours.recv(MOST_BYTES)
        # The supervisor greets, and exits when it finds nobody at the other end.
        self.bury(0, tell=False)
        if not trouble.startswith(b"H"):
            raise OSError(0, trouble.decode(errors="replace") or "the first job ended at once")

    def obey(self) -> None:
        """Carries out one order."""
        packet, fds, _, _ = socket.recv_fds(self.owner, MOST_BYTES, 1)
        if not packet:
            os._exit(0)
        kind, *numbers = packet.split()
        if kind == b"J":
            self.fork(int(numbers[0]), int(numbers[1]), fds[0])
            os.close(fds[0])
        elif kind == b"K" and int(numbers[0]) in self.jobs:
            os.kill(self.jobs[int(numbers[0])][0], signal.SIGKILL)

    def fork(self, number: int, disk_bytes: int, channel: int) -> None:
        """Forks a supervisor that serves whoever is at the other end of `channel`."""
        pid = walls.clone()
        if pid == 0:
            self.become_supervisor(disk_bytes, channel)
        self.jobs[number] = pid, os.pidfd_open(pid)

    def become_supervisor(self, disk_bytes: int, channel: int) -> NoReturn:
        """Closes the walls around the forked child and serves the owner; never returns."""
        try:
            os.dup2(channel, 0)
            os.dup2(channel, 1)
            os.closerange(3, 256)
            try:
                walls.close_in(disk_bytes, *self.ids, self.call_filter)
            except OSError as error:
                os.write(1, f"{error.strerror or error}".encode())
                os._exit(1)
            serve(self.memory_bytes)
        finally:
            os._exit(1)

    def bury(self, number: int, *, tell: bool = True) -> None:
        """Collects a job's supervisor; with process 1 the kernel has ended everything in the job."""
        pid, exit_fd = self.jobs.pop(number)
        os.waitpid(pid, 0)
        os.close(exit_fd)
        if tell:
            self.owner.send(b"D %d" % number)


def run(memory_bytes: int, filters: dict[str, list[str]], control: str, ready: str) -> None:
    """Makes this process a nursery.

    Args:
        memory_bytes: What a job may hold.
        filters: See `walls.filters_here`.
        control: Path of the socket that the owner listens on; empty when descriptor 0 leads to it.
        ready: Text of a program that many jobs will run; empty for none.
    """
    owner = socket.socket(fileno=0) if not control else socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if control:
        owner.connect(control)
        os.dup2(owner.fileno(), 0)
        owner = socket.socket(fileno=os.dup(0))
    try:
        kernel = tuple(int(part) for part in os.uname().release.split("-")[0].split(".")[:2])
        if kernel < OLDEST_KERNEL:
            raise OSError(0, f"warm worlds need Linux {OLDEST_KERNEL[0]}.{OLDEST_KERNEL[1]} or newer")
        for name in PRELOADED.split():
            import_module(name)
        if ready:
            launch.READY[ready] = compile(ready, "<string>", "exec", dont_inherit=True)
        launch.prepare()
        standing, closing = walls.filters_here(filters)
        walls.load_filter(standing)
        gc.collect()
        gc.disable()
        gc.freeze()
        Nursery(owner, memory_bytes, closing).run()
    except OSError as error:
        owner.send(f"X{error.strerror or error}".encode()[:MOST_BYTES])
        sys.exit(1)
