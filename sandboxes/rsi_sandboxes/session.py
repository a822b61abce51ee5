# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A lasting world, as its owner sees it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import BinaryIO, Self

from rsi_sandboxes import files, snapshot
from rsi_sandboxes.errors import CommandNotFound, InvalidJob, SandboxFileError
from rsi_sandboxes.job import ExecResult, Job
from rsi_sandboxes.limits import Limits
from rsi_sandboxes.process import WorldProcess, complete
from rsi_sandboxes.snapshot import Snapshot
from rsi_sandboxes.terminal import Terminal
from rsi_sandboxes.world import World


class WorldSession:
    """The `Session` of a world; see `rsi_sandboxes.protocol.Session` for the contract.

    Args:
        world: The world, which lasts as long as the session.
        limits: Bounds of it and of each program in it.
        lifetime_s: How long it may live; background programs may go on for as long.
    """

    def __init__(self, world: World, limits: Limits, lifetime_s: float) -> None:
        self._world = world
        self._limits = limits
        self._lifetime_s = lifetime_s

    def exec(
        self,
        command: Sequence[str],
        *,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
        limits: Limits | None = None,
    ) -> ExecResult:
        """See `Session.exec`."""
        job = self._job(command, stdin, env, limits or self._limits)
        try:
            return complete(WorldProcess(self._world, job, alone=False, cwd=cwd), job)
        except (CommandNotFound, InvalidJob, SandboxFileError):
            raise  # a refusal, after which the world is as it was
        except BaseException:
            # The program would go on in there, and nobody would know.
            self._world.close()
            raise

    def start(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
        limits: Limits | None = None,
        terminal: Terminal | None = None,
    ) -> WorldProcess:
        """See `Session.start`."""
        job = self._job(command, b"", env, limits or replace(self._limits, wall_s=self._lifetime_s))
        return WorldProcess(self._world, job, alone=False, background=True, cwd=cwd, terminal=terminal)

    def read_file(self, path: str) -> bytes:
        """See `Session.read_file`."""
        return files.read_whole(self._world, path, self._limits)

    def write_file(self, path: str, data: bytes) -> None:
        """See `Session.write_file`."""
        files.write_whole(self._world, path, data, self._limits)

    def read_stream(self, path: str) -> Iterator[bytes]:
        """See `Session.read_stream`."""
        return files.read_parts(self._world, path)

    def write_stream(self, path: str, chunks: Iterable[bytes] | BinaryIO) -> None:
        """See `Session.write_stream`."""
        files.write_parts(self._world, path, chunks, self._limits)

    def snapshot(self) -> Snapshot:
        """See `Session.snapshot`."""
        return snapshot.take(self._world, self._limits)

    def close(self) -> None:
        """See `Session.close`."""
        self._world.close()

    def _job(self, command: Sequence[str], stdin: bytes, env: Mapping[str, str] | None, limits: Limits) -> Job:
        if isinstance(command, str):
            raise InvalidJob(f"a command is a sequence of strings, not the string {command!r}")
        mine = self._limits
        within = replace(
            limits,
            memory_bytes=min(limits.memory_bytes, mine.memory_bytes),
            processes=min(limits.processes, mine.processes),
        )
        return Job(tuple(command), stdin=stdin, env=env or {}, limits=within)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
