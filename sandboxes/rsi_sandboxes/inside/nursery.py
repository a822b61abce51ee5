# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Process 1 of a warm world: for each job it forks a process into fresh namespaces.

It never sees what jobs are given: with the order for a job come descriptors, which the new process reads and this one
closes. So nothing of one job is in the memory that the next inherits.

There are two kinds of jobs. A supervised one is a supervisor, which starts programs as its owner tells it to. A lone
one is a Python program, the first process of its namespaces; the nursery itself holds it to its limits. That saves a
process, and most of a short job's time.

Its owner speaks to it in packets over a socket, on descriptor 0. When that ends, this process exits and takes all
jobs with it.

    owner → nursery                                             nursery → owner
    J {number, disk_bytes}, with 1 descriptor                   R           ready for jobs
    J {…, wall_s, cpu_s, memory_bytes}, with 4 descriptors      D {number, dirty, …}    a job and all in it has ended
    K {number}                                                  X reason    can't work here
    ?                                                           !           still works
"""

from __future__ import annotations

import contextlib
import gc
import json
import marshal
import os
import select
import signal
import socket
import sys
import time
from importlib import import_module
from typing import Any, NoReturn

from rsi_sandboxes.inside import launch, walls
from rsi_sandboxes.inside.ending import report_end
from rsi_sandboxes.inside.files import write_file
from rsi_sandboxes.inside.memory import count_oom_kills, memory_in_use
from rsi_sandboxes.inside.owner import CHUNK
from rsi_sandboxes.inside.supervisor import serve

# What short programs import most; each costs every job the copying of its pages.
PRELOADED = """
array bisect collections copy datetime enum functools heapq io itertools json marshal math operator random re string
time traceback types typing
"""
MOST_BYTES = 4096
MOST_FDS = 4
MOST_COUNTS = 65536
SAMPLE_S = 0.02
# What a job does in the network namespace shows here for ever, a socket that outlives its process while it lives.
NETWORK_COUNTERS = ("/proc/net/snmp", "/proc/net/snmp6", "/proc/net/sockstat")
OLDEST_KERNEL = (5, 14)
"""From here on the kernel counts processes for each user namespace, so that one job's don't count as another's."""


class Job:
    """A job under way."""

    def __init__(self, pid: int, order: dict[str, Any], started: float, oom_kills: int) -> None:
        self.pid = pid
        self.exit_fd = os.pidfd_open(pid)
        self.order = order
        self.started = started
        self.oom_kills = oom_kills
        self.peak = 0
        self.stopped_by: str | None = None

    @property
    def lone(self) -> bool:
        """Whether the nursery holds it to its limits."""
        return "wall_s" in self.order


class Nursery:
    """The jobs of a warm world.

    Args:
        owner: The socket to the owner.
        memory_bytes: What a supervised job may hold.
        call_filter: The closing seccomp program for jobs; empty for none.
    """

    def __init__(self, owner: socket.socket, memory_bytes: int, call_filter: bytes) -> None:
        self.owner = owner
        self.memory_bytes = memory_bytes
        self.call_filter = call_filter
        self.jobs: dict[int, Job] = {}
        """By the owner's number for the job."""
        self.ids = os.getuid(), os.getgid()
        self.counters = [os.open(path, os.O_RDONLY) for path in NETWORK_COUNTERS if os.path.exists(path)]
        self.network = self.read_network()

    def run(self) -> None:
        """Carries out orders until the owner is gone."""
        self.try_one()
        self.owner.send(b"R")
        sampled = time.monotonic()
        while True:
            exits = {job.exit_fd: number for number, job in self.jobs.items()}
            lone = [job for job in self.jobs.values() if job.lone]
            ready, _, _ = select.select([self.owner.fileno(), *exits], [], [], SAMPLE_S if lone else None)
            for fd in ready:
                if fd in exits:
                    self.bury(exits[fd])
                else:
                    self.obey()
            if lone and time.monotonic() - sampled >= SAMPLE_S:
                sampled = time.monotonic()
                for job in self.jobs.values():
                    if job.lone:
                        self.watch(job)

    def try_one(self) -> None:
        """Makes a job that does nothing, so that what can't be done here is known before there is work to do."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            self.fork({"number": 0, "disk_bytes": 65536}, [theirs.fileno()])
            theirs.close()
            trouble = ours.recv(MOST_BYTES)
        # The supervisor greets, and exits when it finds nobody at the other end.
        self.bury(0, tell=False)
        if not trouble.startswith(b"H"):
            raise OSError(0, trouble.decode(errors="replace") or "the first job ended at once")

    def obey(self) -> None:
        """Carries out one order."""
        packet, fds, _, _ = socket.recv_fds(self.owner, MOST_BYTES, MOST_FDS)
        if not packet:
            os._exit(0)
        if packet == b"?":
            self.owner.send(b"!")
            return
        order = json.loads(packet[1:])
        if packet[:1] == b"J":
            self.fork(order, fds)
            for fd in fds:
                os.close(fd)
        elif packet[:1] == b"K" and order["number"] in self.jobs:
            os.kill(self.jobs[order["number"]].pid, signal.SIGKILL)

    def fork(self, order: dict[str, Any], fds: list[int]) -> None:
        """Forks a job's first process."""
        oom_kills = count_oom_kills() if len(fds) > 1 else 0
        started = time.monotonic()
        pid = walls.clone()
        if pid == 0:
            self.become_first(order["disk_bytes"], fds)
        self.jobs[order["number"]] = Job(pid, order, started, oom_kills)

    def become_first(self, disk_bytes: int, fds: list[int]) -> NoReturn:
        """Closes the walls around the forked child and becomes a supervisor or a program; never returns."""
        try:
            try:
                walls.close_in(disk_bytes, *self.ids, self.call_filter)
            except OSError as error:
                os.write(fds[0], json.dumps({"lost": error.strerror or str(error)}).encode())
                os._exit(1)
            if len(fds) > 1:
                become_program(*fds)
            os.dup2(fds[0], 0)
            os.dup2(fds[0], 1)
            os.closerange(3, 256)
            serve(self.memory_bytes)
        finally:
            os._exit(1)

    def watch(self, job: Job) -> None:
        """Holds a lone job to its wall and memory limits."""
        if time.monotonic() - job.started > job.order["wall_s"]:
            reason = "wall_s"
        else:
            try:
                memory = memory_in_use(job.order["memory_bytes"])
            except (MemoryError, OSError):  # the job has taken what this process would need to look
                memory = job.order["memory_bytes"] + 1
            job.peak = max(job.peak, memory)
            if memory <= job.order["memory_bytes"]:
                return
            reason = "memory_bytes"
        job.stopped_by = job.stopped_by or reason
        with contextlib.suppress(ProcessLookupError):
            os.kill(job.pid, signal.SIGKILL)

    def bury(self, number: int, *, tell: bool = True) -> None:
        """Collects a job's first process, with which the kernel has ended everything in the job."""
        job = self.jobs.pop(number)
        wall_s = time.monotonic() - job.started
        _, status, usage = os.wait4(job.pid, 0)
        os.close(job.exit_fd)
        end: dict[str, Any] = {"number": number, "dirty": self.read_network() != self.network}
        if job.lone:
            end["result"] = report_end(
                status,
                usage,
                stopped_by=job.stopped_by,
                cpu_limit_s=job.order["cpu_s"],
                killed_for_memory=count_oom_kills() > job.oom_kills,
                out_of_reach=True,
                wall_s=wall_s,
                peak_bytes=job.peak,
            )
        if tell:
            self.owner.send(b"D" + json.dumps(end).encode())

    def read_network(self) -> list[bytes]:
        """The kernel's counts of all that was ever done in this world's network, and what is still open there."""
        return [os.pread(fd, MOST_COUNTS, 0) for fd in self.counters]


def become_program(payload: int, stdin: int, stdout: int, stderr: int) -> NoReturn:
    """Turns a job's first process into the program that the payload describes; tells there why it can't be done."""
    path = ""
    try:
        data = bytearray()
        while chunk := os.read(payload, CHUNK):
            data += chunk
        spec = marshal.loads(data)  # written by the owner
        for path, content in spec["files"].items():
            write_file(path, content)
    except OSError as error:
        trouble = {"errno": error.errno, "message": error.strerror, "path": path}
        os.write(payload, json.dumps(trouble).encode())
        os._exit(1)
    launch.become(spec, (stdin, stdout, stderr), payload)


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
        launch.rehearse()
        standing, closing = walls.filters_here(filters)
        walls.load_filter(standing)
        gc.collect()
        gc.disable()
        gc.freeze()
        Nursery(owner, memory_bytes, closing).run()
    except OSError as error:
        owner.send(f"X{error.strerror or error}".encode()[:MOST_BYTES])
        sys.exit(1)
