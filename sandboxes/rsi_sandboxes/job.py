# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A program to run, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Literal

from rsi_sandboxes.errors import InvalidJob
from rsi_sandboxes.limits import Limits

WORK_DIR = "/work"
"""Where a job starts and where its files lie, in every world."""

OWN_INTERPRETER = ("python3", "-I", "-S", "-c")
"""A command that begins so is run by a Python that is up already, where worlds hold one: it starts in no time.

Such a program may be process 1 of its world, which ignores signals that it sends itself unless it handles them; there
`os.abort()` shows as signal 11. It shares the hash seed with the other programs of its warm world.
"""

Stop = Literal["wall_s", "cpu_s", "memory_bytes", "killed"]
"""What ended a program before its own end: a field of `Limits`, or the owner's `kill()`."""


@dataclass(frozen=True, slots=True)
class Job:
    """A program to run in a fresh world.

    Raises:
        InvalidJob: An empty command, or a file path that is absolute, leaves the working directory or can't be
            encoded.
    """

    command: tuple[str, ...]
    """Program and arguments, looked up on the world's PATH; no shell. "python3" is there in every world."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """Contents by path relative to the working directory, each at most `Limits.file_bytes`; folders are made."""
    stdin: bytes = b""
    """What the program reads, then end of file; `start` sends none of it and leaves the standard input open."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Added to PATH, HOME and LANG, which are all a world's programs see otherwise."""
    limits: Limits = field(default_factory=Limits)
    keep_ready: bool = False
    """Whether worlds may be kept that hold the text of this `OWN_INTERPRETER` command compiled: for a program of your
    own that many jobs run. A backend may ignore it."""

    def __post_init__(self) -> None:
        if not self.command or isinstance(self.command, str):
            raise InvalidJob(f"a command is a non-empty sequence of strings, not {self.command!r}")
        for path in self.files:
            check_path(path)


def check_path(path: str) -> None:
    """Raises `InvalidJob` for a path that is empty, absolute, no UTF-8 or climbs out of the working directory."""
    parts = PurePosixPath(path).parts
    lone_surrogates = any("\ud800" <= character <= "\udfff" for character in path)
    if not parts or path.startswith("/") or ".." in parts or "\0" in path or lone_surrogates:
        raise InvalidJob(f"path {path!r} must be relative and stay below {WORK_DIR}")


@dataclass(frozen=True, slots=True)
class ExecResult:
    """How a program ended. Exactly one of `exit_code` and `signal` is not None."""

    exit_code: int | None
    """0 to 255; None when a signal ended the program."""
    signal: int | None
    """The number of the signal that ended the program; None when it exited."""
    stdout: bytes
    """At most `Limits.output_bytes`."""
    stderr: bytes
    """At most `Limits.output_bytes`."""
    truncated: bool
    """Whether stdout or stderr went on beyond the limit."""
    stopped_by: Stop | None
    """What ended the program from outside; None when it came to its own end."""
    wall_s: float
    """Seconds from start to end, by a clock the program can't reach."""
    cpu_s: float
    """CPU seconds of the program and the children it waited for, by the kernel's account."""
    peak_memory_bytes: int
    """Most memory held at once, by the kernel's account and samples 20 ms apart; a quarter of a second while all that
    runs in a session was started by `Session.start`."""

    @property
    def ok(self) -> bool:
        """Whether the program exited with status 0 of its own accord."""
        return self.exit_code == 0 and self.stopped_by is None

    @property
    def timed_out(self) -> bool:
        """Whether the wall or CPU limit ended the program."""
        return self.stopped_by in ("wall_s", "cpu_s")

    @property
    def out_of_memory(self) -> bool:
        """Whether the memory limit ended the program."""
        return self.stopped_by == "memory_bytes"
