# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What this process has started, and the memory that it holds, by /proc and by the Docker engine."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from contest.ours import WAYS
from rsi_sandboxes import make_sandbox

_OWNER_LABEL = "rsi-envs.owner"
_SETTLED_S = 1.0
_PARENT_FIELD = 4
_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Idle:
    """What a backend holds while it waits for jobs."""

    processes: int
    """Processes in its worlds and around them."""
    containers: int
    pss_bytes: int | None
    """Their memory, with shared pages split among those that share them; None when /proc doesn't tell."""

    def __str__(self) -> str:
        held = "?" if self.pss_bytes is None else f"{self.pss_bytes / _MB:.1f}"
        return f"{self.processes} processes, {self.containers} containers, {held} MB"


def idle(backend: str, in_flight: int) -> Idle:
    """Runs both kinds of job so many at a time in a new sandbox, and looks at what stays while it waits."""
    before = descendants()
    sandbox = make_sandbox(backend)
    try:
        with ThreadPoolExecutor(in_flight) as pool:
            for made, check in WAYS.values():
                for result in pool.map(sandbox.run, [made() for _ in range(in_flight)]):
                    check(result)
        time.sleep(_SETTLED_S)
        containers = own_containers()
        found = (descendants() - before) | {pid for one in containers for pid in processes_of(one)}
        sizes = [pss_bytes(pid) for pid in found]
        return Idle(len(found), len(containers), None if None in sizes else sum(size or 0 for size in sizes))
    finally:
        sandbox.close()


def descendants() -> set[int]:
    """Lists the processes below this one, at any depth.

    Source: proc(5), /proc/pid/stat, field 4; the second field may itself hold spaces and parentheses.
    """
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                children.setdefault(int(fields[_PARENT_FIELD - 3]), []).append(int(entry.name))
    found: set[int] = set()
    waiting = [os.getpid()]
    while waiting:
        below = children.get(waiting.pop(), [])
        found.update(below)
        waiting += below
    return found


def pss_bytes(pid: int) -> int | None:
    """Reads a process's proportional set size; 0 for one that has ended, None when /proc doesn't tell."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except (FileNotFoundError, ProcessLookupError):
        return 0
    except OSError:
        return None
    return 0


def own_containers() -> set[str]:
    """Lists the containers that carry this process's label; none where there is no docker command."""
    if shutil.which("docker") is None:
        return set()
    shown = f'{{{{.ID}}}} {{{{.Label "{_OWNER_LABEL}"}}}}'
    command = ["docker", "ps", "--all", "--filter", f"label={_OWNER_LABEL}", "--format", shown]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    pairs = [line.partition(" ")[::2] for line in listed.splitlines()]
    return {container for container, owner in pairs if f":{os.getpid()}:" in owner}


def processes_of(container: str) -> set[int]:
    """Lists a container's processes by the engine's numbers, which are this machine's when the engine runs here."""
    command = ["docker", "top", container, "-eo", "pid"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return {int(word) for word in listed.split() if word.isdigit()}
