# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What the processes of a world hold, and their end."""

from __future__ import annotations

import os
import signal
from collections.abc import Container

OOM_COUNTERS = ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control")


def others() -> list[int]:
    """The ids of all processes in the world but this one."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()]


def alone() -> bool:
    """Whether this process, to which every orphan in the world comes, has no child, running or ended."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return True
    return False


def kill_all() -> None:
    """Kills everything in the world but this process; reaps nothing."""
    try:
        os.kill(-1, signal.SIGKILL)
    except ProcessLookupError:
        return


def memory_in_use(enough: int) -> int:
    """Bytes held by all other processes and their page tables; pages they share are counted once when it matters.

    Resident sizes count shared pages for every process, so only a sum above `enough` is looked at closely.
    """
    sizes = {}
    tables = 0
    for pid in others():
        try:
            status = read_small(f"/proc/{pid}/status")
        except OSError:
            continue
        sizes[pid] = kilobytes(status, b"\nVmRSS:") * 1024
        tables += kilobytes(status, b"\nVmPTE:") * 1024
    if sum(sizes.values()) + tables <= enough:
        return sum(sizes.values()) + tables
    for pid in sizes:
        try:
            sizes[pid] = kilobytes(read_small(f"/proc/{pid}/smaps_rollup"), b"\nPss:") * 1024
        except PermissionError:
            continue  # it hides its memory from the like of us, so all of it is taken for its own
        except OSError:
            sizes[pid] = 0  # it has gone meanwhile
    return sum(sizes.values()) + tables


def read_small(path: str) -> bytes:
    """The content of a file of /proc that has at most 16 KiB."""
    fd = os.open(path, os.O_RDONLY)
    try:
        return os.read(fd, 16384)
    finally:
        os.close(fd)


def kilobytes(text: bytes, name: bytes) -> int:
    """The number after a line's name, which begins with the newline before it; 0 where there is none.

    No process can put a line of its own there: the kernel escapes newlines in the names of processes.
    """
    _, found, after = text.partition(name)
    return int(after.split(None, 1)[0]) if found else 0


def count_oom_kills() -> int:
    """How often the kernel has killed for memory in this world's control group; 0 where it has none."""
    counter = open_oom_counter()
    try:
        return read_oom_kills(counter)
    finally:
        if counter is not None:
            os.close(counter)


def open_oom_counter() -> int | None:
    """What `read_oom_kills` reads, for whoever reads it often."""
    for path in OOM_COUNTERS:
        try:
            return os.open(path, os.O_RDONLY)
        except OSError:
            continue
    return None


def read_oom_kills(counter: int | None) -> int:
    """As `count_oom_kills`."""
    if counter is None:
        return 0
    _, found, after = os.pread(counter, 4096, 0).partition(b"oom_kill ")
    return int(after.split(None, 1)[0]) if found else 0


def reap(but: Container[int] = ()) -> None:
    """Collects orphans that have ended, so that they don't count against the process limit.

    Stops at one of `but`, whose end somebody else is about to learn and collect.
    """
    while True:
        try:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if ended is None or ended.si_pid in but:
            return
        os.waitpid(ended.si_pid, 0)
