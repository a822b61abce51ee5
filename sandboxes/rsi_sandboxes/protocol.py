# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The seam between whoever wants a program run and whatever isolates it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Protocol, Self

from rsi_sandboxes.job import ExecResult, Job
from rsi_sandboxes.limits import Limits


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
