# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What the processes of a world hold, and their end."""

from __future__ import annotations

import os
import signal
from collections.abc import Container

PAGE = os.sysconf("SC_PAGE_SIZE")
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
    """Bytes held by all other processes; pages they share are counted once when it matters.

    Resident sizes count shared pages for every process, so only a sum above `enough` is looked at closely.
    """
    sizes = {}
    for pid in others():
        try:
            with open(f"/proc/{pid}/statm") as statm:
                sizes[pid] = int(statm.read().split()[1]) * PAGE
        except (OSError, IndexError):
            continue
    if sum(sizes.values()) <= enough:
        return sum(sizes.values())
    for pid in sizes:
        try:
            with open(f"/proc/{pid}/smaps_rollup") as rollup:
                sizes[pid] = next(int(line.split()[1]) * 1024 for line in rollup if line.startswith("Pss:"))
        except PermissionError:
            continue  # it hides its memory from the like of us, so all of it is taken for its own
        except (OSError, StopIteration):
            sizes[pid] = 0  # it has gone meanwhile
    return sum(sizes.values())


def count_oom_kills() -> int:
    """How often the kernel has killed for memory in this world's control group; 0 where it has none."""
    for path in OOM_COUNTERS:
        try:
            counter = os.open(path, os.O_RDONLY)
        except OSError:
            continue
        try:
            words = os.read(counter, 4096).split()
        finally:
            os.close(counter)
        return int(words[words.index(b"oom_kill") + 1]) if b"oom_kill" in words else 0
    return 0


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
