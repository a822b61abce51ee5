# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The seam between whoever wants a program run and whatever isolates it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from types import TracebackType
from typing import Literal, Protocol, Self

from rsi_sandboxes.errors import InvalidJob
from rsi_sandboxes.limits import Limits

WORK_DIR = "/work"
"""Where a job starts and where its files lie, in every world."""

OWN_INTERPRETER = ("python3", "-I", "-S", "-c")
"""A command that begins so is run by a Python that is up already, where worlds hold one: it starts in no time."""

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
    """Most memory held at once, by the kernel's account and samples 20 ms apart."""

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


class Process(Protocol):
    """A running program that one talks to; leaving its `with` block ends it and its world.

    Not safe to use from several threads at once.
    """

    @property
    def line_at_s(self) -> float:
        """Seconds from the program's start until the line that `read_line` returned last had come.

        Taken in the world, beside the program, by a clock that the program can't reach.
        """
        ...

    def send(self, data: bytes) -> None:
        """Gives bytes to the program's standard input; dropped if the program has ended or closed it.

        What the program has not read yet is held in the world, where it isn't counted as the program's memory.

        Raises:
            WorldLost: The world went away, or takes no more within the wall limit.
            SessionClosed: `close_stdin` or `wait` came before.
        """
        ...

    def close_stdin(self) -> None:
        """Ends the program's standard input.

        Raises:
            WorldLost: The world went away.
        """
        ...

    def read_line(self, timeout_s: float) -> bytes | None:
        """Returns the next whole line of stdout without its end, or None when the program has none left.

        Raises:
            TimeoutError: No whole line came in time; what came is kept for the next call.
            CommandNotFound: The world has no such program.
            InvalidJob: The program could not be started with these limits, arguments or environment.
            WorldLost: The world went away.
        """
        ...

    def kill(self) -> None:
        """Kills the program; its result says so. Does nothing when it has ended.

        Raises:
            WorldLost: The world went away.
        """
        ...

    def wait(self) -> ExecResult:
        """Ends the program's standard input and waits for its end; stdout holds what `read_line` left.

        Raises:
            CommandNotFound: The world has no such program.
            InvalidJob: The program could not be started with these limits, arguments or environment.
            WorldLost: The world went away.
        """
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Session(Protocol):
    """A world that lasts: files and background processes stay from one `exec` to the next.

    Calls from several threads take turns. When everything in the world holds more than `Limits.memory_bytes`
    together, everything in it is killed, also between calls; its files stay. A call that is interrupted, by
    KeyboardInterrupt say, or that raises WorldLost closes the session.
    """

    def exec(
        self,
        command: Sequence[str],
        *,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> ExecResult:
        """Runs a program and waits for its end.

        Args:
            command: As in `Job`.
            stdin: As in `Job`.
            env: As in `Job`; None adds nothing.
            limits: Bounds of this program; None takes the session's. Memory, processes and disk are bounded for
                the session as a whole: what is asked beyond the session's is cut down to it.

        Raises:
            InvalidJob: The command is empty, or could not be started with these limits, arguments or environment.
            CommandNotFound: The world has no such program.
            WorldLost: The world went away.
            SessionClosed: The session is over, or was closed meanwhile.
        """
        ...

    def read_file(self, path: str) -> bytes:
        """Returns a regular file's content.

        Args:
            path: Absolute, or relative to the working directory.

        Raises:
            SandboxFileError: There is none, it may not be read, is no regular file, exceeds
                `Limits.file_bytes`, or the path is empty, holds a NUL or can't be encoded.
            WorldLost: The world went away.
            SessionClosed: The session is over, or was closed meanwhile.
        """
        ...

    def write_file(self, path: str, data: bytes) -> None:
        """Writes a file, making folders as needed; raises as `read_file` does.

        Args:
            path: Absolute, or relative to the working directory.
            data: The whole new content, at most `Limits.file_bytes`.
        """
        ...

    def close(self) -> None:
        """Ends the world and everything in it. Idempotent."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Sandbox(Protocol):
    """An isolated place that runs untrusted programs; safe to use from several threads.

    In every world: no network, no capabilities, no new privileges, a read-only root, private writable `/work`
    and `/tmp`, an unprivileged user, an empty environment and the bounds of `Limits`. Nothing of one job is
    there for the next.
    """

    @property
    def name(self) -> str:
        """The backend's name in the registry."""
        ...

    def run(self, job: Job) -> ExecResult:
        """Runs a program in a fresh world and waits for its end; then the world is gone.

        Raises:
            CommandNotFound: The world has no such program.
            InvalidJob: The program could not be started with these limits, arguments or environment.
            BackendUnavailable: No world can be made on this machine.
            SandboxFileError: The job's files don't fit into the world or exceed `Limits.file_bytes`.
            WorldLost: The world went away before the program's end.
        """
        ...

    def start(self, job: Job) -> Process:
        """Starts a program in a fresh world, to talk to it.

        It returns before the program is up: whether there is one shows in the first `read_line` or in `wait`.

        Raises:
            BackendUnavailable: No world can be made on this machine.
            SandboxFileError: The job's files don't fit into the world or exceed `Limits.file_bytes`.
            WorldLost: The world did not come up.
        """
        ...

    def session(self, limits: Limits | None = None) -> Session:
        """Opens a lasting world.

        Args:
            limits: Bounds of the world and of each program in it; None takes the defaults.

        Raises:
            BackendUnavailable: No world can be made on this machine.
            WorldLost: The world did not come up.
        """
        ...

    def close(self) -> None:
        """Ends worlds still open and frees what the backend holds. Idempotent.

        Their processes raise WorldLost from then on, their sessions SessionClosed.
        """
        ...
