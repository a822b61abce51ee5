# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A control group for a world, where this process may make one: then the kernel itself bounds the world's memory.

Source: the kernel's Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Self

from rsi_sandboxes.ownership import Owner, current

_PREFIX = "rsi-envs."
_END_TIMEOUT_S = 2.0
_SHORTAGES = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)
"""What passes, and says nothing about whether groups can be made here."""
_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Where groups can be made, and what their files are called."""

    root: Path
    """Where the memory controller's groups begin."""
    limit: str
    swap_limit: str
    """What memory and swap may be together (version 1), or swap alone (version 2); not on every kernel."""
    swap_counts_memory: bool
    events: str
    """Counts the kernel's kills for memory."""
    events_inside: str
    """Where a supervisor looks for `events` in its world."""


_VERSION_2 = Hierarchy(
    Path("/sys/fs/cgroup"),
    "memory.max",
    "memory.swap.max",
    False,
    "memory.events",
    "/sys/fs/cgroup/memory.events",
)
_VERSION_1 = Hierarchy(
    Path("/sys/fs/cgroup/memory"),
    "memory.limit_in_bytes",
    "memory.memsw.limit_in_bytes",
    True,
    "memory.oom_control",
    "/sys/fs/cgroup/memory/memory.oom_control",
)


class ControlGroup:
    """A group of its own below the root of the memory controller, named after its owner.

    Raises:
        OSError: It can't be made.
    """

    def __init__(self, hierarchy: Hierarchy, memory_bytes: int) -> None:
        self._hierarchy = hierarchy
        self._folder = hierarchy.root / f"{_PREFIX}{_name(current())}.{next(_numbers)}"
        self._folder.mkdir()
        try:
            (self._folder / hierarchy.limit).write_text(str(memory_bytes))
            with contextlib.suppress(OSError):  # a kernel that doesn't count swap
                swap = memory_bytes if hierarchy.swap_counts_memory else 0
                (self._folder / hierarchy.swap_limit).write_text(str(swap))
        except BaseException:
            self.close()
            raise

    @classmethod
    def make(cls, memory_bytes: int) -> Self | None:
        """Makes a group that holds its members to `memory_bytes`; None where that can't be had.

        Raises:
            OSError: This process has run out of descriptors or memory.
        """
        hierarchy = find_hierarchy()
        with _refusal_accepted():
            return cls(hierarchy, memory_bytes) if hierarchy else None
        return None

    @property
    def events(self) -> tuple[str, str]:
        """The file that counts the kernel's kills, and where a world must show it."""
        return str(self._folder / self._hierarchy.events), self._hierarchy.events_inside

    def count_kills(self) -> int:
        """How often the kernel has killed a member for want of memory; 0 when the group is gone."""
        try:
            words = Path(self.events[0]).read_text().split()
        except OSError:
            return 0
        return int(words[words.index("oom_kill") + 1]) if "oom_kill" in words else 0

    def add(self, pid: int) -> None:
        """Moves a process in, with what it starts from then on, and has the kernel spare it when memory runs out."""
        (self._folder / "cgroup.procs").write_text(str(pid))
        with contextlib.suppress(PermissionError):  # root alone may spare a process
            Path(f"/proc/{pid}/oom_score_adj").write_text("-1000")

    def close(self) -> None:
        """Removes the group, whose members have been killed. Idempotent."""
        deadline = time.monotonic() + _END_TIMEOUT_S
        while self._folder.exists():
            try:
                self._folder.rmdir()
            except FileNotFoundError:
                return
            except OSError:  # the kernel is still ending its members
                if time.monotonic() > deadline:
                    return  # left to `reap_groups`
                time.sleep(0.002)


@lru_cache(maxsize=1)
def find_hierarchy() -> Hierarchy | None:
    """Finds where this process may make groups that bound memory, by making one; remembers the answer.

    Raises:
        OSError: This process has run out of descriptors or memory.
    """
    for hierarchy in (_VERSION_2, _VERSION_1):
        if not (hierarchy.root / "cgroup.procs").exists():
            continue
        with _refusal_accepted():
            _hand_down_memory(hierarchy)
            ControlGroup(hierarchy, 1 << 30).close()
            return hierarchy
    return None


@contextlib.contextmanager
def _refusal_accepted() -> Iterator[None]:
    """Goes on without what can't be had here, but not without what can't be had now."""
    try:
        yield
    except OSError as error:
        if error.errno in _SHORTAGES:
            raise


def reap_groups() -> list[str]:
    """Removes the empty groups that dead owners left; returns their names."""
    removed = []
    for hierarchy in (_VERSION_2, _VERSION_1):
        for folder in hierarchy.root.glob(f"{_PREFIX}*"):
            owner = _owner(folder.name)
            if owner is not None and owner.is_gone():
                with contextlib.suppress(OSError):  # still ending, or another reaper was quicker
                    folder.rmdir()
                    removed.append(folder.name)
    return removed


def _hand_down_memory(hierarchy: Hierarchy) -> None:
    """In version 2 a group's children are bounded only if the group says so."""
    switch = hierarchy.root / "cgroup.subtree_control"
    if switch.exists() and "memory" not in switch.read_text().split():
        switch.write_text("+memory")


def _name(owner: Owner) -> str:
    """The owner as part of a folder's name, which holds no slash."""
    return str(owner).replace("/", "|")


def _owner(folder_name: str) -> Owner | None:
    return Owner.parse(folder_name.removeprefix(_PREFIX).rpartition(".")[0].replace("|", "/"))
