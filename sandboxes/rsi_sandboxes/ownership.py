# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Who made a world, told so that anyone can see whether the maker still lives."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_START_TIME_FIELD = 22


@dataclass(frozen=True, slots=True)
class Owner:
    """A process, told apart from any other that ever ran: a process id alone is used again."""

    host: str
    """Host name, boot id and process namespace: in another container the same id is another process."""
    pid: int
    start_time: int
    """Clock ticks between the boot and the process's start; 0 where /proc doesn't tell."""

    @classmethod
    def of(cls, pid: int) -> Self:
        """Describes a process of this machine; raises OSError when this process can open no file to find out."""
        return cls(_host(), pid, _start_time(pid) or 0)

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Reads what `str` wrote; None for anything else."""
        try:
            host, pid, start_time = text.rsplit(":", 2)
            return cls(host, int(pid), int(start_time))
        except ValueError:
            return None

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}:{self.start_time}"

    def is_gone(self) -> bool:
        """Whether this process is known to have ended.

        False for processes of other machines and namespaces, and of those that /proc hides, which we can't see.
        """
        try:
            host, start_time = _host(), _start_time(self.pid)
        except OSError:  # for want of descriptors
            return False
        if self.host != host:
            return False
        if start_time is not None and self.start_time:
            return start_time != self.start_time
        return not _exists(self.pid)


def is_overdue(deadline: str, *, now: float | None = None) -> bool:
    """Whether a deadline, seconds since the epoch as text, has passed; an unreadable one has not."""
    try:
        return float(deadline) < (time.time() if now is None else now)
    except ValueError:
        return False


def _host() -> str:
    boot, namespace = "unknown-boot", "unknown-namespace"
    with _hidden_accepted():
        boot = _BOOT_ID.read_text().strip()
    with _hidden_accepted():
        namespace = os.readlink("/proc/self/ns/pid")
    return f"{socket.gethostname()}/{boot}/{namespace}"


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True  # another user's
    return True


def _start_time(pid: int) -> int | None:
    """The process's start in clock ticks since boot, or None when there is no such process or /proc hides it.

    Source: proc(5), /proc/pid/stat, field 22; the second field may itself hold spaces and parentheses.
    """
    with _hidden_accepted():
        text = Path(f"/proc/{pid}/stat").read_text()
        return int(text.rpartition(")")[2].split()[_START_TIME_FIELD - 3])
    return None


@contextlib.contextmanager
def _hidden_accepted() -> Iterator[None]:
    """Goes on without what /proc doesn't show, but not without what this process can't open now."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.EMFILE, errno.ENFILE):
            raise


def current() -> Owner:
    """Describes this process (also after a fork); raises as `Owner.of` does."""
    return Owner.of(os.getpid())
