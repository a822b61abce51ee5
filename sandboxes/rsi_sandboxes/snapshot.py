# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The files of a session, kept to begin others with."""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Self

from rsi_sandboxes.errors import InvalidJob, SandboxFileError
from rsi_sandboxes.job import OWN_INTERPRETER, Job
from rsi_sandboxes.limits import MIB, Limits
from rsi_sandboxes.process import WorldProcess
from rsi_sandboxes.world import World

FIRST_LINE = b"rsi-snapshot 1\n"
PIECE = MIB
"""Bytes that move at once."""
_LENGTH = struct.Struct("!I")
_TIMEOUT_S = 60.0
_SILENCE_S = 10.0
"""Time for one piece."""
_UNBOUNDED = 2**62
_NAMES_BYTES = 32 * MIB
"""Room for the names, times and modes of the files, which come on top of what is in them."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What lay in `/work` and `/tmp` of a session, to begin other sessions with: on any backend, any number of times.

    It is held in this process's memory, at about the size of the files, and nowhere else unless it is saved. It is
    never unpacked outside of a world.

    Raises:
        InvalidJob: The content is not that of a snapshot.
    """

    content: bytes = field(repr=False)
    """A format of its own; what it holds is the word of whoever ran in the session, not to be trusted."""

    def __post_init__(self) -> None:
        if not self.content.startswith(FIRST_LINE):
            raise InvalidJob(f"a snapshot begins with {FIRST_LINE!r}, not with {self.content[: len(FIRST_LINE)]!r}")

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes it to a file of the host; raises OSError."""
        Path(path).write_bytes(self.content)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Reads what `save` wrote; raises OSError, or InvalidJob when it is something else."""
        return cls(Path(path).read_bytes())


def take(world: World, limits: Limits) -> Snapshot:
    """See `Session.snapshot`."""
    most = 2 * int(limits.disk_bytes) + _NAMES_BYTES
    content = bytearray()
    with _failures_named(), _tree_program(world, "pack", limits) as process:
        while True:
            process.send(b"\n")
            (length,) = _LENGTH.unpack(_exactly(process, _LENGTH.size))
            content += _exactly(process, min(length, PIECE))
            if len(content) > most:
                raise SandboxFileError(errno.EFBIG, f"the files hold more than {most} bytes, holes in them included")
            if length == 0:
                break
        _expect_end(process)
        return Snapshot(bytes(content))


def restore(world: World, snapshot: Snapshot, limits: Limits) -> None:
    """Puts a snapshot's files into a fresh world; raises as `Session.snapshot` does, also when they don't fit."""
    view = memoryview(snapshot.content)
    with _failures_named(), _tree_program(world, "unpack", limits) as process:
        for at in range(0, len(view) + PIECE, PIECE):
            if process.read_line(_SILENCE_S) is None:
                break  # it failed, and says why
            piece = view[at : at + PIECE]
            process.send(_LENGTH.pack(len(piece)) + piece)
        _expect_end(process)


@contextmanager
def _failures_named() -> Iterator[None]:
    try:
        yield
    except InvalidJob as error:  # the world has no process left for it, or its programs have meddled with it
        raise SandboxFileError(errno.EIO, str(error)) from error
    except TimeoutError as error:
        raise SandboxFileError(errno.ETIMEDOUT, f"nothing moved for {_SILENCE_S:g} s") from error


def _tree_program(world: World, what: str, limits: Limits) -> WorldProcess:
    bounds = replace(
        Limits(wall_s=_TIMEOUT_S, cpu_s=_TIMEOUT_S, file_bytes=_UNBOUNDED, output_bytes=4 * PIECE),
        memory_bytes=limits.memory_bytes,
        # One more than the session's own, which may all be taken.
        processes=min(limits.processes + 1, _UNBOUNDED),
    )
    return WorldProcess(world, Job((*OWN_INTERPRETER, _tree_text(), what), limits=bounds), alone=False, background=True)


@lru_cache(maxsize=1)
def _tree_text() -> str:
    return files("rsi_sandboxes").joinpath("inside", "tree.py").read_text("utf-8")


def _exactly(process: WorldProcess, count: int) -> bytes:
    data = process.read_exactly(count, _SILENCE_S)
    if len(data) < count:
        _expect_end(process)
        raise SandboxFileError(errno.EIO, "the program that does it ended early")
    return data


def _expect_end(process: WorldProcess) -> None:
    """Raises SandboxFileError when the program, which is ending, failed."""
    result = process.wait()
    if not result.ok:
        last = result.stopped_by or f"signal {result.signal}"
        lines = result.stderr.decode(errors="replace").splitlines() or [f"the program that does it was ended: {last}"]
        number, _, message = lines[-1].partition(" ")
        known = number.isascii() and number.isdigit()
        raise SandboxFileError(int(number) if known else errno.EIO, message if known else lines[-1])
