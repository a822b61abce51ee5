# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A lasting world, as its owner sees it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import TracebackType
from typing import Self

from rsi_sandboxes.errors import CommandNotFound, InvalidJob, SandboxFileError, SessionClosed, WorldLost
from rsi_sandboxes.files import encode_path, write_request
from rsi_sandboxes.frames import MAX_PAYLOAD, frame
from rsi_sandboxes.job import ExecResult, Job
from rsi_sandboxes.limits import Limits
from rsi_sandboxes.process import WorldProcess, complete
from rsi_sandboxes.world import World


class WorldSession:
    """The `Session` of a world; see `rsi_sandboxes.protocol.Session` for the contract."""

    def __init__(self, world: World, limits: Limits) -> None:
        self._world = world
        self._limits = limits
        self._turn = threading.Lock()

    def exec(
        self,
        command: Sequence[str],
        *,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> ExecResult:
        """See `Session.exec`."""
        if isinstance(command, str):
            raise InvalidJob(f"a command is a sequence of strings, not the string {command!r}")
        job = Job(tuple(command), stdin=stdin, env=env or {}, limits=self._within(limits or self._limits))
        with self._turn_taken():
            return complete(WorldProcess(self._world, job, alone=False), job)

    def read_file(self, path: str) -> bytes:
        """See `Session.read_file`."""
        encode_path(path)
        request = {"path": path, "most": min(self._limits.file_bytes, MAX_PAYLOAD)}
        return self._file_call(frame(b"R", json.dumps(request).encode()), path)

    def write_file(self, path: str, data: bytes) -> None:
        """See `Session.write_file`."""
        self._file_call(write_request(path, data, self._limits), path)

    def close(self) -> None:
        """See `Session.close`."""
        self._world.close()

    def _within(self, limits: Limits) -> Limits:
        mine = self._limits
        return replace(
            limits,
            memory_bytes=min(limits.memory_bytes, mine.memory_bytes),
            processes=min(limits.processes, mine.processes),
        )

    def _file_call(self, request: bytes, path: str) -> bytes:
        with self._turn_taken():
            self._world.send(request)
            try:
                return self._world.answer()
            except SandboxFileError as error:
                raise SandboxFileError(error.errno, f"{error.strerror}: {path!r}") from error

    @contextmanager
    def _turn_taken(self) -> Iterator[None]:
        with self._turn:
            if self._world.closed:
                raise SessionClosed("this session is closed; open another")
            try:
                yield
            except (CommandNotFound, InvalidJob, SandboxFileError):
                raise  # a refusal, after which the world is as it was
            except BaseException as error:
                if self._world.closed and isinstance(error, WorldLost):
                    raise SessionClosed("this session was closed meanwhile") from error
                # Whatever was under way goes on in there; its answer would be taken for the next one's.
                self._world.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
