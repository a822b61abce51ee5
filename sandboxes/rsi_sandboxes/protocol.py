# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The seam between whoever wants a program run and whatever isolates it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import BinaryIO, Protocol, Self

from rsi_sandboxes.job import ExecResult, Job
from rsi_sandboxes.limits import Limits
from rsi_sandboxes.snapshot import Snapshot
from rsi_sandboxes.terminal import Terminal


class Process(Protocol):
    """A running program that one talks to.

    Leaving its `with` block ends it and, when `Sandbox.start` made it, its world. When `Session.start` made it, what
    it left behind in its session may go on there, and what is said here of WorldLost holds for SessionClosed too: the
    session was closed. A call that is interrupted, by KeyboardInterrupt say, may end the world.

    One thread may send, resize, kill or close the standard input while another reads or waits; more is not safe.
    """

    @property
    def line_at_s(self) -> float:
        """Seconds from the program's start, or `restart_clock`, until the line that `read_line` returned last had come.

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
        """Ends the program's standard input; at a terminal it types Ctrl-D, which does so at the start of a line.

        Raises:
            WorldLost: The world went away.
        """
        ...

    def read(self, timeout_s: float) -> bytes:
        """Returns what has come of stdout: at least a byte, or none when the program has ended and all was read.

        Raises:
            TimeoutError: Nothing came in time.
            CommandNotFound: The world has no such program.
            InvalidJob: The program could not be started with these limits, arguments or environment.
            SandboxFileError: It could not be started in this folder.
            WorldLost: The world went away.
        """
        ...

    def read_line(self, timeout_s: float) -> bytes | None:
        """Returns the next whole line of stdout without its end, or None when the program has none left.

        Raises as `read` does: TimeoutError when no whole line came in time; what came is kept for the next call.
        """
        ...

    def resize(self, rows: int, columns: int) -> None:
        """Gives the program's terminal another size, of which the kernel tells it by SIGWINCH.

        Raises:
            InvalidJob: It has no terminal, or no terminal has such a size.
            WorldLost: The world went away.
        """
        ...

    def restart_clock(self) -> None:
        """Has `line_at_s` count from here: from after all that was read, and before whatever is sent from now on.

        Raises:
            WorldLost: The world went away.
        """
        ...

    def kill(self) -> None:
        """Kills the program and its process group; its result says so. Does nothing when it has ended.

        Raises:
            WorldLost: The world went away.
        """
        ...

    def wait(self) -> ExecResult:
        """Ends the program's standard input and waits for its end; stdout holds what was not read before.

        Raises as `read` does, but for TimeoutError.
        """
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Session(Protocol):
    """A world that lasts: files and background processes stay from one call to the next.

    Calls from several threads run side by side, and so do the programs that `start` gives. When everything in the
    world holds more than `Limits.memory_bytes` together, everything in it is killed, also between calls; its files
    stay. An `exec` that is interrupted, by KeyboardInterrupt say, and a call that raises WorldLost close the session;
    any other call that is interrupted may.
    """

    def exec(
        self,
        command: Sequence[str],
        *,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
        limits: Limits | None = None,
    ) -> ExecResult:
        """Runs a program and waits for its end.

        Args:
            command: As in `Job`.
            stdin: As in `Job`.
            env: As in `Job`; None adds nothing.
            cwd: The folder to start in, absolute or relative to the working directory; None is the working directory.
            limits: Bounds of this program; None takes the session's. Memory, processes and disk are bounded for
                the session as a whole: what is asked beyond the session's is cut down to it, and less memory than
                the session holds already kills everything in it.

        Raises:
            InvalidJob: The command is empty, or could not be started with these limits, arguments or environment.
            CommandNotFound: The world has no such program.
            SandboxFileError: There is no such folder to start in, or it may not be entered.
            WorldLost: The world went away.
            SessionClosed: The session is over, or was closed meanwhile.
        """
        ...

    def start(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
        limits: Limits | None = None,
        terminal: Terminal | None = None,
    ) -> Process:
        """Starts a program that runs while other calls go on, to talk to it; several may run at once.

        It returns before the program is up: whether there is one shows when it is first read or waited for. Nothing of
        stdout is dropped until `wait` is called: a program that is `Limits.output_bytes` ahead of its reader waits,
        as at any pipe that nobody reads.

        Args:
            command: As in `Job`.
            env: As in `Job`; None adds nothing.
            cwd: As in `exec`.
            limits: As in `exec`; None takes the session's, without a bound on wall time but the session's end.
            terminal: Makes the standard streams a terminal, all shown by stdout; None makes pipes.

        Raises:
            InvalidJob: The command is empty.
            SandboxFileError: `cwd` can't be a path.
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

    def read_stream(self, path: str) -> Iterator[bytes]:
        """Returns a regular file's content in parts of at most 256 KiB, each read when it is asked for.

        Neither side holds more than a part, and the file may be of any size. One that is written to meanwhile may
        give some of the old and some of the new.

        Args:
            path: As in `read_file`.

        Raises:
            SandboxFileError: As in `read_file`, but for the size; at once for what is wrong then, and from the
                iterator when the file is gone later.
            WorldLost: The world went away.
            SessionClosed: The session is over, or was closed meanwhile.
        """
        ...

    def write_stream(self, path: str, chunks: Iterable[bytes] | BinaryIO) -> None:
        """Writes a file in parts of 256 KiB, making folders as needed; raises as `read_file` does.

        Neither side holds more than a part, beside the chunk that was given last. When it fails, or `chunks` raises,
        what came before stays in the file.

        Args:
            path: As in `write_file`.
            chunks: The new content, together at most `Limits.file_bytes`; or an open binary file.
        """
        ...

    def snapshot(self) -> Snapshot:
        """Returns what lies in `/work` and `/tmp`, to begin other sessions with.

        Files, folders, links and fifos, with their modes and times; neither processes nor what they hold in memory,
        sockets or extended attributes. What programs change meanwhile may be there in its old or its new state.

        Raises:
            SandboxFileError: Something could not be read, the sizes of the files, holes included, are together beyond
                twice `Limits.disk_bytes`, or the session's bounds leave no room for the program that does it.
            WorldLost: The world went away.
            SessionClosed: The session is over, or was closed meanwhile.
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

    def session(self, limits: Limits | None = None, *, snapshot: Snapshot | None = None) -> Session:
        """Opens a lasting world.

        Args:
            limits: Bounds of the world and of each program in it; None takes the defaults.
            snapshot: What lies in `/work` and `/tmp` at the start; None leaves them empty.

        Raises:
            BackendUnavailable: No world can be made on this machine.
            SandboxFileError: The snapshot's files don't fit into this world, or it is damaged.
            WorldLost: The world did not come up.
        """
        ...

    def close(self) -> None:
        """Ends worlds still open and frees what the backend holds. Idempotent, and safe while others run jobs.

        Their processes raise WorldLost from then on, their sessions SessionClosed, and what would begin another world
        raises WorldLost.
        """
        ...
