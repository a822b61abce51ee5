# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What the records need of the disk: whole writes, atomic replacement, a lock that dies with its holder."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rsi_agents.errors import RecordsDiskFull, RecordsError, RunInUse

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def naming_errors(folder: Path) -> Iterator[None]:
    """Turns the system's errors into records' errors that name the folder."""
    try:
        yield
    except RecordsError:
        raise
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise RecordsDiskFull(
                f"no room on the disk for records in {folder} ({error.strerror}); make room"
            ) from error
        raise RecordsError(f"records in {folder}: {error}") from error


def lock_folder(folder: Path) -> int:
    """Locks the folder itself, so that no lock file stays behind; closing the descriptor unlocks it.

    Raises:
        RunInUse: Someone holds it.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise RunInUse(f"another runner is writing to {folder}; wait for it to end, or name another folder") from error
    return descriptor


def write_whole(descriptor: int, data: bytes) -> None:
    """Writes all of it: `os.write` may take only a part, and says what is wrong with the next call."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def append_lines(
    path: Path,
    lines: bytes,
    *,
    on_disk: Callable[[], None] = lambda: None,
    taken_back: Callable[[], None] = lambda: None,
) -> None:
    """Appends to a file, all or, when it is interrupted, nothing.

    Args:
        path: The file; made where it is not there.
        lines: Whole ones.
        on_disk: Called once they are on disk.
        taken_back: Called when they were taken back, by which time `on_disk` may have been called.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        size = os.fstat(descriptor).st_size
        try:
            write_whole(descriptor, lines)
            os.fsync(descriptor)
            on_disk()
        except BaseException:
            os.ftruncate(descriptor, size)
            taken_back()
            raise
    finally:
        os.close(descriptor)


def replace_file(path: Path, chunks: Iterable[bytes]) -> None:
    """Writes a file so that, whenever the machine stops, either the old one or the new one is there, whole."""
    temporary = path.with_name(path.name + ".new")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        try:
            for chunk in chunks:
                write_whole(descriptor, chunk)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def cut_partial_line(path: Path) -> None:
    """Removes what follows the last newline: a line whose writing was cut short."""
    with path.open("rb+") as file:
        whole = sum(len(line) for line in file if line.endswith(b"\n"))
        file.truncate(whole)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
