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

    owner → nursery                                                  nursery → owner
    J (number,), with 1 descriptor                                   R                    ready for jobs
    J (number, wall_s, cpu_s, memory_bytes), with 4 descriptors      D ENDED [RESULT]     a job and all in it has ended
    K (number,)                                                      X reason             can't work here
    ?                                                                !                    still works

Orders are in marshal's format, which only their owner writes. `rsi_sandboxes.slot` and `rsi_sandboxes.lone` state the
packets a second time, on the owner's side; a test holds the two together.

What a short job costs is, next to its own work, the pages that it and this process touch after the fork, each of which
the kernel copies. So both do here with few calls and few objects.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import json
import marshal
import os
import select
import signal
import socket
import struct
import sys
import time
from importlib import import_module
from typing import Any, NoReturn

from rsi_sandboxes.inside import launch, walls
from rsi_sandboxes.inside.ending import report_end
from rsi_sandboxes.inside.files import write_file
from rsi_sandboxes.inside.memory import memory_in_use, open_oom_counter, read_oom_kills
from rsi_sandboxes.inside.owner import CHUNK
from rsi_sandboxes.inside.supervisor import open_proc, serve

# What short programs import most; each costs every job the copying of its pages. Not random, which seeds itself anew in
# every fork.
PRELOADED = """
array bisect collections copy datetime enum functools heapq io itertools json marshal math operator re string
time traceback types typing
"""
MOST_BYTES = 4096
MOST_COUNTS = 65536
SAMPLE_S = 0.02
FDS = struct.Struct("i")
ROOM_FOR_FDS = socket.CMSG_SPACE(4 * FDS.size)
ENDED = struct.Struct("!I?")
"""The job's number, and whether it left traces in the network."""
RESULT = struct.Struct("!hhBddQ")
"""Of a lone job: exit code or -1, signal or 0, place in REASONS, wall_s, cpu_s, peak_memory_bytes."""
REASONS = (None, "wall_s", "cpu_s", "memory_bytes")
# What a job does in the network namespace shows here for ever, a socket that outlives its process while it lives.
NETWORK_COUNTERS = ("/proc/net/snmp", "/proc/net/snmp6", "/proc/net/sockstat")
# Source: include/uapi/linux/pidfd.h, from Linux 6.11 on.
PIDFD_GET_MNT_NAMESPACE = 0xFF03
OLDEST_KERNEL = (5, 14)
"""From here on the kernel counts processes for each user namespace, so that one job's don't count as another's."""


class Job:
    """A job under way.

    Args:
        number: The owner's for it.
        pid: Its first process.
        bounds: wall_s, cpu_s and memory_bytes of a lone job; empty for a supervised one.
        started: By the monotonic clock.
        oom_kills: What was counted before.
    """

    def __init__(self, number: int, pid: int, bounds: tuple[Any, ...], started: float, oom_kills: int) -> None:
        self.number = number
        self.pid = pid
        self.exit_fd = os.pidfd_open(pid)
        self.mounts = hold_mounts(self.exit_fd)
        self.bounds = bounds
        self.started = started
        self.oom_kills = oom_kills
        self.peak = 0
        self.stopped_by: str | None = None


class Nursery:
    """The jobs of a warm world.

    Args:
        owner: The socket to the owner.
        memory_bytes: What a supervised job may hold.
        around: The walls around each job.
    """

    def __init__(self, owner: socket.socket, memory_bytes: int, around: walls.Walls) -> None:
        self.owner = owner
        self.memory_bytes = memory_bytes
        self.walls = around
        self.jobs: dict[int, Job] = {}
        """By the descriptor that shows their end."""
        self.lone = 0
        """How many of them this process holds to their limits."""
        self.poll = select.poll()
        self.poll.register(owner.fileno(), select.POLLIN)
        self.oom_counter = open_oom_counter()
        try:
            self.oom_choice: int | None = os.open("/proc/self/oom_score_adj", os.O_RDWR)
        except OSError:
            self.oom_choice = None  # a kernel without this file, such as gVisor's, decides as it likes
        # An owner who may has had this process spared.
        self.stay = b"" if self.oom_choice is None else os.read(self.oom_choice, 16)
        self.counters = [os.open(path, os.O_RDONLY) for path in NETWORK_COUNTERS if os.path.exists(path)]
        self.network = self.read_network()

    def run(self) -> None:
        """Carries out orders until the owner is gone."""
        self.try_one()
        self.owner.send(b"R")
        orders = self.owner.fileno()
        sampled = time.monotonic()
        while True:
            for fd, _ in self.poll.poll(1000 * SAMPLE_S if self.lone else None):
                if fd == orders:
                    self.obey()
                else:
                    self.bury(fd)
            if self.lone and time.monotonic() - sampled >= SAMPLE_S:
                sampled = time.monotonic()
                for job in self.jobs.values():
                    if job.bounds:
                        self.watch(job)

    def try_one(self) -> None:
        """Makes a job that does nothing, so that what can't be done here is known before there is work to do."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            self.fork(0, (), [theirs.fileno()])
            theirs.close()
            trouble = ours.recv(MOST_BYTES)
        # The supervisor greets, and exits when it finds nobody at the other end.
        self.bury(*self.jobs, tell=False)
        if not trouble.startswith(b"H"):
            raise OSError(0, trouble.decode(errors="replace") or "the first job ended at once")

    def obey(self) -> None:
        """Carries out one order."""
        packet, ancillary, _, _ = self.owner.recvmsg(MOST_BYTES, ROOM_FOR_FDS)
        if not packet:
            os._exit(0)
        if packet == b"?":
            self.owner.send(b"!")
            return
        number, *bounds = marshal.loads(packet[1:])
        if packet[:1] == b"J":
            fds = [fd for _, _, data in ancillary for (fd,) in FDS.iter_unpack(data)]
            self.fork(number, tuple(bounds), fds)
            for fd in fds:
                os.close(fd)
        else:
            for job in self.jobs.values():
                if job.number == number:
                    os.kill(job.pid, signal.SIGKILL)

    def fork(self, number: int, bounds: tuple[Any, ...], fds: list[int]) -> None:
        """Forks a job's first process."""
        oom_kills = read_oom_kills(self.oom_counter) if bounds else 0
        # A child begins with the choice of its parent.
        choice = self.oom_choice if bounds else None
        if choice is not None:
            os.pwrite(choice, launch.VOLUNTEER, 0)
        started = time.monotonic()
        try:
            pid = walls.clone()
            if pid == 0:
                self.become_first(fds)
        finally:
            if choice is not None:
                os.pwrite(choice, self.stay, 0)
        job = Job(number, pid, bounds, started, oom_kills)
        self.jobs[job.exit_fd] = job
        self.lone += bool(bounds)
        self.poll.register(job.exit_fd, select.POLLIN)

    def become_first(self, fds: list[int]) -> NoReturn:
        """Closes the walls around the forked child and becomes a supervisor or a program; never returns."""
        try:
            # Within the walls nothing of /proc can be written.
            proc = open_proc() if len(fds) == 1 else None
            try:
                self.walls.close_in()
            except OSError as error:
                os.write(fds[0], json.dumps({"lost": error.strerror or str(error)}).encode())
                os._exit(1)
            if proc is None:
                become_program(*fds)
            os.dup2(fds[0], 0)
            os.dup2(fds[0], 1)
            os.dup2(proc, 3)
            os.closerange(4, 256)
            serve(self.memory_bytes, 3)
        finally:
            os._exit(1)

    def watch(self, job: Job) -> None:
        """Holds a lone job to its wall and memory limits."""
        wall_s, _, memory_bytes = job.bounds
        if time.monotonic() - job.started > wall_s:
            reason = "wall_s"
        else:
            try:
                memory = memory_in_use(memory_bytes)
            except (MemoryError, OSError):  # the job has taken what this process would need to look
                memory = memory_bytes + 1
            job.peak = max(job.peak, memory)
            if memory <= memory_bytes:
                return
            reason = "memory_bytes"
        job.stopped_by = job.stopped_by or reason
        with contextlib.suppress(ProcessLookupError):
            os.kill(job.pid, signal.SIGKILL)

    def bury(self, exit_fd: int, *, tell: bool = True) -> None:
        """Collects a job's first process, with which the kernel has ended everything in the job."""
        job = self.jobs.pop(exit_fd)
        wall_s = time.monotonic() - job.started
        _, status, usage = os.wait4(job.pid, 0)
        self.poll.unregister(exit_fd)
        os.close(exit_fd)
        words = b"D" + ENDED.pack(job.number, self.read_network() != self.network)
        if job.bounds:
            self.lone -= 1
            end = report_end(
                status,
                usage,
                stopped_by=job.stopped_by,
                cpu_limit_s=job.bounds[1],
                killed_for_memory=read_oom_kills(self.oom_counter) > job.oom_kills,
                out_of_reach=True,
                wall_s=wall_s,
                peak_bytes=job.peak,
            )
            code = -1 if end["exit_code"] is None else end["exit_code"]
            reason = REASONS.index(end["stopped_by"])
            figures = end["wall_s"], end["cpu_s"], end["peak_memory_bytes"]
            words += RESULT.pack(code, end["signal"] or 0, reason, *figures)
        if tell:
            self.owner.send(words)
        if job.mounts is not None:
            os.close(job.mounts)

    def read_network(self) -> list[bytes]:
        """The kernel's counts of all that was ever done in this world's network, and what is still open there."""
        return [os.pread(fd, MOST_COUNTS, 0) for fd in self.counters]


def hold_mounts(exit_fd: int) -> int | None:
    """Keeps a process's mounts from being taken down until the descriptor is closed; None where that can't be.

    Taking them down takes the kernel a while, in which a job's end would wait though nothing is left of the job.
    """
    try:
        return fcntl.ioctl(exit_fd, PIDFD_GET_MNT_NAMESPACE)
    except OSError:  # an older kernel, or it has ended already
        return None


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


def run(owner: socket.socket, memory_bytes: int, disk_bytes: int, filters: dict[str, list[str]], ready: str) -> None:
    """Makes this process a nursery.

    Args:
        owner: The socket to the owner, on descriptor 0.
        memory_bytes: What a job may hold.
        disk_bytes: What its files may hold in each of its folders.
        filters: See `walls.filters_here`.
        ready: Text of a program that many jobs will run; empty for none.
    """
    try:
        kernel = tuple(int(part) for part in os.uname().release.split("-")[0].split(".")[:2])
        if kernel < OLDEST_KERNEL:
            raise OSError(0, f"warm worlds need Linux {OLDEST_KERNEL[0]}.{OLDEST_KERNEL[1]} or newer")
        for name in PRELOADED.split():
            import_module(name)
        if ready:
            launch.READY[ready] = compile(ready, "<string>", "exec", dont_inherit=True)
        launch.heed_interrupts()
        launch.prepare()
        launch.rehearse()
        standing, closing = walls.filters_here(filters)
        if standing:
            walls.load_filter(standing)
        nursery = Nursery(owner, memory_bytes, walls.Walls(disk_bytes, closing))
        gc.collect()
        gc.disable()
        gc.freeze()
        nursery.run()
    except OSError as error:
        owner.send(f"X{error.strerror or error}".encode()[:MOST_BYTES])
        sys.exit(1)
