# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Finding the keepers of an owner's worlds, to break them, and all that is left of an owner."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rsi_sandboxes.ownership import Owner

GONE_S = 20.0
GROUPS = (Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup"))
MAKE_ANOTHER = "import sys; from rsi_sandboxes import make_sandbox; make_sandbox(sys.argv[1]).close()"


def environment(**more: str) -> dict[str, str]:
    """What a process needs that uses the same code as this one."""
    return {**os.environ, "PYTHONPATH": ":".join(entry for entry in sys.path if entry), **more}


def start_owner(program: str, *arguments: str, **more: str) -> subprocess.Popen[str]:
    """Starts a program in another process that may have worlds of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(**more),
    )  # fmt: skip


def wait_for(condition: Callable[[], bool], seconds: float = GONE_S) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def containers(owner: int) -> list[str]:
    """The ids of an owner's containers."""
    return [
        line.split()[0]
        for line in _docker("ps", "-a", "--format", '{{.ID}} {{.Label "rsi-envs.owner"}}')
        if f":{owner}:" in line
    ]


def kill_containers(owner: int) -> None:
    """Ends an owner's containers, as an engine does that ends."""
    if found := containers(owner):
        _docker("kill", *found)


def nurseries(backend: str, owner: int | None = None) -> list[int]:
    """The first processes of an owner's warm worlds; by default this process's."""
    owner = owner or os.getpid()
    if backend == "docker":
        found = containers(owner)
        # One that has gone since it was listed has an empty line.
        return [int(pid) for pid in _docker("inspect", "--format", "{{.State.Pid}}", *found) if pid] if found else []
    return [pid for child in _children(owner) for pid in _children(child) if _is_first(pid)]


def supervisors(nursery: int) -> list[int]:
    """The first processes of the jobs in a warm world."""
    return [pid for pid in _children(nursery) if _is_first(pid)]


def world_processes(backend: str, owner: int) -> set[Owner]:
    """All processes in an owner's worlds and those that made them, each told apart from any later one of its id."""
    found = set(nurseries(backend, owner)) | (set(_children(owner)) if backend == "bubblewrap" else set())
    fresh = found
    while fresh := {child for pid in fresh for child in _children(pid)} - found:
        found |= fresh
    return {Owner.of(pid) for pid in found}


def descendants(owner: int) -> set[Owner]:
    """All processes below an owner."""
    found: set[int] = set()
    fresh = {owner}
    while fresh := {child for pid in fresh for child in _children(pid)} - found:
        found |= fresh
    return {Owner.of(pid) for pid in found}


def left_behind(owner: int) -> list[str]:
    """Names of an owner's containers, control groups and folders for temporary files."""
    numbered = f"[:.]{owner}[:.]*"
    groups = [str(path) for root in GROUPS for path in root.glob(f"rsi-envs.*{numbered}")]
    folders = [str(path) for path in Path(tempfile.gettempdir()).glob(f"rsi-nursery-*{numbered}")]
    return [*containers(owner), *groups, *folders]


def nothing_is_left(backend: str, owner: int, processes: set[Owner]) -> bool:
    """Whether a dead owner's worlds end, and the next sandbox that anyone makes takes away the rest."""
    return wait_for(lambda: all(process.is_gone() for process in processes)) and wait_for(
        lambda: _make_another(backend) and not left_behind(owner)
    )


def open_descriptors() -> list[str]:
    """What this process's descriptors lead to, but for those that the search itself needs."""
    found = []
    for fd in os.listdir("/proc/self/fd"):
        try:
            found.append(os.readlink(f"/proc/self/fd/{fd}").split(":")[0])
        except FileNotFoundError:
            continue
    return sorted(found)


def _make_another(backend: str) -> bool:
    made = subprocess.run([sys.executable, "-c", MAKE_ANOTHER, backend], env=environment(), check=False)
    return made.returncode == 0


def _children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in task.read_text().split()]
        except OSError:  # the thread has ended
            continue
    return found


def _is_first(pid: int) -> bool:
    """Whether a process is the first in its namespace of processes."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    return next(line.split()[-1] for line in status.splitlines() if line.startswith("NSpid:")) == "1"


def _docker(*command: str) -> list[str]:
    try:
        done = subprocess.run(["docker", *command], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return []
    return done.stdout.splitlines()
